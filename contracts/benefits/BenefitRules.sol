// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Journal} from "../journal/Journal.sol";
import {
    BenefitAct,
    CycleEnvelope,
    CycleId,
    CycleState,
    DefineProgramme,
    Enrol,
    MoveCycle,
    MoveFunds,
    PauseProgramme,
    ProgrammeId,
    ReplaceCard,
    SetTill,
    SetVendor,
    Settle,
    Standing,
    TillId,
    VendorId
} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {IBenefitViews} from "../interfaces/IBenefitViews.sol";
import {Verdict} from "../interfaces/IBenefitRules.sol";
import {IConsortium, KeyKind} from "../interfaces/IConsortium.sol";
import {ActHead, EntryId, InstitutionId, Signatures} from "../interfaces/IJournal.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {BenefitTypes} from "./BenefitTypes.sol";
import {Cards} from "./Cards.sol";
import {CycleRecord} from "./CycleRecord.sol";
import {CycleRules} from "./CycleRules.sol";
import {ProgrammeRecord} from "./ProgrammeRecord.sol";
import {Scopes} from "../power/Scopes.sol";
import {VendorCredits} from "./VendorCredits.sol";
import {VendorRecord} from "./VendorRecord.sol";
import {Words} from "../journal/Words.sol";

/// @title What the benefit ledger's acts need and change
/// @notice Holds nothing and writes nothing: reads the words of the ledger that asks, applies the rules in the
/// order of the interface's errors, and answers with a `Verdict`. The functions have the ledger's selectors and
/// arguments. Anyone may ask; only the ledger does what is answered, and only for acts its officers signed.
contract BenefitRules {
    using CycleRules for ProgrammeRecord.Programme;
    using ProgrammeRecord for ProgrammeRecord.Programme;
    using CycleRecord for CycleRecord.Cycle;
    using VendorCredits for VendorCredits.Credit;
    using Words for bytes32;

    /// @dev Where an act's fields begin in the calldata: after the selector and the nine words of its head.
    uint256 private constant _FIELDS_AT = 4 + 9 * 32;
    uint256 private constant _HEAD_AT = 4;

    /// @notice Rules of `IBenefitLedger.defineProgramme`.
    function defineProgramme(
        DefineProgramme memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        if (ProgrammeId.unwrap(act.programme) == 0 || InstitutionId.unwrap(act.institution) == 0) {
            revert IBenefitLedger.IdentifierMissing();
        }
        bytes32 at_ = BenefitSlots.programme(act.programme);
        bytes32[] memory before = _words(at_, ProgrammeRecord.WORDS);
        if (before[0] != 0) revert IBenefitLedger.ProgrammeExists();
        if (
            act.currency == 0 ||
            act.mostPerRedemptionUnits == 0 ||
            act.mostPerRedemptionUnits > type(uint24).max ||
            act.disputeSeconds > type(uint24).max
        ) revert IBenefitLedger.PolicyOutOfRange();
        verdict = _verdict(
            BenefitAct.ProgrammeDefined,
            10,
            ProgrammeId.unwrap(act.programme),
            BenefitTypes.DEFINE_PROGRAMME,
            BenefitTypes.DEFINE_PROGRAMME_APPROVAL
        );
        verdict.institution = act.institution;
        verdict.pauseScope = Scopes.DISBURSEMENT;
        ProgrammeRecord.Programme memory programme;
        programme.institution = InstitutionId.unwrap(act.institution);
        programme.currency = act.currency;
        programme.mostPerRedemptionUnits = act.mostPerRedemptionUnits;
        programme.disputeSeconds = act.disputeSeconds;
        programme.leastOpenSeconds = act.leastOpenSeconds;
        programme.assistedCapUnits = act.assistedCapUnits;
        programme.emergencyCapUnits = act.emergencyCapUnits;
        programme.twoInstitutionsAboveMinor = act.twoInstitutionsAboveMinor;
        programme.policyHash = act.policyHash;
        _write(verdict, at_, before, programme.pack());
    }

    /// @notice Rules of `IBenefitLedger.moveFunds`.
    function moveFunds(
        MoveFunds memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        (ProgrammeRecord.Programme memory programme, bytes32[] memory before) = _programme(act.programme);
        verdict = _verdict(
            BenefitAct.FundsMoved,
            5,
            ProgrammeId.unwrap(act.programme),
            BenefitTypes.MOVE_FUNDS,
            BenefitTypes.MOVE_FUNDS_APPROVAL
        );
        _ofAgency(verdict, programme, Scopes.DISBURSEMENT, act.amountMinor);
        programme.move(act);
        _write(verdict, BenefitSlots.programme(act.programme), before, programme.pack());
    }

    /// @notice Rules of `IBenefitLedger.pauseProgramme`.
    /// @dev A pause stops people's purchases, so it asks two institutions, whatever it lasts.
    function pauseProgramme(
        PauseProgramme memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        (ProgrammeRecord.Programme memory programme, bytes32[] memory before) = _programme(act.programme);
        if (act.versionBefore != programme.version) {
            revert IBenefitLedger.ProgrammeVersionStale(uint32(programme.version));
        }
        if (act.pausedUntil > type(uint40).max) revert IBenefitLedger.PolicyOutOfRange();
        verdict = _verdict(
            BenefitAct.ProgrammePaused,
            3,
            ProgrammeId.unwrap(act.programme),
            BenefitTypes.PAUSE_PROGRAMME,
            BenefitTypes.PAUSE_PROGRAMME_APPROVAL
        );
        _ofAgency(verdict, programme, 0, 0);
        verdict.aboveTier = act.pausedUntil != 0;
        programme.pausedUntil = act.pausedUntil;
        ++programme.version;
        _write(verdict, BenefitSlots.programme(act.programme), before, programme.pack());
    }

    /// @notice Rules of `IBenefitLedger.enrol`.
    function enrol(Enrol memory act, Signatures calldata) external view returns (Verdict memory verdict) {
        (ProgrammeRecord.Programme memory programme, ) = _programme(act.programme);
        bytes32 at_ = BenefitSlots.enrolment(act.programme, act.enrolmentEpoch);
        bytes32[] memory before = _words(at_, Cards.ENROLMENT_WORDS);
        bytes32[] memory next = new bytes32[](Cards.ENROLMENT_WORDS);
        next[0] = bytes32(Cards.sign(uint256(before[0]), act));
        next[1] = act.slotsHash;
        verdict = _verdict(
            BenefitAct.Enrolled,
            5,
            ProgrammeId.unwrap(act.programme),
            BenefitTypes.ENROL,
            BenefitTypes.ENROL_APPROVAL
        );
        _ofAgency(verdict, programme, Scopes.DISBURSEMENT, 0);
        _write(verdict, at_, before, next);
    }

    /// @notice Rules of `IBenefitLedger.replaceCard`.
    /// @dev No pause stops it: a lost card must be refused at once.
    function replaceCard(
        ReplaceCard memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        (ProgrammeRecord.Programme memory programme, ) = _programme(act.programme);
        uint256 enrolment = uint256(_words(BenefitSlots.enrolment(act.programme, act.enrolmentEpoch), 1)[0]);
        if (act.index >= Cards.enrolledOf(enrolment)) revert IBenefitLedger.PersonUnknown();
        bytes32 at_ = BenefitSlots.cards(act.programme, act.enrolmentEpoch).after_(act.index);
        bytes32[] memory before = _words(at_, 1);
        verdict = _verdict(
            BenefitAct.CardReplaced,
            8,
            ProgrammeId.unwrap(act.programme),
            BenefitTypes.REPLACE_CARD,
            BenefitTypes.REPLACE_CARD_APPROVAL
        );
        _ofAgency(verdict, programme, 0, 0);
        _writeWord(verdict, at_, before, Cards.replace(uint256(before[0]), act));
    }

    /// @notice Rules of `IBenefitLedger.setVendor`.
    function setVendor(
        SetVendor memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        if (VendorId.unwrap(act.vendor) == 0 || InstitutionId.unwrap(act.institution) == 0) {
            revert IBenefitLedger.IdentifierMissing();
        }
        if (act.standing == Standing.Unspecified) revert IBenefitLedger.StandingUnknown();
        bytes32 at_ = BenefitSlots.vendor(act.vendor);
        bytes32[] memory before = _words(at_, 1);
        VendorRecord.Vendor memory vendor = VendorRecord.unpackVendor(uint256(before[0]));
        uint256 institution = InstitutionId.unwrap(act.institution);
        if (vendor.version != 0 && vendor.institution != institution) {
            revert IBenefitLedger.VendorOfAnotherInstitution();
        }
        if (act.versionBefore != vendor.version) {
            revert IBenefitLedger.VendorStateStale(uint32(vendor.version));
        }
        if (act.from > type(uint40).max) revert IBenefitLedger.PolicyOutOfRange();
        verdict = _verdict(
            BenefitAct.VendorSet,
            5,
            VendorId.unwrap(act.vendor),
            BenefitTypes.SET_VENDOR,
            BenefitTypes.SET_VENDOR_APPROVAL
        );
        verdict.institution = act.institution;
        vendor = VendorRecord.Vendor(institution, act.standing, act.from, vendor.version + 1);
        _writeWord(verdict, at_, before, VendorRecord.packVendor(vendor));
    }

    /// @notice Rules of `IBenefitLedger.setTill`.
    function setTill(SetTill memory act, Signatures calldata) external view returns (Verdict memory verdict) {
        if (TillId.unwrap(act.till) == 0) revert IBenefitLedger.IdentifierMissing();
        if (act.standing == Standing.Unspecified) revert IBenefitLedger.StandingUnknown();
        VendorRecord.Vendor memory vendor = VendorRecord.unpackVendor(
            uint256(_words(BenefitSlots.vendor(act.vendor), 1)[0])
        );
        if (vendor.version == 0) revert IBenefitLedger.VendorUnknown();
        bytes32 at_ = BenefitSlots.till(act.vendor, act.till);
        bytes32[] memory before = _words(at_, 1);
        VendorRecord.Till memory till = VendorRecord.unpackTill(uint256(before[0]));
        if (act.versionBefore != till.version) revert IBenefitLedger.TillStateStale(uint32(till.version));
        bool isTillKind = act.keyKind == KeyKind.Secp256k1 || act.keyKind == KeyKind.P256;
        if (act.keyId == address(0) || !isTillKind) revert IBenefitLedger.TillKeyMalformed();
        verdict = _verdict(
            BenefitAct.TillSet,
            6,
            VendorId.unwrap(act.vendor),
            BenefitTypes.SET_TILL,
            BenefitTypes.SET_TILL_APPROVAL
        );
        verdict.institution = InstitutionId.wrap(uint16(vendor.institution));
        till = VendorRecord.Till(act.keyId, act.keyKind, act.standing, till.version + 1);
        _writeWord(verdict, at_, before, VendorRecord.packTill(till));
    }

    /// @notice Rules of `IBenefitLedger.openCycle`.
    function openCycle(
        CycleEnvelope memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        (ProgrammeRecord.Programme memory programme, bytes32[] memory before) = _programme(act.programme);
        bytes32 cycleAt = BenefitSlots.cycle(act.programme, act.cycle);
        bytes32[] memory cycleBefore = _words(cycleAt, CycleRecord.WORDS);
        uint256 enrolment = uint256(_words(BenefitSlots.enrolment(act.programme, act.enrolmentEpoch), 1)[0]);
        CycleRecord.Cycle memory cycle = programme.open(
            CycleRecord.unpack(cycleBefore),
            act,
            Cards.enrolledOf(enrolment),
            _consortium()
        );
        verdict = _verdict(
            BenefitAct.CycleOpened,
            14,
            ProgrammeId.unwrap(act.programme),
            BenefitTypes.CYCLE_ENVELOPE,
            BenefitTypes.CYCLE_ENVELOPE_APPROVAL
        );
        uint256 amountMinor = uint256(act.totalUnits) * act.unitValueMinor;
        _ofAgency(verdict, programme, Scopes.DISBURSEMENT, amountMinor);
        cycle.envelopeHash = verdict.newState;
        _write(verdict, BenefitSlots.programme(act.programme), before, programme.pack());
        _write(verdict, cycleAt, cycleBefore, cycle.pack());
    }

    /// @notice Rules of `IBenefitLedger.finalise`.
    function finalise(ProgrammeId id, CycleId cycleId) external view returns (Verdict memory verdict) {
        (ProgrammeRecord.Programme memory programme, bytes32[] memory before) = _programme(id);
        bytes32 cycleAt = BenefitSlots.cycle(id, cycleId);
        bytes32[] memory cycleBefore = _words(cycleAt, CycleRecord.WORDS);
        CycleRecord.Cycle memory cycle = CycleRecord.unpack(cycleBefore);
        programme.release(cycle);
        verdict.kind = BenefitAct.CycleReleased;
        verdict.fields = 2;
        verdict.subject = ProgrammeId.unwrap(id);
        verdict.newState = cycle.envelopeHash;
        // A cycle is released once, so no other entry of any register of any ledger has this id.
        verdict.entryId = EntryId.wrap(
            keccak256(abi.encode(block.chainid, msg.sender, verdict.kind, id, cycleId))
        );
        _write(verdict, BenefitSlots.programme(id), before, programme.pack());
        _write(verdict, cycleAt, cycleBefore, cycle.pack());
    }

    /// @notice Rules of `IBenefitLedger.moveCycle`.
    function moveCycle(
        MoveCycle memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        (ProgrammeRecord.Programme memory programme, bytes32[] memory before) = _programme(act.programme);
        bytes32 cycleAt = BenefitSlots.cycle(act.programme, act.cycle);
        bytes32[] memory cycleBefore = _words(cycleAt, CycleRecord.WORDS);
        CycleRecord.Cycle memory cycle = CycleRecord.unpack(cycleBefore);
        programme.step(cycle, act, _consortium());
        verdict = _verdict(
            BenefitAct.CycleMoved,
            4,
            ProgrammeId.unwrap(act.programme),
            BenefitTypes.MOVE_CYCLE,
            BenefitTypes.MOVE_CYCLE_APPROVAL
        );
        _ofAgency(verdict, programme, Scopes.DISBURSEMENT, act.unspentUnits * cycle.unitValueMinor);
        _write(verdict, BenefitSlots.programme(act.programme), before, programme.pack());
        _write(verdict, cycleAt, cycleBefore, cycle.pack());
    }

    /// @notice Rules of `IBenefitLedger.settle`: what was settled before makes it happen once (B6).
    function settle(Settle memory act, Signatures calldata) external view returns (Verdict memory verdict) {
        (ProgrammeRecord.Programme memory programme, ) = _programme(act.programme);
        CycleRecord.Cycle memory cycle = CycleRecord.unpack(
            _words(BenefitSlots.cycle(act.programme, act.cycle), CycleRecord.WORDS)
        );
        if (cycle.state == CycleState.Unspecified) revert IBenefitLedger.CycleUnknown();
        bytes32 at_ = BenefitSlots.credit(act.programme, act.cycle, act.vendor);
        bytes32[] memory before = _words(at_, 2);
        VendorCredits.Credit memory credit = VendorCredits.unpack(uint256(before[0]));
        credit.mature(uint64(programme.disputeSeconds), _consortium());
        if (act.settledBeforeUnits != credit.settled) {
            revert IBenefitLedger.SettlementStateStale(uint64(credit.settled));
        }
        uint256 settleable = credit.settleable(uint256(before[1]));
        if (act.units == 0 || act.units > settleable) {
            revert IBenefitLedger.SettlementExceedsCredit(uint64(settleable));
        }
        if (act.amountMinor != act.units * cycle.unitValueMinor) {
            revert IBenefitLedger.SettlementAmountDiffers();
        }
        verdict = _verdict(
            BenefitAct.Settled,
            7,
            ProgrammeId.unwrap(act.programme),
            BenefitTypes.SETTLE,
            BenefitTypes.SETTLE_APPROVAL
        );
        _ofAgency(verdict, programme, Scopes.SETTLEMENT, act.amountMinor);
        credit.settled += act.units;
        _writeWord(verdict, at_, before, credit.pack());
    }

    /// @dev What every act's verdict begins with. Every act is a static struct and the first argument, so its
    /// words in the calldata are its EIP-712 encoding and are hashed where they lie. Each function takes its act
    /// into memory, which has refused a word of more bits than its field: what is hashed is what all read.
    function _verdict(
        BenefitAct kind,
        uint256 fields,
        bytes32 subject,
        bytes32 typeHash,
        bytes32 approvalTypeHash
    ) private pure returns (Verdict memory verdict) {
        ActHead calldata head;
        assembly ("memory-safe") {
            head := _HEAD_AT
        }
        bytes32 headHash = ActHeads.hash(head);
        verdict.kind = kind;
        verdict.fields = fields;
        verdict.subject = subject;
        verdict.newState = keccak256(
            abi.encodePacked(typeHash, headHash, msg.data[_FIELDS_AT:_FIELDS_AT + fields * 32])
        );
        verdict.approvalTypeHash = approvalTypeHash;
    }

    function _ofAgency(
        Verdict memory verdict,
        ProgrammeRecord.Programme memory programme,
        uint32 pauseScope,
        uint256 amountMinor
    ) private pure {
        uint256 tier = programme.twoInstitutionsAboveMinor;
        verdict.institution = InstitutionId.wrap(uint16(programme.institution));
        verdict.pauseScope = pauseScope;
        verdict.aboveTier = tier != 0 && amountMinor > tier;
    }

    function _programme(
        ProgrammeId id
    ) private view returns (ProgrammeRecord.Programme memory programme, bytes32[] memory before) {
        before = _words(BenefitSlots.programme(id), ProgrammeRecord.WORDS);
        if (before[0] == 0) revert IBenefitLedger.ProgrammeUnknown();
        programme = ProgrammeRecord.unpack(before);
    }

    function _words(bytes32 slot, uint256 count) private view returns (bytes32[] memory) {
        return IBenefitViews(msg.sender).words(slot, count);
    }

    function _consortium() private view returns (IConsortium) {
        return IConsortium(Journal(msg.sender).charter().authority());
    }

    /// @dev Adds the words of a record that changed.
    function _write(
        Verdict memory verdict,
        bytes32 at_,
        bytes32[] memory before,
        bytes32[] memory next
    ) private pure {
        for (uint256 i = 0; i < next.length; ++i) {
            if (next[i] != before[i]) _append(verdict, at_.after_(i), next[i]);
        }
    }

    function _writeWord(
        Verdict memory verdict,
        bytes32 at_,
        bytes32[] memory before,
        uint256 word
    ) private pure {
        if (bytes32(word) != before[0]) _append(verdict, at_, bytes32(word));
    }

    function _append(Verdict memory verdict, bytes32 slot, bytes32 word) private pure {
        bytes32[] memory before = verdict.writes;
        bytes32[] memory writes = new bytes32[](before.length + 2);
        for (uint256 i = 0; i < before.length; ++i) writes[i] = before[i];
        writes[before.length] = slot;
        writes[before.length + 1] = word;
        verdict.writes = writes;
    }
}
