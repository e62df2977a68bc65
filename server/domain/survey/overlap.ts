/**
 * How much ground two shapes share.
 *
 * Neighbours share borders that differ in the last digits, which is where overlay libraries throw. Nothing is
 * overlaid here: the shared width is integrated from south to north over slabs in which no border of one
 * crosses one of the other, so a rounding error costs a sliver of its own size and there is no input it fails
 * on. Promises: the area is exact to rounding for valid shapes under a degree wide (flat in a slab of latitude;
 * the ellipsoid's scale at the middle of the common extent is off by under 1 % at the edges).
 */
import type { Extent } from './geometry.ts';
import { extentOf } from './geometry.ts';
import type { Polygon } from './parcelAlias.ts';

/** One part of a shape made ready to be compared many times: parts may lie far from one another. */
export interface Outline {
  readonly extent: Extent;
  /** Borders that are not level: x and y of the southern end, then of the northern, in order of southern y. */
  readonly borders: readonly Border[];
}

type Border = readonly [x0: number, y0: number, x1: number, y1: number];

export function outlineOf(polygon: Polygon): Outline {
  const borders: Border[] = [];
  for (const ring of polygon) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = ring.slice(i, i + 4);
      if (y0 !== y1) borders.push(y0 < y1 ? [x0, y0, x1, y1] : [x1, y1, x0, y0]);
    }
  }
  return { extent: extentOf(polygon), borders: borders.sort((a, b) => a[1] - b[1]) };
}

/** Stops counting, with what it has, once the area is over `enoughM2`. */
export function overlapM2(a: Outline, b: Outline, enoughM2 = Infinity): number {
  const west = Math.max(a.extent[0], b.extent[0]);
  const south = Math.max(a.extent[1], b.extent[1]);
  const east = Math.min(a.extent[2], b.extent[2]);
  const north = Math.min(a.extent[3], b.extent[3]);
  if (west >= east || south >= north) return 0;
  const scale = squareMetresOfSquareDegree((south + north) / 2);
  if ((east - west) * (north - south) * scale <= Math.min(enoughM2, NOTHING_M2)) return 0;
  const sweeps = [sweepOf(a, south, north), sweepOf(b, south, north)] as const;
  let area = 0;
  let from = south;
  for (const to of levels(sweeps, south, north)) {
    if (to > from) area += scale * slab(advance(sweeps[0], from), advance(sweeps[1], from), from, to);
    if (area > enoughM2) return area;
    from = to;
  }
  return area;
}

/** By the same measure as what two share. */
export function groundM2(outline: Outline): number {
  return overlapM2(outline, outline);
}

/** A square of 0.1 mm: less than any survey, or the last digit of a coordinate, can mean. */
export const NOTHING_M2 = 1e-8;

const SEMI_MAJOR_M = 6378137;
const ECCENTRICITY_SQUARED = 0.00669437999014;

function squareMetresOfSquareDegree(latitude: number): number {
  const radians = Math.PI / 180;
  const flatness = 1 - ECCENTRICITY_SQUARED * Math.sin(latitude * radians) ** 2;
  const meridional = (SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED)) / flatness ** 1.5;
  const parallel = (SEMI_MAJOR_M / Math.sqrt(flatness)) * Math.cos(latitude * radians);
  return meridional * parallel * radians ** 2;
}

/** The borders of one shape that a level line crosses, as the line moves north. */
interface Sweep {
  readonly waiting: readonly Border[];
  next: number;
  active: Border[];
}

function sweepOf({ borders }: Outline, south: number, north: number): Sweep {
  return { waiting: borders.filter((border) => border[3] > south && border[1] < north), next: 0, active: [] };
}

function advance(sweep: Sweep, level: number): readonly Border[] {
  sweep.active = sweep.active.filter((border) => border[3] > level);
  for (let border = sweep.waiting[sweep.next]; border !== undefined && border[1] <= level; ) {
    if (border[3] > level) sweep.active.push(border);
    border = sweep.waiting[++sweep.next];
  }
  return sweep.active;
}

function levels(sweeps: readonly Sweep[], south: number, north: number): number[] {
  const found = sweeps.flatMap(({ waiting }) => waiting.flatMap((border) => [border[1], border[3]]));
  return [...found.filter((y) => y > south && y < north), north].sort((a, b) => a - b);
}

/** Where a border enters and leaves a slab. */
interface Crossing {
  readonly x0: number;
  readonly x1: number;
}

function crossings(borders: readonly Border[], from: number, to: number): Crossing[] {
  return borders
    .map((border) => ({ x0: xAt(border, from), x1: xAt(border, to) }))
    .sort((one, other) => one.x0 + one.x1 - other.x0 - other.x1);
}

function xAt([x0, y0, x1, y1]: Border, y: number): number {
  return y >= y1 ? x1 : x0 + ((x1 - x0) * (y - y0)) / (y1 - y0);
}

/** The shared area, in square degrees, where neither shape has a vertex between `from` and `to`. */
function slab(a: readonly Border[], b: readonly Border[], from: number, to: number): number {
  const [ours, theirs] = [crossings(a, from, to), crossings(b, from, to)];
  const cuts = [...meetings(ours, theirs), 1].sort((one, other) => one - other);
  let area = 0;
  let low = 0;
  for (const high of cuts) {
    area += (high - low) * sharedWidth(ours, theirs, (low + high) / 2);
    low = high;
  }
  return area * (to - from);
}

/**
 * The parts of the slab's height at which a border of one meets one of the other. Both lists are in order and
 * their own borders do not cross, so what lies wholly west of one border does so of the next.
 */
function meetings(ours: readonly Crossing[], theirs: readonly Crossing[]): number[] {
  const found: number[] = [];
  let first = 0;
  for (const one of ours) {
    const [west, east] = [Math.min(one.x0, one.x1), Math.max(one.x0, one.x1)];
    while (first < theirs.length && isWestOf(theirs[first], west)) first += 1;
    for (let i = first; i < theirs.length; i++) {
      const other = theirs[i];
      if (other === undefined || Math.min(other.x0, other.x1) > east) break;
      const [low, high] = [one.x0 - other.x0, one.x1 - other.x1];
      if (low * high < 0) found.push(low / (low - high));
    }
  }
  return found;
}

function isWestOf(border: Crossing | undefined, x: number): boolean {
  return border !== undefined && Math.max(border.x0, border.x1) < x;
}

/** The length common to both at a part of the slab's height: between odd and even borders a shape is inside. */
function sharedWidth(ours: readonly Crossing[], theirs: readonly Crossing[], part: number): number {
  const x = (crossing: Crossing | undefined) =>
    crossing === undefined ? Infinity : crossing.x0 + (crossing.x1 - crossing.x0) * part;
  let width = 0;
  for (let i = 0, j = 0; i + 1 < ours.length && j + 1 < theirs.length; ) {
    const [end, otherEnd] = [x(ours[i + 1]), x(theirs[j + 1])];
    width += Math.max(0, Math.min(end, otherEnd) - Math.max(x(ours[i]), x(theirs[j])));
    if (end < otherEnd) i += 2;
    else j += 2;
  }
  return width;
}
