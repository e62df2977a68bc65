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
const MONTH = '(?:0?[1-9]|1[0-2])';
const DAY_OF_TWO = '(?:0[1-9]|[12]\\d|3[01])';
const MONTH_OF_TWO = '(?:0[1-9]|1[0-2])';
const YEAR = '(?:1[89]\\d\\d|20\\d\\d)';
const TIME = '\\d{1,2}:[0-5]\\d(?::[0-5]\\d(?:[.,]\\d+)?)?(?: ?[ap]\\.?m\\.?)?(?:Z|[-+]\\d\\d:?\\d\\d)?';
/** `1.13.16` and `4-2-10` number what lies within another, so that points and dashes need two digits each. Month and year need both digits of the month: `3/1985` is the third paper of a year. `1/2` is half of many a number. */
const NUMBERED = new RegExp(
  `^(?:${[
    `${YEAR}[-/.]${MONTH}[-/.]${DAY}`,
    `(?:${DAY}[-/.]${MONTH}|${MONTH}[-/.]${DAY})[-/.]${YEAR}`,
    `(?:${DAY}/${MONTH}|${MONTH}/${DAY})/\\d\\d`,
    `(?:${DAY_OF_TWO}([-.])${MONTH_OF_TWO}\\1|${MONTH_OF_TWO}([-.])${DAY_OF_TWO}\\2)\\d\\d`,
    `${YEAR}[-/]${MONTH_OF_TWO}`,
    `${MONTH_OF_TWO}[-/]${YEAR}`,
  ].join('|')})$`,
);
/** `3. Mär. 2024`, `2 de marzo de 1985`, `Tuesday, 12 March 1985`; the name of a day says nothing without a year. */
const GAP = '[-/., ]{1,2}(?:de |del |di |of )?';
const NAMED = '(?<month>\\p{L}{2,12}(?: \u0627\u0644\\p{L}{3,5})?)\\.?';
const OF_YEAR = `(?:'?\\d\\d|${YEAR})`;
const ORDINAL = '(?:st|nd|rd|th|er|[oae.])?';
const WITH_NAMES = [
  `${DAY}${ORDINAL}${GAP}${NAMED}(?:${GAP}${OF_YEAR})?`,
  `\\p{L}{2,12}\\.?,? ${DAY}${ORDINAL}${GAP}${NAMED}${GAP}${OF_YEAR}`,
  `${NAMED}${GAP}${OF_YEAR}`,
  `(?:\\p{L}{2,12}\\.?,? )?${NAMED} ${DAY}${ORDINAL},? ${YEAR}`,
].map((form) => new RegExp(`^${form}$`, 'u'));
/** In the languages of the names of columns and of TRUE, without accents; spreadsheets shorten them to three or four letters. */
const MONTHS: readonly string[] = [
  'january february march april may june july august september october november december',
  'janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre',
  'enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre',
  'janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro',
  'januar janner februar marz mrz juni juli oktober dezember',
  'gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre',
  'januari februari machi aprili mei julai agosti septemba oktoba novemba desemba',
  'январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь',
  'января февраля марта апреля мая июня июля августа сентября октября ноября декабря',
  'يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر',
  'جانفي فيفري أفريل ماي جوان جويلية أوت شباط آذار نيسان أيار حزيران تموز آب أيلول',
].flatMap((names) => plainLetters(names).split(' '));
const MONTHS_OF_TWO_WORDS = ['كانون الثاني', 'تشرين الأول', 'تشرين الثاني', 'كانون الأول'].map(plainLetters);
const SHORTENED_TO = { least: 3, most: 4 };

/** A day of 1954 to 2091 as a spreadsheet counts them, with a part of it; without one it is a number like any other. */
const SERIAL = /^[2-6]\d{4}[.,]\d*[1-9]\d*$/;
/** What programs write for no number and no time. */
const NO_NUMBER = /^na[nt]$/i;
const TIME_ALONE = new RegExp(`^${TIME}$`, 'i');
const WITH_TIME = new RegExp(`(?:, ?| |T)${TIME}$`, 'i');
/** Longer than any date with its day and its time. */
const DATE_CHARACTERS_MAX = 64;

function readsLikeDate(plain: string): boolean {
  if (plain.length > DATE_CHARACTERS_MAX) return false;
  if ([TIME_ALONE, SERIAL, NO_NUMBER].some((form) => form.test(plain))) return true;
  const day = plain.replace(WITH_TIME, '');
  if (NUMBERED.test(day)) return true;
  const letters = plainLetters(day);
  return WITH_NAMES.some((form) => isMonth(form.exec(letters)?.groups?.month));
}

function isMonth(word: string | undefined): boolean {
  if (word === undefined) return false;
  const isShort = word.length >= SHORTENED_TO.least && word.length <= SHORTENED_TO.most;
  return (
    MONTHS_OF_TWO_WORDS.includes(word) ||
    MONTHS.some((name) => name === word || (isShort && name.startsWith(word)))
  );
}

function plainLetters(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Sixteen digits or more, of which a spreadsheet has kept fifteen. */
const ROUNDED = /^\d{15}0+$/;

/** What may be right, and may be what a spreadsheet made of another number. */
export function doubtOf(value: string): 'id-like-date' | 'id-like-rounded' | undefined {
  const plain = asciiDigits(value).trim();
  if (readsLikeDate(plain)) return 'id-like-date';
  return ROUNDED.test(plain.replace(/[\s-]/g, '')) ? 'id-like-rounded' : undefined;
}
