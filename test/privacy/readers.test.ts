/** What hostile readers learn of a county, each figure beside what it may not pass; and a planted leak of each kind, seen red. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { holds, lineOf } from '../../bench/row.ts';
import { demoParcels } from '../../scripts/demoData.ts';
import { seeded } from '../seeded.ts';
import { type County, countyOf } from './county.ts';
import { acrossEpochs, byDictionary, byOrder, bySize, byTwoPurchases, byUnits, salesOf } from './readers.ts';

const SEED = 20261201;
const PARCELS = 60;
const PEOPLE = 20;

describe('a hostile reader of the chain and of a copied folder', function () {
  this.timeout(180_000);
  let county: County;
  const below = (seed: number) => {
    const random = seeded(seed);
    return (limit: number) => random.below(limit);
  };
  before(async () => {
    county = await countyOf(demoParcels({ count: PARCELS }), PEOPLE);
  });

  it('finds no title by its place in the survey’s file, though the acts were prepared in its order', () => {
    const row = byOrder(county.register, county.file);
    console.log(`      ${lineOf(row)}`);
    expect(county.register).to.have.length(PARCELS);
    expect(holds(row), lineOf(row)).to.equal(true);
    expect(holds(byOrder(county.file, county.file)), 'planted: the order of the file').to.equal(false);
  });

  it('finds no parcel and nobody by a dictionary over every word', () => {
    const hashOf = (value: string) => createHash('sha256').update(value).digest().toString('latin1', 0, 16);
    for (const [what, values] of [
      ['of the parcel file', county.ofGround],
      ['of people', county.ofPeople],
    ] as const) {
      const row = byDictionary(what, county.words, values);
      console.log(`      ${lineOf(row)}`);
      expect(county.words.size).to.be.greaterThan(1_000);
      expect(holds(row), lineOf(row)).to.equal(true);
      const leaking = new Set([...county.words, hashOf(values.at(-1)?.toUpperCase() ?? '')]);
      expect(holds(byDictionary(what, leaking, values)), 'planted: a hash without a salt').to.equal(false);
    }
  });

  it('tells nobody apart by the length of a row', () => {
    const ofSubjects = county.rows.filter(({ table }) => table === 'subjects');
    const row = bySize(ofSubjects);
    console.log(`      ${lineOf(row)}`);
    expect(ofSubjects.length).to.be.at.least(PEOPLE);
    expect(holds(row), lineOf(row)).to.equal(true);
    const planted = ofSubjects.map(({ value }, i) => ({ value: i === 0 ? value.subarray(1) : value }));
    expect(holds(bySize(planted)), 'planted: a row that is not padded').to.equal(false);
  });

  it('follows few from one epoch into the next, whom two purchases name within one', () => {
    const sold = salesOf({ people: 300, catchments: 6, random: below(SEED) });
    const row = acrossEpochs(sold.before, sold.after, sold.indexAfter);
    console.log(`      ${lineOf(byTwoPurchases(sold.before))}`);
    console.log(`      ${lineOf(row)}`);
    expect(holds(row), lineOf(row)).to.equal(true);
    const kept = salesOf({ people: 300, catchments: 6, random: below(SEED) }, (all) =>
      Uint32Array.from(all, (_, i) => i),
    );
    const planted = acrossEpochs(kept.before, kept.after, kept.indexAfter);
    expect(holds(planted), `planted: numbers that stay: ${lineOf(planted)}`).to.equal(false);
  });

  it('sees who has what few of a catchment have', () => {
    const random = below(SEED);
    const people = Array.from({ length: 1_000 }, () => ({
      catchment: `c${random(4)}`,
      units: 1 + random(9),
    }));
    expect(byUnits(people).value).to.equal(0);
    const planted = people.map((one, i) => (i < 5 ? { catchment: 'c0', units: 40 + i } : one));
    expect(byUnits(planted).value, 'planted: units of their own').to.equal(5);
  });
});
