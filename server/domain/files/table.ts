/**
 * The rules every list of people keeps, whatever its columns: one header, whole rows, each id once, units that
 * are units, and the count and total its sender declared.
 *
 * Promises: a consumer of rows, so that a whole text and a stream are judged alike; refusals come in the order
 * of lines and hold no value of the file; where one id stands on several lines neither is known to be right and
 * all are refused. Memory is one item and one key a row. Pure; the readers of registrations and rolls call it.
 */

import type { Place, Refusal } from '../base/refusal.ts';
import { refusal } from '../base/refusal.ts';
import type { ChosenColumns, UsualNames } from './columns.ts';
import { findColumns } from './columns.ts';
import type { RowConsumer } from './csv.ts';
import { asciiDigits, keyOf } from './key.ts';
import { textFlaw } from './text.ts';

/** What the ledger's word for one person holds (docs/ledger-format.md). */
const MAX_UNITS = 2 ** 24 - 1;

/** One row, as the rules of a list see it. */
export interface Row<F extends string> {
  readonly line: number;
  /** Trimmed; undefined where there is no column, nothing in it, or what is there was refused. */
  value(field: F): string | undefined;
  /** 0 where they were refused. */
  units(field: F): number;
  refuse(code: RowCode, field?: F): void;
}

/** Refusals without holes, of one value. */
export type RowCode =
  | 'person-unidentified'
  | 'person-id-missing'
  | 'national-id-missing'
  | 'phone-missing'
  | 'phone-malformed'
  | 'units-missing'
  | 'units-not-whole'
  | 'units-not-positive'
  | 'units-too-large'
  | 'value-mangled'
  | 'text-too-long'
  | 'text-not-utf8'
  | 'text-malformed';

export interface TableRules<F extends string, Item> {
  readonly usual: UsualNames<F>;
  readonly chosen: ChosenColumns<F>;
  readonly required: readonly F[];
  /** The field that may not repeat, and what its repetition is called. */
  readonly unique: F;
  readonly repeated: 'national-id-repeated' | 'person-id-repeated';
  idOf(row: Row<F>): string | undefined;
  /** Not kept if anything of the row was refused. */
  itemOf(row: Row<F>): Item;
}

/** What the sender says it sent, and whether one refused line costs the others. */
export interface TableTerms {
  readonly declaredCount?: number | undefined;
  readonly declaredUnits?: bigint | undefined;
  readonly onRefusal?: 'keep-good-lines' | 'refuse-file' | undefined;
}

export interface TableRead<F extends string, Item> {
  /** Rows of data, good or not. */
  readonly read: number;
  /** Of all rows whose units could be read. */
  readonly units: bigint;
  readonly items: readonly Item[];
  readonly refused: readonly Refusal[];
  /** Nothing of the file may be used: a refusal of the file itself says why. */
  readonly isRefusedWhole: boolean;
  /** Which column was read as which field. */
  readonly columns: ReadonlyMap<F, string>;
  /** Names of the columns that were not read. */
  readonly ignored: readonly string[];
}

export function tableReader<F extends string, Item>(
  rules: TableRules<F, Item>,
  terms: TableTerms,
): RowConsumer<TableRead<F, Item>> {
  let header: Header<F> | undefined;
  const items: (Item | undefined)[] = [];
  const lines: number[] = [];
  const refused: Refusal[] = [];
  /** Of each id the row that had it first, and the rows of those that several have. */
  const bearers = new Map<string, number>();
  const repeated = new Map<string, number[]>();
  let units = 0n;

  function consume(cells: readonly string[], line: number): void {
    if (header === undefined) {
      header = headerOf(cells, rules);
      return;
    }
    if (header.refused.length > 0) return;
    const place = lines.push(line) - 1;
    const row = rowOf(cells, line, header);
    const key = keyOf(rules.idOf(row) ?? '');
    const first = bearers.get(key);
    if (key !== '' && first === undefined) bearers.set(key, place);
    if (first !== undefined) {
      const others = repeated.get(key);
      if (others === undefined) repeated.set(key, [first, place]);
      else others.push(place);
    }
    const item = row.isWhole ? rules.itemOf(row) : undefined;
    units += BigInt(row.unitsRead);
    items.push(row.refused.length === 0 ? item : undefined);
    refused.push(...row.refused);
  }

  function finish(fault?: Refusal): TableRead<F, Item> {
    const columns = header?.columns ?? new Map();
    for (const rows of repeated.values()) {
      for (const place of rows) {
        items[place] = undefined;
        const at = { line: lines[place] ?? 0, field: columns.get(rules.unique) ?? rules.unique };
        refused.push(refusal(rules.repeated, { lines: rows.length }, at));
      }
    }
    const whole = [...(fault ? [fault] : []), ...(header?.refused ?? [])];
    if (whole.length === 0) whole.push(...differences(items, units, terms));
    const good = items.filter((item) => item !== undefined);
    if (whole.length === 0 && refused.length > 0 && terms.onRefusal === 'refuse-file') {
      whole.push(refusal('file-has-refused-lines', { count: items.length - good.length }));
    }
    return {
      read: items.length,
      units,
      items: whole.length === 0 ? good : [],
      refused: [...whole, ...refused.sort((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0))],
      isRefusedWhole: whole.length > 0,
      columns,
      ignored: header?.ignored ?? [],
    };
  }

  return { consume, finish };
}

function differences(items: readonly unknown[], units: bigint, terms: TableTerms): Refusal[] {
  const { declaredCount = items.length, declaredUnits = units } = terms;
  const found: Refusal[] = [];
  if (items.length === 0) found.push(refusal('file-empty'));
  if (declaredCount !== items.length) {
    found.push(refusal('declared-count-differs', { declared: declaredCount, found: items.length }));
  }
  if (declaredUnits !== units) {
    found.push(refusal('declared-total-differs', { declared: declaredUnits, found: units }));
  }
  return found;
}

interface Header<F extends string> {
  readonly width: number;
  readonly places: ReadonlyMap<F, number>;
  readonly columns: ReadonlyMap<F, string>;
  readonly ignored: readonly string[];
  readonly refused: readonly Refusal[];
}

function headerOf<F extends string>(cells: readonly string[], rules: TableRules<F, unknown>): Header<F> {
  const names = cells.map((cell) => cell.trim());
  const { places, refused } = findColumns<F>(names, rules.usual, rules.chosen, rules.required);
  const used = new Set(places.values());
  // a file without a header would show its first row of people here
  const isHeader = refused.length === 0;
  return {
    width: names.length,
    places,
    columns: new Map([...places].map(([field, place]) => [field, names[place] ?? ''])),
    ignored: isHeader ? names.filter((name, place) => !used.has(place) && textFlaw(name) === undefined) : [],
    refused,
  };
}

interface OpenRow<F extends string> extends Row<F> {
  /** False where cells and columns cannot be matched. */
  readonly isWhole: boolean;
  readonly refused: readonly Refusal[];
  readonly unitsRead: number;
}

const UNKNOWN_UNITS = 0;

function rowOf<F extends string>(cells: readonly string[], line: number, header: Header<F>): OpenRow<F> {
  const refused: Refusal[] = [];
  const judged = new Set<F>();
  let unitsRead = 0;
  const isWhole = cells.length === header.width;
  if (!isWhole)
    refused.push(refusal('row-ragged', { found: cells.length, expected: header.width }, { line }));
  const place = (field: F | undefined): Place =>
    field === undefined ? { line } : { line, field: header.columns.get(field) ?? field };
  const row: OpenRow<F> = {
    line,
    isWhole,
    refused,
    get unitsRead() {
      return unitsRead;
    },
    refuse(code, field) {
      refused.push(refusal(code, undefined, place(field)));
    },
    value(field) {
      const at = header.places.get(field);
      const value = at === undefined || !isWhole ? '' : (cells[at] ?? '').trim();
      if (value === '' || PLACEHOLDER.test(value)) return undefined;
      const flaw = MANGLED.test(value) ? 'value-mangled' : textFlaw(value);
      if (flaw === undefined) return value;
      if (!judged.has(field)) row.refuse(flaw, field);
      judged.add(field);
      return undefined;
    },
    units(field) {
      const before = refused.length;
      const written = row.value(field);
      if (refused.length > before) return UNKNOWN_UNITS;
      const flaw = written === undefined ? 'units-missing' : unitsFlaw(asciiDigits(written));
      if (flaw !== undefined) {
        row.refuse(flaw, field);
        return UNKNOWN_UNITS;
      }
      unitsRead = Number(asciiDigits(written ?? ''));
      return unitsRead;
    },
  };
  return row;
}

/** What clerks write where there is nothing: it must not make two people without papers one person (AA6). */
const PLACEHOLDER = /^(?:[-–—.?*x]+|n\.?\/?a\.?|none|nil|null|unknown)$/i;

/** What spreadsheets make of long numbers and of failed formulas. */
const MANGLED = /^(?:\d+(?:[.,]\d+)?e\+?\d+|#(?:n\/a|ref!|value!|name\?|div\/0!|null!|num!))$/i;

function unitsFlaw(written: string): RowCode | undefined {
  if (/^-\d+(?:[.,]\d+)?$/.test(written) || /^0+$/.test(written)) return 'units-not-positive';
  if (!/^\d+$/.test(written)) return 'units-not-whole';
  return Number(written) > MAX_UNITS ? 'units-too-large' : undefined;
}
