/**
 * A card as a file: what a shop scans, and the seed that only its PIN opens.
 *
 * Format, version 2, JSON: {format, genesisHash, chainId, ledgerNonce, benefitLedger, programme, enrolmentEpoch, keyKind,
 * keyId, kdf {name, logN, r, p, salt}, sealed, cardEpoch, index}. `sealed` is AES-256-GCM (0x01, iv, tag, ciphertext) of
 * 32 bytes, under scrypt of the PIN, bound to all fields before it; `index` is null until the person has a place. A card
 * of version 1 has no `keyKind`, which is secp256k1.
 *
 * Promises: a card that was changed, or whose PIN is another, opens nothing. It does not promise that a PIN holds against
 * whoever copies the card: six digits are a million tries, on a machine of theirs.
 */
import { randomBytes, randomInt, scryptSync } from 'node:crypto';
import { SEED_KEY_KINDS, type SeedKeyKind, signShown } from '../server/domain/acts/signing.ts';
import { digestOf } from '../server/domain/acts/typedData.ts';
import type { TrustFile } from '../server/domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex, parseHex, toHex } from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import { isRecord, jsonOf, oneOf, recordOf, requireFormat } from '../server/domain/base/strictJson.ts';
import type { ProgrammeId } from '../server/domain/base/terms.ts';
import { type DeviceKey, keyOfCard } from '../server/domain/benefits/deviceKeys.ts';
import type { BenefitRegister } from '../server/domain/benefits/types.ts';
import { heldByCard } from '../server/domain/people/heldKeys.ts';
import { frame, KEY_BYTES, seal, unseal } from '../server/store/cipher.ts';

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
const UINT16 = 2 ** 16 - 1;
const UINT32 = 2 ** 32 - 1;

const malformed = (field: string) => refusal('card-file-malformed', undefined, field === '' ? {} : { field });

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
  const seed = unseal(underPin(pin, card.salt), fromHex(card.sealed), boundTo(card, card.salt));
  if (seed === undefined) throw refusal('pin-wrong');
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
    genesisHash: hexIn(given.genesisHash, 32, '/genesisHash'),
    register: {
      chainId: wholeIn(given.chainId, Number.MAX_SAFE_INTEGER, '/chainId'),
      ledgerNonce: hexIn(given.ledgerNonce, 32, '/ledgerNonce'),
      benefitLedger: hexIn(given.benefitLedger, 20, '/benefitLedger'),
    },
    programme: hexIn(given.programme, 32, '/programme'),
    enrolmentEpoch: wholeIn(given.enrolmentEpoch, UINT16, '/enrolmentEpoch'),
    keyKind: isFirst ? 'secp256k1' : oneOf(given.keyKind, '/keyKind', SEED_KEY_KINDS, malformed),
    keyId: hexIn(given.keyId, 20, '/keyId'),
    salt: hexIn(kdf.salt, 32, '/kdf/salt'),
    sealed: hexIn(given.sealed, 1 + 12 + 16 + KEY_BYTES, '/sealed'),
    cardEpoch: wholeIn(given.cardEpoch, UINT16, '/cardEpoch'),
    index: given.index === null ? undefined : wholeIn(given.index, UINT32, '/index'),
  };
  // Written again it is the same text: so nothing is unknown, missing or spelt otherwise.
  if (writeCard(card) !== text) throw malformed('');
  return card;
}

export function hexIn<T extends Hex>(value: unknown, bytes: number, place: string, say = malformed): T {
  const hex = typeof value === 'string' ? parseHex(value, bytes) : undefined;
  if (hex === undefined || hex !== value) throw say(place);
  return hex as T;
}

export function wholeIn(value: unknown, most: number, place: string, say = malformed): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most)
    throw say(place);
  return value;
}

function underPin(pin: string, salt: Bytes32): Uint8Array {
  const N = 2 ** SCRYPT.logN;
  const maxmem = 2 * 128 * N * SCRYPT.r;
  return scryptSync(pin, fromHex(salt), KEY_BYTES, { N, r: SCRYPT.r, p: SCRYPT.p, maxmem });
}

/** Everything of a card but the place it is given later. */
function boundTo(card: Omit<CardFile, 'cardEpoch' | 'index' | 'salt' | 'sealed'>, salt: Bytes32): Uint8Array {
  const { format, genesisHash, register, programme, enrolmentEpoch, keyId } = card;
  const { chainId, ledgerNonce, benefitLedger } = register;
  const { name, logN, r, p } = SCRYPT;
  const ledger = [genesisHash, chainId, ledgerNonce, benefitLedger];
  const kind = Object.values(kindShown(card));
  return frame(format, ...ledger, programme, enrolmentEpoch, ...kind, keyId, name, logN, r, p, salt);
}
