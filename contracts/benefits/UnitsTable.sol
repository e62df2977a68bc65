// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Words} from "../journal/Words.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";

/// @dev People one table or one enrolment holds: the sum of 2^24 entries of 24 bits fits the 48 bits of a total.
uint256 constant MAX_PEOPLE = 1 << 24;

/// @title The packed table of what people may spend
/// @notice Hides how entries lie in words and how a chunk proves that it is the signed one.
/// @dev A right fold (each word hashed with the fold of all words after it) lets every chunk be checked as it
/// arrives, in chunks of any size, by whoever posts it: what stands in the table is what was signed, and a
/// stranger's wrong chunk costs nobody but the stranger. Words are one range of slots, so that neighbours share
/// a word and no word needs a hash of its own.
library UnitsTable {
    using Words for bytes32;

    /// Low byte of each pair of bytes.
    uint256 private constant EVEN_BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    /// One in each 16 bits: multiplying sums 16 lanes into the top one.
    uint256 private constant ONES_16 = 0x0001000100010001000100010001000100010001000100010001000100010001;
    /// The 24 bits of units in each four bytes.
    uint256 private constant UNITS_24 = 0x00ffffff00ffffff00ffffff00ffffff00ffffff00ffffff00ffffff00ffffff;
    /// One in each 32 bits.
    uint256 private constant ONES_32 = 0x0000000100000001000000010000000100000001000000010000000100000001;

    /// Where a chunk belongs and what it must be.
    struct Chunk {
        bytes32 table;
        uint256 firstWord;
        uint256 entryBytes;
        uint256 count;
        bytes32 expected;
    }

    /// @notice Words that `count` entries take.
    function wordsOf(uint256 count, uint256 entryBytes) internal pure returns (uint256) {
        uint256 perWord = 32 / entryBytes;
        return (count + perWord - 1) / perWord;
    }

    /// @notice Most units one entry holds.
    function mostUnits(uint256 entryBytes) internal pure returns (uint256) {
        return entryBytes == 1 ? type(uint8).max : type(uint24).max;
    }

    /// @notice Right fold of a chunk onto what follows it.
    function fold(uint256[] calldata words, bytes32 rest) internal pure returns (bytes32 folded) {
        folded = rest;
        for (uint256 i = words.length; i > 0;) {
            unchecked {
                --i;
            }
            folded = Hashes.efficientKeccak256(bytes32(words[i]), folded);
        }
    }

    /// @notice Writes a chunk that is the signed one at its place and returns the sum of its units.
    function load(Chunk memory chunk, uint256[] calldata words, bytes32 rest) internal returns (uint256 sum) {
        uint256 allWords = wordsOf(chunk.count, chunk.entryBytes);
        uint256 next = chunk.firstWord + words.length;
        if (words.length == 0 || next > allWords) {
            revert IBenefitLedger.WordsOutOfOrder(uint32(chunk.firstWord));
        }
        if (fold(words, rest) != chunk.expected || (next == allWords && rest != 0)) {
            revert IBenefitLedger.WordsDifferFromEnvelope();
        }
        if (next == allWords && !_endsAtCount(words[words.length - 1], chunk.count, chunk.entryBytes)) {
            revert IBenefitLedger.UnitsBeyondCount();
        }
        bytes32 slot = chunk.table.after_(chunk.firstWord);
        bool isOneByte = chunk.entryBytes == 1;
        for (uint256 i = 0; i < words.length; ++i) {
            uint256 word = words[i];
            sum += isOneByte ? _sumBytes(word) : _sumUnits(word);
            slot.after_(i).store(word);
        }
    }

    /// @notice Where the word of one entry stands.
    function wordOf(bytes32 table, uint256 index, uint256 entryBytes) internal pure returns (bytes32) {
        return table.after_(entryBytes == 1 ? index >> 5 : index >> 3);
    }

    /// @notice Units and sequence of one entry of a word.
    function entryIn(
        uint256 word,
        uint256 index,
        uint256 entryBytes
    ) internal pure returns (uint256 units, uint256 sequence) {
        if (entryBytes == 1) return (uint8(word >> ((index & 31) << 3)), 0);
        uint256 entry = word >> ((index & 7) << 5);
        return (uint24(entry), uint8(entry >> 24));
    }

    /// @notice Takes units out of an entry whose word was just read, and raises its sequence.
    /// @dev The caller has checked that units remain and that the sequence is not at its end, so neither the
    /// subtraction nor the addition touches a neighbour.
    function debit(bytes32 table, uint256 index, uint256 entryBytes, uint256 word, uint256 units) internal {
        unchecked {
            if (entryBytes == 1) {
                table.after_(index >> 5).store(word - (units << ((index & 31) << 3)));
            } else {
                uint256 shift = (index & 7) << 5;
                table.after_(index >> 3).store(word - (units << shift) + (1 << (shift + 24)));
            }
        }
    }

    function _endsAtCount(uint256 lastWord, uint256 count, uint256 entryBytes) private pure returns (bool) {
        uint256 inLastWord = count % (32 / entryBytes);
        return inLastWord == 0 || lastWord >> (inLastWord * entryBytes * 8) == 0;
    }

    function _sumBytes(uint256 word) private pure returns (uint256) {
        unchecked {
            return (((word & EVEN_BYTES) + ((word >> 8) & EVEN_BYTES)) * ONES_16) >> 240;
        }
    }

    function _sumUnits(uint256 word) private pure returns (uint256) {
        if (word & ~UNITS_24 != 0) revert IBenefitLedger.SequenceNotZero();
        unchecked {
            return (word * ONES_32) >> 224;
        }
    }
}
