/** Every act has words of its own, and what it names as a second is told as a date. */
import { expect } from 'chai';
import { SIGNED_TYPES } from '../../../../server/domain/acts/signedActs.ts';
import { ACTS } from '../../../../server/domain/acts/table.ts';
import { momentInWords, untilInWords } from '../../../../server/domain/base/inWords.ts';
import { MEASURE_KINDS, type MeasureKind, numberOf } from '../../../../server/domain/base/terms.ts';
import { SALE_TYPES } from '../../../../server/domain/benefits/types.ts';
import { POWER_NAMES, POWER_TYPES } from '../../../../server/domain/power/acts.ts';
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

  it('tell a moment of any year with its hour, and the latest that a contract can hold as no end', () => {
    expect(momentInWords(1_099_511_627_774n)).to.equal('20 February 36812, 00:36 UTC');
    expect(momentInWords(2n ** 40n - 1n)).to.equal('no end');
    expect(untilInWords(2n ** 40n - 1n)).to.equal('for good');
    expect(untilInWords(1_800_000_000n)).to.equal('until 15 January 2027, 08:00 UTC');
    expect(momentInWords(2n ** 64n - 1n)).to.equal('beyond any calendar');
  });

  it('tell the number of a measure as what its kind means by it', () => {
    const wordsOf = (kind: MeasureKind, value: bigint) => {
      const measure = { kind: numberOf(MEASURE_KINDS, kind), value };
      return inWords(POWER_TYPES, POWER_NAMES, 'Measure', measure).find((line) => line.startsWith('value'));
    };
    expect(wordsOf('admit-institution', 16_383n)).to.match(/^value: land-preparer, .* \(bits 16383\)$/);
    expect(wordsOf('set-quorum', 2n)).to.equal('value: 2 votes (2)');
    expect(wordsOf('set-widening-wait', 86_400n)).to.equal('value: 86,400 seconds');
    expect(wordsOf('allow-verifier', 2n)).to.equal('value: keys of the kind p256 (2)');
    expect(wordsOf('move-office', 7n)).to.equal('value: office 7');
    expect(wordsOf('set-policy', 5_000n)).to.equal('value: 5000');
  });
});
