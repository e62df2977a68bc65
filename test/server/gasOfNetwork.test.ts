/** A gateway whose node says too little of the gas that an act uses. */
import { request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { type App, freePort, startApp } from '../gateway/app.ts';
import { type LyingNode, lyingNode, NodeNo } from '../gateway/lyingNode.ts';

const SUITE_MS = 180_000;

/** The keeper tries a stranger's transaction before it takes it; validators take what has a nonce, as this door does. */
function untried(socketPath: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params });
  const headers = { 'Content-Type': 'application/json', Host: 'localhost' };
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, method: 'POST', headers }, (answer) => {
      text(answer).then((told) => {
        const { result, error } = JSON.parse(told);
        if (error === undefined) resolve(result);
        else reject(new NodeNo(error));
      }, reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

describe('a gateway over a node that says too little of the gas of an act', function () {
  this.timeout(SUITE_MS);
  let keeper: App;
  let node: LyingNode;
  let guest: App;
  const sent: string[] = [];
  let told = '0x5208';
  let isHeld = false;
  let isMute = false;
  before(async () => {
    const rpcPort = await freePort();
    keeper = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    node = await lyingNode(`http://127.0.0.1:${rpcPort}`);
    node.lie(async ({ method, params }, asked) => {
      if (method === 'eth_estimateGas') return told;
      if (method === 'eth_call' && isMute) throw new NodeNo({ code: -32_000, message: 'no such state' });
      if (method !== 'eth_sendRawTransaction') return asked();
      if (isHeld) throw new NodeNo({ code: -32_000, message: 'held' });
      sent.push(String(params[0]));
      return untried(path.join(keeper.folder, 'data', 'control.sock'), params);
    });
    const trustFile = path.join(keeper.folder, 'data', 'trust.json');
    guest = await startApp({ network: { nodes: node.url, trustFile, institution: 1 } });
  });
  after(async () => {
    await guest?.remove();
    await keeper?.remove();
    await node?.close();
  });

  const takeUpShop = (byte: string) =>
    guest.act('agency', '/acts/vendors', { vendor: `0x${byte.repeat(32)}`, standing: 'active', from: 0 });

  it('sends it once more for the most, and it is recorded once', async () => {
    const { id, operation } = await takeUpShop('22');
    expect(operation.state, operation.code).to.equal('PROJECTED');
    expect(operation.entries).to.have.length(1);
    expect(new Set(sent).size, 'two transactions').to.equal(2);
    const token = await guest.token('agency', 1);
    expect((await guest.ask('GET', `/entries/${id}`, { token })).status).to.equal(200);
    const { length } = sent;
    told = '0xf4240';
    expect((await takeUpShop('33')).operation.state).to.equal('PROJECTED');
    expect(new Set(sent.slice(length)).size, 'what asks for enough goes once').to.equal(1);
    const checked = await guest.ask<{ ok: boolean }>('POST', '/checks', {
      token: await guest.token('auditor', 0),
    });
    expect(checked.body.ok, checked.text).to.equal(true);
  });

  it('says that nobody answered why an act was not recorded, and leaves it to be ordered again', async () => {
    told = '0xf4240';
    isHeld = true;
    const vendor = `0x${'44'.repeat(32)}`;
    const signing = takeUpShop('44').then(
      () => 'recorded',
      (error: Error) => error.message,
    );
    const queued = async () => (await guest.ask<{ queued: number }>('GET', '/health/ready')).body.queued;
    while ((await queued()) === 0) await setTimeout(100);
    await keeper.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 });
    isMute = true;
    isHeld = false;
    const ended = await signing;
    isMute = false;
    expect(ended).to.include('REVERTED').and.to.include('reason-not-told');
  });
});
