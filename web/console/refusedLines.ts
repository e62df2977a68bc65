/**
 * Lines of a file that were refused, or that the gateway asks about: a table in the reader's language, fifty at a time.
 *
 * What is said of a code stands in the files of words; what the gateway adds of this line, as which other line it is like, is
 * its own English.
 */
import { type Child, datum, element, english, type Voice } from '../page/dom.ts';
import type { Key } from '../page/words.ts';
import { pagedTable } from './lists.ts';
import type { Column } from './parts.ts';

export interface RefusedLine {
  readonly line?: number;
  readonly field?: string;
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly answers?: readonly string[];
}

/** Why, and what to do, in the reader's language where there are words for it. */
export function reasonOf(voice: Voice, { code, message, remedy = '' }: RefusedLine): string {
  const key = `line.${code}`;
  if (!voice.speaker.has(key)) return `${message} ${remedy}`.trim();
  return voice.speaker
    .pieces(key)
    .map(({ text }) => text)
    .join('');
}

function reasonNode(voice: Voice, row: RefusedLine): HTMLElement {
  const isKnown = voice.speaker.has(`line.${row.code}`);
  // What names other lines or counts them is of this line alone.
  const isOfThisLine = /\d/.test(row.message);
  return element(
    'div',
    {},
    isKnown && element('p', {}, voice.term('line', row.code)),
    (!isKnown || isOfThisLine) && english(row.message),
    !isKnown && row.remedy !== undefined && english(row.remedy),
  );
}

/** `answering` is a column of what the reader decides of a line; `total` is of all, where the rows are the first of them. */
export function linesTable(
  voice: Voice,
  caption: Key,
  rows: readonly RefusedLine[],
  answering: readonly Column<RefusedLine>[] = [],
  total = rows.length,
): HTMLElement {
  const columns: readonly Column<RefusedLine>[] = [
    { head: 'lines.line', cell: ({ line }) => line !== undefined && datum(voice.speaker.number(line)) },
    { head: 'lines.column', cell: ({ field }) => fieldNode(voice, field) },
    { head: 'lines.why', cell: (row) => reasonNode(voice, row) },
    ...answering,
  ];
  const table = pagedTable(voice, caption, columns, rows);
  if (total <= rows.length) return table;
  const cut = voice.said('lines.cut', { shown: rows.length, total });
  return element('div', {}, element('p', { class: 'warn' }, cut), table);
}

/** A field that this version has words for, or the column as the file calls it. */
function fieldNode(voice: Voice, field: string | undefined): Child {
  if (field === undefined) return undefined;
  return voice.speaker.has(`column.${field}`) ? voice.term('column', field) : datum(field);
}
