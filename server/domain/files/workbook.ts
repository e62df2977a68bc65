/**
 * The one sheet of a workbook (ECMA-376) that is read, and what its cells say beside their values.
 *
 * Promises: a sheet that is hidden is never read; of several that are shown and hold anything none is read until one is
 * named; rows and columns that are hidden, cells under a merged one, and what a spreadsheet put where a number was typed
 * are told with the rows, for the rules of the list to judge. The package reads values; of the rest it says nothing, and a
 * failed formula it leaves empty, so that the tags are asked (`sheetTags.ts`), of the same bytes. Pure; `people.ts` calls it.
 */
import readWorkbook from 'read-excel-file/universal';
import { refusal } from '../base/refusal.ts';
import { type Warning, warning } from '../base/warning.ts';
import type { RowMarks, SheetAbout, Spoilt } from './csv.ts';
import {
  checkShared,
  type Drawn,
  damaged,
  drawnOf,
  MAX_SHEET_ROWS,
  mergedCells,
  tagsIn,
  unescaped,
} from './sheetTags.ts';
import { textFlaw } from './text.ts';
import { type ZipEntry, zipStored } from './zip.ts';

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
    if (entry === undefined) return undefined;
    // the package reads other letters of names by another rule
    if (!/^[\x20-\x7e]+$/.test(path)) throw damaged();
    return new TextDecoder().decode(await entry.bytes());
  };
  const { sheets, shared } = sheetsIn(
    (await textOf('xl/workbook.xml')) ?? '',
    (await textOf('xl/_rels/workbook.xml.rels')) ?? '',
  );
  const shown = sheets.filter(({ isHidden }) => !isHidden);
  const wanted = asked === undefined ? shown : sheets.filter(({ name }) => name === asked);
  if (asked !== undefined && wanted.length === 0) throw refusal('sheet-missing', { sheets: namesOf(shown) });
  if (wanted.length > 0 && wanted.every(({ isHidden }) => isHidden)) throw refusal('sheet-hidden');
  if (wanted.length === 0) throw sheets.length === 0 ? damaged() : refusal('sheets-all-hidden');
  checkShared((await textOf(shared)) ?? '');
  const drawnAll = new Map<SheetNamed, Drawn>();
  for (const sheet of wanted) {
    const text = await textOf(sheet.path);
    if (text === undefined) throw damaged();
    drawnAll.set(sheet, drawnOf(text));
  }
  const read = await valuesOf(await withPlaced(bytes, entries, sheets, drawnAll), wanted);
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
  const drawn = drawnAll.get(sheet);
  if (drawn === undefined) throw damaged();
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

/** The same workbook, with the sheets that say no places of their cells written anew; of the others nothing is copied. */
async function withPlaced(
  bytes: Uint8Array<ArrayBuffer>,
  entries: readonly ZipEntry[],
  sheets: readonly SheetNamed[],
  drawn: ReadonlyMap<SheetNamed, Drawn>,
): Promise<Uint8Array<ArrayBuffer>> {
  if (![...drawn.values()].some(({ placed }) => placed !== undefined)) return bytes;
  const parts = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const entry of entries) {
    const sheet = sheets.find(({ path }) => path === entry.name);
    const placed = sheet === undefined ? undefined : drawn.get(sheet)?.placed;
    const isRead = sheet === undefined ? /\.(?:xml|rels)$/.test(entry.name) : drawn.has(sheet);
    if (placed !== undefined) parts.set(entry.name, new TextEncoder().encode(placed));
    else if (isRead) parts.set(entry.name, await entry.bytes());
  }
  return zipStored(parts);
}

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
    if (one?.sheet !== sheet.name || !Array.isArray(one.data)) throw damaged();
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

/** Whatever comes twice is refused: of two things of one name the package reads one, and a program shows the other. */
function sheetsIn(workbook: string, relations: string): { sheets: SheetNamed[]; shared: string } {
  const paths = new Map<string, string>();
  const related = new Set<string>();
  let shared = 'xl/sharedStrings.xml';
  for (const { name, attribute } of tagsIn(relations)) {
    const [id, type, target] = name === 'Relationship' ? ['Id', 'Type', 'Target'].map(attribute) : [];
    if (id === undefined || target === undefined) continue;
    if (related.has(id)) throw damaged();
    related.add(id);
    const path = target.startsWith('/') ? target.slice(1) : `xl/${target}`;
    if (type?.endsWith('/worksheet') === true) paths.set(id, path);
    if (type?.endsWith('/sharedStrings') === true) shared = path;
  }
  const sheets: SheetNamed[] = [];
  let number = 0;
  for (const { name: tag, attribute } of tagsIn(workbook)) {
    const name = tag === 'sheet' ? (attribute('name') ?? '') : '';
    if (name === '') continue;
    number += 1;
    // a sheet that is one chart has no cells
    const path = paths.get(attribute('id') ?? '');
    const isHidden = /^(?:hidden|veryHidden)$/.test(attribute('state') ?? '');
    if (path !== undefined) sheets.push({ name: unescaped(name), number, path, isHidden });
  }
  for (const key of ['name', 'path'] as const) {
    if (new Set(sheets.map((sheet) => sheet[key])).size < sheets.length) throw damaged();
  }
  return { sheets, shared };
}

/** What an officer is shown of sheets: whoever names one types it. */
function namesOf(sheets: readonly { readonly name: string; readonly number: number }[]): string {
  const shown = sheets
    .slice(0, SHEETS_NAMED)
    .map(({ name, number }) => (textFlaw(name) === undefined ? `"${name}"` : `number ${number}`));
  return sheets.length > shown.length ? `${shown.join(', ')} and more` : shown.join(', ');
}
