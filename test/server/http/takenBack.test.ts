/**
 * A request that comes again after what it prepared was taken back: it is told so, whatever it prepared, makes no second
 * act in silence, and under a key of its own prepares the same anew. What a file gave stays what it gave.
 */

import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import { Aid } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  preparationBy,
  startApp,
} from '../../gateway/app.ts';
import { kudurru } from '../../gateway/kudurru.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

const consentOfNobody = {
  ...{ part: 'consent', place: 0, signature: `0x${'5a'.repeat(64)}` },
  consent: {
    ...{ notBefore: 0, deadline: 9_999_999_999, mandateCommitment: ZERO_32 },
    ...{ kind: 'secp256k1', salt: ZERO_32, key: '0x' },
  },
};

describe('a request whose act was taken back', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  let baUnit: string;
  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'a programme of second thoughts');
    await aid.define();
    const taken = await aid.register(['S-1;Synthetic First;2;Well', ';Synthetic Second;3;Well']);
    expect(taken.status, taken.text).to.equal(200);
    aid.people = taken.body.people;
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      token: await app.token('registrar', 1),
      file: { text: collection([feature('T/1', [square(72, 1)])]), type: 'application/geo+json' },
    });
    baUnit = survey.body.recorded[0]?.baUnit ?? '';
  });
  after(() => app?.remove());

  const holder = () => ({
    ...{ numerator: '1', partyKind: 'person', signer: 'none', keyHash: ZERO_32 },
    party: { name: 'Synthetic Holder', idNumber: 'ID-78' },
  });
  const right = () => ({
    ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
    holders: [holder()],
  });
  const REQUESTS = [
    ['agency', '/acts/programmes', () => new Aid(app, 'another programme').policy()],
    ['agency', '/acts/enrolments', () => aid.enrolmentOf(aid.people)],
    ['agency', '/acts/vendors', () => ({ vendor: named('a shop'), standing: 'active', from: 0 })],
    [
      ...(['registrar', '/acts/registrations'] as const),
      () => ({ titles: [{ baUnit, origin: 'legacy', evidence: 'public-document', right: right() }] }),
    ],
  ] as const;

  /** Told as over to whoever could have read or signed it, whichever way they come, and to nobody else. */
  async function isOver(role: 'agency' | 'registrar', id: string, act: ActTold, place: string) {
    const token = await app.token(role, 1, 'second');
    const other = await app.token(role === 'agency' ? 'registrar' : 'agency', 1);
    const by = `/acts/${id}/signatures`;
    const order = { officer: OFFICERS.preparer.officer, epoch: 1, act: id };
    for (const [who, method, path, body] of [
      [token, 'GET', `/acts/${id}`, undefined],
      [await app.token('auditor', 0), 'GET', `/acts/${id}`, undefined],
      [token, 'DELETE', `/acts/${id}`, undefined],
      [token, 'POST', by, preparationBy(OFFICERS.preparer, act)],
      [token, 'POST', by, approvalBy(OFFICERS.approver, act)],
      [token, 'POST', by, consentOfNobody],
      [token, 'POST', '/acts/withdrawals', order],
    ] as const) {
      const told = await app.ask(method, path, { token: who, body });
      expect([told.status, told.body.code], `${place} ${method} ${path} ${told.text}`).to.deep.equal([
        ...[410, 'act-ended'],
      ]);
      if (who !== token) continue;
      const stranger = await app.ask(method, path, { token: other, body });
      expect(stranger.status, `${place} ${method} ${path} ${stranger.text}`).to.be.oneOf([403, 404]);
      expect(stranger.body.code).to.not.equal('act-ended');
    }
  }

  it('is told so, and prepares the same under another key alone', async () => {
    for (const [role, place, fields] of REQUESTS) {
      const token = await app.token(role, 1);
      const body = { head: headOf(OFFICERS.preparer), ...fields() };
      const key = randomUUID();
      const first = await app.ask<ActTold>('POST', place, { token, body, key });
      expect(first.status, first.text).to.equal(201);
      const { id } = first.body;
      expect((await app.ask<ActTold>('POST', place, { token, body, key })).body.id, place).to.equal(id);
      expect((await app.ask('DELETE', `/acts/${id}`, { token })).status, place).to.equal(200);
      for (let again = 0; again < 2; again++) {
        const told = await app.ask('POST', place, { token, body, key });
        expect([told.status, told.body.code], place).to.deep.equal([410, 'act-ended']);
      }
      await isOver(role, id, first.body, place);
      const anew = await app.ask<ActTold>('POST', place, { token, body });
      expect(anew.status, `${place} ${anew.text}`).to.equal(201);
      expect((await app.ask('DELETE', `/acts/${anew.body.id}`, { token })).status, place).to.equal(200);
    }
  });

  it('stays in the history of its parcel, with who took it back, and without a word about people', async () => {
    interface Told {
      readonly total: number;
      readonly takenBack?: readonly {
        readonly words: string;
        readonly takenBackBy?: { readonly roles: string[]; readonly label?: string };
        readonly signed: readonly string[];
      }[];
    }
    const { body: issued } = await app.ask<{ token: string }>('POST', '/tokens', {
      token: app.administrator(),
      body: { roles: ['registrar'], institution: 1, days: 1, label: 'Counter 3' },
    });
    const { token } = issued;
    const titles = [{ baUnit, origin: 'legacy', evidence: 'public-document', right: right() }];
    const body = { head: headOf(OFFICERS.preparer), titles };
    const made = await app.ask<ActTold>('POST', '/acts/registrations', { token, body });
    const part = preparationBy(OFFICERS.preparer, made.body);
    await app.ask('POST', `/acts/${made.body.id}/signatures`, { token, body: part });
    expect((await app.ask('DELETE', `/acts/${made.body.id}`, { token })).status).to.equal(200);
    const history = async (as: string) => app.ask<Told>('GET', `/history/${baUnit}`, { token: as });
    const told = await history(await app.token('registrar', 1));
    expect([told.status, told.body.total], told.text).to.deep.equal([200, 0]);
    const [newest, ...before] = told.body.takenBack ?? [];
    expect(before.length, 'those of the tests before').to.equal(2);
    expect(newest?.words).to.match(
      /^The first registration of a title, about parcel T\/1, prepared in institution 1 and signed by its preparer, was taken back on \d+ \w+ \d{4}, \d\d:\d\d UTC by registrar of institution 1 \(Counter 3\)$/,
    );
    expect(newest?.takenBackBy).to.deep.include({ roles: ['registrar'], label: 'Counter 3' });
    for (const word of ['Synthetic Holder', 'ID-78']) expect(told.text).not.to.include(word);
    expect((await history(await app.token('auditor', 0))).text).not.to.include('Counter 3');
    for (const [role, institution] of [
      ['registrar', 2],
      ['agency', 1],
      ['member', 1],
    ] as const) {
      const other = await app.ask('GET', `/history/${baUnit}`, { token: await app.token(role, institution) });
      expect(other.body.code, `${role} of ${institution}`).to.equal('nothing-recorded-of');
    }
    const said = kudurru(['find', 'history', baUnit, '--gateway', app.url, '--token', token]);
    expect(said.stdout).to.match(/^None\.\nNever recorded:\n {2}The first registration[^\n]*Counter 3/);
    const programme = await app.ask<Told>('GET', `/history/${aid.programme}`, {
      token: await app.token('agency', 1),
    });
    expect(programme.body.takenBack?.map(({ words }) => words)[0]).to.match(
      /, prepared in institution 1 and signed by nobody, was taken back on/,
    );
  });

  it('has not changed whom a list named, nor what a roll is', async () => {
    const before = aid.people.map(({ personId }) => personId);
    const again = await aid.register(['S-1;Synthetic First;2;Well', ';Synthetic Second;3;Well']);
    expect(again.body.people.map(({ personId }) => personId)).to.deep.equal(before);
    await aid.act('/acts/enrolments', aid.enrolmentOf(aid.people));
    await aid.loadSlots();
    const roll = () => aid.putRoll<{ root: string }>(`id,units\n${before[0]},2\n${before[1]},3`, 2, 5);
    const first = await roll();
    expect(first.status, first.text).to.equal(200);
    expect((await roll()).text).to.equal(first.text);
  });

  it('has no cycle 0: neither a roll of it nor anything else', async () => {
    const text = 'id,units\nS-1,2';
    const file = { text, type: 'text/csv' };
    const place = `${aid.path}/cycles/0/roll?enrolmentEpoch=1&entryBytes=4&declaredCount=1&declaredUnits=2`;
    const told = await aid.ask('PUT', place, { file });
    expect(told.status, told.text).to.equal(422);
    for (const where of ['roll/refused', 'units'])
      expect(
        (await aid.ask(where === 'units' ? 'POST' : 'GET', `${aid.path}/cycles/0/${where}`)).status,
      ).to.equal(422);
  });
});
