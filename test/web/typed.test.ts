/** What people typed into the fields of a page. */
import { expect } from 'chai';
import { callingCodeIn, minorIn, wholeIn } from '../../web/console/typed.ts';

describe('what is typed into a field', () => {
  it('is the code of a country with a plus, two zeros or neither, in any digits', () => {
    expect(['254', '+254', ' +254 ', '00254', '+\u0662\u0665\u0664'].map(callingCodeIn)).to.deep.equal(
      Array.from({ length: 5 }, () => '254'),
    );
    expect(callingCodeIn('  ')).to.equal(undefined);
    expect(() => callingCodeIn('KE')).to.throw('number.none');
  });

  it('is a count or an amount in Arabic-Indic digits, and nothing where it has two readings', () => {
    expect(wholeIn('\u0661\u0662\u0660')).to.equal('120');
    expect(minorIn('\u0662\u066b\u0665', 2)).to.equal('250');
    expect(() => minorIn('1,234', 2)).to.throw('number.ambiguous');
    expect(() => minorIn('2.5055', 2)).to.throw('number.noAmount');
  });
});
