// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../interfaces/IConsortium.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {
    BAUnitState,
    Holding,
    MAX_HOLDINGS,
    MAX_RESPONSIBILITIES,
    MAX_RESTRICTIONS,
    Responsibility,
    Restriction,
    Right
} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Consents} from "./Consents.sol";

/// @notice The sections of a consolidated unit while its parents are taken in, one after the other.
/// @param rights The ownership right first, then the derived rights, parent by parent.
/// @param restrictions Kept in order of presentation.
/// @param responsibilities Parent by parent.
/// @param rightCount Rights so far; the arrays have room for the limit and are cut at the end.
/// @param restrictionCount Restrictions so far.
/// @param responsibilityCount Responsibilities so far.
/// @param holdingCount Holdings so far, over all rights.
/// @param nextId Next id of the new unit.
struct Joined {
    Right[] rights;
    Restriction[] restrictions;
    Responsibility[] responsibilities;
    uint256 rightCount;
    uint256 restrictionCount;
    uint256 responsibilityCount;
    uint256 holdingCount;
    uint32 nextId;
}

/// @title How parents' rights and restrictions become those of one unit (L6)
/// @notice Every derived right, restriction and responsibility is carried, under new ids that map what they
/// lie on; what lay on a parent's ownership right lies on the one ownership right of the new unit. A parent's
/// state is taken apart in memory: the caller must have hashed it before.
library Joining {
    /// @notice Begins with the ownership right as signed: ids 1 and on are its.
    /// @param presentationNo Number of the entry of the new unit.
    function begin(
        Right memory ownership,
        uint64 presentationNo
    ) internal pure returns (Joined memory joined) {
        joined.rights = new Right[](MAX_HOLDINGS);
        joined.restrictions = new Restriction[](MAX_RESTRICTIONS);
        joined.responsibilities = new Responsibility[](MAX_RESPONSIBILITIES);
        joined.nextId = 1;
        ownership.presentationNo = presentationNo;
        ownership.rightId = _takeId(joined);
        for (uint256 i = 0; i < ownership.holdings.length; ++i) {
            ownership.holdings[i].holdingId = _takeId(joined);
        }
        _count(joined, ownership.holdings.length);
        joined.rights[joined.rightCount] = ownership;
        ++joined.rightCount;
    }

    /// @notice Takes in one parent.
    function take(Joined memory joined, BAUnitState memory parent, IConsortium consortium) internal view {
        // Indexed by the id in the parent: what it is called in the new unit, or zero.
        uint32[] memory image = new uint32[](parent.header.nextId);
        for (uint256 i = 0; i < parent.rights.length; ++i) _takeRight(joined, parent.rights[i], image);
        for (uint256 i = 0; i < parent.restrictions.length; ++i) {
            _takeRestriction(joined, parent.restrictions[i], image, consortium);
        }
        for (uint256 i = 0; i < parent.responsibilities.length; ++i) {
            Responsibility memory responsibility = parent.responsibilities[i];
            if (joined.responsibilityCount == MAX_RESPONSIBILITIES) {
                revert ILandRegistry.TooManyResponsibilities(MAX_RESPONSIBILITIES);
            }
            responsibility.targetRight = image[responsibility.targetRight];
            joined.responsibilities[joined.responsibilityCount] = responsibility;
            ++joined.responsibilityCount;
        }
    }

    /// @notice Gives restrictions and responsibilities their ids and cuts the sections to their length.
    function finish(Joined memory joined) internal pure {
        for (uint256 i = 0; i < joined.restrictionCount; ++i) {
            joined.restrictions[i].restrictionId = _takeId(joined);
        }
        for (uint256 i = 0; i < joined.responsibilityCount; ++i) {
            joined.responsibilities[i].responsibilityId = _takeId(joined);
        }
        (Right[] memory rights, uint256 rightCount) = (joined.rights, joined.rightCount);
        (Restriction[] memory restrictions, uint256 restrictionCount) = (
            joined.restrictions,
            joined.restrictionCount
        );
        (Responsibility[] memory responsibilities, uint256 responsibilityCount) = (
            joined.responsibilities,
            joined.responsibilityCount
        );
        // Assembly because Solidity cannot shorten an array in memory; each is only ever cut.
        assembly ("memory-safe") {
            mstore(rights, rightCount)
            mstore(restrictions, restrictionCount)
            mstore(responsibilities, responsibilityCount)
        }
    }

    function _takeRight(Joined memory joined, Right memory right, uint32[] memory image) private pure {
        if (BAUnits.isOwnership(right)) {
            image[right.rightId] = joined.rights[0].rightId;
            return;
        }
        _count(joined, right.holdings.length);
        image[right.rightId] = joined.nextId;
        right.rightId = _takeId(joined);
        right.targetRight = image[right.targetRight];
        for (uint256 i = 0; i < right.holdings.length; ++i) {
            Holding memory holding = right.holdings[i];
            image[holding.holdingId] = joined.nextId;
            holding.holdingId = _takeId(joined);
        }
        joined.rights[joined.rightCount] = right;
        ++joined.rightCount;
    }

    /// @dev Inserted behind all that were presented no later, so equals keep the order of the parents.
    function _takeRestriction(
        Joined memory joined,
        Restriction memory restriction,
        uint32[] memory image,
        IConsortium consortium
    ) private view {
        uint256 place = joined.restrictionCount;
        if (place == MAX_RESTRICTIONS) revert ILandRegistry.TooManyRestrictions(MAX_RESTRICTIONS);
        ++joined.restrictionCount;
        uint32 holding = image[restriction.targetHolding];
        if (restriction.targetHolding != 0 && holding == 0 && Consents.isInForce(restriction, consortium)) {
            revert ILandRegistry.RestrictedHoldingRemoved();
        }
        restriction.targetRight = image[restriction.targetRight];
        restriction.targetHolding = holding;
        for (; place > 0; --place) {
            Restriction memory before = joined.restrictions[place - 1];
            if (before.presentationNo <= restriction.presentationNo) break;
            joined.restrictions[place] = before;
        }
        joined.restrictions[place] = restriction;
    }

    /// @dev Rights need no bound of their own: each has a holding.
    function _count(Joined memory joined, uint256 holdings) private pure {
        joined.holdingCount += holdings;
        if (joined.holdingCount > MAX_HOLDINGS) revert ILandRegistry.TooManyHoldings(MAX_HOLDINGS);
    }

    function _takeId(Joined memory joined) private pure returns (uint32 id) {
        id = joined.nextId;
        joined.nextId = id + 1;
    }
}
