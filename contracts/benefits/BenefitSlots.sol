// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CycleId, ProgrammeId, TillId, VendorId} from "../interfaces/BenefitActs.sol";
import {InstitutionId} from "../interfaces/IJournal.sol";
import {Words} from "../journal/Words.sol";
import {RecordKey, RecordKind} from "./Verdict.sol";

/// @title Where the benefit ledger keeps what
/// @notice Part of the format: proofs name these slots. A record begins at the hash of its tag and its keys; no
/// other hash in the contract begins with these tags, so no two records meet.
library BenefitSlots {
    bytes32 private constant _PROGRAMME = keccak256("BenefitLedger.programme");
    bytes32 private constant _ENROLMENT = keccak256("BenefitLedger.enrolment");
    bytes32 private constant _CARDS = keccak256("BenefitLedger.cards");
    bytes32 private constant _CYCLE = keccak256("BenefitLedger.cycle");
    bytes32 private constant _TABLE = keccak256("BenefitLedger.table");
    bytes32 private constant _VENDOR = keccak256("BenefitLedger.vendor");
    bytes32 private constant _TILL = keccak256("BenefitLedger.till");
    bytes32 private constant _CREDIT = keccak256("BenefitLedger.credit");
    bytes32 private constant _TIER = keccak256("BenefitLedger.tier");

    /// @notice Where a record lies.
    function slotOf(RecordKind kind, RecordKey memory key) internal pure returns (bytes32) {
        if (kind == RecordKind.Programme) return programme(key.programme);
        if (kind == RecordKind.Cycle) return cycle(key.programme, key.cycle);
        if (kind == RecordKind.Enrolment) return enrolment(key.programme, key.enrolmentEpoch);
        if (kind == RecordKind.Card) {
            return Words.after_(cards(key.programme, key.enrolmentEpoch), key.index);
        }
        if (kind == RecordKind.Vendor) return vendor(key.vendor);
        if (kind == RecordKind.Till) return till(key.vendor, key.till);
        return credit(key.programme, key.cycle, key.vendor);
    }

    /// @notice `ProgrammeRecord.WORDS` words.
    function programme(ProgrammeId id) internal pure returns (bytes32) {
        return keccak256(abi.encode(_PROGRAMME, id));
    }

    /// @notice `Cards.ENROLMENT_WORDS` words.
    function enrolment(ProgrammeId id, uint256 epoch) internal pure returns (bytes32) {
        return keccak256(abi.encode(_ENROLMENT, id, epoch));
    }

    /// @notice One word a person, by index.
    function cards(ProgrammeId id, uint256 epoch) internal pure returns (bytes32) {
        return keccak256(abi.encode(_CARDS, id, epoch));
    }

    /// @notice `CycleRecord.WORDS` words.
    function cycle(ProgrammeId id, CycleId cycle_) internal pure returns (bytes32) {
        return keccak256(abi.encode(_CYCLE, id, cycle_));
    }

    /// @notice The words of a units table.
    function table(ProgrammeId id, uint256 lane) internal pure returns (bytes32) {
        return keccak256(abi.encode(_TABLE, id, lane));
    }

    /// @notice One word.
    function vendor(VendorId id) internal pure returns (bytes32) {
        return keccak256(abi.encode(_VENDOR, id));
    }

    /// @notice `VendorRecord.TILL_WORDS` words.
    function till(VendorId id, TillId till_) internal pure returns (bytes32) {
        return keccak256(abi.encode(_TILL, id, till_));
    }

    /// @notice `VendorCredits.WORDS` words.
    function credit(ProgrammeId id, CycleId cycle_, VendorId vendor_) internal pure returns (bytes32) {
        return keccak256(abi.encode(_CREDIT, id, cycle_, vendor_));
    }

    /// @notice One word: what an institution moved by itself in this window.
    function tier(InstitutionId institution, uint16 currency) internal pure returns (bytes32) {
        return keccak256(abi.encode(_TIER, institution, currency));
    }
}
