// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Charter} from "../../../contracts/Charter.sol";
import {Journal} from "../../../contracts/journal/Journal.sol";
import {ICharter} from "../../../contracts/interfaces/ICharter.sol";
import {
    EntryId,
    IJournal,
    JOURNAL_FORMAT_VERSION,
    OfficerId
} from "../../../contracts/interfaces/IJournal.sol";
import {LEDGER_NONCE, Vm} from "../Vm.sol";

/// The smallest register: it records what it is told, once the journal lets it.
contract PlainRegister is Journal {
    constructor(
        ICharter charter_,
        address predecessor_
    ) Journal("Kudurru PlainRegister", charter_, LEDGER_NONCE, predecessor_) {}

    function record(uint16 kind, bytes32 id, bytes32 subject, bytes32 state, uint64 epochs) external {
        _requireInForce();
        _record(kind, EntryId.wrap(id), subject, state, OfficerId.wrap("p"), OfficerId.wrap("a"), epochs);
    }
}

contract JournalTest {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    Charter private _charter;
    PlainRegister private _register;

    function setUp() public {
        address[] memory validators = new address[](1);
        validators[0] = address(0xA1);
        _charter = new Charter(validators, address(this));
        _register = new PlainRegister(_charter, address(0));
        VM.warp(1_800_000_000);
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
            require(_register.head() == fold, "the head is not the fold");
            require(_register.entryCount() == i + 1, "an index was skipped");
        }
    }

    function test_P8_journalsOfTwoRegistersNeverShareAHead() public {
        require(
            new PlainRegister(_charter, address(0)).head() != _register.head(),
            "two registers, one head"
        );
    }

    function test_headAndFrozenStateStandInSlotsZeroAndOne() public {
        _register.record(1, "id", "subject", "state", 0);
        require(VM.load(address(_register), bytes32(uint256(0))) == _register.head(), "the head moved");
        PlainRegister successor = new PlainRegister(_charter, address(_register));
        _register.freeze(address(successor));
        uint256 word = uint256(VM.load(address(_register), bytes32(uint256(1))));
        require(uint40(word) == block.timestamp, "frozenAt moved");
        require(uint40(word >> 40) == 1, "the count moved");
        require(address(uint160(word >> 96)) == address(successor), "the successor moved");
    }

    function testFuzz_strangerCannotFreeze(address stranger) public {
        VM.assume(stranger != address(this));
        VM.prank(stranger);
        VM.expectRevert(abi.encodeWithSelector(IJournal.NotTheAuthority.selector));
        _register.freeze(address(0xBEEF));
    }

    function test_frozenRegisterRecordsNothingMoreAndNamesItsSuccessor() public {
        PlainRegister successor = new PlainRegister(_charter, address(_register));
        bytes32 finalHead = _register.head();
        _register.freeze(address(successor));
        VM.expectRevert(abi.encodeWithSelector(IJournal.RegisterIsFrozen.selector, address(successor)));
        _register.record(1, "id", "subject", "state", 0);
        require(_register.head() == finalHead, "a frozen head moved");
    }

    function test_successorRecordsNothingBeforeItsPredecessorIsFrozenAndThenContinuesIt() public {
        PlainRegister successor = new PlainRegister(_charter, address(_register));
        VM.expectRevert(abi.encodeWithSelector(IJournal.RegisterNotBegun.selector));
        successor.record(1, "id", "subject", "state", 0);
        _register.freeze(address(successor));
        require(
            successor.head() ==
                keccak256(
                    abi.encode(JOURNAL_FORMAT_VERSION, block.chainid, address(successor), _register.head())
                ),
            "the successor does not continue the final head"
        );
        successor.record(1, "id", "subject", "state", 0);
        require(successor.entryCount() == 1, "the successor did not record");
    }

    function testFuzz_onlyThePredecessorHandsOver(address stranger) public {
        PlainRegister successor = new PlainRegister(_charter, address(_register));
        VM.assume(stranger != address(_register));
        VM.prank(stranger);
        VM.expectRevert(abi.encodeWithSelector(IJournal.NotThePredecessor.selector));
        successor.continueFrom(bytes32("invented"));
    }
}
