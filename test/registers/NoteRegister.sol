// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../../contracts/interfaces/ICharter.sol";
import {AuthorityNeeded} from "../../contracts/interfaces/IConsortium.sol";
import {Batch, EntryId, OfficeId, Signatures} from "../../contracts/interfaces/IJournal.sol";
import {ActHeads} from "../../contracts/journal/ActHeads.sol";
import {Acts} from "../../contracts/journal/Acts.sol";
import {Journal} from "../../contracts/journal/Journal.sol";
import {Roles} from "../../contracts/power/Roles.sol";
import {INoteRegister, Note} from "./INoteRegister.sol";

/// @title The smallest register of acts
/// @notice Compiled as the registers are, so that what it costs is what theirs cost before they keep anything.
contract NoteRegister is INoteRegister, Acts {
    uint16 public constant KIND_NOTE = 16;
    uint256 public constant MAX_ITEMS = 4;
    bytes32 private constant _NOTE = keccak256(
        "Note(ActHead head,bytes32 subject,bytes32 content)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 private constant _NOTE_APPROVAL = keccak256(
        "Approval(Note act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Note(ActHead head,bytes32 subject,bytes32 content)"
    );

    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_
    ) Journal("Kudurru NoteRegister", charter_, ledgerNonce_, address(0)) {}

    /// @inheritdoc INoteRegister
    function note(Note calldata act, Signatures calldata signatures) external returns (EntryId entryId) {
        bytes32 hash = keccak256(abi.encode(_NOTE, ActHeads.hash(act.head), act.subject, act.content));
        entryId = _checkOfficers(_need(act.head.office), act.head, hash, signatures, _NOTE_APPROVAL);
        _record(KIND_NOTE, entryId, act.subject, act.content, act.head, signatures.approval);
    }

    /// @inheritdoc INoteRegister
    function noteMany(
        Batch calldata batch,
        bytes32[] calldata items,
        Signatures calldata signatures
    ) external {
        EntryId batchId = _checkOfficers(
            _need(batch.head.office),
            batch.head,
            _hashBatch(batch, items.length, MAX_ITEMS),
            signatures,
            _batchApprovalTypeHash
        );
        for (uint256 i = 0; i < items.length; ++i) {
            EntryId itemId = _itemId(batchId, i);
            _record(KIND_NOTE, itemId, items[i], items[i], batch.head, signatures.approval);
        }
        _requireItems(batch, items);
    }

    function _need(OfficeId office) private pure returns (AuthorityNeeded memory need) {
        need.office = office;
        need.prepareRole = Roles.LAND_PREPARER;
        need.approveRole = Roles.LAND_APPROVER;
    }
}
