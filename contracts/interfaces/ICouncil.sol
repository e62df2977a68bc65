// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, Possessions} from "./IConsortium.sol";
import {InstitutionId, OfficerId} from "./IJournal.sol";

/// What a vote of the members can do. Zero is never executed.
enum MeasureKind {
    Unspecified,
    AdmitInstitution, // institution, value its roles, appointments (two who can manage the others, at least)
    ExpelInstitution, // institution
    SuspendInstitution, // institution; at once
    LiftSuspension, // institution
    SetInstitutionRoles, // institution, value its roles: they grow, but for the vote, which may also go
    ReseatInstitution, // institution that can no longer manage its officers, appointments
    SetQuorum, // value; two or more seats the consortium for good
    SetWideningWait, // value in seconds
    SetAppointmentWait, // value in seconds
    AllowVerifier, // target, value the key kind
    DisallowVerifier, // target; at once
    AddValidator, // target, institution that runs it
    RemoveValidator, // target
    SetPolicy, // name, value
    PutInForce, // name of a register, target, value what it imports (`IJournal.freeze`); the one before is frozen
    PassAuthority, // target, the consortium that succeeds this one
    MoveOffice, // institution that keeps it from now on, value the office
    RecordHalt, // name its span, value where each register was silent (`ISafeguards.recordHalt`); at once
    ReplaceValidator, // target in the place of the validator `name`, institution that runs both; at once with its vote
    RevokeOfficer, // name the officer; at once
    FreeOfficer // name the officer, whose suspension by a lone colleague is lifted; at once
}

/// @notice What the members vote on. Fields the kind does not use are zero.
/// @param appointmentsHash keccak256 of the EIP-712 struct hashes of the appointments, concatenated.
/// @param closesAt Last second of voting, extended by halts.
/// @param salt 128 random bits: two measures of equal content are two measures.
struct Measure {
    MeasureKind kind;
    InstitutionId institution;
    address target;
    bytes32 name;
    uint256 value;
    bytes32 appointmentsHash;
    uint64 closesAt;
    uint128 salt;
}

/// @notice The vote of a member institution; the first one opens the measure. One not in favour counts until
/// the measure is executed, and takes the institution out of this measure for good.
struct Vote {
    Measure measure;
    bool inFavour;
    OfficerId officer;
    uint32 epoch;
}

/// @notice Where a measure stands.
/// @param inFavour Bit of every institution that voted for it and did not take that back.
/// @param openedBy Institution that opened it, or zero where it never was.
/// @param closesAt Last second of voting.
/// @param executableFrom First second at which it may be executed, or zero while below the quorum.
/// @param closed Executed or lapsed.
/// @param against Bit of every institution that voted against it.
/// @param amendments The constitution's number when the wait began: after another change it begins anew.
struct Tally {
    uint128 inFavour;
    InstitutionId openedBy;
    uint40 closesAt;
    uint40 executableFrom;
    bool closed;
    uint128 against;
    uint32 amendments;
}

/// @title Where the members vote
/// @notice One vote an institution, a quorum of the members of the moment, then a wait where power widens
/// (P4, P5), then anyone executes. Votes are typed data in the domain of the consortium in force, so they die
/// with it.
interface ICouncil {
    /// @notice A measure was opened by its first vote.
    event MeasureOpened(bytes32 indexed measureId, InstitutionId indexed openedBy, Measure measure);
    /// @notice A member institution voted.
    event VoteCast(
        bytes32 indexed measureId,
        InstitutionId indexed institution,
        OfficerId officer,
        bool inFavour
    );
    /// @notice A measure reached the quorum and may be executed from a moment on; zero: it fell below again. It says so
    /// again when its wait begins anew.
    event MeasureScheduled(bytes32 indexed measureId, uint64 executableFrom);
    /// @notice A measure was executed.
    event MeasureExecuted(bytes32 indexed measureId);
    /// @notice A measure ran out of time.
    event MeasureLapsed(bytes32 indexed measureId);
    /// @notice Thrown when the institution has no vote.
    error NotAMember();
    /// @notice Thrown when a measure's kind is unspecified or a field its kind does not use is set.
    error MeasureMalformed();
    /// @notice Thrown when voting would stay open longer than the limit.
    error VotingTooLong(uint256 limitDays);
    /// @notice Thrown when an institution has as many measures open as it may.
    error TooManyOpenMeasures(uint256 limit);
    /// @notice Thrown when a measure was executed or lapsed.
    error MeasureIsClosed();
    /// @notice Thrown when the time for voting is over.
    error VotingIsClosed();
    /// @notice Thrown when an institution's vote stands already.
    error VoteUnchanged();
    /// @notice Thrown when a measure does not have the votes of a quorum of the members of this moment.
    error QuorumMissing();
    /// @notice Thrown when members, quorum or wait were changed since the wait began: it begins anew (P5).
    error WaitBeginsAnew();
    /// @notice Thrown when the wait after the quorum's vote is not over (P5).
    error WaitNotOver(uint256 executableFrom);
    /// @notice Thrown when a measure waited too long for its execution.
    error MeasureExpired();
    /// @notice Thrown when the directory holds the register already, under this name or another.
    error RegisterNamedTwice();
    /// @notice Thrown when a name is none of the directory's.
    error RegisterNotListed();
    /// @notice Thrown when a successor would begin weaker than what it replaces: phase, members, waits, pauses,
    /// policies, safeguards (P11).
    error SuccessorIsWeaker();
    /// @notice Thrown when of three or more members fewer could manage their officers afterwards than the quorum and
    /// one more, and a measure would make them fewer or ask for more (P9).
    error TooFewCouldManage();
    /// @notice Thrown when a measure can still be voted on or executed, so cannot lapse, or its wait runs, so
    /// need not begin anew.
    error MeasureIsOpen();

    /// @notice Where a measure stands.
    function tallyOf(bytes32 measureId) external view returns (Tally memory);

    /// @notice The EIP-712 digest that names a measure of the consortium in force.
    function measureIdOf(Measure calldata measure) external view returns (bytes32);

    /// @notice Casts a member institution's vote; the first one opens the measure.
    function vote(Vote calldata ballot, bytes calldata signature) external;

    /// @notice Executes a measure that has its quorum and has waited. Anyone.
    /// @param appointments What `appointmentsHash` covers; empty where the measure appoints nobody.
    /// @param possessions The signatures of their keys, one pair an appointment.
    function execute(
        Measure calldata measure,
        Appointment[] calldata appointments,
        Possessions[] calldata possessions
    ) external;

    /// @notice Begins the wait of a measure anew after members, quorum or wait were changed. Anyone.
    function reschedule(Measure calldata measure) external;

    /// @notice Closes a measure whose time is over, which frees its opener's place. Anyone.
    function lapse(Measure calldata measure) external;
}
