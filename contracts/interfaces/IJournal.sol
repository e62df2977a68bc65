// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// An officer of an institution: the hash of the first key's hash and a salt, so it is whose key it is.
type OfficerId is bytes32;
/// An institution of the consortium: 1 to 127 (a bit of one word), given once. Zero is nobody.
type InstitutionId is uint16;
/// A land or field office, numbered by the consortium. Zero in an officer's record means every office.
type OfficeId is uint32;
/// One recorded act: the EIP-712 digest its preparer signed, so it binds the ledger and the register too.
type EntryId is bytes32;

using {_sameOfficer as ==} for OfficerId global;
using {_sameInstitution as ==, _otherInstitution as !=} for InstitutionId global;

function _sameOfficer(OfficerId a, OfficerId b) pure returns (bool) {
    return OfficerId.unwrap(a) == OfficerId.unwrap(b);
}

function _sameInstitution(InstitutionId a, InstitutionId b) pure returns (bool) {
    return InstitutionId.unwrap(a) == InstitutionId.unwrap(b);
}

function _otherInstitution(InstitutionId a, InstitutionId b) pure returns (bool) {
    return InstitutionId.unwrap(a) != InstitutionId.unwrap(b);
}

/// @dev Nobody.
InstitutionId constant NO_INSTITUTION = InstitutionId.wrap(0);
/// @dev Nobody.
OfficerId constant NO_OFFICER = OfficerId.wrap(0);

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
/// @param preparer Signature of the act's digest: 64 bytes (ERC-2098) for secp256k1, else the 64 bytes
/// qx || qy of the public key followed by the signature the ERC-7913 verifier of the officer's record reads.
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

/// @notice One officer takes back an act that was signed and not yet recorded, as EIP-712 typed data. It
/// counts where the officer is that act's preparer or approver, and means nothing elsewhere.
/// @param entryId The act: the digest its preparer signed.
/// @param actDeadline Deadline in that act's head. Stating an earlier one makes the withdrawal void.
/// @param officer Officer who withdraws and signs.
/// @param epoch Key epoch of that officer at the time of signing.
struct Withdrawal {
    EntryId entryId;
    uint64 actDeadline;
    OfficerId officer;
    uint32 epoch;
}

/// @dev Version of the leaf, the first head and the entry event: the first field of what they hash.
uint16 constant JOURNAL_FORMAT_VERSION = 1;
/// @dev Kind of the entry of a `Withdrawal`, the same in every register. Kinds below 16 belong to the journal.
uint16 constant KIND_WITHDRAWAL = 1;
/// @dev A silence of so long is kept with the entry that ends it, as proof for a halt.
uint64 constant GAP_SECONDS = 6 hours;

/// @title What every register promises about its history
/// @notice `leaf = keccak256(abi.encode(version, index, kind, entryId, subject, newState, preparer, approver,
/// epochs, recordedAt))` and `head = keccak256(abi.encode(head, leaf))`. The head before the first entry is
/// `keccak256(abi.encode(version, chainId, register, final head of the predecessor or 0))`.
/// @dev Storage is part of the format, for proofs: slot 0 the head; slot 1, from the low end, `uint40
/// lastEntryAt, uint40 entryCount, uint16 withdrawnThroughDay, address successor`.
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

    /// @notice Two officers signed an act: what an auditor needs to check both signatures. Its entry follows, or
    /// one entry an item.
    /// @param entryId Digest of the act; items of a batch have ids of their own that follow from it.
    /// @param head Head of the act.
    /// @param actHash EIP-712 struct hash of the whole act.
    /// @param approvalDeadline Last second at which the approval counted.
    /// @param preparerSignature Signature of the act's digest.
    /// @param approverSignature Signature of the approval's digest; the entry names the approver and the epoch.
    event Signed(
        EntryId indexed entryId,
        ActHead head,
        bytes32 actHash,
        uint64 approvalDeadline,
        bytes preparerSignature,
        bytes approverSignature
    );

    /// @notice The register was frozen for good and names who continues it.
    event RegisterFrozen(uint64 frozenAt, address successor, bytes32 finalHead);

    /// @notice A register took up the journal of the one it succeeds; its first head folds in `finalHead`.
    event RegisterContinued(address indexed predecessor, bytes32 finalHead, bytes32 firstHead);

    /// @notice Thrown when an act arrives at a register that is frozen.
    error RegisterIsFrozen(address successor);
    /// @notice Thrown when an act arrives at a successor whose predecessor is still in force.
    error RegisterNotBegun();
    /// @notice Thrown when an act's `notBefore` has not come.
    error ActNotYetValid();
    /// @notice Thrown when an act's `deadline` has passed.
    error ActExpired();
    /// @notice Thrown when an approval's `deadline` has passed.
    error ApprovalExpired();
    /// @notice Thrown when an act was withdrawn by one of its officers before it was recorded.
    error ActWithdrawn();
    /// @notice Thrown when a batch has no item or more than the register's limit.
    error BatchSizeOutOfRange(uint256 limit);
    /// @notice Thrown when a batch is not atomic, which this version does not offer.
    error BatchNotAtomic();
    /// @notice Thrown when the items that came are not the ones the batch's signatures cover.
    error BatchItemsDiffer();
    /// @notice Thrown when only the authority of the Charter may call.
    error NotTheAuthority();
    /// @notice Thrown when a register is continued by anything but its predecessor, or twice, or when one that succeeds
    /// another would be the first under its name.
    error NotThePredecessor();
    /// @notice Thrown when words are to be carried over to a register that takes none, or awaits none.
    error NothingToImport();
    /// @notice Thrown when a register is made for a ledger without a nonce.
    error LedgerNonceMissing();

    /// @notice The 32 random bytes of the ledger's founding file: the salt of every register's domain.
    function ledgerNonce() external view returns (bytes32);
    /// @notice EIP-712 separator of {name "Kudurru <Register>", version "1", chainId, verifyingContract, salt}.
    function domainSeparator() external view returns (bytes32);
    /// @notice Journal head: keccak256 fold of all leaves from the register's first head.
    function head() external view returns (bytes32);
    /// @notice Number of entries.
    function entryCount() external view returns (uint64);
    /// @notice Second of the last entry; while it has none, of the predecessor's last or, without one, of its beginning.
    function lastEntryAt() external view returns (uint64);
    /// @notice The silence before an entry, where it lasted `GAP_SECONDS` or more; else zero twice. For the index of
    /// the next entry, the silence now running.
    /// @param index Position of the entry that ended the silence.
    /// @return from Second of the entry before, as `lastEntryAt` says of the first.
    /// @return to Second of that entry.
    function gapAt(uint64 index) external view returns (uint64 from, uint64 to);
    /// @notice Who continues this register; zero while it is in force, and frozen if and only if it is set.
    function successor() external view returns (address);
    /// @notice The register whose journal this one continues, or zero.
    function predecessor() external view returns (address);

    /// @notice Freezes the register for good and has its successor go on from its final head. Only the authority.
    /// @param successor_ A register that names this one as its predecessor and has not begun.
    /// @param importHash What the members voted to carry over: the right fold `H(i) = keccak256(slot || word ||
    /// H(i + 1))`, `H(n) = 0`, of the successor's slots; zero where nothing is.
    function freeze(address successor_, bytes32 importHash) external;

    /// @notice Takes up the journal of the predecessor, which calls this while it is being frozen.
    /// @param importHash Words to be imported before the register begins, folded; zero where there are none.
    function continueFrom(bytes32 importHash) external;
}
