/**
 * Which row of a list holds the names of its columns, and which column is which field.
 *
 * Promises: the first of a few rows that names what the list must have is the header; a row of HXL tags beside it names
 * fields too and is no person, as one that counts the columns is none; names on two lines are read together; where no row does, the first row is refused with what it lacks, and no cell of it is
 * said, for it may be a person. Pure; `table.ts` calls it.
 */
import { type Refusal, refusal } from '../base/refusal.ts';
import { type Warning, warning } from '../base/warning.ts';
import { type ColumnRules, findColumns, isUsual, type UsualNames } from './columns.ts';
import type { RowMarks } from './csv.ts';
import { textFlaw, trimmed } from './text.ts';

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
  // a list on its side has names of columns in each row, and cells of people behind them
  const isFound = ({ refused: [why] }: Header<F>) => why === undefined || why.code === 'list-transposed';
  return shown.find(isFound) ?? withLostLetters(first, rows);
}

/** Names in another character set are none that anybody knows: that is why they were not found, and stands first. */
function withLostLetters<F extends string>(header: Header<F>, rows: readonly SampleRow[]): Header<F> {
  const isLost = ({ cells }: SampleRow) => cells.some((cell) => textFlaw(cell) === 'text-not-utf8');
  const lost = rows.slice(0, HEADER_WITHIN_ROWS).find(isLost);
  if (lost === undefined) return header;
  const refused = [refusal('text-not-utf8', undefined, { line: lost.line }), ...header.refused];
  return Object.assign({}, header, { refused });
}

function headerAt<F extends string>(
  rows: readonly SampleRow[],
  at: number,
  rules: HeaderRules<F>,
): Header<F> {
  const row = rows[at];
  const upper = namesOf(row);
  const ruled = isRule(rows[at + 1]) ? 1 : 0;
  const second = secondNames(upper, rows[at + 1 + ruled], rules);
  const names = second ?? upper;
  let below = at + ruled + (second === undefined ? 1 : 2);
  const own = isTagged(row) ? row : undefined;
  const tagged = own ?? (isTagged(rows[below]) ? rows[below] : undefined);
  if (tagged !== undefined && own === undefined) below += 1;
  const counted = isCounting(rows[below], names) ? rows[below] : undefined;
  if (counted !== undefined) below += 1;
  const data = rows.slice(below);
  const isFilled = (place: number) => data.some(({ cells }) => (cells[place] ?? '').trim() !== '');
  const chosen = tagged === undefined ? rules.chosen : withTags(rules, names, tagged.cells);
  const found = findColumns<F>(names, { ...rules, chosen }, isFilled);
  const used = new Set(found.places.values());
  const isLaid = found.refused.length === 0 && isLying(names, data, rules.usual);
  const isHeader = found.refused.length === 0 && !isLaid;
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
    columns: new Map(
      [...found.places].map(([field, place]) => [field, names[place] || `column ${place + 1}`]),
    ),
    present: sayable,
    ignored: isHeader
      ? names.filter((name, place) => name !== '' && !used.has(place) && textFlaw(name) === undefined)
      : [],
    refused: isLaid ? [refusal('list-transposed')] : found.refused,
    warnings: [
      ...above,
      ...(second === undefined ? [] : [warning('header-two-lines', {}, { line: row?.line ?? 0 })]),
      ...(counted === undefined ? [] : [warning('columns-numbered', {}, { line: counted.line })]),
      ...found.warnings,
      ...nameless,
    ],
  };
}

function namesOf(row: SampleRow | undefined): string[] {
  return row?.cells.map((cell) => trimmed(cell.replace(/\s+/g, ' '))) ?? [];
}

/**
 * The names of two lines read together: below `Name` and `Contact` stand nothing and `Phone`. A line that has nothing, or the
 * name of a part, where the upper one says who somebody is, and no digit, is of nobody.
 */
function secondNames<F extends string>(
  upper: readonly string[],
  next: SampleRow | undefined,
  rules: HeaderRules<F>,
): string[] | undefined {
  const lower = namesOf(next);
  const { settle: _, ...each } = rules;
  const places = [...findColumns<F>(upper, each).places.values()];
  const isEmpty = lower.every((cell) => cell === '');
  if (places.length === 0 || isEmpty || isTagged(next) || lower.length > upper.length) return undefined;
  if (lower.some((cell) => /\p{N}/u.test(cell))) return undefined;
  let over = '';
  const read = upper.map((name, place) => {
    if (name !== '') over = name;
    const under = lower[place] ?? '';
    if (under === '') return name;
    const both = `${over} ${under}`.trim();
    return isUsual(under, rules.usual) && !isUsual(both, rules.usual) ? under : both;
  });
  // `Name` over `First` and `Last`: where somebody is known by, only what names a column too is nobody's
  const isNobodys = (place: number) => {
    const under = lower[place] ?? '';
    return under === '' || (isUsual(read[place] ?? '', rules.usual) && !isOneName(under, upper[place] ?? ''));
  };
  return places.every(isNobodys) ? read : undefined;
}

/** `|----|----|`: what a text draws below the names of its columns. */
function isRule(row: SampleRow | undefined): boolean {
  const cells = row?.cells.filter((cell) => cell.trim() !== '') ?? [];
  return cells.length > 0 && cells.every((cell) => /^\s*:?[-=_]{2,}:?\s*$/.test(cell));
}

/** `(1) (2) (3)`, as forms number the columns below their names. */
const COUNTS_LEAST = 3;

function isCounting(row: SampleRow | undefined, names: readonly string[]): boolean {
  const cells = row?.cells.map((cell) => cell.replace(/[\s()[\].]/g, '')) ?? [];
  const named = names.filter((name) => name !== '').length;
  const filled = cells.filter((cell) => cell !== '');
  return (
    filled.length >= COUNTS_LEAST &&
    filled.length === named &&
    filled.every((cell, i) => cell === String(i + 1))
  );
}

/** The names stand below one another, and each person in a column: half of the first cells name a field. */
function isLying(names: readonly string[], data: readonly SampleRow[], usual: UsualNames<string>): boolean {
  const [first = ''] = names;
  const firsts = data.map(({ cells }) => trimmed(cells[0] ?? '')).filter((cell) => cell !== '');
  const known = firsts.filter((cell) => isUsual(cell, usual) && cell.toLowerCase() !== first.toLowerCase());
  return isUsual(first, usual) && known.length > 0 && known.length * 2 >= firsts.length;
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
