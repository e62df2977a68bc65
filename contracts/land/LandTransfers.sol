// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LandRules} from "./LandRules.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {Signatures} from "../interfaces/IJournal.sol";
import {Change, ILandRecorder, Recording} from "../interfaces/ILandRecorder.sol";
import {ILandTransfers} from "../interfaces/ILandTransfers.sol";
import {ConsentProof, TransferRight, UnitChange} from "../interfaces/LandActs.sol";
import {BAUnitState, LandAct, Right} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Children} from "./Children.sol";
import {Consents, Lessening, Reach} from "./Consents.sol";
import {LandHashes} from "./LandHashes.sol";
import {LandTypes} from "./LandTypes.sol";
import {ActHeads} from "../journal/ActHeads.sol";

/// @title How a right passes
/// @notice Hides what a transfer may change. Promises that shares stay one whole (L2), that charges stay as they are and
/// nothing is taken from under one without its holder, that a notice on a holding of which a part goes lies on the whole
/// right from then on, and that the land under others' quotas does not pass (L7). Anybody may call; the register asks
/// the officers.
contract LandTransfers is ILandTransfers, LandRules {
    constructor(ICharter charter_) LandRules(charter_) {}

    /// @inheritdoc ILandTransfers
    function transferRight(
        TransferRight calldata act,
        BAUnitState calldata prior,
        ConsentProof[] calldata consents,
        Signatures calldata signatures
    ) external {
        Work memory work = _begin(LandAct.Transfer, act.head);
        BAUnitState memory state = prior;
        UnitChange memory unit = act.unit;
        Right memory next = act.next;
        _openOne(work, unit, state);
        work.asking.termsHash = LandHashes.ofRight(next);
        _transfer(work, state, next, consents);
        Recording memory recording;
        recording.head = act.head;
        recording.act = LandAct.Transfer;
        recording.actHash = keccak256(
            abi.encode(
                LandTypes.TRANSFER_RIGHT_TYPEHASH,
                ActHeads.hash(recording.head),
                LandHashes.ofUnitChange(unit),
                work.asking.termsHash
            )
        );
        recording.approvalTypeHash = LandTypes.TRANSFER_RIGHT_APPROVAL_TYPEHASH;
        _conclude(recording, work);
        recording.changes = new Change[](1);
        BAUnits.advance(state, unit, work.effect);
        recording.changes[0] = Change(unit.baUnit, unit.priorState, state);
        ILandRecorder(address(work.registry)).record(recording, signatures);
    }

    /// @dev Applies the transfer to `state` and takes the consents it needs.
    function _transfer(
        Work memory work,
        BAUnitState memory state,
        Right memory next,
        ConsentProof[] calldata consents
    ) private view {
        uint256 position = BAUnits.rightOf(state.rights, next.rightId);
        Right memory before = state.rights[position];
        if (BAUnits.isOwnership(before)) Children.requireNoneGivenOut(state.header);
        Reach memory reach = Consents.ofRight(state.rights, before, 0);
        uint256 removed;
        (reach.touched, removed) = BAUnits.transfer(state, position, next, work.presentations + 1);
        Consents.requireNoneStranded(state.charges, reach, removed);
        Consents.requireUnblocked(work.asking, state.charges, reach);
        Consents.requireUnblocked(work.asking, state.notices, reach);
        Consents.takeOfHoldings(work.asking, consents, state.rights, before, reach.touched);
        Consents.takeOfCharges(work.asking, consents, state.charges, reach, Lessening.TouchedHoldings);
        Consents.takeOfNotices(work.asking, consents, state.notices, reach);
        Consents.widenNotices(state.notices, reach);
        _finish(work, consents, 6 * next.holdings.length);
    }
}
