// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {ICouncil} from "../interfaces/ICouncil.sol";
import {IJournal} from "../interfaces/IJournal.sol";

/// @title The names the Charter's directory may hold
/// @notice Promises that a register stands under one name only, so that freezing what a name held never freezes
/// what another still names. The list and its order are part of the format.
library Directory {
    /// @dev The consortium in force, which the Charter names as authority, and the names.
    uint256 internal constant PLACES = 6;

    bytes32 internal constant SAFEGUARDS = keccak256("Safeguards");
    bytes32 internal constant PERSONNEL = keccak256("Personnel");
    bytes32 private constant _LAND = keccak256("LandRegistry");
    bytes32 private constant _BENEFITS = keccak256("BenefitLedger");
    bytes32 private constant _NOTARY = keccak256("Notary");

    /// @notice The register in force at a place: the consortium at 0, then the names in their order; zero where none is.
    function registerAt(ICharter charter, uint256 place) internal view returns (address) {
        return place == 0 ? charter.authority() : charter.registerOf(_names()[place - 1]);
    }

    /// @notice Reverts unless a register may be put in force under a name: a listed name, a register that no
    /// name holds, and where there was none before, one that succeeds nobody and is not frozen.
    function requireFree(ICharter charter, bytes32 name, address register) internal view {
        bytes32[PLACES - 1] memory names = _names();
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

    function _names() private pure returns (bytes32[PLACES - 1] memory) {
        return [SAFEGUARDS, PERSONNEL, _LAND, _BENEFITS, _NOTARY];
    }
}
