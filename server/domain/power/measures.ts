/**
 * What the members vote on, as contracts/power/Council.sol reads it: its hash and subject, what waits, how long.
 *
 * Promises: the digest of a measure is its id on the ledger; a test compares them. Pure. Anyone may import it.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { Measure } from '../acts/events.ts';
import { hashStruct, type TypedStruct } from '../acts/typedData.ts';
import { type Bytes32, fromHex, type Hex, toHex, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { MEASURE_KINDS, type MeasureKind, numberOf } from '../base/terms.ts';
import { POWER_TYPES } from './acts.ts';

/** Kind of the entry of a measure: this plus its number. */
export const MEASURE_KIND_BASE = 32;
/** A decision not carried out for so long is taken again. */
export const EXECUTION_SECONDS = 30n * 86_400n;
/** A suspension is decided again or ends. */
export const SUSPENSION_SECONDS = 30n * 86_400n;

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

/** Most that one measure appoints: `Council`. */
export const MAX_APPOINTMENTS = 16;

/** An appointment with the signatures of its keys, as the Council takes them. */
export interface ProvenAppointment {
  readonly appointment: TypedStruct;
  readonly possessions: { readonly key: Hex; readonly spare: Hex };
}

/** What a measure names its appointments by, in their order; zero where there is none. */
export function appointmentsHashOf(appointments: readonly TypedStruct[]): Bytes32 {
  if (appointments.length === 0) return ZERO_32;
  const hashes = appointments.map((each) => fromHex(hashStruct(POWER_TYPES, 'Appointment', each)));
  return toHex(keccak_256(concatBytes(...hashes))) as Bytes32;
}

/** What stands in the message that is signed. */
export function measureMessage(measure: Measure): TypedStruct {
  return Object.assign({}, measure, { kind: numberOf(MEASURE_KINDS, measure.kind) });
}

export function measureHash(measure: Measure): Bytes32 {
  return hashStruct(POWER_TYPES, 'Measure', measureMessage(measure));
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
