/** From the last signature to the views, with the power cut at every step of it. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { CRASH_POINTS, type CrashPoint } from '../../../server/crash.ts';
import { Aid } from '../../aid/aid.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  type OperationTold,
  preparationBy,
  startApp,
} from '../../gateway/app.ts';

/** The way of one act; those before and beside it are crashed with their owners. */
const ON_THE_WAY = /^(outbox|chain|blocks|views)\./;
/** Of a store that takes operations in one step, and of the service routes that do not. */
const ELSEWHERE: readonly CrashPoint[] = ['outbox.before-received', 'outbox.received'];
const points = CRASH_POINTS.filter((point) => ON_THE_WAY.test(point) && !ELSEWHERE.includes(point));

describe('an act that was signed, killed at any step', function () {
  this.timeout(300_000);
  let app: App;
  /** The same principals before and after. */
  let tokens: { readonly preparer: string; readonly approver: string; readonly auditor: string };
  before(async () => {
    app = await startApp();
    tokens = {
      preparer: await app.token('agency', 1),
      approver: await app.token('agency', 1, 'second'),
      auditor: await app.token('auditor', 0),
    };
  });
  after(() => app?.remove());

  const entries = async () => {
    const { body } = await app.ask<{ counts: { entries: number } }>('GET', '/ledger');
    return body.counts.entries;
  };

  /** The approval as its client sends it again and again, with one key, until it is answered. */
  async function approve(act: ActTold, key: string): Promise<ActTold | undefined> {
    const token = tokens.approver;
    const body = approvalBy(OFFICERS.approver, act);
    try {
      return (await app.ask<ActTold>('POST', `/acts/${act.id}/signatures`, { token, body, key })).body;
    } catch {
      return undefined; // the connection was cut with the power
    }
  }

  it('is one entry, seen by everybody, once its client has asked again', async () => {
    let tried = 0;
    for (const point of points) {
      const before = await entries();
      const { body: act } = await app.ask<ActTold>('POST', '/acts/programmes', {
        token: tokens.preparer,
        body: { head: headOf(OFFICERS.preparer), ...new Aid(app, `programme of ${point}`).policy() },
      });
      const body = preparationBy(OFFICERS.preparer, act);
      await app.ask('POST', `/acts/${act.id}/signatures`, { token: tokens.preparer, body });
      await app.stop();
      app = await startApp({ folder: app.folder, env: { KUDURRU_CRASH: point } });
      const key = randomUUID();
      const first = await approve(act, key);
      await app.died();
      app = await startApp({ folder: app.folder });
      const again = await approve(act, key);
      if (first !== undefined) expect(again, point).to.deep.equal(first);
      const { body: operation } = await app.ask<OperationTold>('GET', again?.operation ?? '', {
        token: tokens.preparer,
        headers: { Prefer: 'wait=20' },
      });
      expect(operation, point).to.deep.include({ state: 'PROJECTED', isFinal: true });
      expect(await entries(), point).to.equal(before + 1);
      tried++;
    }
    const { body: checked } = await app.ask<{ findings: object[] }>('POST', '/checks', {
      token: tokens.auditor,
    });
    expect(checked.findings).to.deep.equal([]);
    console.log(`      kill -9 on the way in | ${tried} steps tried | 0 lost / 0 doubled / 0 stuck`);
    expect(tried).to.equal(points.length);
  });
});
