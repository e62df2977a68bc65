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

/// @title EIP-712 struct hashes of what officers sign about officers
/// @notice Pure bytes: a type string here is part of the format and never changes. Each type hash is one
/// literal, which the compiler folds; a test writes every type anew from its parts.
library PersonnelActs {
    bytes32 internal constant APPOINT_OFFICER_APPROVAL = keccak256(
        "Approval(AppointOfficer act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "AppointOfficer(ActHead head,Appointment appointment)"
        "Appointment(bytes32 salt,uint16 institution,uint32 office,uint32 roles,Key key,Key spare)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)"
    );
    bytes32 internal constant ROTATE_KEY_APPROVAL = keccak256(
        "Approval(RotateKey act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)"
        "RotateKey(ActHead head,bytes32 officer,uint32 epoch,Key key)"
    );
    bytes32 internal constant REVOKE_OFFICER_APPROVAL = keccak256(
        "Approval(RevokeOfficer act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "RevokeOfficer(ActHead head,bytes32 officer,uint64 suspectSince,bytes32 caseReference)"
    );
    bytes32 internal constant FREE_OFFICER_APPROVAL = keccak256(
        "Approval(FreeOfficer act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "FreeOfficer(ActHead head,bytes32 officer,bytes32 caseReference)"
    );
    bytes32 private constant _KEY = keccak256(
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)"
    );
    bytes32 private constant _KEY_POSSESSION = keccak256(
        "KeyPossession(bytes32 officerId,bytes32 keyHash,uint32 epoch,uint16 institution)"
    );
    bytes32 private constant _APPOINTMENT = keccak256(
        "Appointment(bytes32 salt,uint16 institution,uint32 office,uint32 roles,Key key,Key spare)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)"
    );
    bytes32 private constant _APPOINT_OFFICER = keccak256(
        "AppointOfficer(ActHead head,Appointment appointment)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Appointment(bytes32 salt,uint16 institution,uint32 office,uint32 roles,Key key,Key spare)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)"
    );
    bytes32 private constant _ROTATE_KEY = keccak256(
        "RotateKey(ActHead head,bytes32 officer,uint32 epoch,Key key)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)"
    );
    bytes32 private constant _REVOKE_OFFICER = keccak256(
        "RevokeOfficer(ActHead head,bytes32 officer,uint64 suspectSince,bytes32 caseReference)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 private constant _FREE_OFFICER = keccak256(
        "FreeOfficer(ActHead head,bytes32 officer,bytes32 caseReference)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 private constant _RESIGNATION = keccak256(
        "Resignation(bytes32 officer,uint64 suspectSince,bytes32 caseReference,uint32 epoch)"
    );
    bytes32 private constant _SUSPENSION = keccak256(
        "Suspension(bytes32 officer,uint64 until,bytes32 caseReference,bytes32 revoker,"
        "uint32 revokerEpoch)"
    );

    /// @notice The id that a first key and a salt make.
    function officerIdOf(Appointment memory appointment) internal pure returns (bytes32) {
        return keccak256(abi.encode(appointment.key.keyHash, appointment.salt));
    }

    function hash(Key memory key) internal pure returns (bytes32) {
        return keccak256(abi.encode(_KEY, key));
    }

    function hash(KeyPossession memory possession) internal pure returns (bytes32) {
        return keccak256(abi.encode(_KEY_POSSESSION, possession));
    }

    function hash(Appointment memory appointment) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _APPOINTMENT,
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
        return keccak256(abi.encode(_APPOINT_OFFICER, headHash, appointmentHash));
    }

    function hash(RotateKey calldata act, bytes32 headHash, bytes32 keyHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(_ROTATE_KEY, headHash, act.officer, act.epoch, keyHash));
    }

    function hash(RevokeOfficer calldata act, bytes32 headHash) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(_REVOKE_OFFICER, headHash, act.officer, act.suspectSince, act.caseReference)
            );
    }

    function hash(FreeOfficer calldata act, bytes32 headHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(_FREE_OFFICER, headHash, act.officer, act.caseReference));
    }

    function hash(Resignation calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(_RESIGNATION, order));
    }

    function hash(Suspension calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(_SUSPENSION, order));
    }
}
