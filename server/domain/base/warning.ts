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
  'area-unreadable': 'The stated area cannot be read in one way only, and was left out.',
  'area-unit-doubtful': 'The stated areas were read in {unit} and would fit their shapes in {fits}.',
  'area-unit-proposed': 'Nothing names the unit of the stated areas; {unit} fits their shapes and was taken.',
  'area-unit-unclear':
    'Nothing names the unit of the stated areas and none fits their shapes; they were left out. Name it: `areaUnit`.',
  'column-proposed': 'Several columns could hold the {field}; the only one that holds anything was read.',
  'column-left-out':
    '{columns} columns could hold the {field}; none was read. Name one in the settings, or where they have one name count it from the left: `"FIELD": 3`.',
  'column-named-in-part':
    'The column was read as the {field} for the words before its remark. Name another in the settings where it is none.',
  'name-of-columns':
    'The name stands in {columns} columns and is read of all of them as one, given names first unless `nameOrder` says otherwise; a dry run shows which, and how it reads. Name others in the settings where they are none (`"givenName"`, `"familyName"`), or `null` for one that is not to be read.',
  'name-in-part':
    'Only one column holds a part of the name, and was read as all of it: namesakes are not told apart by it. Name the column of the other part in the settings (`"givenName"`, `"familyName"`).',
  'header-two-lines':
    'The names of the columns stand on two lines and were read together; a dry run shows them.',
  'columns-numbered': 'The line counts the columns and was passed over.',
  'column-hidden':
    'The workbook hides the column of the {field}, and it was not read. Show it, or name it in the settings.',
  'columns-unnamed':
    '{columns} columns hold something and have no name on the line of names; they were not read.',
  'header-repeated': 'The line names the columns again, and was passed over.',
  'sheets-hidden':
    'Sheets that the workbook hides are never read: {sheets}. If people stand on one, show it and send that sheet too.',
  'sheet-of-no-workbook': 'The settings name a sheet and the file is no workbook: all of it was read.',
  'placemark-names-read':
    'No column is known to hold parcel numbers: the names of the placemarks were read as such. Name the right column in the settings where they are not.',
  'file-cut-by-service':
    'The service that wrote the file says that it has more parcels than it sent: ask it for the others too (by pages, or with a larger limit).',
  'rows-above-header': 'The names of the columns stand on line {header}; what stands above was not read.',
  'parcel-overlaps-little':
    'The parcel and parcel {other} share {areaM2} m2 of ground, within the tolerance of surveys.',
  'parcel-known':
    'The parcel is on the cadastre with this number and shape, and was answered with the ids it has.',
  'parcel-replaced':
    'The parcel is on the cadastre with this number and shape and was surveyed anew as {by}: it was answered with the ids it has, and begins no title any more.',
  'parcel-number-alike': 'The number is that of {lines} lines when dashes and spaces are left out.',
  'person-again': 'The person is enrolled already, and was answered with the id they have.',
  'names-not-read':
    'No column of the file was read as names: everybody is known by an id or a phone alone. Name it in the settings.',
  'answer-too-late':
    'An officer decided before whose the line is; the answer of now changed nothing. Where that was wrong, send the line in a file of its own.',
  'enrolled-as-another':
    'The line is the person who was enrolled as another when an officer answered so of an earlier file; nobody was enrolled anew. Where it is one more, send what tells them apart: a phone, an age, a place, or the id that the agency itself gives.',
  'line-of-one-person': 'The line is the person of line {other}, and was passed over.',
  'line-passed-over': 'The line was passed over, as was answered.',
  'household-size-unreadable': 'The household size is not a whole number in plain digits, and was left out.',
  'property-unreadable': 'The property is neither text nor a whole number, and was left out.',
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
