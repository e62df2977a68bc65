/**
 * People found by a part of their name, within one agency, by who has its keys and by nobody else.
 *
 * Every word of a name has a list of who has it. A copy of the store without keys must not tell how common a word is,
 * for that alone names most people: so the rows of a list have nothing in common that can be seen. Their keys are hashes
 * of the word's keyed hash with a number, and how long a list is stands sealed under that hash.
 * Promises: a row says whose it is and, in a form that is another for every person, which other words the name has; a
 * search reads a bounded number of rows, however many people there are. The vault writes, the finder of people reads.
 */
import { hash } from 'node:crypto';
import { Fault } from '../domain/base/fault.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { wordsOfName } from '../domain/files/sound.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { frame, seal, unseal } from './cipher.ts';
import { text } from './codec.ts';
import type { KeyService } from './keys.ts';
import { type AnyTable, precious, type Store, type Transaction } from './store.ts';

/** Words of one name; whoever has more is found by the first of them. */
const WORDS_MAX = 8;
/** Rows of a list that one search reads: with rare words it reads them all. */
const SCANNED_MAX = 1_000;
const MARK_DIGITS = 8;

/** By agency and the hash of a word with a number: whose it is, and marks of the name's words. */
const nameTable = precious('names', text);
/** By agency and the hash of a word: how many rows its list ever had, sealed. */
const countTable = precious('nameCounts', text);

export const nameTables: readonly AnyTable[] = [nameTable, countTable];

/** A word of a name as its agency's keys know it. */
export interface NameWord {
  readonly agency: number;
  readonly mac: Bytes32;
}

export async function nameWordsOf(keys: KeyService, agency: number, name: string): Promise<NameWord[]> {
  return Promise.all(
    wordsOfName(name, WORDS_MAX).map(async (word) => ({
      agency,
      mac: await keys.indexMac(agency, frame('name', word)),
    })),
  );
}

const hashOf = (...parts: readonly (string | number)[]) => hash('sha256', frame(...parts), 'buffer');
const rowKey = ({ agency, mac }: NameWord, number: number) =>
  `${agency}/${hashOf('row', mac, number).toString('hex')}`;

interface CountPlace {
  readonly row: string;
  readonly key: Uint8Array;
  readonly associated: Uint8Array;
}
/** A word of a line is looked up, judged and written: its hashes are made once. */
const places = new WeakMap<NameWord, CountPlace>();

function countPlaceOf(word: NameWord): CountPlace {
  const known = places.get(word);
  if (known !== undefined) return known;
  const row = `${word.agency}/${hashOf('count', word.mac).toString('hex')}`;
  const place = { row, key: hashOf('key', word.mac), associated: frame(row) };
  places.set(word, place);
  return place;
}

/** Of a word in one person's name: another one in every other person's. */
export const markOf = ({ mac }: NameWord, subject: SubjectRef) =>
  hashOf('mark', mac, subject).toString('hex').slice(0, MARK_DIGITS);

/** How long the list of a word is, in a store or in what a transaction decides. */
export async function listedUnder(reader: Pick<Transaction, 'get'>, word: NameWord): Promise<number> {
  const { row, key, associated } = countPlaceOf(word);
  const sealed = await reader.get(countTable, row);
  if (sealed === undefined) return 0;
  const opened = unseal(key, Buffer.from(sealed, 'base64'), associated);
  if (opened === undefined) throw new Fault('a count of names is not what was sealed', { retryable: false });
  return Buffer.from(opened).readUInt32BE();
}

function putCount(tx: Transaction, word: NameWord, count: number): void {
  const { row, key, associated } = countPlaceOf(word);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(count);
  tx.put(countTable, row, Buffer.from(seal(key, bytes, associated)).toString('base64'));
}

/** Has a person found by these words; answers the keys of the rows, to be dropped with the person. */
async function addNames(
  tx: Transaction,
  subject: SubjectRef,
  words: readonly NameWord[],
  { known, isSearched }: { readonly known: readonly string[]; readonly isSearched: boolean },
): Promise<readonly string[]> {
  const marks = words.map((word) => markOf(word, subject));
  const had = new Set(known.map((one) => one.slice(0, MARK_DIGITS)));
  const added: string[] = [];
  for (const [i, word] of words.entries()) {
    const mark = marks[i] ?? '';
    if (had.has(mark)) continue;
    const count = await listedUnder(tx, word);
    const row = rowKey(word, count);
    tx.insert(nameTable, row, isSearched ? [subject, ...marks].join('/') : subject);
    putCount(tx, word, count + 1);
    added.push(`${mark}${row}`);
  }
  return added;
}

export interface RenewedNames {
  /** Rows that find the person already. */
  readonly known: readonly string[];
  readonly most: number;
  /** Whether several words are searched together: each row then says of which others it is one. */
  readonly isSearched: boolean;
}

/**
 * The same where a person's words change with every correction: what they had is kept until it is too much, and the words
 * of now are the newest, whenever they were first had. Answers all rows that find the person then.
 */
export async function renewNames(
  tx: Transaction,
  subject: SubjectRef,
  words: readonly NameWord[],
  { known, most, isSearched }: RenewedNames,
): Promise<readonly string[]> {
  const now = new Set(words.map((word) => markOf(word, subject)));
  const isOfNow = (row: string) => now.has(row.slice(0, MARK_DIGITS));
  const added = await addNames(tx, subject, words, { known, isSearched });
  const all = [...known.filter((row) => !isOfNow(row)), ...known.filter(isOfNow), ...added];
  dropNames(tx, all.slice(0, -most));
  return all.slice(-most);
}

/** Has every word of now find the person together with any word they ever had: a search reads the rows of one word. */
export function joinNames(
  tx: Transaction,
  subject: SubjectRef,
  words: readonly NameWord[],
  all: readonly string[],
): void {
  const now = new Set(words.map((word) => markOf(word, subject)));
  const marks = all.map((row) => row.slice(0, MARK_DIGITS));
  for (const [i, row] of all.entries()) {
    if (now.has(marks[i] ?? '')) tx.put(nameTable, row.slice(MARK_DIGITS), [subject, ...marks].join('/'));
  }
}

/** Has a person found no more by words that nothing of hers has any more, nor by others together with them. */
export async function unnameRows(
  tx: Transaction,
  known: readonly string[],
  gone: ReadonlySet<string>,
): Promise<readonly string[]> {
  const isGone = (row: string) => gone.has(row.slice(0, MARK_DIGITS));
  dropNames(tx, known.filter(isGone));
  const left = known.filter((row) => !isGone(row));
  for (const one of left) {
    const row = one.slice(MARK_DIGITS);
    const [subject = '', ...marks] = (await tx.get(nameTable, row))?.split('/') ?? [];
    tx.put(nameTable, row, [subject, ...marks.filter((mark) => !gone.has(mark))].join('/'));
  }
  return left;
}

/** Who joined a list of a word when it had so many, newest first; a gap is somebody who was erased, or corrected. */
export async function* listedBetween(
  reader: Pick<Transaction, 'get'>,
  word: NameWord,
  [low, high]: readonly [number, number],
): AsyncGenerator<SubjectRef | undefined> {
  for (let number = high - 1; number >= low; number--) {
    const [subject] = (await reader.get(nameTable, rowKey(word, number)))?.split('/') ?? [];
    yield subject as SubjectRef | undefined;
  }
}

/** With the person: what `addNames` answered. */
export function dropNames(tx: Transaction, added: readonly string[]): void {
  for (const one of added) tx.delete(nameTable, one.slice(MARK_DIGITS));
}

export interface NamesFound {
  /** Of this page. */
  readonly subjects: readonly SubjectRef[];
  /** Where the next search goes on; undefined where everybody was looked at. */
  readonly next?: number;
}

/** Who has all of these words in their name, newest first. */
export async function findByName(
  store: Store,
  words: readonly NameWord[],
  { limit, after }: { readonly limit: number; readonly after?: number | undefined },
): Promise<NamesFound> {
  const lists = await Promise.all(
    words.map(async (word) => ({
      word,
      count: await listedUnder(store, word),
    })),
  );
  const [rarest] = lists.sort((one, other) => one.count - other.count);
  const subjects: SubjectRef[] = [];
  if (after !== undefined && (after < 1 || after > (rarest?.count ?? 0))) {
    throw refusal('cursor-unknown', undefined, { field: '/after' });
  }
  if (rarest === undefined) return { subjects };
  const from = after ?? rarest.count;
  for (let number = from - 1; number >= 0; number--) {
    if (subjects.length === limit || from - number > SCANNED_MAX) return { subjects, next: number + 1 };
    const row = await store.get(nameTable, rowKey(rarest.word, number));
    const [subject, ...marks] = row?.split('/') ?? []; // a gap is somebody who was erased
    if (subject === undefined) continue;
    const isMeant = words.every((word) => marks.includes(markOf(word, subject as SubjectRef)));
    if (isMeant) subjects.push(subject as SubjectRef);
  }
  return { subjects };
}
