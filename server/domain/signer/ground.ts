/**
 * Whether what an act says of a parcel in words is what its own boundary says: for the officer who signs.
 *
 * Promises: number and area of every title, part and child that an act makes are held against the ground that the file
 * opens for it, and one that leaves them out is amiss; what is closed is not judged here. Whoever reads a number and an area
 * would otherwise sign the ground of another parcel. It cannot tell where a boundary lies, nor one that stands by its hash. Pure.
 */
import type { Fact } from '../acts/facts.ts';
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

/** A sentence for each number and each area that the opened boundaries contradict, or that nobody can compare. */
export function groundAmiss({ act, items, openings }: ActFile): readonly string[] {
  const opened = openedOf(openings);
  return [act.message, ...items].flatMap(madeIn).flatMap((made) => amissIn(made, opened));
}

/** A sentence for each ground that stands there by a hash: its boundary is too long for a fact. */
export function groundUnseen({ act, items, openings }: ActFile): readonly string[] {
  const opened = openedOf(openings);
  return [act.message, ...items].flatMap(madeIn).flatMap(({ factsRoot, spatialUnits }) => {
    const number = valueIn(opened.facts(factsRoot), 'parcel/number') ?? '';
    const hashed = spatialUnits.filter(
      ({ geometryCommitment }) => valueIn(opened.facts(geometryCommitment), 'boundary-hash') !== undefined,
    );
    return hashed.map(() => `The boundary of parcel ${visible(number)} stands there by its hash alone.`);
  });
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
  const said = opened.facts(factsRoot);
  const grounds = spatialUnits
    .map(({ geometryCommitment }) => opened.facts(geometryCommitment))
    .filter((facts) => facts.length > 0); // one that is closed is asked for elsewhere
  if (said.length === 0 || grounds.length === 0) return [];
  const [number, area] = [valueIn(said, 'parcel/number'), valueIn(said, 'parcel/area-mm2')];
  if (number === undefined || area === undefined)
    return ['A parcel says no number or no area of its ground, so nobody can compare them.'];
  const name = `Parcel ${visible(number)}`;
  const surveyed = grounds.map((facts) => valueIn(facts, 'number'));
  const others = surveyed.filter((one) => one !== number);
  const lines = others.map((one) =>
    one === undefined
      ? `${name} has ground that says no number.`
      : `${name} has the ground that was surveyed as ${visible(one)}.`,
  );
  const drawn = grounds.map((facts) => valueIn(facts, 'boundary')).filter((one) => one !== undefined);
  if (drawn.length < grounds.length) {
    const isHashed = grounds.every((facts) => facts.some(({ path }) => path.startsWith('boundary')));
    return isHashed ? lines : [...lines, `${name} has ground without a boundary.`];
  }
  if (grounds.length < spatialUnits.length) return lines;
  const enclosed = areaOf(drawn);
  if (enclosed === undefined) lines.push(`${name} has a boundary that encloses no ground.`);
  else if (!(Math.abs(Number(area) - enclosed) <= 1 + enclosed * MOST_DIFFERENCE)) {
    const found = areaInWords(BigInt(Math.round(enclosed)));
    lines.push(`${name} is said to have ${visible(area)} mm2, and its boundary encloses ${found}.`);
  }
  return lines;
}

const valueIn = (facts: readonly Fact[], path: string) => facts.find((fact) => fact.path === path)?.value;

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
