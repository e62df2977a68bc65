/**
 * What an act that was taken back said of people is in no file of the gateway, and the keys that would open it are gone:
 * the stores hold after it what they held before it, row for row.
 */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { demoParcels } from '../../scripts/demoData.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { keyStoreTables } from '../../server/store/dataKeys.ts';
import { openStores, PRECIOUS_TABLES } from '../../server/wiring/stores.ts';
import { Aid, EPOCH, syntheticPeople } from '../aid/aid.ts';
import { named } from '../chain/signing.ts';
import { type ActTold, type App, headOf, OFFICERS, startApp } from '../gateway/app.ts';
import { Needles } from './needles.ts';

/** What a person's data stand in. What grows with every request (answers, blocks) and stays (tombstones) is not. */
const OF_PEOPLE =
  /^(vault|lookups|sectors|commitments|carriedByActs|acts|actContents|enrolmentLists|roll.*|dataKeys|salts)$/;
const MARKED = {
  name: 'MARKED Achieng Zebra-Quill',
  idNumber: 'MARKED-55120931',
  phone: '+254799000111',
  address: 'MARKED 14 Kuria Lane',
};
const PEOPLE = 3;
const LAPSES_SECONDS = 6;
const TRIES_MAX = 100;

describe('people of acts that were taken back', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  let units: readonly string[];
  const ended: ActTold[] = [];
  let [rowsBefore, rowsAfter]: Readonly<Record<string, number>>[] = [];

  before(async () => {
    app = await startApp();
    const token = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 2 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token, file },
    });
    units = survey.body.recorded.map(({ baUnit }) => baUnit);
    await app.act('registrar', '/acts/registrations', { titles: [titleOf(units[0], 'Synthetic Holder')] });
    aid = new Aid(app, 'taken back');
    await aid.define();
    aid.people = (await aid.register(syntheticPeople(PEOPLE))).body.people;
    rowsBefore = await rowsOfPeople();
    for (let round = 0; round < 9; round++) await prepareAndTakeBack(round);
    rowsAfter = await rowsOfPeople();
  });
  after(() => app?.remove());

  function titleOf(baUnit: string | undefined, name: string, more: object = {}) {
    const holder = {
      ...{ numerator: '1', partyKind: 'person', signer: 'none', keyHash: ZERO_32 },
      party: { name, ...more },
    };
    const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' };
    const origin = { origin: 'legacy', evidence: 'public-document' };
    return { baUnit, ...origin, right: { ...right, holders: [holder] } };
  }

  async function prepared(role: 'registrar' | 'agency', place: string, fields: object): Promise<ActTold> {
    const told = await app.ask<ActTold>('POST', place, {
      token: await app.token(role, 1),
      body: { head: headOf(OFFICERS.preparer), ...fields },
    });
    expect(told.status, told.text).to.equal(201);
    return told.body;
  }

  async function prepareAndTakeBack(round: number): Promise<void> {
    const { name, ...more } = MARKED;
    const title = await prepared('registrar', '/acts/registrations', {
      titles: [titleOf(units[1], name, more)],
    });
    const caution = await prepared('registrar', '/acts/restrictions', {
      ...{ kind: 'caution', baUnits: [units[0]], targetRight: 1, rank: 0, instrumentId: named(`i ${round}`) },
      ...{ holderKeyHash: ZERO_32, blocks: ['transfer'], needsConsent: [] },
      ...{
        expiresOn: Math.floor(Date.now() / 1000) + 86_400,
        terms: [{ path: 'claim', value: MARKED.name }],
      },
    });
    // An officer who does not count is refused before anything is written.
    const stale = Object.assign(headOf(OFFICERS.preparer), { preparerEpoch: 9 });
    const refused = await app.ask('POST', '/acts/enrolments', {
      token: await app.token('agency', 1),
      body: { head: stale, ...aid.enrolmentOf(aid.people) },
    });
    expect(refused.body.code).to.equal('officer-epoch-stale');
    const enrolment = await prepared('agency', '/acts/enrolments', aid.enrolmentOf(aid.people));
    for (const [role, act] of [
      ['registrar', title],
      ['registrar', caution],
      ['agency', enrolment],
    ] as const) {
      ended.push(act);
      const token = await app.token(role, 1);
      expect((await app.ask('GET', `/acts/${act.id}`, { token })).status).to.equal(200);
      const told = await app.ask('DELETE', `/acts/${act.id}`, { token });
      expect(told.status, told.text).to.equal(200);
      expect((await app.ask('GET', `/acts/${act.id}`, { token })).status).to.equal(410);
    }
  }

  /** With the gateway stopped, as anybody counts who has the folder and its keys. */
  async function rowsOfPeople(): Promise<Readonly<Record<string, number>>> {
    await app.stop();
    const stores = await openStores(path.join(app.folder, 'data'), pino({ level: 'silent' }));
    const counted: [string, number][] = [];
    for (const [store, tables] of [
      [stores.store, PRECIOUS_TABLES],
      [stores.keyStore, keyStoreTables],
    ] as const) {
      for (const table of tables)
        if (OF_PEOPLE.test(table.name)) counted.push([table.name, await store.rows(table)]);
    }
    await stores.close();
    app = await startApp({ folder: app.folder });
    aid.app = app;
    return Object.fromEntries(counted);
  }

  it('leave no row and no key, however often it is tried: none of them had a place for good', () => {
    expect(ended).to.have.length(27);
    expect(Object.keys(rowsBefore ?? {}).length).to.be.greaterThan(10);
    expect(rowsAfter).to.deep.equal(rowsBefore);
  });

  it('leave none when they lapsed by their own time, though the gateway was started again since', async () => {
    const head = headOf(OFFICERS.preparer);
    const deadline = Math.floor(Date.now() / 1000) + LAPSES_SECONDS;
    const { name, ...more } = MARKED;
    const lapsing = await prepared('registrar', '/acts/registrations', {
      ...{ head: { ...head, deadline }, titles: [titleOf(units[1], name, more)] },
    });
    const token = await app.token('registrar', 1);
    const status = async () => (await app.ask('GET', `/acts/${lapsing.id}`, { token })).status;
    expect(await status()).to.equal(200);
    await setTimeout((LAPSES_SECONDS + 1) * 1_000);
    await app.stop();
    app = await startApp({ folder: app.folder });
    aid.app = app;
    for (let tries = 0; (await status()) !== 410 && tries < TRIES_MAX; tries++) await setTimeout(200);
    expect(await status()).to.equal(410);
    expect(await rowsOfPeople()).to.deep.equal(rowsBefore);
  });

  it('are in no file of the data folder, in whatever spelling', () => {
    const needles = new Needles(Object.values(MARKED));
    const folder = path.join(app.folder, 'data');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const found = files.flatMap(({ parentPath, name }) =>
      needles.findIn(readFileSync(path.join(parentPath, name))).map((one) => `${name}: ${one.form}`),
    );
    expect(files.length).to.be.greaterThan(10);
    expect(found).to.deep.equal([]);
  });

  it('may come again, and the checkup finds nothing', async () => {
    await aid.act('/acts/enrolments', aid.enrolmentOf(aid.people));
    await aid.loadSlots();
    const token = await app.token('agency', 1);
    const places = await app.ask<{ rows: object[] }>('GET', `${aid.path}/enrolments/${EPOCH}/places`, {
      token,
    });
    expect(places.body.rows).to.have.length(PEOPLE);
    const { name, ...more } = MARKED;
    await app.act('registrar', '/acts/registrations', { titles: [titleOf(units[1], name, more)] });
    const check = await app.ask<{ ok: boolean; findings: object[] }>('POST', '/checks', {
      token: await app.token('auditor', 0),
    });
    expect(check.body.findings).to.deep.equal([]);
    const headers = { 'X-Case-Reference': 'CASE-1' };
    const certificate = await app.ask('GET', `/titles/${units[1]}/certificate`, {
      ...{ token: await app.token('registrar', 1), headers },
    });
    expect(certificate.text).to.include(MARKED.name);
  });
});
