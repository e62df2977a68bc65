/**
 * The rules every list of people keeps, whatever its columns: one header, whole rows, each id once, units that
 * are units, and the count and total its sender declared.
 *
 * Promises: a consumer of rows, so that a whole text and a stream are judged alike; the header is the first row of a
 * few that names what the list must have, below any title, and a row of HXL tags is no person; refusals come in the
 * order of lines and hold no value of the file; a column nobody reads cannot refuse a line; where one id stands on
 * several lines neither is known to be right and all are refused. Memory is one item and one key a row. Pure; the
 * readers of registrations and rolls call it.
 */
import type { Place, Refusal } from '../base/refusal.ts';
import { refusal } from '../base/refusal.ts';
import { type Warning, warning } from '../base/warning.ts';
import { type AnswerOf, type Answers, answersFrom, type FileAnswer } from './answers.ts';
import type { ColumnRules } from './columns.ts';
import type { RowConsumer, RowMarks, SheetAbout, Spoilt } from './csv.ts';
import { isNobodyAlone, onlyCell } from './foot.ts';
import { type Header, headerAmong, namesAgain, SAMPLE_ROWS, type SampleRow } from './header.ts';
import { asciiDigits, idKeyOf, NO_NAME, PLACEHOLDER } from './key.ts';
import { isMangled, SPOILT_WORDS, spoiltText } from './spoilt.ts';
import { textFlaw, trimmed } from './text.ts';

/** What the ledger's word for one person holds (docs/ledger-format.md). */
const MAX_UNITS = 2 ** 24 - 1;

/** One row, as the rules of a list see it. */
export interface Row<F extends string> {
  readonly line: number;
  readonly cells: readonly string[];
  /** Whether the file has a column of the field. */
  has(field: F): boolean;
  /** Whether one column is read as both. */
  isOne(field: F, other: F): boolean;
  /** Something of the row was refused already. */
  readonly isRefused: boolean;
  /** Trimmed; undefined where there is no column, nothing in it, or what is there was refused. */
  value(field: F): string | undefined;
  /** The same for a name: `Null` and `None` are people. */
  name(field: F): string | undefined;
  /** The same for what nothing rests on: whatever is wrong with it is the reader's to warn of. */
  plain(field: F): string | undefined;
  /** 0 where they were refused. */
  units(field: F): number;
  refuse(code: RowCode, field?: F): void;
  warn(code: RowWarningCode, field: F): void;
  /** Whether the file has a column of names and the row nobody's. */
  isNameless(field: F): boolean;
  /** The one cell that holds anything, and how many do in half of the other rows at least; undefined where the row is like them. */
  readonly alone: { readonly text: string; readonly others: number } | undefined;
  /** What an officer answered; where nobody did, the row is refused with the question. */
  ask<C extends RowQuestion>(code: C, field?: F): AnswerOf<C> | undefined;
}

export type RowQuestion =
  | 'total-row'
  | 'group-row'
  | 'name-missing'
  | 'row-hidden'
  | 'id-like-date'
  | 'id-like-rounded';

/** Refusals without holes, of one value. */
export type RowCode =
  | 'person-unidentified'
  | 'person-id-missing'
  | 'national-id-missing'
  | 'phone-missing'
  | 'phone-malformed'
  | 'phone-two-numbers'
  | 'units-missing'
  | 'units-not-whole'
  | 'units-unclear'
  | 'units-not-positive'
  | 'units-too-large'
  | 'value-mangled'
  | 'cell-merged'
  | 'text-too-long'
  | 'text-not-utf8'
  | 'text-malformed';

export type RowWarningCode = 'age-unreadable' | 'household-size-unreadable';

export interface UniqueId<F extends string> {
  readonly field: F;
  /** What its repetition is called. */
  readonly repeated: 'national-id-repeated' | 'agency-id-repeated' | 'person-id-repeated';
  idOf(row: Row<F>): string | undefined;
}

export interface TableRules<F extends string, Item> extends ColumnRules<F> {
  /** HXL hashtags with their attributes, by field. */
  readonly tags: Readonly<Partial<Record<F, readonly string[]>>>;
  /** What says who somebody is: nothing is taken for it that a spreadsheet made of something else. */
  readonly identity: readonly F[];
  /** Ids that may not repeat, whatever else is wrong with a line that has one. */
  readonly unique: readonly UniqueId<F>[];
  /** Not kept if anything of the row was refused; `undefined` is nobody, and nothing is said of the row. */
  itemOf(row: Row<F>): Item | undefined;
  /** Rows that the list may have, whatever a file may have. */
  readonly rowsMax?: number;
  /** The answers that count once the columns are known; those of the terms where it is left out. */
  answersFor?(header: Pick<Header<F>, 'places' | 'columns'>): Answers;
}

/** What the sender says it sent, and whether one refused line costs the others. */
export interface TableTerms {
  readonly declaredCount?: number | undefined;
  readonly declaredUnits?: bigint | undefined;
  readonly onRefusal?: 'keep-good-lines' | 'refuse-file' | undefined;
  readonly answers?: readonly FileAnswer[] | undefined;
}

export interface TableRead<F extends string, Item> {
  /** Of a workbook: the sheet that was read. */
  readonly sheet: string | undefined;
  /** Rows of data, good or not. */
  readonly read: number;
  /** Of all rows whose units could be read. */
  readonly units: bigint;
  readonly items: readonly Item[];
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
  /** Nothing of the file may be used: a refusal of the file itself says why. */
  readonly isRefusedWhole: boolean;
  /** Which column was read as which field. */
  readonly columns: ReadonlyMap<F, string>;
  /** Names of all the columns, in the file's order. */
  readonly present: readonly string[];
  /** Names of the columns that were not read. */
  readonly ignored: readonly string[];
  /** Whether it is a line of data, good or not. */
  hasLine(line: number | undefined): boolean;
}

export function tableReader<F extends string, Item>(
  rules: TableRules<F, Item>,
  terms: TableTerms,
): RowConsumer<TableRead<F, Item>> {
  let answers = answersFrom(terms.answers ?? []);
  /** Rows that wait until enough are known to say which of them is the header. */
  let waiting: SampleRow[] | undefined = [];
  let header: Header<F> | undefined;
  let usualCells = 0;
  const items: (Item | undefined)[] = [];
  const lines: number[] = [];
  const passed: number[] = [];
  const refused: Refusal[] = [];
  const warnings: Warning[] = [];
  /** Of each id the row that had it first, and the rows of those that several have. */
  const ids = rules.unique.map((of) => ({
    of,
    bearers: new Map<string, number>(),
    repeated: new Map<string, number[]>(),
  }));
  let units = 0n;
  let sheet: SheetAbout | undefined;

  function about(one: SheetAbout): void {
    sheet = one;
    warnings.push(...one.warnings);
  }

  function consume(cells: readonly string[], line: number, marks?: RowMarks): void {
    if (waiting === undefined) take(cells, line, marks);
    else if (waiting.push({ cells, line, marks }) === SAMPLE_ROWS) decide(waiting);
  }

  function decide(rows: readonly SampleRow[]): void {
    waiting = undefined;
    const isHidden = sheet?.isHiddenColumn;
    header = headerAmong(rows, isHidden === undefined ? rules : { ...rules, isHidden });
    warnings.push(...header.warnings);
    if (header.refused.length === 0) answers = rules.answersFor?.(header) ?? answers;
    const data = rows.slice(header.rows);
    usualCells = medianOf(data.map(({ cells }) => cells.filter((cell) => cell.trim() !== '').length));
    for (const { cells, line, marks } of data) take(cells, line, marks);
  }

  function take(cells: readonly string[], line: number, marks: RowMarks | undefined): void {
    if (header === undefined || header.refused.length > 0) return;
    const again = namesAgain(cells, header);
    if (again === 'otherwise') throw refusal('header-otherwise', { header: header.line }, { line });
    if (again === 'repeated') {
      warnings.push(warning('header-repeated', {}, { line }));
      return;
    }
    const row = rowOf(cells, line, { header, answers, marks, identity: rules.identity, usualCells });
    const before = row.isWhole ? itemOf(row, marks) : undefined;
    if (row.isWhole && before === undefined && row.refused.length === 0) {
      warnings.push(warning('line-passed-over', {}, { line }));
      passed.push(line);
      return;
    }
    if (lines.length === rules.rowsMax) throw refusal('file-too-many-lines', { limit: lines.length });
    const place = lines.push(line) - 1;
    const isHeld = row.refused.some(({ code }) => code === 'row-hidden');
    for (const { of, bearers, repeated } of isHeld ? [] : ids) {
      const key = idKeyOf(of.idOf(row) ?? '');
      const first = bearers.get(key);
      if (key !== '' && first === undefined) bearers.set(key, place);
      if (first === undefined) continue;
      const others = repeated.get(key);
      if (others === undefined) repeated.set(key, [first, place]);
      else others.push(place);
    }
    units += BigInt(row.unitsRead);
    items.push(row.refused.length === 0 ? before : undefined);
    for (const one of row.refused) refused.push(one);
    warnings.push(...row.warnings);
  }

  function itemOf(row: OpenRow<F>, marks: RowMarks | undefined): Item | undefined {
    if (marks?.isHidden && row.ask('row-hidden') !== 'read') return undefined;
    const item = rules.itemOf(row);
    const isAsked = row.refused.some(({ code }) => code === 'total-row' || code === 'group-row');
    if (item === undefined || isAsked || marks?.isUnderMerged === undefined) return item;
    for (const [field, place] of header?.places ?? []) {
      if (!marks.isUnderMerged(place)) continue;
      row.refuse('cell-merged', field);
      break;
    }
    return item;
  }

  function finish(fault?: Refusal): TableRead<F, Item> {
    if (waiting !== undefined && waiting.length > 0) decide(waiting);
    const columns = header?.columns ?? new Map();
    for (const { of, repeated } of ids) {
      for (const rows of repeated.values()) {
        for (const place of rows) {
          items[place] = undefined;
          const at = { line: lines[place] ?? 0, field: columns.get(of.field) ?? of.field };
          refused.push(refusal(of.repeated, { lines: rows.length }, at));
        }
      }
    }
    const whole = [...(fault ? [fault] : []), ...(header?.refused ?? [])];
    if (whole.length === 0) whole.push(...differences(items, units, terms));
    const good = items.filter((item) => item !== undefined);
    if (whole.length === 0 && refused.length > 0 && terms.onRefusal === 'refuse-file') {
      whole.push(refusal('file-has-refused-lines', { count: items.length - good.length }));
    }
    const all = new Set<number | undefined>([...lines, ...passed]);
    return {
      hasLine: (line) => all.has(line),
      sheet: sheet?.name,
      read: items.length,
      units,
      items: whole.length === 0 ? good : [],
      refused: [...whole, ...refused.sort((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0))],
      warnings,
      isRefusedWhole: whole.length > 0,
      columns,
      present: header?.present ?? [],
      ignored: header?.ignored ?? [],
    };
  }

  return { about, consume, finish };
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

interface OpenRow<F extends string> extends Row<F> {
  /** False where cells and columns cannot be matched. */
  readonly isWhole: boolean;
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly unitsRead: number;
}

const UNKNOWN_UNITS = 0;
/** How spreadsheets are told that digits are a text, which some of them export. */
const MARK_OF_TEXT = /^['`](?=[+\d])([^'`]*)['`]?$/;

interface RowTerms<F extends string> {
  readonly header: Header<F>;
  readonly answers: Answers;
  readonly marks: RowMarks | undefined;
  readonly identity: readonly F[];
  readonly usualCells: number;
}

/** Half of them are as large at least. */
function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => other - one)[Math.ceil(numbers.length / 2) - 1] ?? 0;
}

function rowOf<F extends string>(
  cells: readonly string[],
  line: number,
  { header, answers, marks, identity, usualCells }: RowTerms<F>,
): OpenRow<F> {
  const refused: Refusal[] = [];
  const warnings: Warning[] = [];
  const judged = new Set<F>();
  let unitsRead = 0;
  // A spreadsheet writes separators behind the last column that it once had something in.
  const isWhole =
    (cells.length >= header.width && cells.slice(header.widest).every((cell) => cell.trim() === '')) ||
    isNobodyAlone(cells);
  if (!isWhole)
    refused.push(refusal('row-ragged', { found: cells.length, expected: header.width }, { line }));
  const place = (field: F | undefined): Place =>
    field === undefined ? { line } : { line, field: header.columns.get(field) ?? field };
  const written = (field: F): string => {
    const at = header.places.get(field);
    if (at === undefined || !isWhole) return '';
    return trimmed((cells[at] ?? '').replace(/\s+/g, ' ')).replace(MARK_OF_TEXT, '$1');
  };
  const plain = (field: F, placeholder: RegExp): string | undefined => {
    const value = written(field);
    return value === '' || placeholder.test(value) ? undefined : value;
  };
  /** Of a name nothing is said but that it is one no more: somebody may be called by a number. */
  const spoiltOf = (field: F, value: string, isName: boolean) => {
    if (!identity.includes(field)) return undefined;
    const typed = marks?.spoilt.get(header.places.get(field) ?? -1);
    if (isName) return typed === 'date' || typed === 'truth' ? typed : undefined;
    return typed ?? spoiltText(value);
  };
  const read = (field: F, placeholder: RegExp): string | undefined => {
    const value = isMangled(written(field)) ? written(field) : plain(field, placeholder);
    if (value === undefined) return undefined;
    const flaw = isMangled(value) ? 'value-mangled' : textFlaw(value);
    const spoilt = flaw ?? spoiltOf(field, value, placeholder === NO_NAME);
    if (spoilt === undefined) return value;
    if (judged.has(field)) return undefined;
    judged.add(field);
    if (flaw !== undefined) row.refuse(flaw, field);
    else refused.push(refusal('id-spoilt', { what: SPOILT_WORDS[spoilt as Spoilt] }, place(field)));
    return undefined;
  };
  const row: OpenRow<F> = {
    line,
    cells,
    isWhole,
    refused,
    warnings,
    get alone() {
      const text = usualCells > 1 ? onlyCell(cells) : undefined;
      return text === undefined ? undefined : { text: trimmed(text), others: usualCells };
    },
    get unitsRead() {
      return unitsRead;
    },
    refuse(code, field) {
      refused.push(refusal(code, undefined, place(field)));
    },
    warn(code, field) {
      warnings.push(warning(code, {}, place(field)));
    },
    isNameless: (field) => header.places.has(field) && isWhole && plain(field, NO_NAME) === undefined,
    ask(code, field) {
      const answer = answers.of(code, { line });
      const question: RowQuestion = code;
      if (answer === undefined) refused.push(refusal(question, undefined, place(field)));
      else answers.note(code, { line }, answer);
      return answer;
    },
    has: (field) => header.places.has(field),
    isOne: (field, other) => header.places.get(field) === header.places.get(other),
    get isRefused() {
      return refused.length > 0;
    },
    plain: (field) => plain(field, PLACEHOLDER),
    value: (field) => read(field, PLACEHOLDER),
    name: (field) => read(field, NO_NAME),
    units(field) {
      const before = refused.length;
      const written = row.value(field);
      if (refused.length > before) return UNKNOWN_UNITS;
      const flaw = written === undefined ? 'units-missing' : unitsFlaw(asciiDigits(written));
      if (flaw !== undefined) {
        row.refuse(flaw, field);
        return UNKNOWN_UNITS;
      }
      unitsRead = wholeNumber(written ?? '') ?? UNKNOWN_UNITS;
      return unitsRead;
    },
  };
  return row;
}

/** A whole number in plain digits, or as a spreadsheet exports its float (`4.0`, `4,00`). */
const WHOLE = /^(\d+)(?:[.,]0{1,2})?$/;
/** Thousands set apart by one mark and a fraction of nothing by another leave no doubt which is which. */
const GROUPED_WHOLE = /^(\d{1,3}(?:([.,'’\s])\d{3})(?:\2\d{3})*)(?!\2)[.,]0{1,2}$/;
/** The mark between thousands that Arabic has, and nothing else. */
const ARABIC_THOUSANDS = /(?<=\d)\u066c(?=\d{3})/g;
/** `1,000` and `1.000` are one, or a thousand; `1 000` is likely a thousand. */
const GROUPED = /^\d{1,3}(?:[.,'’\s]\d{3})+$/;

export function wholeNumber(written: string): number | undefined {
  const text = asciiDigits(written).replace(ARABIC_THOUSANDS, '');
  const [, digits = GROUPED_WHOLE.exec(text)?.[1]?.replace(/\D/g, '')] = WHOLE.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function unitsFlaw(written: string): RowCode | undefined {
  if (/^-\d+(?:[.,]\d+)?$/.test(written) || /^0+$/.test(written)) return 'units-not-positive';
  if (GROUPED.test(written)) return 'units-unclear';
  const number = wholeNumber(written);
  if (number === undefined) return 'units-not-whole';
  return number > MAX_UNITS ? 'units-too-large' : undefined;
}
