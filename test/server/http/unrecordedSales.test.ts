/** Sales of one card at several tills while the ledger records nothing: what was accepted counts, and no more is told than is so. */
import { request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { Aid, TILL } from '../../aid/aid.ts';
import { type App, freePort, type Problem, startApp } from '../../gateway/app.ts';
import { type LyingNode, lyingNode } from '../../gateway/lyingNode.ts';

const PEOPLE = 5;
const UNITS = 9;
/** Long enough to be accepted, and short enough to be waited out. */
const SOON_SECONDS = 4;

interface SaleTold extends Problem {
  readonly isFinal: boolean;
  readonly retryable?: boolean;
  readonly operation: { readonly id: string; readonly state: string; readonly code?: string };
  readonly batches: readonly { readonly items: readonly { readonly outcome: string }[] }[];
}
interface EntryTold {
  readonly remainingUnits: number;
  readonly unrecordedUnits: number;
  readonly unpaid?: string;
}

/** Past the keeper, who tries a stranger's transaction before it takes it: validators take what has a nonce. */
function mined(socketPath: string, raw: unknown): Promise<string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] });
  const headers = { 'Content-Type': 'application/json', Host: 'localhost' };
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, method: 'POST', headers }, (answer) => {
      text(answer).then(resolve, reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

describe('sales of one card while the ledger records nothing', function () {
  this.timeout(180_000);
  let keeper: App;
  let node: LyingNode;
  let app: App;
  let aid: Aid;
  let network: { nodes: string; trustFile: string; institution: number };
  /** What was sent while the chain stands still, in order. */
  const standing = new Set<unknown>();
  let stands = false;

  before(async () => {
    const rpcPort = await freePort();
    keeper = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    node = await lyingNode(`http://127.0.0.1:${rpcPort}`);
    node.lie(async ({ method, params }, asked) => {
      if (method !== 'eth_sendRawTransaction' || !stands) return asked();
      standing.add(params[0]);
      return `0x${'00'.repeat(32)}`;
    });
    const trustFile = path.join(keeper.folder, 'data', 'trust.json');
    network = { nodes: node.url, trustFile, institution: 1 };
    app = await startApp({ network });
    aid = new Aid(app, 'unrecorded', ['one shop', 'another shop']);
    await aid.begin(PEOPLE, UNITS);
  });
  after(async () => {
    await app?.remove();
    await keeper?.remove();
    await node?.close();
  });

  const shopOf = (shop: number) => aid.vendors[shop] ?? aid.programme;
  const batch = (shop: number, index: number, units: number, remainingBefore: number, seconds?: number) =>
    aid.batchOf(shopOf(shop) as Aid['vendors'][number], [{ index, units, remainingBefore }], seconds);
  const post = async (body: ReturnType<typeof batch>, wait = 0) => {
    const token = await aid.tillToken(body.vendor);
    return app.ask<SaleTold>('POST', '/redemptions', { token, body, headers: { Prefer: `wait=${wait}` } });
  };
  const asked = async (shop: number, index: number) => {
    const token = await aid.tillToken(shopOf(shop));
    const place = `${aid.cyclePath}/entries/${index}?till=${TILL}`;
    return (await app.ask<EntryTold>('GET', place, { token })).body;
  };
  const over = async (shop: number, id: string) => {
    const token = await aid.tillToken(shopOf(shop));
    const headers = { Prefer: 'wait=20' };
    return (await app.ask<SaleTold>('GET', `/redemptions/${id}`, { token, headers })).body;
  };
  const outcomes = ({ batches }: SaleTold) =>
    batches.flatMap(({ items }) => items.map(({ outcome }) => outcome));
  const goOn = async () => {
    stands = false;
    for (const raw of standing) await mined(path.join(keeper.folder, 'data', 'control.sock'), raw);
    standing.clear();
  };

  it('are accepted at one till of two that sell at once; the other is told that it hangs on that', async () => {
    stands = true;
    const both = await Promise.all([post(batch(0, 0, 2, UNITS)), post(batch(1, 0, 3, UNITS))]);
    expect(both.map(({ status }) => status).sort(), both.map(({ text }) => text).join()).to.deep.equal([
      202, 409,
    ]);
    const refused = both.find(({ status }) => status === 409);
    expect(refused?.body.code).to.equal('sale-awaits-another');
    expect(refused?.body.retryable).to.equal(true);
    expect(refused?.body.errors?.map(({ pointer }) => pointer)).to.include('/items/0');
    const [taken] = both[0]?.status === 202 ? [2] : [3];
    const loser = both[0]?.status === 202 ? 1 : 0;
    for (const shop of [0, 1]) {
      expect(await asked(shop, 0)).to.include({ remainingUnits: UNITS - taken, unrecordedUnits: taken });
    }
    await app.kill9();
    app = await startApp({ folder: app.folder, network });
    aid.app = app;
    const again = await post(batch(loser, 0, 1, UNITS));
    expect([again.status, again.body.code], again.text).to.deep.equal([409, 'sale-awaits-another']);
    expect(await asked(loser, 0)).to.include({ remainingUnits: UNITS - taken, unrecordedUnits: taken });
    // What builds on it is accepted at either till, in turn.
    const next = await post(batch(loser, 0, 1, UNITS - taken));
    const last = await post(batch(1 - loser, 0, 1, UNITS - taken - 1));
    expect([next.status, last.status], next.text + last.text).to.deep.equal([202, 202]);
    expect(await asked(loser, 0)).to.include({
      remainingUnits: UNITS - taken - 2,
      unrecordedUnits: taken + 2,
    });
    await goOn();
    expect(outcomes(await over(loser, next.body.operation.id))).to.deep.equal(['redeemed']);
    expect(outcomes(await over(1 - loser, last.body.operation.id))).to.deep.equal(['redeemed']);
    expect(await asked(loser, 0)).to.include({ remainingUnits: UNITS - taken - 2, unrecordedUnits: 0 });
    const late = await post(batch(loser, 0, 3, UNITS));
    expect(late.body.errors?.map(({ code }) => code)).to.include('item-remaining-stale');
  });

  it('count no more once the ledger refused them, and what built on them is to be sent again', async () => {
    stands = true;
    const base = await post(batch(0, 1, 4, UNITS, SOON_SECONDS));
    expect(base.status, base.text).to.equal(202);
    const built = await post(batch(1, 1, 2, UNITS - 4));
    expect(built.status, built.text).to.equal(202);
    await pause((SOON_SECONDS + 1) * 1_000);
    // Nobody told the first shop that it is not paid, so its sale counts.
    expect((await post(batch(1, 1, 2, UNITS))).body.code).to.equal('sale-awaits-another');
    await goOn();
    const fallen = await over(0, base.body.operation.id);
    expect([fallen.operation.state, fallen.operation.code]).to.deep.equal([
      'REVERTED',
      'redemption-batch-expired',
    ]);
    const after = await over(1, built.body.operation.id);
    expect([after.operation.state, after.operation.code]).to.deep.equal(['REFUSED', 'sale-awaits-another']);
    expect(await asked(1, 1)).to.include({ remainingUnits: UNITS, unrecordedUnits: 0 });
    // On a state that nobody here knows: it waits, and is not given up.
    expect((await post(batch(1, 1, 2, UNITS - 4))).body.code).to.equal('sale-awaits-another');
    expect(outcomes((await post(batch(1, 1, 5, UNITS), 20)).body)).to.deep.equal(['redeemed']);
    expect((await post(batch(0, 1, 4, UNITS))).body.errors?.map(({ code }) => code)).to.include(
      'item-remaining-stale',
    );
  });

  it('that the ledger will skip count nowhere, through a restart too, though their batch is accepted', async () => {
    stands = true;
    const stranger = aid.keyOf('a stranger');
    const mixed = aid.batchOf(shopOf(0) as Aid['vendors'][number], [
      { index: 3, units: 1, remainingBefore: UNITS },
      { index: 4, units: 2, remainingBefore: UNITS, key: stranger },
    ]);
    const taken = await post(mixed);
    expect(taken.status, taken.text).to.equal(202);
    expect(await asked(1, 4)).to.include({ remainingUnits: UNITS, unrecordedUnits: 0 });
    await app.kill9();
    app = await startApp({ folder: app.folder, network });
    aid.app = app;
    expect(await asked(1, 3)).to.include({ remainingUnits: UNITS - 1, unrecordedUnits: 1 });
    expect(await asked(1, 4)).to.include({ remainingUnits: UNITS, unrecordedUnits: 0 });
    const sold = await post(batch(1, 4, 3, UNITS));
    expect(sold.status, sold.text).to.equal(202);
    await goOn();
    expect(outcomes(await over(0, taken.body.operation.id))).to.deep.equal([
      'redeemed',
      'item-signature-invalid',
    ]);
    expect(outcomes(await over(1, sold.body.operation.id))).to.deep.equal(['redeemed']);
  });

  it('of which a batch has one that hangs are not accepted with it', async () => {
    stands = true;
    expect((await post(batch(0, 2, 1, UNITS))).status).to.equal(202);
    const shop = shopOf(1) as Aid['vendors'][number];
    const mixed = aid.batchOf(shop, [
      { index: 3, units: 1, remainingBefore: UNITS - 1 },
      { index: 2, units: 1, remainingBefore: UNITS },
    ]);
    const told = await post(mixed);
    expect(
      told.body.errors?.map(({ pointer }) => pointer ?? ''),
      told.text,
    ).to.include('/items/1');
    expect(told.body.errors?.map(({ pointer }) => pointer ?? '')).not.to.include('/items/0');
    await goOn();
  });
});
