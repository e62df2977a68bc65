/** The static checks: `npm run check` alone, and the first part of `npm test`. Exit code 1 on any finding. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspectHouse } from './house.ts';

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => path.join(root, 'node_modules', '.bin', name);

function tool(name: string, command: string, args: readonly string[]): CheckResult {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  return { name, ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
}

export function runChecks(): CheckResult[] {
  const findings = inspectHouse(root).map(({ file, problem }) => `${file} ${problem}`);
  return [
    tool('sources are formatted and lint-clean (biome)', bin('biome'), ['check', '.']),
    tool('types hold (tsc)', bin('tsc'), ['-p', '.']),
    tool('contracts are lint-clean (solhint)', bin('solhint'), [
      '--noPoster',
      '--max-warnings',
      '0',
      'contracts/**/*.sol',
    ]),
    tool('contracts are formatted (prettier)', bin('prettier'), ['--check', 'contracts/**/*.sol']),
    { name: 'every file knows its room (house)', ok: findings.length === 0, output: findings.join('\n') },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = runChecks();
  for (const { name, ok, output } of results) console.log(ok ? `ok    ${name}` : `FAIL  ${name}\n${output}`);
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
}
