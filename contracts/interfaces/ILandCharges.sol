// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "./IJournal.sol";
import {ConsentProof, CreateRestriction, Discharge} from "./LandActs.sol";
import {BAUnitState} from "./LandState.sol";

/// @title Mortgages and cautions: created by their parties, released by their holders
interface ILandCharges {
    /// @notice Creates a mortgage or a caution over the units of the act.
    /// @param act What the preparer signed.
    /// @param priors States in force, one a unit, in the act's order.
    /// @param consents Unit by unit: for a mortgage, of the holdings it lies on; then of restrictions that ask.
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
}
