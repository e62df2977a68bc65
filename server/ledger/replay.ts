/**
 * Brings the executor from block 0 to the journal's head, and proves on the way that it came out the same.
 *
 * Promises: every block's hash and state root is compared; the first that differs stops the start as `replay-differs`
 * with its number. Only embedded.ts uses it, before anybody can ask the chain anything.
 */
import { performance } from 'node:perf_hooks';
import { headerHash, headerOfAnswer } from '../domain/audit/header.ts';
import type { JournalledBlock } from '../domain/base/blocks.ts';
import type { Bytes32, Hex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { Executor } from './executor.ts';
import { type Call, NodeError, quantity, RPC, readQuantity } from './provider.ts';

/** Memory and start grow with every transaction (about 15 KB, half a millisecond each): time for a network of nodes. */
export const WARN_TRANSACTIONS = 250_000;
/** How often a long start says how far it is. */
const PROGRESS_EVERY_MS = 1_000;

export interface ReplayProgress {
  readonly blockNumber: bigint;
  readonly headNumber: bigint;
  readonly transactions: number;
}

/** A block as the executor shows it, its hash recomputed from its fields. */
export interface ExecutedBlock {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly hash: Bytes32;
  readonly stateRoot: Bytes32;
  readonly transactionHashes: readonly Bytes32[];
  readonly header: Uint8Array;
}

/** How a block is made, first and in replay: in that order, in one crossing. */
export async function executeBlock(
  executor: Executor,
  number: bigint,
  timestamp: bigint,
  raw: readonly Hex[] = [],
): Promise<ExecutedBlock> {
  const calls: Call[] = [
    ...raw.map((transaction) => ({ method: 'eth_sendRawTransaction', params: [transaction] })),
    // A full block raises the next base fee to 1, and zero-price transactions would silently wait for ever.
    { method: 'hardhat_setNextBlockBaseFeePerGas', params: ['0x0'] },
    { method: 'evm_mine', params: [quantity(timestamp)] },
    { method: 'eth_getBlockByNumber', params: [quantity(number), false] },
  ];
  return readBlock((await executor.batch(calls)).at(-1));
}

export async function genesisBlock(executor: Executor): Promise<ExecutedBlock> {
  return readBlock(await executor.call('eth_getBlockByNumber', '0x0', false));
}

/** Throws a bug where the block's own hash is not that of its header: nothing of it could be verified. */
export function readBlock(answer: unknown): ExecutedBlock {
  const block = answer as Readonly<Record<string, unknown>> & { transactions: readonly Bytes32[] };
  const header = headerOfAnswer(block);
  const hash = headerHash(header);
  const [number, timestamp] = [readQuantity(block.number), readQuantity(block.timestamp)];
  if (hash !== block.hash || number === undefined || timestamp === undefined) {
    throw new Error('the executor gave a block that does not hash to its hash');
  }
  const stateRoot = block.stateRoot as Bytes32;
  return { number, timestamp, hash, stateRoot, transactionHashes: block.transactions, header };
}

/** Executes the journal's blocks after block 0; returns the last one, and how many transactions there were. */
export async function replay(
  executor: Executor,
  blocks: AsyncIterable<JournalledBlock>,
  headNumber: bigint,
  onProgress: (progress: ReplayProgress) => void,
): Promise<{ readonly head: ExecutedBlock; readonly transactions: number }> {
  let head = await genesisBlock(executor);
  let transactions = 0;
  let saidAt = performance.now();
  for await (const block of blocks) {
    const executed = await reexecute(executor, block);
    if (executed.hash !== block.hash || executed.stateRoot !== block.stateRoot) {
      throw refusal('replay-differs', { blockNumber: block.number });
    }
    head = executed;
    transactions += block.transactions.length;
    if (block.number === headNumber || performance.now() - saidAt >= PROGRESS_EVERY_MS) {
      saidAt = performance.now();
      onProgress({ blockNumber: block.number, headNumber, transactions });
    }
  }
  return { head, transactions };
}

async function reexecute(executor: Executor, block: JournalledBlock): Promise<ExecutedBlock> {
  try {
    return await executeBlock(executor, block.number, block.timestamp, block.transactions);
  } catch (error) {
    if (error instanceof NodeError && error.code !== RPC.internal) {
      throw refusal('replay-differs', { blockNumber: block.number });
    }
    throw error;
  }
}
