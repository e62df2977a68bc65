/**
 * Whose a signature is, by libsecp256k1: the answers of `domain/audit/signature.ts` in a fifth of the time.
 *
 * Promises: an address that is returned belongs to a key that signed exactly this digest; bytes that are no signature, or
 * the other spelling of one, are nobody's.
 */
import { recover } from 'tiny-secp256k1';
import { type Address, toHex } from '../domain/base/hex.ts';
import { keccak256 } from './keccak.ts';

const COMPACT_BYTES = 64;
const HALF_BYTES = 32;
const ADDRESS_BYTES_FROM = 12;
/** Half the order of secp256k1: a signature with a larger s has a twin with a smaller one. */
export const MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** The address behind r and s; undefined where they are no signature. */
export function addressRecovered(
  digest: Uint8Array,
  compact: Uint8Array,
  parity: 0 | 1,
): Address | undefined {
  const key = recovered(digest, compact, parity);
  return key === null
    ? undefined
    : (toHex(keccak256(key.subarray(1)).subarray(ADDRESS_BYTES_FROM)) as Address);
}

/** Of a signature in 64 bytes (ERC-2098), as `recoverCompact` reads it. */
export function recoverQuickly(digest: Uint8Array, signature: Uint8Array): Address | undefined {
  if (signature.length !== COMPACT_BYTES) return undefined;
  const compact = Uint8Array.from(signature);
  const top = compact[HALF_BYTES] ?? 0;
  compact[HALF_BYTES] = top & 0x7f;
  if (BigInt(toHex(compact.subarray(HALF_BYTES))) > MAX_S) return undefined;
  return addressRecovered(digest, compact, (top >> 7) as 0 | 1);
}

/** The library throws where r or s is no scalar of the curve. */
function recovered(digest: Uint8Array, compact: Uint8Array, parity: 0 | 1): Uint8Array | null {
  try {
    return recover(digest, compact, parity, false);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
