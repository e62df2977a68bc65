/**
 * Parcels as they are surveyed, before any act is about them, and what becomes of them when acts are recorded.
 *
 * Hides the index of where parcels lie. Promises: a file is read whole before anything of it is kept, each parcel is
 * recorded or refused by name, and what is recorded is written all at once; surveys are taken one after the other, each
 * against all before it; ground is free again, and a number never, once the ledger says that a parcel ended. Parcels
 * belong to nobody and nothing of them is personal. `http` hands files in, the one loop in `main` tells it of blocks.
 */
import { randomBytes } from 'node:crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { EventBlock } from '../domain/acts/events.ts';
import { commitFacts, type Fact, MAX_VALUE_BYTES } from '../domain/acts/facts.ts';
import { type Bytes32, toHex } from '../domain/base/hex.ts';
import { type Refusal, Refusals, refusal } from '../domain/base/refusal.ts';
import type { UnitStatus } from '../domain/base/terms.ts';
import type { Warning } from '../domain/base/warning.ts';
import { type CadastreIndex, cadastreIndex } from '../domain/survey/cadastreIndex.ts';
import { geoJsonOf } from '../domain/survey/geometry.ts';
import {
  openFeature,
  outlinesOf,
  type Parcel,
  type ParcelOptions,
  readParcels,
} from '../domain/survey/parcels.ts';
import type { CadastralUnit, Cadastre } from '../store/cadastre.ts';

export interface SurveyedParcel {
  readonly line: number;
  readonly number: string;
  readonly alias: string;
  readonly areaM2: number;
  /** The unit to register a title under. */
  readonly baUnit: Bytes32;
  readonly spatialUnits: readonly Bytes32[];
}

export interface Survey {
  readonly read: number;
  readonly recorded: readonly SurveyedParcel[];
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

export interface SurveyOptions {
  readonly columns?: ParcelOptions['columns'];
  /** Numbers of this office whose ground the new parcels take: the parents of a division or merger. */
  readonly replacing?: readonly string[];
}

export class Surveys {
  readonly #cadastre: Cadastre;
  readonly #nowMs: () => number;
  #index: CadastreIndex | undefined;
  /** One after the other: what the index says and what the cadastre holds change together. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(cadastre: Cadastre, nowMs: () => number) {
    this.#cadastre = cadastre;
    this.#nowMs = nowMs;
  }

  /** Records every parcel that can honestly be recorded, and answers the others line by line. */
  take(file: Uint8Array, office: number, { replacing = [], columns }: SurveyOptions = {}): Promise<Survey> {
    return this.#inTurn(async () => {
      const replaces = await this.#standing(office, replacing);
      const index = await this.#existing();
      const read = readParcels(file, {
        ...{ replacing, existing: ofOffice(index, office) },
        ...(columns !== undefined && { columns }),
      });
      const [first, ...rest] = read.refused;
      if (read.isRefusedWhole && first !== undefined) throw new Refusals([first, ...rest]);
      const nowMs = this.#nowMs();
      const surveyed = read.parcels.map((parcel) => unitsOf(parcel, { office, replaces, nowMs }));
      await this.#cadastre.record(surveyed.flatMap(({ units }) => units));
      index.add(read.parcels.map(({ number, units }) => ({ number: nameOf(office, number), units })));
      const recorded = surveyed.map(({ parcel, units, baUnit }) => ({
        line: parcel.line,
        number: parcel.number,
        alias: parcel.alias,
        areaM2: parcel.areaM2,
        baUnit,
        spatialUnits: units.map(({ unit }) => unit),
      }));
      return { read: read.read, recorded, refused: read.refused, warnings: read.warnings };
    });
  }

  /** A block, before the views apply it: parcels whose unit it ended are retired. Telling it twice does no harm. */
  async seen({ events }: EventBlock): Promise<void> {
    const ended = events.flatMap((event) =>
      event.name === 'BAUnitRecorded' && ENDED.has(event.args.state.header.status)
        ? event.args.state.spatialUnits.map(({ id }) => id)
        : [],
    );
    if (ended.length > 0) await this.#inTurn(() => this.#retire(ended));
  }

  async #retire(ids: readonly Bytes32[]): Promise<void> {
    await this.#cadastre.retire(ids);
    for (const id of ids) {
      const unit = await this.#cadastre.get(id);
      if (unit !== undefined) this.#index?.retire(nameOf(unit.office, unit.number));
    }
  }

  /** The BAUnits of the numbers, each of a parcel that stands. */
  async #standing(office: number, numbers: readonly string[]): Promise<readonly Bytes32[]> {
    const found = new Set<Bytes32>();
    for (const number of numbers) {
      const [unit] = await this.#cadastre.byNumber(office, number);
      if (unit === undefined || unit.retired)
        throw refusal('replaced-parcel-missing', undefined, { field: 'replacing' });
      found.add(unit.baUnit);
    }
    return [...found];
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** Built from the cadastre when the first survey comes: a start need not wait for it. */
  async #existing(): Promise<CadastreIndex> {
    if (this.#index !== undefined) return this.#index;
    const index = cadastreIndex();
    const parcels = new Map<Bytes32, CadastralUnit>();
    for await (const unit of this.#cadastre.all()) parcels.set(unit.baUnit, unit); // parts share their feature
    index.add(
      [...parcels.values()].map(({ office, number, feature, retired }) => ({
        number: nameOf(office, number),
        // What ended has a number and no ground.
        units: retired ? [] : outlinesOf(feature).map((outline) => ({ outline })),
      })),
    );
    this.#index = index;
    return index;
  }
}

const ENDED: ReadonlySet<UnitStatus> = new Set(['retired', 'cancelled']);

/** Offices number their parcels apart, on the same ground. */
function nameOf(office: number, number: string): string {
  return `office ${office}: ${number}`;
}

/** The index as one office sees it: its own parcels by their numbers. */
function ofOffice(index: CadastreIndex, office: number): NonNullable<ParcelOptions['existing']> {
  const own = nameOf(office, '');
  return {
    has: (number) => index.has(nameOf(office, number)),
    overlapping: (outline, enoughM2) =>
      index
        .overlapping(outline, enoughM2)
        .map((name) => (name.startsWith(own) ? name.slice(own.length) : name)),
  };
}

const randomId = () => toHex(randomBytes(32)) as Bytes32;
const MM2_PER_M2 = 1_000_000;
const DEGREES_TO_UNITS = 10_000_000;

interface Taken {
  readonly office: number;
  readonly replaces: readonly Bytes32[];
  readonly nowMs: number;
}

function unitsOf(parcel: Parcel, { office, replaces, nowMs }: Taken) {
  const baUnit = randomId();
  const feature = openFeature(parcel);
  const units = parcel.units.map(({ polygon, alias, areaM2, outline }): CadastralUnit => {
    const fact = (path: string, value: string): Fact => ({
      path,
      value: value.normalize('NFC'),
      salt: randomId(),
    });
    const { root, facts } = commitFacts([
      fact('alias', alias),
      boundaryFact(JSON.stringify(geoJsonOf(polygon)), fact),
      fact('number', parcel.number),
    ]);
    const [west, south, east, north] = outline.extent.map((degrees) =>
      Math.round(degrees * DEGREES_TO_UNITS),
    );
    return {
      unit: randomId(),
      baUnit,
      office,
      number: parcel.number,
      feature,
      aliases: [alias],
      statedAreaMm2:
        parcel.statedAreaM2 === undefined ? undefined : BigInt(Math.round(parcel.statedAreaM2 * MM2_PER_M2)),
      computedAreaMm2: BigInt(Math.round(areaM2 * MM2_PER_M2)),
      box: [west ?? 0, south ?? 0, east ?? 0, north ?? 0],
      geometry: facts,
      geometryCommitment: root,
      sources: [],
      replaces,
      recordedAtMs: nowMs,
      retired: false,
    };
  });
  return { parcel, units, baUnit };
}

/** As drawn; a boundary too long for a fact stands there by its hash, and the cadastre has the drawing. */
function boundaryFact(drawn: string, fact: (path: string, value: string) => Fact): Fact {
  if (drawn.length <= MAX_VALUE_BYTES) return fact('boundary', drawn);
  return fact('boundary-hash', toHex(keccak_256(Buffer.from(drawn))));
}
