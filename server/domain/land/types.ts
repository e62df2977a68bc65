/**
 * What the register of land knows of a unit: the structs of contracts/interfaces/LandState.sol, with names where the
 * chain counts.
 *
 * Seconds, shares and presentation numbers are bigint as on chain; ids that the register gives, ranks and counts are
 * numbers. `STATE_TYPES` is the same as EIP-712 typed data and fixes every hash: a field added, dropped or reordered
 * is another format. Types only; hashes.ts hashes them and codec.ts spells them.
 */

import { struct, type TypeTable } from '../acts/typedData.ts';
import type { Bytes32 } from '../base/hex.ts';
import {
  APPLICATION_STATES,
  type ApplicationState,
  type BAUnitId,
  EVIDENCE_GRADES,
  type EvidenceGrade,
  type InstrumentId,
  LAND_ACTS,
  type LandAct,
  maskOf,
  type OfficeId,
  ORIGINS,
  type Origin,
  PARTY_KINDS,
  type PartyKind,
  RESPONSIBILITY_KINDS,
  RESTRICTION_KINDS,
  type ResponsibilityKind,
  type RestrictionKind,
  RIGHT_KINDS,
  type RightKind,
  SIGNERS,
  type Signer,
  type SpatialUnitId,
  STANDINGS,
  type Standing,
  TENANCIES,
  type Tenancy,
  UNIT_STATUSES,
  type UnitStatus,
} from '../base/terms.ts';

/** Of a state; one of another is read by the release that knows it. */
export const STATE_FORMAT_VERSION = 1;
/** Spatial units of one unit. */
export const MAX_SPATIAL_UNITS = 64;
/** Holdings over all rights of one unit. */
export const MAX_HOLDINGS = 64;
/** Charges of one unit, and as many notices. */
export const MAX_RESTRICTIONS = 64;
/** Notices that one institution brings a unit to: the places after them are laid by two. */
export const MOST_LONE_NOTICES = 32;
export const MAX_RESPONSIBILITIES = 64;
/** Units one act may name or make. */
export const MAX_UNITS_PER_ACT = 16;
/** Children of a direct subdivision; more is a division. */
export const MAX_CHILDREN = 4;
/** Children of a division: as many as a signer's device opens the facts of. */
export const MAX_DIVISION_CHILDREN = 1_000;
/** Spatial units of the children loaded by one call. */
export const MAX_SPATIAL_UNITS_PER_LOAD = 128;
/** A notice lapses at most this many seconds after its entry, however the policy stands. */
export const MAX_NOTICE_SECONDS = 180n * 86_400n;
/** Anybody sweeps alone what lapsed this long ago. */
export const SWEEP_AFTER_SECONDS = 30n * 86_400n;
/** Acts a restriction may block or ask for: never a protection, nor the end of a restriction or of a life. */
export const BLOCKABLE_ACTS = maskOf([
  'transfer',
  'mortgage',
  'subdivision',
  'consolidation',
  'rectification',
  'right-creation',
  'right-termination',
  'restriction-variation',
  'boundary-change',
  'exchange',
  'standing-upgrade',
  'part-registration',
]);
/** What an act may weigh, in words of state; what a consent and a slot written for the first time weigh. */
export const MAX_ACT_WEIGHT = 12_288;
export const CONSENT_WEIGHT = 12;
export const SLOT_WEIGHT = 24;
/** Titles under one pair of signatures. */
export const MAX_TITLES_PER_BATCH = 50;

export interface Header {
  readonly formatVersion: number;
  /** Number of this state of this unit, from 1, by one (L5). */
  readonly version: bigint;
  readonly status: UnitStatus;
  readonly office: OfficeId;
  readonly origin: Origin;
  readonly evidence: EvidenceGrade;
  /** Unit of common land this one has a quota in, or zero. */
  readonly baseUnit: BAUnitId;
  readonly quotaNumerator: bigint;
  readonly quotaTotal: bigint;
  /** Right fold of the children of a dividing or divided unit, and their number. */
  readonly membersRoot: Bytes32;
  readonly memberCount: number;
  /** Next id of a right, holding, restriction, responsibility or application of this unit. */
  readonly nextId: number;
  /** Second from which this state has effect; zero in a signed act. */
  readonly effectiveOn: bigint;
}

export interface SpatialUnit {
  readonly id: SpatialUnitId;
  readonly geometryCommitment: Bytes32;
}

/** One party's part in a right. */
export interface Holding {
  /** Given by the register, once; zero for a holding that joins in a signed transfer. */
  readonly holdingId: number;
  /** Share in parts of the right's denominator; zero where the tenancy states none. */
  readonly numerator: bigint;
  readonly partyKind: PartyKind;
  readonly signer: Signer;
  /** Of the key that consents for it, or zero for a holder who is assisted in person. */
  readonly keyHash: Bytes32;
  /** Root of the party's own salted facts. */
  readonly partyCommitment: Bytes32;
}

export interface Right {
  readonly rightId: number;
  readonly kind: RightKind;
  readonly standing: Standing;
  readonly upgradesOn: bigint;
  readonly expiresOn: bigint;
  readonly tenancy: Tenancy;
  /** Right it is derived from, or zero for the unit itself. */
  readonly targetRight: number;
  /** Entry, counted from 1, that last said who holds it; zero in a signed act. */
  readonly presentationNo: bigint;
  readonly denominator: bigint;
  readonly termsCommitment: Bytes32;
  readonly holdings: readonly Holding[];
}

export interface Restriction {
  readonly restrictionId: number;
  readonly kind: RestrictionKind;
  readonly targetRight: number;
  readonly targetHolding: number;
  readonly rank: number;
  readonly presentationNo: bigint;
  readonly instrumentId: InstrumentId;
  readonly holderKeyHash: Bytes32;
  /** Bits (1 << act) of the acts that cannot pass while it stands: `maskOf` and `actsOf` of terms.ts. */
  readonly blocks: bigint;
  readonly needsConsent: bigint;
  readonly expiresOn: bigint;
  readonly termsCommitment: Bytes32;
}

export interface Responsibility {
  readonly responsibilityId: number;
  readonly kind: ResponsibilityKind;
  readonly targetRight: number;
  readonly presentationNo: bigint;
  readonly instrumentId: InstrumentId;
  readonly holderKeyHash: Bytes32;
  readonly expiresOn: bigint;
  readonly termsCommitment: Bytes32;
}

export interface Application {
  readonly applicationId: number;
  readonly act: LandAct;
  readonly actHash: Bytes32;
  readonly presentationNo: bigint;
  readonly lodgedAt: bigint;
  readonly noticeUntil: bigint;
  readonly lapsesAt: bigint;
  readonly state: ApplicationState;
}

export interface BAUnitState {
  readonly header: Header;
  readonly spatialUnits: readonly SpatialUnit[];
  readonly rights: readonly Right[];
  /** What was consented to, in order of rank. */
  readonly charges: readonly Restriction[];
  /** What is one-sided, in order of presentation. */
  readonly notices: readonly Restriction[];
  readonly responsibilities: readonly Responsibility[];
  readonly applications: readonly Application[];
  /** Root of the unit's salted facts. */
  readonly factsRoot: Bytes32;
  readonly priorState: Bytes32;
}

/** The sections of a state, in the order in which it hashes them. */
export const SECTIONS = [
  'header',
  'spatialUnits',
  'rights',
  'charges',
  'notices',
  'responsibilities',
  'applications',
] as const;
export type Section = (typeof SECTIONS)[number];

export const STATE_TYPES = {
  Header: struct(
    'uint16 formatVersion',
    'uint64 version',
    'uint8 status',
    'uint32 office',
    'uint8 origin',
    'uint8 evidence',
    'bytes32 baseUnit',
    'uint64 quotaNumerator',
    'uint64 quotaTotal',
    'bytes32 membersRoot',
    'uint32 memberCount',
    'uint32 nextId',
    'uint64 effectiveOn',
  ),
  SpatialUnit: struct('bytes32 id', 'bytes32 geometryCommitment'),
  Holding: struct(
    'uint32 holdingId',
    'uint64 numerator',
    'uint8 partyKind',
    'uint8 signer',
    'bytes32 keyHash',
    'bytes32 partyCommitment',
  ),
  Right: struct(
    'uint32 rightId',
    'uint8 kind',
    'uint8 standing',
    'uint64 upgradesOn',
    'uint64 expiresOn',
    'uint8 tenancy',
    'uint32 targetRight',
    'uint64 presentationNo',
    'uint64 denominator',
    'bytes32 termsCommitment',
    'Holding[] holdings',
  ),
  Restriction: struct(
    'uint32 restrictionId',
    'uint8 kind',
    'uint32 targetRight',
    'uint32 targetHolding',
    'uint16 rank',
    'uint64 presentationNo',
    'bytes32 instrumentId',
    'bytes32 holderKeyHash',
    'uint64 blocks',
    'uint64 needsConsent',
    'uint64 expiresOn',
    'bytes32 termsCommitment',
  ),
  Responsibility: struct(
    'uint32 responsibilityId',
    'uint8 kind',
    'uint32 targetRight',
    'uint64 presentationNo',
    'bytes32 instrumentId',
    'bytes32 holderKeyHash',
    'uint64 expiresOn',
    'bytes32 termsCommitment',
  ),
  Application: struct(
    'uint32 applicationId',
    'uint8 act',
    'bytes32 actHash',
    'uint64 presentationNo',
    'uint64 lodgedAt',
    'uint64 noticeUntil',
    'uint64 lapsesAt',
    'uint8 state',
  ),
  BAUnitState: struct(
    'Header header',
    'SpatialUnit[] spatialUnits',
    'Right[] rights',
    'Restriction[] charges',
    'Restriction[] notices',
    'Responsibility[] responsibilities',
    'Application[] applications',
    'bytes32 factsRoot',
    'bytes32 priorState',
  ),
} as const satisfies TypeTable;

/** Which numbers of the structs above are enumerations, and of what. */
export const STATE_NAMES = {
  Header: { status: UNIT_STATUSES, origin: ORIGINS, evidence: EVIDENCE_GRADES },
  Holding: { partyKind: PARTY_KINDS, signer: SIGNERS },
  Right: { kind: RIGHT_KINDS, standing: STANDINGS, tenancy: TENANCIES },
  Restriction: { kind: RESTRICTION_KINDS },
  Responsibility: { kind: RESPONSIBILITY_KINDS },
  Application: { act: LAND_ACTS, state: APPLICATION_STATES },
} as const;
