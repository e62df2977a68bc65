/**
 * Lists and maps as offices of Senegal, Indonesia, Ukraine, Colombia and Nepal publish them, made anew: nobody in them
 * exists. Each is read as its clerk would read it, or refused or asked about by what it is.
 */
import { expect } from 'chai';
import { readTable } from '../../../../server/domain/files/people.ts';
import { registrationReader } from '../../../../server/domain/files/registrations.ts';
import type { FileSettings } from '../../../../server/domain/files/settings.ts';
import { readMap } from '../../../../server/domain/survey/formats.ts';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const list = (...rows: string[]) => `${rows.join('\n')}\n`;

/** What the office sends is in the character set of its machines. */
function windows1251(text: string): Uint8Array<ArrayBuffer> {
  const decoder = new TextDecoder('windows-1251');
  const bytes = new Map(
    Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]),
  );
  return Uint8Array.from([...text].map((character) => bytes.get(character) ?? 63));
}

async function readingOf(file: string | Uint8Array<ArrayBuffer>, settings: FileSettings = {}) {
  const bytes = typeof file === 'string' ? bytesOf(file) : file;
  const { people, refused } = await readTable(bytes, settings, registrationReader(settings));
  return {
    people: people.map(({ name, phone, nationalId }) => [name, phone, nationalId]),
    refused: refused.map(({ code, place }) => (place.line === undefined ? code : `${code} ${place.line}`)),
  };
}

describe('a list of an office abroad', () => {
  it('of Senegal has given names and surnames apart, and a mayor below it', async () => {
    const file = list(
      'Liste des bénéficiaires - Commune de Thiès;;;;',
      ';;;;',
      'N°;Prénoms;Nom;CNI;Téléphone',
      '1;Awa Synthetic;DIOP;1 751 1990 00123;77 123 45 67',
      '2;Moussa;NDIAYE;;00221 76 222 33 44',
      ';;;Le Maire;',
    );
    expect(await readingOf(file, { callingCode: '221' })).to.deep.equal({
      people: [
        ['Awa Synthetic DIOP', '+221771234567', '1 751 1990 00123'],
        ['Moussa NDIAYE', '+221762223344', undefined],
      ],
      refused: ['name-missing 6'],
    });
  });

  it('of Indonesia has titles above it, ids that a formula keeps, and a count below its phones', async () => {
    const file = list(
      '"DAFTAR PENERIMA BLT DESA SUKAMAJU",,,,,',
      'NO,NAMA,NIK,ALAMAT,RT/RW,NO HP',
      '1,SITI SYNTHETIC,="3273010101900001",Jl. Melati 3,001/002,0812-3456-7890',
      '2,BUDI SYNTHETIC,="3273010101900002","Jl. Mawar 5, Gg. 2",001/003,081234567891',
      'JUMLAH,,,,,2',
    );
    const read = await readingOf(file, { callingCode: '62' });
    expect(read.people.map(([, phone]) => phone)).to.deep.equal(['+6281234567890', '+6281234567891']);
    expect(read.people[0]?.[2]).to.equal('3273010101900001');
    expect(read.refused).to.deep.equal(['total-row 5']);
  });

  it('of Ukraine is in another character set, which is what it is refused for until that is named', async () => {
    const file = windows1251(
      list('ПІБ;РНОКПП;Телефон;Громада', 'Синтетична Олена;3012345678;+380 (67) 123-45-67;Бучанська'),
    );
    expect(await readingOf(file)).to.deep.equal({
      people: [],
      refused: ['text-not-utf8 1', 'column-missing'],
    });
    expect(await readingOf(file, { charset: 'windows-1251' })).to.deep.equal({
      people: [['Синтетична Олена', '+380671234567', '3012345678']],
      refused: [],
    });
  });

  it('of Colombia has a document and a cell phone, and nobody is known by the name alone', async () => {
    const file = list(
      'Tipo Doc,Numero Documento,Primer Nombre,Segundo Nombre,Primer Apellido,Celular',
      'CC,1.023.456.789,ANA,SYNTHETIC,PEREZ,310 555 0101',
      'CE,456789,JOHN,,SMITH,N/A',
    );
    expect((await readingOf(file, { callingCode: '57' })).people).to.deep.equal([
      ['ANA SYNTHETIC PEREZ', '+573105550101', '1.023.456.789'],
      ['JOHN SMITH', undefined, '456789'],
    ]);
  });

  it('of Nepal names its columns in Devanagari and counts in its digits', async () => {
    const file = list('क्र.सं.,नाम थर,नागरिकता नं.,मोबाइल,वडा नं.', '१,सीता सिन्थेटिक,२७-०१-७५-०१२३४,९८४१२३४५६७,३');
    expect(await readingOf(file, { callingCode: '977' })).to.deep.equal({
      people: [['सीता सिन्थेटिक', '+9779841234567', '२७-०१-७५-०१२३४']],
      refused: [],
    });
  });

  it('has lines drawn below its names, as texts have tables', async () => {
    const file = list('| Name | ID No |', '|:-----|-------|', '| Synthetic One | 12345678 |');
    expect((await readingOf(file)).people).to.deep.equal([['Synthetic One', undefined, '12345678']]);
  });

  it('ends where nothing follows, and with whoever certified it', async () => {
    const file = list(
      'Name of Beneficiary,Sex,Contact No.',
      '"SYNTHETIC, MARIA S.",F,0917 123 4567',
      'xxx nothing follows xxx,,',
      'Certified correct:,,',
    );
    expect(await readingOf(file, { callingCode: '63' })).to.deep.equal({
      people: [['SYNTHETIC, MARIA S.', '+639171234567', undefined]],
      refused: ['total-row 3', 'total-row 4'],
    });
  });

  it('of two columns has the place of others for a heading, whatever separators stand behind it', async () => {
    const rows = ['Name;Village', 'Synthetic Amina;Kilifi;', 'Synthetic Juma;Kilifi', 'Kilifi;', 'Amina;'];
    const names = async (answers: FileSettings['answers']) => {
      const { people, refused } = await readingOf(list(...rows), { answers });
      return [people.map(([name]) => name), refused];
    };
    const three = ['Synthetic Amina', 'Synthetic Juma', 'Amina'];
    expect(await names([])).to.deep.equal([three, ['group-row 4']]);
    expect(await names([{ code: 'group-row', answer: 'heading' }])).to.deep.equal([three, []]);
    const four = ['Synthetic Amina', 'Synthetic Juma', 'Kilifi', 'Amina'];
    expect(await names([{ code: 'group-row', answer: 'person' }])).to.deep.equal([four, []]);
  });
});

const square = (x: number, y: number, side: number) => [
  [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ],
];

function mapOf(properties: object, coordinates: unknown, crs?: string) {
  const features = [{ type: 'Feature', properties, geometry: { type: 'Polygon', coordinates } }];
  const named = crs === undefined ? {} : { crs: { type: 'name', properties: { name: crs } } };
  return bytesOf(JSON.stringify(Object.assign({ type: 'FeatureCollection', features }, named)));
}

describe('a map of an office abroad', () => {
  it('has its parcels numbered as its country calls them', async () => {
    for (const column of ['NIB', 'cadnum', 'Кадастровий номер', 'Codigo Predial', 'Kitta No', 'Stand No.']) {
      const { parcels, refused } = await readMap(mapOf({ [column]: '12-3' }, square(30, 1, 0.001)), {});
      expect([parcels.map(({ number }) => number), refused], column).to.deep.equal([['12-3'], []]);
    }
  });

  it('has its areas in square metres where the column says so with points', async () => {
    const file = mapOf({ 'Plot No': '1', 'Area (Sq. M)': '12 300' }, square(30, 1, 0.001));
    const { areaUnit } = await readMap(file, {});
    expect(areaUnit).to.equal('square metres');
  });

  it('on a national datum is refused, stated or named, with what not to do', async () => {
    const metres = square(300_000, 1_640_000, 100);
    for (const [code, crs] of [
      ['EPSG:31028', 'urn:ogc:def:crs:EPSG::31028'],
      ['EPSG:9377', 'EPSG:9377'],
      ['EPSG:21037', 'urn:ogc:def:crs:EPSG::21037'],
    ] as const) {
      const stated = await readMap(mapOf({ plot: '1' }, metres, crs), {});
      const named = await readMap(mapOf({ plot: '1' }, metres), { projection: code });
      expect(stated.refused.map((one) => one.code)).to.deep.equal(['crs-unsupported']);
      expect(named.refused.map((one) => one.code)).to.deep.equal(['projection-unknown']);
      for (const { row } of [...stated.refused, ...named.refused]) {
        expect(row.remedy).to.include('ogr2ogr').and.include('never one that is only near');
      }
    }
  });

  it('in a table without shapes, or with binary ones, is told so', async () => {
    const ring = '00000000000000000000000000000000';
    for (const [file, word] of [
      [list('plot_no,lat,lon', '1,-1.2,36.8'), 'WKT or GeoJSON'],
      [list('parcel_no,geom', `A1,0103000020E6100000010000000500000${ring}`), 'ST_AsText'],
      [list('parcel_no;geom', `A1;"01030000000100000005000000${ring}"`), 'ST_AsText'],
    ] as const) {
      const refused = await readMap(bytesOf(file), {}).catch((error: unknown) => error);
      expect(refused).to.include({ code: 'parcels-format-other' });
      expect((refused as { holes: { format: string } }).holes.format).to.include(word);
    }
  });
});
