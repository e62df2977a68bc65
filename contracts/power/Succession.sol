// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {Constitution, IConsortium} from "../interfaces/IConsortium.sol";
import {ICouncil} from "../interfaces/ICouncil.sol";
import {ISafeguards} from "../interfaces/ISafeguards.sol";
import {Scopes} from "./Scopes.sol";

/// @title Whether a successor is at least as strong as what it replaces (P11)
/// @notice A vote to replace what governs is not a way around the votes that phase, waits and pauses
/// would need: the successor begins with no less, and changes it by votes of its own.
library Succession {
    /// @notice Reverts unless the consortium at `target` begins seated where this one is, with waits no shorter
    /// and the same safeguards.
    function requireAsStrong(IConsortium current, address target) internal view {
        if (target.code.length == 0) revert ICharter.NotAContract();
        IConsortium next = IConsortium(target);
        Constitution memory now_ = current.constitution();
        Constitution memory then_ = next.constitution();
        if (
            (now_.seated && !then_.seated) ||
            then_.wideningWaitSeconds < now_.wideningWaitSeconds ||
            then_.appointmentWaitSeconds < now_.appointmentWaitSeconds ||
            address(next.safeguards()) != address(current.safeguards())
        ) revert ICouncil.SuccessorIsWeaker();
    }

    /// @notice Scopes paused and how long each stood still, for comparing before and after.
    function pausesOf(ISafeguards safeguards) internal view returns (bytes32) {
        uint64[] memory times = new uint64[](64);
        uint256 count = 0;
        for (uint32 scope = 1; scope & Scopes.ALL != 0; scope <<= 1) {
            (times[count], times[count + 1]) = safeguards.pauseClock(scope);
            count += 2;
        }
        return keccak256(abi.encode(safeguards.inForce(Scopes.ALL), times));
    }
}
