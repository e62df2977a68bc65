// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, IConsortium, Key, KeyKind, OfficerRecord, Standing} from "../interfaces/IConsortium.sol";
import {InstitutionId, NO_INSTITUTION, NO_OFFICER, OfficeId, OfficerId} from "../interfaces/IJournal.sol";
import {Due} from "../journal/Due.sol";
import {Institutions} from "./Institutions.sol";
import {Keys} from "./Keys.sol";
import {Roles} from "./Roles.sol";

/// @title Officers, their keys and the verifiers of those keys
/// @notice Promises that an officer's id and a key are given once and never again, that a revoked officer
/// never returns (P3), and that every check of standing reads one storage word. The caller decides who may
/// appoint, rotate and revoke.
library Officers {
    /// @dev Officers not revoked, by what they can do for their institution; one who can do both is one of `either`.
    /// @dev Only those of every office: who is of one office manages that office's officers alone.
    struct Admins {
        uint16 preparers;
        uint16 approvers;
        uint16 either;
    }

    struct Table {
        mapping(OfficerId => OfficerRecord) records;
        mapping(bytes32 keyHash => bool) keyUsed;
        mapping(InstitutionId => Admins) admins;
        mapping(address verifier => KeyKind) allowedFor;
        mapping(KeyKind => address) verifierOf;
    }

    /// @notice Gives an officer a record, silently: a constructor of founding emits nothing.
    /// @param roleCeiling Roles the institution may give.
    function appoint(
        Table storage self,
        Appointment memory appointment,
        uint32 roleCeiling,
        uint64 activeFrom
    ) internal {
        OfficerRecord storage record = self.records[appointment.officer];
        if (appointment.officer == NO_OFFICER || record.standing.institution != NO_INSTITUTION) {
            revert IConsortium.OfficerExists();
        }
        uint32 roles = appointment.roles;
        if (roles == 0 || roles & ~roleCeiling != 0) revert IConsortium.RolesOutOfRange();
        _takeKey(self, record, appointment.key);
        record.standing = Standing({
            institution: appointment.institution,
            office: appointment.office,
            roles: roles,
            epoch: 1,
            activeFrom: uint40(activeFrom),
            revokedAt: 0,
            kind: appointment.key.kind,
            requireUV: appointment.key.requireUV
        });
        if (OfficeId.unwrap(appointment.office) != 0) return;
        Admins storage admins = self.admins[appointment.institution];
        if (roles & Roles.ADMIN_PREPARER != 0) ++admins.preparers;
        if (roles & Roles.ADMIN_APPROVER != 0) ++admins.approvers;
        if (roles & (Roles.ADMIN_PREPARER | Roles.ADMIN_APPROVER) != 0) ++admins.either;
    }

    /// @notice Puts another key in the place of the one with this epoch.
    function rotate(
        Table storage self,
        OfficerId officer,
        uint32 epoch,
        Key memory key,
        uint64 activeFrom
    ) internal {
        OfficerRecord storage record = self.records[officer];
        Standing memory standing = requireLiving(self, officer);
        if (standing.epoch != epoch) revert IConsortium.OfficerEpochStale(officer);
        _takeKey(self, record, key);
        record.standing.epoch = epoch + 1;
        record.standing.activeFrom = uint40(activeFrom);
        record.standing.kind = key.kind;
        record.standing.requireUV = key.requireUV;
    }

    /// @notice Ends an officer's record for good.
    function revoke(Table storage self, OfficerId officer) internal {
        Standing memory standing = requireLiving(self, officer);
        self.records[officer].standing.revokedAt = uint40(Due.now_());
        if (OfficeId.unwrap(standing.office) != 0) return;
        Admins storage admins = self.admins[standing.institution];
        if (standing.roles & Roles.ADMIN_PREPARER != 0) --admins.preparers;
        if (standing.roles & Roles.ADMIN_APPROVER != 0) --admins.approvers;
        if (standing.roles & (Roles.ADMIN_PREPARER | Roles.ADMIN_APPROVER) != 0) --admins.either;
    }

    /// @notice Lets keys of a kind be checked by a verifier; the latest one serves consents of that kind.
    function allowVerifier(Table storage self, address verifier, KeyKind kind) internal {
        if (verifier.code.length == 0 || (kind != KeyKind.P256 && kind != KeyKind.WebAuthn)) {
            revert IConsortium.VerifierNotAllowed(verifier);
        }
        self.allowedFor[verifier] = kind;
        self.verifierOf[kind] = verifier;
    }

    /// @notice Stops a verifier: keys in records that name it no longer count.
    function disallowVerifier(Table storage self, address verifier) internal {
        KeyKind kind = self.allowedFor[verifier];
        if (kind == KeyKind.Unspecified) revert IConsortium.VerifierNotAllowed(verifier);
        self.allowedFor[verifier] = KeyKind.Unspecified;
        if (self.verifierOf[kind] == verifier) self.verifierOf[kind] = address(0);
    }

    /// @notice Whether two different officers of the institution can prepare and approve for it.
    function canManage(Table storage self, InstitutionId institution) internal view returns (bool) {
        Admins memory admins = self.admins[institution];
        return admins.preparers > 0 && admins.approvers > 0 && admins.either > 1;
    }

    /// @notice The standing of an officer whose signature counts now, or the reason why not.
    /// @param barred Bits of the institutions suspended or expelled.
    function requireValid(
        Table storage self,
        OfficerId officer,
        uint32 epoch,
        uint128 barred
    ) internal view returns (Standing memory standing) {
        standing = requireLiving(self, officer);
        if (!Due.reached(standing.activeFrom)) revert IConsortium.OfficerNotYetActive(officer);
        if (standing.epoch != epoch) revert IConsortium.OfficerEpochStale(officer);
        if (barred & Institutions.bitOf(standing.institution) != 0)
            revert IConsortium.InstitutionIsBarred(standing.institution);
    }

    /// @notice The standing of an officer who exists and was not revoked.
    function requireLiving(
        Table storage self,
        OfficerId officer
    ) internal view returns (Standing memory standing) {
        standing = self.records[officer].standing;
        if (standing.institution == NO_INSTITUTION) revert IConsortium.OfficerUnknown(officer);
        if (standing.revokedAt != 0) revert IConsortium.OfficerIsRevoked(officer);
    }

    /// @notice Reverts unless the officer's key signed the digest.
    function requireSigned(
        Table storage self,
        OfficerId officer,
        Standing memory standing,
        bytes32 digest,
        bytes calldata signature
    ) internal view {
        OfficerRecord storage record = self.records[officer];
        bool signed =
            standing.kind == KeyKind.Secp256k1
                ? Keys.isSecp256k1(record.keyHash, digest, signature)
                : _isVerified(self, record, standing, digest, signature);
        if (!signed) revert IConsortium.BadSignature(officer);
    }

    /// @notice Reverts unless an officer acting alone holds one of the roles, for every office where a vote or
    /// a pause concerns the whole ledger.
    function requireRole(OfficerId officer, Standing memory standing, uint32 roles) internal pure {
        if (roles & (Roles.VOTE | Roles.PAUSE) != 0 && OfficeId.unwrap(standing.office) != 0) {
            revert IConsortium.OfficeOutOfScope(officer);
        }
        if (roles != 0 && standing.roles & roles == 0) revert IConsortium.RoleMissing(officer);
    }

    function _isVerified(
        Table storage self,
        OfficerRecord storage record,
        Standing memory standing,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (bool) {
        address verifier = record.verifier;
        if (self.allowedFor[verifier] != standing.kind) revert IConsortium.VerifierNotAllowed(verifier);
        if (signature.length < Keys.PUBLIC_KEY_BYTES) return false;
        bytes calldata publicKey = signature[:Keys.PUBLIC_KEY_BYTES];
        bytes calldata proof = signature[Keys.PUBLIC_KEY_BYTES:];
        if (keccak256(publicKey) != record.keyHash) return false;
        if (
            standing.kind == KeyKind.WebAuthn &&
            !Keys.isForRelyingParty(proof, record.rpIdHash, standing.requireUV)
        ) return false;
        return Keys.isVerified(verifier, publicKey, digest, proof);
    }

    /// @dev A key is taken for ever: two officers never share one (P1), and a revoked one never returns (P3).
    function _takeKey(Table storage self, OfficerRecord storage record, Key memory key) private {
        bool ownVerifier = key.kind == KeyKind.P256 || key.kind == KeyKind.WebAuthn;
        bool passkey = key.kind == KeyKind.WebAuthn;
        if (
            key.kind == KeyKind.Unspecified ||
            key.keyHash == 0 ||
            (!ownVerifier && key.verifier != address(0)) ||
            (passkey ? key.rpIdHash == 0 : key.rpIdHash != 0 || key.requireUV)
        ) revert IConsortium.KeyMalformed();
        if (ownVerifier && self.allowedFor[key.verifier] != key.kind) {
            revert IConsortium.VerifierNotAllowed(key.verifier);
        }
        if (self.keyUsed[key.keyHash]) revert IConsortium.KeyAlreadyUsed();
        self.keyUsed[key.keyHash] = true;
        record.keyHash = key.keyHash;
        record.rpIdHash = key.rpIdHash;
        record.verifier = key.verifier;
    }
}
