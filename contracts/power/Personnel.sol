// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {IConsortium, Standing} from "../interfaces/IConsortium.sol";
import {
    EntryId,
    NO_INSTITUTION,
    NO_OFFICER,
    OfficeId,
    OfficerId,
    Signatures
} from "../interfaces/IJournal.sol";
import {
    AppointOfficer,
    IPersonnel,
    KIND_APPOINT_OFFICER,
    KIND_REVOCATION,
    KIND_ROTATE_KEY,
    Revocation,
    RotateKey
} from "../interfaces/IPersonnel.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Due} from "../journal/Due.sol";
import {Journal} from "../journal/Journal.sol";
import {Needs} from "./Needs.sol";
import {PowerActs} from "./PowerActs.sol";
import {Roles} from "./Roles.sol";

/// @title What officers do to one another's records
/// @notice Holds no officer. Promises that an institution's officers are appointed and re-keyed by two admins of that
/// institution within their own office, that narrowing is one officer's and counts at once, and that each is an entry.
contract Personnel is IPersonnel, Journal {
    /// @param charter_ The ledger's Charter.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    /// @param predecessor_ The register this one succeeds, or zero.
    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_
    ) Journal("Kudurru Personnel", charter_, ledgerNonce_, predecessor_) {}

    /// @inheritdoc IPersonnel
    function appointOfficer(AppointOfficer calldata act, Signatures calldata signatures) external {
        EntryId entryId = _checkOfficers(
            Needs.admins(act.appointment.institution, act.appointment.office),
            act.head,
            PowerActs.hash(act, ActHeads.hash(act.head)),
            signatures,
            PowerActs.APPOINT_OFFICER_APPROVAL
        );
        _consortium().appoint(act.appointment);
        bytes32 subject = OfficerId.unwrap(act.appointment.officer);
        bytes32 newState = PowerActs.hash(act.appointment);
        _record(KIND_APPOINT_OFFICER, entryId, subject, newState, act.head, signatures.approval);
    }

    /// @inheritdoc IPersonnel
    function rotateKey(RotateKey calldata act, Signatures calldata signatures) external {
        Standing memory standing = _requireLiving(act.officer);
        EntryId entryId = _checkOfficers(
            Needs.admins(standing.institution, standing.office),
            act.head,
            PowerActs.hash(act, ActHeads.hash(act.head)),
            signatures,
            PowerActs.ROTATE_KEY_APPROVAL
        );
        _consortium().rotate(act.officer, act.epoch, act.key);
        bytes32 newState = PowerActs.hash(act.key);
        bytes32 subject = OfficerId.unwrap(act.officer);
        _record(KIND_ROTATE_KEY, entryId, subject, newState, act.head, signatures.approval);
    }

    /// @inheritdoc IPersonnel
    function revokeOfficer(Revocation calldata revocation, bytes calldata signature) external {
        _requireInForce();
        bytes32 structHash = PowerActs.hash(revocation);
        bytes32 digest = _digestOf(structHash);
        _requireRevoker(revocation);
        _consortium().requireSignature(revocation.revoker, digest, signature);
        if (!Due.reached(revocation.suspectSince)) revert SuspicionInFuture();
        _consortium().revoke(revocation);
        _record(
            KIND_REVOCATION,
            EntryId.wrap(digest),
            OfficerId.unwrap(revocation.officer),
            structHash,
            revocation.revoker,
            NO_OFFICER,
            uint64(revocation.revokerEpoch) << 32
        );
    }

    /// @dev The own officer may revoke that key, or a colleague with the role. Narrowing is open to the suspended
    /// too, and the own key may be revoked before it counts.
    function _requireRevoker(Revocation calldata revocation) private view {
        OfficerId id = revocation.revoker;
        bool own = id == revocation.officer;
        Standing memory revoker = _requireLiving(id);
        if (!own && !Due.reached(revoker.activeFrom)) revert IConsortium.OfficerNotYetActive(id);
        if (revoker.epoch != revocation.revokerEpoch) revert IConsortium.OfficerEpochStale(id);
        if (own) return;
        Standing memory colleague = _requireLiving(revocation.officer);
        uint32 scope = OfficeId.unwrap(revoker.office);
        if (scope != 0 && scope != OfficeId.unwrap(colleague.office)) {
            revert IConsortium.OfficeOutOfScope(id);
        }
        if (revoker.roles & Roles.REVOKE == 0) revert IConsortium.RoleMissing(id);
        if (revoker.institution != colleague.institution) revert IConsortium.InstitutionDiffers(id);
    }

    function _requireLiving(OfficerId officer) private view returns (Standing memory standing) {
        standing = _consortium().officerOf(officer).standing;
        if (standing.institution == NO_INSTITUTION) revert IConsortium.OfficerUnknown(officer);
        if (standing.revokedAt != 0) revert IConsortium.OfficerIsRevoked(officer);
    }
}
