/** An act that reached the ledger around this gateway: it is carried out here too, and nobody is asked for it any more. */
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { readActFile } from '../../../server/domain/signer/actFile.ts';
import { Aid } from '../../aid/aid.ts';
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
import { relayAct } from '../../gateway/around.ts';
import { holder } from '../../gateway/transfers.ts';

const SOURCE = { path: 'source', value: 'a source of this test' };
/** Moments at which the approval follows the other's transaction. */
const RACES = 12;
const STEP_MS = 15;
const LOOKS_MAX = 300;
const LOOK_EVERY_MS = 100;

describe('an act that somebody else brought to the ledger', function () {
  this.timeout(180_000);
  let app: App;
  let rpcPort: number;
  let aid: Aid;
  let act: ActTold;
  before(async () => {
    rpcPort = await freePort();
    app = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    aid = new Aid(app, 'recorded elsewhere');
  });
  after(() => app?.remove());

  const agency = () => app.token('agency', 1);
  const prepare = async (place: string, fields: object) =>
    app.ask<ActTold & Problem>('POST', place, {
      token: await agency(),
      body: { head: headOf(OFFICERS.preparer), ...fields },
    });
  const told = async () =>
    (await app.ask<ActTold & Problem>('GET', `/acts/${act.id}`, { token: await agency() })).body;
  const inbox = async () =>
    (await app.ask<{ rows: { id: string }[] }>('GET', '/acts', { token: await agency() })).body.rows.map(
      ({ id }) => id,
    );
  const entries = async () =>
    (await app.ask<{ total: number }>('GET', `/history/${aid.programme}`, { token: await agency() })).body
      .total;

  it('is told as carried out, with its entry, and waits for nobody', async () => {
    await aid.define();
    const funds = { programme: aid.programme, move: 'fund', amountMinor: '1000', source: [SOURCE] };
    const prepared = await prepare('/acts/funds', funds);
    expect(prepared.status, prepared.text).to.equal(201);
    act = prepared.body;
    const signed = { token: await agency(), body: preparationBy(OFFICERS.preparer, act) };
    await app.ask('POST', `/acts/${act.id}/signatures`, signed);
    expect(await inbox()).to.include(act.id);
    await relayAct(app, rpcPort, readActFile(JSON.stringify(act.prepared)).act);
    let now = await told();
    for (let looks = 0; now.operation === undefined && looks < LOOKS_MAX; looks++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      now = await told();
    }
    expect(now).to.include({ state: 'accepted' }).and.have.property('missing').that.deep.equals([]);
    const { body } = await app.ask<OperationTold>('GET', now.operation ?? '', {
      ...{ token: await agency(), headers: { Prefer: 'wait=20' } },
    });
    expect([body.state, body.entries.map(({ entryId }) => entryId)]).to.deep.equal(['PROJECTED', [act.id]]);
    expect(await inbox()).not.to.include(act.id);
  });

  it('is nothing that anybody signs, takes back or prepares again', async () => {
    const before = await entries();
    const place = `/acts/${act.id}`;
    const approval = {
      token: await app.token('agency', 1, 'second'),
      body: approvalBy(OFFICERS.approver, act),
    };
    expect((await app.ask('POST', `${place}/signatures`, approval)).body.code).to.equal('act-executed');
    expect((await app.ask('DELETE', place, { token: await agency() })).body.code).to.equal('act-executed');
    await app.kill9();
    app = await startApp({ folder: app.folder, env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    expect((await told()).operation).to.be.a('string');
    expect(await entries()).to.equal(before);
  });

  it('ends where one of its officers withdraws it there, and waits for nobody', async () => {
    const prepared = await prepare('/acts/funds', {
      ...{ programme: aid.programme, move: 'fund', amountMinor: '77', source: [SOURCE] },
    });
    const { body: withdrawn } = prepared;
    const preparation = { token: await agency(), body: preparationBy(OFFICERS.preparer, withdrawn) };
    await app.ask('POST', `/acts/${withdrawn.id}/signatures`, preparation);
    const order = await app.ask<ActTold>('POST', '/acts/withdrawals', {
      token: await agency(),
      body: { officer: OFFICERS.preparer.officer, epoch: 1, act: withdrawn.id },
    });
    expect(order.status, order.text).to.equal(201);
    const ordered = await app.ask<ActTold>('POST', `/acts/${order.body.id}/signatures`, {
      ...{ token: await agency(), body: preparationBy(OFFICERS.preparer, order.body) },
    });
    expect(ordered.status, ordered.text).to.equal(202);
    const waiting = { token: await agency(), headers: { Prefer: 'wait=20' } };
    await app.ask('GET', ordered.body.operation ?? '', waiting);
    const ended = await app.ask('GET', `/acts/${withdrawn.id}`, { token: await agency() });
    expect([ended.status, ended.body.code]).to.deep.equal([410, 'act-ended']);
    expect(await inbox()).not.to.include(withdrawn.id);
  });

  it('is one act, however many titles it registers', async () => {
    const token = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 2 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token, file },
    });
    const titles = survey.body.recorded.map(({ baUnit }) => ({
      ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
      right: {
        ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
        holders: [holder(app, baUnit)],
      },
    }));
    const body = { head: headOf(OFFICERS.preparer), titles };
    const { body: batch, text } = await app.ask<ActTold>('POST', '/acts/registrations', { token, body });
    const { act: data, items } = readActFile(text);
    await relayAct(app, rpcPort, data, [], [{ batch: data.message, titles: items }]);
    const place = `/acts/${batch.id}`;
    let now = await app.ask<ActTold>('GET', place, { token });
    for (let looks = 0; now.body.operation === undefined && looks < LOOKS_MAX; looks++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      now = await app.ask<ActTold>('GET', place, { token });
    }
    const { body: operation } = await app.ask<OperationTold>('GET', now.body.operation ?? '', {
      ...{ token, headers: { Prefer: 'wait=20' } },
    });
    expect([operation.state, operation.entries.length]).to.deep.equal(['PROJECTED', 2]);
  });

  it('is told as carried out to an officer who signs it at that moment, and by the operation that she is given', async () => {
    const approver = await app.token('agency', 1, 'second');
    let overtaken = 0;
    for (let i = 0; i < RACES; i++) {
      const amountMinor = String(1_000 + i);
      const prepared = await prepare('/acts/funds', {
        ...{ programme: aid.programme, move: 'fund', amountMinor, source: [SOURCE] },
      });
      expect(prepared.status, prepared.text).to.equal(201);
      const { body: racing } = prepared;
      const place = `/acts/${racing.id}/signatures`;
      const preparation = preparationBy(OFFICERS.preparer, racing);
      await app.ask('POST', place, { token: await agency(), body: preparation });
      const around = relayAct(app, rpcPort, readActFile(JSON.stringify(racing.prepared)).act);
      await new Promise((resolve) => setTimeout(resolve, i * STEP_MS));
      const approval = { token: approver, body: approvalBy(OFFICERS.approver, racing) };
      const given = await app.ask<ActTold & Problem>('POST', place, approval);
      const hasFailed = await around.then(
        () => false,
        () => true,
      );
      overtaken += Number(!hasFailed);
      if (given.status !== 202) {
        expect(given.body.code, given.text).to.equal('act-executed');
        continue;
      }
      const { body } = await app.ask<OperationTold>('GET', given.body.operation ?? '', {
        ...{ token: await agency(), headers: { Prefer: 'wait=20' } },
      });
      expect([body.state, body.entries.map(({ entryId }) => entryId)], given.text).to.deep.equal([
        ...['PROJECTED', [racing.id]],
      ]);
    }
    console.log(`      approvals beside another's transaction | ${RACES} tried | ${overtaken} came second`);
    expect(overtaken).to.be.greaterThan(0);
  });
});
