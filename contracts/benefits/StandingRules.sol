// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BenefitAct,
    Enrol,
    SetCard,
    SetTill,
    SetVendor,
    SkipReason,
    Standing,
    TillId,
    VendorId
} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {IConsortium, KeyKind} from "../interfaces/IConsortium.sol";
import {InstitutionId, OfficeId, Signatures} from "../interfaces/IJournal.sol";
import {Due} from "../journal/Due.sol";
import {Scopes} from "../power/Scopes.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {BenefitTypes} from "./BenefitTypes.sol";
import {Cards} from "./Cards.sol";
import {CycleRecord} from "./CycleRecord.sol";
import {ProgrammeRecord} from "./ProgrammeRecord.sol";
import {FRESH_SECONDS, SaleFacts} from "./SaleFacts.sol";
import {Rules} from "./Rules.sol";
import {SalePauses} from "./SalePauses.sol";
import {Standings} from "./Standings.sol";
import {VendorRecord} from "./VendorRecord.sol";
import {RecordKind, Verdict} from "./Verdict.sol";
import {Words} from "../journal/Words.sol";

/// @title Who may spend and who may sell, and at which second
/// @notice The rules of enrolments, cards, vendors and tills, in the manner of `BenefitRules`, and those of an
/// item's date that the ledger does not see at a glance (B5). Holds nothing and writes nothing.
contract StandingRules is Rules {
    using Cards for Cards.Card;
    using Cards for Cards.Enrolment;
    using SalePauses for SalePauses.Span;
    using Standings for Standings.Period;
    using Words for bytes32;

    /// In a pause's first day tills that were offline since before it go on selling.
    uint256 private constant _UNHEARD_SECONDS = 24 hours;

    /// @notice Rules of `IBenefitLedger.enrol`.
    function enrol(Enrol memory act, Signatures calldata) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programmeFor(act.programme, act.head);
        Cards.Enrolment memory enrolment = _enrolment(act.programme, act.enrolmentEpoch);
        enrolment.sign(act);
        verdict = _verdict(BenefitAct.Enrolled, BenefitTypes.ENROL);
        _ofAgency(verdict, act.programme, programme, Scopes.DISBURSEMENT, 0);
        verdict.key.enrolmentEpoch = act.enrolmentEpoch;
        _change(verdict, RecordKind.Enrolment, enrolment.packEnrolment());
    }

    /// @notice Rules of `IBenefitLedger.setCard`.
    /// @dev No pause stops it: a lost card must be refused at once.
    function setCard(SetCard memory act, Signatures calldata) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programmeFor(act.programme, act.head);
        if (act.index >= _enrolment(act.programme, act.enrolmentEpoch).enrolled) {
            revert IBenefitLedger.PersonUnknown();
        }
        bytes32 at_ = BenefitSlots.cards(act.programme, act.enrolmentEpoch).after_(act.index);
        Cards.Card memory card = Cards.unpack(uint256(_words(at_, 1)[0]));
        card.set(act);
        verdict = _verdict(BenefitAct.CardSet, BenefitTypes.SET_CARD);
        _ofAgency(verdict, act.programme, programme, 0, 0);
        verdict.key.enrolmentEpoch = act.enrolmentEpoch;
        verdict.key.index = act.index;
        _change(verdict, RecordKind.Card, card.pack());
    }

    /// @notice Rules of `IBenefitLedger.setVendor`.
    function setVendor(
        SetVendor memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        uint256 institution = InstitutionId.unwrap(act.institution);
        if (VendorId.unwrap(act.vendor) == 0 || institution == 0) revert IBenefitLedger.IdentifierMissing();
        VendorRecord.Vendor memory vendor = _vendor(act.vendor);
        if (vendor.version != 0 && vendor.institution != institution) {
            revert IBenefitLedger.VendorOfAnotherInstitution();
        }
        if (vendor.version != 0) _requireOffice(vendor.office, act.head);
        if (act.versionBefore != vendor.version) {
            revert IBenefitLedger.VendorStateStale(uint32(vendor.version));
        }
        Standings.requireChange(vendor.period.standing, act.standing);
        bool hasMoment = act.from != 0;
        if (act.from > type(uint40).max || (hasMoment && act.standing != Standing.Active)) {
            revert IBenefitLedger.StandingMomentOutOfRange();
        }
        verdict = _verdict(BenefitAct.VendorSet, BenefitTypes.SET_VENDOR);
        verdict.subject = VendorId.unwrap(act.vendor);
        verdict.institution = act.institution;
        vendor.institution = institution;
        vendor.office = OfficeId.unwrap(act.head.office);
        vendor.period = vendor.period.changed(act.standing, act.from);
        ++vendor.version;
        verdict.key.vendor = act.vendor;
        _change(verdict, RecordKind.Vendor, VendorRecord.packVendor(vendor));
    }

    /// @notice Rules of `IBenefitLedger.setTill`.
    function setTill(SetTill memory act, Signatures calldata) external view returns (Verdict memory verdict) {
        if (TillId.unwrap(act.till) == 0) revert IBenefitLedger.IdentifierMissing();
        VendorRecord.Vendor memory vendor = _vendor(act.vendor);
        if (vendor.version == 0) revert IBenefitLedger.VendorUnknown();
        _requireOffice(vendor.office, act.head);
        bytes32[] memory words = _words(BenefitSlots.till(act.vendor, act.till), VendorRecord.TILL_WORDS);
        VendorRecord.Till memory till = VendorRecord.unpackTill(uint256(words[0]), uint256(words[1]));
        if (act.versionBefore != till.version) revert IBenefitLedger.TillStateStale(uint32(till.version));
        // A till keeps its key, else whoever gave it another one would take what it sold and has not posted. Another
        // key is another till, and the one before posts for its time after it is suspended or revoked.
        bool isKept = till.version == 0 || (act.keyId == till.keyId && act.keyKind == till.keyKind);
        bool isTillKind = act.keyKind == KeyKind.Secp256k1 || act.keyKind == KeyKind.P256;
        if (act.keyId == address(0) || !isTillKind || !isKept) revert IBenefitLedger.TillKeyMalformed();
        Standings.requireChange(till.period.standing, act.standing);
        verdict = _verdict(BenefitAct.TillSet, BenefitTypes.SET_TILL);
        verdict.subject = VendorId.unwrap(act.vendor);
        verdict.institution = InstitutionId.wrap(uint16(vendor.institution));
        till.keyId = act.keyId;
        till.keyKind = act.keyKind;
        till.period = till.period.changed(act.standing, 0);
        ++till.version;
        verdict.key.vendor = act.vendor;
        verdict.key.till = act.till;
        _change(verdict, RecordKind.Till, VendorRecord.packTill(till));
    }

    /// @notice Reverts unless a vendor and its till may post sales of the cycle at this moment, be it late.
    function requirePosting(SaleFacts calldata facts) external view {
        IConsortium consortium = _consortium();
        uint64 postUntil = CycleRecord.postUntilOf(facts.cycle0);
        if (_isAfter(Due.now_(), postUntil, facts, consortium)) revert IBenefitLedger.PostingEnded();
        SalePauses.Span memory redemption = SalePauses.lastOf(consortium);
        if (!_mayPost(_vendorPeriod(facts), facts, redemption, consortium)) {
            revert IBenefitLedger.VendorNotActive();
        }
        if (!_mayPost(_tillPeriod(facts), facts, redemption, consortium)) {
            revert IBenefitLedger.TillNotActive();
        }
    }

    /// @notice Every rule of time, in the order of `SkipReason`; `None` where an item dated so passes them.
    function judgeDate(SaleFacts calldata facts, uint256 soldAt) external view returns (SkipReason) {
        IConsortium consortium = _consortium();
        if (!Due.reached(uint64(soldAt))) return SkipReason.ItemSoldInFuture;
        bool isFresh = Due.now_() <= soldAt + FRESH_SECONDS;
        SalePauses.Span memory redemption;
        if (!isFresh) redemption = SalePauses.lastOf(consortium);
        SalePauses.Span memory pause = SalePauses.lastOf(facts.programme);
        if (!isFresh) {
            // An item of one byte has no sequence to know it by later: nothing extends its time.
            if (CycleRecord.entryBytesOf(facts.cycle0) == 1) return SkipReason.ItemSoldTooLongAgo;
            uint256 last = soldAt + ProgrammeRecord.mostOfflineSecondsOf(facts.programme);
            last += _returned(facts, redemption, soldAt, consortium);
            if (Due.passed(uint64(last), consortium)) return SkipReason.ItemSoldTooLongAgo;
        }
        if (
            soldAt < CycleRecord.opensAtOf(facts.cycle0) ||
            _isAfter(soldAt, CycleRecord.spendUntilOf(facts.cycle0), facts, consortium)
        ) return SkipReason.ItemSoldOutsideWindow;
        if (
            _isStopped(pause, facts.offlineSince, soldAt) ||
            _isStopped(redemption, facts.offlineSince, soldAt)
        ) return SkipReason.ItemSoldInPause;
        if (!_vendorPeriod(facts).covers(soldAt) || !_tillPeriod(facts).covers(soldAt)) {
            return SkipReason.ItemSellerNotActive;
        }
        return SkipReason.None;
    }

    /// @dev Whether a moment is after a deadline of the cycle, extended only once the bare one is over.
    function _isAfter(
        uint256 moment,
        uint64 deadline,
        SaleFacts calldata facts,
        IConsortium consortium
    ) private view returns (bool) {
        if (moment <= deadline) return false;
        uint256 pausedSeconds = CycleRecord.endPausedSecondsOf(facts.cycle1);
        return moment > SalePauses.extended(deadline, facts.programme, pausedSeconds, consortium);
    }

    /// @dev What pauses took from a seller that had to post comes on top.
    function _mayPost(
        Standings.Period memory period,
        SaleFacts calldata facts,
        SalePauses.Span memory redemption,
        IConsortium consortium
    ) private view returns (bool) {
        return period.mayPost(_returned(facts, redemption, period.until, consortium), consortium);
    }

    /// @dev What pauses give back to whoever had to post what happened at a moment. Before the last pause it is all
    /// that the cycle's sales were paused since its release, for of earlier pauses only their sum is kept: else a pause
    /// of one second, or an early end and that, would take back what a long one before it gave.
    function _returned(
        SaleFacts calldata facts,
        SalePauses.Span memory redemption,
        uint256 moment,
        IConsortium consortium
    ) private view returns (uint256 seconds_) {
        SalePauses.Span memory programme = SalePauses.lastOf(facts.programme);
        seconds_ = programme.after_(moment) + redemption.after_(moment);
        if (moment >= programme.from && moment >= redemption.from) return seconds_;
        uint256 pausedBefore = CycleRecord.pausedSecondsOf(facts.cycle1);
        uint256 since = SalePauses.since(facts.programme, pausedBefore, consortium);
        if (since > seconds_) seconds_ = since;
    }

    /// @dev A till that was offline since before a pause could not know of it: its first day is let through.
    function _isStopped(
        SalePauses.Span memory pause,
        uint256 offlineSince,
        uint256 soldAt
    ) private pure returns (bool) {
        if (!pause.covers(soldAt)) return false;
        bool isUnheard = offlineSince != 0 && offlineSince < pause.from;
        return !isUnheard || soldAt >= pause.from + _UNHEARD_SECONDS;
    }

    function _vendorPeriod(SaleFacts calldata facts) private pure returns (Standings.Period memory) {
        return VendorRecord.unpackVendor(facts.vendor).period;
    }

    function _tillPeriod(SaleFacts calldata facts) private pure returns (Standings.Period memory) {
        return VendorRecord.unpackTill(facts.till0, facts.till1).period;
    }

    function _vendor(VendorId vendor) private view returns (VendorRecord.Vendor memory) {
        return VendorRecord.unpackVendor(uint256(_words(BenefitSlots.vendor(vendor), 1)[0]));
    }
}
