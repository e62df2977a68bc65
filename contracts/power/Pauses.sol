// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISafeguards} from "../interfaces/ISafeguards.sol";
import {Due} from "../journal/Due.sol";
import {Scopes} from "./Scopes.sol";

/// @title Which scopes are stopped, until when, and on whose word
/// @notice Promises that one officer's pause ends within 72 hours and cannot be strung together: the same
/// scope waits as long again before one officer can stop it, which also makes a replay impossible.
library Pauses {
    /// @dev Long enough for two institutions to meet over a weekend.
    uint64 internal constant MAX_SHORT_SECONDS = 72 hours;
    /// @dev A longer stop is decided again.
    uint64 internal constant MAX_LONG_SECONDS = 90 days;
    uint256 private constant _SCOPE_COUNT = 32;

    struct Pause {
        uint40 until;
        uint40 nextShortFrom;
        bool byTwoInstitutions;
    }

    struct Table {
        Pause[_SCOPE_COUNT] ofScope;
    }

    /// @notice Stops scopes on one officer's word.
    function stopShort(Table storage self, uint32 scope, uint64 until) internal {
        _requireScope(scope);
        if (scope & Scopes.REDEMPTION != 0) revert ISafeguards.PauseNeedsTwoInstitutions();
        _requireLength(until, MAX_SHORT_SECONDS);
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            if (scope & (1 << bit) == 0) continue;
            Pause storage pause = self.ofScope[bit];
            if (!Due.reached(pause.until) || !Due.reached(pause.nextShortFrom))
                revert ISafeguards.PauseTooSoon();
            pause.until = uint40(until);
            pause.nextShortFrom = uint40(until + MAX_SHORT_SECONDS);
            pause.byTwoInstitutions = false;
        }
    }

    /// @notice Stops scopes on the word of two institutions, or sets another end to a stop.
    function stopLong(Table storage self, uint32 scope, uint64 until) internal {
        _requireScope(scope);
        _requireLength(until, MAX_LONG_SECONDS);
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            if (scope & (1 << bit) == 0) continue;
            Pause storage pause = self.ofScope[bit];
            pause.until = uint40(until);
            pause.byTwoInstitutions = true;
        }
    }

    /// @notice Frees scopes now.
    function release(Table storage self, uint32 scope) internal {
        _requireScope(scope);
        for (uint256 bit = 0; bit < _SCOPE_COUNT; ++bit) {
            if (scope & (1 << bit) != 0) self.ofScope[bit].until = 0;
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

    function _requireScope(uint32 scope) private pure {
        if (scope == 0 || scope & ~Scopes.ALL != 0) revert ISafeguards.PauseScopeOutOfRange();
    }

    function _requireLength(uint64 until, uint64 limitSeconds) private view {
        if (Due.reached(until) || until > Due.now_() + limitSeconds) {
            revert ISafeguards.PauseLengthOutOfRange(limitSeconds / 1 hours);
        }
    }
}
