// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Enrol,
    RedemptionBatch,
    SetCard,
    SetTill,
    SetVendor,
    Standing,
    TillId,
    VendorId
} from "../../../contracts/interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {Card} from "../../../contracts/interfaces/IBenefitViews.sol";
import {KeyKind} from "../../../contracts/interfaces/IConsortium.sol";
import {InstitutionId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {BenefitSlots} from "../../../contracts/benefits/BenefitSlots.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {BenefitWorld} from "./BenefitWorld.sol";
import {CARD_TYPE, ENROL_TYPE, TILL_TYPE, VENDOR_TYPE} from "./BenefitTyped.sol";
import {Tables} from "./Tables.sol";

/// People and their cards, vendors and their tills.
contract BenefitPeopleTest is BenefitWorld {
    function setUp() public {
        _foundLedger(2);
        _begin(10_000_000, 40);
    }

    // ---- people and cards ----

    function test_anEnrolmentContinuesWhereTheLastEnded() public {
        uint256[] memory slots = new uint256[](5);
        for (uint256 i = 0; i < 5; ++i) slots[i] = _slotOf(40 + i);
        bytes4 stale = IBenefitLedger.EnrolmentStateStale.selector;
        _refuses(_enrolAct(39, slots), abi.encodeWithSelector(stale, 40, 1));
        bytes4 size = IBenefitLedger.EnrolmentSizeOutOfRange.selector;
        _refuses(_enrolAct(40, new uint256[](0)), abi.encodeWithSelector(size, 1 << 24));
        Enrol memory act = _enrolAct(40, slots);
        act.count = (1 << 24) - 39;
        _refuses(act, abi.encodeWithSelector(size, 1 << 24));
        act = _enrolAct(40, slots);
        Signatures memory signatures = _signed(ENROL_TYPE, abi.encode(act));
        _ledger.enrol(act, signatures);
        VM.expectRevert(abi.encodeWithSelector(stale, 40, 2));
        _ledger.enrol(act, signatures);
        bytes4 order = IBenefitLedger.SlotsOutOfOrder.selector;
        _refusesSlots(41, Tables.slice(slots, 1, 5), 0, abi.encodeWithSelector(order, 40));
        _refusesSlots(40, new uint256[](0), 0, abi.encodeWithSelector(order, 40));
        _refusesSlots(40, new uint256[](6), 0, abi.encodeWithSelector(order, 40));
        bytes memory differ = abi.encodeWithSelector(IBenefitLedger.SlotsDifferFromSigned.selector);
        _refusesSlots(40, Tables.slice(slots, 0, 4), 0, differ);
        _ledger.loadSlots(PROGRAMME, EPOCH, 40, Tables.slice(slots, 0, 2), Tables.fold(slots, 2, 5));
        Expect.same(_views.enrolmentOf(PROGRAMME, EPOCH).enrolled, 42, "the progress differs");
        _ledger.loadSlots(PROGRAMME, EPOCH, 42, Tables.slice(slots, 2, 5), 0);
        Expect.same(_views.cardOf(PROGRAMME, EPOCH, 44).keyId, VM.addr(_keyOf(44)), "not enrolled");
    }

    function testFuzz_onlyWellFormedSlotsAreEnrolled(uint256 slot) public {
        uint256[] memory slots = new uint256[](1);
        slots[0] = slot % 3 == 0 ? slot : slot & ((1 << 232) - 1) & ~(uint256(0xfcfc) << 160);
        Enrol memory act = _enrolAct(40, slots);
        _ledger.enrol(act, _signed(ENROL_TYPE, abi.encode(act)));
        uint256 kind = uint8(slots[0] >> 160);
        uint256 standing = uint8(slots[0] >> 168);
        bool isGood = (uint160(slots[0]) != 0) == (kind != 0) && kind <= 2 && standing >= 1 && standing <= 2;
        isGood = isGood && uint16(slots[0] >> 176) == 1 && slots[0] >> 232 == 0;
        _ledger.loadSlots(PROGRAMME, EPOCH, 40, slots, 0);
        Card memory card = _views.cardOf(PROGRAMME, EPOCH, 40);
        Expect.same(card.cardEpoch, 1, "not a first card");
        Expect.same(card.version, 0, "not a first card");
        Expect.same(card.keyId, (isGood ? address(uint160(slots[0])) : address(0)), "another card");
    }

    function test_aLostListWedgesNoEnrolment() public {
        uint256[] memory lost = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) lost[i] = _slotOf(50 + i);
        Enrol memory act = _enrolAct(40, lost);
        _ledger.enrol(act, _signed(ENROL_TYPE, abi.encode(act)));
        _ledger.loadSlots(PROGRAMME, EPOCH, 40, Tables.slice(lost, 0, 1), Tables.fold(lost, 1, 3));
        uint256[] memory found = new uint256[](2);
        for (uint256 i = 0; i < 2; ++i) found[i] = _slotOf(60 + i);
        act = _enrolAct(41, found);
        _ledger.enrol(act, _signed(ENROL_TYPE, abi.encode(act)));
        bytes memory differ = abi.encodeWithSelector(IBenefitLedger.SlotsDifferFromSigned.selector);
        _refusesSlots(41, Tables.slice(lost, 1, 3), 0, differ);
        _ledger.loadSlots(PROGRAMME, EPOCH, 41, found, 0);
        Expect.same(_views.cardOf(PROGRAMME, EPOCH, 42).keyId, VM.addr(_keyOf(61)), "not enrolled");
    }

    function test_aCardIsReplacedOnceAndAnUnknownPersonHasNone() public {
        SetCard memory act = _cardAct(3, 2, 0);
        Signatures memory signatures = _signed(CARD_TYPE, abi.encode(act));
        _ledger.setCard(act, signatures);
        Card memory card = _views.cardOf(PROGRAMME, EPOCH, 3);
        Expect.same(card.cardEpoch, 2, "not replaced");
        Expect.same(card.keyId, address(7), "not replaced");
        Expect.same(card.version, 1, "not replaced");
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.CardStateStale.selector, 1));
        _ledger.setCard(act, signatures);
        _refuses(_cardAct(40, 2, 0), abi.encodeWithSelector(IBenefitLedger.PersonUnknown.selector));
        act = _cardAct(4, 2, 0);
        act.keyId = address(0);
        bytes memory malformed = abi.encodeWithSelector(IBenefitLedger.CardMalformed.selector, 4);
        _refuses(act, malformed);
        (act.keyId, act.effectiveFrom) = (address(7), uint64(type(uint40).max) + 1);
        _refuses(act, malformed);
        (act.effectiveFrom, act.cardEpoch) = (0, 3);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.CardEpochOutOfOrder.selector, 1));
    }

    function test_aRevokedCardIsFinalAndItsPersonGetsTheNextOne() public {
        uint256 key = _keyOf(3);
        bytes4 refused = IBenefitLedger.StandingUnchangeable.selector;
        _setCard(3, 1, key, Standing.Suspended);
        _setCard(3, 1, key, Standing.Active);
        _setCard(3, 1, key, Standing.Revoked);
        SetCard memory act = _cardAct(3, 1, 3);
        act.keyId = VM.addr(key);
        _refuses(act, abi.encodeWithSelector(refused, Standing.Revoked));
        act = _cardAct(3, 2, 3);
        act.standing = Standing.Suspended;
        _refuses(act, abi.encodeWithSelector(refused, Standing.Revoked));
        act = _cardAct(4, 1, 0);
        act.standing = Standing.Suspended;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.CardMalformed.selector, 4));
        _replace(3, 77);
        Expect.same(
            uint256(_views.cardOf(PROGRAMME, EPOCH, 3).standing),
            uint256(Standing.Active),
            "no next card"
        );
    }

    function test_aCardOfTheLastEpochMayOnlyBeRevoked() public {
        bytes32 at_ = bytes32(uint256(BenefitSlots.cards(PROGRAMME, EPOCH)) + 3);
        uint256 slot = Tables.slot(
            VM.addr(_keyOf(3)),
            KeyKind.Secp256k1,
            Standing.Active,
            type(uint16).max,
            0
        );
        VM.store(address(_ledger), at_, bytes32(slot));
        bytes memory exhausted = abi.encodeWithSelector(IBenefitLedger.CardEpochExhausted.selector);
        SetCard memory act = _cardAct(3, 0, 0);
        _refuses(act, exhausted);
        (act.cardEpoch, act.standing, act.keyId) = (type(uint16).max, Standing.Suspended, VM.addr(_keyOf(3)));
        _refuses(act, exhausted);
        _setCard(3, type(uint16).max, _keyOf(3), Standing.Revoked);
        Expect.same(
            uint256(_views.cardOf(PROGRAMME, EPOCH, 3).standing),
            uint256(Standing.Revoked),
            "not revoked"
        );
    }

    // ---- vendors and tills ----

    function test_aVendorStaysWithItsAgencyAndNamesItsState() public {
        SetVendor memory act = _vendorAct();
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.VendorStateStale.selector, 1));
        act.institution = InstitutionId.wrap(3);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.VendorOfAnotherInstitution.selector));
        (act.institution, act.versionBefore) = (InstitutionId.wrap(AGENCY), 1);
        act.standing = Standing.Unspecified;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.StandingUnknown.selector));
        act.vendor = VendorId.wrap(0);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.IdentifierMissing.selector));
        act = _vendorAct();
        (act.vendor, act.versionBefore) = (VendorId.wrap(keccak256("late")), 0);
        act.from = uint64(type(uint40).max) + 1;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.StandingMomentOutOfRange.selector));
        act.standing = Standing.Suspended;
        bytes4 refused = IBenefitLedger.StandingUnchangeable.selector;
        _refuses(act, abi.encodeWithSelector(refused, Standing.Unspecified));
    }

    function test_aTillNamesItsStateAndHasAKey() public {
        SetTill memory act = _tillAct();
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.TillStateStale.selector, 1));
        (act.versionBefore, act.keyId) = (1, address(0));
        bytes memory malformed = abi.encodeWithSelector(IBenefitLedger.TillKeyMalformed.selector);
        _refuses(act, malformed);
        (act.keyId, act.keyKind) = (address(7), KeyKind.WebAuthn);
        _refuses(act, malformed);
        (act.keyKind, act.standing) = (KeyKind.Secp256k1, Standing.Suspended);
        _refuses(act, malformed);
        (act.keyId, act.standing) = (VM.addr(TILL_KEY), Standing.Unspecified);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.StandingUnknown.selector));
        act.till = TillId.wrap(0);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.IdentifierMissing.selector));
        act = _tillAct();
        act.vendor = VendorId.wrap(keccak256("nobody"));
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.VendorUnknown.selector));
    }

    /// Else two officers who give it another would take what it sold and has not posted.
    function testFuzz_B5_aTillKeepsItsKey(uint160 key, bool isSuspended, uint8 next) public {
        if (isSuspended) _till(Standing.Suspended, 1);
        SetTill memory act = _tillAct();
        (act.versionBefore, act.standing) = (isSuspended ? 2 : 1, Standing(1 + (next % 3)));
        act.keyId = address(uint160(VM.addr(TILL_KEY)) ^ (key | 1));
        bytes memory malformed = abi.encodeWithSelector(IBenefitLedger.TillKeyMalformed.selector);
        _refuses(act, malformed);
        (act.keyId, act.keyKind) = (VM.addr(TILL_KEY), KeyKind.P256);
        _refuses(act, malformed);
    }

    function test_aVendorSellsInItsAgencysProgrammesOnly() public {
        (_preparer, _approver) = (_officer(3, 0), _officer(3, 1));
        SetVendor memory act = _vendorAct();
        (act.vendor, act.institution) = (VendorId.wrap(keccak256("foreign")), InstitutionId.wrap(3));
        _ledger.setVendor(act, _signed(VENDOR_TYPE, abi.encode(act)));
        (_preparer, _approver) = (_officer(AGENCY, 0), _officer(AGENCY, 1));
        _release(CYCLE, 0, 1, 40, 9);
        bytes32[] memory items = _items(CYCLE, _only(_sale(3, 9, 2)));
        _refusesVendor(act.vendor, items, IBenefitLedger.VendorOfAnotherInstitution.selector);
        _refusesVendor(VendorId.wrap(keccak256("nobody")), items, IBenefitLedger.VendorUnknown.selector);
    }

    // ---- shorthand ----

    function _cardAct(uint32 index, uint16 epoch, uint32 before) private returns (SetCard memory act) {
        act.head = _headFor(_preparer, 0);
        (act.programme, act.enrolmentEpoch, act.index) = (PROGRAMME, EPOCH, index);
        (act.cardEpoch, act.keyKind, act.keyId) = (epoch, KeyKind.Secp256k1, address(7));
        act.versionBefore = before;
        act.standing = Standing.Active;
    }

    function _vendorAct() private returns (SetVendor memory act) {
        act.head = _headFor(_preparer, 0);
        (act.vendor, act.institution, act.standing) = (VENDOR, InstitutionId.wrap(AGENCY), Standing.Active);
    }

    function _tillAct() private returns (SetTill memory act) {
        act.head = _headFor(_preparer, 0);
        (act.vendor, act.till, act.keyKind) = (VENDOR, TILL, KeyKind.Secp256k1);
        (act.keyId, act.standing) = (address(7), Standing.Active);
    }

    function _refuses(Enrol memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(ENROL_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.enrol(act, signatures);
    }

    function _refuses(SetCard memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(CARD_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.setCard(act, signatures);
    }

    function _refuses(SetVendor memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(VENDOR_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.setVendor(act, signatures);
    }

    function _refuses(SetTill memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(TILL_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.setTill(act, signatures);
    }

    function _refusesSlots(uint32 first, uint256[] memory slots, bytes32 rest, bytes memory refusal) private {
        VM.expectRevert(refusal);
        _ledger.loadSlots(PROGRAMME, EPOCH, first, slots, rest);
    }

    function _refusesVendor(VendorId vendor, bytes32[] memory items, bytes4 refusal) private {
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        batch.vendor = vendor;
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(refusal);
        _ledger.redeem(batch, items, signature);
    }
}
