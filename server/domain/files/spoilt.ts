/**
 * What spreadsheets make of numbers that say who somebody is, or which parcel something is.
 *
 * Promises: what can be nobody's number is told as what it is; what may be one, and may be what a spreadsheet made of
 * another, is for an officer to say. Pure; the readers of people, rolls and parcels ask.
 */
import type { Spoilt } from './csv.ts';
import { asciiDigits } from './key.ts';

export const SPOILT_WORDS: Readonly<Record<Spoilt, string>> = {
  date: 'a date or a time',
  truth: 'TRUE or FALSE',
  rounded: 'a number of more than 15 digits, of which a spreadsheet keeps 15',
  fraction: 'a number with a fraction, or below zero',
};

/** `1.23E+15`, in whichever language a fraction is written; `12E45` without a fraction or a sign is an id. */
const SHORTENED = /^\d+(?:[.,]\d+e[+-]?\d+|e\+\d+)$/i;
/** `#N/A` and `#NV`, `#REF!`, `#¡VALOR!`, `#NAME?` in the languages of spreadsheets; `Err:502`; a column that is too narrow. */
const FAILED = /^(?:#n\/?[a-z]|#[¡¿]?\p{L}[\p{L}\p{N}/_]*[!?]|#getting_data|err:\d{3}|#{2,})$/iu;

/** Whether a formula failed, or digits are shown shortened: no value at all is to be read from it. */
export function isMangled(value: string): boolean {
  return SHORTENED.test(value) || FAILED.test(value);
}

const TRUTH = /^(?:true|false|wahr|falsch|vrai|faux|verdadero|falso|verdadeiro|vero|истина|ложь)$/iu;
/** A time is a part of a day: 0.5 is noon. */
const PART = /^[-+]?0?[.,]\d+$/;

/** What is nobody's number in a file that knows no kinds of cells. */
export function spoiltText(value: string): Spoilt | undefined {
  if (TRUTH.test(value)) return 'truth';
  return PART.test(value) && !/^0?[.,]0+$/.test(value) ? 'fraction' : undefined;
}

const DAY = '(?:0?[1-9]|[12]\\d|3[01])';
const MONTH_NUMBER = '(?:0?[1-9]|1[0-2])';
const YEAR = '(?:1[89]\\d\\d|20\\d\\d)';
/** As spreadsheets shorten them in English, French, Spanish, Portuguese and German. */
const MONTH =
  '(?:jan|janv|ene|feb|fev|fév|févr|mar|mars|mär|mrz|apr|avr|abr|may|mai|maio|jun|juin|jul|juil|aug|août|aou|ago|sep|sept|set|oct|okt|out|nov|dec|déc|dez|dic)\\.?';
const DATES = [
  `${YEAR}[-/.]${MONTH_NUMBER}[-/.]${DAY}`,
  `${DAY}[-/.]${MONTH_NUMBER}[-/.]${YEAR}`,
  `${MONTH_NUMBER}[-/.]${DAY}[-/.]${YEAR}`,
  `${DAY}[-/. ]{1,2}${MONTH}(?:[-/. ](?:\\d\\d|${YEAR}))?`,
  `${MONTH}[-/. ](?:\\d\\d|${YEAR})`,
];
const TIME = '\\d{1,2}:[0-5]\\d(?::[0-5]\\d(?:[.,]\\d+)?)?(?: ?[ap]m)?';
const DATE_OR_TIME = new RegExp(`^(?:(?:${DATES.join('|')})(?:[ T]${TIME}Z?)?|${TIME})$`, 'i');
/** Sixteen digits or more, of which a spreadsheet has kept fifteen. */
const ROUNDED = /^\d{15}0+$/;

/** What may be right, and may be what a spreadsheet made of another number. */
export function doubtOf(value: string): 'id-like-date' | 'id-like-rounded' | undefined {
  const plain = asciiDigits(value).trim();
  if (DATE_OR_TIME.test(plain)) return 'id-like-date';
  return ROUNDED.test(plain.replace(/[\s-]/g, '')) ? 'id-like-rounded' : undefined;
}
