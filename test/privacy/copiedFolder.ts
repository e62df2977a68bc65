/**
 * Who has a copy of a data folder, none of its keys, and what anybody may have: what its files say without being opened as
 * their owner would. Table files are read byte by byte, so that what level never shows counts too: deleted rows, and the
 * order in which rows were written.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface CopiedRow {
  readonly table: string;
  /** Behind the table's name. */
  readonly name: string;
  /** When it was written: a row with a greater one came later, or stood behind it in the same write. */
  readonly sequence: bigint;
  readonly value: Buffer;
}

const FOOTER_BYTES = 48;
const SEQUENCE_BYTES = 8;

/** Every row, living or deleted, of the precious tables of a folder that was closed. */
export function copiedRows(dataFolder: string): CopiedRow[] {
  return ['precious', 'keyStore'].flatMap((store) => {
    const folder = path.join(dataFolder, store);
    const tables = readdirSync(folder).filter((name) => name.endsWith('.ldb'));
    return tables.flatMap((name) => rowsOfFile(readFileSync(path.join(folder, name))));
  });
}

function rowsOfFile(file: Buffer): CopiedRow[] {
  const footer = new Bytes(file.subarray(-FOOTER_BYTES));
  footer.block(); // of what there is beside rows
  const index = entriesOf(file, footer.block());
  return index.flatMap(({ value }) =>
    entriesOf(file, new Bytes(value).block()).map(({ key, value: row }) => {
      const [, table = '', ...name] = key.subarray(0, -SEQUENCE_BYTES).toString('latin1').split('!');
      const sequence = key.readBigUInt64LE(key.length - SEQUENCE_BYTES) >> 8n;
      return { table, name: name.join('!'), sequence, value: row };
    }),
  );
}

interface Block {
  readonly offset: number;
  readonly length: number;
}

function entriesOf(
  file: Buffer,
  { offset, length }: Block,
): { readonly key: Buffer; readonly value: Buffer }[] {
  const block = file.subarray(offset, offset + length);
  const restarts = block.readUInt32LE(length - 4);
  const entries = new Bytes(block.subarray(0, length - 4 * (restarts + 1)));
  const found: { key: Buffer; value: Buffer }[] = [];
  let key = Buffer.alloc(0);
  while (!entries.isAtEnd) {
    const [shared, more, valueBytes] = [entries.varint(), entries.varint(), entries.varint()];
    key = Buffer.concat([key.subarray(0, shared), entries.take(more)]);
    found.push({ key, value: entries.take(valueBytes) });
  }
  return found;
}

class Bytes {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  take(count: number): Buffer {
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const [byte = 0] = this.take(1);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  block(): Block {
    return { offset: this.varint(), length: this.varint() };
  }
}

/** Fewer bytes than this are no id of anything. */
const WORD_BYTES = 16;

/** As the chain aligns what a call and an event say. */
const SLOT_DIGITS = 64;
/** What a call begins with. */
const SELECTOR_DIGITS = 8;

/** The ids that stand in a text in hex, by their first bytes. */
export function wordsIn(text: string): Set<string> {
  const found = [...text.matchAll(/[0-9a-f]{32,}/gi)]
    .flatMap(([hex]) =>
      [0, SELECTOR_DIGITS].flatMap((from) =>
        Array.from({ length: Math.ceil((hex.length - from) / SLOT_DIGITS) }, (_, slot) =>
          Buffer.from(hex.slice(from + slot * SLOT_DIGITS).slice(0, 2 * WORD_BYTES), 'hex').toString(
            'latin1',
          ),
        ),
      ),
    )
    .filter(({ length }) => length === WORD_BYTES);
  return new Set(found.filter((word) => new Set(word).size > WORD_BYTES / 2)); // zeros and the like are nobody's
}

/** How many of the rows hold one of the words, in hex or as bytes. */
export function rowsWith(words: ReadonlySet<string>, rows: readonly CopiedRow[]): CopiedRow[] {
  return rows.filter(({ name, value }) => {
    const bytes = value.toString('latin1');
    for (const word of wordsIn(`${name} ${bytes}`)) if (words.has(word)) return true;
    for (let at = 0; at + WORD_BYTES <= bytes.length; at++)
      if (words.has(bytes.slice(at, at + WORD_BYTES))) return true;
    return false;
  });
}

/** How many rows say that they belong to another one, by an id that stands in both. */
export function joinedRows(rows: readonly CopiedRow[]): number {
  const bearers = new Map<string, number>();
  const wordsOf = rows.map(({ name, value }) => wordsIn(`${name} ${value.toString('latin1')}`));
  for (const words of wordsOf) for (const word of words) bearers.set(word, (bearers.get(word) ?? 0) + 1);
  return wordsOf.filter((words) => [...words].some((word) => (bearers.get(word) ?? 0) > 1)).length;
}
