/** A programme from its first act to its last on the real register: what was prepared is what is recorded. */
import { expect } from 'chai';
import type { Bytes32 } from '../../../../server/domain/base/hex.ts';
import { KEY_KINDS } from '../../../../server/domain/base/terms.ts';
import { packSlots } from '../../../../server/domain/benefits/cards.ts';
import { checkMoney, moneyOf } from '../../../../server/domain/benefits/money.ts';
import { releaseEntryId } from '../../../../server/domain/benefits/prepare.ts';
import { matured, outstandingUnits } from '../../../../server/domain/benefits/records.ts';
import {
  assembleBatch,
  type ItemResult,
  type Purchase,
  readResults,
  redemptionEntryId,
  resultsHash,
  resultWord,
  signRedemption,
} from '../../../../server/domain/benefits/redemption.ts';
import {
  BENEFIT_ACTS,
  BENEFIT_KIND_BASE,
  CYCLE_STATES,
  PERMITS,
} from '../../../../server/domain/benefits/terms.ts';
import { chunksOf, foldWords, packUnits } from '../../../../server/domain/benefits/unitsTable.ts';
import {
  cardKeyOf,
  cardsOf,
  cycleId,
  DISPUTE_SECONDS,
  definition,
  EPOCH,
  envelope,
  keysOf,
  moveCycle,
  moveFunds,
  PROGRAMME,
  purchase,
  sale,
  setCard,
  setTill,
  settle,
  setVendor,
  TILL,
  TILL_KEY,
  VENDOR,
} from './programme.ts';
import { foundRegister, type Recorded, type Register, START } from './register.ts';

/** More than one word of either width, and a last word that is not full. */
const PEOPLE = 45;
const UNITS = Array.from({ length: PEOPLE }, (_, index) => (index % 7 === 3 ? 0 : 10 + index));

describe('a programme on the real register', function () {
  this.timeout(120_000);
  let register: Register;
  const [bytes1, bytes4] = [packUnits(UNITS, 1), packUnits(UNITS, 4)];

  before(async () => {
    register = await foundRegister();
  });
  after(() => register.close());
  afterEach(async () => {
    await expectSame(register);
  });

  const expectEntry = ({
    entry,
    prepared,
  }: Recorded & { prepared: { entryId: string; newState: string; kind: (typeof BENEFIT_ACTS)[number] } }) => {
    expect(entry).to.deep.include({
      entryId: prepared.entryId,
      newState: prepared.newState,
      kind: BENEFIT_KIND_BASE + BENEFIT_ACTS.indexOf(prepared.kind),
    });
  };
  const sell = async (cycle: number, purchases: readonly Purchase[]) => {
    const terms = sale({ cycle: cycleId(cycle) });
    const items = purchases.map((bought) =>
      signRedemption(register.register, terms, bought, cardKeyOf(register.genesisHash, bought.index)),
    );
    const batch = assembleBatch(register.register, terms, items, register.now + 1_000n);
    const recorded = await register.redeem(batch, TILL_KEY);
    const event = recorded.events.find((found) => found.name === 'BatchRedeemed');
    if (event?.name !== 'BatchRedeemed') throw new Error('no batch recorded');
    return { batch, recorded, event, results: readResults(event.results) };
  };

  it('is defined and funded, and its entries are the digests that were signed', async () => {
    expectEntry(await register.act('DefineProgramme', definition, keysOf.programme));
    expectEntry(await register.act('MoveFunds', moveFunds(), keysOf.programme));
  });

  it('enrols people by the slots that were folded', async () => {
    const slots = packSlots(cardsOf(register.genesisHash, PEOPLE));
    const act = {
      programme: PROGRAMME,
      enrolmentEpoch: EPOCH,
      startIndex: 0,
      count: PEOPLE,
      slotsHash: foldWords(slots),
      versionBefore: 0,
    };
    expectEntry(await register.act('Enrol', act, keysOf.enrolment));
    await register.loadSlots(PROGRAMME, EPOCH, slots);
  });

  it('registers a vendor and a till', async () => {
    expectEntry(await register.act('SetVendor', setVendor(), keysOf.vendor));
    expectEntry(await register.act('SetTill', setTill(), keysOf.vendor));
  });

  it('releases two overlapping cycles from the words that were packed, in chunks of any size', async () => {
    const inKind = envelope(bytes1, { cycle: cycleId(1), lane: 3 });
    const inUnits = envelope(bytes4, { cycle: cycleId(2), lane: 15, unitValueMinor: 7n });
    expectEntry(await register.act('CycleEnvelope', inKind, keysOf.cycle(cycleId(1))));
    expectEntry(await register.act('CycleEnvelope', inUnits, keysOf.cycle(cycleId(2))));
    await register.loadUnits(PROGRAMME, cycleId(1), chunksOf(bytes1.words, 0, undefined, 1));
    await register.loadUnits(PROGRAMME, cycleId(2), chunksOf(bytes4.words, 0, undefined, 4));
    for (const cycle of [cycleId(1), cycleId(2)]) {
      const { entry } = await register.send('finalise', PROGRAMME, cycle);
      const { cycle: released } = register.book.records(keysOf.cycle(cycle));
      expect(entry).to.deep.include({
        entryId: releaseEntryId(register.register, PROGRAMME, cycle),
        newState: released?.envelopeHash,
      });
    }
    const { cycle } = register.book.records(keysOf.cycle(cycleId(2)));
    await register.at(cycle?.opensAt ?? 0n);
  });
  const bought = (terms: Partial<Purchase>) => purchase({ soldAt: register.now, ...terms });

  it('redeems what cards signed and says of each other item why not', async () => {
    const remaining = (index: number) => UNITS[index] ?? 0;
    const opensAt = register.book.records(keysOf.cycle()).cycle?.opensAt ?? 0n;
    const purchases: readonly (readonly [ItemResult['outcome'], Purchase])[] = [
      ['redeemed', bought({ index: 0, remainingBefore: remaining(0), units: 3 })],
      ['redeemed', bought({ index: 44, remainingBefore: remaining(44), units: 50 })],
      ['item-index-out-of-range', bought({ index: PEOPLE })],
      ['item-sold-in-future', bought({ index: 1, remainingBefore: remaining(1), soldAt: register.now + 1n })],
      ['item-sold-outside-window', bought({ index: 1, remainingBefore: remaining(1), soldAt: opensAt - 1n })],
      ['item-units-out-of-range', bought({ index: 1, remainingBefore: remaining(1), units: 51 })],
      ['item-units-out-of-range', bought({ index: 1, remainingBefore: remaining(1), units: 0 })],
      ['card-epoch-differs', bought({ index: 1, remainingBefore: remaining(1), cardEpoch: 2 })],
      ['item-sequence-stale', bought({ index: 1, remainingBefore: remaining(1), sequence: 1 })],
      ['item-remaining-stale', bought({ index: 0, remainingBefore: remaining(0), units: 3 })],
      ['item-units-exceed-remaining', bought({ index: 3, remainingBefore: 0, units: 1 })],
    ];
    const { batch, recorded, event, results } = await sell(
      1,
      purchases.map(([, one]) => one),
    );
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(purchases.map(([outcome]) => outcome));
    expect(event.units).to.equal(53n);
    expect(results.map(resultWord)).to.deep.equal(event.results);
    expect(recorded.entry).to.deep.include({
      entryId: redemptionEntryId(batch.digest, event.results),
      newState: resultsHash(event.results),
      kind: BENEFIT_KIND_BASE + BENEFIT_ACTS.indexOf('redeemed'),
    });
  });

  it('raises the sequence of an entry of four bytes by every purchase', async () => {
    await sell(2, [bought({ index: 9, remainingBefore: 19, units: 4 })]);
    const again = bought({ index: 9, remainingBefore: 15, units: 4 });
    const { results } = await sell(2, [again, { ...again, sequence: 1 }]);
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(['item-sequence-stale', 'redeemed']);
  });

  it('settles what is past its dispute time, and once', async () => {
    register.now += BigInt(DISPUTE_SECONDS + 1);
    const act = settle({ units: 40n, amountMinor: 1_000n });
    expectEntry(await register.act('Settle', act, keysOf.cycle()));
    const next = settle({ settledBeforeUnits: 40n, units: 13n, amountMinor: 325n });
    expectEntry(await register.act('Settle', next, keysOf.cycle()));
  });

  it('refuses a replaced card and takes the new one', async () => {
    const [fresh] = cardsOf(register.genesisHash, 1);
    if (fresh === undefined) throw new Error('no card');
    const own = cardsOf(register.genesisHash, 9)[8];
    if (own === undefined) throw new Error('no card');
    const suspend = setCard(own, { index: 8, cardEpoch: 1, standing: 'suspended' });
    expectEntry(await register.act('SetCard', suspend, keysOf.card(8)));
    const signed = { index: 8, remainingBefore: 18, soldAt: register.now };
    const good = bought({ index: 11, remainingBefore: 21, units: 1, soldAt: register.now });
    const { results } = await sell(1, [bought(signed), good]);
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(['card-not-active', 'redeemed']);
    expectEntry(
      await register.act(
        'SetCard',
        setCard(fresh, { index: 8, versionBefore: 1, effectiveFrom: register.now + 10n }),
        keysOf.card(8),
      ),
    );
    const early = await sell(1, [bought({ ...signed, cardEpoch: 2 }), { ...good, remainingBefore: 20 }]);
    expect(early.results[0]?.outcome).to.equal('card-not-yet-effective');
    register.now += 10n;
    // The card is person 0's key now, so person 8's old key no longer signs for it.
    const late = await sell(1, [
      bought({ ...signed, cardEpoch: 1 }),
      bought({ ...signed, cardEpoch: 2 }),
      { ...good, remainingBefore: 19 },
    ]);
    expect(late.results.map(({ outcome }) => outcome)).to.deep.equal([
      'card-epoch-differs',
      'item-signature-invalid',
      'redeemed',
    ]);
  });

  it('is paused and resumed', async () => {
    const pausedUntil = register.now + 9_999n;
    const pause = { programme: PROGRAMME, pausedUntil, byTwoInstitutions: false, versionBefore: 0 };
    expectEntry(await register.act('PauseProgramme', pause, keysOf.programme));
    const resume = { programme: PROGRAMME, versionBefore: 1 };
    expectEntry(await register.act('ResumeProgramme', resume, keysOf.programme));
  });

  it('ends one cycle early, expires the other, and closes both', async () => {
    const first = keysOf.cycle(cycleId(1));
    const endsAt = register.now + BigInt(definition.mostOfflineSeconds) + 9n;
    expectEntry(await register.act('MoveCycle', moveCycle({ step: 'end-early', endsAt }), first));
    register.now = START + 1_200_000n;
    const unspent = () => {
      const { cycle } = register.book.records(first);
      return cycle === undefined ? 0n : outstandingUnits(cycle);
    };
    expectEntry(
      await register.act('MoveCycle', moveCycle({ step: 'reclaim', unspentUnits: unspent() }), first),
    );
    expectEntry(await register.act('MoveCycle', moveCycle(), first));
    const second = keysOf.cycle(cycleId(2));
    const left = bytes4.totalUnits - 8n;
    const expire = moveCycle({ cycle: cycleId(2), step: 'expire', unspentUnits: left });
    expectEntry(await register.act('MoveCycle', expire, second));
    expectEntry(await register.act('MoveCycle', moveCycle({ cycle: cycleId(2) }), second));
  });

  it('uses its money again and returns the rest', async () => {
    const reclaimed = register.book.records(keysOf.programme).programme?.reclaimedMinor ?? 0n;
    const reuse = (move: 'reuse-expired' | 'reuse-reclaimed' | 'defund', amountMinor: bigint) =>
      register.act('MoveFunds', moveFunds({ move, amountMinor }), keysOf.programme);
    expect(reclaimed > 0n).to.equal(true);
    expectEntry(await reuse('reuse-reclaimed', reclaimed));
    expectEntry(await reuse('reuse-expired', 7n));
    expectEntry(await reuse('defund', 1_234n));
  });

  it('opens a lane again over a table that was spent from, and gives a cycle up while loading', async () => {
    const opensAt = register.now;
    const window = { opensAt, spendUntil: opensAt + 4_000n, postUntil: opensAt + 4_000n };
    const third = envelope(bytes1, { cycle: cycleId(3), lane: 3, ...window });
    expectEntry(await register.act('CycleEnvelope', third, keysOf.cycle(cycleId(3))));
    const cancel = moveCycle({ cycle: cycleId(3), step: 'cancel' });
    expectEntry(await register.act('MoveCycle', cancel, keysOf.cycle(cycleId(3))));
    const fourth = envelope(bytes1, { cycle: cycleId(4), lane: 3, ...window });
    expectEntry(await register.act('CycleEnvelope', fourth, keysOf.cycle(cycleId(4))));
    await register.loadUnits(PROGRAMME, cycleId(4), chunksOf(bytes1.words));
    await register.release(PROGRAMME, cycleId(4));
  });

  async function expectSame({ book, views: contract, moment }: Register) {
    const books = book.books(PROGRAMME);
    if (books === undefined) throw new Error('nothing was followed');
    const { programme, cycles } = books;
    expect(checkMoney(books)).to.deep.equal([]);
    expect(moneyOf(programme, cycles.values())).to.deep.equal(
      plain(await contract.getFunction('money')(PROGRAMME)),
    );
    expect(plain(await contract.getFunction('programmeOf')(PROGRAMME))).to.deep.equal(
      widened({
        institution: programme.institution,
        currency: programme.currency,
        pausedAt: programme.pauses.from,
        pausedUntil: programme.pauses.until,
        pausedSeconds: programme.pauses.secondsBefore,
        pausedByTwo: programme.pausedByTwo,
        version: programme.version,
        mostPerRedemptionUnits: programme.mostPerRedemptionUnits,
        disputeSeconds: programme.disputeSeconds,
        leastOpenSeconds: programme.leastOpenSeconds,
        mostOfflineSeconds: programme.mostOfflineSeconds,
        assistedCapUnits: programme.assistedCapUnits,
        emergencyCapUnits: programme.emergencyCapUnits,
        office: programme.office,
        policyHash: programme.policyHash,
      }),
    );
    for (const [number, cycle] of cycles) {
      const {
        words: _,
        foldRest: __,
        ...stored
      } = plain(await contract.getFunction('cycleOf')(PROGRAMME, number));
      expect(stored, `cycle ${number}`).to.deep.equal(
        widened({
          ...cycle,
          state: CYCLE_STATES.indexOf(cycle.state),
          outstandingUnits: outstandingUnits(cycle),
        }),
      );
    }
    const earned = books.credits.get(cycleId(1))?.get(VENDOR);
    if (earned !== undefined) {
      const view = plain(await contract.getFunction('creditOf')(PROGRAMME, cycleId(1), VENDOR));
      // The view is asked in the pending block, at the time of the last one or later.
      const {
        closedUnits: _,
        closedAt: __,
        lastAfterSeconds: ___,
        withheldAt: ____,
        ...now
      } = matured(earned, programme.disputeSeconds, { ...moment, nowSeconds: moment.nowSeconds - 1n });
      expect(view).to.deep.equal(now);
    }
    const { card } = book.records(keysOf.card(8));
    if (card !== undefined) {
      expect(plain(await contract.getFunction('cardOf')(PROGRAMME, EPOCH, 8))).to.deep.equal(
        widened({
          ...card,
          keyKind: KEY_KINDS.indexOf(card.keyKind),
          standing: PERMITS.indexOf(card.standing),
        }),
      );
    }
    const { vendor, till } = book.records({ vendor: VENDOR, till: { vendor: VENDOR, till: TILL } });
    if (vendor !== undefined && till !== undefined) {
      expect(plain(await contract.getFunction('vendorOf')(VENDOR))).to.deep.equal(
        widened({ ...vendor, standing: PERMITS.indexOf(vendor.standing) }),
      );
      expect(plain(await contract.getFunction('tillOf')(VENDOR, TILL))).to.deep.equal(
        widened({
          ...till,
          keyKind: KEY_KINDS.indexOf(till.keyKind),
          standing: PERMITS.indexOf(till.standing),
        }),
      );
    }
  }
});

/** An answer of the contract, by the names of its fields, addresses in lower case. */
function plain(answer: { toObject(): Record<string, unknown> }): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answer.toObject()).map(([name, value]) => [
      name,
      typeof value === 'string' ? (value.toLowerCase() as Bytes32) : value,
    ]),
  );
}

/** Every number as the contract answers it. */
function widened(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, typeof value === 'number' ? BigInt(value) : value]),
  );
}
