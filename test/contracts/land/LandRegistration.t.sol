// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {Batch, IJournal, OfficeId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {RegisterTitle, RegisterTitles, Title} from "../../../contracts/interfaces/LandActs.sol";
import {
    Application,
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    EvidenceGrade,
    Holding,
    InstrumentId,
    Origin,
    PartyKind,
    Responsibility,
    ResponsibilityKind,
    Restriction,
    RestrictionKind,
    Right,
    RightKind,
    Signer,
    SpatialUnit,
    SpatialUnitId,
    Standing,
    Tenancy
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, OFFICE, PREPARER, THIRD, BATCH_TYPEHASH, BATCH_APPROVAL_TYPEHASH} from "./Titles.sol";

contract LandRegistrationTest is LandWorld {
    function _refuse(Title memory title, bytes memory refusal) private {
        (RegisterTitle memory act, Signatures memory signatures) = _registration(title);
        VM.expectRevert(refusal);
        _registry.registerTitle(act, signatures);
    }

    function _refuse(Title memory title, bytes4 refusal) private {
        _refuse(title, abi.encodeWithSelector(refusal));
    }

    // ---- what is kept ----

    function test_L3_L5_titleIsKeptAsItsHashWithOneEntry() public {
        Title memory title = Titles.titleOf(1);
        bytes32 before = _book().head();
        BAUnitState memory state = _register(title);
        Expect.same(_registry.stateOf(title.baUnit), LandHashes.ofState(state), "kept hash differs");
        Expect.same(_book().entryCount(), 1, "no entry");
        Expect.differ(_book().head(), before, "no entry");
        Expect.same(state.header.version, 1, "not a first state");
        Expect.same(state.priorState, 0, "not a first state");
        (BAUnitId holder, bool retired) = _registry.unitOf(Titles.plotOf(1).id);
        Expect.same(BAUnitId.unwrap(holder), BAUnitId.unwrap(title.baUnit), "plot not placed");
        Expect.same(retired, false, "plot not placed");
    }

    function test_presentationNumbersAreGivenByTheRegister() public {
        _register(Titles.titleOf(1));
        Title memory title = Titles.titleOf(2);
        Titles.addRestriction(title, Titles.restrictionOf(RestrictionKind.Mortgage, 1));
        BAUnitState memory state = _register(title);
        Expect.same(state.rights[0].presentationNo, 2, "right");
        Expect.same(state.charges[0].presentationNo, 2, "restriction");
        Expect.same(_registry.presentations(), 2, "count");
    }

    function test_registeredRestrictionUsesItsInstrumentUp() public {
        Title memory title = Titles.titleOf(1);
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Caution, 9);
        Titles.addRestriction(title, restriction);
        _register(title);
        Expect.same(
            _registry.isInstrumentUsed(OFFICE, restriction.instrumentId),
            true,
            "instrument still fresh"
        );
    }

    // ---- who may ----

    function test_L3_preparerCannotApproveTheOwnAct() public {
        _approverKey = PREPARER;
        _refuse(Titles.titleOf(1), IConsortium.SecondPersonRequired.selector);
    }

    function test_L3_actSignedByAnotherKeyIsRefused() public {
        (RegisterTitle memory act, Signatures memory signatures) = _registration(Titles.titleOf(1));
        act.head.preparer = _officerIdOf(THIRD);
        VM.expectRevert(abi.encodeWithSelector(IConsortium.BadSignature.selector, _officerIdOf(THIRD)));
        _registry.registerTitle(act, signatures);
    }

    function test_L3_changedFactsAreNotWhatWasSigned() public {
        (RegisterTitle memory act, Signatures memory signatures) = _registration(Titles.titleOf(1));
        act.title.state.factsRoot = keccak256("other facts");
        VM.expectRevert(abi.encodeWithSelector(IConsortium.BadSignature.selector, _officerIdOf(PREPARER)));
        _registry.registerTitle(act, signatures);
    }

    // ---- refusals, in the order of the interface ----

    function test_L1_usedUnitIdIsRefused() public {
        _register(Titles.titleOf(1));
        Title memory again = Titles.titleOf(2);
        again.baUnit = Titles.unitId(1);
        _refuse(again, ILandRegistry.BAUnitIdUsed.selector);
    }

    function test_zeroUnitIdIsRefused() public {
        Title memory title = Titles.titleOf(1);
        title.baUnit = BAUnitId.wrap(0);
        _refuse(title, ILandRegistry.BAUnitIdUsed.selector);
    }

    function test_headerOfAFirstStateIsFixed() public {
        for (uint256 field = 0; field < 8; ++field) {
            Title memory title = Titles.titleOf(1);
            if (field == 0) title.state.header.formatVersion = 2;
            if (field == 1) title.state.header.version = 2;
            if (field == 2) title.state.header.status = BAUnitStatus.Dividing;
            if (field == 3) title.state.header.office = OfficeId.wrap(8);
            if (field == 4) title.state.header.origin = Origin.Subdivision;
            if (field == 5) title.state.header.origin = Origin.Consolidation;
            if (field == 6) title.state.header.membersRoot = keccak256("members");
            if (field == 7) title.state.header.memberCount = 1;
            _refuse(title, ILandRegistry.HeaderNotInitial.selector);
        }
    }

    function test_applicationInAFirstStateIsRefused() public {
        Title memory title = Titles.titleOf(1);
        title.state.applications = new Application[](1);
        _refuse(title, ILandRegistry.StateNotInitial.selector);
    }

    function test_L5_priorStateInAFirstStateIsRefused() public {
        Title memory title = Titles.titleOf(1);
        title.state.priorState = keccak256("before");
        _refuse(title, ILandRegistry.StateNotInitial.selector);
    }

    function test_unspecifiedValueIsRefused() public {
        for (uint256 field = 0; field < 17; ++field) {
            Title memory title = Titles.titleOf(1);
            BAUnitState memory state = title.state;
            Titles.addRestriction(title, Titles.restrictionOf(RestrictionKind.Mortgage, 1));
            if (field == 0) state.header.origin = Origin.Unspecified;
            if (field == 1) state.header.evidence = EvidenceGrade.Unspecified;
            if (field == 2) state.factsRoot = 0;
            if (field == 3) state.spatialUnits[0].id = SpatialUnitId.wrap(0);
            if (field == 4) state.spatialUnits[0].geometryCommitment = 0;
            if (field == 5) state.rights[0].kind = RightKind.Unspecified;
            if (field == 6) state.rights[0].standing = Standing.Unspecified;
            if (field == 7) state.rights[0].tenancy = Tenancy.Unspecified;
            if (field == 8) state.rights[0].holdings[1].signer = Signer.Unspecified;
            if (field == 9) state.rights[0].holdings[1].partyCommitment = 0;
            if (field == 10) state.charges[0].kind = RestrictionKind.Unspecified;
            if (field == 11) state.charges[0].instrumentId = InstrumentId.wrap(0);
            if (field == 12) state.charges[0].termsCommitment = 0;
            if (field == 13) state.rights[0].holdings[1].partyKind = PartyKind.Unspecified;
            if (field > 13) {
                _addResponsibility(title);
                if (field == 14) state.responsibilities[0].kind = ResponsibilityKind.Unspecified;
                if (field == 15) state.responsibilities[0].instrumentId = InstrumentId.wrap(0);
                if (field == 16) state.responsibilities[0].termsCommitment = 0;
            }
            _refuse(title, ILandRegistry.ValueUnspecified.selector);
        }
    }

    function testFuzz_quotaNeedsItsBaseAndFitsIt(uint64 numerator, uint64 total) public {
        Title memory title = Titles.titleOf(1);
        title.state.header.baseUnit = Titles.unitId(100);
        title.state.header.quotaNumerator = numerator > total ? numerator : 0;
        title.state.header.quotaTotal = total;
        _refuse(title, ILandRegistry.QuotaInvalid.selector);
    }

    function test_quotaWithoutABaseIsRefused() public {
        Title memory title = Titles.titleOf(1);
        title.state.header.quotaNumerator = 1;
        _refuse(title, ILandRegistry.QuotaInvalid.selector);
    }

    function test_titleTakesNoQuotaWithoutAskingTheBaseUnit() public {
        Title memory title = Titles.titleOf(1);
        title.state.header.baseUnit = Titles.unitId(100);
        (title.state.header.quotaNumerator, title.state.header.quotaTotal) = (1, 10);
        _refuse(title, ILandRegistry.BaseUnitNotAsked.selector);
    }

    function test_moreThan64SpatialUnitsAreRefused() public {
        Title memory title = Titles.titleOf(1);
        title.state.spatialUnits = _plots(64);
        _register(title);
        title = Titles.titleOf(2);
        title.state.spatialUnits = _plots(65);
        _refuse(title, abi.encodeWithSelector(ILandRegistry.TooManySpatialUnits.selector, 64));
    }

    function test_idsOutOfTheOrderOfReadingAreRefused() public {
        for (uint256 field = 0; field < 5; ++field) {
            Title memory title = Titles.titleOf(1);
            Titles.addRestriction(title, Titles.restrictionOf(RestrictionKind.Mortgage, 1));
            _addResponsibility(title);
            BAUnitState memory state = title.state;
            if (field == 0) state.rights[0].rightId = 2;
            if (field == 1) state.rights[0].holdings[1].holdingId = 2;
            if (field == 2) state.charges[0].restrictionId = 3;
            if (field == 3) state.responsibilities[0].responsibilityId = 6;
            if (field == 4) state.header.nextId = 7;
            _refuse(title, ILandRegistry.IdsNotInOrder.selector);
        }
    }

    function test_statedPresentationNumberIsRefused() public {
        for (uint256 field = 0; field < 3; ++field) {
            Title memory title = Titles.titleOf(1);
            Titles.addRestriction(title, Titles.restrictionOf(RestrictionKind.Mortgage, 1));
            _addResponsibility(title);
            if (field == 0) title.state.rights[0].presentationNo = 1;
            if (field == 1) title.state.charges[0].presentationNo = 1;
            if (field == 2) title.state.responsibilities[0].presentationNo = 1;
            _refuse(title, ILandRegistry.PresentationStated.selector);
        }
    }

    function test_rightWithoutAHoldingIsRefused() public {
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].holdings = new Holding[](0);
        _refuse(title, ILandRegistry.HoldingMissing.selector);
    }

    function test_L2_sharesStatedUnderATenancyThatHasNoneAreRefused() public {
        for (uint256 field = 0; field < 5; ++field) {
            Title memory title = Titles.titleOf(1);
            Right memory right = title.state.rights[0];
            if (field == 0) right.tenancy = Tenancy.Joint;
            if (field == 1) right.tenancy = Tenancy.Unrecorded;
            if (field == 2) right.tenancy = Tenancy.Sole;
            if (field == 3) right.holdings[0].numerator = 0;
            if (field == 4) {
                right.tenancy = Tenancy.Joint;
                (right.holdings[0].numerator, right.holdings[1].numerator) = (0, 0);
            }
            _refuse(title, ILandRegistry.SharesContradictTenancy.selector);
        }
    }

    function testFuzz_L2_sharesThatAreNotOneWholeAreRefused(uint64 a, uint64 b, uint64 whole) public {
        (a, b) = (a == 0 ? 1 : a, b == 0 ? 1 : b);
        if (whole == 0 || uint256(a) + b == whole) whole = a;
        Title memory title = Titles.titleOf(1);
        Right memory right = title.state.rights[0];
        (right.holdings[0].numerator, right.holdings[1].numerator, right.denominator) = (a, b, whole);
        _refuse(title, ILandRegistry.SharesNotWhole.selector);
    }

    function test_L2_rivalClaimsNeedNotSumToOneWhole() public {
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].standing = Standing.Disputed;
        title.state.rights[0].denominator = 1;
        _register(title);
    }

    function test_moreThan64HoldingsOverAllRightsAreRefused() public {
        _register(_crowded(1, 64));
        _refuse(_crowded(2, 65), abi.encodeWithSelector(ILandRegistry.TooManyHoldings.selector, 64));
    }

    function test_titleWithoutARightInTheLandIsRefused() public {
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].kind = RightKind.Lease;
        _refuse(title, ILandRegistry.OwnershipMissing.selector);
    }

    function test_targetOutsideTheUnitIsRefused() public {
        for (uint256 field = 0; field < 6; ++field) {
            Title memory title = Titles.titleOf(1);
            Titles.addRestriction(title, Titles.restrictionOf(RestrictionKind.Mortgage, 1));
            _addResponsibility(title);
            Restriction memory restriction = title.state.charges[0];
            if (field == 0) restriction.targetRight = 2;
            if (field == 1) (restriction.targetRight, restriction.targetHolding) = (1, 1);
            if (field == 2) restriction.targetHolding = 2;
            if (field == 3) title.state.responsibilities[0].targetRight = 2;
            if (field == 4) title.state.rights[0].targetRight = 1;
            if (field == 5) {
                title = _crowded(1, 4);
                title.state.rights[1].targetRight = title.state.rights[1].rightId;
            }
            _refuse(title, ILandRegistry.TargetMissing.selector);
        }
    }

    function test_moreThan64RestrictionsAreRefused() public {
        Title memory title = Titles.titleOf(1);
        title.state.charges = new Restriction[](65);
        _refuse(title, abi.encodeWithSelector(ILandRegistry.TooManyRestrictions.selector, 64));
        title = Titles.titleOf(1);
        title.state.notices = new Restriction[](65);
        _refuse(title, abi.encodeWithSelector(ILandRegistry.TooManyRestrictions.selector, 64));
    }

    function test_moreThan64ResponsibilitiesAreRefused() public {
        Title memory title = Titles.titleOf(1);
        title.state.responsibilities = new Responsibility[](65);
        _refuse(title, abi.encodeWithSelector(ILandRegistry.TooManyResponsibilities.selector, 64));
    }

    function test_cautionThatNeverLapsesIsRefused() public {
        Title memory title = Titles.titleOf(1);
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 1);
        caution.expiresOn = 0;
        Titles.addRestriction(title, caution);
        _refuse(title, ILandRegistry.LapseOutOfBounds.selector);
    }

    function testFuzz_L1_spatialUnitHasOneUnitForEver(uint256 seed) public {
        _register(Titles.titleOf(seed));
        Title memory rival = Titles.titleOf(seed);
        rival.baUnit = BAUnitId.wrap(Titles.idOf(OFFICE, keccak256(abi.encode("rival", seed))));
        _refuse(rival, ILandRegistry.SpatialUnitTaken.selector);
    }

    function test_L1_spatialUnitTwiceInOneTitleIsRefused() public {
        Title memory title = Titles.titleOf(1);
        title.state.spatialUnits = new SpatialUnit[](2);
        (title.state.spatialUnits[0], title.state.spatialUnits[1]) = (Titles.plotOf(1), Titles.plotOf(1));
        _refuse(title, ILandRegistry.SpatialUnitTaken.selector);
    }

    // ---- batches ----

    function _batch(uint256 count) private returns (RegisterTitles memory act, Signatures memory signatures) {
        act.titles = new Title[](count);
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            act.titles[i] = Titles.titleOf(1000 + i);
            hashes[i] = LandHashes.ofTitle(act.titles[i].baUnit, LandHashes.ofState(act.titles[i].state));
        }
        act.batch = Batch(_head(), keccak256(abi.encodePacked(hashes)), uint32(count), true);
        bytes32 actHash = keccak256(
            abi.encode(
                BATCH_TYPEHASH,
                Titles.hashHead(act.batch.head),
                act.batch.itemsHash,
                act.batch.count,
                act.batch.atomic
            )
        );
        signatures = _approve(actHash, BATCH_APPROVAL_TYPEHASH);
    }

    function test_L3_batchOfFiftyHasOneEntryATitle() public {
        (RegisterTitles memory act, Signatures memory signatures) = _batch(50);
        _registry.registerTitles(act, signatures);
        BAUnitState[] memory states = _recorded();
        Expect.same(states.length, 50, "one entry a title");
        Expect.same(_book().entryCount(), 50, "one entry a title");
        for (uint256 i = 0; i < 50; ++i) {
            Expect.same(_registry.stateOf(act.titles[i].baUnit), LandHashes.ofState(states[i]), "kept");
            Expect.same(states[i].rights[0].presentationNo, i + 1, "numbered in order");
        }
    }

    function test_batchOfNoneOrMoreThanFiftyIsRefused() public {
        for (uint256 count = 0; count < 52; count += 51) {
            (RegisterTitles memory act, Signatures memory signatures) = _batch(count);
            VM.expectRevert(abi.encodeWithSelector(IJournal.BatchSizeOutOfRange.selector, 50));
            _registry.registerTitles(act, signatures);
        }
    }

    function test_batchWithAnItemExchangedIsRefused() public {
        (RegisterTitles memory act, Signatures memory signatures) = _batch(2);
        act.titles[1].state.factsRoot = keccak256("other");
        VM.expectRevert(abi.encodeWithSelector(IJournal.BatchItemsDiffer.selector));
        _registry.registerTitles(act, signatures);
    }

    // ---- builders ----

    function _addResponsibility(Title memory title) private pure {
        BAUnitState memory state = title.state;
        state.responsibilities = new Responsibility[](1);
        state.responsibilities[0].responsibilityId = state.header.nextId;
        ++state.header.nextId;
        state.responsibilities[0].kind = ResponsibilityKind.Boundary;
        state.responsibilities[0].instrumentId = InstrumentId.wrap(keccak256("wall"));
        state.responsibilities[0].termsCommitment = keccak256("keep the wall");
    }

    function _plots(uint256 count) private pure returns (SpatialUnit[] memory plots) {
        plots = new SpatialUnit[](count);
        for (uint256 i = 0; i < count; ++i) plots[i] = Titles.plotOf(10_000 + i);
    }

    /// Ada and Ben own it; the other holdings are those of a lease.
    function _crowded(uint256 seed, uint256 holdings) private pure returns (Title memory title) {
        title = Titles.titleOf(seed);
        Right[] memory rights = new Right[](2);
        rights[0] = title.state.rights[0];
        Holding[] memory tenants = new Holding[](holdings - 2);
        for (uint256 i = 0; i < tenants.length; ++i)
            tenants[i] = Titles.holdingOf(uint32(5 + i), 0, 0xD000 + i);
        rights[1] = Titles.ownershipOf(tenants, 0);
        (rights[1].rightId, rights[1].kind, rights[1].tenancy) = (4, RightKind.Lease, Tenancy.Joint);
        rights[1].targetRight = 1;
        title.state.rights = rights;
        title.state.header.nextId = uint32(5 + tenants.length);
    }
}
