/**
 * Everything found again in lists: each by pages with the count of the whole, and the history of whatever entries are
 * about in words that somebody who was not there understands.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { cursorOf } from '../../../server/domain/base/cursor.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import { SCOPES } from '../../../server/domain/base/terms.ts';
import { readBeside } from '../../../server/domain/signer/beside.ts';
import type { Role } from '../../../server/http/route.ts';
import { Aid, CYCLE, syntheticPeople } from '../../aid/aid.ts';
import { officerOf } from '../../chain/signing.ts';
import { type App, headOf, OFFICERS, startApp } from '../../gateway/app.ts';
import { kudurru, kudurruBeside } from '../../gateway/kudurru.ts';
import { inHours, ordered, proposed, recordOf } from '../../gateway/members.ts';

interface Listed<T = Readonly<Record<string, unknown>>> {
  readonly total: number;
  readonly rows: readonly T[];
  readonly next?: string;
}

interface Row {
  readonly number: string;
  readonly standing: string;
  readonly computedAreaM2: number;
  readonly holdings: readonly {
    readonly share: string;
    readonly partyKind: string;
    readonly name?: string;
  }[];
}

interface Line {
  readonly act: string;
  readonly what: string;
  readonly recordedAt: string;
  readonly preparer?: { readonly officer: string; readonly institution: number };
  readonly approver?: { readonly officer: string; readonly institution: number };
  readonly votedBy?: readonly number[];
  readonly changes: readonly { readonly what: string; readonly words: string }[];
}

describe('what was recorded', function () {
  this.timeout(300_000);
  let app: App;
  let aid: Aid;
  let unit: string;
  let enrolment: string;
  const shops = ['shop 0', 'shop 1', 'shop 2'];

  before(async () => {
    app = await startApp();
    const file = { text: demoParcels({ count: 3 }), type: 'application/geo+json' };
    const token = await app.token('registrar', 1);
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      token,
      file,
    });
    const units = survey.body.recorded.map(({ baUnit }) => baUnit);
    unit = units[0] ?? '';
    await app.act('registrar', '/acts/registrations', { titles: units.map(titleOf) });
    const caution = {
      ...{ kind: 'caution', baUnits: [unit], targetRight: 0, rank: 0, instrumentId: `0x${'77'.repeat(32)}` },
      ...{ holderKeyHash: ZERO_32, blocks: ['transfer'], needsConsent: [] },
      terms: [{ path: 'ground', value: 'A dispute over the fence' }],
      expiresOn: Math.floor(Date.now() / 1000) + 86_400,
    };
    await app.act('registrar', '/acts/restrictions', caution);
    aid = new Aid(app, 'lists', shops);
    await aid.act('/acts/programmes', aid.policy());
    await aid.fund('1000000');
    for (const vendor of aid.vendors) await aid.registerShop(vendor);
    aid.people = (await aid.register(syntheticPeople(3))).body.people;
    enrolment = (await aid.act('/acts/enrolments', aid.enrolmentOf(aid.people))).id;
    await aid.loadSlots();
    const places = `${aid.path}/enrolments/1/places`;
    aid.places = (await aid.ask<{ rows: Aid['places'] }>('GET', places)).body.rows;
    const roll = await aid.putRoll<{ root: string }>(
      aid.rollOf(() => 9),
      3,
      27,
    );
    await aid.openCycle(roll.body.root, 10n);
    await aid.loadUnits();
    for (const index of [0, 1]) {
      const sold = await aid.sell(aid.batchOf(shop(0), [{ index, units: 2, remainingBefore: 9 }]));
      expect(sold.body.isFinal, sold.text).to.equal(true);
    }
    const newcomer = officerOf(1, 'who only pauses');
    const record = recordOf(app, newcomer, ['pause']);
    await app.act('member', '/acts/appointments', {
      head: Object.assign(headOf(OFFICERS.preparer), { office: 0 }),
      officer: record,
    });
    const scope = { scopes: ['officers'], until: inHours(1) };
    await ordered(app, '/acts/short-pauses', scope, OFFICERS.preparer);
  });
  after(() => app?.remove());

  const shop = (place: number) => aid.vendors[place] ?? (() => expect.fail('no such shop'))();

  async function ask<T>(place: string, role: Role, bound?: { vendor: string }): Promise<Listed<T>> {
    const token = role === 'administrator' ? app.administrator() : await app.token(role, 1, 'lists', bound);
    const told = await app.ask<Listed<T>>('GET', place, { token });
    expect(told.status, `${place}: ${told.text}`).to.equal(200);
    return told.body;
  }

  /** Every row of a list by pages of one, which must be as many as its count says. */
  async function whole<T>(place: string, role: Role): Promise<readonly T[]> {
    const rows: T[] = [];
    let after = '';
    for (;;) {
      const page = await ask<T>(`${place}${place.includes('?') ? '&' : '?'}limit=1${after}`, role);
      rows.push(...page.rows);
      if (page.next === undefined) {
        expect(rows.length, `${place} counts ${page.total}`).to.equal(page.total);
        return rows;
      }
      // As it stands: a cursor that must be written otherwise in an address is pasted once and then not found.
      expect(page.next, place).to.match(/^[\w-]+$/);
      after = `&after=${page.next}`;
    }
  }

  it('is listed by pages, each with the count of the whole', async () => {
    for (const [place, role, count] of [
      ['/titles', 'registrar', 3],
      [`/titles/${unit}/history`, 'registrar', 2],
      ['/programmes', 'agency', 1],
      [`${aid.path}/cycles`, 'agency', 1],
      ['/vendors', 'agency', 3],
      ['/vendors', 'auditor', 3],
      [`/vendors/${shop(0)}/tills`, 'agency', 1],
      [`/vendors/${shop(0)}/redemptions`, 'agency', 2],
      [`/vendors/${shop(1)}/redemptions`, 'auditor', 0],
      [`${aid.path}/cycles/${CYCLE}/redemptions`, 'auditor', 2],
      ['/institutions', 'member', 2],
      ['/pauses', 'member', 1],
      ['/parcels?office=1', 'registrar', 3],
      ['/parcels?office=1&box=-180,-90,180,90', 'registrar', 3],
      ['/titles/search?office=1', 'auditor', 3],
      [`${aid.path}/enrolments/1/places`, 'agency', 3],
      [`/vendors/${shop(0)}/account`, 'agency', 1],
      [`/people/${aid.people[0]?.personId}/access-log`, 'steward', 2], // who listed the places
    ] as const) {
      expect((await whole(place, role)).length, place).to.equal(count);
    }
    expect((await whole('/entries', 'auditor')).length).to.be.greaterThan(10);
  });

  it('of a vendor says how it stands, and of each batch what counted', async () => {
    const vendors = await whole<{ vendor: string; standing: string; tills: number; redemptions: number }>(
      '/vendors',
      'agency',
    );
    const own = vendors.find(({ vendor }) => vendor === shop(0));
    expect(own).to.deep.include({ standing: 'active', tills: 1, redemptions: 2 });
    const page = await ask<{ units: string; redeemed: number; skipped: number; itemsHash: string }>(
      `/vendors/${shop(0)}/redemptions`,
      'vendor',
      { vendor: shop(0) },
    );
    expect(page.rows.map(({ units, redeemed, skipped }) => [units, redeemed, skipped])).to.deep.equal([
      ['2', 1, 0],
      ['2', 1, 0],
    ]);
    const label = 'Till by the door';
    const agency = await app.token('agency', 1);
    await app.ask('PUT', `/labels/${shop(0)}.1`, { token: agency, body: { label } });
    for (const place of [`/vendors/${shop(0)}/redemptions`, `${aid.path}/cycles/${CYCLE}/redemptions`]) {
      const [sale] = (await ask<{ tillLabel?: string; vendor: string }>(place, 'agency')).rows;
      expect(sale?.tillLabel, place).to.equal(label);
    }
    await app.ask('PUT', `/labels/${aid.programme}`, { token: agency, body: { label: 'Drought relief' } });
    const token = await app.token('vendor', 1, 'lists', { vendor: shop(0) });
    const { body: account } = await app.ask<Listed>('GET', `/vendors/${shop(0)}/account`, { token });
    expect(account.rows.map(({ programmeLabel }) => programmeLabel)).to.deep.equal(['Drought relief']);
    const batch = await app.ask('GET', `/redemptions/${page.rows[0]?.itemsHash}`, { token });
    expect(batch.status, batch.text).to.equal(200);
  });

  it('says of each token what it is for, of which institution and who issued it, and never its secret', async () => {
    const { body: issued } = await app.ask<{ id: string; token: string }>('POST', '/tokens', {
      token: app.administrator(),
      body: { roles: ['registrar'], institution: 1, days: 1, label: 'Counter 3' },
    });
    const tokens = await whole<{ id: string; label?: string; institution: number; issuedBy: string }>(
      '/tokens',
      'administrator',
    );
    const note = tokens.find(({ id }) => id === issued.id);
    expect(note).to.include({ label: 'Counter 3', institution: 1 });
    expect(note?.issuedBy).to.match(/^token:[0-9a-f]{16}$/);
    expect(JSON.stringify(tokens)).not.to.include(issued.token.slice(-43));
  });

  it('of tokens finds those of an institution, with a role or with words of their label', async () => {
    const token = app.administrator();
    const body = { roles: ['steward'], institution: 2, days: 1, label: 'Desk of Data Protection' };
    await app.ask('POST', '/tokens', { token, body });
    const found = async (query: string) =>
      (await whole<{ label?: string; issuer: string }>(`/tokens?${query}`, 'administrator')).map(
        ({ label, issuer }) => [label, issuer],
      );
    const desk = [['Desk of Data Protection', 'Administrator of the gateway']];
    expect(await found('institution=2&role=steward')).to.deep.equal(desk);
    expect(await found('label=data%20protection')).to.deep.equal(desk);
    expect(await found('institution=2&label=counter')).to.deep.equal([]);
    const nobody = await app.ask('POST', '/tokens', { token, body: { ...body, institution: 77 } });
    expect([nobody.status, nobody.body.code, nobody.body.errors?.[0]?.pointer]).to.deep.equal([
      ...[404, 'institution-unknown', '/institution'],
    ]);
  });

  it('of measures counts and pages those that are open alone', async () => {
    const measure = { kind: 'set-policy', policy: 'benefitTierMinor/404', value: '5000' };
    await proposed(app, OFFICERS.preparer, measure);
    expect((await whole('/measures?open=true', 'member')).length).to.equal(1);
    expect((await whole('/measures', 'auditor')).length).to.equal(1);
  });

  it('of officers with a role counts and pages those alone', async () => {
    const all = await whole<{ officer: string }>('/officers', 'member');
    for (const [role, count] of [
      ['pause', all.length],
      ['land-preparer', all.length - 1],
    ] as const) {
      const found = await whole<{ roles: string[] }>(`/officers?role=${role}`, 'member');
      expect([found.length, found.every(({ roles }) => roles.includes(role))]).to.deep.equal([count, true]);
    }
    const own = await whole<{ institution: number }>('/officers?institution=1&role=vote', 'member');
    expect(new Set(own.map(({ institution }) => institution))).to.deep.equal(new Set([1]));
  });

  const history = (subject: string, role: Role) => whole<Line>(`/history/${subject}`, role);
  const first = { officer: OFFICERS.preparer.officer, institution: 1 };

  it('of land tells the act, its officers and institutions, and what changed', async () => {
    const lines = await history(unit, 'registrar');
    expect(lines.map(({ act }) => act)).to.deep.equal(['registration', 'caution']);
    expect(lines[1]?.preparer).to.include(first);
    expect(lines[1]?.approver?.institution).to.equal(1);
    expect(lines[1]?.changes[0]?.words).to.match(/^caution \d+ on the unit.*begins$/);
  });

  it('of aid tells the act, its officers and institutions, and what changed', async () => {
    const lines = await history(aid.programme, 'agency');
    const said = lines.map(({ act, changes }) => `${act}: ${changes.map(({ words }) => words).join('; ')}`);
    expect(said[0]).to.match(/^programme-defined: The programme begins, in KES/);
    expect(said[1]).to.equal('funds-moved: KES 10,000.00 funded');
    expect(said).to.include('enrolled: 3 people enrolled in epoch 1, from index 0 on');
    const opened = said.find((one) => one.startsWith('cycle-opened'));
    expect(opened).to.match(/: Cycle 1 begins: 27 units of KES 0.10 each for 3 people, to be spent from/);
    expect(said).to.match(/cycle-released: Cycle 1 is released: cards may spend from \d/);
    expect(lines[0]?.preparer).to.include(first);
    expect(lines.filter(({ changes }) => changes.length === 0)).to.deep.equal([]);
    expect(lines.slice(0, 2).map(({ what }) => what)).to.deep.equal(['Programme defined', 'Funds moved']);
    const [registered] = await history(shop(0), 'auditor');
    expect(registered?.changes[0]?.words).to.match(/^The vendor is active/);
    const ofShop = (await history(shop(0), 'agency')).map(({ act }) => act);
    expect(ofShop, 'with what it sold').to.deep.equal(['vendor-set', 'till-set', 'redeemed', 'redeemed']);
  });

  it('of an enrolment has the people at its places beside what is signed, for who prepared it and for nobody else', async () => {
    interface Told {
      readonly prepared: { readonly openings: readonly unknown[] };
      readonly beside: { readonly currency: number; readonly people?: { from: number; personIds: string[] } };
      readonly withheld?: string;
    }
    const as = async (role: Role, query = '') => {
      const asked = { token: await app.token(role, 1), headers: { 'X-Case-Reference': 'CASE-7' } };
      return (await app.ask<Told>('GET', `/acts/${enrolment}${query}`, asked)).body;
    };
    const over = await as('agency');
    expect([over.beside, over.prepared.openings]).to.deep.equal([{ currency: 404 }, []]);
    const { beside, withheld } = await as('agency', '?purpose=registration');
    expect([beside.currency, beside.people?.from, withheld]).to.deep.equal([404, 0, undefined]);
    const places = await ask<{ personId: string }>(`${aid.path}/enrolments/1/places`, 'agency');
    expect(beside.people?.personIds).to.deep.equal(places.rows.map(({ personId }) => personId));
    const file = path.join(app.folder, 'enrolment.json');
    writeFileSync(file, JSON.stringify(await as('agency', '?purpose=registration')));
    writeFileSync(path.join(app.folder, 'agency.token'), await app.token('agency', 1), { mode: 0o600 });
    const named = (out: string, reference: string) =>
      kudurruBeside(
        [
          ...['desk', 'names', file, '--places', '0-1', '--case', reference, '--out', out],
          ...['--token', 'agency.token', '--gateway', app.url],
        ],
        {},
        app.folder,
      );
    const ran = await named('named.json', 'CASE-8');
    expect([ran.code, ran.stdout], ran.stderr).to.deep.equal([0, 'Written with 2 names: named.json\n']);
    const text = readFileSync(path.join(app.folder, 'named.json'), 'utf8');
    const { people } = readBeside(text, text.length);
    const [first = '', second = '', third] = people?.names ?? [];
    expect([/\w/.test(first), /\w/.test(second), third]).to.deep.equal([true, true, '']);
    const log = await app.ask<{ lines: { purpose: string; caseReference?: string }[] }>(
      'GET',
      `/people/${people?.personIds[0]}/access-log`,
      { token: await app.token('agency', 1) },
    );
    expect(JSON.stringify(log.body)).to.match(/"disbursement".*CASE-8|CASE-8.*"disbursement"/);
    for (const place of ['-1', '3', '9007199254740993']) {
      const from = `${aid.path}/enrolments/1/places?after=${cursorOf(place)}`;
      const told = await app.ask('GET', from, { token: await app.token('agency', 1) });
      expect([told.status, told.body.code], place).to.deep.equal([422, 'cursor-unknown']);
    }
    const closed = await as('auditor');
    expect([closed.prepared.openings, closed.beside]).to.deep.equal([[], { currency: 404 }]);
    expect(closed.withheld).to.match(/is opened to the institution that prepared/);
  });

  it('of every register stands in one list, each entry in words beside the row that auditors fold', async () => {
    const entries = await whole<{ sequence: number; kind: number; inWords: Line }>('/entries', 'auditor');
    expect(
      entries.filter(
        ({ inWords: { what, recordedAt } }) => !/^[A-Z][a-z ]+/.test(what) || !recordedAt.endsWith('Z'),
      ),
    ).to.deep.equal([]);
    const sale = entries.find(({ inWords: { act } }) => act === 'redeemed');
    expect(sale?.inWords.changes[0]?.words).to.match(/^2 units of cycle 1 are redeemed at till 1/);
    const { entryId } = sale as unknown as { entryId: string };
    const one = await app.ask<{ inWords: Line }>('GET', `/entries/${entryId}`, {
      token: await app.token('auditor', 0),
    });
    expect(one.body.inWords.what).to.equal(sale?.inWords.what);
  });

  it('of power tells who ordered or voted for it, and what it does', async () => {
    const pauses = await app.ask<{ rows: { scopes: string[] }[] }>('GET', '/pauses', {
      token: await app.token('member', 1),
    });
    expect(pauses.body.rows[0]?.scopes).to.deep.equal(['officers']);
    const [line] = await history('pause-officers', 'member');
    expect(line?.act).to.equal('short-pause');
    expect(line?.preparer).to.include(first);
    expect(line).not.to.have.property('approver');
    expect(line?.changes[0]?.words).to.match(
      /^officers stopped until \d+ \w+ \d{4}, \d\d:\d\d UTC, by one officer$/,
    );
  });

  it('of power tells of the founding, of each institution apart from what was paused, and of a measure vote by vote', async () => {
    const saidOf = async (subject: string) =>
      (await history(subject, 'auditor')).map(({ act, changes }) => [act, changes[0]?.words ?? '']);
    const [[act, words] = []] = await saidOf(OFFICERS.preparer.officer);
    expect(act).to.equal('founding');
    expect(words).to.match(
      /^An officer of institution 1 from the founding on, for every office, as land-preparer/,
    );
    // What is paused by one scope is the same word as the number of an institution.
    const bit = SCOPES.findIndex((_, place) => 1 << place === 2);
    const token = await app.token('auditor', 0);
    const institution = await saidOf('institution-2');
    expect(institution.map(([one]) => one)).to.deep.equal(['founding']);
    const other = await app.ask('GET', `/history/pause-${SCOPES[bit]}`, { token });
    expect(other.body.code).to.equal('nothing-recorded-of');
    const [measure] = (await ask<{ measureId: string }>('/measures', 'member')).rows;
    const steps = await history(measure?.measureId ?? '', 'member');
    expect(steps.map((step) => step.act)).to.deep.equal(['measure-opened', 'vote']);
    expect(steps[1]?.preparer).to.include(first);
    expect(steps[1]?.recordedAt).to.match(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(steps[1]?.changes[0]?.words).to.equal(
      'Institution 1 votes for: Sets the policy benefitTierMinor/404 to 5000.',
    );
  });

  it('by an officer is listed, acts of every register and votes, for the own institution and for auditors', async () => {
    type Signed = Line & {
      readonly as: string;
      readonly subject: string;
      readonly number?: string;
      readonly register: string;
    };
    const place = `/officers/${OFFICERS.preparer.officer}/signatures`;
    const lines = await whole<Signed>(place, 'member');
    const told = lines.map(({ as, act }) => `${as} ${act}`);
    expect(told).to.include.members([
      ...['preparer registration', 'preparer caution', 'preparer enrolled', 'preparer funds-moved'],
      ...['preparer officer-appointment', 'preparer short-pause', 'vote vote'],
    ]);
    const entries = await whole<{ preparer: string }>('/entries', 'auditor');
    const own = entries.filter(({ preparer }) => preparer === OFFICERS.preparer.officer);
    expect(told.filter((one) => one.startsWith('preparer')).length).to.equal(own.length);
    const caution = lines.find(({ act }) => act === 'caution');
    expect(caution?.subject).to.equal(unit);
    const [parcel] = (await ask<Row>(`/titles/search?office=1&limit=1`, 'registrar')).rows;
    expect(lines.find(({ number }) => number === parcel?.number)?.register).to.equal('land');
    const vote = lines.find(({ as }) => as === 'vote');
    expect(vote?.changes[0]?.words).to.equal('Votes for: Sets the policy benefitTierMinor/404 to 5000.');
    const approved = await whole<Signed>(`/officers/${OFFICERS.approver.officer}/signatures`, 'auditor');
    expect(approved.every(({ as }) => as === 'approver')).to.equal(true);
    expect(approved.length).to.be.greaterThan(5);
    const newest = await ask<Signed>(`${place}?newestFirst=true&limit=1`, 'member');
    expect(newest.rows[0]?.act).to.equal(lines.at(-1)?.act);
    const token = await app.token('member', 2);
    expect((await app.ask('GET', place, { token })).body.code).to.equal('nothing-recorded-of');
    const said = kudurru([
      ...['find', 'signed', OFFICERS.preparer.officer, '--gateway', app.url],
      ...['--token', await app.token('member', 1)],
    ]);
    expect(said.code, said.stderr).to.equal(0);
    expect(said.stdout).to.match(/UTC {2}Caution, as preparer, about parcel \S+[^\n]*\n {2}caution \d+/);
    expect(said.stdout).to.match(/UTC {2}Vote, about measure 0x[^\n]*\n {2}Votes for: Sets the policy/);
    expect(said.stdout).to.match(/\d+ signatures\.\n$/);
  });

  it('of land is found by number, by the id of its corners and on the map, with area and holders', async () => {
    const all = await whole<{ number: string; aliases: string[]; box: number[] }>(
      '/titles/search?office=1',
      'registrar',
    );
    expect(all).to.have.length(3);
    const [{ number, aliases, box }] = all as [(typeof all)[number]];
    for (const by of [`number=${encodeURIComponent(number)}`, `alias=${aliases[0]}`, `box=${box.join()}`]) {
      const { rows } = await ask<Row>(`/titles/search?office=1&${by}`, 'auditor');
      const found = rows.find((row) => row.number === number);
      expect(found, by).to.include({ standing: 'registered', number });
      expect(found?.computedAreaM2, by).to.be.greaterThan(1);
      expect(
        found?.holdings.map(({ share, partyKind, name }) => [share, partyKind, name]),
        by,
      ).to.deep.equal([['1/1', 'person', undefined]]);
    }
  });

  it('of land says what lies on a title, and of a free one that nothing does', async () => {
    type Lying = { readonly baUnit: string; readonly restrictions: readonly { readonly words: string }[] };
    for (const place of ['/titles/search?office=1', '/parcels?office=1']) {
      const { rows } = await ask<Lying>(place, 'registrar');
      const lying = new Map(rows.map(({ baUnit, restrictions }) => [baUnit, restrictions]));
      expect(
        lying.get(unit)?.map(({ words }) => words),
        place,
      ).to.have.length(1);
      expect(lying.get(unit)?.[0]?.words).to.match(
        /^caution \d+ on the unit, until \d+ \w+ 20\d\d, .*, stops \w+/,
      );
      expect([...lying].filter(([baUnit]) => baUnit !== unit).map(([, all]) => all)).to.deep.equal([[], []]);
    }
    const token = await app.token('registrar', 1);
    const said = kudurru(['find', 'parcels', '--office', '1', '--gateway', app.url, '--token', token]);
    expect(said.stdout, said.stderr).to.match(/registered, [^\n]*\n[^\n]*\n {2}caution \d+ on the unit/);
    expect(said.stdout.match(/no charge and no notice on it/g)).to.have.length(2);
  });

  it('of land reads as a page of the register, with number, area, shares, dates and what lies on it', async () => {
    type Page = { number?: string; areaM2?: number; inWords: string[] };
    const page = async (id: string, institution = 1) => {
      const told = await app.ask<Page>('GET', `/titles/${id}`, {
        token: await app.token('registrar', institution),
      });
      expect(told.status, told.text).to.equal(200);
      return told.body;
    };
    const told = await page(unit);
    expect([told.number !== undefined, (told.areaM2 ?? 0) > 1]).to.deep.equal([true, true]);
    const [first, right, held, caution] = told.inWords;
    expect(first).to.equal(
      'The unit is active, in office 1, of 1 piece of ground; it began by legacy on the evidence of public-document',
    );
    expect(right).to.equal('Right 1, ownership, absolute, sole');
    expect(held).to.match(/^Holding \d+ of right 1, person, 1 of 1$/);
    expect(caution).to.match(
      /^caution \d+ on the unit, until \d+ \w+ 20\d\d, \d\d:\d\d UTC, stops transfer$/,
    );
    expect(told.inWords.join()).not.to.match(/0x|\d{9}/);
    const free = (await ask<{ baUnit: string }>('/titles', 'registrar')).rows.find(
      ({ baUnit }) => baUnit !== unit,
    );
    expect((await page(free?.baUnit ?? '')).inWords.at(-1)).to.equal('No charge and no notice on it');
    expect(await page(unit, 2)).not.to.have.property('number');
  });

  it('of land shows number and area in the list of titles to the office that keeps them, and to no other', async () => {
    type Ground = { readonly number?: string; readonly areaM2?: number };
    for (const [role, institution, isShown] of [
      ['registrar', 1, true],
      ['auditor', 0, true],
      ['registrar', 2, false],
    ] as const) {
      const token = await app.token(role, institution);
      const { body } = await app.ask<Listed<Ground>>('GET', '/titles', { token });
      const shown = body.rows.map(({ number, areaM2 = 0 }) => number !== undefined && areaM2 > 1);
      expect(shown, `${role} of ${institution}`).to.deep.equal([isShown, isShown, isShown]);
    }
  });

  it('of land shows a registrar the names under a case, and each holder that it was read', async () => {
    const token = await app.token('registrar', 1);
    const headers = { 'X-Case-Reference': 'CASE-7' };
    const place = '/titles/search?office=1&limit=1&names=true';
    expect((await app.ask('GET', place, { token })).body.code).to.equal('case-reference-required');
    const auditor = await app.ask('GET', place, { token: await app.token('auditor', 0), headers });
    expect(auditor.body.code).to.equal('purpose-not-permitted');
    const told = await app.ask<Listed<Row>>('GET', place, { token, headers });
    expect(told.body.rows[0]?.holdings[0]?.name).to.equal('Synthetic Holder');
    const holders = await app.ask<{ rows: Row['holdings'] }>('GET', `/titles/${unit}/holders`, {
      token,
      headers,
    });
    expect(holders.body.rows[0]?.name).to.equal('Synthetic Holder');
    const place2 = `/titles/${unit}/holders`;
    expect((await app.ask('GET', place2, { token })).body.code).to.equal('case-reference-required');
  });

  it('reads on the command line as people write it, with units', async () => {
    const as = async (role: Role, ...args: string[]) => {
      const token = await app.token(role, 1);
      const told = kudurru(['find', ...args, '--gateway', app.url, '--token', token]);
      expect(told.code, told.stderr).to.equal(0);
      return told.stdout;
    };
    expect(await as('registrar', 'titles', '--office', '1')).to.match(
      /registered, [\d,]+\.\d\d m2[\s\S]*ownership 1, holding \d+: the whole, person[\s\S]*3 titles\./,
    );
    expect(await as('agency', 'programmes')).to.include('KES 10,000.00 funded');
    expect(await as('agency', 'vendors', '--limit', '2')).to.match(/3 vendors, 2 here\.\nNext page: --after/);
    expect(await as('agency', 'history', aid.programme)).to.match(
      /\d+ \w+ \d{4}, \d\d:\d\d UTC {2}Funds moved, by officer 0x\w+\.\.\.\w+ of institution 1 and officer/,
    );
    expect(await as('registrar', 'acts')).to.equal('None.\n');
    expect(await as('auditor', 'entries', '--limit', '5')).to.match(
      /\d+ \w+ \d{4}, \d\d:\d\d UTC {2}First registration, by officer [^\n]*\n {2}\S[^\n]* begins/,
    );
    await aid.act('/acts/pauses', { programme: aid.programme, pausedUntil: inHours(24) });
    expect(await as('agency', 'programmes')).to.match(/paused until \d+ \w+ \d{4}, \d\d:\d\d UTC/);
    await aid.act('/acts/resumptions', { programme: aid.programme });
    expect(await as('agency', 'programmes')).not.to.include('paused');
    const token = await app.token('registrar', 1);
    const named = kudurru([
      ...['find', 'titles', '--office', '1', '--names', '--gateway', app.url, '--token', token],
    ]);
    expect(named.stderr).to.include('Send the number of the case with `--case`.');
    const refused = kudurru(['find', 'titles', '--office', '9', '--gateway', app.url, '--token', token]);
    expect([refused.code, refused.stderr.includes('--office: office-of-another')]).to.deep.equal([1, true]);
  });

  it('is asked as of a date that people write, and says how one is written', async () => {
    const token = await app.token('registrar', 1);
    const asOf = (query: string) =>
      app.ask<{ version: string }>('GET', `/titles/${unit}?${query}`, { token });
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    expect((await asOf(`knownAt=${tomorrow}`)).body.version).to.equal('2');
    expect((await asOf(`knownAt=${tomorrow}T12:00%2B03:00&effectiveOn=${tomorrow}`)).body.version).to.equal(
      '2',
    );
    expect((await asOf('knownAt=2001-01-01')).status).to.equal(404);
    // The day of the registration is the whole of it, and not its first second, at which there was no title yet.
    const { recordedAt } = (await app.ask<{ recordedAt: string }>('GET', `/titles/${unit}`, { token })).body;
    const today = recordedAt.slice(0, 10);
    for (const query of [`effectiveOn=${today}`, `knownAt=${today}`, `knownAt=${today}&effectiveOn=${today}`])
      expect((await asOf(query)).body.version, query).to.equal('2');
    for (const wrong of ['2026-02-30', '29.11.2026', '2026-11-29T14:49']) {
      const told = await app.ask<{ errors: { pointer: string; detail: string }[] }>(
        ...(['GET', `/titles/${unit}?knownAt=${wrong}`, { token }] as const),
      );
      const [error] = told.body.errors;
      expect([told.status, error?.pointer], wrong).to.deep.equal([422, '/query/knownAt']);
      expect(error?.detail, wrong).to.include('it is not a date, such as 2026-11-29');
    }
    const caution = {
      ...{ kind: 'caution', baUnits: [unit], targetRight: 0, rank: 0, instrumentId: `0x${'87'.repeat(32)}` },
      ...{ holderKeyHash: ZERO_32, blocks: [], needsConsent: [], expiresOn: tomorrow },
    };
    const terms = [{ path: 'ground', value: 'Another dispute' }];
    const { id } = await app.act('registrar', '/acts/restrictions', { ...caution, terms });
    const { text } = await app.ask('GET', `/acts/${id}`, { token });
    expect(text, 'it stands to the end of its day').to.include(
      String(Date.parse(`${tomorrow}T23:59:59Z`) / 1000),
    );
  });

  it('of what nobody recorded anything about tells nothing', async () => {
    const token = await app.token('auditor', 0);
    const { status, body } = await app.ask('GET', `/history/0x${'99'.repeat(32)}`, { token });
    expect([status, body.code]).to.deep.equal([404, 'nothing-recorded-of']);
  });
});

function titleOf(baUnit: string) {
  const holder = {
    ...{ numerator: '1', partyKind: 'person', signer: 'own', keyHash: ZERO_32 },
    party: { name: 'Synthetic Holder' },
  };
  const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' };
  return { baUnit, origin: 'legacy', evidence: 'public-document', right: { ...right, holders: [holder] } };
}
