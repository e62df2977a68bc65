// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Standing} from "../../../contracts/interfaces/BenefitActs.sol";
import {KeyKind} from "../../../contracts/interfaces/IConsortium.sol";

/// @title Words as they are loaded: tables of units, slots of cards, and their folds
library Tables {
    function slot(
        address keyId,
        KeyKind kind,
        Standing standing,
        uint16 epoch,
        uint40 from
    ) internal pure returns (uint256) {
        return
            uint256(uint160(keyId)) |
            (uint256(kind) << 160) |
            (uint256(standing) << 168) |
            (uint256(epoch) << 176) |
            (uint256(from) << 192);
    }

    function table(
        uint8 entryBytes,
        uint32 count,
        uint32 units
    ) internal pure returns (uint256[] memory words) {
        uint256 perWord = 32 / entryBytes;
        words = new uint256[]((count + perWord - 1) / perWord);
        for (uint256 i = 0; i < count; ++i) {
            words[i / perWord] |= uint256(units) << ((i % perWord) * entryBytes * 8);
        }
    }

    function fold(uint256[] memory words, uint256 from, uint256 to) internal pure returns (bytes32 folded) {
        for (uint256 i = to; i > from; --i) folded = keccak256(abi.encode(words[i - 1], folded));
    }

    function slice(
        uint256[] memory words,
        uint256 from,
        uint256 to
    ) internal pure returns (uint256[] memory part) {
        part = new uint256[](to - from);
        for (uint256 i = from; i < to; ++i) part[i - from] = words[i];
    }

    function concat(bytes32[] memory a, bytes32[] memory b) internal pure returns (bytes32[] memory all) {
        all = new bytes32[](a.length + b.length);
        for (uint256 i = 0; i < a.length; ++i) all[i] = a[i];
        for (uint256 i = 0; i < b.length; ++i) all[a.length + i] = b[i];
    }
}
