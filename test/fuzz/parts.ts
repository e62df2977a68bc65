/** Parts of a long run that were played already, in the file of a setting: a run that was stopped goes on where it was. */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CONTRACT_NAMES, contractOf } from '../../server/ledger/contracts.ts';

export interface Parts<T> {
  readonly played: Readonly<Record<string, T>>;
  keep(number: number, part: T): void;
}

/** Those that were played over the same contracts, the same folders and the same words; in memory where no file is named. */
export function openParts<T>(
  file: string | undefined,
  { folders, words }: { readonly folders: readonly string[]; readonly words: readonly string[] },
): Parts<T> {
  const print = printOf(folders, words);
  const played: Record<string, T> = file === undefined ? {} : readParts(file, print);
  return {
    played,
    keep(number, part) {
      played[number] = part;
      if (file === undefined) return;
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(`${file}.new`, JSON.stringify({ print, played }));
      fs.renameSync(`${file}.new`, file);
    },
  };
}

function readParts<T>(file: string, print: string): Record<string, T> {
  if (!fs.existsSync(file)) return {};
  const kept = JSON.parse(fs.readFileSync(file, 'utf8')) as { print: string; played: Record<string, T> };
  return kept.print === print ? kept.played : {};
}

function printOf(folders: readonly string[], words: readonly string[]): string {
  const hash = createHash('sha256').update(words.join('\n'));
  for (const name of CONTRACT_NAMES) hash.update(contractOf(name).deployedBytecode);
  for (const folder of folders) {
    const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    for (const file of files.filter((one) => one.endsWith('.ts')))
      hash.update(file).update(fs.readFileSync(path.join(folder, file)));
  }
  return hash.digest('hex');
}
