/**
 * `npm test`: static checks, then the Solidity tests, then the server tests; the last line counts them all.
 *
 *   npm test -- [--only static|solidity|server] [--grep WORDS]
 *
 * Promises: a suite that ran no test is a failure, never a silence. Exit code 0 only when nothing failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runChecks } from './check.ts';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { only: { type: 'string' }, grep: { type: 'string' } } });

function checkStatically(): Count {
  const results = runChecks();
  for (const { name, ok, output } of results)
    console.log(ok ? `  ok    ${name}` : `  FAIL  ${name}\n${output}`);
  const failed = results.filter(({ ok }) => !ok).length;
  return { passed: results.length - failed, failed };
}

/** Ours print what they count; an exit code without a count would hide a suite that ran nothing. */
function counted(suite: string, passed: number, failed: number, status: number | null): Count {
  if (passed + failed === 0) {
    console.log(`  FAIL  the ${suite} suite ran no test`);
    return { passed, failed: 1 };
  }
  return { passed, failed: status !== 0 && failed === 0 ? 1 : failed };
}

function testContracts(): Count {
  const cli = path.join(root, 'node_modules/hardhat/dist/src/cli.js');
  const args = [cli, 'test', 'solidity', ...(values.grep === undefined ? [] : ['--grep', values.grep])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  process.stdout.write(stdout + stderr);
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0);
  return counted('solidity', number(/(\d+) passing/), number(/(\d+) failing/), status);
}

function testServer(): Count {
  const report = path.join(tmpdir(), `kudurru-mocha-${process.pid}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      path.join(root, 'node_modules/mocha/bin/mocha.js'),
      ...['--reporter', path.join(root, 'test/reporter.cjs'), '--reporter-option', `output=${report}`],
      ...['--timeout', '300000'],
      ...(values.grep === undefined ? [] : ['--grep', values.grep]),
      'test/**/*.test.ts',
    ],
    { cwd: root, stdio: 'inherit' },
  );
  const { passed, failed } = existsSync(report)
    ? (JSON.parse(readFileSync(report, 'utf8')) as Count)
    : { passed: 0, failed: 0 };
  rmSync(report, { force: true });
  return counted('server', passed, failed, status);
}

const SUITES = { static: checkStatically, solidity: testContracts, server: testServer };

const counts = Object.entries(SUITES)
  .filter(([name]) => values.only === undefined || values.only === name)
  .map(([name, run]) => {
    console.log(`\n${name}`);
    return run();
  });
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failed} failed`);
