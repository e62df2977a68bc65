/**
 * Parcels as they are surveyed, before any act is about them, and what becomes of them when acts are recorded.
 *
 * The thread that reads maps holds the index of where parcels lie. Promises: a file is read whole before anything of it
 * is kept, each parcel is recorded, refused by name or asked about, and what is recorded is written some parcels at a
 * time, each whole: after a stop between two of them the same file is answered with the ids it has and goes on; surveys
 * are taken one after the other, each against all before it; ground is free again, and a number never, once the ledger
 * says that a parcel ended. Parcels belong to nobody and nothing of them is personal. `http` hands files in, the one loop
 * in `main` tells it of blocks.
 */
import type { EventBlock } from '../domain/acts/events.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { type Refusal, refusal } from '../domain/base/refusal.ts';
import { isEnded } from '../domain/base/terms.ts';
import type { Warning } from '../domain/base/warning.ts';
import type { FileSettings } from '../domain/files/settings.ts';
import type { CadastralUnit, Cadastre } from '../store/cadastre.ts';
import type { BoundaryDecision, Decisions } from '../store/decisions.ts';
import type { OfficeRow } from '../store/views/power.ts';
import { type FileReader, openFileReader, type TaskOffice } from '../threads/fileReader.ts';
import type { FileRead, IndexedSaid, ParcelSaid, ParcelsTask } from '../threads/messages.ts';
import { type Preview, previewOf, readOnly, refusedIn } from './fileOutcome.ts';

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
  readonly refusedTotal: number;
  readonly warnings: readonly Warning[];
  readonly areaUnit: FileRead['areaUnit'];
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
  /** Told of what was recorded, so that it can be found. */
  placed(units: readonly CadastralUnit[]): void;
  /** Every office with its keeper: an institution settles boundaries between the parcels that it keeps. */
  offices(): Promise<readonly OfficeRow[]>;
  /** Shared ground that is nobody's concern, in square millimetres. */
  overlapToleranceMm2(): Promise<bigint>;
  nowMs(): number;
}

/** A parcel of a survey, and the units whose ground it takes. */
export interface NewestSurveyed {
  readonly baUnit: Bytes32;
  readonly replaces: readonly Bytes32[];
}

/** Enough for an act about what was surveyed last; forgotten at a stop. */
const NEWEST_KEPT = 64;
/** Of the cadastre, told to a thread that begins: as much as is read in a few milliseconds. */
const INDEXED_AT_ONCE = 200;
const MM2_PER_M2 = 1_000_000;

export class Surveys {
  readonly #deps: SurveysDependencies;
  readonly #reader: FileReader;
  readonly #newest = new Map<Bytes32, NewestSurveyed>();

  constructor(deps: SurveysDependencies) {
    this.#deps = deps;
    this.#reader = openFileReader((run) => this.#begin(run));
  }

  /** How a file would be read on top of the cadastre; nothing is kept. */
  async preview(
    file: Uint8Array<ArrayBuffer>,
    order: SurveyOrder,
    who: Pick<TaskOffice, 'signal' | 'onProgress'> = {},
  ): Promise<Preview> {
    const task = await this.#taskOf(file, order, true);
    return previewOf(await readOnly((office) => this.#reader.run(task, office), who));
  }

  /** Records every parcel that can honestly be recorded, and answers the others line by line. */
  async take(
    file: Uint8Array<ArrayBuffer>,
    order: SurveyOrder,
    { signal, onProgress }: Pick<TaskOffice, 'signal' | 'onProgress'> = {},
  ): Promise<Survey> {
    const task = await this.#taskOf(file, order, false);
    const recorded: SurveyedParcel[] = [];
    let told: { readonly read: FileRead; readonly refused: readonly Refusal[] } | undefined;
    await this.#reader.run(task, {
      signal,
      ...(onProgress && { onProgress }),
      onPart: async (part) => {
        if (part.kind === 'read') {
          told = { read: part.read, refused: refusedIn(part.read) };
          await this.#decided(part.read, order, task.nowMs);
        } else if (part.kind === 'parcels') {
          await this.#record(part.parcels);
          for (const parcel of part.parcels) recorded.push(await this.#answered(order.office, parcel));
        }
        return undefined;
      },
    });
    if (told === undefined) throw new Error('a map was read without an outcome');
    const { read, refusedTotal, warnings, areaUnit } = told.read;
    recorded.sort((a, b) => a.feature - b.feature);
    return { read, recorded, refused: told.refused, refusedTotal, warnings, areaUnit };
  }

  /** What this gateway was told of last since it was started, newest first: at most `NEWEST_KEPT`. */
  newest(): readonly NewestSurveyed[] {
    return [...this.#newest.values()].reverse();
  }

  /** What was decided of shared ground, in the order of the files. */
  decisions(office: number, limit: number): Promise<readonly BoundaryDecision[]> {
    return this.#deps.decisions.list(office, limit);
  }

  /** A block, before the views apply it: parcels whose unit it ended are retired. Telling it twice does no harm. */
  async seen({ events }: EventBlock): Promise<void> {
    const ended = events.flatMap((event) =>
      event.name === 'BAUnitRecorded' && isEnded(event.args.state.header.status)
        ? event.args.state.spatialUnits.map(({ id }) => id)
        : [],
    );
    if (ended.length === 0) return;
    const { cadastre } = this.#deps;
    await cadastre.retire(ended);
    const units = await Promise.all(ended.map((id) => cadastre.get(id)));
    const numbers = units.flatMap((unit) => (unit === undefined ? [] : [nameOf(unit.office, unit.number)]));
    // A survey that is being taken ends first; the block does not wait for it.
    void this.#reader.run({ kind: 'retire', numbers }).catch(() => {});
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  async #taskOf(file: Uint8Array<ArrayBuffer>, order: SurveyOrder, isDryRun: boolean): Promise<ParcelsTask> {
    const { office, settings, replacing } = order;
    const overlapToleranceM2 = Number(await this.#deps.overlapToleranceMm2()) / MM2_PER_M2;
    const replaces = await this.#standing(office, replacing);
    const offices = await this.#deps.offices();
    const keeper = offices.find((one) => one.office === office)?.keeper;
    const decides = offices.flatMap((one) => (one.keeper === keeper ? [one.office] : []));
    const nowMs = this.#deps.nowMs();
    return {
      kind: 'parcels',
      file,
      settings,
      office,
      replacing,
      replaces,
      decides,
      overlapToleranceM2,
      nowMs,
      isDryRun,
    };
  }

  async #decided({ decided, fileHash }: FileRead, { office, by }: SurveyOrder, nowMs: number): Promise<void> {
    await this.#deps.decisions.record(
      decided.flatMap(({ number, other, elsewhere, areaM2, answer }) => {
        const made = { areaM2, answer, by, atMs: nowMs, file: fileHash };
        const own = { office, number, other, ...made };
        // Whoever looks after the other office finds it among its own.
        const theirs = elsewhere && {
          office: elsewhere.office,
          number: elsewhere.number,
          other: nameOf(office, number),
          ...made,
        };
        return theirs === undefined || answer === 'leave-out' ? [own] : [own, theirs];
      }),
    );
  }

  async #record(parcels: readonly ParcelSaid[]): Promise<void> {
    const units = parcels.flatMap((parcel) => parcel.units ?? []);
    const shared = parcels.flatMap(({ shares }) => shares);
    if (units.length === 0) return;
    await this.#deps.cadastre.record(units, shared);
    this.#deps.placed(units);
  }

  /** One that is known answers the ids it got when it was recorded. */
  async #answered(office: number, { units, shares: _, ...parcel }: ParcelSaid): Promise<SurveyedParcel> {
    const kept = units ?? (await this.#deps.cadastre.byNumber(office, parcel.number));
    const [first] = kept;
    if (first === undefined) throw new Error('a parcel without a part');
    const { baUnit, replaces } = first;
    this.#newest.delete(baUnit); // so that it stands behind those before it
    this.#newest.set(baUnit, { baUnit, replaces });
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > NEWEST_KEPT && oldest !== undefined) this.#newest.delete(oldest);
    return Object.assign(parcel, { baUnit: first.baUnit, spatialUnits: kept.map(({ unit }) => unit) });
  }

  /** The BAUnits of the numbers, each of a parcel that stands. */
  async #standing(office: number, numbers: readonly string[]): Promise<readonly Bytes32[]> {
    const found = new Set<Bytes32>();
    for (const number of numbers) {
      const [unit] = await this.#deps.cadastre.byNumber(office, number);
      if (unit === undefined || unit.retired)
        throw refusal('replaced-parcel-missing', undefined, { field: 'replacing' });
      found.add(unit.baUnit);
    }
    return [...found];
  }

  /** Tells a fresh thread of every parcel there is; parts share their feature. */
  async #begin(run: FileReader['run']): Promise<void> {
    const told = new Set<Bytes32>();
    const names = new Map<Bytes32, string>();
    const replacers: { readonly replaced: Bytes32; readonly by: string }[] = [];
    let parcels: IndexedSaid[] = [];
    for await (const unit of this.#deps.cadastre.all()) {
      if (told.has(unit.baUnit)) continue;
      told.add(unit.baUnit);
      parcels.push(indexedOf(unit));
      if (unit.isReplaced) names.set(unit.baUnit, nameOf(unit.office, unit.number));
      for (const replaced of unit.replaces) replacers.push({ replaced, by: unit.number });
      if (parcels.length < INDEXED_AT_ONCE) continue;
      await run({ kind: 'index', parcels });
      parcels = [];
    }
    await run({ kind: 'index', parcels });
    const replaced = replacers.flatMap(({ replaced: unit, by }) => {
      const number = names.get(unit);
      return number === undefined ? [] : [{ number, by }];
    });
    await run({ kind: 'replace', replaced });
  }
}

function indexedOf({ office, number, baUnit, feature, retired }: CadastralUnit): IndexedSaid {
  return { number: nameOf(office, number), baUnit, feature: retired ? undefined : feature };
}

/** Offices number their parcels apart, on the same ground: the index knows them by this. */
function nameOf(office: number, number: string): string {
  return `office ${office}: ${number}`;
}
