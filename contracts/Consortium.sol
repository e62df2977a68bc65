// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "./interfaces/ICharter.sol";
import {
    AuthorityNeeded,
    Founding,
    IConsortium,
    KeyKind,
    OfficerRecord,
    Standing
} from "./interfaces/IConsortium.sol";
import {Approval, InstitutionId, OfficerId} from "./interfaces/IJournal.sol";
import {Journal} from "./Journal.sol";
import {Halts} from "./libraries/Halts.sol";
import {Keys} from "./libraries/Keys.sol";
import {Officers} from "./libraries/Officers.sol";
import {Pauses} from "./libraries/Pauses.sol";

/// @title The consortium: no owner, only members who vote
contract Consortium is IConsortium, Journal {
    using Officers for Officers.Table;
    using Pauses for Pauses.Table;
    using Halts for Halts.Ring;

    /// @dev What every act of every register asks, in one word.
    struct Status {
        uint128 barred;
        uint32 pausedScope;
        uint32 pauseSequence;
        uint8 quorum;
        bool seated;
    }

    Status private _status;
    Officers.Table private _officers;
    Pauses.Table private _pauses;
    Halts.Ring private _halts;
    mapping(bytes32 name => uint256) private _policies;
    address private immutable _foundingFile;

    constructor(
        ICharter charter_,
        address predecessor_,
        Founding memory content
    ) Journal("Consortium", charter_, predecessor_) {
        for (uint256 i = 0; i < content.verifiers.length; ++i) {
            _officers.allowVerifier(content.verifiers[i].verifier, content.verifiers[i].kind);
        }
        for (uint256 i = 0; i < content.policies.length; ++i) {
            _policies[content.policies[i].name] = content.policies[i].value;
        }
        for (uint256 i = 0; i < content.officers.length; ++i) _officers.appoint(content.officers[i], 0);
        _status.quorum = content.quorum;
        _status.seated = content.quorum > 1;
        _foundingFile = address(new FoundingFile(abi.encode(content)));
    }

    /// @inheritdoc IConsortium
    function requireOfficers(
        AuthorityNeeded calldata need,
        OfficerId preparer,
        uint32 preparerEpoch,
        bytes32 actDigest,
        bytes calldata preparerSignature,
        Approval calldata approval,
        bytes32 approvalDigest,
        bytes calldata approverSignature
    ) external view {
        if (OfficerId.unwrap(preparer) == OfficerId.unwrap(approval.approver)) revert SecondPersonRequired();
        Status memory status = _status;
        uint32 stopped = need.pauseScope & status.pausedScope;
        if (stopped != 0) stopped = _pauses.inForce(stopped);
        if (stopped != 0) revert ScopeIsPaused(stopped);
        Standing memory first = _officers.requireValid(preparer, preparerEpoch, status.barred);
        _requireFit(preparer, first, need, need.prepareRole);
        Standing memory second = _officers.requireValid(
            approval.approver,
            approval.approverEpoch,
            status.barred
        );
        _requireFit(approval.approver, second, need, need.approveRole);
        if (need.twoInstitutions && status.seated && _same(first.institution, second.institution)) {
            revert SecondInstitutionRequired();
        }
        _officers.requireSigned(preparer, first, actDigest, preparerSignature);
        _officers.requireSigned(approval.approver, second, approvalDigest, approverSignature);
    }

    /// @inheritdoc IConsortium
    function requireOfficer(
        OfficerId officer,
        uint32 epoch,
        uint32 roles,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (InstitutionId institution) {
        Standing memory standing = _officers.requireValid(officer, epoch, _status.barred);
        if (roles != 0 && standing.roles & roles == 0) revert RoleMissing(officer);
        _officers.requireSigned(officer, standing, digest, signature);
        return standing.institution;
    }

    /// @inheritdoc IConsortium
    function isSignedBy(
        KeyKind kind,
        bytes calldata key,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (bool) {
        if (kind == KeyKind.Secp256k1) {
            return key.length == 20 && Keys.isSecp256k1(keccak256(key), digest, signature);
        }
        address verifier = _officers.verifierOf[kind];
        return verifier != address(0) && Keys.isVerified(verifier, key, digest, signature);
    }

    /// @inheritdoc IConsortium
    function extended(uint64 moment) external view returns (uint64) {
        return _halts.extended(moment);
    }

    /// @inheritdoc IConsortium
    function pausedScope() external view returns (uint32) {
        return _pauses.inForce(_status.pausedScope);
    }

    /// @inheritdoc IConsortium
    function isSeated() external view returns (bool) {
        return _status.seated;
    }

    /// @inheritdoc IConsortium
    function policyOf(bytes32 name) external view returns (uint256) {
        return _policies[name];
    }

    /// @inheritdoc IConsortium
    function officerOf(OfficerId officer) external view returns (OfficerRecord memory) {
        return _officers.records[officer];
    }

    /// @inheritdoc IConsortium
    function verifierOf(KeyKind kind) external view returns (address) {
        return _officers.verifierOf[kind];
    }

    /// @inheritdoc IConsortium
    function founding() external view returns (Founding memory) {
        return abi.decode(_foundingFile.code, (Founding));
    }

    /// @dev The consortium governs itself: replaced, it is frozen, so it never asks its successor.
    function _consortium() internal view override returns (IConsortium) {
        return IConsortium(address(this));
    }

    function _requireFit(
        OfficerId officer,
        Standing memory standing,
        AuthorityNeeded calldata need,
        uint32 role
    ) private pure {
        if (!Officers.covers(standing, need.office)) revert OfficeOutOfScope(officer);
        if (standing.roles & role == 0) revert RoleMissing(officer);
        if (InstitutionId.unwrap(need.institution) != 0 && !_same(need.institution, standing.institution)) {
            revert InstitutionDiffers(officer);
        }
    }

    function _same(InstitutionId a, InstitutionId b) private pure returns (bool) {
        return InstitutionId.unwrap(a) == InstitutionId.unwrap(b);
    }
}

/// @title The founding file as code: written once, read whole, changed by nobody
/// @dev `abi.encode` of a struct with arrays begins with a zero byte, which is STOP: a call does nothing.
contract FoundingFile {
    constructor(bytes memory content) {
        assembly ("memory-safe") {
            return(add(content, 0x20), mload(content))
        }
    }
}
