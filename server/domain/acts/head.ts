/**
 * What every act of every register has in common: its head, the approval beside it, a batch, a withdrawal.
 *
 * The structs of contracts/interfaces/IJournal.sol; promises the same type strings. Types only.
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
