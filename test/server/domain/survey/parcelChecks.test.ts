import { expect } from 'chai';
import { wordOf } from '../../../../server/domain/base/hex.ts';
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
  existing.add(standing.map((parcel, i) => ({ ...parcel, baUnit: wordOf(BigInt(i)) })));

  it('is refused where a number or the ground is taken, and only the new line is', () => {
    const lines = [
      feature('a/1', [square(20, 20)]),
      feature('N', [square(10.0005, 10)]),
      feature('M', [square(9.999, 10)]),
    ];
    const { parcels, refused } = readParcels(collection(lines), { existing });
    expect(refused.map(({ code, place }) => [code, place.line])).to.deep.equal([
      ['parcel-number-registered', 2],
      ['parcel-same-ground', 3],
      ['parcel-same-ground', 3],
    ]);
    expect(parcels.map(({ number }) => number)).to.deep.equal(['M']);
  });

  it('may take the ground of the parcels it replaces, and no other’s', () => {
    const children = collection([
      feature('A/1/1', [square(10, 10, 0.0005)]),
      feature('A/1/2', [square(10.0007, 10, 0.0005)]),
    ]);
    expect(refusals(children, { existing, replacing: ['A/1'] })).to.deep.equal([['parcel-same-ground', 3]]);
    expect(readParcels(children, { existing, replacing: ['A/1', 'A/2'] }).parcels).to.have.length(2);
  });

  const REGISTER = ['parcel-overlaps', 'parcel-overlaps-registered'].map((code) => ({
    code,
    answer: 'register',
  }));
  const answered = (features: readonly string[], options: ParcelOptions = {}) => {
    const read = readParcels(collection(features), { existing, answers: REGISTER, ...options });
    return {
      taken: read.parcels.map(({ number }) => number),
      refused: read.refused.map(({ code, place }) => [code, place.feature]),
      decided: read.decided.map(({ number, other }) => [number, other]),
    };
  };

  it('is taken as answered up to a boundary, and what shares more is one ground whatever is answered', () => {
    const [west, lone, far] = [9.999, 9.5, 9.4].map((x, i) =>
      feature(`W/${i}`, [square(x + (i === 0 ? 0.00005 : 0), 10)]),
    );
    if (west === undefined || lone === undefined || far === undefined) throw new Error('three were drawn');
    expect(answered([west])).to.deep.equal({ taken: ['W/0'], refused: [], decided: [['W/0', 'A/1']] });
    const [same, moved, inside, half] = [
      feature('S', [square(10, 10)]),
      feature('S', [square(10.000001, 10)]),
      feature('S', [square(10.0004, 10.0004, 0.0001)]),
      feature('S', [square(9.9995, 10)]),
    ];
    for (const taken of [same, moved, inside, half]) {
      const told = answered([lone, taken, far]);
      expect(told.taken).to.deep.equal(['W/1', 'W/2']);
      expect(told.refused[0]).to.deep.equal(['parcel-same-ground', 2]);
      expect(told.decided).to.deep.equal([]);
    }
  });

  it('has no part that is a part of another, however large the rest is', () => {
    const parts = [[square(30, 30, 0.01)], [square(10, 10)]];
    expect(answered([feature('P', parts, {}, 'MultiPolygon')]).refused).to.deep.equal([
      ['parcel-same-ground', 1],
    ]);
  });

  it('is one ground with its like in the file too, and keeps no decision with what is refused', () => {
    const pair = (shift: number) => [
      feature('U/1', [square(20, 20)]),
      feature('U/2', [square(20 + shift, 20)]),
    ];
    expect(answered(pair(0.00095)).decided).to.have.length(2);
    expect(answered(pair(0.0009 - 1e-6)).refused.map(([code]) => code)).to.deep.equal(
      Array(2).fill('parcel-same-ground'),
    );
    const [one = '', other = ''] = pair(0.00095);
    const broken = other.replace('"U/2"', '"A/1"'); // a number that is taken
    expect(answered([one, broken]).decided).to.deep.equal([]);
  });

  it('is not eaten by many boundaries, nor let in uncompared among too many', () => {
    const middle = feature('V', [square(20, 20)]);
    const around = [-0.00094, 0.00094].map((x, i) => feature(`V/${i}`, [square(20 + x, 20)]));
    expect(answered([middle, ...around]).refused).to.deep.equal([['parcel-boundaries-many', 1]]);
    // Each lies on the next by a boundary, and the first and the last of ten are one.
    const crowd = Array.from({ length: 10 }, (_, i) => feature(`V/${i}`, [square(21, 21 + (i % 9) * 1e-9)]));
    expect(answered(crowd).taken).to.deep.equal([]);
  });

  it('is not this officer’s to decide about where another institution keeps the other', () => {
    const others = (isAnothers: boolean) => ({
      ...existing,
      overlapping: (outline: Parameters<typeof existing.overlapping>[0]) =>
        existing.overlapping(outline).map((one) => ({
          ...one,
          elsewhere: { office: 2, number: one.number, isAnothers },
        })),
    });
    const west = feature('W', [square(9.99905, 10)]);
    expect(answered([west], { existing: others(true) })).to.deep.equal({
      ...{ taken: [], decided: [] },
      refused: [['parcel-overlaps-elsewhere', 1]],
    });
    expect(answered([west], { existing: others(false) }).taken).to.deep.equal(['W']);
    // A number that is named to be replaced is of the own office.
    const named = { existing: others(true), replacing: ['A/1'] };
    expect(answered([west], named).refused).to.deep.equal([['parcel-overlaps-elsewhere', 1]]);
  });

  it('has no number that is drawn like another’s, in the file or on the cadastre', () => {
    const cyrillic = feature('\u0410/1', [square(20, 20)]);
    expect(answered([cyrillic]).refused).to.deep.equal([['parcel-number-drawn-alike', 1]]);
    const pair = [feature('\u0415/7', [square(20, 20)]), feature('e/7', [square(21, 20)])];
    expect(answered(pair).refused).to.deep.equal([
      ['parcel-number-drawn-alike', 1],
      ['parcel-number-drawn-alike', 2],
    ]);
  });

  it('that another survey replaced is known again as replaced, by which number', () => {
    const replaced = cadastreIndex();
    replaced.add(standing.map((parcel, i) => ({ ...parcel, baUnit: wordOf(BigInt(i)) })));
    replaced.replace('A/1', ['A/1/1', 'A/1/2']);
    const { known, warnings } = readParcels(collection([GOOD]), { existing: replaced });
    expect(known).to.have.length(1);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['parcel-replaced']);
    expect(warnings[0]?.message).to.include('A/1/1, A/1/2');
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
