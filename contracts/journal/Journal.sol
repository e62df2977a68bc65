// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {AuthorityNeeded, IConsortium} from "../interfaces/IConsortium.sol";
import {
    ActHead,
    Approval,
    Batch,
    EntryId,
    GAP_SECONDS,
    IJournal,
    JOURNAL_FORMAT_VERSION,
    KIND_WITHDRAWAL,
    NO_OFFICER,
    OfficerId,
    Signatures,
    Withdrawal
} from "../interfaces/IJournal.sol";
import {ActHeads} from "./ActHeads.sol";
import {Domain} from "./Domain.sol";
import {Due} from "./Due.sol";
import {JournalStorage} from "./JournalStorage.sol";

/// @title The history and the two signatures of every register
/// @notice Hides how an act is tied to its two officers and how entries are chained. Promises that an entry
/// is written only by a register in force, that the head is the fold of all entries (P8), and that a frozen
/// register never writes again. Registers inherit it; nobody else can append.
/// @dev A register calls `_checkOfficers`, applies its rules and `_record`s: one entry an act, or one an item.
abstract contract Journal is JournalStorage, Domain {
    bytes32 private constant _WITHDRAWAL_TYPEHASH = keccak256(
        "Withdrawal(bytes32 entryId,uint64 actDeadline,bytes32 officer,uint32 epoch)"
    );

    string private constant _BATCH = "Batch(ActHead head,bytes32 itemsHash,uint32 count,bool atomic)";

    bytes32 private immutable _batchTypeHash;
    bytes32 internal immutable _batchApprovalTypeHash;
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
        _batchTypeHash = ActHeads.typeHashOf(_BATCH);
        _batchApprovalTypeHash = ActHeads.approvalTypeHashOf(_BATCH);
        charter = charter_;
        predecessor = predecessor_;
        if (predecessor_ == address(0)) _begin(0);
    }

    /// @inheritdoc IJournal
    function withdraw(Withdrawal calldata withdrawal, bytes calldata signature) external {
        _requireInForce();
        EntryId withdrawalId = EntryId.wrap(
            _digestOf(
                keccak256(
                    abi.encode(
                        _WITHDRAWAL_TYPEHASH,
                        withdrawal.entryId,
                        withdrawal.actDeadline,
                        withdrawal.officer,
                        withdrawal.epoch
                    )
                )
            )
        );
        _consortium().requireOfficer(
            withdrawal.officer,
            withdrawal.epoch,
            0,
            EntryId.unwrap(withdrawalId),
            signature
        );
        bytes32 key = _withdrawalKey(withdrawal.entryId, withdrawal.officer);
        if (_withdrawn[key]) revert ActWithdrawn();
        _withdrawn[key] = true;
        uint16 day = _dayOf(withdrawal.actDeadline);
        if (day > _journalStatus.withdrawnThroughDay) _journalStatus.withdrawnThroughDay = day;
        _record(
            KIND_WITHDRAWAL,
            withdrawalId,
            EntryId.unwrap(withdrawal.entryId),
            bytes32(0),
            withdrawal.officer,
            NO_OFFICER,
            uint64(withdrawal.epoch) << 32
        );
    }

    /// @inheritdoc IJournal
    function freeze(address successor_, bytes32 importHash) external {
        if (msg.sender != charter.authority()) revert NotTheAuthority();
        _freeze(successor_, importHash);
    }

    /// @inheritdoc IJournal
    function continueFrom(bytes32 importHash) external {
        if (msg.sender != predecessor || _head != 0 || _importRest != 0) revert NotThePredecessor();
        if (importHash == 0) _continue();
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

    /// @inheritdoc IJournal
    function isWithdrawn(EntryId entryId, OfficerId officer) external view returns (bool) {
        return _withdrawn[_withdrawalKey(entryId, officer)];
    }

    /// @dev The state is written before the successor is called, so nothing can be recorded in between.
    function _freeze(address successor_, bytes32 importHash) internal {
        _requireInForce();
        _journalStatus.successor = successor_;
        emit RegisterFrozen(Due.now_(), successor_, _head);
        IJournal(successor_).continueFrom(importHash);
    }

    /// @notice Awaits the words that fold to a hash before the register begins. Most registers carry none over.
    function _await(bytes32) internal virtual {
        revert NothingToImport();
    }

    /// @dev The predecessor is frozen, so its head is final whenever this is asked.
    function _continue() internal virtual {
        bytes32 finalHead = IJournal(predecessor).head();
        _begin(finalHead);
        emit RegisterContinued(predecessor, finalHead, _head);
    }

    function _begin(bytes32 finalHead) private {
        _head = keccak256(abi.encode(JOURNAL_FORMAT_VERSION, block.chainid, address(this), finalHead));
        _journalStatus.lastEntryAt = uint40(Due.now_());
    }

    /// @notice Appends the entry of an act that two officers signed.
    function _record(
        uint16 kind,
        EntryId entryId,
        bytes32 subject,
        bytes32 newState,
        ActHead calldata actHead,
        Approval calldata approval
    ) internal {
        _record(
            kind,
            entryId,
            subject,
            newState,
            actHead.preparer,
            approval.approver,
            (uint64(actHead.preparerEpoch) << 32) | approval.approverEpoch
        );
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

    /// @notice Reverts unless the act may be recorded now and its two officers signed it (L3, P1, P3), and says
    /// what they signed: an auditor checks every officer from the logs alone.
    /// @param need What the register asks of the two.
    /// @param actHead Head of the act, already folded into `actHash`.
    /// @param actHash EIP-712 struct hash of the whole act.
    /// @param signatures The two signatures.
    /// @param approvalTypeHash Type hash of `Approval` over this act's type.
    /// @return entryId The act's digest.
    function _checkOfficers(
        AuthorityNeeded memory need,
        ActHead calldata actHead,
        bytes32 actHash,
        Signatures calldata signatures,
        bytes32 approvalTypeHash
    ) internal returns (EntryId entryId) {
        uint16 withdrawnThroughDay = _requireInForce();
        IConsortium consortium = _consortium();
        Approval memory approval = signatures.approval;
        if (!Due.reached(actHead.notBefore)) revert ActNotYetValid();
        if (Due.passed(actHead.deadline, consortium)) revert ActExpired();
        if (Due.passed(approval.deadline, consortium)) revert ApprovalExpired();
        bytes32 actDigest = _digestOf(actHash);
        entryId = EntryId.wrap(actDigest);
        if (
            _dayOf(actHead.deadline) <= withdrawnThroughDay &&
            (_withdrawn[_withdrawalKey(entryId, actHead.preparer)] ||
                _withdrawn[_withdrawalKey(entryId, approval.approver)])
        ) revert ActWithdrawn();
        consortium.requireOfficers(
            need,
            actHead.preparer,
            actHead.preparerEpoch,
            actDigest,
            signatures.preparer,
            approval,
            _digestOf(keccak256(abi.encode(approvalTypeHash, actHash, approval))),
            signatures.approver
        );
        emit Signed(entryId, actHead, actHash, approval.deadline, signatures.preparer, signatures.approver);
    }

    /// @notice EIP-712 struct hash of a batch, or a revert unless it is one of so many items.
    function _hashBatch(
        Batch calldata batch,
        uint256 itemCount,
        uint256 limit
    ) internal view returns (bytes32) {
        if (itemCount == 0 || itemCount > limit) revert BatchSizeOutOfRange(limit);
        if (!batch.atomic) revert BatchNotAtomic();
        if (batch.count != itemCount) revert BatchItemsDiffer();
        return
            keccak256(
                abi.encode(
                    _batchTypeHash,
                    ActHeads.hash(batch.head),
                    batch.itemsHash,
                    batch.count,
                    batch.atomic
                )
            );
    }

    /// @notice Reverts unless the items that came are those the batch's signatures cover.
    function _requireItems(Batch calldata batch, bytes32[] memory itemHashes) internal pure {
        if (batch.itemsHash != keccak256(abi.encodePacked(itemHashes))) revert BatchItemsDiffer();
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

    /// @notice Entry id of one item of a batch, or of one object of an act that changes several.
    function _itemId(EntryId batchId, uint256 itemIndex) internal pure returns (EntryId) {
        return EntryId.wrap(keccak256(abi.encode(batchId, itemIndex)));
    }

    function _withdrawalKey(EntryId entryId, OfficerId officer) private pure returns (bytes32) {
        return keccak256(abi.encode(entryId, officer));
    }

    /// @dev Days since 1970, saturating: an act without a real deadline is always looked up.
    function _dayOf(uint64 moment) private pure returns (uint16) {
        uint64 day = moment / 1 days;
        return day > type(uint16).max ? type(uint16).max : uint16(day);
    }
}
