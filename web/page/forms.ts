/**
 * The parts of a form that the console, the till and a person's own page share: fields, buttons, files to keep, and work that runs
 * once at a time and says what goes wrong.
 *
 * Promises: every field has its label and is told by its hint; what goes wrong stands above the form, is read out and has the focus;
 * nothing that is pressed twice runs twice. What an error is in words is the caller's.
 */
import { readNumber } from './digits.ts';
import { type Child, element, type Voice } from './dom.ts';
import type { Key } from './words.ts';

export interface FieldOptions {
  readonly name: string;
  readonly label: Key;
  readonly labelValues?: Readonly<Record<string, string>>;
  readonly hint?: Key;
  readonly value?: string;
  readonly type?: 'text' | 'password';
  readonly isRequired?: boolean;
  readonly inputMode?: 'numeric' | 'decimal' | 'text';
  /** Digits come from the keypad of the till, or a keyboard; the one of the screen stays away. */
  readonly isOfKeypad?: boolean;
}

export interface Field {
  readonly node: HTMLElement;
  readonly input: HTMLInputElement;
}

export function inputField(voice: Voice, options: FieldOptions): Field {
  const { name, label, labelValues, hint, value = '', type = 'text', isOfKeypad = false } = options;
  const input = element('input', {
    id: name,
    name,
    type,
    value,
    dir: isOfKeypad ? 'ltr' : 'auto',
    autocomplete: 'off',
    spellcheck: 'false',
    inputmode: isOfKeypad ? 'none' : (options.inputMode ?? 'text'),
    required: options.isRequired === true,
    'aria-describedby': hint !== undefined && `${name}-hint`,
  });
  return { node: labelled(voice, { name, label, labelValues, hint, isOfKeypad }, input), input };
}

interface Labelled {
  readonly name: string;
  readonly label: Key;
  readonly labelValues?: Readonly<Record<string, string>> | undefined;
  readonly hint?: Key | undefined;
  readonly isOfKeypad?: boolean;
}

function labelled(
  voice: Voice,
  { name, label, labelValues, hint, isOfKeypad = false }: Labelled,
  input: HTMLElement,
): HTMLElement {
  return element(
    'p',
    { class: ['field', ...(isOfKeypad ? ['digits'] : [])].join(' ') },
    element('label', { for: name }, voice.said(label, labelValues)),
    hint !== undefined && element('span', { id: `${name}-hint`, class: 'hint' }, voice.said(hint)),
    input,
  );
}

export function fileField(
  voice: Voice,
  name: string,
  label: Key,
  hint?: Key,
  accept = '.json,application/json',
): Field {
  const described = hint !== undefined && `${name}-hint`;
  const input = element('input', { id: name, name, type: 'file', accept, 'aria-describedby': described });
  return { node: labelled(voice, { name, label, hint }, input), input };
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

/** What the fields of a form hold, by their names. */
export type Values = Readonly<Record<string, string>>;

interface Work {
  readonly fields: readonly Child[];
  readonly buttons: readonly HTMLElement[];
  run(values: Values): Promise<void>;
  /** What an error is in words. */
  wrong(error: unknown): readonly Child[];
}

export function workForm({ fields, buttons, run, wrong }: Work): HTMLFormElement {
  const trouble = troubleNode();
  let isBusy = false;
  const made = element(
    'form',
    {
      novalidate: true,
      submit: (event) => {
        event.preventDefault();
        if (isBusy) return;
        isBusy = true;
        for (const one of buttons) one.setAttribute('aria-disabled', 'true');
        trouble.replaceChildren();
        const values = Object.fromEntries([...new FormData(made)].map(([name, value]) => [name, `${value}`]));
        void run(values)
          .catch((error: unknown) => sayIn(trouble, wrong(error)))
          .finally(() => {
            isBusy = false;
            for (const one of buttons) one.removeAttribute('aria-disabled');
          });
      },
    },
    trouble,
    ...fields,
    element('p', { class: 'buttons' }, ...buttons),
  );
  return made;
}

/** What went wrong is read out and has the focus. */
export function sayIn(trouble: HTMLElement, nodes: readonly Child[]): void {
  trouble.replaceChildren(...nodes.filter((node): node is Node => node instanceof Node));
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
export function keepFile(name: string, text: string, type = 'application/json'): void {
  const place = URL.createObjectURL(new Blob([text], { type }));
  element('a', { href: place, download: name }).click();
  URL.revokeObjectURL(place);
}
