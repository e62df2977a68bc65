/**
 * Two institutions with one title between them: what the second is shown of an act it must approve, and what a
 * certificate says where the second keeps some of what stands behind it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { readCertificate } from '../../../server/domain/audit/certificate.ts';
import { verifyCertificate } from '../../../server/domain/audit/verifyCertificate.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import {
  type BAUnitId,
  LAND_ACTS,
  numberOf,
  type Role as OfficerRole,
} from '../../../server/domain/base/terms.ts';
import { TWO_INSTITUTION_ACTS_POLICY } from '../../../server/domain/land/policies.ts';
import type { OwnPlace } from '../../../server/domain/people/ownProof.ts';
import type { Role } from '../../../server/http/route.ts';
import { named, officerOf } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  preparationBy,
  startApp,
  type TokenBinding,
} from '../../gateway/app.ts';
import { carriedOut, decided, everyOffice, inHours, proposed, recordOf } from '../../gateway/members.ts';
import { proven } from '../../gateway/ownProof.ts';
import {
  HOLDER_KEY,
  HOLDER_SALT,
  prepareTransfer,
  registerUnits,
  sendPart,
} from '../../gateway/transfers.ts';

const NAME = 'Synthetic Holder';
const TERMS = 'lodged by a synthetic creditor';
const DAY_SECONDS = 86_400;

/** Until the deadline of an act that nobody signs in time. */
const LATE_SECONDS = 5;
const LOOK_EVERY_MS = 100;

describe('a title of a ledger that is being founded', function () {
  this.timeout(240_000);
  let app: App;
  before(async () => {
    const value = 1n << BigInt(numberOf(LAND_ACTS, 'transfer'));
    const officers = [OFFICERS.preparer, OFFICERS.approver];
    app = await startApp({ officers, policies: [{ name: TWO_INSTITUTION_ACTS_POLICY, value }] });
  });
  after(() => app?.remove());

  it('is shown to no second institution, which approves nothing before two are seated', async () => {
    const [unit = ''] = await registerUnits(app, 1);
    const roles = ['land-approver', 'admin-preparer', 'admin-approver', 'vote', 'pause'] as const;
    const newcomers = ['one', 'two', 'three'].map((name) => recordOf(app, officerOf(2, name), roles));
    const measure = await proposed(
      ...([app, OFFICERS.preparer, { kind: 'admit-institution', institution: 2, roles }, newcomers] as const),
    );
    expect((await carriedOut(app, measure)).body.state).to.equal('PROJECTED');
    const { body } = await app.ask<{ isSeated: boolean }>('GET', '/consortium', {
      token: await app.token('auditor', 0),
    });
    expect(body.isSeated).to.equal(false);
    const transfer = await prepareTransfer(app, unit);
    await sendPart(app, 'preparer', transfer);
    const told = await app.ask('GET', `/acts/${transfer.act.id}?purpose=registration`, {
      token: await app.token('registrar', 2),
    });
    expect([told.body.code, told.text.includes(NAME)]).to.deep.equal(['approval-not-asked', false]);
    // A pause is prepared as one of two institutions all the same, and one approves it until two are seated.
    const head = everyOffice(OFFICERS.preparer);
    const fields = { head, scopes: ['settlement'], until: inHours(9) };
    const token = await app.token('member', 1);
    const pause = await app.ask<ActTold>('POST', '/acts/long-pauses', { token, body: fields });
    const signature = preparationBy(OFFICERS.preparer, pause.body);
    const signed = await app.ask('POST', `/acts/${pause.body.id}/signatures`, { token, body: signature });
    expect(signed.status, signed.text).to.equal(201);
    const asked = await app.ask('GET', `/acts/${pause.body.id}?purpose=registration`, {
      token: await app.token('member', 2),
    });
    expect(asked.body.code).to.equal('approval-not-asked');
  });
});

describe('a title between two institutions', function () {
  this.timeout(300_000);
  let app: App;
  let units: readonly string[];
  before(async () => {
    const value = 1n << BigInt(numberOf(LAND_ACTS, 'transfer'));
    app = await startApp({ policies: [{ name: TWO_INSTITUTION_ACTS_POLICY, value }] });
    units = await registerUnits(app, 2);
  });
  after(() => app?.remove());

  const asks = async (place: string, role: Role, institution: number, bound?: TokenBinding) => {
    const token = await app.token(role, institution, 'first', bound);
    const { status, body, text } = await app.ask('GET', place, { token });
    return { status, code: body.code, isNamed: text.includes(NAME) };
  };

  it('shows whom an act names to the institution that is asked to approve it, then, and to nobody else', async () => {
    const transfer = await prepareTransfer(app, units[0] ?? '');
    const { id } = transfer.act;
    const place = `/acts/${id}?purpose=registration`;
    const notAsked = { status: 403, code: 'approval-not-asked', isNamed: false };
    expect(await asks(place, 'registrar', 2), 'before its preparer has signed').to.deep.equal(notAsked);
    await sendPart(app, 'preparer', transfer);
    expect(await asks(place, 'registrar', 2)).to.include({ status: 200, isNamed: true });
    expect(await asks(`/acts/${id}`, 'registrar', 2), 'for no purpose').to.include({
      ...{ status: 200, isNamed: false },
    });
    const closed = await app.ask<{ withheld?: string }>('GET', `/acts/${id}`, {
      token: await app.token('registrar', 2),
    });
    expect(closed.body.withheld).to.include('?purpose=registration');
    for (const institution of [0, 1, 2]) {
      expect(await asks(place, 'auditor', institution)).to.deep.equal(notAsked);
      expect(await asks(`/acts/${id}`, 'auditor', institution)).to.include({ status: 200, isNamed: false });
    }
    // A token is bound to an office that its institution keeps.
    const office2 = { kind: 'move-office', institution: 2, office: 2 };
    await decided(app, [OFFICERS.preparer, OFFICERS.secondPreparer], office2);
    for (const [role, bound] of [
      ['agency', {}],
      ['registrar', { office: 2 }],
    ] as const) {
      const told = await asks(place, role, 2, bound);
      expect(told, role).to.deep.equal({ status: 404, code: 'act-missing', isNamed: false });
    }
    await sendPart(app, 'consent', transfer);
    const told = await app.ask('POST', `/acts/${id}/signatures`, {
      token: await app.token('registrar', 2),
      headers: { Prefer: 'wait=20' },
      body: approvalBy(OFFICERS.secondApprover, transfer.act),
    });
    expect(told.status, told.text).to.equal(202);
    expect(await asks(place, 'registrar', 2), 'once it is carried out').to.deep.equal(notAsked);
    // The person who bought sees in her own list that she was shown, to whom, and for which act.
    const title = await app.ask<{ state: { rights: { holdings: { holdingId: number }[] }[] } }>(
      'GET',
      `/titles/${units[0]}`,
      { token: await app.token('registrar', 1) },
    );
    const { holdingId = 0 } = title.body.state.rights[0]?.holdings[0] ?? {};
    const own: OwnPlace = { kind: 'holding', baUnit: units[0] as BAUnitId, holdingId };
    const { body: hers } = await app.ask<{ access: { lines: object[] } }>('POST', '/own-data/readings', {
      body: await proven(app, { place: own, key: HOLDER_KEY, salt: HOLDER_SALT }),
    });
    const shown = hers.access.lines.filter((line) => 'channel' in line && line.channel === 'transfer');
    expect(shown).to.have.length(1);
    expect(shown[0]).to.include({
      ...{ institution: 2, receiver: 2, purpose: 'registration', caseReference: `act:${id}` },
    });
  });

  const isShown = async (id: string, institution: number) => {
    const { status, code, isNamed } = await asks(
      `/acts/${id}?purpose=registration`,
      'registrar',
      institution,
    );
    return isNamed ? 'shown' : (code ?? status);
  };
  const admitted = (institution: number, roles: readonly OfficerRole[]) =>
    decided(
      app,
      [OFFICERS.preparer, OFFICERS.secondPreparer],
      { kind: 'admit-institution', institution, roles },
      ['one', 'two', 'three'].map((name) =>
        recordOf(app, officerOf(institution, `${name} of ${institution}`), roles),
      ),
    );

  it('shows whom an act names to no institution that could not approve it: without an approver, suspended, too late', async () => {
    const admins = ['admin-preparer', 'admin-approver', 'vote'] as const;
    await admitted(3, ['land-preparer', ...admins]);
    await admitted(4, ['land-approver', ...admins]);
    const transfer = await prepareTransfer(app, units[0] ?? '');
    await sendPart(app, 'preparer', transfer);
    const { id } = transfer.act;
    const shownTo = () => Promise.all([2, 3, 4].map((institution) => isShown(id, institution)));
    expect(await shownTo()).to.deep.equal(['shown', 'approval-not-asked', 'shown']);
    await decided(app, [OFFICERS.preparer, OFFICERS.secondPreparer], {
      ...{ kind: 'suspend-institution', institution: 4 },
    });
    expect(await shownTo()).to.deep.equal(['shown', 'approval-not-asked', 'approval-not-asked']);
    await sendPart(app, 'take-back', transfer);
    const deadline = Math.floor(Date.now() / 1000) + LATE_SECONDS;
    const late = await app.ask<ActTold>('POST', '/acts/transfers', {
      token: await app.token('registrar', 1),
      body: { ...transfer.body, head: { ...headOf(OFFICERS.preparer), deadline } },
    });
    const signed = await app.ask('POST', `/acts/${late.body.id}/signatures`, {
      token: await app.token('registrar', 1),
      body: preparationBy(OFFICERS.preparer, late.body),
    });
    expect(signed.status, signed.text).to.equal(201);
    expect(await isShown(late.body.id, 2)).to.equal('shown');
    while (Date.now() < (deadline + 1) * 1000) await delay(LOOK_EVERY_MS);
    expect(await isShown(late.body.id, 2)).to.equal('approval-not-asked');
  });

  it('stands in the inbox of whoever can sign next, with its parcel and whose signature it lacks', async () => {
    type Row = { id: string; subject: string; what: string; missingFrom: string[] };
    const inbox = async (institution: number, query = '', name = 'first') => {
      const token = await app.token('registrar', institution, name);
      const told = await app.ask<{ rows: Row[] }>('GET', `/acts${query}`, { token });
      expect(told.status, told.text).to.equal(200);
      return told.body.rows;
    };
    const transfer = await prepareTransfer(app, units[0] ?? '');
    const { id } = transfer.act;
    const isIn = async (...asked: Parameters<typeof inbox>) =>
      (await inbox(...asked)).some((row) => row.id === id);
    expect([await isIn(1, '?waitsFor=me'), await isIn(1, '?waitsFor=me', 'second')]).to.deep.equal([
      true,
      false,
    ]);
    expect(await isIn(2), 'before its preparer has signed').to.equal(false);
    await sendPart(app, 'preparer', transfer);
    expect([await isIn(1, '?waitsFor=me'), await isIn(1, '?waitsFor=institution')]).to.deep.equal([
      false,
      false,
    ]);
    expect([
      await isIn(2),
      await isIn(2, '?waitsFor=institution'),
      await isIn(2, '?waitsFor=me'),
    ]).to.deep.equal([...[true, true, true]]);
    const officer = (one: { officer: string }) => `?waitsFor=me&officer=${one.officer}`;
    expect(await isIn(2, officer(OFFICERS.secondApprover))).to.equal(true);
    expect(await isIn(2, officer(OFFICERS.approver)), 'of the institution that prepared it').to.equal(false);
    const own = (await inbox(1)).find((row) => row.id === id);
    expect(own?.subject).to.match(/^parcel \S/);
    expect(own?.missingFrom[0]).to.equal('another officer, of another institution than 1, as land-approver');
    expect((await inbox(2)).find((row) => row.id === id)?.subject).to.match(/^unit 0x/);
    await sendPart(app, 'take-back', transfer);
    const token = await app.token('registrar', 1);
    const caution = cautionOn(units[1] ?? '', [{ path: 'reason', value: TERMS }]);
    const body = { head: headOf(OFFICERS.preparer), ...caution };
    const alone = await app.ask<ActTold>('POST', '/acts/restrictions', { token, body });
    expect((await inbox(1)).find((row) => row.id === alone.body.id)?.what).to.equal('a caution');
    expect((await inbox(2)).map((row) => row.id)).not.to.include(alone.body.id);
    // Two officers of one office may hand in with one token: who looks through the inbox says which of them it is.
    const first = preparationBy(OFFICERS.preparer, alone.body);
    await app.ask('POST', `/acts/${alone.body.id}/signatures`, { token, body: first });
    const waits = async (query: string) => (await inbox(1, query)).some(({ id }) => id === alone.body.id);
    expect(await waits(officer(OFFICERS.approver)), 'by the same token').to.equal(true);
    expect(await waits(officer(OFFICERS.preparer))).to.equal(false);
    await app.ask('DELETE', `/acts/${alone.body.id}`, { token });
  });

  it('shows nothing of an act that one institution signs alone', async () => {
    const token = await app.token('registrar', 1);
    const [, unit = ''] = units;
    const terms = [{ path: 'reason', value: TERMS }];
    const caution = cautionOn(unit, terms);
    const alone = await app.ask<{ id: string }>('POST', '/acts/restrictions', {
      token,
      body: { head: headOf(OFFICERS.preparer), ...caution },
    });
    expect(alone.status, alone.text).to.equal(201);
    const told = await asks(`/acts/${alone.body.id}?purpose=registration`, 'registrar', 2);
    expect(told).to.deep.equal({ status: 403, code: 'approval-not-asked', isNamed: false });
  });

  it('is certified by its keeper, who leaves out what the other keeps and says so', async () => {
    const [, unit = ''] = units;
    const by = [OFFICERS.secondPreparer, OFFICERS.secondApprover] as const;
    await app.act('registrar', '/acts/restrictions', cautionOn(unit, [{ path: 'reason', value: TERMS }]), by);
    const told = await app.ask('GET', `/titles/${unit}/certificate`, {
      token: await app.token('registrar', 1),
      headers: { 'X-Case-Reference': 'CASE-1' },
    });
    expect(told.status, told.text).to.equal(200);
    expect([told.text.includes(NAME), told.text.includes(TERMS)]).to.deep.equal([true, false]);
    const { intact, anchored } = verifyCertificate(app.trust(), readCertificate(told.text));
    expect([intact.verdict, anchored.verdict]).to.deep.equal(['yes', 'yes']);
    const left = intact.verdict === 'yes' ? intact.facts.filter(({ shown, all }) => shown !== all) : [];
    expect(left.map(({ of, shown }) => [of.split('/')[0], shown])).to.deep.equal([['restriction', 0]]);
  });
});

function cautionOn(baUnit: string, terms: readonly object[]) {
  return {
    ...{ kind: 'caution', baUnits: [baUnit], targetRight: 1, rank: 0, instrumentId: named('a claim') },
    ...{ holderKeyHash: ZERO_32, blocks: [], needsConsent: [], terms },
    expiresOn: Math.floor(Date.now() / 1000) + 30 * DAY_SECONDS,
  };
}
