/**
 * How an officer says how a file is to be read, sees it before anything is kept, and answers what is asked: over the API.
 */
import { expect } from 'chai';
import { Aid } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type App, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

interface Line {
  readonly code: string;
  readonly line?: number;
  readonly feature?: number;
  readonly message: string;
  readonly remedy: string;
  readonly answers?: readonly string[];
}
interface Preview {
  readonly dryRun: true;
  readonly good: number;
  readonly columns: Readonly<Record<string, string>>;
  readonly present: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly refused: readonly Line[];
  readonly warnings: readonly Line[];
}
interface People {
  readonly people: readonly { readonly line: number; readonly personId: string; readonly units?: number }[];
  readonly refused: readonly Line[];
  readonly warnings: readonly Line[];
}
interface Parcels {
  readonly recorded: readonly {
    readonly number: string;
    readonly baUnit: string;
    readonly spatialUnits: readonly string[];
  }[];
  readonly refused: readonly Line[];
  readonly warnings: readonly Line[];
}

describe('how a file is read', function () {
  this.timeout(180_000);
  let app: App;
  before(async () => {
    app = await startApp();
    await new Aid(app, 'files of 1').define();
    const by = [OFFICERS.secondPreparer, OFFICERS.secondApprover] as const;
    await new Aid(app, 'files of 2').define(by);
  });
  after(() => app?.remove());

  const queryOf = (query: Readonly<Record<string, string | object>>) =>
    new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
  const people = async <T = People>(
    text: string | Uint8Array<ArrayBuffer>,
    query: Readonly<Record<string, string | object>> = {},
    institution = 1,
  ) =>
    app.ask<T>('PUT', `/programmes/${named(`files of ${institution}`)}/registrations?${queryOf(query)}`, {
      token: await app.token('agency', institution),
      file: { text, type: 'text/csv' },
    });
  const parcels = async <T = Parcels>(
    features: readonly string[],
    query: Readonly<Record<string, string | object>> = {},
  ) =>
    app.ask<T>('PUT', `/parcels?${queryOf(Object.assign({ office: '1' }, query))}`, {
      token: await app.token('registrar', 1),
      file: { text: collection(features), type: 'application/geo+json' },
    });
  const codes = (lines: readonly Line[]) => lines.map(({ code, line }) => [code, line]);

  it('is shown by a dry run, which keeps nothing: columns, first rows, every refusal and warning', async () => {
    const file = 'Beneficiary;Contact;Members\nSynthetic A;0700000001;3\nSynthetic B;12;2\n';
    const settings = { columns: { name: 'Beneficiary', phone: 'Contact' } };
    const query = { settings, callingCode: '254', units: 'Members', dryRun: 'true' };
    const { status, body, text } = await people<Preview>(file, query);
    expect(status, text).to.equal(200);
    expect(body).to.deep.include({
      ...{ dryRun: true, good: 1, present: ['Beneficiary', 'Contact', 'Members'] },
      columns: { units: 'Members', phone: 'Contact', name: 'Beneficiary' },
      rows: [{ line: 2, units: 3, phone: '+254700000001', name: 'Synthetic A' }],
    });
    expect(codes(body.refused)).to.deep.equal([['phone-malformed', 3]]);
    const taken = await people(file, { settings, callingCode: '254', units: 'Members' });
    expect(taken.body.people).to.have.length(1);

    const parted = await people<Preview>('Nom;Prénom\nSynthetic;Ann\n', { dryRun: 'true' });
    expect(parted.body).to.deep.include({
      columns: { familyName: 'Nom', givenName: 'Prénom' },
      rows: [{ line: 2, name: 'Ann Synthetic' }],
    });
    expect(parted.body.warnings.map(({ code }) => code)).to.deep.equal(['name-of-columns']);

    const map = await parcels<Preview>([feature('DRY', [square(60, 1)], { area: 12_300 })], {
      dryRun: 'true',
    });
    expect(map.body).to.include({ good: 1, areaUnit: 'square metres' });
    expect(map.body.warnings.map(({ code }) => code)).to.deep.equal(['area-unit-proposed']);
    expect((await parcels([feature('DRY', [square(60, 1)])])).body.recorded).to.have.length(1);
  });

  it('is kept as a profile of the institution, which another does not see, and the query counts before it', async () => {
    const token = await app.token('agency', 1);
    const settings = { columns: { name: 'Who', phone: 'Number' }, callingCode: '221', separator: 'tab' };
    const put = await app.ask('PUT', '/profiles/partner-a', { token, body: settings });
    expect(put.status, put.text).to.equal(200);
    const file = 'Who\tNumber\nSynthetic\t77 123 45 67\n';
    const query = { profile: 'partner-a', dryRun: 'true' };
    const phoneOf = async (more: object = {}) =>
      (await people<Preview>(file, Object.assign({}, query, more))).body.rows[0]?.phone;
    expect(await phoneOf()).to.equal('+221771234567');
    expect(await phoneOf({ settings: { columns: { phone: null } } })).to.equal(undefined);
    expect(await phoneOf({ callingCode: '222' })).to.not.equal('+221771234567');
    const other = await people<Problem>(file, query, 2);
    expect([other.status, other.body.code]).to.deep.equal([404, 'profile-missing']);
    const listed = await app.ask<{ rows: { name: string; builtIn: boolean }[] }>('GET', '/profiles', {
      token,
    });
    expect(listed.body.rows.map(({ name }) => name)).to.include.members([
      'partner-a',
      'stellar-disbursement-platform',
      '121',
      'payment-hub-ee',
      'kobo-odk',
      'hxl',
    ]);
    const removed = await app.ask('DELETE', '/profiles/partner-a', { token });
    expect(removed.body).to.deep.equal({ removed: true });
    expect((await people<Problem>(file, query)).status).to.equal(404);
  });

  it('says where the parcels lie, and what is exchanged or elsewhere is refused, though it is in degrees', async () => {
    const token = await app.token('registrar', 1);
    const body = { within: [36, -2, 38, 0] };
    expect((await app.ask('PUT', '/profiles/county', { token, body })).status).to.equal(200);
    const map = [
      feature('IN', [square(37, -1)]),
      feature('EXCHANGED', [square(-1.5, 37)]),
      feature('ELSEWHERE', [square(39, -1)]),
    ];
    const told = await parcels(map, { profile: 'county' });
    expect(told.body.recorded.map(({ number }) => number)).to.deep.equal(['IN']);
    expect(told.body.refused.map(({ code, feature: at }) => [code, at])).to.deep.equal([
      ['coordinates-exchanged', 2],
      ['coordinates-outside', 3],
    ]);
    const unsaid = await parcels<Preview>(map, { dryRun: 'true' });
    expect(unsaid.body.refused, 'where nobody says where they lie, both may be').to.deep.equal([]);
  });

  it('is refused where a setting is none, and nothing is kept', async () => {
    for (const [query, code] of [
      [{ settings: '{"colums":{}}' }, 'validation-failed'],
      [{ settings: '{' }, 'malformed-body'],
      [{ charset: 'klingon' }, 'validation-failed'],
      [{ settings: { answers: [{ code: 'total-row', answer: 'maybe' }] } }, 'answer-unknown'],
      [{ units: 'no such column' }, 'column-named-missing'],
    ] as const) {
      const { body, text } = await people<Problem>('name\tphone\nSynthetic\t1234567', query);
      expect(body.code, text).to.equal(code);
    }
  });

  it('leaves what an officer must decide to the officer, and takes it as answered', async () => {
    const file = 'name;household_size\nSynthetic Same;5\nSynthetic Same;5\nTOTAL;10\n';
    const asked = await people(file);
    expect(asked.body.people.map(({ line }) => line)).to.deep.equal([2]);
    expect(asked.body.refused.map(({ code, line, answers }) => [code, line, answers?.length])).to.deep.equal([
      ['line-repeated', 3, 2],
      ['total-row', 4, 2],
    ]);
    const answers = [
      { code: 'line-repeated', answer: 'separate-people' },
      { code: 'total-row', answer: 'total', line: 4 },
    ];
    const answered = await people(file, { settings: { answers } });
    expect(new Set(answered.body.people.map(({ personId }) => personId)).size).to.equal(2);
    expect(answered.body.refused).to.deep.equal([]);
  });

  it('answers the same file again with the ids it answered first', async () => {
    const file = 'name;phone;household_size\nSynthetic Again;;5\nSynthetic Other;+254700000009;1\n';
    const first = await people(file);
    expect(first.body.people).to.have.length(2);
    expect((await people(file)).body).to.deep.equal(first.body);
    const map = [feature('AGAIN', [square(61, 1)]), feature('BAD', [square(61, 2).slice(0, 3)])];
    const recorded = await parcels(map);
    const again = await parcels(map);
    expect(again.body.recorded).to.deep.equal(recorded.body.recorded);
    expect(codes(again.body.refused)).to.deep.equal(codes(recorded.body.refused));
    expect(again.body.warnings.map(({ code }) => code)).to.deep.equal(['parcel-known']);
  });

  it('asks whether somebody who comes again is the same person, and never doubles one silently', async () => {
    const HEADER = 'national_id;name;household_size\n';
    const first = await people(`${HEADER}1234-5678;Synthetic Known;5\n;Synthetic Without;2\n`);
    const [known, without] = first.body.people;
    const lines = ['12345678;Synthetic Known;5', '1234-5678;Synthetic Changed;6', ';Synthetic Without;2'];
    const again = await people(`${HEADER}${lines.slice(0, 1).join('\n')}`);
    expect(codes(again.body.refused)).to.deep.equal([['national-id-alike', 2]]);
    const file = `${HEADER}${lines.slice(1).join('\n')}`;
    const asked = await people(file);
    expect([asked.body.people, codes(asked.body.refused)]).to.deep.equal([
      [],
      [
        ['person-differs', 2],
        ['person-known', 3],
      ],
    ]);
    const answers = (without: string) => [
      { code: 'person-differs', answer: 'same-person' },
      { code: 'person-known', answer: without },
    ];
    const same = await people(file, { settings: { answers: answers('same-person') } });
    expect(same.body.people.map(({ personId }) => personId)).to.deep.equal([
      known?.personId,
      without?.personId,
    ]);
    const other = `${HEADER}${lines.slice(1).join('\n')}\n`;
    const another = await people(other, { settings: { answers: answers('another-person') } });
    expect(another.body.people[0]?.personId).to.equal(known?.personId);
    expect(another.body.people[1]?.personId).to.not.equal(without?.personId);
  });

  it('asks about ground that two parcels share beyond the tolerance, and records what was decided', async () => {
    // 110.6 m of shared border: 1e-10 degrees are 0.0012 m2, 1e-6 degrees 12 m2
    const pair = (name: string, y: number, overlap: number) => [
      feature(`${name}/1`, [square(62, y)]),
      feature(`${name}/2`, [square(62.001 - overlap, y)]),
    ];
    const little = await parcels(pair('LITTLE', 1, 1e-10));
    expect(little.body.recorded).to.have.length(2);
    expect(little.body.warnings.map(({ code }) => code)).to.deep.equal(
      Array(2).fill('parcel-overlaps-little'),
    );
    const asked = await parcels(pair('BIG', 2, 1e-6));
    expect(asked.body.recorded).to.deep.equal([]);
    expect(asked.body.refused.map(({ message }) => message).join()).to.match(
      /parcel BIG\/2 .* 12\.\d m2.*parcel BIG\/1 /,
    );
    const answers = [{ code: 'parcel-overlaps', answer: 'register' }];
    const answered = await parcels(pair('BIG', 2, 1e-6), { settings: { answers } });
    expect(answered.body.recorded).to.have.length(2);
    const { body } = await app.ask<{
      rows: { number: string; other: string; answer: string; areaM2: number; by: string }[];
    }>('GET', '/parcels/decisions?office=1', { token: await app.token('registrar', 1) });
    expect(body.rows.map(({ number, other, answer }) => [number, other, answer])).to.deep.equal([
      ['BIG/1', 'BIG/2', 'register'],
      ['BIG/2', 'BIG/1', 'register'],
    ]);
    expect(body.rows[0]?.by).to.match(/^token:[0-9a-f]{16}$/);
  });
});
