// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {EntryId, InstitutionId, NO_OFFICER, Signatures} from "../interfaces/IJournal.sol";
import {
    ISafeguards,
    KIND_LONG_PAUSE,
    KIND_SHORT_PAUSE,
    KIND_UNPAUSE,
    LongPause,
    ShortPause,
    Unpause
} from "../interfaces/ISafeguards.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Acts} from "../journal/Acts.sol";
import {Journal} from "../journal/Journal.sol";
import {Halts} from "./Halts.sol";
import {Needs} from "./Needs.sol";
import {Pauses} from "./Pauses.sol";
import {PowerActs} from "./PowerActs.sol";
import {Roles} from "./Roles.sol";
import {Scopes} from "./Scopes.sol";

/// @title Pauses and halts
/// @notice Keeps which scopes are stopped and when the chain stood still. Promises that one officer can stop
/// something only for a short time and never food, that two institutions can stop anything and alone end what another
/// stopped, and that only a vote of
/// the members records a halt. Signed by officers of the consortium in force, whom it outlives.
contract Safeguards is ISafeguards, Acts {
    using Pauses for Pauses.Table;
    using Halts for Halts.Span[];

    /// @inheritdoc ISafeguards
    uint32 public pauseSequence;
    Pauses.Table private _pauses;
    Halts.Span[] private _halts;
    mapping(EntryId => bool) private _isRecorded;

    /// @param charter_ The ledger's Charter.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    /// @param predecessor_ The safeguards these succeed, or zero.
    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_
    ) Journal("Kudurru Safeguards", charter_, ledgerNonce_, predecessor_) {}

    /// @inheritdoc ISafeguards
    function pause(ShortPause calldata order, bytes calldata signature) external {
        _requireInForce();
        bytes32 structHash = PowerActs.hash(order);
        bytes32 digest = _digestOf(structHash);
        InstitutionId institution = _consortium().requireOfficer(
            order.officer,
            order.epoch,
            Roles.PAUSE,
            digest,
            signature
        );
        _pauses.stopShort(order.scope, order.until, institution);
        _once(EntryId.wrap(digest));
        _mark();
        emit Paused(order.scope, order.until, false, order.caseReference);
        _record(
            KIND_SHORT_PAUSE,
            EntryId.wrap(digest),
            bytes32(uint256(order.scope)),
            structHash,
            order.officer,
            NO_OFFICER,
            uint64(order.epoch) << 32
        );
    }

    /// @inheritdoc ISafeguards
    function pauseLong(LongPause calldata act, Signatures calldata signatures) external {
        bytes32 actHash = PowerActs.hash(act, ActHeads.hash(act.head));
        EntryId entryId = _checkOfficers(
            Needs.anyTwo(Roles.PAUSE, Roles.PAUSE, true),
            act.head,
            actHash,
            signatures,
            ActHeads.approvalTypeHashOf(PowerActs.LONG_PAUSE)
        );
        if (act.pauseSequence != pauseSequence) revert PauseStale();
        ++pauseSequence;
        _pauses.stopLong(act.scope, act.until);
        _mark();
        emit Paused(act.scope, act.until, true, act.caseReference);
        bytes32 subject = bytes32(uint256(act.scope));
        _record(KIND_LONG_PAUSE, entryId, subject, actHash, act.head, signatures.approval);
    }

    /// @inheritdoc ISafeguards
    function unpause(Unpause calldata act, Signatures calldata signatures) external {
        bytes32 actHash = PowerActs.hash(act, ActHeads.hash(act.head));
        bool ofTwo = _pauses.isHeldByTwo(act.scope);
        InstitutionId own = _consortium().officerOf(act.head.preparer).standing.institution;
        EntryId entryId = _checkOfficers(
            Needs.anyTwo(Roles.PAUSE, Roles.PAUSE, !_pauses.isLaidBy(act.scope, own)),
            act.head,
            actHash,
            signatures,
            ActHeads.approvalTypeHashOf(PowerActs.UNPAUSE)
        );
        if (act.pauseSequence != pauseSequence) revert PauseStale();
        if (ofTwo) ++pauseSequence;
        else _once(entryId);
        _pauses.release(act.scope);
        _mark();
        emit Unpaused(act.scope, act.caseReference);
        bytes32 subject = bytes32(uint256(act.scope));
        _record(KIND_UNPAUSE, entryId, subject, actHash, act.head, signatures.approval);
    }

    /// @inheritdoc ISafeguards
    function recordHalt(bytes32 span, uint256 gaps) external {
        if (msg.sender != charter.authority()) revert NotTheAuthority();
        (uint64 from, uint64 to) = Halts.boundsOf(span);
        Halts.requireSilence(charter, from, to, gaps);
        _halts.insert(from, to);
        emit HaltRecorded(from, to);
    }

    /// @inheritdoc ISafeguards
    function mark() external {
        _consortium().markPaused(_pauses.inForce(Scopes.ALL));
    }

    /// @inheritdoc ISafeguards
    function pauseOf(uint256 scopeIndex) external view returns (uint40, uint40, uint40, InstitutionId) {
        Pauses.Pause memory kept = _pauses.ofScope[scopeIndex];
        return (kept.until, kept.pausedAt, kept.pausedSeconds, kept.laidBy);
    }

    /// @inheritdoc ISafeguards
    function inForce(uint32 candidates) external view returns (uint32) {
        return _pauses.inForce(candidates);
    }

    /// @inheritdoc ISafeguards
    function pauseClock(uint32 scopeBit) external view returns (uint64, uint64) {
        return _pauses.clock(scopeBit);
    }

    /// @inheritdoc ISafeguards
    function extended(uint64 moment) external view returns (uint64) {
        if (predecessor == address(0)) return _halts.extended(moment);
        // Halts that the predecessor keeps lie before all of these, as `_silentSince` sees to.
        uint64 moved = ISafeguards(predecessor).extended(moment);
        return moved == moment ? _halts.extended(moment) : _halts.wentOn(moved);
    }

    /// @inheritdoc ISafeguards
    function haltedUntil() external view returns (uint64) {
        uint256 count = _halts.length;
        if (count != 0) return _halts[count - 1].to;
        return predecessor == address(0) ? 0 : ISafeguards(predecessor).haltedUntil();
    }

    /// @inheritdoc ISafeguards
    function lastPause(uint32 scopeBit) external view returns (uint64, uint64) {
        return _pauses.last(scopeBit);
    }

    /// @dev What was paused stays so, and what it took is given back: copied, as there are few scopes. How long an
    /// institution's lone officers rest is not: each may stop a scope once more.
    function _continue() internal override {
        super._continue();
        ISafeguards previous = ISafeguards(predecessor);
        pauseSequence = previous.pauseSequence();
        for (uint256 bit = 0; Scopes.ALL >> bit != 0; ++bit) {
            Pauses.Pause storage kept = _pauses.ofScope[bit];
            (kept.until, kept.pausedAt, kept.pausedSeconds, kept.laidBy) = previous.pauseOf(bit);
        }
    }

    /// @dev A halt of these begins after those that their predecessor keeps, which `extended` counts first.
    function _silentSince() internal view override returns (uint64) {
        uint64 halted = ISafeguards(predecessor).haltedUntil() + 1;
        uint64 silent = super._silentSince();
        return silent < halted ? halted : silent;
    }

    /// @dev In place of a step of the sequence, which a lone pause and its end never make: officers of one institution
    /// would make stale, every few seconds, what two institutions sign.
    function _once(EntryId entryId) private {
        if (_isRecorded[entryId]) revert PauseStale();
        _isRecorded[entryId] = true;
    }

    /// @dev Every act reads the consortium's word; only an act in a marked scope comes here to ask.
    function _mark() private {
        _consortium().markPaused(_pauses.inForce(Scopes.ALL));
    }
}
