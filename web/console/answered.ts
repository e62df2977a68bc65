/**
 * What an officer answered of lines that are questions, as the gateway takes it with the file.
 *
 * Promises: what was chosen on one page of a table counts on every other; an answer is given of its line and of no other; one
 * that the gateway was given and had not asked for is given no more; many lines of one answer are as short as they can be, for
 * all of it stands in the address of a request. Pure.
 */

/** The same answer to each of these lines. */
export interface LinesAnswered {
  readonly code: string;
  readonly answer: string;
  readonly lines: readonly number[];
}

/** What is asked of a line, or told of one. */
export interface Asked {
  readonly code: string;
  readonly line?: number;
}

/** What a select of an answer is called, and what was chosen there goes by. */
export const answerName = ({ line, code }: Asked): string => `answer.${line}.${code}`;

const NOT_ASKED = 'answer-not-asked';

/** What was answered earlier, less what was not asked for, and what was chosen now of those that are asked. */
export function answersWith(
  before: readonly LinesAnswered[],
  told: readonly Asked[],
  chosen: ReadonlyMap<string, string>,
): readonly LinesAnswered[] {
  const unasked = new Set(told.filter(({ code }) => code === NOT_ASKED).map(({ line }) => line));
  const earlier = before.flatMap(({ code, answer, lines }) =>
    lines.filter((line) => !unasked.has(line)).map((line) => ({ code, answer, line })),
  );
  const now = told.flatMap(({ code, line }) => {
    const answer = chosen.get(answerName({ code, ...(line !== undefined && { line }) })) ?? '';
    return line === undefined || answer === '' ? [] : [{ code, answer, line }];
  });
  const places = new Map([...earlier, ...now].map((one) => [answerName(one), one]));
  const groups = Map.groupBy(places.values(), ({ code, answer }) => `${code} ${answer}`);
  return [...groups.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const { code, answer } = first;
    return [{ code, answer, lines: some.map(({ line }) => line) }];
  });
}
