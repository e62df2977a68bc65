/**
 * Files in the formats that offices' own programs write: each is read, or refused with what converts it. The files are
 * written here, byte by byte, as QGIS, ArcGIS, Excel, KoboToolbox and payment systems write them; nobody in them exists.
 */
import { expect } from 'chai';
import { readTable } from '../../../../server/domain/files/people.ts';
import { registrationReader } from '../../../../server/domain/files/registrations.ts';
import { rollReader } from '../../../../server/domain/files/roll.ts';
import {
  BUILT_IN_PROFILES,
  type FileSettings,
  mergeSettings,
} from '../../../../server/domain/files/settings.ts';
import { readMap } from '../../../../server/domain/survey/formats.ts';
import { collection, feature, square } from '../survey/parcelFiles.ts';
import { workbookOf, zipOf } from './archives.ts';

const bytesOf = (text: string, encoding: BufferEncoding = 'utf8') =>
  new Uint8Array(Buffer.from(text, encoding));

async function people(file: string | Uint8Array<ArrayBuffer>, settings: FileSettings = {}) {
  const bytes = typeof file === 'string' ? bytesOf(file) : file;
  return readTable(bytes, settings, registrationReader(settings));
}

async function parcels(file: string | Uint8Array<ArrayBuffer>, settings: FileSettings = {}) {
  const bytes = typeof file === 'string' ? bytesOf(file) : file;
  return readMap(bytes, settings);
}

async function refusedAs(work: Promise<unknown>): Promise<string> {
  try {
    const { refused } = (await work) as { refused: readonly { code: string }[] };
    return refused[0]?.code ?? 'nothing';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** One polygon a record, and its properties in a dBASE table. */
function shapefileOf(
  rings: readonly (readonly (readonly number[])[])[],
  numbers: readonly string[],
  prj?: string,
) {
  const records = rings.map((ring, i) => {
    const [xs, ys] = [ring.map(([x = 0]) => x), ring.map(([, y = 0]) => y)];
    const body = Buffer.alloc(8 + 44 + 4 + 16 * ring.length);
    body.writeInt32BE(i + 1, 0);
    body.writeInt32BE((body.length - 8) / 2, 4);
    body.writeInt32LE(5, 8);
    [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)].forEach((value, k) => {
      body.writeDoubleLE(value, 12 + 8 * k);
    });
    body.writeInt32LE(1, 44);
    body.writeInt32LE(ring.length, 48);
    ring.forEach(([x = 0, y = 0], k) => {
      body.writeDoubleLE(x, 56 + 16 * k);
      body.writeDoubleLE(y, 64 + 16 * k);
    });
    return body;
  });
  const head = Buffer.alloc(100);
  head.writeInt32BE(9994, 0);
  head.writeInt32BE((100 + Buffer.concat(records).length) / 2, 24);
  head.writeInt32LE(1000, 28);
  head.writeInt32LE(5, 32);
  const WIDTH = 20;
  const table = Buffer.alloc(32 + 32 + 1 + (WIDTH + 1) * numbers.length + 1, 0x20);
  table.fill(0, 0, 65);
  table[0] = 3;
  table.writeUInt32LE(numbers.length, 4);
  table.writeUInt16LE(65, 8);
  table.writeUInt16LE(WIDTH + 1, 10);
  table.write('PARCEL_NO', 32);
  table.write('C', 43);
  table[48] = WIDTH;
  table[64] = 0x0d;
  numbers.forEach((number, i) => {
    table.write(number, 65 + (WIDTH + 1) * i + 1);
  });
  table[table.length - 1] = 0x1a;
  return zipOf({
    'parcels.shp': Buffer.concat([head, ...records]),
    'parcels.dbf': table,
    ...(prj === undefined ? {} : { 'parcels.prj': prj }),
  });
}

const WGS84 =
  'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],UNIT["Degree",0.0174532925199433]]';
const UTM37S = `PROJCS["WGS_1984_UTM_Zone_37S",${WGS84},PROJECTION["Transverse_Mercator"],UNIT["Meter",1.0]]`;
const ARC1960 = 'PROJCS["Arc_1960_UTM_Zone_37S",GEOGCS["GCS_Arc_1960"]]';
/** A hundred metres on a side, near the middle of zone 37 south. */
const METRES = [square(500_000, 9_900_000, 100), square(500_200, 9_900_000, 100)];
const DEGREES = [square(37, -1), square(37.002, -1)];
/** A polygon's outer ring goes clockwise in a Shapefile. */
const clockwise = (ring: readonly (readonly number[])[]) => ring.toReversed();

describe('a map as an office’s own program writes it', () => {
  const expectTwo = async (file: string | Uint8Array<ArrayBuffer>, settings?: FileSettings) => {
    const read = await parcels(file, settings);
    expect(read.refused.map(({ code }) => code)).to.deep.equal([]);
    expect(read.parcels.map(({ number }) => number)).to.deep.equal(['A/1', 'A/2']);
    return read;
  };

  it('is read from a zipped Shapefile in degrees, and in metres of the zone its .prj names', async () => {
    await expectTwo(shapefileOf(DEGREES.map(clockwise), ['A/1', 'A/2'], WGS84));
    const projected = await expectTwo(shapefileOf(METRES.map(clockwise), ['A/1', 'A/2'], UTM37S));
    // 0.9996 is the scale in the middle of a zone
    expect(projected.parcels[0]?.areaM2).to.be.closeTo(10_000 / 0.9996 ** 2, 0.5);
    expect(projected.parcels[0]?.units[0]?.polygon[0][0]).to.be.closeTo(39, 1e-9);
  });

  it('in a national datum is refused until the office gives the projection, for a shift is never guessed', async () => {
    const file = shapefileOf(METRES.map(clockwise), ['A/1', 'A/2'], ARC1960);
    expect(await refusedAs(parcels(file))).to.equal('crs-unsupported');
    await expectTwo(file, {
      projection: '+proj=utm +zone=37 +south +ellps=clrk80 +towgs84=-160,-6,-302 +units=m',
    });
    expect(await refusedAs(parcels(file, { projection: 'EPSG:21037' }))).to.equal('projection-unknown');
    expect(await refusedAs(parcels(file, { projection: '+proj=utm +nadgrids=/etc/passwd' }))).to.equal(
      'projection-unknown',
    );
  });

  it('is read from GeoJSON in metres, where the file or the request names the zone', async () => {
    const features = METRES.map((ring, i) => feature(`A/${i + 1}`, [ring]));
    const crs = '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32737"}},';
    await expectTwo(collection(features, crs));
    await expectTwo(collection(features), { projection: 'EPSG:32737' });
    expect(await refusedAs(parcels(collection(features)))).to.equal('coordinates-not-degrees');
  });

  it('is read from KML and KMZ, by the name of each placemark’s data', async () => {
    const ring = (corners: readonly (readonly number[])[]) =>
      corners.map(([x, y]) => `${x},${y},0`).join(' ');
    const placemark = (number: string, corners: readonly (readonly number[])[]) =>
      `<Placemark><ExtendedData><Data name="parcel_no"><value>${number}</value></Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>${ring(corners)}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>`;
    const kml = `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>${DEGREES.map((corners, i) => placemark(`A/${i + 1}`, corners)).join('')}</Document></kml>`;
    await expectTwo(kml);
    await expectTwo(zipOf({ 'doc.kml': kml }));
  });

  it('is read from a table with WKT, each parcel at the line its row has', async () => {
    const wkt = (corners: readonly (readonly number[])[], kind = 'POLYGON', [open, close] = ['((', '))']) =>
      `"${kind} ${open}${corners.map((corner) => corner.join(' ')).join(', ')}${close}"`;
    const [west = [], east = []] = DEGREES;
    const rows = [
      `WKT,parcel_no`,
      `${wkt(west)},A/1`,
      '',
      `${wkt(east, 'MULTIPOLYGON Z', ['(((', ')))'])},A/2`,
    ];
    const read = await expectTwo(rows.join('\r\n'));
    expect(read.parcels.map(({ line }) => line)).to.deep.equal([2, 4]);
    const bad = await parcels([...rows, '"POLYGON ((1 1, 2",A/3'].join('\n'));
    expect(bad.refused.map(({ code, place }) => [code, place.line])).to.deep.equal([
      ['geometry-unsupported', 5],
    ]);
  });

  it('on one line names the number of the feature, and a single feature is taken as one', async () => {
    const lines = [feature('A/1', [square(1, 1)]), feature('', [square(2, 1)])];
    const { refused } = await parcels(collection(lines).replaceAll('\n', ''));
    expect(refused.map(({ place }) => [place.line, place.feature])).to.deep.equal([[1, 2]]);
  });

  const OTHERS: readonly (readonly [what: string, file: string | Uint8Array<ArrayBuffer>, code: string])[] = [
    ['a script as web maps load it', `parcelles=${collection([])};`, 'file-is-script'],
    ['a script with a declaration', `var parcelles = ${collection([])};`, 'file-is-script'],
    ['a callback', `loadParcels(${collection([])});`, 'file-is-script'],
    ['a GeoPackage', `SQLite format 3\0${'\0'.repeat(200)}`, 'parcels-format-other'],
    ['TopoJSON', '{"type":"Topology","objects":{},"arcs":[]}', 'parcels-format-other'],
    ['Esri JSON', '{"spatialReference":{"wkid":4326},"features":[]}', 'parcels-format-other'],
    [
      'GML',
      '<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>',
      'parcels-format-other',
    ],
    ['a drawing', '  0\nSECTION\n  2\nHEADER\n', 'parcels-format-other'],
    ['a PDF', '%PDF-1.7\n', 'parcels-format-other'],
    ['a workbook', workbookOf([['parcel_no'], ['A']]), 'parcels-format-other'],
    ['one file of a Shapefile', bytesOf(`0000270a${'00'.repeat(100)}`, 'hex'), 'parcels-format-other'],
    ['a zip of something else', zipOf({ 'readme.txt': 'words' }), 'parcels-format-other'],
    ['a damaged zip', bytesOf('504b0304ffff', 'hex'), 'format-damaged'],
    ['a web page', '<!DOCTYPE html><html><body>Please sign in</body></html>', 'parcels-format-other'],
    ['a CSV file without shapes', 'parcel_no;owner\nA;B', 'parcels-format-other'],
    ['noise', Uint8Array.from({ length: 400 }, (_, i) => (i * 97) % 256), 'geojson-not-collection'],
    ['words', 'Please find attached the parcels', 'geojson-not-collection'],
  ];
  for (const [what, file, code] of OTHERS) {
    it(`is refused with what it is and what to do where it is ${what}: ${code}`, async () => {
      expect(await refusedAs(parcels(file))).to.equal(code);
    });
  }

  it('that would unpack to more than a county is refused before it is unpacked', async () => {
    const file = zipOf({ 'parcels.shp': 'x' });
    const end = file.length - 22;
    const directory = new DataView(file.buffer).getUint32(end + 16, true);
    new DataView(file.buffer).setUint32(directory + 24, 0xfffffff0, true);
    expect(await refusedAs(parcels(file))).to.equal('file-too-large');
  });
});

describe('a list of people as an office’s own program writes it', () => {
  interface Case {
    readonly what: string;
    readonly file: string | Uint8Array<ArrayBuffer>;
    readonly settings?: FileSettings;
    readonly profile?: string;
    readonly people: readonly object[];
  }
  const CASES: readonly Case[] = [
    {
      what: 'a workbook with numbers as numbers, a title and an empty row',
      file: workbookOf([
        ['Distribution list'],
        [null],
        ['Full name', 'National ID', 'Phone', 'HH size'],
        ['Synthetic A', 12_345_678, 254_700_000_001, 4],
      ]),
      settings: { callingCode: '254' },
      people: [
        { line: 4, name: 'Synthetic A', nationalId: '12345678', phone: '+254700000001', householdSize: 4 },
      ],
    },
    {
      what: 'Excel in French: semicolons, Windows-1252, accents in the header',
      file: bytesOf(
        'Nom complet;N° CNI;Numéro de téléphone;Taille du ménage\r\nAïssatou Synthétique;1 234 567;77 123 45 67;5\r\n',
        'latin1',
      ),
      settings: { charset: 'windows-1252', callingCode: '221', columns: { nationalId: 'N° CNI' } },
      people: [
        {
          line: 2,
          nationalId: '1 234 567',
          phone: '+221771234567',
          name: 'Aïssatou Synthétique',
          householdSize: 5,
        },
      ],
    },
    {
      what: 'Excel in German: semicolons and umlauts',
      file: 'Name;Telefon;Haushaltsgröße\r\nSynthetische Müller;0170 1234567;3\r\n',
      settings: { callingCode: '49' },
      people: [{ line: 2, phone: '+491701234567', name: 'Synthetische Müller', householdSize: 3 }],
    },
    {
      what: 'Excel in Arabic: its words, its digits, Unicode text with tabs',
      file: new Uint8Array(
        Buffer.from('\ufeffالاسم\tرقم الهاتف\tالعمر\r\nشخص مصطنع\t٠٩١٢٣٤٥٦٧٨\t٤٠\r\n', 'utf16le'),
      ),
      settings: { callingCode: '218' },
      people: [{ line: 2, phone: '+218912345678', name: 'شخص مصطنع', ageYears: 40 }],
    },
    {
      what: 'KoboToolbox: groups before names, a uuid, notes that nobody reads',
      file: '"start","group_a/full_name","group_a/phone_number","group_b/hh_size","_uuid","_notes"\n"2026-01-01","Synthetic K","0700000001","6","a1b2-c3","\ufffd"\n',
      settings: { callingCode: '254' },
      profile: 'kobo-odk',
      people: [
        { line: 2, agencyId: 'a1b2-c3', phone: '+254700000001', name: 'Synthetic K', householdSize: 6 },
      ],
    },
    {
      what: 'ODK Central: instanceID and KEY',
      file: 'SubmissionDate,name,phone,meta-instanceID\n2026-01-01,Synthetic O,0700000001,uuid:77\n',
      settings: { callingCode: '254' },
      profile: 'kobo-odk',
      people: [{ line: 2, agencyId: 'uuid:77', phone: '+254700000001', name: 'Synthetic O' }],
    },
    {
      what: 'the Stellar Disbursement Platform: phone, id, amount, verification',
      file: 'phone,id,amount,verification\n+254700000001,ben-001,25,1990-01-01\n',
      profile: 'stellar-disbursement-platform',
      people: [{ line: 2, agencyId: 'ben-001', phone: '+254700000001', units: 25 }],
    },
    {
      what: '121: referenceId, phoneNumber, paymentAmountMultiplier',
      file: 'referenceId,fullName,phoneNumber,preferredLanguage,paymentAmountMultiplier,scope\nref-1,Synthetic P,254700000001,en,2,kisumu\n',
      settings: { callingCode: '254' },
      profile: '121',
      people: [
        {
          ...{ line: 2, agencyId: 'ref-1', phone: '+254700000001', name: 'Synthetic P' },
          ...{ units: 2, language: 'en', scope: 'kisumu' },
        },
      ],
    },
    {
      what: 'HXL alone, under names that say nothing',
      file: 'A1;B1;C1\n#affected+name;#contact+phone;#affected+hh\nSynthetic H;+254700000001;3\n',
      people: [{ line: 3, phone: '+254700000001', name: 'Synthetic H', householdSize: 3 }],
    },
    {
      what: 'a database: a byte-order mark, quotes around everything, separators behind the last column',
      file: '\ufeff"name","sex","village",""\r\n"Synthetic ""D""","F","A, B",""\r\n',
      people: [{ line: 2, name: 'Synthetic "D"', sex: 'F', village: 'A, B' }],
    },
    {
      what: 'a spreadsheet that made floats of ids and phones',
      file: 'name,national_id,phone,household_size\nSynthetic F,12345678.0,254700000001.0,4.0\n',
      settings: { callingCode: '254' },
      people: [
        { line: 2, nationalId: '12345678', phone: '+254700000001', name: 'Synthetic F', householdSize: 4 },
      ],
    },
  ];
  for (const { what, file, settings = {}, profile, people: expected } of CASES) {
    it(`is read from ${what}`, async () => {
      const named = profile === undefined ? {} : (BUILT_IN_PROFILES[profile]?.settings ?? {});
      const read = await people(file, mergeSettings(named, settings));
      expect(read.refused.map(({ code, place }) => [code, place])).to.deep.equal([]);
      expect(read.people).to.deep.equal(expected);
    });
  }

  it('pays nobody by the size of a household that the officer did not name', async () => {
    const file = 'name;household_size\nSynthetic;5';
    expect((await people(file)).people[0]).to.not.have.property('units');
    expect((await people(file, { columns: { units: 'household_size' } })).people[0]).to.include({ units: 5 });
  });

  it('is a roll by the agency’s own ids, as payment systems export it', async () => {
    const file =
      'id,request_id,payment_mode,payer_identifier,payee_identifier_type,payee_identifier,amount,currency,note\n0,r-1,gsma,1,accountId,ben-001,25,USD,\n';
    const settings = BUILT_IN_PROFILES['payment-hub-ee']?.settings ?? {};
    const read = await readTable(
      bytesOf(file),
      settings,
      rollReader({ declaredCount: 1, declaredUnits: 25n }, settings.columns),
    );
    expect(read.entries).to.deep.equal([{ line: 2, personId: 'ben-001', units: 25 }]);
  });

  const OTHERS: readonly (readonly [what: string, file: string | Uint8Array<ArrayBuffer>, code: string])[] = [
    ['an old workbook', bytesOf(`d0cf11e0a1b11ae1${'00'.repeat(64)}`, 'hex'), 'table-format-other'],
    ['an OpenDocument sheet', zipOf({ 'content.xml': '<x/>' }), 'table-format-other'],
    [
      'a web page that a portal calls .xls',
      '<html><table><tr><td>name</td></tr></table></html>',
      'table-format-other',
    ],
    ['a PDF', '%PDF-1.4', 'table-format-other'],
    ['JSON', '[{"name":"A"}]', 'table-format-other'],
    ['JSON by lines', '{"name":"A","phone":"1"}\n{"name":"B","phone":"2"}', 'table-format-other'],
    ['a map in GeoJSON', '{"type":"FeatureCollection","features":[]}', 'table-format-other'],
    ['a list of contacts', 'BEGIN:VCARD\nFN:A\nTEL:1,2\nEND:VCARD', 'table-format-other'],
    ['a damaged workbook', zipOf({ 'xl/workbook.xml': '<' }), 'format-damaged'],
    ['a map', shapefileOf(DEGREES, ['A', 'B']), 'table-format-other'],
    ['UTF-16 in part', new Uint8Array(Buffer.from('name,phone\nA,1\0\0', 'utf16le')), 'file-not-utf8'],
  ];
  for (const [what, file, code] of OTHERS) {
    it(`is refused with what it is and what to do where it is ${what}: ${code}`, async () => {
      expect(await refusedAs(people(file))).to.equal(code);
    });
  }

  it('of a workbook’s sheet that is not there is refused, and of one that is named is read', async () => {
    const file = workbookOf([['name'], ['Synthetic']], 'Juin');
    expect(await refusedAs(people(file, { sheet: 'June' }))).to.equal('sheet-missing');
    expect((await people(file, { sheet: 'Juin' })).people).to.have.length(1);
  });
});
