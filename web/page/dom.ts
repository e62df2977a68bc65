/**
 * Elements of a page. Children are nodes, never strings: text for people comes from the files of words through `said`, and
 * what came from elsewhere through `datum`, which sets it apart. So no text can stand in the code, nor a value run as script.
 */
import { piecesOf } from '../../server/domain/base/quoted.ts';
import type { Key, Speaker } from './words.ts';

export type Child = Node | undefined | false;
type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

/** An attribute that is a function is a listener of that name; `false` leaves one out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child): child is Node => child !== undefined && child !== false));
  return made;
}

/** A value that is nobody's words: an id, a name, a number. Its direction is its own. */
export function datum(text: string, attributes: Attributes = {}): HTMLElement {
  const made = element('bdi', attributes);
  made.textContent = text;
  return made;
}

/** Between two things on a line. */
export const gap = (): Node => document.createTextNode(' ');

/** An id: from left to right in every language, and broken where the screen ends. */
export const idText = (text: string): HTMLElement => {
  const made = element('bdi', { dir: 'ltr', class: 'id' });
  made.textContent = text;
  return made;
};

/** Words that the gateway has in English alone, marked so that a reader's voice changes with them; a name in quotes is a value. */
export function english(text: string, name: 'p' | 'span' | 'li' | 'dd' = 'p'): HTMLElement {
  const pieces = piecesOf(text).map((piece) =>
    piece.isQuoted ? datum(piece.text) : document.createTextNode(piece.text),
  );
  return element(name, { lang: 'en', dir: 'ltr' }, ...pieces);
}

/** What a page speaks with. */
export interface Voice {
  said(key: Key, values?: Readonly<Record<string, string | number>>): DocumentFragment;
  /** For an attribute, where no element can set a value apart. */
  plain(key: Key, values?: Readonly<Record<string, string | number>>): string;
  /** The words for a term of the ledger, or the term itself where this version has none. */
  term(group: string, name: string): Node;
  readonly speaker: Speaker;
}

const ISOLATE = ['\u2068', '\u2069'] as const;

export function voiceOf(speaker: Speaker): Voice {
  const said: Voice['said'] = (key, values) => {
    const all = document.createDocumentFragment();
    for (const { text, isFilledIn } of speaker.pieces(key, values)) {
      all.append(isFilledIn ? datum(text) : document.createTextNode(text));
    }
    return all;
  };
  return {
    speaker,
    said,
    plain: (key, values) =>
      speaker
        .pieces(key, values)
        .map(({ text, isFilledIn }) => (isFilledIn ? ISOLATE.join(text) : text))
        .join(''),
    term: (group, name) => {
      const key = `${group}.${name}`;
      return speaker.has(key) ? said(key) : idText(name);
    },
  };
}

/** What something is called, and what it is: a line of a list of them. */
export const pair = (voice: Voice, key: Key, ...values: readonly Child[]): HTMLElement =>
  element('div', {}, element('dt', {}, voice.said(key)), element('dd', {}, ...values));
