// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IActs} from "../../../contracts/interfaces/IActs.sol";
import {Appointment} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {EntryId, IJournal, Withdrawal} from "../../../contracts/interfaces/IJournal.sol";
import {ShortPause} from "../../../contracts/interfaces/ISafeguards.sol";
import {Scopes} from "../../../contracts/power/Scopes.sol";
import {Resignation} from "../../../contracts/interfaces/IPersonnel.sol";
import {Expect} from "../Expect.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands} from "../Hands.sol";
import {Typed} from "../Typed.sol";
import {Vm, VM} from "../Vm.sol";

/// Somebody keeps every signed message that ever went through and sends each again, anywhere, at any time.
contract ReplayHandler is Founded {
    struct Sent {
        address to;
        bytes data;
    }

    Sent[] private _sent;
    mapping(bytes32 entryId => bool) private _seen;
    Appointment[] private _nobody;

    uint256 public recorded;
    bool public everTwice;

    constructor() {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        pause(0, 1);
        withdraw("an act", 0);
        revoke(2);
        addValidator(1);
    }

    function passTime(uint16 hours_) external {
        VM.warp(block.timestamp + uint256(hours_ % 240) * 1 hours);
    }

    function replay(uint256 which, bool elsewhere) external {
        Sent memory sent = _sent[which % _sent.length];
        address other = sent.to == address(_safeguards) ? address(_consortium) : address(_safeguards);
        _send(elsewhere ? other : sent.to, sent.data);
    }

    function pause(uint8 scope, uint8 hours_) public {
        Hand memory hand = Hands.senior(1, 0);
        uint64 until = uint64(block.timestamp + uint256(1 + (hours_ % 72)) * 1 hours);
        uint32 stopped = scope % 2 == 0 ? Scopes.SETTLEMENT : Scopes.DISBURSEMENT;
        ShortPause memory order = ShortPause(stopped, until, "case", hand.id, 1);
        bytes32 typeHash = keccak256(
            "ShortPause(uint32 scope,uint64 until,bytes32 caseReference,bytes32 officer,uint32 epoch)"
        );
        bytes32 digest = Typed.digest(_register(), "Safeguards", keccak256(abi.encode(typeHash, order)));
        _keep(address(_safeguards), abi.encodeCall(_safeguards.pause, (order, Hands.sign(hand, digest))));
    }

    /// In one register or the other: the same words, another signature.
    function withdraw(bytes32 entryId, uint8 where) public {
        Hand memory hand = Hands.senior(1, 0);
        Withdrawal memory withdrawal = Withdrawal(EntryId.wrap(entryId), START + 1 days, hand.id, 1);
        bytes32 typeHash = keccak256(
            "Withdrawal(bytes32 entryId,uint64 actDeadline,bytes32 officer,uint32 epoch)"
        );
        bytes32 hash = keccak256(abi.encode(typeHash, withdrawal));
        bool first = where % 2 == 0;
        IJournal register = first ? _staff() : _register();
        bytes32 digest = Typed.digest(register, first ? "Personnel" : "Safeguards", hash);
        _keep(address(register), abi.encodeCall(IActs.withdraw, (withdrawal, Hands.sign(hand, digest))));
    }

    function revoke(uint8 institution) public {
        Hand memory hand = Hands.senior(2 + (institution % 2), 1);
        (Resignation memory order, , bytes memory signature) = _resignation(hand, 0);
        _keep(address(_personnel), abi.encodeCall(_personnel.resign, (order, signature)));
    }

    function addValidator(uint8 number) public {
        Measure memory measure = _validatorMeasure(
            MeasureKind.AddValidator,
            address(uint160(0xB000) + number),
            1
        );
        _pass(measure);
        _keep(
            address(_council),
            abi.encodeCall(_council.execute, (measure, _nobody, _possessionsFor(_nobody)))
        );
    }

    function _register() private view returns (IJournal) {
        return IJournal(address(_safeguards));
    }

    function _keep(address to, bytes memory data) private {
        if (_send(to, data)) _sent.push(Sent(to, data));
    }

    function _send(address to, bytes memory data) private returns (bool done) {
        VM.recordLogs();
        (done, ) = to.call(data);
        Vm.Log[] memory logs = VM.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IJournal.EntryRecorded.selector) continue;
            bytes32 entryId = logs[i].topics[2];
            if (_seen[entryId]) everTwice = true;
            _seen[entryId] = true;
            ++recorded;
        }
    }
}

contract EntryIdsTest {
    ReplayHandler private _handler;

    function setUp() public {
        _handler = new ReplayHandler();
        Expect.same(_handler.recorded(), 4, "not every kind was recorded");
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_P2_entryIdAppearsOnceAcrossRegisters() public view {
        Expect.same(_handler.everTwice(), false, "an entry was recorded twice");
    }
}
