/**
 * From the coordinates of a projection to longitude and latitude on WGS 84.
 *
 * Promises: only a projection that is exactly known is used: UTM on WGS 84, Web Mercator, or the PROJ text an officer
 * gives; a national datum is never shifted by a guess. Results are rounded to 1e-9 degrees, a tenth of a millimetre.
 * Pure; `parcels.ts` calls it.
 */
import proj4 from 'proj4';
import { refusal } from '../base/refusal.ts';
import { isObject } from './geojson.ts';

export type Unproject = (geometry: unknown) => unknown;

const UTM = /^EPSG:32([67])(0[1-9]|[1-5]\d|60)$/i;
/** The parameters of a PROJ text; no file names, which would be looked up. */
const PROJ_TEXT = /^(?:\+[a-z_0-9]+(?:=[\w.,:-]+)?\s*){1,24}$/i;
const FILES = /\+(?:nadgrids|geoidgrids|grids|init)=/i;
const DIGITS = 1e9;

/** Throws `projection-unknown`. */
export function unprojectFrom(projection: string): Unproject {
  const definition = definitionOf(projection.trim());
  if (definition === undefined)
    throw refusal('projection-unknown', undefined, { field: '/settings/projection' });
  const { forward } = converterOf(definition);
  const degrees = ([x = Number.NaN, y = Number.NaN, ...heights]: readonly number[]) => {
    const [longitude = Number.NaN, latitude = Number.NaN] = forward([x, y]);
    return [rounded(longitude), rounded(latitude), ...heights];
  };
  const walk = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value;
    const isPosition =
      value.length >= 2 && value.every((part) => typeof part === 'number' && Number.isFinite(part));
    return isPosition ? degrees(value as number[]) : value.map(walk);
  };
  return (geometry) =>
    isObject(geometry) && Array.isArray(geometry.coordinates)
      ? { type: geometry.type, coordinates: walk(geometry.coordinates) }
      : geometry;
}

function converterOf(definition: string) {
  try {
    return proj4(definition, 'WGS84');
  } catch {
    throw refusal('projection-unknown', undefined, { field: '/settings/projection' });
  }
}

/** Whether a name or text is one that `unprojectFrom` takes. */
export function definitionOf(projection: string): string | undefined {
  const [, hemisphere, zone] = UTM.exec(projection) ?? [];
  if (zone !== undefined) {
    return `+proj=utm +zone=${Number(zone)} ${hemisphere === '7' ? '+south ' : ''}+datum=WGS84 +units=m +no_defs`;
  }
  if (/^EPSG:(?:3857|900913)$/i.test(projection)) return 'EPSG:3857';
  return PROJ_TEXT.test(projection) && /\+proj=/.test(projection) && !FILES.test(projection)
    ? projection
    : undefined;
}

function rounded(degrees: number): number {
  return Math.round(degrees * DIGITS) / DIGITS;
}
