/**
 * What an operation is, which states it may pass through, and how its id and lane are made. Pure but for random
 * bits; the outbox alone writes operations, http shows them.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Address, Branded, Bytes32, Hex } from '../domain/base/hex.ts';
import type { RefusalCode } from '../domain/base/refusal.ts';
import type { OfficeId, VendorId } from '../domain/base/terms.ts';

/**
 * RECEIVED     synced; 202 may be answered
 *   AUTHORISED the call is built and every signature of it checked; once more where it was mined with too little gas
 *     SIGNED   raw bytes, hash and nonce are synced; not sent, or sent without our knowing
 *       SENT   a node took it, or answered something that says nothing ("already known", a time-out)
 *         MINED     in a block whose header, seals and receipt were checked
 *           FINAL     that block can no longer change; at once where somebody else had sent what it carries out
 *             PROJECTED the views show it: the last state of what went well
 * REFUSED      a rule said no before it was signed, so no nonce is lost
 * REVERTED     mined, and the contract said no: the receipt is verified
 * SUPERSEDED   another transaction with its nonce was mined: this one never can be
 */
export const TRANSITIONS = {
  RECEIVED: ['AUTHORISED', 'FINAL', 'REFUSED'],
  AUTHORISED: ['SIGNED', 'REFUSED'],
  SIGNED: ['SENT', 'MINED', 'FINAL', 'AUTHORISED', 'REVERTED', 'SUPERSEDED'],
  SENT: ['MINED', 'FINAL', 'AUTHORISED', 'REVERTED', 'SUPERSEDED'],
  MINED: ['FINAL'],
  FINAL: ['PROJECTED'],
  PROJECTED: [],
  REFUSED: [],
  REVERTED: [],
  SUPERSEDED: [],
} as const satisfies Record<string, readonly string[]>;

export type OperationState = keyof typeof TRANSITIONS;
export type OperationId = Branded<string, 'OperationId'>;

export interface Owner {
  /** The principal's id. */
  readonly principal: string;
  readonly institution: number;
  /** Whose till sent it; absent where an office did. */
  readonly vendor?: VendorId;
}

/** An entry the operation made in a register's journal. */
export interface EntryPlace {
  readonly register: Address;
  readonly journalIndex: bigint;
  readonly entryId: Bytes32;
}

export interface Operation {
  readonly id: OperationId;
  readonly kind: string;
  readonly state: OperationState;
  readonly owner: Owner;
  /** Of what it is about: 0 where every office's officers act on it. Absent of what is of no office, and of rows before there was one. */
  readonly office?: OfficeId | undefined;
  readonly acts: readonly Bytes32[];
  /** Of a till's batch: the hash of its items, by which another transaction of the same ones is found. */
  readonly items?: Bytes32 | undefined;
  /** Of these items, the places of those that were judged to be paid; absent where all were. */
  readonly payable?: readonly number[] | undefined;
  /** What it builds on: it is signed and sent once these are recorded, and refused where one of them is not. */
  readonly after?: readonly OperationId[] | undefined;
  readonly lane: number;
  readonly nonce: number | undefined;
  readonly transactionHash: Bytes32 | undefined;
  readonly blockNumber: bigint | undefined;
  readonly entries: readonly EntryPlace[];
  /** Of a refused or reverted operation. */
  readonly errorCode: RefusalCode | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** The kind of what uses a nonce and does nothing else. */
export const NONCE_FILL = 'nonce-fill';

export interface OperationDraft {
  readonly kind: string;
  readonly owner: Owner;
  readonly office: OfficeId | undefined;
  readonly acts: readonly Bytes32[];
  readonly items?: Bytes32 | undefined;
  readonly payable?: readonly number[] | undefined;
  readonly after?: readonly OperationId[] | undefined;
  /** The BAUnit, programme or cycle it belongs to: operations of one thing take one lane, in order. */
  readonly orderedBy: string;
}

/** What the transaction will do. */
export interface Call {
  readonly to: Address;
  readonly data: Hex;
  /** The most it may ask for. */
  readonly gas: bigint;
  /** What was estimated was too little: it asks for the most. */
  readonly asksMost?: boolean;
}

export interface SignedBytes {
  readonly raw: Hex;
  readonly hash: Bytes32;
}

/** Builds and signs the bytes for this lane's relayer key and nonce. */
export type TransactionSigner = (call: Call, lane: number, nonce: number) => Promise<SignedBytes>;

const MAIN_LINE: readonly OperationState[] = ['SENT', 'MINED', 'FINAL', 'PROJECTED'];

/** Blocks and sends are reported again after a crash; what is already so stays so. */
export function isPast(state: OperationState, wanted: OperationState): boolean {
  const ends = wanted === 'SENT' && isLast(state);
  return (
    ends ||
    state === wanted ||
    (MAIN_LINE.includes(wanted) && MAIN_LINE.indexOf(state) > MAIN_LINE.indexOf(wanted))
  );
}

/** A step the table does not have is a bug of the caller. */
export function assertAllowed(from: OperationState, to: OperationState): void {
  const allowed: readonly OperationState[] = TRANSITIONS[from];
  if (!allowed.includes(to)) throw new Error(`an operation cannot go from ${from} to ${to}`);
}

/** Nothing follows; its bytes are needed no more. */
export function isLast(state: OperationState): boolean {
  return TRANSITIONS[state].length === 0;
}

export function newOperation(
  { kind, owner, office, acts, items, payable, after }: Omit<OperationDraft, 'orderedBy'>,
  lane: number,
  nowMs: number,
): Operation {
  return {
    id: newOperationId(nowMs),
    kind,
    state: 'RECEIVED',
    owner,
    office,
    acts,
    items,
    payable,
    after,
    lane,
    nonce: undefined,
    transactionHash: undefined,
    blockNumber: undefined,
    entries: [],
    errorCode: undefined,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

export function laneOf(orderedBy: string, lanes: number): number {
  return createHash('sha256').update(orderedBy).digest().readUInt32BE() % lanes;
}

/** A UUID of version 7: sorts by time, and its 74 random bits are not to be guessed. */
function newOperationId(nowMs: number): OperationId {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return groups.join('-') as OperationId;
}
