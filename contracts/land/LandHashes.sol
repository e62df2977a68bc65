// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Consent, ConsentProof, Portion, Release, Title, UnitChange} from "../interfaces/LandActs.sol";
import {
    Application,
    BAUnitId,
    BAUnitState,
    Header,
    Holding,
    Responsibility,
    Restriction,
    Right,
    SpatialUnit
} from "../interfaces/LandState.sol";
import {StructHash} from "../journal/StructHash.sol";
import {LandTypes} from "./LandTypes.sol";

/// @notice Hashes of a state's sections: what is kept apart so that a section is disclosed or renewed alone.
struct Sections {
    bytes32 header;
    bytes32 spatialUnits;
    bytes32 rights;
    bytes32 charges;
    bytes32 notices;
    bytes32 responsibilities;
    bytes32 applications;
}

/// @title The one hashing rule of the register of land: EIP-712
/// @notice A state, a section of it, an act, a claim and a consent all hash as EIP-712 typed data, so any wallet's or
/// auditor's tool recomputes what the register keeps or asks to have signed. Folds, terms and hashes of given consents are
/// keccak256 of words.
library LandHashes {
    /// @notice Struct hash of a state.
    function ofState(BAUnitState memory state) internal pure returns (bytes32) {
        return ofSections(ofEachSection(state), state);
    }

    /// @notice Struct hash of a state whose sections are hashed.
    function ofSections(Sections memory sections, BAUnitState memory state) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(LandTypes.BA_UNIT_STATE_TYPEHASH, sections, state.factsRoot, state.priorState)
            );
    }

    /// @notice Hashes of all sections of a state.
    function ofEachSection(BAUnitState memory state) internal pure returns (Sections memory) {
        return
            Sections({
                header: ofHeader(state.header),
                spatialUnits: ofSpatialUnits(state.spatialUnits),
                rights: ofRights(state.rights),
                charges: ofRestrictions(state.charges),
                notices: ofRestrictions(state.notices),
                responsibilities: ofResponsibilities(state.responsibilities),
                applications: ofApplications(state.applications)
            });
    }

    function ofHeader(Header memory header) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := header
        }
        return StructHash.ofWords(LandTypes.HEADER_TYPEHASH, pointer, LandTypes.HEADER_WORDS);
    }

    function ofSpatialUnits(SpatialUnit[] memory spatialUnits) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := spatialUnits
        }
        return StructHash.ofArray(LandTypes.SPATIAL_UNIT_TYPEHASH, pointer, LandTypes.SPATIAL_UNIT_WORDS);
    }

    function ofRights(Right[] memory rights) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](rights.length);
        for (uint256 i = 0; i < rights.length; ++i) hashes[i] = ofRight(rights[i]);
        return StructHash.ofHashes(hashes);
    }

    function ofRight(Right memory right) internal pure returns (bytes32) {
        uint256 pointer;
        uint256 holdings;
        Holding[] memory list = right.holdings;
        assembly ("memory-safe") {
            pointer := right
            holdings := list
        }
        return
            StructHash.ofWordsEndingIn(
                LandTypes.RIGHT_TYPEHASH,
                pointer,
                LandTypes.RIGHT_WORDS,
                StructHash.ofArray(LandTypes.HOLDING_TYPEHASH, holdings, LandTypes.HOLDING_WORDS)
            );
    }

    function ofRestrictions(Restriction[] memory restrictions) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := restrictions
        }
        return StructHash.ofArray(LandTypes.RESTRICTION_TYPEHASH, pointer, LandTypes.RESTRICTION_WORDS);
    }

    function ofRestriction(Restriction memory restriction) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := restriction
        }
        return StructHash.ofWords(LandTypes.RESTRICTION_TYPEHASH, pointer, LandTypes.RESTRICTION_WORDS);
    }

    function ofResponsibilities(Responsibility[] memory responsibilities) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := responsibilities
        }
        return StructHash.ofArray(LandTypes.RESPONSIBILITY_TYPEHASH, pointer, LandTypes.RESPONSIBILITY_WORDS);
    }

    function ofApplications(Application[] memory applications) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := applications
        }
        return StructHash.ofArray(LandTypes.APPLICATION_TYPEHASH, pointer, LandTypes.APPLICATION_WORDS);
    }

    function ofTitles(Title[] memory titles) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](titles.length);
        for (uint256 i = 0; i < titles.length; ++i) {
            hashes[i] = ofTitle(titles[i].baUnit, ofState(titles[i].state));
        }
        return StructHash.ofHashes(hashes);
    }

    function ofTitle(BAUnitId baUnit, bytes32 stateHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(LandTypes.TITLE_TYPEHASH, baUnit, stateHash));
    }

    function ofUnitChange(UnitChange memory unit) internal pure returns (bytes32) {
        return keccak256(abi.encode(LandTypes.UNIT_CHANGE_TYPEHASH, unit));
    }

    function ofUnitChanges(UnitChange[] memory units) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := units
        }
        return StructHash.ofArray(LandTypes.UNIT_CHANGE_TYPEHASH, pointer, LandTypes.UNIT_CHANGE_WORDS);
    }

    function ofReleases(Release[] memory releases) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](releases.length);
        for (uint256 i = 0; i < releases.length; ++i) {
            hashes[i] = keccak256(
                abi.encode(
                    LandTypes.RELEASE_TYPEHASH,
                    ofUnitChange(releases[i].unit),
                    releases[i].restrictionId
                )
            );
        }
        return StructHash.ofHashes(hashes);
    }

    function ofPortion(Portion memory portion) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    LandTypes.PORTION_TYPEHASH,
                    portion.baUnit,
                    ofSpatialUnits(portion.spatialUnits),
                    portion.quotaNumerator
                )
            );
    }

    function ofChild(bytes32 portionHash, bytes32 factsRoot) internal pure returns (bytes32) {
        return keccak256(abi.encode(LandTypes.CHILD_TYPEHASH, portionHash, factsRoot));
    }

    /// @notice What the slot of a loaded child holds until it is made: it is of this parent and this division.
    function ofClaim(
        BAUnitId parent,
        bytes32 membersRoot,
        bytes32 childHash
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(LandTypes.CLAIM_TYPEHASH, parent, membersRoot, childHash));
    }

    /// @notice A consent with its very signature, which an auditor holds the bytes against wherever they come from.
    /// @param digest Of the `Consent`.
    function ofProof(bytes32 digest, ConsentProof calldata proof) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(digest, proof.kind, proof.salt, keccak256(proof.key), keccak256(proof.signature))
            );
    }

    function ofConsent(Consent memory consent) internal pure returns (bytes32) {
        return keccak256(abi.encode(LandTypes.CONSENT_TYPEHASH, consent));
    }
}
