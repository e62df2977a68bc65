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

    /// @notice How many members are missing for the others to go on without any one, of those that could manage.
    /// @dev A suspension by a lone colleague ends by itself and hides nobody; one of an institution likewise. Reads no
    /// further than to enough.
    function missing(IConsortium consortium) internal view returns (uint256 left) {
        Constitution memory constitution = consortium.constitution();
        left = uint256(constitution.quorum) + 1;
        uint128 rest = constitution.members;
        for (uint16 number = 1; rest >> number != 0 && left != 0; ++number) {
            bool isMember = (rest >> number) & 1 != 0;
            if (isMember && consortium.canManage(InstitutionId.wrap(number), true)) --left;
        }
    }

    /// @notice Reverts unless what a measure left goes on without any one member.
    /// @param missingBefore What `missing` said before; what only adds officers needs none of it, as `type(uint256).max`.
    /// @param membersBefore How many members there were before.
    function requireKept(IConsortium consortium, uint256 missingBefore, uint256 membersBefore) internal view {
        Constitution memory constitution = consortium.constitution();
        uint256 members = Institutions.count(constitution.members);
        if (
            Institutions.count(constitution.activeMembers) < constitution.quorum ||
            (membersBefore >= MEMBERS && members < MEMBERS) ||
            (members >= MEMBERS && constitution.quorum == members)
        ) revert IConsortium.MembersBelowQuorum();
        if (members < MEMBERS || missingBefore == type(uint256).max) return;
        if (missing(consortium) > missingBefore) revert ICouncil.TooFewCouldManage();
    }
}
