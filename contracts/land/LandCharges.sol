// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LandRules} from "./LandRules.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";
import {Signatures} from "../interfaces/IJournal.sol";
import {ILandCharges} from "../interfaces/ILandCharges.sol";
import {Change, ILandRecorder, Recording, Unsigned} from "../interfaces/ILandRecorder.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {
    ConsentProof,
    ConsentRole,
    CreateRestriction,
    Discharge,
    MAX_UNITS_PER_ACT,
    Release,
    UnitChange
} from "../interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    InstrumentId,
    LandAct,
    MOST_LONE_NOTICES,
    Restriction,
    RestrictionKind
} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Children} from "./Children.sol";
import {Consents, Lessening, Reach} from "./Consents.sol";
import {LandHashes} from "./LandHashes.sol";
import {LandTypes} from "./LandTypes.sol";
import {ActHeads} from "../journal/ActHeads.sol";
import {Restrictions} from "./Restrictions.sol";

/// @title Mortgages and cautions
/// @notice Hides how a restriction enters a unit and leaves it. Promises that a mortgage of the unit has the consent of
/// every owner and one of a right or holding that of its holders, that it counts no further than they could refuse
/// themselves, ranks next behind what was there and leaves places to the others, that a caution lapses, moves no date and finds a place
/// that one institution cannot take,
/// and that a restriction leaves by its holder's consent, where the holder has no key by two institutions once seated, or
/// once it lapsed (L7). Anybody may call; the register asks the officers.
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
        _requireCount(units.length, 1, MAX_UNITS_PER_ACT);
        Restriction memory restriction = act.restriction;
        bool isMortgage = restriction.kind == RestrictionKind.Mortgage;
        Work memory work = _begin(isMortgage ? LandAct.Mortgage : LandAct.Caution, act.head);
        work.whileDividing = !isMortgage;
        _requireCreatable(work.asking.consortium, restriction, units.length);
        work.asking.termsHash = LandHashes.ofRestriction(restriction);
        BAUnitState[] memory states = priors;
        _openAll(work, units, states);
        Recording memory recording;
        recording.changes = new Change[](units.length);
        uint256 last = isMortgage ? Restrictions.lastRank(states) : 0;
        for (uint256 i = 0; i < units.length; ++i) {
            BAUnitState memory state = states[i];
            BAUnits.requireTarget(state.rights, restriction.targetRight, restriction.targetHolding);
            work.asking.baUnit = units[i].baUnit;
            if (isMortgage) _agree(work, state, restriction, consents);
            Restrictions.requireRanked(last, restriction);
            if (isMortgage) Consents.requireRoom(work.asking, state, restriction);
            else if (state.notices.length >= MOST_LONE_NOTICES) work.asking.assisted = true;
            _append(state, restriction, work.presentations + uint64(i) + 1);
            _advance(work, units[i], state);
            recording.changes[i] = Change(units[i].baUnit, units[i].priorState, state);
        }
        _finish(work, consents, 0);
        recording.head = act.head;
        recording.act = work.asking.act;
        recording.actHash = keccak256(
            abi.encode(
                LandTypes.CREATE_RESTRICTION_TYPEHASH,
                ActHeads.hash(recording.head),
                LandHashes.ofUnitChanges(units),
                work.asking.termsHash
            )
        );
        recording.approvalTypeHash = LandTypes.CREATE_RESTRICTION_APPROVAL_TYPEHASH;
        _conclude(recording, work);
        recording.instruments = new InstrumentId[](1);
        recording.instruments[0] = restriction.instrumentId;
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
        _requireCount(releases.length, 1, MAX_UNITS_PER_ACT);
        Work memory work = _begin(LandAct.Unspecified, act.head);
        work.whileDividing = true;
        BAUnitState[] memory states = priors;
        UnitChange[] memory units = new UnitChange[](releases.length);
        for (uint256 i = 0; i < units.length; ++i) units[i] = releases[i].unit;
        _openAll(work, units, states);
        Recording memory recording;
        recording.changes = new Change[](units.length);
        for (uint256 i = 0; i < units.length; ++i) {
            work.asking.baUnit = units[i].baUnit;
            _release(work, states[i], releases[i].restrictionId, consents);
            _advance(work, units[i], states[i]);
            recording.changes[i] = Change(units[i].baUnit, units[i].priorState, states[i]);
        }
        _finish(work, consents, 0);
        recording.head = act.head;
        recording.act = work.asking.act;
        recording.actHash = keccak256(
            abi.encode(
                LandTypes.DISCHARGE_TYPEHASH,
                ActHeads.hash(recording.head),
                LandHashes.ofReleases(releases)
            )
        );
        recording.approvalTypeHash = LandTypes.DISCHARGE_APPROVAL_TYPEHASH;
        _conclude(recording, work);
        ILandRecorder(address(work.registry)).record(recording, signatures);
    }

    /// @inheritdoc ILandCharges
    function sweep(BAUnitId baUnit, BAUnitState calldata prior) external {
        ILandRegistry registry = ILandRegistry(_register());
        IConsortium consortium = IConsortium(charter.authority());
        BAUnitState memory state = prior;
        UnitChange memory unit = UnitChange(baUnit, LandHashes.ofState(state));
        bytes32 inForce = registry.stateOf(baUnit);
        if (inForce == 0) revert ILandRegistry.BAUnitMissing();
        if (inForce != unit.priorState) revert ILandRegistry.BAUnitStateStale();
        BAUnitStatus status = state.header.status;
        if (status != BAUnitStatus.Active && status != BAUnitStatus.Dividing) {
            revert ILandRegistry.BAUnitNotActive();
        }
        if (!Restrictions.isSweepable(state, consortium)) revert ILandRegistry.NothingToSweep();
        Restrictions.drop(state, consortium);
        BAUnits.advance(state, unit, state.header.effectiveOn);
        Unsigned memory recording;
        recording.act = LandAct.Sweep;
        recording.changes = new Change[](1);
        recording.changes[0] = Change(baUnit, unit.priorState, state);
        recording.orders = new bytes32[](1);
        recording.orders[0] = keccak256(abi.encode(LandTypes.SWEEP_TYPEHASH, unit));
        ILandRecorder(address(registry)).recordUnsigned(recording);
    }

    function _requireCreatable(
        IConsortium consortium,
        Restriction memory restriction,
        uint256 unitCount
    ) private view {
        if (restriction.kind != RestrictionKind.Mortgage && restriction.kind != RestrictionKind.Caution) {
            revert ILandRegistry.RestrictionKindRefused();
        }
        Restrictions.requireValid(restriction, consortium);
        if (restriction.restrictionId != 0) revert ILandRegistry.IdsNotInOrder();
        if (unitCount != 1 && restriction.targetRight != 0) revert ILandRegistry.TargetNeedsOneUnit();
    }

    /// @dev What stands in a mortgage's way, and the consents of the holdings it lies on and of whom must be asked.
    function _agree(
        Work memory work,
        BAUnitState memory state,
        Restriction memory mortgage,
        ConsentProof[] calldata consents
    ) private view {
        Reach memory reach = Consents.ofWholeUnit(state.rights, false);
        uint256 position;
        if (mortgage.targetRight != 0) {
            position = BAUnits.rightOf(state.rights, mortgage.targetRight);
            reach = Consents.ofRight(state.rights, state.rights[position], mortgage.targetHolding);
        }
        if (reach.rightId == 0 || BAUnits.isOwnership(state.rights[position])) {
            Children.requireNoneGivenOut(state.header);
        }
        Consents.requireUnblocked(work.asking, state.charges, reach);
        Consents.requireUnblocked(work.asking, state.notices, reach);
        if (reach.rightId == 0) Consents.takeOfOwnership(work.asking, consents, state.rights);
        else
            Consents.takeOfHoldings(
                work.asking,
                consents,
                state.rights,
                state.rights[position],
                reach.touched
            );
        Consents.takeOfCharges(work.asking, consents, state.charges, reach, Lessening.Nothing);
        Consents.takeOfNotices(work.asking, consents, state.notices, reach);
    }

    /// @dev Takes one restriction out. The first one decides whether the act discharges or withdraws.
    function _release(
        Work memory work,
        BAUnitState memory state,
        uint32 restrictionId,
        ConsentProof[] calldata consents
    ) private view {
        uint256 position = _positionOf(state.notices, restrictionId);
        bool isNotice = position != state.notices.length;
        if (!isNotice) position = _positionOf(state.charges, restrictionId);
        Restriction[] memory section = isNotice ? state.notices : state.charges;
        if (position == section.length) revert ILandRegistry.RestrictionMissing();
        LandAct kind = isNotice ? LandAct.CautionWithdrawal : LandAct.Discharge;
        if (work.asking.act == LandAct.Unspecified) work.asking.act = kind;
        if (work.asking.act != kind) revert ILandRegistry.ReleasesDiffer();
        work.asking.termsHash = LandHashes.ofRestriction(section[position]);
        Consents.takeOfRestriction(work.asking, consents, section[position], ConsentRole.Holder);
        section = Restrictions.without(section, position);
        if (isNotice) state.notices = section;
        else state.charges = section;
    }

    /// @dev What is one-sided has effect from its entry and moves the date of nothing else: consents to an act of an earlier
    /// date still count.
    function _advance(Work memory work, UnitChange memory unit, BAUnitState memory state) private pure {
        LandAct act = work.asking.act;
        bool isOneSided = act == LandAct.Caution || act == LandAct.CautionWithdrawal;
        BAUnits.advance(state, unit, isOneSided ? state.header.effectiveOn : work.effect);
    }

    /// @dev The newest stands last, so charges keep their rank and notices the order of presentation.
    function _append(
        BAUnitState memory state,
        Restriction memory signed,
        uint64 presentationNo
    ) private pure {
        Restriction[] memory section = Restrictions.isNotice(signed.kind) ? state.notices : state.charges;
        section = Restrictions.append(
            section,
            Restriction({
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
            })
        );
        if (Restrictions.isNotice(signed.kind)) state.notices = section;
        else state.charges = section;
    }

    /// @dev The length of the section where it is not in it.
    function _positionOf(
        Restriction[] memory section,
        uint32 restrictionId
    ) private pure returns (uint256 position) {
        for (; position < section.length; ++position) {
            if (section[position].restrictionId == restrictionId) break;
        }
    }
}
