/**
 * What the ledger's contracts say happened, as plain values: the language between who reads the chain and who
 * derives from it.
 *
 * Hides nothing and computes nothing: the names are those of the contracts' ABI, so that a reader finds each one in
 * contracts/interfaces with its meaning. Integers of up to 32 bits are numbers, wider ones bigint, enumerations their
 * names, bytes lower-case hex. `ledger/events.ts` makes these from verified logs; views and the
 * auditor's replay read them. Anyone may import it.
 */

import type { Entry } from '../audit/journal.ts';
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import type {
  BAUnitId,
  EntryId,
  InstitutionId,
  KeyKind,
  MeasureKind,
  OfficeId,
  OfficerId,
  ProgrammeId,
  VendorId,
} from '../base/terms.ts';
import type { AppliedAct } from '../benefits/act.ts';
import type { CycleId, TillId } from '../benefits/terms.ts';
import type { Child } from '../land/acts.ts';
import type { BAUnitState } from '../land/types.ts';
import type { Erasure, RootRecord } from '../notary/roots.ts';
import type { ActHead } from './head.ts';

// ---- Contracts ----------------------------------------------------------------------------------------------

/** The contracts of one ledger. Registers keep a journal; the others after `council` decide or read, and emit nothing. */
export type ContractName = 'charter' | 'council' | RegisterName | RuleContractName;
export type RegisterName = 'consortium' | 'personnel' | 'safeguards' | 'land' | 'benefits' | 'notary';
export type RuleContractName =
  | 'landTransfers'
  | 'landCharges'
  | 'landPartition'
  | 'landParts'
  | 'landDivision'
  | 'benefitRules'
  | 'standingRules'
  | 'benefitViews';

export interface ContractAt {
  readonly contract: ContractName;
  readonly address: Address;
}

/** Where a follower stands, stored with what it made of the block. */
export interface BlockCursor {
  readonly number: bigint;
  readonly hash: Bytes32;
  /** On a network: who seals the next block. */
  readonly validators?: readonly Address[];
}

/** One block as events, in the order of its logs. */
export interface EventBlock {
  readonly cursor: BlockCursor;
  readonly timestampSeconds: number;
  readonly events: readonly LedgerEvent[];
  /** How many empty blocks right before this one it stands for. */
  readonly leapt?: bigint;
  /** Calls that came straight from their senders, by transaction: for who checks signatures that no event shows. */
  readonly shown?: ReadonlyMap<Bytes32, ShownCall>;
}

/** A call of a contract of this ledger, its arguments by their names as the ABI has them. */
export interface ShownCall {
  readonly contract: ContractName;
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
}

// ---- Structs ------------------------------------------------------------------------------------------------

/** A key of an officer. */
export interface OfficerKey {
  readonly kind: KeyKind;
  readonly verifier: Address;
  readonly keyHash: Bytes32;
  readonly rpIdHash: Bytes32;
}

/** What the members vote on. */
export interface Measure {
  readonly kind: MeasureKind;
  readonly institution: InstitutionId;
  readonly target: Address;
  readonly name: Bytes32;
  readonly value: bigint;
  readonly appointmentsHash: Bytes32;
  readonly closesAt: bigint;
  readonly salt: bigint;
}

/** What a consortium began with: the constructor emits nothing, so this is read from its founding file. */
export interface Founding {
  readonly ledgerNonce: Bytes32;
  readonly institutions: readonly { readonly institution: InstitutionId; readonly roles: number }[];
  readonly officers: readonly {
    /** Of the first key and the salt. */
    readonly officer: OfficerId;
    readonly salt: Bytes32;
    readonly institution: InstitutionId;
    readonly office: OfficeId;
    readonly roles: number;
    readonly key: OfficerKey;
    readonly spare: OfficerKey;
  }[];
  readonly offices: readonly { readonly office: OfficeId; readonly keeper: InstitutionId }[];
  readonly verifiers: readonly { readonly kind: KeyKind; readonly verifier: Address }[];
  readonly policies: readonly { readonly name: Bytes32; readonly value: bigint }[];
  readonly validators: readonly { readonly validator: Address; readonly institution: InstitutionId }[];
  readonly quorum: number;
  readonly wideningWaitSeconds: number;
  readonly appointmentWaitSeconds: number;
}

// ---- Events -------------------------------------------------------------------------------------------------

interface CharterEvents {
  ValidatorAdded: { readonly validator: Address };
  ValidatorRemoved: { readonly validator: Address };
  AuthorityChanged: { readonly authority: Address };
  RegisterNamed: { readonly name: Bytes32; readonly register: Address };
}

interface JournalEvents {
  EntryRecorded: Entry & { readonly head: Bytes32 };
  /** What the two officers of an act signed; its entry follows, or one entry an item. */
  Signed: {
    readonly entryId: EntryId;
    readonly head: ActHead;
    readonly actHash: Bytes32;
    readonly approvalDeadline: bigint;
    readonly preparerSignature: Hex;
    readonly approverSignature: Hex;
  };
  RegisterFrozen: { readonly frozenAt: bigint; readonly successor: Address; readonly finalHead: Bytes32 };
  ImportOpened: { readonly predecessor: Address; readonly importHash: Bytes32 };
  WordsImported: {
    readonly slots: readonly Bytes32[];
    readonly words: readonly Bytes32[];
    readonly rest: Bytes32;
  };
  RegisterContinued: {
    readonly predecessor: Address;
    readonly finalHead: Bytes32;
    readonly firstHead: Bytes32;
  };
}

interface ConsortiumEvents {
  OfficerAppointed: {
    readonly officer: OfficerId;
    readonly institution: InstitutionId;
    readonly salt: Bytes32;
    readonly office: OfficeId;
    readonly roles: number;
    readonly key: OfficerKey;
    readonly spare: OfficerKey;
    readonly activeFrom: bigint;
  };
  KeyRotated: {
    readonly officer: OfficerId;
    readonly epoch: number;
    readonly key: OfficerKey;
    readonly activeFrom: bigint;
  };
  OfficerSuspended: {
    readonly officer: OfficerId;
    readonly revoker: OfficerId;
    readonly until: bigint;
    readonly caseReference: Bytes32;
  };
  OfficerFreed: { readonly officer: OfficerId; readonly caseReference: Bytes32 };
  /** `revoker` is the officer itself, or zero where others decided. */
  OfficerRevoked: {
    readonly officer: OfficerId;
    readonly revoker: OfficerId;
    readonly suspectSince: bigint;
    readonly caseReference: Bytes32;
  };
  InstitutionAdmitted: { readonly institution: InstitutionId; readonly roles: number };
  InstitutionExpelled: { readonly institution: InstitutionId };
  InstitutionSuspended: { readonly institution: InstitutionId; readonly until: bigint };
  SuspensionLifted: { readonly institution: InstitutionId };
  InstitutionRolesChanged: { readonly institution: InstitutionId; readonly roles: number };
  OfficeMoved: { readonly office: OfficeId; readonly keeper: InstitutionId };
  QuorumChanged: { readonly quorum: number };
  ConsortiumSeated: Readonly<Record<never, never>>;
  WideningWaitChanged: { readonly waitSeconds: number };
  AppointmentWaitChanged: { readonly waitSeconds: number };
  VerifierAllowed: { readonly verifier: Address; readonly kind: KeyKind };
  VerifierDisallowed: { readonly verifier: Address };
  PolicyChanged: { readonly name: Bytes32; readonly value: bigint };
}

interface CouncilEvents {
  MeasureOpened: {
    readonly measureId: Bytes32;
    readonly openedBy: InstitutionId;
    readonly measure: Measure;
  };
  VoteCast: {
    readonly measureId: Bytes32;
    readonly institution: InstitutionId;
    readonly officer: OfficerId;
    readonly inFavour: boolean;
  };
  MeasureScheduled: { readonly measureId: Bytes32; readonly executableFrom: bigint };
  MeasureExecuted: { readonly measureId: Bytes32 };
  MeasureLapsed: { readonly measureId: Bytes32 };
}

interface SafeguardEvents {
  Paused: {
    readonly scope: number;
    readonly until: bigint;
    readonly byTwoInstitutions: boolean;
    readonly caseReference: Bytes32;
  };
  Unpaused: { readonly scope: number; readonly caseReference: Bytes32 };
  HaltRecorded: { readonly from: bigint; readonly to: bigint };
}

interface LandEvents {
  BAUnitRecorded: {
    readonly baUnit: BAUnitId;
    readonly stateHash: Bytes32;
    readonly state: BAUnitState;
  };
  /** The consents that an act took, each with its signature: `consentHash` of land/hashes.ts. */
  ConsentsTaken: { readonly entryId: EntryId; readonly consents: readonly Bytes32[] };
  /** The next children of a dividing unit: `rest` is the fold of those after them. */
  ChildrenLoaded: {
    readonly baUnit: BAUnitId;
    readonly rest: Bytes32;
    readonly children: readonly Child[];
  };
}

interface BenefitEvents {
  /**
   * An act, its words read as its fields; `office` is that of its head, zero of a release, which has none; `newState` is
   * that of the entry recorded with it.
   */
  ActApplied: {
    readonly entryId: EntryId;
    readonly applied: AppliedAct;
    readonly office: OfficeId;
    readonly newState: Bytes32;
  };
  SlotsLoaded: {
    readonly programme: ProgrammeId;
    readonly enrolmentEpoch: number;
    readonly enrolled: number;
    /** The slots, one word each, one after another. */
    readonly slots: Hex;
  };
  UnitsLoaded: {
    readonly programme: ProgrammeId;
    readonly cycle: CycleId;
    readonly loadedWords: number;
    /** The words, one after another. */
    readonly words: Hex;
  };
  BatchRedeemed: {
    readonly programme: ProgrammeId;
    readonly cycle: CycleId;
    readonly vendor: VendorId;
    readonly till: TillId;
    readonly itemsHash: Bytes32;
    readonly units: bigint;
    /** One packed word an item: `readResults` of benefits/redemption.ts reads it. */
    readonly results: readonly Bytes32[];
  };
}

interface NotaryEvents {
  RecorderAppointed: {
    readonly institution: InstitutionId;
    readonly keyHash: Bytes32;
    readonly epoch: number;
    readonly activeFrom: bigint;
    /** The new key's own signature that it is held. */
    readonly possession: Hex;
  };
  RecorderRevoked: { readonly institution: InstitutionId; readonly epoch: number };
  RootRecorded: RootRecord & { readonly signature: Hex };
  Erased: Erasure & { readonly signature: Hex };
}

/** What the reader of the chain adds where the charter named a contract: what no log says. */
interface FoundEvents {
  /** From here on this contract's logs are part of the ledger. */
  ContractFound: ContractAt;
  /** A consortium came into force, with what it was founded with. */
  ConsortiumFounded: { readonly founding: Founding };
}

export interface EventArgs
  extends CharterEvents,
    JournalEvents,
    ConsortiumEvents,
    CouncilEvents,
    SafeguardEvents,
    LandEvents,
    BenefitEvents,
    NotaryEvents,
    FoundEvents {}

export type EventName = keyof EventArgs;

/** Where an event stands. `logIndex` is within the block; what the reader adds stands at the log it followed from. */
export interface EventPlace {
  readonly contract: ContractName;
  readonly address: Address;
  readonly blockNumber: bigint;
  readonly transactionHash: Bytes32;
  readonly logIndex: number;
}

export type LedgerEvent = {
  [N in EventName]: EventPlace & {
    readonly name: N;
    readonly args: EventArgs[N];
    /** Of an entry: the head of its act, where two officers signed it. */
    readonly act?: ActHead;
  };
}[EventName];

export type EventOf<N extends EventName> = Extract<LedgerEvent, { readonly name: N }>;
