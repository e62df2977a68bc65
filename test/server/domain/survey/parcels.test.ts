import { expect } from 'chai';
import type { ParcelOptions } from '../../../../server/domain/survey/parcels.ts';
import { openFeature, readParcels, shapeOfOpen } from '../../../../server/domain/survey/parcels.ts';
import { collection, feature, square } from './parcelFiles.ts';

function refusals(text: string | Uint8Array, options?: ParcelOptions) {
  return readParcels(text, options).refused.map(({ code, place }) => [code, place.line, place.field]);
}

const GOOD = feature('A/1', [square(10, 10)]);
const G = '/features/0/geometry';
const NUMBER = '/features/0/properties/parcel_no';

describe('a file of parcels', () => {
  it('answers number, sheet, area, parts, id, line and source of each parcel', () => {
    const line = feature(
      ' A/1 ',
      [[square(10, 10)], [square(11, 10)]],
      { sheet_no: 3, area_ha: '2.4' },
      'MultiPolygon',
    );
    const { parcels, refused, warnings, read, isRefusedWhole } = readParcels(collection([line]));
    expect([read, refused, warnings, isRefusedWhole]).to.deep.equal([1, [], [], false]);
    const [parcel] = parcels;
    expect(parcel).to.include({ line: 2, number: 'A/1', sheet: '3', statedAreaM2: 24_000, sourceText: line });
    expect(parcel?.units).to.have.length(2);
    expect(parcel?.areaM2).to.be.closeTo(24_254, 30);
    expect(parcel).to.not.have.property('district');
  });

  it('has the numbers that it had before, several where parcels were joined, and none for a word for nothing', () => {
    const read = (former: string) => {
      const [parcel] = readParcels(
        collection([feature('A/1', [square(10, 10)], { old_no: former })]),
      ).parcels;
      return parcel?.formerNumbers;
    };
    expect(read('LR 209, 7')).to.deep.equal(['LR 209, 7']);
    expect(read(' LR 12; LR 13 |LR 14')).to.deep.equal(['LR 12', 'LR 13', 'LR 14']);
    for (const nothing of ['-', 'n/a', '', ' ; ', 'a / 1', 'x'.repeat(201)]) {
      expect(read(nothing), nothing).to.equal(undefined);
    }
    expect(read(Array.from({ length: 40 }, (_, i) => `LR ${i}`).join(';'))).to.have.length(32);
  });

  it('shows to anybody its shape and what identifies it, and nothing else that stood beside them', () => {
    const more = { sheet_no: '3', district: 'D', owner: 'SYNTHETIC', transaction: 'by SYNTHETIC' };
    const line = feature('A/1', [square(10, 10)], more).replace(
      '"type":"Polygon"',
      '"type":"Polygon","owner":"SYNTHETIC"',
    );
    const [parcel] = readParcels(collection([line.replace('{', '{"id":"SYNTHETIC",')])).parcels;
    if (parcel === undefined) throw new Error('no parcel');
    expect(parcel.sourceText).to.include('SYNTHETIC');
    expect(JSON.parse(openFeature(parcel))).to.deep.equal({
      type: 'Feature',
      properties: { number: 'A/1', sheet: '3', district: 'D' },
      geometry: { type: 'Polygon', coordinates: [square(10, 10)] },
    });
    expect(shapeOfOpen(openFeature(parcel)))
      .to.include({ alias: parcel.alias })
      .and.have.nested.property('outlines.length', 1);
  });

  it('keeps every vertex the office sent, repeated or below the quantum of the id', () => {
    const ring = [
      [10, 10],
      [10, 10],
      [10.001, 10],
      [10.001000000001, 10.0005],
      [10.001, 10.001],
      [10, 10.001],
      [10, 10],
    ];
    const [parcel] = readParcels(collection([feature('A', [ring])])).parcels;
    expect(parcel?.units[0]?.polygon[0]).to.deep.equal(ring.flat());
  });

  it('takes holes off the area', () => {
    const whole = readParcels(collection([GOOD])).parcels[0]?.areaM2 ?? 0;
    const holed = readParcels(collection([feature('A', [square(10, 10), square(10.0002, 10.0002, 0.0005)])]));
    expect(holed.parcels[0]?.areaM2).to.be.closeTo(whole * 0.75, 1);
  });

  it('reads a byte-order mark, any layout and any common name of the number', () => {
    for (const name of ['parcel_num', 'PARCEL_NO', 'plot_no', 'upi', 'Parcel Number']) {
      const text = `\ufeff${collection([GOOD.replace('parcel_no', name)])}`;
      for (const input of [text, text.replaceAll('\n', ''), text.replaceAll(/([,[])/g, '$1\r\n')]) {
        expect(readParcels(new TextEncoder().encode(input)).parcels.length, name).to.equal(1);
      }
    }
  });

  it('gives the line of a feature’s opening brace in any layout, and tells features of one line apart', () => {
    const bad = feature('', [square(12, 10)]);
    expect(refusals(`{\n\n"features":\n[\n${GOOD}\n,\n\n${bad}],"type":"FeatureCollection"}`)).to.deep.equal([
      ['parcel-number-missing', 8, '/features/1/properties/parcel_no'],
    ]);
    const minified = readParcels(collection([GOOD, bad]).replaceAll('\n', ''));
    expect(minified.parcels.map(({ number }) => number)).to.deep.equal(['A/1']);
    expect(minified.refused[0]?.place).to.deep.equal({
      line: 1,
      feature: 2,
      field: '/features/1/properties/parcel_no',
    });
  });
});

describe('a parcel is refused by its line, and the good ones kept,', () => {
  const half = [square(10, 10), square(10.0002, 10.0002, 0.0002)];
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['of the wrong type', '{"type":"Point"}', 'feature-malformed', '/features/0'],
    ['that is no object', '7', 'feature-malformed', '/features/0'],
    ['without a number', feature(null, [square(1, 1)]), 'parcel-number-missing', NUMBER],
    ['with a dash for a number', feature(' - ', [square(1, 1)]), 'parcel-number-missing', NUMBER],
    ['with a list for a number', feature(['A'], [square(1, 1)]), 'property-malformed', NUMBER],
    ['with a fraction for a number', feature(1.5, [square(1, 1)]), 'property-malformed', NUMBER],
    ['with a shortened number', feature('1.23E+15', [square(1, 1)]), 'value-mangled', NUMBER],
    ['with a failed formula for a number', feature('#REF!', [square(1, 1)]), 'value-mangled', NUMBER],
    ['with a column too narrow', feature('#####', [square(1, 1)]), 'value-mangled', NUMBER],
    ['with TRUE for a number', feature('TRUE', [square(1, 1)]), 'id-spoilt', NUMBER],
    ['with a part of a day for a number', feature('0.5', [square(1, 1)]), 'id-spoilt', NUMBER],
    ['with a date for a number', feature('3-Jan', [square(1, 1)]), 'id-like-date', NUMBER],
    ['with a rounded number', feature('1234567890123450', [square(1, 1)]), 'id-like-rounded', NUMBER],
    ['without a shape', GOOD.replace(/"geometry":.*/, '"geometry":null}'), 'geometry-empty', G],
    ['of no parts', feature('A', [], {}, 'MultiPolygon'), 'geometry-empty', G],
    ['of no rings', feature('A', []), 'geometry-empty', G],
    ['that is a point', feature('A', [1, 1], {}, 'Point'), 'geometry-unsupported', G],
    ['of rings that are no lists', feature('A', ['ring']), 'geometry-unsupported', G],
    ['with a position of one number', feature('A', [[[1], [1, 2], [2, 2], [1]]]), 'position-malformed', G],
    [
      'with a position of words',
      feature('A', [
        [
          ['1', '1'],
          [1, 2],
          [2, 2],
          ['1', '1'],
        ],
      ]),
      'position-malformed',
      G,
    ],
    ['with latitude first', feature('A', [square(1, 100)]), 'coordinates-exchanged', G],
    [
      'in projected coordinates',
      feature('A', [square(9_900_000, 270_000, 30)]),
      'coordinates-not-degrees',
      G,
    ],
    ['whose ring is open', feature('A', [square(1, 1).slice(0, 4)]), 'ring-not-closed', G],
    [
      'of two corners',
      feature('A', [
        [
          [1, 1],
          [1.001, 1],
          [1.001, 1],
          [1, 1],
        ],
      ]),
      'ring-too-short',
      G,
    ],
    ['wider than a degree', feature('A', [square(1, 1, 1.5)]), 'shape-too-wide', G],
    [
      'that crosses itself',
      feature('A', [
        [
          [1, 1],
          [1.001, 1.001],
          [1.001, 1],
          [1, 1.0015],
          [1, 1],
        ],
      ]),
      'shape-crosses-itself',
      G,
    ],
    [
      'that is a line',
      feature('A', [
        [
          [1, 1],
          [1.001, 1],
          [1.002, 1],
          [1, 1],
        ],
      ]),
      'shape-crosses-itself',
      G,
    ],
    ['with a hole outside', feature('A', [square(1, 1), square(1.5, 1)]), 'shape-hole-outside', G],
    [
      'with a hole in a hole',
      feature('A', [...half, square(10.00025, 10.00025, 0.00005)]),
      'shape-parts-overlap',
      G,
    ],
    [
      'whose parts overlap',
      feature('A', [[square(1, 1)], [square(1.0005, 1)]], {}, 'MultiPolygon'),
      'shape-crosses-itself',
      G,
    ],
    [
      'with a part in a part',
      feature('A', [[square(1, 1)], [square(1.0002, 1.0002, 0.0002)]], {}, 'MultiPolygon'),
      'shape-parts-overlap',
      G,
    ],
    [
      'with one part twice',
      feature('A', [[square(1, 1)], [square(1, 1)]], {}, 'MultiPolygon'),
      'shape-parts-overlap',
      G,
    ],
    [
      'of more parts than a title has',
      feature(
        'A',
        Array.from({ length: 65 }, (_, i) => [square(1 + i * 0.002, 1)]),
        {},
        'MultiPolygon',
      ),
      'too-many-spatial-units',
      G,
    ],
    [
      'with a number too long to be looked up',
      feature('\u0646'.repeat(81), [square(1, 1)]),
      'text-too-long',
      NUMBER,
    ],
    ['under a square metre', feature('A', [square(1, 1, 0.000008)]), 'parcel-too-small', G],
    [
      'with a field twice',
      GOOD.replace('"parcel_no"', '"parcel_no":"B","parcel_no"'),
      'field-repeated',
      NUMBER,
    ],
    ['with an endless number', GOOD.replace('10.001', '1e999'), 'number-unreadable', `${G}/coordinates`],
    ['with a number that rounds', GOOD.replace('"A/1"', '12345678901234567890'), 'number-unreadable', NUMBER],
    ['with half a character', GOOD.replace('A/1', '\\ud800'), 'text-malformed', NUMBER],
    ['with a control character', GOOD.replace('A/1', 'A\\u0007'), 'text-malformed', NUMBER],
    ['with a lost character', GOOD.replace('A/1', 'A\ufffd'), 'text-not-utf8', NUMBER],
    ['with an endless text', GOOD.replace('A/1', 'A'.repeat(501)), 'text-too-long', NUMBER],
    [
      'with its own coordinate system',
      GOOD.replace(
        '"type":"Polygon"',
        '"crs":{"type":"name","properties":{"name":"EPSG:21037"}},"type":"Polygon"',
      ),
      'crs-unsupported',
      G,
    ],
  ];
  for (const [what, line, code, field] of cases) {
    it(`${what}: ${code}`, () => {
      const { parcels, refused } = readParcels(collection([line, feature('Z', [square(50, 50)])]));
      expect(refused.map((one) => [one.code, one.place.line, one.place.field])).to.deep.equal([
        [code, 2, field],
      ]);
      expect(parcels.map(({ number }) => number)).to.deep.equal(['Z']);
      expect(refused[0]?.message).to.not.match(/A\/1|10\.00|\d{4}/);
    });
  }

  it('and not where an officer says that a number which reads like a date is the number', () => {
    const file = collection([feature('3-Jan', [square(1, 1)])]);
    const answers = [{ code: 'id-like-date', answer: 'as-written', feature: 1 }];
    expect(readParcels(file, { answers }).parcels.map(({ number }) => number)).to.deep.equal(['3-Jan']);
  });

  it('and never by a property that is not read, whatever is wrong with it', () => {
    for (const property of [
      '"__proto__":{},',
      '"note":1,"note":2,',
      '"note":"\ufffd",',
      '"note":12345678901234567890,',
      '"sheet_no":{"a":1},',
      '"area":"some",',
    ]) {
      const line = GOOD.replace('"parcel_no"', `${property}"parcel_no"`);
      expect(readParcels(collection([line])).parcels.length, property).to.equal(1);
    }
  });

  it('of one, two or three positions, whatever they are: ring-too-short', () => {
    const corner = [1, 1];
    for (const ring of [[corner], [corner, corner], [corner, corner, corner], [corner, [1, 2], corner]]) {
      expect(refusals(collection([feature('A', [ring])])).map(([code]) => code)).to.deep.equal([
        'ring-too-short',
      ]);
    }
  });

  it('with bytes that are not UTF-8, on the line that has them only', () => {
    const bytes = new TextEncoder().encode(collection([GOOD, feature('B@', [square(12, 10)])]));
    bytes[bytes.indexOf(0x40)] = 0xe9;
    const { parcels, refused } = readParcels(bytes);
    expect(refused.map(({ code, place }) => [code, place.line])).to.deep.equal([['text-not-utf8', 3]]);
    expect(parcels).to.have.length(1);
  });

  it('on every line that has a number which occurs twice, whatever its spacing and case', () => {
    const lines = ['A/1', 'B', 'a / 1', 'A/1'].map((number, i) => feature(number, [square(i, 1)]));
    const { parcels, refused } = readParcels(collection(lines));
    expect(refused.map(({ code, place }) => [code, place.line])).to.deep.equal([
      ['parcel-number-repeated', 2],
      ['parcel-number-repeated', 4],
      ['parcel-number-repeated', 5],
    ]);
    expect(parcels.map(({ number }) => number)).to.deep.equal(['B']);
  });

  it('a number counts as repeated also where the other line is refused for its shape', () => {
    expect(refusals(collection([GOOD, feature('A/1', [[]])])).map(([code]) => code)).to.deep.equal([
      'parcel-number-repeated',
      'geometry-empty',
      'parcel-number-repeated',
    ]);
  });

  it('on both lines of an overlap, which names the other, and on neither below the tolerance (UL2)', () => {
    const at = (number: string, x: number) => feature(number, [square(x, 1)]);
    const little = readParcels(collection([at('A', 1), at('B', 1.001 - 1e-10)]));
    expect(
      little.warnings.map(({ code, message }) => [code, /parcel (\S+)/.exec(message.slice(12))?.[1]]),
    ).to.deep.equal([
      ['parcel-overlaps-little', 'B'],
      ['parcel-overlaps-little', 'A'],
    ]);
    const overlapping = [at('A', 1), at('B', 1.0009), at('C', 1.0018), at('D', 1.0028)];
    expect(refusals(collection(overlapping)).map(([code, line]) => [code, line])).to.deep.equal([
      ['parcel-overlaps', 2],
      ['parcel-overlaps', 3],
      ['parcel-overlaps', 3],
      ['parcel-overlaps', 4],
    ]);
    // 110.6 m of shared border: 1e-10 degrees are 0.0012 m2, 1e-8 degrees 0.12 m2
    expect(refusals(collection([at('A', 1), at('B', 1.001 - 1e-10)]))).to.deep.equal([]);
    expect(refusals(collection([at('A', 1), at('B', 1.001 - 1e-8)]))).to.have.length(2);
  });

  it('where it lies in another, and not where it lies in its hole', () => {
    const inner = square(1.0002, 1.0002, 0.0002);
    expect(refusals(collection([feature('A', [square(1, 1)]), feature('B', [inner])]))).to.have.length(2);
    expect(refusals(collection([feature('A', [square(1, 1), inner]), feature('B', [inner])]))).to.deep.equal(
      [],
    );
  });

  it('outside the office’s area, or exchanged into it', () => {
    const within = [36, -2, 38, 0] as const;
    const codes = [square(37, -1), square(-1, 37), square(50, 20)].map((ring) =>
      refusals(collection([feature('A', [ring])]), { within }).map(([code]) => code),
    );
    expect(codes).to.deep.equal([[], ['coordinates-exchanged'], ['coordinates-outside']]);
  });
});

describe('a file of parcels is refused whole', () => {
  const whole: readonly (readonly [string, string | Uint8Array, string, number | undefined])[] = [
    ['empty', ' \n', 'file-empty', undefined],
    ['of no feature', collection([]), 'file-empty', undefined],
    ['in UTF-16 in part', Buffer.from(`${collection([GOOD])}\0`, 'utf16le'), 'file-not-utf8', undefined],
    ['cut short', collection([GOOD, GOOD]).slice(0, -40), 'file-malformed', 3],
    ['with trailing text', `${collection([GOOD])}\n{}`, 'file-malformed', 4],
    ['with a missing comma', collection([`${GOOD}\n${GOOD}`]), 'file-malformed', 3],
    ['with NaN', collection([GOOD.replace('10.001', 'NaN')]), 'file-malformed', 2],
    ['with its features twice', collection([GOOD], '"features": [],'), 'file-malformed', 1],
    ['nesting without end', collection([`${'['.repeat(100)}`]), 'file-nested-too-deep', 2],
    ['of lines of features', `${GOOD}\n${GOOD}`, 'geojson-not-collection', 2],
    ['that is a list', '[1]', 'geojson-not-collection', 1],
    [
      'in another system',
      collection([GOOD], '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::21037"}},'),
      'crs-unsupported',
      undefined,
    ],
    [
      'whose system is a link',
      collection([GOOD], '"crs":{"type":"link","properties":{"href":"x"}},'),
      'crs-unsupported',
      undefined,
    ],
    ['without numbers', collection([GOOD.replace('parcel_no', 'id_of_it')]), 'column-missing', undefined],
    [
      'with two kinds of number',
      collection([GOOD.replace('"parcel_no"', '"upi":"X","parcel_no"')]),
      'column-ambiguous',
      undefined,
    ],
  ];
  for (const [what, text, code, line] of whole) {
    it(`${what}: ${code}`, () => {
      const { parcels, refused, isRefusedWhole } = readParcels(text);
      expect(refused.map((one) => [one.code, one.place.line])).to.deep.equal([[code, line]]);
      expect([parcels, isRefusedWhole]).to.deep.equal([[], true]);
    });
  }

  it('for one line, where the operation takes all or none', () => {
    const text = collection([GOOD, feature('', [square(1, 1)])]);
    const { parcels, refused, isRefusedWhole } = readParcels(text, { onRefusal: 'refuse-file' });
    expect(refused.map(({ code }) => code)).to.deep.equal([
      'file-has-refused-lines',
      'parcel-number-missing',
    ]);
    expect([parcels, isRefusedWhole]).to.deep.equal([[], true]);
  });

  it('and not where longitude and latitude on WGS 84 are stated in so many words', () => {
    for (const name of [
      'urn:ogc:def:crs:OGC:1.3:CRS84',
      'urn:ogc:def:crs:OGC::CRS84',
      'EPSG:4326',
      'urn:ogc:def:crs:EPSG::4326',
    ]) {
      const crs = `"crs":{"type":"name","properties":{"name":"${name}"}},`;
      expect(readParcels(collection([GOOD], crs)).parcels.length, name).to.equal(1);
    }
  });
});
