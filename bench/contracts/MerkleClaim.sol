// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

/// @title What a person does without a card: claims from a published root, once
/// @notice Measured beside the benefit ledger, never deployed with it. It checks no signature: whoever knows the
/// proof may send the claim.
contract MerkleClaim {
    using BitMaps for BitMaps.BitMap;
    using SafeERC20 for IERC20;

    IERC20 private immutable _token;
    bytes32 private immutable _root;
    BitMaps.BitMap private _claimed;

    event Claimed(uint256 index, address account, uint256 units);

    error AlreadyClaimed();
    error ProofInvalid();

    constructor(IERC20 token, bytes32 root) {
        _token = token;
        _root = root;
    }

    /// @notice Pays a person's units out of what this contract holds.
    function claim(uint256 index, address account, uint256 units, bytes32[] calldata proof) external {
        if (_claimed.get(index)) revert AlreadyClaimed();
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(index, account, units))));
        if (!MerkleProof.verifyCalldata(proof, _root, leaf)) revert ProofInvalid();
        _claimed.set(index);
        _token.safeTransfer(account, units);
        emit Claimed(index, account, units);
    }
}
