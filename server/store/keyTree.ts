/**
 * Keys in their order, as a tree of pages of which a few are in memory: what is added, taken away, and read between two.
 *
 * Promises: a change of a key reads and writes the page that it is in; a page that overflows, or is nearly empty, touches
 * its neighbour and those above, never more. The root keeps its name. All pages that hold keys are equally deep. What parts
 * two pages is a beginning of a key that is there: what was taken away is in no page.
 * For `keptOrder.ts`.
 */
import { Fault } from '../domain/base/fault.ts';
import { bytesOf, cut, EMPTY_PAGE, newPageId, PAGE_BYTES, type Page, sharesHalf } from './keyPages.ts';
import type { Range } from './store.ts';

export const ROOT = 'root';
/** A page with less is joined with its neighbour. */
const LEAST_BYTES = PAGE_BYTES / 4;

export interface KeyChange {
  readonly key: string;
  /** Added, or else taken away; what is so already stays. */
  readonly isThere: boolean;
}

/** Pages by their ids. `read` shows what `write` gave; undefined takes a page away. */
export interface Pages {
  read(id: string): Page;
  write(id: string, page: Page | undefined): void;
}

/** Of changes in the order of their keys, none of them twice. */
export function changeKeys(pages: Pages, changes: readonly KeyChange[]): void {
  const before = pages.read(ROOT);
  let root = changed(pages, before, changes);
  if (root === before) return;
  for (let parts = cut(root, isAppended(before, root)); parts.length > 1; parts = cut(root, false)) {
    const pieces = put(pages, { from: '', id: newPageId() }, parts);
    root = pageOver(pieces, root.depth + 1);
  }
  while (root.depth > 0 && root.children.length <= 1) {
    const [only] = root.children;
    root = only === undefined ? EMPTY_PAGE : pages.read(only);
    if (only !== undefined) pages.write(only, undefined);
  }
  pages.write(ROOT, root);
}

/** In order, or backwards; pages are read as they are come to. */
export function* keysBetween(read: Pages['read'], range: Range): Generator<string> {
  let left = range.limit ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return;
  for (const key of keysBelow(read, ROOT, range)) {
    yield key;
    left -= 1;
    if (left <= 0) return;
  }
}

function* keysBelow(read: Pages['read'], id: string, range: Range): Generator<string> {
  const { gte, gt, lt, lte, reverse = false } = range;
  const [low, high] = [gte ?? gt, lt ?? lte];
  const { depth, keys, children } = read(id);
  for (let i = reverse ? keys.length - 1 : 0; i >= 0 && i < keys.length; i += reverse ? -1 : 1) {
    const key = keys[i] ?? '';
    if (depth === 0) {
      const isBefore = (gte !== undefined && key < gte) || (gt !== undefined && key <= gt);
      const isBehind = (lt !== undefined && key >= lt) || (lte !== undefined && key > lte);
      if (!isBefore && !isBehind) yield key;
      continue;
    }
    const next = keys[i + 1];
    const isBefore = low !== undefined && next !== undefined && next <= low;
    const isBehind = high !== undefined && i > 0 && key > high;
    if (!isBefore && !isBehind) yield* keysBelow(read, children[i] ?? '', range);
  }
}

interface Piece {
  readonly from: string;
  readonly id: string;
}

/** What the page says after the changes, however much that is; the page itself where it says the same. */
function changed(pages: Pages, page: Page, changes: readonly KeyChange[]): Page {
  if (page.depth === 0) return merged(page, changes);
  const pieces: Piece[] = [];
  const small = new Set<string>();
  let at = 0;
  for (const [i, id] of page.children.entries()) {
    const next = page.keys[i + 1];
    const start = at;
    while (at < changes.length && (next === undefined || (changes[at]?.key ?? '') < next)) at += 1;
    const piece = { from: page.keys[i] ?? '', id };
    if (start === at) pieces.push(piece);
    else pieces.push(...changedChild(pages, piece, changes.slice(start, at), small));
  }
  join(pages, pieces, small);
  const isSame =
    pieces.length === page.children.length &&
    pieces.every(({ from, id }, i) => from === page.keys[i] && id === page.children[i]);
  return isSame ? page : pageOver(pieces, page.depth);
}

function changedChild(
  pages: Pages,
  piece: Piece,
  changes: readonly KeyChange[],
  small: Set<string>,
): Piece[] {
  const before = pages.read(piece.id);
  const after = changed(pages, before, changes);
  const isGone = ({ key, isThere }: KeyChange) => !isThere && key.startsWith(piece.from);
  const from = piece.from !== '' && changes.some(isGone) ? fromAgain(pages, piece.from, after) : piece.from;
  if (after === before) return [{ from, id: piece.id }];
  if (after.keys.length < before.keys.length && bytesOf(after) < LEAST_BYTES) small.add(piece.id);
  return put(pages, { from, id: piece.id }, cut(after, isAppended(before, after)));
}

/** The same while a key begins so; otherwise as little as does of the first that is there. */
function fromAgain(pages: Pages, from: string, page: Page): string {
  let at = page;
  while (at.depth > 0 && at.children[0] !== undefined) at = pages.read(at.children[0]);
  const [first = from] = at.keys;
  return first.startsWith(from) ? from : parting(from, first);
}

/** The first part keeps the page. */
function put(pages: Pages, { from, id }: Piece, parts: readonly Page[]): Piece[] {
  if (parts.length === 0) pages.write(id, undefined);
  return parts.map((part, i) => {
    const piece = { from: fromOf(parts, i, from), id: i === 0 ? id : newPageId() };
    pages.write(piece.id, part.depth === 0 ? part : { ...part, keys: ['', ...part.keys.slice(1)] });
    return piece;
  });
}

/** Puts what is nearly empty together with its neighbour. */
function join(pages: Pages, pieces: Piece[], small: ReadonlySet<string>): void {
  for (let i = 0; i < pieces.length && pieces.length > 1; i++) {
    if (!small.has(pieces[i]?.id ?? '')) continue;
    const at = Math.max(0, i - 1);
    const [left, right] = pieces.slice(at, at + 2) as [Piece, Piece];
    const [one, other] = [pages.read(left.id), pages.read(right.id)];
    pages.write(right.id, undefined);
    // Above keys the first of a page says nothing within it, and behind others has to: what parts the two pages.
    const behind = other.depth === 0 ? other.keys : [right.from, ...other.keys.slice(1)];
    const whole = {
      depth: one.depth,
      keys: [...one.keys, ...behind],
      children: [...one.children, ...other.children],
    };
    pieces.splice(at, 2, ...put(pages, left, cut(whole, false)));
    i = at;
  }
}

function merged(page: Page, changes: readonly KeyChange[]): Page {
  const keys: string[] = [];
  let [at, isSame] = [0, true];
  for (const { key, isThere } of changes) {
    while (at < page.keys.length && (page.keys[at] ?? '') < key) keys.push(page.keys[at++] ?? '');
    const wasThere = page.keys[at] === key;
    if (wasThere) at += 1;
    if (isThere) keys.push(key);
    isSame &&= isThere === wasThere;
  }
  return isSame ? page : { depth: 0, keys: [...keys, ...page.keys.slice(at)], children: [] };
}

/**
 * Whether keys were added to the end alone, as what is counted up adds them. A key that was drawn comes last now and
 * then and shares little with the one before: cut there, a page would be left with few people's keys.
 */
function isAppended(before: Page, after: Page): boolean {
  const last = before.keys.length - 1;
  const [end, next] = [before.keys[last], after.keys[last + 1]];
  if (end === undefined || next === undefined || after.keys[last] !== end) return false;
  return sharesHalf(end, next);
}

/** The first key is left empty: what parts the page from the one before stands in the page above. */
function pageOver(pieces: readonly Piece[], depth: number): Page {
  const keys = pieces.map(({ from }, i) => (i === 0 ? '' : from));
  return { depth, keys, children: pieces.map(({ id }) => id) };
}

/** What parts it from the one before: of keys as little as does. */
function fromOf(parts: readonly Page[], at: number, first: string): string {
  const least = parts[at]?.keys[0] ?? '';
  if (at === 0 || parts[at]?.depth !== 0) return at === 0 ? first : least;
  const before = parts[at - 1]?.keys.at(-1) ?? '';
  // Only of a page that somebody put back: nothing parts a key from itself.
  if (before >= least) throw new Fault('keys stand in pages out of their order', { retryable: false });
  return parting(before, least);
}

/** As little of `least` as comes behind `before`. */
function parting(before: string, least: string): string {
  let shared = 0;
  while (least[shared] === before[shared]) shared += 1;
  const short = least.slice(0, shared + 1);
  return short.isWellFormed() ? short : least;
}
