// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BENEFIT_KIND_BASE,
    BenefitAct,
    CycleEnvelope,
    CycleId,
    CycleState,
    CycleStep,
    DefineProgramme,
    Enrol,
    FundsMove,
    MoveCycle,
    MoveFunds,
    PauseProgramme,
    ProgrammeId,
    RedemptionBatch
} from "../../../contracts/interfaces/BenefitActs.sol";
import {END_WITHOUT_NOTICE_POLICY, IBenefitLedger} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {IBenefitViews} from "../../../contracts/interfaces/IBenefitViews.sol";
import {IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {EntryId, IJournal, InstitutionId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {LongPause} from "../../../contracts/interfaces/ISafeguards.sol";
import {BenefitSlots} from "../../../contracts/benefits/BenefitSlots.sol";
import {Scopes} from "../../../contracts/power/Scopes.sol";
import {Expect} from "../Expect.sol";
import {Typed, HEAD_TYPE} from "../Typed.sol";
import {VM} from "../Vm.sol";
import {BenefitWorld} from "./BenefitWorld.sol";
import {BenefitTyped, DEFINE_TYPE, ENROL_TYPE, MOVE_TYPE, PAUSE_TYPE, STEP_TYPE} from "./BenefitTyped.sol";
import {Tables} from "./Tables.sol";

contract BenefitActsTest is BenefitWorld {
    ProgrammeId private constant OTHER = ProgrammeId.wrap(keccak256("another programme"));

    function setUp() public {
        _foundLedger(2);
        _begin(10_000_000, 40);
    }

    // ---- who signs ----

    function test_P1_oneOfficerAloneDoesNothing() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 10_000_000);
        Signatures memory signatures = _signedBy(MOVE_TYPE, abi.encode(act), _preparer, _preparer);
        VM.expectRevert(IConsortium.SecondPersonRequired.selector);
        _ledger.moveFunds(act, signatures);
    }

    function test_officersOfAnotherAgencyDoNothing() public {
        (_preparer, _approver) = (_officer(3, 0), _officer(3, 1));
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 10_000_000);
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(IConsortium.InstitutionDiffers.selector, _preparer.id));
        _ledger.moveFunds(act, signatures);
    }

    function test_P1_aboveTheTierTheApproverIsOfAnotherInstitution() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, TIER + 1, 10_000_000);
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.moveFunds(act, signatures);
        _approver = _officer(3, 0);
        signatures = _signed(MOVE_TYPE, abi.encode(act));
        _ledger.moveFunds(act, signatures);
        act = _moveAct(FundsMove.Fund, TIER - 10_000_000, 10_000_000 + TIER + 1);
        signatures = _signed(MOVE_TYPE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(IConsortium.InstitutionDiffers.selector, _approver.id));
        _ledger.moveFunds(act, signatures);
    }

    function test_P1_aboveTheTierThePreparerIsOfTheAgency() public {
        _approver = _officer(3, 0);
        _fundAboveTier();
        _preparer = _officer(1, 0);
        MoveFunds memory act = _moveAct(FundsMove.Defund, TIER + 1, 0);
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(IConsortium.InstitutionDiffers.selector, _preparer.id));
        _ledger.moveFunds(act, signatures);
    }

    function testFuzz_L3_noFieldOfAnActChangesAfterSigning(uint8 word, uint256 flip) public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 10_000_000);
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        bytes memory encoded = abi.encodeCall(_ledger.moveFunds, (act, signatures));
        uint256 at_ = 4 + (uint256(word) % 14) * 32 + (flip % 32);
        encoded[at_] = bytes1(uint8(encoded[at_]) ^ uint8(1 << ((flip >> 8) % 8)));
        (bool done, ) = address(_ledger).call(encoded);
        Expect.same(done, false, "L3: an act nobody signed was recorded");
        _ledger.moveFunds(act, signatures);
    }

    function test_P8_anActIsOneEntryWithItsDigestAndStructHash() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 10_000_000);
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        bytes32 actHash = BenefitTyped.actHash(MOVE_TYPE, abi.encode(act));
        bytes32 digest = Typed.digest(_register(), "BenefitLedger", actHash);
        bytes32[] memory fields = new bytes32[](5);
        (fields[0], fields[1], fields[2]) = (
            keccak256("programme"),
            bytes32(uint256(1)),
            bytes32(uint256(5))
        );
        (fields[3], fields[4]) = (bytes32(uint256(10_000_000)), keccak256("source"));
        uint64 index = _register().entryCount();
        bytes32 leaf = keccak256(
            bytes.concat(
                abi.encode(uint16(1), index, BENEFIT_KIND_BASE + uint16(BenefitAct.FundsMoved), digest),
                abi.encode(fields[0], actHash, _preparer.id, _approver.id, (uint64(1) << 32) | 1),
                abi.encode(_now())
            )
        );
        bytes32 head = keccak256(abi.encode(_register().head(), leaf));
        VM.expectEmit();
        emit IBenefitLedger.ActApplied(EntryId.wrap(digest), BenefitAct.FundsMoved, fields[0], fields);
        _ledger.moveFunds(act, signatures);
        Expect.same(_register().entryCount(), index + 1, "P8: not one entry of the journal");
        Expect.same(_register().head(), head, "P8: not one entry of the journal");
    }

    function test_B9_whatOneInstitutionMovesInAWindowStaysUnderTheTier() public {
        uint256 windowEnd = ((_now() / 30 days) + 1) * 30 days;
        Expect.same(_ledger.movedAloneMinor(InstitutionId.wrap(AGENCY), CURRENCY), 10_000_000, "not summed");
        _move(FundsMove.Fund, TIER - 10_000_000, 10_000_000);
        MoveFunds memory act = _moveAct(FundsMove.Defund, 1, 0);
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.moveFunds(act, signatures);
        VM.warp(windowEnd);
        act = _moveAct(FundsMove.Defund, 1, 0);
        _ledger.moveFunds(act, _signed(MOVE_TYPE, abi.encode(act)));
        Expect.same(_ledger.movedAloneMinor(InstitutionId.wrap(AGENCY), CURRENCY), 1, "not begun anew");
    }

    function test_B9_aCurrencyWithoutATierAlwaysTakesTwoInstitutions() public {
        _programme = OTHER;
        DefineProgramme memory other = _programmeAct();
        other.currency = 840;
        _define(other);
        MoveFunds memory act = _moveAct(FundsMove.Fund, 1, 0);
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.moveFunds(act, signatures);
        _approver = _officer(3, 0);
        _move(FundsMove.Fund, 1, 0);
    }

    /// An end that nobody announced in time is worth what it takes from people, whoever names nothing of it.
    function test_B9_anEarlyEndIsPricedAtWhatIsOutstanding() public {
        _approver = _officer(3, 0);
        _fundAboveTier();
        uint256[] memory words = Tables.table(4, 40, 168_000);
        CycleEnvelope memory envelope = _envelope(CYCLE, 0, 4, words, 40, 6_720_000);
        _open(envelope);
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
        VM.warp(OPENS);
        _approver = _officer(AGENCY, 1);
        MoveCycle memory act = MoveCycle(
            _headFor(_preparer, 0),
            PROGRAMME,
            CYCLE,
            CycleStep.EndEarly,
            0,
            OPENS + 3 days
        );
        Signatures memory signatures = _signed(STEP_TYPE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.moveCycle(act, signatures);
        _ledger.moveCycle(act, _signedBy(STEP_TYPE, abi.encode(act), _preparer, _officer(3, 0)));
    }

    /// Whoever sees that the officers give a false list up, and releases it before them, wins nothing by it.
    function test_B9_givingAListUpTakesNoMoreOnceItIsReleased() public {
        _approver = _officer(3, 0);
        _fundAboveTier();
        uint256[] memory words = Tables.table(4, 40, 168_000);
        _open(_envelope(CYCLE, 0, 4, words, 40, 6_720_000));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _approver = _officer(AGENCY, 1);
        MoveCycle memory act = MoveCycle(_headFor(_preparer, 0), PROGRAMME, CYCLE, CycleStep.Cancel, 0, 0);
        Signatures memory signatures = _signed(STEP_TYPE, abi.encode(act));
        VM.prank(address(0xBAD));
        _ledger.finalise(PROGRAMME, CYCLE);
        _ledger.moveCycle(act, signatures);
    }

    // ---- programmes ----

    function test_aProgrammeIsDefinedOnceAndWithinItsRanges() public {
        DefineProgramme memory act = _programmeAct();
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.ProgrammeExists.selector));
        act.programme = ProgrammeId.wrap(0);
        bytes memory missing = abi.encodeWithSelector(IBenefitLedger.IdentifierMissing.selector);
        _refuses(act, missing);
        (act.programme, act.institution) = (OTHER, InstitutionId.wrap(0));
        _refuses(act, missing);
        act.institution = InstitutionId.wrap(AGENCY);
        bytes memory range = abi.encodeWithSelector(IBenefitLedger.PolicyOutOfRange.selector);
        act.currency = 0;
        _refuses(act, range);
        (act.currency, act.mostPerRedemptionUnits) = (CURRENCY, 0);
        _refuses(act, range);
        act.mostPerRedemptionUnits = 1 << 24;
        _refuses(act, range);
        (act.mostPerRedemptionUnits, act.disputeSeconds) = (1, 1 << 24);
        _refuses(act, range);
        (act.disputeSeconds, act.mostOfflineSeconds) = (0, 15 minutes - 1);
        _refuses(act, range);
        act.mostOfflineSeconds = 7 days + 1;
        _refuses(act, range);
        act.mostOfflineSeconds = 7 days;
        _define(act);
        Expect.same(InstitutionId.unwrap(_views.programmeOf(OTHER).institution), AGENCY, "not defined");
    }

    function test_anUnknownProgrammeHasNoActs() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 0);
        act.programme = OTHER;
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        VM.expectRevert(IBenefitLedger.ProgrammeUnknown.selector);
        _ledger.moveFunds(act, signatures);
    }

    function test_B8_aPauseTouchesNoOtherProgrammeAndTakesTwoInstitutions() public {
        DefineProgramme memory other = _programmeAct();
        other.programme = OTHER;
        _define(other);
        PauseProgramme memory act = PauseProgramme(_headFor(_preparer, 0), OTHER, START + 30 days, true, 0);
        Signatures memory signatures = _signed(PAUSE_TYPE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.pauseProgramme(act, signatures);
        signatures = _signedBy(PAUSE_TYPE, abi.encode(act), _preparer, _officer(3, 0));
        _ledger.pauseProgramme(act, signatures);
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.ProgrammeVersionStale.selector, 1));
        _ledger.pauseProgramme(act, signatures);
        Expect.same(_views.programmeOf(PROGRAMME).pausedUntil, 0, "B8: another programme was paused");
        _release(CYCLE, 0, 1, 40, 9);
        Expect.same(_redeem(CYCLE, _only(_sale(3, 9, 2))), 2, "B8: another programme's people were refused");
    }

    function testFuzz_B8_noPauseOfOneProgrammeChangesAWordOfAnother(uint40 until, bool resumes) public {
        until = uint40(START + 1 hours + 1 + (until % 89 days));
        _release(CYCLE, 0, 1, 40, 9);
        bytes32 before = _wordsOf(PROGRAMME);
        _programme = OTHER;
        _define(_programmeAct());
        _pause(until, 0);
        if (resumes) _resume(1);
        Expect.same(_views.programmeOf(OTHER).pausedUntil, (resumes ? _now() : until), "not paused");
        _programme = PROGRAMME;
        Expect.same(_wordsOf(PROGRAMME), before, "B8: another programme's words changed");
        Expect.same(_redeem(CYCLE, _only(_sale(3, 9, 2))), 2, "B8: another programme's people were refused");
    }

    function test_aConsortiumPauseOfRedemptionStopsSales() public {
        _release(CYCLE, 0, 1, 40, 9);
        _stopRedemption();
        bytes32[] memory items = _items(CYCLE, _only(_sale(3, 9, 2)));
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(IBenefitLedger.RedemptionIsPaused.selector);
        _ledger.redeem(batch, items, signature);
    }

    function test_aConsortiumPauseOfDisbursementStopsLoadingAndReleasing() public {
        uint256[] memory words = Tables.table(1, 40, 9);
        _open(_envelope(CYCLE, 0, 1, words, 40, 360));
        uint256[] memory slots = new uint256[](1);
        slots[0] = _slotOf(40);
        Enrol memory act = _enrolAct(40, slots);
        _ledger.enrol(act, _signed(ENROL_TYPE, abi.encode(act)));
        _stop(Scopes.DISBURSEMENT);
        bytes4 paused = IBenefitLedger.DisbursementIsPaused.selector;
        VM.expectRevert(abi.encodeWithSelector(paused));
        _ledger.loadSlots(PROGRAMME, EPOCH, 40, slots, 0);
        VM.expectRevert(paused);
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        VM.expectRevert(paused);
        _ledger.finalise(PROGRAMME, CYCLE);
        VM.warp(_now() + 1 days);
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
    }

    /// Whoever stops disbursement keeps nobody from giving a false list up before its sales open.
    function test_noBrakeKeepsACycleFromBeingCancelled() public {
        uint256[] memory words = Tables.table(1, 40, 9);
        _open(_envelope(CYCLE, 0, 1, words, 40, 360));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
        _stop(Scopes.DISBURSEMENT);
        _step(CYCLE, CycleStep.Cancel, 0);
        Expect.same(
            uint256(_views.cycleOf(PROGRAMME, CYCLE).state),
            uint256(CycleState.Cancelled),
            "not given up"
        );
        _requireB1();
    }

    /// Where members waived the notice, an end still takes nothing of what was sold before it was decided.
    function test_RP2_noEndLiesInThePast() public {
        Measure memory measure = _measure(MeasureKind.SetPolicy);
        (measure.name, measure.value) = (END_WITHOUT_NOTICE_POLICY, 1);
        _enact(measure);
        _release(CYCLE, 0, 1, 40, 9);
        VM.warp(OPENS + 1 days);
        MoveCycle memory act = MoveCycle(
            _headFor(_preparer, 0),
            PROGRAMME,
            CYCLE,
            CycleStep.EndEarly,
            0,
            uint64(_now() - 1)
        );
        Signatures memory signatures = _signed(STEP_TYPE, abi.encode(act));
        VM.expectPartialRevert(IBenefitLedger.CycleEndOutOfRange.selector);
        _ledger.moveCycle(act, signatures);
        _step(CYCLE, CycleStep.EndEarly, 0, uint64(_now()));
    }

    function test_aPauseNamesALaterSecondWithinItsLimit() public {
        PauseProgramme memory act = PauseProgramme(_headFor(_preparer, 0), PROGRAMME, START, false, 0);
        bytes4 range = IBenefitLedger.ProgrammePauseOutOfRange.selector;
        Signatures memory signatures = _signed(PAUSE_TYPE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(range, 90 days));
        _ledger.pauseProgramme(act, signatures);
        act.pausedUntil = START + 90 days + 1;
        signatures = _signed(PAUSE_TYPE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(range, 90 days));
        _ledger.pauseProgramme(act, signatures);
    }

    // ---- reading ----

    function test_readingIsBoundedAndOfWhatIsThere() public {
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.ReadTooLarge.selector, 64));
        _ledger.words(0, 65);
        _release(CYCLE, 0, 1, 39, 9);
        VM.expectRevert(IBenefitViews.IndexBeyondCount.selector);
        _views.entryOf(PROGRAMME, CYCLE, 39);
        VM.expectRevert(IBenefitViews.TableNotInLane.selector);
        _views.entryOf(PROGRAMME, CycleId.wrap(2), 0);
    }

    // ---- shorthand ----

    function _wordsOf(ProgrammeId programme) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _ledger.words(BenefitSlots.programme(programme), 9),
                    _ledger.words(BenefitSlots.cycle(programme, CYCLE), 4),
                    _ledger.words(BenefitSlots.table(programme, 0), 2)
                )
            );
    }

    function _fundAboveTier() private {
        MoveFunds memory act = _moveAct(FundsMove.Fund, TIER + 1, 10_000_000);
        _ledger.moveFunds(act, _signed(MOVE_TYPE, abi.encode(act)));
    }

    function _stopRedemption() private {
        _stop(Scopes.REDEMPTION);
    }

    function _stop(uint32 scope) private {
        string memory longPause =
            "LongPause(ActHead head,uint32 scope,uint64 until,uint32 pauseSequence,bytes32 caseReference)";
        LongPause memory act = LongPause(
            _headFor(_officer(1, 0), 0),
            scope,
            uint64(_now() + 1 days),
            0,
            keccak256("case")
        );
        Signatures memory signatures = Typed.signed(
            IJournal(address(_safeguards)),
            "Safeguards",
            "LongPause",
            string.concat(HEAD_TYPE, longPause),
            BenefitTyped.actHash(longPause, abi.encode(act)),
            _officer(1, 0),
            _officer(3, 0)
        );
        _safeguards.pauseLong(act, signatures);
    }

    function _refuses(DefineProgramme memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(DEFINE_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.defineProgramme(act, signatures);
    }
}
