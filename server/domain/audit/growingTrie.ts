/**
 * A Merkle-Patricia trie of words that grows with what it holds: a word changes only the nodes above it.
 *
 * Promises: the root and the proofs are those of any other builder of the same words (`trie.ts` reads them); a trie that
 * was given out never changes, and shares with the next one all that is the same; a hash is computed once. Keys are the
 * 64 nibbles of a hashed slot, and a word of zero is none. Pure; `ledger/keptStorage.ts` keeps one a register.
 */
import type { Keccak256 } from '../acts/merkle.ts';
import { type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../base/hex.ts';
import { encodeRlp, type RlpItem } from './rlp.ts';
import { EMPTY_TRIE_ROOT, referenceTo } from './trie.ts';

const CHILDREN = 16;
const HASH_BYTES = 32;
const NOTHING = new Uint8Array(0);
const LEADING_ZEROS = /^0x(?:00)*/;

interface Leaf {
  readonly key: string;
  readonly word: Bytes32;
}

interface Branch {
  /** Nibbles that all keys below have in common. */
  readonly depth: number;
  /** A key that began with them, whether or not it is still below. */
  readonly sample: string;
  readonly children: readonly (Leaf | Branch | undefined)[];
  /** What a parent of this very branch names it by, once it was computed. */
  reference: RlpItem | undefined;
}

/** Nothing, or the node at the top. */
export type GrowingTrie = Leaf | Branch | undefined;

const isLeaf = (node: Leaf | Branch): node is Leaf => 'word' in node;
const nibbleAt = (key: string, depth: number): number => Number.parseInt(key.charAt(depth), CHILDREN);

/** The trie with this word under the key, or without any where the word is zero; the same one where nothing changes. */
export function withWord(trie: GrowingTrie, key: string, word: Bytes32): GrowingTrie {
  const leaf = word === ZERO_32 ? undefined : { key, word };
  if (trie === undefined) return leaf;
  if (isLeaf(trie)) {
    if (trie.key !== key) return leaf === undefined ? trie : forked(trie, trie.key, leaf);
    return trie.word === word ? trie : leaf;
  }
  const { depth, sample, children } = trie;
  if (!key.startsWith(sample.slice(0, depth))) return leaf === undefined ? trie : forked(trie, sample, leaf);
  const at = nibbleAt(key, depth);
  const child = withWord(children[at], key, word);
  if (child === children[at]) return trie;
  const next = children.with(at, child);
  const [first, second] = next.filter((one) => one !== undefined);
  return second === undefined ? first : { depth, sample, children: next, reference: undefined };
}

/** A branch above both, where their keys part. */
function forked(node: Leaf | Branch, sample: string, leaf: Leaf): Branch {
  let depth = 0;
  while (sample.charAt(depth) === leaf.key.charAt(depth)) depth++;
  const children = new Array<Leaf | Branch | undefined>(CHILDREN).fill(undefined);
  children[nibbleAt(sample, depth)] = node;
  children[nibbleAt(leaf.key, depth)] = leaf;
  return { depth, sample, children, reference: undefined };
}

/**
 * Computes references of at most so many branches, those below first, and answers how many more it would have computed:
 * zero where some are left. So a large trie is hashed in pieces, and others have their turn between them.
 */
export function hashSome(trie: GrowingTrie, most: number, hash: Keccak256): number {
  if (trie === undefined || isLeaf(trie) || trie.reference !== undefined) return most;
  let left = most;
  for (const child of trie.children) {
    left = hashSome(child, left, hash);
    if (left === 0) return 0;
  }
  referenceOf(trie, hash);
  return left - 1;
}

export function rootOf(trie: GrowingTrie, hash: Keccak256): Bytes32 {
  return trie === undefined ? EMPTY_TRIE_ROOT : (toHex(hash(encodeRlp(itemOf(trie, 0, hash)))) as Bytes32);
}

/** The word under the key, and the nodes that prove it, or prove that there is none, from the root down. */
export function provenIn(
  trie: GrowingTrie,
  key: string,
  hash: Keccak256,
): { readonly word: Bytes32; readonly nodes: readonly Hex[] } {
  const nodes: Hex[] = [];
  const pass = (item: RlpItem) => {
    const encoded = encodeRlp(item);
    // A node shorter than a hash stands inside its parent.
    if (nodes.length === 0 || encoded.length >= HASH_BYTES) nodes.push(toHex(encoded));
  };
  let [node, from] = [trie, 0];
  while (node !== undefined) {
    if (isLeaf(node)) {
      pass(itemOf(node, from, hash));
      return { word: node.key === key ? node.word : ZERO_32, nodes };
    }
    if (node.depth > from) {
      pass(itemOf(node, from, hash));
      if (!key.startsWith(node.sample.slice(0, node.depth))) break;
    }
    pass(contentOf(node, hash));
    from = node.depth + 1;
    node = node.children[nibbleAt(key, node.depth)];
  }
  return { word: ZERO_32, nodes };
}

/** The node as it stands under a parent that has passed so many nibbles: a branch further down behind an extension. */
function itemOf(node: Leaf | Branch, from: number, hash: Keccak256): RlpItem {
  if (isLeaf(node)) {
    const value = encodeRlp(fromHex(node.word.replace(LEADING_ZEROS, '0x')));
    return [hexPrefix(node.key.slice(from), true), value];
  }
  if (node.depth === from) return contentOf(node, hash);
  return [hexPrefix(node.sample.slice(from, node.depth), false), referenceOf(node, hash)];
}

function contentOf({ children, depth }: Branch, hash: Keccak256): RlpItem {
  const named = children.map((child) => {
    if (child === undefined) return NOTHING;
    const isBare = !isLeaf(child) && child.depth === depth + 1;
    return isBare ? referenceOf(child, hash) : referenceTo(itemOf(child, depth + 1, hash), hash);
  });
  return [...named, NOTHING];
}

function referenceOf(branch: Branch, hash: Keccak256): RlpItem {
  branch.reference ??= referenceTo(contentOf(branch, hash), hash);
  return branch.reference;
}

/** A run of nibbles as a leaf or an extension carries it: straight from hex, for most of a proof's time went here. */
function hexPrefix(run: string, isLeaf: boolean): Uint8Array {
  const isOdd = run.length % 2 === 1;
  const flag = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0);
  return fromHex(`0x${flag}${isOdd ? '' : '0'}${run}`);
}
