/**
 * What a file's reader lets pass and a person should still look at: never a reason to refuse.
 *
 * Promises the same as a refusal: codes are stable, and no message carries a submitted value, a name or an
 * id of a person. Anyone may import it.
 */
import type { Place } from './refusal.ts';

const warnings = {
  'area-differs': 'The stated area, read in {unit}, and the area of the shape differ by {percent} %.',
  'area-missing': 'The file has a column of stated areas and this line has none.',
  'area-unit-doubtful': 'The stated areas were read in {unit} and would fit their shapes in {fits}.',
  'phone-shared': 'The same phone stands on {lines} lines of this file.',
  'age-unreadable': 'The age is not a whole number of years that a person can have.',
} as const;

export type WarningCode = keyof typeof warnings;

type HolesOf<M extends string> = M extends `${string}{${infer H}}${infer R}` ? H | HolesOf<R> : never;

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
  readonly place: Place;
}

export function warning<C extends WarningCode>(
  code: C,
  holes: Readonly<Record<HolesOf<(typeof warnings)[C]>, string | number>>,
  place: Place,
): Warning {
  const values: Readonly<Record<string, string | number>> = holes;
  return {
    code,
    message: warnings[code].replace(/\{(\w+)\}/g, (_, hole: string) => String(values[hole])),
    place,
  };
}
