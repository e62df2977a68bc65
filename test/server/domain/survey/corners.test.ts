/** What people read of a boundary: all of its corners, or the text itself. */
import { expect } from 'chai';
import { cornersInWords, cornersOf } from '../../../../server/domain/survey/corners.ts';

const RING = [
  [36.8172, -1.2863],
  [36.8173, -1.2863],
  [36.8173, -1.2864],
  [36.8172, -1.2863],
];
const polygon = (coordinates: unknown, more: object = {}) =>
  JSON.stringify({ type: 'Polygon', coordinates, ...more });

describe('the corners of a boundary', () => {
  it('are said with their directions and all of their digits, and counted where they are many', () => {
    expect(cornersInWords(polygon([RING]))).to.equal(
      '3 corners: 1.2863 S 36.8172 E, 1.2863 S 36.8173 E, 1.2864 S 36.8173 E',
    );
    const west = RING.map(([x = 0, y = 0]) => [-x, -y]);
    expect(cornersInWords(polygon([RING, west, RING]))).to.equal(
      '9 corners: 1.2863 S 36.8172 E, 1.2863 S 36.8173 E, 1.2864 S 36.8173 E, 1.2863 N 36.8172 W, 1.2863 N 36.8173 W, 1.2864 N 36.8173 W and 3 more',
    );
    expect(cornersOf(JSON.stringify({ type: 'MultiPolygon', coordinates: [[RING], [RING]] }))).to.have.length(
      6,
    );
  });

  it('are not said of a text that says more, or that is no boundary: it is read as it stands', () => {
    const [first = [], ...rest] = RING;
    for (const text of [
      polygon([RING], { note: 'and the road' }),
      polygon([RING]).replace('36.8172', '36.81720'),
      polygon([[...rest, first, [1, 2]]]),
      polygon([[[1, 2, 3]]]),
      polygon([
        [
          ['1', 2],
          ['1', 2],
        ],
      ]),
      polygon([]),
      polygon([[]]),
      polygon(RING),
      polygon(null),
      JSON.stringify({ type: 'Point', coordinates: [[RING]] }),
      'along the river',
      'null',
      '',
    ])
      expect([text, cornersInWords(text)]).to.deep.equal([text, undefined]);
  });
});
