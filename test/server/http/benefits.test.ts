/** Disburse a cycle, by the API alone: twelve people, two shops, and everything that must not happen on the way. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { CycleId, TillId } from '../../../server/domain/benefits/benefitTerms.ts';
import {
  assembleBatch,
  type Purchase,
  type Sale,
  signRedemption,
} from '../../../server/domain/benefits/redemption.ts';
import { fromHex, type Hex, ZERO_32 } from '../../../server/domain/hex.ts';
import { preparedInWords, readPreparedAct } from '../../../server/domain/preparedAct.ts';
import { addressOfPrivateKey, cardKey, signCompact } from '../../../server/domain/signing.ts';
import type { ProgrammeId, VendorId } from '../../../server/domain/terms.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../../app.ts';
import { named } from '../../signing.ts';

const PROGRAMME = named('food for a walk') as ProgrammeId;
const VENDORS = ['shop by the well', 'shop on the hill'].map((shop) => named(shop) as Hex as VendorId);
const TILL_KEYS = [fromHex(named('till by the well')), fromHex(named('till on the hill'))];
const TILL = 1 as TillId;
const CYCLE = 1 as CycleId;
const EPOCH = 1;
const PEOPLE = 12;
const UNIT_VALUE_MINOR = 25n;
const programmePath = `/programmes/${PROGRAMME}`;
const cyclePath = `${programmePath}/cycles/${CYCLE}`;
/** Where the walk's clock is a shop's: an hour to record a sale. */
const soon = () => BigInt(Math.floor(Date.now() / 1000) + 3_600);

interface PersonTold {
  readonly line: number;
  readonly personId: string;
  readonly units: number;
}
interface CycleTold {
  readonly state: string;
  readonly [count: string]: string | number;
}
interface ProgrammeTold {
  readonly money: Readonly<Record<string, string>> & { readonly isBalanced: boolean };
}
interface RedemptionTold {
  readonly isFinal: boolean;
  readonly operation: { readonly id: string; readonly state: string };
  readonly batches: readonly {
    readonly units: string;
    readonly itemsHash: string;
    readonly items: readonly { readonly index: number; readonly outcome: string }[];
  }[];
}
interface LoadedTold {
  readonly loaded: number;
  readonly of: number;
  readonly isDone: boolean;
}

describe('the routes of aid', function () {
  this.timeout(180_000);
  let app: App;
  let people: readonly PersonTold[];
  let agency: string;
  let vendor: string;
  const seedOf = (personId: string) => fromHex(named(`card of ${personId}`));
  const keyOf = (personId: string) =>
    cardKey(seedOf(personId), {
      ...{ genesisHash: app.trust().genesisHash, programme: PROGRAMME, enrolmentEpoch: EPOCH },
    });
  /** By index: what a card printed for its person knows. */
  let places: readonly { readonly index: number; readonly personId: string }[];

  before(async () => {
    app = await startApp();
    agency = await app.token('agency', 1);
    vendor = await app.token('vendor', 1);
  });
  after(() => app?.remove());

  const act = (place: string, fields: object) => app.act('agency', place, fields);
  const cycle = async () => (await app.ask<CycleTold>('GET', cyclePath, { token: agency })).body;
  const money = async () =>
    (await app.ask<ProgrammeTold>('GET', programmePath, { token: agency })).body.money;

  const saleOf = (shop: number): Sale => ({
    ...{ programme: PROGRAMME, cycle: CYCLE, enrolmentEpoch: EPOCH, till: TILL },
    vendor: VENDORS[shop] ?? (ZERO_32 as VendorId),
  });
  const register = () => {
    const { chainId, contracts } = app.trust();
    return { chainId, benefitLedger: contracts.benefitLedger.address };
  };

  /** What a till sends: purchases of people by their index, signed by their cards or by a stranger's key. */
  function batchOf(
    shop: number,
    wanted: readonly (Pick<Purchase, 'index' | 'units' | 'remainingBefore'> & {
      readonly key?: Uint8Array;
    })[],
  ) {
    const deadline = soon();
    const items = wanted.map(({ key, ...purchase }) => {
      const { personId = '' } = places.find(({ index }) => index === purchase.index) ?? {};
      const receiptHash = named(`receipt of ${purchase.index}`);
      const whole = { ...purchase, cardEpoch: 0, sequence: 0, receiptHash, deadline };
      return signRedemption(register(), saleOf(shop), whole, key ?? keyOf(personId));
    });
    const { digest, items: words, count } = assembleBatch(register(), saleOf(shop), items, deadline);
    const signature = signCompact(digest, TILL_KEYS[shop] ?? new Uint8Array());
    const { programme, cycle: number, vendor: id, till } = saleOf(shop);
    return {
      ...{ programme, cycle: number, vendor: id, till, count, items: words, signature },
      deadline: Number(deadline),
    };
  }
  const sell = <T = RedemptionTold>(body: object, key = randomUUID()) =>
    app.ask<T>('POST', '/redemptions', { token: vendor, body, key, headers: { Prefer: 'wait=20' } });
  const unitsAt = (index: number) => 10 + index;

  it('take people from a file into the vault, and say of every other line what is wrong with it', async () => {
    const rows = Array.from(
      { length: PEOPLE },
      (_, i) => `SYNTHETIC-${i};Synthetic Person ${i};${i + 1};Well`,
    );
    const text = ['nationalId;fullName;hhSize;village', ...rows, 'SYNTHETIC-X;Nobody;0;Well', ''].join(
      '\r\n',
    );
    const told = await app.ask<{
      people: PersonTold[];
      refused: { line: number; code: string }[];
      read: number;
    }>('PUT', `${programmePath}/registrations?declaredCount=${PEOPLE + 1}`, {
      token: agency,
      file: { text, type: 'text/csv' },
    });
    expect(told.status, told.text).to.equal(200);
    people = told.body.people;
    expect(people).to.have.length(PEOPLE);
    expect(told.body.refused).to.have.length(1);
    expect(told.body.refused[0]).to.include({ line: PEOPLE + 2, code: 'units-not-positive' });
    expect(told.text).not.to.include('Synthetic Person');
  });

  it('find the same people again when a file comes twice, under the same ids', async () => {
    const text = 'nationalId;fullName;hhSize\nSYNTHETIC-3;Synthetic Person 3;4\n';
    const told = await app.ask<{ people: PersonTold[] }>('PUT', `${programmePath}/registrations`, {
      token: agency,
      file: { text, type: 'text/csv' },
    });
    expect(told.body.people[0]?.personId).to.equal(people[3]?.personId);
  });

  it('refuse a file whose declared count is another, whole', async () => {
    const text = 'nationalId;fullName;hhSize\nSYNTHETIC-77;Synthetic Person 77;4\n';
    const file = { text, type: 'text/csv' };
    const told = await app.ask('PUT', `${programmePath}/registrations?declaredCount=2`, {
      token: agency,
      file,
    });
    expect(told.status).to.equal(422);
    expect(told.body.code).to.equal('declared-count-differs');
  });

  it('prepare an act that an independent signer can put in words', async () => {
    const token = agency;
    const body = {
      head: headOf(OFFICERS.preparer),
      ...{ programme: PROGRAMME, currency: 404, mostPerRedemptionUnits: 50, disputeSeconds: 0 },
      ...{ leastOpenSeconds: 0, assistedCapUnits: 5, emergencyCapUnits: 5 },
      ...{ twoInstitutionsAboveMinor: '0', policyHash: named('policy') },
    };
    const key = randomUUID();
    const first = await app.ask<ActTold>('POST', '/acts/programmes', { token, body, key });
    expect(first.status, first.text).to.equal(201);
    const words = preparedInWords(readPreparedAct(JSON.stringify(first.body.prepared))).join('\n');
    expect(words).to.include('currency: 404').and.include('most per redemption units: 50');

    const again = await app.ask<ActTold>('POST', '/acts/programmes', { token, body, key });
    expect(again.text).to.equal(first.text);
    const other = { ...body, currency: 840 };
    const reused = await app.ask('POST', '/acts/programmes', { token, body: other, key });
    expect(reused.status).to.equal(422);
    expect(reused.body.code).to.equal('idempotency-key-reused');

    await app.sign('agency', first.body, [OFFICERS.preparer, OFFICERS.approver]);
    expect(await money()).to.deep.include({ fundedMinor: '0', isBalanced: true });
  });

  it('show another institution nothing of it', async () => {
    const token = await app.token('agency', 2);
    for (const place of [programmePath, `${programmePath}/cycles`, cyclePath]) {
      const told = await app.ask('GET', place, { token });
      expect(told.status, place).to.equal(404);
    }
    const [person] = people;
    const headers = { 'X-Case-Reference': 'CASE-1' };
    const stranger = await app.ask('GET', `/people/${person?.personId}?purpose=eligibility`, {
      token,
      headers,
    });
    expect(stranger.status).to.equal(404);
    const body = {
      head: headOf(OFFICERS.secondPreparer),
      ...{ programme: PROGRAMME, move: 'fund', amountMinor: '1', sourceCommitment: ZERO_32 },
    };
    expect((await app.ask('POST', '/acts/funds', { token, body })).status).to.equal(404);
  });

  it('fund the programme and register two shops with their tills', async () => {
    const source = { sourceCommitment: named('transfer of the donor') };
    await act('/acts/funds', { programme: PROGRAMME, move: 'fund', amountMinor: '10000', ...source });
    for (const [shop, id] of VENDORS.entries()) {
      await act('/acts/vendors', { vendor: id, standing: 'active', from: 0 });
      const keyId = addressOfPrivateKey(TILL_KEYS[shop] ?? new Uint8Array());
      const till = { vendor: id, till: TILL, keyKind: 'secp256k1', keyId, standing: 'active' };
      await act('/acts/tills', till);
    }
    expect(await money()).to.deep.include({
      fundedMinor: '10000',
      unallocatedMinor: '10000',
      isBalanced: true,
    });
  });

  const enrolmentOf = (some: readonly PersonTold[]) => ({
    ...{ programme: PROGRAMME, enrolmentEpoch: EPOCH, effectiveFrom: 0 },
    people: some.map(({ personId }, i) => ({
      ...{ personId, keyId: addressOfPrivateKey(keyOf(personId)) },
      catchment: i % 2 === 0 ? 'well' : 'hill',
    })),
  });

  it('refuse an enrolment that names somebody twice, nobody, or one card for two', async () => {
    const [one, two] = enrolmentOf(people).people;
    if (one === undefined || two === undefined) throw new Error('nobody');
    const cases = [
      [[one, { ...one, keyId: two.keyId }], 'person-id-repeated', '/people/1/personId'],
      [[one, { ...two, personId: named('nobody') }], 'subject-missing', '/people/1/personId'],
      [[one, { ...two, keyId: one.keyId }], 'card-key-repeated', '/people/1/keyId'],
    ] as const;
    for (const [some, code, pointer] of cases) {
      const body = { head: headOf(OFFICERS.preparer), ...enrolmentOf([]), people: some };
      const told = await app.ask('POST', '/acts/enrolments', { token: agency, body });
      expect(told.body.errors?.[0]).to.include({ code, pointer });
    }
  });

  it('enrol twelve people, load their slots, and answer who stands where', async () => {
    const dropped = { head: headOf(OFFICERS.preparer), ...enrolmentOf(people.slice(0, 5)) };
    expect((await app.ask('POST', '/acts/enrolments', { token: agency, body: dropped })).status).to.equal(
      201,
    );
    await act('/acts/enrolments', enrolmentOf(people));
    const slots = `${programmePath}/enrolments/${EPOCH}/slots`;
    const told = await app.ask<LoadedTold>('POST', slots, { token: agency });
    expect(told.status, told.text).to.equal(200);
    expect(told.body).to.include({ loaded: PEOPLE, of: PEOPLE, isDone: true });
    const again = await app.ask<LoadedTold>('POST', slots, { token: agency });
    expect(again.body).to.deep.include({ isDone: true, operations: [] });

    const place = `${programmePath}/enrolments/${EPOCH}/places`;
    const page = await app.ask<{ places: { index: number; personId: string }[]; next?: number }>(
      'GET',
      `${place}?limit=7`,
      { token: agency },
    );
    const rest = await app.ask<typeof page.body>('GET', `${place}?from=${page.body.next}`, { token: agency });
    places = [...page.body.places, ...rest.body.places];
    expect(places.map(({ index }) => index)).to.deep.equal(Array.from({ length: PEOPLE }, (_, i) => i));
    expect(new Set(places.map(({ personId }) => personId))).to.deep.equal(
      new Set(people.map(({ personId }) => personId)),
    );
    const one = await app.ask<typeof page.body>('GET', `${place}?personId=${places[4]?.personId}`, {
      token: agency,
    });
    expect(one.body.places[0]).to.include({ index: 4 });
  });

  it('refuse to enrol anybody of the epoch again', async () => {
    const body = { head: headOf(OFFICERS.preparer), ...enrolmentOf(people.slice(0, 1)) };
    const told = await app.ask('POST', '/acts/enrolments', { token: agency, body });
    expect(told.status).to.equal(409);
    expect(told.body.code).to.equal('person-already-enrolled');
  });

  const rollText = (units: (index: number) => number, more: readonly string[] = []) =>
    [
      'personId,units',
      ...places.map(({ index, personId }) => `${personId},${units(index)}`),
      ...more,
      '',
    ].join('\n');
  const total = Array.from({ length: PEOPLE }, (_, index) => unitsAt(index)).reduce(
    (sum, units) => sum + units,
  );
  const rollPath = (count: number, units: number) =>
    `${cyclePath}/roll?enrolmentEpoch=${EPOCH}&entryBytes=1&declaredCount=${count}&declaredUnits=${units}`;

  it('refuse a roll with a wrong line whole, and answer every line as JSON and as a file', async () => {
    const text = rollText(unitsAt, [`${named('a stranger')},7`]);
    const file = { text, type: 'text/csv' };
    const told = await app.ask('PUT', rollPath(PEOPLE + 1, total + 7), { token: agency, file });
    expect(told.body.errors?.[0]).to.include({ code: 'person-unknown', line: PEOPLE + 2 });
    const refused = await app.ask<{ refused: object[] }>('GET', `${cyclePath}/roll/refused`, {
      token: agency,
    });
    expect(refused.body.refused).to.have.length(1);
    const table = await app.ask('GET', `${cyclePath}/roll/refused`, {
      token: agency,
      headers: { Accept: 'text/csv' },
    });
    expect(table.headers.get('Content-Type')).to.include('text/csv');
    expect(table.text.split('\r\n')[1]).to.match(new RegExp(`^${PEOPLE + 2},"personId",person-unknown,`));
    const short = await app.ask('PUT', rollPath(PEOPLE, total - 1), {
      token: agency,
      file: { text: rollText(unitsAt), type: 'text/csv' },
    });
    expect(short.body.code).to.equal('declared-total-differs');
  });

  it('open a cycle over a roll, load it and release it', async () => {
    const file = { text: rollText(unitsAt), type: 'text/csv' };
    const told = await app.ask<{ root: string; units: string; count: number }>(
      'PUT',
      rollPath(PEOPLE, total),
      {
        token: agency,
        file,
      },
    );
    expect(told.status, told.text).to.equal(200);
    expect(told.body).to.include({ units: String(total), count: PEOPLE });
    const repeated = await app.ask('PUT', rollPath(PEOPLE, total), { token: agency, file });
    expect(repeated.text).to.equal(told.text);
    const cleared = await app.ask<{ refused: object[] }>('GET', `${cyclePath}/roll/refused`, {
      token: agency,
    });
    expect(cleared.body.refused).to.have.length(0);

    const day = 86_400;
    const now = Math.floor(Date.now() / 1000);
    await act('/acts/cycles', {
      ...{ programme: PROGRAMME, cycle: CYCLE, root: told.body.root, lane: 0 },
      unitValueMinor: String(UNIT_VALUE_MINOR),
      ...{ opensAt: now - 10, spendUntil: now + day, postUntil: now + day },
    });
    expect(await cycle()).to.include({ state: 'loading', issuedUnits: '0', loadedWords: 0, words: 1 });
    const units = await app.ask<LoadedTold>('POST', `${cyclePath}/units`, { token: agency });
    expect(units.status, units.text).to.equal(200);
    expect(await cycle()).to.include({ state: 'released', issuedUnits: String(total) });
    expect(await money()).to.deep.include({
      outstandingMinor: String(BigInt(total) * UNIT_VALUE_MINOR),
      isBalanced: true,
    });
  });

  it('tell a till what a card must name', async () => {
    const told = await app.ask<{ remainingUnits: number }>('GET', `${cyclePath}/entries/3`, {
      token: vendor,
    });
    expect(told.body).to.include({
      remainingUnits: unitsAt(3),
      sequence: 0,
      cardEpoch: 0,
      standing: 'active',
    });
    const beyond = await app.ask('GET', `${cyclePath}/entries/${PEOPLE}`, { token: vendor });
    expect(beyond.status).to.equal(404);
  });

  let replayed: object;

  it('redeem at two shops, skip what another card signed, and say so item by item', async () => {
    replayed = batchOf(0, [
      { index: 0, units: 4, remainingBefore: unitsAt(0) },
      { index: 1, units: 5, remainingBefore: unitsAt(1), key: keyOf('somebody else') },
      { index: 2, units: 6, remainingBefore: unitsAt(2) },
    ]);
    const key = randomUUID();
    const told = await sell(replayed, key);
    expect(told.status, told.text).to.equal(200);
    expect(told.body.batches[0]?.items.map(({ outcome }) => outcome)).to.deep.equal([
      'redeemed',
      'item-signature-invalid',
      'redeemed',
    ]);
    expect((await sell(replayed, key)).text).to.equal(told.text);
    for (const id of [told.body.operation.id, told.body.batches[0]?.itemsHash]) {
      const found = await app.ask<RedemptionTold>('GET', `/redemptions/${id}`, { token: vendor });
      expect(found.body.batches, id).to.deep.equal(told.body.batches);
      const stranger = await app.ask('GET', `/redemptions/${id}`, { token: await app.token('vendor', 2) });
      expect(stranger.status).to.equal(404);
    }
    const hill = await sell(batchOf(1, [{ index: 11, units: 20, remainingBefore: unitsAt(11) }]));
    expect(hill.body.batches[0]?.units).to.equal('20');
    expect(await cycle()).to.include({ redeemedUnits: '30', outstandingUnits: String(total - 30) });
  });

  it('refuse a replay, a batch the till did not sign, and a batch of strangers, before the ledger is asked', async () => {
    const replay = await sell<Problem>(replayed);
    expect(replay.status).to.equal(409);
    expect(replay.body.code).to.equal('nothing-redeemed');
    expect(replay.body.errors?.map(({ code }) => code)).to.deep.equal([
      'nothing-redeemed',
      'item-remaining-stale',
      'item-signature-invalid',
      'item-remaining-stale',
    ]);
    const good = batchOf(0, [{ index: 5, units: 1, remainingBefore: unitsAt(5) }]);
    const unsigned = await sell<Problem>({ ...good, deadline: good.deadline + 1 });
    expect(unsigned.body.code).to.equal('till-signature-invalid');
    const strangers = batchOf(0, [
      { index: 5, units: 1, remainingBefore: unitsAt(5), key: keyOf('a thief') },
    ]);
    expect((await sell<Problem>(strangers)).body.code).to.equal('nothing-redeemed');
    const key = randomUUID();
    expect((await sell(good, key)).status).to.equal(200);
    const reused = await sell<Problem>(
      batchOf(0, [{ index: 6, units: 1, remainingBefore: unitsAt(6) }]),
      key,
    );
    expect(reused.status).to.equal(422);
  });

  it('go on after a power cut, with nothing lost and nothing doubled', async () => {
    const before = await cycle();
    await app.kill9();
    app = await startApp({ folder: app.folder });
    agency = await app.token('agency', 1);
    vendor = await app.token('vendor', 1);
    expect(await cycle()).to.deep.equal(before);
    expect((await sell<Problem>(replayed)).body.code).to.equal('nothing-redeemed');
  });

  it('replace a card, and refuse the one before from then on', async () => {
    const old = batchOf(1, [{ index: 7, units: 2, remainingBefore: unitsAt(7) }]);
    const keyId = addressOfPrivateKey(fromHex(named('the next card')));
    const place = { programme: PROGRAMME, enrolmentEpoch: EPOCH, index: 7 };
    const card = { keyKind: 'secp256k1', keyId, standing: 'active', effectiveFrom: 0 };
    await act('/acts/cards', { ...place, ...card });
    const told = await sell<Problem>(old);
    expect(told.body.errors?.[1]).to.include({ code: 'card-epoch-differs' });
  });

  it('settle both shops, end early, reclaim, close, and leave no unit unexplained', async () => {
    const of = { programme: PROGRAMME, cycle: CYCLE };
    for (const id of VENDORS) {
      await act('/acts/settlements', { ...of, vendor: id, statementHash: named(`statement ${id}`) });
      const account = await app.ask<{ cycles: object[] }>('GET', `/vendors/${id}/account`, { token: vendor });
      const earned = String((id === VENDORS[0] ? 11n : 20n) * UNIT_VALUE_MINOR);
      expect(account.body.cycles[0]).to.include({ settledMinor: earned, payableMinor: '0' });
    }
    const twice = await app.ask('POST', '/acts/settlements', {
      token: agency,
      body: { head: headOf(OFFICERS.preparer), ...of, vendor: VENDORS[0], statementHash: named('again') },
    });
    expect(twice.body.code).to.equal('settlement-exceeds-credit');
    for (const [step, state] of [
      ['end-early', 'ended'],
      ['reclaim', 'accounted'],
      ['close', 'closed'],
    ] as const) {
      await act('/acts/cycle-steps', { ...of, step });
      expect((await cycle()).state).to.equal(state);
      expect((await money()).isBalanced).to.equal(true);
    }
    const closed = await cycle();
    expect(closed).to.include({
      redeemedUnits: '31',
      reclaimedUnits: String(total - 31),
      outstandingUnits: '0',
    });
    const { issuedUnits, redeemedUnits, outstandingUnits, expiredUnits, reclaimedUnits } = closed;
    const parts = [redeemedUnits, outstandingUnits, expiredUnits, reclaimedUnits].map((part) =>
      BigInt(part ?? 0),
    );
    expect(BigInt(issuedUnits ?? 0)).to.equal(parts.reduce((sum, part) => sum + part));
  });

  it('show a person only under a case and for a purpose, and tell who looked', async () => {
    const [person] = people;
    const place = `/people/${person?.personId}`;
    const nameless = await app.ask('GET', `${place}?purpose=eligibility`, { token: agency });
    expect(nameless.body.code).to.equal('case-reference-required');
    const headers = { 'X-Case-Reference': 'CASE-17' };
    const told = await app.ask<{ records: { type: string; fields: Record<string, unknown> }[] }>(
      'GET',
      `${place}?purpose=eligibility`,
      { token: agency, headers },
    );
    expect(told.status, told.text).to.equal(200);
    const fields = told.body.records.find(({ type }) => type === 'person')?.fields;
    expect(fields).to.include({ fullName: 'Synthetic Person 0', householdSize: 1 });
    expect(fields).not.to.have.property('phone');
    const contact = await app.ask<typeof told.body>('GET', `${place}?purpose=contact`, {
      token: agency,
      headers,
    });
    expect(contact.text).not.to.include('Synthetic Person');
    const log = await app.ask<{
      total: number;
      head: string;
      lines: { purpose: string; caseReference: string }[];
    }>('GET', `${place}/access-log`, { token: await app.token('steward', 1) });
    expect(log.body.total).to.equal(2);
    expect(log.body.lines.map(({ purpose }) => purpose)).to.deep.equal(['contact', 'eligibility']);
    expect(log.body.lines[0]?.caseReference).to.equal('CASE-17');
  });
});
