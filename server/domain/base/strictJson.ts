/**
 * Reading a file of a format of ours, strictly: a text that is read in one way alone, with the fields there are to be.
 *
 * Hides the places (JSON pointers). The reader of each format brings its own refusal. Pure.
 */
import { type Hex, parseHex } from './hex.ts';
import { parseStrictJson } from './json.ts';
import { type Refusal, refusal } from './refusal.ts';

export type Malformed = (place: string) => Refusal;
export type Fields = Readonly<Record<string, unknown>>;

/** The text as JSON, at most so long. A field that stands twice is two files: one for a person, one for a program. */
export function jsonOf(text: string, maxCharacters: number, malformed: Malformed): unknown {
  if (text.length > maxCharacters) throw malformed('');
  try {
    return parseStrictJson(text);
  } catch {
    throw malformed('');
  }
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object with exactly these fields. */
export function recordOf(
  json: unknown,
  place: string,
  names: readonly string[],
  malformed: Malformed,
): Fields {
  if (!isRecord(json)) throw malformed(place);
  const missing = names.find((name) => !Object.hasOwn(json, name));
  if (missing !== undefined) throw malformed(`${place}/${missing}`);
  if (Object.keys(json).length !== names.length) throw malformed(place);
  return json;
}

/** Refuses a file of another format before its fields are read; another version of this format is named as that. */
export function requireFormat(json: unknown, known: string, malformed: Malformed): void {
  const format = isRecord(json) ? json.format : undefined;
  if (format === known) return;
  const family = known.replace(/\d+$/, '');
  const isOther =
    typeof format === 'string' && format.startsWith(family) && /^\d{1,9}$/.test(format.slice(family.length));
  throw isOther ? refusal('format-unknown', undefined, { field: '/format' }) : malformed('/format');
}

export function listOf<T>(
  json: unknown,
  place: string,
  most: number,
  malformed: Malformed,
  read: (item: unknown, place: string) => T,
): T[] {
  if (!Array.isArray(json) || json.length > most) throw malformed(place);
  return json.map((item, i) => read(item, `${place}/${i}`));
}

export function oneOf<const T extends string>(
  json: unknown,
  place: string,
  names: readonly T[],
  malformed: Malformed,
): T {
  const name = names.find((one) => one === json);
  if (name === undefined) throw malformed(place);
  return name;
}

/** Bytes in the one spelling that they have. */
export function hexIn<T extends Hex>(value: unknown, bytes: number, place: string, malformed: Malformed): T {
  const hex = typeof value === 'string' ? parseHex(value, bytes) : undefined;
  if (hex === undefined || hex !== value) throw malformed(place);
  return hex as T;
}

/** A whole number from 0. */
export function wholeIn(value: unknown, most: number, place: string, malformed: Malformed): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most)
    throw malformed(place);
  return value;
}
