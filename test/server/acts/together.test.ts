/** Signatures that arrive at the same moment, whichever parts of an act they are: the act is carried out, once. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { FAR_FUTURE } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  OFFICERS,
  type OperationTold,
  startApp,
} from '../../gateway/app.ts';
import {
  prepareTransfer,
  registerUnits,
  SIGNED_PARTS,
  sendPart,
  type Transfer,
} from '../../gateway/transfers.ts';

/** Which parts are the last and arrive together; what is left over comes before them. */
const TOGETHER: readonly (readonly (typeof SIGNED_PARTS)[number][])[] = [
  ['preparer', 'approver'],
  ['preparer', 'consent'],
  ['approver', 'consent'],
  SIGNED_PARTS,
];
const TRIES = 8;

describe('signatures that arrive together', function () {
  this.timeout(300_000);
  let app: App;
  let baUnit: string;
  before(async () => {
    app = await startApp();
    [baUnit = ''] = await registerUnits(app, 1);
  });
  after(() => app?.remove());

  /** The operation once it is over; undefined where the act is complete and nobody carries it out. */
  async function outcome({ act }: Transfer): Promise<OperationTold | undefined> {
    const token = await app.token('registrar', 1);
    const { body } = await app.ask<ActTold>('GET', `/acts/${act.id}`, { token });
    if (body.operation === undefined) return undefined;
    const headers = { Prefer: 'wait=20' };
    return (await app.ask<OperationTold>('GET', body.operation, { token, headers })).body;
  }

  for (const last of TOGETHER) {
    it(`carry the act out once: ${last.join(', ')}`, async () => {
      let stuck = 0;
      for (let i = 0; i < TRIES; i++) {
        const transfer = await prepareTransfer(app, baUnit);
        for (const part of SIGNED_PARTS.filter((one) => !last.includes(one)))
          await sendPart(app, part, transfer);
        const answers = await Promise.all(last.map((part) => sendPart(app, part, transfer)));
        expect(answers.map(({ status }) => status)).to.satisfy((all: number[]) =>
          all.every((status) => status === 201 || status === 202),
        );
        const operation = await outcome(transfer);
        if (operation === undefined) {
          stuck++;
          await sendPart(app, 'take-back', transfer);
        } else expect(operation).to.deep.include({ state: 'PROJECTED', isFinal: true });
      }
      console.log(`      ${last.join(' and ')} together | ${TRIES} tried | ${stuck} stuck`);
      expect(stuck).to.equal(0);
    });
  }

  it('are one principal’s under a renewed token, and answer the operation', async () => {
    const administrator = app.administrator();
    const transfer = await prepareTransfer(app, baUnit);
    for (const part of ['preparer', 'consent'] as const) await sendPart(app, part, transfer);
    const order = { roles: ['registrar'], institution: 1, days: 1 };
    type Issued = { id: string; token: string };
    const issued = (place: string, body: object) =>
      app.ask<Issued>('POST', place, { token: administrator, body });
    const { body: first } = await issued('/tokens', order);
    const { body: renewed } = await issued(`/tokens/${first.id}/renewals`, { days: 1 });
    const { body: stranger } = await issued('/tokens', order);
    const place = `/acts/${transfer.act.id}/signatures`;
    const body = approvalBy(OFFICERS.approver, transfer.act);
    const key = randomUUID();
    const send = (token: string, more = {}) => app.ask<ActTold>('POST', place, { token, body, ...more });
    const answer = await send(first.token, { key });
    expect(answer.status, answer.text).to.equal(202);
    await app.ask('DELETE', `/tokens/${first.id}`, { token: administrator });
    expect((await send(first.token, { key })).status).to.equal(401);
    // With its key, without it, and from whoever has the same signature: what became of the act.
    for (const [token, more] of [
      [renewed.token, { key }],
      [renewed.token, {}],
      [stranger.token, {}],
    ] as const) {
      const again = await send(token, more);
      expect([again.status, again.body.operation], again.text).to.deep.equal([202, answer.body.operation]);
    }
    const { status, body: problem } = await app.ask('POST', place, {
      token: renewed.token,
      body: approvalBy(OFFICERS.approver, transfer.act, FAR_FUTURE - 1n),
    });
    expect([status, problem.code]).to.deep.equal([409, 'act-executed']);
    expect((await outcome(transfer))?.state).to.equal('PROJECTED');
  });
});
