/** The verifier against what a real Besu network wrote: blocks, seals, receipts, proofs, and every flipped bit. */
import { expect } from 'chai';
import { checkSeals, quorumOf, readQbftHeader, sealSigners } from '../../../../server/domain/audit/qbft.ts';
import { unwrapReceipt } from '../../../../server/domain/audit/receipts.ts';
import {
  proofOfAnswer,
  readAccount,
  readSlot,
  readState,
  slotOf,
} from '../../../../server/domain/audit/state.ts';
import { orderedRoot } from '../../../../server/domain/audit/trie.ts';
import { type Bytes32, fromHex, type Hex, toHex, wordOf } from '../../../../server/domain/base/hex.ts';
import { codeOf, headersOfFourNodes, type RecordedChain, recordedChain } from '../../../chain/recorded.ts';

const chains = (['cancun', 'osaka', 'osaka-header-mode'] as const).map(recordedChain);
const contractChains = chains.filter(({ proofs }) => proofs.size > 0);

function blockOf(chain: RecordedChain, number: number) {
  const block = chain.blocks.find((candidate) => candidate.number === number);
  const expected = chain.expected.find((candidate) => candidate.number === number);
  if (block === undefined || expected === undefined) throw new Error(`block ${number} is not recorded`);
  return { block, expected };
}

/** Every header that differs from `raw` in one bit. */
function* flips(raw: Hex): Generator<Uint8Array> {
  const bytes = fromHex(raw);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield flipped;
  }
}

describe('recorded Besu headers', () => {
  for (const chain of chains) {
    it(`of ${chain.name} have the hash, round, digest and signers that the network had`, () => {
      for (const expected of chain.expected) {
        const header = readQbftHeader(fromHex(blockOf(chain, expected.number).block.rawHeader));
        expect(header.hash).to.equal(expected.hash);
        expect(header.round).to.equal(expected.round);
        expect(header.validators).to.deep.equal(expected.validatorsInHeader);
        if (expected.commitDigest !== null) expect(header.commitDigest).to.equal(expected.commitDigest);
        expect(sealSigners(header)).to.deep.equal(expected.sealSigners);
      }
    });

    it(`of ${chain.name} are accepted from their own set and by no smaller quorum`, () => {
      for (const { number, validatorsThatMustSign, quorum } of chain.expected) {
        if (validatorsThatMustSign === null || quorum === null) continue;
        const header = readQbftHeader(fromHex(blockOf(chain, number).block.rawHeader));
        expect(quorumOf(validatorsThatMustSign.length)).to.equal(quorum);
        expect(checkSeals(header, validatorsThatMustSign)).to.be.at.least(quorum);
        const short = { ...header, seals: header.seals.slice(0, quorum - 1) };
        expect(codeOf(() => checkSeals(short, validatorsThatMustSign))).to.equal('seals-too-few');
        const twice = { ...header, seals: [...header.seals.slice(1), ...header.seals.slice(1, 2)] };
        expect(codeOf(() => checkSeals(twice, validatorsThatMustSign))).to.equal('seal-repeated');
        const signer = sealSigners(header)[0];
        const without = validatorsThatMustSign.filter((member) => member !== signer);
        expect(codeOf(() => checkSeals(header, without))).to.equal('seal-not-by-member');
      }
    });
  }

  it('are refused with any single bit flipped', function () {
    this.timeout(600_000); // some ten thousand signature recoveries
    let tried = 0;
    let letIn = 0;
    for (const chain of chains) {
      const sealed = chain.expected.find(({ validatorsThatMustSign }) => validatorsThatMustSign !== null);
      if (sealed?.validatorsThatMustSign == null) throw new Error('no sealed block');
      const members = sealed.validatorsThatMustSign;
      for (const flipped of flips(blockOf(chain, sealed.number).block.rawHeader)) {
        tried++;
        const code = codeOf(() => {
          const header = readQbftHeader(flipped);
          // A flip inside the seals leaves the hash as it is and must fail there; any other must move the hash.
          if (header.hash === sealed.hash) checkSeals(header, members);
          else throw Object.assign(new Error('another block'), { code: 'another-block' });
        });
        if (code === undefined) letIn++;
      }
    }
    console.log(`      header flips | exhaustive | ${tried} tried | ${letIn} let in`);
    expect(tried).to.be.greaterThan(15_000);
    expect(letIn).to.equal(0);
  });

  it('of one block kept by four nodes with different seals have one hash', () => {
    for (const { number, headers } of headersOfFourNodes()) {
      const hashes = new Set(headers.map((raw) => readQbftHeader(fromHex(raw)).hash));
      expect(hashes.size, `block ${number}`).to.equal(1);
      expect(new Set(headers).size).to.be.greaterThan(1);
    }
  });
});

describe('recorded receipts', () => {
  for (const chain of chains) {
    it(`of ${chain.name} make up the header's root, and not with one left out`, () => {
      let withReceipts = 0;
      for (const block of chain.blocks) {
        const receipts = block.rawReceipts.map((raw) => unwrapReceipt(fromHex(raw)));
        const header = readQbftHeader(fromHex(block.rawHeader));
        expect(header.receiptsRoot).to.equal(block.receiptsRoot);
        expect(orderedRoot(receipts)).to.equal(header.receiptsRoot);
        if (receipts.length === 0) continue;
        withReceipts++;
        expect(orderedRoot(receipts.slice(1))).to.not.equal(header.receiptsRoot);
      }
      if (chain.name !== 'osaka-header-mode') expect(withReceipts).to.be.greaterThan(0);
    });
  }
});

describe('recorded proofs', () => {
  const stateRootAt = (chain: RecordedChain, number: number): Bytes32 =>
    readQbftHeader(fromHex(blockOf(chain, number).block.rawHeader)).stateRoot;

  for (const chain of contractChains) {
    it(`of ${chain.name} show every slot's value and every absence`, () => {
      for (const [name, { block, address, slots, answer }] of chain.proofs) {
        const root = stateRootAt(chain, block);
        if (name.startsWith('absent-account')) {
          expect(readAccount(root, address, proofOfAnswer(answer, address, []).nodes)).to.equal(undefined);
          continue;
        }
        const state = readState(root, proofOfAnswer(answer, address, slots));
        for (const slot of slots) {
          const told = answer.storageProof.find(({ key }) => BigInt(key) === BigInt(slot));
          expect(slotOf(state, slot)).to.equal(wordOf(BigInt(told?.value ?? -1)));
        }
      }
    });
  }

  it('are refused with any single bit of any node flipped', function () {
    this.timeout(600_000);
    let tried = 0;
    let letIn = 0;
    const seen = new Set<string>();
    for (const chain of contractChains) {
      for (const { block, address, slots, answer } of chain.proofs.values()) {
        const root = stateRootAt(chain, block);
        const { nodes, slots: slotProofs } = proofOfAnswer(
          answer,
          address,
          answer.storageProof.length > 0 ? slots : [],
        );
        const storageRoot = readAccount(root, address, nodes)?.storageRoot ?? root;
        const walks = [
          { nodes, read: (bent: readonly Hex[]) => readAccount(root, address, bent) },
          ...slotProofs.map(({ slot, nodes: under }) => ({
            nodes: under,
            read: (bent: readonly Hex[]) => readSlot(storageRoot, { slot, nodes: bent }),
          })),
        ];
        for (const walk of walks) {
          for (const [i, node] of walk.nodes.entries()) {
            // Proofs share their upper nodes: each is bent once at its place.
            const place = walk.nodes.slice(0, i + 1).join();
            if (seen.has(place)) continue;
            seen.add(place);
            for (const bytes of flips(node)) {
              tried++;
              if (codeOf(() => walk.read(walk.nodes.with(i, toHex(bytes)))) === undefined) letIn++;
            }
          }
        }
      }
    }
    console.log(`      proof flips | exhaustive | ${tried} tried | ${letIn} let in`);
    expect(tried).to.be.greaterThan(30_000);
    expect(letIn).to.equal(0);
  });

  it('are refused with a node missing, a node left over, or a slot that was not asked', () => {
    const [chain] = contractChains;
    const recorded = chain?.proofs.values().next().value;
    if (chain === undefined || recorded === undefined) throw new Error('no proof recorded');
    const root = stateRootAt(chain, recorded.block);
    const proof = proofOfAnswer(recorded.answer, recorded.address, recorded.slots);
    expect(codeOf(() => readState(root, { ...proof, nodes: proof.nodes.slice(0, -1) }))).to.equal(
      'proof-node-missing',
    );
    const over = { ...proof, nodes: [...proof.nodes, ...proof.nodes.slice(-1)] };
    expect(codeOf(() => readState(root, over))).to.equal('proof-node-unused');
    expect(codeOf(() => slotOf(readState(root, { ...proof, slots: [] }), wordOf(0n)))).to.equal(
      'proof-slot-missing',
    );
  });
});
