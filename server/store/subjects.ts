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
import type { SubjectRef } from '../domain/people/schema.ts';
import { frame } from './cipher.ts';
import { json, text } from './codec.ts';
import type { KeyService } from './keys.ts';
import { addNames, dropNames, lastUnder, listedUnder, type NameWord, nameTables } from './names.ts';
import { type AnyTable, precious, type Store, type Transaction } from './store.ts';

/** A person's identifiers of all agencies and sector ids of all periods; more is a loop gone wrong. */
const ROWS_PER_SUBJECT_MAX = 256;
/** Marks of likeness of one person: those of about six corrections; the oldest are dropped. */
const MARKS_MAX = 96;
/** People of one mark who are asked about; of more the newest stand for all. */
const BEARERS_MAX = 8;

type SubjectRow =
  | {
      readonly state: 'live';
      readonly lookups: readonly string[];
      /** Enrolled from a list, and no id that somebody issued is known. */
      readonly withoutId?: boolean;
      /** Rows by which marks of likeness find the person. */
      readonly marks?: readonly string[];
      readonly sectors: readonly string[];
      /** Rows by which parts of the name find the person. */
      readonly names?: readonly string[];
      /** Of the vault, of all agencies: who has none any more is forgotten. */
      readonly records: number;
    }
  | { readonly state: 'erased'; readonly tombstone: number };

const subjectTable = precious('subjects', json<SubjectRow>());
const lookupTable = precious('lookups', text);
const sectorTable = precious('sectors', text);

export const subjectTables: readonly AnyTable[] = [subjectTable, lookupTable, sectorTable, ...nameTables];

export interface Identifier {
  /** What kind of id it is: a national id, a phone, a BAUnit's number. */
  readonly scheme: string;
  readonly id: string;
}

/** A person met for the first time: written with what is known of them (`Vault.put`), or not at all. */
export interface Newcomer {
  readonly subject: SubjectRef;
  /** Keys under which their identifiers will find them. */
  readonly lookups: readonly string[];
  /** Of somebody on a list. */
  readonly alike?: NewcomerAlike;
}

/** By which somebody who comes later is asked about them, and what was seen when nobody was. */
export interface NewcomerAlike {
  readonly isIdKnown: boolean;
  readonly kept: readonly NameWord[];
  readonly asked: readonly Alike[];
}

/** Of one mark, who has it. */
export interface Alike {
  readonly word: NameWord;
  /** How many ever had it. */
  readonly listed: number;
  readonly bearers: readonly { readonly subject: SubjectRef; readonly isIdKnown: boolean }[];
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

  /** Somebody new who will be found by these; one that leads to somebody else already is left out. */
  async newcomer(
    agency: number,
    identifiers: readonly Identifier[],
    alike?: NewcomerAlike,
  ): Promise<Newcomer> {
    const keys = await Promise.all(identifiers.map((identifier) => this.#lookupKey(agency, identifier)));
    const taken = await Promise.all(keys.map((key) => this.#store.get(lookupTable, key)));
    const lookups = [...new Set(keys.filter((_, i) => taken[i] === undefined))];
    return { subject: newRef(), lookups, ...(alike && { alike }) };
  }

  /** What an agency's lists keep of a mark of likeness: rows that have nothing in common that can be seen. */
  async markWord(agency: number, mark: string): Promise<NameWord> {
    return { agency, mac: await this.#keys.indexMac(agency, frame('alike', mark)) };
  }

  /** Who of the agency has a mark. */
  async alike(agency: number, mark: string): Promise<Alike> {
    const word = await this.markWord(agency, mark);
    const listed = await listedUnder(this.#store, word);
    const found = await lastUnder(this.#store, word, { count: listed, most: BEARERS_MAX });
    const bearers = await Promise.all(
      [...new Set(found)].map(async (subject) => {
        const row = await this.#store.get(subjectTable, subject);
        return { subject, isIdKnown: row?.state === 'live' && row.withoutId !== true };
      }),
    );
    return { word, listed, bearers };
  }

  /** Has a person found by these too; one that leads to somebody already stays as it is. */
  async alsoFoundBy(
    subject: SubjectRef,
    agency: number,
    identifiers: readonly Identifier[],
    { isIdKnown, kept }: Pick<NewcomerAlike, 'isIdKnown' | 'kept'>,
  ): Promise<void> {
    const keys = await Promise.all(identifiers.map((identifier) => this.#lookupKey(agency, identifier)));
    await this.#store.transact(async (tx) => {
      const { withoutId, ...row } = await liveSubject(tx, subject);
      const added: string[] = [];
      for (const key of new Set(keys)) {
        if ((await tx.get(lookupTable, key)) === undefined) added.push(key);
      }
      for (const key of added) tx.insert(lookupTable, key, subject);
      const marks = await addMarks(tx, subject, kept, row.marks);
      const lookups = [...row.lookups, ...added];
      putSubject(tx, subject, { ...row, lookups, marks, ...(withoutId && !isIdKnown && { withoutId }) });
    });
  }

  /** `HMAC(K_sector[sector, epoch], subjectRef)`: what the sector's agencies see. It is no login. */
  async sectorId(subject: SubjectRef, sector: string, epoch: number): Promise<Bytes32> {
    const id = await this.#keys.sectorMac(sector, epoch, Buffer.from(subject.slice(2), 'hex'));
    const key = sectorKey(sector, epoch, id);
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
  { subject, lookups, alike }: Newcomer,
  joined: Map<string, number> = new Map(),
): Promise<void> {
  for (const key of lookups) {
    if ((await tx.get(lookupTable, key)) !== undefined) throw refusal('person-already-known');
  }
  const marks = alike === undefined ? undefined : await admitAlike(tx, subject, alike, joined);
  const withoutId = alike !== undefined && !alike.isIdKnown ? { withoutId: true } : undefined;
  const row = { state: 'live', lookups, sectors: [], records: 0 } as const;
  putSubject(tx, subject, { ...row, ...withoutId, ...(marks && { marks }) });
  for (const key of lookups) tx.insert(lookupTable, key, subject);
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
  const all = [...known, ...(await addNames(tx, subject, kept, known))];
  dropNames(tx, all.slice(0, -MARKS_MAX));
  return all.slice(-MARKS_MAX);
}

function putSubject(tx: Transaction, subject: SubjectRef, row: SubjectRow & { state: 'live' }): void {
  const { lookups, sectors, names = [], marks = [] } = row;
  if (lookups.length + sectors.length + names.length + marks.length > ROWS_PER_SUBJECT_MAX)
    throw new Error('too many ids of one person');
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

/** For the vault: has a person found by the words of a name too. Refuses as `subject-missing` or `erased`. */
export async function nameSubject(
  tx: Transaction,
  subject: SubjectRef,
  words: readonly NameWord[],
): Promise<void> {
  const row = await liveSubject(tx, subject);
  const { names = [] } = row;
  const added = await addNames(tx, subject, words, names);
  if (added.length > 0) putSubject(tx, subject, { ...row, names: [...names, ...added] });
}

/** For erasures: from here on nothing finds the person and nothing is written for them. */
export async function eraseSubject(tx: Transaction, subject: SubjectRef, tombstone: number): Promise<void> {
  const row = await tx.get(subjectTable, subject);
  if (row?.state === 'live') {
    for (const key of row.lookups) tx.delete(lookupTable, key);
    for (const key of row.sectors) tx.delete(sectorTable, key);
    dropNames(tx, [...(row.names ?? []), ...(row.marks ?? [])]);
  }
  tx.put(subjectTable, subject, { state: 'erased', tombstone });
}

function sectorKey(sector: string, epoch: number, id: Bytes32): string {
  return `${sector}/${epoch}/${id}`;
}
