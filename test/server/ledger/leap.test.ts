/** A network that is quiet for long: its empty blocks are verified by their links, and by the seals of the last. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { expect } from 'chai';
import { headerOfAnswer } from '../../../server/domain/audit/header.ts';
import { readQbftHeader } from '../../../server/domain/audit/qbft.ts';
import { type Bytes32, ZERO_32 } from '../../../server/domain/base/hex.ts';
import { Refusal } from '../../../server/domain/base/refusal.ts';
import { openLedger, pinOf, type VerifiedBlock } from '../../../server/ledger/ledger.ts';
import type { Call, ChainProvider } from '../../../server/ledger/provider.ts';
import { throwAwayKey, trustIn } from '../../chain/forge.ts';
import { bareBlock } from '../../chain/quiet.ts';
import { Sealing } from '../../chain/sealing.ts';
import { within } from '../../within.ts';

const BLOCKS = 2_000n;
/** The first block that holds something, as its header says: nothing is leapt over it. */
const BUSY = 2_001;
const BEYOND = 2_040n;
const MADE_MS = 120_000;
const VALIDATOR = throwAwayKey('validator of a quiet network');
const bare = (number: number) => bareBlock(number, BUSY);

describe('the ledger over a network that is quiet', function () {
  this.timeout(MADE_MS);
  const sealing = new Sealing(
    async (number) => bare(number),
    () => [
      {
        address: VALIDATOR.address,
        async sign(digest) {
          const signature = secp256k1.sign(digest, VALIDATOR.secret, { prehash: false, format: 'recovered' });
          return Uint8Array.of(...signature.subarray(1), signature[0] ?? 0);
        },
      },
    ],
  );
  const trust = trustIn(bare(0).hash as Bytes32, [VALIDATOR.address], { chainId: 7 });
  let asked = 0;
  type Bent = (number: number, block: Record<string, unknown>) => unknown;
  const node = (last: bigint, bend: Bent = (_, block) => block): ChainProvider => ({
    async request({ method, params = [] }: Call) {
      asked++;
      if (method === 'eth_chainId') return '0x7';
      if (method === 'eth_getBlockReceipts') return [];
      if (method === 'eth_getProof') return {};
      const number = Number(params[0]);
      const block = (await sealing.told(bare(number))) as Record<string, unknown>;
      return bend(number, { ...block, transactions: [] });
    },
    async blockAfter() {
      return last;
    },
  });
  const follow = async (provider: ChainProvider, isLeaping: boolean, last = BLOCKS) => {
    asked = 0;
    const ledger = await openLedger({ provider, pin: pinOf(trust), isLeaping });
    const blocks: VerifiedBlock[] = [];
    for await (const block of ledger.follow()) {
      blocks.push(block);
      if (block.number >= last) break;
    }
    return blocks;
  };
  /** Another block, as whoever has no validator's key can make it. */
  const forged = (block: Record<string, unknown>) => {
    const bent = { ...block, stateRoot: ZERO_32 };
    return { ...bent, hash: readQbftHeader(headerOfAnswer(bent)).hash };
  };

  before(async () => {
    await within(MADE_MS, 'the sealing', sealing.told(bare(Number(BLOCKS))));
  });

  it('leaps over blocks in which nothing is, and ends on the same one', async () => {
    const oneByOne = performance.now();
    const all = await follow(node(BLOCKS), false);
    const leaping = performance.now();
    const calls = asked;
    const some = await follow(node(BLOCKS), true);
    const ended = performance.now();
    const rate = (ms: number) => Math.round((Number(BLOCKS) / ms) * 1000);
    console.log(
      `      quiet network | ${BLOCKS} empty blocks | ${rate(leaping - oneByOne)} a second one by one, ${rate(ended - leaping)} in leaps`,
    );
    expect(all).to.have.length(Number(BLOCKS));
    expect(some.at(-1)?.cursor).to.deep.equal(all.at(-1)?.cursor);
    expect(some.length).to.be.below(20);
    expect(asked, 'a header each, and no receipts').to.be.below(calls / 1.8);
    for (const [i, block] of some.entries()) {
      const before = some[i - 1]?.number ?? 0n;
      expect(block.number - before - 1n).to.equal(block.leapt ?? 0n);
    }
  });

  const endOf = async (provider: ChainProvider, last: bigint) => {
    let reached = 0n;
    const ledger = await openLedger({ provider, pin: pinOf(trust), isLeaping: true });
    try {
      for await (const { number } of ledger.follow()) {
        reached = number;
        if (number >= last) break;
      }
      return [reached];
    } catch (error) {
      return [reached, error instanceof Refusal ? error.code : error, (error as Refusal).place.field];
    }
  };

  it('believes no header among them that nobody sealed, though it names the one before it', async () => {
    const wrong = 20;
    const bent = node(BLOCKS, (number, block) => (number === wrong ? forged(block) : block));
    const [reached, code] = await endOf(bent, BLOCKS);
    expect([reached, code]).to.deep.equal([BigInt(wrong - 1), 'ledger-unverified']);
  });

  it('looks at a block that holds something by itself', async () => {
    const told = await endOf(node(BEYOND), BEYOND);
    expect(told).to.deep.equal([BigInt(BUSY - 1), 'ledger-unverified', 'transactionsRoot']);
  });
});
