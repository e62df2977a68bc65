// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Appointment,
    Hold,
    IConsortium,
    Key,
    KeyKind,
    KeyPlace,
    OfficerRecord,
    Standing
} from "../interfaces/IConsortium.sol";
import {InstitutionId, NO_INSTITUTION, OfficeId, OfficerId} from "../interfaces/IJournal.sol";
import {Due} from "../journal/Due.sol";
import {Secp256k1} from "../journal/Secp256k1.sol";
import {Institutions} from "./Institutions.sol";
import {Keys} from "./Keys.sol";
import {Roles} from "./Roles.sol";

/// @title Officers, their keys and the verifiers of those keys
/// @notice Promises that an officer's id and a key are given once and never again, that a revoked officer
/// never returns and a suspended one is silent (P3), that lone colleagues silence an officer for at most 72 hours in
/// 30 days and are narrowed meanwhile (P9), and that every check of standing reads one storage word. The caller
/// decides who may appoint, rotate, suspend and revoke.
library Officers {
    /// @dev Epochs of the two keys at first: the lowest bit of an epoch is its place.
    uint32 internal constant FIRST_EPOCH = 1;
    uint32 internal constant FIRST_SPARE_EPOCH = 2;
    /// @dev Long enough for two admins to meet, or the members to vote.
    uint64 private constant _MAX_SUSPENSION_SECONDS = 72 hours;
    uint64 private constant _REST_SECONDS = 30 days;
    /// @dev Most officers of every office who manage the others, of one institution: a measure may read those of every
    /// member twice, and with so many of `Institutions.MAX_NUMBER` members it fits a transaction.
    uint256 private constant _MAX_ADMINS = 7;

    struct Table {
        mapping(OfficerId => OfficerRecord) records;
        mapping(bytes32 keyHash => bool) keyUsed;
        // Only those of every office: who is of one office manages that office's officers alone.
        mapping(InstitutionId => OfficerId[]) admins;
        mapping(address verifier => KeyKind) allowedFor;
        mapping(KeyKind => address) verifierOf;
    }

    /// @notice Gives an officer a record, silently: a constructor of founding emits nothing.
    /// @param roleCeiling Roles the institution may give.
    function appoint(
        Table storage self,
        OfficerId officer,
        Appointment memory appointment,
        uint32 roleCeiling,
        uint64 activeFrom
    ) internal {
        OfficerRecord storage record = self.records[officer];
        if (record.standing.institution != NO_INSTITUTION) revert IConsortium.OfficerExists();
        uint32 roles = appointment.roles;
        if (roles == 0 || roles & ~roleCeiling != 0) revert IConsortium.RolesOutOfRange();
        _takeKey(self, record.places[0], appointment.key);
        _takeKey(self, record.places[1], appointment.spare);
        record.standing = Standing({
            institution: appointment.institution,
            office: appointment.office,
            roles: roles,
            epoch: uint16(FIRST_EPOCH),
            spareEpoch: uint16(FIRST_SPARE_EPOCH),
            activeFrom: uint40(activeFrom),
            spareActiveFrom: uint40(activeFrom),
            kind: appointment.key.kind,
            spareKind: appointment.spare.kind,
            hold: Hold.None,
            heldUntil: 0
        });
        if (!_isAdmin(record.standing)) return;
        OfficerId[] storage admins = self.admins[appointment.institution];
        if (admins.length == _MAX_ADMINS) revert IConsortium.TooManyAdmins(_MAX_ADMINS);
        admins.push(officer);
    }

    /// @notice Puts another key in the place of the one with this epoch.
    /// @return next The epoch of the new key.
    function rotate(
        Table storage self,
        OfficerId officer,
        uint32 epoch,
        Key memory key,
        uint64 activeFrom
    ) internal returns (uint16 next) {
        OfficerRecord storage record = self.records[officer];
        Standing memory standing = requireLiving(self, officer);
        bool spare = _isSpare(epoch);
        uint16 before = spare ? standing.spareEpoch : standing.epoch;
        if (before != epoch) revert IConsortium.OfficerEpochStale(officer);
        next = before + 2;
        _takeKey(self, record.places[spare ? 1 : 0], key);
        if (spare) {
            (standing.spareEpoch, standing.spareActiveFrom) = (next, uint40(activeFrom));
            standing.spareKind = key.kind;
        } else {
            (standing.epoch, standing.activeFrom) = (next, uint40(activeFrom));
            standing.kind = key.kind;
        }
        record.standing = standing;
    }

    /// @notice Silences an officer until a moment and narrows the one who does so as long.
    function suspend(Table storage self, OfficerId officer, OfficerId revoker, uint64 until) internal {
        requireLiving(self, officer);
        OfficerRecord storage record = self.records[officer];
        OfficerRecord storage own = self.records[revoker];
        // A narrowing ends before a suspension that hides it: else a friend's short one would end it.
        if (
            Due.reached(until) || until > Due.now_() + _MAX_SUSPENSION_SECONDS || until < record.narrowedUntil
        ) revert IConsortium.SuspensionLengthOutOfRange(_MAX_SUSPENSION_SECONDS / 1 hours);
        uint64 last = record.suspendedFrom;
        if (!Due.reached(own.narrowedUntil) || (last != 0 && !Due.reached(last + _REST_SECONDS))) {
            revert IConsortium.SuspensionTooSoon(_REST_SECONDS / 1 days);
        }
        record.suspendedFrom = uint40(Due.now_());
        own.narrowedUntil = uint40(until);
        _hold(record, Hold.Suspended, until);
        _hold(own, Hold.Narrowed, until);
    }

    /// @notice Ends a suspension; a narrowing of the officer's own goes on.
    function free(Table storage self, OfficerId officer) internal {
        OfficerRecord storage record = self.records[officer];
        if (!isSuspended(record.standing)) revert IConsortium.OfficerNotSuspended();
        _hold(record, Hold.Narrowed, record.narrowedUntil);
    }

    /// @notice Ends an officer's record for good.
    function revoke(Table storage self, OfficerId officer) internal {
        Standing memory standing = requireLiving(self, officer);
        _hold(self.records[officer], Hold.Revoked, Due.now_());
        if (!_isAdmin(standing)) return;
        OfficerId[] storage admins = self.admins[standing.institution];
        uint256 last = admins.length - 1;
        for (uint256 i = 0; i <= last; ++i) {
            if (admins[i] == officer) admins[i] = admins[last];
        }
        admins.pop();
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

    /// @notice How many pairs of two different officers of every office can prepare and approve for the institution, each
    /// pair without one officer of the one before: two where any one may be missing.
    /// @param inTime Whether those count too whose signature will count without anybody's doing: a lone colleague
    /// suspended them, they are narrowed, or a key waits. A key whose verifier is not allowed never counts.
    /// @param enough Reads no further than to so many.
    function managing(
        Table storage self,
        InstitutionId institution,
        bool inTime,
        uint256 enough
    ) internal view returns (uint256 pairs) {
        OfficerId[] storage admins = self.admins[institution];
        uint256 count = admins.length;
        uint256 preparers = 0;
        uint256 approvers = 0;
        uint256 either = 0;
        for (uint256 i = 0; i < count && pairs < enough; ++i) {
            OfficerRecord storage record = self.records[admins[i]];
            Standing memory standing = record.standing;
            bool held = standing.hold != Hold.None && !Due.reached(standing.heldUntil);
            if (held && !inTime) continue;
            bool keyed =
                ((inTime || Due.reached(standing.activeFrom)) &&
                    isAllowed(self, standing.kind, record.places[0].verifier)) ||
                    ((inTime || Due.reached(standing.spareActiveFrom)) &&
                        isAllowed(self, standing.spareKind, record.places[1].verifier));
            if (!keyed) continue;
            if (standing.roles & Roles.ADMIN_PREPARER != 0) ++preparers;
            if (standing.roles & Roles.ADMIN_APPROVER != 0) ++approvers;
            pairs = either++;
            if (preparers < pairs) pairs = preparers;
            if (approvers < pairs) pairs = approvers;
        }
    }

    /// @notice Whether a verifier may judge keys of a kind; those of the chain itself need none.
    function isAllowed(Table storage self, KeyKind kind, address verifier) internal view returns (bool) {
        return kind == KeyKind.Secp256k1 || self.allowedFor[verifier] == kind;
    }

    /// @notice Whether a key is in force for an officer who was not revoked, whether or not it counts yet.
    function holds(Table storage self, OfficerId officer, bytes32 keyHash) internal view returns (bool) {
        OfficerRecord storage record = self.records[officer];
        return
            record.standing.hold != Hold.Revoked &&
            (record.places[0].keyHash == keyHash || record.places[1].keyHash == keyHash);
    }

    /// @notice Whether a suspension is in force.
    function isSuspended(Standing memory standing) internal view returns (bool) {
        return standing.hold == Hold.Suspended && !Due.reached(standing.heldUntil);
    }

    /// @notice The standing of an officer whose key of this epoch counts now, or the reason why not.
    /// @param barred Bits of the institutions suspended or expelled.
    function requireValid(
        Table storage self,
        OfficerId officer,
        uint32 epoch,
        uint128 barred
    ) internal view returns (Standing memory standing) {
        standing = requireLiving(self, officer);
        if (isSuspended(standing)) revert IConsortium.OfficerIsSuspended(officer);
        bool spare = _isSpare(epoch);
        if (!Due.reached(spare ? standing.spareActiveFrom : standing.activeFrom)) {
            revert IConsortium.OfficerNotYetActive(officer);
        }
        if ((spare ? standing.spareEpoch : standing.epoch) != epoch) {
            revert IConsortium.OfficerEpochStale(officer);
        }
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
        if (standing.hold == Hold.Revoked) revert IConsortium.OfficerIsRevoked(officer);
    }

    /// @notice Reverts unless the key in the place of an epoch signed the digest. That it is the key of that very epoch
    /// is for the caller to have asked.
    function requireSigned(
        Table storage self,
        OfficerId officer,
        uint32 epoch,
        Standing memory standing,
        bytes32 digest,
        bytes calldata signature
    ) internal view {
        bool spare = _isSpare(epoch);
        KeyPlace storage place = self.records[officer].places[spare ? 1 : 0];
        KeyKind kind = spare ? standing.spareKind : standing.kind;
        bool signed =
            kind == KeyKind.Secp256k1
                ? Keys.isOf(Secp256k1.recover(digest, signature), place.keyHash)
                : _isVerified(self, place, kind, digest, signature);
        if (!signed) revert IConsortium.BadSignature(officer);
    }

    /// @notice Reverts unless an officer holds one of the roles; one who suspended a colleague alone has only those
    /// that neither vote nor touch power or aid.
    function requireRole(OfficerId officer, Standing memory standing, uint32 roles) internal view {
        if (standing.roles & roles == 0) revert IConsortium.RoleMissing(officer);
        if (
            standing.hold == Hold.Narrowed &&
            standing.roles & roles & Roles.WHILE_NARROWED == 0 &&
            !Due.reached(standing.heldUntil)
        ) revert IConsortium.OfficerIsNarrowed(officer);
    }

    /// @notice Reverts unless an officer acting alone holds one of the roles, for every office where a vote or
    /// a pause concerns the whole ledger. None is asked where `roles` is zero.
    function requireLoneRole(OfficerId officer, Standing memory standing, uint32 roles) internal view {
        if (roles & (Roles.VOTE | Roles.PAUSE) != 0 && OfficeId.unwrap(standing.office) != 0) {
            revert IConsortium.OfficeOutOfScope(officer);
        }
        if (roles != 0) requireRole(officer, standing, roles);
    }

    function _isVerified(
        Table storage self,
        KeyPlace storage place,
        KeyKind kind,
        bytes32 digest,
        bytes calldata signature
    ) private view returns (bool) {
        address verifier = place.verifier;
        if (self.allowedFor[verifier] != kind) revert IConsortium.VerifierNotAllowed(verifier);
        return Keys.isSigned(Key(kind, verifier, place.keyHash, place.rpIdHash), digest, signature);
    }

    /// @dev A key is taken for ever: two officers never share one (P1), and a revoked one never returns (P3).
    function _takeKey(Table storage self, KeyPlace storage place, Key memory key) private {
        bool ownVerifier = key.kind == KeyKind.P256 || key.kind == KeyKind.WebAuthn;
        bool passkey = key.kind == KeyKind.WebAuthn;
        if (
            key.kind == KeyKind.Unspecified ||
            key.keyHash == 0 ||
            (!ownVerifier && key.verifier != address(0)) ||
            passkey != (key.rpIdHash != 0)
        ) revert IConsortium.KeyMalformed();
        if (ownVerifier && self.allowedFor[key.verifier] != key.kind)
            revert IConsortium.VerifierNotAllowed(key.verifier);
        if (self.keyUsed[key.keyHash]) revert IConsortium.KeyAlreadyUsed();
        self.keyUsed[key.keyHash] = true;
        place.keyHash = key.keyHash;
        place.rpIdHash = key.rpIdHash;
        place.verifier = key.verifier;
    }

    function _hold(OfficerRecord storage record, Hold hold, uint64 until) private {
        record.standing.hold = hold;
        record.standing.heldUntil = uint40(until);
    }

    function _isAdmin(Standing memory standing) private pure returns (bool) {
        return
            OfficeId.unwrap(standing.office) == 0 &&
            standing.roles & (Roles.ADMIN_PREPARER | Roles.ADMIN_APPROVER) != 0;
    }

    function _isSpare(uint32 epoch) private pure returns (bool) {
        return epoch & 1 == 0;
    }
}
