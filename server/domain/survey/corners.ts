/**
 * The corners of a boundary as a file has it, for whoever reads it: a person at a page, at a signer or with a certificate.
 *
 * Promises: every corner that was committed to, in its order, or nothing of a boundary that is written otherwise or says more. Whether it
 * encloses ground, and how much, is judged by `geometry.ts`. Pure.
 */
import { countInWords } from '../base/inWords.ts';

export type Corner = readonly [longitude: number, latitude: number];

/** What a line names; a person who compares more of them has the file. */
const NAMED_CORNERS = 6;

/** Of all rings and parts, each ring without the corner that closes it. */
export function cornersOf(boundary: string): readonly Corner[] | undefined {
  try {
    const { type, coordinates } = JSON.parse(boundary) as { type?: unknown; coordinates?: unknown };
    if (JSON.stringify({ type, coordinates }) !== boundary) return undefined; // it says more than its corners
    const rings = ringsOf(type, coordinates);
    return rings.length > 0 && rings.every(isClosed) ? rings.flatMap((ring) => ring.slice(0, -1)) : undefined;
  } catch {
    return undefined;
  }
}

function ringsOf(type: unknown, coordinates: unknown): readonly (readonly Corner[])[] {
  if (type === 'Polygon') return coordinates as Corner[][];
  return type === 'MultiPolygon' ? (coordinates as Corner[][][]).flat() : [];
}

function isClosed(ring: readonly Corner[]): boolean {
  const areCorners = ring.every((corner) => corner.length === 2 && corner.every(Number.isFinite));
  const [[west, north] = [], last = []] = [ring[0], ring.at(-1)];
  return areCorners && ring.length > 1 && west === last[0] && north === last[1];
}

/** `4 corners: 1.2863 S 36.8172 E, ...`, degrees with all the digits that were committed to. */
export function cornersInWords(boundary: string): string | undefined {
  const corners = cornersOf(boundary);
  if (corners === undefined) return undefined;
  const named = corners.slice(0, NAMED_CORNERS).map(([longitude, latitude]) => {
    const [north, east] = [latitude < 0 ? 'S' : 'N', longitude < 0 ? 'W' : 'E'];
    return `${Math.abs(latitude)} ${north} ${Math.abs(longitude)} ${east}`;
  });
  const more = corners.length - named.length;
  return `${countInWords(corners.length, 'corner')}: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
