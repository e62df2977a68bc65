// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, Key, KeyPossession} from "../interfaces/IConsortium.sol";
import {
    AppointOfficer,
    FreeOfficer,
    Resignation,
    RevokeOfficer,
    RotateKey,
    Suspension
} from "../interfaces/IPersonnel.sol";
import {ActHeads} from "../journal/ActHeads.sol";

/// @title EIP-712 struct hashes of what officers sign about officers
/// @notice Pure bytes: a type string here is part of the format and never changes, and stands once. A test writes every
/// type anew from its parts.
library PersonnelActs {
    string internal constant APPOINT_OFFICER = "AppointOfficer(ActHead head,Appointment appointment)";
    string internal constant ROTATE_KEY = "RotateKey(ActHead head,bytes32 officer,uint32 epoch,Key key)";
    string internal constant REVOKE_OFFICER =
        "RevokeOfficer(ActHead head,bytes32 officer,uint64 suspectSince,bytes32 caseReference)";
    string internal constant FREE_OFFICER = "FreeOfficer(ActHead head,bytes32 officer,bytes32 caseReference)";
    string private constant _KEY = "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)";
    string private constant _APPOINTMENT =
        "Appointment(bytes32 salt,uint16 institution,uint32 office,uint32 roles,Key key,Key spare)";
    bytes32 private constant _KEY_POSSESSION = keccak256(
        "KeyPossession(bytes32 officerId,bytes32 keyHash,uint32 epoch,uint16 institution)"
    );
    bytes32 private constant _RESIGNATION = keccak256(
        "Resignation(bytes32 officer,uint64 suspectSince,bytes32 caseReference,uint32 epoch)"
    );
    bytes32 private constant _SUSPENSION = keccak256(
        "Suspension(bytes32 officer,uint64 until,bytes32 caseReference,bytes32 revoker,"
        "uint32 revokerEpoch)"
    );

    /// @notice Type hash of `Approval` over an appointment.
    function appointOfficerApproval() internal pure returns (bytes32) {
        return
            ActHeads.approvalTypeHashOf(
                APPOINT_OFFICER,
                bytes.concat(bytes(APPOINT_OFFICER), bytes(_APPOINTMENT), bytes(_KEY))
            );
    }

    /// @notice Type hash of `Approval` over a change of key.
    function rotateKeyApproval() internal pure returns (bytes32) {
        return ActHeads.approvalTypeHashOf(ROTATE_KEY, bytes.concat(bytes(_KEY), bytes(ROTATE_KEY)));
    }

    /// @notice The id that a first key and a salt make.
    function officerIdOf(Appointment memory appointment) internal pure returns (bytes32) {
        return keccak256(abi.encode(appointment.key.keyHash, appointment.salt));
    }

    function hash(Key memory key) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(_KEY)), key));
    }

    function hash(KeyPossession memory possession) internal pure returns (bytes32) {
        return keccak256(abi.encode(_KEY_POSSESSION, possession));
    }

    function hash(Appointment memory appointment) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(bytes.concat(bytes(_APPOINTMENT), bytes(_KEY))),
                    appointment.salt,
                    appointment.institution,
                    appointment.office,
                    appointment.roles,
                    hash(appointment.key),
                    hash(appointment.spare)
                )
            );
    }

    function hash(
        AppointOfficer calldata,
        bytes32 headHash,
        bytes32 appointmentHash
    ) internal pure returns (bytes32) {
        bytes32 typeHash = ActHeads.typeHashOf(APPOINT_OFFICER, string.concat(_APPOINTMENT, _KEY));
        return keccak256(abi.encode(typeHash, headHash, appointmentHash));
    }

    function hash(RotateKey calldata act, bytes32 headHash, bytes32 keyHash) internal pure returns (bytes32) {
        bytes32 typeHash = ActHeads.typeHashOf(ROTATE_KEY, _KEY);
        return keccak256(abi.encode(typeHash, headHash, act.officer, act.epoch, keyHash));
    }

    function hash(RevokeOfficer calldata act, bytes32 headHash) internal pure returns (bytes32) {
        bytes32 typeHash = ActHeads.typeHashOf(REVOKE_OFFICER);
        return keccak256(abi.encode(typeHash, headHash, act.officer, act.suspectSince, act.caseReference));
    }

    function hash(FreeOfficer calldata act, bytes32 headHash) internal pure returns (bytes32) {
        bytes32 typeHash = ActHeads.typeHashOf(FREE_OFFICER);
        return keccak256(abi.encode(typeHash, headHash, act.officer, act.caseReference));
    }

    function hash(Resignation calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(_RESIGNATION, order));
    }

    function hash(Suspension calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(_SUSPENSION, order));
    }
}
