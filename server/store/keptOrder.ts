/**
 * The order of the keys of sorted tables, on disk beside the rows: encrypted pages, of which a few lie in memory.
 *
 *     row of the table `pages`   key `<table>/<id>`, at a keyed hash as every row; payload a page (`keyPages.ts`)
 *     while a table is built     key `<table>/building`, payload the name on disk of the last row that is in its pages, or `!`
 *                                where rows were written without pages, for want of room
 *
 * Promises: pages change in the same synced batch as the rows whose keys they hold, and are counted by a tally of their
 * own; a reading sees the pages of its moment; no more than HELD_BYTES_MAX are in memory, whatever the store holds, but for
 * those of the write under way. A folder without pages gets them at its next opening, which goes on where a kill ended it.
 * A page that is not what was written is a `DamagedOrder`, and nothing is lost with it: `rebuild` makes all pages anew from
 * the rows, and without room for that the rows go on being written without pages. A row that is not what was written, or is lost, stays so: its table is not read in order, whatever is rebuilt.
 * For `levelStore.ts`.
 */
import { Fault } from '../domain/base/fault.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { FINISHING_FLOOR_BYTES, MIB } from './disk.ts';
import { decodePage, EMPTY_PAGE, encodePage, type Page } from './keyPages.ts';
import { changeKeys, type KeyChange, keysBetween, type Pages, ROOT } from './keyTree.ts';
import {
  batchOf,
  keyOf,
  type RawLevel,
  type RawRow,
  rawKey,
  rawRange,
  rewriteBetween,
  rowAt,
  rowsOf,
} from './level.ts';
import {
  damaged,
  EMPTY_TALLY,
  isSame,
  type OpenedRow,
  type RowSeal,
  type Tally,
  withoutRow,
  withRow,
} from './record.ts';
import { type AnyTable, ORDER_PAGES, type Range, TALLIES } from './store.ts';
import { type Tallies, tallyIn } from './tallies.ts';

/** Of pages as they are read, some 4,000 of usual keys; a tree over ten million keys has as many above those that hold them. */
export const HELD_BYTES_MAX = 12 * MIB;
/** In memory, beside its characters: what an engine of this language keeps of a string and its place in a list. */
const HELD_KEY_BYTES = 32;
/** Of a table without pages, for one write. */
const BUILT_AT_ONCE = 2_048;
/** What the pages of a key take on disk, at most twice over while they are written: keys of usual length take a third. */
const BUILT_KEY_BYTES = 256;
/** Rows between two words of how far a building is: some seconds. */
const TOLD_EVERY_ROWS = 32 * BUILT_AT_ONCE;

/** That pages of a table are not what was written, or not there: the rows are whole, and `rebuild` makes the pages of them. */
export class DamagedOrder extends Fault {
  readonly table: string;

  constructor(table: string) {
    const message = `the order of keys of table ${table} is not what was written: it is built again from the rows`;
    super(message, { retryable: true });
    this.table = table;
  }
}

/** How far the pages of a table are built. */
export interface OrderProgress {
  readonly table: string;
  readonly rows: number;
  readonly of: number;
}

export interface OrderOptions {
  readonly tallies: Tallies;
  readonly tables: readonly AnyTable[];
  /** Where the pages lie, for what is said of its disk. */
  readonly folder: string;
  readonly freeBytes: () => number;
  /** Pages are built again, whatever they say. */
  readonly isOrderBuiltAgain?: boolean;
  /** Where a building that a kill ended cannot go on from the pages that are there: it begins anew. */
  readonly onDamagedOrder?: (table: string) => void;
  /** For which there is no room then. */
  readonly onNoRoom?: (table: string, why: Refusal) => void;
  readonly onBuilding?: (progress: OrderProgress) => void;
}

/** A moment at which the store stood: a snapshot, and how many groups had been kept. */
export interface OrderMoment {
  readonly snapshot: ReturnType<RawLevel['snapshot']>;
  readonly groups: number;
}

interface KeptPage {
  readonly page: Page;
  /** Of the row it is in; undefined where there is none yet. */
  readonly element: bigint | undefined;
}

interface HeldPage extends KeptPage {
  readonly since: number;
  readonly bytes: number;
}

export class KeptOrder {
  readonly #level: RawLevel;
  readonly #seal: RowSeal;
  readonly #tallies: Tallies;
  readonly #sorted: readonly string[];
  readonly #options: OrderOptions;
  /** By the keys of their rows, those used last at the end; each is what the disk says since so many groups. */
  readonly #held = new Map<string, HeldPage>();
  #heldBytes = 0;
  /** Of the batch that is being kept; undefined where a page is taken away. */
  #written = new Map<string, KeptPage | undefined>();
  /** Tables that may have no root: they had no row when the store was opened, or no page. */
  readonly #rootless = new Set<string>();
  /** Whose pages are not all there. */
  readonly #unbuilt = new Set<string>();
  #groups = 0;
  /** How many groups had been kept when no older version of a page was left. */
  #scrubbed: number | undefined;
  /** Whose pages are damaged while there is no room for new ones: rows are written without them, which their mark says. */
  readonly #left = new Set<string>();
  /** While `rebuild` is under way nobody reads: what there is of pages is a part of them. */
  #isRebuilt = false;

  /** Use `openOrder`. */
  constructor(level: RawLevel, seal: RowSeal, options: OrderOptions) {
    this.#level = level;
    this.#seal = seal;
    this.#tallies = options.tallies;
    this.#sorted = options.tables.filter(({ order }) => order === 'sorted').map(({ name }) => name);
    this.#options = options;
  }

  /** How many batches were kept. */
  get groups(): number {
    return this.#groups;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** A Fault where a page is not what was written, or a row that was damaged kept the pages from being built. */
  keysBetween(table: string, range: Range, moment: OrderMoment): Iterable<string> {
    if (this.#isRebuilt || this.#left.has(table)) throw new DamagedOrder(table);
    if (this.#unbuilt.has(table)) throw damaged(table);
    return keysBetween((id) => this.#read(table, id, moment).page, range);
  }

  /**
   * What a batch has to hold beside the rows whose keys change, the tally of pages being set. One batch at a time:
   * `kept` is called once it is on disk, and nothing else of here after one that failed.
   */
  pagesOf(changes: ReadonlyMap<string, readonly KeyChange[]>): RawRow[] {
    this.#written = new Map();
    for (const [table, own] of changes) {
      if (this.#left.has(table)) continue;
      const sorted = own.toSorted((one, other) => (one.key < other.key ? -1 : 1));
      this.#change(table, sorted);
    }
    const marks = [...changes.keys()].filter((table) => this.#left.has(table));
    const pages = [...this.#written].flatMap(([key, kept]) => {
      const before = this.#held.get(key)?.element ?? this.#open(tableOf(key), key)?.element;
      if (kept === undefined) return before === undefined ? [] : [this.#row(key, undefined, before).row];
      const { row, element } = this.#row(key, encodePage(kept.page), before);
      this.#written.set(key, { page: kept.page, element });
      return [row];
    });
    return [...pages, ...marks.map((table) => this.#mark(table, LEFT))];
  }

  /** From here on rows of the table are written without its pages, and it is not read in order, until `rebuild` made all anew. */
  leave(table: string): void {
    this.#left.add(table);
  }

  /** What the tree cannot be of pages as they were written, a page that was put back has made of it. */
  #change(table: string, changes: readonly KeyChange[]): void {
    try {
      changeKeys(this.#pagesOf(table), changes);
    } catch (error) {
      throw error instanceof Fault ? new DamagedOrder(table) : error;
    }
  }

  /** From here on readings see what `pagesOf` gave. */
  kept(): void {
    this.#groups += 1;
    for (const [key, kept] of this.#written) {
      this.#release(key);
      if (kept !== undefined) this.#hold(key, kept, this.#groups);
    }
    this.#written = new Map();
  }

  #pagesOf(table: string): Pages {
    return {
      read: (id) => {
        const key = `${table}/${id}`;
        const written = this.#written.get(key);
        if (written === undefined && this.#written.has(key)) throw new DamagedOrder(table);
        return (written ?? this.#read(table, id)).page;
      },
      write: (id, page) => {
        const key = `${table}/${id}`;
        this.#written.set(key, page && { page, element: undefined });
      },
    };
  }

  /** What is to be written at the key, where `before` is the element of what stands there, and counted at once. */
  #row(key: string, payload: Uint8Array | undefined, before: bigint | undefined) {
    const place = this.#seal.placeOf(ORDER_PAGES, key);
    const { raw, element } = payload === undefined ? {} : this.#seal.seal(place, key, payload);
    let tally = this.#tallies.of(ORDER_PAGES.name);
    if (before !== undefined) tally = withoutRow(tally, before);
    if (element !== undefined) tally = withRow(tally, element);
    this.#tallies.set(ORDER_PAGES.name, tally);
    return { row: { key: place, value: raw }, element };
  }

  /** The page as it stood at the moment; without one as it stands on disk. */
  #read(table: string, id: string, moment?: OrderMoment): KeptPage {
    const key = `${table}/${id}`;
    const held = this.#held.get(key);
    if (held !== undefined && (moment === undefined || held.since <= moment.groups)) {
      this.#held.delete(key);
      this.#held.set(key, held);
      return held;
    }
    const opened = this.#open(table, key, moment?.snapshot);
    if (opened === undefined) {
      if (id === ROOT && this.#rootless.has(table)) return { page: EMPTY_PAGE, element: undefined };
      throw new DamagedOrder(table);
    }
    const kept = { page: decodePage(opened.payload), element: opened.element };
    if (moment === undefined || moment.groups === this.#groups) this.#hold(key, kept, this.#groups);
    return kept;
  }

  /** Undefined where nothing is. */
  #open(table: string, key: string, snapshot?: OrderMoment['snapshot']): OpenedRow | undefined {
    const place = this.#seal.placeOf(ORDER_PAGES, key);
    const raw = rowAt(this.#level, place, snapshot && { snapshot });
    if (raw === undefined) return undefined;
    const opened = this.#seal.open(place, raw);
    if (opened?.key !== key) throw new DamagedOrder(table);
    return opened;
  }

  #hold(key: string, kept: KeptPage, since: number): void {
    this.#release(key);
    const bytes = heldBytesOf(kept.page);
    this.#held.set(key, { page: kept.page, element: kept.element, since, bytes });
    this.#heldBytes += bytes;
    for (const oldest of this.#held.keys()) {
      if (this.#heldBytes <= HELD_BYTES_MAX) return;
      this.#release(oldest);
    }
  }

  #release(key: string): void {
    this.#heldBytes -= this.#held.get(key)?.bytes ?? 0;
    this.#held.delete(key);
  }

  /**
   * Rewrites the files with pages: what was taken away is in no older version of a page then. Of all pages, for a key
   * stood in others before they were cut and joined. Where somebody reads in a moment before, older versions stay for
   * that, and the next scrub rewrites them again.
   */
  async scrub(isUnread: (groups: number) => boolean): Promise<void> {
    const groups = this.#groups;
    if (this.#scrubbed === groups) return;
    const isWhole = isUnread(groups);
    await rewriteBetween(this.#level, rawKey(ORDER_PAGES.name, ''), rawKey(ORDER_PAGES.name, '\x7f'));
    if (isWhole) this.#scrubbed = groups;
  }

  /** For `openOrder`. */
  async build(): Promise<void> {
    const isFirst = this.#tallies.of(ORDER_PAGES.name).rows === 0;
    const filled = this.#sorted.filter((table) => this.#tallies.of(table).rows > 0);
    for (const table of this.#sorted) if (isFirst || !filled.includes(table)) this.#rootless.add(table);
    if (this.#options.isOrderBuiltAgain && filled.length > 0) return await this.rebuild();
    if (isFirst && filled.length > 0) {
      this.#requireRoom(filled);
      await this.#begin(filled, []);
    }
    for (let isOver = false; !isOver; ) {
      try {
        await this.#goOn();
        isOver = true;
      } catch (error) {
        if (!(error instanceof DamagedOrder)) throw error;
        this.#options.onDamagedOrder?.(error.table);
        isOver = await this.#rebuiltOrLeft(error.table);
      }
    }
  }

  /** A table that a start finds half built and damaged is left as a write leaves it: whether all is built again. */
  async #rebuiltOrLeft(table: string): Promise<boolean> {
    try {
      await this.rebuild();
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#options.onNoRoom?.(table, error);
      this.leave(table);
      return false;
    }
  }

  /**
   * All pages anew, from the rows as they are on disk: what is there of pages goes in one write with the marks that the
   * building is not over, so that a kill at any point leaves a store whose next opening goes on with it. Refuses as
   * `disk-full` where the pages might not fit, and has changed nothing then.
   */
  async rebuild(): Promise<void> {
    const filled = this.#sorted.filter((table) => this.#onDisk(table).rows > 0);
    this.#requireRoom(filled);
    this.#isRebuilt = true;
    const there: string[] = [];
    for await (const [place] of rowsOf(this.#level, rawRange(ORDER_PAGES.name, {}))) there.push(place);
    this.#held.clear();
    this.#heldBytes = 0;
    this.#unbuilt.clear();
    this.#left.clear();
    this.#tallies.set(ORDER_PAGES.name, EMPTY_TALLY);
    for (const table of this.#sorted) this.#rootless.add(table);
    await this.#begin(filled, there);
    await this.#goOn();
    this.#isRebuilt = false;
  }

  #requireRoom(filled: readonly string[]): void {
    const { freeBytes, folder } = this.#options;
    const rows = filled.reduce((sum, table) => sum + this.#onDisk(table).rows, 0);
    const missing = rows * BUILT_KEY_BYTES + FINISHING_FLOOR_BYTES - freeBytes();
    if (missing > 0) {
      const missingMiB = Math.ceil(missing / MIB);
      throw refusal('disk-full', { disk: folder, freeMiB: Math.floor(freeBytes() / MIB), missingMiB });
    }
  }

  async #begin(filled: readonly string[], gone: readonly string[]): Promise<void> {
    const marks = filled.map((table) => this.#row(markKey(table), Buffer.from(''), undefined).row);
    const marked = new Set(marks.map(({ key }) => key));
    const deleted = gone.filter((key) => !marked.has(key)).map((key) => ({ key, value: undefined }));
    await this.#keep([...marks, ...deleted]);
  }

  async #goOn(): Promise<void> {
    for (const table of this.#sorted) {
      if (this.#left.has(table)) continue;
      const mark = this.#open(table, markKey(table));
      if (mark === undefined) continue;
      const from = Buffer.from(mark.payload).toString();
      if (from === LEFT) throw new DamagedOrder(table); // its pages may list what was taken away since
      await this.#buildTable(table, from);
    }
  }

  async #buildTable(table: string, from: string): Promise<void> {
    this.#rootless.add(table);
    const expected = this.#onDisk(table);
    let [after, isWhole, seen, told] = [from, true, EMPTY_TALLY, 0];
    for (let read = BUILT_AT_ONCE; read === BUILT_AT_ONCE; ) {
      const keys: string[] = [];
      read = 0;
      const range = rawRange(
        table,
        after === '' ? { limit: BUILT_AT_ONCE } : { limit: BUILT_AT_ONCE, gt: after },
      );
      for await (const [place, raw] of rowsOf(this.#level, range)) {
        after = keyOf(table, place);
        read += 1;
        const opened = this.#seal.open(place, raw);
        if (opened === undefined) isWhole = false;
        else {
          keys.push(opened.key);
          seen = withRow(seen, opened.element);
        }
      }
      const pages = this.pagesOf(new Map([[table, keys.map((key) => ({ key, isThere: true }))]]));
      const isOver = read < BUILT_AT_ONCE;
      // What went before a kill was not counted here; a check tells of rows that are lost from it.
      if (isOver && from === '') isWhole &&= isSame(seen, expected);
      // With a damaged row it begins anew at each start, killed or not: what is in the pages already stays as it is.
      await this.#keep([...pages, this.#mark(table, isWhole ? (isOver ? undefined : after) : '')]);
      if (isOver || seen.rows - told >= TOLD_EVERY_ROWS) {
        told = seen.rows;
        this.#options.onBuilding?.({ table, rows: seen.rows, of: expected.rows });
      }
    }
    if (!isWhole) this.#unbuilt.add(table);
  }

  /** Whatever was decided since. */
  #onDisk(table: string): Tally {
    return tallyIn(this.#seal, table, rowAt(this.#level, rawKey(TALLIES, table)));
  }

  /** That the rows of a table up to this one are in its pages, or all of them. */
  #mark(table: string, after: string | undefined): RawRow {
    const key = markKey(table);
    const payload = after === undefined ? undefined : Buffer.from(after);
    return this.#row(key, payload, this.#open(table, key)?.element).row;
  }

  async #keep(rows: readonly RawRow[]): Promise<void> {
    const batch = batchOf([...rows, ...this.#tallies.rows([ORDER_PAGES.name])]);
    await this.#level.batch(batch, { sync: true });
    this.kept();
  }
}

function heldBytesOf({ keys, children }: Page): number {
  const sum = keys.reduce((bytes, key) => bytes + key.length + HELD_KEY_BYTES, 0);
  return children.reduce((bytes, id) => bytes + id.length + HELD_KEY_BYTES, sum);
}

/** In the place of a row's name, which has no such character: rows of the table came and went without its pages. */
const LEFT = '!';
const markKey = (table: string) => `${table}/building`;
const tableOf = (key: string) => key.slice(0, key.indexOf('/'));

/** The order of the sorted tables that are declared; builds the pages of a folder that has none. */
export async function openOrder(level: RawLevel, seal: RowSeal, options: OrderOptions): Promise<KeptOrder> {
  const order = new KeptOrder(level, seal, options);
  await order.build();
  return order;
}

/** A row that a group writes, or deletes where `raw` is undefined. */
interface ChangedRow {
  readonly table: AnyTable;
  readonly key: string;
  readonly raw: Uint8Array | undefined;
  readonly wasThere: boolean;
}

/** By the names of sorted tables, which keys came and went. */
export function keyChanges(rows: Iterable<ChangedRow>): Map<string, KeyChange[]> {
  const changes = new Map<string, KeyChange[]>();
  for (const { table, key, raw, wasThere } of rows) {
    const isThere = raw !== undefined;
    if (table.order !== 'sorted' || isThere === wasThere) continue;
    const own = changes.get(table.name) ?? [];
    own.push({ key, isThere });
    changes.set(table.name, own);
  }
  return changes;
}
