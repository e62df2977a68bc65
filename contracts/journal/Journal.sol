// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";
import {EntryId, GAP_SECONDS, IJournal, JOURNAL_FORMAT_VERSION, OfficerId} from "../interfaces/IJournal.sol";
import {Domain} from "./Domain.sol";
import {Due} from "./Due.sol";
import {JournalStorage} from "./JournalStorage.sol";

/// @title The history of every register
/// @notice Hides how entries are chained. Promises that an entry is written only by a register in force, that the head
/// is the fold of all entries (P8), and that a frozen register never writes again. Nobody but the register can append.
abstract contract Journal is JournalStorage, Domain {
    /// @notice Where the register looks up who governs now.
    ICharter public immutable charter;
    /// @inheritdoc IJournal
    address public immutable predecessor;

    /// @param name Name of the register: the EIP-712 domain's.
    /// @param charter_ The ledger's Charter.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    /// @param predecessor_ The register this one succeeds, or zero: then the journal begins now.
    constructor(
        string memory name,
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_
    ) Domain(name, ledgerNonce_) {
        charter = charter_;
        predecessor = predecessor_;
        if (predecessor_ == address(0)) _begin(0);
    }

    /// @inheritdoc IJournal
    function freeze(address successor_, bytes32 importHash) external {
        if (msg.sender != charter.authority()) revert NotTheAuthority();
        _freeze(successor_, importHash);
    }

    /// @inheritdoc IJournal
    function continueFrom(bytes32 importHash) external {
        if (msg.sender != predecessor || _head != 0 || _importRest != 0) revert NotThePredecessor();
        if (importHash == 0) _continueEmpty();
        else _await(importHash);
    }

    /// @inheritdoc IJournal
    function head() external view returns (bytes32) {
        return _head;
    }

    /// @inheritdoc IJournal
    function entryCount() external view returns (uint64) {
        return _journalStatus.entryCount;
    }

    /// @inheritdoc IJournal
    function lastEntryAt() external view returns (uint64) {
        return _journalStatus.lastEntryAt;
    }

    /// @inheritdoc IJournal
    function gapAt(uint64 index) external view returns (uint64 from, uint64 to) {
        JournalStatus memory status = _journalStatus;
        Gap memory gap = index == status.entryCount ? Gap(status.lastEntryAt, Due.now_()) : _gaps[index];
        return gap.to < gap.from + GAP_SECONDS ? (uint64(0), uint64(0)) : (gap.from, gap.to);
    }

    /// @inheritdoc IJournal
    function successor() external view returns (address) {
        return _journalStatus.successor;
    }

    /// @dev The state is written before the successor is called, so nothing can be recorded in between. One that
    /// has not begun, for its words never fold to what was voted, gives way to another.
    function _freeze(address successor_, bytes32 importHash) internal {
        address waiting = _journalStatus.successor;
        if (waiting == address(0)) _requireInForce();
        else if (IJournal(waiting).head() != 0) revert RegisterIsFrozen(waiting);
        _journalStatus.successor = successor_;
        emit RegisterFrozen(Due.now_(), successor_, _head);
        IJournal(successor_).continueFrom(importHash);
    }

    /// @notice Awaits the words that fold to a hash before the register begins. Most registers carry none over.
    function _await(bytes32) internal virtual {
        revert NothingToImport();
    }

    /// @notice Begins without words. Most registers carry none over.
    function _continueEmpty() internal virtual {
        _continue();
    }

    /// @dev The predecessor is frozen, so its head is final whenever this is asked.
    function _continue() internal virtual {
        bytes32 finalHead = IJournal(predecessor).head();
        _begin(finalHead);
        _journalStatus.lastEntryAt = uint40(_silentSince());
        emit RegisterContinued(predecessor, finalHead, _head);
    }

    /// @dev A halt that ended with the very block in which a successor begins is still shown (P10).
    function _silentSince() internal view virtual returns (uint64) {
        return IJournal(predecessor).lastEntryAt();
    }

    function _begin(bytes32 finalHead) private {
        _head = keccak256(abi.encode(JOURNAL_FORMAT_VERSION, block.chainid, address(this), finalHead));
        _journalStatus.lastEntryAt = uint40(Due.now_());
    }

    /// @notice Appends an entry: the only place that moves the head.
    /// @param preparer Officer who signed, or zero where the act needs none; `approver` likewise.
    /// @param epochs preparerEpoch << 32 | approverEpoch.
    function _record(
        uint16 kind,
        EntryId entryId,
        bytes32 subject,
        bytes32 newState,
        OfficerId preparer,
        OfficerId approver,
        uint64 epochs
    ) internal {
        JournalStatus memory status = _journalStatus;
        uint40 index = status.entryCount;
        uint64 recordedAt = Due.now_();
        if (recordedAt >= status.lastEntryAt + GAP_SECONDS) {
            _gaps[index] = Gap(status.lastEntryAt, recordedAt);
        }
        bytes32 leaf = keccak256(
            abi.encode(
                JOURNAL_FORMAT_VERSION,
                index,
                kind,
                entryId,
                subject,
                newState,
                preparer,
                approver,
                epochs,
                recordedAt
            )
        );
        bytes32 next = keccak256(abi.encode(_head, leaf));
        _head = next;
        status.entryCount = index + 1;
        status.lastEntryAt = uint40(recordedAt);
        _journalStatus = status;
        emit EntryRecorded(
            index,
            entryId,
            subject,
            kind,
            newState,
            preparer,
            approver,
            epochs,
            recordedAt,
            next
        );
    }

    /// @notice Reverts unless the register is in force: every act asks, with or without officers.
    /// @return withdrawnThroughDay From the same word, for `_checkOfficers`.
    function _requireInForce() internal view returns (uint16 withdrawnThroughDay) {
        JournalStatus memory status = _journalStatus;
        if (status.successor != address(0)) revert RegisterIsFrozen(status.successor);
        if (_head == 0) revert RegisterNotBegun();
        return status.withdrawnThroughDay;
    }

    /// @dev The authority of this moment, never one remembered: a replaced consortium has no say (BB3).
    function _consortium() internal view virtual returns (IConsortium) {
        return IConsortium(charter.authority());
    }
}
