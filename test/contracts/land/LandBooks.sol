// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    BLOCKABLE_ACTS,
    Holding,
    LAND_KIND_BASE,
    LandAct,
    Restriction,
    Right,
    RightKind,
    SpatialUnit,
    SpatialUnitId,
    Standing,
    Tenancy
} from "../../../contracts/interfaces/LandState.sol";
import {IJournal} from "../../../contracts/interfaces/IJournal.sol";
import {ILandRegistry} from "../../../contracts/interfaces/ILandRegistry.sol";
import {Child, Portion} from "../../../contracts/interfaces/LandActs.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {Restrictions} from "../../../contracts/land/Restrictions.sol";
import {Vm, VM} from "../Vm.sol";
import {Divisions} from "./Divisions.sol";
import {LandWorld} from "./LandWorld.sol";
import {Titles, STATE_TOPIC} from "./Titles.sol";

/// One entry: the state it made, and the state that was known before.
struct Step {
    LandAct act;
    BAUnitId unit;
    bytes32 stateHash;
    bool isKnown;
    BAUnitState before;
    BAUnitState state;
}

/// @title Books kept beside the register, from its events alone
/// @notice Nothing here asks a rule of the register: each invariant is judged again from what was recorded. The first
/// breach of each is kept as a sentence under its number.
abstract contract LandBooks is LandWorld {
    bytes32 private constant ENTRY_TOPIC = keccak256(
        "EntryRecorded(uint64,bytes32,bytes32,uint16,bytes32,bytes32,bytes32,uint64,uint64,bytes32)"
    );

    BAUnitId[] internal _units;
    SpatialUnit[] internal _plots;
    mapping(BAUnitId => bytes32) internal _hashOf;
    mapping(BAUnitId => bytes) private _encoded;
    mapping(BAUnitId => bytes) private _encodedBefore;
    mapping(SpatialUnitId => BAUnitId) internal _placedIn;
    mapping(SpatialUnitId => uint256) internal _activeUnits;
    mapping(bytes32 stateHash => bool) internal _reachesRegistration;
    mapping(bytes32 consent => bool) private _isUsed;
    mapping(LandAct => uint256) internal _accepted;
    mapping(uint256 number => string) internal _breach;

    /// Of divisions: what a parent's children were named as, whose claim an id is, and how many are loaded.
    mapping(BAUnitId child => bytes32) private _claimHash;
    mapping(BAUnitId child => BAUnitId) private _claimedBy;
    mapping(BAUnitId parent => BAUnitId[]) private _claims;
    mapping(BAUnitId parent => uint256) internal _loadedOf;
    mapping(BAUnitId parent => bytes32) private _restOf;
    /// Plots that a division claimed, and those that it gave back.
    mapping(SpatialUnitId => bool) internal _isWaiting;
    mapping(SpatialUnitId => bool) private _isFree;
    mapping(BAUnitId child => SpatialUnitId[]) private _plotsOf;

    /// Whether the call at hand carries the lender's own consent.
    bool internal _isLenderAsked;

    bytes32 internal _fold;
    uint64 internal _folded;

    function _must(bool holds, uint256 number, string memory what) internal {
        if (!holds && bytes(_breach[number]).length == 0) _breach[number] = what;
    }

    function _known(BAUnitId unit) internal view returns (BAUnitState memory) {
        return abi.decode(_encoded[unit], (BAUnitState));
    }

    /// What a unit was before its last change.
    function _knownBefore(BAUnitId unit) internal view returns (BAUnitState memory) {
        return abi.decode(_encodedBefore[unit], (BAUnitState));
    }

    function _isChanged(BAUnitId unit) internal view returns (bool) {
        return _encodedBefore[unit].length != 0;
    }

    /// Takes in what a call recorded since `recordLogs`.
    function _follow() internal {
        Vm.Log[] memory logs = VM.getRecordedLogs();
        // What both officers signed comes first, then the consents it took; a sweep is signed by nobody.
        uint256 first = logs[0].topics[0] == IJournal.Signed.selector ? 1 : 0;
        if (logs[first].topics[0] == ILandRegistry.ConsentsTaken.selector) {
            _must(first == 1, 3, "L3: consents of no signed act");
            ++first;
        }
        uint256 pairs = logs.length - first;
        _must(pairs != 0 && pairs % 2 == 0, 3, "L3: an entry without a state, or the reverse");
        if (logs[first + 1].topics[0] == ILandRegistry.ChildrenLoaded.selector) {
            _must(first == 0 && pairs == 2, 3, "L3: a load is more than one entry");
            _followLoad(logs[0], logs[1]);
            return;
        }
        Step[] memory steps = new Step[](pairs / 2);
        for (uint256 i = 0; i < steps.length; ++i) {
            steps[i] = _read(logs[first + 2 * i], logs[first + 2 * i + 1]);
        }
        LandAct act = steps[0].act;
        _must((first == 0) == _isUnsigned(act), 3, "L3: an act without its signatures");
        if (act == LandAct.Subdivision) _judgeDivision(steps);
        if (act == LandAct.Consolidation) _judgeMerger(steps);
        if (act == LandAct.DivisionCompletion) _judgeCompletion(steps);
        if (act == LandAct.DivisionOpening) _openBooks(steps[0]);
        if (act == LandAct.DivisionCancellation) _closeBooks(steps[0].unit);
        for (uint256 i = 0; i < steps.length; ++i) {
            _judge(steps[i]);
            _keep(steps[i]);
        }
        ++_accepted[act];
    }

    /// A consent is worth one act.
    function _useUp(bytes32 consent) internal {
        _must(!_isUsed[consent], 8, "L8: a consent was accepted twice");
        _isUsed[consent] = true;
    }

    function _read(Vm.Log memory entry, Vm.Log memory recorded) private returns (Step memory step) {
        (
            uint16 kind,
            bytes32 newState,
            bytes32 preparer,
            bytes32 approver,
            uint64 epochs,
            uint64 recordedAt,

        ) = abi.decode(entry.data, (uint16, bytes32, bytes32, bytes32, uint64, uint64, bytes32));
        _must(
            entry.topics[0] == ENTRY_TOPIC &&
                uint256(entry.topics[1]) == _folded &&
                entry.topics[3] == recorded.topics[1] &&
                newState == recorded.topics[2],
            3,
            "L3: the entry is not that of the state"
        );
        _must(
            _isUnsigned(LandAct(kind - LAND_KIND_BASE))
                ? preparer == 0 && approver == 0
                : preparer != approver && preparer != 0 && approver != 0,
            3,
            "L3: one officer did both, or an act that nobody signs names one"
        );
        bytes32 leaf = keccak256(
            abi.encode(
                uint16(1),
                _folded++,
                kind,
                entry.topics[2],
                entry.topics[3],
                newState,
                preparer,
                approver,
                epochs,
                recordedAt
            )
        );
        _fold = keccak256(abi.encode(_fold, leaf));
        step.act = LandAct(kind - LAND_KIND_BASE);
        step.unit = BAUnitId.wrap(recorded.topics[1]);
        step.stateHash = newState;
        if (recorded.topics[0] != STATE_TOPIC) return step;
        step.state = abi.decode(recorded.data, (BAUnitState));
        _must(LandHashes.ofState(step.state) == newState, 5, "L5: what is shown is not what is kept");
        step.isKnown = _hashOf[step.unit] != 0;
        if (step.isKnown) step.before = _known(step.unit);
    }

    function _judge(Step memory step) private {
        BAUnitState memory state = step.state;
        for (uint256 i = 0; i < state.rights.length; ++i) {
            _must(_isWhole(state.rights[i]), 2, "L2: shares are not one whole, nor unstated");
        }
        if (!step.isKnown) {
            _must(state.header.version == 1, 5, "L5: a first version is not 1");
            _must(_claimHash[step.unit] == 0, 1, "L1: a unit took the id of a child of a division");
            if (step.act != LandAct.Registration) return;
            _reachesRegistration[step.stateHash] = state.priorState == 0;
            return;
        }
        BAUnitState memory before = step.before;
        _must(step.act != LandAct.Registration, 1, "L1: a unit was registered twice");
        _must(state.header.version == before.header.version + 1, 5, "L5: the version did not grow by one");
        _must(state.priorState == _hashOf[step.unit], 5, "L5: the prior state is another");
        _reachesRegistration[step.stateHash] = _reachesRegistration[state.priorState];
        _must(_isOpenTo(before.header.status, step.act), 6, "L6: a retired or dividing unit took an act");
        _must(!_isBlocked(before, _blockedAs(step.act)), 4, "L4: a blocked act passed");
        _must(state.factsRoot == before.factsRoot, 7, "L7: facts changed in an act that leaves them");
        _judgeLying(step.act, before, state);
        if (step.act == LandAct.Transfer) _judgeTransfer(before, state);
        _must(
            LandHashes.ofSpatialUnits(state.spatialUnits) == LandHashes.ofSpatialUnits(before.spatialUnits),
            1,
            "L1: a unit's spatial units changed"
        );
    }

    /// L2 for one right.
    function _isWhole(Right memory right) private pure returns (bool) {
        if (right.kind > RightKind.Group || right.standing < Standing.Provisional) return true;
        bool unstated = right.tenancy == Tenancy.Joint || right.tenancy == Tenancy.Unrecorded;
        uint256 sum;
        for (uint256 i = 0; i < right.holdings.length; ++i) {
            if ((right.holdings[i].numerator == 0) != unstated) return false;
            sum += right.holdings[i].numerator;
        }
        return right.holdings.length != 0 && sum == right.denominator && (sum == 0) == unstated;
    }

    function _isLapsed(Restriction memory one) internal view returns (bool) {
        return one.expiresOn != 0 && _now() > one.expiresOn;
    }

    /// What a section is without what lapsed.
    function _standing(Restriction[] memory section) internal view returns (Restriction[] memory standing) {
        standing = new Restriction[](0);
        for (uint256 i = 0; i < section.length; ++i) {
            if (!_isLapsed(section[i])) standing = Restrictions.append(standing, section[i]);
        }
    }

    /// Whether something that blocks lies on the whole unit or the first right, which every act here touches.
    function _isBlocked(BAUnitState memory state, LandAct act) private view returns (bool) {
        for (uint256 i = 0; i < state.charges.length + state.notices.length; ++i) {
            Restriction memory one = Titles.onUnit(state, i);
            if (one.targetHolding != 0 || _isLapsed(one)) continue;
            if ((one.blocks >> uint256(act)) & 1 == 1) return true;
        }
        return false;
    }

    /// L7 of charges and notices: what lapsed is gone, what an act is about comes or goes, all else is as it was.
    function _judgeLying(LandAct act, BAUnitState memory before, BAUnitState memory state) private {
        _judgeSection(
            _standing(before.charges),
            state.charges,
            act == LandAct.Mortgage,
            act == LandAct.Discharge
        );
        _judgeSection(
            _standing(before.notices),
            state.notices,
            act == LandAct.Caution,
            act == LandAct.CautionWithdrawal
        );
        bool moves = act == LandAct.Transfer;
        _must(
            moves || LandHashes.ofRights(state.rights) == LandHashes.ofRights(before.rights),
            7,
            "L7: rights changed in an act that leaves them"
        );
        for (uint256 i = 0; i < state.charges.length; ++i) {
            uint16 least = i == 0 ? 0 : state.charges[i - 1].rank;
            _must(state.charges[i].rank > least, 7, "L7: a rank was taken");
        }
        for (uint256 i = 0; i < state.charges.length + state.notices.length; ++i) {
            Restriction memory one = Titles.onUnit(state, i);
            _must((one.blocks | one.needsConsent) & ~BLOCKABLE_ACTS == 0, 7, "L7: a reach too wide");
        }
        for (uint256 i = 0; i < state.notices.length; ++i) {
            uint64 lapse = state.notices[i].expiresOn;
            _must(lapse != 0 && lapse <= _now() + 180 days, 7, "L7: a notice without a bound");
        }
    }

    function _judgeSection(
        Restriction[] memory before,
        Restriction[] memory after_,
        bool adds,
        bool takes
    ) private {
        uint256 expected = before.length - (takes ? 1 : 0);
        _must(after_.length == expected + (adds ? 1 : 0), 7, "L7: restrictions came or went");
        uint256 found;
        for (uint256 i = 0; i < before.length && found < after_.length; ++i) {
            if (LandHashes.ofRestriction(before[i]) == LandHashes.ofRestriction(after_[found])) ++found;
        }
        _must(found == expected, 7, "L7: restrictions changed or lost their order");
    }

    function _judgeTransfer(BAUnitState memory before, BAUnitState memory state) private {
        _must(
            LandHashes.ofResponsibilities(state.responsibilities) ==
                LandHashes.ofResponsibilities(before.responsibilities),
            7,
            "L7: a transfer changed duties"
        );
        for (uint256 i = 0; i < state.charges.length; ++i) _judgeSecured(before, state, state.charges[i]);
        if (before.rights[0].tenancy != Tenancy.Unrecorded) return;
        Holding[] memory holdings = state.rights[0].holdings;
        for (uint256 i = 0; i < holdings.length; ++i) {
            _must(holdings[i].holdingId >= before.header.nextId, 2, "L2: a part moved while unrecorded");
        }
    }

    /// A holding under a charge stays, and shrinks only in a call that its holder's key is among.
    function _judgeSecured(
        BAUnitState memory before,
        BAUnitState memory state,
        Restriction memory charge
    ) private {
        if (charge.targetHolding == 0) return;
        (bool had, uint256 share) = _shareOf(before, charge.targetHolding);
        (bool has, uint256 left) = _shareOf(state, charge.targetHolding);
        _must(!had || has, 7, "L7: a holding under a charge ended");
        _must(!has || left >= share || _isLenderAsked, 7, "L7: a holding shrank under a charge");
    }

    /// In parts of 2^128, rounded down.
    function _shareOf(BAUnitState memory state, uint32 holdingId) private pure returns (bool, uint256) {
        for (uint256 i = 0; i < state.rights.length; ++i) {
            Right memory right = state.rights[i];
            for (uint256 j = 0; j < right.holdings.length; ++j) {
                if (right.holdings[j].holdingId != holdingId) continue;
                if (right.denominator == 0) return (true, 0);
                return (true, (uint256(right.holdings[j].numerator) << 128) / right.denominator);
            }
        }
        return (false, 0);
    }

    // ---- L6 ----

    function _isUnsigned(LandAct act) private pure returns (bool) {
        return act == LandAct.Sweep || act == LandAct.DivisionLoading || act == LandAct.DivisionCompletion;
    }

    /// What blocks a subdivision blocks both ends of a division.
    function _blockedAs(LandAct act) private pure returns (LandAct) {
        bool divides = act == LandAct.DivisionOpening || act == LandAct.DivisionCompletion;
        return divides ? LandAct.Subdivision : act;
    }

    function _isOpenTo(BAUnitStatus status, LandAct act) private pure returns (bool) {
        bool ends = act == LandAct.DivisionCompletion || act == LandAct.DivisionCancellation;
        if (status == BAUnitStatus.Active) return !ends;
        bool protects =
            act == LandAct.Caution ||
                act == LandAct.Discharge ||
                act == LandAct.CautionWithdrawal ||
                act == LandAct.Sweep;
        return status == BAUnitStatus.Dividing && (ends || protects);
    }

    function _openBooks(Step memory step) private {
        _must(step.state.header.status == BAUnitStatus.Dividing, 6, "L6: a division without its status");
        _restOf[step.unit] = step.state.header.membersRoot;
        _loadedOf[step.unit] = 0;
        delete _claims[step.unit];
    }

    /// What a cancelled division claimed was never given.
    function _closeBooks(BAUnitId parent) private {
        BAUnitId[] storage claims = _claims[parent];
        for (uint256 i = 0; i < claims.length; ++i) {
            delete _claimHash[claims[i]];
            SpatialUnitId[] storage plots = _plotsOf[claims[i]];
            for (uint256 j = 0; j < plots.length; ++j) _isFree[plots[j]] = true;
        }
        _restOf[parent] = 0;
    }

    function _followLoad(Vm.Log memory entry, Vm.Log memory loaded) private {
        Step memory step = _read(entry, loaded);
        BAUnitId parent = step.unit;
        Child[] memory children = abi.decode(loaded.data, (Child[]));
        bytes32 fold = step.stateHash;
        for (uint256 i = children.length; i > 0; --i) {
            fold = keccak256(abi.encode(Divisions.hashOf(children[i - 1]), fold));
        }
        _must(
            _known(parent).header.status == BAUnitStatus.Dividing,
            6,
            "L6: a unit loads and does not divide"
        );
        _must(fold == _restOf[parent] && fold != 0, 6, "L6: children that the owners did not name");
        _restOf[parent] = step.stateHash;
        _loadedOf[parent] += children.length;
        for (uint256 i = 0; i < children.length; ++i) _followClaim(parent, children[i]);
        ++_accepted[LandAct.DivisionLoading];
    }

    function _followClaim(BAUnitId parent, Child memory child) private {
        BAUnitId id = child.portion.baUnit;
        _must(_hashOf[id] == 0 && _claimHash[id] == 0, 1, "L1: a division claimed the id of a unit");
        _claimHash[id] = Divisions.hashOf(child);
        _claimedBy[id] = parent;
        _claims[parent].push(id);
        delete _plotsOf[id];
        for (uint256 i = 0; i < child.portion.spatialUnits.length; ++i) {
            SpatialUnitId plot = child.portion.spatialUnits[i].id;
            _place(plot, id, child.portion.spatialUnits[i]);
            _isWaiting[plot] = true;
            _plotsOf[id].push(plot);
        }
    }

    /// The parent's end, if it is the first call, and children that it named.
    function _judgeCompletion(Step[] memory steps) private {
        uint256 first = steps[0].isKnown ? 1 : 0;
        if (first == 1) {
            _judgeRetired(steps[0]);
            _must(_restOf[steps[0].unit] == 0, 6, "L6: completed before all children were loaded");
        }
        for (uint256 i = first; i < steps.length; ++i) {
            BAUnitState memory child = steps[i].state;
            BAUnitId parent = _claimedBy[steps[i].unit];
            BAUnitState memory last = first == 1 ? steps[0].state : _known(parent);
            bytes32 lastHash = LandHashes.ofState(last);
            Portion memory portion = Portion(steps[i].unit, child.spatialUnits, 0);
            _must(
                _claimHash[steps[i].unit] ==
                    LandHashes.ofChild(LandHashes.ofPortion(portion), child.factsRoot),
                6,
                "L6: a child that was not loaded, or not so"
            );
            _must(last.header.status == BAUnitStatus.Retired, 6, "L6: a child beside its parent");
            _must(Divisions.sameRights(child, last), 6, "L6: a child carries less, or more, than its parent");
            _judgeChild(steps[i], lastHash);
            delete _claimHash[steps[i].unit];
            bytes32 before = first == 1 ? _hashOf[steps[0].unit] : lastHash;
            _reachesRegistration[steps[i].stateHash] = _reachesRegistration[before];
        }
    }

    function _judgeDivision(Step[] memory steps) private {
        BAUnitState memory parent = steps[0].before;
        _judgeRetired(steps[0]);
        _must(steps.length > 2, 6, "L6: divided into fewer than two");
        for (uint256 i = 1; i < steps.length; ++i) {
            BAUnitState memory child = steps[i].state;
            _must(
                LandHashes.ofRights(child.rights) == LandHashes.ofRights(parent.rights) &&
                    LandHashes.ofRestrictions(child.charges) ==
                        LandHashes.ofRestrictions(_standing(parent.charges)) &&
                    LandHashes.ofRestrictions(child.notices) ==
                        LandHashes.ofRestrictions(_standing(parent.notices)) &&
                    LandHashes.ofResponsibilities(child.responsibilities) ==
                        LandHashes.ofResponsibilities(parent.responsibilities),
                6,
                "L6: a child carries less, or more, than its parent"
            );
            _judgeChild(steps[i], steps[0].stateHash);
            _reachesRegistration[steps[i].stateHash] = _reachesRegistration[_hashOf[steps[0].unit]];
        }
    }

    function _judgeMerger(Step[] memory steps) private {
        Step memory child = steps[steps.length - 1];
        bytes memory parents;
        uint256 derived = _sumOfDerived(child.state.rights);
        uint256 restrictions;
        unchecked {
            restrictions = _sumOf(child.state.charges) + _sumOf(child.state.notices);
        }
        bool reaches = true;
        for (uint256 i = 0; i + 1 < steps.length; ++i) {
            _judgeRetired(steps[i]);
            parents = abi.encodePacked(parents, steps[i].stateHash);
            reaches = reaches && _reachesRegistration[_hashOf[steps[i].unit]];
            unchecked {
                derived -= _sumOfDerived(steps[i].before.rights);
                restrictions -= _sumOf(_standing(steps[i].before.charges));
                restrictions -= _sumOf(_standing(steps[i].before.notices));
            }
        }
        _must(derived == 0 && restrictions == 0, 6, "L6: a right or a restriction was not carried");
        Restriction[] memory carried = child.state.charges;
        for (uint256 i = 1; i < carried.length; ++i) {
            _must(
                carried[i - 1].presentationNo <= carried[i].presentationNo,
                6,
                "L6: restrictions lost their order"
            );
        }
        _judgeChild(child, keccak256(parents));
        _reachesRegistration[child.stateHash] = reaches;
    }

    function _judgeRetired(Step memory parent) private {
        _must(parent.isKnown, 6, "L6: a parent that was never registered");
        _must(parent.state.header.status == BAUnitStatus.Retired, 6, "L6: a parent is not retired");
    }

    function _judgeChild(Step memory child, bytes32 parents) private {
        _must(!child.isKnown, 1, "L1: a unit's id was given twice");
        _must(child.state.priorState == parents, 5, "L5: a child does not name its parents");
        _must(child.state.header.status == BAUnitStatus.Active, 6, "L6: a child is not active");
    }

    /// Sums of hashes, so that lists compare whatever their order; what consolidation renumbers is left out.
    function _sumOf(Restriction[] memory restrictions) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < restrictions.length; ++i) {
            Restriction memory one = restrictions[i];
            (uint32 id, uint32 right, uint32 holding) = (
                one.restrictionId,
                one.targetRight,
                one.targetHolding
            );
            uint16 rank = one.rank;
            (one.restrictionId, one.targetRight, one.targetHolding) = (0, right == 0 ? 0 : 1, 0);
            one.rank = 0;
            unchecked {
                sum += uint256(LandHashes.ofRestriction(one));
            }
            (one.restrictionId, one.targetRight, one.targetHolding) = (id, right, holding);
            one.rank = rank;
        }
    }

    function _sumOfDerived(Right[] memory rights) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < rights.length; ++i) {
            Right memory right = rights[i];
            if (right.kind <= RightKind.Group) continue;
            bytes32 hash = keccak256(abi.encode(right.kind, right.presentationNo, right.termsCommitment));
            for (uint256 j = 0; j < right.holdings.length; ++j) {
                Holding memory holding = right.holdings[j];
                hash = keccak256(
                    abi.encode(hash, holding.numerator, holding.keyHash, holding.partyCommitment)
                );
            }
            unchecked {
                sum += uint256(hash);
            }
        }
    }

    // ---- L1 ----

    function _keep(Step memory step) private {
        SpatialUnit[] memory spatialUnits = step.state.spatialUnits;
        bool retires =
            step.state.header.status == BAUnitStatus.Retired &&
                step.before.header.status != BAUnitStatus.Retired;
        if (!step.isKnown) _units.push(step.unit);
        else _encodedBefore[step.unit] = _encoded[step.unit];
        for (uint256 i = 0; i < spatialUnits.length; ++i) {
            SpatialUnitId plot = spatialUnits[i].id;
            if (retires) --_activeUnits[plot];
            if (step.isKnown) continue;
            ++_activeUnits[plot];
            if (_isWaiting[plot] && step.act == LandAct.DivisionCompletion) _isWaiting[plot] = false;
            else _place(plot, step.unit, spatialUnits[i]);
        }
        _encoded[step.unit] = abi.encode(step.state);
        _hashOf[step.unit] = step.stateHash;
    }

    function _place(SpatialUnitId plot, BAUnitId unit, SpatialUnit memory spatialUnit) private {
        bool isNew = BAUnitId.unwrap(_placedIn[plot]) == 0;
        _must(isNew || _isFree[plot], 1, "L1: a spatial unit was given twice");
        _isFree[plot] = false;
        _isWaiting[plot] = false;
        _placedIn[plot] = unit;
        if (isNew) _plots.push(spatialUnit);
    }
}
