// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {Appointment, Constitution, Founding, IConsortium} from "../interfaces/IConsortium.sol";
import {ICouncil} from "../interfaces/ICouncil.sol";
import {IJournal, OfficerId} from "../interfaces/IJournal.sol";
import {ISafeguards} from "../interfaces/ISafeguards.sol";
import {Institutions} from "./Institutions.sol";
import {Outliving} from "./Outliving.sol";
import {PersonnelActs} from "./PersonnelActs.sol";
import {Scopes} from "./Scopes.sol";

/// @title Whether a successor is at least as strong as what it replaces (P11)
/// @notice A vote to replace what governs is not a way around the votes that phase, waits, pauses and policies
/// would need: the successor begins with no less, and changes it by votes of its own.
library Succession {
    /// @notice Reverts unless the consortium at `target` begins seated where this one is, with three members where
    /// this one has three, with waits no shorter, the same safeguards and every policy as it stands, and without
    /// whoever was expelled or revoked, and without a key that was revoked, replaced or another officer's.
    function requireAsStrong(IConsortium current, address target) internal view {
        if (target.code.length == 0) revert ICharter.NotAContract();
        IConsortium next = IConsortium(target);
        if (next.council().code.length == 0) revert ICharter.NotAContract();
        Constitution memory now_ = current.constitution();
        Constitution memory then_ = next.constitution();
        if (
            (now_.seated && !then_.seated) ||
            (_outlives(now_) && !_outlives(then_)) ||
            then_.wideningWaitSeconds < now_.wideningWaitSeconds ||
            then_.appointmentWaitSeconds < now_.appointmentWaitSeconds ||
            address(next.safeguards()) != address(current.safeguards())
        ) revert ICouncil.SuccessorIsWeaker();
        // Whether more or less of a value is stronger only its register knows, so each is the same.
        bytes32[] memory names = current.policyNames();
        for (uint256 i = 0; i < names.length; ++i) {
            if (next.policyOf(names[i]) != current.policyOf(names[i])) revert ICouncil.SuccessorIsWeaker();
        }
        _requireNobodyReturns(current, next.founding());
    }

    /// @dev What was ended for good stays so: a successor begins with records of its own.
    function _requireNobodyReturns(IConsortium current, Founding memory file) private view {
        for (uint256 i = 0; i < file.institutions.length; ++i) {
            if (current.institutionOf(file.institutions[i].institution).expelled)
                revert ICouncil.SuccessorIsWeaker();
        }
        for (uint256 i = 0; i < file.officers.length; ++i) {
            Appointment memory one = file.officers[i];
            OfficerId officer = OfficerId.wrap(PersonnelActs.officerIdOf(one));
            if (!current.mayHold(officer, one.key.keyHash) || !current.mayHold(officer, one.spare.keyHash))
                revert ICouncil.SuccessorIsWeaker();
        }
    }

    /// @notice Reverts unless safeguards are those of the consortium, named for the first time, or continue them: others
    /// would have forgotten its halts.
    function requireSafeguardsContinue(IConsortium consortium, address target) internal view {
        address before = address(consortium.safeguards());
        if (target != before && IJournal(target).predecessor() != before) {
            revert ICouncil.SuccessorIsWeaker();
        }
    }

    /// @notice Scopes paused and how long each stood still, for comparing before and after.
    function pausesOf(ISafeguards safeguards) internal view returns (bytes32) {
        uint64[] memory times = new uint64[](64);
        uint256 count = 0;
        for (uint32 scope = 1; scope & Scopes.ALL != 0; scope <<= 1) {
            (times[count], times[count + 1]) = safeguards.pauseClock(scope);
            count += 2;
        }
        return keccak256(abi.encode(safeguards.inForce(Scopes.ALL), times));
    }

    function _outlives(Constitution memory constitution) private pure returns (bool) {
        return Institutions.count(constitution.members) >= Outliving.MEMBERS;
    }
}
