/**
 * How every list of the views is read: a page at a time, from where the last one ended.
 *
 * Promises: a cursor that this list never answered is refused, and does not begin the list anew; a page reads its rows, one
 * more and their count, however long the list is.
 */
import { createHash } from 'node:crypto';
import { cursorOf, placeOfCursor } from '../../domain/base/cursor.ts';
import { refusal } from '../../domain/base/refusal.ts';
import type { DisposableStore, ListView } from '../disposable.ts';

export interface PageRequest {
  /** `next` of the page before. */
  readonly after?: string;
  /** Rows wanted; at most `MAX_PAGE_ROWS` are given. */
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

export interface Page<T> {
  /** Rows of the whole list, of all its pages. */
  readonly total: number;
  readonly rows: readonly T[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

const PAGE_ROWS = 50;
/** Hex digits before the key: enough to tell what was misspelt, made up, or is another list's. */
const CHECK_DIGITS = 8;
/** A row is at most a unit's state of some 20 KB, so a page stays under 10 MB in memory. */
export const MAX_PAGE_ROWS = 500;

/** A page of the rows under a prefix, in the order of their keys. Refuses as `cursor-unknown`. */
export function pageOf<T>(
  store: DisposableStore,
  view: ListView<T>,
  prefix: string,
  request: PageRequest,
): Promise<Page<T>> {
  return pageOfAll(store, view, [prefix], request);
}

/** The same of the rows under several prefixes as one list, in the order of what stands behind these. */
export async function pageOfAll<T>(
  store: DisposableStore,
  view: ListView<T>,
  prefixes: readonly string[],
  { after, limit = PAGE_ROWS, newestFirst = false }: PageRequest,
): Promise<Page<T>> {
  const most = Math.min(Math.max(limit, 1), MAX_PAGE_ROWS);
  const list = `${view.name}/${prefixes.join('+')}`;
  const from = after === undefined ? undefined : keyIn(list, after);
  const sizes = await Promise.all(prefixes.map((prefix) => store.size(view, prefix)));
  const found: { readonly key: string; readonly row: T }[] = [];
  for (const prefix of prefixes) {
    const first = prefix === '' ? '' : `${prefix}/`;
    const end = prefix === '' ? undefined : `${prefix}0`; // '0' is the byte after '/'
    const range = {
      reverse: newestFirst,
      limit: most + 1, // one more tells whether there is a next page
      ...(from !== undefined && !newestFirst ? { gt: first + from } : { gte: first }),
      ...(from !== undefined && newestFirst ? { lt: first + from } : end !== undefined && { lt: end }),
    };
    for await (const [key, row] of store.range(view, range)) {
      found.push({ key: key.slice(first.length), row });
    }
  }
  const inOrder = newestFirst ? -1 : 1;
  if (prefixes.length > 1) found.sort((one, other) => (one.key < other.key ? -inOrder : inOrder));
  const shown = found.slice(0, most);
  const last = found.length > most ? shown.at(-1) : undefined;
  return {
    total: sizes.reduce((sum, size) => sum + size, 0),
    rows: shown.map(({ row }) => row),
    ...(last !== undefined && { next: nextOf(list, last.key) }),
  };
}

function nextOf(list: string, key: string): string {
  const check = createHash('sha256').update(`${list}/${key}`).digest('hex');
  return cursorOf(`${check.slice(0, CHECK_DIGITS)}${key}`);
}

function keyIn(list: string, cursor: string): string {
  const key = placeOfCursor(cursor)?.slice(CHECK_DIGITS);
  if (key === undefined || nextOf(list, key) !== cursor)
    throw refusal('cursor-unknown', undefined, { field: '/query/after' });
  return key;
}
