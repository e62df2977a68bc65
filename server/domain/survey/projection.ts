/**
 * From the coordinates of a projection to longitude and latitude on WGS 84.
 *
 * Promises: only a projection that is exactly known is used: UTM on WGS 84, Web Mercator, or the PROJ text an officer
 * gives; a national datum is never shifted by a guess, and what lies where the projection is not for, as coordinates of
 * another zone or hemisphere do, or those that have northing first, is refused and never drawn there. Results are rounded to 1e-9 degrees, a tenth of a millimetre.
 * Pure; `parcels.ts` calls it.
 */
import proj4 from 'proj4';
import type { Place } from '../base/refusal.ts';
import { refusal } from '../base/refusal.ts';
import { isObject } from './geojson.ts';

/** Throws `coordinates-outside-projection` at the place. */
export type Unproject = (geometry: unknown, place: Place) => unknown;

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
  const isFor = areaOf(definition);
  const degrees = ([x = Number.NaN, y = Number.NaN, ...heights]: readonly number[], place: Place) => {
    const [longitude = Number.NaN, latitude = Number.NaN] = forward([x, y]);
    if (!isFor(x, longitude, latitude)) throw refusal('coordinates-outside-projection', undefined, place);
    return [rounded(longitude), rounded(latitude), ...heights];
  };
  const walk = (value: unknown, place: Place): unknown => {
    if (!Array.isArray(value)) return value;
    const isPosition =
      value.length >= 2 && value.every((part) => typeof part === 'number' && Number.isFinite(part));
    return isPosition ? degrees(value as number[], place) : value.map((part) => walk(part, place));
  };
  return (geometry, place) =>
    isObject(geometry) && Array.isArray(geometry.coordinates)
      ? { type: geometry.type, coordinates: walk(geometry.coordinates, place) }
      : geometry;
}

/** Degrees beyond the equator to which countries use the zone of their other half. */
const BEYOND_EQUATOR = 6;
/** Two zones of UTM, for countries that keep one for all their ground. */
const BESIDE_MERIDIAN = 9;
const [UTM_SOUTH, UTM_NORTH] = [-80.5, 84.5];
/** Metres; degrees that are called UTM are far below. */
const LEAST_EASTING = 1_000;
const MERCATOR_LATITUDE = 85.06;

/** Whether a place is one that a projection is for; of the others than UTM and Web Mercator little can be said. */
function areaOf(definition: string): (x: number, longitude: number, latitude: number) => boolean {
  const isUtm = /\+proj=(?:utm|etmerc)(?=\s|$)/.test(definition);
  const [, zone = ''] = /\+zone=(\d+)/.exec(definition) ?? [];
  if (isUtm && zone !== '') {
    const isSouth = /\+south(?=\s|$)/.test(definition);
    const [least, most] = isSouth ? [UTM_SOUTH, BEYOND_EQUATOR] : [-BEYOND_EQUATOR, UTM_NORTH];
    const meridian = Number(zone) * 6 - 183;
    return (x, longitude, latitude) =>
      Math.abs(x) >= LEAST_EASTING &&
      least <= latitude &&
      latitude <= most &&
      Math.abs(((longitude - meridian + 540) % 360) - 180) <= BESIDE_MERIDIAN;
  }
  return (_, longitude, latitude) =>
    Math.abs(longitude) <= 180 && Math.abs(latitude) <= (definition === 'EPSG:3857' ? MERCATOR_LATITUDE : 90);
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
