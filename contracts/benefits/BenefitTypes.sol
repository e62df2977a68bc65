// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title EIP-712 types of the benefit ledger
/// @notice What officers, cards and tills sign: each struct's string once. A test makes each anew from its struct.
/// @dev An act's hashes are made by `ActHeads` when it is decided, about 1,500 gas for the two: acts are rare. What
/// a sale hashes is a constant.
library BenefitTypes {
    string internal constant DEFINE_PROGRAMME =
        "DefineProgramme(ActHead head,bytes32 programme,uint16 institution,uint16 currency,uint32 mostPerRedemptionUnits,uint32 disputeSeconds,uint32 leastOpenSeconds,uint32 mostOfflineSeconds,uint32 assistedCapUnits,uint32 emergencyCapUnits,bytes32 policyHash)";
    string internal constant MOVE_FUNDS =
        "MoveFunds(ActHead head,bytes32 programme,uint8 move,uint128 amountMinor,uint128 movedBeforeMinor,bytes32 sourceCommitment)";
    string internal constant PAUSE_PROGRAMME =
        "PauseProgramme(ActHead head,bytes32 programme,uint64 pausedUntil,bool byTwoInstitutions,uint32 versionBefore)";
    string internal constant RESUME_PROGRAMME =
        "ResumeProgramme(ActHead head,bytes32 programme,uint32 versionBefore)";
    string internal constant ENROL =
        "Enrol(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 startIndex,uint32 count,bytes32 slotsHash,uint32 versionBefore)";
    string internal constant SET_CARD =
        "SetCard(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 index,uint16 cardEpoch,uint8 keyKind,address keyId,uint8 standing,uint64 effectiveFrom,uint32 versionBefore)";
    string internal constant SET_VENDOR =
        "SetVendor(ActHead head,bytes32 vendor,uint16 institution,uint8 standing,uint64 from,uint32 versionBefore)";
    string internal constant SET_TILL =
        "SetTill(ActHead head,bytes32 vendor,uint32 till,uint8 keyKind,address keyId,uint8 standing,uint32 versionBefore)";
    string internal constant CYCLE_ENVELOPE =
        "CycleEnvelope(ActHead head,bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint8 lane,bytes32 root,bytes32 tableHash,uint32 count,uint64 totalUnits,uint8 entryBytes,uint64 unitValueMinor,uint16 currency,uint64 opensAt,uint64 spendUntil,uint64 postUntil)";
    string internal constant MOVE_CYCLE =
        "MoveCycle(ActHead head,bytes32 programme,uint32 cycle,uint8 step,uint64 unspentUnits,uint64 endsAt)";
    string internal constant SETTLE =
        "Settle(ActHead head,bytes32 programme,uint32 cycle,bytes32 vendor,uint64 settledBeforeUnits,uint64 units,uint128 amountMinor,bytes32 statementHash)";
    string internal constant RELEASE_CREDIT =
        "ReleaseCredit(ActHead head,bytes32 programme,uint32 cycle,bytes32 vendor,uint64 releasedBeforeUnits,uint64 units,bytes32 caseCommitment)";

    bytes32 internal constant REDEMPTION = keccak256(
        "Redemption(bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint32 index,uint16 cardEpoch,uint8 sequence,uint32 remainingBefore,uint32 units,bytes32 vendor,uint32 till,bytes32 leaseId,bytes32 receiptHash,uint64 soldAt)"
    );
    bytes32 internal constant REDEMPTION_BATCH = keccak256(
        "RedemptionBatch(bytes32 programme,uint32 cycle,bytes32 vendor,uint32 till,uint32 count,uint64 offlineSince,uint64 deadline,bytes32 itemsHash)"
    );

    bytes32 private constant _SALE_DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,bytes32 salt)"
    );

    /// @notice The domain of what cards and tills sign: of a ledger and of no register, so that what was sold before a
    /// successor took over is posted to it. That nothing counts twice is the table's, which the successor carries (B3).
    function saleSeparator(bytes32 ledgerNonce) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _SALE_DOMAIN,
                    keccak256("Kudurru Sale"),
                    keccak256("1"),
                    block.chainid,
                    ledgerNonce
                )
            );
    }

    /// @notice Words of an act after its head: one a comma, as the head is its first field.
    function fieldsOf(string memory act) internal pure returns (uint256 count) {
        for (uint256 i = 0; i < bytes(act).length; ++i) if (bytes(act)[i] == ",") ++count;
    }
}
