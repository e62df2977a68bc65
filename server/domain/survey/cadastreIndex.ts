/**
 * The shapes already on the cadastre, found by where they lie and by their numbers.
 *
 * Promises: the ground of what is retired is free, its number stays taken for ever.
 * Not a store: whoever holds the cadastre builds it at start-up. Pure.
 */
import type { Bytes32 } from '../base/hex.ts';
import { keyOf } from '../files/key.ts';
import type { Outline } from './overlap.ts';
import { NOTHING_M2, overlapM2 } from './overlap.ts';
import type { ParcelAlias } from './parcelAlias.ts';
import { type Placed, placeIndex } from './placeIndex.ts';

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

interface Entry extends Placed {
  readonly parcel: IndexedParcel;
  readonly outline: Outline;
}

export function cadastreIndex(): CadastreIndex {
  const live = new Map<string, IndexedParcel>();
  const retired = new Set<string>();
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
    isKnown: (number, alias) => live.get(keyOf(number))?.alias === alias,
    overlapping(outline) {
      return places.touching(outline.extent).flatMap(({ parcel, outline: other }) => {
        const areaM2 = overlapM2(outline, other);
        const { number, baUnit } = parcel;
        return areaM2 > NOTHING_M2 ? [{ number, baUnit, areaM2 }] : [];
      });
    },
  };
}
