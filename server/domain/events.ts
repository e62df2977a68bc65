/**
 * What the ledger's contracts say happened, as plain values: the language between who reads the chain and who
 * derives from it.
 *
 * Hides nothing and computes nothing: the names are those of the contracts' ABI, so that a reader finds each one in
 * contracts/interfaces with its meaning. Integers of up to 32 bits and enumerations are numbers (their names are in
 * terms.ts), wider ones bigint, bytes lower-case hex. `ledger/events.ts` makes these from verified logs; views and the
 * auditor's replay read them. Anyone may import it.
 */
import type { Address, Bytes32, Hex } from './hex.ts';
import type {
  BAUnitId,
  EntryId,
  InstitutionId,
  InstrumentId,
  OfficeId,
  OfficerId,
  ProgrammeId,
  SpatialUnitId,
  VendorId,
} from './terms.ts';

// ---- Contracts ----------------------------------------------------------------------------------------------

/** The contracts of one ledger. Those after `council` keep a journal; rule contracts emit nothing. */
export type ContractName = 'charter' | 'council' | RegisterName | RuleContractName;
export type RegisterName = 'consortium' | 'safeguards' | 'land' | 'benefits';
export type RuleContractName = 'landCharges' | 'landPartition' | 'benefitRules';

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
}

// ---- Structs ------------------------------------------------------------------------------------------------

export interface RecordedHeader {
  readonly formatVersion: number;
  readonly version: bigint;
  readonly status: number;
  readonly office: OfficeId;
  readonly origin: number;
  readonly evidence: number;
  readonly baseUnit: BAUnitId;
  readonly quotaNumerator: bigint;
  readonly quotaTotal: bigint;
  readonly membersRoot: Bytes32;
  readonly memberCount: number;
  readonly nextId: number;
}

export interface RecordedSpatialUnit {
  readonly id: SpatialUnitId;
  readonly geometryCommitment: Bytes32;
}

export interface RecordedHolding {
  readonly holdingId: number;
  readonly numerator: bigint;
  readonly partyKind: number;
  readonly capacity: number;
  readonly condition: number;
  readonly keyHash: Bytes32;
  readonly partyCommitment: Bytes32;
}

export interface RecordedRight {
  readonly rightId: number;
  readonly kind: number;
  readonly standing: number;
  readonly upgradesOn: bigint;
  readonly expiresOn: bigint;
  readonly tenancy: number;
  readonly targetRight: number;
  readonly presentationNo: bigint;
  readonly denominator: bigint;
  readonly termsCommitment: Bytes32;
  readonly holdings: readonly RecordedHolding[];
}

export interface RecordedRestriction {
  readonly restrictionId: number;
  readonly kind: number;
  readonly targetRight: number;
  readonly targetHolding: number;
  readonly rank: number;
  readonly presentationNo: bigint;
  readonly instrumentId: InstrumentId;
  readonly holderKeyHash: Bytes32;
  readonly blocks: bigint;
  readonly needsConsent: bigint;
  readonly expiresOn: bigint;
  readonly termsCommitment: Bytes32;
}

export interface RecordedResponsibility {
  readonly responsibilityId: number;
  readonly kind: number;
  readonly targetRight: number;
  readonly presentationNo: bigint;
  readonly instrumentId: InstrumentId;
  readonly holderKeyHash: Bytes32;
  readonly expiresOn: bigint;
  readonly termsCommitment: Bytes32;
}

export interface RecordedApplication {
  readonly applicationId: number;
  readonly act: number;
  readonly actHash: Bytes32;
  readonly presentationNo: bigint;
  readonly lodgedAt: bigint;
  readonly noticeUntil: bigint;
  readonly lapsesAt: bigint;
  readonly state: number;
}

/** All the register of land keeps of a unit: `stateHash` is its EIP-712 struct hash. */
export interface RecordedUnitState {
  readonly header: RecordedHeader;
  readonly spatialUnits: readonly RecordedSpatialUnit[];
  readonly rights: readonly RecordedRight[];
  readonly restrictions: readonly RecordedRestriction[];
  readonly responsibilities: readonly RecordedResponsibility[];
  readonly applications: readonly RecordedApplication[];
  readonly factsRoot: Bytes32;
  readonly priorState: Bytes32;
}

export interface RecordedKey {
  readonly kind: number;
  readonly verifier: Address;
  readonly keyHash: Bytes32;
  readonly rpIdHash: Bytes32;
  readonly requireUV: boolean;
}

export interface RecordedMeasure {
  readonly kind: number;
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
  readonly institutions: readonly { readonly institution: InstitutionId; readonly roles: number }[];
  readonly officers: readonly {
    readonly officer: OfficerId;
    readonly institution: InstitutionId;
    readonly office: OfficeId;
    readonly roles: number;
    readonly key: RecordedKey;
  }[];
  readonly verifiers: readonly { readonly kind: number; readonly verifier: Address }[];
  readonly policies: readonly { readonly name: Bytes32; readonly value: bigint }[];
  readonly quorum: number;
  readonly wideningWaitSeconds: number;
  readonly appointmentWaitSeconds: number;
}

/** What an entry's event leaves out and its act says, where the act came in a transaction of its own. */
export interface ActHead {
  readonly office: OfficeId;
  readonly preparer: OfficerId;
  readonly preparerEpoch: number;
  readonly notBefore: bigint;
  readonly deadline: bigint;
  /** Second from which the act has legal effect, which may precede its recording. */
  readonly effectiveOn: bigint;
  readonly salt: bigint;
  readonly sourcesRoot: Bytes32;
  readonly corrects: EntryId;
}

// ---- Events -------------------------------------------------------------------------------------------------

interface CharterEvents {
  ValidatorAdded: { readonly validator: Address };
  ValidatorRemoved: { readonly validator: Address };
  AuthorityChanged: { readonly authority: Address };
  RegisterNamed: { readonly name: Bytes32; readonly register: Address };
}

interface JournalEvents {
  EntryRecorded: {
    readonly index: bigint;
    readonly entryId: EntryId;
    readonly subject: Bytes32;
    readonly kind: number;
    readonly newState: Bytes32;
    readonly preparer: OfficerId;
    readonly approver: OfficerId;
    readonly epochs: bigint;
    readonly recordedAt: bigint;
    readonly head: Bytes32;
  };
  RegisterFrozen: { readonly frozenAt: bigint; readonly successor: Address; readonly finalHead: Bytes32 };
  RegisterContinued: {
    readonly predecessor: Address;
    readonly finalHead: Bytes32;
    readonly firstHead: Bytes32;
  };
  EIP712DomainChanged: Readonly<Record<never, never>>;
}

interface ConsortiumEvents {
  OfficerAppointed: {
    readonly officer: OfficerId;
    readonly institution: InstitutionId;
    readonly office: OfficeId;
    readonly roles: number;
    readonly key: RecordedKey;
    readonly activeFrom: bigint;
  };
  KeyRotated: {
    readonly officer: OfficerId;
    readonly epoch: number;
    readonly key: RecordedKey;
    readonly activeFrom: bigint;
  };
  OfficerRevoked: {
    readonly officer: OfficerId;
    readonly revoker: OfficerId;
    readonly suspectSince: bigint;
    readonly caseReference: Bytes32;
  };
  InstitutionAdmitted: { readonly institution: InstitutionId; readonly roles: number };
  InstitutionExpelled: { readonly institution: InstitutionId };
  InstitutionSuspended: { readonly institution: InstitutionId };
  SuspensionLifted: { readonly institution: InstitutionId };
  InstitutionRolesChanged: { readonly institution: InstitutionId; readonly roles: number };
  QuorumChanged: { readonly quorum: number };
  ConsortiumSeated: Readonly<Record<never, never>>;
  WideningWaitChanged: { readonly waitSeconds: number };
  AppointmentWaitChanged: { readonly waitSeconds: number };
  VerifierAllowed: { readonly verifier: Address; readonly kind: number };
  VerifierDisallowed: { readonly verifier: Address };
  PolicyChanged: { readonly name: Bytes32; readonly value: bigint };
}

interface CouncilEvents {
  MeasureOpened: {
    readonly measureId: Bytes32;
    readonly openedBy: InstitutionId;
    readonly measure: RecordedMeasure;
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
    readonly state: RecordedUnitState;
  };
}

/** What every act of the benefit ledger carries beside its own fields. */
interface Applied {
  readonly entryId: EntryId;
}

/** `ActApplied` by its kind: its words read as the fields of the act. */
interface BenefitActs {
  ProgrammeDefined: Applied & {
    readonly programme: ProgrammeId;
    readonly institution: InstitutionId;
    readonly currency: number;
    readonly mostPerRedemptionUnits: number;
    readonly disputeSeconds: number;
    readonly leastOpenSeconds: number;
    readonly assistedCapUnits: number;
    readonly emergencyCapUnits: number;
    readonly twoInstitutionsAboveMinor: bigint;
    readonly policyHash: Bytes32;
  };
  FundsMoved: Applied & {
    readonly programme: ProgrammeId;
    readonly move: number;
    readonly amountMinor: bigint;
    readonly movedBeforeMinor: bigint;
    readonly sourceCommitment: Bytes32;
  };
  ProgrammePaused: Applied & {
    readonly programme: ProgrammeId;
    readonly pausedUntil: bigint;
    readonly versionBefore: number;
  };
  Enrolled: Applied & {
    readonly programme: ProgrammeId;
    readonly enrolmentEpoch: number;
    readonly startIndex: number;
    readonly count: number;
    readonly slotsHash: Bytes32;
  };
  CardReplaced: Applied & {
    readonly programme: ProgrammeId;
    readonly enrolmentEpoch: number;
    readonly index: number;
    readonly cardEpochBefore: number;
    readonly keyKind: number;
    readonly keyId: Address;
    readonly standing: number;
    readonly effectiveFrom: bigint;
  };
  VendorSet: Applied & {
    readonly vendor: VendorId;
    readonly institution: InstitutionId;
    readonly standing: number;
    readonly from: bigint;
    readonly versionBefore: number;
  };
  TillSet: Applied & {
    readonly vendor: VendorId;
    readonly till: number;
    readonly keyKind: number;
    readonly keyId: Address;
    readonly standing: number;
    readonly versionBefore: number;
  };
  CycleOpened: Applied & {
    readonly programme: ProgrammeId;
    readonly cycle: number;
    readonly enrolmentEpoch: number;
    readonly lane: number;
    readonly root: Bytes32;
    readonly tableHash: Bytes32;
    readonly count: number;
    readonly totalUnits: bigint;
    readonly entryBytes: number;
    readonly unitValueMinor: bigint;
    readonly currency: number;
    readonly opensAt: bigint;
    readonly spendUntil: bigint;
    readonly postUntil: bigint;
  };
  CycleReleased: Applied & { readonly programme: ProgrammeId; readonly cycle: number };
  CycleMoved: Applied & {
    readonly programme: ProgrammeId;
    readonly cycle: number;
    readonly step: number;
    readonly unspentUnits: bigint;
  };
  Settled: Applied & {
    readonly programme: ProgrammeId;
    readonly cycle: number;
    readonly vendor: VendorId;
    readonly settledBeforeUnits: bigint;
    readonly units: bigint;
    readonly amountMinor: bigint;
    readonly statementHash: Bytes32;
  };
}

interface BenefitEvents extends BenefitActs {
  SlotsLoaded: {
    readonly programme: ProgrammeId;
    readonly enrolmentEpoch: number;
    readonly enrolled: number;
    /** The slots, one word each, from the transaction; absent where another contract passed them on. */
    readonly slots?: Hex;
  };
  UnitsLoaded: {
    readonly programme: ProgrammeId;
    readonly cycle: number;
    readonly loadedWords: number;
    /** The words, from the transaction; absent where another contract passed them on. */
    readonly words?: Hex;
  };
  BatchRedeemed: {
    readonly programme: ProgrammeId;
    readonly cycle: number;
    readonly vendor: VendorId;
    readonly till: number;
    readonly itemsHash: Bytes32;
    readonly units: bigint;
    /** One packed word an item: `unpackResult` of packed.ts reads it. */
    readonly results: readonly Bytes32[];
  };
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
    FoundEvents {}

export type EventName = keyof EventArgs;
export type BenefitActName = keyof BenefitActs;

/** Where an event stands. `logIndex` is within the block; what the reader adds stands at the log it followed from. */
export interface EventPlace {
  readonly contract: ContractName;
  readonly address: Address;
  readonly blockNumber: bigint;
  readonly transactionHash: Bytes32;
  readonly logIndex: number;
}

export type EventOf<N extends EventName> = EventPlace & {
  readonly name: N;
  readonly args: EventArgs[N];
  /** Of an entry: the head of its act, where the transaction called one of our contracts itself. */
  readonly act?: ActHead;
};

export type LedgerEvent = { [N in EventName]: EventOf<N> }[EventName];
