/**
 * Which shapes of one file share ground, and how much.
 *
 * Promises: each pair is named on both sides; of a shape that lies on many, the first few are named and it is said that
 * there are more, which keeps a file of copies of one shape from costing its square: noise of surveys is no such pair.
 * Pure; `groundQuestions.ts` calls it.
 */
import { groundM2, NOTHING_M2, type Outline, overlapM2 } from './overlap.ts';
import { treeOf } from './placeIndex.ts';
import { isSameGround } from './sameGround.ts';

/** Neighbours named of one parcel: a boundary is settled with each of them in turn. */
const NEIGHBOURS_MAX = 8;

export interface Neighbour {
  readonly other: string;
  readonly areaM2: number;
  /** More than a boundary that could be settled, measured part by part. */
  readonly isSameGround: boolean;
}

export interface Neighbours {
  readonly named: readonly Neighbour[];
  /** It shares ground beyond the noise with more than are named, and not every pair was measured. */
  readonly isCut: boolean;
}

interface Drawn {
  readonly number: string | undefined;
  readonly place: { readonly feature: number };
  readonly outlines: readonly Outline[];
}

interface Shared {
  areaM2: number;
  isSameGround: boolean;
}

export function sharedGround<D extends Drawn>(drawn: readonly D[], toleranceM2: number): Map<D, Neighbours> {
  const shapes = drawn.flatMap((draft) => draft.outlines.map((outline) => ({ draft, outline })));
  const tree = treeOf(shapes.map(({ outline }) => outline));
  const shared = new Map<D, Map<D, Shared>>();
  const cut = new Set<D>();
  /** How many of a draft's pairs are questions. */
  const asked = new Map<D, number>();
  const isAsked = (pair: Shared | undefined) =>
    pair !== undefined && (pair.isSameGround || pair.areaM2 > toleranceM2);
  const add = (one: D, other: D, areaM2: number, isOne: boolean) => {
    const others = shared.get(one) ?? new Map<D, Shared>();
    const before = others.get(other);
    const pair = {
      areaM2: (before?.areaM2 ?? 0) + areaM2,
      isSameGround: isOne || before?.isSameGround === true,
    };
    if (isAsked(pair) && !isAsked(before)) asked.set(one, (asked.get(one) ?? 0) + 1);
    shared.set(one, others.set(other, pair));
  };
  const isFull = (draft: D) => (asked.get(draft) ?? 0) >= NEIGHBOURS_MAX;
  for (const [i, { draft, outline }] of shapes.entries()) {
    for (const j of tree?.search(...outline.extent, (other) => other > i) ?? []) {
      const other = shapes[j];
      // parts of one parcel were compared with its shape
      if (other === undefined || other.draft === draft) continue;
      if (isFull(draft) && isFull(other.draft)) {
        cut.add(draft).add(other.draft);
        continue;
      }
      const areaM2 = overlapM2(outline, other.outline);
      if (areaM2 <= NOTHING_M2) continue;
      const isOne = isSameGround(areaM2, groundM2(outline), groundM2(other.outline));
      add(draft, other.draft, areaM2, isOne);
      add(other.draft, draft, areaM2, isOne);
    }
  }
  return new Map(
    [...shared].map(([draft, others]) => {
      const questions = [...others].filter(([, pair]) => isAsked(pair)).slice(0, NEIGHBOURS_MAX);
      const noise = [...others].filter(([, pair]) => !isAsked(pair)).slice(0, NEIGHBOURS_MAX);
      const named = [...questions, ...noise].map(([{ number, place }, pair]): Neighbour => {
        return Object.assign({ other: number ?? `of feature ${place.feature}` }, pair);
      });
      return [draft, { named, isCut: cut.has(draft) || (asked.get(draft) ?? 0) > NEIGHBOURS_MAX }];
    }),
  );
}
