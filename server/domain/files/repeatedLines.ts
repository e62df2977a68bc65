/**
 * Lines of one file that may be one person, and what an officer answered of them.
 *
 * Promises: of those who are alike one is taken and every other is asked about, with the lines it is alike; an answer
 * decides what the question said and no more: one for all lines whose name, place, sex and age are the same decides none
 * that are only alike, and nobody is passed over by it for somebody they are not alike. Who has an id is kept before who
 * has none. A file of any length costs the same a line. Pure; the reader of registrations calls it.
 */
import type { Refusal } from '../base/refusal.ts';
import { refusal } from '../base/refusal.ts';
import type { Warning } from '../base/warning.ts';
import { warning } from '../base/warning.ts';
import type { Answers } from './answers.ts';
import { nearOf } from './key.ts';
import { hasId, isStrong, likenessOf, MARK_WORDS, type Mark, markBetween } from './likeness.ts';
import type { Person } from './registrations.ts';

/** Other lines that a question names; of more it says so. */
const OTHERS_MAX = 8;

export interface Held {
  readonly held: readonly number[];
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

export interface Repeated extends Held {
  /** Lines of which an officer said that they are other people than those they are alike, or whom others were parted from. */
  readonly apart: ReadonlySet<number>;
  /** Lines that were passed over, as an officer said. */
  readonly passed: ReadonlySet<number>;
}

/** Who has one key: the first few, and how many. */
interface Bearers {
  readonly first: Person[];
  count: number;
}

interface Asked {
  readonly person: Person;
  /** All of its name, place, sex and age, of whom it is one. */
  readonly same: Bearers | undefined;
  /** Who else is alike, by what, the surest first. */
  readonly alike: ReadonlyMap<Person, Mark>;
  readonly isMore: boolean;
  /** What it is alike by. */
  readonly keys: readonly string[];
}

export function repeatedLines(people: readonly Person[], answers: Answers): Repeated {
  const held: number[] = [];
  const refused: Refusal[] = [];
  const warnings: Warning[] = [];
  const standsFor = new Map<Person, Person>();
  const apartBy = new Set<string>();
  const keptFor = (person: Person): Person => {
    let kept = person;
    for (let next = standsFor.get(kept); next !== undefined; next = standsFor.get(kept)) kept = next;
    return kept;
  };
  const passOver = (code: 'line-repeated' | 'line-alike', person: Person, other: Person) => {
    answers.note(code, { line: person.line }, 'one-person');
    standsFor.set(person, other);
    held.push(person.line);
    warnings.push(warning('line-of-one-person', { other: other.line }, { line: person.line }));
  };
  const ask = (question: Refusal) => {
    held.push(question.place.line ?? 0);
    refused.push(question);
  };

  for (const { person, same, alike, isMore, keys } of askedAmong(people)) {
    const place = { line: person.line };
    const [first] = same?.first ?? [];
    if (first !== undefined && same !== undefined) {
      const kept = keptFor(first);
      const mayStand = kept === first || markBetween(person, kept) !== undefined;
      const answer = answers.of('line-repeated', place);
      const isSettled = mayStand || answers.exactly('line-repeated', place) !== undefined;
      if (answer === 'one-person' && isSettled) passOver('line-repeated', person, first);
      else if (answer !== 'separate-people') {
        const others = linesOf(same.first, person, same.count > same.first.length);
        ask(refusal('line-repeated', { lines: same.count, other: first.line, others }, place));
      }
      if (answer !== 'separate-people') continue;
      answers.note('line-repeated', place, answer);
    }
    const [surest] = alike;
    if (surest !== undefined) {
      const [other, mark] = surest;
      const answer = answers.of('line-alike', place);
      if (answer === 'one-person') passOver('line-alike', person, other);
      else if (answer === undefined) {
        const others = linesOf([...alike.keys()], person, isMore);
        ask(refusal('line-alike', { other: other.line, facts: MARK_WORDS[mark.kind], others }, place));
      }
      if (answer !== 'separate-people') continue;
      answers.note('line-alike', place, answer);
    }
    for (const key of keys) apartBy.add(key);
  }
  const apart = apartBy.size === 0 ? new Set<number>() : bearersOf(people, apartBy);
  const passed = new Set([...standsFor.keys()].map(({ line }) => line));
  return { held, refused, warnings, apart, passed };
}

/** In which the lines of a file are held against one another: who has an id is asked about nobody who has none. */
export function inOrder(people: readonly Person[]): Person[] {
  return [...people.filter(hasId), ...people.filter((one) => !hasId(one))];
}

/**
 * Who is asked about and with whom. Whoever has an id comes before everybody who has none: then each is held against those
 * who came before, and a key needs the first few of its bearers.
 */
function askedAmong(people: readonly Person[]): Asked[] {
  const keepers = new Map<string, Bearers>();
  const askers = new Map<string, Bearers>();
  const sameKeys = new Map<Person, string>();
  const found: Asked[] = [];
  for (const person of inOrder(people)) {
    const { kept, asked, sameKey } = likenessOf(person);
    sameKeys.set(person, sameKey);
    const alike = new Map<Person, Mark>();
    const keys: string[] = [];
    let same: Bearers | undefined;
    let isMore = false;
    for (const [marks, bearers] of [[asked, keepers] as const, [kept, askers] as const]) {
      for (const mark of marks) {
        const those = mayBeAsked(person, mark) ? bearers.get(mark.key) : undefined;
        if (those === undefined) continue;
        keys.push(mark.key);
        if (mark.kind === 'same') same = those;
        else isMore ||= those.count > those.first.length;
        for (const other of those.first) {
          if (!alike.has(other) && sameKeys.get(other) !== sameKey) alike.set(other, mark);
        }
      }
    }
    add(keepers, kept, person);
    add(askers, asked, person);
    if (keys.length > 0) found.push({ person, same, alike, isMore, keys });
  }
  return found;
}

/** Who has an id is told by it from all others who have one, unless what agrees is strong. */
function mayBeAsked(person: Person, mark: Mark): boolean {
  return !hasId(person) || isStrong(mark);
}

function add(
  bearers: Map<string, Bearers>,
  marks: readonly { readonly key: string }[],
  person: Person,
): void {
  for (const { key } of marks) {
    const before = bearers.get(key);
    if (before === undefined) bearers.set(key, { first: [person], count: 1 });
    else {
      before.count += 1;
      if (before.first.length < OTHERS_MAX) before.first.push(person);
    }
  }
}

function bearersOf(people: readonly Person[], keys: ReadonlySet<string>): Set<number> {
  const isMarked = ({ key }: Mark) => keys.has(key);
  const marked = people.filter((person) => {
    const { kept, asked } = likenessOf(person);
    return kept.some(isMarked) || asked.some(isMarked);
  });
  return new Set(marked.map(({ line }) => line));
}

/** The lines of others, in the order of the file. */
function linesOf(some: readonly Person[], self: Person, isMore: boolean): string {
  const lines = some.filter((one) => one !== self).map(({ line }) => line);
  return saidOf(lines, isMore);
}

function saidOf(lines: readonly number[], isMore: boolean): string {
  const shown = lines.toSorted((one, other) => one - other).slice(0, OTHERS_MAX);
  const said = `${lines.length === 1 ? 'line' : 'lines'} ${shown.join(', ')}`;
  return isMore || shown.length < lines.length ? `${said} and more` : said;
}

/**
 * `12 345 678` and `12345678` may be one id, and `O12` and `012`; `12-3` and `1-23` are two. No line of them is known to be
 * spelt rightly: all are asked.
 */
export function alikeIds(
  people: readonly Person[],
  answers: Answers,
  at: (line: number) => { readonly line: number; readonly field: string },
): Held {
  const withId = people.flatMap((person) =>
    person.nationalId === undefined ? [] : [{ person, near: nearOf(person.nationalId) }],
  );
  const keepers = new Map<string, Bearers>();
  const askers = new Map<string, Bearers>();
  for (const { person, near } of withId) {
    add(keepers, near.kept.map(keyed), person);
    add(askers, near.asked.map(keyed), person);
  }
  const held: number[] = [];
  const refused: Refusal[] = [];
  for (const { person, near } of withId) {
    const all = [...near.asked.map((key) => keepers.get(key)), ...near.kept.map((key) => askers.get(key))];
    const others = new Set(all.flatMap((those) => those?.first ?? []));
    others.delete(person);
    if (others.size === 0) continue;
    const place = { line: person.line };
    if (answers.of('national-id-alike', place) === 'separate-people') {
      answers.note('national-id-alike', place, 'separate-people');
      continue;
    }
    const isMore = all.some((those) => (those?.count ?? 0) > OTHERS_MAX);
    held.push(person.line);
    refused.push(
      refusal('national-id-alike', { others: linesOf([...others], person, isMore) }, at(person.line)),
    );
  }
  return { held, refused, warnings: [] };
}

const keyed = (key: string) => ({ key });
