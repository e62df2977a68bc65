// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment} from "../interfaces/IConsortium.sol";
import {Measure, Vote} from "../interfaces/ICouncil.sol";
import {InstitutionId} from "../interfaces/IJournal.sol";
import {LongPause, ShortPause, Unpause} from "../interfaces/ISafeguards.sol";
import {PersonnelActs} from "./PersonnelActs.sol";

/// @title EIP-712 struct hashes of what officers sign about the whole ledger
/// @notice Pure bytes: a type string here is part of the format and never changes. Each type hash is one
/// literal, which the compiler folds; a test writes every type anew from its parts.
library PowerActs {
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

    /// @notice Struct hashes of a list, concatenated and hashed, as EIP-712 does with an array.
    function hash(Appointment[] calldata appointments) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](appointments.length);
        for (uint256 i = 0; i < appointments.length; ++i) hashes[i] = PersonnelActs.hash(appointments[i]);
        return keccak256(abi.encodePacked(hashes));
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
