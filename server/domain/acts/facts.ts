/**
 * Salted facts under one root: what may be shown of them one by one, and what nobody can guess.
 *
 * One format for all: the facts of a unit (`factsRoot`), of a party (`partyCommitment`), of a geometry, of terms, of
 * source documents. Promises: each fact has its own 256-bit salt, so to show one, or to destroy one, says nothing of
 * the others; the same facts and salts make the same root in any order of giving; a root says how many facts it has.
 * It cannot promise that no path stands twice among facts that were not shown. Pure: salts are handed in.
 *
 * Leaf data, version 1: 0x01 ‖ length of the path in bytes, uint16 big-endian ‖ path ‖ value, both UTF-8 in NFC.
 * Leaves stand in the order of their paths' bytes, in the salted Merkle tree of merkle.ts.
 */
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Bytes32 } from '../base/hex.ts';
import { parseHex } from '../base/hex.ts';
import { type Leaf, MerkleTree, saltedLeaf, verifyProof } from './merkle.ts';

/** One fact with what opens it. */
export interface Fact {
  /** Where it belongs: `parcel/number`, `name`, `boundary`. */
  readonly path: string;
  /** Its text in NFC. */
  readonly value: string;
  /** 32 random bytes, secret until the fact is shown. */
  readonly salt: Bytes32;
}

/** Facts and the root that commits to them: what the vault keeps of a commitment. */
export interface FactSet {
  readonly root: Bytes32;
  /** In the order of their leaves. */
  readonly facts: readonly Fact[];
}

/** One fact shown: anybody with the root can check it. */
export interface DisclosedFact extends Fact {
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Bytes32[];
}

const LEAF_VERSION = 0x01;
/** As many fields as a form has; a clan's members are a root of their own. */
export const MAX_FACTS = 256;
export const MAX_PATH_BYTES = 128;
/** A boundary of a thousand vertices written out, with room. */
export const MAX_VALUE_BYTES = 65_536;
/** Parts of lower-case words, digits and hyphens. */
export const FACT_PATH = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\/[a-z0-9]+(?:-[a-z0-9]+)*)*$/;

/** Whether path and value are of the form a leaf takes. */
export function isFact({ path, value, salt }: Fact): boolean {
  return (
    path.length <= MAX_PATH_BYTES &&
    FACT_PATH.test(path) &&
    value.length <= MAX_VALUE_BYTES &&
    value.isWellFormed() &&
    value.normalize('NFC') === value &&
    utf8ToBytes(value).length <= MAX_VALUE_BYTES &&
    parseHex(salt, 32) === salt
  );
}

/** Commits to facts. A TypeError on a fact out of form, a path or a salt given twice: callers parse at the edge. */
export function commitFacts(given: readonly Fact[]): FactSet {
  const facts = given.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  if (facts.length === 0 || facts.length > MAX_FACTS) throw new TypeError('no such number of facts');
  if (!facts.every(isFact)) throw new TypeError('a fact out of form');
  for (const name of ['path', 'salt'] as const) {
    if (new Set(facts.map((fact) => fact[name])).size !== facts.length) {
      throw new TypeError(`one ${name} for two facts`);
    }
  }
  return { root: treeOf(facts).root, facts };
}

/** Shows the facts of some paths, in the order of their leaves. */
export function discloseFacts(set: FactSet, paths: readonly string[]): DisclosedFact[] {
  const tree = treeOf(set.facts);
  if (tree.root !== set.root) throw new TypeError('facts of another root');
  const unknown = paths.find((path) => !set.facts.some((fact) => fact.path === path));
  if (unknown !== undefined) throw new TypeError('no fact of this path');
  return set.facts.flatMap((fact, i) => {
    if (!paths.includes(fact.path)) return [];
    const { index, size, path: proof } = tree.proof(i);
    return [{ ...fact, index, size, proof }];
  });
}

/** Whether the root commits to this fact, at this place. Never throws on what a stranger wrote. */
export function isCommitted(root: Bytes32, fact: DisclosedFact): boolean {
  const { index, size, proof } = fact;
  return isFact(fact) && verifyProof(root, factLeaf(fact), { index, size, path: proof });
}

/** The leaf of one fact. */
export function factLeaf({ path, value, salt }: Fact): Leaf {
  const [name, text] = [utf8ToBytes(path), utf8ToBytes(value)];
  const head = Uint8Array.of(LEAF_VERSION, name.length >> 8, name.length & 0xff);
  return saltedLeaf(salt, concatBytes(head, name, text));
}

function treeOf(facts: readonly Fact[]): MerkleTree {
  return MerkleTree.of(facts.map(factLeaf));
}
