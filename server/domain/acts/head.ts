/**
 * What every act of every register has in common: its head, the approval beside it, a batch, a withdrawal.
 *
 * The structs of contracts/interfaces/IJournal.sol; promises the same type strings. And when an act takes effect, by the
 * one rule that desks, views and answers go by.
 */
import type { Bytes32 } from '../base/hex.ts';
import type { EntryId, OfficeId, OfficerId } from '../base/terms.ts';
import { struct } from './typedData.ts';

/** What every signed act begins with. */
export interface ActHead {
  readonly office: OfficeId;
  readonly preparer: OfficerId;
  readonly preparerEpoch: number;
  /** First and last second at which the act may be recorded. */
  readonly notBefore: bigint;
  readonly deadline: bigint;
  readonly effectiveOn: bigint;
  /** 128 random bits of the client. */
  readonly salt: bigint;
  readonly sourcesRoot: Bytes32;
  readonly corrects: EntryId;
}

/** The second person's part; `act` is the whole act, nested. */
export interface Approval {
  readonly approver: OfficerId;
  readonly approverEpoch: number;
  readonly deadline: bigint;
}

export interface Batch {
  readonly head: ActHead;
  readonly itemsHash: Bytes32;
  readonly count: number;
  readonly atomic: boolean;
}

/** One officer takes back an act that was signed and not yet recorded. */
export interface Withdrawal {
  readonly entryId: EntryId;
  readonly actDeadline: bigint;
  readonly officer: OfficerId;
  readonly epoch: number;
}

/** Of every register: `hashStruct` of it is what `_hashHead` makes. */
export const ACT_HEAD = struct(
  'uint32 office',
  'bytes32 preparer',
  'uint32 preparerEpoch',
  'uint64 notBefore',
  'uint64 deadline',
  'uint64 effectiveOn',
  'uint128 salt',
  'bytes32 sourcesRoot',
  'bytes32 corrects',
);

export const BATCH = struct('ActHead head', 'bytes32 itemsHash', 'uint32 count', 'bool atomic');

export const WITHDRAWAL = struct('bytes32 entryId', 'uint64 actDeadline', 'bytes32 officer', 'uint32 epoch');

/** How far ahead an act may take effect: a lease from the next season, a succession from the end of the year. */
export const MOST_FUTURE_EFFECT_SECONDS = 366n * 86_400n;
/** How far one owner may postpone an act: the others' acts follow it. */
export const MOST_LONE_FUTURE_SECONDS = 30n * 86_400n;

/** Between what an act may say of its effect. */
export interface EffectBounds {
  readonly recordedAt: bigint;
  /** When the latest of the states that it replaces took effect; zero where it replaces none. */
  readonly since: bigint;
}

/** The day an act states, moved into its bounds: zero, or nothing, is the second of its recording. */
export function effectOf(stated: bigint | undefined, { recordedAt, since }: EffectBounds): bigint {
  const latest = recordedAt + MOST_FUTURE_EFFECT_SECONDS;
  const day = stated === undefined || stated === 0n ? recordedAt : stated;
  const early = day < latest ? day : latest;
  return early > since ? early : since;
}
