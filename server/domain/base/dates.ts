/**
 * Dates as people write them: a day, or an instant with its zone (ISO 8601), and the seconds that the ledger counts.
 *
 * Promises: a day is the whole of it in UTC, so that what begins on it begins with its first second, and what lasts until
 * it, or is asked as of it, counts to its last; a day that no calendar has, and an instant without a zone, is none. Pure.
 */

/** `2026-11-29`, or `2026-11-29T17:49+03:00`. */
export const ISO_MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/;

const MS = 1_000;
const LAST_OF_DAY_MS = 86_399 * MS;

/** Which second of a day is meant where the day alone is written. */
export type SecondOfDay = 'first' | 'last';

/** `2026-11-29T14:49:00Z`: a second of the ledger as people write it. */
export function instantOf(seconds: bigint): string {
  return new Date(Number(seconds) * MS).toISOString().replace('.000Z', 'Z');
}

/** The same of what may be none, for which the ledger has 0. */
export function instantOrNone(seconds: bigint): string | undefined {
  return seconds === 0n ? undefined : instantOf(seconds);
}

/** Undefined of what is no date, and of one before 1970, which the ledger cannot count. */
export function secondsOfDate(text: string, meant: SecondOfDay = 'first'): bigint | undefined {
  if (!ISO_MOMENT.test(text)) return undefined;
  const day = text.slice(0, 10);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  const ofDay = meant === 'last' ? midnight + LAST_OF_DAY_MS : midnight;
  const ms = text.length === day.length ? ofDay : Date.parse(text);
  return Number.isNaN(ms) || ms < 0 ? undefined : BigInt(ms / MS);
}
