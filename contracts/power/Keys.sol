// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {WebAuthn} from "@openzeppelin/contracts/utils/cryptography/WebAuthn.sol";
import {Key, KeyKind} from "../interfaces/IConsortium.sol";
import {Secp256k1} from "../journal/Secp256k1.sol";

/// @title Which key signed a digest
/// @notice Hides the three forms of a signature. Promises that whoever relays one adds nothing to it: what stands in a log is what
/// was signed with, in one encoding. A signature is never an identifier: P-256 accepts two for one message.
library Keys {
    /// @dev qx || qy, which stand before the verifier's own signature bytes.
    uint256 internal constant PUBLIC_KEY_BYTES = 64;
    /// @dev r || s of a P-256 key.
    uint256 private constant _P256_PROOF_BYTES = 64;
    /// @dev rpIdHash, flags, counter: what WebAuthn puts first into every authenticatorData.
    uint256 private constant _AUTHENTICATOR_DATA_MIN_BYTES = 37;

    /// @notice Whether a key signed. Whether its verifier is allowed is for the caller to ask.
    /// @dev In memory, as a constructor has no calldata; the usual check of a secp256k1 key reads calldata instead.
    function isSigned(Key memory key, bytes32 digest, bytes memory signature) internal view returns (bool) {
        if (key.kind == KeyKind.Secp256k1) {
            if (signature.length != Secp256k1.SIGNATURE_BYTES) return false;
            (bytes32 r, bytes32 vs) = abi.decode(signature, (bytes32, bytes32));
            return isOf(Secp256k1.recover(digest, r, vs), key.keyHash);
        }
        if (signature.length < PUBLIC_KEY_BYTES) return false;
        bytes memory publicKey = Bytes.slice(signature, 0, PUBLIC_KEY_BYTES);
        bytes memory proof = Bytes.slice(signature, PUBLIC_KEY_BYTES);
        if (key.kind == KeyKind.P256 && proof.length != _P256_PROOF_BYTES) return false;
        return
            keccak256(publicKey) == key.keyHash &&
            _isVerified(key.verifier, publicKey, digest, proof) &&
            (key.kind != KeyKind.WebAuthn || _isForRelyingParty(proof, key.rpIdHash));
    }

    /// @notice Whether a signer is the address with this hash; the zero address is nobody's.
    function isOf(address signer, bytes32 keyHash) internal pure returns (bool) {
        return signer != address(0) && keccak256(abi.encodePacked(signer)) == keyHash;
    }

    /// @dev OpenZeppelin's `SignatureChecker` without the ways of an account, which no key of ours has.
    function _isVerified(
        address verifier,
        bytes memory publicKey,
        bytes32 digest,
        bytes memory proof
    ) private view returns (bool) {
        (bool answered, bytes memory answer) = verifier.staticcall(
            abi.encodeCall(IERC7913SignatureVerifier.verify, (publicKey, digest, proof))
        );
        return
            answered &&
            answer.length >= 32 &&
            bytes32(answer) == bytes32(IERC7913SignatureVerifier.verify.selector);
    }

    /// @dev Whether a passkey answered the relying party of its record, and verified its user: OpenZeppelin's verifier
    /// does not look at the first, and another verifier might not at the second; and whether nothing stands behind or
    /// between what it answered. The verifier has read these bytes, so they decode.
    function _isForRelyingParty(bytes memory proof, bytes32 rpIdHash) private pure returns (bool) {
        (
            bytes32 r,
            bytes32 s,
            uint256 challengeIndex,
            uint256 typeIndex,
            bytes memory authenticatorData,
            string memory clientDataJSON
        ) = abi.decode(proof, (bytes32, bytes32, uint256, uint256, bytes, string));
        bytes memory plain = abi.encode(r, s, challengeIndex, typeIndex, authenticatorData, clientDataJSON);
        return
            keccak256(plain) == keccak256(proof) &&
            authenticatorData.length >= _AUTHENTICATOR_DATA_MIN_BYTES &&
            bytes32(authenticatorData) == rpIdHash &&
            authenticatorData[32] & WebAuthn.AUTH_DATA_FLAGS_UV != 0;
    }
}
