// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {InstitutionId, NO_INSTITUTION} from "../interfaces/IJournal.sol";
import {ISafeguards} from "../interfaces/ISafeguards.sol";
import {Due} from "../journal/Due.sol";
import {Scopes} from "./Scopes.sol";

/// @title Which scopes are stopped, until when, and on whose word
/// @notice Promises that one officer's pause ends within 72 hours, that lone officers of one institution stop
/// a scope for at most a tenth of the time these safeguards are in force, measured by what each pause lasted, that a
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
    /// @param laidBy Institution of the one officer who laid the last one; nobody where two institutions did.
    struct Pause {
        uint40 until;
        uint40 pausedAt;
        uint40 pausedSeconds;
        InstitutionId laidBy;
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
            nextLoneFrom[bit] = _restedFrom(Due.now_(), until);
            _begin(pause, until);
            pause.laidBy = institution;
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
            _endLone(self, bit);
            _begin(pause, until);
            pause.laidBy = NO_INSTITUTION;
        }
    }

    /// @notice Frees scopes now.
    function release(Table storage self, uint32 scope) internal {
        _requireScope(scope);
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            if (scope & (1 << bit) == 0) continue;
            Pause storage pause = self.ofScope[bit];
            if (Due.reached(pause.until)) revert ISafeguards.ScopeNotPaused();
            _endLone(self, bit);
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
            if (scope & (1 << bit) != 0 && pause.laidBy == NO_INSTITUTION && !Due.reached(pause.until))
                return true;
        }
        return false;
    }

    /// @notice Whether lone officers of this institution laid the last pause of each of these scopes.
    function isLaidBy(
        Table storage self,
        uint32 scope,
        InstitutionId institution
    ) internal view returns (bool) {
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            if (scope & (1 << bit) != 0 && self.ofScope[bit].laidBy != institution) return false;
        }
        return true;
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

    /// @dev A lone pause in force that others end rests its institution for what it lasted, the second of its end counted
    /// whole: ended in the block in which it began it has stopped that block.
    function _endLone(Table storage self, uint256 bit) private {
        Pause storage pause = self.ofScope[bit];
        InstitutionId layer = pause.laidBy;
        if (layer == NO_INSTITUTION || Due.reached(pause.until)) return;
        self.nextLoneFrom[layer][bit] = _restedFrom(pause.pausedAt, Due.now_() + 1);
    }

    function _restedFrom(uint64 from, uint64 until) private pure returns (uint40) {
        return uint40(until + _REST * (until - from));
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
