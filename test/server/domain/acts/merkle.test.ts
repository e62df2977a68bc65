/** The tree against a plain recursion of its definition, and against every proof that should not pass. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { expect } from 'chai';
import { createKeccak } from 'hash-wasm';
import {
  type Leaf,
  MerkleTree,
  saltedLeaf,
  saltedLeafBytes,
  verifyProof,
} from '../../../../server/domain/acts/merkle.ts';
import { type Bytes32, fromHex, toHex } from '../../../../server/domain/base/hex.ts';
import { seeded } from '../../../seeded.ts';
import { vectors } from '../../../vectors.ts';

const SEED = 20260101;

function leavesOf(count: number): Leaf[] {
  const random = seeded(SEED + count);
  return Array.from({ length: count }, () => saltedLeaf(toHex(random.bytes(32)) as Bytes32, random.bytes(9)));
}

/** RFC 9162's recursion: split at the largest power of two below the size. */
function topOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = leaves;
  if (only === undefined) throw new RangeError('no leaves');
  if (others.length === 0) return only;
  const split = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return keccak_256(concatBytes(Uint8Array.of(1), topOf(leaves.slice(0, split)), topOf(leaves.slice(split))));
}

function rootOf(leaves: readonly Leaf[]): Bytes32 {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(leaves.length));
  return toHex(keccak_256(concatBytes(Uint8Array.of(2), size, topOf(leaves.map(fromHex))))) as Bytes32;
}

describe('the Merkle tree', () => {
  it('has the root of its definition and proves every leaf, for every size to 70', () => {
    for (let size = 1; size <= 70; size++) {
      const leaves = leavesOf(size);
      const tree = MerkleTree.of(leaves);
      expect(tree.root, `size ${size}`).to.equal(rootOf(leaves));
      leaves.forEach((leaf, index) => {
        expect(verifyProof(tree.root, leaf, tree.proof(index)), `${index} of ${size}`).to.equal(true);
      });
    }
  });

  it('proves a leaf at no other place, in no tree of another size, and with no other path', () => {
    let tried = 0;
    let letIn = 0;
    const attempt = (isIn: boolean) => {
      tried++;
      if (isIn) letIn++;
    };
    for (let size = 1; size <= 20; size++) {
      const leaves = leavesOf(size);
      const tree = MerkleTree.of(leaves);
      leaves.forEach((leaf, index) => {
        const proof = tree.proof(index);
        for (let otherSize = 1; otherSize <= 24; otherSize++) {
          for (let otherIndex = 0; otherIndex < otherSize; otherIndex++) {
            if (otherSize === size && otherIndex === index) continue;
            attempt(verifyProof(tree.root, leaf, { ...proof, size: otherSize, index: otherIndex }));
          }
        }
        for (const place of [-1, 0.5, size, 2 ** 40])
          attempt(verifyProof(tree.root, leaf, { ...proof, index: place }));
        attempt(verifyProof(tree.root, leaf, { ...proof, path: [...proof.path, tree.root] }));
        if (proof.path.length > 0)
          attempt(verifyProof(tree.root, leaf, { ...proof, path: proof.path.slice(1) }));
        proof.path.forEach((hash, i) => {
          const upper = hash.toUpperCase().replace('0X', '0x') as Bytes32;
          if (upper !== hash)
            attempt(verifyProof(tree.root, leaf, { ...proof, path: proof.path.with(i, upper) }));
          for (let bit = 0; bit < 256; bit++) {
            const bytes = fromHex(hash);
            bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
            attempt(
              verifyProof(tree.root, leaf, { ...proof, path: proof.path.with(i, toHex(bytes) as Bytes32) }),
            );
          }
        });
      });
    }
    console.log(`      merkle proofs | ${SEED} | ${tried} tried | ${letIn} let in`);
    expect(tried).to.be.greaterThan(100_000);
    expect(letIn).to.equal(0);
  }).timeout(600_000);

  it('takes no inner node for a leaf', () => {
    const leaves = leavesOf(4);
    const tree = MerkleTree.of(leaves);
    const [, upper] = tree.proof(0).path;
    const inner = MerkleTree.of(leaves.slice(2)).proof(0).path[0];
    if (upper === undefined || inner === undefined)
      throw new Error('a tree of four has two levels of siblings');
    const shortened = { index: 0, size: 2, path: [upper] };
    expect(verifyProof(tree.root, toHex(topOf(leaves.slice(0, 2).map(fromHex))) as Leaf, shortened)).to.equal(
      false,
    );
  });

  it('takes at most 64 bytes a leaf and 32 a level, built where the leaves were written', () => {
    let given = 0;
    const tree = new MerkleTree(1000, (into) => {
      given = into.buffer.byteLength;
      leavesOf(1000).forEach((leaf, i) => {
        into.set(fromHex(leaf), 32 * i);
      });
    });
    expect(given).to.be.at.most(64 * 1000 + 32 * 11);
    expect(tree.root).to.equal(rootOf(leavesOf(1000)));
  });

  it('is the same tree with a WebAssembly hash', async () => {
    const hasher = await createKeccak(256);
    const hash = (bytes: Uint8Array) => hasher.init().update(bytes).digest('binary');
    for (const size of [1, 2, 3, 77, 256]) {
      const leaves = leavesOf(size).map(fromHex);
      const fill = (into: Uint8Array) => {
        leaves.forEach((leaf, i) => {
          into.set(leaf, 32 * i);
        });
      };
      expect(new MerkleTree(size, fill, hash).root).to.equal(new MerkleTree(size, fill).root);
    }
    const [salt, data] = [new Uint8Array(32).fill(3), new Uint8Array(5)];
    expect(saltedLeafBytes(salt, data, hash)).to.deep.equal(saltedLeafBytes(salt, data));
  });

  it('refuses to be empty, and to prove a leaf that it does not have', () => {
    expect(() => MerkleTree.of([])).to.throw(RangeError);
    expect(() => new MerkleTree(2 ** 24 + 1, () => {})).to.throw(RangeError);
    const tree = MerkleTree.of(leavesOf(3));
    for (const index of [-1, 3, 1.5, Number.NaN]) expect(() => tree.proof(index)).to.throw(RangeError);
    expect(() => saltedLeafBytes(new Uint8Array(31), new Uint8Array(0))).to.throw(TypeError);
  });

  it('makes the pinned bytes', () => {
    for (const { leaves, root, proofs } of vectors.merkle) {
      const made = leaves.map(({ salt, data }) => saltedLeaf(salt, fromHex(data)));
      expect(made).to.deep.equal(leaves.map(({ leaf }) => leaf));
      const tree = MerkleTree.of(made);
      expect(tree.root).to.equal(root);
      expect(made.map((_, index) => tree.proof(index).path)).to.deep.equal(proofs);
    }
  });
});
