/**
 * The tree as the checks read it: every file of ours with its text, and the words of the code without its
 * comments and strings. Hides the walk and the little scanner; promises forward slashes and a sorted order.
 * For `house.ts` and the tidy test.
 */
import fs from 'node:fs';
import path from 'node:path';

/** One file of the checkout; `text` is undefined for a binary one. */
export interface SourceFile {
  readonly path: string;
  readonly text: string | undefined;
  readonly bytes: number;
}

/** What git ignores, as far as folders go; the tree is walked without git, which a fresh machine may lack. */
function ignoredFolders(root: string): ReadonlySet<string> {
  const lines = fs.readFileSync(path.join(root, '.gitignore'), 'utf8').split('\n');
  return new Set(['.git', ...lines.filter((line) => line.endsWith('/')).map((line) => line.slice(0, -1))]);
}

/** Every file that belongs to the checkout at `root`. */
export function readTree(root: string): SourceFile[] {
  const ignored = ignoredFolders(root);
  const found: SourceFile[] = [];
  const walk = (folder: string): void => {
    for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!ignored.has(entry.name)) walk(name);
      } else if (entry.isFile() && name !== '.git') {
        const content = fs.readFileSync(path.join(root, name));
        const isBinary = content.includes(0);
        found.push({
          path: name,
          text: isBinary ? undefined : content.toString('utf8'),
          bytes: content.length,
        });
      }
    }
  };
  walk('');
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A string with its escapes, a template, a comment of either kind, or a regular expression where one may stand. */
const LITERAL =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=(?:^|[(,=:[!&|?{};\n>]|\breturn)[ \t]*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/g;

/** The code without comments; strings stay. Line breaks stay, so that a place keeps its line. */
export function withoutComments(text: string): string {
  return text.replace(LITERAL, (found) => (/^\/[/*]/.test(found) ? found.replace(/[^\n]/g, '') : found));
}

/** The code without comments, strings and regular expressions: what is left is names and operators. */
export function wordsOf(text: string): string {
  return text.replace(LITERAL, (found) => found.replace(/[^\n]/g, ''));
}

/** The same with every such character blank: a place in it is the same place in the text. */
export function masked(text: string): string {
  return text.replace(LITERAL, (found) => found.replace(/[^\n]/g, ' '));
}

/** What every string and template of the code holds, as written between its quotation marks. */
export function stringsOf(text: string): string[] {
  return [...text.matchAll(LITERAL)].flatMap(([found]) => (/^['"`]/.test(found) ? [found.slice(1, -1)] : []));
}

/** One import as written: what it names, whether only types cross, and whether it passes on what it takes. */
export interface Import {
  readonly from: string;
  /** What it takes, by the names the other file gives; `*` for everything. */
  readonly names: readonly string[];
  readonly typeOnly: boolean;
  readonly reexport: boolean;
}

const STATIC_IMPORT = /\b(import|export)\s+(type\s+)?([\w\s{},*$]*?)\bfrom\s*"(\d+)"/g;
const BARE_IMPORT = /\bimport\s*"(\d+)"/g;
const DYNAMIC_IMPORT = /\bimport\s*\(\s*(?:"(\d+)")?/g;

/** Every import of a TypeScript or JavaScript source, in no order. A computed `import(...)` is named `?`. */
export function importsOf(text: string): Import[] {
  // Each string is replaced by its number, so that code quoted inside a string is not read as code.
  const strings: string[] = [];
  const code = text.replace(LITERAL, (found) =>
    /^['"]/.test(found) ? `"${strings.push(found.slice(1, -1)) - 1}"` : ' ',
  );
  const named = (index: string | undefined): string => strings[Number(index)] ?? '?';
  return [
    ...[...code.matchAll(STATIC_IMPORT)].map(([, verb, type, clause = '', index]) => ({
      from: named(index),
      names: namesIn(clause),
      typeOnly: type !== undefined,
      reexport: verb === 'export',
    })),
    ...[...code.matchAll(BARE_IMPORT)].map(([, index]) => ({
      from: named(index),
      names: [],
      typeOnly: false,
      reexport: false,
    })),
    ...[...code.matchAll(DYNAMIC_IMPORT)].map(([, index]) => ({
      from: named(index),
      names: ['*'],
      typeOnly: false,
      reexport: false,
    })),
  ];
}

/** The names of `{ a, type B, c as d }` as the other file gives them. */
function namesIn(clause: string): string[] {
  if (clause.includes('*')) return ['*'];
  const [, inside = ''] = /\{([^}]*)\}/.exec(clause) ?? [];
  return inside.split(',').flatMap((one) => /(?:type\s+)?(\w+)/.exec(one.trim())?.[1] ?? []);
}
