// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../../contracts/interfaces/ICharter.sol";
import {EntryId, OfficerId} from "../../contracts/interfaces/IJournal.sol";
import {Importing} from "../../contracts/journal/Importing.sol";
import {Journal} from "../../contracts/journal/Journal.sol";
import {IPlainRegister} from "./IPlainRegister.sol";

/// @title The smallest register
/// @notice Compiled as the registers are.
contract PlainRegister is IPlainRegister, Importing {
    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_
    ) Journal("Kudurru PlainRegister", charter_, ledgerNonce_, predecessor_) {}

    /// @inheritdoc IPlainRegister
    function record(uint16 kind, bytes32 id, bytes32 subject, bytes32 state, uint64 epochs) external {
        _requireInForce();
        _record(kind, EntryId.wrap(id), subject, state, OfficerId.wrap("p"), OfficerId.wrap("a"), epochs);
    }
}
