/**
 * What a request says and nothing would come of: whatever the API describes of a file changes how some file is read, and what a
 * route or a kind of file has no use for is refused, never passed over.
 */
import { expect } from 'chai';
import { Aid } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type App, type Problem, startApp } from '../../gateway/app.ts';
import type { Api } from '../../gateway/generated.ts';
import { workbookOfSheets } from '../domain/files/archives.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

interface Preview extends Problem {
  readonly settings: Readonly<Record<string, unknown>>;
}
type Query = Readonly<Record<string, string>>;
interface Change {
  readonly file: string | Uint8Array<ArrayBuffer>;
  /** Beside the setting that is tried. */
  readonly with?: Query;
  readonly value: string;
}

const text = (words: string, encoding: BufferEncoding = 'utf8') =>
  new Uint8Array(Buffer.from(words, encoding));
const metres = square(500_000, 9_900_000, 100);
const LIST = 'name;phone;size\nSynthetic Ada;0700000001;3\nTotal;;3\n';
const ROLL = 'personid;units;other\np-1;3;4\nTotal;7;7\n';
const SHEETS = workbookOfSheets({
  June: [
    ['name', 'units', 'id'],
    ['Synthetic', 1, 'p-1'],
  ],
  July: [['name'], ['Synthetic']],
});
const plot = (number: string) => [number, 'POLYGON((1 1, 1.001 1, 1.001 1.001, 1 1.001, 1 1))'];
const PLOTS = workbookOfSheets({
  June: [['parcel_no', 'wkt'], plot('A')],
  July: [['parcel_no', 'wkt'], plot('B')],
});
const ANSWER = (code: string, answer: string) => JSON.stringify({ answers: [{ code, answer }] });
const UTM = 'EPSG:32737';
const ANY_CSV = {
  separator: { file: 'name;personid,units;size\nSynthetic;p-1,3;3\n', value: ',' },
  charset: { file: text('name;personid;units\nSynthétique;p-é;3\n', 'latin1'), value: 'iso-8859-1' },
};
const MAP = collection([feature('A', [square(1, 1)], { area: 12_300 })]);

/** Of each parameter that says how a file is read a file that is read otherwise by it. */
const CHANGES: Readonly<Record<string, Readonly<Record<string, Change>>>> = {
  '/parcels': {
    profile: { file: collection([feature('A', [square(1, 1)]).replace('parcel_no', 'what')]), value: 'kept' },
    settings: { file: MAP, value: JSON.stringify({ columns: { number: 'nothing' } }) },
    separator: {
      file: 'parcel_no;wkt\nA;"POLYGON((1 1, 1.001 1, 1.001 1.001, 1 1.001, 1 1))"',
      value: '|',
    },
    charset: { file: text(MAP.replace('"A"', '"\u00e9"'), 'latin1'), value: 'iso-8859-1' },
    sheet: { file: PLOTS, value: 'July' },
    areaUnit: { file: MAP, value: 'hectares' },
    projection: { file: collection([feature('A', [metres])]), value: UTM },
    district: { file: MAP, value: 'Synthetic District' },
  },
  '/programmes/{programme}/registrations': {
    profile: { file: 'what;size\nSynthetic;3\n', value: 'kept' },
    settings: { file: LIST, value: ANSWER('total-row', 'total') },
    units: { file: LIST, value: 'size' },
    sheet: { file: SHEETS, value: 'July' },
    callingCode: { file: LIST, value: '254' },
    nameOrder: { file: 'surname;first name\nSynthetic;Ada\n', value: 'family-first' },
    ...ANY_CSV,
  },
  '/programmes/{programme}/cycles/{cycle}/roll': {
    profile: { file: 'what;units\np-1;3\n', value: 'kept' },
    settings: { file: ROLL, value: ANSWER('total-row', 'total') },
    units: { file: ROLL, value: 'other' },
    sheet: { file: SHEETS, value: 'June' },
    ...ANY_CSV,
  },
};
/** What says which programme, how much and whether at all, and not how the file is read. */
const OF_THE_ORDER = new Set([
  ...['office', 'replacing', 'dryRun', 'idRequired', 'declaredCount', 'declaredUnits'],
  ...['enrolmentEpoch', 'entryBytes'],
]);
const ORDER: Readonly<Record<string, Query>> = {
  '/parcels': { office: '1' },
  '/programmes/{programme}/registrations': {},
  '/programmes/{programme}/cycles/{cycle}/roll': {
    ...{ enrolmentEpoch: '0', entryBytes: '4', declaredCount: '1', declaredUnits: '3' },
  },
};

describe('whatever a request says', function () {
  this.timeout(180_000);
  let app: App;
  let api: Api;
  before(async () => {
    app = await startApp();
    api = (await app.ask<Api>('GET', '/openapi.json')).body;
    await new Aid(app, 'nothing ignored').define();
    const columns = { name: 'what', number: 'what', personId: 'what' };
    for (const role of ['agency', 'registrar'] as const) {
      const token = await app.token(role, 1);
      const put = await app.ask('PUT', '/profiles/kept', { token, body: { columns } });
      expect(put.status, put.text).to.equal(200);
    }
  });
  after(() => app?.remove());

  async function send(route: string, query: Query, file: Change['file']) {
    const place = route.replace('{programme}', named('nothing ignored')).replace('{cycle}', '1');
    const all = new URLSearchParams(Object.assign({ dryRun: 'true' }, ORDER[route], query));
    return app.ask<Preview>('PUT', `${place}?${all}`, {
      token: await app.token(route === '/parcels' ? 'registrar' : 'agency', 1),
      file: { text: file, type: 'application/octet-stream' },
    });
  }
  /** Without what only repeats the request. */
  const readAs = ({ status, body }: { status: number; body: Preview }) =>
    JSON.stringify([status, Object.assign({}, body, { settings: undefined, instance: undefined })]);

  it('of how a file is read, is read: each parameter of each kind changes what comes of some file', async () => {
    let tried = 0;
    for (const [route, changes] of Object.entries(CHANGES)) {
      const described = api.paths[route]?.put?.parameters ?? [];
      const names = described.flatMap((one) =>
        one.in === 'query' && !OF_THE_ORDER.has(one.name) ? [one.name] : [],
      );
      expect(names.toSorted(), route).to.deep.equal(Object.keys(changes).toSorted());
      for (const [name, { file, value, with: beside = {} }] of Object.entries(changes)) {
        const [without, said] = [
          await send(route, beside, file),
          await send(route, { ...beside, [name]: value }, file),
        ];
        expect(readAs(said), `${name} of ${route}: ${said.text}`).to.not.equal(readAs(without));
        expect(said.text, `${name} of ${route}`).to.not.include('/query/');
        tried += 1;
      }
    }
    expect(tried).to.be.greaterThan(18);
  });

  it('of another kind of file is refused, in the query and in `settings`', async () => {
    const all = new Set(Object.values(CHANGES).flatMap((changes) => Object.keys(changes)));
    const kept = {
      areaUnit: 'hectares',
      projection: UTM,
      within: [1, 1, 2, 2],
      callingCode: '254',
      nameOrder: 'family-first',
      sheet: 'June',
      district: 'D',
    };
    const settingsOf = (route: string) =>
      route === '/parcels'
        ? ['areaUnit', 'projection', 'within', 'district', 'sheet']
        : ['sheet', ...(route.endsWith('roll') ? [] : ['callingCode', 'nameOrder'])];
    const columns = { number: '/parcels', name: 'registrations', personId: 'roll' };
    for (const [route, changes] of Object.entries(CHANGES)) {
      const file = route === '/parcels' ? MAP : LIST;
      for (const name of all) {
        if (name in changes) continue;
        const told = await send(route, { [name]: 'some' }, file);
        expect([told.status, told.body.code], `${name} of ${route}`).to.deep.equal([
          422,
          'validation-failed',
        ]);
      }
      for (const [name, value] of Object.entries(kept)) {
        if (settingsOf(route).includes(name)) continue;
        const told = await send(route, { settings: JSON.stringify({ [name]: value }) }, file);
        expect(told.text).to.include(`it holds ${name}, not known here`);
        expect([told.body.code, told.body.errors?.[0]?.pointer], `${name} of ${route}`).to.deep.equal([
          'validation-failed',
          '/query/settings',
        ]);
      }
      for (const [field, of] of Object.entries(columns)) {
        const told = await send(route, { settings: JSON.stringify({ columns: { [field]: null } }) }, file);
        expect(told.body.code === 'validation-failed', `${field} of ${route}: ${told.text}`).to.equal(
          !route.endsWith(of),
        );
      }
    }
  });

  it('of one file, is no part of a profile', async () => {
    const token = await app.token('agency', 1);
    const body = { columns: { name: 'Who' }, answers: [{ code: 'total-row', answer: 'total' }] };
    const put = await app.ask<Problem>('PUT', '/profiles/with-answers', { token, body });
    expect([put.status, put.body.code, put.body.errors?.[0]?.pointer], put.text).to.deep.equal([
      ...[422, 'validation-failed', '/'],
    ]);
    expect(put.text).to.include('it holds answers, not known here');
    const { body: listed } = await app.ask<{ rows: { name: string }[] }>('GET', '/profiles', { token });
    expect(listed.rows.map(({ name }) => name)).not.to.include('with-answers');
    const described = JSON.stringify(api.paths['/profiles/{name}']);
    expect(described).to.not.include('answers"');
  });

  it('is refused where only another question has a use for it', async () => {
    const token = await app.token('agency', 1);
    const programme = `/programmes/${named('nothing ignored')}`;
    for (const [place, pointer] of [
      [`${programme}/cycles/1/entries/0?till=1`, '/query/till'],
      [`${programme}/enrolments/0/places?personId=0x${'11'.repeat(32)}&after=NQ`, '/query/after'],
    ] as const) {
      const { body, text: said } = await app.ask<Problem>('GET', place, { token });
      expect([body.code, body.errors?.[0]?.pointer], said).to.deep.equal(['validation-failed', pointer]);
    }
  });
});
