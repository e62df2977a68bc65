// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium, KeyKind} from "../../../contracts/interfaces/IConsortium.sol";
import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
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
    Holding,
    LandAct,
    Restriction,
    RestrictionKind,
    Right
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, NOW, OTHER_APPROVER, ADA, BEN, EVE} from "./Titles.sol";

/// The order and the words of consents, on a sale: Ada and Ben own halves, Ben sells to Eve.
contract LandConsentsTest is LandWorld {
    BAUnitId private _unit = Titles.unitId(1);

    function _sale() private pure returns (Right memory next) {
        Holding[] memory holdings = new Holding[](2);
        (holdings[0], holdings[1]) = (Titles.holdingOf(2, 1, ADA), Titles.holdingOf(0, 1, EVE));
        return Titles.ownershipOf(holdings, 2);
    }

    function _consent(BAUnitState memory state, Right memory next) private view returns (Consent memory) {
        return Titles.holderConsent(LandAct.Transfer, _unit, state, 3, LandHashes.ofRight(next));
    }

    function _one(ConsentProof memory proof) private pure returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](1);
        proofs[0] = proof;
    }

    function _sell(BAUnitState memory state, Right memory next, ConsentProof[] memory proofs) private {
        TransferRight memory act = TransferRight(_head(), Titles.change(_unit, state), next);
        _transfers.transferRight(act, state, proofs, _approveTransfer(act));
    }

    function _refuse(
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

    function test_saleWithoutTheSellersConsentIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        _refuse(state, _sale(), new ConsentProof[](0), ILandRegistry.ConsentMissing.selector);
    }

    function test_consentBeforeItsTimeIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Consent memory consent = _consent(state, _sale());
        consent.notBefore = NOW + 1;
        _refuse(state, _sale(), _one(_proof(BEN, consent)), ILandRegistry.ConsentNotYetValid.selector);
    }

    function test_consentCountsThroughItsLastSecondAndNoLonger() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        ConsentProof[] memory proofs = _one(_proof(BEN, _consent(state, _sale())));
        VM.warp(NOW + 3 days + 1);
        _refuse(state, _sale(), proofs, ILandRegistry.ConsentExpired.selector);
        VM.warp(NOW + 3 days);
        _sell(state, _sale(), proofs);
    }

    function test_L8_consentNamesRoleActUnitsSubjectAndTerms() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        for (uint256 field = 0; field < 11; ++field) {
            Consent memory consent = _consent(state, _sale());
            if (field == 0) consent.role = ConsentRole.Representative;
            if (field == 1) consent.act = LandAct.Mortgage;
            if (field == 2) consent.baUnit = Titles.unitId(2);
            if (field == 3) consent.unitsHash = Titles.hashOfUnits(_unit, _register(Titles.titleOf(40)));
            if (field == 4) consent.subject = 2;
            if (field == 5) consent.termsHash = keccak256("other terms");
            if (field == 6) consent.unitsHash = keccak256(abi.encode(consent.unitsHash));
            ConsentProof memory proof = _proof(BEN, consent);
            if (field == 7) proof.mandateCommitment = keccak256("a mandate");
            if (field == 8) proof.deadline += 1;
            if (field == 9) proof.notBefore -= 1;
            if (field == 10) {
                consent.effectiveOn = NOW;
                proof = _proof(BEN, consent);
            }
            _refuse(state, _sale(), _one(proof), ILandRegistry.ConsentNotGiven.selector);
        }
    }

    function test_consentOfAnotherKeyIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        Consent memory consent = _consent(state, _sale());
        _refuse(state, _sale(), _one(_proof(ADA, consent)), ILandRegistry.ConsentNotGiven.selector);
        for (uint256 field = 0; field < 4; ++field) {
            ConsentProof memory proof = _proof(BEN, consent);
            if (field == 0) proof.salt = keccak256("another salt");
            if (field == 1) proof.kind = KeyKind.P256;
            if (field == 2) proof.key = abi.encodePacked(VM.addr(BEN));
            if (field == 3) proof.signature = abi.encodePacked(proof.signature, uint8(27));
            _refuse(state, _sale(), _one(proof), ILandRegistry.ConsentNotGiven.selector);
        }
    }

    function testFuzz_consentWithAnyOtherByteIsRefused(uint8 place, uint8 flip) public {
        if (flip == 0) flip = 1;
        BAUnitState memory state = _register(Titles.titleOf(1));
        ConsentProof memory proof = _proof(BEN, _consent(state, _sale()));
        proof.signature[place % 64] ^= bytes1(flip);
        _refuse(state, _sale(), _one(proof), ILandRegistry.ConsentNotGiven.selector);
    }

    function test_consentThatNobodyAskedIsRefused() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        ConsentProof[] memory proofs = new ConsentProof[](2);
        proofs[0] = _proof(BEN, _consent(state, _sale()));
        proofs[1] = proofs[0];
        _refuse(state, _sale(), proofs, ILandRegistry.ConsentUnneeded.selector);
    }

    function test_L8_strangersCautionDoesNotUndoAConsent() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        ConsentProof[] memory proofs = _one(_proof(BEN, _consent(state, _sale())));
        state = _caution(_unit, state, 1);
        _sell(state, _sale(), proofs);
    }

    function testFuzz_L8_consentNamesNoChargeThatLapsed(bool isDropped) public {
        Title memory title = Titles.titleOf(1);
        Restriction memory lien = Titles.restrictionOf(RestrictionKind.Lien, 1);
        lien.expiresOn = NOW + 1 days;
        Titles.addRestriction(title, lien);
        BAUnitState memory state = _register(title);
        VM.warp(NOW + 1 days + 1);
        ConsentProof[] memory proofs = _one(_proof(BEN, _consent(state, _sale())));
        if (isDropped) state = _caution(_unit, state, 2);
        Expect.same(state.charges.length, isDropped ? 0 : 1, "dropped by the next act");
        _sell(state, _sale(), proofs);
    }

    /// Eve sells her half back to Ben on the same terms as she bought: the first consent must not count again.
    function test_L8_consentIsUsedOnceThoughTheHoldersComeBack() public {
        BAUnitState memory first = _register(Titles.titleOf(1));
        Right memory next = _swap(EVE);
        ConsentProof[] memory bens = _one(_proof(BEN, _consent(first, next)));
        _sell(first, next, bens);
        BAUnitState memory second = _recorded()[0];
        Right memory back = _swap(BEN);
        Consent memory eves = Titles.holderConsent(
            LandAct.Transfer,
            _unit,
            second,
            4,
            LandHashes.ofRight(back)
        );
        _sell(second, back, _one(_proof(EVE, eves)));
        BAUnitState memory third = _recorded()[0];
        _refuse(third, next, bens, ILandRegistry.ConsentNotGiven.selector);
    }

    function _swap(uint256 buyer) private pure returns (Right memory) {
        Holding[] memory holdings = new Holding[](2);
        (holdings[0], holdings[1]) = (Titles.holdingOf(2, 1, ADA), Titles.holdingOf(0, 1, buyer));
        return Titles.ownershipOf(holdings, 2);
    }

    function test_P1_holderWithoutAKeyIsAssistedByTwoInstitutions() public {
        Title memory title = Titles.titleOf(1);
        title.state.rights[0].holdings[1] = Titles.holdingOf(3, 1, 0);
        BAUnitState memory state = _register(title);
        _refuse(state, _sale(), new ConsentProof[](0), IConsortium.SecondInstitutionRequired.selector);
        _approverKey = OTHER_APPROVER;
        _sell(state, _sale(), new ConsentProof[](0));
    }
}
