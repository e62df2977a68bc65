/**
 * Words that an office writes where an act has a hash: the source of money, a policy, a statement, a case, its documents.
 *
 * Promises: words are salted here and hashed, and the act is made with their root, so that whoever signs it is shown them; a
 * hash beside words is refused, for it could be of others. Where the words are kept is the desk's. `acts.ts` calls it.
 */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { commitFacts, type FactSet } from '../domain/acts/facts.ts';
import { type Bytes32, toHex, ZERO_32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { bytes32, facts } from './shapes.ts';

/** The field of a hash, and of its words beside it. */
export const WORDS_OF = {
  sourcesRoot: 'sources',
  policyHash: 'policy',
  sourceCommitment: 'source',
  statementHash: 'statement',
  caseCommitment: 'case',
} as const;

type Words = z.infer<typeof facts>;

/** The hash of a body, which is given, or its words beside it, or none. */
export const hashedElsewhere = (what: string) =>
  bytes32()
    .default(ZERO_32)
    .meta({ description: `Of ${what}, hashed elsewhere; zero for none` });

/** The words beside a hash. */
export const inWords = (what: string) =>
  facts
    .min(1)
    .optional()
    .meta({
      description: `${what[0]?.toUpperCase()}${what.slice(1)} in words, instead of a hash: salted and hashed by the gateway, kept sealed, and opened to who signs. Name nobody in them`,
    });

/** A body as the desk is given it, with hashes alone, and the words behind them. */
export function withoutWords<B>(body: B): { readonly told: B; readonly sets: readonly FactSet[] } {
  const sets: FactSet[] = [];
  const told = replaced(body as Fields, '', sets);
  if (isFields(told.head)) return { told: { ...told, head: replaced(told.head, '/head', sets) } as B, sets };
  return { told: told as B, sets };
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function replaced(given: Fields, place: string, sets: FactSet[]): Fields {
  const left = { ...given };
  for (const [hash, words] of Object.entries(WORDS_OF)) {
    if (!Object.hasOwn(given, hash)) continue;
    delete left[words];
    const said = given[words] as Words | undefined;
    if (said === undefined) continue;
    if (given[hash] !== ZERO_32)
      throw refusal('words-beside-a-hash', undefined, { field: `${place}/${words}` });
    const salted = said.map(({ path, value }) => ({
      path,
      value: value.normalize('NFC'),
      salt: toHex(randomBytes(32)) as Bytes32,
    }));
    const set = commitFacts(salted);
    sets.push(set);
    left[hash] = set.root;
  }
  return left;
}
