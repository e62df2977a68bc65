/**
 * The precious tables on one machine. Hides level, the row seals, tallies, group commit and the order of keys.
 *
 * Promises what `store.ts` says. Transactions that arrive while the disk is busy share one sync; after a failed write
 * nothing more is written, for what reached the disk is unknown until the folder is opened again.
 *
 * `main` opens and closes it. One process owns the folder.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { crashPoint } from '../crash.ts';
import { Fault } from '../domain/base/fault.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { type Copy, copyAt } from './copies.ts';
import { FINISHING_FLOOR_BYTES, freeBytesOf, MIB, NEW_WORK_FLOOR_BYTES } from './disk.ts';
import {
  DamagedOrder,
  type KeptOrder,
  keyChanges,
  type OrderMoment,
  type OrderProgress,
  openOrder,
} from './keptOrder.ts';
import {
  batchOf,
  closeLevel,
  openLevel,
  type RawLevel,
  type RawRow,
  rawKey,
  rawRange,
  rewriteBetween,
  rowAt,
  rowsOf,
} from './level.ts';
import { type Moment, Moments } from './moments.ts';
import {
  damaged,
  EMPTY_TALLY,
  isSame,
  numberOf,
  type OpenedRow,
  RowSeal,
  type Tally,
  withoutRow,
  withRow,
} from './record.ts';
import {
  type AnyTable,
  ORDER_PAGES,
  type Range,
  type SortedTable,
  type Store,
  TALLIES,
  type Table,
  type TableReport,
  type Transaction,
  type Urgency,
} from './store.ts';
import { openTallies, type Tallies, tallyIn } from './tallies.ts';

/** How old the figure of free space may be. A disk does not lose a reserve within it. */
const FREE_SPACE_AGE_MS = 1_000;
/** Queued for one sync. More means that the disk does not keep up: say so while memory is still there. */
const GROUP_BYTES_MAX = 64 * MIB;
/** The largest row: a parcel with its geometry, a block of 30M gas. */
const ROW_BYTES_MAX = 16 * MIB;
const KEY_BYTES_MAX = 512;
/** Of a long reading, before whatever else the process has to do gets its turn: a millisecond. */
const ROWS_A_TURN = 64;
/** Each scrub of a row rewrites the files that it may be in: beyond a few one of the whole table is less. */
const SCRUBS_MAX = 16;

export interface StoreOptions {
  readonly folder: string;
  readonly integrityKey: Uint8Array;
  readonly tables: readonly AnyTable[];
  readonly freeBytes?: () => number;
  /** False where what belongs to it is there: then an empty folder has lost its rows, and is refused as `store-missing`. */
  readonly mayFound?: boolean;
  /** Pages of a table were not what was written, and are built again from its rows. */
  readonly onDamagedOrder?: (table: string) => void;
  /** For which there is no room: until there is, that table alone is not read. */
  readonly onNoRoom?: (table: string, why: Refusal) => void;
  /** All pages are built again at this opening, whatever they say: for one of an earlier day, which only a check finds. */
  readonly isOrderBuiltAgain?: boolean;
  readonly onBuilding?: (progress: OrderProgress) => void;
}

/** A row that is written, or deleted where `raw` is undefined. */
interface WrittenRow {
  readonly table: AnyTable;
  readonly key: string;
  readonly raw: Uint8Array | undefined;
  /** Before the transaction, or the group. */
  readonly wasThere: boolean;
}

/** The rows queued for one sync, by their places. */
class Group {
  readonly rows = new Map<string, WrittenRow>();
  readonly touched = new Set<string>();
  readonly synced = Promise.withResolvers<void>();
  bytes = 0;
}

export async function openLevelStore(options: StoreOptions): Promise<Store> {
  const { folder, mayFound = true } = options;
  if (!mayFound && !existsSync(folder)) throw refusal('store-missing', { folder });
  const level = await openLevel(folder, { compression: false }); // sealed rows do not compress
  const seal = new RowSeal(options.integrityKey);
  try {
    const tables = [...options.tables, ORDER_PAGES];
    const tallies = await openTallies(level, seal, { ...options, tables });
    const freeBytes = options.freeBytes ?? (() => freeBytesOf(folder));
    const order = await openOrder(level, seal, Object.assign({}, options, { tallies, tables, freeBytes }));
    const store = new LevelStore(level, seal, { tallies, order }, { ...options, freeBytes });
    for (const table of options.tables) {
      const report = table.auditedAtOpen ? await store.audit(table) : undefined;
      if (report?.isOrdered === false) await store.mend(table);
      if (report !== undefined && !report.whole && !(await store.audit(table)).whole)
        throw damaged(table.name);
    }
    return store;
  } catch (error) {
    await level.close();
    throw error;
  }
}

/** What was written at the place; a Fault where it is not, or not of this key. */
function openRow(seal: RowSeal, table: AnyTable, key: string, place: string, raw: Uint8Array): OpenedRow {
  const opened = seal.open(place, raw);
  if (opened?.key !== key) throw damaged(table.name);
  return opened;
}

/** Of a reading that takes every page from the disk: no page in memory is as old. */
const UNHELD = -1;

/** Set while the body of a transaction runs: one that waits for another would wait for ever. */
const inTransaction = new AsyncLocalStorage<true>();

class LevelStore implements Store {
  readonly #level: RawLevel;
  readonly #seal: RowSeal;
  readonly #tallies: Tallies;
  readonly #order: KeptOrder;
  readonly #freeBytes: () => number;
  readonly #options: Pick<StoreOptions, 'onDamagedOrder' | 'onNoRoom'>;
  readonly #moments: Moments;
  /** Whose pages were found damaged: all are built again before the next group is kept for which there is room. */
  #damagedOrder: string | undefined;
  #isNoRoomTold = false;
  /** Settles when pages that are being built again are there. */
  #rebuilding: Promise<void> | undefined;
  #rebuilds = 0;
  #free = { bytes: 0, atMs: Number.NEGATIVE_INFINITY };
  #gathering: Group | undefined;
  #syncing: Group | undefined;
  /** While a group is being kept: before it, as the keys stand. */
  #before: Moment | undefined;
  /** Under way, each with a snapshot. */
  readonly #audits = new Set<Promise<void>>();
  /** Ends every transaction from a failed write on. */
  #failure: Fault | undefined;
  /** Ends those that are asked for once the store is being closed. */
  #closed: Fault | undefined;
  /** Settles when the body of the newest transaction has ended. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    level: RawLevel,
    seal: RowSeal,
    { tallies, order }: { tallies: Tallies; order: KeptOrder },
    options: Pick<StoreOptions, 'onDamagedOrder' | 'onNoRoom'> & { readonly freeBytes: () => number },
  ) {
    this.#level = level;
    this.#seal = seal;
    this.#tallies = tallies;
    this.#order = order;
    this.#freeBytes = options.freeBytes;
    this.#options = options;
    this.#moments = new Moments(level, order);
  }

  /** Read in place, as transactions read. */
  async get<T>(table: Table<T>, key: string): Promise<T | undefined> {
    const place = this.#seal.placeOf(table, key);
    const raw = rowAt(this.#level, place);
    if (raw === undefined) return undefined;
    return table.codec.decode(openRow(this.#seal, table, key, place, raw).payload);
  }

  async *range<T>(
    table: SortedTable<T>,
    range: Range = {},
  ): AsyncGenerator<readonly [key: string, value: T]> {
    const rows = table.order === 'shown' ? this.#shown(table, range) : this.#sorted(table, range);
    for await (const { key, payload } of rows) yield [key, table.codec.decode(payload)];
  }

  async *#shown(table: AnyTable, range: Range): AsyncGenerator<OpenedRow> {
    for await (const [place, raw] of rowsOf(this.#level, rawRange(table.name, range))) {
      const opened = this.#seal.open(place, raw);
      if (opened === undefined) throw damaged(table.name);
      yield opened;
    }
  }

  async *#sorted(table: AnyTable, range: Range): AsyncGenerator<OpenedRow> {
    this.#tallies.of(table.name); // is declared
    const moment = this.#before?.joined() ?? this.#moments.now();
    const rebuilds = this.#rebuilds;
    let read = 0;
    try {
      const keys = this.#order.keysBetween(table.name, range, moment);
      for (const key of keys) {
        if (++read % ROWS_A_TURN === 0) await setImmediate(); // a row is read at once: nobody else would have a turn
        const place = this.#seal.placeOf(table, key);
        const raw = rowAt(this.#level, place, { snapshot: moment.snapshot });
        if (raw === undefined) throw damaged(table.name);
        yield openRow(this.#seal, table, key, place, raw);
      }
    } catch (error) {
      if (error instanceof DamagedOrder && rebuilds === this.#rebuilds) this.#mendSoon(error.table);
      throw error;
    } finally {
      await moment.left();
    }
  }

  async rows(table: AnyTable): Promise<number> {
    return this.#tallies.of(table.name).rows;
  }

  async transact<R>(
    body: (transaction: Transaction) => Promise<R> | R,
    urgency: Urgency = 'new',
  ): Promise<R> {
    if (inTransaction.getStore()) throw new Error('a transaction waits for another');
    if (this.#closed !== undefined) throw this.#closed;
    const turn = this.#turn.then(() => inTransaction.run(true, () => this.#decide(body, urgency)));
    this.#turn = turn.catch(() => {});
    const { result, synced } = await turn;
    await synced;
    return result;
  }

  /** Runs a body to its end; what it wrote, and what it may have seen, is kept when `synced` resolves. */
  async #decide<R>(body: (transaction: Transaction) => Promise<R> | R, urgency: Urgency) {
    if (this.#failure !== undefined) throw this.#failure;
    this.refuseBelowFloor(urgency);
    if ((this.#gathering?.bytes ?? 0) > GROUP_BYTES_MAX) {
      throw new Fault('the disk does not keep up', { retryable: true });
    }
    const transaction = new LevelTransaction(this.#reader());
    const result = await transaction.run(body);
    const { rows, tallies } = transaction.written();
    if (rows.size > 0) this.#gather(rows, tallies);
    return { result, synced: (this.#gathering ?? this.#syncing)?.synced.promise };
  }

  refuseBelowFloor(urgency: Urgency): void {
    const now = performance.now();
    if (now - this.#free.atMs > FREE_SPACE_AGE_MS) this.#free = { bytes: this.#freeBytes(), atMs: now };
    const floor = urgency === 'new' ? NEW_WORK_FLOOR_BYTES : FINISHING_FLOOR_BYTES;
    if (this.#free.bytes < floor) throw refusal('read-only', { floorMiB: floor / MIB });
  }

  whyNotWritable(urgency: Urgency): Refusal | Fault | undefined {
    const ended = this.#failure ?? this.#closed;
    if (ended !== undefined) return ended;
    try {
      this.refuseBelowFloor(urgency);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }

  copy(): Copy {
    return copyAt(this.#level, this.#moments.now());
  }

  async audit(table: AnyTable, signal?: AbortSignal): Promise<TableReport> {
    const audited = Promise.withResolvers<void>();
    this.#audits.add(audited.promise);
    try {
      for (;;) {
        await this.#rebuilding;
        const rebuilds = this.#rebuilds;
        const report = await this.#audit(table, signal);
        const isStale = this.#rebuilding !== undefined || rebuilds !== this.#rebuilds;
        if (report.isOrdered || !isStale) return report; // else of pages that are built again by now
      }
    } finally {
      this.#audits.delete(audited.promise);
      audited.resolve();
    }
  }

  async #audit(table: AnyTable, signal?: AbortSignal): Promise<TableReport> {
    const snapshot = this.#level.snapshot();
    try {
      const tally = rowAt(this.#level, rawKey(TALLIES, table.name), { snapshot });
      const expected = tallyIn(this.#seal, table.name, tally);
      let [seen, places] = [EMPTY_TALLY, EMPTY_TALLY];
      let damagedRows = 0;
      for await (const [key, value] of rowsOf(this.#level, { ...rawRange(table.name, {}), snapshot })) {
        signal?.throwIfAborted();
        const opened = this.#seal.open(key, value);
        if (opened === undefined) damagedRows++;
        else {
          seen = withRow(seen, opened.element);
          if (table.order === 'sorted') places = withRow(places, numberOf(key));
        }
      }
      const hasItsRows = damagedRows === 0 && isSame(seen, expected);
      const isInOrder =
        table.order !== 'sorted' || isSame(await this.#listed(table, snapshot, signal), places);
      const isOrdered = table.name === ORDER_PAGES.name ? hasItsRows : isInOrder || !hasItsRows;
      const whole = hasItsRows && isInOrder;
      return {
        table: table.name,
        rows: seen.rows + damagedRows,
        expectedRows: expected.rows,
        damagedRows,
        isOrdered,
        whole,
      };
    } finally {
      await snapshot.close();
    }
  }

  /** The places of the keys that the pages of a sorted table list; undefined where a page is not what was written. */
  async #listed(table: AnyTable, snapshot: OrderMoment['snapshot'], signal?: AbortSignal) {
    let [places, before] = [EMPTY_TALLY, ''];
    try {
      for (const key of this.#order.keysBetween(table.name, {}, { snapshot, groups: UNHELD })) {
        if (key <= before) return undefined;
        before = key;
        places = withRow(places, numberOf(this.#seal.placeOf(table, key)));
        if (places.rows % ROWS_A_TURN === 0) await setImmediate();
        signal?.throwIfAborted();
      }
      return places;
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
  }

  /** Before the next group is kept; an empty one where none gathers. */
  #mendSoon(table: string): void {
    if (this.#damagedOrder !== undefined || this.#failure !== undefined || this.#closed !== undefined) return;
    this.#found(table);
    this.#gather(new Map(), new Map());
    this.#gathering?.synced.promise.catch(() => {}); // nobody waits for it
  }

  #found(table: string): void {
    this.#damagedOrder = table;
    this.#isNoRoomTold = false;
    this.#options.onDamagedOrder?.(table);
  }

  /** At the opening, before anybody reads or writes. Refuses as `disk-full`. */
  async mend({ name }: AnyTable): Promise<void> {
    this.#found(name);
    await this.#rebuildOrder();
  }

  /** What a reading found. Without room for it that table alone is not read, and groups are kept. */
  async #mendFound(table: string): Promise<boolean> {
    try {
      await this.#rebuildOrder();
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!this.#isNoRoomTold) this.#options.onNoRoom?.(table, error);
      this.#isNoRoomTold = true;
      return false;
    }
  }

  /** Refuses as `disk-full`, and has changed nothing then. */
  async #rebuildOrder(): Promise<void> {
    const over = Promise.withResolvers<void>();
    this.#rebuilding = over.promise;
    try {
      await this.#order.rebuild();
      this.#damagedOrder = undefined;
      this.#rebuilds += 1;
      void this.#before?.left();
      this.#before &&= this.#moments.now();
    } finally {
      this.#rebuilding = undefined;
      over.resolve();
    }
  }

  async scrub(table: AnyTable, keys?: readonly string[]): Promise<void> {
    while (this.#audits.size > 0) await Promise.all(this.#audits); // for a snapshot level keeps what was deleted after it
    const { groups } = this.#order;
    await this.#moments.overSoon(this.#moments.before(groups));
    const left = this.#moments.before(groups);
    if (keys !== undefined && keys.length <= SCRUBS_MAX) {
      const places = keys.map((key) => this.#seal.placeOf(table, key));
      for (const place of places) await rewriteBetween(this.#level, place.slice(0, -1), `${place}\0`);
    } else await rewriteBetween(this.#level, rawKey(table.name, ''), rawKey(table.name, '\x7f'));
    if (table.order === 'sorted')
      await this.#order.scrub((before) => this.#moments.before(before).length === 0);
    // Of a store that is closed by then nothing can be rewritten.
    if (left.length > 0)
      void this.#moments
        .over(left)
        .then(() => this.scrub(table, keys))
        .catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed ??= new Fault('the store is closed', { retryable: false });
    await this.#turn;
    await (this.#gathering ?? this.#syncing)?.synced.promise.catch(() => {});
    await closeLevel(this.#level);
  }

  #reader(): Reader {
    return {
      seal: this.#seal,
      raw: (place) => {
        for (const group of [this.#gathering, this.#syncing]) {
          const written = group?.rows.get(place);
          if (written !== undefined) return written.raw;
        }
        return rowAt(this.#level, place);
      },
      tally: (table) => this.#tallies.of(table),
    };
  }

  #gather(rows: ReadonlyMap<string, WrittenRow>, tallies: ReadonlyMap<string, Tally>): void {
    if (this.#gathering === undefined) {
      this.#gathering = new Group();
      if (this.#syncing === undefined) queueMicrotask(() => void this.#syncGroups());
    }
    for (const [place, row] of rows) {
      const wasThere = this.#gathering.rows.get(place)?.wasThere ?? row.wasThere;
      this.#gathering.rows.set(place, { ...row, wasThere });
      this.#gathering.bytes += place.length + (row.raw?.length ?? 0);
    }
    for (const [table, tally] of tallies) {
      this.#tallies.set(table, tally);
      this.#gathering.touched.add(table);
    }
  }

  /** Takes what has gathered, tallies with it, as one synced batch; whoever comes meanwhile makes the next group. */
  async #syncGroups(): Promise<void> {
    for (let group = this.#takeGroup(); group !== undefined; group = this.#takeGroup()) {
      try {
        crashPoint('store.before-sync');
        this.#before = this.#moments.now();
        if (this.#damagedOrder !== undefined) await this.#mendFound(this.#damagedOrder);
        await this.#level.batch(await this.#batchOf(group), { sync: true });
        crashPoint('store.after-sync');
        this.#order.kept(); // from here on readings see the group, keys and rows at once
        void this.#before.left();
        this.#before = undefined;
      } catch (error) {
        this.#failure = new Fault('a write failed: the store takes no more', {
          retryable: false,
          cause: error,
        });
        group.synced.reject(this.#failure);
        this.#gathering?.synced.reject(this.#failure);
        return;
      }
      this.#syncing = undefined;
      group.synced.resolve();
    }
  }

  #takeGroup(): Group | undefined {
    this.#syncing = this.#gathering;
    this.#gathering = undefined;
    return this.#syncing;
  }

  async #batchOf(group: Group) {
    const changes = keyChanges(group.rows.values());
    let pages: readonly RawRow[] | undefined;
    while (pages === undefined) {
      try {
        pages = this.#order.pagesOf(changes);
      } catch (error) {
        if (!(error instanceof DamagedOrder)) throw error;
        if (this.#damagedOrder === undefined) this.#found(error.table);
        if (!(await this.#mendFound(error.table))) this.#order.leave(error.table);
      }
    }
    const rows = [...group.rows].map(([key, { raw }]) => ({ key, value: raw }));
    if (pages.length > 0) group.touched.add(ORDER_PAGES.name);
    return batchOf([...rows, ...pages, ...this.#tallies.rows([...group.touched])]);
  }
}

interface Reader {
  readonly seal: RowSeal;
  raw(place: string): Uint8Array | undefined;
  tally(table: string): Tally;
}

class LevelTransaction implements Transaction {
  readonly #store: Reader;
  readonly #rows = new Map<string, WrittenRow>();
  readonly #tallies = new Map<string, Tally>();
  #open = true;

  constructor(store: Reader) {
    this.#store = store;
  }

  async run<R>(body: (transaction: Transaction) => Promise<R> | R): Promise<R> {
    try {
      return await body(this);
    } finally {
      this.#open = false;
    }
  }

  async get<T>(table: Table<T>, key: string): Promise<T | undefined> {
    const opened = this.#openRow(table, key, this.#store.seal.placeOf(table, key));
    return opened === undefined ? undefined : table.codec.decode(opened.payload);
  }

  async rows(table: AnyTable): Promise<number> {
    return this.#tally(table.name).rows;
  }

  insert<T>(table: Table<T>, key: string, value: T): void {
    const place = this.#store.seal.placeOf(table, key);
    if (this.#openRow(table, key, place) !== undefined) throw new Error(`the row of ${table.name} exists`);
    this.#write(table, key, place, value);
  }

  put<T>(table: Table<T>, key: string, value: T): void {
    const place = this.#store.seal.placeOf(table, key);
    this.#delete(table, key, place);
    this.#write(table, key, place, value);
  }

  delete(table: AnyTable, key: string): void {
    this.#delete(table, key, this.#store.seal.placeOf(table, key));
  }

  /** Where no row is. */
  #write<T>(table: Table<T>, key: string, place: string, value: T): void {
    const payload = table.codec.encode(value);
    if (payload.length > ROW_BYTES_MAX) throw new Error(`a row of ${table.name} is too large`);
    if (key.length === 0 || Buffer.byteLength(key) > KEY_BYTES_MAX)
      throw new Error(`not a key of ${table.name}`);
    const { raw, element } = this.#store.seal.seal(place, key, payload);
    this.#rows.set(place, { table, key, raw, wasThere: this.#rows.get(place)?.wasThere ?? false });
    this.#tallies.set(table.name, withRow(this.#tally(table.name), element));
  }

  #delete(table: AnyTable, key: string, place: string): void {
    const opened = this.#openRow(table, key, place);
    if (opened === undefined) return;
    const wasThere = this.#rows.get(place)?.wasThere ?? true;
    this.#rows.set(place, { table, key, raw: undefined, wasThere });
    this.#tallies.set(table.name, withoutRow(this.#tally(table.name), opened.element));
  }

  /** For the store, once the body has ended. */
  written(): { rows: ReadonlyMap<string, WrittenRow>; tallies: ReadonlyMap<string, Tally> } {
    return { rows: this.#rows, tallies: this.#tallies };
  }

  #openRow(table: AnyTable, key: string, place: string): OpenedRow | undefined {
    if (!this.#open) throw new Error('the transaction is over: its body has ended');
    const written = this.#rows.get(place);
    const raw = written === undefined ? this.#store.raw(place) : written.raw;
    return raw === undefined ? undefined : openRow(this.#store.seal, table, key, place, raw);
  }

  #tally(table: string): Tally {
    return this.#tallies.get(table) ?? this.#store.tally(table);
  }
}
