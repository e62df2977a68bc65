import { expect } from 'chai';
import { DEMO_MISTAKES, demoParcels, demoRegistrations } from '../../scripts/demoData.ts';
import { readRegistrations } from '../../server/domain/files/registrations.ts';
import { readParcels } from '../../server/domain/survey/parcels.ts';

function tally(items: readonly { readonly code: string }[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(items, ({ code }) => code)].map(([code, all]) => [code, all.length]),
  );
}

describe('the synthetic village', () => {
  it('is the same for the same seed and another for another', () => {
    expect(demoParcels()).to.equal(demoParcels({ seed: 1, count: 200 }));
    expect(demoParcels({ seed: 2 })).to.not.equal(demoParcels());
    expect(demoRegistrations({ seed: 2 })).to.not.equal(demoRegistrations());
  });

  it('has as many good parcels as were asked for, some of two parts, and each announced mistake', () => {
    for (const seed of [1, 2, 3]) {
      const { parcels, refused, warnings } = readParcels(demoParcels({ seed }));
      expect(parcels).to.have.length(200);
      expect(parcels.filter(({ units }) => units.length === 2)).to.have.length(10);
      expect(tally(refused)).to.deep.equal(DEMO_MISTAKES.parcels);
      expect(warnings.length).to.be.greaterThan(0);
    }
  });

  it('has as many good people as were asked for, some without a document, and each announced mistake', () => {
    const { people, refused, warnings } = readRegistrations(demoRegistrations(), {
      columns: { units: 'totalHHSize' },
    });
    expect(people).to.have.length(150);
    expect(people.filter(({ nationalId }) => nationalId === undefined)).to.have.length(12);
    expect(people.every(({ name }) => name?.startsWith('Synthetic'))).to.equal(true);
    expect(tally(refused)).to.deep.equal(DEMO_MISTAKES.registrations);
    expect(warnings.map(({ code }) => code)).to.include('phone-shared');
  });
});
