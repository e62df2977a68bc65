/**
 * The long campaigns: robustness suites of `npm test` with their full counts. A row names the test, and the variables by
 * which it is asked for more; `test/suites.test.ts` holds each row against the tree.
 */
import fs from 'node:fs';
import path from 'node:path';

export interface Campaign {
  readonly name: string;
  /** The file of tests, from the root of the checkout. */
  readonly file: string;
  /** Words of the title, or the beginning of a Solidity test's name. */
  readonly grep: string;
  readonly env: Readonly<Record<string, string>>;
  /** How often `npm test` tries it. */
  readonly here: string;
  /** How often the campaign does. */
  readonly full: string;
}

export function readCampaigns(root: string): Campaign[] {
  return JSON.parse(fs.readFileSync(path.join(root, 'scripts/campaign/table.json'), 'utf8'));
}
