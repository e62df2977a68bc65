// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The slots of every register that certificates prove
/// @dev Inherited first: the head and the frozen state stand in slots 0 and 1 of every register for ever, where
/// certificates prove them.
abstract contract JournalStorage {
    struct JournalStatus {
        uint40 frozenAt;
        uint40 entryCount;
        // The latest day an act withdrawn so far could still have been recorded on: an act due later was
        // certainly not withdrawn, so it need not pay for looking (4,200 gas).
        uint16 withdrawnThroughDay;
        address successor;
    }

    bytes32 internal _head;
    JournalStatus internal _journalStatus;
    mapping(bytes32 entryAndOfficer => bool) internal _withdrawn;
    // Kept free for the journal, so that a register's own slots begin at 5.
    bytes32[2] private _reserved;
}
