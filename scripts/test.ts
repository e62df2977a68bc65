/**
 * `npm test`: the static checks, the Solidity tests, the server's tests, in this order, all of them even when
 * one fails. Promises that the last line is exactly `N passed, N failed` over everything, that the exit code
 * agrees with it, and that a suite which ran nothing counts as a failure.
 *
 *   npm test -- [--only static|solidity|server] [--grep WORDS]
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import Mocha from 'mocha';
import config from '../hardhat.config.ts';
import { runChecks, staticChecks, type Tally } from './check.ts';

const root = path.resolve(import.meta.dirname, '..');

const SUITES = ['static', 'solidity', 'server'] as const;
type Suite = (typeof SUITES)[number];

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

async function runSolidity(grep: string | undefined): Promise<Tally> {
  console.log('\nSolidity tests\n');
  // The network is named so that the tests run under its fork, which is the ledger's.
  const hre = await createHardhatRuntimeEnvironment(config, { network: 'default' }, root);
  const result = await hre.tasks.getTask(['test', 'solidity']).run(grep === undefined ? {} : { grep });
  const { suiteResults }: SolidityRun = result.success ? result.value : result.error;
  const tests = suiteResults.flatMap(({ id, testResults }) =>
    testResults.map(({ name, status }) => ({ title: `${id.name} ${name}`, status })),
  );
  const withStatus = (status: string) => tests.filter((test) => test.status === status);
  const failed = withStatus('Failure').length;
  return {
    passed: withStatus('Success').length,
    // The task may fail without a failed test: then the failure is the run's own.
    failed: failed === 0 && !result.success ? 1 : failed,
    skipped: withStatus('Skipped').map(({ title }) => title),
  };
}

async function runServer(grep: string | undefined): Promise<Tally> {
  console.log('\nServer tests');
  const { timeout, slow }: { timeout: number; slow: number } = JSON.parse(
    fs.readFileSync(path.join(root, '.mocharc.json'), 'utf8'),
  );
  const mocha = new Mocha({ reporter: 'spec', timeout, slow, ...(grep === undefined ? {} : { grep }) });
  for (const file of fs.globSync('test/**/*.test.ts', { cwd: root }).sort())
    mocha.addFile(path.join(root, file));
  await mocha.loadFilesAsync();
  return new Promise((resolve) => {
    const skipped: string[] = [];
    const runner = mocha.run(() => {
      // A hook that fails ends its tests without one of them failing; mocha counts it among the failures.
      resolve({ passed: runner.stats?.passes ?? 0, failed: runner.failures, skipped });
    });
    runner.on('pending', (test) => skipped.push(test.fullTitle()));
  });
}

const RUN: Record<Suite, (grep: string | undefined) => Promise<Tally>> = {
  static: runStatic,
  solidity: runSolidity,
  server: runServer,
};

/** A suite that breaks down is a failure like any other: the ones after it still run. */
async function runSuite(suite: Suite, grep: string | undefined): Promise<Tally> {
  try {
    const tally = await RUN[suite](grep);
    // With --grep a suite may have nothing of the kind; the sum over all is looked at instead.
    if (grep !== undefined || tally.passed + tally.failed > 0) return tally;
    console.log(`\n✖ the ${suite} suite ran no test`);
  } catch (error) {
    console.error(`\n✖ the ${suite} suite broke down:`, error);
  }
  return { passed: 0, failed: 1, skipped: [] };
}

function wantedSuites(only: string | undefined): Suite[] {
  if (only === undefined) return [...SUITES];
  const suites = SUITES.filter((suite) => suite === only);
  if (suites.length === 0) throw new Error(`--only takes ${SUITES.join(', ')}`);
  return suites;
}

const { values } = parseArgs({ options: { only: { type: 'string' }, grep: { type: 'string' } } });
let passed = 0;
let failed = 0;
const skipped: string[] = [];
for (const suite of wantedSuites(values.only)) {
  const tally = await runSuite(suite, values.grep);
  passed += tally.passed;
  failed += tally.failed;
  skipped.push(...tally.skipped);
}
if (passed + failed === 0) {
  console.log('\n✖ no test was run');
  failed = 1;
}
if (skipped.length > 0)
  console.log(`\n${skipped.length} SKIPPED:\n${skipped.map((t) => `  - ${t}`).join('\n')}`);
// Written and flushed before leaving: a test's forgotten timer must not keep the run alive, nor cut its last line.
process.stdout.write(`\n${passed} passed, ${failed} failed\n`, () => process.exit(failed === 0 ? 0 : 1));
