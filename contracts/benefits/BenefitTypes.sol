// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title EIP-712 types of the benefit ledger, each one literal
/// @notice What officers, cards and tills sign. A constant put together from others would be hashed again at
/// every use, so the shared parts are repeated on purpose; a test compares each with the ABI of its struct.
library BenefitTypes {
    bytes32 internal constant DEFINE_PROGRAMME = keccak256(
        "DefineProgramme(ActHead head,bytes32 programme,uint16 institution,uint16 currency,"
        "uint32 mostPerRedemptionUnits,uint32 disputeSeconds,uint32 leastOpenSeconds,"
        "uint32 assistedCapUnits,uint32 emergencyCapUnits,uint128 twoInstitutionsAboveMinor,"
        "bytes32 policyHash)ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,"
        "uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,"
        "bytes32 corrects)"
    );
    bytes32 internal constant DEFINE_PROGRAMME_APPROVAL = keccak256(
        "Approval(DefineProgramme act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "DefineProgramme(ActHead head,bytes32 programme,uint16 institution,uint16 currency,"
        "uint32 mostPerRedemptionUnits,uint32 disputeSeconds,uint32 leastOpenSeconds,"
        "uint32 assistedCapUnits,uint32 emergencyCapUnits,uint128 twoInstitutionsAboveMinor,"
        "bytes32 policyHash)"
    );

    bytes32 internal constant MOVE_FUNDS = keccak256(
        "MoveFunds(ActHead head,bytes32 programme,uint8 move,uint128 amountMinor,"
        "uint128 movedBeforeMinor,bytes32 sourceCommitment)ActHead(uint32 office,bytes32 preparer,"
        "uint32 preparerEpoch,uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,"
        "bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 internal constant MOVE_FUNDS_APPROVAL = keccak256(
        "Approval(MoveFunds act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "MoveFunds(ActHead head,bytes32 programme,uint8 move,uint128 amountMinor,"
        "uint128 movedBeforeMinor,bytes32 sourceCommitment)"
    );

    bytes32 internal constant PAUSE_PROGRAMME = keccak256(
        "PauseProgramme(ActHead head,bytes32 programme,uint64 pausedUntil,uint32 versionBefore)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 internal constant PAUSE_PROGRAMME_APPROVAL = keccak256(
        "Approval(PauseProgramme act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "PauseProgramme(ActHead head,bytes32 programme,uint64 pausedUntil,uint32 versionBefore)"
    );

    bytes32 internal constant ENROL = keccak256(
        "Enrol(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 startIndex,uint32 count,"
        "bytes32 slotsHash)ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,"
        "uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,"
        "bytes32 corrects)"
    );
    bytes32 internal constant ENROL_APPROVAL = keccak256(
        "Approval(Enrol act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Enrol(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 startIndex,uint32 count,"
        "bytes32 slotsHash)"
    );

    bytes32 internal constant REPLACE_CARD = keccak256(
        "ReplaceCard(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 index,"
        "uint16 cardEpochBefore,uint8 keyKind,address keyId,uint8 standing,uint64 effectiveFrom)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 internal constant REPLACE_CARD_APPROVAL = keccak256(
        "Approval(ReplaceCard act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "ReplaceCard(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 index,"
        "uint16 cardEpochBefore,uint8 keyKind,address keyId,uint8 standing,uint64 effectiveFrom)"
    );

    bytes32 internal constant SET_VENDOR = keccak256(
        "SetVendor(ActHead head,bytes32 vendor,uint16 institution,uint8 standing,uint64 from,"
        "uint32 versionBefore)ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,"
        "uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,"
        "bytes32 corrects)"
    );
    bytes32 internal constant SET_VENDOR_APPROVAL = keccak256(
        "Approval(SetVendor act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "SetVendor(ActHead head,bytes32 vendor,uint16 institution,uint8 standing,uint64 from,"
        "uint32 versionBefore)"
    );

    bytes32 internal constant SET_TILL = keccak256(
        "SetTill(ActHead head,bytes32 vendor,uint32 till,uint8 keyKind,address keyId,uint8 standing,"
        "uint32 versionBefore)ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,"
        "uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,"
        "bytes32 corrects)"
    );
    bytes32 internal constant SET_TILL_APPROVAL = keccak256(
        "Approval(SetTill act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "SetTill(ActHead head,bytes32 vendor,uint32 till,uint8 keyKind,address keyId,uint8 standing,"
        "uint32 versionBefore)"
    );

    bytes32 internal constant CYCLE_ENVELOPE = keccak256(
        "CycleEnvelope(ActHead head,bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint8 lane,"
        "bytes32 root,bytes32 tableHash,uint32 count,uint64 totalUnits,uint8 entryBytes,"
        "uint64 unitValueMinor,uint16 currency,uint64 opensAt,uint64 spendUntil,uint64 postUntil)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 internal constant CYCLE_ENVELOPE_APPROVAL = keccak256(
        "Approval(CycleEnvelope act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "CycleEnvelope(ActHead head,bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint8 lane,"
        "bytes32 root,bytes32 tableHash,uint32 count,uint64 totalUnits,uint8 entryBytes,"
        "uint64 unitValueMinor,uint16 currency,uint64 opensAt,uint64 spendUntil,uint64 postUntil)"
    );

    bytes32 internal constant MOVE_CYCLE = keccak256(
        "MoveCycle(ActHead head,bytes32 programme,uint32 cycle,uint8 step,uint64 unspentUnits)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 internal constant MOVE_CYCLE_APPROVAL = keccak256(
        "Approval(MoveCycle act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "MoveCycle(ActHead head,bytes32 programme,uint32 cycle,uint8 step,uint64 unspentUnits)"
    );

    bytes32 internal constant SETTLE = keccak256(
        "Settle(ActHead head,bytes32 programme,uint32 cycle,bytes32 vendor,uint64 settledBeforeUnits,"
        "uint64 units,uint128 amountMinor,bytes32 statementHash)ActHead(uint32 office,"
        "bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,uint64 effectiveOn,"
        "uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
    );
    bytes32 internal constant SETTLE_APPROVAL = keccak256(
        "Approval(Settle act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,"
        "uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)"
        "Settle(ActHead head,bytes32 programme,uint32 cycle,bytes32 vendor,uint64 settledBeforeUnits,"
        "uint64 units,uint128 amountMinor,bytes32 statementHash)"
    );

    bytes32 internal constant REDEMPTION = keccak256(
        "Redemption(bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint32 index,"
        "uint16 cardEpoch,uint8 sequence,uint32 remainingBefore,uint32 units,bytes32 vendor,"
        "uint32 till,bytes32 leaseId,bytes32 receiptHash,uint64 deadline)"
    );
    bytes32 internal constant REDEMPTION_BATCH = keccak256(
        "RedemptionBatch(bytes32 programme,uint32 cycle,bytes32 vendor,uint32 till,uint32 count,"
        "uint64 deadline,bytes32 itemsHash)"
    );
}
