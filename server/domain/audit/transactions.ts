/**
 * The transactions of a block as its header commits to them, so that a receipt is tied to the bytes that were sent.
 *
 * The receipts' root says nothing about which transaction a receipt belongs to; the order of both lists does.
 * Promises: `transactionOfAnswer` gives the very bytes that were signed, of every type a chain at our fork can hold;
 * what a node adds beside them (sender, prices paid, hashes) goes into nothing.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { Keccak256 } from '../acts/merkle.ts';
import type { Bytes32 } from '../base/hex.ts';
import { fromHex, toHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { decodeRlp, encodeRlp, minimalBytes, type RlpItem, readItems } from './rlp.ts';
import { orderedRoot } from './trie.ts';

type Answer = Readonly<Record<string, unknown>>;

const PRICE = ['gasPrice'] as const;
const PRICES = ['maxPriorityFeePerGas', 'maxFeePerGas'] as const;
/**
 * Which fields stand where; types 3 and 4 are sent by nobody here, and a stranger's must not stop a follower. A map, for the type
 * is a node's word, and an object has a `constructor` that nobody wrote down.
 */
const LAYOUTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['0x0', ['nonce', ...PRICE, 'gas', 'to', 'value', 'input', 'v', 'r', 's']],
  ['0x1', ['chainId', 'nonce', ...PRICE, 'gas', 'to', 'value', 'input', 'accessList', 'yParity', 'r', 's']],
  ['0x2', ['chainId', 'nonce', ...PRICES, 'gas', 'to', 'value', 'input', 'accessList', 'yParity', 'r', 's']],
  [
    '0x3',
    [
      'chainId',
      'nonce',
      ...PRICES,
      'gas',
      'to',
      'value',
      'input',
      'accessList',
      'maxFeePerBlobGas',
      'blobVersionedHashes',
      'yParity',
      'r',
      's',
    ],
  ],
  [
    '0x4',
    [
      'chainId',
      'nonce',
      ...PRICES,
      'gas',
      'to',
      'value',
      'input',
      'accessList',
      'authorizationList',
      'yParity',
      'r',
      's',
    ],
  ],
]);

/** The raw bytes of a transaction that `eth_getBlockByNumber` shows in full. */
export function transactionOfAnswer(answer: Answer): Uint8Array {
  const type = answer.type ?? '0x0';
  const layout = typeof type === 'string' ? LAYOUTS.get(type) : undefined;
  if (layout === undefined) throw malformed('type');
  const body = encodeRlp(layout.map((name) => itemOf(answer, name)));
  return type === '0x0' ? body : concatBytes(Uint8Array.of(Number(type)), body);
}

/** The calldata of a raw transaction; undefined of bytes that are none. */
export function inputOfTransaction(raw: Uint8Array): Uint8Array | undefined {
  const type = raw[0] ?? 0;
  const isTyped = type < FIRST_LIST_BYTE;
  const layout = LAYOUTS.get(isTyped ? `0x${type.toString(16)}` : '0x0');
  const fields = readItems(decodeRlp(isTyped ? raw.subarray(1) : raw));
  const input = layout && fields?.length === layout.length ? fields[layout.indexOf('input')] : undefined;
  return input instanceof Uint8Array ? input : undefined;
}

/** A transaction from before there were types is a list. */
const FIRST_LIST_BYTE = 0xc0;

export function transactionsRoot(raw: readonly Uint8Array[], hash?: Keccak256): Bytes32 {
  return orderedRoot(raw, hash);
}

export function transactionHash(raw: Uint8Array, hash: Keccak256 = keccak_256): Bytes32 {
  return toHex(hash(raw)) as Bytes32;
}

function itemOf(answer: Answer, name: string): RlpItem {
  const value = answer[name];
  switch (name) {
    case 'to':
      return value === null || value === undefined ? new Uint8Array(0) : dataOf(value, name);
    case 'input':
      return dataOf(value, name);
    case 'yParity':
      return numberOf(value ?? answer.v, name);
    case 'accessList':
      return listOf(value ?? [], name).map(({ address, storageKeys }) => [
        dataOf(address, name),
        textsOf(storageKeys, name).map((key) => dataOf(key, name)),
      ]);
    case 'blobVersionedHashes':
      return textsOf(value, name).map((hash) => dataOf(hash, name));
    case 'authorizationList':
      return listOf(value, name).map((item) => [
        numberOf(item.chainId, name),
        dataOf(item.address, name),
        ...[item.nonce, item.yParity ?? item.v, item.r, item.s].map((part) => numberOf(part, name)),
      ]);
    default:
      return numberOf(value, name);
  }
}

const NUMBER = /^0x[0-9a-f]{1,64}$/i;
const DATA = /^0x(?:[0-9a-f]{2})*$/;

function numberOf(value: unknown, name: string): Uint8Array {
  if (typeof value !== 'string' || !NUMBER.test(value)) throw malformed(name);
  return minimalBytes(BigInt(value));
}

function dataOf(value: unknown, name: string): Uint8Array {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (!DATA.test(text)) throw malformed(name);
  return fromHex(text);
}

function listOf(value: unknown, name: string): readonly Answer[] {
  if (!Array.isArray(value)) throw malformed(name);
  return value.map((item) => (item ?? {}) as Answer);
}

function textsOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(name);
  return value;
}

function malformed(field: string) {
  return refusal('transaction-malformed', undefined, { field });
}
