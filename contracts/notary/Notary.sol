// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {IConsortium, Institution, KeyPossession} from "../interfaces/IConsortium.sol";
import {EntryId, InstitutionId, NO_OFFICER, OfficeId, Signatures} from "../interfaces/IJournal.sol";
import {
    AppointRecorder,
    Erasure,
    INotary,
    KIND_APPOINT_RECORDER,
    KIND_ERASURE,
    KIND_REVOKE_RECORDER,
    KIND_ROOT,
    MAX_ERASED,
    Newest,
    Recorder,
    RevokeRecorder,
    ROOT_EVERY_SECONDS,
    RootKind,
    RootRecord
} from "../interfaces/INotary.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Due} from "../journal/Due.sol";
import {Importing} from "../journal/Importing.sol";
import {Journal} from "../journal/Journal.sol";
import {Secp256k1} from "../journal/Secp256k1.sol";
import {Keys} from "../power/Keys.sol";
import {Scopes} from "../power/Scopes.sol";
import {Needs} from "../power/Needs.sol";
import {PersonnelActs} from "../power/PersonnelActs.sol";
import {NotaryActs} from "./NotaryActs.sol";

/// @title What institutions swear to and the ledger only dates
/// @notice Keeps one recorder an institution, how far its roots have come, and how many data keys it destroyed.
/// @dev A recorder is a machine's key and decides nothing: what it signs is checked for order alone, and whether a root
/// is that of the log is the auditor's to see.
contract Notary is INotary, Importing {
    mapping(InstitutionId institution => Recorder) private _recorders;
    mapping(InstitutionId institution => mapping(RootKind kind => Newest)) private _newest;
    mapping(bytes32 keyHash => bool) private _isUsed;

    /// @param charter_ The ledger's Charter.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    /// @param predecessor_ The register this one succeeds, or zero.
    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_
    ) Journal("Kudurru Notary", charter_, ledgerNonce_, predecessor_) {}

    /// @inheritdoc INotary
    function appointRecorder(
        AppointRecorder calldata act,
        bytes calldata possession,
        Signatures calldata signatures
    ) external {
        bytes32 actHash = NotaryActs.hash(act);
        EntryId entryId = _checkOfficers(
            Needs.admins(act.institution, OfficeId.wrap(0), Scopes.OFFICERS),
            act.head,
            actHash,
            signatures,
            ActHeads.approvalTypeHashOf(NotaryActs.APPOINT_RECORDER)
        );
        Recorder storage recorder = _recorders[act.institution];
        if (recorder.epoch != act.epochBefore) revert RecorderEpochStale();
        if (act.keyHash == 0 || _isUsed[act.keyHash]) revert RecorderKeyUsed();
        uint32 epoch = act.epochBefore + 1;
        bytes32 shown = PersonnelActs.hash(KeyPossession(NO_OFFICER, act.keyHash, epoch, act.institution));
        if (!Keys.isOf(Secp256k1.recover(_digestOf(shown), possession), act.keyHash))
            revert RecorderKeyNotShown();
        _isUsed[act.keyHash] = true;
        uint64 activeFrom = Due.now_() + _consortium().constitution().appointmentWaitSeconds;
        recorder.keyHash = act.keyHash;
        recorder.epoch = epoch;
        recorder.activeFrom = uint40(activeFrom);
        emit RecorderAppointed(act.institution, act.keyHash, epoch, activeFrom, possession);
        bytes32 subject = _subjectOf(act.institution);
        _record(KIND_APPOINT_RECORDER, entryId, subject, actHash, act.head, signatures.approval);
    }

    /// @inheritdoc INotary
    function revokeRecorder(RevokeRecorder calldata act, Signatures calldata signatures) external {
        bytes32 actHash = NotaryActs.hash(act);
        EntryId entryId = _checkOfficers(
            Needs.admins(act.institution, OfficeId.wrap(0), Scopes.OFFICERS),
            act.head,
            actHash,
            signatures,
            ActHeads.approvalTypeHashOf(NotaryActs.REVOKE_RECORDER)
        );
        Recorder storage recorder = _recorders[act.institution];
        if (recorder.keyHash == 0) revert RecorderUnknown();
        if (recorder.epoch != act.epoch) revert RecorderEpochStale();
        recorder.keyHash = 0;
        emit RecorderRevoked(act.institution, act.epoch);
        bytes32 subject = _subjectOf(act.institution);
        _record(KIND_REVOKE_RECORDER, entryId, subject, actHash, act.head, signatures.approval);
    }

    /// @inheritdoc INotary
    function recordRoot(RootRecord calldata record, bytes calldata signature) external {
        Recorder memory recorder = _requireRecorder(record.institution, record.epoch);
        if (record.kind == RootKind.Unspecified) revert RootKindUnknown();
        if (record.root == 0) revert RootMissing();
        Newest storage newest = _newest[record.institution][record.kind];
        if (record.index != newest.index + 1) revert RootOutOfOrder();
        if (!Due.reached(newest.recordedAt + ROOT_EVERY_SECONDS)) revert RootTooSoon(ROOT_EVERY_SECONDS);
        // A new key answers for its own counts: what a stolen one stated binds nobody after it.
        if (record.epoch == newest.epoch && record.lines < newest.lines) revert LinesShrank();
        uint64 stones = record.kind == RootKind.AccessLog ? recorder.stones : 0;
        if (record.stones != stones) revert StonesDiffer();
        if (record.day < newest.day || !Due.reached(uint64(record.day) * 1 days)) revert DayOutOfRange();
        bytes32 structHash = NotaryActs.hash(record);
        EntryId entryId = _requireSigned(recorder, structHash, signature);
        newest.index = record.index;
        newest.lines = record.lines;
        newest.day = record.day;
        newest.recordedAt = uint40(Due.now_());
        newest.epoch = record.epoch;
        emit RootRecorded(
            record.institution,
            record.kind,
            record.epoch,
            record.index,
            record.root,
            record.lines,
            record.stones,
            record.day,
            signature
        );
        _record(KIND_ROOT, entryId, _subjectOf(record.institution), structHash, NO_OFFICER, NO_OFFICER, 0);
    }

    /// @inheritdoc INotary
    function recordErasure(Erasure calldata erasure, bytes calldata signature) external {
        Recorder memory recorder = _requireRecorder(erasure.institution, erasure.epoch);
        uint256 count = erasure.ids.length;
        if (count == 0 || count > MAX_ERASED) revert ErasureSizeOutOfRange(MAX_ERASED);
        for (uint256 i = 1; i < count; ++i) {
            if (erasure.ids[i - 1] >= erasure.ids[i]) revert ErasureOutOfOrder();
        }
        if (erasure.stonesBefore != recorder.stones) revert ErasureStale();
        bytes32 structHash = NotaryActs.hash(erasure);
        EntryId entryId = _requireSigned(recorder, structHash, signature);
        _recorders[erasure.institution].stones = recorder.stones + uint64(count);
        emit Erased(erasure.institution, erasure.epoch, erasure.stonesBefore, erasure.ids, signature);
        bytes32 subject = _subjectOf(erasure.institution);
        _record(KIND_ERASURE, entryId, subject, structHash, NO_OFFICER, NO_OFFICER, 0);
    }

    /// @inheritdoc INotary
    function recorderOf(InstitutionId institution) external view returns (Recorder memory) {
        return _recorders[institution];
    }

    /// @inheritdoc INotary
    function newestOf(InstitutionId institution, RootKind kind) external view returns (Newest memory) {
        return _newest[institution][kind];
    }

    /// @dev A suspended institution's machines are as silent as its officers.
    function _requireRecorder(
        InstitutionId institution,
        uint32 epoch
    ) private view returns (Recorder memory recorder) {
        _requireInForce();
        recorder = _recorders[institution];
        if (recorder.keyHash == 0) revert RecorderUnknown();
        if (recorder.epoch != epoch) revert RecorderEpochStale();
        if (!Due.reached(recorder.activeFrom)) revert RecorderNotYetActive();
        Institution memory standing = _consortium().institutionOf(institution);
        if (standing.suspended || standing.expelled) revert IConsortium.InstitutionIsBarred(institution);
    }

    function _requireSigned(
        Recorder memory recorder,
        bytes32 structHash,
        bytes calldata signature
    ) private view returns (EntryId) {
        bytes32 digest = _digestOf(structHash);
        if (!Keys.isOf(Secp256k1.recover(digest, signature), recorder.keyHash))
            revert RecorderSignatureInvalid();
        return EntryId.wrap(digest);
    }

    function _subjectOf(InstitutionId institution) private pure returns (bytes32) {
        return bytes32(uint256(InstitutionId.unwrap(institution)));
    }
}
