// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {KeyKind} from "./IConsortium.sol";
import {ActHead, Batch, OfficeId, Signatures} from "./IJournal.sol";

/// A basic administrative unit (ISO 19152): what rights are registered over. Random or keyed, never used again.
type BAUnitId is bytes32;
/// A parcel, a flat, a plot: the thing on the ground. Random or keyed by the cadastre, never used again.
type SpatialUnitId is bytes32;
/// The deed, charge or notice a restriction rests on. Random; shared by the units of one mortgage.
type InstrumentId is bytes32;

// Every enumeration below is hashed as uint8 and keeps 0 for "unspecified", which no act may state where a
// value is due. Members that no act of this version produces are named now, because a number once given to a
// meaning is never given to another; a successor appends at the end.

/// @notice Acts on land, which are also the kinds of this register's journal and the bits (1 << act) of masks.
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
    Cancellation
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

enum Capacity {
    Unspecified,
    Self,
    Trustee,
    Executor,
    Guardian
}

enum Condition {
    Unspecified,
    Certain,
    Disputed,
    EstateOfDeceased
}

enum RestrictionKind {
    Unspecified,
    Mortgage,
    Caution,
    FamilyHome,
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

/// On what ground a key consents. This version asks `Holder` and `RestrictionHolder`.
enum ConsentRole {
    Unspecified,
    Holder,
    RestrictionHolder,
    Spouse,
    Guardian,
    Attorney,
    Neighbour
}

/// @notice What is true of a unit as a whole.
/// @param formatVersion Version of this format; 1.
/// @param version Number of this state of this unit, from 1, by one (L5).
/// @param status Only an active unit takes acts.
/// @param office Office that keeps the unit.
/// @param origin How its first state came about.
/// @param evidence What its first state rests on.
/// @param baseUnit Unit of common land this one has a quota in, or zero.
/// @param quotaNumerator Quota in the base unit, in parts of `quotaTotal`; zero without one.
/// @param quotaTotal Parts the base unit is divided in; stated without `baseUnit` by the base unit itself.
/// @param membersRoot Root of what is too many for its section while the unit is dividing, or zero.
/// @param memberCount Number of members under that root.
/// @param nextId Next id of a right, holding, restriction, responsibility or application of this unit:
/// one sequence for all of them, so that no id is ever used twice.
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
/// @param capacity In whose interest it holds.
/// @param condition Whether the part is certain.
/// @param keyHash keccak256(abi.encode(bytes32 salt, uint8 kind, bytes key)) of the key that consents for it,
/// or zero for a holder who is assisted in person: then two institutions must sign once seated.
/// @param partyCommitment Root of the party's own salted facts. `factsRoot` cannot be named by a consent (any
/// stranger's act changes it), so without this a consent would not bind who receives.
struct Holding {
    uint32 holdingId;
    uint64 numerator;
    PartyKind partyKind;
    Capacity capacity;
    Condition condition;
    bytes32 keyHash;
    bytes32 partyCommitment;
}

/// @notice A right over the unit, or over another right of it.
/// @param rightId Given by the register, once.
/// @param kind What the right is.
/// @param standing How firmly it stands.
/// @param upgradesOn Second from which its standing may be raised, or zero.
/// @param expiresOn Second at which it ends, or zero for never.
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

/// @notice A limit on the unit or on one right or holding of it.
/// @param restrictionId Given by the register, once; zero in a signed `CreateRestriction`.
/// @param kind What it is.
/// @param targetRight Right it lies on, or zero for the whole unit.
/// @param targetHolding Holding of that right it lies on, or zero for the whole right.
/// @param rank Rank agreed between the parties, or zero for the order of presentation.
/// @param presentationNo Entry, counted from 1, that created it; zero in a signed act.
/// @param instrumentId What it rests on. An instrument creates once.
/// @param holderKeyHash Key hash of the one who may release it, or zero: then two institutions once seated.
/// @param blocks Bits (1 << LandAct) of the acts that cannot pass while it stands (L4).
/// @param needsConsent Bits (1 << LandAct) of the acts its holder must consent to.
/// @param expiresOn Second at which it lapses, or zero for never; due for a caution.
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
/// @param expiresOn Second at which it ends, or zero for never.
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
/// @param restrictions At most `MAX_RESTRICTIONS`, in order of presentation.
/// @param responsibilities At most `MAX_RESPONSIBILITIES`.
/// @param applications At most `MAX_APPLICATIONS`.
/// @param factsRoot Merkle root of one salted leaf per field and per party.
/// @param priorState State hash this one replaces: zero for a registered title, the parent's last state for
/// the child of a subdivision, keccak256 of the parents' last states in order for a consolidation.
struct BAUnitState {
    Header header;
    SpatialUnit[] spatialUnits;
    Right[] rights;
    Restriction[] restrictions;
    Responsibility[] responsibilities;
    Application[] applications;
    bytes32 factsRoot;
    bytes32 priorState;
}

/// @notice A unit and its first state, as signed: every `presentationNo` zero, no application, no prior state.
/// Ids run from 1 in the order of reading: a right, its holdings, the next right, ..., the restrictions, the
/// responsibilities; `nextId` follows the last.
struct Title {
    BAUnitId baUnit;
    BAUnitState state;
}

/// @notice One unit an act changes.
/// @param baUnit The unit.
/// @param priorState State hash the signers read.
/// @param factsRoot Facts root of the unit after the act.
struct UnitChange {
    BAUnitId baUnit;
    bytes32 priorState;
    bytes32 factsRoot;
}

/// @notice First registration of a title.
struct RegisterTitle {
    ActHead head;
    Title title;
}

/// @notice A right passes, whole or in part.
/// @param unit The unit the right is over.
/// @param next The whole right as it stands afterwards. A holding that stays keeps its id and differs in its
/// numerator at most; a new one has id zero and takes the next. Terms of the consents: hashStruct(next).
struct TransferRight {
    ActHead head;
    UnitChange unit;
    Right next;
}

/// @notice A mortgage or a caution over one unit or several, all or none.
/// @param units The units, 1 to `MAX_UNITS_PER_ACT`.
/// @param restriction What each of them carries, with ids and presentation number zero; it targets a right or
/// a holding only where the act names one unit. Terms of the consents: hashStruct(restriction).
struct CreateRestriction {
    ActHead head;
    UnitChange[] units;
    Restriction restriction;
}

/// @param unit The unit it lies on.
/// @param restrictionId The restriction that ends.
struct Release {
    UnitChange unit;
    uint32 restrictionId;
}

/// @notice The holder of a restriction releases it: a mortgage is discharged, a caution withdrawn.
/// @param releases 1 to `MAX_UNITS_PER_ACT`, all of one kind. Terms of each consent: hashStruct of the
/// restriction as it stands.
struct Discharge {
    ActHead head;
    Release[] releases;
}

/// @notice A new unit a partition makes, in the terms its holders consent to.
/// @param baUnit The new unit.
/// @param spatialUnits Its spatial units, all new.
/// @param quotaNumerator Its quota in the base unit of its parents.
struct Portion {
    BAUnitId baUnit;
    SpatialUnit[] spatialUnits;
    uint64 quotaNumerator;
}

/// @param portion What the holders consent to.
/// @param factsRoot Facts root of the new unit.
struct Child {
    Portion portion;
    bytes32 factsRoot;
}

/// @notice One unit becomes several; each carries every right and restriction of it (L6).
/// @param unit The parent.
/// @param children 2 to `MAX_UNITS_PER_ACT`. Terms of the consents: EIP-712 hash of the array of portions.
struct Subdivide {
    ActHead head;
    UnitChange unit;
    Child[] children;
}

/// @notice Several units become one, which carries every derived right and every restriction of them (L6).
/// @param units The parents, 2 to `MAX_UNITS_PER_ACT`, each with one right of the ownership class.
/// @param child The new unit.
/// @param ownership Its right of the ownership class, with ids and presentation number zero. Terms of the
/// consents: keccak256(abi.encode(keccak256 of the parents' ids, hashStruct(portion), hashStruct(ownership))).
struct Consolidate {
    ActHead head;
    UnitChange[] units;
    Child child;
    Right ownership;
}

/// @notice What a holder, lender or cautioner signs. It names the rights as they stand and the terms, not the
/// whole state: a stranger's caution must not undo a sale five heirs have signed.
/// @param role On what ground.
/// @param act To which act.
/// @param baUnit Over which unit.
/// @param rightsHash Hash of the unit's rights section as it stands before the act.
/// @param subject Holding or restriction whose key signs.
/// @param termsHash Terms of the act, as each act defines them.
/// @param capacity Capacity of the holding; unspecified for a restriction's holder.
/// @param notBefore First second at which it counts.
/// @param deadline Last second at which it counts, extended by halts.
/// @param mandateCommitment Salted commitment to a mandate the signer acts under, or zero.
struct Consent {
    ConsentRole role;
    LandAct act;
    BAUnitId baUnit;
    bytes32 rightsHash;
    uint32 subject;
    bytes32 termsHash;
    Capacity capacity;
    uint64 notBefore;
    uint64 deadline;
    bytes32 mandateCommitment;
}

/// @notice A consent as handed in. What the register knows is not repeated: it builds the `Consent` itself, so
/// one given for other terms is simply not a signature of these.
/// @param notBefore As signed.
/// @param deadline As signed.
/// @param mandateCommitment As signed.
/// @param kind Kind of the key.
/// @param salt Salt of the key's hash.
/// @param key 64 bytes qx || qy; empty for secp256k1, whose 20 bytes of address the signature gives.
/// @param signature 64 bytes (ERC-2098) for secp256k1, else as the verifier of that kind takes it.
struct ConsentProof {
    uint64 notBefore;
    uint64 deadline;
    bytes32 mandateCommitment;
    KeyKind kind;
    bytes32 salt;
    bytes key;
    bytes signature;
}

/// @title The register of land: units, their rights, restrictions and responsibilities
/// @notice One storage slot a unit: the hash of its state. Whoever acts shows the prior state; the register
/// checks that it is the one in force, applies the rules, keeps the new hash and emits the whole new state.
/// @dev Consents come in the order in which they are asked: unit by unit, holdings in the order of the rights
/// section, then restrictions in the order of theirs; keys that are zero are passed over. Each is used once by
/// construction: a transfer gives the right a new presentation number, so its rights hash never returns; a
/// mortgage uses its instrument up; a released restriction's id is never given again; a partition retires the
/// unit. The EIP-712 domain of every act and consent is {name "Kudurru LandRegistry", version "1", chainId,
/// this contract}, for the acts that sister contracts check too.
interface ILandRegistry {
    /// @notice A unit has a new state.
    /// @param baUnit The unit.
    /// @param stateHash hashStruct(state), now in `stateOf`.
    /// @param state The whole new state.
    event BAUnitRecorded(BAUnitId indexed baUnit, bytes32 indexed stateHash, BAUnitState state);

    // ---- who calls ----
    /// @notice Thrown when a caller that is not one of this register's own rule contracts records a change.
    error NotARuleContract();

    // ---- what is read ----
    /// @notice Thrown when an act names no unit, or more than `limit`, or fewer than it needs.
    error UnitCountOutOfRange(uint256 limit);
    /// @notice Thrown when the states shown are not one for each unit of the act.
    error PriorStateMissing();
    /// @notice Thrown when a unit is not registered.
    error BAUnitMissing();
    /// @notice Thrown when the state an act names is no longer in force.
    error BAUnitStateStale();
    /// @notice Thrown when the state shown is not the one the act names.
    error BAUnitStateDiffers();
    /// @notice Thrown when a unit is retired, dividing or cancelled.
    error BAUnitNotActive();

    // ---- what a state must be (first states) ----
    /// @notice Thrown when a new unit's id is zero, is in use or was ever used.
    error BAUnitIdUsed();
    /// @notice Thrown when a header is not that of a first state of the act's office.
    error HeaderNotInitial();
    /// @notice Thrown when a new state brings applications or a prior state.
    error StateNotInitial();
    /// @notice Thrown when an enumerated field, a commitment or an instrument is zero where a value is due.
    error ValueUnspecified();
    /// @notice Thrown when a quota is stated without its base unit, is zero in one, or exceeds its total.
    error QuotaInvalid();
    /// @notice Thrown when a base unit is not registered.
    error BaseUnitMissing();
    /// @notice Thrown when a unit would have more than `limit` spatial units.
    error TooManySpatialUnits(uint256 limit);
    /// @notice Thrown when the rights of a unit would have more than `limit` holdings.
    error TooManyHoldings(uint256 limit);
    /// @notice Thrown when a unit would have more than `limit` restrictions.
    error TooManyRestrictions(uint256 limit);
    /// @notice Thrown when a unit would have more than `limit` responsibilities.
    error TooManyResponsibilities(uint256 limit);
    /// @notice Thrown when ids do not run from 1 in the order of reading, or `nextId` does not follow.
    error IdsNotInOrder();
    /// @notice Thrown when a signed act states a presentation number, which the register gives.
    error PresentationStated();
    /// @notice Thrown when no right of a unit holds the land itself.
    error OwnershipMissing();
    /// @notice Thrown when a right has no holding.
    error HoldingMissing();
    /// @notice Thrown when shares are stated under a joint or unrecorded tenancy, or are not under another,
    /// or a sole right has not one holding (L2).
    error SharesContradictTenancy();
    /// @notice Thrown when shares do not sum to one whole (L2).
    error SharesNotWhole();
    /// @notice Thrown when a target right or holding is not in the unit.
    error TargetMissing();
    /// @notice Thrown when a caution states no lapse, or one that has passed.
    error CautionWithoutLapse();
    /// @notice Thrown when a spatial unit is or ever was another's (L1).
    error SpatialUnitTaken();

    // ---- transfer ----
    /// @notice Thrown when the unit has no such right.
    error RightMissing();
    /// @notice Thrown when a transfer would change more of a right than its holders and their shares.
    error RightChanged();
    /// @notice Thrown when a holding that stays is changed, moved in order or unknown.
    error HoldingChanged();
    /// @notice Thrown when no holding is removed or reduced.
    error NothingMoves();
    /// @notice Thrown when a part moves while shares are unrecorded (L2).
    error UnrecordedPartMoves();
    /// @notice Thrown when a holding a restriction lies on would be removed.
    error RestrictedHoldingRemoved();

    // ---- charges ----
    /// @notice Thrown when an act creates a restriction of a kind it cannot.
    error RestrictionKindRefused();
    /// @notice Thrown when a restriction over several units targets a right or holding.
    error TargetNeedsOneUnit();
    /// @notice Thrown when an instrument has created before: a caution is not renewed on the same ground.
    error InstrumentUsed();
    /// @notice Thrown when the unit has no such restriction.
    error RestrictionMissing();
    /// @notice Thrown when one act would discharge charges and withdraw cautions.
    error ReleasesDiffer();

    // ---- partition ----
    /// @notice Thrown when a unit that others have quotas in would be retired.
    error BaseUnitStands();
    /// @notice Thrown when a new unit has no spatial unit.
    error SpatialUnitMissing();
    /// @notice Thrown when the quotas of the new units do not sum to those retired.
    error QuotaNotCarried();
    /// @notice Thrown when parents differ in office, base unit or what their ownership right is, or one has
    /// more than one right of the ownership class.
    error ParentsDiffer();

    // ---- what stands in the way, and who agreed ----
    /// @notice Thrown when a restriction blocks the act (L4).
    error ActBlocked();
    /// @notice Thrown when fewer consents are handed in than are asked.
    error ConsentMissing();
    /// @notice Thrown when a consent's `notBefore` has not come.
    error ConsentNotYetValid();
    /// @notice Thrown when a consent's `deadline` has passed.
    error ConsentExpired();
    /// @notice Thrown when a consent is not one of that key for that section and those terms (L8).
    error ConsentNotGiven();
    /// @notice Thrown when more consents are handed in than are asked.
    error ConsentUnneeded();

    /// @notice State hash of a unit, zero if it was never registered.
    function stateOf(BAUnitId baUnit) external view returns (bytes32);
    /// @notice Unit a spatial unit belongs to or belonged to, and whether it is retired, for ever.
    function unitOf(SpatialUnitId id) external view returns (BAUnitId baUnit, bool retired);
    /// @notice Whether an instrument has created a restriction, so that it never does again.
    function isInstrumentUsed(InstrumentId instrumentId) external view returns (bool);

    /// @notice Registers a title.
    /// @param act What the preparer signed.
    /// @param signatures Both officers'.
    function registerTitle(RegisterTitle calldata act, Signatures calldata signatures) external;

    /// @notice Registers up to `MAX_TITLES_PER_BATCH` titles under one pair of signatures, all or none.
    /// @param batch What the preparer signed.
    /// @param titles The items, in order; `itemsHash` is the EIP-712 hash of their array.
    /// @param signatures Both officers'.
    function registerTitles(
        Batch calldata batch,
        Title[] calldata titles,
        Signatures calldata signatures
    ) external;

    /// @notice Passes a right or part of it; restrictions stay as they are (L7).
    /// @param act What the preparer signed.
    /// @param prior State of the unit in force.
    /// @param consents Of every holding removed or reduced, then of restrictions that ask for it.
    /// @param signatures Both officers'.
    function transferRight(
        TransferRight calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;
}

/// @title Mortgages and cautions: created by their parties, released by their holders
interface ILandCharges {
    /// @notice Creates a mortgage or a caution over the units of the act.
    /// @param act What the preparer signed.
    /// @param priors States in force, one a unit, in the act's order.
    /// @param consents Unit by unit: for a mortgage, of the holdings it lies on; then of restrictions that ask.
    /// @param signatures Both officers'.
    function createRestriction(
        CreateRestriction calldata act,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;

    /// @notice Ends restrictions, each with its holder's consent.
    /// @param act What the preparer signed.
    /// @param priors States in force, one a release, in the act's order.
    /// @param consents Release by release, of the restriction's holder.
    /// @param signatures Both officers'.
    function discharge(
        Discharge calldata act,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;
}

/// @title Subdivision and consolidation
interface ILandPartition {
    /// @notice Divides a unit; the parent and its spatial units are retired.
    /// @param act What the preparer signed.
    /// @param prior State of the parent in force.
    /// @param consents Of every holding of the ownership class, then of restrictions that ask for it.
    /// @param signatures Both officers'.
    function subdivide(
        Subdivide calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;

    /// @notice Joins units; the parents and their spatial units are retired.
    /// @param act What the preparer signed.
    /// @param priors States of the parents in force, in the act's order.
    /// @param consents Parent by parent: of every holding of the ownership class, then of restrictions.
    /// @param signatures Both officers'.
    function consolidate(
        Consolidate calldata act,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;
}
