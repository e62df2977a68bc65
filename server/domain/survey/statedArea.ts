/**
 * The area an office states beside a shape: read from whatever a clerk wrote, in the unit it is in.
 *
 * Promises: no stated area refuses a parcel; one that can be read in two ways (`1,200`) is left out and never guessed;
 * the unit is the cell's, the request's or the column's, else the one that fits the shapes, which is said; where none
 * fits it is asked for. Pure; `parcels.ts` calls it.
 */
import { type Warning, warning } from '../base/warning.ts';
import { asciiDigits } from '../files/key.ts';

export const AREA_UNITS = ['hectares', 'square metres', 'acres'] as const;
export type AreaUnit = (typeof AREA_UNITS)[number];

const SQUARE_METRES: Readonly<Record<AreaUnit, number>> = {
  hectares: 10_000,
  'square metres': 1,
  acres: 4046.8564224,
};

export type AreaWritten =
  | { readonly value: number; readonly unit: AreaUnit | undefined }
  | 'missing'
  | 'unreadable';

/** `1 ha 23 a 45 ca`, as registers of the French tradition write it: hectares, ares and square metres. */
const HECTARES_ARES = /^(?:(\d+)\s*ha)?\s*(?:(\d{1,2})\s*a)?\s*(?:(\d{1,2})\s*ca)?$/i;
const CELL = /^(\d[\d.,'’\s]*?)\s*(\p{L}[\p{L}.\s]*[2²]?)?$/u;
const NOTHING = /^(?:[-–—.?*]*|n\.?\/?a\.?|none|nil|null|unknown)$/i;
const UNITS_BY_WORD: readonly (readonly [RegExp, AreaUnit])[] = [
  [/^(?:ha|has|hect(?:are|ares|area|areas)?s?)\.?$/i, 'hectares'],
  [/^(?:m[2²]|sq\.?\s*m\.?|sqm|sq\.?\s*met(?:re|er)s?|m\.?\s*c\.?)$/i, 'square metres'],
  [/^(?:ac|acres?)\.?$/i, 'acres'],
];
/** `acreage` and `area` say nothing: the one real cadastre that calls it acreage means hectares. */
const UNITS_BY_NAME: readonly (readonly [RegExp, AreaUnit])[] = [
  [/(?:m2|m²|sqm)$/i, 'square metres'],
  [/(?:_|\b|area)(?:ac|acres)$/i, 'acres'],
  [/(?:_|\b|area|size)(?:ha|hectares?)$/i, 'hectares'],
];

export function areaWritten(value: unknown): AreaWritten {
  if (value === undefined || value === null) return 'missing';
  if (typeof value === 'number')
    return value >= 0 && Number.isFinite(value) ? { value, unit: undefined } : 'unreadable';
  if (typeof value !== 'string') return 'unreadable';
  // the fraction and the thousands of Arabic have marks of their own
  const text = asciiDigits(value)
    .trim()
    .replace(/(?<=\d)\u066c(?=\d{3})/g, '')
    .replace(/\u066b/g, '.');
  if (NOTHING.test(text)) return 'missing';
  const [, hectares, ares, centiares] = HECTARES_ARES.exec(text) ?? [];
  if (ares !== undefined || centiares !== undefined) {
    const squareMetres = Number(hectares ?? 0) * 10_000 + Number(ares ?? 0) * 100 + Number(centiares ?? 0);
    return { value: squareMetres, unit: 'square metres' };
  }
  const [, digits = '', word] = CELL.exec(text) ?? [];
  const number = decimalOf(digits);
  const unit =
    word === undefined ? undefined : UNITS_BY_WORD.find(([pattern]) => pattern.test(word.trim()))?.[1];
  if (number === undefined || (word !== undefined && unit === undefined)) return 'unreadable';
  return { value: number, unit };
}

/** Undefined where there are two readings, or none. */
function decimalOf(digits: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(digits)) return Number(digits);
  // A comma before three digits may set thousands apart, unless only a zero stands before it.
  if (/^(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))$/.test(digits)) return Number(digits.replace(',', '.'));
  if (/^\d{1,3}(?:,\d{3})+\.\d+$/.test(digits)) return Number(digits.replaceAll(',', ''));
  if (/^\d{1,3}(?:\.\d{3})+,\d+$/.test(digits)) return Number(digits.replaceAll('.', '').replace(',', '.'));
  return undefined;
}

export function unitOfColumn(column: string): AreaUnit | undefined {
  const name = column.replace(/[\s)\].]+$/, '').replace(/sq\.?\s*m$/i, 'sqm');
  return UNITS_BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
}

/** One parcel's stated area beside the area of its shape. */
export interface AreaPair {
  readonly written: AreaWritten;
  readonly areaM2: number;
  readonly place: { readonly line: number; readonly feature: number; readonly field: string };
}

export interface AreasRead {
  /** In square metres, in the order of the pairs. */
  readonly statedM2: readonly (number | undefined)[];
  readonly unit: AreaUnit | undefined;
  readonly warnings: readonly Warning[];
}

/** Fewer stated areas than these do not contradict a unit that was named. */
const LEAST_AGAINST_NAMED = 10;

export function readAreas(
  pairs: readonly AreaPair[],
  named: AreaUnit | undefined,
  tolerancePercent: number,
): AreasRead {
  const ratios = pairs.flatMap(({ written, areaM2 }) =>
    typeof written === 'object' && written.unit === undefined ? [written.value / areaM2] : [],
  );
  const fitting = unitFitting(ratios, tolerancePercent);
  const unit = named ?? fitting;
  const warnings: Warning[] = [];
  if (named === undefined && ratios.length > 0) {
    warnings.push(
      fitting === undefined
        ? warning('area-unit-unclear', {}, {})
        : warning('area-unit-proposed', { unit: fitting }, {}),
    );
  } else if (
    named !== undefined &&
    fitting !== undefined &&
    fitting !== named &&
    ratios.length >= LEAST_AGAINST_NAMED
  ) {
    warnings.push(warning('area-unit-doubtful', { unit: named, fits: fitting }, {}));
  }
  const statedM2 = pairs.map(({ written, areaM2, place }) => {
    if (written === 'missing') warnings.push(warning('area-missing', {}, place));
    if (written === 'unreadable') warnings.push(warning('area-unreadable', {}, place));
    if (typeof written !== 'object') return undefined;
    const own = written.unit ?? unit;
    if (own === undefined) return undefined;
    const stated = written.value * SQUARE_METRES[own];
    const percent = Math.abs(stated / areaM2 - 1) * 100;
    if (percent > tolerancePercent)
      warnings.push(warning('area-differs', { unit: own, percent: percent.toFixed(1) }, place));
    return stated;
  });
  return { statedM2, unit, warnings };
}

/** The unit in which the middle one of the stated areas is that of its shape. */
function unitFitting(ratios: readonly number[], tolerancePercent: number): AreaUnit | undefined {
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)];
  if (median === undefined) return undefined;
  return AREA_UNITS.find((unit) => Math.abs(median * SQUARE_METRES[unit] - 1) * 100 <= tolerancePercent);
}
