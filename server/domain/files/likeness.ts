/**
 * Who may be the same person as somebody else: what two lines have in common that two people seldom have.
 *
 * Promises: every mark is what several facts say together, so that one corrected fact leaves others that still agree, and
 * no mark is what a household has in common; two are alike where what one asks is what the other keeps, in either
 * direction. A line has a bounded number of marks, so that a list costs as much a line however long it is. Alike is a
 * question and never an answer. Pure; readers of files and the intake ask.
 */
import { keyOf } from './key.ts';
import type { Person } from './registrations.ts';
import { soundOf, wordsOfName } from './sound.ts';

/** What agrees, as an officer is told it. */
export const MARK_WORDS = {
  same: 'name, place, sex and age',
  'name-phone': 'name and phone',
  'name-place': 'name and place',
  'name-age': 'name, age and sex',
  name: 'name',
  phone: 'phone',
  'phone-word': 'phone, age, sex and a part of the name',
  'phone-first': 'phone, sex and the first part of the name',
  'place-word': 'place, age, sex, household and a part of the name',
  'all-but-name': 'phone, place, age, sex, household and units',
} as const;
type MarkKind = keyof typeof MARK_WORDS;

export interface Mark {
  readonly kind: MarkKind;
  /** Of all that agrees, one text: for a keyed hash, and for nothing that is shown. */
  readonly key: string;
}

export interface Likeness {
  /** Equal for all whose name, place, sex and age are the same. */
  readonly sameKey: string;
  /** By these somebody who comes later is asked about. */
  readonly kept: readonly Mark[];
  /** By these one is asked about, if somebody before has kept them. */
  readonly asked: readonly Mark[];
}

/** Whoever has more is told by the first of them. */
const WORDS_MAX = 8;
/** Words that each are a mark with a phone or a place. */
const WORDS_MARKED = 3;
/** Digits that a number has in common with and without the code of a country. */
const PHONE_DIGITS = 8;

/** Stands in no value of a file. */
const BETWEEN = '\u001f';

export const hasId = ({ nationalId, agencyId }: Person) => (nationalId ?? agencyId) !== undefined;

/** Asked about though each has an id: an id is typed wrongly too. */
export const isStrong = ({ kind }: Mark): boolean => kind === 'name-phone';

/** What a correction of a list mostly leaves as it was; who has it in common is asked about under a code of its own. */
function alikeKeyOf({ name, phone, village, sex, ageYears }: Person): string {
  const words = [name ?? phone, village, sex].map((written) => keyOf(written ?? ''));
  return JSON.stringify([...words, ageYears]);
}

export function likenessOf(person: Person): Likeness {
  const { ageYears, householdSize, units } = person;
  const words = wordsOfName(person.name ?? '', WORDS_MAX).map(soundOf);
  const name = words.length === 0 ? undefined : [...new Set(words)].sort().join(' ');
  const phone = person.phone?.replace(/\D/g, '').slice(-PHONE_DIGITS);
  const place = placeOf(person.village);
  const sex = keyOf(person.sex ?? '').slice(0, 1);
  const some = [...new Set(words)].slice(0, WORDS_MARKED);
  const same = mark('same', '', alikeKeyOf(person));
  const kept: Mark[] = [same];
  const asked: Mark[] = [...kept];
  const both = (...marks: Mark[]) => {
    kept.push(...marks);
    asked.push(...marks);
  };

  if (name !== undefined && phone !== undefined) both(mark('name-phone', name, phone));
  if (name !== undefined && place !== undefined) both(mark('name-place', name, place));
  if (phone !== undefined && ageYears !== undefined) {
    both(...some.map((word) => mark('phone-word', phone, ageYears, sex, word)));
    both(mark('all-but-name', phone, place, ageYears, sex, householdSize, units));
  }
  if (phone !== undefined && ageYears === undefined && words[0] !== undefined)
    both(mark('phone-first', phone, sex, words[0]));
  if (phone === undefined && place !== undefined && ageYears !== undefined)
    both(...some.map((word) => mark('place-word', place, ageYears, sex, householdSize, word)));

  // who has both a phone and a place is told apart by them, if the other has both too
  const isTold = phone !== undefined && place !== undefined;
  if (name !== undefined) {
    const byAge = (of: 'told' | 'untold') => mark('name-age', of, name, ageYears, sex);
    kept.push(byAge(isTold ? 'told' : 'untold'));
    asked.push(byAge('untold'));
    if (!isTold) asked.push(byAge('told'));
  }
  // of whom nothing else is known, by what is known
  const isBare = name !== undefined && phone === undefined && place === undefined && ageYears === undefined;
  if (name !== undefined) {
    kept.push(mark('name', isBare ? 'bare' : 'any', name));
    asked.push(mark('name', 'bare', name));
    if (isBare) asked.push(mark('name', 'any', name));
  }
  if (phone !== undefined) {
    const isNameless = name === undefined;
    kept.push(mark('phone', isNameless ? 'bare' : 'any', phone));
    asked.push(mark('phone', 'bare', phone));
    if (isNameless) asked.push(mark('phone', 'any', phone));
  }
  return { sameKey: same.key, kept, asked };
}

/** What two have in common that makes them a question; undefined where nothing does. */
export function markBetween(one: Person, other: Person): Mark | undefined {
  const [mine, theirs] = [likenessOf(one), likenessOf(other)];
  const areTold = hasId(one) && hasId(other);
  const isShared = (marks: readonly Mark[]) => (mark: Mark) =>
    (!areTold || isStrong(mark)) && marks.some(({ key }) => key === mark.key);
  return mine.asked.find(isShared(theirs.kept)) ?? mine.kept.find(isShared(theirs.asked));
}

/** A village by its sound, whatever the order of its words. */
function placeOf(village: string | undefined): string | undefined {
  const words = wordsOfName(village ?? '', WORDS_MAX).map(soundOf);
  return words.length === 0 ? undefined : words.sort().join(' ');
}

function mark(kind: MarkKind, ...facts: readonly (string | number | undefined)[]): Mark {
  return { kind, key: [kind, ...facts].join(BETWEEN) };
}
