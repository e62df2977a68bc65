// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC7913P256Verifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol";
import {ERC7913WebAuthnVerifier} from "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913WebAuthnVerifier.sol";

/// @title OpenZeppelin's verifier of P-256 keys, compiled with the ledger
contract P256Verifier is ERC7913P256Verifier {}

/// @title OpenZeppelin's verifier of passkeys, compiled with the ledger; it always asks for a verified user
contract PasskeyVerifier is ERC7913WebAuthnVerifier {}
