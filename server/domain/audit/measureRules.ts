/**
 * What the Council and the consortium refuse of a measure: how it must be made, and what it may change as the ledger stands.
 *
 * Promises: the refusals of contracts/power that a measure meets when it is opened and when it is carried out, in their
 * order, by the same codes; what it leaves behind is judged by who counts votes. Pure.
 */
import type { Founding, Measure } from '../acts/events.ts';
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import type { RefusalCode } from '../base/refusal.ts';
import {
  type InstitutionId,
  type MeasureKind,
  type OfficeId,
  type OfficerId,
  roleBits,
} from '../base/terms.ts';
import { OUTLIVING_MEMBERS } from '../power/founding.ts';
import { nameInDirectory } from '../power/policyNames.ts';
import { SEATED_QUORUM } from './measureChanges.ts';

/** Long enough for a board that meets once a month. */
const MOST_VOTING_SECONDS = 60n * 86_400n;
/** An institution cannot crowd the others' screens. */
const MOST_OPEN = 8;
const LEAST_WAIT_SECONDS = 86_400n;
export const MOST_WAIT_SECONDS = 90n * 86_400n;
/** Bits of the words in which institutions stand. */
export const MOST_INSTITUTION = 127;
const ROLE_BITS = 14n;
export const MOST_POLICIES = 64;
/** P-256 and passkeys: the kinds that a verifier checks. */
export const VERIFIED: ReadonlySet<bigint> = new Set([2n, 3n]);
/** So many validators go on without any one, and so many members can each run less than a third. */
const LEAST = 4;
const SHARE = 3;
const MOST_VALIDATORS = 128;
/** One place stays free, so that a stolen key is swapped by adding before removing. */
const MOST_ADDED = MOST_VALIDATORS - 1;
const ADDRESS_BITS = 160n;
const OFFICE_BITS = 32n;
export const VOTE = roleBits(['vote']);

type Field = 'institution' | 'target' | 'name' | 'value' | 'appointmentsHash';

/** The fields a kind uses. */
const FIELDS: Readonly<Record<Exclude<MeasureKind, 'unspecified'>, readonly Field[]>> = {
  'admit-institution': ['institution', 'value', 'appointmentsHash'],
  'expel-institution': ['institution'],
  'suspend-institution': ['institution'],
  'lift-suspension': ['institution'],
  'set-institution-roles': ['institution', 'value'],
  'reseat-institution': ['institution', 'appointmentsHash'],
  'set-quorum': ['value'],
  'set-widening-wait': ['value'],
  'set-appointment-wait': ['value'],
  'allow-verifier': ['target', 'value'],
  'disallow-verifier': ['target'],
  'add-validator': ['institution', 'target'],
  'remove-validator': ['target'],
  'set-policy': ['name', 'value'],
  'put-in-force': ['name', 'target', 'value'],
  'pass-authority': ['target'],
  'move-office': ['institution', 'value'],
  'record-halt': ['name', 'value'],
  'replace-validator': ['institution', 'target', 'name'],
  'revoke-officer': ['name'],
  'free-officer': ['name'],
};

/** Refused when it is opened, with how many its institution has open already. */
export function refusalOfOpening(
  measure: Measure,
  nowSeconds: number,
  open: number,
): RefusalCode | undefined {
  if (!isWellFormed(measure)) return 'measure-malformed';
  if (measure.closesAt > BigInt(nowSeconds) + MOST_VOTING_SECONDS) return 'voting-too-long';
  return open >= MOST_OPEN ? 'too-many-open-measures' : undefined;
}

/** A field is set exactly where the kind uses it; a value may be zero where it does. */
function isWellFormed(measure: Measure): boolean {
  const { kind, institution, target, name, value, appointmentsHash } = measure;
  if (kind === 'unspecified') return false;
  const used = FIELDS[kind];
  return (
    used.includes('institution') === (institution !== 0) &&
    used.includes('target') === (target !== ZERO_ADDRESS) &&
    used.includes('name') === (name !== ZERO_32) &&
    (used.includes('value') || value === 0n) &&
    used.includes('appointmentsHash') === (appointmentsHash !== ZERO_32)
  );
}

/** The Charter's set in its order, and which institution runs each. */
export interface RunValidators {
  readonly set: readonly Address[];
  readonly runBy: ReadonlyMap<Address, InstitutionId>;
}

/** The ledger as a measure finds it when it is carried out. */
export interface LedgerBefore {
  readonly institutions: ReadonlyMap<InstitutionId, { readonly roles: number; readonly isExpelled: boolean }>;
  readonly isBarred: (institution: InstitutionId) => boolean;
  /** Suspended and free again, but not for as long as a suspension lasts. */
  readonly isResting: (institution: InstitutionId) => boolean;
  readonly members: number;
  readonly validators: RunValidators;
  readonly registers: ReadonlyMap<Bytes32, Address>;
  readonly policies: ReadonlyMap<Bytes32, bigint>;
  readonly isVerifier: (verifier: Address) => boolean;
  readonly keeperOf: (office: OfficeId) => InstitutionId | 0;
  readonly officer: (
    id: OfficerId,
  ) => { readonly isRevoked: boolean; readonly isSuspended: boolean } | undefined;
}

/** Refused when it is carried out, whoever voted for it. */
export function refusalOfEnactment(measure: Measure, before: LedgerBefore): RefusalCode | undefined {
  const { kind, institution, target, name, value } = measure;
  switch (kind) {
    case 'admit-institution': {
      const isTaken = institution > MOST_INSTITUTION || before.institutions.has(institution);
      return isTaken ? 'institution-number-taken' : refusalOfRoles(value);
    }
    case 'expel-institution':
    case 'reseat-institution':
      return refusalOfAbsent(institution, before);
    case 'suspend-institution':
    case 'lift-suspension': {
      const isUnchanged = before.isBarred(institution) === (kind === 'suspend-institution');
      const isSoon = kind === 'suspend-institution' && before.isResting(institution);
      if (isSoon && !isUnchanged) return refusalOfAbsent(institution, before) ?? 'suspension-too-soon';
      return refusalOfAbsent(institution, before) ?? (isUnchanged ? 'institution-unchanged' : undefined);
    }
    case 'set-institution-roles':
      return refusalOfAbsent(institution, before) ?? refusalOfNewRoles(measure, before);
    case 'set-widening-wait':
    case 'set-appointment-wait':
      return value < LEAST_WAIT_SECONDS || value > MOST_WAIT_SECONDS ? 'wait-out-of-range' : undefined;
    case 'allow-verifier':
      return VERIFIED.has(value) ? undefined : 'verifier-not-allowed';
    case 'disallow-verifier':
      return before.isVerifier(target) ? undefined : 'verifier-not-allowed';
    case 'add-validator':
    case 'remove-validator':
    case 'replace-validator':
      return refusalOfValidators(measure, before);
    case 'set-policy': {
      const isNew = !before.policies.has(name);
      return isNew && before.policies.size >= MOST_POLICIES ? 'too-many-policies' : undefined;
    }
    case 'put-in-force':
      if ([...before.registers.values()].includes(target)) return 'register-named-twice';
      return nameInDirectory(name) === undefined ? 'register-not-listed' : undefined;
    case 'move-office': {
      if (value >> OFFICE_BITS !== 0n) return 'office-unchanged';
      const isUnchanged = value === 0n || before.keeperOf(Number(value) as OfficeId) === institution;
      return refusalOfAbsent(institution, before) ?? (isUnchanged ? 'office-unchanged' : undefined);
    }
    case 'revoke-officer': {
      const officer = before.officer(name as OfficerId);
      if (officer === undefined) return 'officer-unknown';
      return officer.isRevoked ? 'officer-is-revoked' : undefined;
    }
    case 'free-officer': {
      const officer = before.officer(name as OfficerId);
      return officer?.isSuspended === true && !officer.isRevoked ? undefined : 'officer-not-suspended';
    }
    default:
      return undefined; // what it leaves is asked of a quorum, a successor and a halt
  }
}

/** The set after a measure is carried out: the last one takes the place of who leaves, as in the Charter. */
export function withoutValidator(set: readonly Address[], leaver: Address): readonly Address[] {
  const at = set.indexOf(leaver);
  if (at < 0) return set;
  const [last] = set.slice(-1);
  return set.slice(0, -1).map((one, i) => (i === at && last !== undefined ? last : one));
}

function refusalOfAbsent(
  institution: InstitutionId,
  { institutions }: LedgerBefore,
): RefusalCode | undefined {
  const known = institutions.get(institution);
  if (known === undefined) return 'institution-unknown';
  return known.isExpelled ? 'institution-unchanged' : undefined;
}

export function refusalOfRoles(roles: bigint): RefusalCode | undefined {
  return roles === 0n || roles >> ROLE_BITS !== 0n ? 'roles-out-of-range' : undefined;
}

/** Officers keep what they were appointed with, so no role but the vote is taken from an institution alone. */
function refusalOfNewRoles(
  { institution, value }: Measure,
  { institutions }: LedgerBefore,
): RefusalCode | undefined {
  const before = institutions.get(institution)?.roles ?? 0;
  if (value === BigInt(before)) return 'institution-unchanged';
  const isShrunk = (before & ~Number(value) & ~VOTE) !== 0;
  return refusalOfRoles(value) ?? (isShrunk ? 'roles-out-of-range' : undefined);
}

/** Whether an institution runs a third or more, of validators and members enough for none to. */
export function isConcentrated(held: number, validators: number, members: number): boolean {
  return validators >= LEAST && members >= LEAST && held * SHARE >= validators;
}

function refusalOfValidators(measure: Measure, before: LedgerBefore): RefusalCode | undefined {
  const { kind, institution, target, name } = measure;
  const { set, runBy } = before.validators;
  const ownerOf = (one: Address): InstitutionId | 0 => runBy.get(one) ?? 0;
  const heldBy = (institution_: InstitutionId | 0) =>
    set.filter((one) => ownerOf(one) === institution_).length;
  if (kind === 'remove-validator') {
    if (set.length === LEAST || set.length === 1) return 'too-few-validators';
    if (!set.includes(target)) return 'validator-set-unchanged';
    const others = new Set(set.map(ownerOf));
    others.delete(ownerOf(target));
    const isUneven = [...others].some((one) => isConcentrated(heldBy(one), set.length - 1, before.members));
    return isUneven ? 'validators-concentrated' : undefined;
  }
  if (kind === 'replace-validator') {
    const leaver = set.find((one) => BigInt(one) === BigInt(name));
    const isOwn =
      BigInt(name) >> ADDRESS_BITS === 0n && leaver !== undefined && ownerOf(leaver) === institution;
    if (!isOwn) return 'validator-set-unchanged';
  } else {
    const absent = refusalOfAbsent(institution, before);
    if (absent !== undefined) return absent;
    if (isConcentrated(heldBy(institution) + 1, set.length + 1, before.members)) {
      return 'validators-concentrated';
    }
  }
  if (set.includes(target)) return 'validator-set-unchanged';
  const most = kind === 'replace-validator' ? MOST_VALIDATORS : MOST_ADDED;
  return set.length >= most ? 'too-many-validators' : undefined;
}

/** How the consortium decides that another follows in authority. */
export interface Decided {
  readonly isSeated: boolean;
  readonly members: number;
  readonly wideningWait: number;
  readonly appointmentWait: bigint;
  readonly policies: ReadonlyMap<Bytes32, bigint>;
  /** Whether an institution was expelled: for good. */
  readonly isExpelled: (institution: InstitutionId) => boolean;
  /** Whether a key was nobody's, or is in force for this officer, who was not revoked. */
  readonly mayHold: (officer: OfficerId, keyHash: Bytes32) => boolean;
}

/** Whether a founding file begins with less than the consortium that it follows, or with whom that one ended (P11). */
export function isWeaker(next: Founding, now: Decided): boolean {
  const members = next.institutions.filter(({ roles }) => (roles & VOTE) !== 0).length;
  const said = new Map(next.policies.map(({ name, value }) => [name, value]));
  return (
    (now.isSeated && next.quorum < SEATED_QUORUM) ||
    (now.members >= OUTLIVING_MEMBERS && members < OUTLIVING_MEMBERS) ||
    next.wideningWaitSeconds < now.wideningWait ||
    BigInt(next.appointmentWaitSeconds) < now.appointmentWait ||
    [...now.policies].some(([name, value]) => (said.get(name) ?? 0n) !== value) ||
    next.institutions.some(({ institution }) => now.isExpelled(institution)) ||
    next.officers.some(
      ({ officer, key, spare }) =>
        !(now.mayHold(officer, key.keyHash) && now.mayHold(officer, spare.keyHash)),
    )
  );
}
