/**
 * The disk under the data folder: how much room there is, how much there must be, and whether it takes a write at all.
 *
 * Promises: nothing here trusts an answer for longer than its caller says; a probe leaves no file behind. For the store,
 * the start and readiness.
 */
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { Fault } from '../domain/base/fault.ts';
import { refusal } from '../domain/base/refusal.ts';

export const MIB = 2 ** 20;
/** New work needs this much room: a day of a busy office, so that somebody sees the warning in time. */
export const NEW_WORK_FLOOR_BYTES = 512 * MIB;
/** Finishing what was accepted may use the reserve down to here; level needs room for its own compaction. */
export const FINISHING_FLOOR_BYTES = 64 * MIB;
const PROBE = '.disk-probe';
const PROBE_BYTES = 4_096;

/** Makes a folder for the gateway's own user where there is none, and has the disk keep that it is there. */
export function makeFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  const top = path.resolve(made);
  for (let at = path.resolve(folder); at.length >= top.length; at = path.dirname(at)) syncEntry(at);
}

/** In place of what was there, whole or not at all: written beside, synced, moved into place, and the move synced. */
export function keepWhole(file: string, content: Uint8Array | string, mode: number): void {
  const beside = `${file}.new`;
  writeSynced(beside, content, mode);
  renameSync(beside, file);
  syncEntry(file);
}

/** Has the disk keep what a file holds, not yet that it is there. */
export function writeSynced(file: string, content: Uint8Array | string, mode: number): void {
  const bytes = Buffer.from(content);
  const descriptor = openSync(file, 'w', mode);
  try {
    if (writeSync(descriptor, bytes) !== bytes.length)
      throw new Fault('a file is cut short', { retryable: false });
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Has the disk keep that a file or folder is there, and under which name: the write of the folder that it is in. */
export function syncEntry(place: string): void {
  const opened = openSync(path.dirname(place), 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** Refuses as `disk-read-only` what no free space would help. */
export function freeBytesOf(folder: string): number {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EROFS') throw refusal('disk-read-only');
    throw error;
  }
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * Before anything is opened: a store that finds no room half way says less about it. To found a ledger is new work; one
 * that is there is served as long as what was accepted can be finished.
 */
export function requireDisk(dataFolder: string, isToBeFounded: boolean): void {
  const floor = isToBeFounded ? NEW_WORK_FLOOR_BYTES : FINISHING_FLOOR_BYTES;
  const [free, needed] = [Math.floor(freeBytesOf(dataFolder) / MIB), floor / MIB];
  if (free < needed) {
    throw refusal('disk-full', { disk: dataFolder, freeMiB: free, missingMiB: needed - free });
  }
}

/** With room for new work, and a block of it written and synced. */
export function takesWrites(dataFolder: string): boolean {
  const file = path.join(dataFolder, PROBE);
  try {
    if (freeBytesOf(dataFolder) < NEW_WORK_FLOOR_BYTES) return false;
    const opened = openSync(file, 'w', 0o600);
    try {
      // A disk with room for a byte takes a byte, and says so without an error.
      if (writeSync(opened, Buffer.alloc(PROBE_BYTES)) !== PROBE_BYTES) return false;
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    rmSync(file, { force: true });
    return true;
  } catch {
    return false; // whatever the disk says, it is not back
  }
}
