/** What several pages are made of: fields, tables, errors in three sentences, files to keep. */
import { type Child, datum, element, english, type Voice } from '../page/dom.ts';
import { button, type FieldOptions, inputField, sayIn, type Values, workForm } from '../page/forms.ts';
import type { Key } from '../page/words.ts';
import { Told } from './ask.ts';
import { Mistake } from './mistake.ts';

/** What a page is given. */
export interface Context {
  readonly voice: Voice;
  /** The parts of the address behind the language. */
  readonly path: readonly string[];
  /** What stands behind the # sign: it is sent to nobody. */
  readonly hash: URLSearchParams;
  /** The address of a page in the reader's language. */
  to(...parts: readonly string[]): string;
  go(place: string): void;
  /** Said to who does not see the page change. */
  announce(key: Key, values?: Readonly<Record<string, string | number>>): void;
  readonly isIn: (role: string) => boolean;
  readonly isSignedIn: boolean;
}

export interface Shown {
  readonly title: Key;
  readonly nodes: readonly Child[];
}

export type PageMaker = (context: Context) => Promise<Shown>;

export const field = (voice: Voice, options: FieldOptions): HTMLElement => inputField(voice, options).node;

/** One of several; without one that is chosen, whoever asks must choose. */
export function choice(
  voice: Voice,
  name: string,
  label: Key,
  all: readonly string[],
  chosen?: string,
): HTMLElement {
  return element(
    'p',
    { class: 'field' },
    element('label', { for: name }, voice.said(label)),
    element(
      'select',
      { id: name, name },
      chosen === undefined && element('option', { value: '' }, voice.said('choice.none')),
      ...all.map((one) => element('option', { value: one, selected: one === chosen }, voice.term(name, one))),
    ),
  );
}

/** Yes or no; what is not ticked is not among the values of the form. */
export const tick = (voice: Voice, name: string, label: Key): HTMLElement =>
  element(
    'p',
    { class: 'tick' },
    element('input', { type: 'checkbox', id: name, name }),
    element('label', { for: name }, voice.said(label)),
  );

/** A form with one button. */
export const form = (
  voice: Voice,
  label: Key,
  fields: readonly Child[],
  run: (values: Values) => Promise<void>,
): HTMLFormElement =>
  workForm({
    fields,
    buttons: [button(voice, label, undefined)],
    run,
    wrong: (error) => errorNodes(voice, error),
  });

/** What happened, what was not done, what to do. */
export function errorNodes(voice: Voice, error: unknown): readonly Node[] {
  if (error instanceof Mistake) return [element('p', {}, voice.said(error.key, error.values))];
  if (!(error instanceof Told)) return brokenNodes(voice, error);
  const { code, message, remedy, status } = error;
  if (status === 401) return [element('p', {}, voice.said('error.signedOut')), signInBeside(voice)];
  if (code === 'session-of-another')
    return [element('p', {}, voice.said('error.otherPerson')), signInBeside(voice)];
  if (code === undefined) return [element('p', {}, voice.said('error.silent'))];
  return [
    element('p', {}, voice.said('error.refused')),
    voice.speaker.language !== 'en' && element('p', { class: 'hint' }, voice.said('error.inEnglish')),
    english(message),
    element('p', {}, voice.said('error.notDone')),
    english(remedy),
    element('p', { class: 'hint' }, voice.said('error.code', { code })),
  ].filter((node) => node !== false);
}

/** A part that did not arrive, an answer that this version cannot read, a fault of ours: said, and never passed over. */
function brokenNodes(voice: Voice, error: unknown): readonly Node[] {
  return [
    element('p', {}, voice.said('error.broken')),
    english(error instanceof Error ? error.message : `${error}`),
  ];
}

/** Whatever a person sets off runs in here: what goes wrong stands in `trouble`, which is read out. */
export async function attempt(voice: Voice, trouble: HTMLElement, work: () => Promise<void>): Promise<void> {
  trouble.replaceChildren();
  try {
    await work();
  } catch (error) {
    sayIn(trouble, errorNodes(voice, error));
  }
}

/** In a page of its own, so that nothing that was typed here is lost. */
const signInBeside = (voice: Voice): HTMLElement =>
  element(
    'p',
    {},
    element(
      'a',
      { href: `/console/${voice.speaker.language}/`, target: '_blank' },
      voice.said('error.signIn'),
    ),
  );

export interface Column<T> {
  readonly head: Key;
  cell(row: T): Child;
}

/** A table that a narrow screen shows as cards: each cell then has its heading beside it. */
export function table<T>(
  voice: Voice,
  caption: Key,
  columns: readonly Column<T>[],
  rows: readonly T[],
): HTMLElement {
  return element(
    'table',
    { role: 'table' },
    element('caption', {}, voice.said(caption)),
    element(
      'thead',
      { role: 'rowgroup' },
      element(
        'tr',
        { role: 'row' },
        ...columns.map(({ head }) => element('th', { scope: 'col', role: 'columnheader' }, voice.said(head))),
      ),
    ),
    element(
      'tbody',
      { role: 'rowgroup' },
      ...rows.map((row) =>
        element(
          'tr',
          { role: 'row' },
          ...columns.map(({ head, cell }) =>
            element(
              'td',
              { role: 'cell' },
              element('span', { class: 'head', 'aria-hidden': 'true' }, voice.said(head)),
              element('span', {}, cell(row)),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A part of a list: `next` leads to the part that follows, which may begin the list anew. */
export interface ListPart<T> {
  readonly rows: readonly T[];
  readonly next?: string | undefined;
  readonly beginsAnew?: boolean;
}

/** A list that one answer does not hold: it says how much of it is shown, where that is known, and leads on in the page. */
export function growing<T>(
  voice: Voice,
  list: HTMLElement,
  first: ListPart<T>,
  draw: (row: T) => Child,
  follow: { readonly total?: number; more(next: string): Promise<ListPart<T>> },
): HTMLElement {
  const { total } = follow;
  const count = element('p');
  const whole = element('div', {}, count, list);
  let next: string | undefined;
  const lead = form(voice, 'list.more', [], async () => {
    if (next === undefined) return;
    // The button may be gone: whoever pressed it goes on with what came.
    const come = add(await follow.more(next));
    come?.setAttribute('tabindex', '-1');
    come?.focus();
  });
  const add = ({ rows, next: following, beginsAnew }: ListPart<T>) => {
    if (beginsAnew === true) list.replaceChildren();
    const drawn = rows.map(draw).filter((one): one is HTMLElement => one instanceof HTMLElement);
    list.append(...drawn);
    next = following;
    if (next === undefined) lead.remove();
    else whole.append(lead);
    const shown = list.childElementCount;
    const isPart = total !== undefined && shown < total;
    count.replaceChildren(...(isPart ? [voice.said('list.first', { shown, count: total })] : []));
    return drawn[0];
  };
  add(first);
  return whole;
}

export function link(place: string, ...children: readonly Child[]): HTMLAnchorElement {
  return element('a', { href: place }, ...children);
}

export function section(voice: Voice, heading: Key, ...children: readonly Child[]): HTMLElement {
  return element('section', {}, element('h2', {}, voice.said(heading)), ...children);
}

export const moment = (voice: Voice, iso: string): HTMLElement =>
  element('time', { datetime: iso }, datum(voice.speaker.moment(iso)));

/** The text of the one file of an input; undefined while there is none. */
export async function fileIn(input: HTMLInputElement): Promise<string | undefined> {
  try {
    return await input.files?.[0]?.text();
  } catch {
    throw new Mistake('file.unread');
  }
}

/** The beginning and the end of an id, as people compare it. */
export const shortOf = (id: string): string => (id.length <= 18 ? id : `${id.slice(0, 10)}…${id.slice(-4)}`);

/** When the gateway answered: no rule of a page reads the clock of the device. */
export async function gatewayTime(): Promise<string> {
  const answer = await fetch('/health/live').catch(() => undefined);
  const date = answer?.headers.get('Date');
  if (date === undefined || date === null) throw new Told(0, {});
  return date;
}
