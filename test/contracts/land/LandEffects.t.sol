// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    Consent,
    ConsentProof,
    RegisterTitle,
    Title,
    TransferRight
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    Holding,
    LandAct,
    MOST_FUTURE_EFFECT_SECONDS,
    Right
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {Expect} from "../Expect.sol";
import {Vm, VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, NOW, ADA, BEN, EVE} from "./Titles.sol";

/// From when a state has effect, and what the register says of the consents that it took.
contract LandEffectsTest is LandWorld {
    BAUnitId private _unit = Titles.unitId(1);
    bytes32 private constant _TAKEN = keccak256("ConsentsTaken(bytes32,bytes32[])");

    function _registeredOn(uint64 effectiveOn) private returns (BAUnitState memory) {
        Title memory title = Titles.titleOf(1);
        RegisterTitle memory act = RegisterTitle(_headOn(effectiveOn), title);
        _registry.registerTitle(act, _approveTitle(act));
        return _recorded()[0];
    }

    function _headOn(uint64 effectiveOn) private returns (ActHead memory head) {
        head = _head();
        head.effectiveOn = effectiveOn;
    }

    function _approveTitle(RegisterTitle memory act) private view returns (Signatures memory) {
        bytes32 title = LandHashes.ofTitle(act.title.baUnit, LandHashes.ofState(act.title.state));
        return
            _approve(
                keccak256(abi.encode(LandTypes.REGISTER_TITLE_TYPEHASH, Titles.hashHead(act.head), title)),
                LandTypes.REGISTER_TITLE_APPROVAL_TYPEHASH
            );
    }

    /// Ben's half goes to Eve.
    function _sale(
        BAUnitState memory state,
        uint64 effectiveOn
    ) private returns (TransferRight memory act, ConsentProof[] memory proofs, Signatures memory signatures) {
        Holding[] memory holdings = new Holding[](2);
        (holdings[0], holdings[1]) = (Titles.holdingOf(2, 1, ADA), Titles.holdingOf(0, 1, EVE));
        Right memory next = Titles.ownershipOf(holdings, 2);
        act = TransferRight(_headOn(effectiveOn), Titles.change(_unit, state), next);
        proofs = new ConsentProof[](1);
        bytes32 terms = LandHashes.ofRight(next);
        proofs[0] = _proof(BEN, Titles.holderConsent(LandAct.Transfer, _unit, state, 3, terms));
        signatures = _approveTransfer(act);
    }

    function _sell(BAUnitState memory state, uint64 effectiveOn, bytes4 refusal) private {
        (TransferRight memory act, ConsentProof[] memory proofs, Signatures memory signatures) = _sale(
            state,
            effectiveOn
        );
        if (refusal != 0) VM.expectRevert(abi.encodeWithSelector(refusal));
        _transfers.transferRight(act, state, proofs, signatures);
    }

    function test_L5_statesTakeEffectInTheOrderInWhichTheyAreRecorded() public {
        BAUnitState memory state = _registeredOn(1_000_000_000);
        Expect.same(state.header.effectiveOn, 1_000_000_000, "as stated");
        _sell(state, 999_999_999, ILandRegistry.EffectBeforeLast.selector);
        _sell(state, 1_000_000_000, 0);
        Expect.same(_recorded()[0].header.effectiveOn, 1_000_000_000, "from the same second");
    }

    function test_L5_noActTakesEffectInTheFarFuture() public {
        BAUnitState memory state = _registeredOn(0);
        Expect.same(state.header.effectiveOn, NOW, "nothing stated is now");
        uint64 latest = NOW + MOST_FUTURE_EFFECT_SECONDS;
        _sell(state, latest + 1, ILandRegistry.EffectTooFarAhead.selector);
        _sell(state, latest, 0);
        Expect.same(_recorded()[0].header.effectiveOn, latest, "as stated");
    }

    function test_L5_whatStatesNothingTakesEffectAfterWhatBeginsLater() public {
        BAUnitState memory state = _registeredOn(NOW + 30 days);
        _sell(state, 0, 0);
        Expect.same(_recorded()[0].header.effectiveOn, NOW + 30 days, "before the state it replaces");
        Title memory title = Titles.titleOf(2);
        RegisterTitle memory act = RegisterTitle(_headOn(latestAndOne()), title);
        Signatures memory signatures = _approveTitle(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.EffectTooFarAhead.selector));
        _registry.registerTitle(act, signatures);
    }

    function latestAndOne() private pure returns (uint64) {
        return NOW + MOST_FUTURE_EFFECT_SECONDS + 1;
    }

    function test_L8_theRegisterSaysWhichConsentsItTook() public {
        BAUnitState memory state = _registeredOn(0);
        (TransferRight memory act, ConsentProof[] memory proofs, Signatures memory signatures) = _sale(
            state,
            0
        );
        VM.getRecordedLogs();
        _transfers.transferRight(act, state, proofs, signatures);
        Vm.Log[] memory logs = VM.getRecordedLogs();
        bytes32 due = _due(
            Titles.holderConsent(LandAct.Transfer, _unit, state, 3, LandHashes.ofRight(act.next)),
            proofs[0]
        );
        uint256 found;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != _TAKEN) continue;
            ++found;
            Expect.same(logs[i].topics[1], _digest(_hashOf(act)), "of another act");
            bytes32[] memory taken = abi.decode(logs[i].data, (bytes32[]));
            Expect.same(taken.length, 1, "another consent");
            Expect.same(taken[0], due, "another consent");
        }
        Expect.same(found, 1, "said once");
    }

    function _due(Consent memory consent, ConsentProof memory proof) private view returns (bytes32) {
        bytes32 digest = _digest(keccak256(abi.encode(LandTypes.CONSENT_TYPEHASH, consent)));
        bytes32 key = keccak256(proof.key);
        return keccak256(abi.encode(digest, proof.kind, proof.salt, key, keccak256(proof.signature)));
    }

    function _hashOf(TransferRight memory act) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    LandTypes.TRANSFER_RIGHT_TYPEHASH,
                    Titles.hashHead(act.head),
                    LandHashes.ofUnitChange(act.unit),
                    LandHashes.ofRight(act.next)
                )
            );
    }
}
