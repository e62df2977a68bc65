/**
 * Reads JSON strictly, of requests and of every file of a format of ours: what one parser would see and another not is
 * refused, never repaired.
 *
 * Refuses: duplicate keys, `__proto__`, lone surrogates, a depth over `MAX_DEPTH`, numbers JavaScript would
 * round, and anything JSON itself refuses. One pass over the text, no recursion deeper than the limit.
 */
import { refusal } from './refusal.ts';

/** Nothing of ours nests deeper; a deeper body is an attack on the stack of whoever reads it next. */
const MAX_DEPTH = 16;

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const SPACE = /[ \t\r\n]*/y;
const SPACE_CODE = 0x20;
const LITERALS: ReadonlyMap<string, unknown> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

export function parseStrictJson(text: string): unknown {
  const reader = { text, at: 0 };
  const value = readValue(reader, 0);
  skipSpace(reader);
  if (reader.at !== text.length) throw malformed(reader);
  return value;
}

interface Reader {
  readonly text: string;
  at: number;
}

function malformed(reader: Reader) {
  return refusal('malformed-body', { position: reader.at });
}

function skipSpace(reader: Reader): void {
  if (reader.text.charCodeAt(reader.at) > SPACE_CODE) return; // most often there is none
  SPACE.lastIndex = reader.at;
  SPACE.test(reader.text);
  reader.at = SPACE.lastIndex;
}

function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined) throw malformed(reader);
  reader.at += found.length;
  return found;
}

function readValue(reader: Reader, depth: number): unknown {
  if (depth > MAX_DEPTH) throw refusal('body-too-deep', { limit: MAX_DEPTH });
  skipSpace(reader);
  const next = reader.text[reader.at];
  if (next === '{') return readObject(reader, depth);
  if (next === '[') return readArray(reader, depth);
  if (next === '"') return readString(reader);
  if (next === '-' || (next !== undefined && next >= '0' && next <= '9')) return readNumber(reader);
  for (const [word, value] of LITERALS) {
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length;
      return value;
    }
  }
  throw malformed(reader);
}

function readNumber(reader: Reader): number {
  const value = Number(take(reader, NUMBER));
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw refusal('number-out-of-range', undefined);
  }
  return value;
}

function readString(reader: Reader): string {
  const quoted = take(reader, STRING);
  let value: string;
  try {
    value = JSON.parse(quoted);
  } catch {
    throw malformed(reader); // a raw control character or an unknown escape
  }
  if (LONE_SURROGATE.test(value)) throw malformed(reader);
  return value;
}

/** True when the container goes on after an item, false when it ends; anything else is malformed. */
function goesOn(reader: Reader, end: ']' | '}'): boolean {
  skipSpace(reader);
  const found = reader.text[reader.at];
  if (found !== ',' && found !== end) throw malformed(reader);
  reader.at += 1;
  return found === ',';
}

function isEmpty(reader: Reader, end: ']' | '}'): boolean {
  reader.at += 1;
  skipSpace(reader);
  if (reader.text[reader.at] !== end) return false;
  reader.at += 1;
  return true;
}

function readArray(reader: Reader, depth: number): unknown[] {
  const items: unknown[] = [];
  if (isEmpty(reader, ']')) return items;
  do items.push(readValue(reader, depth + 1));
  while (goesOn(reader, ']'));
  return items;
}

function readObject(reader: Reader, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (isEmpty(reader, '}')) return fields;
  do {
    skipSpace(reader);
    const name = readString(reader);
    if (name === '__proto__') throw malformed(reader);
    if (Object.hasOwn(fields, name)) throw refusal('duplicate-field', undefined);
    skipSpace(reader);
    if (reader.text[reader.at] !== ':') throw malformed(reader);
    reader.at += 1;
    fields[name] = readValue(reader, depth + 1);
  } while (goesOn(reader, '}'));
  return fields;
}
