/**
 * Cards of enrolled people: the word each has in the enrolment table, and the list two officers sign.
 *
 * Format, from the lowest bit: key id 160, key kind 8, standing 8, card epoch 16, effective from 40, zero 24. The key
 * id is the address of a secp256k1 key, or the last 20 bytes of keccak(qx ‖ qy) of a P-256 key; zero with kind zero
 * is a person who is paid out and never redeems. Promises: a slot that is packed is one the register takes.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { addressOfPrivateKey, cardKey } from '../acts/signing.ts';
import type { Address, Bytes32 } from '../base/hex.ts';
import { fromHex, toHex, ZERO_ADDRESS } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { KeyKind, ProgrammeId } from '../base/terms.ts';
import { KEY_KINDS, numberOf } from '../base/terms.ts';
import type { Permit } from './terms.ts';
import { MAX_MOMENT, PERMITS } from './terms.ts';

export interface Card {
  readonly keyKind: KeyKind;
  readonly keyId: Address;
  readonly standing: Permit;
  /** Raised by every replacement; an item names it. */
  readonly cardEpoch: number;
  /** Unix second from which the card is good. */
  readonly effectiveFrom: bigint;
}

/** A person who is paid out and never redeems. */
export const NO_CARD: Card = {
  keyKind: 'unspecified',
  keyId: ZERO_ADDRESS,
  standing: 'active',
  cardEpoch: 0,
  effectiveFrom: 0n,
};

/** A first card on a seed. Another programme, and another epoch of this one, see another key. */
export function firstCard(seed: Uint8Array, of: CardPlace, effectiveFrom = 0n): Card {
  return { ...NO_CARD, keyKind: 'secp256k1', keyId: addressOfPrivateKey(cardKey(seed, of)), effectiveFrom };
}

/** Where a card's key belongs. */
export interface CardPlace {
  readonly genesisHash: Bytes32;
  readonly programme: ProgrammeId;
  readonly enrolmentEpoch: number;
}

/** The key id of a P-256 key, qx ‖ qy. */
export function p256KeyId(publicKey: Uint8Array): Address {
  if (publicKey.length !== 64) throw new TypeError('a P-256 key is qx and qy');
  return toHex(keccak_256(publicKey).subarray(12)) as Address;
}

const SLOT_BYTES = 32;
const MAX_CARD_EPOCH = 2 ** 16 - 1;

/** Refuses what the register would refuse as `CardMalformed`. */
export function requireWellFormed(card: Card): void {
  if (!isWellFormed(card)) throw refusal('card-malformed');
}

function isWellFormed({ keyKind, keyId, standing, cardEpoch, effectiveFrom }: Card): boolean {
  const hasKey = keyId !== ZERO_ADDRESS;
  return (
    hasKey === (keyKind !== 'unspecified') &&
    keyKind !== 'webauthn' &&
    standing !== 'unspecified' &&
    cardEpoch >= 0 &&
    cardEpoch <= MAX_CARD_EPOCH &&
    effectiveFrom >= 0n &&
    effectiveFrom <= MAX_MOMENT
  );
}

/** The words of a list of cards, 32 bytes each, in the order of their indexes. */
export function packSlots(cards: readonly Card[]): Uint8Array {
  const slots = new Uint8Array(SLOT_BYTES * cards.length);
  const view = new DataView(slots.buffer);
  cards.forEach((card, i) => {
    requireWellFormed(card);
    const at = SLOT_BYTES * i;
    view.setBigUint64(at, card.effectiveFrom);
    view.setUint16(at + 8, card.cardEpoch);
    view.setUint8(at + 10, PERMITS.indexOf(card.standing));
    view.setUint8(at + 11, numberOf(KEY_KINDS, card.keyKind));
    slots.set(fromHex(card.keyId), at + 12);
  });
  return slots;
}

/** Reads a slot; undefined for one the register would not have taken. */
export function unpackSlot(slot: Uint8Array): Card | undefined {
  const view = new DataView(slot.buffer, slot.byteOffset, SLOT_BYTES);
  const keyKind = KEY_KINDS[view.getUint8(11)];
  const standing = PERMITS[view.getUint8(10)];
  if (slot.length !== SLOT_BYTES || keyKind === undefined || standing === undefined) return undefined;
  const card: Card = {
    keyKind,
    keyId: toHex(slot.subarray(12)) as Address,
    standing,
    cardEpoch: view.getUint16(8),
    effectiveFrom: view.getBigUint64(0),
  };
  return isWellFormed(card) ? card : undefined;
}
