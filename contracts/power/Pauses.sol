// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {InstitutionId} from "../interfaces/IJournal.sol";
import {ISafeguards} from "../interfaces/ISafeguards.sol";
import {Due} from "../journal/Due.sol";
import {Scopes} from "./Scopes.sol";

/// @title Which scopes are stopped, until when, and on whose word
/// @notice Promises that one officer's pause ends within 72 hours, that lone officers of one institution stop
/// a scope for at most a tenth of the time these safeguards are in force (which also makes a replay impossible), that a
/// pause never ends early but by a release, and that the time a scope stood still is counted to the second.
library Pauses {
    /// @dev Long enough for two institutions to meet over a weekend.
    uint64 internal constant MAX_SHORT_SECONDS = 72 hours;
    /// @dev A longer stop is decided again.
    uint64 internal constant MAX_LONG_SECONDS = 90 days;
    uint256 private constant _SCOPE_COUNT = 32;

    /// @dev A lone stop of so many seconds is followed by nine times as many without one.
    uint64 private constant _REST = 9;

    /// @param pausedAt When the last pause began, whether or not it is over.
    /// @param pausedSeconds Sum of the pauses before the last one.
    struct Pause {
        uint40 until;
        uint40 pausedAt;
        uint40 pausedSeconds;
        bool byTwoInstitutions;
    }

    struct Table {
        Pause[_SCOPE_COUNT] ofScope;
        mapping(InstitutionId => uint40[_SCOPE_COUNT]) nextLoneFrom;
    }

    /// @notice Stops scopes on one officer's word.
    function stopShort(Table storage self, uint32 scope, uint64 until, InstitutionId institution) internal {
        _requireScope(scope);
        if (scope & Scopes.REDEMPTION != 0) revert ISafeguards.PauseNeedsTwoInstitutions();
        _requireLength(until, MAX_SHORT_SECONDS);
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            if (scope & (1 << bit) == 0) continue;
            Pause storage pause = self.ofScope[bit];
            uint40[_SCOPE_COUNT] storage nextLoneFrom = self.nextLoneFrom[institution];
            if (!Due.reached(pause.until) || !Due.reached(nextLoneFrom[bit]))
                revert ISafeguards.PauseTooSoon();
            nextLoneFrom[bit] = uint40(until + _REST * (until - Due.now_()));
            _begin(pause, until);
            pause.byTwoInstitutions = false;
        }
    }

    /// @notice Stops scopes on the word of two institutions, or sets a later end to a stop.
    function stopLong(Table storage self, uint32 scope, uint64 until) internal {
        _requireScope(scope);
        _requireLength(until, MAX_LONG_SECONDS);
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            if (scope & (1 << bit) == 0) continue;
            Pause storage pause = self.ofScope[bit];
            if (until < pause.until) revert ISafeguards.PauseLengthOutOfRange(MAX_LONG_SECONDS / 1 hours);
            _begin(pause, until);
            pause.byTwoInstitutions = true;
        }
    }

    /// @notice Frees scopes now.
    function release(Table storage self, uint32 scope) internal {
        _requireScope(scope);
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            if (scope & (1 << bit) == 0) continue;
            Pause storage pause = self.ofScope[bit];
            if (Due.reached(pause.until)) revert ISafeguards.ScopeNotPaused();
            pause.until = uint40(Due.now_());
        }
    }

    /// @notice Those of the candidates that are stopped now.
    function inForce(Table storage self, uint32 candidates) internal view returns (uint32 stopped) {
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            uint32 mask = uint32(1 << bit);
            if (candidates & mask != 0 && !Due.reached(self.ofScope[bit].until)) stopped |= mask;
        }
    }

    /// @notice Whether two institutions stopped one of these scopes and that stop is in force.
    function isHeldByTwo(Table storage self, uint32 scope) internal view returns (bool) {
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            Pause storage pause = self.ofScope[bit];
            if (scope & (1 << bit) != 0 && pause.byTwoInstitutions && !Due.reached(pause.until)) return true;
        }
        return false;
    }

    /// @notice Since when a scope is paused, or zero, and how long all pauses that are over lasted together.
    function clock(
        Table storage self,
        uint32 scopeBit
    ) internal view returns (uint64 pausedAt, uint64 pausedSeconds) {
        (uint64 from, uint64 until) = last(self, scopeBit);
        uint64 before = self.ofScope[_bitOf(scopeBit)].pausedSeconds;
        return Due.reached(until) ? (0, before + (until - from)) : (from, before);
    }

    /// @notice The last pause of a scope: its first second and the first one after it.
    function last(Table storage self, uint32 scopeBit) internal view returns (uint64 from, uint64 until) {
        Pause memory pause = self.ofScope[_bitOf(scopeBit)];
        return (pause.pausedAt, pause.until);
    }

    function _begin(Pause storage pause, uint64 until) private {
        if (Due.reached(pause.until)) {
            pause.pausedSeconds += pause.until - pause.pausedAt;
            pause.pausedAt = uint40(Due.now_());
        }
        pause.until = uint40(until);
    }

    function _bitOf(uint32 scopeBit) private pure returns (uint256 bit) {
        _requireScope(scopeBit);
        if (scopeBit & (scopeBit - 1) != 0) revert ISafeguards.PauseScopeOutOfRange();
        while (scopeBit >> bit != 1) ++bit;
    }

    function _requireScope(uint32 scope) private pure {
        if (scope == 0 || scope & ~Scopes.ALL != 0) revert ISafeguards.PauseScopeOutOfRange();
    }

    function _requireLength(uint64 until, uint64 limitSeconds) private view {
        if (Due.reached(until) || until > Due.now_() + limitSeconds) {
            revert ISafeguards.PauseLengthOutOfRange(limitSeconds / 1 hours);
        }
    }
}
