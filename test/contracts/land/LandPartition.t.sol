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
import {LandPartitionWorld} from "./LandPartitionWorld.sol";

contract LandPartitionTest is LandPartitionWorld {
    ConsentProof[] private _none;

    // ---- subdivision ----

    function _division(BAUnitState memory state, uint256 count) private returns (Subdivide memory act) {
        act.head = _head();
        act.unit = _change(_unitId(1), state);
        act.children = new Child[](count);
        for (uint256 i = 0; i < count; ++i) act.children[i] = _child(100 + i);
    }

    function _owners(
        LandAct kind,
        BAUnitId unit,
        bytes32 named,
        bytes32 terms
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](2);
        proofs[0] = _proof(ADA, _consentOver(named, kind, unit, 2, terms));
        proofs[1] = _proof(BEN, _consentOver(named, kind, unit, 3, terms));
    }

    function _divide(BAUnitState memory state, uint256 count) private returns (BAUnitState[] memory) {
        Subdivide memory act = _division(state, count);
        (bytes32 terms, ) = _portions(act);
        ConsentProof[] memory proofs = _owners(
            LandAct.Subdivision,
            _unitId(1),
            _unitsHash(_unitId(1), state),
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
        BAUnitState memory parent = _mortgage(_unitId(1), _caution(_unitId(1), _register(_title(1)), 1), 2);
        BAUnitState[] memory states = _divide(parent, 3);
        require(states.length == 4 && _book().entryCount() == 7, "an entry a unit");
        require(states[0].header.status == BAUnitStatus.Retired, "parent not retired");
        require(states[0].header.version == parent.header.version + 1, "L5");
        (, bool retired) = _registry.unitOf(_plot(1).id);
        require(retired, "plot of the parent not retired");
        for (uint256 i = 1; i < 4; ++i) {
            require(LandHashes.ofRights(states[i].rights) == LandHashes.ofRights(parent.rights), "rights");
            require(
                LandHashes.ofRestrictions(states[i].charges) == LandHashes.ofRestrictions(parent.charges) &&
                    LandHashes.ofRestrictions(states[i].notices) == LandHashes.ofRestrictions(parent.notices),
                "restrictions"
            );
            require(states[i].priorState == LandHashes.ofState(states[0]), "L5: prior state");
            require(states[i].header.version == 1 && states[i].header.origin == Origin.Subdivision, "header");
            require(states[i].header.nextId == parent.header.nextId, "ids start again");
            BAUnitId unit = _unitId(99 + i);
            require(_registry.stateOf(unit) == LandHashes.ofState(states[i]), "kept");
            (BAUnitId holder, ) = _registry.unitOf(_plot(99 + i).id);
            require(BAUnitId.unwrap(holder) == BAUnitId.unwrap(unit), "placed");
        }
    }

    function test_L6_cautionCarriedIsNotRenewedOnAChild() public {
        BAUnitState[] memory states = _divide(_caution(_unitId(1), _register(_title(1)), 1), 2);
        require(_registry.isInstrumentUsed(states[1].notices[0].instrumentId), "ground is fresh again");
    }

    function test_retiredUnitTakesNoAct() public {
        BAUnitState[] memory states = _divide(_register(_title(1)), 2);
        _refuseDivision(_division(states[0], 2), states[0], ILandRegistry.BAUnitNotActive.selector);
    }

    function test_subdivisionIntoOneOrMoreThanFourIsRefused() public {
        BAUnitState memory state = _register(_title(1));
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.UnitCountOutOfRange.selector, 4);
        _refuseDivision(_division(state, 1), state, refusal);
        _refuseDivision(_division(state, 5), state, refusal);
    }

    function test_baseUnitOfFlatsStands() public {
        Title memory title = _title(1);
        title.state.header.quotaTotal = 1000;
        BAUnitState memory state = _register(title);
        _refuseDivision(_division(state, 2), state, ILandRegistry.BaseUnitStands.selector);
    }

    function test_childWithoutASpatialUnitIsRefused() public {
        BAUnitState memory state = _register(_title(1));
        Subdivide memory act = _division(state, 2);
        act.children[1].portion.spatialUnits = new SpatialUnit[](0);
        _refuseDivision(act, state, ILandRegistry.SpatialUnitMissing.selector);
    }

    function test_quotaIsDividedWithoutLossAndToEveryChild() public {
        Title memory base = _title(2);
        base.state.header.quotaTotal = 1000;
        BAUnitState memory state = _registerPart(_unitId(2), _register(base), _part(1, _unitId(2), 10, 1000))[
            1
        ];
        Subdivide memory act = _division(state, 2);
        (act.children[0].portion.quotaNumerator, act.children[1].portion.quotaNumerator) = (10, 0);
        _refuseDivision(act, state, ILandRegistry.QuotaNotCarried.selector);
        (act.children[0].portion.quotaNumerator, act.children[1].portion.quotaNumerator) = (6, 5);
        _refuseDivision(act, state, ILandRegistry.QuotaNotCarried.selector);
        act.children[1].portion.quotaNumerator = 4;
        _refuseDivision(act, state, ILandRegistry.ConsentMissing.selector);
    }

    function test_L1_childOnAPlotThatIsTakenIsRefused() public {
        BAUnitState memory state = _register(_title(1));
        Subdivide memory act = _division(state, 2);
        act.children[1].portion.spatialUnits[0] = _plot(1);
        (bytes32 terms, ) = _portions(act);
        ConsentProof[] memory proofs = _owners(
            LandAct.Subdivision,
            _unitId(1),
            _unitsHash(_unitId(1), state),
            terms
        );
        Signatures memory signatures = _approveDivision(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.SpatialUnitTaken.selector));
        _partition.subdivide(act, state, proofs, signatures);
    }

    function test_L4_restrictionBlocksASubdivision() public {
        Title memory title = _title(1);
        Restriction memory order = _restriction(RestrictionKind.Order, 1);
        (order.targetRight, order.targetHolding) = (1, 3);
        order.blocks = uint64(1) << uint8(LandAct.Subdivision);
        _addRestriction(title, order);
        BAUnitState memory state = _register(title);
        _refuseDivision(_division(state, 2), state, ILandRegistry.ActBlocked.selector);
    }

    // ---- consolidation ----

    function _merger(BAUnitState[] memory states) private returns (Consolidate memory act) {
        act.head = _head();
        act.units = new UnitChange[](states.length);
        for (uint256 i = 0; i < states.length; ++i) act.units[i] = _change(_unitId(i + 1), states[i]);
        act.child = _child(200);
        Holding[] memory holdings = new Holding[](1);
        holdings[0] = _holding(0, 1, ADA);
        act.ownership = _ownership(holdings, 1);
        act.ownership.rightId = 0;
    }

    function _consents(
        Consolidate memory act,
        BAUnitState[] memory states
    ) private view returns (ConsentProof[] memory proofs) {
        bytes32 terms = _mergerTerms(act);
        BAUnitId[] memory units = new BAUnitId[](states.length);
        uint256 others;
        for (uint256 i = 0; i < states.length; ++i) {
            units[i] = act.units[i].baUnit;
            others += states[i].charges.length + states[i].rights.length - 1;
        }
        bytes32 named = _unitsHash(units, states);
        proofs = new ConsentProof[](2 * states.length + others);
        uint256 next;
        for (uint256 i = 0; i < states.length; ++i) {
            ConsentProof[] memory two = _owners(LandAct.Consolidation, units[i], named, terms);
            (proofs[next], proofs[next + 1]) = (two[0], two[1]);
            next += 2;
            for (uint256 j = 1; j < states[i].rights.length; ++j) {
                uint32 id = states[i].rights[j].holdings[0].holdingId;
                Consent memory consent = _consentOver(named, LandAct.Consolidation, units[i], id, terms);
                proofs[next++] = _proof(EVE, consent);
            }
            for (uint256 j = 0; j < states[i].charges.length; ++j) {
                uint32 id = states[i].charges[j].restrictionId;
                Consent memory consent = _consentOver(named, LandAct.Consolidation, units[i], id, terms);
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
        for (uint256 i = 0; i < 2; ++i) states[i] = _register(_title(i + 1));
    }

    /// With a lease of it, held by Eve.
    function _leased(uint256 seed) private pure returns (Title memory title) {
        title = _title(seed);
        Holding[] memory tenant = new Holding[](1);
        tenant[0] = _holding(5, 1, EVE);
        Right[] memory rights = new Right[](2);
        (rights[0], rights[1]) = (title.state.rights[0], _ownership(tenant, 1));
        (rights[1].rightId, rights[1].kind, rights[1].targetRight) = (4, RightKind.Lease, 1);
        title.state.rights = rights;
        title.state.header.nextId = 6;
    }

    function test_L1_L6_consolidationCarriesRightsAndRestrictionsInOrder() public {
        BAUnitState[] memory parents = new BAUnitState[](2);
        Title memory first = _leased(1);
        Restriction memory lien = _restriction(RestrictionKind.Lien, 1);
        (lien.targetRight, lien.targetHolding) = (4, 5);
        _addRestriction(first, lien);
        parents[0] = _register(first);
        parents[1] = _mortgage(_unitId(2), _register(_leased(2)), 2);
        parents[0] = _caution(_unitId(1), parents[0], 3);
        BAUnitState[] memory states = _merge(parents);
        BAUnitState memory child = states[2];
        require(states.length == 3 && _book().entryCount() == 7, "an entry a unit");
        require(states[0].header.status == BAUnitStatus.Retired, "first parent");
        require(states[1].header.status == BAUnitStatus.Retired, "second parent");
        require(
            child.priorState ==
                keccak256(abi.encode(LandHashes.ofState(states[0]), LandHashes.ofState(states[1]))),
            "L5: prior states"
        );
        require(child.rights.length == 3 && child.rights[0].presentationNo == 7, "rights");
        require(child.rights[1].kind == RightKind.Lease && child.rights[1].targetRight == 1, "lease");
        require(child.rights[2].presentationNo == parents[1].rights[1].presentationNo, "lease number");
        require(child.charges.length == 2 && child.notices.length == 1, "restrictions");
        require(child.charges[0].targetRight == child.rights[1].rightId, "lien on the lease");
        require(child.charges[0].targetHolding == child.rights[1].holdings[0].holdingId, "lien holding");
        require(child.charges[1].kind == RestrictionKind.Mortgage, "second presented");
        require(child.charges[0].rank == 1 && child.charges[1].rank == 2, "ranks");
        require(child.notices[0].kind == RestrictionKind.Caution, "third presented");
        _requireFreshIds(child);
    }

    function _requireFreshIds(BAUnitState memory state) private pure {
        uint32 id = 1;
        for (uint256 i = 0; i < state.rights.length; ++i) {
            require(state.rights[i].rightId == id++, "right id");
            for (uint256 j = 0; j < state.rights[i].holdings.length; ++j) {
                require(state.rights[i].holdings[j].holdingId == id++, "holding id");
            }
        }
        for (uint256 i = 0; i < state.charges.length; ++i) {
            require(state.charges[i].restrictionId == id++, "charge id");
        }
        for (uint256 i = 0; i < state.notices.length; ++i) {
            require(state.notices[i].restrictionId == id++, "notice id");
        }
        require(state.header.nextId == id, "next id");
    }

    function test_consolidationKeepsTheWeakestEvidence() public {
        BAUnitState[] memory parents = new BAUnitState[](2);
        parents[0] = _register(_title(1));
        Title memory weak = _title(2);
        weak.state.header.evidence = EvidenceGrade.Testimony;
        parents[1] = _register(weak);
        require(_merge(parents)[2].header.evidence == EvidenceGrade.Testimony, "evidence grew");
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
        (states[0], states[1]) = (_register(_leased(1)), _register(_title(2)));
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
        (states[0], states[1]) = (_register(title), _register(_title(2)));
        Consolidate memory act = _merger(states);
        ConsentProof[] memory all = _consents(act, states);
        ConsentProof[] memory owners = new ConsentProof[](4);
        (owners[0], owners[1], owners[2], owners[3]) = (all[0], all[1], all[3], all[4]);
        Signatures memory signatures = _approveMerger(act);
        VM.warp(NOW + 1 days + 1);
        _partition.consolidate(act, states, owners, signatures);
        require(_recorded()[2].rights.length == 2, "L6: the lease is carried");
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
        Title memory title = _title(1);
        Restriction memory lien = _restriction(RestrictionKind.Lien, 1);
        (lien.targetRight, lien.targetHolding) = (1, 2);
        _addRestriction(title, lien);
        (states[0], states[1]) = (_register(title), _register(_title(2)));
        _refuseMerger(_merger(states), states, ILandRegistry.RestrictedHoldingRemoved.selector);
    }

    function test_consolidationOfOneUnitIsRefused() public {
        BAUnitState[] memory states = new BAUnitState[](1);
        states[0] = _register(_title(1));
        Consolidate memory act = _merger(states);
        Signatures memory signatures = _approveMerger(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.UnitCountOutOfRange.selector, 16));
        _partition.consolidate(act, states, _none, signatures);
    }
}
