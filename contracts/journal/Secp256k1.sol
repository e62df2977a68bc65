// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Whose secp256k1 key signed
/// @notice The one place that recovers an address. Promises that a signature has one form: a high s is refused.
library Secp256k1 {
    /// @dev r and vs of ERC-2098: an account with code cannot take the ERC-1271 path, and no second form exists.
    uint256 internal constant SIGNATURE_BYTES = 64;
    /// @dev Half the order of the curve: of a signature's two values of s, the low one is the one that counts.
    uint256 private constant _HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice The address whose key signed a digest, or zero where nobody's did.
    function recover(bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (address) {
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        if (s > _HALF_ORDER) return address(0);
        return ecrecover(digest, uint8((uint256(vs) >> 255) + 27), r, bytes32(s));
    }

    /// @notice As `recover`, from the 64 bytes of a signature; zero for bytes of any other length.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address) {
        if (signature.length != SIGNATURE_BYTES) return address(0);
        return recover(digest, bytes32(signature[:32]), bytes32(signature[32:]));
    }
}
