// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    Child,
    Consent,
    ConsentProof,
    ConsentRole,
    CreateRestriction,
    RegisterParts,
    RegisterTitle,
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
    RightKind,
    Signer,
    Standing,
    Tenancy
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, NOW, OTHER_APPROVER, ADA, BEN, EVE, LENDER} from "./Titles.sol";

/// Nothing is taken from a right, or from under a charge, without whom it belongs to.
contract LandSecuredTest is LandWorld {
    BAUnitId private _unit = Titles.unitId(1);

    function _sell(BAUnitState memory state, Right memory next, ConsentProof[] memory proofs) private {
        TransferRight memory act = TransferRight(_head(), Titles.change(_unit, state), next);
        _transfers.transferRight(act, state, proofs, _approveTransfer(act));
    }

    function _refuseSale(
        BAUnitState memory state,
        Right memory next,
        ConsentProof[] memory proofs,
        bytes4 refusal
    ) private {
        TransferRight memory act = TransferRight(_head(), Titles.change(_unit, state), next);
        Signatures memory signatures = _approveTransfer(act);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _transfers.transferRight(act, state, proofs, signatures);
    }

    function _refuseCharge(
        BAUnitState memory state,
        Restriction memory restriction,
        ConsentProof[] memory proofs,
        bytes4 refusal
    ) private {
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(_unit, state);
        CreateRestriction memory act = _creation(units, states, restriction);
        Signatures memory signatures = _approveCreation(act);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _charges.createRestriction(act, states, proofs, signatures);
    }

    function _refuseTitle(Title memory title, bytes4 refusal) private {
        (RegisterTitle memory act, Signatures memory signatures) = _registration(title);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _registry.registerTitle(act, signatures);
    }

    /// Ben's half goes to Eve.
    function _sale() private pure returns (Right memory) {
        Holding[] memory holdings = new Holding[](2);
        (holdings[0], holdings[1]) = (Titles.holdingOf(2, 1, ADA), Titles.holdingOf(0, 1, EVE));
        return Titles.ownershipOf(holdings, 2);
    }

    function _consentOfBen(
        BAUnitState memory state,
        Right memory next
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](1);
        proofs[0] = _proof(
            BEN,
            Titles.holderConsent(LandAct.Transfer, _unit, state, 3, LandHashes.ofRight(next))
        );
    }

    // ---- what secures a charge ----

    function test_L7_holdingUnderAChargeDoesNotShrinkWithoutItsHolder() public {
        Title memory title = Titles.titleOf(1);
        Restriction memory lien = Titles.restrictionOf(RestrictionKind.Lien, 1);
        (lien.targetRight, lien.targetHolding) = (1, 3);
        Titles.addRestriction(title, lien);
        BAUnitState memory state = _register(title);
        // All but 1 / 2^40 of Ben's half goes to Eve.
        uint64 parts = uint64(1) << 40;
        Holding[] memory holdings = new Holding[](3);
        holdings[0] = Titles.holdingOf(2, parts, ADA);
        holdings[1] = Titles.holdingOf(3, 1, BEN);
        holdings[2] = Titles.holdingOf(0, parts - 1, EVE);
        Right memory next = Titles.ownershipOf(holdings, 2 * parts);
        ConsentProof[] memory proofs = _consentOfBen(state, next);
        _refuseSale(state, next, proofs, ILandRegistry.ConsentMissing.selector);
        Consent memory lenders = Titles.holderConsent(
            LandAct.Transfer,
            _unit,
            state,
            4,
            LandHashes.ofRight(next)
        );
        lenders.role = ConsentRole.MustBeAsked;
        ConsentProof[] memory both = new ConsentProof[](2);
        (both[0], both[1]) = (proofs[0], _proof(LENDER, lenders));
        _sell(state, next, both);
    }

    function test_L7_aRankIsNotTakenTwice() public {
        BAUnitState memory state = _mortgage(_unit, _register(Titles.titleOf(1)), 1);
        for (uint16 rank = 0; rank < 2; ++rank) {
            Restriction memory second = Titles.restrictionOf(RestrictionKind.Mortgage, 2);
            second.rank = rank;
            _refuseCharge(
                state,
                second,
                _consentsToMortgage(_unit, state, second),
                ILandRegistry.RankTaken.selector
            );
        }
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 3);
        caution.rank = 1;
        _refuseCharge(state, caution, new ConsentProof[](0), ILandRegistry.RankTaken.selector);
    }

    function test_L8_consentBeforeALaterMortgageCountsNoMore() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        ConsentProof[] memory proofs = _consentOfBen(state, _sale());
        state = _mortgage(_unit, state, 1);
        _refuseSale(state, _sale(), proofs, ILandRegistry.ConsentNotGiven.selector);
    }

    function testFuzz_L7_noRestrictionReachesAnActThatEndsOne(uint8 bit) public {
        uint64 mask = uint64(1) << (bit % 64);
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        BAUnitState memory state = _register(Titles.titleOf(1));
        uint64 blockable = 0;
        LandAct[12] memory acts = [
            LandAct.Transfer,
            LandAct.Mortgage,
            LandAct.Subdivision,
            LandAct.Consolidation,
            LandAct.Rectification,
            LandAct.RightCreation,
            LandAct.RightTermination,
            LandAct.RestrictionVariation,
            LandAct.BoundaryChange,
            LandAct.Exchange,
            LandAct.StandingUpgrade,
            LandAct.PartRegistration
        ];
        for (uint256 i = 0; i < acts.length; ++i) blockable |= uint64(1) << uint8(acts[i]);
        if (bit & 64 == 0) mortgage.blocks = mask;
        else mortgage.needsConsent = mask;
        ConsentProof[] memory proofs = _consentsToMortgage(_unit, state, mortgage);
        if (mask & blockable != 0) _restrict(_unit, state, mortgage, proofs);
        else _refuseCharge(state, mortgage, proofs, ILandRegistry.ReachTooWide.selector);
    }

    function test_L8_oneInstrumentCreatesOnceThroughRegistrationsToo() public {
        Title memory first = Titles.titleOf(1);
        Titles.addRestriction(first, Titles.restrictionOf(RestrictionKind.Lien, 7));
        _register(first);
        Title memory second = Titles.titleOf(2);
        Titles.addRestriction(second, Titles.restrictionOf(RestrictionKind.Lien, 7));
        _refuseTitle(second, ILandRegistry.InstrumentUsed.selector);
        Title memory third = Titles.titleOf(3);
        Titles.addRestriction(third, Titles.restrictionOf(RestrictionKind.Lien, 8));
        Titles.addRestriction(third, Titles.restrictionOf(RestrictionKind.Lien, 8));
        _refuseTitle(third, ILandRegistry.InstrumentUsed.selector);
    }

    function test_twoHoldingsOfARightHaveNotOneKey() public {
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].holdings[1].keyHash = Titles.keyHash(ADA);
        _refuseTitle(title, ILandRegistry.KeyRepeated.selector);
    }

    function test_jointRightHasTwoHoldersOrMore() public {
        Title memory title = Titles.titleOf(1);
        Holding[] memory holdings = new Holding[](1);
        holdings[0] = Titles.holdingOf(2, 0, ADA);
        title.state.rights[0] = Titles.ownershipOf(holdings, 0);
        title.state.rights[0].tenancy = Tenancy.Joint;
        title.state.header.nextId = 3;
        _refuseTitle(title, ILandRegistry.SharesContradictTenancy.selector);
    }

    function test_L8_whoMustBeAskedIsNobodyElseTwice() public {
        for (uint256 shape = 0; shape < 5; ++shape) {
            Title memory title = Titles.titleOf(1);
            Restriction memory asked = Titles.restrictionOf(RestrictionKind.MustBeAsked, 1);
            if (shape == 1) asked.targetRight = 1;
            if (shape == 2) (asked.targetRight, asked.targetHolding) = (1, 2);
            if (shape < 3) asked.holderKeyHash = Titles.keyHash(ADA);
            Titles.addRestriction(title, asked);
            // Of a holding, and of all the land with it.
            Restriction memory again = Titles.restrictionOf(RestrictionKind.MustBeAsked, 2);
            if (shape == 4) (again.targetRight, again.targetHolding) = (1, 3);
            if (shape >= 3) Titles.addRestriction(title, again);
            _refuseTitle(title, ILandRegistry.AskedTwice.selector);
        }
        Title memory spouse = Titles.titleOf(1);
        Titles.addRestriction(spouse, Titles.restrictionOf(RestrictionKind.MustBeAsked, 1));
        // A lender may hold two charges, and an owner one of the own.
        Titles.addRestriction(spouse, Titles.restrictionOf(RestrictionKind.Lien, 2));
        Restriction memory own = Titles.restrictionOf(RestrictionKind.Lien, 3);
        own.holderKeyHash = Titles.keyHash(ADA);
        Titles.addRestriction(spouse, own);
        Expect.same(_register(spouse).charges.length, 3, "charges");
    }

    function test_L8_spousesAreEachAskedOfTheOthersShare() public {
        Title memory title = Titles.titleOf(1);
        for (uint32 holding = 2; holding < 4; ++holding) {
            Restriction memory asked = Titles.restrictionOf(RestrictionKind.MustBeAsked, holding);
            (asked.targetRight, asked.targetHolding) = (1, holding);
            asked.holderKeyHash = Titles.keyHash(holding == 2 ? BEN : ADA);
            asked.needsConsent = uint64(1) << uint8(LandAct.Transfer);
            Titles.addRestriction(title, asked);
        }
        BAUnitState memory state = _register(title);
        Holding[] memory holdings = new Holding[](2);
        // Ben parts with a half of his half.
        (holdings[0], holdings[1]) = (Titles.holdingOf(2, 3, ADA), Titles.holdingOf(3, 1, BEN));
        Right memory next = Titles.ownershipOf(holdings, 4);
        _refuseSale(state, next, _consentOfBen(state, next), ILandRegistry.ConsentMissing.selector);
        ConsentProof[] memory proofs = new ConsentProof[](2);
        proofs[0] = _consentOfBen(state, next)[0];
        bytes32 terms = LandHashes.ofRight(next);
        Consent memory hers = Titles.holderConsent(LandAct.Transfer, _unit, state, 5, terms);
        hers.role = ConsentRole.MustBeAsked;
        proofs[1] = _proof(ADA, hers);
        _sell(state, next, proofs);
    }

    // ---- who may sign ----

    function test_P1_holdingForWhichNobodySignsMovesByTwoInstitutionsAlone() public {
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].holdings[1].signer = Signer.None;
        BAUnitState memory state = _register(title);
        ConsentProof[] memory old = _consentOfBen(state, _sale());
        _refuseSale(state, _sale(), old, ILandRegistry.ConsentUnneeded.selector);
        ConsentProof[] memory none = new ConsentProof[](0);
        _refuseSale(state, _sale(), none, IConsortium.SecondInstitutionRequired.selector);
        _approverKey = OTHER_APPROVER;
        _sell(state, _sale(), none);
    }

    function test_P1_disputedRightMovesWithItsHolderAndTwoInstitutions() public {
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].standing = Standing.Disputed;
        BAUnitState memory state = _register(title);
        Right memory next = _sale();
        next.standing = Standing.Disputed;
        ConsentProof[] memory proofs = _consentOfBen(state, next);
        _refuseSale(state, next, proofs, IConsortium.SecondInstitutionRequired.selector);
        _approverKey = OTHER_APPROVER;
        _sell(state, next, proofs);
    }

    function test_representativeSignsAsOne() public {
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].holdings[1].signer = Signer.Representative;
        BAUnitState memory state = _register(title);
        ConsentProof[] memory proofs = _consentOfBen(state, _sale());
        _refuseSale(state, _sale(), proofs, ILandRegistry.ConsentNotGiven.selector);
        Consent memory consent = Titles.holderConsent(
            LandAct.Transfer,
            _unit,
            state,
            3,
            LandHashes.ofRight(_sale())
        );
        consent.role = ConsentRole.Representative;
        proofs[0] = _proof(BEN, consent);
        _sell(state, _sale(), proofs);
    }

    function test_rightThatHasEndedNeitherPassesNorIsCharged() public {
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].expiresOn = NOW + 1 days;
        BAUnitState memory state = _register(title);
        Right memory next = _sale();
        next.expiresOn = NOW + 1 days;
        ConsentProof[] memory proofs = _consentOfBen(state, next);
        VM.warp(NOW + 1 days + 1);
        _refuseSale(state, next, proofs, ILandRegistry.RightEnded.selector);
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        proofs = _consentsToMortgage(_unit, state, mortgage);
        _refuseCharge(state, mortgage, proofs, ILandRegistry.RightEnded.selector);
    }

    /// Beside Ada's and Ben's ownership, Eve's occupancy until tomorrow.
    function _occupied() private returns (BAUnitState memory) {
        Title memory title = Titles.titleOf(1);
        Right[] memory rights = new Right[](2);
        Holding[] memory occupant = new Holding[](1);
        occupant[0] = Titles.holdingOf(5, 1, EVE);
        (rights[0], rights[1]) = (title.state.rights[0], Titles.ownershipOf(occupant, 1));
        (rights[1].rightId, rights[1].kind, rights[1].expiresOn) = (4, RightKind.Occupancy, NOW + 1 days);
        (title.state.rights, title.state.header.nextId) = (rights, 6);
        return _register(title);
    }

    function test_L7_rightThatIsOverStopsNothingBesideIt() public {
        BAUnitState memory state = _occupied();
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        ConsentProof[] memory proofs = _consentsToMortgage(_unit, state, mortgage);
        VM.warp(NOW + 1 days);
        _refuseCharge(state, mortgage, proofs, ILandRegistry.ConsentMissing.selector);
        VM.warp(NOW + 1 days + 1);
        state = _restrict(_unit, state, mortgage, proofs);
        Subdivide memory act = Subdivide(_head(), Titles.change(_unit, state), new Child[](2));
        (act.children[0], act.children[1]) = (Titles.childOf(100), Titles.childOf(101));
        (bytes32 terms, ) = Titles.portionsOf(act);
        proofs[0] = _proof(ADA, Titles.holderConsent(LandAct.Subdivision, _unit, state, 2, terms));
        proofs[1] = _proof(BEN, Titles.holderConsent(LandAct.Subdivision, _unit, state, 3, terms));
        _partition.subdivide(act, state, proofs, _approveDivision(act));
        // Nobody charges what is over.
        mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 2);
        (mortgage.targetRight, mortgage.rank) = (4, 2);
        state = _recorded()[1];
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(Titles.unitId(100), state);
        CreateRestriction memory charge = _creation(units, states, mortgage);
        Signatures memory signatures = _approveCreation(charge);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.RightEnded.selector));
        _charges.createRestriction(charge, states, new ConsentProof[](0), signatures);
    }

    /// A lease of the land by Ben until tomorrow, and one of that lease by Eve.
    function _subleased(uint64 total) private pure returns (Title memory title) {
        title = Titles.titleOf(1);
        Right[] memory rights = new Right[](3);
        rights[0] = title.state.rights[0];
        for (uint32 i = 1; i < 3; ++i) {
            Holding[] memory tenant = new Holding[](1);
            tenant[0] = Titles.holdingOf(3 + 2 * i, 1, i == 1 ? BEN : EVE);
            rights[i] = Titles.ownershipOf(tenant, 1);
            (rights[i].rightId, rights[i].kind) = (2 + 2 * i, RightKind.Lease);
            rights[i].targetRight = i == 1 ? 1 : 4;
        }
        rights[1].expiresOn = NOW + 1 days;
        title.state.rights = rights;
        (title.state.header.nextId, title.state.header.quotaTotal) = (8, total);
    }

    function test_L7_leaseOfALeaseThatHasEndedNeitherPassesNorIsCharged() public {
        BAUnitState memory state = _register(_subleased(0));
        Holding[] memory buyer = new Holding[](1);
        buyer[0] = Titles.holdingOf(0, 1, LENDER);
        Right memory next = Titles.ownershipOf(buyer, 1);
        (next.rightId, next.kind, next.targetRight) = (6, RightKind.Lease, 4);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        bytes32 terms = LandHashes.ofRight(next);
        proofs[0] = _proof(EVE, Titles.holderConsent(LandAct.Transfer, _unit, state, 7, terms));
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        mortgage.targetRight = 6;
        VM.warp(NOW + 1 days + 1);
        _refuseSale(state, next, proofs, ILandRegistry.RightEnded.selector);
        _refuseCharge(state, mortgage, new ConsentProof[](0), ILandRegistry.RightEnded.selector);
        VM.warp(NOW + 1 days);
        _sell(state, next, proofs);
    }

    // ---- base units ----

    function _base(uint64 total) private returns (BAUnitState memory) {
        Title memory title = Titles.titleOf(1);
        title.state.header.quotaTotal = total;
        return _register(title);
    }

    function _refuseParts(RegisterParts memory act, BAUnitState memory state, bytes4 refusal) private {
        ConsentProof[] memory proofs = _consentsToParts(state, act);
        Signatures memory signatures = _approveParts(act);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _parts.registerParts(act, state, proofs, signatures);
    }

    function test_L7_baseUnitGivesOutPartsWithTheConsentOfItsHolders() public {
        BAUnitState memory base = _base(1000);
        Title[] memory parts = new Title[](1);
        parts[0] = Titles.partOf(2, _unit, 1000, 1000);
        RegisterParts memory act = _partsOf(_unit, base, parts);
        Signatures memory signatures = _approveParts(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentMissing.selector));
        _parts.registerParts(act, base, new ConsentProof[](0), signatures);
        _refuseTitle(parts[0], ILandRegistry.BaseUnitNotAsked.selector);
        BAUnitState[] memory states = _registerPart(_unit, base, parts[0]);
        Expect.same(states[0].header.quotaNumerator, 1000, "base unit");
        Expect.same(states[0].header.version, 2, "base unit");
        Expect.same(states[1].header.quotaNumerator, 1000, "part");
        Expect.same(states[1].rights[0].presentationNo, 3, "part");
    }

    function test_L7_baseUnitGivesOutPartsWithTheConsentOfItsTenants() public {
        BAUnitState memory base = _register(_subleased(1000));
        Title[] memory parts = new Title[](1);
        parts[0] = Titles.partOf(2, _unit, 1000, 1000);
        RegisterParts memory act = _partsOf(_unit, base, parts);
        bytes32 terms = LandHashes.ofTitles(parts);
        ConsentProof[] memory owners = _consentsToParts(base, act);
        ConsentProof[] memory all = new ConsentProof[](4);
        (all[0], all[1]) = (owners[0], owners[1]);
        LandAct kind = LandAct.PartRegistration;
        all[2] = _proof(BEN, Titles.holderConsent(kind, _unit, base, 5, terms));
        all[3] = _proof(EVE, Titles.holderConsent(kind, _unit, base, 7, terms));
        Signatures memory signatures = _approveParts(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentMissing.selector));
        _parts.registerParts(act, base, owners, signatures);
        _parts.registerParts(act, base, all, signatures);
    }

    function test_L7_baseUnitGivesOutNoMoreThanItHas() public {
        BAUnitState memory base = _base(1000);
        base = _registerPart(_unit, base, Titles.partOf(2, _unit, 600, 1000))[0];
        Title[] memory parts = new Title[](2);
        (parts[0], parts[1]) = (Titles.partOf(3, _unit, 400, 1000), Titles.partOf(4, _unit, 1, 1000));
        _refuseParts(_partsOf(_unit, base, parts), base, ILandRegistry.QuotaInvalid.selector);
        parts[1] = Titles.partOf(4, _unit, 1, 999);
        _refuseParts(_partsOf(_unit, base, parts), base, ILandRegistry.QuotaInvalid.selector);
    }

    function test_L7_commonLandIsNeitherSoldNorMortgagedUnderItsFlats() public {
        // While nothing is given out its owners do as they like.
        BAUnitState memory base = _mortgage(_unit, _base(1000), 7);
        base = _discharge(LandAct.Discharge, _unit, base, 0);
        base = _registerPart(_unit, base, Titles.partOf(2, _unit, 1, 1000))[0];
        bytes4 refusal = ILandRegistry.BaseUnitStands.selector;
        for (uint32 target = 0; target < 2; ++target) {
            Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 8);
            mortgage.targetRight = target;
            _refuseCharge(base, mortgage, _consentsToMortgage(_unit, base, mortgage), refusal);
        }
        _refuseSale(base, _sale(), _consentOfBen(base, _sale()), refusal);
        _caution(_unit, base, 9);
    }

    function test_baseUnitIsNotRetiredUnderItsFlats() public {
        BAUnitState memory base = _registerPart(_unit, _base(1000), Titles.partOf(2, _unit, 600, 1000))[0];
        Subdivide memory act;
        (act.head, act.unit) = (_head(), Titles.change(_unit, base));
        act.children = new Child[](2);
        (act.children[0], act.children[1]) = (Titles.childOf(50), Titles.childOf(51));
        Signatures memory signatures = _approveDivision(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.BaseUnitStands.selector));
        _partition.subdivide(act, base, new ConsentProof[](0), signatures);
    }
}
