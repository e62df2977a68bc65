// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../interfaces/IConsortium.sol";

/// @title The values the registers obey
/// @notice Promises that every name that was ever set can be read out, so that a successor can be held to each (P11).
library Policies {
    /// @dev Most names, so that comparing them all fits any block (P7).
    uint256 private constant _MAX_NAMES = 64;

    struct Table {
        mapping(bytes32 name => uint256) values;
        bytes32[] names;
    }

    /// @notice Sets a value under a name.
    function set(Table storage self, bytes32 name, uint256 value) internal {
        self.values[name] = value;
        uint256 count = self.names.length;
        for (uint256 i = 0; i < count; ++i) if (self.names[i] == name) return;
        if (count == _MAX_NAMES) revert IConsortium.TooManyPolicies(_MAX_NAMES);
        self.names.push(name);
    }
}
