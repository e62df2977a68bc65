/**
 * What people typed as a number, an amount or a day, made into what the gateway takes.
 *
 * Promises: whichever digits were typed; what has two readings is asked back with both and nothing is sent; nothing is rounded.
 */
import { readDay, readNumber } from '../page/digits.ts';
import { Mistake } from './mistake.ts';

/** The number in 0-9 with a point, or why there is none. */
function numberIn(typed: string | undefined, none: 'number.none' | 'number.noAmount'): string {
  const read = readNumber(typed ?? '');
  if (read.kind === 'ambiguous') {
    const [first, second] = read.readings;
    throw new Mistake('number.ambiguous', { first, second });
  }
  if (read.kind === 'none') throw new Mistake(none);
  return read.text;
}

/** A whole number. */
export function wholeIn(typed: string | undefined): string {
  const text = numberIn(typed, 'number.none');
  if (text.includes('.')) throw new Mistake('number.none');
  return text;
}

/** The same, of a field that may be left empty. */
export const wholeOrNone = (typed: string | undefined): string | undefined =>
  typed === undefined || typed.trim() === '' ? undefined : wholeIn(typed);

/** The code of a country as people write it, `254`, `+254` or `00254`, in its digits alone; undefined where the field is empty. */
export const callingCodeIn = (typed: string | undefined): string | undefined =>
  wholeOrNone(typed?.trim().replace(/^\+/, ''));

/** An amount of a currency with so many decimals, in its minor unit. */
export function minorIn(typed: string | undefined, decimals: number): string {
  const [whole = '', fraction = ''] = numberIn(typed, 'number.noAmount').split('.');
  if (fraction.length > decimals) throw new Mistake('number.noAmount');
  return `${whole}${fraction.padEnd(decimals, '0')}`.replace(/^0+(?=\d)/, '');
}

/** A day as the gateway takes it. */
export function dayIn(typed: string | undefined): string {
  const day = readDay(typed ?? '');
  if (day === undefined) throw new Mistake('day.none');
  return day;
}
