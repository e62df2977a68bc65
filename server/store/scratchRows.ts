/**
 * Rows of a check, on disk in a folder that its caller takes away: as many as a register has, and few of them in memory.
 *
 * Promises: what was written is read back at once, before it is on disk too; memory is what was written since the last
 * `flush`; nothing is synced, sealed or kept for anybody else. For `fsck` and what it replays with.
 */
import type { KeepRows, KeptRows } from '../domain/audit/keptRows.ts';
import { json } from './codec.ts';
import {
  batchOf,
  closeLevel,
  keyOf,
  openLevel,
  type RawLevel,
  rawKey,
  rawRange,
  rowAt,
  rowsOf,
} from './level.ts';

/** Rows in memory between two writes: some megabytes. */
const ROWS_HELD = 4_096;
/** A place among the keys of a table, so that places sort as numbers do. */
const PLACE_DIGITS = 12;

/** Rows that are read in the order of their keys, once all of them are written. */
export interface SortedRows<V> {
  set(key: string, value: V): void;
  get(key: string): V | undefined;
  /** With what was not on disk yet. */
  inOrder(): AsyncGenerator<readonly [key: string, value: V]>;
}

export async function openScratchRows(folder: string): Promise<ScratchRows> {
  return new ScratchRows(await openLevel(folder, { compression: true }));
}

export class ScratchRows {
  readonly #level: RawLevel;
  readonly #written = new Map<string, Uint8Array | undefined>();
  #mostHeld = 0;

  /** Use `openScratchRows`. */
  constructor(level: RawLevel) {
    this.#level = level;
  }

  /** The most rows that were in memory at once. */
  get mostHeld(): number {
    return Math.max(this.#mostHeld, this.#written.size);
  }

  /** The tables of a replay. */
  readonly keep: KeepRows = <K extends string, V>(table: string) => this.#kept<K, V>(table);

  sorted<V>(table: string): SortedRows<V> {
    const { encode, decode } = json<V>();
    const read = (key: string) => this.#read(rawKey(table, key));
    const [level, flush] = [this.#level, () => this.flush()];
    return {
      set: (key, value) => this.#write(rawKey(table, key), encode(value)),
      get(key) {
        const raw = read(key);
        return raw === undefined ? undefined : decode(raw);
      },
      async *inOrder() {
        await flush();
        for await (const [raw, value] of rowsOf(level, rawRange(table, {}))) {
          yield [keyOf(table, raw), decode(value)];
        }
      },
    };
  }

  /** Writes out what is in memory, once there is enough of it. */
  async flushFull(): Promise<void> {
    if (this.#written.size >= ROWS_HELD) await this.flush();
  }

  async flush(): Promise<void> {
    this.#mostHeld = this.mostHeld;
    const rows = [...this.#written].map(([key, value]) => ({ key, value }));
    await this.#level.batch(batchOf(rows));
    this.#written.clear();
  }

  async close(): Promise<void> {
    this.#written.clear();
    await closeLevel(this.#level);
  }

  #kept<K extends string, V>(table: string): KeptRows<K, V> {
    const { encode, decode } = json<readonly [place: number, value: V]>();
    const [rows, places] = [table, `${table}Places`];
    const [read, write] = [(key: string) => this.#read(key), this.#write.bind(this)];
    const rowOf = (key: string) => {
      const raw = read(rawKey(rows, key));
      return raw === undefined ? undefined : decode(raw);
    };
    const placeKey = (place: number) => rawKey(places, String(place).padStart(PLACE_DIGITS, '0'));
    let [size, next] = [0, 0];
    return {
      get size() {
        return size;
      },
      get: (key) => rowOf(key)?.[1],
      has: (key) => read(rawKey(rows, key)) !== undefined,
      set(key, value) {
        const place = rowOf(key)?.[0] ?? next;
        if (place === next) {
          write(placeKey(next++), Buffer.from(key));
          size++;
        }
        write(rawKey(rows, key), encode([place, value]));
      },
      delete(key) {
        const row = rowOf(key);
        if (row === undefined) return false;
        write(rawKey(rows, key), undefined);
        write(placeKey(row[0]), undefined);
        size--;
        return true;
      },
      *entries() {
        for (let place = 0; place < next; place++) {
          const raw = read(placeKey(place));
          if (raw === undefined) continue;
          const key = Buffer.from(raw).toString() as K;
          const row = rowOf(key);
          if (row !== undefined) yield [key, row[1]];
        }
      },
    };
  }

  #read(key: string): Uint8Array | undefined {
    return this.#written.has(key) ? this.#written.get(key) : rowAt(this.#level, key);
  }

  #write(key: string, value: Uint8Array | undefined): void {
    this.#written.set(key, value);
  }
}
