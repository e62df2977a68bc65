/**
 * The history of a register as it chains its entries: leaf, fold and first head of Journal.sol.
 *
 * Promises: the head that `foldEntries` ends in is the register's, if and only if the entries are all of its entries in
 * their order (P8). Pure; fsck and outside verifiers call it.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { Address, Bytes32 } from '../base/hex.ts';
import { fromHex, toHex, wordOf, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { EntryId, OfficerId } from '../base/terms.ts';

const FORMAT_VERSION = 1n;

/** One recorded act, as `EntryRecorded` says it. */
export interface Entry {
  /** From 0 without a gap. */
  readonly index: bigint;
  readonly entryId: EntryId;
  readonly subject: Bytes32;
  readonly kind: number;
  readonly newState: Bytes32;
  readonly preparer: OfficerId;
  readonly approver: OfficerId;
  /** preparerEpoch << 32 | approverEpoch. */
  readonly epochs: bigint;
  /** Block time, in seconds. */
  readonly recordedAt: bigint;
}

/** The head of a register's journal before its first entry; `finalHead` is its predecessor's, or zero. */
export function firstHead(chainId: bigint, register: Address, finalHead: Bytes32 = ZERO_32): Bytes32 {
  return hashOf([wordOf(FORMAT_VERSION), wordOf(chainId), wordOf(BigInt(register)), finalHead]);
}

function entryLeaf(entry: Entry): Bytes32 {
  return hashOf([
    wordOf(FORMAT_VERSION),
    wordOf(entry.index),
    wordOf(BigInt(entry.kind)),
    entry.entryId,
    entry.subject,
    entry.newState,
    entry.preparer,
    entry.approver,
    wordOf(entry.epochs),
    wordOf(entry.recordedAt),
  ]);
}

/** What a key signs for a struct of this hash, under a domain of this separator. */
export function signedDigest(separator: Bytes32, structHash: Bytes32): Bytes32 {
  const bytes = concatBytes(Uint8Array.of(0x19, 0x01), fromHex(separator), fromHex(structHash));
  return toHex(keccak_256(bytes)) as Bytes32;
}

/** The id of an entry that is one of many of an act. */
function itemId(act: EntryId, index: bigint): EntryId {
  return hashOf([act, wordOf(index)]) as Bytes32 as EntryId;
}

/** An act that two officers signed, while its entries follow. */
export interface OpenAct {
  readonly entryId: EntryId;
  /** How many of its items have an entry by now. */
  items: bigint;
}

/** Whether an entry is of this act: the act's own, or that of its next item, which is counted. */
export function takesEntry(act: OpenAct, entryId: EntryId): boolean {
  if (act.entryId === entryId) return true;
  if (itemId(act.entryId, act.items) !== entryId) return false;
  act.items++;
  return true;
}

/** The head after one more entry. */
export function foldEntry(head: Bytes32, entry: Entry): Bytes32 {
  return hashOf([head, entryLeaf(entry)]);
}

/** The head after more entries, the first of which must be number `nextIndex`; refuses a gap. */
export function foldEntries(head: Bytes32, nextIndex: bigint, entries: Iterable<Entry>): Bytes32 {
  let [folded, next] = [head, nextIndex];
  for (const entry of entries) {
    if (entry.index !== next++) throw refusal('journal-entry-missing', { index: next - 1n });
    folded = foldEntry(folded, entry);
  }
  return folded;
}

/** What slot 1 of every register holds, for proofs. */
export interface JournalStatus {
  /** Second of the last entry, or of the beginning. */
  readonly lastEntryAt: bigint;
  readonly entryCount: bigint;
  readonly withdrawnThroughDay: number;
  /** Zero while the register is in force. */
  readonly successor: Address;
}

/** The slot of the journal's head, in every register. */
export const JOURNAL_HEAD_SLOT = wordOf(0n);
/** The slot of its status, in every register. */
export const JOURNAL_STATUS_SLOT = wordOf(1n);
/** The slot of what the words fold to that a successor still awaits; zero where it awaits none. */
export const IMPORT_REST_SLOT = wordOf(4n);

/** From the low end: uint40 lastEntryAt, uint40 entryCount, uint16 withdrawnThroughDay, address successor. */
export function readJournalStatus(slot: Bytes32): JournalStatus {
  const value = BigInt(slot);
  const bits = (from: bigint, width: bigint) => (value >> from) & ((1n << width) - 1n);
  return {
    lastEntryAt: bits(0n, 40n),
    entryCount: bits(40n, 40n),
    withdrawnThroughDay: Number(bits(80n, 16n)),
    successor: `0x${bits(96n, 160n).toString(16).padStart(40, '0')}` as Address,
  };
}

function hashOf(words: readonly Bytes32[]): Bytes32 {
  return toHex(keccak_256(concatBytes(...words.map(fromHex)))) as Bytes32;
}
