/**
 * The words of benefit disbursement as TypeScript has them: ids of cycles and tills, and every enumeration.
 *
 * Promises: the numbers are those of contracts/interfaces/IBenefitLedger.sol, are part of the format and never
 * change. A reason for skipping an item is a refusal's code. Anyone may import it.
 */
import type { Branded } from '../base/hex.ts';
import type { RefusalCode } from '../base/refusal.ts';

/** A cycle of one programme: 1 and upwards. */
export type CycleId = Branded<number, 'CycleId'>;
/** A till of one vendor: 1 and upwards. */
export type TillId = Branded<number, 'TillId'>;

/** An entry's kind in the register of benefits is this plus the number of its act. */
export const BENEFIT_KIND_BASE = 15;

/** What the journal of this register records. The acts from `payout-instructed` to `overridden` are reserved. */
export const BENEFIT_ACTS = [
  'unspecified',
  'programme-defined',
  'funds-moved',
  'programme-paused',
  'enrolled',
  'card-set',
  'vendor-set',
  'till-set',
  'cycle-opened',
  'cycle-released',
  'cycle-moved',
  'redeemed',
  'settled',
  'payout-instructed',
  'payout-confirmed',
  'payout-returned',
  'credit-disputed',
  'credit-returned',
  'delegated',
  'lease-given',
  'grievance-raised',
  'grievance-decided',
  'overridden',
  'programme-resumed',
  'credit-released',
] as const;
export type BenefitAct = (typeof BENEFIT_ACTS)[number];

/** How money moves at the level of a programme; each has its own total, which only grows. */
export const FUNDS_MOVES = ['unspecified', 'fund', 'reuse-expired', 'reuse-reclaimed', 'defund'] as const;
export type FundsMove = (typeof FUNDS_MOVES)[number];

/** A cycle only moves down this list, or to `cancelled` before its sales open. */
export const CYCLE_STATES = [
  'unspecified',
  'loading',
  'released',
  'ended',
  'accounted',
  'closed',
  'cancelled',
] as const;
export type CycleState = (typeof CYCLE_STATES)[number];

export const CYCLE_STEPS = ['unspecified', 'cancel', 'end-early', 'expire', 'reclaim', 'close'] as const;
export type CycleStep = (typeof CYCLE_STEPS)[number];

/** What a card, a vendor or a till is allowed: the first two lead to each other and to `revoked`, which leads nowhere. */
export const PERMITS = ['unspecified', 'active', 'suspended', 'revoked'] as const;
export type Permit = (typeof PERMITS)[number];

/** How an item of a batch is authorised; only the first two that are specified are read in this version. */
export const ITEM_KINDS = [
  'unspecified',
  'card',
  'card-p256',
  'wallet',
  'delegate',
  'assisted',
  'payout',
  'leased',
] as const;
export type ItemKind = 'card' | 'card-p256';

/** Why an item was skipped, in the order of the checks; at 0 it was redeemed. */
export const SKIP_REASONS = [
  undefined,
  'item-index-out-of-range',
  'item-sold-in-future',
  'item-sold-too-long-ago',
  'item-sold-outside-window',
  'item-sold-in-pause',
  'item-seller-not-active',
  'item-units-out-of-range',
  'card-missing',
  'card-not-active',
  'card-not-yet-effective',
  'card-epoch-differs',
  'card-key-kind-differs',
  'item-sequence-stale',
  'item-remaining-stale',
  'item-units-exceed-remaining',
  'item-sequence-exhausted',
  'item-signature-invalid',
] as const satisfies readonly (RefusalCode | undefined)[];
export type SkipReason = Exclude<(typeof SKIP_REASONS)[number], undefined>;

/** What refuses a whole batch for a while: a pause, or a suspension that may be lifted. It is no verdict on its sales. */
export const PASSING_FOR_SALES: ReadonlySet<RefusalCode> = new Set([
  'redemption-is-paused',
  'programme-is-paused',
  'sales-not-open',
  'till-not-active',
  'vendor-not-active',
]);

/** Cycles of one programme that may overlap. */
export const MAX_LANES = 16;
/** People one table or one enrolment holds: 2^24 entries of 24 bits sum to the 48 bits of a total. */
export const MAX_PEOPLE = 2 ** 24;
/** People of one enrolment act: its list is one row of the gateway's store, 64 bytes each. */
export const MAX_ENROLMENT_PEOPLE = 50_000;
/** Items of one batch: each may be a passkey's, alone in its word, dated in time that a pause gave back or a halt saved. */
export const MAX_BATCH_ITEMS = 192;
/** Longest pause of a programme. */
export const MOST_PAUSE_SECONDS = 90n * 86_400n;
/** Shortest and longest time a programme lets its tills be offline; entries of one byte always have the shortest. */
export const FRESH_SECONDS = 900n;
export const MOST_OFFLINE_SECONDS = 7n * 86_400n;
/** How far ahead an early end is announced at least, or as long as tills may be offline, unless a policy waives it. */
export const END_NOTICE_SECONDS = 72n * 3600n;
/** How long a released cycle waits for officers who give it up before its sales begin, unless the same policy waives it. */
export const OPENING_NOTICE_SECONDS = 3600n;
/** In a pause's first day tills that were offline since before it go on selling. */
export const UNHEARD_SECONDS = 86_400n;
/** How long sales dated before a suspension may still be posted. */
export const LATE_POSTING_SECONDS = 72n * 3600n;
/** Windows over which an institution's amounts are summed against its tier, counted from 1970. */
export const TIER_WINDOW_SECONDS = 30n * 86_400n;
/** A moment the register stores has 40 bits. */
export const MAX_MOMENT = 2n ** 40n - 1n;
