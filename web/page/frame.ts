/**
 * What every page has around its content: the language it was asked for in, and a way to another one and to other digits.
 *
 * Promises: each language is named in itself, by a link that keeps the reader's place; the digits that were chosen once hold
 * on every page of this device.
 */
import { element, type Voice } from './dom.ts';
import { DIGITS, DIRECTION, type Digits, LANGUAGES, type Language } from './words.ts';

const DIGITS_KEPT = 'kudurru-digits';
const root = document.documentElement;
export const language: Language = LANGUAGES.find((one) => one === root.lang) ?? 'en';

export function digitsChosen(): Digits {
  const kept = localStorage.getItem(DIGITS_KEPT);
  return DIGITS.find((one) => one === kept) ?? 'latn';
}

/** Lays the page out as its language is read. */
export function layOut(...parts: readonly Node[]): void {
  root.dir = DIRECTION[language];
  document.body.replaceChildren(...parts);
}

/** `addressIn` is where this very page is in another language, when somebody asks for it. */
export function footer(voice: Voice, addressIn: (other: Language) => string): HTMLElement {
  const languages = LANGUAGES.map((one) =>
    element(
      'li',
      {},
      element(
        'a',
        {
          href: addressIn(one),
          lang: one,
          dir: DIRECTION[one],
          'aria-current': one === language && 'true',
          click: (event) => {
            event.preventDefault();
            location.assign(addressIn(one));
          },
        },
        voice.said(`language.${one}`),
      ),
    ),
  );
  const choose = element(
    'select',
    {
      id: 'digits',
      dir: 'ltr',
      change: () => {
        localStorage.setItem(DIGITS_KEPT, choose.value);
        location.reload();
      },
    },
    ...DIGITS.map((one) =>
      element('option', { value: one, selected: one === voice.speaker.digits }, voice.said(`digits.${one}`)),
    ),
  );
  return element(
    'footer',
    {},
    element('ul', { class: 'languages', 'aria-label': voice.plain('language.label') }, ...languages),
    element('p', {}, element('label', { for: 'digits' }, voice.said('digits.label')), choose),
  );
}
