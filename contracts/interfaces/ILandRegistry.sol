// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryId, OfficeId, Signatures} from "./IJournal.sol";
import {Child, RegisterTitle, RegisterTitles} from "./LandActs.sol";
import {BAUnitId, BAUnitState, InstrumentId, SpatialUnitId} from "./LandState.sol";

/// @dev Policy of the consortium: most seconds from the entry of a notice to its lapse. Unset, or more than
/// `MAX_NOTICE_SECONDS`: that limit.
bytes32 constant MOST_NOTICE_SECONDS_POLICY = keccak256("landMostNoticeSeconds");
/// @dev Policy of the consortium: bits (1 << LandAct) of the acts that two institutions must sign.
bytes32 constant TWO_INSTITUTION_ACTS_POLICY = keccak256("landTwoInstitutionActs");

/// @notice A division that is not completed.
/// @param membersRoot Fold of all its children; zero where there is none.
/// @param rest Fold of the children that are still to be loaded; zero when there are none.
/// @param remaining Number of those children.
/// @param presentations Entries before its opening: a notice of a later one was not asked then.
struct Division {
    bytes32 membersRoot;
    bytes32 rest;
    uint32 remaining;
    uint64 presentations;
}

/// @title The register of land: units, their rights, charges, notices and responsibilities
/// @notice One storage slot a unit: the hash of its state. Whoever acts shows the prior state; the register
/// checks that it is the one in force, applies the rules, keeps the new hash and emits the whole new state.
/// @dev Every act first drops what lapsed. Consents come in the order in which they are asked: unit by unit,
/// holdings in the order of the rights section (of derived rights too where a unit is joined or gives out quotas), then charges, then notices, in the order of theirs; keys that are zero
/// are passed over. Each is used once: a transfer gives the right a new presentation number and a mortgage is a new
/// charge, so the hash of rights and charges never returns while what was consented to could happen again; an instrument
/// creates once; a released restriction's id is never given again; a partition retires the unit; a part's id is never given
/// again. A division that is cancelled leaves rights and charges as they were when it was opened, so the consents to its
/// opening would count again: that the same children are never opened twice (`DivisionRepeated`) is all that spends them. The EIP-712 domain of every act and consent is {name "Kudurru LandRegistry",
/// version "1", chainId, this contract}, for the acts that sister contracts check too.
interface ILandRegistry {
    /// @notice A unit has a new state.
    /// @param baUnit The unit.
    /// @param stateHash hashStruct(state), now in `stateOf`.
    /// @param state The whole new state.
    event BAUnitRecorded(BAUnitId indexed baUnit, bytes32 indexed stateHash, BAUnitState state);

    /// @notice Children of a dividing unit are loaded: their ids and spatial units are theirs unless the division is
    /// cancelled.
    /// @param baUnit The dividing unit.
    /// @param rest What the children after these fold to.
    /// @param children The children, in order.
    event ChildrenLoaded(BAUnitId indexed baUnit, bytes32 indexed rest, Child[] children);

    /// @notice The consents that an act took, in the order in which they were asked.
    /// @param entryId Digest of the act.
    /// @param consents Of each: keccak256 of (digest of the `Consent`, kind, salt, keccak256(key), keccak256(signature)).
    event ConsentsTaken(EntryId indexed entryId, bytes32[] consents);

    // ---- who calls ----
    /// @notice Thrown when anybody but the register's own rule contract for an act records it.
    error NotARuleContract();

    // ---- what is read ----
    /// @notice Thrown when an act names no unit, or more than `limit`, or fewer than it needs.
    error UnitCountOutOfRange(uint256 limit);
    /// @notice Thrown when an act weighs more than `limit` words: it would not fit a transaction.
    error ActTooHeavy(uint256 limit);
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
    /// @notice Thrown when a unit is kept by another office than the act's.
    error OfficeDiffers();
    /// @notice Thrown when an act would make a unit, or call off that units are made, in an office that no institution keeps:
    /// its ground would have no judge.
    error OfficeUnkept();
    /// @notice Thrown when an act takes effect before the latest of the states that it replaces.
    error EffectBeforeLast();
    /// @notice Thrown when an act takes effect more than `MOST_FUTURE_EFFECT_SECONDS` after its entry.
    error EffectTooFarAhead();
    /// @notice Thrown when an act is dated otherwise than those who consent to it may. Every later act of a unit follows one
    /// that is postponed: where no owner consents it takes effect no later than its entry or the states that it replaces,
    /// where not every owner does at most `MOST_LONE_FUTURE_SECONDS` later. An act that nobody consents to is not dated
    /// back either.
    error EffectNotConsented();

    // ---- what a state must be (first states) ----
    /// @notice Thrown when a new unit's id is in use or was ever used, or does not name the act's office in front.
    error BAUnitIdUsed();
    /// @notice Thrown when a header is not that of a first state of the act's office.
    error HeaderNotInitial();
    /// @notice Thrown when a new state brings applications or a prior state.
    error StateNotInitial();
    /// @notice Thrown when an enumerated field, a commitment or an instrument is zero where a value is due.
    error ValueUnspecified();
    /// @notice Thrown when a quota is stated without its base unit, is zero in one, exceeds its total or what is left
    /// of it, or its total is another than the base unit's.
    error QuotaInvalid();
    /// @notice Thrown when a title takes a quota in a base unit, whose holders this act does not ask.
    error BaseUnitNotAsked();
    /// @notice Thrown when a unit would have more than `limit` spatial units.
    error TooManySpatialUnits(uint256 limit);
    /// @notice Thrown when the rights of a unit would have more than `limit` holdings.
    error TooManyHoldings(uint256 limit);
    /// @notice Thrown when a unit would have more than `limit` charges, or notices, or fewer places for charges than are kept
    /// for holders who do not agree to this one: 32, in equal parts by holdings in force, one at least for each, less the charges on it.
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
    /// @notice Thrown when two holdings of a right have one key.
    error KeyRepeated();
    /// @notice Thrown when shares are stated under a joint or unrecorded tenancy, or are not under another,
    /// a sole right has not one holding or a joint one has only one (L2).
    error SharesContradictTenancy();
    /// @notice Thrown when shares do not sum to one whole (L2).
    error SharesNotWhole();
    /// @notice Thrown when a restriction blocks or asks for an act it never may: `BLOCKABLE_ACTS`.
    error ReachTooWide();
    /// @notice Thrown when a restriction states a lapse that has passed, or a notice states none or one too far off.
    error LapseOutOfBounds();
    /// @notice Thrown when a charge does not have the next rank after those before it, or a notice states a rank (L7).
    error RankTaken();
    /// @notice Thrown when somebody who must be asked of a holding has the very key of that holding, or one that must be
    /// asked of it already: one question would be put twice. It stops a slip: a key that is salted anew is another.
    error AskedTwice();
    /// @notice Thrown when a target right or holding is not in the unit.
    error TargetMissing();
    /// @notice Thrown when a spatial unit is or ever was another's, or does not name the act's office in front (L1).
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
    /// @notice Thrown when a holding a charge lies on would be removed (L7).
    error RestrictedHoldingRemoved();

    // ---- charges ----
    /// @notice Thrown when an act creates a restriction of a kind it cannot, or a charge stands among the notices.
    error RestrictionKindRefused();
    /// @notice Thrown when a restriction over several units targets a right or holding.
    error TargetNeedsOneUnit();
    /// @notice Thrown when an instrument has created before: a caution is not renewed under the same id. Whoever gives the
    /// same ground another id renews it: the register knows no grounds, so those who sign must ask.
    error InstrumentUsed();
    /// @notice Thrown when the unit has no such restriction.
    error RestrictionMissing();
    /// @notice Thrown when one act would discharge charges and withdraw notices.
    error ReleasesDiffer();
    /// @notice Thrown when nothing on a unit lapsed so long ago that anybody may sweep it alone.
    error NothingToSweep();

    // ---- partition ----
    /// @notice Thrown when a unit that others may have quotas in would be retired, or one that others have quotas in would
    /// pass or be mortgaged as land: what is derived from it, such as a lease, still may.
    error BaseUnitStands();
    /// @notice Thrown when a new unit has no spatial unit.
    error SpatialUnitMissing();
    /// @notice Thrown when the quotas of the new units do not sum to those retired.
    error QuotaNotCarried();
    /// @notice Thrown when a unit is not dividing.
    error BAUnitNotDividing();
    /// @notice Thrown when children shown are not the next that the division names, or it names another number of them.
    error ChildrenDiffer();
    /// @notice Thrown when a division that was cancelled is opened again with the very same children.
    error DivisionRepeated();
    /// @notice Thrown when a division is completed before all its children are loaded.
    error ChildrenMissing();
    /// @notice Thrown when parents differ in office, base unit or what their ownership right is, or one has
    /// more than one right of the ownership class.
    error ParentsDiffer();

    // ---- what stands in the way, and who agreed ----
    /// @notice Thrown when a restriction blocks the act (L4).
    error ActBlocked();
    /// @notice Thrown when a right that has ended, or is derived from one that has, would move or be charged, or when no
    /// right that holds the land itself is in force to be asked.
    error RightEnded();
    /// @notice Thrown when nobody signs for a holding or a right is disputed, and no two institutions hold the quorum.
    error NobodySigns();
    /// @notice Thrown when fewer consents are shown than are asked.
    error ConsentMissing();
    /// @notice Thrown when a consent's `notBefore` has not come.
    error ConsentNotYetValid();
    /// @notice Thrown when a consent's `deadline` has passed.
    error ConsentExpired();
    /// @notice Thrown when a consent is not one of that key for those rights, charges, terms and date of effect (L8).
    error ConsentNotGiven();
    /// @notice Thrown when more consents are shown than are asked.
    error ConsentUnneeded();

    /// @notice State hash of a unit, zero if it was never registered; of the child of a division that is loaded and not
    /// yet made, hashStruct of its `Claim`, which no state hashes to.
    function stateOf(BAUnitId baUnit) external view returns (bytes32);
    /// @notice Unit a spatial unit belongs to or belonged to, and whether it is retired, for ever.
    function unitOf(SpatialUnitId id) external view returns (BAUnitId baUnit, bool retired);
    /// @notice Entries of this register and of those it succeeds: a presentation number is this plus one.
    function presentations() external view returns (uint64);
    /// @notice Whether an instrument has created a restriction in an office, so that it never does again there.
    function isInstrumentUsed(OfficeId office, InstrumentId instrumentId) external view returns (bool);

    /// @notice The division of a unit, all zero where none is under way.
    function divisionOf(BAUnitId baUnit) external view returns (Division memory);

    /// @notice Registers a title.
    /// @param act What the preparer signed.
    /// @param signatures Both officers'.
    function registerTitle(RegisterTitle calldata act, Signatures calldata signatures) external;

    /// @notice Registers up to `MAX_TITLES_PER_BATCH` titles under one pair of signatures, all or none.
    /// @param act What the preparer signed, with the items in order.
    /// @param signatures Both officers'.
    function registerTitles(RegisterTitles calldata act, Signatures calldata signatures) external;
}
