// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CycleId, CycleState, FundsMove, ProgrammeId, Standing, TillId, VendorId} from "./BenefitActs.sol";
import {IBenefitLedger} from "./IBenefitLedger.sol";
import {KeyKind} from "./IConsortium.sol";
import {InstitutionId, OfficeId} from "./IJournal.sol";

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
    /// First second of the last pause, and the first one after it, whether or not it is over; zero before any.
    uint64 pausedAt;
    uint64 pausedUntil;
    /// Sum of the pauses before that one.
    uint64 pausedSeconds;
    bool pausedByTwo;
    uint32 version;
    uint32 mostPerRedemptionUnits;
    uint32 disputeSeconds;
    uint32 leastOpenSeconds;
    uint32 mostOfflineSeconds;
    uint32 assistedCapUnits;
    uint32 emergencyCapUnits;
    /// Whose officers act on it, beside those of every office.
    OfficeId office;
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
    /// How long sales had been paused when the cycle was released: what was paused since is given back to shops.
    uint64 pausedSeconds;
    /// The same when its end was fixed, at the release or by an early end: what was paused since moves it.
    uint64 endPausedSeconds;
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
    /// How often it was set.
    uint32 version;
}

/// @notice A vendor.
/// @param from First second of the active period that goes on or is to come; read of who is active alone.
/// @param until First second after the last active period that ended, or zero where none did.
struct VendorView {
    InstitutionId institution;
    Standing standing;
    uint64 from;
    uint64 until;
    uint32 version;
    /// As of a programme.
    OfficeId office;
}

/// @notice A till; `from` and `until` as of a vendor.
struct TillView {
    KeyKind keyKind;
    address keyId;
    Standing standing;
    uint64 from;
    uint64 until;
    uint32 version;
}

/// @notice What a vendor earned in one cycle, in units.
/// @param creditedUnits Redeemed at the vendor.
/// @param maturedUnits Part of it whose dispute time has passed at this moment and that waits for nobody.
/// @param settledUnits Part of it paid.
/// @param disputedUnits Part of it sold before a suspension and posted after, which waits for two officers.
/// @param returnedUnits Settled and returned by the bank. Reserved, zero.
/// @param clawedBackUnits Taken back by a recorded reversal. Reserved, zero.
/// @param releasedUnits What two officers released of what waited.
struct CreditView {
    uint64 creditedUnits;
    uint64 maturedUnits;
    uint64 settledUnits;
    uint64 disputedUnits;
    uint64 returnedUnits;
    uint64 clawedBackUnits;
    uint64 releasedUnits;
}

/// @notice How far an enrolment is.
/// @param enrolled People whose slots are loaded.
/// @param signed People the signed acts name; above `enrolled` while slots are still to come.
/// @param version How many acts were signed.
/// @param foldRest What the rest of the slots must fold to.
struct EnrolmentView {
    uint32 enrolled;
    uint32 signed;
    uint32 version;
    bytes32 foldRest;
}

/// @title What is recorded of programmes, cycles, cards and vendors
/// @notice Reads the words of one register and names them; decides nothing and holds nothing. The register does
/// not know of it: another reader of the same words says the same.
interface IBenefitViews {
    /// @notice Thrown when an entry is asked of a cycle whose table does not stand in its lane.
    error TableNotInLane();
    /// @notice Thrown when an entry is asked beyond the cycle's count.
    error IndexBeyondCount();

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
    /// @notice A vendor's record; version zero is nobody.
    function vendorOf(VendorId vendor) external view returns (VendorView memory);
    /// @notice A till's record; version zero is none.
    function tillOf(VendorId vendor, TillId till) external view returns (TillView memory);
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

    /// @notice The register whose words are read.
    function ledger() external view returns (IBenefitLedger);
}
