/**
 * A zipped Shapefile as GeoJSON.
 *
 * Promises: records and rows of its table are one for one, or the file is refused; a shape of which the reader would drop
 * a ring is said to be none; the projection of its `.prj` is said on. Pure; `formats.ts` calls it.
 */
import { parseDbf, parseShp } from 'shpjs';
import { refusal } from '../base/refusal.ts';
import type { Charset } from '../files/text.ts';
import type { ZipEntry } from '../files/zip.ts';
import { isObject } from './geojson.ts';

export async function ofShapefile(
  entries: readonly ZipEntry[],
  charset: Charset | undefined,
): Promise<string> {
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
  const encoding = cpg === undefined ? charset : new TextDecoder().decode(cpg).trim();
  const [geometries, records] = recordsOf(shp, dbf, encoding);
  const features = geometries.map((geometry, i) => ({
    type: 'Feature',
    properties: records[i] ?? {},
    geometry,
  }));
  const crs = prj === undefined ? undefined : crsOf(new TextDecoder().decode(prj));
  return JSON.stringify({ type: 'FeatureCollection', ...(crs && { crs }), features });
}

function recordsOf(shp: Uint8Array, dbf: Uint8Array | undefined, encoding: string | undefined) {
  const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
    new DataView(buffer, byteOffset, byteLength);
  const damaged = refusal('format-damaged', { format: 'a Shapefile' });
  try {
    const rings = ringsOf(viewOf(shp));
    const geometries = parseShp(viewOf(shp));
    const records = dbf === undefined ? undefined : parseDbf(viewOf(dbf), encoding);
    // the reader stops where the file is cut, and counts no rows
    if (geometries.length !== rings.length || (records ?? rings).length !== rings.length) throw damaged;
    const whole = geometries.map((geometry, i) =>
      ringCount(geometry) === rings[i] ? geometry : { type: 'Polygon of rings that lie in none' },
    );
    return [whole, records ?? []] as const;
  } catch {
    throw damaged;
  }
}

const HEADER_BYTES = 100;
const RECORD_HEADER_BYTES = 8;
/** Polygons, with heights or measures or without. */
const POLYGONS = [5, 15, 25];
const PARTS_AT = 36;

/** How many rings each record says it has; undefined of what is no polygon. Throws where the file is cut. */
function ringsOf(shp: DataView): (number | undefined)[] {
  const stated = shp.getInt32(24) * 2;
  if (stated > shp.byteLength) throw new RangeError('the file is cut');
  const found: (number | undefined)[] = [];
  for (let at = HEADER_BYTES; at < stated; ) {
    const bytes = shp.getInt32(at + 4) * 2;
    if (bytes < 0 || at + RECORD_HEADER_BYTES + bytes > stated) throw new RangeError('a record is cut');
    const isPolygon = bytes > 0 && POLYGONS.includes(shp.getInt32(at + RECORD_HEADER_BYTES, true));
    const parts = isPolygon ? shp.getInt32(at + RECORD_HEADER_BYTES + PARTS_AT, true) : 0;
    found.push(parts === 0 ? undefined : parts);
    at += RECORD_HEADER_BYTES + bytes;
  }
  return found;
}

function ringCount(geometry: unknown): number | undefined {
  if (!isObject(geometry) || !Array.isArray(geometry.coordinates)) return undefined;
  if (geometry.type === 'Polygon') return geometry.coordinates.length;
  if (geometry.type !== 'MultiPolygon') return undefined;
  return geometry.coordinates.reduce((sum: number, part: unknown[]) => sum + part.length, 0);
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
