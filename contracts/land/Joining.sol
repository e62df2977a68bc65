// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

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

/// @notice The sections of a consolidated unit while its parents are taken in, one after the other.
/// @param rights The ownership right first, then the derived rights, parent by parent.
/// @param charges Kept in order of presentation, which is their rank in the new unit.
/// @param notices Kept in order of presentation.
/// @param responsibilities Parent by parent.
/// @param rightCount Rights so far; the arrays have room for the limit and are cut at the end.
/// @param chargeCount Charges so far.
/// @param noticeCount Notices so far.
/// @param responsibilityCount Responsibilities so far.
/// @param holdingCount Holdings so far, over all rights.
/// @param nextId Next id of the new unit.
struct Joined {
    Right[] rights;
    Restriction[] charges;
    Restriction[] notices;
    Responsibility[] responsibilities;
    uint256 rightCount;
    uint256 chargeCount;
    uint256 noticeCount;
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
        joined.charges = new Restriction[](MAX_RESTRICTIONS);
        joined.notices = new Restriction[](MAX_RESTRICTIONS);
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
    function take(Joined memory joined, BAUnitState memory parent) internal pure {
        // Indexed by the id in the parent: what it is called in the new unit, or zero.
        uint32[] memory image = new uint32[](parent.header.nextId);
        for (uint256 i = 0; i < parent.rights.length; ++i) _takeRight(joined, parent.rights[i], image);
        for (uint256 i = 0; i < parent.charges.length; ++i) {
            Restriction memory charge = parent.charges[i];
            if (charge.targetHolding != 0 && image[charge.targetHolding] == 0) {
                revert ILandRegistry.RestrictedHoldingRemoved();
            }
            _insert(joined.charges, joined.chargeCount++, charge, image);
        }
        for (uint256 i = 0; i < parent.notices.length; ++i) {
            _insert(joined.notices, joined.noticeCount++, parent.notices[i], image);
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

    /// @notice Gives restrictions and responsibilities their ids, charges their rank, and cuts the sections to their
    /// length.
    function finish(Joined memory joined) internal pure {
        for (uint256 i = 0; i < joined.chargeCount; ++i) {
            joined.charges[i].restrictionId = _takeId(joined);
            joined.charges[i].rank = uint16(i + 1);
        }
        for (uint256 i = 0; i < joined.noticeCount; ++i) joined.notices[i].restrictionId = _takeId(joined);
        for (uint256 i = 0; i < joined.responsibilityCount; ++i) {
            joined.responsibilities[i].responsibilityId = _takeId(joined);
        }
        (Right[] memory rights, uint256 rightCount) = (joined.rights, joined.rightCount);
        (Restriction[] memory charges, uint256 chargeCount) = (joined.charges, joined.chargeCount);
        (Restriction[] memory notices, uint256 noticeCount) = (joined.notices, joined.noticeCount);
        (Responsibility[] memory responsibilities, uint256 responsibilityCount) = (
            joined.responsibilities,
            joined.responsibilityCount
        );
        // Assembly because Solidity cannot shorten an array in memory; each is only ever cut.
        assembly ("memory-safe") {
            mstore(rights, rightCount)
            mstore(charges, chargeCount)
            mstore(notices, noticeCount)
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

    /// @dev Inserted behind all that were presented no later, so equals keep the order of the parents. A notice on a
    /// holding that ends lies on the right it was of.
    function _insert(
        Restriction[] memory section,
        uint256 place,
        Restriction memory restriction,
        uint32[] memory image
    ) private pure {
        if (place == MAX_RESTRICTIONS) revert ILandRegistry.TooManyRestrictions(MAX_RESTRICTIONS);
        restriction.targetHolding = image[restriction.targetHolding];
        restriction.targetRight = image[restriction.targetRight];
        for (; place > 0; --place) {
            Restriction memory before = section[place - 1];
            if (before.presentationNo <= restriction.presentationNo) break;
            section[place] = before;
        }
        section[place] = restriction;
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
