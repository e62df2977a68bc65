// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IActs} from "../interfaces/IActs.sol";
import {AuthorityNeeded, IConsortium} from "../interfaces/IConsortium.sol";
import {
    ActHead,
    Approval,
    Batch,
    EntryId,
    KIND_WITHDRAWAL,
    NO_OFFICER,
    OfficerId,
    Signatures,
    Withdrawal
} from "../interfaces/IJournal.sol";
import {ActHeads} from "./ActHeads.sol";
import {Due} from "./Due.sol";
import {Journal} from "./Journal.sol";

/// @title The two signatures of every act
/// @notice Hides how an act is tied to its two officers, and how one of them takes it back. Registers of acts inherit it;
/// the consortium, which changes at the word of others, has only the journal.
/// @dev A register calls `_checkOfficers`, applies its rules and `_record`s: one entry an act, or one an item.
abstract contract Acts is IActs, Journal {
    bytes32 private constant _WITHDRAWAL_TYPEHASH = keccak256(
        "Withdrawal(bytes32 entryId,uint64 actDeadline,bytes32 officer,uint32 epoch)"
    );

    string private constant _BATCH = "Batch(ActHead head,bytes32 itemsHash,uint32 count,bool atomic)";

    bytes32 private immutable _batchTypeHash;
    bytes32 internal immutable _batchApprovalTypeHash;
    constructor() {
        _batchTypeHash = ActHeads.typeHashOf(_BATCH);
        _batchApprovalTypeHash = ActHeads.approvalTypeHashOf(_BATCH);
    }

    /// @inheritdoc IActs
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

    /// @inheritdoc IActs
    function isWithdrawn(EntryId entryId, OfficerId officer) external view returns (bool) {
        return _withdrawn[_withdrawalKey(entryId, officer)];
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
