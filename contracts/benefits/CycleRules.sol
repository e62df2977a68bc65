// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CycleRecord} from "./CycleRecord.sol";
import {Due} from "../journal/Due.sol";
import {MAX_LANES, ProgrammeRecord} from "./ProgrammeRecord.sol";
import {SalePauses} from "./SalePauses.sol";
import {UnitsTable} from "./UnitsTable.sol";
import {
    CycleEnvelope,
    CycleId,
    CycleState,
    CycleStep,
    FundsMove,
    MoveCycle,
    MoveFunds
} from "../interfaces/BenefitActs.sol";
import {
    END_NOTICE_SECONDS,
    END_WITHOUT_NOTICE_POLICY,
    IBenefitLedger,
    OPENING_NOTICE_SECONDS
} from "../interfaces/IBenefitLedger.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";

/// @title How a programme's money and its cycles move
/// @notice Promises the money equation (B1): every rule here moves an amount from one term to another. A cycle is
/// opened once, its envelope never changes (B4) except that a late release puts its first moment off and an early end
/// brings its two last ones forward, and no state is entered twice. Works on records in memory; the caller reads and writes them.
library CycleRules {
    using CycleRecord for CycleRecord.Cycle;
    using ProgrammeRecord for ProgrammeRecord.Programme;

    /// @dev The total moved each way bounds every other sum, so nothing below it can overflow.
    function move(ProgrammeRecord.Programme memory programme, MoveFunds memory act) internal pure {
        if (act.amountMinor == 0) revert IBenefitLedger.AmountMissing();
        if (act.move == FundsMove.Unspecified) revert IBenefitLedger.FundsMoveUnknown();
        uint256 way = uint256(act.move) - 1;
        uint256 moved = programme.movedMinor[way];
        if (moved != act.movedBeforeMinor) revert IBenefitLedger.FundsStateStale(uint128(moved));
        if (act.amountMinor > type(uint128).max - moved) revert IBenefitLedger.AmountOutOfRange();
        if (act.move == FundsMove.Fund) {
            programme.unallocatedMinor += act.amountMinor;
        } else if (act.move == FundsMove.ReuseExpired) {
            programme.expiredMinor = _less(programme.expiredMinor, act.amountMinor);
            programme.unallocatedMinor += act.amountMinor;
        } else if (act.move == FundsMove.ReuseReclaimed) {
            programme.reclaimedMinor = _less(programme.reclaimedMinor, act.amountMinor);
            programme.unallocatedMinor += act.amountMinor;
        } else {
            programme.unallocatedMinor = _less(programme.unallocatedMinor, act.amountMinor);
        }
        programme.movedMinor[way] = moved + act.amountMinor;
    }

    /// @notice The record of a cycle whose envelope passes every rule; takes its lane.
    /// @param before What stands under the cycle's number.
    /// @param enrolled People enrolled in the envelope's epoch.
    function open(
        ProgrammeRecord.Programme memory programme,
        CycleRecord.Cycle memory before,
        CycleEnvelope memory act,
        uint256 enrolled,
        IConsortium consortium
    ) internal view returns (CycleRecord.Cycle memory cycle) {
        if (CycleId.unwrap(act.cycle) == 0) revert IBenefitLedger.IdentifierMissing();
        if (before.state != CycleState.Unspecified) revert IBenefitLedger.CycleExists();
        if (act.currency != programme.currency) revert IBenefitLedger.CurrencyDiffers();
        _takeLane(programme, act.lane, act.cycle);
        _requireShape(act, enrolled);
        if (
            act.opensAt >= act.spendUntil ||
            act.spendUntil > act.postUntil ||
            act.postUntil > type(uint40).max ||
            Due.passed(act.spendUntil, consortium)
        ) revert IBenefitLedger.CycleWindowInvalid();
        cycle.state = CycleState.Loading;
        cycle.lane = act.lane;
        cycle.entryBytes = act.entryBytes;
        cycle.enrolmentEpoch = act.enrolmentEpoch;
        cycle.count = act.count;
        cycle.opensAt = act.opensAt;
        cycle.spendUntil = act.spendUntil;
        cycle.postUntil = act.postUntil;
        cycle.totalUnits = act.totalUnits;
        cycle.unitValueMinor = act.unitValueMinor;
        cycle.foldRest = act.tableHash;
    }

    /// @notice Releases a table that equals its envelope: unallocated money becomes outstanding.
    function release(
        ProgrammeRecord.Programme memory programme,
        CycleRecord.Cycle memory cycle,
        IConsortium consortium
    ) internal view {
        cycle.requireState(CycleState.Loading);
        if (cycle.loadedWords != UnitsTable.wordsOf(cycle.count, cycle.entryBytes)) {
            revert IBenefitLedger.WordsMissing(uint32(cycle.loadedWords));
        }
        if (cycle.loadedUnits != cycle.totalUnits) {
            revert IBenefitLedger.TotalDiffersFromEnvelope(uint64(cycle.loadedUnits));
        }
        // Whoever releases it leaves the officers time to give it up, and nothing of it is sold before it stands.
        uint256 earliest = Due.now_();
        if (consortium.policyOf(END_WITHOUT_NOTICE_POLICY) == 0) earliest += OPENING_NOTICE_SECONDS;
        if (cycle.opensAt < earliest) cycle.opensAt = earliest;
        // Nobody could spend it any more: it is cancelled, and another cycle opened.
        if (
            cycle.opensAt > cycle.spendUntil && cycle.opensAt > consortium.extended(uint64(cycle.spendUntil))
        ) {
            revert IBenefitLedger.SalesEnded();
        }
        programme.unallocatedMinor = _less(
            programme.unallocatedMinor,
            cycle.totalUnits * cycle.unitValueMinor
        );
        cycle.pausedSeconds = SalePauses.total(programme.word0Of(), consortium);
        cycle.endPausedSeconds = cycle.pausedSeconds;
        cycle.state = CycleState.Released;
    }

    /// @notice Takes a step; the state it starts from makes it happen once.
    function step(
        ProgrammeRecord.Programme memory programme,
        CycleRecord.Cycle memory cycle,
        MoveCycle memory act,
        IConsortium consortium
    ) internal view {
        uint256 movedUnits = 0;
        if (act.step == CycleStep.Cancel) {
            _cancel(programme, cycle);
        } else if (act.step == CycleStep.EndEarly) {
            cycle.requireState(CycleState.Released);
            _endEarly(programme, cycle, act.endsAt, consortium);
        } else if (act.step == CycleStep.Expire) {
            cycle.requireState(CycleState.Released);
            movedUnits = cycle.outstandingUnits();
            programme.expiredMinor += movedUnits * cycle.unitValueMinor;
            _account(programme, cycle, consortium);
        } else if (act.step == CycleStep.Reclaim) {
            cycle.requireState(CycleState.Ended);
            movedUnits = cycle.outstandingUnits();
            programme.reclaimedMinor += movedUnits * cycle.unitValueMinor;
            _account(programme, cycle, consortium);
        } else if (act.step == CycleStep.Close) {
            cycle.requireState(CycleState.Accounted);
            cycle.state = CycleState.Closed;
            programme.cycleInLane[cycle.lane] = 0;
        } else {
            revert IBenefitLedger.CycleStepUnknown();
        }
        if (act.unspentUnits != movedUnits) revert IBenefitLedger.UnspentUnitsStale(uint64(movedUnits));
        if (act.step != CycleStep.EndEarly && act.endsAt != 0) revert IBenefitLedger.CycleEndOutOfRange(0, 0);
    }

    /// @dev Until sales open, officers may still give a cycle up: whoever releases it before them gains nothing.
    function _cancel(
        ProgrammeRecord.Programme memory programme,
        CycleRecord.Cycle memory cycle
    ) private view {
        if (cycle.state == CycleState.Released) {
            if (Due.reached(uint64(cycle.opensAt))) {
                revert IBenefitLedger.CycleStepTooLate(uint64(cycle.opensAt));
            }
            programme.unallocatedMinor += cycle.totalUnits * cycle.unitValueMinor;
        } else {
            cycle.requireState(CycleState.Loading);
        }
        cycle.state = CycleState.Cancelled;
        programme.cycleInLane[cycle.lane] = 0;
    }

    /// @dev The grace for posting sales keeps its length. What was paused until now is given back already by the
    /// end being counted from now, and moves it no more; to shops that sold before, it stays given back.
    function _endEarly(
        ProgrammeRecord.Programme memory programme,
        CycleRecord.Cycle memory cycle,
        uint64 endsAt,
        IConsortium consortium
    ) private view {
        uint256 earliest = cycle.opensAt + programme.leastOpenSeconds;
        // Without notice it still takes nothing of what was sold already.
        uint256 announced = Due.now_();
        if (consortium.policyOf(END_WITHOUT_NOTICE_POLICY) == 0) {
            // Every till hears of it before it sells beyond it.
            uint256 offline = programme.mostOfflineSeconds;
            announced += offline > END_NOTICE_SECONDS ? offline : END_NOTICE_SECONDS;
        }
        if (announced > earliest) earliest = announced;
        uint256 paused = SalePauses.total(programme.word0Of(), consortium);
        uint256 latest = consortium.extended(uint64(cycle.spendUntil));
        if (paused > cycle.endPausedSeconds) latest += paused - cycle.endPausedSeconds;
        if (endsAt < earliest || endsAt > latest) {
            revert IBenefitLedger.CycleEndOutOfRange(uint64(earliest), uint64(latest));
        }
        cycle.postUntil = endsAt + (cycle.postUntil - cycle.spendUntil);
        cycle.spendUntil = endsAt;
        cycle.endPausedSeconds = paused;
        cycle.state = CycleState.Ended;
    }

    /// @dev From here on the cycle's sales are booked in the programme, and nothing of it is outstanding.
    function _account(
        ProgrammeRecord.Programme memory programme,
        CycleRecord.Cycle memory cycle,
        IConsortium consortium
    ) private view {
        uint64 last = uint64(cycle.postUntil);
        if (Due.reached(last + 1)) {
            uint256 word0 = programme.word0Of();
            last = uint64(SalePauses.extended(last, word0, cycle.endPausedSeconds, consortium));
        }
        if (!Due.reached(last + 1)) revert IBenefitLedger.CycleStepTooEarly(last + 1);
        programme.redeemedMinor += cycle.redeemedUnits * cycle.unitValueMinor;
        cycle.state = CycleState.Accounted;
    }

    function _takeLane(ProgrammeRecord.Programme memory programme, uint256 lane, CycleId cycle) private pure {
        if (lane >= MAX_LANES) revert IBenefitLedger.LaneOutOfRange(MAX_LANES);
        uint256 holder = programme.cycleInLane[lane];
        if (holder != 0) revert IBenefitLedger.LaneOccupied(CycleId.wrap(uint32(holder)));
        programme.cycleInLane[lane] = CycleId.unwrap(cycle);
    }

    function _requireShape(CycleEnvelope memory act, uint256 enrolled) private pure {
        if (act.entryBytes != 1 && act.entryBytes != 4) revert IBenefitLedger.EntryBytesUnknown();
        if (act.count == 0 || act.count > enrolled) {
            revert IBenefitLedger.CycleCountOutOfRange(uint32(enrolled));
        }
        uint256 limit = act.count * UnitsTable.mostUnits(act.entryBytes);
        if (act.totalUnits == 0 || act.totalUnits > limit) revert IBenefitLedger.CycleTotalOutOfRange(limit);
        if (act.unitValueMinor == 0) revert IBenefitLedger.UnitValueMissing();
    }

    function _less(uint256 from, uint256 amount) private pure returns (uint256) {
        if (amount > from) revert IBenefitLedger.FundsInsufficient(from);
        return from - amount;
    }
}
