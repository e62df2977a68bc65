// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LandRules} from "./LandRules.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {Signatures} from "../interfaces/IJournal.sol";
import {ILandParts} from "../interfaces/ILandParts.sol";
import {Change, ILandRecorder, Recording} from "../interfaces/ILandRecorder.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {ConsentProof, MAX_UNITS_PER_ACT, RegisterParts, Title, UnitChange} from "../interfaces/LandActs.sol";
import {BAUnitId, BAUnitState, Header, InstrumentId, LandAct, Restriction} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Lessening} from "./Consents.sol";
import {LandHashes} from "./LandHashes.sol";
import {LandTypes} from "./LandTypes.sol";
import {Weights} from "./Weights.sol";
import {ActHeads} from "../journal/ActHeads.sol";

/// @title Parts of a base unit
/// @notice Hides how flats come to have quotas in common land. Promises that a base unit gives out quotas with the
/// consent of whoever holds a right or a charge of it, and never more than it has. Anybody may call; the register asks the officers.
contract LandParts is ILandParts, LandRules {
    constructor(ICharter charter_) LandRules(charter_) {}

    /// @inheritdoc ILandParts
    function registerParts(
        RegisterParts calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external {
        Title[] memory parts = act.parts;
        _requireCount(parts.length, 1, MAX_UNITS_PER_ACT);
        Work memory work = _begin(LandAct.PartRegistration, act.head);
        BAUnitState memory base = prior;
        UnitChange memory unit = act.base;
        _openOne(work, unit, base);
        work.asking.termsHash = LandHashes.ofTitles(parts);
        Recording memory recording;
        recording.head = act.head;
        recording.act = LandAct.PartRegistration;
        recording.actHash = keccak256(
            abi.encode(
                LandTypes.REGISTER_PARTS_TYPEHASH,
                ActHeads.hash(recording.head),
                LandHashes.ofUnitChange(unit),
                work.asking.termsHash
            )
        );
        recording.approvalTypeHash = LandTypes.REGISTER_PARTS_APPROVAL_TYPEHASH;
        _takeAll(work, consents, base, Lessening.Everything);
        _conclude(recording, work);
        recording.changes = new Change[](parts.length + 1);
        uint256 brought;
        uint256 made;
        for (uint256 i = 0; i < parts.length; ++i) {
            _giveOut(work, unit.baUnit, base.header, parts[i].state);
            BAUnits.present(parts[i].state, work.presentations + uint64(i) + 2);
            parts[i].state.header.effectiveOn = work.effect;
            brought += parts[i].state.charges.length + parts[i].state.notices.length;
            made += Weights.ofTitle(parts[i].state);
            recording.changes[i + 1] = Change(parts[i].baUnit, 0, parts[i].state);
        }
        _finish(work, consents, made);
        recording.instruments = _instrumentsOf(parts, brought);
        BAUnits.advance(base, unit, work.effect);
        recording.changes[0] = Change(unit.baUnit, unit.priorState, base);
        ILandRecorder(address(work.registry)).record(recording, signatures);
    }

    /// @dev Counts what the base unit gives out in its header; a part is a first state with a quota in it.
    function _giveOut(
        Work memory work,
        BAUnitId base,
        Header memory header,
        BAUnitState memory part
    ) private view {
        BAUnits.requireFirstHeader(part.header, work.office);
        BAUnits.requireFirstSections(part, work.asking.consortium);
        uint256 given = uint256(header.quotaNumerator) + part.header.quotaNumerator;
        if (
            BAUnitId.unwrap(header.baseUnit) != 0 ||
            BAUnitId.unwrap(part.header.baseUnit) != BAUnitId.unwrap(base) ||
            part.header.quotaTotal != header.quotaTotal ||
            given > header.quotaTotal
        ) revert ILandRegistry.QuotaInvalid();
        header.quotaNumerator = uint64(given);
    }

    function _instrumentsOf(
        Title[] memory parts,
        uint256 count
    ) private pure returns (InstrumentId[] memory instruments) {
        instruments = new InstrumentId[](count);
        for (uint256 i = 0; i < parts.length; ++i) {
            Restriction[] memory charges = parts[i].state.charges;
            Restriction[] memory notices = parts[i].state.notices;
            for (uint256 j = 0; j < charges.length; ++j) instruments[--count] = charges[j].instrumentId;
            for (uint256 j = 0; j < notices.length; ++j) instruments[--count] = notices[j].instrumentId;
        }
    }
}
