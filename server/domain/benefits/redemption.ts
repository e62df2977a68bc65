/**
 * A person spends at a till: what the card signs, how a till packs its sales, and what the register answers.
 *
 * Hides the packed words of items and results. Promises: the digests, words and hashes the contract computes; an
 * item that is packed is one the contract can read; results name every item's outcome in the order of the items.
 * The till, the gateway and an auditor call it; keys are the caller's and are not kept.
 *
 * An item is four words, six for P-256. The first, from the lowest bit: kind 8, sequence 8, card epoch 16, index 32,
 * remaining before 24, units 24, sold at 40, zero 104. Then the receipt hash; then r and vs (ERC-2098), or r, s
 * (low), qx and qy. A result is the first word of its item with the reason above it: reason 8 from bit 152,
 * zero 96.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { signCompact } from '../acts/signing.ts';
import { digest } from '../acts/typedData.ts';
import type { Bytes32, Hex } from '../base/hex.ts';
import { fromHex, toHex, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { EntryId, ProgrammeId, VendorId } from '../base/terms.ts';
import type { CycleId, ItemKind, SkipReason, TillId } from './terms.ts';
import { ITEM_KINDS, MAX_BATCH_ITEMS, MAX_MOMENT, SKIP_REASONS } from './terms.ts';
import type { BenefitRegister } from './types.ts';
import { SALE_TYPES, saleDomain } from './types.ts';

/** What the items of a batch share, and the cycle fixes. */
export interface Sale {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly enrolmentEpoch: number;
  readonly vendor: VendorId;
  readonly till: TillId;
  /** Second from which the till had no contact with the ledger, or zero: the till's word, which its batch signs. */
  readonly offlineSince: bigint;
}

/** What one purchase adds to its sale. */
export interface Purchase {
  readonly index: number;
  readonly cardEpoch: number;
  /** The entry's sequence before; zero for entries of one byte. */
  readonly sequence: number;
  /** The entry's units before: what makes a replay impossible. */
  readonly remainingBefore: number;
  readonly units: number;
  /** Salted hash of basket, price and actors. */
  readonly receiptHash: Bytes32;
  /** Unix second of the sale. */
  readonly soldAt: bigint;
}

/** A purchase with its card's signature, ready for a till's batch. */
export interface RedemptionItem extends Purchase {
  readonly kind: ItemKind;
  /** r and vs, or r, s, qx and qy. */
  readonly signature: Hex;
}

/** The digest a card signs. No lease exists in this version: it is zero. */
export function redemptionDigest(register: BenefitRegister, sale: Sale, purchase: Purchase): Bytes32 {
  return digest(saleDomain(register), SALE_TYPES, 'Redemption', {
    programme: sale.programme,
    cycle: sale.cycle,
    enrolmentEpoch: sale.enrolmentEpoch,
    index: purchase.index,
    cardEpoch: purchase.cardEpoch,
    sequence: purchase.sequence,
    remainingBefore: purchase.remainingBefore,
    units: purchase.units,
    vendor: sale.vendor,
    till: sale.till,
    leaseId: ZERO_32,
    receiptHash: purchase.receiptHash,
    soldAt: purchase.soldAt,
  });
}

/** Signs with the card's key (`cardKey` of signing.ts). */
export function signRedemption(
  register: BenefitRegister,
  sale: Sale,
  purchase: Purchase,
  privateKey: Uint8Array,
): RedemptionItem {
  return {
    ...purchase,
    kind: 'card',
    signature: signCompact(redemptionDigest(register, sale, purchase), privateKey),
  };
}

const WORD_BYTES = 32;
const SIGNATURE_BYTES: Readonly<Record<ItemKind, number>> = { card: 64, 'card-p256': 128 };

/** From the lowest bit: name and width of each field of an item's first word, and of a result. */
const ITEM_LAYOUT = [
  ['kind', 8],
  ['sequence', 8],
  ['cardEpoch', 16],
  ['index', 32],
  ['remainingBefore', 24],
  ['units', 24],
  ['soldAt', 40],
] as const;
const RESULT_LAYOUT = [
  ['kind', 8],
  ['sequence', 8],
  ['cardEpoch', 16],
  ['index', 32],
  ['remainingBefore', 24],
  ['units', 24],
  ['soldAt', 40],
  ['reason', 8],
] as const;
type Layout = readonly (readonly [name: string, bits: number])[];

function packWord<L extends Layout>(layout: L, values: Readonly<Record<L[number][0], number>>): Uint8Array {
  let word = 0n;
  let from = 0n;
  for (const [name, bits] of layout) {
    const value = values[name as L[number][0]];
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
      throw new TypeError(`${name} does not fit ${bits} bits`);
    }
    word |= BigInt(value) << from;
    from += BigInt(bits);
  }
  return fromHex(`0x${word.toString(16).padStart(2 * WORD_BYTES, '0')}`);
}

/** Undefined where bits are set that no field has. */
function unpackWord<L extends Layout>(layout: L, hex: Hex): Record<L[number][0], number> | undefined {
  let word = BigInt(hex);
  const values: Record<string, number> = {};
  for (const [name, bits] of layout) {
    values[name] = Number(BigInt.asUintN(bits, word));
    word >>= BigInt(bits);
  }
  return word === 0n ? (values as Record<L[number][0], number>) : undefined;
}

/** An item's words as the contract reads them, concatenated. */
export function packItem(item: RedemptionItem): Uint8Array {
  const signature = fromHex(item.signature);
  if (signature.length !== SIGNATURE_BYTES[item.kind]) throw new TypeError('a signature of another length');
  const kind = ITEM_KINDS.indexOf(item.kind);
  const first = packWord(ITEM_LAYOUT, { ...item, kind, soldAt: Number(item.soldAt) });
  return concatBytes(first, fromHex(item.receiptHash), signature);
}

/** Reads the words of a batch. Refuses, as the contract does, words that are no items or another number of them. */
export function unpackItems(words: readonly Bytes32[], count: number): RedemptionItem[] {
  if (count === 0 || count > MAX_BATCH_ITEMS) throw refusal('item-count-differs');
  const items: RedemptionItem[] = [];
  let position = 0;
  while (items.length < count) {
    const first = words[position];
    if (first === undefined) throw refusal('item-count-differs');
    const fields = unpackWord(ITEM_LAYOUT, first);
    const kind = fields === undefined ? undefined : ITEM_KINDS[fields.kind];
    if (fields === undefined || (kind !== 'card' && kind !== 'card-p256')) throw refusal('item-malformed');
    const next = position + 2 + SIGNATURE_BYTES[kind] / WORD_BYTES;
    if (next > words.length) throw refusal('item-malformed');
    const signature = `0x${words
      .slice(position + 2, next)
      .map((word) => word.slice(2))
      .join('')}` as const;
    const soldAt = BigInt(fields.soldAt);
    items.push({ ...fields, kind, soldAt, receiptHash: words[position + 1] ?? ZERO_32, signature });
    position = next;
  }
  if (position !== words.length) throw refusal('item-count-differs');
  return items;
}

/** What `redeem` takes, and what the till signs of it. */
export interface RedemptionBatch extends Omit<Sale, 'enrolmentEpoch'> {
  readonly count: number;
  readonly deadline: bigint;
  /** The items' words. */
  readonly items: readonly Bytes32[];
  readonly itemsHash: Bytes32;
  /** What the till's key signs. */
  readonly digest: Bytes32;
}

/** Makes the batch a till signs. Refuses none, and more items than one batch takes. */
export function assembleBatch(
  register: BenefitRegister,
  sale: Sale,
  items: readonly RedemptionItem[],
  deadline: bigint,
): RedemptionBatch {
  if (items.length === 0 || items.length > MAX_BATCH_ITEMS) throw refusal('item-count-differs');
  if (deadline < 0n || deadline > MAX_MOMENT) throw new TypeError('no moment');
  const packed = concatBytes(...items.map(packItem));
  const itemsHash = toHex(keccak_256(packed)) as Bytes32;
  const { programme, cycle, vendor, till, offlineSince } = sale;
  const batch = { programme, cycle, vendor, till, count: items.length, offlineSince, deadline, itemsHash };
  const words = Array.from(
    { length: packed.length / WORD_BYTES },
    (_, i) => toHex(packed.subarray(WORD_BYTES * i, WORD_BYTES * (i + 1))) as Bytes32,
  );
  return {
    ...batch,
    items: words,
    digest: redemptionBatchDigest(register, batch),
  };
}

/** What the till's key signs of a batch. */
export function redemptionBatchDigest(
  register: BenefitRegister,
  {
    programme,
    cycle,
    vendor,
    till,
    count,
    offlineSince,
    deadline,
    itemsHash,
  }: Omit<RedemptionBatch, 'items' | 'digest'>,
): Bytes32 {
  const batch = { programme, cycle, vendor, till, count, offlineSince, deadline, itemsHash };
  return digest(saleDomain(register), SALE_TYPES, 'RedemptionBatch', batch);
}

/** What became of one item. */
export interface ItemResult {
  /** The code of the reason it was skipped for, or that it was redeemed. */
  readonly outcome: 'redeemed' | SkipReason;
  readonly kind: ItemKind;
  readonly cardEpoch: number;
  readonly index: number;
  readonly remainingBefore: number;
  /** Asked for; taken only when redeemed. */
  readonly units: number;
  readonly sequence: number;
  /** Unix second of the sale. */
  readonly soldAt: bigint;
}

/** Reads the result words of `BatchRedeemed`. A word no contract of this version writes is a TypeError. */
export function readResults(words: readonly Bytes32[]): ItemResult[] {
  return words.map((word) => {
    const fields = unpackWord(RESULT_LAYOUT, word);
    const kind = fields === undefined ? undefined : ITEM_KINDS[fields.kind];
    const isKnown = fields !== undefined && fields.reason < SKIP_REASONS.length;
    if (!isKnown || (kind !== 'card' && kind !== 'card-p256')) throw new TypeError('no result word');
    const { reason, soldAt, ...rest } = fields;
    return { ...rest, kind, soldAt: BigInt(soldAt), outcome: SKIP_REASONS[reason] ?? 'redeemed' };
  });
}

/** The result word of an item, as the contract writes it. */
export function resultWord(result: ItemResult): Bytes32 {
  const reason = result.outcome === 'redeemed' ? 0 : SKIP_REASONS.indexOf(result.outcome);
  return toHex(
    packWord(RESULT_LAYOUT, {
      ...result,
      reason,
      kind: ITEM_KINDS.indexOf(result.kind),
      soldAt: Number(result.soldAt),
    }),
  ) as Bytes32;
}

/** The state a batch's journal leaf binds: the hash of its results. */
export function resultsHash(results: readonly Bytes32[]): Bytes32 {
  return toHex(keccak_256(concatBytes(...results.map(fromHex)))) as Bytes32;
}

/** A batch's entry: its digest and its results, so that the rest of a batch sent again is another entry. */
export function redemptionEntryId(batchDigest: Bytes32, results: readonly Bytes32[]): EntryId {
  return toHex(keccak_256(concatBytes(fromHex(batchDigest), fromHex(resultsHash(results))))) as EntryId;
}
