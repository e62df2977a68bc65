// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    CycleId,
    CycleStep,
    MoveCycle,
    PauseProgramme,
    RedemptionBatch,
    ResumeProgramme,
    SetVendor,
    Settle,
    SkipReason,
    Standing
} from "../../../contracts/interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {CreditView} from "../../../contracts/interfaces/IBenefitViews.sol";
import {IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {InstitutionId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {BenefitWorld} from "./BenefitWorld.sol";
import {PAUSE_TYPE, RESUME_TYPE, SETTLE_TYPE, STEP_TYPE, VENDOR_TYPE} from "./BenefitTyped.sol";
import {Sale} from "./Sale.sol";

/// What was sold in time and posted in time is paid; everything else is refused, by the second of the sale.
contract BenefitSaleTimesTest is BenefitWorld {
    CycleId private constant FOUR_BYTES = CycleId.wrap(2);

    function setUp() public {
        _foundLedger(2);
        _begin(100_000_000, 40);
        _release(CYCLE, 0, 1, 40, 200);
        _release(FOUR_BYTES, 1, 4, 40, 5000);
    }

    // ---- the window ----

    function testFuzz_B5_noSaleOutsideTheWindow(uint32 time) public {
        uint256 moment = START + (uint256(time) % 40 days);
        VM.warp(moment);
        Sale memory sale = _sale(3, 200, 7);
        if (moment < OPENS) {
            _refuses(CYCLE, sale, abi.encodeWithSelector(IBenefitLedger.SalesNotOpen.selector, OPENS));
        } else if (moment > POSTS) {
            _refuses(CYCLE, sale, abi.encodeWithSelector(IBenefitLedger.PostingEnded.selector));
        } else if (moment > CLOSES) {
            _skips(CYCLE, sale, SkipReason.ItemSoldOutsideWindow);
        } else {
            Expect.same(_redeem(CYCLE, _only(sale)), 7, "B5: refused inside the window");
        }
    }

    function test_B5_whatWasSoldInTimeAndPostedInTimeIsPaid() public {
        VM.warp(POSTS);
        Expect.same(
            _redeem(FOUR_BYTES, _only(_dated(3, 5000, CLOSES))),
            7,
            "B5: a sale in time was not paid"
        );
        _skips(FOUR_BYTES, _dated(4, 5000, CLOSES + 1), SkipReason.ItemSoldOutsideWindow);
        VM.warp(POSTS + 1);
        bytes memory ended = abi.encodeWithSelector(IBenefitLedger.PostingEnded.selector);
        _refuses(FOUR_BYTES, _dated(4, 5000, CLOSES), ended);
    }

    function testFuzz_B5_noItemIsOlderThanATillMayBeOffline(uint32 age) public {
        uint256 seconds_ = uint256(age) % (2 * uint256(OFFLINE));
        VM.warp(OPENS + 10 days);
        Sale memory sale = _dated(3, 5000, _now() - seconds_);
        if (seconds_ > OFFLINE) _skips(FOUR_BYTES, sale, SkipReason.ItemSoldTooLongAgo);
        else Expect.same(_redeem(FOUR_BYTES, _only(sale)), 7, "B5: a sale within the limit was refused");
    }

    function testFuzz_B3_anItemOfOneByteIsNeverChargedLater(uint32 age) public {
        uint256 seconds_ = uint256(age) % (30 minutes);
        VM.warp(OPENS + 10 days);
        Sale memory sale = _dated(3, 200, _now() - seconds_);
        if (seconds_ > 15 minutes) _skips(CYCLE, sale, SkipReason.ItemSoldTooLongAgo);
        else Expect.same(_redeem(CYCLE, _only(sale)), 7, "a sale made online was refused");
    }

    function test_B3_aPauseMakesNoItemOfOneByteLiveLonger() public {
        VM.warp(OPENS + 1 days);
        Sale memory sale = _dated(3, 200, _now() - 1 minutes);
        _pause(uint64(_now() + 1 days), 0);
        VM.warp(_now() + 1 days);
        _skips(CYCLE, sale, SkipReason.ItemSoldTooLongAgo);
    }

    function test_B5_noItemIsDatedAfterItsBlock() public {
        _skips(FOUR_BYTES, _dated(3, 5000, _now() + 1), SkipReason.ItemSoldInFuture);
    }

    function test_RP2_anAnnouncedEndTakesSalesUntilItAndPostingAfterIt() public {
        uint64 endsAt = OPENS + 4 days;
        _step(FOUR_BYTES, CycleStep.EndEarly, 0, endsAt);
        VM.warp(endsAt);
        Expect.same(_redeem(FOUR_BYTES, _only(_dated(3, 5000, endsAt))), 7, "RP2: refused before the end");
        VM.warp(endsAt + 1 days);
        _skips(FOUR_BYTES, _dated(4, 5000, endsAt + 1), SkipReason.ItemSoldOutsideWindow);
        Expect.same(_redeem(FOUR_BYTES, _only(_dated(4, 5000, endsAt))), 7, "RP2: refused in the grace");
        _requireB1();
    }

    // ---- pauses ----

    function test_B5_noSaleOfAPausedProgramme() public {
        _pause(OPENS + 2 hours, 0);
        bytes4 paused = IBenefitLedger.ProgrammeIsPaused.selector;
        bytes memory refusal = abi.encodeWithSelector(paused, OPENS + 2 hours);
        _refuses(CYCLE, _sale(3, 200, 7), refusal);
        VM.warp(OPENS + 2 hours);
        _skips(FOUR_BYTES, _dated(3, 5000, OPENS + 1 hours), SkipReason.ItemSoldInPause);
        Expect.same(_redeem(CYCLE, _only(_sale(3, 200, 7))), 7, "a pause ends by itself");
    }

    function test_B5_aPauseThatOutlastsTheWindowExpiresNothing() public {
        VM.warp(CLOSES - 1 days);
        _pause(CLOSES + 20 days, 0);
        VM.warp(CLOSES + 20 days);
        Expect.same(_redeem(CYCLE, _only(_sale(3, 200, 7))), 7, "B5: the pause took the window");
        VM.warp(CLOSES + 21 days);
        Expect.same(_redeem(CYCLE, _only(_sale(4, 200, 7))), 7, "B5: the day it took is not given back");
        VM.warp(CLOSES + 21 days + 1);
        _skips(CYCLE, _sale(5, 200, 7), SkipReason.ItemSoldOutsideWindow);
        bytes4 early = IBenefitLedger.CycleStepTooEarly.selector;
        _refusesStep(CycleStep.Expire, 7986, abi.encodeWithSelector(early, POSTS + 21 days + 1));
        VM.warp(POSTS + 21 days + 1);
        _step(CYCLE, CycleStep.Expire, 7986);
    }

    function testFuzz_B5_apauseGivesBackExactlyWhatItTook(uint24 begins, uint24 lasts) public {
        uint64 from = OPENS + (begins % 20 days);
        uint64 length = 1 + (lasts % 60 days);
        VM.warp(from);
        _pause(from + length, 0);
        VM.warp(CLOSES + length);
        Expect.same(_redeem(CYCLE, _only(_sale(3, 200, 7))), 7, "B5: less was given back than taken");
        VM.warp(CLOSES + length + 1);
        _skips(CYCLE, _sale(4, 200, 7), SkipReason.ItemSoldOutsideWindow);
    }

    function test_B5_aReleaseLaterThanAPauseGetsNothingOfItBack() public {
        VM.warp(OPENS);
        _pause(OPENS + 5 days, 0);
        VM.warp(OPENS + 5 days);
        _release(CycleId.wrap(3), 2, 1, 40, 9);
        VM.warp(CLOSES + 1);
        _skips(CycleId.wrap(3), _sale(3, 9, 2), SkipReason.ItemSoldOutsideWindow);
    }

    function test_B5_aTillOfflineSinceBeforeAPauseSellsThroughItsFirstDay() public {
        uint64 from = OPENS + 1 days;
        VM.warp(from);
        _pause(from + 2 days, 0);
        VM.warp(from + 2 days);
        Sale memory sale = _dated(3, 5000, from + 1 days - 1);
        _skips(FOUR_BYTES, sale, SkipReason.ItemSoldInPause);
        Expect.same(_redeemOffline(sale, from - 1), 7, "a sale of an unheard pause is not paid");
        _skipsOffline(_dated(4, 5000, from + 1), from, SkipReason.ItemSoldInPause);
        _skipsOffline(_dated(4, 5000, from + 1 days), from - 1, SkipReason.ItemSoldInPause);
    }

    function test_B5_aSaleBeforeAPauseIsPostedAfterIt() public {
        VM.warp(OPENS + 2 days);
        _pause(OPENS + 12 days, 0);
        VM.warp(OPENS + 12 days);
        Sale memory sale = _dated(3, 5000, OPENS + 1 days);
        Expect.same(_redeem(FOUR_BYTES, _only(sale)), 7, "B5: a pause robbed a shop");
        Sale memory older = _dated(4, 5000, OPENS + 2 days - OFFLINE - 1);
        _skips(FOUR_BYTES, older, SkipReason.ItemSoldTooLongAgo);
    }

    /// A second pause, however short, takes back nothing of what the first gave.
    function testFuzz_B5_noSecondPauseRobsAShop(uint24 first, uint24 gap, uint16 second) public {
        uint256 soldAt = OPENS + 1 days;
        uint256 length = 1 + (first % 15 days);
        VM.warp(soldAt + 1);
        _pause(uint64(_now() + length), 0);
        VM.warp(_now() + length + (gap % (OFFLINE / 2)));
        _pause(uint64(_now() + 1 + second), 1);
        VM.warp(_now() + 1 + second);
        Sale memory sale = _dated(3, 5000, soldAt);
        Expect.same(_redeem(FOUR_BYTES, _only(sale)), 7, "B5: a second pause robbed a shop");
        VM.warp(soldAt + OFFLINE + length + 1 + second + 1);
        _skips(FOUR_BYTES, _dated(4, 5000, soldAt), SkipReason.ItemSoldTooLongAgo);
    }

    /// Nor does an early end between them: what the first gave was given for a sale, and not for the end.
    function testFuzz_B5_noEarlyEndTakesBackWhatAPauseGave(uint24 first, uint16 second) public {
        uint256 soldAt = OPENS + 1 days;
        uint256 length = 4 days + (first % 11 days);
        VM.warp(soldAt + 1);
        _pause(uint64(_now() + length), 0);
        VM.warp(_now() + length);
        _step(FOUR_BYTES, CycleStep.EndEarly, 0, uint64(_now() + 10 days));
        Expect.same(
            _redeem(FOUR_BYTES, _only(_dated(3, 5000, soldAt))),
            7,
            "B5: the end alone robbed a shop"
        );
        _pause(uint64(_now() + 1 + second), 1);
        VM.warp(_now() + 1 + second);
        Expect.same(_redeem(FOUR_BYTES, _only(_dated(4, 5000, soldAt))), 7, "B5: an end robbed a shop");
        VM.warp(soldAt + OFFLINE + length + 1 + second + 1);
        _skips(FOUR_BYTES, _dated(5, 5000, soldAt), SkipReason.ItemSoldTooLongAgo);
    }

    function testFuzz_B5_noEarlyEndShortensTheTimeForPosting(uint24 first, uint16 second) public {
        VM.warp(OPENS + 1 days);
        _vendor(Standing.Suspended, 0, 1);
        Sale memory sale = _dated(3, 5000, _now() - 1);
        VM.warp(_now() + 1);
        uint256 length = 4 days + (first % 11 days);
        _pause(uint64(_now() + length), 0);
        VM.warp(_now() + length);
        _step(FOUR_BYTES, CycleStep.EndEarly, 0, uint64(_now() + 10 days));
        _pause(uint64(_now() + 1 + second), 1);
        VM.warp(_now() + 1 + second);
        Expect.same(_redeem(FOUR_BYTES, _only(sale)), 7, "B5: an end robbed a suspended shop");
    }

    function testFuzz_B5_noSecondPauseEndsTheTimeForPosting(uint24 first, uint16 second) public {
        VM.warp(OPENS + 1 days);
        _vendor(Standing.Suspended, 0, 1);
        Sale memory sale = _dated(3, 5000, _now() - 1);
        VM.warp(_now() + 1);
        uint256 length = 1 + (first % 15 days);
        _pause(uint64(_now() + length), 0);
        VM.warp(_now() + length + 1);
        _pause(uint64(_now() + 1 + second), 1);
        VM.warp(_now() + 1 + second);
        Expect.same(_redeem(FOUR_BYTES, _only(sale)), 7, "B5: a second pause robbed a suspended shop");
    }

    function test_P_whatTwoInstitutionsPausedOneDoesNotResume() public {
        PauseProgramme memory pause = PauseProgramme(
            _headFor(_preparer, 0),
            PROGRAMME,
            OPENS + 9 days,
            true,
            0
        );
        Signatures memory signatures = _signed(PAUSE_TYPE, abi.encode(pause));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.pauseProgramme(pause, signatures);
        signatures = _signedBy(PAUSE_TYPE, abi.encode(pause), _preparer, _officer(3, 0));
        _ledger.pauseProgramme(pause, signatures);
        ResumeProgramme memory act = ResumeProgramme(_headFor(_preparer, 0), PROGRAMME, 1);
        signatures = _signed(RESUME_TYPE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.resumeProgramme(act, signatures);
        // Nor does it by naming an earlier end.
        pause = PauseProgramme(_headFor(_preparer, 0), PROGRAMME, uint64(_now() + 1), false, 1);
        signatures = _signed(PAUSE_TYPE, abi.encode(pause));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.pauseProgramme(pause, signatures);
        signatures = _signedBy(RESUME_TYPE, abi.encode(act), _preparer, _officer(3, 0));
        _ledger.resumeProgramme(act, signatures);
        Expect.same(_redeem(CYCLE, _only(_sale(3, 200, 7))), 7, "not resumed");
        act.versionBefore = 2;
        signatures = _signed(RESUME_TYPE, abi.encode(act));
        VM.expectRevert(IBenefitLedger.ProgrammeNotPaused.selector);
        _ledger.resumeProgramme(act, signatures);
    }

    // ---- vendors and tills ----

    function test_B5_aSuspendedVendorPostsWhatItSoldAndWaitsForTwoOfficers() public {
        uint64 at_ = OPENS + 1 days;
        VM.warp(at_);
        _vendor(Standing.Suspended, 0, 1);
        _skips(FOUR_BYTES, _dated(3, 5000, at_), SkipReason.ItemSellerNotActive);
        VM.warp(at_ + 72 hours - 1);
        Sale memory sale = _dated(3, 5000, at_ - 1);
        Expect.same(_redeem(FOUR_BYTES, _only(sale)), 7, "B5: a sale before the suspension was refused");
        VM.warp(_now() + DISPUTE + 1);
        CreditView memory credit = _views.creditOf(PROGRAMME, FOUR_BYTES, VENDOR);
        Expect.same(credit.creditedUnits, 7, "the credit does not wait");
        Expect.same(credit.disputedUnits, 7, "the credit does not wait");
        _refusesSettlement(0, 7);
        _releaseCredit(FOUR_BYTES, 0, 7);
        _settle(FOUR_BYTES, 0, 7);
    }

    function test_B6_whatIsPostedLateTakesNothingOfWhatStoodBefore() public {
        _redeem(FOUR_BYTES, _only(_sale(3, 5000, 7)));
        VM.warp(_now() + DISPUTE + 1);
        _vendor(Standing.Suspended, 0, 1);
        _redeem(FOUR_BYTES, _only(_dated(4, 5000, _now() - 1)));
        _settle(FOUR_BYTES, 0, 7);
        _refusesSettlement(7, 1);
    }

    function test_B6_whatWaitsLetsNothingElseBePaidEarly() public {
        VM.warp(OPENS + 1 days);
        _vendor(Standing.Suspended, 0, 1);
        _redeem(FOUR_BYTES, _only(_dated(3, 5000, _now() - 1)));
        _vendor(Standing.Active, 0, 2);
        VM.warp(_now() + DISPUTE + 1);
        _redeem(FOUR_BYTES, _only(_sale(4, 5000, 7)));
        _refusesSettlement(0, 1);
        _releaseCredit(FOUR_BYTES, 0, 3);
        _settle(FOUR_BYTES, 0, 3);
        _refusesSettlement(3, 1);
    }

    /// Nor does letting go hurry what waited, or put off what stood before.
    function testFuzz_B6_whatIsLetGoMaturesFromWhenItWasPosted(uint24 before, uint24 after_) public {
        _redeem(FOUR_BYTES, _only(_sale(3, 5000, 7)));
        uint256 first = _now();
        VM.warp(first + 1 + (before % (2 * DISPUTE)));
        _vendor(Standing.Suspended, 0, 1);
        _redeem(FOUR_BYTES, _only(_dated(4, 5000, _now() - 1)));
        uint256 second = _now();
        VM.warp(second + (after_ % (2 * DISPUTE)));
        _releaseCredit(FOUR_BYTES, 0, 7);
        uint64 matured = _views.creditOf(PROGRAMME, FOUR_BYTES, VENDOR).maturedUnits;
        Expect.atMost(
            matured,
            (_now() > first + DISPUTE ? 7 : 0) + (_now() > second + DISPUTE ? 7 : 0),
            "B6: paid in dispute"
        );
        Expect.atLeast(matured, second > first + DISPUTE ? 7 : 0, "B6: what had matured is taken");
        VM.warp(second + DISPUTE + 1);
        _settle(FOUR_BYTES, 0, 14);
    }

    function test_B5_afterItsThreeDaysASuspendedVendorPostsNothing() public {
        VM.warp(OPENS + 1 days);
        _vendor(Standing.Suspended, 0, 1);
        VM.warp(OPENS + 1 days + 72 hours + 1);
        bytes memory refusal = abi.encodeWithSelector(IBenefitLedger.VendorNotActive.selector);
        _refuses(FOUR_BYTES, _dated(3, 5000, OPENS + 1 days - 1), refusal);
    }

    function test_B5_aRevokedTillPostsWhatItSoldAndNothingElse() public {
        VM.warp(OPENS + 1 days);
        _till(Standing.Revoked, 1);
        Expect.same(_redeem(FOUR_BYTES, _only(_dated(3, 5000, _now() - 1))), 7, "a sale before was refused");
        Expect.same(_views.creditOf(PROGRAMME, FOUR_BYTES, VENDOR).disputedUnits, 7, "it does not wait");
        _skips(FOUR_BYTES, _dated(4, 5000, _now()), SkipReason.ItemSellerNotActive);
        VM.warp(_now() + 72 hours + 1);
        bytes memory refusal = abi.encodeWithSelector(IBenefitLedger.TillNotActive.selector);
        _refuses(FOUR_BYTES, _dated(4, 5000, OPENS), refusal);
    }

    function test_B5_narrowingCountsNowAndOnlyWideningLater() public {
        VM.warp(OPENS + 1 days);
        _refusesVendor(
            Standing.Suspended,
            OPENS + 8 days,
            1,
            abi.encodeWithSelector(IBenefitLedger.StandingMomentOutOfRange.selector)
        );
        _vendor(Standing.Suspended, 0, 1);
        _vendor(Standing.Active, OPENS + 3 days, 2);
        VM.warp(OPENS + 2 days);
        _skips(FOUR_BYTES, _sale(3, 5000, 7), SkipReason.ItemSellerNotActive);
        VM.warp(OPENS + 3 days);
        Expect.same(_redeem(FOUR_BYTES, _only(_sale(3, 5000, 7))), 7, "not active again");
    }

    function test_revokedLeadsNowhere() public {
        bytes4 refused = IBenefitLedger.StandingUnchangeable.selector;
        _refusesVendor(Standing.Active, 0, 1, abi.encodeWithSelector(refused, Standing.Active));
        _vendor(Standing.Revoked, 0, 1);
        for (uint8 next = 1; next <= 3; ++next) {
            _refusesVendor(Standing(next), 0, 2, abi.encodeWithSelector(refused, Standing.Revoked));
        }
    }

    /// Officers who suspend, restore and suspend again take nothing that was sold before the first time.
    function testFuzz_B5_noSecondSuspensionRobsAShop(uint16 back, uint16 gap, uint16 again) public {
        VM.warp(OPENS + 1 days);
        uint256 soldAt = _now() - 1 - (back % 12 hours);
        _vendor(Standing.Suspended, 0, 1);
        VM.warp(_now() + (gap % 12 hours));
        _vendor(Standing.Active, 0, 2);
        VM.warp(_now() + (again % 12 hours));
        _vendor(Standing.Suspended, 0, 3);
        Expect.same(_redeem(FOUR_BYTES, _only(_dated(3, 5000, soldAt))), 7, "B5: robbed by a second time");
        uint64 waits = _views.creditOf(PROGRAMME, FOUR_BYTES, VENDOR).disputedUnits;
        Expect.same(waits, 7, "what a suspended seller posts waits for two officers");
    }

    /// Of the first of two suspensions no date is kept: what may have been sold in it is paid by two officers alone.
    function testFuzz_B5_whatMayBeOfAnEarlierSuspensionWaits(uint16 first, uint16 back) public {
        VM.warp(OPENS + 1 days);
        uint256 suspendedAt = _now();
        _vendor(Standing.Suspended, 0, 1);
        VM.warp(suspendedAt + 1 + (first % 12 hours));
        uint256 soldAt = suspendedAt + (back % (_now() - suspendedAt));
        _vendor(Standing.Active, 0, 2);
        VM.warp(_now() + 1);
        _vendor(Standing.Suspended, 0, 3);
        VM.warp(_now() + 1);
        _vendor(Standing.Active, 0, 4);
        Sale[] memory sales = new Sale[](2);
        (sales[0], sales[1]) = (_dated(3, 5000, soldAt), _sale(4, 5000, 5));
        Expect.same(_redeem(FOUR_BYTES, sales), 12, "what cannot be told apart is taken");
        Expect.same(_views.creditOf(PROGRAMME, FOUR_BYTES, VENDOR).disputedUnits, 7, "B5: paid unseen");
        VM.warp(_now() + DISPUTE + 1);
        _settle(FOUR_BYTES, 0, 5);
        _refusesSettlement(5, 1);
    }

    /// A suspension that cuts a return short begins no new period in between.
    function testFuzz_B5_noSaleOfASuspensionComesBack(uint24 gap, uint24 back) public {
        VM.warp(OPENS + 1 days);
        _vendor(Standing.Suspended, 0, 1);
        uint256 suspendedAt = _now();
        _vendor(Standing.Active, uint64(suspendedAt + 2 days), 2);
        VM.warp(suspendedAt + (gap % 2 days));
        _vendor(Standing.Suspended, 0, 3);
        uint256 soldAt = suspendedAt + (back % 2 days);
        if (soldAt <= _now()) _skips(FOUR_BYTES, _dated(3, 5000, soldAt), SkipReason.ItemSellerNotActive);
        _vendor(Standing.Active, 0, 4);
        if (soldAt < _now()) _skips(FOUR_BYTES, _dated(3, 5000, soldAt), SkipReason.ItemSellerNotActive);
    }

    // ---- shorthand ----

    function _dated(uint32 index, uint24 remaining, uint256 soldAt) private view returns (Sale memory sale) {
        sale = _sale(index, remaining, 7);
        sale.soldAt = uint40(soldAt);
    }

    function _refusesStep(CycleStep step, uint64 unspent, bytes memory refusal) private {
        MoveCycle memory act = MoveCycle(_headFor(_preparer, 0), PROGRAMME, CYCLE, step, unspent, 0);
        Signatures memory signatures = _signed(STEP_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.moveCycle(act, signatures);
    }

    function _refusesSettlement(uint64 before, uint64 units) private {
        Settle memory act = _settleAct(FOUR_BYTES, before, units);
        Signatures memory signatures = _signed(SETTLE_TYPE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.SettlementExceedsCredit.selector, 0));
        _ledger.settle(act, signatures);
    }

    function _refusesVendor(Standing standing, uint64 from, uint32 version, bytes memory refusal) private {
        SetVendor memory act = SetVendor(
            _headFor(_preparer, 0),
            VENDOR,
            InstitutionId.wrap(AGENCY),
            standing,
            from,
            version
        );
        Signatures memory signatures = _signed(VENDOR_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.setVendor(act, signatures);
    }

    function _refuses(CycleId cycle, Sale memory sale, bytes memory refusal) private {
        bytes32[] memory items = _item(cycle, sale);
        RedemptionBatch memory batch = _batch(cycle, 1);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(refusal);
        _ledger.redeem(batch, items, signature);
    }

    function _skips(CycleId cycle, Sale memory sale, SkipReason reason) private {
        _refuses(cycle, sale, abi.encodeWithSelector(IBenefitLedger.NothingRedeemed.selector, reason));
    }

    function _redeemOffline(Sale memory sale, uint64 since) private returns (uint64) {
        bytes32[] memory items = _item(FOUR_BYTES, sale);
        RedemptionBatch memory batch = _batch(FOUR_BYTES, 1);
        batch.offlineSince = since;
        return _ledger.redeem(batch, items, _tillSigned(batch, items, TILL_KEY));
    }

    function _skipsOffline(Sale memory sale, uint64 since, SkipReason reason) private {
        bytes32[] memory items = _item(FOUR_BYTES, sale);
        RedemptionBatch memory batch = _batch(FOUR_BYTES, 1);
        batch.offlineSince = since;
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.NothingRedeemed.selector, reason));
        _ledger.redeem(batch, items, signature);
    }
}
