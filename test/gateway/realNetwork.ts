/**
 * A network of nodes that are not ours, on loopback, for whoever has such a node: four validators of Besu where BESU names one; where
 * ANVIL names an Anvil, one chain of that, told as four validators would have sealed it.
 *
 * Hides how each is started and stopped. Promises: what was started is ended with `close`; nothing listens but on loopback.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { validatorOf } from '../../scripts/members.ts';
import { nodeFolders } from '../../scripts/nodeFiles.ts';
import { readGenesis } from '../../server/domain/audit/genesis.ts';
import { type Address, fromHex, type Hex, toHex } from '../../server/domain/base/hex.ts';
import { quantity } from '../../server/ledger/provider.ts';
import { Sealing } from '../chain/sealing.ts';
import { freePort } from './app.ts';
import { type LyingNode, lyingNode } from './lyingNode.ts';
import { sealerOf, setAfter } from './sealers.ts';

const READY_MS = 120_000;
const POLL_MS = 250;
const BLOCK_MS = 1_000;
/** What every release before it lacks is Osaka, or contract mode from block 0 with it. */
const LEAST_BESU: readonly [year: number, month: number] = [26, 3];

export interface Validator {
  readonly key: Hex;
  readonly address: Address;
}

export interface RealNetwork {
  readonly kind: 'besu' | 'anvil';
  /** The JSON-RPC of each node, in the order of the validators. */
  readonly urls: readonly string[];
  /** Starts the node of this place; one that was wiped copies the chain. */
  start(place: number): Promise<void>;
  kill(place: number): Promise<void>;
  /** As a machine that hangs, or a line that is cut: the process goes nowhere until it is resumed. */
  pause(place: number): void;
  resume(place: number): void;
  /** Takes away all that it kept but its key. */
  wipe(place: number): void;
  close(): Promise<void>;
}

export function newValidator(): Validator {
  const key = randomBytes(32);
  return { key: toHex(key), address: validatorOf(key, 1, '127.0.0.1', 1).validator };
}

export interface NetworkAsked {
  readonly folder: string;
  readonly genesisFile: string;
  readonly chainId: number;
  readonly validators: readonly Validator[];
}

/** Which engine this machine has, with the reason where it has none. */
export function engineNamed({ BESU, ANVIL }: NodeJS.ProcessEnv): 'besu' | 'anvil' | string {
  if (BESU !== undefined) {
    const told = spawnSync(BESU, ['--version'], { encoding: 'utf8' }).stdout ?? '';
    const [, year = '0', month = '0'] = /besu\/v?(\d+)\.(\d+)/.exec(told) ?? [];
    const [leastYear, leastMonth] = LEAST_BESU;
    const isEnough = Number(year) * 12 + Number(month) >= leastYear * 12 + leastMonth;
    return isEnough
      ? 'besu'
      : `BESU names no Besu of ${LEAST_BESU.join('.')} or newer: ${told.trim() || 'silent'}`;
  }
  if (ANVIL !== undefined) return existsSync(ANVIL) ? 'anvil' : 'ANVIL names no file';
  return 'neither BESU nor ANVIL names a node';
}

export async function askNode(
  url: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'Content-Type': 'application/json' };
  const signal = AbortSignal.timeout(5_000);
  const answer = await fetch(url, { method: 'POST', headers, body, signal });
  return ((await answer.json()) as { result?: unknown }).result;
}

export async function heightOf(url: string): Promise<number> {
  return Number(await askNode(url, 'eth_blockNumber').catch(() => -1));
}

export async function until(what: string, is: () => Promise<boolean>, patienceMs = READY_MS): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await is())) {
    if (performance.now() > end) throw new Error(`not in ${patienceMs / 1_000} s: ${what}`);
    await setTimeout(POLL_MS);
  }
}

function spawned(command: string, args: readonly string[], log: string): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log, { flags: 'a' });
  child.stdout?.pipe(file, { end: false });
  child.stderr?.pipe(file, { end: false });
  return child;
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill('SIGKILL');
  await gone;
}

// ---- Besu ---------------------------------------------------------------------------------------------------

export async function besuNetwork(besu: string, asked: NetworkAsked): Promise<RealNetwork> {
  const { folder, genesisFile, validators } = asked;
  const ports = await Promise.all(
    validators.map(async () => ({
      rpc: await freePort(),
      peers: await freePort(),
      metrics: await freePort(),
    })),
  );
  const running: (ChildProcess | undefined)[] = [];
  const homeOf = (place: number) => path.join(folder, `node-${place}`);
  const portsOf = (place: number) => ports[place] ?? { rpc: 0, peers: 0, metrics: 0 };
  // As `kudurru network nodes` makes them, so that what a member is given is what runs here.
  const members = {
    validators: validators.map(({ key }, place) =>
      validatorOf(fromHex(key), 1, '127.0.0.1', portsOf(place).peers),
    ),
    accounts: [],
  };
  for (const [place, { files }] of nodeFolders(members, readFileSync(genesisFile, 'utf8')).entries()) {
    mkdirSync(homeOf(place), { recursive: true });
    for (const { name, text } of files) writeFileSync(path.join(homeOf(place), name), text);
    writeFileSync(path.join(homeOf(place), 'key'), validators[place]?.key ?? '', { mode: 0o600 });
  }
  const urls = ports.map(({ rpc }) => `http://127.0.0.1:${rpc}`);
  /** Over the file: where it lies here, ports of one machine, and gateways whose accounts nobody could list before they ran. */
  const argumentsOf = (place: number): string[] => [
    `--config-file=${path.join(homeOf(place), 'config.toml')}`,
    `--genesis-file=${genesisFile}`,
    `--data-path=${path.join(homeOf(place), 'data')}`,
    `--node-private-key-file=${path.join(homeOf(place), 'key')}`,
    `--static-nodes-file=${path.join(homeOf(place), 'static-nodes.json')}`,
    `--permissions-nodes-config-file=${path.join(homeOf(place), 'permissions.toml')}`,
    '--permissions-accounts-config-file-enabled=false',
    `--rpc-http-port=${portsOf(place).rpc}`,
    `--metrics-port=${portsOf(place).metrics}`,
  ];
  const start = async (place: number) => {
    await ended(running[place]);
    const child = spawned(besu, argumentsOf(place), path.join(homeOf(place), 'log'));
    running[place] = child;
    await until(`node ${place} answers, see ${homeOf(place)}/log`, async () => {
      if (child.exitCode !== null) throw new Error(`node ${place} ended: see ${homeOf(place)}/log`);
      return (await heightOf(urls[place] ?? '')) >= 0;
    });
  };
  return {
    kind: 'besu',
    urls,
    start,
    kill: (place) => ended(running[place]),
    pause: (place) => void running[place]?.kill('SIGSTOP'),
    resume: (place) => void running[place]?.kill('SIGCONT'),
    wipe: (place) => rmSync(path.join(homeOf(place), 'data'), { recursive: true, force: true }),
    async close() {
      await Promise.all(running.map(ended));
    },
  };
}

// ---- Anvil --------------------------------------------------------------------------------------------------

/** Every node is a door to one chain; a block is sealed by those of the set that are up, and there is none without a quorum. */
export async function anvilNetwork(anvil: string, asked: NetworkAsked): Promise<RealNetwork> {
  const { folder, genesisFile, chainId, validators } = asked;
  const port = await freePort();
  const behind = `http://127.0.0.1:${port}`;
  const child = spawned(
    anvil,
    [
      ...['--init', genesisFile, '--chain-id', String(chainId), '--hardfork', 'osaka', '--accounts', '1'],
      ...['--gas-limit', '30000000', '--block-base-fee-per-gas', '0', '--gas-price', '0', '--no-mining'],
      ...['--disable-min-priority-fee', '--host', '127.0.0.1', '--port', String(port)],
    ],
    path.join(folder, 'anvil.log'),
  );
  await until('Anvil answers', async () => (await heightOf(behind)) >= 0);
  const up = new Set<number>();
  const whoSeals = async (blockNumber: number) => {
    const set = await setAfter(blockNumber - 1, (method, params) => askNode(behind, method, params));
    const sealers = validators.filter(({ address }, place) => up.has(place) && set.includes(address));
    return { sealers, isQuorum: sealers.length * 3 >= set.length * 2 };
  };
  const sealed = new Map<number, readonly Validator[]>();
  const blockAt = async (blockNumber: number) =>
    (await askNode(behind, 'eth_getBlockByNumber', [quantity(BigInt(blockNumber)), false])) as Record<
      string,
      unknown
    >;
  // Anvil makes a block 0 of its own of a genesis file.
  const sealing = new Sealing(
    blockAt,
    (blockNumber) => (sealed.get(blockNumber) ?? []).map(({ key }) => sealerOf(fromHex(key))),
    readGenesis(JSON.parse(readFileSync(genesisFile, 'utf8')))?.block,
  );
  const mineNext = async () => {
    const next = (await heightOf(behind)) + 1;
    const { sealers, isQuorum } = await whoSeals(next);
    if (!isQuorum) return;
    sealed.set(next, sealers);
    // Its clock begins with the genesis, in 1970.
    await askNode(behind, 'evm_setNextBlockTimestamp', [Math.floor(Date.now() / 1_000)]);
    await askNode(behind, 'anvil_setNextBlockBaseFeePerGas', ['0x0']);
    await askNode(behind, 'evm_mine');
  };
  let isClosed = false;
  const mining = (async () => {
    while (!isClosed) {
      await mineNext().catch(() => undefined); // tried again with the next block
      await setTimeout(BLOCK_MS);
    }
  })();
  const doors = await Promise.all(
    validators.map(async (_, place) => {
      const door: LyingNode = await lyingNode(behind);
      door.lie(async ({ method }, ask) => {
        if (method === 'net_peerCount') return quantity(up.size - 1);
        return method.startsWith('eth_getBlockBy') ? sealing.told(await ask()) : ask();
      });
      door.disturb(async (response) => {
        if (up.has(place)) return false;
        response.destroy();
        return true;
      });
      return door;
    }),
  );
  const down = async (place: number) => void up.delete(place);
  return {
    kind: 'anvil',
    urls: doors.map(({ url }) => url),
    start: async (place) => void up.add(place),
    kill: down,
    pause: (place) => void up.delete(place),
    resume: (place) => void up.add(place),
    wipe: () => {},
    async close() {
      isClosed = true;
      await mining.catch(() => undefined);
      await Promise.all(doors.map((door) => door.close()));
      await ended(child);
    },
  };
}
