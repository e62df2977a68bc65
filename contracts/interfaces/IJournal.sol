// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// An officer of an institution: 256 random bits, never reused.
type OfficerId is bytes32;
/// An institution of the consortium: 1 to 255, given once. Zero is nobody.
type InstitutionId is uint16;
/// A land or field office, numbered by the consortium. Zero in an officer's record means every office.
type OfficeId is uint32;
/// One recorded act: the EIP-712 digest its preparer signed, so it binds the ledger and the register too.
type EntryId is bytes32;

/// @notice What every signed act begins with.
/// @param office Office that records the act.
/// @param preparer Officer who signs the act itself.
/// @param preparerEpoch Key epoch of that officer at the time of signing.
/// @param notBefore First second (Unix) at which the act may be recorded.
/// @param deadline Last second at which the act may be recorded, extended by halts.
/// @param effectiveOn Second from which the act has legal effect, which may precede its recording.
/// @param salt 128 random bits of the client: two acts of equal content are two acts.
/// @param sourcesRoot Merkle root of the salted commitments to the source documents, or zero.
/// @param corrects Entry this one rectifies, or zero.
struct ActHead {
    OfficeId office;
    OfficerId preparer;
    uint32 preparerEpoch;
    uint64 notBefore;
    uint64 deadline;
    uint64 effectiveOn;
    uint128 salt;
    bytes32 sourcesRoot;
    EntryId corrects;
}

/// @notice The second person's part: signed as `Approval{act (nested), approver, approverEpoch, deadline}`,
/// so that a lapsed approval is renewed without asking anybody's consent again.
/// @param approver Officer who signs the approval; never the preparer.
/// @param approverEpoch Key epoch of that officer at the time of signing.
/// @param deadline Last second at which the approval counts, extended by halts.
struct Approval {
    OfficerId approver;
    uint32 approverEpoch;
    uint64 deadline;
}

/// @notice Two officers' signatures over one act.
/// @param preparer Signature of the act's digest: 64 bytes (ERC-2098) for secp256k1, else
/// `abi.encode(bytes key, bytes signature)` for the ERC-7913 verifier of the officer's record.
/// @param approval Who approves and until when.
/// @param approver Signature of the approval's digest, in the same two forms.
struct Signatures {
    bytes preparer;
    Approval approval;
    bytes approver;
}

/// @notice One signature pair over many acts of a kind, as EIP-712 typed data.
/// @param head As for a single act.
/// @param itemsHash keccak256 of the items' struct hashes, concatenated in order.
/// @param count Number of items, 1 to the register's limit.
/// @param atomic All items or none. Reserved: only `true` is accepted in this version.
struct Batch {
    ActHead head;
    bytes32 itemsHash;
    uint32 count;
    bool atomic;
}

/// @title What every register promises about its history
interface IJournal {
    /// @notice One act was recorded.
    /// @param index Position in this register's journal, from 0 without a gap.
    /// @param entryId Digest the preparer signed; for an item of a batch keccak256(abi.encode(batchDigest, itemIndex)).
    /// @param subject What the act is about: a BAUnit, a programme, an officer.
    /// @param kind Kind of act, numbered by the register (0 = unspecified, never recorded).
    /// @param newState State hash of the subject after the act, or the hash of what the act set.
    /// @param preparer Officer who prepared, or zero where the act needs none.
    /// @param approver Officer who approved, or zero where the act needs none.
    /// @param epochs preparerEpoch << 32 | approverEpoch.
    /// @param recordedAt Block time of the entry.
    /// @param head Journal head after this entry.
    event EntryRecorded(
        uint64 indexed index,
        EntryId indexed entryId,
        bytes32 indexed subject,
        uint16 kind,
        bytes32 newState,
        OfficerId preparer,
        OfficerId approver,
        uint64 epochs,
        uint64 recordedAt,
        bytes32 head
    );

    /// @notice The register was frozen for good and names who continues it.
    event RegisterFrozen(uint64 frozenAt, address successor, bytes32 finalHead);

    /// @notice Thrown when an act arrives at a register that is frozen.
    error RegisterIsFrozen(address successor);
    /// @notice Thrown when an act's `notBefore` has not come.
    error ActNotYetValid();
    /// @notice Thrown when an act's `deadline` has passed.
    error ActExpired();
    /// @notice Thrown when an approval's `deadline` has passed.
    error ApprovalExpired();
    /// @notice Thrown when a signature, deadline or field of a batch does not fit its items.
    error BatchItemsDiffer();
    /// @notice Thrown when a batch has no item or more than the register's limit.
    error BatchSizeOutOfRange(uint256 limit);
    /// @notice Thrown when a batch is not atomic, which this version does not offer.
    error BatchNotAtomic();
    /// @notice Thrown when only the authority of the Charter may call.
    error NotTheAuthority();
    /// @notice Thrown when an act was withdrawn by one of its officers before it was recorded.
    error ActWithdrawn();

    /// @notice Journal head: keccak256 fold of all leaves from the register's first head.
    function head() external view returns (bytes32);
    /// @notice Number of entries.
    function entryCount() external view returns (uint64);
    /// @notice `{frozenAt, successor}`, zero while the register is in force.
    function frozen() external view returns (uint64 frozenAt, address successor);
}
