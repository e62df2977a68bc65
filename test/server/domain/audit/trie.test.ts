/** The trie against another implementation, and every way a proof can be bent. */
import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { expect } from 'chai';
import {
  proofOfAnswer,
  readSlot,
  readState,
  type StateProof,
  slotOf,
} from '../../../../server/domain/audit/state.ts';
import { EMPTY_TRIE_ROOT, hashedRoot, orderedRoot, readTrie } from '../../../../server/domain/audit/trie.ts';
import {
  type Address,
  type Bytes32,
  type Hex,
  toHex,
  wordOf,
  ZERO_32,
} from '../../../../server/domain/base/hex.ts';
import { CHARTER, makeState } from '../../../chain/forge.ts';
import { codeOf } from '../../../chain/recorded.ts';
import { type Seeded, seeded } from '../../../seeded.ts';

const SEED = 20260404;

/** Keys that share long runs of nibbles, so that extensions and embedded nodes occur; not hashed. */
function crowdedKey(random: Seeded, base: Uint8Array): Uint8Array {
  const key = Uint8Array.from(base);
  const shared = random.pick([0, 1, 8, 30, 31, 31]);
  key.set(random.bytes(32 - shared), shared);
  return key;
}

const rootOfNode = (node: unknown) => toHex(keccak_256(RLP.encode(node as Uint8Array))) as Bytes32;
const encodedNode = (node: unknown) => RLP.encode(node as Uint8Array);

describe('a trie proof', () => {
  it('answers as the other implementation does, present and absent, in crowded tries', async () => {
    const random = seeded(SEED);
    let present = 0;
    let absent = 0;
    for (let round = 0; round < 40; round++) {
      const trie = await createMPT();
      const base = random.bytes(32);
      const entries = new Map<Hex, Uint8Array>();
      for (let i = random.below(40); i >= 0; i--) {
        const key = crowdedKey(random, base);
        const value = random.bytes(1 + random.below(random.pick([3, 40])));
        entries.set(toHex(key), value);
        await trie.put(key, value);
      }
      const root = toHex(trie.root()) as Bytes32;
      const asked = [...entries.keys()].map((key) => Uint8Array.from(Buffer.from(key.slice(2), 'hex')));
      for (const key of [...asked, ...Array.from({ length: 20 }, () => crowdedKey(random, base))]) {
        // The library lists an embedded node again after its parent; nodes of a network do not.
        const nodes = (await createMerkleProof(trie, key)).filter((node, i) => i === 0 || node.length >= 32);
        const value = readTrie(root, key, nodes);
        expect(value && toHex(value)).to.equal(
          entries.get(toHex(key)) && toHex(entries.get(toHex(key)) ?? key),
        );
        if (value === undefined) absent++;
        else present++;
      }
    }
    expect(present).to.be.greaterThan(300);
    expect(absent).to.be.greaterThan(300);
  });

  it('of an empty trie is no node, or the one empty node', () => {
    const key = new Uint8Array(32);
    expect(readTrie(EMPTY_TRIE_ROOT, key, [])).to.equal(undefined);
    expect(readTrie(EMPTY_TRIE_ROOT, key, [Uint8Array.of(0x80)])).to.equal(undefined);
    expect(codeOf(() => readTrie(EMPTY_TRIE_ROOT, key, [Uint8Array.of(0x81)]))).to.equal(
      'proof-node-mismatched',
    );
    const twice = [Uint8Array.of(0x80), Uint8Array.of(0x80)];
    expect(codeOf(() => readTrie(EMPTY_TRIE_ROOT, key, twice))).to.equal('proof-node-unused');
    expect(codeOf(() => readTrie(ZERO_32, key, []))).to.equal('proof-node-missing');
    expect(() => readTrie(ZERO_32, new Uint8Array(31), [])).to.throw(TypeError);
  });

  it('has nodes in the one form that a trie of 32-byte keys has', () => {
    const key = new Uint8Array(32);
    const nothing = new Uint8Array(0);
    const value = Uint8Array.of(1);
    const hash = new Uint8Array(32).fill(7);
    const empty = Array.from({ length: 16 }, () => nothing);
    const zeros = (nibbles: number, flag: number) => new Uint8Array(1 + nibbles / 2).with(0, flag);
    const bad: Record<string, unknown> = {
      'a string': value,
      'three items': [nothing, nothing, nothing],
      'a leaf of a short path': [zeros(62, 0x20), value],
      'a leaf with its padding set': [zeros(64, 0x21), value],
      'a leaf with an unknown flag': [zeros(64, 0x40), value],
      'a leaf with no prefix': [nothing, value],
      'a leaf with no value': [zeros(64, 0x20), nothing],
      'a leaf with a list for a value': [zeros(64, 0x20), []],
      'an extension of nothing': [zeros(0, 0x00), hash],
      'an extension as long as the key': [zeros(64, 0x00), hash],
      'an extension to no child': [zeros(2, 0x00), nothing],
      'a branch of one': [...empty.with(0, hash), nothing],
      'a branch of none': [...empty, nothing],
      'a branch with a value': [...empty.with(0, hash).with(1, hash), value],
      'a branch with a short reference': [...empty.with(0, hash).with(1, hash.subarray(1)), nothing],
      'a branch with a large child inside': [...[[hash, hash], hash], ...empty.slice(2), nothing],
    };
    for (const [what, node] of Object.entries(bad)) {
      expect(
        codeOf(() => readTrie(rootOfNode(node), key, [encodedNode(node)])),
        what,
      ).to.equal('proof-node-malformed');
    }
    const short = encodedNode([zeros(62, 0x3f), value]);
    expect(short.length).to.be.greaterThan(31);
  });

  it('has a branch under an extension, and no hashed child that fits inside its parent', () => {
    const key = new Uint8Array(32);
    const leaf = [new Uint8Array(32).with(0, 0x20), new Uint8Array(9).fill(9)];
    const extension = [Uint8Array.of(0, 0), keccak_256(encodedNode(leaf))];
    const nodes = [encodedNode(extension), encodedNode(leaf)];
    expect(codeOf(() => readTrie(rootOfNode(extension), key, nodes))).to.equal('proof-node-malformed');
    const tiny = [Uint8Array.of(0x30, 0), Uint8Array.of(1)];
    const branch = [keccak_256(encodedNode(tiny)), new Uint8Array(32), ...Array(15).fill(new Uint8Array(0))];
    const top = [new Uint8Array(31), keccak_256(encodedNode(branch))];
    const three = [top, branch, tiny].map(encodedNode);
    expect(codeOf(() => readTrie(rootOfNode(top), key, three))).to.equal('proof-node-malformed');
    const inside = [tiny, ...branch.slice(1)];
    const within = [new Uint8Array(31), keccak_256(encodedNode(inside))];
    expect(readTrie(rootOfNode(within), key, [within, inside].map(encodedNode))).to.deep.equal(
      Uint8Array.of(1),
    );
  });
});

describe('a proof of an account and its slots', () => {
  const slot = wordOf(5n);
  const make = () => makeState(CHARTER, new Map([[slot, 99n], ...nineSlots()]));
  const nineSlots = () =>
    Array.from({ length: 9 }, (_, i) => [wordOf(BigInt(100 + i)), BigInt(i + 1)] as const);

  it('gives each slot, and zero for one that is empty', async () => {
    const made = await make();
    const state = readState(made.stateRoot, await made.prove(CHARTER.address, [slot, wordOf(6n)]));
    expect(slotOf(state, slot)).to.equal(wordOf(99n));
    expect(slotOf(state, wordOf(6n))).to.equal(ZERO_32);
    expect(codeOf(() => slotOf(state, wordOf(7n)))).to.equal('proof-slot-missing');
    expect(state.account.codeHash).to.equal(CHARTER.codeHash);
  });

  it('names what is wrong with it', async () => {
    const made = await make();
    const proof = await made.prove(CHARTER.address, [slot]);
    const read = (changed: Partial<StateProof>) =>
      codeOf(() => readState(made.stateRoot, { ...proof, ...changed }));
    const [root = '0x', ...rest] = proof.nodes;
    const nobody = await made.prove(`0x${'de'.repeat(20)}` as Address, []);
    const cases: Record<string, Partial<StateProof>> = {
      'proof-node-missing': { nodes: proof.nodes.slice(0, -1) },
      'proof-node-unused': { nodes: [...proof.nodes, root] },
      'proof-node-mismatched': { nodes: [...rest, root] },
      'proof-slot-repeated': { slots: [...proof.slots, ...proof.slots] },
      'proof-node-malformed': { nodes: ['0xABCD' as Hex] },
      'account-absent': nobody,
    };
    for (const [code, changed] of Object.entries(cases)) expect(read(changed)).to.equal(code);
  });

  it('holds no account and no slot in a form that a chain does not store', async () => {
    const slots: Record<string, Uint8Array> = {
      zero: Uint8Array.of(0x80),
      'a leading zero': Uint8Array.of(0x82, 0, 1),
      'thirty-three bytes': RLP.encode(new Uint8Array(33).fill(1)),
      'a list': Uint8Array.of(0xc0),
    };
    for (const [what, stored] of Object.entries(slots)) {
      const storage = await createMPT({ useKeyHashing: true });
      await storage.put(
        Uint8Array.from({ length: 32 }, () => 0),
        stored,
      );
      const nodes = (await createMerkleProof(storage, new Uint8Array(32))).map(toHex);
      const root = toHex(storage.root()) as Bytes32;
      expect(
        codeOf(() => readSlot(root, { slot: ZERO_32, nodes })),
        what,
      ).to.equal('proof-value-malformed');
    }
    const hash = new Uint8Array(32);
    const accounts = [
      [1, 0, hash],
      [1, 0, hash, hash, 1],
      [1, 0, hash, hash.subarray(1)],
      [Uint8Array.of(0), 0, hash, hash],
    ];
    for (const account of accounts) {
      const state = await createMPT({ useKeyHashing: true });
      await state.put(new Uint8Array(20), RLP.encode(account as Uint8Array[]));
      const nodes = (await createMerkleProof(state, new Uint8Array(20))).map(toHex);
      const proof = { address: `0x${'00'.repeat(20)}` as Address, nodes, slots: [] };
      expect(codeOf(() => readState(toHex(state.root()) as Bytes32, proof))).to.equal(
        'proof-value-malformed',
      );
    }
  });

  it('is found in an answer by number, whatever a node does to keys and order', async () => {
    const made = await make();
    const proof = await made.prove(CHARTER.address, [slot, wordOf(100n), ZERO_32]);
    const shorten = (key: string) => `0x${BigInt(key).toString(16)}`;
    const storageProof = proof.slots
      .map(({ slot: key, nodes }) => ({ key: shorten(key), proof: nodes }))
      .reverse();
    const answer = {
      accountProof: proof.nodes.map((node) => node.toUpperCase().replace('0X', '0x')),
      storageProof,
    };
    const asked = proof.slots.map(({ slot: key }) => key);
    expect(proofOfAnswer(answer, CHARTER.address, asked)).to.deep.equal(proof);
    expect(codeOf(() => proofOfAnswer(answer, CHARTER.address, [wordOf(7n)]))).to.equal('proof-slot-missing');
    for (const key of ['', '5', '0x', '0xg', `0x${'1'.repeat(65)}`, '-0x1']) {
      const odd = { ...answer, storageProof: [{ key, proof: [] }] };
      expect(
        codeOf(() => proofOfAnswer(odd, CHARTER.address, [])),
        key,
      ).to.equal('proof-node-malformed');
    }
  });
});

describe('the root over a list', () => {
  it('is the other implementation’s, for every length about the byte’s edge and for short and long items', async () => {
    const random = seeded(SEED + 1);
    for (const count of [0, 1, 2, 3, 15, 16, 17, 127, 128, 129, 200, 256, 257, 300]) {
      for (const size of [1, 4, 40, 300]) {
        const items = Array.from({ length: count }, () => random.bytes(size));
        const trie = await createMPT();
        for (const [i, item] of items.entries()) await trie.put(RLP.encode(i), item);
        expect(orderedRoot(items), `${count} of ${size}`).to.equal(toHex(trie.root()));
      }
    }
  });

  it('ends where two values stand under one key', () => {
    const key = new Uint8Array(20);
    const twice = [1, 2].map((byte) => ({ key, value: Uint8Array.of(byte) }));
    expect(() => hashedRoot(twice)).to.throw(RangeError);
  });
});
