// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Words} from "../journal/Words.sol";
import {CycleState} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";

/// @title What is stored of a cycle
/// @dev Words, fields from the lowest bit: 0 state 8, lane 8, entry bytes 8, enrolment epoch 16, count 32, opens
/// at 40, spend until 40, post until 40, redeemed units 48; 1 total units 48, unit value 64, loaded units 48,
/// loaded words 32, paused seconds 32, end paused seconds 32; 2 what the words still to come fold to; 3 EIP-712 struct hash of the envelope.
library CycleRecord {
    using Words for uint256;

    uint256 internal constant WORDS = 4;
    /// Where the redeemed units begin, at the top of word 0: a sale adds to the word.
    uint256 internal constant REDEEMED_AT = 192;

    struct Cycle {
        CycleState state;
        uint256 lane;
        uint256 entryBytes;
        uint256 enrolmentEpoch;
        uint256 count;
        uint256 opensAt;
        uint256 spendUntil;
        uint256 postUntil;
        uint256 redeemedUnits;
        uint256 totalUnits;
        uint256 unitValueMinor;
        uint256 loadedUnits;
        uint256 loadedWords;
        // How long sales had been paused when the cycle was released: what was paused since is given back to shops.
        uint256 pausedSeconds;
        // The same when its end was fixed, at the release or by an early end: what was paused since moves it.
        uint256 endPausedSeconds;
        bytes32 foldRest;
        bytes32 envelopeHash;
    }

    function stateOf(uint256 word0) internal pure returns (CycleState) {
        return CycleState(uint8(word0));
    }

    function requireState(uint256 word0, CycleState wanted) internal pure {
        CycleState state = stateOf(word0);
        if (state == CycleState.Unspecified) revert IBenefitLedger.CycleUnknown();
        if (state != wanted) revert IBenefitLedger.CycleStateDiffers(state);
    }

    function requireState(Cycle memory cycle, CycleState wanted) internal pure {
        requireState(uint256(cycle.state), wanted);
    }

    function laneOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(8, 8);
    }

    function entryBytesOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(16, 8);
    }

    function enrolmentEpochOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(24, 16);
    }

    function countOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(40, 32);
    }

    function opensAtOf(uint256 word0) internal pure returns (uint64) {
        return uint64(word0.read(72, 40));
    }

    function spendUntilOf(uint256 word0) internal pure returns (uint64) {
        return uint64(word0.read(112, 40));
    }

    function postUntilOf(uint256 word0) internal pure returns (uint64) {
        return uint64(word0.read(152, 40));
    }

    function pausedSecondsOf(uint256 word1) internal pure returns (uint256) {
        return word1.read(192, 32);
    }

    function endPausedSecondsOf(uint256 word1) internal pure returns (uint256) {
        return word1.read(224, 32);
    }

    function loadedUnitsOf(uint256 word1) internal pure returns (uint256) {
        return word1.read(112, 48);
    }

    function loadedWordsOf(uint256 word1) internal pure returns (uint256) {
        return word1.read(160, 32);
    }

    /// @notice Word 1 after another chunk.
    function withLoaded(
        uint256 word1,
        uint256 loadedUnits,
        uint256 loadedWords
    ) internal pure returns (uint256) {
        return
            word1.read(0, 112) |
            loadedUnits.put(112, 48) |
            loadedWords.put(160, 32) |
            (word1.read(192, 64) << 192);
    }

    /// @notice Units nobody has redeemed and nobody has taken back.
    function outstandingUnits(Cycle memory cycle) internal pure returns (uint256) {
        if (cycle.state != CycleState.Released && cycle.state != CycleState.Ended) return 0;
        return cycle.totalUnits - cycle.redeemedUnits;
    }

    function unpack(bytes32[] memory words) internal pure returns (Cycle memory record) {
        uint256 word0 = uint256(words[0]);
        record.state = stateOf(word0);
        record.lane = laneOf(word0);
        record.entryBytes = entryBytesOf(word0);
        record.enrolmentEpoch = enrolmentEpochOf(word0);
        record.count = countOf(word0);
        record.opensAt = opensAtOf(word0);
        record.spendUntil = spendUntilOf(word0);
        record.postUntil = postUntilOf(word0);
        record.redeemedUnits = word0 >> REDEEMED_AT;
        uint256 word1 = uint256(words[1]);
        record.totalUnits = word1.read(0, 48);
        record.unitValueMinor = word1.read(48, 64);
        record.loadedUnits = loadedUnitsOf(word1);
        record.loadedWords = loadedWordsOf(word1);
        record.pausedSeconds = pausedSecondsOf(word1);
        record.endPausedSeconds = endPausedSecondsOf(word1);
        record.foldRest = words[2];
        record.envelopeHash = words[3];
    }

    function pack(Cycle memory record) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](WORDS);
        words[0] = bytes32(
            uint256(record.state) |
                record.lane.put(8, 8) |
                record.entryBytes.put(16, 8) |
                record.enrolmentEpoch.put(24, 16) |
                record.count.put(40, 32) |
                record.opensAt.put(72, 40) |
                record.spendUntil.put(112, 40) |
                record.postUntil.put(152, 40) |
                record.redeemedUnits.put(REDEEMED_AT, 48)
        );
        uint256 word1 =
            record.totalUnits.put(0, 48) |
                record.unitValueMinor.put(48, 64) |
                record.pausedSeconds.put(192, 32) |
                record.endPausedSeconds.put(224, 32);
        words[1] = bytes32(withLoaded(word1, record.loadedUnits, record.loadedWords));
        words[2] = record.foldRest;
        words[3] = record.envelopeHash;
    }
}
