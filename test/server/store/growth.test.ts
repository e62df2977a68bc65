/** Lists and searches of a register that has grown: the same number of rows is read, whatever stands beside them. */
import { expect } from 'chai';
import { type Bounds, readingsOf } from '../../../bench/town.ts';
import { removeTemporaryFolders, temporaryFolder } from './folder.ts';

const SIZES = [600, 1_800] as const;
/** What is read whole, however large the register: a few, and in both as many. */
const BOUNDS: Bounds = { waiting: 60, tokens: 60, measures: 60 };
/** A page of fifty parcels reads each with its number, its parts and its title. */
const MOST_ROWS = 750;
/** People of one page of a search. */
const OPENED = 10;
const SEARCHES = /opened|over HTTP: (?:a person|people) by|: find person|--names|: holder read$/;

describe('a register that grows', function () {
  this.timeout(600_000);
  after(removeTemporaryFolders);

  it('is read by as many rows a page and a search as before', async () => {
    const [small = [], large = []] = [
      await readingsOf(temporaryFolder(), SIZES[0], BOUNDS),
      await readingsOf(temporaryFolder(), SIZES[1], BOUNDS),
    ];
    const rowsOf = (readings: typeof small) => readings.map(({ name, rows }) => `${name}: ${rows}`);
    expect(rowsOf(large)).to.deep.equal(rowsOf(small));
    for (const { name, rows } of large) expect(rows, name).to.be.within(1, MOST_ROWS);
    expect(large.length).to.be.greaterThan(100);
    // A search tells each of the ten whom it opens, finds each an id, and counts them under its case; whom it only counts it leaves alone.
    for (const { name, writes } of large)
      expect(writes, name).to.be.at.most(SEARCHES.test(name) ? 2 * OPENED + 1 : 0);
  });
});
