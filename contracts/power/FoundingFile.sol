// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Founding} from "../interfaces/IConsortium.sol";

/// @title The founding file as code: written once, read whole, changed by nobody
/// @notice The consortium deploys it, so that views can start from it at any later block: records change,
/// and a node that forgot old states could not tell what they were.
/// @dev The encoding of a struct with arrays begins with a zero byte, which is STOP: calling it does nothing.
contract FoundingFile {
    /// @param file What the consortium was founded with.
    constructor(Founding memory file) {
        bytes memory content = abi.encode(file);
        assembly ("memory-safe") {
            return(add(content, 0x20), mload(content))
        }
    }
}
