// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BenefitAct,
    CycleEnvelope,
    CycleId,
    CycleState,
    CycleStep,
    DefineProgramme,
    MoveCycle,
    MoveFunds,
    PauseProgramme,
    ProgrammeId,
    ReleaseCredit,
    ResumeProgramme,
    Settle,
    VendorId
} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger, MOST_OFFLINE_SECONDS, MOST_PAUSE_SECONDS} from "../interfaces/IBenefitLedger.sol";
import {EntryId, InstitutionId, OfficeId, Signatures} from "../interfaces/IJournal.sol";
import {Due} from "../journal/Due.sol";
import {Scopes} from "../power/Scopes.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {BenefitTypes} from "./BenefitTypes.sol";
import {CycleRecord} from "./CycleRecord.sol";
import {CycleRules} from "./CycleRules.sol";
import {ProgrammeRecord} from "./ProgrammeRecord.sol";
import {Rules} from "./Rules.sol";
import {FRESH_SECONDS} from "./SaleFacts.sol";
import {VendorCredits} from "./VendorCredits.sol";
import {RecordKind, Verdict} from "./Verdict.sol";

/// @title What the benefit ledger's acts need and change
/// @notice Holds nothing and writes nothing: reads the records of the ledger that asks, applies the rules in the
/// order of the interface's errors, and answers with a `Verdict`. The functions have the ledger's selectors and
/// arguments. Anyone may ask; only the ledger does what is answered, and only for acts its officers signed.
contract BenefitRules is Rules {
    using CycleRules for ProgrammeRecord.Programme;
    using ProgrammeRecord for ProgrammeRecord.Programme;
    using VendorCredits for VendorCredits.Credit;

    /// @notice Rules of `IBenefitLedger.defineProgramme`.
    function defineProgramme(
        DefineProgramme memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        if (ProgrammeId.unwrap(act.programme) == 0 || InstitutionId.unwrap(act.institution) == 0) {
            revert IBenefitLedger.IdentifierMissing();
        }
        if (_words(BenefitSlots.programme(act.programme), 1)[0] != 0) revert IBenefitLedger.ProgrammeExists();
        if (
            act.currency == 0 ||
            act.mostPerRedemptionUnits == 0 ||
            act.mostPerRedemptionUnits > type(uint24).max ||
            act.disputeSeconds > type(uint24).max ||
            act.mostOfflineSeconds < FRESH_SECONDS ||
            act.mostOfflineSeconds > MOST_OFFLINE_SECONDS
        ) revert IBenefitLedger.PolicyOutOfRange();
        verdict = _verdict(BenefitAct.ProgrammeDefined, BenefitTypes.DEFINE_PROGRAMME);
        verdict.subject = ProgrammeId.unwrap(act.programme);
        verdict.institution = act.institution;
        verdict.pauseScope = Scopes.DISBURSEMENT;
        verdict.key.programme = act.programme;
        ProgrammeRecord.Programme memory programme;
        programme.institution = InstitutionId.unwrap(act.institution);
        programme.office = OfficeId.unwrap(act.head.office);
        programme.currency = act.currency;
        programme.mostPerRedemptionUnits = act.mostPerRedemptionUnits;
        programme.disputeSeconds = act.disputeSeconds;
        programme.mostOfflineSeconds = act.mostOfflineSeconds;
        programme.leastOpenSeconds = act.leastOpenSeconds;
        programme.assistedCapUnits = act.assistedCapUnits;
        programme.emergencyCapUnits = act.emergencyCapUnits;
        programme.policyHash = act.policyHash;
        _change(verdict, RecordKind.Programme, programme.pack());
    }

    /// @notice Rules of `IBenefitLedger.moveFunds`.
    function moveFunds(
        MoveFunds memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programmeFor(act.programme, act.head);
        programme.move(act);
        verdict = _verdict(BenefitAct.FundsMoved, BenefitTypes.MOVE_FUNDS);
        _ofAgency(verdict, act.programme, programme, Scopes.DISBURSEMENT, act.amountMinor);
        _change(verdict, RecordKind.Programme, programme.pack());
    }

    /// @notice Rules of `IBenefitLedger.pauseProgramme`.
    function pauseProgramme(
        PauseProgramme memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programmeFor(act.programme, act.head);
        _requireVersion(programme, act.versionBefore);
        if (Due.reached(act.pausedUntil) || act.pausedUntil > Due.now_() + MOST_PAUSE_SECONDS) {
            revert IBenefitLedger.ProgrammePauseOutOfRange(MOST_PAUSE_SECONDS);
        }
        bool isPaused = !Due.reached(uint64(programme.pausedUntil));
        // Another end for a pause is a pause anew, or a part of a resumption where it comes sooner.
        bool isHeldByTwo = isPaused && programme.pausedByTwo;
        verdict = _verdict(BenefitAct.ProgrammePaused, BenefitTypes.PAUSE_PROGRAMME);
        _ofAgency(verdict, act.programme, programme, 0, 0);
        verdict.byTwoInstitutions = act.byTwoInstitutions || isHeldByTwo;
        if (!isPaused) {
            programme.pausedSeconds += programme.pausedUntil - programme.pausedAt;
            programme.pausedAt = Due.now_();
        }
        programme.pausedUntil = act.pausedUntil;
        programme.pausedByTwo = act.byTwoInstitutions || isHeldByTwo;
        ++programme.version;
        _change(verdict, RecordKind.Programme, programme.pack());
    }

    /// @notice Rules of `IBenefitLedger.resumeProgramme`: what two institutions paused, two resume.
    function resumeProgramme(
        ResumeProgramme memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programmeFor(act.programme, act.head);
        _requireVersion(programme, act.versionBefore);
        if (Due.reached(uint64(programme.pausedUntil))) revert IBenefitLedger.ProgrammeNotPaused();
        verdict = _verdict(BenefitAct.ProgrammeResumed, BenefitTypes.RESUME_PROGRAMME);
        _ofAgency(verdict, act.programme, programme, 0, 0);
        verdict.byTwoInstitutions = programme.pausedByTwo;
        programme.pausedUntil = Due.now_();
        ++programme.version;
        _change(verdict, RecordKind.Programme, programme.pack());
    }

    /// @notice Rules of `IBenefitLedger.openCycle`.
    function openCycle(
        CycleEnvelope memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programmeFor(act.programme, act.head);
        CycleRecord.Cycle memory cycle = programme.open(
            _cycle(act.programme, act.cycle),
            act,
            _enrolment(act.programme, act.enrolmentEpoch).enrolled,
            _consortium()
        );
        verdict = _verdict(BenefitAct.CycleOpened, BenefitTypes.CYCLE_ENVELOPE);
        uint256 amountMinor = uint256(act.totalUnits) * act.unitValueMinor;
        _ofAgency(verdict, act.programme, programme, Scopes.DISBURSEMENT, amountMinor);
        cycle.envelopeHash = verdict.newState;
        _change(verdict, RecordKind.Programme, programme.pack());
        verdict.key.cycle = act.cycle;
        _change(verdict, RecordKind.Cycle, CycleRecord.pack(cycle));
    }

    /// @notice Rules of `IBenefitLedger.finalise`.
    function finalise(ProgrammeId id, CycleId cycleId) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programme(id);
        CycleRecord.Cycle memory cycle = _cycle(id, cycleId);
        programme.release(cycle, _consortium());
        verdict.kind = BenefitAct.CycleReleased;
        verdict.fields = new bytes32[](3);
        verdict.fields[0] = ProgrammeId.unwrap(id);
        verdict.fields[1] = bytes32(uint256(CycleId.unwrap(cycleId)));
        verdict.fields[2] = bytes32(cycle.opensAt);
        verdict.subject = ProgrammeId.unwrap(id);
        verdict.newState = cycle.envelopeHash;
        // A cycle is released once, so no other entry of any register of any ledger has this id.
        verdict.entryId = EntryId.wrap(
            keccak256(abi.encode(block.chainid, msg.sender, verdict.kind, id, cycleId))
        );
        verdict.key.programme = id;
        verdict.key.cycle = cycleId;
        _change(verdict, RecordKind.Programme, programme.pack());
        _change(verdict, RecordKind.Cycle, CycleRecord.pack(cycle));
    }

    /// @notice Rules of `IBenefitLedger.moveCycle`: a step is worth what it may keep people from, so every one of
    /// a released cycle is priced at what is outstanding; but giving it up, which nobody can have bought from yet. Whoever releases
    /// a false list before the officers who give it up makes that no harder.
    function moveCycle(
        MoveCycle memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programmeFor(act.programme, act.head);
        CycleRecord.Cycle memory cycle = _cycle(act.programme, act.cycle);
        bool givesUp = act.step == CycleStep.Cancel;
        uint256 amountMinor = givesUp ? 0 : CycleRecord.outstandingUnits(cycle) * cycle.unitValueMinor;
        programme.step(cycle, act, _consortium());
        verdict = _verdict(BenefitAct.CycleMoved, BenefitTypes.MOVE_CYCLE);
        // A brake stops what gives out, never the officers who take a false list back before anybody spends from it.
        _ofAgency(verdict, act.programme, programme, givesUp ? 0 : Scopes.DISBURSEMENT, amountMinor);
        _change(verdict, RecordKind.Programme, programme.pack());
        verdict.key.cycle = act.cycle;
        _change(verdict, RecordKind.Cycle, CycleRecord.pack(cycle));
    }

    /// @notice Rules of `IBenefitLedger.settle`: what was settled before makes it happen once (B6).
    function settle(Settle memory act, Signatures calldata) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programmeFor(act.programme, act.head);
        CycleRecord.Cycle memory cycle = _knownCycle(act.programme, act.cycle);
        VendorCredits.Credit memory credit = _credit(act.programme, act.cycle, act.vendor);
        credit.mature(uint64(programme.disputeSeconds), _consortium());
        if (act.settledBeforeUnits != credit.settled) {
            revert IBenefitLedger.SettlementStateStale(uint64(credit.settled));
        }
        uint256 settleable = credit.settleable();
        if (act.units == 0 || act.units > settleable) {
            revert IBenefitLedger.SettlementExceedsCredit(uint64(settleable));
        }
        if (act.amountMinor != act.units * cycle.unitValueMinor) {
            revert IBenefitLedger.SettlementAmountDiffers();
        }
        verdict = _verdict(BenefitAct.Settled, BenefitTypes.SETTLE);
        _ofAgency(verdict, act.programme, programme, Scopes.SETTLEMENT, act.amountMinor);
        credit.settled += act.units;
        _changeCredit(verdict, act.cycle, act.vendor, credit);
    }

    /// @notice Rules of `IBenefitLedger.releaseCredit`: what was released before makes it happen once.
    function releaseCredit(
        ReleaseCredit memory act,
        Signatures calldata
    ) external view returns (Verdict memory verdict) {
        ProgrammeRecord.Programme memory programme = _programmeFor(act.programme, act.head);
        CycleRecord.Cycle memory cycle = _knownCycle(act.programme, act.cycle);
        VendorCredits.Credit memory credit = _credit(act.programme, act.cycle, act.vendor);
        if (act.releasedBeforeUnits != credit.released) {
            revert IBenefitLedger.CreditStateStale(uint64(credit.released));
        }
        if (act.units == 0 || act.units > credit.disputed) {
            revert IBenefitLedger.CreditNotWithheld(uint64(credit.disputed));
        }
        verdict = _verdict(BenefitAct.CreditReleased, BenefitTypes.RELEASE_CREDIT);
        _ofAgency(verdict, act.programme, programme, Scopes.SETTLEMENT, act.units * cycle.unitValueMinor);
        credit.release(act.units, uint64(programme.disputeSeconds), _consortium());
        _changeCredit(verdict, act.cycle, act.vendor, credit);
    }

    function _changeCredit(
        Verdict memory verdict,
        CycleId cycle,
        VendorId vendor,
        VendorCredits.Credit memory credit
    ) private pure {
        verdict.key.cycle = cycle;
        verdict.key.vendor = vendor;
        _change(verdict, RecordKind.Credit, credit.packAll());
    }

    function _requireVersion(ProgrammeRecord.Programme memory programme, uint32 versionBefore) private pure {
        if (versionBefore != programme.version) {
            revert IBenefitLedger.ProgrammeVersionStale(uint32(programme.version));
        }
    }

    function _cycle(ProgrammeId id, CycleId cycle) private view returns (CycleRecord.Cycle memory) {
        return CycleRecord.unpack(_words(BenefitSlots.cycle(id, cycle), CycleRecord.WORDS));
    }

    function _knownCycle(
        ProgrammeId id,
        CycleId cycle
    ) private view returns (CycleRecord.Cycle memory record) {
        record = _cycle(id, cycle);
        if (record.state == CycleState.Unspecified) revert IBenefitLedger.CycleUnknown();
    }

    function _credit(
        ProgrammeId id,
        CycleId cycle,
        VendorId vendor
    ) private view returns (VendorCredits.Credit memory) {
        bytes32[] memory words = _words(BenefitSlots.credit(id, cycle, vendor), VendorCredits.WORDS);
        return VendorCredits.unpack(uint256(words[0]), uint256(words[1]));
    }
}
