/**
 * A table whose rows have shapes in a cell, as databases, spreadsheets and forms write them, as GeoJSON.
 *
 * Promises: each row is a feature on the line its row has; the names of columns stand on the first of a few rows that
 * names the number of parcels; a row whose cells and columns cannot be matched is refused by its line, a name that stands
 * twice by the features that have both, and a shape that cannot be read is none. A coordinate system that shapes state
 * counts as the file's. Pure; `formats.ts` calls it.
 */
import { type Refusal, refusal } from '../base/refusal.ts';
import { findColumns } from '../files/columns.ts';
import { readRows } from '../files/csv.ts';
import type { FileSettings } from '../files/settings.ts';
import { sheetOf } from '../files/workbook.ts';
import type { ZipEntry } from '../files/zip.ts';
import type { MapText } from './formats.ts';
import { isScript } from './geojson.ts';
import { PARCEL_COLUMNS, type ParcelField } from './parcelNames.ts';
import { shapeOfCell } from './wkt.ts';

/** A word of WKT, GeoJSON in a quoted cell, or the points of a form: latitude, longitude, height and accuracy. */
const SHAPE =
  /\b(?:MULTI)?POLYGON\s*(?:ZM?|M)?\s*\(|\{\s*"{1,2}(?:type|coordinates)"{1,2}\s*:|-?\d+(?:\.\d+)? -?\d+(?:\.\d+)? -?\d+(?:\.\d+)? \d+(?:\.\d+)?; ?-?\d/i;
/** Title, date and place stand above the names of columns. */
const HEADER_WITHIN_ROWS = 10;

interface TableRow {
  readonly cells: readonly string[];
  readonly line: number;
}

/** A text that is no script, which may name features too. */
export function hasShapes(text: string): boolean {
  return SHAPE.test(text) && !isScript(text);
}

/** Shapes of a database as it writes them where nobody asks for text: polygons alone, in either order of bytes. */
const BINARY_SHAPE =
  /(?:^|[;,\t|])\s*"?(?:\\x)?(?:01(?:03|06)0000(?:00|20)|00(?:00|20)0000(?:03|06))[0-9a-f]{16,}/im;
/** A line of several cells, as the names of columns are. */
const SEVERAL_CELLS = /^[^\r\n<>{}]*[;,\t|][^\r\n<>{}]*\r?$/m;

/** Bytes that are no text make cells by chance. */
const NO_TEXT = /\ufffd|(?!\s)\p{Cc}/u;

/** What a text is that has rows and no shape which is read; undefined where it has no rows of cells either. */
export function tableWithoutShapes(text: string): string | undefined {
  if (isScript(text) || NO_TEXT.test(text) || !SEVERAL_CELLS.test(text)) return undefined;
  return BINARY_SHAPE.test(text)
    ? 'a table whose shapes are binary (WKB), where WKT is read (`ST_AsText`)'
    : 'a table in which no cell holds a shape (WKT or GeoJSON of a polygon)';
}

export function ofTable(bytes: Uint8Array, settings: FileSettings): MapText {
  const rows: TableRow[] = [];
  readRows(bytes, settings, {
    consume: (cells, line) => rows.push({ cells, line }),
    finish: (fault) => {
      if (fault !== undefined) throw fault;
    },
  });
  return ofRows(rows, settings);
}

export async function ofWorkbook(
  bytes: Uint8Array<ArrayBuffer>,
  entries: readonly ZipEntry[],
  settings: FileSettings,
): Promise<MapText> {
  const { about, rows } = await sheetOf(bytes, entries, settings.sheet);
  const read = [...rows].filter(({ cells }) => cells.some((cell) => cell !== ''));
  if (!read.some(({ cells }) => cells.some(hasShapes)))
    throw refusal('parcels-format-other', { format: 'a workbook without shapes' });
  const { text, unconverted } = ofRows(read, settings);
  return { text, unconverted: unconverted ?? new Map(), warnings: about.warnings };
}

function ofRows(rows: readonly TableRow[], { columns }: FileSettings): MapText {
  const namesOf = (row: TableRow | undefined) =>
    row?.cells.map((name) => name.replace(/\s+/g, ' ').trim()) ?? [];
  const rules = Object.assign({ chosen: columns ?? {} }, PARCEL_COLUMNS);
  const top = rows
    .slice(0, HEADER_WITHIN_ROWS)
    .findIndex((row) => findColumns<ParcelField>(namesOf(row), rules).refused.length === 0);
  const names = namesOf(rows[Math.max(0, top)]);
  const data = rows.slice(Math.max(0, top) + 1);
  const width = names.findLastIndex((name) => name !== '') + 1;
  const shapes = data.find(({ cells }) => cells.some(hasShapes))?.cells ?? [];
  const place = shapes.findIndex(hasShapes);
  const stated = new Set<number | undefined>();
  const unconverted = new Map<number, Refusal>();
  let [text, line] = ['', 1];
  for (const [i, { cells, line: at }] of data.entries()) {
    // each feature stands on the line its row does
    text += `${i === 0 ? '' : ','}${'\n'.repeat(Math.max(0, at - line))}`;
    line = Math.max(line, at);
    const isWhole = cells.length >= width && cells.slice(names.length).every((cell) => cell.trim() === '');
    const expected = { found: cells.length, expected: width };
    if (!isWhole) unconverted.set(i + 1, refusal('row-ragged', expected, { line: at, feature: i + 1 }));
    // written one by one: a name that stands twice is for the reader of features to see
    const properties = names.flatMap((name, column) =>
      column === place || name === ''
        ? []
        : [`${JSON.stringify(name)}:${JSON.stringify(cells[column] ?? null)}`],
    );
    const shape = shapeOfCell(cells[place] ?? '');
    if (shape !== undefined) stated.add(shape.srid);
    const geometry = shape === undefined ? null : { type: shape.type, coordinates: shape.coordinates };
    text += `{"type":"Feature","properties":{${properties.join(',')}},"geometry":${JSON.stringify(geometry)}}`;
  }
  return { text: `{"type":"FeatureCollection",${crsOf(stated)}"features":[${text}]}`, unconverted };
}

/** What all shapes state; where some state another, or nothing, there is no one answer for the file. */
function crsOf(stated: ReadonlySet<number | undefined>): string {
  const [srid, another] = [...stated];
  if (stated.size === 1 && srid === undefined) return '';
  if (stated.size === 0) return '';
  const name = stated.size > 1 || another !== undefined ? 'several' : `EPSG:${srid}`;
  return `"crs":${JSON.stringify({ type: 'name', properties: { name } })},`;
}
