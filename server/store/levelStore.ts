/**
 * The precious tables on one machine. Hides level, the row seals, tallies and group commit.
 *
 * Promises what `store.ts` says. Transactions that arrive while the disk is busy share one sync; after a failed write
 * nothing more is written, for what reached the disk is unknown until the folder is opened again.
 *
 * `main` opens and closes it. One process owns the folder.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { crashPoint } from '../crash.ts';
import { Fault } from '../domain/base/fault.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { FINISHING_FLOOR_BYTES, freeBytesOf, MIB, NEW_WORK_FLOOR_BYTES } from './disk.ts';
import { closeLevel, keyOf, openLevel, type RawLevel, rawKey, rawRange, rowAt, rowsOf } from './level.ts';
import { decodeTally, EMPTY_TALLY, encodeTally, RowSeal, type Tally, withoutRow, withRow } from './record.ts';
import {
  type AnyTable,
  type Range,
  type Store,
  TALLIES,
  type Table,
  type TableReport,
  type Transaction,
  type Urgency,
} from './store.ts';

const FORMAT = 1;
const FOUNDED = '#founded';

/** How old the figure of free space may be. A disk does not lose a reserve within it. */
const FREE_SPACE_AGE_MS = 1_000;
/** Queued for one sync. More means that the disk does not keep up: say so while memory is still there. */
const GROUP_BYTES_MAX = 64 * MIB;
/** The largest row: a parcel with its geometry, a block of 30M gas. */
const ROW_BYTES_MAX = 16 * MIB;
const KEY_BYTES_MAX = 512;

export interface StoreOptions {
  readonly folder: string;
  readonly integrityKey: Uint8Array;
  readonly tables: readonly AnyTable[];
  readonly freeBytes?: () => number;
}

/** The rows queued for one sync, in the level's own keys; undefined deletes. */
class Group {
  readonly rows = new Map<string, Uint8Array | undefined>();
  readonly touched = new Set<string>();
  readonly synced = Promise.withResolvers<void>();
  bytes = 0;
}

export async function openLevelStore(options: StoreOptions): Promise<Store> {
  const level = await openLevel(options.folder, { compression: false }); // sealed rows do not compress
  const seal = new RowSeal(options.integrityKey);
  try {
    const tallies = await readTallies(level, seal, options.tables);
    const store = new LevelStore(level, seal, tallies, options);
    for (const table of options.tables) {
      if (table.auditedAtOpen && !(await store.audit(table)).whole) throw damaged(table.name);
    }
    return store;
  } catch (error) {
    await level.close();
    throw error;
  }
}

/** The tally of every declared table; founds an empty folder, adds tables a newer version brought. */
async function readTallies(
  level: RawLevel,
  seal: RowSeal,
  tables: readonly AnyTable[],
): Promise<Map<string, Tally>> {
  const found = new Map<string, Tally>();
  const fresh = new Map<string, Uint8Array>();
  const founded = rowAt(level, rawKey(TALLIES, FOUNDED));
  if (founded === undefined) {
    if (await hasRows(level, {})) throw damaged(TALLIES);
    fresh.set(FOUNDED, Buffer.of(FORMAT));
  } else {
    const format = seal.open(TALLIES, FOUNDED, founded)?.payload[0];
    if (format !== undefined && format > FORMAT) throw refusal('data-folder-newer');
    if (format !== FORMAT) throw damaged(TALLIES);
  }
  for (const { name } of tables) {
    if (found.has(name)) throw new Error(`table ${name} is declared twice`);
    const raw = rowAt(level, rawKey(TALLIES, name));
    if (raw === undefined) {
      if (await hasRows(level, rawRange(name, {}))) throw damaged(name);
      fresh.set(name, encodeTally(EMPTY_TALLY));
      found.set(name, EMPTY_TALLY);
    } else found.set(name, openTally(seal, name, raw));
  }
  const rows = [...fresh].map(([key, payload]) => ({
    type: 'put' as const,
    key: rawKey(TALLIES, key),
    value: seal.seal(TALLIES, key, payload).raw,
  }));
  if (rows.length > 0) await level.batch(rows, { sync: true });
  return found;
}

async function hasRows(level: RawLevel, range: Range): Promise<boolean> {
  return (await level.keys({ ...range, limit: 1 }).all()).length > 0;
}

function openTally(seal: RowSeal, table: string, raw: Uint8Array): Tally {
  const opened = seal.open(TALLIES, table, raw);
  if (opened === undefined) throw damaged(TALLIES);
  return decodeTally(opened.payload);
}

function damaged(table: string): Fault {
  return new Fault(`a row of table ${table} is not what was written`, { retryable: false });
}

/** Set while the body of a transaction runs: one that waits for another would wait for ever. */
const inTransaction = new AsyncLocalStorage<true>();

class LevelStore implements Store {
  readonly #level: RawLevel;
  readonly #seal: RowSeal;
  /** Of all rows decided so far, synced or not. */
  readonly #tallies: Map<string, Tally>;
  readonly #freeBytes: () => number;
  #free = { bytes: 0, atMs: Number.NEGATIVE_INFINITY };
  #gathering: Group | undefined;
  #syncing: Group | undefined;
  /** Ends every transaction from a failed write on. */
  #failure: Fault | undefined;
  /** Ends those that are asked for once the store is being closed. */
  #closed: Fault | undefined;
  /** Settles when the body of the newest transaction has ended. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(level: RawLevel, seal: RowSeal, tallies: Map<string, Tally>, options: StoreOptions) {
    this.#level = level;
    this.#seal = seal;
    this.#tallies = tallies;
    this.#freeBytes = options.freeBytes ?? (() => freeBytesOf(options.folder));
  }

  /** Read in place, as transactions read. */
  async get<T>(table: Table<T>, key: string): Promise<T | undefined> {
    const raw = rowAt(this.#level, rawKey(table.name, key));
    return raw === undefined ? undefined : this.#open(table, key, raw);
  }

  async *range<T>(table: Table<T>, range: Range = {}): AsyncGenerator<readonly [key: string, value: T]> {
    for await (const [raw, value] of rowsOf(this.#level, rawRange(table.name, range))) {
      const key = keyOf(table.name, raw);
      yield [key, this.#open(table, key, value)];
    }
  }

  async rows(table: AnyTable): Promise<number> {
    return this.#tally(table.name).rows;
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

  async audit(table: AnyTable, signal?: AbortSignal): Promise<TableReport> {
    const snapshot = this.#level.snapshot();
    try {
      const raw = rowAt(this.#level, rawKey(TALLIES, table.name), { snapshot });
      if (raw === undefined) throw damaged(TALLIES);
      const expected = openTally(this.#seal, table.name, raw);
      let seen = EMPTY_TALLY;
      let damagedRows = 0;
      for await (const [key, value] of rowsOf(this.#level, { ...rawRange(table.name, {}), snapshot })) {
        signal?.throwIfAborted();
        const opened = this.#seal.open(table.name, keyOf(table.name, key), value);
        if (opened === undefined) damagedRows++;
        else seen = withRow(seen, opened.element);
      }
      const whole = damagedRows === 0 && seen.rows === expected.rows && seen.sum === expected.sum;
      return {
        table: table.name,
        rows: seen.rows + damagedRows,
        expectedRows: expected.rows,
        damagedRows,
        whole,
      };
    } finally {
      await snapshot.close();
    }
  }

  async scrub(table: AnyTable, range: { readonly gte: string; readonly lt: string }): Promise<void> {
    await this.#level.compactRange(rawKey(table.name, range.gte), rawKey(table.name, range.lt));
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
      raw: (key) => {
        for (const group of [this.#gathering, this.#syncing]) {
          if (group?.rows.has(key)) return group.rows.get(key);
        }
        return rowAt(this.#level, key);
      },
      tally: (table) => this.#tally(table),
    };
  }

  #gather(rows: ReadonlyMap<string, Uint8Array | undefined>, tallies: ReadonlyMap<string, Tally>): void {
    if (this.#gathering === undefined) {
      this.#gathering = new Group();
      if (this.#syncing === undefined) queueMicrotask(() => void this.#syncGroups());
    }
    for (const [key, raw] of rows) {
      this.#gathering.rows.set(key, raw);
      this.#gathering.bytes += key.length + (raw?.length ?? 0);
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
        await this.#level.batch(this.#batchOf(group), { sync: true });
        crashPoint('store.after-sync');
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

  #batchOf(group: Group) {
    for (const name of group.touched) {
      const { raw } = this.#seal.seal(TALLIES, name, encodeTally(this.#tally(name)));
      group.rows.set(rawKey(TALLIES, name), raw);
    }
    return [...group.rows].map(([key, value]) =>
      value === undefined ? { type: 'del' as const, key } : { type: 'put' as const, key, value },
    );
  }

  #tally(table: string): Tally {
    const tally = this.#tallies.get(table);
    if (tally === undefined) throw new Error(`table ${table} was not declared`);
    return tally;
  }

  #open<T>(table: Table<T>, key: string, raw: Uint8Array): T {
    const opened = this.#seal.open(table.name, key, raw);
    if (opened === undefined) throw damaged(table.name);
    return table.codec.decode(opened.payload);
  }
}

interface Reader {
  readonly seal: RowSeal;
  raw(key: string): Uint8Array | undefined;
  tally(table: string): Tally;
}

class LevelTransaction implements Transaction {
  readonly #store: Reader;
  readonly #rows = new Map<string, Uint8Array | undefined>();
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
    const opened = this.#openRow(table.name, key);
    return opened === undefined ? undefined : table.codec.decode(opened.payload);
  }

  async rows(table: AnyTable): Promise<number> {
    return this.#tally(table.name).rows;
  }

  insert<T>(table: Table<T>, key: string, value: T): void {
    if (this.#openRow(table.name, key) !== undefined) throw new Error(`the row of ${table.name} exists`);
    this.#write(table, key, value);
  }

  put<T>(table: Table<T>, key: string, value: T): void {
    this.delete(table, key);
    this.#write(table, key, value);
  }

  /** Where no row is. */
  #write<T>(table: Table<T>, key: string, value: T): void {
    const payload = table.codec.encode(value);
    if (payload.length > ROW_BYTES_MAX) throw new Error(`a row of ${table.name} is too large`);
    if (key.length === 0 || Buffer.byteLength(key) > KEY_BYTES_MAX)
      throw new Error(`not a key of ${table.name}`);
    const { raw, element } = this.#store.seal.seal(table.name, key, payload);
    this.#rows.set(rawKey(table.name, key), raw);
    this.#tallies.set(table.name, withRow(this.#tally(table.name), element));
  }

  delete(table: AnyTable, key: string): void {
    const opened = this.#openRow(table.name, key);
    if (opened === undefined) return;
    this.#rows.set(rawKey(table.name, key), undefined);
    this.#tallies.set(table.name, withoutRow(this.#tally(table.name), opened.element));
  }

  /** For the store, once the body has ended. */
  written(): { rows: ReadonlyMap<string, Uint8Array | undefined>; tallies: ReadonlyMap<string, Tally> } {
    return { rows: this.#rows, tallies: this.#tallies };
  }

  #openRow(table: string, key: string) {
    if (!this.#open) throw new Error('the transaction is over: its body has ended');
    const name = rawKey(table, key);
    const raw = this.#rows.has(name) ? this.#rows.get(name) : this.#store.raw(name);
    if (raw === undefined) return undefined;
    const opened = this.#store.seal.open(table, key, raw);
    if (opened === undefined) throw damaged(table);
    return opened;
  }

  #tally(table: string): Tally {
    return this.#tallies.get(table) ?? this.#store.tally(table);
  }
}
