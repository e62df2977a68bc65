/**
 * Files as offices write them, over the API: each line that cannot be taken is answered with code, place and remedy,
 * its good neighbours are taken, a file that cannot be read is refused whole, and what is refused leaves nothing.
 */
import { expect } from 'chai';
import { Aid } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type App, type Problem, startApp } from '../../gateway/app.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

interface RefusedLine {
  readonly code: string;
  readonly line?: number;
  readonly field?: string;
  readonly message: string;
  readonly remedy: string;
}
interface ParcelsTold {
  readonly read: number;
  readonly recorded: readonly {
    readonly line: number;
    readonly number: string;
    readonly spatialUnits: string[];
  }[];
  readonly refused: readonly RefusedLine[];
}
interface PeopleTold {
  readonly people: readonly { readonly line: number; readonly personId: string }[];
  readonly refused: readonly RefusedLine[];
  readonly warnings: readonly RefusedLine[];
}
type ProblemTold = Problem & {
  readonly errors?: readonly { readonly code: string; readonly line?: number; readonly remedy?: string }[];
};

describe('files over the API', function () {
  this.timeout(180_000);
  let app: App;
  before(async () => {
    app = await startApp();
    await new Aid(app, 'a programme of files').define();
  });
  after(() => app?.remove());

  /** Everything there is in the vault and on the ledger. */
  async function amounts() {
    const token = await app.token('auditor', 0);
    const { body } = await app.ask<{ ok: boolean; vault: object; entries: string }>('POST', '/checks', {
      token,
    });
    expect(body.ok).to.equal(true);
    return { vault: body.vault, entries: body.entries };
  }

  const expectLine = (line: RefusedLine) => {
    expect(line.code).to.match(/^[a-z-]+$/);
    expect(line.message.length, line.code).to.be.greaterThan(20);
    expect(line.remedy.length, line.code).to.be.greaterThan(10);
  };

  describe('of parcels', () => {
    const put = async <T = ParcelsTold>(text: string | Uint8Array<ArrayBuffer>, office = 1) =>
      app.ask<T>('PUT', `/parcels?office=${office}`, {
        token: await app.token('registrar', 1),
        file: { text, type: 'application/geo+json' },
      });
    const at = (number: unknown, x: number, more: object = {}) => feature(number, [square(x, 1)], more);
    const crossed = [
      [1, 1],
      [1.001, 1.001],
      [1.001, 1],
      [1, 1.0015],
      [1, 1],
    ].map(([x = 0, y = 0]) => [x + 20, y]);
    const parts = (number: string, x: number, count: number) =>
      feature(
        number,
        Array.from({ length: count }, (_, i) => [square(x + i * 0.002, 3)]),
        {},
        'MultiPolygon',
      );

    it('are taken but for the lines that cannot be, each named by code, line, field and remedy', async () => {
      const lines = [
        at('GOOD/1', 1),
        at('TWICE', 2),
        at('TWICE', 3),
        feature('CROSSED', [crossed]),
        at('OVER/1', 5),
        at('OVER/2', 5.0005),
        parts('TWO PARTS', 7, 2),
        feature('OF ITSELF', [[square(8, 1)], [square(8, 1)]], {}, 'MultiPolygon'),
        feature('OPEN', [square(9, 1).slice(0, 4)]),
        feature('PROJECTED', [square(9_900_000, 270_000, 30)]),
        feature('EXCHANGED', [square(1, 100)]),
        at(null, 10),
        at('AREA', 11, { area_ha: '-2' }),
        feature('SMALL', [square(12, 1, 0.000005)]),
        feature('POINT', [13, 1], {}, 'Point'),
        '{"type":"Feature","properties":{"parcel_no":"EMPTY"},"geometry":null}',
        parts('TOO MANY PARTS', 20, 65),
        at('\u0646'.repeat(400), 14),
        at('GOOD/2', 15),
      ];
      const { status, body, text } = await put(collection(lines));
      expect(status, text).to.equal(200);
      expect(body.recorded.map(({ number }) => number)).to.deep.equal([
        'GOOD/1',
        'TWO PARTS',
        'AREA',
        'GOOD/2',
      ]);
      expect(body.recorded[1]?.spatialUnits).to.have.length(2);
      const geometry = (i: number) => `/features/${i}/geometry`;
      const number = (i: number) => `/features/${i}/properties/parcel_no`;
      expect(body.refused.map(({ line, code, field }) => [line, code, field])).to.deep.equal([
        [3, 'parcel-number-repeated', number(1)],
        [4, 'parcel-number-repeated', number(2)],
        [5, 'shape-crosses-itself', geometry(3)],
        [6, 'parcel-same-ground', geometry(4)],
        [7, 'parcel-same-ground', geometry(5)],
        [9, 'shape-parts-overlap', geometry(7)],
        [10, 'ring-not-closed', geometry(8)],
        [11, 'coordinates-not-degrees', geometry(9)],
        [12, 'coordinates-exchanged', geometry(10)],
        [13, 'parcel-number-missing', number(11)],
        [15, 'parcel-too-small', geometry(13)],
        [16, 'geometry-unsupported', geometry(14)],
        [17, 'geometry-empty', geometry(15)],
        [18, 'too-many-spatial-units', geometry(16)],
        [19, 'text-too-long', number(17)],
      ]);
      for (const line of body.refused) expectLine(line);
    });

    it('that were refused left nothing: corrected they are taken, and the good ones are known', async () => {
      const lines = [at('TWICE', 2), at('OVER/1', 5), at('OPEN', 9), at('GOOD/1', 1.5)];
      const { body } = await put(collection(lines));
      expect(body.recorded.map(({ number }) => number)).to.deep.equal(['TWICE', 'OVER/1', 'OPEN']);
      expect(body.refused.map(({ line, code }) => [line, code])).to.deep.equal([
        [5, 'parcel-number-registered'],
      ]);
    });

    it('are taken with a byte-order mark, any line ends and as many corners as a shape may have', async () => {
      const corners = Array.from({ length: 9_998 }, (_, i) => {
        const turn = (2 * Math.PI * i) / 9_998;
        return [30 + 0.01 * Math.cos(turn), 1 + 0.01 * Math.sin(turn), 1234.567890123456];
      });
      const lines = [at('MARK/1', 31), feature('ROUND', [[...corners, corners[0]]])];
      const { body, text } = await put(`\ufeff${collection(lines).replaceAll('\n', '\r\n')}`);
      expect(body.recorded?.length, text).to.equal(2);
    });

    it('are refused whole where the file cannot be read, and nothing of it is kept', async () => {
      const good = at('WHOLE', 40);
      const whole: readonly (readonly [
        string | Uint8Array<ArrayBuffer>,
        number,
        string,
        number | undefined,
      ])[] = [
        [' ', 400, 'file-empty', undefined],
        ['{}', 400, 'geojson-not-collection', 1],
        [collection([good, good]).slice(0, -30), 400, 'file-malformed', 3],
        [collection([`${good}\n${good}`]), 400, 'file-malformed', 3],
        [collection([good.replaceAll('"', "'")]), 400, 'file-malformed', 2],
        [Buffer.from(`${collection([good])}\0`, 'utf16le'), 400, 'file-not-utf8', undefined],
        [
          collection([good], '"crs":{"type":"name","properties":{"name":"EPSG:21037"}},'),
          422,
          'crs-unsupported',
          undefined,
        ],
        [collection([good.replace('parcel_no', 'name')]), 422, 'column-missing', undefined],
        ['nationalId;totalHHSize\r\n1;2\r\n', 400, 'parcels-format-other', undefined],
      ];
      for (const [text, status, code, line] of whole) {
        const told = await put<ProblemTold>(text);
        expect([told.status, told.body.code], told.text).to.deep.equal([status, code]);
        if (line !== undefined) expect(told.body.errors?.[0], told.text).to.include({ code, line });
        expect(told.text).not.to.include('WHOLE');
      }
      expect((await put(collection([good]))).body.recorded).to.have.length(1);
    });
  });

  describe('of people', () => {
    const programme = `/programmes/${named('a programme of files')}`;
    const HEADER = 'nationalId;phoneNumber;fullName;totalHHSize';
    const file = (...rows: string[]) => [HEADER, ...rows, ''].join('\r\n');
    const put = async <T = PeopleTold>(text: string | Uint8Array<ArrayBuffer>, query = '') =>
      app.ask<T>('PUT', `${programme}/registrations?units=totalHHSize${query}`, {
        token: await app.token('agency', 1),
        file: { text, type: 'text/csv' },
      });

    it('are taken but for the lines that cannot be, each named by code, line, field and remedy', async () => {
      const { body, status, text } = await put(
        file(
          'S-1;+999700000001;Synthetic One;3',
          'S-2;;Synthetic Two;2', // no phone
          ';+999700000001;Third Synthetic;1', // no id, and the phone of line 2
          'S-4;+999700000004;Synthetic Four;-3',
          'S-5;+999700000005;Synthetic Five;2.5',
          'S-6;+999700000006;Synthetic Six;',
          'S-7;+999700000007;Synthetic Seven;4',
          'S-7;+999700000008;Synthetic Eight;4',
          'S-9;call her;Synthetic Nine;4',
          ';;;4',
          'S-11;+999700000011;Synthetic Eleven',
          'S-12,+999700000012,Synthetic Twelve,4',
          '9.99E+11;+999700000013;Synthetic Thirteen;1',
        ),
      );
      expect(status, text).to.equal(200);
      expect(body.people.map(({ line }) => line)).to.deep.equal([2, 3, 4]);
      expect(body.warnings.map(({ line, code, field }) => [line, code, field])).to.deep.equal([
        [2, 'phone-shared', 'phoneNumber'],
        [4, 'phone-shared', 'phoneNumber'],
      ]);
      expect(body.refused.map(({ line, code, field }) => [line, code, field])).to.deep.equal([
        [5, 'units-not-positive', 'totalHHSize'],
        [6, 'units-not-whole', 'totalHHSize'],
        [7, 'units-missing', 'totalHHSize'],
        [8, 'national-id-repeated', 'nationalId'],
        [9, 'national-id-repeated', 'nationalId'],
        [10, 'phone-malformed', 'phoneNumber'],
        [11, 'person-unidentified', undefined],
        [12, 'row-ragged', undefined],
        [13, 'row-ragged', undefined],
        [14, 'value-mangled', 'nationalId'],
      ]);
      for (const line of body.refused) expectLine(line);
      expect(text).not.to.match(/Synthetic|S-\d|\+999/);
    });

    it('are found again by a corrected file, under the ids they had, and nobody is there twice', async () => {
      const first = await put(file('S-1;+999700000001;Synthetic One;3'));
      const before = await amounts();
      const again = await put(`\ufeff${file('S-1;+999700000001;Synthetic One;3').replaceAll(';', '\t')}`);
      expect(again.body.people).to.deep.equal(first.body.people);
      expect(await amounts()).to.deep.equal(before);
    });

    it('are refused whole where the file cannot be read or is not what was declared, and nobody is kept', async () => {
      const good = file('W-1;;Synthetic Whole;3', 'W-2;;Synthetic Whole Too;4');
      const whole: readonly (readonly [
        string | Uint8Array<ArrayBuffer>,
        string,
        number,
        string,
        number | undefined,
      ])[] = [
        ['', '', 400, 'file-empty', undefined],
        [`${HEADER}\r\n`, '', 400, 'file-empty', undefined],
        [good.replaceAll(';', '/'), '', 400, 'separator-unclear', 1],
        [good.replaceAll(';;', ';,'), '', 400, 'separator-unclear', 1],
        [good.replace(`${HEADER}\r\n`, ''), '', 422, 'column-named-missing', undefined],
        [good.replace('totalHHSize', 'note'), '', 422, 'column-named-missing', undefined],
        [good.replace('Synthetic Whole Too', '"Synthetic Whole Too'), '', 400, 'quote-misplaced', 3],
        [Buffer.from(good, 'utf16le'), '&charset=utf-8', 400, 'file-not-utf8', undefined],
        [good, '&declaredCount=3', 422, 'declared-count-differs', undefined],
        [good, '&declaredUnits=8', 422, 'declared-total-differs', undefined],
        [
          file('W-1;;A;3', 'W-2;;B;-4'),
          '&declaredCount=2&declaredUnits=7',
          422,
          'declared-total-differs',
          undefined,
        ],
      ];
      const before = await amounts();
      for (const [text, query, status, code, line] of whole) {
        const told = await put<ProblemTold>(text, query);
        expect([told.status, told.body.code], told.text).to.deep.equal([status, code]);
        if (line !== undefined) expect(told.body.errors?.[0], told.text).to.include({ code, line });
        for (const error of told.body.errors ?? [])
          expect(error.remedy, told.text).to.be.a('string').and.not.empty;
        expect(told.text).not.to.include('Synthetic');
        expect(Buffer.byteLength(told.text)).to.be.lessThan(8_192);
      }
      expect(await amounts()).to.deep.equal(before);
      expect((await put(good, '&declaredCount=2&declaredUnits=7')).body.people).to.have.length(2);
    });
  });
});
