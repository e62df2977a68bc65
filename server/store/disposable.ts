/**
 * The disposable tables: views that the same code builds again from blocks and the precious tables, byte for byte.
 *
 * Promises: one `apply` is one atomic write, its cursor with it, and later ones never reach the disk without it; a
 * crash may lose the newest, which the next start applies again from the cursor. Nothing here is synced, counted or
 * backed up, and nothing here decides anything. For `views` only.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Fault } from '../domain/base/fault.ts';
import { type Codec, json } from './codec.ts';
import {
  clearLevel,
  closeLevel,
  keyOf,
  openLevel,
  type RawLevel,
  rawKey,
  rawRange,
  rowAt,
  rowsOf,
} from './level.ts';
import type { Range } from './store.ts';

export interface View<T> {
  readonly name: string;
  readonly codec: Codec<T>;
}

export function disposable<T>(name: string, codec: Codec<T>): View<T> {
  if (!/^[a-z][A-Za-z]*$/.test(name)) throw new Error('not a name for a view');
  return { name, codec };
}

/** A view that is read as lists: how many rows each list has is kept beside them, and counting reads none. */
export interface ListView<T> extends View<T> {
  /** Parts of a key that name the list a row is in: 0 where the view is one list. */
  readonly listParts: number;
}

export function disposableList<T>(name: string, codec: Codec<T>, listParts: number): ListView<T> {
  return Object.assign({ listParts }, disposable(name, codec));
}

const listSizes = disposable('listSizes', json<number>());
const sizeKey = (view: View<unknown>, list: string) => `${view.name}/${list}`;

/** The writes of one block. Reads inside it see what it wrote before. */
export class ViewBatch {
  readonly #level: RawLevel;
  readonly #rows = new Map<string, Uint8Array | undefined>();

  constructor(level: RawLevel) {
    this.#level = level;
  }

  get<T>(view: View<T>, key: string): T | undefined {
    const name = rawKey(view.name, key);
    const raw = this.#rows.has(name) ? this.#rows.get(name) : rowAt(this.#level, name);
    return raw === undefined ? undefined : view.codec.decode(raw);
  }

  put<T>(view: View<T> | ListView<T>, key: string, value: T): void {
    if ('listParts' in view && !this.#has(view, key)) this.#count(view, key, 1);
    this.#rows.set(rawKey(view.name, key), view.codec.encode(value));
  }

  delete<T>(view: View<T> | ListView<T>, key: string): void {
    if ('listParts' in view && this.#has(view, key)) this.#count(view, key, -1);
    this.#rows.set(rawKey(view.name, key), undefined);
  }

  #has(view: View<unknown>, key: string): boolean {
    const name = rawKey(view.name, key);
    return (this.#rows.has(name) ? this.#rows.get(name) : rowAt(this.#level, name)) !== undefined;
  }

  #count<T>(view: ListView<T>, key: string, more: 1 | -1): void {
    const at = sizeKey(view, key.split('/').slice(0, view.listParts).join('/'));
    this.put(listSizes, at, (this.get(listSizes, at) ?? 0) + more);
  }

  /** For the store. */
  operations() {
    return [...this.#rows].map(([key, value]) =>
      value === undefined ? { type: 'del' as const, key } : { type: 'put' as const, key, value },
    );
  }
}

/** What cannot be opened is thrown away: it is built again. Refuses as `data-folder-in-use` while another process has it. */
export async function openDisposable(folder: string): Promise<DisposableStore> {
  try {
    return new DisposableStore(await openLevel(folder, { compression: true }));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    rmSync(folder, { recursive: true, force: true });
    return new DisposableStore(await openLevel(folder, { compression: true }));
  }
}

export class DisposableStore {
  readonly #level: RawLevel;

  /** Use `openDisposable`. */
  constructor(level: RawLevel) {
    this.#level = level;
  }

  async get<T>(view: View<T>, key: string): Promise<T | undefined> {
    const raw = rowAt(this.#level, rawKey(view.name, key));
    return raw === undefined ? undefined : view.codec.decode(raw);
  }

  async *range<T>(view: View<T>, range: Range = {}): AsyncGenerator<readonly [key: string, value: T]> {
    for await (const [raw, value] of rowsOf(this.#level, rawRange(view.name, range))) {
      yield [keyOf(view.name, raw), view.codec.decode(value)];
    }
  }

  /** How many rows a list has: one is read, however many there are. */
  async size(view: ListView<unknown>, list: string): Promise<number> {
    return (await this.get(listSizes, sizeKey(view, list))) ?? 0;
  }

  /** Runs `body` at once and writes all it wrote, or nothing when it throws. Callers apply one after the other. */
  async apply(body: (batch: ViewBatch) => void): Promise<void> {
    const batch = new ViewBatch(this.#level);
    body(batch);
    await this.#level.batch(batch.operations());
  }

  /** Before a rebuild. */
  async clear(): Promise<void> {
    await clearLevel(this.#level);
  }

  /** SHA-256 over every key and value in order: two builds of the same ledger have the same. */
  async digest(): Promise<string> {
    const hash = createHash('sha256');
    for await (const [key, value] of rowsOf(this.#level)) {
      hash.update(`${Buffer.byteLength(key)}:${key}${value.length}:`).update(value);
      if (!this.#isFound(key)) hash.update('not found');
    }
    return hash.digest('hex');
  }

  /** The view of the first row that differs from another build's, or undefined when none does. */
  async firstDifference(other: DisposableStore): Promise<string | undefined> {
    const theirs = rowsOf(other.#level);
    try {
      for await (const [key, value] of rowsOf(this.#level)) {
        const [otherKey, otherValue] = (await theirs.next()).value ?? [];
        const isSame =
          otherKey === key && otherValue !== undefined && Buffer.compare(value, otherValue) === 0;
        if (!isSame || !this.#isFound(key))
          return viewOf(otherKey !== undefined && otherKey < key ? otherKey : key);
      }
      const [more] = (await theirs.next()).value ?? [];
      return more === undefined ? undefined : viewOf(more);
    } finally {
      await theirs.return(undefined);
    }
  }

  async close(): Promise<void> {
    await closeLevel(this.#level);
  }

  /** A row may be there and not be found: a bit of the index or of its filter is enough. */
  #isFound(key: string): boolean {
    return rowAt(this.#level, key) !== undefined;
  }
}

function viewOf(rawKey: string): string {
  return rawKey.split('!')[1] ?? '';
}
