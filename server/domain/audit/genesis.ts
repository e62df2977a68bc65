/**
 * A genesis file as a Besu network is started from, and the block that each of its nodes makes of it.
 *
 * Promises: the hash is that of the block 0 which a node with this file has, computed from the file alone, so that whoever has
 * the file asks nobody for it. What is no such file is undefined. Pure.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { type Address, type Bytes32, fromHex, type Hex, parseHex, toHex, ZERO_32 } from '../base/hex.ts';
import { type Fields, isRecord } from '../base/strictJson.ts';
import { headerOfAnswer } from './header.ts';
import { encodeRlp, minimalBytes } from './rlp.ts';
import { EMPTY_TRIE_ROOT, hashedRoot } from './trie.ts';

export interface GenesisFile {
  readonly chainId: number;
  readonly hash: Bytes32;
  readonly gasLimit: bigint;
  readonly extraData: Hex;
  readonly accounts: readonly GenesisHeld[];
  /** As it stands in the file. */
  readonly config: Fields;
}

/** What genesis holds at an address; `storage` by slot, words that are not zero. */
export interface GenesisHeld {
  readonly address: Address;
  readonly code: Hex;
  readonly storage: ReadonlyMap<Bytes32, Bytes32>;
}

/** Keccak of the empty list of ommers, and SHA-256 of no requests (EIP-7685). */
const NO_OMMERS = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347';
const NO_REQUESTS = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** What block 0 says where the file says nothing: the base fee with which London began. */
const FIRST_BASE_FEE = '0x3b9aca00';
const NO_BLOOM = `0x${'00'.repeat(256)}`;

export function readGenesis(json: unknown): GenesisFile | undefined {
  if (!isRecord(json) || !isRecord(json.config) || !isRecord(json.alloc)) return undefined;
  const { config, alloc } = json;
  const text = (name: string, fallback: string) => String(json[name] ?? fallback).toLowerCase();
  const extraData = text('extraData', '0x') as Hex;
  const gasLimit = numberIn(text('gasLimit', ''));
  const chainId = Number(config.chainId);
  const held = Object.entries(alloc).map(([key, value]) => heldIn(key, value));
  if (gasLimit === undefined || !Number.isSafeInteger(chainId) || !held.every((one) => one !== undefined)) {
    return undefined;
  }
  const time = (name: string) => config[name] === 0;
  const answer = {
    parentHash: ZERO_32,
    sha3Uncles: NO_OMMERS,
    miner: text('coinbase', `0x${'00'.repeat(20)}`),
    stateRoot: hashedRoot(held.map(({ address, account }) => ({ key: fromHex(address), value: account }))),
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: NO_BLOOM,
    difficulty: text('difficulty', '0x0'),
    number: '0x0',
    gasLimit: text('gasLimit', ''),
    gasUsed: '0x0',
    timestamp: text('timestamp', '0x0'),
    extraData,
    mixHash: text('mixHash', ZERO_32),
    nonce: `0x${text('nonce', '0x0').slice(2).padStart(16, '0')}`,
    ...(config.londonBlock === 0 && { baseFeePerGas: text('baseFeePerGas', FIRST_BASE_FEE) }),
    ...(time('shanghaiTime') && { withdrawalsRoot: EMPTY_TRIE_ROOT }),
    ...(time('cancunTime') && { blobGasUsed: '0x0', excessBlobGas: '0x0', parentBeaconBlockRoot: ZERO_32 }),
    ...(time('pragueTime') && { requestsHash: NO_REQUESTS }),
  };
  const hash = toHex(keccak_256(headerOfAnswer(answer))) as Bytes32;
  const accounts = held.map(({ address, code, storage }) => ({ address, code, storage }));
  return { chainId, hash, gasLimit, extraData, accounts, config };
}

function heldIn(key: string, value: unknown) {
  const address = parseHex(`0x${key.toLowerCase().replace(/^0x/, '')}`, 20) as Address | undefined;
  if (address === undefined || !isRecord(value)) return undefined;
  const balance = numberIn(String(value.balance ?? '0x0'));
  const nonce = numberIn(String(value.nonce ?? '0x0'));
  const code = String(value.code ?? '0x').toLowerCase() as Hex;
  const words = Object.entries(isRecord(value.storage) ? value.storage : {}).map(
    ([slot, word]) => [wordIn(slot), wordIn(String(word))] as const,
  );
  if (balance === undefined || nonce === undefined || !/^0x(?:[0-9a-f]{2})*$/.test(code)) return undefined;
  const storage = new Map<Bytes32, Bytes32>();
  for (const [slot, word] of words) {
    if (slot === undefined || word === undefined) return undefined;
    if (word !== ZERO_32) storage.set(slot, word);
  }
  const leaves = [...storage].map(([slot, word]) => ({
    key: fromHex(slot),
    value: encodeRlp(minimalBytes(BigInt(word))),
  }));
  const account = encodeRlp([
    minimalBytes(nonce),
    minimalBytes(balance),
    fromHex(hashedRoot(leaves)),
    keccak_256(fromHex(code)),
  ]);
  return { address, code, storage, account };
}

/** As Besu reads one: hex, or digits. */
function numberIn(text: string): bigint | undefined {
  return /^(?:0x[0-9a-f]{1,64}|\d{1,78})$/i.test(text) ? BigInt(text) : undefined;
}

function wordIn(text: string): Bytes32 | undefined {
  const digits = text.toLowerCase().replace(/^0x/, '');
  return parseHex(`0x${digits.padStart(64, '0')}`, 32) as Bytes32 | undefined;
}
