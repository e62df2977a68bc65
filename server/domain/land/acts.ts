/**
 * What is signed about land: the structs of contracts/interfaces/LandActs.sol and IJournal.sol, and their typed data.
 *
 * Promises: `digest(landDomain(ledger), actTypes(primaryType), primaryType, message)` is the entry id that the
 * register computes, and the same of an approval or a consent what it verifies. Types only; rules stand beside.
 */

import type { TypedDomain, TypeTable } from '../acts/typedData.ts';
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import {
  type BAUnitId,
  CAPACITIES,
  type Capacity,
  CONSENT_ROLES,
  type ConsentRole,
  type EntryId,
  KEY_KINDS,
  type KeyKind,
  LAND_ACTS,
  type LandAct,
  type OfficeId,
  type OfficerId,
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
  struct,
} from './types.ts';

/** What every signed act begins with, of any register. */
export interface ActHead {
  readonly office: OfficeId;
  readonly preparer: OfficerId;
  readonly preparerEpoch: number;
  /** First and last second at which the act may be recorded. */
  readonly notBefore: bigint;
  readonly deadline: bigint;
  readonly effectiveOn: bigint;
  /** 128 random bits of the client. */
  readonly salt: bigint;
  readonly sourcesRoot: Bytes32;
  readonly corrects: EntryId;
}

/** The second person's part; `act` is the whole act, nested. */
export interface Approval {
  readonly approver: OfficerId;
  readonly approverEpoch: number;
  readonly deadline: bigint;
}

export interface Title {
  readonly baUnit: BAUnitId;
  readonly state: BAUnitState;
}

export interface UnitChange {
  readonly baUnit: BAUnitId;
  /** State hash the signers read. */
  readonly priorState: Bytes32;
  /** Facts root of the unit after the act. */
  readonly factsRoot: Bytes32;
}

export interface RegisterTitle {
  readonly head: ActHead;
  readonly title: Title;
}

export interface Batch {
  readonly head: ActHead;
  readonly itemsHash: Bytes32;
  readonly count: number;
  readonly atomic: boolean;
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

export interface Consolidate {
  readonly head: ActHead;
  readonly units: readonly UnitChange[];
  readonly child: Child;
  /** The new unit's one right of the ownership class, with ids and presentation number zero. */
  readonly ownership: Right;
}

/** What a holder, lender or cautioner signs: the rights as they stand and the terms, not the whole state. */
export interface Consent {
  readonly role: ConsentRole;
  readonly act: LandAct;
  readonly baUnit: BAUnitId;
  readonly rightsHash: Bytes32;
  /** Holding or restriction whose key signs. */
  readonly subject: number;
  readonly termsHash: Bytes32;
  readonly capacity: Capacity;
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

/** One officer takes back an act that was signed and not yet recorded. */
export interface Withdrawal {
  readonly entryId: EntryId;
  readonly actDeadline: bigint;
  readonly officer: OfficerId;
  readonly epoch: number;
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
  readonly Batch: Batch;
  readonly TransferRight: TransferRight;
  readonly CreateRestriction: CreateRestriction;
  readonly Release: Release;
  readonly Discharge: Discharge;
  readonly Portion: Portion;
  readonly Child: Child;
  readonly Subdivide: Subdivide;
  readonly Consolidate: Consolidate;
  readonly Consent: Consent;
  readonly ConsentProof: ConsentProof;
  readonly Withdrawal: Withdrawal;
}

/** Of every register: `hashStruct` of it is what `_hashHead` makes. */
export const ACT_HEAD = struct(
  'uint32 office',
  'bytes32 preparer',
  'uint32 preparerEpoch',
  'uint64 notBefore',
  'uint64 deadline',
  'uint64 effectiveOn',
  'uint128 salt',
  'bytes32 sourcesRoot',
  'bytes32 corrects',
);

export const BATCH = struct('ActHead head', 'bytes32 itemsHash', 'uint32 count', 'bool atomic');

export const WITHDRAWAL = struct('bytes32 entryId', 'uint64 actDeadline', 'bytes32 officer', 'uint32 epoch');

/** `Approval` over an act of this type. */
export function approvalOver(primaryType: string) {
  return struct(`${primaryType} act`, 'bytes32 approver', 'uint32 approverEpoch', 'uint64 deadline');
}

export const LAND_TYPES = {
  ...STATE_TYPES,
  ActHead: ACT_HEAD,
  Batch: BATCH,
  Withdrawal: WITHDRAWAL,
  Title: struct('bytes32 baUnit', 'BAUnitState state'),
  UnitChange: struct('bytes32 baUnit', 'bytes32 priorState', 'bytes32 factsRoot'),
  RegisterTitle: struct('ActHead head', 'Title title'),
  TransferRight: struct('ActHead head', 'UnitChange unit', 'Right next'),
  CreateRestriction: struct('ActHead head', 'UnitChange[] units', 'Restriction restriction'),
  Release: struct('UnitChange unit', 'uint32 restrictionId'),
  Discharge: struct('ActHead head', 'Release[] releases'),
  Portion: struct('bytes32 baUnit', 'SpatialUnit[] spatialUnits', 'uint64 quotaNumerator'),
  Child: struct('Portion portion', 'bytes32 factsRoot'),
  Subdivide: struct('ActHead head', 'UnitChange unit', 'Child[] children'),
  Consolidate: struct('ActHead head', 'UnitChange[] units', 'Child child', 'Right ownership'),
  Consent: struct(
    'uint8 role',
    'uint8 act',
    'bytes32 baUnit',
    'bytes32 rightsHash',
    'uint32 subject',
    'bytes32 termsHash',
    'uint8 capacity',
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
  Consent: { role: CONSENT_ROLES, act: LAND_ACTS, capacity: CAPACITIES },
  ConsentProof: { kind: KEY_KINDS },
} as const;

/** Acts that two officers sign, by what the preparer's signature is over. */
export const ACT_TYPES = [
  'RegisterTitle',
  'Batch',
  'TransferRight',
  'CreateRestriction',
  'Discharge',
  'Subdivide',
  'Consolidate',
] as const;
export type ActType = (typeof ACT_TYPES)[number];

/** The ledger and the register that a signature is for. */
export interface LandLedger {
  readonly chainId: number;
  /** The register of land, also for the acts that its rule contracts check. */
  readonly landRegistry: Address;
}

export function landDomain({ chainId, landRegistry }: LandLedger): TypedDomain {
  return {
    name: 'Kudurru LandRegistry',
    version: '1',
    chainId: BigInt(chainId),
    verifyingContract: landRegistry,
  };
}
