/**
 * A node whose operator rewrote history: logs are changed, dropped or their journal folded anew, receipts and headers are
 * made over them from there on, and the node's own key signs the head. What it can not forge is the state.
 */
import { RLP } from '@ethereumjs/rlp';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Interface, Result } from 'ethers';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { headerHash, readHeader } from '../../server/domain/audit/header.ts';
import { type Entry, firstHead, foldEntry } from '../../server/domain/audit/journal.ts';
import { headDigest } from '../../server/domain/audit/lineage.ts';
import { transactionOfAnswer } from '../../server/domain/audit/transactions.ts';
import { orderedRoot } from '../../server/domain/audit/trie.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../../server/domain/base/hex.ts';
import { contractOf } from '../../server/ledger/contracts.ts';
import type { EmbeddedChain } from '../../server/ledger/embedded.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { listenRpc, type RpcListener } from '../../server/ledger/rpc.ts';
import type { Key } from '../chain/forge.ts';
import { named } from '../chain/signing.ts';
import type { World } from '../chain/world.ts';

const NODE_KEY = fromHex(named('node key'));

interface LogAnswer {
  readonly address: Address;
  topics: Hex[];
  data: Hex;
}
interface TransactionAnswer extends Readonly<Record<string, unknown>> {
  readonly hash: Bytes32;
  readonly to: Address | null;
  readonly input: Hex;
}
interface BlockAnswer extends Readonly<Record<string, unknown>> {
  readonly transactions: readonly TransactionAnswer[];
}
interface ReceiptAnswer {
  readonly type: Hex;
  readonly status: Hex;
  readonly cumulativeGasUsed: Hex;
  readonly logsBloom: Hex;
  logs: LogAnswer[];
}

/** Values of an event by name, structs as lists. */
export type Args = Record<string, unknown>;

export interface Forgery {
  /** The event that is changed: the first of its name, or the one after so many. */
  readonly event?: string;
  readonly after?: number;
  /** Changes its values, or says that it is left out. */
  readonly change?: (args: Args) => 'left out' | undefined;
  /** The first direct call of this method, and what is done to its arguments. */
  readonly call?: string;
  readonly changeCall?: (args: Args) => void;
  /** Every call of that method came through a stranger's contract, and all of them are changed. */
  readonly isThroughStranger?: boolean;
  /** Every call came through a stranger's contract. */
  readonly isHidden?: boolean;
  /** Every event of this name is left out too. */
  readonly without?: string;
  /** Journals are folded anew unless this says no. */
  readonly isFolded?: boolean;
  /** What is done to the answers themselves, after everything was made anew. */
  readonly last?: (headers: Uint8Array[], receipts: ReceiptAnswer[][]) => unknown;
  readonly signer?: Uint8Array;
}

/** What a forged node stands on. */
export interface Node {
  readonly chain: EmbeddedChain;
  /** Signs its heads. */
  readonly key: Uint8Array;
}

const nodeOf = ({ chain }: World): Node => ({ chain, key: NODE_KEY });

/** What a node wrote, as somebody rewrites it; it ends at the block `last`. */
export interface Rewritten {
  readonly receipts: readonly ReceiptAnswer[][];
  readonly blocks: readonly BlockAnswer[];
  readonly last?: number;
}

/** A node that answers what was made of its blocks, with headers and its own signature over it. */
export async function listenRewritten(
  node: Node,
  rewrite: (written: Rewritten) => Rewritten,
): Promise<RpcListener> {
  const { headers, ...written } = await recorded(node);
  const { receipts, blocks, last = headers.length - 1 } = rewrite(written);
  const left = headers.slice(0, last + 1);
  relink(left, receipts, blocks);
  return answering(node, { headers: left, receipts, blocks }, signed(node, left));
}

export async function listenForged(world: World, forgery: Forgery): Promise<RpcListener> {
  const node = nodeOf(world);
  const { headers, receipts, blocks } = await recorded(node);
  const interfaces = interfacesOf(world);
  const called = withCalls(blocks, forgery, interfaces);
  const { event, after = 0, change } = forgery;
  let seen = 0;
  const isNext = (name: string) => name === event && seen++ === after;
  for (const receipt of receipts.flat()) {
    receipt.logs = receipt.logs
      .filter((log) => interfaces.get(log.address)?.parseLog(log)?.name !== (forgery.without ?? ''))
      .flatMap((log) => changed(log, interfaces, isNext, change));
  }
  if (event !== undefined && seen <= after) throw new Error(`no ${event}`);
  if (forgery.isFolded !== false) foldAnew(world, receipts, interfaces);
  relink(headers, receipts, called);
  forgery.last?.(headers, receipts);
  const finality = signed({ ...node, key: forgery.signer ?? NODE_KEY }, headers);
  return answering(node, { headers, receipts, blocks: called }, finality);
}

/** What a chain wrote up to its head, read once. */
const records = new WeakMap<
  EmbeddedChain,
  { readonly head: bigint; readonly read: ReturnType<typeof read> }
>();

async function recorded({ chain }: Node) {
  const known = records.get(chain);
  const head = chain.headNumber;
  const record = known?.head === head ? known : { head, read: read(chain) };
  records.set(chain, record);
  const { headers, receipts, blocks } = await record.read;
  return { headers: [...headers], receipts: structuredClone(receipts), blocks };
}

async function read(chain: EmbeddedChain) {
  const ask = <T>(method: string, at: number, ...more: unknown[]) =>
    chain.request({ method, params: [`0x${at.toString(16)}`, ...more] }) as Promise<T>;
  const headers: Uint8Array[] = [];
  const receipts: ReceiptAnswer[][] = [];
  const blocks: BlockAnswer[] = [];
  for (let at = 0; at <= Number(chain.headNumber); at++) {
    headers.push(fromHex(await ask<Hex>('debug_getRawHeader', at)));
    receipts.push(await ask<ReceiptAnswer[]>('eth_getBlockReceipts', at));
    blocks.push(await ask<BlockAnswer>('eth_getBlockByNumber', at, true));
  }
  return { headers, receipts, blocks };
}

function interfacesOf({ addresses }: World): ReadonlyMap<string, Interface> {
  return new Map(
    Object.entries(addresses).map(([name, address]) => [
      address,
      contractOf(name as keyof typeof addresses).calls,
    ]),
  );
}

/** Structs and lists as lists that can be written to. */
function plain(value: unknown): unknown {
  return value instanceof Result ? value.toArray().map(plain) : value;
}

function changed(
  log: LogAnswer,
  interfaces: ReadonlyMap<string, Interface>,
  isNext: (name: string) => boolean,
  change: Forgery['change'],
): LogAnswer[] {
  const known = interfaces.get(log.address);
  const parsed = known?.parseLog(log);
  if (known == null || parsed == null || !isNext(parsed.name)) return [log];
  const names = parsed.fragment.inputs.map(({ name }) => name);
  const args: Args = Object.fromEntries(names.map((name, i) => [name, plain(parsed.args[i])]));
  if (change?.(args) === 'left out') return [];
  const { topics, data } = known.encodeEventLog(
    parsed.fragment,
    names.map((name) => args[name]),
  );
  return [{ ...log, topics: topics as Hex[], data: data as Hex }];
}

/** Heads over the entries as they are now. */
function foldAnew(
  world: World,
  receipts: readonly ReceiptAnswer[][],
  interfaces: ReadonlyMap<string, Interface>,
): void {
  const heads = new Map<Address, Bytes32>();
  for (const log of receipts.flat().flatMap(({ logs }) => logs)) {
    const known = interfaces.get(log.address);
    const parsed = known?.parseLog(log);
    if (known == null || parsed?.name !== 'EntryRecorded') continue;
    const entry = parsed.args.toObject() as unknown as Entry & { head: Bytes32 };
    const before = heads.get(log.address) ?? firstHead(world.chain.genesis.chainId, log.address);
    const head = foldEntry(before, { ...entry, kind: Number(entry.kind) });
    heads.set(log.address, head);
    const values = { ...entry, head };
    const { topics, data } = known.encodeEventLog(
      parsed.fragment,
      parsed.fragment.inputs.map(({ name }) => values[name as keyof typeof values]),
    );
    Object.assign(log, { topics, data });
  }
}

export const STRANGER = `0x${'5a'.repeat(20)}` as Address;

/** The blocks with the calls that a forgery changes. */
function withCalls(
  blocks: readonly BlockAnswer[],
  { call, changeCall, isHidden, isThroughStranger }: Forgery,
  interfaces: ReadonlyMap<string, Interface>,
): BlockAnswer[] {
  let left = call === undefined ? 0 : 1;
  const isEach = isThroughStranger === true;
  const changedCall = (sent: TransactionAnswer): TransactionAnswer => {
    if (isHidden === true) return { ...sent, to: STRANGER };
    const known = interfaces.get(sent.to ?? '');
    const parsed = left > 0 || isEach ? known?.parseTransaction({ data: sent.input }) : null;
    if (known == null || parsed == null || parsed.name !== call) return sent;
    left = 0;
    const names = parsed.fragment.inputs.map(({ name }) => name);
    const args: Args = Object.fromEntries(names.map((name, i) => [name, plain(parsed.args[i])]));
    changeCall?.(args);
    const values = names.map((name) => args[name]);
    const to = isEach ? STRANGER : sent.to;
    return { ...sent, to, input: known.encodeFunctionData(parsed.fragment, values) as Hex };
  };
  const changed = blocks.map((block) => ({ ...block, transactions: block.transactions.map(changedCall) }));
  if (left > 0) throw new Error(`no call of ${call}`);
  return changed;
}

const PARENT = 0;
const TRANSACTIONS_ROOT = 4;
const RECEIPTS_ROOT = 5;

function relink(
  headers: Uint8Array[],
  receipts: readonly ReceiptAnswer[][],
  blocks: readonly BlockAnswer[],
): void {
  headers.forEach((raw, at) => {
    const fields = RLP.decode(raw) as Uint8Array[];
    const before = headers[at - 1];
    if (before !== undefined) fields[PARENT] = fromHex(headerHash(before));
    const sent = blocks[at]?.transactions ?? [];
    if (sent.length > 0) fields[TRANSACTIONS_ROOT] = fromHex(orderedRoot(sent.map(transactionOfAnswer)));
    fields[RECEIPTS_ROOT] = fromHex(orderedRoot((receipts[at] ?? []).map(encoded)));
    headers[at] = RLP.encode(fields);
  });
}

const EXTRA_DATA = 12;

/**
 * The same history as validators of a network would have sealed it: what a node of theirs answers, and its genesis. `by`
 * says who seals a block.
 */
export async function listenSealed(
  world: World,
  by: (blockNumber: number) => readonly Key[],
): Promise<{ readonly listener: RpcListener; readonly genesisHash: Bytes32 }> {
  const node = nodeOf(world);
  const { headers, receipts, blocks } = await recorded(node);
  const hashes: Uint8Array[] = [];
  headers.forEach((raw, at) => {
    const fields = RLP.decode(raw) as Uint8Array[];
    fields[PARENT] = hashes[at - 1] ?? new Uint8Array(32);
    const withSeals = (seals: readonly Uint8Array[]) => {
      const extra = RLP.encode([new Uint8Array(32), [], [], 0, [...seals]]);
      return RLP.encode(fields.with(EXTRA_DATA, extra));
    };
    // Of round 0 a block's hash is what its seals sign.
    const hash = keccak256(withSeals([]));
    hashes.push(hash);
    headers[at] = withSeals(at === 0 ? [] : by(at).map(({ secret }) => sealOf(hash, secret)));
  });
  const [genesis = new Uint8Array()] = hashes;
  const listener = await answering(node, { headers, receipts, blocks }, null);
  return { listener, genesisHash: toHex(genesis) as Bytes32 };
}

function sealOf(hash: Uint8Array, secret: Uint8Array): Uint8Array {
  const signature = secp256k1.sign(hash, secret, { prehash: false, format: 'recovered' });
  return Uint8Array.of(...signature.subarray(1), signature[0] ?? 0);
}

interface Told {
  readonly headers: readonly Uint8Array[];
  readonly receipts: readonly (readonly ReceiptAnswer[])[];
  readonly blocks: readonly BlockAnswer[];
}

function answering(
  { chain }: Node,
  { headers, receipts, blocks }: Told,
  finality: unknown,
): Promise<RpcListener> {
  const own: Readonly<Record<string, (at: number) => unknown>> = {
    debug_getRawHeader: (at) => toHex(headers[at] ?? new Uint8Array()),
    eth_blockNumber: () => `0x${(headers.length - 1).toString(16)}`,
    eth_getBlockReceipts: (at) => receipts[at],
    eth_getBlockByNumber: (at) => blocks[at],
    kudurru_finality: () => finality,
  };
  const request = async (call: { method: string; params?: readonly unknown[] }) => {
    const answer = own[call.method];
    return answer === undefined ? chain.request(call) : answer(Number(call.params?.[0]));
  };
  return listenRpc({ request } as Parameters<typeof listenRpc>[0], 0);
}

function encoded({ type, status, cumulativeGasUsed, logsBloom, logs }: ReceiptAnswer): Uint8Array {
  const body = RLP.encode([
    BigInt(status),
    BigInt(cumulativeGasUsed),
    fromHex(logsBloom),
    logs.map(({ address, topics, data }) => [fromHex(address), topics.map(fromHex), fromHex(data)]),
  ]);
  const kind = Number(type);
  return kind === 0 ? body : Uint8Array.of(kind, ...body);
}

function signed({ chain, key }: Node, headers: readonly Uint8Array[]): unknown {
  const raw = headers.at(-1) ?? new Uint8Array();
  const ledger = { chainId: Number(chain.genesis.chainId), genesisHash: chain.genesis.hash };
  const head = { blockNumber: readHeader(raw).blockNumber, blockHash: headerHash(raw) };
  const nodeSignature = signCompact(headDigest(ledger, head), key);
  return { kind: 'embedded', header: toHex(raw), nodeSignature, witnessSignatures: [] };
}
