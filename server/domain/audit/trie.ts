/**
 * Ethereum's Merkle-Patricia trie, read from a proof and built for a block's lists.
 *
 * `readTrie` answers what stands under a 32-byte hashed key, present or proved absent, from the nodes
 * on its path in order. Promises: every node hashes to the reference that led to it, every node is
 * canonical (hex prefix, branch of two or more, embedded only under 32 bytes), none is missing and
 * none is left over; each failure has its own name. `orderedRoot` is the root over a block's
 * transactions or receipts. Work is bounded by the 64 nibbles of a key.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Keccak256 } from '../acts/merkle.ts';
import type { Bytes32 } from '../base/hex.ts';
import { fromHex, toHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import {
  decodeRlp,
  encodedLength,
  encodeRlp,
  minimalBytes,
  type RlpItem,
  readBytes,
  readItems,
} from './rlp.ts';

const HASH_BYTES = 32;
const NOTHING = new Uint8Array(0);
/** The root of a trie that holds nothing: the hash of the empty string's encoding. */
export const EMPTY_TRIE_ROOT = toHex(keccak_256(encodeRlp(NOTHING))) as Bytes32;

/** Where a node leads on the path: to a value, to nothing, or to a child under a reference. */
type Move =
  | { readonly to: 'value'; readonly value: Uint8Array }
  | { readonly to: 'nothing' }
  | {
      readonly to: 'child';
      readonly reference: RlpItem;
      readonly nibbles: number;
      readonly branchOnly: boolean;
    };

/** The value under `key` (32 bytes, already hashed), or undefined where the nodes prove that there is none. */
export function readTrie(
  root: Bytes32,
  key: Uint8Array,
  nodes: readonly Uint8Array[],
): Uint8Array | undefined {
  if (key.length !== HASH_BYTES) throw new TypeError('a trie key is 32 bytes');
  if (root === EMPTY_TRIE_ROOT) return readEmptyTrie(nodes);
  const path = nibblesOf(key);
  let used = 0;
  let reference: RlpItem = fromHex(root);
  let rest: Uint8Array = path;
  let branchOnly = false;
  for (;;) {
    const node = loadNode(reference, nodes[used], used === 0);
    if (reference instanceof Uint8Array) used++;
    if (branchOnly && node.length !== 17) throw refusal('proof-node-malformed');
    const move = node.length === 17 ? throughBranch(node, rest) : throughShort(node, rest);
    if (move.to !== 'child') {
      if (used !== nodes.length) throw refusal('proof-node-unused');
      return move.to === 'value' ? move.value : undefined;
    }
    ({ reference, branchOnly } = move);
    rest = rest.subarray(move.nibbles);
  }
}

/** Nodes differ in how they prove an empty trie: no node at all, or the encoded empty string. */
function readEmptyTrie(nodes: readonly Uint8Array[]): undefined {
  const [only, ...others] = nodes;
  if (others.length > 0) throw refusal('proof-node-unused');
  if (only !== undefined && toHex(keccak_256(only)) !== EMPTY_TRIE_ROOT)
    throw refusal('proof-node-mismatched');
  return undefined;
}

function loadNode(reference: RlpItem, next: Uint8Array | undefined, isRoot: boolean): readonly RlpItem[] {
  let node: RlpItem | undefined = reference;
  if (reference instanceof Uint8Array) {
    if (next === undefined) throw refusal('proof-node-missing');
    if (!sameBytes(keccak_256(next), reference)) throw refusal('proof-node-mismatched');
    // Only the root is hashed however small it is; a smaller child stands inside its parent.
    if (!isRoot && next.length < HASH_BYTES) throw refusal('proof-node-malformed');
    node = decodeRlp(next);
  }
  const items = readItems(node);
  if (items === undefined || (items.length !== 17 && items.length !== 2))
    throw refusal('proof-node-malformed');
  return items;
}

function throughBranch(node: readonly RlpItem[], rest: Uint8Array): Move {
  const children = node.slice(0, 16);
  const taken = children.filter((child) => child.length > 0);
  // Keys are all 64 nibbles long, so none ends at a branch and its value is always empty.
  const wellFormed = taken.length >= 2 && taken.every(isReference) && readBytes(node[16], 0) !== undefined;
  const nibble = rest[0];
  const child = nibble === undefined ? undefined : children[nibble];
  if (!wellFormed || child === undefined) throw refusal('proof-node-malformed');
  return child.length === 0
    ? { to: 'nothing' }
    : { to: 'child', reference: child, nibbles: 1, branchOnly: false };
}

/** A leaf or an extension: a run of nibbles, then a value or one child. */
function throughShort(node: readonly RlpItem[], rest: Uint8Array): Move {
  const [prefix, content] = node;
  const run = prefix instanceof Uint8Array ? readHexPrefix(prefix) : undefined;
  if (run === undefined || content === undefined) throw refusal('proof-node-malformed');
  const onPath = sameBytes(run.nibbles, rest.subarray(0, run.nibbles.length));
  if (run.isLeaf) {
    const isValue = content instanceof Uint8Array && content.length > 0;
    if (!isValue || run.nibbles.length !== rest.length) throw refusal('proof-node-malformed');
    return onPath ? { to: 'value', value: content } : { to: 'nothing' };
  }
  const runsOn = run.nibbles.length > 0 && run.nibbles.length < rest.length;
  if (!runsOn || !isReference(content)) throw refusal('proof-node-malformed');
  return onPath
    ? { to: 'child', reference: content, nibbles: run.nibbles.length, branchOnly: true }
    : { to: 'nothing' };
}

/** A child is named by its hash, or stands embedded when its encoding is shorter than a hash. */
function isReference(item: RlpItem): boolean {
  return item instanceof Uint8Array ? item.length === HASH_BYTES : encodedLength(item) < HASH_BYTES;
}

/** The first nibble says leaf (2) and odd (1); an even run is padded with one zero nibble. */
function readHexPrefix(bytes: Uint8Array): { nibbles: Uint8Array; isLeaf: boolean } | undefined {
  const [flag, pad] = nibblesOf(bytes.subarray(0, 1));
  if (flag === undefined || flag > 3) return undefined;
  const isOdd = flag % 2 === 1;
  if (!isOdd && pad !== 0) return undefined;
  return { nibbles: nibblesOf(bytes).subarray(isOdd ? 1 : 2), isLeaf: flag >= 2 };
}

function nibblesOf(bytes: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(2 * bytes.length);
  bytes.forEach((byte, i) => {
    nibbles[2 * i] = byte >> 4;
    nibbles[2 * i + 1] = byte & 15;
  });
  return nibbles;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The root over a list in its order, keyed by encoded index: a block's transactions or its receipts. */
export function orderedRoot(items: readonly Uint8Array[], hash: Keccak256 = keccak_256): Bytes32 {
  if (items.length === 0) return EMPTY_TRIE_ROOT;
  const entries = items.map((value, i) => ({ path: nibblesOf(encodeRlp(minimalBytes(i))), value }));
  return toHex(hash(encodeRlp(buildNode(entries, 0, hash)))) as Bytes32;
}

/**
 * The root over values under the hashes of their keys: the accounts of a state, or the words of one. Throws a RangeError where two
 * keys are the same.
 */
export function hashedRoot(
  items: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[],
): Bytes32 {
  if (items.length === 0) return EMPTY_TRIE_ROOT;
  const entries = items.map(({ key, value }) => ({ path: nibblesOf(keccak_256(key)), value }));
  return toHex(keccak_256(encodeRlp(buildNode(entries, 0, keccak_256)))) as Bytes32;
}

interface TrieEntry {
  readonly path: Uint8Array;
  readonly value: Uint8Array;
}

/** Encoded indexes are no prefixes of one another, so no entry ends at a branch. */
function buildNode(entries: readonly TrieEntry[], depth: number, hash: Keccak256): RlpItem {
  const below = (some: readonly TrieEntry[], from: number) => referenceTo(buildNode(some, from, hash), hash);
  const [first, ...others] = entries;
  if (first === undefined) return NOTHING;
  if (others.length === 0) return [writeHexPrefix(first.path.subarray(depth), true), first.value];
  let fork = depth;
  while (others.every(({ path }) => path[fork] === first.path[fork])) {
    if (fork === first.path.length) throw new RangeError('two values under one key');
    fork++;
  }
  if (fork > depth) {
    return [writeHexPrefix(first.path.subarray(depth, fork), false), below(entries, fork)];
  }
  const byNibble = Map.groupBy(entries, ({ path }) => path[fork]);
  const children = Array.from({ length: 16 }, (_, nibble) => {
    const some = byNibble.get(nibble);
    return some === undefined ? NOTHING : below(some, fork + 1);
  });
  return [...children, NOTHING];
}

/** How a parent names a node: by its hash, or whole where it is shorter than one. */
export function referenceTo(node: RlpItem, hash: Keccak256): RlpItem {
  const encoded = encodeRlp(node);
  return encoded.length < HASH_BYTES ? node : hash(encoded);
}

function writeHexPrefix(nibbles: Uint8Array, isLeaf: boolean): Uint8Array {
  const isOdd = nibbles.length % 2 === 1;
  const flag = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0);
  const padded = isOdd ? [flag, ...nibbles] : [flag, 0, ...nibbles];
  return Uint8Array.from(
    { length: padded.length / 2 },
    (_, i) => ((padded[2 * i] ?? 0) << 4) | (padded[2 * i + 1] ?? 0),
  );
}
