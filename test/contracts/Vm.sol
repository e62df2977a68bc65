// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Every ledger of these tests is founded with it.
bytes32 constant LEDGER_NONCE = keccak256("the ledger nonce of the tests");

/// The cheatcodes the tests use.
interface Vm {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function getCode(string calldata artifact) external view returns (bytes memory creationCode);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function assume(bool) external pure;
    function expectRevert(bytes calldata) external;
    function expectRevert(bytes4) external;
    function expectPartialRevert(bytes4) external;
    function expectEmit() external;
    function prank(address) external;
    function warp(uint256) external;
    function deal(address, uint256) external;
    function getBlockTimestamp() external view returns (uint256);
    function load(address, bytes32) external view returns (bytes32);
    function store(address, bytes32, bytes32) external;
    function toString(uint256) external pure returns (string memory);
    function toString(bytes32) external pure returns (string memory);
    function toString(address) external pure returns (string memory);
    function toString(bool) external pure returns (string memory);
    function addr(uint256) external pure returns (address);
    function sign(uint256, bytes32) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function signCompact(uint256, bytes32) external pure returns (bytes32 r, bytes32 vs);
    function signP256(uint256, bytes32) external pure returns (bytes32 r, bytes32 s);
    function publicKeyP256(uint256) external pure returns (uint256 x, uint256 y);
    function lastCallGas() external view returns (Gas memory);
}

/// @dev Where they are.
Vm constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
