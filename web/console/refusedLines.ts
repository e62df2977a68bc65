/**
 * Lines of a file that were refused, or that the gateway asks about: a table in the reader's language, fifty at a time.
 *
 * What is said of a code stands in the files of words; what the gateway adds of this line, as which other line it is like, is
 * its own English.
 */
import { type Child, datum, element, english, type Voice } from '../page/dom.ts';
import type { Key } from '../page/words.ts';
import { type Column, table } from './parts.ts';

export interface RefusedLine {
  readonly line?: number;
  readonly field?: string;
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  readonly answers?: readonly string[];
}

const ROWS_SHOWN = 50;

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

/** `answering` is a column of what the reader decides of a line. */
export function linesTable(
  voice: Voice,
  caption: Key,
  rows: readonly RefusedLine[],
  answering: readonly Column<RefusedLine>[] = [],
): HTMLElement {
  const whole = element('div');
  const columns: readonly Column<RefusedLine>[] = [
    { head: 'lines.line', cell: ({ line }) => line !== undefined && datum(voice.speaker.number(line)) },
    { head: 'lines.column', cell: ({ field }) => fieldNode(voice, field) },
    { head: 'lines.why', cell: (row) => reasonNode(voice, row) },
    ...answering,
  ];
  const show = (from: number): void => {
    const shown = rows.slice(from, from + ROWS_SHOWN);
    const count = rows.length;
    const isPart = shown.length < count;
    const range = { from: from + 1, to: from + shown.length, count };
    whole.replaceChildren(
      ...[
        isPart && element('p', {}, voice.said('list.range', range)),
        table(voice, caption, columns, shown),
        isPart &&
          element(
            'p',
            { class: 'ways' },
            from > 0 && step('list.before', from - ROWS_SHOWN),
            from + ROWS_SHOWN < count && step('list.next', from + ROWS_SHOWN),
          ),
      ].filter((node): node is HTMLElement => node instanceof Node),
    );
  };
  const step = (label: Key, from: number): HTMLElement =>
    element(
      'button',
      {
        type: 'button',
        class: 'plain',
        click: () => {
          show(from);
          const caption = whole.querySelector('caption');
          caption?.setAttribute('tabindex', '-1');
          caption?.focus();
        },
      },
      voice.said(label),
    );
  show(0);
  return whole;
}

/** A field that this version has words for, or the column as the file calls it. */
function fieldNode(voice: Voice, field: string | undefined): Child {
  if (field === undefined) return undefined;
  return voice.speaker.has(`column.${field}`) ? voice.term('column', field) : datum(field);
}
