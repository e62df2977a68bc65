// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Journal} from "../journal/Journal.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {AuthorityNeeded} from "../interfaces/IConsortium.sol";
import {ActHead, Batch, EntryId, OfficeId, Signatures} from "../interfaces/IJournal.sol";
import {ILandRecorder, Change, Recording} from "../interfaces/ILandRecorder.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {
    ConsentProof,
    MAX_TITLES_PER_BATCH,
    RegisterTitle,
    RegisterTitles,
    Title,
    TransferRight,
    UnitChange
} from "../interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    InstrumentId,
    LAND_KIND_BASE,
    LandAct,
    Right,
    SpatialUnit,
    SpatialUnitId
} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Asking, Consents, Reach} from "./Consents.sol";
import {LandHashes, Sections} from "./LandHashes.sol";
import {Roles} from "../power/Roles.sol";
import {Scopes} from "../power/Scopes.sol";

/// @title The register of land: owner of its storage, and rules of registration and transfer
/// @notice Hides how states are kept. Promises that a unit's slot changes only with an entry that two officers
/// signed (L3), that the slot held what the act names (L5), and that a spatial unit or a unit's id is never
/// used again (L1). `LandCharges` and `LandPartition` check the rules of their acts and record through it;
/// they are fixed here for good. A register that succeeds another begins when all
/// that the other held is imported, so it never asks it.
/// @dev The officers are asked after the rules, because a holder without a key asks for two institutions.
contract LandRegistry is ILandRegistry, ILandRecorder, Journal {
    struct Placement {
        BAUnitId baUnit;
        bool retired;
    }

    /// @dev What the officers signed. In memory on purpose, here and below: given literal arguments, the
    /// compiler would make a copy of the whole path for each act, past the limit of a contract's size.
    struct SignedAct {
        LandAct act;
        bool assisted;
        bytes32 actHash;
        bytes32 approvalTypeHash;
    }

    /// @dev What one entry needs.
    struct Passage {
        LandAct act;
        EntryId entryId;
        BAUnitId baUnit;
        BAUnitState state;
        Sections sections;
    }

    /// @notice Policy of the consortium with the bits (1 << LandAct) of the acts that two institutions must sign.
    bytes32 public constant TWO_INSTITUTION_ACTS = keccak256("landTwoInstitutionActs");

    /// @notice Rule contract of mortgages, cautions and their release.
    address public immutable charges;
    /// @notice Rule contract of subdivision and consolidation.
    address public immutable partition;

    mapping(BAUnitId => bytes32) private _states;
    mapping(SpatialUnitId => Placement) private _placements;
    mapping(InstrumentId => bool) private _usedInstruments;
    // Imported: what the registers before this one counted.
    uint64 private _presentationsBefore;

    /// @param charter_ The ledger's Charter.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    /// @param predecessor_ The register this one succeeds, or zero.
    /// @param charges_ Rule contract of charges.
    /// @param partition_ Rule contract of partition.
    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_,
        address charges_,
        address partition_
    ) Journal("Kudurru LandRegistry", charter_, ledgerNonce_, predecessor_) {
        charges = charges_;
        partition = partition_;
    }

    /// @inheritdoc ILandRegistry
    function registerTitle(RegisterTitle calldata act, Signatures calldata signatures) external {
        Title memory title = act.title;
        (Sections memory sections, bytes32 titleHash) = _checkTitle(title, act.head.office);
        bytes32 actHash = keccak256(
            abi.encode(LandHashes.REGISTER_TITLE_TYPEHASH, ActHeads.hash(act.head), titleHash)
        );
        EntryId entryId = _authorise(
            SignedAct(LandAct.Registration, false, actHash, LandHashes.REGISTER_TITLE_APPROVAL_TYPEHASH),
            act.head,
            signatures
        );
        _keepTitle(title, sections);
        _enter(
            Passage(LandAct.Registration, entryId, title.baUnit, title.state, sections),
            act.head,
            signatures
        );
    }

    /// @inheritdoc ILandRegistry
    function registerTitles(RegisterTitles calldata act, Signatures calldata signatures) external {
        Batch calldata batch = act.batch;
        uint256 count = act.titles.length;
        EntryId batchId = _authorise(
            SignedAct(
                LandAct.Registration,
                false,
                _hashBatch(batch, count, MAX_TITLES_PER_BATCH),
                _BATCH_APPROVAL_TYPEHASH
            ),
            batch.head,
            signatures
        );
        bytes32[] memory itemHashes = new bytes32[](count);
        Memory.Pointer free = Memory.getFreeMemoryPointer();
        for (uint256 i = 0; i < count; ++i) {
            itemHashes[i] = _registerItem(act.titles[i], _itemId(batchId, i), batch.head, signatures);
            // Nothing of a title is needed after it: fifty in memory at once cost 2,200 gas each.
            Memory.unsafeSetFreeMemoryPointer(free);
        }
        // Last for the same reason; a revert undoes every title.
        _requireItems(batch, itemHashes);
    }

    /// @inheritdoc ILandRegistry
    function transferRight(
        TransferRight calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external {
        BAUnitState memory state = prior;
        UnitChange memory unit = act.unit;
        Sections memory sections = LandHashes.ofEachSection(state);
        BAUnits.requireShown(unit, stateOf(unit.baUnit), state, sections, act.head.office);
        Right memory next = act.next;
        bytes32 termsHash = LandHashes.ofRight(next);
        bool assisted = _transfer(state, next, _asking(unit.baUnit, sections.rights, termsHash), consents);
        bytes32 actHash = keccak256(
            abi.encode(
                LandHashes.TRANSFER_RIGHT_TYPEHASH,
                ActHeads.hash(act.head),
                LandHashes.ofUnitChange(unit),
                termsHash
            )
        );
        EntryId entryId = _authorise(
            SignedAct(LandAct.Transfer, assisted, actHash, LandHashes.TRANSFER_RIGHT_APPROVAL_TYPEHASH),
            act.head,
            signatures
        );
        BAUnits.advance(state, unit);
        sections.header = LandHashes.ofHeader(state.header);
        sections.rights = LandHashes.ofRights(state.rights);
        _enter(Passage(LandAct.Transfer, entryId, unit.baUnit, state, sections), act.head, signatures);
    }

    /// @inheritdoc ILandRecorder
    function record(Recording calldata recording, Signatures calldata signatures) external {
        ActHead calldata head = recording.head;
        bool isPartition = recording.act == LandAct.Subdivision || recording.act == LandAct.Consolidation;
        if (msg.sender != (isPartition ? partition : charges)) revert NotARuleContract();
        EntryId entryId = _authorise(
            SignedAct(recording.act, recording.assisted, recording.actHash, recording.approvalTypeHash),
            head,
            signatures
        );
        if (InstrumentId.unwrap(recording.instrumentId) != 0) {
            if (isInstrumentUsed(recording.instrumentId)) revert InstrumentUsed();
            _usedInstruments[recording.instrumentId] = true;
        }
        bool isSingle = recording.changes.length == 1;
        for (uint256 i = 0; i < recording.changes.length; ++i) {
            Change memory change = recording.changes[i];
            _keepChange(change);
            _enter(
                Passage(
                    recording.act,
                    isSingle ? entryId : _itemId(entryId, i),
                    change.baUnit,
                    change.state,
                    LandHashes.ofEachSection(change.state)
                ),
                head,
                signatures
            );
        }
    }

    /// @inheritdoc ILandRegistry
    function stateOf(BAUnitId baUnit) public view returns (bytes32 stateHash) {
        return _states[baUnit];
    }

    /// @inheritdoc ILandRegistry
    function unitOf(SpatialUnitId id) public view returns (BAUnitId baUnit, bool retired) {
        Placement storage placement = _placements[id];
        baUnit = placement.baUnit;
        // An unused spatial unit is the usual case of a registration: its second word is not read.
        if (BAUnitId.unwrap(baUnit) != 0) retired = placement.retired;
    }

    /// @inheritdoc ILandRegistry
    function isInstrumentUsed(InstrumentId instrumentId) public view returns (bool) {
        return _usedInstruments[instrumentId];
    }

    /// @inheritdoc ILandRegistry
    function presentations() public view returns (uint64) {
        return _presentationsBefore + _journalStatus.entryCount;
    }

    /// @dev Applies the transfer to `state` and takes the consents it needs.
    function _transfer(
        BAUnitState memory state,
        Right memory next,
        Asking memory asking,
        ConsentProof[] calldata consents
    ) private view returns (bool assisted) {
        uint256 position = BAUnits.rightOf(state.rights, next.rightId);
        Reach memory reach = Reach({
            rightId: next.rightId,
            holdings: state.rights[position].holdings,
            touched: 0
        });
        uint256 removed;
        (reach.touched, removed) = BAUnits.transfer(state, position, next, presentations() + 1);
        Consents.requireNoneStranded(asking, state.restrictions, reach, removed);
        Consents.requireUnblocked(asking, state.restrictions, reach);
        Consents.takeOfHoldings(asking, consents, reach.holdings, reach.touched);
        Consents.takeOfRestrictions(asking, consents, state.restrictions, reach);
        Consents.requireAllTaken(asking, consents);
        return asking.assisted;
    }

    function _registerItem(
        Title memory title,
        EntryId itemId,
        ActHead calldata head,
        Signatures calldata signatures
    ) private returns (bytes32 titleHash) {
        Sections memory sections;
        (sections, titleHash) = _checkTitle(title, head.office);
        _keepTitle(title, sections);
        Passage memory passage = Passage(LandAct.Registration, itemId, title.baUnit, title.state, sections);
        _enter(passage, head, signatures);
    }

    /// @dev The one place where officers are asked.
    function _authorise(
        SignedAct memory signed,
        ActHead calldata head,
        Signatures calldata signatures
    ) private returns (EntryId) {
        return
            _checkOfficers(
                _needed(signed.act, head.office, signed.assisted),
                head,
                signed.actHash,
                signatures,
                signed.approvalTypeHash
            );
    }

    /// @dev The one place where a unit's state changes: slot, entry and event together (L3).
    function _enter(Passage memory passage, ActHead calldata head, Signatures calldata signatures) private {
        bytes32 stateHash = LandHashes.ofSections(passage.sections, passage.state);
        _states[passage.baUnit] = stateHash;
        _record(
            LAND_KIND_BASE + uint16(passage.act),
            passage.entryId,
            BAUnitId.unwrap(passage.baUnit),
            stateHash,
            head,
            signatures.approval
        );
        emit BAUnitRecorded(passage.baUnit, stateHash, passage.state);
    }

    /// @dev Numbers of presentation go in once the signatures are checked; the sections they are in hash again.
    function _keepTitle(Title memory title, Sections memory sections) private {
        BAUnitState memory state = title.state;
        BAUnits.present(state, presentations() + 1);
        sections.rights = LandHashes.ofRights(state.rights);
        sections.restrictions = LandHashes.ofRestrictions(state.restrictions);
        sections.responsibilities = LandHashes.ofResponsibilities(state.responsibilities);
        for (uint256 i = 0; i < state.restrictions.length; ++i) {
            _usedInstruments[state.restrictions[i].instrumentId] = true;
        }
        _claim(title.baUnit, state.spatialUnits);
    }

    function _keepChange(Change memory change) private {
        SpatialUnit[] memory spatialUnits = change.state.spatialUnits;
        if (change.replaces == 0) {
            _claim(change.baUnit, spatialUnits);
            return;
        }
        // A unit named twice in one act is stale the second time.
        if (stateOf(change.baUnit) != change.replaces) revert BAUnitStateStale();
        if (change.state.header.status != BAUnitStatus.Retired) return;
        for (uint256 i = 0; i < spatialUnits.length; ++i) {
            _placements[spatialUnits[i].id] = Placement({baUnit: change.baUnit, retired: true});
        }
    }

    /// @dev A unit's id and its spatial units are given once and for ever (L1).
    function _claim(BAUnitId baUnit, SpatialUnit[] memory spatialUnits) private {
        if (BAUnitId.unwrap(baUnit) == 0 || stateOf(baUnit) != 0) revert BAUnitIdUsed();
        for (uint256 i = 0; i < spatialUnits.length; ++i) {
            (BAUnitId holder, ) = unitOf(spatialUnits[i].id);
            if (BAUnitId.unwrap(holder) != 0) revert SpatialUnitTaken();
            _placements[spatialUnits[i].id].baUnit = baUnit;
        }
    }

    function _checkTitle(
        Title memory title,
        OfficeId office
    ) private view returns (Sections memory sections, bytes32 titleHash) {
        BAUnitState memory state = title.state;
        BAUnits.requireFirstHeader(state.header, office);
        BAUnitId baseUnit = state.header.baseUnit;
        if (BAUnitId.unwrap(baseUnit) != 0 && stateOf(baseUnit) == 0) revert BaseUnitMissing();
        BAUnits.requireFirstSections(state);
        sections = LandHashes.ofEachSection(state);
        titleHash = LandHashes.ofTitle(title.baUnit, LandHashes.ofSections(sections, state));
    }

    function _asking(
        BAUnitId baUnit,
        bytes32 rightsHash,
        bytes32 termsHash
    ) private view returns (Asking memory) {
        return
            Asking({
                consortium: _consortium(),
                domainSeparator: domainSeparator(),
                act: LandAct.Transfer,
                baUnit: baUnit,
                rightsHash: rightsHash,
                termsHash: termsHash,
                taken: 0,
                assisted: false
            });
    }

    function _needed(
        LandAct act,
        OfficeId office,
        bool assisted
    ) private view returns (AuthorityNeeded memory need) {
        need.office = office;
        need.prepareRole = Roles.LAND_PREPARER;
        need.approveRole = Roles.LAND_APPROVER;
        need.pauseScope = Scopes.LAND;
        need.twoInstitutions =
            assisted || (_consortium().policyOf(TWO_INSTITUTION_ACTS) >> uint256(act)) & 1 == 1;
    }
}
