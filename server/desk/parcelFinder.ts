/**
 * Parcels found again by what an officer has of them: the number, the id made of the corners, or a place on the map.
 *
 * Promises: an office finds its own parcels and no other's; each is answered with what became of it, so that a
 * number that was divided long ago still leads to its title's history. Where parcels lie is read once, when it is first
 * asked; from then on `placed` tells of each that is recorded. Both reading and a box around a whole county go on in turns,
 * between which others are answered.
 */
import { setImmediate } from 'node:timers/promises';
import type { Moment } from '../domain/acts/moment.ts';
import { cursorOf, placeOfCursor } from '../domain/base/cursor.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { type BAUnitId, isEnded } from '../domain/base/terms.ts';
import { spellingOf } from '../domain/files/numberOrder.ts';
import { parseParcelAlias } from '../domain/survey/parcelAlias.ts';
import { INDEXED_AT_ONCE, type Placed, type PlaceIndex, placeIndex } from '../domain/survey/placeIndex.ts';
import { type CadastralUnit, type Cadastre, placeOfNumber } from '../store/cadastre.ts';
import type { Views } from '../store/views.ts';
import { type FoundRestriction, restrictionsOn } from './titleFinder.ts';

/** West, south, east, north, in degrees. */
export type Box = readonly [west: number, south: number, east: number, north: number];

/** `surveyed` waits for its registration; `replaced` never gets one; `ended` was divided, joined or cancelled. */
export const PARCEL_STANDINGS = ['surveyed', 'replaced', 'registered', 'ended'] as const;

export interface FoundParcel {
  readonly number: string;
  readonly aliases: readonly string[];
  /** Numbers that it had before, as the office's survey says. */
  readonly formerNumbers: readonly string[];
  readonly baUnit: Bytes32;
  readonly parts: number;
  /** As the office stated it for the whole parcel, where it did. */
  readonly statedAreaM2: number | undefined;
  /** Of all parts, from their corners. */
  readonly computedAreaM2: number;
  readonly box: Box;
  readonly standing: (typeof PARCEL_STANDINGS)[number];
  /** Charges and notices on its title that the next block would still find; none of a parcel without one. */
  readonly restrictions: readonly FoundRestriction[];
}

export interface ParcelPageAsked {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

export interface ParcelPage {
  readonly total: number;
  readonly rows: readonly FoundParcel[];
  readonly next?: string;
}

export interface ParcelFinder {
  /** As it is written; where no parcel's number is, those that people write so, or that had such a number before. */
  byNumber(office: number, number: string): Promise<readonly FoundParcel[]>;
  /** By the id of its corners, of which a mistyped one is none, or by a number that it had before. */
  byAlias(office: number, alias: string): Promise<readonly FoundParcel[]>;
  /** All of an office, in the order in which people read their numbers. */
  all(office: number, page: ParcelPageAsked): Promise<ParcelPage>;
  /** Those that touch the box, a page of them in the order of their numbers, and how many there are. */
  inBox(office: number, box: Box, page: ParcelPageAsked): Promise<ParcelPage>;
  /** Tells of parcels that were recorded since. */
  placed(units: readonly CadastralUnit[]): void;
}

interface PlacedUnit extends Placed {
  readonly office: number;
  readonly baUnit: Bytes32;
  /** Of its number among those of its office. */
  readonly place: string;
}

const UNITS_A_DEGREE = 1e7;
const MM2_PER_M2 = 1e6;

export function openParcelFinder(
  cadastre: Cadastre,
  views: Pick<Views, 'land'>,
  moment: () => Promise<Moment>,
): ParcelFinder {
  let places: Promise<PlaceIndex<PlacedUnit>> | undefined;
  let recorded: CadastralUnit[] = [];

  const found = async (units: readonly CadastralUnit[]): Promise<readonly FoundParcel[]> => {
    const byBaUnit = [...Map.groupBy(units, ({ baUnit }) => baUnit).values()];
    const now = await moment();
    return Promise.all(byBaUnit.map((parts) => foundParcel(views, parts, now)));
  };

  async function readPlaces(): Promise<PlaceIndex<PlacedUnit>> {
    const index = placeIndex<PlacedUnit>();
    let some: PlacedUnit[] = [];
    for await (const unit of cadastre.all()) {
      some.push(placedUnit(unit));
      if (some.length < INDEXED_AT_ONCE) continue;
      index.add(some);
      some = [];
      await setImmediate();
    }
    index.add(some);
    return index;
  }

  return {
    async byNumber(office, number) {
      const written = await cadastre.byNumber(office, number);
      return found(written.length > 0 ? written : await cadastre.alike(office, number));
    },
    async byAlias(office, text) {
      const alias = parseParcelAlias(text) ?? text;
      const unit = await cadastre.byAlias(alias);
      if (unit !== undefined)
        return unit.office === office ? found(await cadastre.ofBaUnit(unit.baUnit)) : [];
      const spelling = spellingOf(text);
      const alike = await cadastre.alike(office, text);
      return found(alike.filter((one) => one.formerNumbers?.some((of) => spellingOf(of) === spelling)));
    },
    async all(office, page) {
      const { parcels, ...rest } = await cadastre.page(office, page);
      return Object.assign({ rows: await found(parcels.flat()) }, rest);
    },
    async inBox(office, box, { limit, after }) {
      const behind = after === undefined ? '' : (placeOfCursor(after) ?? '');
      if (after !== undefined && !(await cadastre.isPlace(office, behind))) {
        throw refusal('cursor-unknown', undefined, { field: '/query/after' });
      }
      places ??= readPlaces();
      const index = await places.catch((error: unknown) => {
        places = undefined; // read again when it is asked for next
        throw error;
      });
      index.add(recorded.splice(0).map(placedUnit));
      const [west, south, east, north] = box.map((degrees) => Math.round(degrees * UNITS_A_DEGREE));
      const byPlace = new Map<string, Bytes32>();
      for (const part of index.touchingInParts([west ?? 0, south ?? 0, east ?? 0, north ?? 0])) {
        for (const unit of part) if (unit.office === office) byPlace.set(unit.place, unit.baUnit);
        await setImmediate();
      }
      const { page, isLast } = firstBehind(byPlace.keys(), behind, limit);
      const now = await moment();
      const baUnits = page.flatMap((place) => byPlace.get(place) ?? []);
      const rows = await Promise.all(
        baUnits.map(async (baUnit) => foundParcel(views, await cadastre.ofBaUnit(baUnit), now)),
      );
      const last = page.at(-1);
      const total = byPlace.size;
      return !isLast && last !== undefined ? { total, rows, next: cursorOf(last) } : { total, rows };
    },
    placed(units) {
      if (places !== undefined) recorded = [...recorded, ...units];
    },
  };
}

/**
 * The first so many behind a place, in order. A box around a county holds a hundred thousand: they are looked at once, and
 * only those that may be of the page are put in order.
 */
function firstBehind(all: Iterable<string>, behind: string, limit: number) {
  let page: string[] = [];
  let most: string | undefined;
  let seen = 0;
  for (const one of all) {
    if (one <= behind) continue;
    seen++;
    if (most !== undefined && one >= most) continue;
    page.push(one);
    if (page.length < 2 * limit) continue;
    page = page.sort().slice(0, limit);
    most = page.at(-1);
  }
  page = page.sort().slice(0, limit);
  return { page, isLast: seen <= page.length };
}

function placedUnit({ office, baUnit, number, box }: CadastralUnit): PlacedUnit {
  return { office, baUnit, place: placeOfNumber(number), extent: box };
}

async function foundParcel(
  { land }: Pick<Views, 'land'>,
  parts: readonly CadastralUnit[],
  moment: Moment,
): Promise<FoundParcel> {
  const [first] = parts;
  if (first === undefined) throw new Error('a parcel without a part');
  const row = await land.unit(first.baUnit as BAUnitId);
  const edge = (place: 0 | 1 | 2 | 3, of: (...values: number[]) => number) =>
    of(...parts.map(({ box }) => box[place])) / UNITS_A_DEGREE;
  return {
    number: first.number,
    aliases: [...new Set(parts.flatMap(({ aliases }) => aliases))],
    formerNumbers: [...new Set(parts.flatMap(({ formerNumbers = [] }) => formerNumbers))],
    baUnit: first.baUnit,
    parts: parts.length,
    statedAreaM2: first.statedAreaMm2 === undefined ? undefined : Number(first.statedAreaMm2) / MM2_PER_M2,
    computedAreaM2: Number(parts.reduce((sum, part) => sum + part.computedAreaMm2, 0n)) / MM2_PER_M2,
    box: [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)],
    standing: standingOf(row, first),
    restrictions: row === undefined ? [] : restrictionsOn(moment, row.state),
  };
}

function standingOf(
  row: Awaited<ReturnType<Views['land']['unit']>>,
  { isReplaced, retired }: CadastralUnit,
): FoundParcel['standing'] {
  if (retired || (row !== undefined && isEnded(row.state.header.status))) return 'ended';
  if (row !== undefined) return 'registered';
  return isReplaced ? 'replaced' : 'surveyed';
}
