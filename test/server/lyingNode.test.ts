/**
 * A gateway at work over a node that fails and lies at random: nothing of it is believed, nothing lost, nothing done twice.
 *
 * `KUDURRU_LIES` asks for another number of faults, `KUDURRU_LIES_SEED` for the same ones again.
 */
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { headerHash, headerOfAnswer } from '../../server/domain/audit/header.ts';
import { type App, freePort, startApp } from '../gateway/app.ts';
import { type Call, type LyingNode, lyingNode, NodeNo } from '../gateway/lyingNode.ts';
import { seeded } from '../seeded.ts';

const LIES = Number(process.env.KUDURRU_LIES ?? 150);
const SEED = Number(process.env.KUDURRU_LIES_SEED ?? 20_261_130);
/** Of a hundred answers so many are none, or false. */
const SHARE = 12;
/** One that hangs is given up after ten seconds, so there are few. */
const HANGS = 2;
const WORKERS = 4;
/** Half a second each, most of it waiting before something is asked again; and a machine that many share. */
const SUITE_MS = 300_000 + LIES * 2_000;
const SETTLED_MS = 120_000;

interface Shop {
  readonly vendor: string;
  readonly version: number;
}

type Block = Readonly<Record<string, unknown>>;
const otherWord = `0x${'5a'.repeat(32)}`;

/** A block that hashes to its hash, and is none of the chain. */
function otherBlock(answer: Block): Block {
  const bent = { ...answer, stateRoot: otherWord };
  return { ...bent, hash: headerHash(headerOfAnswer(bent)) };
}

function bentReceipts(
  answer: readonly Block[],
  change: (logs: readonly Block[]) => readonly Block[],
): unknown {
  return answer.map((receipt) => ({ ...receipt, logs: change((receipt.logs ?? []) as readonly Block[]) }));
}

/** What is answered in place of the truth, by its kind; undefined where the kind has nothing to say of the call. */
const LYING: Readonly<Record<string, (call: Call, truth: unknown) => unknown>> = {
  'wrong header': ({ method }, truth) =>
    method === 'eth_getBlockByNumber' && truth !== null ? otherBlock(truth as Block) : undefined,
  'omitted log': ({ method }, truth) =>
    method === 'eth_getBlockReceipts' && truth !== null
      ? bentReceipts(truth as Block[], (logs) => logs.slice(1))
      : undefined,
  'altered log': ({ method }, truth) =>
    method === 'eth_getBlockReceipts' && truth !== null
      ? bentReceipts(truth as Block[], (logs) => logs.map((log) => ({ ...log, data: otherWord })))
      : undefined,
  'changed receipt': ({ method }, truth) =>
    method === 'eth_getBlockReceipts' && truth !== null
      ? (truth as Block[]).map((receipt) => ({ ...receipt, status: '0x0' }))
      : undefined,
  'forged signature': ({ method }, truth) =>
    method === 'kudurru_finality' && truth !== null
      ? { ...(truth as Block), nodeSignature: `0x${'17'.repeat(64)}` }
      : undefined,
  'forged proof': ({ method }, truth) =>
    method === 'eth_getProof' ? { ...(truth as Block), accountProof: ['0xc0'] } : undefined,
  'stale head': ({ method }) => (method === 'eth_blockNumber' ? '0x1' : undefined),
  'head that is not there': ({ method }) => (method === 'eth_blockNumber' ? '0xffff' : undefined),
};

const OF_REQUESTS = ['reset', '429', 'truncated body'] as const;

describe('a gateway over a node that fails and lies', function () {
  this.timeout(SUITE_MS);
  let keeper: App;
  let node: LyingNode;
  let guest: App;
  before(async () => {
    const rpcPort = await freePort();
    keeper = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    node = await lyingNode(`http://127.0.0.1:${rpcPort}`);
    const trustFile = path.join(keeper.folder, 'data', 'trust.json');
    guest = await startApp({ network: { nodes: node.url, trustFile, institution: 1 } });
  });
  after(async () => {
    await guest?.remove();
    await keeper?.remove();
    await node?.close();
  });

  it('believes nothing false, loses nothing it took and does nothing twice', async () => {
    const random = seeded(SEED);
    const counts = new Map<string, number>();
    const count = (kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const isDue = () => random.below(100) < SHARE;
    node.lie(async (call, asked) => {
      const isSend = call.method === 'eth_sendRawTransaction';
      if (!isDue()) return asked();
      if (isSend) {
        const kind = random.pick(['sent and not answered', 'sent twice'] as const);
        count(kind);
        const first = await asked().catch((error: unknown) => error);
        if (kind === 'sent twice') await asked().catch(() => undefined);
        if (kind === 'sent twice' && !(first instanceof Error)) return first;
        throw new NodeNo({ code: -32_000, message: 'already known' });
      }
      const truth = await asked();
      const fitting = Object.entries(LYING).flatMap(([kind, lie]) => {
        const told = lie(call, truth);
        return told === undefined ? [] : [{ kind, told }];
      });
      if (fitting.length === 0) return truth;
      const { kind, told } = random.pick(fitting);
      count(kind);
      return told;
    });
    let hangs = 0;
    node.disturb(async (response, reply) => {
      if (!isDue()) return false;
      const kind = hangs < HANGS && random.below(20) === 0 ? 'time-out' : random.pick(OF_REQUESTS);
      count(kind);
      if (kind === 'time-out') {
        hangs++;
        await setTimeout(11_000);
        response.destroy();
      } else if (kind === 'reset') response.destroy();
      else if (kind === '429') response.writeHead(429, { 'Retry-After': '1' }).end();
      else {
        const text = await reply();
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(text.slice(0, text.length / 2));
      }
      return true;
    });

    const total = () => [...counts.values()].reduce((sum, one) => sum + one, 0);
    const accepted = new Set<string>();
    let tried = 0;
    const work = async (worker: number) => {
      while (total() < LIES) {
        const number = tried++;
        const vendor = `0x${(worker * 1_000_000 + number + 1).toString(16).padStart(64, '0')}`;
        try {
          await guest.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 });
          accepted.add(vendor);
        } catch (error) {
          // Answered 202 it was taken, whatever became of it while this waited; anything else was refused.
          if (error instanceof Error && error.message.startsWith('the act ended as')) accepted.add(vendor);
        }
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
    node.lie();
    node.disturb();

    const health = async (app: App) =>
      (await app.ask<{ ready: boolean; queued: number; blockNumber: string }>('GET', '/health/ready')).body;
    let settled = await health(guest);
    for (const sinceMs = performance.now(); performance.now() - sinceMs < SETTLED_MS; await setTimeout(250)) {
      settled = await health(guest);
      if (settled.ready && settled.queued === 0) break;
    }
    expect(settled).to.include({ ready: true, queued: 0, blockNumber: (await health(keeper)).blockNumber });
    const shops = await shopsOf(keeper);
    expect(await shopsOf(guest), 'what both gateways show').to.deep.equal(shops);
    const lost = [...accepted].filter((vendor) => !shops.some((shop) => shop.vendor === vendor));
    const doubled = shops.filter(({ version }) => version !== 1).length;
    const checked = await guest.ask<{ ok: boolean }>('POST', '/checks', {
      token: await guest.token('auditor', 0),
    });
    const believed = checked.body.ok ? 0 : 1;
    const kinds = [...counts].toSorted().map(([kind, times]) => `${kind} ${times}`);
    console.log(
      `      lying node | seed ${SEED} | ${total()} faults tried: ${kinds.join(', ')} | ${accepted.size} acts | ${believed} believed | ${lost.length} lost | ${doubled} doubled`,
    );
    expect([believed, lost.length, doubled]).to.deep.equal([0, 0, 0]);
    expect(total()).to.be.at.least(LIES);
    expect(accepted.size).to.be.greaterThan(5);
    for (const kind of [...Object.keys(LYING), ...OF_REQUESTS]) {
      if (kind !== 'forged proof') expect(counts.get(kind) ?? 0, kind).to.be.greaterThan(0);
    }
  });

  /** Every shop of the ledger, with how often something was recorded of it. */
  async function shopsOf(app: App): Promise<Shop[]> {
    const token = await app.token('auditor', 0);
    const shops: Shop[] = [];
    for (let after: string | undefined; ; ) {
      const query = after === undefined ? '' : `&after=${after}`;
      const page = await app.ask<{ rows: Shop[]; next?: string }>('GET', `/vendors?limit=100${query}`, {
        token,
      });
      shops.push(...page.body.rows);
      after = page.body.next;
      if (after === undefined) return shops;
    }
  }
});
