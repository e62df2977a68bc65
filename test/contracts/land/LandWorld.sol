// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Appointment,
    Founding,
    FoundingInstitution,
    FoundingOffice,
    FoundingPolicy,
    FoundingValidator,
    FoundingVerifier,
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
    RegisterTitle,
    Title,
    TransferRight,
    UnitChange,
    CreateRestriction,
    Discharge,
    Release,
    Consolidate,
    RegisterParts,
    Subdivide
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
    LandAct,
    Restriction,
    RestrictionKind
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Expect} from "../Expect.sol";
import {Founded} from "../Founded.sol";
import {Typed} from "../Typed.sol";
import {Artifacts} from "../Artifacts.sol";
import {LEDGER_NONCE, Vm, VM} from "../Vm.sol";
import {
    Titles,
    OFFICE,
    NOW,
    SALT,
    PREPARER,
    APPROVER,
    OTHER_PREPARER,
    OTHER_APPROVER,
    BOTH,
    THIRD,
    ADA,
    BEN,
    LENDER,
    STATE_TOPIC
} from "./Titles.sol";

/// Every part of the register of land as it is deployed, two institutions with their officers, and holders
/// whose keys are numbers. States are read from events only, so each test also shows that events suffice.
abstract contract LandWorld is Founded {
    /// The spare key of an officer is so much further.
    uint256 private constant SPARE = 0x1000;

    ILandRegistry internal _registry;
    ILandCharges internal _charges;
    ILandPartition internal _partition;
    ILandTransfers internal _transfers;
    ILandParts internal _parts;
    ILandDivision internal _divisionRules;
    uint256 internal _preparerKey = PREPARER;
    uint256 internal _approverKey = APPROVER;
    uint128 private _salt;
    /// What the next acts state of their effect.
    uint64 internal _effectiveOn;

    function setUp() public virtual {
        address[] memory validators = new address[](1);
        validators[0] = address(0xF1);
        _lay(validators);
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
        _charter.setRegister(keccak256("LandRegistry"), address(_registry));
        _establish(_founding(), _possessions());
        VM.recordLogs();
    }

    function _book() internal view returns (IJournal) {
        return IJournal(address(_registry));
    }

    function _offices() internal virtual returns (FoundingOffice[] memory offices) {
        offices = new FoundingOffice[](1);
        offices[0] = FoundingOffice(OFFICE, InstitutionId.wrap(1));
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
        bytes32 separator = Typed.foundingSeparator(LEDGER_NONCE);
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
                effectiveOn: _effectiveOn,
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

    // ---- titles ----

    // ---- acts ----

    function _registration(
        Title memory title
    ) internal returns (RegisterTitle memory act, Signatures memory signatures) {
        act = RegisterTitle(_head(), title);
        signatures = _approveRegistration(act);
    }

    function _approveRegistration(RegisterTitle memory act) internal view returns (Signatures memory) {
        bytes32 title = LandHashes.ofTitle(act.title.baUnit, LandHashes.ofState(act.title.state));
        return
            _approve(
                keccak256(abi.encode(LandTypes.REGISTER_TITLE_TYPEHASH, Titles.hashHead(act.head), title)),
                LandTypes.REGISTER_TITLE_APPROVAL_TYPEHASH
            );
    }

    function _register(Title memory title) internal returns (BAUnitState memory) {
        (RegisterTitle memory act, Signatures memory signatures) = _registration(title);
        _registry.registerTitle(act, signatures);
        return _recorded()[0];
    }

    function _approveTransfer(TransferRight memory act) internal view returns (Signatures memory) {
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.TRANSFER_RIGHT_TYPEHASH,
                        Titles.hashHead(act.head),
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
            Expect.same(LandHashes.ofState(states[count]), logs[i].topics[2], "the event is not the state");
            ++count;
        }
    }

    function _isState(Vm.Log memory log) private pure returns (bool) {
        return log.topics.length == 3 && log.topics[0] == STATE_TOPIC;
    }

    // ---- charges ----

    function _creation(
        BAUnitId[] memory units,
        BAUnitState[] memory states,
        Restriction memory restriction
    ) internal returns (CreateRestriction memory act) {
        act.head = _head();
        act.units = new UnitChange[](units.length);
        for (uint256 i = 0; i < units.length; ++i) act.units[i] = Titles.change(units[i], states[i]);
        act.restriction = restriction;
    }

    function _approveCreation(CreateRestriction memory act) internal view returns (Signatures memory) {
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.CREATE_RESTRICTION_TYPEHASH,
                        Titles.hashHead(act.head),
                        LandHashes.ofUnitChanges(act.units),
                        LandHashes.ofRestriction(act.restriction)
                    )
                ),
                LandTypes.CREATE_RESTRICTION_APPROVAL_TYPEHASH
            );
    }

    /// Restricts one unit and gives its new state.
    function _restrict(
        BAUnitId unit,
        BAUnitState memory state,
        Restriction memory restriction,
        ConsentProof[] memory proofs
    ) internal returns (BAUnitState memory) {
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(unit, state);
        CreateRestriction memory act = _creation(units, states, restriction);
        _charges.createRestriction(act, states, proofs, _approveCreation(act));
        return _recorded()[0];
    }

    /// Ada's and Ben's consents to a mortgage.
    function _consentsToMortgage(
        BAUnitId unit,
        BAUnitState memory state,
        Restriction memory restriction
    ) internal view returns (ConsentProof[] memory proofs) {
        bytes32 terms = LandHashes.ofRestriction(restriction);
        proofs = new ConsentProof[](2);
        proofs[0] = _proof(ADA, Titles.holderConsent(LandAct.Mortgage, unit, state, 2, terms));
        proofs[1] = _proof(BEN, Titles.holderConsent(LandAct.Mortgage, unit, state, 3, terms));
    }

    function _mortgage(
        BAUnitId unit,
        BAUnitState memory state,
        uint256 seed
    ) internal returns (BAUnitState memory) {
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Mortgage, seed);
        restriction.rank = Titles.nextRank(state);
        return _restrict(unit, state, restriction, _consentsToMortgage(unit, state, restriction));
    }

    function _caution(
        BAUnitId unit,
        BAUnitState memory state,
        uint256 seed
    ) internal returns (BAUnitState memory) {
        return
            _restrict(
                unit,
                state,
                Titles.restrictionOf(RestrictionKind.Caution, seed),
                new ConsentProof[](0)
            );
    }

    function _approveDischarge(Discharge memory act) internal view returns (Signatures memory) {
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.DISCHARGE_TYPEHASH,
                        Titles.hashHead(act.head),
                        LandHashes.ofReleases(act.releases)
                    )
                ),
                LandTypes.DISCHARGE_APPROVAL_TYPEHASH
            );
    }

    function _releaseOf(
        BAUnitId unit,
        BAUnitState memory state,
        uint256 position
    ) internal returns (Discharge memory act) {
        act.head = _head();
        act.releases = new Release[](1);
        act.releases[0] = Release(Titles.change(unit, state), Titles.onUnit(state, position).restrictionId);
    }

    /// Releases one restriction of one unit with its holder's consent.
    function _discharge(
        LandAct kind,
        BAUnitId unit,
        BAUnitState memory state,
        uint256 position
    ) internal returns (BAUnitState memory) {
        Discharge memory act = _releaseOf(unit, state, position);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _proof(LENDER, Titles.releaseConsent(kind, unit, state, position));
        (, BAUnitState[] memory states) = Titles.single(unit, state);
        _charges.discharge(act, states, proofs, _approveDischarge(act));
        return _recorded()[0];
    }

    // ---- partition ----

    function _partsOf(
        BAUnitId base,
        BAUnitState memory state,
        Title[] memory titles
    ) internal returns (RegisterParts memory) {
        return RegisterParts(_head(), Titles.change(base, state), titles);
    }

    function _approveParts(RegisterParts memory act) internal view returns (Signatures memory) {
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.REGISTER_PARTS_TYPEHASH,
                        Titles.hashHead(act.head),
                        LandHashes.ofUnitChange(act.base),
                        LandHashes.ofTitles(act.parts)
                    )
                ),
                LandTypes.REGISTER_PARTS_APPROVAL_TYPEHASH
            );
    }

    /// Ada's and Ben's consents as holders of the base unit.
    function _consentsToParts(
        BAUnitState memory state,
        RegisterParts memory act
    ) internal view returns (ConsentProof[] memory proofs) {
        bytes32 terms = LandHashes.ofTitles(act.parts);
        BAUnitId base = act.base.baUnit;
        proofs = new ConsentProof[](2);
        proofs[0] = _proof(ADA, Titles.holderConsent(LandAct.PartRegistration, base, state, 2, terms));
        proofs[1] = _proof(BEN, Titles.holderConsent(LandAct.PartRegistration, base, state, 3, terms));
    }

    /// Registers one part with the consent of the base unit's holders; answers base unit and part.
    function _registerPart(
        BAUnitId base,
        BAUnitState memory state,
        Title memory part
    ) internal returns (BAUnitState[] memory) {
        Title[] memory titles = new Title[](1);
        titles[0] = part;
        RegisterParts memory act = _partsOf(base, state, titles);
        _parts.registerParts(act, state, _consentsToParts(state, act), _approveParts(act));
        return _recorded();
    }

    function _approveDivision(Subdivide memory act) internal view returns (Signatures memory) {
        (, bytes32 children) = Titles.portionsOf(act);
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.SUBDIVIDE_TYPEHASH,
                        Titles.hashHead(act.head),
                        LandHashes.ofUnitChange(act.unit),
                        children
                    )
                ),
                LandTypes.SUBDIVIDE_APPROVAL_TYPEHASH
            );
    }

    function _approveMerger(Consolidate memory act) internal view returns (Signatures memory) {
        bytes32 portion = LandHashes.ofPortion(act.child.portion);
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.CONSOLIDATE_TYPEHASH,
                        Titles.hashHead(act.head),
                        LandHashes.ofUnitChanges(act.units),
                        LandHashes.ofChild(portion, act.child.factsRoot),
                        LandHashes.ofRight(act.ownership)
                    )
                ),
                LandTypes.CONSOLIDATE_APPROVAL_TYPEHASH
            );
    }
}
