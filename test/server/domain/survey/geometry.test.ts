import { expect } from 'chai';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import { areaM2, geoJsonOf, shapeOf } from '../../../../server/domain/survey/geometry.ts';

const TRIED = 20_000;

describe('a shape on the ground', () => {
  it('is taken or refused by name whatever is drawn: stubs, spikes, bow ties, nested and repeated rings', () => {
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * below);
    };
    const tally = { taken: 0, refused: 0 };
    for (let n = 0; n < TRIED; n++) {
      const [grid, step] = [2 + random(6), [1e-1, 1e-4, 1e-10, 1e-13][random(4)] ?? 1];
      const ring = () => {
        const corners = Array.from({ length: 1 + random(9) }, () => [
          37 + (random(grid) * step) / 3,
          -1 + (random(grid) * step) / 3,
        ]);
        return random(10) === 0 ? corners : [...corners, corners[0]];
      };
      const coordinates = Array.from({ length: 1 + random(3) }, () =>
        Array.from({ length: 1 + random(3) }, ring),
      );
      try {
        expect(areaM2(shapeOf({ type: 'MultiPolygon', coordinates }, { line: 1 }))).to.be.at.least(0);
        tally.taken += 1;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        tally.refused += 1;
      }
    }
    expect(tally.taken).to.be.greaterThan(100);
    expect(tally.taken + tally.refused).to.equal(TRIED);
  });

  it('has the area geodesy gives it: a degree square at the equator', () => {
    const coordinates = [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
        [0, 0],
      ],
    ];
    const parts = shapeOf({ type: 'Polygon', coordinates }, { line: 1 });
    // the quadrangle between parallels is 12,308,778,361 m2; geodesics bulge past the parallel at 1 degree
    expect(areaM2(parts) / 12_308_778_361).to.be.closeTo(1, 1e-4);
  });

  it('is written again as it was drawn', () => {
    const ring = (corner: number, size: number) => [
      [30 + corner, corner],
      [30 + corner + size, corner],
      [30 + corner, corner + size],
      [30 + corner, corner],
    ];
    const drawn = { type: 'Polygon', coordinates: [ring(0, 0.01), ring(0.001, 0.002)] };
    const parts = shapeOf({ type: 'MultiPolygon', coordinates: [drawn.coordinates] }, { line: 1 });
    expect(parts.map(geoJsonOf)).to.deep.equal([drawn]);
  });
});
