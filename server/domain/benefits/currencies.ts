/**
 * Amounts of money as people write them: `KES 1,250.00`. The ledger counts minor units of a numbered currency.
 *
 * Promises: an amount is exact; a currency that is not in the table is named by its number, in minor units, and never
 * guessed. Codes, numbers and decimals are those of ISO 4217. Pure data.
 */
import { countInWords, numberInWords } from '../base/inWords.ts';

/** By number: the code and how many decimals its minor unit has. */
const CURRENCIES: Readonly<Record<number, readonly [code: string, decimals: number]>> = {
  36: ['AUD', 2],
  48: ['BHD', 3],
  50: ['BDT', 2],
  72: ['BWP', 2],
  104: ['MMK', 2],
  108: ['BIF', 0],
  124: ['CAD', 2],
  156: ['CNY', 2],
  170: ['COP', 2],
  230: ['ETB', 2],
  262: ['DJF', 0],
  332: ['HTG', 2],
  356: ['INR', 2],
  360: ['IDR', 2],
  368: ['IQD', 3],
  392: ['JPY', 0],
  400: ['JOD', 3],
  404: ['KES', 2],
  422: ['LBP', 2],
  454: ['MWK', 2],
  504: ['MAD', 2],
  524: ['NPR', 2],
  566: ['NGN', 2],
  586: ['PKR', 2],
  608: ['PHP', 2],
  646: ['RWF', 0],
  706: ['SOS', 2],
  710: ['ZAR', 2],
  728: ['SSP', 2],
  756: ['CHF', 2],
  760: ['SYP', 2],
  788: ['TND', 3],
  800: ['UGX', 0],
  818: ['EGP', 2],
  826: ['GBP', 2],
  834: ['TZS', 2],
  840: ['USD', 2],
  886: ['YER', 2],
  936: ['GHS', 2],
  938: ['SDG', 2],
  943: ['MZN', 2],
  950: ['XAF', 0],
  952: ['XOF', 0],
  967: ['ZMW', 2],
  971: ['AFN', 2],
  976: ['CDF', 2],
  978: ['EUR', 2],
  980: ['UAH', 2],
  981: ['GEL', 2],
  986: ['BRL', 2],
};

export function currencyInWords(currency: number): string {
  return CURRENCIES[currency]?.[0] ?? `currency ${currency}`;
}

/** Undefined of a code that is not in the table. */
export function numberOfCurrency(code: string): number | undefined {
  const found = Object.entries(CURRENCIES).find(([, [one]]) => one === code);
  return found && Number(found[0]);
}

export function moneyInWords(currency: number, minor: bigint): string {
  const [code, decimals = 0] = CURRENCIES[currency] ?? [];
  if (code === undefined) return `${minorInWords(minor)} of currency ${currency}`;
  const scale = 10n ** BigInt(decimals);
  const rest = decimals === 0 ? '' : `.${String(minor % scale).padStart(decimals, '0')}`;
  return `${code} ${numberInWords(minor / scale)}${rest}`;
}

/** What is named `...Minor`, under its name without the unit. */
type InWords<T> = {
  readonly [Name in keyof T as Name extends `${infer Plain}Minor` ? Plain : never]: string;
};

/** Each amount in minor units once more, as people write it: `{fundedMinor: 125000n}` is `{funded: 'KES 1,250.00'}`. */
export function amountsInWords<T extends { readonly [Name in keyof T]: bigint }>(
  currency: number,
  amounts: T,
): InWords<T> {
  const words = Object.entries<bigint>(amounts).map(([name, minor]) => [
    name.replace(/Minor$/, ''),
    moneyInWords(currency, minor),
  ]);
  return Object.fromEntries(words) as InWords<T>;
}

/** Where the message does not say of which currency. */
export const minorInWords = (minor: bigint): string => countInWords(minor, 'minor unit');
