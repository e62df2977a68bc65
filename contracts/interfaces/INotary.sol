// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead, InstitutionId, Signatures} from "./IJournal.sol";

/// @notice What a recorded root is the root of; each kind has a sequence of its own.
enum RootKind {
    Unspecified,
    /// The institution's log of who read what of whom; `stones` counts the data keys it destroyed.
    AccessLog,
    /// Files the institution published; `lines` counts them.
    PublishedFiles,
    /// Blocks the institution witnessed; the root is a block's hash, `lines` its number.
    Checkpoint
}

/// @notice Two admin officers of an institution give it a recorder key, or another one; it counts after the
/// appointment wait, and until then neither key does.
/// @param institution The institution.
/// @param epochBefore How many recorder keys it had: the state the act replaces.
/// @param keyHash keccak256 of the 20 bytes of a secp256k1 key's address.
struct AppointRecorder {
    ActHead head;
    InstitutionId institution;
    uint32 epochBefore;
    bytes32 keyHash;
}

/// @notice Two admin officers of an institution end its recorder key, at once and for good.
/// @param institution The institution.
/// @param epoch Number of the key that ends.
struct RevokeRecorder {
    ActHead head;
    InstitutionId institution;
    uint32 epoch;
}

/// @notice A root, signed by the institution's recorder. Nothing of a person is in it.
/// @param institution Whose recorder signs.
/// @param epoch Number of the key that signs.
/// @param kind What it is the root of.
/// @param index One more than that of the root before of this kind; the first is 1.
/// @param root The root, never zero.
/// @param lines What it covers, as the kind counts; never fewer than under the same key before.
/// @param stones Data keys destroyed so far, as `Erased` counted them; zero for another kind than the access log.
/// @param day Newest day it covers, in days since 1970-01-01 UTC; never earlier than before, never after today.
struct RootRecord {
    InstitutionId institution;
    uint32 epoch;
    RootKind kind;
    uint64 index;
    bytes32 root;
    uint64 lines;
    uint64 stones;
    uint32 day;
}

/// @notice Data keys that were destroyed, signed by the institution's recorder.
/// @param institution Whose recorder signs.
/// @param epoch Number of the key that signs.
/// @param stonesBefore How many were counted before: the state the order replaces.
/// @param ids The random ids of the keys, rising, 1 to `MAX_ERASED`.
struct Erasure {
    InstitutionId institution;
    uint32 epoch;
    uint64 stonesBefore;
    bytes32[] ids;
}

/// @notice An institution's recorder key.
/// @param keyHash The key in force, or zero.
/// @param epoch How many keys it had.
/// @param activeFrom First second at which the key counts.
/// @param stones Data keys it destroyed so far.
struct Recorder {
    bytes32 keyHash;
    uint32 epoch;
    uint40 activeFrom;
    uint64 stones;
}

/// @notice The newest root of one kind of an institution.
/// @param index How many there are.
/// @param lines What the newest covers.
/// @param day The newest day it covers.
/// @param recordedAt Second at which it was recorded.
/// @param epoch Number of the key that signed it.
struct Newest {
    uint64 index;
    uint64 lines;
    uint32 day;
    uint40 recordedAt;
    uint32 epoch;
}

/// @dev Kinds of the register's journal entries. The last two are signed by a recorder, who is no officer.
uint16 constant KIND_APPOINT_RECORDER = 16;
uint16 constant KIND_REVOKE_RECORDER = 17;
uint16 constant KIND_ROOT = 18;
uint16 constant KIND_ERASURE = 19;

/// @dev Most ids of one erasure: a word of log each, and a list that a gateway reads whole.
uint256 constant MAX_ERASED = 256;
/// @dev A recorder that is stolen writes at most so often.
uint64 constant ROOT_EVERY_SECONDS = 1 hours;

/// @title What institutions swear to and the ledger only dates
/// @notice Promises that of every institution and kind the roots stand in one unbroken line, at most one an hour, each by
/// that institution's recorder; that its lines only grow under one key; and that its stones are exactly the ids it named.
/// @dev A key that two admins put in another's place begins its lines where its first root says, be it at fewer: a
/// stolen key may have stated so many that no honest root would ever reach them, and no bound taken from what keys stated
/// holds against the next one. Index, day and stones go on, for these nobody can state ahead. An auditor sees a fall of the
/// lines by the epochs of the two roots beside it, and the roots before it stay: who began anew has them to answer for.
interface INotary {
    /// @notice An institution has a recorder key, from a moment on.
    event RecorderAppointed(
        InstitutionId indexed institution,
        bytes32 keyHash,
        uint32 epoch,
        uint64 activeFrom,
        bytes possession
    );

    /// @notice An institution's recorder key ended.
    event RecorderRevoked(InstitutionId indexed institution, uint32 epoch);

    /// @notice A root was recorded.
    /// @param signature The recorder's, so that logs alone show who swore.
    event RootRecorded(
        InstitutionId indexed institution,
        RootKind indexed kind,
        uint32 epoch,
        uint64 index,
        bytes32 root,
        uint64 lines,
        uint64 stones,
        uint32 day,
        bytes signature
    );

    /// @notice Data keys were destroyed.
    event Erased(
        InstitutionId indexed institution,
        uint32 epoch,
        uint64 stonesBefore,
        bytes32[] ids,
        bytes signature
    );

    /// @notice Thrown when an institution has no recorder key.
    error RecorderUnknown();
    /// @notice Thrown when an act or a signature names another recorder key than the one in force.
    error RecorderEpochStale();
    /// @notice Thrown when a key hash is zero or was a recorder's before.
    error RecorderKeyUsed();
    /// @notice Thrown when the new key did not sign that it is its holder's.
    error RecorderKeyNotShown();
    /// @notice Thrown when a recorder key does not count yet.
    error RecorderNotYetActive();
    /// @notice Thrown when a root is of no kind.
    error RootKindUnknown();
    /// @notice Thrown when a root is zero.
    error RootMissing();
    /// @notice Thrown when a root's index is not the next.
    error RootOutOfOrder();
    /// @notice Thrown when a root comes sooner after the one before than a recorder may.
    error RootTooSoon(uint256 everySeconds);
    /// @notice Thrown when a root covers fewer lines than the one before by the same key.
    error LinesShrank();
    /// @notice Thrown when the stones of a root are not those that were counted.
    error StonesDiffer();
    /// @notice Thrown when a root's newest day is before that of the root before, or after today.
    error DayOutOfRange();
    /// @notice Thrown when an erasure names no id or more than the limit.
    error ErasureSizeOutOfRange(uint256 limit);
    /// @notice Thrown when ids of an erasure do not rise.
    error ErasureOutOfOrder();
    /// @notice Thrown when an erasure follows another count than the one in force.
    error ErasureStale();
    /// @notice Thrown when the institution's recorder did not sign.
    error RecorderSignatureInvalid();

    /// @notice An institution's recorder.
    function recorderOf(InstitutionId institution) external view returns (Recorder memory);

    /// @notice The newest root of a kind.
    function newestOf(InstitutionId institution, RootKind kind) external view returns (Newest memory);

    /// @notice Gives an institution a recorder key, or another one; two admin officers of it.
    /// @param possession The new key's signature of `KeyPossession` in this register's domain, of no officer, outside what the two
    /// sign.
    function appointRecorder(
        AppointRecorder calldata act,
        bytes calldata possession,
        Signatures calldata signatures
    ) external;

    /// @notice Ends an institution's recorder key; two admin officers of it.
    function revokeRecorder(RevokeRecorder calldata act, Signatures calldata signatures) external;

    /// @notice Records a root. Anybody may send what the recorder signed.
    function recordRoot(RootRecord calldata record, bytes calldata signature) external;

    /// @notice Counts destroyed data keys. Anybody may send what the recorder signed.
    function recordErasure(Erasure calldata erasure, bytes calldata signature) external;
}
