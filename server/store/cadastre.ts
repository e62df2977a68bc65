/**
 * The cadastre: parcels as the office surveyed them, classed open: of its file only what belongs to no person.
 *
 * Promises: a feature's text comes back byte for byte; a number leads to one parcel for ever, however it is spelt, an alias to the newest
 * that has those corners; every row authenticates itself. Ground is begun once: whatever shares ground with a parcel is
 * kept beside it when it is recorded, and of two that may not both stand only one is let through, in the transaction
 * that accepts its act; what an officer decided lets two stand that share a boundary, and no two on one ground. What was
 * replaced before it began never begins.
 */
import { createHash } from 'node:crypto';
import type { Fact } from '../domain/acts/facts.ts';
import { cursorOf, placeOfCursor } from '../domain/base/cursor.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { keyOf } from '../domain/files/key.ts';
import { orderOf, spellingOf } from '../domain/files/numberOrder.ts';
import { isSameGround } from '../domain/survey/sameGround.ts';
import { json, text } from './codec.ts';
import {
  type AnyTable,
  precious,
  preciousSorted,
  type Range,
  type Store,
  type Transaction,
  under,
} from './store.ts';

/** As many vertices as a shape may have, each with a height and all the digits a number has. */
const FEATURE_BYTES_MAX = 1_024 * 1_024;
/** A tower's parts; the ledger's own bound is 64 a BAUnit. */
const UNITS_OF_ONE_BAUNIT_MAX = 64;
const ALIASES_MAX = 32;
/** Numbers that people write for one another; beyond them a number is found as it is written. */
const ALIKE_MAX = 16;
/** Numbers put in their order in one transaction: a write waits no longer for it. */
const ARRANGED_AT_ONCE = 500;

/** One spatial unit: one part of one parcel. */
export interface CadastralUnit {
  readonly unit: Bytes32;
  /** The BAUnit it belongs to or is to be registered under: parts of one parcel share it, and its number. */
  readonly baUnit: Bytes32;
  /** The office that numbers it, and its number there. */
  readonly office: number;
  readonly number: string;
  /** The whole parcel as a GeoJSON feature: the shape as the office drew it, and nothing that is not open. */
  readonly feature: string;
  /** Ids computed from the vertices, newest first. */
  readonly aliases: readonly string[];
  /** Numbers that the parcel had before; others may have had them too. */
  readonly formerNumbers?: readonly string[];
  /** Square millimetres, so that they are whole numbers. */
  readonly statedAreaMm2: bigint | undefined;
  readonly computedAreaMm2: bigint;
  /** West, south, east, north, in 1e-7 degrees. */
  readonly box: readonly [number, number, number, number];
  /** What the geometry commitment of the ledger is made of: open facts, so their salts are open too. */
  readonly geometry: readonly Fact[];
  readonly geometryCommitment: Bytes32;
  /** Hashes of the source documents it rests on. */
  readonly sources: readonly Bytes32[];
  /** BAUnits it was surveyed to take the ground of: the parents of a division or merger. */
  readonly replaces: readonly Bytes32[];
  readonly recordedAtMs: number;
  /** Another survey took its ground: it begins no unit any more. */
  readonly isReplaced: boolean;
  /** Ended by a division or merger: its number stays taken, its ground is free. */
  readonly retired: boolean;
}

/** Two units to be registered that share ground, as it was measured when the later one was recorded. */
export interface SharedPair {
  readonly baUnit: Bytes32;
  readonly other: Bytes32;
  readonly areaMm2: bigint;
  /** An officer decided that both are to stand. */
  readonly isDecided: boolean;
}

/** Units that an act begins, and those it ends in the same entry. */
export interface GroundTaken {
  readonly begins: readonly Bytes32[];
  readonly ends: readonly Bytes32[];
}

/** What a unit shares with others by decision of officers. */
export interface Boundaries {
  readonly baUnit: Bytes32;
  readonly areaMm2: bigint;
  readonly settled: readonly SharedPair[];
}

/** As the ground of an act was read before its transaction. */
export interface GroundJudged {
  readonly rivals: readonly Bytes32[];
  readonly boundaries: readonly Boundaries[];
}

const unitTable = preciousSorted('cadastre', json<CadastralUnit>());
/** By office and the place of the number among its others (`placeOfNumber`). */
const numberTable = preciousSorted('cadastreNumbers', json<readonly Bytes32[]>());
/** By office and spelling: places of the numbers that people write so. */
const spellingTable = precious('cadastreSpellings', json<readonly string[]>());
const aliasTable = precious('cadastreAliases', text);
/** By office: how many numbers it ever gave. */
const officeTable = precious('cadastreOffices', json<number>());
const baUnitTable = precious('cadastreBaUnits', json<readonly Bytes32[]>());

/** `one/other`, both ways round. */
const sharedTable = preciousSorted('cadastreShared', json<Pick<SharedPair, 'areaMm2' | 'isDecided'>>());
/** By unit, the operation that was accepted to begin it. */
const begunTable = precious('cadastreBegun', text);

export const cadastreTables: readonly AnyTable[] = [
  unitTable,
  numberTable,
  spellingTable,
  officeTable,
  aliasTable,
  baUnitTable,
  sharedTable,
  begunTable,
];

export interface CadastrePage {
  /** Of all pages. */
  readonly total: number;
  /** Each with all its parts. */
  readonly parcels: readonly (readonly CadastralUnit[])[];
  readonly next?: string;
}

export class Cadastre {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Records units, or newer surveys of them, all or none. Refuses as `parcel-number-taken` when another parcel has or
   * had the number, and as `parcel-alias-taken` when another that stands has the alias.
   */
  async record(units: readonly CadastralUnit[], shared: readonly SharedPair[] = []): Promise<void> {
    await this.#store.transact(async (tx) => {
      for (const unit of units) await recordUnit(tx, unit);
      for (const unit of units) await takeNumber(tx, unit); // when all parts say where they belong
      for (const replaced of new Set(units.flatMap(({ replaces }) => replaces))) await replace(tx, replaced);
      for (const { baUnit, other, areaMm2, isDecided } of shared) {
        tx.put(sharedTable, `${baUnit}/${other}`, { areaMm2, isDecided });
        tx.put(sharedTable, `${other}/${baUnit}`, { areaMm2, isDecided });
      }
    });
  }

  /**
   * Units that may not stand beside a unit: they share ground beyond the tolerance and nobody decided that both are to
   * stand, or they share more than a boundary, whatever was decided.
   */
  async rivalsOf(baUnit: Bytes32, toleranceMm2: bigint): Promise<readonly Bytes32[]> {
    const ownMm2 = await this.#areaOf(baUnit);
    const rivals: Bytes32[] = [];
    for (const { other, areaMm2, isDecided } of await this.#sharedWith(baUnit)) {
      const areas = [ownMm2, await this.#areaOf(other)].map(Number);
      if ((!isDecided && areaMm2 > toleranceMm2) || isSameGround(Number(areaMm2), ...areas))
        rivals.push(other);
    }
    return rivals;
  }

  /** Whether an officer decided that two units that share a boundary are both to stand. */
  async isDecided(baUnit: Bytes32, other: Bytes32): Promise<boolean> {
    return (await this.#store.get(sharedTable, `${baUnit}/${other}`))?.isDecided ?? false;
  }

  /** What officers decided of a unit: with which others it shares a boundary, and how much. */
  async settledWith(baUnit: Bytes32): Promise<readonly SharedPair[]> {
    return (await this.#sharedWith(baUnit)).filter(({ isDecided }) => isDecided);
  }

  /** The unit and all that share a settled boundary with it, each with the ground it shares in all its boundaries. */
  async boundariesAt(baUnit: Bytes32): Promise<readonly Boundaries[]> {
    const found: Boundaries[] = [];
    const others = (await this.settledWith(baUnit)).map(({ other }) => other);
    for (const one of others.length === 0 ? [] : [baUnit, ...others]) {
      found.push({ baUnit: one, areaMm2: await this.#areaOf(one), settled: await this.settledWith(one) });
    }
    return found;
  }

  /**
   * Takes the ground of an act that is accepted, in the same transaction. Refuses as `survey-replaced` where another
   * survey took it, and as `ground-taken` where an operation that has not failed began the unit, or a rival that does not
   * end here, or where the boundaries that were settled come to more than one of the units can give.
   */
  async begin(
    tx: Transaction,
    { begins, ends }: GroundTaken,
    { rivals, boundaries }: GroundJudged,
    operation: string,
    hasFailed: (operation: string) => Promise<boolean>,
  ): Promise<void> {
    for (const baUnit of begins) {
      if ((await unitsIn(tx, baUnit)).some(({ isReplaced }) => isReplaced)) throw refusal('survey-replaced');
    }
    for (const rival of [...begins, ...rivals]) {
      const by = ends.includes(rival) ? undefined : await tx.get(begunTable, rival);
      if (by === undefined || (await hasFailed(by))) continue;
      if ((await unitsIn(tx, rival)).some(({ retired }) => !retired)) throw refusal('ground-taken');
    }
    const stands = async (other: Bytes32) => {
      if (begins.includes(other)) return true;
      const by = ends.includes(other) ? undefined : await tx.get(begunTable, other);
      if (by === undefined || (await hasFailed(by))) return false;
      return (await unitsIn(tx, other)).some(({ retired }) => !retired);
    };
    if (await isEaten(boundaries, stands)) throw refusal('ground-taken');
    for (const baUnit of begins) tx.put(begunTable, baUnit, operation);
  }

  /** Marks units as ended; once is as good as twice, and a unit that is not here was surveyed elsewhere. */
  async retire(units: readonly Bytes32[]): Promise<void> {
    await this.#store.transact(async (tx) => {
      for (const unit of units) {
        const known = await tx.get(unitTable, unit);
        if (known !== undefined && !known.retired) tx.put(unitTable, unit, { ...known, retired: true });
      }
    }, 'finishing');
  }

  async #sharedWith(baUnit: Bytes32): Promise<readonly SharedPair[]> {
    const found: SharedPair[] = [];
    for await (const [key, pair] of this.#store.range(sharedTable, under(baUnit))) {
      found.push(Object.assign({ baUnit, other: key.slice(baUnit.length + 1) as Bytes32 }, pair));
    }
    return found;
  }

  async #areaOf(baUnit: Bytes32): Promise<bigint> {
    return (await this.ofBaUnit(baUnit)).reduce((sum, unit) => sum + unit.computedAreaMm2, 0n);
  }

  async get(unit: Bytes32): Promise<CadastralUnit | undefined> {
    return this.#store.get(unitTable, unit);
  }

  /** The number's units: several where a parcel has several parts. */
  async byNumber(office: number, number: string): Promise<readonly CadastralUnit[]> {
    return this.#knownAll((await this.#store.get(numberTable, numberKey(office, number))) ?? []);
  }

  /** Units of each parcel whose number, or one it had before, people write for this one; in the order of the numbers. */
  async alike(office: number, number: string): Promise<readonly CadastralUnit[]> {
    const places = (await this.#store.get(spellingTable, spellingKey(office, number))) ?? [];
    const found = await Promise.all(
      places.map(async (place) => (await this.#store.get(numberTable, inOffice(office, place))) ?? []),
    );
    return this.#knownAll(found.flat());
  }

  /** Whether a number of the office stands there: what a cursor of its lists holds. */
  async isPlace(office: number, place: string): Promise<boolean> {
    return (await this.#store.get(numberTable, inOffice(office, place))) !== undefined;
  }

  /**
   * Puts numbers that were kept before they had an order in their places, so many at a time; what a kill leaves is done at
   * the next start. Answers how many there were.
   */
  async arrange(): Promise<number> {
    let arranged = 0;
    for (;;) {
      const before: (readonly [string, readonly Bytes32[]])[] = [];
      const range = { lt: ARRANGED, limit: ARRANGED_AT_ONCE };
      for await (const row of this.#store.range(numberTable, range)) before.push(row);
      if (before.length === 0) return arranged;
      await this.#store.transact(async (tx) => {
        for (const [key, units] of before) {
          const [office = '', written = ''] = key.split('/');
          const [first] = units;
          const number = first === undefined ? undefined : (await tx.get(unitTable, first))?.number;
          const kept = decodeURIComponent(written);
          tx.delete(numberTable, key);
          // As the office wrote it, but where the unit has another number since.
          await keepNumber(tx, Number(office), number && keyOf(number) === kept ? number : kept, units);
        }
      }, 'finishing');
      arranged += before.length;
    }
  }

  /**
   * Parcels of an office in the order in which people read their numbers, and how many there are: a page reads its own
   * parcels, however many stand beside them. Refuses as `cursor-unknown` an `after` that no page of the office answered.
   */
  async page(
    office: number,
    { after, limit }: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<CadastrePage> {
    const first = inOffice(office, '');
    const behind = after === undefined ? undefined : inOffice(office, placeOfCursor(after) ?? '');
    if (behind !== undefined && (await this.#store.get(numberTable, behind)) === undefined) {
      throw refusal('cursor-unknown', undefined, { field: '/query/after' });
    }
    const { gte, lt } = under(first.slice(0, -1));
    const range = { lt, limit: limit + 1 };
    const from = behind === undefined ? { gte } : { gt: behind };
    const found: { readonly at: string; readonly units: readonly Bytes32[] }[] = [];
    for await (const [key, units] of this.#store.range(numberTable, Object.assign(from, range))) {
      found.push({ at: key.slice(first.length), units });
    }
    const shown = found.slice(0, limit);
    const parcels = await Promise.all(shown.map(({ units }) => this.#knownAll(units)));
    const total = (await this.#store.get(officeTable, String(office))) ?? 0;
    const last = found.length > limit ? shown.at(-1)?.at : undefined;
    return last === undefined ? { total, parcels } : { total, parcels, next: cursorOf(last) };
  }

  async byAlias(alias: string): Promise<CadastralUnit | undefined> {
    const unit = await this.#store.get(aliasTable, alias);
    return unit === undefined ? undefined : this.#known(unit as Bytes32);
  }

  async ofBaUnit(baUnit: Bytes32): Promise<readonly CadastralUnit[]> {
    return this.#knownAll((await this.#store.get(baUnitTable, baUnit)) ?? []);
  }

  /** All of them in the order of their ids: for the spatial index, releases and `fsck`. */
  async *all(range: Range = {}): AsyncGenerator<CadastralUnit> {
    for await (const [, unit] of this.#store.range(unitTable, range)) yield unit;
  }

  count(): Promise<number> {
    return this.#store.rows(unitTable);
  }

  async #knownAll(units: readonly Bytes32[]): Promise<readonly CadastralUnit[]> {
    return Promise.all(units.map((unit) => this.#known(unit)));
  }

  async #known(unit: Bytes32): Promise<CadastralUnit> {
    const known = await this.get(unit);
    if (known === undefined) throw new Error('an index of the cadastre leads nowhere');
    return known;
  }
}

async function recordUnit(tx: Transaction, unit: CadastralUnit): Promise<void> {
  if (Buffer.byteLength(unit.feature) > FEATURE_BYTES_MAX || unit.aliases.length > ALIASES_MAX) {
    throw new Error('a cadastral unit beyond its bounds');
  }
  const before = await tx.get(unitTable, unit.unit);
  if (before !== undefined && before.baUnit !== unit.baUnit) await leaveBaUnit(tx, before.baUnit, unit.unit);
  tx.put(unitTable, unit.unit, unit);
  for (const alias of unit.aliases) {
    const other = await tx.get(aliasTable, alias);
    if (other !== undefined && other !== unit.unit && !(await givesWay(tx, other, unit))) {
      throw refusal('parcel-alias-taken');
    }
    tx.put(aliasTable, alias, unit.unit);
  }
  await joinBaUnit(tx, unit.baUnit, unit.unit);
}

/** The same corners again are the same id: parts that are joined lie where a part of a parent lies, or lay. */
async function givesWay(tx: Transaction, other: string, { replaces }: CadastralUnit): Promise<boolean> {
  const known = await tx.get(unitTable, other);
  return known === undefined || known.retired || replaces.includes(known.baUnit);
}

/** Whether the boundaries with those that stand come to more of a unit than a boundary is. */
export async function isEaten(
  boundaries: readonly Boundaries[],
  stands: (other: Bytes32) => Promise<boolean>,
): Promise<boolean> {
  for (const { areaMm2, settled } of boundaries) {
    let sharedMm2 = 0n;
    for (const { other, areaMm2: one } of settled) if (await stands(other)) sharedMm2 += one;
    if (isSameGround(Number(sharedMm2), Number(areaMm2))) return true;
  }
  return false;
}

async function unitsIn(tx: Transaction, baUnit: Bytes32): Promise<readonly CadastralUnit[]> {
  const found: CadastralUnit[] = [];
  for (const unit of (await tx.get(baUnitTable, baUnit)) ?? []) {
    const known = await tx.get(unitTable, unit);
    if (known !== undefined) found.push(known);
  }
  return found;
}

async function replace(tx: Transaction, baUnit: Bytes32): Promise<void> {
  for (const known of await unitsIn(tx, baUnit)) {
    if (!known.isReplaced) tx.put(unitTable, known.unit, { ...known, isReplaced: true });
  }
}

async function takeNumber(tx: Transaction, unit: CadastralUnit): Promise<void> {
  const key = numberKey(unit.office, unit.number);
  const units = (await tx.get(numberTable, key)) ?? [];
  for (const other of units) {
    if ((await tx.get(unitTable, other))?.baUnit !== unit.baUnit) throw refusal('parcel-number-taken');
  }
  if (units.length === 0) {
    const office = String(unit.office);
    tx.put(officeTable, office, ((await tx.get(officeTable, office)) ?? 0) + 1);
  }
  if (!units.includes(unit.unit)) await keepNumber(tx, unit.office, unit.number, [...units, unit.unit]);
  for (const former of unit.formerNumbers ?? []) {
    await keepSpelling(tx, unit.office, former, placeOfNumber(unit.number));
  }
}

async function keepNumber(
  tx: Transaction,
  office: number,
  number: string,
  units: readonly Bytes32[],
): Promise<void> {
  const place = placeOfNumber(number);
  tx.put(numberTable, inOffice(office, place), units);
  await keepSpelling(tx, office, number, place);
}

/** By which a place is found where no number is written so. */
async function keepSpelling(tx: Transaction, office: number, number: string, place: string): Promise<void> {
  const spelling = spellingKey(office, number);
  const alike = (await tx.get(spellingTable, spelling)) ?? [];
  if (alike.includes(place) || alike.length >= ALIKE_MAX) return;
  tx.put(spellingTable, spelling, [...alike, place].sort());
}

/** Behind every key that was kept before numbers had an order: those began with the office. */
const ARRANGED = '=';
const inOffice = (office: number, place: string): string => `${ARRANGED}${office}/${place}`;

/**
 * Where a number stands among the others of its office: one place a number, however it is spelt. What sorts may be equal
 * for two, so that what tells them apart stands behind it.
 */
export function placeOfNumber(number: string): string {
  const told = createHash('sha256').update(keyOf(number)).digest('hex').slice(0, TOLD_APART_DIGITS);
  return `${orderOf(number)} ${told}`; // a space comes before all that an order has
}
/** A hundred and twenty-eight bits. */
const TOLD_APART_DIGITS = 32;

function numberKey(office: number, number: string): string {
  return inOffice(office, placeOfNumber(number));
}

/** Of any length, as offices write them. */
function spellingKey(office: number, number: string): string {
  return `${office}/${createHash('sha256').update(spellingOf(number)).digest('hex')}`;
}

async function joinBaUnit(tx: Transaction, baUnit: Bytes32, unit: Bytes32): Promise<void> {
  const units = (await tx.get(baUnitTable, baUnit)) ?? [];
  if (units.includes(unit)) return;
  if (units.length >= UNITS_OF_ONE_BAUNIT_MAX) throw new Error('more spatial units than one BAUnit has');
  tx.put(baUnitTable, baUnit, [...units, unit]);
}

async function leaveBaUnit(tx: Transaction, baUnit: Bytes32, unit: Bytes32): Promise<void> {
  tx.put(
    baUnitTable,
    baUnit,
    ((await tx.get(baUnitTable, baUnit)) ?? []).filter((one) => one !== unit),
  );
}
