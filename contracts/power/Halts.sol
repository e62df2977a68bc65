// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISafeguards} from "../interfaces/ISafeguards.sol";
import {Due} from "../journal/Due.sol";

/// @title The times the chain stood still, and what they do to a deadline
/// @notice Promises that a halt takes no right away: a deadline that fell in a halt keeps the time that was
/// left when it began, and one that comes soon after gets at least as long as the halt lasted. A later
/// deadline never becomes earlier than an earlier one.
library Halts {
    /// @dev Most halts remembered, so that reading them is bounded (P7); the oldest gives way. Only a deadline
    /// that fell in a halt sixteen halts ago can tell the difference.
    uint256 internal constant MAX_HALTS = 16;
    /// @dev Longest halt in one record: longer ones are recorded in adjoining parts, each by two institutions.
    uint64 internal constant MAX_HALT_SECONDS = 90 days;

    struct Span {
        uint64 from;
        uint64 to;
    }

    struct Ring {
        Span[MAX_HALTS] spans;
        uint256 count;
    }

    /// @notice Remembers a halt; they come in order and do not overlap.
    function append(Ring storage self, uint64 from, uint64 to) internal {
        if (from >= to || to - from > MAX_HALT_SECONDS || !Due.reached(to)) {
            revert ISafeguards.HaltOutOfRange(MAX_HALT_SECONDS / 1 days);
        }
        uint256 count = self.count;
        if (count != 0 && from < self.spans[(count - 1) % MAX_HALTS].to) revert ISafeguards.HaltOverlaps();
        self.spans[count % MAX_HALTS] = Span(from, to);
        self.count = count + 1;
    }

    /// @notice A deadline as the halts move it, oldest first: an extended one may fall in the next halt.
    function extended(Ring storage self, uint64 moment) internal view returns (uint64) {
        uint256 count = self.count;
        for (uint256 i = count > MAX_HALTS ? count - MAX_HALTS : 0; i < count; ++i) {
            Span memory span = self.spans[i % MAX_HALTS];
            if (moment <= span.from) continue;
            uint64 length = span.to - span.from;
            if (moment <= span.to) moment += length;
            else if (moment < span.to + length) moment = span.to + length;
        }
        return moment;
    }
}
