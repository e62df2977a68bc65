// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {MOST_FUTURE_EFFECT_SECONDS, MOST_LONE_FUTURE_SECONDS} from "../interfaces/LandState.sol";
import {Due} from "../journal/Due.sol";

/// Who of those whom a date concerns agreed to it.
enum Agreed {
    Nobody,
    NoOwner,
    AnOwner,
    EveryOwner
}

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

    /// @notice Reverts if an act is postponed further than those who agreed may, for every later act of the unit follows it,
    /// or dated back although nobody agreed.
    /// @param effect As `bounded` gives it.
    /// @param since When the latest of the states that it replaces took effect.
    function requireAgreed(uint64 effect, uint64 since, Agreed agreed) internal view {
        if (agreed == Agreed.EveryOwner) return;
        uint64 latest = Due.now_();
        if (agreed == Agreed.AnOwner) latest += MOST_LONE_FUTURE_SECONDS;
        if (latest < since) latest = since;
        if (effect > latest || (agreed == Agreed.Nobody && effect < latest)) {
            revert ILandRegistry.EffectNotConsented();
        }
    }

    /// @notice Reverts if a first registration is postponed: nobody consents to it. It replaces nothing, so it may begin
    /// when what it registers began.
    function requireBegun(uint64 effect) internal view {
        if (!Due.reached(effect)) revert ILandRegistry.EffectNotConsented();
    }
}
