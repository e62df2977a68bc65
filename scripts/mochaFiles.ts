/**
 * Runs files of mocha tests and counts them. Hides mocha's reporter, in which a failed hook has no cause and takes its
 * tests with it unseen. Promises: what did not run did not pass, and whatever is red is listed by its cause.
 */
import fs from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import type { Tally } from './check.ts';

const SETTINGS = path.resolve(import.meta.dirname, '../.mocharc.json');

/** So many files are named with their seconds, the longest first: where the minutes of a suite went. */
const LONGEST = 12;

export async function runFiles(files: readonly string[], grep?: string): Promise<Tally> {
  const { timeout, slow }: { timeout: number; slow: number } = JSON.parse(fs.readFileSync(SETTINGS, 'utf8'));
  const mocha = new Mocha({ reporter: 'spec', timeout, slow });
  if (grep !== undefined) mocha.grep(grep);
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  return new Promise((resolve) => {
    const skipped: string[] = [];
    const red: string[] = [];
    const secondsOf = new Map<string, number>();
    const runner = mocha.run(() => {
      const longest = [...secondsOf].sort(([, a], [, b]) => b - a).slice(0, LONGEST);
      console.log(`seconds: ${longest.map(([file, took]) => `${file} ${took.toFixed(0)}`).join(', ')}`);
      const passed = runner.stats?.passes ?? 0;
      const failed = Math.max(runner.failures, runner.total - passed - skipped.length);
      if (failed > runner.failures)
        console.log(`\n✖ ${failed - runner.failures} more did not run, for the reasons above`);
      resolve({ passed, failed, red, skipped });
    });
    let begun = performance.now();
    runner.on('suite', ({ parent }) => {
      if (parent?.root) begun = performance.now();
    });
    runner.on('suite end', ({ parent, file }) => {
      if (!parent?.root || file === undefined) return;
      const name = path.relative('test', file);
      secondsOf.set(name, (secondsOf.get(name) ?? 0) + (performance.now() - begun) / 1_000);
    });
    runner.on('pending', (test) => skipped.push(test.fullTitle()));
    // Before the reporter hears of it.
    runner.prependListener('fail', (failing: Mocha.Runnable, error: unknown) => {
      if (failing instanceof Mocha.Hook) failing.title = titleOfHook(failing.title, error);
      red.push(failing.fullTitle());
    });
  });
}

/** `"before all" hook for "sells"` says nothing of why nothing could begin. */
function titleOfHook(title: string, error: unknown): string {
  const [cause = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return `could not ${title.startsWith('"after') ? 'end' : 'begin'}: ${cause} (${title})`;
}
