/** Money as people write it: exact whatever the decimals of a currency, and never of a currency that was guessed. */

import { expect } from 'chai';
import {
  amountsInWords,
  currencyInWords,
  moneyInWords,
} from '../../../../server/domain/benefits/currencies.ts';

const [KES, UGX, JOD, NONE] = [404, 800, 400, 999];

describe('money in words', () => {
  it('has the decimals of its currency, none, two or three', () => {
    expect(moneyInWords(KES, 125_000n)).to.equal('KES 1,250.00');
    expect(moneyInWords(KES, 5n)).to.equal('KES 0.05');
    expect(moneyInWords(UGX, 125_000n)).to.equal('UGX 125,000');
    expect(moneyInWords(JOD, 125_001n)).to.equal('JOD 125.001');
    expect(moneyInWords(KES, 2n ** 127n)).to.match(
      /^KES 1,701,411,834,604,692,317,316,873,037,158,841,057\.28$/,
    );
  });

  it('says minor units and the number of a currency that has no code here', () => {
    expect(moneyInWords(NONE, 1n)).to.equal('1 minor unit of currency 999');
    expect(currencyInWords(NONE)).to.equal('currency 999');
    expect(currencyInWords(KES)).to.equal('KES');
  });

  it('stands under the name of the amount without its unit', () => {
    expect(amountsInWords(KES, { fundedMinor: 100n, heldMinor: 0n })).to.deep.equal({
      funded: 'KES 1.00',
      held: 'KES 0.00',
    });
  });
});
