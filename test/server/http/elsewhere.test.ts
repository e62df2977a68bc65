/**
 * What was begun around this gateway, or ended badly at it: measures proposed elsewhere, acts that reverted, and orders that
 * would do nothing.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { callOfOrder } from '../../../server/domain/acts/call.ts';
import { ORDERS } from '../../../server/domain/acts/orders.ts';
import { readActFile } from '../../../server/domain/signer/actFile.ts';
import { officerOf } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  freePort,
  headOf,
  OFFICERS,
  type OperationTold,
  type Problem,
  preparationBy,
  startApp,
} from '../../gateway/app.ts';
import { relay } from '../../gateway/around.ts';
import { kudurru } from '../../gateway/kudurru.ts';
import {
  carriedOut,
  everyOffice,
  inHours,
  type MeasureTold,
  ordered,
  recordOf,
  standing,
  voted,
} from '../../gateway/members.ts';
import { prepareTransfer, registerUnits, sendPart } from '../../gateway/transfers.ts';

const { preparer, approver, secondPreparer, secondApprover } = OFFICERS;
const ROLES_OF_ADMINS = ['admin-preparer', 'admin-approver', 'vote'] as const;
/** One more than the places an institution once had. */
const THEFTS = 65;
/** A pause that is signed at the same moment comes first within a few tries. */
const RACES = 40;

describe('what was begun around this gateway, or failed at it', function () {
  this.timeout(300_000);
  let app: App;
  let rpcPort: number;
  before(async () => {
    rpcPort = await freePort();
    app = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
  });
  after(() => app?.remove());

  const asked = async (place: string, fields: object, by = preparer, bound = {}) =>
    app.ask<ActTold & Problem>('POST', place, {
      token: await app.token('member', by.institution, 'first', bound),
      body: fields,
    });
  const newcomers = (institution: number, name: string) =>
    ['one', 'two', 'three'].map((one) =>
      recordOf(app, officerOf(institution, `${name} ${one}`), ROLES_OF_ADMINS),
    );
  const admission = (institution: number) => ({
    ...{ kind: 'admit-institution', institution, roles: ROLES_OF_ADMINS },
  });
  const proposal = (institution: number, officers: readonly object[], by = preparer) => ({
    ...{ officer: by.officer, epoch: by.epoch, proposal: admission(institution), officers },
    ...{ closesAt: inHours(24), salt: `0x${'5a'.repeat(16)}` },
  });
  const newest = async () => {
    const token = await app.token('member', 1);
    const { body } = await app.ask<{ rows: MeasureTold[] }>('GET', '/measures?open=true&limit=1', { token });
    return body.rows[0] ?? expect.fail('no measure is open');
  };

  /** As a member's own machine sends it, through no gateway. */
  async function sentAround(told: ActTold): Promise<void> {
    const { act, items } = readActFile(JSON.stringify(told.prepared));
    expect(items.length).to.be.greaterThan(0);
    const { signature } = preparationBy(preparer, told);
    const call = callOfOrder(ORDERS.Vote, { typedData: act, args: [act.message] }, signature);
    await relay(app, rpcPort, call);
  }

  it('keeps whom a measure appoints with an officer’s signature, and for no token alone', async () => {
    const codes: string[] = [];
    for (let i = 0; i < THEFTS; i++) {
      const told = await asked('/acts/votes', proposal(9, newcomers(9, `of a thief ${i}`)));
      if (told.status !== 201) codes.push(told.body.code);
    }
    console.log(`      proposals that nobody signed | ${THEFTS} tried | ${codes.length} places taken`);
    expect(codes).to.deep.equal([]);
    await ordered(app, '/acts/votes', proposal(3, newcomers(3, 'honest')), preparer);
    expect((await newest()).appointments).to.have.length(3);
  });

  it('votes on a measure that another gateway opened, for who names its officers and nobody else', async () => {
    const officers = newcomers(4, 'elsewhere');
    const told = await asked('/acts/votes', proposal(4, officers));
    expect(told.status, told.text).to.equal(201);
    await sentAround(told.body);
    const measure = await newest();
    expect(measure).to.deep.include({ state: 'voting', inFavour: [1] });
    expect(measure.appointments).to.equal(undefined);
    const vote = { officer: secondPreparer.officer, epoch: 1, measure: measure.measureId };
    for (const [named_, code] of [
      [{}, 'appointments-unknown'],
      [{ officers: newcomers(4, 'others') }, 'appointments-differ'],
      [{ officers: [...officers].reverse() }, 'appointments-differ'],
      [{ officers: officers.slice(1) }, 'appointments-differ'],
    ] as const) {
      const refused = await asked('/acts/votes', { ...vote, ...named_ }, secondPreparer);
      expect([refused.body.code, refused.body.errors?.[0]?.pointer]).to.deep.equal([code, '/officers']);
    }
    const written = (name: string, content: string) => {
      const file = path.join(app.folder, name);
      writeFileSync(file, content);
      return file;
    };
    const args = ['member', 'vote', measure.measureId, '--gateway', app.url];
    const by = ['--by', written('by.json', JSON.stringify(recordOf(app, secondPreparer)))];
    const token = ['--token', written('token', await app.token('member', 2))];
    const given = officers.flatMap((one, i) => ['--officer', written(`${i}.json`, JSON.stringify(one))]);
    const out = ['--out', path.join(app.folder, 'vote.json')];
    const command = kudurru([...args, ...by, ...token, ...given, ...out]);
    expect(command.code, command.stderr).to.equal(0);
    expect(command.stdout).to.match(/^Votes for this: Admits institution 4 with 3 officers/);
    const fields = { measure: measure.measureId, officers };
    const { prepared } = await ordered(app, '/acts/votes', fields, secondPreparer);
    expect(readActFile(JSON.stringify(prepared.prepared)).items).to.have.length(3);
    expect((await standing(app, measure)).appointments, 'known since').to.have.length(3);
    const done = await carriedOut(app, measure);
    expect(done.body.state, done.text).to.equal('PROJECTED');
  });

  it('takes no list of officers for a measure that appoints nobody', async () => {
    const salt = `0x${'6b'.repeat(16)}`;
    const quorum = { proposal: { kind: 'set-quorum', quorum: 2 }, officers: [], closesAt: inHours(9), salt };
    await ordered(app, '/acts/votes', quorum, preparer);
    const measure = await newest();
    const vote = { officer: secondPreparer.officer, epoch: 1, measure: measure.measureId };
    const told = await asked('/acts/votes', { ...vote, officers: newcomers(4, 'none') }, secondPreparer);
    expect(told.body.code).to.equal('appointments-differ');
    await voted(app, secondPreparer, measure);
  });

  const record = (from: number, to: number) =>
    asked('/acts/votes', {
      ...{ officer: preparer.officer, epoch: 1, proposal: { kind: 'record-halt', from, to }, officers: [] },
      ...{ closesAt: inHours(2), salt: `0x${'7c'.repeat(16)}` },
    });

  it('refuses a halt outside of what the ledger takes, by the bound it passed', async () => {
    for (const [from, to, pointer, code] of [
      [inHours(-2), inHours(-2), '/proposal/from', 'halt-too-short'],
      [inHours(-2), inHours(-3), '/proposal/from', 'halt-too-short'],
      [inHours(-2), inHours(-2) + 3_599, '/proposal/from', 'halt-too-short'],
      [0, 7_200, '/proposal/to', 'halt-too-old'],
      [inHours(-24 * 15), inHours(-24 * 14) - 60, '/proposal/to', 'halt-too-old'],
      [inHours(-2), inHours(1), '/proposal/to', 'halt-not-over'],
    ] as const) {
      const told = await record(from, to);
      const [error] = told.body.errors ?? [];
      expect([told.body.code, error?.pointer], `${from} to ${to}`).to.deep.equal([code, pointer]);
    }
    const silent = await record(inHours(-3), inHours(-1));
    expect(silent.status, silent.text).to.equal(201);
    const { message } = readActFile(JSON.stringify(silent.body.prepared)).act;
    expect(String((message.measure as { value: bigint }).value)).to.match(/^[1-9]/);
  });

  it('prepares no withdrawal that would withdraw nothing', async () => {
    const [unit = ''] = await registerUnits(app, 1);
    const transfer = await prepareTransfer(app, unit);
    const token = await app.token('registrar', 1);
    const withdrawal = (by: typeof preparer) =>
      app.ask<ActTold & Problem>('POST', '/acts/withdrawals', {
        ...{ token, body: { officer: by.officer, epoch: 1, act: transfer.act.id } },
      });
    const early = await withdrawal(approver);
    expect([early.body.code, early.body.errors?.[0]?.pointer]).to.deep.equal([
      ...['withdrawal-without-effect', '/officer'],
    ]);
    expect((await withdrawal(preparer)).status).to.equal(201);
    await sendPart(app, 'approver', transfer);
    expect((await withdrawal(approver)).status).to.equal(201);
    await sendPart(app, 'preparer', transfer);
    const done = await sendPart(app, 'consent', transfer);
    expect(done.status, done.text).to.equal(202);
    const { body } = await app.ask<ActTold>('GET', `/acts/${transfer.act.id}`, { token });
    await app.ask('GET', body.operation ?? '', { token, headers: { Prefer: 'wait=20' } });
    const late = await withdrawal(preparer);
    expect([late.body.code, late.body.errors?.[0]?.pointer]).to.deep.equal(['act-executed', '/act']);
  });

  it('names the register that had an entry inside of a halt, and when', async () => {
    // An entry of its last second is not inside it, and it ended before this one.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const busy = await record(inHours(-2), inHours(0) - 1);
    expect([busy.body.code, busy.body.errors?.[0]?.pointer], busy.text).to.deep.equal([
      ...['halt-entry-inside', '/proposal'],
    ]);
    expect(busy.text).to.match(/The register [a-z]+ recorded an entry on [^"]*, inside the halt\./);
  });

  it('orders again, once, what reverted on the ledger, as soon as the cause is gone', async () => {
    const signs = async (by: typeof preparer, act: ActTold, isApproval = false, name = 'first') =>
      app.ask<ActTold & Problem>('POST', `/acts/${act.id}/signatures`, {
        token: await app.token('member', by.institution, name),
        headers: { Prefer: 'wait=20' },
        body: isApproval ? approvalBy(by, act) : preparationBy(by, act),
      });
    const operationOf = async ({ operation = '' }: ActTold) => {
      const token = await app.token('member', 1);
      return (await app.ask<OperationTold>('GET', operation, { token, headers: { Prefer: 'wait=20' } })).body;
    };
    const pause = async (place: string, fields: object) => {
      const told = await asked(place, { head: everyOffice(preparer), scopes: ['officers'], ...fields });
      expect(told.status, told.text).to.equal(201);
      await signs(preparer, told.body);
      return told.body;
    };
    let reverted: { readonly body: object; readonly act: ActTold } | undefined;
    for (let i = 0; i < RACES && reverted === undefined; i++) {
      const body = {
        head: everyOffice(preparer),
        officer: recordOf(app, officerOf(1, `new ${i}`), ['vote']),
      };
      const told = await asked('/acts/appointments', body);
      expect(told.status, told.text).to.equal(201);
      await signs(preparer, told.body);
      const stop = await pause('/acts/long-pauses', { until: inHours(24) });
      const [, ended] = await Promise.all([
        signs(secondApprover, stop, true),
        signs(approver, told.body, true, 'second'),
      ]);
      const state = ended.status === 202 ? (await operationOf(ended.body)).state : ended.body.code;
      if (state === 'REVERTED') reverted = { body, act: told.body };
      await signs(secondApprover, await pause('/acts/pause-ends', {}), true);
    }
    if (reverted === undefined) return expect.fail('nothing reverted');
    const token = await app.token('member', 1);
    const failed = await app.ask<ActTold & Problem>('GET', `/acts/${reverted.act.id}`, { token });
    expect(failed.body).to.include({ state: 'failed', code: 'scope-is-paused' });
    const again = await asked('/acts/appointments', reverted.body);
    expect([again.status, again.body.id]).to.deep.equal([201, reverted.act.id]);
    expect(again.body.missing).to.deep.equal(['approver']);
    const both = await Promise.all([
      signs(approver, again.body, true, 'second'),
      signs(approver, again.body, true, 'second'),
    ]);
    expect(both.map(({ status }) => status)).to.deep.equal([202, 202]);
    expect(new Set(both.map(({ body }) => body.operation)).size).to.equal(1);
    const operation = await operationOf(both[0]?.body as ActTold);
    expect(operation).to.deep.include({ state: 'PROJECTED', isFinal: true });
    expect(operation.entries).to.have.length(1);
  });

  it('lets a member’s token of one office sign what it prepared, of that office’s officers and no others', async () => {
    const [local, colleague] = [officerOf(1, 'of office two'), officerOf(1, 'of office two as well')];
    const head = () => ({ ...headOf(preparer), office: 2 });
    for (const one of [local, colleague]) {
      const record = { ...recordOf(app, one, ['pause', 'revoke']), office: 2 };
      await app.act('member', '/acts/appointments', { head: head(), officer: record });
    }
    const bound = { office: 2 };
    const pause = { scopes: ['settlement'], until: inHours(1) };
    const suspension = (of: typeof preparer, by = local) => ({
      ...{ revoker: by.officer, revokerEpoch: 1, officer: of.officer, until: inHours(1) },
    });
    for (const [place, fields, by, within, code, pointer] of [
      // What concerns the whole ledger is ordered by officers of every office, who are none of office two's.
      [
        'short-pauses',
        { ...pause, officer: preparer.officer, epoch: 1 },
        preparer,
        bound,
        'office-of-another',
        '/officer',
      ],
      [
        'short-pauses',
        { ...pause, officer: local.officer, epoch: 1 },
        local,
        bound,
        'office-out-of-scope',
        '/officer',
      ],
      [
        'short-pauses',
        { ...pause, officer: local.officer, epoch: 1 },
        local,
        {},
        'office-out-of-scope',
        '/officer',
      ],
      ['suspensions', suspension(colleague), local, { office: 1 }, 'office-of-another', '/revoker'],
      ['suspensions', suspension(approver), local, bound, 'office-out-of-scope', '/revoker'],
      ['suspensions', suspension(colleague, secondPreparer), local, bound, 'institution-differs', '/revoker'],
      [
        'resignations',
        { officer: preparer.officer, epoch: 1 },
        preparer,
        bound,
        'office-of-another',
        '/officer',
      ],
      [
        'appointments',
        { head: everyOffice(preparer), officer: recordOf(app, officerOf(1, 'x')) },
        local,
        bound,
        'office-of-another',
        '/head/office',
      ],
    ] as const) {
      const told = await asked(`/acts/${place}`, fields, by, within);
      expect([told.body.code, told.body.errors?.[0]?.pointer], told.text).to.deep.equal([code, pointer]);
    }
    const told = await asked('/acts/suspensions', suspension(colleague), local, bound);
    expect(told.status, told.text).to.equal(201);
    const signs = async (within: object) =>
      app.ask<Problem>('POST', `/acts/${told.body.id}/signatures`, {
        token: await app.token('member', 1, 'first', within),
        headers: { Prefer: 'wait=20' },
        body: preparationBy(local, told.body),
      });
    expect((await signs({ office: 1 })).body.code).to.equal('act-missing');
    const signed = await signs(bound);
    expect(signed.status, signed.text).to.equal(202);
  });
});
