// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IActs} from "../../contracts/interfaces/IActs.sol";
import {ActHead, Batch, EntryId, Signatures} from "../../contracts/interfaces/IJournal.sol";

/// The smallest act a register can take.
struct Note {
    ActHead head;
    bytes32 subject;
    bytes32 content;
}

/// @title The smallest register of acts: it keeps nothing but its journal
interface INoteRegister is IActs {
    /// @notice Records one note of two officers.
    function note(Note calldata act, Signatures calldata signatures) external returns (EntryId entryId);

    /// @notice Records an entry for each item of a batch of two officers, the contents of notes about themselves.
    function noteMany(
        Batch calldata batch,
        bytes32[] calldata items,
        Signatures calldata signatures
    ) external;
}
