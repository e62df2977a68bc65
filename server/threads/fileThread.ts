/**
 * The thread that reads files: it parses, measures, compares and hashes, so that the event loop does not.
 *
 * Hides the index of where parcels lie, which lives as long as the thread. Promises: one task after the other; nothing is
 * written here; a part is sent when the one before it was dealt with, so that memory beyond the file is one part; a bug
 * ends the task, and not the thread. Started by `fileReader.ts` alone.
 */
import { createHash, randomBytes } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { type Bytes32, toHex, ZERO_32 } from '../domain/base/hex.ts';
import { Refusal } from '../domain/base/refusal.ts';
import { idInOffice } from '../domain/base/terms.ts';
import { ROLL_SECRET_BYTES, rollTree, tableOfRoll } from '../domain/benefits/envelope.ts';
import type { AnsweredReading } from '../domain/files/answers.ts';
import type { RowConsumer, SheetAbout } from '../domain/files/csv.ts';
import { keyOf } from '../domain/files/key.ts';
import { readTable } from '../domain/files/people.ts';
import { registrationReader } from '../domain/files/registrations.ts';
import { inOrder } from '../domain/files/repeatedLines.ts';
import { rollReader } from '../domain/files/roll.ts';
import { type CadastreIndex, cadastreIndex } from '../domain/survey/cadastreIndex.ts';
import { readMap } from '../domain/survey/formats.ts';
import { type Parcel, type ParcelOptions, shapeOfOpen } from '../domain/survey/parcels.ts';
import { keccak256 } from '../ledger/keccak.ts';
import {
  type FileRead,
  type FromThread,
  LINES_TOLD_MAX,
  type ParcelSaid,
  type ParcelsTask,
  type Part,
  type PartAnswer,
  type PeopleTask,
  type Progress,
  type RollTask,
  saidOf,
  type Task,
  type ToThread,
} from './messages.ts';
import { randomId, unitsOf } from './surveyedUnits.ts';

/** A refusal of every one of a million lines would otherwise carry a trace each. */
Error.stackTraceLimit = 0;

/** Rows a dry run shows: enough to see that the columns are the right ones. */
const ROWS_SHOWN = 10;
/** Of one part: as much as the event loop writes in a few milliseconds. */
const PARCELS_A_PART = 64;
const PEOPLE_A_PART = 100;
const PLACES_A_PART = 1_000;
const REFUSED_A_PART = 1_000;
/** How often it is said how far a reading is. */
const ROWS_A_PROGRESS = 10_000;
const PARCELS_A_PROGRESS = 1_000;
const MM2_PER_M2 = 1_000_000;

/** The other side gave the task up. */
class Stopped extends Error {}

type Done = Extract<FromThread, { done: unknown }>['done'];

/** The other side of one task. */
interface Office {
  progress(progress: Progress): void;
  send(part: Part): Promise<PartAnswer>;
}

if (parentPort === null) throw new Error('this file is the beginning of a thread');
const port = parentPort;
const index: CadastreIndex = cadastreIndex();
let waiting: { dealtWith(answer: PartAnswer): void; stop(error: Stopped): void } | undefined;
let turn: Promise<void> = Promise.resolve();

port.on('message', (message: ToThread) => {
  if ('task' in message) turn = turn.then(() => run(message.id, message.task));
  else if ('stop' in message) waiting?.stop(new Stopped());
  else waiting?.dealtWith(message.answer);
});

async function run(id: number, task: Task): Promise<void> {
  const say = (message: FromThread) => port.postMessage(message);
  const office: Office = {
    progress: (progress) => say({ id, progress }),
    send: (part) =>
      new Promise((resolve, reject) => {
        waiting = { dealtWith: resolve, stop: reject };
        say({ id, part });
      }),
  };
  try {
    say({ id, done: await workOn(task, office) });
  } catch (error) {
    if (error instanceof Stopped) return; // whoever stopped it knows why
    if (error instanceof Refusal) say({ id, refused: [saidOf(error)] });
    else say({ id, bug: error instanceof Error ? error.message : 'a thread threw no error' });
  }
}

async function workOn(task: Task, office: Office): Promise<Done> {
  switch (task.kind) {
    case 'index':
      index.add(
        task.parcels.map(({ number, baUnit, feature }) => {
          if (feature === undefined) return { number, baUnit, alias: undefined, units: [] };
          const { alias, outlines } = shapeOfOpen(feature);
          return { number, baUnit, alias, units: outlines.map((outline) => ({ outline })) };
        }),
      );
      return {};
    case 'retire':
      for (const number of task.numbers) index.retire(number);
      return {};
    case 'replace':
      for (const { number, by } of task.replaced) index.replace(number, [by]);
      return {};
    case 'parcels':
      return takeParcels(task, office);
    case 'people':
      return takePeople(task, office);
    case 'roll':
      return takeRoll(task, office);
  }
}

function hashOf(file: Uint8Array): Bytes32 {
  return toHex(createHash('sha256').update(file).digest()) as Bytes32;
}

interface Summary {
  readonly read: number;
  readonly isRefusedWhole: boolean;
  readonly refused: readonly Refusal[];
  readonly warnings: FileRead['warnings'];
  readonly columns: ReadonlyMap<string, string>;
  readonly present: readonly string[];
  readonly sheet?: string | undefined;
}

function summaryOf(
  file: Uint8Array,
  read: Summary,
  good: readonly object[],
  more: Partial<FileRead>,
): FileRead {
  return Object.assign(
    {
      fileHash: hashOf(file),
      readingTag: ZERO_32,
      read: read.read,
      good: good.length,
      isRefusedWhole: read.isRefusedWhole,
      refused: read.refused.slice(0, LINES_TOLD_MAX).map(saidOf),
      refusedTotal: read.refused.length,
      warnings: read.warnings.slice(0, LINES_TOLD_MAX),
      columns: Object.fromEntries(read.columns),
      present: read.present,
      sheet: read.sheet,
      ignored: [],
      rows: good.slice(0, ROWS_SHOWN),
      units: 0n,
      areaUnit: undefined,
      decided: [],
      passedOver: { lines: 0, units: 0n },
      used: [],
    },
    more,
  );
}

// ---- Parcels -------------------------------------------------------------------------------------------------

async function takeParcels(task: ParcelsTask, office: Office): Promise<Done> {
  const { file, settings, isDryRun } = task;
  const read = await readMap(file, settings, {
    existing: ofOffice(task),
    replacing: task.replacing,
    overlapToleranceM2: task.overlapToleranceM2,
    onProgress: (done: number) => {
      if (done % PARCELS_A_PROGRESS === 0) office.progress({ phase: 'reading', done });
    },
  });
  const rows = read.parcels
    .slice(0, ROWS_SHOWN)
    .map(({ units, sourceText: _, unprojected: __, ...row }) => Object.assign({ parts: units.length }, row));
  const good = read.parcels.length + read.known.length;
  const { areaUnit, decided } = read;
  await office.send({ kind: 'read', read: summaryOf(file, read, [], { good, rows, areaUnit, decided }) });
  if (isDryRun) return {};
  const newUnit = () => idInOffice(task.office, randomId());
  const baUnits = new Map(read.parcels.map(({ number }) => [keyOf(number), newUnit()]));
  const baUnitOf = (number: string) => baUnits.get(keyOf(number));
  for (let from = 0; from < read.parcels.length; from += PARCELS_A_PART) {
    const some = read.parcels.slice(from, from + PARCELS_A_PART).map((parcel) => {
      return { parcel, baUnit: baUnitOf(parcel.number) ?? newUnit() };
    });
    await office.send({
      kind: 'parcels',
      parcels: some.map(({ parcel, baUnit }) =>
        parcelSaid(parcel, unitsOf(parcel, task, baUnit), sharesOf(baUnit, parcel, baUnitOf)),
      ),
    });
    index.add(
      some.map(({ baUnit, parcel: { number, alias, units } }) => {
        return { number: nameOf(task.office, number), baUnit, alias, units };
      }),
    );
    const by = some.map(({ parcel }) => parcel.number);
    for (const replaced of task.replacing) index.replace(nameOf(task.office, replaced), by);
    office.progress({ phase: 'writing', done: from + some.length });
  }
  for (let from = 0; from < read.known.length; from += PARCELS_A_PART) {
    const some = read.known.slice(from, from + PARCELS_A_PART);
    await office.send({ kind: 'parcels', parcels: some.map((parcel) => parcelSaid(parcel, undefined, [])) });
  }
  return {};
}

function parcelSaid(
  { line, feature, number, alias, areaM2 }: Parcel,
  units: ParcelSaid['units'],
  shares: ParcelSaid['shares'],
): ParcelSaid {
  return { line, feature, number, alias, areaM2, units, shares };
}

/** What a parcel shares with one that was refused is nobody's: it is not on the cadastre. */
function sharesOf(
  baUnit: Bytes32,
  { sharing }: Parcel,
  baUnitOf: (number: string) => Bytes32 | undefined,
): ParcelSaid['shares'] {
  return sharing.flatMap(({ other: number, baUnit: known, areaM2, isDecided }) => {
    const other = known ?? baUnitOf(number);
    const areaMm2 = BigInt(Math.round(areaM2 * MM2_PER_M2));
    return other === undefined || areaMm2 === 0n ? [] : [{ baUnit, other, areaMm2, isDecided }];
  });
}

/** Offices number their parcels apart, on the same ground. */
const NAME = /^office (\d+): (.*)$/s;

function nameOf(office: number, number: string): string {
  return `office ${office}: ${number}`;
}

/** The index as one office sees it: its own parcels by their numbers, and of all others who may decide about them. */
function ofOffice({ office, decides }: ParcelsTask): NonNullable<ParcelOptions['existing']> {
  const own = nameOf(office, '');
  const named = (number: string) => nameOf(office, number);
  return {
    has: (number) => index.has(named(number)),
    alikeOf: (number) => index.alikeOf(named(number))?.slice(own.length),
    replacedBy: (number) => index.replacedBy(named(number)),
    isKnown: (number, alias) => index.isKnown(named(number), alias),
    overlapping: (outline) =>
      index.overlapping(outline).map((shared) => {
        const { number: name } = shared;
        if (name.startsWith(own)) return Object.assign({}, shared, { number: name.slice(own.length) });
        const [, of = '', number = ''] = NAME.exec(name) ?? [];
        const isAnothers = !decides.includes(Number(of));
        return Object.assign({}, shared, { elsewhere: { office: Number(of), number, isAnothers } });
      }),
  };
}

// ---- Tables --------------------------------------------------------------------------------------------------

function counted<Result>(consumer: RowConsumer<Result>, office: Office): RowConsumer<Result> {
  let rows = 0;
  return {
    about: (sheet) => consumer.about?.(sheet),
    consume(row, line, marks) {
      if (++rows % ROWS_A_PROGRESS === 0) office.progress({ phase: 'reading', done: rows });
      consumer.consume(row, line, marks);
    },
    finish: consumer.finish,
  };
}

async function takePeople({ file, settings, terms }: PeopleTask, office: Office): Promise<Done> {
  const before = await office.send({ kind: 'file', fileHash: hashOf(file) });
  let sheet = '';
  const tagOf = (reading: string) => hashOf(Buffer.from(JSON.stringify([sheet, reading])));
  const answeredBefore = (reading: string) =>
    answeredIn(before).find(({ readingTag }) => readingTag === tagOf(reading))?.answers ?? [];
  const reader = registrationReader(Object.assign({}, settings, terms, { answeredBefore }));
  const consumer: typeof reader = Object.assign(counted(reader, office), {
    about(one: SheetAbout) {
      sheet = one.name ?? '';
      reader.about?.(one);
    },
  });
  const read = await readTable(file, settings, consumer);
  const { people, units, ignored, passedOver, used } = read;
  const more = { units, ignored, passedOver, used, readingTag: tagOf(read.reading) };
  await office.send({ kind: 'read', read: summaryOf(file, read, people, more) });
  const ordered = inOrder(people);
  for (let from = 0; from < ordered.length; from += PEOPLE_A_PART) {
    const some = ordered.slice(from, from + PEOPLE_A_PART);
    await office.send({ kind: 'people', people: some });
    office.progress({ phase: 'writing', done: from + some.length });
  }
  return {};
}

function answeredIn(answer: PartAnswer): readonly AnsweredReading[] {
  return answer === undefined || answer instanceof Int32Array ? [] : answer;
}

async function takeRoll(task: RollTask, office: Office): Promise<Done> {
  const { file, settings, declaredCount, declaredUnits, enrolled, entryBytes, isDryRun } = task;
  const terms = { declaredCount, declaredUnits, answers: settings.answers };
  const read = await readTable(file, settings, counted(rollReader(terms, settings.columns), office));
  await office.send({ kind: 'read', read: summaryOf(file, read, read.entries, { units: read.units }) });
  if (read.refused.length > 0) return {};
  const indexes = new Map<string, number>();
  for (let from = 0; from < read.entries.length; from += PLACES_A_PART) {
    const ids = read.entries.slice(from, from + PLACES_A_PART).map(({ personId }) => personId);
    const places = await office.send({ kind: 'places', ids });
    ids.forEach((id, i) => {
      const place = places instanceof Int32Array ? (places[i] ?? -1) : -1;
      if (place >= 0) indexes.set(id, place);
    });
    office.progress({ phase: 'writing', done: from + ids.length });
  }
  const places = { enrolled, entryBytes, indexOf: (personId: string) => indexes.get(personId) };
  const { refused, table } = tableOfRoll(read, places, keccak256);
  if (table === undefined) {
    for (let from = 0; from < Math.min(refused.length, LINES_TOLD_MAX); from += REFUSED_A_PART) {
      const said = refused.slice(from, from + REFUSED_A_PART).map(saidOf);
      await office.send({ kind: 'refused', refused: said, total: refused.length });
    }
    return {};
  }
  if (isDryRun) return {};
  const { count, totalUnits } = table.table;
  office.progress({ phase: 'hashing', done: count });
  const secret = randomBytes(ROLL_SECRET_BYTES);
  const { root } = rollTree(table.units, secret, keccak256);
  return { table: { units: table.units, secret, root, tableHash: table.tableHash, count, totalUnits } };
}
