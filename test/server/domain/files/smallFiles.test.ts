/**
 * Small files as offices and agencies really send them, each with what a person expects of it. They lie in `test/officeFiles`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type RegistrationOptions,
  readRegistrations,
} from '../../../../server/domain/files/registrations.ts';
import { type ParcelOptions, readParcels } from '../../../../server/domain/survey/parcels.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'officeFiles');
const bytesOf = (file: string) => new Uint8Array(readFileSync(join(FOLDER, file)));

interface ParcelsExpected {
  readonly file: string;
  readonly options?: ParcelOptions;
  readonly numbers: readonly string[];
  /** In square metres; left out where nothing is stated or can be read. */
  readonly areas?: readonly (number | undefined)[];
  readonly warnings?: readonly string[];
}

/** No parcel of these is refused. */
const PARCELS: readonly ParcelsExpected[] = [
  {
    file: 'ambig.geojson',
    numbers: ['0', '1', '2'],
    warnings: ['column-left-out district'],
  },
  {
    file: 'areacomma.geojson',
    options: { areaUnit: 'hectares' },
    numbers: ['1', '2', '3', '4', '5'],
    areas: [3100, 3100, 3100, undefined, undefined],
    warnings: ['area-unreadable 4', 'area-missing 5'],
  },
  {
    file: 'areacomma.geojson',
    numbers: ['1', '2', '3', '4', '5'],
    areas: [3100, 3100, 3100, undefined, undefined],
    warnings: ['area-unit-proposed', 'area-unreadable 4', 'area-missing 5'],
  },
  {
    file: 'blocklot.geojson',
    numbers: ['1-11', '11-1', '1-12', '12-1', '2/1', '21'],
    warnings: ['parcel-number-alike 5', 'parcel-number-alike 6'],
  },
  { file: 'crshttp.geojson', numbers: ['1'] },
  {
    file: 'm2.geojson',
    numbers: ['1', '2', '3'],
    areas: [3080, 3080, 3080],
    warnings: ['area-unit-proposed'],
  },
  {
    file: 'm2.geojson',
    options: { areaTolerancePercent: 0.01 }, // nothing fits the shapes: the unit is asked for
    numbers: ['1', '2', '3'],
    areas: [undefined, undefined, undefined],
    warnings: ['area-unit-unclear'],
  },
  { file: 'number.geojson', numbers: ['1', '2'] },
  { file: 'single.geojson', numbers: ['1'] },
];

interface PeopleExpected {
  readonly file: string;
  readonly options?: RegistrationOptions;
  /** Of each person: line, and what is looked at. */
  readonly people: readonly (readonly [line: number, what?: string | number | undefined])[];
  readonly shown?: 'name' | 'phone' | 'nationalId' | 'householdSize' | 'units';
  readonly refused?: readonly string[];
  readonly warnings?: readonly string[];
}

const UNITS = { columns: { units: 'household_size' } } as const;

const PEOPLE: readonly PeopleExpected[] = [
  {
    file: 'cp1252.csv', // without its character set: the good line is taken, and the remedy names the set
    people: [[3, 'Ann']],
    shown: 'name',
    refused: ['text-not-utf8 2'],
  },
  {
    file: 'cp1252.csv',
    options: { charset: 'windows-1252' },
    people: [
      [2, 'José'],
      [3, 'Ann'],
    ],
    shown: 'name',
  },
  { file: 'excel.csv', people: [[2, 'José María']], shown: 'name' },
  { file: 'hxl.csv', people: [[3, 'A']], shown: 'name' },
  {
    file: 'ids.csv',
    people: [
      [4, '12-3'],
      [5, '1-23'],
      [6, '12E45'],
      [7, '1234567-8'],
      [9, undefined], // a person called Null
      [10, undefined],
      [11, undefined],
      [12, undefined],
    ],
    shown: 'nationalId',
    refused: [
      'national-id-repeated 2',
      'national-id-repeated 3',
      'national-id-repeated 8',
      'national-id-repeated 13',
      'national-id-repeated 14',
    ],
  },
  {
    file: 'kz.csv',
    options: { callingCode: '7' },
    people: [
      [2, '+77011234567'],
      [3, '+77011234567'],
    ],
    shown: 'phone',
    warnings: ['phone-shared 2', 'phone-shared 3'],
  },
  {
    file: 'phones.csv',
    options: { callingCode: '254' },
    people: [
      [2, '+254700000001'],
      [3, '+254700000002'],
      [7, '+254700000006'],
      [8, '+254700000007'],
      [9, '+254700000008'],
    ],
    shown: 'phone',
    refused: [
      'phone-two-numbers 4',
      'value-mangled 5',
      'phone-malformed 6',
      'phone-malformed 10',
      'phone-two-numbers 11',
    ],
  },
  {
    file: 'same.csv',
    people: [[2]],
    refused: ['line-repeated 3', 'line-repeated 4'],
  },
  {
    file: 'same.csv',
    options: { answers: [{ code: 'line-repeated', answer: 'one-person' }] },
    people: [[2]],
    warnings: ['line-of-one-person 3', 'line-of-one-person 4'],
  },
  {
    file: 'same.csv',
    options: { answers: [{ code: 'line-repeated', answer: 'separate-people' }] },
    people: [[2], [3], [4]],
  },
  { file: 'sep.csv', people: [[3, 3]], shown: 'householdSize' },
  {
    file: 'tab.csv', // nobody is granted by the size of a household: what is unclear is left out
    people: [
      [2, 3],
      [3, undefined],
      [4, undefined],
      [5, undefined],
      [6, 4],
      [7, 5],
    ],
    shown: 'householdSize',
    warnings: [3, 4, 5].map((line) => `household-size-unreadable ${line}`),
  },
  {
    file: 'tab.csv', // unless the officer says so: then each line counts
    options: UNITS,
    people: [
      [2, 3],
      [6, 4],
      [7, 5],
    ],
    shown: 'units',
    refused: ['units-not-whole 3', 'units-unclear 4', 'units-unclear 5'],
  },
  { file: 'title.csv', people: [[3, 'A']], shown: 'name', warnings: ['rows-above-header'] },
  { file: 'total.csv', people: [[2, 'A']], shown: 'name', refused: ['total-row 3'] },
  {
    file: 'total.csv',
    options: { answers: [{ code: 'total-row', answer: 'total', line: 3 }] },
    people: [[2, 'A']],
    shown: 'name',
    warnings: ['line-passed-over 3'],
  },
  {
    file: 'twophones.csv',
    options: { callingCode: '254' },
    people: [[2, '+254700000001']],
    shown: 'phone',
    warnings: ['column-proposed Mobile'],
  },
];

const noted = ({
  code,
  place,
}: {
  code: string;
  place: { line?: number; feature?: number; field?: string };
}) => {
  const where = place.feature ?? place.line ?? (code.startsWith('column-') ? place.field : undefined);
  return where === undefined ? code : `${code} ${where}`;
};

describe('small files as offices send them', () => {
  for (const { file, options = {}, numbers, areas, warnings = [] } of PARCELS) {
    it(`${file} ${JSON.stringify(options)}: ${numbers.length} parcels, ${warnings.join(', ') || 'no warning'}`, () => {
      const read = readParcels(bytesOf(file), options);
      expect(read.refused.map(noted)).to.deep.equal([]);
      expect(read.parcels.map(({ number }) => number)).to.deep.equal(numbers);
      expect(read.warnings.map(noted)).to.deep.equal(warnings);
      if (areas !== undefined) {
        const stated = read.parcels.map(({ statedAreaM2 }) => statedAreaM2);
        expect(stated.map((area) => area && Math.round(area))).to.deep.equal(areas);
      }
    });
  }

  for (const { file, options = {}, people, shown, refused = [], warnings = [] } of PEOPLE) {
    it(`${file} ${JSON.stringify(options)}: ${people.length} people, ${refused.join(', ') || 'none refused'}`, () => {
      const read = readRegistrations(bytesOf(file), options);
      expect(read.refused.map(noted)).to.deep.equal(refused);
      const seen = read.people.map((person) => (shown ? [person.line, person[shown]] : [person.line]));
      expect(seen).to.deep.equal(people);
      expect(read.warnings.map(noted)).to.deep.equal(warnings);
      for (const { row } of read.refused) expect(row.remedy.length).to.be.greaterThan(20);
    });
  }

  it('are all nineteen looked at', () => {
    const files = new Set([...PARCELS, ...PEOPLE].map(({ file }) => file));
    expect(files.size).to.equal(19);
  });
});
