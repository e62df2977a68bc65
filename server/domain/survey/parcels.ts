/**
 * An office's file of parcels: what can be registered, and what cannot, feature by feature.
 *
 * Promises: every refusal of every feature is found in one reading, in the file's order, each with code, line, number of
 * the feature and field; a parcel is answered only if nothing is wrong with it, or an officer answered what was asked.
 * Where two features have one number neither is known to be right and both are refused; ground that two share beyond
 * the noise of surveys is a question that names the other and the area. What is on the cadastre already, with this
 * number and this shape, is known again. Nothing is repaired and nothing is written. Near linear in the number of
 * parcels. Pure; the gateway and the CLI call it.
 */
import { present } from '../base/present.ts';
import { Refusal, refusal } from '../base/refusal.ts';
import type { Warning } from '../base/warning.ts';
import { warning } from '../base/warning.ts';
import { type Answers, answersFrom, answersNotAsked, type FileAnswer } from '../files/answers.ts';
import type { ChosenColumns } from '../files/columns.ts';
import { findColumns } from '../files/columns.ts';
import { keyOf, PLACEHOLDER } from '../files/key.ts';
import { doubtOf, isMangled, SPOILT_WORDS, spoiltText } from '../files/spoilt.ts';
import { type Charset, decodeText, trimmed } from '../files/text.ts';
import { MAX_SPATIAL_UNITS } from '../land/types.ts';
import { at, escaped, type FeaturePlace, propertyOf } from './featurePlace.ts';
import type { FeatureRead } from './geojson.ts';
import { epsgOf, isLongitudeLatitude, isObject, readFeatures } from './geojson.ts';
import type { Extent } from './geometry.ts';
import { areaM2, shapeOf } from './geometry.ts';
import { type Decided, type Existing, refuseOverlaps, type Sharing } from './groundQuestions.ts';
import { alikeNumbers, refuseNumbers } from './numberQuestions.ts';
import type { Outline } from './overlap.ts';
import { outlineOf } from './overlap.ts';
import type { ParcelAlias, Polygon } from './parcelAlias.ts';
import { parcelAlias } from './parcelAlias.ts';
import { PARCEL_COLUMNS, type ParcelField } from './parcelNames.ts';
import { definitionOf, type Unproject, unprojectFrom } from './projection.ts';
import { type AreaUnit, type AreaWritten, areaWritten, readAreas, unitOfColumn } from './statedArea.ts';

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
  /** 1-based, in the file. */
  readonly feature: number;
  /** As the office writes it. */
  readonly number: string;
  /** Numbers that it had before, each as it is written. */
  readonly formerNumbers?: readonly string[];
  readonly sheet?: string;
  readonly district?: string;
  readonly lastTransaction?: string;
  readonly statedAreaM2?: number;
  /** On the ellipsoid, all parts together. */
  readonly areaM2: number;
  /** Of all parts together. */
  readonly alias: ParcelAlias;
  readonly units: readonly ParcelUnit[];
  readonly sharing: readonly Sharing[];
  /** The feature's characters in the file: the source a commitment is made to. */
  readonly sourceText: string;
  /** The geometry in degrees, where the file has another projection. */
  readonly unprojected?: unknown;
}

export interface ParcelsRead {
  /** Features of the file, good or not. */
  readonly read: number;
  readonly parcels: readonly Parcel[];
  /** On the cadastre already, with this number and this shape. */
  readonly known: readonly Parcel[];
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
  /** Nothing of the file may be used: a refusal without a line says why. */
  readonly isRefusedWhole: boolean;
  /** Which property was read as which field. */
  readonly columns: ReadonlyMap<ParcelField, string>;
  /** Names of all properties of the file, in the order they are met. */
  readonly present: readonly string[];
  /** Of the stated areas; undefined where there are none, or none that could be told. */
  readonly areaUnit: AreaUnit | undefined;
  /** What was answered of ground that is shared, of parcels that are left out and of those that are taken. */
  readonly decided: readonly Decided[];
}

export interface ParcelOptions {
  readonly columns?: ParcelColumns | undefined;
  readonly charset?: Charset | undefined;
  /** Of stated areas; where it is left out the property's name tells, or the shapes do. */
  readonly areaUnit?: AreaUnit | undefined;
  /** Of the coordinates, where the file does not state it: an EPSG code or PROJ text. */
  readonly projection?: string | undefined;
  /** The county or region around all of them, where no column says it. */
  readonly district?: string | undefined;
  /** The cadastre the file comes on top of. */
  readonly existing?: Existing | undefined;
  /** Numbers on the cadastre that this file takes the place of: the parents of a subdivision. */
  readonly replacing?: readonly string[] | undefined;
  /** Where the office's parcels lie. */
  readonly within?: Extent | undefined;
  readonly areaTolerancePercent?: number | undefined;
  /** Shared ground that surveys of neighbours are never rid of. */
  readonly overlapToleranceM2?: number | undefined;
  readonly answers?: readonly FileAnswer[] | undefined;
  /** What was found where the file was converted: features that were not, by their number. */
  readonly unconverted?: ReadonlyMap<number, Refusal> | undefined;
  /** Said after each feature: how many were looked at. */
  onProgress?(features: number): void;
  readonly onRefusal?: 'keep-good-lines' | 'refuse-file' | undefined;
}

/** As an index key of the cadastre, which has room for its office beside it. */
const MAX_NUMBER_CHARACTERS_ENCODED = 480;
const MIN_AREA_M2 = 1;
const AREA_TOLERANCE_PERCENT = 5;
/** Of numbers that one had before: as long as a number that is asked for, and as many as are joined at once. */
const FORMER_CHARACTERS_MAX = 200;
const FORMER_MAX = 32;
/** More names than a table of any office has columns; a file of names without end costs no memory. */
const MAX_PROPERTY_NAMES = 1_000;

export function readParcels(input: string | Uint8Array, options: ParcelOptions = {}): ParcelsRead {
  const features: FeatureRead[] = [];
  let unproject: Unproject | undefined;
  let isCut = false;
  try {
    const said = readFeatures(decodeText(input, options.charset), (feature) => features.push(feature));
    isCut = said.isCut;
    unproject = unprojectOf(said.crs, options.projection);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return nothingOf([error], features.length);
  }
  if (features.length === 0) return nothingOf([refusal('file-empty')]);
  const filled = filledNames(features);
  const names = [...filled.keys()];
  const rules = Object.assign({ chosen: options.columns ?? {} }, PARCEL_COLUMNS);
  const found = findColumns<ParcelField>(names, rules, (place) => filled.get(names[place] ?? '') === true);
  if (found.refused.length > 0) return nothingOf(found.refused, features.length, names);
  const columns = new Map([...found.places].map(([field, place]) => [field, names[place] ?? '']));
  const { within, district } = options;
  const readColumns = new Set([...columns.values()].map(escaped));
  const answers = answersFrom(options.answers ?? []);
  const { unconverted = new Map<number, Refusal>() } = options;
  const isFloat = hasFloatNumbers(features, columns.get('number') ?? '');
  const reading: Reading = Object.assign(
    { columns, unproject, within, district, readColumns },
    { answers, unconverted, isFloat },
  );
  const drafts = features.map((feature) => {
    options.onProgress?.(feature.feature);
    return draftOf(feature, reading);
  });
  const { existing } = options;
  const knownAgain = new Set(
    drafts.filter(({ parcel }) => parcel && existing?.isKnown(parcel.number, parcel.alias)),
  );
  refuseNumbers(drafts, columns.get('number') ?? '', existing, knownAgain);
  const shared = refuseOverlaps(drafts, options, knownAgain, answers);
  const areas = areasOf(drafts, columns, options);

  const knownFeatures = new Set<number | undefined>([...knownAgain].map(({ place }) => place.feature));
  const unasked = answers.unasked.filter(({ feature }) => !knownFeatures.has(feature));
  const refused = [...drafts.flatMap((draft) => draft.refused), ...answersNotAsked(unasked, answers.raised)];
  const good = drafts.filter(({ parcel, refused: reasons }) => parcel !== undefined && reasons.length === 0);
  const parcelsOf = (isKnown: boolean) =>
    good.flatMap((draft) =>
      draft.parcel && knownAgain.has(draft) === isKnown
        ? [withArea(draft.parcel, areas.statedOf(draft))]
        : [],
    );
  const isRefusedWhole = refused.length > 0 && options.onRefusal === 'refuse-file';
  if (isRefusedWhole)
    refused.unshift(refusal('file-has-refused-lines', { count: drafts.length - good.length }));
  const again = [...knownAgain].map(({ number = '', place: { line, feature } }) => {
    const by = existing?.replacedBy(number) ?? [];
    if (by.length === 0) return warning('parcel-known', {}, { line, feature });
    return warning('parcel-replaced', { by: inShort(by) }, { line, feature });
  });
  const warnings = [
    ...(isCut ? [warning('file-cut-by-service', {}, {})] : []),
    ...found.warnings,
    ...areas.warnings,
    ...drafts.flatMap((draft) => draft.warnings),
    ...shared.warnings,
    ...alikeNumbers(drafts, columns.get('number') ?? ''),
    ...again,
  ];
  return {
    read: features.length,
    parcels: isRefusedWhole ? [] : parcelsOf(false),
    known: isRefusedWhole ? [] : parcelsOf(true),
    refused,
    warnings: warnings.sort((a, b) => (a.place.feature ?? 0) - (b.place.feature ?? 0)),
    isRefusedWhole,
    columns,
    present: names,
    areaUnit: areas.unit,
    decided: isRefusedWhole ? [] : shared.decidedOf(good),
  };
}

/** Of the parcels that took the place of one, which a division makes a thousand of. */
const REPLACERS_NAMED = 3;

function inShort(numbers: readonly string[]): string {
  const more = numbers.length - REPLACERS_NAMED;
  return numbers.slice(0, REPLACERS_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** What the file states of its coordinates counts, else what the request says. */
function unprojectOf(crs: unknown, projection: string | undefined): Unproject | undefined {
  if (crs !== null && isLongitudeLatitude(crs)) return undefined;
  const stated = epsgOf(crs);
  const known = stated !== undefined && definitionOf(stated) !== undefined ? stated : undefined;
  if (known !== undefined) return unprojectFrom(known);
  if (projection === undefined) {
    if (crs !== null) throw refusal('crs-unsupported', undefined, { field: 'crs' });
    return undefined;
  }
  return /^(?:EPSG:4326|(?:OGC:)?CRS84)$/i.test(projection) ? undefined : unprojectFrom(projection);
}

/** Every name of a property, and whether any feature has something under it. */
function filledNames(features: readonly FeatureRead[]): Map<string, boolean> {
  const filled = new Map<string, boolean>();
  for (const { value } of features) {
    for (const [name, held] of Object.entries(propertiesOf(value))) {
      if (filled.get(name) === true || (filled.size === MAX_PROPERTY_NAMES && !filled.has(name))) continue;
      filled.set(name, held !== null && held !== '');
    }
  }
  return filled;
}

/**
 * A parcel as a feature that anybody may see: its shape as the office drew it, and what identifies it. Whatever else
 * stood beside them is left out, for some offices write the owners there.
 */
export function openFeature({ number, sheet, district, sourceText, unprojected }: Parcel): string {
  const drawn = unprojected ?? (JSON.parse(sourceText) as { readonly geometry: unknown }).geometry;
  const { type, coordinates } = drawn as Readonly<Record<string, unknown>>;
  const properties = { number, ...present({ sheet, district }) };
  return JSON.stringify({ type: 'Feature', properties, geometry: { type, coordinates } });
}

/** The shape of an open feature, for the index of a cadastre that starts again. */
export function shapeOfOpen(openText: string): { readonly outlines: Outline[]; readonly alias: ParcelAlias } {
  const feature: unknown = JSON.parse(openText);
  if (!isObject(feature) || !isFeature(feature)) throw new TypeError('not a feature that was taken');
  const parts = shapeOf(feature.geometry, {});
  return { outlines: parts.map(outlineOf), alias: parcelAlias(parts) };
}

function nothingOf(refused: readonly Refusal[], read = 0, names: readonly string[] = []): ParcelsRead {
  return {
    read,
    parcels: [],
    known: [],
    refused,
    warnings: [],
    isRefusedWhole: true,
    columns: new Map(),
    present: names,
    areaUnit: undefined,
    decided: [],
  };
}

function propertiesOf(feature: unknown): Readonly<Record<string, unknown>> {
  return isObject(feature) && isObject(feature.properties) ? feature.properties : {};
}

/** How the features of one file are read. */
interface Reading {
  readonly columns: ReadonlyMap<ParcelField, string>;
  /** The columns' names as pointers write them. */
  readonly readColumns: ReadonlySet<string>;
  readonly answers: Answers;
  readonly unproject: Unproject | undefined;
  readonly within: Extent | undefined;
  readonly district: string | undefined;
  readonly unconverted: ReadonlyMap<number, Refusal>;
  /** Every number of the file has `.0` behind it. */
  readonly isFloat: boolean;
}

/** What is known of one feature, whether or not it will be a parcel. */
interface Draft {
  readonly place: FeaturePlace;
  readonly refused: Refusal[];
  readonly warnings: Warning[];
  readonly number: string | undefined;
  /** Of a shape that is in itself right: one a part. */
  readonly outlines: readonly Outline[];
  readonly parcel: Parcel | undefined;
  /** The parcel's own list, which grows as it is compared. */
  readonly sharing: Sharing[];
  readonly area: AreaWritten;
}

function draftOf(read: FeatureRead, reading: Reading): Draft {
  const { value, text } = read;
  const refused: Refusal[] = [];
  const warnings: Warning[] = [];
  const place: FeaturePlace = { line: read.line, feature: read.feature, pointer: read.pointer };
  const nothing = {
    place,
    refused,
    warnings,
    number: undefined,
    outlines: [],
    parcel: undefined,
    sharing: [] as Sharing[],
    area: 'missing',
  } as const;
  const flaw = read.flaws.find(({ field }) => isRead(field, place, reading));
  const lost = reading.unconverted.get(read.feature);
  if (lost !== undefined && isRead(lost.place.field ?? '', place, reading)) refused.push(lost);
  else if (flaw !== undefined)
    refused.push(
      refusal(flaw.code, undefined, { line: place.line, feature: place.feature, field: flaw.field }),
    );
  else if (!isFeature(value)) refused.push(refusal('feature-malformed', undefined, at(place)));
  if (refused.length > 0 || !isObject(value)) return nothing;

  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.push(error);
      return undefined;
    }
  };
  const { columns, unproject } = reading;
  const properties = propertiesOf(value);
  /** What no parcel is registered by cannot refuse one. */
  const optional = (field: ParcelField) => {
    const column = columns.get(field);
    const found = textOf(properties, column);
    if (found === undefined && column !== undefined && isFilled(properties[column]))
      warnings.push(warning('property-unreadable', {}, at(place, propertyOf(column))));
    return found;
  };
  const number = attempt(() => numberOf(properties, columns.get('number') ?? '', place, reading));
  const onGround = at(place, '/geometry');
  const geometry =
    unproject === undefined ? value.geometry : attempt(() => unproject(value.geometry, onGround));
  const isPlaced = unproject === undefined || geometry !== undefined;
  const parts = isPlaced ? attempt(() => shapeOf(geometry, onGround, reading.within)) : undefined;
  const [areaColumn, sheet, lastTransaction] = [
    columns.get('area'),
    optional('sheet'),
    optional('lastTransaction'),
  ];
  const district = optional('district') ?? reading.district;
  const formerNumbers = formerNumbersIn(optional('formerNumber'), number);
  const area = areaWritten(areaColumn === undefined ? undefined : properties[areaColumn]);
  if (parts === undefined) return Object.assign({}, nothing, { number });
  if (parts.length > MAX_SPATIAL_UNITS) {
    refused.push(refusal('too-many-spatial-units', { limit: MAX_SPATIAL_UNITS }, at(place, '/geometry')));
    return Object.assign({}, nothing, { number });
  }

  const units = parts.map((polygon) => ({
    alias: parcelAlias([polygon]),
    polygon,
    areaM2: areaM2([polygon]),
    outline: outlineOf(polygon),
  }));
  if (units.some((unit) => unit.areaM2 < MIN_AREA_M2)) {
    refused.push(refusal('parcel-too-small', { leastM2: MIN_AREA_M2 }, at(place, '/geometry')));
  }
  const [first, second] = units;
  const outlines = units.map(({ outline }) => outline);
  if (number === undefined) return Object.assign({}, nothing, { outlines });
  const sharing: Sharing[] = [];
  const parcel: Parcel = {
    sharing,
    line: place.line,
    feature: place.feature,
    number,
    units,
    sourceText: text,
    ...present({ formerNumbers, sheet, district, lastTransaction, unprojected: unproject && geometry }),
    areaM2: units.reduce((sum, unit) => sum + unit.areaM2, 0),
    alias: first !== undefined && second === undefined ? first.alias : parcelAlias(parts),
  };
  return { place, refused, warnings, number, outlines, parcel, sharing, area };
}

/** Of several parcels that were joined; a comma stands within numbers. Words for nothing are none. */
function formerNumbersIn(written: string | undefined, number: string | undefined): string[] | undefined {
  const found = (written ?? '')
    .split(/[;|\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '' && one.length <= FORMER_CHARACTERS_MAX && !PLACEHOLDER.test(one))
    .filter((one) => number === undefined || keyOf(one) !== keyOf(number))
    .slice(0, FORMER_MAX);
  return found.length === 0 ? undefined : found;
}

/** A property that is not read cannot refuse its parcel. */
function isRead(field: string, { pointer }: FeaturePlace, { readColumns }: Reading): boolean {
  const properties = `${pointer}/properties/`;
  if (!field.startsWith(properties)) return true;
  return readColumns.has(field.slice(properties.length).split('/')[0] ?? '');
}

function withArea(parcel: Parcel, statedAreaM2: number | undefined): Parcel {
  return Object.assign({}, parcel, present({ statedAreaM2 }));
}

function areasOf(
  drafts: readonly Draft[],
  columns: ReadonlyMap<ParcelField, string>,
  options: ParcelOptions,
) {
  const column = columns.get('area');
  if (column === undefined) return { statedOf: () => undefined, unit: undefined, warnings: [] };
  const whole = drafts.flatMap((draft) =>
    draft.parcel !== undefined && draft.refused.length === 0
      ? [
          {
            draft,
            written: draft.area,
            areaM2: draft.parcel.areaM2,
            place: at(draft.place, propertyOf(column)),
          },
        ]
      : [],
  );
  const named = options.areaUnit ?? unitOfColumn(column);
  const { statedM2, unit, warnings } = readAreas(
    whole,
    named,
    options.areaTolerancePercent ?? AREA_TOLERANCE_PERCENT,
  );
  const stated = new Map(whole.map(({ draft }, i) => [draft, statedM2[i]]));
  return { statedOf: (draft: Draft) => stated.get(draft), unit, warnings };
}

function isFeature(value: unknown): boolean {
  if (!isObject(value) || value.type !== 'Feature' || !('geometry' in value)) return false;
  const { properties, crs = null } = value;
  return (properties === null || isObject(properties)) && isLongitudeLatitude(crs);
}

type Properties = Readonly<Record<string, unknown>>;

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && !(typeof value === 'string' && keyOf(value) === '');
}

/** A number may be written as a JSON integer; nothing else is a text. Undefined for nothing, and for what is none. */
function textOf(properties: Properties, column: string | undefined): string | undefined {
  const value = column === undefined ? undefined : properties[column];
  if (typeof value !== 'string' && !Number.isInteger(value)) return undefined;
  const text = trimmed(String(value));
  return keyOf(text) === '' ? undefined : text;
}

/** A program for tables of numbers writes all of a column as fractions where one cell is empty. */
function hasFloatNumbers(features: readonly FeatureRead[], column: string): boolean {
  const numbers = features.map(({ value }) => textOf(propertiesOf(value), column));
  const filled = numbers.filter((number) => number !== undefined);
  return filled.length > 0 && filled.every((number) => /^\d+\.0$/.test(number));
}

function numberOf(
  properties: Properties,
  column: string,
  place: FeaturePlace,
  { answers, isFloat }: Reading,
): string {
  const written = textOf(properties, column);
  const number = isFloat ? written?.slice(0, -'.0'.length) : written;
  const field = at(place, propertyOf(column));
  if (number === undefined)
    throw refusal(
      isFilled(properties[column]) ? 'property-malformed' : 'parcel-number-missing',
      undefined,
      field,
    );
  if ([number, keyOf(number)].some((each) => encodeURIComponent(each).length > MAX_NUMBER_CHARACTERS_ENCODED))
    throw refusal('text-too-long', undefined, field);
  if (isMangled(number)) throw refusal('value-mangled', undefined, field);
  const spoilt = spoiltText(number);
  if (spoilt !== undefined) throw refusal('id-spoilt', { what: SPOILT_WORDS[spoilt] }, field);
  const doubt = doubtOf(number);
  if (doubt !== undefined && answers.of(doubt, place) !== 'as-written')
    throw refusal(doubt, undefined, field);
  return number;
}
