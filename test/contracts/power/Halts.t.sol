// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, Possessions} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {IJournal, InstitutionId} from "../../../contracts/interfaces/IJournal.sol";
import {ISafeguards} from "../../../contracts/interfaces/ISafeguards.sol";
import {Halts} from "../../../contracts/power/Halts.sol";
import {Expect} from "../Expect.sol";
import {Artifacts} from "../Artifacts.sol";
import {Founded} from "../Founded.sol";
import {VM} from "../Vm.sol";

/// The arithmetic alone, on halts nobody needs to vote for.
contract HaltShelf {
    using Halts for Halts.Span[];

    Halts.Span[] private _halts;

    function insert(uint64 from, uint64 to) external {
        _halts.insert(from, to);
    }

    function extended(uint64 moment) external view returns (uint64) {
        return _halts.extended(moment);
    }

    function wentOn(uint64 moment) external view returns (uint64) {
        return _halts.wentOn(moment);
    }

    function all() external view returns (Halts.Span[] memory) {
        return _halts;
    }
}

/// A halt is where nobody wrote anything, and it takes and gives no right (P10).
contract HaltsTest is Founded {
    uint64 private constant HOUR = 1 hours;
    bytes32 private constant SAFEGUARDS = keccak256("Safeguards");
    Appointment[] private _nobody;

    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        VM.prank(address(_consortium));
        _charter.setRegister(SAFEGUARDS, address(_safeguards));
    }

    function _passAndExpect(bytes memory refusal, Measure memory measure) private {
        _pass(measure);
        VM.expectRevert(refusal);
        _council.execute(measure, _nobody, new Possessions[](0));
    }

    function _suspend() private returns (Measure memory measure) {
        measure = _measure(MeasureKind.SuspendInstitution);
        measure.institution = InstitutionId.wrap(3);
    }

    function _notSilent(IJournal register) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISafeguards.HaltNotSilent.selector, address(register));
    }

    function test_P10_membersRecordAHaltAtOnceAndNobodyElse() public {
        VM.warp(START + 12 * HOUR + 1);
        Measure memory measure = _haltMeasure(START + 10, START + 12 * HOUR);
        VM.expectRevert(IJournal.NotTheAuthority.selector);
        _safeguards.recordHalt(measure.name, measure.value);
        VM.prank(address(_council));
        VM.expectRevert(IJournal.NotTheAuthority.selector);
        _safeguards.recordHalt(measure.name, measure.value);
        _enact(measure);
        Expect.same(_now(), START + 12 * HOUR + 1, "it waited");
        Expect.same(_consortium.extended(START + 11), START + 12 * HOUR + 1, "nothing moved");
    }

    function test_P10_noHaltOverAnEntryOfAnyRegister() public {
        VM.warp(START + 7 * HOUR);
        _enact(_suspend());
        VM.warp(START + 21 * HOUR);
        // The consortium had an entry meanwhile, the safeguards none.
        _passAndExpect(_notSilent(_journal()), _haltMeasure(START + HOUR, START + 20 * HOUR));
        // What is named as silent is the silence of that index, wherever the halt lies.
        Measure memory measure = _haltMeasure(START + 8 * HOUR, START + 20 * HOUR);
        measure.value -= 1;
        _passAndExpect(_notSilent(_journal()), measure);
        _recordHalt(START + 7 * HOUR, START + 20 * HOUR);
        // The silence before an entry is kept under its index.
        measure = _haltMeasure(START + HOUR, START + 7 * HOUR);
        measure.value = (uint256(1) << 80) | (uint256(1 + _register().entryCount()) << 40) | 1;
        _enact(measure);
        Expect.same(
            _consortium.extended(START + 2 * HOUR),
            START + 21 * HOUR,
            "the two halts are not one span"
        );
    }

    function _register() private view returns (IJournal) {
        return IJournal(address(_safeguards));
    }

    function test_P10_everyRegisterOfTheDirectoryShowsItsSilenceAndNoOther() public {
        VM.warp(START + 12 * HOUR + 1);
        Measure memory measure = _haltMeasure(START, START + 12 * HOUR);
        uint256 gaps = measure.value;
        measure.value = gaps & ((1 << 40) - 1);
        _passAndExpect(_notSilent(_register()), measure);
        measure = _haltMeasure(START, START + 12 * HOUR);
        measure.value = gaps | (1 << 240);
        _passAndExpect(_notSilent(IJournal(address(0))), measure);
        measure = _haltMeasure(START, START + 12 * HOUR);
        measure.value = gaps | (1 << 120);
        _passAndExpect(_notSilent(IJournal(address(0))), measure);
    }

    function test_P10_registerThatHasNotBegunShowsNoSilence() public {
        ISafeguards next = Artifacts.safeguards(_charter, address(_safeguards));
        VM.prank(address(_consortium));
        _charter.setRegister(SAFEGUARDS, address(next));
        VM.warp(START + 12 * HOUR + 1);
        _passAndExpect(_notSilent(IJournal(address(next))), _haltMeasure(START, START + 12 * HOUR));
    }

    function test_P10_haltIsInThePastOfFourteenDaysAndAnHourLong() public {
        bytes memory range = abi.encodeWithSelector(ISafeguards.HaltOutOfRange.selector, 14);
        VM.warp(START + 12 * HOUR);
        _passAndExpect(range, _haltMeasure(START + 12 * HOUR, START + 11 * HOUR));
        _passAndExpect(range, _haltMeasure(START + 2 * HOUR, START + 3 * HOUR - 1));
        _passAndExpect(range, _haltMeasure(START, START + 12 * HOUR));
        Measure memory dirty = _haltMeasure(START, START + 2 * HOUR);
        dirty.name |= bytes32(uint256(1) << 128);
        _passAndExpect(range, dirty);
        VM.warp(START + 2 * HOUR + 14 days + 1);
        _passAndExpect(range, _haltMeasure(START, START + 2 * HOUR));
        VM.warp(START + 2 * HOUR + 14 days);
        // One of any length, named by the silence that the first one's entry ends.
        Measure memory long = _haltMeasure(START + 3 * HOUR, START + 14 days);
        _recordHalt(START, START + 2 * HOUR);
        _enact(long);
    }

    function test_P10_onlyADeadlineInsideMovesByWhatWasLeft() public {
        VM.warp(START + 20 * HOUR + 1);
        _recordHalt(START + 2 * HOUR, START + 20 * HOUR);
        uint64 from = START + 2 * HOUR;
        uint64 to = START + 20 * HOUR;
        Expect.same(_consortium.extended(from), from, "what ended with the last block lives again");
        Expect.same(_consortium.extended(from + 1), to + 1, "one second was left");
        Expect.same(_consortium.extended(to), to + 18 * HOUR, "all of it was left");
        Expect.same(_consortium.extended(to + 1), to + 1, "one after the halt moved");
        Expect.same(_consortium.extended(type(uint64).max), type(uint64).max, "the last moment moved");
    }

    /// Others take over, by the members' vote.
    function _succeed() private {
        address next = address(Artifacts.safeguards(_charter, address(_safeguards)));
        Measure memory measure = _measure(MeasureKind.PutInForce);
        (measure.name, measure.target) = (SAFEGUARDS, next);
        _enact(measure);
        _safeguards = ISafeguards(next);
    }

    function test_P10_haltsOutliveTheSafeguards() public {
        VM.warp(START + 12 * HOUR);
        _recordHalt(START + HOUR, START + 10 * HOUR);
        _succeed();
        uint64 begun = uint64(_now());
        VM.warp(begun + 12 * HOUR + 1);
        _recordHalt(begun, begun + 12 * HOUR);
        Expect.same(_consortium.extended(START + 2 * HOUR), START + 11 * HOUR, "an old halt was forgotten");
        Expect.same(_consortium.extended(begun + 1), begun + 12 * HOUR + 1, "a new one does nothing");
    }

    function test_P10_aDeadlineThatAnOldHaltMovedWaitsForTheHaltsOfWhoTookOver() public {
        uint64 old = START + 400 * HOUR;
        VM.warp(old + 1);
        _recordHalt(START + HOUR, old);
        _succeed();
        uint64 begun = uint64(_now());
        // The end that the old halt gave lies after both halts of the new safeguards, and after one's end alone.
        VM.warp(begun + 7 * HOUR + 1);
        _recordHalt(begun, begun + 7 * HOUR);
        VM.warp(begun + 20 * HOUR + 1);
        _recordHalt(begun + 7 * HOUR + 1, begun + 20 * HOUR);
        uint64 halted = 7 * HOUR + (13 * HOUR - 1);
        uint64 left = begun + 7 * HOUR + 2 - old;
        Expect.same(
            _consortium.extended(START + HOUR + left),
            old + left + halted,
            "a halt that its end came to was not waited for"
        );
        Expect.same(
            _consortium.extended(START + HOUR + (begun - old)),
            begun,
            "an end that lies before a halt waited for it"
        );
        // The second halt begins before the end only because the first put it off.
        Expect.same(
            _consortium.extended(START + HOUR + (begun + 2 - old)),
            begun + 2 + halted,
            "an end that a new halt moved into another was not moved again"
        );
    }

    /// Whoever kept them: the same end as if one had kept them all.
    function testFuzz_P10_itMakesNoDifferenceWhoKeptAHalt(
        uint16[4] calldata gaps,
        uint16[4] calldata long,
        uint8 kept,
        uint16 deadline
    ) public {
        HaltShelf whole = new HaltShelf();
        HaltShelf older = new HaltShelf();
        HaltShelf newer = new HaltShelf();
        uint64 from = 1;
        for (uint256 i = 0; i < gaps.length; ++i) {
            from += 1 + (gaps[i] % 60);
            uint64 to = from + 1 + (long[i] % 90);
            whole.insert(from, to);
            (i < kept % 5 ? older : newer).insert(from, to);
            from = to;
        }
        uint64 moment = deadline % 600;
        uint64 moved = older.extended(moment);
        uint64 told = moved == moment ? newer.extended(moment) : newer.wentOn(moved);
        Expect.same(told, whole.extended(moment), "another deadline");
    }

    /// Against halts kept one by one: in any order, touching or apart, all of them count.
    function testFuzz_P10_noneIsForgottenWhateverTheOrder(
        uint16[12] calldata starts,
        uint16[12] calldata long,
        uint16 deadline
    ) public {
        HaltShelf shelf = new HaltShelf();
        bool[] memory halted = new bool[](_SPAN);
        for (uint256 i = 0; i < starts.length; ++i) {
            uint256 from = starts[i] % 400;
            uint256 to = from + 1 + (long[i] % 40);
            shelf.insert(uint64(from), uint64(to));
            for (uint256 second = from; second < to; ++second) halted[second] = true;
        }
        Halts.Span[] memory kept = shelf.all();
        for (uint256 i = 1; i < kept.length; ++i) {
            Expect.above(kept[i].from, kept[i - 1].to, "two spans touch");
        }
        uint256 moment = 1 + (deadline % 500);
        uint256 told = shelf.extended(uint64(moment));
        Expect.same(told, _expected(halted, moment), "another deadline");
    }

    uint256 private constant _SPAN = 1200;

    /// Second by second: what was left when the halt began is counted down outside halts.
    function _expected(bool[] memory halted, uint256 moment) private pure returns (uint256 end) {
        if (!halted[moment - 1]) return moment;
        uint256 begins = moment - 1;
        while (begins != 0 && halted[begins - 1]) --begins;
        uint256 left = moment - begins;
        for (end = begins; left != 0; ++end) if (!halted[end]) --left;
    }

    function testFuzz_P10_noDeadlineBecomesEarlier(uint16[6] calldata starts, uint16 deadline) public {
        HaltShelf shelf = new HaltShelf();
        uint64 before = deadline;
        for (uint256 i = 0; i < starts.length; ++i) {
            shelf.insert(starts[i], uint64(starts[i]) + 1 + (starts[(i + 1) % 6] % 700));
            uint64 told = shelf.extended(deadline);
            Expect.atLeast(told, before, "another halt took time away");
            before = told;
        }
    }
}
