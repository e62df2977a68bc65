/**
 * Which shapes of one file share ground, and how much.
 *
 * Promises: each pair is named on both sides; of a shape that lies on many, the first few are named, which keeps a file
 * of copies of one shape from costing its square. Pure; `parcels.ts` calls it.
 */
import { NOTHING_M2, type Outline, overlapM2 } from './overlap.ts';
import { treeOf } from './placeIndex.ts';

/** Neighbours named of one parcel: a boundary is settled with each of them in turn. */
const NEIGHBOURS_MAX = 8;

export interface Neighbour {
  readonly other: string;
  readonly areaM2: number;
}

interface Drawn {
  readonly number: string | undefined;
  readonly place: { readonly feature: number };
  readonly outlines: readonly Outline[];
}

export function sharedGround<D extends Drawn>(drawn: readonly D[]): Map<D, Neighbour[]> {
  const shapes = drawn.flatMap((draft) => draft.outlines.map((outline) => ({ draft, outline })));
  const tree = treeOf(shapes.map(({ outline }) => outline));
  const shared = new Map<D, Map<D, number>>();
  const add = (one: D, other: D, areaM2: number) => {
    const others = shared.get(one) ?? new Map<D, number>();
    others.set(other, (others.get(other) ?? 0) + areaM2);
    shared.set(one, others);
  };
  const isFull = (draft: D) => (shared.get(draft)?.size ?? 0) >= NEIGHBOURS_MAX;
  for (const [i, { draft, outline }] of shapes.entries()) {
    for (const j of tree?.search(...outline.extent, (other) => other > i) ?? []) {
      const other = shapes[j];
      // parts of one parcel were compared with its shape
      if (other === undefined || other.draft === draft) continue;
      if (isFull(draft) && isFull(other.draft)) continue;
      const areaM2 = overlapM2(outline, other.outline);
      if (areaM2 <= NOTHING_M2) continue;
      add(draft, other.draft, areaM2);
      add(other.draft, draft, areaM2);
    }
  }
  return new Map(
    [...shared].map(([draft, others]) => [
      draft,
      [...others].slice(0, NEIGHBOURS_MAX).map(([{ number, place }, areaM2]) => ({
        other: number ?? `of feature ${place.feature}`,
        areaM2,
      })),
    ]),
  );
}
