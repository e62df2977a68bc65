// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    CycleId,
    ItemKind,
    RedemptionBatch,
    SkipReason,
    Standing,
    VendorId
} from "../../../contracts/interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {KeyKind} from "../../../contracts/interfaces/IConsortium.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {BenefitWorld} from "./BenefitWorld.sol";
import {Sale} from "./Sale.sol";
import {Tables} from "./Tables.sol";

/// People 0 to 39 hold active secp256k1 cards but for: 30 no key, 31 suspended, 32 good from tomorrow, 33 P-256.
contract BenefitRedemptionTest is BenefitWorld {
    uint32 private constant KEYLESS = 30;
    uint32 private constant SUSPENDED = 31;
    uint32 private constant TOMORROW = 32;
    uint32 private constant P256_HOLDER = 33;
    CycleId private constant FOUR_BYTES = CycleId.wrap(2);

    event BatchRedeemed(
        bytes32 indexed programme,
        uint32 indexed cycle,
        bytes32 indexed vendor,
        uint32 till,
        bytes32 itemsHash,
        uint64 units,
        bytes32[] results
    );

    function setUp() public {
        _foundLedger(1);
        _begin(100_000_000, 41);
        _release(CYCLE, 0, 1, 40, 200);
        _release(FOUR_BYTES, 1, 4, 40, 5000);
    }

    function _slotOf(uint256 index) internal pure override returns (uint256) {
        if (index == KEYLESS) return Tables.slot(address(0), KeyKind.Unspecified, Standing.Active, 1, 0);
        if (index == SUSPENDED) return Tables.slot(address(1), KeyKind.Secp256k1, Standing.Suspended, 1, 0);
        if (index == TOMORROW) {
            return
                Tables.slot(
                    VM.addr(_keyOf(index)),
                    KeyKind.Secp256k1,
                    Standing.Active,
                    1,
                    uint40(OPENS + 1 days)
                );
        }
        if (index == P256_HOLDER) {
            (uint256 x, uint256 y) = VM.publicKeyP256(_keyOf(index));
            address keyId = address(uint160(uint256(keccak256(abi.encode(x, y)))));
            return Tables.slot(keyId, KeyKind.P256, Standing.Active, 1, 0);
        }
        return super._slotOf(index);
    }

    // ---- what is redeemed ----

    function testFuzz_B2_unitsLeaveOneEntryAndNoOther(uint8 index, uint8 units, bool fourBytes) public {
        index = index % 30;
        uint24 taken = 1 + (units % 200);
        CycleId cycle = fourBytes ? FOUR_BYTES : CYCLE;
        uint24 issued = fourBytes ? 5000 : 200;
        Expect.same(_redeem(cycle, _only(_sale(index, issued, taken))), taken, "not redeemed");
        for (uint32 i = 0; i < 40; ++i) {
            (uint32 left, uint8 sequence) = _views.entryOf(PROGRAMME, cycle, i);
            Expect.same(left, (i == index ? issued - taken : issued), "B2: another entry changed");
            Expect.same(sequence, (fourBytes && i == index ? 1 : 0), "the sequence differs");
        }
        Expect.same(_views.cycleOf(PROGRAMME, cycle).redeemedUnits, taken, "not counted");
        _requireB1();
    }

    function testFuzz_B2_nobodyTakesMoreThanRemains(uint24 units) public {
        Sale memory sale = _sale(3, 200, units);
        if (units == 0 || units > MOST) _skipsAlone(CYCLE, sale, SkipReason.ItemUnitsOutOfRange);
        else if (units > 200) _skipsAlone(CYCLE, sale, SkipReason.ItemUnitsExceedRemaining);
        else Expect.same(_redeem(CYCLE, _only(sale)), units, "not redeemed");
    }

    function test_B3_aRedemptionCountsOnce() public {
        for (uint256 i = 0; i < 2; ++i) {
            CycleId cycle = i == 0 ? CYCLE : FOUR_BYTES;
            Sale memory sale = _sale(3, i == 0 ? 200 : 5000, 7);
            _redeem(cycle, _only(sale));
            SkipReason stale = i == 0 ? SkipReason.ItemRemainingStale : SkipReason.ItemSequenceStale;
            _skipsAlone(cycle, sale, stale);
            _skipsAlone(cycle, sale, stale);
        }
    }

    function test_B3_twiceInOneBatchCountsOnce() public {
        Sale[] memory sales = new Sale[](3);
        (sales[0], sales[1], sales[2]) = (_sale(3, 200, 7), _sale(3, 200, 7), _sale(3, 193, 7));
        Expect.same(_redeem(CYCLE, sales), 14, "the first and the third follow each other");
    }

    function test_B3_anEntryIsNeverTakenPastItsLastSequence() public {
        Sale memory sale = _sale(3, 5000, 1);
        for (uint256 i = 0; i < 255; ++i) {
            (sale.sequence, sale.remainingBefore) = (uint8(i), uint24(5000 - i));
            _redeem(FOUR_BYTES, _only(sale));
        }
        (sale.sequence, sale.remainingBefore) = (255, 5000 - 255);
        _skipsAlone(FOUR_BYTES, sale, SkipReason.ItemSequenceExhausted);
        (uint32 left, uint8 sequence) = _views.entryOf(PROGRAMME, FOUR_BYTES, 3);
        Expect.same(left, 5000 - 255, "wrapped");
        Expect.same(sequence, 255, "wrapped");
        (left, ) = _views.entryOf(PROGRAMME, FOUR_BYTES, 4);
        Expect.same(left, 5000, "a neighbour changed");
    }

    function test_B3_aSignatureOfOneCycleIsNothingInAnother() public {
        Sale memory sale = _sale(3, 200, 7);
        bytes32[] memory items = _item(FOUR_BYTES, sale);
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(_nothing(SkipReason.ItemSignatureInvalid));
        _ledger.redeem(batch, items, signature);
    }

    // ---- what is skipped ----

    function test_eachReasonIsGivenAndNoneFailsTheRest() public {
        _beginHistory();
        Sale[] memory sales = _oneOfEach();
        bytes32[] memory items = _items(CYCLE, sales);
        RedemptionBatch memory batch = _batch(CYCLE, uint32(sales.length));
        bytes32[] memory results = new bytes32[](sales.length);
        for (uint256 i = 0; i < sales.length; ++i) {
            results[i] = _result(sales[i], SkipReason(i));
        }
        // One reason cannot be had with entries of one byte, whose sequence stays zero.
        results[16] = _result(sales[16], SkipReason.ItemSignatureInvalid);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        bytes32 itemsHash = keccak256(abi.encodePacked(items));
        VM.expectEmit();
        emit BatchRedeemed(
            _unwrap(),
            CycleId.unwrap(CYCLE),
            VendorId.unwrap(VENDOR),
            1,
            itemsHash,
            20,
            results
        );
        Expect.same(_ledger.redeem(batch, items, signature), 20, "the good item was not redeemed");
    }

    function testFuzz_aSkippedItemChangesNothing(uint8 which) public {
        _beginHistory();
        Sale[] memory sales = _oneOfEach();
        Sale memory sale = sales[1 + (which % (sales.length - 1))];
        bytes32[] memory items = _item(CYCLE, sale);
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        bytes32 head = _register().head();
        VM.expectPartialRevert(IBenefitLedger.NothingRedeemed.selector);
        _ledger.redeem(batch, items, signature);
        Expect.same(_register().head(), head, "recorded");
        Expect.same(_views.cycleOf(PROGRAMME, CYCLE).redeemedUnits, 0, "redeemed");
    }

    function test_BB6_aReplacedCardIsRefusedAndTheNewOneServes() public {
        uint256 newKey = 0xABCDEF;
        _replace(3, newKey);
        _skipsAlone(CYCLE, _sale(3, 200, 7), SkipReason.CardEpochDiffers);
        Sale memory sale = _sale(3, 200, 7);
        sale.cardEpoch = 2;
        _skipsAlone(CYCLE, sale, SkipReason.ItemSignatureInvalid);
        sale.privateKey = newKey;
        Expect.same(_redeem(CYCLE, _only(sale)), 7, "the new card is refused");
        _setCard(3, 2, newKey, Standing.Revoked);
        sale.remainingBefore = 193;
        _skipsAlone(CYCLE, sale, SkipReason.CardNotActive);
    }

    function test_aP256CardSignsThroughThePrecompile() public {
        Sale memory sale = _sale(P256_HOLDER, 200, 7);
        sale.kind = ItemKind.CardP256;
        Expect.same(_redeem(CYCLE, _only(sale)), 7, "not redeemed");
        sale.remainingBefore = 193;
        sale.privateKey = 77;
        _skipsAlone(CYCLE, sale, SkipReason.ItemSignatureInvalid);
    }

    function test_aCardIsGoodFromItsDayOn() public {
        _skipsAlone(CYCLE, _sale(TOMORROW, 200, 1), SkipReason.CardNotYetEffective);
        VM.warp(OPENS + 1 days);
        Expect.same(_redeem(CYCLE, _only(_sale(TOMORROW, 200, 1))), 1, "not redeemed");
    }

    // ---- the batch ----

    function test_aBatchIsTheTillsOwn() public {
        bytes32[] memory items = _item(CYCLE, _sale(3, 200, 7));
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        bytes memory foreign = _tillSigned(batch, items, 0xBAD);
        VM.expectRevert(IBenefitLedger.TillSignatureInvalid.selector);
        _ledger.redeem(batch, items, foreign);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        items[1] = bytes32(uint256(items[1]) ^ 1);
        VM.expectRevert(IBenefitLedger.TillSignatureInvalid.selector);
        _ledger.redeem(batch, items, signature);
    }

    function test_aMalformedBatchIsRefusedWhole() public {
        bytes32[] memory items = _item(CYCLE, _sale(3, 200, 7));
        bytes memory tooMany = abi.encodeWithSelector(IBenefitLedger.ItemCountDiffers.selector, 192);
        _refusesItems(items, 0, tooMany);
        _refusesItems(items, 193, tooMany);
        _refusesItems(Tables.concat(items, items), 1, tooMany);
        _refusesItems(items, 2, tooMany);
        bytes memory malformed = abi.encodeWithSelector(IBenefitLedger.ItemMalformed.selector, 4);
        _refusesItems(Tables.concat(items, new bytes32[](4)), 2, malformed);
        bytes32[] memory cut = Tables.concat(items, new bytes32[](1));
        cut[4] = bytes32(uint256(ItemKind.CardP256));
        _refusesItems(cut, 2, malformed);
        items[0] = items[0] | bytes32(uint256(1) << 152);
        _refusesItems(items, 1, abi.encodeWithSelector(IBenefitLedger.ItemMalformed.selector, 0));
    }

    function test_aLateBatchIsRefused() public {
        bytes32[] memory items = _item(CYCLE, _sale(3, 200, 7));
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.warp(batch.deadline + 1);
        VM.expectRevert(IBenefitLedger.RedemptionBatchExpired.selector);
        _ledger.redeem(batch, items, signature);
    }

    function test_P2_aBatchPostedAgainIsAnotherEntryOrNone() public {
        Sale[] memory sales = new Sale[](2);
        (sales[0], sales[1]) = (_sale(3, 200, 7), _sale(4, 193, 7));
        bytes32[] memory items = _items(CYCLE, sales);
        RedemptionBatch memory batch = _batch(CYCLE, 2);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        _ledger.redeem(batch, items, signature);
        VM.expectRevert(_nothing(SkipReason.ItemRemainingStale));
        _ledger.redeem(batch, items, signature);
        _redeem(CYCLE, _only(_sale(4, 200, 7)));
        uint64 entries = _register().entryCount();
        Expect.same(_ledger.redeem(batch, items, signature), 7, "the second person's sale has become true");
        Expect.same(_register().entryCount(), entries + 1, "not recorded");
    }

    // ---- shorthand ----

    /// A vendor that was suspended for a minute, and a pause of a minute after it.
    function _beginHistory() private {
        VM.warp(OPENS + 1 minutes);
        _vendor(Standing.Suspended, 0, 1);
        VM.warp(OPENS + 2 minutes);
        _vendor(Standing.Active, 0, 2);
        VM.warp(OPENS + 3 minutes);
        _pause(OPENS + 4 minutes, 0);
        VM.warp(OPENS + 5 minutes);
    }

    /// The item at each position is skipped for the reason of that number; the first is good.
    function _oneOfEach() private view returns (Sale[] memory sales) {
        sales = new Sale[](17);
        for (uint32 i = 0; i < 17; ++i) sales[i] = _sale(2, 200, 1);
        sales[0] = _sale(1, 200, 20);
        sales[1] = _sale(40, 200, 1);
        sales[2].soldAt = uint40(_now() + 1);
        sales[3].soldAt = uint40(_now() - 15 minutes - 1);
        sales[4].soldAt = uint40(OPENS - 1);
        sales[5].soldAt = uint40(OPENS + 3 minutes);
        sales[6].soldAt = uint40(OPENS + 1 minutes);
        sales[7].units = uint24(MOST + 1);
        sales[8] = _sale(KEYLESS, 200, 1);
        sales[9] = _sale(SUSPENDED, 200, 1);
        sales[10] = _sale(TOMORROW, 200, 1);
        sales[11].cardEpoch = 2;
        sales[12] = _sale(P256_HOLDER, 200, 1);
        sales[13].sequence = 1;
        sales[14].remainingBefore = 199;
        sales[15].units = 201;
        sales[16].privateKey = 99;
    }

    function _result(Sale memory sale, SkipReason reason) private pure returns (bytes32) {
        return
            bytes32(
                uint256(sale.kind) |
                    (uint256(sale.sequence) << 8) |
                    (uint256(sale.cardEpoch) << 16) |
                    (uint256(sale.index) << 32) |
                    (uint256(sale.remainingBefore) << 64) |
                    (uint256(sale.units) << 88) |
                    (uint256(sale.soldAt) << 112) |
                    (uint256(reason) << 152)
            );
    }

    function _skipsAlone(CycleId cycle, Sale memory sale, SkipReason reason) private {
        bytes32[] memory items = _item(cycle, sale);
        RedemptionBatch memory batch = _batch(cycle, 1);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(_nothing(reason));
        _ledger.redeem(batch, items, signature);
    }

    function _refusesItems(bytes32[] memory items, uint32 count, bytes memory refusal) private {
        RedemptionBatch memory batch = _batch(CYCLE, count);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(refusal);
        _ledger.redeem(batch, items, signature);
    }

    function _nothing(SkipReason reason) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IBenefitLedger.NothingRedeemed.selector, reason);
    }

    function _unwrap() private pure returns (bytes32) {
        return keccak256("programme");
    }
}
