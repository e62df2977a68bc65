// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Importing} from "../journal/Importing.sol";
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
    ReleaseCredit,
    ResumeProgramme,
    SetCard,
    SetTill,
    SetVendor,
    Settle
} from "../interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
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
import {ActHeads} from "../journal/ActHeads.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {BenefitTypes} from "./BenefitTypes.sol";
import {Cards} from "./Cards.sol";
import {CycleRecord} from "./CycleRecord.sol";
import {Due} from "../journal/Due.sol";
import {ProgrammeRecord} from "./ProgrammeRecord.sol";
import {Redemptions} from "./Redemptions.sol";
import {Roles} from "../power/Roles.sol";
import {Scopes} from "../power/Scopes.sol";
import {StandingRules} from "./StandingRules.sol";
import {StructHash} from "../journal/StructHash.sol";
import {Tiers} from "./Tiers.sol";
import {UnitsTable} from "./UnitsTable.sol";
import {Verdict} from "./Verdict.sol";
import {Words} from "../journal/Words.sol";

/// @title Programmes, cycles, cards, redemption and settlement
/// @notice Owns all storage, the journal and the domain of every signature. What happens a million times (loading
/// and redeeming) is here. What happens once is decided by `BenefitRules`, which holds nothing and writes
/// nothing: it answers who must sign and which records an act leaves, and this contract asks the officers, records
/// the entry and writes each record where its library keeps it. Of an act nothing is written that the rules did not
/// answer and the officers not sign; loads, releases and sales follow from what was signed before.
contract BenefitLedger is Importing, IBenefitLedger {
    using Words for bytes32;

    /// @dev Words one reading call returns: the longest record has nine, and a table is read by the piece.
    uint256 private constant _MAX_WORDS_READ = 64;
    /// @dev Where the fields of an act begin in the calldata: after the selector and its head.
    uint256 private constant _FIELDS_AT = 4 + ActHeads.WORDS * 32;

    /// @inheritdoc IBenefitLedger
    address public immutable rules;
    /// @inheritdoc IBenefitLedger
    address public immutable standingRules;

    /// @param charter_ The ledger's Charter.
    /// @param ledgerNonce_ The nonce of the ledger's founding file.
    /// @param predecessor_ The register this one succeeds, or zero.
    /// @param rules_ The `BenefitRules` that decide, for the whole life of this register.
    /// @param standingRules_ The `StandingRules`, likewise.
    constructor(
        ICharter charter_,
        bytes32 ledgerNonce_,
        address predecessor_,
        address rules_,
        address standingRules_
    ) Journal("Kudurru BenefitLedger", charter_, ledgerNonce_, predecessor_) {
        rules = rules_;
        standingRules = standingRules_;
    }

    /// @inheritdoc IBenefitLedger
    function defineProgramme(DefineProgramme calldata, Signatures calldata) external {
        _decide(rules);
    }

    /// @inheritdoc IBenefitLedger
    function moveFunds(MoveFunds calldata, Signatures calldata) external {
        _decide(rules);
    }

    /// @inheritdoc IBenefitLedger
    function pauseProgramme(PauseProgramme calldata, Signatures calldata) external {
        _decide(rules);
    }

    /// @inheritdoc IBenefitLedger
    function resumeProgramme(ResumeProgramme calldata, Signatures calldata) external {
        _decide(rules);
    }

    /// @inheritdoc IBenefitLedger
    function enrol(Enrol calldata, Signatures calldata) external {
        _decide(standingRules);
    }

    /// @inheritdoc IBenefitLedger
    function setCard(SetCard calldata, Signatures calldata) external {
        _decide(standingRules);
    }

    /// @inheritdoc IBenefitLedger
    function setVendor(SetVendor calldata, Signatures calldata) external {
        _decide(standingRules);
    }

    /// @inheritdoc IBenefitLedger
    function setTill(SetTill calldata, Signatures calldata) external {
        _decide(standingRules);
    }

    /// @inheritdoc IBenefitLedger
    function openCycle(CycleEnvelope calldata, Signatures calldata) external {
        _decide(rules);
    }

    /// @inheritdoc IBenefitLedger
    function moveCycle(MoveCycle calldata, Signatures calldata) external {
        _decide(rules);
    }

    /// @inheritdoc IBenefitLedger
    function settle(Settle calldata, Signatures calldata) external {
        _decide(rules);
    }

    /// @inheritdoc IBenefitLedger
    function releaseCredit(ReleaseCredit calldata, Signatures calldata) external {
        _decide(rules);
    }

    /// @inheritdoc IBenefitLedger
    function finalise(ProgrammeId programme, CycleId) external {
        _requireDisbursing(programme);
        Verdict memory verdict = _ask(rules);
        _apply(verdict, verdict.entryId);
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
        _requireDisbursing(programme);
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
        _requireDisbursing(programme);
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
        sale.rules = StandingRules(standingRules);
        sale.domainSeparator = BenefitTypes.saleSeparator(ledgerNonce);
        if (sale.consortium.pausedScope() & Scopes.REDEMPTION != 0) revert RedemptionIsPaused();
        uint256 programme = BenefitSlots.programme(batch.programme).load();
        _requireRunning(programme);
        bytes32 cycleAt = BenefitSlots.cycle(batch.programme, batch.cycle);
        uint256 cycle = cycleAt.load();
        Redemptions.requireOnSale(batch, programme, cycleAt, cycle, sale);
        bytes32 itemsHash = keccak256(abi.encodePacked(items));
        bytes32 digest = Redemptions.requireTill(batch, itemsHash, tillSignature, sale);
        (uint256 total, bytes32[] memory results) = Redemptions.redeemAll(items, batch.count, sale);
        Redemptions.book(batch, cycleAt, cycle, programme, total, sale);
        units = uint64(total);
        emit BatchRedeemed(batch.programme, batch.cycle, batch.vendor, batch.till, itemsHash, units, results);
        bytes32 resultsHash = StructHash.ofHashes(results);
        // A batch posted again has other results, as nothing is redeemed twice: the entry's id stays unique.
        EntryId entryId = EntryId.wrap(keccak256(abi.encode(digest, resultsHash)));
        _enterAlone(BenefitAct.Redeemed, entryId, ProgrammeId.unwrap(batch.programme), resultsHash);
    }

    /// @inheritdoc IBenefitLedger
    function movedAloneMinor(InstitutionId institution, uint16 currency) external view returns (uint256 sum) {
        (, uint256 word) = Tiers.judge(BenefitSlots.tier(institution, currency), currency, 0, _consortium());
        return word >> 32;
    }

    /// @inheritdoc IBenefitLedger
    function words(bytes32 slot, uint256 count) external view returns (bytes32[] memory values) {
        if (count > _MAX_WORDS_READ) revert ReadTooLarge(_MAX_WORDS_READ);
        values = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) values[i] = bytes32(slot.after_(i).load());
    }

    /// @dev Rules, officers, records, entry. Above what one institution may move alone, once two institutions are
    /// seated, the preparer is of the agency and the approver of another.
    /// The caller's arguments are an act and its signatures, checked for their place and size by the decoder: read
    /// here once, for all kinds of act, instead of a dozen times (1 KB of code each).
    function _decide(address decider) private {
        Verdict memory verdict = _ask(decider);
        ActHead calldata actHead;
        Signatures calldata signatures;
        uint256 signaturesAt = _FIELDS_AT + verdict.fields.length * 32;
        assembly ("memory-safe") {
            actHead := 4
            signatures := add(4, calldataload(signaturesAt))
        }
        bool twoInstitutions = _isForTwo(verdict, _consortium());
        EntryId entryId = _checkOfficers(
            AuthorityNeeded({
                office: actHead.office,
                prepareRole: Roles.AID_PREPARER,
                approveRole: Roles.AID_APPROVER,
                pauseScope: verdict.pauseScope,
                institution: twoInstitutions ? NO_INSTITUTION : verdict.institution,
                preparerInstitution: verdict.institution,
                twoInstitutions: twoInstitutions
            }),
            actHead,
            verdict.newState,
            signatures,
            verdict.approvalTypeHash
        );
        _apply(verdict, entryId);
        uint16 kind = BENEFIT_KIND_BASE + uint16(verdict.kind);
        _record(kind, entryId, verdict.subject, verdict.newState, actHead, signatures.approval);
    }

    /// @dev Whether two institutions must sign; what one moves alone is added to its sum (B9).
    function _isForTwo(Verdict memory verdict, IConsortium consortium) private returns (bool) {
        bool isSeated = consortium.isSeated();
        if (verdict.amountMinor == 0) return verdict.byTwoInstitutions && isSeated;
        bytes32 at_ = BenefitSlots.tier(verdict.institution, verdict.currency);
        (bool isAbove, uint256 word) = Tiers.judge(at_, verdict.currency, verdict.amountMinor, consortium);
        if (isSeated && (isAbove || verdict.byTwoInstitutions)) return true;
        at_.store(word);
        return false;
    }

    /// @dev The same call, answered by the rules; what they refuse is refused here in the same words. A call that
    /// the rules do not know, or that is not a call to this register's acts, cannot come here.
    function _ask(address decider) private view returns (Verdict memory) {
        (bool answered, bytes memory answer) = decider.staticcall(msg.data);
        if (!answered) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        return abi.decode(answer, (Verdict));
    }

    /// @dev Writes the records an act leaves and says what it was.
    function _apply(Verdict memory verdict, EntryId entryId) private {
        for (uint256 i = 0; i < verdict.changes.length; ++i) {
            bytes32[] memory next = verdict.changes[i].words;
            bytes32 at_ = BenefitSlots.slotOf(verdict.changes[i].kind, verdict.key);
            for (uint256 j = 0; j < next.length; ++j) at_.after_(j).store(uint256(next[j]));
        }
        emit ActApplied(entryId, verdict.kind, verdict.subject, verdict.fields);
    }

    /// @dev An entry that needs no officers of its own: what happened follows from what they signed before.
    function _enterAlone(BenefitAct kind, EntryId entryId, bytes32 subject, bytes32 newState) private {
        _record(BENEFIT_KIND_BASE + uint16(kind), entryId, subject, newState, NO_OFFICER, NO_OFFICER, 0);
    }

    /// @dev What loads and releases needs no officers, so their brakes are asked here.
    function _requireDisbursing(ProgrammeId programme) private view {
        _requireInForce();
        if (_consortium().pausedScope() & Scopes.DISBURSEMENT != 0) revert DisbursementIsPaused();
        _requireRunning(BenefitSlots.programme(programme).load());
    }

    function _requireRunning(uint256 programme) private view {
        if (programme == 0) revert ProgrammeUnknown();
        uint64 pausedUntil = ProgrammeRecord.pausedUntilOf(programme);
        if (!Due.reached(pausedUntil)) revert ProgrammeIsPaused(pausedUntil);
    }
}
