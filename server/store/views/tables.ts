/**
 * The two tables of a programme, person by person: cards in force, and what is left to spend; and who spent what.
 *
 * Kept as the register keeps them, in words of 32 bytes, because a million people pass through here. Words that were
 * loaded through another contract were never seen: of those indexes `card` and `remaining` are undefined, and whoever
 * needs them proves the slot.
 */

import type { EventOf } from '../../domain/acts/events.ts';
import { type Bytes32, fromHex } from '../../domain/base/hex.ts';
import type { ProgrammeId, VendorId } from '../../domain/base/terms.ts';
import { type Card, loadedCard, packCard, unpackSlot } from '../../domain/benefits/cards.ts';
import type { Cycle } from '../../domain/benefits/records.ts';
import { type ItemResult, readResults } from '../../domain/benefits/redemption.ts';
import type { CycleId, TillId } from '../../domain/benefits/terms.ts';
import { type EntryBytes, entryAt, type Entry as TableEntry } from '../../domain/benefits/unitsTable.ts';
import { type Codec, json, text } from '../codec.ts';
import {
  type DisposableStore,
  disposable,
  disposableList,
  type ListView,
  type ViewBatch,
} from '../disposable.ts';
import { ordinal } from '../store.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import type { Step } from './step.ts';

/** What one batch did. Its items in full are `results`, as the event has them. */
export interface BatchRow {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly vendor: VendorId;
  readonly till: TillId;
  readonly itemsHash: Bytes32;
  readonly units: bigint;
  readonly results: readonly Bytes32[];
  readonly transactionHash: Bytes32;
  readonly blockNumber: bigint;
  readonly recordedAt: bigint;
}

/** One item about one person, redeemed or not. */
export interface SaleRow extends ItemResult {
  readonly vendor: VendorId;
  readonly till: TillId;
  readonly blockNumber: bigint;
  readonly recordedAt: bigint;
}

export interface CardPlace {
  readonly programme: ProgrammeId;
  readonly enrolmentEpoch: number;
  readonly index: number;
}

const WORD_BYTES = 32;
const words: Codec<Uint8Array> = { encode: (bytes) => bytes, decode: (bytes) => bytes };

/** By programme, epoch and index. */
const slots = disposable('slots', words);
/** By programme, cycle and number of the word. */
const units = disposable('tableWords', words);
export const batches = disposableList('batches', json<BatchRow>(), 2);
const batchesByVendor = disposableList('batchesByVendor', text, 1);
/** By the hash of its items, which two batches share when the rest of one is sent again, and by its transaction. */
const batchesByHash = disposableList('batchesByHash', text, 1);
/** By programme, cycle and index, then by number. */
const sales = disposableList('sales', json<SaleRow>(), 3);

const slotKey = ({ programme, enrolmentEpoch, index }: CardPlace) =>
  `${programme}/${ordinal(enrolmentEpoch)}/${ordinal(index)}`;
const wordKey = (programme: ProgrammeId, cycle: CycleId, word: number) =>
  `${programme}/${ordinal(cycle)}/${ordinal(word)}`;
export const batchKey = (programme: ProgrammeId, cycle: CycleId) => `${programme}/${ordinal(cycle)}`;

export function cardIn(batch: ViewBatch, place: CardPlace): Card | undefined {
  const slot = batch.get(slots, slotKey(place));
  return slot && unpackSlot(slot);
}

export function putCard(batch: ViewBatch, place: CardPlace, card: Card): void {
  batch.put(slots, slotKey(place), packCard(card));
}

export function applySlots(
  { batch, counts }: Step,
  { programme, enrolmentEpoch, enrolled, slots: loaded }: EventOf<'SlotsLoaded'>['args'],
  before: number,
): void {
  counts.enrolled += enrolled - before;
  for (const [i, slot] of wordsOf(loaded, enrolled - before)) {
    putCard(batch, { programme, enrolmentEpoch, index: before + i }, loadedCard(slot));
  }
}

export function applyWords(
  { batch }: Step,
  { programme, cycle, loadedWords, words: loaded }: EventOf<'UnitsLoaded'>['args'],
  before: number,
): void {
  for (const [i, word] of wordsOf(loaded, loadedWords - before)) {
    batch.put(units, wordKey(programme, cycle, before + i), word);
  }
}

/** The words of a load by their place in it; the contract counts what it emits. */
function* wordsOf(loaded: `0x${string}`, count: number): Generator<[number, Uint8Array]> {
  const bytes = fromHex(loaded);
  if (bytes.length !== WORD_BYTES * count) throw new Error('a load of another count than its words');
  for (let i = 0; i < count; i++) yield [i, bytes.subarray(WORD_BYTES * i, WORD_BYTES * (i + 1))];
}

export function applyResults(
  { batch, block, counts }: Step,
  { args, transactionHash, blockNumber }: EventOf<'BatchRedeemed'>,
  { entryBytes }: Cycle,
): void {
  const { programme, cycle, vendor, till } = args;
  const recordedAt = BigInt(block.timestampSeconds);
  const key = `${batchKey(programme, cycle)}/${ordinal(counts.batches)}`;
  batch.put(batches, key, { ...args, transactionHash, blockNumber, recordedAt });
  for (const hash of [args.itemsHash, transactionHash]) {
    batch.put(batchesByHash, `${hash}/${ordinal(counts.batches)}`, key);
  }
  batch.put(batchesByVendor, `${vendor}/${ordinal(counts.batches++)}`, key);
  for (const result of readResults(args.results)) {
    const number = ordinal(counts.redeemed + counts.skipped);
    const saleKey = `${wordKey(programme, cycle, result.index)}/${number}`;
    batch.put(sales, saleKey, { ...result, vendor, till, blockNumber, recordedAt });
    if (result.outcome === 'redeemed') {
      counts.redeemed++;
      debit(batch, programme, cycle, entryBytes, result);
    } else counts.skipped++;
  }
}

function debit(
  batch: ViewBatch,
  programme: ProgrammeId,
  cycle: CycleId,
  entryBytes: EntryBytes,
  { index, units: taken }: ItemResult,
): void {
  const perWord = WORD_BYTES / entryBytes;
  const key = wordKey(programme, cycle, Math.floor(index / perWord));
  const word = batch.get(units, key);
  if (word !== undefined) batch.put(units, key, debited(word, entryBytes, index % perWord, taken));
}

/** A word after one of its entries lost units; an entry of four bytes counts its debits in its highest byte. */
function debited(word: Uint8Array, entryBytes: EntryBytes, place: number, taken: number): Uint8Array {
  const next = Uint8Array.from(word);
  const low = WORD_BYTES - 1 - entryBytes * place;
  if (entryBytes === 1) {
    next[low] = (next[low] ?? 0) - taken;
    return next;
  }
  const view = new DataView(next.buffer);
  const entry = view.getUint32(low - 3);
  view.setUint32(low - 3, entry - taken + 2 ** 24);
  return next;
}

export class TableViews {
  protected readonly store: DisposableStore;

  constructor(store: DisposableStore) {
    this.store = store;
  }

  /** The card in force at an index; undefined where nobody is enrolled or its slot was not seen. */
  async card(programme: ProgrammeId, enrolmentEpoch: number, index: number): Promise<Card | undefined> {
    const slot = await this.store.get(slots, slotKey({ programme, enrolmentEpoch, index }));
    return slot && unpackSlot(slot);
  }

  /** Units and sequence a person has left in a cycle; undefined beyond its count or where the word was not seen. */
  async remaining(
    programme: ProgrammeId,
    cycle: CycleId,
    { count, entryBytes }: Pick<Cycle, 'count' | 'entryBytes'>,
    index: number,
  ): Promise<TableEntry | undefined> {
    const perWord = WORD_BYTES / entryBytes;
    if (index < 0 || index >= count) return undefined;
    const word = await this.store.get(units, wordKey(programme, cycle, Math.floor(index / perWord)));
    return word && entryAt({ words: word, entryBytes }, index % perWord);
  }

  /** What was sold, or refused, to one person in a cycle, in the order of the chain. */
  sales(
    programme: ProgrammeId,
    cycle: CycleId,
    index: number,
    request: PageRequest = {},
  ): Promise<Page<SaleRow>> {
    return pageOf(this.store, sales, wordKey(programme, cycle, index), request);
  }

  batchesOf(vendor: VendorId, request: PageRequest = {}): Promise<Page<BatchRow>> {
    return this.#batchesIn(batchesByVendor, vendor, request);
  }

  /** Batches with these items, or of this transaction. */
  batchesWith(hash: Bytes32, request: PageRequest = {}): Promise<Page<BatchRow>> {
    return this.#batchesIn(batchesByHash, hash, request);
  }

  async #batchesIn(view: ListView<string>, prefix: string, request: PageRequest): Promise<Page<BatchRow>> {
    const page = await pageOf(this.store, view, prefix, request);
    const rows = await Promise.all(page.rows.map((key) => this.store.get(batches, key)));
    return { ...page, rows: rows.filter((row) => row !== undefined) };
  }
}
