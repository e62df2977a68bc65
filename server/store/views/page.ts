/** How every list of the views is read: a page at a time, from where the last one ended. */
import type { DisposableStore, View } from '../disposable.ts';

export interface PageRequest {
  /** `next` of the page before. */
  readonly after?: string;
  /** Rows wanted; at most `MAX_PAGE_ROWS` are given. */
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

const PAGE_ROWS = 50;
/** A row is at most a unit's state of some 20 KB, so a page stays under 10 MB in memory. */
export const MAX_PAGE_ROWS = 500;

/** A page of the rows under a prefix, in the order of their keys. */
export async function pageOf<T>(
  store: DisposableStore,
  view: View<T>,
  prefix: string,
  { after, limit = PAGE_ROWS, newestFirst = false }: PageRequest,
): Promise<Page<T>> {
  const most = Math.min(Math.max(limit, 1), MAX_PAGE_ROWS);
  const first = prefix === '' ? '' : `${prefix}/`;
  const end = prefix === '' ? undefined : `${prefix}0`; // '0' is the byte after '/'
  const range = {
    reverse: newestFirst,
    limit: most + 1, // one more tells whether there is a next page
    ...(after !== undefined && !newestFirst ? { gt: first + after } : { gte: first }),
    ...(after !== undefined && newestFirst ? { lt: first + after } : end !== undefined && { lt: end }),
  };
  const rows: T[] = [];
  let last: string | undefined;
  for await (const [key, row] of store.range(view, range)) {
    if (rows.length === most) return { rows, ...(last !== undefined && { next: last }) };
    rows.push(row);
    last = key.slice(first.length);
  }
  return { rows };
}
