// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "./IJournal.sol";
import {ConsentProof, TransferRight} from "./LandActs.sol";
import {BAUnitState} from "./LandState.sol";

/// @title Transfers of rights
interface ILandTransfers {
    /// @notice Passes a right or part of it; charges stay as they are, and so do notices, but for one on a holding that is
    /// removed or reduced: it lies on the whole right from then on (L7).
    /// @param act What the preparer signed.
    /// @param prior State of the unit in force.
    /// @param consents Of every holding removed or reduced, then of charges on such a holding and of charges that ask
    /// for it, then of notices that ask.
    /// @param signatures Both officers'.
    function transferRight(
        TransferRight calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external;
}
