/**
 * The id computed from a parcel's vertices (UL1, UL2): the same shape has the same id wherever it is computed.
 *
 * It is shaped like India's ULPIN (14 letters and digits) and makes no claim to be one (UL3). It holds no owner
 * data and is an alias only: a better survey changes it with no legal change, and on the chain it would be an
 * unsalted hash of coordinates, so it stays off it. Pure; anyone may call it.
 *
 * The bytes, for ever, version 1. A vertex is quantised to 1e-7 degrees (about 1 cm): longitude then latitude,
 * each a signed 32-bit integer, rounded half up. All integers are big-endian.
 *   ring  = count u32 ‖ vertices, without the closing one and without consecutive repeats, started and directed
 *           so that the list of vertices is the smallest there is (compared as numbers, one by one)
 *   part  = count of rings u32 ‖ shell ‖ holes in the order of their bytes
 *   shape = 0x01 ‖ count of parts u32 ‖ parts in the order of their bytes
 *   body  = keccak-256(shape) as an integer, modulo 31^12, in 12 digits of ALPHABET, the highest first
 *   id    = '1' ‖ body ‖ check, such that the sum of place (1 to 14) times digit is 0 modulo 31
 * As 31 is prime and above 14, one wrong character, or any two exchanged, is always noticed.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { Branded } from '../base/hex.ts';
import { toHex } from '../base/hex.ts';

export type ParcelAlias = Branded<string, 'ParcelAlias'>;

/** Longitude and latitude by turns, in degrees, the first vertex again at the end. */
export type Ring = readonly number[];
/** The shell, then the holes. */
export type Polygon = readonly [shell: Ring, ...holes: Ring[]];

const VERSION = 0x01;
const UNITS_A_DEGREE = 1e7;
/** Digits and letters less I, L, O and U, which are misread, and S, which makes it a prime number of them. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRTVWXYZ';
const BASE = ALPHABET.length;
const BODY_LENGTH = 12;
const LENGTH = 1 + BODY_LENGTH + 1;

export function parcelAlias(parts: readonly Polygon[]): ParcelAlias {
  const shape = concatBytes(Uint8Array.of(VERSION), u32(parts.length), ...sorted(parts.map(partBytes)));
  let rest = BigInt(toHex(keccak_256(shape)));
  let body = '';
  for (let i = 0; i < BODY_LENGTH; i++) {
    body = (ALPHABET[Number(rest % BigInt(BASE))] ?? '') + body;
    rest /= BigInt(BASE);
  }
  const open = `${VERSION}${body}`;
  const sum = weightedSum(open);
  const check = [...ALPHABET].find((_, digit) => (sum + LENGTH * digit) % BASE === 0) ?? '';
  return `${open}${check}` as ParcelAlias;
}

/** The id as it is stored, or undefined where the text was misread or mistyped. Spaces and case are forgiven. */
export function parseParcelAlias(text: string): ParcelAlias | undefined {
  const id = text.replace(/[\s-]/g, '').toUpperCase();
  const isShaped =
    id.length === LENGTH && id.startsWith(`${VERSION}`) && [...id].every((c) => ALPHABET.includes(c));
  return isShaped && weightedSum(id) % BASE === 0 ? (id as ParcelAlias) : undefined;
}

function weightedSum(id: string): number {
  return [...id].reduce((sum, character, i) => sum + (i + 1) * ALPHABET.indexOf(character), 0);
}

function partBytes([shell, ...holes]: Polygon): Uint8Array {
  return concatBytes(u32(1 + holes.length), ringBytes(shell), ...sorted(holes.map(ringBytes)));
}

function ringBytes(ring: Ring): Uint8Array {
  const vertices = smallestTurn(quantised(ring));
  const view = new DataView(new ArrayBuffer(4 + 4 * vertices.length));
  view.setUint32(0, vertices.length / 2);
  vertices.forEach((value, i) => {
    view.setInt32(4 + 4 * i, value);
  });
  return new Uint8Array(view.buffer);
}

function quantised(ring: Ring): number[] {
  const vertices: number[] = [];
  for (let i = 0; i < ring.length; i += 2) {
    const x = Math.round((ring[i] ?? 0) * UNITS_A_DEGREE);
    const y = Math.round((ring[i + 1] ?? 0) * UNITS_A_DEGREE);
    if (x !== vertices.at(-2) || y !== vertices.at(-1)) vertices.push(x, y);
  }
  while (vertices.length > 2 && vertices[0] === vertices.at(-2) && vertices[1] === vertices.at(-1)) {
    vertices.length -= 2;
  }
  return vertices;
}

/** Of all starts and both directions the one whose list is smallest. */
function smallestTurn(vertices: readonly number[]): number[] {
  const count = vertices.length / 2;
  const backwards: number[] = [];
  for (let i = count - 1; i >= 0; i--) backwards.push(vertices[2 * i] ?? 0, vertices[2 * i + 1] ?? 0);
  const turns = [vertices, backwards].map((list) => {
    const start = leastRotation(list);
    return [...list.slice(2 * start), ...list.slice(0, 2 * start)];
  });
  const [one = [], other = []] = turns;
  const differs = one.findIndex((value, i) => value !== other[i]);
  return differs === -1 || (one[differs] ?? 0) < (other[differs] ?? 0) ? one : other;
}

/** Two candidates race through the ring and the loser skips all it has seen: linear for any ring. */
function leastRotation(list: readonly number[]): number {
  const count = list.length / 2;
  let best = 0;
  let rival = 1;
  for (let same = 0; rival < count && best < count && same < count; ) {
    const a = 2 * ((best + same) % count);
    const b = 2 * ((rival + same) % count);
    const order = (list[a] ?? 0) - (list[b] ?? 0) || (list[a + 1] ?? 0) - (list[b + 1] ?? 0);
    if (order === 0) {
      same += 1;
      continue;
    }
    if (order > 0) best += same + 1;
    else rival += same + 1;
    if (best === rival) rival += 1;
    same = 0;
  }
  return Math.min(best, rival);
}

function sorted(items: readonly Uint8Array[]): Uint8Array[] {
  return items.toSorted((a, b) => {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
    }
    return a.length - b.length;
  });
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
