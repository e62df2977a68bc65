/**
 * What personnel, the consortium and the safeguards refuse of an officer, of a key, of scopes and of a founding file.
 *
 * Promises: the refusals of contracts/power that an appointment, a change of key, a freeing, a revocation and the
 * consortium's constructor meet, in their order, by the same codes; signatures, waits and lengths are judged beside this. Pure.
 */
import type { EventOf, Founding, OfficerKey } from '../acts/events.ts';
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import type { RefusalCode } from '../base/refusal.ts';
import {
  type InstitutionId,
  KEY_KINDS,
  type KeyKind,
  numberOf,
  type OfficeId,
  type OfficerId,
  roleBits,
  SCOPES,
} from '../base/terms.ts';
import { officerIdOf, placeOfEpoch } from '../power/possession.ts';
import {
  isConcentrated,
  MOST_INSTITUTION,
  MOST_POLICIES,
  refusalOfRoles,
  VERIFIED,
  VOTE,
} from './measureRules.ts';
import type { PowerEffect } from './powerEffects.ts';

/** Officers of every office who manage the others, of one institution. */
const MOST_ADMINS = 7;
/** Pairs of them, each without an officer of the other: one may be missing. */
const LEAST_PAIRS = 2;
const ADMIN_PREPARER = roleBits(['admin-preparer']);
const ADMIN_APPROVER = roleBits(['admin-approver']);

/** An officer as far as others are appointed beside it. */
interface Recorded {
  readonly institution: InstitutionId;
  readonly office: OfficeId;
  readonly roles: number;
  readonly isRevoked: boolean;
}

/** The records of a consortium before it takes another. */
export interface Records<O extends Recorded = Recorded> {
  /** Roles that an institution may give; of an expelled one too. */
  readonly roles: ReadonlyMap<InstitutionId, number>;
  readonly officers: ReadonlyMap<OfficerId, O>;
  /** Hash of every key that was ever anybody's, in any place. */
  readonly takenKeys: ReadonlySet<Bytes32>;
  /** Who may hold a key that was somebody's of a consortium before: for whom it was in force, or nobody. */
  readonly keysBefore: ReadonlyMap<Bytes32, OfficerId | undefined>;
  readonly verifiers: ReadonlyMap<Address, KeyKind>;
}

type Appointment = Omit<EventOf<'OfficerAppointed'>['args'], 'activeFrom'>;

export function refusalOfAppointment(appointment: Appointment, records: Records): RefusalCode | undefined {
  const { officer, institution, office, roles, key, spare } = appointment;
  const ceiling = records.roles.get(institution) ?? 0;
  if (ceiling === 0) return 'institution-unknown';
  if (records.officers.has(officer)) return 'officer-exists';
  if (roles === 0 || (roles & ~ceiling) !== 0) return 'roles-out-of-range';
  const refused = refusalOfKey(key, officer, records) ?? refusalOfKey(spare, officer, records);
  if (refused !== undefined) return refused;
  if (spare.keyHash === key.keyHash) return 'key-already-used';
  const admins = [...records.officers.values()].filter(
    (one) => !one.isRevoked && one.institution === institution && isAdmin(one),
  );
  return isAdmin({ office, roles }) && admins.length >= MOST_ADMINS ? 'too-many-admins' : undefined;
}

/** A key is taken for ever: two officers never share one, and a revoked one never returns. */
function refusalOfKey(
  { kind, verifier, keyHash, rpIdHash }: OfficerKey,
  officer: OfficerId,
  { takenKeys, keysBefore, verifiers }: Records,
): RefusalCode | undefined {
  const isVerified = VERIFIED.has(BigInt(numberOf(KEY_KINDS, kind)));
  const isWhole =
    kind !== 'unspecified' &&
    keyHash !== ZERO_32 &&
    (isVerified || verifier === ZERO_ADDRESS) &&
    (kind === 'webauthn') === (rpIdHash !== ZERO_32);
  if (!isWhole) return 'key-malformed';
  if (isVerified && verifiers.get(verifier) !== kind) return 'verifier-not-allowed';
  const isAnothers = keysBefore.has(keyHash) && keysBefore.get(keyHash) !== officer;
  return takenKeys.has(keyHash) || isAnothers ? 'key-already-used' : undefined;
}

/** The officer whom an act is about, with the epoch in force in each place. */
interface Managed extends Recorded {
  readonly places: Readonly<Record<'key' | 'spare', { readonly epoch: number }>>;
}

/** `headOffice` is that of the act's head; undefined of what one officer orders alone. */
export function refusalOfEffect(
  { name, args }: PowerEffect,
  headOffice: OfficeId | undefined,
  records: Records<Managed>,
  nowSeconds: number,
): RefusalCode | undefined {
  if (name === 'Paused' || name === 'Unpaused') {
    return args.scope === 0 || args.scope >> SCOPES.length !== 0 ? 'pause-scope-out-of-range' : undefined;
  }
  if (name === 'OfficerSuspended') return undefined; // of lengths and standings alone
  const isOther = (office: OfficeId) => headOffice !== undefined && headOffice !== office;
  if (name === 'OfficerAppointed') {
    return isOther(args.office) ? 'office-differs' : refusalOfAppointment(args, records);
  }
  const officer = records.officers.get(args.officer);
  if (officer === undefined) return undefined; // found where its record changes
  if (officer.isRevoked) return 'officer-is-revoked';
  if (isOther(officer.office)) return 'office-differs';
  if (name === 'KeyRotated') {
    const isNext = args.epoch === officer.places[placeOfEpoch(args.epoch)].epoch + 2;
    return isNext ? refusalOfKey(args.key, args.officer, records) : 'officer-epoch-stale';
  }
  const isAhead = name === 'OfficerRevoked' && args.suspectSince > BigInt(nowSeconds);
  return isAhead ? 'suspicion-in-future' : undefined;
}

/** Quorum and waits are held to the same bounds as after every vote, beside this. */
export function refusalOfFounding(founding: Founding): RefusalCode | undefined {
  const roles = new Map<InstitutionId, number>();
  for (const one of founding.institutions) {
    const isTaken = one.institution === 0 || one.institution > MOST_INSTITUTION || roles.has(one.institution);
    if (isTaken) return 'institution-number-taken';
    const refused = refusalOfRoles(BigInt(one.roles));
    if (refused !== undefined) return refused;
    roles.set(one.institution, one.roles);
  }
  const kept = new Set<OfficeId>();
  for (const { office, keeper } of founding.offices) {
    if (kept.has(office)) return 'office-unchanged';
    if (!roles.has(keeper)) return 'institution-unknown';
    if (office === 0) return 'office-unchanged';
    kept.add(office);
  }
  const verifiers = new Map(founding.verifiers.map(({ verifier, kind }) => [verifier, kind]));
  const areKinds = founding.verifiers.every(({ kind }) => VERIFIED.has(BigInt(numberOf(KEY_KINDS, kind))));
  if (!areKinds) return 'verifier-not-allowed';
  return (
    refusalOfOfficers(founding, roles, verifiers) ??
    (new Set(founding.policies.map(({ name }) => name)).size > MOST_POLICIES
      ? 'too-many-policies'
      : refusalOfRunning(founding, roles))
  );
}

/** Of a founding that follows another the vote for it asks: `isWeaker`. */
const NONE_BEFORE: Records['keysBefore'] = new Map();

function refusalOfOfficers(
  founding: Founding,
  roles: Records['roles'],
  verifiers: Records['verifiers'],
): RefusalCode | undefined {
  const officers = new Map<OfficerId, Recorded>();
  const takenKeys = new Set<Bytes32>();
  for (const one of founding.officers) {
    const officer = officerIdOf(one.key.keyHash, one.salt);
    const refused = refusalOfAppointment(Object.assign({}, one, { officer }), {
      roles,
      officers,
      takenKeys,
      keysBefore: NONE_BEFORE,
      verifiers,
    });
    if (refused !== undefined) return refused;
    const { institution, office, roles: own } = one;
    officers.set(officer, { institution, office, roles: own, isRevoked: false });
    takenKeys.add(one.key.keyHash).add(one.spare.keyHash);
  }
  const isManaged = [...roles.keys()].every((institution) => pairsOf(officers, institution) >= LEAST_PAIRS);
  return isManaged ? undefined : 'institution-needs-three-admins';
}

/** Pairs of two different officers who prepare and approve, each pair without one officer of the one before. */
function pairsOf(officers: Records['officers'], institution: InstitutionId): number {
  const admins = [...officers.values()].filter((one) => one.institution === institution && isAdmin(one));
  const withRole = (role: number) => admins.filter((one) => (one.roles & role) !== 0).length;
  return Math.min(admins.length - 1, withRole(ADMIN_PREPARER), withRole(ADMIN_APPROVER));
}

/** Each validator is an institution's, and from four on none runs a third of them. */
function refusalOfRunning(
  { validators, institutions }: Founding,
  roles: Records['roles'],
): RefusalCode | undefined {
  if (validators.some(({ institution }) => !roles.has(institution))) return 'institution-unknown';
  const members = institutions.filter((one) => (one.roles & VOTE) !== 0).length;
  const isUneven = [...roles.keys()].some((institution) => {
    const held = validators.filter((one) => one.institution === institution).length;
    return isConcentrated(held, validators.length, members);
  });
  return isUneven ? 'validators-concentrated' : undefined;
}

/** Of every office: who is of one office manages that office's officers alone, and is not counted. */
function isAdmin({ office, roles }: Pick<Recorded, 'office' | 'roles'>): boolean {
  return office === 0 && (roles & (ADMIN_PREPARER | ADMIN_APPROVER)) !== 0;
}
