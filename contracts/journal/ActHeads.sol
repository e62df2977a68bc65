// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead} from "../interfaces/IJournal.sol";
import {StructHash} from "./StructHash.sol";

/// @title The one hash of an act's head
/// @dev The head is copied into memory first, which reverts on a field that holds more bits than its type: so
/// what was signed is what every reader of the ledger sees.
library ActHeads {
    bytes32 private constant _ACT_HEAD = keccak256(
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    uint256 private constant _FIELDS = 9;

    /// @notice EIP-712 struct hash of a head.
    function hash(ActHead memory head) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := head
        }
        return StructHash.ofWords(_ACT_HEAD, pointer, _FIELDS);
    }
}
