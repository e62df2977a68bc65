// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {FoundingFile} from "./FoundingFile.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {
    Appointment,
    AuthorityNeeded,
    Constitution,
    Founding,
    IConsortium,
    Institution,
    Key,
    KeyKind,
    KeyPossession,
    KIND_MEASURE_BASE,
    OfficerRecord,
    Possessions,
    Standing
} from "../interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../interfaces/ICouncil.sol";
import {
    Approval,
    EntryId,
    IJournal,
    InstitutionId,
    OfficeId,
    OfficerId,
    NO_OFFICER
} from "../interfaces/IJournal.sol";
import {ISafeguards} from "../interfaces/ISafeguards.sol";
import {Journal} from "../journal/Journal.sol";
import {Due} from "../journal/Due.sol";
import {Directory} from "./Directory.sol";
import {Institutions} from "./Institutions.sol";
import {Keys} from "./Keys.sol";
import {Needs} from "./Needs.sol";
import {Officers} from "./Officers.sol";
import {PersonnelActs} from "./PersonnelActs.sol";
import {Policies} from "./Policies.sol";
import {PowerActs} from "./PowerActs.sol";
import {Scopes} from "./Scopes.sol";
import {Validators} from "./Validators.sol";

/// @title The consortium: no owner, only institutions whose officers sign and vote
/// @notice Owns the storage; the rules stand in the libraries it is made of. Promises that whatever widens
/// power has waited, that whatever the members decide is an entry of its journal, that an officer changes only at the
/// word of the members or of the Personnel in force, and that a register asking for two officers gets an answer in a bounded number of steps. Anyone may relay;
/// only officers' signatures move anything.
contract Consortium is IConsortium, Journal {
    using Officers for Officers.Table;
    using Institutions for Institutions.Table;
    using Needs for AuthorityNeeded;
    using Policies for Policies.Table;

    /// @dev The policy that names the relying party, as sha256, whose passkeys consent.
    bytes32 private constant _SIGNING_RELYING_PARTY = keccak256("signingRelyingParty");

    Institutions.Table private _institutions;
    Officers.Table private _officers;
    Policies.Table private _policies;
    /// @inheritdoc IConsortium
    address public immutable council;
    /// @inheritdoc IConsortium
    ISafeguards public safeguards;
    address private immutable _foundingFile;

    /// @param charter_ The ledger's Charter.
    /// @param predecessor_ The consortium this one succeeds, or zero.
    /// @param council_ The contract that counts the members' votes.
    /// @param safeguards_ The contract that keeps pauses and halts; it outlives a consortium, and so do they.
    /// @param file What it begins with. Nothing is emitted: `founding()` gives it back.
    /// @param possessions The signatures of its officers' keys, one pair an officer.
    constructor(
        ICharter charter_,
        address predecessor_,
        address council_,
        ISafeguards safeguards_,
        Founding memory file,
        Possessions[] memory possessions
    ) Journal("Kudurru Consortium", charter_, file.ledgerNonce, predecessor_) {
        council = council_;
        safeguards = safeguards_;
        _institutions.pausedScope = safeguards_.inForce(Scopes.ALL);
        for (uint256 i = 0; i < file.institutions.length; ++i) {
            _institutions.admit(file.institutions[i].institution, file.institutions[i].roles);
        }
        for (uint256 i = 0; i < file.offices.length; ++i) {
            _institutions.giveOffice(file.offices[i].office, file.offices[i].keeper);
        }
        for (uint256 i = 0; i < file.verifiers.length; ++i) {
            _officers.allowVerifier(file.verifiers[i].verifier, file.verifiers[i].kind);
        }
        for (uint256 i = 0; i < file.officers.length; ++i) {
            _appoint(file.officers[i], possessions[i], Due.now_(), _foundingSeparator());
        }
        for (uint256 i = 0; i < file.institutions.length; ++i) {
            if (_officers.managing(file.institutions[i].institution, false, 2) < 2) {
                revert InstitutionNeedsThreeAdmins();
            }
        }
        for (uint256 i = 0; i < file.policies.length; ++i) {
            _policies.set(file.policies[i].name, file.policies[i].value);
        }
        Validators.requireFounded(_institutions, charter_, file.validators);
        _institutions.setQuorum(file.quorum);
        _institutions.setFoundingWaits(file.wideningWaitSeconds, file.appointmentWaitSeconds);
        _foundingFile = address(new FoundingFile(file));
    }

    modifier onlyPersonnel() {
        _requirePersonnel();
        _;
    }

    /// @inheritdoc IConsortium
    function appoint(
        Appointment calldata appointment,
        Possessions calldata possessions
    ) external onlyPersonnel {
        _appointInOffice(appointment, possessions, Due.now_() + _institutions.appointmentWaitSeconds);
    }

    /// @inheritdoc IConsortium
    function rotate(
        OfficerId officer,
        uint32 epoch,
        Key calldata key,
        bytes calldata possession
    ) external onlyPersonnel {
        uint64 activeFrom = Due.now_() + _institutions.appointmentWaitSeconds;
        uint16 next = _officers.rotate(officer, epoch, key, activeFrom);
        InstitutionId institution = _officers.records[officer].standing.institution;
        if (!_mightHoldBefore(officer, key.keyHash)) revert KeyAlreadyUsed();
        _requirePossessed(officer, institution, next, key, possession, domainSeparator());
        emit KeyRotated(officer, next, key, activeFrom);
    }

    /// @inheritdoc IConsortium
    function suspend(
        OfficerId officer,
        OfficerId revoker,
        uint64 until,
        bytes32 caseReference
    ) external onlyPersonnel {
        _officers.suspend(officer, revoker, until);
        emit OfficerSuspended(officer, revoker, until, caseReference);
    }

    /// @inheritdoc IConsortium
    function free(OfficerId officer, bytes32 caseReference) external onlyPersonnel {
        _free(officer, caseReference);
    }

    /// @inheritdoc IConsortium
    function revoke(
        OfficerId officer,
        OfficerId revoker,
        uint64 suspectSince,
        bytes32 caseReference
    ) external onlyPersonnel {
        _revoke(officer, revoker, suspectSince, caseReference);
    }

    /// @inheritdoc IConsortium
    function enact(
        bytes32 measureId,
        bytes32 measureHash,
        Measure calldata measure,
        Appointment[] calldata appointments,
        Possessions[] calldata possessions
    ) external {
        _requireInForce();
        if (msg.sender != council) revert NotTheCouncil();
        // Recorded first: a consortium that hands over writes this entry as its last.
        _record(
            KIND_MEASURE_BASE + uint16(measure.kind),
            EntryId.wrap(measureId),
            PowerActs.subjectOf(measure),
            measureHash,
            NO_OFFICER,
            NO_OFFICER,
            0
        );
        if (measure.kind <= MeasureKind.ReseatInstitution)
            _applyToInstitution(measure, appointments, possessions);
        else if (measure.kind <= MeasureKind.DisallowVerifier) _applyToRules(measure);
        else _applyToLedger(measure);
    }

    /// @inheritdoc IConsortium
    function markPaused(uint32 scope) external {
        if (msg.sender != address(safeguards)) revert NotTheSafeguards();
        _institutions.pausedScope = scope;
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
        if (preparer == approval.approver) revert SecondPersonRequired();
        uint32 stopped = need.pauseScope & _institutions.pausedScope;
        if (stopped != 0) stopped = safeguards.inForce(stopped);
        if (stopped != 0) revert ScopeIsPaused(stopped);
        uint128 barred = _institutions.barredNow();
        Standing memory first = _officers.requireValid(preparer, preparerEpoch, barred);
        need.requirePreparer(preparer, first);
        Standing memory second = _officers.requireValid(approval.approver, approval.approverEpoch, barred);
        need.requireFit(approval.approver, second, need.approveRole);
        if (need.twoInstitutions && _institutions.seated && first.institution == second.institution) {
            revert SecondInstitutionRequired();
        }
        _officers.requireSigned(preparer, preparerEpoch, first, actDigest, preparerSignature);
        _officers.requireSigned(
            approval.approver,
            approval.approverEpoch,
            second,
            approvalDigest,
            approverSignature
        );
    }

    /// @inheritdoc IConsortium
    function requireOfficer(
        OfficerId officer,
        uint32 epoch,
        uint32 roles,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (InstitutionId institution) {
        Standing memory standing = _officers.requireValid(officer, epoch, _institutions.barredNow());
        Officers.requireLoneRole(officer, standing, roles);
        _officers.requireSigned(officer, epoch, standing, digest, signature);
        return standing.institution;
    }

    /// @inheritdoc IConsortium
    function requireSignature(
        OfficerId officer,
        uint32 epoch,
        bytes32 digest,
        bytes calldata signature
    ) external view {
        _officers.requireSigned(officer, epoch, _officers.records[officer].standing, digest, signature);
    }

    /// @inheritdoc IConsortium
    function isSignedBy(
        KeyKind kind,
        bytes calldata key,
        bytes32 digest,
        bytes calldata signature
    ) external view returns (bool) {
        address verifier = _officers.verifierOf[kind];
        bool known = kind == KeyKind.Secp256k1 || _officers.isAllowed(kind, verifier);
        bool passkey = kind == KeyKind.WebAuthn;
        bytes32 relyingParty = passkey ? bytes32(_policies.values[_SIGNING_RELYING_PARTY]) : bytes32(0);
        if (!known || (passkey && relyingParty == 0)) return false;
        bytes memory whole = kind == KeyKind.Secp256k1 ? signature : bytes.concat(key, signature);
        return Keys.isSigned(Key(kind, verifier, keccak256(key), relyingParty), digest, whole);
    }

    /// @inheritdoc IConsortium
    function extended(uint64 moment) external view returns (uint64) {
        return safeguards.extended(moment);
    }

    /// @inheritdoc IConsortium
    function pauseClock(uint32 scopeBit) external view returns (uint64, uint64) {
        return safeguards.pauseClock(scopeBit);
    }

    /// @inheritdoc IConsortium
    function pausedScope() external view returns (uint32) {
        uint32 marked = _institutions.pausedScope;
        return marked == 0 ? 0 : safeguards.inForce(marked);
    }

    /// @inheritdoc IConsortium
    function isSeated() external view returns (bool) {
        return _institutions.seated;
    }

    /// @inheritdoc IConsortium
    function policyNames() external view returns (bytes32[] memory) {
        return _policies.names;
    }

    /// @inheritdoc IConsortium
    function policyOf(bytes32 name) external view returns (uint256) {
        return _policies.values[name];
    }

    /// @inheritdoc IConsortium
    function mayHold(OfficerId officer, bytes32 keyHash) external view returns (bool) {
        return
            _officers.keyUsed[keyHash]
                ? _officers.holds(officer, keyHash)
                : _mightHoldBefore(officer, keyHash);
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
    function officeKeeper(OfficeId office) external view returns (InstitutionId) {
        return _institutions.keeperOf[office];
    }

    /// @inheritdoc IConsortium
    function institutionOf(InstitutionId institution) external view returns (Institution memory) {
        uint128 bit = Institutions.bitOf(institution);
        bool expelled = _institutions.expelled & bit != 0;
        return
            Institution({
                roles: _institutions.roles[institution],
                suspended: !expelled && _institutions.barredNow() & bit != 0,
                expelled: expelled
            });
    }

    /// @inheritdoc IConsortium
    function canManage(InstitutionId institution, bool inTime) external view returns (bool) {
        bool expelled = _institutions.expelled & Institutions.bitOf(institution) != 0;
        return !expelled && _officers.managing(institution, inTime, 1) != 0;
    }

    /// @inheritdoc IConsortium
    function constitution() external view returns (Constitution memory) {
        return _institutions.constitution();
    }

    /// @inheritdoc IConsortium
    function digestOf(bytes32 structHash) external view returns (bytes32) {
        return _digestOf(structHash);
    }

    /// @inheritdoc IConsortium
    function founding() external view returns (Founding memory) {
        address file = _foundingFile;
        // The code is the answer's own encoding, so it is handed on as it is.
        assembly ("memory-safe") {
            let content := mload(0x40)
            let size := extcodesize(file)
            extcodecopy(file, content, 0, size)
            return(content, size)
        }
    }

    function _applyToInstitution(
        Measure calldata measure,
        Appointment[] calldata appointments,
        Possessions[] calldata possessions
    ) private {
        InstitutionId institution = measure.institution;
        if (measure.kind == MeasureKind.ExpelInstitution) {
            _institutions.expel(institution);
            emit InstitutionExpelled(institution);
        } else if (measure.kind == MeasureKind.SuspendInstitution) {
            uint64 until = _institutions.suspend(institution);
            emit InstitutionSuspended(institution, until);
        } else if (measure.kind == MeasureKind.LiftSuspension) {
            _institutions.lift(institution);
            emit SuspensionLifted(institution);
        } else if (measure.kind == MeasureKind.SetInstitutionRoles) {
            _institutions.setRoles(institution, measure.value);
            emit InstitutionRolesChanged(institution, uint32(measure.value));
        } else {
            if (measure.kind == MeasureKind.AdmitInstitution) {
                _institutions.admit(institution, measure.value);
                emit InstitutionAdmitted(institution, uint32(measure.value));
            } else _institutions.requirePresent(institution);
            for (uint256 i = 0; i < appointments.length; ++i) {
                if (appointments[i].institution != institution) revert AppointmentsDiffer();
                _appointInOffice(appointments[i], possessions[i], Due.now_());
            }
        }
    }

    function _applyToRules(Measure calldata measure) private {
        if (measure.kind == MeasureKind.SetQuorum) {
            bool seatedNow = _institutions.setQuorum(measure.value);
            emit QuorumChanged(uint8(measure.value));
            if (seatedNow) emit ConsortiumSeated();
        } else if (measure.kind == MeasureKind.SetWideningWait) {
            _institutions.setWideningWait(measure.value);
            emit WideningWaitChanged(uint32(measure.value));
        } else if (measure.kind == MeasureKind.SetAppointmentWait) {
            _institutions.appointmentWaitSeconds = Institutions.requireWait(measure.value);
            emit AppointmentWaitChanged(uint32(measure.value));
        } else if (measure.kind == MeasureKind.AllowVerifier) {
            _officers.allowVerifier(measure.target, KeyKind(measure.value));
            emit VerifierAllowed(measure.target, KeyKind(measure.value));
        } else {
            _officers.disallowVerifier(measure.target);
            emit VerifierDisallowed(measure.target);
        }
    }

    function _applyToLedger(Measure calldata measure) private {
        if (measure.kind == MeasureKind.AddValidator) {
            charter.addValidator(measure.target);
        } else if (measure.kind == MeasureKind.RemoveValidator) {
            charter.removeValidator(measure.target);
        } else if (measure.kind == MeasureKind.ReplaceValidator) {
            charter.addValidator(measure.target);
            charter.removeValidator(address(uint160(uint256(measure.name))));
        } else if (measure.kind == MeasureKind.SetPolicy) {
            _policies.set(measure.name, measure.value);
            emit PolicyChanged(measure.name, measure.value);
        } else if (measure.kind == MeasureKind.PutInForce) {
            _putInForce(measure.name, measure.target, bytes32(measure.value));
        } else if (measure.kind == MeasureKind.RevokeOfficer) {
            _revoke(OfficerId.wrap(measure.name), NO_OFFICER, 0, 0);
        } else if (measure.kind == MeasureKind.FreeOfficer) {
            _free(OfficerId.wrap(measure.name), 0);
        } else if (measure.kind == MeasureKind.MoveOffice) {
            OfficeId office = OfficeId.wrap(uint32(measure.value));
            _institutions.moveOffice(office, measure.institution);
            emit OfficeMoved(office, measure.institution);
        } else if (measure.kind == MeasureKind.RecordHalt) {
            safeguards.recordHalt(measure.name, measure.value);
        } else {
            _freeze(measure.target, 0);
            charter.setAuthority(measure.target);
            // What was paused since the successor was deployed is paused in its word too.
            safeguards.mark();
        }
    }

    /// @dev Safeguards that take over pause from the same moment on: nobody else may mark a scope.
    function _putInForce(bytes32 name, address register, bytes32 importHash) private {
        address before = charter.registerOf(name);
        if (before != address(0)) {
            // What was put in force and never began: the one it was to follow is followed by another.
            if (IJournal(before).head() == 0) before = IJournal(before).predecessor();
            IJournal(before).freeze(register, importHash);
        }
        charter.setRegister(name, register);
        if (name != Directory.SAFEGUARDS) return;
        safeguards = ISafeguards(register);
        safeguards.mark();
    }

    function _appointInOffice(
        Appointment calldata appointment,
        Possessions calldata possessions,
        uint64 activeFrom
    ) private {
        OfficerId officer = _appoint(appointment, possessions, activeFrom, domainSeparator());
        if (
            !_mightHoldBefore(officer, appointment.key.keyHash) ||
            !_mightHoldBefore(officer, appointment.spare.keyHash)
        ) revert KeyAlreadyUsed();
        emit OfficerAppointed(
            officer,
            appointment.institution,
            appointment.salt,
            appointment.office,
            appointment.roles,
            appointment.key,
            appointment.spare,
            activeFrom
        );
    }

    /// @dev Silent, as founding is.
    function _appoint(
        Appointment memory appointment,
        Possessions memory possessions,
        uint64 activeFrom,
        bytes32 separator
    ) private returns (OfficerId officer) {
        InstitutionId institution = appointment.institution;
        uint32 roles = _institutions.roles[institution];
        if (roles == 0) revert InstitutionUnknown();
        officer = OfficerId.wrap(PersonnelActs.officerIdOf(appointment));
        _officers.appoint(officer, appointment, roles, activeFrom);
        _requirePossessed(
            officer,
            institution,
            Officers.FIRST_EPOCH,
            appointment.key,
            possessions.key,
            separator
        );
        _requirePossessed(
            officer,
            institution,
            Officers.FIRST_SPARE_EPOCH,
            appointment.spare,
            possessions.spare,
            separator
        );
    }

    /// @dev Whoever registers a key shows that its holder wants it, and for whom: nobody's key is taken by others.
    function _requirePossessed(
        OfficerId officer,
        InstitutionId institution,
        uint32 epoch,
        Key memory key,
        bytes memory signature,
        bytes32 separator
    ) private view {
        bytes32 structHash = PersonnelActs.hash(KeyPossession(officer, key.keyHash, epoch, institution));
        bytes32 digest = MessageHashUtils.toTypedDataHash(separator, structHash);
        if (!Keys.isSigned(key, digest, signature)) revert KeyNotPossessed();
    }

    function _revoke(
        OfficerId officer,
        OfficerId revoker,
        uint64 suspectSince,
        bytes32 caseReference
    ) private {
        _officers.revoke(officer);
        emit OfficerRevoked(officer, revoker, suspectSince, caseReference);
    }

    function _free(OfficerId officer, bytes32 caseReference) private {
        _officers.free(officer);
        emit OfficerFreed(officer, caseReference);
    }

    /// @dev {name, version, salt}: keys sign before anybody knows where this will stand, and on which chain.
    function _foundingSeparator() private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,bytes32 salt)"),
                    keccak256("Kudurru Consortium"),
                    keccak256("1"),
                    ledgerNonce
                )
            );
    }

    /// @dev The consortium governs itself: replaced, it is frozen, so it never asks its successor.
    function _consortium() internal view override returns (IConsortium) {
        return IConsortium(address(this));
    }

    /// @dev What ended in a consortium before stays ended; of a founding file the vote for it asks the same (`Succession`).
    function _mightHoldBefore(OfficerId officer, bytes32 keyHash) private view returns (bool) {
        return predecessor == address(0) || IConsortium(predecessor).mayHold(officer, keyHash);
    }

    function _requirePersonnel() private view {
        if (msg.sender != charter.registerOf(Directory.PERSONNEL)) revert NotThePersonnel();
    }
}
