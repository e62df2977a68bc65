// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryId, IJournal, OfficerId, Withdrawal} from "./IJournal.sol";

/// @title What a register of acts promises besides its journal
interface IActs is IJournal {
    /// @notice Whether an officer withdrew an act.
    function isWithdrawn(EntryId entryId, OfficerId officer) external view returns (bool);

    /// @notice Takes back an act not yet recorded: one of its two officers is enough, and it is for good.
    /// @param withdrawal What is withdrawn, and by whom.
    /// @param signature The officer's signature of the withdrawal's digest.
    function withdraw(Withdrawal calldata withdrawal, bytes calldata signature) external;
}
