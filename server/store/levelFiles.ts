/**
 * Looks through level's own files before level does, for level passes over what it cannot read and says nothing.
 *
 * A log is blocks of 32 KiB of records `checksum u32 | length u16 | type u8 | content`; a damaged record costs level the
 * rest of its block. A table file is blocks `content | type u8 | checksum u32`, of rows, of their index and of a filter,
 * and level compares none of the checksums; a bit of an index hides every row behind it. Either way rows that were
 * acknowledged are gone, with the tallies that counted them, and what is left is a store of yesterday.
 *
 * Promises: one flipped bit is seen, wherever it is, but for two cases. The length of the very last record of a log
 * looks like a write that was cut off: nothing is acknowledged before it is synced, so what is really cut off is lost
 * rightly, and `closeLevel` leaves no record behind in a log. Rows of compressed tables are not looked at: only views
 * are compressed, and `fsck` compares every row of them. What a kill left half-made is on no list and is not looked
 * at; level takes it away. Only `level.ts` calls it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCRC32 } from 'hash-wasm';

const BLOCK_BYTES = 32_768;
const HEADER_BYTES = 7;
/** Of a file's name. */
const NUMBER_DIGITS = 6;
/** Of a record: a whole content (1), its first part (2), one in the middle (3), its last (4). */
const WHOLE = 1;
const LAST = 4;
/** The checksum of a checksum would be weak: level adds this and turns it. */
const MASK_DELTA = 0xa282ead8;

/** The first file of the folder that level would read in part, if there is one. */
export function damagedFile(folder: string): string | undefined {
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : Buffer.of();
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const listName = read('CURRENT').toString('latin1').trim();
  // Level would found a store in the place of this one, and take its tables away. A first founding names its list before both.
  if (listName === '' && names.some((name) => /\.(ldb|log)$/.test(name))) return 'CURRENT';
  const list = /^MANIFEST-\d+$/.test(listName) ? read(listName) : Buffer.of();
  // The list is synced whenever it grows, and a new one is whole before it is used.
  if (stateOfLog(list) !== 'whole') return listName;
  const { tables, firstLog } = filesIn(list);
  // The log of what is in no table yet, there before it is on the list; without it level goes on as if nothing was.
  if (firstLog > 0 && !names.some((name) => Number(/^(\d+)\.log$/.exec(name)?.[1]) === firstLog))
    return `${String(firstLog).padStart(NUMBER_DIGITS, '0')}.log`;
  return names.find((name) => {
    const [, number, kind] = /^(\d+)\.(ldb|log)$/.exec(name) ?? [];
    if (kind === 'ldb') return tables.has(Number(number)) && !isTableWhole(read(name));
    return kind === 'log' && Number(number) >= firstLog && stateOfLog(read(name)) === 'damaged';
  });
}

// ---- Logs ---------------------------------------------------------------------------------------------------

/** `cut-off`: the last record is not all there, and nothing readable follows it. */
export type LogState = 'whole' | 'cut-off' | 'damaged';

export function stateOfLog(bytes: Uint8Array): LogState {
  for (let at = 0; at < bytes.length; ) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < HEADER_BYTES) {
      at += left; // too little for a header: level fills it up and never reads it
      continue;
    }
    const end = endOfRecord(bytes, at);
    if (end !== undefined) {
      at = end;
      continue;
    }
    return isCutOff(bytes, at) ? 'cut-off' : 'damaged';
  }
  return 'whole';
}

/** Where the record ends; undefined when none that is whole and right begins here. */
function endOfRecord(bytes: Uint8Array, at: number): number | undefined {
  const left = Math.min(BLOCK_BYTES - (at % BLOCK_BYTES), bytes.length - at);
  if (left < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, left);
  const length = view.getUint16(4, true);
  const type = view.getUint8(6);
  if (type < WHOLE || type > LAST || HEADER_BYTES + length > left) return undefined;
  const end = at + HEADER_BYTES + length;
  return view.getUint32(0, true) === masked(crc32c(bytes.subarray(at + 6, end))) ? end : undefined;
}

/** Either its announced end is beyond the file's, or a file system has put zeros for what it never got. */
function isCutOff(bytes: Uint8Array, at: number): boolean {
  const rest = bytes.subarray(at);
  const left = BLOCK_BYTES - (at % BLOCK_BYTES);
  const announced = HEADER_BYTES + ((rest[4] ?? 0) | ((rest[5] ?? 0) << 8));
  const endsEarly = rest.length < left && (rest.length < HEADER_BYTES || announced > rest.length);
  if (!endsEarly) return rest.every((byte) => byte === 0);
  for (let later = at + 1; later + HEADER_BYTES <= bytes.length; later++) {
    if (endOfRecord(bytes, later) !== undefined) return false;
  }
  return announced <= left;
}

/** What was written to a whole log, one after the other: large contents are records of several blocks. */
function* contentsOf(log: Uint8Array): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  for (let at = 0; at < log.length; ) {
    const end = endOfRecord(log, at);
    if (end === undefined) {
      at += BLOCK_BYTES - (at % BLOCK_BYTES);
      continue;
    }
    const type = log[at + HEADER_BYTES - 1] ?? 0;
    parts.push(log.subarray(at + HEADER_BYTES, end));
    at = end;
    if (type !== WHOLE && type !== LAST) continue;
    yield Buffer.concat(parts);
    parts = [];
  }
}

// ---- The list of files --------------------------------------------------------------------------------------

/** Tags of what a change of the list says. */
const COMPARATOR = 1;
const FIRST_LOG = 2;
const COMPACTED_UP_TO = 5;
const TABLE_GONE = 6;
const NEW_TABLE = 7;

function filesIn(list: Uint8Array): { readonly tables: ReadonlySet<number>; readonly firstLog: number } {
  const tables = new Set<number>();
  let firstLog = 0;
  for (const content of contentsOf(list)) {
    const change = new Reader(content);
    const text = () => change.take(change.varint());
    while (!change.isAtEnd) {
      const tag = change.varint();
      if (tag === COMPARATOR) text();
      else if (tag === FIRST_LOG) firstLog = change.varint();
      else if (tag === COMPACTED_UP_TO) {
        change.varint();
        text();
      } else if (tag === TABLE_GONE) {
        change.varint();
        tables.delete(change.varint());
      } else if (tag === NEW_TABLE) {
        change.varint();
        tables.add(change.varint());
        change.varint();
        text();
        text();
      } else change.varint(); // numbers that level counts by
    }
  }
  return { tables, firstLog };
}

// ---- Table files --------------------------------------------------------------------------------------------

const FOOTER_BYTES = 48;
const MAGIC_BYTES = 8;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const CHECKSUM_BYTES = 4;
/** Behind each block: its type and checksum. */
const TRAILER_BYTES = 1 + CHECKSUM_BYTES;
const PLAIN = 0;

interface Block {
  readonly offset: number;
  readonly length: number;
}

/** Every block has its checksum, and there is nothing between the blocks; of a compressed table see above. */
export function isTableWhole(bytes: Uint8Array): boolean {
  const footerAt = bytes.length - FOOTER_BYTES;
  if (footerAt < 0) return false;
  const footer = new Reader(bytes.subarray(footerAt));
  const roots = [footer.block(), footer.block()]; // of what there is beside rows, and of the rows
  const padding = footer.take(FOOTER_BYTES - MAGIC_BYTES - footer.at);
  if (padding.some((byte) => byte !== 0) || !footer.take(MAGIC_BYTES).every((byte, i) => byte === MAGIC[i])) {
    return false;
  }
  if (!roots.every((block) => isBlockWhole(bytes, block))) return false;
  if (roots.some(({ offset, length }) => bytes[offset + length] !== PLAIN)) return true;
  const blocks = [
    ...roots.flatMap(({ offset, length }) => namedIn(bytes.subarray(offset, offset + length))),
    ...roots,
  ];
  let end = 0;
  for (const { offset, length } of blocks.sort((one, other) => one.offset - other.offset)) {
    if (offset !== end || !isBlockWhole(bytes, { offset, length })) return false;
    end = offset + length + TRAILER_BYTES;
  }
  return end === footerAt;
}

function isBlockWhole(bytes: Uint8Array, { offset, length }: Block): boolean {
  const typed = offset + length + 1;
  if (!(typed + CHECKSUM_BYTES <= bytes.length - FOOTER_BYTES)) return false; // also where it is no number
  const checksum = new DataView(bytes.buffer, bytes.byteOffset + typed, CHECKSUM_BYTES).getUint32(0, true);
  return checksum === masked(crc32c(bytes.subarray(offset, typed)));
}

/** The blocks that an index leads to. It was written so: its checksum is right. */
function namedIn(index: Uint8Array): Block[] {
  const restarts = new DataView(index.buffer, index.byteOffset + index.length - 4, 4).getUint32(0, true);
  const entries = new Reader(index.subarray(0, index.length - 4 * (restarts + 1)));
  const blocks: Block[] = [];
  while (!entries.isAtEnd) {
    entries.varint(); // what the key shares with the one before
    const [keyBytes, valueBytes] = [entries.varint(), entries.varint()];
    entries.take(keyBytes);
    blocks.push(new Reader(entries.take(valueBytes)).block());
  }
  return blocks;
}

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  take(count: number): Uint8Array {
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  /** As short as it can be written, else it is no number. */
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const [byte = 0] = this.take(1);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return byte === 0 && factor > 1 ? Number.NaN : value;
    }
  }

  block(): Block {
    return { offset: this.varint(), length: this.varint() };
  }
}

// ---- Checksum -----------------------------------------------------------------------------------------------

/** CRC-32C: Castagnoli's polynomial, reflected. */
const hasher = await createCRC32(0x82f63b78);

function crc32c(bytes: Uint8Array): number {
  return Buffer.from(hasher.init().update(bytes).digest('binary')).readUInt32BE();
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
