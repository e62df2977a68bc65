// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    CycleEnvelope,
    CycleId,
    CycleState,
    CycleStep,
    DefineProgramme,
    FundsMove,
    MoveCycle,
    ProgrammeId,
    RedemptionBatch
} from "../../../contracts/interfaces/BenefitActs.sol";
import {IBenefitLedger, OPENING_NOTICE_SECONDS} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {CycleView} from "../../../contracts/interfaces/IBenefitViews.sol";
import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {BenefitWorld} from "./BenefitWorld.sol";
import {CYCLE_TYPE, STEP_TYPE} from "./BenefitTyped.sol";
import {Tables} from "./Tables.sol";

contract BenefitCyclesTest is BenefitWorld {
    uint32 private constant PEOPLE = 70;
    CycleId private constant SECOND = CycleId.wrap(2);

    function setUp() public {
        _foundLedger(1);
        _begin(10_000_000, PEOPLE);
    }

    // ---- the envelope ----

    function testFuzz_B4_nothingOfASignedEnvelopeCanBeChanged(uint8 field, uint256 flip) public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        CycleEnvelope memory act = _envelope(CYCLE, 0, 1, words, PEOPLE, 630);
        Signatures memory signatures = _signed(CYCLE_TYPE, abi.encode(act));
        bytes memory encoded = abi.encodeCall(_ledger.openCycle, (act, signatures));
        // A flipped bit anywhere in the 14 fields after the head.
        uint256 at_ = 4 + (9 + (uint256(field) % 14)) * 32 + (flip % 32);
        encoded[at_] = bytes1(uint8(encoded[at_]) ^ uint8(1 << ((flip >> 8) % 8)));
        (bool done, ) = address(_ledger).call(encoded);
        Expect.same(done, false, "B4: another envelope than the signed one was opened");
        _ledger.openCycle(act, signatures);
    }

    function test_B4_anEnvelopeOpensOneCycleOnce() public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        CycleEnvelope memory act = _envelope(CYCLE, 0, 1, words, PEOPLE, 630);
        _open(act);
        act.lane = 1;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.CycleExists.selector));
        act.cycle = SECOND;
        act.lane = 0;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.LaneOccupied.selector, CYCLE));
    }

    function test_anEnvelopeThatBreaksARuleIsRefusedInThisOrder() public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        CycleEnvelope memory act = _envelope(CycleId.wrap(0), 16, 2, words, PEOPLE + 1, 0);
        (act.currency, act.unitValueMinor, act.opensAt) = (1, 0, CLOSES);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.IdentifierMissing.selector));
        act.cycle = CYCLE;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.CurrencyDiffers.selector));
        act.currency = CURRENCY;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.LaneOutOfRange.selector, 16));
        act.lane = 15;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.EntryBytesUnknown.selector));
        act.entryBytes = 1;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.CycleCountOutOfRange.selector, PEOPLE));
        act.count = 0;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.CycleCountOutOfRange.selector, PEOPLE));
        act.count = PEOPLE;
        bytes4 total = IBenefitLedger.CycleTotalOutOfRange.selector;
        _refuses(act, abi.encodeWithSelector(total, uint256(PEOPLE) * 255));
        act.totalUnits = PEOPLE * 255 + 1;
        _refuses(act, abi.encodeWithSelector(total, uint256(PEOPLE) * 255));
        act.totalUnits = 630;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.UnitValueMissing.selector));
        act.unitValueMinor = UNIT_VALUE;
        bytes memory window = abi.encodeWithSelector(IBenefitLedger.CycleWindowInvalid.selector);
        _refuses(act, window);
        (act.opensAt, act.postUntil) = (OPENS, CLOSES - 1);
        _refuses(act, window);
        act.postUntil = uint64(type(uint40).max) + 1;
        _refuses(act, window);
        act.postUntil = POSTS;
        act.opensAt = START - 2;
        act.spendUntil = START - 1;
        _refuses(act, window);
        (act.opensAt, act.spendUntil) = (OPENS, CLOSES);
        _open(act);
    }

    // ---- loading ----

    function testFuzz_B4_chunksOfAnySizeLoadTheSignedTable(
        uint8 count,
        uint8 cut,
        bool four,
        uint256 seed
    ) public {
        uint32 people = 1 + (count % PEOPLE);
        uint8 entryBytes = four ? 4 : 1;
        (uint256[] memory words, uint64 total) = _randomTable(entryBytes, people, seed);
        _open(_envelope(CYCLE, 0, entryBytes, words, people, total == 0 ? 1 : total));
        uint256 at_ = 0;
        while (at_ < words.length) {
            uint256 next = at_ + 1 + (cut % 4);
            if (next > words.length) next = words.length;
            bytes32 rest = Tables.fold(words, next, words.length);
            _ledger.loadUnits(PROGRAMME, CYCLE, uint32(at_), Tables.slice(words, at_, next), rest);
            at_ = next;
            Expect.same(_views.cycleOf(PROGRAMME, CYCLE).loadedWords, at_, "the progress differs");
        }
        if (total == 0) return;
        _ledger.finalise(PROGRAMME, CYCLE);
        uint256 sum = 0;
        for (uint32 i = 0; i < people; ++i) {
            (uint32 units, ) = _views.entryOf(PROGRAMME, CYCLE, i);
            sum += units;
        }
        Expect.same(sum, total, "B4: the table holds other units than were signed");
        _requireB1();
    }

    function testFuzz_B4_aForeignChunkIsRefusedAndStopsNobody(uint8 word, uint256 flip) public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        _open(_envelope(CYCLE, 0, 1, words, PEOPLE, 630));
        uint256 was = words[word % 3];
        words[word % 3] = flip;
        if (flip != was) {
            VM.expectRevert(IBenefitLedger.WordsDifferFromEnvelope.selector);
            _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        }
        words[word % 3] = was;
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
    }

    function test_B4_eachChunkOnceAndInOrder() public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        _open(_envelope(CYCLE, 0, 1, words, PEOPLE, 630));
        bytes32 rest = Tables.fold(words, 1, 3);
        bytes4 order = IBenefitLedger.WordsOutOfOrder.selector;
        _refusesLoad(1, Tables.slice(words, 1, 3), 0, abi.encodeWithSelector(order, 0));
        _refusesLoad(0, new uint256[](0), rest, abi.encodeWithSelector(order, 0));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, Tables.slice(words, 0, 1), rest);
        _refusesLoad(0, Tables.slice(words, 0, 1), rest, abi.encodeWithSelector(order, 1));
        _refusesLoad(1, Tables.table(1, 100, 9), 0, abi.encodeWithSelector(order, 1));
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.WordsMissing.selector, 1));
        _ledger.finalise(PROGRAMME, CYCLE);
        _ledger.loadUnits(PROGRAMME, CYCLE, 1, Tables.slice(words, 1, 3), 0);
        _refusesLoad(3, Tables.slice(words, 0, 1), 0, abi.encodeWithSelector(order, 3));
    }

    function test_B4_aTableEndsWhereItWasSignedToEnd() public {
        uint256[] memory words = Tables.table(1, PEOPLE + 32, 9);
        _open(_envelope(CYCLE, 0, 1, words, PEOPLE, 630));
        bytes memory differs = abi.encodeWithSelector(IBenefitLedger.WordsDifferFromEnvelope.selector);
        _refusesLoad(0, Tables.slice(words, 0, 3), Tables.fold(words, 3, 4), differs);
    }

    function test_B4_unitsBeyondTheCountAreRefused() public {
        for (uint8 entryBytes = 1; entryBytes <= 4; entryBytes += 3) {
            CycleId cycle = CycleId.wrap(entryBytes);
            uint256[] memory words = Tables.table(entryBytes, PEOPLE, 9);
            _open(_envelope(cycle, entryBytes, entryBytes, words, PEOPLE - 1, 621));
            VM.expectRevert(IBenefitLedger.UnitsBeyondCount.selector);
            _ledger.loadUnits(PROGRAMME, cycle, 0, words, 0);
        }
    }

    function test_aSequenceIsZeroWhenLoaded() public {
        uint256[] memory words = Tables.table(4, PEOPLE, 9);
        words[2] |= 1 << 24;
        _open(_envelope(CYCLE, 0, 4, words, PEOPLE, 630));
        _refusesLoad(0, words, 0, abi.encodeWithSelector(IBenefitLedger.SequenceNotZero.selector));
    }

    function testFuzz_B4_aTableOfAnotherSumIsNeverReleased(uint64 total) public {
        total = 1 + (total % (PEOPLE * 255));
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        _open(_envelope(CYCLE, 0, 1, words, PEOPLE, total));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        bytes4 differs = IBenefitLedger.TotalDiffersFromEnvelope.selector;
        if (total != 630) VM.expectRevert(abi.encodeWithSelector(differs, 630));
        _ledger.finalise(PROGRAMME, CYCLE);
    }

    function test_aCycleThatIsNotFundedIsNotReleased() public {
        uint256[] memory words = Tables.table(4, PEOPLE, 1000);
        _open(_envelope(CYCLE, 0, 4, words, PEOPLE, 70_000));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.FundsInsufficient.selector, 10_000_000));
        _ledger.finalise(PROGRAMME, CYCLE);
    }

    function test_aPausedProgrammeReleasesNothing() public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        _open(_envelope(CYCLE, 0, 1, words, PEOPLE, 630));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _pause(START + 1 days, 0);
        bytes memory paused = abi.encodeWithSelector(
            IBenefitLedger.ProgrammeIsPaused.selector,
            START + 1 days
        );
        VM.expectRevert(paused);
        _ledger.finalise(PROGRAMME, CYCLE);
        _open(_envelope(SECOND, 1, 1, words, PEOPLE, 630));
        VM.expectRevert(paused);
        _ledger.loadUnits(PROGRAMME, SECOND, 0, words, 0);
        _resume(1);
        _ledger.loadUnits(PROGRAMME, SECOND, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
    }

    function test_aCycleIsReleasedOnce() public {
        _release(CYCLE, 0, 1, PEOPLE, 9);
        bytes4 differs = IBenefitLedger.CycleStateDiffers.selector;
        VM.expectRevert(abi.encodeWithSelector(differs, CycleState.Released));
        _ledger.finalise(PROGRAMME, CYCLE);
        _refusesLoad(0, Tables.table(1, PEOPLE, 9), 0, abi.encodeWithSelector(differs, CycleState.Released));
        VM.expectRevert(IBenefitLedger.CycleUnknown.selector);
        _ledger.finalise(PROGRAMME, SECOND);
    }

    // ---- its end ----

    function test_BB7_aCycleEndsEarlyIsReclaimedAndClosed() public {
        _release(CYCLE, 0, 1, PEOPLE, 9);
        uint64 endsAt = OPENS + 72 hours;
        bytes4 range = IBenefitLedger.CycleEndOutOfRange.selector;
        _refusesStep(CycleStep.EndEarly, 0, endsAt - 1, abi.encodeWithSelector(range, endsAt, CLOSES));
        _refusesStep(CycleStep.EndEarly, 0, CLOSES + 1, abi.encodeWithSelector(range, endsAt, CLOSES));
        _step(CYCLE, CycleStep.EndEarly, 0, endsAt);
        CycleView memory cycle = _views.cycleOf(PROGRAMME, CYCLE);
        Expect.same(cycle.spendUntil, endsAt, "the grace changed its length");
        Expect.same(cycle.postUntil, endsAt + 1 days, "the grace changed its length");
        _refusesStep(CycleStep.Reclaim, 630, abi.encodeWithSelector(_EARLY, endsAt + 1 days + 1));
        VM.warp(endsAt + 1 days + 1);
        bytes4 stale = IBenefitLedger.UnspentUnitsStale.selector;
        _refusesStep(CycleStep.Reclaim, 629, abi.encodeWithSelector(stale, 630));
        bytes4 differs = IBenefitLedger.CycleStateDiffers.selector;
        _refusesStep(CycleStep.Close, 0, abi.encodeWithSelector(differs, CycleState.Ended));
        _step(CYCLE, CycleStep.Reclaim, 630);
        Expect.same(_views.money(PROGRAMME).reclaimedMinor, 630 * UNIT_VALUE, "not reclaimed");
        Expect.same(_views.cycleOf(PROGRAMME, CYCLE).outstandingUnits, 0, "something is outstanding");
        _refusesStep(CycleStep.Reclaim, 630, abi.encodeWithSelector(differs, CycleState.Accounted));
        _step(CYCLE, CycleStep.Close, 0);
        _requireB1();
        _release(SECOND, 0, 4, PEOPLE, 5);
        (uint32 units, ) = _views.entryOf(PROGRAMME, SECOND, 0);
        Expect.same(units, 5, "the lane was not loaded again");
    }

    /// A till that was offline since before an end was announced hears of it before it sells beyond it.
    function testFuzz_B5_noEndComesBeforeItsTillsMayHearOfIt(uint24 offline) public {
        _programme = ProgrammeId.wrap(keccak256("days offline"));
        DefineProgramme memory act = _programmeAct();
        act.mostOfflineSeconds = uint32(15 minutes + (uint256(offline) % (7 days - 15 minutes + 1)));
        _define(act);
        _move(FundsMove.Fund, 1_000_000, 0);
        _enrolAll(PEOPLE, 0);
        _release(SECOND, 1, 4, PEOPLE, 9);
        uint64 since = uint64(_now());
        VM.warp(since + 1);
        uint64 endsAt =
            uint64(_now()) + (act.mostOfflineSeconds > 72 hours ? act.mostOfflineSeconds : 72 hours);
        MoveCycle memory early = MoveCycle(
            _headFor(_preparer, 0),
            _programme,
            SECOND,
            CycleStep.EndEarly,
            0,
            endsAt - 1
        );
        Signatures memory signatures = _signed(STEP_TYPE, abi.encode(early));
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.CycleEndOutOfRange.selector, endsAt, CLOSES));
        _ledger.moveCycle(early, signatures);
        _step(SECOND, CycleStep.EndEarly, 0, endsAt);
        Expect.atLeast(endsAt, since + act.mostOfflineSeconds, "B5: an end nobody could hear of");
    }

    function test_RP2_nothingIsTakenBackBeforeItsTime() public {
        _release(CYCLE, 0, 1, PEOPLE, 9);
        bytes4 differs = IBenefitLedger.CycleStateDiffers.selector;
        _refusesStep(CycleStep.Expire, 630, abi.encodeWithSelector(_EARLY, POSTS + 1));
        _refusesStep(CycleStep.Reclaim, 630, abi.encodeWithSelector(differs, CycleState.Released));
        bytes4 late = IBenefitLedger.CycleStepTooLate.selector;
        _refusesStep(CycleStep.Cancel, 0, abi.encodeWithSelector(late, OPENS));
        _refusesStep(CycleStep.Close, 0, abi.encodeWithSelector(differs, CycleState.Released));
        _refusesStep(
            CycleStep.Unspecified,
            0,
            abi.encodeWithSelector(IBenefitLedger.CycleStepUnknown.selector)
        );
        bytes4 stale = IBenefitLedger.UnspentUnitsStale.selector;
        _refusesStep(CycleStep.EndEarly, 1, CLOSES, abi.encodeWithSelector(stale, 0));
        bytes4 range = IBenefitLedger.CycleEndOutOfRange.selector;
        VM.warp(POSTS);
        _refusesStep(CycleStep.Expire, 630, abi.encodeWithSelector(_EARLY, POSTS + 1));
        VM.warp(POSTS + 1);
        _refusesStep(CycleStep.Expire, 630, CLOSES, abi.encodeWithSelector(range, 0, 0));
        _step(CYCLE, CycleStep.Expire, 630);
        _requireB1();
    }

    function test_aCycleGivenUpWhileLoadingFreesItsLane() public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        _open(_envelope(CYCLE, 0, 1, words, PEOPLE, 630));
        _step(CYCLE, CycleStep.Cancel, 0);
        bytes4 differs = IBenefitLedger.CycleStateDiffers.selector;
        _refusesLoad(0, words, 0, abi.encodeWithSelector(differs, CycleState.Cancelled));
        CycleEnvelope memory act = _envelope(CYCLE, 0, 1, words, PEOPLE, 630);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.CycleExists.selector));
        _release(SECOND, 0, 1, PEOPLE, 9);
    }

    function test_whoReleasesACycleFirstKeepsNobodyFromCancellingIt() public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        _open(_envelope(CYCLE, 0, 1, words, PEOPLE, 630));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
        VM.warp(OPENS - 1);
        _step(CYCLE, CycleStep.Cancel, 0);
        Expect.same(_views.money(PROGRAMME).unallocatedMinor, 10_000_000, "the money is not free again");
        _requireB1();
        _release(SECOND, 0, 1, PEOPLE, 9);
    }

    /// Whenever the envelope says that sales begin: whoever releases it keeps nobody from giving it up.
    function testFuzz_B5_aReleaseOpensNoSalesBeforeItsNotice(uint32 opens, uint32 released) public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        CycleEnvelope memory act = _envelope(CYCLE, 0, 1, words, PEOPLE, 630);
        act.opensAt = uint64(opens % (START + 2 days));
        _open(act);
        VM.warp(_now() + (released % 4 days));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
        uint64 opensAt = _views.cycleOf(PROGRAMME, CYCLE).opensAt;
        Expect.atLeast(opensAt, _now() + OPENING_NOTICE_SECONDS, "B5: no time to give it up");
        Expect.atLeast(opensAt, act.opensAt, "B5: opened before its time");
        if (opensAt != act.opensAt) Expect.same(opensAt, _now() + OPENING_NOTICE_SECONDS, "opened late");
        VM.warp(opensAt - 1);
        bytes32[] memory items = _items(CYCLE, _only(_sale(3, 9, 2)));
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.SalesNotOpen.selector, opensAt));
        _ledger.redeem(batch, items, signature);
        _step(CYCLE, CycleStep.Cancel, 0);
        Expect.same(_views.money(PROGRAMME).unallocatedMinor, 10_000_000, "the money is not free again");
    }

    function test_B5_aReleaseTooLateToSellIsRefused() public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        _open(_envelope(CYCLE, 0, 1, words, PEOPLE, 630));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        VM.warp(CLOSES - OPENING_NOTICE_SECONDS + 1);
        VM.expectRevert(IBenefitLedger.SalesEnded.selector);
        _ledger.finalise(PROGRAMME, CYCLE);
        VM.warp(CLOSES - OPENING_NOTICE_SECONDS);
        _ledger.finalise(PROGRAMME, CYCLE);
    }

    function test_aCycleWhoseSalesAreOverIsNotReleased() public {
        uint256[] memory words = Tables.table(1, PEOPLE, 9);
        _open(_envelope(CYCLE, 0, 1, words, PEOPLE, 630));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        VM.warp(CLOSES + 1);
        VM.expectRevert(IBenefitLedger.SalesEnded.selector);
        _ledger.finalise(PROGRAMME, CYCLE);
        _step(CYCLE, CycleStep.Cancel, 0);
    }

    // ---- shorthand ----

    bytes4 private constant _EARLY = IBenefitLedger.CycleStepTooEarly.selector;

    function _randomTable(
        uint8 entryBytes,
        uint32 people,
        uint256 seed
    ) private pure returns (uint256[] memory words, uint64 total) {
        words = Tables.table(entryBytes, people, 0);
        uint256 perWord = 32 / entryBytes;
        for (uint256 i = 0; i < people; ++i) {
            uint256 units = uint256(keccak256(abi.encode(seed, i))) % (entryBytes == 1 ? 256 : 900);
            words[i / perWord] |= units << ((i % perWord) * entryBytes * 8);
            total += uint64(units);
        }
    }

    function _refuses(CycleEnvelope memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(CYCLE_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.openCycle(act, signatures);
    }

    function _refusesLoad(uint32 first, uint256[] memory words, bytes32 rest, bytes memory refusal) private {
        VM.expectRevert(refusal);
        _ledger.loadUnits(PROGRAMME, CYCLE, first, words, rest);
    }

    function _refusesStep(CycleStep step, uint64 unspent, bytes memory refusal) private {
        _refusesStep(step, unspent, 0, refusal);
    }

    function _refusesStep(CycleStep step, uint64 unspent, uint64 endsAt, bytes memory refusal) private {
        MoveCycle memory act = MoveCycle(_headFor(_preparer, 0), PROGRAMME, CYCLE, step, unspent, endsAt);
        Signatures memory signatures = _signed(STEP_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.moveCycle(act, signatures);
    }
}
