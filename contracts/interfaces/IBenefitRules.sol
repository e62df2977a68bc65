// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BenefitAct} from "./BenefitActs.sol";
import {EntryId, InstitutionId} from "./IJournal.sol";

/// @notice What the rules say of an act: who must have signed it, what it is called, what it changes.
/// @param kind Kind of act.
/// @param fields Words of the act after its head, or of all arguments where it has no head.
/// @param subject Subject of the entry.
/// @param newState The entry's new state: the act's EIP-712 struct hash, or the envelope's for a release.
/// @param approvalTypeHash Type hash of the approval over the act, or zero where it needs no officers.
/// @param entryId Entry of an act without officers; zero for others, whose digest names them.
/// @param institution The agency whose officers act.
/// @param pauseScope Bits of `Scopes` that stop the act.
/// @param aboveTier Two institutions must sign once they are seated.
/// @param writes Slots and the words they take, in turn. Every slot is one of `BenefitSlots`.
struct Verdict {
    BenefitAct kind;
    uint256 fields;
    bytes32 subject;
    bytes32 newState;
    bytes32 approvalTypeHash;
    EntryId entryId;
    InstitutionId institution;
    uint32 pauseScope;
    bool aboveTier;
    bytes32[] writes;
}
