// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BenefitAct, ProgrammeId} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";
import {ActHead, InstitutionId, OfficeId} from "../interfaces/IJournal.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Journal} from "../journal/Journal.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {BenefitTypes} from "./BenefitTypes.sol";
import {Cards} from "./Cards.sol";
import {ProgrammeRecord} from "./ProgrammeRecord.sol";
import {Change, RecordKind, Verdict} from "./Verdict.sol";

/// @title What the rules of the benefit ledger share
/// @notice Reads the records of the ledger that asks and begins a verdict. Holds nothing and writes nothing.
abstract contract Rules {
    uint256 private constant _HEAD_AT = 4;

    /// @dev What every act's verdict begins with. Every act is a static struct and the first argument, so its
    /// words in the calldata are its EIP-712 encoding but for the head. Each function takes its act into memory,
    /// which has refused a word of more bits than its field: what is hashed is what all read.
    function _verdict(BenefitAct kind, string memory actType) internal pure returns (Verdict memory verdict) {
        ActHead calldata head;
        assembly ("memory-safe") {
            head := _HEAD_AT
        }
        bytes32 headHash = ActHeads.hash(head);
        bytes32[] calldata fields;
        uint256 count = BenefitTypes.fieldsOf(actType);
        uint256 fieldsAt = _HEAD_AT + ActHeads.WORDS * 32;
        assembly ("memory-safe") {
            fields.offset := fieldsAt
            fields.length := count
        }
        verdict.kind = kind;
        verdict.fields = fields;
        verdict.newState = keccak256(abi.encodePacked(ActHeads.typeHashOf(actType), headHash, fields));
        verdict.approvalTypeHash = ActHeads.approvalTypeHashOf(actType);
    }

    function _ofAgency(
        Verdict memory verdict,
        ProgrammeId id,
        ProgrammeRecord.Programme memory programme,
        uint32 pauseScope,
        uint256 amountMinor
    ) internal pure {
        verdict.subject = ProgrammeId.unwrap(id);
        verdict.institution = InstitutionId.wrap(uint16(programme.institution));
        verdict.pauseScope = pauseScope;
        verdict.amountMinor = amountMinor;
        verdict.currency = uint16(programme.currency);
        verdict.key.programme = id;
    }

    /// @dev Adds a record to those the act leaves: at most two, a programme and its cycle.
    function _change(Verdict memory verdict, RecordKind kind, bytes32[] memory words) internal pure {
        Change[] memory before = verdict.changes;
        verdict.changes = new Change[](before.length + 1);
        for (uint256 i = 0; i < before.length; ++i) verdict.changes[i] = before[i];
        verdict.changes[before.length] = Change(kind, words);
    }

    function _programme(ProgrammeId id) internal view returns (ProgrammeRecord.Programme memory) {
        bytes32[] memory words = _words(BenefitSlots.programme(id), ProgrammeRecord.WORDS);
        if (words[0] == 0) revert IBenefitLedger.ProgrammeUnknown();
        return ProgrammeRecord.unpack(words);
    }

    /// @dev A programme is its office's: who acts under another has nothing to do with it.
    function _programmeFor(
        ProgrammeId id,
        ActHead memory head
    ) internal view returns (ProgrammeRecord.Programme memory programme) {
        programme = _programme(id);
        _requireOffice(programme.office, head);
    }

    /// @dev Whether the officers have this office in scope is asked of the consortium with the act's own.
    function _requireOffice(uint256 office, ActHead memory head) internal pure {
        if (office != OfficeId.unwrap(head.office)) revert IBenefitLedger.OfficeDiffers();
    }

    function _enrolment(ProgrammeId id, uint16 epoch) internal view returns (Cards.Enrolment memory) {
        bytes32[] memory words = _words(BenefitSlots.enrolment(id, epoch), Cards.ENROLMENT_WORDS);
        return Cards.unpackEnrolment(uint256(words[0]), uint256(words[1]));
    }

    function _words(bytes32 slot, uint256 count) internal view returns (bytes32[] memory) {
        return IBenefitLedger(msg.sender).words(slot, count);
    }

    function _consortium() internal view returns (IConsortium) {
        return IConsortium(Journal(msg.sender).charter().authority());
    }
}
