// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead, Approval, InstitutionId, OfficeId, OfficerId, Signatures} from "./IJournal.sol";

/// How a key signs. The kind is explicit, never guessed from a signature's length.
enum KeyKind {
    Unspecified,
    Secp256k1,
    P256,
    WebAuthn
}

/// @notice What a register asks of the two officers of one act.
/// @param office Office of the act; both officers must have it in scope.
/// @param prepareRole Role bit the preparer must hold.
/// @param approveRole Role bit the approver must hold.
/// @param pauseScope Scope bits any of which, when paused, stops the act.
/// @param institution Institution both must belong to, or zero for any.
/// @param twoInstitutions The officers must be of two institutions (only once the consortium is seated).
struct AuthorityNeeded {
    OfficeId office;
    uint32 prepareRole;
    uint32 approveRole;
    uint32 pauseScope;
    InstitutionId institution;
    bool twoInstitutions;
}

/// @notice An officer's key.
/// @param kind How it signs.
/// @param verifier ERC-7913 verifier of a P-256 or WebAuthn key, zero for secp256k1.
/// @param keyHash keccak256 of the 20 bytes of the address (secp256k1) or the 64 bytes qx || qy.
/// @param rpIdHash sha256 of the WebAuthn relying party the passkey was made for, zero for other kinds.
/// @param requireUV A passkey must report that it verified its user; false for other kinds.
struct Key {
    KeyKind kind;
    address verifier;
    bytes32 keyHash;
    bytes32 rpIdHash;
    bool requireUV;
}

/// @notice One officer as appointed; roles and office never change, another appointment takes their place.
/// @param officer 256 random bits, unused so far.
/// @param institution Whose officer.
/// @param office Office in scope, or zero for every office.
/// @param roles Bits of `Roles`.
/// @param key The officer's key.
struct Appointment {
    OfficerId officer;
    InstitutionId institution;
    OfficeId office;
    uint32 roles;
    Key key;
}

/// @notice The part of an officer's record that every check reads: one storage word.
/// @param institution Whose officer; zero where there is none.
/// @param office Office in scope, or zero for every office.
/// @param roles Bits of `Roles`.
/// @param epoch Raised by each change of key, 1 at first.
/// @param activeFrom First second at which a signature counts.
/// @param revokedAt Second of the revocation, or zero.
/// @param kind Kind of the key in force.
/// @param requireUV A passkey must report that it verified its user.
struct Standing {
    InstitutionId institution;
    OfficeId office;
    uint32 roles;
    uint32 epoch;
    uint40 activeFrom;
    uint40 revokedAt;
    KeyKind kind;
    bool requireUV;
}

/// @notice An officer's record.
struct OfficerRecord {
    Standing standing;
    bytes32 keyHash;
    bytes32 rpIdHash;
    address verifier;
}

/// @notice Two admin officers of an institution appoint a colleague; it counts after the appointment wait.
struct AppointOfficer {
    ActHead head;
    Appointment appointment;
}

/// @notice Two admin officers of an institution replace a colleague's key; it counts after the appointment
/// wait, and until then neither key does.
/// @param epoch Epoch of the key replaced.
struct RotateKey {
    ActHead head;
    OfficerId officer;
    uint32 epoch;
    Key key;
}

/// @notice One officer revokes the own or a colleague's key, at once and for good.
/// @param officer Whose key.
/// @param suspectSince Second from which the key may have been in other hands, or zero for no suspicion.
/// @param caseReference Commitment to the case file, or zero.
/// @param revoker Officer who signs.
/// @param revokerEpoch Key epoch of that officer.
struct Revocation {
    OfficerId officer;
    uint64 suspectSince;
    bytes32 caseReference;
    OfficerId revoker;
    uint32 revokerEpoch;
}

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
/// @param pauseSequence Number of pauses and releases so far: the act states what it follows.
struct LongPause {
    ActHead head;
    uint32 scope;
    uint64 until;
    uint32 pauseSequence;
    bytes32 caseReference;
}

/// @notice Two officers release scopes; of two institutions where a long pause holds one of them.
/// @param pauseSequence Number of pauses and releases so far.
struct Unpause {
    ActHead head;
    uint32 scope;
    uint32 pauseSequence;
    bytes32 caseReference;
}

/// @notice Two officers of two institutions record that the chain stood still.
/// @param from Time of the last block before the halt.
/// @param to Time of the first block after it. Whether both are the times of neighbouring headers is checked
/// by auditors off chain, as no contract reads old headers.
struct Halt {
    ActHead head;
    uint64 from;
    uint64 to;
}

/// What a vote of the members can do. Zero is never executed.
enum MeasureKind {
    Unspecified,
    AdmitInstitution, // institution, value 1 with a vote or 0 without, appointments (two at least)
    ExpelInstitution, // institution
    SuspendInstitution, // institution; at once
    LiftSuspension, // institution
    SetMembership, // institution, value 1 with a vote or 0 without
    ReseatInstitution, // institution that can no longer manage its officers, appointments
    SetQuorum, // value; two or more seats the consortium for good
    SetWideningWait, // value in seconds
    SetAppointmentWait, // value in seconds
    AllowVerifier, // target, value the key kind
    DisallowVerifier, // target; at once
    AddValidator, // target
    RemoveValidator, // target
    SetPolicy, // name, value
    PutInForce, // name of a register, target; the register in force before is frozen and hands over
    PassAuthority // target, the consortium that succeeds this one
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

/// @notice The vote of a member institution; the first one opens the measure. One not in favour takes the
/// institution out of this measure for good.
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
struct Tally {
    uint128 inFavour;
    InstitutionId openedBy;
    uint40 closesAt;
    uint40 executableFrom;
    bool closed;
    uint128 against;
}

/// @notice An institution at founding.
/// @param member Whether it has a vote.
struct FoundingInstitution {
    InstitutionId institution;
    bool member;
}

/// @notice A verifier allowed at founding.
struct FoundingVerifier {
    KeyKind kind;
    address verifier;
}

/// @notice A policy value at founding.
struct FoundingPolicy {
    bytes32 name;
    uint256 value;
}

/// @notice Everything the constructor was given: views start from it, as constructors emit nothing.
/// @param quorum Votes of member institutions a measure needs; two or more and the consortium begins seated.
/// @param wideningWaitSeconds From the quorum's vote to execution; zero only here, for demonstrations.
/// @param appointmentWaitSeconds From an appointment to the first signature; zero only here.
struct Founding {
    FoundingInstitution[] institutions;
    Appointment[] officers;
    FoundingVerifier[] verifiers;
    FoundingPolicy[] policies;
    uint8 quorum;
    uint32 wideningWaitSeconds;
    uint32 appointmentWaitSeconds;
}

/// @dev Kinds of the consortium's journal entries. A measure is recorded as 32 + its `MeasureKind`.
uint16 constant KIND_APPOINT_OFFICER = 16;
uint16 constant KIND_ROTATE_KEY = 17;
uint16 constant KIND_REVOCATION = 18;
uint16 constant KIND_SHORT_PAUSE = 19;
uint16 constant KIND_LONG_PAUSE = 20;
uint16 constant KIND_UNPAUSE = 21;
uint16 constant KIND_HALT = 22;
uint16 constant KIND_MEASURE_BASE = 32;

/// @title Who may act: institutions, officers and their keys, votes, phases, pauses and halts
/// @notice Has no owner. Widening of power is scheduled and waits (P5), narrowing is immediate.
interface IConsortium {
    /// @notice An officer was appointed and counts from `activeFrom`.
    event OfficerAppointed(
        OfficerId indexed officer,
        InstitutionId indexed institution,
        OfficeId office,
        uint32 roles,
        Key key,
        uint64 activeFrom
    );
    /// @notice An officer's key was replaced; `epoch` is the new one's and counts from `activeFrom`.
    event KeyRotated(OfficerId indexed officer, uint32 epoch, Key key, uint64 activeFrom);
    /// @notice An officer's key was revoked. What it prepared since `suspectSince` (if not zero) is in doubt.
    event OfficerRevoked(
        OfficerId indexed officer,
        OfficerId indexed revoker,
        uint64 suspectSince,
        bytes32 caseReference
    );
    /// @notice An institution was admitted, with a vote or without.
    event InstitutionAdmitted(InstitutionId indexed institution, bool member);
    /// @notice An institution was expelled for good: none of its officers counts any more.
    event InstitutionExpelled(InstitutionId indexed institution);
    /// @notice An institution was suspended: none of its officers counts until this is lifted.
    event InstitutionSuspended(InstitutionId indexed institution);
    /// @notice A suspension was lifted.
    event SuspensionLifted(InstitutionId indexed institution);
    /// @notice An institution was given a vote, or lost it.
    event MembershipChanged(InstitutionId indexed institution, bool member);
    /// @notice The quorum changed.
    event QuorumChanged(uint8 quorum);
    /// @notice From now on two institutions hold the quorum, for good.
    event ConsortiumSeated();
    /// @notice The wait between a passed vote and its execution changed.
    event WideningWaitChanged(uint32 seconds_);
    /// @notice The wait between an appointment and its first signature changed.
    event AppointmentWaitChanged(uint32 seconds_);
    /// @notice A verifier was allowed for keys of a kind.
    event VerifierAllowed(address indexed verifier, KeyKind kind);
    /// @notice A verifier is not allowed any more: keys that need it count no longer.
    event VerifierDisallowed(address indexed verifier);
    /// @notice A policy value changed.
    event PolicyChanged(bytes32 indexed name, uint256 value);
    /// @notice A measure was opened by its first vote.
    event MeasureOpened(bytes32 indexed measureId, InstitutionId indexed openedBy, Measure measure);
    /// @notice A member institution voted.
    event VoteCast(
        bytes32 indexed measureId,
        InstitutionId indexed institution,
        OfficerId officer,
        bool inFavour
    );
    /// @notice A measure reached the quorum and may be executed from a moment on; zero: it fell below again.
    event MeasureScheduled(bytes32 indexed measureId, uint64 executableFrom);
    /// @notice A measure was executed.
    event MeasureExecuted(bytes32 indexed measureId);
    /// @notice A measure ran out of time.
    event MeasureLapsed(bytes32 indexed measureId);
    /// @notice Scopes were paused.
    event Paused(uint32 scope, uint64 until, bool byTwoInstitutions, bytes32 caseReference);
    /// @notice Scopes were released before their time.
    event Unpaused(uint32 scope, bytes32 caseReference);
    /// @notice A halt of the chain was recorded; deadlines in it are extended.
    event HaltRecorded(uint64 from, uint64 to);

    /// @notice Thrown when preparer and approver are one officer (P1).
    error SecondPersonRequired();
    /// @notice Thrown when the act falls into a paused scope.
    error ScopeIsPaused(uint32 scope);
    /// @notice Thrown when there is no officer of that id.
    error OfficerUnknown(OfficerId officer);
    /// @notice Thrown when the officer's key was revoked (P3).
    error OfficerIsRevoked(OfficerId officer);
    /// @notice Thrown when the wait after an appointment or a change of key is not over (P5).
    error OfficerNotYetActive(OfficerId officer);
    /// @notice Thrown when a signature names another key epoch than the one in force (P3).
    error OfficerEpochStale(OfficerId officer);
    /// @notice Thrown when the officer's institution is suspended or expelled.
    error InstitutionIsBarred(InstitutionId institution);
    /// @notice Thrown when the act's office is not the officer's.
    error OfficeOutOfScope(OfficerId officer);
    /// @notice Thrown when the officer does not hold the role the act needs.
    error RoleMissing(OfficerId officer);
    /// @notice Thrown when the act belongs to another institution than the officer's.
    error InstitutionDiffers(OfficerId officer);
    /// @notice Thrown when the two officers must be of two institutions and are of one (P1).
    error SecondInstitutionRequired();
    /// @notice Thrown when the verifier of the officer's key is no longer allowed.
    error VerifierNotAllowed(address verifier);
    /// @notice Thrown when a signature is not that officer's over these bytes.
    error BadSignature(OfficerId officer);
    /// @notice Thrown when an officer's id is zero or was given before.
    error OfficerExists();
    /// @notice Thrown when an appointment has no role or one that means nothing.
    error RolesOutOfRange();
    /// @notice Thrown when the fields of a key do not fit its kind.
    error KeyMalformed();
    /// @notice Thrown when a key was ever an officer's before.
    error KeyAlreadyUsed();
    /// @notice Thrown when a revocation suspects a key from a moment still to come.
    error SuspicionInFuture();
    /// @notice Thrown when there is no institution of that number.
    error InstitutionUnknown();
    /// @notice Thrown when an institution's number was given before or is outside 1..127.
    error InstitutionNumberTaken();
    /// @notice Thrown when an institution would not have two officers who can manage the others.
    error InstitutionNeedsTwoAdmins();
    /// @notice Thrown when an institution to reseat can still manage its officers.
    error InstitutionCanManage();
    /// @notice Thrown when an institution already is what the measure would make it.
    error InstitutionUnchanged();
    /// @notice Thrown when a quorum is zero, above the number of active members, or below two once seated (P4).
    error QuorumOutOfRange();
    /// @notice Thrown when fewer active members than the quorum would remain.
    error MembersBelowQuorum();
    /// @notice Thrown when a wait is not between the limits.
    error WaitOutOfRange(uint256 minimumSeconds, uint256 maximumSeconds);
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
    /// @notice Thrown when the wait after the quorum's vote is not over (P5).
    error WaitNotOver(uint256 executableFrom);
    /// @notice Thrown when a measure waited too long for its execution.
    error MeasureExpired();
    /// @notice Thrown when a measure can still be voted on or executed, so cannot lapse.
    error MeasureIsOpen();
    /// @notice Thrown when the appointments that came are not the ones voted on, or more than the limit.
    error AppointmentsDiffer();
    /// @notice Thrown when a pause names no scope or one that means nothing.
    error PauseScopeOutOfRange();
    /// @notice Thrown when a pause ends in the past or after the limit.
    error PauseLengthOutOfRange(uint256 limitHours);
    /// @notice Thrown when one officer would stop redemption.
    error PauseNeedsTwoInstitutions();
    /// @notice Thrown when one officer stops a scope that is stopped, or was until too short a time ago.
    error PauseTooSoon();
    /// @notice Thrown when scopes were paused or released since the act was prepared.
    error PauseStale();
    /// @notice Thrown when a halt is not in the past, ends before it begins, or is longer than the limit.
    error HaltOutOfRange(uint256 limitDays);
    /// @notice Thrown when a halt begins before the last one recorded ended.
    error HaltOverlaps();

    /// @notice Reverts unless two different officers, valid now, signed: the preparer `actDigest`,
    /// the approver `approvalDigest` (P1, P3, L3). Order of checks = order of the errors above.
    function requireOfficers(
        AuthorityNeeded calldata need,
        OfficerId preparer,
        uint32 preparerEpoch,
        bytes32 actDigest,
        bytes calldata preparerSignature,
        Approval calldata approval,
        bytes32 approvalDigest,
        bytes calldata approverSignature
    ) external view;

    /// @notice Reverts unless one officer, valid now and holding one of `roles` (0 asks for none), signed `digest`.
    /// @return institution The officer's institution.
    function requireOfficer(
        OfficerId officer,
        uint32 epoch,
        uint32 roles,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (InstitutionId institution);

    /// @notice Whether a key of a kind signed a digest: for consents of holders and lenders.
    /// @param key 20 bytes of address for secp256k1; 64 bytes qx || qy for the other kinds.
    /// @param signature 64 bytes (ERC-2098) for secp256k1, else what the verifier in force for the kind reads.
    function isSignedBy(
        KeyKind kind,
        bytes calldata key,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (bool);

    /// @notice A deadline as the recorded halts move it: the only source of `Due`.
    function extended(uint64 moment) external view returns (uint64);

    /// @notice Scope bits paused at this moment.
    function pausedScope() external view returns (uint32);

    /// @notice Whether two institutions hold the quorum, so that rules needing two can be kept.
    function isSeated() external view returns (bool);

    /// @notice A policy value the registers obey, zero where none was set.
    function policyOf(bytes32 name) external view returns (uint256);

    /// @notice An officer's record, all zero where there is none.
    function officerOf(OfficerId officer) external view returns (OfficerRecord memory);

    /// @notice The verifier in force for consents signed by keys of a kind, or zero.
    function verifierOf(KeyKind kind) external view returns (address);

    /// @notice What the ledger was founded with.
    function founding() external view returns (Founding memory);
}
