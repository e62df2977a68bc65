// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {BAUnitId, LandAct, SpatialUnitId} from "../../../contracts/interfaces/LandState.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {LandHandler} from "./LandHandler.sol";

/// What the fuzzer may call.
struct FuzzSelector {
    address addr;
    bytes4[] selectors;
}

/// The handler itself, since a contract that makes one would be compiled with all of the register's twice over.
contract LandInvariantsTest is LandHandler {
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[17] memory tried = [
            this.register.selector,
            this.transfer.selector,
            this.mortgage.selector,
            this.caution.selector,
            this.discharge.selector,
            this.subdivide.selector,
            this.consolidate.selector,
            this.alone.selector,
            this.again.selector,
            this.reuse.selector,
            this.actOnThePast.selector,
            this.sweep.selector,
            this.divide.selector,
            this.load.selector,
            this.complete.selector,
            this.cancel.selector,
            this.wait.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), new bytes4[](tried.length));
        for (uint256 i = 0; i < tried.length; ++i) targets[0].selectors[i] = tried[i];
    }

    function invariant_L1_aSpatialUnitIsOfAtMostOneActiveUnit() public view {
        for (uint256 i = 0; i < _plots.length; ++i) {
            SpatialUnitId plot = _plots[i].id;
            uint256 active = _activeUnits[plot];
            Expect.below(active, 2, "L1: in two active units");
            (BAUnitId unit, bool retired) = _registry.unitOf(plot);
            Expect.same(BAUnitId.unwrap(unit), BAUnitId.unwrap(_placedIn[plot]), "L1: moved");
            Expect.same(
                retired,
                (active == 0 && !_isWaiting[plot]),
                "L1: not retired with its unit, or before it"
            );
        }
        _requireNoBreach(1);
    }

    function invariant_L2_sharesAreOneWholeOrUnstated() public view {
        _requireNoBreach(2);
    }

    function invariant_L3_eachChangeOfStateIsOneEntryOfTwoOfficers() public view {
        Expect.same(_book().head(), _fold, "L3: the head is not the fold of the entries");
        Expect.same(_book().entryCount(), _folded, "L3: entries and changes of state differ");
        for (uint256 i = 0; i < _units.length; ++i) {
            BAUnitId unit = _units[i];
            Expect.same(_registry.stateOf(unit), _hashOf[unit], "L3: a state without its entry");
        }
        _requireNoBreach(3);
    }

    function invariant_L4_noActPassesWhileItIsBlocked() public view {
        _requireNoBreach(4);
    }

    function invariant_L5_versionsGrowByOneBackToRegistration() public view {
        for (uint256 i = 0; i < _units.length; ++i) {
            bytes32 state = _registry.stateOf(_units[i]);
            Expect.same(_reachesRegistration[state], true, "L5: the chain of states is broken");
        }
        _requireNoBreach(5);
    }

    function invariant_L6_parentsRetireAndEverythingIsCarried() public view {
        _requireNoBreach(6);
    }

    function invariant_L7_nothingIsTakenFromUnderACharge() public view {
        _requireNoBreach(7);
    }

    function invariant_L8_eachConsentIsAcceptedOnceForItsTerms() public view {
        _requireNoBreach(8);
    }

    /// So that none of the above holds because nothing happens: every act passes, every trap is met.
    function test_theHandlerReachesEveryActAndEveryRefusal() public {
        uint256 seed = uint256(keccak256("a walk"));
        for (uint256 i = 0; i < 600; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _step(seed);
        }
        for (LandAct act = LandAct.Registration; ; act = LandAct(uint8(act) + 1)) {
            Expect.differ(_accepted[act], 0, string.concat("never passed: act ", VM.toString(uint256(act))));
            if (act == LandAct.Consolidation) break;
        }
        for (LandAct act = LandAct.DivisionOpening; ; act = LandAct(uint8(act) + 1)) {
            Expect.differ(_accepted[act], 0, string.concat("never passed: act ", VM.toString(uint256(act))));
            if (act == LandAct.DivisionCancellation) break;
        }
        bytes4[11] memory refusals = [
            ILandRegistry.BAUnitStateStale.selector,
            ILandRegistry.BAUnitNotActive.selector,
            ILandRegistry.BAUnitIdUsed.selector,
            ILandRegistry.SpatialUnitTaken.selector,
            ILandRegistry.SharesNotWhole.selector,
            ILandRegistry.ActBlocked.selector,
            ILandRegistry.InstrumentUsed.selector,
            ILandRegistry.ConsentNotGiven.selector,
            ILandRegistry.ChildrenDiffer.selector,
            ILandRegistry.ChildrenMissing.selector,
            IConsortium.SecondPersonRequired.selector
        ];
        for (uint256 i = 0; i < refusals.length; ++i) {
            Expect.differ(_refused[refusals[i]], 0, "a trap was never met");
        }
        for (uint256 number = 1; number <= 8; ++number) _requireNoBreach(number);
    }

    function _step(uint256 seed) private {
        uint8[5] memory by;
        for (uint256 i = 0; i < 5; ++i) by[i] = uint8(seed >> (8 + 8 * i));
        uint256 which = seed % 17;
        bytes memory call;
        if (which == 0) call = abi.encodeCall(this.register, (by[0], by[1], by[2], by[3]));
        if (which == 1) call = abi.encodeCall(this.transfer, (by[0], by[1], by[2], by[3], by[4]));
        if (which == 2) call = abi.encodeCall(this.mortgage, (by[0], by[1], by[2], by[3]));
        if (which == 3) call = abi.encodeCall(this.caution, (by[0], by[1], by[2], by[3]));
        if (which == 4) call = abi.encodeCall(this.discharge, (by[0], by[1], by[2]));
        if (which == 5) call = abi.encodeCall(this.subdivide, (by[0], by[1], by[2], by[3], by[4]));
        if (which == 6) call = abi.encodeCall(this.consolidate, (by[0], by[1], by[2], by[3], by[4]));
        if (which == 7) call = abi.encodeCall(this.alone, (by[0], by[1], by[2]));
        if (which == 8) call = abi.encodeCall(this.again, (by[0]));
        if (which == 9) call = abi.encodeCall(this.reuse, (by[0]));
        if (which == 10) call = abi.encodeCall(this.actOnThePast, (by[0]));
        if (which == 11) call = abi.encodeCall(this.wait, (by[0]));
        if (which == 12) call = abi.encodeCall(this.sweep, (by[0]));
        if (which == 13) call = abi.encodeCall(this.divide, (by[0], by[1], by[2], by[3], by[4]));
        if (which == 14) call = abi.encodeCall(this.load, (by[0], by[1], by[2]));
        if (which == 15) call = abi.encodeCall(this.complete, (by[0], by[1], by[2]));
        if (which == 16) call = abi.encodeCall(this.cancel, (by[0]));
        (bool ran, ) = address(this).call(call);
        ran; // Some steps have nothing to do.
    }

    function _requireNoBreach(uint256 number) private view {
        Expect.same(bytes(_breach[number]).length, 0, _breach[number]);
    }
}
