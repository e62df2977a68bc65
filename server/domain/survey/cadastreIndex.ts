/**
 * The shapes already on the cadastre, found by where they lie and by their numbers.
 *
 * Promises: the ground of what is retired is free, its number stays taken for ever, and so does every number that is drawn
 * like it in letters of another alphabet.
 * Not a store: whoever holds the cadastre builds it at start-up. Pure.
 */
import type { Bytes32 } from '../base/hex.ts';
import { drawnKeyOf, keyOf } from '../files/key.ts';
import type { Outline } from './overlap.ts';
import { groundM2, NOTHING_M2, overlapM2 } from './overlap.ts';
import type { ParcelAlias } from './parcelAlias.ts';
import { type Placed, placeIndex } from './placeIndex.ts';
import { isSameGround } from './sameGround.ts';

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
  /** Another number that a parcel has or had, and that cannot be told from this one by looking. */
  alikeOf(number: string): string | undefined;
  /** Newer surveys took its ground: their numbers are said of it from now on. */
  replace(number: string, by: readonly string[]): void;
  /** Numbers of the surveys that took its ground; none of one that nobody replaced. */
  replacedBy(number: string): readonly string[];
  /** Whether the parcel of this number stands and has exactly this shape. */
  isKnown(number: string, alias: ParcelAlias): boolean;
  /** Those that share ground with the outline, and how much. */
  overlapping(outline: Outline): SharedGround[];
}

export interface SharedGround {
  readonly number: string;
  readonly baUnit: Bytes32;
  readonly areaM2: number;
  /** More than a boundary that could be settled, measured part by part. */
  readonly isSameGround: boolean;
}

interface Entry extends Placed {
  readonly parcel: IndexedParcel;
  readonly outline: Outline;
}

export function cadastreIndex(): CadastreIndex {
  const live = new Map<string, IndexedParcel>();
  const retired = new Set<string>();
  const replacers = new Map<string, readonly string[]>();
  /** As the office wrote them, by how they are drawn. */
  const drawn = new Map<string, string[]>();
  const isTaken = (key: string) => live.has(key) || retired.has(key);
  const places = placeIndex<Entry>(({ parcel }) => live.get(keyOf(parcel.number)) !== parcel);
  return {
    get size() {
      return live.size;
    },
    add(parcels) {
      for (const parcel of parcels) {
        const key = keyOf(parcel.number);
        if (isTaken(key)) throw new Error('a parcel is indexed once');
        live.set(key, parcel);
        drawn.set(drawnKeyOf(key), [...(drawn.get(drawnKeyOf(key)) ?? []), parcel.number]);
      }
      places.add(
        parcels.flatMap((parcel) =>
          parcel.units.map(({ outline }) => ({ parcel, outline, extent: outline.extent })),
        ),
      );
    },
    retire(number) {
      const key = keyOf(number);
      if (!live.delete(key)) return false;
      retired.add(key);
      return true;
    },
    has: (number) => isTaken(keyOf(number)),
    alikeOf: (number) => drawn.get(drawnKeyOf(number))?.find((other) => keyOf(other) !== keyOf(number)),
    replace(number, by) {
      replacers.set(keyOf(number), [...(replacers.get(keyOf(number)) ?? []), ...by]);
    },
    replacedBy: (number) => replacers.get(keyOf(number)) ?? [],
    isKnown: (number, alias) => live.get(keyOf(number))?.alias === alias,
    overlapping(outline) {
      return places.touching(outline.extent).flatMap(({ parcel, outline: other }) => {
        const areaM2 = overlapM2(outline, other);
        const { number, baUnit } = parcel;
        if (areaM2 <= NOTHING_M2) return [];
        const isOne = isSameGround(areaM2, groundM2(outline), groundM2(other));
        return [{ number, baUnit, areaM2, isSameGround: isOne }];
      });
    },
  };
}
