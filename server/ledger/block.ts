/**
 * One block as a node tells it, believed only as far as its hash reaches.
 *
 * Promises: a block that is returned has the header its hash names, exactly the transactions and receipts the header
 * commits to, in order, and the parent it was asked for with; everything else is `ledger-unverified` with what did not
 * fit. It does not say that the block is final: the chain of parents and the seals do, see ledger.ts.
 */
import { type Header, headerHash, headerOfAnswer, readHeader } from '../domain/audit/header.ts';
import { readQbftHeader } from '../domain/audit/qbft.ts';
import { type Log, type Receipt, receiptsRoot } from '../domain/audit/receipts.ts';
import { transactionHash, transactionOfAnswer, transactionsRoot } from '../domain/audit/transactions.ts';
import { type Address, type Bytes32, type Hex, parseHex, toHex } from '../domain/hex.ts';
import { Refusal, refusal } from '../domain/refusal.ts';
import { type ChainProvider, quantity, readQuantity } from './provider.ts';

/** Who makes the chain's blocks final, and with it how a block's hash is made. */
export type Sealing = 'embedded' | 'qbft';

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

type Answer = Readonly<Record<string, unknown>>;

/** Undefined where the node has no such block. */
export async function fetchHeader(
  provider: ChainProvider,
  number: bigint,
  sealing: Sealing,
): Promise<BlockHeader | undefined> {
  const answer = await provider.request({
    method: 'eth_getBlockByNumber',
    params: [quantity(number), false],
  });
  return answer === null ? undefined : verified(number, () => headerOf(answer as Answer, number, sealing));
}

export async function fetchBlock(
  provider: ChainProvider,
  number: bigint,
  sealing: Sealing,
): Promise<BlockContent | undefined> {
  const [block, receipts] = await Promise.all([
    provider.request({ method: 'eth_getBlockByNumber', params: [quantity(number), true] }),
    provider.request({ method: 'eth_getBlockReceipts', params: [quantity(number)] }),
  ]);
  if (block === null || receipts === null) return undefined;
  return verified(number, () => contentOf(block as Answer, receipts, number, sealing));
}

/** Whatever does not fit is one refusal with the block's number; its cause says where. */
function verified<T>(number: bigint, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'ledger-unverified') throw error;
    throw unverified(number, error.place.field ?? error.code);
  }
}

export function unverified(blockNumber: bigint, what: string): Refusal {
  return refusal('ledger-unverified', { blockNumber, what });
}

function headerOf(answer: Answer, number: bigint, sealing: Sealing): BlockHeader {
  const bytes = headerOfAnswer(answer);
  const header = readHeader(bytes);
  if (BigInt(header.blockNumber) !== number) throw unverified(number, 'number');
  const hash = sealing === 'qbft' && number > 0n ? readQbftHeader(bytes).hash : headerHash(bytes);
  return { number, hash, raw: toHex(bytes), header };
}

function contentOf(answer: Answer, receipts: unknown, number: bigint, sealing: Sealing): BlockContent {
  const block = headerOf(answer, number, sealing);
  const { transactions: shown } = answer;
  if (!Array.isArray(shown) || !Array.isArray(receipts) || shown.length !== receipts.length) {
    throw unverified(number, 'receipts');
  }
  const raw = shown.map((transaction: Answer) => transactionOfAnswer(transaction));
  if (transactionsRoot(raw) !== block.header.transactionsRoot) throw unverified(number, 'transactionsRoot');
  const read = receipts.map((receipt: Answer, i) => readReceipt(receipt, raw[i]?.[0] ?? 0, number));
  if (receiptsRoot(read) !== block.header.receiptsRoot) throw unverified(number, 'receiptsRoot');
  const transactions = read.map((receipt, i) => {
    const bytes = raw[i] ?? new Uint8Array(0);
    const to = readBytes(shown[i].to, 20) as Address | undefined; // in the raw bytes, so in the root
    return { hash: transactionHash(bytes), raw: toHex(bytes), ...(to && { to }), receipt };
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
    logs: logs.map((log: Answer) => readLog(log, number)),
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
