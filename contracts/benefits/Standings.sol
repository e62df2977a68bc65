// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Standing} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {Due} from "../journal/Due.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";

/// @title The one table of standings, and which sales a standing lets through
/// @notice Promises that revoked leads nowhere, that narrowing counts from its block on, and that what was sold
/// while a seller was active stays sold.
library Standings {
    /// @dev How long sales dated before a suspension may still be posted.
    uint64 internal constant LATE_POSTING_SECONDS = 72 hours;

    /// @notice Since when a seller is active and when it last stopped.
    /// @param standing What it is now.
    /// @param from First second of the active period that goes on or is to come; of who is active alone.
    /// @param until First second after the last period that ended, or zero where none did.
    struct Period {
        Standing standing;
        uint256 from;
        uint256 until;
    }

    /// @notice Reverts unless the table of standings leads from one to the other; registering makes active.
    function requireChange(Standing before, Standing next) internal pure {
        if (next == Standing.Unspecified) revert IBenefitLedger.StandingUnknown();
        if (before == Standing.Revoked || before == next) revert IBenefitLedger.StandingUnchangeable(before);
        if (before == Standing.Unspecified && next != Standing.Active) {
            revert IBenefitLedger.StandingUnchangeable(before);
        }
    }

    /// @notice The period after a change that `requireChange` let through.
    /// @param from Second from which it is to be active; read for that standing alone.
    function changed(
        Period memory period,
        Standing next,
        uint256 from
    ) internal view returns (Period memory after_) {
        after_ = Period(next, period.from, period.until);
        if (next == Standing.Active) {
            after_.from = Due.reached(uint64(from)) ? Due.now_() : from;
        } else if (period.standing == Standing.Active) {
            // A period that never began leaves the end of the one before it.
            if (Due.reached(uint64(period.from))) after_.until = Due.now_();
        }
    }

    /// @notice Whether a sale dated so was made while the seller was active, as far as is known: a suspension before
    /// the last one is not held against it, else officers who suspend twice in a day would take what was sold
    /// before the first time. Whatever is dated before the period in force waits for two officers, who see its date.
    function covers(Period memory period, uint256 soldAt) internal pure returns (bool) {
        return soldAt < period.until || (period.standing == Standing.Active && soldAt >= period.from);
    }

    /// @notice Whether the seller may post: while active, and for a while after it stopped.
    /// @param returned Seconds that pauses since it stopped give back.
    function mayPost(
        Period memory period,
        uint256 returned,
        IConsortium consortium
    ) internal view returns (bool) {
        if (period.standing == Standing.Active) return true;
        uint64 last = uint64(period.until + LATE_POSTING_SECONDS + returned);
        return period.until != 0 && !Due.passed(last, consortium);
    }
}
