// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LandRules} from "./LandRules.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";
import {Signatures} from "../interfaces/IJournal.sol";
import {ILandDivision} from "../interfaces/ILandDivision.sol";
import {Change, ILandRecorder, Load, Recording, Unsigned} from "../interfaces/ILandRecorder.sol";
import {Division, ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {
    CancelDivision,
    Child,
    ConsentProof,
    MAX_DIVISION_CHILDREN,
    MAX_SPATIAL_UNITS_PER_LOAD,
    MAX_UNITS_PER_ACT,
    OpenDivision,
    UnitChange
} from "../interfaces/LandActs.sol";
import {BAUnitId, BAUnitState, BAUnitStatus, Header, LandAct, Restriction} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Children} from "./Children.sol";
import {Lessening} from "./Consents.sol";
import {Agreed, Effects} from "./Effects.sol";
import {LandHashes} from "./LandHashes.sol";
import {LandTypes} from "./LandTypes.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Restrictions} from "./Restrictions.sol";
import {StructHash} from "../journal/StructHash.sol";

/// @title Divisions
/// @notice Hides how a unit becomes more units than one transaction makes. Promises that it stays one unit until every
/// child is loaded, that only the children its owners consented to are ever made, each once, and that each carries
/// every right, charge and notice of the parent's last state (L6). Progress lies in the register, never in the parent's
/// state: whoever loads makes no signed act stale.
contract LandDivision is ILandDivision, LandRules {
    /// @dev Fewer is no partition.
    uint256 private constant _MIN_CHILDREN = 2;

    constructor(ICharter charter_) LandRules(charter_) {}

    /// @inheritdoc ILandDivision
    function openDivision(
        OpenDivision calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external {
        _requireCount(act.memberCount, _MIN_CHILDREN, MAX_DIVISION_CHILDREN);
        if (act.membersRoot == 0) revert ILandRegistry.ValueUnspecified();
        // Who is asked and what blocks it is what a subdivision asks: the act does the same.
        Work memory work = _begin(LandAct.Subdivision, act.head);
        BAUnitState memory state = prior;
        UnitChange memory unit = act.unit;
        _openOne(work, unit, state);
        Header memory header = state.header;
        Children.requireNoParts(header);
        // A part's quota is divided in the act that shows all children at once.
        if (header.quotaNumerator != 0) revert ILandRegistry.QuotaNotCarried();
        work.asking.termsHash = keccak256(abi.encode(act.memberCount, act.membersRoot));
        _takeAll(work, consents, state, Lessening.Nothing);
        _finish(work, consents, 0);
        BAUnits.advance(state, unit, work.effect);
        header.status = BAUnitStatus.Dividing;
        header.membersRoot = act.membersRoot;
        header.memberCount = act.memberCount;
        Recording memory recording = _recordingOf(LandAct.DivisionOpening, unit, state);
        recording.head = act.head;
        recording.actHash = keccak256(
            abi.encode(
                LandTypes.OPEN_DIVISION_TYPEHASH,
                ActHeads.hash(recording.head),
                LandHashes.ofUnitChange(unit),
                act.memberCount,
                act.membersRoot
            )
        );
        recording.approvalTypeHash = LandTypes.OPEN_DIVISION_APPROVAL_TYPEHASH;
        _conclude(recording, work);
        ILandRecorder(address(work.registry)).record(recording, signatures);
    }

    /// @inheritdoc ILandDivision
    function cancelDivision(
        CancelDivision calldata act,
        BAUnitState calldata prior,
        Signatures calldata signatures
    ) external {
        Work memory work = _begin(LandAct.DivisionCancellation, act.head);
        work.whileDividing = true;
        BAUnitState memory state = prior;
        UnitChange memory unit = act.unit;
        _openOne(work, unit, state);
        Header memory header = state.header;
        if (header.status != BAUnitStatus.Dividing) revert ILandRegistry.BAUnitNotDividing();
        Effects.requireAgreed(work.effect, work.since, Agreed.Nobody);
        BAUnits.advance(state, unit, work.effect);
        header.status = BAUnitStatus.Active;
        header.membersRoot = 0;
        header.memberCount = 0;
        Recording memory recording = _recordingOf(LandAct.DivisionCancellation, unit, state);
        recording.head = act.head;
        recording.actHash = keccak256(
            abi.encode(
                LandTypes.CANCEL_DIVISION_TYPEHASH,
                ActHeads.hash(recording.head),
                LandHashes.ofUnitChange(unit)
            )
        );
        recording.approvalTypeHash = LandTypes.CANCEL_DIVISION_APPROVAL_TYPEHASH;
        ILandRecorder(address(work.registry)).record(recording, signatures);
    }

    /// @inheritdoc ILandDivision
    function loadChildren(BAUnitId baUnit, Child[] calldata children, bytes32 rest) external {
        ILandRegistry registry = ILandRegistry(_register());
        Division memory division = registry.divisionOf(baUnit);
        if (division.membersRoot == 0) revert ILandRegistry.BAUnitNotDividing();
        uint256 count = children.length;
        Load memory load = Load(baUnit, 0, rest, children, new bytes32[](count));
        bytes32[] memory hashes = new bytes32[](count);
        uint256 spatialUnits;
        for (uint256 i = 0; i < count; ++i) {
            Child memory child = load.children[i];
            Children.requireChild(child);
            if (child.portion.quotaNumerator != 0) revert ILandRegistry.QuotaNotCarried();
            spatialUnits += child.portion.spatialUnits.length;
            hashes[i] = _hashOf(child);
            load.claims[i] = LandHashes.ofClaim(baUnit, division.membersRoot, hashes[i]);
        }
        if (spatialUnits > MAX_SPATIAL_UNITS_PER_LOAD) {
            revert ILandRegistry.TooManySpatialUnits(MAX_SPATIAL_UNITS_PER_LOAD);
        }
        _requireNext(division, hashes, rest);
        load.order = keccak256(
            abi.encode(
                LandTypes.LOAD_CHILDREN_TYPEHASH,
                baUnit,
                division.membersRoot,
                StructHash.ofHashes(hashes),
                rest
            )
        );
        ILandRecorder(address(registry)).recordLoad(load);
    }

    /// @inheritdoc ILandDivision
    function completeDivision(
        BAUnitId baUnit,
        BAUnitState calldata prior,
        Child[] calldata children
    ) external {
        if (children.length > MAX_UNITS_PER_ACT) {
            revert ILandRegistry.UnitCountOutOfRange(MAX_UNITS_PER_ACT);
        }
        ILandRegistry registry = ILandRegistry(_register());
        BAUnitState memory parent = prior;
        UnitChange memory unit = UnitChange(baUnit, LandHashes.ofState(parent));
        bytes32 inForce = registry.stateOf(baUnit);
        if (inForce == 0) revert ILandRegistry.BAUnitMissing();
        if (inForce != unit.priorState) revert ILandRegistry.BAUnitStateStale();
        Unsigned memory recording;
        recording.act = LandAct.DivisionCompletion;
        bool retires = parent.header.status == BAUnitStatus.Dividing;
        bytes32 last = inForce;
        if (retires) {
            _requireComplete(registry, baUnit, parent);
            recording.changes = new Change[](children.length + 1);
            recording.orders = new bytes32[](children.length + 1);
            recording.orders[0] = keccak256(abi.encode(LandTypes.COMPLETE_DIVISION_TYPEHASH, unit));
            uint64 effect = Effects.bounded(0, parent.header.effectiveOn);
            (recording.changes[0], last) = Children.retire(unit, parent, effect);
        } else {
            // A parent that another act retired names no children.
            if (parent.header.membersRoot == 0) revert ILandRegistry.BAUnitNotDividing();
            _requireCount(children.length, 1, MAX_UNITS_PER_ACT);
            recording.changes = new Change[](children.length);
            recording.orders = new bytes32[](children.length);
        }
        for (uint256 i = 0; i < children.length; ++i) {
            Child memory child = children[i];
            // A claim is of this parent and this division, and is made once: so it names the entry too.
            bytes32 claim = LandHashes.ofClaim(baUnit, parent.header.membersRoot, _hashOf(child));
            uint256 place = retires ? i + 1 : i;
            recording.orders[place] = claim;
            recording.changes[place] = Change(
                child.portion.baUnit,
                claim,
                Children.carry(parent, last, child)
            );
        }
        ILandRecorder(address(registry)).recordUnsigned(recording);
    }

    /// @dev What would have stopped the opening stops the completion too (L4), and so does a notice that came since and asks
    /// for its holder's consent, until it is withdrawn or lapses (L7): nobody signs a completion. What lapsed is dropped.
    function _requireComplete(
        ILandRegistry registry,
        BAUnitId baUnit,
        BAUnitState memory parent
    ) private view {
        Division memory division = registry.divisionOf(baUnit);
        if (division.rest != 0) revert ILandRegistry.ChildrenMissing();
        Work memory work;
        work.asking.act = LandAct.Subdivision;
        work.asking.consortium = IConsortium(charter.authority());
        Restrictions.drop(parent, work.asking.consortium);
        _requireUnblocked(work, parent, false);
        for (uint256 i = 0; i < parent.notices.length; ++i) {
            Restriction memory notice = parent.notices[i];
            bool isAsked = (notice.needsConsent >> uint256(LandAct.Subdivision)) & 1 == 1;
            if (isAsked && notice.presentationNo > division.presentations) revert ILandRegistry.ActBlocked();
        }
    }

    /// @dev The children shown fold, with the rest, to what is still to be loaded.
    function _requireNext(Division memory division, bytes32[] memory hashes, bytes32 rest) private pure {
        uint256 count = hashes.length;
        bytes32 fold = rest;
        for (uint256 i = count; i > 0; --i) fold = keccak256(abi.encode(hashes[i - 1], fold));
        bool isLast = count == division.remaining;
        if (count == 0 || count > division.remaining || isLast != (rest == 0) || fold != division.rest) {
            revert ILandRegistry.ChildrenDiffer();
        }
    }

    function _recordingOf(
        LandAct act,
        UnitChange memory unit,
        BAUnitState memory state
    ) private pure returns (Recording memory recording) {
        recording.act = act;
        recording.changes = new Change[](1);
        recording.changes[0] = Change(unit.baUnit, unit.priorState, state);
    }

    function _hashOf(Child memory child) private pure returns (bytes32) {
        return LandHashes.ofChild(LandHashes.ofPortion(child.portion), child.factsRoot);
    }
}
