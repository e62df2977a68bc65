// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
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
    Settle,
    SkipReason,
    Standing,
    TillId,
    VendorId
} from "./BenefitActs.sol";
import {EntryId, InstitutionId, Signatures} from "./IJournal.sol";

/// @dev Longest pause of a programme; a longer one is decided again.
uint64 constant MOST_PAUSE_SECONDS = 90 days;
/// @dev Longest time a programme may let its tills be offline.
uint256 constant MOST_OFFLINE_SECONDS = 7 days;
/// @dev How far ahead an early end is announced at least, or for as long as the programme's tills may be offline.
uint256 constant END_NOTICE_SECONDS = 72 hours;
/// @dev How long a released cycle waits for officers who give it up before its sales begin.
uint256 constant OPENING_NOTICE_SECONDS = 1 hours;
/// @dev Windows over which amounts are summed against a tier, counted from 1970.
uint256 constant TIER_WINDOW_SECONDS = 30 days;
/// @dev Name of the policy of a currency's tier: the policy's id is keccak256(abi.encode(this name, currency)). Its
/// value is what one institution may move by itself in a window, in minor units; unset is zero.
string constant BENEFIT_TIER_POLICY = "benefitTierMinor";
/// @dev Id of the policy that, when not zero, lets an early end name any second of the sales, and sales begin with the
/// release: for demonstrations.
bytes32 constant END_WITHOUT_NOTICE_POLICY = keccak256("benefitEndWithoutNotice");

/// @title Programmes, cycles, cards, redemption and settlement
/// @notice Two officers sign what is released; a person's card signs what is spent; money is integers.
/// @dev One storage owner. The EIP-712 domain has the name "Kudurru BenefitLedger"; that of sales is "Kudurru Sale" and
/// names no contract, for a successor takes what was sold before it.
///
/// An enrolment slot, from the lowest bit: key id 160, key kind 8, standing 8, card epoch 16,
/// effective from 40, version 24. It is loaded with epoch 1 and version 0, active or suspended; one that is signed
/// otherwise, or with a key without its kind, is loaded as a person without a card: the slot of key id 0, kind 0,
/// active, epoch 1.
///
/// A word of a units table holds person `index` at entry `index % (32 / entryBytes)` of word
/// `index / (32 / entryBytes)`, entry 0 in the lowest bits. An entry of one byte is the units; of four
/// bytes it is units 24 (low) and sequence 8 (high), the sequence zero when loaded.
///
/// An item of a batch is four words, six for P-256. The first, from the lowest bit: kind 8, sequence 8,
/// card epoch 16, index 32, remaining before 24, units 24, sold at 40, zero 104. The second is the receipt
/// hash. The third and fourth are r and vs (ERC-2098) of secp256k1, or r and s (low) of P-256; then qx and qy.
///
/// A result is the first word of its item with the reason above it: reason 8 from bit 152, zero 96. `units` is what was asked; redeemed only when the reason is zero.
interface IBenefitLedger {
    /// @notice An act was applied, or a cycle released.
    /// @dev One event for all kinds, with every field of the act: a follower needs no calldata.
    /// @param entryId The act's entry.
    /// @param kind Kind of act, which names the struct.
    /// @param subject The programme, or the vendor of `SetVendor` and `SetTill`.
    /// @param fields The act's fields after its head, in the struct's order, as ABI words; of a release the
    /// programme and the cycle.
    event ActApplied(
        EntryId indexed entryId,
        BenefitAct indexed kind,
        bytes32 indexed subject,
        bytes32[] fields
    );
    /// @notice Slots were loaded; `enrolled` people of the epoch have one now, these the last of them.
    event SlotsLoaded(
        ProgrammeId indexed programme,
        uint16 indexed enrolmentEpoch,
        uint32 enrolled,
        uint256[] slots
    );
    /// @notice Words were loaded; the table has `loadedWords` of them now, these the last of them.
    event UnitsLoaded(
        ProgrammeId indexed programme,
        CycleId indexed cycle,
        uint32 loadedWords,
        uint256[] words
    );
    /// @notice A till's batch was recorded.
    /// @param itemsHash What the till signed of the items.
    /// @param units Units redeemed by the accepted items.
    /// @param results One packed word an item, at most `MAX_BATCH_ITEMS`.
    event BatchRedeemed(
        ProgrammeId indexed programme,
        CycleId indexed cycle,
        VendorId indexed vendor,
        TillId till,
        bytes32 itemsHash,
        uint64 units,
        bytes32[] results
    );

    /// @notice Thrown when an id that must be given is zero.
    error IdentifierMissing();
    /// @notice Thrown when a programme's id is used.
    error ProgrammeExists();
    /// @notice Thrown when no programme has the id.
    error ProgrammeUnknown();
    /// @notice Thrown when an act's office is not that of the act which defined the programme or registered the vendor.
    error OfficeDiffers();
    /// @notice Thrown when a number of a policy is outside what the act's NatSpec allows.
    error PolicyOutOfRange();
    /// @notice Thrown when the consortium paused disbursement: nothing is loaded and nothing released.
    error DisbursementIsPaused();
    /// @notice Thrown when a programme is paused.
    error ProgrammeIsPaused(uint64 pausedUntil);
    /// @notice Thrown when a programme was paused or resumed since the act was prepared.
    error ProgrammeVersionStale(uint32 version);
    /// @notice Thrown when a pause ends in the past or after `MOST_PAUSE_SECONDS`.
    error ProgrammePauseOutOfRange(uint64 mostSeconds);
    /// @notice Thrown when a programme is resumed that is not paused.
    error ProgrammeNotPaused();
    /// @notice Thrown when an amount is zero.
    error AmountMissing();
    /// @notice Thrown when a funds move is none this version knows.
    error FundsMoveUnknown();
    /// @notice Thrown when money moved this way since the act was prepared.
    error FundsStateStale(uint128 movedMinor);
    /// @notice Thrown when less money is there than the act moves or releases, in minor units.
    error FundsInsufficient(uint256 availableMinor);
    /// @notice Thrown when a sum would pass what its field can hold.
    error AmountOutOfRange();
    /// @notice Thrown when an enrolment does not start after the slots that are loaded, or another one of the
    /// epoch was signed since it was prepared.
    error EnrolmentStateStale(uint32 expectedIndex, uint32 version);
    /// @notice Thrown when an enrolment has nobody or would pass `MAX_PEOPLE`.
    error EnrolmentSizeOutOfRange(uint256 limit);
    /// @notice Thrown when loaded slots do not start at the next index, or are none or more than were signed.
    error SlotsOutOfOrder(uint32 expectedIndex);
    /// @notice Thrown when slots are not those the officers signed.
    error SlotsDifferFromSigned();
    /// @notice Thrown when nobody is enrolled at the index.
    error PersonUnknown();
    /// @notice Thrown when a card was set since the act was prepared.
    error CardStateStale(uint32 version);
    /// @notice Thrown when a card of the last epoch, or one set 2^24 - 1 times, is anything but revoked.
    error CardEpochExhausted();
    /// @notice Thrown when an act names neither the card in force nor the next one.
    error CardEpochOutOfOrder(uint16 cardEpoch);
    /// @notice Thrown when a card is not well formed: a key of no card's kind, a key without a kind, a kind without
    /// a key, a moment out of range, or another key for the card in force.
    error CardMalformed(uint32 index);
    /// @notice Thrown when a standing is none this version knows.
    error StandingUnknown();
    /// @notice Thrown when a standing does not lead to the one named: revoked leads nowhere, the same nowhere new,
    /// and what is new begins active.
    error StandingUnchangeable(Standing before);
    /// @notice Thrown when a suspension or a revocation names a moment, which counts at once, or one is out of range.
    error StandingMomentOutOfRange();
    /// @notice Thrown when a vendor is not registered.
    error VendorUnknown();
    /// @notice Thrown when a vendor belongs to another agency.
    error VendorOfAnotherInstitution();
    /// @notice Thrown when a vendor's record was set since the act was prepared.
    error VendorStateStale(uint32 version);
    /// @notice Thrown when a till's record was set since the act was prepared.
    error TillStateStale(uint32 version);
    /// @notice Thrown when a till's key is not of a kind a till may have, is missing, or is another than the till was
    /// registered with.
    error TillKeyMalformed();
    /// @notice Thrown when a cycle's number is used.
    error CycleExists();
    /// @notice Thrown when a programme has no cycle of the number.
    error CycleUnknown();
    /// @notice Thrown when a cycle is in another state than the call needs.
    error CycleStateDiffers(CycleState state);
    /// @notice Thrown when an envelope's currency is not the programme's.
    error CurrencyDiffers();
    /// @notice Thrown when a lane is not below `MAX_LANES`.
    error LaneOutOfRange(uint256 limit);
    /// @notice Thrown when a lane is still used by a cycle that is not closed.
    error LaneOccupied(CycleId cycle);
    /// @notice Thrown when an entry is neither one byte nor four.
    error EntryBytesUnknown();
    /// @notice Thrown when a cycle has nobody, or more people than are enrolled in its epoch.
    error CycleCountOutOfRange(uint32 enrolled);
    /// @notice Thrown when a cycle's total is zero or more than its table could hold.
    error CycleTotalOutOfRange(uint256 limit);
    /// @notice Thrown when a unit has no value.
    error UnitValueMissing();
    /// @notice Thrown when not opensAt < spendUntil <= postUntil, or spendUntil has passed.
    error CycleWindowInvalid();
    /// @notice Thrown when loaded words do not start at the next one, or are none or more than the table has.
    error WordsOutOfOrder(uint32 expectedWord);
    /// @notice Thrown when words are not those of the signed table.
    error WordsDifferFromEnvelope();
    /// @notice Thrown when the last word holds units of people beyond the count.
    error UnitsBeyondCount();
    /// @notice Thrown when a loaded entry's sequence is not zero.
    error SequenceNotZero();
    /// @notice Thrown when a cycle is released before its last word is loaded.
    error WordsMissing(uint32 loadedWords);
    /// @notice Thrown when the table's sum is not the envelope's total.
    error TotalDiffersFromEnvelope(uint64 loadedUnits);
    /// @notice Thrown when a cycle step is none this version knows.
    error CycleStepUnknown();
    /// @notice Thrown when a step comes before its time.
    error CycleStepTooEarly(uint64 notBefore);
    /// @notice Thrown when a cycle is given up whose sales have opened.
    error CycleStepTooLate(uint64 opensAt);
    /// @notice Thrown when an early end is not between these moments, or another step names an end.
    error CycleEndOutOfRange(uint64 earliest, uint64 latest);
    /// @notice Thrown when a step names other unspent units than are outstanding.
    error UnspentUnitsStale(uint64 outstandingUnits);
    /// @notice Thrown when more was settled since the act was prepared.
    error SettlementStateStale(uint64 settledUnits);
    /// @notice Thrown when a settlement has no units, or more than have matured and are not settled.
    error SettlementExceedsCredit(uint64 settleableUnits);
    /// @notice Thrown when an amount is not units times unit value.
    error SettlementAmountDiffers();
    /// @notice Thrown when credit was released since the act was prepared.
    error CreditStateStale(uint64 releasedUnits);
    /// @notice Thrown when an act releases no credit, or more than waits for two officers.
    error CreditNotWithheld(uint64 withheldUnits);
    /// @notice Thrown when redemption is paused by the consortium.
    error RedemptionIsPaused();
    /// @notice Thrown when a batch's deadline has passed.
    error RedemptionBatchExpired();
    /// @notice Thrown when sales have not begun.
    error SalesNotOpen(uint64 opensAt);
    /// @notice Thrown when a cycle is released whose sales have ended, or would before they may begin.
    error SalesEnded();
    /// @notice Thrown when a batch comes after the last second for posting.
    error PostingEnded();
    /// @notice Thrown when a vendor is not active and the time for posting what it sold before is over.
    error VendorNotActive();
    /// @notice Thrown when a till is not registered, or not active and its time for posting is over.
    error TillNotActive();
    /// @notice Thrown when an item's words are of a kind this version does not read, set spare bits, or end too
    /// early, with the position of its first word.
    error ItemMalformed(uint32 position);
    /// @notice Thrown when the words hold more or fewer items than the batch says, or none, or too many.
    error ItemCountDiffers(uint256 limit);
    /// @notice Thrown when the till did not sign the batch.
    error TillSignatureInvalid();
    /// @notice Thrown when no item could be redeemed, with the first item's reason: nothing is recorded.
    error NothingRedeemed(SkipReason firstReason);
    /// @notice Thrown when one call would read more words than its limit.
    error ReadTooLarge(uint256 limit);

    /// @notice Begins a programme.
    function defineProgramme(DefineProgramme calldata act, Signatures calldata signatures) external;
    /// @notice Funds a programme, uses expired or reclaimed money again, or returns money to the donor.
    function moveFunds(MoveFunds calldata act, Signatures calldata signatures) external;
    /// @notice Pauses one programme; no other programme notices (B8).
    function pauseProgramme(PauseProgramme calldata act, Signatures calldata signatures) external;
    /// @notice Resumes a programme before its pause ends.
    function resumeProgramme(ResumeProgramme calldata act, Signatures calldata signatures) external;
    /// @notice Signs an enrolment; the people are enrolled as their slots are loaded.
    function enrol(Enrol calldata act, Signatures calldata signatures) external;
    /// @notice Loads the next slots of a signed enrolment. Anyone may: each chunk is checked as it arrives.
    /// @param firstIndex Index of the first slot, equal to the number enrolled.
    /// @param slots The slots, in order, as many as fit a transaction.
    /// @param rest What the slots after these fold to; zero after the last.
    function loadSlots(
        ProgrammeId programme,
        uint16 enrolmentEpoch,
        uint32 firstIndex,
        uint256[] calldata slots,
        bytes32 rest
    ) external;
    /// @notice Suspends, revokes or replaces a person's card, or lifts a suspension.
    function setCard(SetCard calldata act, Signatures calldata signatures) external;
    /// @notice Registers, suspends or revokes a vendor, or lifts a suspension.
    function setVendor(SetVendor calldata act, Signatures calldata signatures) external;
    /// @notice Registers, suspends or revokes a till, gives it another key, or lifts a suspension.
    function setTill(SetTill calldata act, Signatures calldata signatures) external;
    /// @notice Signs a cycle; its table is loaded next. Costs the same for ten people and ten million.
    function openCycle(CycleEnvelope calldata act, Signatures calldata signatures) external;
    /// @notice Loads the next words of a cycle's table. Anyone may: each chunk is checked as it arrives.
    /// @param firstWord Number of the first word, equal to the words loaded.
    /// @param words The words, in order, as many as fit a transaction.
    /// @param rest What the words after these fold to; zero after the last.
    function loadUnits(
        ProgrammeId programme,
        CycleId cycle,
        uint32 firstWord,
        uint256[] calldata words,
        bytes32 rest
    ) external;
    /// @notice Releases a loaded cycle: unallocated money becomes outstanding. Anyone may. Its sales begin when the
    /// envelope says, but not before `OPENING_NOTICE_SECONDS` from now.
    function finalise(ProgrammeId programme, CycleId cycle) external;
    /// @notice Cancels, ends, expires, reclaims or closes a cycle.
    function moveCycle(MoveCycle calldata act, Signatures calldata signatures) external;
    /// @notice Records that a vendor was paid for units of a cycle.
    function settle(Settle calldata act, Signatures calldata signatures) external;
    /// @notice Lets a vendor be paid for sales made before a suspension and posted after it.
    function releaseCredit(ReleaseCredit calldata act, Signatures calldata signatures) external;
    /// @notice Records a till's sales. Anyone may post. An item that fails is skipped and its reason recorded.
    /// @param batch What the items share.
    /// @param items Packed words, as the contract's head describes.
    /// @param tillSignature 64 bytes (ERC-2098) of secp256k1, or r, s, qx, qy of P-256.
    /// @return units Units redeemed.
    function redeem(
        RedemptionBatch calldata batch,
        bytes32[] calldata items,
        bytes calldata tillSignature
    ) external returns (uint64 units);

    /// @notice The contract that decides the acts on programmes, cycles and money, fixed at deployment.
    function rules() external view returns (address);
    /// @notice The contract that decides the acts on people and sellers, and unusual dates of sales, likewise.
    function standingRules() external view returns (address);
    /// @notice What an institution moved by itself in the window of this moment, in minor units.
    function movedAloneMinor(InstitutionId institution, uint16 currency) external view returns (uint256);
    /// @notice Storage words as they lie, for the rules, for `BenefitViews` and for whoever compares with proofs.
    /// @param slot First slot, as `BenefitSlots` computes it.
    /// @param count Number of words, at most 64.
    function words(bytes32 slot, uint256 count) external view returns (bytes32[] memory);
}
