/**
 * Reads the text of a CSV file row by row, each with the line it starts on.
 *
 * Promises: Excel's `sep=` line is obeyed; else the separator is the one that cuts most of the first rows into the same
 * number of cells, and is asked for where two do; CR LF, LF, CR and a byte-order mark make no difference; empty lines
 * are counted and passed over at the cost of one search. What programs write around cells (blanks before and behind quotes, the
 * `="0700"` and the apostrophe before `+254` that keep a spreadsheet from counting, quotes around whole lines) is no part of them. A quote within a cell is one of its characters where the
 * row, so read, has as many cells as most rows; any other quote out of place refuses the whole file, for behind it every end of a row is a guess; whatever else is wrong with a row is for the consumer to refuse. Linear in the text.
 * Pure. (`csv-parse`, which a test holds this against, spends 16 microseconds on an empty line and counts CR LF inside
 * quotes as two lines.)
 */
import { Refusal, refusal } from '../base/refusal.ts';
import type { Warning } from '../base/warning.ts';
import { type Charset, decodeText } from './text.ts';

/** As much as a roll of the largest cycle has. */
const MAX_ROWS = 1_000_000;
/** A row of 500 columns; a longer one is a quote that was never closed. */
const MAX_ROW_CHARACTERS = 64 * 1024;

export const SEPARATORS = [';', ',', '\t', '|'] as const;
export type Separator = (typeof SEPARATORS)[number];

/** What a spreadsheet has put where something was typed: a date or a time, TRUE or FALSE, fewer digits, a part of one. */
export type Spoilt = 'date' | 'truth' | 'rounded' | 'fraction';

/** What a row of a workbook says beside its values; cells by their places from 0. */
export interface RowMarks {
  readonly isHidden: boolean;
  readonly spoilt: ReadonlyMap<number, Spoilt>;
  /** Whether a cell lies under a merged one whose value stands elsewhere; undefined where none does. */
  readonly isUnderMerged: ((place: number) => boolean) | undefined;
}

/** The sheet of a workbook, before its rows; without a name where the file is none. */
export interface SheetAbout {
  readonly name: string | undefined;
  isHiddenColumn(place: number): boolean;
  readonly warnings: readonly Warning[];
}

/** What reads the rows of one file, in order, the names of the columns among the first. */
export interface RowConsumer<Result> {
  /** What is known before the first row, where there is anything. */
  about?: ((sheet: SheetAbout) => void) | undefined;
  /** Before each row of a text: as it was written, without the end of its last line, and what parts its cells. */
  written?: ((text: string, separator: Separator) => void) | undefined;
  /** May throw a refusal of the file as a whole. */
  consume(row: readonly string[], line: number, marks?: RowMarks): void;
  /** `fault` is why the file ended early, where it did. */
  finish(fault?: Refusal): Result;
}

export interface TextTerms {
  readonly separator?: Separator | undefined;
  readonly charset?: Charset | undefined;
}

export function readRows<Result>(
  input: string | Uint8Array,
  { separator, charset }: TextTerms,
  consumer: RowConsumer<Result>,
): Result {
  try {
    const { text, named } = withoutSeparatorLine(unwrapped(decodeText(input, charset)));
    forEachRow(text, separator ?? named ?? separatorOf(text), consumer);
    return consumer.finish();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return consumer.finish(error);
  }
}

/** The line is emptied and stays, so that every later line keeps its number. */
function withoutSeparatorLine(text: string): { text: string; named: Separator | undefined } {
  const [line = '', written = ''] = /^"?sep=(.)"?(?=[\r\n])/i.exec(text) ?? [];
  const named = SEPARATORS.find((separator) => separator === written);
  return named === undefined ? { text, named } : { text: text.slice(line.length), named };
}

/** Rows that show which separator a file has. */
const SAMPLE_ROWS = 50;
/** Behind the last line of files from programs of another age. */
const END_OF_FILE = '\u001a';
const QUOTED_LINE = /^"(?:[^"]|"")*"$/;

/** A list of which every line is one quoted cell was saved once more as a list of one column; and what ends a file. */
function unwrapped(whole: string): string {
  const end = whole.lastIndexOf(END_OF_FILE);
  const text = end !== -1 && whole.slice(end + 1).trim() === '' ? whole.slice(0, end) : whole;
  const sample = text
    .slice(0, MAX_ROW_CHARACTERS)
    .split(/\r\n|\n|\r/)
    .slice(0, SAMPLE_ROWS)
    .filter((line) => line !== '');
  const isCut = text.length > MAX_ROW_CHARACTERS && sample.length < SAMPLE_ROWS;
  const lines = isCut ? sample.slice(0, -1) : sample;
  const [first = ''] = lines;
  const isEach = lines.length > 0 && lines.every((line) => QUOTED_LINE.test(line));
  if (!isEach || !SEPARATORS.some((separator) => first.includes(separator))) return text;
  return text.replace(/^"((?:[^"\r\n]|"")*)"(?=\r?$)/gm, (_, line: string) => line.replaceAll('""', '"'));
}

function separatorOf(text: string): Separator {
  const sample = sampleOf(text);
  const scores = SEPARATORS.map((separator) => ({ separator, rows: evenRows(sample, separator) }));
  const most = Math.max(...scores.map(({ rows }) => rows));
  const [best, another] = scores.filter(({ rows }) => rows === most && rows > 0);
  if (best === undefined && isOneColumn(text)) return ';';
  if (best === undefined || another !== undefined) throw refusal('separator-unclear', undefined, { line: 1 });
  return best.separator;
}

/** The first line is one name of a column, and no two that something else sets apart. */
function isOneColumn(text: string): boolean {
  const [first = ''] = /[^\r\n]+/.exec(text) ?? [];
  return /^"?\p{L}[\p{L}\p{N}]*(?:[ _.'()°-][\p{L}\p{N}.)]+)*"?\s*$/u.test(first);
}

function sampleOf(text: string): string[] {
  // commas within quotes and within a polygon of WKT separate no columns
  const start = text
    .slice(0, MAX_ROW_CHARACTERS)
    .replace(/"(?<=(?:^|[;,\t|\r\n])[ =]*")(?:[^"]|"")*"/g, '')
    .replace(/\(\([-\d., ()eE+]*\)\)/g, '');
  return start
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, SAMPLE_ROWS);
}

/** How many of the rows have the number of cells that most rows with more than one have. */
function evenRows(rows: readonly string[], separator: Separator): number {
  return Math.max(0, ...[...widthsOf(rows, separator).values()].map(({ length }) => length));
}

function widthsOf(rows: readonly string[], separator: Separator): Map<number, number[]> {
  return Map.groupBy(
    rows.map((row) => row.split(separator).length).filter((width) => width > 1),
    (width) => width,
  );
}

/** The cells that most rows have. */
function usualWidth(text: string, separator: Separator): number {
  const widths = [...widthsOf(sampleOf(text), separator)];
  const [[width = 1] = []] = widths.sort(([, some], [, others]) => others.length - some.length);
  return width;
}

function forEachRow(text: string, separator: Separator, consumer: RowConsumer<unknown>): void {
  const lineFeed = text.includes('\n') ? '\n' : '\r';
  let known: number | undefined;
  const width = () => {
    known ??= usualWidth(text, separator);
    return known;
  };
  const cut = { text, separator, lineFeed, endFrom: rowEnds(text, lineFeed), width };
  let line = 1;
  let rows = 0;
  for (let at = 0; at < text.length; ) {
    const start = line;
    const row = rowAt(cut, at, start);
    const from = at;
    at = row.next;
    line += row.lines;
    if (row.cells === undefined || row.cells.every((cell) => cell.trim() === '')) continue;
    if (++rows > MAX_ROWS + SAMPLE_ROWS) throw refusal('file-too-many-lines', { limit: MAX_ROWS });
    consumer.written?.(withoutReturn(text.slice(from, at - 1)), separator);
    consumer.consume(row.cells.some(isBehind) ? row.cells.map(cellRead) : row.cells, start);
  }
}

const APOSTROPHE = "'";
/** What a spreadsheet takes for a formula, or passes over to one; with apostrophes before it, so that none is lost or won. */
const FORMULA = /^['\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^'*[\t\r\n]/;

/** A cell that no spreadsheet counts with, as programs write it: behind an apostrophe, which is no part of it when it is read. */
export function cellWritten(cell: string): string {
  return FORMULA.test(cell) ? `${APOSTROPHE}${cell}` : cell;
}

const isBehind = (cell: string) => cell.startsWith(APOSTROPHE) && FORMULA.test(cell.slice(1));
const cellRead = (cell: string) => (isBehind(cell) ? cell.slice(1) : cell);

interface RowRead {
  /** Undefined for an empty line. */
  readonly cells: readonly string[] | undefined;
  /** Where the next row begins. */
  readonly next: number;
  /** Lines the row takes. */
  readonly lines: number;
}

interface Cut {
  readonly text: string;
  readonly separator: Separator;
  readonly lineFeed: string;
  /** Where a row ends that has something at a place, if no quote goes on over the end. */
  readonly endFrom: (at: number) => number;
  /** The cells that most rows have. */
  readonly width: () => number;
}

function rowAt(cut: Cut, at: number, line: number): RowRead {
  const { text, separator } = cut;
  const end = cut.endFrom(at);
  if (end - at > MAX_ROW_CHARACTERS) throw refusal('text-too-long', undefined, { line });
  const plain = text.slice(at, end);
  if (withoutReturn(plain) === '') return { cells: undefined, next: end + 1, lines: 1 };
  if (!plain.includes('"')) return { cells: withoutReturn(plain).split(separator), next: end + 1, lines: 1 };
  return quotedRowAt(cut, at, line);
}

/**
 * A line feed ends a row, and a return that stands alone does: files are glued together that end their lines otherwise.
 * Asked of growing places; each run of returns is walked once, however many rows it makes.
 */
function rowEnds(text: string, lineFeed: string): (at: number) => number {
  let [from, to] = [-1, 0];
  return (at) => {
    const found = text.indexOf(lineFeed, at);
    const end = found === -1 ? text.length : found;
    if (lineFeed === '\r') return end;
    if (to <= at) {
      from = text.indexOf('\r', at);
      if (from === -1) from = text.length;
      for (to = from; text[to] === '\r'; ) to += 1;
      if (to === from) to = Number.POSITIVE_INFINITY;
    }
    return from < end && to !== end ? Math.max(from, at) : end;
  };
}

function withoutReturn(cell: string): string {
  let end = cell.length;
  while (cell[end - 1] === '\r') end -= 1;
  return end === cell.length ? cell : cell.slice(0, end);
}

/** `="0700"`: a formula that is a text, which keeps a spreadsheet from making a number of it. */
const FORMULA_OF_TEXT = /^="([^"]*)"$/;

function quotedRowAt(cut: Cut, from: number, line: number): RowRead {
  const { text, separator, lineFeed, endFrom, width } = cut;
  const misplaced = () => refusal('quote-misplaced', undefined, { line });
  const cells: string[] = [];
  let lines = 1;
  let rowEnd = -1;
  let isLoose = false;
  /** With quotes for letters, a row of one line that has the cells of the others can be read in no other way. */
  const rowTo = (end: number): RowRead => {
    if (isLoose && (lines > 1 || cells.length !== width())) throw misplaced();
    return { cells, next: end + 1, lines };
  };
  const skip = (characters: string, at: number) => {
    let next = at;
    while (characters.includes(text[next] ?? '\n')) next += 1;
    return next;
  };
  for (let at = from; ; ) {
    let end: number;
    const start = skip(' ', at);
    const open = text[start] === '=' && text[start + 1] === '"' ? start + 1 : start;
    if (text[open] === '"') {
      const close = closingQuote(text, open + 1, from + MAX_ROW_CHARACTERS);
      if (close === undefined) throw misplaced();
      const inside = text.slice(open + 1, close).replaceAll('""', '"');
      lines += inside.split(lineFeed).length - 1;
      cells.push(inside.replace(FORMULA_OF_TEXT, '$1'));
      end = skip(' ', close + 1);
      const behind = skip('\r', end);
      if (behind === text.length || text[behind] === lineFeed) end = behind;
      else if (behind > end) return rowTo(end);
    } else {
      if (rowEnd < at) rowEnd = endFrom(at);
      const [next, last] = [text.indexOf(separator, at), rowEnd];
      end = next === -1 || next > last ? last : next;
      const plain = text.slice(at, end);
      isLoose ||= plain.includes('"');
      cells.push(end === last ? withoutReturn(plain) : plain);
    }
    if (end >= text.length || text[end] === lineFeed || text[end] === '\r') return rowTo(end);
    if (text[end] !== separator) throw misplaced();
    at = end + 1;
  }
}

/** The quote that ends a field: two quotes are one of its characters. */
function closingQuote(text: string, from: number, limit: number): number | undefined {
  for (let at = text.indexOf('"', from); at !== -1 && at <= limit; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return undefined;
}
