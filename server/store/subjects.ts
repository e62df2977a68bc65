/**
 * Who is who: a person's random reference, the keyed indexes that find it again, the ids each sector sees.
 *
 * Promises: a reference is random and derived from nothing; an identifier finds at most one live person in one
 * agency; another agency's or sector's id for the same person cannot be joined to it without the keys; an erased
 * person is found by nothing. People without documents have no index and are not refused for it.
 */
import { randomBytes } from 'node:crypto';
import { type Bytes32, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { wordsOfName } from '../domain/files/sound.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { frame } from './cipher.ts';
import { json, text } from './codec.ts';
import type { KeyService } from './keys.ts';
import { forgetNames, isKnownName, namedIdTables } from './namedIds.ts';
import {
  dropNames,
  joinNames,
  listedBetween,
  listedUnder,
  markOf,
  type NameWord,
  nameTables,
  renewNames,
  unnameRows,
} from './names.ts';
import { type AnyTable, precious, type Store, type Transaction } from './store.ts';

/** A person's identifiers of all agencies and sector ids of all periods; more is a loop gone wrong. */
const ROWS_PER_SUBJECT_MAX = 320;
/** Rows of ids that somebody issued, which are never dropped: those of some ten wrong ones. */
const IDS_MAX = 64;
/** Rows by which lines of files and details lead to one person: those of sixteen corrections; the oldest are dropped. */
const PASSING_MAX = 32;
/** Words of the names that one person had; the oldest are dropped. */
const NAMES_MAX = 64;
/** Words of a name that stands with an id: all that fit a name. */
const NAME_WORDS_MAX = 200;
/** Marks of likeness of one person: those of about six corrections; the oldest are dropped. */
const MARKS_MAX = 96;
/** People of one mark who are asked about; of more it is said that there are. */
const BEARERS_MAX = 8;
/** Rows of a list that are read to find them: whoever got an id since, or was erased, is passed by. */
const SCANNED_MAX = 1_000;

type SubjectRow =
  | {
      readonly state: 'live';
      readonly lookups: readonly string[];
      /** The same by lines of files and by details, the newest last. */
      readonly passing?: readonly string[];
      /** Enrolled from a list, and no id that somebody issued is known. */
      readonly withoutId?: boolean;
      /** An officer answered of a line that it is another person than those it was like. */
      readonly asAnother?: boolean;
      /** Rows by which marks of likeness find the person. */
      readonly marks?: readonly string[];
      readonly sectors: readonly string[];
      /** Rows by which parts of the name find the person. */
      readonly names?: readonly string[];
      /** By the mark of a word, how many records have it: the last of them takes it along. */
      readonly named?: Readonly<Record<string, number>>;
      /** Of the vault, of all agencies: who has none any more is forgotten. */
      readonly records: number;
    }
  | { readonly state: 'erased'; readonly tombstone: number };

const subjectTable = precious('subjects', json<SubjectRow>());
const lookupTable = precious('lookups', text);
const sectorTable = precious('sectors', text);

export const subjectTables: readonly AnyTable[] = [
  subjectTable,
  lookupTable,
  sectorTable,
  ...nameTables,
  ...namedIdTables,
];

export interface Identifier {
  /** What kind of id it is: a national id, a phone, a BAUnit's number. */
  readonly scheme: string;
  readonly id: string;
  /** Of a line or of details, which a correction replaces: the oldest of them may be forgotten. */
  readonly isPassing?: true;
}

/** A person met for the first time: written with what is known of them (`Vault.put`), or not at all. */
export interface Newcomer {
  readonly subject: SubjectRef;
  /** Keys under which their identifiers will find them. */
  readonly lookups: readonly string[];
  readonly passing?: readonly string[];
  /** Keys of the ids by which sectors see them from the first. */
  readonly sectors?: readonly string[];
  /** Of somebody on a list. */
  readonly alike?: NewcomerAlike;
  /** An officer answered that it is another person than those who are alike. */
  readonly asAnother?: true;
}

/** By which somebody who comes later is asked about them, and what was seen when nobody was. */
export interface NewcomerAlike {
  readonly isIdKnown: boolean;
  readonly kept: readonly NameWord[];
  readonly asked: readonly Alike[];
}

/** A list of a mark as it stood. */
export interface Alike {
  readonly word: NameWord;
  /** How many ever were in it. */
  readonly listed: number;
}

/** Who of a list of a mark is asked about. */
export interface Bearers extends Alike {
  readonly found: readonly SubjectRef[];
  /** There may be others. */
  readonly isMore: boolean;
}

export interface AlikeQuery {
  /** Joined the list before it had so many, or are the last of it; all where it is left out. */
  below?(list: Alike): number;
  isMeant(bearer: { readonly subject: SubjectRef; readonly isIdKnown: boolean }): boolean;
}

/** Whom an id leads to, with the name that it was given with. */
export interface MetByName {
  readonly met: SubjectRef | Newcomer;
  readonly lookup: string;
  /** The id was kept with this name before. */
  readonly isKnownSo: boolean;
}

export class Subjects {
  readonly #store: Store;
  readonly #keys: KeyService;

  constructor(store: Store, keys: KeyService) {
    this.#store = store;
    this.#keys = keys;
  }

  /** A new person of the agency. Refuses as `person-already-known` when one of the identifiers is taken. */
  async enrol(agency: number, identifiers: readonly Identifier[]): Promise<SubjectRef> {
    const lookups = await Promise.all(identifiers.map((identifier) => this.#lookupKey(agency, identifier)));
    return this.#store.transact(async (tx) => {
      const newcomer = { subject: newRef(), lookups };
      await admit(tx, newcomer);
      return newcomer.subject;
    });
  }

  async find(agency: number, identifier: Identifier): Promise<SubjectRef | undefined> {
    const found = await this.#store.get(lookupTable, await this.#lookupKey(agency, identifier));
    return found as SubjectRef | undefined;
  }

  /** The person of an identifier, or a newcomer where nobody has it yet. Writes nothing. */
  async meet(agency: number, identifier?: Identifier): Promise<SubjectRef | Newcomer> {
    if (identifier === undefined) return { subject: newRef(), lookups: [] };
    const key = await this.#lookupKey(agency, identifier);
    const known = (await this.#store.get(lookupTable, key)) as SubjectRef | undefined;
    return known ?? { subject: newRef(), lookups: [key] };
  }

  /** The same of an id that was given with a name: whether they stood together before. */
  async meetNamed(agency: number, identifier: Identifier, name: string): Promise<MetByName> {
    const met = await this.meet(agency, identifier);
    const words = wordsOfName(name, NAME_WORDS_MAX).toSorted().join(' ');
    const id = `${identifier.id}\n${words}`;
    const lookup = await this.#lookupKey(agency, { scheme: `${identifier.scheme} with name`, id });
    const isKnownSo = typeof met === 'string' && (await isKnownName(this.#store, met, lookup));
    return { met, lookup, isKnownSo };
  }

  /** Somebody new who will be found by these; one that leads to somebody else already is left out. */
  async newcomer(
    agency: number,
    identifiers: readonly Identifier[],
    alike?: NewcomerAlike,
    sectorKnown?: { readonly sector: string; readonly epoch: number },
  ): Promise<Newcomer> {
    const keyed = await Promise.all(
      identifiers.map(async (identifier) => {
        const key = await this.#lookupKey(agency, identifier);
        return { key, isPassing: identifier.isPassing, taken: await this.#store.get(lookupTable, key) };
      }),
    );
    const free = (isPassing: true | undefined) =>
      keyed.filter((one) => one.taken === undefined && one.isPassing === isPassing).map(({ key }) => key);
    const [lookups, passing] = [new Set(free(undefined)), new Set(free(true))];
    const subject = newRef();
    const sectors = sectorKnown === undefined ? [] : [await this.#sectorKeyOf(subject, sectorKnown)];
    return { subject, lookups: [...lookups], passing: [...passing], sectors, ...(alike && { alike }) };
  }

  /** What an agency keeps of a mark of likeness, in the list of who had an id when they came or of who had none: rows that have nothing in common that can be seen. */
  async markWord(agency: number, mark: string, isIdKnown: boolean): Promise<NameWord> {
    const framed = isIdKnown ? frame('alike', mark, 'id') : frame('alike', mark);
    return { agency, mac: await this.#keys.indexMac(agency, framed) };
  }

  /** Who of the agency has a mark, and is meant. */
  async alike(word: NameWord, { below, isMeant }: AlikeQuery): Promise<Bearers> {
    const listed = await listedUnder(this.#store, word);
    const from = Math.min(listed, below?.({ word, listed }) ?? listed);
    const found = new Set<SubjectRef>();
    let read = 0;
    for (const part of [[Math.max(from, listed - BEARERS_MAX), listed] as const, [0, from] as const]) {
      for await (const subject of listedBetween(this.#store, word, part)) {
        read += 1;
        const row = subject === undefined ? undefined : await this.#store.get(subjectTable, subject);
        if (subject === undefined || row?.state !== 'live') continue;
        if (isMeant({ subject, isIdKnown: row.withoutId !== true })) found.add(subject);
        if (found.size === BEARERS_MAX || read === SCANNED_MAX) break;
      }
    }
    return { word, listed, found: [...found], isMore: found.size >= BEARERS_MAX && read < listed };
  }

  /** Whether nothing has been known of a person since they came with this: what comes back from before is a change. */
  async isNewest(subject: SubjectRef, agency: number, identifier: Identifier): Promise<boolean> {
    const row = await this.#store.get(subjectTable, subject);
    if (row?.state !== 'live') return false;
    return (row.passing ?? row.lookups).at(-1) === (await this.#lookupKey(agency, identifier));
  }

  /** Whether an officer's answer alone told a person from others when they were enrolled. */
  async isAnother(subject: SubjectRef): Promise<boolean> {
    const row = await this.#store.get(subjectTable, subject);
    return row?.state === 'live' && row.asAnother === true;
  }

  /** Whether a person can be found by these too: ids are never dropped, and nobody has had so many. */
  async hasRoom(subject: SubjectRef, agency: number, identifiers: readonly Identifier[]): Promise<boolean> {
    const row = await this.#store.get(subjectTable, subject);
    if (row?.state !== 'live') return true; // whoever writes then is told
    const known = new Set(row.lookups);
    const lasting = identifiers.filter(({ isPassing }) => !isPassing);
    const keys = await Promise.all(lasting.map((identifier) => this.#lookupKey(agency, identifier)));
    const added = keys.filter((key) => !known.has(key)).length;
    return added === 0 || known.size + added <= IDS_MAX;
  }

  /** Has a person found by these too; one that leads to somebody already stays as it is. */
  async alsoFoundBy(
    subject: SubjectRef,
    agency: number,
    identifiers: readonly Identifier[],
    alike?: { readonly isIdKnown: boolean; readonly marks: readonly string[] },
  ): Promise<void> {
    const keyed = await Promise.all(
      identifiers.map(async (one) => ({ key: await this.#lookupKey(agency, one), isPassing: one.isPassing })),
    );
    const marks = alike?.marks ?? [];
    const wordsOf = (of: boolean) => Promise.all(marks.map((mark) => this.markWord(agency, mark, of)));
    const [words, wordsWithId] = await Promise.all([wordsOf(false), wordsOf(true)]);
    await this.#store.transact(async (tx) => {
      const { withoutId, ...row } = await liveSubject(tx, subject);
      const lookups = new Set(row.lookups);
      const passing = new Set(row.passing);
      for (const { key, isPassing } of keyed) {
        const taken = await tx.get(lookupTable, key);
        if (taken !== undefined && taken !== subject) continue;
        if (taken === undefined) tx.insert(lookupTable, key, subject);
        if (!isPassing) lookups.add(key);
        // what is of now is the newest, whenever it was first had
        else if (!lookups.has(key)) {
          passing.delete(key);
          passing.add(key);
        }
      }
      for (const key of [...passing].slice(0, -PASSING_MAX)) {
        tx.delete(lookupTable, key);
        passing.delete(key);
      }
      const isKnown = alike?.isIdKnown === true || !withoutId;
      const rows = await addMarks(tx, subject, isKnown ? wordsWithId : words, row.marks);
      const found = { lookups: [...lookups], passing: [...passing], marks: rows };
      putSubject(tx, subject, { ...row, ...found, ...(!isKnown && { withoutId: true }) });
    });
  }

  /** `HMAC(K_sector[sector, epoch], subjectRef)`: what the sector's agencies see. It is no login. */
  async sectorId(subject: SubjectRef, sector: string, epoch: number): Promise<Bytes32> {
    const id = await this.#keys.sectorMac(sector, epoch, Buffer.from(subject.slice(2), 'hex'));
    const key = sectorKey(sector, epoch, id);
    if ((await this.#store.get(sectorTable, key)) === subject) return id;
    await this.#store.transact(async (tx) => {
      const row = await liveSubject(tx, subject);
      if ((await tx.get(sectorTable, key)) !== undefined) return;
      tx.put(sectorTable, key, subject);
      putSubject(tx, subject, { ...row, sectors: [...row.sectors, key] });
    });
    return id;
  }

  async findBySectorId(sector: string, epoch: number, id: Bytes32): Promise<SubjectRef | undefined> {
    return (await this.#store.get(sectorTable, sectorKey(sector, epoch, id))) as SubjectRef | undefined;
  }

  async isErased(subject: SubjectRef): Promise<boolean> {
    return (await this.#store.get(subjectTable, subject))?.state === 'erased';
  }

  async #sectorKeyOf(
    subject: SubjectRef,
    { sector, epoch }: { readonly sector: string; readonly epoch: number },
  ): Promise<string> {
    const id = await this.#keys.sectorMac(sector, epoch, Buffer.from(subject.slice(2), 'hex'));
    return sectorKey(sector, epoch, id);
  }

  async #lookupKey(agency: number, { scheme, id }: Identifier): Promise<string> {
    return `${agency}/${await this.#keys.indexMac(agency, frame(scheme, id.normalize('NFC')))}`;
  }
}

const newRef = () => toHex(randomBytes(32)) as SubjectRef;

/**
 * Refuses as `person-already-known` when somebody was first with one of the identifiers, or is alike and was not there
 * when nobody was found. `joined` counts by mark who came with them and was judged together with them.
 */
export async function admit(
  tx: Transaction,
  { subject, lookups, passing = [], sectors = [], alike, asAnother }: Newcomer,
  joined: Map<string, number> = new Map(),
): Promise<void> {
  const keys = [...lookups, ...passing];
  for (const key of keys) {
    if ((await tx.get(lookupTable, key)) !== undefined) throw refusal('person-already-known');
  }
  const marks = alike === undefined ? undefined : await admitAlike(tx, subject, alike, joined);
  const withoutId = alike !== undefined && !alike.isIdKnown ? { withoutId: true } : undefined;
  const row = { state: 'live', lookups, sectors, records: 0 } as const;
  const marked = { ...withoutId, ...(asAnother && { asAnother }) };
  const more = { ...marked, ...(marks && { marks }), ...(passing.length > 0 && { passing }) };
  putSubject(tx, subject, { ...row, ...more });
  for (const key of keys) tx.insert(lookupTable, key, subject);
  for (const key of sectors) tx.insert(sectorTable, key, subject);
}

async function admitAlike(
  tx: Transaction,
  subject: SubjectRef,
  { kept, asked }: NewcomerAlike,
  joined: Map<string, number>,
): Promise<readonly string[]> {
  for (const { word, listed } of asked) {
    const known = listed + (joined.get(word.mac) ?? 0);
    if ((await listedUnder(tx, word)) !== known) throw refusal('person-already-known');
  }
  for (const { mac } of kept) joined.set(mac, (joined.get(mac) ?? 0) + 1);
  return addMarks(tx, subject, kept, []);
}

/** Answers the rows by which the marks of a person find them from then on. */
async function addMarks(
  tx: Transaction,
  subject: SubjectRef,
  kept: readonly NameWord[],
  known: readonly string[] = [],
): Promise<readonly string[]> {
  return renewNames(tx, subject, kept, { known, most: MARKS_MAX, isSearched: false });
}

function putSubject(tx: Transaction, subject: SubjectRef, row: SubjectRow & { state: 'live' }): void {
  const { lookups, passing = [], sectors, names = [], marks = [] } = row;
  const rows = [lookups, passing, sectors, names, marks].reduce((sum, { length }) => sum + length, 0);
  if (rows > ROWS_PER_SUBJECT_MAX) throw new Error('too many ids of one person');
  tx.put(subjectTable, subject, row);
}

/** For the vault: refuses as `subject-missing` or `erased`. */
export async function liveSubject(
  tx: Transaction,
  subject: SubjectRef,
): Promise<SubjectRow & { state: 'live' }> {
  const row = await tx.get(subjectTable, subject);
  if (row === undefined) throw refusal('subject-missing');
  if (row.state === 'erased') throw refusal('erased');
  return row;
}

export async function isLive(tx: Transaction, subject: SubjectRef): Promise<boolean> {
  return (await tx.get(subjectTable, subject))?.state === 'live';
}

/** For the vault: a record more of somebody, or one less. Answers how many there are then. */
export async function countRecord(tx: Transaction, subject: SubjectRef, more: 1 | -1): Promise<number> {
  const row = await liveSubject(tx, subject);
  const records = row.records + more;
  tx.put(subjectTable, subject, { ...row, records });
  return records;
}

/**
 * For the vault: has a person found by the words of a name too; `had` are the marks of a record's words so far. Answers
 * those that it has then. Refuses as `subject-missing` or `erased`.
 */
export async function nameSubject(
  tx: Transaction,
  subject: SubjectRef,
  words: readonly NameWord[],
  had: readonly string[] = [],
): Promise<readonly string[]> {
  const row = await liveSubject(tx, subject);
  const { names = [] } = row;
  const marks = new Set(words.map((word) => markOf(word, subject)));
  const added = [...marks].filter((mark) => !had.includes(mark));
  const renewed = await renewNames(tx, subject, words, { known: names, most: NAMES_MAX, isSearched: true });
  const isSame = renewed.length === names.length && renewed.every((one, i) => one === names[i]);
  if (isSame && added.length === 0) return had;
  if (!isSame && names.length > 0) joinNames(tx, subject, words, renewed);
  const named = new Map(Object.entries(row.named ?? {}));
  for (const mark of added) named.set(mark, (named.get(mark) ?? 0) + 1);
  const isFound = (mark: string) => renewed.some((one) => one.startsWith(mark));
  const counted = Object.fromEntries([...named].filter(([mark]) => isFound(mark)));
  putSubject(tx, subject, Object.assign({}, row, { names: renewed, named: counted }));
  return [...had, ...added];
}

/** For the vault: of a record that is forgotten, the words that no other one has go with it. */
export async function unnameSubject(
  tx: Transaction,
  subject: SubjectRef,
  marks: readonly string[],
): Promise<void> {
  const row = await tx.get(subjectTable, subject);
  if (row?.state !== 'live' || marks.length === 0) return;
  const named = new Map(Object.entries(row.named ?? {}));
  const gone = new Set<string>();
  for (const mark of marks) {
    const left = (named.get(mark) ?? 0) - 1;
    if (left > 0) named.set(mark, left);
    else if (named.delete(mark)) gone.add(mark);
  }
  const { names: all = [] } = row;
  const names = gone.size === 0 ? all : await unnameRows(tx, all, gone);
  putSubject(tx, subject, Object.assign({}, row, { names, named: Object.fromEntries(named) }));
}

/** For erasures: from here on nothing finds the person and nothing is written for them. */
export async function eraseSubject(tx: Transaction, subject: SubjectRef, tombstone: number): Promise<void> {
  const row = await tx.get(subjectTable, subject);
  if (row?.state === 'live') {
    for (const key of [...row.lookups, ...(row.passing ?? [])]) tx.delete(lookupTable, key);
    for (const key of row.sectors) tx.delete(sectorTable, key);
    dropNames(tx, [...(row.names ?? []), ...(row.marks ?? [])]);
  }
  await forgetNames(tx, subject);
  tx.put(subjectTable, subject, { state: 'erased', tombstone });
}

function sectorKey(sector: string, epoch: number, id: Bytes32): string {
  return `${sector}/${epoch}/${id}`;
}
