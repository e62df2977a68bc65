// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Constitution, IConsortium} from "../interfaces/IConsortium.sol";
import {ICouncil} from "../interfaces/ICouncil.sol";
import {InstitutionId} from "../interfaces/IJournal.sol";
import {Institutions} from "./Institutions.sol";

/// @title Whether the members go on without any one of them (P9)
/// @notice Promises that no measure leaves fewer active members than the quorum, that three members never become two
/// nor a quorum of all, and that of three or more no measure lessens what remains without one: members that could
/// manage their officers, the quorum and one more. Whatever takes keys away is seen by what it leaves: a verifier
/// disallowed or allowed for another kind, an officer revoked, a member expelled, a quorum raised.
library Outliving {
    /// @dev From so many members on the ledger outlives any one of them.
    uint256 internal constant MEMBERS = 3;

    /// @notice What remains without one member that could manage: whole numbers below zero are how many are missing.
    /// @dev A suspension by a lone colleague ends by itself and hides nobody; one of an institution likewise.
    function reserve(IConsortium consortium) internal view returns (int256 left) {
        Constitution memory constitution = consortium.constitution();
        left = -1 - int256(uint256(constitution.quorum));
        uint128 rest = constitution.members;
        for (uint16 number = 1; rest >> number != 0; ++number) {
            if ((rest >> number) & 1 == 0) continue;
            if (consortium.institutionOf(InstitutionId.wrap(number)).couldManage) ++left;
        }
    }

    /// @notice Reverts unless what a measure left goes on without any one member.
    /// @param reserveBefore What `reserve` said before.
    /// @param membersBefore How many members there were before.
    function requireKept(IConsortium consortium, int256 reserveBefore, uint256 membersBefore) internal view {
        Constitution memory constitution = consortium.constitution();
        uint256 members = Institutions.count(constitution.members);
        if (
            Institutions.count(constitution.activeMembers) < constitution.quorum ||
            (membersBefore >= MEMBERS && members < MEMBERS) ||
            (members >= MEMBERS && constitution.quorum == members)
        ) revert IConsortium.MembersBelowQuorum();
        if (members < MEMBERS) return;
        int256 left = reserve(consortium);
        if (left < 0 && left < reserveBefore) revert ICouncil.TooFewCouldManage();
    }
}
