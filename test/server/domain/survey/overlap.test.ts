import { expect } from 'chai';
import Coordinate from 'jsts/org/locationtech/jts/geom/Coordinate.js';
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import OverlayOp from 'jsts/org/locationtech/jts/operation/overlay/OverlayOp.js';
import IsValidOp from 'jsts/org/locationtech/jts/operation/valid/IsValidOp.js';
import type { Bytes32 } from '../../../../server/domain/base/hex.ts';
import { type CadastreIndex, cadastreIndex } from '../../../../server/domain/survey/cadastreIndex.ts';
import { areaM2 } from '../../../../server/domain/survey/geometry.ts';
import { outlineOf, overlapM2 } from '../../../../server/domain/survey/overlap.ts';
import { parcelAlias, type Ring } from '../../../../server/domain/survey/parcelAlias.ts';
import { INDEXED_AT_ONCE, type Placed, placeIndex } from '../../../../server/domain/survey/placeIndex.ts';

const factory = new GeometryFactory();

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

function star(random: () => number, x: number, y: number, isOnLattice: boolean): Ring {
  const count = 3 + Math.floor(random() * 20);
  const ring = Array.from({ length: count }, (_, i) => {
    const [angle, radius] = [(2 * Math.PI * i) / count, 0.0002 + random() * 0.001];
    const place = [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    return isOnLattice ? place.map((value) => Math.round(value * 1e4) / 1e4) : place;
  });
  return [...ring, ring[0] ?? []].flat();
}

function polygonOf(ring: Ring) {
  const coordinates = Array.from(
    { length: ring.length / 2 },
    (_, i) => new Coordinate(ring[2 * i], ring[2 * i + 1]),
  );
  return factory.createPolygon(factory.createLinearRing(coordinates), []);
}

function square(x: number, y: number, side: number): Ring {
  return [x, y, x + side, y, x + side, y + side, x, y + side, x, y];
}

describe('the ground two shapes share', () => {
  it('is what an overlay of the shapes finds, for 1,000 pairs near and on one another', () => {
    const random = seeded(5);
    let compared = 0;
    let overlapped = 0;
    while (compared < 1000) {
      const isOnLattice = compared % 2 === 0;
      const [a, b] = [
        star(random, 0, 0, isOnLattice),
        star(random, random() * 2e-3, random() * 2e-3, isOnLattice),
      ];
      const [p, q] = [polygonOf(a), polygonOf(b)];
      if (!IsValidOp.isValid(p) || !IsValidOp.isValid(q)) continue;
      compared += 1;
      const expected = OverlayOp.intersection(p, q).getArea() * 110_574.3 * 111_319.5;
      if (expected > 0) overlapped += 1;
      expect(overlapM2(outlineOf([a]), outlineOf([b]))).to.be.closeTo(expected, 0.001 + expected * 1e-5);
    }
    expect(overlapped).to.be.greaterThan(300);
  });

  it('agrees with the area on the ellipsoid at any latitude', () => {
    for (const latitude of [-60, -1, 0, 35, 70]) {
      const ring = square(20, latitude, 0.001);
      expect(overlapM2(outlineOf([ring]), outlineOf([ring])) / areaM2([[ring]])).to.be.closeTo(1, 1e-4);
    }
  });

  it('is nothing between neighbours that share a border, also one told in other digits', () => {
    const west = square(10, 10, 0.001);
    const east = [
      10.001, 10, 10.002, 10.0003, 10.002, 10.001, 10.001, 10.001, 10.00099999999999, 10.0005, 10.001, 10,
    ];
    expect(overlapM2(outlineOf([west]), outlineOf([east]))).to.be.lessThan(1e-4);
    expect(overlapM2(outlineOf([west]), outlineOf([square(10.001, 10, 0.001)]))).to.equal(0);
  });

  it('leaves out what lies in a hole', () => {
    const outer = square(0, 0, 0.001);
    const hole = square(0.0002, 0.0002, 0.0006);
    const inside = outlineOf([hole]);
    expect(overlapM2(outlineOf([outer]), inside)).to.be.greaterThan(4000);
    expect(overlapM2(outlineOf([outer, hole]), inside)).to.be.lessThan(1e-6);
  });

  it('is never NaN, negative or more than either, even for rings that cross themselves', () => {
    const random = seeded(9);
    for (let n = 0; n < 500; n++) {
      const ring = () => {
        const list = Array.from({ length: 8 }, () => [
          Math.round(random() * 5) / 1e4,
          Math.round(random() * 5) / 1e4,
        ]);
        return [...list, list[0] ?? []].flat();
      };
      const shared = overlapM2(outlineOf([ring()]), outlineOf([ring()]));
      expect(shared).to.be.within(0, 3200);
    }
  });
});

describe('the index of a cadastre', () => {
  const parcel = (n: number) => ({
    number: `P ${n}`,
    baUnit: `0x${n.toString(16).padStart(64, '0')}` as Bytes32,
    alias: parcelAlias([[square(n * 0.002, 0, 0.001)]]),
    units: [{ outline: outlineOf([square(n * 0.002, 0, 0.001)]) }],
  });
  const over = (n: number) => outlineOf([square(n * 0.002 + 0.0005, 0, 0.001)]);
  const numbersOver = (index: CadastreIndex, n: number) =>
    index.overlapping(over(n)).map(({ number }) => number);

  it('finds what was added one by one and all at once, and nothing that was retired', () => {
    const index = cadastreIndex();
    for (let n = 0; n < 40; n++) index.add([parcel(n)]);
    index.add(Array.from({ length: 60 }, (_, i) => parcel(40 + i)));
    expect(index.size).to.equal(100);
    for (let n = 0; n < 100; n++) expect(numbersOver(index, n)).to.deep.equal([`P ${n}`]);
    expect(index.retire('p-7')).to.equal(true);
    expect(index.retire('P 7')).to.equal(false);
    expect(numbersOver(index, 7)).to.deep.equal([]);
    index.add([{ ...parcel(7), number: 'P 7/1' }]);
    expect(numbersOver(index, 7)).to.deep.equal(['P 7/1']);
    expect(index.size).to.equal(100);
  });

  it('holds no number twice, whether its parcel stands or ended', () => {
    const index = cadastreIndex();
    index.add([parcel(1)]);
    expect(() => index.add([parcel(1)])).to.throw();
    index.retire('P 1');
    expect(index.has('p-1')).to.equal(true);
    expect(index.has('P 2')).to.equal(false);
    expect(() => index.add([parcel(1)])).to.throw();
  });
});

describe('the index of places', () => {
  it('makes no index of more than it says, however many are added, and finds all in parts of no more', () => {
    let asked = 0;
    const index = placeIndex<Placed>(() => {
      asked++;
      return false;
    });
    const at = (i: number): Placed => ({ extent: [i, 0, i + 0.5, 1] });
    const count = 3 * INDEXED_AT_ONCE;
    const slice = INDEXED_AT_ONCE / 4;
    for (let from = 0; from < count; from += slice) {
      asked = 0;
      index.add(Array.from({ length: slice }, (_, i) => at(from + i)));
      expect(asked, `of those before ${from}`).to.be.at.most(INDEXED_AT_ONCE);
    }
    const parts = [...index.touchingInParts([0, 0, count, 1])];
    expect(parts.reduce((sum, part) => sum + part.length, 0)).to.equal(count);
    for (const part of parts) expect(part.length).to.be.at.most(INDEXED_AT_ONCE);
    expect(parts.length).to.be.at.most(6);
    expect(index.touching([7.6, 0, 8.1, 1])).to.deep.equal([at(8)]);
  });
});
