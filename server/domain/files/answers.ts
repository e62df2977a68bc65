/**
 * What an officer decided of lines that are questions: the same answer for all lines of a code, or for one line.
 *
 * Promises: the more exact answer counts; an answer a question does not offer is refused and never taken for another.
 * Pure; the readers of files ask it.
 */
import type { Place, Refusal } from '../base/refusal.ts';
import { refusal, refusals } from '../base/refusal.ts';
import type { QuestionCode } from '../base/refusals/files.ts';

export interface FileAnswer {
  readonly code: string;
  readonly answer: string;
  readonly line?: number | undefined;
  readonly feature?: number | undefined;
}

export interface Answers {
  /** Undefined where nobody decided. */
  of<C extends QuestionCode>(code: C, place: Place): AnswerOf<C> | undefined;
}

export type AnswerOf<C extends QuestionCode> = (typeof refusals)[C]['answers'][number];

export function answersFrom(given: readonly FileAnswer[]): Answers {
  const byPlace = new Map(given.map((one) => [keyOf(one.code, one), one.answer]));
  return {
    of<C extends QuestionCode>(code: C, place: Place) {
      const answer = byPlace.get(keyOf(code, place)) ?? byPlace.get(keyOf(code, {}));
      return answer as AnswerOf<C> | undefined;
    },
  };
}

/** What is wrong with answers, before any line is read. */
export function answerFaults(given: readonly FileAnswer[]): Refusal[] {
  return given.flatMap(({ code, answer }, i) => {
    const row = (refusals as Readonly<Record<string, { readonly answers?: readonly string[] }>>)[code];
    if (row?.answers?.includes(answer)) return [];
    return [refusal('answer-unknown', undefined, { field: `/settings/answers/${i}` })];
  });
}

function keyOf(
  code: string,
  { line, feature }: { readonly line?: number | undefined; readonly feature?: number | undefined },
): string {
  return `${code} ${feature === undefined ? (line ?? '') : `f${feature}`}`;
}
