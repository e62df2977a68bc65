/**
 * What the members vote on, as contracts/power/Council.sol reads it: its hash and subject, what waits, how long.
 *
 * Promises: the digest of a measure is its id on the ledger; a test compares them. Pure. Anyone may import it.
 */
import type { Measure } from '../acts/events.ts';
import { hashStruct, struct } from '../acts/typedData.ts';
import type { Bytes32 } from '../base/hex.ts';
import { ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { MEASURE_KINDS, type MeasureKind, numberOf } from '../base/terms.ts';

/** Kind of the entry of a measure: this plus its number. */
export const MEASURE_KIND_BASE = 32;
/** A decision not carried out for so long is taken again. */
export const EXECUTION_SECONDS = 30n * 86_400n;
/** A suspension is decided again or ends. */
export const SUSPENSION_SECONDS = 30n * 86_400n;

const MEASURE_TYPES = {
  Measure: struct(
    'uint8 kind',
    'uint16 institution',
    'address target',
    'bytes32 name',
    'uint256 value',
    'bytes32 appointmentsHash',
    'uint64 closesAt',
    'uint128 salt',
  ),
};

/** Neither takes power from anybody who keeps it nor gives any. */
const AT_ONCE: ReadonlySet<MeasureKind> = new Set([
  'suspend-institution',
  'disallow-verifier',
  'record-halt',
  'revoke-officer',
  'free-officer',
]);

export function waits(kind: MeasureKind): boolean {
  return !AT_ONCE.has(kind);
}

export function measureHash(measure: Measure): Bytes32 {
  const kind = numberOf(MEASURE_KINDS, measure.kind);
  return hashStruct(MEASURE_TYPES, 'Measure', { ...measure, kind });
}

/** What the entry of a measure is about. */
export function measureSubject({ name, target, institution }: Measure): Bytes32 {
  if (name !== ZERO_32) return name;
  const number = target === ZERO_ADDRESS ? BigInt(institution) : BigInt(target);
  return `0x${number.toString(16).padStart(64, '0')}` as Bytes32;
}

/** The span a halt is voted over: seconds of the blocks on both sides of it. */
export function haltSpan({ name }: Measure): { readonly from: bigint; readonly to: bigint } {
  const word = BigInt(name);
  return { from: word >> 64n, to: word & (2n ** 64n - 1n) };
}
