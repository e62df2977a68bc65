/**
 * What the register will say of a till's batch, before it is posted and when its results are audited.
 *
 * Promises: the checks of contracts/benefits/Redemptions.sol in its order with its codes, signatures included, on the
 * records it would read; after `entryAfter` an entry is what the table holds. Several purchases of one person in one
 * batch are judged one after another, each from what the one before left. A till, the gateway and an auditor call it.
 */

import { p256 } from '@noble/curves/nist.js';
import { isPassed, type Moment, type PauseClock } from '../acts/moment.ts';
import { type Recover, recoverCompact } from '../audit/signature.ts';
import type { Address, Hex } from '../base/hex.ts';
import { fromHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { KeyKind } from '../base/terms.ts';
import { type Card, p256KeyId } from './cards.ts';
import {
  type Cycle,
  extendedDeadline,
  isPaused as isProgrammePaused,
  mayPostSales,
  type Programme,
  returnedSince,
  type Till,
  type Vendor,
} from './records.ts';
import type { RedemptionBatch, RedemptionItem, Sale } from './redemption.ts';
import { redemptionDigest } from './redemption.ts';
import { covers, type Period } from './standing.ts';
import { FRESH_SECONDS, type SkipReason, UNHEARD_SECONDS } from './terms.ts';
import type { BenefitRegister } from './types.ts';
import type { Entry, EntryBytes } from './unitsTable.ts';

/** The records a batch is judged by. */
export interface SaleRecords {
  readonly programme: Programme | undefined;
  readonly cycle: Cycle | undefined;
  readonly vendor: Vendor | undefined;
  readonly till: Till | undefined;
  /** Whether the consortium paused redemption. */
  readonly isPaused: boolean;
}

/** Refuses a batch that the register would refuse whole (B5). `recover` may be one that is quicker and answers the same. */
export function checkSale(
  batch: RedemptionBatch,
  tillSignature: Hex,
  records: SaleRecords,
  moment: Moment,
  recover?: Recover,
): void {
  const { till } = requireOnSale(records, moment, batch.deadline);
  if (!isSignedBy(till, batch.digest, tillSignature, recover)) throw refusal('till-signature-invalid');
}

/** Refuses what no batch of this till may hold now, whoever signed it; the records of one that may. */
function requireOnSale(
  { programme, cycle, vendor, till, isPaused }: SaleRecords,
  moment: Moment,
  deadline?: bigint,
): Pick<ItemRecords, 'programme' | 'cycle' | 'vendor'> & { readonly till: Till } {
  const { nowSeconds } = moment;
  if (isPaused) throw refusal('redemption-is-paused');
  if (programme === undefined) throw refusal('programme-unknown');
  if (isProgrammePaused(programme, nowSeconds)) throw refusal('programme-is-paused');
  if (deadline !== undefined && isPassed(moment, deadline)) throw refusal('redemption-batch-expired');
  if (cycle === undefined) throw refusal('cycle-unknown');
  if (cycle.state !== 'released' && cycle.state !== 'ended') throw refusal('cycle-state-differs');
  if (nowSeconds < cycle.opensAt) throw refusal('sales-not-open');
  if (vendor === undefined) throw refusal('vendor-unknown');
  if (vendor.institution !== programme.institution) throw refusal('vendor-of-another-institution');
  if (till === undefined) throw refusal('till-not-active');
  const postUntil = extendedDeadline(cycle.postUntil, { programme, cycle }, moment);
  if (nowSeconds > postUntil) throw refusal('posting-ended');
  if (!mayPostSales(vendor, { programme, cycle }, moment)) throw refusal('vendor-not-active');
  if (!mayPostSales(till, { programme, cycle }, moment)) throw refusal('till-not-active');
  return { programme, cycle, vendor, till };
}

/**
 * Refuses where a purchase made now would not be paid, however it is signed: before anybody hands over goods. The card is
 * the one that the ledger has at the index; whether the one in hand is that card is the till's to see.
 */
export function requirePayable(
  records: SaleRecords,
  { index, card, entry }: Pick<ItemRecords, 'card' | 'entry'> & { readonly index: number },
  moment: Moment,
): void {
  const sellers = requireOnSale(records, moment);
  const item = {
    index,
    units: 1,
    soldAt: moment.nowSeconds,
    cardEpoch: card.cardEpoch,
    sequence: entry.sequence,
    remainingBefore: entry.units,
    kind: card.keyKind === 'secp256k1' ? ('card' as const) : ('card-p256' as const),
  };
  const reason = judgeUnsigned(item, 0n, Object.assign({}, sellers, { card, entry }), moment);
  // What remains is told beside this, and how much of it is wanted nobody has said.
  if (reason !== undefined && reason !== 'item-units-exceed-remaining') throw refusal(reason);
}

/** What one item is judged by: what stands at its index now. */
export interface ItemRecords {
  readonly programme: Programme;
  readonly cycle: Cycle;
  readonly vendor: Period;
  readonly till: Period;
  readonly card: Card;
  readonly entry: Entry;
}

const MAX_SEQUENCE = 255;

/** The outcome the register will give an item. The sale's epoch must be the cycle's. */
export function judgeItem(
  register: BenefitRegister,
  sale: Sale,
  item: RedemptionItem,
  records: ItemRecords,
  moment: Moment,
  recover?: Recover,
): 'redeemed' | SkipReason {
  const reason = judgeUnsigned(item, sale.offlineSince, records, moment);
  if (reason !== undefined) return reason;
  const digest = redemptionDigest(register, sale, item);
  const isSigned = isSignedBy(records.card, digest, item.signature, recover);
  return isSigned ? 'redeemed' : 'item-signature-invalid';
}

/** Every rule about an item but its signature, which no event shows; undefined where it passes them. */
export function judgeUnsigned(
  item: Omit<RedemptionItem, 'receiptHash' | 'signature'>,
  offlineSince: bigint,
  records: ItemRecords,
  moment: Moment,
): SkipReason | undefined {
  const { programme, cycle, card, entry } = records;
  if (item.index >= cycle.count) return 'item-index-out-of-range';
  const untimely = judgeDate(item.soldAt, offlineSince, records, moment);
  if (untimely !== undefined) return untimely;
  if (item.units === 0 || item.units > programme.mostPerRedemptionUnits) return 'item-units-out-of-range';
  if (card.keyKind === 'unspecified') return 'card-missing';
  if (card.standing !== 'active') return 'card-not-active';
  if (moment.nowSeconds < card.effectiveFrom) return 'card-not-yet-effective';
  if (card.cardEpoch !== item.cardEpoch) return 'card-epoch-differs';
  if (card.keyKind !== keyKindOf(item)) return 'card-key-kind-differs';
  if (item.sequence !== entry.sequence) return 'item-sequence-stale';
  if (item.remainingBefore !== entry.units) return 'item-remaining-stale';
  if (item.units > entry.units) return 'item-units-exceed-remaining';
  return entry.sequence === MAX_SEQUENCE ? 'item-sequence-exhausted' : undefined;
}

/** The kind of key that an item of this form is signed with. */
export function keyKindOf({ kind }: Pick<RedemptionItem, 'kind'>): KeyKind {
  return kind === 'card' ? 'secp256k1' : 'p256';
}

/** Every rule of time about a sale dated so (B5); undefined where it passes them. */
function judgeDate(
  soldAt: bigint,
  offlineSince: bigint,
  { programme, cycle, vendor, till }: Pick<ItemRecords, 'programme' | 'cycle' | 'vendor' | 'till'>,
  moment: Moment,
): SkipReason | undefined {
  const { nowSeconds, redemption } = moment;
  if (soldAt > nowSeconds) return 'item-sold-in-future';
  // An item this young is judged without the consortium's past pauses, in which no sale made online can lie.
  const isFresh = nowSeconds <= soldAt + FRESH_SECONDS;
  if (!isFresh) {
    // An item of one byte has no sequence to know it by later: nothing extends its time.
    if (cycle.entryBytes === 1) return 'item-sold-too-long-ago';
    const returned = returnedSince(soldAt, { programme, cycle }, moment);
    const last = soldAt + BigInt(programme.mostOfflineSeconds) + returned;
    if (isPassed(moment, last)) return 'item-sold-too-long-ago';
  }
  const spendUntil = extendedDeadline(cycle.spendUntil, { programme, cycle }, moment);
  if (soldAt < cycle.opensAt || soldAt > spendUntil) return 'item-sold-outside-window';
  const pauses = isFresh ? [programme.pauses] : [programme.pauses, redemption];
  if (pauses.some((pause) => isStopped(pause, offlineSince, soldAt))) return 'item-sold-in-pause';
  return covers(vendor, soldAt) && covers(till, soldAt) ? undefined : 'item-seller-not-active';
}

/** A till that was offline since before a pause could not know of it: its first day is let through. */
function isStopped({ from, until }: PauseClock, offlineSince: bigint, soldAt: bigint): boolean {
  if (soldAt < from || soldAt >= until) return false;
  const isUnheard = offlineSince !== 0n && offlineSince < from;
  return !isUnheard || soldAt >= from + UNHEARD_SECONDS;
}

/** An entry after a purchase. Only one of four bytes counts its purchases. */
export function entryAfter({ units, sequence }: Entry, taken: number, entryBytes: EntryBytes): Entry {
  return { units: units - taken, sequence: entryBytes === 1 ? 0 : sequence + 1 };
}

/** Whether a card's or a till's key made this signature: 64 bytes (ERC-2098), or r, s (low), qx and qy. */
export function isSignedBy(
  { keyKind, keyId }: { readonly keyKind: KeyKind; readonly keyId: Address },
  digest: Hex,
  signature: Hex,
  recover: Recover = recoverCompact,
): boolean {
  const bytes = fromHex(signature);
  if (keyKind === 'secp256k1') return recover(fromHex(digest), bytes) === keyId;
  if (keyKind !== 'p256' || bytes.length !== 128) return false;
  const key = bytes.subarray(64);
  return p256KeyId(key) === keyId && isP256(bytes.subarray(0, 64), fromHex(digest), key);
}

const UNCOMPRESSED = 0x04;

function isP256(signature: Uint8Array, digest: Uint8Array, key: Uint8Array): boolean {
  try {
    return p256.verify(signature, digest, Uint8Array.of(UNCOMPRESSED, ...key), {
      prehash: false,
      lowS: true,
    });
  } catch {
    return false; // no point of the curve, or r or s out of range: nobody's signature
  }
}
