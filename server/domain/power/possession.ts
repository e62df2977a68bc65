/**
 * Whose key it is: an officer's id, the epochs of the two keys, and what a key signs before it is registered.
 *
 * Promises: the same ids, places and digests as `PersonnelActs`, `Officers` and the constructor of the consortium. Pure.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { digestOf, struct, type TypedData, type TypedDomain } from '../acts/typedData.ts';
import { isSignedBy } from '../audit/officerSignature.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../base/hex.ts';
import type { InstitutionId, KeyKind, OfficerId } from '../base/terms.ts';

/** Epochs of an officer's first two keys. The first key's are odd and the spare one's even, raised by two with a change. */
export const FIRST_EPOCHS = { key: 1, spare: 2 } as const;
export type KeyPlaceName = keyof typeof FIRST_EPOCHS;

/** Place of the key with an epoch. */
export function placeOfEpoch(epoch: number): KeyPlaceName {
  return epoch % 2 === 0 ? 'spare' : 'key';
}

/** keccak256(hash of the first key ‖ salt): nobody takes an id without that key. */
export function officerIdOf(keyHash: Bytes32, salt: Bytes32): OfficerId {
  return toHex(keccak_256(concatBytes(fromHex(keyHash), fromHex(salt)))) as OfficerId;
}

/** Hash by which a secp256k1 key is registered. */
export function keyHashOfAddress(address: Address): Bytes32 {
  return toHex(keccak_256(fromHex(address))) as Bytes32;
}

interface KeyPossession {
  readonly officerId: OfficerId;
  readonly keyHash: Bytes32;
  readonly epoch: number;
  readonly institution: InstitutionId;
}

/** Of an officer, or of a recorder, who is none: then the officer's id is zero. */
export const POSSESSION_TYPES = {
  KeyPossession: struct('bytes32 officerId', 'bytes32 keyHash', 'uint32 epoch', 'uint16 institution'),
};

/** What the key signs, in the domain of the consortium or, before there is one, in `foundingDomain`. */
export function possessionData(domain: TypedDomain, possession: KeyPossession): TypedData {
  return { domain, types: POSSESSION_TYPES, primaryType: 'KeyPossession', message: { ...possession } };
}

/** Before anybody knows where the consortium will stand, and on which chain. */
export function foundingDomain(ledgerNonce: Bytes32): TypedDomain {
  return { name: 'Kudurru Consortium', version: '1', salt: ledgerNonce };
}

/** Whether a key signed that it is this officer's. */
export function isPossessed(
  domain: TypedDomain,
  possession: KeyPossession,
  key: { readonly kind: KeyKind; readonly rpIdHash: Bytes32 },
  signature: Hex,
): boolean {
  const { keyHash } = possession;
  return isSignedBy(Object.assign({ keyHash }, key), digestOf(possessionData(domain, possession)), signature);
}
