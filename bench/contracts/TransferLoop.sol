// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title What an agency does without a ledger of entitlements: tokens sent to everybody in a loop
/// @notice Measured beside the benefit ledger, never deployed with it.
contract TransferLoop is ERC20 {
    constructor(uint256 supply) ERC20("Units", "UNIT") {
        _mint(msg.sender, supply);
    }

    /// @notice Sends each person their units.
    function disburse(address[] calldata people, uint256[] calldata units) external {
        for (uint256 i = 0; i < people.length; ++i) {
            _transfer(msg.sender, people[i], units[i]);
        }
    }
}
