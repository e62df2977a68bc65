// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IImporting} from "../../contracts/interfaces/IImporting.sol";
import {IActs} from "../../contracts/interfaces/IActs.sol";

/// @title The smallest register: it records what it is told, once the journal lets it
interface IPlainRegister is IImporting, IActs {
    /// @notice Records an entry of these words, by nobody in particular.
    function record(uint16 kind, bytes32 id, bytes32 subject, bytes32 state, uint64 epochs) external;
}
