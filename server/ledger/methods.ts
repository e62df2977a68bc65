/**
 * The methods the embedded chain answers: reading ones, by name. What is not listed here does not exist.
 *
 * EDR knows some forty methods that change state, time, balances or code; a list of what is forbidden would miss the
 * next one. Promises: no call that passes names the pending block (which would execute what is not on disk), and none
 * spans more than MAX_LOG_BLOCKS; what those may hold is bounded in `logs.ts`. Only embedded.ts uses it.
 */
import { type Call, NodeError, quantity, RPC, readQuantity } from './provider.ts';

/** Blocks one log query may span: at 200 transactions a block it is 200,000 receipts to look through. */
export const MAX_LOG_BLOCKS = 1_000n;
/** Parameters of the longest method, and one to spare. */
const MAX_PARAMS = 4;

/** Where a method's block stands among its parameters; `none` has no block, `logs` has a filter. */
type BlockPlace = number | 'none' | 'logs';

const READING: ReadonlyMap<string, BlockPlace> = new Map<string, BlockPlace>([
  ['eth_blockNumber', 'none'],
  ['eth_call', 1],
  ['eth_chainId', 'none'],
  ['eth_estimateGas', 1],
  ['eth_feeHistory', 1],
  ['eth_getBalance', 1],
  ['eth_getBlockByHash', 'none'],
  ['eth_getBlockByNumber', 0],
  ['eth_getBlockTransactionCountByHash', 'none'],
  ['eth_getBlockTransactionCountByNumber', 0],
  ['eth_getCode', 1],
  ['eth_getLogs', 'logs'],
  ['eth_getProof', 2],
  ['eth_getStorageAt', 2],
  ['eth_getTransactionByBlockHashAndIndex', 'none'],
  ['eth_getTransactionByBlockNumberAndIndex', 0],
  ['eth_getTransactionByHash', 'none'],
  ['eth_getTransactionCount', 1],
  ['eth_getTransactionReceipt', 'none'],
  ['eth_syncing', 'none'],
  ['net_version', 'none'],
  ['web3_clientVersion', 'none'],
  ['web3_sha3', 'none'],
]);

/** Answers that are the same on every ledger of ours: it has no accounts and its gas has no price. */
export const CONSTANT_ANSWERS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['eth_accounts', []],
  ['eth_gasPrice', '0x0'],
  ['eth_maxPriorityFeePerGas', '0x0'],
  ['net_listening', true],
]);

/** Answered by embedded.ts itself, from what the executor and the journal say. */
export const OWN_METHODS: ReadonlySet<string> = new Set([
  'eth_sendRawTransaction',
  'eth_getBlockReceipts',
  'debug_getRawHeader',
  'kudurru_finality',
]);

/** The same call as the executor may have it; throws `NodeError` for any other. */
export function readingCall({ method, params = [] }: Call, head: bigint): Call {
  const place = READING.get(method);
  if (place === undefined) throw new NodeError(RPC.methodUnsupported, 'this method is not served here');
  if (params.length > MAX_PARAMS) throw new NodeError(RPC.invalidParams, 'too many parameters');
  if (place === 'none') return { method, params };
  if (place === 'logs') return { method, params: [boundedFilter(params[0], head)] };
  if (place > params.length) throw new NodeError(RPC.invalidParams, 'too few parameters');
  return { method, params: params.toSpliced(place, 1, namedBlock(params[place])) };
}

/** By number, tag or, as EIP-1898 writes it, by an object: the executor would take other spellings for other blocks. */
function namedBlock(block: unknown): unknown {
  const settled = settledBlock(block);
  const isNamed =
    (typeof settled === 'object' && !Array.isArray(settled)) ||
    isTag(settled) ||
    readQuantity(settled) !== undefined;
  if (!isNamed) throw new NodeError(RPC.invalidParams, 'not a block number or tag');
  return settled;
}

const isTag = (block: unknown): boolean =>
  typeof block === 'string' && ['latest', 'safe', 'finalized', 'earliest'].includes(block);

/** Pending and unnamed blocks are the latest one: there is no other that could be true. */
function settledBlock(block: unknown): unknown {
  return block === undefined || block === null || block === 'pending' ? 'latest' : block;
}

function boundedFilter(filter: unknown, head: bigint): unknown {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    throw new NodeError(RPC.invalidParams, 'a filter is an object');
  }
  const { fromBlock, toBlock, ...rest } = filter as Record<string, unknown>;
  if ('blockHash' in rest) return filter;
  const [from, to] = [numberOfBlock(fromBlock, head), numberOfBlock(toBlock, head)];
  if (from > to || to > head) throw new NodeError(RPC.invalidParams, 'the range is not within the chain');
  if (to - from >= MAX_LOG_BLOCKS) {
    throw new NodeError(RPC.limitExceeded, `a query spans at most ${MAX_LOG_BLOCKS} blocks`);
  }
  return { ...rest, fromBlock: quantity(from), toBlock: quantity(to) };
}

/** A block by number or tag; the latest is final here, so all other tags but the first mean it. */
export function numberOfBlock(block: unknown, head: bigint): bigint {
  const settled = settledBlock(block);
  if (isTag(settled)) return settled === 'earliest' ? 0n : head;
  const number = readQuantity(settled);
  if (number === undefined) throw new NodeError(RPC.invalidParams, 'not a block number or tag');
  return number;
}
