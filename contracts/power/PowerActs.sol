// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment} from "../interfaces/IConsortium.sol";
import {Measure, Vote} from "../interfaces/ICouncil.sol";
import {InstitutionId} from "../interfaces/IJournal.sol";
import {LongPause, ShortPause, Unpause} from "../interfaces/ISafeguards.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {PersonnelActs} from "./PersonnelActs.sol";

/// @title EIP-712 struct hashes of what officers sign about the whole ledger
/// @notice Pure bytes: a type string here is part of the format and never changes, and stands once. A test writes every
/// type anew from its parts.
library PowerActs {
    string internal constant LONG_PAUSE =
        "LongPause(ActHead head,uint32 scope,uint64 until,uint32 pauseSequence,bytes32 caseReference)";
    string internal constant UNPAUSE =
        "Unpause(ActHead head,uint32 scope,uint32 pauseSequence,bytes32 caseReference)";
    bytes32 private constant _SHORT_PAUSE = keccak256(
        "ShortPause(uint32 scope,uint64 until,bytes32 caseReference,bytes32 officer,uint32 epoch)"
    );
    string private constant _MEASURE =
        "Measure(uint8 kind,uint16 institution,address target,bytes32 name,uint256 value,bytes32 appointmentsHash,uint64 closesAt,uint128 salt)";
    string private constant _VOTE = "Vote(Measure measure,bool inFavour,bytes32 officer,uint32 epoch)";

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
        bytes32 typeHash = ActHeads.typeHashOf(LONG_PAUSE);
        return
            keccak256(
                abi.encode(typeHash, headHash, act.scope, act.until, act.pauseSequence, act.caseReference)
            );
    }

    function hash(Unpause calldata act, bytes32 headHash) internal pure returns (bytes32) {
        bytes32 typeHash = ActHeads.typeHashOf(UNPAUSE);
        return keccak256(abi.encode(typeHash, headHash, act.scope, act.pauseSequence, act.caseReference));
    }

    function hash(Measure calldata measure) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(_MEASURE)), measure));
    }

    function hash(Vote calldata ballot) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(bytes.concat(bytes(_VOTE), bytes(_MEASURE)));
        return
            keccak256(
                abi.encode(typeHash, hash(ballot.measure), ballot.inFavour, ballot.officer, ballot.epoch)
            );
    }

    /// @notice What the entry of a measure is about.
    function subjectOf(Measure calldata measure) internal pure returns (bytes32) {
        if (measure.name != 0) return measure.name;
        if (measure.target != address(0)) return bytes32(uint256(uint160(measure.target)));
        return bytes32(uint256(InstitutionId.unwrap(measure.institution)));
    }
}
