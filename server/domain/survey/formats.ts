/**
 * A map in whatever an office keeps maps in, as the one text that parcels are read from.
 *
 * Promises: GeoJSON goes through as it is; a zipped Shapefile, KML, KMZ and a CSV file with WKT become GeoJSON whose
 * numbers of features are the records' own; coordinates stay those of the file, and the projection a file states is
 * said on, never guessed. Any other format is refused with the command that converts it. Pure; the thread that reads
 * files calls it.
 */
import { kml } from '@tmcw/togeojson';
import { DOMParser } from '@xmldom/xmldom';
import { parseDbf, parseShp } from 'shpjs';
import { refusal } from '../base/refusal.ts';
import { readRows } from '../files/csv.ts';
import { formatOf } from '../files/format.ts';
import type { FileSettings } from '../files/settings.ts';
import { decodeText } from '../files/text.ts';
import type { ZipEntry } from '../files/zip.ts';
import { polygonOfWkt } from './wkt.ts';

/** What `readParcels` takes. */
export async function parcelText(
  bytes: Uint8Array<ArrayBuffer>,
  settings: FileSettings,
): Promise<string | Uint8Array> {
  const format = formatOf(bytes);
  switch (format.kind) {
    case 'text':
      return textOf(bytes, settings);
    case 'kml':
      return ofKml(decodeText(bytes, settings.charset));
    case 'kmz': {
      const entry = format.entries.find(({ name }) => /\.kml$/i.test(name));
      return ofKml(decodeText((await entry?.bytes()) ?? new Uint8Array()));
    }
    case 'shapefile':
      return ofShapefile(format.entries);
    case 'workbook':
      throw refusal('parcels-format-other', { format: 'a workbook' });
    case 'other':
      throw refusal('parcels-format-other', { format: format.name });
  }
}

/** A text that begins with no bracket, and whose first line names a column of shapes, is a table. */
function textOf(bytes: Uint8Array, settings: FileSettings): string | Uint8Array {
  const head = decodeText(bytes.subarray(0, HEAD_BYTES), settings.charset).trimStart();
  if (/^[[{]/.test(head) || !WKT.test(head)) return bytes;
  const rows: { cells: readonly string[]; line: number }[] = [];
  readRows(bytes, settings, {
    consume: (cells, line) => rows.push({ cells, line }),
    finish: (fault) => {
      if (fault !== undefined) throw fault;
    },
  });
  const [header, ...data] = rows;
  const names = header?.cells.map((name) => name.trim()) ?? [];
  const shapes = data.find(({ cells }) => cells.some((cell) => WKT.test(cell)))?.cells;
  const place = shapes?.findIndex((cell) => WKT.test(cell)) ?? -1;
  let [text, line] = ['{"type":"FeatureCollection","features":[', 1];
  for (const [i, row] of data.entries()) {
    // each feature stands on the line its row does
    text += `${i === 0 ? '' : ','}${'\n'.repeat(Math.max(0, row.line - line))}`;
    line = Math.max(line, row.line);
    const properties = Object.fromEntries(
      names.flatMap((name, at) => (at === place || name === '' ? [] : [[name, row.cells[at] ?? null]])),
    );
    const geometry = polygonOfWkt(row.cells[place] ?? '') ?? null;
    text += JSON.stringify({ type: 'Feature', properties, geometry });
  }
  return `${text}]}`;
}

const HEAD_BYTES = 64 * 1024;
const WKT = /\b(?:MULTI)?POLYGON\s*(?:Z|M|ZM)?\s*\(/i;

function ofKml(text: string): string {
  const faults: string[] = [];
  const document = new DOMParser({ onError: (level) => level !== 'warning' && faults.push(level) });
  try {
    return JSON.stringify(kml(document.parseFromString(text, 'text/xml')));
  } catch {
    throw refusal('format-damaged', { format: 'KML' });
  }
}

async function ofShapefile(entries: readonly ZipEntry[]): Promise<string> {
  const layers = entries.filter(({ name }) => /\.shp$/i.test(name) && !name.startsWith('__MACOSX'));
  const [layer, another] = layers;
  if (layer === undefined || another !== undefined) {
    throw refusal('parcels-format-other', { format: 'a zip of several layers' });
  }
  const stem = layer.name.slice(0, -'.shp'.length);
  const beside = (ending: string) =>
    entries.find(({ name }) => name.toLowerCase() === `${stem}.${ending}`.toLowerCase())?.bytes();
  const [shp, dbf, cpg, prj] = await Promise.all([
    layer.bytes(),
    beside('dbf'),
    beside('cpg'),
    beside('prj'),
  ]);
  const [geometries, records] = recordsOf(shp, dbf, cpg);
  const features = geometries.map((geometry, i) => ({
    type: 'Feature',
    properties: records[i] ?? {},
    geometry,
  }));
  const crs = prj === undefined ? undefined : crsOf(new TextDecoder().decode(prj));
  return JSON.stringify({ type: 'FeatureCollection', ...(crs && { crs }), features });
}

function recordsOf(shp: Uint8Array, dbf: Uint8Array | undefined, cpg: Uint8Array | undefined) {
  const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
    new DataView(buffer, byteOffset, byteLength);
  try {
    const encoding = cpg === undefined ? undefined : new TextDecoder().decode(cpg).trim();
    return [parseShp(viewOf(shp)), dbf === undefined ? [] : parseDbf(viewOf(dbf), encoding)] as const;
  } catch {
    throw refusal('format-damaged', { format: 'a Shapefile' });
  }
}

/** A `.prj` on WGS 84 by the name a GeoJSON file would give; any other by a name that is refused until one is given. */
function crsOf(wkt: string) {
  const named = (name: string) => ({ type: 'name', properties: { name } });
  const [, zone, hemisphere] =
    /^PROJCS\["WGS[_ ](?:19)?84[_ /]+UTM[_ ]zone[_ ](\d{1,2})([NS])"/i.exec(wkt) ?? [];
  if (zone !== undefined) {
    return named(`EPSG:32${hemisphere?.toUpperCase() === 'S' ? '7' : '6'}${zone.padStart(2, '0')}`);
  }
  const isPlain = /^GEOGCS\["(?:GCS_)?WGS[_ ](?:19)?84"/i.test(wkt);
  return named(isPlain ? 'EPSG:4326' : 'as the .prj file says');
}
