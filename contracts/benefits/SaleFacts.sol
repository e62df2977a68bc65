// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev How far back an entry of one byte may be charged: it has no sequence, so an item that failed could fit the
/// balance of another day. Also the shortest time a programme lets its tills be offline, and how young an item is
/// judged without the consortium's past pauses, in which no sale made online can lie.
uint256 constant FRESH_SECONDS = 15 minutes;

/// @notice What decides about the date of an item where the usual case does not, as it lies in the ledger.
/// @param programme First word of the programme.
/// @param cycle0 First word of the cycle.
/// @param cycle1 Second word of the cycle.
/// @param vendor The vendor's word.
/// @param till0 First word of the till.
/// @param till1 Second word of the till.
/// @param offlineSince What the till said in its batch.
struct SaleFacts {
    uint256 programme;
    uint256 cycle0;
    uint256 cycle1;
    uint256 vendor;
    uint256 till0;
    uint256 till1;
    uint256 offlineSince;
}
