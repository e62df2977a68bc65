// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IConsortium, KeyKind} from "../interfaces/IConsortium.sol";
import {ILandRegistry} from "../interfaces/ILandRegistry.sol";
import {Consent, ConsentProof, ConsentRole} from "../interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    Holding,
    LandAct,
    MAX_RESTRICTIONS,
    Restriction,
    Right,
    Signer,
    Standing
} from "../interfaces/LandState.sol";
import {Due} from "../journal/Due.sol";
import {Secp256k1} from "../journal/Secp256k1.sol";
import {BAUnits} from "./BAUnits.sol";
import {LandHashes} from "./LandHashes.sol";
import {Restrictions} from "./Restrictions.sol";

/// @notice What is being asked of the holders of one act, and how far the asking has come.
/// @param consortium Verifier of keys that are not secp256k1, and keeper of halts.
/// @param domainSeparator Of the register.
/// @param act The act.
/// @param baUnit Unit now asked about.
/// @param unitsHash Every unit of the act, with its rights and charges before the act.
/// @param termsHash Terms of the act.
/// @param effectiveOn From when the act has effect, as signed; zero where the act states nothing.
/// @param taken Consents used up so far.
/// @param given What the register says of each of them.
/// @param assisted Two institutions must sign: a holding was met for which no key signs, or a notice takes a place that one
/// alone may not.
/// @param owners Holdings met of rights that hold the land itself.
struct Asking {
    IConsortium consortium;
    bytes32 domainSeparator;
    LandAct act;
    BAUnitId baUnit;
    bytes32 unitsHash;
    bytes32 termsHash;
    uint64 effectiveOn;
    uint256 taken;
    bytes32[] given;
    bool assisted;
    uint256 owners;
}

/// @notice How far an act reaches into a unit.
/// @param rights Of the unit.
/// @param rightId The right it touches, or zero for the whole unit.
/// @param holdings Holdings of that right.
/// @param touched Bit i: holding i of them is touched.
/// @param asksAll Of the whole unit: whoever holds a right derived from the land is asked too.
struct Reach {
    Right[] rights;
    uint32 rightId;
    Holding[] holdings;
    uint256 touched;
    bool asksAll;
}

/// What an act takes from under the charges within its reach, beyond what they ask for themselves.
enum Lessening {
    Nothing,
    TouchedHoldings,
    Everything
}

/// @title What stands in an act's way, and who must agree to it (L4, L7, L8)
/// @notice Proofs are taken in the order in which they are asked, each once, so one that fits twice is missed
/// the second time. A key of zero is not asked, but remembered. Whoever calls has dropped what lapsed.
library Consents {
    /// @notice Reverts if a charge lies on a holding that an act removes.
    /// @param removed Bit i: holding i of the reach is removed.
    function requireNoneStranded(
        Restriction[] memory charges,
        Reach memory reach,
        uint256 removed
    ) internal pure {
        for (uint256 i = 0; i < charges.length; ++i) {
            Restriction memory charge = charges[i];
            if (charge.targetHolding == 0 || charge.targetRight != reach.rightId) continue;
            for (uint256 j = 0; j < reach.holdings.length; ++j) {
                if ((removed >> j) & 1 == 1 && reach.holdings[j].holdingId == charge.targetHolding) {
                    revert ILandRegistry.RestrictedHoldingRemoved();
                }
            }
        }
    }

    /// @notice Reverts if a restriction within reach blocks the act (L4).
    function requireUnblocked(
        Asking memory asking,
        Restriction[] memory restrictions,
        Reach memory reach
    ) internal view {
        uint256 bit = 1 << uint256(asking.act);
        for (uint256 i = 0; i < restrictions.length; ++i) {
            if (restrictions[i].blocks & bit != 0 && _concerns(asking, restrictions[i], reach)) {
                revert ILandRegistry.ActBlocked();
            }
        }
    }

    /// @notice Takes the consents of charges within reach that ask for it or that the act lessens (L7).
    function takeOfCharges(
        Asking memory asking,
        ConsentProof[] calldata proofs,
        Restriction[] memory charges,
        Reach memory reach,
        Lessening lessening
    ) internal view {
        uint256 bit = 1 << uint256(asking.act);
        for (uint256 i = 0; i < charges.length; ++i) {
            Restriction memory charge = charges[i];
            if (!_concerns(asking, charge, reach)) continue;
            bool lessens =
                lessening == Lessening.Everything ||
                    (lessening == Lessening.TouchedHoldings && charge.targetHolding != 0);
            if (lessens || charge.needsConsent & bit != 0) {
                takeOfRestriction(asking, proofs, charge, ConsentRole.MustBeAsked);
            }
        }
    }

    /// @notice Takes the consents of notices within reach that ask for it.
    function takeOfNotices(
        Asking memory asking,
        ConsentProof[] calldata proofs,
        Restriction[] memory notices,
        Reach memory reach
    ) internal view {
        takeOfCharges(asking, proofs, notices, reach, Lessening.Nothing);
    }

    /// @notice Takes the consent of a restriction's holder.
    function takeOfRestriction(
        Asking memory asking,
        ConsentProof[] calldata proofs,
        Restriction memory restriction,
        ConsentRole role
    ) internal view {
        _take(asking, proofs, role, restriction.restrictionId, restriction.holderKeyHash);
    }

    /// @notice Takes the consents of the holdings of a right whose bits are set.
    /// @dev Of a right that is disputed, and of a holding for which nobody signs, two institutions must judge.
    /// @param rights Of the unit.
    /// @param right The right, as the act found it.
    function takeOfHoldings(
        Asking memory asking,
        ConsentProof[] calldata proofs,
        Right[] memory rights,
        Right memory right,
        uint256 touched
    ) internal view {
        if (_hasEnded(asking, rights, right)) revert ILandRegistry.RightEnded();
        _takeOfTouched(asking, proofs, right, touched);
    }

    /// @notice Takes the consents of every holding of every right in force that holds the land itself.
    function takeOfOwnership(
        Asking memory asking,
        ConsentProof[] calldata proofs,
        Right[] memory rights
    ) internal view {
        _takeOfRights(asking, proofs, rights, false);
    }

    /// @notice The same of every right in force: what is derived from the land is lessened with it (L7).
    function takeOfEveryRight(
        Asking memory asking,
        ConsentProof[] calldata proofs,
        Right[] memory rights
    ) internal view {
        _takeOfRights(asking, proofs, rights, true);
    }

    /// @notice How many holdings rights in force have that hold the land itself.
    function ownersOf(Asking memory asking, Right[] memory rights) internal view returns (uint256 owners) {
        for (uint256 i = 0; i < rights.length; ++i) {
            Right memory right = rights[i];
            if (BAUnits.isOwnership(right) && !_hasEnded(asking, rights, right)) {
                owners += right.holdings.length;
            }
        }
    }

    /// @notice Reverts if a consent was shown that nobody asked for.
    function requireAllTaken(Asking memory asking, ConsentProof[] calldata proofs) internal pure {
        if (asking.taken != proofs.length) revert ILandRegistry.ConsentUnneeded();
    }

    /// @notice Lets a notice on a holding that an act touches lie on the right of it: what it is about may be others' now.
    function widenNotices(Restriction[] memory notices, Reach memory reach) internal pure {
        for (uint256 i = 0; i < notices.length; ++i) {
            if (notices[i].targetRight == reach.rightId && _isTouched(notices[i], reach)) {
                notices[i].targetHolding = 0;
            }
        }
    }

    /// @notice Reverts if a charge would take a place that is kept for holders who do not agree to it. Half of the places
    /// are kept for the holdings of rights in force, in equal parts, one at least for each, less the charges that lie on
    /// it: on the holding, on its right, or, where that holds the land itself, on the unit.
    function requireRoom(
        Asking memory asking,
        BAUnitState memory state,
        Restriction memory next
    ) internal view {
        uint256 part = _partOf(asking, state.rights);
        uint256 places = state.charges.length + 1;
        for (uint256 i = 0; i < state.rights.length; ++i) {
            Right memory right = state.rights[i];
            if (_hasEnded(asking, state.rights, right)) continue;
            for (uint256 j = 0; j < right.holdings.length; ++j) {
                uint32 holdingId = right.holdings[j].holdingId;
                if (_liesOn(next, right, holdingId)) continue;
                uint256 taken;
                for (uint256 k = 0; k < state.charges.length; ++k) {
                    if (_liesOn(state.charges[k], right, holdingId)) ++taken;
                }
                if (taken < part) places += part - taken;
            }
        }
        if (places > MAX_RESTRICTIONS) revert ILandRegistry.TooManyRestrictions(MAX_RESTRICTIONS);
    }

    /// @notice The reach of an act on everything in a unit.
    function ofWholeUnit(Right[] memory rights, bool asksAll) internal pure returns (Reach memory) {
        return Reach({rights: rights, rightId: 0, holdings: new Holding[](0), touched: 0, asksAll: asksAll});
    }

    /// @notice The reach of an act on a right, or on one holding of it.
    /// @param rights Of the unit.
    /// @param targetHolding The holding, or zero for the whole right.
    function ofRight(
        Right[] memory rights,
        Right memory right,
        uint32 targetHolding
    ) internal pure returns (Reach memory reach) {
        (reach.rights, reach.rightId, reach.holdings) = (rights, right.rightId, right.holdings);
        for (uint256 i = 0; i < right.holdings.length; ++i) {
            if (targetHolding == 0 || right.holdings[i].holdingId == targetHolding) reach.touched |= 1 << i;
        }
    }

    /// @dev Whether a restriction lies on what an act touches.
    function _concerns(
        Asking memory asking,
        Restriction memory restriction,
        Reach memory reach
    ) private view returns (bool) {
        uint32 target = restriction.targetRight;
        if (reach.rightId != 0 && target != 0 && target != reach.rightId) return false;
        if (!Restrictions.isNotice(restriction.kind) && !_isBinding(asking, target, reach)) return false;
        return reach.rightId == 0 || target == 0 || _isTouched(restriction, reach);
    }

    /// @dev A charge counts no further than those who agreed to it could themselves refuse: on the whole unit, owners for
    /// what owners hold; on a right, its holders for what they are asked about, while they hold it.
    function _isBinding(Asking memory asking, uint32 target, Reach memory reach) private view returns (bool) {
        uint32 on = target == 0 ? reach.rightId : target;
        if (on == 0) return true;
        Right memory right = reach.rights[BAUnits.rightOf(reach.rights, on)];
        if (target == 0) return BAUnits.isOwnership(right);
        if (_hasEnded(asking, reach.rights, right)) return false;
        return reach.rightId != 0 || reach.asksAll || BAUnits.isOwnership(right);
    }

    /// @dev Of a restriction on the right that an act touches.
    function _isTouched(Restriction memory restriction, Reach memory reach) private pure returns (bool) {
        if (restriction.targetHolding == 0) return true;
        for (uint256 i = 0; i < reach.holdings.length; ++i) {
            if (reach.holdings[i].holdingId == restriction.targetHolding)
                return (reach.touched >> i) & 1 == 1;
        }
        return false;
    }

    /// @dev Whether the holder agreed to a charge: every owner does to one on the whole unit.
    function _liesOn(
        Restriction memory one,
        Right memory right,
        uint32 holdingId
    ) private pure returns (bool) {
        if (one.targetRight == 0) return BAUnits.isOwnership(right);
        return one.targetRight == right.rightId && (one.targetHolding == 0 || one.targetHolding == holdingId);
    }

    /// @dev Places that are kept for each holding of a right in force.
    function _partOf(Asking memory asking, Right[] memory rights) private view returns (uint256) {
        uint256 holdings;
        for (uint256 i = 0; i < rights.length; ++i) {
            if (!_hasEnded(asking, rights, rights[i])) holdings += rights[i].holdings.length;
        }
        return holdings > MAX_RESTRICTIONS / 2 ? 1 : MAX_RESTRICTIONS / 2 / holdings;
    }

    /// @dev A right that is over has nobody to ask and stops nothing beside it; some right to the land must be left.
    function _takeOfRights(
        Asking memory asking,
        ConsentProof[] calldata proofs,
        Right[] memory rights,
        bool alsoDerived
    ) private view {
        bool isOwned;
        for (uint256 i = 0; i < rights.length; ++i) {
            bool isOwnership = BAUnits.isOwnership(rights[i]);
            if ((!isOwnership && !alsoDerived) || _hasEnded(asking, rights, rights[i])) continue;
            isOwned = isOwned || isOwnership;
            _takeOfTouched(asking, proofs, rights[i], type(uint256).max);
        }
        if (!isOwned) revert ILandRegistry.RightEnded();
    }

    function _takeOfTouched(
        Asking memory asking,
        ConsentProof[] calldata proofs,
        Right memory right,
        uint256 touched
    ) private view {
        if (touched == 0) return;
        bool isOwnership = BAUnits.isOwnership(right);
        if (right.standing == Standing.Disputed) _requireTwo(asking);
        Holding[] memory holdings = right.holdings;
        for (uint256 i = 0; i < holdings.length; ++i) {
            if ((touched >> i) & 1 == 0) continue;
            if (isOwnership) ++asking.owners;
            Holding memory holding = holdings[i];
            if (holding.signer == Signer.None) {
                _requireTwo(asking);
                continue;
            }
            _take(
                asking,
                proofs,
                holding.signer == Signer.Own ? ConsentRole.Holder : ConsentRole.Representative,
                holding.holdingId,
                holding.keyHash
            );
        }
    }

    /// @dev A right ends with the one that it is derived from, which stands before it.
    function _hasEnded(
        Asking memory asking,
        Right[] memory rights,
        Right memory right
    ) private view returns (bool) {
        if (right.expiresOn != 0 && Due.passed(right.expiresOn, asking.consortium)) return true;
        uint32 source = right.targetRight;
        for (uint256 i = rights.length; i > 0 && source != 0; --i) {
            Right memory earlier = rights[i - 1];
            if (earlier.rightId != source) continue;
            if (earlier.expiresOn != 0 && Due.passed(earlier.expiresOn, asking.consortium)) return true;
            source = earlier.targetRight;
        }
        return false;
    }

    /// @dev Before two institutions hold the quorum there is nobody to judge, so nothing moves.
    function _requireTwo(Asking memory asking) private view {
        if (!asking.consortium.isSeated()) revert ILandRegistry.NobodySigns();
        asking.assisted = true;
    }

    function _take(
        Asking memory asking,
        ConsentProof[] calldata proofs,
        ConsentRole role,
        uint32 subject,
        bytes32 keyHash
    ) private view {
        if (keyHash == 0) {
            asking.assisted = true;
            return;
        }
        if (asking.taken == proofs.length) revert ILandRegistry.ConsentMissing();
        ConsentProof calldata proof = proofs[asking.taken];
        ++asking.taken;
        if (!Due.reached(proof.notBefore)) revert ILandRegistry.ConsentNotYetValid();
        if (Due.passed(proof.deadline, asking.consortium)) revert ILandRegistry.ConsentExpired();
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            asking.domainSeparator,
            LandHashes.ofConsent(
                Consent({
                    role: role,
                    act: asking.act,
                    baUnit: asking.baUnit,
                    unitsHash: asking.unitsHash,
                    subject: subject,
                    termsHash: asking.termsHash,
                    effectiveOn: asking.effectiveOn,
                    notBefore: proof.notBefore,
                    deadline: proof.deadline,
                    mandateCommitment: proof.mandateCommitment
                })
            )
        );
        if (!_isSigned(asking.consortium, proof, digest, keyHash)) revert ILandRegistry.ConsentNotGiven();
        if (asking.taken == 1) asking.given = new bytes32[](proofs.length);
        asking.given[asking.taken - 1] = LandHashes.ofProof(digest, proof);
    }

    function _isSigned(
        IConsortium consortium,
        ConsentProof calldata proof,
        bytes32 digest,
        bytes32 keyHash
    ) private view returns (bool) {
        if (proof.kind != KeyKind.Secp256k1) {
            return
                keccak256(abi.encode(proof.salt, proof.kind, proof.key)) == keyHash &&
                consortium.isSignedBy(proof.kind, proof.key, digest, proof.signature);
        }
        if (proof.key.length != 0) return false;
        address signer = Secp256k1.recover(digest, proof.signature);
        return
            signer != address(0) &&
            keccak256(abi.encode(proof.salt, proof.kind, abi.encodePacked(signer))) == keyHash;
    }
}
