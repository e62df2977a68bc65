// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Change, ILandRecorder, Load, Unsigned} from "../../../contracts/interfaces/ILandRecorder.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {Child} from "../../../contracts/interfaces/LandActs.sol";
import {LandAct} from "../../../contracts/interfaces/LandState.sol";
import {VM} from "../Vm.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles} from "./Titles.sol";

/// Who may have an act recorded.
contract LandRecorderTest is LandWorld {
    function test_L3_nobodyButTheRuleContractsRecordsWithoutOfficers() public {
        ILandRecorder recorder = ILandRecorder(address(_registry));
        VM.expectRevert(ILandRegistry.NotARuleContract.selector);
        recorder.recordUnsigned(Unsigned(LandAct.DivisionCompletion, new Change[](0), new bytes32[](0)));
        VM.expectRevert(ILandRegistry.NotARuleContract.selector);
        recorder.recordLoad(Load(Titles.unitId(1), 0, 0, new Child[](0), new bytes32[](0)));
        // Not even a rule contract records its other acts so.
        VM.prank(address(_transfers));
        VM.expectRevert(ILandRegistry.NotARuleContract.selector);
        recorder.recordUnsigned(Unsigned(LandAct.Transfer, new Change[](0), new bytes32[](0)));
    }
}
