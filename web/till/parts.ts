/** What the screens of the till are made of: the keypad, fields, and work that says what goes wrong. */

import { readNumber } from '../page/digits.ts';
import { type Child, element, type Voice } from '../page/dom.ts';
import type { Key } from '../page/words.ts';
import { Found, wrongNodes } from './why.ts';

export interface FieldOptions {
  readonly name: string;
  readonly label: Key;
  readonly hint?: Key;
  readonly type?: 'text' | 'password';
  /** Digits come from the keypad of the till, or a keyboard; the one of the screen stays away. */
  readonly isOfKeypad?: boolean;
}

export function field(
  voice: Voice,
  { name, label, hint, type = 'text', isOfKeypad = false }: FieldOptions,
): { readonly node: HTMLElement; readonly input: HTMLInputElement } {
  const input = element('input', {
    id: name,
    name,
    type,
    dir: isOfKeypad && 'ltr',
    autocomplete: 'off',
    spellcheck: 'false',
    inputmode: isOfKeypad ? 'none' : 'text',
    'aria-describedby': hint !== undefined && `${name}-hint`,
  });
  const node = element(
    'p',
    { class: ['field', ...(isOfKeypad ? ['digits'] : [])].join(' ') },
    element('label', { for: name }, voice.said(label)),
    hint !== undefined && element('span', { id: `${name}-hint`, class: 'hint' }, voice.said(hint)),
    input,
  );
  return { node, input };
}

const KEYS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** Writes into a field, and takes nothing from it: it has the digits of the reader. */
export function keypad(voice: Voice, input: HTMLInputElement): HTMLElement {
  const key = (label: Child, press: () => void, more: Readonly<Record<string, string>> = {}) =>
    element('button', Object.assign({ type: 'button', class: 'key', click: press }, more), label);
  const digit = (value: number) =>
    key(document.createTextNode(voice.speaker.number(value)), () => {
      input.value += value;
    });
  const clear = key(voice.said('till.key.clear'), () => {
    input.value = '';
  });
  const back = key(voice.said('till.key.back'), () => {
    input.value = input.value.slice(0, -1);
  });
  return element(
    'div',
    { class: 'keypad', role: 'group', 'aria-label': voice.plain('till.key.label'), dir: 'ltr' },
    ...KEYS.map(digit),
    clear,
    digit(0),
    back,
  );
}

/** A whole number above zero, in whatever digits it was typed; what has two readings is asked back with both. */
export function unitsIn(text: string): number {
  const read = readNumber(text);
  if (read.kind === 'ambiguous') {
    const [first, second] = read.readings;
    throw new Found('number.ambiguous', { first, second });
  }
  if (read.kind === 'none' || !/^\d{1,8}$/.test(read.text) || Number(read.text) === 0) {
    throw new Found('till.amount.missing');
  }
  return Number(read.text);
}

/** Digits 0-9 of what was typed as a PIN in any of the scripts; zeros at its beginning count. */
export function pinIn(text: string): string {
  const digits = [...text.trim()].map((letter) => {
    const read = readNumber(letter);
    return read.kind === 'number' ? read.text : letter;
  });
  return digits.join('');
}

export const troubleNode = (): HTMLElement =>
  element('div', { class: 'trouble', role: 'alert', tabindex: '-1' });

/** A form whose work runs once at a time; what goes wrong stands above it, is read out and has the focus. */
export function form(
  voice: Voice,
  children: readonly Child[],
  buttons: readonly HTMLElement[],
  work: () => Promise<void>,
): HTMLFormElement {
  const trouble = troubleNode();
  let isBusy = false;
  return element(
    'form',
    {
      novalidate: true,
      submit: (event) => {
        event.preventDefault();
        if (isBusy) return;
        isBusy = true;
        for (const one of buttons) one.setAttribute('aria-disabled', 'true');
        trouble.replaceChildren();
        void work()
          .catch((error: unknown) => sayWrong(voice, trouble, error))
          .finally(() => {
            isBusy = false;
            for (const one of buttons) one.removeAttribute('aria-disabled');
          });
      },
    },
    trouble,
    ...children,
    element('p', { class: 'buttons' }, ...buttons),
  );
}

export function sayWrong(voice: Voice, trouble: HTMLElement, error: unknown): void {
  const nodes = wrongNodes(voice, error).filter((node): node is Node => node instanceof Node);
  trouble.replaceChildren(element('p', {}, ...nodes));
  trouble.focus();
}

export const button = (
  voice: Voice,
  label: Key,
  click: (() => void) | undefined,
  values: Readonly<Record<string, string | number>> = {},
): HTMLButtonElement =>
  element(
    'button',
    click === undefined ? { type: 'submit' } : { type: 'button', class: 'other', click },
    voice.said(label, values),
  );

/** Gives a text to the browser as a file. */
export function keepFile(name: string, text: string): void {
  const place = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  element('a', { href: place, download: name }).click();
  URL.revokeObjectURL(place);
}
