/** What entries are called: every kind that an act or an order records, in every register. */
import { expect } from 'chai';
import { CONTRACT_OF } from '../../../../server/domain/acts/domains.ts';
import { entryName, entryWords } from '../../../../server/domain/acts/entries.ts';
import { ORDERS, type OrderRow } from '../../../../server/domain/acts/orders.ts';
import { ACTS, type ActRow } from '../../../../server/domain/acts/table.ts';
import { MEASURE_KINDS } from '../../../../server/domain/base/terms.ts';
import { POWER_KINDS } from '../../../../server/domain/power/acts.ts';

describe('an entry', () => {
  it('has a name, whatever act or order of the tables recorded it', () => {
    const rows: readonly (ActRow | OrderRow)[] = [...Object.values(ACTS), ...Object.values(ORDERS)];
    let named = 0;
    for (const { type, register, kinds } of rows) {
      for (const kind of kinds) {
        const contract = register === undefined ? 'land' : CONTRACT_OF[register];
        expect(entryName(contract, kind), `${type} ${kind}`).to.match(/^[a-z]+(-[a-z]+)*$/);
        expect(entryWords(contract, kind), `${type} ${kind}`).to.match(/^[A-Z][a-z]*(,? [a-z]+)*$/);
        named++;
      }
    }
    expect(named).to.be.greaterThan(30);
  });

  it('of a measure is called as the measure is, and of an unknown kind by its number', () => {
    MEASURE_KINDS.forEach((kind, i) => {
      expect(entryName('consortium', POWER_KINDS.measures + i)).to.equal(kind);
    });
    expect(entryName('land', 9_999)).to.equal('kind 9999');
    expect(entryWords('land', 9_999)).to.equal('Kind 9999');
    const quorum = POWER_KINDS.measures + MEASURE_KINDS.indexOf('set-quorum');
    expect(entryWords('consortium', quorum)).to.equal('Measure carried out, set quorum');
  });
});
