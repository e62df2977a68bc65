/**
 * Searches what a command printed for any secret of a key ring. Reads the ring by what its format says and with
 * nothing of ours, so it is also a second implementation of the format.
 */
import { createDecipheriv, scryptSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Twelve characters of hex or base64 are a leak of six bytes or more. */
const WINDOW_CHARACTERS = 12;

export function searchForSecrets(
  ring: string,
  passphrase: string,
  printed: string,
): { readonly secrets: number; readonly leaked: number } {
  const text = printed.toLowerCase();
  const secrets = secretsIn(ring, passphrase);
  const isLeaked = (spelling: string) =>
    Array.from({ length: spelling.length - WINDOW_CHARACTERS + 1 }, (_, at) =>
      spelling.slice(at, at + WINDOW_CHARACTERS).toLowerCase(),
    ).some((part) => text.includes(part));
  return { secrets: secrets.length, leaked: secrets.flatMap(spellingsOf).filter(isLeaked).length };
}

/** A text that does leak, to show that the search sees. */
export function revealed(ring: string, passphrase: string): string {
  return secretsIn(ring, passphrase)
    .map((secret) => Buffer.concat([Buffer.from('.'), secret, Buffer.from('..')]).toString('base64'))
    .join('\n');
}

/** The ring key and every key, taken out of the files by what the format says and nothing of ours. */
function secretsIn(ring: string, passphrase: string): Uint8Array[] {
  const read = (file: string) => JSON.parse(fs.readFileSync(path.join(ring, file), 'utf8'));
  const { kdf, sealedRingKey } = read('keyring.json');
  const kek = scryptSync(passphrase, bytesOf(kdf.salt), 32, {
    N: 2 ** kdf.logN,
    r: kdf.r,
    p: kdf.p,
    maxmem: 2 ** 28,
  });
  const ringKey = open(kek, sealedRingKey, ['kudurru-keyring-1', 'scrypt', kdf.logN, kdf.r, kdf.p, kdf.salt]);
  const keys = fs
    .readdirSync(ring)
    .filter((file) => file.endsWith('.key'))
    .map(read);
  return [
    ringKey,
    ...keys.map(({ name, kind, address, officer, salt, sealed }) =>
      open(ringKey, sealed, ['kudurru-key-1', name, kind, address, officer, salt]),
    ),
  ];
}

const bytesOf = (hex: string) => Buffer.from(hex.slice(2), 'hex');

function open(key: Uint8Array, sealedHex: string, bound: readonly (string | number)[]): Uint8Array {
  const sealed = bytesOf(sealedHex);
  const lengthBefore = (text: string) => Buffer.concat([uint32(Buffer.byteLength(text)), Buffer.from(text)]);
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13))
    .setAAD(Buffer.concat(bound.map((part) => lengthBefore(String(part)))))
    .setAuthTag(sealed.subarray(13, 29));
  return Buffer.concat([cipher.update(sealed.subarray(29)), cipher.final()]);
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** How bytes may stand in a text: in hex, or in base64 at each of its three alignments. */
function spellingsOf(secret: Uint8Array): string[] {
  const aligned = [0, 1, 2].map((before) => Buffer.concat([Buffer.alloc(before), secret, Buffer.alloc(2)]));
  const inner = aligned.map((bytes) => bytes.toString('base64').slice(4, -4));
  return [
    Buffer.from(secret).toString('hex'),
    ...inner,
    ...inner.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}
