// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Due} from "../journal/Due.sol";
import {Words} from "../journal/Words.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";

/// @title What a vendor earned in a cycle, and how much of it is past dispute
/// @notice Hides a two-bucket clock: a sale writes one word, and a busy vendor is still paid while selling.
/// @dev Invariant: settled <= matured <= closed <= free (B6); credited is what is free and what waits for two
/// officers. What waits is in no bucket, so it is never counted against what stood before, nor lets anything else be
/// paid early. The closed bucket's last sale was at `closedAt`, the open bucket's at `closedAt + lastAfter`. A credit
/// matures not before the dispute time and, for a vendor that never stops selling, about twice of it later.
/// The word, from the lowest bit: free 48, closed 48, matured 48, settled 48, closed at 40, last after 24.
/// The word after it: disputed 48 (what waits for two officers), returned 48 and clawed back 48 (both reserved),
/// released 48 (what two officers let go, which only grows), withheld at 40 (when the last of it was posted).
library VendorCredits {
    using Words for uint256;

    uint256 internal constant WORDS = 2;

    struct Credit {
        uint256 free;
        uint256 closed;
        uint256 matured;
        uint256 settled;
        uint256 closedAt;
        uint256 lastAfter;
        uint256 disputed;
        uint256 returned;
        uint256 clawedBack;
        uint256 released;
        uint256 withheldAt;
    }

    function unpack(uint256 word0, uint256 word1) internal pure returns (Credit memory) {
        return
            Credit({
                free: word0.read(0, 48),
                closed: word0.read(48, 48),
                matured: word0.read(96, 48),
                settled: word0.read(144, 48),
                closedAt: word0.read(192, 40),
                lastAfter: word0 >> 232,
                disputed: word1.read(0, 48),
                returned: word1.read(48, 48),
                clawedBack: word1.read(96, 48),
                released: word1.read(144, 48),
                withheldAt: word1.read(192, 40)
            });
    }

    function packAll(Credit memory credit) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](WORDS);
        (words[0], words[1]) = (bytes32(pack(credit)), bytes32(packWithheld(credit)));
    }

    /// @notice The second word.
    function packWithheld(Credit memory credit) internal pure returns (uint256) {
        return
            credit.disputed.put(0, 48) |
            credit.returned.put(48, 48) |
            credit.clawedBack.put(96, 48) |
            credit.released.put(144, 48) |
            credit.withheldAt.put(192, 40);
    }

    /// @notice The first word.
    function pack(Credit memory credit) internal pure returns (uint256) {
        return
            credit.free.put(0, 48) |
            credit.closed.put(48, 48) |
            credit.matured.put(96, 48) |
            credit.settled.put(144, 48) |
            credit.closedAt.put(192, 40) |
            credit.lastAfter.put(232, 24);
    }

    /// @notice Adds a sale's units.
    function add(
        Credit memory credit,
        uint256 units,
        uint64 disputeSeconds,
        IConsortium consortium
    ) internal view {
        mature(credit, disputeSeconds, consortium);
        credit.free += units;
        _fillUntil(credit, Due.now_());
    }

    /// @notice Adds units that wait for two officers.
    function withhold(Credit memory credit, uint256 units) internal view {
        credit.disputed += units;
        credit.withheldAt = Due.now_();
    }

    /// @notice Lets go units that waited. Their dispute time runs from when the last of what waited was posted.
    function release(
        Credit memory credit,
        uint256 units,
        uint64 disputeSeconds,
        IConsortium consortium
    ) internal view {
        mature(credit, disputeSeconds, consortium);
        credit.disputed -= units;
        credit.released += units;
        if (_isOver(credit.withheldAt, disputeSeconds, consortium)) {
            credit.matured += units;
            credit.closed += units;
        } else if (credit.matured == credit.free) {
            // Nothing else is in dispute.
            (credit.closedAt, credit.lastAfter) = (credit.withheldAt, 0);
        } else {
            _fillUntil(credit, credit.withheldAt);
        }
        credit.free += units;
    }

    /// @notice Moves buckets whose dispute time is over; a halt extends it like every wait.
    function mature(Credit memory credit, uint64 disputeSeconds, IConsortium consortium) internal view {
        uint256 lastAt = credit.closedAt + credit.lastAfter;
        if (_isOver(lastAt, disputeSeconds, consortium)) {
            credit.matured = credit.free;
            credit.closed = credit.free;
            credit.closedAt = Due.now_();
            credit.lastAfter = 0;
        } else if (_isOver(credit.closedAt, disputeSeconds, consortium)) {
            credit.matured = credit.closed;
            credit.closed = credit.free;
            credit.closedAt = lastAt;
            credit.lastAfter = 0;
        }
    }

    /// @notice Units past dispute and not yet paid.
    function settleable(Credit memory credit) internal pure returns (uint256) {
        uint256 taken = credit.settled + credit.clawedBack;
        return credit.matured > taken ? credit.matured - taken : 0;
    }

    /// @dev The open bucket's last sale was not before a moment. Less than the dispute time, hence less than 2^24 s,
    /// lies behind `closedAt` after `mature`, unless a halt stretches it: then the buckets count as filled later, never
    /// earlier, than they were.
    function _fillUntil(Credit memory credit, uint256 moment) private pure {
        if (moment <= credit.closedAt + credit.lastAfter) return;
        uint256 behind = moment - credit.closedAt;
        if (behind > type(uint24).max) {
            credit.closedAt = moment - type(uint24).max;
            behind = type(uint24).max;
        }
        credit.lastAfter = behind;
    }

    /// @dev Before the first sale, or with nothing to wait for, no halt is asked for.
    function _isOver(
        uint256 from,
        uint64 disputeSeconds,
        IConsortium consortium
    ) private view returns (bool) {
        return from == 0 || disputeSeconds == 0 || Due.passed(uint64(from) + disputeSeconds, consortium);
    }
}
