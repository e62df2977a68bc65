/**
 * Builds and signs the one kind of transaction the gateway sends, an order faster than a general library.
 *
 * EIP-1559 (type 2) with both prices zero: it names its chain, so nothing signed for one ledger means anything on
 * another, and both EDR and Besu's `zeroBaseFee` take it. Promises: the bytes are those any other library makes of
 * the same fields and key (RFC 6979, low s). Keys stay behind `DigestSigner`; nonces are the outbox's, stored in one
 * write with the signed bytes, and never kept here.
 */
import { pointFromScalar, signRecoverable } from 'tiny-secp256k1';
import { encodeRlp, minimalBytes } from '../domain/audit/rlp.ts';
import type { Address, Bytes32, Hex } from '../domain/base/hex.ts';
import { fromHex, toHex } from '../domain/base/hex.ts';
import { keccak256 } from './keccak.ts';

/** r, s and the recovery bit over a 32-byte digest. */
export interface RecoverableSignature {
  readonly compact: Uint8Array;
  readonly parity: 0 | 1;
}

/** A secp256k1 key that signs and never shows itself: in software here, in a key service in production. */
export interface DigestSigner {
  readonly address: Address;
  sign(digest: Uint8Array): RecoverableSignature | Promise<RecoverableSignature>;
}

/** A key held in memory. Throws a TypeError on bytes that are no private key. */
export function softwareSigner(privateKey: Uint8Array): DigestSigner {
  const point = pointFromScalar(privateKey, false);
  if (point === null) throw new TypeError('not a secp256k1 private key');
  return {
    address: toHex(keccak256(point.subarray(1)).subarray(12)) as Address,
    sign(digest) {
      const { signature, recoveryId } = signRecoverable(digest, privateKey);
      // 2 and 3 need an r above the group order: about one in 2^127, and no Ethereum signature can say it.
      if (recoveryId > 1) throw new Error('a signature that cannot be written');
      return { compact: signature, parity: recoveryId as 0 | 1 };
    },
  };
}

/** A signature in 64 bytes (ERC-2098): the parity is the top bit of s. */
export function compactHex({ compact, parity }: RecoverableSignature): Hex {
  const bytes = Uint8Array.from(compact);
  bytes[32] = (bytes[32] ?? 0) | (parity << 7);
  return toHex(bytes);
}

export interface TransactionFields {
  readonly chainId: bigint;
  readonly nonce: bigint;
  /** At most TRANSACTION_GAS_CAP; set it, for an estimate can overshoot the cap. */
  readonly gas: bigint;
  /** Absent creates a contract. */
  readonly to?: Address;
  readonly data: Hex;
}

export interface SignedTransaction {
  readonly raw: Hex;
  readonly hash: Bytes32;
}

/** Of every transaction, before it does anything. */
const INTRINSIC_GAS = 21_000n;
/** EIP-7623, from Prague: so much a token, of which a zero byte is one and any other four. */
const FLOOR_GAS_A_TOKEN = 10n;
const TOKENS_A_BYTE = 4;

/** Below it no node takes a transaction with this calldata, whatever it does. */
export function leastGasOf(data: Hex): bigint {
  let tokens = 0;
  for (const byte of fromHex(data)) tokens += byte === 0 ? 1 : TOKENS_A_BYTE;
  return INTRINSIC_GAS + FLOOR_GAS_A_TOKEN * BigInt(tokens);
}

const TYPE = 2;
const NOTHING = new Uint8Array(0);

/** The raw bytes to store and to send, and the hash they will be mined under. */
export async function signTransaction(
  fields: TransactionFields,
  signer: DigestSigner,
): Promise<SignedTransaction> {
  const items = [
    minimalBytes(fields.chainId),
    minimalBytes(fields.nonce),
    NOTHING, // maxPriorityFeePerGas
    NOTHING, // maxFeePerGas
    minimalBytes(fields.gas),
    fields.to === undefined ? NOTHING : fromHex(fields.to),
    NOTHING, // value: no ledger contract takes any
    fromHex(fields.data),
    [], // accessList
  ];
  const { compact, parity } = await signer.sign(keccak256(typed(encodeRlp(items))));
  const raw = typed(
    encodeRlp([
      ...items,
      minimalBytes(parity),
      withoutLeadingZeros(compact.subarray(0, 32)),
      withoutLeadingZeros(compact.subarray(32)),
    ]),
  );
  return { raw: toHex(raw), hash: toHex(keccak256(raw)) as Bytes32 };
}

function typed(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + payload.length);
  bytes[0] = TYPE;
  bytes.set(payload, 1);
  return bytes;
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  return bytes.subarray(start);
}
