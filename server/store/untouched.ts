/**
 * A data folder looked at as it is, with its keys: a folder beside it, of which whatever is opened may write, and the first stays as it was.
 *
 * level writes when it opens: a log is folded into a table, a manifest begun anew. Its tables never change once they are
 * written, so those are pointed at, however many gigabytes they are; what it appends to is copied. Its lock is the same
 * file, so that a folder in use is refused as ever and nobody takes it meanwhile. Promises: not a byte of the first folder
 * changes, whatever is done in the second. For `fsck`.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { refusal } from '../domain/base/refusal.ts';
import { keyFolderOf } from './keys.ts';

/** Never written again, or only locked, or replaced whole by a file moved into its place. */
const POINTED_AT = /(?:\.ldb|\.sst|\.key|\.sealed)$|^LOCK$/;

export interface Untouched {
  readonly folder: string;
  /** Refuses as `data-folder-in-use` where somebody wrote while it was being taken; to ask once all of it is opened. */
  requireStill(): void;
  remove(): void;
}

export function untouched(dataFolder: string): Untouched {
  const before = told(dataFolder);
  const whole = mkdtempSync(path.join(tmpdir(), 'kudurru-look-'));
  const folder = path.join(whole, 'data');
  const remove = () => rmSync(whole, { recursive: true, force: true });
  try {
    for (const [from, to] of [
      [dataFolder, folder],
      [keyFolderOf(dataFolder), keyFolderOf(folder)],
    ] as const) {
      if (!existsSync(from)) continue;
      mkdirSync(to, { mode: 0o700 });
      take(path.resolve(from), to);
    }
  } catch (error) {
    remove();
    throw isGone(error) ? refusal('data-folder-in-use') : error;
  }
  const requireStill = () => {
    if (told(dataFolder) !== before) throw refusal('data-folder-in-use');
  };
  return { folder, requireStill, remove };
}

function take(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      mkdirSync(target, { mode: 0o700 });
      take(source, target);
    } else if (POINTED_AT.test(entry.name)) symlinkSync(source, target);
    else if (entry.isFile()) copyFileSync(source, target);
  }
}

/** Name, size and time of writing of every file: enough to see that somebody writes. */
function told(dataFolder: string): string {
  return [dataFolder, keyFolderOf(dataFolder)].filter(existsSync).flatMap(toldOf).toSorted().join('\n');
}

function toldOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const file = path.join(entry.parentPath, entry.name);
    const { size, mtimeMs } = statSync(file);
    return [`${file} ${size} ${mtimeMs}`];
  });
}

const isGone = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT';
