// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, Key} from "../../contracts/interfaces/IConsortium.sol";
import {Measure} from "../../contracts/interfaces/ICouncil.sol";
import {ActHead, Approval, IJournal, Signatures} from "../../contracts/interfaces/IJournal.sol";
import {Hand, Hands} from "./Hands.sol";
import {LEDGER_NONCE, VM} from "./Vm.sol";

string constant HEAD_TYPE =
    "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)";
string constant KEY_TYPE = "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)";
string constant APPOINTMENT_TYPE =
    "Appointment(bytes32 salt,uint16 institution,uint32 office,uint32 roles,Key key,Key spare)";
string constant MEASURE_TYPE =
    "Measure(uint8 kind,uint16 institution,address target,bytes32 name,uint256 value,bytes32 appointmentsHash,uint64 closesAt,uint128 salt)";

/// @title What is signed, as EIP-712 has it
/// @notice Written here anew: a contract that hashed another message would fail every test.
library Typed {
    function headHash(ActHead memory head) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(HEAD_TYPE)), head));
    }

    function keyHash(Key memory key) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(KEY_TYPE)), key));
    }

    function appointmentHash(Appointment memory a) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(abi.encodePacked(APPOINTMENT_TYPE, KEY_TYPE));
        return
            keccak256(
                abi.encode(
                    typeHash,
                    a.salt,
                    a.institution,
                    a.office,
                    a.roles,
                    keyHash(a.key),
                    keyHash(a.spare)
                )
            );
    }

    function measureHash(Measure memory measure) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(MEASURE_TYPE)), measure));
    }

    function digest(
        IJournal register,
        string memory name,
        bytes32 structHash
    ) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator(register, name), structHash));
    }

    /// Computed here: a call would be the one that a test expects to be refused.
    function separator(IJournal register, string memory name) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
                    ),
                    keccak256(abi.encodePacked("Kudurru ", name)),
                    keccak256("1"),
                    block.chainid,
                    address(register),
                    LEDGER_NONCE
                )
            );
    }

    /// What a card and a till sign is of the ledger, whichever register it is posted to.
    function saleDigest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,bytes32 salt)"),
                keccak256("Kudurru Sale"),
                keccak256("1"),
                block.chainid,
                LEDGER_NONCE
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// Both signatures over an act, its approval typed from the given parts.
    function signed(
        IJournal register,
        string memory name,
        string memory actName,
        string memory referenced,
        bytes32 actHash,
        Hand memory preparer,
        Hand memory approver
    ) internal view returns (Signatures memory signatures) {
        signatures.approval = Approval(approver.id, approver.epoch, uint64(VM.getBlockTimestamp() + 1 hours));
        bytes32 approvalType = keccak256(
            abi.encodePacked(
                "Approval(",
                actName,
                " act,bytes32 approver,uint32 approverEpoch,uint64 deadline)",
                referenced
            )
        );
        signatures.preparer = Hands.sign(preparer, digest(register, name, actHash));
        bytes32 approvalHash = keccak256(abi.encode(approvalType, actHash, signatures.approval));
        signatures.approver = Hands.sign(approver, digest(register, name, approvalHash));
    }

    function foundingSeparator(bytes32 ledgerNonce) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,bytes32 salt)"),
                    keccak256("Kudurru Consortium"),
                    keccak256("1"),
                    ledgerNonce
                )
            );
    }
}
