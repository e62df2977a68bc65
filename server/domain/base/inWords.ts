/**
 * Numbers, moments and areas as people write them: thousands set apart, months by name, a unit behind every number.
 *
 * Promises: nothing is rounded but an area, to the hundredth of a square metre; times are UTC and say so. For answers in
 * words; what machines read stays as it is. Pure.
 */

/** The last second a calendar date can name in JavaScript. */
const LAST_DATE_SECONDS = 8_640_000_000_000n;
const MM2_PER_M2 = 1_000_000n;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** `1234567` as `1,234,567`. */
export function numberInWords(value: bigint | number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** So many of something, in the plural where it is not one. */
export function countInWords(value: bigint | number, word: string, plural = `${word}s`): string {
  return `${numberInWords(value)} ${BigInt(value) === 1n ? word : plural}`;
}

/** The latest that a contract can hold stands for no end. */
const NO_END_SECONDS = 2n ** 40n - 1n;

/** Unix seconds as `24 November 2026, 14:49 UTC`. */
export function momentInWords(seconds: bigint | number | string): string {
  const second = BigInt(seconds);
  if (second === 0n) return 'no time';
  if (second === NO_END_SECONDS) return 'no end';
  if (second > LAST_DATE_SECONDS) return 'beyond any calendar';
  const date = new Date(Number(second) * 1_000);
  // Not cut out of the ISO form: a year of more than four digits is longer there.
  const clock = [date.getUTCHours(), date.getUTCMinutes()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${clock} UTC`;
}

/** Until when, of what may have no end: `until 24 November 2026, 14:49 UTC`, or `for good`. */
export function untilInWords(seconds: bigint): string {
  return seconds === NO_END_SECONDS ? 'for good' : `until ${momentInWords(seconds)}`;
}

/** Square millimetres as `1,109.51 m2`. */
export function areaInWords(mm2: bigint): string {
  const hundredths = (mm2 + MM2_PER_M2 / 200n) / (MM2_PER_M2 / 100n);
  return `${numberInWords(hundredths / 100n)}.${String(hundredths % 100n).padStart(2, '0')} m2`;
}

/** An id as people compare it: its beginning and its end. */
export function shortId(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 10)}...${id.slice(-4)}`;
}
