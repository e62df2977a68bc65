// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {IImporting, MAX_IMPORT_WORDS} from "../interfaces/IImporting.sol";
import {ICouncil} from "../interfaces/ICouncil.sol";
import {IJournal} from "../interfaces/IJournal.sol";
import {Acts} from "./Acts.sol";

/// @title A register that is filled before it begins
/// @notice Promises that a successor begins with exactly the words its members voted for, and with none of its
/// journal's own. For registers of many words; those of few copy them from their predecessor.
abstract contract Importing is IImporting, Acts {
    /// @inheritdoc IImporting
    bytes32 public immutable importsFrom;

    constructor() {
        if (predecessor != address(0)) importsFrom = IJournal(predecessor).head();
    }

    /// @inheritdoc IImporting
    function importWords(bytes32[] calldata slots, bytes32[] calldata words, bytes32 rest) external {
        uint256 count = slots.length;
        // Nothing either, where what was voted could not be imported and another was put in force in its place.
        if (_importRest == 0 || IJournal(predecessor).successor() != address(this)) revert NothingToImport();
        if (count == 0 || count > MAX_IMPORT_WORDS || words.length != count) {
            revert ImportSizeOutOfRange(MAX_IMPORT_WORDS);
        }
        bytes32 fold = rest;
        for (uint256 i = count; i > 0; --i) {
            bytes32 slot = slots[i - 1];
            if (uint256(slot) < _JOURNAL_SLOTS) revert ImportOutOfReach();
            fold = keccak256(abi.encode(slot, words[i - 1], fold));
            StorageSlot.getBytes32Slot(slot).value = words[i - 1];
        }
        if (fold != _importRest) revert ImportDiffers();
        _importRest = rest;
        emit WordsImported(slots, words, rest);
        if (rest == 0) _continue();
    }

    /// @dev A vote that names no fold would leave what the register before holds behind, frozen, and its ids to be given again.
    function _continueEmpty() internal override {
        IJournal before = IJournal(predecessor);
        if (before.entryCount() != 0 || before.predecessor() != address(0))
            revert ICouncil.SuccessorIsWeaker();
        _continue();
    }

    /// @dev What anybody records after this was deployed, one officer's withdrawal included, is in no fold that was
    /// computed before it: the vote is taken again rather than the entry forgotten.
    function _await(bytes32 importHash) internal override {
        if (IJournal(predecessor).head() != importsFrom) revert ImportStale();
        _importRest = importHash;
        emit ImportOpened(msg.sender, importHash);
    }
}
