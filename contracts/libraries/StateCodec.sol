// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {
    Application,
    ApplicationState,
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    Capacity,
    Condition,
    EvidenceGrade,
    Holding,
    LandAct,
    Origin,
    PartyKind,
    Responsibility,
    ResponsibilityKind,
    Restriction,
    RestrictionKind,
    Right,
    RightKind,
    SpatialUnit,
    Standing,
    Tenancy
} from "../interfaces/LandState.sol";

/// @title States from calldata into memory, and from memory into their event
/// @notice Does what the compiler's ABI coder does, with a copy a section instead of a call a field, and
/// refuses a value beyond its type by name instead of without a word. What goes in and out is plain ABI.
/// @dev Assembly because of what it saves: about 11,000 of the 26,000 gas a title cost above its bound. Where
/// a list begins and ends is still checked by the compiler, which reads every calldata reference here. The
/// tests hold both directions against `abi.decode` and `abi.encode`.
library StateCodec {
    uint256 private constant _HEADER_WORDS = 12;
    uint256 private constant _SPATIAL_UNIT_WORDS = 2;
    uint256 private constant _RIGHT_WORDS = 11;
    uint256 private constant _HOLDING_WORDS = 7;
    uint256 private constant _RESTRICTION_WORDS = 12;
    uint256 private constant _RESPONSIBILITY_WORDS = 8;
    uint256 private constant _APPLICATION_WORDS = 8;
    /// @dev Header, one offset a list, factsRoot and priorState.
    uint256 private constant _STATE_HEAD_WORDS = 19;

    /// @notice A state as a caller shows it.
    function load(BAUnitState calldata shown) internal pure returns (BAUnitState memory state) {
        uint256 place;
        uint256 header;
        assembly ("memory-safe") {
            place := shown
            header := mload(0x40)
            calldatacopy(header, shown, mul(_HEADER_WORDS, 0x20))
            mstore(0x40, add(header, mul(_HEADER_WORDS, 0x20)))
        }
        _requireHeader(header);
        uint256 spatialUnits = _loadSpatialUnits(shown.spatialUnits);
        uint256 rights = _loadRights(shown.rights);
        uint256 restrictions = _loadRestrictions(shown.restrictions);
        uint256 responsibilities = _loadResponsibilities(shown.responsibilities);
        uint256 applications = _loadApplications(shown.applications);
        (bytes32 factsRoot, bytes32 priorState) = (shown.factsRoot, shown.priorState);
        assembly ("memory-safe") {
            mstore(state, header)
            mstore(add(state, 0x20), spatialUnits)
            mstore(add(state, 0x40), rights)
            mstore(add(state, 0x60), restrictions)
            mstore(add(state, 0x80), responsibilities)
            mstore(add(state, 0xa0), applications)
            mstore(add(state, 0xc0), factsRoot)
            mstore(add(state, 0xe0), priorState)
        }
    }

    /// @notice A right as a caller states it.
    function load(Right calldata shown) internal pure returns (Right memory right) {
        uint256 pointer = _loadRight(shown);
        assembly ("memory-safe") {
            right := pointer
        }
    }

    /// @notice Emits `BAUnitRecorded(baUnit, stateHash, state)`.
    function emitRecorded(BAUnitId baUnit, bytes32 stateHash, BAUnitState memory state) internal {
        uint256 start;
        uint256 base;
        uint256 next;
        assembly ("memory-safe") {
            start := mload(0x40)
            mstore(start, 0x20)
            base := add(start, 0x20)
            mcopy(base, mload(state), mul(_HEADER_WORDS, 0x20))
            mcopy(add(base, mul(17, 0x20)), add(state, 0xc0), 0x40)
            next := add(base, mul(_STATE_HEAD_WORDS, 0x20))
        }
        next = _writeList(base, 12, next, _listAt(state, 1), _SPATIAL_UNIT_WORDS);
        next = _writeRights(base, 13, next, _listAt(state, 2));
        next = _writeList(base, 14, next, _listAt(state, 3), _RESTRICTION_WORDS);
        next = _writeList(base, 15, next, _listAt(state, 4), _RESPONSIBILITY_WORDS);
        next = _writeList(base, 16, next, _listAt(state, 5), _APPLICATION_WORDS);
        bytes32 topic = ILandRegistry.BAUnitRecorded.selector;
        assembly ("memory-safe") {
            log3(start, sub(next, start), topic, baUnit, stateHash)
        }
    }

    // ---- in ----

    function _loadSpatialUnits(SpatialUnit[] calldata list) private pure returns (uint256) {
        uint256 offset;
        assembly ("memory-safe") {
            offset := list.offset
        }
        return _copyList(offset, list.length, _SPATIAL_UNIT_WORDS);
    }

    function _loadRights(Right[] calldata list) private pure returns (uint256 pointer) {
        uint256 count = list.length;
        assembly ("memory-safe") {
            pointer := mload(0x40)
            mstore(pointer, count)
            mstore(0x40, add(pointer, shl(5, add(count, 1))))
        }
        for (uint256 i = 0; i < count; ++i) {
            uint256 right = _loadRight(list[i]);
            assembly ("memory-safe") {
                mstore(add(pointer, shl(5, add(i, 1))), right)
            }
        }
    }

    function _loadRight(Right calldata shown) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
            calldatacopy(pointer, shown, mul(_RIGHT_WORDS, 0x20))
            mstore(0x40, add(pointer, mul(_RIGHT_WORDS, 0x20)))
        }
        _requireRight(pointer);
        Holding[] calldata list = shown.holdings;
        uint256 offset;
        assembly ("memory-safe") {
            offset := list.offset
        }
        uint256 holdings = _copyList(offset, list.length, _HOLDING_WORDS);
        assembly ("memory-safe") {
            mstore(add(pointer, mul(sub(_RIGHT_WORDS, 1), 0x20)), holdings)
        }
        for (uint256 i = 0; i < list.length; ++i) _requireHolding(_element(holdings, i));
    }

    function _loadRestrictions(Restriction[] calldata list) private pure returns (uint256 pointer) {
        uint256 offset;
        assembly ("memory-safe") {
            offset := list.offset
        }
        pointer = _copyList(offset, list.length, _RESTRICTION_WORDS);
        for (uint256 i = 0; i < list.length; ++i) _requireRestriction(_element(pointer, i));
    }

    function _loadResponsibilities(Responsibility[] calldata list) private pure returns (uint256 pointer) {
        uint256 offset;
        assembly ("memory-safe") {
            offset := list.offset
        }
        pointer = _copyList(offset, list.length, _RESPONSIBILITY_WORDS);
        for (uint256 i = 0; i < list.length; ++i) _requireResponsibility(_element(pointer, i));
    }

    function _loadApplications(Application[] calldata list) private pure returns (uint256 pointer) {
        uint256 offset;
        assembly ("memory-safe") {
            offset := list.offset
        }
        pointer = _copyList(offset, list.length, _APPLICATION_WORDS);
        for (uint256 i = 0; i < list.length; ++i) _requireApplication(_element(pointer, i));
    }

    /// @dev A list of structs of value fields: its length, a pointer an element, the elements in one run.
    function _copyList(uint256 offset, uint256 count, uint256 words) private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
            mstore(pointer, count)
            let slot := add(pointer, 0x20)
            let element := add(slot, shl(5, count))
            let run := shl(5, words)
            let size := mul(run, count)
            calldatacopy(element, offset, size)
            mstore(0x40, add(element, size))
            for {
                let end := element
            } lt(slot, end) {
                slot := add(slot, 0x20)
                element := add(element, run)
            } {
                mstore(slot, element)
            }
        }
    }

    // ---- what each field may hold ----

    function _requireHeader(uint256 p) private pure {
        uint256 beyond = (_at(p, 0) >> 16) | (_at(p, 1) >> 64) | (_at(p, 3) >> 32);
        beyond |= (_at(p, 7) >> 64) | (_at(p, 8) >> 64) | (_at(p, 10) >> 32) | (_at(p, 11) >> 32);
        beyond |= _above(_at(p, 2), uint256(type(BAUnitStatus).max));
        beyond |= _above(_at(p, 4), uint256(type(Origin).max));
        _refuse(beyond | _above(_at(p, 5), uint256(type(EvidenceGrade).max)));
    }

    function _requireRight(uint256 p) private pure {
        uint256 beyond = (_at(p, 0) >> 32) | (_at(p, 3) >> 64) | (_at(p, 4) >> 64) | (_at(p, 6) >> 32);
        beyond |= (_at(p, 7) >> 64) | (_at(p, 8) >> 64);
        beyond |= _above(_at(p, 1), uint256(type(RightKind).max));
        beyond |= _above(_at(p, 2), uint256(type(Standing).max));
        _refuse(beyond | _above(_at(p, 5), uint256(type(Tenancy).max)));
    }

    function _requireHolding(uint256 p) private pure {
        uint256 beyond = (_at(p, 0) >> 32) | (_at(p, 1) >> 64);
        beyond |= _above(_at(p, 2), uint256(type(PartyKind).max));
        beyond |= _above(_at(p, 3), uint256(type(Capacity).max));
        _refuse(beyond | _above(_at(p, 4), uint256(type(Condition).max)));
    }

    function _requireRestriction(uint256 p) private pure {
        uint256 beyond = (_at(p, 0) >> 32) | (_at(p, 2) >> 32) | (_at(p, 3) >> 32) | (_at(p, 4) >> 16);
        beyond |= (_at(p, 5) >> 64) | (_at(p, 8) >> 64) | (_at(p, 9) >> 64) | (_at(p, 10) >> 64);
        _refuse(beyond | _above(_at(p, 1), uint256(type(RestrictionKind).max)));
    }

    function _requireResponsibility(uint256 p) private pure {
        uint256 beyond = (_at(p, 0) >> 32) | (_at(p, 2) >> 32) | (_at(p, 3) >> 64) | (_at(p, 6) >> 64);
        _refuse(beyond | _above(_at(p, 1), uint256(type(ResponsibilityKind).max)));
    }

    function _requireApplication(uint256 p) private pure {
        uint256 beyond = (_at(p, 0) >> 32) | (_at(p, 3) >> 64) | (_at(p, 4) >> 64) | (_at(p, 5) >> 64);
        beyond |= (_at(p, 6) >> 64) | _above(_at(p, 1), uint256(type(LandAct).max));
        _refuse(beyond | _above(_at(p, 7), uint256(type(ApplicationState).max)));
    }

    function _refuse(uint256 beyond) private pure {
        if (beyond != 0) revert ILandRegistry.ValueOutOfRange();
    }

    function _at(uint256 pointer, uint256 word) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(pointer, mul(word, 0x20)))
        }
    }

    function _above(uint256 value, uint256 most) private pure returns (uint256 above) {
        assembly ("memory-safe") {
            above := gt(value, most)
        }
    }

    function _element(uint256 list, uint256 index) private pure returns (uint256) {
        return _at(list, index + 1);
    }

    // ---- out ----

    function _listAt(BAUnitState memory state, uint256 field) private pure returns (uint256 list) {
        assembly ("memory-safe") {
            list := mload(add(state, mul(field, 0x20)))
        }
    }

    /// @dev Writes a list at `next`, and its offset into word `field` of the head at `base`.
    function _writeList(
        uint256 base,
        uint256 field,
        uint256 next,
        uint256 list,
        uint256 words
    ) private pure returns (uint256 end) {
        assembly ("memory-safe") {
            mstore(add(base, mul(field, 0x20)), sub(next, base))
            let count := mload(list)
            mstore(next, count)
            end := add(next, 0x20)
            let run := shl(5, words)
            for {
                let last := add(list, shl(5, count))
            } lt(list, last) {
                end := add(end, run)
            } {
                list := add(list, 0x20)
                mcopy(end, mload(list), run)
            }
        }
    }

    function _writeRights(
        uint256 base,
        uint256 field,
        uint256 next,
        uint256 list
    ) private pure returns (uint256 end) {
        uint256 count = _at(list, 0);
        uint256 heads;
        assembly ("memory-safe") {
            mstore(add(base, mul(field, 0x20)), sub(next, base))
            mstore(next, count)
            heads := add(next, 0x20)
            end := add(heads, shl(5, count))
        }
        for (uint256 i = 0; i < count; ++i) {
            uint256 right = _element(list, i);
            uint256 start = end;
            assembly ("memory-safe") {
                mstore(add(heads, shl(5, i)), sub(start, heads))
                mcopy(start, right, mul(_RIGHT_WORDS, 0x20))
                end := add(start, mul(_RIGHT_WORDS, 0x20))
            }
            end = _writeList(start, _RIGHT_WORDS - 1, end, _at(right, _RIGHT_WORDS - 1), _HOLDING_WORDS);
        }
    }
}
