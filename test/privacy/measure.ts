/**
 * What hostile readers learn, on a generated county and programme, and on files of one's own.
 *
 *   npm run privacy -- [--parcels FILE.geojson] [--registrations FILE.csv] [--titles N]
 *
 * Every figure stands beside what it may not pass; one without a hold is known, and only told. Exit 1 when one does not hold.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { holds, lineOf, type Row } from '../../bench/row.ts';
import { demoParcels, demoRegistrations } from '../../scripts/demoData.ts';
import { readRegistrations } from '../../server/domain/files/registrations.ts';
import { countyOf } from './county.ts';
import { acrossEpochs, byDictionary, byOrder, bySize, byTwoPurchases, byUnits, salesOf } from './readers.ts';

const PEOPLE = 100;
const SOLD_TO = { people: 1_000, catchments: 20, random: (limit: number) => randomInt(limit) };

const { values } = parseArgs({
  options: { parcels: { type: 'string' }, registrations: { type: 'string' }, titles: { type: 'string' } },
});
const most = Number(values.titles ?? '200');
const parcels = values.parcels === undefined ? demoParcels({ count: most }) : firstOf(values.parcels, most);
const list = values.registrations === undefined ? demoRegistrations() : readFileSync(values.registrations);

const county = await countyOf(parcels, PEOPLE);
const sold = salesOf(SOLD_TO);
const registered = readRegistrations(list, { columns: { units: 'totalHHSize' } }).people;
const rows: Row[] = [
  byOrder(county.register, county.file),
  byDictionary('of the parcel file', county.words, county.ofGround),
  byDictionary('of people', county.words, county.ofPeople),
  bySize(county.rows.filter(({ table }) => table === 'subjects')),
  byUnits(registered.map(({ village = '', units = 0 }) => ({ catchment: village, units }))),
  byTwoPurchases(sold.before),
  acrossEpochs(sold.before, sold.after, sold.indexAfter),
];
for (const row of rows) console.log(lineOf(row));
process.exitCode = rows.every(holds) ? 0 : 1;

/** As many features as there are to be titles of. */
function firstOf(file: string, count: number): string {
  const collection: { features: unknown[] } = JSON.parse(readFileSync(file, 'utf8'));
  return JSON.stringify(Object.assign(collection, { features: collection.features.slice(0, count) }));
}
