// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "./IJournal.sol";
import {ConsentProof, RegisterParts} from "./LandActs.sol";
import {BAUnitState} from "./LandState.sol";

/// @title Parts of a base unit: flats with quotas in common land
interface ILandParts {
    /// @notice Registers parts of a base unit, which counts the quotas it gives out.
    /// @param act What the preparer signed.
    /// @param prior State of the base unit in force.
    /// @param consents Of every holding of the base unit's rights that have not ended, then of its charges, then of
    /// notices that ask.
    /// @param signatures Both officers'.
    function registerParts(
        RegisterParts calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;
}
