/**
 * The receipts of a block as its header commits to them, so that an omitted or altered log shows.
 *
 * Promises: `encodeReceipt` derives the logs' bloom from the logs, so nothing a node says about a
 * receipt goes into the root unchecked. A receipt's status, gas and logs are all the root covers:
 * contract addresses, indexes and hashes a node adds are not.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { Keccak256 } from '../acts/merkle.ts';
import type { Address, Bytes32, Hex } from '../base/hex.ts';
import { fromHex } from '../base/hex.ts';
import { decodeRlp, encodeRlp, minimalBytes } from './rlp.ts';
import { orderedRoot } from './trie.ts';

export interface Log {
  readonly address: Address;
  readonly topics: readonly Bytes32[];
  readonly data: Hex;
}

export interface Receipt {
  /** The transaction's EIP-2718 type; 0 is a transaction from before there were types. */
  readonly transactionType: number;
  readonly succeeded: boolean;
  readonly cumulativeGasUsed: bigint;
  readonly logs: readonly Log[];
}

/** A block's receipts root, from what its receipts say. */
export function receiptsRoot(receipts: readonly Receipt[], hash?: Keccak256): Bytes32 {
  return orderedRoot(receipts.map(encodeReceipt), hash);
}

export function encodeReceipt(receipt: Receipt): Uint8Array {
  if (receipt.transactionType < 0 || receipt.transactionType > 0x7f) {
    throw new TypeError('a transaction type is 0 to 127');
  }
  const body = encodeRlp([
    minimalBytes(receipt.succeeded ? 1 : 0),
    minimalBytes(receipt.cumulativeGasUsed),
    bloomOf(receipt.logs),
    receipt.logs.map((log) => [fromHex(log.address), log.topics.map(fromHex), fromHex(log.data)]),
  ]);
  const { transactionType } = receipt;
  return transactionType === 0 ? body : concatBytes(Uint8Array.of(transactionType), body);
}

/** Three bits of 2,048 for each address and topic. */
function bloomOf(logs: readonly Log[]): Uint8Array {
  const bloom = new Uint8Array(256);
  for (const log of logs) {
    for (const entry of [log.address, ...log.topics]) {
      const hash = keccak_256(fromHex(entry));
      for (const pair of [0, 2, 4]) {
        const bit = (((hash[pair] ?? 0) << 8) | (hash[pair + 1] ?? 0)) & 2047;
        const at = 255 - (bit >> 3);
        bloom[at] = (bloom[at] ?? 0) | (1 << (bit & 7));
      }
    }
  }
  return bloom;
}

/**
 * A receipt as the trie holds it, from `debug_getRawReceipts`: Besu wraps a typed one in one more RLP
 * string, which no receipt can begin as.
 */
export function unwrapReceipt(raw: Uint8Array): Uint8Array {
  const first = raw[0] ?? 0;
  const wrapped = first >= 0x80 && first < 0xc0 ? decodeRlp(raw) : undefined;
  return wrapped instanceof Uint8Array ? wrapped : raw;
}
