// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {BenefitTypes} from "./BenefitTypes.sol";
import {CardKeys} from "./CardKeys.sol";
import {Cards} from "./Cards.sol";
import {CycleRecord} from "./CycleRecord.sol";
import {Due} from "./Due.sol";
import {ProgrammeRecord} from "./ProgrammeRecord.sol";
import {UnitsTable} from "./UnitsTable.sol";
import {VendorCredits} from "./VendorCredits.sol";
import {VendorRecord} from "./VendorRecord.sol";
import {Words} from "./Words.sol";
import {
    CycleId,
    CycleState,
    IBenefitLedger,
    ItemKind,
    ProgrammeId,
    RedemptionBatch,
    SkipReason,
    Standing,
    TillId,
    VendorId
} from "../interfaces/IBenefitLedger.sol";
import {IConsortium, KeyKind} from "../interfaces/IConsortium.sol";

/// @title Redemption of a till's batch: read, judge and debit each item, credit the vendor
/// @notice Hides the packed forms of items and results. Promises that an item is debited only if the key in force
/// at its index signed the units, the remaining units and the sequence found in the table (B2, B3), and that a
/// failed item changes nothing.
library Redemptions {
    using VendorCredits for VendorCredits.Credit;
    using Words for bytes32;

    /// Words of the signed struct: its type hash and 13 fields.
    uint256 private constant MESSAGE_WORDS = 14;
    /// Words of an item: packed fields, receipt hash, r, vs.
    uint256 private constant CARD_WORDS = 4;
    /// The same with s in the place of vs, then qx and qy.
    uint256 private constant CARD_P256_WORDS = 6;
    /// Items of one batch: about 1,000 scattered ones would fill a transaction, and the results stay below 16 KiB.
    uint256 internal constant MAX_BATCH_ITEMS = 512;

    /// What the items of a batch share. `message` is the signed struct with the shared fields filled in: an item
    /// overwrites its own six, which spares building 14 words an item (about 1,200 gas).
    struct Sale {
        IConsortium consortium;
        bytes32 domainSeparator;
        // First words of the units table and of the cards.
        bytes32 table;
        bytes32 cards;
        uint256 count;
        uint256 entryBytes;
        uint256 mostUnits;
        bytes32[MESSAGE_WORDS] message;
    }

    /// One item as it came.
    struct Item {
        uint256 kind;
        uint256 sequence;
        uint256 cardEpoch;
        uint256 index;
        uint256 remainingBefore;
        uint256 units;
        uint64 deadline;
    }

    /// @notice Reverts unless this vendor may sell from this cycle at this moment (B5), and fills in the sale.
    function requireOnSale(
        RedemptionBatch calldata batch,
        uint256 programme,
        uint256 cycle,
        Sale memory sale
    ) internal view {
        uint64 pausedUntil = ProgrammeRecord.pausedUntilOf(programme);
        if (!Due.reached(pausedUntil)) revert IBenefitLedger.ProgrammeIsPaused(pausedUntil);
        if (Due.passed(batch.deadline, sale.consortium)) revert IBenefitLedger.RedemptionBatchExpired();
        CycleRecord.requireState(cycle, CycleState.Released);
        uint64 opensAt = CycleRecord.opensAtOf(cycle);
        if (!Due.reached(opensAt)) revert IBenefitLedger.SalesNotOpen(opensAt);
        if (Due.passed(CycleRecord.spendUntilOf(cycle), sale.consortium)) revert IBenefitLedger.SalesEnded();
        VendorRecord.requireActive(
            BenefitSlots.vendor(batch.vendor).load(),
            ProgrammeRecord.institutionOf(programme)
        );
        uint256 epoch = CycleRecord.enrolmentEpochOf(cycle);
        sale.table = BenefitSlots.table(batch.programme, CycleRecord.laneOf(cycle));
        sale.cards = BenefitSlots.cards(batch.programme, epoch);
        sale.count = CycleRecord.countOf(cycle);
        sale.entryBytes = CycleRecord.entryBytesOf(cycle);
        sale.mostUnits = ProgrammeRecord.mostPerRedemptionOf(programme);
        bytes32[MESSAGE_WORDS] memory message = sale.message;
        message[0] = BenefitTypes.REDEMPTION;
        message[1] = ProgrammeId.unwrap(batch.programme);
        message[2] = bytes32(uint256(CycleId.unwrap(batch.cycle)));
        message[3] = bytes32(epoch);
        message[9] = VendorId.unwrap(batch.vendor);
        message[10] = bytes32(uint256(TillId.unwrap(batch.till)));
    }

    /// @notice Redeems every item that can be; reverts when none could be.
    function redeemAll(
        bytes32[] calldata items,
        uint256 count,
        Sale memory sale
    ) internal returns (uint256 total, bytes32[] memory results) {
        if (count == 0 || count > MAX_BATCH_ITEMS) revert IBenefitLedger.ItemCountDiffers(MAX_BATCH_ITEMS);
        results = new bytes32[](count);
        uint256 position = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 result;
            uint256 units;
            (result, units, position) = _redeem(sale, items, position);
            results[i] = bytes32(result);
            total += units;
        }
        if (position != items.length) revert IBenefitLedger.ItemCountDiffers(MAX_BATCH_ITEMS);
        if (total == 0) revert IBenefitLedger.NothingRedeemed(SkipReason(uint8(uint256(results[0]))));
    }

    /// @notice Books what a batch took: the cycle's redeemed units and the vendor's credit.
    function book(
        RedemptionBatch calldata batch,
        bytes32 cycleAt,
        uint256 cycle,
        uint256 programme,
        uint256 total,
        IConsortium consortium
    ) internal {
        cycleAt.store(cycle + (total << CycleRecord.REDEEMED_AT));
        bytes32 creditAt = BenefitSlots.credit(batch.programme, batch.cycle, batch.vendor);
        VendorCredits.Credit memory credit = VendorCredits.unpack(creditAt.load());
        credit.add(total, ProgrammeRecord.disputeSecondsOf(programme), consortium);
        creditAt.store(credit.pack());
    }

    /// @notice Reverts unless the till signed the batch; returns the digest it signed.
    function requireTill(
        RedemptionBatch calldata batch,
        bytes32 itemsHash,
        bytes calldata signature,
        Sale memory sale
    ) internal view returns (bytes32 digest) {
        VendorRecord.Till memory till = VendorRecord.unpackTill(
            BenefitSlots.till(batch.vendor, batch.till).load()
        );
        if (till.standing != Standing.Active) revert IBenefitLedger.TillNotActive();
        digest = MessageHashUtils.toTypedDataHash(
            sale.domainSeparator,
            keccak256(abi.encode(BenefitTypes.REDEMPTION_BATCH, batch, itemsHash))
        );
        if (!CardKeys.signed(till.keyKind, till.keyId, digest, signature)) {
            revert IBenefitLedger.TillSignatureInvalid();
        }
    }

    /// @notice Redeems the item whose first word stands at `position`, or says why not.
    /// @return result The item's packed result, its reason in the low byte.
    /// @return units Units redeemed, zero when skipped.
    /// @return next Position of the next item.
    function _redeem(
        Sale memory sale,
        bytes32[] calldata items,
        uint256 position
    ) private returns (uint256 result, uint256 units, uint256 next) {
        Item memory item;
        (item, next) = _read(items, position);
        (SkipReason reason, uint256 card, uint256 word) = _judge(sale, item);
        if (reason == SkipReason.None && !_isSigned(sale, card, item, items, position)) {
            reason = SkipReason.ItemSignatureInvalid;
        }
        if (reason == SkipReason.None) {
            units = item.units;
            UnitsTable.debit(sale.table, item.index, sale.entryBytes, word, units);
        }
        result = _pack(item, reason);
    }

    function _read(
        bytes32[] calldata items,
        uint256 position
    ) private pure returns (Item memory item, uint256 next) {
        uint256 packed = uint256(items[position]);
        item.kind = uint8(packed);
        if (item.kind == uint256(ItemKind.Card)) next = position + CARD_WORDS;
        else if (item.kind == uint256(ItemKind.CardP256)) next = position + CARD_P256_WORDS;
        if (next == 0 || next > items.length || packed >> 152 != 0) {
            revert IBenefitLedger.ItemMalformed(uint32(position));
        }
        item.sequence = uint8(packed >> 8);
        item.cardEpoch = uint16(packed >> 16);
        item.index = uint32(packed >> 32);
        item.remainingBefore = uint24(packed >> 64);
        item.units = uint24(packed >> 88);
        item.deadline = uint40(packed >> 112);
    }

    /// @dev Everything but the signature, in the order of `SkipReason`.
    function _judge(
        Sale memory sale,
        Item memory item
    ) private view returns (SkipReason reason, uint256 card, uint256 word) {
        if (item.index >= sale.count) return (SkipReason.ItemIndexOutOfRange, 0, 0);
        if (Due.passed(item.deadline, sale.consortium)) return (SkipReason.ItemExpired, 0, 0);
        if (item.units == 0 || item.units > sale.mostUnits) return (SkipReason.ItemUnitsOutOfRange, 0, 0);
        card = sale.cards.after_(item.index).load();
        reason = _judgeCard(card, item);
        if (reason != SkipReason.None) return (reason, 0, 0);
        uint256 remaining;
        uint256 sequence;
        (word, remaining, sequence) = UnitsTable.read(sale.table, item.index, sale.entryBytes);
        if (item.sequence != sequence) reason = SkipReason.ItemSequenceStale;
        else if (item.remainingBefore != remaining) reason = SkipReason.ItemRemainingStale;
        else if (item.units > remaining) reason = SkipReason.ItemUnitsExceedRemaining;
        else if (sequence == type(uint8).max) reason = SkipReason.ItemSequenceExhausted;
    }

    function _judgeCard(uint256 card, Item memory item) private view returns (SkipReason) {
        if (Cards.keyIdOf(card) == address(0)) return SkipReason.CardMissing;
        if (Cards.standingOf(card) != uint256(Standing.Active)) return SkipReason.CardNotActive;
        if (!Due.reached(Cards.effectiveFromOf(card))) return SkipReason.CardNotYetEffective;
        if (Cards.epochOf(card) != item.cardEpoch) return SkipReason.CardEpochDiffers;
        KeyKind kind = item.kind == uint256(ItemKind.Card) ? KeyKind.Secp256k1 : KeyKind.P256;
        if (Cards.keyKindOf(card) != uint256(kind)) return SkipReason.CardKeyKindDiffers;
        return SkipReason.None;
    }

    function _isSigned(
        Sale memory sale,
        uint256 card,
        Item memory item,
        bytes32[] calldata items,
        uint256 position
    ) private view returns (bool) {
        bytes32[MESSAGE_WORDS] memory message = sale.message;
        message[4] = bytes32(item.index);
        message[5] = bytes32(item.cardEpoch);
        message[6] = bytes32(item.sequence);
        message[7] = bytes32(item.remainingBefore);
        message[8] = bytes32(item.units);
        message[12] = items[position + 1];
        message[13] = bytes32(uint256(item.deadline));
        bytes32 structHash;
        assembly ("memory-safe") {
            structHash := keccak256(message, mul(MESSAGE_WORDS, 32))
        }
        bytes32 digest = MessageHashUtils.toTypedDataHash(sale.domainSeparator, structHash);
        address keyId = Cards.keyIdOf(card);
        if (item.kind == uint256(ItemKind.Card)) {
            return CardKeys.signedSecp256k1(keyId, digest, items[position + 2], items[position + 3]);
        }
        return
            CardKeys.signedP256(
                keyId,
                digest,
                items[position + 2],
                items[position + 3],
                items[position + 4],
                items[position + 5]
            );
    }

    function _pack(Item memory item, SkipReason reason) private pure returns (uint256) {
        return
            uint256(reason) |
            (item.kind << 8) |
            (item.cardEpoch << 16) |
            (item.index << 32) |
            (item.remainingBefore << 64) |
            (item.units << 88) |
            (item.sequence << 112);
    }
}
