/**
 * Maps as they come: what offices, forms and services make of polygons, each read as a person would read it or refused by
 * line and field. Nothing is read in silence as something else.
 */
import { expect } from 'chai';
import type { FileSettings } from '../../../../server/domain/files/settings.ts';
import { readMap } from '../../../../server/domain/survey/formats.ts';
import { workbookOf, zipOf } from '../files/archives.ts';
import { shapefileOf } from './foreignMaps.ts';
import { collection, feature, square } from './parcelFiles.ts';

type Ring = readonly (readonly number[])[];
type File = string | Uint8Array<ArrayBuffer>;

const WEST = square(37, -1);
const EAST = square(37.002, -1);
/** A hundred metres on a side, near the middle of zone 37 south. */
const METRES = square(500_000, 9_900_000, 100);

const bytesOf = (text: string, encoding: BufferEncoding = 'utf8') =>
  new Uint8Array(Buffer.from(text, encoding));

/** Numbers that are taken, codes with the place where they stand, and warnings. */
async function readingOf(file: File, settings: FileSettings = {}) {
  const bytes = typeof file === 'string' ? bytesOf(file) : file;
  try {
    const { parcels, refused, warnings } = await readMap(bytes, settings);
    return {
      taken: parcels.map(({ number }) => number),
      refused: refused.map(({ code, place }) => [code, place.line, place.feature].join(' ').trim()),
      warned: warnings.map(({ code }) => code),
    };
  } catch (error) {
    return { taken: [], refused: [(error as { code: string }).code], warned: [] };
  }
}

interface Case {
  readonly what: string;
  readonly file: File;
  readonly settings?: FileSettings;
  readonly taken?: readonly string[];
  readonly refused?: readonly string[];
  readonly warned?: readonly string[];
}

function holds(cases: readonly Case[]) {
  for (const { what, file, settings, taken = [], refused = [], warned = [] } of cases) {
    const outcome = [...taken, ...refused, ...warned].join(', ');
    it(`${what}: ${outcome}`, async () => {
      expect(await readingOf(file, settings)).to.deep.equal({ taken, refused, warned });
    });
  }
}

// ---- KML -----------------------------------------------------------------------------------------------------

const corners = (ring: Ring) => ring.map((corner) => corner.join(',')).join(' ');
const ringOf = (ring: Ring) => `<LinearRing><coordinates>${corners(ring)}</coordinates></LinearRing>`;
const polygon = (ring: Ring, holes: readonly Ring[] = []) => {
  const inner = holes.map((hole) => `<innerBoundaryIs>${ringOf(hole)}</innerBoundaryIs>`);
  return `<Polygon><outerBoundaryIs>${ringOf(ring)}</outerBoundaryIs>${inner.join('')}</Polygon>`;
};
const placemark = (name: string, shape: string, more = '') =>
  `<Placemark><name>${name}</name>${more}${shape}</Placemark>`;
const kmlOf = (content: string, encoding = 'UTF-8') =>
  `<?xml version="1.0" encoding="${encoding}"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n${content}\n</Document></kml>`;
const data = (name: string, value: string) => `<Data name="${name}"><value>${value}</value></Data>`;
const NAMED = ['placemark-names-read'];
const SCHEMA =
  '<Schema id="s"><SimpleField type="int" name="parcel_no"/></Schema><Placemark><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="parcel_no">007</SimpleData></SchemaData></ExtendedData>';

describe('a map in KML, as it comes', () => {
  holds([
    {
      what: 'folders in folders, with the numbers as names of placemarks',
      file: kmlOf(
        `<Folder><name>Block 1</name>${placemark('A/1', polygon(WEST))}\n<Folder>${placemark('A/2', polygon(EAST))}</Folder></Folder>`,
      ),
      taken: ['A/1', 'A/2'],
      warned: NAMED,
    },
    {
      what: 'several polygons of one placemark, and the point of its label',
      file: kmlOf(
        placemark(
          'A/1',
          `<MultiGeometry><Point><coordinates>37,-1</coordinates></Point>${polygon(WEST)}${polygon(EAST)}</MultiGeometry>`,
        ),
      ),
      taken: ['A/1'],
      warned: NAMED,
    },
    {
      what: 'a border that is drawn as a line',
      file: kmlOf(placemark('A/1', `<LineString><coordinates>${corners(WEST)}</coordinates></LineString>`)),
      refused: ['geometry-unsupported 3 1'],
      warned: NAMED,
    },
    {
      what: 'a picture laid over the ground, whose frame is no parcel',
      file: kmlOf(
        `${placemark('A/1', polygon(WEST))}<GroundOverlay><name>A/2</name><LatLonBox><north>1</north><south>0.9</south><east>37.1</east><west>37</west></LatLonBox></GroundOverlay>`,
      ),
      taken: ['A/1'],
      warned: NAMED,
    },
    {
      what: 'a schema that calls numbers of parcels whole numbers',
      file: kmlOf(`${SCHEMA}${polygon(WEST)}</Placemark>`),
      taken: ['007'],
    },
    {
      what: 'a number that stands twice beside one shape',
      file: kmlOf(
        placemark(
          'x',
          polygon(WEST),
          `<ExtendedData>${data('parcel_no', 'A/1')}${data('parcel_no', 'A/9')}</ExtendedData>`,
        ),
      ),
      refused: ['field-repeated 3 1'],
    },
    {
      what: 'a prefix before every name',
      file: kmlOf(placemark('A/1', polygon(WEST)))
        .replace(/<(\/?)(?=[A-Za-z])/g, '<$1kml:')
        .replace('xmlns=', 'xmlns:kml='),
      taken: ['A/1'],
      warned: NAMED,
    },
    {
      what: 'UTF-16',
      file: bytesOf(`\ufeff${kmlOf(placemark('A/1', polygon(WEST)), 'UTF-16')}`, 'utf16le'),
      taken: ['A/1'],
      warned: NAMED,
    },
    {
      what: 'UTF-16 without a mark',
      file: bytesOf(kmlOf(placemark('A/1', polygon(WEST)), 'UTF-16'), 'utf16le'),
      taken: ['A/1'],
      warned: NAMED,
    },
    {
      what: 'the character set that its first line states',
      file: bytesOf(kmlOf(placemark('Ñ/1', polygon(WEST)), 'ISO-8859-1'), 'latin1'),
      taken: ['Ñ/1'],
      warned: NAMED,
    },
    {
      what: 'an entity, which stands for what nobody sees',
      file: kmlOf(placemark('&a;', polygon(WEST))).replace('\n', '<!DOCTYPE kml [<!ENTITY a "A/1">]>'),
      refused: ['format-damaged'],
    },
    {
      what: 'links to other files and no shape',
      file: kmlOf('<NetworkLink><name>A/1</name><Link><href>other.kml</href></Link></NetworkLink>'),
      refused: ['parcels-format-other'],
    },
    {
      what: 'a KMZ of two files',
      file: zipOf({
        'doc.kml': kmlOf(placemark('A/1', polygon(WEST))),
        'files/more.kml': kmlOf(placemark('A/2', polygon(EAST))),
      }),
      refused: ['parcels-format-other'],
    },
  ]);

  it('keeps the holes of a placemark, and every hole is off its area', async () => {
    const hole = square(37.0002, -0.9998, 0.0002);
    const { parcels } = await readMap(bytesOf(kmlOf(placemark('A/1', polygon(WEST, [hole])))), {});
    expect(parcels[0]?.units[0]?.polygon).to.have.length(2);
  });
});

// ---- GeoJSON and what is like it ---------------------------------------------------------------------------------

const numbered = (file: string, more: string) =>
  file.replace('"type": "FeatureCollection",', `"type": "FeatureCollection", ${more},`);
const TINY = [
  [37.01, -1],
  [37.010001, -1],
  [37.01, -0.999999],
  [37.01, -1],
];

describe('a map in GeoJSON, as it comes', () => {
  const one = collection([feature('A/1', [WEST])]);
  holds([
    {
      what: 'a feature on each line and nothing around them',
      file: `${feature('A/1', [WEST])}\n\n${feature('A/2', [EAST])}\n`,
      taken: ['A/1', 'A/2'],
    },
    {
      what: 'the same with the separators of text sequences, and a bad one named by its line',
      file: `\u001e${feature('A/1', [WEST])}\n\u001e${feature('', [EAST])}\n`,
      taken: ['A/1'],
      refused: ['parcel-number-missing 2 2'],
    },
    {
      what: 'a service that sent as much as its limit lets it',
      file: numbered(one, '"exceededTransferLimit": true'),
      taken: ['A/1'],
      warned: ['file-cut-by-service'],
    },
    {
      what: 'a service that counts more than it returned',
      file: numbered(one, '"numberMatched": 2813, "numberReturned": 1'),
      taken: ['A/1'],
      warned: ['file-cut-by-service'],
    },
    {
      what: 'a number between marks of direction',
      file: collection([feature('\u200fA/1\u200f', [WEST])]),
      taken: ['A/1'],
    },
    {
      what: 'a mark of direction within a number',
      file: collection([feature('A/\u200f1', [WEST])]),
      refused: ['text-malformed 2 1'],
    },
    {
      what: 'numbers that a program for tables made fractions of',
      file: collection([feature('13.0', [WEST]), feature('14.0', [EAST])]),
      taken: ['13', '14'],
    },
    {
      what: 'a number with a point among others',
      file: collection([feature('13.0', [WEST]), feature('13/2', [EAST])]),
      taken: ['13.0', '13/2'],
    },
    {
      what: 'a part that is a sliver',
      file: collection([feature('A/1', [[WEST], [TINY]], {}, 'MultiPolygon')]),
      refused: ['parcel-too-small 2 1'],
    },
    {
      what: 'a curve',
      file: collection([feature('A/1', [WEST], {}, 'CurvePolygon')]),
      refused: ['geometry-unsupported 2 1'],
    },
    {
      what: 'areas in the digits of Arabic, and a unit in brackets',
      file: collection([
        feature('A/1', [WEST], { 'Area (ha)': '١٫٢٣' }),
        feature('A/2', [EAST], { 'Area (ha)': '1.2' }),
      ]),
      taken: ['A/1', 'A/2'],
    },
  ]);

  it('has areas in hectares, ares and square metres read', async () => {
    const file = collection([feature('A/1', [WEST], { contenance: '1 ha 23 a 45 ca' })]);
    const { parcels } = await readMap(bytesOf(file), {});
    expect(parcels[0]?.statedAreaM2).to.equal(12_345);
  });
});

describe('coordinates that do not lie where their projection is for', () => {
  const ZONE = { projection: 'EPSG:32737' };
  const at = (x: number, y: number) => collection([feature('A/1', [square(x, y, 100)])]);
  const OUTSIDE = ['coordinates-outside-projection 2 1'];
  holds([
    {
      what: 'of the zone and hemisphere that is named',
      file: at(500_000, 9_900_000),
      settings: ZONE,
      taken: ['A/1'],
    },
    {
      what: 'of the southern zone, north of the equator',
      file: at(500_000, 10_400_000),
      settings: ZONE,
      taken: ['A/1'],
    },
    { what: 'of another zone', file: at(5_000_000, 9_900_000), settings: ZONE, refused: OUTSIDE },
    {
      what: 'of the other hemisphere',
      file: at(500_000, 9_900_000),
      settings: { projection: 'EPSG:32637' },
      refused: OUTSIDE,
    },
    { what: 'with northing first', file: at(9_900_000, 500_000), settings: ZONE, refused: OUTSIDE },
    { what: 'in degrees', file: collection([feature('A/1', [WEST])]), settings: ZONE, refused: OUTSIDE },
    {
      what: 'in PROJ text of another zone',
      file: at(5_000_000, 9_900_000),
      settings: { projection: '+proj=utm +zone=37 +south +datum=WGS84 +units=m' },
      refused: OUTSIDE,
    },
    {
      what: 'of two projections in one file, of which the right ones are taken',
      file: collection([feature('A/1', [METRES]), feature('A/2', [WEST])]),
      settings: ZONE,
      taken: ['A/1'],
      refused: ['coordinates-outside-projection 3 2'],
    },
  ]);
});

// ---- Tables ------------------------------------------------------------------------------------------------------

const wkt = (ring: Ring) => `POLYGON ((${ring.map((corner) => corner.join(' ')).join(', ')}))`;
const table = (...rows: string[]) => rows.join('\n');

describe('a table of shapes, as it comes', () => {
  holds([
    {
      what: 'a title above the names of columns',
      file: table('Parcels of the county;;', 'parcel_no;geom;', `A/1;${wkt(WEST)};`),
      taken: ['A/1'],
    },
    {
      what: 'the zone before each shape',
      file: table('parcel_no;geom', `A/1;"SRID=32737;${wkt(METRES)}"`),
      taken: ['A/1'],
    },
    {
      what: 'a national datum before each shape, which is not WGS 84',
      file: table('parcel_no;geom', `A/1;"SRID=4210;${wkt(WEST)}"`),
      refused: ['crs-unsupported'],
    },
    {
      what: 'two systems in one file',
      file: table('parcel_no;geom', `A/1;"SRID=32737;${wkt(METRES)}"`, `A/2;"SRID=4326;${wkt(EAST)}"`),
      refused: ['crs-unsupported'],
    },
    {
      what: 'a quote within a cell, UTF-16 without a mark, and GeoJSON in no quotes',
      file: bytesOf(
        table(
          'parcel_no;note;geom',
          `A/1;12" pipe;${wkt(WEST)}`,
          `A/2;O"Brien;${JSON.stringify({ type: 'Polygon', coordinates: [EAST] })}`,
        ),
        'utf16le',
      ),
      taken: ['A/1', 'A/2'],
    },
    {
      what: 'two columns of one name',
      file: table('parcel_no;parcel_no;geom', `A/1;B/1;${wkt(WEST)}`),
      refused: ['field-repeated 2 1'],
    },
    {
      what: 'rows with a cell too few and too many',
      file: table(
        'parcel_no;geom;note',
        `A/1;${wkt(WEST)}`,
        `A/2;${wkt(EAST)};x;y`,
        `A/3;${wkt(square(37.004, -1))};`,
      ),
      taken: ['A/3'],
      refused: ['row-ragged 2 1', 'row-ragged 3 2'],
    },
    {
      what: 'fractions with commas, which set coordinates apart',
      file: table('parcel_no;geom', `A/1;${wkt(WEST).replace(/(\d)\.(\d)/g, '$1,$2')}`),
      refused: ['geometry-unsupported 2 1'],
    },
    {
      what: 'empty shapes, no shape, and a curve',
      file: table(
        'parcel_no;geom',
        `A/1;${wkt(WEST)}`,
        'A/2;POLYGON EMPTY',
        'A/3;',
        'A/4;"CURVEPOLYGON((1 1,2 2))"',
      ),
      taken: ['A/1'],
      refused: ['geometry-empty 3 2', 'geometry-empty 4 3', 'geometry-unsupported 5 4'],
    },
    {
      what: 'GeoJSON in a cell',
      file: table(
        'parcel_no;geom',
        `A/1;"${JSON.stringify({ type: 'Polygon', coordinates: [WEST] }).replaceAll('"', '""')}"`,
      ),
      taken: ['A/1'],
    },
    {
      what: 'the points of a form: latitude, longitude, height, accuracy',
      file: table('parcel_no,border', `A/1,${WEST.map(([x, y]) => `${y} ${x} 0 4.5`).join('; ')}`),
      taken: ['A/1'],
    },
    {
      what: 'a workbook',
      file: workbookOf([['Parcels of the county'], ['parcel_no', 'geom'], ['A/1', wkt(WEST)]]),
      taken: ['A/1'],
    },
  ]);

  it('of a form has longitude and latitude where the form means them', async () => {
    const file = table('parcel_no,border', `A/1,${WEST.map(([x, y]) => `${y} ${x} 0 4.5`).join(';')}`);
    const { parcels } = await readMap(bytesOf(file), {});
    expect(parcels[0]?.units[0]?.polygon[0].slice(0, 2)).to.deep.equal([37, -1]);
  });
});

// ---- Shapefiles --------------------------------------------------------------------------------------------------

/** The outer ring goes clockwise in a Shapefile, and a hole the other way. */
const clockwise = (ring: Ring) => ring.toReversed();

describe('a zipped Shapefile, as it comes', () => {
  holds([
    {
      what: 'without its projection, in degrees',
      file: shapefileOf({ shapes: [[clockwise(WEST)]], numbers: ['A/1'] }),
      taken: ['A/1'],
    },
    {
      what: 'without its projection, in metres',
      file: shapefileOf({ shapes: [[clockwise(METRES)]], numbers: ['A/1'] }),
      refused: ['coordinates-not-degrees 1 1'],
    },
    {
      what: 'a record without a shape, which moves no number to another',
      file: shapefileOf({ shapes: [[], [clockwise(EAST)]], numbers: ['A/1', 'A/2'] }),
      taken: ['A/2'],
      refused: ['geometry-empty 1 1'],
    },
    {
      what: 'cut short',
      file: shapefileOf({ shapes: [[clockwise(WEST)], [clockwise(EAST)]], numbers: ['A/1', 'A/2'], cut: 40 }),
      refused: ['format-damaged'],
    },
    {
      what: 'a table of fewer rows than shapes',
      file: shapefileOf({ shapes: [[clockwise(WEST)], [clockwise(EAST)]], numbers: ['A/1'] }),
      refused: ['format-damaged'],
    },
    {
      what: 'a hole that lies in no ring, and another shape beside it',
      file: shapefileOf({
        shapes: [[clockwise(WEST), square(37.01, -1)], [clockwise(EAST)]],
        numbers: ['A/1', 'A/2'],
      }),
      taken: ['A/2'],
      refused: ['geometry-unsupported 1 1'],
    },
    {
      what: 'letters of a character set that it states',
      file: shapefileOf({ shapes: [[clockwise(WEST)]], numbers: [bytesOf('Ñ/1', 'latin1')], cpg: '1252' }),
      taken: ['Ñ/1'],
    },
    {
      what: 'letters of one that it does not state',
      file: shapefileOf({ shapes: [[clockwise(WEST)]], numbers: [bytesOf('Ñ/1', 'latin1')] }),
      refused: ['text-not-utf8 1 1'],
    },
    {
      what: 'letters of one that the request states',
      file: shapefileOf({ shapes: [[clockwise(WEST)]], numbers: [bytesOf('Ñ/1', 'latin1')] }),
      settings: { charset: 'windows-1252' },
      taken: ['Ñ/1'],
    },
  ]);
});
