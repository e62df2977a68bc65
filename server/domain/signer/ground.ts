/**
 * Whether what an act says of a parcel in words is what its own boundary says: for the officer who signs.
 *
 * Promises: number and area of every title, part and child that an act makes are held against the ground that the file
 * opens for it; what is not opened is not judged here. Whoever reads a number and an area would otherwise sign the ground of
 * another parcel. Pure.
 */
import type { TypedStruct, TypedValue } from '../acts/typedData.ts';
import { areaInWords } from '../base/inWords.ts';
import { parseStrictJson } from '../base/json.ts';
import { Refusal } from '../base/refusal.ts';
import { areaM2, shapeOf } from '../survey/geometry.ts';
import type { ActFile } from './actFile.ts';
import { type Opened, openedOf } from './opened.ts';
import { visible } from './openings.ts';

const MM2_PER_M2 = 1_000_000;
/** Of the area: what two ways of adding up the same corners may differ by. */
const MOST_DIFFERENCE = 1e-6;

/** A sentence for each number and each area that the opened boundaries contradict. */
export function groundAmiss({ act, items, openings }: ActFile): readonly string[] {
  const opened = openedOf(openings);
  return [act.message, ...items].flatMap(madeIn).flatMap((made) => amissIn(made, opened));
}

interface Made {
  readonly factsRoot: TypedValue | undefined;
  readonly spatialUnits: readonly TypedStruct[];
}

/** Every unit that a message makes: a title with its state, a child with its portion. */
function madeIn(value: TypedValue): Made[] {
  if (Array.isArray(value)) return value.flatMap(madeIn);
  if (typeof value !== 'object') return [];
  const struct = value as TypedStruct;
  const { factsRoot, spatialUnits, portion } = struct;
  const ground = spatialUnits ?? (portion as TypedStruct | undefined)?.spatialUnits;
  if (factsRoot !== undefined && Array.isArray(ground))
    return [{ factsRoot, spatialUnits: ground as readonly TypedStruct[] }];
  return Object.values(struct).flatMap(madeIn);
}

function amissIn({ factsRoot, spatialUnits }: Made, opened: Opened): string[] {
  const said = (path: string) => opened.facts(factsRoot).find((fact) => fact.path === path)?.value;
  const grounds = spatialUnits.map(({ geometryCommitment }) => opened.facts(geometryCommitment));
  const valuesOf = (path: string) => grounds.map((facts) => facts.find((fact) => fact.path === path)?.value);
  const [number, area] = [said('parcel/number'), said('parcel/area-mm2')];
  const [numbers, boundaries] = [valuesOf('number'), valuesOf('boundary')];
  const lines: string[] = [];
  const name = number === undefined ? 'A parcel without a number' : `Parcel ${visible(number)}`;
  const surveyed = numbers.filter((one) => one !== undefined);
  if (number !== undefined && surveyed.length > 0 && !surveyed.includes(number))
    lines.push(`${name} has the ground that was surveyed as ${surveyed.map(visible).join(', ')}.`);
  const drawn = boundaries.filter((one) => one !== undefined);
  if (area === undefined || drawn.length === 0 || drawn.length < grounds.length) return lines;
  const enclosed = areaOf(drawn);
  const stated = Number(area);
  if (enclosed === undefined) lines.push(`${name} has a boundary that encloses no ground.`);
  else if (!(Math.abs(stated - enclosed) <= 1 + enclosed * MOST_DIFFERENCE)) {
    const found = areaInWords(BigInt(Math.round(enclosed)));
    lines.push(`${name} is said to have ${visible(area)} mm2, and its boundary encloses ${found}.`);
  }
  return lines;
}

/** In mm2, of all of them; undefined where one is no boundary. */
function areaOf(boundaries: readonly string[]): number | undefined {
  try {
    return boundaries.reduce(
      (sum, boundary) => sum + areaM2(shapeOf(parseStrictJson(boundary), {})) * MM2_PER_M2,
      0,
    );
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
