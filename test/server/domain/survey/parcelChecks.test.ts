import { expect } from 'chai';
import { ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { cadastreIndex } from '../../../../server/domain/survey/cadastreIndex.ts';
import type { ParcelOptions } from '../../../../server/domain/survey/parcels.ts';
import { readParcels } from '../../../../server/domain/survey/parcels.ts';
import { collection, feature, square } from './parcelFiles.ts';

const GOOD = feature('A/1', [square(10, 10)]);

function refusals(text: string | Uint8Array, options?: ParcelOptions) {
  return readParcels(text, options).refused.map(({ code, place }) => [code, place.line]);
}

describe('a file of parcels on top of a cadastre', () => {
  const existing = cadastreIndex();
  const standing = readParcels(collection([GOOD, feature('A/2', [square(10.001, 10)])])).parcels;
  existing.add(standing.map((parcel) => ({ ...parcel, baUnit: ZERO_32 })));

  it('is refused where a number or the ground is taken, and only the new line is', () => {
    const lines = [
      feature('a/1', [square(20, 20)]),
      feature('N', [square(10.0005, 10)]),
      feature('M', [square(9.999, 10)]),
    ];
    const { parcels, refused } = readParcels(collection(lines), { existing });
    expect(refused.map(({ code, place }) => [code, place.line])).to.deep.equal([
      ['parcel-number-registered', 2],
      ['parcel-overlaps-registered', 3],
      ['parcel-overlaps-registered', 3],
    ]);
    expect(parcels.map(({ number }) => number)).to.deep.equal(['M']);
  });

  it('may take the ground of the parcels it replaces, and no other’s', () => {
    const children = collection([
      feature('A/1/1', [square(10, 10, 0.0005)]),
      feature('A/1/2', [square(10.0007, 10, 0.0005)]),
    ]);
    expect(refusals(children, { existing, replacing: ['A/1'] })).to.deep.equal([
      ['parcel-overlaps-registered', 3],
    ]);
    expect(readParcels(children, { existing, replacing: ['A/1', 'A/2'] }).parcels).to.have.length(2);
  });
});

describe('stated and computed area', () => {
  const stated = (area: unknown, i = 0) => feature(`A/${i}`, [square(10 + i, 0)], { area });
  const HECTARES = { areaUnit: 'hectares' } as const;
  const codes = (text: string, options?: ParcelOptions) =>
    readParcels(text, options).warnings.map(({ code }) => code);

  it('may differ by the tolerance of the policy, and beyond it are warned of, never refused', () => {
    expect(codes(collection([stated(1.23)]), HECTARES)).to.deep.equal([]);
    expect(codes(collection([stated(1.4)]), HECTARES)).to.deep.equal(['area-differs']);
    expect(codes(collection([stated(1.4)]), { ...HECTARES, areaTolerancePercent: 20 })).to.deep.equal([]);
    expect(codes(collection([stated(null), stated('1.23', 1)]), HECTARES)).to.deep.equal(['area-missing']);
  });

  it('are compared in the unit of the settings or of the column’s name', () => {
    expect(codes(collection([stated(12_300)]), { areaUnit: 'square metres' })).to.deep.equal([]);
    expect(codes(collection([stated(3.04).replace('"area"', '"area_acres"')]))).to.deep.equal([]);
    expect(codes(collection([stated(12_300).replace('"area"', '"area_m2"')]))).to.deep.equal([]);
  });

  it('that would all fit in another unit are said to be in doubt once', () => {
    const acres = Array.from({ length: 12 }, (_, i) => stated(3.04, i));
    expect(codes(collection(acres), HECTARES).filter((code) => code === 'area-unit-doubtful')).to.have.length(
      1,
    );
    expect(codes(collection(acres))).to.deep.equal(['area-unit-proposed']);
  });

  it('are not compared where the column is not to be read', () => {
    expect(codes(collection([stated('x')]), { columns: { area: null } })).to.deep.equal([]);
  });
});
