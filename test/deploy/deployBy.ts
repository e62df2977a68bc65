/** The documented command that founds a ledger on a node, as an operator runs it. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Resolves when it has ended, whatever it said. */
export function deployBy(settings: NodeJS.ProcessEnv): Promise<Ended> {
  const tool = path.join(root, 'node_modules/hardhat/dist/src/cli.js');
  const child = spawn(
    process.execPath,
    [tool, ...'ignition deploy deploy/modules/Kudurru.ts --network ledger'.split(' ')],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HARDHAT_IGNITION_CONFIRM_DEPLOYMENT: 'false', ...settings },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
