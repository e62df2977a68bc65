// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {WebAuthn} from "@openzeppelin/contracts/utils/cryptography/WebAuthn.sol";

/// @title Which key signed a digest
/// @notice Hides the three forms of a signature. Promises to answer false, never to revert, on malformed
/// bytes. A signature is never an identifier: P-256 accepts two for one message.
library Keys {
    /// @dev r and vs of ERC-2098: an account with code cannot take the ERC-1271 path, and no second form exists.
    uint256 private constant _SECP256K1_SIGNATURE_BYTES = 64;
    /// @dev qx || qy, which stand before the verifier's own signature bytes.
    uint256 internal constant PUBLIC_KEY_BYTES = 64;
    /// @dev rpIdHash, flags, counter: what WebAuthn puts first into every authenticatorData.
    uint256 private constant _AUTHENTICATOR_DATA_MIN_BYTES = 37;

    /// @notice Whether the secp256k1 key with this hash signed; refuses a high s and the zero address.
    function isSecp256k1(
        bytes32 keyHash,
        bytes32 digest,
        bytes calldata signature
    ) internal pure returns (bool) {
        if (signature.length != _SECP256K1_SIGNATURE_BYTES) return false;
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecover(
            digest,
            bytes32(signature[:32]),
            bytes32(signature[32:])
        );
        return problem == ECDSA.RecoverError.NoError && keccak256(abi.encodePacked(signer)) == keyHash;
    }

    /// @notice Whether an ERC-7913 verifier says that the public key signed.
    function isVerified(
        address verifier,
        bytes calldata publicKey,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (bool) {
        return
            publicKey.length == PUBLIC_KEY_BYTES &&
            SignatureChecker.isValidSignatureNow(
                bytes.concat(bytes20(verifier), publicKey),
                digest,
                signature
            );
    }

    /// @notice Whether a passkey's answer was given to the relying party of the record, by a verified user
    /// where the record asks for one: OpenZeppelin's verifier looks at neither.
    /// @dev Bounds are those of the same `tryDecodeAuth` the verifier uses, so both read the same bytes.
    function isForRelyingParty(
        bytes calldata signature,
        bytes32 rpIdHash,
        bool requireUV
    ) internal pure returns (bool) {
        (bool decoded, WebAuthn.WebAuthnAuth calldata auth) = WebAuthn.tryDecodeAuth(signature);
        if (!decoded || auth.authenticatorData.length < _AUTHENTICATOR_DATA_MIN_BYTES) return false;
        bytes1 flags = auth.authenticatorData[32];
        return
            bytes32(auth.authenticatorData[:32]) == rpIdHash &&
            (!requireUV || flags & WebAuthn.AUTH_DATA_FLAGS_UV != 0);
    }
}
