// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead} from "../interfaces/IJournal.sol";
import {StructHash} from "./StructHash.sol";

/// @title What every act begins with, and the EIP-712 types made with it
/// @notice Spells the head and the approval once for all registers. A test makes each type anew from its struct.
library ActHeads {
    /// EIP-712 type of the head.
    string internal constant TYPE =
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)";

    bytes private constant _APPROVAL_FIELDS = " act,bytes32 approver,uint32 approverEpoch,uint64 deadline)";

    /// Words of a head: a static struct of so many fields, the first of every act.
    uint256 internal constant WORDS = 9;

    /// @notice EIP-712 struct hash of a head.
    /// @dev It is copied into memory first, which reverts on a field that holds more bits than its type: so what was
    /// signed is what every reader of the ledger sees.
    function hash(ActHead memory head) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := head
        }
        return StructHash.ofWords(keccak256(bytes(TYPE)), pointer, WORDS);
    }

    /// @notice Type hash of an act, whose string refers to the head and to nothing else.
    function typeHashOf(string memory act) internal pure returns (bytes32) {
        return keccak256(bytes.concat(bytes(act), bytes(TYPE)));
    }

    /// @notice Type hash of `Approval` over such an act; "ActHead" comes before every act in the alphabet.
    function approvalTypeHashOf(string memory act) internal pure returns (bytes32) {
        return approvalTypeHashOf(act, bytes(act));
    }

    /// @notice Type hash of an act that refers to other types too, whose strings follow in the order of the alphabet.
    function typeHashOf(string memory act, string memory others) internal pure returns (bytes32) {
        return keccak256(bytes.concat(bytes(act), bytes(TYPE), bytes(others)));
    }

    /// @notice Type hash of `Approval` over an act that refers to other types too.
    /// @param sorted The act's own string and those it refers to, in the order of the alphabet.
    function approvalTypeHashOf(string memory act, bytes memory sorted) internal pure returns (bytes32) {
        return
            keccak256(bytes.concat("Approval(", _nameOf(bytes(act)), _APPROVAL_FIELDS, bytes(TYPE), sorted));
    }

    function _nameOf(bytes memory act) private pure returns (bytes memory name) {
        uint256 length = 0;
        while (act[length] != "(") ++length;
        name = new bytes(length);
        for (uint256 i = 0; i < length; ++i) name[i] = act[i];
    }
}
