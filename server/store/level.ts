/** The one place that opens level, and what its failures are called here. Only files of this folder may call it. */
import { mkdirSync } from 'node:fs';
import type { ClassicLevel } from 'classic-level';
import { Level } from 'level';
import { Fault } from '../domain/fault.ts';
import { refusal } from '../domain/refusal.ts';

/** Outside a browser `Level` is this class, which its own types do not say. */
export type RawLevel = ClassicLevel<string, Uint8Array>;

/** Creates the folder (mode 0700) when it is missing. Refuses as `data-folder-in-use` while another process has it. */
export async function openLevel(
  folder: string,
  options: { readonly compression: boolean },
): Promise<RawLevel> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const encodings = { keyEncoding: 'utf8', valueEncoding: 'view' };
  const level = new Level(folder, { ...encodings, ...options }) as unknown as RawLevel;
  try {
    await level.open();
  } catch (error) {
    if (codeOf(error) === 'LEVEL_LOCKED' || codeOf(causeOf(error)) === 'LEVEL_LOCKED') {
      throw refusal('data-folder-in-use');
    }
    throw new Fault('the store cannot be opened', { retryable: false, cause: error });
  }
  return level;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Where in a table to read. Keys sort as bytes. */
export interface Range {
  readonly gt?: string;
  readonly gte?: string;
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
