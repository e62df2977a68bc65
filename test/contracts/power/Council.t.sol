// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../../../contracts/interfaces/ICharter.sol";
import {
    Appointment,
    IConsortium,
    Institution,
    Possessions
} from "../../../contracts/interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind, Vote} from "../../../contracts/interfaces/ICouncil.sol";
import {InstitutionId} from "../../../contracts/interfaces/IJournal.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Expect} from "../Expect.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands, SENIOR} from "../Hands.sol";
import {Typed} from "../Typed.sol";
import {VM} from "../Vm.sol";

/// How the members decide: one vote an institution, a quorum, a wait.
contract CouncilTest is Founded {
    Appointment[] private _nobody;

    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
    }

    function _castRefused(
        bytes memory refusal,
        Measure memory measure,
        Hand memory voter,
        bool inFavour
    ) private {
        (Vote memory ballot, bytes memory signature) = _ballot(measure, voter, inFavour);
        if (refusal.length != 0) VM.expectRevert(refusal);
        _council.vote(ballot, signature);
    }

    function _refused(bytes4 selector) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector);
    }

    function _addValidator() private returns (Measure memory measure) {
        measure = _validatorMeasure(MeasureKind.AddValidator, address(0xA3), 3);
    }

    function _on(MeasureKind kind, uint16 institution) private returns (Measure memory measure) {
        measure = _measure(kind);
        measure.institution = InstitutionId.wrap(institution);
    }

    function test_P4_oneInstitutionAloneDecidesNothing() public {
        Measure memory measure = _addValidator();
        _vote(measure, 1);
        _castRefused(_refused(ICouncil.VoteUnchanged.selector), measure, Hands.senior(1, 1), true);
        VM.warp(START + WIDENING_WAIT);
        VM.expectRevert(ICouncil.QuorumMissing.selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
    }

    function test_P5_quorumWaitsThenAnyoneExecutesOnce() public {
        Measure memory measure = _addValidator();
        _vote(measure, 1);
        VM.warp(START + 1 hours);
        _vote(measure, 2);
        uint256 due = START + 1 hours + WIDENING_WAIT;
        VM.warp(due - 1);
        VM.expectRevert(abi.encodeWithSelector(ICouncil.WaitNotOver.selector, due));
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        VM.warp(due);
        uint64 before = _journal().entryCount();
        VM.prank(address(0xBEEF));
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        Expect.same(_charter.getValidators().length, 3, "not added");
        Expect.same(_journal().entryCount(), before + 1, "no entry");
        VM.expectRevert(ICouncil.MeasureIsClosed.selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        _castRefused(_refused(ICouncil.MeasureIsClosed.selector), measure, Hands.senior(3, 0), true);
    }

    function test_narrowingCountsAtOnce() public {
        _enact(_on(MeasureKind.SuspendInstitution, 3));
        Expect.same(block.timestamp, START, "it waited");
        Expect.same(_consortium.institutionOf(InstitutionId.wrap(3)).suspended, true, "not suspended");
    }

    function test_voteNeedsTheRoleASignatureAndAMember() public {
        Measure memory measure = _addValidator();
        Hand memory hand = Hands.p256Hand();
        _castRefused(
            abi.encodeWithSelector(IConsortium.OfficeOutOfScope.selector, hand.id),
            measure,
            hand,
            true
        );
        Hand memory forger = Hands.senior(1, 0);
        forger.privateKey = 12345;
        _castRefused(
            abi.encodeWithSelector(IConsortium.BadSignature.selector, forger.id),
            measure,
            forger,
            true
        );
        _admitFourth();
        Measure memory strip = _on(MeasureKind.SetInstitutionRoles, 3);
        strip.value = SENIOR & ~Roles.VOTE;
        _enact(strip);
        _castRefused(_refused(ICouncil.NotAMember.selector), measure, Hands.senior(3, 0), true);
    }

    function test_signedVoteCountsForItsMeasureAndItsSideOnly() public {
        Measure memory measure = _addValidator();
        (Vote memory ballot, bytes memory signature) = _ballot(measure, Hands.senior(1, 0), true);
        bytes memory refusal = abi.encodeWithSelector(IConsortium.BadSignature.selector, ballot.officer);
        ballot.inFavour = false;
        VM.expectRevert(refusal);
        _council.vote(ballot, signature);
        ballot.inFavour = true;
        ballot.measure.target = address(0xBAD);
        VM.expectRevert(refusal);
        _council.vote(ballot, signature);
    }

    function test_P4_stolenVoteIsTakenBackWhileTheWaitRunsAndNeverCountsAgain() public {
        Measure memory measure = _addValidator();
        _vote(measure, 1);
        _vote(measure, 2);
        VM.warp(measure.closesAt + 1);
        _castRefused("", measure, Hands.senior(2, 1), false);
        VM.expectRevert(ICouncil.QuorumMissing.selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        _castRefused(_refused(ICouncil.VotingIsClosed.selector), measure, Hands.senior(2, 0), true);
        _castRefused(_refused(ICouncil.VoteUnchanged.selector), measure, Hands.senior(2, 0), false);
    }

    function test_P5_waitStartsAnewWhenTheQuorumWasLost() public {
        Measure memory measure = _addValidator();
        _vote(measure, 1);
        _vote(measure, 2);
        VM.warp(START + 1 days);
        _castRefused("", measure, Hands.senior(2, 0), false);
        _castRefused(_refused(ICouncil.VoteUnchanged.selector), measure, Hands.senior(2, 0), true);
        _vote(measure, 3);
        Expect.same(
            _council.tallyOf(_measureId(measure)).executableFrom,
            START + 1 days + WIDENING_WAIT,
            "the old wait went on"
        );
    }

    function test_P4_voteOfASuspendedMemberDoesNotCountAtExecution() public {
        Measure memory measure = _addValidator();
        _vote(measure, 1);
        _vote(measure, 3);
        _enact(_on(MeasureKind.SuspendInstitution, 3));
        VM.warp(START + WIDENING_WAIT);
        VM.expectRevert(ICouncil.QuorumMissing.selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        Hand memory hand = Hands.senior(3, 0);
        _castRefused(
            abi.encodeWithSelector(IConsortium.InstitutionIsBarred.selector, hand.institution),
            measure,
            hand,
            true
        );
    }

    function test_votingClosesAndTheMeasureLapses() public {
        Measure memory measure = _addValidator();
        _vote(measure, 1);
        VM.expectRevert(ICouncil.MeasureIsOpen.selector);
        _council.lapse(measure);
        VM.warp(measure.closesAt + 1);
        _castRefused(_refused(ICouncil.VotingIsClosed.selector), measure, Hands.senior(2, 0), true);
        _council.lapse(measure);
        Expect.same(_council.tallyOf(_measureId(measure)).closed, true, "not closed");
        VM.expectRevert(ICouncil.MeasureIsClosed.selector);
        _council.lapse(measure);
        VM.expectRevert(ICouncil.MeasureIsOpen.selector);
        _council.lapse(_addValidator());
    }

    function test_decisionNotCarriedOutExpires() public {
        Measure memory measure = _addValidator();
        _pass(measure);
        VM.warp(block.timestamp + 30 days);
        VM.expectRevert(ICouncil.MeasureIsOpen.selector);
        _council.lapse(measure);
        VM.warp(block.timestamp + 1);
        VM.expectRevert(ICouncil.MeasureExpired.selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        _council.lapse(measure);
    }

    function test_P7_institutionHasABoundedNumberOfMeasuresOpen() public {
        Measure memory first = _addValidator();
        _vote(first, 1);
        for (uint256 i = 1; i < 8; ++i) _vote(_addValidator(), 1);
        Measure memory ninth = _addValidator();
        _castRefused(
            abi.encodeWithSelector(ICouncil.TooManyOpenMeasures.selector, 8),
            ninth,
            Hands.senior(1, 0),
            true
        );
        _vote(ninth, 2);
        VM.warp(first.closesAt + 1);
        _council.lapse(first);
        _vote(_addValidator(), 1);
    }

    function test_measureStaysOpenForAtMostSixtyDays() public {
        Measure memory measure = _addValidator();
        measure.closesAt = START + 60 days + 1;
        _castRefused(
            abi.encodeWithSelector(ICouncil.VotingTooLong.selector, 60),
            measure,
            Hands.senior(1, 0),
            true
        );
        measure.closesAt = START + 60 days;
        _vote(measure, 1);
    }

    function testFuzz_measureSetsTheFieldsItsKindUsesAndNoOther(uint8 kind, uint8 set) public {
        kind = kind % 20;
        uint8[20] memory used = [0, 25, 1, 1, 1, 9, 17, 8, 8, 8, 10, 2, 3, 2, 12, 14, 2, 9, 12, 7];
        Measure memory measure = _measure(MeasureKind(kind));
        set = set % 32;
        if (set & 1 != 0) measure.institution = InstitutionId.wrap(9);
        if (set & 2 != 0) measure.target = address(9);
        if (set & 4 != 0) measure.name = "name";
        if (set & 8 != 0) measure.value = 9;
        if (set & 16 != 0) measure.appointmentsHash = "hash";
        // A value may be zero; every other field a kind uses is set.
        bool fits = kind != 0 && (set | 8) == (used[kind] | 8) && set & ~used[kind] == 0;
        bytes memory refusal = fits ? bytes("") : _refused(ICouncil.MeasureMalformed.selector);
        _castRefused(refusal, measure, Hands.senior(1, 0), true);
    }

    function test_P4_nobodyButTheCouncilMakesTheConsortiumAct() public {
        Measure memory measure = _addValidator();
        VM.expectRevert(IConsortium.NotTheCouncil.selector);
        _consortium.enact("id", "hash", measure, _nobody, new Possessions[](0));
    }

    function test_admittedInstitutionBringsTwoWhoCanManageIt() public {
        Measure memory measure = _on(MeasureKind.AdmitInstitution, 4);
        measure.value = SENIOR;
        Appointment[] memory newcomers = new Appointment[](2);
        newcomers[0] = _appointmentOf(Hands.senior(4, 0));
        newcomers[1] = _appointmentOf(Hands.senior(4, 1));
        measure.appointmentsHash = keccak256(
            abi.encodePacked(Typed.appointmentHash(newcomers[0]), Typed.appointmentHash(newcomers[1]))
        );
        _pass(measure);
        Appointment[] memory others = new Appointment[](1);
        others[0] = newcomers[0];
        Possessions[] memory proofs = _possessionsFor(others);
        VM.expectRevert(IConsortium.AppointmentsDiffer.selector);
        _council.execute(measure, others, proofs);
        _council.execute(measure, newcomers, _possessionsFor(newcomers));
        Institution memory institution = _consortium.institutionOf(measure.institution);
        Expect.same(_consortium.canManage(measure.institution, false), true, "not admitted");
        Expect.same(institution.roles, SENIOR, "not admitted");
        _vote(_addValidator(), 4);
    }

    function test_admissionThatLeavesAnInstitutionUnmanagedIsRefused() public {
        Measure memory measure = _on(MeasureKind.AdmitInstitution, 4);
        measure.value = SENIOR;
        Appointment[] memory one = new Appointment[](1);
        one[0] = _appointmentOf(Hands.senior(4, 0));
        measure.appointmentsHash = keccak256(abi.encodePacked(Typed.appointmentHash(one[0])));
        _pass(measure);
        Possessions[] memory proofs = _possessionsFor(one);
        VM.expectRevert(IConsortium.InstitutionNeedsTwoAdmins.selector);
        _council.execute(measure, one, proofs);
        measure = _on(MeasureKind.AdmitInstitution, 5);
        measure.value = SENIOR;
        measure.appointmentsHash = keccak256(abi.encodePacked(Typed.appointmentHash(one[0])));
        _pass(measure);
        VM.expectRevert(IConsortium.AppointmentsDiffer.selector);
        _council.execute(measure, one, proofs);
    }

    function _admitFourth() private {
        Measure memory measure = _on(MeasureKind.AdmitInstitution, 4);
        measure.value = SENIOR;
        Appointment[] memory newcomers = new Appointment[](2);
        newcomers[0] = _appointmentOf(Hands.senior(4, 0));
        newcomers[1] = _appointmentOf(Hands.senior(4, 1));
        measure.appointmentsHash = keccak256(
            abi.encodePacked(Typed.appointmentHash(newcomers[0]), Typed.appointmentHash(newcomers[1]))
        );
        _pass(measure);
        _council.execute(measure, newcomers, _possessionsFor(newcomers));
    }

    function _quorumOf(uint256 quorum) private returns (Measure memory measure) {
        measure = _measure(MeasureKind.SetQuorum);
        measure.value = quorum;
    }

    function test_P5_waitBeginsAnewWhenTheQuorumWasRaisedAndLostBetweenTwoVotes() public {
        _admitFourth();
        Measure memory measure = _addValidator();
        measure.closesAt = uint64(_now() + 30 days);
        _vote(measure, 1);
        _vote(measure, 2);
        _enact(_quorumOf(3));
        VM.warp(_now() + WIDENING_WAIT);
        VM.expectRevert(ICouncil.QuorumMissing.selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        _vote(measure, 3);
        uint256 due = _now() + WIDENING_WAIT;
        VM.expectRevert(abi.encodeWithSelector(ICouncil.WaitNotOver.selector, due));
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        VM.warp(due);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
    }

    function test_P5_voteAgainstBringsBackNothingThatRanOutOfTime() public {
        _admitFourth();
        _enact(_quorumOf(3));
        Measure memory measure = _on(MeasureKind.SuspendInstitution, 4);
        _vote(measure, 1);
        _vote(measure, 2);
        VM.warp(measure.closesAt + 1);
        Measure memory lower = _quorumOf(2);
        _vote(lower, 3);
        _pass(lower);
        _council.execute(lower, _nobody, new Possessions[](0));
        _council.reschedule(measure);
        (Vote memory ballot, bytes memory signature) = _ballot(measure, Hands.senior(3, 0), false);
        _council.vote(ballot, signature);
        Expect.same(_council.tallyOf(_measureId(measure)).executableFrom, 0, "a vote against scheduled it");
        VM.expectRevert(ICouncil.QuorumMissing.selector);
        _council.execute(measure, _nobody, new Possessions[](0));
        _council.lapse(measure);
    }

    function test_P9_twoOfThreeDoNotKeepTheThirdAwayForGood() public {
        Measure memory measure = _on(MeasureKind.SuspendInstitution, 3);
        _enact(measure);
        bytes memory soon = abi.encodeWithSelector(IConsortium.SuspensionTooSoon.selector, 30);
        VM.warp(START + 30 days);
        measure = _on(MeasureKind.SuspendInstitution, 3);
        _pass(measure);
        VM.expectRevert(soon);
        _council.execute(measure, _nobody, new Possessions[](0));
        VM.warp(START + 60 days - 1);
        measure = _on(MeasureKind.SuspendInstitution, 3);
        _pass(measure);
        VM.expectRevert(soon);
        _council.execute(measure, _nobody, new Possessions[](0));
        VM.warp(START + 60 days);
        _council.execute(measure, _nobody, new Possessions[](0));
        Expect.same(
            _consortium.institutionOf(InstitutionId.wrap(3)).suspended,
            true,
            "it was never suspended again"
        );
        // A rest is counted from the end of the suspension, a lifted one's too.
        _enact(_on(MeasureKind.LiftSuspension, 3));
        uint256 lifted = _now();
        VM.warp(lifted + 30 days - 1);
        measure = _on(MeasureKind.SuspendInstitution, 3);
        _pass(measure);
        VM.expectRevert(soon);
        _council.execute(measure, _nobody, new Possessions[](0));
    }

    function test_P5_anybodyBeginsAnAmendedMeasuresWaitAnewAndNoneThatIsOver() public {
        Measure memory measure = _addValidator();
        Measure memory old = _addValidator();
        VM.expectRevert(ICouncil.MeasureIsOpen.selector);
        _council.reschedule(measure);
        _vote(measure, 1);
        _vote(measure, 2);
        VM.expectRevert(ICouncil.MeasureIsOpen.selector);
        _council.reschedule(measure);
        _vote(old, 1);
        _enact(_on(MeasureKind.SuspendInstitution, 3));
        VM.warp(START + WIDENING_WAIT);
        VM.expectRevert(ICouncil.WaitBeginsAnew.selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        _council.reschedule(measure);
        uint256 due = START + 2 * WIDENING_WAIT;
        VM.expectRevert(abi.encodeWithSelector(ICouncil.WaitNotOver.selector, due));
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        VM.warp(START + 40 days);
        _council.reschedule(old);
        VM.expectRevert(ICouncil.QuorumMissing.selector);
        _council.execute(old, _nobody, new Possessions[](0));
        // The suspension ended by itself meanwhile, which brings nothing back.
        VM.expectRevert(ICouncil.WaitBeginsAnew.selector);
        _council.execute(measure, _nobody, new Possessions[](0));
        _council.reschedule(measure);
        VM.expectRevert(ICouncil.MeasureExpired.selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
    }

    function test_P9_threeMembersAlwaysOutliveAnyOneOfThem() public {
        _passAndExpect(_quorumOf(3), IConsortium.QuorumOutOfRange.selector);
        _passAndExpect(_on(MeasureKind.ExpelInstitution, 3), IConsortium.MembersBelowQuorum.selector);
        Measure memory strip = _on(MeasureKind.SetInstitutionRoles, 3);
        strip.value = SENIOR & ~Roles.VOTE;
        _passAndExpect(strip, IConsortium.MembersBelowQuorum.selector);
        _admitFourth();
        _enact(_quorumOf(3));
        Measure memory expulsion = _on(MeasureKind.ExpelInstitution, 4);
        _pass(expulsion);
        _vote(expulsion, 3);
        VM.warp(_now() + WIDENING_WAIT);
        VM.expectRevert(IConsortium.MembersBelowQuorum.selector);
        _council.execute(expulsion, _nobody, _possessionsFor(_nobody));
    }

    function test_P9_quorumNeedsAMemberMoreWhoCouldManage() public {
        _admitFourth();
        _resign(Hands.senior(4, 1));
        _passAndExpect(_quorumOf(3), ICouncil.TooFewCouldManage.selector);
        _enact(_on(MeasureKind.ExpelInstitution, 4));
    }

    function test_P9_fourValidatorsNeverBecomeThree() public {
        uint160[3] memory more = [uint160(0xA3), 0xA4, 0xA5];
        for (uint256 i = 0; i < 3; ++i) {
            _enact(_validatorMeasure(MeasureKind.AddValidator, address(more[i]), 3));
        }
        Measure memory removal = _measure(MeasureKind.RemoveValidator);
        removal.target = address(0xA1);
        _enact(removal);
        removal = _measure(MeasureKind.RemoveValidator);
        removal.target = address(0xA2);
        _pass(removal);
        VM.expectRevert(abi.encodeWithSelector(ICharter.TooFewValidators.selector, 4));
        _council.execute(removal, _nobody, _possessionsFor(_nobody));
    }

    function test_expelledInstitutionNeverReturns() public {
        _admitFourth();
        Measure memory measure = _on(MeasureKind.ExpelInstitution, 3);
        _enact(measure);
        Expect.same(_consortium.institutionOf(measure.institution).expelled, true, "not expelled");
        _passAndExpect(_on(MeasureKind.LiftSuspension, 3), IConsortium.InstitutionUnchanged.selector);
        _passAndExpect(_on(MeasureKind.ExpelInstitution, 3), IConsortium.InstitutionUnchanged.selector);
        Measure memory again = _on(MeasureKind.AdmitInstitution, 3);
        (again.value, again.appointmentsHash) = (SENIOR, keccak256(""));
        Appointment[] memory one = new Appointment[](1);
        one[0] = _appointmentOf(Hands.senior(3, 5));
        again.appointmentsHash = keccak256(abi.encodePacked(Typed.appointmentHash(one[0])));
        _pass(again);
        Possessions[] memory proofs = _possessionsFor(one);
        VM.expectRevert(IConsortium.InstitutionNumberTaken.selector);
        _council.execute(again, one, proofs);
    }

    function test_P9_suspensionEndsByItselfAndEveryWaitBeginsAnewWithIt() public {
        _enact(_on(MeasureKind.SuspendInstitution, 3));
        uint32 amendments = _consortium.constitution().amendments;
        Measure memory open = _addValidator();
        open.closesAt += 60 days - 7 days;
        VM.warp(START + 30 days - 1);
        _vote(open, 1);
        _vote(open, 2);
        VM.warp(START + 30 days - 1);
        _castRefused(
            abi.encodeWithSelector(IConsortium.InstitutionIsBarred.selector, InstitutionId.wrap(3)),
            open,
            Hands.senior(3, 0),
            true
        );
        VM.warp(START + 30 days);
        Institution memory third = _consortium.institutionOf(InstitutionId.wrap(3));
        Expect.same(third.suspended, false, "still suspended");
        Expect.same(third.expelled, false, "still suspended");
        Expect.same(_consortium.constitution().activeMembers, 14, "its vote does not count");
        Expect.same(_consortium.constitution().amendments, amendments + 1, "the end is no amendment");
        VM.warp(START + 30 days + WIDENING_WAIT);
        VM.expectRevert(ICouncil.WaitBeginsAnew.selector);
        _council.execute(open, _nobody, new Possessions[](0));
        _passAndExpect(_on(MeasureKind.LiftSuspension, 3), IConsortium.InstitutionUnchanged.selector);
        // Suspended again: what ended by itself stays counted.
        VM.warp(START + 60 days);
        _enact(_on(MeasureKind.SuspendInstitution, 3));
        Expect.same(_consortium.constitution().amendments, amendments + 2, "an amendment was lost");
        _admitFourth();
        _enact(_on(MeasureKind.ExpelInstitution, 3));
        VM.warp(_now() + 60 days);
        Expect.same(
            _consortium.institutionOf(InstitutionId.wrap(3)).expelled,
            true,
            "the expelled came back"
        );
        Expect.same(_consortium.constitution().activeMembers, 22, "the expelled votes");
    }

    function test_suspensionIsLiftedAfterAWait() public {
        _passAndExpect(_on(MeasureKind.LiftSuspension, 3), IConsortium.InstitutionUnchanged.selector);
        _enact(_on(MeasureKind.SuspendInstitution, 3));
        Expect.same(block.timestamp, START + WIDENING_WAIT, "narrowing waited");
        _enact(_on(MeasureKind.LiftSuspension, 3));
        Expect.same(block.timestamp, START + 2 * WIDENING_WAIT, "widening did not wait");
        Expect.same(_consortium.institutionOf(InstitutionId.wrap(3)).suspended, false, "still suspended");
        _passAndExpect(_on(MeasureKind.LiftSuspension, 9), IConsortium.InstitutionUnknown.selector);
    }

    function test_P4_activeMembersNeverFallBelowTheQuorum() public {
        _enact(_on(MeasureKind.SuspendInstitution, 3));
        _passAndExpect(_on(MeasureKind.SuspendInstitution, 2), IConsortium.MembersBelowQuorum.selector);
        _passAndExpect(_on(MeasureKind.ExpelInstitution, 2), IConsortium.MembersBelowQuorum.selector);
        Measure memory strip = _on(MeasureKind.SetInstitutionRoles, 2);
        strip.value = SENIOR & ~Roles.VOTE;
        _passAndExpect(strip, IConsortium.MembersBelowQuorum.selector);
    }

    function test_P4_seatedQuorumNeverFallsBelowTwo() public {
        Measure memory measure = _measure(MeasureKind.SetQuorum);
        measure.value = 1;
        _passAndExpect(measure, IConsortium.QuorumOutOfRange.selector);
        measure = _measure(MeasureKind.SetQuorum);
        measure.value = 4;
        _passAndExpect(measure, IConsortium.QuorumOutOfRange.selector);
        measure = _measure(MeasureKind.SetQuorum);
        measure.value = 258;
        _passAndExpect(measure, IConsortium.QuorumOutOfRange.selector);
        measure = _measure(MeasureKind.SetQuorum);
        measure.value = 2;
        _enact(measure);
        Expect.same(_consortium.constitution().quorum, 2, "another quorum");
    }

    function test_P4_foundingEndsWhenTwoInstitutionsHoldTheQuorum() public {
        _found(1, 0, 0);
        Measure memory measure = _measure(MeasureKind.SetQuorum);
        measure.value = 2;
        _vote(measure, 1);
        VM.expectEmit();
        emit IConsortium.ConsortiumSeated();
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        Expect.same(_consortium.isSeated(), true, "not seated");
        _addValidatorByOneFails();
    }

    function _addValidatorByOneFails() private {
        Measure memory measure = _addValidator();
        _vote(measure, 1);
        VM.expectRevert(ICouncil.QuorumMissing.selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
    }

    function test_rolesOfAnInstitutionGrowAndOnlyTheVoteGoes() public {
        Measure memory measure = _on(MeasureKind.SetInstitutionRoles, 3);
        measure.value = SENIOR | Roles.COURT;
        _enact(measure);
        Expect.same(_consortium.institutionOf(measure.institution).roles, SENIOR | Roles.COURT, "not grown");
        measure = _on(MeasureKind.SetInstitutionRoles, 3);
        measure.value = SENIOR;
        _passAndExpect(measure, IConsortium.RolesOutOfRange.selector);
        measure = _on(MeasureKind.SetInstitutionRoles, 3);
        measure.value = 1 << 31;
        _passAndExpect(measure, IConsortium.RolesOutOfRange.selector);
        measure = _on(MeasureKind.SetInstitutionRoles, 3);
        measure.value = SENIOR | Roles.COURT;
        _passAndExpect(measure, IConsortium.InstitutionUnchanged.selector);
    }

    function _passAndExpect(Measure memory measure, bytes4 selector) private {
        _pass(measure);
        VM.expectRevert(selector);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
    }
}
