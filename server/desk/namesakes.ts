/**
 * Whom an officer had enrolled as another person than those a line is like, so that the line of a corrected file is that
 * person again and not one more.
 *
 * Promises: people of one name, phone, place, sex and age who were enrolled so stand in a row, and each is one line of a file;
 * who comes with the very details of one is that one; units and households are no part of it, so that their correction finds
 * the same. Somebody with an id is found by it and stands in no row. The intake alone asks.
 */
import { keyOf } from '../domain/files/key.ts';
import { hasId } from '../domain/files/likeness.ts';
import type { Person } from '../domain/files/registrations.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { Identifier, Subjects } from '../store/subjects.ts';

/** Places of the row without anybody before it is taken to end: who was erased leaves one. */
const GAP_MAX = 8;
/** Who is free of a row, of whom one with the very details is looked for. */
const FREE_MAX = 8;

/** Of one file on its way in. */
export interface Namesakes {
  readonly agency: number;
  readonly people: ReadonlyMap<SubjectRef, Person>;
  /** Of each row the first place that may be free for a line, and the first that nobody was given. */
  readonly rows: Map<string, { readonly from: number; readonly next: number }>;
}

/** A place of a row, and who has it. */
export interface Namesake {
  readonly place: Identifier;
  readonly subject: SubjectRef;
}

/** Undefined where all of the row are on lines of this file, or there is none; and for somebody with an id. */
export async function namesakeOf(
  subjects: Subjects,
  { agency, people, rows }: Namesakes,
  person: Person,
  byDetails: SubjectRef | undefined,
): Promise<Namesake | undefined> {
  if (hasId(person)) return undefined;
  const row = rowOf(person);
  const begun = rows.get(row) ?? { from: 0, next: 0 };
  const free: Namesake[] = [];
  let [from, end] = [begun.from, begun.from];
  for (let at = begun.from; at < end + GAP_MAX && free.length < FREE_MAX; at++) {
    const place = placeOf(row, at);
    const subject = await subjects.find(agency, place);
    if (subject === undefined) continue;
    const line = people.get(subject)?.line ?? person.line;
    if (line === person.line) free.push({ place, subject });
    else if (free.length === 0) from = at + 1;
    end = at + 1;
  }
  const found = free.find(({ subject }) => subject === byDetails) ?? free[0];
  const now = rows.get(row) ?? begun; // other lines of the row were looked for meanwhile
  rows.set(row, { from: Math.max(now.from, from), next: Math.max(now.next, end) });
  return found;
}

/** The place of one more in the row, which was looked through: given to one line alone. */
export function nextPlaceOf({ rows }: Pick<Namesakes, 'rows'>, person: Person): Identifier | undefined {
  if (hasId(person)) return undefined;
  const row = rowOf(person);
  const { from, next } = rows.get(row) ?? { from: 0, next: 0 };
  rows.set(row, { from, next: next + 1 });
  return placeOf(row, next);
}

function placeOf(row: string, at: number): Identifier {
  return { scheme: 'another', id: `${row}/${at}`, isPassing: true };
}

function rowOf({ name, phone, village, sex, ageYears }: Person): string {
  const words = [name, village, sex].map((written) => keyOf(written ?? ''));
  return JSON.stringify([...words, phone, ageYears]);
}
