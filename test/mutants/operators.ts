/**
 * The ways in which a source is bent: each operator finds its places in TypeScript or Solidity and says what would stand
 * there. Pure, over text; comments, strings and regular expressions are never touched. For `mutants.ts`.
 *
 * Our formatter makes small patterns enough: one statement a line, spaces around operators, and none inside brackets of
 * types. What a bent source means is left to the type checker and the tests.
 */
import { masked } from '../../scripts/source.ts';

/** One place, and what would stand there instead. */
export interface Mutant {
  readonly file: string;
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Finds places in the code as it is, by the same code with literals blanked. */
type Operator = (code: string, text: string) => Iterable<Found>;

/** Each match of the pattern, replaced by what the table has for it. */
const swaps =
  (pattern: RegExp, table: Readonly<Record<string, string>>): Operator =>
  (code) =>
    [...code.matchAll(pattern)].flatMap(({ 0: found, index }) => {
      const replacement = table[found.trim()];
      if (replacement === undefined) return [];
      const start = index + found.indexOf(found.trim());
      return { start, end: start + found.trim().length, replacement };
    });

/** Where the bracket that opens at `start` closes; -1 where it never does. */
function closing(code: string, start: number): number {
  let depth = 0;
  for (let i = start; i < code.length; i++) {
    if (code[i] === '(') depth++;
    if (code[i] === ')' && --depth === 0) return i;
  }
  return -1;
}

/** Whole lines that match, blanked. */
const drops =
  (pattern: RegExp): Operator =>
  (code) =>
    [...code.matchAll(pattern)].map(({ 0: line, index }) => ({
      start: index,
      end: index + line.length,
      replacement: '',
    }));

/** Numbers of every writing, one higher: `12`, `1_000`, `3n`, `2 days` without its unit. */
function* oneHigher(code: string): Generator<Found> {
  for (const { 0: found, index } of code.matchAll(/(?<![\w.#$])\d[\d_]*n?(?![\w.])/g)) {
    const value = BigInt(found.replace(/[_n]/g, ''));
    const replacement = `${value + 1n}${found.endsWith('n') ? 'n' : ''}`;
    yield { start: index, end: index + found.length, replacement };
  }
}

function* negated(code: string, text: string): Generator<Found> {
  for (const { 0: found, index } of code.matchAll(/\b(?:if|while) \(/g)) {
    const start = index + found.length - 1;
    const end = closing(code, start);
    if (end > 0) yield { start: start + 1, end, replacement: `!(${text.slice(start + 1, end)})` };
  }
}

/** A condition that never holds: the branch, or the check, is gone. */
function* neverEntered(code: string): Generator<Found> {
  for (const { 0: found, index } of code.matchAll(/\bif \(/g)) {
    const start = index + found.length - 1;
    const end = closing(code, start);
    // `as boolean`, so that the type checker does not call the branch unreachable.
    if (end > 0) yield { start: start + 1, end, replacement: 'false' };
  }
}

/** `a && b` without `a`, or without `b`, where each is a plain comparison, call or name on one line. */
function* oneSide(code: string, text: string): Generator<Found> {
  for (const { 0: found, 1: left = '', index } of code.matchAll(
    /([!\w.#?[\]]+(?:\([\w.#, ]*\))?(?: [=!<>]=*\s[\w.#]+)?) (?:&&|\|\|) /g,
  )) {
    if (left !== '') yield { start: index, end: index + found.length, replacement: '' };
  }
  for (const { 0: found, index } of code.matchAll(
    / (?:&&|\|\|) [!\w.#?[\]]+(?:\([\w.#, ]*\))?(?: [=!<>]=*\s[\w.#]+)?(?=[);,])/g,
  )) {
    // Cut at the end of what was matched; a literal in it was blanked and is cut with it.
    if (text[index] === ' ') yield { start: index, end: index + found.length, replacement: '' };
  }
}

function* swappedArguments(code: string): Generator<Found> {
  for (const { 0: found, 1: first = '', 2: second = '', index } of code.matchAll(
    /\((\w[\w.]*), (\w[\w.]*)\)(?! =>| \{|:)/g,
  )) {
    if (first !== second)
      yield { start: index, end: index + found.length, replacement: `(${second}, ${first})` };
  }
}

const COMPARISONS = {
  '===': '!==',
  '!==': '===',
  '==': '!=',
  '!=': '==',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
};

/** The operators by name; each stands in the report of a run. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  'negate a condition': negated,
  'never enter a branch': neverEntered,
  'swap a comparison': swaps(/ (?:[=!]==?|[<>]=?) /g, COMPARISONS),
  'swap and with or': swaps(/ (?:&&|\|\|) /g, { '&&': '||', '||': '&&' }),
  'drop one side': oneSide,
  'one higher': oneHigher,
  'swap arithmetic': swaps(/ [-+*/%] /g, { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*' }),
  'turn a boolean': swaps(/\b(?:true|false)\b/g, { true: 'false', false: 'true' }),
  'drop a call': drops(/^ +(?:await |void |emit )?[\w.#]+(?:\.\w+)*\(.*\);$/gm),
  'drop a check': drops(/^ +if \(.*\) (?:throw|revert|return)\b.*;$/gm),
  'drop an assignment': drops(/^ +(?:this\.)?[\w.#[\]]+ [-+|&]?= .*;$/gm),
  'return early': (code) =>
    [...code.matchAll(/^ {2,}(?=(?:await |void |emit )?[\w.#]+\(.*\);$)/gm)].map(({ 0: indent, index }) => ({
      start: index,
      end: index + indent.length,
      replacement: `${indent}return; `,
    })),
  'drop an await': swaps(/\bawait (?=\w)/g, { await: '' }),
  'swap arguments': swappedArguments,
  'every or some': swaps(/\.(?:every|some)(?=\()/g, { '.every': '.some', '.some': '.every' }),
  'most or least': swaps(/\bMath\.(?:min|max)\b/g, { 'Math.min': 'Math.max', 'Math.max': 'Math.min' }),
};

/** Lines that say what is imported, or of what type something is, have nothing to bend. */
const IDLE_LINE = /^\s*(?:import |export type |type |interface |} from |pragma |\/\/|\*)/;

/** Every mutant of one source. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const code = masked(text);
  return Object.entries(OPERATORS).flatMap(([operator, find]) =>
    [...find(code, text)]
      .filter(({ start }) => !IDLE_LINE.test(lineAt(text, start)))
      .map(({ start, end, replacement }) => ({ file, operator, start, end, replacement })),
  );
}

function lineAt(text: string, place: number): string {
  const start = text.lastIndexOf('\n', place - 1) + 1;
  const end = text.indexOf('\n', place);
  return text.slice(start, end < 0 ? text.length : end);
}

/** The source with the mutant in it. */
export function bent(text: string, { start, end, replacement }: Mutant): string {
  return `${text.slice(0, start)}${replacement}${text.slice(end)}`;
}

/** What a reader needs: the number of the line, and the line before and after, without their indents. */
export function changeOf(text: string, mutant: Mutant): { line: number; before: string; after: string } {
  const lineEnd = text.indexOf('\n', Math.max(mutant.start, mutant.end - 1));
  const lineStart = text.lastIndexOf('\n', mutant.start - 1) + 1;
  const before = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd);
  const after = bent(text, mutant).slice(
    lineStart,
    lineStart + before.length + mutant.replacement.length - (mutant.end - mutant.start),
  );
  return {
    line: text.slice(0, mutant.start).split('\n').length,
    before: before.trim(),
    after: after.trim(),
  };
}
