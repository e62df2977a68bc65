/**
 * What the tags of a workbook's parts (ECMA-376) say of a sheet beside the values of its cells.
 *
 * Promises: every tag is read, however long; what two programs may read as two things (a tag that ends nowhere, an
 * attribute that comes twice, a comment among the cells, a cell that is not of its row) is refused as damaged, for one of
 * them shows the officer something else. Linear in the text. Pure; `workbook.ts` calls it.
 */
import { refusal } from '../base/refusal.ts';
import type { RowMarks } from './csv.ts';

/** A workbook of a million rows has a million; no sheet has more. */
export const MAX_SHEET_ROWS = 1_048_576;
/** As many as a sheet has. */
const MAX_COLUMNS = 16_384;

export const damaged = () => refusal('format-damaged', { format: 'a workbook' });

interface Tag {
  /** Empty of a comment. */
  readonly name: string;
  readonly at: number;
  /** Where its attributes begin. */
  readonly nameEnd: number;
  attribute(of: string): string | undefined;
}

/**
 * Every tag that opens, one after the other, for a bracket in an attribute or a comment opens none. No program writes as
 * many attributes; what is no tag matches as its bracket alone.
 */
const TAGS =
  /<(?:!--.*?-->|\?.*?\?>|(?:[\w.-]+:)?([\w.-]+)((?:\s[^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*){0,200})?\/?)>|(?!\/))/gs;
const ATTRIBUTE = /\s+(?:(xmlns:)|[\w.-]+:)?([\w.-]+)=(?:"([^"]*)"|'([^']*)')/y;

export function* tagsIn(xml: string): Iterable<Tag> {
  for (const match of xml.matchAll(TAGS)) {
    const [whole, name = '', written = ''] = match;
    if (whole === '<') throw damaged();
    let attributes: ReadonlyMap<string, string> | undefined;
    yield {
      name,
      at: match.index,
      nameEnd: match.index + whole.length - written.length - 1,
      attribute(of) {
        attributes ??= attributesOf(written);
        return attributes.get(of);
      },
    };
  }
}

function attributesOf(written: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let end = 0;
  ATTRIBUTE.lastIndex = 0;
  for (let match = ATTRIBUTE.exec(written); match !== null; match = ATTRIBUTE.exec(written)) {
    const [, declaration, name = '', double, single = ''] = match;
    end = ATTRIBUTE.lastIndex;
    if (declaration !== undefined) continue;
    if (found.has(name)) throw damaged();
    found.set(name, withoutEntities(double ?? single));
  }
  if (!/^\s*\/?$/.test(written.slice(end))) throw damaged();
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi,
    (whole, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
    },
  );
}

/** Texts that many cells share: a comment in one cuts it in two, and the package reads the second half. */
export function checkShared(xml: string): void {
  if (xml.includes('<!') || xml.lastIndexOf('<?') > 0) throw damaged();
}

// ---- Of a sheet ------------------------------------------------------------------------------------------------

/** Places count from 0. */
export interface Drawn {
  readonly hiddenRows: ReadonlySet<number>;
  readonly hiddenColumns: readonly (readonly [from: number, to: number])[];
  /** Cells of formulas that failed or were never reckoned, by row. */
  readonly failed: ReadonlyMap<number, readonly number[]>;
  readonly merged: readonly Merged[];
  /** The same with the place written in every cell, where one had none; the package reads no other. */
  readonly placed: string | undefined;
}

export interface Merged {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export function drawnOf(sheet: string): Drawn {
  const cells = cellsOf(/<\/(?:[\w.-]+:)?sheetData\s*>/.exec(sheet)?.index ?? 0);
  const hiddenColumns: (readonly [number, number])[] = [];
  const merged: Merged[] = [];
  for (const tag of tagsIn(sheet)) {
    if (cells.take(tag)) continue;
    const { name, attribute } = tag;
    if (name === 'col') {
      if (!isHiddenBy(attribute, 'width') || hiddenColumns.length === MAX_COLUMNS) continue;
      const [from, to] = ['min', 'max'].map((of) => numberIn(attribute(of), MAX_COLUMNS));
      hiddenColumns.push([from ?? 0, to ?? 0]);
    } else if (name === 'mergeCell') {
      const [from, to] = (attribute('ref') ?? '').split(':').map(cellAt);
      if (from === undefined || to === undefined) continue;
      merged.push({ top: from.row, left: from.column, bottom: to.row, right: to.column });
    }
  }
  const { hiddenRows, failed, unplaced } = cells.end();
  return { hiddenRows, hiddenColumns, failed, merged, placed: withPlaces(sheet, unplaced) };
}

/** Takes the tags of a sheet's rows and cells, which end where `end` is; the package would go on reading behind it. */
function cellsOf(end: number) {
  const hiddenRows = new Set<number>();
  const failed = new Map<number, number[]>();
  const unplaced: Unplaced[] = [];
  let [row, column] = [-1, -1];
  let isRowOfCell = false;
  let [hasBegun, isFormula] = [false, false];
  const fail = () => {
    const places = failed.get(row);
    if (places === undefined) failed.set(row, [column]);
    else places.push(column);
  };
  /** A formula that its program never reckoned has no value, which is not an empty one. */
  const endCell = () => {
    if (isFormula) fail();
    isFormula = false;
  };
  const beginRow = (attribute: Tag['attribute']) => {
    const number = attribute('r');
    const next = number === undefined ? row + 1 : numberIn(number, Number.MAX_SAFE_INTEGER);
    if (next >= MAX_SHEET_ROWS) throw refusal('file-too-many-lines', { limit: MAX_SHEET_ROWS });
    if (next <= row) throw damaged();
    [row, column] = [next, -1];
    isRowOfCell = number === undefined;
    if (isHiddenBy(attribute, 'ht')) hiddenRows.add(row);
  };
  /** Of a row without a number its first cell may say which it is. */
  const moveRow = (to: number) => {
    if (to >= MAX_SHEET_ROWS) throw refusal('file-too-many-lines', { limit: MAX_SHEET_ROWS });
    if (hiddenRows.delete(row)) hiddenRows.add(to);
    row = to;
  };
  const beginCell = ({ attribute, nameEnd }: Tag) => {
    const reference = attribute('r');
    const found = reference === undefined ? { row, column: column + 1 } : cellAt(reference);
    if (reference === undefined) unplaced.push({ at: nameEnd, row, column: column + 1 });
    if (isRowOfCell && found !== undefined && found.row > row) moveRow(found.row);
    isRowOfCell = false;
    if (found?.row !== row || found.column <= column || found.column >= MAX_COLUMNS) throw damaged();
    column = found.column;
    if (attribute('t') === 'e') fail();
  };
  return {
    take(tag: Tag): boolean {
      const { name, at, attribute } = tag;
      if (name === 'sheetData') {
        if (hasBegun) throw damaged();
        hasBegun = true;
        return true;
      }
      if (!hasBegun) return false;
      if (at > end) {
        if (name === 'c' || (name === 'row' && (attribute('r') ?? attribute('hidden')) !== undefined))
          throw damaged();
        return false;
      }
      if (name === 'row' || name === 'c') {
        endCell();
        if (name === 'row') beginRow(attribute);
        else beginCell(tag);
      } else if (name === 'f') {
        isFormula = true;
      } else if (name === 'v' || name === 'is') {
        isFormula = false;
      } else if (name === '') throw damaged();
      return true;
    },
    end() {
      endCell();
      return { hiddenRows, failed, unplaced };
    },
  };
}

/** A cell that says no place stands behind the one before it. */
interface Unplaced {
  readonly at: number;
  readonly row: number;
  readonly column: number;
}

function withPlaces(sheet: string, unplaced: readonly Unplaced[]): string | undefined {
  if (unplaced.length === 0) return undefined;
  const pieces: string[] = [];
  let from = 0;
  for (const { at, row, column } of unplaced) {
    pieces.push(sheet.slice(from, at), ` r="${lettersOf(column)}${row + 1}"`);
    from = at;
  }
  pieces.push(sheet.slice(from));
  return pieces.join('');
}

function lettersOf(column: number): string {
  const rest = Math.floor(column / 26);
  return `${rest > 0 ? lettersOf(rest - 1) : ''}${String.fromCharCode(65 + (column % 26))}`;
}

/** Programs write 1 or true; whatever is not known to say that it is shown may hide. A row without height and a column without width are not seen either. */
function isHiddenBy(attribute: Tag['attribute'], size: string): boolean {
  const hidden = attribute('hidden')?.trim() ?? '0';
  return !/^(?:0|false|off)$/.test(hidden) || Number(attribute(size) ?? 1) === 0;
}

/** A place from 0, of a number from 1. */
function numberIn(written: string | undefined, most: number): number {
  const number = /^\d+$/.test(written ?? '') ? Number(written) : 0;
  if (number < 1 || number > most) throw damaged();
  return number - 1;
}

function cellAt(reference: string): { readonly row: number; readonly column: number } | undefined {
  const [, letters, row] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(reference) ?? [];
  if (letters === undefined) return undefined;
  let column = 0;
  for (let i = 0; i < letters.length; i++) column = column * 26 + letters.charCodeAt(i) - 64;
  return { row: Number(row) - 1, column: column - 1 };
}

/** Of each row, asked in order, which of its cells lie under a merged one and are not its first. */
export function mergedCells(merged: readonly Merged[]): (row: number) => RowMarks['isUnderMerged'] {
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

/** XML's escapes are gone already; these are those of ECMA-376 for what XML cannot write. */
export function unescaped(text: string): string {
  return text.replace(/_x([0-9a-f]{4})_/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
