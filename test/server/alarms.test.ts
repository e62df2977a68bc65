/** The ready-made alarms, each by making what it is for true and reading the page that a monitor reads. */
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { ALARMS, firingAt } from '../gateway/alarms.ts';
import { type App, freePort, headOf, OFFICERS, startApp } from '../gateway/app.ts';
import { type LyingNode, lyingNode } from '../gateway/lyingNode.ts';

const SUITE_MS = 480_000;
const TOLD_MS = 60_000;

describe('the alarms of a gateway', function () {
  this.timeout(SUITE_MS);
  const seenFiring = new Set<string>();
  let keeper: App;
  let first: LyingNode;
  let second: LyingNode;
  let guest: App;
  before(async () => {
    const rpcPort = await freePort();
    keeper = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    const behind = `http://127.0.0.1:${rpcPort}`;
    [first, second] = [await lyingNode(behind), await lyingNode(behind)];
    const trustFile = path.join(keeper.folder, 'data', 'trust.json');
    guest = await startApp({ network: { nodes: `${first.url},${second.url}`, trustFile, institution: 1 } });
  });
  after(async () => {
    await guest?.remove();
    await keeper?.remove();
    await first?.close();
    await second?.close();
  });

  async function fires(...names: readonly string[]): Promise<void> {
    let last: readonly string[] = [];
    for (const sinceMs = performance.now(); performance.now() - sinceMs < TOLD_MS; await setTimeout(300)) {
      last = await firingAt(guest.url);
      if (names.length === 0 ? last.length === 0 : names.every((name) => last.includes(name))) {
        for (const name of names) seenFiring.add(name);
        return;
      }
    }
    throw new Error(`fired ${last}, and not ${names}`);
  }
  const dies = async (response: { destroy(): unknown }) => {
    response.destroy();
    return true;
  };

  it('are silent while all is well', () => fires());

  it('say that one node does not answer, and that none does', async () => {
    first.disturb(dies);
    await fires('NodeUnreachable');
    second.disturb(dies);
    await fires('NodeUnreachable', 'NoNodeAnswers', 'GatewayNotReady');
    first.disturb();
    second.disturb();
    await fires();
  });

  it('say that something waits which was accepted', async () => {
    let isHeld = true;
    for (const node of [first, second]) {
      node.lie(async ({ method, params }, asked) =>
        method === 'eth_sendRawTransaction' && isHeld ? String(params[0]).slice(0, 66) : asked(),
      );
    }
    const token = await guest.token('agency', 1);
    const vendor = `0x${'55'.repeat(32)}`;
    const body = { head: headOf(OFFICERS.preparer), vendor, standing: 'active', from: 0 };
    const { body: act } = await guest.ask<Parameters<App['sign']>[1]>('POST', '/acts/vendors', {
      token,
      body,
    });
    const signing = guest.sign('agency', act, [OFFICERS.preparer, OFFICERS.approver]);
    const ended = signing.catch((error: unknown) => error);
    await fires('OperationsWait');
    isHeld = false;
    await ended;
    await fires();
  });

  it('say that it is down', async () => {
    await guest.stop();
    await fires('GatewayDown');
  });

  it('are each seen here', () => {
    expect([...seenFiring].toSorted()).to.deep.equal(ALARMS.map(({ name }) => name).toSorted());
  });
});
