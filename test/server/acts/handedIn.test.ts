/** What is judged of an act when it is prepared, and of its parts when they are handed in, rather than at the end. */
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import type { Role } from '../../../server/http/route.ts';
import { Aid } from '../../aid/aid.ts';
import { named, type Officer } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  type Problem,
  preparationBy,
  startApp,
} from '../../gateway/app.ts';
import { everyOffice, inHours } from '../../gateway/members.ts';
import { holder, prepareTransfer, registerUnits } from '../../gateway/transfers.ts';

const { preparer, approver, secondPreparer, secondApprover } = OFFICERS;
const FIRST_SECONDS = 3;

describe('an act is judged as soon as there is something to judge', function () {
  this.timeout(180_000);
  let app: App;
  let units: readonly string[];
  before(async () => {
    app = await startApp();
    units = await registerUnits(app, 2);
  });
  after(() => app?.remove());

  const prepare = async (role: Role, place: string, body: object, by: Officer = preparer) =>
    app.ask<ActTold & Problem>('POST', place, { token: await app.token(role, by.institution), body });
  const hand = async (role: Role, act: ActTold, body: object, by: Officer, name: string) =>
    app.ask<ActTold & Problem>('POST', `/acts/${act.id}/signatures`, {
      ...{ token: await app.token(role, by.institution, name), body },
    });
  const codeAt = ({ body }: { body: Problem }) => [body.code, body.errors?.[0]?.pointer];

  it('keeps a true approval when another true one comes, of whatever institution', async () => {
    const pause = { scopes: ['disbursement'], until: inHours(24 * 10) };
    const ofTwo = (await prepare('member', '/acts/long-pauses', { head: everyOffice(preparer), ...pause }))
      .body;
    expect(ofTwo.id, JSON.stringify(ofTwo)).to.be.a('string');
    const transfer = (await prepareTransfer(app, units[0] ?? '')).act;
    for (const [role, act, first, other] of [
      ['member', ofTwo, secondApprover, secondPreparer],
      ['registrar', transfer, approver, secondApprover],
      ['registrar', transfer, approver, secondPreparer],
    ] as const) {
      expect((await hand(role, act, approvalBy(first, act), first, 'approves')).status).to.equal(201);
      const taken = await hand(role, act, approvalBy(other, act), other, 'another');
      expect([taken.status, taken.body.code], taken.text).to.deep.equal([409, 'part-already-signed']);
      // Its own officer renews it.
      const renewed = await hand(role, act, approvalBy(first, act, BigInt(inHours(9))), first, 'approves');
      expect(renewed.status, renewed.text).to.equal(201);
    }
    const last = await hand('member', ofTwo, preparationBy(preparer, ofTwo), preparer, 'prepares');
    expect(last.status, last.text).to.equal(202);
  });

  it('lets another officer approve where the approval before has lapsed', async () => {
    const act = (await prepareTransfer(app, units[1] ?? '')).act;
    const soon = BigInt(Math.floor(Date.now() / 1000) + FIRST_SECONDS);
    const first = await hand('registrar', act, approvalBy(approver, act, soon), approver, 'approves');
    expect(first.status, first.text).to.equal(201);
    await setTimeout((FIRST_SECONDS + 1) * 1000);
    const other = await hand('registrar', act, approvalBy(secondApprover, act), secondApprover, 'another');
    expect(other.status, other.text).to.equal(201);
  });

  it('is prepared only by an officer of the institution that the ledger asks for', async () => {
    const token = await app.token('registrar', 1);
    const text = demoParcels({ seed: 9, count: 1 }).replaceAll(
      /\[(\d+(?:\.\d+)?),/g,
      (_, at: string) => `[${Number(at) + 5},`,
    );
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token, file: { text: text.replaceAll('Synthetic/', 'Kept/'), type: 'application/geo+json' } },
    });
    const [{ baUnit } = { baUnit: '' }] = survey.body.recorded;
    const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' };
    const title = {
      ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
      right: { ...right, holders: [holder(app, baUnit)] },
    };
    const titles = (by: Officer) => ({ head: headOf(by), titles: [title] });
    const foreign = await prepare('registrar', '/acts/registrations', titles(secondPreparer), secondPreparer);
    expect(codeAt(foreign)).to.deep.equal(['institution-differs', '/head/preparer']);
    const parts = [{ ...title, quota: '1' }];
    const ofParts = { head: headOf(secondPreparer), baseUnit: units[0], parts };
    const makes = await prepare('registrar', '/acts/parts', ofParts, secondPreparer);
    expect(makes.status, makes.text).to.be.within(400, 499);
    expect((await prepare('registrar', '/acts/registrations', titles(preparer))).status).to.equal(201);
  });

  it('is not prepared where there is no second at which it could be recorded', async () => {
    const now = inHours(0);
    const head = (times: object) => ({ ...headOf(preparer), ...times });
    const ofAll = (times: object) => ({ ...everyOffice(preparer), ...times });
    const aid = new Aid(app, 'programme of no time');
    const vendor = { vendor: named('vendor of no time'), standing: 'active', from: 0 };
    const pause = (hours: number) => ({ scopes: ['disbursement'], until: inHours(hours) });
    const caution = (more: object) => ({
      ...{ kind: 'caution', baUnits: [units[0]], targetRight: 1, rank: 0, instrumentId: named('of no time') },
      ...{
        holderKeyHash: ZERO_32,
        blocks: [],
        needsConsent: [],
        terms: [{ path: 'reason', value: 'a claim' }],
      },
      ...more,
    });
    const past = { deadline: now - 10 };
    const crossed = { notBefore: now + 500, deadline: now + 400 };
    const late = { notBefore: inHours(24 * 40) };
    const bodies: readonly (readonly [Role, string, (times: object) => object])[] = [
      ['agency', '/acts/programmes', (times) => ({ head: head(times), ...aid.policy() })],
      ['agency', '/acts/vendors', (times) => ({ head: head(times), ...vendor })],
      ['member', '/acts/long-pauses', (times) => ({ head: ofAll(times), ...pause(24 * 60) })],
      [
        'registrar',
        '/acts/restrictions',
        (times) => ({ head: head(times), ...caution({ expiresOn: inHours(24 * 60) }) }),
      ],
    ];
    let tried = 0;
    for (const [role, place, of] of bodies) {
      for (const [times, code, pointer] of [
        [past, 'act-expired', '/head/deadline'],
        [crossed, 'never-in-time', '/head/notBefore'],
        [late, 'never-in-time', '/head/notBefore'],
      ] as const) {
        const told = await prepare(role, place, of(times));
        expect(codeAt(told), `${place} ${told.text}`).to.deep.equal([code, pointer]);
        tried++;
      }
      const fine = await prepare(role, place, of({ notBefore: now + 300, deadline: now + 400 }));
      expect(fine.status, fine.text).to.equal(201);
    }
    expect(tried).to.equal(12);
    // A limit inside the act that ends before the act may begin.
    const inTwoDays = { notBefore: inHours(48) };
    const ended = await prepare('member', '/acts/long-pauses', { head: ofAll(inTwoDays), ...pause(24) });
    expect(codeAt(ended), ended.text).to.deep.equal(['pause-length-out-of-range', '/until']);
    const lapsed = await prepare('registrar', '/acts/restrictions', {
      ...{ head: head(inTwoDays), ...caution({ expiresOn: inHours(24) }) },
    });
    expect(codeAt(lapsed), lapsed.text).to.deep.equal(['lapse-out-of-bounds', '/expiresOn']);
    for (const [place, hours, code] of [
      ['/acts/short-pauses', 80, 'pause-length-out-of-range'],
      ['/acts/short-pauses', -1, 'pause-length-out-of-range'],
    ] as const) {
      const told = await prepare('member', place, {
        ...{ officer: preparer.officer, epoch: 1, scopes: ['disbursement'], until: inHours(hours) },
      });
      expect(codeAt(told), told.text).to.deep.equal([code, '/until']);
    }
    for (const hours of [80, -1]) {
      const told = await prepare('member', '/acts/suspensions', {
        ...{ revoker: preparer.officer, revokerEpoch: 1, officer: approver.officer, until: inHours(hours) },
      });
      expect(codeAt(told), told.text).to.deep.equal(['suspension-length-out-of-range', '/until']);
    }
  });
});
