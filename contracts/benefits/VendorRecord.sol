// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Due} from "../journal/Due.sol";
import {Words} from "../journal/Words.sol";
import {Standing} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {KeyKind} from "../interfaces/IConsortium.sol";

/// @title What is stored of a vendor and of a till, one word each
/// @dev A vendor, from the lowest bit: institution 16, standing 8, from 40, version 32. A till: key id 160, key
/// kind 8, standing 8, version 32. Version zero is nobody.
library VendorRecord {
    using Words for uint256;

    struct Vendor {
        uint256 institution;
        // Counts from `from` on; until then the vendor is active exactly where this says it is not.
        Standing standing;
        uint256 from;
        uint256 version;
    }

    struct Till {
        address keyId;
        KeyKind keyKind;
        Standing standing;
        uint256 version;
    }

    function unpackVendor(uint256 word) internal pure returns (Vendor memory) {
        return Vendor(word.read(0, 16), Standing(word.read(16, 8)), word.read(24, 40), word.read(64, 32));
    }

    function packVendor(Vendor memory vendor) internal pure returns (uint256) {
        return
            vendor.institution.put(0, 16) |
            uint256(vendor.standing).put(16, 8) |
            vendor.from.put(24, 40) |
            vendor.version.put(64, 32);
    }

    function unpackTill(uint256 word) internal pure returns (Till memory) {
        return
            Till(
                address(uint160(word)),
                KeyKind(word.read(160, 8)),
                Standing(word.read(168, 8)),
                word.read(176, 32)
            );
    }

    function packTill(Till memory till) internal pure returns (uint256) {
        return
            uint256(uint160(till.keyId)) |
            uint256(till.keyKind).put(160, 8) |
            uint256(till.standing).put(168, 8) |
            till.version.put(176, 32);
    }

    /// @notice Reverts unless the vendor may sell in programmes of this agency at this moment (B5).
    function requireActive(uint256 word, uint256 institution) internal view {
        Vendor memory vendor = unpackVendor(word);
        if (vendor.version == 0) revert IBenefitLedger.VendorUnknown();
        if (vendor.institution != institution) revert IBenefitLedger.VendorOfAnotherInstitution();
        if (Due.reached(uint64(vendor.from)) != (vendor.standing == Standing.Active)) {
            revert IBenefitLedger.VendorNotActive();
        }
    }
}
