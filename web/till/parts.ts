/** What the screens of the till are made of: the keypad, amounts of units, and work that says what goes wrong. */

import { readNumber } from '../page/digits.ts';
import { type Child, element, type Voice } from '../page/dom.ts';
import { sayIn, workForm } from '../page/forms.ts';
import { Found, wrongNodes } from './why.ts';

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

/** A form of the till: what goes wrong is said in the words of a sale. */
export const form = (
  voice: Voice,
  fields: readonly Child[],
  buttons: readonly HTMLElement[],
  run: () => Promise<void>,
): HTMLFormElement =>
  workForm({ fields, buttons, run, wrong: (error) => [element('p', {}, ...wrongNodes(voice, error))] });

export function sayWrong(voice: Voice, trouble: HTMLElement, error: unknown): void {
  sayIn(trouble, [element('p', {}, ...wrongNodes(voice, error))]);
}
