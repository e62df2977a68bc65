// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Consent, Portion, Release, UnitChange} from "../interfaces/LandActs.sol";
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

/// @notice Hashes of a state's sections: what is kept apart so that a section is disclosed or renewed alone.
struct Sections {
    bytes32 header;
    bytes32 spatialUnits;
    bytes32 rights;
    bytes32 restrictions;
    bytes32 responsibilities;
    bytes32 applications;
}

/// @title The one hashing rule of the register of land: EIP-712
/// @notice A state, a section of it, an act and a consent all hash as EIP-712 typed data, so any wallet's or
/// auditor's tool recomputes every hash the register keeps or asks to have signed.
/// @dev Type hashes are literals: a constant built from other constants is recomputed at every use. The tests
/// hold the type strings.
library LandHashes {
    bytes32 internal constant HEADER_TYPEHASH =
        0x2226f6f4d1712bc1376ef54ab6732fb8a3d17a402d9f038b991c68605391cddf;
    bytes32 internal constant SPATIAL_UNIT_TYPEHASH =
        0x7d486e80ec1c1540a8a7f1fe353d1a67e1eb13f85cfa155a50bf96c0dd1d1c0e;
    bytes32 internal constant HOLDING_TYPEHASH =
        0x9fb7548f8486d7a8ce48daca03f7f0193b837efe9ebb5d1c7d1cf4e08bd208d9;
    bytes32 internal constant RIGHT_TYPEHASH =
        0x7f48959b0a321f85061e9df33984e7d94464dadcc6da7d81d4a93cce1eebb7f1;
    bytes32 internal constant RESTRICTION_TYPEHASH =
        0x8287b95817a580e4e9c265c5b365bf406e42041cd219a37b11850170dcf6530f;
    bytes32 internal constant RESPONSIBILITY_TYPEHASH =
        0x16134c1753f646ac2c529be351bc208ea0995c0468925869d3a08b7942736aeb;
    bytes32 internal constant APPLICATION_TYPEHASH =
        0x1625e4f9927836b456defc00dff769523b882d804c47f862f7766045863ce6d3;
    bytes32 internal constant BA_UNIT_STATE_TYPEHASH =
        0x1b4018af178e81f4c9b74207fa6f6ce099faffcf08850fdf8bb72c30c7658b69;
    bytes32 internal constant TITLE_TYPEHASH =
        0x3fdf93a8c7529ec8bbf67ea04a37ee8f0b17adde43419f2a91067a9add234bca;
    bytes32 internal constant UNIT_CHANGE_TYPEHASH =
        0x8fb8915dd9d038f4fd6e6ba0bf51cb9d55cdae32b015beca20668e7186501b32;
    bytes32 internal constant RELEASE_TYPEHASH =
        0xa0f2453f12b1b436d3e97cb07322c6f13da615ac69e8f24625feaba26c880c26;
    bytes32 internal constant PORTION_TYPEHASH =
        0x6073a715fd28965f5ff4c82fa6baef4c9cc95838417eb1f3b053de39740ef9bb;
    bytes32 internal constant CHILD_TYPEHASH =
        0x8e1c5a00422f7839873c40aa8dd199fb2419f420baeec196719fc6c25ce7b966;
    bytes32 internal constant CONSENT_TYPEHASH =
        0xcd947659f38d576cc0ec08eca5b9f42d93c3c3b8788c9f4cc449b4151657be32;
    bytes32 internal constant REGISTER_TITLE_TYPEHASH =
        0xf49c5d035e49d710bc706c77c02243e4cc883d14424dabea5b41fed06a129ed7;
    bytes32 internal constant TRANSFER_RIGHT_TYPEHASH =
        0x981c4934e3601fa8fda2f741ca2d14ae4062e49fc12f032117a5004521d9282d;
    bytes32 internal constant CREATE_RESTRICTION_TYPEHASH =
        0x6f37a1723bb459758de72ab62e9ea93e45033d0cdff0159985b90185bfd4e79f;
    bytes32 internal constant DISCHARGE_TYPEHASH =
        0x24eb2f86fc57d38c19d9d47a5147e1447d3e940abd309b757432279fdd9550f3;
    bytes32 internal constant SUBDIVIDE_TYPEHASH =
        0x7736cf5711fe8c3490346661718671678638039d7df5c99fb232e110cc638ba7;
    bytes32 internal constant CONSOLIDATE_TYPEHASH =
        0x232d2aebd6f652741db1fecf5bc4825d905a635cb7ca5dcc3b5d8de294955667;
    bytes32 internal constant REGISTER_TITLE_APPROVAL_TYPEHASH =
        0xd15fc7dfdb886ec35de3f90cb8b5bbf5a65e895328ec090d00381791abc17320;
    bytes32 internal constant TRANSFER_RIGHT_APPROVAL_TYPEHASH =
        0x0a7b3ef01a2d292520add7a0a7e854930b270b88a9da8cf4f24dc5257d8b1149;
    bytes32 internal constant CREATE_RESTRICTION_APPROVAL_TYPEHASH =
        0x7c90fb9f3a998b929367841f9f8e488d984a5c835bfe2e0e6d5e00044a7b0ade;
    bytes32 internal constant DISCHARGE_APPROVAL_TYPEHASH =
        0x9c4b0ad3f02ab82e1104733e01ab1c89f349a5d7acab41d65b3443370126616e;
    bytes32 internal constant SUBDIVIDE_APPROVAL_TYPEHASH =
        0x1abd9396baa20e5562a48ef50d1216292066c41f634b12688ec9449160ef6383;
    bytes32 internal constant CONSOLIDATE_APPROVAL_TYPEHASH =
        0x9e800c3340ba8f620cf54a06d88c95397362aad968157e5356c571cdef94ae93;

    /// @notice Struct hash of a state.
    function ofState(BAUnitState memory state) internal pure returns (bytes32) {
        return ofSections(ofEachSection(state), state);
    }

    /// @notice Struct hash of a state whose sections are hashed.
    function ofSections(Sections memory sections, BAUnitState memory state) internal pure returns (bytes32) {
        return keccak256(abi.encode(BA_UNIT_STATE_TYPEHASH, sections, state.factsRoot, state.priorState));
    }

    /// @notice Hashes of all sections of a state.
    function ofEachSection(BAUnitState memory state) internal pure returns (Sections memory) {
        return
            Sections({
                header: ofHeader(state.header),
                spatialUnits: ofSpatialUnits(state.spatialUnits),
                rights: ofRights(state.rights),
                restrictions: ofRestrictions(state.restrictions),
                responsibilities: ofResponsibilities(state.responsibilities),
                applications: ofApplications(state.applications)
            });
    }

    function ofHeader(Header memory header) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := header
        }
        return StructHash.ofWords(HEADER_TYPEHASH, pointer, 12);
    }

    function ofSpatialUnits(SpatialUnit[] memory spatialUnits) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := spatialUnits
        }
        return StructHash.ofArray(SPATIAL_UNIT_TYPEHASH, pointer, 2);
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
                RIGHT_TYPEHASH,
                pointer,
                11,
                StructHash.ofArray(HOLDING_TYPEHASH, holdings, 7)
            );
    }

    function ofRestrictions(Restriction[] memory restrictions) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := restrictions
        }
        return StructHash.ofArray(RESTRICTION_TYPEHASH, pointer, 12);
    }

    function ofRestriction(Restriction memory restriction) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := restriction
        }
        return StructHash.ofWords(RESTRICTION_TYPEHASH, pointer, 12);
    }

    function ofResponsibilities(Responsibility[] memory responsibilities) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := responsibilities
        }
        return StructHash.ofArray(RESPONSIBILITY_TYPEHASH, pointer, 8);
    }

    function ofApplications(Application[] memory applications) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := applications
        }
        return StructHash.ofArray(APPLICATION_TYPEHASH, pointer, 8);
    }

    function ofTitle(BAUnitId baUnit, bytes32 stateHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(TITLE_TYPEHASH, baUnit, stateHash));
    }

    function ofUnitChange(UnitChange memory unit) internal pure returns (bytes32) {
        return keccak256(abi.encode(UNIT_CHANGE_TYPEHASH, unit));
    }

    function ofUnitChanges(UnitChange[] memory units) internal pure returns (bytes32) {
        uint256 pointer;
        assembly ("memory-safe") {
            pointer := units
        }
        return StructHash.ofArray(UNIT_CHANGE_TYPEHASH, pointer, 3);
    }

    function ofReleases(Release[] memory releases) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](releases.length);
        for (uint256 i = 0; i < releases.length; ++i) {
            hashes[i] = keccak256(
                abi.encode(RELEASE_TYPEHASH, ofUnitChange(releases[i].unit), releases[i].restrictionId)
            );
        }
        return StructHash.ofHashes(hashes);
    }

    function ofPortion(Portion memory portion) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    PORTION_TYPEHASH,
                    portion.baUnit,
                    ofSpatialUnits(portion.spatialUnits),
                    portion.quotaNumerator
                )
            );
    }

    function ofChild(bytes32 portionHash, bytes32 factsRoot) internal pure returns (bytes32) {
        return keccak256(abi.encode(CHILD_TYPEHASH, portionHash, factsRoot));
    }

    function ofConsent(Consent memory consent) internal pure returns (bytes32) {
        return keccak256(abi.encode(CONSENT_TYPEHASH, consent));
    }
}
