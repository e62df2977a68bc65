// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRecorder, Recording} from "../../../contracts/interfaces/ILandRecorder.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    Consent,
    ConsentProof,
    CreateRestriction,
    Discharge,
    Release,
    Title
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    LandAct,
    Restriction,
    RestrictionKind
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandChargeWorld} from "./LandChargeWorld.sol";

contract LandChargesTest is LandChargeWorld {
    ConsentProof[] private _none;

    function _refuseOver(
        BAUnitId[] memory units,
        BAUnitState[] memory states,
        Restriction memory restriction,
        ConsentProof[] memory proofs,
        bytes memory refusal
    ) private {
        CreateRestriction memory act = _creation(units, states, restriction);
        Signatures memory signatures = _approveCreation(act);
        VM.expectRevert(refusal);
        _charges.createRestriction(act, states, proofs, signatures);
    }

    function _refuse(
        BAUnitState memory state,
        Restriction memory restriction,
        ConsentProof[] memory proofs,
        bytes4 refusal
    ) private {
        (BAUnitId[] memory units, BAUnitState[] memory states) = _single(_unitId(1), state);
        _refuseOver(units, states, restriction, proofs, abi.encodeWithSelector(refusal));
    }

    function _refuseRelease(Discharge memory act, BAUnitState memory state, bytes4 refusal) private {
        (, BAUnitState[] memory states) = _single(_unitId(1), state);
        Signatures memory signatures = _approveDischarge(act);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _charges.discharge(act, states, _none, signatures);
    }

    function _several(uint256 count) private returns (BAUnitId[] memory units, BAUnitState[] memory states) {
        units = new BAUnitId[](count);
        states = new BAUnitState[](count);
        for (uint256 i = 0; i < count; ++i) {
            units[i] = _unitId(i + 1);
            states[i] = _register(_title(i + 1));
        }
    }

    function _consentsOver(
        BAUnitId[] memory units,
        BAUnitState[] memory states,
        Restriction memory restriction
    ) private view returns (ConsentProof[] memory proofs) {
        bytes32 named = _unitsHash(units, states);
        bytes32 terms = LandHashes.ofRestriction(restriction);
        proofs = new ConsentProof[](2 * units.length);
        for (uint256 i = 0; i < units.length; ++i) {
            proofs[2 * i] = _proof(ADA, _consentOver(named, LandAct.Mortgage, units[i], 2, terms));
            proofs[2 * i + 1] = _proof(BEN, _consentOver(named, LandAct.Mortgage, units[i], 3, terms));
        }
    }

    // ---- creation ----

    function test_L5_mortgageStandsLastWithItsOwnIdAndNumber() public {
        BAUnitState memory before = _caution(_unitId(1), _register(_title(1)), 1);
        BAUnitState memory state = _mortgage(_unitId(1), before, 2);
        require(state.charges.length == 1 && state.notices.length == 1 && state.header.version == 3, "state");
        Restriction memory mortgage = state.charges[0];
        require(mortgage.kind == RestrictionKind.Mortgage && mortgage.restrictionId == 5, "id");
        require(mortgage.presentationNo == 3 && _registry.presentations() == 3, "number");
        require(state.priorState == LandHashes.ofState(before), "prior");
        require(LandHashes.ofRights(state.rights) == LandHashes.ofRights(before.rights), "rights changed");
        require(_registry.isInstrumentUsed(mortgage.instrumentId), "instrument");
    }

    function test_L3_mortgageOverThreeUnitsIsAllOrNone() public {
        (BAUnitId[] memory units, BAUnitState[] memory states) = _several(3);
        Restriction memory restriction = _restriction(RestrictionKind.Mortgage, 1);
        ConsentProof[] memory proofs = _consentsOver(units, states, restriction);
        (ConsentProof memory last, bytes32 kept) = (proofs[5], _registry.stateOf(units[0]));
        proofs[5] = proofs[4];
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.ConsentNotGiven.selector);
        _refuseOver(units, states, restriction, proofs, refusal);
        require(_registry.stateOf(units[0]) == kept, "one unit was charged");
        proofs[5] = last;
        CreateRestriction memory act = _creation(units, states, restriction);
        _charges.createRestriction(act, states, proofs, _approveCreation(act));
        require(_recorded().length == 3 && _book().entryCount() == 6, "an entry a unit");
    }

    function test_actOverNoUnitOrMoreThanSixteenIsRefused() public {
        for (uint256 count = 0; count < 18; count += 17) {
            bytes memory refusal = abi.encodeWithSelector(ILandRegistry.UnitCountOutOfRange.selector, 16);
            _refuseOver(
                new BAUnitId[](count),
                new BAUnitState[](count),
                _restriction(RestrictionKind.Mortgage, 1),
                _none,
                refusal
            );
        }
    }

    function test_actWithoutTheStateOfEachUnitIsRefused() public {
        BAUnitState memory state = _register(_title(1));
        (BAUnitId[] memory units, BAUnitState[] memory states) = _single(_unitId(1), state);
        CreateRestriction memory act = _creation(units, states, _restriction(RestrictionKind.Mortgage, 1));
        Signatures memory signatures = _approveCreation(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.PriorStateMissing.selector));
        _charges.createRestriction(act, new BAUnitState[](0), _none, signatures);
    }

    function test_unitNamedTwiceIsStaleTheSecondTime() public {
        BAUnitState memory state = _register(_title(1));
        (BAUnitId[] memory units, BAUnitState[] memory states) = (new BAUnitId[](2), new BAUnitState[](2));
        (units[0], units[1], states[0], states[1]) = (_unitId(1), _unitId(1), state, state);
        Restriction memory restriction = _restriction(RestrictionKind.Mortgage, 1);
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.BAUnitStateStale.selector);
        _refuseOver(units, states, restriction, _consentsOver(units, states, restriction), refusal);
    }

    function test_onlyMortgagesAndCautionsAreCreated() public {
        BAUnitState memory state = _register(_title(1));
        for (uint8 kind = 0; kind <= uint8(type(RestrictionKind).max); ++kind) {
            RestrictionKind other = RestrictionKind(kind);
            if (other == RestrictionKind.Mortgage || other == RestrictionKind.Caution) continue;
            _refuse(state, _restriction(other, 1), _none, ILandRegistry.RestrictionKindRefused.selector);
        }
    }

    function test_restrictionAsSignedHasNoIdYet() public {
        BAUnitState memory state = _register(_title(1));
        Restriction memory restriction = _restriction(RestrictionKind.Mortgage, 1);
        restriction.restrictionId = 4;
        _refuse(state, restriction, _none, ILandRegistry.IdsNotInOrder.selector);
    }

    function test_cautionThatHasLapsedOrNeverLapsesIsRefused() public {
        BAUnitState memory state = _register(_title(1));
        Restriction memory caution = _restriction(RestrictionKind.Caution, 1);
        caution.expiresOn = NOW - 1;
        _refuse(state, caution, _none, ILandRegistry.LapseOutOfBounds.selector);
        caution.expiresOn = 0;
        _refuse(state, caution, _none, ILandRegistry.LapseOutOfBounds.selector);
    }

    function test_restrictionOfSeveralUnitsHasNoTarget() public {
        (BAUnitId[] memory units, BAUnitState[] memory states) = _several(2);
        Restriction memory restriction = _restriction(RestrictionKind.Mortgage, 1);
        restriction.targetRight = 1;
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.TargetNeedsOneUnit.selector);
        _refuseOver(units, states, restriction, _none, refusal);
    }

    function test_targetThatIsNotInTheUnitIsRefused() public {
        BAUnitState memory state = _register(_title(1));
        Restriction memory restriction = _restriction(RestrictionKind.Mortgage, 1);
        (restriction.targetRight, restriction.targetHolding) = (1, 9);
        _refuse(state, restriction, _none, ILandRegistry.TargetMissing.selector);
    }

    function test_moreThan64RestrictionsAreRefused() public {
        Title memory title = _title(1);
        for (uint256 i = 0; i < 64; ++i) _addRestriction(title, _restriction(RestrictionKind.Caution, i));
        (BAUnitId[] memory units, BAUnitState[] memory states) = _single(_unitId(1), _register(title));
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.TooManyRestrictions.selector, 64);
        _refuseOver(units, states, _restriction(RestrictionKind.Caution, 65), _none, refusal);
    }

    function test_L4_restrictionBlocksAMortgage() public {
        Title memory title = _title(1);
        Restriction memory order = _restriction(RestrictionKind.Order, 1);
        order.blocks = uint64(1) << uint8(LandAct.Mortgage);
        _addRestriction(title, order);
        BAUnitState memory state = _register(title);
        Restriction memory mortgage = _restriction(RestrictionKind.Mortgage, 2);
        ConsentProof[] memory proofs = _consentsToMortgage(_unitId(1), state, mortgage);
        _refuse(state, mortgage, proofs, ILandRegistry.ActBlocked.selector);
        _caution(_unitId(1), state, 3);
    }

    function test_mortgageNeedsEveryOwner() public {
        BAUnitState memory state = _register(_title(1));
        Restriction memory mortgage = _restriction(RestrictionKind.Mortgage, 1);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _consentsToMortgage(_unitId(1), state, mortgage)[0];
        _refuse(state, mortgage, proofs, ILandRegistry.ConsentMissing.selector);
    }

    function test_mortgageOfOneHoldingNeedsItsHolderAlone() public {
        BAUnitState memory state = _register(_title(1));
        Restriction memory mortgage = _restriction(RestrictionKind.Mortgage, 1);
        (mortgage.targetRight, mortgage.targetHolding) = (1, 3);
        ConsentProof[] memory two = _consentsToMortgage(_unitId(1), state, mortgage);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = two[0];
        _refuse(state, mortgage, proofs, ILandRegistry.ConsentNotGiven.selector);
        proofs[0] = two[1];
        _restrict(_unitId(1), state, mortgage, proofs);
    }

    function test_L8_consentToAMortgageIsUsedOnce() public {
        BAUnitState memory state = _register(_title(1));
        Restriction memory mortgage = _restriction(RestrictionKind.Mortgage, 1);
        ConsentProof[] memory proofs = _consentsToMortgage(_unitId(1), state, mortgage);
        state = _restrict(_unitId(1), state, mortgage, proofs);
        state = _discharge(LandAct.Discharge, _unitId(1), state, 0);
        _refuse(state, mortgage, proofs, ILandRegistry.InstrumentUsed.selector);
    }

    function test_cautionIsNotRenewedOnTheSameGround() public {
        BAUnitState memory state = _caution(_unitId(1), _register(_title(1)), 1);
        VM.warp(NOW + 1 days);
        Restriction memory again = _restriction(RestrictionKind.Caution, 1);
        again.expiresOn += 30 days;
        _refuse(state, again, _none, ILandRegistry.InstrumentUsed.selector);
    }

    // ---- release ----

    function test_L7_lenderDischargesTheMortgage() public {
        BAUnitState memory state = _mortgage(_unitId(1), _register(_title(1)), 1);
        state = _mortgage(_unitId(1), _caution(_unitId(1), state, 2), 3);
        state = _mortgage(_unitId(1), state, 4);
        bytes32 first = keccak256(abi.encode(state.charges[0]));
        bytes32 last = keccak256(abi.encode(state.charges[2]));
        state = _discharge(LandAct.Discharge, _unitId(1), state, 1);
        Restriction[] memory left = state.charges;
        require(left.length == 2 && state.notices.length == 1, "one released");
        require(keccak256(abi.encode(left[0])) == first && keccak256(abi.encode(left[1])) == last, "order");
    }

    function test_L7_nobodyElseDischarges() public {
        BAUnitState memory state = _mortgage(_unitId(1), _register(_title(1)), 1);
        Discharge memory act = _releaseOf(_unitId(1), state, 0);
        _refuseRelease(act, state, ILandRegistry.ConsentMissing.selector);
        (, BAUnitState[] memory states) = _single(_unitId(1), state);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _proof(ADA, _releaseConsent(LandAct.Discharge, _unitId(1), state, 0));
        Signatures memory signatures = _approveDischarge(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentNotGiven.selector));
        _charges.discharge(act, states, proofs, signatures);
    }

    function test_L8_consentToADischargeIsForThatChargeOnly() public {
        BAUnitState memory state = _mortgage(_unitId(1), _register(_title(1)), 1);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _proof(LENDER, _releaseConsent(LandAct.Discharge, _unitId(1), state, 0));
        state = _mortgage(_unitId(1), state, 2);
        Discharge memory act = _releaseOf(_unitId(1), state, 1);
        (, BAUnitState[] memory states) = _single(_unitId(1), state);
        Signatures memory signatures = _approveDischarge(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentNotGiven.selector));
        _charges.discharge(act, states, proofs, signatures);
    }

    function test_restrictionNotInTheUnitIsNotReleased() public {
        BAUnitState memory state = _mortgage(_unitId(1), _register(_title(1)), 1);
        Discharge memory act = _releaseOf(_unitId(1), state, 0);
        act.releases[0].restrictionId = 9;
        _refuseRelease(act, state, ILandRegistry.RestrictionMissing.selector);
    }

    function test_chargesAndCautionsAreNotReleasedTogether() public {
        (BAUnitId[] memory units, BAUnitState[] memory states) = _several(2);
        states[0] = _mortgage(units[0], states[0], 1);
        states[1] = _caution(units[1], states[1], 2);
        Discharge memory act = _releaseOf(units[0], states[0], 0);
        Release memory first = act.releases[0];
        act.releases = new Release[](2);
        act.releases[0] = first;
        act.releases[1] = Release(_change(units[1], states[1]), states[1].notices[0].restrictionId);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        Consent memory consent = _releaseConsent(LandAct.Discharge, units[0], states[0], 0);
        consent.unitsHash = _unitsHash(units, states);
        proofs[0] = _proof(LENDER, consent);
        Signatures memory signatures = _approveDischarge(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ReleasesDiffer.selector));
        _charges.discharge(act, states, proofs, signatures);
    }

    function test_P1_chargeOfAnAssistedLenderIsDischargedByTwoInstitutions() public {
        Title memory title = _title(1);
        Restriction memory mortgage = _restriction(RestrictionKind.Mortgage, 1);
        mortgage.holderKeyHash = 0;
        _addRestriction(title, mortgage);
        BAUnitState memory state = _register(title);
        Discharge memory act = _releaseOf(_unitId(1), state, 0);
        _refuseRelease(act, state, IConsortium.SecondInstitutionRequired.selector);
        _approverKey = OTHER_APPROVER;
        (, BAUnitState[] memory states) = _single(_unitId(1), state);
        _charges.discharge(act, states, _none, _approveDischarge(act));
        require(_recorded()[0].charges.length == 0, "still there");
    }

    // ---- the door to the register ----

    function test_onlyTheRuleContractOfAnActRecordsIt() public {
        Recording memory recording;
        Signatures memory signatures;
        address[3] memory callers = [address(this), address(_charges), address(_partition)];
        LandAct[3] memory acts = [LandAct.Mortgage, LandAct.Subdivision, LandAct.Mortgage];
        for (uint256 i = 0; i < 3; ++i) {
            recording.act = acts[i];
            VM.prank(callers[i]);
            VM.expectRevert(abi.encodeWithSelector(ILandRegistry.NotARuleContract.selector));
            ILandRecorder(address(_registry)).record(recording, signatures);
        }
    }
}
