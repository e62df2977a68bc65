/**
 * The figures of the ledger's machinery: calls a write, signatures, restart, memory, an empty start.
 *
 * Each beside its peer, which is run in the same process on the same work and gets
 * its own fast path; results are compared before time counts. Counts are exact and do not depend on the machine; times
 * are ratios, alternating, the median of ROUNDS. Restarts run in processes of their own, so that memory is theirs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { FetchRequest, JsonRpcProvider, SigningKey, Transaction, Wallet } from 'ethers';
import type { GenesisAccount } from '../server/domain/base/blocks.ts';
import { type Address, type Hex, toHex } from '../server/domain/base/hex.ts';
import { type EmbeddedChain, openEmbedded } from '../server/ledger/embedded.ts';
import { keccak256 } from '../server/ledger/keccak.ts';
import { type Ledger, openLedger } from '../server/ledger/ledger.ts';
import { GATHER_MS, HttpNode } from '../server/ledger/node.ts';
import { listenRpc } from '../server/ledger/rpc.ts';
import { signTransaction, softwareSigner } from '../server/ledger/signer.ts';
import { blockTables, openBlocks } from '../server/store/blocks.ts';
import { openLevelStore } from '../server/store/levelStore.ts';
import type { Row } from './row.ts';

const ROUNDS = 5;
const PIPELINE_WRITES = 2_000;
const PEER_WRITES = 20;
const SIGNATURES = 2_000;
const TRANSACTIONS = 10_000;
/** Sent and not yet answered: what fills blocks and stays below the pool's bound. */
const IN_FLIGHT = 4_000;

const WRITER = `0x${'77'.repeat(20)}` as Address;
const SLOTS = 6;
/** Stores 1 in each slot that a word of its calldata names: about 160,000 gas for six new ones. */
const WRITER_CODE: Hex = `0x${Array.from({ length: SLOTS }, (_, i) => `600160${(32 * i).toString(16).padStart(2, '0')}3555`).join('')}`;
const GAS = 200_000n;
const RELAYER_KEY = keccak256(Buffer.from('relayer'));

function calldata(seed: string): Hex {
  const words = Array.from({ length: SLOTS }, (_, i) => toHex(keccak256(Buffer.from(`${seed}/${i}`))));
  return `0x${words.map((word) => word.slice(2)).join('')}`;
}

export interface Opened {
  readonly chain: EmbeddedChain;
  readonly openMs: number;
  close(): Promise<void>;
}

export async function open(
  folder: string,
  accounts: readonly GenesisAccount[] = [{ address: WRITER, code: WRITER_CODE, storage: [] }],
): Promise<Opened> {
  const store = await openLevelStore({
    folder,
    integrityKey: new Uint8Array(32).fill(7),
    tables: blockTables,
  });
  const journal = await openBlocks(store);
  const startedAt = performance.now();
  const chain = await openEmbedded({
    journal,
    nodeSigner: softwareSigner(keccak256(Buffer.from('node'))),
    clock: () => BigInt(Math.floor(Date.now() / 1000)),
    genesisAccounts: () => accounts,
  });
  const openMs = performance.now() - startedAt;
  const close = async () => {
    await chain.close();
    await store.close();
  };
  return { chain, openMs, close };
}

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function signed(chainId: bigint, count: number, from = 0): Promise<Hex[]> {
  const signer = softwareSigner(RELAYER_KEY);
  const raws: Hex[] = [];
  for (let nonce = from; nonce < from + count; nonce++) {
    const fields = { chainId, nonce: BigInt(nonce), gas: GAS, to: WRITER, data: calldata(`${nonce}`) };
    raws.push((await signTransaction(fields, signer)).raw);
  }
  return raws;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

// ---- Row 8: calls a write ---------------------------------------------------------------------------------

function callsAWrite(): Promise<Row[]> {
  return inFolder(async (folder) => {
    const { chain, close } = await open(folder);
    const rpc = await listenRpc(chain, 0);
    const url = `http://localhost:${rpc.port}`;
    const peer = await callsOfEthers(url);
    const node = new HttpNode({ url });
    const { chainId, hash: genesisHash } = chain.genesis;
    const ledger = await openLedger({ provider: node, pin: { chainId, genesisHash }, gatherMs: GATHER_MS });
    const stop = new AbortController();
    const followed = follow(ledger, stop.signal);
    const raws = await signed(chainId, PIPELINE_WRITES);
    const before = node.traffic;
    await Promise.all(raws.map((raw) => ledger.submit(raw)));
    const { calls, requests } = node.traffic;
    stop.abort();
    await followed;
    await rpc.close();
    await close();
    const each = (count: number) => count / PIPELINE_WRITES;
    return [
      {
        name: `RPC calls a write, over ${PIPELINE_WRITES}, following and polling included`,
        unit: 'calls',
        value: each(calls - before.calls),
        hold: { atMost: 1.1 },
        peer: { name: 'ethers send + wait', value: peer.calls },
      },
      {
        name: 'HTTP requests a write',
        value: each(requests - before.requests),
        unit: 'requests',
        hold: { atMost: 0.05 },
        peer: { name: 'ethers send + wait', value: peer.requests },
      },
    ];
  });
}

async function follow(ledger: Ledger, signal: AbortSignal): Promise<void> {
  for await (const block of ledger.follow(undefined, signal)) if (signal.aborted) return void block;
}

async function callsOfEthers(url: string): Promise<{ calls: number; requests: number }> {
  let calls = 0;
  let requests = 0;
  const connection = new FetchRequest(url);
  const send = FetchRequest.createGetUrlFunc();
  connection.getUrlFunc = (request, signal) => {
    const body = JSON.parse(Buffer.from(request.body ?? []).toString());
    calls += Array.isArray(body) ? body.length : 1;
    requests++;
    return send(request, signal);
  };
  // Without its cache, which would give the nonce before the last one: blocks are faster here than it expects.
  const provider = new JsonRpcProvider(connection, undefined, { cacheTimeout: -1 });
  const wallet = new Wallet(toHex(keccak256(Buffer.from('peer'))), provider);
  for (let i = 0; i < PEER_WRITES; i++) {
    const response = await wallet.sendTransaction({ to: WRITER, data: calldata(`peer ${i}`) });
    if ((await response.wait())?.status !== 1) throw new Error('the peer did not write');
  }
  provider.destroy();
  return { calls: calls / PEER_WRITES, requests: requests / PEER_WRITES };
}

// ---- Row 9: build and sign --------------------------------------------------------------------------------

async function signing(): Promise<Row[]> {
  const chainId = 123_456_789n;
  const signer = softwareSigner(RELAYER_KEY);
  const key = new SigningKey(RELAYER_KEY);
  const datas = Array.from({ length: SIGNATURES }, (_, i) => calldata(`${i}`));
  const ours = async () => {
    const made: Hex[] = [];
    for (const [i, data] of datas.entries()) {
      const fields = { chainId, nonce: BigInt(i), gas: GAS, to: WRITER, data };
      made.push((await signTransaction(fields, signer)).raw);
    }
    return made;
  };
  /** Without a wallet around it: its addresses, its checks and its promises are not what is compared. */
  const peers = async () =>
    datas.map((data, nonce) => {
      const prices = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
      const transaction = Transaction.from({
        type: 2,
        chainId,
        nonce,
        gasLimit: GAS,
        to: WRITER,
        data,
        ...prices,
      });
      transaction.signature = key.sign(transaction.unsignedHash);
      return transaction.serialized as Hex;
    });
  const [a, b] = [await ours(), await peers()];
  if (a.some((raw, i) => raw !== b[i])) throw new Error('the signed bytes differ');
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [ourMs, peerMs] = [await timed(ours), await timed(peers)];
    ratios.push(peerMs / ourMs);
  }
  return [
    {
      name: 'build and sign a transaction',
      value: median(ratios),
      unit: 'times as fast, no native addon',
      hold: { atLeast: 3 },
      peer: { name: 'ethers', value: 1 },
    },
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

// ---- Row 14: restart, memory, and an empty start ----------------------------------------------------------

interface Restart {
  readonly openMs: number;
  readonly rssBytes: number;
  readonly head: string;
}

/** What a new process needs to open the ledger of the folder, and what it grows by. */
function restart(folder: string): Restart {
  const child = spawnSync(process.execPath, [import.meta.filename, 'open', folder], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`a restart failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as Restart;
}

async function openOnce(folder: string): Promise<void> {
  const before = process.memoryUsage.rss();
  const { chain, openMs, close } = await open(folder);
  const rssBytes = process.memoryUsage.rss() - before;
  const params = ['latest', false];
  const head = (await chain.request({ method: 'eth_getBlockByNumber', params })) as { hash: string };
  await close();
  console.log(JSON.stringify({ openMs, rssBytes, head: head.hash } satisfies Restart));
}

function restarting(): Promise<Row[]> {
  return inFolder(async (folder) => {
    const founding = restart(folder).openMs;
    const empty = Array.from({ length: ROUNDS }, () => restart(folder));
    const emptyMs = median(empty.map(({ openMs }) => openMs));
    const firstMs = await executeAll(folder);
    const again = Array.from({ length: ROUNDS }, () => restart(folder));
    if (new Set(again.map(({ head }) => head)).size !== 1) throw new Error('restarts differ');
    const replayMs = median(again.map(({ openMs }) => openMs)) - emptyMs;
    const growth =
      median(again.map(({ rssBytes }) => rssBytes)) - median(empty.map(({ rssBytes }) => rssBytes));
    return [
      { name: 'make an empty chain', value: founding, unit: 'ms' },
      { name: 'open an empty chain', value: emptyMs, unit: 'ms' },
      {
        name: `execute ${TRANSACTIONS} transactions of about 160,000 gas again`,
        value: firstMs / replayMs,
        unit: 'times as fast as at first',
        hold: { atLeast: 0.9 },
      },
      {
        name: 'memory after a restart',
        value: growth / TRANSACTIONS / 1024,
        unit: 'KiB of RSS a transaction',
      },
    ];
  });
}

async function executeAll(folder: string): Promise<number> {
  const { chain, close } = await open(folder);
  const raws = await signed(chain.genesis.chainId, TRANSACTIONS);
  const ms = await timed(async () => {
    let next = 0;
    const writer = async () => {
      for (let raw = raws[next++]; raw !== undefined; raw = raws[next++]) {
        await chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
  });
  await close();
  return ms;
}

/** Every figure of the ledger's machinery, in the order of the README. */
export async function ledgerRows(): Promise<Row[]> {
  return [...(await callsAWrite()), ...(await signing()), ...(await restarting())];
}

// A restart is this file again, in a process of its own.
const [entry, command, folder] = process.argv.slice(1);
if (entry === import.meta.filename && command === 'open' && folder !== undefined) await openOnce(folder);
