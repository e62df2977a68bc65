/**
 * How a precious row authenticates itself, and how a table of them is summed up in 40 bytes.
 *
 *     stored value   0x01 | tag (32) | payload
 *     tag | element  HMAC-SHA-512(integrity key, 0x01 | len(table) u16 | table | len(key) u32 | key | payload)
 *     table's tally  number of rows u64 | sum of the rows' elements mod 2^256
 *
 * The tag is the first half and lies beside the row; the element is the second half and is never stored by itself.
 * The sum does not depend on the order of writing, and one row is added or taken away in constant time.
 *
 * Against whom: bit rot, a row that is lost, doubled, moved to another key or come back from an old backup, and
 * somebody who writes to the disk without the key. Not against a thief who has the key, and not against a whole
 * store put back to an earlier state with its tallies: the chain and the anchored heads tell that.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

const VERSION = 1;
const TAG_BYTES = 32;
const HEADER_BYTES = 1 + TAG_BYTES;
const MODULUS = 1n << 256n;
const TALLY_BYTES = 8 + 32;

/** How many rows a table has and the sum of their elements. */
export interface Tally {
  readonly rows: number;
  readonly sum: bigint;
}

export const EMPTY_TALLY: Tally = { rows: 0, sum: 0n };

export interface OpenedRow {
  readonly payload: Uint8Array;
  readonly element: bigint;
}

export class RowSeal {
  readonly #key: KeyObject;

  constructor(integrityKey: Uint8Array) {
    this.#key = createSecretKey(integrityKey);
  }

  seal(table: string, key: string, payload: Uint8Array): { raw: Uint8Array; element: bigint } {
    const mac = this.#mac(table, key, payload);
    const raw = Buffer.concat([Buffer.of(VERSION), mac.subarray(0, TAG_BYTES), payload]);
    return { raw, element: elementOf(mac) };
  }

  /** Undefined when the row is not exactly what was written under this table and key. */
  open(table: string, key: string, raw: Uint8Array): OpenedRow | undefined {
    if (raw.length < HEADER_BYTES || raw[0] !== VERSION) return undefined;
    const payload = raw.subarray(HEADER_BYTES);
    const mac = this.#mac(table, key, payload);
    if (!timingSafeEqual(mac.subarray(0, TAG_BYTES), raw.subarray(1, HEADER_BYTES))) return undefined;
    return { payload, element: elementOf(mac) };
  }

  #mac(table: string, key: string, payload: Uint8Array): Buffer {
    const name = Buffer.from(table, 'utf8');
    const row = Buffer.from(key, 'utf8');
    const head = Buffer.alloc(1 + 2 + name.length + 4 + row.length);
    head[0] = VERSION;
    head.writeUInt16BE(name.length, 1);
    name.copy(head, 3);
    head.writeUInt32BE(row.length, 3 + name.length);
    row.copy(head, 7 + name.length);
    return createHmac('sha512', this.#key).update(head).update(payload).digest();
  }
}

function elementOf(mac: Buffer): bigint {
  return BigInt(`0x${mac.toString('hex', TAG_BYTES)}`);
}

export function withRow(tally: Tally, element: bigint): Tally {
  return { rows: tally.rows + 1, sum: (tally.sum + element) % MODULUS };
}

export function withoutRow(tally: Tally, element: bigint): Tally {
  return { rows: tally.rows - 1, sum: (tally.sum + MODULUS - element) % MODULUS };
}

export function encodeTally(tally: Tally): Uint8Array {
  const bytes = Buffer.alloc(TALLY_BYTES);
  bytes.writeBigUInt64BE(BigInt(tally.rows));
  bytes.write(tally.sum.toString(16).padStart(64, '0'), 8, 'hex');
  return bytes;
}

export function decodeTally(bytes: Uint8Array): Tally {
  const buffer = Buffer.from(bytes);
  return { rows: Number(buffer.readBigUInt64BE()), sum: BigInt(`0x${buffer.toString('hex', 8)}`) };
}
