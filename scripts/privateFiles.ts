/**
 * Files that only their owner reads, in a folder that only the owner enters and that lies outside the gateway's data.
 *
 * Promises: what is read was readable by nobody else; what is written is whole or not there, and on disk (with its
 * place in the folder) when the call returns; `writeNew` never touches a file that exists, whoever else writes.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { refusal } from '../server/domain/base/refusal.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const MODE_OF_OTHERS = 0o077;
/** Where the gateway keeps its data unless `KUDURRU_DATA` says otherwise. */
const DEFAULT_DATA_FOLDER = 'data';

/** The folder's real path; made when it is not there. */
export function prepareFolder(folder: string): string {
  requireOutsideData(folder);
  fs.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  return requirePrivateFolder(folder);
}

/** The real path of a folder that is there. Refuses as `keyring-missing`, `-in-data-folder` and `-exposed`. */
export function requirePrivateFolder(folder: string): string {
  if (!fs.existsSync(folder)) throw refusal('keyring-missing');
  requireOutsideData(folder);
  requirePrivate(fs.statSync(folder));
  return fs.realpathSync(folder);
}

/** Undefined when there is no such file. */
export function readPrivate(file: string, maxBytes: number): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  const descriptor = fs.openSync(file, 'r');
  try {
    const stat = fs.fstatSync(descriptor);
    requirePrivate(stat);
    // Beyond the limit the rest is left unread; what is read is then no file of ours.
    const bytes = Buffer.alloc(Math.min(stat.size, maxBytes + 1));
    const length = fs.readSync(descriptor, bytes, 0, bytes.length, 0);
    // One byte a character, so that no two files read as the same text.
    return bytes.toString('latin1', 0, length);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** False, and nothing done, when a file of that name exists. */
export function writeNew(folder: string, name: string, text: string): boolean {
  const beside = writeBeside(folder, name, text);
  try {
    fs.linkSync(beside, path.join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(beside);
  }
  syncFolder(folder);
  return true;
}

/** The old content or the new, whatever happens in between. */
export function replaceDurably(folder: string, name: string, text: string): void {
  fs.renameSync(writeBeside(folder, name, text), path.join(folder, name));
  syncFolder(folder);
}

function writeBeside(folder: string, name: string, text: string): string {
  const beside = path.join(folder, `.${name}.${randomBytes(8).toString('hex')}`);
  const descriptor = fs.openSync(beside, 'wx', FILE_MODE);
  try {
    fs.writeFileSync(descriptor, text);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  return beside;
}

function syncFolder(folder: string): void {
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function requirePrivate({ mode }: fs.Stats): void {
  if ((mode & MODE_OF_OTHERS) !== 0) throw refusal('keyring-exposed');
}

function requireOutsideData(folder: string): void {
  const data = realPlace(process.env.KUDURRU_DATA ?? DEFAULT_DATA_FOLDER);
  const way = path.relative(data, realPlace(folder));
  if (way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way)) {
    throw refusal('keyring-in-data-folder');
  }
}

/** Where a path leads once the links in the part of it that exists are followed. */
function realPlace(place: string): string {
  const absolute = path.resolve(place);
  if (fs.existsSync(absolute)) return fs.realpathSync(absolute);
  const parent = path.dirname(absolute);
  return parent === absolute ? absolute : path.join(realPlace(parent), path.basename(absolute));
}
