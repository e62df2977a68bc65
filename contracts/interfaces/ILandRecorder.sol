// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead, Signatures} from "./IJournal.sol";
import {Child} from "./LandActs.sol";
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
/// @param consents What `ConsentsTaken` says of the consents it took.
/// @param instruments Instruments the act uses up, each once.
/// @param changes The units it changes or makes, in the order of their entries.
struct Recording {
    ActHead head;
    LandAct act;
    bytes32 actHash;
    bytes32 approvalTypeHash;
    bool assisted;
    bytes32[] consents;
    InstrumentId[] instruments;
    Change[] changes;
}

/// @notice An act that no officer signs, because the ledger already says that it is due.
/// @param act A sweep, or the completion of a division.
/// @param changes The units it changes or makes, in the order of their entries.
/// @param orders EIP-712 struct hash of what each change is, one a change: its digest is the id of the entry, so each
/// entry can be held against its own state alone. No two changes ever share one.
struct Unsigned {
    LandAct act;
    Change[] changes;
    bytes32[] orders;
}

/// @notice Children of a dividing unit, found to be the next of its fold.
/// @param baUnit The dividing unit.
/// @param order EIP-712 struct hash of `LoadChildren`: its digest is the id of the entry.
/// @param rest What the children after these fold to.
/// @param children The children, in order.
/// @param claims What the slot of each child holds until it is made.
struct Load {
    BAUnitId baUnit;
    bytes32 order;
    bytes32 rest;
    Child[] children;
    bytes32[] claims;
}

/// @title How a rule contract hands its result to the register
interface ILandRecorder {
    /// @notice Checks the officers, keeps the new states, claims the spatial units of new units, retires those
    /// of retired ones, and journals one entry a change. Only the register's own rule contract for the act.
    /// @param recording The act and its result.
    /// @param signatures Both officers'.
    function record(Recording calldata recording, Signatures calldata signatures) external;

    /// @notice Keeps the states of an act without officers and journals one entry a change. Only the register's own
    /// rule contract for the act.
    /// @param recording The act and its result.
    function recordUnsigned(Unsigned calldata recording) external;

    /// @notice Claims ids and spatial units of children of a dividing unit, and journals one entry. Only the register's
    /// own rule contract of divisions.
    /// @param load The children.
    function recordLoad(Load calldata load) external;
}
