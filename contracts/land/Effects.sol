// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {MOST_FUTURE_EFFECT_SECONDS} from "../interfaces/LandState.sol";
import {Due} from "../journal/Due.sol";

/// @title From when a state has effect
/// @notice Promises that the states of a unit take effect in the order in which they are recorded.
library Effects {
    /// @notice The second that an act states, or a revert; where it states none, the first that it may.
    /// @param stated As signed; zero where the act states none.
    /// @param since When the latest of the states that it replaces took effect; zero where it replaces none.
    function bounded(uint64 stated, uint64 since) internal view returns (uint64) {
        if (stated == 0) return Due.reached(since) ? Due.now_() : since;
        if (stated < since) revert ILandRegistry.EffectBeforeLast();
        if (stated > MOST_FUTURE_EFFECT_SECONDS && !Due.reached(stated - MOST_FUTURE_EFFECT_SECONDS)) {
            revert ILandRegistry.EffectTooFarAhead();
        }
        return stated;
    }

    /// @notice Reverts if an act to which no owner consents is postponed: every later act of the unit would follow it.
    /// @param effect As `bounded` gives it.
    /// @param since When the latest of the states that it replaces took effect; zero where it replaces none.
    function requireBegun(uint64 effect, uint64 since) internal view {
        if (effect > since && !Due.reached(effect)) revert ILandRegistry.EffectNotConsented();
    }
}
