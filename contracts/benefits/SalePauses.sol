// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../interfaces/IConsortium.sol";
import {Due} from "../journal/Due.sol";
import {Scopes} from "../power/Scopes.sol";
import {ProgrammeRecord} from "./ProgrammeRecord.sol";

/// @title What pauses of a programme and of redemption give back
/// @notice Promises that a deadline of a cycle moves by the time its sales were paused since it was
/// fixed. Where both pauses overlap the time counts twice: people never get less than was taken.
library SalePauses {
    /// @notice A pause: its first second, and the first one after it.
    struct Span {
        uint256 from;
        uint256 until;
    }

    /// @notice How long sales of a programme were paused so far, by itself and by the consortium.
    function total(uint256 programmeWord, IConsortium consortium) internal view returns (uint256) {
        (uint64 pausedAt, uint64 pausedSeconds) = consortium.pauseClock(Scopes.REDEMPTION);
        uint256 running = pausedAt == 0 ? 0 : Due.now_() - pausedAt;
        return ProgrammeRecord.pausedSecondsOf(programmeWord) + pausedSeconds + running;
    }

    /// @notice A deadline of a cycle with what halts and pauses give back.
    /// @param pausedSeconds What `total` was when the cycle's end was fixed.
    function extended(
        uint64 deadline,
        uint256 programmeWord,
        uint256 pausedSeconds,
        IConsortium consortium
    ) internal view returns (uint256) {
        return consortium.extended(deadline) + since(programmeWord, pausedSeconds, consortium);
    }

    /// @notice The last pause of a programme; both moments are zero where there was none.
    function lastOf(uint256 programmeWord) internal pure returns (Span memory) {
        return Span(ProgrammeRecord.pausedAtOf(programmeWord), ProgrammeRecord.pausedUntilOf(programmeWord));
    }

    /// @notice The last pause of redemption by the consortium.
    function lastOf(IConsortium consortium) internal view returns (Span memory) {
        (uint64 from, uint64 until) = consortium.safeguards().lastPause(Scopes.REDEMPTION);
        return Span(from, until);
    }

    function covers(Span memory span, uint256 moment) internal pure returns (bool) {
        return moment >= span.from && moment < span.until;
    }

    /// @notice How long sales were paused since a cycle was released, or its end was fixed.
    /// @param pausedSeconds What `total` was then.
    function since(
        uint256 programmeWord,
        uint256 pausedSeconds,
        IConsortium consortium
    ) internal view returns (uint256) {
        uint256 now_ = total(programmeWord, consortium);
        return now_ > pausedSeconds ? now_ - pausedSeconds : 0;
    }

    /// @notice How much of a pause that is over lies after a moment.
    function after_(Span memory span, uint256 moment) internal pure returns (uint256) {
        uint256 from = moment > span.from ? moment : span.from;
        return span.until > from ? span.until - from : 0;
    }
}
