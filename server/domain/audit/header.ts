/**
 * Reads an Ethereum block header byte by byte.
 *
 * Promises: a header that is read had exactly the fields of one known fork (15 before London to 21
 * from Prague on), each of its exact size, in the one canonical encoding; anything else is
 * `header-malformed`. Reading says nothing about who sealed it: see qbft.ts and lineage.ts.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Address, Bytes32 } from '../base/hex.ts';
import { fromHex, toHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { decodeRlp, encodeRlp, minimalBytes, type RlpItem, readBytes, readItems, readUint } from './rlp.ts';

export interface Header {
  readonly parentHash: Bytes32;
  readonly beneficiary: Address;
  readonly stateRoot: Bytes32;
  readonly transactionsRoot: Bytes32;
  readonly receiptsRoot: Bytes32;
  readonly blockNumber: number;
  readonly timestampSeconds: number;
  readonly extraData: Uint8Array;
  /** All fields in order, as they stand in the header: what a hash with another extraData is made of. */
  readonly fields: readonly Uint8Array[];
}

/**
 * How a field is laid out: that many bytes, an integer of at most so many, or free bytes up to a
 * limit; and what JSON-RPC calls it.
 */
type Layout = readonly ['exact' | 'uint' | 'upTo', number, string];

/** Besu's extraData holds 67 bytes a seal and 21 a listed validator: 16 KiB is room for 180 of each. */
const MAX_EXTRA_BYTES = 16_384;

const LAYOUTS = {
  parentHash: ['exact', 32, 'parentHash'],
  ommersHash: ['exact', 32, 'sha3Uncles'],
  beneficiary: ['exact', 20, 'miner'],
  stateRoot: ['exact', 32, 'stateRoot'],
  transactionsRoot: ['exact', 32, 'transactionsRoot'],
  receiptsRoot: ['exact', 32, 'receiptsRoot'],
  logsBloom: ['exact', 256, 'logsBloom'],
  difficulty: ['uint', 32, 'difficulty'],
  blockNumber: ['uint', 8, 'number'],
  gasLimit: ['uint', 8, 'gasLimit'],
  gasUsed: ['uint', 8, 'gasUsed'],
  timestampSeconds: ['uint', 8, 'timestamp'],
  extraData: ['upTo', MAX_EXTRA_BYTES, 'extraData'],
  mixHash: ['exact', 32, 'mixHash'],
  nonce: ['exact', 8, 'nonce'],
  baseFee: ['uint', 32, 'baseFeePerGas'],
  withdrawalsRoot: ['exact', 32, 'withdrawalsRoot'],
  blobGasUsed: ['uint', 8, 'blobGasUsed'],
  excessBlobGas: ['uint', 8, 'excessBlobGas'],
  parentBeaconBlockRoot: ['exact', 32, 'parentBeaconBlockRoot'],
  requestsHash: ['exact', 32, 'requestsHash'],
} as const satisfies Record<string, Layout>;

type FieldName = keyof typeof LAYOUTS;
const NAMES = Object.keys(LAYOUTS) as FieldName[];

/** Frontier to Berlin, London, Shanghai, Cancun, Prague and Osaka. */
const FIELD_COUNTS: readonly number[] = [15, 16, 17, 20, 21];

export const EXTRA_DATA = NAMES.indexOf('extraData');

export function readHeader(raw: Uint8Array): Header {
  const items = readItems(decodeRlp(raw));
  if (items === undefined || !FIELD_COUNTS.includes(items.length)) throw refusal('header-malformed');
  const fields = items.map((item, i) => {
    const name = NAMES[i];
    const field = name === undefined ? undefined : readField(item, LAYOUTS[name]);
    if (field === undefined) throw refusal('header-malformed', undefined, name ? { field: name } : {});
    return field;
  });
  const bytes = (name: FieldName) => fields[NAMES.indexOf(name)] ?? new Uint8Array(0);
  return {
    parentHash: toHex(bytes('parentHash')) as Bytes32,
    beneficiary: toHex(bytes('beneficiary')) as Address,
    stateRoot: toHex(bytes('stateRoot')) as Bytes32,
    transactionsRoot: toHex(bytes('transactionsRoot')) as Bytes32,
    receiptsRoot: toHex(bytes('receiptsRoot')) as Bytes32,
    blockNumber: safeNumber(bytes('blockNumber'), 'blockNumber'),
    timestampSeconds: safeNumber(bytes('timestampSeconds'), 'timestampSeconds'),
    extraData: bytes('extraData'),
    fields,
  };
}

function readField(item: RlpItem, [kind, size]: Layout): Uint8Array | undefined {
  if (kind === 'exact') return readBytes(item, size);
  if (!(item instanceof Uint8Array) || item.length > size) return undefined;
  return kind === 'uint' && item[0] === 0 ? undefined : item;
}

function safeNumber(bytes: Uint8Array, field: FieldName): number {
  const value = readUint(bytes, 8);
  if (value === undefined || value > Number.MAX_SAFE_INTEGER) {
    throw refusal('header-malformed', undefined, { field });
  }
  return Number(value);
}

/**
 * The header that an `eth_getBlockByNumber` answer describes, for nodes that do not give it raw. The
 * answer's own `hash` is not believed: whoever reads the header computes it.
 */
export function headerOfAnswer(block: Readonly<Record<string, unknown>>): Uint8Array {
  const given = NAMES.filter((name) => block[LAYOUTS[name][2]] !== undefined);
  const fields = given.map((name) => {
    const [kind, , rpcName] = LAYOUTS[name];
    const text = block[rpcName];
    if (typeof text !== 'string' || !(kind === 'uint' ? QUANTITY : DATA).test(text))
      throw refusal('header-malformed', undefined, { field: name });
    const lower = text.toLowerCase();
    return kind === 'uint' ? minimalBytes(BigInt(lower)) : bytesOf(lower, name);
  });
  return encodeRlp(fields);
}

/** At most 32 bytes of a number, and at most MAX_EXTRA_BYTES of data, which may be none. */
const QUANTITY = /^0x[0-9a-f]{1,64}$/i;
const DATA = /^0x[0-9a-f]{0,32768}$/i;

function bytesOf(text: string, field: FieldName): Uint8Array {
  if (text.length % 2 === 1) throw refusal('header-malformed', undefined, { field });
  return fromHex(text);
}

/** The hash of a header as it stands: the block hash everywhere but on a QBFT chain. */
export function headerHash(raw: Uint8Array): Bytes32 {
  return toHex(keccak_256(raw)) as Bytes32;
}
