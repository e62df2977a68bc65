// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {ICouncil} from "../interfaces/ICouncil.sol";
import {IJournal} from "../interfaces/IJournal.sol";

/// @title The names the Charter's directory may hold
/// @notice Promises that a register stands under one name only, so that freezing what a name held never freezes
/// what another still names. The list is part of the format.
library Directory {
    bytes32 internal constant SAFEGUARDS = keccak256("Safeguards");
    bytes32 internal constant PERSONNEL = keccak256("Personnel");
    bytes32 private constant _LAND = keccak256("LandRegistry");
    bytes32 private constant _BENEFITS = keccak256("BenefitLedger");
    bytes32 private constant _NOTARY = keccak256("Notary");

    /// @notice Reverts unless a register may be put in force under a name: a listed name, a register that no
    /// name holds, and where there was none before, one that succeeds nobody and is not frozen.
    function requireFree(ICharter charter, bytes32 name, address register) internal view {
        bytes32[5] memory names = [SAFEGUARDS, PERSONNEL, _LAND, _BENEFITS, _NOTARY];
        bool listed = false;
        for (uint256 i = 0; i < names.length; ++i) {
            if (names[i] == name) listed = true;
            if (charter.registerOf(names[i]) == register) revert ICouncil.RegisterNamedTwice();
        }
        if (!listed) revert ICouncil.RegisterNotListed();
        if (register.code.length == 0) revert ICharter.NotAContract();
        if (charter.registerOf(name) != address(0)) return;
        if (IJournal(register).predecessor() != address(0)) revert IJournal.NotThePredecessor();
        address successor = IJournal(register).successor();
        if (successor != address(0)) revert IJournal.RegisterIsFrozen(successor);
    }
}
