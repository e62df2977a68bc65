// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AppointRecorder,
    Erasure,
    RecorderPossession,
    RevokeRecorder,
    RootRecord
} from "../interfaces/INotary.sol";
import {ActHeads} from "../journal/ActHeads.sol";

/// @title EIP-712 struct hashes of what is signed for the notary
/// @dev A type string here is part of the format and never changes; a test writes every one anew from its parts.
library NotaryActs {
    bytes32 internal constant APPOINT_RECORDER_APPROVAL = keccak256(
        "Approval(AppointRecorder act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "AppointRecorder(ActHead head,uint16 institution,uint32 epochBefore,bytes32 keyHash)"
    );
    bytes32 internal constant REVOKE_RECORDER_APPROVAL = keccak256(
        "Approval(RevokeRecorder act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "RevokeRecorder(ActHead head,uint16 institution,uint32 epoch)"
    );
    bytes32 private constant _APPOINT_RECORDER = keccak256(
        "AppointRecorder(ActHead head,uint16 institution,uint32 epochBefore,bytes32 keyHash)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 private constant _REVOKE_RECORDER = keccak256(
        "RevokeRecorder(ActHead head,uint16 institution,uint32 epoch)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 private constant _POSSESSION = keccak256(
        "KeyPossession(bytes32 officerId,bytes32 keyHash,uint32 epoch,uint16 institution)"
    );
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
                    _APPOINT_RECORDER,
                    ActHeads.hash(act.head),
                    act.institution,
                    act.epochBefore,
                    act.keyHash
                )
            );
    }

    function hash(RevokeRecorder calldata act) internal pure returns (bytes32) {
        return keccak256(abi.encode(_REVOKE_RECORDER, ActHeads.hash(act.head), act.institution, act.epoch));
    }

    function hash(RecorderPossession memory possession) internal pure returns (bytes32) {
        return keccak256(abi.encode(_POSSESSION, possession));
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
