// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../../../contracts/interfaces/ICharter.sol";
import {ICouncil} from "../../../contracts/interfaces/ICouncil.sol";
import {IImporting, MAX_IMPORT_WORDS} from "../../../contracts/interfaces/IImporting.sol";
import {IJournal, GAP_SECONDS, JOURNAL_FORMAT_VERSION} from "../../../contracts/interfaces/IJournal.sol";
import {IPlainRegister} from "../../registers/IPlainRegister.sol";
import {Expect} from "../Expect.sol";
import {Artifacts} from "../Artifacts.sol";
import {LEDGER_NONCE, VM} from "../Vm.sol";

contract JournalTest {
    ICharter private _charter;
    IPlainRegister private _register;

    function setUp() public {
        address[] memory validators = new address[](1);
        validators[0] = address(0xA1);
        _charter = Artifacts.charter(validators, address(this));
        _register = _plainRegister(address(0));
        VM.warp(1_800_000_000);
    }

    function _plainRegister(address predecessor) private returns (IPlainRegister) {
        return
            IPlainRegister(
                Artifacts.create("PlainRegister", abi.encode(_charter, LEDGER_NONCE, predecessor))
            );
    }

    function _leaf(
        uint64 index,
        uint16 kind,
        bytes32 id,
        bytes32 subject,
        bytes32 state,
        uint64 epochs
    ) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    JOURNAL_FORMAT_VERSION,
                    index,
                    kind,
                    id,
                    subject,
                    state,
                    bytes32("p"),
                    bytes32("a"),
                    epochs,
                    block.timestamp
                )
            );
    }

    function testFuzz_P8_headIsTheFoldOfAllEntries(
        bytes32[3] calldata ids,
        bytes32 subject,
        bytes32 state,
        uint16 kind,
        uint64 epochs
    ) public {
        bytes32 fold = _register.head();
        for (uint64 i = 0; i < 3; ++i) {
            _register.record(kind, ids[i], subject, state, epochs);
            fold = keccak256(abi.encode(fold, _leaf(i, kind, ids[i], subject, state, epochs)));
            Expect.same(_register.head(), fold, "the head is not the fold");
            Expect.same(_register.entryCount(), i + 1, "an index was skipped");
        }
    }

    function test_P8_journalsOfTwoRegistersNeverShareAHead() public {
        Expect.differ(_plainRegister(address(0)).head(), _register.head(), "two registers, one head");
    }

    function test_headAndStatusStandInSlotsZeroAndOne() public {
        _register.record(1, "id", "subject", "state", 0);
        Expect.same(VM.load(address(_register), bytes32(uint256(0))), _register.head(), "the head moved");
        IPlainRegister successor = _plainRegister(address(_register));
        _succeed(successor);
        uint256 word = uint256(VM.load(address(_register), bytes32(uint256(1))));
        Expect.same(uint40(word), block.timestamp, "the time of the last entry moved");
        Expect.same(uint40(word >> 40), 1, "the count moved");
        Expect.same(address(uint160(word >> 96)), address(successor), "the successor moved");
    }

    function testFuzz_strangerCannotFreeze(address stranger) public {
        VM.assume(stranger != address(this));
        VM.prank(stranger);
        VM.expectRevert(abi.encodeWithSelector(IJournal.NotTheAuthority.selector));
        _register.freeze(address(0xBEEF), 0);
    }

    function test_frozenRegisterRecordsNothingMoreAndNamesItsSuccessor() public {
        IPlainRegister successor = _plainRegister(address(_register));
        bytes32 finalHead = _register.head();
        _register.freeze(address(successor), 0);
        VM.expectRevert(abi.encodeWithSelector(IJournal.RegisterIsFrozen.selector, address(successor)));
        _register.record(1, "id", "subject", "state", 0);
        Expect.same(_register.head(), finalHead, "a frozen head moved");
    }

    function test_successorRecordsNothingBeforeItsPredecessorIsFrozenAndThenContinuesIt() public {
        IPlainRegister successor = _plainRegister(address(_register));
        VM.expectRevert(abi.encodeWithSelector(IJournal.RegisterNotBegun.selector));
        successor.record(1, "id", "subject", "state", 0);
        _register.freeze(address(successor), 0);
        Expect.same(
            successor.head(),
            keccak256(
                abi.encode(JOURNAL_FORMAT_VERSION, block.chainid, address(successor), _register.head())
            ),
            "the successor does not continue the final head"
        );
        successor.record(1, "id", "subject", "state", 0);
        Expect.same(successor.entryCount(), 1, "the successor did not record");
    }

    function test_P10_successorShowsTheSilenceBeforeItBegan() public {
        _register.record(1, "id", "subject", "state", 0);
        uint64 last = uint64(VM.getBlockTimestamp());
        VM.warp(last + 3 days);
        IPlainRegister successor = _plainRegister(address(_register));
        _succeed(successor);
        (uint64 from, uint64 to) = successor.gapAt(0);
        Expect.same(from, last, "the silence begins with the successor");
        Expect.same(to, last + 3 days, "the silence is over");
    }

    function test_P9_registerThatNeverBeganGivesWayToAnother() public {
        IPlainRegister lost = _handOver("nothing folds to this");
        IPlainRegister next = _plainRegister(address(_register));
        _register.freeze(address(next), 0);
        Expect.same(_register.successor(), address(next), "it still waits for one that never begins");
        next.record(1, "id", "subject", "state", 0);
        VM.expectRevert(abi.encodeWithSelector(IJournal.RegisterIsFrozen.selector, address(next)));
        _register.freeze(address(lost), 0);
        VM.expectRevert(abi.encodeWithSelector(IJournal.RegisterNotBegun.selector));
        lost.record(1, "id", "subject", "state", 0);
    }

    function test_P11_whatGaveWayToAnotherNeverBegins() public {
        (bytes32[] memory slots, bytes32[] memory words) = _wordsFor("late", 1);
        IPlainRegister lost = _handOver(_foldOf(slots, words));
        _register.freeze(address(_plainRegister(address(_register))), 0);
        VM.expectRevert(abi.encodeWithSelector(IJournal.NothingToImport.selector));
        lost.importWords(slots, words, 0);
    }

    function test_P11_nothingIsImportedThatIsOlderThanTheLastEntry() public {
        IPlainRegister successor = _plainRegister(address(_register));
        Expect.same(successor.importsFrom(), _register.head(), "another moment");
        _register.record(1, "id", "subject", "state", 0);
        VM.expectRevert(IImporting.ImportStale.selector);
        _register.freeze(address(successor), "a fold of before");
        _register.freeze(address(_plainRegister(address(_register))), "a fold of now");
    }

    function test_P11_nothingIsLeftBehindByAVoteThatNamesNoFold() public {
        IPlainRegister next = _plainRegister(address(_register));
        _register.freeze(address(next), 0);
        IPlainRegister third = _plainRegister(address(next));
        VM.expectRevert(abi.encodeWithSelector(ICouncil.SuccessorIsWeaker.selector));
        next.freeze(address(third), 0);
        setUp();
        _register.record(1, "id", "subject", "state", 0);
        next = _plainRegister(address(_register));
        VM.expectRevert(abi.encodeWithSelector(ICouncil.SuccessorIsWeaker.selector));
        _register.freeze(address(next), 0);
        _succeed(next);
        next.record(1, "id", "subject", "state", 0);
    }

    /// Carries one word over, as what follows a register with entries must.
    function _succeed(IPlainRegister successor) private {
        (bytes32[] memory slots, bytes32[] memory words) = _wordsFor("carried", 1);
        _register.freeze(address(successor), _foldOf(slots, words));
        successor.importWords(slots, words, 0);
    }

    function testFuzz_onlyThePredecessorHandsOver(address stranger) public {
        IPlainRegister successor = _plainRegister(address(_register));
        VM.assume(stranger != address(_register));
        VM.prank(stranger);
        VM.expectRevert(abi.encodeWithSelector(IJournal.NotThePredecessor.selector));
        successor.continueFrom(bytes32("invented"));
    }

    /// Entries after silences of any length: each long one is kept, whole, under the entry that ended it.
    function testFuzz_P10_aLongSilenceIsKeptWithTheEntryThatEndsIt(uint32[8] calldata silences) public {
        uint64 last = _register.lastEntryAt();
        for (uint64 i = 0; i < silences.length; ++i) {
            uint64 now_ = last + (uint64(silences[i]) % (3 * GAP_SECONDS));
            VM.warp(now_);
            _requireGap(i, last, now_);
            _register.record(1, bytes32(uint256(i)), "subject", "state", 0);
            _requireGap(i, last, now_);
            Expect.same(_register.lastEntryAt(), now_, "the last entry's time");
            last = now_;
        }
        VM.warp(last + 9 * GAP_SECONDS);
        _requireGap(uint64(silences.length), last, last + 9 * GAP_SECONDS);
        _requireGap(uint64(silences.length) + 1, 0, 0);
    }

    function _requireGap(uint64 index, uint64 from, uint64 to) private view {
        if (to - from < GAP_SECONDS) (from, to) = (0, 0);
        (uint64 keptFrom, uint64 keptTo) = _register.gapAt(index);
        Expect.same(keptFrom, from, "another silence");
        Expect.same(keptTo, to, "another silence");
    }

    function _foldOf(bytes32[] memory slots, bytes32[] memory words) private pure returns (bytes32 fold) {
        for (uint256 i = slots.length; i > 0; --i) {
            fold = keccak256(abi.encode(slots[i - 1], words[i - 1], fold));
        }
    }

    function _part(
        bytes32[] memory all,
        uint256 from,
        uint256 to
    ) private pure returns (bytes32[] memory part) {
        part = new bytes32[](to - from);
        for (uint256 i = from; i < to; ++i) part[i - from] = all[i];
    }

    /// Whatever was voted for is there when the register begins, in however many chunks it came.
    function testFuzz_P11_successorBeginsWithTheWordsOfTheVote(bytes32 seed, uint8 count, uint8 cut) public {
        (bytes32[] memory slots, bytes32[] memory words) = _wordsFor(seed, 1 + (count % 40));
        uint256 at_ = cut % slots.length;
        IPlainRegister successor = _handOver(_foldOf(slots, words));
        VM.expectRevert(abi.encodeWithSelector(IJournal.RegisterNotBegun.selector));
        successor.record(1, "id", "subject", "state", 0);
        bytes32 rest = _foldOf(_part(slots, at_, slots.length), _part(words, at_, words.length));
        if (at_ > 0) successor.importWords(_part(slots, 0, at_), _part(words, 0, at_), rest);
        Expect.same(successor.head(), 0, "it began too early");
        successor.importWords(_part(slots, at_, slots.length), _part(words, at_, words.length), 0);
        for (uint256 i = 0; i < slots.length; ++i) {
            Expect.same(VM.load(address(successor), slots[i]), words[i], "a word is not there");
        }
        successor.record(1, "id", "subject", "state", 0);
        VM.expectRevert(abi.encodeWithSelector(IJournal.NothingToImport.selector));
        successor.importWords(slots, words, 0);
    }

    function testFuzz_P11_nothingIsImportedThatWasNotVotedFor(
        bytes32 seed,
        uint8 bend,
        bytes32 noise
    ) public {
        (bytes32[] memory slots, bytes32[] memory words) = _wordsFor(seed, 4);
        IPlainRegister successor = _handOver(_foldOf(slots, words));
        bytes32 rest = 0;
        if (bend % 4 == 0) words[seed[0] == 0 ? 0 : 3] ^= noise | bytes32(uint256(1));
        if (bend % 4 == 1) slots[1] ^= bytes32(uint256(1) << 200);
        if (bend % 4 == 2) (slots[0], slots[1]) = (slots[1], slots[0]);
        if (bend % 4 == 3) rest = noise | bytes32(uint256(1));
        VM.expectRevert(abi.encodeWithSelector(IImporting.ImportDiffers.selector));
        successor.importWords(slots, words, rest);
    }

    function test_P11_importNeverWritesWhatIsTheJournals() public {
        for (uint256 slot = 0; slot < 5; ++slot) {
            bytes32[] memory slots = new bytes32[](1);
            bytes32[] memory words = new bytes32[](1);
            (slots[0], words[0]) = (bytes32(slot), "forged");
            setUp();
            IPlainRegister successor = _handOver(_foldOf(slots, words));
            VM.expectRevert(abi.encodeWithSelector(IImporting.ImportOutOfReach.selector));
            successor.importWords(slots, words, 0);
        }
    }

    function test_P7_importComesInBoundedChunksOfOneWordASlot() public {
        (bytes32[] memory slots, bytes32[] memory words) = _wordsFor("many", MAX_IMPORT_WORDS + 1);
        IPlainRegister successor = _handOver(_foldOf(slots, words));
        bytes memory refusal = abi.encodeWithSelector(
            IImporting.ImportSizeOutOfRange.selector,
            MAX_IMPORT_WORDS
        );
        VM.expectRevert(refusal);
        successor.importWords(slots, words, 0);
        VM.expectRevert(refusal);
        successor.importWords(new bytes32[](0), new bytes32[](0), _foldOf(slots, words));
        VM.expectRevert(refusal);
        successor.importWords(_part(slots, 0, 2), _part(words, 0, 1), 0);
        bytes32 rest = _foldOf(
            _part(slots, MAX_IMPORT_WORDS, MAX_IMPORT_WORDS + 1),
            _part(words, MAX_IMPORT_WORDS, MAX_IMPORT_WORDS + 1)
        );
        successor.importWords(_part(slots, 0, MAX_IMPORT_WORDS), _part(words, 0, MAX_IMPORT_WORDS), rest);
        uint256 gas = VM.lastCallGas().gasTotalUsed;
        Expect.below(gas, 16_777_216 - 2_500_000, "the largest chunk does not fit a transaction");
    }

    function _handOver(bytes32 importHash) private returns (IPlainRegister successor) {
        successor = _plainRegister(address(_register));
        _register.freeze(address(successor), importHash);
    }

    function _wordsFor(
        bytes32 seed,
        uint256 count
    ) private pure returns (bytes32[] memory slots, bytes32[] memory words) {
        slots = new bytes32[](count);
        words = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            slots[i] = keccak256(abi.encode("slot", seed, i));
            words[i] = keccak256(abi.encode("word", seed, i));
        }
    }
}
