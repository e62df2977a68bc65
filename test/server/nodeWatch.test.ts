/** What a gateway says of nodes that fail, and how it goes on with another: by name, in readiness. */
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { type App, freePort, headOf, OFFICERS, startApp } from '../gateway/app.ts';
import { type LyingNode, lyingNode, NodeNo } from '../gateway/lyingNode.ts';
import { prepareTransfer, registerUnits, SIGNED_PARTS, sendPart } from '../gateway/transfers.ts';

const SUITE_MS = 240_000;
/** A look is a second long, and a node that hangs is given up after ten. */
const TOLD_MS = 30_000;
/** Long enough to sign three parts in. */
const SOON_SECONDS = 6;

interface Ready {
  readonly ready: boolean;
  readonly reason?: string;
  readonly blockNumber: string;
}

describe('a gateway whose nodes fail', function () {
  this.timeout(SUITE_MS);
  let keeper: App;
  let rpcPort: number;
  let first: LyingNode;
  let second: LyingNode;
  let guest: App;
  let shops = 0;
  let unit: string;
  const network = () => ({
    nodes: `${first.url},${second.url}`,
    trustFile: path.join(keeper.folder, 'data', 'trust.json'),
    institution: 1,
  });
  const keep = (folder?: string) =>
    startApp({ ...(folder !== undefined && { folder }), env: { KUDURRU_RPC_PORT: String(rpcPort) } });
  before(async () => {
    rpcPort = await freePort();
    keeper = await keep();
    const behind = `http://127.0.0.1:${rpcPort}`;
    [first, second] = [await lyingNode(behind), await lyingNode(behind)];
    guest = await startApp({ network: network() });
  });
  after(async () => {
    await guest?.remove();
    await keeper?.remove();
    await first?.close();
    await second?.close();
  });

  const takeUpShop = (app: App) => {
    shops++;
    const vendor = `0x${shops.toString(16).padStart(64, '0')}`;
    return app.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 });
  };
  /** The first answer of readiness that is as wanted; the last one where none is. */
  async function told(isWanted: (ready: Ready) => boolean): Promise<Ready> {
    let last: Ready | undefined;
    for (const sinceMs = performance.now(); performance.now() - sinceMs < TOLD_MS; ) {
      last = (await guest.ask<Ready>('GET', '/health/ready')).body;
      if (isWanted(last)) return last;
      await setTimeout(200);
    }
    throw new Error(`readiness said ${JSON.stringify(last)}`);
  }
  const says = (words: string) => told(({ reason }) => reason?.includes(words) ?? false);
  const serves = () => told(({ ready }) => ready);
  const dies = async (response: { destroy(): unknown }) => {
    response.destroy();
    return true;
  };

  it('asks another one where one does not answer, and writes on', async () => {
    for (const silent of [first, second]) {
      silent.disturb(dies);
      await takeUpShop(guest);
      expect((await serves()).ready).to.equal(true);
      silent.disturb();
    }
    expect(guest.logged()).to.include('another node is asked from now on');
  });

  it('says that none answers, takes nothing it could not carry out, and goes on when one is back', async () => {
    first.disturb(dies);
    second.disturb(dies);
    await says('No node of KUDURRU_NODES answers');
    const token = await guest.token('auditor', 0);
    expect((await guest.ask('GET', '/titles', { token })).status, 'reading goes on').to.equal(200);
    first.disturb();
    second.disturb();
    await serves();
    await takeUpShop(guest);
  });

  it('leaves one whose answers do not verify, and says so where there is no other', async () => {
    const forged = async ({ method }: { method: string }, asked: () => Promise<unknown>) => {
      const answer = await asked();
      if (method !== 'eth_getBlockReceipts' || !Array.isArray(answer)) return answer;
      return answer.map((receipt: object) => ({ ...receipt, logs: [] }));
    };
    first.lie(forged);
    await takeUpShop(guest);
    second.lie(forged);
    first.lie(forged);
    await takeUpShop(keeper);
    await says('does not verify');
    first.lie();
    second.lie();
    await serves();
  });

  it('takes that back when a node announces no more what it could not show, without a new block', async () => {
    const { blockNumber } = (await keeper.ask<Ready>('GET', '/health/ready')).body;
    await told((ready) => ready.ready && ready.blockNumber === blockNumber);
    const next = BigInt(blockNumber) + 1n;
    const announcing = async (
      { method, params }: { method: string; params: readonly unknown[] },
      asked: () => Promise<unknown>,
    ) => {
      if (method === 'eth_blockNumber') return `0x${next.toString(16)}`;
      if (params[0] !== `0x${next.toString(16)}`) return asked();
      return method === 'eth_getBlockReceipts' ? [] : { number: '0x1' };
    };
    for (const node of [first, second]) node.lie(announcing);
    await says('does not verify');
    for (const node of [first, second]) node.lie();
    expect((await serves()).blockNumber).to.equal(blockNumber);
  });

  it('leaves one that stands still behind the others, whichever it is and whoever lied a while ago', async () => {
    const height = async () => (await keeper.ask<Ready>('GET', '/health/ready')).body.blockNumber;
    for (const standing of [first, second]) {
      const stale = `0x${BigInt(await height()).toString(16)}`;
      const still = async ({ method }: { method: string }, asked: () => Promise<unknown>) =>
        method === 'eth_blockNumber' ? stale : asked();
      standing.lie(still);
      for (let i = 0; i < 5; i++) await takeUpShop(keeper);
      const blockNumber = await height();
      await told((ready) => ready.blockNumber === blockNumber);
      standing.lie();
    }
  });

  it('certifies by another one where what one proves does not verify', async () => {
    [unit = ''] = await registerUnits(guest, 1);
    const token = await guest.token('registrar', 1);
    const headers = { 'X-Case-Reference': 'CASE-1' };
    const forged = async ({ method }: { method: string }, asked: () => Promise<unknown>) =>
      method === 'eth_getProof' ? { ...((await asked()) as object), accountProof: ['0xc0'] } : asked();
    const certified = () => guest.ask('GET', `/titles/${unit}/certificate`, { token, headers });
    for (const lying of [first, second]) {
      lying.lie(forged);
      const { status, text } = await certified();
      expect(status, text).to.equal(200);
      lying.lie();
    }
    for (const lying of [first, second]) lying.lie(forged);
    const told = await certified();
    expect([told.status, told.body.code, told.headers.has('Retry-After')]).to.deep.equal([
      503,
      'ledger-unavailable',
      true,
    ]);
    for (const lying of [first, second]) lying.lie();
  });

  it('keeps an act whose time has come while no node can try it, and carries it out when one can', async () => {
    const notBefore = Math.floor(Date.now() / 1000) + SOON_SECONDS;
    const transfer = await prepareTransfer(guest, unit, { ...headOf(OFFICERS.preparer), notBefore });
    for (const part of SIGNED_PARTS) {
      const told = await sendPart(guest, part, transfer);
      expect(told.status, told.text).to.equal(201);
    }
    const untried = async ({ method }: { method: string }, asked: () => Promise<unknown>) => {
      if (method !== 'eth_call') return asked();
      throw new NodeNo({ code: -32_000, message: 'world state unavailable' });
    };
    for (const node of [first, second]) node.lie(untried);
    const look = async () =>
      (
        await guest.ask<{ state: string; code?: string; operation?: string }>(
          'GET',
          `/acts/${transfer.act.id}`,
          { token: await guest.token('registrar', 1) },
        )
      ).body;
    await setTimeout((SOON_SECONDS + 3) * 1_000);
    const held = await look();
    expect([held.state, held.code, held.operation]).to.deep.equal(['waiting', undefined, undefined]);
    for (const node of [first, second]) node.lie();
    for (let looks = 0; looks < 50 && (await look()).operation === undefined; looks++) await setTimeout(200);
    expect((await look()).operation).to.be.a('string');
  });

  it('tells one of another ledger, and one that lost its blocks, from one that is silent', async () => {
    await keeper.stop();
    const older = `${keeper.folder}-older`;
    cpSync(keeper.folder, older, { recursive: true });
    keeper = await keep(keeper.folder);
    await takeUpShop(guest);
    const { blockNumber } = await serves();
    await keeper.stop();
    const other = await keep();
    await says('another ledger');
    await other.remove();
    const restored = await keep(older);
    await says('fewer than were final here');
    await restored.remove();
    keeper = await keep(keeper.folder);
    expect((await serves()).blockNumber).to.equal(blockNumber);
    rmSync(older, { recursive: true, force: true });
  });

  it('stops writing where two nodes show two final blocks of one height, until the members have settled it', async () => {
    await keeper.stop();
    const folder = `${keeper.folder}-twin`;
    cpSync(keeper.folder, folder, { recursive: true });
    keeper = await keep(keeper.folder);
    const twinPort = await freePort();
    const twin = await startApp({ folder, env: { KUDURRU_RPC_PORT: String(twinPort) } });
    const third = await lyingNode(`http://127.0.0.1:${twinPort}`);
    const both = { ...network(), nodes: `${first.url},${third.url}` };
    await guest.stop();
    third.disturb(dies); // the first is the one it begins with
    guest = await startApp({ folder: guest.folder, network: both });
    await takeUpShop(twin);
    await takeUpShop(keeper);
    third.disturb();
    await says('shows another block');
    expect(guest.logged()).to.match(/"kept":\{"hash":"0x[0-9a-f]{64}","header":"0x/);
    const refused = await takeUpShop(guest).catch((error: Error) => error.message);
    expect(refused).to.include('block-differs');
    await guest.stop();
    guest = await startApp({ folder: guest.folder, network: both });
    await says('shows another block');
    const { blockNumber } = (await keeper.ask<Ready>('GET', '/health/ready')).body;
    await guest.stop();
    const env = { KUDURRU_SETTLED_BLOCK: blockNumber };
    guest = await startApp({ folder: guest.folder, network: network(), env });
    await serves();
    await takeUpShop(guest);
    await twin.remove();
    await third.close();
  });
});
