// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {IJournal} from "../interfaces/IJournal.sol";
import {ISafeguards} from "../interfaces/ISafeguards.sol";
import {Due} from "../journal/Due.sol";
import {Directory} from "./Directory.sol";

/// @title The times the chain stood still, and what they do to a deadline
/// @notice Promises that a halt lies where every register was silent, that none is forgotten, and that it takes
/// and gives no right (P10): a deadline inside a halt keeps the time that was left when it began, counted while no
/// other halt runs, and every other deadline stays where it is.
/// @dev The spans are sorted and apart: what touches is one. `before` sums the halts that came earlier, so that both
/// searches are binary and reading costs the same however many there are.
library Halts {
    /// @dev A standstill is recorded while people remember it.
    uint64 internal constant MAX_AGE_SECONDS = 14 days;
    /// @dev Nobody missed anything in a shorter one; and so few fit into `MAX_AGE_SECONDS` that inserting is bounded (P7).
    uint64 internal constant MIN_HALT_SECONDS = 1 hours;
    /// @dev As wide as the count of entries in every register.
    uint256 private constant _INDEX_BITS = 40;

    /// @param before Seconds of all halts before this one.
    struct Span {
        uint64 from;
        uint64 to;
        uint128 before;
    }

    /// @notice The two seconds of a vote's word; nothing else may stand in it.
    function boundsOf(bytes32 span) internal pure returns (uint64 from, uint64 to) {
        if (uint256(span) >> 128 != 0) revert ISafeguards.HaltOutOfRange(MAX_AGE_SECONDS / 1 days);
        return (uint64(uint256(span) >> 64), uint64(uint256(span)));
    }

    /// @notice Reverts unless every register of the directory, and the consortium, was silent from `from` to `to`.
    /// @param gaps What `ISafeguards.recordHalt` says of it.
    function requireSilence(ICharter charter, uint64 from, uint64 to, uint256 gaps) internal view {
        if (
            from >= to ||
            to - from < MIN_HALT_SECONDS ||
            // Over for a second at least, so that no halt of a successor touches one that it does not keep itself.
            !Due.reached(to + 1) ||
            Due.reached(to + MAX_AGE_SECONDS + 1)
        ) revert ISafeguards.HaltOutOfRange(MAX_AGE_SECONDS / 1 days);
        uint256 places = Directory.PLACES;
        for (uint256 place = 0; place < places; ++place) {
            address register = Directory.registerAt(charter, place);
            uint256 named = gaps & ((1 << _INDEX_BITS) - 1);
            gaps >>= _INDEX_BITS;
            if (register == address(0) && named == 0) continue;
            if (register == address(0) || named == 0) revert ISafeguards.HaltNotSilent(register);
            (uint64 silentFrom, uint64 silentTo) = IJournal(register).gapAt(uint64(named - 1));
            // A register that has not begun is silent since 0, while the one before it may have had entries.
            if (silentFrom == 0 || from < silentFrom || to > silentTo) {
                revert ISafeguards.HaltNotSilent(register);
            }
        }
        if (gaps != 0) revert ISafeguards.HaltNotSilent(address(0));
    }

    /// @notice Takes a halt among the others, wherever it lies, and joins what it touches.
    /// @dev Whatever is moved ended within `MAX_AGE_SECONDS`: the consortium has no entry inside the new one, so each
    /// halt that lies beside or after it was recorded after its end.
    function insert(Span[] storage self, uint64 from, uint64 to) internal {
        uint256 place = self.length;
        while (place != 0 && self[place - 1].from > to) --place;
        Span[] memory later = new Span[](self.length - place);
        for (uint256 i = 0; i < later.length; ++i) later[i] = self[place + i];
        for (; place != 0 && self[place - 1].to >= from; --place) {
            Span memory touched = self[place - 1];
            if (touched.from < from) from = touched.from;
            if (touched.to > to) to = touched.to;
        }
        while (self.length != place) self.pop();
        _push(self, from, to);
        for (uint256 i = 0; i < later.length; ++i) _push(self, later[i].from, later[i].to);
    }

    /// @notice A deadline as the halts move it: what was left of it when its halt began passes outside every halt.
    function extended(Span[] storage self, uint64 moment) internal view returns (uint64) {
        uint256 count = _countBefore(self, moment, false);
        if (count == 0) return moment;
        Span memory own = self[count - 1];
        if (moment > own.to) return moment;
        return wentOn(self, moment - uint64(own.before));
    }

    /// @notice A deadline that other halts, all before these, moved already: it waits for every halt that begins
    /// before its end, however that end was reached.
    function wentOn(Span[] storage self, uint64 running) internal view returns (uint64) {
        uint256 count = _countBefore(self, running, true);
        if (count == 0) return running;
        Span memory last = self[count - 1];
        return running + uint64(last.before) + (last.to - last.from);
    }

    /// @dev How many halts begin before a moment, on the clock of everybody or on one that stands still in halts.
    function _countBefore(
        Span[] storage self,
        uint64 moment,
        bool standsStill
    ) private view returns (uint256 low) {
        uint256 high = self.length;
        while (low != high) {
            uint256 middle = (low + high) / 2;
            Span memory span = self[middle];
            uint64 begins = standsStill ? span.from - uint64(span.before) : span.from;
            if (begins < moment) low = middle + 1;
            else high = middle;
        }
    }

    function _push(Span[] storage self, uint64 from, uint64 to) private {
        uint128 before = 0;
        if (self.length != 0) {
            Span memory last = self[self.length - 1];
            before = last.before + (last.to - last.from);
        }
        self.push(Span(from, to, before));
    }
}
