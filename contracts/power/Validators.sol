// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {FoundingValidator, IConsortium, Institution} from "../interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../interfaces/ICouncil.sol";
import {InstitutionId} from "../interfaces/IJournal.sol";
import {Institutions} from "./Institutions.sol";

/// @title Which institution runs which validator, and how many an institution may run
/// @notice Promises that every validator is an institution's, that four validators never become three, and that from
/// four members on no vote brings an institution to a third of the validators: that many could stop the chain (P9).
/// @dev Where an institution's share does not grow nothing is asked of it, so that an uneven set can be mended a
/// validator at a time. Bounded by `_MOST`.
library Validators {
    /// @dev So many go on without any one of them; and so many members can share a set with less than a third each.
    uint256 private constant _LEAST = 4;
    uint256 private constant _THIRD = 3;
    /// @dev One place fewer than the Charter has: a stolen key is swapped by adding before removing.
    uint256 private constant _MOST = 127;

    /// @dev Where a measure named the institution; else the founding file of that consortium does.
    struct Table {
        mapping(IConsortium => mapping(address validator => InstitutionId)) named;
    }

    /// @notice Reverts unless a founding file names the Charter's set, in its order, soundly spread.
    function requireFounded(
        Institutions.Table storage institutions,
        ICharter charter,
        FoundingValidator[] memory file
    ) internal view {
        address[] memory set = charter.getValidators();
        if (set.length != file.length) revert IConsortium.ValidatorsDiffer();
        if (set.length > _MOST) revert ICharter.TooManyValidators(_MOST);
        uint256[] memory held = new uint256[](Institutions.MAX_NUMBER + 1);
        for (uint256 i = 0; i < set.length; ++i) {
            if (set[i] != file[i].validator) revert IConsortium.ValidatorsDiffer();
            Institutions.requirePresent(institutions, file[i].institution);
            ++held[InstitutionId.unwrap(file[i].institution)];
        }
        for (uint256 number = 0; number < held.length; ++number) {
            _requireSpread(held[number], set.length, institutions.members);
        }
    }

    /// @notice Reverts unless a successor's founding file names the institution of every validator there is.
    function requireNamed(ICharter charter, IConsortium next) internal view {
        address[] memory set = charter.getValidators();
        FoundingValidator[] memory file = next.founding().validators;
        if (set.length != file.length) revert IConsortium.ValidatorsDiffer();
        for (uint256 i = 0; i < set.length; ++i) {
            if (set[i] != file[i].validator) revert IConsortium.ValidatorsDiffer();
        }
    }

    /// @notice Reverts unless a change of the set leaves it sound; remembers whose the new validator is.
    function prepare(
        Table storage self,
        IConsortium consortium,
        ICharter charter,
        Measure calldata measure
    ) internal {
        (address[] memory set, uint256[] memory runBy) = _runBy(self, consortium, charter);
        uint256[] memory held = new uint256[](Institutions.MAX_NUMBER + 1);
        for (uint256 i = 0; i < runBy.length; ++i) ++held[runBy[i]];
        uint128 members = consortium.constitution().members;
        uint256 own = InstitutionId.unwrap(measure.institution);
        if (measure.kind == MeasureKind.RemoveValidator) {
            if (set.length == _LEAST) revert ICharter.TooFewValidators(_LEAST);
            uint256 leaver = runBy[_placeOf(set, measure.target)];
            for (uint256 number = 0; number < held.length; ++number) {
                if (number != leaver) _requireSpread(held[number], set.length - 1, members);
            }
            return;
        }
        if (measure.kind == MeasureKind.ReplaceValidator) {
            address leaving = address(uint160(uint256(measure.name)));
            bool isOwn = runBy[_placeOf(set, leaving)] == own;
            if (!isOwn || uint256(measure.name) >> 160 != 0) revert ICharter.ValidatorSetUnchanged();
        } else {
            if (set.length >= _MOST) revert ICharter.TooManyValidators(_MOST);
            _requirePresent(consortium, measure.institution);
            _requireSpread(held[own] + 1, set.length + 1, members);
        }
        self.named[consortium][measure.target] = measure.institution;
    }

    /// @dev The set, and beside each validator its institution's number; zero where nobody named one.
    function _runBy(
        Table storage self,
        IConsortium consortium,
        ICharter charter
    ) private view returns (address[] memory set, uint256[] memory runBy) {
        set = charter.getValidators();
        runBy = new uint256[](set.length);
        FoundingValidator[] memory file = consortium.founding().validators;
        for (uint256 i = 0; i < set.length; ++i) {
            runBy[i] = InstitutionId.unwrap(self.named[consortium][set[i]]);
            for (uint256 j = 0; runBy[i] == 0 && j < file.length; ++j) {
                if (file[j].validator == set[i]) runBy[i] = InstitutionId.unwrap(file[j].institution);
            }
        }
    }

    function _placeOf(address[] memory set, address validator) private pure returns (uint256) {
        for (uint256 i = 0; i < set.length; ++i) if (set[i] == validator) return i;
        revert ICharter.ValidatorSetUnchanged();
    }

    function _requirePresent(IConsortium consortium, InstitutionId institution) private view {
        Institution memory found = consortium.institutionOf(institution);
        if (found.roles == 0) revert IConsortium.InstitutionUnknown();
        if (found.expelled) revert IConsortium.InstitutionUnchanged();
    }

    function _requireSpread(uint256 held, uint256 validators, uint128 members) private pure {
        if (validators < _LEAST || Institutions.count(members) < _LEAST) return;
        if (held * _THIRD >= validators) revert IConsortium.ValidatorsConcentrated();
    }
}
