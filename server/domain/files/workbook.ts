/**
 * The one sheet of a workbook (ECMA-376) that is read, and what its cells say beside their values.
 *
 * Promises: a sheet that is hidden is never read; of several that are shown and hold anything none is read until one is
 * named; rows and columns that are hidden, cells under a merged one, and what a spreadsheet put where a number was typed
 * are told with the rows, for the rules of the list to judge. The package reads values; of the rest it says nothing, and a
 * failed formula it leaves empty, so that the tags are searched for it here. Pure; `people.ts` calls it.
 */
import readWorkbook from 'read-excel-file/universal';
import { refusal } from '../base/refusal.ts';
import { type Warning, warning } from '../base/warning.ts';
import type { RowMarks, SheetAbout, Spoilt } from './csv.ts';
import { textFlaw } from './text.ts';
import type { ZipEntry } from './zip.ts';

/** A workbook of a million rows has a million; no sheet has more. */
const MAX_SHEET_ROWS = 1_048_576;
/** More names of sheets would bury the question. */
const SHEETS_NAMED = 8;
/** The first whole number of which a spreadsheet keeps fewer digits than were typed. */
const TOO_LONG = 1e15;
/** What a failed formula leaves; which one it was helps nobody to the number. */
const FAILED = '#N/A';

export interface SheetRow {
  readonly cells: readonly string[];
  /** As the spreadsheet numbers it. */
  readonly line: number;
  readonly marks: RowMarks | undefined;
}

interface SheetNamed {
  readonly name: string;
  /** From 1, among all that have a name. */
  readonly number: number;
  readonly path: string;
  readonly isHidden: boolean;
}

/** Throws why none can be read. */
export async function sheetOf(
  bytes: Uint8Array<ArrayBuffer>,
  entries: readonly ZipEntry[],
  asked: string | undefined,
): Promise<{ readonly about: SheetAbout; readonly rows: Iterable<SheetRow> }> {
  const textOf = async (path: string) => {
    const entry = entries.find(({ name }) => name === path);
    return entry === undefined ? '' : new TextDecoder().decode(await entry.bytes());
  };
  const sheets = sheetsIn(await textOf('xl/workbook.xml'), await textOf('xl/_rels/workbook.xml.rels'));
  const shown = sheets.filter(({ isHidden }) => !isHidden);
  const wanted = asked === undefined ? shown : sheets.filter(({ name }) => name === asked);
  if (asked !== undefined && wanted.length === 0) throw refusal('sheet-missing', { sheets: namesOf(shown) });
  if (wanted.length > 0 && wanted.every(({ isHidden }) => isHidden)) throw refusal('sheet-hidden');
  if (wanted.length === 0) throw sheets.length === 0 ? damaged() : refusal('sheets-all-hidden');
  const read = await valuesOf(bytes, wanted);
  const filled = read.filter(({ values }) => values.some((row) => row.some((value) => value !== null)));
  const [chosen = read[0], another] = filled;
  if (chosen === undefined) throw damaged();
  if (another !== undefined)
    throw refusal('sheets-several', {
      count: filled.length,
      sheets: namesOf(filled.map((one) => one.sheet)),
    });
  const { sheet, values } = chosen;
  if (values.length > MAX_SHEET_ROWS) throw refusal('file-too-many-lines', { limit: MAX_SHEET_ROWS });
  const drawn = drawnOf(await textOf(sheet.path));
  const hidden = sheets.filter((one) => one.isHidden);
  const warnings: Warning[] =
    hidden.length > 0 ? [warning('sheets-hidden', { sheets: namesOf(hidden) }, {})] : [];
  return {
    about: {
      name: sheet.name,
      isHiddenColumn: (place) => drawn.hiddenColumns.some(([from, to]) => from <= place && place <= to),
      warnings,
    },
    rows: rowsOf(values, drawn),
  };
}

const damaged = () => refusal('format-damaged', { format: 'a workbook' });

type Value = string | boolean | Date | Typed | null;

async function valuesOf(bytes: Uint8Array<ArrayBuffer>, sheets: readonly SheetNamed[]) {
  const options = {
    sheets: sheets.map(({ number }) => number),
    parseNumber: (written: string) => new Typed(written),
  };
  const read = await readWorkbook(new Blob([bytes]), options).catch(() => {
    throw damaged();
  });
  return sheets.map((sheet, i) => {
    const one = read[i];
    if (one?.sheet !== sheet.name) throw damaged();
    return { sheet, values: one.data as readonly (readonly Value[])[] };
  });
}

/** A cell that is a number, as the file writes it. */
class Typed {
  readonly written: string;

  constructor(written: string) {
    this.written = written;
  }
}

function* rowsOf(values: readonly (readonly Value[])[], drawn: Drawn): Iterable<SheetRow> {
  const underMerged = mergedCells(drawn.merged);
  for (const [i, row] of values.entries()) {
    const spoilt = new Map<number, Spoilt>();
    const cells = row.map((value, place) => {
      const found = spoiltOf(value);
      if (found !== undefined) spoilt.set(place, found);
      return cellOf(value);
    });
    for (const place of drawn.failed.get(i) ?? []) {
      while (cells.length <= place) cells.push('');
      cells[place] = FAILED;
    }
    const isUnderMerged = underMerged(i);
    const isHidden = drawn.hiddenRows.has(i);
    const isPlain = !isHidden && spoilt.size === 0 && isUnderMerged === undefined;
    yield { cells, line: i + 1, marks: isPlain ? undefined : { isHidden, spoilt, isUnderMerged } };
  }
}

function cellOf(value: Value): string {
  if (value === null) return '';
  if (value instanceof Date) {
    const isDate = !Number.isNaN(value.getTime());
    return isDate ? value.toISOString().replace(/T00:00:00\.000Z$/, '') : FAILED;
  }
  return value instanceof Typed ? String(Number(value.written)) : String(value).trim();
}

/** What a cell has become in which a number of somebody was typed. */
function spoiltOf(value: Value): Spoilt | undefined {
  if (typeof value === 'boolean') return 'truth';
  if (value instanceof Date) return 'date';
  if (!(value instanceof Typed)) return undefined;
  const number = Number(value.written);
  if (Math.abs(number) >= TOO_LONG) return 'rounded';
  return Number.isInteger(number) && number >= 0 ? undefined : 'fraction';
}

// ---- What the tags say -----------------------------------------------------------------------------------------

/** Places count from 0. */
interface Drawn {
  readonly hiddenRows: ReadonlySet<number>;
  readonly hiddenColumns: readonly (readonly [from: number, to: number])[];
  /** Cells of formulas that failed or were never reckoned, by row. */
  readonly failed: ReadonlyMap<number, readonly number[]>;
  readonly merged: readonly Merged[];
}

interface Merged {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Tags of a workbook's own list; text has no bracket that is not escaped, and an attribute no opening one. */
const LISTED = /<(?:\w+:)?(sheet|Relationship)\s((?:[^<>"']|"[^"<]*"|'[^'<]*'){0,2000})>/g;
/**
 * Tags of a sheet that draw something otherwise than it is written; no attribute of theirs has a bracket. A sheet has millions
 * of others, which are left at the first sign that they are none of these.
 */
const DRAWING =
  /<(?:\w+:)?(row(?=\s[^<>]*\b(?:hidden|ht)=)|col|mergeCell|c(?=\s[^<>]*\bt=["']e["']))\s([^<>]*)>/g;
const ATTRIBUTES = new Map(
  ['Id', 'Type', 'Target', 'name', 'id', 'state', 'r', 'hidden', 'ht', 'width', 'min', 'max', 'ref'].map(
    (of) => [of, new RegExp(`(?:^|\\s)(?:\\w+:)?${of}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)],
  ),
);

function* tagsIn(
  xml: string,
  tags: RegExp,
): Iterable<{ name: string; attribute(of: string): string | undefined }> {
  for (const [, name = '', attributes = ''] of xml.matchAll(tags)) {
    yield {
      name,
      attribute(of) {
        const [, double, single] = ATTRIBUTES.get(of)?.exec(attributes) ?? [];
        return double ?? single;
      },
    };
  }
}

function sheetsIn(workbook: string, relations: string): SheetNamed[] {
  const paths = new Map<string, string>();
  for (const { attribute } of tagsIn(relations, LISTED)) {
    const [id, type, target] = ['Id', 'Type', 'Target'].map(attribute);
    if (id === undefined || target === undefined || type?.endsWith('/worksheet') !== true) continue;
    paths.set(id, target.startsWith('/') ? target.slice(1) : `xl/${target}`);
  }
  const named = [...tagsIn(workbook, LISTED)].filter(({ attribute }) => (attribute('name') ?? '') !== '');
  return named.flatMap(({ attribute }, i) => {
    // a sheet that is one chart has no cells
    const path = paths.get(attribute('id') ?? '');
    if (path === undefined) return [];
    const name = unescaped(attribute('name') ?? '');
    return [
      { name, number: i + 1, path, isHidden: /^(?:hidden|veryHidden)$/.test(attribute('state') ?? '') },
    ];
  });
}

/** A formula that its program never reckoned has no value, which is not an empty one. */
const UNRECKONED =
  /<(?:\w+:)?c\s([^<>]{0,2000})>\s*<(?:\w+:)?f(?:\s[^<>]{0,2000})?(?:\/>|>[^<]*<\/(?:\w+:)?f>)\s*<\/(?:\w+:)?c>/g;

function drawnOf(sheet: string): Drawn {
  const hiddenRows = new Set<number>();
  const hiddenColumns: (readonly [number, number])[] = [];
  const failed = new Map<number, number[]>();
  const merged: Merged[] = [];
  const fail = (reference: string | undefined) => {
    const at = cellAt(reference);
    if (at === undefined) return;
    const places = failed.get(at.row);
    if (places === undefined) failed.set(at.row, [at.column]);
    else places.push(at.column);
  };
  for (const { name, attribute } of tagsIn(sheet, DRAWING)) {
    if (name === 'row') {
      // every program numbers a row that it draws otherwise
      if (isHiddenBy(attribute, 'ht')) hiddenRows.add(Number(attribute('r')) - 1);
    } else if (name === 'col') {
      if (!isHiddenBy(attribute, 'width') || hiddenColumns.length === MAX_COLUMNS) continue;
      hiddenColumns.push([Number(attribute('min')) - 1, Number(attribute('max')) - 1]);
    } else if (name === 'c') {
      fail(attribute('r'));
    } else {
      const [from, to] = (attribute('ref') ?? '').split(':').map(cellAt);
      if (from === undefined || to === undefined) continue;
      merged.push({ top: from.row, left: from.column, bottom: to.row, right: to.column });
    }
  }
  const formulas = /<(?:\w+:)?f[\s>/]/.test(sheet) ? sheet.matchAll(UNRECKONED) : [];
  for (const [, attributes = ''] of formulas) fail(ATTRIBUTES.get('r')?.exec(attributes)?.[1]);
  return { hiddenRows, hiddenColumns, failed, merged };
}

/** A row without height and a column without width are not seen either. */
function isHiddenBy(attribute: (of: string) => string | undefined, size: string): boolean {
  const hidden = attribute('hidden');
  return hidden === '1' || hidden === 'true' || Number(attribute(size) ?? 1) === 0;
}

/** As many as a sheet has. */
const MAX_COLUMNS = 16_384;

function cellAt(
  reference: string | undefined,
): { readonly row: number; readonly column: number } | undefined {
  const [, letters, row] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(reference ?? '') ?? [];
  if (letters === undefined) return undefined;
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return { row: Number(row) - 1, column: column - 1 };
}

/** Of each row, asked in order, which of its cells lie under a merged one and are not its first. */
function mergedCells(merged: readonly Merged[]): (row: number) => RowMarks['isUnderMerged'] {
  const waiting = merged.toSorted((one, other) => one.top - other.top);
  let open: readonly Merged[] = [];
  let next = 0;
  return (row) => {
    const begun: Merged[] = [];
    for (let one = waiting[next]; one !== undefined && one.top <= row; one = waiting[++next]) begun.push(one);
    if (begun.length === 0 && open.length === 0) return undefined;
    open = [...open, ...begun].filter(({ bottom }) => bottom >= row).slice(-MAX_COLUMNS);
    const those = open;
    return (place) =>
      those.some(
        ({ top, left, right }) => left <= place && place <= right && (top !== row || left !== place),
      );
  };
}

/** What an officer is shown of sheets: whoever names one types it. */
function namesOf(sheets: readonly { readonly name: string; readonly number: number }[]): string {
  const shown = sheets
    .slice(0, SHEETS_NAMED)
    .map(({ name, number }) => (textFlaw(name) === undefined ? `"${name}"` : `number ${number}`));
  return sheets.length > shown.length ? `${shown.join(', ')} and more` : shown.join(', ');
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** XML's escapes, and those of ECMA-376 for what XML cannot write. */
function unescaped(text: string): string {
  return text
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
    })
    .replace(/_x([0-9a-f]{4})_/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
