// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title EIP-712 struct hashes of what already lies in memory
/// @notice A memory struct of value types is its own EIP-712 encoding, one clean word a field. So the type
/// hash is laid in the word before it, the run is hashed where it stands, and the word is put back: no copy.
/// @dev Assembly because of what it saves: about 1,200 gas a registered title against abi.encode. The words
/// overwritten belong to allocated memory (or the zero slot) and are restored before the block ends; scratch
/// space is taken beyond the free pointer and never claimed.
library StructHash {
    /// @notice keccak256(typeHash, the `words` words from `pointer`).
    function ofWords(bytes32 typeHash, uint256 pointer, uint256 words) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let before := sub(pointer, 0x20)
            let kept := mload(before)
            mstore(before, typeHash)
            hash := keccak256(before, shl(5, add(words, 1)))
            mstore(before, kept)
        }
    }

    /// @notice Hash of an array of structs of `words` value fields: keccak256 of their hashes in order.
    /// @param array Pointer to a memory array of structs: its length, then one pointer an element.
    function ofArray(bytes32 typeHash, uint256 array, uint256 words) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let size := shl(5, mload(array))
            let scratch := mload(0x40)
            let run := shl(5, add(words, 1))
            for {
                let i := 0
            } lt(i, size) {
                i := add(i, 0x20)
            } {
                let before := sub(mload(add(add(array, 0x20), i)), 0x20)
                let kept := mload(before)
                mstore(before, typeHash)
                mstore(add(scratch, i), keccak256(before, run))
                mstore(before, kept)
            }
            hash := keccak256(scratch, size)
        }
    }

    /// @notice As `ofWords` for a struct whose last field is an array already hashed.
    /// @param words Number of fields, the last included.
    function ofWordsEndingIn(
        bytes32 typeHash,
        uint256 pointer,
        uint256 words,
        bytes32 last
    ) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let before := sub(pointer, 0x20)
            let end := add(pointer, shl(5, sub(words, 1)))
            let keptBefore := mload(before)
            let keptEnd := mload(end)
            mstore(before, typeHash)
            mstore(end, last)
            hash := keccak256(before, shl(5, add(words, 1)))
            mstore(end, keptEnd)
            mstore(before, keptBefore)
        }
    }

    /// @notice keccak256 of a run of words: how EIP-712 hashes an array of hashes or of ids.
    function ofHashes(bytes32[] memory hashes) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(hashes, 0x20), shl(5, mload(hashes)))
        }
    }
}
