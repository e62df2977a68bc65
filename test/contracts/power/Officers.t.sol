// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Appointment,
    Founding,
    IConsortium,
    Key,
    KeyKind,
    OfficerRecord,
    Possessions
} from "../../../contracts/interfaces/IConsortium.sol";
import {InstitutionId, OfficeId, OfficerId} from "../../../contracts/interfaces/IJournal.sol";
import {
    IPersonnel,
    KIND_APPOINT_OFFICER,
    KIND_ROTATE_KEY,
    KIND_RESIGNATION,
    KIND_REVOKE_OFFICER
} from "../../../contracts/interfaces/IPersonnel.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Expect} from "../Expect.sol";
import {Hand, Hands, RP_ID_HASH, BOTH_LAND, BOTH_ADMIN} from "../Hands.sol";
import {Typed} from "../Typed.sol";
import {VM} from "../Vm.sol";
import {PersonnelWorld} from "./PersonnelWorld.sol";

/// Institutions manage their own officers: adding waits, taking away does not.
contract OfficersTest is PersonnelWorld {
    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
    }

    function test_P5_newOfficerCountsOnlyAfterTheWait() public {
        Hand memory hand = _newcomer();
        _appoint("", hand, Hands.senior(1, 0), Hands.senior(1, 1));
        _speaks(_refusal(IConsortium.OfficerNotYetActive.selector, hand.id), hand);
        VM.warp(START + APPOINTMENT_WAIT - 1);
        _speaks(_refusal(IConsortium.OfficerNotYetActive.selector, hand.id), hand);
        VM.warp(START + APPOINTMENT_WAIT);
        _speaks("", hand);
    }

    function test_appointmentIsAnEntry() public {
        Hand memory hand = _newcomer();
        uint64 before = _staff().entryCount();
        _appoint("", hand, Hands.senior(1, 0), Hands.senior(1, 1));
        Expect.same(_staff().entryCount(), before + 1, "no entry");
        OfficerRecord memory record = _consortium.officerOf(hand.id);
        Expect.same(record.places[0].keyHash, _keyOf(hand).keyHash, "another key");
        Expect.same(record.standing.epoch, 1, "another epoch");
        Expect.same(record.standing.spareEpoch, 2, "another epoch");
        Expect.same(record.standing.roles, BOTH_LAND, "other roles");
        Expect.same(KIND_APPOINT_OFFICER, 16, "other roles");
    }

    function test_anotherInstitutionsAdminsCannotAppoint() public {
        _appoint(
            _refusal(IConsortium.InstitutionDiffers.selector, Hands.senior(2, 0).id),
            _newcomer(),
            Hands.senior(2, 0),
            Hands.senior(2, 1)
        );
        _appoint(
            _refusal(IConsortium.InstitutionDiffers.selector, Hands.senior(2, 1).id),
            _newcomer(),
            Hands.senior(1, 0),
            Hands.senior(2, 1)
        );
    }

    function test_officerWithoutAdminRoleCannotAppoint() public {
        _appoint(
            _refusal(IConsortium.RoleMissing.selector, Hands.p256Hand().id),
            _newcomer(),
            Hands.senior(1, 0),
            Hands.p256Hand()
        );
    }

    function test_adminOfOneOfficeCannotAppointForEveryOffice() public {
        Hand memory admin = Hands.officer(1, 7, BOTH_ADMIN, KeyKind.Secp256k1, 51);
        _appoint("", admin, Hands.senior(1, 0), Hands.senior(1, 1));
        VM.warp(START + APPOINTMENT_WAIT);
        Hand memory wide = _newcomer();
        wide.office = OfficeId.wrap(0);
        _appoint(_refusal(IConsortium.OfficeOutOfScope.selector, admin.id), wide, Hands.senior(1, 0), admin);
        _appoint("", _newcomer(), Hands.senior(1, 0), admin);
    }

    function test_adminsOfTwoOfficesManageNobodyTogether() public {
        Hand memory seventh = Hands.officer(1, 7, BOTH_ADMIN, KeyKind.Secp256k1, 51);
        Hand memory eighth = Hands.officer(1, 8, BOTH_ADMIN, KeyKind.Secp256k1, 52);
        _appoint("", seventh, Hands.senior(1, 0), Hands.senior(1, 1));
        _appoint("", eighth, Hands.senior(1, 0), Hands.senior(1, 1));
        VM.warp(START + APPOINTMENT_WAIT);
        bytes memory refusal = _refusal(IConsortium.OfficeOutOfScope.selector, eighth.id);
        _appoint(refusal, _newcomer(), seventh, eighth);
        _revoke(refusal, Hands.passkeyHand().id, [seventh, eighth], 0);
        Hand memory other = _newcomer();
        other.office = OfficeId.wrap(8);
        _appoint(_refusal(IConsortium.OfficeOutOfScope.selector, seventh.id), other, seventh, eighth);
        // With one of every office each manages the own office, and two of one office do.
        _revoke("", Hands.passkeyHand().id, [seventh, Hands.senior(1, 1)], 0);
        _appoint("", other, Hands.senior(1, 0), eighth);
    }

    function test_institutionCannotGiveARoleItDoesNotHave() public {
        Hand memory judge = _newcomer();
        judge.roles = Roles.COURT;
        bytes memory refusal = abi.encodeWithSelector(IConsortium.RolesOutOfRange.selector);
        _appoint(refusal, judge, Hands.senior(1, 0), Hands.senior(1, 1));
        judge.roles = 0;
        _appoint(refusal, judge, Hands.senior(1, 0), Hands.senior(1, 1));
    }

    function test_P3_keyIsGivenOnce() public {
        bytes memory used = abi.encodeWithSelector(IConsortium.KeyAlreadyUsed.selector);
        Hand memory hand = _newcomer();
        Appointment memory appointment = _appointmentOf(hand);
        appointment.spare = appointment.key;
        _appointAs(used, appointment, _possessionsOf(hand), Hands.senior(1, 0), Hands.senior(1, 1));
        appointment.spare = _keyOf(Hands.senior(2, 0));
        _appointAs(used, appointment, _possessionsOf(hand), Hands.senior(1, 0), Hands.senior(1, 1));
        _appoint("", hand, Hands.senior(1, 0), Hands.senior(1, 1));
        bytes memory exists = abi.encodeWithSelector(IConsortium.OfficerExists.selector);
        _appoint(exists, hand, Hands.senior(1, 0), Hands.senior(1, 1));
    }

    function test_P3_keyIsRegisteredWithItsOwnSignatureAlone() public {
        Hand memory hand = _newcomer();
        Hand memory thief = Hands.officer(1, 7, BOTH_LAND, KeyKind.Secp256k1, 51);
        bytes memory missing = abi.encodeWithSelector(IConsortium.KeyNotPossessed.selector);
        Appointment memory appointment = _appointmentOf(hand);
        Possessions memory proofs = _possessionsOf(thief);
        _appointAs(missing, appointment, proofs, Hands.senior(1, 0), Hands.senior(1, 1));
        proofs = _possessionsOf(hand);
        proofs.spare = proofs.key;
        _appointAs(missing, appointment, proofs, Hands.senior(1, 0), Hands.senior(1, 1));
        proofs = _possessionsOf(hand);
        appointment.salt = "another officer";
        _appointAs(missing, appointment, proofs, Hands.senior(1, 0), Hands.senior(1, 1));
        // Named by others in vain, the key is still free.
        _appoint("", hand, Hands.senior(1, 0), Hands.senior(1, 1));
    }

    function testFuzz_P3_noBytesButItsOwnSignatureRegisterAKey(bytes32 r, bytes32 vs, uint8 length) public {
        Hand memory hand = _newcomer();
        Possessions memory proofs = _possessionsOf(hand);
        proofs.spare = length < 100 ? new bytes(length) : abi.encodePacked(r, vs);
        bytes memory missing = abi.encodeWithSelector(IConsortium.KeyNotPossessed.selector);
        _appointAs(missing, _appointmentOf(hand), proofs, Hands.senior(1, 0), Hands.senior(1, 1));
    }

    function test_P3_keyIsProvedForItsInstitutionLedgerAndEpoch() public {
        Hand memory hand = Hands.p256Hand();
        Hand memory next = _next(hand);
        bytes memory missing = abi.encodeWithSelector(IConsortium.KeyNotPossessed.selector);
        bytes32 separator = Typed.separator(_journal(), "Consortium");
        _rotateAs(missing, hand, _keyOf(next), _possession(separator, next, _keyOf(next), 1));
        next.institution = InstitutionId.wrap(2);
        _rotateAs(missing, hand, _keyOf(next), _possession(separator, next, _keyOf(next), 3));
        next.institution = hand.institution;
        separator = Typed.separator(_staff(), "Personnel");
        _rotateAs(missing, hand, _keyOf(next), _possession(separator, next, _keyOf(next), 3));
        _rotate("", hand, next);
    }

    /// Whoever relays an act would write bytes of their own into its log, and both auditors would read another signature.
    function testFuzz_P3_nobodyAddsToASignature(bytes32 digest, bytes calldata more) public {
        VM.assume(more.length != 0);
        Hand[2] memory hands = [Hands.p256Hand(), Hands.passkeyHand()];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory signature = Hands.sign(hands[i], digest);
            _consortium.requireSignature(hands[i].id, 1, digest, signature);
            VM.expectRevert(_refusal(IConsortium.BadSignature.selector, hands[i].id));
            _consortium.requireSignature(hands[i].id, 1, digest, bytes.concat(signature, more));
        }
    }

    function test_keyMustFitItsKind() public {
        Hand memory hand = _newcomer();
        Appointment memory good = _appointmentOf(hand);
        bytes memory malformed = abi.encodeWithSelector(IConsortium.KeyMalformed.selector);
        Key[5] memory bad;
        for (uint256 i = 0; i < 5; ++i) bad[i] = abi.decode(abi.encode(good.key), (Key));
        bad[0].kind = KeyKind.Unspecified;
        bad[1].keyHash = 0;
        bad[2].verifier = _p256Verifier;
        bad[3].rpIdHash = RP_ID_HASH;
        (bad[4].kind, bad[4].verifier) = (KeyKind.WebAuthn, _webAuthnVerifier);
        for (uint256 i = 0; i < 5; ++i) {
            good.key = bad[i];
            _appointAs(malformed, good, _possessionsOf(hand), Hands.senior(1, 0), Hands.senior(1, 1));
        }
        good.key = Key(KeyKind.P256, _webAuthnVerifier, "key", 0);
        _appointAs(
            abi.encodeWithSelector(IConsortium.VerifierNotAllowed.selector, _webAuthnVerifier),
            good,
            _possessionsOf(hand),
            Hands.senior(1, 0),
            Hands.senior(1, 1)
        );
    }

    function test_eitherKeySignsAndEachIsReplacedAlone() public {
        Hand memory hand = Hands.p256Hand();
        Hand memory spare = Hands.spareOf(hand);
        _speaks("", hand);
        _speaks("", spare);
        Hand memory next = _next(spare);
        _rotate("", spare, next);
        _speaks("", hand);
        _speaks(_refusal(IConsortium.OfficerNotYetActive.selector, hand.id), next);
        _speaks(_refusal(IConsortium.OfficerNotYetActive.selector, hand.id), spare);
        VM.warp(START + APPOINTMENT_WAIT);
        _speaks("", hand);
        _speaks("", next);
        _speaks(_refusal(IConsortium.OfficerEpochStale.selector, hand.id), spare);
        // Neither key speaks under the other's epoch.
        (next.epoch, hand.epoch) = (1, 4);
        _speaks(_refusal(IConsortium.BadSignature.selector, hand.id), hand);
    }

    function test_P3_P5_rotatedKeyEndsAtOnceAndTheNewOneWaits() public {
        Hand memory hand = Hands.p256Hand();
        Hand memory next = _next(hand);
        _rotate("", hand, next);
        _speaks(_refusal(IConsortium.OfficerNotYetActive.selector, hand.id), hand);
        VM.warp(START + APPOINTMENT_WAIT);
        _speaks(_refusal(IConsortium.OfficerEpochStale.selector, hand.id), hand);
        Hand memory thief = Hands.p256Hand();
        thief.epoch = 3;
        _speaks(_refusal(IConsortium.BadSignature.selector, hand.id), thief);
        _speaks("", next);
        Expect.same(KIND_ROTATE_KEY, 17, "no entry");
        Expect.same(_staff().entryCount(), 1, "no entry");
    }

    function test_rotationNamesTheEpochItReplaces() public {
        Hand memory next = _next(Hands.p256Hand());
        _rotate(_refusal(IConsortium.OfficerEpochStale.selector, next.id), next, _next(next));
    }

    function test_P3_oldKeyNeverComesBack() public {
        Hand memory next = _next(Hands.p256Hand());
        _rotate("", Hands.p256Hand(), next);
        _rotate(abi.encodeWithSelector(IConsortium.KeyAlreadyUsed.selector), next, Hands.p256Hand());
    }

    function test_P3_revokedOfficerCountsNoMore() public {
        Hand memory hand = Hands.p256Hand();
        _speaks("", hand);
        VM.expectEmit();
        emit IConsortium.OfficerRevoked(hand.id, OfficerId.wrap(0), START - 5 days, "case");
        _revoke("", hand.id, _admins(), START - 5 days);
        bytes memory revoked = _refusal(IConsortium.OfficerIsRevoked.selector, hand.id);
        _speaks(revoked, hand);
        _speaks(revoked, Hands.spareOf(hand));
        _revoke(revoked, hand.id, _admins(), 0);
        _rotate(revoked, hand, _next(hand));
        _leave(revoked, hand, 0);
        Expect.same(KIND_REVOKE_OFFICER, 20, "no entry");
        Expect.same(_staff().entryCount(), 1, "no entry");
    }

    function test_ownRecordIsEndedAloneAtOnceWithEitherKey() public {
        Hand memory hand = Hands.p256Hand();
        _leave("", Hands.spareOf(hand), 0);
        _speaks(_refusal(IConsortium.OfficerIsRevoked.selector, hand.id), hand);
        Hand memory late = _newcomer();
        _appoint("", late, Hands.senior(1, 0), Hands.senior(1, 1));
        _leave("", late, 0); // before it counts
        Hand memory forger = Hands.passkeyHand();
        forger.privateKey = 12345;
        _leave(_refusal(IConsortium.BadSignature.selector, forger.id), forger, 0);
        Hand memory stale = Hands.passkeyHand();
        stale.epoch = 3;
        _leave(_refusal(IConsortium.OfficerEpochStale.selector, stale.id), stale, 0);
        bytes memory future = abi.encodeWithSelector(IPersonnel.SuspicionInFuture.selector);
        _leave(future, Hands.passkeyHand(), START + 1);
        _revoke(future, Hands.passkeyHand().id, _admins(), START + 1);
        Expect.same(KIND_RESIGNATION, 18, "no entry");
        Expect.same(_staff().entryCount(), 3, "no entry");
    }

    function test_actOnAnOfficerNamesItsOffice() public {
        Hand memory wide = Hands.officer(1, 0, BOTH_LAND, KeyKind.Secp256k1, 54);
        _appoint("", wide, Hands.senior(1, 0), Hands.senior(1, 1));
        bytes memory differs = abi.encodeWithSelector(IPersonnel.OfficeDiffers.selector);
        _revoke(differs, wide.id, _admins(), 0); // the act names office 7
    }

    function test_P9_onlyThePersonnelInForceChangesOfficers() public {
        Hand memory hand = _newcomer();
        Possessions memory proofs = _possessionsOf(hand);
        Appointment memory appointment = _appointmentOf(hand);
        bytes memory refusal = abi.encodeWithSelector(IConsortium.NotThePersonnel.selector);
        VM.expectRevert(refusal);
        _consortium.appoint(appointment, proofs);
        VM.expectRevert(refusal);
        _consortium.rotate(hand.id, 1, appointment.key, proofs.key);
        VM.expectRevert(refusal);
        _consortium.suspend(hand.id, hand.id, START + 1, 0);
        VM.expectRevert(refusal);
        _consortium.free(hand.id, 0);
        VM.prank(address(_council));
        VM.expectRevert(refusal);
        _consortium.revoke(hand.id, hand.id, 0, 0);
    }

    function test_foundingIsReadWholeAndNeverChanges() public {
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        Expect.same(
            keccak256(abi.encode(_consortium.founding())),
            keccak256(abi.encode(file)),
            "another founding file"
        );
        _leave("", Hands.p256Hand(), 0);
        Expect.same(
            keccak256(abi.encode(_consortium.founding())),
            keccak256(abi.encode(file)),
            "the founding file changed"
        );
        Expect.same(_consortium.policyOf("noticeDays"), 30, "no policy");
    }

    function test_P3_foundingTakesAKeyWithItsOwnSignatureAlone() public {
        Founding memory file = _foundingFile(2, 0, 0);
        Possessions[] memory proofs = _foundingPossessions(file);
        (proofs[0], proofs[1]) = (proofs[1], proofs[0]);
        VM.expectRevert(IConsortium.KeyNotPossessed.selector);
        _deployConsortium(address(0), file, proofs);
        (proofs[0], proofs[1]) = (proofs[1], proofs[0]);
        file.ledgerNonce = "another ledger";
        VM.expectRevert(IConsortium.KeyNotPossessed.selector);
        _deployConsortium(address(0), file, proofs);
    }

    function test_foundingEmitsNothing() public {
        VM.recordLogs();
        _deployConsortium(address(0), _foundingFile(2, 0, 0));
        Expect.same(VM.getRecordedLogs().length, 0, "a genesis file could not hold it");
    }

    function test_P9_foundingInstitutionOutlivesAnyOneOfItsOfficers() public {
        Founding memory file = _foundingFile(2, 0, 0);
        Possessions[] memory proofs = _foundingPossessions(file);
        uint32[3] memory roles = [BOTH_ADMIN, BOTH_ADMIN, BOTH_LAND];
        bytes4 refusal = IConsortium.InstitutionNeedsThreeAdmins.selector;
        _tryFounding(refusal, file, proofs, roles);
        _tryFounding(refusal, file, proofs, [Roles.ADMIN_PREPARER, BOTH_ADMIN, Roles.ADMIN_PREPARER]);
        _tryFounding(refusal, file, proofs, [BOTH_ADMIN, Roles.ADMIN_APPROVER, Roles.ADMIN_APPROVER]);
        _tryFounding(0, file, proofs, [Roles.ADMIN_PREPARER, Roles.ADMIN_APPROVER, BOTH_ADMIN]);
        file.officers[8].office = OfficeId.wrap(7);
        _tryFounding(refusal, file, proofs, [BOTH_ADMIN, BOTH_ADMIN, BOTH_ADMIN]);
    }

    function _tryFounding(
        bytes4 refusal,
        Founding memory file,
        Possessions[] memory proofs,
        uint32[3] memory roles
    ) private {
        file.officers[0].roles = roles[0];
        file.officers[1].roles = roles[1];
        file.officers[8].roles = roles[2];
        if (refusal != 0) VM.expectRevert(refusal);
        _deployConsortium(address(0), file, proofs);
    }

    function test_foundingRefusesWhatAVoteWouldRefuse() public {
        Founding memory file = _foundingFile(4, 0, 0);
        Possessions[] memory proofs = _foundingPossessions(file);
        VM.expectRevert(IConsortium.QuorumOutOfRange.selector);
        _deployConsortium(address(0), file, proofs);
        file = _foundingFile(2, 90 days + 1, 0);
        VM.expectPartialRevert(IConsortium.WaitOutOfRange.selector);
        _deployConsortium(address(0), file, proofs);
        file = _foundingFile(2, 0, 90 days + 1);
        VM.expectPartialRevert(IConsortium.WaitOutOfRange.selector);
        _deployConsortium(address(0), file, proofs);
        file = _foundingFile(2, 0, 0);
        file.institutions[1].institution = InstitutionId.wrap(1);
        VM.expectRevert(IConsortium.InstitutionNumberTaken.selector);
        _deployConsortium(address(0), file, proofs);
        file.institutions[1].institution = InstitutionId.wrap(128);
        VM.expectRevert(IConsortium.InstitutionNumberTaken.selector);
        _deployConsortium(address(0), file, proofs);
        file.institutions[1].institution = InstitutionId.wrap(127);
        VM.expectRevert(IConsortium.InstitutionUnknown.selector);
        _deployConsortium(address(0), file, proofs);
    }
}
