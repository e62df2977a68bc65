// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BENEFIT_TIER_POLICY, TIER_WINDOW_SECONDS} from "../interfaces/IBenefitLedger.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";
import {Due} from "../journal/Due.sol";
import {Words} from "../journal/Words.sol";

/// @title How much one institution moves by itself
/// @notice Promises that the amounts an institution's own two officers move in one window sum to at most the tier
/// that the consortium set for the currency; what goes beyond needs two institutions (B9).
/// @dev One word an institution and currency, from the lowest bit: window 32, sum of minor units 192.
library Tiers {
    using Words for bytes32;
    using Words for uint256;

    /// @notice Whether an amount needs two institutions, and the word as it is after one institution moved it.
    function judge(
        bytes32 at_,
        uint16 currency,
        uint256 amountMinor,
        IConsortium consortium
    ) internal view returns (bool isAbove, uint256 word) {
        uint256 tierMinor = consortium.policyOf(keccak256(abi.encode(BENEFIT_TIER_POLICY, currency)));
        word = at_.load();
        uint256 window = Due.now_() / TIER_WINDOW_SECONDS;
        uint256 sum = amountMinor + (word.read(0, 32) == window ? word >> 32 : 0);
        return (sum > tierMinor, window.put(0, 32) | (sum << 32));
    }
}
