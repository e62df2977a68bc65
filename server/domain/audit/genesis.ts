/**
 * A genesis file as a Besu network is started from, and the block that each of its nodes makes of it.
 *
 * Promises: the hash is that of the block 0 which a node with this file has, computed from the file alone, so that whoever has
 * the file asks nobody for it. What is no such file is undefined. Pure.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  parseHex,
  toHex,
  ZERO_32,
  ZERO_ADDRESS,
} from '../base/hex.ts';
import { type Fields, isRecord } from '../base/strictJson.ts';
import { headerOfAnswer } from './header.ts';
import { encodeRlp, minimalBytes } from './rlp.ts';
import { EMPTY_TRIE_ROOT, hashedRoot } from './trie.ts';

export interface GenesisFile {
  readonly chainId: number;
  readonly hash: Bytes32;
  /** Block 0 as a node tells it. */
  readonly block: Readonly<Record<string, string>>;
  readonly gasLimit: bigint;
  readonly extraData: Hex;
  readonly accounts: readonly GenesisHeld[];
  /** As it stands in the file, its names in lower case. */
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
/** As much of it as a header here holds. */
const EXTRA = /^0x(?:[0-9a-f]{2}){0,16384}$/;
const NO_BLOOM = `0x${'00'.repeat(256)}`;

/** What block 0 of ours holds nothing in, and a file may say something of. */
const EMPTY_FIELDS = ['parenthash', 'blobgasused', 'excessblobgas', 'parentbeaconblockroot'] as const;
const MAX_NONCE = 2n ** 64n - 1n;

export function readGenesis(json: unknown): GenesisFile | undefined {
  const file = isRecord(json) ? lowered(json) : undefined;
  if (file === undefined || !isRecord(file.config) || !isRecord(json) || !isRecord(json.alloc))
    return undefined;
  const { config } = file;
  const held = Object.entries(json.alloc).map(([key, value]) => heldIn(key, value));
  const chainId = Number(numberIn(textIn(config.chainid, '')) ?? 0);
  if (!Number.isSafeInteger(chainId) || chainId === 0 || !held.every((one) => one !== undefined))
    return undefined;
  // Twice in another case: a node takes the one or the other.
  if (new Set(held.map(({ address }) => address)).size < held.length) return undefined;
  const began = headerIn(file, config, hashedRoot(held.map(leafOf)));
  if (began === undefined) return undefined;
  const accounts = held.map(({ address, code, storage }) => ({ address, code, storage }));
  return Object.assign({ chainId, accounts, config }, began);
}

/** Names in lower case, as Besu reads them, but for addresses; undefined where two differ in their case alone. */
function lowered(fields: Fields): Fields | undefined {
  const all = Object.entries(fields).map(
    ([name, value]) =>
      [name.toLowerCase(), name !== 'alloc' && isRecord(value) ? lowered(value) : value] as const,
  );
  const lower = Object.fromEntries(all);
  return Object.keys(lower).length === all.length ? lower : undefined;
}

function headerIn(
  file: Fields,
  config: Fields,
  stateRoot: Bytes32,
): Pick<GenesisFile, 'hash' | 'block' | 'gasLimit' | 'extraData'> | undefined {
  const text = (name: string, fallback: string) => textIn(file[name], fallback);
  const gasLimit = numberIn(text('gaslimit', ''));
  const timestamp = numberIn(text('timestamp', '0x0'));
  const baseFee = numberIn(text('basefeepergas', FIRST_BASE_FEE));
  const difficulty = hexIn(text('difficulty', '0x0'));
  const nonce = hexIn(text('nonce', '0x0'));
  const miner = parseHex(text('coinbase', ZERO_ADDRESS), 20);
  const mixHash = parseHex(text('mixhash', ZERO_32), 32);
  const extraData = text('extradata', '0x') as Hex;
  if (gasLimit === undefined || timestamp === undefined || baseFee === undefined) return undefined;
  if (difficulty === undefined || nonce === undefined || nonce > MAX_NONCE) return undefined;
  if (miner === undefined || mixHash === undefined || !EXTRA.test(extraData)) return undefined;
  if (EMPTY_FIELDS.some((name) => hexIn(text(name, '0x0')) !== 0n)) return undefined;
  const time = (name: string) => config[name] === 0;
  const answer = {
    parentHash: ZERO_32,
    sha3Uncles: NO_OMMERS,
    miner,
    stateRoot,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: NO_BLOOM,
    difficulty: hexOf(difficulty),
    number: '0x0',
    gasLimit: hexOf(gasLimit),
    gasUsed: '0x0',
    timestamp: hexOf(timestamp),
    extraData,
    mixHash,
    nonce: `0x${nonce.toString(16).padStart(16, '0')}`,
    ...(config.londonblock === 0 && { baseFeePerGas: hexOf(baseFee) }),
    ...(time('shanghaitime') && { withdrawalsRoot: EMPTY_TRIE_ROOT }),
    ...(time('cancuntime') && { blobGasUsed: '0x0', excessBlobGas: '0x0', parentBeaconBlockRoot: ZERO_32 }),
    ...(time('praguetime') && { requestsHash: NO_REQUESTS }),
  };
  const hash = toHex(keccak_256(headerOfAnswer(answer))) as Bytes32;
  return { hash, block: { ...answer, hash }, gasLimit, extraData };
}

const hexOf = (number: bigint): Hex => `0x${number.toString(16)}`;

const leafOf = ({ address, account }: { readonly address: Address; readonly account: Uint8Array }) => ({
  key: fromHex(address),
  value: account,
});

function heldIn(key: string, value: unknown) {
  const address = parseHex(`0x${key.toLowerCase().replace(/^0x/, '')}`, 20) as Address | undefined;
  if (address === undefined || !isRecord(value)) return undefined;
  const balance = numberIn(textIn(value.balance, '0x0'));
  const nonce = hexIn(textIn(value.nonce, '0x0'));
  const code = textIn(value.code, '0x') as Hex;
  const words = Object.entries(isRecord(value.storage) ? value.storage : {}).map(
    ([slot, word]) => [wordIn(slot), wordIn(textIn(word, ''))] as const,
  );
  if (balance === undefined || nonce === undefined || !/^0x(?:[0-9a-f]{2})*$/.test(code)) return undefined;
  if (new Set(words.map(([slot]) => slot)).size < words.length) return undefined;
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

/** What is neither text nor a number that is exact says nothing. */
function textIn(value: unknown, fallback: string): string {
  if (value === undefined) return fallback;
  return typeof value === 'string' || Number.isSafeInteger(value) ? String(value).toLowerCase() : '-';
}

/** As Besu reads most numbers: hex, or digits. Some that begin with a zero it takes for octal: they are none here. */
function numberIn(text: string): bigint | undefined {
  return /^(?:0x[0-9a-f]{1,64}|0|[1-9]\d{0,77})$/.test(text) ? BigInt(text) : undefined;
}

/** As Besu reads nonces and the difficulty: in hex, whether it says so or not. */
function hexIn(text: string): bigint | undefined {
  const digits = text.replace(/^0x/, '');
  return /^[0-9a-f]{1,64}$/.test(digits) ? BigInt(`0x${digits}`) : undefined;
}

function wordIn(text: string): Bytes32 | undefined {
  const digits = text.toLowerCase().replace(/^0x/, '');
  return parseHex(`0x${digits.padStart(64, '0')}`, 32) as Bytes32 | undefined;
}
