// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {KeyKind} from "./IConsortium.sol";
import {ActHead, Batch} from "./IJournal.sol";
import {BAUnitId, BAUnitState, LandAct, Restriction, Right, SpatialUnit} from "./LandState.sol";

/// @dev Units one act may name or make: each costs a state shown, one stored and one emitted.
uint256 constant MAX_UNITS_PER_ACT = 16;
/// @dev Children of a direct subdivision, each of which carries all that the parent does. More is a division.
uint256 constant MAX_CHILDREN = 4;
/// @dev Children of a division: as many as a signer's device opens the facts of.
uint256 constant MAX_DIVISION_CHILDREN = 1_000;
/// @dev Spatial units of the children loaded by one call: each is two slots at most.
uint256 constant MAX_SPATIAL_UNITS_PER_LOAD = 128;
/// @dev What an act may weigh, in words of state: some 1,000 gas each, so that the heaviest takes three quarters of a
/// transaction.
uint256 constant MAX_ACT_WEIGHT = 12_288;
/// @dev A consent weighs as much as these words: its key is recovered and its bytes are carried.
uint256 constant CONSENT_WEIGHT = 12;
/// @dev A slot that is written for the first time weighs as much as these words.
uint256 constant SLOT_WEIGHT = 24;
/// @dev Titles under one pair of signatures: fifty fit a transaction several times over.
uint256 constant MAX_TITLES_PER_BATCH = 50;

/// On what ground a key consents: as holder of what moves or ends, for that holder, or because it must be asked.
enum ConsentRole {
    Unspecified,
    Holder,
    Representative,
    MustBeAsked
}

/// @notice A unit and its first state, as signed: every `presentationNo` zero, no application, no prior state.
/// Ids run from 1 in the order of reading: a right, its holdings, the next right, ..., the charges, the
/// notices, the responsibilities; `nextId` follows the last.
struct Title {
    BAUnitId baUnit;
    BAUnitState state;
}

/// @notice One unit an act changes.
/// @param baUnit The unit.
/// @param priorState State hash the signers read.
struct UnitChange {
    BAUnitId baUnit;
    bytes32 priorState;
}

/// @notice First registration of a title, which has no quota in a base unit.
struct RegisterTitle {
    ActHead head;
    Title title;
}

/// @notice First registration of the parts of a base unit: flats, each with its quota in the common land.
/// @param base The base unit; what it gives out is counted in its header.
/// @param parts 1 to `MAX_UNITS_PER_ACT`. Terms of the consents of the base unit's holders: EIP-712 hash of the array.
struct RegisterParts {
    ActHead head;
    UnitChange base;
    Title[] parts;
}

/// @notice Registrations under one pair of signatures. Only the batch is signed, which covers the items.
/// @param batch Its `itemsHash` is the EIP-712 hash of the array of titles.
/// @param titles 1 to `MAX_TITLES_PER_BATCH`.
struct RegisterTitles {
    Batch batch;
    Title[] titles;
}

/// @notice A right passes, whole or in part.
/// @param unit The unit the right is over.
/// @param next The whole right as it stands afterwards. A holding that stays keeps its id and differs in its
/// numerator at most; a new one has id zero and takes the next. Terms of the consents: hashStruct(next).
struct TransferRight {
    ActHead head;
    UnitChange unit;
    Right next;
}

/// @notice A mortgage or a caution over one unit or several, all or none.
/// @param units The units, 1 to `MAX_UNITS_PER_ACT`.
/// @param restriction What each of them carries, with ids and presentation number zero; it targets a right or
/// a holding only where the act names one unit. Terms of the consents: hashStruct(restriction).
struct CreateRestriction {
    ActHead head;
    UnitChange[] units;
    Restriction restriction;
}

/// @param unit The unit it lies on.
/// @param restrictionId The restriction that ends.
struct Release {
    UnitChange unit;
    uint32 restrictionId;
}

/// @notice The holder of a restriction releases it: a mortgage is discharged, a caution withdrawn.
/// @param releases 1 to `MAX_UNITS_PER_ACT`, all of one kind. Terms of each consent: hashStruct of the
/// restriction as it stands.
struct Discharge {
    ActHead head;
    Release[] releases;
}

/// @notice A new unit a partition makes, in the terms its holders consent to.
/// @param baUnit The new unit.
/// @param spatialUnits Its spatial units, all new.
/// @param quotaNumerator Its quota in the base unit of its parents.
struct Portion {
    BAUnitId baUnit;
    SpatialUnit[] spatialUnits;
    uint64 quotaNumerator;
}

/// @param portion What the holders consent to.
/// @param factsRoot Facts root of the new unit.
struct Child {
    Portion portion;
    bytes32 factsRoot;
}

/// @notice One unit becomes several; each carries every right and restriction of it (L6).
/// @param unit The parent.
/// @param children 2 to `MAX_CHILDREN`. Terms of the consents: EIP-712 hash of the array of portions.
struct Subdivide {
    ActHead head;
    UnitChange unit;
    Child[] children;
}

/// @notice One unit begins to become more units than a direct subdivision makes. Until the division is completed it
/// stays one unit, which takes no act but a caution, the end of a restriction, or the cancellation of the division.
/// @param unit The parent, which is no part of a base unit.
/// @param memberCount Number of children, 2 to `MAX_DIVISION_CHILDREN`.
/// @param membersRoot Right fold of the children: keccak256(abi.encode(hashStruct(child), fold of those after it)),
/// zero after the last. Terms of the consents: keccak256(abi.encode(memberCount, membersRoot)), of a subdivision.
struct OpenDivision {
    ActHead head;
    UnitChange unit;
    uint32 memberCount;
    bytes32 membersRoot;
}

/// @notice A division that is not completed ends, and the unit is active again. The ground that its
/// children claimed is free; their ids are spent.
/// @param unit The dividing unit.
struct CancelDivision {
    ActHead head;
    UnitChange unit;
}

/// @notice Several units become one, which carries every derived right and every restriction of them (L6).
/// @param units The parents, 2 to `MAX_UNITS_PER_ACT`, each with one right of the ownership class.
/// @param child The new unit.
/// @param ownership Its right of the ownership class, with ids and presentation number zero. Terms of the
/// consents: keccak256(abi.encode(keccak256 of the parents' ids, hashStruct(portion), hashStruct(ownership))).
struct Consolidate {
    ActHead head;
    UnitChange[] units;
    Child child;
    Right ownership;
}

/// @notice What a holder, lender or cautioner signs. It names rights and charges of every unit of the act as they
/// stand, the terms and the date of effect: a new mortgage undoes it, a stranger's caution and a sweep do not undo a sale
/// five heirs have signed.
/// @param role On what ground.
/// @param act To which act.
/// @param baUnit Unit of the subject.
/// @param unitsHash keccak256 of (unit, hash of its rights, hash of its charges without what lapsed) of every unit of the
/// act, in order.
/// @param subject Holding or restriction whose key signs.
/// @param termsHash Terms of the act, as each act defines them.
/// @param effectiveOn From when the act has effect, as its head states it.
/// @param notBefore First second at which it counts.
/// @param deadline Last second at which it counts, extended by halts.
/// @param mandateCommitment Salted commitment to a mandate the signer acts under, or zero.
struct Consent {
    ConsentRole role;
    LandAct act;
    BAUnitId baUnit;
    bytes32 unitsHash;
    uint32 subject;
    bytes32 termsHash;
    uint64 effectiveOn;
    uint64 notBefore;
    uint64 deadline;
    bytes32 mandateCommitment;
}

/// @notice A consent as handed in. What the register knows is not repeated: it builds the `Consent` itself, so
/// one given for other terms is simply not a signature of these.
/// @param notBefore As signed.
/// @param deadline As signed.
/// @param mandateCommitment As signed.
/// @param kind Kind of the key.
/// @param salt Salt of the key's hash.
/// @param key 64 bytes qx || qy; empty for secp256k1, whose 20 bytes of address the signature gives.
/// @param signature 64 bytes (ERC-2098) for secp256k1, else as the verifier of that kind takes it.
struct ConsentProof {
    uint64 notBefore;
    uint64 deadline;
    bytes32 mandateCommitment;
    KeyKind kind;
    bytes32 salt;
    bytes key;
    bytes signature;
}
