// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Most words of one call of an import: each costs a fresh slot, and a transaction has a cap (P7).
uint256 constant MAX_IMPORT_WORDS = 512;

/// @title What a register promises that takes over the words of the one before
interface IImporting {
    /// @notice A successor awaits the words its members voted to carry over; it begins when they are in.
    event ImportOpened(address indexed predecessor, bytes32 importHash);

    /// @notice Words of the register before were carried over.
    /// @param slots Slots, in the order in which they were folded.
    /// @param words What each holds.
    /// @param rest What the words still to come fold to; zero when these were the last.
    event WordsImported(bytes32[] slots, bytes32[] words, bytes32 rest);

    /// @notice Thrown when a chunk of an import has no word, too many, or not one word a slot.
    error ImportSizeOutOfRange(uint256 limit);
    /// @notice Thrown when an import would write what belongs to the journal.
    error ImportOutOfReach();
    /// @notice Thrown when the predecessor has an entry that is younger than this register.
    error ImportStale();
    /// @notice Thrown when the words of a chunk are not the next that the members voted for.
    error ImportDiffers();

    /// @notice Head of the predecessor when this register was deployed, or zero: what it imports is of that moment.
    function importsFrom() external view returns (bytes32);

    /// @notice Carries words over from the predecessor, in the order of the vote's fold. Anybody may call; the
    /// register begins with the last word.
    /// @param slots Slots of this register, none of them the journal's.
    /// @param words What they hold from now on.
    /// @param rest What the words after these fold to; zero for the last.
    function importWords(bytes32[] calldata slots, bytes32[] calldata words, bytes32 rest) external;
}
