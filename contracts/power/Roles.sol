// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What an officer may do: bits of the roles word in an officer's record
/// @notice Numbers are part of the format; a new role takes the next free bit.
library Roles {
    uint32 internal constant LAND_PREPARER = 1 << 0;
    uint32 internal constant LAND_APPROVER = 1 << 1;
    uint32 internal constant AID_PREPARER = 1 << 2;
    uint32 internal constant AID_APPROVER = 1 << 3;
    /// @dev Manage the officers of the own institution.
    uint32 internal constant ADMIN_PREPARER = 1 << 4;
    uint32 internal constant ADMIN_APPROVER = 1 << 5;
    /// @dev Casts the vote of a member institution.
    uint32 internal constant VOTE = 1 << 6;
    /// @dev Stops a scope for a short time, alone.
    uint32 internal constant PAUSE = 1 << 7;
    /// @dev Suspends a colleague, alone and for a bounded time.
    uint32 internal constant REVOKE = 1 << 8;
    /// @dev Signs the orders of a court.
    uint32 internal constant COURT = 1 << 9;
    uint32 internal constant AUDITOR = 1 << 10;
    uint32 internal constant STEWARD_PREPARER = 1 << 11;
    uint32 internal constant STEWARD_APPROVER = 1 << 12;
    /// @dev Overrides a failed authentication of a person, as the second officer (AA1).
    uint32 internal constant OVERRIDE = 1 << 13;

    /// @dev What is left to an officer who suspended a colleague alone: neither votes nor power nor aid.
    uint32 internal constant WHILE_NARROWED = LAND_PREPARER | LAND_APPROVER | COURT | AUDITOR;

    /// @dev Every bit that means something: an appointment with another one is refused.
    uint32 internal constant ALL = (1 << 14) - 1;
}
