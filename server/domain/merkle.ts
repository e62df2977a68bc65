/**
 * A Merkle tree over salted leaves: one root for many facts, each shown alone.
 *
 * Format, version 1 (keccak-256, ‖ is concatenation):
 *   leaf = keccak(0x00 ‖ salt, 32 bytes ‖ data)
 *   node = keccak(0x01 ‖ left ‖ right)
 *   root = keccak(0x02 ‖ size, uint64 big-endian ‖ top node)
 * The shape is RFC 9162's: pairs from the left, and the last node of an odd level is promoted to the
 * next, never paired with itself. The prefix tells leaf, node and root apart, so none passes for
 * another; the root binds the size, so a proof binds the leaf, its position and how many there are.
 * Promises: the tree is built in place in one array of at most 64 bytes a leaf and 32 a level;
 * `verifyProof` never throws on what a stranger wrote, it says no.
 */
import { keccak_256, keccakP } from '@noble/hashes/sha3.js';
import type { Branded, Bytes32, Hex } from './hex.ts';
import { fromHex, parseHex, toHex } from './hex.ts';

/** A hash made by `saltedLeaf`. */
export type Leaf = Branded<Hex, 'Leaf'>;

export interface MerkleProof {
  /** The leaf's place, from 0. */
  readonly index: number;
  /** How many leaves the tree has. */
  readonly size: number;
  /** Siblings from the leaf upward; a promoted node has none at its level. */
  readonly path: readonly Bytes32[];
}

const HASH_BYTES = 32;
/** 1 GiB of tree, and sixteen times the largest roll. */
const MAX_LEAVES = 2 ** 24;

/** Hides `data` behind a 256-bit secret salt; who is shown both can recompute the leaf. */
export function saltedLeaf(salt: Bytes32, data: Uint8Array): Leaf {
  return toHex(saltedLeafBytes(fromHex(salt), data)) as Leaf;
}

/** The same as bytes, for a roll of a million. */
export function saltedLeafBytes(salt: Uint8Array, data: Uint8Array): Uint8Array {
  if (salt.length !== HASH_BYTES) throw new TypeError('a salt is 32 bytes');
  const preimage = new Uint8Array(1 + HASH_BYTES + data.length);
  preimage.set(salt, 1);
  preimage.set(data, 1 + HASH_BYTES);
  return keccak_256(preimage);
}

export class MerkleTree {
  readonly size: number;
  readonly root: Bytes32;
  /** All levels one after another, leaves first; a promoted node stands again in the next level. */
  readonly #nodes: Uint8Array;
  /** Where each level starts in #nodes, in hashes. */
  readonly #levels: readonly number[];

  /** `fill` writes the leaves, 32 bytes each, into the array it is given, and keeps no hold of it. */
  constructor(size: number, fill: (leaves: Uint8Array) => void) {
    const widths = levelWidths(size);
    this.size = size;
    this.#levels = widths.map((_, level) => widths.slice(0, level).reduce((sum, width) => sum + width, 0));
    this.#nodes = new Uint8Array(HASH_BYTES * widths.reduce((sum, width) => sum + width, 0));
    fill(this.#nodes.subarray(0, HASH_BYTES * size));
    widths.slice(0, -1).forEach((width, level) => {
      hashLevel(this.#nodes, this.#levels[level] ?? 0, width);
    });
    this.root = bindSize(size, this.#nodes.subarray(-HASH_BYTES));
  }

  static of(leaves: readonly Leaf[]): MerkleTree {
    return new MerkleTree(leaves.length, (into) => {
      leaves.forEach((leaf, i) => {
        into.set(fromHex(leaf), HASH_BYTES * i);
      });
    });
  }

  proof(index: number): MerkleProof {
    if (!Number.isInteger(index) || index < 0 || index >= this.size) throw new RangeError('no such leaf');
    const path: Bytes32[] = [];
    levelWidths(this.size).forEach((width, level) => {
      const sibling = siblingOf(index, level, width);
      if (sibling === undefined) return;
      const at = HASH_BYTES * ((this.#levels[level] ?? 0) + sibling);
      path.push(toHex(this.#nodes.subarray(at, at + HASH_BYTES)) as Bytes32);
    });
    return { index, size: this.size, path };
  }
}

/** Whether `root` is over `size` leaves of which this one stands at `index`. */
export function verifyProof(root: Bytes32, leaf: Leaf, { index, size, path }: MerkleProof): boolean {
  const isPlace = Number.isInteger(size) && Number.isInteger(index) && 0 <= index && index < size;
  if (
    !isPlace ||
    size > MAX_LEAVES ||
    ![leaf, ...path].every((hash) => parseHex(hash, HASH_BYTES) === hash)
  ) {
    return false;
  }
  const siblings = path.map(fromHex);
  const pair = new Uint8Array(2 * HASH_BYTES);
  let node = fromHex(leaf);
  let used = 0;
  for (const [level, width] of levelWidths(size).entries()) {
    const place = siblingOf(index, level, width);
    if (place === undefined) continue;
    const sibling = siblings[used++];
    if (sibling === undefined) return false;
    const isRight = place % 2 === 0;
    pair.set(isRight ? sibling : node, 0);
    pair.set(isRight ? node : sibling, HASH_BYTES);
    node = new Uint8Array(HASH_BYTES);
    hashPair(pair, 0, node, 0);
  }
  return used === siblings.length && bindSize(size, node) === root;
}

/** 5 leaves have levels of 5, 3, 2 and 1. */
function levelWidths(size: number): number[] {
  if (!Number.isInteger(size) || size < 1 || size > MAX_LEAVES) throw new RangeError('no such tree');
  const widths = [size];
  for (let width = size; width > 1; ) {
    width = Math.ceil(width / 2);
    widths.push(width);
  }
  return widths;
}

/** The place at `level` of the node beside the one above leaf `index`, or undefined where it is promoted. */
function siblingOf(index: number, level: number, width: number): number | undefined {
  const place = Math.floor(index / 2 ** level);
  const sibling = place % 2 === 0 ? place + 1 : place - 1;
  return sibling < width ? sibling : undefined;
}

function hashLevel(nodes: Uint8Array, level: number, width: number): void {
  const above = level + width;
  for (let pair = 0; pair < Math.floor(width / 2); pair++) {
    hashPair(nodes, HASH_BYTES * (level + 2 * pair), nodes, HASH_BYTES * (above + pair));
  }
  if (width % 2 === 1) {
    const last = HASH_BYTES * (above - 1);
    nodes.copyWithin(HASH_BYTES * (above + (width - 1) / 2), last, last + HASH_BYTES);
  }
}

function bindSize(size: number, top: Uint8Array): Bytes32 {
  const preimage = new Uint8Array(1 + 8 + HASH_BYTES);
  preimage[0] = 0x02;
  new DataView(preimage.buffer).setBigUint64(1, BigInt(size));
  preimage.set(top, 9);
  return toHex(keccak_256(preimage)) as Bytes32;
}

/** One sponge for all pairs: a hash object for each of a million costs a quarter of the time again. */
const sponge = new Uint32Array(50);
const RATE_WORDS = 34;

/** Writes keccak(0x01 ‖ the 64 bytes at `from`) to `to`. Words are little-endian on every machine. */
function hashPair(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
  sponge.fill(0);
  let carry = 0x01;
  for (let i = 0; i < 16; i++) {
    const at = from + 4 * i;
    const last = source[at + 3] ?? 0;
    sponge[i] =
      carry | ((source[at] ?? 0) << 8) | ((source[at + 1] ?? 0) << 16) | ((source[at + 2] ?? 0) << 24);
    carry = last;
  }
  sponge[16] = carry | 0x0100; // keccak's padding starts at byte 65 …
  sponge[RATE_WORDS - 1] = 0x80000000; // … and ends with the last bit of the rate
  keccakP(sponge);
  for (let i = 0; i < 8; i++) {
    const word = sponge[i] ?? 0;
    const at = to + 4 * i;
    target[at] = word;
    target[at + 1] = word >>> 8;
    target[at + 2] = word >>> 16;
    target[at + 3] = word >>> 24;
  }
}
