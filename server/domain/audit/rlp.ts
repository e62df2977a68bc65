/**
 * Recursive Length Prefix, Ethereum's list encoding, read strictly.
 *
 * Promises: `decodeRlp(encodeRlp(x))` is x, and bytes that `encodeRlp` could not have made (long
 * forms of short lengths, a prefixed single byte, trailing bytes, too deep a nest) decode to
 * undefined, so that one value has one encoding and a hash names one value. The caller knows what
 * the bytes were meant to be and names the refusal. Decoded strings are views of the input, not copies.
 * Why not a library: the well-kept ones recurse without a bound, so a hostile proof of nested lists
 * ends in an overflowing stack instead of a refusal.
 */

export type RlpItem = Uint8Array | readonly RlpItem[];

/** A header nests extraData's validator list two deep, a branch node one an embedded child: 8 is ample. */
const MAX_DEPTH = 8;
/** Strings and lists of up to this many bytes carry their length in the prefix byte itself. */
const SHORT = 55;

/** The whole of `bytes` as one canonical item, or undefined. */
export function decodeRlp(bytes: Uint8Array): RlpItem | undefined {
  const read = readItem(bytes, 0, bytes.length, MAX_DEPTH);
  return read?.end === bytes.length ? read.item : undefined;
}

interface Read {
  readonly item: RlpItem;
  readonly end: number;
}

function readItem(bytes: Uint8Array, start: number, limit: number, depth: number): Read | undefined {
  const prefix = start < limit ? bytes[start] : undefined;
  if (prefix === undefined) return undefined;
  if (prefix < 0x80) return { item: bytes.subarray(start, start + 1), end: start + 1 };

  const isList = prefix >= 0xc0;
  const short = prefix - (isList ? 0xc0 : 0x80);
  const sizeBytes = Math.max(0, short - SHORT);
  const length = sizeBytes === 0 ? short : readLength(bytes, start + 1, sizeBytes);
  if (length === undefined) return undefined;
  const from = start + 1 + sizeBytes;
  const end = from + length;
  if (end > limit) return undefined;
  if (isList) return readList(bytes, from, end, depth);
  const first = bytes[from];
  if (length === 1 && first !== undefined && first < 0x80) return undefined;
  return { item: bytes.subarray(from, end), end };
}

function readList(bytes: Uint8Array, from: number, end: number, depth: number): Read | undefined {
  if (depth === 0) return undefined;
  const items: RlpItem[] = [];
  for (let at = from; at < end; ) {
    const read = readItem(bytes, at, end, depth - 1);
    if (read === undefined) return undefined;
    items.push(read.item);
    at = read.end;
  }
  return { item: items, end };
}

function readLength(bytes: Uint8Array, start: number, sizeBytes: number): number | undefined {
  // Six bytes of length are 256 TiB: more than any input, and still an exact number.
  if (sizeBytes > 6 || bytes[start] === 0) return undefined;
  let length = 0;
  for (let i = start; i < start + sizeBytes; i++) {
    const byte = bytes[i];
    if (byte === undefined) return undefined;
    length = length * 256 + byte;
  }
  return length > SHORT ? length : undefined;
}

/** The one encoding of an item. */
export function encodeRlp(item: RlpItem): Uint8Array {
  const out = new Uint8Array(encodedLength(item));
  writeItem(item, out, 0);
  return out;
}

const isBytes = (item: RlpItem): item is Uint8Array => item instanceof Uint8Array;

function payloadLength(item: RlpItem): number {
  return isBytes(item) ? item.length : item.reduce((sum, child) => sum + encodedLength(child), 0);
}

/** How many bytes `encodeRlp` makes of it: the trie asks, to tell an embedded node from a hashed one. */
export function encodedLength(item: RlpItem): number {
  const length = payloadLength(item);
  if (isBytes(item) && length === 1 && (item[0] ?? 0) < 0x80) return 1;
  return 1 + (length > SHORT ? minimalBytes(length).length : 0) + length;
}

function writeItem(item: RlpItem, out: Uint8Array, start: number): number {
  if (isBytes(item) && item.length === 1 && (item[0] ?? 0) < 0x80) {
    out.set(item, start);
    return start + 1;
  }
  const length = payloadLength(item);
  const base = isBytes(item) ? 0x80 : 0xc0;
  const size = length > SHORT ? minimalBytes(length) : undefined;
  out[start] = base + (size === undefined ? length : SHORT + size.length);
  if (size !== undefined) out.set(size, start + 1);
  let at = start + 1 + (size?.length ?? 0);
  if (isBytes(item)) {
    out.set(item, at);
    return at + length;
  }
  for (const child of item) at = writeItem(child, out, at);
  return at;
}

/** A number as big-endian bytes without leading zeros; zero is no bytes. */
export function minimalBytes(value: number | bigint): Uint8Array {
  const digits = value.toString(16);
  if (digits === '0') return new Uint8Array(0);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Uint8Array.from({ length: even.length / 2 }, (_, i) =>
    Number.parseInt(even.slice(2 * i, 2 * i + 2), 16),
  );
}

/** The number that `minimalBytes` wrote, or undefined when the bytes have a leading zero or are too many. */
export function readUint(item: RlpItem | undefined, maxBytes: number): bigint | undefined {
  if (item === undefined || !isBytes(item) || item.length > maxBytes || item[0] === 0) return undefined;
  let value = 0n;
  for (const byte of item) value = (value << 8n) | BigInt(byte);
  return value;
}

/** The item as exactly `length` bytes, or undefined. */
export function readBytes(item: RlpItem | undefined, length: number): Uint8Array | undefined {
  return item !== undefined && isBytes(item) && item.length === length ? item : undefined;
}

/** The item as a list, or undefined. */
export function readItems(item: RlpItem | undefined): readonly RlpItem[] | undefined {
  return item === undefined || isBytes(item) ? undefined : item;
}
