// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AuthorityNeeded,
    IConsortium,
    Possessions,
    Appointment
} from "../../../contracts/interfaces/IConsortium.sol";
import {ActHead, Approval, IJournal, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ISafeguards, LongPause, ShortPause, Unpause} from "../../../contracts/interfaces/ISafeguards.sol";
import {ICouncil, Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Scopes} from "../../../contracts/power/Scopes.sol";
import {Expect} from "../Expect.sol";
import {Artifacts} from "../Artifacts.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands} from "../Hands.sol";
import {Typed, HEAD_TYPE} from "../Typed.sol";
import {VM} from "../Vm.sol";

/// Stopping is easy and short, stopping food takes two institutions.
contract SafeguardsTest is Founded {
    string private constant PAUSE_TYPE =
        "LongPause(ActHead head,uint32 scope,uint64 until,uint32 pauseSequence,bytes32 caseReference)";
    string private constant UNPAUSE_TYPE =
        "Unpause(ActHead head,uint32 scope,uint32 pauseSequence,bytes32 caseReference)";

    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
    }

    function _register() private view returns (IJournal) {
        return IJournal(address(_safeguards));
    }

    function _pauseShort(bytes memory refusal, Hand memory hand, uint32 scope, uint64 until) private {
        ShortPause memory order = ShortPause(scope, until, "case", hand.id, hand.epoch);
        bytes memory signature = Hands.sign(hand, Typed.digest(_register(), "Safeguards", _hash(order)));
        if (refusal.length != 0) VM.expectRevert(refusal);
        _safeguards.pause(order, signature);
    }

    function _hash(ShortPause memory order) private pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            "ShortPause(uint32 scope,uint64 until,bytes32 caseReference,bytes32 officer,uint32 epoch)"
        );
        return keccak256(abi.encode(typeHash, order));
    }

    function _signed(
        string memory name,
        string memory own,
        bytes32 actHash,
        Hand memory preparer,
        Hand memory approver
    ) private view returns (Signatures memory) {
        return
            Typed.signed(
                _register(),
                "Safeguards",
                name,
                string.concat(HEAD_TYPE, own),
                actHash,
                preparer,
                approver
            );
    }

    function _longPause(
        uint32 scope,
        uint64 until,
        Hand memory approver
    ) private returns (LongPause memory act, Signatures memory signatures) {
        Hand memory preparer = Hands.senior(1, 0);
        act = LongPause(_headFor(preparer, 0), scope, until, _safeguards.pauseSequence(), "case");
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(abi.encodePacked(PAUSE_TYPE, HEAD_TYPE)),
                Typed.headHash(act.head),
                scope,
                until,
                act.pauseSequence,
                act.caseReference
            )
        );
        signatures = _signed("LongPause", PAUSE_TYPE, hash, preparer, approver);
    }

    function _pauseLong(bytes memory refusal, uint32 scope, uint64 until, Hand memory approver) private {
        (LongPause memory act, Signatures memory signatures) = _longPause(scope, until, approver);
        if (refusal.length != 0) VM.expectRevert(refusal);
        _safeguards.pauseLong(act, signatures);
    }

    function _unpause(
        uint32 scope,
        Hand memory preparer,
        Hand memory approver
    ) private returns (Unpause memory act, Signatures memory signatures) {
        act = Unpause(_headFor(preparer, 0), scope, _safeguards.pauseSequence(), "case");
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(abi.encodePacked(UNPAUSE_TYPE, HEAD_TYPE)),
                Typed.headHash(act.head),
                scope,
                act.pauseSequence,
                act.caseReference
            )
        );
        signatures = _signed("Unpause", UNPAUSE_TYPE, hash, preparer, approver);
    }

    function _release(bytes memory refusal, uint32 scope, Hand memory approver) private {
        (Unpause memory act, Signatures memory signatures) = _unpause(scope, Hands.senior(1, 0), approver);
        if (refusal.length != 0) VM.expectRevert(refusal);
        _safeguards.unpause(act, signatures);
    }

    /// Asks as a land register would.
    function _landActs(bytes memory refusal) private {
        AuthorityNeeded memory need;
        (need.prepareRole, need.approveRole) = (Roles.LAND_PREPARER, Roles.LAND_APPROVER);
        need.pauseScope = Scopes.LAND;
        (Hand memory a, Hand memory b) = (Hands.senior(1, 0), Hands.senior(1, 1));
        Approval memory approval = Approval(b.id, 1, 0);
        bytes[2] memory signatures = [Hands.sign(a, "act"), Hands.sign(b, "approval")];
        if (refusal.length != 0) VM.expectRevert(refusal);
        _consortium.requireOfficers(need, a.id, 1, "act", signatures[0], approval, "approval", signatures[1]);
    }

    function _stopped(uint32 scope) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsortium.ScopeIsPaused.selector, scope);
    }

    function test_oneOfficerStopsAScopeAndOnlyThatOneUntilItsTime() public {
        _pauseShort("", Hands.senior(2, 0), Scopes.SETTLEMENT, START + 1 hours);
        _landActs("");
        _pauseShort("", Hands.senior(2, 0), Scopes.LAND, START + 1 hours);
        _landActs(_stopped(Scopes.LAND));
        Expect.same(_consortium.pausedScope(), Scopes.LAND | Scopes.SETTLEMENT, "another scope");
        VM.warp(START + 1 hours);
        _landActs("");
        Expect.same(_consortium.pausedScope(), 0, "it went on");
        Expect.same(_register().entryCount(), 2, "no entries");
    }

    function test_oneOfficerNeverStopsRedemptionNorForLong() public {
        _pauseShort(
            abi.encodeWithSelector(ISafeguards.PauseNeedsTwoInstitutions.selector),
            Hands.senior(2, 0),
            Scopes.REDEMPTION | Scopes.LAND,
            START + 1 hours
        );
        bytes memory length = abi.encodeWithSelector(ISafeguards.PauseLengthOutOfRange.selector, 72);
        _pauseShort(length, Hands.senior(2, 0), Scopes.LAND, START + 72 hours + 1);
        _pauseShort(length, Hands.senior(2, 0), Scopes.LAND, START);
        bytes memory scope = abi.encodeWithSelector(ISafeguards.PauseScopeOutOfRange.selector);
        _pauseShort(scope, Hands.senior(2, 0), 0, START + 1 hours);
        _pauseShort(scope, Hands.senior(2, 0), 1 << 31, START + 1 hours);
        _pauseShort(
            abi.encodeWithSelector(IConsortium.OfficeOutOfScope.selector, Hands.p256Hand().id),
            Hands.p256Hand(),
            Scopes.LAND,
            START + 1 hours
        );
    }

    function test_shortPausesAreNotStrungTogetherNorReplayed() public {
        bytes memory soon = abi.encodeWithSelector(ISafeguards.PauseTooSoon.selector);
        _pauseShort("", Hands.senior(2, 0), Scopes.LAND, START + 72 hours);
        _pauseShort(soon, Hands.senior(3, 0), Scopes.LAND, START + 71 hours);
        VM.warp(START + 720 hours - 1);
        _pauseShort(soon, Hands.senior(2, 1), Scopes.LAND, START + 730 hours);
        VM.warp(START + 720 hours);
        _pauseShort("", Hands.senior(2, 0), Scopes.LAND, START + 730 hours);
    }

    function test_P9_whomALonePauseStopsDoesNotEndIt() public {
        bytes memory second = abi.encodeWithSelector(IConsortium.SecondInstitutionRequired.selector);
        _pauseShort("", Hands.senior(2, 0), Scopes.LAND | Scopes.OFFICERS, START + 72 hours);
        _pauseShort("", Hands.senior(1, 0), Scopes.SETTLEMENT, START + 72 hours);
        _release(second, Scopes.LAND, Hands.senior(1, 1));
        _release(second, Scopes.LAND | Scopes.SETTLEMENT, Hands.senior(1, 1));
        _landActs(_stopped(Scopes.LAND));
        _release("", Scopes.SETTLEMENT, Hands.senior(1, 1));
        (Unpause memory act, Signatures memory signatures) = _unpause(
            Scopes.LAND,
            Hands.senior(2, 0),
            Hands.senior(2, 1)
        );
        _safeguards.unpause(act, signatures);
        _landActs("");
        _release("", Scopes.OFFICERS, Hands.senior(3, 0));
        Expect.same(_consortium.pausedScope(), 0, "two institutions end what one laid");
    }

    function test_P9_whoBrakesRestsByWhatThePauseLasted() public {
        bytes memory soon = abi.encodeWithSelector(ISafeguards.PauseTooSoon.selector);
        _pauseShort("", Hands.senior(1, 0), Scopes.LAND, START + 72 hours);
        VM.warp(START + 99);
        _release("", Scopes.LAND, Hands.senior(1, 1));
        VM.warp(START + 999);
        _pauseShort(soon, Hands.senior(1, 0), Scopes.LAND, START + 5000);
        VM.warp(START + 1000);
        _pauseShort("", Hands.senior(1, 1), Scopes.LAND, START + 4600);
        // Two institutions take it over: what they stop is not the lone officer's.
        _pauseLong("", Scopes.LAND, START + 2 days, Hands.senior(2, 0));
        VM.warp(START + 1100);
        _release("", Scopes.LAND, Hands.senior(2, 0));
        _pauseShort("", Hands.senior(1, 0), Scopes.LAND, START + 5000);
    }

    function test_P2_lonePauseThatWasEndedIsNotPostedAgain() public {
        _pauseShort("", Hands.senior(1, 0), Scopes.LAND, START + 72 hours);
        _release("", Scopes.LAND, Hands.senior(1, 1));
        VM.warp(START + 10);
        _pauseShort(
            abi.encodeWithSelector(ISafeguards.PauseStale.selector),
            Hands.senior(1, 0),
            Scopes.LAND,
            START + 72 hours
        );
        _pauseShort("", Hands.senior(1, 0), Scopes.LAND, START + 71 hours);
    }

    function test_P9_loneOfficersOfOneInstitutionStopAScopeForATenthOfTheTime() public {
        uint256 stopped = 0;
        uint256 end = START + 100 days;
        while (_now() < end) {
            ShortPause memory order = ShortPause(
                Scopes.LAND,
                uint64(_now() + 72 hours),
                "case",
                Hands.senior(2, 0).id,
                1
            );
            bytes memory signature = Hands.sign(
                Hands.senior(2, 0),
                Typed.digest(_register(), "Safeguards", _hash(order))
            );
            try _safeguards.pause(order, signature) {
                stopped += 72 hours;
            } catch {}
            VM.warp(_now() + 12 hours);
        }
        Expect.atMost(stopped, 12 days, "more than a tenth and one pause");
        _pauseShort("", Hands.senior(3, 0), Scopes.SETTLEMENT, uint64(_now() + 1 hours));
    }

    function test_pauseEndsEarlyOnlyByAReleaseThatSaysSo() public {
        _pauseLong("", Scopes.LAND, START + 30 days, Hands.senior(2, 0));
        bytes memory length = abi.encodeWithSelector(ISafeguards.PauseLengthOutOfRange.selector, 2160);
        _pauseLong(length, Scopes.LAND, START + 1 days, Hands.senior(2, 0));
        bytes memory free = abi.encodeWithSelector(ISafeguards.ScopeNotPaused.selector);
        _release(free, Scopes.LAND | Scopes.REDEMPTION, Hands.senior(2, 0));
        _release("", Scopes.LAND, Hands.senior(2, 0));
        _release(free, Scopes.LAND, Hands.senior(2, 0));
    }

    function _requireClock(uint32 scope, uint64 pausedAt, uint64 pausedSeconds) private view {
        (uint64 since, uint64 sum) = _consortium.pauseClock(scope);
        Expect.same(since, pausedAt, "another beginning");
        Expect.same(sum, pausedSeconds, "another sum");
    }

    function test_B5_pauseGivesItsTimeBackToTheSecond() public {
        _requireClock(Scopes.LAND, 0, 0);
        _pauseShort("", Hands.senior(2, 0), Scopes.LAND, START + 1000);
        VM.warp(START + 400);
        _requireClock(Scopes.LAND, START, 0);
        _pauseLong("", Scopes.LAND, START + 3000, Hands.senior(2, 0));
        VM.warp(START + 2999);
        _requireClock(Scopes.LAND, START, 0);
        VM.warp(START + 9000);
        _requireClock(Scopes.LAND, 0, 3000);
        _requireClock(Scopes.REDEMPTION, 0, 0);
        _pauseLong("", Scopes.LAND, START + 19_000, Hands.senior(2, 0));
        _requireClock(Scopes.LAND, START + 9000, 3000);
        VM.warp(START + 9500);
        _release("", Scopes.LAND, Hands.senior(2, 0));
        _requireClock(Scopes.LAND, 0, 3500);
        VM.expectRevert(ISafeguards.PauseScopeOutOfRange.selector);
        _consortium.pauseClock(Scopes.LAND | Scopes.REDEMPTION);
    }

    function test_twoInstitutionsStopAnythingIncludingRedemption() public {
        uint32 scope = Scopes.REDEMPTION | Scopes.LAND;
        bytes memory second = abi.encodeWithSelector(IConsortium.SecondInstitutionRequired.selector);
        _pauseLong(second, scope, START + 30 days, Hands.senior(1, 1));
        _pauseLong("", scope, START + 30 days, Hands.senior(2, 0));
        _landActs(_stopped(Scopes.LAND));
        _release(second, Scopes.LAND, Hands.senior(1, 1));
        _release("", Scopes.LAND, Hands.senior(2, 0));
        _landActs("");
        Expect.same(_consortium.pausedScope(), Scopes.REDEMPTION, "another scope was released");
        bytes memory length = abi.encodeWithSelector(ISafeguards.PauseLengthOutOfRange.selector, 2160);
        _pauseLong(length, scope, START + 90 days + 1, Hands.senior(2, 0));
    }

    function test_pauseOfTwoIsNotReplayedAfterItsRelease() public {
        (LongPause memory act, Signatures memory signatures) = _longPause(
            Scopes.LAND,
            START + 5 days,
            Hands.senior(2, 0)
        );
        _safeguards.pauseLong(act, signatures);
        _release("", Scopes.LAND, Hands.senior(2, 0));
        VM.expectRevert(ISafeguards.PauseStale.selector);
        _safeguards.pauseLong(act, signatures);
    }

    function test_P4_nobodyButTheSafeguardsMarksAPause() public {
        VM.expectRevert(IConsortium.NotTheSafeguards.selector);
        _consortium.markPaused(Scopes.LAND);
    }

    function test_pauseOutlivesTheConsortium() public {
        _pauseLong("", Scopes.LAND, START + 5 days, Hands.senior(2, 0));
        IConsortium next = _deployConsortium(
            address(_consortium),
            _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT)
        );
        Expect.same(next.pausedScope(), Scopes.LAND, "the pause was forgotten");
    }

    function test_P11_pauseLaidAfterTheSuccessorWasDeployedHoldsThereToo() public {
        IConsortium next = _deployConsortium(
            address(_consortium),
            _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT)
        );
        _pauseLong("", Scopes.LAND, START + 30 days, Hands.senior(2, 0));
        Measure memory measure = _measure(MeasureKind.PassAuthority);
        measure.target = address(next);
        _enact(measure);
        _consortium = next;
        Expect.same(next.pausedScope(), Scopes.LAND, "the pause was lost");
        _landActs(_stopped(Scopes.LAND));
        _release("", Scopes.LAND, Hands.senior(2, 0));
        _landActs("");
    }

    function test_P9_loneOfficerMakesNothingStaleThatTwoInstitutionsSign() public {
        (LongPause memory act, Signatures memory signatures) = _longPause(
            Scopes.LAND,
            START + 30 days,
            Hands.senior(2, 0)
        );
        for (uint256 i = 0; i < 5; ++i) {
            _pauseShort("", Hands.senior(2, 1), Scopes.SETTLEMENT, uint64(_now() + 1));
            VM.warp(_now() + 10);
        }
        _safeguards.pauseLong(act, signatures);
        _landActs(_stopped(Scopes.LAND));
    }

    function test_P9_pairOfOneInstitutionMakesNothingStaleThatTwoSign() public {
        (LongPause memory act, Signatures memory signatures) = _longPause(
            Scopes.LAND,
            START + 30 days,
            Hands.senior(2, 0)
        );
        for (uint256 i = 0; i < 3; ++i) {
            _pauseShort("", Hands.senior(1, 0), Scopes.SETTLEMENT, uint64(_now() + 1));
            _release("", Scopes.SETTLEMENT, Hands.senior(1, 1));
            VM.warp(_now() + 10);
        }
        Expect.same(_safeguards.pauseSequence(), 0, "one institution stepped it");
        _safeguards.pauseLong(act, signatures);
        _landActs(_stopped(Scopes.LAND));
        _release("", Scopes.LAND, Hands.senior(2, 0));
        Expect.same(_safeguards.pauseSequence(), 2, "a pause and a release of two");
    }

    function test_P2_releaseOfALonePauseIsPostedOnce() public {
        _pauseShort("", Hands.senior(1, 0), Scopes.LAND, START + 1 hours);
        (Unpause memory act, Signatures memory signatures) = _unpause(
            Scopes.LAND,
            Hands.senior(1, 0),
            Hands.senior(1, 1)
        );
        _safeguards.unpause(act, signatures);
        VM.warp(START + 10);
        _pauseShort("", Hands.senior(1, 0), Scopes.LAND, START + 2 hours);
        VM.expectRevert(ISafeguards.PauseStale.selector);
        _safeguards.unpause(act, signatures);
        _landActs(_stopped(Scopes.LAND));
    }

    function test_P11_safeguardsAreSucceededWithTheirPausesAndStillPause() public {
        Measure memory measure = _measure(MeasureKind.PutInForce);
        (measure.name, measure.target) = (keccak256("Safeguards"), address(_safeguards));
        _enact(measure);
        _pauseShort("", Hands.senior(2, 0), Scopes.SETTLEMENT, uint64(_now() + 1000));
        VM.warp(_now() + 5000);
        _pauseLong("", Scopes.LAND, uint64(_now() + 30 days), Hands.senior(2, 0));
        ISafeguards before = _safeguards;
        ISafeguards stranger = Artifacts.safeguards(_charter, address(0));
        measure = _measure(MeasureKind.PutInForce);
        (measure.name, measure.target) = (keccak256("Safeguards"), address(stranger));
        _pass(measure);
        VM.expectRevert(ICouncil.SuccessorIsWeaker.selector);
        _council.execute(measure, new Appointment[](0), new Possessions[](0));
        _safeguards = Artifacts.safeguards(_charter, address(before));
        measure = _measure(MeasureKind.PutInForce);
        (measure.name, measure.target) = (keccak256("Safeguards"), address(_safeguards));
        _enact(measure);
        Expect.same(_consortium.pausedScope(), Scopes.LAND, "the pause was lost");
        _requireClock(Scopes.SETTLEMENT, 0, 1000);
        _release("", Scopes.LAND, Hands.senior(2, 0));
        _pauseShort("", Hands.senior(3, 0), Scopes.LAND, uint64(_now() + 1 hours));
        _landActs(_stopped(Scopes.LAND));
        VM.expectRevert(IConsortium.NotTheSafeguards.selector);
        before.mark();
    }
}
