/**
 * How every command answers: the result on standard output in words or as one JSON object, a refusal with its code
 * and remedy, and the exit code.
 *
 * Promises: 0 it was done or the answer is yes; 1 it was refused or the answer is no; 2 the command was not
 * understood, or something it names is not there or cannot be read.
 */
import fs from 'node:fs';
import { Refusal } from '../server/domain/refusal.ts';

export const EXIT_CODES =
  'Exit codes: 0 done, or the answer is yes; 1 refused, or the answer is no; 2 the command was not understood, ' +
  'or something it names is missing or cannot be read.';

/** The command cannot even begin; its message says why, to the person who typed it. */
export class NotUnderstood extends Error {}

export interface AnswerOptions {
  readonly json?: boolean;
}

export async function answer<T>(
  options: AnswerOptions,
  run: () => T | Promise<T>,
  inWords: (result: T) => string,
): Promise<void> {
  try {
    const result = await run();
    console.log(options.json ? JSON.stringify(result) : inWords(result));
  } catch (error) {
    if (error instanceof Refusal) sayRefused(error, options);
    else if (error instanceof NotUnderstood) sayNotUnderstood(error.message, options);
    else if (isOfFileSystem(error)) sayNotUnderstood(`${error.path ?? 'A file'}: ${error.code}`, options);
    else throw error;
  }
}

/** The text of a file that somebody handed over. */
export function readText(file: string, maxBytes: number): string {
  const size = fs.statSync(file).size;
  if (size > maxBytes) throw new NotUnderstood(`${file} is larger than ${maxBytes} bytes.`);
  return fs.readFileSync(file, 'utf8');
}

function sayRefused({ code, message, row, place }: Refusal, { json }: AnswerOptions): void {
  process.exitCode = row.kind === 'malformed' || row.kind === 'missing' ? 2 : 1;
  const at = place.field === undefined ? '' : `\nAt ${place.field}.`;
  if (json) console.log(JSON.stringify({ code, reason: message, remedy: row.remedy, ...place }));
  else console.error(`Refused (${code}): ${message}${at}\n${row.remedy}`);
}

function sayNotUnderstood(reason: string, { json }: AnswerOptions): void {
  process.exitCode = 2;
  if (json) console.log(JSON.stringify({ code: 'not-understood', reason }));
  else console.error(reason);
}

function isOfFileSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
