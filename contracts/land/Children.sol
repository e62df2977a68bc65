// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {Change} from "../interfaces/ILandRecorder.sol";
import {Child, Portion, UnitChange} from "../interfaces/LandActs.sol";
import {BAUnitId, BAUnitState, BAUnitStatus, Header, Origin} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {LandHashes} from "./LandHashes.sol";

/// @title How units end and others begin from them (L6)
/// @notice What a subdivision, a division and a consolidation share: which parent may end, what its last state is, what
/// a child must bring and what it carries.
library Children {
    /// @notice Reverts if others have quotas in a unit that would end: they would have a share in nothing.
    function requireNoParts(Header memory header) internal pure {
        if (BAUnitId.unwrap(header.baseUnit) == 0 && header.quotaTotal != 0) {
            revert ILandRegistry.BaseUnitStands();
        }
    }

    /// @notice Reverts if others have quotas in a unit whose land would pass or be charged: a quota is a share in that land.
    function requireNoneGivenOut(Header memory header) internal pure {
        if (BAUnitId.unwrap(header.baseUnit) == 0 && header.quotaNumerator != 0) {
            revert ILandRegistry.BaseUnitStands();
        }
    }

    /// @notice Reverts unless a child has ground and facts.
    function requireChild(Child memory child) internal pure {
        Portion memory portion = child.portion;
        if (portion.spatialUnits.length == 0) revert ILandRegistry.SpatialUnitMissing();
        BAUnits.requireSpatialUnits(portion.spatialUnits);
        if (child.factsRoot == 0) revert ILandRegistry.ValueUnspecified();
    }

    /// @notice The parent as it ends. Its sections stay, so its history reads on.
    /// @param effect From when it has ended.
    /// @return change The parent's last state, made of `parent` itself.
    /// @return last Hash of it.
    function retire(
        UnitChange memory unit,
        BAUnitState memory parent,
        uint64 effect
    ) internal pure returns (Change memory change, bytes32 last) {
        BAUnits.advance(parent, unit, effect);
        parent.header.status = BAUnitStatus.Retired;
        return (Change(unit.baUnit, unit.priorState, parent), LandHashes.ofState(parent));
    }

    /// @notice A child with the very sections of its parent: nothing can be left behind.
    /// @param parent The parent's last state.
    /// @param last Hash of it.
    function carry(
        BAUnitState memory parent,
        bytes32 last,
        Child memory child
    ) internal pure returns (BAUnitState memory state) {
        state.header = firstHeader(parent.header, Origin.Subdivision);
        state.header.quotaNumerator = child.portion.quotaNumerator;
        state.header.nextId = parent.header.nextId;
        state.spatialUnits = child.portion.spatialUnits;
        state.rights = parent.rights;
        state.charges = parent.charges;
        state.notices = parent.notices;
        state.responsibilities = parent.responsibilities;
        state.factsRoot = child.factsRoot;
        state.priorState = last;
    }

    /// @notice Header of a new unit with what it has of its parent's.
    function firstHeader(Header memory parent, Origin origin) internal pure returns (Header memory header) {
        header.formatVersion = parent.formatVersion;
        header.version = 1;
        header.status = BAUnitStatus.Active;
        header.office = parent.office;
        header.origin = origin;
        header.evidence = parent.evidence;
        header.baseUnit = parent.baseUnit;
        header.quotaNumerator = parent.quotaNumerator;
        header.quotaTotal = parent.quotaTotal;
        header.effectiveOn = parent.effectiveOn;
    }
}
