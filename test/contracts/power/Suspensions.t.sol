// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, IConsortium, KeyKind, Possessions} from "../../../contracts/interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {InstitutionId, OfficerId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {
    FreeOfficer,
    IPersonnel,
    KIND_FREE_OFFICER,
    KIND_SUSPENSION,
    RevokeOfficer
} from "../../../contracts/interfaces/IPersonnel.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Expect} from "../Expect.sol";
import {Hand, Hands, BOTH_ADMIN, SENIOR} from "../Hands.sol";
import {Typed} from "../Typed.sol";
import {VM} from "../Vm.sol";
import {PersonnelWorld} from "./PersonnelWorld.sol";

/// One officer narrows a colleague for a bounded time and pays for it; two or the members decide.
contract SuspensionsTest is PersonnelWorld {
    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
    }

    function test_P3_P9_loneRevokerSilencesAColleagueForABoundedTime() public {
        Hand memory colleague = Hands.senior(1, 1);
        bytes memory tooLong = abi.encodeWithSelector(IConsortium.SuspensionLengthOutOfRange.selector, 72);
        _suspend(tooLong, Hands.senior(1, 0), colleague.id, START + 72 hours + 1);
        _suspend(tooLong, Hands.senior(1, 0), colleague.id, START);
        _suspend("", Hands.senior(1, 0), colleague.id, START + 72 hours);
        bytes memory suspended = _refusal(IConsortium.OfficerIsSuspended.selector, colleague.id);
        _speaks(suspended, colleague);
        _speaks(suspended, Hands.spareOf(colleague));
        VM.warp(START + 72 hours - 1);
        _speaks(suspended, colleague);
        VM.warp(START + 72 hours);
        _speaks("", colleague);
        Expect.same(KIND_SUSPENSION, 19, "no entry");
        Expect.same(_staff().entryCount(), 1, "no entry");
    }

    function testFuzz_P9_suspensionEndsWithinItsLimitAndHoldsTill(uint40 length, uint40 later) public {
        OfficerId id = Hands.p256Hand().id;
        uint64 until = START + length;
        bool within = length > 0 && length <= 72 hours;
        bytes memory refusal = abi.encodeWithSelector(IConsortium.SuspensionLengthOutOfRange.selector, 72);
        _suspend(within ? bytes("") : refusal, Hands.senior(1, 0), id, until);
        VM.warp(START + (uint256(later) % 100 hours));
        bool silent = within && _now() < until;
        _speaks(silent ? _refusal(IConsortium.OfficerIsSuspended.selector, id) : bytes(""), Hands.p256Hand());
    }

    function test_P9_colleagueIsNotSilencedAgainWithinThirtyDaysWhoeverAsks() public {
        bytes memory soon = abi.encodeWithSelector(IConsortium.SuspensionTooSoon.selector, 30);
        OfficerId colleague = Hands.p256Hand().id;
        _suspend("", Hands.senior(1, 0), colleague, START + 1 hours);
        VM.warp(START + 30 days - 1);
        _suspend(soon, Hands.senior(1, 0), colleague, uint64(_now()) + 1 hours);
        _suspend(soon, Hands.senior(1, 1), colleague, uint64(_now()) + 1 hours);
        VM.warp(START + 30 days);
        _suspend("", Hands.senior(1, 1), colleague, uint64(_now()) + 1 hours);
    }

    function test_P9_revokerSuspendsOneAtATimeAndIsNarrowedMeanwhile() public {
        Hand memory revoker = Hands.senior(1, 0);
        _suspend("", revoker, Hands.p256Hand().id, START + 72 hours);
        bytes memory soon = abi.encodeWithSelector(IConsortium.SuspensionTooSoon.selector, 30);
        _suspend(soon, revoker, Hands.passkeyHand().id, START + 1 hours);
        bytes memory narrowed = _refusal(IConsortium.OfficerIsNarrowed.selector, revoker.id);
        _speaksAs(narrowed, revoker, Roles.VOTE);
        _speaksAs(narrowed, Hands.spareOf(revoker), Roles.PAUSE);
        _appoint(narrowed, _newcomer(), revoker, Hands.senior(1, 1));
        _speaksAs("", revoker, Roles.LAND_PREPARER);
        _speaksAs("", revoker, 0);
        VM.warp(START + 72 hours);
        _speaksAs("", revoker, Roles.VOTE);
        _suspend("", revoker, Hands.passkeyHand().id, uint64(_now()) + 1 hours);
    }

    function test_twoAdminsFreeOrRevokeWhomOneSuspended() public {
        Hand memory hand = Hands.p256Hand();
        Hand memory third = Hands.third(1);
        bytes memory free = abi.encodeWithSelector(IConsortium.OfficerNotSuspended.selector);
        _free(free, hand, _admins());
        Hand memory lone = Hands.officer(1, 0, Roles.REVOKE, KeyKind.Secp256k1, 52);
        _appoint("", lone, Hands.senior(1, 0), Hands.senior(1, 1));
        VM.warp(START + APPOINTMENT_WAIT);
        _suspend("", lone, hand.id, uint64(_now()) + 72 hours);
        _free("", hand, [Hands.senior(1, 0), third]);
        _speaks("", hand);
        Expect.same(KIND_FREE_OFFICER, 21, "another kind");
        _speaksAs(_refusal(IConsortium.OfficerIsNarrowed.selector, lone.id), lone, Roles.REVOKE);
        _revoke("", hand.id, [third, Hands.senior(1, 1)], 0);
        _speaks(_refusal(IConsortium.OfficerIsRevoked.selector, hand.id), hand);
    }

    function test_P2_actThatFreedAnOfficerFreesNobodyAgain() public {
        Hand memory hand = Hands.p256Hand();
        Hand memory lone = Hands.officer(1, 0, Roles.REVOKE, KeyKind.Secp256k1, 52);
        _appoint("", lone, Hands.senior(1, 0), Hands.senior(1, 1));
        VM.warp(START + APPOINTMENT_WAIT);
        _suspend("", lone, hand.id, uint64(_now()) + 1 hours);
        FreeOfficer memory act = _freeing(hand, Hands.senior(1, 0));
        act.head.deadline = uint64(_now()) + 60 days;
        _personnel.freeOfficer(act, _signedFreeing(act, _admins()));
        VM.warp(_now() + 30 days);
        _suspend("", lone, hand.id, uint64(_now()) + 1 hours);
        Signatures memory renewed = _signedFreeing(act, _admins());
        VM.expectRevert(IPersonnel.ActAlreadyRecorded.selector);
        _personnel.freeOfficer(act, renewed);
    }

    function test_P9_freedRevokerStaysNarrowedUntilTheOwnTimeIsOver() public {
        (Hand memory first, Hand memory second) = (Hands.senior(1, 0), Hands.senior(1, 1));
        _suspend("", first, Hands.p256Hand().id, START + 72 hours);
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
        Hand memory hand = Hands.p256Hand();
        _suspend("", Hands.senior(1, 0), hand.id, START + 72 hours);
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
        Expect.same(_now(), START, "it waited");
    }

    function test_loneRevokerIsOfTheInstitutionOfficeAndRoleAndSomebodyElse() public {
        Hand memory plain = Hands.p256Hand();
        uint64 until = START + 1 hours;
        _suspend(_refusal(IConsortium.RoleMissing.selector, plain.id), plain, Hands.passkeyHand().id, until);
        Hand memory stranger = Hands.senior(2, 0);
        _suspend(_refusal(IConsortium.InstitutionDiffers.selector, stranger.id), stranger, plain.id, until);
        bytes memory own = abi.encodeWithSelector(IConsortium.SecondPersonRequired.selector);
        _suspend(own, Hands.senior(1, 0), Hands.senior(1, 0).id, until);
        Hand memory ofOffice = Hands.officer(1, 7, Roles.REVOKE, KeyKind.Secp256k1, 53);
        _appoint("", ofOffice, Hands.senior(1, 0), Hands.senior(1, 1));
        bytes memory early = _refusal(IConsortium.OfficerNotYetActive.selector, ofOffice.id);
        _suspend(early, ofOffice, plain.id, until);
        VM.warp(START + APPOINTMENT_WAIT);
        until = uint64(_now()) + 1 hours;
        bytes memory outside = _refusal(IConsortium.OfficeOutOfScope.selector, ofOffice.id);
        _suspend(outside, ofOffice, Hands.senior(1, 1).id, until);
        _suspend("", ofOffice, plain.id, until);
        Hand memory forger = Hands.senior(1, 1);
        forger.privateKey = 12345;
        _suspend(
            _refusal(IConsortium.BadSignature.selector, forger.id),
            forger,
            Hands.passkeyHand().id,
            until
        );
        _suspend("", Hands.senior(1, 0), Hands.senior(1, 1).id, until);
        bytes memory silent = _refusal(IConsortium.OfficerIsSuspended.selector, Hands.senior(1, 1).id);
        _suspend(silent, Hands.senior(1, 1), Hands.passkeyHand().id, until);
    }

    function test_suspendedInstitutionCanStillNarrow() public {
        Measure memory measure = _measure(MeasureKind.SuspendInstitution);
        measure.institution = InstitutionId.wrap(3);
        _enact(measure);
        _suspend("", Hands.senior(3, 0), Hands.senior(3, 1).id, START + 1 hours);
        _leave("", Hands.third(3), 0);
    }

    function test_P9_institutionManagesItselfWithUnsuspendedAdminsWhoseVerifierIsAllowed() public {
        Expect.same(_canManage(), true, "not at first");
        _leave("", Hands.third(1), 0);
        Expect.same(_canManage(), true, "two are enough");
        _suspend("", Hands.senior(1, 0), Hands.senior(1, 1).id, START + 1 hours);
        Expect.same(_canManage(), false, "a suspended admin was counted");
        VM.warp(START + 1 hours);
        Expect.same(_canManage(), true, "a suspension that is over was counted");
        Hand memory passkey = Hands.officer(1, 0, BOTH_ADMIN, KeyKind.WebAuthn, 55);
        _appointAs(
            "",
            _passkeyAppointment(passkey),
            _passkeyProofs(passkey),
            Hands.senior(1, 0),
            Hands.senior(1, 1)
        );
        _leave("", Hands.senior(1, 1), 0);
        Expect.same(_canManage(), false, "a key that waits was counted");
        VM.warp(_now() + APPOINTMENT_WAIT);
        Expect.same(_canManage(), true, "an admin with passkeys was not counted");
        Expect.same(
            _isKept(_of(MeasureKind.DisallowVerifier, _webAuthnVerifier)),
            false,
            "a key that counts no more was counted"
        );
        Expect.same(_canManage(), true, "what was refused was done");
    }

    /// Of three admins one suspends another: the revoker is narrowed meanwhile, and the third alone manages nobody.
    function test_P9_whoIsNarrowedManagesNobodyNowAndWillAgain() public {
        _suspend("", Hands.senior(1, 0), Hands.senior(1, 1).id, START + 1 hours);
        Expect.same(_canManage(), false, "a narrowed admin was counted");
        Expect.same(_consortium.canManage(InstitutionId.wrap(1), true), true, "it does not end by itself");
        bytes memory narrowed = _refusal(IConsortium.OfficerIsNarrowed.selector, Hands.senior(1, 0).id);
        _free(narrowed, Hands.senior(1, 1), [Hands.senior(1, 0), Hands.third(1)]);
        VM.warp(START + 1 hours);
        Expect.same(_canManage(), true, "a narrowing that is over was counted");
    }

    /// Institution 1 with two who manage it, of whom one has passkeys alone; and that one.
    function _leaveTwo() private returns (Hand memory passkey) {
        passkey = Hands.officer(1, 0, BOTH_ADMIN, KeyKind.WebAuthn, 55);
        _appointAs(
            "",
            _passkeyAppointment(passkey),
            _passkeyProofs(passkey),
            Hands.senior(1, 0),
            Hands.senior(1, 1)
        );
        _leave("", Hands.third(1), 0);
        _leave("", Hands.senior(1, 1), 0);
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
            Expect.same(bytes4(refusal), ICouncil.TooFewCouldManage.selector, "refused for another reason");
            return false;
        }
    }

    function test_P9_noMeasureLeavesFewerWhoCouldManageThanTheQuorumAndOne() public {
        Hand memory passkey = _leaveTwo();
        Expect.same(
            _isKept(_of(MeasureKind.DisallowVerifier, _webAuthnVerifier)),
            false,
            "the last keys were taken"
        );
        Measure memory anew = _of(MeasureKind.AllowVerifier, _webAuthnVerifier);
        anew.value = uint256(KeyKind.P256);
        Expect.same(_isKept(anew), false, "their verifier serves keys of another kind");
        Measure memory revocation = _measure(MeasureKind.RevokeOfficer);
        revocation.name = OfficerId.unwrap(passkey.id);
        Expect.same(_isKept(revocation), false, "the last but one was revoked");
        // A lone colleague's word hides nobody.
        _suspend("", Hands.senior(1, 0), passkey.id, uint64(_now()) + 72 hours);
        Expect.same(
            _isKept(_of(MeasureKind.DisallowVerifier, _webAuthnVerifier)),
            false,
            "a suspension hid what was taken"
        );
        Expect.same(
            _isKept(_of(MeasureKind.DisallowVerifier, _p256Verifier)),
            true,
            "nobody needs this one to manage"
        );
    }

    /// A thief with the key of one of two admins: the vote waits first, then the colleague's word lets it count.
    function test_P9_institutionWithAThiefIsReseatedWhileItSuspendsThem() public {
        Hand memory thief = _leaveTwo();
        Appointment[] memory pair = new Appointment[](2);
        for (uint256 i = 0; i < 2; ++i) {
            pair[i] = _appointmentOf(Hands.officer(1, 0, SENIOR, KeyKind.Secp256k1, 60 + i));
        }
        Measure memory reseat = _measure(MeasureKind.ReseatInstitution);
        reseat.institution = InstitutionId.wrap(1);
        reseat.appointmentsHash = keccak256(
            abi.encodePacked(Typed.appointmentHash(pair[0]), Typed.appointmentHash(pair[1]))
        );
        _vote(reseat, 2);
        _vote(reseat, 3);
        VM.warp(_council.tallyOf(_measureId(reseat)).executableFrom);
        Possessions[] memory proofs = _possessionsFor(pair);
        VM.expectRevert(IConsortium.InstitutionCanManage.selector);
        _council.execute(reseat, pair, proofs);
        _suspend("", Hands.senior(1, 0), thief.id, uint64(_now()) + 72 hours);
        _council.execute(reseat, pair, proofs);
        Measure memory revocation = _measure(MeasureKind.RevokeOfficer);
        revocation.name = OfficerId.unwrap(thief.id);
        Expect.same(_isKept(revocation), true, "the thief's key was kept");
        Expect.same(_canManage(), true, "the honest ones do not manage");
    }

    function test_P9_twoWhoRevokeAColleagueStillManage() public {
        _revokeWide(Hands.third(1));
        Expect.same(_canManage(), true, "the two who signed are left");
    }

    function _revokeWide(Hand memory officer) private {
        RevokeOfficer memory act = RevokeOfficer(_headFor(Hands.senior(1, 0), 0), officer.id, 0, "case");
        _personnel.revokeOfficer(act, _signedRevocation(act, _admins()));
    }

    function _passkeyAppointment(Hand memory passkey) private view returns (Appointment memory appointment) {
        appointment = _appointmentOf(passkey);
        appointment.spare = _keyOf(_passkeySpare(passkey));
    }

    function _passkeySpare(Hand memory passkey) private pure returns (Hand memory spare) {
        spare = Hands.spareOf(passkey);
        (spare.kind, spare.epoch) = (KeyKind.WebAuthn, 2);
    }

    function _passkeyProofs(Hand memory passkey) private view returns (Possessions memory) {
        bytes32 separator = Typed.separator(_journal(), "Consortium");
        Hand memory spare = _passkeySpare(passkey);
        return
            Possessions(
                _possession(separator, passkey, _keyOf(passkey), 1),
                _possession(separator, spare, _keyOf(spare), 2)
            );
    }

    function _canManage() private view returns (bool) {
        return _consortium.canManage(InstitutionId.wrap(1), false);
    }
}
