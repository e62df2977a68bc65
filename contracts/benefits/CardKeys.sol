// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {KeyKind} from "../interfaces/IConsortium.sol";
import {Secp256k1} from "../journal/Secp256k1.sol";

/// @title Keys of cards and tills, known by 160 bits
/// @notice Hides how each kind is verified. Answers false, never reverts, on a signature of somebody else.
library CardKeys {
    /// @notice Whether the secp256k1 key with this address signed; a high s is refused.
    /// @dev Called with no zero `keyId`, which is what recovers from no signature.
    function signedSecp256k1(
        address keyId,
        bytes32 digest,
        bytes32 r,
        bytes32 vs
    ) internal pure returns (bool) {
        return Secp256k1.recover(digest, r, vs) == keyId;
    }

    /// @notice Whether the P-256 key qx || qy has this id and signed; a high s is refused.
    function signedP256(
        address keyId,
        bytes32 digest,
        bytes32 r,
        bytes32 s,
        bytes32 qx,
        bytes32 qy
    ) internal view returns (bool) {
        return
            address(uint160(uint256(Hashes.efficientKeccak256(qx, qy)))) == keyId &&
            P256.verifyNative(digest, r, s, qx, qy);
    }

    /// @notice Whether a key signed: r and vs of secp256k1, or r, s, qx and qy of P-256.
    function signed(
        KeyKind kind,
        address keyId,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (bool) {
        if (kind == KeyKind.Secp256k1) {
            return
                signature.length == 64 &&
                signedSecp256k1(keyId, digest, bytes32(signature[:32]), bytes32(signature[32:]));
        }
        return
            signature.length == 128 &&
            signedP256(
                keyId,
                digest,
                bytes32(signature[:32]),
                bytes32(signature[32:64]),
                bytes32(signature[64:96]),
                bytes32(signature[96:])
            );
    }
}
