/**
 * By what a person of a file is found again, and what is kept of one.
 *
 * Promises: whoever has an id is found by it and by what reads like it, everybody by the very details; two spellings of one
 * id find one person. Pure; the intake asks.
 */
import { present } from '../domain/base/present.ts';
import { idKeyOf, keyOf, nearOf } from '../domain/files/key.ts';
import type { Person } from '../domain/files/registrations.ts';
import type { Person as StoredPerson } from '../domain/people/schema.ts';
import type { Identifier } from '../store/subjects.ts';

export function agencyIdentifier(id: string): Identifier {
  return { scheme: 'agency-id', id: idKeyOf(id) };
}

export function nearIdentifier(near: string): Identifier {
  const [kind, id = ''] = near.split(' ');
  return { scheme: `national-id-${kind}`, id };
}

/** What finds a person by what somebody issued. */
export function idsOf({ nationalId, agencyId }: Person): Identifier[] {
  return [
    ...(nationalId === undefined ? [] : [{ scheme: 'national-id', id: idKeyOf(nationalId) }]),
    ...(agencyId === undefined ? [] : [agencyIdentifier(agencyId)]),
  ];
}

/** Everything by which a person is found again. */
export function identifiersOf(person: Person): Identifier[] {
  const { nationalId } = person;
  return [
    ...idsOf(person),
    ...(nationalId === undefined ? [] : nearOf(nationalId).kept.map(nearIdentifier)),
    detailsIdentifier(person),
  ];
}

export function detailsIdentifier(person: Person): Identifier {
  return { scheme: 'details', id: detailsOf(person), isPassing: true };
}

/** By these a person without an id is known again, and a change of somebody with one is seen. */
function detailsOf({
  nationalId,
  agencyId,
  name,
  phone,
  householdSize,
  units,
  village,
  sex,
  ageYears,
}: Person) {
  const ids = [nationalId, agencyId].map((written) => idKeyOf(written ?? ''));
  const words = [name, village, sex].map((written) => keyOf(written ?? ''));
  return JSON.stringify([...ids, ...words, phone, householdSize, units, ageYears]);
}

export function storedPerson(person: Person): StoredPerson {
  const { name, nationalId, agencyId, phone, sex, ageYears, village, scope, householdSize, language } =
    person;
  const known = { nationalId, agencyId, phone, gender: sex, ageYears, village, scope, householdSize };
  return { fullName: name ?? '', ...present({ ...known, preferredLanguage: language }) };
}

interface Reading {
  readonly fileHash: string;
  readonly readingTag: string;
}

/** A line of a file as it is read: of another sheet, or by another column of names, it is another. */
export function lineIdentifier(
  { fileHash, readingTag }: Reading,
  { line }: Pick<Person, 'line'>,
): Identifier {
  return { scheme: 'read-line', id: `${fileHash}/${readingTag}/${line}`, isPassing: true };
}

/** The same of a line of which an officer said whose it is. */
export function saidIdentifier(reading: Reading, person: Pick<Person, 'line'>): Identifier {
  return { ...lineIdentifier(reading, person), scheme: 'said-line' };
}

/** The same of a line that an officer's `another-person` made nobody new of: that one was enrolled before. */
export function anotherIdentifier(reading: Reading, person: Pick<Person, 'line'>): Identifier {
  return { ...lineIdentifier(reading, person), scheme: 'another-line' };
}
