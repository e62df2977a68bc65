import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readRegistrations } from '../../../../server/domain/files/registrations.ts';
import { readParcels } from '../../../../server/domain/survey/parcels.ts';

/** The real files may not be copied into the project: they lie beside the checkout, or where the variable says. */
const FOLDER =
  process.env.KUDURRU_REAL_DATA ?? join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data');

describe('the real files', () => {
  if (!existsSync(FOLDER)) {
    it('SKIPPED: they are not beside the checkout; set KUDURRU_REAL_DATA to their folder');
    return;
  }

  it('of 2,813 parcels 2,810 can be registered, and the other three are named', () => {
    const { read, parcels, refused, warnings } = readParcels(
      readFileSync(join(FOLDER, 'parcels-muranga.geojson')),
    );
    expect(refused.map(({ code, place }) => [code, place.line])).to.deep.equal([
      ['parcel-too-small', 2410],
      ['parcel-number-repeated', 2725],
      ['parcel-number-repeated', 2815],
    ]);
    expect([read, parcels.length]).to.deep.equal([2813, 2810]);
    // five pairs share less than the tolerance (a sixth less than a coordinate means), and `acreage` names no unit
    expect(
      Object.entries(Object.groupBy(warnings, ({ code }) => code)).map(([code, { length }]) => [
        code,
        length,
      ]),
    ).to.deep.equal([
      ['area-unit-proposed', 1],
      ['parcel-overlaps-little', 10],
    ]);
    expect(parcels.filter(({ units }) => units.length > 1)).to.have.length(47);
    expect(new Set(parcels.map(({ alias }) => alias)).size).to.equal(2810);
  });

  it('of 999 people all can be enrolled, and the four who share a phone are pointed out', () => {
    const text = readFileSync(join(FOLDER, 'registrations-kisumu-999.csv'));
    const { read, people, refused, warnings, units } = readRegistrations(text, {
      isIdRequired: true,
      columns: { units: 'totalHHSize' },
      callingCode: '254',
    });
    expect([read, people.length, refused.length, units]).to.deep.equal([999, 999, 0, 3955n]);
    expect(warnings.map(({ code }) => code)).to.deep.equal(Array(4).fill('phone-shared'));
  });
});
