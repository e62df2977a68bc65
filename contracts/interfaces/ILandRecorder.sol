// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead, Signatures} from "./IJournal.sol";
import {BAUnitId, BAUnitState, InstrumentId, LandAct} from "./LandState.sol";

/// @notice One unit as an act leaves it.
/// @param baUnit The unit.
/// @param replaces State hash it replaces, or zero for a new unit.
/// @param state Its state after the act.
struct Change {
    BAUnitId baUnit;
    bytes32 replaces;
    BAUnitState state;
}

/// @notice An act whose rules have been applied.
/// @param head Its head.
/// @param act What it is.
/// @param actHash Its EIP-712 struct hash.
/// @param approvalTypeHash Type hash of `Approval` over its type.
/// @param assisted A holding was met for which no key signs: two institutions must sign.
/// @param instruments Instruments the act uses up, each once.
/// @param changes The units it changes or makes, in the order of their entries.
struct Recording {
    ActHead head;
    LandAct act;
    bytes32 actHash;
    bytes32 approvalTypeHash;
    bool assisted;
    InstrumentId[] instruments;
    Change[] changes;
}

/// @title How a rule contract hands its result to the register
interface ILandRecorder {
    /// @notice Checks the officers, keeps the new states, claims the spatial units of new units, retires those
    /// of retired ones, and journals one entry a change. Only the register's own rule contract for the act.
    /// @param recording The act and its result.
    /// @param signatures Both officers'.
    function record(Recording calldata recording, Signatures calldata signatures) external;

    /// @notice Keeps a state from which what lapsed was dropped, and journals it without officers. Only the
    /// register's own rule contract of charges.
    /// @param change The unit after the sweep.
    function recordSweep(Change calldata change) external;
}
