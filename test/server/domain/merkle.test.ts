import { readFileSync } from 'node:fs';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { expect } from 'chai';
import { type Bytes32, fromHex, toHex } from '../../../server/domain/hex.ts';
import { type Leaf, MerkleTree, saltedLeaf, verifyProof } from '../../../server/domain/merkle.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/vectors.json', import.meta.url), 'utf8'),
).merkle;

const saltOf = (i: number) => toHex(keccak_256(Uint8Array.of(1, i))) as Bytes32;
const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => saltedLeaf(saltOf(i), Uint8Array.of(i)));

/** The format in its plainest words, to hold the fast tree against. */
function plainRoot(leaves: readonly Leaf[]): Bytes32 {
  let level = leaves.map(fromHex);
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] ?? new Uint8Array(), level[i + 1]];
      next.push(right === undefined ? left : keccak_256(Uint8Array.of(1, ...left, ...right)));
    }
    level = next;
  }
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(leaves.length));
  return toHex(keccak_256(Uint8Array.of(2, ...size, ...(level[0] ?? [])))) as Bytes32;
}

describe('a tree of salted leaves', () => {
  it('has the root its format describes, at every size', () => {
    for (let size = 1; size <= 70; size++)
      expect(MerkleTree.of(leavesOf(size)).root).to.equal(plainRoot(leavesOf(size)));
  });

  it('keeps its bytes for ever', () => {
    const leaves = leavesOf(5);
    expect(leaves[0]).to.equal(vectors.leaf);
    expect(MerkleTree.of(leaves).root).to.equal(vectors.root);
    expect(MerkleTree.of(leaves).proof(4)).to.deep.equal(vectors.proof);
  });

  it('proves each leaf at its own place and nowhere else', () => {
    let tried = 0;
    let letIn = 0;
    for (let size = 1; size <= 20; size++) {
      const leaves = leavesOf(size);
      const tree = MerkleTree.of(leaves);
      leaves.forEach((leaf, index) => {
        const proof = tree.proof(index);
        expect(verifyProof(tree.root, leaf, proof)).to.equal(true);
        const wrong = [
          ...leaves.filter((other) => other !== leaf).map((other) => [other, proof] as const),
          ...leaves
            .map((_, other) => [leaf, { ...proof, index: other }] as const)
            .filter(([, p]) => p.index !== index),
          [leaf, { ...proof, size: size + 1 }] as const,
          [leaf, { ...proof, path: proof.path.slice(1) }] as const,
          [leaf, { ...proof, path: [...proof.path, tree.root] }] as const,
        ].filter(([l, p]) => l !== leaf || JSON.stringify(p) !== JSON.stringify(proof));
        for (const [candidate, claimed] of wrong) {
          tried++;
          if (verifyProof(tree.root, candidate, claimed)) letIn++;
        }
      });
    }
    console.log(`      merkle proofs | exhaustive to 20 leaves | ${tried} tried | ${letIn} let in`);
    expect(tried).to.be.greaterThan(5_000);
    expect(letIn).to.equal(0);
  });

  it('says no, and throws nothing, on what a stranger wrote', () => {
    const tree = MerkleTree.of(leavesOf(3));
    const [leaf] = leavesOf(3);
    const proof = tree.proof(0);
    const strange = [NaN, -1, 1.5, 2 ** 60].map((index) => ({ ...proof, index }));
    for (const claimed of [
      ...strange,
      { ...proof, size: 2 ** 30 },
      { ...proof, path: ['0xzz' as Bytes32] },
    ]) {
      expect(verifyProof(tree.root, leaf ?? ('0x' as Leaf), claimed)).to.equal(false);
    }
  });
});
