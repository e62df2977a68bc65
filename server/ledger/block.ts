/**
 * One block as a node tells it, believed only as far as its hash reaches.
 *
 * Promises: a block that is returned has the header its hash names and exactly the transactions and receipts the header
 * commits to, in order; of an embedded ledger's trust file also the signature of its node's key. Everything else, of
 * whatever shape, is `ledger-unverified` with what did not fit. It does not say that the block continues the chain nor
 * that validators sealed it: see ledger.ts and seals.ts.
 */
import { type Header, headerHash, headerOfAnswer, readHeader } from '../domain/audit/header.ts';
import { headDigest } from '../domain/audit/lineage.ts';
import { readQbftHeader } from '../domain/audit/qbft.ts';
import { type Log, type Receipt, receiptsRoot } from '../domain/audit/receipts.ts';
import { transactionHash, transactionOfAnswer, transactionsRoot } from '../domain/audit/transactions.ts';
import type { EmbeddedTrust, TrustFile } from '../domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex, parseHex, toHex } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { keccak256 } from './keccak.ts';
import { type Answer, type ChainProvider, fieldsOf, quantity, readQuantity } from './provider.ts';
import { recoverQuickly } from './recovery.ts';

export interface BlockHeader {
  readonly number: bigint;
  readonly hash: Bytes32;
  readonly raw: Hex;
  readonly header: Header;
}

export interface BlockTransaction {
  readonly hash: Bytes32;
  readonly raw: Hex;
  /** Absent where it created a contract. */
  readonly to?: Address;
  readonly receipt: Receipt;
}

export interface BlockLog extends Log {
  readonly transactionHash: Bytes32;
  /** Within the block, over all its transactions. */
  readonly logIndex: number;
}

export interface BlockContent extends BlockHeader {
  readonly transactions: readonly BlockTransaction[];
  readonly logs: readonly BlockLog[];
}

/** Undefined where the node has no such block. */
export async function fetchHeader(
  provider: ChainProvider,
  number: bigint,
  trust: TrustFile | undefined,
): Promise<BlockHeader | undefined> {
  const params = [quantity(number), false];
  const answer = await provider.request({ method: 'eth_getBlockByNumber', params });
  return answer === null ? undefined : verified(number, () => headerOf(fieldsOf(answer), number, trust));
}

/** The root of a trie that holds nothing. */
const EMPTY_ROOT = toHex(keccak256(Uint8Array.of(0x80)));

/** Whether the header says that nothing is in its block, so that there is nothing to ask for. */
export function isEmpty({ header }: BlockHeader): boolean {
  return header.transactionsRoot === EMPTY_ROOT && header.receiptsRoot === EMPTY_ROOT;
}

/** Undefined where the node has no such block. */
export async function fetchBlock(
  provider: ChainProvider,
  number: bigint,
  trust: TrustFile | undefined,
): Promise<BlockContent | undefined> {
  const ask = (method: string, ...more: unknown[]) =>
    provider.request({ method, params: [quantity(number), ...more] });
  const embedded = trust?.lineage === 'embedded' ? trust : undefined;
  const [block, receipts, finality] = await Promise.all([
    ask('eth_getBlockByNumber', true),
    ask('eth_getBlockReceipts'),
    embedded && ask('kudurru_finality'),
  ]);
  if (block === null || receipts === null) return undefined;
  return verified(number, () => {
    const content = contentOf(fieldsOf(block), receipts, number, trust);
    if (embedded) requireSignature(embedded, content, fieldsOf(finality));
    return content;
  });
}

/** Whatever does not fit is one refusal with the block's number: no answer that a node makes up ends more than its own reading. */
function verified<T>(number: bigint, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw unverified(number, 'answer');
    throw error.code === 'ledger-unverified' ? error : unverified(number, error.place.field ?? error.code);
  }
}

export function unverified(blockNumber: bigint, what: string): Refusal {
  return refusal('ledger-unverified', { blockNumber, what }, { field: what });
}

function headerOf(answer: Answer, number: bigint, trust: TrustFile | undefined): BlockHeader {
  const bytes = headerOfAnswer(answer);
  const header = readHeader(bytes);
  if (BigInt(header.blockNumber) !== number) throw unverified(number, 'number');
  const hasSeals = trust !== undefined && trust.lineage !== 'embedded' && number > 0n;
  const hash = hasSeals ? readQbftHeader(bytes).hash : headerHash(bytes);
  if (answer.hash !== hash) throw unverified(number, 'hash');
  return { number, hash, raw: toHex(bytes), header };
}

/** One signature a block: no block of an embedded ledger's node is believed because a later one is. */
function requireSignature(trust: EmbeddedTrust, block: BlockHeader, finality: Answer): void {
  if (!isSignedBy(trust, block, finality)) throw unverified(block.number, 'nodeSignature');
}

function isSignedBy(trust: EmbeddedTrust, block: BlockHeader, finality: Answer): boolean {
  const head = { blockNumber: Number(block.number), blockHash: block.hash };
  const signature = readBytes(finality.nodeSignature, 64);
  const signer = signature && recoverQuickly(fromHex(headDigest(trust, head)), fromHex(signature));
  return signer === trust.nodeKey;
}

/** Whether the key of an embedded ledger's node signed this very header, as a node can show. */
export async function isSigned(
  provider: ChainProvider,
  trust: EmbeddedTrust,
  block: BlockHeader,
): Promise<boolean> {
  const params = [quantity(block.number)];
  return isSignedBy(trust, block, fieldsOf(await provider.request({ method: 'kudurru_finality', params })));
}

function contentOf(
  answer: Answer,
  receipts: unknown,
  number: bigint,
  trust: TrustFile | undefined,
): BlockContent {
  const block = headerOf(answer, number, trust);
  const { transactions: given } = answer;
  if (!Array.isArray(given) || !Array.isArray(receipts) || given.length !== receipts.length) {
    throw unverified(number, 'receipts');
  }
  const shown = given.map(fieldsOf);
  const raw = shown.map(transactionOfAnswer);
  if (transactionsRoot(raw, keccak256) !== block.header.transactionsRoot)
    throw unverified(number, 'transactionsRoot');
  const read = receipts.map((receipt, i) => readReceipt(fieldsOf(receipt), raw[i]?.[0] ?? 0, number));
  if (receiptsRoot(read, keccak256) !== block.header.receiptsRoot) throw unverified(number, 'receiptsRoot');
  const transactions = read.map((receipt, i) => {
    const bytes = raw[i] ?? new Uint8Array(0);
    const to = readBytes(shown[i]?.to, 20) as Address | undefined; // in the raw bytes, so in the root
    return { hash: transactionHash(bytes, keccak256), raw: toHex(bytes), ...(to && { to }), receipt };
  });
  return { ...block, transactions, logs: logsOf(transactions) };
}

function logsOf(transactions: readonly BlockTransaction[]): BlockLog[] {
  const logs: BlockLog[] = [];
  for (const { hash, receipt } of transactions) {
    for (const log of receipt.logs) logs.push({ ...log, transactionHash: hash, logIndex: logs.length });
  }
  return logs;
}

/** The first byte of a typed transaction is its type; one from before there were types starts as a list. */
function readReceipt(answer: Answer, firstByte: number, number: bigint): Receipt {
  const cumulativeGasUsed = readQuantity(answer.cumulativeGasUsed);
  const { status, logs } = answer;
  const isStatus = status === '0x0' || status === '0x1';
  if (!isStatus || cumulativeGasUsed === undefined || !Array.isArray(logs))
    throw unverified(number, 'receipt');
  return {
    transactionType: firstByte < 0x80 ? firstByte : 0,
    succeeded: status === '0x1',
    cumulativeGasUsed,
    logs: logs.map((log) => readLog(fieldsOf(log), number)),
  };
}

function readLog({ address, topics, data }: Answer, number: bigint): Log {
  const from = readBytes(address, 20);
  const content = readBytes(data);
  const read = Array.isArray(topics) ? topics.map((topic) => readBytes(topic, 32)) : [undefined];
  if (from === undefined || content === undefined || !read.every((topic) => topic !== undefined)) {
    throw unverified(number, 'log');
  }
  return { address: from as Address, topics: read as Bytes32[], data: content };
}

function readBytes(value: unknown, length?: number): Hex | undefined {
  if (typeof value !== 'string') return undefined;
  return parseHex(value, length ?? (value.length - 2) / 2);
}
