/** Disburse a cycle, by the API alone: twelve people, two shops, and everything that must not happen on the way. */

import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { fromHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { actInWords, readActFile } from '../../server/domain/signer/actFile.ts';
import { Aid, CYCLE, EPOCH, type PlaceTold, type RedemptionTold, syntheticPeople } from '../aid/aid.ts';
import { named } from '../chain/signing.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../gateway/app.ts';
import { cardShown } from '../gateway/held.ts';

const PEOPLE = 12;
const UNIT_VALUE_MINOR = 25n;
const unitsAt = (index: number) => 10 + index;
/** An early end lies ahead until both officers have signed. */
const END_AHEAD_SECONDS = 10;
const TOTAL = Array.from({ length: PEOPLE }, (_, index) => unitsAt(index)).reduce(
  (sum, units) => sum + units,
);

describe('the routes of aid', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  const shop = (place: number) => aid.vendors[place] ?? (ZERO_32 as never);
  const purchase = (index: number, units: number) => ({ index, units, remainingBefore: unitsAt(index) });
  const newAct = () => ({ head: headOf(OFFICERS.preparer) });

  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'food for a walk', ['shop by the well', 'shop on the hill']);
  });
  after(() => app?.remove());

  it('prepare an act that an independent signer can put in words, once', async () => {
    const body = { ...newAct(), ...aid.policy() };
    const key = randomUUID();
    const first = await aid.ask<ActTold>('POST', '/acts/programmes', { body, key });
    expect(first.status, first.text).to.equal(201);
    const words = actInWords(readActFile(JSON.stringify(first.body.prepared))).join('\n');
    expect(words).to.include('currency: 404').and.include('most per redemption units: 50');

    const again = await aid.ask<ActTold>('POST', '/acts/programmes', { body, key });
    expect(again.text).to.equal(first.text);
    const other = { ...body, currency: 840 };
    const reused = await aid.ask<Problem>('POST', '/acts/programmes', { body: other, key });
    expect(reused.status).to.equal(422);
    expect(reused.body.code).to.equal('idempotency-key-reused');

    await app.sign('agency', first.body, [OFFICERS.preparer, OFFICERS.approver]);
    expect(await aid.money()).to.deep.include({ fundedMinor: '0', isBalanced: true });
  });

  it('take people from a file into the vault, and say of every other line what is wrong with it', async () => {
    const told = await aid.register([...syntheticPeople(PEOPLE), 'SYNTHETIC-X;Nobody;0;Well']);
    expect(told.status, told.text).to.equal(200);
    aid.people = told.body.people;
    expect(aid.people).to.have.length(PEOPLE);
    expect(told.body.refused).to.have.length(1);
    expect(told.body.refused[0]).to.include({ line: PEOPLE + 2, code: 'units-not-positive' });
    expect(told.text).not.to.include('Synthetic Person');
  });

  it('find the same people again when a file comes twice, under the same ids', async () => {
    const told = await aid.register(syntheticPeople(4).slice(3));
    expect(told.body.people[0]?.personId).to.equal(aid.people[3]?.personId);
  });

  it('refuse a file whose declared count is another, whole', async () => {
    const told = await aid.register(syntheticPeople(2), 3);
    expect(told.status).to.equal(422);
    expect(told.body.code).to.equal('declared-count-differs');
  });

  it('show another institution nothing of it', async () => {
    const token = await app.token('agency', 2);
    for (const place of [aid.path, `${aid.path}/cycles`, aid.cyclePath]) {
      expect((await app.ask('GET', place, { token })).status, place).to.equal(404);
    }
    const person = `/people/${aid.people[0]?.personId}`;
    const headers = { 'X-Case-Reference': 'CASE-1' };
    for (const place of [`${person}?purpose=eligibility`, `${person}/access-log`]) {
      expect((await app.ask('GET', place, { token, headers })).status, place).to.equal(404);
    }
    const body = {
      head: headOf(OFFICERS.secondPreparer),
      ...{ programme: aid.programme, move: 'fund', amountMinor: '1', sourceCommitment: ZERO_32 },
    };
    expect((await app.ask('POST', '/acts/funds', { token, body })).status).to.equal(404);
  });

  it('fund the programme and register two shops with their tills', async () => {
    await aid.act('/acts/funds', {
      ...{ programme: aid.programme, move: 'fund', amountMinor: '10000' },
      sourceCommitment: named('transfer of the donor'),
    });
    for (const vendor of aid.vendors) await aid.registerShop(vendor);
    const funded = { fundedMinor: '10000', unallocatedMinor: '10000', isBalanced: true };
    expect(await aid.money()).to.deep.include(funded);
  });

  it('refuse an enrolment that names somebody twice, nobody, or one card for two', async () => {
    const [one, two] = aid.enrolmentOf(aid.people).people;
    if (one === undefined || two === undefined) throw new Error('nobody');
    const cases = [
      [[one, { ...two, personId: one.personId }], 'person-id-repeated', '/people/1/personId'],
      [[one, { ...two, personId: named('nobody') }], 'subject-missing', '/people/1/personId'],
      [[one, { ...two, keyId: one.keyId }], 'card-key-repeated', '/people/1/keyId'],
    ] as const;
    for (const [people, code, pointer] of cases) {
      const body = { ...newAct(), ...aid.enrolmentOf([]), people };
      const told = await aid.ask<Problem>('POST', '/acts/enrolments', { body });
      expect(told.body.errors?.[0]).to.include({ code, pointer });
    }
  });

  it('enrol twelve people, load their slots, and answer who stands where', async () => {
    const dropped = { ...newAct(), ...aid.enrolmentOf(aid.people.slice(0, 5)) };
    expect((await aid.ask('POST', '/acts/enrolments', { body: dropped })).status).to.equal(201);
    await aid.act('/acts/enrolments', aid.enrolmentOf(aid.people));
    const told = await aid.loadSlots();
    expect(told.status, told.text).to.equal(200);
    expect(told.body).to.include({ loaded: PEOPLE, of: PEOPLE, isDone: true });
    expect((await aid.loadSlots()).body).to.deep.include({ isDone: true, operations: [] });

    interface Page {
      readonly rows: readonly PlaceTold[];
      readonly next?: string;
    }
    const place = `${aid.path}/enrolments/${EPOCH}/places`;
    const page = (await aid.ask<Page>('GET', `${place}?limit=7`)).body;
    const rest = (await aid.ask<Page>('GET', `${place}?after=${page.next}`)).body;
    aid.places = [...page.rows, ...rest.rows];
    expect(aid.places.map(({ index }) => index)).to.deep.equal(Array.from({ length: PEOPLE }, (_, i) => i));
    const ids = (some: readonly { readonly personId: string }[]) => new Set(some.map((one) => one.personId));
    expect(ids(aid.places)).to.deep.equal(ids(aid.people));
    const one = await aid.ask<Page>('GET', `${place}?personId=${aid.places[4]?.personId}`);
    expect(one.body.rows[0]).to.include({ index: 4 });
  });

  it('refuse to enrol anybody of the epoch again', async () => {
    const body = { ...newAct(), ...aid.enrolmentOf(aid.people.slice(0, 1)) };
    const told = await aid.ask<Problem>('POST', '/acts/enrolments', { body });
    expect(told.status).to.equal(409);
    expect(told.body.code).to.equal('person-already-enrolled');
  });

  it('refuse a roll with a wrong line whole, and answer every line as JSON and as a file', async () => {
    const dirty = aid
      .rollOf((index) => [-3, 2.5, 0, 1e9][index] ?? unitsAt(index))
      .replace(String(aid.places[4]?.personId), String(aid.places[5]?.personId))
      .replace(String(aid.places[7]?.personId), '');
    const soiled = await aid.putRoll<Problem>(`\ufeff${dirty}`, PEOPLE, TOTAL - 46);
    expect(soiled.body.code, soiled.text).to.equal('file-has-refused-lines');
    interface Refused {
      readonly refused: readonly { line: number; field: string; code: string; remedy: string }[];
    }
    const list = await aid.ask<Refused>('GET', `${aid.cyclePath}/roll/refused`);
    expect(list.body.refused.map(({ line, code, field }) => [line, code, field])).to.deep.equal([
      [undefined, 'file-has-refused-lines', undefined],
      [2, 'units-not-positive', 'units'],
      [3, 'units-not-whole', 'units'],
      [4, 'units-not-positive', 'units'],
      [5, 'units-too-large', 'units'],
      [6, 'person-id-repeated', 'personId'],
      [7, 'person-id-repeated', 'personId'],
      [9, 'person-id-missing', 'personId'],
    ]);
    for (const { remedy, code } of list.body.refused) expect(remedy, code).to.be.a('string').and.not.empty;
    const text = aid.rollOf(unitsAt, [`${named('a stranger')},7`]);
    const told = await aid.putRoll<Problem>(text, PEOPLE + 1, TOTAL + 7);
    expect(told.body.errors?.[0]).to.include({ code: 'person-unknown', line: PEOPLE + 2 });
    const refused = await aid.ask<{ refused: object[] }>('GET', `${aid.cyclePath}/roll/refused`);
    expect(refused.body.refused).to.have.length(1);
    const headers = { Accept: 'text/csv' };
    const table = await aid.ask('GET', `${aid.cyclePath}/roll/refused`, { headers });
    expect(table.headers.get('Content-Type')).to.include('text/csv');
    expect(table.text.split('\r\n')[1]).to.match(new RegExp(`^${PEOPLE + 2},"personId",person-unknown,`));
    const short = await aid.putRoll<Problem>(aid.rollOf(unitsAt), PEOPLE, TOTAL - 1);
    expect(short.body.code).to.equal('declared-total-differs');
  });

  it('open a cycle over a roll, load it and release it', async () => {
    const told = await aid.putRoll<{ root: string }>(aid.rollOf(unitsAt), PEOPLE, TOTAL);
    expect(told.status, told.text).to.equal(200);
    expect(told.body).to.include({ units: String(TOTAL), count: PEOPLE });
    expect((await aid.putRoll(aid.rollOf(unitsAt), PEOPLE, TOTAL)).text).to.equal(told.text);
    const cleared = await aid.ask<{ refused: object[] }>('GET', `${aid.cyclePath}/roll/refused`);
    expect(cleared.body.refused).to.have.length(0);

    await aid.openCycle(told.body.root, UNIT_VALUE_MINOR);
    expect(await aid.cycle()).to.include({ state: 'loading', issuedUnits: '0', loadedWords: 0, words: 1 });
    const units = await aid.loadUnits();
    expect(units.status, units.text).to.equal(200);
    expect(await aid.cycle()).to.include({ state: 'released', issuedUnits: String(TOTAL) });
    const outstandingMinor = String(BigInt(TOTAL) * UNIT_VALUE_MINOR);
    expect(await aid.money()).to.deep.include({ outstandingMinor, isBalanced: true });
  });

  it('tell a till what a card must name', async () => {
    const token = await aid.tillToken(shop(0));
    const told = await app.ask<object>('GET', `${aid.cyclePath}/entries/3`, { token });
    const entry = { remainingUnits: unitsAt(3), sequence: 0, cardEpoch: 1, standing: 'active' };
    expect(told.body).to.include(entry);
    const beyond = await app.ask('GET', `${aid.cyclePath}/entries/${PEOPLE}`, { token });
    expect(beyond.status).to.equal(404);
  });

  let replayed: ReturnType<Aid['batchOf']>;

  it('redeem at two shops, skip what another card signed, and say so item by item', async () => {
    const stranger = { ...purchase(1, 5), key: aid.keyOf('somebody else') };
    replayed = aid.batchOf(shop(0), [purchase(0, 4), stranger, purchase(2, 6)]);
    const key = randomUUID();
    const told = await aid.sell(replayed, key);
    expect(told.status, told.text).to.equal(200);
    const outcomes = told.body.batches[0]?.items.map(({ outcome }) => outcome);
    expect(outcomes).to.deep.equal(['redeemed', 'item-signature-invalid', 'redeemed']);
    expect((await aid.sell(replayed, key)).text).to.equal(told.text);
    const [token, otherToken] = [await aid.tillToken(shop(0)), await aid.tillToken(shop(1))];
    for (const id of [told.body.operation.id, told.body.batches[0]?.itemsHash]) {
      const found = await app.ask<RedemptionTold>('GET', `/redemptions/${id}`, { token });
      expect(found.body.batches, id).to.deep.equal(told.body.batches);
      expect((await app.ask('GET', `/redemptions/${id}`, { token: otherToken })).status).to.equal(404);
    }
    const hill = await aid.sell(aid.batchOf(shop(1), [purchase(11, 20)]));
    expect(hill.body.batches[0]?.units).to.equal('20');
    const counts = { redeemedUnits: '30', outstandingUnits: String(TOTAL - 30) };
    expect(await aid.cycle()).to.include(counts);
  });

  it('refuse a replay, an unsigned batch and a batch of strangers before the ledger is asked', async () => {
    const replay = await aid.sell<Problem>(replayed);
    expect(replay.status).to.equal(409);
    expect(replay.body.errors?.map(({ code }) => code)).to.deep.equal([
      'nothing-redeemed',
      'item-remaining-stale',
      'item-signature-invalid',
      'item-remaining-stale',
    ]);
    const good = aid.batchOf(shop(0), [purchase(5, 1)]);
    const unsigned = await aid.sell<Problem>({ ...good, deadline: good.deadline + 1 });
    expect(unsigned.body.code).to.equal('till-signature-invalid');
    const strangers = aid.batchOf(shop(0), [{ ...purchase(5, 1), key: aid.keyOf('a thief') }]);
    expect((await aid.sell<Problem>(strangers)).body.code).to.equal('nothing-redeemed');
    const key = randomUUID();
    expect((await aid.sell(good, key)).status).to.equal(200);
    const reused = await aid.sell<Problem>(aid.batchOf(shop(0), [purchase(6, 1)]), key);
    expect(reused.status).to.equal(422);
  });

  it('go on after a power cut, with nothing lost and nothing doubled', async () => {
    const before = await aid.cycle();
    await app.kill9();
    app = await startApp({ folder: app.folder });
    aid.app = app;
    expect(await aid.cycle()).to.deep.equal(before);
    expect((await aid.sell<Problem>(replayed)).body.code).to.equal('nothing-redeemed');
  });

  it('replace a card, and refuse the one before from then on', async () => {
    const old = aid.batchOf(shop(1), [purchase(7, 2)]);
    const of = { programme: aid.programme, enrolmentEpoch: EPOCH };
    const place = { ...of, index: 7 };
    const key = cardShown(app.trust(), of, fromHex(named('the next card')));
    const card = { ...key, standing: 'active', effectiveFrom: 0 };
    await aid.act('/acts/cards', { ...place, ...card });
    const told = await aid.sell<Problem>(old);
    expect(told.body.errors?.[1]).to.include({ code: 'card-epoch-differs' });
  });

  it('settle both shops, end early, reclaim, close, and leave no unit unexplained', async () => {
    const of = { programme: aid.programme, cycle: CYCLE };
    for (const [place, vendor] of aid.vendors.entries()) {
      const token = await aid.tillToken(vendor);
      await aid.act('/acts/settlements', { ...of, vendor, statementHash: named(`statement ${place}`) });
      const account = await app.ask<{ rows: object[] }>('GET', `/vendors/${vendor}/account`, { token });
      const settledMinor = String((place === 0 ? 11n : 20n) * UNIT_VALUE_MINOR);
      expect(account.body.rows[0]).to.include({ settledMinor, payableMinor: '0' });
      const settled = place === 0 ? 'KES 2.75' : 'KES 5.00';
      expect(account.body.rows[0]).to.include({ currencyCode: 'KES', settled, payable: 'KES 0.00' });
    }
    const body = { ...newAct(), ...of, vendor: shop(0), statementHash: named('again') };
    const twice = await aid.ask<Problem>('POST', '/acts/settlements', { body });
    expect(twice.body.code).to.equal('settlement-exceeds-credit');
    for (const [step, state] of [
      ['end-early', 'ended'],
      ['reclaim', 'accounted'],
      ['close', 'closed'],
    ] as const) {
      const endsAt = step === 'end-early' ? Math.floor(Date.now() / 1000) + END_AHEAD_SECONDS : 0;
      await aid.act('/acts/cycle-steps', { ...of, step, endsAt });
      await setTimeout(Math.max(0, (endsAt + 1) * 1000 - Date.now()));
      expect((await aid.cycle()).state).to.equal(state);
      expect((await aid.money()).isBalanced).to.equal(true);
    }
    const closed = await aid.cycle();
    const spent = { redeemedUnits: '31', reclaimedUnits: String(TOTAL - 31), outstandingUnits: '0' };
    expect(closed).to.include(spent);
    const parts = ['redeemedUnits', 'outstandingUnits', 'expiredUnits', 'reclaimedUnits'].map((part) =>
      BigInt(closed[part] ?? 0),
    );
    expect(BigInt(closed.issuedUnits ?? 0)).to.equal(parts.reduce((sum, part) => sum + part));
  });

  it('show a person only under a case and for a purpose, and tell who looked', async () => {
    const place = `/people/${aid.people[0]?.personId}`;
    const nameless = await aid.ask<Problem>('GET', `${place}?purpose=eligibility`);
    expect(nameless.body.code).to.equal('case-reference-required');
    const headers = { 'X-Case-Reference': 'CASE-17' };
    interface Shown {
      readonly records: readonly { readonly type: string; readonly fields: object }[];
    }
    const told = await aid.ask<Shown>('GET', `${place}?purpose=eligibility`, { headers });
    expect(told.status, told.text).to.equal(200);
    const fields = told.body.records.find(({ type }) => type === 'person')?.fields;
    expect(fields).to.include({ fullName: 'Synthetic Person 0', householdSize: 1 });
    const contact = await aid.ask<Shown>('GET', `${place}?purpose=contact`, { headers });
    expect(contact.text).not.to.include('Synthetic Person');
    interface Log {
      readonly total: number;
      readonly rows: readonly { readonly purpose: string; readonly caseReference: string }[];
    }
    const token = await app.token('steward', 1);
    const log = await app.ask<Log>('GET', `${place}/access-log`, { token });
    const purposes = log.body.rows.map(({ purpose }) => purpose);
    expect(purposes.slice(0, 2)).to.deep.equal(['contact', 'eligibility']);
    expect(purposes.slice(2), 'the listing of who stands where').to.deep.equal(['disbursement']);
    expect(log.body.total).to.equal(purposes.length);
    expect(log.body.rows[0]?.caseReference).to.equal('CASE-17');
  });
});
