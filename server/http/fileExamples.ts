/**
 * Files as an office would send them, each as the media type it is sent under: for the examples of the API.
 *
 * Promises: a file is of its type, and of types that are no text there is none, for nobody can paste one. The people in them
 * are synthetic. `examples.ts` calls it.
 */

const RING = [
  [36.8, -1.3],
  [36.8004, -1.3],
  [36.8004, -1.2996],
  [36.8, -1.2996],
  [36.8, -1.3],
] as const;
const within = (between: string, around: string) => RING.map((corner) => corner.join(between)).join(around);

const GEOJSON = JSON.stringify({
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { number: 'Example/1' },
      geometry: { type: 'Polygon', coordinates: [RING] },
    },
  ],
});
const WKT_TABLE = `number;wkt\r\nExample/1;POLYGON((${within(' ', ', ')}))\r\n`;
const KML = `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Example/1</name><ExtendedData><Data name="number"><value>Example/1</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>${within(',', ' ')}</coordinates></LinearRing></outerBoundaryIs></Polygon>
</Placemark></Document></kml>
`;

const PEOPLE = [
  ['nationalId', 'fullName', 'hhSize', 'village'],
  ['SYNTHETIC-0001', 'Synthetic Person', '5', 'Well'],
];
const ROLL = [
  ['personId', 'units'],
  [`0x${'4b75647572727521'.repeat(4)}`, '12'],
];
const rowsWith = (rows: readonly (readonly string[])[], separator: string) =>
  rows.map((row) => `${row.join(separator)}\r\n`).join('');
const tableFiles = (rows: readonly (readonly string[])[]) => ({
  'text/csv': rowsWith(rows, ';'),
  'text/tab-separated-values': rowsWith(rows, '\t'),
  'text/plain': rowsWith(rows, ','),
});

/** By route and media type. */
export const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'PUT /parcels': {
    'application/geo+json': GEOJSON,
    'application/json': GEOJSON,
    'application/vnd.google-earth.kml+xml': KML,
    'text/csv': WKT_TABLE,
    'text/plain': WKT_TABLE,
  },
  'PUT /programmes/{programme}/registrations': tableFiles(PEOPLE),
  'PUT /programmes/{programme}/cycles/{cycle}/roll': tableFiles(ROLL),
};
