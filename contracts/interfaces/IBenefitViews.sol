// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CycleId, CycleState, FundsMove, ProgrammeId, Standing, TillId, VendorId} from "./BenefitActs.sol";
import {KeyKind} from "./IConsortium.sol";
import {InstitutionId} from "./IJournal.sol";

/// @notice A programme's money in minor units. The first equals the sum of the rest after every call (B1).
struct Money {
    uint256 fundedMinor;
    uint256 unallocatedMinor;
    uint256 outstandingMinor;
    uint256 heldMinor;
    uint256 instructedMinor;
    uint256 redeemedMinor;
    uint256 expiredMinor;
    uint256 reclaimedMinor;
    uint256 defundedMinor;
}

/// @notice What is recorded of a programme, its money apart.
struct ProgrammeView {
    InstitutionId institution;
    uint16 currency;
    uint64 pausedUntil;
    uint32 version;
    uint32 mostPerRedemptionUnits;
    uint32 disputeSeconds;
    uint32 leastOpenSeconds;
    uint32 assistedCapUnits;
    uint32 emergencyCapUnits;
    uint128 twoInstitutionsAboveMinor;
    bytes32 policyHash;
}

/// @notice What is recorded of a cycle. `outstandingUnits` = total - redeemed until it is accounted, then zero.
struct CycleView {
    CycleState state;
    uint8 lane;
    uint8 entryBytes;
    uint16 enrolmentEpoch;
    uint32 count;
    uint64 totalUnits;
    uint64 unitValueMinor;
    uint64 opensAt;
    uint64 spendUntil;
    uint64 postUntil;
    uint64 redeemedUnits;
    uint64 outstandingUnits;
    /// Words loaded so far: a restart asks here what is missing.
    uint32 loadedWords;
    /// Words the whole table has.
    uint32 words;
    /// What the rest of the words must fold to.
    bytes32 foldRest;
    /// EIP-712 struct hash of the envelope, which names every field two officers signed.
    bytes32 envelopeHash;
}

/// @notice A person's card at one index.
struct Card {
    KeyKind keyKind;
    address keyId;
    Standing standing;
    uint16 cardEpoch;
    uint64 effectiveFrom;
}

/// @notice What a vendor earned in one cycle, in units.
/// @param creditedUnits Redeemed at the vendor.
/// @param maturedUnits Part of it whose dispute time has passed at this moment.
/// @param settledUnits Part of it paid.
/// @param disputedUnits Part of it in dispute. Reserved, zero.
/// @param returnedUnits Settled and returned by the bank. Reserved, zero.
/// @param clawedBackUnits Taken back by a recorded reversal. Reserved, zero.
struct CreditView {
    uint64 creditedUnits;
    uint64 maturedUnits;
    uint64 settledUnits;
    uint64 disputedUnits;
    uint64 returnedUnits;
    uint64 clawedBackUnits;
}

/// @notice How far an enrolment is.
/// @param enrolled People whose slots are loaded.
/// @param signed People the signed acts name; above `enrolled` while slots are still to come.
/// @param foldRest What the rest of the slots must fold to.
struct EnrolmentView {
    uint32 enrolled;
    uint32 signed;
    bytes32 foldRest;
}

/// @title What is recorded of programmes, cycles, cards and vendors
/// @notice Reads the register's words and names them; decides nothing and holds nothing.
interface IBenefitViews {
    /// @notice Thrown when an entry is asked of a cycle whose table does not stand in its lane.
    error TableNotInLane();
    /// @notice Thrown when an entry is asked beyond the cycle's count.
    error IndexBeyondCount();
    /// @notice Thrown when one call would read more words than its limit.
    error ReadTooLarge(uint256 limit);

    /// @notice What is recorded of a programme; an unused id has institution zero.
    function programmeOf(ProgrammeId programme) external view returns (ProgrammeView memory);
    /// @notice A programme's money in minor units (B1).
    function money(ProgrammeId programme) external view returns (Money memory);
    /// @notice What was moved one way so far, in minor units: what the next `MoveFunds` names.
    function movedMinor(ProgrammeId programme, FundsMove move) external view returns (uint128);
    /// @notice How far an enrolment is.
    function enrolmentOf(
        ProgrammeId programme,
        uint16 enrolmentEpoch
    ) external view returns (EnrolmentView memory);
    /// @notice The card in force at an index.
    function cardOf(
        ProgrammeId programme,
        uint16 enrolmentEpoch,
        uint32 index
    ) external view returns (Card memory);
    /// @notice A vendor's agency, standing, the moment it counts from, and version.
    function vendorOf(
        VendorId vendor
    ) external view returns (InstitutionId institution, Standing standing, uint64 from, uint32 version);
    /// @notice A till's key, standing and version.
    function tillOf(
        VendorId vendor,
        TillId till
    ) external view returns (KeyKind keyKind, address keyId, Standing standing, uint32 version);
    /// @notice What is recorded of a cycle.
    function cycleOf(ProgrammeId programme, CycleId cycle) external view returns (CycleView memory);
    /// @notice Units and sequence of one person in a cycle whose lane is not loaded again yet.
    function entryOf(
        ProgrammeId programme,
        CycleId cycle,
        uint32 index
    ) external view returns (uint32 units, uint8 sequence);
    /// @notice What a vendor earned in one cycle.
    function creditOf(
        ProgrammeId programme,
        CycleId cycle,
        VendorId vendor
    ) external view returns (CreditView memory);

    /// @notice Storage words as they lie, for the rules and for anybody who compares with proofs.
    /// @param slot First slot, as `BenefitSlots` computes it.
    /// @param count Number of words, at most 64.
    function words(bytes32 slot, uint256 count) external view returns (bytes32[] memory);
}
