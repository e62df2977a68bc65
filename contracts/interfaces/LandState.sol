// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OfficeId} from "./IJournal.sol";

/// A basic administrative unit (ISO 19152): what rights are registered over. The number of its office in the first four bytes,
/// the rest random or keyed; never used again.
type BAUnitId is bytes32;
/// A parcel, a flat, a plot: the thing on the ground. The number of its office in the first four bytes, the rest random or keyed
/// by the cadastre; never used again.
type SpatialUnitId is bytes32;
/// The deed, charge or notice a restriction rests on. Random; shared by the units of one mortgage, and an office's own.
type InstrumentId is bytes32;

// Every enumeration below is hashed as uint8 and keeps 0 for "unspecified", which no act may state where a
// value is due. Members that no act of this version produces are named now, because a number once given to a
// meaning is never given to another; a successor appends at the end.

/// @notice Acts on land: the bits (1 << act) of masks, and, from `LAND_KIND_BASE` on, the kinds of the journal.
enum LandAct {
    Unspecified,
    Registration,
    Transfer,
    Mortgage,
    Caution,
    Discharge,
    CautionWithdrawal,
    Subdivision,
    Consolidation,
    Rectification,
    Transmission,
    RightCreation,
    RightTermination,
    RestrictionVariation,
    BoundaryChange,
    Exchange,
    StandingUpgrade,
    Lodging,
    ApplicationWithdrawal,
    Order,
    Cancellation,
    PartRegistration,
    Sweep,
    DivisionOpening,
    DivisionLoading,
    DivisionCompletion,
    DivisionCancellation
}

enum BAUnitStatus {
    Unspecified,
    Active,
    Dividing,
    Retired,
    Cancelled
}

/// How the first state of a unit came about.
enum Origin {
    Unspecified,
    Adjudication,
    Grant,
    Legacy,
    SubdivisionOfUnknown,
    Subdivision,
    Consolidation,
    Prescription,
    Reconstruction
}

/// What the first state rests on, from the weakest to the strongest.
enum EvidenceGrade {
    Unspecified,
    Testimony,
    CommunityRecord,
    PrivateDocument,
    PublicDocument,
    SurveyedRecord,
    Judgment
}

/// The continuum of land rights (STDM). Up to and including `Group` a right holds the land itself (the
/// ownership class of L2); from `Lease` on it is derived from another right.
enum RightKind {
    Unspecified,
    Ownership,
    Customary,
    Occupancy,
    Group,
    Lease,
    Usufruct,
    Superficies,
    Servitude,
    Emphyteusis,
    Habitation,
    Use
}

/// How firmly a right stands. L2 binds from `Provisional` upward.
enum Standing {
    Unspecified,
    Claimed,
    Disputed,
    Provisional,
    Qualified,
    Absolute
}

/// How the holders of one right hold it together. `Sole` and `Common` state shares, the others state none.
enum Tenancy {
    Unspecified,
    Sole,
    Common,
    Joint,
    Unrecorded
}

enum PartyKind {
    Unspecified,
    Person,
    Group,
    Institution,
    State,
    BAUnit,
    Unknown
}

/// Who signs for a holding. Of `None` nobody's key counts: two institutions move it, or a court; why is a salted fact.
enum Signer {
    Unspecified,
    Own,
    Representative,
    None
}

/// What lies on a unit. `Caution` and `Order` are notices, which nobody consented to; the others are charges. The
/// holder of `MustBeAsked` has a say in the acts of its mask; why is a salted fact.
enum RestrictionKind {
    Unspecified,
    Mortgage,
    Caution,
    MustBeAsked,
    PublicLaw,
    Lien,
    Order
}

enum ResponsibilityKind {
    Unspecified,
    Maintenance,
    Boundary,
    Levy,
    PublicLaw
}

enum ApplicationState {
    Unspecified,
    Lodged,
    Requisitioned,
    Approved,
    Withdrawn,
    Lapsed,
    Suspect
}

/// @dev An entry's kind is this plus its `LandAct`; the numbers below belong to every journal.
uint16 constant LAND_KIND_BASE = 16;
/// @dev Spatial units of one unit. What is larger is a dividing unit or a base unit with quotas.
uint256 constant MAX_SPATIAL_UNITS = 64;
/// @dev Holdings over all rights of one unit. What is larger (a clan) is one group with a members' root.
uint256 constant MAX_HOLDINGS = 64;
/// @dev Charges of one unit, and as many notices: what is one-sided never takes the place of what was agreed.
uint256 constant MAX_RESTRICTIONS = 64;
/// @dev Notices that one institution brings a unit to: the places after them are laid by two.
uint256 constant MOST_LONE_NOTICES = 32;
/// @dev Responsibilities of one unit.
uint256 constant MAX_RESPONSIBILITIES = 64;
/// @dev Applications pending on one unit.
uint256 constant MAX_APPLICATIONS = 16;
/// @dev A notice lapses at most this many seconds after its entry, however the policy stands.
uint64 constant MAX_NOTICE_SECONDS = 180 days;
/// @dev How far ahead of its entry an act may take effect: a lease from the next season.
uint64 constant MOST_FUTURE_EFFECT_SECONDS = 366 days;
// How far one owner may postpone an act: the others' acts follow it.
uint64 constant MOST_LONE_FUTURE_SECONDS = 30 days;
/// @dev Anybody sweeps alone what lapsed this long ago: before, the next act does it and no act becomes stale.
uint64 constant SWEEP_AFTER_SECONDS = 30 days;
/// @dev Acts a restriction may block or ask for. Never a protection (a caution), never the end of a restriction,
/// survivorship or a court's order: so nothing blocks its own end, and a bit without an act blocks nothing later.
uint64 constant BLOCKABLE_ACTS = uint64(
    (1 << uint256(LandAct.Transfer)) |
        (1 << uint256(LandAct.Mortgage)) |
        (1 << uint256(LandAct.Subdivision)) |
        (1 << uint256(LandAct.Consolidation)) |
        (1 << uint256(LandAct.Rectification)) |
        (1 << uint256(LandAct.RightCreation)) |
        (1 << uint256(LandAct.RightTermination)) |
        (1 << uint256(LandAct.RestrictionVariation)) |
        (1 << uint256(LandAct.BoundaryChange)) |
        (1 << uint256(LandAct.Exchange)) |
        (1 << uint256(LandAct.StandingUpgrade)) |
        (1 << uint256(LandAct.PartRegistration))
);

/// @notice What is true of a unit as a whole.
/// @param formatVersion Version of this format; 1.
/// @param version Number of this state of this unit, from 1, by one (L5).
/// @param status An active unit takes acts; a dividing one what protects somebody, ends a restriction, or cancels.
/// @param office Office that keeps the unit.
/// @param origin How its first state came about.
/// @param evidence What its first state rests on.
/// @param baseUnit Unit of common land this one has a quota in, or zero.
/// @param quotaNumerator Quota in the base unit, in parts of `quotaTotal`; of a base unit, the parts given out.
/// @param quotaTotal Parts the base unit is divided in; stated without `baseUnit` by the base unit itself.
/// @param membersRoot Right fold of the children of a dividing or divided unit, or zero.
/// @param memberCount Number of children under that root.
/// @param nextId Next id of a right, holding, restriction, responsibility or application of this unit:
/// one sequence for all of them, so that no id is ever used twice.
/// @param effectiveOn Second from which this state has effect, never before that of the one it replaces; zero in a signed
/// act. A caution, its withdrawal and a sweep leave it: notices have effect from their entry.
struct Header {
    uint16 formatVersion;
    uint64 version;
    BAUnitStatus status;
    OfficeId office;
    Origin origin;
    EvidenceGrade evidence;
    BAUnitId baseUnit;
    uint64 quotaNumerator;
    uint64 quotaTotal;
    bytes32 membersRoot;
    uint32 memberCount;
    uint32 nextId;
    uint64 effectiveOn;
}

/// @param id The spatial unit; it belongs to this unit for ever, retired with it (L1).
/// @param geometryCommitment Salted, versioned commitment to its geometry and its alias number.
struct SpatialUnit {
    SpatialUnitId id;
    bytes32 geometryCommitment;
}

/// @notice One party's part in a right.
/// @param holdingId Given by the register, once.
/// @param numerator Share in parts of the right's denominator; zero where the tenancy states no shares.
/// @param partyKind What sort of party.
/// @param signer Who signs for it.
/// @param keyHash keccak256(abi.encode(bytes32 salt, uint8 kind, bytes key)) of the key that consents for it,
/// or zero for a holder who is assisted in person: then two institutions must sign once seated. Once a right.
/// @param partyCommitment Root of the party's own salted facts: the only place where facts of a party are.
struct Holding {
    uint32 holdingId;
    uint64 numerator;
    PartyKind partyKind;
    Signer signer;
    bytes32 keyHash;
    bytes32 partyCommitment;
}

/// @notice A right over the unit, or over another right of it.
/// @param rightId Given by the register, once.
/// @param kind What the right is.
/// @param standing How firmly it stands.
/// @param upgradesOn Second from which its standing may be raised, or zero.
/// @param expiresOn Last second of it, extended by halts, or zero for never.
/// @param tenancy How its holders hold together.
/// @param targetRight Right it is derived from (a lease of a lease), or zero for the unit itself.
/// @param presentationNo Entry, counted from 1, that last said who holds it; zero in a signed act.
/// @param denominator Parts of one whole, or zero where no shares are stated.
/// @param termsCommitment Salted commitment to its terms (rent, purpose), or zero.
/// @param holdings Who holds it.
struct Right {
    uint32 rightId;
    RightKind kind;
    Standing standing;
    uint64 upgradesOn;
    uint64 expiresOn;
    Tenancy tenancy;
    uint32 targetRight;
    uint64 presentationNo;
    uint64 denominator;
    bytes32 termsCommitment;
    Holding[] holdings;
}

/// @notice A limit on the unit or on one right or holding of it: a charge or a notice. Its masks count for acts on what it
/// lies on. A charge counts no further than those who agreed to it could refuse: on the whole unit, for acts on the unit and
/// on rights that hold the land itself; on a right, for acts on it, and for acts on the unit that ask its holders, until the
/// right has ended. A notice counts for every act on the unit, and one on the whole unit for acts on every right.
/// @param restrictionId Given by the register, once; zero in a signed `CreateRestriction`.
/// @param kind What it is.
/// @param targetRight Right it lies on, or zero for the whole unit.
/// @param targetHolding Holding of that right it lies on, or zero for the whole right. Of a notice it becomes zero when that
/// holding passes or shrinks.
/// @param rank Of a charge: the next one after the last in its section, from 1; one over several units has the next after
/// the last of all of them. It rises through the section, and is free again only where the last charges left. Of a
/// notice: zero.
/// @param presentationNo Entry, counted from 1, that created it; zero in a signed act.
/// @param instrumentId What it rests on. An instrument creates once.
/// @param holderKeyHash Key hash of the one who may release it, or zero: then two institutions once seated.
/// @param blocks Bits (1 << LandAct) of the acts that cannot pass while it stands (L4), of `BLOCKABLE_ACTS`.
/// @param needsConsent Bits (1 << LandAct) of the acts its holder must consent to, of `BLOCKABLE_ACTS`.
/// @param expiresOn Last second of it, or zero for never; due for a notice.
/// @param termsCommitment Salted commitment to its terms (sum, holder, ground).
struct Restriction {
    uint32 restrictionId;
    RestrictionKind kind;
    uint32 targetRight;
    uint32 targetHolding;
    uint16 rank;
    uint64 presentationNo;
    InstrumentId instrumentId;
    bytes32 holderKeyHash;
    uint64 blocks;
    uint64 needsConsent;
    uint64 expiresOn;
    bytes32 termsCommitment;
}

/// @notice A duty that goes with the unit or with a right of it.
/// @param responsibilityId Given by the register, once.
/// @param kind What it is.
/// @param targetRight Right whose holders owe it, or zero for whoever holds the unit.
/// @param presentationNo Entry, counted from 1, that created it; zero in a signed act.
/// @param instrumentId What it rests on.
/// @param holderKeyHash Key hash of the one it is owed to, or zero.
/// @param expiresOn Second at which it ends, or zero for never: for who reads, since no rule asks.
/// @param termsCommitment Salted commitment to its terms.
struct Responsibility {
    uint32 responsibilityId;
    ResponsibilityKind kind;
    uint32 targetRight;
    uint64 presentationNo;
    InstrumentId instrumentId;
    bytes32 holderKeyHash;
    uint64 expiresOn;
    bytes32 termsCommitment;
}

/// @notice An act lodged and not yet completed. No act of this version lodges.
/// @param applicationId Given by the register, once.
/// @param act Kind of the act.
/// @param actHash Struct hash of the act.
/// @param presentationNo Entry, counted from 1, that lodged it; the act keeps it when it completes.
/// @param lodgedAt Second of lodging.
/// @param noticeUntil Last second of the notice.
/// @param lapsesAt Second at which it lapses.
/// @param state Where it stands.
struct Application {
    uint32 applicationId;
    LandAct act;
    bytes32 actHash;
    uint64 presentationNo;
    uint64 lodgedAt;
    uint64 noticeUntil;
    uint64 lapsesAt;
    ApplicationState state;
}

/// @notice All the register knows of a unit. `stateOf` keeps its EIP-712 struct hash, so each section hashes
/// apart and is disclosed by giving the hashes of the others.
/// @param header What is true of the unit as a whole.
/// @param spatialUnits At most `MAX_SPATIAL_UNITS`.
/// @param rights At most `MAX_HOLDINGS` holdings over all of them.
/// @param charges What was consented to, at most `MAX_RESTRICTIONS`, in order of rank.
/// @param notices What is one-sided, at most `MAX_RESTRICTIONS`, in order of presentation.
/// @param responsibilities At most `MAX_RESPONSIBILITIES`.
/// @param applications At most `MAX_APPLICATIONS`.
/// @param factsRoot Merkle root of one salted leaf per fact of the unit; set by registration and partition alone.
/// @param priorState State hash this one replaces: zero for a registered title, the parent's last state for
/// the child of a subdivision or division, keccak256 of the parents' last states in order for a consolidation.
struct BAUnitState {
    Header header;
    SpatialUnit[] spatialUnits;
    Right[] rights;
    Restriction[] charges;
    Restriction[] notices;
    Responsibility[] responsibilities;
    Application[] applications;
    bytes32 factsRoot;
    bytes32 priorState;
}
