// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, IConsortium, KeyKind, Possessions} from "../../../contracts/interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {InstitutionId, OfficerId} from "../../../contracts/interfaces/IJournal.sol";
import {
    KIND_FREE_OFFICER,
    KIND_SUSPENSION,
    RevokeOfficer
} from "../../../contracts/interfaces/IPersonnel.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Hand} from "./PowerWorld.sol";
import {PersonnelWorld} from "./PersonnelWorld.sol";

/// One officer narrows a colleague for a bounded time and pays for it; two or the members decide.
contract SuspensionsTest is PersonnelWorld {
    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
    }

    function test_P3_P9_loneRevokerSilencesAColleagueForABoundedTime() public {
        Hand memory colleague = _senior(1, 1);
        bytes memory tooLong = abi.encodeWithSelector(IConsortium.SuspensionLengthOutOfRange.selector, 72);
        _suspend(tooLong, _senior(1, 0), colleague.id, START + 72 hours + 1);
        _suspend(tooLong, _senior(1, 0), colleague.id, START);
        _suspend("", _senior(1, 0), colleague.id, START + 72 hours);
        bytes memory suspended = _refusal(IConsortium.OfficerIsSuspended.selector, colleague.id);
        _speaks(suspended, colleague);
        _speaks(suspended, _spareOf(colleague));
        VM.warp(START + 72 hours - 1);
        _speaks(suspended, colleague);
        VM.warp(START + 72 hours);
        _speaks("", colleague);
        require(KIND_SUSPENSION == 19 && _staff().entryCount() == 1, "no entry");
    }

    function testFuzz_P9_suspensionEndsWithinItsLimitAndHoldsTill(uint40 length, uint40 later) public {
        OfficerId id = _p256Hand().id;
        uint64 until = START + length;
        bool within = length > 0 && length <= 72 hours;
        bytes memory refusal = abi.encodeWithSelector(IConsortium.SuspensionLengthOutOfRange.selector, 72);
        _suspend(within ? bytes("") : refusal, _senior(1, 0), id, until);
        VM.warp(START + (uint256(later) % 100 hours));
        bool silent = within && _now() < until;
        _speaks(silent ? _refusal(IConsortium.OfficerIsSuspended.selector, id) : bytes(""), _p256Hand());
    }

    function test_P9_colleagueIsNotSilencedAgainWithinThirtyDaysWhoeverAsks() public {
        bytes memory soon = abi.encodeWithSelector(IConsortium.SuspensionTooSoon.selector, 30);
        OfficerId colleague = _p256Hand().id;
        _suspend("", _senior(1, 0), colleague, START + 1 hours);
        VM.warp(START + 30 days - 1);
        _suspend(soon, _senior(1, 0), colleague, uint64(_now()) + 1 hours);
        _suspend(soon, _senior(1, 1), colleague, uint64(_now()) + 1 hours);
        VM.warp(START + 30 days);
        _suspend("", _senior(1, 1), colleague, uint64(_now()) + 1 hours);
    }

    function test_P9_revokerSuspendsOneAtATimeAndIsNarrowedMeanwhile() public {
        Hand memory revoker = _senior(1, 0);
        _suspend("", revoker, _p256Hand().id, START + 72 hours);
        bytes memory soon = abi.encodeWithSelector(IConsortium.SuspensionTooSoon.selector, 30);
        _suspend(soon, revoker, _passkeyHand().id, START + 1 hours);
        bytes memory narrowed = _refusal(IConsortium.OfficerIsNarrowed.selector, revoker.id);
        _speaksAs(narrowed, revoker, Roles.VOTE);
        _speaksAs(narrowed, _spareOf(revoker), Roles.PAUSE);
        _appoint(narrowed, _newcomer(), revoker, _senior(1, 1));
        _speaksAs("", revoker, Roles.LAND_PREPARER);
        _speaksAs("", revoker, 0);
        VM.warp(START + 72 hours);
        _speaksAs("", revoker, Roles.VOTE);
        _suspend("", revoker, _passkeyHand().id, uint64(_now()) + 1 hours);
    }

    function test_twoAdminsFreeOrRevokeWhomOneSuspended() public {
        Hand memory hand = _p256Hand();
        Hand memory third = _third(1);
        bytes memory free = abi.encodeWithSelector(IConsortium.OfficerNotSuspended.selector);
        _free(free, hand, _admins());
        Hand memory lone = _hand(1, 0, Roles.REVOKE, KeyKind.Secp256k1, 52);
        _appoint("", lone, _senior(1, 0), _senior(1, 1));
        VM.warp(START + APPOINTMENT_WAIT);
        _suspend("", lone, hand.id, uint64(_now()) + 72 hours);
        _free("", hand, [_senior(1, 0), third]);
        _speaks("", hand);
        require(KIND_FREE_OFFICER == 21, "another kind");
        _speaksAs(_refusal(IConsortium.OfficerIsNarrowed.selector, lone.id), lone, Roles.REVOKE);
        _revoke("", hand.id, [third, _senior(1, 1)], 0);
        _speaks(_refusal(IConsortium.OfficerIsRevoked.selector, hand.id), hand);
    }

    function test_P9_freedRevokerStaysNarrowedUntilTheOwnTimeIsOver() public {
        (Hand memory first, Hand memory second) = (_senior(1, 0), _senior(1, 1));
        _suspend("", first, _p256Hand().id, START + 72 hours);
        // Nor is a narrowing ended by a friend's suspension that is over sooner.
        bytes memory short = abi.encodeWithSelector(IConsortium.SuspensionLengthOutOfRange.selector, 72);
        _suspend(short, second, first.id, START + 72 hours - 1);
        _suspend("", second, first.id, START + 72 hours);
        Measure memory measure = _measure(MeasureKind.FreeOfficer);
        measure.name = OfficerId.unwrap(first.id);
        _vote(measure, 2);
        _vote(measure, 3);
        _council.execute(measure, new Appointment[](0), new Possessions[](0));
        _speaks("", first);
        _speaksAs(_refusal(IConsortium.OfficerIsNarrowed.selector, first.id), first, Roles.VOTE);
    }

    function test_membersRevokeOrFreeAtOnce() public {
        Hand memory hand = _p256Hand();
        _suspend("", _senior(1, 0), hand.id, START + 72 hours);
        Measure memory measure = _measure(MeasureKind.FreeOfficer);
        measure.name = OfficerId.unwrap(hand.id);
        _vote(measure, 2);
        _vote(measure, 3);
        _council.execute(measure, new Appointment[](0), new Possessions[](0));
        _speaks("", hand);
        measure.kind = MeasureKind.RevokeOfficer;
        _vote(measure, 2);
        _vote(measure, 3);
        _council.execute(measure, new Appointment[](0), new Possessions[](0));
        _speaks(_refusal(IConsortium.OfficerIsRevoked.selector, hand.id), hand);
        require(_now() == START, "it waited");
    }

    function test_loneRevokerIsOfTheInstitutionOfficeAndRoleAndSomebodyElse() public {
        Hand memory plain = _p256Hand();
        uint64 until = START + 1 hours;
        _suspend(_refusal(IConsortium.RoleMissing.selector, plain.id), plain, _passkeyHand().id, until);
        Hand memory stranger = _senior(2, 0);
        _suspend(_refusal(IConsortium.InstitutionDiffers.selector, stranger.id), stranger, plain.id, until);
        bytes memory own = abi.encodeWithSelector(IConsortium.SecondPersonRequired.selector);
        _suspend(own, _senior(1, 0), _senior(1, 0).id, until);
        Hand memory ofOffice = _hand(1, 7, Roles.REVOKE, KeyKind.Secp256k1, 53);
        _appoint("", ofOffice, _senior(1, 0), _senior(1, 1));
        bytes memory early = _refusal(IConsortium.OfficerNotYetActive.selector, ofOffice.id);
        _suspend(early, ofOffice, plain.id, until);
        VM.warp(START + APPOINTMENT_WAIT);
        until = uint64(_now()) + 1 hours;
        bytes memory outside = _refusal(IConsortium.OfficeOutOfScope.selector, ofOffice.id);
        _suspend(outside, ofOffice, _senior(1, 1).id, until);
        _suspend("", ofOffice, plain.id, until);
        Hand memory forger = _senior(1, 1);
        forger.privateKey = 12345;
        _suspend(_refusal(IConsortium.BadSignature.selector, forger.id), forger, _passkeyHand().id, until);
        _suspend("", _senior(1, 0), _senior(1, 1).id, until);
        bytes memory silent = _refusal(IConsortium.OfficerIsSuspended.selector, _senior(1, 1).id);
        _suspend(silent, _senior(1, 1), _passkeyHand().id, until);
    }

    function test_suspendedInstitutionCanStillNarrow() public {
        Measure memory measure = _measure(MeasureKind.SuspendInstitution);
        measure.institution = InstitutionId.wrap(3);
        _enact(measure);
        _suspend("", _senior(3, 0), _senior(3, 1).id, START + 1 hours);
        _leave("", _third(3), 0);
    }

    function test_P9_institutionManagesItselfWithUnsuspendedAdminsWhoseVerifierIsAllowed() public {
        require(_canManage(), "not at first");
        _leave("", _third(1), 0);
        require(_canManage(), "two are enough");
        _suspend("", _senior(1, 0), _senior(1, 1).id, START + 1 hours);
        require(!_canManage(), "a suspended admin was counted");
        VM.warp(START + 1 hours);
        require(_canManage(), "a suspension that is over was counted");
        Hand memory passkey = _hand(1, 0, BOTH_ADMIN, KeyKind.WebAuthn, 55);
        _appointAs("", _passkeyAppointment(passkey), _passkeyProofs(passkey), _senior(1, 0), _senior(1, 1));
        _leave("", _senior(1, 1), 0);
        require(_canManage(), "an admin with passkeys was not counted");
        require(
            !_isKept(_of(MeasureKind.DisallowVerifier, _webAuthnVerifier)),
            "a key that counts no more was counted"
        );
        require(_canManage(), "what was refused was done");
    }

    /// Institution 1 with two who manage it, of whom one has passkeys alone; and that one.
    function _leaveTwo() private returns (Hand memory passkey) {
        passkey = _hand(1, 0, BOTH_ADMIN, KeyKind.WebAuthn, 55);
        _appointAs("", _passkeyAppointment(passkey), _passkeyProofs(passkey), _senior(1, 0), _senior(1, 1));
        _leave("", _third(1), 0);
        _leave("", _senior(1, 1), 0);
    }

    function _of(MeasureKind kind, address target) private returns (Measure memory measure) {
        measure = _measure(kind);
        measure.target = target;
    }

    /// Votes and waits; whether the measure was carried out rather than refused for whom it would leave.
    function _isKept(Measure memory measure) private returns (bool) {
        _vote(measure, 2);
        _vote(measure, 3);
        uint40 from = _council.tallyOf(_measureId(measure)).executableFrom;
        if (from > _now()) VM.warp(from);
        try _council.execute(measure, new Appointment[](0), new Possessions[](0)) {
            return true;
        } catch (bytes memory refusal) {
            require(bytes4(refusal) == ICouncil.TooFewCouldManage.selector, "refused for another reason");
            return false;
        }
    }

    function test_P9_noMeasureLeavesFewerWhoCouldManageThanTheQuorumAndOne() public {
        Hand memory passkey = _leaveTwo();
        require(!_isKept(_of(MeasureKind.DisallowVerifier, _webAuthnVerifier)), "the last keys were taken");
        Measure memory anew = _of(MeasureKind.AllowVerifier, _webAuthnVerifier);
        anew.value = uint256(KeyKind.P256);
        require(!_isKept(anew), "their verifier serves keys of another kind");
        Measure memory revocation = _measure(MeasureKind.RevokeOfficer);
        revocation.name = OfficerId.unwrap(passkey.id);
        require(!_isKept(revocation), "the last but one was revoked");
        // A lone colleague's word hides nobody.
        _suspend("", _senior(1, 0), passkey.id, uint64(_now()) + 72 hours);
        require(
            !_isKept(_of(MeasureKind.DisallowVerifier, _webAuthnVerifier)),
            "a suspension hid what was taken"
        );
        require(_isKept(_of(MeasureKind.DisallowVerifier, _p256Verifier)), "nobody needs this one to manage");
    }

    /// A thief with the key of one of two admins: the vote waits first, then the colleague's word lets it count.
    function test_P9_institutionWithAThiefIsReseatedWhileItSuspendsThem() public {
        Hand memory thief = _leaveTwo();
        Appointment[] memory one = new Appointment[](1);
        one[0] = _appointmentOf(_hand(1, 0, SENIOR, KeyKind.Secp256k1, 60));
        Measure memory reseat = _measure(MeasureKind.ReseatInstitution);
        reseat.institution = InstitutionId.wrap(1);
        reseat.appointmentsHash = keccak256(abi.encodePacked(_appointmentHash(one[0])));
        _vote(reseat, 2);
        _vote(reseat, 3);
        VM.warp(_council.tallyOf(_measureId(reseat)).executableFrom);
        Possessions[] memory proofs = _possessionsFor(one);
        VM.expectRevert(IConsortium.InstitutionCanManage.selector);
        _council.execute(reseat, one, proofs);
        _suspend("", _senior(1, 0), thief.id, uint64(_now()) + 72 hours);
        _council.execute(reseat, one, proofs);
        Measure memory revocation = _measure(MeasureKind.RevokeOfficer);
        revocation.name = OfficerId.unwrap(thief.id);
        require(_isKept(revocation), "the thief's key was kept");
        require(_canManage(), "the honest ones do not manage");
    }

    function test_P9_twoWhoRevokeAColleagueStillManage() public {
        _revokeWide(_third(1));
        require(_canManage(), "the two who signed are left");
    }

    function _revokeWide(Hand memory officer) private {
        RevokeOfficer memory act = RevokeOfficer(_headFor(_senior(1, 0), 0), officer.id, 0, "case");
        _personnel.revokeOfficer(act, _signedRevocation(act, _admins()));
    }

    function _passkeyAppointment(Hand memory passkey) private view returns (Appointment memory appointment) {
        appointment = _appointmentOf(passkey);
        appointment.spare = _keyOf(_passkeySpare(passkey));
    }

    function _passkeySpare(Hand memory passkey) private pure returns (Hand memory spare) {
        spare = _spareOf(passkey);
        (spare.kind, spare.epoch) = (KeyKind.WebAuthn, 2);
    }

    function _passkeyProofs(Hand memory passkey) private view returns (Possessions memory) {
        bytes32 separator = _separator(_journal(), "Consortium");
        Hand memory spare = _passkeySpare(passkey);
        return
            Possessions(
                _possession(separator, passkey, _keyOf(passkey), 1),
                _possession(separator, spare, _keyOf(spare), 2)
            );
    }

    function _canManage() private view returns (bool) {
        return _consortium.institutionOf(InstitutionId.wrap(1)).canManage;
    }
}
