// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OfficeId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    Consent,
    ConsentProof,
    ConsentRole,
    Title,
    TransferRight
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BLOCKABLE_ACTS,
    Holding,
    LandAct,
    PartyKind,
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
import {Titles, NOW, ADA, BEN, EVE, LENDER} from "./Titles.sol";

contract LandTransferTest is LandWorld {
    BAUnitId private _unit = Titles.unitId(1);

    /// Ben's half goes to Eve.
    function _sale() private pure returns (Right memory next) {
        Holding[] memory holdings = new Holding[](2);
        holdings[0] = Titles.holdingOf(2, 1, ADA);
        holdings[1] = Titles.holdingOf(0, 1, EVE);
        return Titles.ownershipOf(holdings, 2);
    }

    function _consent(
        BAUnitState memory state,
        Right memory next,
        uint32 holdingId
    ) private view returns (Consent memory) {
        return Titles.holderConsent(LandAct.Transfer, _unit, state, holdingId, LandHashes.ofRight(next));
    }

    function _consentOfBen(
        BAUnitState memory state,
        Right memory next
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](1);
        proofs[0] = _proof(BEN, _consent(state, next, 3));
    }

    function _act(BAUnitState memory state, Right memory next) private returns (TransferRight memory) {
        return TransferRight(_head(), Titles.change(_unit, state), next);
    }

    function _transfer(
        BAUnitState memory state,
        Right memory next,
        ConsentProof[] memory proofs
    ) private returns (BAUnitState memory) {
        TransferRight memory act = _act(state, next);
        _transfers.transferRight(act, state, proofs, _approveTransfer(act));
        return _recorded()[0];
    }

    function _refuse(
        BAUnitState memory state,
        Right memory next,
        ConsentProof[] memory proofs,
        bytes4 refusal
    ) private {
        TransferRight memory act = _act(state, next);
        Signatures memory signatures = _approveTransfer(act);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _transfers.transferRight(act, state, proofs, signatures);
    }

    /// Refused before anybody's consent is asked.
    function _refuse(BAUnitState memory state, Right memory next, bytes4 refusal) private {
        _refuse(state, next, new ConsentProof[](0), refusal);
    }

    // ---- what a transfer does ----

    function test_L5_transferMakesTheNextVersionOfTheState() public {
        BAUnitState memory before = _register(Titles.titleOf(1));
        Right memory next = _sale();
        BAUnitState memory state = _transfer(before, next, _consentOfBen(before, next));
        Expect.same(state.header.version, 2, "version");
        Expect.same(state.priorState, LandHashes.ofState(before), "prior state");
        Expect.same(state.rights[0].holdings[1].holdingId, 4, "new id");
        Expect.same(state.header.nextId, 5, "new id");
        Expect.same(state.rights[0].presentationNo, 2, "presentation");
        Expect.same(_registry.stateOf(_unit), LandHashes.ofState(state), "kept");
        Expect.same(_book().entryCount(), 2, "entry");
    }

    function testFuzz_L2_anyPartMovesAndTheWholeStaysOne(uint64 parts, uint64 sold) public {
        parts = parts / 4 + 2;
        Title memory title = Titles.titleOf(1);
        Right memory right = title.state.rights[0];
        (right.denominator, right.holdings[0].numerator, right.holdings[1].numerator) = (
            2 * parts,
            parts,
            parts
        );
        BAUnitState memory before = _register(title);
        sold = (sold % (parts - 1)) + 1;
        Holding[] memory holdings = new Holding[](3);
        holdings[0] = Titles.holdingOf(2, parts, ADA);
        holdings[1] = Titles.holdingOf(3, parts - sold, BEN);
        holdings[2] = Titles.holdingOf(0, sold, EVE);
        Right memory next = Titles.ownershipOf(holdings, 2 * parts);
        BAUnitState memory state = _transfer(before, next, _consentOfBen(before, next));
        uint256 sum;
        for (uint256 i = 0; i < 3; ++i) sum += state.rights[0].holdings[i].numerator;
        Expect.same(sum, state.rights[0].denominator, "not one whole");
    }

    function testFuzz_L7_restrictionsAndTheirOrderStay(uint8 count) public {
        Title memory title = Titles.titleOf(1);
        for (uint256 i = 0; i < count % 8; ++i) {
            Titles.addRestriction(title, Titles.restrictionOf(RestrictionKind.Mortgage, i));
        }
        BAUnitState memory before = _register(title);
        Right memory next = _sale();
        BAUnitState memory state = _transfer(before, next, _consentOfBen(before, next));
        Expect.same(
            keccak256(abi.encode(state.charges)),
            keccak256(abi.encode(before.charges)),
            "restrictions changed"
        );
    }

    // ---- what is read ----

    function test_unregisteredUnitIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        _unit = Titles.unitId(2);
        _refuse(state, _sale(), ILandRegistry.BAUnitMissing.selector);
    }

    function test_L5_secondCopyOfAnActIsStale() public {
        BAUnitState memory before = _register(Titles.titleOf(1));
        Right memory next = _sale();
        ConsentProof[] memory proofs = _consentOfBen(before, next);
        TransferRight memory act = _act(before, next);
        Signatures memory signatures = _approveTransfer(act);
        _transfers.transferRight(act, before, proofs, signatures);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.BAUnitStateStale.selector));
        _transfers.transferRight(act, before, proofs, signatures);
    }

    function test_L5_pastStateIsRefusedBeforeAnybodyIsAsked() public {
        BAUnitState memory before = _register(Titles.titleOf(1));
        Right memory next = _sale();
        TransferRight memory act = _act(before, next);
        _transfers.transferRight(act, before, _consentOfBen(before, next), _approveTransfer(act));
        _refuse(before, next, ILandRegistry.BAUnitStateStale.selector);
    }

    function test_otherStateThanTheOneInForceIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        TransferRight memory act = _act(state, _sale());
        Signatures memory signatures = _approveTransfer(act);
        state.header.nextId = 9;
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.BAUnitStateDiffers.selector));
        _transfers.transferRight(act, state, new ConsentProof[](0), signatures);
    }

    function test_actOfAnotherOfficeIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        TransferRight memory act = _act(state, _sale());
        act.head.office = OfficeId.wrap(8);
        Signatures memory signatures = _approveTransfer(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.OfficeDiffers.selector));
        _transfers.transferRight(act, state, new ConsentProof[](0), signatures);
    }

    // ---- what may change ----

    function test_rightNotInTheUnitIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Right memory next = _sale();
        next.rightId = 9;
        _refuse(state, next, ILandRegistry.RightMissing.selector);
    }

    function test_transferChangesHoldersAndSharesOnly() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        for (uint256 field = 0; field < 6; ++field) {
            Right memory next = _sale();
            if (field == 0) next.kind = RightKind.Customary;
            if (field == 1) next.standing = Standing.Qualified;
            if (field == 2) next.upgradesOn = 1;
            if (field == 3) next.expiresOn = 1;
            if (field == 4) next.targetRight = 1;
            if (field == 5) next.termsCommitment = keccak256("terms");
            _refuse(state, next, ILandRegistry.RightChanged.selector);
        }
    }

    function test_L2_transferThatLosesAPartIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Right memory next = _sale();
        next.denominator = 3;
        _refuse(state, next, ILandRegistry.SharesNotWhole.selector);
    }

    function test_moreThan64HoldingsAfterATransferAreRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Right memory next = _spread(65);
        TransferRight memory act = _act(state, next);
        Signatures memory signatures = _approveTransfer(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.TooManyHoldings.selector, 64));
        _transfers.transferRight(act, state, new ConsentProof[](0), signatures);
    }

    function test_holdingThatStaysIsNotRewritten() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        for (uint256 field = 0; field < 6; ++field) {
            Right memory next = _sale();
            Holding memory ada = next.holdings[0];
            if (field == 0) ada.keyHash = Titles.keyHash(LENDER);
            if (field == 1) ada.partyCommitment = keccak256("somebody else");
            if (field == 2) ada.partyKind = PartyKind.Institution;
            if (field == 3) ada.signer = Signer.None;
            if (field == 4) next.holdings[1].holdingId = 9;
            if (field == 5) (next.holdings[0], next.holdings[1]) = (next.holdings[1], next.holdings[0]);
            _refuse(state, next, ILandRegistry.HoldingChanged.selector);
        }
    }

    function test_transferThatMovesNothingIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Holding[] memory same = new Holding[](2);
        (same[0], same[1]) = (Titles.holdingOf(2, 2, ADA), Titles.holdingOf(3, 2, BEN));
        _refuse(state, Titles.ownershipOf(same, 4), ILandRegistry.NothingMoves.selector);
    }

    function test_L2_noPartMovesWhileUnrecorded() public {
        BAUnitState memory state = _register(_without(Tenancy.Unrecorded));
        Right memory next = _sale();
        next.tenancy = Tenancy.Unrecorded;
        (next.denominator, next.holdings[0].numerator, next.holdings[1].numerator) = (0, 0, 0);
        _refuse(state, next, ILandRegistry.UnrecordedPartMoves.selector);
    }

    function test_L2_theWholeMovesWhileUnrecordedWithEveryHolder() public {
        BAUnitState memory state = _register(_without(Tenancy.Unrecorded));
        Holding[] memory holdings = new Holding[](1);
        holdings[0] = Titles.holdingOf(0, 1, EVE);
        Right memory next = Titles.ownershipOf(holdings, 1);
        _transfer(state, next, _consentOfBoth(state, next));
    }

    function test_holderWhoJoinsAJointTenancyNeedsAllWhoHoldIt() public {
        BAUnitState memory state = _register(_without(Tenancy.Joint));
        Holding[] memory holdings = new Holding[](3);
        (holdings[0], holdings[1], holdings[2]) = (
            Titles.holdingOf(2, 0, ADA),
            Titles.holdingOf(3, 0, BEN),
            Titles.holdingOf(0, 0, EVE)
        );
        Right memory next = Titles.ownershipOf(holdings, 0);
        next.tenancy = Tenancy.Joint;
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _proof(ADA, _consent(state, next, 2));
        _refuse(state, next, proofs, ILandRegistry.ConsentMissing.selector);
        _transfer(state, next, _consentOfBoth(state, next));
    }

    /// Shares of a claim and of a lease need not sum to a whole, so whoever joins may lessen one who stays.
    function testFuzz_L7_noPartShrinksUnasked(bool isLease, uint32 joins) public {
        joins = (joins % 8) + 2;
        Title memory title = Titles.titleOf(1);
        Right[] memory rights = new Right[](isLease ? 2 : 1);
        rights[0] = isLease ? title.state.rights[0] : _halves(false, 0);
        if (isLease) (rights[1], title.state.header.nextId) = (_halves(true, 0), 7);
        title.state.rights = rights;
        BAUnitState memory state = _register(title);
        Right memory next = _halves(isLease, joins);
        uint32 bens = isLease ? 6 : 3;
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _proof(BEN, _consent(state, next, bens));
        _refuse(state, next, proofs, ILandRegistry.ConsentNotGiven.selector);
        next = _halves(isLease, 1);
        proofs[0] = _proof(BEN, _consent(state, next, bens));
        _transfer(state, next, proofs);
    }

    /// Of Ada and Ben; or of Ada and Eve, who joins with so many parts in Ben's place.
    function _halves(bool isLease, uint64 joins) private pure returns (Right memory right) {
        uint32 id = isLease ? 4 : 1;
        Holding[] memory holdings = new Holding[](2);
        holdings[0] = Titles.holdingOf(id + 1, 1, ADA);
        holdings[1] = joins == 0 ? Titles.holdingOf(id + 2, 1, BEN) : Titles.holdingOf(0, joins, EVE);
        right = Titles.ownershipOf(holdings, 2);
        right.rightId = id;
        if (isLease) (right.kind, right.targetRight) = (RightKind.Lease, 1);
        else right.standing = Standing.Claimed;
    }

    function test_holdingUnderARestrictionIsNotRemoved() public {
        BAUnitState memory state = _register(_withTarget(1, 3));
        Right memory next = _sale();
        _refuse(state, next, _consentOfBen(state, next), ILandRegistry.RestrictedHoldingRemoved.selector);
        VM.warp(NOW + 2 days);
        TransferRight memory act = _act(state, next);
        _transfers.transferRight(act, state, _consentOfBen(state, next), _approveTransfer(act));
    }

    // ---- what stands in the way ----

    function test_L4_blockingRestrictionStopsTheActUntilItLapses() public {
        Title memory title = Titles.titleOf(1);
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 1);
        (caution.blocks, caution.expiresOn) = (uint64(1) << uint8(LandAct.Transfer), NOW + 1 days);
        Titles.addRestriction(title, caution);
        BAUnitState memory state = _register(title);
        Right memory next = _sale();
        VM.warp(NOW + 1 days);
        _refuse(state, next, _consentOfBen(state, next), ILandRegistry.ActBlocked.selector);
        VM.warp(NOW + 1 days + 1);
        _transfer(state, next, _consentOfBen(state, next));
    }

    function testFuzz_L4_onlyTheActsOfTheMaskAreBlocked(uint64 blocks) public {
        Title memory title = Titles.titleOf(1);
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Order, 1);
        restriction.blocks = blocks & BLOCKABLE_ACTS;
        Titles.addRestriction(title, restriction);
        BAUnitState memory state = _register(title);
        Right memory next = _sale();
        if ((blocks >> uint8(LandAct.Transfer)) & 1 == 1) {
            _refuse(state, next, _consentOfBen(state, next), ILandRegistry.ActBlocked.selector);
        } else {
            _transfer(state, next, _consentOfBen(state, next));
        }
    }

    function test_L4_restrictionOnAHoldingThatStaysBlocksNothing() public {
        Title memory title = _withTarget(1, 2);
        title.state.charges[0].blocks = BLOCKABLE_ACTS;
        BAUnitState memory state = _register(title);
        Right memory next = _sale();
        _transfer(state, next, _consentOfBen(state, next));
    }

    function test_restrictionThatAsksMustConsent() public {
        Title memory title = Titles.titleOf(1);
        Restriction memory mortgage = Titles.restrictionOf(RestrictionKind.Mortgage, 1);
        mortgage.needsConsent = uint64(1) << uint8(LandAct.Transfer);
        Titles.addRestriction(title, mortgage);
        BAUnitState memory state = _register(title);
        Right memory next = _sale();
        _refuse(state, next, _consentOfBen(state, next), ILandRegistry.ConsentMissing.selector);
        ConsentProof[] memory proofs = new ConsentProof[](2);
        proofs[0] = _proof(BEN, _consent(state, next, 3));
        Consent memory consent = _consent(state, next, 4);
        consent.role = ConsentRole.MustBeAsked;
        proofs[1] = _proof(LENDER, consent);
        _transfer(state, next, proofs);
    }

    // ---- builders ----

    function _consentOfBoth(
        BAUnitState memory state,
        Right memory next
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](2);
        proofs[0] = _proof(ADA, _consent(state, next, 2));
        proofs[1] = _proof(BEN, _consent(state, next, 3));
    }

    function _spread(uint256 count) private pure returns (Right memory) {
        Holding[] memory holdings = new Holding[](count);
        for (uint256 i = 0; i < count; ++i) {
            holdings[i] = Titles.holdingOf(0, 1, EVE);
            holdings[i].keyHash = keccak256(abi.encode(i));
        }
        return Titles.ownershipOf(holdings, uint64(count));
    }

    /// Ada and Ben hold it without stated shares.
    function _without(Tenancy tenancy) private pure returns (Title memory title) {
        title = Titles.titleOf(1);
        Right memory right = title.state.rights[0];
        right.tenancy = tenancy;
        (right.denominator, right.holdings[0].numerator, right.holdings[1].numerator) = (0, 0, 0);
    }

    /// With a lien on one holding that lapses in a day.
    function _withTarget(uint32 targetRight, uint32 targetHolding) private pure returns (Title memory title) {
        title = Titles.titleOf(1);
        Restriction memory lien = Titles.restrictionOf(RestrictionKind.Lien, 1);
        (lien.targetRight, lien.targetHolding, lien.expiresOn) = (targetRight, targetHolding, NOW + 1 days);
        Titles.addRestriction(title, lien);
    }
}
