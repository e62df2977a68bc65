/**
 * A file of a backup: rows as they lie, in parts that are sealed one after the other.
 *
 *     file       part, part, ... the last of which says that it is
 *     part       length u32 | tag (16) | AES-256-GCM(file key, nonce = number of the part, rows; name | last)
 *     rows       length u32 | place | length u32 | sealed row, again and again
 *     file key   HKDF-SHA-256(the key of the rows, salt of the backup, `kudurru backup` | 1 | name)
 *
 * Promises: whoever has the file without the keys learns its length and nothing else; a part that was changed, left out, put
 * elsewhere or taken from another backup is refused as `backup-changed`, before a row of it is used, and so is a file that
 * ends early; one part is in memory at a time. A key seals the parts of one file of one backup, whose salt is new.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Fault } from '../domain/base/fault.ts';
import { refusal } from '../domain/base/refusal.ts';
import { frame, KEY_BYTES } from './cipher.ts';
import { type LyingRow, tableOf } from './copies.ts';
import { freeBytesOf, MIB, NEW_WORK_FLOOR_BYTES } from './disk.ts';

/** Of rows before they are sealed; the largest row has a part of its own. */
const PART_BYTES = 2 ** 20;
/** As long as the largest row with its place may be. */
const PART_BYTES_MAX = 32 * 2 ** 20;
const TAG_BYTES = 16;
const LENGTH_BYTES = 4;
const NONCE_BYTES = 12;
const FILE_MODE = 0o600;
/** Room is looked at each so many parts, 32 MiB: below what a gateway needs for new work nothing more is written. */
const PARTS_BETWEEN_LOOKS = 32;

/** What a manifest says of a file. */
export interface FileTold {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Of a backup: what its files are sealed under. */
export interface BackupKey {
  /** The key of the rows. */
  readonly integrityKey: Uint8Array;
  readonly salt: Uint8Array;
}

interface Writing {
  readonly key: BackupKey;
  readonly rows: AsyncIterable<LyingRow>;
  readonly signal?: AbortSignal;
  readonly freeBytes?: (() => number) | undefined;
}

/** Refuses as `disk-full`: a backup never takes the room that the gateway itself needs. */
function requireRoom(folder: string, freeBytes: () => number): void {
  const [free, needed] = [Math.floor(freeBytes() / MIB), NEW_WORK_FLOOR_BYTES / MIB];
  if (free < needed) throw refusal('disk-full', { disk: folder, freeMiB: free, missingMiB: needed - free });
}

/** Writes the rows, synced; answers what there is to say of the file, and how many rows of each table are in it. */
export async function writeRows(
  folder: string,
  name: string,
  { key, rows, signal, freeBytes = () => freeBytesOf(folder) }: Writing,
): Promise<{ readonly file: FileTold; readonly counts: ReadonlyMap<string, number> }> {
  const fileKey = fileKeyOf(key, name);
  const hash = createHash('sha256');
  const counts = new Map<string, number>();
  const descriptor = openSync(path.join(folder, name), 'wx', FILE_MODE);
  let [parts, bytes] = [0, 0];
  const write = (plain: Uint8Array, isLast: boolean) => {
    if (parts % PARTS_BETWEEN_LOOKS === 0) requireRoom(folder, freeBytes);
    const cipher = createCipheriv('aes-256-gcm', fileKey, nonceOf(parts++), { authTagLength: TAG_BYTES });
    const sealed = cipher.setAAD(frame(name, String(isLast))).update(plain);
    cipher.final();
    const whole = Buffer.concat([lengthOf(sealed), cipher.getAuthTag(), sealed]);
    if (writeSync(descriptor, whole) !== whole.length)
      throw new Fault('a file is cut short', { retryable: false });
    hash.update(whole);
    bytes += whole.length;
  };
  try {
    let [gathered, length] = [[] as Uint8Array[], 0];
    for await (const [place, row] of rows) {
      signal?.throwIfAborted();
      const at = Buffer.from(place);
      for (const piece of [lengthOf(at), at, lengthOf(row), row]) {
        gathered.push(piece);
        length += piece.length;
      }
      counts.set(tableOf(place), (counts.get(tableOf(place)) ?? 0) + 1);
      if (length < PART_BYTES) continue;
      write(Buffer.concat(gathered), false);
      [gathered, length] = [[], 0];
      await setImmediate(); // whoever is served meanwhile has a turn
    }
    write(Buffer.concat(gathered), true);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return { file: { name, bytes, sha256: hash.digest('hex') }, counts };
}

/** The rows of a file, as they were written. Refuses as `backup-changed`. */
export async function* readRows(folder: string, name: string, key: BackupKey): AsyncGenerator<LyingRow> {
  const fileKey = fileKeyOf(key, name);
  const descriptor = openSync(path.join(folder, name), 'r');
  const { size } = statSync(path.join(folder, name));
  try {
    let at = 0;
    for (let number = 0, isLast = false; !isLast; number++) {
      const length = taken(descriptor, at, LENGTH_BYTES, name).readUInt32BE();
      const end = at + LENGTH_BYTES + TAG_BYTES + length;
      if (length > PART_BYTES_MAX || end > size) throw refusal('backup-changed', { file: name });
      isLast = end === size;
      const part = taken(descriptor, at + LENGTH_BYTES, TAG_BYTES + length, name);
      const decipher = createDecipheriv('aes-256-gcm', fileKey, nonceOf(number), { authTagLength: TAG_BYTES })
        .setAAD(frame(name, String(isLast)))
        .setAuthTag(part.subarray(0, TAG_BYTES));
      const plain = decipher.update(part.subarray(TAG_BYTES));
      try {
        decipher.final();
      } catch {
        throw refusal('backup-changed', { file: name });
      }
      yield* rowsIn(plain);
      at = end;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Refuses as `backup-file-missing` and `backup-changed` where a file is not what the manifest says. */
export function requireFile(folder: string, { name, bytes, sha256 }: FileTold): void {
  const file = path.join(folder, name);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw refusal('backup-file-missing', { file: name });
  if (size !== bytes) throw refusal('backup-changed', { file: name });
  const hash = createHash('sha256');
  const descriptor = openSync(file, 'r');
  try {
    for (let at = 0; at < bytes; at += PART_BYTES)
      hash.update(taken(descriptor, at, Math.min(PART_BYTES, bytes - at), name));
  } finally {
    closeSync(descriptor);
  }
  if (hash.digest('hex') !== sha256) throw refusal('backup-changed', { file: name });
}

/** What a part holds was sealed so: its lengths are right. */
function* rowsIn(plain: Buffer): Generator<LyingRow> {
  const next = (at: number) => {
    const from = at + LENGTH_BYTES;
    return plain.subarray(from, from + plain.readUInt32BE(at));
  };
  for (let at = 0; at < plain.length; ) {
    const place = next(at);
    at += LENGTH_BYTES + place.length;
    const row = next(at);
    at += LENGTH_BYTES + row.length;
    yield [place.toString(), row];
  }
}

function taken(descriptor: number, at: number, length: number, name: string): Buffer {
  const bytes = Buffer.alloc(length);
  if (readSync(descriptor, bytes, 0, length, at) !== length) throw refusal('backup-changed', { file: name });
  return bytes;
}

function fileKeyOf({ integrityKey, salt }: BackupKey, name: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', integrityKey, salt, frame('kudurru backup', 1, name), KEY_BYTES));
}

function nonceOf(part: number): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(part, NONCE_BYTES - LENGTH_BYTES);
  return nonce;
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(bytes.length);
  return length;
}
