/**
 * `npm test`: every suite of `suites.ts`, in two lanes that run side by side, all of them even when one fails.
 *
 *   npm test -- [--only SUITE] [--file FILE] [--grep WORDS] [--within MINUTES]
 *
 * Promises: the last line is exactly `N passed, N failed` over everything and the exit code agrees with it; a suite that
 * ran nothing, broke down or did not end is a failure, as is one that is under way or was not begun when the minutes are
 * over; the output of one suite is never mixed with another's; what was skipped is listed above the last line. Each
 * suite is a process of its own, which ends with this one.
 */
import { type ChildProcess, fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import config from '../hardhat.config.ts';
import { runChecks, staticChecks, type Tally } from './check.ts';
import { runFiles } from './mochaFiles.ts';
import { filesOf, type Lane, SUITES, type Suite } from './suites.ts';

const root = path.resolve(import.meta.dirname, '..');

/** A suite is ended at so many times its minutes: it hangs, however slow the machine is. */
const HUNG_AFTER = 3;
const MINUTE_MS = 60_000;
/** A timer that is set to more fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

// ---- One suite, in the process that runs it ---------------------------------------------------------------

function runStatic(grep: string | undefined): Promise<Tally> {
  return runChecks(staticChecks().filter(({ title }) => grep === undefined || title.includes(grep)));
}

/** What the Solidity test task hands back, as far as it is counted here. */
interface SolidityRun {
  readonly suiteResults: readonly {
    readonly id: { readonly name: string };
    readonly testResults: readonly { readonly name: string; readonly status: string }[];
  }[];
}

/** What of a suite is wanted. */
interface Part {
  readonly file: string | undefined;
  readonly grep: string | undefined;
}

async function runSolidity({ file, grep }: Part): Promise<Tally> {
  console.log('\nSolidity tests\n');
  // The network is named so that the tests run under its fork, which is the ledger's.
  const hre = await createHardhatRuntimeEnvironment(config, { network: 'default' }, root);
  // Named, they alone are compiled: the contracts were when this began, and tests create them from their artifacts.
  const testFiles = file === undefined ? fs.globSync('test/contracts/**/*.t.sol', { cwd: root }) : [file];
  const wanted = { testFiles, ...(grep !== undefined && { grep }) };
  const result = await hre.tasks.getTask(['test', 'solidity']).run(wanted);
  const { suiteResults }: SolidityRun = result.success ? result.value : result.error;
  const tests = suiteResults.flatMap(({ id, testResults }) =>
    testResults.map(({ name, status }) => ({ title: `${id.name} ${name}`, status })),
  );
  const withStatus = (status: string) => tests.filter((test) => test.status === status);
  const red = withStatus('Failure').map(({ title }) => title);
  return {
    passed: withStatus('Success').length,
    // The task may fail without a failed test: then the failure is the run's own.
    failed: red.length === 0 && !result.success ? 1 : red.length,
    red,
    skipped: withStatus('Skipped').map(({ title }) => title),
  };
}

function runOne(suite: Suite, part: Part): Promise<Tally> {
  if (suite.name === 'static') return runStatic(part.grep);
  if (suite.name === 'solidity') return runSolidity(part);
  console.log(`\nTests of the suite ${suite.name}`);
  const files = filesOf(suite, root).filter((file) => part.file === undefined || file === part.file);
  return runFiles(
    files.map((file) => path.join(root, file)),
    part.grep,
  );
}

/** A suite that breaks down is a failure like any other. */
async function runSuite(suite: Suite, part: Part): Promise<Tally> {
  try {
    const tally = await runOne(suite, part);
    // In a part of it a suite may have nothing of the kind; the sum over all is looked at instead.
    if (
      part.grep !== undefined ||
      part.file !== undefined ||
      tally.passed + tally.failed + tally.skipped.length > 0
    )
      return tally;
    console.log(`\n✖ the suite ${suite.name} ran no test`);
  } catch (error) {
    console.error(`\n✖ the suite ${suite.name} broke down:`, error);
  }
  return { passed: 0, failed: 1, red: [`the suite ${suite.name}`], skipped: [] };
}

async function runHere(suite: Suite, part: Part): Promise<void> {
  // Whoever wanted the tally is gone.
  process.once('disconnect', () => process.exit(1));
  const tally = await runSuite(suite, part);
  // Written and flushed before leaving: a test's forgotten timer must not keep the suite alive, nor cut its output.
  process.stdout.write('', () => process.send?.(tally, undefined, undefined, () => process.exit(0)));
}

// ---- All suites, each in a process of its own -------------------------------------------------------------

/** Prints what suites write in the order of the table: one at a time, the first that has not ended as it comes. */
function printerOf(suites: readonly Suite[]) {
  const queue = suites.map((suite) => ({ suite, held: [] as string[], hasEnded: false }));
  const flush = (): void => {
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      for (const text of first.held.splice(0)) process.stdout.write(text);
      if (!first.hasEnded) return;
      queue.shift();
    }
  };
  const placeOf = (suite: Suite) => queue.find((place) => place.suite === suite);
  return {
    write(suite: Suite, text: string): void {
      placeOf(suite)?.held.push(text);
      flush();
    },
    end(suite: Suite): void {
      const place = placeOf(suite);
      if (place !== undefined) place.hasEnded = true;
      flush();
    },
  };
}

const running = new Set<ChildProcess>();

/** The whole group: a gateway that a test started must not outlive it. */
function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

interface Ran {
  readonly suite: Suite;
  readonly tally: Tally;
  readonly minutes: number;
}

/** How a suite ended that says nothing of its tests. */
function brokenOff(suite: Suite, how: string, minutes: number, print: (text: string) => void): Ran {
  print(`\n✖ the suite ${suite.name} ${how}\n`);
  return {
    suite,
    tally: { passed: 0, failed: 1, red: [`the suite ${suite.name} ${how}`], skipped: [] },
    minutes,
  };
}

/** Runs it until `endsAt` at most, on the clock of this process. */
async function runApart(
  suite: Suite,
  part: Part,
  endsAt: number,
  print: (text: string) => void,
): Promise<Ran> {
  const begun = performance.now();
  if (begun >= endsAt) return brokenOff(suite, 'was not begun: the minutes were over', 0, print);
  const wanted = Object.entries(part).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  const args = ['--suite', suite.name, ...wanted];
  const child = fork(import.meta.filename, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: process.platform !== 'win32',
  });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', print);
  let tally: Tally | undefined;
  child.on('message', (message) => {
    tally = message as Tally;
  });
  let isHung = false;
  const limit = setTimeout(
    () => {
      isHung = true;
      kill(child);
    },
    Math.min(suite.minutes * HUNG_AFTER * MINUTE_MS, endsAt - begun, LONGEST_TIMER_MS),
  );
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(limit);
  running.delete(child);
  const minutes = (performance.now() - begun) / MINUTE_MS;
  if (tally !== undefined) return { suite, tally, minutes };
  const how = isHung ? `was ended after ${minutes.toFixed(1)} minutes` : 'ended before it was through';
  return brokenOff(suite, how, minutes, print);
}

async function runLanes(suites: readonly Suite[], part: Part, endsAt: number): Promise<Ran[]> {
  const printer = printerOf(suites);
  const runLane = async (lane: readonly Suite[]): Promise<Ran[]> => {
    const ran: Ran[] = [];
    for (const suite of lane) {
      ran.push(await runApart(suite, part, endsAt, (text) => printer.write(suite, text)));
      printer.end(suite);
    }
    return ran;
  };
  const lanes = [...Map.groupBy(suites, ({ lane }): Lane => lane).values()];
  return (await Promise.all(lanes.map(runLane))).flat();
}

function wantedSuites(only: string | undefined, file: string | undefined): readonly Suite[] {
  const suites = only === undefined ? SUITES : SUITES.filter(({ name }) => name === only);
  if (suites.length === 0) throw new Error(`--only takes ${SUITES.map(({ name }) => name).join(', ')}`);
  if (file === undefined) return suites;
  return suites.filter((suite) =>
    suite.name === 'solidity' ? file.endsWith('.t.sol') : filesOf(suite, root).includes(file),
  );
}

async function runAll(only: string | undefined, part: Part, endsAt: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(130));
  process.once('exit', () => {
    for (const child of running) kill(child);
  });
  const ran = await runLanes(wantedSuites(only, part.file), part, endsAt);
  const sum = (of: (tally: Tally) => number) => ran.reduce((total, { tally }) => total + of(tally), 0);
  const passed = sum((tally) => tally.passed);
  let failed = sum((tally) => tally.failed);
  if (passed + failed === 0) {
    console.log('\n✖ no test was run');
    failed = 1;
  }
  const took = ran.map(({ suite, minutes }) => `${suite.name} ${minutes.toFixed(1)} of ${suite.minutes}`);
  console.log(`\nminutes: ${took.join(', ')}`);
  for (const { suite, minutes } of ran.filter(({ suite, minutes }) => minutes > suite.minutes))
    console.log(`\n! ${suite.name} took ${minutes.toFixed(1)} minutes, more than its ${suite.minutes}`);
  const skipped = ran.flatMap(({ tally }) => tally.skipped);
  if (skipped.length > 0)
    console.log(`\n!!! ${skipped.length} SKIPPED !!!\n${skipped.map((title) => `  - ${title}`).join('\n')}`);
  // Named once more at the end: of a long run, the end is what is kept.
  const red = ran.flatMap(({ tally }) => tally.red);
  if (red.length > 0) console.log(`\nRED\n${red.map((title) => `  - ${title}`).join('\n')}`);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`, () => process.exit(failed === 0 ? 0 : 1));
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    file: { type: 'string' },
    grep: { type: 'string' },
    within: { type: 'string' },
    suite: { type: 'string' },
  },
});
const here = SUITES.find(({ name }) => name === values.suite);
const part = { file: values.file, grep: values.grep };
const endsAt = values.within === undefined ? Infinity : Number(values.within) * MINUTE_MS;
if (Number.isNaN(endsAt)) throw new Error('--within takes minutes');
await (here === undefined ? runAll(values.only, part, endsAt) : runHere(here, part));
