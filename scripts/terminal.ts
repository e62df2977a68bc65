/**
 * What a command asks of the person in front of it: a passphrase without echo, and a yes.
 *
 * Promises: questions go to standard error, so that standard output holds the answer alone; without a terminal
 * nothing waits, the command ends as not understood and says how to give what was missing.
 */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { isolated } from '../server/domain/base/quoted.ts';
import { NotUnderstood } from './answer.ts';

/** The passphrase of a key ring that exists. */
export async function askPassphrase(): Promise<string> {
  return fromEnvironment('KUDURRU_PASSPHRASE') ?? ask('Passphrase: ', 'KUDURRU_PASSPHRASE');
}

/** A passphrase for a new ring, typed twice: one typed wrong once would lock the keys away. */
export async function askNewPassphrase(
  variable: 'KUDURRU_PASSPHRASE' | 'KUDURRU_NEW_PASSPHRASE',
): Promise<string> {
  const value = fromEnvironment(variable);
  if (value !== undefined) return value;
  const first = await ask('New passphrase: ', variable);
  const second = await ask('Once more: ', variable);
  if (first !== second) throw new NotUnderstood('The two passphrases differ.');
  return first;
}

/** What a person looks for, which stands in no argument: those are seen by everybody on the machine. */
export async function askSought(question: string): Promise<string> {
  const value = fromEnvironment('KUDURRU_SOUGHT');
  if (value !== undefined) return value;
  if (!isTerminal()) throw new NotUnderstood('There is no terminal to type it on: set KUDURRU_SOUGHT.');
  return line(`${question}: `, { echo: true });
}

/** The PIN of a card. */
export async function askPin(): Promise<string> {
  return fromEnvironment('KUDURRU_PIN') ?? ask('PIN: ', 'KUDURRU_PIN');
}

/** Beside the answer, on standard error. What stands in quotes turns nothing around it. */
export function say(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${isolated(line)}\n`);
}

export async function confirm(question: string): Promise<boolean> {
  if (!isTerminal())
    throw new NotUnderstood('There is no terminal to confirm on: read what is signed and pass --yes.');
  return (await line(`${question} Type yes: `, { echo: true })) === 'yes';
}

function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** What was given in the environment: a command that opens two rings reads one passphrase for both. */
const given = new Map<string, string>();

/** Taken out of the environment, so that no child process inherits it. */
function fromEnvironment(variable: string): string | undefined {
  const value = process.env[variable];
  delete process.env[variable];
  if (value !== undefined) given.set(variable, value);
  return given.get(variable);
}

function ask(question: string, variable: string): Promise<string> {
  if (!isTerminal()) {
    throw new NotUnderstood(`There is no terminal to type the passphrase on: set ${variable}.`);
  }
  return line(question, { echo: false });
}

function line(question: string, { echo }: { readonly echo: boolean }): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : nowhere,
    terminal: true,
  });
  process.stderr.write(question); // now that nothing typed is echoed by the terminal itself
  return new Promise((resolve, reject) => {
    reader.once('line', (typed) => {
      resolve(typed);
      reader.close();
    });
    reader.once('close', () => {
      if (!echo) process.stderr.write('\n');
      reject(new NotUnderstood('Interrupted; nothing was done.')); // does nothing after a line
    });
  });
}
