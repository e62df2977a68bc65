/** Every act has words of its own, and what it names as a second is told as a date. */
import { expect } from 'chai';
import { SIGNED_TYPES } from '../../../../server/domain/acts/signedActs.ts';
import { ACTS } from '../../../../server/domain/acts/table.ts';
import { SALE_TYPES } from '../../../../server/domain/benefits/types.ts';
import { inWords } from '../../../../server/domain/signer/actWords.ts';

/** Fields of 64 bits that count something. */
const COUNTS = new Set([
  ...['version', 'quotaNumerator', 'quotaTotal', 'numerator', 'denominator', 'presentationNo'],
  ...['blocks', 'needsConsent', 'totalUnits', 'unitValueMinor', 'unspentUnits', 'units'],
  ...['settledBeforeUnits', 'releasedBeforeUnits'],
]);

describe('the words of an act', () => {
  it('are its own', () => {
    const words = Object.values(ACTS).map((row) => row.words);
    expect(words.filter((text) => text.length < 10)).to.deep.equal([]);
    expect(new Set(words).size).to.equal(words.length);
  });

  it('tell every moment as a date', () => {
    const fields = Object.values({ ...SIGNED_TYPES, ...SALE_TYPES }).flat();
    const wide = new Set(fields.filter(({ type }) => type === 'uint64').map(({ name }) => name));
    expect(wide.size).to.be.greaterThan(20);
    for (const name of wide) {
      const [line] = inWords({ Act: [{ name, type: 'uint64' }] }, {}, 'Act', { [name]: 1_800_000_000n });
      if (COUNTS.has(name)) expect(line, name).not.to.include('UTC');
      else expect(line, name).to.include('15 January 2027, 08:00 UTC (1800000000)');
    }
  });
});
