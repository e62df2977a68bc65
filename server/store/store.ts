/**
 * The precious tables as the files of this folder see them: what no other machine can give back.
 *
 * Promises of every store: a transaction runs alone, sees every earlier one, and is kept with all its rows or none
 * before its promise resolves; a row that is not what was written is a Fault, never a value; `audit` sees a missing,
 * foreign or old row. After a failed write nothing more is written. Below the free-space floor new work is refused
 * while accepted work is finished on the reserve. `test/server/store/everyStore.ts` holds a store to it;
 * `levelStore.ts` is the store of one machine.
 */
import type { Fault } from '../domain/base/fault.ts';
import type { Refusal } from '../domain/base/refusal.ts';
import type { Codec } from './codec.ts';
import type { Copy } from './copies.ts';

/** Of the tallies and the founding row; no table may take the name. */
export const TALLIES = 'tallies';

/** Of the order of keys; no table may take the name. Audited beside the tables of its store, and declared by none. */
export const ORDER_PAGES: AnyTable = { name: 'pages', order: 'none', auditedAtOpen: false };

/** A precious table: declared once, beside the file that owns it, and given to the store that is opened. */
export interface Table<T> extends AnyTable {
  readonly codec: Codec<T>;
}

/** A table that is also read in the order of its keys. */
export interface SortedTable<T> extends Table<T> {
  readonly order: 'sorted' | 'shown';
}

/** A table where its rows' type does not matter. */
export interface AnyTable {
  readonly name: string;
  /**
   * What is kept of the order of its keys: `none`, and a row is found by its whole key; `sorted`, in
   * encrypted pages beside its rows; `shown`, on disk, for keys that are public, as the numbers of blocks are.
   */
  readonly order: 'none' | 'sorted' | 'shown';
  /** Small tables that decide money or order are audited whole before the store opens. */
  readonly auditedAtOpen: boolean;
}

export function precious<T>(name: string, codec: Codec<T>, options?: { auditedAtOpen: boolean }): Table<T> {
  if (!/^[a-z][A-Za-z]*$/.test(name) || [TALLIES, ORDER_PAGES.name].includes(name))
    throw new Error('not a name for a table');
  return { name, codec, order: 'none', auditedAtOpen: options?.auditedAtOpen ?? false };
}

/** A row that is added or taken away writes the page with its key too, 2 KiB. */
export function preciousSorted<T>(
  name: string,
  codec: Codec<T>,
  options?: { auditedAtOpen: boolean },
): SortedTable<T> {
  return Object.assign(precious(name, codec, options), { order: 'sorted' as const });
}

/** For what everybody may know of: its keys stand on disk as they are. */
export function preciousShown<T>(
  name: string,
  codec: Codec<T>,
  options?: { auditedAtOpen: boolean },
): SortedTable<T> {
  return Object.assign(precious(name, codec, options), { order: 'shown' as const });
}

/** Where in a table to read; all of it where nothing is said. Keys are of ASCII and sort as bytes. */
export interface Range {
  readonly gte?: string;
  readonly gt?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** All keys that begin with these parts and `/`. */
export function under(...parts: readonly string[]): { readonly gte: string; readonly lt: string } {
  const prefix = parts.join('/');
  return { gte: `${prefix}/`, lt: `${prefix}0` }; // '0' is the byte after '/'
}

/** Numbers as keys: 16 hex digits, so that they sort as numbers do. */
export function ordinal(value: bigint | number): string {
  return value.toString(16).padStart(16, '0');
}

/** `new` work stops at the floor; `finishing` what was accepted goes on into the reserve. */
export type Urgency = 'new' | 'finishing';

export interface TableReport {
  readonly table: string;
  readonly rows: number;
  readonly expectedRows: number;
  /** Rows that do not authenticate themselves under their key. */
  readonly damagedRows: number;
  /** False where its rows are whole, and what is kept of the order of their keys is not. */
  readonly isOrdered: boolean;
  /** True when it is in order, every row is authentic and the rows are exactly the ones that were written. */
  readonly whole: boolean;
}

export interface Store {
  /** The row that is kept; undefined when there is none. Never shows a transaction that is not synced yet. */
  get<T>(table: Table<T>, key: string): Promise<T | undefined>;

  /** Kept rows in the order of their keys, as they stood when reading began. */
  range<T>(table: SortedTable<T>, range?: Range): AsyncGenerator<readonly [key: string, value: T]>;

  /** How many rows the table has, by its tally: no row is read. */
  rows(table: AnyTable): Promise<number>;

  /**
   * Runs `body` alone, in the order in which transactions were asked for; resolves with its result when its rows, and
   * every row it may have seen, are kept. What `body` throws changes nothing. It waits for reads of its transaction
   * and for nothing else: until it has ended no other begins, and a transaction inside it is an error. The next one
   * begins before this one is synced, so that those of one moment share a sync.
   */
  transact<R>(body: (transaction: Transaction) => Promise<R> | R, urgency?: Urgency): Promise<R>;

  /** Refuses as `read-only` when there is no room for this kind of work. */
  refuseBelowFloor(urgency: Urgency): void;

  /** Why a write of this kind would fail now, or undefined while it would not. */
  whyNotWritable(urgency: Urgency): Refusal | Fault | undefined;

  /** Reads the whole table as it is kept and compares it with its tally. For `fsck`, backups and the start. */
  audit(table: AnyTable, signal?: AbortSignal): Promise<TableReport>;

  /** Its rows as they lie, of this very moment: two copies that are taken one right after the other are of one. */
  copy(): Copy;

  /** Drops deleted rows of these keys, or all, and the keys themselves, from what is kept: until then their bytes may be there. */
  scrub(table: AnyTable, keys?: readonly string[]): Promise<void>;

  /** Waits for what was asked for, then gives everything back. */
  close(): Promise<void>;
}

/** What `transact` gives its body. Usable only until the body has ended. */
export interface Transaction {
  get<T>(table: Table<T>, key: string): Promise<T | undefined>;

  /** How many rows the table has, those of this transaction included. */
  rows(table: AnyTable): Promise<number>;

  /** A key that is taken is a bug of the caller and ends the transaction: look first where it may be. */
  insert<T>(table: Table<T>, key: string, value: T): void;

  put<T>(table: Table<T>, key: string, value: T): void;

  /** No row, no effect. */
  delete(table: AnyTable, key: string): void;
}
