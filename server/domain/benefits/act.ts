/**
 * Acts on benefits as code speaks of them, as they are signed, and as the ledger's events carry them.
 *
 * Hides the three spellings of one act: names and plain numbers here, EIP-712 values for signing, ABI words in
 * `ActApplied`. Promises: what is written is read back the same; a word its type cannot hold is a TypeError, as
 * the ledger never emits one. What the ledger types with 32 bits or fewer is `number`, what it types wider `bigint`:
 * money, sums of units, and moments in Unix seconds.
 */

import { ACTS } from '../acts/table.ts';
import type { TypedField, TypedStruct, TypedValue } from '../acts/typedData.ts';
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import type { InstitutionId, KeyKind, ProgrammeId, VendorId } from '../base/terms.ts';
import { KEY_KINDS } from '../base/terms.ts';
import type { CycleId, CycleStep, FundsMove, Permit, TillId } from './terms.ts';
import { BENEFIT_ACTS, BENEFIT_KIND_BASE, CYCLE_STEPS, FUNDS_MOVES, PERMITS } from './terms.ts';
import type { ActName } from './types.ts';
import { ACT_FIELDS } from './types.ts';

export interface DefineProgramme {
  readonly programme: ProgrammeId;
  readonly institution: InstitutionId;
  /** ISO 4217, numeric. */
  readonly currency: number;
  readonly mostPerRedemptionUnits: number;
  readonly disputeSeconds: number;
  readonly leastOpenSeconds: number;
  /** How far back an item may be dated when it is recorded. */
  readonly mostOfflineSeconds: number;
  readonly assistedCapUnits: number;
  readonly emergencyCapUnits: number;
  readonly policyHash: Bytes32;
}

export interface MoveFunds {
  readonly programme: ProgrammeId;
  readonly move: FundsMove;
  readonly amountMinor: bigint;
  readonly movedBeforeMinor: bigint;
  readonly sourceCommitment: Bytes32;
}

export interface PauseProgramme {
  readonly programme: ProgrammeId;
  readonly pausedUntil: bigint;
  /** Two institutions pause, and only two resume before the time. */
  readonly byTwoInstitutions: boolean;
  readonly versionBefore: number;
}

export interface ResumeProgramme {
  readonly programme: ProgrammeId;
  readonly versionBefore: number;
}

export interface Enrol {
  readonly programme: ProgrammeId;
  readonly enrolmentEpoch: number;
  readonly startIndex: number;
  readonly count: number;
  readonly slotsHash: Bytes32;
  /** How many enrolments of the epoch were signed before. */
  readonly versionBefore: number;
}

export interface SetCard {
  readonly programme: ProgrammeId;
  readonly enrolmentEpoch: number;
  readonly index: number;
  /** Of the card in force, whose standing changes, or the next one, of another card. */
  readonly cardEpoch: number;
  readonly keyKind: KeyKind;
  readonly keyId: Address;
  readonly standing: Permit;
  readonly effectiveFrom: bigint;
  readonly versionBefore: number;
}

export interface SetVendor {
  readonly vendor: VendorId;
  readonly institution: InstitutionId;
  readonly standing: Permit;
  /** From when the vendor is active; zero for other standings, which count at once. */
  readonly from: bigint;
  readonly versionBefore: number;
}

export interface SetTill {
  readonly vendor: VendorId;
  readonly till: TillId;
  readonly keyKind: KeyKind;
  readonly keyId: Address;
  readonly standing: Permit;
  readonly versionBefore: number;
}

export interface CycleEnvelope {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly enrolmentEpoch: number;
  readonly lane: number;
  readonly root: Bytes32;
  readonly tableHash: Bytes32;
  /** People in the table: indexes 0 to count - 1. */
  readonly count: number;
  readonly totalUnits: bigint;
  readonly entryBytes: number;
  readonly unitValueMinor: bigint;
  readonly currency: number;
  readonly opensAt: bigint;
  readonly spendUntil: bigint;
  readonly postUntil: bigint;
}

export interface MoveCycle {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly step: CycleStep;
  readonly unspentUnits: bigint;
  /** Last second of sales of an early end; zero for other steps. */
  readonly endsAt: bigint;
}

export interface Settle {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly vendor: VendorId;
  readonly settledBeforeUnits: bigint;
  readonly units: bigint;
  readonly amountMinor: bigint;
  readonly statementHash: Bytes32;
}

export interface ReleaseCredit {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly vendor: VendorId;
  readonly releasedBeforeUnits: bigint;
  readonly units: bigint;
  readonly caseCommitment: Bytes32;
}

/** Every act by the name its signers see. */
export interface Acts {
  readonly DefineProgramme: DefineProgramme;
  readonly MoveFunds: MoveFunds;
  readonly PauseProgramme: PauseProgramme;
  readonly ResumeProgramme: ResumeProgramme;
  readonly Enrol: Enrol;
  readonly SetCard: SetCard;
  readonly SetVendor: SetVendor;
  readonly SetTill: SetTill;
  readonly CycleEnvelope: CycleEnvelope;
  readonly MoveCycle: MoveCycle;
  readonly Settle: Settle;
  readonly ReleaseCredit: ReleaseCredit;
}

/** What a release does: nobody signs it. */
export interface Release {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  /** When its sales begin: by the envelope, or later for the notice. */
  readonly opensAt: bigint;
}

/** An act as its event told it. */
export type AppliedAct =
  | { readonly [N in ActName]: { readonly name: N; readonly act: Acts[N] } }[ActName]
  | { readonly name: 'Release'; readonly act: Release };

const ENUMERATIONS: Readonly<Record<string, readonly string[]>> = {
  move: FUNDS_MOVES,
  step: CYCLE_STEPS,
  standing: PERMITS,
  keyKind: KEY_KINDS,
};
/** The fields of an act as EIP-712 values, its head aside. */
export function messageOf<N extends ActName>(name: N, act: Acts[N]): TypedStruct {
  const values: Readonly<Record<string, unknown>> = { ...act };
  return Object.fromEntries(
    ACT_FIELDS[name].map((field) => [field.name, typedValueOf(field, values[field.name])]),
  );
}

function typedValueOf({ name }: TypedField, value: unknown): TypedValue {
  const names = ENUMERATIONS[name];
  if (names === undefined) return value as TypedValue;
  const number = names.indexOf(String(value));
  if (number < 0) throw new TypeError(`no such ${name}`);
  return number;
}

/** The number of the entry that an act makes: its place in `BENEFIT_ACTS`. */
export function kindOf(name: ActName): number {
  const [kind = BENEFIT_KIND_BASE] = ACTS[name].kinds;
  return kind - BENEFIT_KIND_BASE;
}

const RELEASE_FIELDS: readonly TypedField[] = [
  { name: 'programme', type: 'bytes32' },
  { name: 'cycle', type: 'uint32' },
  { name: 'opensAt', type: 'uint64' },
];

/** Reads the `kind` and `fields` of an `ActApplied` event. */
export function appliedAct(kind: number, words: readonly Bytes32[]): AppliedAct {
  const name = (Object.keys(ACT_FIELDS) as ActName[]).find((act) => kindOf(act) === kind);
  if (name === undefined && BENEFIT_ACTS[kind] !== 'cycle-released') {
    throw new TypeError('an act of no kind this version knows');
  }
  const fields = name === undefined ? RELEASE_FIELDS : ACT_FIELDS[name];
  if (words.length !== fields.length) throw new TypeError('an act of another length');
  const act = Object.fromEntries(fields.map((field, i) => [field.name, fieldOf(field, words[i])]));
  return { name: name ?? 'Release', act } as unknown as AppliedAct;
}

function boolOf(name: string, value: bigint): boolean {
  if (value > 1n) throw new TypeError(`${name} does not fit bool`);
  return value === 1n;
}

function fieldOf({ name, type }: TypedField, word: Hex | undefined): unknown {
  if (word === undefined) throw new TypeError('an act cut short');
  if (type === 'bytes32') return word;
  if (type === 'bool') return boolOf(name, BigInt(word));
  const bits = type === 'address' ? 160 : Number(type.slice('uint'.length));
  const value = BigInt(word);
  if (value >> BigInt(bits) !== 0n) throw new TypeError(`${name} does not fit ${type}`);
  if (type === 'address') return `0x${word.slice(-40)}`;
  if (bits > 32) return value;
  const names = ENUMERATIONS[name];
  if (names === undefined) return Number(value);
  const named = names[Number(value)];
  if (named === undefined) throw new TypeError(`no such ${name}`);
  return named;
}
