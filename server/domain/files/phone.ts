/**
 * A phone as a form has it, and the number it is by ITU-T E.164.
 *
 * Promises: a number that can be dialled comes out in one spelling, with its country where the cell or the request
 * says which; lengths and national prefixes are each country's own. Nothing is guessed: two numbers in a cell, or
 * digits a spreadsheet rounded, are named as what they are. Pure.
 */
import parsePhoneNumber from 'libphonenumber-js/max';
import { asciiDigits } from './key.ts';

export type PhoneFlaw = 'phone-malformed' | 'phone-two-numbers';

export type PhoneRead = { readonly number: string } | { readonly flaw: PhoneFlaw } | undefined;

/** By E.164 no number with its country is longer; shorter ones than the second are of one network or town. */
const INTERNATIONAL = /^\+[1-9]\d{6,14}$/;
const LOCAL = /^\d{5,15}$/;
/** What stands between two numbers of one cell. */
const BETWEEN = /[/;|,&\n]|\b(?:or|ou|and|et|und|y|na)\b/i;
const LEAST_DIGITS = 5;
/** A number as a spreadsheet exports its float, with however many places: no phone ends in a group of zeros alone. */
const FRACTION = /(?<=^\d+)[.,]0+$/;

/** Undefined where the cell holds no number at all: nothing, or zeros. */
export function readPhone(written: string, callingCode: string | undefined): PhoneRead {
  const cell = asciiDigits(written).replace(FRACTION, '').trim();
  const numbers = cell.split(BETWEEN).filter((part) => part.replace(/\D/g, '').length >= LEAST_DIGITS);
  if (numbers.length > 1) return { flaw: 'phone-two-numbers' };
  // A national prefix in brackets is dialled at home only, and not after the country's code.
  const dialled = cell
    .replace(/^(\s*(?:\+|00)\s*\d[\d\s.-]*)\(0\)/, '$1')
    .replace(/[\s\p{Pd}\p{Cf}().]/gu, '')
    .replace(/^00(?=[1-9])/, '+');
  if (/^\+?0*$/.test(dialled)) return undefined;
  if (!/^\+?\d+$/.test(dialled)) return { flaw: 'phone-malformed' };
  if (!dialled.startsWith('+') && callingCode === undefined) {
    return LOCAL.test(dialled) ? { number: dialled } : { flaw: 'phone-malformed' };
  }
  const parsed = parsePhoneNumber(dialled, {
    extract: false,
    ...(callingCode && { defaultCallingCode: callingCode }),
  });
  if (parsed !== undefined) {
    return parsed.isPossible() ? { number: parsed.number } : { flaw: 'phone-malformed' };
  }
  // A code that no country has yet: the shape is all there is to hold it against.
  const whole = dialled.startsWith('+') ? dialled : `+${callingCode}${dialled.replace(/^0/, '')}`;
  return INTERNATIONAL.test(whole) ? { number: whole } : { flaw: 'phone-malformed' };
}
