// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {
    CancelDivision,
    Child,
    ConsentProof,
    Consolidate,
    Discharge,
    OpenDivision,
    RegisterTitle,
    Subdivide,
    Title,
    UnitChange
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BLOCKABLE_ACTS,
    Holding,
    LandAct,
    Restriction,
    RestrictionKind,
    Right
} from "../../../contracts/interfaces/LandState.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {LandTypes} from "../../../contracts/land/LandTypes.sol";
import {VM} from "../Vm.sol";
import {Divisions} from "./Divisions.sol";
import {LandHands} from "./LandHands.sol";
import {Titles, NOW, PREPARER, APPROVER, BOTH, ADA, LENDER} from "./Titles.sol";

/// Consents as they were accepted, and for what.
struct Given {
    LandAct act;
    BAUnitId unit;
    bytes terms;
    bytes proofs;
}

/// @title Officers, holders and time in any order
/// @notice Each act is tried whether or not the rules allow it.
abstract contract LandHandler is LandHands {
    uint64 private constant BITS_ASKED = uint64(
        (1 << uint8(LandAct.Transfer)) | (1 << uint8(LandAct.Subdivision)) | (1 << uint8(LandAct.Mortgage))
    );
    /// Consents are signed for three days.
    uint256 private constant LAST = NOW + 2 days;

    Given[] private _given;
    BAUnitId[] private _parents;
    mapping(BAUnitId => bytes) private _named;

    function setUp() public virtual override {
        super.setUp();
        register(7, 7, 7, 0);
        register(7, 7, 8, 0);
    }

    // ---- what is tried ----

    function register(uint8 unit, uint8 plot, uint8 shape, uint8 burden) public {
        Title memory title = Titles.titleOf(_number(unit));
        BAUnitState memory state = title.state;
        state.spatialUnits[0] = Titles.plotOf(_number(plot));
        _shape(state.rights[0], shape % 8);
        if ((shape >> 3) & 1 == 1) _lease(state);
        if (burden % 4 == 1) {
            Restriction memory order = Titles.restrictionOf(RestrictionKind.Order, _number(burden));
            order.blocks = (uint64(1) << (burden >> 4)) & BLOCKABLE_ACTS;
            order.expiresOn = uint64(_now()) + 6 hours;
            Titles.addRestriction(title, order);
        } else if (burden % 4 == 2) {
            Restriction memory home = Titles.restrictionOf(RestrictionKind.MustBeAsked, _number(burden));
            home.needsConsent = BITS_ASKED;
            Titles.addRestriction(title, home);
        } else if (burden % 4 == 3) {
            Restriction memory lien = Titles.restrictionOf(RestrictionKind.Lien, _number(burden));
            (lien.targetRight, lien.targetHolding) = (1, 2);
            Titles.addRestriction(title, lien);
        }
        (RegisterTitle memory act, Signatures memory signatures) = _registration(title);
        bytes memory data = abi.encodeCall(_registry.registerTitle, (act, signatures));
        _send(address(_registry), data, new ConsentProof[](0), 0);
    }

    function transfer(uint8 which, uint8 how, uint8 seller, uint8 buyer, uint8 trick) public {
        BAUnitId unit = _some(which);
        BAUnitState memory state = _known(unit);
        (Right memory next, uint256 moved) = _sold(state.rights[0], how % 5, seller, ADA + (buyer % 3));
        bytes32 terms = LandHashes.ofRight(next);
        ConsentProof[] memory proofs = _consents(LandAct.Transfer, unit, state, terms, moved, trick);
        _isLenderAsked = proofs.length > _countOf(state.rights[0].holdings.length, moved);
        bool passed = _sendTransfer(unit, state, next, proofs, _isForged(trick, proofs) ? 8 : 0);
        if (passed) _given.push(Given(LandAct.Transfer, unit, abi.encode(next), abi.encode(proofs)));
    }

    /// Over one unit or two.
    function mortgage(uint8 which, uint8 second, uint8 instrument, uint8 trick) public {
        BAUnitId[] memory charged = _oneOrTwo(_some(which), _some(second), second % 4 == 0);
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Mortgage, _number(instrument));
        if (second % 3 == 0) restriction.needsConsent = BITS_ASKED;
        if (second % 2 == 1) restriction.targetRight = 1;
        // Now and then one holding, and now and then a rank that is taken.
        if (second % 4 == 3) restriction.targetHolding = 2 + (which % 3);
        BAUnitState[] memory states = new BAUnitState[](charged.length);
        for (uint256 i = 0; i < charged.length; ++i) {
            states[i] = _known(charged[i]);
            uint16 next = Titles.nextRank(states[i]);
            if (next > restriction.rank && instrument % 5 != 0) restriction.rank = next;
        }
        ConsentProof[] memory proofs = _consentsTo(restriction, charged, states, trick);
        bool passed = _sendCreation(charged, restriction, proofs, _isForged(trick, proofs) ? 8 : 0);
        if (passed && charged.length == 1) {
            _given.push(Given(LandAct.Mortgage, charged[0], abi.encode(restriction), abi.encode(proofs)));
        }
    }

    function _consentsTo(
        Restriction memory mortgage_,
        BAUnitId[] memory charged,
        BAUnitState[] memory states,
        uint8 trick
    ) private view returns (ConsentProof[] memory proofs) {
        bytes32 terms = LandHashes.ofRestriction(mortgage_);
        bytes32 named = Titles.hashOfUnits(charged, states);
        for (uint256 i = 0; i < charged.length; ++i) {
            uint256 touched = _holdingsOf(states[i], mortgage_.targetHolding);
            proofs = _joined(
                proofs,
                _consentsOver(named, LandAct.Mortgage, charged[i], states[i], terms, touched, trick)
            );
        }
    }

    function caution(uint8 which, uint8 blocked, uint8 hours_, uint8 instrument) public {
        BAUnitId[] memory one = _oneOrTwo(_some(which), _some(which), false);
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Caution, _number(instrument));
        restriction.blocks = uint64(1) << (2 + (blocked % 12));
        restriction.expiresOn = uint64(_now()) + 1 + (hours_ % 12) * 1 hours;
        if (hours_ % 16 == 15) restriction.expiresOn = uint64(_now()) + 181 days;
        _sendCreation(one, restriction, new ConsentProof[](0), 0);
    }

    /// Of a mortgage, a lien, an order; or the withdrawal of a caution.
    function discharge(uint8 which, uint8 position, uint8 trick) public {
        BAUnitId unit = _some(which);
        BAUnitState memory state = _known(unit);
        position = uint8(position % (state.charges.length + state.notices.length));
        LandAct kind = position < state.charges.length ? LandAct.Discharge : LandAct.CautionWithdrawal;
        ConsentProof[] memory proofs = new ConsentProof[](1);
        proofs[0] = _signed(Titles.releaseConsent(kind, unit, state, position), LENDER, trick);
        Discharge memory act = _releaseOf(unit, state, position);
        (, BAUnitState[] memory states) = Titles.single(unit, state);
        bytes memory data = abi.encodeCall(_charges.discharge, (act, states, proofs, _approveDischarge(act)));
        if (!_send(address(_charges), data, proofs, _isForged(trick, proofs) ? 7 : 0)) return;
        BAUnitState memory left = _known(unit);
        for (uint256 i = 0; i < left.charges.length + left.notices.length; ++i) {
            _must(
                Titles.onUnit(left, i).restrictionId != act.releases[0].restrictionId,
                7,
                "L7: another restriction was released than the holder named"
            );
        }
    }

    function _countOf(uint256 holdings, uint256 moved) private pure returns (uint256 count) {
        for (uint256 i = 0; i < holdings; ++i) count += (moved >> i) & 1;
    }

    function _holdingsOf(
        BAUnitState memory state,
        uint32 targetHolding
    ) private pure returns (uint256 touched) {
        if (targetHolding == 0) return type(uint256).max;
        Holding[] memory holdings = state.rights[0].holdings;
        for (uint256 i = 0; i < holdings.length; ++i) {
            if (holdings[i].holdingId == targetHolding) touched |= 1 << i;
        }
    }

    /// Anybody, whether or not something lapsed long ago.
    function sweep(uint8 which) external {
        BAUnitId unit = _some(which);
        bytes memory data = abi.encodeCall(_charges.sweep, (unit, _known(unit)));
        _send(address(_charges), data, new ConsentProof[](0), 0);
    }

    function subdivide(uint8 which, uint8 count, uint8 unit, uint8 plot, uint8 trick) public {
        Subdivide memory act;
        BAUnitId parent = _some(which);
        BAUnitState memory state = _known(parent);
        act.head = _head();
        act.unit = Titles.change(parent, state);
        act.children = new Child[](2 + (count % 2));
        for (uint256 i = 0; i < act.children.length; ++i) act.children[i] = _newChild(unit, plot);
        (bytes32 terms, ) = Titles.portionsOf(act);
        ConsentProof[] memory proofs = _consents(
            LandAct.Subdivision,
            parent,
            state,
            terms,
            type(uint256).max,
            trick
        );
        bytes memory data = abi.encodeCall(_partition.subdivide, (act, state, proofs, _approveDivision(act)));
        _send(address(_partition), data, proofs, _isForged(trick, proofs) ? 8 : 0);
    }

    function consolidate(uint8 which, uint8 second, uint8 unit, uint8 plot, uint8 trick) public {
        Consolidate memory act;
        BAUnitId[] memory parents = _oneOrTwo(_some(which), _some(second), true);
        BAUnitState[] memory states = new BAUnitState[](parents.length);
        act.head = _head();
        act.units = new UnitChange[](parents.length);
        for (uint256 i = 0; i < parents.length; ++i) {
            states[i] = _known(parents[i]);
            act.units[i] = Titles.change(parents[i], states[i]);
        }
        act.child = _newChild(unit, plot);
        Holding[] memory holdings = new Holding[](1);
        holdings[0] = Titles.holdingOf(0, 1, ADA + (unit % 3));
        act.ownership = Titles.ownershipOf(holdings, 1);
        act.ownership.rightId = 0;
        ConsentProof[] memory proofs = _consentsToMerge(Titles.mergerTerms(act), parents, states, trick);
        bytes memory data = abi.encodeCall(
            _partition.consolidate,
            (act, states, proofs, _approveMerger(act))
        );
        _send(address(_partition), data, proofs, _isForged(trick, proofs) ? 8 : 0);
    }

    function _consentsToMerge(
        bytes32 terms,
        BAUnitId[] memory parents,
        BAUnitState[] memory states,
        uint8 trick
    ) private view returns (ConsentProof[] memory proofs) {
        LandAct merger = LandAct.Consolidation;
        bytes32 named = Titles.hashOfUnits(parents, states);
        for (uint256 i = 0; i < parents.length; ++i) {
            uint256 all = type(uint256).max;
            proofs = _joined(proofs, _consentsOver(named, merger, parents[i], states[i], terms, all, trick));
        }
    }

    /// Opens a division, whose children may name what is taken.
    function divide(uint8 which, uint8 count, uint8 unit, uint8 plot, uint8 trick) public {
        BAUnitId parent = _some(which);
        BAUnitState memory state = _known(parent);
        Child[] memory children = new Child[](2 + (count % 3));
        for (uint256 i = 0; i < children.length; ++i) children[i] = _newChild(unit, plot);
        OpenDivision memory act = OpenDivision(
            _head(),
            Titles.change(parent, state),
            uint32(children.length),
            Divisions.foldFrom(children, 0)
        );
        ConsentProof[] memory proofs = _consents(
            LandAct.Subdivision,
            parent,
            state,
            Divisions.termsOf(children),
            type(uint256).max,
            trick
        );
        bytes memory data = abi.encodeCall(
            _divisionRules.openDivision,
            (act, state, proofs, _approve(Divisions.hashOf(act), LandTypes.OPEN_DIVISION_APPROVAL_TYPEHASH))
        );
        if (!_send(address(_divisionRules), data, proofs, _isForged(trick, proofs) ? 8 : 0)) return;
        _named[parent] = abi.encode(children);
        _parents.push(parent);
    }

    /// Anybody: the next children of a division, or now and then some that are not the next.
    function load(uint8 which, uint8 count, uint8 from) public {
        (BAUnitId parent, Child[] memory children) = _parent(which);
        uint256 first = from % 5 == 0 ? from % (children.length + 1) : _loadedOf[parent];
        uint256 last = first + 1 + (count % 3);
        if (last > children.length) last = children.length;
        if (first > last) return;
        bytes memory data = abi.encodeCall(
            _divisionRules.loadChildren,
            (parent, Divisions.slice(children, first, last), Divisions.foldFrom(children, last))
        );
        _send(address(_divisionRules), data, new ConsentProof[](0), 0);
    }

    /// Anybody: the end of a parent, some of its children, both, or neither; some of them twice.
    function complete(uint8 which, uint8 from, uint8 count) public {
        (BAUnitId parent, Child[] memory children) = _parent(which);
        uint256 first = from % (children.length + 1);
        uint256 last = first + (count % 4);
        if (last > children.length) last = children.length;
        bytes memory data = abi.encodeCall(
            _divisionRules.completeDivision,
            (parent, _known(parent), Divisions.slice(children, first, last))
        );
        _send(address(_divisionRules), data, new ConsentProof[](0), 0);
    }

    function cancel(uint8 which) public {
        (BAUnitId parent, ) = _parent(which);
        BAUnitState memory state = _known(parent);
        CancelDivision memory act = CancelDivision(_head(), Titles.change(parent, state));
        bytes memory data = abi.encodeCall(
            _divisionRules.cancelDivision,
            (act, state, _approve(Divisions.hashOf(act), LandTypes.CANCEL_DIVISION_APPROVAL_TYPEHASH))
        );
        _send(address(_divisionRules), data, new ConsentProof[](0), 0);
    }

    /// A unit that was ever opened for division, and the children it named last.
    function _parent(uint8 which) private view returns (BAUnitId parent, Child[] memory children) {
        parent = _parents[which % _parents.length];
        children = abi.decode(_named[parent], (Child[]));
    }

    /// One officer in both parts.
    function alone(uint8 act, uint8 which, uint8 how) external {
        (_preparerKey, _approverKey) = (BOTH, BOTH);
        if (act % 4 == 0) register(7, 7, how, 0);
        else if (act % 4 == 1) transfer(which, how, 0, 2, 7);
        else if (act % 4 == 2) caution(which, how, 0, 7);
        else subdivide(which, 0, 7, 7, 7);
        (_preparerKey, _approverKey) = (PREPARER, APPROVER);
    }

    /// A call of before, whatever came of it.
    function again(uint256 which) external {
        _deliver(_sent[which % _sent.length]);
    }

    /// Fresh officers' signatures over consents that were accepted once.
    function reuse(uint256 which) external {
        Given memory given = _given[which % _given.length];
        ConsentProof[] memory proofs = abi.decode(given.proofs, (ConsentProof[]));
        if (given.act == LandAct.Transfer) {
            Right memory next = abi.decode(given.terms, (Right));
            _sendTransfer(given.unit, _known(given.unit), next, proofs, 8);
            return;
        }
        BAUnitId[] memory one = _oneOrTwo(given.unit, given.unit, false);
        _sendCreation(one, abi.decode(given.terms, (Restriction)), proofs, 8);
    }

    /// An act on what a unit was before its last change.
    function actOnThePast(uint256 which) external {
        BAUnitId unit = _units[which % _units.length];
        if (!_isChanged(unit)) return;
        (BAUnitId[] memory one, BAUnitState[] memory states) = Titles.single(unit, _knownBefore(unit));
        Restriction memory restriction = Titles.restrictionOf(RestrictionKind.Caution, _number(7));
        _sendCreation(one, states, restriction, new ConsentProof[](0), 5);
    }

    function wait(uint16 time) external {
        uint256 then = _now() + (time % 8 hours);
        VM.warp(then < LAST ? then : LAST);
    }
}
