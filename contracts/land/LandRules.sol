// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";
import {IJournal, OfficeId} from "../interfaces/IJournal.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {ConsentProof, UnitChange} from "../interfaces/LandActs.sol";
import {BAUnitState, LandAct, Right} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Asking, Consents} from "./Consents.sol";
import {LandHashes, Sections} from "./LandHashes.sol";

/// @title What the rule contracts of the register of land share
/// @notice A rule contract keeps nothing: it opens the states an act names, applies the rules and hands the
/// result to the register in force, which asks the officers and records. It finds that register in the Charter,
/// and a register takes results only from the rule contracts it was built with.
abstract contract LandRules {
    /// @dev The act at work, with what every step of it needs.
    struct Work {
        ILandRegistry registry;
        OfficeId office;
        uint64 presentations;
        Asking asking;
    }

    bytes32 private constant _REGISTER = keccak256("LandRegistry");

    /// @notice Where the register in force is looked up.
    ICharter public immutable charter;

    constructor(ICharter charter_) {
        charter = charter_;
    }

    function _begin(LandAct act, OfficeId office) internal view returns (Work memory work) {
        address registry = charter.registerOf(_REGISTER);
        work.registry = ILandRegistry(registry);
        work.office = office;
        work.presentations = work.registry.presentations();
        work.asking.consortium = IConsortium(charter.authority());
        work.asking.domainSeparator = IJournal(registry).domainSeparator();
        work.asking.act = act;
    }

    /// @dev Takes up one unit of the act: its state is the one in force, and the asking is about it.
    function _open(
        Work memory work,
        UnitChange memory unit,
        BAUnitState memory state
    ) internal view returns (Sections memory sections) {
        sections = LandHashes.ofEachSection(state);
        BAUnits.requireShown(unit, work.registry.stateOf(unit.baUnit), state, sections, work.office);
        work.asking.baUnit = unit.baUnit;
        work.asking.rightsHash = sections.rights;
    }

    /// @dev Takes the consents of every holding of every right that holds the land itself.
    function _takeOfOwnership(
        Work memory work,
        ConsentProof[] calldata consents,
        Right[] memory rights
    ) internal view {
        for (uint256 i = 0; i < rights.length; ++i) {
            if (!BAUnits.isOwnership(rights[i])) continue;
            Consents.takeOfHoldings(work.asking, consents, rights[i].holdings, type(uint256).max);
        }
    }
}
