/**
 * How every command answers: the result on standard output in words or as one JSON object, a refusal with its code
 * and remedy, and the exit code.
 *
 * Promises: 0 it was done or the answer is yes; 1 it was refused or the answer is no; 2 the command was not
 * understood, or something it names is not there or cannot be read; 3 the command itself failed, which is no answer and
 * has a code of its own so that no script takes it for a no.
 */
import fs from 'node:fs';
import { Fault } from '../server/domain/base/fault.ts';
import { textOfUtf8 } from '../server/domain/base/hex.ts';
import { Refusal } from '../server/domain/base/refusal.ts';

export const EXIT_CODES =
  'Exit codes: 0 done, or the answer is yes; 1 refused, or the answer is no; 2 the command was not understood, ' +
  'or something it names is missing or cannot be read; 3 the command itself failed, which is no answer.';

/** The command cannot even begin; its message says why, to the person who typed it. */
export class NotUnderstood extends Error {}

/** One line of a file and why it was not taken. */
export interface RefusedLine {
  readonly line?: number;
  /** Its number in a map, which may have all of them on one line. */
  readonly feature?: number;
  readonly field?: string;
  /** Where in what was sent it stands, where that was no file. */
  readonly pointer?: string;
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

/** How many of each code. */
export type Counts = Readonly<Record<string, number>>;

export function countsOf(lines: readonly RefusedLine[]): Counts {
  const byCode = Map.groupBy(lines, ({ code }) => code);
  return Object.fromEntries([...byCode].map(([code, { length }]) => [code, length]));
}

/** What was refused elsewhere, by a gateway or line by line: a `Refusal` of ours comes as itself. */
export class Refused extends Error {
  readonly code: string;
  readonly remedy: string | undefined;
  readonly lines: readonly RefusedLine[];

  constructor(
    code: string,
    reason: string,
    { remedy, lines = [] }: { readonly remedy?: string | undefined; readonly lines?: readonly RefusedLine[] },
  ) {
    super(reason);
    this.name = 'Refused';
    this.code = code;
    this.remedy = remedy;
    this.lines = lines;
  }
}

export interface AnswerOptions {
  readonly json?: boolean;
  /** A file or folder that the command makes: one that is there is left alone, and nothing is asked of anybody. */
  readonly out?: string | undefined;
}

export async function answer<T>(
  options: AnswerOptions,
  run: () => T | Promise<T>,
  inWords: (result: T) => string,
): Promise<void> {
  try {
    if (options.out !== undefined && fs.existsSync(options.out)) throw isThere(options.out);
    const result = await run();
    console.log(options.json ? JSON.stringify(result) : inWords(result));
  } catch (error) {
    if (error instanceof Refusal) sayRefusal(error, options);
    else if (error instanceof Refused) sayRefused(error, options);
    else if (error instanceof NotUnderstood) sayNotUnderstood(error.message, options);
    else if (isOfFileSystem(error)) sayNotUnderstood(fileInWords(error), options);
    else if (error instanceof Fault) sayNotUnderstood(faultInWords(error), options);
    else sayFailed(error, options);
  }
}

/** With why a node did not serve, where it answered, by the name that readiness has for it. */
export function faultInWords({ message, cause }: Fault): string {
  return cause instanceof Refusal ? `${message}: ${cause.code}: ${cause.message}` : message;
}

const isThere = (file: string) => new NotUnderstood(`${file} is there already: name another file.`);

/** Of the commonest, what a person would say; of any other its code, for whoever keeps the machine. */
const OF_FILES: Readonly<Record<string, string>> = {
  EEXIST: 'is there already: name another file.',
  ENOENT: 'is not there.',
  EISDIR: 'is a folder, and no file.',
  ENOTDIR: 'lies below something that is no folder.',
  EACCES: 'is not for you to read, or to write.',
};

function fileInWords({ path: file = 'A file', code = '' }: NodeJS.ErrnoException): string {
  const words = OF_FILES[code];
  return words === undefined ? `${file}: ${code}` : `${file} ${words}`;
}

/** A mistake of ours: where it is, for whoever mends it, in one line. */
function sayFailed(error: unknown, { json }: AnswerOptions): void {
  process.exitCode = 3;
  const { name, message, stack = '' } = error instanceof Error ? error : new Error('no error');
  const place = /([\w.]+\.m?[jt]s:\d+)/.exec(stack.slice(stack.indexOf('\n')))?.[1] ?? 'a place unknown';
  const reason = `The command itself failed (${name} in ${place}: ${message}). This is no answer: tell who keeps the software.`;
  if (json) console.log(JSON.stringify({ code: 'command-failed', reason }));
  else console.error(reason);
}

/** Of a command whose answer is a record to hand over: the words of it are the file. */
export const asRecord = (record: object): string => JSON.stringify(record, undefined, 2);

/** The text of a file that somebody handed over. */
export function readText(file: string, maxBytes: number): string {
  const size = fs.statSync(file).size;
  if (size > maxBytes) throw new NotUnderstood(`${file} is larger than ${maxBytes} bytes.`);
  const text = textOfUtf8(fs.readFileSync(file));
  if (text === undefined) throw new NotUnderstood(`${file} is not text in UTF-8.`);
  return text;
}

/** What a person typed, by what it was sent as. */
const TYPED: readonly (readonly [sent: RegExp, typed: string])[] = [
  [/in the header `X-Case-Reference`/g, 'with `--case`'],
  [/`?X-Case-Reference`?/gi, '`--case`'],
  [/`?Authorization(?:: Bearer(?: \S+)?)?`?/g, '`--token`'],
  [/\/header\/x-case-reference/g, '--case'],
];

/** A gateway speaks of headers and queries; whoever typed a command knows its options. */
function asTyped(words: string): string {
  const said = TYPED.reduce((text, [sent, typed]) => text.replace(sent, typed), words);
  return said
    .replace(/\/path\/(\w+)/g, '<$1>')
    .replace(
      /\/query\/(\w+)/g,
      (_, name: string) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    );
}

const LINES_SHOWN = 10;

/** The first lines of many, for a person. */
export function refusedLinesInWords(lines: readonly RefusedLine[], indent: string): string[] {
  const shown = lines.slice(0, LINES_SHOWN).map(({ line, pointer = 'the file', code, message }) => {
    const place = line === undefined ? asTyped(pointer) : `line ${line}`;
    return `${indent}${place}: ${code}. ${asTyped(message)}`;
  });
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `${indent}and ${more} more`] : shown;
}

function sayRefusal({ code, message, row, place }: Refusal, { json }: AnswerOptions): void {
  process.exitCode = row.kind === 'malformed' || row.kind === 'missing' ? 2 : 1;
  const at = place.field === undefined ? '' : `\nAt ${place.field}.`;
  if (json) console.log(JSON.stringify({ code, reason: message, remedy: row.remedy, ...place }));
  else console.error(`Refused (${code}): ${message}${at}\n${row.remedy}`);
}

function sayRefused({ code, message, remedy, lines }: Refused, { json }: AnswerOptions): void {
  process.exitCode = 1;
  if (json) console.log(JSON.stringify({ code, reason: message, remedy, refused: lines }));
  else {
    const words = [
      `Refused (${code}): ${asTyped(message)}`,
      ...refusedLinesInWords(lines, '  '),
      asTyped(remedy ?? ''),
    ];
    console.error(words.filter((line) => line !== '').join('\n'));
  }
}

function sayNotUnderstood(reason: string, { json }: AnswerOptions): void {
  process.exitCode = 2;
  if (json) console.log(JSON.stringify({ code: 'not-understood', reason }));
  else console.error(reason);
}

function isOfFileSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
