/**
 * A gateway on three kinds of chain, side by side in one run: the one in its process, one node of another gateway over HTTP, and
 * four validators where BESU, or ANVIL, names a node; and how fast a follower and an auditor are.
 *
 * Acts go in over HTTP as officers' devices hand them in: prepared, signed twice, and waited for until the views show them.
 * Promises: calls and gas are counted at the node, and the gas in the blocks that it shows; seconds are of this machine and hold nothing. What is skipped says so.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { auditLedger } from '../server/audit.ts';
import { BLOCK_GAS_LIMIT } from '../server/domain/base/chain.ts';
import type { Bytes32 } from '../server/domain/base/hex.ts';
import { openLedger, pinOf } from '../server/ledger/ledger.ts';
import { HttpNode } from '../server/ledger/node.ts';
import { keys, trustIn } from '../test/chain/forge.ts';
import { bareBlock } from '../test/chain/quiet.ts';
import { Sealing } from '../test/chain/sealing.ts';
import { type App, freePort, startApp } from '../test/gateway/app.ts';
import { foundedNetwork } from '../test/gateway/foundNetwork.ts';
import { type Lie, lyingNode } from '../test/gateway/lyingNode.ts';
import {
  askNode,
  engineNamed,
  heightOf,
  newValidator,
  type RealNetwork,
} from '../test/gateway/realNetwork.ts';
import { sealerOf } from '../test/gateway/sealers.ts';
import type { Row } from './row.ts';

const CLIENTS = [1, 64] as const;
/** Of each number of clients, in all. */
const ACTS = { 1: 10, 64: 64 } as const;
const QUIET_BLOCKS = 10_000;
const VALIDATORS = 4;
const TIMEOUT_SECONDS = 4;
/** Of what a follower does that looks at each block by itself: a year of seconds in three hours, and not in 56. */
const LEAST_LEAP = 20;
/** Tried out, estimated, sent, its block and its receipts read; heights asked beside. */
const MOST_CALLS = 12;

let shops = 0;
async function act(app: App): Promise<void> {
  const vendor = `0x7${(++shops).toString(16).padStart(63, '0')}`;
  try {
    await app.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 });
  } catch (error) {
    const [, told] = /^the act ended as (.*)$/.exec(error instanceof Error ? error.message : '') ?? [];
    if (told === undefined) throw error;
    await ended(app, JSON.parse(told));
  }
}

/** A busy machine may take longer than one request waits. */
async function ended(
  app: App,
  { id, state }: { readonly id: string; readonly state: string },
): Promise<void> {
  const request = { token: await app.token('agency', 1), headers: { Prefer: 'wait=20' } };
  for (let now = state; now !== 'PROJECTED'; ) {
    const { body, text } = await app.ask<{ state: string }>('GET', `/operations/${id}`, request);
    now = body.state;
    if (['REFUSED', 'REVERTED', 'SUPERSEDED'].includes(now)) throw new Error(text);
  }
}

interface Node {
  readonly url: string;
  /** What it was asked until now; undefined where nobody stands between. */
  calls?(): number;
}

async function writing(on: string, app: App, node: Node): Promise<Row[]> {
  await act(app);
  const rows: Row[] = [];
  for (const clients of CLIENTS) {
    const acts = ACTS[clients];
    const [height, calls] = [await heightOf(node.url), node.calls?.() ?? 0];
    const times: number[] = [];
    const startedAt = performance.now();
    const client = async () => {
      for (let i = 0; i < acts / clients; i++) {
        const since = performance.now();
        await act(app);
        times.push(performance.now() - since);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    const seconds = (performance.now() - startedAt) / 1_000;
    const who = `${on}, ${clients} ${clients === 1 ? 'client' : 'clients'}`;
    const middle = times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
    rows.push({ name: `${who}: acts`, value: acts / seconds, unit: 'a second' });
    rows.push({ name: `${who}: from preparing an act to its being final`, value: middle / 1_000, unit: 's' });
    if (node.calls !== undefined) {
      const value = (node.calls() - calls) / acts;
      rows.push({
        name: `${who}: calls`,
        value,
        unit: 'a write',
        ...(clients > 1 && { hold: { atMost: MOST_CALLS } }),
      });
    }
    const { used, asked, blocks } = await gasOf(node.url, height, await heightOf(node.url));
    const share = (of: number) => ({ value: (100 * used) / of, unit: '%' });
    // A gateway's own chain is filled by what is used, Besu by what is asked for: that is its share of a block at most.
    rows.push({ name: `${who}: gas used of what is asked of blocks`, ...share(asked) });
    rows.push({
      name: `${who}: share of a block used, of ${blocks} that held something`,
      ...share(blocks * BLOCK_GAS_LIMIT),
    });
  }
  return rows;
}

async function gasOf(url: string, after: number, through: number) {
  let [asked, used, blocks] = [0, 0, 0];
  for (let block = after + 1; block <= through; block++) {
    const told = await askNode(url, 'eth_getBlockByNumber', [`0x${block.toString(16)}`, true]);
    const { gasUsed, transactions } = told as { gasUsed: string; transactions: { gas: string }[] };
    for (const { gas } of transactions) asked += Number(gas);
    used += Number(gasUsed);
    if (transactions.length > 0) blocks++;
  }
  return { asked, used, blocks };
}

/** A door to a node that counts what is asked. */
async function counted(behind: string) {
  let calls = 0;
  const door = await lyingNode(behind, (_, asked) => {
    calls++;
    return asked();
  });
  return { url: door.url, close: door.close, calls: () => calls };
}

async function auditing(url: string, app: App): Promise<Row[]> {
  const startedAt = performance.now();
  const { ok, entries, blockNumber } = await auditLedger({ url }, app.trust(), () => {});
  if (!ok) throw new Error('the ledger of the bench is not sound');
  const seconds = (performance.now() - startedAt) / 1_000;
  return [
    {
      name: `audit of ${entries} entries by a node: entries`,
      value: Number(entries) / seconds,
      unit: 'a second',
    },
    { name: 'the same: blocks', value: Number(blockNumber) / seconds, unit: 'a second' },
  ];
}

/** A network that is quiet for hours, followed over HTTP from its first block, and from a cursor. */
async function following(): Promise<Row[]> {
  const validators = keys(VALIDATORS).map(({ secret }) => sealerOf(secret));
  const sealing = new Sealing(
    async (number) => bareBlock(number),
    () => validators,
  );
  const told: object[] = [];
  for (let number = 0; number <= QUIET_BLOCKS; number++) {
    told.push(Object.assign({}, await sealing.told(bareBlock(number)), { transactions: [] }));
  }
  const trust = trustIn(
    bareBlock(0).hash as Bytes32,
    validators.map(({ address }) => address),
  );
  const answers: Lie = async ({ method, params }) => {
    if (method === 'eth_chainId') return `0x${trust.chainId.toString(16)}`;
    if (method === 'eth_blockNumber') return `0x${QUIET_BLOCKS.toString(16)}`;
    if (method === 'eth_getBlockReceipts') return [];
    return told[Number(params[0])];
  };
  const node = await lyingNode('http://127.0.0.1:1', answers);
  try {
    const rate = async (isLeaping: boolean, blocks: number) => {
      const ledger = await openLedger({
        provider: new HttpNode({ url: node.url }),
        pin: pinOf(trust),
        isLeaping,
      });
      const startedAt = performance.now();
      for await (const { number } of ledger.follow()) if (number >= blocks) break;
      return blocks / ((performance.now() - startedAt) / 1_000);
    };
    const one = await rate(false, QUIET_BLOCKS / 10);
    const leaping = await rate(true, QUIET_BLOCKS);
    const name = `follow ${QUIET_BLOCKS} empty blocks of four validators over HTTP, in leaps`;
    return [
      { name, value: leaping, unit: 'blocks a second', peer: { name: 'one by one', value: one } },
      { name: 'the same, of one by one', value: leaping / one, unit: 'times', hold: { atLeast: LEAST_LEAP } },
    ];
  } finally {
    await node.close();
  }
}

export async function networkRows(): Promise<Row[]> {
  const rows = await following();
  const open: { remove(): Promise<void> }[] = [];
  const kept = (app: App) => {
    open.unshift(app);
    return app;
  };
  try {
    const rpcPort = await freePort();
    const behind = `http://127.0.0.1:${rpcPort}`;
    const keeper = kept(await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } }));
    rows.push(...(await writing('embedded', keeper, { url: behind })));
    const door = await counted(behind);
    open.push({ remove: door.close });
    const network = {
      nodes: door.url,
      trustFile: path.join(keeper.folder, 'data', 'trust.json'),
      institution: 1,
    };
    let guest = kept(await startApp({ network }));
    rows.push(...(await writing('one node', guest, door)));
    rows.push(...(await auditing(door.url, keeper)));
    await guest.stop();
    const startedAt = performance.now();
    guest = await startApp({ folder: guest.folder, network });
    open[0] = guest;
    const seconds = (performance.now() - startedAt) / 1_000;
    rows.push({ name: 'start again from the cursor, until it serves', value: seconds, unit: 's' });
  } finally {
    for (const one of open) await one.remove();
  }
  return [...rows, ...(await byValidators())];
}

async function byValidators(): Promise<Row[]> {
  const engine = engineNamed(process.env);
  if (engine !== 'besu' && engine !== 'anvil') {
    console.log(`  !!! SKIPPED, four validators: ${engine} !!!`);
    return [];
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-bench-network-'));
  let network: RealNetwork | undefined;
  let app: App | undefined;
  try {
    const validators = Array.from({ length: VALIDATORS }, newValidator);
    await foundedNetwork({
      engine,
      folder,
      validators,
      timeoutSeconds: TIMEOUT_SECONDS,
      onStarted(started) {
        network = started;
      },
    });
    const door = await counted(network?.urls[0] ?? '');
    const trustFile = path.join(folder, 'trust.json');
    const env = { KUDURRU_BLOCK_TIMEOUT: String(TIMEOUT_SECONDS) };
    app = await startApp({ network: { nodes: door.url, trustFile, institution: 1 }, env });
    const rows = await writing(`four validators, ${engine}`, app, door);
    await app.remove();
    app = undefined;
    await door.close();
    return rows;
  } finally {
    await app?.remove();
    await network?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
