/**
 * Things found by where they lie.
 *
 * Promises: adding is cheap however they arrive, one by one or all at once: batches of like size are merged, so each
 * is indexed anew a logarithmic number of times, and none is made of more than `INDEXED_AT_ONCE`: adding as many takes some
 * ten milliseconds, whatever is there. What is over is dropped when its batch is merged. Pure.
 */
import Flatbush from 'flatbush';

/** West, south, east, north, all in one unit. */
export type Extent = readonly [west: number, south: number, east: number, north: number];

export interface Placed {
  readonly extent: Extent;
}

/** Indexed in one go: some ten milliseconds. */
export const INDEXED_AT_ONCE = 32_768;

export interface PlaceIndex<T extends Placed> {
  /** At most `INDEXED_AT_ONCE`, where others wait. */
  add(added: readonly T[]): void;
  /** Whatever touches the box. */
  touching(box: Extent): T[];
  /** The same a part at a time, each looked for when it is asked for: at most `INDEXED_AT_ONCE`. */
  touchingInParts(box: Extent): Generator<readonly T[]>;
}

interface Batch<T> {
  readonly entries: readonly T[];
  readonly tree: Flatbush;
}

/** `isOver` may begin to be true of an entry, and stays so. */
export function placeIndex<T extends Placed>(isOver: (entry: T) => boolean = () => false): PlaceIndex<T> {
  const batches: Batch<T>[] = [];
  const isMerged = ({ entries }: Batch<T>, size: number) =>
    entries.length <= 2 * size && entries.length + size <= INDEXED_AT_ONCE;
  const add = (added: readonly T[]) => {
    let entries = [...added];
    let last = batches.at(-1);
    while (last !== undefined && isMerged(last, entries.length)) {
      entries = [...last.entries.filter((entry) => !isOver(entry)), ...entries];
      batches.pop();
      last = batches.at(-1);
    }
    const tree = treeOf(entries);
    if (tree !== undefined) batches.push({ entries, tree });
  };
  function* touchingInParts(box: Extent): Generator<readonly T[]> {
    for (const { entries, tree } of batches) {
      yield tree.search(...box).flatMap((place) => {
        const entry = entries[place];
        return entry === undefined || isOver(entry) ? [] : [entry];
      });
    }
  }
  return {
    add(added) {
      for (let from = 0; from < added.length; from += INDEXED_AT_ONCE)
        add(added.slice(from, from + INDEXED_AT_ONCE));
    },
    touching: (box) => [...touchingInParts(box)].flat(),
    touchingInParts,
  };
}

/** Places of things by where they lie; undefined over none. */
export function treeOf(entries: readonly Placed[]): Flatbush | undefined {
  if (entries.length === 0) return undefined;
  const tree = new Flatbush(entries.length);
  for (const { extent } of entries) tree.add(...extent);
  tree.finish();
  return tree;
}
