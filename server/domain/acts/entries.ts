/**
 * What an entry of any register is called, and how a change that it made is said.
 *
 * Promises: every kind of entry that a register of this version records has a name and words; a withdrawal is one in all of
 * them. Pure.
 */
import { type BAUnitId, LAND_ACTS, LAND_KIND_BASE, MEASURE_KINDS } from '../base/terms.ts';
import { BENEFIT_ACTS, BENEFIT_KIND_BASE } from '../benefits/terms.ts';
import { POWER_KINDS } from '../power/acts.ts';
import type { ContractName } from './events.ts';

export const HOW = ['began', 'changed', 'ended'] as const;

/** One thing that an entry changed, in a sentence without a name of a person. */
export interface SaidChange {
  /** What sort of thing: `holding`, `cycle`, `officer`, ... */
  readonly what: string;
  readonly how: (typeof HOW)[number];
  /** The register's number of it, where it has one. */
  readonly id?: number;
  readonly words: string;
  /** The other units that it speaks of, with the numbers of their parcels for who may know them. */
  readonly units?: readonly { readonly baUnit: BAUnitId; readonly number?: string }[];
}

/** Of every register: `IJournal.KIND_WITHDRAWAL`. */
const WITHDRAWAL_KIND = 1;

const PERSONNEL: Readonly<Record<number, string>> = {
  [POWER_KINDS.appointOfficer]: 'officer-appointment',
  [POWER_KINDS.rotateKey]: 'key-change',
  [POWER_KINDS.resignation]: 'resignation',
  [POWER_KINDS.suspension]: 'officer-suspension',
  [POWER_KINDS.revokeOfficer]: 'officer-revocation',
  [POWER_KINDS.freeOfficer]: 'officer-release',
};
const SAFEGUARDS: Readonly<Record<number, string>> = {
  [POWER_KINDS.shortPause]: 'short-pause',
  [POWER_KINDS.longPause]: 'long-pause',
  [POWER_KINDS.unpause]: 'unpause',
};
const NOTARY: Readonly<Record<number, string>> = {
  [POWER_KINDS.appointRecorder]: 'recorder-appointment',
  [POWER_KINDS.revokeRecorder]: 'recorder-end',
  [POWER_KINDS.root]: 'root',
  [POWER_KINDS.erasure]: 'erasure',
};

/** `transfer`, `funds-moved`, `set-quorum`; the number of a kind that this version does not know. */
export function entryName(contract: ContractName, kind: number): string {
  if (kind === WITHDRAWAL_KIND) return 'withdrawal';
  return NAMES[contract]?.(kind) ?? `kind ${kind}`;
}

/** What a name alone does not say to whoever was not there. */
const SAID: Readonly<Record<string, string>> = {
  registration: 'first registration',
  enrolled: 'people enrolled',
  redeemed: 'sales of a till redeemed',
  settled: 'vendor settled',
  'cycle-moved': 'cycle moved on',
  root: 'root of records sworn to',
  erasure: 'data keys destroyed',
};

/** `First registration`, `Funds moved`, `Measure carried out, set quorum`. */
export function entryWords(contract: ContractName, kind: number): string {
  const name = entryName(contract, kind);
  const isMeasure = contract === 'consortium' && kind !== WITHDRAWAL_KIND;
  return isMeasure ? `Measure carried out, ${wordsOfName(name).toLowerCase()}` : wordsOfName(name);
}

/** Of the name of an entry, or of a step on the way to one. */
export function wordsOfName(name: string): string {
  const words = SAID[name] ?? name.replaceAll('-', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

const NAMES: Readonly<Partial<Record<ContractName, (kind: number) => string | undefined>>> = {
  land: (kind) => LAND_ACTS[kind - LAND_KIND_BASE],
  benefits: (kind) => BENEFIT_ACTS[kind - BENEFIT_KIND_BASE],
  consortium: (kind) => MEASURE_KINDS[kind - POWER_KINDS.measures],
  personnel: (kind) => PERSONNEL[kind],
  safeguards: (kind) => SAFEGUARDS[kind],
  notary: (kind) => NOTARY[kind],
};
