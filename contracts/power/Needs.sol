// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuthorityNeeded, IConsortium, Standing} from "../interfaces/IConsortium.sol";
import {InstitutionId, NO_INSTITUTION, OfficeId, OfficerId} from "../interfaces/IJournal.sol";
import {Officers} from "./Officers.sol";
import {Roles} from "./Roles.sol";

/// @title What an act asks of its officers, and whether one fits
library Needs {
    /// @notice Two admin officers of an institution, stopped by a pause of these scopes. The office is the one of the
    /// officer they manage, so that nobody manages beyond the own scope: admins of two offices manage nobody together.
    function admins(
        InstitutionId institution,
        OfficeId office,
        uint32 pauseScope
    ) internal pure returns (AuthorityNeeded memory) {
        return
            AuthorityNeeded({
                office: office,
                prepareRole: Roles.ADMIN_PREPARER,
                approveRole: Roles.ADMIN_APPROVER,
                pauseScope: pauseScope,
                institution: institution,
                preparerInstitution: NO_INSTITUTION,
                twoInstitutions: false
            });
    }

    /// @notice Two officers of every office, of any institution or of two: no pause stops these, as they repair.
    function anyTwo(
        uint32 prepareRole,
        uint32 approveRole,
        bool twoInstitutions
    ) internal pure returns (AuthorityNeeded memory) {
        return
            AuthorityNeeded({
                office: OfficeId.wrap(0),
                prepareRole: prepareRole,
                approveRole: approveRole,
                pauseScope: 0,
                institution: NO_INSTITUTION,
                preparerInstitution: NO_INSTITUTION,
                twoInstitutions: twoInstitutions
            });
    }

    /// @notice Reverts unless the preparer fits, and is of the institution that must prepare.
    function requirePreparer(
        AuthorityNeeded calldata need,
        OfficerId officer,
        Standing memory standing
    ) internal view {
        requireFit(need, officer, standing, need.prepareRole);
        bool anyInstitution = need.preparerInstitution == NO_INSTITUTION;
        if (!anyInstitution && need.preparerInstitution != standing.institution) {
            revert IConsortium.InstitutionDiffers(officer);
        }
    }

    /// @notice Reverts unless the officer has the office in scope, holds the role and is of the institution.
    /// @dev Only an officer of every office covers office 0, which is every office.
    function requireFit(
        AuthorityNeeded calldata need,
        OfficerId officer,
        Standing memory standing,
        uint32 role
    ) internal view {
        uint32 scope = OfficeId.unwrap(standing.office);
        if (scope != 0 && scope != OfficeId.unwrap(need.office)) {
            revert IConsortium.OfficeOutOfScope(officer);
        }
        Officers.requireRole(officer, standing, role);
        bool anyInstitution = need.institution == NO_INSTITUTION;
        if (!anyInstitution && need.institution != standing.institution) {
            revert IConsortium.InstitutionDiffers(officer);
        }
    }
}
