/**
 * What an institution's recorder signs, and the rules by which the notary takes it.
 *
 * Promises: the type strings of contracts/notary/NotaryActs.sol, and the checks of contracts/notary/Notary.sol in its
 * order, each with the register's own refusal. Pure: time and records are handed in. Whoever keeps a recorder key and
 * the auditor's replay call it.
 */
import { struct, type TypeTable } from '../acts/typedData.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { type InstitutionId, ROOT_KINDS, type RootKind } from '../base/terms.ts';
import { POSSESSION_TYPES } from '../power/possession.ts';

export interface RootRecord {
  readonly institution: InstitutionId;
  /** Number of the recorder key that signs. */
  readonly epoch: number;
  readonly kind: RootKind;
  /** From 1, by one, for each institution and kind. */
  readonly index: bigint;
  readonly root: Bytes32;
  readonly lines: bigint;
  readonly stones: bigint;
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
}

export interface Erasure {
  readonly institution: InstitutionId;
  readonly epoch: number;
  readonly stonesBefore: bigint;
  /** Random ids of destroyed data keys, rising. */
  readonly ids: readonly Bytes32[];
}

/** An institution's recorder; without a key it had one, or none yet. */
export interface Recorder {
  readonly keyHash: Bytes32;
  readonly epoch: number;
  readonly activeFrom: bigint;
  readonly stones: bigint;
}
export const NO_RECORDER: Recorder = { keyHash: ZERO_32, epoch: 0, activeFrom: 0n, stones: 0n };

/** The newest root of one kind. */
export interface Newest {
  readonly index: bigint;
  readonly lines: bigint;
  readonly day: number;
  readonly recordedAt: bigint;
  /** Number of the key that signed it. */
  readonly epoch: number;
}
export const NO_ROOT: Newest = { index: 0n, lines: 0n, day: 0, recordedAt: 0n, epoch: 0 };

export const NOTARY_TYPES = {
  KeyPossession: POSSESSION_TYPES.KeyPossession,
  RootRecord: struct(
    'uint16 institution',
    'uint32 epoch',
    'uint8 kind',
    'uint64 index',
    'bytes32 root',
    'uint64 lines',
    'uint64 stones',
    'uint32 day',
  ),
  Erasure: struct('uint16 institution', 'uint32 epoch', 'uint64 stonesBefore', 'bytes32[] ids'),
} as const satisfies TypeTable;

const MAX_ERASED = 256;
const ROOT_EVERY_SECONDS = 3_600n;
const DAY_SECONDS = 86_400n;

/** Throws what the register would say to a root that its recorder signed. */
export function judgeRoot(
  record: RootRecord,
  { recorder, newest, nowSeconds }: { recorder: Recorder; newest: Newest; nowSeconds: bigint },
): void {
  judgeRecorder(record.epoch, recorder, nowSeconds);
  if (record.kind === 'unspecified') throw refusal('root-kind-unknown');
  if (record.root === ZERO_32) throw refusal('root-missing');
  if (record.index !== newest.index + 1n) throw refusal('root-out-of-order');
  if (nowSeconds < newest.recordedAt + ROOT_EVERY_SECONDS)
    throw refusal('root-too-soon', { everySeconds: ROOT_EVERY_SECONDS });
  // A new key answers for its own counts: what a stolen one stated binds nobody after it.
  if (record.epoch === newest.epoch && record.lines < newest.lines) throw refusal('lines-shrank');
  const stones = record.kind === 'access-log' ? recorder.stones : 0n;
  if (record.stones !== stones) throw refusal('stones-differ');
  if (record.day < newest.day || BigInt(record.day) * DAY_SECONDS > nowSeconds)
    throw refusal('day-out-of-range');
}

/** The same of an erasure. */
export function judgeErasure(
  { epoch, ids, stonesBefore }: Erasure,
  { recorder, nowSeconds }: { recorder: Recorder; nowSeconds: bigint },
): void {
  judgeRecorder(epoch, recorder, nowSeconds);
  if (ids.length === 0 || ids.length > MAX_ERASED)
    throw refusal('erasure-size-out-of-range', { limit: MAX_ERASED });
  const isRising = ids.every((id, i) => i === 0 || (ids[i - 1] as Bytes32) < id);
  if (!isRising) throw refusal('erasure-out-of-order');
  if (stonesBefore !== recorder.stones) throw refusal('erasure-stale');
}

function judgeRecorder(epoch: number, recorder: Recorder, nowSeconds: bigint): void {
  if (recorder.keyHash === ZERO_32) throw refusal('recorder-unknown');
  if (recorder.epoch !== epoch) throw refusal('recorder-epoch-stale');
  if (recorder.activeFrom > nowSeconds) throw refusal('recorder-not-yet-active');
}

export function afterRoot({ index, lines, day, epoch }: RootRecord, recordedAt: bigint): Newest {
  return { index, lines, day, recordedAt, epoch };
}

/** The message that is hashed: a number for the kind. */
export function rootMessage(record: RootRecord) {
  return { ...record, kind: ROOT_KINDS.indexOf(record.kind) };
}
