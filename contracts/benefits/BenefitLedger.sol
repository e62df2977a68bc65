// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BenefitViews} from "./BenefitViews.sol";
import {Journal} from "../journal/Journal.sol";
import {
    BENEFIT_KIND_BASE,
    BenefitAct,
    CycleEnvelope,
    CycleId,
    CycleState,
    DefineProgramme,
    Enrol,
    MoveCycle,
    MoveFunds,
    PauseProgramme,
    ProgrammeId,
    RedemptionBatch,
    ReplaceCard,
    SetTill,
    SetVendor,
    Settle
} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {Verdict} from "../interfaces/IBenefitRules.sol";
import {ICharter} from "../interfaces/ICharter.sol";
import {AuthorityNeeded, IConsortium} from "../interfaces/IConsortium.sol";
import {
    ActHead,
    EntryId,
    InstitutionId,
    NO_INSTITUTION,
    NO_OFFICER,
    Signatures
} from "../interfaces/IJournal.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {Cards} from "./Cards.sol";
import {CycleRecord} from "./CycleRecord.sol";
import {Redemptions} from "./Redemptions.sol";
import {Roles} from "../power/Roles.sol";
import {Scopes} from "../power/Scopes.sol";
import {StructHash} from "../journal/StructHash.sol";
import {UnitsTable} from "./UnitsTable.sol";
import {Words} from "../journal/Words.sol";

/// @title Programmes, cycles, cards, redemption and settlement
/// @notice Owns all storage, the journal and the domain of every signature. What happens a million times (loading
/// and redeeming) is here. What happens once is decided by `BenefitRules`, which holds nothing and writes
/// nothing: it answers who must sign and which words change, and this contract asks the officers, records the
/// entry and writes. Whoever calls, nothing is written that the rules did not answer and the officers not sign.
contract BenefitLedger is Journal, BenefitViews, IBenefitLedger {
    using Words for bytes32;

    /// @dev Where the fields of an act begin in the calldata: after the selector and the nine words of its head.
    uint256 private constant _FIELDS_AT = 4 + 9 * 32;

    /// @inheritdoc IBenefitLedger
    address public immutable rules;

    /// @param charter_ The ledger's Charter.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    /// @param predecessor_ The register this one succeeds, or zero.
    /// @param rules_ The `BenefitRules` that decide, for the whole life of this register.
    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_,
        address rules_
    ) Journal("Kudurru BenefitLedger", charter_, ledgerNonce_, predecessor_) {
        rules = rules_;
    }

    /// @inheritdoc IBenefitLedger
    function defineProgramme(DefineProgramme calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function moveFunds(MoveFunds calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function pauseProgramme(PauseProgramme calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function enrol(Enrol calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function replaceCard(ReplaceCard calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function setVendor(SetVendor calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function setTill(SetTill calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function openCycle(CycleEnvelope calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function moveCycle(MoveCycle calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function settle(Settle calldata, Signatures calldata) external {
        _decide();
    }

    /// @inheritdoc IBenefitLedger
    function finalise(ProgrammeId, CycleId) external {
        _requireInForce();
        Verdict memory verdict = _ask();
        _apply(verdict, verdict.entryId, 4);
        _enterAlone(verdict.kind, verdict.entryId, verdict.subject, verdict.newState);
    }

    /// @inheritdoc IBenefitLedger
    function loadSlots(
        ProgrammeId programme,
        uint16 enrolmentEpoch,
        uint32 firstIndex,
        uint256[] calldata slots,
        bytes32 rest
    ) external {
        _requireInForce();
        uint256 enrolled = Cards.load(
            BenefitSlots.enrolment(programme, enrolmentEpoch),
            BenefitSlots.cards(programme, enrolmentEpoch),
            firstIndex,
            slots,
            rest
        );
        emit SlotsLoaded(programme, enrolmentEpoch, uint32(enrolled), slots);
    }

    /// @inheritdoc IBenefitLedger
    function loadUnits(
        ProgrammeId programme,
        CycleId cycle,
        uint32 firstWord,
        uint256[] calldata words_,
        bytes32 rest
    ) external {
        _requireInForce();
        bytes32 at_ = BenefitSlots.cycle(programme, cycle);
        uint256 word0 = at_.load();
        CycleRecord.requireState(word0, CycleState.Loading);
        uint256 word1 = at_.after_(1).load();
        uint256 loadedWords = CycleRecord.loadedWordsOf(word1);
        if (firstWord != loadedWords) revert WordsOutOfOrder(uint32(loadedWords));
        bytes32 foldAt = at_.after_(2);
        uint256 sum = UnitsTable.load(
            UnitsTable.Chunk({
                table: BenefitSlots.table(programme, CycleRecord.laneOf(word0)),
                firstWord: firstWord,
                entryBytes: CycleRecord.entryBytesOf(word0),
                count: CycleRecord.countOf(word0),
                expected: bytes32(foldAt.load())
            }),
            words_,
            rest
        );
        loadedWords += words_.length;
        sum += CycleRecord.loadedUnitsOf(word1);
        at_.after_(1).store(CycleRecord.withLoaded(word1, sum, loadedWords));
        foldAt.store(uint256(rest));
        emit UnitsLoaded(programme, cycle, uint32(loadedWords), words_);
    }

    /// @inheritdoc IBenefitLedger
    function redeem(
        RedemptionBatch calldata batch,
        bytes32[] calldata items,
        bytes calldata tillSignature
    ) external returns (uint64 units) {
        _requireInForce();
        Redemptions.Sale memory sale;
        sale.consortium = _consortium();
        sale.domainSeparator = domainSeparator();
        if (sale.consortium.pausedScope() & Scopes.REDEMPTION != 0) revert RedemptionIsPaused();
        uint256 programme = BenefitSlots.programme(batch.programme).load();
        if (programme == 0) revert ProgrammeUnknown();
        bytes32 cycleAt = BenefitSlots.cycle(batch.programme, batch.cycle);
        uint256 cycle = cycleAt.load();
        Redemptions.requireOnSale(batch, programme, cycle, sale);
        bytes32 itemsHash = keccak256(abi.encodePacked(items));
        bytes32 digest = Redemptions.requireTill(batch, itemsHash, tillSignature, sale);
        (uint256 total, bytes32[] memory results) = Redemptions.redeemAll(items, batch.count, sale);
        Redemptions.book(batch, cycleAt, cycle, programme, total, sale.consortium);
        units = uint64(total);
        emit BatchRedeemed(batch.programme, batch.cycle, batch.vendor, batch.till, itemsHash, units, results);
        bytes32 resultsHash = StructHash.ofHashes(results);
        // A batch posted again has other results, as nothing is redeemed twice: the entry's id stays unique.
        EntryId entryId = EntryId.wrap(keccak256(abi.encode(digest, resultsHash)));
        _enterAlone(BenefitAct.Redeemed, entryId, ProgrammeId.unwrap(batch.programme), resultsHash);
    }

    /// @dev Rules, officers, entry, words. Above the agency's tier, once two institutions are seated, the preparer
    /// is of the agency and the approver of another.
    /// The caller's arguments are an act and its signatures, checked for their place and size by the decoder: read
    /// here once, for all kinds of act, instead of ten times (1 KB of code each).
    function _decide() private {
        Verdict memory verdict = _ask();
        ActHead calldata actHead;
        Signatures calldata signatures;
        uint256 signaturesAt = _FIELDS_AT + verdict.fields * 32;
        assembly ("memory-safe") {
            actHead := 4
            signatures := add(4, calldataload(signaturesAt))
        }
        IConsortium consortium = _consortium();
        bool twoInstitutions = verdict.aboveTier && consortium.isSeated();
        EntryId entryId = _checkOfficers(
            AuthorityNeeded({
                office: actHead.office,
                prepareRole: Roles.AID_PREPARER,
                approveRole: Roles.AID_APPROVER,
                pauseScope: verdict.pauseScope,
                institution: twoInstitutions ? NO_INSTITUTION : verdict.institution,
                preparerInstitution: NO_INSTITUTION,
                twoInstitutions: twoInstitutions
            }),
            actHead,
            verdict.newState,
            signatures,
            verdict.approvalTypeHash
        );
        if (twoInstitutions) {
            InstitutionId institution = consortium.requireOfficer(
                actHead.preparer,
                actHead.preparerEpoch,
                Roles.AID_PREPARER,
                EntryId.unwrap(entryId),
                signatures.preparer
            );
            if (InstitutionId.unwrap(institution) != InstitutionId.unwrap(verdict.institution))
                revert IConsortium.InstitutionDiffers(actHead.preparer);
        }
        _apply(verdict, entryId, _FIELDS_AT);
        uint16 kind = BENEFIT_KIND_BASE + uint16(verdict.kind);
        _record(kind, entryId, verdict.subject, verdict.newState, actHead, signatures.approval);
    }

    /// @dev The same call, answered by the rules; what they refuse is refused here in the same words. A call that
    /// the rules do not know, or that is not a call to this register's acts, cannot come here.
    function _ask() private view returns (Verdict memory) {
        (bool answered, bytes memory answer) = rules.staticcall(msg.data);
        if (!answered) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        return abi.decode(answer, (Verdict));
    }

    function _apply(Verdict memory verdict, EntryId entryId, uint256 fieldsAt) private {
        bytes32[] memory writes = verdict.writes;
        for (uint256 i = 0; i < writes.length; i += 2) {
            writes[i].store(uint256(writes[i + 1]));
        }
        bytes32[] calldata fields;
        uint256 length = verdict.fields;
        assembly ("memory-safe") {
            fields.offset := fieldsAt
            fields.length := length
        }
        emit ActApplied(entryId, verdict.kind, verdict.subject, fields);
    }

    /// @dev An entry that needs no officers of its own: what happened follows from what they signed before.
    function _enterAlone(BenefitAct kind, EntryId entryId, bytes32 subject, bytes32 newState) private {
        _record(BENEFIT_KIND_BASE + uint16(kind), entryId, subject, newState, NO_OFFICER, NO_OFFICER, 0);
    }

    function _governing() internal view override returns (IConsortium) {
        return _consortium();
    }
}
