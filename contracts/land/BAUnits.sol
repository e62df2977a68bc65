// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../interfaces/IConsortium.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {OfficeId} from "../interfaces/IJournal.sol";
import {UnitChange} from "../interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    EvidenceGrade,
    Header,
    Holding,
    InstrumentId,
    MAX_HOLDINGS,
    MAX_RESPONSIBILITIES,
    MAX_RESTRICTIONS,
    MAX_SPATIAL_UNITS,
    Origin,
    PartyKind,
    Responsibility,
    ResponsibilityKind,
    Restriction,
    RestrictionKind,
    Right,
    RightKind,
    Signer,
    SpatialUnit,
    SpatialUnitId,
    Standing,
    Tenancy
} from "../interfaces/LandState.sol";
import {LandHashes, Sections} from "./LandHashes.sol";
import {Restrictions} from "./Restrictions.sol";

/// @title What a unit may be, and what a transfer may do to it
/// @notice Rules on structs in memory: no storage, no caller. The calling contract has checked that
/// the state is the one in force; the order of the checks is the order of the errors in ILandRegistry.
library BAUnits {
    /// @dev Numerators of a right before an act and after it.
    struct Sums {
        uint256 prior;
        uint256 next;
    }

    /// @notice Reverts unless the state shown is the one in force, and the act may change it.
    /// @param inForce What the register keeps.
    /// @param sections Hashes of the sections shown.
    /// @param office Office of the act.
    /// @param whileDividing The act passes on a dividing unit too.
    function requireShown(
        UnitChange memory unit,
        bytes32 inForce,
        BAUnitState memory shown,
        Sections memory sections,
        OfficeId office,
        bool whileDividing
    ) internal pure {
        if (inForce == 0) revert ILandRegistry.BAUnitMissing();
        if (inForce != unit.priorState) revert ILandRegistry.BAUnitStateStale();
        if (LandHashes.ofSections(sections, shown) != inForce) revert ILandRegistry.BAUnitStateDiffers();
        BAUnitStatus status = shown.header.status;
        if (status != BAUnitStatus.Active && !(whileDividing && status == BAUnitStatus.Dividing)) {
            revert ILandRegistry.BAUnitNotActive();
        }
        if (OfficeId.unwrap(shown.header.office) != OfficeId.unwrap(office)) {
            revert ILandRegistry.OfficeDiffers();
        }
    }

    /// @notice Makes a state the successor of the one it was (L5).
    /// @param effect From when it has effect.
    function advance(BAUnitState memory state, UnitChange memory unit, uint64 effect) internal pure {
        ++state.header.version;
        state.header.effectiveOn = effect;
        state.priorState = unit.priorState;
    }

    /// @notice Reverts unless the header is that of the first state of a registered title.
    /// @param office Office of the act.
    function requireFirstHeader(Header memory header, OfficeId office) internal pure {
        if (
            header.formatVersion != 1 ||
            header.version != 1 ||
            header.status != BAUnitStatus.Active ||
            OfficeId.unwrap(header.office) != OfficeId.unwrap(office) ||
            header.origin == Origin.Subdivision ||
            header.origin == Origin.Consolidation ||
            header.membersRoot != 0 ||
            header.memberCount != 0 ||
            header.effectiveOn != 0
        ) revert ILandRegistry.HeaderNotInitial();
        if (header.origin == Origin.Unspecified || header.evidence == EvidenceGrade.Unspecified) {
            revert ILandRegistry.ValueUnspecified();
        }
        bool isPart = BAUnitId.unwrap(header.baseUnit) != 0;
        if (
            isPart
                ? header.quotaNumerator == 0 || header.quotaNumerator > header.quotaTotal
                : header.quotaNumerator != 0
        ) revert ILandRegistry.QuotaInvalid();
    }

    /// @notice Reverts unless the sections are those of a registered title as signed: bounds, ids in order of
    /// reading, no presentation number, shares (L2), targets.
    function requireFirstSections(BAUnitState memory state, IConsortium consortium) internal view {
        if (state.applications.length != 0 || state.priorState != 0) revert ILandRegistry.StateNotInitial();
        if (state.factsRoot == 0) revert ILandRegistry.ValueUnspecified();
        requireSpatialUnits(state.spatialUnits);
        uint32 id = _requireFirstRights(state.rights);
        id = _requireFirstRestrictions(state.rights, state.charges, id, false, consortium);
        id = _requireFirstRestrictions(state.rights, state.notices, id, true, consortium);
        id = _requireFirstResponsibilities(state.rights, state.responsibilities, id);
        if (state.header.nextId != id) revert ILandRegistry.IdsNotInOrder();
    }

    /// @notice Reverts unless the spatial units of a new unit are few enough and each is stated.
    function requireSpatialUnits(SpatialUnit[] memory spatialUnits) internal pure {
        uint256 count = spatialUnits.length;
        if (count > MAX_SPATIAL_UNITS) revert ILandRegistry.TooManySpatialUnits(MAX_SPATIAL_UNITS);
        for (uint256 i = 0; i < count; ++i) {
            SpatialUnit memory spatialUnit = spatialUnits[i];
            if (SpatialUnitId.unwrap(spatialUnit.id) == 0 || spatialUnit.geometryCommitment == 0) {
                revert ILandRegistry.ValueUnspecified();
            }
        }
    }

    /// @notice Reverts unless a right as signed is complete in itself; ids and targets are the caller's.
    function requireRight(Right memory right) internal pure {
        if (
            right.kind == RightKind.Unspecified ||
            right.standing == Standing.Unspecified ||
            right.tenancy == Tenancy.Unspecified
        ) revert ILandRegistry.ValueUnspecified();
        if (right.presentationNo != 0) revert ILandRegistry.PresentationStated();
        uint256 count = right.holdings.length;
        if (count == 0) revert ILandRegistry.HoldingMissing();
        bool stated = statesShares(right.tenancy);
        uint256 sum;
        for (uint256 i = 0; i < count; ++i) {
            Holding memory holding = right.holdings[i];
            if (
                holding.partyKind == PartyKind.Unspecified ||
                holding.signer == Signer.Unspecified ||
                holding.partyCommitment == 0
            ) revert ILandRegistry.ValueUnspecified();
            for (uint256 j = 0; j < i && holding.keyHash != 0; ++j) {
                if (right.holdings[j].keyHash == holding.keyHash) revert ILandRegistry.KeyRepeated();
            }
            if ((holding.numerator != 0) != stated) revert ILandRegistry.SharesContradictTenancy();
            sum += holding.numerator;
        }
        if (
            (right.denominator != 0) != stated ||
            (right.tenancy == Tenancy.Sole && count != 1) ||
            (right.tenancy == Tenancy.Joint && count == 1)
        ) {
            revert ILandRegistry.SharesContradictTenancy();
        }
        if (stated && bindsShares(right) && sum != right.denominator) revert ILandRegistry.SharesNotWhole();
    }

    /// @notice Whether a right holds the land itself (the ownership class of L2).
    function isOwnership(Right memory right) internal pure returns (bool) {
        return right.kind <= RightKind.Group;
    }

    /// @notice Whether L2 binds the shares of a right to one whole.
    function bindsShares(Right memory right) internal pure returns (bool) {
        return isOwnership(right) && right.standing >= Standing.Provisional;
    }

    /// @notice Whether holders in this tenancy state their shares.
    function statesShares(Tenancy tenancy) internal pure returns (bool) {
        return tenancy == Tenancy.Sole || tenancy == Tenancy.Common;
    }

    /// @notice The right of an id, or a revert.
    function rightOf(Right[] memory rights, uint32 rightId) internal pure returns (uint256 position) {
        for (; position < rights.length; ++position) {
            if (rights[position].rightId == rightId) return position;
        }
        revert ILandRegistry.RightMissing();
    }

    /// @notice Reverts unless a restriction or responsibility lies on the unit, a right or a holding of it.
    function requireTarget(Right[] memory rights, uint32 targetRight, uint32 targetHolding) internal pure {
        if (targetRight == 0) {
            if (targetHolding != 0) revert ILandRegistry.TargetMissing();
            return;
        }
        for (uint256 i = 0; i < rights.length; ++i) {
            if (rights[i].rightId != targetRight) continue;
            if (targetHolding == 0) return;
            Holding[] memory holdings = rights[i].holdings;
            for (uint256 j = 0; j < holdings.length; ++j) {
                if (holdings[j].holdingId == targetHolding) return;
            }
        }
        revert ILandRegistry.TargetMissing();
    }

    /// @notice Writes the number of presentation into everything a registered title brings.
    function present(BAUnitState memory state, uint64 presentationNo) internal pure {
        for (uint256 i = 0; i < state.rights.length; ++i) state.rights[i].presentationNo = presentationNo;
        for (uint256 i = 0; i < state.charges.length; ++i) state.charges[i].presentationNo = presentationNo;
        for (uint256 i = 0; i < state.notices.length; ++i) state.notices[i].presentationNo = presentationNo;
        for (uint256 i = 0; i < state.responsibilities.length; ++i) {
            state.responsibilities[i].presentationNo = presentationNo;
        }
    }

    /// @notice Puts `next` in the place of a right, giving new holdings their ids (L2, L7).
    /// @param position Place of the right in the section.
    /// @param next The right as signed.
    /// @param presentationNo Number of the entry to come.
    /// @return moved Bit i: the holding at place i of the right before is removed or reduced.
    /// @return removed Bit i: it is removed.
    function transfer(
        BAUnitState memory state,
        uint256 position,
        Right memory next,
        uint64 presentationNo
    ) internal pure returns (uint256 moved, uint256 removed) {
        Right memory prior = state.rights[position];
        if (
            prior.kind != next.kind ||
            prior.standing != next.standing ||
            prior.upgradesOn != next.upgradesOn ||
            prior.expiresOn != next.expiresOn ||
            prior.targetRight != next.targetRight ||
            prior.termsCommitment != next.termsCommitment
        ) revert ILandRegistry.RightChanged();
        requireRight(next);
        _requireRoom(state.rights, prior.holdings.length, next.holdings.length);
        (moved, removed) = _moved(state.header, prior, next);
        if (moved == 0) revert ILandRegistry.NothingMoves();
        if (prior.tenancy == Tenancy.Unrecorded && removed != (1 << prior.holdings.length) - 1) {
            revert ILandRegistry.UnrecordedPartMoves();
        }
        next.presentationNo = presentationNo;
        state.rights[position] = next;
    }

    /// @notice Takes the next id of a unit: each is given once.
    function takeId(Header memory header) internal pure returns (uint32 id) {
        id = header.nextId;
        header.nextId = id + 1;
    }

    /// @dev The holdings that stay stand first, in their order, so one walk decides and ids stay ascending.
    function _moved(
        Header memory header,
        Right memory prior,
        Right memory next
    ) private pure returns (uint256 moved, uint256 removed) {
        bool stated = statesShares(prior.tenancy) && statesShares(next.tenancy);
        Sums memory sums = Sums(_sumOf(prior.holdings), _sumOf(next.holdings));
        uint256 kept;
        for (uint256 i = 0; i < prior.holdings.length; ++i) {
            Holding memory before = prior.holdings[i];
            if (kept == next.holdings.length || next.holdings[kept].holdingId != before.holdingId) {
                removed |= 1 << i;
                continue;
            }
            Holding memory holding = next.holdings[kept];
            ++kept;
            if (
                holding.partyKind != before.partyKind ||
                holding.signer != before.signer ||
                holding.keyHash != before.keyHash ||
                holding.partyCommitment != before.partyCommitment
            ) revert ILandRegistry.HoldingChanged();
            if (stated && _isLess(prior, next, sums, before.numerator, holding.numerator)) moved |= 1 << i;
        }
        bool joined = kept != next.holdings.length;
        for (; kept < next.holdings.length; ++kept) {
            if (next.holdings[kept].holdingId != 0) revert ILandRegistry.HoldingChanged();
            next.holdings[kept].holdingId = takeId(header);
        }
        moved |= removed;
        // Where shares are not stated on both sides nobody's part can be shown to stay whole: all must agree.
        if (!stated && (moved != 0 || joined || prior.tenancy != next.tenancy)) {
            moved = (1 << prior.holdings.length) - 1;
        }
    }

    /// @dev Whether a holder's part shrinks: of the whole, or of all that is held, where shares need not sum to a whole.
    function _isLess(
        Right memory prior,
        Right memory next,
        Sums memory sums,
        uint256 before,
        uint256 then
    ) private pure returns (bool) {
        return then * prior.denominator < before * next.denominator || then * sums.prior < before * sums.next;
    }

    function _sumOf(Holding[] memory holdings) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < holdings.length; ++i) sum += holdings[i].numerator;
    }

    /// @dev Counts the holdings of all rights once one of them has `coming` in the place of `leaving`.
    function _requireRoom(Right[] memory rights, uint256 leaving, uint256 coming) private pure {
        uint256 count = coming;
        for (uint256 i = 0; i < rights.length; ++i) count += rights[i].holdings.length;
        if (count - leaving > MAX_HOLDINGS) revert ILandRegistry.TooManyHoldings(MAX_HOLDINGS);
    }

    function _requireFirstRights(Right[] memory rights) private pure returns (uint32 id) {
        id = 1;
        bool owned;
        uint256 held;
        for (uint256 i = 0; i < rights.length; ++i) {
            Right memory right = rights[i];
            if (right.rightId != id) revert ILandRegistry.IdsNotInOrder();
            ++id;
            requireRight(right);
            held += right.holdings.length;
            if (held > MAX_HOLDINGS) revert ILandRegistry.TooManyHoldings(MAX_HOLDINGS);
            for (uint256 j = 0; j < right.holdings.length; ++j) {
                if (right.holdings[j].holdingId != id) revert ILandRegistry.IdsNotInOrder();
                ++id;
            }
            if (right.targetRight != 0) {
                // An earlier right only: so no two rights are derived from each other.
                if (isOwnership(right) || right.targetRight >= right.rightId) {
                    revert ILandRegistry.TargetMissing();
                }
                requireTarget(rights, right.targetRight, 0);
            }
            owned = owned || isOwnership(right);
        }
        if (!owned) revert ILandRegistry.OwnershipMissing();
    }

    function _requireFirstRestrictions(
        Right[] memory rights,
        Restriction[] memory restrictions,
        uint32 id,
        bool areNotices,
        IConsortium consortium
    ) private view returns (uint32) {
        uint256 count = restrictions.length;
        if (count > MAX_RESTRICTIONS) revert ILandRegistry.TooManyRestrictions(MAX_RESTRICTIONS);
        for (uint256 i = 0; i < count; ++i) {
            Restriction memory restriction = restrictions[i];
            if (restriction.restrictionId != id) revert ILandRegistry.IdsNotInOrder();
            ++id;
            Restrictions.requireValid(restriction, consortium);
            if (Restrictions.isNotice(restriction.kind) != areNotices) {
                revert ILandRegistry.RestrictionKindRefused();
            }
            Restrictions.requireRanked(i == 0 ? 0 : restrictions[i - 1].rank, restriction);
            requireTarget(rights, restriction.targetRight, restriction.targetHolding);
            _requireAskedOnce(rights, restrictions, i);
        }
        return id;
    }

    /// @dev No key is asked twice of one holding: whoever must be asked of it is a spouse or a guardian, not its holder.
    /// Spouses who each hold a share may each be asked of the other's.
    function _requireAskedOnce(
        Right[] memory rights,
        Restriction[] memory restrictions,
        uint256 position
    ) private pure {
        Restriction memory asked = restrictions[position];
        bytes32 key = asked.holderKeyHash;
        if (asked.kind != RestrictionKind.MustBeAsked || key == 0) return;
        for (uint256 i = 0; i < position; ++i) {
            Restriction memory other = restrictions[i];
            if (
                other.kind == RestrictionKind.MustBeAsked &&
                other.holderKeyHash == key &&
                _meet(other.targetRight, asked.targetRight) &&
                _meet(other.targetHolding, asked.targetHolding)
            ) revert ILandRegistry.AskedTwice();
        }
        for (uint256 i = 0; i < rights.length; ++i) {
            bool isOn =
                asked.targetRight == 0 ? isOwnership(rights[i]) : rights[i].rightId == asked.targetRight;
            for (uint256 j = 0; isOn && j < rights[i].holdings.length; ++j) {
                Holding memory holding = rights[i].holdings[j];
                if (holding.keyHash == key && _meet(asked.targetHolding, holding.holdingId)) {
                    revert ILandRegistry.AskedTwice();
                }
            }
        }
    }

    /// @dev Zero is every right, or every holding.
    function _meet(uint32 one, uint32 other) private pure returns (bool) {
        return one == other || one == 0 || other == 0;
    }

    function _requireFirstResponsibilities(
        Right[] memory rights,
        Responsibility[] memory responsibilities,
        uint32 id
    ) private pure returns (uint32) {
        uint256 count = responsibilities.length;
        if (count > MAX_RESPONSIBILITIES) revert ILandRegistry.TooManyResponsibilities(MAX_RESPONSIBILITIES);
        for (uint256 i = 0; i < count; ++i) {
            Responsibility memory responsibility = responsibilities[i];
            if (responsibility.responsibilityId != id) revert ILandRegistry.IdsNotInOrder();
            ++id;
            if (
                responsibility.kind == ResponsibilityKind.Unspecified ||
                InstrumentId.unwrap(responsibility.instrumentId) == 0 ||
                responsibility.termsCommitment == 0
            ) revert ILandRegistry.ValueUnspecified();
            if (responsibility.presentationNo != 0) revert ILandRegistry.PresentationStated();
            requireTarget(rights, responsibility.targetRight, 0);
        }
        return id;
    }
}
