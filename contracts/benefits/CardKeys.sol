// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {KeyKind} from "../interfaces/IConsortium.sol";

/// @title Keys of cards and tills, known by 160 bits
/// @notice Hides how each kind is verified. Answers false, never reverts, on a signature of somebody else.
library CardKeys {
    /// Half the order of secp256k1: of a signature's two values of s, the low one is the one that counts.
    uint256 private constant _HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Whether the secp256k1 key with this address signed; a high s is refused.
    /// @dev Called with no zero `keyId`, which is what recovers from no signature.
    function signedSecp256k1(
        address keyId,
        bytes32 digest,
        bytes32 r,
        bytes32 vs
    ) internal pure returns (bool) {
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        if (s > _HALF_ORDER) return false;
        return ecrecover(digest, uint8((uint256(vs) >> 255) + 27), r, bytes32(s)) == keyId;
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
