// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MAX_PEOPLE, UnitsTable} from "./UnitsTable.sol";
import {Words} from "../journal/Words.sol";
import {Enrol, ReplaceCard, Standing} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {KeyKind} from "../interfaces/IConsortium.sol";

/// @title Cards of enrolled people, one word each
/// @notice Hides how a slot is packed and how a signed enrolment is loaded. A well-formed slot unpacks without
/// loss and its spare bits are zero.
/// @dev A slot, from the lowest bit: key id 160, key kind 8, standing 8, card epoch 16, effective from 40, zero
/// 24. An enrolment is two words: 0 enrolled 32, signed 32; 1 what the slots still to come fold to.
library Cards {
    using Words for bytes32;
    using Words for uint256;

    uint256 internal constant ENROLMENT_WORDS = 2;
    /// Key kinds a card may hold: none, secp256k1, P-256.
    uint256 private constant LAST_CARD_KIND = uint256(KeyKind.P256);

    function keyIdOf(uint256 slot) internal pure returns (address) {
        return address(uint160(slot));
    }

    function keyKindOf(uint256 slot) internal pure returns (uint256) {
        return slot.read(160, 8);
    }

    function standingOf(uint256 slot) internal pure returns (uint256) {
        return slot.read(168, 8);
    }

    function epochOf(uint256 slot) internal pure returns (uint16) {
        return uint16(slot.read(176, 16));
    }

    function effectiveFromOf(uint256 slot) internal pure returns (uint40) {
        return uint40(slot.read(192, 40));
    }

    function enrolledOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(0, 32);
    }

    function signedOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(32, 32);
    }

    function enrolment(uint256 enrolled, uint256 signed) internal pure returns (uint256) {
        return enrolled.put(0, 32) | signed.put(32, 32);
    }

    /// @notice Reverts unless the slot can be in force: a key with its kind or neither, a known standing.
    function requireWellFormed(uint256 slot, uint256 index) internal pure {
        uint256 kind = keyKindOf(slot);
        uint256 standing = standingOf(slot);
        bool hasKey = keyIdOf(slot) != address(0);
        if (
            hasKey != (kind != 0) ||
            kind > LAST_CARD_KIND ||
            standing == 0 ||
            standing > uint256(Standing.Revoked) ||
            slot >> 232 != 0
        ) revert IBenefitLedger.CardMalformed(uint32(index));
    }

    /// @notice Checks an enrolment two officers signed; returns the enrolment's first word.
    function sign(uint256 word0, Enrol memory act) internal pure returns (uint256) {
        uint256 enrolled = enrolledOf(word0);
        if (act.startIndex != enrolled || signedOf(word0) != enrolled) {
            revert IBenefitLedger.EnrolmentStateStale(uint32(enrolled));
        }
        if (act.count == 0 || act.count > MAX_PEOPLE - enrolled) {
            revert IBenefitLedger.EnrolmentSizeOutOfRange(MAX_PEOPLE);
        }
        return enrolment(enrolled, enrolled + act.count);
    }

    /// @notice Loads the next slots of the enrolment at `base`; refuses what was not signed at this place.
    function load(
        bytes32 base,
        bytes32 cards,
        uint256 firstIndex,
        uint256[] calldata slots,
        bytes32 rest
    ) internal returns (uint256 enrolled) {
        uint256 word0 = base.load();
        uint256 signed = signedOf(word0);
        enrolled = firstIndex + slots.length;
        if (firstIndex != enrolledOf(word0) || slots.length == 0 || enrolled > signed) {
            revert IBenefitLedger.SlotsOutOfOrder(uint32(enrolledOf(word0)));
        }
        bytes32 foldAt = base.after_(1);
        if (uint256(UnitsTable.fold(slots, rest)) != foldAt.load() || (enrolled == signed && rest != 0)) {
            revert IBenefitLedger.SlotsDifferFromSigned();
        }
        for (uint256 i = 0; i < slots.length; ++i) {
            uint256 slot = slots[i];
            requireWellFormed(slot, firstIndex + i);
            cards.after_(firstIndex + i).store(slot);
        }
        base.store(enrolment(enrolled, signed));
        foldAt.store(uint256(rest));
    }

    /// @notice The slot that takes another's place; the old card's epoch is never good again.
    function replace(uint256 slot, ReplaceCard memory act) internal pure returns (uint256 next) {
        uint16 epoch = epochOf(slot);
        if (act.cardEpochBefore != epoch) revert IBenefitLedger.CardStateStale(epoch);
        if (epoch == type(uint16).max) revert IBenefitLedger.CardEpochExhausted();
        if (act.effectiveFrom > type(uint40).max) revert IBenefitLedger.CardMalformed(act.index);
        next =
            uint256(uint160(act.keyId)) |
            uint256(act.keyKind).put(160, 8) |
            uint256(act.standing).put(168, 8) |
            (uint256(epoch) + 1).put(176, 16) |
            uint256(act.effectiveFrom).put(192, 40);
        requireWellFormed(next, act.index);
    }
}
