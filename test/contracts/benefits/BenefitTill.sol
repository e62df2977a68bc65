// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CycleId, ItemKind, RedemptionBatch} from "../../../contracts/interfaces/BenefitActs.sol";
import {BenefitWorld} from "./BenefitWorld.sol";

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

/// @title A till: packs what people buy, has their cards sign it, signs the batch and posts it
/// @notice The signed messages and the packed words are written here anew, beside those of the contract.
abstract contract BenefitTill is BenefitWorld {
    function _sale(uint32 index, uint24 remaining, uint24 units) internal view returns (Sale memory sale) {
        sale.index = index;
        sale.cardEpoch = 1;
        sale.remainingBefore = remaining;
        sale.units = units;
        sale.soldAt = uint40(_now());
        sale.receiptHash = keccak256(abi.encode("receipt", index, remaining));
        sale.privateKey = _keyOf(index);
        sale.kind = ItemKind.Card;
    }

    function _only(Sale memory sale) internal pure returns (Sale[] memory sales) {
        sales = new Sale[](1);
        sales[0] = sale;
    }

    function _items(CycleId cycle, Sale[] memory sales) internal view returns (bytes32[] memory items) {
        for (uint256 i = 0; i < sales.length; ++i) items = _concat(items, _item(cycle, sales[i]));
    }

    function _item(CycleId cycle, Sale memory sale) internal view returns (bytes32[] memory words) {
        bool isP256 = sale.kind == ItemKind.CardP256;
        words = new bytes32[](isP256 ? 6 : 4);
        words[0] = bytes32(
            uint256(sale.kind) |
                (uint256(sale.sequence) << 8) |
                (uint256(sale.cardEpoch) << 16) |
                (uint256(sale.index) << 32) |
                (uint256(sale.remainingBefore) << 64) |
                (uint256(sale.units) << 88) |
                (uint256(sale.soldAt) << 112)
        );
        words[1] = sale.receiptHash;
        bytes32 digest = _digest(_register(), "BenefitLedger", _redemptionHash(cycle, sale));
        if (isP256) {
            (words[2], words[3]) = abi.decode(_p256(sale.privateKey, digest), (bytes32, bytes32));
            (uint256 x, uint256 y) = VM.publicKeyP256(sale.privateKey);
            (words[4], words[5]) = (bytes32(x), bytes32(y));
        } else {
            (words[2], words[3]) = VM.signCompact(sale.privateKey, digest);
        }
    }

    function _redemptionHash(CycleId cycle, Sale memory sale) internal view returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(
                        keccak256(
                            "Redemption(bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint32 index,uint16 cardEpoch,uint8 sequence,uint32 remainingBefore,uint32 units,bytes32 vendor,uint32 till,bytes32 leaseId,bytes32 receiptHash,uint64 soldAt)"
                        ),
                        _programme,
                        cycle,
                        EPOCH,
                        sale.index,
                        sale.cardEpoch
                    ),
                    abi.encode(
                        sale.sequence,
                        sale.remainingBefore,
                        sale.units,
                        VENDOR,
                        TILL,
                        bytes32(0),
                        sale.receiptHash,
                        sale.soldAt
                    )
                )
            );
    }

    function _batch(CycleId cycle, uint32 count) internal view returns (RedemptionBatch memory) {
        return RedemptionBatch(_programme, cycle, VENDOR, TILL, count, 0, uint64(_now() + 1 hours));
    }

    function _tillSigned(
        RedemptionBatch memory batch,
        bytes32[] memory items,
        uint256 key
    ) internal view returns (bytes memory) {
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(
                    "RedemptionBatch(bytes32 programme,uint32 cycle,bytes32 vendor,uint32 till,uint32 count,uint64 offlineSince,uint64 deadline,bytes32 itemsHash)"
                ),
                batch,
                keccak256(abi.encodePacked(items))
            )
        );
        (bytes32 r, bytes32 vs) = VM.signCompact(key, _digest(_register(), "BenefitLedger", hash));
        return abi.encodePacked(r, vs);
    }

    function _redeem(CycleId cycle, Sale[] memory sales) internal returns (uint64) {
        bytes32[] memory items = _items(cycle, sales);
        RedemptionBatch memory batch = _batch(cycle, uint32(sales.length));
        return _ledger.redeem(batch, items, _tillSigned(batch, items, TILL_KEY));
    }

    function _concat(bytes32[] memory a, bytes32[] memory b) internal pure returns (bytes32[] memory all) {
        all = new bytes32[](a.length + b.length);
        for (uint256 i = 0; i < a.length; ++i) all[i] = a[i];
        for (uint256 i = 0; i < b.length; ++i) all[a.length + i] = b[i];
    }
}
