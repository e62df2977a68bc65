// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {IJournal, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ISafeguards, ShortPause} from "../../../contracts/interfaces/ISafeguards.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    CancelDivision,
    Child,
    Consent,
    ConsentProof,
    ConsentRole,
    CreateRestriction,
    MAX_DIVISION_CHILDREN,
    MAX_SPATIAL_UNITS_PER_LOAD,
    OpenDivision,
    RegisterTitle,
    Subdivide,
    Title,
    TransferRight
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    LandAct,
    Origin,
    Restriction,
    RestrictionKind,
    Right,
    SpatialUnit
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {Scopes} from "../../../contracts/power/Scopes.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {Divisions} from "./Divisions.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, NOW, PREPARER, BOTH, ADA, LENDER} from "./Titles.sol";

contract LandDivisionTest is LandWorld {
    ConsentProof[] private _none;

    function _children(uint256 count, uint256 seed) private pure returns (Child[] memory children) {
        children = new Child[](count);
        for (uint256 i = 0; i < count; ++i) children[i] = Titles.childOf(seed + i);
    }

    function _openingOf(
        BAUnitState memory state,
        Child[] memory children
    ) private returns (OpenDivision memory) {
        bytes32 root = Divisions.foldFrom(children, 0);
        return OpenDivision(_head(), Titles.change(Titles.unitId(1), state), uint32(children.length), root);
    }

    function _owners(
        BAUnitState memory state,
        bytes32 terms
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](2);
        for (uint256 i = 0; i < 2; ++i) {
            proofs[i] = _proof(
                ADA + i,
                Titles.holderConsent(LandAct.Subdivision, Titles.unitId(1), state, uint32(2 + i), terms)
            );
        }
    }

    function _open(BAUnitState memory state, Child[] memory children) private returns (BAUnitState memory) {
        OpenDivision memory act = _openingOf(state, children);
        ConsentProof[] memory proofs = _owners(state, Divisions.termsOf(children));
        _divisionRules.openDivision(
            act,
            state,
            proofs,
            _approve(Divisions.hashOf(act), LandTypes.OPEN_DIVISION_APPROVAL_TYPEHASH)
        );
        return _recorded()[0];
    }

    function _refuseOpening(
        OpenDivision memory act,
        BAUnitState memory state,
        ConsentProof[] memory proofs,
        bytes memory refusal
    ) private {
        Signatures memory signatures = _approve(
            Divisions.hashOf(act),
            LandTypes.OPEN_DIVISION_APPROVAL_TYPEHASH
        );
        VM.expectRevert(refusal);
        _divisionRules.openDivision(act, state, proofs, signatures);
    }

    function _refuseCancellation(BAUnitState memory state, bytes4 refusal) private {
        CancelDivision memory act = CancelDivision(_head(), Titles.change(Titles.unitId(1), state));
        Signatures memory signatures = _approve(
            Divisions.hashOf(act),
            LandTypes.CANCEL_DIVISION_APPROVAL_TYPEHASH
        );
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _divisionRules.cancelDivision(act, state, signatures);
    }

    function _cancel(BAUnitState memory state) private returns (BAUnitState memory) {
        CancelDivision memory act = CancelDivision(_head(), Titles.change(Titles.unitId(1), state));
        _divisionRules.cancelDivision(
            act,
            state,
            _approve(Divisions.hashOf(act), LandTypes.CANCEL_DIVISION_APPROVAL_TYPEHASH)
        );
        return _recorded()[0];
    }

    function _load(Child[] memory children, uint256 from, uint256 to) private {
        _divisionRules.loadChildren(
            Titles.unitId(1),
            Divisions.slice(children, from, to),
            Divisions.foldFrom(children, to)
        );
    }

    function _refuseLoad(Child[] memory children, uint256 from, uint256 to, bytes4 refusal) private {
        Child[] memory some = Divisions.slice(children, from, to);
        bytes32 rest = Divisions.foldFrom(children, to);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _divisionRules.loadChildren(Titles.unitId(1), some, rest);
    }

    function _complete(
        BAUnitState memory state,
        Child[] memory children
    ) private returns (BAUnitState[] memory) {
        _divisionRules.completeDivision(Titles.unitId(1), state, children);
        return _recorded();
    }

    function _refuseCompletion(BAUnitState memory state, Child[] memory children, bytes4 refusal) private {
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _divisionRules.completeDivision(Titles.unitId(1), state, children);
    }

    function _selector(bytes4 refusal) private pure returns (bytes memory) {
        return abi.encodeWithSelector(refusal);
    }

    // ---- from one unit to many ----

    function test_L1_L6_divisionRetiresTheParentAndEveryChildCarriesEverything() public {
        BAUnitState memory parent = _mortgage(
            Titles.unitId(1),
            _caution(Titles.unitId(1), _register(Titles.titleOf(1)), 1),
            2
        );
        Child[] memory children = _children(5, 100);
        BAUnitState memory dividing = _open(parent, children);
        Expect.same(uint256(dividing.header.status), uint256(BAUnitStatus.Dividing), "not dividing");
        Expect.same(dividing.header.memberCount, 5, "number of children");
        _load(children, 0, 3);
        _load(children, 3, 5);
        Expect.same(_registry.divisionOf(Titles.unitId(1)).rest, 0, "still to load");
        BAUnitState[] memory first = _complete(dividing, Divisions.slice(children, 3, 5));
        BAUnitState[] memory then = _complete(first[0], Divisions.slice(children, 0, 3));
        Expect.same(first.length, 3, "a state a unit");
        Expect.same(then.length, 3, "a state a unit");
        Expect.same(uint256(first[0].header.status), uint256(BAUnitStatus.Retired), "parent not retired");
        (, bool retired) = _registry.unitOf(Titles.plotOf(1).id);
        Expect.same(retired, true, "plot of the parent not retired");
        for (uint256 i = 0; i < 5; ++i) {
            BAUnitState memory child = i < 3 ? then[i] : first[i - 2];
            Expect.same(Divisions.sameRights(child, parent), true, "a child carries less, or more");
            Expect.same(child.priorState, LandHashes.ofState(first[0]), "L5: prior state");
            Expect.same(child.header.version, 1, "header");
            Expect.same(uint256(child.header.origin), uint256(Origin.Subdivision), "header");
            Expect.same(uint256(child.header.status), uint256(BAUnitStatus.Active), "child not active");
            Expect.same(child.header.nextId, dividing.header.nextId, "ids start again");
            Expect.same(child.header.membersRoot, 0, "members of a child");
            Expect.same(child.header.memberCount, 0, "members of a child");
            Expect.same(_registry.stateOf(Titles.unitId(100 + i)), LandHashes.ofState(child), "kept");
            (BAUnitId holder, ) = _registry.unitOf(Titles.plotOf(100 + i).id);
            Expect.same(BAUnitId.unwrap(holder), BAUnitId.unwrap(Titles.unitId(100 + i)), "placed");
        }
        // Title, caution, mortgage, opening, two loads, the parent's end, five children.
        Expect.same(_book().entryCount(), 12, "an entry a step and a unit");
    }

    function test_L6_childThatIsMadeTakesActsAsAnyUnit() public {
        Child[] memory children = _children(2, 100);
        BAUnitState memory dividing = _open(_register(Titles.titleOf(1)), children);
        _load(children, 0, 2);
        BAUnitState memory child = _complete(dividing, children)[1];
        BAUnitState memory charged = _mortgage(Titles.unitId(100), child, 3);
        Expect.same(charged.header.version, 2, "the child took no act");
    }

    // ---- who opens ----

    function test_L8_divisionWithoutTheConsentOfEveryOwnerIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Child[] memory children = _children(5, 100);
        OpenDivision memory act = _openingOf(state, children);
        _refuseOpening(act, state, _none, _selector(ILandRegistry.ConsentMissing.selector));
        // Consented to other children.
        bytes32 other = Divisions.termsOf(_children(5, 200));
        ConsentProof[] memory proofs = _owners(state, other);
        _refuseOpening(act, state, proofs, _selector(ILandRegistry.ConsentNotGiven.selector));
    }

    function test_L8_consentToADirectSubdivisionIsNoneToADivision() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Subdivide memory direct;
        direct.children = _children(2, 100);
        (bytes32 terms, ) = Titles.portionsOf(direct);
        ConsentProof[] memory proofs = _owners(state, terms);
        OpenDivision memory act = _openingOf(state, direct.children);
        _refuseOpening(act, state, proofs, _selector(ILandRegistry.ConsentNotGiven.selector));
    }

    function test_divisionIntoTooFewOrTooManyIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        bytes memory refusal = abi.encodeWithSelector(
            ILandRegistry.UnitCountOutOfRange.selector,
            MAX_DIVISION_CHILDREN
        );
        OpenDivision memory act = _openingOf(state, _children(2, 100));
        act.memberCount = 1;
        _refuseOpening(act, state, _none, refusal);
        act.memberCount = uint32(MAX_DIVISION_CHILDREN + 1);
        _refuseOpening(act, state, _none, refusal);
        act.memberCount = 2;
        act.membersRoot = 0;
        _refuseOpening(act, state, _none, _selector(ILandRegistry.ValueUnspecified.selector));
    }

    function test_baseUnitAndItsPartsDoNotDivideInSteps() public {
        Title memory base = Titles.titleOf(1);
        base.state.header.quotaTotal = 1000;
        BAUnitState memory state = _register(base);
        OpenDivision memory act = _openingOf(state, _children(2, 100));
        _refuseOpening(act, state, _none, _selector(ILandRegistry.BaseUnitStands.selector));
        BAUnitState memory part = _registerPart(
            Titles.unitId(1),
            state,
            Titles.partOf(2, Titles.unitId(1), 10, 1000)
        )[1];
        act = OpenDivision(_head(), Titles.change(Titles.unitId(2), part), 2, act.membersRoot);
        _refuseOpening(act, part, _none, _selector(ILandRegistry.QuotaNotCarried.selector));
    }

    function test_L4_blockingRestrictionStopsTheOpening() public {
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 1);
        caution.blocks = uint64(1) << uint8(LandAct.Subdivision);
        BAUnitState memory state = _restrict(Titles.unitId(1), _register(Titles.titleOf(1)), caution, _none);
        OpenDivision memory act = _openingOf(state, _children(2, 100));
        _refuseOpening(act, state, _none, _selector(ILandRegistry.ActBlocked.selector));
    }

    // ---- what is loaded ----

    function test_L6_onlyTheChildrenConsentedToAreLoadedInTheirOrder() public {
        Child[] memory children = _children(4, 100);
        _open(_register(Titles.titleOf(1)), children);
        bytes4 differ = ILandRegistry.ChildrenDiffer.selector;
        _refuseLoad(children, 1, 4, differ);
        _refuseLoad(children, 0, 0, differ);
        _refuseLoad(_children(4, 200), 0, 4, differ);
        _load(children, 0, 2);
        _refuseLoad(children, 0, 2, differ);
        _refuseLoad(children, 3, 4, differ);
        _load(children, 2, 4);
        _refuseLoad(children, 2, 4, differ);
    }

    function test_L6_divisionThatNamesAnotherNumberIsNeverLoaded() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Child[] memory children = _children(3, 100);
        OpenDivision memory act = _openingOf(state, children);
        act.memberCount = 4;
        bytes32 terms = keccak256(abi.encode(uint256(4), act.membersRoot));
        _divisionRules.openDivision(
            act,
            state,
            _owners(state, terms),
            _approve(Divisions.hashOf(act), LandTypes.OPEN_DIVISION_APPROVAL_TYPEHASH)
        );
        _load(children, 0, 2);
        _refuseLoad(children, 2, 3, ILandRegistry.ChildrenDiffer.selector);
    }

    function test_unitThatIsNotDividingLoadsNothing() public {
        _register(Titles.titleOf(1));
        Child[] memory children = _children(2, 100);
        _refuseLoad(children, 0, 2, ILandRegistry.BAUnitNotDividing.selector);
    }

    function test_childWithoutGroundOrFactsOrWithAQuotaIsNotLoaded() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        for (uint256 fault = 0; fault < 3; ++fault) {
            Child[] memory children = _children(2, 100);
            if (fault == 0) children[1].portion.spatialUnits = new SpatialUnit[](0);
            if (fault == 1) children[1].factsRoot = 0;
            if (fault == 2) children[1].portion.quotaNumerator = 1;
            state = _open(state, children);
            bytes4[3] memory refusals = [
                ILandRegistry.SpatialUnitMissing.selector,
                ILandRegistry.ValueUnspecified.selector,
                ILandRegistry.QuotaNotCarried.selector
            ];
            _refuseLoad(children, 0, 2, refusals[fault]);
            state = _cancel(state);
        }
    }

    function test_loadOfTooManySpatialUnitsIsRefused() public {
        Child[] memory children = _children(3, 100);
        for (uint256 i = 0; i < 3; ++i) {
            children[i].portion.spatialUnits = new SpatialUnit[](43);
            for (uint256 j = 0; j < 43; ++j)
                children[i].portion.spatialUnits[j] = Titles.plotOf(1000 + 100 * i + j);
        }
        _open(_register(Titles.titleOf(1)), children);
        Child[] memory all = Divisions.slice(children, 0, 3);
        VM.expectRevert(
            abi.encodeWithSelector(ILandRegistry.TooManySpatialUnits.selector, MAX_SPATIAL_UNITS_PER_LOAD)
        );
        _divisionRules.loadChildren(Titles.unitId(1), all, 0);
        _load(children, 0, 2);
        _load(children, 2, 3);
    }

    function test_L1_loadedChildKeepsItsIdAndGroundFromOthers() public {
        Child[] memory children = _children(2, 100);
        _open(_register(Titles.titleOf(1)), children);
        _load(children, 0, 2);
        Title memory title = Titles.titleOf(2);
        title.baUnit = Titles.unitId(100);
        _refuseTitle(title, ILandRegistry.BAUnitIdUsed.selector);
        title = Titles.titleOf(2);
        title.state.spatialUnits[0] = Titles.plotOf(101);
        _refuseTitle(title, ILandRegistry.SpatialUnitTaken.selector);
    }

    function test_L1_childOnGroundThatIsTakenIsNotLoaded() public {
        Child[] memory children = _children(2, 100);
        children[1].portion.spatialUnits[0] = Titles.plotOf(2);
        _register(Titles.titleOf(2));
        _open(_register(Titles.titleOf(1)), children);
        _refuseLoad(children, 0, 2, ILandRegistry.SpatialUnitTaken.selector);
    }

    function _refuseTitle(Title memory title, bytes4 refusal) private {
        (RegisterTitle memory act, Signatures memory signatures) = _registration(title);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _registry.registerTitle(act, signatures);
    }

    // ---- while it divides ----

    function test_dividingUnitTakesWhatProtectsAndWhatEndsAndCarriesTheRest() public {
        BAUnitState memory state = _mortgage(Titles.unitId(1), _register(Titles.titleOf(1)), 1);
        state = _caution(Titles.unitId(1), _mortgage(Titles.unitId(1), state, 2), 3);
        Child[] memory children = _children(2, 100);
        state = _open(state, children);
        _load(children, 0, 1);
        state = _discharge(LandAct.Discharge, Titles.unitId(1), state, 0);
        state = _discharge(LandAct.CautionWithdrawal, Titles.unitId(1), state, 1);
        state = _caution(Titles.unitId(1), state, 4);
        Expect.same(
            uint256(state.header.status),
            uint256(BAUnitStatus.Dividing),
            "an act ended the division"
        );
        _load(children, 1, 2);
        BAUnitState[] memory states = _complete(state, children);
        Expect.same(states[1].charges.length, 1, "carried");
        Expect.same(states[1].notices.length, 1, "carried");
        Expect.same(Divisions.sameRights(states[1], state), true, "the first child carries what was before");
        Expect.same(Divisions.sameRights(states[2], state), true, "the second child carries what was before");
    }

    function test_dividingUnitTakesNoOtherAct() public {
        Child[] memory children = _children(2, 100);
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), children);
        bytes memory refusal = _selector(ILandRegistry.BAUnitNotActive.selector);
        _refuseOpening(_openingOf(state, _children(2, 200)), state, _none, refusal);
        Right memory next = state.rights[0];
        TransferRight memory sale = TransferRight(_head(), Titles.change(Titles.unitId(1), state), next);
        Signatures memory signatures = _approveTransfer(sale);
        VM.expectRevert(refusal);
        _transfers.transferRight(sale, state, _none, signatures);
        Subdivide memory direct = Subdivide(_head(), Titles.change(Titles.unitId(1), state), children);
        signatures = _approveDivision(direct);
        VM.expectRevert(refusal);
        _partition.subdivide(direct, state, _none, signatures);
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(Titles.unitId(1), state);
        CreateRestriction memory act = _creation(
            units,
            states,
            Titles.restrictionOf(RestrictionKind.Mortgage, 1)
        );
        signatures = _approveCreation(act);
        VM.expectRevert(refusal);
        _charges.createRestriction(act, states, _none, signatures);
    }

    function test_L4_blockingCautionStopsTheCompletionUntilItIsWithdrawn() public {
        Child[] memory children = _children(2, 100);
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), children);
        _load(children, 0, 2);
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 1);
        caution.blocks = uint64(1) << uint8(LandAct.Subdivision);
        state = _restrict(Titles.unitId(1), state, caution, _none);
        _refuseCompletion(state, children, ILandRegistry.ActBlocked.selector);
        state = _discharge(LandAct.CautionWithdrawal, Titles.unitId(1), state, 0);
        Expect.same(_complete(state, children).length, 3, "not completed");
    }

    function test_L7_noticeThatAsksAndCameSinceStopsTheCompletionUntilItIsWithdrawn() public {
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 1);
        caution.needsConsent = uint64(1) << uint8(LandAct.Subdivision);
        Child[] memory children = _children(2, 100);
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), children);
        _load(children, 0, 2);
        state = _restrict(Titles.unitId(1), state, caution, _none);
        _refuseCompletion(state, children, ILandRegistry.ActBlocked.selector);
        state = _discharge(LandAct.CautionWithdrawal, Titles.unitId(1), state, 0);
        Expect.same(_complete(state, children).length, 3, "not completed");
    }

    function test_noticeThatWasAskedAtTheOpeningDoesNotStopTheCompletion() public {
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 1);
        caution.needsConsent = uint64(1) << uint8(LandAct.Subdivision);
        BAUnitState memory state = _restrict(Titles.unitId(1), _register(Titles.titleOf(1)), caution, _none);
        Child[] memory children = _children(2, 100);
        bytes32 terms = Divisions.termsOf(children);
        ConsentProof[] memory two = _owners(state, terms);
        ConsentProof[] memory proofs = new ConsentProof[](3);
        (proofs[0], proofs[1]) = (two[0], two[1]);
        uint32 asked = state.notices[0].restrictionId;
        Consent memory consent = Titles.holderConsent(
            LandAct.Subdivision,
            Titles.unitId(1),
            state,
            asked,
            terms
        );
        consent.role = ConsentRole.MustBeAsked;
        proofs[2] = _proof(LENDER, consent);
        OpenDivision memory act = _openingOf(state, children);
        Signatures memory signatures = _approve(
            Divisions.hashOf(act),
            LandTypes.OPEN_DIVISION_APPROVAL_TYPEHASH
        );
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentMissing.selector));
        _divisionRules.openDivision(act, state, two, signatures);
        _divisionRules.openDivision(act, state, proofs, signatures);
        state = _recorded()[0];
        _load(children, 0, 2);
        Expect.same(_complete(state, children).length, 3, "not completed");
    }

    // ---- how it ends ----

    function test_L6_divisionIsNotCompletedBeforeAllChildrenAreLoaded() public {
        Child[] memory children = _children(3, 100);
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), children);
        _load(children, 0, 2);
        _refuseCompletion(state, new Child[](0), ILandRegistry.ChildrenMissing.selector);
        _load(children, 2, 3);
        _complete(state, new Child[](0));
    }

    function test_L6_childIsMadeOnceAndAsItWasLoaded() public {
        Child[] memory children = _children(2, 100);
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), children);
        _load(children, 0, 2);
        state = _complete(state, new Child[](0))[0];
        bytes4 stale = ILandRegistry.BAUnitStateStale.selector;
        Child[] memory other = _children(2, 100);
        other[0].factsRoot = keccak256("other facts");
        _refuseCompletion(state, other, stale);
        _refuseCompletion(state, _children(1, 200), stale);
        _complete(state, children);
        _refuseCompletion(state, children, stale);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.UnitCountOutOfRange.selector, 16));
        _divisionRules.completeDivision(Titles.unitId(1), state, new Child[](0));
    }

    function test_unitThatDidNotDivideCompletesNothing() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        bytes4 refusal = ILandRegistry.BAUnitNotDividing.selector;
        _refuseCompletion(state, _children(1, 100), refusal);
        Subdivide memory direct = Subdivide(
            _head(),
            Titles.change(Titles.unitId(1), state),
            _children(2, 100)
        );
        (bytes32 terms, ) = Titles.portionsOf(direct);
        _partition.subdivide(direct, state, _owners(state, terms), _approveDivision(direct));
        _refuseCompletion(_recorded()[0], _children(1, 200), refusal);
        _refuseCompletion(state, _children(1, 200), ILandRegistry.BAUnitStateStale.selector);
    }

    function test_L1_cancelledDivisionFreesWhatItClaimedAndNothingElse() public {
        Child[] memory children = _children(3, 100);
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), children);
        _load(children, 0, 2);
        BAUnitState memory active = _cancel(state);
        Expect.same(uint256(active.header.status), uint256(BAUnitStatus.Active), "not active again");
        Expect.same(active.header.membersRoot, 0, "members left");
        Expect.same(active.header.memberCount, 0, "members left");
        _refuseLoad(children, 2, 3, ILandRegistry.BAUnitNotDividing.selector);
        // The same ground under other ids in another division.
        Child[] memory anew = Divisions.again(Divisions.slice(children, 0, 2));
        state = _open(active, anew);
        _load(anew, 0, 2);
        BAUnitState[] memory made = _complete(state, anew);
        _refuseCompletion(made[0], children, ILandRegistry.BAUnitStateStale.selector);
    }

    /// An id that is given again without its ground would keep that ground from everybody.
    function test_L1_idOfACancelledDivisionIsSpentAndItsGroundIsFree() public {
        Child[] memory children = _children(2, 100);
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), children);
        _load(children, 0, 2);
        state = _cancel(state);
        Title memory title = Titles.titleOf(100);
        title.state.spatialUnits[0] = Titles.plotOf(500);
        _refuseTitle(title, ILandRegistry.BAUnitIdUsed.selector);
        title = Titles.titleOf(300);
        title.state.spatialUnits[0] = Titles.plotOf(100);
        _register(title);
        // Taken again, it is nobody else's.
        Child[] memory anew = Divisions.again(children);
        _open(state, anew);
        _refuseLoad(anew, 0, 2, ILandRegistry.SpatialUnitTaken.selector);
    }

    function test_L1_cancelledDivisionIsNotOpenedAgainAsItWas() public {
        Child[] memory children = _children(2, 100);
        BAUnitState memory state = _cancel(_open(_register(Titles.titleOf(1)), children));
        OpenDivision memory act = _openingOf(state, children);
        ConsentProof[] memory proofs = _owners(state, Divisions.termsOf(children));
        _refuseOpening(act, state, proofs, _selector(ILandRegistry.DivisionRepeated.selector));
    }

    function test_L5_cancellationIsNotPostponed() public {
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), _children(2, 100));
        _effectiveOn = NOW + 1;
        _refuseCancellation(state, ILandRegistry.EffectNotConsented.selector);
    }

    function test_unitThatIsNotDividingIsNotCancelled() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        _refuseCancellation(state, ILandRegistry.BAUnitNotDividing.selector);
    }

    function test_L3_oneOfficerDoesNotCancelAlone() public {
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), _children(2, 100));
        (_preparerKey, _approverKey) = (BOTH, BOTH);
        _refuseCancellation(state, IConsortium.SecondPersonRequired.selector);
    }

    function test_pauseOfLandStopsADivisionToo() public {
        Child[] memory children = _children(2, 100);
        BAUnitState memory state = _open(_register(Titles.titleOf(1)), children);
        _load(children, 0, 1);
        _pause();
        bytes memory refusal = abi.encodeWithSelector(IConsortium.ScopeIsPaused.selector, Scopes.LAND);
        Child[] memory last = Divisions.slice(children, 1, 2);
        VM.expectRevert(refusal);
        _divisionRules.loadChildren(Titles.unitId(1), last, 0);
        VM.warp(NOW + 1 hours);
        _load(children, 1, 2);
        Expect.same(_complete(state, children).length, 3, "not completed after the pause");
    }

    function _pause() private {
        ISafeguards safeguards = _consortium.safeguards();
        ShortPause memory order = ShortPause(Scopes.LAND, NOW + 1 hours, "case", _officerIdOf(PREPARER), 1);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "ShortPause(uint32 scope,uint64 until,bytes32 caseReference,bytes32 officer,uint32 epoch)"
                ),
                order
            )
        );
        bytes32 separator = IJournal(address(safeguards)).domainSeparator();
        (bytes32 r, bytes32 vs) = VM.signCompact(
            PREPARER,
            keccak256(abi.encodePacked(hex"1901", separator, structHash))
        );
        safeguards.pause(order, abi.encodePacked(r, vs));
    }
}
