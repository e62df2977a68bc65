// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FoundingPolicy, IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry, MOST_NOTICE_SECONDS_POLICY} from "../../../contracts/interfaces/ILandRegistry.sol";
import {
    ConsentProof,
    CreateRestriction,
    RegisterTitle,
    Title
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    LandAct,
    MOST_LONE_NOTICES,
    Restriction,
    RestrictionKind,
    SWEEP_AFTER_SECONDS
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, NOW, PREPARER, OTHER_PREPARER, OTHER_APPROVER} from "./Titles.sol";

/// What nobody agreed to is bounded, lapses, and takes no place afterwards. The members allow a hundred days.
contract LandNoticesTest is LandWorld {
    uint64 private constant MOST = 100 days;
    BAUnitId private _unit = Titles.unitId(1);
    ConsentProof[] private _none;

    function _policies() internal pure override returns (FoundingPolicy[] memory policies) {
        policies = new FoundingPolicy[](1);
        policies[0] = FoundingPolicy(MOST_NOTICE_SECONDS_POLICY, MOST);
    }

    function _refuse(BAUnitState memory state, Restriction memory restriction, bytes4 refusal) private {
        (BAUnitId[] memory units, BAUnitState[] memory states) = Titles.single(_unit, state);
        CreateRestriction memory act = _creation(units, states, restriction);
        Signatures memory signatures = _approveCreation(act);
        VM.expectRevert(abi.encodeWithSelector(refusal));
        _charges.createRestriction(act, states, _none, signatures);
    }

    function _cautionUntil(uint256 seed, uint64 lapse) private pure returns (Restriction memory caution) {
        caution = Titles.restrictionOf(RestrictionKind.Caution, seed);
        caution.expiresOn = lapse;
    }

    function test_L7_noticeLastsNoLongerThanTheMembersAllow() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        _refuse(state, _cautionUntil(1, NOW + MOST + 1), ILandRegistry.LapseOutOfBounds.selector);
        _restrict(_unit, state, _cautionUntil(1, NOW + MOST), _none);
        Title memory title = Titles.titleOf(2);
        Titles.addRestriction(title, _cautionUntil(2, NOW + MOST + 1));
        (RegisterTitle memory act, Signatures memory signatures) = _registration(title);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.LapseOutOfBounds.selector));
        _registry.registerTitle(act, signatures);
    }

    function test_L7_strangersNoticeStopsNeitherADischargeNorAnotherCaution() public {
        BAUnitState memory state = _mortgage(_unit, _register(Titles.titleOf(1)), 1);
        Restriction memory caution = _cautionUntil(2, NOW + 1 days);
        caution.blocks = uint64(1) << uint8(LandAct.Transfer);
        state = _restrict(_unit, state, caution, _none);
        state = _restrict(_unit, state, _cautionUntil(3, NOW + 1 days), _none);
        state = _discharge(LandAct.Discharge, _unit, state, 0);
        state = _discharge(LandAct.CautionWithdrawal, _unit, state, 0);
        Expect.same(state.charges.length, 0, "left");
        Expect.same(state.notices.length, 1, "left");
    }

    /// Two officers of one institution, who keep nothing here, leave half of the places to others, and these are laid by two.
    function test_L7_oneInstitutionLeavesPlacesForNoticesOfOthers() public {
        BAUnitState memory state = _register(Titles.titleOf(1));
        (_preparerKey, _approverKey) = (OTHER_PREPARER, OTHER_APPROVER);
        for (uint256 i = 0; i < MOST_LONE_NOTICES; ++i) {
            state = _restrict(_unit, state, _cautionUntil(i, NOW + MOST), _none);
        }
        Restriction memory next = _cautionUntil(100, NOW + MOST);
        _refuse(state, next, IConsortium.SecondInstitutionRequired.selector);
        _preparerKey = PREPARER;
        state = _restrict(_unit, state, next, _none);
        Expect.same(state.notices.length, MOST_LONE_NOTICES + 1, "no place for it");
    }

    function test_L7_everyActFirstDropsWhatLapsed() public {
        Title memory title = Titles.titleOf(1);
        for (uint256 i = 0; i < 64; ++i) Titles.addRestriction(title, _cautionUntil(i, NOW + 1 days));
        BAUnitState memory state = _register(title);
        Restriction memory next = _cautionUntil(100, NOW + 2 days);
        _refuse(state, _cautionUntil(101, NOW - 1), ILandRegistry.LapseOutOfBounds.selector);
        VM.warp(NOW + 1 days + 1);
        state = _restrict(_unit, state, next, _none);
        Expect.same(state.notices.length, 1, "the lapsed ones kept their places");
        Expect.same(state.notices[0].restrictionId, title.state.header.nextId, "id");
    }

    function test_L7_anybodySweepsAloneThirtyDaysAfterALapse() public {
        BAUnitState memory state = _restrict(
            _unit,
            _register(Titles.titleOf(1)),
            _cautionUntil(1, NOW + 1 days),
            _none
        );
        state = _restrict(_unit, state, _cautionUntil(2, NOW + 20 days), _none);
        VM.warp(NOW + 1 days + SWEEP_AFTER_SECONDS);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.NothingToSweep.selector));
        _charges.sweep(_unit, state);
        VM.warp(NOW + 1 days + SWEEP_AFTER_SECONDS + 1);
        VM.prank(address(0xBEEF));
        _charges.sweep(_unit, state);
        BAUnitState memory swept = _recorded()[0];
        Expect.same(swept.notices.length, 0, "swept");
        Expect.same(swept.header.version, 4, "swept");
        Expect.same(swept.priorState, LandHashes.ofState(state), "L5: prior");
        Expect.same(_registry.stateOf(_unit), LandHashes.ofState(swept), "kept");
        Expect.same(_book().entryCount(), 4, "kept");
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.BAUnitStateStale.selector));
        _charges.sweep(_unit, state);
        VM.expectRevert(abi.encodeWithSelector(ILandRegistry.BAUnitMissing.selector));
        _charges.sweep(Titles.unitId(9), state);
    }
}
