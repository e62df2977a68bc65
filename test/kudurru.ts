/** Runs the real command in a real process. Exactly the environment that is given, so that nothing leaks in. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const COMMAND = path.resolve(import.meta.dirname, '../scripts/kudurru.ts');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function kudurru(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = '.'): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}
