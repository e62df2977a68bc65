/**
 * Lines of one file that may be one person, and what an officer answered of them.
 *
 * Promises: nobody who is alike is taken without an answer, and an answer for all lines whose name, place, sex and age are
 * the same decides none of those that are only alike. A file of any length costs the same a line. Pure; the reader of
 * registrations calls it.
 */
import type { Refusal } from '../base/refusal.ts';
import { refusal } from '../base/refusal.ts';
import type { Warning } from '../base/warning.ts';
import { warning } from '../base/warning.ts';
import type { Answers } from './answers.ts';
import { isStrong, likenessOf, MARK_WORDS, type Mark } from './likeness.ts';
import type { Held, Person } from './registrations.ts';

/** Lines that one is said to be apart from; of more the intake asks again. */
const APART_MAX = 64;

export interface Repeated extends Held {
  /** Of a line that stands for somebody else, the lines it is alike. */
  readonly apart: ReadonlyMap<number, readonly number[]>;
}

export const hasId = ({ nationalId, agencyId }: Person) => (nationalId ?? agencyId) !== undefined;

interface Asked {
  readonly mark: Mark;
  readonly other: Person;
}

export function repeatedLines(people: readonly Person[], answers: Answers): Repeated {
  const { asked, groupOf } = alikeAmong(people);
  const held: number[] = [];
  const refused: Refusal[] = [];
  const warnings: Warning[] = [];
  const apart = new Map<number, readonly number[]>();
  for (const [person, { mark, other }] of asked) {
    const { line } = person;
    const group = groupOf(person);
    const first = group.find(hasId) ?? group[0];
    const isSame = mark.kind === 'same';
    const answer = answers.of(isSame ? 'line-repeated' : 'line-alike', { line });
    if (answer === 'separate-people' || (answer === 'one-person' && person === first)) {
      const others = group.filter((one) => one !== person).slice(0, APART_MAX);
      if (answer === 'separate-people')
        apart.set(
          line,
          others.map((one) => one.line),
        );
      continue;
    }
    held.push(line);
    const lines = group.length;
    if (answer === 'one-person') warnings.push(warning('line-passed-over', {}, { line }));
    else if (isSame) refused.push(refusal('line-repeated', { lines }, { line }));
    else {
      const holes = { other: other.line, facts: MARK_WORDS[mark.kind], lines };
      refused.push(refusal('line-alike', holes, { line }));
    }
  }
  return { held, refused, warnings, apart };
}

/** Who is asked about with what agrees first, and with whom each belongs together. */
function alikeAmong(people: readonly Person[]) {
  const marked = people.map((person) => ({ person, ...likenessOf(person) }));
  const keepers = new Map<string, Person[]>();
  for (const { person, kept } of marked) {
    for (const { key } of kept) {
      const before = keepers.get(key);
      if (before === undefined) keepers.set(key, [person]);
      else before.push(person);
    }
  }
  const asked = new Map<Person, Asked>();
  const groups = joiner();
  const tell = (person: Person, mark: Mark, other: Person) => {
    groups.join(person, other);
    const isSurer = mark.kind === 'same' && asked.get(person)?.mark.kind !== 'same';
    if (mayBeAsked(person, mark) && (isSurer || !asked.has(person))) asked.set(person, { mark, other });
  };
  for (const { person, asked: marks } of marked) {
    for (const mark of marks) {
      const others = keepers.get(mark.key) ?? [];
      // the nearest stands for them all: the first with an id, else the first, and who is first is told the next
      const [one, next] = [others.find(hasId) ?? others[0], others.find((each) => each !== person)];
      const other = one === person ? next : one;
      if (other === undefined || other === person) continue;
      if (hasId(person) && hasId(other) && !isStrong(mark)) continue;
      tell(person, mark, other);
      tell(other, mark, person);
    }
  }
  const byRoot = Map.groupBy(people, groups.rootOf);
  return { asked, groupOf: (person: Person) => byRoot.get(groups.rootOf(person)) ?? [person] };
}

/** Who has an id is told apart by it, unless what agrees is strong. */
function mayBeAsked(person: Person, mark: Mark): boolean {
  return !hasId(person) || isStrong(mark);
}

/** Sets that grow together. */
function joiner() {
  const above = new Map<Person, Person>();
  const rootOf = (person: Person): Person => {
    let root = person;
    for (let next = above.get(root); next !== undefined; next = above.get(root)) root = next;
    for (let at = person; at !== root; ) {
      const next = above.get(at) ?? root;
      above.set(at, root);
      at = next;
    }
    return root;
  };
  const join = (one: Person, other: Person) => {
    const [root, lower] = [rootOf(one), rootOf(other)];
    if (root !== lower) above.set(lower, root);
  };
  return { rootOf, join };
}
