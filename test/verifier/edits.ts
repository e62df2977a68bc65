/** Random edits of JSON files: of their characters, and of their values with the spelling kept in order. */
import type { Seeded } from '../seeded.ts';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
/** Where a value stands: its holder and its name there. */
interface Place {
  readonly holder: Json[] | { [name: string]: Json };
  readonly name: string;
}

const CHARACTERS = [...'0123456789abcdefA".,{}[]:-\\ x\u00e9'];

/** A field that stands twice, with another value first or last, and half of a character. */
const TWO_READINGS: readonly ((field: string, value: string) => string)[] = [
  (field, value) => `${field}"0x",${field}${value}`,
  (field, value) => `${field}${value},${field}"0x"`,
  (field) => `${field}"\\ud800"`,
];

/** An edited text; often the same edit would be seen by any reader of JSON, so most are of values. */
export function edited(random: Seeded, text: string, others: readonly string[]): string {
  if (random.below(10) === 0) return readTwice(random, text);
  return random.below(4) === 0 ? editedCharacter(random, text) : editedValue(random, text, others);
}

/** What one parser of JSON reads so, and another otherwise. */
function readTwice(random: Seeded, text: string): string {
  const fields = [...text.matchAll(/("\w+":)("[^"]*"|\d+)/g)];
  if (fields.length === 0) return text;
  const { 0: whole, 1: field = '', 2: value = '', index } = random.pick(fields);
  return text.slice(0, index) + random.pick(TWO_READINGS)(field, value) + text.slice(index + whole.length);
}

function editedCharacter(random: Seeded, text: string): string {
  const at = random.below(text.length);
  const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(7)));
  const inserted = random.pick(CHARACTERS) + (text[at] ?? '');
  const instead = random.pick([flipped, '', random.pick(CHARACTERS), inserted]);
  return text.slice(0, at) + instead + text.slice(at + 1);
}

function editedValue(random: Seeded, text: string, others: readonly string[]): string {
  const json: Json = JSON.parse(text);
  const places = placesIn(json);
  const place = aPlace(random, places);
  const { holder, name } = place;
  const value = valueAt(place);
  if (random.below(3) === 0) reshape(random, place);
  else set(holder, name, bent(random, value, others));
  return JSON.stringify(json) + (text.endsWith('\n') ? '\n' : '');
}

/** Any place, and often one that is no byte of a proof, of which there are most. */
function aPlace(random: Seeded, places: readonly Place[]): Place {
  const first = random.pick(places);
  return first.name === 'nodes' || Array.isArray(first.holder) ? random.pick(places) : first;
}

function placesIn(json: Json): Place[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) => [{ holder: json, name }, ...placesIn(value)]);
}

function valueAt({ holder, name }: Place): Json {
  return (Array.isArray(holder) ? holder[Number(name)] : holder[name]) ?? null;
}

function set(holder: Place['holder'], name: string, value: Json): void {
  if (Array.isArray(holder)) holder[Number(name)] = value;
  else holder[name] = value;
}

/** An item or a field left out, given twice, exchanged with the next, or moved to the end. */
function reshape(random: Seeded, { holder, name }: Place): void {
  if (Array.isArray(holder)) {
    const at = Number(name);
    const item = holder[at] as Json;
    const ways = [
      () => holder.splice(at, 1),
      () => holder.splice(at, 0, structuredClone(item)),
      () => holder.push(...holder.splice(at, 1)),
      () => holder.splice(0),
    ];
    random.pick(ways)();
    return;
  }
  const value = valueAt({ holder, name });
  delete holder[name];
  const ways = [() => undefined, () => set(holder, name, value), () => set(holder, `${name}x`, value)];
  random.pick<() => unknown>(ways)();
}

function bent(random: Seeded, value: Json, others: readonly string[]): Json {
  const ofOthers = () => likeOf(random, value, others);
  if (typeof value === 'string' && value.startsWith('0x')) {
    const at = 2 + random.below(Math.max(1, value.length - 2));
    const digit = (Number.parseInt(value[at] ?? '0', 16) ^ (1 << random.below(4))).toString(16);
    const flipped = value.slice(0, at) + digit + value.slice(at + 1);
    const cut = value.slice(0, -2);
    return random.pick([flipped, flipped, cut, `${value}00`, value.toUpperCase(), '0x', ofOthers()]);
  }
  if (typeof value === 'string') {
    const number = /^\d+$/.test(value) ? String(BigInt(value) + 1n) : `${value}a`;
    return random.pick([number, '', '0', `0${value}`, value.slice(1), 'unit', `${value}/1`, ofOthers()]);
  }
  if (typeof value === 'number') {
    const far = random.pick([2 ** 32, 2 ** 53, 255, 256, 65_536, -1, 0.5]);
    return random.pick<Json>([value + 1, value - 1, 0, far, String(value), ofOthers()]);
  }
  return random.pick<Json>([null, [], {}, '', 0, ofOthers(), ofOthers()]);
}

/** A value of the same kind from one of the files. */
function likeOf(random: Seeded, value: Json, others: readonly string[]): Json {
  const found = placesIn(JSON.parse(random.pick(others))).map(valueAt);
  const alike = found.filter((other) => kindOf(other) === kindOf(value));
  return alike.length === 0 ? value : random.pick(alike);
}

function kindOf(value: Json): string {
  if (typeof value === 'string') return value.startsWith('0x') ? `hex ${value.length}` : 'text';
  return Array.isArray(value) ? 'list' : typeof value;
}
