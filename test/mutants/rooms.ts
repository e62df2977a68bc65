/**
 * The rooms that mutants are drawn from, each with the tests that ought to see them; and the mutants that mean the same
 * as the source, each listed with the reason. `mutants.test.ts` holds both lists against the tree.
 */
import fs from 'node:fs';
import path from 'node:path';

export interface Room {
  readonly name: string;
  /** Patterns of its sources; one that begins with `!` takes files out. */
  readonly files: readonly string[];
  /** Patterns of its tests, the quick and near ones first: a mutant is killed by the first that turns red. */
  readonly tests: readonly string[];
}

/** A change that no test can see, as it changes nothing that anybody could see. */
export interface Equivalent {
  readonly file: string;
  /** The line before and after, without indents. */
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

const here = (name: string) => JSON.parse(fs.readFileSync(path.join(import.meta.dirname, name), 'utf8'));

export const readRooms = (): Room[] => here('rooms.json');
export const readEquivalents = (): Equivalent[] => here('equivalents.json');

/** Tables of words and of types: what they say is held by other tests, and nothing in them decides. */
export const NOT_BENT = [
  'server/domain/base/refusals/*.ts',
  'server/domain/rules.ts',
  'contracts/interfaces/*.sol',
];

/** What the patterns name in the tree, each once, in their order. */
export function filesIn(root: string, patterns: readonly string[]): string[] {
  const left = new Set(
    fs.globSync(
      patterns.filter((one) => one.startsWith('!')).map((one) => one.slice(1)),
      { cwd: root },
    ),
  );
  const found = patterns
    .filter((one) => !one.startsWith('!'))
    .flatMap((one) => fs.globSync(one, { cwd: root }).sort());
  return [...new Set(found)].filter((file) => !left.has(file));
}
