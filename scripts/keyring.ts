/**
 * A person's key ring: a folder with the keys of an officer, or the seeds of holders and cards, under one passphrase.
 *
 * Hides how keys lie on disk. Promises: an officer's private key never leaves the ring, it only signs; a key once
 * made is never written over, and is on disk (synced, with its folder) before `create` returns; two processes may
 * make keys at the same time; a bit changed anywhere is refused, and so are files that others can read and a folder
 * inside the gateway's data. Nothing here belongs to the gateway, which holds no such key.
 *
 * Formats, version 1: both are JSON, indented by two, with a final line feed, and no other spelling is read.
 *   keyring.json  {format, kdf {name, logN, r, p, salt}, sealedRingKey, checksum}
 *   NAME.key      {format, name, kind, address, officer, salt, sealed}; address, officer and salt are "" for a seed
 * sealed = 0x01 ‖ iv (12) ‖ tag (16) ‖ ciphertext, AES-256-GCM, over 32 bytes. The ring key is sealed under
 * scrypt(passphrase in NFKC), bound to the kdf's fields; a key under the ring key, bound to all its public fields.
 * The checksum (SHA-256 of the text without it) tells a damaged file from a mistyped passphrase, and nothing else.
 * Another passphrase seals the same ring key anew: a copy of the old file still opens with the old one.
 */
import { createHash, randomBytes, scryptSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { addressOfPrivateKey, signCompact } from '../server/domain/acts/signing.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  parseHex,
  toHex,
  ZERO_32,
} from '../server/domain/base/hex.ts';
import { refusal } from '../server/domain/base/refusal.ts';
import type { OfficerId } from '../server/domain/base/terms.ts';
import { keyHashOfAddress, officerIdOf } from '../server/domain/power/possession.ts';
import { frame, KEY_BYTES, seal, unseal } from '../server/store/cipher.ts';
import {
  prepareFolder,
  readPrivate,
  replaceDurably,
  requirePrivateFolder,
  writeNew,
} from './privateFiles.ts';

export const KEY_KINDS = ['officer', 'seed'] as const;
export type RingKeyKind = (typeof KEY_KINDS)[number];

/** What may be shown of a key. */
export type KeyEntry =
  | {
      readonly name: string;
      readonly kind: 'officer';
      readonly address: Address;
      readonly officer: OfficerId;
      /** With the hash of an officer's first key it makes the id; zero where the id is of another key. */
      readonly salt: Bytes32;
    }
  | { readonly name: string; readonly kind: 'seed' };

/** Twelve characters of random words are some 2^40 guesses at half a second each. */
const MIN_PASSPHRASE_CHARACTERS = 12;
const MAX_NAME_CHARACTERS = 64;
const NAME = /^[a-z0-9][a-z0-9-]*$/;

const RING_FORMAT = 'kudurru-keyring-1';
const KEY_FORMAT = 'kudurru-key-1';
const RING_FILE = 'keyring.json';
const KEY_ENDING = '.key';
/** Many times what either file has; anything larger is none of them. */
const MAX_FILE_BYTES = 4_096;

/** scrypt with 2^17, 8, 1: 128 MiB and half a second for each guess. The limits are what is read, not written. */
const DEFAULT_LOG_N = 17;
const MIN_LOG_N = 10;
const MAX_LOG_N = 20;
const SCRYPT_R = 8;
const SCRYPT_P = 1;

interface Kdf {
  readonly name: 'scrypt';
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Bytes32;
}

export interface KeyringCost {
  /** Logarithm of scrypt's N; less than the default only where nothing is worth guessing. */
  readonly logN?: number;
}

export function hasKeyring(folder: string): boolean {
  return fs.existsSync(path.join(folder, RING_FILE));
}

/** Founds a key ring in an empty folder, or one that does not exist yet. */
export function createKeyring(folder: string, passphrase: string, cost: KeyringCost = {}): Keyring {
  const place = prepareFolder(folder);
  // Keys without their ring are a ring that lost a file: a new one would bury them.
  if (fs.readdirSync(place).some((name) => name === RING_FILE || name.endsWith(KEY_ENDING))) {
    throw refusal('keyring-exists');
  }
  const ringKey = randomBytes(KEY_BYTES);
  const text = sealedRing(ringKey, passphrase, cost.logN ?? DEFAULT_LOG_N);
  if (!writeNew(place, RING_FILE, text)) throw refusal('keyring-exists');
  return new Keyring(place, ringKey);
}

export function openKeyring(folder: string, passphrase: string): Keyring {
  const place = requirePrivateFolder(folder);
  const text = readPrivate(path.join(place, RING_FILE), MAX_FILE_BYTES);
  if (text === undefined) throw refusal('keyring-missing');
  const { kdf, sealedRingKey } = readRing(text);
  const ringKey = underPassphrase(passphrase, kdf, (key) => unseal(key, sealedRingKey, kdfFrame(kdf)));
  if (ringKey === undefined) throw refusal('passphrase-wrong');
  return new Keyring(place, ringKey);
}

export class Keyring {
  readonly #folder: string;
  readonly #ringKey: Uint8Array;

  /** Use `openKeyring` or `createKeyring`. */
  constructor(folder: string, ringKey: Uint8Array) {
    this.#folder = folder;
    this.#ringKey = ringKey;
  }

  /** All keys by name. Each is opened, so that no address is shown that is not the key's. */
  list(): KeyEntry[] {
    return fs
      .readdirSync(this.#folder)
      .filter((file) => file.endsWith(KEY_ENDING))
      .sort()
      .map((file) => this.get(file.slice(0, -KEY_ENDING.length)));
  }

  get(name: string): KeyEntry {
    return this.#use(name, (entry) => entry);
  }

  /**
   * Makes a key. An officer's makes a new officer id with a random salt, unless it is another key of an officer there is.
   * Refuses as `key-name-taken`.
   */
  create(name: string, kind: RingKeyKind, officer?: OfficerId): KeyEntry {
    requireName(name);
    const secret = kind === 'officer' ? randomPrivateKey() : randomBytes(KEY_BYTES);
    const entry: KeyEntry = kind === 'seed' ? { name, kind } : officerEntry(name, secret, officer);
    const sealed = toHex(seal(this.#ringKey, secret, keyFrame(entry)));
    secret.fill(0);
    if (!writeNew(this.#folder, `${name}${KEY_ENDING}`, keyText(entry, sealed))) {
      throw refusal('key-name-taken');
    }
    return entry;
  }

  /** An officer's signature of a digest: 64 bytes (ERC-2098). */
  signDigest(name: string, digest: Bytes32): Hex {
    return this.#use(name, ({ kind }, secret) => {
      if (kind !== 'officer') throw refusal('key-of-another-kind');
      return signCompact(digest, secret);
    });
  }

  /** The 32 bytes of a seed, from which cards and holdings derive; the caller wipes them. */
  seed(name: string): Uint8Array {
    return this.#use(name, ({ kind }, secret) => {
      if (kind !== 'seed') throw refusal('key-of-another-kind');
      return Uint8Array.from(secret);
    });
  }

  changePassphrase(passphrase: string, cost: KeyringCost = {}): void {
    const text = sealedRing(this.#ringKey, passphrase, cost.logN ?? DEFAULT_LOG_N);
    replaceDurably(this.#folder, RING_FILE, text);
  }

  #use<T>(name: string, use: (entry: KeyEntry, secret: Uint8Array) => T): T {
    requireName(name);
    const text = readPrivate(path.join(this.#folder, `${name}${KEY_ENDING}`), MAX_FILE_BYTES);
    if (text === undefined) throw refusal('key-missing');
    const { entry, sealed } = readKey(text);
    const secret = unseal(this.#ringKey, sealed, keyFrame(entry));
    if (secret === undefined || entry.name !== name) throw refusal('key-damaged');
    try {
      return use(entry, secret);
    } finally {
      secret.fill(0);
    }
  }
}

function officerEntry(name: string, secret: Uint8Array, officer: OfficerId | undefined): KeyEntry {
  const address = addressOfPrivateKey(secret);
  if (officer !== undefined) return { name, kind: 'officer', address, officer, salt: ZERO_32 };
  const salt = toHex(randomBytes(32)) as Bytes32;
  return { name, kind: 'officer', address, officer: officerIdOf(keyHashOfAddress(address), salt), salt };
}

function requireName(name: string): void {
  if (name.length > MAX_NAME_CHARACTERS || !NAME.test(name)) {
    throw refusal('key-name-malformed', { limit: MAX_NAME_CHARACTERS });
  }
}

function randomPrivateKey(): Uint8Array {
  let key = randomBytes(KEY_BYTES);
  while (!secp256k1.utils.isValidSecretKey(key)) key = randomBytes(KEY_BYTES); // one in 2^128
  return key;
}

// ---- The ring's own file ------------------------------------------------------------------------------------

function sealedRing(ringKey: Uint8Array, passphrase: string, logN: number): string {
  if ([...passphrase].length < MIN_PASSPHRASE_CHARACTERS) {
    throw refusal('passphrase-too-short', { limit: MIN_PASSPHRASE_CHARACTERS });
  }
  const salt = toHex(randomBytes(32)) as Bytes32;
  const kdf: Kdf = { name: 'scrypt', logN, r: SCRYPT_R, p: SCRYPT_P, salt };
  const sealed = underPassphrase(passphrase, kdf, (key) => seal(key, ringKey, kdfFrame(kdf)));
  return ringText(kdf, toHex(sealed));
}

function underPassphrase<T>(passphrase: string, { logN, r, p, salt }: Kdf, use: (key: Uint8Array) => T): T {
  const N = 2 ** logN;
  // One spelling of every character, so that another keyboard types the same passphrase.
  const key = scryptSync(passphrase.normalize('NFKC'), fromHex(salt), KEY_BYTES, {
    N,
    r,
    p,
    maxmem: 2 * 128 * N * r,
  });
  try {
    return use(key);
  } finally {
    key.fill(0);
  }
}

function kdfFrame({ name, logN, r, p, salt }: Kdf): Uint8Array {
  return frame(RING_FORMAT, name, logN, r, p, salt);
}

function ringText(kdf: Kdf, sealedRingKey: Hex): string {
  const content = { format: RING_FORMAT, kdf, sealedRingKey };
  const checksum = toHex(createHash('sha256').update(JSON.stringify(content)).digest());
  return inJson({ ...content, checksum });
}

function readRing(text: string): { readonly kdf: Kdf; readonly sealedRingKey: Uint8Array } {
  const ring = parsed(text);
  const kdf = record(ring?.kdf);
  const logN = Number(kdf?.logN);
  const salt = hexOf(kdf?.salt, 32);
  const sealedRingKey = hexOf(ring?.sealedRingKey, SEALED_BYTES);
  const isKnown = Number.isInteger(logN) && MIN_LOG_N <= logN && logN <= MAX_LOG_N;
  if (!isKnown || salt === undefined || sealedRingKey === undefined) throw refusal('keyring-damaged');
  const read: Kdf = { name: 'scrypt', logN, r: SCRYPT_R, p: SCRYPT_P, salt: salt as Bytes32 };
  // Written again it is the same text: so nothing is unknown, missing or changed.
  if (ringText(read, sealedRingKey) !== text) throw refusal('keyring-damaged');
  return { kdf: read, sealedRingKey: fromHex(sealedRingKey) };
}

// ---- The file of a key --------------------------------------------------------------------------------------

/** Version, iv and tag before the 32 bytes. */
const SEALED_BYTES = 1 + 12 + 16 + KEY_BYTES;

function publicFields(
  entry: KeyEntry,
): readonly [name: string, kind: string, address: string, officer: string, salt: string] {
  return entry.kind === 'officer'
    ? [entry.name, entry.kind, entry.address, entry.officer, entry.salt]
    : [entry.name, entry.kind, '', '', ''];
}

function keyFrame(entry: KeyEntry): Uint8Array {
  return frame(KEY_FORMAT, ...publicFields(entry));
}

function keyText(entry: KeyEntry, sealed: Hex): string {
  const [name, kind, address, officer, salt] = publicFields(entry);
  return inJson({ format: KEY_FORMAT, name, kind, address, officer, salt, sealed });
}

function readKey(text: string): { readonly entry: KeyEntry; readonly sealed: Uint8Array } {
  const key = parsed(text);
  const name = key?.name;
  const sealed = hexOf(key?.sealed, SEALED_BYTES);
  if (typeof name !== 'string' || sealed === undefined) throw refusal('key-damaged');
  let entry: KeyEntry = { name, kind: 'seed' };
  if (key?.kind !== 'seed') {
    const address = hexOf(key?.address, 20) as Address | undefined;
    const officer = hexOf(key?.officer, 32) as OfficerId | undefined;
    const salt = hexOf(key?.salt, 32) as Bytes32 | undefined;
    if (address === undefined || officer === undefined || salt === undefined) throw refusal('key-damaged');
    entry = { name, kind: 'officer', address, officer, salt };
  }
  if (keyText(entry, sealed) !== text) throw refusal('key-damaged');
  return { entry, sealed: fromHex(sealed) };
}

// ---- JSON ---------------------------------------------------------------------------------------------------

type Fields = Readonly<Record<string, unknown>>;

function inJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function parsed(text: string): Fields | undefined {
  try {
    return record(JSON.parse(text));
  } catch {
    return undefined; // no JSON at all: the caller refuses it as damaged
  }
}

function record(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

function hexOf(value: unknown, byteLength: number): Hex | undefined {
  return typeof value === 'string' ? parseHex(value, byteLength) : undefined;
}
