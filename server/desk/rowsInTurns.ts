/** What becomes of the rows of a page, some at a time: a page of five hundred in words lets others be answered in between. */
import { setImmediate } from 'node:timers/promises';

const ROWS_AT_ONCE = 16;

/** In the order of the rows. */
export async function rowsInTurns<T, R>(rows: readonly T[], work: (row: T) => Promise<R> | R): Promise<R[]> {
  const done: R[] = [];
  for (let first = 0; first < rows.length; first += ROWS_AT_ONCE) {
    if (first > 0) await setImmediate();
    done.push(...(await Promise.all(rows.slice(first, first + ROWS_AT_ONCE).map(work))));
  }
  return done;
}
