/**
 * People found again by those who work with them: by words of a name and by ids, of aid and of land, with the reading in
 * the list of whoever was found, and nothing of who stands with another institution.
 */

import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { cursorOf } from '../../../server/domain/base/cursor.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import { Searches, searchTables } from '../../../server/store/searches.ts';
import { Aid } from '../../aid/aid.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { kudurru } from '../../gateway/kudurru.ts';
import { openTestStore, refusedAs, removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';

interface Found {
  readonly total: number;
  readonly isTotalExact: boolean;
  readonly rows: readonly {
    readonly personId: string;
    readonly titles: readonly { readonly baUnit: string; readonly number?: string }[];
    readonly records: readonly {
      readonly type: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }[];
  }[];
  readonly next?: string;
}
interface Lines {
  readonly total: number;
  readonly rows: readonly { readonly purpose: string; readonly caseReference: string }[];
}

const CASE = { 'X-Case-Reference': 'CASE-11' };
const HOLDER = 'Njeri Synthetic-Mwangi';

describe('people', function () {
  this.timeout(180_000);
  let app: App;
  let unit: string;
  let others: readonly string[];

  before(async () => {
    app = await startApp();
    const registrar = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 3 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token: registrar, file },
    });
    [unit = '', ...others] = survey.body.recorded.map(({ baUnit }) => baUnit);
    await app.act('registrar', '/acts/registrations', { titles: [titleOf(unit)] });
    const rows = ['Wanjiku Synthetic One', 'Synthetic Éléonore Two', 'Wanjiku Synthetic Three'];
    const aid = new Aid(app, 'people');
    await aid.define();
    const taken = await aid.register(rows.map((name, i) => `SYN-00${i};${name};${i + 1};Well`));
    expect(taken.status, taken.text).to.equal(200);
    const ofAgency = ['agencyId,fullName,units', 'HH/0042-7,Akinyi Madeup Four,2', ''].join('\n');
    const sent = await app.ask('PUT', `${aid.path}/registrations`, {
      ...{ token: await app.token('agency', 1), file: { text: ofAgency, type: 'text/csv' } },
    });
    expect(sent.status, sent.text).to.equal(200);
  });
  after(() => app?.remove());

  async function search(
    by: object,
    { role = 'agency', institution = 1, purpose = 'case-work', ...more }: Search = {},
  ) {
    const token = await app.token(role, institution);
    const body = { purpose, by, ...more };
    return app.ask<Found>('POST', '/people/searches', { token, headers: CASE, body });
  }
  const byName = async (name: string, asked: Search = {}) =>
    (await search({ kind: 'name', name }, asked)).body.rows;
  const namesOf = (people: Found['rows']) =>
    people.flatMap(({ records }) => records.map(({ fields }) => fields.fullName ?? fields.name)).sort();

  it('are found by words of their name, in any order and spelling, newest first', async () => {
    expect(namesOf(await byName('wanjiku'))).to.deep.equal([
      'Wanjiku Synthetic One',
      'Wanjiku Synthetic Three',
    ]);
    expect(namesOf(await byName('THREE wanjiku'))).to.deep.equal(['Wanjiku Synthetic Three']);
    expect(namesOf(await byName('eleonore'))).to.deep.equal(['Synthetic Éléonore Two']);
    expect(await byName('wanjiku two')).to.deep.equal([]);
    expect(await byName('nobody')).to.deep.equal([]);
  });

  it('are found page by page, everybody once', async () => {
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const { body } = await search(
        { kind: 'name', name: 'synthetic' },
        { limit: 1, ...(after && { after }) },
      );
      expect(body.rows.length).to.be.at.most(1);
      seen.push(...body.rows.map(({ personId }) => personId));
      after = body.next;
    } while (after !== undefined);
    expect([seen.length, new Set(seen).size]).to.deep.equal([3, 3]);
  });

  it('are found by an id that somebody issued, however it is spaced', async () => {
    const { body } = await search({ kind: 'national-id', id: 'syn -001' });
    expect(namesOf(body.rows)).to.deep.equal(['Synthetic Éléonore Two']);
    expect((await search({ kind: 'national-id', id: 'SYN-009' })).body.rows).to.deep.equal([]);
    const land = await search(
      { kind: 'id-number', id: 'id 77-1' },
      { role: 'registrar', purpose: 'registration' },
    );
    expect(land.body.rows.map(({ titles }) => titles.map(({ baUnit }) => baUnit))).to.deep.equal([[unit]]);
  });

  it('who hold land are found with their titles, and each sees who looked, for what and in which case', async () => {
    const [holder] = await byName('mwangi', { role: 'registrar', purpose: 'registration' });
    expect(holder?.titles.map(({ baUnit }) => baUnit)).to.deep.equal([unit]);
    expect(holder?.titles[0]?.number).to.match(/^Demo|\S/);
    expect(namesOf(holder === undefined ? [] : [holder])).to.deep.equal([HOLDER]);
    const token = await app.token('registrar', 1);
    const place = `/people/${holder?.personId}/access-log`;
    const before = await app.ask<Lines>('GET', place, { token });
    expect(before.body.rows[0]).to.include({ purpose: 'registration', caseReference: 'CASE-11' });
    await byName('njeri', { role: 'registrar', purpose: 'certificate' });
    const after = await app.ask<Lines>('GET', place, { token });
    expect(after.body.total).to.equal(before.body.total + 1);
    expect(after.body.rows[0]?.purpose).to.equal('certificate');
    const read = await app.ask<Found['rows'][number]>(
      'GET',
      `/people/${holder?.personId}?purpose=case-work`,
      { token, headers: CASE },
    );
    expect(read.text).to.include(HOLDER);
  });

  it('who hold land of another office are found without the titles that they have there', async () => {
    for (const [office, titles] of [
      [1, [unit]],
      [2, []],
    ] as const) {
      const token = await app.token('registrar', 1, 'bound', { office });
      const body = { purpose: 'registration', by: { kind: 'id-number', id: 'id 77-1' } };
      const told = await app.ask<Found>('POST', '/people/searches', { token, headers: CASE, body });
      expect(told.body.rows.map((one) => one.titles.map(({ baUnit }) => baUnit))).to.deep.equal([titles]);
    }
  });

  it('are told who looked by role, institution and what the token is for, and for which act of which officer', async () => {
    type Told = { rows: { words: string; who: object; forAct?: { what: string } }[] };
    const { body: issued } = await app.ask<{ id: string; token: string }>('POST', '/tokens', {
      token: app.administrator(),
      body: { roles: ['registrar'], institution: 1, days: 1, label: 'Counter 3' },
    });
    const headers = { 'X-Case-Reference': 'CASE-31' };
    const body = { purpose: 'registration', by: { kind: 'name', name: 'mwangi' } };
    const { token } = issued;
    const found = await app.ask<Found>('POST', '/people/searches', { token, headers, body });
    const place = `/people/${found.body.rows[0]?.personId}/access-log`;
    const by = await app.token('registrar', 1);
    const waiting = { head: headOf(OFFICERS.preparer), titles: [titleOf(others[1] ?? '')] };
    const act = await app.ask<ActTold>('POST', '/acts/registrations', { token: by, body: waiting });
    expect((await app.ask('GET', `/acts/${act.body.id}`, { token: by })).text).to.include(HOLDER);
    // A token that is gone is still known.
    await app.ask('DELETE', `/tokens/${issued.id}`, { token: app.administrator() });
    const log = await app.ask<Told>('GET', place, { token: await app.token('registrar', 1) });
    const searched = log.body.rows.find(({ forAct }) => forAct === undefined);
    expect(searched?.words).to.equal(
      'Registrar of institution 1 (Counter 3) read the record as a party to land: to examine or register a right to land, in case CASE-31',
    );
    expect(searched?.who).to.deep.include({
      institution: 1,
      roles: ['registrar'],
      label: 'Counter 3',
    });
    const ofActs = log.body.rows.filter(({ forAct }) => forAct !== undefined);
    expect(ofActs.length).to.be.greaterThan(0);
    expect(ofActs[0]?.words).to.match(
      /^Registrar of institution 1 read the facts behind [^:]*: .*, for (?:a|the) first registration[^,]* that officer 0x[0-9a-f]{8}\.\.\.[0-9a-f]{4} of institution 1 prepared$/,
    );
    expect(log.text).not.to.match(/"words":"[^"]*token:/);
  });

  it('are told of by an act for as long as it waits, and from then on for a purpose and a case', async () => {
    const token = await app.token('registrar', 1, 'another');
    const body = { head: headOf(OFFICERS.preparer), titles: [titleOf(others[0] ?? '')] };
    const [by, key] = [await app.token('registrar', 1), randomUUID()];
    const act = await app.ask<ActTold>('POST', '/acts/registrations', { token: by, body, key });
    const place = `/acts/${act.body.id}`;
    expect((await app.ask('GET', place, { token })).text).to.include(HOLDER);
    await app.sign('registrar', act.body, [OFFICERS.preparer, OFFICERS.approver]);
    const closed = await app.ask<{ withheld: string; prepared: { openings: object[] } }>('GET', place, {
      token,
    });
    expect([closed.status, closed.text.includes(HOLDER), closed.text.includes('ID 77-1')]).to.deep.equal([
      ...[200, false, false],
    ]);
    expect(closed.body.withheld).to.include('?purpose=registration').and.to.include('X-Case-Reference');
    expect((await app.ask('GET', place, { token, headers: CASE })).text).not.to.include(HOLDER);
    const again = await app.ask<{ withheld: string }>('POST', '/acts/registrations', {
      ...{ token: by, body, key },
    });
    expect([again.status, again.text.includes(HOLDER)], again.text).to.deep.equal([202, false]);
    expect(again.body.withheld).to.equal(closed.body.withheld);
    const asked = `${place}?purpose=registration`;
    expect((await app.ask('GET', asked, { token })).body.code).to.equal('case-reference-required');
    const headers = { 'X-Case-Reference': 'CASE-19' };
    const opened = await app.ask<{ withheld?: string }>('GET', asked, { token, headers });
    expect([opened.status, opened.text.includes(HOLDER), opened.body.withheld]).to.deep.equal([
      ...[200, true, undefined],
    ]);
    const [holder] = await byName('mwangi', { role: 'registrar', purpose: 'registration' });
    const log = await app.ask<Lines>('GET', `/people/${holder?.personId}/access-log`, { token });
    expect(log.body.rows.map(({ caseReference }) => caseReference)).to.include('CASE-19');
  });

  it('are shown under one case and day as many as a queue has, and how many were is told to their steward', async () => {
    const steward = await app.token('steward', 1);
    const token = await app.token('agency', 1, 'curious');
    const headers = { 'X-Case-Reference': 'CASE-41' };
    const body = { purpose: 'case-work', by: { kind: 'name', name: 'synthetic' }, limit: 20 };
    const ask = () => app.ask<Found & { code: string }>('POST', '/people/searches', { token, headers, body });
    let seen = 0;
    let last = await ask();
    for (; last.status === 200; last = await ask()) seen += last.body.rows.length;
    expect([last.status, last.body.code, seen]).to.deep.equal([422, 'search-case-exhausted', 60]);
    const [somebody] = await byName('wanjiku');
    const person = `/people/${somebody?.personId}`;
    const byId = (purpose: string) =>
      app.ask<Problem>('GET', `${person}?purpose=${purpose}`, { token, headers });
    expect((await byId('case-work')).body.code, 'by her id either').to.equal('search-case-exhausted');
    expect((await byId('oversight')).body.code).to.equal('purpose-of-another-role');
    expect((await search({ kind: 'name', name: 'synthetic' })).status, 'another case').to.equal(200);
    for (const by of [
      { kind: 'name', name: 'a' },
      { kind: 'name', name: 'a.' },
      { kind: 'national-id', id: '0-1' },
    ])
      expect((await search(by)).text, JSON.stringify(by)).to.include('search-too-short');
    interface Noted {
      readonly caseReference: string;
      readonly searches: number;
      readonly shown: number;
      readonly timesRefused: number;
      readonly who: { readonly words: string };
    }
    const on = (day: string) =>
      app.ask<{ rows: Noted[] }>('GET', `/people/searches?on=${day}`, { token: steward });
    const list = await on(new Date().toISOString().slice(0, 10));
    const noted = list.body.rows.find(({ caseReference }) => caseReference === 'CASE-41');
    const told = [noted?.shown, noted?.searches, noted?.timesRefused, noted?.who.words];
    expect(told).to.deep.equal([60, 20, 3, 'agency of institution 1']);
    expect(list.text).not.to.match(/synthetic/i);
    expect((await on('2001-01-01')).body.rows).to.deep.equal([]);
    interface Line {
      readonly channel: string;
      readonly caseReference: string;
      readonly words: string;
    }
    const log = await app.ask<{ rows: Line[] }>('GET', `${person}/access-log`, { token });
    const ofCase = log.body.rows.filter(({ caseReference }) => caseReference === 'CASE-41');
    const refused = ofCase.filter(({ channel }) => channel === 'refused');
    expect(refused, 'who was refused, in her own list').to.have.length(2);
    expect(refused[0]?.words).to.match(
      /^Agency of institution 1.* asked for and was refused the registration for aid/,
    );
    const said = kudurru(['find', 'searches', '--gateway', app.url, '--token', steward]);
    expect(said.stdout, said.stderr).to.match(
      /case CASE-41: agency of institution 1, for case-work, oversight\n {2}20 searches, 60 people shown, 3 refused/,
    );
  });

  it('see in their own lists who found them by a file, changed them by one, or listed where they stand', async () => {
    const aid = new Aid(app, 'found by files');
    await aid.define();
    const line = (name: string, village = 'Well') => `SYN-F1;${name};1;${village}`;
    const [person] = (await aid.register([line('Invented Fatuma Five')])).body.people;
    const lines = async () => {
      const token = await app.token('steward', 1);
      const place = `/people/${person?.personId}/access-log`;
      return (await app.ask<{ rows: { channel: string; words: string }[] }>('GET', place, { token })).body
        .rows;
    };
    const channels = async () => (await lines()).map(({ channel }) => channel);
    expect(await channels(), 'who is new was not found').to.deep.equal([]);
    expect(
      (await aid.register([line('Invented Fatuma Five'), 'SYN-F2;Invented Six;1;Well'])).status,
    ).to.equal(200);
    expect(await channels()).to.deep.equal(['found']);
    const other = [line('Another Invented Name')];
    const asked = await aid.register(other);
    expect(asked.body.refused.map(({ code }) => code)).to.deep.equal(['person-differs']);
    expect(await channels(), 'a question tells that she is enrolled').to.deep.equal(['found', 'found']);
    await aid.register(other);
    expect(await channels(), 'once, however often the file is sent').to.have.length(2);
    const settings = JSON.stringify({ answers: [{ code: 'person-differs', answer: 'same-person' }] });
    const text = ['nationalId;fullName;hhSize;village', ...other].join('\n');
    const place = `${aid.path}/registrations?units=hhSize&settings=${encodeURIComponent(settings)}`;
    const taken = await aid.ask('PUT', place, { file: { text, type: 'text/csv' } });
    expect(taken.status, taken.text).to.equal(200);
    const [newest] = await lines();
    expect(newest?.channel).to.equal('changed');
    expect(newest?.words).to.match(
      /^Agency of institution 1.* sent a file that changed the registration for aid: .*in case file-[0-9a-f]{32}$/,
    );
    await aid.act('/acts/enrolments', aid.enrolmentOf(person === undefined ? [] : [person]));
    await aid.loadSlots();
    const listed = await aid.ask('GET', `${aid.path}/enrolments/1/places`);
    expect(listed.status, listed.text).to.equal(200);
    const [last] = await lines();
    expect([last?.channel, last?.words.includes('the card')], last?.words).to.deep.equal(['view', true]);
  });

  it('of a word that very many have are not opened by that word alone', async () => {
    const aid = new Aid(app, 'common names');
    await aid.define();
    const many = Array.from({ length: 201 }, (_, i) => `SYN-C${i};Popularname Of${i};1;Well`);
    expect((await aid.register(many)).status).to.equal(200);
    const alone = await search({ kind: 'name', name: 'popularname' });
    expect([alone.status, alone.text.includes('search-too-common')], alone.text).to.deep.equal([422, true]);
    expect(namesOf(await byName('popularname of7'))).to.deep.equal(['Popularname Of7']);
  });

  it('are listed from no cursor that was made up', async () => {
    const token = await app.token('registrar', 1);
    const asked = { role: 'registrar', purpose: 'registration' } as const;
    const [holder] = await byName('mwangi', asked);
    for (const place of ['0', '-1', '1e3', '99999', '9007199254740993']) {
      const after = cursorOf(place);
      const log = await app.ask('GET', `/people/${holder?.personId}/access-log?after=${after}`, { token });
      expect([log.status, log.body.code], place).to.deep.equal([422, 'cursor-unknown']);
      for (const by of [
        { kind: 'name', name: 'mwangi' },
        { kind: 'id-number', id: 'ID 77-1' },
      ]) {
        const found = await search(by, { ...asked, after });
        expect([found.status, found.text.includes('"/after"')], found.text).to.deep.equal([422, true]);
      }
    }
    expect(app.logged()).not.to.include('is lost');
  });

  it('are counted over all pages, and those that are not shown are not', async () => {
    const first = await search({ kind: 'name', name: 'synthetic' }, { limit: 1 });
    expect([first.body.rows.length, first.body.total, first.body.isTotalExact]).to.deep.equal([1, 3, true]);
    const land = await search(
      { kind: 'name', name: 'synthetic' },
      { role: 'registrar', purpose: 'registration', limit: 1 },
    );
    expect([land.body.rows.length, land.body.total]).to.deep.equal([1, 1]);
  });

  it('of land and of aid are found by their steward, who sees who looked at them', async () => {
    const asked = { role: 'steward', purpose: 'oversight' } as const;
    const [holder] = await byName('mwangi', asked);
    expect(holder?.titles.map(({ baUnit }) => baUnit)).to.include(unit);
    const [recipient] = await byName('eleonore', asked);
    for (const one of [holder, recipient]) {
      const log = await app.ask<Lines>('GET', `/people/${one?.personId}/access-log`, {
        token: await app.token('steward', 1),
      });
      expect(log.status, log.text).to.equal(200);
      expect(log.body.rows[0]).to.include({ purpose: 'oversight', caseReference: 'CASE-11' });
    }
    expect(await byName('mwangi', { ...asked, institution: 2 })).to.deep.equal([]);
  });

  it('of another institution, and of the other half of one, are nobody', async () => {
    expect(await byName('wanjiku', { institution: 2 })).to.deep.equal([]);
    expect(
      await byName('mwangi', { role: 'registrar', institution: 2, purpose: 'registration' }),
    ).to.deep.equal([]);
    expect(await byName('mwangi')).to.deep.equal([]);
    expect(await byName('wanjiku', { role: 'registrar', purpose: 'registration' })).to.deep.equal([]);
    const [holder] = await byName('mwangi', { role: 'registrar', purpose: 'registration' });
    const agency = await app.ask('GET', `/people/${holder?.personId}/access-log`, {
      token: await app.token('agency', 1),
    });
    expect(agency.body.code).to.equal('subject-missing');
  });

  it('are looked for under a case, for what the role is for, and never in an address', async () => {
    const token = await app.token('agency', 1);
    const body = { purpose: 'case-work', by: { kind: 'name', name: 'wanjiku' } };
    expect((await app.ask('POST', '/people/searches', { token, body })).body.code).to.equal(
      'case-reference-required',
    );
    const foreign = await search({ kind: 'name', name: 'wanjiku' }, { purpose: 'oversight' });
    const { code, detail } = foreign.body as unknown as Problem & { readonly detail: string };
    expect(code).to.equal('purpose-of-another-role');
    for (const purpose of ['eligibility', 'disbursement', 'case-work']) expect(detail).to.include(purpose);
    const own = await search({ kind: 'name', name: 'wanjiku' }, { purpose: 'own-data' });
    expect(own.text).to.include('own-data-unproved');
    expect(app.logged()).not.to.match(/wanjiku/i);
  });

  it("are found by the agency's own id, however its separators are typed, over HTTP and on the command line", async () => {
    for (const id of ['HH/0042-7', 'hh 0042 7']) {
      const told = await search({ kind: 'agency-id', id });
      expect(namesOf(told.body.rows), id).to.deep.equal(['Akinyi Madeup Four']);
    }
    expect((await search({ kind: 'national-id', id: 'HH/0042-7' })).body.rows).to.deep.equal([]);
    const told = kudurru(
      [
        ...['find', 'person', '--by', 'agency-id', '--purpose', 'case-work', '--case', 'CASE-13'],
        ...['--gateway', app.url, '--token', await app.token('agency', 1)],
      ],
      { KUDURRU_SOUGHT: 'hh-0042-7' },
    );
    expect([told.code, told.stdout.includes('Akinyi Madeup Four')], told.stderr).to.deep.equal([0, true]);
  });

  it('are found on the command line by a name that stands in no argument', async () => {
    const token = await app.token('registrar', 1);
    const args = ['find', 'person', '--purpose', 'registration', '--case', 'CASE-12'];
    const told = kudurru([...args, '--gateway', app.url, '--token', token], { KUDURRU_SOUGHT: 'mwangi' });
    expect(told.code, told.stderr).to.equal(0);
    expect(told.stdout).to.include(HOLDER);
    expect(told.stdout).to.match(/holds the whole of the ownership of parcel [^\n]*, unit 0x/);
    const [person = ''] = told.stdout.split('\n');
    const read = kudurru([
      'find',
      'readings',
      person,
      '--limit',
      '1',
      '--gateway',
      app.url,
      '--token',
      token,
    ]);
    expect(read.code, read.stderr).to.equal(0);
    expect(read.stdout).to.match(
      /\d+ \w+ \d{4}, \d\d:\d\d UTC\n {2}Registrar of institution 1 read the record as a party to land: to examine or register a right to land, in case CASE-12\n\d+ readings, 1 here\./,
    );
  });
});

interface Search {
  readonly role?: 'agency' | 'registrar' | 'steward';
  readonly institution?: number;
  readonly purpose?: string;
  readonly limit?: number;
  readonly after?: string;
}

function titleOf(baUnit: string) {
  const holder = {
    ...{ numerator: '1', partyKind: 'person', signer: 'own', keyHash: ZERO_32 },
    party: { name: HOLDER, idNumber: 'ID 77-1' },
  };
  const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' };
  return { baUnit, origin: 'legacy', evidence: 'public-document', right: { ...right, holders: [holder] } };
}

describe('people whom one officer reads', () => {
  after(removeTemporaryFolders);

  it('are as many in a day as she could serve, under however many cases, and each is counted once', async () => {
    const store = await openTestStore(temporaryFolder(), searchTables);
    let nowMs = Date.UTC(2026, 11, 1);
    const searches = new Searches(store, () => nowMs);
    const asking = { institution: 1, principal: 'token:1', purpose: 'case-work', caseReference: 'CASE-A' };
    const under = (caseReference: string, person: string, principal = 'token:1') =>
      refusedAs(searches.admit({ ...asking, caseReference, principal }, person));
    for (let turn = 0; turn < 70; turn++) await searches.admit(asking, 'the very same');
    for (let i = 1; i < 600; i++)
      await searches.admit({ ...asking, caseReference: `CASE-${Math.floor(i / 60)}` }, `p${i}`);
    expect(await under('CASE-1000', 'one more')).to.equal('readings-exhausted');
    expect(await refusedAs(searches.reserve({ ...asking, caseReference: 'CASE-1001' }, 1))).to.equal(
      'readings-exhausted',
    );
    expect(await under('CASE-1000', 'one more', 'token:2'), 'a colleague').to.equal(undefined);
    const notes = await searches.on(1, nowMs);
    expect(notes.find(({ caseReference }) => caseReference === 'CASE-1000')).to.include({
      shown: 0,
      refusals: 1,
    });
    expect(notes.map(({ caseReference }) => caseReference)).not.to.include('');
    nowMs += 86_400_000;
    expect(await under('CASE-1000', 'one more'), 'the next day').to.equal(undefined);
    await store.close();
  });
});
