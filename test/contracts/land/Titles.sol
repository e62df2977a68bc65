// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {KeyKind} from "../../../contracts/interfaces/IConsortium.sol";
import {ActHead, Approval, OfficeId} from "../../../contracts/interfaces/IJournal.sol";
import {
    Consent,
    ConsentRole,
    Title,
    UnitChange,
    Child,
    Consolidate,
    Portion,
    Subdivide
} from "../../../contracts/interfaces/LandActs.sol";
import {
    BAUnitId,
    BAUnitState,
    BAUnitStatus,
    EvidenceGrade,
    Header,
    Holding,
    InstrumentId,
    LandAct,
    Origin,
    PartyKind,
    Restriction,
    RestrictionKind,
    Right,
    RightKind,
    Signer,
    SpatialUnit,
    SpatialUnitId,
    Standing,
    Tenancy
} from "../../../contracts/interfaces/LandState.sol";
import {Restrictions} from "../../../contracts/land/Restrictions.sol";
import {LandHashes} from "../../../contracts/land/LandHashes.sol";
import {ActHeads} from "../../../contracts/journal/ActHeads.sol";
import {VM} from "../Vm.sol";

OfficeId constant OFFICE = OfficeId.wrap(7);
uint64 constant NOW = 1_800_000_000;
bytes32 constant SALT = keccak256("salt of a key");
uint256 constant PREPARER = 0xA1;
uint256 constant APPROVER = 0xA2;
uint256 constant OTHER_PREPARER = 0xB1;
uint256 constant OTHER_APPROVER = 0xB2;
uint256 constant BOTH = 0xB3;
uint256 constant THIRD = 0xA3;
uint256 constant ADA = 0xC1;
uint256 constant BEN = 0xC2;
uint256 constant EVE = 0xC3;
uint256 constant LENDER = 0xC4;
string constant BATCH_TYPE = "Batch(ActHead head,bytes32 itemsHash,uint32 count,bool atomic)";
bytes32 constant BATCH_TYPEHASH = keccak256(abi.encodePacked(BATCH_TYPE, ActHeads.TYPE));
bytes32 constant BATCH_APPROVAL_TYPEHASH = keccak256(
    abi.encodePacked(
        "Approval(Batch act,bytes32 approver,uint32 approverEpoch,uint64 deadline)",
        ActHeads.TYPE,
        BATCH_TYPE
    )
);
bytes32 constant STATE_TOPIC = keccak256(
    "BAUnitRecorded(bytes32,bytes32,((uint16,uint64,uint8,uint32,uint8,uint8,bytes32,uint64,uint64,"
    "bytes32,uint32,uint32,uint64),(bytes32,bytes32)[],(uint32,uint8,uint8,uint64,uint64,uint8,"
    "uint32,uint64,uint64,bytes32,(uint32,uint64,uint8,uint8,bytes32,bytes32)[])[],(uint32,uint8,uint32,"
    "uint32,uint16,uint64,bytes32,bytes32,uint64,uint64,uint64,bytes32)[],(uint32,uint8,uint32,uint32,"
    "uint16,uint64,bytes32,bytes32,uint64,uint64,uint64,bytes32)[],(uint32,uint8,uint32,uint64,bytes32,"
    "bytes32,uint64,bytes32)[],(uint32,uint8,bytes32,uint64,uint64,uint64,uint64,uint8)[],bytes32,"
    "bytes32))"
);

/// @title Titles, charges and consents of the tests, built in memory
library Titles {
    function keyHash(uint256 key) internal pure returns (bytes32) {
        return keccak256(abi.encode(SALT, KeyKind.Secp256k1, abi.encodePacked(VM.addr(key))));
    }

    function wordsOfUnit(BAUnitId baUnit, BAUnitState memory state) internal view returns (bytes memory) {
        Restriction[] memory standing = inForce(state.charges);
        return abi.encode(baUnit, LandHashes.ofRights(state.rights), LandHashes.ofRestrictions(standing));
    }

    /// What has not lapsed, by a loop of its own.
    function inForce(Restriction[] memory section) internal view returns (Restriction[] memory standing) {
        standing = new Restriction[](0);
        for (uint256 i = 0; i < section.length; ++i) {
            uint64 lapse = section[i].expiresOn;
            if (lapse == 0 || block.timestamp <= lapse) standing = Restrictions.append(standing, section[i]);
        }
    }

    /// What a consent names of an act on one unit.
    function hashOfUnits(BAUnitId baUnit, BAUnitState memory state) internal view returns (bytes32) {
        return keccak256(wordsOfUnit(baUnit, state));
    }

    function hashOfUnits(
        BAUnitId[] memory units,
        BAUnitState[] memory states
    ) internal view returns (bytes32) {
        bytes memory words;
        for (uint256 i = 0; i < units.length; ++i) {
            words = bytes.concat(words, wordsOfUnit(units[i], states[i]));
        }
        return keccak256(words);
    }

    function holderConsent(
        LandAct act,
        BAUnitId baUnit,
        BAUnitState memory state,
        uint32 holdingId,
        bytes32 termsHash
    ) internal view returns (Consent memory) {
        return consentOver(hashOfUnits(baUnit, state), act, baUnit, holdingId, termsHash);
    }

    function consentOver(
        bytes32 unitsHash,
        LandAct act,
        BAUnitId baUnit,
        uint32 holdingId,
        bytes32 termsHash
    ) internal pure returns (Consent memory) {
        return
            Consent({
                role: ConsentRole.Holder,
                act: act,
                baUnit: baUnit,
                unitsHash: unitsHash,
                subject: holdingId,
                termsHash: termsHash,
                effectiveOn: 0,
                notBefore: NOW - 60,
                deadline: NOW + 3 days,
                mandateCommitment: 0
            });
    }

    function holdingOf(uint32 id, uint64 numerator, uint256 key) internal pure returns (Holding memory) {
        return
            Holding(
                id,
                numerator,
                PartyKind.Person,
                Signer.Own,
                key == 0 ? bytes32(0) : keyHash(key),
                keccak256(abi.encode("party", key))
            );
    }

    function ownershipOf(Holding[] memory holdings, uint64 denominator) internal pure returns (Right memory) {
        return
            Right({
                rightId: 1,
                kind: RightKind.Ownership,
                standing: Standing.Absolute,
                upgradesOn: 0,
                expiresOn: 0,
                tenancy: holdings.length == 1 ? Tenancy.Sole : Tenancy.Common,
                targetRight: 0,
                presentationNo: 0,
                denominator: denominator,
                termsCommitment: 0,
                holdings: holdings
            });
    }

    /// An id of an office: its number, and what is random of it.
    function idOf(OfficeId office, bytes32 random) internal pure returns (bytes32) {
        return bytes32((uint256(OfficeId.unwrap(office)) << 224) | (uint256(random) >> 32));
    }

    function unitId(uint256 seed) internal pure returns (BAUnitId) {
        return BAUnitId.wrap(idOf(OFFICE, keccak256(abi.encode("unit", seed))));
    }

    function plotOf(uint256 seed) internal pure returns (SpatialUnit memory) {
        return
            SpatialUnit(
                SpatialUnitId.wrap(idOf(OFFICE, keccak256(abi.encode("plot", seed)))),
                keccak256(abi.encode("geometry", seed))
            );
    }

    /// Ada and Ben hold it in halves.
    function titleOf(uint256 seed) internal pure returns (Title memory title) {
        title.baUnit = unitId(seed);
        BAUnitState memory state = title.state;
        Header memory header = state.header;
        header.formatVersion = 1;
        header.version = 1;
        header.status = BAUnitStatus.Active;
        header.office = OFFICE;
        header.origin = Origin.Adjudication;
        header.evidence = EvidenceGrade.SurveyedRecord;
        header.nextId = 4;
        state.spatialUnits = new SpatialUnit[](1);
        state.spatialUnits[0] = plotOf(seed);
        Holding[] memory holdings = new Holding[](2);
        holdings[0] = holdingOf(2, 1, ADA);
        holdings[1] = holdingOf(3, 1, BEN);
        state.rights = new Right[](1);
        state.rights[0] = ownershipOf(holdings, 2);
        state.factsRoot = keccak256(abi.encode("facts", seed));
    }

    function restrictionOf(RestrictionKind kind, uint256 seed) internal pure returns (Restriction memory) {
        return
            Restriction({
                restrictionId: 0,
                kind: kind,
                targetRight: 0,
                targetHolding: 0,
                rank: kind == RestrictionKind.Caution || kind == RestrictionKind.Order ? 0 : 1,
                presentationNo: 0,
                instrumentId: InstrumentId.wrap(keccak256(abi.encode("instrument", seed))),
                holderKeyHash: keyHash(LENDER),
                blocks: 0,
                needsConsent: 0,
                expiresOn: kind == RestrictionKind.Caution || kind == RestrictionKind.Order
                    ? NOW + 90 days
                    : 0,
                termsCommitment: keccak256(abi.encode("terms", seed))
            });
    }

    /// Puts a restriction last in its section: ids run on through charges and notices.
    function addRestriction(Title memory title, Restriction memory restriction) internal pure {
        BAUnitState memory state = title.state;
        bool isNotice = Restrictions.isNotice(restriction.kind);
        if (isNotice) state.notices = Restrictions.append(state.notices, restriction);
        else state.charges = Restrictions.append(state.charges, restriction);
        if (!isNotice) restriction.rank = uint16(state.charges.length);
        ++state.header.nextId;
        uint32 id = state.header.nextId;
        for (uint256 i = state.notices.length; i > 0; --i) state.notices[i - 1].restrictionId = --id;
        for (uint256 i = state.charges.length; i > 0; --i) state.charges[i - 1].restrictionId = --id;
    }

    function hashHead(ActHead memory head) internal pure returns (bytes32) {
        return ActHeads.hash(head);
    }

    function change(BAUnitId baUnit, BAUnitState memory state) internal pure returns (UnitChange memory) {
        return UnitChange(baUnit, LandHashes.ofState(state));
    }

    function single(
        BAUnitId unit,
        BAUnitState memory state
    ) internal pure returns (BAUnitId[] memory units, BAUnitState[] memory states) {
        units = new BAUnitId[](1);
        states = new BAUnitState[](1);
        (units[0], states[0]) = (unit, state);
    }

    function nextRank(BAUnitState memory state) internal pure returns (uint16) {
        uint256 count = state.charges.length;
        return count == 0 ? 1 : state.charges[count - 1].rank + 1;
    }

    /// A charge by its place, or, behind the charges, a notice.
    function onUnit(BAUnitState memory state, uint256 position) internal pure returns (Restriction memory) {
        uint256 count = state.charges.length;
        return position < count ? state.charges[position] : state.notices[position - count];
    }

    function releaseConsent(
        LandAct act,
        BAUnitId unit,
        BAUnitState memory state,
        uint256 position
    ) internal view returns (Consent memory consent) {
        Restriction memory restriction = onUnit(state, position);
        consent = holderConsent(
            act,
            unit,
            state,
            restriction.restrictionId,
            LandHashes.ofRestriction(restriction)
        );
        consent.role = ConsentRole.Holder;
    }

    function childOf(uint256 seed) internal pure returns (Child memory child) {
        child.portion = Portion(unitId(seed), new SpatialUnit[](1), 0);
        child.portion.spatialUnits[0] = plotOf(seed);
        child.factsRoot = keccak256(abi.encode("facts", seed));
    }

    /// A flat with its quota in common land.
    function partOf(
        uint256 seed,
        BAUnitId base,
        uint64 quota,
        uint64 total
    ) internal pure returns (Title memory part) {
        part = titleOf(seed);
        Header memory header = part.state.header;
        (header.baseUnit, header.quotaNumerator, header.quotaTotal) = (base, quota, total);
    }

    /// The terms that the owners of a divided unit consent to, and the children as officers sign them.
    function portionsOf(Subdivide memory act) internal pure returns (bytes32 terms, bytes32 children) {
        bytes memory portions;
        bytes memory hashes;
        for (uint256 i = 0; i < act.children.length; ++i) {
            bytes32 portion = LandHashes.ofPortion(act.children[i].portion);
            portions = abi.encodePacked(portions, portion);
            hashes = abi.encodePacked(hashes, LandHashes.ofChild(portion, act.children[i].factsRoot));
        }
        return (keccak256(portions), keccak256(hashes));
    }

    /// The terms that the owners of joined units consent to.
    function mergerTerms(Consolidate memory act) internal pure returns (bytes32) {
        bytes memory ids;
        for (uint256 i = 0; i < act.units.length; ++i) ids = abi.encodePacked(ids, act.units[i].baUnit);
        return
            keccak256(
                abi.encode(
                    keccak256(ids),
                    LandHashes.ofPortion(act.child.portion),
                    LandHashes.ofRight(act.ownership)
                )
            );
    }
}
