/** A trie that grows, beside one that another library builds of the same words. */
import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { expect } from 'chai';
import {
  type GrowingTrie,
  hashSome,
  provenIn,
  rootOf,
  withWord,
} from '../../../../server/domain/audit/growingTrie.ts';
import { type Bytes32, fromHex, toHex, wordOf, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { seeded } from '../../../seeded.ts';

const KEYS = 40;
const CHANGES = 600;

const keyOf = (slot: Bytes32) => toHex(keccak_256(fromHex(slot))).slice(2);
const grown = (slots: number): GrowingTrie => {
  let trie: GrowingTrie;
  for (let slot = 1; slot <= slots; slot++) trie = withWord(trie, keyOf(wordOf(slot)), wordOf(slot));
  return trie;
};

function counting() {
  const count = { hashes: 0 };
  return {
    count,
    hash: (bytes: Uint8Array) => {
      count.hashes++;
      return keccak_256(bytes);
    },
  };
}

describe('a trie that grows', () => {
  it('has the root and the proofs of another, after every word that is set, changed or taken away', async () => {
    const random = seeded(12);
    const other = await createMPT();
    const keys = Array.from({ length: KEYS }, () => random.bytes(32));
    // Keys that share long runs of nibbles, so that there are extensions, and nodes that stand inside their parent.
    const crowded = keys.map((key) => {
      const shared = random.pick([0, 1, 8, 30, 31, 31]);
      return Uint8Array.from(key, (byte, i) => (i < shared ? (keys[0]?.[i] ?? 0) : byte));
    });
    let trie: GrowingTrie;
    for (let change = 0; change < CHANGES; change++) {
      const key = random.pick([...keys, ...crowded]);
      const value = random.pick([0n, 0n, BigInt(random.below(99)), BigInt(toHex(random.bytes(32)))]);
      if (value === 0n) await other.del(key);
      else await other.put(key, RLP.encode(value));
      trie = withWord(trie, toHex(key).slice(2), wordOf(value));
      expect(rootOf(trie, keccak_256)).to.equal(toHex(other.root()));
      const asked = random.pick([...keys, ...crowded]);
      const { word, nodes } = provenIn(trie, toHex(asked).slice(2), keccak_256);
      const kept = await other.get(asked);
      expect(word).to.equal(kept === null ? ZERO_32 : wordOf(BigInt(toHex(RLP.decode(kept) as Uint8Array))));
      // The library lists an embedded node again after its parent; nodes of a network do not.
      const due = (await createMerkleProof(other, asked)).filter((node, i) => i === 0 || node.length >= 32);
      if (trie !== undefined) expect(nodes).to.deep.equal(due.map((node) => toHex(node)));
    }
  });

  it('leaves the one before as it was, and is the same one where nothing changes', () => {
    const before = grown(50);
    const root = rootOf(before, keccak_256);
    const key = keyOf(wordOf(7n));
    const after = withWord(withWord(before, key, wordOf(8n)), keyOf(wordOf(9n)), ZERO_32);
    expect(rootOf(after, keccak_256)).not.to.equal(root);
    expect(rootOf(before, keccak_256)).to.equal(root);
    expect(withWord(before, key, wordOf(7n))).to.equal(before);
    expect(withWord(before, keyOf(wordOf(999n)), ZERO_32)).to.equal(before);
  });

  it('hashes a word’s own path anew and nothing else, and a proof little more, however much it holds', () => {
    const hashesOf = (slots: number) => {
      const trie = grown(slots);
      rootOf(trie, keccak_256);
      const { count, hash } = counting();
      const next = withWord(trie, keyOf(wordOf(1n)), wordOf(2n));
      rootOf(next, hash);
      const changed = count.hashes;
      provenIn(next, keyOf(wordOf(2n)), hash);
      return { changed, proved: count.hashes - changed };
    };
    const [few, many] = [hashesOf(300), hashesOf(10_000)];
    // Two levels more, of at most sixteen leaves that are named anew.
    expect(many.changed - few.changed).to.be.at.most(2 * 16);
    expect(many.proved - few.proved).to.be.at.most(2 * 16);
    expect(few.changed).to.be.greaterThan(1);
  });

  it('is hashed in pieces, each branch once', () => {
    const trie = grown(2_000);
    const { count, hash } = counting();
    let pieces = 1;
    for (; hashSome(trie, 100, hash) === 0; pieces++) expect(count.hashes).to.be.at.most(pieces * 100 * 17);
    expect(pieces).to.be.greaterThan(3);
    const all = count.hashes;
    rootOf(trie, hash);
    // The root itself is not named by a parent.
    expect(count.hashes - all).to.be.at.most(17);
  });
});
