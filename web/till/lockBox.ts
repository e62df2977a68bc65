/**
 * The till's seed and token under the PIN of the shop, and a card under its own.
 *
 * The contract takes the signature of a digest; a key that the browser keeps to itself signs the SHA-256 of what it is
 * given, and so nothing that the contract takes. The seed is therefore ours to hide: in AES-256-GCM, under a key that
 * takes both the PIN and a secret of this browser which no script can take out. Promises: what a script could carry off opens
 * nothing with the PIN; the device opens nothing without it. It does not promise that a PIN holds against whoever copies the
 * whole folder of the browser: some keep that secret there as it is, and six digits are a million tries on a machine of theirs.
 */
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { fromHex, toHex } from '../../server/domain/base/hex.ts';
import { refusal } from '../../server/domain/base/refusal.ts';
import { type CardFile, keyInside, lockOf } from '../../server/domain/benefits/cardFile.ts';
import type { DeviceKey } from '../../server/domain/benefits/deviceKeys.ts';

export interface LockBox {
  /** Cannot be taken out of the browser, which keeps it. */
  readonly device: CryptoKey;
  readonly salt: Bytes;
  readonly iv: Bytes;
  readonly ciphertext: Bytes;
}

type Bytes = Uint8Array<ArrayBuffer>;

export interface Secrets {
  readonly seed: Uint8Array;
  readonly token: string;
}

/** A try takes a phone most of a second. */
const KDF = { N: 2 ** 15, r: 8, p: 1, dkLen: 32 } as const;
const HMAC: HmacKeyGenParams = { name: 'HMAC', hash: 'SHA-256' };

export async function lock({ seed, token }: Secrets, pin: string): Promise<LockBox> {
  const device = await crypto.subtle.generateKey(HMAC, false, ['sign']);
  const [salt, iv] = [crypto.getRandomValues(new Uint8Array(32)), crypto.getRandomValues(new Uint8Array(12))];
  const key = await keyFor(pin, salt, device);
  const plain = Uint8Array.from(utf8ToBytes(JSON.stringify({ seed: toHex(seed), token })));
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain));
  plain.fill(0);
  return { device, salt, iv, ciphertext };
}

/** Refuses as `pin-wrong`. */
export async function unlock({ device, salt, iv, ciphertext }: LockBox, pin: string): Promise<Secrets> {
  const key = await keyFor(pin, salt, device);
  const plain = await decrypted({ name: 'AES-GCM', iv }, key, ciphertext);
  const { seed, token } = JSON.parse(new TextDecoder().decode(plain)) as { seed: string; token: string };
  return { seed: fromHex(seed), token };
}

async function keyFor(pin: string, salt: Bytes, device: CryptoKey): Promise<CryptoKey> {
  const stretched = Uint8Array.from(await scryptAsync(pin, salt, KDF));
  const bytes = await crypto.subtle.sign(HMAC, device, stretched);
  stretched.fill(0);
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** The key of a card, which the caller wipes. Refuses as `pin-wrong`. */
export async function openCard(card: CardFile, pin: string): Promise<DeviceKey> {
  const { kdf, iv, ciphertext, bound } = lockOf(card);
  const { N, r, p, salt } = kdf;
  const bytes = Uint8Array.from(await scryptAsync(pin, salt, { N, r, p, dkLen: 32 }));
  const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['decrypt']);
  bytes.fill(0);
  return keyInside(card, await decrypted({ name: 'AES-GCM', iv, additionalData: bound }, key, ciphertext));
}

async function decrypted(how: AesGcmParams, key: CryptoKey, ciphertext: Bytes): Promise<Uint8Array> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(how, key, ciphertext));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError') throw refusal('pin-wrong');
    throw error;
  }
}
