/**
 * Which row of a list holds the names of its columns, and which column is which field.
 *
 * Promises: the first of a few rows that names what the list must have is the header; a row of HXL tags beside it names
 * fields too and is no person; where no row does, the first row is refused with what it lacks, and no cell of it is
 * said, for it may be a person. Pure; `table.ts` calls it.
 */
import type { Refusal } from '../base/refusal.ts';
import { type Warning, warning } from '../base/warning.ts';
import { type ColumnRules, findColumns } from './columns.ts';
import type { RowMarks } from './csv.ts';
import { textFlaw } from './text.ts';

/** Rows that show where the header is and which columns hold anything. */
export const SAMPLE_ROWS = 200;
/** Title, date, place and an empty line or two stand above the names of columns. */
const HEADER_WITHIN_ROWS = 10;

export interface SampleRow {
  readonly cells: readonly string[];
  readonly line: number;
  readonly marks?: RowMarks | undefined;
}

export interface Header<F extends string> {
  readonly line: number;
  /** Rows of the sample up to the first person. */
  readonly rows: number;
  /** Cells a row has at least, and those that may hold anything. */
  readonly width: number;
  readonly widest: number;
  readonly places: ReadonlyMap<F, number>;
  readonly columns: ReadonlyMap<F, string>;
  readonly present: readonly string[];
  readonly ignored: readonly string[];
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

export interface HeaderRules<F extends string> extends ColumnRules<F> {
  readonly tags: Readonly<Partial<Record<F, readonly string[]>>>;
}

export function headerAmong<F extends string>(rows: readonly SampleRow[], rules: HeaderRules<F>): Header<F> {
  const candidates = rows.slice(0, HEADER_WITHIN_ROWS).map((_, at) => headerAt(rows, at, rules));
  const shown = candidates.filter((_, at) => rows[at]?.marks?.isHidden !== true);
  const [first = candidates[0]] = shown;
  if (first === undefined) throw new Error('no row is no file');
  return shown.find(({ refused }) => refused.length === 0) ?? first;
}

function headerAt<F extends string>(
  rows: readonly SampleRow[],
  at: number,
  rules: HeaderRules<F>,
): Header<F> {
  const [row, next] = [rows[at], rows[at + 1]];
  const names = row?.cells.map((cell) => cell.replace(/\s+/g, ' ').trim()) ?? [];
  const own = isTagged(row) ? row : undefined;
  const tagged = own ?? (isTagged(next) ? next : undefined);
  const data = rows.slice(at + (tagged === undefined || own !== undefined ? 1 : 2));
  const isFilled = (place: number) => data.some(({ cells }) => (cells[place] ?? '').trim() !== '');
  const chosen = tagged === undefined ? rules.chosen : withTags(rules, names, tagged.cells);
  const found = findColumns<F>(names, { ...rules, chosen }, isFilled);
  const used = new Set(found.places.values());
  const isHeader = found.refused.length === 0;
  const above = at > 0 && row !== undefined ? [warning('rows-above-header', { header: row.line }, {})] : [];
  const unnamed = [...names.keys()].filter((place) => names[place] === '' && isFilled(place));
  const nameless =
    unnamed.length > 0 && isHeader ? [warning('columns-unnamed', { columns: unnamed.length }, {})] : [];
  const sayable = names.filter((name) => isHeader && textFlaw(name) === undefined);
  return {
    line: row?.line ?? 0,
    rows: rows.length - data.length,
    width: lastNamed(names) + 1,
    widest: names.length,
    places: found.places,
    columns: new Map([...found.places].map(([field, place]) => [field, names[place] ?? ''])),
    present: sayable,
    ignored: isHeader
      ? names.filter((name, place) => name !== '' && !used.has(place) && textFlaw(name) === undefined)
      : [],
    refused: found.refused,
    warnings: [...above, ...found.warnings, ...nameless],
  };
}

/** A spreadsheet writes separators behind the last column that was ever used. */
function lastNamed(names: readonly string[]): number {
  return names.findLastIndex((name) => name !== '');
}

/** HXL: a row of hashtags, empty cells allowed. */
function isTagged(row: SampleRow | undefined): boolean {
  const cells = row?.cells.map((cell) => cell.trim()).filter((cell) => cell !== '') ?? [];
  return cells.length > 0 && cells.every((cell) => /^#[a-z]+(?:\s*\+\s*[a-z_0-9]+)*$/i.test(cell));
}

/** A field whose column the officer did not name is the column of its tag, where exactly one has it. */
function withTags<F extends string>(
  { chosen, tags }: HeaderRules<F>,
  names: readonly string[],
  tagCells: readonly string[],
): ColumnRules<F>['chosen'] {
  const written = tagCells.map((cell) => cell.toLowerCase().replace(/\s/g, ''));
  const byTag = Object.entries(tags).flatMap(([field, known]) => {
    const places = [...written.keys()].filter((place) =>
      (known as readonly string[]).includes(written[place] ?? ''),
    );
    const [only, another] = places;
    const name = only === undefined ? undefined : names[only];
    return name === undefined || another !== undefined || chosen[field as F] !== undefined
      ? []
      : [[field, name]];
  });
  return Object.assign(Object.fromEntries(byTag), chosen);
}

/**
 * Whether a row of data names the columns once more: lists are glued together, and long ones printed by pages. In another
 * order it would have everything below it read wrongly.
 */
export function namesAgain<F extends string>(
  cells: readonly string[],
  { places, columns }: Header<F>,
): 'repeated' | 'otherwise' | undefined {
  let [same, moved] = [0, 0];
  for (const [field, place] of places) {
    const name = columns.get(field) ?? '';
    const cell = cells[place] ?? '';
    if (isOneName(cell, name)) same += 1;
    else if (cells.some((other) => isOneName(other, name))) moved += 1;
  }
  if (moved > 0 && same + moved === places.size && places.size > 1) return 'otherwise';
  return same > 0 && moved === 0 && same === places.size ? 'repeated' : undefined;
}

function isOneName(cell: string, name: string): boolean {
  return cell.length >= name.length && cell.trim().toLowerCase() === name.toLowerCase();
}
