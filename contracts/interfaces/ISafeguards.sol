// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead, InstitutionId, OfficerId, Signatures} from "./IJournal.sol";

/// @notice One officer stops scopes for at most 72 hours.
/// @param scope Bits of `Scopes`, never of redemption.
/// @param until First second at which the scopes are free again.
/// @param caseReference Commitment to the case file.
/// @param officer Officer who signs.
/// @param epoch Key epoch of that officer.
struct ShortPause {
    uint32 scope;
    uint64 until;
    bytes32 caseReference;
    OfficerId officer;
    uint32 epoch;
}

/// @notice Two officers of two institutions stop scopes, redemption included.
/// @param pauseSequence `ISafeguards.pauseSequence`: the act states what it follows.
struct LongPause {
    ActHead head;
    uint32 scope;
    uint64 until;
    uint32 pauseSequence;
    bytes32 caseReference;
}

/// @notice Two officers release scopes; of two institutions unless lone officers of the preparer's laid every pause.
/// @param pauseSequence `ISafeguards.pauseSequence`, as of a long pause.
struct Unpause {
    ActHead head;
    uint32 scope;
    uint32 pauseSequence;
    bytes32 caseReference;
}

/// @dev Kinds of the safeguards' journal entries.
uint16 constant KIND_SHORT_PAUSE = 16;
uint16 constant KIND_LONG_PAUSE = 17;
uint16 constant KIND_UNPAUSE = 18;

/// @title What stops the ledger, and what a standstill does to deadlines
/// @notice A pause narrows and counts at once; a halt that the members recorded moves the deadlines inside it.
interface ISafeguards {
    /// @notice Scopes were paused.
    event Paused(uint32 scope, uint64 until, bool byTwoInstitutions, bytes32 caseReference);
    /// @notice Scopes were released before their time.
    event Unpaused(uint32 scope, bytes32 caseReference);
    /// @notice A halt of the chain was recorded, as voted; deadlines inside it move by what was left of them.
    event HaltRecorded(uint64 from, uint64 to);

    /// @notice Thrown when a pause names no scope or one that means nothing.
    error PauseScopeOutOfRange();
    /// @notice Thrown when a pause ends in the past, after the limit, or before the one that is in force: an
    /// earlier end is a release.
    error PauseLengthOutOfRange(uint256 limitHours);
    /// @notice Thrown when one officer would stop redemption.
    error PauseNeedsTwoInstitutions();
    /// @notice Thrown when one officer stops a scope that is stopped, or that the own institution's lone
    /// officers stopped for a tenth of the time already.
    error PauseTooSoon();
    /// @notice Thrown when a release names a scope that is not paused.
    error ScopeNotPaused();
    /// @notice Thrown when two institutions paused or released scopes since the act was prepared, or it was recorded.
    error PauseStale();
    /// @notice Thrown when a halt is not over before this second, ended longer ago than the limit, or lasted less than an hour.
    error HaltOutOfRange(uint256 limitDays);
    /// @notice Thrown when a halt does not lie inside the silence that was named for a register (P10).
    /// @param register The register, or zero where one was named that the directory does not hold.
    error HaltNotSilent(address register);

    /// @notice Those of the candidate scopes that are paused at this moment.
    function inForce(uint32 candidates) external view returns (uint32);

    /// @notice How long a scope has been paused: since when now, and the sum of the pauses that are over.
    function pauseClock(uint32 scopeBit) external view returns (uint64 pausedAt, uint64 pausedSeconds);

    /// @notice End of the last halt that these safeguards or those before them keep, or zero.
    function haltedUntil() external view returns (uint64);

    /// @notice A deadline as the recorded halts move it: one inside a halt keeps what was left of it, others stay.
    function extended(uint64 moment) external view returns (uint64);

    /// @notice The last pause of a scope, whether or not it is over: its first second and the first one after it.
    function lastPause(uint32 scopeBit) external view returns (uint64 from, uint64 until);

    /// @notice Number so far of pauses by two institutions and of releases of them, which the next act names: what officers
    /// of one institution can do alone steps nothing that two sign.
    function pauseSequence() external view returns (uint32);

    /// @notice Writes the scopes in force into the word of the consortium in force; anyone, so that a consortium
    /// or safeguards that take over begin with the pauses of this moment.
    function mark() external;

    /// @notice What is kept of one scope, for the safeguards that take over.
    /// @param scopeIndex Number of the scope's bit.
    /// @return until First second after the last pause.
    /// @return pausedAt Its first second.
    /// @return pausedSeconds How long those before it lasted together.
    /// @return laidBy Institution whose lone officer laid it; nobody where two institutions did.
    function pauseOf(
        uint256 scopeIndex
    ) external view returns (uint40 until, uint40 pausedAt, uint40 pausedSeconds, InstitutionId laidBy);

    /// @notice Stops scopes for at most 72 hours; one officer.
    function pause(ShortPause calldata order, bytes calldata signature) external;

    /// @notice Stops any scopes for at most 90 days; two institutions.
    function pauseLong(LongPause calldata act, Signatures calldata signatures) external;

    /// @notice Releases scopes; two officers, of two institutions unless lone officers of the preparer's own laid every
    /// pause: whom a pause stops does not end it.
    function unpause(Unpause calldata act, Signatures calldata signatures) external;

    /// @notice Records that the chain stood still, as the members voted. Only the consortium in force, after its own
    /// entry.
    /// @param span Second of the last block before the halt << 64 | second of the first block after it.
    /// @param gaps For each place of the directory, 40 bits from the low end: 1 + the index under which
    /// `IJournal.gapAt` shows the silence of that register, 0 where the directory holds none. The consortium first,
    /// then Safeguards, Personnel, LandRegistry, BenefitLedger, Notary.
    function recordHalt(bytes32 span, uint256 gaps) external;
}
