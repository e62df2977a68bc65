/**
 * Runs named tests of one kind in the checkout that is the working directory, and writes what came of each as the
 * last line of its output. A process of its own, since Hardhat and mocha keep what they have loaded.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TaskManager } from 'hardhat/types/tasks';
import { LOADED, OUTCOME, type Outcome } from './outcome.ts';
import type { NamedTest } from './plants.ts';

const root = process.cwd();

async function hardhat() {
  const { createHardhatRuntimeEnvironment } = await import('hardhat/hre');
  const { default: config } = await import(pathToFileURL(path.join(root, 'hardhat.config.ts')).href);
  return createHardhatRuntimeEnvironment(config, { network: 'default' }, root);
}

async function runSolidity(files: readonly string[], grep?: string): Promise<Outcome> {
  const { tasks } = await hardhat();
  if (!(await isCompiled(tasks))) return { kind: 'does not build' };
  const task = tasks.getTask(['test', 'solidity']);
  const result = await task
    .run({ testFiles: [...files], ...(grep !== undefined && { grep }) })
    .catch(() => undefined);
  if (result === undefined) return { kind: 'does not build' };
  const { suiteResults } = result.success ? result.value : result.error;
  const ran = suiteResults.flatMap(
    ({ testResults }: { testResults: readonly { name: string; status: string }[] }) =>
      testResults.map(({ name, status }) => ({
        title: name.replace(/\(.*$/, ''),
        passed: status === 'Success',
      })),
  );
  return { kind: 'ran', tests: ran };
}

/** Whole files up to the last of the named tests, as a walk's test stands on the ones before it. */
async function runMocha(
  files: readonly string[],
  bail: boolean,
  named: readonly string[] = [],
): Promise<Outcome> {
  const { default: Mocha } = await import('mocha');
  const { timeout } = JSON.parse(fs.readFileSync(path.join(root, '.mocharc.json'), 'utf8'));
  const mocha = new Mocha({ timeout, bail });
  for (const file of files) mocha.addFile(path.join(root, file));
  try {
    await mocha.loadFilesAsync();
  } catch (error) {
    console.error(error);
    return { kind: 'does not build' };
  }
  console.log(LOADED);
  const ran: { title: string; passed: boolean }[] = [];
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (test) => ran.push({ title: test.fullTitle(), passed: true }));
    runner.on('fail', (test) => ran.push({ title: test.fullTitle(), passed: false })); // hooks too
    // A title may be of several tests, of which the last counts as well.
    const awaited: string[] = [];
    mocha.suite.eachTest((test) => {
      if (named.some((words) => test.fullTitle().includes(words))) awaited.push(test.fullTitle());
    });
    let left = awaited.length;
    runner.on('test end', (test) => {
      if (awaited.includes(test.fullTitle())) left--;
      if (named.length > 0 && left === 0) runner.abort();
    });
  });
  return { kind: 'ran', tests: ran };
}

/** The contracts compiled, for tests that read what the compiler left. */
async function build(): Promise<Outcome> {
  const { tasks } = await hardhat();
  return (await isCompiled(tasks)) ? { kind: 'ran', tests: [] } : { kind: 'does not build' };
}

const isCompiled = (tasks: TaskManager): Promise<boolean> =>
  tasks
    .getTask('build')
    .run({ noTests: true, quiet: true })
    .then(
      () => true,
      () => false,
    );

const [what = '', argument = '[]'] = process.argv.slice(2);
const filesOf = (tests: readonly NamedTest[]) => [...new Set(tests.map(({ file }) => file))];
const run: Record<string, () => Promise<Outcome>> = {
  build,
  solidity: () => {
    const tests: NamedTest[] = JSON.parse(argument);
    return runSolidity(filesOf(tests), `^(${tests.map(({ named }) => named).join('|')})\\(`);
  },
  mocha: () => {
    const tests: NamedTest[] = JSON.parse(argument);
    return runMocha(
      filesOf(tests),
      false,
      tests.map(({ named }) => named),
    );
  },
  files: () => {
    const files: string[] = JSON.parse(argument);
    return files.some((file) => file.endsWith('.sol')) ? runSolidity(files) : runMocha(files, true);
  },
};
const outcome = await run[what]?.();
// Written and flushed before leaving: what a test left open must not keep the process.
if (outcome !== undefined)
  process.stdout.write(`\n${OUTCOME}${JSON.stringify(outcome)}\n`, () => process.exit(0));
