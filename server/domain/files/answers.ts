/**
 * What an officer decided of lines that are questions: the same answer for all lines of a code, or for one line.
 *
 * Promises: the more exact answer counts, and the one that is given now before one that was given of the same file earlier;
 * where lines are merely alike no answer decides more than one of them; an answer a question does not offer is refused and
 * never taken for another; which answers decided anything is told, each with its line. The readers of files and the intake ask.
 */

import { present } from '../base/present.ts';
import type { Place, Refusal } from '../base/refusal.ts';
import { type RefusalCode, refusal, refusals } from '../base/refusal.ts';
import type { QuestionCode } from '../base/refusals/files.ts';
import type { RefusalRow } from '../base/refusals/row.ts';

export interface FileAnswer {
  readonly code: string;
  readonly answer: string;
  readonly line?: number | undefined;
  readonly feature?: number | undefined;
  /** The same answer to each of these lines, as if it were given of each. */
  readonly lines?: readonly number[] | undefined;
}

/** What was answered of a file, each of its line, when it was read by one sheet and these columns. */
export interface AnsweredReading {
  readonly readingTag: string;
  readonly answers: readonly FileAnswer[];
}

/** Whose files are asked about otherwise. */
export type FileKind = 'parcels' | 'people' | 'roll';

/** What may be asked while a file of people is read; the rest is asked when its people are looked for. */
const READ_OF_PEOPLE = [
  'total-row',
  'group-row',
  'row-hidden',
  'name-missing',
  'id-like-date',
  'id-like-rounded',
  'line-repeated',
  'line-alike',
] as const;
const MET_OF_PEOPLE = [
  'national-id-alike',
  'ids-of-two-people',
  'person-differs',
  'person-known',
  'person-alike',
  'another-once-more',
  'person-on-two-lines',
] as const;

/** Which questions a file of a kind may bring. */
export const QUESTIONS: Readonly<Record<FileKind, readonly QuestionCode[]>> = {
  parcels: ['parcel-overlaps', 'parcel-overlaps-registered', 'id-like-date', 'id-like-rounded'],
  people: [...READ_OF_PEOPLE, ...MET_OF_PEOPLE],
  roll: ['total-row', 'group-row', 'row-hidden'],
};

/** Whether it is asked of a list before anybody is looked for, and then not again. */
export function isAskedInReading(code: string): boolean {
  return (READ_OF_PEOPLE as readonly string[]).includes(code);
}

/** A question that was raised, whether or not it was answered. */
export interface Raised {
  readonly code: string;
  readonly line?: number | undefined;
  readonly feature?: number | undefined;
}

export interface Answers {
  /** Undefined where nobody decided. */
  of<C extends QuestionCode>(code: C, place: Place): AnswerOf<C> | undefined;
  /** The same where the answer was given of this place and of no other. */
  exactly<C extends QuestionCode>(code: C, place: Place): AnswerOf<C> | undefined;
  /** Has it known that an answer decided a place. */
  note<C extends QuestionCode>(code: C, place: Place, answer: AnswerOf<C>): void;
  /** Whether another answer is given now than the one that decided a place of this file before. */
  isTakenBack<C extends QuestionCode>(code: C, place: Place): boolean;
  /** What decided something so far, each of its place. */
  readonly used: readonly FileAnswer[];
  /** What was asked so far, or decided of this file before. */
  readonly raised: readonly Raised[];
  /** What is answered of a place where it was not asked so far, nor decided of this file before. */
  readonly unasked: readonly FileAnswer[];
}

export type AnswerOf<C extends QuestionCode> = (typeof refusals)[C]['answers'][number];

/**
 * That a line is somebody's is kept with the person: the answer decides once, and is known afterwards so that another one is
 * told from it. Were it to decide again, it could decide for somebody who came since.
 */
const DECIDES_ONCE = 'same-person';

export function answersFrom(given: readonly FileAnswer[], before: readonly FileAnswer[] = []): Answers {
  const each = given.flatMap((one) => one.lines?.map((line) => Object.assign({}, one, { line })) ?? [one]);
  const byPlace = new Map(each.map((one) => [keyOf(one.code, one), one.answer]));
  const decided = new Map(before.map((one) => [keyOf(one.code, one), one.answer]));
  const earlier = new Map([...decided].filter(([, answer]) => answer !== DECIDES_ONCE));
  const used = new Map<string, FileAnswer>();
  const raised = new Map<string, Raised>(before.map((one) => [keyOf(one.code, one), one]));
  const exactly = <C extends QuestionCode>(code: C, place: Place) => {
    const key = keyOf(code, place);
    return (byPlace.get(key) ?? earlier.get(key)) as AnswerOf<C> | undefined;
  };
  const nowOf = (code: string, place: Place) =>
    byPlace.get(keyOf(code, place)) ?? (rowOf(code)?.isLineByLine ? undefined : byPlace.get(keyOf(code, {})));
  return {
    of(code, place) {
      const { line, feature } = place;
      raised.set(keyOf(code, place), { code, ...present({ line, feature }) });
      return (nowOf(code, place) as AnswerOf<typeof code> | undefined) ?? exactly(code, place);
    },
    exactly,
    isTakenBack(code, place) {
      const [before, now] = [decided.get(keyOf(code, place)), nowOf(code, place)];
      return before !== undefined && now !== undefined && now !== before;
    },
    note(code, { line, feature }, answer) {
      used.set(keyOf(code, { line, feature }), { code, answer, ...present({ line, feature }) });
    },
    get used() {
      return [...used.values()];
    },
    get raised() {
      return [...raised.values()];
    },
    get unasked() {
      const isPlaced = ({ line, feature }: FileAnswer) => (line ?? feature) !== undefined;
      const isMet = (key: string) => raised.has(key) || used.has(key);
      return each.filter((one) => isPlaced(one) && !isMet(keyOf(one.code, one)));
    },
  };
}

/** What a refused answer is told of what was asked. */
const RAISED_NAMED = 8;

/** An answer where nothing is asked decides nothing, and whoever gave it believes that it did. */
export function answersNotAsked(unasked: readonly FileAnswer[], raised: readonly Raised[]): Refusal[] {
  if (unasked.length === 0) return [];
  const inOrder = raised.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
  const each = new Set(inOrder.map((one) => `${one.code} of ${inWords(one)}`));
  const said = [...each].slice(0, RAISED_NAMED);
  const asked = [...said, ...(each.size > said.length ? ['more'] : [])].join(', ') || 'nothing';
  return unasked.map((one) =>
    refusal('answer-not-asked', { question: one.code, place: inWords(one), asked }, present(placeOf(one))),
  );
}

const placeOf = ({ line, feature }: Raised) => ({ line, feature });

function inWords({ line, feature }: Raised): string {
  return feature === undefined ? `line ${line}` : `feature ${feature}`;
}

/** What is wrong with answers, before any line is read. */
export function answerFaults(given: readonly FileAnswer[], kind: FileKind): Refusal[] {
  const contradicting = contradictions(given);
  return given.flatMap(({ code, answer, line, feature, lines }, i) => {
    const row = rowOf(code);
    const place = { field: `/settings/answers/${i}`, ...present({ line: line ?? lines?.[0] }) };
    if (!(QUESTIONS[kind] as readonly string[]).includes(code))
      return [refusal('question-unknown', { questions: QUESTIONS[kind].join(', ') }, place)];
    if (!row?.answers?.includes(answer))
      return [refusal('answer-unknown', { answers: row?.answers?.join(', ') ?? '' }, place)];
    const isOfAll = (line ?? feature ?? lines) === undefined;
    if (row.isLineByLine && isOfAll) return [refusal('answer-without-line', undefined, place)];
    return contradicting.has(i) ? [refusal('answers-contradict', undefined, place)] : [];
  });
}

/** Which of the answers say two things of one place. */
function contradictions(given: readonly FileAnswer[]): Set<number> {
  const first = new Map<string, number>();
  const found = new Set<number>();
  for (const [i, one] of given.entries()) {
    for (const line of one.lines ?? [one.line]) {
      const key = keyOf(one.code, { line, feature: one.feature });
      const before = first.get(key) ?? i;
      first.set(key, before);
      if (given[before]?.answer !== one.answer) found.add(before).add(i);
    }
  }
  return found;
}

const rowOf = (code: string): RefusalRow | undefined =>
  Object.hasOwn(refusals, code) ? refusals[code as RefusalCode] : undefined;

function keyOf(
  code: string,
  { line, feature }: { readonly line?: number | undefined; readonly feature?: number | undefined },
): string {
  return `${code} ${feature === undefined ? (line ?? '') : `f${feature}`}`;
}
