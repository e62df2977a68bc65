// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    CycleStep,
    FundsMove,
    MoveFunds,
    ProgrammeId,
    Settle
} from "../../../contracts/interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {CreditView, Money} from "../../../contracts/interfaces/IBenefitViews.sol";
import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {BenefitWorld} from "./BenefitWorld.sol";
import {MOVE_TYPE, SETTLE_TYPE} from "./BenefitTyped.sol";

contract BenefitMoneyTest is BenefitWorld {
    function setUp() public {
        _foundLedger(1);
        _begin(1_000_000, 40);
    }

    /// The same people in the same lane, and nobody's units are anybody else's.
    function test_B8_twoProgrammesNeverShareATable() public {
        _release(CYCLE, 0, 1, 40, 9);
        _programme = ProgrammeId.wrap(keccak256("another programme"));
        _define(_programmeAct());
        _move(FundsMove.Fund, 1_000_000, 0);
        _enrolAll(40, 0);
        _release(CYCLE, 0, 1, 40, 7);
        Expect.same(_redeem(CYCLE, _only(_sale(3, 7, 5))), 5, "B8: not its own units");
        _programme = PROGRAMME;
        Expect.same(_redeem(CYCLE, _only(_sale(3, 9, 2))), 2, "B8: another programme's units");
    }

    function test_B1_fundingNamesWhatWasFundedBefore() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 500, 999_999);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.FundsStateStale.selector, 1_000_000));
        act = _moveAct(FundsMove.Fund, 500, 1_000_000);
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        _ledger.moveFunds(act, signatures);
        Expect.same(_views.money(PROGRAMME).unallocatedMinor, 1_000_500, "not funded");
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.FundsStateStale.selector, 1_000_500));
        _ledger.moveFunds(act, signatures);
    }

    function test_B1_moneyMovesOnlyWhereItIs() public {
        _refuses(
            _moveAct(FundsMove.Fund, 0, 1_000_000),
            abi.encodeWithSelector(IBenefitLedger.AmountMissing.selector)
        );
        _refuses(
            _moveAct(FundsMove.Unspecified, 1, 0),
            abi.encodeWithSelector(IBenefitLedger.FundsMoveUnknown.selector)
        );
        _refuses(
            _moveAct(FundsMove.Fund, type(uint128).max, 1_000_000),
            abi.encodeWithSelector(IBenefitLedger.AmountOutOfRange.selector)
        );
        bytes4 short = IBenefitLedger.FundsInsufficient.selector;
        _refuses(_moveAct(FundsMove.Defund, 1_000_001, 0), abi.encodeWithSelector(short, 1_000_000));
        _refuses(_moveAct(FundsMove.ReuseExpired, 1, 0), abi.encodeWithSelector(short, 0));
        _refuses(_moveAct(FundsMove.ReuseReclaimed, 1, 0), abi.encodeWithSelector(short, 0));
        _move(FundsMove.Defund, 1_000_000, 0);
        Money memory money = _views.money(PROGRAMME);
        Expect.same(money.unallocatedMinor, 0, "not returned");
        Expect.same(money.defundedMinor, 1_000_000, "not returned");
        _requireB1();
    }

    function test_B1_whatExpiredIsReusedOnceByARecordedAct() public {
        _release(CYCLE, 0, 1, 40, 5);
        _redeem(CYCLE, _only(_sale(3, 5, 5)));
        VM.warp(POSTS + 1);
        _step(CYCLE, CycleStep.Expire, 195);
        Money memory money = _views.money(PROGRAMME);
        Expect.same(money.expiredMinor, 195 * UNIT_VALUE, "expired");
        Expect.same(money.redeemedMinor, 5 * UNIT_VALUE, "expired");
        Expect.same(money.outstandingMinor, 0, "something is outstanding");
        _requireB1();
        _move(FundsMove.ReuseExpired, 195 * UNIT_VALUE, 0);
        _requireB1();
        money = _views.money(PROGRAMME);
        Expect.same(money.expiredMinor, 0, "still expired");
        Expect.same(money.unallocatedMinor, 1_000_000 - 5 * UNIT_VALUE, "not to allocate again");
        Expect.same(_views.movedMinor(PROGRAMME, FundsMove.ReuseExpired), 195 * UNIT_VALUE, "not counted");
    }

    function testFuzz_B6_aCreditSettlesOnceAndAfterItsDisputeTime(uint24 waited) public {
        uint256 wait = 1 + (uint256(waited) % (3 * DISPUTE));
        _move(FundsMove.Fund, 9_000_000, 1_000_000);
        _release(CYCLE, 0, 4, 40, 500);
        _redeem(CYCLE, _only(_sale(3, 500, 200)));
        VM.warp(_now() + wait);
        uint64 settleable = wait > DISPUTE ? 200 : 0;
        Expect.same(_views.creditOf(PROGRAMME, CYCLE, VENDOR).maturedUnits, settleable, "matured");
        _refusesSettlement(
            0,
            201,
            abi.encodeWithSelector(IBenefitLedger.SettlementExceedsCredit.selector, settleable)
        );
        if (settleable == 0) return;
        _settle(CYCLE, 0, 150);
        _refusesSettlement(0, 50, abi.encodeWithSelector(IBenefitLedger.SettlementStateStale.selector, 150));
        _refusesSettlement(
            150,
            51,
            abi.encodeWithSelector(IBenefitLedger.SettlementExceedsCredit.selector, 50)
        );
        _refusesSettlement(
            150,
            0,
            abi.encodeWithSelector(IBenefitLedger.SettlementExceedsCredit.selector, 50)
        );
        _settle(CYCLE, 150, 50);
        Expect.same(_views.creditOf(PROGRAMME, CYCLE, VENDOR).settledUnits, 200, "not settled");
    }

    function test_B6_aBusyVendorIsPaidWhileItSells() public {
        _move(FundsMove.Fund, 9_000_000, 1_000_000);
        _release(CYCLE, 0, 4, 40, 500);
        for (uint32 day = 0; day < 5; ++day) {
            _redeem(CYCLE, _only(_sale(day, 500, 100)));
            VM.warp(_now() + 1 days);
        }
        CreditView memory credit = _views.creditOf(PROGRAMME, CYCLE, VENDOR);
        Expect.same(credit.creditedUnits, 500, "credited");
        // Sales of days 0 to 2 are past two days of dispute; the buckets may hold one more day back.
        Expect.atLeast(credit.maturedUnits, 100, "matured too early or never");
        Expect.atMost(credit.maturedUnits, 300, "matured too early or never");
        _settle(CYCLE, 0, credit.maturedUnits);
        VM.warp(_now() + DISPUTE);
        Expect.same(_views.creditOf(PROGRAMME, CYCLE, VENDOR).maturedUnits, 500, "all is past dispute");
    }

    /// Sales less than a day apart, so that there is always one whose dispute time is not over.
    function testFuzz_B6_noSaleMaturesBeforeItsOwnDisputeTime(uint24[5] calldata gaps) public {
        _move(FundsMove.Fund, 9_000_000, 1_000_000);
        _release(CYCLE, 0, 4, 40, 500);
        uint256[5] memory soldAt;
        for (uint32 i = 0; i < 5; ++i) {
            _redeem(CYCLE, _only(_sale(i, 500, 100)));
            soldAt[i] = _now();
            VM.warp(_now() + (gaps[i] % 1 days));
            uint256 undisputed;
            for (uint256 j = 0; j <= i; ++j) if (_now() > soldAt[j] + DISPUTE) undisputed += 100;
            uint64 matured = _views.creditOf(PROGRAMME, CYCLE, VENDOR).maturedUnits;
            Expect.atMost(matured, undisputed, "matured in dispute");
        }
    }

    function test_RP6_aSettlementDeductsNothingUnseen() public {
        _release(CYCLE, 0, 1, 40, 5);
        _redeem(CYCLE, _only(_sale(3, 5, 5)));
        VM.warp(_now() + DISPUTE + 1);
        Settle memory act = _settleAct(CYCLE, 0, 5);
        --act.amountMinor;
        Signatures memory signatures = _signed(SETTLE_TYPE, abi.encode(act));
        VM.expectRevert(IBenefitLedger.SettlementAmountDiffers.selector);
        _ledger.settle(act, signatures);
    }

    function _refuses(MoveFunds memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(MOVE_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.moveFunds(act, signatures);
    }

    function _refusesSettlement(uint64 before, uint64 units, bytes memory refusal) private {
        Settle memory act = _settleAct(CYCLE, before, units);
        Signatures memory signatures = _signed(SETTLE_TYPE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.settle(act, signatures);
    }
}
