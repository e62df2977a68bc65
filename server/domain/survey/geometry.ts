/**
 * What a shape on the ground must be, and how large it is.
 *
 * Promises: a shape that passes `shapeOf` is closed, simple, of one piece a part, in degrees on WGS 84, and
 * keeps every vertex the office sent; its area is geodesic, on the ellipsoid, holes taken off. Nothing is
 * repaired. Errors carry no coordinates. Pure; `parcels.ts` calls it, and who draws a new boundary.
 */
import geographic from 'geographiclib-geodesic';
import Coordinate from 'jsts/org/locationtech/jts/geom/Coordinate.js';
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import IsValidOp from 'jsts/org/locationtech/jts/operation/valid/IsValidOp.js';
import TopologyValidationError from 'jsts/org/locationtech/jts/operation/valid/TopologyValidationError.js';
import type { Place, RefusalCode } from '../base/refusal.ts';
import { refusal } from '../base/refusal.ts';
import { isLongitudeLatitude, isObject } from './geojson.ts';
import type { Polygon, Ring } from './parcelAlias.ts';

/** West, south, east, north, in degrees. */
export type Extent = readonly [west: number, south: number, east: number, north: number];

/** A boundary surveyed at every metre for 10 km; more is a mistake, or an attack on what compares shapes. */
const MAX_VERTICES = 10_000;
/** About 111 km: a wider shape is a mistake or crosses the date line, and is no longer nearly flat. */
const MAX_EXTENT_DEGREES = 1;
const MIN_RING_VERTICES = 3;

/**
 * The parts of a GeoJSON geometry, or a thrown refusal of it at `place`. `within` is where the office's parcels
 * lie: the only way to notice latitude and longitude exchanged where both are possible.
 */
export function shapeOf(geometry: unknown, place: Place, within?: Extent): Polygon[] {
  const no = (code: GeometryCode) => refusal(code, undefined, place);
  if (geometry === null || geometry === undefined) throw no('geometry-empty');
  if (!isObject(geometry)) throw no('geometry-unsupported');
  if ('crs' in geometry && !isLongitudeLatitude(geometry.crs)) throw no('crs-unsupported');
  const { type, coordinates } = geometry;
  if (type !== 'Polygon' && type !== 'MultiPolygon') throw no('geometry-unsupported');
  const listed =
    type === 'Polygon' && Array.isArray(coordinates) && coordinates.length > 0 ? [coordinates] : coordinates;
  if (!Array.isArray(listed)) throw no('geometry-unsupported');
  if (listed.length === 0) throw no('geometry-empty');
  const read: RingReader = { no, vertices: 0, within };
  const parts = listed.map((part: unknown): Polygon => {
    if (!Array.isArray(part)) throw no('geometry-unsupported');
    const [shell, ...holes] = part.map((ring: unknown) => ringOf(ring, read));
    if (shell === undefined) throw no('geometry-empty');
    return [shell, ...holes];
  });
  if (parts.some(isTooWide)) throw no('shape-too-wide');
  const fault = faultOf(parts);
  if (fault !== undefined) throw no(fault);
  return parts;
}

/** A part as GeoJSON writes it. */
export function geoJsonOf(polygon: Polygon): {
  readonly type: 'Polygon';
  readonly coordinates: number[][][];
} {
  const positions = (ring: Ring) =>
    Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i] ?? 0, ring[2 * i + 1] ?? 0]);
  return { type: 'Polygon', coordinates: polygon.map(positions) };
}

type GeometryCode = Extract<
  RefusalCode,
  | `geometry-${string}`
  | `shape-${string}`
  | `ring-${string}`
  | `position-${string}`
  | `coordinates-${string}`
  | 'crs-unsupported'
>;

interface RingReader {
  readonly no: (code: GeometryCode) => Error;
  readonly within: Extent | undefined;
  vertices: number;
}

function ringOf(positions: unknown, read: RingReader): Ring {
  if (!Array.isArray(positions)) throw read.no('geometry-unsupported');
  read.vertices += positions.length;
  if (read.vertices > MAX_VERTICES) throw read.no('shape-too-detailed');
  const ring: number[] = [];
  let distinct = 0;
  for (const position of positions as unknown[]) {
    // a third number is a height; more have no meaning two readers would share
    if (!Array.isArray(position) || position.length < 2 || position.length > 3)
      throw read.no('position-malformed');
    if (!position.every((value) => typeof value === 'number')) throw read.no('position-malformed');
    const [x, y] = position as [number, number];
    const fault = placeFault(x, y, read.within);
    if (fault !== undefined) throw read.no(fault);
    if (x !== ring.at(-2) || y !== ring.at(-1)) distinct += 1;
    ring.push(x, y);
  }
  if (ring.length === 0) throw read.no('geometry-empty');
  if (ring[0] !== ring.at(-2) || ring[1] !== ring.at(-1)) throw read.no('ring-not-closed');
  if (distinct - 1 < MIN_RING_VERTICES) throw read.no('ring-too-short');
  return ring;
}

function placeFault(x: number, y: number, within: Extent | undefined): GeometryCode | undefined {
  const isOnEarth = Math.abs(x) <= 180 && Math.abs(y) <= 90;
  if (!isOnEarth)
    return Math.abs(x) <= 90 && Math.abs(y) <= 180 ? 'coordinates-exchanged' : 'coordinates-not-degrees';
  if (within === undefined || holds(within, x, y)) return undefined;
  return holds(within, y, x) ? 'coordinates-exchanged' : 'coordinates-outside';
}

function holds([west, south, east, north]: Extent, x: number, y: number): boolean {
  return west <= x && x <= east && south <= y && y <= north;
}

export function extentOf([shell]: Polygon): Extent {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < shell.length; i += 2) {
    west = Math.min(west, shell[i] ?? west);
    east = Math.max(east, shell[i] ?? east);
    south = Math.min(south, shell[i + 1] ?? south);
    north = Math.max(north, shell[i + 1] ?? north);
  }
  return [west, south, east, north];
}

function isTooWide(part: Polygon): boolean {
  const [west, south, east, north] = extentOf(part);
  return east - west > MAX_EXTENT_DEGREES || north - south > MAX_EXTENT_DEGREES;
}

const factory = new GeometryFactory();

const FAULTS: ReadonlyMap<number, GeometryCode> = new Map([
  [TopologyValidationError.HOLE_OUTSIDE_SHELL, 'shape-hole-outside'],
  [TopologyValidationError.NESTED_HOLES, 'shape-parts-overlap'],
  [TopologyValidationError.NESTED_SHELLS, 'shape-parts-overlap'],
  [TopologyValidationError.DUPLICATE_RINGS, 'shape-parts-overlap'],
  [TopologyValidationError.DISCONNECTED_INTERIOR, 'shape-disconnected'],
  [TopologyValidationError.TOO_FEW_POINTS, 'ring-too-short'],
]);

function faultOf(parts: readonly Polygon[]): GeometryCode | undefined {
  const polygons = parts.map(([shell, ...holes]) =>
    factory.createPolygon(linearRing(shell), holes.map(linearRing)),
  );
  const shape = polygons.length === 1 ? polygons[0] : factory.createMultiPolygon(polygons);
  const error = new IsValidOp(shape).getValidationError();
  // what is left are rings that cross or touch themselves or one another
  return error === null ? undefined : (FAULTS.get(error.getErrorType()) ?? 'shape-crosses-itself');
}

function linearRing(ring: Ring) {
  const coordinates: Coordinate[] = [];
  for (let i = 0; i < ring.length; i += 2) coordinates.push(new Coordinate(ring[i], ring[i + 1]));
  return factory.createLinearRing(coordinates);
}

export function areaM2(parts: readonly Polygon[]): number {
  return parts.reduce(
    (sum, [shell, ...holes]) =>
      holes.reduce((left, hole) => left - ringAreaM2(hole), sum + ringAreaM2(shell)),
    0,
  );
}

function ringAreaM2(ring: Ring): number {
  const polygon = geographic.Geodesic.WGS84.Polygon(false);
  for (let i = 0; i + 2 < ring.length; i += 2) polygon.AddPoint(ring[i + 1] ?? 0, ring[i] ?? 0);
  return Math.abs(polygon.Compute(false, true).area ?? 0);
}
