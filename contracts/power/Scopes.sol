// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a pause can stop: bits of the scope word
/// @notice Numbers are part of the format; a new scope takes the next free bit.
library Scopes {
    uint32 internal constant LAND = 1 << 0;
    uint32 internal constant DISBURSEMENT = 1 << 1;
    /// @dev Stopping it refuses people food, so one officer alone never can.
    uint32 internal constant REDEMPTION = 1 << 2;
    uint32 internal constant SETTLEMENT = 1 << 3;
    /// @dev Appointments, changes of keys and the freeing of the suspended; never votes or revocations, which repair.
    uint32 internal constant OFFICERS = 1 << 4;

    /// @dev Every bit that means something: a pause of another one is refused.
    uint32 internal constant ALL = (1 << 5) - 1;
}
