// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {
    Consent,
    ConsentProof,
    ConsentRole,
    CreateRestriction,
    Discharge,
    Release,
    UnitChange
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    LandAct,
    Restriction,
    RestrictionKind
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {LandWorld} from "./LandWorld.sol";

/// What charging and releasing takes to sign.
abstract contract LandChargeWorld is LandWorld {
    function _creation(
        BAUnitId[] memory units,
        BAUnitState[] memory states,
        Restriction memory restriction
    ) internal returns (CreateRestriction memory act) {
        act.head = _head();
        act.units = new UnitChange[](units.length);
        for (uint256 i = 0; i < units.length; ++i) act.units[i] = _change(units[i], states[i]);
        act.restriction = restriction;
    }

    function _approveCreation(CreateRestriction memory act) internal view returns (Signatures memory) {
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.CREATE_RESTRICTION_TYPEHASH,
                        _hashHead(act.head),
                        LandHashes.ofUnitChanges(act.units),
                        LandHashes.ofRestriction(act.restriction)
                    )
                ),
                LandTypes.CREATE_RESTRICTION_APPROVAL_TYPEHASH
            );
    }

    function _single(
        BAUnitId unit,
        BAUnitState memory state
    ) internal pure returns (BAUnitId[] memory units, BAUnitState[] memory states) {
        units = new BAUnitId[](1);
        states = new BAUnitState[](1);
        (units[0], states[0]) = (unit, state);
    }

    /// Restricts one unit and gives its new state.
    function _restrict(
        BAUnitId unit,
        BAUnitState memory state,
        Restriction memory restriction,
        ConsentProof[] memory proofs
    ) internal returns (BAUnitState memory) {
        (BAUnitId[] memory units, BAUnitState[] memory states) = _single(unit, state);
        CreateRestriction memory act = _creation(units, states, restriction);
        _charges.createRestriction(act, states, proofs, _approveCreation(act));
        return _recorded()[0];
    }

    /// Ada's and Ben's consents to a mortgage.
    function _consentsToMortgage(
        BAUnitId unit,
        BAUnitState memory state,
        Restriction memory restriction
    ) internal view returns (ConsentProof[] memory proofs) {
        bytes32 terms = LandHashes.ofRestriction(restriction);
        proofs = new ConsentProof[](2);
        proofs[0] = _proof(ADA, _holderConsent(LandAct.Mortgage, unit, state, 2, terms));
        proofs[1] = _proof(BEN, _holderConsent(LandAct.Mortgage, unit, state, 3, terms));
    }

    function _nextRank(BAUnitState memory state) internal pure returns (uint16) {
        uint256 count = state.charges.length;
        return count == 0 ? 1 : state.charges[count - 1].rank + 1;
    }

    /// A charge by its place, or, behind the charges, a notice.
    function _onUnit(BAUnitState memory state, uint256 position) internal pure returns (Restriction memory) {
        uint256 count = state.charges.length;
        return position < count ? state.charges[position] : state.notices[position - count];
    }

    function _mortgage(
        BAUnitId unit,
        BAUnitState memory state,
        uint256 seed
    ) internal returns (BAUnitState memory) {
        Restriction memory restriction = _restriction(RestrictionKind.Mortgage, seed);
        restriction.rank = _nextRank(state);
        return _restrict(unit, state, restriction, _consentsToMortgage(unit, state, restriction));
    }

    function _caution(
        BAUnitId unit,
        BAUnitState memory state,
        uint256 seed
    ) internal returns (BAUnitState memory) {
        return _restrict(unit, state, _restriction(RestrictionKind.Caution, seed), new ConsentProof[](0));
    }

    function _releaseConsent(
        LandAct act,
        BAUnitId unit,
        BAUnitState memory state,
        uint256 position
    ) internal pure returns (Consent memory consent) {
        Restriction memory restriction = _onUnit(state, position);
        consent = _holderConsent(
            act,
            unit,
            state,
            restriction.restrictionId,
            LandHashes.ofRestriction(restriction)
        );
        consent.role = ConsentRole.Holder;
    }

    function _approveDischarge(Discharge memory act) internal view returns (Signatures memory) {
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.DISCHARGE_TYPEHASH,
                        _hashHead(act.head),
                        LandHashes.ofReleases(act.releases)
                    )
                ),
                LandTypes.DISCHARGE_APPROVAL_TYPEHASH
            );
    }

    function _releaseOf(
        BAUnitId unit,
        BAUnitState memory state,
        uint256 position
    ) internal returns (Discharge memory act) {
        act.head = _head();
        act.releases = new Release[](1);
        act.releases[0] = Release(_change(unit, state), _onUnit(state, position).restrictionId);
    }

    /// Releases one restriction of one unit with its holder's consent.
    function _discharge(
        LandAct kind,
        BAUnitId unit,
        BAUnitState memory state,
        uint256 position
    ) internal returns (BAUnitState memory) {
        Discharge memory act = _releaseOf(unit, state, position);
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _proof(LENDER, _releaseConsent(kind, unit, state, position));
        (, BAUnitState[] memory states) = _single(unit, state);
        _charges.discharge(act, states, proofs, _approveDischarge(act));
        return _recorded()[0];
    }
}
