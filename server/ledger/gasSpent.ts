/** What a transaction of a verified block asked for and used, both by what the block's hash commits to. */
import type { Bytes32 } from '../domain/base/hex.ts';
import type { BlockContent } from './block.ts';
import { readRawTransaction } from './rawTransaction.ts';

export interface GasSpent {
  readonly asked: bigint;
  readonly used: bigint;
}

/** Receipts say what all up to it used together. Throws where the block does not hold the transaction. */
export function gasSpent({ transactions }: Pick<BlockContent, 'transactions'>, hash: Bytes32): GasSpent {
  const at = transactions.findIndex((one) => one.hash === hash);
  const transaction = transactions[at];
  if (transaction === undefined) throw new Error('the block does not hold the transaction');
  const before = transactions[at - 1]?.receipt.cumulativeGasUsed ?? 0n;
  return {
    asked: readRawTransaction(transaction.raw).gas,
    used: transaction.receipt.cumulativeGasUsed - before,
  };
}
