// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead, InstitutionId} from "./IJournal.sol";
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
    CardSet,
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
    Overridden,
    // From here on acts of this version again: numbers are for ever, so they follow the reserved ones.
    ProgrammeResumed,
    CreditReleased
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

/// What a cycle is. It only moves downwards through this list, or to Cancelled before its sales open.
enum CycleState {
    Unspecified,
    /// The envelope is signed; words arrive. Nothing can be spent.
    Loading,
    /// The table equals the envelope and is funded. People spend inside the window.
    Released,
    /// An early end was announced: sales go on until it, and unspent units stay outstanding until reclaimed.
    Ended,
    /// Unspent units became expired or reclaimed; nothing is outstanding.
    Accounted,
    /// The lane is free for another cycle. Vendors are still settled.
    Closed,
    /// Given up before its sales opened; what was released is free again.
    Cancelled
}

/// What officers do to a cycle after opening it.
enum CycleStep {
    Unspecified,
    /// Loading to Cancelled, or Released to Cancelled before `opensAt`.
    Cancel,
    /// Released to Ended: names the new last second of sales, `END_NOTICE_SECONDS` and `mostOfflineSeconds` ahead or more.
    EndEarly,
    /// Released to Accounted once `postUntil` has passed: outstanding becomes expired.
    Expire,
    /// Ended to Accounted once `postUntil` has passed: outstanding becomes reclaimed.
    Reclaim,
    /// Accounted to Closed.
    Close
}

/// What a card, a vendor or a till is allowed. Active and Suspended lead to each other and to Revoked, which
/// leads nowhere: a revoked card's person gets the next card, a revoked vendor or till is never active again.
enum Standing {
    Unspecified,
    Active,
    /// Refused for now; may be active again.
    Suspended,
    /// Refused for good: a lost card, a shop that closed.
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
    /// The item is dated after the block that would record it.
    ItemSoldInFuture,
    /// The item is dated further back than a till may be offline, or than an entry of one byte allows.
    ItemSoldTooLongAgo,
    /// The item is dated before the cycle's sales opened or after they ended.
    ItemSoldOutsideWindow,
    /// The item is dated inside a pause, and the till was not offline since before it.
    ItemSoldInPause,
    /// The item is dated when its vendor or its till was not active.
    ItemSellerNotActive,
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

/// @notice Begins a programme of one office of one institution.
/// @param head What every act begins with. Its office is the programme's: every later act on it names the same, and so
/// has officers of that office or of every one; office 0 is of every office alone.
/// @param programme Random id, unused on this ledger.
/// @param institution The agency whose officers act on it.
/// @param currency ISO 4217 numeric code of every amount of the programme.
/// @param mostPerRedemptionUnits Most units one redemption may take, 1 to 2^24 - 1.
/// @param disputeSeconds How long a vendor's credit waits before it may be settled, up to 2^24 - 1.
/// @param leastOpenSeconds How long after `opensAt` an early end lies at least.
/// @param mostOfflineSeconds How far back an item may be dated when it is recorded, 15 minutes to 7 days.
/// @param assistedCapUnits Cap of assisted redemptions per person and cycle. Recorded; no item of this version
/// is assisted.
/// @param emergencyCapUnits Cap of emergency redemptions per person and cycle. Recorded, like the other.
/// @param policyHash keccak256 of the published file of the programme's policy.
struct DefineProgramme {
    ActHead head;
    ProgrammeId programme;
    InstitutionId institution;
    uint16 currency;
    uint32 mostPerRedemptionUnits;
    uint32 disputeSeconds;
    uint32 leastOpenSeconds;
    uint32 mostOfflineSeconds;
    uint32 assistedCapUnits;
    uint32 emergencyCapUnits;
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

/// @notice Stops a programme's loading, releases and sales until a moment. The time it takes is given back.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param pausedUntil Unix second at which everything resumes by itself, at most `MOST_PAUSE_SECONDS` ahead.
/// @param byTwoInstitutions Officers of two institutions pause, and only two resume before the time.
/// @param versionBefore How often the programme was paused or resumed before.
struct PauseProgramme {
    ActHead head;
    ProgrammeId programme;
    uint64 pausedUntil;
    bool byTwoInstitutions;
    uint32 versionBefore;
}

/// @notice Resumes a paused programme before its time.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param versionBefore How often the programme was paused or resumed before.
struct ResumeProgramme {
    ActHead head;
    ProgrammeId programme;
    uint32 versionBefore;
}

/// @notice Enrols people, by slots that anyone then loads. Takes the place of whatever an earlier enrolment of
/// the epoch signed and nobody loaded, so that a lost list stops nobody.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param enrolmentEpoch Numbering of people; a new one re-numbers and re-keys everybody.
/// @param startIndex First index, equal to the number whose slots are loaded in this epoch.
/// @param count How many, above zero.
/// @param slotsHash Right fold of the slots: `H(n) = 0`, `H(i) = keccak256(slot(i) || H(i + 1))`; signed is H(0).
/// @param versionBefore How many enrolments of the epoch were signed before: the state the act replaces.
struct Enrol {
    ActHead head;
    ProgrammeId programme;
    uint16 enrolmentEpoch;
    uint32 startIndex;
    uint32 count;
    bytes32 slotsHash;
    uint32 versionBefore;
}

/// @notice Gives a person's card another standing, or puts another card in its place, for which the old one is
/// refused from then on.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param enrolmentEpoch Numbering the index belongs to.
/// @param index The person's index.
/// @param cardEpoch Epoch of the card in force, whose standing changes; or the next one, of another card, active.
/// @param keyKind Kind of the card's key; unspecified with key id zero. Of a card in force, unchanged.
/// @param keyId Address of a secp256k1 key, last 20 bytes of keccak256(qx || qy) of a P-256 key, or zero.
/// @param standing Standing of the card.
/// @param effectiveFrom Unix second from which the card is good.
/// @param versionBefore How often the person's card was set before: the state the act replaces.
struct SetCard {
    ActHead head;
    ProgrammeId programme;
    uint16 enrolmentEpoch;
    uint32 index;
    uint16 cardEpoch;
    KeyKind keyKind;
    address keyId;
    Standing standing;
    uint64 effectiveFrom;
    uint32 versionBefore;
}

/// @notice Registers a vendor with an office of an agency, or gives it another standing.
/// @param head What every act begins with. Its office is the vendor's and its tills', as of a programme. It sells in
/// programmes of every office of the agency, each of which settles its own.
/// @param vendor Random id.
/// @param institution The agency in whose programmes the vendor sells; never changes.
/// @param standing The new standing. Suspending and revoking count at once, for sales dated from then on.
/// @param from Unix second from which the vendor is active, at once if it is past; zero for other standings.
/// @param versionBefore How often this record was set before; zero registers.
struct SetVendor {
    ActHead head;
    VendorId vendor;
    InstitutionId institution;
    Standing standing;
    uint64 from;
    uint32 versionBefore;
}

/// @notice Registers a till of a vendor, or gives it another standing. It counts at once. A till keeps its key, so
/// that what it sold can be posted; another key is another till.
/// @param head What every act begins with.
/// @param vendor The vendor.
/// @param till The till, numbered by the vendor from 1.
/// @param keyKind Kind of the till's key.
/// @param keyId Key id, as of a card; the same one for ever.
/// @param standing The new standing.
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

/// @notice All a cycle will release, signed before anything loads. Never changes afterwards (B4), but that an
/// early end brings its two last moments forward.
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
/// @param spendUntil Last second a sale may be dated, extended by halts and by pauses after the release.
/// @param postUntil Last second at which sales dated in time are recorded and paid, extended likewise.
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
/// @param endsAt New last second of sales of an early end; zero for other steps.
struct MoveCycle {
    ActHead head;
    ProgrammeId programme;
    CycleId cycle;
    CycleStep step;
    uint64 unspentUnits;
    uint64 endsAt;
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

/// @notice Lets a vendor be paid for sales that were posted after it or its till was suspended.
/// @param head What every act begins with.
/// @param programme The programme.
/// @param cycle The cycle the credit comes from.
/// @param vendor The vendor.
/// @param releasedBeforeUnits What was released before: the state the act replaces.
/// @param units How many units are released now, above zero.
/// @param caseCommitment Salted commitment to what the officers found.
struct ReleaseCredit {
    ActHead head;
    ProgrammeId programme;
    CycleId cycle;
    VendorId vendor;
    uint64 releasedBeforeUnits;
    uint64 units;
    bytes32 caseCommitment;
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
/// @param leaseId Reserved for leases of offline tills: zero in this version.
/// @param receiptHash Salted hash of basket, price and actors.
/// @param soldAt Unix second of the sale, by which window, pauses and standings judge it (B5).
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
    uint64 soldAt;
}

/// @notice What the items of a batch share. The till signs
/// `RedemptionBatch(bytes32 programme,uint32 cycle,bytes32 vendor,uint32 till,uint32 count,uint64 offlineSince,uint64 deadline,bytes32 itemsHash)`
/// where `itemsHash` is keccak256 of the items' words, concatenated.
/// @param programme The programme.
/// @param cycle The cycle.
/// @param vendor Who sells.
/// @param till Which till signs.
/// @param count Number of items, 1 to `MAX_BATCH_ITEMS`.
/// @param offlineSince Second from which the till had no contact with the ledger when it sold, or zero. The till's
/// word, under its signature: only an item of a pause's first day rests on it.
/// @param deadline Last second at which the batch may be recorded, extended by halts.
struct RedemptionBatch {
    ProgrammeId programme;
    CycleId cycle;
    VendorId vendor;
    TillId till;
    uint32 count;
    uint64 offlineSince;
    uint64 deadline;
}
