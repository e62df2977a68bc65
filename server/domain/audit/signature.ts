/**
 * Who signed a digest: secp256k1 recovery, and nothing else.
 *
 * Promises: an address that is returned belongs to a key that signed exactly this digest; bytes that
 * are no signature return undefined. It never says whether that address may sign.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Address } from '../base/hex.ts';
import { toHex } from '../base/hex.ts';

/** A key's address: the last 20 bytes of the hash of its uncompressed point. */
export function addressOf(publicKey: Uint8Array): Address {
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(false);
  return toHex(keccak_256(point.subarray(1)).subarray(12)) as Address;
}

/**
 * A QBFT seal: r, s and a recovery byte 0 or 1, 65 bytes. A high s is accepted as Besu accepts it:
 * signers are counted, never seals, so its twin gains nothing.
 */
export function recoverSeal(digest: Uint8Array, seal: Uint8Array): Address | undefined {
  const parity = seal[64];
  if (seal.length !== 65 || (parity !== 0 && parity !== 1)) return undefined;
  return recover(digest, seal.subarray(0, 64), parity);
}

/** Whose a signature of 64 bytes (ERC-2098) is; undefined where it is nobody's. */
export type Recover = (digest: Uint8Array, signature: Uint8Array) => Address | undefined;

/** A signature in 64 bytes (ERC-2098: the parity is the top bit of s); only the low s, so one spelling. */
export function recoverCompact(digest: Uint8Array, signature: Uint8Array): Address | undefined {
  if (signature.length !== 64) return undefined;
  const compact = Uint8Array.from(signature);
  const top = compact[32] ?? 0;
  compact[32] = top & 0x7f;
  return recover(digest, compact, (top >> 7) as 0 | 1, 'lowS');
}

function recover(digest: Uint8Array, compact: Uint8Array, parity: 0 | 1, lowS?: 'lowS'): Address | undefined {
  try {
    const signature = secp256k1.Signature.fromBytes(compact, 'compact').addRecoveryBit(parity);
    if (lowS !== undefined && signature.hasHighS()) return undefined;
    return addressOf(signature.recoverPublicKey(digest).toBytes());
  } catch {
    // r or s out of range, or no point of the curve at r: not a signature by anyone.
    return undefined;
  }
}
