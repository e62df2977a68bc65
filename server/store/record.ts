/**
 * How a precious row lies on disk: under a name that tells nothing, sealed so that it is whole or refused.
 *
 *     place          `!table!` and the first 16 bytes of HMAC-SHA-256(names key, table, key), or the key where it is public
 *     stored value   0x02 | salt (16) | tag (16) | AES-256-GCM(row key, nonce 0, plain; place)
 *     plain          len(key) u16 | key | len(payload) u32 | payload | zeros up to a step
 *     salt           the first 16 bytes of HMAC-SHA-256(salts key, 16 random bytes | place | plain)
 *     row key | element   HMAC-SHA-512(rows key, 0x02 | salt | place)
 *     table's tally  number of rows u64 | sum of the rows' elements mod 2^256
 *
 * A row key seals one message, so that its nonce is never used again and may be zero: for a second message there would have
 * to be the same place and the same 128 bits of salt, which are drawn anew for every writing and folded together with what
 * is written. Nothing is counted, so a folder that was restored, or a machine that was copied while it ran, has nothing to
 * repeat. The element never lies beside its row; the sum does not depend on the order of writing, and one row is added or
 * taken away in constant time.
 *
 * Against whom: who copies the folder without its keys learns how many rows a table has and how long they are in steps;
 * bit rot, a row that is lost, doubled, moved to another key or come back from an old backup, a table put back or emptied
 * with its tally (`tallies.ts`), and somebody who writes to the disk without the key are seen. Not against a thief who has the
 * key, and not against a whole store put back to an earlier state with all of its tables: the chain and the anchored heads
 * tell that.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { Fault } from '../domain/base/fault.ts';
import { frame, KEY_BYTES } from './cipher.ts';
import { rawKey } from './level.ts';
import type { AnyTable } from './store.ts';

const VERSION = 2;
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + SALT_BYTES + TAG_BYTES;
const PLACE_BYTES = 16;
const LENGTHS_BYTES = 2 + 4;
const NONCE = Buffer.alloc(12);
const MODULUS = 1n << 256n;
const TALLY_BYTES = 8 + 32;

/** Plain texts are as long as a power of two from here on; beyond the second bound, where few rows are, an eighth of one. */
const STEP_LEAST_BYTES = 256;
const DOUBLED_UP_TO_BYTES = 4_096;
const STEPS_A_DOUBLING = 8;

/** How many rows a table has and the sum of their elements. */
export interface Tally {
  readonly rows: number;
  readonly sum: bigint;
}

export const EMPTY_TALLY: Tally = { rows: 0, sum: 0n };

export interface OpenedRow {
  readonly key: string;
  readonly payload: Uint8Array;
  readonly element: bigint;
}

export class RowSeal {
  readonly #names: KeyObject;
  readonly #salts: KeyObject;
  readonly #rows: KeyObject;

  constructor(storeKey: Uint8Array) {
    const keyFor = (use: string) =>
      createSecretKey(
        Buffer.from(hkdfSync('sha256', storeKey, '', frame('kudurru rows', VERSION, use), KEY_BYTES)),
      );
    [this.#names, this.#salts, this.#rows] = [keyFor('names'), keyFor('salts'), keyFor('rows')];
  }

  /** Level's own key of a row. */
  placeOf(table: AnyTable, key: string): string {
    if (table.order === 'shown') return rawKey(table.name, key);
    const name = createHmac('sha256', this.#names).update(frame(table.name, key)).digest();
    return rawKey(table.name, name.toString('base64url', 0, PLACE_BYTES));
  }

  seal(place: string, key: string, payload: Uint8Array): { raw: Uint8Array; element: bigint } {
    const plain = plainOf(key, payload);
    const salt = createHmac('sha256', this.#salts)
      .update(randomBytes(SALT_BYTES))
      .update(place)
      .update(plain)
      .digest();
    const { rowKey, element } = this.#keyOf(place, salt.subarray(0, SALT_BYTES));
    const cipher = createCipheriv('aes-256-gcm', rowKey, NONCE, { authTagLength: TAG_BYTES });
    const sealed = cipher.setAAD(Buffer.from(place)).update(plain);
    cipher.final();
    const head = [Buffer.of(VERSION), salt.subarray(0, SALT_BYTES), cipher.getAuthTag()];
    return { raw: Buffer.concat([...head, sealed]), element };
  }

  /** Undefined when the row is not exactly what was written at this place. */
  open(place: string, raw: Uint8Array): OpenedRow | undefined {
    if (raw.length < HEADER_BYTES + STEP_LEAST_BYTES || raw[0] !== VERSION) return undefined;
    const { rowKey, element } = this.#keyOf(place, raw.subarray(1, 1 + SALT_BYTES));
    const decipher = createDecipheriv('aes-256-gcm', rowKey, NONCE, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(place))
      .setAuthTag(raw.subarray(1 + SALT_BYTES, HEADER_BYTES));
    const plain = decipher.update(raw.subarray(HEADER_BYTES));
    try {
      decipher.final();
    } catch {
      return undefined; // the tag differs: the only thing `final` throws for
    }
    const payloadAt = 2 + plain.readUInt16BE(0) + 4;
    const key = plain.toString('utf8', 2, payloadAt - 4);
    return {
      key,
      payload: plain.subarray(payloadAt, payloadAt + plain.readUInt32BE(payloadAt - 4)),
      element,
    };
  }

  #keyOf(place: string, salt: Uint8Array): { rowKey: KeyObject; element: bigint } {
    const mac = createHmac('sha512', this.#rows)
      .update(Buffer.of(VERSION))
      .update(salt)
      .update(place)
      .digest();
    return {
      rowKey: createSecretKey(mac.subarray(0, KEY_BYTES)),
      element: BigInt(`0x${mac.toString('hex', KEY_BYTES)}`),
    };
  }
}

/** What older versions wrote: only that it is one of theirs can be told of it. */
export function isOfOlderVersion(raw: Uint8Array): boolean {
  return raw[0] !== undefined && raw[0] < VERSION;
}

function plainOf(key: string, payload: Uint8Array): Buffer {
  const name = Buffer.from(key);
  const plain = Buffer.alloc(stepOf(LENGTHS_BYTES + name.length + payload.length));
  plain.writeUInt16BE(name.length, 0);
  name.copy(plain, 2);
  plain.writeUInt32BE(payload.length, 2 + name.length);
  plain.set(payload, LENGTHS_BYTES + name.length);
  return plain;
}

function stepOf(bytes: number): number {
  if (bytes <= STEP_LEAST_BYTES) return STEP_LEAST_BYTES;
  const power = 2 ** Math.floor(Math.log2(bytes - 1));
  const step = bytes <= DOUBLED_UP_TO_BYTES ? power : power / STEPS_A_DOUBLING;
  return Math.ceil(bytes / step) * step;
}

export function damaged(table: string): Fault {
  return new Fault(`a row of table ${table} is not what was written`, { retryable: false });
}

export function withRow(tally: Tally, element: bigint): Tally {
  return { rows: tally.rows + 1, sum: (tally.sum + element) % MODULUS };
}

export function withoutRow(tally: Tally, element: bigint): Tally {
  return { rows: tally.rows - 1, sum: (tally.sum + MODULUS - element) % MODULUS };
}

export function isSame(one: Tally | undefined, other: Tally): boolean {
  return one?.rows === other.rows && one.sum === other.sum;
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

/** A place as a number, for a sum of places. */
export function numberOf(place: string): bigint {
  return BigInt(`0x${Buffer.from(place.slice(place.lastIndexOf('!') + 1), 'base64url').toString('hex')}`);
}
