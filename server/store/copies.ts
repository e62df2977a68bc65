/**
 * A store as it lies at one moment: its sealed rows, and a store made of such rows.
 *
 * Hides level's snapshots. Promises: the rows of a copy are those of one moment, however long they are read and whatever is
 * written meanwhile; they are sealed, and nothing is opened; a store is laid whole and synced, in a folder that was empty.
 * `levelStore.ts` gives copies, `backupFile.ts` carries them.
 */
import { closeLevel, openLevel, type RawLevel, rowsOf } from './level.ts';
import type { Moment } from './moments.ts';

/** A row at the place and in the seal in which it lies. */
export type LyingRow = readonly [place: string, sealed: Uint8Array];

export interface Copy {
  rows(): AsyncIterable<LyingRow>;
  /** Until then what is scrubbed may be on disk for it. */
  close(): Promise<void>;
}

export function copyAt(level: RawLevel, moment: Moment): Copy {
  return { rows: () => rowsOf(level, { snapshot: moment.snapshot }), close: () => moment.left() };
}

/** Rows of one write: a few MiB, so that none is held longer than it has to be. */
const ROWS_A_WRITE = 1_024;
const BYTES_A_WRITE = 4 * 2 ** 20;

/** The name of the table in level's own key of a row. */
export function tableOf(place: string): string {
  return place.slice(1, place.indexOf('!', 1));
}

export async function layStore(folder: string, rows: AsyncIterable<LyingRow>): Promise<void> {
  const level = await openLevel(folder, { compression: false });
  try {
    let [gathered, bytes] = [[] as { type: 'put'; key: string; value: Uint8Array }[], 0];
    for await (const [key, value] of rows) {
      gathered.push({ type: 'put', key, value });
      bytes += value.length;
      if (gathered.length < ROWS_A_WRITE && bytes < BYTES_A_WRITE) continue;
      await level.batch(gathered);
      [gathered, bytes] = [[], 0];
    }
    await level.batch(gathered, { sync: true });
  } finally {
    await closeLevel(level);
  }
}
