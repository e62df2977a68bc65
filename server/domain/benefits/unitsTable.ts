/**
 * The packed table of what people may spend, and the signed lists of words the register loads chunk by chunk.
 *
 * Hides how entries lie in words and how chunks prove their place. Promises: the same words, folds and chunks as
 * the contract checks; a chunk fits one transaction whatever stood in the lane before. A list is one array of 32
 * bytes a word: a million people at one byte are 1 MB and 31,250 hashes.
 *
 * Format: person `index` is entry `index % (32 / entryBytes)` of word `index / (32 / entryBytes)`, entry 0 in the
 * lowest bits; an entry of four bytes is units 24 (low) and sequence 8 (high), zero when loaded. A right fold:
 * H(n) = 0, H(i) = keccak(word(i) ‖ H(i + 1)); signed is H(0).
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Keccak256 } from '../acts/merkle.ts';
import { TRANSACTION_GAS_CAP } from '../base/chain.ts';
import type { Bytes32 } from '../base/hex.ts';
import { toHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { MAX_PEOPLE } from './terms.ts';

/** One: 32 people a word, at most 255 units, in kind. Four: 8 people a word, 24 bits and a sequence. */
export type EntryBytes = 1 | 4;

const WORD_BYTES = 32;
const MOST_UNITS: Readonly<Record<EntryBytes, number>> = { 1: 2 ** 8 - 1, 4: 2 ** 24 - 1 };

export function mostUnits(entryBytes: EntryBytes): number {
  return MOST_UNITS[entryBytes];
}

/** Words that `count` entries take. */
export function wordsOf(count: number, entryBytes: EntryBytes): number {
  return Math.ceil(count / (WORD_BYTES / entryBytes));
}

export interface UnitsTable {
  readonly entryBytes: EntryBytes;
  readonly count: number;
  readonly totalUnits: bigint;
  /** 32 bytes a word, as the chain spells it. */
  readonly words: Uint8Array;
}

/** Packs the units of indexes 0 to `units.length - 1`. Refuses units that an entry cannot hold. */
export function packUnits(units: ArrayLike<number>, entryBytes: EntryBytes): UnitsTable {
  const count = units.length;
  if (count === 0 || count > MAX_PEOPLE) throw refusal('cycle-count-out-of-range');
  const words = new Uint8Array(WORD_BYTES * wordsOf(count, entryBytes));
  const perWord = WORD_BYTES / entryBytes;
  const most = MOST_UNITS[entryBytes];
  let total = 0; // below 2^48: exact in a double
  for (let index = 0; index < count; index++) {
    const entry = units[index] ?? 0;
    if (!Number.isInteger(entry) || entry < 0) throw new TypeError('units are whole and not negative');
    if (entry > most) throw refusal('units-exceed-entry', { most });
    total += entry;
    const low = WORD_BYTES * (Math.floor(index / perWord) + 1) - 1 - entryBytes * (index % perWord);
    words[low] = entry;
    if (entryBytes === 4) {
      words[low - 1] = entry >>> 8;
      words[low - 2] = entry >>> 16;
    }
  }
  return { entryBytes, count, totalUnits: BigInt(total), words };
}

export interface Entry {
  readonly units: number;
  readonly sequence: number;
}

/** What stands in a table at an index. */
export function entryAt(table: Pick<UnitsTable, 'words' | 'entryBytes'>, index: number): Entry {
  const { words, entryBytes } = table;
  const perWord = WORD_BYTES / entryBytes;
  const low = WORD_BYTES * (Math.floor(index / perWord) + 1) - 1 - entryBytes * (index % perWord);
  const byte = (at: number) => words[at] ?? 0;
  if (index < 0 || low >= words.length) throw new RangeError('no such entry');
  if (entryBytes === 1) return { units: byte(low), sequence: 0 };
  return {
    units: byte(low) + 2 ** 8 * byte(low - 1) + 2 ** 16 * byte(low - 2),
    sequence: byte(low - 3),
  };
}

/** The signed hash of a list of words. */
export function foldWords(words: Uint8Array, hash: Keccak256 = keccak_256): Bytes32 {
  return foldsOf(words, words.length / WORD_BYTES || 1, hash)[0] as Bytes32;
}

/** What one `loadUnits` or `loadSlots` call carries. */
export interface Chunk {
  /** Number of the first word. */
  readonly first: number;
  readonly words: Uint8Array;
  /** What the words after these fold to; zero after the last. */
  readonly rest: Bytes32;
}

/**
 * Gas of one loaded word at most: a fresh slot (22,100), its calldata, its hash and its checks. A full chunk of the
 * dearest words was measured at 23,330 a slot and 23,030 a word of units, call included (Osaka). A table that replaces
 * another costs a quarter, unless that one was spent to zero: a chunk is therefore cut for the dearest case.
 */
export const LOAD_WORD_GAS = 23_600;
/** Gas of a call besides its words. */
export const LOAD_CALL_GAS = 120_000;
export const WORDS_PER_CALL = Math.floor((TRANSACTION_GAS_CAP - LOAD_CALL_GAS) / LOAD_WORD_GAS);

/** What to set as a call's gas: `eth_estimateGas` can overshoot the cap. */
export function loadGas(words: number): number {
  return LOAD_CALL_GAS + words * LOAD_WORD_GAS;
}

/**
 * Cuts a list into calls, from the word the chain says comes next: after a restart the ledger's own count is the
 * progress. The chunks must be sent in order.
 */
export function chunksOf(
  words: Uint8Array,
  from = 0,
  hash: Keccak256 = keccak_256,
  wordsPerCall = WORDS_PER_CALL,
): Chunk[] {
  const all = words.length / WORD_BYTES;
  if (!Number.isInteger(all) || !Number.isInteger(from) || from < 0 || from > all) {
    throw new RangeError('no such word');
  }
  const left = words.subarray(WORD_BYTES * from);
  const folds = foldsOf(left, wordsPerCall, hash);
  return Array.from({ length: Math.ceil((all - from) / wordsPerCall) }, (_, chunk) => ({
    first: from + chunk * wordsPerCall,
    words: left.subarray(WORD_BYTES * chunk * wordsPerCall, WORD_BYTES * (chunk + 1) * wordsPerCall),
    rest: folds[chunk + 1] as Bytes32,
  }));
}

/** A chunk's words as a call takes them. */
export function* wordsIn(chunk: Uint8Array): Generator<Bytes32> {
  for (let at = 0; at < chunk.length; at += WORD_BYTES) {
    yield toHex(chunk.subarray(at, at + WORD_BYTES)) as Bytes32;
  }
}

/** The fold at every `step`-th word from the first, and the zero after the last. */
function foldsOf(words: Uint8Array, step: number, hash: Keccak256): Bytes32[] {
  const count = words.length / WORD_BYTES;
  if (!Number.isInteger(count)) throw new TypeError('a list of words has 32 bytes a word');
  const pair = new Uint8Array(2 * WORD_BYTES);
  const folds = [toHex(pair.subarray(WORD_BYTES)) as Bytes32];
  for (let word = count - 1; word >= 0; word--) {
    pair.set(words.subarray(WORD_BYTES * word, WORD_BYTES * (word + 1)));
    pair.set(hash(pair), WORD_BYTES);
    if (word % step === 0) folds.push(toHex(pair.subarray(WORD_BYTES)) as Bytes32);
  }
  return folds.reverse();
}
