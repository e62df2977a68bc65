/** A chain that makes a block each second, as QBFT does, and one that is silent for a while: EDR, told as validators seal. */
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { network } from 'hardhat';
import type { Bytes32, Hex } from '../../../server/domain/base/hex.ts';
import { openLedger, pinOf } from '../../../server/ledger/ledger.ts';
import { HttpNode } from '../../../server/ledger/node.ts';
import { type Call, fieldsOf, quantity } from '../../../server/ledger/provider.ts';
import { listenRpc } from '../../../server/ledger/rpc.ts';
import { keys, trustIn } from '../../chain/forge.ts';
import { Sealing } from '../../chain/sealing.ts';
import { sealerOf } from '../../gateway/sealers.ts';
import { Sender, words } from './chain.ts';
import { following } from './reader.ts';

const CHAIN_ID = 7;
const EVERY_MS = 1_000;
const SILENT_MS = 5_000;
/** A poll each half second, and one that was under way. */
const MOST_POLLS = 12;

describe('a ledger over a chain with a rhythm', function () {
  this.timeout(60_000);

  it('follows a block a second, waits through five seconds of silence, and settles what was sent in them', async () => {
    const { provider } = await network.create({
      network: 'default',
      override: {
        ...{ chainId: CHAIN_ID, initialBaseFeePerGas: 0n, gasPrice: 0n },
        mining: { auto: false, interval: 0 },
      },
    });
    const ask = (method: string, ...params: unknown[]) => provider.request({ method, params });
    const blockAt = async (number: number) =>
      fieldsOf(await ask('eth_getBlockByNumber', quantity(number), false));
    const validators = keys(4).map(({ secret }) => sealerOf(secret));
    const sealing = new Sealing(blockAt, () => validators);
    const calls = new Map<string, number>();
    const request = async ({ method, params = [] }: Call): Promise<unknown> => {
      calls.set(method, (calls.get(method) ?? 0) + 1);
      if (method !== 'eth_getBlockReceipts') {
        const told = await ask(method, ...params);
        return method.startsWith('eth_getBlockBy') ? sealing.told(told) : told;
      }
      const { transactions } = fieldsOf(await ask('eth_getBlockByNumber', params[0], false));
      return Promise.all((transactions as Hex[]).map((hash) => ask('eth_getTransactionReceipt', hash)));
    };
    const rpc = await listenRpc({ request }, 0);
    const { hash } = await blockAt(0);
    const trust = trustIn(
      hash as Bytes32,
      validators.map(({ address }) => address),
      { chainId: CHAIN_ID },
    );
    const node = new HttpNode({ url: `http://localhost:${rpc.port}` });
    const ledger = await openLedger({ provider: node, pin: pinOf(trust), isLeaping: true });
    const follow = following(ledger);
    const heights = () => follow.blocks.map(({ number }) => number);
    try {
      await ask('evm_setIntervalMining', EVERY_MS);
      const sinceMs = performance.now();
      await follow.until(3n);
      expect(performance.now() - sinceMs, 'each is there soon').to.be.below(5 * EVERY_MS);

      await ask('evm_setIntervalMining', 0);
      await setTimeout(EVERY_MS);
      const before = heights().at(-1);
      calls.clear();
      const { raw } = await new Sender(BigInt(CHAIN_ID), 'in the silence').sign(words('silence', 1));
      const submitted = ledger.submit(raw);
      await setTimeout(SILENT_MS);
      expect(heights().at(-1), 'no block, no step').to.equal(before);
      expect(calls.get('eth_blockNumber'), 'nor a storm of questions').to.be.at.most(MOST_POLLS);
      expect([calls.get('eth_sendRawTransaction'), calls.get('eth_getBlockReceipts')]).to.deep.equal([
        1,
        undefined,
      ]);

      await ask('evm_setIntervalMining', EVERY_MS);
      const { transaction, blockNumber } = await submitted;
      expect(transaction.receipt.succeeded).to.equal(true);
      expect(blockNumber).to.equal((before ?? 0n) + 1n);
    } finally {
      await ask('evm_setIntervalMining', 0);
      await follow.stop();
      await rpc.close();
    }
  });
});
