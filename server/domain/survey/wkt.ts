/**
 * A shape in a cell: Well-Known Text (OGC 06-103r4) as databases write it, GeoJSON, or the points of an XLSForm.
 *
 * Promises: linear in the text; what is no polygon of numbers has a type that is none, and is never half of one; the
 * coordinate system that it states is said. Pure.
 */

import { parseStrictJson } from '../base/json.ts';
import { Refusal } from '../base/refusal.ts';

export interface CellShape {
  /** `Polygon`, `MultiPolygon`, or of what cannot be read a word that is no type. */
  readonly type: string;
  readonly coordinates: unknown;
  /** The EPSG code that it states, as `SRID=32737;POLYGON (...)` does. */
  readonly srid: number | undefined;
}

const HEAD = /^\s*(?:SRID=(\d{1,6});)?\s*(MULTIPOLYGON|POLYGON)\s*(?:ZM?|M)?\s*/i;
const EMPTY = /^\s*(?:(?:SRID=\d+;)?\s*[A-Z]+\s*(?:ZM?|M)?\s+EMPTY)?\s*$/i;
/** Latitude, longitude, height and accuracy of each point. */
const FORM_POINTS = /^(?:\s*-?[\d.]+ -?[\d.]+ -?[\d.]+ [\d.]+\s*(?:;|$)){4,}$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Undefined of an empty cell or an empty shape. */
export function shapeOfCell(text: string): CellShape | undefined {
  if (EMPTY.test(text)) return undefined;
  return polygonOfWkt(text) ?? polygonOfJson(text) ?? polygonOfForm(text) ?? UNREADABLE;
}

const UNREADABLE: CellShape = { type: 'unreadable', coordinates: [], srid: undefined };

function polygonOfWkt(text: string): CellShape | undefined {
  const [head = '', stated, written = ''] = HEAD.exec(text) ?? [];
  if (head === '') return undefined;
  const isMulti = written.toUpperCase() === 'MULTIPOLYGON';
  const coordinates = nested(text.slice(head.length).trim(), isMulti ? 3 : 2);
  const srid = stated === undefined || Number(stated) === 0 ? undefined : Number(stated);
  return coordinates === undefined
    ? undefined
    : { type: isMulti ? 'MultiPolygon' : 'Polygon', coordinates, srid };
}

function polygonOfJson(text: string): CellShape | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const { type, coordinates, crs } = parseStrictJson(text) as Record<string, unknown>;
    const isShape = typeof type === 'string' && crs === undefined;
    return isShape ? { type, coordinates, srid: undefined } : undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return undefined;
  }
}

function polygonOfForm(text: string): CellShape | undefined {
  if (!FORM_POINTS.test(text)) return undefined;
  const points = text.split(';').filter((point) => point.trim() !== '');
  const ring = points.map((point) => {
    const [latitude, longitude] = point.trim().split(' ').map(Number);
    return [longitude, latitude];
  });
  return { type: 'Polygon', coordinates: [ring], srid: undefined };
}

/** `depth` brackets around lists of positions that are set apart by commas. */
function nested(text: string, depth: number): unknown {
  if (!text.startsWith('(') || !text.endsWith(')')) return undefined;
  const inside = text.slice(1, -1);
  const parts =
    depth === 1
      ? inside.split(',').map(position)
      : groupsOf(inside)?.map((group) => nested(group, depth - 1));
  return parts === undefined || parts.includes(undefined) ? undefined : parts;
}

function groupsOf(text: string): string[] | undefined {
  const groups: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at <= text.length; at++) {
    const character = text[at];
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth < 0) return undefined;
    if (depth === 0 && (character === ',' || character === undefined)) {
      groups.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return depth === 0 ? groups : undefined;
}

function position(text: string): number[] | undefined {
  const numbers = text.trim().split(/\s+/);
  return numbers.length >= 2 && numbers.length <= 4 && numbers.every((one) => NUMBER.test(one))
    ? numbers.slice(0, 3).map(Number)
    : undefined;
}
