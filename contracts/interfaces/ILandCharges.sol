// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "./IJournal.sol";
import {ConsentProof, CreateRestriction, Discharge} from "./LandActs.sol";
import {BAUnitId, BAUnitState} from "./LandState.sol";

/// @title Mortgages and cautions: created by their parties, released by their holders, swept once they lapsed
interface ILandCharges {
    /// @notice Creates a mortgage or a caution over the units of the act.
    /// @param act What the preparer signed.
    /// @param priors States in force, one a unit, in the act's order.
    /// @param consents Of a mortgage, unit by unit: of the holdings it lies on, then of charges and notices that ask.
    /// @param signatures Both officers'.
    function createRestriction(
        CreateRestriction calldata act,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;

    /// @notice Ends restrictions, each with its holder's consent.
    /// @param act What the preparer signed.
    /// @param priors States in force, one a release, in the act's order.
    /// @param consents Release by release, of the restriction's holder.
    /// @param signatures Both officers'.
    function discharge(
        Discharge calldata act,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;

    /// @notice Drops what lapsed more than `SWEEP_AFTER_SECONDS` ago from a unit, with all else that lapsed. Anybody
    /// calls it and nobody signs it: its entry has no officers, and the digest of `Sweep` as its id.
    /// @param baUnit The unit.
    /// @param prior Its state in force.
    function sweep(BAUnitId baUnit, BAUnitState calldata prior) external;
}
