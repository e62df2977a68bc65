// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {BenefitTypes} from "./BenefitTypes.sol";
import {CardKeys} from "./CardKeys.sol";
import {Cards} from "./Cards.sol";
import {CycleRecord} from "./CycleRecord.sol";
import {Due} from "../journal/Due.sol";
import {ProgrammeRecord} from "./ProgrammeRecord.sol";
import {FRESH_SECONDS, SaleFacts} from "./SaleFacts.sol";
import {StandingRules} from "./StandingRules.sol";
import {UnitsTable} from "./UnitsTable.sol";
import {VendorCredits} from "./VendorCredits.sol";
import {VendorRecord} from "./VendorRecord.sol";
import {Words} from "../journal/Words.sol";
import {
    CycleId,
    CycleState,
    ItemKind,
    ProgrammeId,
    RedemptionBatch,
    SkipReason,
    Standing,
    TillId,
    VendorId
} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {IConsortium, KeyKind} from "../interfaces/IConsortium.sol";

/// @title Redemption of a till's batch: read, judge and debit each item, credit the vendor
/// @notice Hides the packed forms of items and results. Promises that an item is debited only if the key in force
/// at its index signed the units, the remaining units and the sequence found in the table (B2, B3), and only for a
/// second at which it could be sold (B5), and that a failed item changes nothing.
library Redemptions {
    using VendorCredits for VendorCredits.Credit;
    using Words for bytes32;

    /// Words of the signed struct: its type hash and 13 fields.
    uint256 private constant MESSAGE_WORDS = 14;
    /// Words of an item: packed fields, receipt hash, r, vs.
    uint256 private constant CARD_WORDS = 4;
    /// The same with s in the place of vs, then qx and qy.
    uint256 private constant CARD_P256_WORDS = 6;
    /// Items of one batch: each may be a passkey's, in a word of its own, and dated in time that pauses gave back, about
    /// 42,000 gas an item; as much again is left for halts, which each item asks for twice, here and at those whom the
    /// safeguards succeeded.
    uint256 internal constant MAX_BATCH_ITEMS = 192;

    /// Where the fields of an item's first word begin; the kind is the lowest byte. The item stays in its word:
    /// a struct of its fields costs about 900 gas an item. In a result the reason stands in the first free bits.
    uint256 private constant _SEQUENCE_AT = 8;
    uint256 private constant _CARD_EPOCH_AT = 16;
    uint256 private constant _INDEX_AT = 32;
    uint256 private constant _REMAINING_AT = 64;
    uint256 private constant _UNITS_AT = 88;
    uint256 private constant _SOLD_AT = 112;
    uint256 private constant _REASON_AT = _ITEM_BITS;
    uint256 private constant _ITEM_BITS = 152;
    uint256 private constant _KIND_AND_EPOCH = 0xffff00ff;

    /// What the items of a batch share. `message` is the signed struct with the shared fields filled in: an item
    /// overwrites its own six, which spares building 14 words an item (about 1,200 gas). An item dated from `from`
    /// to `until` passes every rule of time; about any other the `rules` are asked.
    struct Sale {
        IConsortium consortium;
        StandingRules rules;
        bytes32 domainSeparator;
        // First words of the units table and of the cards.
        bytes32 table;
        bytes32 cards;
        uint256 count;
        uint256 entryBytes;
        uint256 mostUnits;
        uint256 from;
        uint256 until;
        bool isLate;
        // From here on vendor and till are known to have been active; what was sold before waits for two officers.
        uint256 activeFrom;
        uint256 withheld;
        bytes32 cycleAt;
        bytes32 tillAt;
        SaleFacts facts;
        bytes32[MESSAGE_WORDS] message;
    }

    /// @notice Reverts unless this vendor and till may post sales of this cycle now, and fills in the sale.
    function requireOnSale(
        RedemptionBatch calldata batch,
        uint256 programme,
        bytes32 cycleAt,
        uint256 cycle,
        Sale memory sale
    ) internal view {
        if (Due.passed(batch.deadline, sale.consortium)) revert IBenefitLedger.RedemptionBatchExpired();
        CycleState state = CycleRecord.stateOf(cycle);
        if (state != CycleState.Ended) CycleRecord.requireState(cycle, CycleState.Released);
        uint64 opensAt = CycleRecord.opensAtOf(cycle);
        if (!Due.reached(opensAt)) revert IBenefitLedger.SalesNotOpen(opensAt);
        uint256 vendor = BenefitSlots.vendor(batch.vendor).load();
        if (vendor == 0) revert IBenefitLedger.VendorUnknown();
        if (VendorRecord.institutionOf(vendor) != ProgrammeRecord.institutionOf(programme)) {
            revert IBenefitLedger.VendorOfAnotherInstitution();
        }
        sale.cycleAt = cycleAt;
        sale.tillAt = BenefitSlots.till(batch.vendor, batch.till);
        uint256 till = sale.tillAt.load();
        if (till == 0) revert IBenefitLedger.TillNotActive();
        SaleFacts memory facts = sale.facts;
        facts.programme = programme;
        facts.cycle0 = cycle;
        facts.vendor = vendor;
        facts.till0 = till;
        facts.offlineSince = batch.offlineSince;
        sale.isLate = !VendorRecord.isVendorActive(vendor) || !VendorRecord.isTillActive(till);
        _fillUsual(sale);
        if (sale.isLate || Due.reached(CycleRecord.postUntilOf(cycle) + 1)) {
            _fillUnusual(sale);
            sale.rules.requirePosting(facts);
        }
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
            (uint256 item, uint256 next) = _read(items, position);
            uint256 reason = _redeem(sale, items, position, item);
            results[i] = bytes32(item | (reason << _REASON_AT));
            position = next;
            unchecked {
                // At most MAX_BATCH_ITEMS times 24 bits.
                if (reason == 0) total += uint24(item >> _UNITS_AT);
            }
        }
        if (position != items.length) revert IBenefitLedger.ItemCountDiffers(MAX_BATCH_ITEMS);
        if (total == 0) {
            revert IBenefitLedger.NothingRedeemed(SkipReason(uint256(results[0]) >> _REASON_AT));
        }
    }

    /// @notice Books what a batch took: the cycle's redeemed units and the vendor's credit, of which waits for two
    /// officers what was sold before a suspension of the vendor or the till.
    function book(
        RedemptionBatch calldata batch,
        bytes32 cycleAt,
        uint256 cycle,
        uint256 programme,
        uint256 total,
        Sale memory sale
    ) internal {
        cycleAt.store(cycle + (total << CycleRecord.REDEEMED_AT));
        bytes32 creditAt = BenefitSlots.credit(batch.programme, batch.cycle, batch.vendor);
        VendorCredits.Credit memory credit;
        if (sale.withheld != 0) {
            bytes32 withheldAt = creditAt.after_(1);
            credit = VendorCredits.unpack(0, withheldAt.load());
            credit.withhold(sale.withheld);
            withheldAt.store(credit.packWithheld());
            if (sale.withheld == total) return;
        }
        credit = VendorCredits.unpack(creditAt.load(), 0);
        credit.add(total - sale.withheld, ProgrammeRecord.disputeSecondsOf(programme), sale.consortium);
        creditAt.store(credit.pack());
    }

    /// @notice Reverts unless the till signed the batch; returns the digest it signed.
    function requireTill(
        RedemptionBatch calldata batch,
        bytes32 itemsHash,
        bytes calldata signature,
        Sale memory sale
    ) internal view returns (bytes32 digest) {
        digest = MessageHashUtils.toTypedDataHash(
            sale.domainSeparator,
            keccak256(abi.encode(BenefitTypes.REDEMPTION_BATCH, batch, itemsHash))
        );
        (KeyKind kind, address keyId) = VendorRecord.tillKeyOf(sale.facts.till0);
        if (!CardKeys.signed(kind, keyId, digest, signature)) revert IBenefitLedger.TillSignatureInvalid();
    }

    /// @dev The seconds at which a sale needs no second look: fresh, inside the bare window, after the last pause
    /// of the programme, by a vendor and a till active since before it.
    function _fillUsual(Sale memory sale) private view {
        SaleFacts memory facts = sale.facts;
        uint256 now_ = Due.now_();
        uint256 from = _later(now_ - FRESH_SECONDS, CycleRecord.opensAtOf(facts.cycle0));
        from = _later(from, ProgrammeRecord.pausedUntilOf(facts.programme));
        sale.activeFrom = _later(
            VendorRecord.vendorFromOf(facts.vendor),
            VendorRecord.tillFromOf(facts.till0)
        );
        sale.from = _later(from, sale.activeFrom);
        uint256 spendUntil = CycleRecord.spendUntilOf(facts.cycle0);
        sale.until = now_ < spendUntil ? now_ : spendUntil;
        if (sale.isLate) (sale.from, sale.until, sale.activeFrom) = (1, 0, type(uint256).max);
    }

    /// @dev What only a late batch or an unusual item needs.
    function _fillUnusual(Sale memory sale) private view {
        sale.facts.cycle1 = sale.cycleAt.after_(1).load();
        sale.facts.till1 = sale.tillAt.after_(1).load();
    }

    function _later(uint256 one, uint256 other) private pure returns (uint256) {
        return one > other ? one : other;
    }

    /// @notice The first word of the item at `position`, and where the next one begins.
    function _read(
        bytes32[] calldata items,
        uint256 position
    ) private pure returns (uint256 item, uint256 next) {
        item = uint256(_word(items, position));
        uint256 kind = uint8(item);
        unchecked {
            if (kind == uint256(ItemKind.Card)) next = position + CARD_WORDS;
            else if (kind == uint256(ItemKind.CardP256)) next = position + CARD_P256_WORDS;
        }
        if (next == 0 || next > items.length || item >> _ITEM_BITS != 0) {
            if (position == items.length) revert IBenefitLedger.ItemCountDiffers(MAX_BATCH_ITEMS);
            revert IBenefitLedger.ItemMalformed(uint32(position));
        }
    }

    /// @notice Redeems an item, or says why not.
    /// @return reason A `SkipReason`, as the number that it is: the compiler checks an enumeration at every use.
    function _redeem(
        Sale memory sale,
        bytes32[] calldata items,
        uint256 position,
        uint256 item
    ) private returns (uint256 reason) {
        uint256 card;
        uint256 word;
        (reason, card, word) = _judge(sale, item);
        if (reason != 0) return reason;
        if (!_isSigned(sale, card, item, items, position)) return uint256(SkipReason.ItemSignatureInvalid);
        unchecked {
            if (uint40(item >> _SOLD_AT) < sale.activeFrom) sale.withheld += uint24(item >> _UNITS_AT);
        }
        UnitsTable.debit(
            sale.table,
            uint32(item >> _INDEX_AT),
            sale.entryBytes,
            word,
            uint24(item >> _UNITS_AT)
        );
    }

    /// @dev Everything but the signature, in the order of `SkipReason`.
    function _judge(
        Sale memory sale,
        uint256 item
    ) private view returns (uint256 reason, uint256 card, uint256 word) {
        uint256 index = uint32(item >> _INDEX_AT);
        if (index >= sale.count) return (uint256(SkipReason.ItemIndexOutOfRange), 0, 0);
        uint256 soldAt = uint40(item >> _SOLD_AT);
        if (soldAt < sale.from || soldAt > sale.until) {
            _fillUnusual(sale);
            reason = uint256(sale.rules.judgeDate(sale.facts, soldAt));
            if (reason != 0) return (reason, 0, 0);
        }
        uint256 units = uint24(item >> _UNITS_AT);
        if (units == 0 || units > sale.mostUnits) return (uint256(SkipReason.ItemUnitsOutOfRange), 0, 0);
        card = sale.cards.after_(index).load();
        reason = _judgeCard(card, item);
        if (reason != 0) return (reason, 0, 0);
        uint256 remaining;
        uint256 sequence;
        word = UnitsTable.wordOf(sale.table, index, sale.entryBytes).load();
        (remaining, sequence) = UnitsTable.entryIn(word, index, sale.entryBytes);
        if (uint8(item >> _SEQUENCE_AT) != sequence) reason = uint256(SkipReason.ItemSequenceStale);
        else if (uint24(item >> _REMAINING_AT) != remaining) reason = uint256(SkipReason.ItemRemainingStale);
        else if (units > remaining) reason = uint256(SkipReason.ItemUnitsExceedRemaining);
        else if (sequence == type(uint8).max) reason = uint256(SkipReason.ItemSequenceExhausted);
    }

    /// @dev Kind and epoch stand in a card, its standing between them, as they stand in an item, where the kind of a
    /// card's item is the number of its key's kind: a good card is known by one comparison (100 gas an item).
    function _judgeCard(uint256 card, uint256 item) private view returns (uint256) {
        if (uint160(card) == 0) return uint256(SkipReason.CardMissing);
        bool isReached = Due.reached(Cards.effectiveFromOf(card));
        uint256 wanted = (item & _KIND_AND_EPOCH) | (uint256(Standing.Active) << 8);
        if (isReached && uint32(card >> 160) == wanted) return 0;
        if (Cards.standingOf(card) != uint256(Standing.Active)) return uint256(SkipReason.CardNotActive);
        if (!isReached) return uint256(SkipReason.CardNotYetEffective);
        if (Cards.epochOf(card) != uint16(item >> _CARD_EPOCH_AT)) {
            return uint256(SkipReason.CardEpochDiffers);
        }
        return uint256(SkipReason.CardKeyKindDiffers);
    }

    function _isSigned(
        Sale memory sale,
        uint256 card,
        uint256 item,
        bytes32[] calldata items,
        uint256 position
    ) private view returns (bool) {
        bytes32[MESSAGE_WORDS] memory message = sale.message;
        message[4] = bytes32(uint256(uint32(item >> _INDEX_AT)));
        message[5] = bytes32(uint256(uint16(item >> _CARD_EPOCH_AT)));
        message[6] = bytes32(uint256(uint8(item >> _SEQUENCE_AT)));
        message[7] = bytes32(uint256(uint24(item >> _REMAINING_AT)));
        message[8] = bytes32(uint256(uint24(item >> _UNITS_AT)));
        message[13] = bytes32(uint256(uint40(item >> _SOLD_AT)));
        bytes32 structHash;
        unchecked {
            message[12] = _word(items, position + 1);
            assembly ("memory-safe") {
                structHash := keccak256(message, mul(MESSAGE_WORDS, 32))
            }
            bytes32 digest = MessageHashUtils.toTypedDataHash(sale.domainSeparator, structHash);
            address keyId = Cards.keyIdOf(card);
            bytes32 r = _word(items, position + 2);
            bytes32 s = _word(items, position + 3);
            if (uint8(item) == uint256(ItemKind.Card)) return CardKeys.signedSecp256k1(keyId, digest, r, s);
            bytes32 qx = _word(items, position + 4);
            return CardKeys.signedP256(keyId, digest, r, s, qx, _word(items, position + 5));
        }
    }

    /// @dev A word whose place `_read` checks, once an item instead of at each of its words.
    function _word(bytes32[] calldata items, uint256 position) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(add(items.offset, shl(5, position)))
        }
    }
}
