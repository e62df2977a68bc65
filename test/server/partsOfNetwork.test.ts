/** A gateway whose node lies about what the contracts of the ledger are made of, while it starts. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { contractOf } from '../../server/ledger/contracts.ts';
import { type App, freePort, startApp } from '../gateway/app.ts';
import { type LyingNode, lyingNode } from '../gateway/lyingNode.ts';

const SUITE_MS = 180_000;
const LIES = 2;

describe('a gateway over a node that lies about the parts of a contract', function () {
  this.timeout(SUITE_MS);
  let keeper: App;
  let node: LyingNode;
  let guest: App | undefined;
  before(async () => {
    const rpcPort = await freePort();
    keeper = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    node = await lyingNode(`http://127.0.0.1:${rpcPort}`);
  });
  after(async () => {
    await guest?.remove();
    await keeper?.remove();
    await node?.close();
  });

  const networkOf = () => ({
    nodes: node.url,
    trustFile: path.join(keeper.folder, 'data', 'trust.json'),
    institution: 1,
  });
  const stopped = async () => {
    if (guest === undefined) throw new Error('it was not started');
    await guest.stop();
    return guest.folder;
  };

  it('follows nothing on its word, and serves with the true ones when it tells the truth', async () => {
    const selector = contractOf('land').calls.getFunction('transfers')?.selector;
    let lies = 0;
    node.lie(async ({ method, params }, asked) => {
      const { data } = (method === 'eth_call' ? params[0] : {}) as { data?: string };
      if (data !== selector || lies === LIES) return asked();
      lies++;
      return `0x${'0'.repeat(24)}${'66'.repeat(20)}`;
    });
    const network = networkOf();
    guest = await startApp({ network });
    expect(lies).to.equal(LIES);
    expect(guest.logged().match(/"code":"ledger-unverified"/g) ?? []).to.have.length.at.least(LIES);
    const token = await guest.token('auditor', 0);
    const checked = await guest.ask<{ ok: boolean }>('POST', '/checks', { token });
    expect(checked.body.ok, checked.text).to.equal(true);
  });

  it('reads again from block 1 what a start followed that never came to the proof', async () => {
    let firstBlocks = 0;
    node.lie(async ({ method, params }, asked) => {
      if (method === 'eth_getBlockReceipts' && params[0] === '0x1') firstBlocks++;
      return asked();
    });
    const network = networkOf();
    guest = await startApp({ folder: await stopped(), network });
    expect(firstBlocks, 'what was proved is not read again').to.equal(0);
    const folder = await stopped();
    rmSync(path.join(folder, 'data', 'trust.json'));
    guest = await startApp({ folder, network });
    expect(firstBlocks).to.equal(1);
  });

  it('binds them again before a start serves, for views may be from before a proof', async () => {
    const network = networkOf();
    const folder = await stopped();
    const { landRegistry } = keeper.trust().contracts;
    node.lie(async ({ method, params }, asked) =>
      method === 'eth_getCode' && params[0] === landRegistry.address ? '0x00' : asked(),
    );
    const ended = await startApp({ folder, network }).catch((error: unknown) => String(error));
    expect(ended).to.match(/ledger-unverified/);
    node.lie();
    guest = await startApp({ folder, network });
  });
});
