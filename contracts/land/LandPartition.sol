// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LandRules} from "./LandRules.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {ActHead, Signatures} from "../interfaces/IJournal.sol";
import {ILandPartition} from "../interfaces/ILandPartition.sol";
import {Change, ILandRecorder, Recording} from "../interfaces/ILandRecorder.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {
    Child,
    ConsentProof,
    Consolidate,
    MAX_CHILDREN,
    MAX_UNITS_PER_ACT,
    Portion,
    Subdivide,
    UnitChange
} from "../interfaces/LandActs.sol";
import {BAUnitId, BAUnitState, Header, LandAct, Origin, Right} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Children} from "./Children.sol";
import {Lessening} from "./Consents.sol";
import {Joined, Joining} from "./Joining.sol";
import {LandHashes} from "./LandHashes.sol";
import {LandTypes} from "./LandTypes.sol";
import {Weights} from "./Weights.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Restrictions} from "./Restrictions.sol";
import {StructHash} from "../journal/StructHash.sol";

/// @title Subdivision and consolidation
/// @notice Hides how units divide and join. Promises that all parents are retired in the transaction that makes the
/// children and that every right, charge and notice is carried (L6), with every owner's consent; in a consolidation with
/// that of whoever holds a derived right or a charge too (L7). Anybody may call; the
/// register asks the officers.
contract LandPartition is ILandPartition, LandRules {
    /// @dev Fewer is no partition.
    uint256 private constant _MIN_UNITS = 2;

    constructor(ICharter charter_) LandRules(charter_) {}

    /// @inheritdoc ILandPartition
    function subdivide(
        Subdivide calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external {
        Child[] memory children = act.children;
        _requireCount(children.length, _MIN_UNITS, MAX_CHILDREN);
        Work memory work = _begin(LandAct.Subdivision, act.head);
        BAUnitState memory parent = prior;
        UnitChange memory unit = act.unit;
        _openOne(work, unit, parent);
        bytes32 childrenHash;
        (work.asking.termsHash, childrenHash) = _requireDivided(parent.header, children);
        _takeAll(work, consents, parent, Lessening.Nothing);
        _finish(work, consents, _weightOf(work, children));
        Recording memory recording;
        recording.head = act.head;
        recording.act = LandAct.Subdivision;
        recording.actHash = keccak256(
            abi.encode(
                LandTypes.SUBDIVIDE_TYPEHASH,
                ActHeads.hash(recording.head),
                LandHashes.ofUnitChange(unit),
                childrenHash
            )
        );
        recording.approvalTypeHash = LandTypes.SUBDIVIDE_APPROVAL_TYPEHASH;
        _conclude(recording, work);
        recording.changes = new Change[](children.length + 1);
        bytes32 last;
        (recording.changes[0], last) = Children.retire(unit, parent, work.effect);
        for (uint256 i = 0; i < children.length; ++i) {
            recording.changes[i + 1] = Change(
                children[i].portion.baUnit,
                0,
                Children.carry(parent, last, children[i])
            );
        }
        ILandRecorder(address(work.registry)).record(recording, signatures);
    }

    /// @inheritdoc ILandPartition
    function consolidate(
        Consolidate calldata act,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external {
        UnitChange[] memory units = act.units;
        _requireCount(units.length, _MIN_UNITS, MAX_UNITS_PER_ACT);
        Work memory work = _begin(LandAct.Consolidation, act.head);
        Child memory child = act.child;
        Right memory ownership = act.ownership;
        Recording memory recording;
        recording.head = act.head;
        recording.act = LandAct.Consolidation;
        recording.approvalTypeHash = LandTypes.CONSOLIDATE_APPROVAL_TYPEHASH;
        recording.actHash = _hashConsolidation(work, recording.head, units, child, ownership);
        recording.changes = new Change[](units.length + 1);
        BAUnitState memory state = _join(work, units, priors, consents, ownership, recording.changes);
        Children.requireChild(child);
        if (state.header.quotaNumerator != child.portion.quotaNumerator) {
            revert ILandRegistry.QuotaNotCarried();
        }
        state.spatialUnits = child.portion.spatialUnits;
        state.factsRoot = child.factsRoot;
        uint256 claims = Weights.ofClaims(state.spatialUnits.length);
        _finish(work, consents, Weights.ofState(state) + claims);
        _conclude(recording, work);
        recording.changes[units.length] = Change(child.portion.baUnit, 0, state);
        ILandRecorder(address(work.registry)).record(recording, signatures);
    }

    /// @dev Each child carries what its parent does, on ground of its own.
    function _weightOf(Work memory work, Child[] memory children) private pure returns (uint256 words) {
        words = work.weight * children.length;
        for (uint256 i = 0; i < children.length; ++i) {
            words += Weights.ofClaims(children[i].portion.spatialUnits.length);
        }
    }

    /// @dev Hashes the act, and sets the terms that the owners of the parents consent to.
    function _hashConsolidation(
        Work memory work,
        ActHead memory head,
        UnitChange[] memory units,
        Child memory child,
        Right memory ownership
    ) private pure returns (bytes32) {
        bytes32[] memory ids = new bytes32[](units.length);
        for (uint256 i = 0; i < units.length; ++i) ids[i] = BAUnitId.unwrap(units[i].baUnit);
        bytes32 portionHash = LandHashes.ofPortion(child.portion);
        bytes32 ownershipHash = LandHashes.ofRight(ownership);
        work.asking.termsHash = keccak256(abi.encode(StructHash.ofHashes(ids), portionHash, ownershipHash));
        return
            keccak256(
                abi.encode(
                    LandTypes.CONSOLIDATE_TYPEHASH,
                    ActHeads.hash(head),
                    LandHashes.ofUnitChanges(units),
                    LandHashes.ofChild(portionHash, child.factsRoot),
                    ownershipHash
                )
            );
    }

    /// @dev Opens every parent, takes its owners' consents, retires it and joins what it carries.
    function _join(
        Work memory work,
        UnitChange[] memory units,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Right memory ownership,
        Change[] memory changes
    ) private view returns (BAUnitState memory state) {
        _requireOwnership(ownership);
        BAUnitState[] memory parents = priors;
        _openAll(work, units, parents);
        bytes32[] memory last = new bytes32[](units.length);
        Joined memory joined = Joining.begin(ownership, work.presentations + uint64(units.length) + 1);
        for (uint256 i = 0; i < units.length; ++i) {
            BAUnitState memory parent = parents[i];
            work.asking.baUnit = units[i].baUnit;
            if (i == 0) {
                state.header = Children.firstHeader(parent.header, Origin.Consolidation);
                state.header.quotaNumerator = 0;
                state.header.effectiveOn = work.effect;
            }
            _requireJoinable(state.header, ownership, parent);
            // What lies on one parent, a lease as much as a mortgage, will lie on the ground of all, beside what lies there.
            _takeAll(work, consents, parent, Lessening.Everything);
            (changes[i], last[i]) = Children.retire(units[i], parent, work.effect);
            // Joining takes its copy apart, so the retired state keeps its own.
            BAUnitState memory copy = priors[i];
            Restrictions.drop(copy, work.asking.consortium);
            Joining.take(joined, copy);
        }
        Joining.finish(joined);
        state.header.nextId = joined.nextId;
        state.rights = joined.rights;
        state.charges = joined.charges;
        state.notices = joined.notices;
        state.responsibilities = joined.responsibilities;
        state.priorState = StructHash.ofHashes(last);
    }

    function _requireDivided(
        Header memory header,
        Child[] memory children
    ) private pure returns (bytes32 portionsHash, bytes32 childrenHash) {
        Children.requireNoParts(header);
        bytes32[] memory portions = new bytes32[](children.length);
        bytes32[] memory hashes = new bytes32[](children.length);
        uint256 quota;
        for (uint256 i = 0; i < children.length; ++i) {
            Portion memory portion = children[i].portion;
            Children.requireChild(children[i]);
            if ((portion.quotaNumerator != 0) != (header.quotaNumerator != 0)) {
                revert ILandRegistry.QuotaNotCarried();
            }
            quota += portion.quotaNumerator;
            portions[i] = LandHashes.ofPortion(portion);
            hashes[i] = LandHashes.ofChild(portions[i], children[i].factsRoot);
        }
        if (quota != header.quotaNumerator) revert ILandRegistry.QuotaNotCarried();
        return (StructHash.ofHashes(portions), StructHash.ofHashes(hashes));
    }

    function _requireOwnership(Right memory ownership) private pure {
        BAUnits.requireRight(ownership);
        if (!BAUnits.isOwnership(ownership)) revert ILandRegistry.OwnershipMissing();
        if (ownership.targetRight != 0) revert ILandRegistry.TargetMissing();
        if (ownership.rightId != 0) revert ILandRegistry.IdsNotInOrder();
        for (uint256 i = 0; i < ownership.holdings.length; ++i) {
            if (ownership.holdings[i].holdingId != 0) revert ILandRegistry.IdsNotInOrder();
        }
    }

    /// @dev Adds the parent's quota to the new unit's header, and keeps the weakest evidence.
    function _requireJoinable(
        Header memory header,
        Right memory ownership,
        BAUnitState memory parent
    ) private pure {
        Children.requireNoParts(parent.header);
        bool differs =
            BAUnitId.unwrap(parent.header.baseUnit) != BAUnitId.unwrap(header.baseUnit) ||
                parent.header.quotaTotal != header.quotaTotal;
        uint256 owned;
        for (uint256 i = 0; i < parent.rights.length; ++i) {
            Right memory right = parent.rights[i];
            if (!BAUnits.isOwnership(right)) continue;
            ++owned;
            differs =
                differs ||
                right.kind != ownership.kind ||
                right.standing != ownership.standing ||
                right.upgradesOn != ownership.upgradesOn ||
                right.expiresOn != ownership.expiresOn;
        }
        if (differs || owned != 1) revert ILandRegistry.ParentsDiffer();
        header.quotaNumerator += parent.header.quotaNumerator;
        if (parent.header.evidence < header.evidence) header.evidence = parent.header.evidence;
    }
}
