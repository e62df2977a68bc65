// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, Constitution} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind, Tally, Vote} from "../../../contracts/interfaces/ICouncil.sol";
import {IJournal, InstitutionId, OfficerId} from "../../../contracts/interfaces/IJournal.sol";
import {Resignation, Suspension} from "../../../contracts/interfaces/IPersonnel.sol";
import {Institutions} from "../../../contracts/power/Institutions.sol";
import {Expect} from "../Expect.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands, SENIOR} from "../Hands.sol";
import {Typed} from "../Typed.sol";
import {VM} from "../Vm.sol";

/// Everybody at once: members vote at random, officers revoke at random, time passes at random.
contract PowerHandler is Founded {
    Measure[] private _measures;
    Hand[] private _revoked;
    Appointment[] private _nobody;
    bool private _wasSeated;

    /// By register: what its entries fold to, and how many there are.
    mapping(IJournal => bytes32) public fold;
    mapping(IJournal => uint64) public folded;
    bool public everBelowQuorumOfTwo;
    bool public everExecutedByOne;
    bool public everExecutedUnwaited;
    bool public everUnseated;
    bool public revokedEverSpoke;
    bool public heldBackEverVoted;
    bool public everSilencedTooLong;

    mapping(OfficerId => uint256) private _silentFrom;
    mapping(OfficerId => uint256) private _silentUntil;
    mapping(OfficerId => uint256) private _narrowedUntil;

    constructor() {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        fold[_journal()] = _journal().head();
        fold[_staff()] = _staff().head();
    }

    function passTime(uint16 hours_) external {
        VM.warp(block.timestamp + uint256(hours_ % 72) * 1 hours);
    }

    function propose(uint8 kind, uint8 institution, uint8 value) external {
        _propose(kind, institution, value);
    }

    /// One of the last three, so that votes meet.
    function _recent(uint256 which) private view returns (Measure memory) {
        uint256 count = _measures.length;
        return _measures[count - 1 - (which % (count < 3 ? count : 3))];
    }

    function _propose(uint8 kind, uint8 institution, uint8 value) private returns (Measure memory measure) {
        MeasureKind[6] memory kinds = [
            MeasureKind.SuspendInstitution,
            MeasureKind.LiftSuspension,
            MeasureKind.ExpelInstitution,
            MeasureKind.SetQuorum,
            MeasureKind.SetInstitutionRoles,
            MeasureKind.AddValidator
        ];
        measure = _measure(kinds[kind % 6]);
        if (measure.kind == MeasureKind.SetQuorum) measure.value = value % 5;
        else measure.institution = InstitutionId.wrap(1 + (institution % 3));
        if (measure.kind == MeasureKind.AddValidator) measure.target = address(uint160(0xB000) + value);
        if (measure.kind == MeasureKind.SetInstitutionRoles)
            measure.value = SENIOR & ~uint256(value % 2 << 6);
        _measures.push(measure);
    }

    function vote(uint256 which, uint8 institution, uint8 officer, uint8 against) external {
        if (_measures.length == 0) return;
        _castVote(_recent(which), 1 + (institution % 3), officer, against % 8 != 0);
    }

    function execute(uint256 which) external {
        if (_measures.length != 0) _tryExecute(_recent(which));
    }

    /// Two institutions in a hurry: what widens may not go through before its wait.
    function rush(uint8 kind, uint8 institution, uint8 value) external {
        Measure memory measure = _propose(kind, institution, value);
        _castVote(measure, 1, 0, true);
        _castVote(measure, 2, 0, true);
        _tryExecute(measure);
    }

    /// One institution with all its officers and all the time: nothing may go through.
    function goAlone(uint8 kind, uint8 institution, uint8 value) external {
        Measure memory measure = _propose(kind, institution, value);
        _castVote(measure, 1 + (institution % 3), 0, true);
        _castVote(measure, 1 + (institution % 3), 1, true);
        VM.warp(block.timestamp + WIDENING_WAIT);
        _tryExecute(measure);
    }

    function _castVote(Measure memory measure, uint16 institution, uint8 officer, bool inFavour) private {
        Hand memory hand = Hands.senior(institution, officer % 2);
        (Vote memory ballot, bytes memory signature) = _ballot(measure, hand, inFavour);
        try _council.vote(ballot, signature) {
            if (_isRevoked(hand.id)) revokedEverSpoke = true;
            if (block.timestamp < _silentUntil[hand.id] || block.timestamp < _narrowedUntil[hand.id]) {
                heldBackEverVoted = true;
            }
        } catch {}
    }

    /// Officers of an institution suspend one another as long and as often as they may.
    function suspend(uint8 institution, uint8 revoker, uint8 colleague, uint8 hours_) external {
        uint16 number = 1 + (institution % 3);
        Hand memory lone = Hands.senior(number, revoker % 2);
        OfficerId other = Hands.senior(number, colleague % 2).id;
        uint64 until = uint64(block.timestamp) + uint64(hours_ % 80) * 1 hours;
        (Suspension memory order, bytes32 hash, bytes memory signature) = _suspension(lone, other, until);
        try _personnel.suspendOfficer(order, signature) {
            uint256 last = _silentFrom[other];
            bool again = last != 0 && block.timestamp < last + 30 days;
            if (again || until > block.timestamp + 72 hours) everSilencedTooLong = true;
            (_silentFrom[other], _silentUntil[other]) = (block.timestamp, until);
            _narrowedUntil[lone.id] = until;
            bytes32 digest = Typed.digest(_staff(), "Personnel", hash);
            bytes32 officer = OfficerId.unwrap(other);
            _foldIn(_staff(), 19, digest, officer, hash, OfficerId.unwrap(lone.id), uint64(1) << 32);
        } catch {}
    }

    function _tryExecute(Measure memory measure) private {
        bytes32 id = _measureId(measure);
        Tally memory tally = _council.tallyOf(id);
        Constitution memory before = _consortium.constitution();
        try _council.execute(measure, _nobody, _possessionsFor(_nobody)) {
            bool narrows = measure.kind == MeasureKind.SuspendInstitution;
            if (Institutions.count(tally.inFavour & before.activeMembers) < 2) everExecutedByOne = true;
            if (!narrows && block.timestamp < tally.executableFrom) everExecutedUnwaited = true;
            _foldIn(
                _journal(),
                32 + uint16(measure.kind),
                id,
                _subjectOf(measure),
                Typed.measureHash(measure),
                0,
                0
            );
            _look();
        } catch {}
    }

    function revoke(uint8 institution, uint8 officer) external {
        Hand memory hand = Hands.senior(1 + (institution % 3), officer % 2);
        (Resignation memory order, bytes32 hash, bytes memory signature) = _resignation(hand, 0);
        try _personnel.resign(order, signature) {
            if (_isRevoked(hand.id)) revokedEverSpoke = true;
            _revoked.push(hand);
            bytes32 officerId = OfficerId.unwrap(hand.id);
            bytes32 digest = Typed.digest(_staff(), "Personnel", hash);
            _foldIn(_staff(), 18, digest, officerId, hash, officerId, uint64(1) << 32);
        } catch {}
    }

    function journals() external view returns (IJournal[2] memory) {
        return [_journal(), _staff()];
    }

    function _look() private {
        Constitution memory now_ = _consortium.constitution();
        if (now_.quorum < 2 || Institutions.count(now_.activeMembers) < now_.quorum) {
            everBelowQuorumOfTwo = true;
        }
        if (_wasSeated && !now_.seated) everUnseated = true;
        _wasSeated = now_.seated;
    }

    function _foldIn(
        IJournal register,
        uint16 kind,
        bytes32 id,
        bytes32 subject,
        bytes32 state,
        bytes32 preparer,
        uint64 epochs
    ) private {
        bytes32 leaf = keccak256(
            abi.encode(
                uint16(1),
                folded[register]++,
                kind,
                id,
                subject,
                state,
                preparer,
                bytes32(0),
                epochs,
                block.timestamp
            )
        );
        fold[register] = keccak256(abi.encode(fold[register], leaf));
    }

    function _subjectOf(Measure memory measure) private pure returns (bytes32) {
        if (measure.target != address(0)) return bytes32(uint256(uint160(measure.target)));
        return bytes32(uint256(InstitutionId.unwrap(measure.institution)));
    }

    function _isRevoked(OfficerId id) private view returns (bool) {
        for (uint256 i = 0; i < _revoked.length; ++i) if (_revoked[i].id == id) return true;
        return false;
    }
}

contract PowerInvariantsTest {
    PowerHandler private _handler;

    function setUp() public {
        _handler = new PowerHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_P3_revokedOfficerNeverSpeaksAgain() public view {
        Expect.same(_handler.revokedEverSpoke(), false, "a revoked officer's signature counted");
    }

    function invariant_P9_heldBackOfficerNeverVotes() public view {
        Expect.same(_handler.heldBackEverVoted(), false, "a suspended or a narrowed officer's vote counted");
    }

    function invariant_P9_loneColleaguesNeverSilenceAnOfficerForLong() public view {
        Expect.same(
            _handler.everSilencedTooLong(),
            false,
            "an officer was silenced too long or too soon again"
        );
    }

    function invariant_P4_oneInstitutionNeverChangesTheConsortium() public view {
        Expect.same(
            _handler.everBelowQuorumOfTwo(),
            false,
            "the quorum fell below two, or the members below it"
        );
        Expect.same(_handler.everExecutedByOne(), false, "one institution decided");
        Expect.same(_handler.everUnseated(), false, "the phase went back");
    }

    function invariant_P5_noWideningSkipsItsWait() public view {
        Expect.same(_handler.everExecutedUnwaited(), false, "a widening did not wait");
    }

    function invariant_P8_headIsTheFoldOfAllEntries() public view {
        IJournal[2] memory journals = _handler.journals();
        for (uint256 i = 0; i < 2; ++i) {
            Expect.same(journals[i].head(), _handler.fold(journals[i]), "the head is not the fold");
            Expect.same(journals[i].entryCount(), _handler.folded(journals[i]), "an entry is missing");
        }
    }
}
