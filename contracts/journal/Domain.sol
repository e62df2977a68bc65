// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IJournal} from "../interfaces/IJournal.sol";

/// @title The EIP-712 domain of a register
/// @notice Promises that a signature means something on one ledger, in one register, on one chain: the domain
/// names all three, the ledger by the nonce of its founding file.
/// @dev The separator is computed once, as OpenZeppelin's EIP712 does, which has no salt: a copy of the chain
/// under another number computes it anew.
abstract contract Domain is IJournal {
    bytes32 private constant _DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
    );
    bytes32 private constant _VERSION_HASH = keccak256("1");

    /// @inheritdoc IJournal
    bytes32 public immutable ledgerNonce;
    bytes32 private immutable _nameHash;
    bytes32 private immutable _firstSeparator;
    uint256 private immutable _firstChainId;

    /// @param name Name of the register.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    constructor(string memory name, bytes32 ledgerNonce_) {
        if (ledgerNonce_ == 0) revert LedgerNonceMissing();
        ledgerNonce = ledgerNonce_;
        _nameHash = keccak256(bytes(name));
        _firstChainId = block.chainid;
        _firstSeparator = _separator();
    }

    /// @inheritdoc IJournal
    function domainSeparator() public view returns (bytes32) {
        return block.chainid == _firstChainId ? _firstSeparator : _separator();
    }

    /// @notice What a key signs for a struct of this hash.
    function _digestOf(bytes32 structHash) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domainSeparator(), structHash);
    }

    function _separator() private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _DOMAIN_TYPEHASH,
                    _nameHash,
                    _VERSION_HASH,
                    block.chainid,
                    address(this),
                    ledgerNonce
                )
            );
    }
}
