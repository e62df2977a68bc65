// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {CONSENT_WEIGHT, MAX_ACT_WEIGHT, SLOT_WEIGHT} from "../interfaces/LandActs.sol";
import {BAUnitState} from "../interfaces/LandState.sol";

/// @title What an act costs at most, before it is carried out
/// @notice Limits of sections bound one unit; an act may name several. So each act is weighed by what it shows, makes,
/// asks and writes, about 1,000 gas a word: the heaviest that is let through fits a transaction with room, whatever
/// the state of the chain. A test executes the largest act of each kind.
library Weights {
    /// @notice Reverts if an act is too heavy for a transaction.
    /// @param words Words it weighs.
    function require_(uint256 words) internal pure {
        if (words > MAX_ACT_WEIGHT) revert ILandRegistry.ActTooHeavy(MAX_ACT_WEIGHT);
    }

    /// @notice Words of a state: shown with the act that changes it, or made.
    function ofState(BAUnitState memory state) internal pure returns (uint256 words) {
        words =
            12 +
            2 * state.spatialUnits.length +
            12 * (state.charges.length + state.notices.length) +
            8 * (state.responsibilities.length + state.applications.length);
        for (uint256 i = 0; i < state.rights.length; ++i) words += 11 + 6 * state.rights[i].holdings.length;
    }

    /// @notice A first state: its words, and a slot for each instrument and each spatial unit.
    function ofTitle(BAUnitState memory state) internal pure returns (uint256) {
        uint256 slots = state.spatialUnits.length + state.charges.length + state.notices.length;
        return ofState(state) + SLOT_WEIGHT * slots;
    }

    /// @notice Of consents.
    function ofConsents(uint256 count) internal pure returns (uint256) {
        return CONSENT_WEIGHT * count;
    }

    /// @notice Of spatial units of a unit that a partition makes.
    function ofClaims(uint256 spatialUnits) internal pure returns (uint256) {
        return (2 + SLOT_WEIGHT) * spatialUnits;
    }
}
