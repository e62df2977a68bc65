/**
 * An office's file of parcels: what can be registered, and what cannot, line by line.
 *
 * Promises: every refusal of every line is found in one reading, in the order of lines, each with code, line and
 * field; a parcel is answered only if nothing is wrong with it. Where two lines contradict each other (one
 * number, or one piece of ground, twice) neither is known to be right and both are refused. Nothing is repaired
 * and nothing is written. Near linear in the number of parcels. Pure; the gateway and the CLI call it.
 */

import { present } from '../base/present.ts';
import { Refusal, refusal } from '../base/refusal.ts';
import type { Warning } from '../base/warning.ts';
import { warning } from '../base/warning.ts';
import type { ChosenColumns, UsualNames } from '../files/columns.ts';
import { findColumns } from '../files/columns.ts';
import { keyOf } from '../files/key.ts';
import { decodeText } from '../files/text.ts';
import { MAX_SPATIAL_UNITS } from '../land/types.ts';
import type { CadastreIndex } from './cadastreIndex.ts';
import { treeOf } from './cadastreIndex.ts';
import type { FeatureRead } from './geojson.ts';
import { isLongitudeLatitude, isObject, readFeatures } from './geojson.ts';
import type { Extent } from './geometry.ts';
import { areaM2, shapeOf } from './geometry.ts';
import type { Outline } from './overlap.ts';
import { outlineOf, overlapM2 } from './overlap.ts';
import type { ParcelAlias, Polygon } from './parcelAlias.ts';
import { parcelAlias } from './parcelAlias.ts';

export type AreaUnit = 'hectares' | 'square metres' | 'acres';
export type ParcelField = 'number' | 'sheet' | 'area' | 'district' | 'lastTransaction';
/** The property of each field where it has another than a usual name; null where it is not to be read. */
export type ParcelColumns = ChosenColumns<ParcelField>;

/** One part of a parcel: a spatial unit. */
export interface ParcelUnit {
  readonly alias: ParcelAlias;
  /** As the office drew it. */
  readonly polygon: Polygon;
  readonly areaM2: number;
  /** Ready to be compared, and for the index of the cadastre. */
  readonly outline: Outline;
}

export interface Parcel {
  readonly line: number;
  /** As the office writes it. */
  readonly number: string;
  readonly sheet?: string;
  readonly district?: string;
  readonly lastTransaction?: string;
  readonly statedAreaM2?: number;
  /** On the ellipsoid, all parts together. */
  readonly areaM2: number;
  /** Of all parts together. */
  readonly alias: ParcelAlias;
  readonly units: readonly ParcelUnit[];
  /** The feature's characters in the file: the source a commitment is made to. */
  readonly sourceText: string;
}

export interface ParcelsRead {
  /** Features of the file, good or not. */
  readonly read: number;
  readonly parcels: readonly Parcel[];
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
  /** Nothing of the file may be used: a refusal without a line says why. */
  readonly isRefusedWhole: boolean;
  /** Which property was read as which field. */
  readonly columns: ReadonlyMap<ParcelField, string>;
}

export interface ParcelOptions {
  readonly columns?: ParcelColumns;
  /** Of stated areas; where it is left out the property's name tells, or else it is hectares. */
  readonly areaUnit?: AreaUnit;
  /** The cadastre the file comes on top of. */
  readonly existing?: Pick<CadastreIndex, 'has' | 'overlapping'>;
  /** Numbers on the cadastre that this file takes the place of: the parents of a subdivision. */
  readonly replacing?: readonly string[];
  /** Where the office's parcels lie. */
  readonly within?: Extent;
  readonly areaTolerancePercent?: number;
  readonly onRefusal?: 'keep-good-lines' | 'refuse-file';
}

/** As an index key of the cadastre, which has room for its office beside it. */
const MAX_NUMBER_CHARACTERS_ENCODED = 480;
const MIN_AREA_M2 = 1;
const MAX_OVERLAP_M2 = 0.01;
const DEFAULT_TOLERANCE_PERCENT = 5;

const SQUARE_METRES: Readonly<Record<AreaUnit, number>> = {
  hectares: 10_000,
  'square metres': 1,
  acres: 4046.8564224,
};

const USUAL_NAMES: UsualNames<ParcelField> = {
  number: [
    'parcelnum',
    'parcelnumb',
    'parcelno',
    'parcelnumber',
    'parcelid',
    'parcel',
    'plotno',
    'plotnum',
    'plotnumber',
    'plot',
    'upi',
    'upin',
    'lrno',
    'lrnumber',
  ],
  sheet: ['sheetnumb', 'sheetnum', 'sheetno', 'sheetnumber', 'sheet', 'mapsheet'],
  area: [
    'acreage',
    'area',
    'statedarea',
    'areaha',
    'hectares',
    'sizeha',
    'aream2',
    'areasqm',
    'areaac',
    'areaacres',
    'acres',
  ],
  district: ['district', 'county', 'region'],
  lastTransaction: ['transaction', 'lasttransaction'],
};

/** `acreage` and `area` say nothing: the one real cadastre that calls it acreage means hectares. */
const UNITS_BY_NAME: readonly (readonly [RegExp, AreaUnit])[] = [
  [/(?:m2|sqm)$/i, 'square metres'],
  [/(?:_|\b|area)(?:ac|acres)$/i, 'acres'],
];

export function readParcels(input: string | Uint8Array, options: ParcelOptions = {}): ParcelsRead {
  const features: FeatureRead[] = [];
  try {
    readFeatures(decodeText(input), (feature) => features.push(feature));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...NOTHING, read: features.length, refused: [error] };
  }
  if (features.length === 0) return { ...NOTHING, refused: [refusal('file-empty')] };
  const names = [...new Set(features.flatMap(({ value }) => Object.keys(propertiesOf(value))))];
  const found = findColumns<ParcelField>(names, USUAL_NAMES, options.columns ?? {}, ['number']);
  if (found.refused.length > 0) return { ...NOTHING, read: features.length, refused: found.refused };
  const columns = new Map([...found.places].map(([field, place]) => [field, names[place] ?? '']));
  const areaUnit = options.areaUnit ?? unitOf(columns.get('area') ?? '');
  const drafts = features.map((feature) => draftOf(feature, columns, areaUnit, options.within));
  refuseNumbers(drafts, columns.get('number') ?? '', options.existing);
  refuseOverlaps(drafts, options);

  const refused = drafts.flatMap((draft) => draft.refused);
  const good = drafts.flatMap(({ parcel, refused: reasons }) =>
    parcel && reasons.length === 0 ? [parcel] : [],
  );
  const isRefusedWhole = refused.length > 0 && options.onRefusal === 'refuse-file';
  if (isRefusedWhole)
    refused.unshift(refusal('file-has-refused-lines', { count: drafts.length - good.length }));
  const warnings = areaWarnings(drafts, columns.has('area'), areaUnit, options.areaTolerancePercent);
  return {
    read: features.length,
    parcels: isRefusedWhole ? [] : good,
    refused,
    warnings,
    isRefusedWhole,
    columns,
  };
}

/**
 * A parcel as a feature that anybody may see: its shape as the office drew it, and what identifies it. Whatever else
 * stood beside them is left out, for some offices write the owners there.
 */
export function openFeature({ number, sheet, district, sourceText }: Parcel): string {
  const { geometry } = JSON.parse(sourceText) as { readonly geometry: Readonly<Record<string, unknown>> };
  const { type, coordinates } = geometry;
  const properties = { number, ...present({ sheet, district }) };
  return JSON.stringify({ type: 'Feature', properties, geometry: { type, coordinates } });
}

/** The outlines of an open feature, for the index of a cadastre that starts again. */
export function outlinesOf(openText: string): Outline[] {
  const feature: unknown = JSON.parse(openText);
  if (!isObject(feature) || !isFeature(feature)) throw new TypeError('not a feature that was taken');
  return shapeOf(feature.geometry, {}).map(outlineOf);
}

const NOTHING: ParcelsRead = {
  read: 0,
  parcels: [],
  refused: [],
  warnings: [],
  isRefusedWhole: true,
  columns: new Map(),
};

function propertiesOf(feature: unknown): Readonly<Record<string, unknown>> {
  return isObject(feature) && isObject(feature.properties) ? feature.properties : {};
}

function unitOf(column: string): AreaUnit {
  return UNITS_BY_NAME.find(([pattern]) => pattern.test(column))?.[1] ?? 'hectares';
}

/** What is known of one feature, whether or not it will be a parcel. */
interface Draft {
  readonly place: FeaturePlace;
  readonly refused: Refusal[];
  readonly number: string | undefined;
  /** Of a shape that is in itself right: one a part. */
  readonly outlines: readonly Outline[];
  readonly parcel: Parcel | undefined;
}

interface FeaturePlace {
  readonly line: number;
  /** The feature's JSON pointer: several may share a line. */
  readonly pointer: string;
}

type Columns = ReadonlyMap<ParcelField, string>;

function draftOf(feature: FeatureRead, columns: Columns, areaUnit: AreaUnit, within?: Extent): Draft {
  const { line, pointer, value, flaw, text } = feature;
  const refused: Refusal[] = [];
  const place = { line, pointer };
  const nothing = { place, refused, number: undefined, outlines: [], parcel: undefined };
  if (flaw !== undefined) refused.push(refusal(flaw.code, undefined, { line, field: flaw.field }));
  else if (!isFeature(value)) refused.push(refusal('feature-malformed', undefined, { line, field: pointer }));
  if (refused.length > 0 || !isObject(value)) return nothing;

  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.push(error);
      return undefined;
    }
  };
  const written = (field: ParcelField) =>
    attempt(() => textOf(propertiesOf(value), columns.get(field), place));
  const number = attempt(() => numberOf(propertiesOf(value), columns.get('number') ?? '', place));
  const stated = attempt(() => statedArea(propertiesOf(value), columns.get('area'), areaUnit, place));
  const parts = attempt(() => shapeOf(value.geometry, { line, field: `${pointer}/geometry` }, within));
  const optional = {
    sheet: written('sheet'),
    district: written('district'),
    lastTransaction: written('lastTransaction'),
  };
  if (parts === undefined) return { ...nothing, number };
  if (parts.length > MAX_SPATIAL_UNITS) {
    refused.push(
      refusal('too-many-spatial-units', { limit: MAX_SPATIAL_UNITS }, { line, field: `${pointer}/geometry` }),
    );
    return { ...nothing, number };
  }

  const units = parts.map((polygon) => ({
    alias: parcelAlias([polygon]),
    polygon,
    areaM2: areaM2([polygon]),
    outline: outlineOf(polygon),
  }));
  const area = units.reduce((sum, unit) => sum + unit.areaM2, 0);
  if (units.some((unit) => unit.areaM2 < MIN_AREA_M2)) {
    refused.push(
      refusal('parcel-too-small', { leastM2: MIN_AREA_M2 }, { line, field: `${pointer}/geometry` }),
    );
  }
  const [first, second] = units;
  const outlines = units.map(({ outline }) => outline);
  if (number === undefined) return { ...nothing, outlines };
  const parcel = {
    line,
    number,
    ...present({ ...optional, statedAreaM2: stated }),
    areaM2: area,
    alias: first !== undefined && second === undefined ? first.alias : parcelAlias(parts),
    units,
    sourceText: text,
  };
  return { place, refused, number, outlines, parcel };
}

function isFeature(value: unknown): boolean {
  if (!isObject(value) || value.type !== 'Feature' || !('geometry' in value)) return false;
  const { properties, crs = null } = value;
  return (properties === null || isObject(properties)) && isLongitudeLatitude(crs);
}

type Properties = Readonly<Record<string, unknown>>;

function fieldOf({ pointer }: FeaturePlace, column: string): string {
  return `${pointer}/properties/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A number may be written as a JSON integer; nothing else is a text. */
function textOf(properties: Properties, column: string | undefined, place: FeaturePlace): string | undefined {
  const value = column === undefined ? undefined : properties[column];
  if (column === undefined || value === undefined || value === null) return undefined;
  if (typeof value !== 'string' && !Number.isInteger(value)) {
    throw refusal('property-malformed', undefined, { line: place.line, field: fieldOf(place, column) });
  }
  const text = String(value).trim();
  return keyOf(text) === '' ? undefined : text;
}

function numberOf(properties: Properties, column: string, place: FeaturePlace): string {
  const number = textOf(properties, column, place);
  if (number !== undefined && encodeURIComponent(number).length > MAX_NUMBER_CHARACTERS_ENCODED) {
    throw refusal('text-too-long', undefined, { line: place.line, field: fieldOf(place, column) });
  }
  if (number !== undefined) return number;
  throw refusal('parcel-number-missing', undefined, { line: place.line, field: fieldOf(place, column) });
}

const DECIMAL = /^\d+(?:\.\d+)?$/;

function statedArea(
  properties: Properties,
  column: string | undefined,
  unit: AreaUnit,
  place: FeaturePlace,
): number | undefined {
  const value = column === undefined ? undefined : (properties[column] ?? undefined);
  if (column === undefined || value === undefined || value === '') return undefined;
  const area = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value;
  if (typeof area !== 'number' || area < 0) {
    throw refusal('stated-area-malformed', undefined, { line: place.line, field: fieldOf(place, column) });
  }
  return area * SQUARE_METRES[unit];
}

function refuseNumbers(drafts: readonly Draft[], column: string, existing: ParcelOptions['existing']): void {
  const numbered = drafts.flatMap(({ number, ...draft }) =>
    number === undefined ? [] : [{ ...draft, number }],
  );
  const bearers = Map.groupBy(numbered, ({ number }) => keyOf(number));
  for (const { number, place, refused } of numbered) {
    const at = { line: place.line, field: fieldOf(place, column) };
    const lines = bearers.get(keyOf(number))?.length ?? 0;
    if (lines > 1) refused.push(refusal('parcel-number-repeated', { lines }, at));
    if (existing?.has(number)) refused.push(refusal('parcel-number-registered', undefined, at));
  }
}

/** Of two shapes on one piece of ground neither is known to be right, unless one is already registered. */
function refuseOverlaps(drafts: readonly Draft[], { existing, replacing = [] }: ParcelOptions): void {
  const shapes = drafts.flatMap((draft) => draft.outlines.map((outline) => ({ draft, outline })));
  const tree = treeOf(shapes);
  const clashing = new Set<Draft>();
  for (const [i, { draft, outline }] of shapes.entries()) {
    for (const j of tree?.search(...outline.extent, (other) => other > i) ?? []) {
      const other = shapes[j];
      // parts of one parcel were compared with its shape; who is refused already is refused once
      if (other === undefined || other.draft === draft) continue;
      if (clashing.has(draft) && clashing.has(other.draft)) continue;
      if (overlapM2(outline, other.outline, MAX_OVERLAP_M2) > MAX_OVERLAP_M2)
        clashing.add(draft).add(other.draft);
    }
  }
  const replaced = new Set(replacing.map(keyOf));
  for (const draft of drafts) {
    const at = { line: draft.place.line, field: `${draft.place.pointer}/geometry` };
    if (clashing.has(draft)) draft.refused.push(refusal('parcel-overlaps', { mostM2: MAX_OVERLAP_M2 }, at));
    const registered = draft.outlines.flatMap(
      (outline) => existing?.overlapping(outline, MAX_OVERLAP_M2) ?? [],
    );
    if (registered.some((number) => !replaced.has(keyOf(number)))) {
      draft.refused.push(refusal('parcel-overlaps-registered', { mostM2: MAX_OVERLAP_M2 }, at));
    }
  }
}

/** Fewer stated areas than these say nothing about the unit of all. */
const LEAST_FOR_UNIT = 10;

function areaWarnings(
  drafts: readonly Draft[],
  isStated: boolean,
  unit: AreaUnit,
  tolerancePercent = DEFAULT_TOLERANCE_PERCENT,
): Warning[] {
  if (!isStated) return [];
  const ratios: number[] = [];
  const found = drafts.flatMap(({ parcel, refused }): Warning[] => {
    if (parcel === undefined || refused.length > 0) return [];
    const { line } = parcel;
    if (parcel.statedAreaM2 === undefined) return [warning('area-missing', {}, { line })];
    const ratio = parcel.statedAreaM2 / parcel.areaM2;
    ratios.push(ratio);
    const percent = Math.abs(ratio - 1) * 100;
    if (percent <= tolerancePercent) return [];
    return [warning('area-differs', { unit, percent: percent.toFixed(1) }, { line })];
  });
  const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 1;
  const fits = (Object.keys(SQUARE_METRES) as AreaUnit[]).find(
    (other) => Math.abs((median * SQUARE_METRES[other]) / SQUARE_METRES[unit] - 1) * 100 <= tolerancePercent,
  );
  if (ratios.length < LEAST_FOR_UNIT || fits === undefined || fits === unit) return found;
  return [warning('area-unit-doubtful', { unit, fits }, {}), ...found];
}
