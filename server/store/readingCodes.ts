/**
 * Codes on paper with which somebody without a key of her own reads who read her data, by herself and not through a clerk.
 *
 * Promises: a code is 128 random bits, shown once and kept as a hash; it opens the list of readings and nothing of the
 * record; it ends, and a person has a bounded number of them, of which the oldest go. `http` gives them out and asks.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SubjectRef } from '../domain/people/schema.ts';
import { json } from './codec.ts';
import {
  type AnyTable,
  ordinal,
  precious,
  preciousSorted,
  type Store,
  type Transaction,
  under,
} from './store.ts';

const CODE_BYTES = 16;
/** Long enough for the answer to a complaint; another one is given at the counter. */
const LIFE_MS = 90 * 86_400_000;
const OF_PERSON_MAX = 5;

interface CodeRow {
  readonly subject: SubjectRef;
  readonly expiresAtMs: number;
}

/** By the hash of the code. */
const codeTable = precious('readingCodes', json<CodeRow>());
/** By person and when it was given: the hash. */
const ofPersonTable = preciousSorted('readingCodesOfPeople', json<string>());

export const readingCodeTables: readonly AnyTable[] = [codeTable, ofPersonTable];

export class ReadingCodes {
  readonly #store: Store;
  readonly #nowMs: () => number;

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  async give(subject: SubjectRef): Promise<{ readonly code: string; readonly expiresAtMs: number }> {
    const hex = randomBytes(CODE_BYTES).toString('hex');
    const row: CodeRow = { subject, expiresAtMs: this.#nowMs() + LIFE_MS };
    const before: (readonly [string, string])[] = [];
    for await (const one of this.#store.range(ofPersonTable, under(subject))) before.push(one);
    await this.#store.transact((tx) => {
      for (const [key, old] of before.slice(0, Math.max(0, before.length + 1 - OF_PERSON_MAX))) {
        tx.delete(ofPersonTable, key);
        tx.delete(codeTable, old);
      }
      const hashed = hashOf(hex);
      tx.insert(codeTable, hashed, row);
      tx.put(ofPersonTable, `${subject}/${ordinal(this.#nowMs())}${hashed.slice(0, 8)}`, hashed);
    });
    return { code: spaced(hex), expiresAtMs: row.expiresAtMs };
  }

  /** Whose it is; undefined of one that was never given, or has ended. */
  async subjectOf(code: string): Promise<SubjectRef | undefined> {
    const row = await this.#store.get(codeTable, hashOf(code.replaceAll(/[\s-]/g, '').toLowerCase()));
    return row === undefined || row.expiresAtMs <= this.#nowMs() ? undefined : row.subject;
  }
}

/** For an erasure: codes as they are given, and what takes them away in its transaction. */
export async function codesOf(store: Store, subject: SubjectRef): Promise<(tx: Transaction) => void> {
  const rows: (readonly [string, string])[] = [];
  for await (const row of store.range(ofPersonTable, under(subject))) rows.push(row);
  return (tx) => {
    for (const [key, hashed] of rows) {
      tx.delete(ofPersonTable, key);
      tx.delete(codeTable, hashed);
    }
  };
}

/** In groups of four, as people copy it from paper. */
const spaced = (hex: string) => (hex.match(/.{4}/g) ?? []).join('-');
const hashOf = (hex: string) => createHash('sha256').update(hex).digest('hex');
