// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "./IJournal.sol";
import {ConsentProof, RegisterTitle, RegisterTitles, TransferRight} from "./LandActs.sol";
import {BAUnitId, BAUnitState, InstrumentId, SpatialUnitId} from "./LandState.sol";

/// @title The register of land: units, their rights, restrictions and responsibilities
/// @notice One storage slot a unit: the hash of its state. Whoever acts shows the prior state; the register
/// checks that it is the one in force, applies the rules, keeps the new hash and emits the whole new state.
/// @dev Consents come in the order in which they are asked: unit by unit, holdings in the order of the rights
/// section, then restrictions in the order of theirs; keys that are zero are passed over. Each is used once by
/// construction: a transfer gives the right a new presentation number, so its rights hash never returns; a
/// mortgage uses its instrument up; a released restriction's id is never given again; a partition retires the
/// unit. Every act and consent is signed in the domain of "Kudurru LandRegistry", those that sister contracts
/// check too.
interface ILandRegistry {
    /// @notice A unit has a new state.
    /// @param baUnit The unit.
    /// @param stateHash hashStruct(state), now in `stateOf`.
    /// @param state The whole new state.
    event BAUnitRecorded(BAUnitId indexed baUnit, bytes32 indexed stateHash, BAUnitState state);

    // ---- who calls ----
    /// @notice Thrown when anybody but the register's own rule contract for an act records it.
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
    /// @notice Thrown when a unit is kept by another office than the act's.
    error OfficeDiffers();

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
    /// @notice Entries of this register and of those it succeeds: a presentation number is this plus one.
    function presentations() external view returns (uint64);
    /// @notice Whether an instrument has created a restriction, so that it never does again.
    function isInstrumentUsed(InstrumentId instrumentId) external view returns (bool);

    /// @notice Registers a title.
    /// @param act What the preparer signed.
    /// @param signatures Both officers'.
    function registerTitle(RegisterTitle calldata act, Signatures calldata signatures) external;

    /// @notice Registers up to `MAX_TITLES_PER_BATCH` titles under one pair of signatures, all or none.
    /// @param act What the preparer signed, with the items in order.
    /// @param signatures Both officers'.
    function registerTitles(RegisterTitles calldata act, Signatures calldata signatures) external;

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
