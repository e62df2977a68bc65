/**
 * Signing a digest with a secp256k1 key, and the many keys that one person's seed makes.
 *
 * Hides the 64-byte form of a signature (ERC-2098) and how keys derive. Promises: the same key and digest give the
 * same bytes (RFC 6979, low s), the one form that contracts take; the same seed and purpose give the same key on every
 * device, for ever; keys of two purposes cannot be told to come from one seed. It keeps nothing, and the caller wipes
 * what it was given. Whoever holds a person's or an officer's key may call it; the gateway holds none.
 *
 * Derivation, version 1 (HKDF, RFC 5869, with SHA-256; `lp(x)` is x behind its length, uint32 big-endian):
 *   out = HKDF(ikm = seed, salt = "kudurru-derive-1", info = lp(label) ‖ lp(part) ... ‖ attempt, one byte, 32 bytes)
 * A key is the first `out` of attempts 0, 1, ... that is a private key (0 < out < n); a salt is `out` of attempt 0. The label
 * of a P-256 key ends in `-p256`, and n is that curve's.
 */
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { addressOf } from '../audit/signature.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex, wordOf } from '../base/hex.ts';
import type { BAUnitId, InstrumentId, KeyKind, ProgrammeId, VendorId } from '../base/terms.ts';
import { KEY_KINDS, numberOf } from '../base/terms.ts';

/** r and s of a signature with the parity in the top bit of s: 64 bytes. */
export function signCompact(digest: Bytes32, privateKey: Uint8Array): Hex {
  const signature = secp256k1.sign(fromHex(digest), privateKey, { prehash: false, format: 'recovered' });
  const parity = signature[0] ?? 0;
  // 2 and 3 need an r above the group order: about one in 2^127, and 64 bytes cannot say it.
  if (parity > 1) throw new Error('a signature that cannot be written');
  const compact = signature.slice(1);
  compact[32] = (compact[32] ?? 0) | (parity << 7);
  return toHex(compact);
}

export function addressOfPrivateKey(privateKey: Uint8Array): Address {
  return addressOf(secp256k1.getPublicKey(privateKey));
}

const KEY_BYTES = 32;
/** 128 random bits are what no one guesses; a seed is normally 32 bytes. */
const MIN_SEED_BYTES = 16;
const DERIVE_SALT = utf8ToBytes('kudurru-derive-1');
/** One out in 2^128 is no private key: a second attempt was never needed, a third never will be. */
const MAX_ATTEMPTS = 4;

/** 32 bytes that only the seed's holder can make, for one label and one list of parts. */
export function deriveBytes(
  seed: Uint8Array,
  label: string,
  parts: readonly Uint8Array[],
  attempt = 0,
): Uint8Array {
  if (seed.length < MIN_SEED_BYTES) throw new TypeError('a seed has 16 bytes or more');
  const info = concatBytes(
    ...[utf8ToBytes(label), ...parts].flatMap((part) => [uint32(part.length), part]),
    Uint8Array.of(attempt),
  );
  return hkdf(sha256, seed, DERIVE_SALT, info, KEY_BYTES);
}

/** The private key of one purpose. */
export function deriveKey(
  seed: Uint8Array,
  label: string,
  parts: readonly Uint8Array[],
  curve: typeof secp256k1 | typeof p256 = secp256k1,
): Uint8Array {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const key = deriveBytes(seed, label, parts, attempt);
    if (curve.utils.isValidSecretKey(key)) return key;
  }
  throw new Error('no private key of this seed');
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Kinds of key that a seed makes; a passkey stays in the device that made it. */
export const SEED_KEY_KINDS = ['secp256k1', 'p256'] as const satisfies readonly KeyKind[];
export type SeedKeyKind = (typeof SEED_KEY_KINDS)[number];

/** A key for consents, with the salt that hides it until it is used: both are needed to consent. */
export interface ConsentKey {
  readonly privateKey: Uint8Array;
  readonly salt: Bytes32;
  /** What the holding or restriction carries. */
  readonly keyHash: Bytes32;
}

/** A private key that signs as itself. */
export interface ShownKey {
  readonly kind: SeedKeyKind;
  readonly privateKey: Uint8Array;
  /** Nothing of secp256k1, whose signature tells it; qx ‖ qy of P-256. */
  readonly shown: Hex;
}

/** One that a seed made. */
export interface SeedKey extends ConsentKey, ShownKey {}

/** The key of one holding: by the unit it was first given in, and its id there. */
export function holdingKey(
  seed: Uint8Array,
  of: { readonly genesisHash: Bytes32; readonly baUnit: BAUnitId; readonly holdingId: number },
  kind: SeedKeyKind = 'secp256k1',
): SeedKey {
  const parts = [fromHex(of.genesisHash), fromHex(of.baUnit), uint32(of.holdingId)];
  return kind === 'p256' ? p256Key(seed, 'holding-p256', parts) : consentKey(seed, 'holding', parts);
}

/** The key of a lender or cautioner for everything that rests on one instrument. */
export function instrumentKey(
  seed: Uint8Array,
  of: { readonly genesisHash: Bytes32; readonly instrumentId: InstrumentId },
  kind: SeedKeyKind = 'secp256k1',
): SeedKey {
  const parts = [fromHex(of.genesisHash), fromHex(of.instrumentId)];
  return kind === 'p256' ? p256Key(seed, 'instrument-p256', parts) : consentKey(seed, 'instrument', parts);
}

function consentKey(seed: Uint8Array, label: string, parts: readonly Uint8Array[]): SeedKey {
  const privateKey = deriveKey(seed, label, parts);
  const salt = toHex(deriveBytes(seed, `${label}-salt`, parts)) as Bytes32;
  const keyHash = keyHashOf(salt, 'secp256k1', addressOfPrivateKey(privateKey));
  return { kind: 'secp256k1', shown: '0x', privateKey, salt, keyHash };
}

function p256Key(seed: Uint8Array, label: string, parts: readonly Uint8Array[]): SeedKey {
  const privateKey = deriveKey(seed, label, parts, p256);
  const salt = toHex(deriveBytes(seed, `${label}-salt`, parts)) as Bytes32;
  const shown = pointOf(privateKey);
  return { kind: 'p256', shown, privateKey, salt, keyHash: keyHashOf(salt, 'p256', shown) };
}

/** qx ‖ qy of a P-256 key. */
export function pointOf(privateKey: Uint8Array): Hex {
  return toHex(p256.getPublicKey(privateKey, false).subarray(1));
}

/** What a consent carries: 64 bytes of either kind. */
export function signConsent(digest: Bytes32, { kind, privateKey }: ShownKey): Hex {
  if (kind === 'secp256k1') return signCompact(digest, privateKey);
  return toHex(p256.sign(fromHex(digest), privateKey, { prehash: false, lowS: true }));
}

/** A signature that names its key: of a card, of a till, of a proof. Behind that of a P-256 key stands the key. */
export function signShown(digest: Bytes32, key: ShownKey): Hex {
  return `${signConsent(digest, key)}${key.shown.slice(2)}` as Hex;
}

/**
 * The key of a card in one programme: another in every programme, and another in every enrolment epoch, so that what
 * was bought under the one cannot be joined to the other. A new card is a new seed.
 */
export function cardKey(
  seed: Uint8Array,
  of: { readonly genesisHash: Bytes32; readonly programme: ProgrammeId; readonly enrolmentEpoch: number },
  kind: SeedKeyKind = 'secp256k1',
): Uint8Array {
  const { genesisHash, programme, enrolmentEpoch } = of;
  return deviceKey(seed, 'card', [fromHex(genesisHash), fromHex(programme), uint32(enrolmentEpoch)], kind);
}

/** The key of one till of a vendor. */
export function tillKey(
  seed: Uint8Array,
  of: { readonly genesisHash: Bytes32; readonly vendor: VendorId; readonly till: number },
  kind: SeedKeyKind = 'secp256k1',
): Uint8Array {
  return deviceKey(seed, 'till', [fromHex(of.genesisHash), fromHex(of.vendor), uint32(of.till)], kind);
}

function deviceKey(seed: Uint8Array, label: string, parts: readonly Uint8Array[], kind: SeedKeyKind) {
  return kind === 'p256' ? deriveKey(seed, `${label}-p256`, parts, p256) : deriveKey(seed, label, parts);
}

/**
 * keccak256(abi.encode(bytes32 salt, uint8 kind, bytes key)): what stands for a consenting key until it is used.
 * `key` is the 20 bytes of an address for secp256k1, else the 64 bytes qx ‖ qy.
 */
export function keyHashOf(salt: Bytes32, kind: KeyKind, key: Hex): Bytes32 {
  const bytes = fromHex(key);
  if (bytes.length !== (kind === 'secp256k1' ? 20 : 64)) throw new TypeError('not a key of this kind');
  const padded = new Uint8Array(Math.ceil(bytes.length / 32) * 32);
  padded.set(bytes);
  const encoded = concatBytes(
    fromHex(salt),
    fromHex(wordOf(numberOf(KEY_KINDS, kind))),
    fromHex(wordOf(3 * 32)),
    fromHex(wordOf(bytes.length)),
    padded,
  );
  return toHex(keccak_256(encoded)) as Bytes32;
}
