// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, KeyKind, Possessions} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind, Vote} from "../../../contracts/interfaces/ICouncil.sol";
import {IJournal, InstitutionId, OfficerId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {Resignation, Suspension} from "../../../contracts/interfaces/IPersonnel.sol";
import {ISafeguards, LongPause, ShortPause} from "../../../contracts/interfaces/ISafeguards.sol";
import {Scopes} from "../../../contracts/power/Scopes.sol";
import {Expect} from "../Expect.sol";
import {Artifacts} from "../Artifacts.sol";
import {Hand, Hands, SENIOR} from "../Hands.sol";
import {Typed, HEAD_TYPE} from "../Typed.sol";
import {VM} from "../Vm.sol";
import {PersonnelWorld} from "./PersonnelWorld.sol";

/// Three members. One officer of institution 1 is corrupt, institution 3 is dishonest as long as it lives and never helps,
/// institution 2 signs with passkeys alone. The two never vote together: they would be the quorum. The honest vote with
/// anybody for what sounds reasonable, and at random moments get everything back by votes and waits.
/// Of four to seven members the last is dead besides, and the quorum is all but these two. There the honest take nobody's
/// voice who is neither: P9 promises that no measure leaves fewer than go on without one, and two are gone.
contract GoingOnHandler is PersonnelWorld {
    struct Span {
        uint64 from;
        uint64 to;
    }

    bytes32 private constant SAFEGUARDS = keccak256("Safeguards");
    uint256 private constant SAMPLES = 24;

    bytes public stuckBy;
    bool public stuck;
    bool public haltOverAnEntry;
    bool public deadlineMovedWrongly;
    bool public successorForgot;
    uint256 private _newcomers = 100;
    uint64[] private _entries;
    Span[] private _halts;
    Measure[] private _open;
    uint16 private immutable _members;

    /// @param gone How many votes fewer than the members make the quorum.
    constructor(uint16 members, uint16 gone) {
        _members = members;
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        VM.prank(address(_consortium));
        _charter.setRegister(SAFEGUARDS, address(_safeguards));
        for (uint256 which = 0; which < 2; ++which) {
            Hand memory hand = _passkey(which);
            Hand memory spare = _passkeySpare(which);
            Appointment memory appointment = _appointmentOf(hand);
            appointment.spare = _keyOf(spare);
            bytes32 separator = Typed.separator(_journal(), "Consortium");
            Possessions memory proofs = Possessions(
                _possession(separator, hand, appointment.key, 1),
                _possession(separator, spare, appointment.spare, 2)
            );
            _appointAs("", appointment, proofs, Hands.senior(2, 0), Hands.senior(2, 1));
        }
        _resign(Hands.senior(2, 0));
        _resign(Hands.senior(2, 1));
        _resign(Hands.third(2));
        VM.warp(START + APPOINTMENT_WAIT);
        _entries.push(START);
        for (uint16 number = 4; number <= members; ++number) _admit(number);
        if (members == 3) return;
        Measure memory measure = _measure(MeasureKind.SetQuorum);
        measure.value = members - gone;
        Expect.same(_decide(measure, _honest(0)), true, "no quorum");
    }

    function passTime(uint8 hours_) external {
        VM.warp(_now() + uint256(hours_) * 1 hours);
    }

    function corruptOfficer(uint8 what, uint8 hours_) external {
        Hand memory corrupt = Hands.senior(1, 1);
        if (what % 8 == 0) _tryResign(corrupt);
        else if (what % 2 == 0) _tryStop(corrupt, hours_);
        else _trySuspend(corrupt, what % 4 == 1 ? Hands.senior(1, 0).id : Hands.third(1).id, hours_);
    }

    function dishonestInstitution(uint8 what, uint8 which, uint8 value) external {
        Hand memory hand = Hands.senior(3, which % 2);
        if (what % 8 == 0) _tryResign(which % 3 == 2 ? Hands.third(3) : hand);
        else if (what % 4 == 1) _trySuspend(hand, Hands.senior(3, 1 - (which % 2)).id, value);
        else if (what % 4 == 2) _tryStop(hand, value);
        else {
            Hand[] memory alone = new Hand[](1);
            alone[0] = hand;
            _decide(_reasonable(value, which), alone);
        }
    }

    /// What sounds reasonable to all honest members but one, carried by the dishonest one.
    function honestWithDishonest(uint8 kind, uint8 which) external {
        Hand[] memory voters = _honest(which % 4 == 3 ? 1 : 0);
        voters[(which + 1) % voters.length] = Hands.senior(3, which % 2);
        _decide(_reasonable(kind, which), voters);
    }

    function recordHalt(uint16 back, uint16 length) external {
        uint64 to = uint64(_now()) - uint64(back % 48) * 30 minutes;
        uint64 from = to - uint64(length % 96) * 30 minutes;
        if (from < START || !_decide(_haltMeasure(from, to), _honest(0))) return;
        // The entry of the vote itself comes last, after the halt.
        for (uint256 i = 0; i + 1 < _entries.length; ++i) {
            if (_entries[i] > from && _entries[i] < to) haltOverAnEntry = true;
        }
        _halts.push(Span(from, to));
        _lookAtDeadlines();
    }

    function succeedSafeguards() external {
        ISafeguards next = Artifacts.safeguards(_charter, address(_safeguards));
        Measure memory measure = _measure(MeasureKind.PutInForce);
        (measure.name, measure.target) = (SAFEGUARDS, address(next));
        _voteAll(measure, _honest(0));
        _wait(measure);
        bytes32 before = _safeguardsSay();
        if (!_tryExecute(measure)) return;
        _safeguards = next;
        if (_safeguardsSay() != before) successorForgot = true;
    }

    /// From wherever the ledger is: officers, quorum, verifier and pause, by doing it.
    function goOn() external {
        try this.getBack() {} catch (bytes memory refusal) {
            (stuck, stuckBy) = (true, refusal);
        }
    }

    function getBack() external {
        Expect.same(msg.sender, address(this), "only from goOn");
        VM.warp(_now() + 31 days);
        for (; _open.length != 0; _open.pop()) {
            try _council.lapse(_open[_open.length - 1]) {} catch {}
        }
        Measure memory measure = _measure(MeasureKind.AllowVerifier);
        (measure.target, measure.value) = (_p256Verifier, uint256(KeyKind.P256));
        _doTogether(measure, new Appointment[](0));
        Expect.same(_consortium.verifierOf(KeyKind.P256), _p256Verifier, "no verifier");
        for (uint16 number = 1; number <= _members; ++number) {
            InstitutionId institution = InstitutionId.wrap(number);
            bool expelled = _consortium.institutionOf(institution).expelled;
            if (expelled || _consortium.canManage(institution, false)) continue;
            Appointment[] memory pair = new Appointment[](2);
            pair[0] = _appointmentOf(_newcomerOf(number));
            pair[1] = _appointmentOf(_newcomerOf(number));
            measure = _measure(MeasureKind.ReseatInstitution);
            measure.institution = institution;
            measure.appointmentsHash = keccak256(
                abi.encodePacked(Typed.appointmentHash(pair[0]), Typed.appointmentHash(pair[1]))
            );
            _doTogether(measure, pair);
            Expect.same(_consortium.canManage(institution, false), true, "no two officers");
        }
        _pauseTogether();
    }

    function _doTogether(Measure memory measure, Appointment[] memory appointments) private {
        _voteAll(measure, _honest(0));
        _wait(measure);
        Possessions[] memory proofs = new Possessions[](appointments.length);
        for (uint256 i = 0; i < proofs.length; ++i) {
            proofs[i] = _possessionsOf(
                Hands.officer(
                    InstitutionId.unwrap(measure.institution),
                    0,
                    SENIOR,
                    KeyKind.Secp256k1,
                    _newcomers - proofs.length + i
                )
            );
        }
        _council.execute(measure, appointments, proofs);
        _entries.push(uint64(_now()));
    }

    function _pauseTogether() private {
        LongPause memory act = LongPause(
            _headFor(Hands.senior(1, 0), 0),
            Scopes.SETTLEMENT,
            uint64(_now() + 1 hours),
            _safeguards.pauseSequence(),
            "case"
        );
        string memory own =
            "LongPause(ActHead head,uint32 scope,uint64 until,uint32 pauseSequence,bytes32 caseReference)";
        bytes32 actHash = keccak256(
            abi.encode(
                keccak256(abi.encodePacked(own, HEAD_TYPE)),
                Typed.headHash(act.head),
                act.scope,
                act.until,
                act.pauseSequence,
                act.caseReference
            )
        );
        Signatures memory signatures = Typed.signed(
            IJournal(address(_safeguards)),
            "Safeguards",
            "LongPause",
            string.concat(HEAD_TYPE, own),
            actHash,
            Hands.senior(1, 0),
            _passkey(0)
        );
        _safeguards.pauseLong(act, signatures);
        _entries.push(uint64(_now()));
        Expect.differ(_consortium.pausedScope() & Scopes.SETTLEMENT, 0, "no pause");
        VM.warp(_now() + 1 hours);
    }

    function _reasonable(uint8 kind, uint8 which) private returns (Measure memory measure) {
        MeasureKind[7] memory kinds = [
            MeasureKind.DisallowVerifier,
            MeasureKind.AllowVerifier,
            MeasureKind.RevokeOfficer,
            MeasureKind.SetPolicy,
            MeasureKind.SetQuorum,
            MeasureKind.ExpelInstitution,
            MeasureKind.SetInstitutionRoles
        ];
        measure = _measure(kinds[kind % 7]);
        if (measure.kind <= MeasureKind.SetInstitutionRoles) {
            measure.institution = InstitutionId.wrap(_isTwoGone() ? _gone(which) : 1 + (which % 3));
        }
        if (measure.kind == MeasureKind.DisallowVerifier || measure.kind == MeasureKind.AllowVerifier) {
            measure.target = _isTwoGone() || which % 3 == 0 ? _p256Verifier : _webAuthnVerifier;
        }
        if (measure.kind == MeasureKind.AllowVerifier) {
            measure.value = uint256(which % 4 == 0 ? KeyKind.WebAuthn : KeyKind.P256);
        }
        if (measure.kind == MeasureKind.SetQuorum) {
            measure.value = _isTwoGone() ? which % (_members - 1) : which % 4;
        }
        if (measure.kind == MeasureKind.SetInstitutionRoles) measure.value = SENIOR & ~uint256(1 << 6);
        if (measure.kind == MeasureKind.SetPolicy) measure.name = "noticeDays";
        if (measure.kind == MeasureKind.RevokeOfficer) {
            OfficerId[4] memory officers = [
                Hands.senior(1, 1).id,
                Hands.third(1).id,
                _isTwoGone() ? Hands.senior(_gone(which), 1).id : _passkey(0).id,
                _isTwoGone() ? Hands.third(_gone(which)).id : _passkey(1).id
            ];
            measure.name = OfficerId.unwrap(officers[which % 4]);
        }
    }

    /// Whether a member is dead besides the dishonest one.
    function _isTwoGone() private view returns (bool) {
        return _members > 3;
    }

    /// The dishonest one or the dead one.
    function _gone(uint8 which) private view returns (uint16) {
        return which % 8 < 4 ? 3 : _members;
    }

    /// One officer of each member that is neither; of institution 2 with this passkey.
    function _honest(uint256 passkey) private view returns (Hand[] memory hands) {
        hands = new Hand[](_isTwoGone() ? _members - 2 : 2);
        (hands[0], hands[1]) = (Hands.senior(1, 0), _passkey(passkey));
        for (uint16 i = 2; i < hands.length; ++i) hands[i] = Hands.senior(i + 2, 0);
    }

    function _admit(uint16 number) private {
        Appointment[] memory three = new Appointment[](3);
        for (uint256 i = 0; i < 2; ++i) three[i] = _appointmentOf(Hands.senior(number, i));
        three[2] = _appointmentOf(Hands.third(number));
        Measure memory measure = _measure(MeasureKind.AdmitInstitution);
        (measure.institution, measure.value) = (InstitutionId.wrap(number), SENIOR);
        bytes memory hashes = "";
        for (uint256 i = 0; i < 3; ++i) hashes = bytes.concat(hashes, Typed.appointmentHash(three[i]));
        measure.appointmentsHash = keccak256(hashes);
        _vote(measure, Hands.senior(1, 0));
        _vote(measure, _passkey(0));
        _wait(measure);
        _council.execute(measure, three, _possessionsFor(three));
        _entries.push(uint64(_now()));
    }

    function _voteAll(Measure memory measure, Hand[] memory voters) private {
        for (uint256 i = 0; i < voters.length; ++i) _vote(measure, voters[i]);
    }

    /// They vote, the wait passes; whether it was carried out.
    function _decide(Measure memory measure, Hand[] memory voters) private returns (bool) {
        _voteAll(measure, voters);
        _wait(measure);
        if (_tryExecute(measure)) return true;
        _open.push(measure);
        return false;
    }

    function _vote(Measure memory measure, Hand memory voter) private {
        (Vote memory ballot, bytes memory signature) = _ballot(measure, voter, true);
        try _council.vote(ballot, signature) {} catch {}
    }

    function _wait(Measure memory measure) private {
        uint256 from = _council.tallyOf(_measureId(measure)).executableFrom;
        if (from > _now()) VM.warp(from);
    }

    function _tryExecute(Measure memory measure) private returns (bool) {
        try _council.execute(measure, new Appointment[](0), new Possessions[](0)) {
            _entries.push(uint64(_now()));
            return true;
        } catch {
            return false;
        }
    }

    function _tryResign(Hand memory hand) private {
        (Resignation memory order, , bytes memory signature) = _resignation(hand, 0);
        try _personnel.resign(order, signature) {
            _entries.push(uint64(_now()));
        } catch {}
    }

    function _trySuspend(Hand memory revoker, OfficerId colleague, uint8 hours_) private {
        uint64 until = uint64(_now()) + uint64(hours_ % 80) * 1 hours;
        (Suspension memory order, , bytes memory signature) = _suspension(revoker, colleague, until);
        try _personnel.suspendOfficer(order, signature) {
            _entries.push(uint64(_now()));
        } catch {}
    }

    function _tryStop(Hand memory hand, uint8 hours_) private {
        uint32 scope = uint32(1) << (hours_ % 5);
        uint64 until = uint64(_now()) + uint64(hours_ % 80) * 1 hours;
        ShortPause memory order = ShortPause(scope, until, "case", hand.id, hand.epoch);
        bytes32 typeHash = keccak256(
            "ShortPause(uint32 scope,uint64 until,bytes32 caseReference,bytes32 officer,uint32 epoch)"
        );
        bytes32 structHash = keccak256(abi.encode(typeHash, order));
        bytes32 digest = Typed.digest(IJournal(address(_safeguards)), "Safeguards", structHash);
        try _safeguards.pause(order, Hands.sign(hand, digest)) {
            _entries.push(uint64(_now()));
        } catch {}
    }

    /// A deadline inside a halt ends after it, every other stays.
    function _lookAtDeadlines() private {
        Span memory last = _halts[_halts.length - 1];
        uint64 step = (last.to - last.from) / 8 + 1;
        for (uint64 i = 0; i < SAMPLES; ++i) {
            uint64 moment = last.from + i * step - 8 * step;
            uint64 end = _consortium.extended(moment);
            bool inside = false;
            for (uint256 j = 0; j < _halts.length; ++j) {
                if (_halts[j].from >= moment || moment > _halts[j].to) continue;
                inside = true;
                if (end <= _halts[j].to) deadlineMovedWrongly = true;
            }
            if (!inside && end != moment) deadlineMovedWrongly = true;
        }
    }

    /// Scopes, their clocks, and deadlines around the last halt.
    function _safeguardsSay() private view returns (bytes32 said) {
        said = keccak256(abi.encode(_consortium.pausedScope(), _safeguards.pauseSequence()));
        for (uint32 bit = 1; bit & Scopes.ALL != 0; bit <<= 1) {
            (uint64 since, uint64 sum) = _consortium.pauseClock(bit);
            said = keccak256(abi.encode(said, since, sum));
        }
        for (uint256 i = 0; i < _halts.length; ++i) {
            uint64 middle = (_halts[i].from + _halts[i].to) / 2;
            said = keccak256(abi.encode(said, _consortium.extended(middle)));
        }
    }

    function _passkey(uint256 which) private pure returns (Hand memory) {
        return Hands.officer(2, 0, SENIOR, KeyKind.WebAuthn, 20 + which);
    }

    function _passkeySpare(uint256 which) private pure returns (Hand memory spare) {
        spare = Hands.spareOf(_passkey(which));
        (spare.kind, spare.epoch) = (KeyKind.WebAuthn, 2);
    }

    function _newcomerOf(uint16 institution) private returns (Hand memory) {
        // No role that the institution lost.
        uint32 roles = SENIOR & _consortium.institutionOf(InstitutionId.wrap(institution)).roles;
        return Hands.officer(institution, 0, roles, KeyKind.Secp256k1, _newcomers++);
    }
}

abstract contract GoingOn {
    GoingOnHandler internal _handler;

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_P9_ledgerAlwaysGoesOn() public view {
        Expect.same(_handler.stuck(), false, string.concat("stuck: ", string(_handler.stuckBy())));
    }

    function invariant_P10_haltLiesWhereNobodyWroteAndMovesWhatIsInside() public view {
        Expect.same(_handler.haltOverAnEntry(), false, "a halt lies over an entry");
        Expect.same(_handler.deadlineMovedWrongly(), false, "a halt gave or took a right");
    }

    function invariant_P11_safeguardsForgetNothingInSuccession() public view {
        Expect.same(_handler.successorForgot(), false, "a pause or a halt was lost");
    }

    function test_P9_everythingIsGotBackAtFirst() public {
        _handler.goOn();
        Expect.same(_handler.stuck(), false, string.concat("stuck: ", string(_handler.stuckBy())));
    }
}

contract GoingOnTest is GoingOn {
    function setUp() public {
        _handler = new GoingOnHandler(3, 1);
    }
}

contract GoingOnOfFourTest is GoingOn {
    function setUp() public {
        _handler = new GoingOnHandler(4, 2);
    }

    /// What is promised without one member is not promised without two.
    function test_P9_deadAndDishonestMemberStopQuorumOfAllButOne() public {
        for (uint16 members = 4; members <= 7; ++members) {
            GoingOnHandler raised = new GoingOnHandler(members, 1);
            raised.goOn();
            Expect.same(raised.stuck(), true, "who holds the quorum?");
        }
    }
}

contract GoingOnOfFiveTest is GoingOn {
    function setUp() public {
        _handler = new GoingOnHandler(5, 2);
    }
}

contract GoingOnOfSixTest is GoingOn {
    function setUp() public {
        _handler = new GoingOnHandler(6, 2);
    }
}

contract GoingOnOfSevenTest is GoingOn {
    function setUp() public {
        _handler = new GoingOnHandler(7, 2);
    }
}
