// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    Child,
    Consent,
    ConsentProof,
    ConsentRole,
    Consolidate,
    Subdivide,
    Title,
    UnitChange
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    EvidenceGrade,
    Holding,
    LandAct,
    Origin,
    Restriction,
    RestrictionKind,
    Right,
    RightKind,
    SpatialUnit,
    Standing
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, NOW, OFFICE, ADA, BEN, EVE, LENDER} from "./Titles.sol";

contract LandPartitionTest is LandWorld {
    ConsentProof[] private _none;

    // ---- subdivision ----

    function _division(BAUnitState memory state, uint256 count) private returns (Subdivide memory act) {
        act.head = _head();
        act.unit = Titles.change(Titles.unitId(1), state);
        act.children = new Child[](count);
        for (uint256 i = 0; i < count; ++i) act.children[i] = Titles.childOf(100 + i);
    }

    function _owners(
        LandAct kind,
        BAUnitId unit,
        bytes32 named,
        bytes32 terms
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](2);
        proofs[0] = _proof(ADA, Titles.consentOver(named, kind, unit, 2, terms));
        proofs[1] = _proof(BEN, Titles.consentOver(named, kind, unit, 3, terms));
    }

    function _divide(BAUnitState memory state, uint256 count) private returns (BAUnitState[] memory) {
        Subdivide memory act = _division(state, count);
        (bytes32 terms, ) = Titles.portionsOf(act);
        ConsentProof[] memory proofs = _owners(
            LandAct.Subdivision,
            Titles.unitId(1),
            Titles.hashOfUnits(Titles.unitId(1), state),
            terms
        );
        _partition.subdivide(act, state, proofs, _approveDivision(act));
        return _recorded();
    }

    function _refuseDivision(Subdivide memory act, BAUnitState memory state, bytes memory refusal) private {
        Signatures memory signatures = _approveDivision(act);
        VM.expectRevert(refusal);
        _partition.subdivide(act, state, _none, signatures);
    }

    function _refuseDivision(Subdivide memory act, BAUnitState memory state, bytes4 refusal) private {
        _refuseDivision(act, state, abi.encodeWithSelector(refusal));
    }

    function test_L1_L6_subdivisionRetiresTheParentAndCarriesEverything() public {
        BAUnitState memory parent = _mortgage(
            Titles.unitId(1),
            _caution(Titles.unitId(1), _register(Titles.titleOf(1)), 1),
            2
        );
        BAUnitState[] memory states = _divide(parent, 3);
        Expect.same(states.length, 4, "an entry a unit");
        Expect.same(_book().entryCount(), 7, "an entry a unit");
        Expect.same(uint256(states[0].header.status), uint256(BAUnitStatus.Retired), "parent not retired");
        Expect.same(states[0].header.version, parent.header.version + 1, "L5");
        (, bool retired) = _registry.unitOf(Titles.plotOf(1).id);
        Expect.same(retired, true, "plot of the parent not retired");
        for (uint256 i = 1; i < 4; ++i) {
            Expect.same(LandHashes.ofRights(states[i].rights), LandHashes.ofRights(parent.rights), "rights");
            Expect.same(
                LandHashes.ofRestrictions(states[i].charges),
                LandHashes.ofRestrictions(parent.charges),
                "restrictions"
            );
            Expect.same(
                LandHashes.ofRestrictions(states[i].notices),
                LandHashes.ofRestrictions(parent.notices),
                "restrictions"
            );
            Expect.same(states[i].priorState, LandHashes.ofState(states[0]), "L5: prior state");
            Expect.same(states[i].header.version, 1, "header");
            Expect.same(uint256(states[i].header.origin), uint256(Origin.Subdivision), "header");
            Expect.same(states[i].header.nextId, parent.header.nextId, "ids start again");
            BAUnitId unit = Titles.unitId(99 + i);
            Expect.same(_registry.stateOf(unit), LandHashes.ofState(states[i]), "kept");
            (BAUnitId holder, ) = _registry.unitOf(Titles.plotOf(99 + i).id);
            Expect.same(BAUnitId.unwrap(holder), BAUnitId.unwrap(unit), "placed");
        }
    }

    function test_L6_cautionCarriedIsNotRenewedOnAChild() public {
        BAUnitState[] memory states = _divide(_caution(Titles.unitId(1), _register(Titles.titleOf(1)), 1), 2);
        Expect.same(
            _registry.isInstrumentUsed(OFFICE, states[1].notices[0].instrumentId),
            true,
            "ground is fresh again"
        );
    }

    function test_retiredUnitTakesNoAct() public {
        BAUnitState[] memory states = _divide(_register(Titles.titleOf(1)), 2);
        _refuseDivision(_division(states[0], 2), states[0], ILandRegistry.BAUnitNotActive.selector);
    }

    function test_subdivisionIntoOneOrMoreThanFourIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.UnitCountOutOfRange.selector, 4);
        _refuseDivision(_division(state, 1), state, refusal);
        _refuseDivision(_division(state, 5), state, refusal);
    }

    function test_baseUnitOfFlatsStands() public {
        Title memory title = Titles.titleOf(1);
        title.state.header.quotaTotal = 1000;
        BAUnitState memory state = _register(title);
        _refuseDivision(_division(state, 2), state, ILandRegistry.BaseUnitStands.selector);
    }

    function test_childWithoutASpatialUnitIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Subdivide memory act = _division(state, 2);
        act.children[1].portion.spatialUnits = new SpatialUnit[](0);
        _refuseDivision(act, state, ILandRegistry.SpatialUnitMissing.selector);
    }

    function test_quotaIsDividedWithoutLossAndToEveryChild() public {
        Title memory base = Titles.titleOf(2);
        base.state.header.quotaTotal = 1000;
        BAUnitState memory state = _registerPart(
            Titles.unitId(2),
            _register(base),
            Titles.partOf(1, Titles.unitId(2), 10, 1000)
        )[1];
        Subdivide memory act = _division(state, 2);
        (act.children[0].portion.quotaNumerator, act.children[1].portion.quotaNumerator) = (10, 0);
        _refuseDivision(act, state, ILandRegistry.QuotaNotCarried.selector);
        (act.children[0].portion.quotaNumerator, act.children[1].portion.quotaNumerator) = (6, 5);
        _refuseDivision(act, state, ILandRegistry.QuotaNotCarried.selector);
        act.children[1].portion.quotaNumerator = 4;
        _refuseDivision(act, state, ILandRegistry.ConsentMissing.selector);
    }

    function test_L1_childOnAPlotThatIsTakenIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Subdivide memory act = _division(state, 2);
        act.children[1].portion.spatialUnits[0] = Titles.plotOf(1);
        (bytes32 terms, ) = Titles.portionsOf(act);
        ConsentProof[] memory proofs = _owners(
            LandAct.Subdivision,
            Titles.unitId(1),
            Titles.hashOfUnits(Titles.unitId(1), state),
            terms
        );
        Signatures memory signatures = _approveDivision(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.SpatialUnitTaken.selector));
        _partition.subdivide(act, state, proofs, signatures);
    }

    function test_L4_restrictionBlocksASubdivision() public {
        Title memory title = Titles.titleOf(1);
        Restriction memory order = Titles.restrictionOf(RestrictionKind.Order, 1);
        (order.targetRight, order.targetHolding) = (1, 3);
        order.blocks = uint64(1) << uint8(LandAct.Subdivision);
        Titles.addRestriction(title, order);
        BAUnitState memory state = _register(title);
        _refuseDivision(_division(state, 2), state, ILandRegistry.ActBlocked.selector);
    }

    // ---- consolidation ----

    function _merger(BAUnitState[] memory states) private returns (Consolidate memory act) {
        act.head = _head();
        act.units = new UnitChange[](states.length);
        for (uint256 i = 0; i < states.length; ++i)
            act.units[i] = Titles.change(Titles.unitId(i + 1), states[i]);
        act.child = Titles.childOf(200);
        Holding[] memory holdings = new Holding[](1);
        holdings[0] = Titles.holdingOf(0, 1, ADA);
        act.ownership = Titles.ownershipOf(holdings, 1);
        act.ownership.rightId = 0;
    }

    function _consents(
        Consolidate memory act,
        BAUnitState[] memory states
    ) private view returns (ConsentProof[] memory proofs) {
        bytes32 terms = Titles.mergerTerms(act);
        BAUnitId[] memory units = new BAUnitId[](states.length);
        uint256 others;
        for (uint256 i = 0; i < states.length; ++i) {
            units[i] = act.units[i].baUnit;
            others += states[i].charges.length + states[i].rights.length - 1;
        }
        bytes32 named = Titles.hashOfUnits(units, states);
        proofs = new ConsentProof[](2 * states.length + others);
        uint256 next;
        for (uint256 i = 0; i < states.length; ++i) {
            ConsentProof[] memory two = _owners(LandAct.Consolidation, units[i], named, terms);
            (proofs[next], proofs[next + 1]) = (two[0], two[1]);
            next += 2;
            for (uint256 j = 1; j < states[i].rights.length; ++j) {
                uint32 id = states[i].rights[j].holdings[0].holdingId;
                Consent memory consent = Titles.consentOver(
                    named,
                    LandAct.Consolidation,
                    units[i],
                    id,
                    terms
                );
                proofs[next++] = _proof(EVE, consent);
            }
            for (uint256 j = 0; j < states[i].charges.length; ++j) {
                uint32 id = states[i].charges[j].restrictionId;
                Consent memory consent = Titles.consentOver(
                    named,
                    LandAct.Consolidation,
                    units[i],
                    id,
                    terms
                );
                consent.role = ConsentRole.MustBeAsked;
                proofs[next++] = _proof(LENDER, consent);
            }
        }
    }

    function _merge(BAUnitState[] memory states) private returns (BAUnitState[] memory) {
        Consolidate memory act = _merger(states);
        _partition.consolidate(act, states, _consents(act, states), _approveMerger(act));
        return _recorded();
    }

    function _refuseMerger(Consolidate memory act, BAUnitState[] memory states, bytes4 refusal) private {
        ConsentProof[] memory proofs = _consents(act, states);
        Signatures memory signatures = _approveMerger(act);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _partition.consolidate(act, states, proofs, signatures);
    }

    function _two() private returns (BAUnitState[] memory states) {
        states = new BAUnitState[](2);
        for (uint256 i = 0; i < 2; ++i) states[i] = _register(Titles.titleOf(i + 1));
    }

    /// With a lease of it, held by Eve.
    function _leased(uint256 seed) private pure returns (Title memory title) {
        title = Titles.titleOf(seed);
        Holding[] memory tenant = new Holding[](1);
        tenant[0] = Titles.holdingOf(5, 1, EVE);
        Right[] memory rights = new Right[](2);
        (rights[0], rights[1]) = (title.state.rights[0], Titles.ownershipOf(tenant, 1));
        (rights[1].rightId, rights[1].kind, rights[1].targetRight) = (4, RightKind.Lease, 1);
        title.state.rights = rights;
        title.state.header.nextId = 6;
    }

    function test_L1_L6_consolidationCarriesRightsAndRestrictionsInOrder() public {
        BAUnitState[] memory parents = new BAUnitState[](2);
        Title memory first = _leased(1);
        Restriction memory lien = Titles.restrictionOf(RestrictionKind.Lien, 1);
        (lien.targetRight, lien.targetHolding) = (4, 5);
        Titles.addRestriction(first, lien);
        parents[0] = _register(first);
        parents[1] = _mortgage(Titles.unitId(2), _register(_leased(2)), 2);
        parents[0] = _caution(Titles.unitId(1), parents[0], 3);
        BAUnitState[] memory states = _merge(parents);
        BAUnitState memory child = states[2];
        Expect.same(states.length, 3, "an entry a unit");
        Expect.same(_book().entryCount(), 7, "an entry a unit");
        Expect.same(uint256(states[0].header.status), uint256(BAUnitStatus.Retired), "first parent");
        Expect.same(uint256(states[1].header.status), uint256(BAUnitStatus.Retired), "second parent");
        Expect.same(
            child.priorState,
            keccak256(abi.encode(LandHashes.ofState(states[0]), LandHashes.ofState(states[1]))),
            "L5: prior states"
        );
        Expect.same(child.rights.length, 3, "rights");
        Expect.same(child.rights[0].presentationNo, 7, "rights");
        Expect.same(uint256(child.rights[1].kind), uint256(RightKind.Lease), "lease");
        Expect.same(child.rights[1].targetRight, 1, "lease");
        Expect.same(child.rights[2].presentationNo, parents[1].rights[1].presentationNo, "lease number");
        Expect.same(child.charges.length, 2, "restrictions");
        Expect.same(child.notices.length, 1, "restrictions");
        Expect.same(child.charges[0].targetRight, child.rights[1].rightId, "lien on the lease");
        Expect.same(child.charges[0].targetHolding, child.rights[1].holdings[0].holdingId, "lien holding");
        Expect.same(uint256(child.charges[1].kind), uint256(RestrictionKind.Mortgage), "second presented");
        Expect.same(child.charges[0].rank, 1, "ranks");
        Expect.same(child.charges[1].rank, 2, "ranks");
        Expect.same(uint256(child.notices[0].kind), uint256(RestrictionKind.Caution), "third presented");
        _requireFreshIds(child);
    }

    function _requireFreshIds(BAUnitState memory state) private pure {
        uint32 id = 1;
        for (uint256 i = 0; i < state.rights.length; ++i) {
            Expect.same(state.rights[i].rightId, id++, "right id");
            for (uint256 j = 0; j < state.rights[i].holdings.length; ++j) {
                Expect.same(state.rights[i].holdings[j].holdingId, id++, "holding id");
            }
        }
        for (uint256 i = 0; i < state.charges.length; ++i) {
            Expect.same(state.charges[i].restrictionId, id++, "charge id");
        }
        for (uint256 i = 0; i < state.notices.length; ++i) {
            Expect.same(state.notices[i].restrictionId, id++, "notice id");
        }
        Expect.same(state.header.nextId, id, "next id");
    }

    function test_consolidationKeepsTheWeakestEvidence() public {
        BAUnitState[] memory parents = new BAUnitState[](2);
        parents[0] = _register(Titles.titleOf(1));
        Title memory weak = Titles.titleOf(2);
        weak.state.header.evidence = EvidenceGrade.Testimony;
        parents[1] = _register(weak);
        Expect.same(
            uint256(_merge(parents)[2].header.evidence),
            uint256(EvidenceGrade.Testimony),
            "evidence grew"
        );
    }

    function test_consolidationNeedsTheOwnersOfEveryParent() public {
        BAUnitState[] memory states = _two();
        Consolidate memory act = _merger(states);
        ConsentProof[] memory proofs = _consents(act, states);
        proofs[3] = proofs[1];
        Signatures memory signatures = _approveMerger(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentNotGiven.selector));
        _partition.consolidate(act, states, proofs, signatures);
    }

    function test_L7_consolidationNeedsWhoeverHoldsADerivedRight() public {
        BAUnitState[] memory states = new BAUnitState[](2);
        (states[0], states[1]) = (_register(_leased(1)), _register(Titles.titleOf(2)));
        Consolidate memory act = _merger(states);
        ConsentProof[] memory all = _consents(act, states);
        ConsentProof[] memory owners = new ConsentProof[](4);
        (owners[0], owners[1], owners[2], owners[3]) = (all[0], all[1], all[3], all[4]);
        Signatures memory signatures = _approveMerger(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentNotGiven.selector));
        _partition.consolidate(act, states, owners, signatures);
        _partition.consolidate(act, states, all, signatures);
    }

    function test_L7_whoseLeaseHasEndedIsNotAsked() public {
        BAUnitState[] memory states = new BAUnitState[](2);
        Title memory title = _leased(1);
        title.state.rights[1].expiresOn = NOW + 1 days;
        (states[0], states[1]) = (_register(title), _register(Titles.titleOf(2)));
        Consolidate memory act = _merger(states);
        ConsentProof[] memory all = _consents(act, states);
        ConsentProof[] memory owners = new ConsentProof[](4);
        (owners[0], owners[1], owners[2], owners[3]) = (all[0], all[1], all[3], all[4]);
        Signatures memory signatures = _approveMerger(act);
        VM.warp(NOW + 1 days + 1);
        _partition.consolidate(act, states, owners, signatures);
        Expect.same(_recorded()[2].rights.length, 2, "L6: the lease is carried");
    }

    function test_parentsWithUnlikeOwnershipAreNotJoined() public {
        BAUnitState[] memory states = _two();
        for (uint256 field = 0; field < 4; ++field) {
            Consolidate memory act = _merger(states);
            if (field == 0) act.ownership.kind = RightKind.Customary;
            if (field == 1) act.ownership.standing = Standing.Qualified;
            if (field == 2) act.ownership.upgradesOn = 1;
            if (field == 3) act.ownership.expiresOn = 1;
            _refuseMerger(act, states, ILandRegistry.ParentsDiffer.selector);
        }
    }

    function test_ownershipAsSignedHasNoIdsAndNoTarget() public {
        BAUnitState[] memory states = _two();
        Consolidate memory act = _merger(states);
        act.ownership.kind = RightKind.Lease;
        _refuseMerger(act, states, ILandRegistry.OwnershipMissing.selector);
        act = _merger(states);
        act.ownership.targetRight = 1;
        _refuseMerger(act, states, ILandRegistry.TargetMissing.selector);
        act = _merger(states);
        act.ownership.rightId = 1;
        _refuseMerger(act, states, ILandRegistry.IdsNotInOrder.selector);
        act = _merger(states);
        act.ownership.holdings[0].holdingId = 2;
        _refuseMerger(act, states, ILandRegistry.IdsNotInOrder.selector);
    }

    function test_quotasOfTheParentsAreSummed() public {
        BAUnitState[] memory states = _two();
        Consolidate memory act = _merger(states);
        act.child.portion.quotaNumerator = 1;
        _refuseMerger(act, states, ILandRegistry.QuotaNotCarried.selector);
    }

    function test_holdingUnderARestrictionIsNotMergedAway() public {
        BAUnitState[] memory states = new BAUnitState[](2);
        Title memory title = Titles.titleOf(1);
        Restriction memory lien = Titles.restrictionOf(RestrictionKind.Lien, 1);
        (lien.targetRight, lien.targetHolding) = (1, 2);
        Titles.addRestriction(title, lien);
        (states[0], states[1]) = (_register(title), _register(Titles.titleOf(2)));
        _refuseMerger(_merger(states), states, ILandRegistry.RestrictedHoldingRemoved.selector);
    }

    function test_consolidationOfOneUnitIsRefused() public {
        BAUnitState[] memory states = new BAUnitState[](1);
        states[0] = _register(Titles.titleOf(1));
        Consolidate memory act = _merger(states);
        Signatures memory signatures = _approveMerger(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.UnitCountOutOfRange.selector, 16));
        _partition.consolidate(act, states, _none, signatures);
    }
}
