/**
 * Reads a GeoJSON feature collection, or one feature, strictly and one feature at a time, each with its line and number.
 *
 * Promises: what one JSON reader would see and another not (a name twice, `__proto__`, a number that rounds) is noted
 * with the feature it stands in and costs no other; text that is no JSON, is cut short or nests too deep is refused
 * whole, by a thrown `Refusal` that says what the file is where that can be seen; the coordinate system it states is
 * answered. One pass; memory beyond the text is one feature. The geometry's meaning is not judged here: see
 * `parcels.ts`.
 */
import { refusal } from '../base/refusal.ts';
import type { TextFlaw } from '../files/text.ts';
import { textFlaw, trimmed } from '../files/text.ts';

/** A multi-polygon in a collection nests 8 levels; the rest is room for properties. */
const MAX_DEPTH = 16;
/** A district's cadastre; twice what the overlap check is measured at. */
const MAX_FEATURES = 200_000;

type FlawCode = TextFlaw | 'field-repeated' | 'number-unreadable';

export interface Flaw {
  readonly code: FlawCode;
  /** A JSON pointer. */
  readonly field: string;
}

/** One item of `features`, whatever it is. */
export interface FeatureRead {
  /** The 1-based line its first character stands on. */
  readonly line: number;
  /** Its 1-based number in the file: many files have all features on one line. */
  readonly feature: number;
  readonly pointer: string;
  /** Its characters in the file, the evidence of what the office sent. */
  readonly text: string;
  readonly value: unknown;
  /** What two readers could take differently. */
  readonly flaws: readonly Flaw[];
}

/** Flaws noted of one feature: the first ones are the ones to mend. */
const FLAWS_MAX = 32;

/** What a file says of itself beside its features. */
export interface FileSaid {
  /** Null for nothing. */
  readonly crs: unknown;
  /** The service that wrote it says that it has more than it sent. */
  readonly isCut: boolean;
}

/**
 * Calls `onFeature` in the file's order, and answers what the file says of itself. A refusal it
 * throws after some calls voids those too.
 */
export function readFeatures(text: string, onFeature: (feature: FeatureRead) => void): FileSaid {
  const reader: Reader = {
    text,
    at: 0,
    line: 1,
    lineEnd: lineEndFrom(text, 0),
    path: [],
    flaws: [],
  };
  skipSpace(reader);
  if (reader.text[reader.at] !== '{') throw notCollection(reader);
  const start = { line: lineOf(reader), at: reader.at };
  const members = new Map<string, unknown>();
  forEachMember(reader, (name) => {
    if (members.has(name)) throw refusal('file-malformed', undefined, { line: lineOf(reader) });
    reader.path = [''];
    members.set(name, name === 'features' ? readEach(reader, onFeature) : readMember(reader, name));
  });
  const isOne = members.get('type') === 'Feature' && members.has('geometry');
  const whole = text.slice(start.at, reader.at);
  skipSpace(reader);
  if (!isOne) {
    if (members.get('type') !== 'FeatureCollection' || !members.has('features'))
      throw notCollection(reader, members);
    if (reader.flaws.length > 0) throw malformed(reader);
  }
  if (reader.at !== text.length) throw isOne ? notCollection(reader) : malformed(reader);
  if (isOne) {
    const value = Object.fromEntries(members);
    onFeature({ line: start.line, feature: 1, pointer: '', text: whole, value, flaws: reader.flaws });
  }
  return { crs: members.get('crs') ?? null, isCut: isCutShort(members) };
}

/** ArcGIS sends as many as it has a limit for; a Web Feature Service counts what matched and what it returned. */
function isCutShort(members: ReadonlyMap<string, unknown>): boolean {
  const properties = members.get('properties');
  const exceeded = isObject(properties) ? properties.exceededTransferLimit : undefined;
  if (members.get('exceededTransferLimit') === true || exceeded === true) return true;
  const [matched, total, returned] = ['numberMatched', 'totalFeatures', 'numberReturned'].map((name) => {
    const counted = members.get(name);
    return typeof counted === 'number' ? counted : undefined;
  });
  return returned !== undefined && Math.max(matched ?? 0, total ?? 0) > returned;
}

/** A member of the file itself, which of one feature is the feature's. */
function readMember(reader: Reader, name: string): unknown {
  reader.path = ['', name];
  return readValue(reader, 1);
}

const LONGITUDE_LATITUDE =
  /^(?:urn:(?:x-)?ogc:def:crs:(?:OGC:(?:1\.3|1\.3\.0)?:CRS84|EPSG:[\d.]*:4326)|https?:\/\/www\.opengis\.net\/def\/crs\/(?:OGC\/(?:0|1\.3)\/CRS84|EPSG\/[\d.]+\/4326)|(?:OGC:)?CRS84|EPSG:4326)$/i;

/** Whether a `crs` member (GeoJSON 2008) names longitude and latitude on WGS 84, or null for no statement. */
export function isLongitudeLatitude(crs: unknown): boolean {
  return crs === null || LONGITUDE_LATITUDE.test(nameOfCrs(crs) ?? '');
}

/** `EPSG:32737` of a `crs` member that names it in any of the usual ways; undefined for any other. */
export function epsgOf(crs: unknown): string | undefined {
  const [, code] = /(?:^|[:/])EPSG[:/]+(?:[\d.]*[:/])?(\d{4,6})$/i.exec(nameOfCrs(crs) ?? '') ?? [];
  return code === undefined ? undefined : `EPSG:${code}`;
}

function nameOfCrs(crs: unknown): string | undefined {
  const properties = isObject(crs) && crs.type === 'name' ? crs.properties : undefined;
  const name = isObject(properties) ? properties.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Reader {
  readonly text: string;
  at: number;
  /** The line before `lineEnd`, the next line feed not yet counted: every line is counted once. */
  line: number;
  lineEnd: number;
  path: string[];
  flaws: Flaw[];
}

function malformed(reader: Reader) {
  return refusal('file-malformed', undefined, { line: lineOf(reader) });
}

/** What the file is, where its first words tell. */
function notCollection(reader: Reader, members: ReadonlyMap<string, unknown> = new Map()) {
  const place = { line: lineOf(reader) };
  if (isScript(reader.text)) return refusal('file-is-script', undefined, place);
  const format =
    members.get('type') === 'Topology'
      ? 'TopoJSON'
      : members.has('spatialReference')
        ? 'Esri JSON'
        : undefined;
  return format === undefined
    ? refusal('geojson-not-collection', undefined, place)
    : refusal('parcels-format-other', { format }, place);
}

/** `var parcelles = {`, `parcelles={`, `callback({`: data as web maps load it. */
const SCRIPT = /^\s*(?:(?:var|let|const|window\.)\s*)?[\p{L}_$][\p{L}\p{N}_$.]*\s*[=(]\s*[{[]/u;
const SCRIPT_WITHIN = 400;

export function isScript(text: string): boolean {
  return SCRIPT.test(text.slice(0, SCRIPT_WITHIN));
}

function lineOf(reader: Reader): number {
  const { text } = reader;
  while (reader.lineEnd < reader.at) {
    reader.line += 1;
    reader.lineEnd = lineEndFrom(text, reader.lineEnd + 1);
  }
  return reader.line;
}

function lineEndFrom(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found === -1 ? text.length : found;
}

function note(reader: Reader, code: FlawCode): void {
  if (reader.flaws.length < FLAWS_MAX) reader.flaws.push({ code, field: reader.path.join('/') });
}

/** Reads `features`; its value stands for nothing but that it was there. */
function readEach(reader: Reader, onFeature: (feature: FeatureRead) => void): true {
  skipSpace(reader);
  if (reader.text[reader.at] !== '[') throw notCollection(reader);
  let count = 0;
  forEachItem(reader, () => {
    if (++count > MAX_FEATURES) throw refusal('file-too-many-lines', { limit: MAX_FEATURES });
    skipSpace(reader);
    const line = lineOf(reader);
    const from = reader.at;
    reader.path = [`/features/${count - 1}`];
    const value = readValue(reader, 2);
    const { flaws } = reader;
    reader.flaws = [];
    onFeature({
      line,
      feature: count,
      pointer: `/features/${count - 1}`,
      text: reader.text.slice(from, reader.at),
      value,
      flaws,
    });
  });
  return true;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const SPACE = /[ \t\r\n]*/y;
const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function skipSpace(reader: Reader): void {
  SPACE.lastIndex = reader.at;
  SPACE.test(reader.text);
  reader.at = SPACE.lastIndex;
}

function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  if (!pattern.test(reader.text)) throw malformed(reader);
  const found = reader.text.slice(reader.at, pattern.lastIndex);
  reader.at = pattern.lastIndex;
  return found;
}

function readValue(reader: Reader, depth: number): unknown {
  if (depth > MAX_DEPTH) {
    throw refusal('file-nested-too-deep', { limit: MAX_DEPTH }, { line: lineOf(reader) });
  }
  skipSpace(reader);
  const next = reader.text[reader.at];
  if (next === '{') return readObject(reader, depth);
  if (next === '[') {
    const items: unknown[] = [];
    forEachItem(reader, () => {
      items.push(readValue(reader, depth + 1));
    });
    return items;
  }
  if (next === '"') return readString(reader);
  for (const [word, value] of LITERALS) {
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length;
      return value;
    }
  }
  const value = Number(take(reader, NUMBER));
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    note(reader, 'number-unreadable');
  }
  return value;
}

function readObject(reader: Reader, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  forEachMember(reader, (name) => {
    reader.path.push(name.replaceAll('~', '~0').replaceAll('/', '~1'));
    if (name === '__proto__' || Object.hasOwn(fields, name)) note(reader, 'field-repeated');
    const value = readValue(reader, depth + 1);
    if (name !== '__proto__') fields[name] = value;
    reader.path.pop();
  });
  return fields;
}

function readString(reader: Reader): string {
  const quoted = take(reader, STRING);
  let value: string;
  try {
    value = JSON.parse(quoted);
  } catch {
    throw malformed(reader); // a raw control character or an unknown escape
  }
  const flaw = textFlaw(trimmed(value));
  if (flaw !== undefined) note(reader, flaw);
  return value;
}

function forEachItem(reader: Reader, readItem: () => void): void {
  if (isEmpty(reader, ']')) return;
  do readItem();
  while (goesOn(reader, ']'));
}

function forEachMember(reader: Reader, readMember: (name: string) => void): void {
  if (isEmpty(reader, '}')) return;
  do {
    skipSpace(reader);
    const name = readString(reader);
    skipSpace(reader);
    if (reader.text[reader.at] !== ':') throw malformed(reader);
    reader.at += 1;
    readMember(name);
  } while (goesOn(reader, '}'));
}

function isEmpty(reader: Reader, end: ']' | '}'): boolean {
  reader.at += 1;
  skipSpace(reader);
  if (reader.text[reader.at] !== end) return false;
  reader.at += 1;
  return true;
}

/** True when the container goes on after an item, false when it ends; anything else is malformed. */
function goesOn(reader: Reader, end: ']' | '}'): boolean {
  skipSpace(reader);
  const found = reader.text[reader.at];
  if (found !== ',' && found !== end) throw malformed(reader);
  reader.at += 1;
  return found === ',';
}
