// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BenefitAct, CycleId, ProgrammeId, TillId, VendorId} from "../interfaces/BenefitActs.sol";
import {EntryId, InstitutionId} from "../interfaces/IJournal.sol";

/// @notice What the rules say of an act: who must have signed it, what it is called, what it changes.
/// @param kind Kind of act.
/// @param fields The act after its head, as ABI words.
/// @param subject Subject of the entry.
/// @param newState The entry's new state: the act's EIP-712 struct hash, or the envelope's for a release.
/// @param approvalTypeHash Type hash of the approval over the act, or zero where it needs no officers.
/// @param entryId Entry of an act without officers; zero for others, whose digest names them.
/// @param institution The agency whose officers act.
/// @param pauseScope Bits of `Scopes` that stop the act.
/// @param byTwoInstitutions Two institutions must sign once they are seated, whatever the amount.
/// @param amountMinor What the act moves, summed against the tier; zero where it moves nothing.
/// @param currency Currency of the amount.
/// @param key Whose records the act leaves.
/// @param changes The records it leaves.
struct Verdict {
    BenefitAct kind;
    bytes32[] fields;
    bytes32 subject;
    bytes32 newState;
    bytes32 approvalTypeHash;
    EntryId entryId;
    InstitutionId institution;
    uint32 pauseScope;
    bool byTwoInstitutions;
    uint256 amountMinor;
    uint16 currency;
    RecordKey key;
    Change[] changes;
}

/// Records of the ledger. `BenefitSlots` says where each lies and how many words it has.
enum RecordKind {
    Programme,
    Cycle,
    Enrolment,
    Card,
    Vendor,
    Till,
    Credit
}

/// @notice What names the records of one act; each kind of record reads its own part.
struct RecordKey {
    ProgrammeId programme;
    CycleId cycle;
    uint16 enrolmentEpoch;
    uint32 index;
    VendorId vendor;
    TillId till;
}

/// @notice A record as an act leaves it.
/// @param words All its words, as its library packs them.
struct Change {
    RecordKind kind;
    bytes32[] words;
}
