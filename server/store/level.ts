/** The one place that opens level, and what its failures are called here. Only files of this folder may call it. */
import { basename } from 'node:path';
import type { ClassicLevel } from 'classic-level';
import { Level } from 'level';
import { Fault } from '../domain/base/fault.ts';
import { refusal } from '../domain/base/refusal.ts';
import { makeFolder } from './disk.ts';
import { damagedFile } from './levelFiles.ts';
import type { Range } from './store.ts';

/** Outside a browser `Level` is this class, which its own types do not say. */
export type RawLevel = ClassicLevel<string, Uint8Array>;

/** Creates the folder (mode 0700) when it is missing. Refuses as `data-folder-in-use` while another process has it. */
export async function openLevel(
  folder: string,
  options: { readonly compression: boolean },
): Promise<RawLevel> {
  makeFolder(folder);
  const damaged = damagedFile(folder);
  if (damaged !== undefined) {
    throw new Fault(`the file ${basename(folder)}/${damaged} is not what was written`, { retryable: false });
  }
  const encodings = { keyEncoding: 'utf8', valueEncoding: 'view' };
  const level = new Level(folder, { ...encodings, ...options }) as unknown as RawLevel;
  try {
    await level.open();
  } catch (error) {
    if (codeOf(error) === 'LEVEL_LOCKED' || codeOf(causeOf(error)) === 'LEVEL_LOCKED') {
      throw refusal('data-folder-in-use');
    }
    throw new Fault(`the ${basename(folder)} store cannot be opened`, { retryable: false, cause: error });
  }
  return level;
}

/** The row of a key; undefined when there is none. From level's cache that takes 5 us, by way of its threads 100. */
export function rowAt(level: RawLevel, key: string, options: ReadOptions = {}): Uint8Array | undefined {
  try {
    return level.getSync(key, options);
  } catch (error) {
    throw unreadable(level, error);
  }
}

/** Rows in the order of their keys, as they stood when reading began. */
export async function* rowsOf(
  level: RawLevel,
  range: Range & ReadOptions = {},
): AsyncGenerator<readonly [key: string, value: Uint8Array]> {
  try {
    yield* level.iterator(range);
  } catch (error) {
    throw unreadable(level, error);
  }
}

/** What is written at a key of level; taken away where there is no value. */
export interface RawRow {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/** One write of them in the order of their places, which says nothing of the order in which they were made. */
export function batchOf(rows: readonly RawRow[]) {
  return rows
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ key, value }) =>
      value === undefined ? { type: 'del' as const, key } : { type: 'put' as const, key, value },
    );
}

/** Forgets every row. */
export async function clearLevel(level: RawLevel): Promise<void> {
  try {
    await level.clear();
  } catch (error) {
    throw unreadable(level, error);
  }
}

type ReadOptions = { readonly snapshot?: ReturnType<RawLevel['snapshot']> };

const UNREADABLE: readonly unknown[] = ['LEVEL_CORRUPTION', 'LEVEL_IO_ERROR', undefined];

/** A file that cannot be read, or that level makes no sense of; whatever else it says is a bug of ours. */
function unreadable({ location }: RawLevel, error: unknown): unknown {
  if (!UNREADABLE.includes(codeOf(error))) return error;
  const message = `a file of the ${basename(location)} store is not what was written`;
  return new Fault(message, { retryable: false, cause: error });
}

/** Past the keys of every table. */
const BEYOND = '\uffff';

/** Has level write the newest rows out of memory and log into a table file. */
function flushed(level: RawLevel): Promise<void> {
  return level.compactRange(BEYOND, BEYOND); // of no rows, but they are written out for it
}

/**
 * Rewrites every table file that has rows from one key to another, which no row may have: what was deleted is in none of
 * them then. Level looks how deep files lie before it writes out what is in memory, and rewrites no file of the deepest
 * level but to join rows from above with it. So what is in memory goes first, and two deletions of nothing, around the rows,
 * are what comes from above.
 */
export async function rewriteBetween(level: RawLevel, before: string, behind: string): Promise<void> {
  await flushed(level);
  await level.batch([before, behind].map((key) => ({ type: 'del', key })));
  await level.compactRange(before, behind);
}

/** Gives the folder back with every row in a table file, where row seals and tallies see what is damaged later. */
export async function closeLevel(level: RawLevel): Promise<void> {
  try {
    await flushed(level);
  } catch {
    // on a full or broken disk they stay in the log, where they were synced
  } finally {
    await level.close();
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** A table's keys in the level's own key space, and back. */
export function rawKey(table: string, key: string): string {
  return `!${table}!${key}`;
}

export function rawRange(table: string, range: Range): Range {
  const start = rawKey(table, '');
  const end = `!${table}"`; // '"' is the byte after '!'
  const { gt, gte, lt, lte, ...rest } = range;
  return {
    ...rest,
    ...(gt !== undefined ? { gt: start + gt } : { gte: start + (gte ?? '') }),
    ...(lte !== undefined ? { lte: start + lte } : { lt: lt === undefined ? end : start + lt }),
  };
}

export function keyOf(table: string, raw: string): string {
  return raw.slice(table.length + 2);
}
