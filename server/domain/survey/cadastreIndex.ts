/**
 * The shapes already on the cadastre, found by where they lie and by their numbers.
 *
 * Promises: adding is cheap however the parcels arrive, one by one or all at once (batches of like size are
 * merged, so each parcel is indexed anew a logarithmic number of times); the ground of what is retired is free, its
 * number stays taken for ever.
 * Not a store: whoever holds the cadastre builds it at start-up. Pure.
 */
import Flatbush from 'flatbush';
import type { Bytes32 } from '../base/hex.ts';
import { keyOf } from '../files/key.ts';
import type { Outline } from './overlap.ts';
import { NOTHING_M2, overlapM2 } from './overlap.ts';
import type { ParcelAlias } from './parcelAlias.ts';

export interface IndexedParcel {
  readonly number: string;
  /** The unit it is, or is to be, registered under. */
  readonly baUnit: Bytes32;
  /** Of all parts together: by it the same parcel is known again. Undefined of one that ended. */
  readonly alias: ParcelAlias | undefined;
  readonly units: readonly { readonly outline: Outline }[];
}

export interface CadastreIndex {
  /** Parcels that stand. */
  readonly size: number;
  add(parcels: readonly IndexedParcel[]): void;
  /** After a subdivision or consolidation; false where there was none. */
  retire(number: string): boolean;
  /** Whether a parcel has or had the number. */
  has(number: string): boolean;
  /** Whether the parcel of this number stands and has exactly this shape. */
  isKnown(number: string, alias: ParcelAlias): boolean;
  /** Those that share ground with the outline, and how much. */
  overlapping(outline: Outline): SharedGround[];
}

export interface SharedGround {
  readonly number: string;
  readonly baUnit: Bytes32;
  readonly areaM2: number;
}

interface Entry {
  readonly parcel: IndexedParcel;
  readonly outline: Outline;
}

interface Batch {
  readonly entries: readonly Entry[];
  readonly tree: Flatbush;
}

export function cadastreIndex(): CadastreIndex {
  const live = new Map<string, IndexedParcel>();
  const retired = new Set<string>();
  const isTaken = (key: string) => live.has(key) || retired.has(key);
  const batches: Batch[] = [];
  const isLive = ({ parcel }: Entry) => live.get(keyOf(parcel.number)) === parcel;
  return {
    get size() {
      return live.size;
    },
    add(parcels) {
      for (const parcel of parcels) {
        const key = keyOf(parcel.number);
        if (isTaken(key)) throw new Error('a parcel is indexed once');
        live.set(key, parcel);
      }
      let entries = parcels.flatMap((parcel) => parcel.units.map(({ outline }) => ({ parcel, outline })));
      let last = batches.at(-1);
      while (last !== undefined && last.entries.length <= 2 * entries.length) {
        entries = [...last.entries.filter(isLive), ...entries];
        batches.pop();
        last = batches.at(-1);
      }
      const tree = treeOf(entries);
      if (tree !== undefined) batches.push({ entries, tree });
    },
    retire(number) {
      const key = keyOf(number);
      if (!live.delete(key)) return false;
      retired.add(key);
      return true;
    },
    has: (number) => isTaken(keyOf(number)),
    isKnown: (number, alias) => live.get(keyOf(number))?.alias === alias,
    overlapping(outline) {
      return batches.flatMap(({ entries, tree }) =>
        tree.search(...outline.extent).flatMap((place) => {
          const entry = entries[place];
          if (entry === undefined || !isLive(entry)) return [];
          const areaM2 = overlapM2(outline, entry.outline);
          const { number, baUnit } = entry.parcel;
          return areaM2 > NOTHING_M2 ? [{ number, baUnit, areaM2 }] : [];
        }),
      );
    },
  };
}

/** Places of outlines by where they lie; undefined over none. */
export function treeOf(items: readonly { readonly outline: Outline }[]): Flatbush | undefined {
  if (items.length === 0) return undefined;
  const tree = new Flatbush(items.length);
  for (const { outline } of items) tree.add(...outline.extent);
  tree.finish();
  return tree;
}
