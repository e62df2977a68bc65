/**
 * What arrives before any act: surveyed parcels, people to enrol, the rolls of cycles.
 *
 * Promises: a file is read whole before anything of it is kept, each of its lines is taken or refused by name, and
 * what is taken is written all at once or, past a named size, in parcels of lines that stand by themselves. People go
 * to the vault and come back as ids of their sector; parcels belong to nobody and go to the cadastre. Nothing here
 * reaches the ledger. `http` calls it, `main` wires it.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { type CadastreIndex, cadastreIndex } from '../domain/cadastreIndex.ts';
import { commitFacts, type Fact, MAX_VALUE_BYTES } from '../domain/facts.ts';
import { geoJsonOf } from '../domain/geometry.ts';
import { type Bytes32, toHex } from '../domain/hex.ts';
import {
  openFeature,
  outlinesOf,
  type Parcel,
  type ParcelOptions,
  type ParcelsRead,
  readParcels,
} from '../domain/parcels.ts';
import { type Refusal, Refusals, refusal } from '../domain/refusal.ts';
import { type Person, type RegistrationOptions, readRegistrations } from '../domain/registrations.ts';
import type { Person as StoredPerson, SubjectRef } from '../domain/schema.ts';
import type { Warning } from '../domain/warning.ts';
import type { CadastralUnit, Cadastre } from '../store/cadastre.ts';
import type { Subjects } from '../store/subjects.ts';
import type { Vault, VaultEntry } from '../store/vault.ts';

/** One sector for every programme of aid; land has its own. */
export const AID_SECTOR = 'aid';
/** A new epoch gives everybody another id. */
const SECTOR_EPOCH = 1;
/** People of one file: each is answered, so the answer is bounded by this too. */
export const PEOPLE_PER_FILE_MAX = 20_000;
/** Records of people written in one transaction. */
const PEOPLE_PER_WRITE = 1_000;

export interface IntakeDependencies {
  readonly cadastre: Cadastre;
  readonly subjects: Subjects;
  readonly vault: Vault;
  nowMs(): number;
}

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

export interface EnrolledPerson {
  readonly line: number;
  /** What this agency's sector calls the person. */
  readonly personId: Bytes32;
  /** Household members, where the file says. */
  readonly units: number;
}

export interface Enrolments {
  readonly read: number;
  readonly people: readonly EnrolledPerson[];
  readonly units: bigint;
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
  /** Columns of the file that were not kept. */
  readonly ignored: readonly string[];
}

export class Intake {
  readonly #deps: IntakeDependencies;
  #index: Promise<CadastreIndex> | undefined;
  /** One survey after the other: each is checked against all before it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: IntakeDependencies) {
    this.#deps = deps;
  }

  /** Records every parcel that can honestly be recorded, and answers the others line by line. */
  async survey(
    file: Uint8Array,
    office: number,
    options: Pick<ParcelOptions, 'columns' | 'replacing'> = {},
  ): Promise<Survey> {
    const work = this.#turn.then(async () => {
      const existing = await this.#existing();
      const read = readParcels(file, { ...options, existing });
      const recorded = await this.#record(read, office);
      existing.add(read.parcels);
      return { read: read.read, recorded, refused: read.refused, warnings: read.warnings };
    });
    this.#turn = work.catch(() => {});
    return work;
  }

  /** Enrols the people of a file with one agency: nobody twice, whoever enrolled before is found again. */
  async enrol(file: Uint8Array, agency: number, options: RegistrationOptions): Promise<Enrolments> {
    const { people, ...read } = readRegistrations(file, options);
    if (read.read > PEOPLE_PER_FILE_MAX) throw refusal('file-too-many-lines', { limit: PEOPLE_PER_FILE_MAX });
    const [first, ...rest] = read.refused;
    if (read.isRefusedWhole && first !== undefined) throw new Refusals([first, ...rest]);
    const enrolled: EnrolledPerson[] = [];
    for (let from = 0; from < people.length; from += PEOPLE_PER_WRITE) {
      enrolled.push(...(await this.#enrolSome(people.slice(from, from + PEOPLE_PER_WRITE), agency)));
    }
    const { refused, warnings, ignored, units } = read;
    return { read: read.read, people: enrolled, units, refused, warnings, ignored };
  }

  /** Who an agency means by an id of its sector; undefined for somebody it holds no record of. */
  async personOf(personId: Bytes32, agency: number): Promise<SubjectRef | undefined> {
    const { subjects, vault } = this.#deps;
    const subject = await subjects.findBySectorId(AID_SECTOR, SECTOR_EPOCH, personId);
    if (subject === undefined) return undefined;
    return (await vault.list(subject, agency)).length > 0 ? subject : undefined;
  }

  /** What the sector calls a person; undefined once the person is erased. */
  async personIdOf(subject: SubjectRef): Promise<Bytes32 | undefined> {
    const { subjects } = this.#deps;
    return (await subjects.isErased(subject))
      ? undefined
      : subjects.sectorId(subject, AID_SECTOR, SECTOR_EPOCH);
  }

  /** A whole number below the limit that nobody can foresee. */
  readonly randomBelow = (limit: number): number => randomInt(limit);

  async #enrolSome(people: readonly Person[], agency: number): Promise<EnrolledPerson[]> {
    const { subjects, vault } = this.#deps;
    const entries: VaultEntry[] = [];
    const enrolled = await Promise.all(
      people.map(async (person): Promise<EnrolledPerson> => {
        const { nationalId } = person;
        const subject = await (nationalId === undefined
          ? subjects.enrol(agency, [])
          : subjects.ensure(agency, { scheme: 'national-id', id: nationalId }));
        entries.push({
          subject,
          agency,
          type: 'person',
          group: '',
          id: 'self',
          record: storedPerson(person),
        });
        const personId = await subjects.sectorId(subject, AID_SECTOR, SECTOR_EPOCH);
        return { line: person.line, personId, units: person.units };
      }),
    );
    await vault.put(entries);
    return enrolled;
  }

  async #record(read: ParcelsRead, office: number): Promise<SurveyedParcel[]> {
    const nowMs = this.#deps.nowMs();
    const surveyed = read.parcels.map((parcel) => unitsOf(parcel, office, nowMs));
    await this.#deps.cadastre.record(surveyed.flatMap(({ units }) => units));
    return surveyed.map(({ parcel, units, baUnit }) => ({
      line: parcel.line,
      number: parcel.number,
      alias: parcel.alias,
      areaM2: parcel.areaM2,
      baUnit,
      spatialUnits: units.map(({ unit }) => unit),
    }));
  }

  /** Built from the cadastre when the first survey comes: a start need not wait for it. */
  #existing(): Promise<CadastreIndex> {
    this.#index ??= (async () => {
      const index = cadastreIndex();
      const parcels = new Map<Bytes32, { number: string; feature: string }>();
      for await (const { baUnit, number, feature, retired } of this.#deps.cadastre.all()) {
        if (!retired) parcels.set(baUnit, { number, feature });
      }
      index.add(
        [...parcels.values()].map(({ number, feature }) => ({
          number,
          units: outlinesOf(feature).map((outline) => ({ outline })),
        })),
      );
      return index;
    })();
    return this.#index;
  }
}

const randomId = () => toHex(randomBytes(32)) as Bytes32;
const MM2_PER_M2 = 1_000_000;
const DEGREES_TO_UNITS = 10_000_000;

function unitsOf(parcel: Parcel, office: number, nowMs: number) {
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

function storedPerson(person: Person): StoredPerson {
  const { name, nationalId, phone, sex, ageYears, village, scope, units, language } = person;
  const known = { nationalId, phone, gender: sex, ageYears, village, scope, preferredLanguage: language };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { fullName: name ?? '', householdSize: units, ...given };
}
