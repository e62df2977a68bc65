// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Appointment,
    Founding,
    IConsortium,
    Key,
    KeyKind,
    OfficerRecord
} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {
    EntryId,
    IJournal,
    InstitutionId,
    OfficeId,
    OfficerId,
    Signatures
} from "../../../contracts/interfaces/IJournal.sol";
import {
    AppointOfficer,
    IPersonnel,
    KIND_APPOINT_OFFICER,
    KIND_REVOCATION,
    KIND_ROTATE_KEY,
    Revocation,
    RotateKey
} from "../../../contracts/interfaces/IPersonnel.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Hand, PowerWorld} from "./PowerWorld.sol";

/// Institutions manage their own officers: adding waits, taking away does not.
contract OfficersTest is PowerWorld {
    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
    }

    function _newcomer() private pure returns (Hand memory) {
        return _hand(1, 7, BOTH_LAND, KeyKind.Secp256k1, 50);
    }

    function _appoint(
        bytes memory refusal,
        Appointment memory appointment,
        Hand memory preparer,
        Hand memory approver
    ) private {
        AppointOfficer memory act = AppointOfficer(
            _headFor(preparer, OfficeId.unwrap(appointment.office)),
            appointment
        );
        bytes32 typeHash = keccak256(
            abi.encodePacked(
                "AppointOfficer(ActHead head,Appointment appointment)",
                HEAD_TYPE,
                APPOINTMENT_TYPE,
                KEY_TYPE
            )
        );
        bytes32 actHash = keccak256(abi.encode(typeHash, _headHash(act.head), _appointmentHash(appointment)));
        Signatures memory signatures = _signatures(
            _staff(),
            "Personnel",
            "AppointOfficer",
            string.concat(
                HEAD_TYPE,
                "AppointOfficer(ActHead head,Appointment appointment)",
                APPOINTMENT_TYPE,
                KEY_TYPE
            ),
            actHash,
            preparer,
            approver
        );
        if (refusal.length != 0) VM.expectRevert(refusal);
        _personnel.appointOfficer(act, signatures);
    }

    function _rotate(bytes memory refusal, Hand memory officer, Key memory key) private {
        (Hand memory preparer, Hand memory approver) = (_senior(1, 0), _senior(1, 1));
        RotateKey memory act = RotateKey(_headFor(preparer, 7), officer.id, officer.epoch, key);
        string memory own = "RotateKey(ActHead head,bytes32 officer,uint32 epoch,Key key)";
        bytes32 typeHash = keccak256(abi.encodePacked(own, HEAD_TYPE, KEY_TYPE));
        bytes32 actHash = keccak256(
            abi.encode(typeHash, _headHash(act.head), act.officer, act.epoch, _keyHash(key))
        );
        Signatures memory signatures = _signatures(
            _staff(),
            "Personnel",
            "RotateKey",
            string.concat(HEAD_TYPE, KEY_TYPE, own),
            actHash,
            preparer,
            approver
        );
        if (refusal.length != 0) VM.expectRevert(refusal);
        _personnel.rotateKey(act, signatures);
    }

    function _revoke(bytes memory refusal, Hand memory revoker, OfficerId officer, uint64 since) private {
        (Revocation memory order, , bytes memory signature) = _revocation(revoker, officer, since);
        if (refusal.length != 0) VM.expectRevert(refusal);
        _personnel.revokeOfficer(order, signature);
    }

    /// Asks for one officer's signature, as a register would.
    function _speaks(bytes memory refusal, Hand memory hand) private {
        bytes memory signature = _sign(hand, "digest");
        if (refusal.length != 0) VM.expectRevert(refusal);
        _consortium.requireOfficer(hand.id, hand.epoch, 0, "digest", signature);
    }

    function _refusal(bytes4 selector, OfficerId officer) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, officer);
    }

    function test_P5_newOfficerCountsOnlyAfterTheWait() public {
        Hand memory hand = _newcomer();
        _appoint("", _appointmentOf(hand), _senior(1, 0), _senior(1, 1));
        _speaks(_refusal(IConsortium.OfficerNotYetActive.selector, hand.id), hand);
        VM.warp(START + APPOINTMENT_WAIT - 1);
        _speaks(_refusal(IConsortium.OfficerNotYetActive.selector, hand.id), hand);
        VM.warp(START + APPOINTMENT_WAIT);
        _speaks("", hand);
    }

    function test_appointmentIsAnEntry() public {
        Hand memory hand = _newcomer();
        uint64 before = _staff().entryCount();
        _appoint("", _appointmentOf(hand), _senior(1, 0), _senior(1, 1));
        require(_staff().entryCount() == before + 1, "no entry");
        OfficerRecord memory record = _consortium.officerOf(hand.id);
        require(record.keyHash == _keyOf(hand).keyHash && record.standing.epoch == 1, "another record");
        require(record.standing.roles == BOTH_LAND && KIND_APPOINT_OFFICER == 16, "other roles");
    }

    function test_anotherInstitutionsAdminsCannotAppoint() public {
        _appoint(
            _refusal(IConsortium.InstitutionDiffers.selector, _senior(2, 0).id),
            _appointmentOf(_newcomer()),
            _senior(2, 0),
            _senior(2, 1)
        );
        _appoint(
            _refusal(IConsortium.InstitutionDiffers.selector, _senior(2, 1).id),
            _appointmentOf(_newcomer()),
            _senior(1, 0),
            _senior(2, 1)
        );
    }

    function test_officerWithoutAdminRoleCannotAppoint() public {
        _appoint(
            _refusal(IConsortium.RoleMissing.selector, _p256Hand().id),
            _appointmentOf(_newcomer()),
            _senior(1, 0),
            _p256Hand()
        );
    }

    function test_adminOfOneOfficeCannotAppointForEveryOffice() public {
        Hand memory admin = _hand(1, 7, BOTH_ADMIN, KeyKind.Secp256k1, 51);
        _appoint("", _appointmentOf(admin), _senior(1, 0), _senior(1, 1));
        VM.warp(START + APPOINTMENT_WAIT);
        Hand memory wide = _newcomer();
        wide.office = OfficeId.wrap(0);
        _appoint(
            _refusal(IConsortium.OfficeOutOfScope.selector, admin.id),
            _appointmentOf(wide),
            _senior(1, 0),
            admin
        );
        _appoint("", _appointmentOf(_newcomer()), _senior(1, 0), admin);
    }

    function test_institutionCannotGiveARoleItDoesNotHave() public {
        Hand memory judge = _newcomer();
        judge.roles = Roles.COURT;
        bytes memory refusal = abi.encodeWithSelector(IConsortium.RolesOutOfRange.selector);
        _appoint(refusal, _appointmentOf(judge), _senior(1, 0), _senior(1, 1));
        judge.roles = 0;
        _appoint(refusal, _appointmentOf(judge), _senior(1, 0), _senior(1, 1));
    }

    function test_officersIdAndKeyAreGivenOnce() public {
        Hand memory hand = _newcomer();
        Appointment memory appointment = _appointmentOf(hand);
        appointment.officer = _senior(1, 0).id;
        bytes memory exists = abi.encodeWithSelector(IConsortium.OfficerExists.selector);
        _appoint(exists, appointment, _senior(1, 0), _senior(1, 1));
        appointment.officer = OfficerId.wrap(0);
        _appoint(exists, appointment, _senior(1, 0), _senior(1, 1));
        appointment.officer = hand.id;
        appointment.key = _keyOf(_senior(2, 0));
        bytes memory used = abi.encodeWithSelector(IConsortium.KeyAlreadyUsed.selector);
        _appoint(used, appointment, _senior(1, 0), _senior(1, 1));
    }

    function test_keyMustFitItsKind() public {
        Appointment memory good = _appointmentOf(_newcomer());
        bytes memory malformed = abi.encodeWithSelector(IConsortium.KeyMalformed.selector);
        Key[6] memory bad;
        for (uint256 i = 0; i < 6; ++i) bad[i] = abi.decode(abi.encode(good.key), (Key));
        bad[0].kind = KeyKind.Unspecified;
        bad[1].keyHash = 0;
        bad[2].verifier = _p256Verifier;
        bad[3].rpIdHash = RP_ID_HASH;
        bad[4].requireUV = true;
        (bad[5].kind, bad[5].verifier) = (KeyKind.WebAuthn, _webAuthnVerifier);
        for (uint256 i = 0; i < 6; ++i) {
            good.key = bad[i];
            _appoint(malformed, good, _senior(1, 0), _senior(1, 1));
        }
        good.key = Key(KeyKind.P256, _webAuthnVerifier, "key", 0, false);
        _appoint(
            abi.encodeWithSelector(IConsortium.VerifierNotAllowed.selector, _webAuthnVerifier),
            good,
            _senior(1, 0),
            _senior(1, 1)
        );
    }

    function test_P3_P5_rotatedKeyEndsAtOnceAndTheNewOneWaits() public {
        Hand memory hand = _p256Hand();
        Hand memory next = _p256Hand();
        (next.epoch, next.privateKey) = (2, 777);
        _rotate("", hand, _keyOf(next));
        _speaks(_refusal(IConsortium.OfficerNotYetActive.selector, hand.id), hand);
        VM.warp(START + APPOINTMENT_WAIT);
        _speaks(_refusal(IConsortium.OfficerEpochStale.selector, hand.id), hand);
        Hand memory thief = _p256Hand();
        thief.epoch = 2;
        _speaks(_refusal(IConsortium.BadSignature.selector, hand.id), thief);
        _speaks("", next);
        require(KIND_ROTATE_KEY == 17 && _staff().entryCount() == 1, "no entry");
    }

    function test_rotationNamesTheEpochItReplaces() public {
        Hand memory next = _p256Hand();
        (next.epoch, next.privateKey) = (2, 777);
        _rotate(_refusal(IConsortium.OfficerEpochStale.selector, next.id), next, _keyOf(next));
    }

    function test_P3_oldKeyNeverComesBack() public {
        Hand memory next = _p256Hand();
        (next.epoch, next.privateKey) = (2, 777);
        _rotate("", _p256Hand(), _keyOf(next));
        _rotate(abi.encodeWithSelector(IConsortium.KeyAlreadyUsed.selector), next, _keyOf(_p256Hand()));
    }

    function test_P3_revokedKeyCountsNoMore() public {
        Hand memory hand = _p256Hand();
        _speaks("", hand);
        VM.expectEmit();
        emit IConsortium.OfficerRevoked(hand.id, _senior(1, 1).id, START - 5 days, "case");
        _revoke("", _senior(1, 1), hand.id, START - 5 days);
        _speaks(_refusal(IConsortium.OfficerIsRevoked.selector, hand.id), hand);
        _revoke(_refusal(IConsortium.OfficerIsRevoked.selector, hand.id), _senior(1, 1), hand.id, 0);
        _rotate(_refusal(IConsortium.OfficerIsRevoked.selector, hand.id), hand, _keyOf(_newcomer()));
        require(KIND_REVOCATION == 18 && _staff().entryCount() == 1, "no entry");
    }

    function test_officerWithoutTheRoleRevokesOnlyTheOwnKey() public {
        Hand memory hand = _p256Hand();
        _revoke(_refusal(IConsortium.RoleMissing.selector, hand.id), hand, _passkeyHand().id, 0);
        _revoke("", hand, hand.id, 0);
        _speaks(_refusal(IConsortium.OfficerIsRevoked.selector, hand.id), hand);
    }

    function test_officerOfAnotherInstitutionRevokesNobodyHere() public {
        Hand memory stranger = _senior(2, 0);
        _revoke(_refusal(IConsortium.InstitutionDiffers.selector, stranger.id), stranger, _p256Hand().id, 0);
    }

    function test_revocationNeedsTheRevokersOwnSignatureAndEpoch() public {
        Hand memory forger = _senior(1, 1);
        forger.privateKey = 12345;
        _revoke(_refusal(IConsortium.BadSignature.selector, forger.id), forger, _p256Hand().id, 0);
        Hand memory stale = _senior(1, 1);
        stale.epoch = 2;
        _revoke(_refusal(IConsortium.OfficerEpochStale.selector, stale.id), stale, _p256Hand().id, 0);
        bytes memory future = abi.encodeWithSelector(IPersonnel.SuspicionInFuture.selector);
        _revoke(future, _senior(1, 1), _p256Hand().id, START + 1);
    }

    function test_officerNotYetActiveRevokesOnlyTheOwnKey() public {
        Hand memory hand = _newcomer();
        hand.roles = Roles.REVOKE;
        _appoint("", _appointmentOf(hand), _senior(1, 0), _senior(1, 1));
        _revoke(_refusal(IConsortium.OfficerNotYetActive.selector, hand.id), hand, _p256Hand().id, 0);
        _revoke("", hand, hand.id, 0);
    }

    function test_P9_onlyThePersonnelInForceChangesOfficers() public {
        Hand memory hand = _newcomer();
        (Revocation memory order, , ) = _revocation(_senior(1, 0), _senior(1, 1).id, 0);
        bytes memory refusal = abi.encodeWithSelector(IConsortium.NotThePersonnel.selector);
        VM.expectRevert(refusal);
        _consortium.appoint(_appointmentOf(hand));
        VM.expectRevert(refusal);
        _consortium.rotate(_p256Hand().id, 1, _keyOf(hand));
        VM.expectRevert(refusal);
        _consortium.revoke(order);
        VM.prank(address(_council));
        VM.expectRevert(refusal);
        _consortium.revoke(order);
    }

    function test_suspendedInstitutionCanStillRevoke() public {
        Measure memory measure = _measure(MeasureKind.SuspendInstitution);
        measure.institution = InstitutionId.wrap(3);
        _enact(measure);
        _revoke("", _senior(3, 0), _senior(3, 1).id, 0);
    }

    function test_foundingIsReadWholeAndNeverChanges() public {
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        require(
            keccak256(abi.encode(_consortium.founding())) == keccak256(abi.encode(file)),
            "another founding file"
        );
        _revoke("", _senior(1, 1), _p256Hand().id, 0);
        require(
            keccak256(abi.encode(_consortium.founding())) == keccak256(abi.encode(file)),
            "the founding file changed"
        );
        require(_consortium.policyOf("noticeDays") == 30, "no policy");
    }

    function test_foundingEmitsNothing() public {
        VM.recordLogs();
        _deployConsortium(address(0), _foundingFile(2, 0, 0));
        require(VM.getRecordedLogs().length == 0, "a genesis file could not hold it");
    }

    function test_institutionIsFoundedWithTwoWhoCanManageIt() public {
        Founding memory file = _foundingFile(2, 0, 0);
        file.officers[1].roles = Roles.ADMIN_PREPARER;
        file.officers[0].roles = Roles.ADMIN_PREPARER;
        VM.expectRevert(IConsortium.InstitutionNeedsTwoAdmins.selector);
        _deployConsortium(address(0), file);
        file.officers[0].roles = BOTH_ADMIN;
        _deployConsortium(address(0), file);
        file.officers[1].roles = BOTH_LAND;
        VM.expectRevert(IConsortium.InstitutionNeedsTwoAdmins.selector);
        _deployConsortium(address(0), file);
    }

    function test_foundingRefusesWhatAVoteWouldRefuse() public {
        Founding memory file = _foundingFile(4, 0, 0);
        VM.expectRevert(IConsortium.QuorumOutOfRange.selector);
        _deployConsortium(address(0), file);
        file = _foundingFile(2, 90 days + 1, 0);
        VM.expectPartialRevert(IConsortium.WaitOutOfRange.selector);
        _deployConsortium(address(0), file);
        file = _foundingFile(2, 0, 90 days + 1);
        VM.expectPartialRevert(IConsortium.WaitOutOfRange.selector);
        _deployConsortium(address(0), file);
        file = _foundingFile(2, 0, 0);
        file.institutions[1].institution = InstitutionId.wrap(1);
        VM.expectRevert(IConsortium.InstitutionNumberTaken.selector);
        _deployConsortium(address(0), file);
        file.institutions[1].institution = InstitutionId.wrap(128);
        VM.expectRevert(IConsortium.InstitutionNumberTaken.selector);
        _deployConsortium(address(0), file);
        file.institutions[1].institution = InstitutionId.wrap(127);
        VM.expectRevert(IConsortium.InstitutionUnknown.selector);
        _deployConsortium(address(0), file);
    }
}
