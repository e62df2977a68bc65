// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../../contracts/interfaces/ICharter.sol";
import {Expect} from "./Expect.sol";
import {Artifacts} from "./Artifacts.sol";
import {VM} from "./Vm.sol";

contract CharterTest {
    bytes32 private constant LAND = keccak256("LandRegistry");

    ICharter private _charter;
    address private _first = address(0xA1);
    address private _second = address(0xA2);

    function setUp() public {
        address[] memory validators = new address[](2);
        (validators[0], validators[1]) = (_first, _second);
        _charter = Artifacts.charter(validators, address(this));
    }

    function _denied(address stranger) private {
        VM.assume(stranger != address(this));
        VM.prank(stranger);
        VM.expectRevert(abi.encodeWithSelector(ICharter.NotTheAuthority.selector));
    }

    function testFuzz_P4_strangerCannotAddAValidator(address stranger) public {
        _denied(stranger);
        _charter.addValidator(stranger);
    }

    function testFuzz_P4_strangerCannotRemoveAValidator(address stranger) public {
        _denied(stranger);
        _charter.removeValidator(_first);
    }

    function testFuzz_P4_strangerCannotTakeAuthority(address stranger) public {
        _denied(stranger);
        _charter.setAuthority(address(_charter));
    }

    function testFuzz_P4_strangerCannotNameARegister(address stranger) public {
        _denied(stranger);
        _charter.setRegister(LAND, address(_charter));
    }

    function test_founderLosesAllPowerWithTheHandOver() public {
        _charter.setAuthority(address(_charter));
        Expect.same(_charter.authority(), address(_charter), "authority did not pass");
        VM.expectRevert(abi.encodeWithSelector(ICharter.NotTheAuthority.selector));
        _charter.addValidator(address(0xA3));
    }

    function test_authorityMustBeAContract() public {
        VM.expectRevert(abi.encodeWithSelector(ICharter.NotAContract.selector));
        _charter.setAuthority(address(0xBEEF));
    }

    function test_registerMustBeAContract() public {
        VM.expectRevert(abi.encodeWithSelector(ICharter.NotAContract.selector));
        _charter.setRegister(LAND, address(0xBEEF));
    }

    function test_setGrowsAndShrinksAndSaysSo() public {
        VM.expectEmit();
        emit ICharter.ValidatorAdded(address(0xA3));
        _charter.addValidator(address(0xA3));
        VM.expectEmit();
        emit ICharter.ValidatorRemoved(_first);
        _charter.removeValidator(_first);
        address[] memory set = _charter.getValidators();
        Expect.same(set.length, 2, "another set");
        Expect.same(set[0], address(0xA3), "another set");
        Expect.same(set[1], _second, "another set");
    }

    function test_memberCannotJoinTwiceNorAStrangerLeave() public {
        VM.expectRevert(abi.encodeWithSelector(ICharter.ValidatorSetUnchanged.selector));
        _charter.addValidator(_first);
        VM.expectRevert(abi.encodeWithSelector(ICharter.ValidatorSetUnchanged.selector));
        _charter.addValidator(address(0));
        VM.expectRevert(abi.encodeWithSelector(ICharter.ValidatorSetUnchanged.selector));
        _charter.removeValidator(address(0xA3));
    }

    function test_lastValidatorCannotLeave() public {
        _charter.removeValidator(_first);
        VM.expectRevert(abi.encodeWithSelector(ICharter.TooFewValidators.selector, 1));
        _charter.removeValidator(_second);
    }

    function test_setIsBounded() public {
        for (uint160 i = 2; i < 128; ++i) _charter.addValidator(address(0xB000 + i));
        VM.expectRevert(abi.encodeWithSelector(ICharter.TooManyValidators.selector, 128));
        _charter.addValidator(address(0xC0DE));
    }

    /// The slots an outside verifier proves: they may never move.
    function test_storageStandsWhereTheFormatSays() public {
        _charter.setRegister(LAND, address(this));
        bytes32 entries = keccak256(abi.encode(uint256(0)));
        Expect.same(_slot(bytes32(uint256(0))), 2, "slot 0 is not the length");
        Expect.same(_slot(entries), uint160(_first), "first entry moved");
        Expect.same(_slot(bytes32(uint256(entries) + 1)), uint160(_second), "second entry moved");
        Expect.same(_slot(bytes32(uint256(1))), uint160(address(this)), "slot 1 is not the authority");
        Expect.same(
            _slot(keccak256(abi.encode(LAND, uint256(2)))),
            uint160(address(this)),
            "directory moved"
        );
        Expect.same(_slot(bytes32(uint256(3))), block.chainid, "slot 3 is not the chain's id");
    }

    function _slot(bytes32 slot) private view returns (uint256) {
        return uint256(VM.load(address(_charter), slot));
    }
}
