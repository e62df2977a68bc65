/** Archives and workbooks as offices' own programs write them, byte by byte: for tests. */
import { deflateRawSync } from 'node:zlib';

/** An archive, packed the way any program packs one. */
export function zipOf(
  files: Readonly<Record<string, string | Uint8Array>> | readonly (readonly [string, string | Uint8Array])[],
): Uint8Array<ArrayBuffer> {
  const entries = Array.isArray(files) ? files : Object.entries(files);
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, content] of entries) {
    const raw = Buffer.from(content as Uint8Array);
    const packed = deflateRawSync(raw);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt32LE(raw.length, 22);
    head.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(raw.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    bodies.push(head, Buffer.from(name), packed);
    directory.push(entry, Buffer.from(name));
    at += head.length + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...bodies, ...directory, end]));
}

/**
 * A number as its file writes it (`as`), shown as a date, or a cell of another kind (`t`): `b` TRUE or FALSE, `e` a failed formula;
 * without `as` a formula that was never reckoned.
 */
interface TypedCell {
  readonly as?: string;
  readonly t?: 'b' | 'e';
  readonly isDate?: boolean;
}
type Cell = string | number | null | TypedCell;
type Rows = readonly (readonly Cell[])[];
interface DrawnSheet {
  readonly rows: Rows;
  readonly state?: 'hidden' | 'veryHidden';
  readonly hiddenRows?: readonly number[];
  /** From 1, as rows are. */
  readonly hiddenColumns?: readonly number[];
  readonly merged?: readonly string[];
  readonly isChart?: boolean;
}
type Sheet = Rows | DrawnSheet;

const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

/** A workbook the way a spreadsheet program saves one, with its texts in the cells. */
export function workbookOf(sheet: Sheet, name = 'Sheet1'): Uint8Array<ArrayBuffer> {
  return workbookOfSheets({ [name]: sheet });
}

const isRows = (sheet: Sheet): sheet is Rows => Array.isArray(sheet);

export function workbookOfSheets(sheets: Readonly<Record<string, Sheet>>): Uint8Array<ArrayBuffer> {
  return zipOf(partsOfWorkbook(sheets));
}

/** The parts of a workbook, for tests that write one otherwise. */
export function partsOfWorkbook(sheets: Readonly<Record<string, Sheet>>): Readonly<Record<string, string>> {
  const all = Object.entries(sheets).map(([name, sheet], i) => {
    const drawn: DrawnSheet = isRows(sheet) ? { rows: sheet } : sheet;
    return { name, drawn, number: i + 1 };
  });
  const named = all.map(({ name, drawn: { state }, number }) => {
    const shown = state === undefined ? '' : ` state="${state}"`;
    return `<sheet name="${name}" sheetId="${number}"${shown} r:id="rId${number}"/>`;
  });
  const related = all.map(({ number, drawn: { isChart } }) => {
    const kind = isChart ? 'chartsheet' : 'worksheet';
    return `<Relationship Id="rId${number}" Type="${RELATIONS}/${kind}" Target="${kind}s/sheet${number}.xml"/>`;
  });
  const cells = all.filter(({ drawn }) => !drawn.isChart);
  return {
    '[Content_Types].xml': `${XML}<Types xmlns="${PACKAGE}/content-types"/>`,
    'xl/workbook.xml': `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${named.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="${PACKAGE}/relationships">${related.join('')}</Relationships>`,
    'xl/styles.xml': `${XML}<styleSheet xmlns="${MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
    ...Object.fromEntries(
      cells.map(({ drawn, number }) => [`xl/worksheets/sheet${number}.xml`, sheetOf(drawn)]),
    ),
  };
}

function cellOf(value: Cell, ref: string): string {
  if (value === null) return '';
  if (typeof value === 'string') return `<c r="${ref}" t="inlineStr"><is><t>${value}</t></is></c>`;
  if (typeof value === 'number') return `<c r="${ref}"><v>${value}</v></c>`;
  const content = value.as === undefined ? '<f>A1&amp;B1</f>' : `<v>${value.as}</v>`;
  const kind = value.t === undefined ? '' : ` t="${value.t}"`;
  return `<c r="${ref}"${value.isDate ? ' s="1"' : ''}${kind}>${content}</c>`;
}

function sheetOf({ rows, hiddenRows = [], hiddenColumns = [], merged = [] }: DrawnSheet): string {
  const data = rows.map((row, r) => {
    const cells = row.map((value, c) => cellOf(value, `${String.fromCharCode(65 + c)}${r + 1}`));
    return `<row r="${r + 1}"${hiddenRows.includes(r + 1) ? ' hidden="1"' : ''}>${cells.join('')}</row>`;
  });
  const columns = hiddenColumns.map((c) => `<col min="${c}" max="${c}" width="9" hidden="1"/>`);
  const drawn = columns.length === 0 ? '' : `<cols>${columns.join('')}</cols>`;
  const under = merged.map((ref) => `<mergeCell ref="${ref}"/>`);
  const merges =
    under.length === 0 ? '' : `<mergeCells count="${under.length}">${under.join('')}</mergeCells>`;
  return `${XML}<worksheet xmlns="${MAIN}">${drawn}<sheetData>${data.join('')}</sheetData>${merges}</worksheet>`;
}
