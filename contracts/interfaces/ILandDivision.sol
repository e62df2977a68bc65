// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "./IJournal.sol";
import {CancelDivision, Child, ConsentProof, OpenDivision} from "./LandActs.sol";
import {BAUnitId, BAUnitState} from "./LandState.sol";

/// @title Divisions: subdivisions into more units than one transaction makes
/// @dev Opened by two officers with every owner's consent to the children's fold; loaded by anybody, who can only load
/// what was consented to; completed by anybody once all are loaded. Nothing but a cancellation by two officers, the
/// preparer of the institution that keeps the office, leads elsewhere, so nobody gains by being first. Whoever divides land can follow it from events alone.
interface ILandDivision {
    /// @notice Opens a division: the unit is dividing.
    /// @param act What the preparer signed.
    /// @param prior State of the parent in force.
    /// @param consents Of every holding of the ownership class, then of charges and notices that ask for it.
    /// @param signatures Both officers'.
    function openDivision(
        OpenDivision calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;

    /// @notice Cancels a division that is not completed: the unit is active again.
    /// @param act What the preparer signed.
    /// @param prior State of the parent in force.
    /// @param signatures Both officers'.
    function cancelDivision(
        CancelDivision calldata act,
        BAUnitState calldata prior,
        Signatures calldata signatures
    ) external;

    /// @notice Loads the next children of a division, in the order of its fold. Anybody calls it.
    /// @param baUnit The dividing unit.
    /// @param children The next children, with at most `MAX_SPATIAL_UNITS_PER_LOAD` spatial units.
    /// @param rest What the children after these fold to; zero after the last.
    function loadChildren(BAUnitId baUnit, Child[] calldata children, bytes32 rest) external;

    /// @notice Completes a division whose children are all loaded: the first call retires the parent, and each makes the
    /// children it is shown, with every right, charge, notice and responsibility of the parent (L6). Anybody calls it.
    /// @param baUnit The parent, dividing or retired by this division.
    /// @param prior Its state in force.
    /// @param children Loaded children that are not made yet, in any order, at most `MAX_UNITS_PER_ACT`; none is enough
    /// to retire the parent.
    function completeDivision(
        BAUnitId baUnit,
        BAUnitState calldata prior,
        Child[] calldata children
    ) external;
}
