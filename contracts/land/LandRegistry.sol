// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Importing} from "../journal/Importing.sol";
import {Journal} from "../journal/Journal.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {AuthorityNeeded, IConsortium} from "../interfaces/IConsortium.sol";
import {
    ActHead,
    Batch,
    EntryId,
    NO_INSTITUTION,
    NO_OFFICER,
    OfficeId,
    Signatures
} from "../interfaces/IJournal.sol";
import {Change, ILandRecorder, Load, Recording, Unsigned} from "../interfaces/ILandRecorder.sol";
import {Division, ILandRegistry, TWO_INSTITUTION_ACTS_POLICY} from "../interfaces/ILandRegistry.sol";
import {Child, MAX_TITLES_PER_BATCH, RegisterTitle, RegisterTitles, Title} from "../interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    InstrumentId,
    LAND_KIND_BASE,
    LandAct,
    Restriction,
    SpatialUnit,
    SpatialUnitId
} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Effects} from "./Effects.sol";
import {LandHashes, Sections} from "./LandHashes.sol";
import {LandTypes} from "./LandTypes.sol";
import {Roles} from "../power/Roles.sol";
import {Weights} from "./Weights.sol";
import {Scopes} from "../power/Scopes.sol";

/// @title The register of land: owner of its storage, and rules of registration
/// @notice Hides how states are kept. Promises that a unit's slot changes only with an entry that two officers
/// signed (L3), that the slot held what the act names (L5), and that a spatial unit or a unit's id is never
/// used again (L1). The rule contracts check the rules of their acts and record through it; they are fixed here for
/// good. A register that succeeds another begins when all that the other held is imported, so it never asks it.
/// @dev The officers are asked after the rules, because a holder without a key asks for two institutions.
contract LandRegistry is ILandRegistry, ILandRecorder, Importing {
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

    /// @notice Rule contract of transfers.
    address public immutable transfers;
    /// @notice Rule contract of mortgages, cautions and their release.
    address public immutable charges;
    /// @notice Rule contract of subdivision and consolidation.
    address public immutable partition;
    /// @notice Rule contract of parts of a base unit.
    address public immutable parts;
    /// @notice Rule contract of divisions.
    address public immutable division;

    mapping(BAUnitId => bytes32) private _states;
    mapping(SpatialUnitId => Placement) private _placements;
    mapping(OfficeId => mapping(InstrumentId => bool)) private _usedInstruments;
    // Imported: what the registers before this one counted.
    uint64 private _presentationsBefore;
    mapping(BAUnitId => Division) private _divisions;
    // Of the child of a division: which one claimed its id and its spatial units.
    mapping(BAUnitId => bytes32 divisionId) private _claimedBy;
    // The ground that a cancelled division claimed is free again.
    mapping(bytes32 divisionId => bool) private _cancelled;

    /// @param charter_ The ledger's Charter.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    /// @param predecessor_ The register this one succeeds, or zero.
    /// @param transfers_ Rule contract of transfers.
    /// @param charges_ Rule contract of charges.
    /// @param partition_ Rule contract of partition.
    /// @param parts_ Rule contract of parts.
    /// @param division_ Rule contract of divisions.
    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_,
        address transfers_,
        address charges_,
        address partition_,
        address parts_,
        address division_
    ) Journal("Kudurru LandRegistry", charter_, ledgerNonce_, predecessor_) {
        transfers = transfers_;
        charges = charges_;
        partition = partition_;
        parts = parts_;
        division = division_;
    }

    /// @inheritdoc ILandRegistry
    function registerTitle(RegisterTitle calldata act, Signatures calldata signatures) external {
        Title memory title = act.title;
        (Sections memory sections, bytes32 titleHash) = _checkTitle(title, act.head.office);
        uint64 effect = _effectOf(act.head);
        bytes32 actHash = keccak256(
            abi.encode(LandTypes.REGISTER_TITLE_TYPEHASH, ActHeads.hash(act.head), titleHash)
        );
        EntryId entryId = _authorise(
            SignedAct(LandAct.Registration, false, actHash, LandTypes.REGISTER_TITLE_APPROVAL_TYPEHASH),
            act.head,
            signatures
        );
        _keepTitle(title, sections, effect);
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
        uint64 effect = _effectOf(batch.head);
        EntryId batchId = _authorise(
            SignedAct(
                LandAct.Registration,
                false,
                _hashBatch(batch, count, MAX_TITLES_PER_BATCH),
                _batchApprovalTypeHash
            ),
            batch.head,
            signatures
        );
        uint256 words;
        bytes32[] memory itemHashes = new bytes32[](count);
        Memory.Pointer free = Memory.getFreeMemoryPointer();
        for (uint256 i = 0; i < count; ++i) {
            uint256 more;
            (itemHashes[i], more) = _registerItem(
                act.titles[i],
                _itemId(batchId, i),
                effect,
                batch.head,
                signatures
            );
            words += more;
            // Nothing of a title is needed after it: fifty in memory at once cost 2,200 gas each.
            Memory.unsafeSetFreeMemoryPointer(free);
        }
        // Last for the same reason; a revert undoes every title.
        _requireItems(batch, itemHashes);
        Weights.require_(words);
    }

    /// @inheritdoc ILandRecorder
    function record(Recording calldata recording, Signatures calldata signatures) external {
        ActHead calldata head = recording.head;
        if (msg.sender != _ruleContractOf(recording.act)) revert NotARuleContract();
        EntryId entryId = _authorise(
            SignedAct(recording.act, recording.assisted, recording.actHash, recording.approvalTypeHash),
            head,
            signatures
        );
        if (recording.consents.length != 0) emit ConsentsTaken(entryId, recording.consents);
        for (uint256 i = 0; i < recording.instruments.length; ++i) {
            _useUp(head.office, recording.instruments[i]);
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
        _keepDivision(recording.act, recording.changes[0]);
    }

    /// @inheritdoc ILandRecorder
    function recordUnsigned(Unsigned calldata recording) external {
        LandAct act = recording.act;
        bool isUnsigned = act == LandAct.Sweep || act == LandAct.DivisionCompletion;
        if (!isUnsigned || msg.sender != _ruleContractOf(act)) revert NotARuleContract();
        _requireRunning();
        for (uint256 i = 0; i < recording.changes.length; ++i) {
            Change memory change = recording.changes[i];
            _keepChange(change);
            bytes32 stateHash = LandHashes.ofState(change.state);
            _states[change.baUnit] = stateHash;
            _recordUnsigned(act, recording.orders[i], BAUnitId.unwrap(change.baUnit), stateHash);
            emit BAUnitRecorded(change.baUnit, stateHash, change.state);
        }
        _keepDivision(act, recording.changes[0]);
    }

    /// @inheritdoc ILandRecorder
    function recordLoad(Load calldata load) external {
        if (msg.sender != division) revert NotARuleContract();
        _requireRunning();
        BAUnitId parent = load.baUnit;
        Division storage open = _divisions[parent];
        bytes32 divisionId = _divisionId(parent, open.membersRoot);
        open.rest = load.rest;
        open.remaining -= uint32(load.children.length);
        for (uint256 i = 0; i < load.children.length; ++i) {
            Child memory child = load.children[i];
            _claim(_officeOf(BAUnitId.unwrap(parent)), child.portion.baUnit, child.portion.spatialUnits);
            _states[child.portion.baUnit] = load.claims[i];
            _claimedBy[child.portion.baUnit] = divisionId;
        }
        _recordUnsigned(LandAct.DivisionLoading, load.order, BAUnitId.unwrap(parent), load.rest);
        emit ChildrenLoaded(parent, load.rest, load.children);
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
    function isInstrumentUsed(OfficeId office, InstrumentId instrumentId) public view returns (bool) {
        return _usedInstruments[office][instrumentId];
    }

    /// @inheritdoc ILandRegistry
    function divisionOf(BAUnitId baUnit) external view returns (Division memory) {
        return _divisions[baUnit];
    }

    /// @inheritdoc ILandRegistry
    function presentations() public view returns (uint64) {
        return _presentationsBefore + _journalStatus.entryCount;
    }

    function _registerItem(
        Title memory title,
        EntryId itemId,
        uint64 effect,
        ActHead calldata head,
        Signatures calldata signatures
    ) private returns (bytes32 titleHash, uint256 words) {
        words = Weights.ofTitle(title.state);
        Sections memory sections;
        (sections, titleHash) = _checkTitle(title, head.office);
        _keepTitle(title, sections, effect);
        Passage memory passage = Passage(LandAct.Registration, itemId, title.baUnit, title.state, sections);
        _enter(passage, head, signatures);
    }

    /// @dev Acts that no rule contract is for are those the register checks itself: nobody's results count.
    function _ruleContractOf(LandAct act) private view returns (address) {
        if (act == LandAct.Transfer) return transfers;
        if (act == LandAct.Subdivision || act == LandAct.Consolidation) return partition;
        if (act == LandAct.PartRegistration) return parts;
        if (act >= LandAct.DivisionOpening && act <= LandAct.DivisionCancellation) return division;
        bool isCharge =
            act == LandAct.Mortgage ||
                act == LandAct.Caution ||
                act == LandAct.Discharge ||
                act == LandAct.CautionWithdrawal ||
                act == LandAct.Sweep;
        return isCharge ? charges : address(0);
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

    /// @dev An entry without officers: what it does was signed before, or takes nothing from anybody.
    function _recordUnsigned(LandAct act, bytes32 order, bytes32 subject, bytes32 newState) private {
        EntryId entryId = EntryId.wrap(_digestOf(order));
        _record(LAND_KIND_BASE + uint16(act), entryId, subject, newState, NO_OFFICER, NO_OFFICER, 0);
    }

    /// @dev Acts without officers are braked as the others are.
    function _requireRunning() private view {
        _requireInForce();
        uint32 stopped = _consortium().pausedScope() & Scopes.LAND;
        if (stopped != 0) revert IConsortium.ScopeIsPaused(stopped);
    }

    /// @dev Begins or ends what is kept of a division; the unit is the first that its act changes.
    function _keepDivision(LandAct act, Change calldata first) private {
        BAUnitId parent = first.baUnit;
        if (act == LandAct.DivisionOpening) {
            bytes32 root = first.state.header.membersRoot;
            // What it claimed would be free although it is claimed anew.
            if (_cancelled[_divisionId(parent, root)]) revert DivisionRepeated();
            // The opening is the newest entry.
            uint64 before = presentations() - 1;
            _divisions[parent] = Division(root, root, first.state.header.memberCount, before);
        } else if (act == LandAct.DivisionCancellation) {
            _cancelled[_divisionId(parent, _divisions[parent].membersRoot)] = true;
            delete _divisions[parent];
        } else if (act == LandAct.DivisionCompletion) {
            delete _divisions[parent];
        }
    }

    function _divisionId(BAUnitId parent, bytes32 membersRoot) private pure returns (bytes32) {
        return keccak256(abi.encode(parent, membersRoot));
    }

    /// @dev Numbers of presentation and the effect go in once the signatures are checked; the sections they are in hash
    /// again.
    function _keepTitle(Title memory title, Sections memory sections, uint64 effect) private {
        BAUnitState memory state = title.state;
        BAUnits.present(state, presentations() + 1);
        state.header.effectiveOn = effect;
        sections.header = LandHashes.ofHeader(state.header);
        sections.rights = LandHashes.ofRights(state.rights);
        sections.charges = LandHashes.ofRestrictions(state.charges);
        sections.notices = LandHashes.ofRestrictions(state.notices);
        sections.responsibilities = LandHashes.ofResponsibilities(state.responsibilities);
        OfficeId office = state.header.office;
        _useUpAll(office, state.charges);
        _useUpAll(office, state.notices);
        _claim(office, title.baUnit, state.spatialUnits);
    }

    function _useUpAll(OfficeId office, Restriction[] memory restrictions) private {
        for (uint256 i = 0; i < restrictions.length; ++i) _useUp(office, restrictions[i].instrumentId);
    }

    /// @dev An instrument creates once, by whatever act; another office's use of the same word is of another instrument.
    function _useUp(OfficeId office, InstrumentId instrumentId) private {
        if (isInstrumentUsed(office, instrumentId)) revert InstrumentUsed();
        _usedInstruments[office][instrumentId] = true;
    }

    function _keepChange(Change memory change) private {
        SpatialUnit[] memory spatialUnits = change.state.spatialUnits;
        if (change.replaces == 0) {
            _claim(change.state.header.office, change.baUnit, spatialUnits);
            return;
        }
        // A unit named twice in one act is stale the second time.
        if (stateOf(change.baUnit) != change.replaces) revert BAUnitStateStale();
        if (change.state.header.status != BAUnitStatus.Retired) return;
        for (uint256 i = 0; i < spatialUnits.length; ++i) {
            _placements[spatialUnits[i].id] = Placement({baUnit: change.baUnit, retired: true});
        }
    }

    /// @dev A unit's id and its spatial units are given once and for ever (L1). Ground that a cancelled division claimed was
    /// never given; the id that claimed it says so, and is spent. Each names its office in front: what another office's act
    /// is about to claim, nobody else can use up first.
    function _claim(OfficeId office, BAUnitId baUnit, SpatialUnit[] memory spatialUnits) private {
        if (!_isOf(office, BAUnitId.unwrap(baUnit)) || stateOf(baUnit) != 0) revert BAUnitIdUsed();
        for (uint256 i = 0; i < spatialUnits.length; ++i) {
            SpatialUnitId id = spatialUnits[i].id;
            if (!_isOf(office, SpatialUnitId.unwrap(id))) revert SpatialUnitTaken();
            (BAUnitId holder, ) = unitOf(id);
            if (BAUnitId.unwrap(holder) != 0 && !_isFreed(holder)) revert SpatialUnitTaken();
            _placements[id].baUnit = baUnit;
        }
    }

    function _isOf(OfficeId office, bytes32 id) private pure returns (bool) {
        return OfficeId.unwrap(_officeOf(id)) == OfficeId.unwrap(office);
    }

    /// @dev The office whose unit or ground bears an id; none bears zero.
    function _officeOf(bytes32 id) private pure returns (OfficeId) {
        return OfficeId.wrap(uint32(uint256(id) >> 224));
    }

    /// @dev Whether an id was claimed by a division that was cancelled.
    function _isFreed(BAUnitId baUnit) private view returns (bool) {
        return _cancelled[_claimedBy[baUnit]];
    }

    /// @dev Nobody consents to a first registration.
    function _effectOf(ActHead calldata head) private view returns (uint64 effect) {
        effect = Effects.bounded(head.effectiveOn, 0);
        Effects.requireBegun(effect);
    }

    function _checkTitle(
        Title memory title,
        OfficeId office
    ) private view returns (Sections memory sections, bytes32 titleHash) {
        BAUnitState memory state = title.state;
        BAUnits.requireFirstHeader(state.header, office);
        if (BAUnitId.unwrap(state.header.baseUnit) != 0) revert BaseUnitNotAsked();
        BAUnits.requireFirstSections(state, _consortium());
        sections = LandHashes.ofEachSection(state);
        titleHash = LandHashes.ofTitle(title.baUnit, LandHashes.ofSections(sections, state));
    }

    /// @dev Ground has one judge: the institution that keeps the office prepares whatever makes a unit, or calls off that
    /// units are made. Where nobody keeps the office, neither is done.
    function _judgesGround(LandAct act) private pure returns (bool) {
        return
            act == LandAct.Registration ||
            act == LandAct.PartRegistration ||
            act == LandAct.Subdivision ||
            act == LandAct.Consolidation ||
            act == LandAct.DivisionOpening ||
            act == LandAct.DivisionCancellation;
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
        if (_judgesGround(act)) {
            need.preparerInstitution = _consortium().officeKeeper(office);
            if (need.preparerInstitution == NO_INSTITUTION) revert OfficeUnkept();
        }
        // Opening a division and calling it off are dividing, under whatever the policy says of a subdivision.
        bool divides = act == LandAct.DivisionOpening || act == LandAct.DivisionCancellation;
        LandAct judged = divides ? LandAct.Subdivision : act;
        need.twoInstitutions =
            assisted || (_consortium().policyOf(TWO_INSTITUTION_ACTS_POLICY) >> uint256(judged)) & 1 == 1;
    }
}
