// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {Child, Consolidate, Portion, Subdivide} from "../../../contracts/interfaces/LandActs.sol";
import {SpatialUnit} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandChargeWorld} from "./LandChargeWorld.sol";

/// What dividing and joining takes to sign.
abstract contract LandPartitionWorld is LandChargeWorld {
    function _child(uint256 seed) internal pure returns (Child memory child) {
        child.portion = Portion(_unitId(seed), new SpatialUnit[](1), 0);
        child.portion.spatialUnits[0] = _plot(seed);
        child.factsRoot = keccak256(abi.encode("facts", seed));
    }

    /// The terms that the owners of a divided unit consent to, and the children as officers sign them.
    function _portions(Subdivide memory act) internal pure returns (bytes32 terms, bytes32 children) {
        bytes memory portions;
        bytes memory hashes;
        for (uint256 i = 0; i < act.children.length; ++i) {
            bytes32 portion = LandHashes.ofPortion(act.children[i].portion);
            portions = abi.encodePacked(portions, portion);
            hashes = abi.encodePacked(hashes, LandHashes.ofChild(portion, act.children[i].factsRoot));
        }
        return (keccak256(portions), keccak256(hashes));
    }

    function _approveDivision(Subdivide memory act) internal view returns (Signatures memory) {
        (, bytes32 children) = _portions(act);
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandHashes.SUBDIVIDE_TYPEHASH,
                        _hashHead(act.head),
                        LandHashes.ofUnitChange(act.unit),
                        children
                    )
                ),
                LandHashes.SUBDIVIDE_APPROVAL_TYPEHASH
            );
    }

    /// The terms that the owners of joined units consent to.
    function _mergerTerms(Consolidate memory act) internal pure returns (bytes32) {
        bytes memory ids;
        for (uint256 i = 0; i < act.units.length; ++i) ids = abi.encodePacked(ids, act.units[i].baUnit);
        return
            keccak256(
                abi.encode(
                    keccak256(ids),
                    LandHashes.ofPortion(act.child.portion),
                    LandHashes.ofRight(act.ownership)
                )
            );
    }

    function _approveMerger(Consolidate memory act) internal view returns (Signatures memory) {
        bytes32 portion = LandHashes.ofPortion(act.child.portion);
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandHashes.CONSOLIDATE_TYPEHASH,
                        _hashHead(act.head),
                        LandHashes.ofUnitChanges(act.units),
                        LandHashes.ofChild(portion, act.child.factsRoot),
                        LandHashes.ofRight(act.ownership)
                    )
                ),
                LandHashes.CONSOLIDATE_APPROVAL_TYPEHASH
            );
    }
}
