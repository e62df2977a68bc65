/**
 * Under which names an id was given: a keyed hash of both, so that an id that comes with another name is asked about and
 * nobody's record is read to find out.
 *
 * Promises: a name counts once two officers have signed an act that gives it; until any name of a person does, one that waits
 * counts, so that several acts about a newcomer may be prepared. What nobody asked and what an officer answered are told
 * apart: an answer alone counts for nothing. A name goes with the act that it came by, where that came to nothing. The
 * register of people makes the hashes, what acts carry writes them.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { json } from './codec.ts';
import { type AnyTable, precious, type Store, type Transaction } from './store.ts';

/** A name that an act gives to an id. */
export interface NameGiven {
  readonly subject: SubjectRef;
  /** Keyed hash of the id and the name. */
  readonly lookup: string;
  /** It is another than was known, and an officer answered that it is one person. */
  readonly isAnswered: boolean;
}

interface NamedRow {
  readonly subject: SubjectRef;
  /** The act by which it counts. */
  readonly signedBy?: Bytes32 | undefined;
  readonly waiting: readonly { readonly act: Bytes32; readonly isAnswered: boolean }[];
}

interface NamesRow {
  readonly lookups: readonly string[];
  readonly isAnySigned: boolean;
}

const namedTable = precious('namedIds', json<NamedRow>());
const namesTable = precious('namedIdsOfPeople', json<NamesRow>());

export const namedIdTables: readonly AnyTable[] = [namedTable, namesTable];

/** Acts that wait and give one name; of more the name goes with the first ones, and is asked about again. */
const WAITING_MAX = 64;
/** Names of one person; one more is asked about each time. */
const NAMES_MAX = 64;
const NO_NAMES: NamesRow = { lookups: [], isAnySigned: false };

/** Whether an id of a person who is known stood with the name before. */
export async function isKnownName(
  store: Pick<Store, 'get'>,
  subject: SubjectRef,
  lookup: string,
): Promise<boolean> {
  const row = await store.get(namedTable, lookup);
  if (row?.subject !== subject) return false;
  if (row.signedBy !== undefined) return true;
  const { isAnySigned } = (await store.get(namesTable, subject)) ?? NO_NAMES;
  return !isAnySigned && row.waiting.some(({ isAnswered }) => !isAnswered);
}

/** With an act that begins to wait. */
export async function noteNames(tx: Transaction, act: Bytes32, given: readonly NameGiven[]): Promise<void> {
  for (const { subject, lookup, isAnswered } of given) {
    const names = (await tx.get(namesTable, subject)) ?? NO_NAMES;
    const isNew = !names.lookups.includes(lookup);
    const row = (await tx.get(namedTable, lookup)) ?? { subject, waiting: [] };
    const isThere = row.signedBy !== undefined || row.waiting.some((one) => one.act === act);
    if (isThere || row.waiting.length >= WAITING_MAX || (isNew && names.lookups.length >= NAMES_MAX))
      continue;
    tx.put(namedTable, lookup, Object.assign({}, row, { waiting: [...row.waiting, { act, isAnswered }] }));
    if (isNew) tx.put(namesTable, subject, Object.assign({}, names, { lookups: [...names.lookups, lookup] }));
  }
}

/** Both officers have signed. */
export async function signNames(tx: Transaction, act: Bytes32, given: readonly NameGiven[]): Promise<void> {
  for (const { subject, lookup } of given) {
    const row = await tx.get(namedTable, lookup);
    if (row === undefined) continue;
    const waiting = row.waiting.filter((one) => one.act !== act);
    tx.put(namedTable, lookup, Object.assign({}, row, { signedBy: row.signedBy ?? act, waiting }));
    const names = (await tx.get(namesTable, subject)) ?? NO_NAMES;
    if (!names.isAnySigned) tx.put(namesTable, subject, Object.assign({}, names, { isAnySigned: true }));
  }
}

/** The act came to nothing. */
export async function endNames(tx: Transaction, act: Bytes32, given: readonly NameGiven[]): Promise<void> {
  for (const { subject, lookup } of given) {
    const row = await tx.get(namedTable, lookup);
    if (row === undefined) continue;
    const signedBy = row.signedBy === act ? undefined : row.signedBy;
    const waiting = row.waiting.filter((one) => one.act !== act);
    if (signedBy !== undefined || waiting.length > 0) {
      tx.put(namedTable, lookup, Object.assign({}, row, { signedBy, waiting }));
      continue;
    }
    tx.delete(namedTable, lookup);
    const names = (await tx.get(namesTable, subject)) ?? NO_NAMES;
    const lookups = names.lookups.filter((one) => one !== lookup);
    if (lookups.length === 0) tx.delete(namesTable, subject);
    else tx.put(namesTable, subject, Object.assign({}, names, { lookups }));
  }
}

/** Of a person who is erased, or of whom nothing is left. */
export async function forgetNames(tx: Transaction, subject: SubjectRef): Promise<void> {
  for (const lookup of (await tx.get(namesTable, subject))?.lookups ?? []) tx.delete(namedTable, lookup);
  tx.delete(namesTable, subject);
}
