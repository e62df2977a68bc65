// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "./IJournal.sol";
import {ConsentProof, Consolidate, Subdivide} from "./LandActs.sol";
import {BAUnitState} from "./LandState.sol";

/// @title Subdivision and consolidation
interface ILandPartition {
    /// @notice Divides a unit; the parent and its spatial units are retired.
    /// @param act What the preparer signed.
    /// @param prior State of the parent in force.
    /// @param consents Of every holding of the ownership class, then of charges and notices that ask for it.
    /// @param signatures Both officers'.
    function subdivide(
        Subdivide calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;

    /// @notice Joins units; the parents and their spatial units are retired.
    /// @param act What the preparer signed.
    /// @param priors States of the parents in force, in the act's order.
    /// @param consents Parent by parent: of every holding of the rights that have not ended, of every charge, of notices
    /// that ask.
    /// @param signatures Both officers'.
    function consolidate(
        Consolidate calldata act,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;
}
