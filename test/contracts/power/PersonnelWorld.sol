// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, Key, KeyKind, Possessions} from "../../../contracts/interfaces/IConsortium.sol";
import {OfficeId, OfficerId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {
    AppointOfficer,
    FreeOfficer,
    Resignation,
    RevokeOfficer,
    RotateKey,
    Suspension
} from "../../../contracts/interfaces/IPersonnel.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands, BOTH_LAND} from "../Hands.sol";
import {Typed, HEAD_TYPE, KEY_TYPE, APPOINTMENT_TYPE} from "../Typed.sol";
import {VM} from "../Vm.sol";

/// What admins and lone officers do to an officer of institution 1, signed and sent.
abstract contract PersonnelWorld is Founded {
    function _newcomer() internal pure returns (Hand memory) {
        return Hands.officer(1, 7, BOTH_LAND, KeyKind.Secp256k1, 50);
    }

    function _appoint(
        bytes memory refusal,
        Hand memory hand,
        Hand memory preparer,
        Hand memory approver
    ) internal {
        _appointAs(refusal, _appointmentOf(hand), _possessionsOf(hand), preparer, approver);
    }

    function _appointAs(
        bytes memory refusal,
        Appointment memory appointment,
        Possessions memory possessions,
        Hand memory preparer,
        Hand memory approver
    ) internal {
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
        bytes32 actHash = keccak256(
            abi.encode(typeHash, Typed.headHash(act.head), Typed.appointmentHash(appointment))
        );
        Signatures memory signatures = Typed.signed(
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
        _personnel.appointOfficer(act, possessions, signatures);
    }

    /// Replaces the key that `officer` signs with by that of `next`.
    function _rotate(bytes memory refusal, Hand memory officer, Hand memory next) internal {
        bytes memory possession = _possession(
            Typed.separator(_journal(), "Consortium"),
            next,
            _keyOf(next),
            officer.epoch + 2
        );
        _rotateAs(refusal, officer, _keyOf(next), possession);
    }

    function _rotateAs(
        bytes memory refusal,
        Hand memory officer,
        Key memory key,
        bytes memory possession
    ) internal {
        Hand memory preparer = Hands.senior(1, 0);
        RotateKey memory act = RotateKey(
            _headFor(preparer, OfficeId.unwrap(officer.office)),
            officer.id,
            officer.epoch,
            key
        );
        string memory own = "RotateKey(ActHead head,bytes32 officer,uint32 epoch,Key key)";
        bytes32 typeHash = keccak256(abi.encodePacked(own, HEAD_TYPE, KEY_TYPE));
        bytes32 actHash = keccak256(
            abi.encode(typeHash, Typed.headHash(act.head), act.officer, act.epoch, Typed.keyHash(key))
        );
        Signatures memory signatures = Typed.signed(
            _staff(),
            "Personnel",
            "RotateKey",
            string.concat(HEAD_TYPE, KEY_TYPE, own),
            actHash,
            preparer,
            Hands.senior(1, 1)
        );
        if (refusal.length != 0) VM.expectRevert(refusal);
        _personnel.rotateKey(act, possession, signatures);
    }

    function _revoke(bytes memory refusal, OfficerId officer, Hand[2] memory admins, uint64 since) internal {
        RevokeOfficer memory act = RevokeOfficer(_headFor(admins[0], 7), officer, since, "case");
        Signatures memory signatures = _signedRevocation(act, admins);
        if (refusal.length != 0) VM.expectRevert(refusal);
        _personnel.revokeOfficer(act, signatures);
    }

    function _signedRevocation(
        RevokeOfficer memory act,
        Hand[2] memory admins
    ) internal view returns (Signatures memory) {
        string memory own =
            "RevokeOfficer(ActHead head,bytes32 officer,uint64 suspectSince,bytes32 caseReference)";
        bytes32 actHash = keccak256(
            abi.encode(
                keccak256(abi.encodePacked(own, HEAD_TYPE)),
                Typed.headHash(act.head),
                act.officer,
                act.suspectSince,
                act.caseReference
            )
        );
        return
            Typed.signed(
                _staff(),
                "Personnel",
                "RevokeOfficer",
                string.concat(HEAD_TYPE, own),
                actHash,
                admins[0],
                admins[1]
            );
    }

    function _free(bytes memory refusal, Hand memory officer, Hand[2] memory admins) internal {
        FreeOfficer memory act = _freeing(officer, admins[0]);
        Signatures memory signatures = _signedFreeing(act, admins);
        if (refusal.length != 0) VM.expectRevert(refusal);
        _personnel.freeOfficer(act, signatures);
    }

    function _freeing(Hand memory officer, Hand memory preparer) internal returns (FreeOfficer memory) {
        return FreeOfficer(_headFor(preparer, OfficeId.unwrap(officer.office)), officer.id, "case");
    }

    /// With an approval of this moment.
    function _signedFreeing(
        FreeOfficer memory act,
        Hand[2] memory admins
    ) internal view returns (Signatures memory signatures) {
        string memory own = "FreeOfficer(ActHead head,bytes32 officer,bytes32 caseReference)";
        bytes32 actHash = keccak256(
            abi.encode(
                keccak256(abi.encodePacked(own, HEAD_TYPE)),
                Typed.headHash(act.head),
                act.officer,
                bytes32("case")
            )
        );
        signatures = Typed.signed(
            _staff(),
            "Personnel",
            "FreeOfficer",
            string.concat(HEAD_TYPE, own),
            actHash,
            admins[0],
            admins[1]
        );
    }

    function _suspend(bytes memory refusal, Hand memory revoker, OfficerId officer, uint64 until) internal {
        (Suspension memory order, , bytes memory signature) = _suspension(revoker, officer, until);
        if (refusal.length != 0) VM.expectRevert(refusal);
        _personnel.suspendOfficer(order, signature);
    }

    function _leave(bytes memory refusal, Hand memory hand, uint64 since) internal {
        (Resignation memory order, , bytes memory signature) = _resignation(hand, since);
        if (refusal.length != 0) VM.expectRevert(refusal);
        _personnel.resign(order, signature);
    }

    function _admins() internal pure returns (Hand[2] memory) {
        return [Hands.senior(1, 0), Hands.senior(1, 1)];
    }

    /// Asks for one officer's signature, as a register would.
    function _speaks(bytes memory refusal, Hand memory hand) internal {
        bytes memory signature = Hands.sign(hand, "digest");
        if (refusal.length != 0) VM.expectRevert(refusal);
        _consortium.requireOfficer(hand.id, hand.epoch, 0, "digest", signature);
    }

    function _refusal(bytes4 selector, OfficerId officer) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, officer);
    }

    function _next(Hand memory hand) internal pure returns (Hand memory next) {
        next = abi.decode(abi.encode(hand), (Hand));
        (next.epoch, next.privateKey) = (hand.epoch + 2, hand.privateKey ^ 777);
    }

    function _speaksAs(bytes memory refusal, Hand memory hand, uint32 role) internal {
        bytes memory signature = Hands.sign(hand, "digest");
        if (refusal.length != 0) VM.expectRevert(refusal);
        _consortium.requireOfficer(hand.id, hand.epoch, role, "digest", signature);
    }
}
