// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";
import {ActHead, IJournal, OfficeId} from "../interfaces/IJournal.sol";
import {Recording} from "../interfaces/ILandRecorder.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {ConsentProof, UnitChange} from "../interfaces/LandActs.sol";
import {BAUnitId, BAUnitState, LandAct} from "../interfaces/LandState.sol";
import {BAUnits} from "./BAUnits.sol";
import {Asking, Consents, Lessening, Reach} from "./Consents.sol";
import {Agreed, Effects} from "./Effects.sol";
import {LandHashes, Sections} from "./LandHashes.sol";
import {Restrictions} from "./Restrictions.sol";
import {Weights} from "./Weights.sol";
import {StructHash} from "../journal/StructHash.sol";

/// @title What the rule contracts of the register of land share
/// @notice A rule contract keeps nothing: it opens the states an act names, applies the rules and hands the
/// result to the register in force, which asks the officers and records. It finds that register in the Charter,
/// and a register takes results only from the rule contracts it was built with.
abstract contract LandRules {
    /// @dev The act at work, with what every step of it needs.
    struct Work {
        ILandRegistry registry;
        OfficeId office;
        // When the latest of the states shown took effect.
        uint64 since;
        // Holdings of rights in force that hold the land itself, over all units.
        uint256 owners;
        // From when the states that the act makes have effect.
        uint64 effect;
        uint64 presentations;
        // The act is one that a dividing unit takes too: a protection, or the end of a restriction.
        bool whileDividing;
        // Words of the states shown: see `Weights`.
        uint256 weight;
        Asking asking;
    }

    bytes32 private constant _REGISTER = keccak256("LandRegistry");

    /// @notice Where the register in force is looked up.
    ICharter public immutable charter;

    constructor(ICharter charter_) {
        charter = charter_;
    }

    function _begin(LandAct act, ActHead calldata head) internal view returns (Work memory work) {
        address registry = _register();
        work.registry = ILandRegistry(registry);
        work.office = head.office;
        work.presentations = work.registry.presentations();
        work.asking.consortium = IConsortium(charter.authority());
        work.asking.domainSeparator = IJournal(registry).domainSeparator();
        work.asking.act = act;
        work.asking.effectiveOn = head.effectiveOn;
    }

    function _register() internal view returns (address) {
        return charter.registerOf(_REGISTER);
    }

    /// @dev Opens all units of the act: each state is the one in force, what lapsed is dropped, the consents name them all
    /// as they stand then, and the effect of the act is known.
    function _openAll(
        Work memory work,
        UnitChange[] memory units,
        BAUnitState[] memory states
    ) internal view {
        if (states.length != units.length) revert ILandRegistry.PriorStateMissing();
        bytes32[] memory words = new bytes32[](3 * units.length);
        for (uint256 i = 0; i < units.length; ++i) {
            UnitChange memory unit = units[i];
            BAUnitState memory state = states[i];
            Sections memory sections = LandHashes.ofEachSection(state);
            BAUnits.requireShown(
                unit,
                work.registry.stateOf(unit.baUnit),
                state,
                sections,
                work.office,
                work.whileDividing
            );
            work.weight += Weights.ofState(state);
            if (state.header.effectiveOn > work.since) work.since = state.header.effectiveOn;
            uint256 charges = state.charges.length;
            work.owners += Consents.ownersOf(work.asking, state.rights);
            Restrictions.drop(state, work.asking.consortium);
            words[3 * i] = BAUnitId.unwrap(unit.baUnit);
            words[3 * i + 1] = sections.rights;
            // Hashed anew where something lapsed: what consents name is then the same before and after a sweep.
            words[3 * i + 2] =
                state.charges.length == charges ? sections.charges : LandHashes.ofRestrictions(state.charges);
        }
        work.asking.unitsHash = StructHash.ofHashes(words);
        work.effect = Effects.bounded(work.asking.effectiveOn, work.since);
    }

    /// @dev The same for one unit, which is then the one asked about.
    function _openOne(Work memory work, UnitChange memory unit, BAUnitState memory state) internal view {
        UnitChange[] memory units = new UnitChange[](1);
        BAUnitState[] memory states = new BAUnitState[](1);
        (units[0], states[0]) = (unit, state);
        _openAll(work, units, states);
        work.asking.baUnit = unit.baUnit;
    }

    /// @dev Asks everything that stands in the way of a unit's end or of giving parts of it away, and every owner; whoever
    /// holds a right derived from it too, where the act lessens what lies on it.
    function _takeAll(
        Work memory work,
        ConsentProof[] calldata consents,
        BAUnitState memory state,
        Lessening lessening
    ) internal view {
        bool asksAll = lessening == Lessening.Everything;
        _requireUnblocked(work, state, asksAll);
        Reach memory reach = Consents.ofWholeUnit(state.rights, asksAll);
        if (asksAll) {
            Consents.takeOfEveryRight(work.asking, consents, state.rights);
        } else {
            Consents.takeOfOwnership(work.asking, consents, state.rights);
        }
        Consents.takeOfCharges(work.asking, consents, state.charges, reach, lessening);
        Consents.takeOfNotices(work.asking, consents, state.notices, reach);
    }

    /// @dev The last thing that is asked of an act: every consent shown was needed, those who agreed may date it so, and all
    /// of it fits a transaction.
    /// @param made Words of what it makes besides the states that follow those shown.
    function _finish(Work memory work, ConsentProof[] calldata consents, uint256 made) internal view {
        Consents.requireAllTaken(work.asking, consents);
        Effects.requireAgreed(work.effect, work.since, _agreed(work));
        Weights.require_(work.weight + Weights.ofConsents(consents.length) + made);
    }

    function _agreed(Work memory work) private pure returns (Agreed) {
        uint256 owners = work.asking.owners;
        if (owners != 0) return owners == work.owners ? Agreed.EveryOwner : Agreed.AnOwner;
        return work.asking.taken == 0 ? Agreed.Nobody : Agreed.NoOwner;
    }

    /// @dev What the asking found goes to the register: whether two institutions must sign, and what was consented to.
    function _conclude(Recording memory recording, Work memory work) internal pure {
        recording.assisted = work.asking.assisted;
        recording.consents = work.asking.given;
    }

    /// @dev Nothing on the unit, or on a right whose holders the act asks, may block the act (L4).
    function _requireUnblocked(Work memory work, BAUnitState memory state, bool asksAll) internal view {
        Reach memory reach = Consents.ofWholeUnit(state.rights, asksAll);
        Consents.requireUnblocked(work.asking, state.charges, reach);
        Consents.requireUnblocked(work.asking, state.notices, reach);
    }

    function _requireCount(uint256 count, uint256 least, uint256 most) internal pure {
        if (count < least || count > most) revert ILandRegistry.UnitCountOutOfRange(most);
    }
}
