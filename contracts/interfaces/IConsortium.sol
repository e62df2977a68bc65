// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, InstitutionId, OfficeId, OfficerId} from "./IJournal.sol";
import {Measure} from "./ICouncil.sol";
import {ISafeguards} from "./ISafeguards.sol";

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
/// @param preparerInstitution Institution the preparer must belong to, or zero for any: that of the office's
/// keeper, where ground must have one judge.
/// @param twoInstitutions The officers must be of two institutions (only once the consortium is seated).
struct AuthorityNeeded {
    OfficeId office;
    uint32 prepareRole;
    uint32 approveRole;
    uint32 pauseScope;
    InstitutionId institution;
    InstitutionId preparerInstitution;
    bool twoInstitutions;
}

/// @notice A key of an officer.
/// @param kind How it signs.
/// @param verifier ERC-7913 verifier of a P-256 or WebAuthn key, zero for secp256k1.
/// @param keyHash keccak256 of the 20 bytes of the address (secp256k1) or the 64 bytes qx || qy.
/// @param rpIdHash sha256 of the WebAuthn relying party the passkey was made for, zero for other kinds.
struct Key {
    KeyKind kind;
    address verifier;
    bytes32 keyHash;
    bytes32 rpIdHash;
}

/// @notice What a key signs before it is registered, so that nobody registers a key of somebody else's: beside the
/// act, outside its hash, in the domain of the consortium, at founding in {name, version, salt} of it.
/// @param officerId keccak256(keyHash of the officer's first key || salt): nobody takes an id whose key is not theirs.
/// @param keyHash Hash of the key that signs.
/// @param epoch The epoch it begins.
/// @param institution Whose officer.
struct KeyPossession {
    OfficerId officerId;
    bytes32 keyHash;
    uint32 epoch;
    InstitutionId institution;
}

/// @notice The signatures of `KeyPossession` by both keys of an appointment.
struct Possessions {
    bytes key;
    bytes spare;
}

/// @notice One officer as appointed; roles and office never change, another appointment takes their place.
/// @param salt Random; with the first key's hash it makes the officer's id.
/// @param institution Whose officer.
/// @param office Office in scope, or zero for every office.
/// @param roles Bits of `Roles`.
/// @param key The officer's first key; its epochs are odd.
/// @param spare The second, kept elsewhere; its epochs are even. Either signs, each is replaced alone.
struct Appointment {
    bytes32 salt;
    InstitutionId institution;
    OfficeId office;
    uint32 roles;
    Key key;
    Key spare;
}

/// What holds an officer back.
enum Hold {
    None,
    // Suspended a colleague alone: until `heldUntil` the own vote, power and aid signatures do not count.
    Narrowed,
    // Suspended by a lone colleague: until `heldUntil` no signature counts.
    Suspended,
    // For good.
    Revoked
}

/// @notice The part of an officer's record that every check reads: one storage word.
/// @param institution Whose officer; zero where there is none.
/// @param office Office in scope, or zero for every office.
/// @param roles Bits of `Roles`.
/// @param epoch Epoch of the first key: odd, raised by two with each change.
/// @param spareEpoch Epoch of the second: even, likewise. A signature names the epoch, and so the place, of its key.
/// @param activeFrom First second at which a signature of the first key counts.
/// @param spareActiveFrom The same of the second.
/// @param kind Kind of the first key.
/// @param spareKind Kind of the second.
/// @param hold What holds the officer back.
/// @param heldUntil First second at which a suspension or a narrowing is over.
struct Standing {
    InstitutionId institution;
    OfficeId office;
    uint32 roles;
    uint16 epoch;
    uint16 spareEpoch;
    uint40 activeFrom;
    uint40 spareActiveFrom;
    KeyKind kind;
    KeyKind spareKind;
    Hold hold;
    uint40 heldUntil;
}

/// @notice What only a check of a signature reads of a key.
struct KeyPlace {
    bytes32 keyHash;
    bytes32 rpIdHash;
    address verifier;
}

/// @notice An officer's record.
/// @param places The first key and the spare one.
/// @param suspendedFrom Second of the last suspension, or zero.
/// @param narrowedUntil First second at which the last narrowing is over, or zero.
struct OfficerRecord {
    Standing standing;
    KeyPlace[2] places;
    uint40 suspendedFrom;
    uint40 narrowedUntil;
}

/// @notice An institution at founding.
/// @param roles Bits of `Roles` it may give its officers; with `Roles.VOTE` it is a member.
struct FoundingInstitution {
    InstitutionId institution;
    uint32 roles;
}

/// @notice What an institution is now.
/// @param roles Bits of `Roles` it may give its officers; zero where there is no such institution.
/// @param suspended None of its officers counts for now.
/// @param expelled None of its officers counts any more.
struct Institution {
    uint32 roles;
    bool suspended;
    bool expelled;
}

/// @notice How the members decide.
/// @param quorum Votes of active members a measure needs.
/// @param seated Two institutions hold the quorum, for good.
/// @param members Bit of every institution with a vote, suspended or not.
/// @param activeMembers Bit of every member that is neither suspended nor expelled.
/// @param wideningWaitSeconds From the quorum's vote to execution.
/// @param appointmentWaitSeconds From an appointment to the first signature that counts.
/// @param amendments Number of changes of members, quorum or widening wait so far, the end of a suspension included:
/// a wait begun before one begins anew.
struct Constitution {
    uint8 quorum;
    bool seated;
    uint128 members;
    uint128 activeMembers;
    uint32 wideningWaitSeconds;
    uint32 appointmentWaitSeconds;
    uint32 amendments;
}

/// @notice An office and the institution that keeps it.
/// @param office Its number, never zero.
/// @param keeper The one institution whose officers prepare what only that office may begin.
struct FoundingOffice {
    OfficeId office;
    InstitutionId keeper;
}

/// @notice A validator of the Charter's first set and the institution that runs it.
struct FoundingValidator {
    address validator;
    InstitutionId institution;
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
/// @param ledgerNonce 32 random bytes that make every signature this ledger's alone; a successor keeps them.
/// @param quorum Votes of member institutions a measure needs; two or more and the consortium begins seated.
/// @param wideningWaitSeconds From the quorum's vote to execution; zero only here, for demonstrations.
/// @param appointmentWaitSeconds From an appointment to the first signature; zero only here.
struct Founding {
    bytes32 ledgerNonce;
    FoundingInstitution[] institutions;
    FoundingOffice[] offices;
    Appointment[] officers;
    FoundingVerifier[] verifiers;
    FoundingPolicy[] policies;
    FoundingValidator[] validators;
    uint8 quorum;
    uint32 wideningWaitSeconds;
    uint32 appointmentWaitSeconds;
}

/// @dev A measure is recorded as 32 + its `MeasureKind`.
uint16 constant KIND_MEASURE_BASE = 32;

/// @title Who may act: institutions, officers and their keys, phase and policy
/// @notice Keeps the table that every register asks; what officers do to one another comes from the Personnel. Has no
/// owner. What widens power is scheduled and waits (P5); what must stop somebody in haste counts at once.
interface IConsortium {
    /// @notice An officer was appointed and counts from `activeFrom`.
    event OfficerAppointed(
        OfficerId indexed officer,
        InstitutionId indexed institution,
        bytes32 salt,
        OfficeId office,
        uint32 roles,
        Key key,
        Key spare,
        uint64 activeFrom
    );
    /// @notice A key of an officer was replaced; `epoch` is the new one's, which counts from `activeFrom`.
    event KeyRotated(OfficerId indexed officer, uint32 epoch, Key key, uint64 activeFrom);
    /// @notice A lone colleague suspended an officer, and is narrowed as long.
    event OfficerSuspended(
        OfficerId indexed officer,
        OfficerId indexed revoker,
        uint64 until,
        bytes32 caseReference
    );
    /// @notice The suspension of an officer was lifted.
    event OfficerFreed(OfficerId indexed officer, bytes32 caseReference);
    /// @notice An officer was revoked, by itself or by nobody alone: then `revoker` is zero. What was prepared since
    /// `suspectSince` (if not zero) is in doubt.
    event OfficerRevoked(
        OfficerId indexed officer,
        OfficerId indexed revoker,
        uint64 suspectSince,
        bytes32 caseReference
    );
    /// @notice An institution was admitted; with `Roles.VOTE` among its roles it is a member.
    event InstitutionAdmitted(InstitutionId indexed institution, uint32 roles);
    /// @notice An institution was expelled for good: none of its officers counts any more.
    event InstitutionExpelled(InstitutionId indexed institution);
    /// @notice An institution was suspended: none of its officers counts until that second, or until this is lifted.
    event InstitutionSuspended(InstitutionId indexed institution, uint64 until);
    /// @notice A suspension was lifted before its end.
    event SuspensionLifted(InstitutionId indexed institution);
    /// @notice An institution may give its officers other roles, or gained or lost its vote.
    event InstitutionRolesChanged(InstitutionId indexed institution, uint32 roles);
    /// @notice An office was given to an institution, its only keeper from now on.
    event OfficeMoved(OfficeId indexed office, InstitutionId indexed keeper);
    /// @notice The quorum changed.
    event QuorumChanged(uint8 quorum);
    /// @notice From now on two institutions hold the quorum, for good.
    event ConsortiumSeated();
    /// @notice The wait between a passed vote and its execution changed.
    event WideningWaitChanged(uint32 waitSeconds);
    /// @notice The wait between an appointment and its first signature changed.
    event AppointmentWaitChanged(uint32 waitSeconds);
    /// @notice A verifier was allowed for keys of a kind.
    event VerifierAllowed(address indexed verifier, KeyKind kind);
    /// @notice A verifier is not allowed any more: keys that need it count no longer.
    event VerifierDisallowed(address indexed verifier);
    /// @notice A policy value changed.
    event PolicyChanged(bytes32 indexed name, uint256 value);
    /// @notice Thrown when preparer and approver are one officer (P1).
    error SecondPersonRequired();
    /// @notice Thrown when the act falls into a paused scope.
    error ScopeIsPaused(uint32 scope);
    /// @notice Thrown when there is no officer of that id.
    error OfficerUnknown(OfficerId officer);
    /// @notice Thrown when the officer's key was revoked (P3).
    error OfficerIsRevoked(OfficerId officer);
    /// @notice Thrown when the officer is suspended (P3).
    error OfficerIsSuspended(OfficerId officer);
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
    /// @notice Thrown when the officer suspended a colleague alone and the act is a vote or one of power or aid (P9).
    error OfficerIsNarrowed(OfficerId officer);
    /// @notice Thrown when the act belongs to another institution than the officer's.
    error InstitutionDiffers(OfficerId officer);
    /// @notice Thrown when the two officers must be of two institutions and are of one (P1).
    error SecondInstitutionRequired();
    /// @notice Thrown when the verifier of the officer's key is no longer allowed.
    error VerifierNotAllowed(address verifier);
    /// @notice Thrown when a signature is not that officer's over these bytes.
    error BadSignature(OfficerId officer);
    /// @notice Thrown when an officer's id was given before.
    error OfficerExists();
    /// @notice Thrown when a key did not sign that it is this officer's.
    error KeyNotPossessed();
    /// @notice Thrown when a suspension is over already, would last longer than the limit, or would end before the
    /// officer's own narrowing.
    error SuspensionLengthOutOfRange(uint256 limitHours);
    /// @notice Thrown when the colleague was suspended within the rest days, or the revoker suspends another now.
    error SuspensionTooSoon(uint256 restDays);
    /// @notice Thrown when an officer to free is not suspended.
    error OfficerNotSuspended();
    /// @notice Thrown when an institution would have more officers of every office who manage the others.
    error TooManyAdmins(uint256 limit);
    /// @notice Thrown when an appointment has no role or one its institution may not give, or when an
    /// institution's roles mean nothing or would shrink (expel it and admit it anew).
    error RolesOutOfRange();
    /// @notice Thrown when the fields of a key do not fit its kind.
    error KeyMalformed();
    /// @notice Thrown when a key was ever an officer's before: of a consortium before, otherwise than in force for the same.
    error KeyAlreadyUsed();
    /// @notice Thrown when there is no institution of that number.
    error InstitutionUnknown();
    /// @notice Thrown when an institution's number was given before or is outside 1..127.
    error InstitutionNumberTaken();
    /// @notice Thrown when an institution would not have two officers who can manage the others.
    error InstitutionNeedsTwoAdmins();
    /// @notice Thrown when a founding institution could not manage its officers without one of them (P9).
    error InstitutionNeedsThreeAdmins();
    /// @notice Thrown when an institution to reseat can still manage its officers.
    error InstitutionCanManage();
    /// @notice Thrown when an institution already is what the measure would make it.
    error InstitutionUnchanged();
    /// @notice Thrown when an office is zero, is kept by that institution already, or at founding by two.
    error OfficeUnchanged();
    /// @notice Thrown when a quorum is zero, above the number of active members, below two once seated (P4), or
    /// of three or more members all (P9).
    error QuorumOutOfRange();
    /// @notice Thrown by the Council when fewer active members than the quorum would remain, of three or more members fewer than
    /// three, or no more than the quorum (P9).
    error MembersBelowQuorum();
    /// @notice Thrown when a wait is not between the limits.
    error WaitOutOfRange(uint256 minimumSeconds, uint256 maximumSeconds);
    /// @notice Thrown when a consortium is founded, or would take over, with other validators than the Charter's set,
    /// in its order.
    error ValidatorsDiffer();
    /// @notice Thrown when, of four or more validators, an institution would come to hold a third or more while
    /// four or more institutions are members (P9).
    error ValidatorsConcentrated();
    /// @notice Thrown when one more policy than the limit would be set.
    error TooManyPolicies(uint256 limit);
    /// @notice Thrown when a measure comes from anything but the Council.
    error NotTheCouncil();
    /// @notice Thrown when a mark comes from anything but the Safeguards.
    error NotTheSafeguards();
    /// @notice Thrown when a change of an officer comes from anything but the Personnel register in force.
    error NotThePersonnel();
    /// @notice Thrown when the appointments that came are not the ones voted on, or more than the limit.
    error AppointmentsDiffer();

    /// @notice Reverts unless two different officers, valid now, signed: the preparer `actDigest`,
    /// the approver `approvalDigest` (P1, P3, L3). Checks come in the order of the errors above, of the preparer before the
    /// approver, and both signatures last.
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

    /// @notice Whether a key of a kind signed a digest: for consents of holders and lenders. A passkey answers the
    /// relying party of the policy `keccak256("signingRelyingParty")`; without one no passkey consents.
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

    /// @notice How long a scope has been paused so far: the time that deadlines in it get back.
    /// @param scopeBit One bit of `Scopes`.
    /// @return pausedAt Second at which the pause in force began, or zero where none is.
    /// @return pausedSeconds Sum of all pauses that are over.
    function pauseClock(uint32 scopeBit) external view returns (uint64 pausedAt, uint64 pausedSeconds);

    /// @notice Scope bits paused at this moment.
    function pausedScope() external view returns (uint32);

    /// @notice Whether two institutions hold the quorum, so that rules needing two can be kept.
    function isSeated() external view returns (bool);

    /// @notice Names of all policies that were ever set: a successor must hold each as it stands (P11).
    function policyNames() external view returns (bytes32[] memory);

    /// @notice A policy value the registers obey, zero where none was set.
    function policyOf(bytes32 name) external view returns (uint256);

    /// @notice Whether a key may be an officer's in a consortium that follows: it was nobody's, here or before, or it is in
    /// force for this very officer, who was not revoked.
    function mayHold(OfficerId officer, bytes32 keyHash) external view returns (bool);

    /// @notice An officer's record, all zero where there is none.
    function officerOf(OfficerId officer) external view returns (OfficerRecord memory);

    /// @notice The verifier in force for consents signed by keys of a kind, or zero.
    function verifierOf(KeyKind kind) external view returns (address);

    /// @notice The institution that keeps an office, or zero where nobody does.
    function officeKeeper(OfficeId office) external view returns (InstitutionId);

    /// @notice What an institution is now.
    function institutionOf(InstitutionId institution) external view returns (Institution memory);

    /// @notice Whether two different officers of an institution, of every office, can prepare and approve for it, each
    /// neither suspended nor narrowed by a colleague's suspension and with a key that is allowed and counts already.
    /// Whether the institution itself is suspended is not looked at: else who suspends one could reseat it meanwhile.
    /// @param inTime Counts those too whose suspension, narrowing or wait for a key ends by itself.
    function canManage(InstitutionId institution, bool inTime) external view returns (bool);

    /// @notice How the members decide now.
    function constitution() external view returns (Constitution memory);

    /// @notice The contract that counts the members' votes.
    function council() external view returns (address);

    /// @notice The contract that keeps pauses and halts.
    function safeguards() external view returns (ISafeguards);

    /// @notice Takes note of the scopes that may be paused, in the word every act reads. Only the Safeguards.
    function markPaused(uint32 scope) external;

    /// @notice The EIP-712 digest of a struct hash in this contract's domain, for what the Council verifies.
    function digestOf(bytes32 structHash) external view returns (bytes32);

    /// @notice What the ledger was founded with.
    function founding() external view returns (Founding memory);

    /// @notice Reverts unless the key of that epoch signed a digest, whether or not it counts now.
    function requireSignature(
        OfficerId officer,
        uint32 epoch,
        bytes32 digest,
        bytes calldata signature
    ) external view;

    /// @notice Gives an officer a record; it counts after the appointment wait. Only the Personnel.
    function appoint(Appointment calldata appointment, Possessions calldata possessions) external;

    /// @notice Puts another key in its place of an officer's record; it counts after the appointment wait. Only the
    /// Personnel.
    /// @param epoch Epoch of the key replaced.
    /// @param possession Signature of `KeyPossession` by the new key.
    function rotate(OfficerId officer, uint32 epoch, Key calldata key, bytes calldata possession) external;

    /// @notice Suspends an officer at the word of one colleague, who is narrowed meanwhile. Only the Personnel, which
    /// checks who.
    function suspend(OfficerId officer, OfficerId revoker, uint64 until, bytes32 caseReference) external;

    /// @notice Ends the suspension of an officer. Only the Personnel.
    function free(OfficerId officer, bytes32 caseReference) external;

    /// @notice Ends an officer's record, at once and for good. Only the Personnel, which checks who revokes.
    /// @param revoker The officer itself, or zero where two others decided.
    function revoke(
        OfficerId officer,
        OfficerId revoker,
        uint64 suspectSince,
        bytes32 caseReference
    ) external;

    /// @notice Does what the members voted for, and records it. Only the Council, which checks that measure and
    /// appointments are those voted on.
    /// @param measureId Digest that names the measure.
    /// @param measureHash EIP-712 struct hash of the measure.
    /// @param appointments What `appointmentsHash` covers; empty where the measure appoints nobody.
    /// @param possessions The signatures of their keys, one pair an appointment.
    function enact(
        bytes32 measureId,
        bytes32 measureHash,
        Measure calldata measure,
        Appointment[] calldata appointments,
        Possessions[] calldata possessions
    ) external;
}
