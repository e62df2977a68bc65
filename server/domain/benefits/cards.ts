/**
 * Cards of enrolled people: the word each has in the enrolment table, and the list two officers sign.
 *
 * Format, from the lowest bit: key id 160, key kind 8, standing 8, card epoch 16, effective from 40, version 24. The key
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
  /** How often it was set since it was loaded. */
  readonly version: number;
}

/** A person who is paid out and never redeems. */
export const NO_CARD: Card = {
  keyKind: 'unspecified',
  keyId: ZERO_ADDRESS,
  standing: 'active',
  cardEpoch: 1,
  effectiveFrom: 0n,
  version: 0,
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
export const MAX_CARD_EPOCH = 2 ** 16 - 1;
export const MAX_CARD_VERSION = 2 ** 24 - 1;

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
    cardEpoch >= 1 &&
    cardEpoch <= MAX_CARD_EPOCH &&
    effectiveFrom >= 0n &&
    effectiveFrom <= MAX_MOMENT
  );
}

/** What an enrolment may load: a first card, not revoked. */
function isLoadable(card: Card): boolean {
  return isWellFormed(card) && card.cardEpoch === 1 && card.version === 0 && card.standing !== 'revoked';
}

/** The words an enrolment signs, 32 bytes a card, in the order of their indexes. */
export function packSlots(cards: readonly Card[]): Uint8Array {
  const slots = new Uint8Array(SLOT_BYTES * cards.length);
  cards.forEach((card, i) => {
    if (!isLoadable(card)) throw refusal('card-malformed');
    slots.set(packCard(card), SLOT_BYTES * i);
  });
  return slots;
}

/** The word of a card in force. */
export function packCard(card: Card): Uint8Array {
  requireWellFormed(card);
  const slot = new Uint8Array(SLOT_BYTES);
  const view = new DataView(slot.buffer);
  view.setBigUint64(0, (BigInt(card.version) << 40n) | card.effectiveFrom);
  view.setUint16(8, card.cardEpoch);
  view.setUint8(10, PERMITS.indexOf(card.standing));
  view.setUint8(11, numberOf(KEY_KINDS, card.keyKind));
  slot.set(fromHex(card.keyId), 12);
  return slot;
}

/** Reads a word of the table of cards; undefined for one no register holds. */
export function unpackSlot(slot: Uint8Array): Card | undefined {
  if (slot.length !== SLOT_BYTES) return undefined;
  const view = new DataView(slot.buffer, slot.byteOffset, SLOT_BYTES);
  const keyKind = KEY_KINDS[view.getUint8(11)];
  const standing = PERMITS[view.getUint8(10)];
  if (keyKind === undefined || standing === undefined) return undefined;
  const card: Card = {
    keyKind,
    keyId: toHex(slot.subarray(12)) as Address,
    standing,
    cardEpoch: view.getUint16(8),
    effectiveFrom: BigInt.asUintN(40, view.getBigUint64(0)),
    version: view.getUint32(0) >>> 8,
  };
  return isWellFormed(card) ? card : undefined;
}

/** The card a slot becomes when it is loaded: one that was signed malformed is a person without a card. */
export function loadedCard(slot: Uint8Array): Card {
  const card = unpackSlot(slot);
  return card !== undefined && isLoadable(card) ? card : NO_CARD;
}
