// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IBenefitViews,
    CreditView,
    CycleView,
    Money,
    VendorView
} from "../../../contracts/interfaces/IBenefitViews.sol";
import {
    CycleEnvelope,
    CycleId,
    CycleState,
    CycleStep,
    FundsMove,
    ProgrammeId,
    RedemptionBatch,
    Standing
} from "../../../contracts/interfaces/BenefitActs.sol";
import {OPENING_NOTICE_SECONDS} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {Expect} from "../Expect.sol";
import {VM} from "../Vm.sol";
import {BenefitWorld} from "./BenefitWorld.sol";
import {BenefitTyped, CYCLE_TYPE} from "./BenefitTyped.sol";
import {Sale} from "./Sale.sol";
import {Tables} from "./Tables.sol";

/// What the handler knows of a cycle by itself.
struct OwnCycle {
    bytes32 envelopeHash;
    bytes32 signedTerms;
    uint32 each;
    uint64 opensAt;
    uint64 spendUntil;
    // How long its programme had been paused when the end that counts was fixed.
    uint256 pausedBefore;
    bool over;
    uint64 settled;
}

/// Units booked, and when.
struct Booked {
    uint256 units;
    uint256 bookedAt;
}

/// The vendor's standing from a second on.
struct Turn {
    uint256 from;
    bool active;
}

/// A batch as it went over the wire.
struct Posted {
    RedemptionBatch batch;
    bytes32[] items;
    bytes signature;
}

/// @title Officers, tills and time in any order
/// @notice Keeps its own books beside the ledger's. Two programmes of one agency: whatever is done here is done to
/// the first, but for sales in the second, which nothing done to the first may stop.
contract BenefitHandler is BenefitWorld {
    uint32 public constant PEOPLE = 20;
    ProgrammeId public constant OTHER = ProgrammeId.wrap(keccak256("another programme"));
    uint32 private constant OTHER_UNITS = 200;
    uint64 private constant FAR = START + 3650 days;
    uint64 private constant CYCLE_SECONDS = 10 days;

    uint32 public lastCycle;
    mapping(uint32 cycle => OwnCycle) private _own;
    mapping(uint32 cycle => mapping(uint32 index => uint256)) public redeemed;
    mapping(bytes32 itemHash => bool) private _accepted;
    mapping(uint32 cycle => Booked[]) private _booked;
    Posted[] private _posted;
    uint256 private _pausedFrom;
    uint256 private _pausedUntil;
    uint256 private _pausedBefore;
    Turn[] private _turns;
    uint256 public otherRedeemed;

    bool public everTwice;
    bool public everOutsideItsTime;
    bool public everRefusedElsewhere;

    constructor() {
        _foundLedger(1);
        _begin(1_000_000_000, PEOPLE);
        _programme = OTHER;
        _define(_programmeAct());
        _move(FundsMove.Fund, 1_000_000_000, 0);
        _enrolAll(PEOPLE, 0);
        VM.warp(OPENS);
        _openAt(CYCLE, 0, 4, OTHER_UNITS * 1000, [OPENS, FAR]);
        VM.warp(_now() + OPENING_NOTICE_SECONDS);
        _programme = PROGRAMME;
        _turns.push(Turn(START, true));
    }

    // ---- what officers do ----

    function fund(uint64 amountMinor, uint8 way) external {
        FundsMove move = FundsMove(1 + (way % 4));
        _move(move, 1 + (amountMinor % 1_000_000), _views.movedMinor(PROGRAMME, move));
    }

    function release(uint8 lane, uint32 units, bool fourBytes) external {
        uint32 each = 1 + (units % (fourBytes ? 5000 : 200));
        uint32 number = lastCycle + 1;
        uint64 opensAt = uint64(_now()) + (units % 3) * 1 hours;
        CycleEnvelope memory act = _openAt(
            CycleId.wrap(number),
            lane % 3,
            fourBytes ? 4 : 1,
            each,
            [opensAt, opensAt + CYCLE_SECONDS]
        );
        lastCycle = number;
        CycleView memory opened = _views.cycleOf(PROGRAMME, act.cycle);
        _own[number] = OwnCycle({
            envelopeHash: BenefitTyped.actHash(CYCLE_TYPE, abi.encode(act)),
            signedTerms: _termsOf(opened),
            each: each,
            opensAt: opened.opensAt,
            spendUntil: act.spendUntil,
            pausedBefore: _pausedSeconds(),
            over: false,
            settled: 0
        });
    }

    function step(uint32 number, uint8 which) external {
        number = _existing(number);
        CycleId cycle = CycleId.wrap(number);
        CycleStep next = CycleStep(1 + (which % 5));
        CycleView memory before = _views.cycleOf(PROGRAMME, cycle);
        bool moves = next == CycleStep.Expire || next == CycleStep.Reclaim;
        bool isExpiring = next == CycleStep.Expire && before.state == CycleState.Released;
        if (isExpiring || (next == CycleStep.Reclaim && before.state == CycleState.Ended)) {
            uint256 last = before.postUntil + _pausedSeconds() - _own[number].pausedBefore;
            if (_now() <= last) VM.warp(last + 1);
        }
        uint64 endsAt = next == CycleStep.EndEarly ? uint64(_now() + 72 hours) : 0;
        _step(cycle, next, moves ? before.outstandingUnits : 0, endsAt);
        if (next == CycleStep.EndEarly) {
            (_own[number].spendUntil, _own[number].pausedBefore) = (endsAt, _pausedSeconds());
        } else {
            _own[number].over = true;
        }
    }

    function settle(uint32 number, uint64 units) external {
        number = _existing(number);
        CreditView memory credit = _views.creditOf(PROGRAMME, CycleId.wrap(number), VENDOR);
        uint64 due = credit.maturedUnits - credit.settledUnits;
        uint64 paid = due == 0 ? 1 : 1 + (units % due);
        _settle(CycleId.wrap(number), credit.settledUnits, paid);
        _own[number].settled += paid;
    }

    /// The same again, as if nothing had been paid since.
    function settleAsOfBefore(uint32 number, uint64 before, uint64 units) external {
        number = _existing(number);
        uint64 paid = 1 + (units % 400);
        _settle(CycleId.wrap(number), before % 400, paid);
        _own[number].settled += paid;
    }

    function pause(uint24 length) external {
        uint32 version = _views.programmeOf(PROGRAMME).version;
        if (length % 4 == 0) {
            _resume(version);
            _pausedUntil = _now();
            return;
        }
        uint64 until = uint64(_now() + (length % 2 days));
        _pause(until, version);
        if (_now() >= _pausedUntil) {
            _pausedBefore += _pausedUntil - _pausedFrom;
            _pausedFrom = _now();
        }
        _pausedUntil = until;
    }

    function releaseCredit(uint32 number, uint64 units) external {
        number = _existing(number);
        CreditView memory credit = _views.creditOf(PROGRAMME, CycleId.wrap(number), VENDOR);
        _releaseCredit(CycleId.wrap(number), credit.releasedUnits, units % (credit.disputedUnits + 2));
    }

    function setVendor(uint24 later) external {
        VendorView memory vendor = _views.vendorOf(VENDOR);
        bool suspends = vendor.standing == Standing.Active;
        uint64 from = suspends ? 0 : uint64(_now() + (later % 2 days));
        _vendor(suspends ? Standing.Suspended : Standing.Active, from, vendor.version);
        if (!suspends) {
            _turns.push(Turn(from, true));
        } else if (_turns[_turns.length - 1].from > _now()) {
            _turns.pop(); // it never came back
        } else {
            _turns.push(Turn(_now(), false));
        }
    }

    function wait(uint24 time) external {
        VM.warp(_now() + (time % 1 days));
    }

    // ---- what tills do ----

    function sell(uint32 number, uint32 index, uint24 units, uint24 age) external {
        number = _existing(number);
        index = index % PEOPLE;
        (uint32 remaining, uint8 sequence) = _views.entryOf(PROGRAMME, CycleId.wrap(number), index);
        Sale memory sale = _sale(
            index,
            uint24(remaining),
            uint24(1 + (units % (remaining == 0 ? 1 : remaining)))
        );
        (sale.sequence, sale.soldAt) = (sequence, uint40(_now() - (age % 2 == 0 ? 0 : age % 5 days)));
        _sell(number, sale);
    }

    /// A sale that says whatever it likes of what remains, signed by the person all the same.
    function sellAnything(
        uint32 number,
        uint32 index,
        uint8 remaining,
        uint8 units,
        uint8 sequence,
        uint32 soldAt
    ) external {
        Sale memory sale = _sale(index % (PEOPLE + 1), remaining, units);
        (sale.sequence, sale.soldAt) = (sequence % 3, uint40(_now() - 10 days + (soldAt % 11 days)));
        _sell(_existing(number), sale);
    }

    function postAgain(uint256 which) external {
        Posted storage posted = _posted[which % _posted.length];
        _post(posted.batch, posted.items, posted.signature);
    }

    /// A sale in the other programme, which has its own people's trust to keep.
    function sellElsewhere(uint32 index, uint16 units) external {
        index = index % PEOPLE;
        (uint32 remaining, uint8 sequence) = _views.entryOf(OTHER, CYCLE, index);
        if (remaining == 0 || sequence == type(uint8).max || !_isActiveAt(_now())) return;
        _programme = OTHER;
        uint24 taken = uint24(1 + (units % (remaining > MOST ? MOST : remaining)));
        Sale memory sale = _sale(index, uint24(remaining), taken);
        sale.sequence = sequence;
        bytes32[] memory items = _items(CYCLE, _only(sale));
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        _programme = PROGRAMME;
        try _ledger.redeem(batch, items, signature) returns (uint64 got) {
            otherRedeemed += got;
        } catch {
            everRefusedElsewhere = true;
        }
    }

    // ---- what is known ----

    function views() external view returns (IBenefitViews) {
        return _views;
    }

    function own(uint32 number) external view returns (OwnCycle memory) {
        return _own[number];
    }

    function termsOf(uint32 number) external view returns (bytes32) {
        return _termsOf(_views.cycleOf(PROGRAMME, CycleId.wrap(number)));
    }

    function creditOf(uint32 number) external view returns (CreditView memory) {
        return _views.creditOf(PROGRAMME, CycleId.wrap(number), VENDOR);
    }

    /// Units whose dispute time is over.
    function undisputed(uint32 number) external view returns (uint256 units) {
        Booked[] storage booked = _booked[number];
        for (uint256 i = 0; i < booked.length; ++i) {
            if (_now() > booked[i].bookedAt + DISPUTE) units += booked[i].units;
        }
    }

    function otherUnits() external pure returns (uint256) {
        return uint256(OTHER_UNITS) * 1000 * PEOPLE;
    }

    // ---- how ----

    function _openAt(
        CycleId cycle,
        uint8 lane,
        uint8 entryBytes,
        uint32 each,
        uint64[2] memory window
    ) private returns (CycleEnvelope memory act) {
        uint256[] memory words = Tables.table(entryBytes, PEOPLE, each);
        act = _envelope(cycle, lane, entryBytes, words, PEOPLE, uint64(PEOPLE) * each);
        (act.opensAt, act.spendUntil, act.postUntil) = (window[0], window[1], window[1] + 1 days);
        _open(act);
        _ledger.loadUnits(_programme, cycle, 0, words, 0);
        _ledger.finalise(_programme, cycle);
    }

    function _sell(uint32 number, Sale memory sale) private {
        bytes32[] memory items = _item(CycleId.wrap(number), sale);
        RedemptionBatch memory batch = _batch(CycleId.wrap(number), 1);
        batch.deadline = FAR;
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        _posted.push(Posted(batch, items, signature));
        _post(batch, items, signature);
    }

    /// A refused batch leaves its signatures behind, to be tried again later: nothing here may revert.
    function _post(RedemptionBatch memory batch, bytes32[] memory items, bytes memory signature) private {
        try _ledger.redeem(batch, items, signature) returns (uint64 units) {
            bytes32 itemHash = keccak256(abi.encode(batch.cycle, items));
            if (_accepted[itemHash]) everTwice = true;
            _accepted[itemHash] = true;
            uint32 number = CycleId.unwrap(batch.cycle);
            redeemed[number][uint32(uint256(items[0]) >> 32)] += units;
            _booked[number].push(Booked(units, _now()));
            if (!_couldBeSold(_own[number], uint40(uint256(items[0]) >> 112))) everOutsideItsTime = true;
        } catch {}
    }

    function _couldBeSold(OwnCycle storage cycle, uint256 soldAt) private view returns (bool) {
        uint256 returned = _pausedSeconds() - cycle.pausedBefore;
        bool isInWindow = soldAt >= cycle.opensAt && soldAt <= cycle.spendUntil + returned;
        bool isPaused = _now() < _pausedUntil || (soldAt >= _pausedFrom && soldAt < _pausedUntil);
        uint256 oldest = soldAt + OFFLINE;
        if (soldAt < _pausedFrom) oldest += _pausedSeconds();
        else if (soldAt < _pausedUntil) oldest += _pausedUntil - _pausedFrom;
        bool isInTime = soldAt <= _now() && _now() <= oldest;
        return !cycle.over && isInWindow && isInTime && !isPaused && _isSellerAt(soldAt);
    }

    /// A suspension before the last one is not held against a sale: only its last end is kept.
    function _isSellerAt(uint256 soldAt) private view returns (bool) {
        uint256 stoppedAt = 0;
        for (uint256 i = 0; i < _turns.length; ++i) if (!_turns[i].active) stoppedAt = _turns[i].from;
        return soldAt < stoppedAt || _isActiveAt(soldAt);
    }

    function _isActiveAt(uint256 moment) private view returns (bool active) {
        for (uint256 i = 0; i < _turns.length; ++i) if (_turns[i].from <= moment) active = _turns[i].active;
    }

    /// How long the programme was paused so far.
    function _pausedSeconds() private view returns (uint256) {
        uint256 end = _now() < _pausedUntil ? _now() : _pausedUntil;
        return _pausedBefore + end - _pausedFrom;
    }

    /// What two officers signed, as the ledger tells it; an early end moves the two last moments, and is apart.
    function _termsOf(CycleView memory cycle) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    cycle.envelopeHash,
                    cycle.lane,
                    cycle.entryBytes,
                    cycle.enrolmentEpoch,
                    cycle.count,
                    cycle.totalUnits,
                    cycle.unitValueMinor,
                    cycle.opensAt,
                    cycle.loadedWords,
                    cycle.foldRest
                )
            );
    }

    function _existing(uint32 number) private view returns (uint32) {
        Expect.differ(lastCycle, 0, "no cycle yet");
        return 1 + (number % lastCycle);
    }
}

contract BenefitInvariantsTest {
    BenefitHandler private _handler;
    IBenefitViews private _views;
    ProgrammeId private _programme;
    ProgrammeId private _other;

    function setUp() public {
        _handler = new BenefitHandler();
        _views = _handler.views();
        _programme = ProgrammeId.wrap(keccak256("programme"));
        _other = _handler.OTHER();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_B1_theMoneyEquationHolds() external view {
        _requireB1(_programme);
        _requireB1(_other);
    }

    function invariant_B2_nobodyRedeemsMoreThanWasIssued() external view {
        for (uint32 number = 1; number <= _handler.lastCycle(); ++number) {
            uint256 all = 0;
            for (uint32 index = 0; index <= _handler.PEOPLE(); ++index) {
                uint256 one = _handler.redeemed(number, index);
                Expect.atMost(one, _issued(number, index), "B2: a person redeemed more than was issued");
                all += one;
            }
            Expect.same(_viewOf(number).redeemedUnits, all, "B2: the cycle counts other sales");
        }
    }

    function invariant_B3_aSignedRedemptionIsAcceptedAtMostOnce() external view {
        Expect.same(_handler.everTwice(), false, "B3: one signature was accepted twice");
    }

    function invariant_B4_theEnvelopeNeverChangesAfterSigning() external view {
        for (uint32 number = 1; number <= _handler.lastCycle(); ++number) {
            Expect.same(
                _viewOf(number).envelopeHash,
                _handler.own(number).envelopeHash,
                "B4: another envelope"
            );
            Expect.same(_handler.termsOf(number), _handler.own(number).signedTerms, "B4: other terms");
            Expect.same(_viewOf(number).spendUntil, _handler.own(number).spendUntil, "B4: another window");
        }
    }

    function invariant_B5_noSaleOutsideItsTime() external view {
        Expect.same(
            _handler.everOutsideItsTime(),
            false,
            "B5: a sale outside window, in a pause, or by a suspended vendor"
        );
    }

    function invariant_B6_noVendorIsPaidMoreThanItsCredit() external view {
        for (uint32 number = 1; number <= _handler.lastCycle(); ++number) {
            CreditView memory credit = _handler.creditOf(number);
            Expect.same(
                credit.settledUnits,
                _handler.own(number).settled,
                "B6: other settlements are counted"
            );
            Expect.atMost(credit.settledUnits, credit.maturedUnits, "B6: paid before it matured");
            Expect.atMost(credit.maturedUnits, _handler.undisputed(number), "B6: matured while in dispute");
            Expect.same(credit.creditedUnits, _viewOf(number).redeemedUnits, "B6: credit without sale");
        }
    }

    function invariant_B8_nothingDoneToAProgrammeTouchesAnother() external view {
        Expect.same(_handler.everRefusedElsewhere(), false, "B8: another programme's people were refused");
        CycleView memory cycle = _views.cycleOf(_other, CycleId.wrap(1));
        Expect.same(cycle.redeemedUnits, _handler.otherRedeemed(), "B8: another programme's sales differ");
        Expect.same(cycle.outstandingUnits, _handler.otherUnits() - _handler.otherRedeemed(), "B8: taken");
        Expect.same(_views.programmeOf(_other).pausedUntil, 0, "B8: another programme was paused");
    }

    function _viewOf(uint32 number) private view returns (CycleView memory) {
        return _views.cycleOf(_programme, CycleId.wrap(number));
    }

    function _issued(uint32 number, uint32 index) private view returns (uint256) {
        return index < _handler.PEOPLE() ? _handler.own(number).each : 0;
    }

    function _requireB1(ProgrammeId programme) private view {
        Money memory m = _views.money(programme);
        uint256 sum = m.unallocatedMinor + m.outstandingMinor + m.heldMinor + m.instructedMinor;
        sum += m.redeemedMinor + m.expiredMinor + m.reclaimedMinor + m.defundedMinor;
        Expect.same(m.fundedMinor, sum, "B1: the money equation does not hold");
    }
}
