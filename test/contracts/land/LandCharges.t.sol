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
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, NOW, OFFICE, OTHER_APPROVER, ADA, BEN, LENDER} from "./Titles.sol";

contract LandChargesTest is LandWorld {
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
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(Titles.unitId(1), state);
        _refuseOver(units, states, restriction, proofs, abi.encodeWithSelector(refusal));
    }

    function _refuseRelease(Discharge memory act, BAUnitState memory state, bytes4 refusal) private {
        (, BAUnitState[] memory states) = Titles.single(Titles.unitId(1), state);
        Signatures memory signatures = _approveDischarge(act);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _charges.discharge(act, states, _none, signatures);
    }

    function _several(uint256 count) private returns (BAUnitId[] memory units, BAUnitState[] memory states) {
        units = new BAUnitId[](count);
        states = new BAUnitState[](count);
        for (uint256 i = 0; i < count; ++i) {
            units[i] = Titles.unitId(i + 1);
            states[i] = _register(Titles.titleOf(i + 1));
        }
    }

    function _consentsOver(
        BAUnitId[] memory units,
        BAUnitState[] memory states,
        Restriction memory restriction
    ) private view returns (ConsentProof[] memory proofs) {
        bytes32 named = Titles.hashOfUnits(units, states);
        bytes32 terms = LandHashes.ofRestriction(restriction);
        proofs = new ConsentProof[](2 * units.length);
        for (uint256 i = 0; i < units.length; ++i) {
            proofs[2 * i] = _proof(ADA, Titles.consentOver(named, LandAct.Mortgage, units[i], 2, terms));
            proofs[2 * i + 1] = _proof(BEN, Titles.consentOver(named, LandAct.Mortgage, units[i], 3, terms));
        }
    }

    // ---- creation ----

    function test_L5_mortgageStandsLastWithItsOwnIdAndNumber() public {
        BAUnitState memory before = _caution(Titles.unitId(1), _register(Titles.titleOf(1)), 1);
        BAUnitState memory state = _mortgage(Titles.unitId(1), before, 2);
        Expect.same(state.charges.length, 1, "state");
        Expect.same(state.notices.length, 1, "state");
        Expect.same(state.header.version, 3, "state");
        Restriction memory mortgage = state.charges[0];
        Expect.same(uint256(mortgage.kind), uint256(RestrictionKind.Mortgage), "id");
        Expect.same(mortgage.restrictionId, 5, "id");
        Expect.same(mortgage.presentationNo, 3, "number");
        Expect.same(_registry.presentations(), 3, "number");
        Expect.same(state.priorState, LandHashes.ofState(before), "prior");
        Expect.same(LandHashes.ofRights(state.rights), LandHashes.ofRights(before.rights), "rights changed");
        Expect.same(_registry.isInstrumentUsed(OFFICE, mortgage.instrumentId), true, "instrument");
    }

    function test_L3_mortgageOverThreeUnitsIsAllOrNone() public {
        (BAUnitId[] memory units, BAUnitState[] memory states) = _several(3);
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        ConsentProof[] memory proofs = _consentsOver(units, states, restriction);
        (ConsentProof memory last, bytes32 kept) = (proofs[5], _registry.stateOf(units[0]));
        proofs[5] = proofs[4];
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.ConsentNotGiven.selector);
        _refuseOver(units, states, restriction, proofs, refusal);
        Expect.same(_registry.stateOf(units[0]), kept, "one unit was charged");
        proofs[5] = last;
        CreateRestriction memory act = _creation(units, states, restriction);
        _charges.createRestriction(act, states, proofs, _approveCreation(act));
        Expect.same(_recorded().length, 3, "an entry a unit");
        Expect.same(_book().entryCount(), 6, "an entry a unit");
    }

    function test_actOverNoUnitOrMoreThanSixteenIsRefused() public {
        for (uint256 count = 0; count < 18; count += 17) {
            bytes memory refusal = abi.encodeWithSelector(ILandRegistry.UnitCountOutOfRange.selector, 16);
            _refuseOver(
                new BAUnitId[](count),
                new BAUnitState[](count),
                Titles.restrictionOf(RestrictionKind.Mortgage, 1),
                _none,
                refusal
            );
        }
    }

    function test_actWithoutTheStateOfEachUnitIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(Titles.unitId(1), state);
        CreateRestriction memory act = _creation(
            units,
            states,
            Titles.restrictionOf(RestrictionKind.Mortgage, 1)
        );
        Signatures memory signatures = _approveCreation(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.PriorStateMissing.selector));
        _charges.createRestriction(act, new BAUnitState[](0), _none, signatures);
    }

    function test_unitNamedTwiceIsStaleTheSecondTime() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        (BAUnitId[] memory units, BAUnitState[] memory states) = (new BAUnitId[](2), new BAUnitState[](2));
        (units[0], units[1], states[0], states[1]) = (Titles.unitId(1), Titles.unitId(1), state, state);
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.BAUnitStateStale.selector);
        _refuseOver(units, states, restriction, _consentsOver(units, states, restriction), refusal);
    }

    function test_onlyMortgagesAndCautionsAreCreated() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        for (uint8 kind = 0; kind <= uint8(type(RestrictionKind).max); ++kind) {
            RestrictionKind other = RestrictionKind(kind);
            if (other == RestrictionKind.Mortgage || other == RestrictionKind.Caution) continue;
            _refuse(
                state,
                Titles.restrictionOf(other, 1),
                _none,
                ILandRegistry.RestrictionKindRefused.selector
            );
        }
    }

    function test_restrictionAsSignedHasNoIdYet() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        restriction.restrictionId = 4;
        _refuse(state, restriction, _none, ILandRegistry.IdsNotInOrder.selector);
    }

    function test_cautionThatHasLapsedOrNeverLapsesIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 1);
        caution.expiresOn = NOW - 1;
        _refuse(state, caution, _none, ILandRegistry.LapseOutOfBounds.selector);
        caution.expiresOn = 0;
        _refuse(state, caution, _none, ILandRegistry.LapseOutOfBounds.selector);
    }

    function test_restrictionOfSeveralUnitsHasNoTarget() public {
        (BAUnitId[] memory units, BAUnitState[] memory states) = _several(2);
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        restriction.targetRight = 1;
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.TargetNeedsOneUnit.selector);
        _refuseOver(units, states, restriction, _none, refusal);
    }

    function test_targetThatIsNotInTheUnitIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        (restriction.targetRight, restriction.targetHolding) = (1, 9);
        _refuse(state, restriction, _none, ILandRegistry.TargetMissing.selector);
    }

    function test_moreThan64RestrictionsAreRefused() public {
        Title memory title = Titles.titleOf(1);
        for (uint256 i = 0; i < 64; ++i)
            Titles.addRestriction(title, Titles.restrictionOf(RestrictionKind.Caution, i));
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(
            Titles.unitId(1),
            _register(title)
        );
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.TooManyRestrictions.selector, 64);
        _refuseOver(units, states, Titles.restrictionOf(RestrictionKind.Caution, 65), _none, refusal);
    }

    function test_L4_restrictionBlocksAMortgage() public {
        Title memory title = Titles.titleOf(1);
        Restriction memory order = Titles.restrictionOf(RestrictionKind.Order, 1);
        order.blocks = uint64(1) << uint8(LandAct.Mortgage);
        Titles.addRestriction(title, order);
        BAUnitState memory state = _register(title);
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 2);
        ConsentProof[] memory proofs = _consentsToMortgage(Titles.unitId(1), state, mortgage);
        _refuse(state, mortgage, proofs, ILandRegistry.ActBlocked.selector);
        _caution(Titles.unitId(1), state, 3);
    }

    function test_mortgageNeedsEveryOwner() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _consentsToMortgage(Titles.unitId(1), state, mortgage)[0];
        _refuse(state, mortgage, proofs, ILandRegistry.ConsentMissing.selector);
    }

    function test_mortgageOfOneHoldingNeedsItsHolderAlone() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        (mortgage.targetRight, mortgage.targetHolding) = (1, 3);
        ConsentProof[] memory two = _consentsToMortgage(Titles.unitId(1), state, mortgage);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = two[0];
        _refuse(state, mortgage, proofs, ILandRegistry.ConsentNotGiven.selector);
        proofs[0] = two[1];
        _restrict(Titles.unitId(1), state, mortgage, proofs);
    }

    function test_L8_consentToAMortgageIsUsedOnce() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        ConsentProof[] memory proofs = _consentsToMortgage(Titles.unitId(1), state, mortgage);
        state = _restrict(Titles.unitId(1), state, mortgage, proofs);
        state = _discharge(LandAct.Discharge, Titles.unitId(1), state, 0);
        _refuse(state, mortgage, proofs, ILandRegistry.InstrumentUsed.selector);
    }

    function test_cautionIsNotRenewedOnTheSameGround() public {
        BAUnitState memory state = _caution(Titles.unitId(1), _register(Titles.titleOf(1)), 1);
        VM.warp(NOW + 1 days);
        Restriction memory again = Titles.restrictionOf(RestrictionKind.Caution, 1);
        again.expiresOn += 30 days;
        _refuse(state, again, _none, ILandRegistry.InstrumentUsed.selector);
    }

    // ---- release ----

    function test_L7_lenderDischargesTheMortgage() public {
        BAUnitState memory state = _mortgage(Titles.unitId(1), _register(Titles.titleOf(1)), 1);
        state = _mortgage(Titles.unitId(1), _caution(Titles.unitId(1), state, 2), 3);
        state = _mortgage(Titles.unitId(1), state, 4);
        bytes32 first = keccak256(abi.encode(state.charges[0]));
        bytes32 last = keccak256(abi.encode(state.charges[2]));
        state = _discharge(LandAct.Discharge, Titles.unitId(1), state, 1);
        Restriction[] memory left = state.charges;
        Expect.same(left.length, 2, "one released");
        Expect.same(state.notices.length, 1, "one released");
        Expect.same(keccak256(abi.encode(left[0])), first, "order");
        Expect.same(keccak256(abi.encode(left[1])), last, "order");
    }

    function test_L7_nobodyElseDischarges() public {
        BAUnitState memory state = _mortgage(Titles.unitId(1), _register(Titles.titleOf(1)), 1);
        Discharge memory act = _releaseOf(Titles.unitId(1), state, 0);
        _refuseRelease(act, state, ILandRegistry.ConsentMissing.selector);
        (, BAUnitState[] memory states) = Titles.single(Titles.unitId(1), state);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _proof(ADA, Titles.releaseConsent(LandAct.Discharge, Titles.unitId(1), state, 0));
        Signatures memory signatures = _approveDischarge(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentNotGiven.selector));
        _charges.discharge(act, states, proofs, signatures);
    }

    function test_L8_consentToADischargeIsForThatChargeOnly() public {
        BAUnitState memory state = _mortgage(Titles.unitId(1), _register(Titles.titleOf(1)), 1);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _proof(LENDER, Titles.releaseConsent(LandAct.Discharge, Titles.unitId(1), state, 0));
        state = _mortgage(Titles.unitId(1), state, 2);
        Discharge memory act = _releaseOf(Titles.unitId(1), state, 1);
        (, BAUnitState[] memory states) = Titles.single(Titles.unitId(1), state);
        Signatures memory signatures = _approveDischarge(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentNotGiven.selector));
        _charges.discharge(act, states, proofs, signatures);
    }

    function test_restrictionNotInTheUnitIsNotReleased() public {
        BAUnitState memory state = _mortgage(Titles.unitId(1), _register(Titles.titleOf(1)), 1);
        Discharge memory act = _releaseOf(Titles.unitId(1), state, 0);
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
        act.releases[1] = Release(Titles.change(units[1], states[1]), states[1].notices[0].restrictionId);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        Consent memory consent = Titles.releaseConsent(LandAct.Discharge, units[0], states[0], 0);
        consent.unitsHash = Titles.hashOfUnits(units, states);
        proofs[0] = _proof(LENDER, consent);
        Signatures memory signatures = _approveDischarge(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ReleasesDiffer.selector));
        _charges.discharge(act, states, proofs, signatures);
    }

    function test_P1_chargeOfAnAssistedLenderIsDischargedByTwoInstitutions() public {
        Title memory title = Titles.titleOf(1);
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        mortgage.holderKeyHash = 0;
        Titles.addRestriction(title, mortgage);
        BAUnitState memory state = _register(title);
        Discharge memory act = _releaseOf(Titles.unitId(1), state, 0);
        _refuseRelease(act, state, IConsortium.SecondInstitutionRequired.selector);
        _approverKey = OTHER_APPROVER;
        (, BAUnitState[] memory states) = Titles.single(Titles.unitId(1), state);
        _charges.discharge(act, states, _none, _approveDischarge(act));
        Expect.same(_recorded()[0].charges.length, 0, "still there");
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
