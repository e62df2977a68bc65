// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../interfaces/IConsortium.sol";
import {ILandRegistry, MOST_NOTICE_SECONDS_POLICY} from "../interfaces/ILandRegistry.sol";
import {
    BAUnitState,
    BLOCKABLE_ACTS,
    InstrumentId,
    MAX_NOTICE_SECONDS,
    MAX_RESTRICTIONS,
    Restriction,
    RestrictionKind,
    SWEEP_AFTER_SECONDS
} from "../interfaces/LandState.sol";
import {Due} from "../journal/Due.sol";

/// @title What a charge or a notice may be, and when it is over
/// @notice Promises that a notice is bounded in time, that no restriction reaches an act that would end one, that
/// ranks rise by one, and that what lapsed takes no place: every act on a unit drops it first.
library Restrictions {
    /// @notice Whether nobody consented to restrictions of this kind.
    function isNotice(RestrictionKind kind) internal pure returns (bool) {
        return kind == RestrictionKind.Caution || kind == RestrictionKind.Order;
    }

    /// @notice Reverts unless a restriction as signed is complete in itself; ids, targets and ranks are the caller's.
    function requireValid(Restriction memory restriction, IConsortium consortium) internal view {
        if (
            restriction.kind == RestrictionKind.Unspecified ||
            InstrumentId.unwrap(restriction.instrumentId) == 0 ||
            restriction.termsCommitment == 0
        ) revert ILandRegistry.ValueUnspecified();
        if (restriction.presentationNo != 0) revert ILandRegistry.PresentationStated();
        if ((restriction.blocks | restriction.needsConsent) & ~BLOCKABLE_ACTS != 0) {
            revert ILandRegistry.ReachTooWide();
        }
        uint64 lapse = restriction.expiresOn;
        if (lapse != 0 && Due.passed(lapse, consortium)) revert ILandRegistry.LapseOutOfBounds();
        if (!isNotice(restriction.kind)) return;
        uint256 most = consortium.policyOf(MOST_NOTICE_SECONDS_POLICY);
        if (most == 0 || most > MAX_NOTICE_SECONDS) most = MAX_NOTICE_SECONDS;
        if (lapse <= most || !Due.reached(uint64(lapse - most))) revert ILandRegistry.LapseOutOfBounds();
    }

    /// @notice Reverts unless a restriction has the next rank, if it is a charge, and has no rank else: a rank further on
    /// would leave none to those who come after.
    /// @param last The rank before it, or zero.
    function requireRanked(uint256 last, Restriction memory next) internal pure {
        if (next.rank != (isNotice(next.kind) ? 0 : last + 1)) revert ILandRegistry.RankTaken();
    }

    /// @notice The last rank of charges on units: a mortgage on all of them has the next one on each.
    function lastRank(BAUnitState[] memory states) internal pure returns (uint256 last) {
        for (uint256 i = 0; i < states.length; ++i) {
            Restriction[] memory charges = states[i].charges;
            uint256 count = charges.length;
            if (count != 0 && charges[count - 1].rank > last) last = charges[count - 1].rank;
        }
    }

    /// @notice Puts a restriction behind the others.
    function append(
        Restriction[] memory section,
        Restriction memory next
    ) internal pure returns (Restriction[] memory longer) {
        uint256 count = section.length;
        if (count == MAX_RESTRICTIONS) revert ILandRegistry.TooManyRestrictions(MAX_RESTRICTIONS);
        longer = new Restriction[](count + 1);
        for (uint256 i = 0; i < count; ++i) longer[i] = section[i];
        longer[count] = next;
    }

    /// @notice Takes one restriction out.
    function without(
        Restriction[] memory section,
        uint256 position
    ) internal pure returns (Restriction[] memory shorter) {
        shorter = new Restriction[](section.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = section[i < position ? i : i + 1];
    }

    /// @notice Drops what lapsed from both sections: the first thing that happens to a unit in an act.
    function drop(BAUnitState memory state, IConsortium consortium) internal view {
        _drop(state.charges, consortium);
        _drop(state.notices, consortium);
    }

    /// @notice Whether something lapsed so long ago that anybody may sweep it alone.
    function isSweepable(BAUnitState memory state, IConsortium consortium) internal view returns (bool) {
        return _hasOld(state.charges, consortium) || _hasOld(state.notices, consortium);
    }

    /// @dev Moves what stays forward and cuts the array in place.
    function _drop(Restriction[] memory section, IConsortium consortium) private view {
        uint256 kept;
        for (uint256 i = 0; i < section.length; ++i) {
            uint64 lapse = section[i].expiresOn;
            if (lapse != 0 && Due.passed(lapse, consortium)) continue;
            if (kept != i) section[kept] = section[i];
            ++kept;
        }
        // Assembly because Solidity cannot shorten an array in memory; it is only ever cut.
        assembly ("memory-safe") {
            mstore(section, kept)
        }
    }

    function _hasOld(Restriction[] memory section, IConsortium consortium) private view returns (bool) {
        for (uint256 i = 0; i < section.length; ++i) {
            uint64 lapse = section[i].expiresOn;
            if (lapse == 0 || lapse > type(uint64).max - SWEEP_AFTER_SECONDS) continue;
            if (Due.passed(lapse, consortium) && Due.passed(lapse + SWEEP_AFTER_SECONDS, consortium))
                return true;
        }
        return false;
    }
}
