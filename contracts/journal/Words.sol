// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";

/// @title Fields in a storage word
/// @notice Promises that a field never spills into its neighbour: a value that does not fit is a bug and panics.
library Words {
    function load(bytes32 slot) internal view returns (uint256) {
        return StorageSlot.getUint256Slot(slot).value;
    }

    function store(bytes32 slot, uint256 word) internal {
        StorageSlot.getUint256Slot(slot).value = word;
    }

    /// @notice The slot `count` after another.
    function after_(bytes32 slot, uint256 count) internal pure returns (bytes32) {
        unchecked {
            return bytes32(uint256(slot) + count);
        }
    }

    /// @notice The field of `bits` that begins at bit `from`.
    function read(uint256 word, uint256 from, uint256 bits) internal pure returns (uint256) {
        unchecked {
            return (word >> from) & ((1 << bits) - 1);
        }
    }

    /// @notice A value shifted to where its field begins.
    function put(uint256 value, uint256 from, uint256 bits) internal pure returns (uint256) {
        assert(value >> bits == 0);
        return value << from;
    }
}
