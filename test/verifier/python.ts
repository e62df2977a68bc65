/**
 * The verifier in Python, run as a process that is given many questions and answers each with a line.
 *
 * `.ci/run` makes the virtual environment that it needs, in `.bootstrap/python`. Where there is none a test skips and says
 * so, but in CI it fails.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { needs } from '../within.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PYTHON = path.join(ROOT, '.bootstrap/python/bin/python');
const HOW = [
  'python3 -m venv .bootstrap/python',
  '.bootstrap/python/bin/pip install --require-hashes -r docs/verifier/requirements.txt',
];

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const hasPython = () => existsSync(PYTHON);

/** Skips what runs the verifier where its environment is not there, and says how to make it. */
export function needsPython(test: Mocha.Context): void {
  needs(test, `the environment of the verifier (${HOW.join('; ')})`, hasPython());
}

const INTO_FULL = 'exec "$0" "$@" > /dev/full';

/** Where its answer goes: to who reads it, to nobody any more, or to a disk that is full. */
type Output = 'read' | 'closed' | 'full';

/** Runs the verifier with these arguments. */
export async function verifier(
  args: readonly string[],
  input: string | Uint8Array = '',
  output: Output = 'read',
): Promise<Ran> {
  const [command, before] = output === 'full' ? ['/bin/sh', ['-c', INTO_FULL, PYTHON]] : [PYTHON, []];
  const child = spawn(command, [...before, '-m', 'kudurru_verifier', ...args], {
    cwd: path.join(ROOT, 'docs/verifier'),
    env: { ...process.env, PYTHONPYCACHEPREFIX: path.join(ROOT, '.bootstrap/pycache') },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined); // of a command that reads no input
  child.stdin.end(input);
  if (output === 'closed') child.stdout.destroy();
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const told = output === 'closed' ? '' : text(child.stdout);
  const [stdout, stderr, code] = await Promise.all([told, text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** A certificate, the evidence of a head, or the node of a ledger, to be judged by the text of a trust file. */
export type Question =
  | { readonly audit: string; readonly trust: string }
  | { readonly certificate: string; readonly trust: string }
  | { readonly head: string; readonly trust: string };

/** What the verifier says of each, in one process. */
export async function judgedByPython<T>(questions: readonly Question[]): Promise<readonly T[]> {
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
  const { code, stdout, stderr } = await verifier(['many'], input);
  if (code !== 0) throw new Error(`the verifier in Python ended with ${code}: ${stderr}${stdout}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** Runs lines of Python that import from the verifier: what they print of what they are given. */
export async function inPython(script: string, input: string): Promise<string> {
  const child = spawn(PYTHON, ['-c', script], {
    cwd: path.join(ROOT, 'docs/verifier'),
    env: { ...process.env, PYTHONPYCACHEPREFIX: path.join(ROOT, '.bootstrap/pycache') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(input);
  return text(child.stdout);
}
