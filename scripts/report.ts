/** Reports that are committed: one part for each thing that is run, replaced when that runs again, others left alone. */
import fs from 'node:fs';

export interface Report {
  readonly file: string;
  /** The title and what the report says of itself. */
  readonly head: string;
  /** The names of all parts, in the order they have in the file. */
  readonly names: readonly string[];
}

/** Writes the part, which begins with `## name`; a part whose name is no longer listed leaves the file. */
export function replacePart({ file, head, names }: Report, name: string, part: string): void {
  const before = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split(/^(?=## )/m) : [];
  const isOf = (one: string) => (text: string) => new RegExp(`^## ${one}(?= |$)`, 'm').test(text);
  const parts = names.flatMap((one) => (one === name ? part : (before.find(isOf(one)) ?? [])));
  fs.writeFileSync(file, [head, ...parts].join('\n').replace(/\n{3,}/g, '\n\n'));
}

/** Text inside a cell of a table. */
export const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n/g, ' ');
