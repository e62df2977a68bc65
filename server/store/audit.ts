/**
 * Whether the tables of a store are what was written: every row authentic and found under its key, no row missing,
 * foreign or old, and nothing that is in no table. Reads only. `store.ts` calls it, for itself and for whoever checks.
 */
import { Fault } from '../domain/fault.ts';
import { keyOf, type Range, type RawLevel, rawKey, rawRange, rowAt, rowsOf } from './level.ts';
import { decodeTally, EMPTY_TALLY, type RowSeal, type Tally, withRow } from './record.ts';

/** Tallies and the founding row live here; no table may take the name. */
export const TALLIES = 'tallies';

export interface TableReport {
  readonly table: string;
  readonly rows: number;
  readonly expectedRows: number;
  /** Rows that do not authenticate themselves under their key, or are not found under it. */
  readonly damagedRows: number;
  /** True when every row is authentic and the rows are exactly the ones that were written. */
  readonly whole: boolean;
}

/** A Fault where the tally itself is none. */
export async function auditTable(level: RawLevel, seal: RowSeal, table: string): Promise<TableReport> {
  const snapshot = level.snapshot();
  try {
    const raw = rowAt(level, rawKey(TALLIES, table), { snapshot });
    if (raw === undefined) throw damaged(TALLIES);
    const expected = openTally(seal, table, raw);
    const { seen, damagedRows } = await count(level, seal, table, snapshot);
    const whole = damagedRows === 0 && seen.rows === expected.rows && seen.sum === expected.sum;
    return { table, rows: seen.rows + damagedRows, expectedRows: expected.rows, damagedRows, whole };
  } finally {
    await snapshot.close();
  }
}

/** What the audits of the tables do not come by: the tallies one by one, and the gaps between the tables. */
export async function auditRest(
  level: RawLevel,
  seal: RowSeal,
  tables: readonly string[],
): Promise<TableReport> {
  const snapshot = level.snapshot();
  try {
    const { seen, damagedRows } = await count(level, seal, TALLIES, snapshot);
    const ranges = [...tables, TALLIES].map((table) => rawRange(table, {})).sort(byStart);
    let strangers = 0;
    let end = '';
    for (const { gte = '', lt = '' } of ranges) {
      if (await hasRows(level, { gte: end, lt: gte })) strangers++;
      end = lt;
    }
    if (await hasRows(level, { gte: end })) strangers++;
    const rows = seen.rows + damagedRows + strangers;
    const whole = damagedRows + strangers === 0;
    const expectedRows = tables.length + 1; // and the row that says the store was founded
    return { table: TALLIES, rows, expectedRows, damagedRows: damagedRows + strangers, whole };
  } finally {
    await snapshot.close();
  }
}

async function count(
  level: RawLevel,
  seal: RowSeal,
  table: string,
  snapshot: ReturnType<RawLevel['snapshot']>,
): Promise<{ readonly seen: Tally; readonly damagedRows: number }> {
  let seen = EMPTY_TALLY;
  let damagedRows = 0;
  try {
    for await (const [key, value] of rowsOf(level, { ...rawRange(table, {}), snapshot })) {
      const opened = seal.open(table, keyOf(table, key), value);
      // A row may be there and not be found: a bit of the index or of its filter is enough.
      const isFound = rowAt(level, key, { snapshot }) !== undefined;
      if (opened === undefined || !isFound) damagedRows++;
      else seen = withRow(seen, opened.element);
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    damagedRows++; // and whatever stands behind it in the file
  }
  return { seen, damagedRows };
}

export async function hasRows(level: RawLevel, range: Range): Promise<boolean> {
  for await (const _ of rowsOf(level, { ...range, limit: 1 })) return true;
  return false;
}

export function openTally(seal: RowSeal, table: string, raw: Uint8Array): Tally {
  const opened = seal.open(TALLIES, table, raw);
  if (opened === undefined) throw damaged(TALLIES);
  return decodeTally(opened.payload);
}

export function damaged(table: string): Fault {
  return new Fault(`a row of table ${table} is not what was written`, { retryable: false });
}

/** Tables in the order of their keys. */
function byStart({ gte: one = '' }: Range, { gte: other = '' }: Range): number {
  return one < other ? -1 : 1;
}
