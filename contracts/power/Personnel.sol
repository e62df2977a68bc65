// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {AuthorityNeeded, Hold, IConsortium, Possessions, Standing} from "../interfaces/IConsortium.sol";
import {
    ActHead,
    EntryId,
    NO_INSTITUTION,
    NO_OFFICER,
    OfficeId,
    OfficerId,
    Signatures
} from "../interfaces/IJournal.sol";
import {
    AppointOfficer,
    FreeOfficer,
    IPersonnel,
    KIND_APPOINT_OFFICER,
    KIND_FREE_OFFICER,
    KIND_RESIGNATION,
    KIND_REVOKE_OFFICER,
    KIND_ROTATE_KEY,
    KIND_SUSPENSION,
    Resignation,
    RevokeOfficer,
    RotateKey,
    Suspension
} from "../interfaces/IPersonnel.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Due} from "../journal/Due.sol";
import {Acts} from "../journal/Acts.sol";
import {Journal} from "../journal/Journal.sol";
import {Needs} from "./Needs.sol";
import {PersonnelActs} from "./PersonnelActs.sol";
import {Roles} from "./Roles.sol";
import {Scopes} from "./Scopes.sol";

/// @title What officers do to one another's records
/// @notice Holds no officer. Promises that here an institution's officers are appointed, re-keyed, revoked and freed by
/// two admins of that institution, each of the officer's office or of every one, that what one does alone is to leave or
/// to suspend, and that each is an entry, once. What the members vote about an officer stands in the consortium's journal.
contract Personnel is IPersonnel, Acts {
    mapping(EntryId => bool) private _isRecorded;

    /// @param charter_ The ledger's Charter.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    /// @param predecessor_ The register this one succeeds, or zero.
    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_
    ) Journal("Kudurru Personnel", charter_, ledgerNonce_, predecessor_) {}

    /// @inheritdoc IPersonnel
    function appointOfficer(
        AppointOfficer calldata act,
        Possessions calldata possessions,
        Signatures calldata signatures
    ) external {
        bytes32 newState = PersonnelActs.hash(act.appointment);
        if (OfficeId.unwrap(act.head.office) != OfficeId.unwrap(act.appointment.office))
            revert OfficeDiffers();
        EntryId entryId = _checkOfficers(
            Needs.admins(act.appointment.institution, act.head.office, Scopes.OFFICERS),
            act.head,
            PersonnelActs.hash(act, ActHeads.hash(act.head), newState),
            signatures,
            PersonnelActs.appointOfficerApproval()
        );
        _once(entryId);
        _consortium().appoint(act.appointment, possessions);
        bytes32 officer = PersonnelActs.officerIdOf(act.appointment);
        _record(KIND_APPOINT_OFFICER, entryId, officer, newState, act.head, signatures.approval);
    }

    /// @inheritdoc IPersonnel
    function rotateKey(
        RotateKey calldata act,
        bytes calldata possession,
        Signatures calldata signatures
    ) external {
        bytes32 newState = PersonnelActs.hash(act.key);
        EntryId entryId = _checkOfficers(
            _adminsOf(act.officer, act.head, Scopes.OFFICERS),
            act.head,
            PersonnelActs.hash(act, ActHeads.hash(act.head), newState),
            signatures,
            PersonnelActs.rotateKeyApproval()
        );
        _once(entryId);
        _consortium().rotate(act.officer, act.epoch, act.key, possession);
        bytes32 subject = OfficerId.unwrap(act.officer);
        _record(KIND_ROTATE_KEY, entryId, subject, newState, act.head, signatures.approval);
    }

    /// @inheritdoc IPersonnel
    function revokeOfficer(RevokeOfficer calldata act, Signatures calldata signatures) external {
        bytes32 actHash = PersonnelActs.hash(act, ActHeads.hash(act.head));
        EntryId entryId = _checkOfficers(
            _adminsOf(act.officer, act.head, 0),
            act.head,
            actHash,
            signatures,
            ActHeads.approvalTypeHashOf(PersonnelActs.REVOKE_OFFICER)
        );
        _once(entryId);
        _requirePast(act.suspectSince);
        _consortium().revoke(act.officer, NO_OFFICER, act.suspectSince, act.caseReference);
        bytes32 subject = OfficerId.unwrap(act.officer);
        _record(KIND_REVOKE_OFFICER, entryId, subject, actHash, act.head, signatures.approval);
    }

    /// @inheritdoc IPersonnel
    function freeOfficer(FreeOfficer calldata act, Signatures calldata signatures) external {
        bytes32 actHash = PersonnelActs.hash(act, ActHeads.hash(act.head));
        EntryId entryId = _checkOfficers(
            _adminsOf(act.officer, act.head, Scopes.OFFICERS),
            act.head,
            actHash,
            signatures,
            ActHeads.approvalTypeHashOf(PersonnelActs.FREE_OFFICER)
        );
        _once(entryId);
        _consortium().free(act.officer, act.caseReference);
        bytes32 subject = OfficerId.unwrap(act.officer);
        _record(KIND_FREE_OFFICER, entryId, subject, actHash, act.head, signatures.approval);
    }

    /// @inheritdoc IPersonnel
    function resign(Resignation calldata order, bytes calldata signature) external {
        _requireInForce();
        bytes32 structHash = PersonnelActs.hash(order);
        bytes32 digest = _digestOf(structHash);
        _requireKey(order.officer, _requireLiving(order.officer), order.epoch);
        _consortium().requireSignature(order.officer, order.epoch, digest, signature);
        _once(EntryId.wrap(digest));
        _requirePast(order.suspectSince);
        _consortium().revoke(order.officer, order.officer, order.suspectSince, order.caseReference);
        _recordAlone(KIND_RESIGNATION, digest, order.officer, structHash, order.officer, order.epoch);
    }

    /// @inheritdoc IPersonnel
    function suspendOfficer(Suspension calldata order, bytes calldata signature) external {
        _requireInForce();
        bytes32 structHash = PersonnelActs.hash(order);
        bytes32 digest = _digestOf(structHash);
        if (order.officer == order.revoker) revert IConsortium.SecondPersonRequired();
        _requireRevoker(order);
        _consortium().requireSignature(order.revoker, order.revokerEpoch, digest, signature);
        _once(EntryId.wrap(digest));
        _consortium().suspend(order.officer, order.revoker, order.until, order.caseReference);
        _recordAlone(KIND_SUSPENSION, digest, order.officer, structHash, order.revoker, order.revokerEpoch);
    }

    /// @dev Narrowing is open to officers of a suspended institution too, but not to a suspended officer.
    function _requireRevoker(Suspension calldata order) private view {
        OfficerId id = order.revoker;
        Standing memory revoker = _requireLiving(id);
        if (revoker.hold == Hold.Suspended && !Due.reached(revoker.heldUntil)) {
            revert IConsortium.OfficerIsSuspended(id);
        }
        bool spare = order.revokerEpoch & 1 == 0;
        if (!Due.reached(spare ? revoker.spareActiveFrom : revoker.activeFrom)) {
            revert IConsortium.OfficerNotYetActive(id);
        }
        _requireKey(id, revoker, order.revokerEpoch);
        Standing memory colleague = _requireLiving(order.officer);
        uint32 scope = OfficeId.unwrap(revoker.office);
        if (scope != 0 && scope != OfficeId.unwrap(colleague.office)) {
            revert IConsortium.OfficeOutOfScope(id);
        }
        if (revoker.roles & Roles.REVOKE == 0) revert IConsortium.RoleMissing(id);
        if (revoker.institution != colleague.institution) revert IConsortium.InstitutionDiffers(id);
    }

    /// @dev Two admins of the officer's institution, of its office or of every office.
    function _adminsOf(
        OfficerId officer,
        ActHead calldata head,
        uint32 pauseScope
    ) private view returns (AuthorityNeeded memory) {
        Standing memory standing = _requireLiving(officer);
        if (OfficeId.unwrap(head.office) != OfficeId.unwrap(standing.office)) revert OfficeDiffers();
        return Needs.admins(standing.institution, standing.office, pauseScope);
    }

    function _requireLiving(OfficerId officer) private view returns (Standing memory standing) {
        standing = _consortium().officerOf(officer).standing;
        if (standing.institution == NO_INSTITUTION) revert IConsortium.OfficerUnknown(officer);
        if (standing.hold == Hold.Revoked) revert IConsortium.OfficerIsRevoked(officer);
    }

    function _requireKey(OfficerId officer, Standing memory standing, uint32 epoch) private pure {
        if (standing.epoch != epoch && standing.spareEpoch != epoch) {
            revert IConsortium.OfficerEpochStale(officer);
        }
    }

    function _requirePast(uint64 suspectSince) private view {
        if (!Due.reached(suspectSince)) revert SuspicionInFuture();
    }

    /// @dev What two acts leave can be what they found: an officer suspended again, or founded anew by a consortium that
    /// succeeded, would be freed or suspended by an act of before that anybody posts again.
    function _once(EntryId entryId) private {
        if (_isRecorded[entryId]) revert ActAlreadyRecorded();
        _isRecorded[entryId] = true;
    }

    function _recordAlone(
        uint16 kind,
        bytes32 digest,
        OfficerId subject,
        bytes32 newState,
        OfficerId signer,
        uint32 epoch
    ) private {
        _record(
            kind,
            EntryId.wrap(digest),
            OfficerId.unwrap(subject),
            newState,
            signer,
            NO_OFFICER,
            uint64(epoch) << 32
        );
    }
}
