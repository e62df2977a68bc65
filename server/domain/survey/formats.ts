/**
 * A map in whatever an office keeps maps in, as the one text that parcels are read from.
 *
 * Promises: GeoJSON goes through as it is; a zipped Shapefile, KML, KMZ, a list of features and a table with shapes become
 * GeoJSON whose numbers of features are the records' own, and whose lines are those of the file where it has lines;
 * coordinates stay those of the file, and the projection a file states is said on, never guessed; what would be lost on
 * the way (a ring, a record, a second value of one name) refuses its feature or the file. Any other format is refused with
 * the command that converts it. Pure; the thread that reads files calls it.
 */
import { kml } from '@tmcw/togeojson';
import { DOMParser, type Document, type Element } from '@xmldom/xmldom';
import { type Refusal, refusal } from '../base/refusal.ts';
import { type Warning, warning } from '../base/warning.ts';
import { findColumns } from '../files/columns.ts';
import { formatOf } from '../files/format.ts';
import type { FileSettings } from '../files/settings.ts';
import { CHARSETS, type Charset, decodeText } from '../files/text.ts';
import type { ZipEntry } from '../files/zip.ts';
import { isObject } from './geojson.ts';
import { PARCEL_COLUMNS, type ParcelField } from './parcelNames.ts';
import { type ParcelOptions, type ParcelsRead, readParcels } from './parcels.ts';
import { ofShapefile } from './shapefile.ts';
import { hasShapes, ofTable, ofWorkbook, tableWithoutShapes } from './shapeTable.ts';

/** The text of a map, and what converting found. */
export interface MapText {
  readonly text: string | Uint8Array;
  /** Of features that were not converted whole, by their number. */
  readonly unconverted?: ReadonlyMap<number, Refusal>;
  readonly warnings?: readonly Warning[];
  /** The column of numbers where the format has one of its own. */
  readonly numberColumn?: string | undefined;
}

/** The parcels of a file of any such kind; throws a refusal of a file that is none. */
export async function readMap(
  bytes: Uint8Array<ArrayBuffer>,
  settings: FileSettings,
  more: Pick<ParcelOptions, 'existing' | 'replacing' | 'overlapToleranceM2' | 'onProgress'> = {},
): Promise<ParcelsRead> {
  const { text, unconverted, warnings = [], numberColumn } = await parcelText(bytes, settings);
  const columns = Object.assign({}, settings.columns, numberColumn && { number: numberColumn });
  const read = readParcels(text, Object.assign({}, settings, more, { columns, unconverted }));
  return Object.assign({}, read, { warnings: [...warnings, ...read.warnings] });
}

async function parcelText(bytes: Uint8Array<ArrayBuffer>, settings: FileSettings): Promise<MapText> {
  const format = formatOf(bytes);
  switch (format.kind) {
    case 'text':
      return textOf(bytes, settings);
    case 'kml':
      return ofKml(bytes, settings);
    case 'kmz':
      return ofKml(await onlyKml(format.entries), settings);
    case 'shapefile':
      return { text: await ofShapefile(format.entries, settings.charset) };
    case 'workbook':
      return ofWorkbook(bytes, format.entries, settings);
    case 'other':
      throw refusal('parcels-format-other', { format: format.name });
  }
}

const HEAD_BYTES = 64 * 1024;
/** GeoJSON Text Sequences (RFC 8142), with their separator or without. */
const SEPARATOR = '\u001e';
const SEQUENCE = /^\s*\{\s*"type"\s*:\s*"Feature"\s*[,}]/;

function textOf(bytes: Uint8Array, settings: FileSettings): MapText {
  const head = decodeText(bytes.subarray(0, HEAD_BYTES), settings.charset).trimStart();
  if (SEQUENCE.test(head.replace(SEPARATOR, '')))
    return { text: ofSequence(decodeText(bytes, settings.charset)) };
  if (!/^[[{]/.test(head)) {
    if (hasShapes(head)) return ofTable(bytes, settings);
    const table = tableWithoutShapes(head);
    if (table !== undefined) throw refusal('parcels-format-other', { format: table });
  }
  return { text: bytes };
}

/** One feature a line, as one collection whose features stand on the lines they stood on. */
function ofSequence(text: string): string {
  const lines = text.replaceAll(SEPARATOR, '').trimEnd().split('\n');
  const isEach = lines.every((line) => /^\s*(?:\{.*\}\s*)?$/.test(line));
  if (!isEach || lines.filter((line) => line.trim() !== '').length < 2) return text;
  let isFirst = true;
  const members = lines.map((line) => {
    if (line.trim() === '') return '';
    const before = isFirst ? '' : ',';
    isFirst = false;
    return before + line.trim();
  });
  return `{"type":"FeatureCollection","features":[${members.join('\n')}]}`;
}

// ---- KML -----------------------------------------------------------------------------------------------------

/** Of several the program that shows them follows links; which of them is meant is not to be guessed. */
async function onlyKml(entries: readonly ZipEntry[]): Promise<Uint8Array> {
  const all = entries.filter(({ name }) => /\.kml$/i.test(name) && !name.startsWith('__MACOSX'));
  const [entry, another] = all;
  if (entry === undefined || another !== undefined)
    throw refusal('parcels-format-other', { format: 'a KMZ of several KML files' });
  return entry.bytes();
}

function ofKml(bytes: Uint8Array, { charset, columns }: FileSettings): MapText {
  const document = kmlDocument(withoutPrefix(decodeText(bytes, charset ?? statedCharset(bytes))));
  const placemarks = elementsOf(document, 'Placemark');
  if (placemarks.length === 0)
    throw refusal('parcels-format-other', { format: 'a KML file without a placemark of its own' });
  const features = featuresOf(document);
  if (features.length !== placemarks.length) throw refusal('format-damaged', { format: 'KML' });
  const unconverted = new Map<number, Refusal>();
  let [text, line] = ['{"type":"FeatureCollection","features":[', 1];
  for (const [i, placemark] of placemarks.entries()) {
    const at = placemark.lineNumber ?? 1;
    text += `${i === 0 ? '' : ','}${'\n'.repeat(Math.max(0, at - line))}`;
    line = Math.max(line, at);
    const feature = features[i];
    text += JSON.stringify({
      type: 'Feature',
      properties: feature?.properties,
      geometry: polygonsOf(feature?.geometry),
    });
    const twice = nameTwice(placemark);
    if (twice === undefined) continue;
    const field = `/features/${i}/properties/${twice}`;
    unconverted.set(i + 1, refusal('field-repeated', undefined, { line, feature: i + 1, field }));
  }
  const names = [...new Set(features.flatMap(({ properties }) => Object.keys(properties ?? {})))];
  const rules = Object.assign({ chosen: columns ?? {} }, PARCEL_COLUMNS);
  const isNumbered = findColumns<ParcelField>(names, rules).refused.length === 0;
  if (isNumbered || typeof columns?.number === 'string') return { text: `${text}]}`, unconverted };
  const warnings = [warning('placemark-names-read', {}, {})];
  return { text: `${text}]}`, unconverted, warnings, numberColumn: 'name' };
}

function kmlDocument(text: string): Document {
  const damaged = refusal('format-damaged', { format: 'KML' });
  // what an entity stands for is not in the text that an officer sees
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw damaged;
  let document: Document;
  try {
    document = new DOMParser({ onError: () => undefined }).parseFromString(text, 'text/xml');
  } catch {
    throw damaged;
  }
  // pictures and links have frames that are no parcels; a schema makes 7 of parcel 007
  for (const name of ['GroundOverlay', 'NetworkLink', 'Schema']) {
    for (const element of elementsOf(document, name)) element.parentNode?.removeChild(element);
  }
  return document;
}

/** One of each placemark, in their order, for what else would be one was taken out. */
function featuresOf(
  document: Document,
): readonly { readonly properties: object | null; readonly geometry: unknown }[] {
  return kml(document).features;
}

function elementsOf(within: Document | Element, name: string): Element[] {
  return Array.from(within.getElementsByTagName(name));
}

/** Some programs write `kml:Placemark`. */
function withoutPrefix(text: string): string {
  return text.replace(/<(\/?)kml:/g, '<$1');
}

/** The character set that the first line of XML states. */
function statedCharset(bytes: Uint8Array): Charset | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 100));
  const [, stated = ''] = /^[\xef\xbb\xbf\s]*<\?xml[^>]*\sencoding=["']([\w-]+)["']/i.exec(head) ?? [];
  return CHARSETS.find((charset) => charset === stated.toLowerCase());
}

/** Several polygons of one placemark are the parts of one parcel; a point beside them says where its label stands. */
function polygonsOf(geometry: unknown): unknown {
  if (!isObject(geometry) || geometry.type !== 'GeometryCollection') return geometry;
  const parts = (geometry.geometries as readonly { type: string; coordinates: unknown }[]).filter(
    ({ type }) => type !== 'Point',
  );
  if (parts.length === 0 || parts.some(({ type }) => type !== 'Polygon')) return geometry;
  return { type: 'MultiPolygon', coordinates: parts.map(({ coordinates }) => coordinates) };
}

function nameTwice(placemark: Element): string | undefined {
  const names = ['Data', 'SimpleData'].flatMap((tag) =>
    elementsOf(placemark, tag).map((element) => element.getAttribute('name') ?? ''),
  );
  return names.find((name, i) => names.indexOf(name) !== i);
}
