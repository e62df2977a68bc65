/**
 * The words of the ledger as TypeScript has them: branded ids, and every enumeration with its number.
 *
 * Hides that the chain counts where people speak: JSON and code say `must-be-asked`, the contract says 3. Promises: the
 * numbers are those of contracts/interfaces, are part of the format and never change; a name is lower case with
 * hyphens; 0 is unspecified everywhere and no act may state it where a value is due. Anyone may import it.
 */
import type { Branded, Bytes32 } from './hex.ts';

// ---- Ids ----------------------------------------------------------------------------------------------------

/** A basic administrative unit (ISO 19152): what rights are registered over. */
export type BAUnitId = Branded<Bytes32, 'BAUnitId'>;
/** The thing on the ground: a parcel, a flat, a plot. */
export type SpatialUnitId = Branded<Bytes32, 'SpatialUnitId'>;
/** The deed or notice a restriction rests on. */
export type InstrumentId = Branded<Bytes32, 'InstrumentId'>;
/** An officer of an institution. */
export type OfficerId = Branded<Bytes32, 'OfficerId'>;
/** One recorded act: the digest its preparer signed. */
export type EntryId = Branded<Bytes32, 'EntryId'>;
/** A benefit programme. */
export type ProgrammeId = Branded<Bytes32, 'ProgrammeId'>;
/** A shop or cash-out agent of a programme. */
export type VendorId = Branded<Bytes32, 'VendorId'>;
/** What an institution may call something: of a programme, vendor or officer its id, of a till its vendor's with its number. */
export type Labelled = Bytes32 | `${Bytes32}.${number}`;
/** An office, numbered by the consortium; 0 in an officer's record means every office. */
export type OfficeId = Branded<number, 'OfficeId'>;
/** An institution of the consortium: 1 to 127. */
export type InstitutionId = Branded<number, 'InstitutionId'>;

/** Hexadecimal digits of an office in front of the ids of its units and of their ground. */
const OFFICE_DIGITS = 8;

/** The office whose unit or ground an id is: nobody else's act can give it. */
export function officeOf(id: BAUnitId | SpatialUnitId): OfficeId {
  return Number.parseInt(id.slice(2, 2 + OFFICE_DIGITS), 16) as OfficeId;
}

/** How every id of an office begins. */
export function idsBeginWith(office: number): string {
  return `0x${office.toString(16).padStart(OFFICE_DIGITS, '0')}`;
}

/** An id of an office out of 32 random bytes. */
export function idInOffice(office: number, random: Bytes32): Bytes32 {
  return `${idsBeginWith(office)}${random.slice(2 + OFFICE_DIGITS)}` as Bytes32;
}

// ---- Enumerations -------------------------------------------------------------------------------------------

/** Names in the order of their numbers, from 0. */
type Names = readonly ['unspecified', ...string[]];

/** Acts on land: an entry's kind is `LAND_KIND_BASE` plus the number, a mask's bit is 1 << number. */
export const LAND_ACTS = [
  'unspecified',
  'registration',
  'transfer',
  'mortgage',
  'caution',
  'discharge',
  'caution-withdrawal',
  'subdivision',
  'consolidation',
  'rectification',
  'transmission',
  'right-creation',
  'right-termination',
  'restriction-variation',
  'boundary-change',
  'exchange',
  'standing-upgrade',
  'lodging',
  'application-withdrawal',
  'order',
  'cancellation',
  'part-registration',
  'sweep',
  'division-opening',
  'division-loading',
  'division-completion',
  'division-cancellation',
] as const satisfies Names;
export type LandAct = (typeof LAND_ACTS)[number];

export const UNIT_STATUSES = [
  'unspecified',
  'active',
  'dividing',
  'retired',
  'cancelled',
] as const satisfies Names;
export type UnitStatus = (typeof UNIT_STATUSES)[number];
/** Nobody holds anything in such a unit any more; its last state stays to be read. */
export const isEnded = (status: UnitStatus): boolean => status === 'retired' || status === 'cancelled';

/** How the first state of a unit came about. */
export const ORIGINS = [
  'unspecified',
  'adjudication',
  'grant',
  'legacy',
  'subdivision-of-unknown',
  'subdivision',
  'consolidation',
  'prescription',
  'reconstruction',
] as const satisfies Names;
export type Origin = (typeof ORIGINS)[number];

/** What a first state rests on, from the weakest to the strongest. */
export const EVIDENCE_GRADES = [
  'unspecified',
  'testimony',
  'community-record',
  'private-document',
  'public-document',
  'surveyed-record',
  'judgment',
] as const satisfies Names;
export type EvidenceGrade = (typeof EVIDENCE_GRADES)[number];

/** The continuum of land rights (STDM): up to `group` a right holds the land itself, from `lease` on it is derived. */
export const RIGHT_KINDS = [
  'unspecified',
  'ownership',
  'customary',
  'occupancy',
  'group',
  'lease',
  'usufruct',
  'superficies',
  'servitude',
  'emphyteusis',
  'habitation',
  'use',
] as const satisfies Names;
export type RightKind = (typeof RIGHT_KINDS)[number];

/** How firmly a right stands; shares must be whole (L2) from `provisional` upward. */
export const STANDINGS = [
  'unspecified',
  'claimed',
  'disputed',
  'provisional',
  'qualified',
  'absolute',
] as const satisfies Names;
export type Standing = (typeof STANDINGS)[number];

/** How the holders of a right hold together: `sole` and `common` state shares, the others none. */
export const TENANCIES = ['unspecified', 'sole', 'common', 'joint', 'unrecorded'] as const satisfies Names;
export type Tenancy = (typeof TENANCIES)[number];

export const PARTY_KINDS = [
  'unspecified',
  'person',
  'group',
  'institution',
  'state',
  'ba-unit',
  'unknown',
] as const satisfies Names;
export type PartyKind = (typeof PARTY_KINDS)[number];

/** Who signs for a holding; of `none` nobody's key counts, and why is a salted fact. */
export const SIGNERS = ['unspecified', 'own', 'representative', 'none'] as const satisfies Names;
export type Signer = (typeof SIGNERS)[number];

/** `caution` and `order` are notices, which nobody consented to; the others are charges. */
export const RESTRICTION_KINDS = [
  'unspecified',
  'mortgage',
  'caution',
  'must-be-asked',
  'public-law',
  'lien',
  'order',
] as const satisfies Names;
export type RestrictionKind = (typeof RESTRICTION_KINDS)[number];

export const RESPONSIBILITY_KINDS = [
  'unspecified',
  'maintenance',
  'boundary',
  'levy',
  'public-law',
] as const satisfies Names;
export type ResponsibilityKind = (typeof RESPONSIBILITY_KINDS)[number];

export const APPLICATION_STATES = [
  'unspecified',
  'lodged',
  'requisitioned',
  'approved',
  'withdrawn',
  'lapsed',
  'suspect',
] as const satisfies Names;
export type ApplicationState = (typeof APPLICATION_STATES)[number];

/** On what ground a key consents. */
export const CONSENT_ROLES = [
  'unspecified',
  'holder',
  'representative',
  'must-be-asked',
] as const satisfies Names;
export type ConsentRole = (typeof CONSENT_ROLES)[number];

/** How a key signs. */
export const KEY_KINDS = ['unspecified', 'secp256k1', 'p256', 'webauthn'] as const satisfies Names;
export type KeyKind = (typeof KEY_KINDS)[number];

/** What an institution's recorder records the root of. */
export const ROOT_KINDS = [
  'unspecified',
  'access-log',
  'published-files',
  'checkpoint',
] as const satisfies Names;
export type RootKind = (typeof ROOT_KINDS)[number];

export const MEASURE_KINDS = [
  'unspecified',
  'admit-institution',
  'expel-institution',
  'suspend-institution',
  'lift-suspension',
  'set-institution-roles',
  'reseat-institution',
  'set-quorum',
  'set-widening-wait',
  'set-appointment-wait',
  'allow-verifier',
  'disallow-verifier',
  'add-validator',
  'remove-validator',
  'set-policy',
  'put-in-force',
  'pass-authority',
  'move-office',
  'record-halt',
  'replace-validator',
  'revoke-officer',
  'free-officer',
] as const satisfies Names;
export type MeasureKind = (typeof MEASURE_KINDS)[number];

/** The chain's number of a name. */
export function numberOf<const N extends Names>(names: N, name: N[number]): number {
  const number = names.indexOf(name);
  if (number < 0) throw new TypeError('not a name of this enumeration');
  return number;
}

/** The name of a chain's number, or undefined for one this version does not know. */
export function nameOf<const N extends Names>(names: N, number: number | bigint): N[number] | undefined {
  return names[Number(number)];
}

/** A mask with the bits of these acts, as restrictions and policies carry them. */
export function maskOf(acts: readonly LandAct[]): bigint {
  return acts.reduce((mask, act) => mask | (1n << BigInt(numberOf(LAND_ACTS, act))), 0n);
}

/** The acts of a mask; bits that no act of this version has are left out. */
export function actsOf(mask: bigint): LandAct[] {
  return LAND_ACTS.filter((_, number) => (mask >> BigInt(number)) % 2n === 1n);
}

// ---- Roles --------------------------------------------------------------------------------------------------

/** Bits of the roles word in an officer's record, in the order of their numbers. */
export const ROLES = [
  'land-preparer',
  'land-approver',
  'aid-preparer',
  'aid-approver',
  'admin-preparer',
  'admin-approver',
  'vote',
  'pause',
  'revoke',
  'court',
  'auditor',
  'steward-preparer',
  'steward-approver',
  'override',
] as const;
export type Role = (typeof ROLES)[number];

export function roleBits(roles: readonly Role[]): number {
  return roles.reduce((bits, role) => bits | (1 << ROLES.indexOf(role)), 0);
}

/** What a pause can stop: bits of the scope word, in the order of their numbers. */
export const SCOPES = ['land', 'disbursement', 'redemption', 'settlement', 'officers'] as const;
export type Scope = (typeof SCOPES)[number];

/** An entry's kind in the register of land is this plus the number of its act. */
export const LAND_KIND_BASE = 16;
