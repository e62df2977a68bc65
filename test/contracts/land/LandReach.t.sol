// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    Child,
    Consent,
    ConsentProof,
    CreateRestriction,
    Subdivide,
    Title,
    TransferRight
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    Holding,
    LandAct,
    Restriction,
    RestrictionKind,
    Right,
    RightKind
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, NOW, ADA, BEN, EVE} from "./Titles.sol";

/// How far what lies on a unit reaches: to nobody who neither agreed to it nor can wait for its end.
contract LandReachTest is LandWorld {
    BAUnitId private _unit = Titles.unitId(1);

    function _leaseOf(uint32 holdingId, uint256 key) private pure returns (Right memory lease) {
        Holding[] memory tenant = new Holding[](1);
        tenant[0] = Titles.holdingOf(holdingId, 1, key);
        lease = Titles.ownershipOf(tenant, 1);
        (lease.rightId, lease.kind, lease.targetRight) = (4, RightKind.Lease, 1);
        lease.expiresOn = NOW + 2 days;
    }

    /// Eve is the tenant of Ada and Ben for two days.
    function _leased() private returns (BAUnitState memory) {
        Title memory title = Titles.titleOf(1);
        Right[] memory rights = new Right[](2);
        (rights[0], rights[1]) = (title.state.rights[0], _leaseOf(5, EVE));
        (title.state.rights, title.state.header.nextId) = (rights, 6);
        return _register(title);
    }

    function _bit(LandAct act) private pure returns (uint64) {
        return uint64(1) << uint8(act);
    }

    function _mortgageOf(
        BAUnitState memory state,
        uint32 targetRight,
        uint32 targetHolding
    ) private pure returns (Restriction memory mortgage) {
        mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1000 + (uint256(state.priorState) % 1e9));
        (mortgage.targetRight, mortgage.targetHolding) = (targetRight, targetHolding);
        mortgage.rank = Titles.nextRank(state);
    }

    function _alone(
        uint256 key,
        uint32 holdingId,
        BAUnitState memory state,
        LandAct act,
        bytes32 terms
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](1);
        proofs[0] = _proof(key, Titles.holderConsent(act, _unit, state, holdingId, terms));
    }

    /// A mortgage to which one holder consents.
    function _charge(
        uint256 key,
        uint32 holdingId,
        BAUnitState memory state,
        Restriction memory mortgage
    ) private returns (BAUnitState memory) {
        bytes32 terms = LandHashes.ofRestriction(mortgage);
        return _restrict(_unit, state, mortgage, _alone(key, holdingId, state, LandAct.Mortgage, terms));
    }

    function _refuseCharge(
        BAUnitState memory state,
        Restriction memory mortgage,
        ConsentProof[] memory proofs,
        bytes memory refusal
    ) private {
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(_unit, state);
        CreateRestriction memory act = _creation(units, states, mortgage);
        Signatures memory signatures = _approveCreation(act);
        VM.expectRevert(refusal);
        _charges.createRestriction(act, states, proofs, signatures);
    }

    function _transfer(
        BAUnitState memory state,
        Right memory next,
        ConsentProof[] memory proofs,
        bytes4 refusal
    ) private {
        TransferRight memory act = TransferRight(_head(), Titles.change(_unit, state), next);
        Signatures memory signatures = _approveTransfer(act);
        if (refusal != 0) VM.expectRevert(abi.encodeWithSelector(refusal));
        _transfers.transferRight(act, state, proofs, signatures);
    }

    /// By Ada and Ben.
    function _divide(BAUnitState memory state) private {
        Subdivide memory act = Subdivide(_head(), Titles.change(_unit, state), new Child[](2));
        (act.children[0], act.children[1]) = (Titles.childOf(100), Titles.childOf(101));
        (bytes32 terms, ) = Titles.portionsOf(act);
        ConsentProof[] memory proofs = new ConsentProof[](2);
        proofs[0] = _proof(ADA, Titles.holderConsent(LandAct.Subdivision, _unit, state, 2, terms));
        proofs[1] = _proof(BEN, Titles.holderConsent(LandAct.Subdivision, _unit, state, 3, terms));
        _partition.subdivide(act, state, proofs, _approveDivision(act));
    }

    // ---- charges ----

    function test_L7_tenantsChargeStopsNoActOfTheOwners() public {
        BAUnitState memory state = _leased();
        Restriction memory mortgage = _mortgageOf(state, 4, 0);
        mortgage.blocks = _bit(LandAct.Subdivision) | _bit(LandAct.Mortgage) | _bit(LandAct.Transfer);
        mortgage.needsConsent = _bit(LandAct.Subdivision) | _bit(LandAct.Mortgage);
        state = _charge(EVE, 5, state, mortgage);
        // The lease itself is bound.
        Right memory next = _leaseOf(0, BEN);
        bytes32 terms = LandHashes.ofRight(next);
        ConsentProof[] memory tenants = _alone(EVE, 5, state, LandAct.Transfer, terms);
        _transfer(state, next, tenants, ILandRegistry.ActBlocked.selector);
        Restriction memory owners = _mortgageOf(state, 0, 0);
        state = _restrict(_unit, state, owners, _consentsToMortgage(_unit, state, owners));
        _divide(state);
    }

    function test_L7_ownersChargeStopsNoActOfTheTenant() public {
        BAUnitState memory state = _leased();
        Restriction memory mortgage = _mortgageOf(state, 0, 0);
        mortgage.blocks = _bit(LandAct.Transfer) | _bit(LandAct.Mortgage);
        mortgage.needsConsent = mortgage.blocks;
        state = _restrict(_unit, state, mortgage, _consentsToMortgage(_unit, state, mortgage));
        state = _charge(EVE, 5, state, _mortgageOf(state, 4, 0));
        Right memory next = _leaseOf(0, BEN);
        ConsentProof[] memory proofs = _alone(EVE, 5, state, LandAct.Transfer, LandHashes.ofRight(next));
        // Their own right is bound.
        Holding[] memory holdings = new Holding[](2);
        (holdings[0], holdings[1]) = (Titles.holdingOf(2, 1, ADA), Titles.holdingOf(0, 1, EVE));
        Right memory sale = Titles.ownershipOf(holdings, 2);
        _transfer(state, sale, new ConsentProof[](0), ILandRegistry.ActBlocked.selector);
        _transfer(state, next, proofs, 0);
    }

    function test_L7_chargeOnARightThatIsOverBindsNobody() public {
        Title memory title = Titles.titleOf(1);
        Right[] memory rights = new Right[](2);
        (rights[0], rights[1]) = (title.state.rights[0], _leaseOf(5, EVE));
        (rights[1].kind, rights[1].targetRight) = (RightKind.Occupancy, 0);
        (title.state.rights, title.state.header.nextId) = (rights, 6);
        BAUnitState memory state = _register(title);
        Restriction memory mortgage = _mortgageOf(state, 4, 0);
        mortgage.blocks = _bit(LandAct.Mortgage);
        mortgage.needsConsent = _bit(LandAct.Subdivision);
        state = _charge(EVE, 5, state, mortgage);
        Restriction memory owners = _mortgageOf(state, 0, 0);
        ConsentProof[] memory proofs = _consentsToMortgage(_unit, state, owners);
        VM.warp(NOW + 2 days);
        _refuseCharge(state, owners, proofs, abi.encodeWithSelector(ILandRegistry.ActBlocked.selector));
        VM.warp(NOW + 2 days + 1);
        state = _restrict(_unit, state, owners, proofs);
        _divide(state);
    }

    function test_L7_rankIsTheNextOneSoThatNobodyTakesAllOfThem() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Restriction memory mortgage = _mortgageOf(state, 1, 2);
        mortgage.rank = type(uint16).max;
        bytes32 terms = LandHashes.ofRestriction(mortgage);
        _refuseCharge(
            state,
            mortgage,
            _alone(ADA, 2, state, LandAct.Mortgage, terms),
            abi.encodeWithSelector(ILandRegistry.RankTaken.selector)
        );
        mortgage.rank = 1;
        state = _charge(ADA, 2, state, mortgage);
        _charge(BEN, 3, state, _mortgageOf(state, 1, 3));
    }

    function test_L7_mortgageOfSeveralUnitsHasTheNextRankOnAll() public {
        BAUnitId[] memory units = new BAUnitId[](2);
        BAUnitState[] memory states = new BAUnitState[](2);
        (units[0], units[1]) = (_unit, Titles.unitId(2));
        states[0] = _mortgage(units[0], _mortgage(units[0], _register(Titles.titleOf(1)), 1), 2);
        states[1] = _register(Titles.titleOf(2));
        Restriction memory both = Titles.restrictionOf(RestrictionKind.Mortgage, 3);
        for (uint16 rank = 1; rank < 5; ++rank) {
            if (rank == 3) continue;
            both.rank = rank;
            _refuseOver(units, states, both);
        }
        both.rank = 3;
        CreateRestriction memory act = _creation(units, states, both);
        _charges.createRestriction(act, states, _ofBoth(units, states, both), _approveCreation(act));
        Expect.same(_recorded()[1].charges[0].rank, 3, "rank");
    }

    function _refuseOver(
        BAUnitId[] memory units,
        BAUnitState[] memory states,
        Restriction memory both
    ) private {
        CreateRestriction memory act = _creation(units, states, both);
        Signatures memory signatures = _approveCreation(act);
        ConsentProof[] memory proofs = _ofBoth(units, states, both);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.RankTaken.selector));
        _charges.createRestriction(act, states, proofs, signatures);
    }

    function _ofBoth(
        BAUnitId[] memory units,
        BAUnitState[] memory states,
        Restriction memory both
    ) private view returns (ConsentProof[] memory proofs) {
        bytes32 named = Titles.hashOfUnits(units, states);
        bytes32 terms = LandHashes.ofRestriction(both);
        proofs = new ConsentProof[](4);
        for (uint256 i = 0; i < 4; ++i) {
            proofs[i] = _proof(
                ADA + (i % 2),
                Titles.consentOver(named, LandAct.Mortgage, units[i / 2], uint32(2 + (i % 2)), terms)
            );
        }
    }

    /// Liens of the first state: nobody is asked about them, so none leaves places.
    function _withLiens(Title memory title, uint256 count, uint32 right, uint32 holding) private pure {
        for (uint256 i = 0; i < count; ++i) {
            Restriction memory lien = Titles.restrictionOf(RestrictionKind.Lien, i);
            (lien.targetRight, lien.targetHolding) = (right, holding);
            Titles.addRestriction(title, lien);
        }
    }

    function test_L7_oneHolderLeavesPlacesToTheOthers() public {
        Title memory title = Titles.titleOf(1);
        _withLiens(title, 47, 1, 2);
        BAUnitState memory state = _register(title);
        state = _charge(ADA, 2, state, _mortgageOf(state, 1, 2));
        // Sixteen are left, and Ben agreed to none.
        Restriction memory more = _mortgageOf(state, 1, 2);
        bytes32 terms = LandHashes.ofRestriction(more);
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.TooManyRestrictions.selector, 64);
        _refuseCharge(state, more, _alone(ADA, 2, state, LandAct.Mortgage, terms), refusal);
        state = _charge(BEN, 3, state, _mortgageOf(state, 1, 3));
        Restriction memory owners = _mortgageOf(state, 0, 0);
        _restrict(_unit, state, owners, _consentsToMortgage(_unit, state, owners));
    }

    function test_L7_ownersLeavePlacesToATenantWhileTheLeaseRuns() public {
        Title memory title = Titles.titleOf(1);
        Right[] memory rights = new Right[](2);
        (rights[0], rights[1]) = (title.state.rights[0], _leaseOf(5, EVE));
        (title.state.rights, title.state.header.nextId) = (rights, 6);
        // Three holdings have ten places each, and what lies on the whole unit is in those of the owners.
        _withLiens(title, 54, 0, 0);
        BAUnitState memory state = _register(title);
        Restriction memory owners = _mortgageOf(state, 0, 0);
        ConsentProof[] memory proofs = _consentsToMortgage(_unit, state, owners);
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.TooManyRestrictions.selector, 64);
        _refuseCharge(state, owners, proofs, refusal);
        _charge(EVE, 5, state, _mortgageOf(state, 4, 5));
    }

    // ---- notices ----

    /// Ada and Ben, with a caution on Ben's holding that stops mortgages.
    function _warned(uint256 seed) private returns (BAUnitState memory) {
        _unit = Titles.unitId(seed);
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, seed);
        (caution.targetRight, caution.targetHolding) = (1, 3);
        caution.blocks = _bit(LandAct.Mortgage);
        return _restrict(_unit, _register(Titles.titleOf(seed)), caution, new ConsentProof[](0));
    }

    function test_L7_noticeOnAHoldingDoesNotEmptyWhenTheHoldingPasses() public {
        // Of Ben's half nothing stays with him, or a quarter of it.
        for (uint256 i = 0; i < 2; ++i) {
            BAUnitState memory state = _warned(1 + i);
            Holding[] memory holdings = new Holding[](2 + i);
            holdings[0] = Titles.holdingOf(2, uint64(1 + 3 * i), ADA);
            if (i == 1) holdings[1] = Titles.holdingOf(3, 1, BEN);
            holdings[1 + i] = Titles.holdingOf(0, uint64(1 + 2 * i), EVE);
            Right memory next = Titles.ownershipOf(holdings, uint64(2 + 6 * i));
            bytes32 terms = LandHashes.ofRight(next);
            _transfer(state, next, _alone(BEN, 3, state, LandAct.Transfer, terms), 0);
            BAUnitState memory sold = _recorded()[0];
            Expect.same(sold.notices[0].targetHolding, 0, "the notice lies on nothing");
            Expect.same(sold.notices[0].targetRight, 1, "the notice lies on another right");
            uint32 bought = sold.rights[0].holdings[1 + i].holdingId;
            Restriction memory mortgage = _mortgageOf(sold, 1, bought);
            terms = LandHashes.ofRestriction(mortgage);
            _refuseCharge(
                sold,
                mortgage,
                _alone(EVE, bought, sold, LandAct.Mortgage, terms),
                abi.encodeWithSelector(ILandRegistry.ActBlocked.selector)
            );
        }
    }

    function test_L7_noticeOnAHoldingThatStaysLiesWhereItLay() public {
        BAUnitState memory state = _warned(1);
        Holding[] memory holdings = new Holding[](2);
        (holdings[0], holdings[1]) = (Titles.holdingOf(3, 1, BEN), Titles.holdingOf(0, 1, EVE));
        Right memory next = Titles.ownershipOf(holdings, 2);
        bytes32 terms = LandHashes.ofRight(next);
        _transfer(state, next, _alone(ADA, 2, state, LandAct.Transfer, terms), 0);
        Expect.same(_recorded()[0].notices[0].targetHolding, 3, "moved");
    }

    function test_L8_neitherAStrangersCautionNorASweepUndoesADatedSale() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Holding[] memory holdings = new Holding[](2);
        (holdings[0], holdings[1]) = (Titles.holdingOf(2, 1, ADA), Titles.holdingOf(0, 1, EVE));
        Right memory next = Titles.ownershipOf(holdings, 2);
        bytes32 terms = LandHashes.ofRight(next);
        Consent memory consent = Titles.holderConsent(LandAct.Transfer, _unit, state, 3, terms);
        (consent.effectiveOn, consent.deadline) = (NOW + 1 days, NOW + 90 days);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _proof(BEN, consent);
        VM.warp(NOW + 2 days);
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 1);
        caution.expiresOn = NOW + 3 days;
        state = _restrict(_unit, state, caution, new ConsentProof[](0));
        state = _caution(_unit, state, 2);
        state = _discharge(LandAct.CautionWithdrawal, _unit, state, 1);
        Expect.same(state.header.effectiveOn, NOW, "a notice moved the date of the state");
        _effectiveOn = NOW + 1 days;
        _transfer(state, next, proofs, 0);
        state = _recorded()[0];
        Expect.same(state.header.effectiveOn, NOW + 1 days, "the day they agreed on");
        VM.warp(NOW + 3 days + 30 days + 1);
        _charges.sweep(_unit, state);
        Expect.same(_recorded()[0].header.effectiveOn, NOW + 1 days, "a sweep moved the date");
    }
}
