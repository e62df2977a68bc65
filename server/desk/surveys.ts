/**
 * Parcels as they are surveyed, before any act is about them, and what becomes of them when acts are recorded.
 *
 * Hides the index of where parcels lie. Promises: a file is read whole before anything of it is kept, each parcel is
 * recorded or refused by name, and what is recorded is written in parcels of a hundred, each whole: after a stop between
 * two of them the same file is answered with the ids it has and goes on; surveys are taken one after the other, each
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
import type { FileSettings } from '../domain/files/settings.ts';
import { type CadastreIndex, cadastreIndex } from '../domain/survey/cadastreIndex.ts';
import { parcelText } from '../domain/survey/formats.ts';
import { geoJsonOf } from '../domain/survey/geometry.ts';
import {
  openFeature,
  type Parcel,
  type ParcelOptions,
  type ParcelsRead,
  readParcels,
  shapeOfOpen,
} from '../domain/survey/parcels.ts';
import type { CadastralUnit, Cadastre } from '../store/cadastre.ts';
import type { BoundaryDecision, Decisions } from '../store/decisions.ts';

export interface SurveyedParcel {
  readonly line: number;
  /** 1-based, in the file. */
  readonly feature: number;
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
  readonly areaUnit: ParcelsRead['areaUnit'];
}

export interface SurveyOrder {
  readonly office: number;
  readonly settings: FileSettings;
  /** Numbers of this office whose ground the new parcels take: the parents of a division or merger. */
  readonly replacing: readonly string[];
  /** The token's holder that sends the file, for what is decided with it. */
  readonly by: string;
}

export interface SurveysDependencies {
  readonly cadastre: Cadastre;
  readonly decisions: Decisions;
  /** The policy of shared ground in square millimetres; zero where none was set. */
  overlapToleranceMm2(): Promise<bigint>;
  nowMs(): number;
}

export class Surveys {
  readonly #deps: SurveysDependencies;
  readonly #cadastre: Cadastre;
  #index: CadastreIndex | undefined;
  /** One after the other: what the index says and what the cadastre holds change together. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: SurveysDependencies) {
    this.#deps = deps;
    this.#cadastre = deps.cadastre;
  }

  /** How a file would be read on top of the cadastre; nothing is kept. */
  preview(file: Uint8Array<ArrayBuffer>, order: SurveyOrder): Promise<ParcelsRead> {
    return this.#inTurn(async () => {
      await this.#standing(order.office, order.replacing);
      return this.#read(file, order);
    });
  }

  /** Records every parcel that can honestly be recorded, and answers the others line by line. */
  take(file: Uint8Array<ArrayBuffer>, order: SurveyOrder): Promise<Survey> {
    const { office, by } = order;
    const fileHash = toHex(keccak_256(file));
    return this.#inTurn(async () => {
      const replaces = await this.#standing(office, order.replacing);
      const read = await this.#read(file, order);
      const [first, ...rest] = read.refused;
      if (read.isRefusedWhole && first !== undefined) throw new Refusals([first, ...rest]);
      const nowMs = this.#deps.nowMs();
      const decided = read.decided.map((one) =>
        Object.assign({ office, by, atMs: nowMs, file: fileHash }, one),
      );
      await this.#deps.decisions.record(decided);
      const recorded: SurveyedParcel[] = [];
      for (let from = 0; from < read.parcels.length; from += PARCELS_PER_WRITE) {
        const some = read.parcels.slice(from, from + PARCELS_PER_WRITE);
        recorded.push(...(await this.#record(some, { office, replaces, nowMs })));
      }
      for (const parcel of read.known) recorded.push(await this.#knownAgain(office, parcel));
      recorded.sort((a, b) => a.feature - b.feature);
      const { refused, warnings, areaUnit } = read;
      return { read: read.read, recorded, refused, warnings, areaUnit };
    });
  }

  /** What was decided of shared ground, in the order of the files. */
  decisions(office: number, limit: number): Promise<readonly BoundaryDecision[]> {
    return this.#deps.decisions.list(office, limit);
  }

  async #read(
    file: Uint8Array<ArrayBuffer>,
    { office, settings, replacing }: SurveyOrder,
  ): Promise<ParcelsRead> {
    const toleranceMm2 = await this.#deps.overlapToleranceMm2();
    const existing = ofOffice(await this.#existing(), office);
    const overlapToleranceM2 = toleranceMm2 === 0n ? undefined : Number(toleranceMm2) / MM2_PER_M2;
    const options = Object.assign({}, settings, { existing, replacing, overlapToleranceM2 });
    return readParcels(await parcelText(file, settings), options);
  }

  async #record(parcels: readonly Parcel[], taken: Taken): Promise<SurveyedParcel[]> {
    const surveyed = parcels.map((parcel) => unitsOf(parcel, taken));
    await this.#cadastre.record(surveyed.flatMap(({ units }) => units));
    const index = await this.#existing();
    index.add(
      parcels.map(({ number, alias, units }) => ({ number: nameOf(taken.office, number), alias, units })),
    );
    return surveyed.map(({ parcel, units, baUnit }) =>
      answered(
        parcel,
        baUnit,
        units.map(({ unit }) => unit),
      ),
    );
  }

  /** With the ids it got when it was recorded. */
  async #knownAgain(office: number, parcel: Parcel): Promise<SurveyedParcel> {
    const units = await this.#cadastre.byNumber(office, parcel.number);
    const [first] = units;
    if (first === undefined) throw new Error('the index knows a parcel that is not on the cadastre');
    return answered(
      parcel,
      first.baUnit,
      units.map(({ unit }) => unit),
    );
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
      [...parcels.values()].map(({ office, number, feature, retired }) => {
        const { alias, outlines } = shapeOfOpen(feature);
        // What ended has a number and no ground.
        return {
          number: nameOf(office, number),
          alias,
          units: retired ? [] : outlines.map((outline) => ({ outline })),
        };
      }),
    );
    this.#index = index;
    return index;
  }
}

function answered(
  { line, feature, number, alias, areaM2 }: Parcel,
  baUnit: Bytes32,
  spatialUnits: readonly Bytes32[],
): SurveyedParcel {
  return { line, feature, number, alias, areaM2, baUnit, spatialUnits };
}

/** Written in one transaction: short enough that other requests are answered in between. */
const PARCELS_PER_WRITE = 100;

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
    isKnown: (number, alias) => index.isKnown(nameOf(office, number), alias),
    overlapping: (outline) =>
      index.overlapping(outline).map(({ number, areaM2 }) => ({
        number: number.startsWith(own) ? number.slice(own.length) : number,
        areaM2,
      })),
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
