// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    CycleId,
    CycleState,
    CycleStep,
    FundsMove,
    IBenefitLedger,
    MoveFunds,
    Settle
} from "../../contracts/interfaces/IBenefitLedger.sol";
import {CreditView, CycleView, Money} from "../../contracts/interfaces/IBenefitViews.sol";
import {Signatures} from "../../contracts/interfaces/IJournal.sol";
import {BenefitWorld, Sale} from "./BenefitWorld.sol";

/// Does whatever officers, tills and time can do, in any order, and keeps its own books beside the ledger's.
contract MoneyHandler is BenefitWorld {
    uint32 public constant PEOPLE = 40;
    uint32 public lastCycle;
    uint256 public redemptions;
    mapping(uint32 cycle => uint32) public issuedEach;
    mapping(uint32 cycle => mapping(uint32 index => uint256)) public redeemed;
    mapping(uint32 cycle => uint64) public settled;

    constructor() {
        _foundLedger(1);
        _begin(1_000_000_000, PEOPLE);
        VM.warp(OPENS);
    }

    function fund(uint64 amountMinor, uint8 way) external {
        FundsMove move = FundsMove(1 + (way % 4));
        _move(move, 1 + (amountMinor % 1_000_000), _ledger.movedMinor(PROGRAMME, move));
    }

    function openAndRelease(uint8 lane, uint32 units, bool fourBytes) external {
        uint32 each = 1 + (units % (fourBytes ? 5000 : 200));
        uint32 cycle = lastCycle + 1;
        _release(CycleId.wrap(cycle), lane % 3, fourBytes ? 4 : 1, PEOPLE, each);
        lastCycle = cycle;
        issuedEach[cycle] = each;
    }

    function redeem(uint32 cycle, uint32 index, uint24 units) external {
        cycle = _existing(cycle);
        index = index % PEOPLE;
        (uint32 remaining, uint8 sequence) = _ledger.entryOf(PROGRAMME, CycleId.wrap(cycle), index);
        uint24 taken = uint24(1 + (units % (remaining == 0 ? 1 : remaining)));
        Sale memory sale = _sale(index, uint24(remaining), taken);
        sale.sequence = sequence;
        uint64 total = _redeem(CycleId.wrap(cycle), _only(sale));
        redeemed[cycle][index] += total;
        ++redemptions;
    }

    function step(uint32 cycle, uint8 which) external {
        cycle = _existing(cycle);
        CycleStep next = CycleStep(1 + (which % 5));
        CycleView memory view_ = _ledger.cycleOf(PROGRAMME, CycleId.wrap(cycle));
        bool moves = next == CycleStep.Expire || next == CycleStep.Reclaim;
        if (next == CycleStep.Expire && view_.state == CycleState.Released) VM.warp(view_.postUntil + 1);
        if (next == CycleStep.Reclaim && view_.state == CycleState.Ended) VM.warp(view_.postUntil);
        _step(CycleId.wrap(cycle), next, moves ? view_.outstandingUnits : 0);
    }

    function settle(uint32 cycle, uint64 units) external {
        cycle = _existing(cycle);
        CreditView memory credit = _ledger.creditOf(PROGRAMME, CycleId.wrap(cycle), VENDOR);
        uint64 due = credit.maturedUnits - credit.settledUnits;
        uint64 paid = due == 0 ? 1 : 1 + (units % due);
        _settle(CycleId.wrap(cycle), credit.settledUnits, paid);
        settled[cycle] += paid;
    }

    function wait(uint24 time) external {
        VM.warp(block.timestamp + (time % 1 days));
    }

    function ledgerMoney() external view returns (Money memory) {
        return _ledger.money(PROGRAMME);
    }

    function creditView(uint32 cycle) external view returns (CreditView memory) {
        return _ledger.creditOf(PROGRAMME, CycleId.wrap(cycle), VENDOR);
    }

    function viewOf(uint32 cycle) external view returns (CycleView memory) {
        return _ledger.cycleOf(PROGRAMME, CycleId.wrap(cycle));
    }

    function _existing(uint32 cycle) private view returns (uint32) {
        require(lastCycle != 0, "no cycle yet");
        return 1 + (cycle % lastCycle);
    }
}

contract BenefitMoneyTest is BenefitWorld {
    MoneyHandler private _handler;

    function setUp() public {
        _handler = new MoneyHandler();
        _foundLedger(1);
        _begin(1_000_000, 40);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_B1_theMoneyEquationHolds() external view {
        Money memory m = _handler.ledgerMoney();
        uint256 sum = m.unallocatedMinor + m.outstandingMinor + m.heldMinor + m.instructedMinor;
        sum += m.redeemedMinor + m.expiredMinor + m.reclaimedMinor + m.defundedMinor;
        require(m.fundedMinor == sum, "B1");
    }

    function invariant_B2_nobodyRedeemsMoreThanWasIssued() external view {
        for (uint32 cycle = 1; cycle <= _handler.lastCycle(); ++cycle) {
            uint256 all = 0;
            for (uint32 index = 0; index < _handler.PEOPLE(); ++index) {
                uint256 one = _handler.redeemed(cycle, index);
                require(one <= _handler.issuedEach(cycle), "B2: a person redeemed more than issued");
                all += one;
            }
            require(_handler.viewOf(cycle).redeemedUnits == all, "B2: the cycle counts other sales");
        }
    }

    function invariant_B6_noVendorIsPaidMoreThanItsCredit() external view {
        for (uint32 cycle = 1; cycle <= _handler.lastCycle(); ++cycle) {
            CreditView memory credit = _handler.creditView(cycle);
            require(credit.settledUnits == _handler.settled(cycle), "B6: other settlements are counted");
            require(credit.settledUnits <= credit.maturedUnits, "B6: paid before it matured");
            require(credit.maturedUnits <= credit.creditedUnits, "B6: matured without credit");
            require(credit.creditedUnits == _handler.viewOf(cycle).redeemedUnits, "B6: credit without sale");
        }
    }

    function test_B1_fundingNamesWhatWasFundedBefore() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 500, 999_999);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.FundsStateStale.selector, 1_000_000));
        act = _moveAct(FundsMove.Fund, 500, 1_000_000);
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        _ledger.moveFunds(act, signatures);
        require(_ledger.money(PROGRAMME).unallocatedMinor == 1_000_500, "not funded");
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
        Money memory money = _ledger.money(PROGRAMME);
        require(money.unallocatedMinor == 0 && money.defundedMinor == 1_000_000, "not returned");
        _requireB1();
    }

    function test_B1_whatExpiredIsReusedOnceByARecordedAct() public {
        _release(CYCLE, 0, 1, 40, 5);
        _redeem(CYCLE, _only(_sale(3, 5, 5)));
        VM.warp(POSTS + 1);
        _step(CYCLE, CycleStep.Expire, 195);
        Money memory money = _ledger.money(PROGRAMME);
        require(money.expiredMinor == 195 * UNIT_VALUE && money.redeemedMinor == 5 * UNIT_VALUE, "expired");
        require(money.outstandingMinor == 0, "something is outstanding");
        _requireB1();
        _move(FundsMove.ReuseExpired, 195 * UNIT_VALUE, 0);
        _requireB1();
        money = _ledger.money(PROGRAMME);
        require(money.expiredMinor == 0, "still expired");
        require(money.unallocatedMinor == 1_000_000 - 5 * UNIT_VALUE, "not to allocate again");
        require(_ledger.movedMinor(PROGRAMME, FundsMove.ReuseExpired) == 195 * UNIT_VALUE, "not counted");
    }

    function testFuzz_B6_aCreditSettlesOnceAndAfterItsDisputeTime(uint24 waited) public {
        uint256 wait = 1 + (uint256(waited) % (3 * DISPUTE));
        _move(FundsMove.Fund, 9_000_000, 1_000_000);
        _release(CYCLE, 0, 4, 40, 500);
        _redeem(CYCLE, _only(_sale(3, 500, 200)));
        VM.warp(block.timestamp + wait);
        uint64 settleable = wait > DISPUTE ? 200 : 0;
        require(_ledger.creditOf(PROGRAMME, CYCLE, VENDOR).maturedUnits == settleable, "matured");
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
        require(_ledger.creditOf(PROGRAMME, CYCLE, VENDOR).settledUnits == 200, "not settled");
    }

    function test_B6_aBusyVendorIsPaidWhileItSells() public {
        _move(FundsMove.Fund, 9_000_000, 1_000_000);
        _release(CYCLE, 0, 4, 40, 500);
        for (uint32 day = 0; day < 5; ++day) {
            _redeem(CYCLE, _only(_sale(day, 500, 100)));
            VM.warp(block.timestamp + 1 days);
        }
        CreditView memory credit = _ledger.creditOf(PROGRAMME, CYCLE, VENDOR);
        require(credit.creditedUnits == 500, "credited");
        // Sales of days 0 to 2 are past two days of dispute; the buckets may hold one more day back.
        require(credit.maturedUnits >= 100 && credit.maturedUnits <= 300, "matured too early or never");
        _settle(CYCLE, 0, credit.maturedUnits);
        VM.warp(block.timestamp + DISPUTE);
        require(_ledger.creditOf(PROGRAMME, CYCLE, VENDOR).maturedUnits == 500, "all is past dispute");
    }

    function test_RP6_aSettlementDeductsNothingUnseen() public {
        _release(CYCLE, 0, 1, 40, 5);
        _redeem(CYCLE, _only(_sale(3, 5, 5)));
        VM.warp(block.timestamp + DISPUTE + 1);
        Settle memory act = _settleAct(CYCLE, 0, 5);
        --act.amountMinor;
        Signatures memory signatures = _signed(_SETTLE, abi.encode(act));
        VM.expectRevert(IBenefitLedger.SettlementAmountDiffers.selector);
        _ledger.settle(act, signatures);
    }

    function _refuses(MoveFunds memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.moveFunds(act, signatures);
    }

    function _refusesSettlement(uint64 before, uint64 units, bytes memory refusal) private {
        Settle memory act = _settleAct(CYCLE, before, units);
        Signatures memory signatures = _signed(_SETTLE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.settle(act, signatures);
    }
}
