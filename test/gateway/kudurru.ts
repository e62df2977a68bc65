/** Runs the real command in a real process. Exactly the environment that is given, so that nothing leaks in. */
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { within } from '../within.ts';
import { ENVIRONMENT } from './environment.ts';

/** A whole demonstration on a machine that many share; a command that waits for what never comes is ended. */
const COMMAND_MS = 240_000;
/** What a person is asked on a terminal. */
const TERMINAL_MS = 120_000;

export const COMMAND = path.resolve(import.meta.dirname, '../../scripts/kudurru.ts');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** For `--import`: any socket that is opened ends the process. */
export const NO_NETWORK = `data:text/javascript,${encodeURIComponent(`
  import net from 'node:net';
  import dns from 'node:dns';
  const stop = () => { process.stdout.write('NETWORK'); process.exit(99); };
  net.Socket.prototype.connect = stop;
  dns.lookup = stop;
  globalThis.fetch = stop;
`)}`;

export function kudurru(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = '.'): Ran {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    encoding: 'utf8',
    timeout: COMMAND_MS,
    killSignal: 'SIGKILL',
  });
  if (error !== undefined) throw new Error(`kudurru ${args.join(' ')}: ${error.message}`);
  return { code: status, stdout, stderr };
}

/** The same while the caller goes on, so that connections that are kept open are seen to close. */
export async function kudurruBeside(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = '.',
  patienceMs = COMMAND_MS,
): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { ...ENVIRONMENT, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return within(patienceMs, `kudurru ${args.join(' ')}`, ended).finally(() => child.kill('SIGKILL'));
}

/** Whether this machine has a command that gives a terminal to a program. */
export const hasTerminal = spawnSync('script', ['--version']).status === 0;

/** The same on a terminal where a person answers each question when it is asked. */
export function onTerminal(
  args: readonly string[],
  answers: Readonly<Record<string, string>>,
  cwd = '.',
): Promise<Ran> {
  const line = [process.execPath, COMMAND, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', line, '/dev/null'], { cwd, env: ENVIRONMENT });
  const open = new Map(Object.entries(answers));
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const [question, typed] of open) {
      if (!stdout.includes(question)) continue;
      open.delete(question);
      child.stdin.write(`${typed}\r`);
    }
  });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr: '' }));
  });
  return within(TERMINAL_MS, `kudurru ${args.join(' ')}`, ended).finally(() => child.kill('SIGKILL'));
}
