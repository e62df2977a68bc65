// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FoundingOffice, IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {Batch, InstitutionId, OfficeId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    CancelDivision,
    Child,
    ConsentProof,
    OpenDivision,
    RegisterTitle,
    RegisterTitles,
    Subdivide,
    Title
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    LandAct,
    Restriction,
    RestrictionKind,
    SpatialUnit,
    SpatialUnitId,
    Standing
} from "../../../contracts/interfaces/LandState.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {Divisions} from "./Divisions.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, OFFICE, PREPARER, OTHER_PREPARER, ADA} from "./Titles.sol";

/// The office is kept by institution 2, whose officers alone prepare what makes a unit; one vote is the quorum.
contract LandOfficesTest is LandWorld {
    /// Kept by institution 1.
    OfficeId private constant _NEXT = OfficeId.wrap(9);

    function _offices() internal pure override returns (FoundingOffice[] memory offices) {
        offices = new FoundingOffice[](2);
        offices[0] = FoundingOffice(OFFICE, InstitutionId.wrap(2));
        offices[1] = FoundingOffice(_NEXT, InstitutionId.wrap(1));
    }

    function _quorum() internal pure override returns (uint8) {
        return 1;
    }

    function test_groundHasOneJudge() public {
        (RegisterTitle memory act, Signatures memory signatures) = _registration(Titles.titleOf(1));
        VM.expectRevert(
            abi.encodeWithSelector(IConsortium.InstitutionDiffers.selector, _officerIdOf(PREPARER))
        );
        _registry.registerTitle(act, signatures);
        _preparerKey = OTHER_PREPARER;
        BAUnitState memory state = _register(Titles.titleOf(1));
        _preparerKey = PREPARER;
        _caution(Titles.unitId(1), state, 1);
    }

    function test_L6_onlyTheKeeperOfTheOfficeCallsADivisionOff() public {
        _preparerKey = OTHER_PREPARER;
        BAUnitState memory state = _register(Titles.titleOf(1));
        Child[] memory children = new Child[](2);
        (children[0], children[1]) = (Titles.childOf(50), Titles.childOf(51));
        bytes32 root = Divisions.foldFrom(children, 0);
        OpenDivision memory opening = OpenDivision(_head(), Titles.change(Titles.unitId(1), state), 2, root);
        ConsentProof[] memory proofs = _agreed(state, Divisions.termsOf(children));
        Signatures memory signatures = _approve(
            Divisions.hashOf(opening),
            LandTypes.OPEN_DIVISION_APPROVAL_TYPEHASH
        );
        _divisionRules.openDivision(opening, state, proofs, signatures);
        state = _recorded()[0];
        for (uint256 i = 0; i < 2; ++i) {
            _preparerKey = i == 0 ? PREPARER : OTHER_PREPARER;
            CancelDivision memory act = CancelDivision(_head(), Titles.change(Titles.unitId(1), state));
            signatures = _approve(Divisions.hashOf(act), LandTypes.CANCEL_DIVISION_APPROVAL_TYPEHASH);
            bytes4 refusal = IConsortium.InstitutionDiffers.selector;
            if (i == 0) VM.expectRevert(abi.encodeWithSelector(refusal, _officerIdOf(PREPARER)));
            _divisionRules.cancelDivision(act, state, signatures);
        }
    }

    function test_L1_nothingIsMadeInAnOfficeThatNobodyKeeps() public {
        Title memory title = Titles.titleOf(1);
        title.state.header.office = OfficeId.wrap(8);
        for (uint256 i = 0; i < 2; ++i) {
            _preparerKey = i == 0 ? PREPARER : OTHER_PREPARER;
            RegisterTitle memory act = RegisterTitle(_head(), title);
            act.head.office = title.state.header.office;
            Signatures memory signatures = _approveRegistration(act);
            VM.expectRevert(abi.encodeWithSelector(ILandRegistry.OfficeUnkept.selector));
            _registry.registerTitle(act, signatures);
        }
        RegisterTitles memory batch;
        batch.titles = new Title[](1);
        batch.titles[0] = title;
        batch.batch = Batch(_head(), keccak256("items"), 1, true);
        batch.batch.head.office = title.state.header.office;
        Signatures memory none;
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.OfficeUnkept.selector));
        _registry.registerTitles(batch, none);
    }

    function test_L1_noOfficeUsesUpWhatAnotherNamed() public {
        Title memory awaited = Titles.titleOf(1);
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 1);
        Titles.addRestriction(awaited, caution);
        Title memory seized = Titles.titleOf(1);
        seized.state.header.office = _NEXT;
        Titles.addRestriction(seized, caution);
        _registerIn(_NEXT, seized, ILandRegistry.BAUnitIdUsed.selector);
        seized.baUnit = BAUnitId.wrap(Titles.idOf(_NEXT, "next"));
        _registerIn(_NEXT, seized, ILandRegistry.SpatialUnitTaken.selector);
        SpatialUnit memory ground = seized.state.spatialUnits[0];
        ground.id = SpatialUnitId.wrap(Titles.idOf(_NEXT, "ground"));
        _registerIn(_NEXT, seized, 0);
        Expect.same(_registry.isInstrumentUsed(_NEXT, caution.instrumentId), true, "used where it was");
        Expect.same(_registry.isInstrumentUsed(OFFICE, caution.instrumentId), false, "used elsewhere");
        _preparerKey = OTHER_PREPARER;
        _registerIn(OFFICE, awaited, 0);
    }

    function test_L1_aDivisionMakesNoUnitOfAnotherOffice() public {
        _preparerKey = OTHER_PREPARER;
        BAUnitState memory state = _register(Titles.titleOf(1));
        Child[] memory children = new Child[](2);
        (children[0], children[1]) = (Titles.childOf(50), Titles.childOf(51));
        children[1].portion.baUnit = BAUnitId.wrap(Titles.idOf(_NEXT, "child"));
        Subdivide memory act;
        (act.head, act.unit, act.children) = (_head(), Titles.change(Titles.unitId(1), state), children);
        (bytes32 terms, ) = Titles.portionsOf(act);
        ConsentProof[] memory proofs = _agreed(state, terms);
        Signatures memory signatures = _approveDivision(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.BAUnitIdUsed.selector));
        _partition.subdivide(act, state, proofs, signatures);
        proofs = _agreed(state, Divisions.termsOf(children));
        bytes32 root = Divisions.foldFrom(children, 0);
        OpenDivision memory opening = OpenDivision(_head(), act.unit, 2, root);
        signatures = _approve(Divisions.hashOf(opening), LandTypes.OPEN_DIVISION_APPROVAL_TYPEHASH);
        _divisionRules.openDivision(opening, state, proofs, signatures);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.BAUnitIdUsed.selector));
        _divisionRules.loadChildren(Titles.unitId(1), children, 0);
    }

    /// What both holders sign of a division.
    function _agreed(
        BAUnitState memory state,
        bytes32 terms
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](2);
        for (uint256 i = 0; i < 2; ++i) {
            uint32 holding = uint32(2 + i);
            LandAct kind = LandAct.Subdivision;
            proofs[i] = _proof(ADA + i, Titles.holderConsent(kind, Titles.unitId(1), state, holding, terms));
        }
    }

    /// Registers a title in an office, or is refused.
    function _registerIn(OfficeId office, Title memory title, bytes4 refusal) private {
        RegisterTitle memory act = RegisterTitle(_head(), title);
        act.head.office = office;
        Signatures memory signatures = _approveRegistration(act);
        if (refusal != 0) VM.expectRevert(abi.encodeWithSelector(refusal));
        _registry.registerTitle(act, signatures);
    }

    function test_P1_nothingOfADisputedRightMovesBeforeTwoInstitutionsCanJudge() public {
        _preparerKey = OTHER_PREPARER;
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].standing = Standing.Disputed;
        BAUnitState memory state = _register(title);
        Subdivide memory act;
        (act.head, act.unit) = (_head(), Titles.change(Titles.unitId(1), state));
        act.children = new Child[](2);
        (act.children[0], act.children[1]) = (Titles.childOf(50), Titles.childOf(51));
        Signatures memory signatures = _approveDivision(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.NobodySigns.selector));
        _partition.subdivide(act, state, new ConsentProof[](0), signatures);
    }
}
