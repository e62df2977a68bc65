/**
 * What a node can do to whoever asks it: every kind of failure and of false answer that a gateway must see through.
 *
 * A kind that would change nothing in an answer is not told and not counted. Of the kinds that fit an answer the one that was
 * told least is told, so that a short run has them all.
 */
import { setTimeout } from 'node:timers/promises';
import { headerHash, headerOfAnswer } from '../../server/domain/audit/header.ts';
import { readQbftHeader } from '../../server/domain/audit/qbft.ts';
import { fromHex, toHex } from '../../server/domain/base/hex.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { resealed, type Sealer } from '../chain/sealing.ts';
import type { Seeded } from '../seeded.ts';
import { type Call, type LyingNode, NodeNo } from './lyingNode.ts';

type Block = Readonly<Record<string, unknown>>;
type Told = unknown | Promise<unknown>;
/** What is answered in place of the truth; undefined where the kind has nothing to say of the call. */
type LieOf = (call: Call, truth: unknown) => Told;
export type Lies = Readonly<Record<string, LieOf>>;

const otherWord = `0x${'5a'.repeat(32)}`;
/** One that hangs is given up after ten seconds. */
const HANG_MS = 11_000;

const ofBlock =
  (lie: (block: Block) => Told): LieOf =>
  ({ method }, truth) =>
    method === 'eth_getBlockByNumber' && truth !== null ? lie(truth as Block) : undefined;

const ofReceipts =
  (lie: (receipts: readonly Block[]) => Told): LieOf =>
  ({ method }, truth) =>
    method === 'eth_getBlockReceipts' && truth !== null ? lie(truth as Block[]) : undefined;

const ofLogs = (change: (logs: readonly Block[]) => readonly Block[]): LieOf =>
  ofReceipts((receipts) =>
    receipts.map((receipt) => ({ ...receipt, logs: change((receipt.logs ?? []) as readonly Block[]) })),
  );

const ofProof =
  (lie: (proof: Block) => Told): LieOf =>
  ({ method }, truth) =>
    method === 'eth_getProof' && truth !== null ? lie(truth as Block) : undefined;

/** A block that hashes to its hash, and is none of the chain. */
function otherBlock(block: Block, hashOf: (header: Uint8Array) => string): Block {
  const bent = { ...block, stateRoot: otherWord };
  return { ...bent, hash: hashOf(headerOfAnswer(bent)) };
}

function bentNode(nodes: unknown): unknown {
  if (!Array.isArray(nodes)) return nodes;
  const last = String(nodes.at(-1));
  return nodes.with(-1, `${last.slice(0, -1)}${last.endsWith('0') ? '1' : '0'}`);
}

/** Of any chain. */
function common(): Lies {
  const before = new Map<string, unknown>();
  const REPEATED = ['eth_getBlockByNumber', 'eth_getBlockReceipts', 'eth_getProof', 'kudurru_finality'];
  return {
    'answer told before': ({ method }, truth) => {
      const earlier = before.get(method);
      if (REPEATED.includes(method) && truth !== null) before.set(method, truth);
      return earlier;
    },
    'omitted log': ofLogs((logs) => logs.slice(1)),
    'altered log': ofLogs((logs) => logs.map((log) => ({ ...log, data: otherWord }))),
    'log twice': ofLogs((logs) => logs.flatMap((log) => [log, log])),
    'changed receipt': ofReceipts((receipts) => receipts.map((one) => ({ ...one, status: '0x0' }))),
    'receipt twice': ofReceipts((receipts) => receipts.flatMap((one) => [one, one])),
    'forged proof': ofProof((proof) => ({ ...proof, accountProof: bentNode(proof.accountProof) })),
    'proof of nothing': ofProof((proof) => ({ ...proof, accountProof: ['0xc0'] })),
    'stale head': ({ method }) => (method === 'eth_blockNumber' ? '0x1' : undefined),
    'head that is not there': ({ method }) => (method === 'eth_blockNumber' ? '0xffff' : undefined),
  };
}

/** Of a chain whose blocks one node signs. */
export function liesOfSigned(): Lies {
  return {
    ...common(),
    'wrong header': ofBlock((block) => otherBlock(block, headerHash)),
    'forged signature': ({ method }, truth) =>
      method === 'kudurru_finality' && truth !== null
        ? { ...(truth as Block), nodeSignature: `0x${'17'.repeat(64)}` }
        : undefined,
  };
}

/** Of a chain whose blocks validators seal; `strangers` are none of them, and as many as would be a quorum. */
export function liesOfSealed(strangers: readonly Sealer[]): Lies {
  const isSealed = ({ number }: Block) => Number(number) > 0;
  const ofSeals = (lie: (block: Block) => Told) =>
    ofBlock((block) => (isSealed(block) ? lie(block) : undefined));
  const byStrangers = (digest: Uint8Array) => Promise.all(strangers.map((one) => one.sign(digest)));
  const qbftHash = (header: Uint8Array) => readQbftHeader(header).hash;
  return {
    ...common(),
    'wrong header': ofSeals((block) => otherBlock(block, qbftHash)),
    'fewer seals': ofSeals((block) => resealed(block, async (seals) => seals.slice(0, seals.length / 2))),
    'no seals': ofSeals((block) => resealed(block, async () => [])),
    'seals twice': ofSeals((block) =>
      resealed(block, async ([first = new Uint8Array(65), ...others]) => [first, ...others.map(() => first)]),
    ),
    'foreign seals': ofSeals((block) => resealed(block, (_, digest) => byStrangers(digest))),
    'foreign seals of another block': ofSeals((block) =>
      resealed(otherBlock(block, qbftHash), (_, digest) => byStrangers(digest)),
    ),
    'one foreign seal': ofSeals((block) =>
      resealed(block, async (seals, digest) => [
        ...seals.slice(1),
        ...(await byStrangers(digest)).slice(0, 1),
      ]),
    ),
  };
}

export const OF_REQUESTS = ['reset', '429', 'truncated body', 'answers twice'] as const;
export const OF_SENDS = ['sent and refused', 'sent twice', 'taken and not sent'] as const;

export interface Telling {
  readonly lies: Lies;
  readonly random: Seeded;
  /** Of a hundred answers, and of a hundred requests, so many are none, or false. */
  readonly share: number;
  /** The same by method, of what is asked for seldom. */
  readonly shares: Readonly<Record<string, number>>;
  /** Requests that hang, in all. */
  readonly hangs: number;
  /** How often each kind was told; added to. */
  readonly counts: Map<string, number>;
}

/** From now on the node fails and lies, until it is told to do neither. */
export function tellLies(node: LyingNode, telling: Telling): void {
  const { lies, random, share, shares, counts } = telling;
  const count = (kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const least = (kinds: readonly string[]) => {
    const fewest = Math.min(...kinds.map((kind) => counts.get(kind) ?? 0));
    return random.pick(kinds.filter((kind) => (counts.get(kind) ?? 0) === fewest));
  };
  const isDue = (ofHundred = share) => random.below(100) < ofHundred;

  const send = async (asked: () => Promise<unknown>, [raw]: readonly unknown[]) => {
    const kind = random.pick(OF_SENDS);
    count(kind);
    if (kind === 'taken and not sent') return toHex(keccak256(fromHex(String(raw))));
    const first = await asked().catch((error: unknown) => error);
    if (kind === 'sent twice') await asked().catch(() => undefined);
    if (kind === 'sent twice' && !(first instanceof Error)) return first;
    throw new NodeNo({ code: -32_000, message: 'already known' });
  };
  node.lie(async (call, asked) => {
    if (!isDue(shares[call.method] ?? share)) return asked();
    if (call.method === 'eth_sendRawTransaction') return send(asked, call.params);
    const truth = await asked();
    const written = JSON.stringify(truth);
    const fitting = new Map<string, unknown>();
    for (const [kind, lie] of Object.entries(lies)) {
      const told = await lie(call, truth);
      if (told !== undefined && JSON.stringify(told) !== written) fitting.set(kind, told);
    }
    if (fitting.size === 0) return truth;
    const kind = least([...fitting.keys()]);
    count(kind);
    return fitting.get(kind);
  });
  let hangs = 0;
  node.disturb(async (response, reply) => {
    if (!isDue()) return false;
    const kind = hangs < telling.hangs && random.below(20) === 0 ? 'time-out' : random.pick(OF_REQUESTS);
    count(kind);
    if (kind === 'time-out') {
      hangs++;
      await setTimeout(HANG_MS);
      response.destroy();
    } else if (kind === 'reset') response.destroy();
    else if (kind === '429') response.writeHead(429, { 'Retry-After': '1' }).end();
    else {
      const text = await reply();
      const answers = text.startsWith('[')
        ? `[${text.slice(1, -1)},${text.slice(1, -1)}]`
        : `[${text},${text}]`;
      const told = kind === 'answers twice' ? answers : text.slice(0, text.length / 2);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(told);
    }
    return true;
  });
}
