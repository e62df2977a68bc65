/**
 * Lists of the gateway as tables, fifty rows at a time: how many there are, which of them are shown, and the way on.
 *
 * Promises: where a list goes on stands in the address behind the # sign, so that a page of it is the same after a reload.
 */
import { type Child, datum, element, gap, type Voice } from '../page/dom.ts';
import type { Key } from '../page/words.ts';
import { ask, type Page } from './ask.ts';
import { type Column, type Context, link, table } from './parts.ts';

const ROWS_SHOWN = 50;

/** What a list is called, and what stands in its place while it is empty. */
export interface Listing<T> {
  readonly caption: Key;
  /** Has plurals. */
  readonly count: Key;
  readonly none: Key;
  readonly columns: readonly Column<T>[];
  /** Rows may be of people: the caller marks them as opened. */
  readonly query?: Readonly<Record<string, string>>;
}

export async function listed<T>(
  { voice, hash }: Context,
  place: string,
  { caption, count, none, columns, query = {} }: Listing<T>,
): Promise<HTMLElement> {
  const asked = new URLSearchParams(query);
  asked.set('limit', `${ROWS_SHOWN}`);
  const after = hash.get('after');
  if (after !== null) asked.set('after', after);
  const { rows, total, next } = await ask<Page<T>>(`${place}?${asked}`);
  if (total === 0) return element('p', {}, voice.said(none));
  const before = after === null ? 0 : Number(hash.get('shown') ?? 0);
  const [from, to] = [before + 1, before + rows.length];
  return element(
    'div',
    {},
    element('p', {}, voice.said(count, { count: total })),
    rows.length < total && element('p', {}, voice.said('list.range', { from, to, count: total })),
    table(voice, caption, columns, rows),
    ways(voice, { next, to, isFirst: after === null }),
  );
}

function ways(
  voice: Voice,
  {
    next,
    to,
    isFirst,
  }: { readonly next: string | undefined; readonly to: number; readonly isFirst: boolean },
): Child {
  if (next === undefined && isFirst) return undefined;
  const here = location.pathname;
  return element(
    'p',
    { class: 'ways' },
    !isFirst && link(here, voice.said('list.beginning')),
    !isFirst && gap(),
    next !== undefined &&
      link(`${here}#${new URLSearchParams({ after: next, shown: `${to}` })}`, voice.said('list.next')),
  );
}

/** All of a list that is asked for a part at a time, for what is looked at or chosen from as a whole. */
export async function wholeList<T>(
  place: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly T[]> {
  const all: T[] = [];
  const asked = new URLSearchParams(query);
  for (;;) {
    const { rows, next } = await ask<Page<T>>(`${place}?${asked}`);
    all.push(...rows);
    if (next === undefined) return all;
    asked.set('after', next);
  }
}

/** Rows that are all here, as a table that shows fifty of them at a time and says which. */
export function pagedTable<T>(
  voice: Voice,
  caption: Key,
  columns: readonly Column<T>[],
  rows: readonly T[],
): HTMLElement {
  const whole = element('div');
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
          const said = whole.querySelector('caption');
          said?.setAttribute('tabindex', '-1');
          said?.focus();
        },
      },
      voice.said(label),
    );
  show(0);
  return whole;
}

/** An amount as the gateway writes it. */
export const money = (voice: Voice, written: string): HTMLElement =>
  datum(voice.speaker.money(written), { class: 'figure' });

/** Of units or people, which may be more than a number of JavaScript holds. */
export const figure = (voice: Voice, value: string | number): HTMLElement =>
  datum(voice.speaker.number(BigInt(value)), { class: 'figure' });
