// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LandRules} from "./LandRules.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {Signatures} from "../interfaces/IJournal.sol";
import {ILandCharges} from "../interfaces/ILandCharges.sol";
import {Change, ILandRecorder, Recording} from "../interfaces/ILandRecorder.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {
    ConsentProof,
    CreateRestriction,
    Discharge,
    MAX_UNITS_PER_ACT,
    Release,
    UnitChange
} from "../interfaces/LandActs.sol";
import {
    BAUnitState,
    LandAct,
    MAX_RESTRICTIONS,
    Restriction,
    RestrictionKind,
    Right
} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Consents, Reach} from "./Consents.sol";
import {LandHashes} from "./LandHashes.sol";
import {ActHeads} from "../journal/ActHeads.sol";

/// @title Mortgages and cautions
/// @notice Hides how a restriction enters a unit and leaves it. Promises that a mortgage has the consent of the
/// holders it lies on, that a caution lapses, and that a restriction leaves only by its holder's consent (L7).
/// Anybody may call; the register asks the officers.
contract LandCharges is ILandCharges, LandRules {
    constructor(ICharter charter_) LandRules(charter_) {}

    /// @inheritdoc ILandCharges
    function createRestriction(
        CreateRestriction calldata act,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external {
        UnitChange[] memory units = act.units;
        _requireCount(units.length, priors.length);
        Restriction memory restriction = act.restriction;
        bool isMortgage = restriction.kind == RestrictionKind.Mortgage;
        Work memory work = _begin(isMortgage ? LandAct.Mortgage : LandAct.Caution, act.head.office);
        _requireCreatable(work, restriction, units.length);
        work.asking.termsHash = LandHashes.ofRestriction(restriction);
        Recording memory recording;
        recording.changes = new Change[](units.length);
        for (uint256 i = 0; i < units.length; ++i) {
            BAUnitState memory state = priors[i];
            _open(work, units[i], state);
            BAUnits.requireTarget(state.rights, restriction.targetRight, restriction.targetHolding);
            Reach memory reach = _reach(state.rights, restriction);
            Consents.requireUnblocked(work.asking, state.restrictions, reach);
            if (isMortgage) _takeOfReach(work, consents, state.rights, reach);
            Consents.takeOfRestrictions(work.asking, consents, state.restrictions, reach);
            _append(state, restriction, work.presentations + uint64(i) + 1);
            BAUnits.advance(state, units[i]);
            recording.changes[i] = Change(units[i].baUnit, units[i].priorState, state);
        }
        Consents.requireAllTaken(work.asking, consents);
        recording.head = act.head;
        recording.act = work.asking.act;
        recording.actHash = keccak256(
            abi.encode(
                LandHashes.CREATE_RESTRICTION_TYPEHASH,
                ActHeads.hash(act.head),
                LandHashes.ofUnitChanges(units),
                work.asking.termsHash
            )
        );
        recording.approvalTypeHash = LandHashes.CREATE_RESTRICTION_APPROVAL_TYPEHASH;
        recording.assisted = work.asking.assisted;
        recording.instrumentId = restriction.instrumentId;
        ILandRecorder(address(work.registry)).record(recording, signatures);
    }

    /// @inheritdoc ILandCharges
    function discharge(
        Discharge calldata act,
        BAUnitState[] calldata priors,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external {
        Release[] memory releases = act.releases;
        _requireCount(releases.length, priors.length);
        Work memory work = _begin(LandAct.Unspecified, act.head.office);
        Recording memory recording;
        recording.changes = new Change[](releases.length);
        for (uint256 i = 0; i < releases.length; ++i) {
            UnitChange memory unit = releases[i].unit;
            BAUnitState memory state = priors[i];
            _open(work, unit, state);
            _release(work, state, releases[i].restrictionId, consents);
            BAUnits.advance(state, unit);
            recording.changes[i] = Change(unit.baUnit, unit.priorState, state);
        }
        Consents.requireAllTaken(work.asking, consents);
        recording.head = act.head;
        recording.act = work.asking.act;
        recording.actHash = keccak256(
            abi.encode(
                LandHashes.DISCHARGE_TYPEHASH,
                ActHeads.hash(act.head),
                LandHashes.ofReleases(releases)
            )
        );
        recording.approvalTypeHash = LandHashes.DISCHARGE_APPROVAL_TYPEHASH;
        recording.assisted = work.asking.assisted;
        ILandRecorder(address(work.registry)).record(recording, signatures);
    }

    function _requireCount(uint256 units, uint256 priors) private pure {
        if (units == 0 || units > MAX_UNITS_PER_ACT) {
            revert ILandRegistry.UnitCountOutOfRange(MAX_UNITS_PER_ACT);
        }
        if (priors != units) revert ILandRegistry.PriorStateMissing();
    }

    function _requireCreatable(
        Work memory work,
        Restriction memory restriction,
        uint256 unitCount
    ) private view {
        if (restriction.kind != RestrictionKind.Mortgage && restriction.kind != RestrictionKind.Caution) {
            revert ILandRegistry.RestrictionKindRefused();
        }
        BAUnits.requireRestriction(restriction);
        if (restriction.restrictionId != 0) revert ILandRegistry.IdsNotInOrder();
        if (
            restriction.kind == RestrictionKind.Caution &&
            !Consents.isInForce(restriction, work.asking.consortium)
        ) revert ILandRegistry.CautionWithoutLapse();
        if (unitCount != 1 && restriction.targetRight != 0) revert ILandRegistry.TargetNeedsOneUnit();
    }

    /// @dev Takes the consents of the holdings a mortgage lies on.
    function _takeOfReach(
        Work memory work,
        ConsentProof[] calldata consents,
        Right[] memory rights,
        Reach memory reach
    ) private view {
        if (reach.rightId == 0) _takeOfOwnership(work, consents, rights);
        else Consents.takeOfHoldings(work.asking, consents, reach.holdings, reach.touched);
    }

    /// @dev Takes one restriction out. The first one decides whether the act discharges or withdraws.
    function _release(
        Work memory work,
        BAUnitState memory state,
        uint32 restrictionId,
        ConsentProof[] calldata consents
    ) private view {
        uint256 position = _positionOf(state.restrictions, restrictionId);
        Restriction memory restriction = state.restrictions[position];
        LandAct kind =
            restriction.kind == RestrictionKind.Caution ? LandAct.CautionWithdrawal : LandAct.Discharge;
        if (work.asking.act == LandAct.Unspecified) work.asking.act = kind;
        if (work.asking.act != kind) revert ILandRegistry.ReleasesDiffer();
        Consents.requireUnblocked(work.asking, state.restrictions, _reach(state.rights, restriction));
        work.asking.termsHash = LandHashes.ofRestriction(restriction);
        Consents.takeOfRestriction(work.asking, consents, restriction);
        state.restrictions = _without(state.restrictions, position);
    }

    /// @dev A lapsed restriction may lie on a holding that is gone; it still reaches the right.
    function _reach(
        Right[] memory rights,
        Restriction memory restriction
    ) private pure returns (Reach memory) {
        if (restriction.targetRight == 0) return Consents.ofWholeUnit();
        return
            Consents.ofRight(
                rights[BAUnits.rightOf(rights, restriction.targetRight)],
                restriction.targetHolding
            );
    }

    /// @dev The newest stands last, so the section keeps the order of presentation.
    function _append(
        BAUnitState memory state,
        Restriction memory signed,
        uint64 presentationNo
    ) private pure {
        uint256 count = state.restrictions.length;
        if (count == MAX_RESTRICTIONS) revert ILandRegistry.TooManyRestrictions(MAX_RESTRICTIONS);
        Restriction[] memory longer = new Restriction[](count + 1);
        for (uint256 i = 0; i < count; ++i) longer[i] = state.restrictions[i];
        longer[count] = Restriction({
            restrictionId: BAUnits.takeId(state.header),
            kind: signed.kind,
            targetRight: signed.targetRight,
            targetHolding: signed.targetHolding,
            rank: signed.rank,
            presentationNo: presentationNo,
            instrumentId: signed.instrumentId,
            holderKeyHash: signed.holderKeyHash,
            blocks: signed.blocks,
            needsConsent: signed.needsConsent,
            expiresOn: signed.expiresOn,
            termsCommitment: signed.termsCommitment
        });
        state.restrictions = longer;
    }

    function _positionOf(
        Restriction[] memory restrictions,
        uint32 restrictionId
    ) private pure returns (uint256 position) {
        for (; position < restrictions.length; ++position) {
            if (restrictions[position].restrictionId == restrictionId) return position;
        }
        revert ILandRegistry.RestrictionMissing();
    }

    function _without(
        Restriction[] memory restrictions,
        uint256 position
    ) private pure returns (Restriction[] memory shorter) {
        shorter = new Restriction[](restrictions.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) {
            shorter[i] = restrictions[i < position ? i : i + 1];
        }
    }
}
