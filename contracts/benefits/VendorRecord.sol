// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Words} from "../journal/Words.sol";
import {Standing} from "../interfaces/BenefitActs.sol";
import {KeyKind} from "../interfaces/IConsortium.sol";
import {Standings} from "./Standings.sol";

/// @title What is stored of a vendor and of a till
/// @dev A vendor, one word, from the lowest bit: institution 16, standing 8, from 40, until 40, version 32, office 32. A
/// till, two words: 0 key id 160, key kind 8, standing 8, from 40, version 32; 1 until 40. Version zero is nobody.
library VendorRecord {
    using Words for uint256;

    uint256 internal constant TILL_WORDS = 2;

    struct Vendor {
        uint256 institution;
        Standings.Period period;
        uint256 version;
        // Of the act that registered it, as of a programme.
        uint256 office;
    }

    struct Till {
        address keyId;
        KeyKind keyKind;
        Standings.Period period;
        uint256 version;
    }

    function institutionOf(uint256 vendor) internal pure returns (uint256) {
        return vendor.read(0, 16);
    }

    function isVendorActive(uint256 vendor) internal pure returns (bool) {
        return vendor.read(16, 8) == uint256(Standing.Active);
    }

    function vendorFromOf(uint256 vendor) internal pure returns (uint256) {
        return vendor.read(24, 40);
    }

    function tillKeyOf(uint256 word0) internal pure returns (KeyKind kind, address keyId) {
        return (KeyKind(word0.read(160, 8)), address(uint160(word0)));
    }

    function isTillActive(uint256 word0) internal pure returns (bool) {
        return word0.read(168, 8) == uint256(Standing.Active);
    }

    function tillFromOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(176, 40);
    }

    function unpackVendor(uint256 word) internal pure returns (Vendor memory) {
        return
            Vendor(
                word.read(0, 16),
                Standings.Period(Standing(word.read(16, 8)), word.read(24, 40), word.read(64, 40)),
                word.read(104, 32),
                word.read(136, 32)
            );
    }

    function packVendor(Vendor memory vendor) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](1);
        words[0] = bytes32(
            vendor.institution.put(0, 16) |
                uint256(vendor.period.standing).put(16, 8) |
                vendor.period.from.put(24, 40) |
                vendor.period.until.put(64, 40) |
                vendor.version.put(104, 32) |
                vendor.office.put(136, 32)
        );
    }

    /// @param word1 The second word, which says when the till last stopped.
    function unpackTill(uint256 word0, uint256 word1) internal pure returns (Till memory) {
        return
            Till(
                address(uint160(word0)),
                KeyKind(word0.read(160, 8)),
                Standings.Period(Standing(word0.read(168, 8)), word0.read(176, 40), word1.read(0, 40)),
                word0.read(216, 32)
            );
    }

    function packTill(Till memory till) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](TILL_WORDS);
        words[0] = bytes32(
            uint256(uint160(till.keyId)) |
                uint256(till.keyKind).put(160, 8) |
                uint256(till.period.standing).put(168, 8) |
                till.period.from.put(176, 40) |
                till.version.put(216, 32)
        );
        words[1] = bytes32(till.period.until.put(0, 40));
    }
}
