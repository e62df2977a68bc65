// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MAX_PEOPLE, UnitsTable} from "./UnitsTable.sol";
import {Words} from "../journal/Words.sol";
import {Enrol, SetCard, Standing} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {KeyKind} from "../interfaces/IConsortium.sol";
import {Standings} from "./Standings.sol";

/// @title Cards of enrolled people, one word each
/// @notice Hides how a slot is packed and how a signed enrolment is loaded. Promises that a slot in the table is
/// well formed: one that was signed malformed is loaded as a person without a card.
/// @dev A slot, from the lowest bit: key id 160, key kind 8, standing 8, card epoch 16, effective from 40, version
/// 24. An enrolment is two words: 0 enrolled 32, signed 32, version 32; 1 what the slots still to come fold to.
library Cards {
    using Words for bytes32;
    using Words for uint256;

    uint256 internal constant ENROLMENT_WORDS = 2;
    /// Key kinds a card may hold: none, secp256k1, P-256.
    uint256 private constant LAST_CARD_KIND = uint256(KeyKind.P256);
    /// Epoch of a card that was loaded; each replacement raises it.
    uint256 internal constant FIRST_EPOCH = 1;
    /// A person who is paid out and never redeems.
    uint256 private constant _NO_CARD = (uint256(Standing.Active) << 168) | (FIRST_EPOCH << 176);

    struct Enrolment {
        uint256 enrolled;
        uint256 signed;
        uint256 version;
        bytes32 foldRest;
    }

    struct Card {
        address keyId;
        KeyKind keyKind;
        Standing standing;
        uint256 epoch;
        uint256 effectiveFrom;
        uint256 version;
    }

    function keyIdOf(uint256 slot) internal pure returns (address) {
        return address(uint160(slot));
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

    function unpackEnrolment(uint256 word0, uint256 word1) internal pure returns (Enrolment memory) {
        return Enrolment(enrolledOf(word0), word0.read(32, 32), word0.read(64, 32), bytes32(word1));
    }

    function packEnrolment(Enrolment memory enrolment) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](ENROLMENT_WORDS);
        words[0] = bytes32(
            enrolment.enrolled.put(0, 32) | enrolment.signed.put(32, 32) | enrolment.version.put(64, 32)
        );
        words[1] = enrolment.foldRest;
    }

    function unpack(uint256 slot) internal pure returns (Card memory) {
        return
            Card({
                keyId: keyIdOf(slot),
                keyKind: KeyKind(slot.read(160, 8)),
                standing: Standing(standingOf(slot)),
                epoch: epochOf(slot),
                effectiveFrom: effectiveFromOf(slot),
                version: slot >> 232
            });
    }

    function pack(Card memory card) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](1);
        words[0] = bytes32(
            uint256(uint160(card.keyId)) |
                uint256(card.keyKind).put(160, 8) |
                uint256(card.standing).put(168, 8) |
                card.epoch.put(176, 16) |
                card.effectiveFrom.put(192, 40) |
                card.version.put(232, 24)
        );
    }

    /// @notice Checks an enrolment two officers signed. What was signed before and never loaded is forgotten.
    function sign(Enrolment memory enrolment, Enrol memory act) internal pure {
        uint256 enrolled = enrolment.enrolled;
        if (act.startIndex != enrolled || act.versionBefore != enrolment.version) {
            revert IBenefitLedger.EnrolmentStateStale(uint32(enrolled), uint32(enrolment.version));
        }
        if (act.count == 0 || act.count > MAX_PEOPLE - enrolled) {
            revert IBenefitLedger.EnrolmentSizeOutOfRange(MAX_PEOPLE);
        }
        enrolment.signed = enrolled + act.count;
        enrolment.foldRest = act.slotsHash;
        ++enrolment.version;
    }

    /// @notice Loads the next slots of the enrolment at `base`; refuses what was not signed at this place.
    function load(
        bytes32 base,
        bytes32 cards,
        uint256 firstIndex,
        uint256[] calldata slots,
        bytes32 rest
    ) internal returns (uint256 enrolled) {
        Enrolment memory enrolment = unpackEnrolment(base.load(), base.after_(1).load());
        enrolled = firstIndex + slots.length;
        if (firstIndex != enrolment.enrolled || slots.length == 0 || enrolled > enrolment.signed) {
            revert IBenefitLedger.SlotsOutOfOrder(uint32(enrolment.enrolled));
        }
        bool isWhole = enrolled != enrolment.signed || rest == 0;
        if (UnitsTable.fold(slots, rest) != enrolment.foldRest || !isWhole) {
            revert IBenefitLedger.SlotsDifferFromSigned();
        }
        for (uint256 i = 0; i < slots.length; ++i) {
            uint256 slot = slots[i];
            cards.after_(firstIndex + i).store(_isLoadable(slot) ? slot : _NO_CARD);
        }
        enrolment.enrolled = enrolled;
        base.store(uint256(packEnrolment(enrolment)[0]));
        base.after_(1).store(uint256(rest));
    }

    /// @notice Gives the card in force another standing, or makes it the next card.
    function set(Card memory card, SetCard memory act) internal pure {
        if (act.versionBefore != card.version) revert IBenefitLedger.CardStateStale(uint32(card.version));
        bool isLast = card.epoch == type(uint16).max || card.version == type(uint24).max;
        if (isLast && (act.cardEpoch != card.epoch || act.standing != Standing.Revoked)) {
            revert IBenefitLedger.CardEpochExhausted();
        }
        if (act.cardEpoch == card.epoch) {
            Standings.requireChange(card.standing, act.standing);
            if (act.keyId != card.keyId || act.keyKind != card.keyKind) {
                revert IBenefitLedger.CardMalformed(act.index);
            }
        } else if (act.cardEpoch != card.epoch + 1) {
            revert IBenefitLedger.CardEpochOutOfOrder(uint16(card.epoch));
        } else if (act.standing != Standing.Active) {
            revert IBenefitLedger.StandingUnchangeable(card.standing);
        }
        bool hasKey = act.keyId != address(0);
        if (
            hasKey != (act.keyKind != KeyKind.Unspecified) ||
            uint256(act.keyKind) > LAST_CARD_KIND ||
            act.effectiveFrom > type(uint40).max
        ) revert IBenefitLedger.CardMalformed(act.index);
        card.keyId = act.keyId;
        card.keyKind = act.keyKind;
        card.standing = act.standing;
        card.epoch = act.cardEpoch;
        card.effectiveFrom = act.effectiveFrom;
        // The last change is a revocation, which its standing alone makes once.
        if (card.version != type(uint24).max) ++card.version;
    }

    /// @dev A first card: a key with its kind or neither, not revoked, of the first epoch, never set before.
    function _isLoadable(uint256 slot) private pure returns (bool) {
        uint256 kind = slot.read(160, 8);
        uint256 standing = standingOf(slot);
        return
            (uint160(slot) != 0) == (kind != 0) &&
            kind <= LAST_CARD_KIND &&
            (standing == uint256(Standing.Active) || standing == uint256(Standing.Suspended)) &&
            epochOf(slot) == FIRST_EPOCH &&
            slot >> 232 == 0;
    }
}
