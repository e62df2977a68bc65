/** AES-256-GCM as every sealed thing of this folder uses it: `0x01 | iv (12) | tag (16) | ciphertext`. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + IV_BYTES + TAG_BYTES;
export const KEY_BYTES = 32;

/** A key seals few messages (one person's records of one class), so a random 96-bit iv never repeats. */
export function seal(key: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(key), iv, { authTagLength: TAG_BYTES }).setAAD(
    associated,
  );
  const ciphertext = [cipher.update(plaintext), cipher.final()];
  return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), ...ciphertext]);
}

/** Undefined when key, bytes or associated data are not those of the sealing. */
export function unseal(key: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
  if (sealed.length < HEADER_BYTES || sealed[0] !== VERSION) return undefined;
  const iv = sealed.subarray(1, 1 + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(key), iv, { authTagLength: TAG_BYTES })
    .setAAD(associated)
    .setAuthTag(sealed.subarray(1 + IV_BYTES, HEADER_BYTES));
  const plaintext = decipher.update(sealed.subarray(HEADER_BYTES));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    return undefined; // the tag differs: the only thing `final` throws for
  }
}

/** Node takes more than twice as long over a key that it is given as bytes. */
function keyOf(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes);
}

/** Parts with their lengths, so that no two lists of parts give the same bytes. */
export function frame(...parts: readonly (string | number)[]): Uint8Array {
  const texts = parts.map(String);
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const framed = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  for (const [i, text] of texts.entries()) {
    at = framed.writeUInt32BE(lengths[i] ?? 0, at);
    at += framed.write(text, at);
  }
  return framed;
}
