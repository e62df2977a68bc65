/**
 * What is signed about land: the structs of contracts/interfaces/LandActs.sol, and their typed data.
 *
 * Promises: `digest(landDomain(ledger), actTypes(primaryType), primaryType, message)` is the entry id that the
 * register computes, and the same of an approval or a consent what it verifies. Types only; rules stand beside.
 */

import { type LedgerIdentity, type RegisterDomain, registerDomain } from '../acts/domains.ts';
import { ACT_HEAD, type ActHead, BATCH, type Batch, WITHDRAWAL, type Withdrawal } from '../acts/head.ts';
import { struct, type TypeTable } from '../acts/typedData.ts';
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import {
  type BAUnitId,
  CONSENT_ROLES,
  type ConsentRole,
  KEY_KINDS,
  type KeyKind,
  LAND_ACTS,
  type LandAct,
} from '../base/terms.ts';
import {
  type Application,
  type BAUnitState,
  type Header,
  type Holding,
  type Responsibility,
  type Restriction,
  type Right,
  type SpatialUnit,
  STATE_NAMES,
  STATE_TYPES,
} from './types.ts';

export interface Title {
  readonly baUnit: BAUnitId;
  readonly state: BAUnitState;
}

export interface UnitChange {
  readonly baUnit: BAUnitId;
  /** State hash the signers read. */
  readonly priorState: Bytes32;
}

export interface RegisterTitle {
  readonly head: ActHead;
  readonly title: Title;
}

/** The parts of a base unit, each with its quota in it. */
export interface RegisterParts {
  readonly head: ActHead;
  readonly base: UnitChange;
  readonly parts: readonly Title[];
}

export interface TransferRight {
  readonly head: ActHead;
  readonly unit: UnitChange;
  /** The whole right as it stands afterwards; a holding that joins has id zero. */
  readonly next: Right;
}

export interface CreateRestriction {
  readonly head: ActHead;
  readonly units: readonly UnitChange[];
  /** With id and presentation number zero. */
  readonly restriction: Restriction;
}

export interface Release {
  readonly unit: UnitChange;
  readonly restrictionId: number;
}

export interface Discharge {
  readonly head: ActHead;
  readonly releases: readonly Release[];
}

export interface Portion {
  readonly baUnit: BAUnitId;
  readonly spatialUnits: readonly SpatialUnit[];
  readonly quotaNumerator: bigint;
}

export interface Child {
  readonly portion: Portion;
  readonly factsRoot: Bytes32;
}

export interface Subdivide {
  readonly head: ActHead;
  readonly unit: UnitChange;
  readonly children: readonly Child[];
}

/** A division begins: the children are named by their fold. */
export interface OpenDivision {
  readonly head: ActHead;
  readonly unit: UnitChange;
  readonly memberCount: number;
  /** `foldOf` of division.ts. */
  readonly membersRoot: Bytes32;
}

export interface CancelDivision {
  readonly head: ActHead;
  readonly unit: UnitChange;
}

export interface Consolidate {
  readonly head: ActHead;
  readonly units: readonly UnitChange[];
  readonly child: Child;
  /** The new unit's one right of the ownership class, with ids and presentation number zero. */
  readonly ownership: Right;
}

/** What a holder, lender or cautioner signs: rights and charges of every unit of the act, its terms and its effect. */
export interface Consent {
  readonly role: ConsentRole;
  readonly act: LandAct;
  readonly baUnit: BAUnitId;
  /** `unitsHash` of hashes.ts. */
  readonly unitsHash: Bytes32;
  /** Holding or restriction whose key signs. */
  readonly subject: number;
  readonly termsHash: Bytes32;
  /** As the act's head states it. */
  readonly effectiveOn: bigint;
  readonly notBefore: bigint;
  readonly deadline: bigint;
  readonly mandateCommitment: Bytes32;
}

/** A consent as handed in: the register knows the rest. */
export interface ConsentProof {
  readonly notBefore: bigint;
  readonly deadline: bigint;
  readonly mandateCommitment: Bytes32;
  readonly kind: KeyKind;
  readonly salt: Bytes32;
  /** 64 bytes qx ‖ qy; empty for secp256k1. */
  readonly key: Hex;
  readonly signature: Hex;
}

/** What anybody does to a unit whose restrictions lapsed long ago: nobody signs it, its digest is the entry id. */
export interface Sweep {
  readonly baUnit: BAUnitId;
  readonly priorState: Bytes32;
}

/** What anybody loads of a dividing unit, and how anybody completes it: their digests are entry ids too. */
export interface LoadChildren {
  readonly baUnit: BAUnitId;
  readonly membersRoot: Bytes32;
  readonly children: readonly Child[];
  /** Fold of the children after these. */
  readonly rest: Bytes32;
}

/** Of the parent; each child's entry is of its claim. */
export interface CompleteDivision {
  readonly baUnit: BAUnitId;
  readonly priorState: Bytes32;
}

/** What the slot of a loaded child holds until it is made. */
export interface Claim {
  readonly parent: BAUnitId;
  readonly membersRoot: Bytes32;
  readonly child: Child;
}

/** Every struct by its name: what the codec and the hashes are typed by. */
export interface LandStructs {
  readonly BAUnitState: BAUnitState;
  readonly Header: Header;
  readonly SpatialUnit: SpatialUnit;
  readonly Holding: Holding;
  readonly Right: Right;
  readonly Restriction: Restriction;
  readonly Responsibility: Responsibility;
  readonly Application: Application;
  readonly ActHead: ActHead;
  readonly Title: Title;
  readonly UnitChange: UnitChange;
  readonly RegisterTitle: RegisterTitle;
  readonly RegisterParts: RegisterParts;
  readonly Batch: Batch;
  readonly TransferRight: TransferRight;
  readonly CreateRestriction: CreateRestriction;
  readonly Release: Release;
  readonly Discharge: Discharge;
  readonly Portion: Portion;
  readonly Child: Child;
  readonly Subdivide: Subdivide;
  readonly OpenDivision: OpenDivision;
  readonly CancelDivision: CancelDivision;
  readonly LoadChildren: LoadChildren;
  readonly CompleteDivision: CompleteDivision;
  readonly Claim: Claim;
  readonly Consolidate: Consolidate;
  readonly Consent: Consent;
  readonly Sweep: Sweep;
  readonly ConsentProof: ConsentProof;
  readonly Withdrawal: Withdrawal;
}

export const LAND_TYPES = {
  ...STATE_TYPES,
  ActHead: ACT_HEAD,
  Batch: BATCH,
  Withdrawal: WITHDRAWAL,
  Title: struct('bytes32 baUnit', 'BAUnitState state'),
  UnitChange: struct('bytes32 baUnit', 'bytes32 priorState'),
  RegisterTitle: struct('ActHead head', 'Title title'),
  RegisterParts: struct('ActHead head', 'UnitChange base', 'Title[] parts'),
  Sweep: struct('bytes32 baUnit', 'bytes32 priorState'),
  TransferRight: struct('ActHead head', 'UnitChange unit', 'Right next'),
  CreateRestriction: struct('ActHead head', 'UnitChange[] units', 'Restriction restriction'),
  Release: struct('UnitChange unit', 'uint32 restrictionId'),
  Discharge: struct('ActHead head', 'Release[] releases'),
  Portion: struct('bytes32 baUnit', 'SpatialUnit[] spatialUnits', 'uint64 quotaNumerator'),
  Child: struct('Portion portion', 'bytes32 factsRoot'),
  Subdivide: struct('ActHead head', 'UnitChange unit', 'Child[] children'),
  OpenDivision: struct('ActHead head', 'UnitChange unit', 'uint32 memberCount', 'bytes32 membersRoot'),
  CancelDivision: struct('ActHead head', 'UnitChange unit'),
  LoadChildren: struct('bytes32 baUnit', 'bytes32 membersRoot', 'Child[] children', 'bytes32 rest'),
  CompleteDivision: struct('bytes32 baUnit', 'bytes32 priorState'),
  Claim: struct('bytes32 parent', 'bytes32 membersRoot', 'Child child'),
  Consolidate: struct('ActHead head', 'UnitChange[] units', 'Child child', 'Right ownership'),
  Consent: struct(
    'uint8 role',
    'uint8 act',
    'bytes32 baUnit',
    'bytes32 unitsHash',
    'uint32 subject',
    'bytes32 termsHash',
    'uint64 effectiveOn',
    'uint64 notBefore',
    'uint64 deadline',
    'bytes32 mandateCommitment',
  ),
} as const satisfies TypeTable;

/** Not signed, only handed in: for the codec. */
export const HANDED_IN_TYPES = {
  ConsentProof: struct(
    'uint64 notBefore',
    'uint64 deadline',
    'bytes32 mandateCommitment',
    'uint8 kind',
    'bytes32 salt',
    'bytes key',
    'bytes signature',
  ),
} as const satisfies TypeTable;

export const LAND_NAMES = {
  ...STATE_NAMES,
  Consent: { role: CONSENT_ROLES, act: LAND_ACTS },
  ConsentProof: { kind: KEY_KINDS },
} as const;

/** The ledger and the register that a signature is for. */
export interface LandLedger extends LedgerIdentity {
  /** The register of land, also for the acts that its rule contracts check. */
  readonly landRegistry: Address;
}

export function landDomain(ledger: LandLedger): RegisterDomain {
  return registerDomain('landRegistry', ledger, ledger.landRegistry);
}
