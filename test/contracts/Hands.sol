// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {KeyKind} from "../../contracts/interfaces/IConsortium.sol";
import {InstitutionId, OfficeId, OfficerId} from "../../contracts/interfaces/IJournal.sol";
import {Roles} from "../../contracts/power/Roles.sol";
import {VM} from "./Vm.sol";

uint256 constant P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
bytes32 constant RP_ID_HASH = sha256("kudurru.example");
bytes1 constant PRESENT_AND_VERIFIED = 0x05;
uint32 constant BOTH_LAND = Roles.LAND_PREPARER | Roles.LAND_APPROVER;
uint32 constant BOTH_ADMIN = Roles.ADMIN_PREPARER | Roles.ADMIN_APPROVER;
uint32 constant SENIOR = BOTH_LAND | BOTH_ADMIN | Roles.VOTE | Roles.PAUSE | Roles.REVOKE | Roles.AUDITOR;

/// One officer of the tests: record and private key.
struct Hand {
    OfficerId id;
    InstitutionId institution;
    OfficeId office;
    uint32 roles;
    KeyKind kind;
    uint32 epoch;
    uint256 privateKey;
}

/// @title The officers of the tests, and what they sign
/// @notice With real secp256k1, P-256 and WebAuthn keys, which follow from institution and number.
library Hands {
    /// One of the two officers of every role an institution has, for every office.
    function senior(uint16 institution, uint256 which) internal pure returns (Hand memory) {
        return officer(institution, 0, SENIOR, KeyKind.Secp256k1, which);
    }

    /// The one whom the founding asks for so that one lost officer ends nothing; the tests name it nowhere else.
    function third(uint16 institution) internal pure returns (Hand memory) {
        return officer(institution, 0, BOTH_ADMIN, KeyKind.Secp256k1, 4);
    }

    function p256Hand() internal pure returns (Hand memory) {
        return officer(1, 7, BOTH_LAND, KeyKind.P256, 2);
    }

    function passkeyHand() internal pure returns (Hand memory) {
        return officer(1, 7, BOTH_LAND, KeyKind.WebAuthn, 3);
    }

    function officer(
        uint16 institution,
        uint32 office,
        uint32 roles,
        KeyKind kind,
        uint256 which
    ) internal pure returns (Hand memory) {
        Hand memory hand = Hand({
            id: OfficerId.wrap(0),
            institution: InstitutionId.wrap(institution),
            office: OfficeId.wrap(office),
            roles: roles,
            kind: kind,
            epoch: 1,
            privateKey: uint256(keccak256(abi.encode("key", institution, which, uint256(1)))) >> 2
        });
        hand.id = idOf(hand);
        return hand;
    }

    function idOf(Hand memory hand) internal pure returns (OfficerId) {
        return OfficerId.wrap(keccak256(abi.encode(keccak256(publicKeyOf(hand)), saltOf(hand))));
    }

    function saltOf(Hand memory hand) internal pure returns (bytes32) {
        return keccak256(abi.encode("salt", hand.privateKey));
    }

    /// The same officer with the spare key, a secp256k1 key of epoch 2.
    function spareOf(Hand memory hand) internal pure returns (Hand memory spare) {
        spare = abi.decode(abi.encode(hand), (Hand));
        (spare.kind, spare.epoch) = (KeyKind.Secp256k1, 2);
        spare.privateKey = uint256(keccak256(abi.encode("spare", hand.privateKey))) >> 2;
    }

    function publicKeyOf(Hand memory hand) internal pure returns (bytes memory) {
        if (hand.kind == KeyKind.Secp256k1) return abi.encodePacked(VM.addr(hand.privateKey));
        (uint256 x, uint256 y) = VM.publicKeyP256(hand.privateKey);
        return abi.encode(x, y);
    }

    function sign(Hand memory hand, bytes32 digest) internal pure returns (bytes memory) {
        if (hand.kind == KeyKind.Secp256k1) {
            (bytes32 r, bytes32 vs) = VM.signCompact(hand.privateKey, digest);
            return abi.encodePacked(r, vs);
        }
        if (hand.kind == KeyKind.P256) {
            return bytes.concat(publicKeyOf(hand), p256(hand.privateKey, digest));
        }
        return bytes.concat(publicKeyOf(hand), passkeyAnswer(hand, digest, RP_ID_HASH, PRESENT_AND_VERIFIED));
    }

    /// What a passkey answers, as OpenZeppelin's verifier reads it.
    function passkeyAnswer(
        Hand memory hand,
        bytes32 digest,
        bytes32 rpIdHash,
        bytes1 flags
    ) internal pure returns (bytes memory) {
        bytes memory authenticatorData = abi.encodePacked(rpIdHash, flags, uint32(0));
        string memory clientData = string.concat(
            '{"type":"webauthn.get","challenge":"',
            Base64.encodeURL(abi.encodePacked(digest)),
            '","origin":"https://kudurru.example","crossOrigin":false}'
        );
        bytes32 message = sha256(abi.encodePacked(authenticatorData, sha256(bytes(clientData))));
        bytes memory signature = p256(hand.privateKey, message);
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        return abi.encode(r, s, uint256(23), uint256(1), authenticatorData, clientData);
    }

    /// The low-s form, which OpenZeppelin asks for.
    function p256(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = VM.signP256(privateKey, digest);
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        return abi.encodePacked(r, s);
    }
}
