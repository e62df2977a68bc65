/**
 * A card as a file: what a shop scans, and how its PIN opens the seed in it.
 *
 * Format, version 2, JSON: {format, genesisHash, chainId, ledgerNonce, benefitLedger, programme, enrolmentEpoch, keyKind,
 * keyId, kdf {name, logN, r, p, salt}, sealed, cardEpoch, index}. `sealed` is AES-256-GCM (0x01, iv, tag, ciphertext) of
 * 32 bytes, under scrypt of the PIN, bound to all fields before it; `index` is null until the person has a place. A card
 * of version 1 has no `keyKind`, which is secp256k1.
 *
 * Promises: one card has one text; everything that a lock is made of is here, and the ciphers are the caller's, since a
 * browser has others than a command. It does not promise that a PIN holds against whoever copies the card: six digits are
 * a million tries, on a machine of theirs. Pure.
 */
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { SEED_KEY_KINDS, type SeedKeyKind } from '../acts/signing.ts';
import { type Address, type Bytes32, fromHex, type Hex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import {
  hexIn,
  isRecord,
  jsonOf,
  type Malformed,
  oneOf,
  recordOf,
  requireFormat,
  wholeIn,
} from '../base/strictJson.ts';
import type { ProgrammeId } from '../base/terms.ts';
import { type DeviceKey, keyOfCard } from './deviceKeys.ts';
import type { BenefitRegister } from './types.ts';

/** What anybody may read off a card. */
export interface CardFace {
  readonly genesisHash: Bytes32;
  readonly register: BenefitRegister;
  readonly programme: ProgrammeId;
  readonly enrolmentEpoch: number;
  readonly keyKind: SeedKeyKind;
  readonly keyId: Address;
  readonly cardEpoch: number;
  /** Undefined until the person has a place in the enrolment. */
  readonly index: number | undefined;
}

export interface CardFile extends CardFace {
  /** A card that was made is read for as long as its person has it. */
  readonly format: 'kudurru-card-1' | 'kudurru-card-2';
  readonly salt: Bytes32;
  readonly sealed: Hex;
}

const MAX_CARD_CHARACTERS = 4_096;
export const PIN_DIGITS = 6;
/** 16 MiB and some tens of milliseconds a try: thousands of cards are made at once, and a shop's phone opens one. */
const SCRYPT = { name: 'scrypt', logN: 14, r: 8, p: 1 } as const;
const SEAL_VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SEED_BYTES = 32;
const UINT16 = 2 ** 16 - 1;
const UINT32 = 2 ** 32 - 1;

const malformed: Malformed = (field) =>
  refusal('card-file-malformed', undefined, field === '' ? {} : { field });

/** What a PIN opens a card with: scrypt of the PIN gives the key of AES-256-GCM. */
export interface CardLock {
  readonly kdf: { readonly N: number; readonly r: number; readonly p: number; readonly salt: Uint8Array };
  readonly iv: Uint8Array<ArrayBuffer>;
  /** With the tag behind it, as browsers want it. */
  readonly ciphertext: Uint8Array<ArrayBuffer>;
  /** What the ciphertext is bound to. */
  readonly bound: Uint8Array<ArrayBuffer>;
}

/** Refuses as `card-file-malformed` what was sealed in another way. */
export function lockOf(card: CardFile): CardLock {
  const sealed = Uint8Array.from(fromHex(card.sealed));
  if (sealed[0] !== SEAL_VERSION) throw malformed('/sealed');
  const [afterIv, afterTag] = [1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES];
  return {
    kdf: kdfOf(card.salt),
    iv: sealed.slice(1, afterIv),
    ciphertext: Uint8Array.from([...sealed.slice(afterTag), ...sealed.slice(afterIv, afterTag)]),
    bound: boundTo(card, card.salt),
  };
}

/** How the PIN of a card with this salt becomes a key. */
export function kdfOf(salt: Bytes32): CardLock['kdf'] {
  return { N: 2 ** SCRYPT.logN, r: SCRYPT.r, p: SCRYPT.p, salt: fromHex(salt) };
}

/** The key of the seed that was in a card; the caller wipes it. Wipes the seed. */
export function keyInside(card: CardFace, seed: Uint8Array): DeviceKey {
  const key = keyOfCard(seed, card, card.keyKind);
  seed.fill(0);
  return key;
}

export function writeCard(card: CardFile): string {
  const { format, genesisHash, programme, enrolmentEpoch, keyId, salt, sealed, cardEpoch, index } = card;
  const { chainId, ledgerNonce, benefitLedger } = card.register;
  const file = {
    format,
    genesisHash,
    chainId,
    ledgerNonce,
    benefitLedger,
    programme,
    enrolmentEpoch,
    ...kindShown(card),
    keyId,
    kdf: { ...SCRYPT, salt },
    sealed,
    cardEpoch,
    index: index ?? null,
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

const kindShown = ({ format, keyKind }: Pick<CardFile, 'format' | 'keyKind'>) =>
  format === 'kudurru-card-1' ? {} : { keyKind };

export function readCard(text: string): CardFile {
  const json = jsonOf(text, MAX_CARD_CHARACTERS, malformed);
  const isFirst = isRecord(json) && json.format === 'kudurru-card-1';
  if (!isFirst) requireFormat(json, 'kudurru-card-2', malformed);
  const names = [
    'format',
    'genesisHash',
    'chainId',
    'ledgerNonce',
    'benefitLedger',
    'programme',
    'enrolmentEpoch',
    ...(isFirst ? [] : ['keyKind']),
    'keyId',
    'kdf',
    'sealed',
    'cardEpoch',
    'index',
  ];
  const given = recordOf(json, '', names, malformed);
  const kdf = recordOf(given.kdf, '/kdf', ['name', 'logN', 'r', 'p', 'salt'], malformed);
  const card: CardFile = {
    format: isFirst ? 'kudurru-card-1' : 'kudurru-card-2',
    genesisHash: hexIn(given.genesisHash, 32, '/genesisHash', malformed),
    register: {
      chainId: wholeIn(given.chainId, Number.MAX_SAFE_INTEGER, '/chainId', malformed),
      ledgerNonce: hexIn(given.ledgerNonce, 32, '/ledgerNonce', malformed),
      benefitLedger: hexIn(given.benefitLedger, 20, '/benefitLedger', malformed),
    },
    programme: hexIn(given.programme, 32, '/programme', malformed),
    enrolmentEpoch: wholeIn(given.enrolmentEpoch, UINT16, '/enrolmentEpoch', malformed),
    keyKind: isFirst ? 'secp256k1' : oneOf(given.keyKind, '/keyKind', SEED_KEY_KINDS, malformed),
    keyId: hexIn(given.keyId, 20, '/keyId', malformed),
    salt: hexIn(kdf.salt, 32, '/kdf/salt', malformed),
    sealed: hexIn(given.sealed, 1 + IV_BYTES + TAG_BYTES + SEED_BYTES, '/sealed', malformed),
    cardEpoch: wholeIn(given.cardEpoch, UINT16, '/cardEpoch', malformed),
    index: given.index === null ? undefined : wholeIn(given.index, UINT32, '/index', malformed),
  };
  // Written again it is the same text: so nothing is unknown, missing or spelt otherwise.
  if (writeCard(card) !== text) throw malformed('');
  return card;
}

/** Everything of a card but the place it is given later. */
export function boundTo(
  card: Omit<CardFile, 'cardEpoch' | 'index' | 'salt' | 'sealed'>,
  salt: Bytes32,
): Uint8Array<ArrayBuffer> {
  const { format, genesisHash, register, programme, enrolmentEpoch, keyId } = card;
  const { chainId, ledgerNonce, benefitLedger } = register;
  const { name, logN, r, p } = SCRYPT;
  const ledger = [genesisHash, chainId, ledgerNonce, benefitLedger];
  const kind = Object.values(kindShown(card));
  return frame(format, ...ledger, programme, enrolmentEpoch, ...kind, keyId, name, logN, r, p, salt);
}

/** Parts with their lengths, so that no two lists of parts give the same bytes. */
function frame(...parts: readonly (string | number)[]): Uint8Array<ArrayBuffer> {
  const framed = parts.map(String).flatMap((part) => {
    const bytes = utf8ToBytes(part);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [length, bytes];
  });
  return Uint8Array.from(concatBytes(...framed));
}
