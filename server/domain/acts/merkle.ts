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
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Branded, Bytes32, Hex } from '../base/hex.ts';
import { fromHex, parseHex, toHex } from '../base/hex.ts';

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

/**
 * keccak-256 of some bytes. The default suits a page and a proof; a server with a million leaves hands in
 * a WebAssembly one, several times faster and with the same results.
 */
export type Keccak256 = (bytes: Uint8Array) => Uint8Array;

/** Hides `data` behind a 256-bit secret salt; who is shown both can recompute the leaf. */
export function saltedLeaf(salt: Bytes32, data: Uint8Array): Leaf {
  return toHex(saltedLeafBytes(fromHex(salt), data)) as Leaf;
}

/** The same as bytes, for a roll of a million. */
export function saltedLeafBytes(
  salt: Uint8Array,
  data: Uint8Array,
  hash: Keccak256 = keccak_256,
): Uint8Array {
  if (salt.length !== HASH_BYTES) throw new TypeError('a salt is 32 bytes');
  const preimage = new Uint8Array(1 + HASH_BYTES + data.length);
  preimage.set(salt, 1);
  preimage.set(data, 1 + HASH_BYTES);
  return hash(preimage);
}

export class MerkleTree {
  readonly size: number;
  readonly root: Bytes32;
  /** All levels one after another, leaves first; a promoted node stands again in the next level. */
  readonly #nodes: Uint8Array;
  /** Where each level starts in #nodes, in hashes. */
  readonly #levels: readonly number[];

  /** `fill` writes the leaves, 32 bytes each, into the array it is given, and keeps no hold of it. */
  constructor(size: number, fill: (leaves: Uint8Array) => void, hash: Keccak256 = keccak_256) {
    const widths = levelWidths(size);
    this.size = size;
    this.#levels = widths.map((_, level) => widths.slice(0, level).reduce((sum, width) => sum + width, 0));
    this.#nodes = new Uint8Array(HASH_BYTES * widths.reduce((sum, width) => sum + width, 0));
    fill(this.#nodes.subarray(0, HASH_BYTES * size));
    widths.slice(0, -1).forEach((width, level) => {
      hashLevel(hash, this.#nodes, this.#levels[level] ?? 0, width);
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
  const preimage = nodePreimage();
  let node = fromHex(leaf);
  let used = 0;
  for (const [level, width] of levelWidths(size).entries()) {
    const place = siblingOf(index, level, width);
    if (place === undefined) continue;
    const sibling = siblings[used++];
    if (sibling === undefined) return false;
    const isRight = place % 2 === 0;
    preimage.set(isRight ? sibling : node, 1);
    preimage.set(isRight ? node : sibling, 1 + HASH_BYTES);
    node = keccak_256(preimage);
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

function hashLevel(hash: Keccak256, nodes: Uint8Array, level: number, width: number): void {
  const preimage = nodePreimage();
  const above = level + width;
  for (let pair = 0; pair < Math.floor(width / 2); pair++) {
    const left = HASH_BYTES * (level + 2 * pair);
    preimage.set(nodes.subarray(left, left + 2 * HASH_BYTES), 1);
    nodes.set(hash(preimage), HASH_BYTES * (above + pair));
  }
  if (width % 2 === 1) {
    const last = HASH_BYTES * (above - 1);
    nodes.copyWithin(HASH_BYTES * (above + (width - 1) / 2), last, last + HASH_BYTES);
  }
}

/** The prefix, and room for a pair: one array serves a whole level. */
function nodePreimage(): Uint8Array {
  const preimage = new Uint8Array(1 + 2 * HASH_BYTES);
  preimage[0] = 0x01;
  return preimage;
}

function bindSize(size: number, top: Uint8Array): Bytes32 {
  const preimage = new Uint8Array(1 + 8 + HASH_BYTES);
  preimage[0] = 0x02;
  new DataView(preimage.buffer).setBigUint64(1, BigInt(size));
  preimage.set(top, 9);
  return toHex(keccak_256(preimage)) as Bytes32;
}
