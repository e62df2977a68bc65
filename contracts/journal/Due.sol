// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../interfaces/IConsortium.sol";

/// @title The only clock
/// @notice Nothing else reads `block.timestamp`, so every rule of time is found by its call here. A recorded halt extends
/// what `passed` is asked of, and nothing else.
library Due {
    /// @notice The block's time in Unix seconds: for what is recorded, and for lengths of time that halts do not stretch.
    function now_() internal view returns (uint64) {
        return uint64(block.timestamp);
    }

    /// @notice Whether a moment before which nothing may happen has come. Halts do not move it.
    function reached(uint64 moment) internal view returns (bool) {
        return block.timestamp >= moment;
    }

    /// @notice Whether the last second of a deadline, or of a wait that protects somebody, is over.
    /// @dev The halts are asked only once the bare deadline is over, so the usual act pays nothing for them.
    function passed(uint64 deadline, IConsortium consortium) internal view returns (bool) {
        return block.timestamp > deadline && block.timestamp > consortium.extended(deadline);
    }
}
