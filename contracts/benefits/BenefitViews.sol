// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    CycleId,
    CycleState,
    FundsMove,
    ProgrammeId,
    Standing,
    TillId,
    VendorId
} from "../interfaces/BenefitActs.sol";
import {
    Card,
    CreditView,
    CycleView,
    EnrolmentView,
    IBenefitViews,
    Money,
    ProgrammeView
} from "../interfaces/IBenefitViews.sol";
import {IConsortium, KeyKind} from "../interfaces/IConsortium.sol";
import {InstitutionId} from "../interfaces/IJournal.sol";
import {BenefitSlots} from "./BenefitSlots.sol";
import {Cards} from "./Cards.sol";
import {CycleRecord} from "./CycleRecord.sol";
import {MAX_LANES, ProgrammeRecord} from "./ProgrammeRecord.sol";
import {UnitsTable} from "./UnitsTable.sol";
import {VendorCredits} from "./VendorCredits.sol";
import {VendorRecord} from "./VendorRecord.sol";
import {Words} from "../journal/Words.sol";

/// @title Reading the benefit ledger
/// @notice Names what lies in the register's words. Decides nothing and writes nothing.
abstract contract BenefitViews is IBenefitViews {
    using CycleRecord for CycleRecord.Cycle;
    using VendorCredits for VendorCredits.Credit;
    using Words for bytes32;

    /// @dev Words one reading call returns: the longest record has nine, and a table is read by the piece.
    uint256 private constant _MAX_WORDS_READ = 64;

    /// @inheritdoc IBenefitViews
    function programmeOf(ProgrammeId programme) external view returns (ProgrammeView memory) {
        ProgrammeRecord.Programme memory record = _programme(programme);
        return
            ProgrammeView({
                institution: InstitutionId.wrap(uint16(record.institution)),
                currency: uint16(record.currency),
                pausedUntil: uint64(record.pausedUntil),
                version: uint32(record.version),
                mostPerRedemptionUnits: uint32(record.mostPerRedemptionUnits),
                disputeSeconds: uint32(record.disputeSeconds),
                leastOpenSeconds: uint32(record.leastOpenSeconds),
                assistedCapUnits: uint32(record.assistedCapUnits),
                emergencyCapUnits: uint32(record.emergencyCapUnits),
                twoInstitutionsAboveMinor: uint128(record.twoInstitutionsAboveMinor),
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
        uint256 word0 = at_.load();
        return
            EnrolmentView({
                enrolled: uint32(Cards.enrolledOf(word0)),
                signed: uint32(Cards.signedOf(word0)),
                foldRest: bytes32(at_.after_(1).load())
            });
    }

    /// @inheritdoc IBenefitViews
    function cardOf(
        ProgrammeId programme,
        uint16 enrolmentEpoch,
        uint32 index
    ) external view returns (Card memory) {
        uint256 slot = BenefitSlots.cards(programme, enrolmentEpoch).after_(index).load();
        return
            Card({
                keyKind: KeyKind(Cards.keyKindOf(slot)),
                keyId: Cards.keyIdOf(slot),
                standing: Standing(Cards.standingOf(slot)),
                cardEpoch: Cards.epochOf(slot),
                effectiveFrom: Cards.effectiveFromOf(slot)
            });
    }

    /// @inheritdoc IBenefitViews
    function vendorOf(
        VendorId vendor
    ) external view returns (InstitutionId institution, Standing standing, uint64 from, uint32 version) {
        VendorRecord.Vendor memory record = VendorRecord.unpackVendor(BenefitSlots.vendor(vendor).load());
        return (
            InstitutionId.wrap(uint16(record.institution)),
            record.standing,
            uint64(record.from),
            uint32(record.version)
        );
    }

    /// @inheritdoc IBenefitViews
    function tillOf(
        VendorId vendor,
        TillId till
    ) external view returns (KeyKind keyKind, address keyId, Standing standing, uint32 version) {
        VendorRecord.Till memory record = VendorRecord.unpackTill(BenefitSlots.till(vendor, till).load());
        return (record.keyKind, record.keyId, record.standing, uint32(record.version));
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
        (, uint256 entryUnits, uint256 entrySequence) = UnitsTable.read(
            BenefitSlots.table(programme, record.lane),
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
        VendorCredits.Credit memory credit = VendorCredits.unpack(at_.load());
        credit.mature(uint64(_programme(programme).disputeSeconds), _governing());
        uint256 reserved = at_.after_(1).load();
        return
            CreditView({
                creditedUnits: uint64(credit.credited),
                maturedUnits: uint64(credit.matured),
                settledUnits: uint64(credit.settled),
                disputedUnits: uint64(reserved),
                returnedUnits: uint64(reserved >> 64),
                clawedBackUnits: uint64(reserved >> 128)
            });
    }

    /// @inheritdoc IBenefitViews
    function words(bytes32 slot, uint256 count) external view returns (bytes32[] memory) {
        if (count > _MAX_WORDS_READ) revert ReadTooLarge(_MAX_WORDS_READ);
        return _words(slot, count);
    }

    /// @dev The consortium in force, whose halts extend the wait before settlement.
    function _governing() internal view virtual returns (IConsortium);

    function _moved(ProgrammeRecord.Programme memory record, FundsMove move) private pure returns (uint256) {
        return record.movedMinor[uint256(move) - 1];
    }

    function _programme(ProgrammeId id) private view returns (ProgrammeRecord.Programme memory) {
        return ProgrammeRecord.unpack(_words(BenefitSlots.programme(id), ProgrammeRecord.WORDS));
    }

    function _cycle(ProgrammeId id, CycleId cycle) private view returns (CycleRecord.Cycle memory) {
        return CycleRecord.unpack(_words(BenefitSlots.cycle(id, cycle), CycleRecord.WORDS));
    }

    function _words(bytes32 slot, uint256 count) private view returns (bytes32[] memory values) {
        values = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            values[i] = bytes32(slot.after_(i).load());
        }
    }
}
