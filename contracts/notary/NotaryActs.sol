// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AppointRecorder, Erasure, RevokeRecorder, RootRecord} from "../interfaces/INotary.sol";
import {ActHeads} from "../journal/ActHeads.sol";

/// @title EIP-712 struct hashes of what is signed for the notary
/// @dev A type string here is part of the format and never changes, and stands once; a test writes every one
/// anew from its parts. That a key is shown by its own signature is `PersonnelActs`.
library NotaryActs {
    string internal constant APPOINT_RECORDER =
        "AppointRecorder(ActHead head,uint16 institution,uint32 epochBefore,bytes32 keyHash)";
    string internal constant REVOKE_RECORDER = "RevokeRecorder(ActHead head,uint16 institution,uint32 epoch)";
    bytes32 private constant _ROOT_RECORD = keccak256(
        "RootRecord(uint16 institution,uint32 epoch,uint8 kind,uint64 index,bytes32 root,uint64 lines,uint64 stones,uint32 day)"
    );
    bytes32 private constant _ERASURE = keccak256(
        "Erasure(uint16 institution,uint32 epoch,uint64 stonesBefore,bytes32[] ids)"
    );

    function hash(AppointRecorder calldata act) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    ActHeads.typeHashOf(APPOINT_RECORDER),
                    ActHeads.hash(act.head),
                    act.institution,
                    act.epochBefore,
                    act.keyHash
                )
            );
    }

    function hash(RevokeRecorder calldata act) internal pure returns (bytes32) {
        bytes32 typeHash = ActHeads.typeHashOf(REVOKE_RECORDER);
        return keccak256(abi.encode(typeHash, ActHeads.hash(act.head), act.institution, act.epoch));
    }

    function hash(RootRecord calldata record) internal pure returns (bytes32) {
        return keccak256(abi.encode(_ROOT_RECORD, record));
    }

    function hash(Erasure calldata erasure) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _ERASURE,
                    erasure.institution,
                    erasure.epoch,
                    erasure.stonesBefore,
                    keccak256(abi.encodePacked(erasure.ids))
                )
            );
    }
}
