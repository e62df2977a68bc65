// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    Consent,
    ConsentProof,
    CreateRestriction,
    Discharge,
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
    MOST_LONE_FUTURE_SECONDS,
    Restriction,
    RestrictionKind,
    Right,
    RightKind
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {Expect} from "../Expect.sol";
import {Vm, VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, NOW, ADA, BEN, EVE, LENDER} from "./Titles.sol";

/// From when a state has effect, and what the register says of the consents that it took.
contract LandEffectsTest is LandWorld {
    BAUnitId private _unit = Titles.unitId(1);
    bytes32 private constant _TAKEN = keccak256("ConsentsTaken(bytes32,bytes32[])");

    function _registeredOn(uint64 effectiveOn) private returns (BAUnitState memory) {
        Title memory title = Titles.titleOf(1);
        RegisterTitle memory act = RegisterTitle(_headOn(effectiveOn), title);
        _registry.registerTitle(act, _approveRegistration(act));
        return _recorded()[0];
    }

    function _headOn(uint64 effectiveOn) private returns (ActHead memory head) {
        _effectiveOn = effectiveOn;
        head = _head();
        _effectiveOn = 0;
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
        Consent memory consent = Titles.holderConsent(LandAct.Transfer, _unit, state, 3, terms);
        consent.effectiveOn = effectiveOn;
        proofs[0] = _proof(BEN, consent);
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

    /// Eve's half goes back to Ben.
    function _sellBack(BAUnitState memory state, uint64 effectiveOn, bytes4 refusal) private {
        Holding[] memory holdings = new Holding[](2);
        (holdings[0], holdings[1]) = (Titles.holdingOf(2, 1, ADA), Titles.holdingOf(0, 1, BEN));
        ConsentProof[] memory proofs = new ConsentProof[](1);
        Right memory next = Titles.ownershipOf(holdings, 2);
        Consent memory consent = Titles.holderConsent(
            LandAct.Transfer,
            _unit,
            state,
            state.rights[0].holdings[1].holdingId,
            LandHashes.ofRight(next)
        );
        consent.effectiveOn = effectiveOn;
        proofs[0] = _proof(EVE, consent);
        _pass(state, next, proofs, effectiveOn, refusal);
    }

    /// Ada and Ben sell both halves to Eve.
    function _sellWhole(BAUnitState memory state, uint64 effectiveOn, bytes4 refusal) private {
        Holding[] memory holdings = new Holding[](1);
        holdings[0] = Titles.holdingOf(0, 1, EVE);
        Right memory next = Titles.ownershipOf(holdings, 1);
        ConsentProof[] memory proofs = new ConsentProof[](2);
        for (uint256 i = 0; i < 2; ++i) {
            Consent memory consent = Titles.holderConsent(
                LandAct.Transfer,
                _unit,
                state,
                i == 0 ? 2 : 3,
                LandHashes.ofRight(next)
            );
            consent.effectiveOn = effectiveOn;
            proofs[i] = _proof(i == 0 ? ADA : BEN, consent);
        }
        _pass(state, next, proofs, effectiveOn, refusal);
    }

    function _pass(
        BAUnitState memory state,
        Right memory next,
        ConsentProof[] memory proofs,
        uint64 effectiveOn,
        bytes4 refusal
    ) private {
        TransferRight memory act = TransferRight(_headOn(effectiveOn), Titles.change(_unit, state), next);
        Signatures memory signatures = _approveTransfer(act);
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
        _sellWhole(state, latest, 0);
        Expect.same(_recorded()[0].header.effectiveOn, latest, "as stated");
    }

    function test_L5_oneOwnerOfSeveralPostponesByThirtyDays() public {
        BAUnitState memory state = _registeredOn(0);
        _sell(state, NOW + MOST_LONE_FUTURE_SECONDS + 1, ILandRegistry.EffectNotConsented.selector);
        _sell(state, NOW + MOST_LONE_FUTURE_SECONDS, 0);
        state = _recorded()[0];
        // It was postponed already: no further than that, however little is left of the thirty days.
        _sellBack(state, NOW + MOST_LONE_FUTURE_SECONDS + 1, ILandRegistry.EffectNotConsented.selector);
        _sellBack(state, NOW + MOST_LONE_FUTURE_SECONDS, 0);
    }

    function test_L5_everyOwnerTogetherPostponesWithinAYear() public {
        BAUnitState memory state = _registeredOn(0);
        _sellWhole(state, NOW + MOST_LONE_FUTURE_SECONDS + 1, 0);
        Expect.same(
            _recorded()[0].header.effectiveOn,
            NOW + MOST_LONE_FUTURE_SECONDS + 1,
            "as they all agreed"
        );
    }

    function test_L5_whoseOccupancyIsOverIsNoOwnerToAsk() public {
        Title memory title = Titles.titleOf(1);
        Right[] memory rights = new Right[](2);
        Holding[] memory gone = new Holding[](1);
        gone[0] = Titles.holdingOf(5, 1, EVE);
        (rights[0], rights[1]) = (title.state.rights[0], Titles.ownershipOf(gone, 1));
        (rights[1].rightId, rights[1].kind, rights[1].expiresOn) = (4, RightKind.Occupancy, NOW + 1 days);
        title.state.rights = rights;
        title.state.header.nextId = 6;
        BAUnitState memory state = _register(title);
        uint64 far = NOW + MOST_LONE_FUTURE_SECONDS + 1 days + 2;
        _sellWhole(state, far, ILandRegistry.EffectNotConsented.selector);
        VM.warp(NOW + 1 days + 1);
        _sellWhole(state, far, 0);
    }

    function test_L5_whatNobodyConsentsToIsNotDatedBack() public {
        BAUnitState memory state = _registeredOn(1_000_000_000);
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.EffectNotConsented.selector);
        uint64[3] memory past = [uint64(1_000_000_000), NOW - 1, NOW + 1];
        for (uint256 i = 0; i < 3; ++i) {
            (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(_unit, state);
            _effectiveOn = past[i];
            CreateRestriction memory lodged = _creation(
                units,
                states,
                Titles.restrictionOf(RestrictionKind.Caution, 2)
            );
            Signatures memory signatures = _approveCreation(lodged);
            VM.expectRevert(refusal);
            _charges.createRestriction(lodged, states, new ConsentProof[](0), signatures);
        }
        _effectiveOn = 0;
        state = _caution(_unit, state, 2);
        Expect.same(state.header.effectiveOn, 1_000_000_000, "a notice moved the date of the state");
    }

    function test_L5_whatStatesNothingTakesEffectAfterWhatBeginsLater() public {
        _sell(_registeredOn(0), NOW + 30 days, 0);
        BAUnitState memory state = _caution(_unit, _recorded()[0], 1);
        Expect.same(state.header.effectiveOn, NOW + 30 days, "before the state it replaces");
        _effectiveOn = NOW + 30 days;
        state = _caution(_unit, state, 2);
        Expect.same(state.header.effectiveOn, NOW + 30 days, "what it replaces says it already");
    }

    function test_L5_nothingIsPostponedToWhichNoOwnerConsents() public {
        BAUnitState memory state = _mortgage(_unit, _register(_leased()), 1);
        _effectiveOn = NOW + 1;
        bytes memory refusal = abi.encodeWithSelector(ILandRegistry.EffectNotConsented.selector);
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(_unit, state);
        Restriction memory caution = Titles.restrictionOf(RestrictionKind.Caution, 2);
        CreateRestriction memory lodged = _creation(units, states, caution);
        Signatures memory signatures = _approveCreation(lodged);
        VM.expectRevert(refusal);
        _charges.createRestriction(lodged, states, new ConsentProof[](0), signatures);
        Discharge memory released = _releaseOf(_unit, state, 0);
        signatures = _approveDischarge(released);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        Consent memory consent = Titles.releaseConsent(LandAct.Discharge, _unit, state, 0);
        consent.effectiveOn = NOW + 1;
        proofs[0] = _proof(LENDER, consent);
        VM.expectRevert(refusal);
        _charges.discharge(released, states, proofs, signatures);
        // The tenant's consent is not the owners'.
        TransferRight memory passed = TransferRight(_head(), Titles.change(_unit, state), _leaseOf(0, BEN));
        signatures = _approveTransfer(passed);
        consent = Titles.holderConsent(LandAct.Transfer, _unit, state, 5, LandHashes.ofRight(passed.next));
        consent.effectiveOn = NOW + 1;
        proofs[0] = _proof(EVE, consent);
        VM.expectRevert(refusal);
        _transfers.transferRight(passed, state, proofs, signatures);
        VM.warp(NOW + 1);
        _transfers.transferRight(passed, state, proofs, signatures);
    }

    function test_L5_firstRegistrationIsNotPostponed() public {
        RegisterTitle memory act = RegisterTitle(_headOn(NOW + 1), Titles.titleOf(2));
        Signatures memory signatures = _approveRegistration(act);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.EffectNotConsented.selector));
        _registry.registerTitle(act, signatures);
        VM.warp(NOW + 1);
        _registry.registerTitle(act, signatures);
    }

    function _leaseOf(uint32 holdingId, uint256 key) private pure returns (Right memory lease) {
        Holding[] memory tenant = new Holding[](1);
        tenant[0] = Titles.holdingOf(holdingId, 1, key);
        lease = Titles.ownershipOf(tenant, 1);
        (lease.rightId, lease.kind, lease.targetRight) = (4, RightKind.Lease, 1);
    }

    /// Eve is the tenant of Ada and Ben.
    function _leased() private pure returns (Title memory title) {
        title = Titles.titleOf(1);
        Right[] memory rights = new Right[](2);
        (rights[0], rights[1]) = (title.state.rights[0], _leaseOf(5, EVE));
        title.state.rights = rights;
        title.state.header.nextId = 6;
    }

    function test_L8_consentNamesTheDateOfEffect() public {
        BAUnitState memory state = _registeredOn(1_000_000_000);
        (, ConsentProof[] memory proofs, ) = _sale(state, NOW + 30 days);
        for (uint256 other = 0; other < 3; ++other) {
            uint64 stated =
                other == 0
                    ? 0
                    : other == 1
                        ? 1_000_000_000
                        : NOW + 31 days;
            (TransferRight memory act, , Signatures memory signatures) = _sale(state, stated);
            VM.expectRevert(abi.encodeWithSelector(ILandRegistry.ConsentNotGiven.selector));
            _transfers.transferRight(act, state, proofs, signatures);
        }
        _sell(state, NOW + 30 days, 0);
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
