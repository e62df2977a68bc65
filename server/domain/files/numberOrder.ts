/**
 * The order in which people read numbers that they wrote, as text that sorts as bytes: `LR/100/2` comes before `LR/100/10`,
 * `12` before `12/3` before `12A`, and `Machakos/9` before `Machakos Town/1`.
 *
 * Promises: a digit counts with the digits beside it, whatever zeros stand before them; every stroke, point and other
 * separator is one boundary; case, accents, the script of digits and letters that are drawn alike make no difference.
 * Two numbers may have one order: whoever keeps them tells them apart by their keys (`key.ts`). Pure.
 */
import { drawnKeyOf } from './key.ts';

/** Below digits, and those below letters. */
const BOUNDARY = '!';
/** Of bytes: what is behind makes no difference to anybody who reads a page. */
const ORDER_MAX = 320;
/** Digits that say how many digits a number has. */
const LENGTH_DIGITS = 3;
const PARTS = /\d+|[\p{L}\p{M}]+|[^\d\p{L}\p{M}]+/gu;
/** Accents; signs that stand for vowels are letters. */
const ACCENTS = /[\u0300-\u036f]/g;

/** At most `ORDER_MAX` printable characters of ASCII, without a space or a stroke. */
export function orderOf(written: string): string {
  return partsOf(written).join('').slice(0, ORDER_MAX);
}

/**
 * Equal for numbers that people write for one another: whichever separators they take, or none where digits and letters
 * meet anyway, and with zeros in front or without. `1/11` is neither `11/1` nor `111`.
 */
export function spellingOf(written: string): string {
  return partsOf(written)
    .filter((part) => part !== BOUNDARY)
    .join('');
}

function partsOf(written: string): string[] {
  const plain = drawnKeyOf(written).normalize('NFD').replace(ACCENTS, '');
  return [...plain.matchAll(PARTS)].map(([part]) => {
    if (/^\d/.test(part)) return digitsInOrder(part.replace(/^0+/, ''));
    return /^[\p{L}\p{M}]/u.test(part) ? [...part].map(letterInOrder).join('') : BOUNDARY;
  });
}

function digitsInOrder(digits: string): string {
  return digits.length.toString(16).padStart(LENGTH_DIGITS, '0') + digits;
}

/** Those of other alphabets behind ours, each alphabet by itself. */
function letterInOrder(letter: string): string {
  if (/^[A-Z]$/.test(letter)) return letter;
  return `u${(letter.codePointAt(0) ?? 0).toString(16).padStart(6, '0')}`;
}
