// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead, EntryId, InstitutionId, Signatures} from "./IJournal.sol";
import {KeyKind} from "./IConsortium.sol";

/// A programme of an agency: 256 random bits, never reused.
type ProgrammeId is bytes32;
/// A cycle of one programme: 1 and upwards, chosen by the agency, used once.
type CycleId is uint32;
/// A vendor: 256 random bits, never reused.
type VendorId is bytes32;
/// A till of one vendor: 1 and upwards, chosen by the vendor.
type TillId is uint32;

/// @dev Where this register's kinds of entry begin: those below belong to every journal.
uint16 constant BENEFIT_KIND_BASE = 15;

/// Kinds of entry in this register's journal, recorded as `BENEFIT_KIND_BASE` + the value: 16 and upwards.
/// Values are for ever; 0 is never recorded.
enum BenefitAct {
    Unspecified,
    ProgrammeDefined,
    FundsMoved,
    ProgrammePaused,
    Enrolled,
    CardReplaced,
    VendorSet,
    TillSet,
    CycleOpened,
    CycleReleased,
    CycleMoved,
    Redeemed,
    Settled,
    // Reserved; the acts that record them are not in this version.
    PayoutInstructed,
    PayoutConfirmed,
    PayoutReturned,
    CreditDisputed,
    CreditReturned,
    Delegated,
    LeaseGiven,
    GrievanceRaised,
    GrievanceDecided,
    Overridden
}

/// How money moves at the level of a programme. Each kind has its own total, which only grows.
enum FundsMove {
    Unspecified,
    /// From a donor's account into the programme: raises `funded` and `unallocated`.
    Fund,
    /// What expired becomes money to allocate again: `expired` falls, `unallocated` rises.
    ReuseExpired,
    /// What was reclaimed becomes money to allocate again: `reclaimed` falls, `unallocated` rises.
    ReuseReclaimed,
    /// Back to the donor: `unallocated` falls, `defunded` rises.
    Defund
}

/// What a cycle is. It only moves downwards through this list, or from Loading to Cancelled.
enum CycleState {
    Unspecified,
    /// The envelope is signed; words arrive. Nothing can be spent.
    Loading,
    /// The table equals the envelope and is funded. People spend inside the window.
    Released,
    /// Ended before its time by an act; no sale any more, unspent units still outstanding.
    Ended,
    /// Unspent units became expired or reclaimed; nothing is outstanding.
    Accounted,
    /// The lane is free for another cycle. Vendors are still settled.
    Closed,
    /// Given up while loading; nothing was released.
    Cancelled
}

/// What officers do to a cycle after opening it.
enum CycleStep {
    Unspecified,
    /// Loading to Cancelled.
    Cancel,
    /// Released to Ended, not before the programme's `leastOpenSeconds`.
    EndEarly,
    /// Released to Accounted once `postUntil` has passed: outstanding becomes expired.
    Expire,
    /// Ended to Accounted once the posting grace has passed: outstanding becomes reclaimed.
    Reclaim,
    /// Accounted to Closed.
    Close
}

/// What a card, a vendor or a till is allowed.
enum Standing {
    Unspecified,
    Active,
    /// Refused for now; may be active again.
    Suspended,
    /// Refused for good: a lost card, a person who left, a shop that closed.
    Revoked
}

/// How an item of a redemption batch is authorised. Every value but the first two is reserved.
enum ItemKind {
    Unspecified,
    /// The person's secp256k1 card key: four words.
    Card,
    /// The person's P-256 card key, through the precompile: six words.
    CardP256,
    Wallet,
    Delegate,
    Assisted,
    Payout,
    Leased
}

/// Why an item of a batch was skipped, in the order of the checks. `None` means it was redeemed.
enum SkipReason {
    None,
    /// The index is not below the cycle's count.
    ItemIndexOutOfRange,
    /// The item's own deadline, extended by halts, has passed.
    ItemExpired,
    /// Units are zero or above the programme's `mostPerRedemptionUnits`.
    ItemUnitsOutOfRange,
    /// There is no key at this index: paid out, never redeemed.
    CardMissing,
    /// The card is suspended or revoked.
    CardNotActive,
    /// The card's `effectiveFrom` has not come.
    CardNotYetEffective,
    /// The item names another card than the one in force: an old card, or one not issued yet.
    CardEpochDiffers,
    /// The item is signed with another kind of key than the card holds.
    CardKeyKindDiffers,
    /// The entry's sequence is not the one signed: already redeemed, refunded or overridden.
    ItemSequenceStale,
    /// The entry's units are not the ones signed: already redeemed.
    ItemRemainingStale,
    /// More units than remain.
    ItemUnitsExceedRemaining,
    /// The entry's sequence is at its end and is never wrapped.
    ItemSequenceExhausted,
    /// The key at this index did not sign this item.
    ItemSignatureInvalid
}

/// @notice Begins a programme of one institution.
/// @param head What every act begins with.
/// @param programme Random id, unused on this ledger.
/// @param institution The agency whose officers act on it.
/// @param currency ISO 4217 numeric code of every amount of the programme.
/// @param mostPerRedemptionUnits Most units one redemption may take, 1 to 2^24 - 1.
/// @param disputeSeconds How long a vendor's credit waits before it may be settled, up to 2^24 - 1.
/// @param leastOpenSeconds How long after `opensAt` a cycle may not be ended early.
/// @param assistedCapUnits Cap of assisted redemptions per person and cycle. Recorded; used later.
/// @param emergencyCapUnits Cap of emergency redemptions per person and cycle. Recorded; used later.
/// @param twoInstitutionsAboveMinor An act of a larger amount needs officers of two institutions, in
/// minor units; zero means never.
/// @param policyHash keccak256 of the published file of the programme's policy.
struct DefineProgramme {
    ActHead head;
    ProgrammeId programme;
    InstitutionId institution;
    uint16 currency;
    uint32 mostPerRedemptionUnits;
    uint32 disputeSeconds;
    uint32 leastOpenSeconds;
    uint32 assistedCapUnits;
    uint32 emergencyCapUnits;
    uint128 twoInstitutionsAboveMinor;
    bytes32 policyHash;
}

/// @notice Moves money at the level of a programme.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param move Which way (`FundsMove`).
/// @param amountMinor How much, in minor units of the programme's currency, above zero.
/// @param movedBeforeMinor What was moved this way before, in minor units: the state the act replaces.
/// @param sourceCommitment Salted commitment to the bank's or donor's document.
struct MoveFunds {
    ActHead head;
    ProgrammeId programme;
    FundsMove move;
    uint128 amountMinor;
    uint128 movedBeforeMinor;
    bytes32 sourceCommitment;
}

/// @notice Stops a programme's sales and releases until a moment, or resumes them.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param pausedUntil Unix second at which sales resume by themselves; zero resumes now.
/// @param versionBefore How often the programme was paused or resumed before.
struct PauseProgramme {
    ActHead head;
    ProgrammeId programme;
    uint64 pausedUntil;
    uint32 versionBefore;
}

/// @notice Enrols people, by slots that anyone then loads.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param enrolmentEpoch Numbering of people; a new one re-numbers and re-keys everybody.
/// @param startIndex First index, equal to the number enrolled in this epoch before.
/// @param count How many, above zero.
/// @param slotsHash Right fold of the slots: `H(n) = 0`, `H(i) = keccak256(slot(i) || H(i + 1))`; signed is H(0).
struct Enrol {
    ActHead head;
    ProgrammeId programme;
    uint16 enrolmentEpoch;
    uint32 startIndex;
    uint32 count;
    bytes32 slotsHash;
}

/// @notice Puts another card in the place of a person's card; the old one is refused from then on.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param enrolmentEpoch Numbering the index belongs to.
/// @param index The person's index.
/// @param cardEpochBefore Epoch of the card replaced: the state the act replaces.
/// @param keyKind Kind of the new key; unspecified with key id zero.
/// @param keyId Address of a secp256k1 key, last 20 bytes of keccak256(qx || qy) of a P-256 key, or zero.
/// @param standing Standing of the new card.
/// @param effectiveFrom Unix second from which the new card is good.
struct ReplaceCard {
    ActHead head;
    ProgrammeId programme;
    uint16 enrolmentEpoch;
    uint32 index;
    uint16 cardEpochBefore;
    KeyKind keyKind;
    address keyId;
    Standing standing;
    uint64 effectiveFrom;
}

/// @notice Registers a vendor with an agency, suspends it or lifts a suspension.
/// @param head What every act begins with.
/// @param vendor Random id.
/// @param institution The agency in whose programmes the vendor sells; never changes.
/// @param standing Standing from `from` on.
/// @param from Unix second; a suspension never reaches sales recorded before it.
/// @param versionBefore How often this record was set before; zero registers.
struct SetVendor {
    ActHead head;
    VendorId vendor;
    InstitutionId institution;
    Standing standing;
    uint64 from;
    uint32 versionBefore;
}

/// @notice Registers a till of a vendor, gives it another key, or revokes it.
/// @param head What every act begins with.
/// @param vendor The vendor.
/// @param till The till, numbered by the vendor from 1.
/// @param keyKind Kind of the till's key.
/// @param keyId Key id, as of a card.
/// @param standing Standing of the till.
/// @param versionBefore How often this record was set before; zero registers.
struct SetTill {
    ActHead head;
    VendorId vendor;
    TillId till;
    KeyKind keyKind;
    address keyId;
    Standing standing;
    uint32 versionBefore;
}

/// @notice All a cycle will release, signed before anything loads. Never changes afterwards (B4).
/// @param head What every act begins with.
/// @param programme The programme.
/// @param cycle Number unused in this programme.
/// @param enrolmentEpoch Numbering the table's indexes belong to.
/// @param lane Units table the cycle uses, 0 to 15, free at this moment.
/// @param root Merkle root of the roll's salted lines.
/// @param tableHash Right fold of the table's words: `H(n) = 0`, `H(i) = keccak256(word(i) || H(i + 1))`; signed is H(0).
/// @param count People in the table: indexes 0 to count - 1.
/// @param totalUnits Sum of every entry.
/// @param entryBytes Bytes an entry takes: 1 (32 people a word) or 4 (8 people a word).
/// @param unitValueMinor What the agency owes a vendor for one unit, in minor units.
/// @param currency ISO 4217 numeric code, equal to the programme's.
/// @param opensAt First second of sales.
/// @param spendUntil Last second of sales, extended by halts.
/// @param postUntil Last second for posting sales made offline before, extended by halts.
struct CycleEnvelope {
    ActHead head;
    ProgrammeId programme;
    CycleId cycle;
    uint16 enrolmentEpoch;
    uint8 lane;
    bytes32 root;
    bytes32 tableHash;
    uint32 count;
    uint64 totalUnits;
    uint8 entryBytes;
    uint64 unitValueMinor;
    uint16 currency;
    uint64 opensAt;
    uint64 spendUntil;
    uint64 postUntil;
}

/// @notice Moves a cycle to its next state.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param cycle The cycle.
/// @param step Which step (`CycleStep`).
/// @param unspentUnits Outstanding units the step turns into expired or reclaimed ones; zero for other steps.
struct MoveCycle {
    ActHead head;
    ProgrammeId programme;
    CycleId cycle;
    CycleStep step;
    uint64 unspentUnits;
}

/// @notice Records that a vendor was paid.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param cycle The cycle the credit comes from.
/// @param vendor The vendor.
/// @param settledBeforeUnits What was settled before: the state the act replaces.
/// @param units How many units are settled now, above zero.
/// @param amountMinor Exactly `units` times the cycle's unit value, in minor units: nothing is deducted unseen.
/// @param statementHash Salted commitment to the bank's statement.
struct Settle {
    ActHead head;
    ProgrammeId programme;
    CycleId cycle;
    VendorId vendor;
    uint64 settledBeforeUnits;
    uint64 units;
    uint128 amountMinor;
    bytes32 statementHash;
}

/// @notice What a person's card signs, as EIP-712 typed data named `Redemption`. Never passed as such: the
/// batch holds what its items share, and each item the rest, packed.
/// @param programme The programme.
/// @param cycle The cycle.
/// @param enrolmentEpoch Numbering the index belongs to.
/// @param index The person's index.
/// @param cardEpoch Epoch of the card that signs.
/// @param sequence The entry's sequence before this redemption; zero for one-byte entries.
/// @param remainingBefore The entry's units before this redemption.
/// @param units Units taken.
/// @param vendor Who sells.
/// @param till Which till.
/// @param leaseId Lease of an offline till, or zero for a sale made online.
/// @param receiptHash Salted hash of basket, price and actors.
/// @param deadline Last second at which it may be recorded, extended by halts.
struct Redemption {
    ProgrammeId programme;
    CycleId cycle;
    uint16 enrolmentEpoch;
    uint32 index;
    uint16 cardEpoch;
    uint8 sequence;
    uint32 remainingBefore;
    uint32 units;
    VendorId vendor;
    TillId till;
    bytes32 leaseId;
    bytes32 receiptHash;
    uint64 deadline;
}

/// @notice What the items of a batch share. The till signs
/// `RedemptionBatch(bytes32 programme,uint32 cycle,bytes32 vendor,uint32 till,uint32 count,uint64 deadline,bytes32 itemsHash)`
/// where `itemsHash` is keccak256 of the items' words, concatenated.
/// @param programme The programme.
/// @param cycle The cycle.
/// @param vendor Who sells.
/// @param till Which till signs.
/// @param count Number of items, 1 to `MAX_BATCH_ITEMS`.
/// @param deadline Last second at which the batch may be recorded, extended by halts.
struct RedemptionBatch {
    ProgrammeId programme;
    CycleId cycle;
    VendorId vendor;
    TillId till;
    uint32 count;
    uint64 deadline;
}

/// @title Programmes, cycles, cards, redemption and settlement
/// @notice Two officers sign what is released; a person's card signs what is spent; money is integers.
/// @dev One storage owner. EIP-712 domain: name "BenefitLedger", version "1".
///
/// An enrolment slot, from the lowest bit: key id 160, key kind 8, standing 8, card epoch 16,
/// effective from 40, zero 24.
///
/// A word of a units table holds person `index` at entry `index % (32 / entryBytes)` of word
/// `index / (32 / entryBytes)`, entry 0 in the lowest bits. An entry of one byte is the units; of four
/// bytes it is units 24 (low) and sequence 8 (high), the sequence zero when loaded.
///
/// An item of a batch is four words, six for P-256. The first, from the lowest bit: kind 8, sequence 8,
/// card epoch 16, index 32, remaining before 24, units 24, deadline 40, zero 104. The second is the receipt
/// hash. The third and fourth are r and vs (ERC-2098) of secp256k1, or r and s (low) of P-256; then qx and qy.
///
/// A result is the first word of its item with the reason in the place of the deadline: reason 8, zero 136 from
/// bit 112. `units` is what was asked; redeemed only when the reason is zero.
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
    /// @notice Slots were loaded; `enrolled` people of the epoch have one now.
    event SlotsLoaded(ProgrammeId indexed programme, uint16 indexed enrolmentEpoch, uint32 enrolled);
    /// @notice Words were loaded; the table has `loadedWords` of them now.
    event UnitsLoaded(ProgrammeId indexed programme, CycleId indexed cycle, uint32 loadedWords);
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
    /// @notice Thrown when a number of a policy is outside what the act's NatSpec allows.
    error PolicyOutOfRange();
    /// @notice Thrown when a programme is paused.
    error ProgrammeIsPaused(uint64 pausedUntil);
    /// @notice Thrown when a programme was paused or resumed since the act was prepared.
    error ProgrammeVersionStale(uint32 version);
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
    /// @notice Thrown when an enrolment does not start where the last one of its epoch ended, or slots of the
    /// last one are still to come.
    error EnrolmentStateStale(uint32 expectedIndex);
    /// @notice Thrown when an enrolment has nobody or would pass `MAX_PEOPLE`.
    error EnrolmentSizeOutOfRange(uint256 limit);
    /// @notice Thrown when loaded slots do not start at the next index, or are none or more than were signed.
    error SlotsOutOfOrder(uint32 expectedIndex);
    /// @notice Thrown when slots are not those the officers signed.
    error SlotsDifferFromSigned();
    /// @notice Thrown when a slot or a new card is not well formed: unknown kind or standing, a key without a
    /// kind, a kind without a key, spare bits set.
    error CardMalformed(uint32 index);
    /// @notice Thrown when nobody is enrolled at the index.
    error PersonUnknown();
    /// @notice Thrown when a card was replaced since the act was prepared.
    error CardStateStale(uint16 cardEpoch);
    /// @notice Thrown when a card was replaced 65,535 times and its epoch would wrap.
    error CardEpochExhausted();
    /// @notice Thrown when a standing is none this version knows.
    error StandingUnknown();
    /// @notice Thrown when a vendor is not registered.
    error VendorUnknown();
    /// @notice Thrown when a vendor belongs to another agency.
    error VendorOfAnotherInstitution();
    /// @notice Thrown when a vendor's record was set since the act was prepared.
    error VendorStateStale(uint32 version);
    /// @notice Thrown when a till's record was set since the act was prepared.
    error TillStateStale(uint32 version);
    /// @notice Thrown when a till's key is not of a kind a till may have, or is missing.
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
    /// @notice Thrown when a step names other unspent units than are outstanding.
    error UnspentUnitsStale(uint64 outstandingUnits);
    /// @notice Thrown when more was settled since the act was prepared.
    error SettlementStateStale(uint64 settledUnits);
    /// @notice Thrown when a settlement has no units, or more than have matured and are not settled.
    error SettlementExceedsCredit(uint64 settleableUnits);
    /// @notice Thrown when an amount is not units times unit value.
    error SettlementAmountDiffers();
    /// @notice Thrown when redemption is paused by the consortium.
    error RedemptionIsPaused();
    /// @notice Thrown when a batch's deadline has passed.
    error RedemptionBatchExpired();
    /// @notice Thrown when sales have not begun.
    error SalesNotOpen(uint64 opensAt);
    /// @notice Thrown when sales have ended.
    error SalesEnded();
    /// @notice Thrown when a vendor is suspended or revoked at this moment.
    error VendorNotActive();
    /// @notice Thrown when a till is not registered, suspended or revoked.
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

    /// @notice Begins a programme.
    function defineProgramme(DefineProgramme calldata act, Signatures calldata signatures) external;
    /// @notice Funds a programme, uses expired or reclaimed money again, or returns money to the donor.
    function moveFunds(MoveFunds calldata act, Signatures calldata signatures) external;
    /// @notice Pauses one programme, or resumes it; no other programme notices (B8).
    function pauseProgramme(PauseProgramme calldata act, Signatures calldata signatures) external;
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
    /// @notice Replaces, suspends or revokes a person's card.
    function replaceCard(ReplaceCard calldata act, Signatures calldata signatures) external;
    /// @notice Registers or suspends a vendor.
    function setVendor(SetVendor calldata act, Signatures calldata signatures) external;
    /// @notice Registers or revokes a till.
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
    /// @notice Releases a loaded cycle: unallocated money becomes outstanding. Anyone may.
    function finalise(ProgrammeId programme, CycleId cycle) external;
    /// @notice Cancels, ends, expires, reclaims or closes a cycle.
    function moveCycle(MoveCycle calldata act, Signatures calldata signatures) external;
    /// @notice Records that a vendor was paid for units of a cycle.
    function settle(Settle calldata act, Signatures calldata signatures) external;
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

    /// @notice The contract that decides every act, fixed at deployment.
    function rules() external view returns (address);
}
