/**
 * A purchase between a till and a card: what is asked, what the card signs, and the receipt of both.
 *
 * Format, version 1, JSON: {format, programme, cycle, enrolmentEpoch, vendor, till, index, cardEpoch, sequence,
 * remainingBefore, units, soldAt, receipt [{path, value, salt}]}. The receipt is salted facts (`units` and `line/N`), and
 * its root the receipt hash that the card signs. Promises: a purchase that is read counts as many units as its receipt
 * says; what a card signs is of its own programme, epoch and place, and no more than remains. Pure.
 */
import { commitFacts, type Fact, isFact, MAX_FACTS } from '../acts/facts.ts';
import { type ShownKey, signShown } from '../acts/signing.ts';
import { type Bytes32, type Hex, parseHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import {
  hexIn,
  jsonOf,
  listOf,
  type Malformed,
  recordOf,
  requireFormat,
  wholeIn,
} from '../base/strictJson.ts';
import type { CardFace } from './cardFile.ts';
import { isSignedBy } from './judge.ts';
import { type RedemptionItem, redemptionDigest, type Sale } from './redemption.ts';
import type { CycleId, TillId } from './terms.ts';
import type { BenefitRegister } from './types.ts';
import type { EntryBytes } from './unitsTable.ts';

/** What somebody wants, before a card is scanned. */
export interface Basket extends Pick<Sale, 'programme' | 'cycle' | 'vendor' | 'till'> {
  readonly units: number;
  readonly receipt: readonly Fact[];
}

/** What the card is asked to sign. */
export interface AskedPurchase extends Basket {
  readonly enrolmentEpoch: number;
  readonly index: number;
  readonly cardEpoch: number;
  readonly sequence: number;
  readonly remainingBefore: number;
  readonly soldAt: number;
}

const BASKET = 'kudurru-basket-1';
const PURCHASE = 'kudurru-purchase-1';
const MAX_CHARACTERS = 65_536;
const UINT16 = 2 ** 16 - 1;
const UINT24 = 2 ** 24 - 1;
const UINT32 = 2 ** 32 - 1;
const UINT40 = 2 ** 40 - 1;
const SIGNATURE_BYTES = 64;
const POINT_BYTES = 64;
const malformed: Malformed = (field) =>
  refusal('purchase-malformed', undefined, field === '' ? {} : { field });

export interface BasketLine {
  readonly what: string;
  readonly units: number;
}

/** `salt` gives another one at each call. */
export function basketOf(
  at: Omit<Basket, 'units' | 'receipt'>,
  lines: readonly BasketLine[],
  salt: () => Bytes32,
): Basket {
  const units = lines.reduce((sum, line) => sum + line.units, 0);
  return basketOfUnits(at, units, salt, lines);
}

/** Where nobody writes down what it is for, the units stand alone. */
export function basketOfUnits(
  at: Omit<Basket, 'units' | 'receipt'>,
  units: number,
  salt: () => Bytes32,
  lines: readonly BasketLine[] = [],
): Basket {
  const facts = [
    { path: 'units', value: String(units), salt: salt() },
    ...lines.map(({ what, units: of }, i) => ({
      path: `line/${i + 1}`,
      value: `${of} for ${what}`.normalize('NFC'),
      salt: salt(),
    })),
  ];
  return { ...at, units, receipt: commitFacts(facts).facts };
}

export function writeBasket({ programme, cycle, vendor, till, units, receipt }: Basket): string {
  return `${JSON.stringify({ format: BASKET, programme, cycle, vendor, till, units, receipt }, undefined, 2)}\n`;
}

export function readBasket(text: string): Basket {
  const json = jsonOf(text, MAX_CHARACTERS, malformed);
  requireFormat(json, BASKET, malformed);
  return basketIn(recordOf(json, '', ['format', ...BASKET_FIELDS], malformed));
}

export function writePurchase(asked: AskedPurchase): string {
  const fields = [...BASKET_FIELDS, ...ASKED_FIELDS].map((name) => [name, asked[name]]);
  return `${JSON.stringify({ format: PURCHASE, ...Object.fromEntries(fields) }, undefined, 2)}\n`;
}

export function readPurchase(text: string): AskedPurchase {
  const json = jsonOf(text, MAX_CHARACTERS, malformed);
  requireFormat(json, PURCHASE, malformed);
  return askedIn(recordOf(json, '', ['format', ...BASKET_FIELDS, ...ASKED_FIELDS], malformed));
}

/** From the fields of a file that was taken apart. */
export function askedIn(given: Readonly<Record<string, unknown>>): AskedPurchase {
  const whole = (name: (typeof ASKED_FIELDS)[number], most: number) =>
    wholeIn(given[name], most, `/${name}`, malformed);
  return {
    ...basketIn(given),
    enrolmentEpoch: whole('enrolmentEpoch', UINT16),
    index: whole('index', UINT32),
    cardEpoch: whole('cardEpoch', UINT16),
    sequence: whole('sequence', 255),
    remainingBefore: whole('remainingBefore', UINT24),
    soldAt: whole('soldAt', UINT40),
  };
}

const BASKET_FIELDS = ['programme', 'cycle', 'vendor', 'till', 'units', 'receipt'] as const;
const ASKED_FIELDS = [
  'enrolmentEpoch',
  'index',
  'cardEpoch',
  'sequence',
  'remainingBefore',
  'soldAt',
] as const;
export const PURCHASE_FIELDS: readonly string[] = [...BASKET_FIELDS, ...ASKED_FIELDS];

function basketIn(given: Readonly<Record<string, unknown>>): Basket {
  const receipt = listOf(given.receipt, '/receipt', MAX_FACTS, malformed, (item, place): Fact => {
    const { path, value, salt } = recordOf(item, place, ['path', 'value', 'salt'], malformed);
    if (typeof path !== 'string' || typeof value !== 'string' || typeof salt !== 'string') {
      throw malformed(place);
    }
    const fact = { path, value, salt: salt as Bytes32 };
    if (!isFact(fact)) throw malformed(place);
    return fact;
  });
  const units = wholeIn(given.units, UINT24, '/units', malformed);
  const isOnce = (of: readonly string[]) => new Set(of).size === receipt.length;
  const isOfUnits = receipt.find(({ path }) => path === 'units')?.value === String(units);
  const isSet = isOnce(receipt.map(({ path }) => path)) && isOnce(receipt.map(({ salt }) => salt));
  if (!isOfUnits || !isSet || units === 0) throw malformed('/receipt');
  return {
    programme: hexIn(given.programme, 32, '/programme', malformed),
    cycle: wholeIn(given.cycle, UINT32, '/cycle', malformed) as CycleId,
    vendor: hexIn(given.vendor, 32, '/vendor', malformed),
    till: wholeIn(given.till, UINT32, '/till', malformed) as TillId,
    units,
    receipt,
  };
}

// ---- Signing ------------------------------------------------------------------------------------------------

/** What a till knows of a card's entry in a cycle. */
export interface KnownEntry {
  readonly units: number;
  readonly sequence: number;
  readonly entryBytes: EntryBytes;
  readonly enrolmentEpoch: number;
  readonly cardEpoch: number;
  /** Unix second after which no purchase of the cycle is paid, as far as the till knows. */
  readonly spendUntil: number;
}

/** What the card is asked. Refuses a card that is not the one of its place, and more than remains. */
export function purchaseOf(
  basket: Basket,
  face: CardFace,
  { units: remainingBefore, sequence, enrolmentEpoch, cardEpoch }: KnownEntry,
  soldAt: number,
): AskedPurchase {
  const { index } = face;
  if (index === undefined) throw refusal('card-without-place');
  if (basket.programme !== face.programme) throw refusal('purchase-of-another-card');
  if (enrolmentEpoch !== face.enrolmentEpoch) throw refusal('purchase-of-another-card');
  if (cardEpoch !== face.cardEpoch) throw refusal('card-replaced');
  const state = { enrolmentEpoch, index, cardEpoch, sequence, remainingBefore, soldAt };
  const asked = Object.assign({}, basket, state);
  requireOfCard(asked, face);
  return asked;
}

/** Refuses what is not the card's to sign, and more than remains. */
export function requireOfCard(asked: AskedPurchase, face: CardFace): void {
  const isOf =
    asked.programme === face.programme &&
    asked.enrolmentEpoch === face.enrolmentEpoch &&
    asked.index === face.index &&
    asked.cardEpoch === face.cardEpoch;
  if (!isOf) throw refusal('purchase-of-another-card');
  const { units, remainingBefore: remaining } = asked;
  if (units > remaining) throw refusal('purchase-exceeds-remaining', { units, remaining });
}

/**
 * With the key of the card, which the caller opened and wipes. `register` is the one in force, as a trust file of who sells
 * says: that of the card, or one that succeeded it. A sale is paid by one register alone, so a card signs for any of its ledger.
 */
export function signPurchase(
  asked: AskedPurchase,
  face: CardFace,
  key: ShownKey,
  register: BenefitRegister,
): Hex {
  requireOfCard(asked, face);
  requireOfLedger(face, register);
  return signShown(digestOf(asked, register), key);
}

/** The item of a batch. Refuses as `sale-signature-differs` what another key signed, or another purchase. */
export function itemOf(
  asked: AskedPurchase,
  face: CardFace,
  signature: Hex,
  register: BenefitRegister,
): RedemptionItem {
  requireOfCard(asked, face);
  if (!isSignedBy(face, digestOf(asked, register), signature)) throw refusal('sale-signature-differs');
  return itemIn(asked, signature);
}

/** Of another ledger a card has another key: it would sign in vain. */
function requireOfLedger({ register }: CardFace, { chainId, ledgerNonce }: BenefitRegister): void {
  if (register.chainId === chainId && register.ledgerNonce === ledgerNonce) return;
  throw refusal('purchase-of-another-card');
}

/** A signature of either kind as text; undefined where it is none. */
export function itemSignature(value: unknown): Hex | undefined {
  if (typeof value !== 'string') return undefined;
  const hex = parseHex(value, SIGNATURE_BYTES) ?? parseHex(value, SIGNATURE_BYTES + POINT_BYTES);
  return hex === value ? hex : undefined;
}

/** A P-256 key stands behind its signature, and names the kind. */
export function itemIn(asked: AskedPurchase, signature: Hex): RedemptionItem {
  const kind = signature.length === 2 + 2 * SIGNATURE_BYTES ? 'card' : 'card-p256';
  const { index, cardEpoch, sequence, remainingBefore, units, soldAt } = asked;
  return {
    kind,
    index,
    cardEpoch,
    sequence,
    remainingBefore,
    units,
    signature,
    receiptHash: receiptHashOf(asked),
    soldAt: BigInt(soldAt),
  };
}

/** The sale as the batch says it, with the contact that the till had. */
export function saleOf(asked: AskedPurchase, offlineSince = 0n): Sale {
  const { programme, cycle, enrolmentEpoch, vendor, till } = asked;
  return { programme, cycle, enrolmentEpoch, vendor, till, offlineSince };
}

function digestOf(asked: AskedPurchase, register: BenefitRegister): Bytes32 {
  const { index, cardEpoch, sequence, remainingBefore, units, soldAt } = asked;
  const purchase = { index, cardEpoch, sequence, remainingBefore, units, soldAt: BigInt(soldAt) };
  return redemptionDigest(register, saleOf(asked), { ...purchase, receiptHash: receiptHashOf(asked) });
}

const receiptHashOf = ({ receipt }: Basket): Bytes32 => commitFacts(receipt).root;
