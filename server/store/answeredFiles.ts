/**
 * What officers answered of the lines of a file of people, so that the same file sent again asks nothing twice.
 *
 * A row says lines and words of the catalogue, and nothing of a person; a file is found by the keyed hash of its bytes, and
 * in it by the hash of how it was read. Promises: answers of one reading say nothing of another; a later answer of a line
 * replaces the earlier; a file has a bounded number of readings, the oldest go. The intake reads and writes.
 */
import type { AnsweredReading, FileAnswer } from '../domain/files/answers.ts';
import { frame } from './cipher.ts';
import { json } from './codec.ts';
import type { KeyService } from './keys.ts';
import { type AnyTable, precious, type Store } from './store.ts';

/** Sheets of a workbook, and tries at its columns. */
const READINGS_MAX = 16;

/** Of one code and answer the lines. */
type AnsweredLines = readonly [code: string, answer: string, lines: readonly number[]];
interface ReadingRow {
  readonly readingTag: string;
  readonly answered: readonly AnsweredLines[];
}

/** By agency and file: its readings, the newest last. */
const answeredTable = precious('answeredFiles', json<readonly ReadingRow[]>());

export const answeredTables: readonly AnyTable[] = [answeredTable];

export class AnsweredFiles {
  readonly #store: Store;
  readonly #keys: KeyService;

  constructor(store: Store, keys: KeyService) {
    this.#store = store;
    this.#keys = keys;
  }

  async of(agency: number, fileHash: string): Promise<readonly AnsweredReading[]> {
    const rows = (await this.#store.get(answeredTable, await this.#keyOf(agency, fileHash))) ?? [];
    return rows.map(({ readingTag, answered }) => ({ readingTag, answers: answersOf(answered) }));
  }

  async keep(agency: number, fileHash: string, { readingTag, answers }: AnsweredReading): Promise<void> {
    const key = await this.#keyOf(agency, fileHash);
    await this.#store.transact(async (tx) => {
      const rows = (await tx.get(answeredTable, key)) ?? [];
      const before = rows.find((row) => row.readingTag === readingTag);
      const answered = linesOf([...answersOf(before?.answered ?? []), ...answers]);
      const others = rows.filter((row) => row !== before);
      tx.put(answeredTable, key, [...others, { readingTag, answered }].slice(-READINGS_MAX));
    });
  }

  async #keyOf(agency: number, fileHash: string): Promise<string> {
    return `${agency}/${await this.#keys.indexMac(agency, frame('answered file', fileHash))}`;
  }
}

function answersOf(answered: readonly AnsweredLines[]): FileAnswer[] {
  return answered.flatMap(([code, answer, lines]) => lines.map((line) => ({ code, answer, line })));
}

function linesOf(answers: readonly FileAnswer[]): AnsweredLines[] {
  const last = new Map(answers.map((one) => [`${one.code} ${one.line}`, one]));
  const groups = Map.groupBy(last.values(), ({ code, answer }) => `${code} ${answer}`);
  return [...groups.values()].flatMap((group): AnsweredLines[] => {
    const [first] = group;
    return first === undefined
      ? []
      : [[first.code, first.answer, group.flatMap(({ line }) => (line === undefined ? [] : [line]))]];
  });
}
