// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Due} from "../journal/Due.sol";
import {Words} from "../journal/Words.sol";

/// @dev Cycles that can overlap: the money of a programme is summed over its lanes, and each keeps its table.
uint256 constant MAX_LANES = 16;

/// @title What is stored of a programme
/// @dev Words, fields from the lowest bit: 0 institution 16, currency 16, most per redemption 24, dispute seconds
/// 24, most offline seconds 24, paused at 40, paused until 40, paused seconds 32, version 32, paused by two 8; 1
/// unallocated 128, least open seconds 32, assisted cap 32, emergency cap 32, office 32; 2 expired 128, reclaimed 128; 3
/// redeemed in accounted cycles 128; 4 and 5 what was moved each way, 128 each, in the order of `FundsMove`; 6
/// and 7 the cycle in each lane, 32 each; 8 policy hash.
library ProgrammeRecord {
    using Words for uint256;

    uint256 internal constant WORDS = 9;

    struct Programme {
        uint256 institution;
        uint256 currency;
        uint256 mostPerRedemptionUnits;
        uint256 disputeSeconds;
        uint256 mostOfflineSeconds;
        // The last pause, whether or not it is over; the one before it is in `pausedSeconds` already.
        uint256 pausedAt;
        uint256 pausedUntil;
        uint256 pausedSeconds;
        uint256 version;
        bool pausedByTwo;
        uint256 unallocatedMinor;
        uint256 leastOpenSeconds;
        uint256 assistedCapUnits;
        uint256 emergencyCapUnits;
        // Of the act that defined it: only officers of this office, or of every one, act on it.
        uint256 office;
        uint256 expiredMinor;
        uint256 reclaimedMinor;
        uint256 redeemedMinor;
        uint256[4] movedMinor;
        uint256[MAX_LANES] cycleInLane;
        bytes32 policyHash;
    }

    function institutionOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(0, 16);
    }

    function mostPerRedemptionOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(32, 24);
    }

    function disputeSecondsOf(uint256 word0) internal pure returns (uint64) {
        return uint64(word0.read(56, 24));
    }

    function mostOfflineSecondsOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(80, 24);
    }

    function pausedAtOf(uint256 word0) internal pure returns (uint256) {
        return word0.read(104, 40);
    }

    function pausedUntilOf(uint256 word0) internal pure returns (uint64) {
        return uint64(word0.read(144, 40));
    }

    /// @notice How long the programme was paused so far, the pause in force included.
    function pausedSecondsOf(uint256 word0) internal view returns (uint256) {
        uint256 until = pausedUntilOf(word0);
        uint256 end = Due.reached(uint64(until)) ? until : Due.now_();
        return word0.read(184, 32) + (end - pausedAtOf(word0));
    }

    function unpack(bytes32[] memory words) internal pure returns (Programme memory record) {
        uint256 word0 = uint256(words[0]);
        record.institution = institutionOf(word0);
        record.currency = word0.read(16, 16);
        record.mostPerRedemptionUnits = mostPerRedemptionOf(word0);
        record.disputeSeconds = disputeSecondsOf(word0);
        record.mostOfflineSeconds = mostOfflineSecondsOf(word0);
        record.pausedAt = pausedAtOf(word0);
        record.pausedUntil = pausedUntilOf(word0);
        record.pausedSeconds = word0.read(184, 32);
        record.version = word0.read(216, 32);
        record.pausedByTwo = word0 >> 248 != 0;
        uint256 word1 = uint256(words[1]);
        record.unallocatedMinor = word1.read(0, 128);
        record.leastOpenSeconds = word1.read(128, 32);
        record.assistedCapUnits = word1.read(160, 32);
        record.emergencyCapUnits = word1.read(192, 32);
        record.office = word1.read(224, 32);
        (record.expiredMinor, record.reclaimedMinor) = _halves(words[2]);
        record.redeemedMinor = uint256(words[3]);
        (record.movedMinor[0], record.movedMinor[1]) = _halves(words[4]);
        (record.movedMinor[2], record.movedMinor[3]) = _halves(words[5]);
        for (uint256 lane = 0; lane < MAX_LANES; ++lane) {
            record.cycleInLane[lane] = uint256(words[6 + lane / 8]).read((lane % 8) * 32, 32);
        }
        record.policyHash = words[8];
    }

    function pack(Programme memory record) internal pure returns (bytes32[] memory words) {
        words = new bytes32[](WORDS);
        words[0] = bytes32(word0Of(record));
        words[1] = bytes32(
            record.unallocatedMinor.put(0, 128) |
                record.leastOpenSeconds.put(128, 32) |
                record.assistedCapUnits.put(160, 32) |
                record.emergencyCapUnits.put(192, 32) |
                record.office.put(224, 32)
        );
        words[2] = _word(record.expiredMinor, record.reclaimedMinor);
        words[3] = _word(record.redeemedMinor, 0);
        words[4] = _word(record.movedMinor[0], record.movedMinor[1]);
        words[5] = _word(record.movedMinor[2], record.movedMinor[3]);
        for (uint256 lane = 0; lane < MAX_LANES; ++lane) {
            words[6 + lane / 8] |= bytes32(record.cycleInLane[lane].put((lane % 8) * 32, 32));
        }
        words[8] = record.policyHash;
    }

    /// @notice The word every sale reads.
    function word0Of(Programme memory record) internal pure returns (uint256) {
        return
            record.institution.put(0, 16) |
            record.currency.put(16, 16) |
            record.mostPerRedemptionUnits.put(32, 24) |
            record.disputeSeconds.put(56, 24) |
            record.mostOfflineSeconds.put(80, 24) |
            record.pausedAt.put(104, 40) |
            record.pausedUntil.put(144, 40) |
            record.pausedSeconds.put(184, 32) |
            record.version.put(216, 32) |
            (record.pausedByTwo ? uint256(1) << 248 : 0);
    }

    function _halves(bytes32 word) private pure returns (uint256, uint256) {
        return (uint128(uint256(word)), uint256(word) >> 128);
    }

    function _word(uint256 low, uint256 high) private pure returns (bytes32) {
        return bytes32(low.put(0, 128) | high.put(128, 128));
    }
}
