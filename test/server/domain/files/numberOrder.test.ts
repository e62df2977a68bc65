/** Numbers in the order in which people read them, and under which spellings they are found again. */
import { expect } from 'chai';
import { orderOf, spellingOf } from '../../../../server/domain/files/numberOrder.ts';

const inOrder = (numbers: readonly string[]) =>
  numbers.toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));

describe('the order of numbers that people wrote', () => {
  it('counts digits as numbers, a part by itself before what stands under it, and letters behind digits', () => {
    const read = [
      ...['7', '12', '12/3', '12A', '0099', '100', 'Block 2/5', 'Block 10/1', 'LR/100/2', 'LR/100/10'],
      ...['LR/100/10/1', 'LR/100/100', 'LR 1000/1', 'Machakos/9', 'Machakos/10', 'Machakos Town/1'],
      ...['Thiès 3', 'Thies 20', 'Ж/2', 'Ж/10', 'გ-1'],
    ];
    expect(inOrder(read.toReversed())).to.deep.equal(read);
    expect(inOrder([...read].sort())).to.deep.equal(read);
  });

  it('makes no difference by case, accents, the script of digits or letters that are drawn alike', () => {
    for (const [one, other] of [
      ['lr/100/2', 'LR/100/2'],
      ['LR/١٠٠/٢', 'LR/100/2'],
      ['\u0410/1', 'A/1'],
      ['É-1', 'e 1'],
    ] as const)
      expect(orderOf(one).replaceAll('!', ''), one).to.equal(orderOf(other).replaceAll('!', ''));
  });

  it('is printable and bounded, however long the number and whatever its alphabet', () => {
    for (const number of ['9'.repeat(5_000), 'გ'.repeat(200), ' / ', ''])
      expect(orderOf(number), number).to.match(/^[!-.0-~]{0,320}$/);
  });
});

describe('the spelling of a number', () => {
  it('is one for every separator and for zeros in front', () => {
    for (const written of ['lr-100-2', 'LR 100 2', 'LR100/2', 'L.R. 100/002', 'LR–100–2', 'ＬＲ/100/2'])
      expect(spellingOf(written), written).to.equal(spellingOf('LR/100/2'));
  });

  it('is another where digits are grouped otherwise, or stand in another order', () => {
    const others = ['LR/1002', 'LR/10/02', 'LR/2/100', 'LR/100/20', 'LR/100/2A', 'RL/100/2', 'LR/100'];
    for (const written of others) expect(spellingOf(written), written).not.to.equal(spellingOf('LR/100/2'));
    expect(new Set(['1/11', '11/1', '111'].map(spellingOf)).size).to.equal(3);
  });
});
