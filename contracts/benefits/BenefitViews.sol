// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CycleId, CycleState, FundsMove, ProgrammeId, TillId, VendorId} from "../interfaces/BenefitActs.sol";
import {
    Card,
    CreditView,
    CycleView,
    EnrolmentView,
    IBenefitViews,
    Money,
    ProgrammeView,
    TillView,
    VendorView
} from "../interfaces/IBenefitViews.sol";
import {IBenefitLedger} from "../interfaces/IBenefitLedger.sol";
import {IConsortium} from "../interfaces/IConsortium.sol";
import {InstitutionId, OfficeId} from "../interfaces/IJournal.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {Cards} from "./Cards.sol";
import {CycleRecord} from "./CycleRecord.sol";
import {Journal} from "../journal/Journal.sol";
import {MAX_LANES, ProgrammeRecord} from "./ProgrammeRecord.sol";
import {UnitsTable} from "./UnitsTable.sol";
import {VendorCredits} from "./VendorCredits.sol";
import {VendorRecord} from "./VendorRecord.sol";
import {Words} from "../journal/Words.sol";

/// @title Reading the benefit ledger
/// @notice Names what lies in the register's words. Decides nothing, holds nothing and is trusted by nobody.
contract BenefitViews is IBenefitViews {
    using CycleRecord for CycleRecord.Cycle;
    using VendorCredits for VendorCredits.Credit;
    using Words for bytes32;

    /// @inheritdoc IBenefitViews
    IBenefitLedger public immutable ledger;

    constructor(IBenefitLedger ledger_) {
        ledger = ledger_;
    }

    /// @inheritdoc IBenefitViews
    function programmeOf(ProgrammeId programme) external view returns (ProgrammeView memory) {
        ProgrammeRecord.Programme memory record = _programme(programme);
        return
            ProgrammeView({
                institution: InstitutionId.wrap(uint16(record.institution)),
                currency: uint16(record.currency),
                pausedAt: uint64(record.pausedAt),
                pausedUntil: uint64(record.pausedUntil),
                pausedSeconds: uint64(record.pausedSeconds),
                pausedByTwo: record.pausedByTwo,
                version: uint32(record.version),
                mostPerRedemptionUnits: uint32(record.mostPerRedemptionUnits),
                disputeSeconds: uint32(record.disputeSeconds),
                leastOpenSeconds: uint32(record.leastOpenSeconds),
                mostOfflineSeconds: uint32(record.mostOfflineSeconds),
                assistedCapUnits: uint32(record.assistedCapUnits),
                emergencyCapUnits: uint32(record.emergencyCapUnits),
                office: OfficeId.wrap(uint32(record.office)),
                policyHash: record.policyHash
            });
    }

    /// @inheritdoc IBenefitViews
    function money(ProgrammeId programme) external view returns (Money memory sums) {
        ProgrammeRecord.Programme memory record = _programme(programme);
        sums.fundedMinor = _moved(record, FundsMove.Fund);
        sums.unallocatedMinor = record.unallocatedMinor;
        sums.redeemedMinor = record.redeemedMinor;
        sums.expiredMinor = record.expiredMinor;
        sums.reclaimedMinor = record.reclaimedMinor;
        sums.defundedMinor = _moved(record, FundsMove.Defund);
        for (uint256 lane = 0; lane < MAX_LANES; ++lane) {
            if (record.cycleInLane[lane] == 0) continue;
            CycleRecord.Cycle memory cycle = _cycle(
                programme,
                CycleId.wrap(uint32(record.cycleInLane[lane]))
            );
            if (cycle.state != CycleState.Released && cycle.state != CycleState.Ended) continue;
            sums.outstandingMinor += cycle.outstandingUnits() * cycle.unitValueMinor;
            sums.redeemedMinor += cycle.redeemedUnits * cycle.unitValueMinor;
        }
    }

    /// @inheritdoc IBenefitViews
    function movedMinor(ProgrammeId programme, FundsMove move) external view returns (uint128) {
        if (move == FundsMove.Unspecified) return 0;
        return uint128(_moved(_programme(programme), move));
    }

    /// @inheritdoc IBenefitViews
    function enrolmentOf(
        ProgrammeId programme,
        uint16 enrolmentEpoch
    ) external view returns (EnrolmentView memory) {
        bytes32 at_ = BenefitSlots.enrolment(programme, enrolmentEpoch);
        bytes32[] memory read = ledger.words(at_, Cards.ENROLMENT_WORDS);
        Cards.Enrolment memory record = Cards.unpackEnrolment(uint256(read[0]), uint256(read[1]));
        return
            EnrolmentView({
                enrolled: uint32(record.enrolled),
                signed: uint32(record.signed),
                version: uint32(record.version),
                foldRest: record.foldRest
            });
    }

    /// @inheritdoc IBenefitViews
    function cardOf(
        ProgrammeId programme,
        uint16 enrolmentEpoch,
        uint32 index
    ) external view returns (Card memory) {
        bytes32 at_ = BenefitSlots.cards(programme, enrolmentEpoch).after_(index);
        Cards.Card memory record = Cards.unpack(uint256(ledger.words(at_, 1)[0]));
        return
            Card({
                keyKind: record.keyKind,
                keyId: record.keyId,
                standing: record.standing,
                cardEpoch: uint16(record.epoch),
                effectiveFrom: uint64(record.effectiveFrom),
                version: uint32(record.version)
            });
    }

    /// @inheritdoc IBenefitViews
    function vendorOf(VendorId vendor) external view returns (VendorView memory) {
        bytes32[] memory read = ledger.words(BenefitSlots.vendor(vendor), 1);
        VendorRecord.Vendor memory record = VendorRecord.unpackVendor(uint256(read[0]));
        return
            VendorView({
                institution: InstitutionId.wrap(uint16(record.institution)),
                standing: record.period.standing,
                from: uint64(record.period.from),
                until: uint64(record.period.until),
                version: uint32(record.version),
                office: OfficeId.wrap(uint32(record.office))
            });
    }

    /// @inheritdoc IBenefitViews
    function tillOf(VendorId vendor, TillId till) external view returns (TillView memory) {
        bytes32[] memory read = ledger.words(BenefitSlots.till(vendor, till), VendorRecord.TILL_WORDS);
        VendorRecord.Till memory record = VendorRecord.unpackTill(uint256(read[0]), uint256(read[1]));
        return
            TillView({
                keyKind: record.keyKind,
                keyId: record.keyId,
                standing: record.period.standing,
                from: uint64(record.period.from),
                until: uint64(record.period.until),
                version: uint32(record.version)
            });
    }

    /// @inheritdoc IBenefitViews
    function cycleOf(ProgrammeId programme, CycleId cycle) external view returns (CycleView memory) {
        CycleRecord.Cycle memory record = _cycle(programme, cycle);
        return
            CycleView({
                state: record.state,
                lane: uint8(record.lane),
                entryBytes: uint8(record.entryBytes),
                enrolmentEpoch: uint16(record.enrolmentEpoch),
                count: uint32(record.count),
                totalUnits: uint64(record.totalUnits),
                unitValueMinor: uint64(record.unitValueMinor),
                opensAt: uint64(record.opensAt),
                spendUntil: uint64(record.spendUntil),
                postUntil: uint64(record.postUntil),
                redeemedUnits: uint64(record.redeemedUnits),
                outstandingUnits: uint64(record.outstandingUnits()),
                loadedWords: uint32(record.loadedWords),
                words: record.entryBytes == 0
                    ? 0
                    : uint32(UnitsTable.wordsOf(record.count, record.entryBytes)),
                pausedSeconds: uint64(record.pausedSeconds),
                endPausedSeconds: uint64(record.endPausedSeconds),
                foldRest: record.foldRest,
                envelopeHash: record.envelopeHash
            });
    }

    /// @inheritdoc IBenefitViews
    function entryOf(
        ProgrammeId programme,
        CycleId cycle,
        uint32 index
    ) external view returns (uint32 units, uint8 sequence) {
        CycleRecord.Cycle memory record = _cycle(programme, cycle);
        if (_programme(programme).cycleInLane[record.lane] != CycleId.unwrap(cycle)) revert TableNotInLane();
        if (index >= record.count) revert IndexBeyondCount();
        bytes32 at_ = UnitsTable.wordOf(BenefitSlots.table(programme, record.lane), index, record.entryBytes);
        (uint256 entryUnits, uint256 entrySequence) = UnitsTable.entryIn(
            uint256(ledger.words(at_, 1)[0]),
            index,
            record.entryBytes
        );
        return (uint32(entryUnits), uint8(entrySequence));
    }

    /// @inheritdoc IBenefitViews
    function creditOf(
        ProgrammeId programme,
        CycleId cycle,
        VendorId vendor
    ) external view returns (CreditView memory) {
        bytes32 at_ = BenefitSlots.credit(programme, cycle, vendor);
        bytes32[] memory read = ledger.words(at_, VendorCredits.WORDS);
        VendorCredits.Credit memory credit = VendorCredits.unpack(uint256(read[0]), uint256(read[1]));
        credit.mature(
            uint64(_programme(programme).disputeSeconds),
            IConsortium(Journal(address(ledger)).charter().authority())
        );
        return
            CreditView({
                creditedUnits: uint64(credit.free + credit.disputed),
                maturedUnits: uint64(credit.matured),
                settledUnits: uint64(credit.settled),
                disputedUnits: uint64(credit.disputed),
                returnedUnits: uint64(credit.returned),
                clawedBackUnits: uint64(credit.clawedBack),
                releasedUnits: uint64(credit.released)
            });
    }

    function _moved(ProgrammeRecord.Programme memory record, FundsMove move) private pure returns (uint256) {
        return record.movedMinor[uint256(move) - 1];
    }

    function _programme(ProgrammeId id) private view returns (ProgrammeRecord.Programme memory) {
        return ProgrammeRecord.unpack(ledger.words(BenefitSlots.programme(id), ProgrammeRecord.WORDS));
    }

    function _cycle(ProgrammeId id, CycleId cycle) private view returns (CycleRecord.Cycle memory) {
        return CycleRecord.unpack(ledger.words(BenefitSlots.cycle(id, cycle), CycleRecord.WORDS));
    }
}
