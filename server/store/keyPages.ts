/**
 * What one page of the order of keys says, and how much fits into one.
 *
 *     page    depth u8 (0 holds keys, others pages) | entries u16 | entries | zeros up to PAGE_BYTES
 *     entry   bytes shared with the key before u8 | bytes of the rest u16 | the rest | above depth 0 the id of a page (9)
 *
 * Every page is of one length, so that none tells how full it is, of what depth, or of which table. For `keyTree.ts`.
 */
import { randomBytes } from 'node:crypto';

/** With its name and its lengths a row of the second step, 2,048 bytes; three of the longest keys fit into it. */
export const PAGE_BYTES = 1_900;
const HEAD_BYTES = 1 + 2;
const ENTRY_BYTES = 1 + 2;
const ID_BYTES = 9;
const SHARED_MAX = 255;
/** Of a page that is cut because the next key was added to its end. */
const APPENDED_SHARE = 0.75;

/** Sorted keys; above depth 0 each is the least that may stand in the page beside it, but for the first. */
export interface Page {
  readonly depth: number;
  readonly keys: readonly string[];
  readonly children: readonly string[];
}

export const EMPTY_PAGE: Page = { depth: 0, keys: [], children: [] };

/** Drawn, so that no count of pages need be kept, and none given twice by a folder that was put back. */
export function newPageId(): string {
  return randomBytes(ID_BYTES).toString('base64url');
}

export function encodePage({ depth, keys, children }: Page): Uint8Array {
  const bytes = Buffer.alloc(PAGE_BYTES);
  let at = bytes.writeUInt16BE(keys.length, bytes.writeUInt8(depth, 0));
  let before: Uint8Array = Buffer.alloc(0);
  for (const [i, key] of keys.entries()) {
    const name = Buffer.from(key);
    const shared = sharedBytes(before, name);
    at = bytes.writeUInt16BE(name.length - shared, bytes.writeUInt8(shared, at));
    at += name.copy(bytes, at, shared);
    if (depth > 0) at += bytes.write(children[i] ?? '', at, 'base64url');
    before = name;
  }
  return bytes;
}

/** Of bytes that were authenticated. */
export function decodePage(payload: Uint8Array): Page {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const [depth, count] = [bytes.readUInt8(0), bytes.readUInt16BE(1)];
  const [keys, children]: [string[], string[]] = [[], []];
  let before = Buffer.alloc(0);
  for (let at = HEAD_BYTES; keys.length < count; ) {
    const restAt = at + ENTRY_BYTES;
    at = restAt + bytes.readUInt16BE(at + 1);
    before = Buffer.concat([
      before.subarray(0, bytes.readUInt8(restAt - ENTRY_BYTES)),
      bytes.subarray(restAt, at),
    ]);
    keys.push(before.toString());
    if (depth > 0) children.push(bytes.toString('base64url', at, at + ID_BYTES));
    if (depth > 0) at += ID_BYTES;
  }
  return { depth, keys, children };
}

export function bytesOf(page: Page): number {
  return HEAD_BYTES + sumOf(sizesOf(page));
}

/**
 * The same entries in as few pages as hold them or one more, none where there are none: all alike full, as keys want it that
 * come anywhere, or with `isAppended` three quarters and a rest, for keys of which each new one is the last.
 */
export function cut(page: Page, isAppended: boolean): Page[] {
  if (page.keys.length === 0) return [];
  const total = bytesOf(page);
  if (total <= PAGE_BYTES) return [page];
  const bounds =
    isAppended && total <= 1.5 * PAGE_BYTES
      ? [APPENDED_SHARE * PAGE_BYTES]
      : evenBounds(total, Math.ceil(total / PAGE_BYTES));
  const parts = cutAt(page, bounds);
  return parts.every(fits) ? parts : filled(page);
}

/** A page begins with all of its first key, so that even parts can outgrow it: then full ones, and two halves at the end. */
function filled(page: Page): Page[] {
  const starts = [0];
  let size = HEAD_BYTES;
  for (const [i, more] of sizesOf(page).entries()) {
    if (size + more > PAGE_BYTES) {
      starts.push(i);
      size = bytesOf(partOf(page, i, i + 1));
    } else size += more;
  }
  const half = starts.at(-2) ?? 0;
  const end = partOf(page, half);
  const halves = cutAt(end, evenBounds(bytesOf(end), 2));
  const full = starts.map((start, part) => partOf(page, start, starts[part + 1]));
  return halves.every(fits) ? [...full.slice(0, -2), ...halves] : full;
}

function evenBounds(total: number, count: number): number[] {
  return Array.from({ length: count - 1 }, (_, i) => (total * (i + 1)) / count);
}

/** Where so many bytes of entries are before it a part begins; none is empty. */
function cutAt(page: Page, bounds: readonly number[]): Page[] {
  const starts = [0];
  let [before, bound] = [0, 0];
  for (const [i, size] of sizesOf(page).entries()) {
    const isBehind = before + size / 2 >= (bounds[bound] ?? Number.POSITIVE_INFINITY);
    if (isBehind && i > 0) starts.push(i);
    while (before + size / 2 >= (bounds[bound] ?? Number.POSITIVE_INFINITY)) bound += 1;
    before += size;
  }
  return starts.map((start, part) => partOf(page, start, starts[part + 1]));
}

function partOf({ depth, keys, children }: Page, start: number, end?: number): Page {
  return { depth, keys: keys.slice(start, end), children: children.slice(start, end) };
}

function fits(page: Page): boolean {
  return bytesOf(page) <= PAGE_BYTES;
}

/** Of each entry, the first of them with all of its key. */
function sizesOf({ keys, depth }: Page): number[] {
  let before: Uint8Array = Buffer.alloc(0);
  return keys.map((key) => {
    const name = Buffer.from(key);
    const rest = name.length - sharedBytes(before, name);
    before = name;
    return ENTRY_BYTES + rest + (depth > 0 ? ID_BYTES : 0);
  });
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Whether a key begins with half of the one before it, as far as an entry can say. */
export function sharesHalf(before: string, key: string): boolean {
  const [one, other] = [Buffer.from(before), Buffer.from(key)];
  return 2 * sharedBytes(one, other) >= Math.min(one.length, SHARED_MAX);
}

function sharedBytes(one: Uint8Array, other: Uint8Array): number {
  const most = Math.min(one.length, other.length, SHARED_MAX);
  let shared = 0;
  while (shared < most && one[shared] === other[shared]) shared += 1;
  return shared;
}
