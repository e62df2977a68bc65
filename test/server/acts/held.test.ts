/** An act that all have signed before its time: it stays whole, and is recorded by itself once its time has come. */
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { signCompact } from '../../../server/domain/acts/signing.ts';
import { digestOf } from '../../../server/domain/acts/typedData.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import { readActFile } from '../../../server/domain/signer/actFile.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  type OperationTold,
  type Problem,
  startApp,
} from '../../gateway/app.ts';
import {
  HOLDER_KEY,
  HOLDER_SALT,
  prepareTransfer,
  registerUnits,
  SIGNED_PARTS,
  sendPart,
  type Transfer,
} from '../../gateway/transfers.ts';

/** Long enough to sign three parts in, on a machine that many share. */
const SOON_SECONDS = 6;
/** For the gateway to start again, besides. */
const START_SECONDS = 8;
const LOOKS_MAX = 300;
const LOOK_EVERY_MS = 100;

interface HeldTold extends ActTold, Problem {
  readonly state: string;
  readonly recordedFrom?: string;
}

describe('an act that is whole before its time', function () {
  this.timeout(300_000);
  let app: App;
  let units: readonly string[];
  before(async () => {
    app = await startApp();
    units = await registerUnits(app, 4);
  });
  after(() => app?.remove());

  const soon = () => Math.floor(Date.now() / 1000) + SOON_SECONDS;
  const timeOf = (seconds: number) => new Date(seconds * 1000).toISOString();
  const transferFrom = (unit: number, notBefore: number) =>
    prepareTransfer(app, units[unit] ?? '', { ...headOf(OFFICERS.preparer), notBefore });
  const look = async ({ act }: Transfer) =>
    app.ask<HeldTold>('GET', `/acts/${act.id}`, { token: await app.token('registrar', 1) });
  const consentFrom = (act: ActTold, notBefore: number) => {
    const [asked] = readActFile(JSON.stringify(act.prepared)).consents;
    if (asked === undefined) throw new Error('nobody is asked');
    const deadline = Number(asked.message.deadline);
    const message = { ...asked.message, notBefore: BigInt(notBefore) };
    return {
      ...{ part: 'consent', place: 0, signature: signCompact(digestOf({ ...asked, message }), HOLDER_KEY) },
      consent: {
        ...{ notBefore, deadline, mandateCommitment: ZERO_32 },
        ...{ kind: 'secp256k1', salt: HOLDER_SALT, key: '0x' },
      },
    };
  };
  const hand = async ({ act }: Transfer, body: object, name = 'first') =>
    app.ask<HeldTold>('POST', `/acts/${act.id}/signatures`, {
      ...{ token: await app.token('registrar', 1, name), body },
    });

  /** As soon as it is no longer held, or the patience of the test is over. */
  async function settled(transfer: Transfer): Promise<HeldTold> {
    for (let looks = 0; ; looks++) {
      const { body } = await look(transfer);
      if (body.operation !== undefined || body.code !== undefined || looks === LOOKS_MAX) return body;
      await setTimeout(LOOK_EVERY_MS);
    }
  }

  async function recorded(transfer: Transfer): Promise<number> {
    const { operation } = await settled(transfer);
    expect(operation, 'carried out').to.be.a('string');
    const told = await app.ask<OperationTold>('GET', operation ?? '', {
      token: await app.token('registrar', 1),
      headers: { Prefer: 'wait=20' },
    });
    expect(told.body.state, told.text).to.equal('PROJECTED');
    expect(told.body.entries).to.have.length(1);
    const title = await app.ask<{ entryId: string; recordedAt: string }>(
      'GET',
      `/titles/${transfer.baUnit}`,
      {
        token: await app.token('registrar', 1),
      },
    );
    expect(title.body.entryId).to.equal(transfer.act.id);
    return Date.parse(title.body.recordedAt) / 1000;
  }

  for (const last of SIGNED_PARTS) {
    it(`says from when it is recorded, and is: signed last by ${last}`, async () => {
      const from = soon();
      const transfer = await transferFrom(0, from);
      for (const part of SIGNED_PARTS.filter((one) => one !== last)) {
        const told = await sendPart(app, part, transfer);
        expect(told.status, told.text).to.equal(201);
      }
      for (let twice = 0; twice < 2; twice++) {
        const { status, text, ...told } = await sendPart(app, last, transfer);
        const body = told.body as HeldTold;
        expect(
          [status, body.state, body.missing, body.recordedFrom],
          `${Date.now() / 1000} for ${from}: ${text}`,
        ).to.deep.equal([201, 'waiting', [], timeOf(from)]);
      }
      expect((await look(transfer)).body.recordedFrom).to.equal(timeOf(from));
      expect(await recorded(transfer)).to.be.within(from, from + 5);
    });
  }

  it('waits for a consent that begins later, as for its own time, across a power cut', async () => {
    const from = soon() + START_SECONDS;
    const transfer = await transferFrom(0, 0);
    expect((await hand(transfer, consentFrom(transfer.act, from))).status).to.equal(201);
    expect((await sendPart(app, 'preparer', transfer)).status).to.equal(201);
    const told = (await sendPart(app, 'approver', transfer)).body as HeldTold;
    expect([told.state, told.missing, told.recordedFrom]).to.deep.equal(['waiting', [], timeOf(from)]);
    await app.kill9();
    app = await startApp({ folder: app.folder });
    expect((await look(transfer)).body.recordedFrom).to.equal(timeOf(from));
    expect(await recorded(transfer)).to.be.at.least(from);
  });

  it('is recorded sooner where the same key consents sooner, and takes no consent from later on instead', async () => {
    const transfer = await transferFrom(0, 0);
    const from = soon() + 3_600;
    expect((await hand(transfer, consentFrom(transfer.act, from))).status).to.equal(201);
    const later = await hand(transfer, consentFrom(transfer.act, from + 60));
    expect(later.body.code, later.text).to.equal('part-already-signed');
    await sendPart(app, 'preparer', transfer);
    expect(((await sendPart(app, 'approver', transfer)).body as HeldTold).recordedFrom).to.equal(
      timeOf(from),
    );
    const sooner = await hand(transfer, consentFrom(transfer.act, 0));
    expect(sooner.status, sooner.text).to.equal(202);
    await recorded(transfer);
  });

  it('is not held for an approval that is over by then', async () => {
    const transfer = await transferFrom(0, 0);
    const from = soon() + 3_600;
    const short = approvalBy(OFFICERS.approver, transfer.act, BigInt(from - 1));
    expect((await hand(transfer, short, 'second')).status).to.equal(201);
    await sendPart(app, 'preparer', transfer);
    const consent = consentFrom(transfer.act, from);
    const refused = await hand(transfer, consent);
    expect([refused.status, refused.body.code], refused.text).to.deep.equal([409, 'approval-expired']);
    const longer = approvalBy(OFFICERS.approver, transfer.act, BigInt(from + 60));
    expect((await hand(transfer, longer, 'second')).status).to.equal(201);
    expect((await hand(transfer, consent)).body.recordedFrom).to.equal(timeOf(from));
    // And none is taken that would end before the consent has begun.
    const cut = await hand(transfer, short, 'second');
    expect([cut.body.code, cut.body.errors?.[0]?.pointer]).to.deep.equal([
      ...['approval-expired', '/approval/deadline'],
    ]);
    expect((await sendPart(app, 'take-back', transfer)).status).to.equal(200);
  });

  it('is taken back like every other, and never recorded', async () => {
    const from = soon();
    const transfer = await transferFrom(1, from);
    for (const part of SIGNED_PARTS) await sendPart(app, part, transfer);
    expect((await look(transfer)).body.recordedFrom).to.equal(timeOf(from));
    expect((await sendPart(app, 'take-back', transfer)).status).to.equal(200);
    await setTimeout((SOON_SECONDS + 2) * 1000);
    expect((await look(transfer)).body.code).to.equal('act-ended');
    const entry = await app.ask('GET', `/entries/${transfer.act.id}`, {
      token: await app.token('registrar', 1),
    });
    expect(entry.status).to.equal(404);
  });

  it('says why, where the ledger does not take it then, and is tried again by whoever signs again', async () => {
    const lost = await transferFrom(2, soon());
    for (const part of SIGNED_PARTS) await sendPart(app, part, lost);
    const won = await transferFrom(2, 0);
    for (const part of SIGNED_PARTS) await sendPart(app, part, won);
    await recorded(won);
    const told = await settled(lost);
    expect([told.state, told.operation, told.code]).to.deep.equal([
      ...['waiting', undefined, 'ba-unit-state-stale'],
    ]);
    const inbox = await app.ask<{ rows: { id: string; code?: string }[] }>('GET', '/acts', {
      token: await app.token('registrar', 1),
    });
    expect(inbox.body.rows.find(({ id }) => id === lost.act.id)?.code).to.equal('ba-unit-state-stale');
    const again = await hand(lost, approvalBy(OFFICERS.approver, lost.act), 'second');
    expect([again.status, again.body.code], again.text).to.deep.equal([409, 'ba-unit-state-stale']);
  });

  it('is judged after one of the same unit that was due with it, and is never told carried out in vain', async () => {
    const from = soon();
    const both = [await transferFrom(1, from), await transferFrom(1, from)];
    for (const transfer of both) for (const part of SIGNED_PARTS) await sendPart(app, part, transfer);
    const states = (await Promise.all(both.map(settled))).map(({ state, code }) => [state, code]);
    expect(states).to.have.deep.members([
      ['accepted', undefined],
      ['waiting', 'ba-unit-state-stale'],
    ]);
  });

  it('waits for what blocks it now and has lapsed by its time', async () => {
    const baUnit = units[2] ?? '';
    const expiresOn = Math.floor(Date.now() / 1000) + SOON_SECONDS;
    await app.act('registrar', '/acts/restrictions', {
      ...{ kind: 'caution', baUnits: [baUnit], targetRight: 1, rank: 0, holderKeyHash: ZERO_32 },
      ...{
        instrumentId: `0x${'ca'.repeat(32)}`,
        blocks: ['transfer'],
        needsConsent: [],
        expiresOn,
        terms: [{ path: 'reason', value: 'a claim' }],
      },
    });
    const from = expiresOn + 2;
    const transfer = await transferFrom(2, from);
    for (const part of ['preparer', 'consent', 'approver'] as const) {
      const told = await sendPart(app, part, transfer);
      expect(told.status, `${part}: ${told.text}`).to.equal(201);
    }
    expect((await look(transfer)).body.recordedFrom).to.equal(timeOf(from));
    expect(await recorded(transfer)).to.be.at.least(from);
  });
});
