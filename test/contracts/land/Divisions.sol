// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CancelDivision, Child, OpenDivision, Portion} from "../../../contracts/interfaces/LandActs.sol";
import {BAUnitId, BAUnitState} from "../../../contracts/interfaces/LandState.sol";
import {ActHeads} from "../../../contracts/journal/ActHeads.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {OFFICE, Titles} from "./Titles.sol";

/// What opening and cancelling a division takes to sign, built apart from the contracts' own loops.
library Divisions {
    function hashOf(Child memory child) internal pure returns (bytes32) {
        return LandHashes.ofChild(LandHashes.ofPortion(child.portion), child.factsRoot);
    }

    /// The fold of the children from one place on.
    function foldFrom(Child[] memory children, uint256 place) internal pure returns (bytes32) {
        if (place == children.length) return 0;
        return keccak256(abi.encode(hashOf(children[place]), foldFrom(children, place + 1)));
    }

    /// The same ground under other ids.
    function again(Child[] memory children) internal pure returns (Child[] memory anew) {
        anew = new Child[](children.length);
        for (uint256 i = 0; i < anew.length; ++i) {
            Portion memory portion = children[i].portion;
            bytes32 other = keccak256(abi.encode("again", portion.baUnit));
            anew[i].portion = Portion(
                BAUnitId.wrap(Titles.idOf(OFFICE, other)),
                portion.spatialUnits,
                portion.quotaNumerator
            );
            anew[i].factsRoot = children[i].factsRoot;
        }
    }

    function slice(
        Child[] memory children,
        uint256 from,
        uint256 to
    ) internal pure returns (Child[] memory some) {
        some = new Child[](to - from);
        for (uint256 i = from; i < to; ++i) some[i - from] = children[i];
    }

    function termsOf(Child[] memory children) internal pure returns (bytes32) {
        return keccak256(abi.encode(uint256(children.length), foldFrom(children, 0)));
    }

    function hashOf(OpenDivision memory act) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    LandTypes.OPEN_DIVISION_TYPEHASH,
                    ActHeads.hash(act.head),
                    LandHashes.ofUnitChange(act.unit),
                    act.memberCount,
                    act.membersRoot
                )
            );
    }

    function hashOf(CancelDivision memory act) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    LandTypes.CANCEL_DIVISION_TYPEHASH,
                    ActHeads.hash(act.head),
                    LandHashes.ofUnitChange(act.unit)
                )
            );
    }

    function sameRights(BAUnitState memory child, BAUnitState memory parent) internal pure returns (bool) {
        return
            LandHashes.ofRights(child.rights) == LandHashes.ofRights(parent.rights) &&
            LandHashes.ofRestrictions(child.charges) == LandHashes.ofRestrictions(parent.charges) &&
            LandHashes.ofRestrictions(child.notices) == LandHashes.ofRestrictions(parent.notices) &&
            LandHashes.ofResponsibilities(child.responsibilities) ==
                LandHashes.ofResponsibilities(parent.responsibilities);
    }
}
