/**
 * Finds values in bytes, however somebody may have written them down: in clear in several spellings and encodings, and
 * as the hash of any spelling, which for a name or a number is as good as the value.
 *
 * Promises: a value of at least `LEAST_CHARACTERS` characters is found in every form of `spellingsOf`, as UTF-8,
 * UTF-16, hex, base64 at any alignment, JSON escapes and, for a number, as an integer; its keccak-256, SHA-256, SHA-1
 * and MD5 are found in binary, hex and base64, whole or cut to their first eight bytes or to an address. One pass over
 * the bytes, whatever the number of values.
 */
import { createHash } from 'node:crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';

/** Shorter ones occur by accident in a hundred megabytes. */
export const LEAST_CHARACTERS = 10;
/** Of every pattern the first so many bytes are looked up; no pattern is shorter. */
const WINDOW_BYTES = 8;
/** A prime number of places would cost a division a byte; at two hundred thousand patterns 1 % are taken. */
const PLACE_BITS = 24;

export interface Found {
  readonly value: string;
  /** How it was written down: `upper case, utf16le`. */
  readonly form: string;
  readonly at: number;
}

interface Pattern {
  readonly bytes: Uint8Array;
  readonly value: string;
  readonly form: string;
}

export class Needles {
  readonly #places = new Uint8Array(2 ** (PLACE_BITS - 3));
  readonly #byWindow = new Map<number, Pattern[]>();
  #patterns = 0;

  constructor(values: Iterable<string>) {
    for (const value of new Set(values)) {
      if (value.length < LEAST_CHARACTERS) throw new RangeError('too short to be told from an accident');
      for (const pattern of patternsOf(value)) this.#add(pattern);
    }
  }

  get patterns(): number {
    return this.#patterns;
  }

  /** Everything that is found, each value once a form; nothing is the answer a leak-free place gives. */
  findIn(bytes: Uint8Array): Found[] {
    const found = new Map<string, Found>();
    const last = bytes.length - WINDOW_BYTES;
    let low = 0;
    let high = 0;
    for (let at = -WINDOW_BYTES + 1; at <= last; at++) {
      // the window slides by a byte: of eight, as two words
      low = (low >>> 8) | ((high & 0xff) << 24);
      high = (high >>> 8) | ((bytes[at + WINDOW_BYTES - 1] ?? 0) << 24);
      if (at < 0) continue;
      const place = placeOf(low, high);
      if (((this.#places[place >>> 3] ?? 0) & (1 << (place & 7))) === 0) continue;
      for (const pattern of this.#byWindow.get(windowKey(low, high)) ?? []) {
        const key = `${pattern.form} ${pattern.value}`;
        if (!found.has(key) && isAt(bytes, at, pattern.bytes)) {
          found.set(key, { value: pattern.value, form: pattern.form, at });
        }
      }
    }
    return [...found.values()];
  }

  #add(pattern: Pattern): void {
    if (pattern.bytes.length < WINDOW_BYTES) return;
    const view = new DataView(pattern.bytes.buffer, pattern.bytes.byteOffset);
    const [low, high] = [view.getUint32(0, true), view.getUint32(4, true)];
    const place = placeOf(low, high);
    this.#places[place >>> 3] = (this.#places[place >>> 3] ?? 0) | (1 << (place & 7));
    const key = windowKey(low, high);
    const there = this.#byWindow.get(key);
    if (there === undefined) this.#byWindow.set(key, [pattern]);
    else there.push(pattern);
    this.#patterns++;
  }
}

function placeOf(low: number, high: number): number {
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77);
  return (mixed ^ (mixed >>> 15)) >>> (32 - PLACE_BITS);
}

/** Two words in one number that a map can be asked for; what they lose of each other, `isAt` tells apart. */
function windowKey(low: number, high: number): number {
  return (low >>> 0) * 2 ** 20 + (high >>> 12);
}

function isAt(bytes: Uint8Array, at: number, pattern: Uint8Array): boolean {
  if (at + pattern.length > bytes.length) return false;
  for (let i = 0; i < pattern.length; i++) if (bytes[at + i] !== pattern[i]) return false;
  return true;
}

// ---- Spellings ----------------------------------------------------------------------------------------------

/** The forms a program might bring a value to before it stores or hashes it, by name. */
export function spellingsOf(value: string): ReadonlyMap<string, string> {
  const digits = value.replace(/\D/g, '');
  const isNumber = digits.length >= LEAST_NUMBER_DIGITS && /^[+\d\s()./-]+$/.test(value);
  const bare = value.replace(/[\s\p{P}]/gu, '');
  const all: [string, string][] = [
    ['as written', value],
    ['decomposed', value.normalize('NFD')],
    ['upper case', value.toUpperCase()],
    ['lower case', value.toLowerCase()],
    ['without spaces', value.replace(/\s/g, '')],
    ['letters and digits', bare],
    ['letters and digits, upper case', bare.toUpperCase()],
    ['letters and digits, lower case', bare.toLowerCase()],
    ...(isNumber
      ? ([
          ['digits', digits],
          ['E.164', `+${digits}`],
          ['without trunk zero', digits.replace(/^0+/, '')],
        ] satisfies [string, string][])
      : []),
  ];
  const spellings = new Map<string, string>();
  for (const [name, spelling] of all) {
    const isNew = ![...spellings.values()].includes(spelling);
    if (isNew && spelling.length >= LEAST_CHARACTERS) spellings.set(name, spelling);
  }
  return spellings;
}

/** A telephone number with its country has as many; fewer digits are hit by accident in hex. */
const LEAST_NUMBER_DIGITS = 12;

// ---- Patterns -----------------------------------------------------------------------------------------------

type Written = readonly [form: string, bytes: Uint8Array];

function* patternsOf(value: string): Generator<Pattern> {
  const made = new Set<string>();
  for (const [name, spelling] of spellingsOf(value)) {
    for (const [form, bytes] of [...inClear(spelling), ...asHash(spelling)]) {
      const content = Buffer.from(bytes).toString('latin1');
      if (made.has(content)) continue;
      made.add(content);
      yield { bytes, value, form: `${name}, ${form}` };
    }
  }
}

function inClear(spelling: string): Written[] {
  const utf8 = Buffer.from(spelling);
  const escaped = spelling.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const percent = encodeURIComponent(spelling);
  return [
    ['utf8', utf8],
    ['utf16le', Buffer.from(spelling, 'utf16le')],
    ['utf16be', Buffer.from(spelling, 'utf16le').swap16()],
    ['latin1', Buffer.from(spelling, 'latin1')],
    ...(escaped === spelling ? [] : [['json escapes', Buffer.from(escaped)] as Written]),
    ...(percent === spelling ? [] : [['percent encoding', Buffer.from(percent)] as Written]),
    ...asText('utf8', utf8),
    ...(/^\+?\d+$/.test(spelling) ? asInteger(BigInt(spelling.replace('+', ''))) : []),
  ];
}

/** As a word of the chain or a column holds it: eight bytes are enough to tell it from an accident. */
function asInteger(number: bigint): Written[] {
  const bytes = Buffer.alloc(WINDOW_BYTES);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, number));
  return [
    ['integer', bytes],
    ['integer, hex', Buffer.from(bytes.toString('hex'))],
  ];
}

/** Bytes as hex and base64, with nothing before or after them that the pattern would depend on. */
function asText(name: string, bytes: Uint8Array): Written[] {
  const hex = Buffer.from(bytes).toString('hex');
  const written: Written[] = [[`${name} in hex`, Buffer.from(hex)]];
  if (hex !== hex.toUpperCase()) written.push([`${name} in HEX`, Buffer.from(hex.toUpperCase())]);
  for (const shift of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    // The first characters hold bits of what stands before, the last of what comes after.
    const [from, until] = [Math.ceil((8 * shift) / 6), Math.floor((8 * padded.length) / 6)];
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = padded.toString(encoding).slice(from, until);
      written.push([`${name} in ${encoding}, ${shift} off`, Buffer.from(text)]);
    }
  }
  return written;
}

const HASHES: readonly (readonly [name: string, hash: (bytes: Uint8Array) => Uint8Array])[] = [
  ['keccak256', keccak_256],
  ...['sha256', 'sha1', 'md5'].map(
    (name) => [name, (bytes: Uint8Array) => createHash(name).update(bytes).digest()] as const,
  ),
];

/** A hash is given away by a part of it as well: what is looked for are its first eight bytes and an address's. */
function asHash(spelling: string): Written[] {
  const word = Buffer.alloc(32);
  Buffer.from(spelling).copy(word);
  const inputs: Written[] = [
    ['', Buffer.from(spelling)],
    [' of utf16', Buffer.from(spelling, 'utf16le')],
    [' of a word', word],
  ];
  if (/^\+?\d+$/.test(spelling)) {
    const number = BigInt(spelling.replace('+', '')).toString(16).padStart(64, '0');
    inputs.push([' of an integer', Buffer.from(number, 'hex')]);
  }
  return inputs.flatMap(([input, bytes]) =>
    HASHES.flatMap(([name, hash]): Written[] => {
      const digest = hash(bytes);
      const parts: Written[] = [[`${name}${input}`, digest.subarray(0, WINDOW_BYTES)]];
      if (name === 'keccak256') parts.push([`address of ${name}${input}`, digest.subarray(12, 20)]);
      return parts.flatMap(([form, part]) => [[form, part] as Written, ...asText(form, part)]);
    }),
  );
}
