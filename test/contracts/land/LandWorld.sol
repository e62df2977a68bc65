// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../../../contracts/interfaces/ICharter.sol";
import {
    Appointment,
    Founding,
    FoundingInstitution,
    FoundingOffice,
    FoundingPolicy,
    FoundingValidator,
    FoundingVerifier,
    IConsortium,
    Key,
    KeyKind,
    Possessions
} from "../../../contracts/interfaces/IConsortium.sol";
import {
    ActHead,
    Approval,
    EntryId,
    IJournal,
    InstitutionId,
    OfficeId,
    OfficerId,
    Signatures
} from "../../../contracts/interfaces/IJournal.sol";
import {
    Consent,
    ConsentProof,
    ConsentRole,
    RegisterTitle,
    Title,
    TransferRight,
    UnitChange
} from "../../../contracts/interfaces/LandActs.sol";
import {ILandCharges} from "../../../contracts/interfaces/ILandCharges.sol";
import {ILandDivision} from "../../../contracts/interfaces/ILandDivision.sol";
import {ILandPartition} from "../../../contracts/interfaces/ILandPartition.sol";
import {ILandParts} from "../../../contracts/interfaces/ILandParts.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {ILandTransfers} from "../../../contracts/interfaces/ILandTransfers.sol";
import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    EvidenceGrade,
    Header,
    Holding,
    InstrumentId,
    LandAct,
    Origin,
    PartyKind,
    Restriction,
    RestrictionKind,
    Right,
    RightKind,
    Signer,
    SpatialUnit,
    SpatialUnitId,
    Standing,
    Tenancy
} from "../../../contracts/interfaces/LandState.sol";
import {Restrictions} from "../../../contracts/land/Restrictions.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {ActHeads} from "../../../contracts/journal/ActHeads.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Artifacts} from "../Artifacts.sol";
import {LEDGER_NONCE, Vm} from "../Vm.sol";

/// Every part of the register of land as it is deployed, two institutions with their officers, and holders
/// whose keys are numbers. States are read from events only, so each test also shows that events suffice.
abstract contract LandWorld {
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    OfficeId internal constant OFFICE = OfficeId.wrap(7);
    uint64 internal constant NOW = 1_800_000_000;
    bytes32 internal constant SALT = keccak256("salt of a key");
    /// Officers, by key: preparer and approver of institution 1, then of institution 2.
    uint256 internal constant PREPARER = 0xA1;
    uint256 internal constant APPROVER = 0xA2;
    uint256 internal constant OTHER_PREPARER = 0xB1;
    uint256 internal constant OTHER_APPROVER = 0xB2;
    /// Of institution 2, in either part.
    uint256 internal constant BOTH = 0xB3;
    uint256 internal constant THIRD = 0xA3;
    /// The spare key of an officer is so much further.
    uint256 private constant SPARE = 0x1000;
    /// Holders and others, by key.
    uint256 internal constant ADA = 0xC1;
    uint256 internal constant BEN = 0xC2;
    uint256 internal constant EVE = 0xC3;
    uint256 internal constant LENDER = 0xC4;

    bytes32 internal constant BATCH_TYPEHASH = keccak256(
        "Batch(ActHead head,bytes32 itemsHash,uint32 count,bool atomic)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 internal constant BATCH_APPROVAL_TYPEHASH = keccak256(
        "Approval(Batch act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,"
        "uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Batch(ActHead head,bytes32 itemsHash,uint32 count,bool atomic)"
    );

    ICharter internal _charter;
    IConsortium internal _consortium;
    ILandRegistry internal _registry;
    ILandCharges internal _charges;
    ILandPartition internal _partition;
    ILandTransfers internal _transfers;
    ILandParts internal _parts;
    ILandDivision internal _divisionRules;
    uint256 internal _preparerKey = PREPARER;
    uint256 internal _approverKey = APPROVER;
    uint128 private _salt;

    function setUp() public virtual {
        VM.warp(NOW);
        address[] memory validators = new address[](1);
        validators[0] = address(0xF1);
        _charter = Artifacts.charter(validators, address(this));
        bytes memory rules = abi.encode(_charter);
        _charges = ILandCharges(Artifacts.create("LandCharges", rules));
        _partition = ILandPartition(Artifacts.create("LandPartition", rules));
        _transfers = ILandTransfers(Artifacts.create("LandTransfers", rules));
        _parts = ILandParts(Artifacts.create("LandParts", rules));
        _divisionRules = ILandDivision(Artifacts.create("LandDivision", rules));
        _registry = ILandRegistry(
            Artifacts.create(
                "LandRegistry",
                abi.encode(
                    _charter,
                    LEDGER_NONCE,
                    address(0),
                    address(_transfers),
                    address(_charges),
                    address(_partition),
                    address(_parts),
                    address(_divisionRules)
                )
            )
        );
        _consortium = Artifacts.consortium(
            _charter,
            address(0),
            address(this),
            Artifacts.safeguards(_charter, address(0)),
            _founding(),
            _possessions()
        );
        _charter.setRegister(keccak256("LandRegistry"), address(_registry));
        _charter.setAuthority(address(_consortium));
        VM.recordLogs();
    }

    function _book() internal view returns (IJournal) {
        return IJournal(address(_registry));
    }

    function _offices() internal virtual returns (FoundingOffice[] memory) {
        return new FoundingOffice[](0);
    }

    function _quorum() internal virtual returns (uint8) {
        return 2;
    }

    function _policies() internal virtual returns (FoundingPolicy[] memory) {
        return new FoundingPolicy[](0);
    }

    function _founding() private returns (Founding memory file) {
        file.ledgerNonce = LEDGER_NONCE;
        uint32 preparer = Roles.LAND_PREPARER | Roles.ADMIN_PREPARER | Roles.PAUSE;
        uint32 approver = Roles.LAND_APPROVER | Roles.ADMIN_APPROVER;
        file.institutions = new FoundingInstitution[](2);
        file.institutions[0] = FoundingInstitution(InstitutionId.wrap(1), Roles.ALL);
        file.institutions[1] = FoundingInstitution(InstitutionId.wrap(2), Roles.ALL);
        file.officers = new Appointment[](6);
        file.officers[0] = _officer(PREPARER, 1, preparer);
        file.officers[1] = _officer(APPROVER, 1, approver);
        file.officers[2] = _officer(OTHER_PREPARER, 2, preparer);
        file.officers[3] = _officer(OTHER_APPROVER, 2, approver);
        file.officers[4] = _officer(BOTH, 2, preparer | approver);
        file.officers[5] = _officer(THIRD, 1, preparer | approver);
        file.verifiers = new FoundingVerifier[](0);
        file.policies = _policies();
        file.offices = _offices();
        file.validators = new FoundingValidator[](1);
        file.validators[0] = FoundingValidator(address(0xF1), InstitutionId.wrap(1));
        file.quorum = _quorum();
    }

    function _officer(
        uint256 key,
        uint16 institution,
        uint32 roles
    ) private pure returns (Appointment memory) {
        return
            Appointment(
                0,
                InstitutionId.wrap(institution),
                OfficeId.wrap(0),
                roles,
                Key(KeyKind.Secp256k1, address(0), _keyHashOf(key), 0),
                Key(KeyKind.Secp256k1, address(0), _keyHashOf(key + SPARE), 0)
            );
    }

    function _keyHashOf(uint256 key) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(VM.addr(key)));
    }

    /// The officer whose first key this is.
    function _officerIdOf(uint256 key) internal pure returns (OfficerId) {
        return OfficerId.wrap(keccak256(abi.encode(_keyHashOf(key), bytes32(0))));
    }

    /// In the order of `_founding`: each key says whose it is.
    function _possessions() private pure returns (Possessions[] memory possessions) {
        uint256[6] memory keys = [PREPARER, APPROVER, OTHER_PREPARER, OTHER_APPROVER, BOTH, THIRD];
        possessions = new Possessions[](6);
        for (uint256 i = 0; i < 6; ++i) {
            uint16 institution = i == 2 || i == 3 || i == 4 ? 2 : 1;
            possessions[i] = Possessions(
                _possession(keys[i], keys[i], 1, institution),
                _possession(keys[i], keys[i] + SPARE, 2, institution)
            );
        }
    }

    function _possession(
        uint256 first,
        uint256 key,
        uint32 epoch,
        uint16 institution
    ) private pure returns (bytes memory) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,bytes32 salt)"),
                keccak256("Kudurru Consortium"),
                keccak256("1"),
                LEDGER_NONCE
            )
        );
        bytes32 typeHash = keccak256(
            "KeyPossession(bytes32 officerId,bytes32 keyHash,uint32 epoch,uint16 institution)"
        );
        bytes32 hash = keccak256(
            abi.encode(typeHash, _officerIdOf(first), _keyHashOf(key), epoch, institution)
        );
        (bytes32 r, bytes32 vs) = VM.signCompact(
            key,
            keccak256(abi.encodePacked(hex"1901", separator, hash))
        );
        return abi.encodePacked(r, vs);
    }

    // ---- signing ----

    function _head() internal returns (ActHead memory) {
        return
            ActHead({
                office: OFFICE,
                preparer: _officerIdOf(_preparerKey),
                preparerEpoch: 1,
                notBefore: NOW - 60,
                deadline: NOW + 30 days,
                effectiveOn: 0,
                salt: ++_salt,
                sourcesRoot: keccak256("sources"),
                corrects: EntryId.wrap(0)
            });
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
                ),
                keccak256("Kudurru LandRegistry"),
                keccak256("1"),
                block.chainid,
                address(_registry),
                LEDGER_NONCE
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// 64 bytes, as ERC-2098 has it.
    function _sign(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, _digest(structHash));
        return abi.encodePacked(r, bytes32((uint256(v - 27) << 255) | uint256(s)));
    }

    function _approve(bytes32 actHash, bytes32 approvalTypeHash) internal view returns (Signatures memory) {
        Approval memory approval = Approval(_officerIdOf(_approverKey), 1, NOW + 7 days);
        return
            Signatures(
                _sign(_preparerKey, actHash),
                approval,
                _sign(_approverKey, keccak256(abi.encode(approvalTypeHash, actHash, approval)))
            );
    }

    function _keyHash(uint256 key) internal pure returns (bytes32) {
        return keccak256(abi.encode(SALT, KeyKind.Secp256k1, abi.encodePacked(VM.addr(key))));
    }

    function _proof(uint256 key, Consent memory consent) internal view returns (ConsentProof memory) {
        return
            ConsentProof(
                consent.notBefore,
                consent.deadline,
                consent.mandateCommitment,
                KeyKind.Secp256k1,
                SALT,
                "",
                _sign(key, keccak256(abi.encode(LandTypes.CONSENT_TYPEHASH, consent)))
            );
    }

    function _unitWords(BAUnitId baUnit, BAUnitState memory state) internal pure returns (bytes memory) {
        return
            abi.encode(baUnit, LandHashes.ofRights(state.rights), LandHashes.ofRestrictions(state.charges));
    }

    /// What a consent names of an act on one unit.
    function _unitsHash(BAUnitId baUnit, BAUnitState memory state) internal pure returns (bytes32) {
        return keccak256(_unitWords(baUnit, state));
    }

    function _unitsHash(
        BAUnitId[] memory units,
        BAUnitState[] memory states
    ) internal pure returns (bytes32) {
        bytes memory words;
        for (uint256 i = 0; i < units.length; ++i) {
            words = bytes.concat(words, _unitWords(units[i], states[i]));
        }
        return keccak256(words);
    }

    function _holderConsent(
        LandAct act,
        BAUnitId baUnit,
        BAUnitState memory state,
        uint32 holdingId,
        bytes32 termsHash
    ) internal pure returns (Consent memory) {
        return _consentOver(_unitsHash(baUnit, state), act, baUnit, holdingId, termsHash);
    }

    function _consentOver(
        bytes32 unitsHash,
        LandAct act,
        BAUnitId baUnit,
        uint32 holdingId,
        bytes32 termsHash
    ) internal pure returns (Consent memory) {
        return
            Consent({
                role: ConsentRole.Holder,
                act: act,
                baUnit: baUnit,
                unitsHash: unitsHash,
                subject: holdingId,
                termsHash: termsHash,
                notBefore: NOW - 60,
                deadline: NOW + 3 days,
                mandateCommitment: 0
            });
    }

    // ---- titles ----

    function _holding(uint32 id, uint64 numerator, uint256 key) internal pure returns (Holding memory) {
        return
            Holding(
                id,
                numerator,
                PartyKind.Person,
                Signer.Own,
                key == 0 ? bytes32(0) : _keyHash(key),
                keccak256(abi.encode("party", key))
            );
    }

    function _ownership(Holding[] memory holdings, uint64 denominator) internal pure returns (Right memory) {
        return
            Right({
                rightId: 1,
                kind: RightKind.Ownership,
                standing: Standing.Absolute,
                upgradesOn: 0,
                expiresOn: 0,
                tenancy: holdings.length == 1 ? Tenancy.Sole : Tenancy.Common,
                targetRight: 0,
                presentationNo: 0,
                denominator: denominator,
                termsCommitment: 0,
                holdings: holdings
            });
    }

    function _unitId(uint256 seed) internal pure returns (BAUnitId) {
        return BAUnitId.wrap(keccak256(abi.encode("unit", seed)));
    }

    function _plot(uint256 seed) internal pure returns (SpatialUnit memory) {
        return
            SpatialUnit(
                SpatialUnitId.wrap(keccak256(abi.encode("plot", seed))),
                keccak256(abi.encode("geometry", seed))
            );
    }

    /// Ada and Ben hold it in halves.
    function _title(uint256 seed) internal pure returns (Title memory title) {
        title.baUnit = _unitId(seed);
        BAUnitState memory state = title.state;
        Header memory header = state.header;
        header.formatVersion = 1;
        header.version = 1;
        header.status = BAUnitStatus.Active;
        header.office = OFFICE;
        header.origin = Origin.Adjudication;
        header.evidence = EvidenceGrade.SurveyedRecord;
        header.nextId = 4;
        state.spatialUnits = new SpatialUnit[](1);
        state.spatialUnits[0] = _plot(seed);
        Holding[] memory holdings = new Holding[](2);
        holdings[0] = _holding(2, 1, ADA);
        holdings[1] = _holding(3, 1, BEN);
        state.rights = new Right[](1);
        state.rights[0] = _ownership(holdings, 2);
        state.factsRoot = keccak256(abi.encode("facts", seed));
    }

    function _restriction(RestrictionKind kind, uint256 seed) internal pure returns (Restriction memory) {
        return
            Restriction({
                restrictionId: 0,
                kind: kind,
                targetRight: 0,
                targetHolding: 0,
                rank: kind == RestrictionKind.Caution || kind == RestrictionKind.Order ? 0 : 1,
                presentationNo: 0,
                instrumentId: InstrumentId.wrap(keccak256(abi.encode("instrument", seed))),
                holderKeyHash: _keyHash(LENDER),
                blocks: 0,
                needsConsent: 0,
                expiresOn: kind == RestrictionKind.Caution || kind == RestrictionKind.Order
                    ? NOW + 90 days
                    : 0,
                termsCommitment: keccak256(abi.encode("terms", seed))
            });
    }

    /// Puts a restriction last in its section: ids run on through charges and notices.
    function _addRestriction(Title memory title, Restriction memory restriction) internal pure {
        BAUnitState memory state = title.state;
        bool isNotice = Restrictions.isNotice(restriction.kind);
        if (isNotice) state.notices = Restrictions.append(state.notices, restriction);
        else state.charges = Restrictions.append(state.charges, restriction);
        if (!isNotice) restriction.rank = uint16(state.charges.length);
        ++state.header.nextId;
        uint32 id = state.header.nextId;
        for (uint256 i = state.notices.length; i > 0; --i) state.notices[i - 1].restrictionId = --id;
        for (uint256 i = state.charges.length; i > 0; --i) state.charges[i - 1].restrictionId = --id;
    }

    // ---- acts ----

    function _registration(
        Title memory title
    ) internal returns (RegisterTitle memory act, Signatures memory signatures) {
        act = RegisterTitle(_head(), title);
        bytes32 titleHash = LandHashes.ofTitle(title.baUnit, LandHashes.ofState(title.state));
        signatures = _approve(
            keccak256(abi.encode(LandTypes.REGISTER_TITLE_TYPEHASH, _hashHead(act.head), titleHash)),
            LandTypes.REGISTER_TITLE_APPROVAL_TYPEHASH
        );
    }

    function _register(Title memory title) internal returns (BAUnitState memory) {
        (RegisterTitle memory act, Signatures memory signatures) = _registration(title);
        _registry.registerTitle(act, signatures);
        return _recorded()[0];
    }

    function _hashHead(ActHead memory head) internal pure returns (bytes32) {
        return ActHeads.hash(head);
    }

    function _change(BAUnitId baUnit, BAUnitState memory state) internal pure returns (UnitChange memory) {
        return UnitChange(baUnit, LandHashes.ofState(state));
    }

    function _approveTransfer(TransferRight memory act) internal view returns (Signatures memory) {
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.TRANSFER_RIGHT_TYPEHASH,
                        _hashHead(act.head),
                        LandHashes.ofUnitChange(act.unit),
                        LandHashes.ofRight(act.next)
                    )
                ),
                LandTypes.TRANSFER_RIGHT_APPROVAL_TYPEHASH
            );
    }

    /// The new states, in order, from the events since the last call.
    function _recorded() internal returns (BAUnitState[] memory states) {
        Vm.Log[] memory logs = VM.getRecordedLogs();
        uint256 count;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (_isState(logs[i])) ++count;
        }
        states = new BAUnitState[](count);
        count = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (!_isState(logs[i])) continue;
            states[count] = abi.decode(logs[i].data, (BAUnitState));
            require(LandHashes.ofState(states[count]) == logs[i].topics[2], "the event is not the state");
            ++count;
        }
    }

    function _isState(Vm.Log memory log) private pure returns (bool) {
        return log.topics.length == 3 && log.topics[0] == STATE_TOPIC;
    }

    bytes32 internal constant STATE_TOPIC = keccak256(
        "BAUnitRecorded(bytes32,bytes32,((uint16,uint64,uint8,uint32,uint8,uint8,bytes32,uint64,uint64,"
        "bytes32,uint32,uint32,uint64),(bytes32,bytes32)[],(uint32,uint8,uint8,uint64,uint64,uint8,"
        "uint32,uint64,uint64,bytes32,(uint32,uint64,uint8,uint8,bytes32,bytes32)[])[],(uint32,uint8,uint32,"
        "uint32,uint16,uint64,bytes32,bytes32,uint64,uint64,uint64,bytes32)[],(uint32,uint8,uint32,uint32,"
        "uint16,uint64,bytes32,bytes32,uint64,uint64,uint64,bytes32)[],(uint32,uint8,uint32,uint64,bytes32,"
        "bytes32,uint64,bytes32)[],(uint32,uint8,bytes32,uint64,uint64,uint64,uint64,uint8)[],bytes32,"
        "bytes32))"
    );
}
