// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ItemKind} from "../../../contracts/interfaces/BenefitActs.sol";

/// One item as a test means it, before it is packed and signed.
struct Sale {
    uint32 index;
    uint16 cardEpoch;
    uint8 sequence;
    uint24 remainingBefore;
    uint24 units;
    uint40 soldAt;
    bytes32 receiptHash;
    uint256 privateKey;
    ItemKind kind;
}
