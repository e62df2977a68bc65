// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {
    Child,
    ConsentProof,
    Consolidate,
    Portion,
    RegisterParts,
    Subdivide,
    Title
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    Header,
    LandAct,
    SpatialUnit
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {LandChargeWorld} from "./LandChargeWorld.sol";

/// What dividing and joining takes to sign.
abstract contract LandPartitionWorld is LandChargeWorld {
    function _child(uint256 seed) internal pure returns (Child memory child) {
        child.portion = Portion(_unitId(seed), new SpatialUnit[](1), 0);
        child.portion.spatialUnits[0] = _plot(seed);
        child.factsRoot = keccak256(abi.encode("facts", seed));
    }

    /// A flat with its quota in common land.
    function _part(
        uint256 seed,
        BAUnitId base,
        uint64 quota,
        uint64 total
    ) internal pure returns (Title memory part) {
        part = _title(seed);
        Header memory header = part.state.header;
        (header.baseUnit, header.quotaNumerator, header.quotaTotal) = (base, quota, total);
    }

    function _partsOf(
        BAUnitId base,
        BAUnitState memory state,
        Title[] memory titles
    ) internal returns (RegisterParts memory) {
        return RegisterParts(_head(), _change(base, state), titles);
    }

    function _approveParts(RegisterParts memory act) internal view returns (Signatures memory) {
        return
            _approve(
                keccak256(
                    abi.encode(
                        LandTypes.REGISTER_PARTS_TYPEHASH,
                        _hashHead(act.head),
                        LandHashes.ofUnitChange(act.base),
                        LandHashes.ofTitles(act.parts)
                    )
                ),
                LandTypes.REGISTER_PARTS_APPROVAL_TYPEHASH
            );
    }

    /// Ada's and Ben's consents as holders of the base unit.
    function _consentsToParts(
        BAUnitState memory state,
        RegisterParts memory act
    ) internal view returns (ConsentProof[] memory proofs) {
        bytes32 terms = LandHashes.ofTitles(act.parts);
        BAUnitId base = act.base.baUnit;
        proofs = new ConsentProof[](2);
        proofs[0] = _proof(ADA, _holderConsent(LandAct.PartRegistration, base, state, 2, terms));
        proofs[1] = _proof(BEN, _holderConsent(LandAct.PartRegistration, base, state, 3, terms));
    }

    /// Registers one part with the consent of the base unit's holders; answers base unit and part.
    function _registerPart(
        BAUnitId base,
        BAUnitState memory state,
        Title memory part
    ) internal returns (BAUnitState[] memory) {
        Title[] memory titles = new Title[](1);
        titles[0] = part;
        RegisterParts memory act = _partsOf(base, state, titles);
        _parts.registerParts(act, state, _consentsToParts(state, act), _approveParts(act));
        return _recorded();
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
                        LandTypes.SUBDIVIDE_TYPEHASH,
                        _hashHead(act.head),
                        LandHashes.ofUnitChange(act.unit),
                        children
                    )
                ),
                LandTypes.SUBDIVIDE_APPROVAL_TYPEHASH
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
                        LandTypes.CONSOLIDATE_TYPEHASH,
                        _hashHead(act.head),
                        LandHashes.ofUnitChanges(act.units),
                        LandHashes.ofChild(portion, act.child.factsRoot),
                        LandHashes.ofRight(act.ownership)
                    )
                ),
                LandTypes.CONSOLIDATE_APPROVAL_TYPEHASH
            );
    }
}
