/**
 * A signed transaction as bytes, read before anything else touches it.
 *
 * Promises: one transaction has one spelling here, so bytes that are read have the hash they will be mined under: RLP
 * with nothing behind it, numbers without leading zeros, the low s of EIP-2. Of legacy (EIP-155), access-list and
 * fee-market form; each names its chain. Throws `NodeError` for everything else.
 */
import {
  decodeRlp,
  encodeRlp,
  minimalBytes,
  type RlpItem,
  readItems,
  readUint,
} from '../domain/audit/rlp.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { keccak256 } from './keccak.ts';
import { NodeError, quantity, RPC } from './provider.ts';
import { addressRecovered, MAX_S } from './recovery.ts';

/** The calldata floor is 10 gas a zero byte, so TRANSACTION_GAS_CAP ends below 1.7 MB. */
const MAX_RAW_CHARACTERS = 2 * 1_700_000;
const WORD_BYTES = 32;
const ADDRESS_BYTES = 20;
const NOTHING = new Uint8Array(0);

export interface RawTransaction {
  readonly raw: Hex;
  readonly hash: Bytes32;
  /** Absent creates a contract. */
  readonly to?: Address;
  readonly chainId: bigint;
  readonly nonce: bigint;
  readonly gas: bigint;
  readonly byteLength: number;
  /** The same as a call that can be tried out with so much gas. Recovers the sender: a tenth of a millisecond. */
  toCall(gas: bigint): TransactionCall;
}

export interface TransactionCall {
  readonly from: Address;
  readonly to?: Address;
  readonly gas: string;
  readonly data: Hex;
  /** Repeated, for warm slots change what gas is used. */
  readonly accessList: AccessList;
}

type AccessList = readonly { readonly address: Hex; readonly storageKeys: readonly Hex[] }[];

/** Where each form keeps its fields; `signed` is how many of them the signature is over. */
const FORMS = {
  1: { fields: 11, nonce: 1, gas: 3, to: 4, value: 5, data: 6, accessList: 7, signed: 8 },
  2: { fields: 12, nonce: 1, gas: 4, to: 5, value: 6, data: 7, accessList: 8, signed: 9 },
} as const;
const LEGACY = { fields: 9, nonce: 0, gas: 2, to: 3, value: 4, data: 5, signed: 6 } as const;

export function readRawTransaction(value: unknown): RawTransaction {
  const raw = typeof value === 'string' ? value : '';
  if (raw.length > MAX_RAW_CHARACTERS || !/^0x(?:[0-9a-f]{2})+$/i.test(raw)) throw unreadable();
  if (!raw.startsWith('0x')) throw unreadable();
  const bytes = fromHex(raw.toLowerCase());
  const type = bytes[0] ?? 0;
  if (type === 1 || type === 2) return readTyped(type, bytes);
  if (type === 3 || type === 4) throw unreadable('only transactions without blobs or account code');
  return readLegacy(bytes);
}

function readTyped(type: 1 | 2, bytes: Uint8Array): RawTransaction {
  const form = FORMS[type];
  const items = itemsOf(bytes.subarray(1), form.fields);
  const accessList = readAccessList(items[form.accessList]);
  const signature = signatureOf(uint(items[form.signed]), items[form.signed + 1], items[form.signed + 2]);
  return read(bytes, items, form, uint(items[0]), accessList, () =>
    signerOf(keccak256(prefixed(type, encodeRlp(items.slice(0, form.signed)))), signature),
  );
}

/** One that names no chain (v is 27 or 28) is valid on every ledger, so it is refused. */
function readLegacy(bytes: Uint8Array): RawTransaction {
  const items = itemsOf(bytes, LEGACY.fields);
  const v = uint(items[LEGACY.signed]);
  if (v < 35n) throw unreadable('only transactions that name their chain');
  const chainId = (v - 35n) / 2n;
  const signature = signatureOf((v - 35n) % 2n, items[LEGACY.signed + 1], items[LEGACY.signed + 2]);
  const ofChain = [minimalBytes(chainId), NOTHING, NOTHING];
  return read(bytes, items, LEGACY, chainId, [], () =>
    signerOf(keccak256(encodeRlp([...items.slice(0, LEGACY.signed), ...ofChain])), signature),
  );
}

function read(
  bytes: Uint8Array,
  items: readonly RlpItem[],
  form: typeof LEGACY | (typeof FORMS)[1 | 2],
  chainId: bigint,
  accessList: AccessList,
  sender: () => Address,
): RawTransaction {
  for (let i = 0; i < form.to; i++) uint(items[i]); // nonce, prices and gas
  uint(items[form.value]);
  const place = bytesOf(items[form.to]);
  if (place.length !== 0 && place.length !== ADDRESS_BYTES) throw unreadable();
  const to = place.length === 0 ? {} : { to: toHex(place) as Address };
  const data = bytesOf(items[form.data]);
  return {
    ...to,
    raw: toHex(bytes),
    hash: toHex(keccak256(bytes)) as Bytes32,
    chainId,
    nonce: uint(items[form.nonce]),
    gas: uint(items[form.gas]),
    byteLength: bytes.length,
    toCall: (gas) => ({ ...to, from: sender(), gas: quantity(gas), data: toHex(data), accessList }),
  };
}

interface Signature {
  readonly compact: Uint8Array;
  readonly parity: 0 | 1;
}

function signatureOf(parity: bigint, r?: RlpItem, s?: RlpItem): Signature {
  if (parity > 1n || uint(r) === 0n || uint(s) === 0n || uint(s) > MAX_S) throw unreadable();
  const compact = new Uint8Array(2 * WORD_BYTES);
  for (const [at, part] of [r, s].entries()) {
    const bytes = bytesOf(part);
    compact.set(bytes, (at + 1) * WORD_BYTES - bytes.length);
  }
  return { compact, parity: parity === 0n ? 0 : 1 };
}

function signerOf(digest: Uint8Array, { compact, parity }: Signature): Address {
  const signer = addressRecovered(digest, compact, parity);
  if (signer === undefined) throw unreadable();
  return signer;
}

function readAccessList(item: RlpItem | undefined): AccessList {
  return listOf(item).map((entry) => {
    const [address, keys, ...rest] = listOf(entry);
    if (rest.length > 0) throw unreadable();
    return {
      address: sized(address, ADDRESS_BYTES),
      storageKeys: listOf(keys).map((key) => sized(key, WORD_BYTES)),
    };
  });
}

function itemsOf(bytes: Uint8Array, fields: number): readonly RlpItem[] {
  const items = readItems(decodeRlp(bytes));
  if (items?.length !== fields) throw unreadable();
  return items;
}

function listOf(item: RlpItem | undefined): readonly RlpItem[] {
  return readItems(item) ?? refuse();
}

function bytesOf(item: RlpItem | undefined): Uint8Array {
  return item instanceof Uint8Array ? item : refuse();
}

function sized(item: RlpItem | undefined, length: number): Hex {
  const bytes = bytesOf(item);
  return bytes.length === length ? toHex(bytes) : refuse();
}

function uint(item: RlpItem | undefined): bigint {
  return readUint(item, WORD_BYTES) ?? refuse();
}

function refuse(): never {
  throw unreadable();
}

function unreadable(why = 'not the canonical bytes of a transaction'): NodeError {
  return new NodeError(RPC.invalidParams, why);
}

function prefixed(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + payload.length);
  bytes[0] = type;
  bytes.set(payload, 1);
  return bytes;
}
