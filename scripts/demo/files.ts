/**
 * The two files of the demonstration, looked at before anything is founded or sent.
 *
 * Promises: a file that cannot be read, or of which no line is good, is refused with its lines before anything is
 * written anywhere. Whether a line is taken is for the gateway to say: it knows what is registered already.
 */
import fs from 'node:fs';
import { type Refusal, refusal } from '../../server/domain/base/refusal.ts';
import { readRegistrations } from '../../server/domain/files/registrations.ts';
import { readParcels } from '../../server/domain/survey/parcels.ts';
import { Refused, type RefusedLine } from '../answer.ts';
import { demoParcels, demoRegistrations } from '../demoData.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

export interface PeopleFile {
  readonly bytes: Bytes;
  /** The column of household sizes, which are what people are granted here. */
  readonly unitsColumn: string;
}

export interface DemoFiles {
  readonly parcels: Bytes;
  readonly registrations: PeopleFile;
}

export function readFiles(names: { readonly parcels?: string; readonly registrations?: string }): DemoFiles {
  const parcels = bytesOf(names.parcels, demoParcels);
  const registrations = bytesOf(names.registrations, demoRegistrations);
  const survey = readParcels(parcels);
  if (survey.parcels.length === 0) throw noneGood('parcels-none-good', survey.refused.map(lineOf));
  const plain = readRegistrations(registrations);
  const unitsColumn = plain.columns.get('units') ?? plain.columns.get('householdSize');
  if (plain.people.length > 0 && unitsColumn === undefined) {
    const missing = refusal('column-missing', { column: 'units', known: 'units, household size' });
    throw noneGood('people-none-good', [lineOf(missing)]);
  }
  const granted = unitsColumn === undefined ? {} : { columns: { units: unitsColumn } };
  const people = readRegistrations(registrations, granted);
  if (people.people.length === 0 || unitsColumn === undefined) {
    throw noneGood('people-none-good', people.refused.map(lineOf));
  }
  return { parcels, registrations: { bytes: registrations, unitsColumn } };
}

/** The refusal of a whole file, with the reason of each of its lines. */
export function noneGood(
  code: 'parcels-none-good' | 'people-none-good',
  lines: readonly RefusedLine[],
): Refused {
  const { message, row } = refusal(code);
  return new Refused(code, message, { remedy: row.remedy, lines });
}

function lineOf({ code, message, place, row }: Refusal): RefusedLine {
  return { ...place, code, message, remedy: row.remedy };
}

function bytesOf(file: string | undefined, synthetic: () => string): Bytes {
  return file === undefined ? new TextEncoder().encode(synthetic()) : new Uint8Array(fs.readFileSync(file));
}
