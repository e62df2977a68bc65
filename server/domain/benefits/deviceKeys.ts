/**
 * The keys of cards and tills, of either kind that the register of benefits takes, as the device signs with them.
 *
 * Promises: the key id that the register keeps of a key, and a signature in the form that the contract reads: 64 bytes
 * (ERC-2098), or r, s (low), qx and qy. Whoever makes a key wipes it. Pure.
 */
import {
  addressOfPrivateKey,
  cardKey,
  pointOf,
  type SeedKeyKind,
  type ShownKey,
  tillKey,
} from '../acts/signing.ts';
import { type Address, type Bytes32, fromHex } from '../base/hex.ts';
import type { VendorId } from '../base/terms.ts';
import { type CardPlace, p256KeyId } from './cards.ts';
import type { TillId } from './terms.ts';

export interface DeviceKey extends ShownKey {
  readonly keyId: Address;
}

function deviceKeyOf(kind: SeedKeyKind, privateKey: Uint8Array): DeviceKey {
  const shown = kind === 'p256' ? pointOf(privateKey) : '0x';
  const keyId = kind === 'p256' ? p256KeyId(fromHex(shown)) : addressOfPrivateKey(privateKey);
  return { kind, privateKey, shown, keyId };
}

export function keyOfCard(seed: Uint8Array, of: CardPlace, kind: SeedKeyKind): DeviceKey {
  return deviceKeyOf(kind, cardKey(seed, of, kind));
}

export function keyOfTill(
  seed: Uint8Array,
  of: { readonly genesisHash: Bytes32; readonly vendor: VendorId; readonly till: TillId },
  kind: SeedKeyKind,
): DeviceKey {
  return deviceKeyOf(kind, tillKey(seed, of, kind));
}
