/**
 * A polygon in Well-Known Text (OGC 06-103r4), as spreadsheets and databases write shapes.
 *
 * Promises: linear in the text; what is no polygon of numbers is undefined, and never half of one. Pure.
 */

export interface WktGeometry {
  readonly type: 'Polygon' | 'MultiPolygon';
  readonly coordinates: unknown;
}

const HEAD = /^\s*(?:SRID=\d+;)?\s*(MULTIPOLYGON|POLYGON)\s*(?:ZM?|M)?\s*/i;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

export function polygonOfWkt(text: string): WktGeometry | undefined {
  const [head = '', written = ''] = HEAD.exec(text) ?? [];
  if (head === '') return undefined;
  const isMulti = written.toUpperCase() === 'MULTIPOLYGON';
  const json = text.slice(head.length).trim();
  const coordinates = nested(json, isMulti ? 3 : 2);
  return coordinates === undefined ? undefined : { type: isMulti ? 'MultiPolygon' : 'Polygon', coordinates };
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
