/**
 * The words of a language, filled in: what a page says stands in a file of words and nowhere in the code.
 *
 * Promises: a plural is chosen by the language's own rules; what is filled in is apart from the words around it, so that
 * an id or a name never turns a sentence round; digits are those the reader chose. Pure.
 */
import type en from '../words/en.json';

export const LANGUAGES = ['en', 'fr', 'ar'] as const;
export type Language = (typeof LANGUAGES)[number];
/** Every file of words has these, and no others. */
export type Key = keyof typeof en;
/** A sentence, or one for each plural category of the language. */
export type Message = string | Readonly<Record<string, string>>;
export type Words = Readonly<Record<string, Message>>;

/** Digits as `Intl` calls them. */
export const DIGITS = ['latn', 'arab', 'arabext'] as const;
export type Digits = (typeof DIGITS)[number];

export const DIRECTION: Readonly<Record<Language, 'ltr' | 'rtl'>> = { en: 'ltr', fr: 'ltr', ar: 'rtl' };

/** A piece of a sentence: its own words, or what was filled in. */
export interface Piece {
  readonly text: string;
  readonly isFilledIn: boolean;
}

export interface Speaker {
  readonly language: Language;
  readonly digits: Digits;
  /** `count` chooses the plural, and stands in the sentence as a number. */
  pieces(key: Key, values?: Readonly<Record<string, string | number>>): readonly Piece[];
  /** Whether there are words for what came from elsewhere, as a kind of right. */
  has(key: string): key is Key;
  number(value: number | bigint, options?: Intl.NumberFormatOptions): string;
  /** An amount as the gateway writes it, `KES 1,250.00`, in the reader's digits; what is written otherwise stays as it is. */
  money(written: string): string;
  /** An instant in UTC, which is the ledger's time. */
  moment(iso: string): string;
}

export function speakerOf(words: Words, language: Language, digits: Digits): Speaker {
  const locale = `${language}-u-nu-${digits}`;
  const plurals = new Intl.PluralRules(language);
  const number = (value: number | bigint, options: Intl.NumberFormatOptions = {}) =>
    new Intl.NumberFormat(locale, options).format(value);
  // Day before month in every language, as the ledger's own words have it; and the zone, for nobody lives in UTC.
  const region = language === 'en' ? 'en-GB' : language;
  const dates = new Intl.DateTimeFormat(`${region}-u-nu-${digits}-ca-gregory`, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
    timeZoneName: 'short',
  });
  return {
    language,
    digits,
    number,
    has: (key): key is Key => Object.hasOwn(words, key),
    money: (written) => {
      const [, currency = '', amount] = /^([A-Z]{3}) ([\d,]+(?:\.\d+)?)$/.exec(written) ?? [];
      if (amount === undefined) return written;
      const decimals = decimalsOf(amount);
      const exact = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
      const style = { style: 'currency', currency, currencyDisplay: 'code' } as const;
      // Longer than a number of JavaScript keeps: as a text it stays exact.
      const plain = amount.replaceAll(',', '') as Intl.StringNumericLiteral;
      return new Intl.NumberFormat(locale, Object.assign(exact, style)).format(plain);
    },
    moment: (iso) => dates.format(new Date(iso)),
    pieces: (key, values = {}) => {
      const message = words[key] ?? '';
      const count = typeof values.count === 'number' ? values.count : 0;
      const text = typeof message === 'string' ? message : (message[plurals.select(count)] ?? '');
      return text.split(/(\{\w+\})/).flatMap((part): Piece[] => {
        const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
        if (name === undefined) return part === '' ? [] : [{ text: part, isFilledIn: false }];
        const value = values[name] ?? '';
        return [{ text: typeof value === 'number' ? number(value) : value, isFilledIn: true }];
      });
    },
  };
}

/** How many digits stand behind the point of an amount. */
export const decimalsOf = (amount: string): number => amount.split('.')[1]?.length ?? 0;
