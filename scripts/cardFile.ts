/**
 * Cards as a command makes and opens them: with randomness and ciphers of the machine. What a card is, and what it is bound
 * to, is in `domain/benefits/cardFile.ts`.
 *
 * Promises: a card that was changed, or whose PIN is another, opens nothing.
 */
import { randomBytes, randomInt, scryptSync } from 'node:crypto';
import { signShown } from '../server/domain/acts/signing.ts';
import { digestOf } from '../server/domain/acts/typedData.ts';
import type { TrustFile } from '../server/domain/audit/trust.ts';
import { type Bytes32, fromHex, type Hex, toHex } from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import {
  boundTo,
  type CardFace,
  type CardFile,
  kdfOf,
  keyInside,
  lockOf,
  PIN_DIGITS,
} from '../server/domain/benefits/cardFile.ts';
import { type DeviceKey, keyOfCard } from '../server/domain/benefits/deviceKeys.ts';
import { heldByCard } from '../server/domain/people/heldKeys.ts';
import { KEY_BYTES, seal, unseal } from '../server/store/cipher.ts';

export function newPin(): string {
  return String(randomInt(10 ** PIN_DIGITS)).padStart(PIN_DIGITS, '0');
}

/** A card with a seed of its own, sealed under the PIN, and what its key signed: that it is held. */
export interface MadeCard {
  readonly card: CardFile;
  readonly possession: Hex;
}

export function makeCard(
  { genesisHash, chainId, ledgerNonce, contracts }: TrustFile,
  { programme, enrolmentEpoch, keyKind }: Pick<CardFace, 'programme' | 'enrolmentEpoch' | 'keyKind'>,
  pin: string,
): MadeCard {
  const seed = randomBytes(KEY_BYTES);
  const key = keyOfCard(seed, { genesisHash, programme, enrolmentEpoch }, keyKind);
  const { keyId } = key;
  const register = { chainId, ledgerNonce, benefitLedger: contracts.benefitLedger.address };
  const possession = signShown(digestOf(heldByCard(register, { programme, enrolmentEpoch, keyId })), key);
  const face = {
    format: 'kudurru-card-2',
    genesisHash,
    register,
    programme,
    enrolmentEpoch,
    keyKind,
    keyId,
  } as const;
  const salt = toHex(randomBytes(KEY_BYTES)) as Bytes32;
  const sealed = toHex(seal(underPin(pin, salt), seed, boundTo(face, salt)));
  seed.fill(0);
  key.privateKey.fill(0);
  return { card: { ...face, salt, sealed, cardEpoch: 1, index: undefined }, possession };
}

/** The key that signs; the caller wipes it. Refuses as `pin-wrong`. */
export function openCard(card: CardFile, pin: string): DeviceKey {
  const seed = unseal(underPin(pin, card.salt), fromHex(card.sealed), lockOf(card).bound);
  if (seed === undefined) throw refusal('pin-wrong');
  return keyInside(card, seed);
}

function underPin(pin: string, salt: Bytes32): Uint8Array {
  const { N, r, p, salt: bytes } = kdfOf(salt);
  return scryptSync(pin, bytes, KEY_BYTES, { N, r, p, maxmem: 2 * 128 * N * r });
}
