// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, Key} from "../interfaces/IConsortium.sol";
import {Measure, Vote} from "../interfaces/ICouncil.sol";
import {InstitutionId} from "../interfaces/IJournal.sol";
import {AppointOfficer, Revocation, RotateKey} from "../interfaces/IPersonnel.sol";
import {LongPause, ShortPause, Unpause} from "../interfaces/ISafeguards.sol";

/// @title EIP-712 struct hashes of what the consortium's officers sign
/// @notice Pure bytes: a type string here is part of the format and never changes. Each type hash is one
/// literal, which the compiler folds; a test writes every type anew from its parts.
library PowerActs {
    bytes32 internal constant APPOINT_OFFICER_APPROVAL = keccak256(
        "Approval(AppointOfficer act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "AppointOfficer(ActHead head,Appointment appointment)"
        "Appointment(bytes32 officer,uint16 institution,uint32 office,uint32 roles,Key key)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash,bool requireUV)"
    );
    bytes32 internal constant ROTATE_KEY_APPROVAL = keccak256(
        "Approval(RotateKey act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash,bool requireUV)"
        "RotateKey(ActHead head,bytes32 officer,uint32 epoch,Key key)"
    );
    bytes32 internal constant LONG_PAUSE_APPROVAL = keccak256(
        "Approval(LongPause act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "LongPause(ActHead head,uint32 scope,uint64 until,uint32 pauseSequence,bytes32 caseReference)"
    );
    bytes32 internal constant UNPAUSE_APPROVAL = keccak256(
        "Approval(Unpause act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Unpause(ActHead head,uint32 scope,uint32 pauseSequence,bytes32 caseReference)"
    );
    bytes32 private constant _KEY = keccak256(
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash,bool requireUV)"
    );
    bytes32 private constant _APPOINTMENT = keccak256(
        "Appointment(bytes32 officer,uint16 institution,uint32 office,uint32 roles,Key key)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash,bool requireUV)"
    );
    bytes32 private constant _APPOINT_OFFICER = keccak256(
        "AppointOfficer(ActHead head,Appointment appointment)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Appointment(bytes32 officer,uint16 institution,uint32 office,uint32 roles,Key key)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash,bool requireUV)"
    );
    bytes32 private constant _ROTATE_KEY = keccak256(
        "RotateKey(ActHead head,bytes32 officer,uint32 epoch,Key key)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash,bool requireUV)"
    );
    bytes32 private constant _REVOCATION = keccak256(
        "Revocation(bytes32 officer,uint64 suspectSince,bytes32 caseReference,bytes32 revoker,"
        "uint32 revokerEpoch)"
    );
    bytes32 private constant _SHORT_PAUSE = keccak256(
        "ShortPause(uint32 scope,uint64 until,bytes32 caseReference,bytes32 officer,uint32 epoch)"
    );
    bytes32 private constant _LONG_PAUSE = keccak256(
        "LongPause(ActHead head,uint32 scope,uint64 until,uint32 pauseSequence,bytes32 caseReference)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 private constant _UNPAUSE = keccak256(
        "Unpause(ActHead head,uint32 scope,uint32 pauseSequence,bytes32 caseReference)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 private constant _MEASURE = keccak256(
        "Measure(uint8 kind,uint16 institution,address target,bytes32 name,uint256 value,"
        "bytes32 appointmentsHash,uint64 closesAt,uint128 salt)"
    );
    bytes32 private constant _VOTE = keccak256(
        "Vote(Measure measure,bool inFavour,bytes32 officer,uint32 epoch)"
        "Measure(uint8 kind,uint16 institution,address target,bytes32 name,uint256 value,"
        "bytes32 appointmentsHash,uint64 closesAt,uint128 salt)"
    );

    function hash(Key calldata key) internal pure returns (bytes32) {
        return keccak256(abi.encode(_KEY, key));
    }

    function hash(Appointment calldata appointment) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _APPOINTMENT,
                    appointment.officer,
                    appointment.institution,
                    appointment.office,
                    appointment.roles,
                    hash(appointment.key)
                )
            );
    }

    /// @notice Struct hashes of a list, concatenated and hashed, as EIP-712 does with an array.
    function hash(Appointment[] calldata appointments) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](appointments.length);
        for (uint256 i = 0; i < appointments.length; ++i) hashes[i] = hash(appointments[i]);
        return keccak256(abi.encodePacked(hashes));
    }

    function hash(AppointOfficer calldata act, bytes32 headHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(_APPOINT_OFFICER, headHash, hash(act.appointment)));
    }

    function hash(RotateKey calldata act, bytes32 headHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(_ROTATE_KEY, headHash, act.officer, act.epoch, hash(act.key)));
    }

    function hash(Revocation calldata revocation) internal pure returns (bytes32) {
        return keccak256(abi.encode(_REVOCATION, revocation));
    }

    function hash(ShortPause calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(_SHORT_PAUSE, order));
    }

    function hash(LongPause calldata act, bytes32 headHash) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(_LONG_PAUSE, headHash, act.scope, act.until, act.pauseSequence, act.caseReference)
            );
    }

    function hash(Unpause calldata act, bytes32 headHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(_UNPAUSE, headHash, act.scope, act.pauseSequence, act.caseReference));
    }

    function hash(Measure calldata measure) internal pure returns (bytes32) {
        return keccak256(abi.encode(_MEASURE, measure));
    }

    function hash(Vote calldata ballot) internal pure returns (bytes32) {
        return
            keccak256(abi.encode(_VOTE, hash(ballot.measure), ballot.inFavour, ballot.officer, ballot.epoch));
    }

    /// @notice What the entry of a measure is about.
    function subjectOf(Measure calldata measure) internal pure returns (bytes32) {
        if (measure.name != 0) return measure.name;
        if (measure.target != address(0)) return bytes32(uint256(uint160(measure.target)));
        return bytes32(uint256(InstitutionId.unwrap(measure.institution)));
    }
}
