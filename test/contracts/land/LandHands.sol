// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Child,
    Consent,
    ConsentProof,
    ConsentRole,
    CreateRestriction,
    TransferRight
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    Holding,
    LandAct,
    Restriction,
    Right,
    RightKind,
    Tenancy
} from "../../../contracts/interfaces/LandState.sol";
import {Restrictions} from "../../../contracts/land/Restrictions.sol";
import {VM} from "../Vm.sol";
import {LandBooks} from "./LandBooks.sol";
import {Titles, ADA, EVE, LENDER} from "./Titles.sol";

/// A call as it went over the wire. `breaks` is the invariant whose breach it would be to accept it, or zero.
struct Sent {
    address to;
    uint256 breaks;
    bytes data;
    bytes32[] consents;
}

/// @title What the handler's acts are made of, and how they are sent
/// @notice A call that could not be right, such as one with a forged consent, is marked; all else the books judge.
abstract contract LandHands is LandBooks {
    uint256 private constant STRANGER = 0xBAD;

    mapping(bytes32 keyHash => uint256) private _secretOf;
    mapping(bytes4 => uint256) internal _refused;
    Sent[] internal _sent;
    /// Numbers given to units, plots and instruments so far.
    uint256 private _numbers;

    function setUp() public virtual override {
        super.setUp();
        for (uint256 key = ADA; key <= LENDER; ++key) _secretOf[Titles.keyHash(key)] = key;
        _fold = _book().head();
    }

    /// A new number, or now and then one that may be used.
    function _number(uint8 seed) internal returns (uint256) {
        if (seed % 6 == 0 && _numbers != 0) return 1 + ((seed / 6) % _numbers);
        return ++_numbers;
    }

    /// An active unit, or now and then a retired one.
    function _some(uint8 which) internal view returns (BAUnitId unit) {
        uint256 count = _units.length;
        for (uint256 i = 0; i < count; ++i) {
            unit = _units[(which + i) % count];
            if (which % 16 == 0 || _known(unit).header.status == BAUnitStatus.Active) return unit;
        }
    }

    function _oneOrTwo(
        BAUnitId first,
        BAUnitId second,
        bool both
    ) internal pure returns (BAUnitId[] memory chosen) {
        both = both && BAUnitId.unwrap(first) != BAUnitId.unwrap(second);
        chosen = new BAUnitId[](both ? 2 : 1);
        chosen[0] = first;
        if (both) chosen[1] = second;
    }

    /// 0..3 in shares, 4 jointly, 5 unrecorded, 6 in shares that are not one whole, 7 in halves.
    function _shape(Right memory right, uint8 shape) internal pure {
        (Holding memory first, Holding memory second) = (right.holdings[0], right.holdings[1]);
        if (shape < 4) (first.numerator, right.denominator) = (1 + shape, 2 + shape);
        if (shape == 6) right.denominator = 3;
        if (shape != 4 && shape != 5) return;
        (first.numerator, second.numerator, right.denominator) = (0, 0, 0);
        right.tenancy = shape == 4 ? Tenancy.Joint : Tenancy.Unrecorded;
    }

    function _lease(BAUnitState memory state) internal pure {
        Holding[] memory tenant = new Holding[](1);
        tenant[0] = Titles.holdingOf(5, 1, EVE);
        Right[] memory rights = new Right[](2);
        (rights[0], rights[1]) = (state.rights[0], Titles.ownershipOf(tenant, 1));
        (rights[1].rightId, rights[1].kind, rights[1].targetRight) = (4, RightKind.Lease, 1);
        state.rights = rights;
        state.header.nextId = 6;
    }

    function _newChild(uint8 unit, uint8 plot) internal returns (Child memory child) {
        child = Titles.childOf(_number(unit));
        child.portion.spatialUnits[0] = Titles.plotOf(_number(plot));
    }

    /// 0 the whole, 1 one holding, 2 and 3 half of one, 4 more than one holding has.
    function _sold(
        Right memory right,
        uint8 how,
        uint256 seller,
        uint256 buyer
    ) internal pure returns (Right memory next, uint256 moved) {
        Holding[] memory before = right.holdings;
        bool stated = right.denominator != 0;
        Holding[] memory one = new Holding[](1);
        one[0] = Titles.holdingOf(0, 1, buyer);
        moved = type(uint256).max;
        if (how == 0) return (Titles.ownershipOf(one, 1), moved);
        seller %= before.length;
        if (stated) moved = 1 << seller;
        bool part = how == 2 || how == 3;
        uint64 scale = part && stated ? 2 : 1;
        one[0].numerator = before[seller].numerator + (how == 4 ? 1 : 0);
        Holding[] memory holdings = new Holding[](before.length + (part ? 1 : 0));
        uint256 place;
        for (uint256 i = 0; i < before.length; ++i) {
            if (!part && i == seller) continue;
            Holding memory kept = before[i];
            holdings[place++] = kept;
            if (part && i != seller) kept.numerator *= scale;
        }
        holdings[place] = one[0];
        next = Titles.ownershipOf(holdings, right.denominator * scale);
        if (!stated) next.tenancy = right.tenancy;
    }

    /// 0, 1 and 2 of eight are forged.
    function _isForged(uint8 trick, ConsentProof[] memory proofs) internal pure returns (bool) {
        return trick % 8 < 3 && proofs.length != 0;
    }

    /// By the key of the one who is asked; or by a stranger's, for other terms, for another unit.
    function _signed(
        Consent memory consent,
        uint256 key,
        uint8 trick
    ) internal view returns (ConsentProof memory) {
        if (trick % 8 == 1) consent.termsHash = keccak256("other terms");
        if (trick % 8 == 2) consent.baUnit = BAUnitId.wrap(keccak256("another unit"));
        return _proof(trick % 8 == 0 ? STRANGER : key, consent);
    }

    /// Of the holdings that move, then of the restrictions that ask; a trick is played on the first.
    function _consents(
        LandAct act,
        BAUnitId unit,
        BAUnitState memory state,
        bytes32 terms,
        uint256 moved,
        uint8 trick
    ) internal view returns (ConsentProof[] memory proofs) {
        return _consentsOver(Titles.hashOfUnits(unit, state), act, unit, state, terms, moved, trick);
    }

    /// `named` is what consents name of all units of the act.
    function _consentsOver(
        bytes32 named,
        LandAct act,
        BAUnitId unit,
        BAUnitState memory state,
        bytes32 terms,
        uint256 moved,
        uint8 trick
    ) internal view returns (ConsentProof[] memory proofs) {
        proofs = _ofOwners(named, act, unit, state, terms, moved, trick);
        if (act == LandAct.Consolidation)
            proofs = _joined(proofs, _ofTenants(named, act, unit, state, terms));
        uint8 played = proofs.length == 0 ? trick : 7;
        proofs = _joined(proofs, _ofAsked(named, act, unit, state, terms, moved, played));
    }

    function _ofOwners(
        bytes32 named,
        LandAct act,
        BAUnitId unit,
        BAUnitState memory state,
        bytes32 terms,
        uint256 moved,
        uint8 trick
    ) private view returns (ConsentProof[] memory proofs) {
        Holding[] memory holdings = state.rights[0].holdings;
        proofs = new ConsentProof[](holdings.length);
        uint256 count;
        for (uint256 i = 0; i < holdings.length; ++i) {
            if ((moved >> i) & 1 == 0) continue;
            Consent memory consent = Titles.consentOver(named, act, unit, holdings[i].holdingId, terms);
            proofs[count] = _signed(consent, _secretOf[holdings[i].keyHash], count == 0 ? trick : 7);
            ++count;
        }
        return _first(proofs, count);
    }

    /// A lease has one tenant here, who signs after the owners.
    function _ofTenants(
        bytes32 named,
        LandAct act,
        BAUnitId unit,
        BAUnitState memory state,
        bytes32 terms
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](state.rights.length - 1);
        for (uint256 i = 0; i < proofs.length; ++i) {
            Holding memory tenant = state.rights[i + 1].holdings[0];
            proofs[i] = _signedBy(tenant, Titles.consentOver(named, act, unit, tenant.holdingId, terms));
        }
    }

    /// Whoever a charge or a notice says must be asked.
    function _ofAsked(
        bytes32 named,
        LandAct act,
        BAUnitId unit,
        BAUnitState memory state,
        bytes32 terms,
        uint256 moved,
        uint8 trick
    ) private view returns (ConsentProof[] memory proofs) {
        proofs = new ConsentProof[](state.charges.length + state.notices.length);
        uint256 count;
        for (uint256 i = 0; i < proofs.length; ++i) {
            Restriction memory asks = Titles.onUnit(state, i);
            if (!_isAsked(act, state, asks, moved)) continue;
            Consent memory consent = Titles.consentOver(named, act, unit, asks.restrictionId, terms);
            consent.role = ConsentRole.MustBeAsked;
            proofs[count] = _signed(consent, LENDER, count == 0 ? trick : 7);
            ++count;
        }
        return _first(proofs, count);
    }

    function _first(
        ConsentProof[] memory all,
        uint256 count
    ) private pure returns (ConsentProof[] memory some) {
        some = new ConsentProof[](count);
        for (uint256 i = 0; i < count; ++i) some[i] = all[i];
    }

    function _signedBy(
        Holding memory tenant,
        Consent memory consent
    ) private view returns (ConsentProof memory) {
        return _signed(consent, _secretOf[tenant.keyHash], 7);
    }

    /// By its mask, because it lies on a holding that shrinks, or because another parent's charges come beside it.
    function _isAsked(
        LandAct act,
        BAUnitState memory state,
        Restriction memory asks,
        uint256 moved
    ) private view returns (bool) {
        if (asks.expiresOn != 0 && _now() > asks.expiresOn) return false;
        if (act == LandAct.Consolidation && !Restrictions.isNotice(asks.kind)) return true;
        if ((asks.needsConsent >> uint256(act)) & 1 == 1) return true;
        if (act != LandAct.Transfer || asks.targetHolding == 0) return false;
        Holding[] memory holdings = state.rights[0].holdings;
        for (uint256 i = 0; i < holdings.length; ++i) {
            if (holdings[i].holdingId == asks.targetHolding) return (moved >> i) & 1 == 1;
        }
        return false;
    }

    function _joined(
        ConsentProof[] memory first,
        ConsentProof[] memory second
    ) internal pure returns (ConsentProof[] memory both) {
        both = new ConsentProof[](first.length + second.length);
        for (uint256 i = 0; i < first.length; ++i) both[i] = first[i];
        for (uint256 i = 0; i < second.length; ++i) both[first.length + i] = second[i];
    }

    function _sendTransfer(
        BAUnitId unit,
        BAUnitState memory state,
        Right memory next,
        ConsentProof[] memory proofs,
        uint256 breaks
    ) internal returns (bool) {
        TransferRight memory act = TransferRight(_head(), Titles.change(unit, state), next);
        bytes memory data = abi.encodeCall(
            _transfers.transferRight,
            (act, state, proofs, _approveTransfer(act))
        );
        return _send(address(_transfers), data, proofs, breaks);
    }

    function _sendCreation(
        BAUnitId[] memory charged,
        Restriction memory restriction,
        ConsentProof[] memory proofs,
        uint256 breaks
    ) internal returns (bool) {
        BAUnitState[] memory states = new BAUnitState[](charged.length);
        for (uint256 i = 0; i < charged.length; ++i) states[i] = _known(charged[i]);
        return _sendCreation(charged, states, restriction, proofs, breaks);
    }

    function _sendCreation(
        BAUnitId[] memory charged,
        BAUnitState[] memory states,
        Restriction memory restriction,
        ConsentProof[] memory proofs,
        uint256 breaks
    ) internal returns (bool) {
        CreateRestriction memory act = _creation(charged, states, restriction);
        bytes memory data = abi.encodeCall(
            _charges.createRestriction,
            (act, states, proofs, _approveCreation(act))
        );
        return _send(address(_charges), data, proofs, breaks);
    }

    function _send(
        address to,
        bytes memory data,
        ConsentProof[] memory proofs,
        uint256 breaks
    ) internal returns (bool) {
        Sent memory sent = Sent(to, breaks, data, new bytes32[](proofs.length));
        for (uint256 i = 0; i < proofs.length; ++i) sent.consents[i] = keccak256(proofs[i].signature);
        _sent.push(sent);
        return _deliver(sent);
    }

    function _deliver(Sent memory sent) internal returns (bool passed) {
        VM.recordLogs();
        bytes memory answer;
        (passed, answer) = sent.to.call(sent.data);
        if (!passed) {
            ++_refused[bytes4(answer)];
            return false;
        }
        _must(sent.breaks == 0, sent.breaks, "a forged or used consent, or a past state, was accepted");
        for (uint256 i = 0; i < sent.consents.length; ++i) _useUp(sent.consents[i]);
        _follow();
    }
}
