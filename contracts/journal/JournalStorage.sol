// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The slots of every register that certificates prove
/// @dev Inherited first: the head and the status stand in slots 0 and 1 of every register for ever, where
/// certificates prove them. What a register keeps for itself begins after the journal's slots.
abstract contract JournalStorage {
    struct JournalStatus {
        // Second of the last entry, or of the beginning or the predecessor's last while there is none.
        uint40 lastEntryAt;
        uint40 entryCount;
        // The latest day an act withdrawn so far could still have been recorded on: an act due later was
        // certainly not withdrawn, so it need not pay for looking (4,200 gas).
        uint16 withdrawnThroughDay;
        // Set once and for good: then the register is frozen.
        address successor;
    }

    struct Gap {
        uint64 from;
        uint64 to;
    }

    /// @dev Slots that belong to the journal: an import never writes them.
    uint256 internal constant _JOURNAL_SLOTS = 5;

    bytes32 internal _head;
    JournalStatus internal _journalStatus;
    mapping(bytes32 entryAndOfficer => bool) internal _withdrawn;
    mapping(uint64 index => Gap) internal _gaps;
    // What the words still to be imported fold to; zero when there is none.
    bytes32 internal _importRest;
}
