/**
 * The keys of one table in their order, in memory: on disk they lie under names that have none.
 *
 * Promises: what `between` gave stays as it was, whatever is added or taken away while it is read. Pieces are never
 * changed but replaced, so that a reading holds on to those of its moment.
 */
import type { Range } from './store.ts';

const PIECE_KEYS_MAX = 512;

export class SortedKeys {
  /** Each is sorted, none is empty, and all of one come before all of the next. */
  #pieces: (readonly string[])[];
  /** A reading may hold on to the list of pieces itself. */
  #isShared = false;

  /** Of keys in any order, none of them twice. */
  constructor(keys: readonly string[] = []) {
    const sorted = [...keys].sort();
    this.#pieces = [];
    for (let at = 0; at < sorted.length; at += PIECE_KEYS_MAX / 2)
      this.#pieces.push(sorted.slice(at, at + PIECE_KEYS_MAX / 2));
  }

  add(key: string): void {
    const at = Math.min(firstAtLeast(this.#pieces, key, lastOf), Math.max(0, this.#pieces.length - 1));
    const piece = this.#pieces[at] ?? [];
    const place = firstAtLeast(piece, key, itself);
    if (piece[place] === key) return;
    const grown = piece.toSpliced(place, 0, key);
    const half = PIECE_KEYS_MAX / 2;
    this.#replace(at, grown.length > PIECE_KEYS_MAX ? [grown.slice(0, half), grown.slice(half)] : [grown]);
  }

  delete(key: string): void {
    const at = firstAtLeast(this.#pieces, key, lastOf);
    const piece = this.#pieces[at] ?? [];
    const place = firstAtLeast(piece, key, itself);
    if (piece[place] !== key) return;
    const left = piece.toSpliced(place, 1);
    this.#replace(at, left.length === 0 ? [] : [left]);
  }

  /** As the keys stand now. */
  between(range: Range): Iterable<string> {
    this.#isShared = true;
    return read(this.#pieces, range);
  }

  #replace(at: number, pieces: readonly (readonly string[])[]): void {
    if (this.#isShared) this.#pieces = [...this.#pieces];
    this.#isShared = false;
    this.#pieces.splice(at, 1, ...pieces);
  }
}

function* read(pieces: readonly (readonly string[])[], range: Range): Generator<string> {
  const { gte, gt, lt, lte, reverse = false, limit = Number.POSITIVE_INFINITY } = range;
  const isBefore = (key: string) => (gte !== undefined && key < gte) || (gt !== undefined && key <= gt);
  const isBehind = (key: string) => (lt !== undefined && key >= lt) || (lte !== undefined && key > lte);
  const [isOver, edge] = reverse ? [isBefore, lt ?? lte] : [isBehind, gte ?? gt];
  const isOutside = reverse ? isBehind : isBefore;
  const step = reverse ? -1 : 1;
  const last = pieces.length - 1;
  const start =
    edge === undefined ? (reverse ? last : 0) : Math.min(firstAtLeast(pieces, edge, lastOf), last);
  let left = limit;
  for (let at = start; at >= 0 && at <= last; at += step) {
    const piece = pieces[at] ?? [];
    for (let i = reverse ? piece.length - 1 : 0; i >= 0 && i < piece.length; i += step) {
      const key = piece[i] ?? '';
      if (isOutside(key)) continue;
      if (isOver(key) || left <= 0) return;
      left -= 1;
      yield key;
    }
  }
}

const itself = (key: string) => key;
const lastOf = (piece: readonly string[]) => piece.at(-1) ?? '';

/** The place of the first of them that is at least the key. */
function firstAtLeast<T>(sorted: readonly T[], key: string, keyOf: (one: T) => string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(sorted[middle] as T) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
