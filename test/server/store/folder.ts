/** Temporary data folders and raw access to their rows, as a broken disk or a stranger would have it. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLevel, type RawLevel } from '../../../server/store/level.ts';
import { openLevelStore } from '../../../server/store/levelStore.ts';
import { RowSeal } from '../../../server/store/record.ts';
import type { AnyTable, Store } from '../../../server/store/store.ts';

export const INTEGRITY_KEY = new Uint8Array(32).fill(7);

const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  folders.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export const copyOf = (folder: string) => `${folder}-copy`;

/** Beside the folder, as a copy of that day. */
export function copyFolder(folder: string): void {
  cpSync(folder, copyOf(folder), { recursive: true });
}

/** What was copied stands in the folder's place. */
export function putBackFolder(folder: string): void {
  rmSync(folder, { recursive: true });
  renameSync(copyOf(folder), folder);
}

/** Opened for the work and closed after it, whatever comes of it. */
export async function whileOpen<S extends { close(): Promise<void> }, T>(
  opening: Promise<S>,
  work: (opened: S) => Promise<T>,
): Promise<T> {
  const opened = await opening;
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

export function openTestStore(
  folder: string,
  tables: readonly AnyTable[],
  freeBytes: () => number = () => Number.MAX_SAFE_INTEGER,
): Promise<Store> {
  return openLevelStore({ folder, integrityKey: INTEGRITY_KEY, tables, freeBytes });
}

/** Where in the files of a test's store a row lies: only who has its key can tell. */
export function placeOf(table: string | AnyTable, key: string): string {
  const named =
    typeof table === 'string' ? ({ name: table, order: 'none', auditedAtOpen: false } as const) : table;
  return new RowSeal(INTEGRITY_KEY).placeOf(named, key);
}

/** Lets `change` work on the closed folder's rows behind the store's back. */
export async function tamper(folder: string, change: (level: RawLevel) => Promise<void>): Promise<void> {
  const level = await openLevel(folder, { compression: false });
  try {
    await change(level);
  } finally {
    await level.close();
  }
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

/** Every file below the folder, as bytes. */
export function filesBelow(folder: string): { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }));
}

/** The code of the refusal (or 'Fault') a promise ends in; undefined when it resolves. */
export async function refusedAs(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return 'code' in error ? String(error.code) : error.name;
  }
}
