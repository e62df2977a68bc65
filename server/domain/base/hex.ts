/** Bytes and how they are spelt, in one place: as hex, lower case and always with 0x, and as text in UTF-8. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

export type Hex = `0x${string}`;

declare const brand: unique symbol;
/**
 * A compile-time name on a value: two ids of different kinds never mix. Names add up, so a `Branded<Bytes32, 'X'>` may
 * stand where a Bytes32 is due, never the other way round.
 */
export type Branded<T, Name extends string> = T & { readonly [brand]: { readonly [N in Name]: true } };

/** 32 bytes in hex: a hash, a root, a random id. */
export type Bytes32 = Branded<Hex, 'Bytes32'>;
/** 20 bytes in lower-case hex. */
export type Address = Branded<Hex, 'Address'>;

export const ZERO_32 = `0x${'00'.repeat(32)}` as Bytes32;
export const ZERO_ADDRESS = `0x${'00'.repeat(20)}` as Address;

const HEX = /^0x(?:[0-9a-f]{2})*$/;

/** A number as one word of the chain's storage or of an ABI encoding. */
export function wordOf(value: bigint | number): Bytes32 {
  return `0x${value.toString(16).padStart(64, '0')}` as Bytes32;
}

export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** Throws a TypeError on anything that is not whole lower-case bytes: callers parse at the edge first. */
export function fromHex(hex: string): Uint8Array {
  if (!HEX.test(hex)) throw new TypeError('not lower-case 0x bytes');
  return hexToBytes(hex.slice(2));
}

/** Lower-cases and checks the length; undefined when the text is not that many bytes. */
export function parseHex(text: string, byteLength: number): Hex | undefined {
  const lower = text.toLowerCase();
  return HEX.test(lower) && lower.length === 2 + 2 * byteLength ? (lower as Hex) : undefined;
}

/**
 * The text that bytes spell in UTF-8, or undefined: a byte that was repaired would be read as what nobody wrote. A
 * byte-order mark stays in the text, where no format of ours has one.
 */
export function textOfUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
