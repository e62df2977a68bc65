/**
 * The suites of `npm test`: which lane each runs in, which mocha files are its own, and how many minutes it may take.
 *
 * Promises that every mocha file belongs to exactly one suite. The minutes are those of a machine of two cores with both
 * lanes busy; `test/suites.test.ts` holds their sums against the limits of `.ci/run`, and a run that takes longer says so.
 */
import fs from 'node:fs';

/** Two lanes for two cores: what asks a gateway, beside what runs contracts, whole demonstrations and the store. */
export type Lane = 'contracts' | 'server';

export interface Suite {
  readonly name: 'static' | 'server' | 'domain' | 'storage' | 'walks' | 'tours' | 'solidity' | 'browser';
  readonly lane: Lane;
  readonly minutes: number;
  /** The mocha files that are this suite's own; `server` has all that no other suite has. */
  readonly files?: readonly string[];
}

/** In the order in which their output is printed; a lane runs its own in this order too. */
export const SUITES: readonly Suite[] = [
  { name: 'static', lane: 'contracts', minutes: 2 },
  { name: 'server', lane: 'server', minutes: 40, files: ['test/**/*.test.ts'] },
  { name: 'domain', lane: 'contracts', minutes: 10, files: ['test/server/domain/**/*.test.ts'] },
  { name: 'walks', lane: 'contracts', minutes: 7, files: ['test/walks/*.test.ts'] },
  {
    name: 'storage',
    lane: 'contracts',
    minutes: 9,
    files: ['test/server/{store,ledger,threads}/*.test.ts', 'test/verifier/*.test.ts'],
  },
  {
    name: 'tours',
    lane: 'contracts',
    minutes: 8,
    files: ['test/scripts/demo.test.ts', 'test/scripts/firstTour.test.ts', 'test/scripts/memberTour.test.ts'],
  },
  { name: 'solidity', lane: 'contracts', minutes: 6 },
  {
    name: 'browser',
    lane: 'contracts',
    minutes: 7,
    files: ['test/**/browser.test.ts', 'test/web/*.test.ts'],
  },
];

/** The mocha files of a suite, sorted. */
export function filesOf(suite: Suite, root: string): string[] {
  const found = (patterns: readonly string[]) => fs.globSync(patterns, { cwd: root }).sort();
  const files = found(suite.files ?? []);
  if (suite.name !== 'server') return files;
  const others = new Set(SUITES.filter((one) => one !== suite).flatMap((one) => found(one.files ?? [])));
  return files.filter((file) => !others.has(file));
}

/** What a lane may take, all its suites one after the other. */
export function minutesOf(lane: Lane): number {
  return SUITES.filter((suite) => suite.lane === lane).reduce((sum, { minutes }) => sum + minutes, 0);
}
