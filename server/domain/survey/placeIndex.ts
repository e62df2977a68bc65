/**
 * Things found by where they lie.
 *
 * Promises: adding is cheap however they arrive, one by one or all at once: batches of like size are merged, so each
 * is indexed anew a logarithmic number of times. What is over is dropped when its batch is merged. Pure.
 */
import Flatbush from 'flatbush';

/** West, south, east, north, all in one unit. */
export type Extent = readonly [west: number, south: number, east: number, north: number];

export interface Placed {
  readonly extent: Extent;
}

export interface PlaceIndex<T extends Placed> {
  add(added: readonly T[]): void;
  /** Whatever touches the box. */
  touching(box: Extent): T[];
}

interface Batch<T> {
  readonly entries: readonly T[];
  readonly tree: Flatbush;
}

/** `isOver` may begin to be true of an entry, and stays so. */
export function placeIndex<T extends Placed>(isOver: (entry: T) => boolean = () => false): PlaceIndex<T> {
  const batches: Batch<T>[] = [];
  return {
    add(added) {
      let entries = [...added];
      let last = batches.at(-1);
      while (last !== undefined && last.entries.length <= 2 * entries.length) {
        entries = [...last.entries.filter((entry) => !isOver(entry)), ...entries];
        batches.pop();
        last = batches.at(-1);
      }
      const tree = treeOf(entries);
      if (tree !== undefined) batches.push({ entries, tree });
    },
    touching(box) {
      return batches.flatMap(({ entries, tree }) =>
        tree.search(...box).flatMap((place) => {
          const entry = entries[place];
          return entry === undefined || isOver(entry) ? [] : [entry];
        }),
      );
    },
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
