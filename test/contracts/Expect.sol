// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VM} from "./Vm.sol";

/// @title What a test expects
/// @notice Each refusal says what was there and what should have been.
library Expect {
    function same(uint256 found, uint256 wanted, string memory what) internal pure {
        if (found != wanted) _fail(what, VM.toString(found), " is not ", VM.toString(wanted));
    }

    function same(bytes32 found, bytes32 wanted, string memory what) internal pure {
        if (found != wanted) _fail(what, VM.toString(found), " is not ", VM.toString(wanted));
    }

    function same(address found, address wanted, string memory what) internal pure {
        if (found != wanted) _fail(what, VM.toString(found), " is not ", VM.toString(wanted));
    }

    function same(bool found, bool wanted, string memory what) internal pure {
        if (found != wanted) _fail(what, VM.toString(found), " is not ", VM.toString(wanted));
    }

    function differ(uint256 found, uint256 other, string memory what) internal pure {
        if (found == other) _fail(what, VM.toString(found), " is ", VM.toString(other));
    }

    function differ(bytes32 found, bytes32 other, string memory what) internal pure {
        if (found == other) _fail(what, VM.toString(found), " is ", VM.toString(other));
    }

    function differ(address found, address other, string memory what) internal pure {
        if (found == other) _fail(what, VM.toString(found), " is ", VM.toString(other));
    }

    function below(uint256 found, uint256 limit, string memory what) internal pure {
        if (found >= limit) _fail(what, VM.toString(found), " is not below ", VM.toString(limit));
    }

    function above(uint256 found, uint256 limit, string memory what) internal pure {
        if (found <= limit) _fail(what, VM.toString(found), " is not above ", VM.toString(limit));
    }

    function atMost(uint256 found, uint256 limit, string memory what) internal pure {
        if (found > limit) _fail(what, VM.toString(found), " is more than ", VM.toString(limit));
    }

    function atLeast(uint256 found, uint256 limit, string memory what) internal pure {
        if (found < limit) _fail(what, VM.toString(found), " is less than ", VM.toString(limit));
    }

    function _fail(
        string memory what,
        string memory found,
        string memory how,
        string memory wanted
    ) private pure {
        revert(string.concat(what, ": ", found, how, wanted));
    }
}
