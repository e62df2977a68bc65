// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Approval, InstitutionId, OfficeId, OfficerId} from "./IJournal.sol";

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

/// @title Who may act: institutions, officers and their keys, votes, phases, pauses and halts
interface IConsortium {
    /// @notice Reverts unless two different officers, valid now, signed: the preparer `actDigest`,
    /// the approver `approvalDigest` (P1, P3, L3). Order of checks = order of the errors.
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
    function isSignedBy(
        KeyKind kind,
        bytes calldata key,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (bool);

    /// @notice A moment extended by every recorded halt that fell before it: the only source of `Due`.
    function extended(uint64 moment) external view returns (uint64);

    /// @notice Scope bits paused at this moment.
    function pausedScope() external view returns (uint32);

    /// @notice Whether two institutions hold the quorum, so that rules needing two can be kept.
    function isSeated() external view returns (bool);
}
