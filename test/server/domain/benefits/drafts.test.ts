/** A programme run by drafts alone: what an officer decides is enough, and the real register takes every act. */
import { expect } from 'chai';
import { ZERO_32, ZERO_ADDRESS } from '../../../../server/domain/base/hex.ts';
import {
  draftCard,
  draftEnrolment,
  draftFunds,
  draftPause,
  draftResumption,
  draftSettlement,
  draftStep,
  draftTill,
  draftVendor,
} from '../../../../server/domain/benefits/drafts.ts';
import { matured } from '../../../../server/domain/benefits/records.ts';
import { assembleBatch, signRedemption } from '../../../../server/domain/benefits/redemption.ts';
import type { TillId } from '../../../../server/domain/benefits/terms.ts';
import { chunksOf, packUnits } from '../../../../server/domain/benefits/unitsTable.ts';
import { seeded } from '../../../seeded.ts';
import {
  cardKeyOf,
  cardsOf,
  cycleId,
  DISPUTE_SECONDS,
  definition,
  EPOCH,
  envelope,
  INSTITUTION,
  keysOf,
  PROGRAMME,
  purchase,
  sale,
  setTill,
  TILL_KEY,
  VENDOR,
} from './programme.ts';
import { foundRegister, type Register } from './register.ts';

const TABLE = packUnits([10, 20, 30, 40, 50], 1);
const place = { programme: PROGRAMME, enrolmentEpoch: EPOCH };
const ofCycle = { programme: PROGRAMME, cycle: cycleId(1) };

describe('drafts of acts', function () {
  this.timeout(60_000);
  let register: Register;
  const records = () => {
    const { programme, cycle, ...others } = register.book.records({ ...keysOf.cycle(), ...keysOf.vendor });
    if (programme === undefined) throw new Error('no programme');
    return { programme, cycle, ...others };
  };
  const onSale = () => {
    const { programme, cycle, credit } = records();
    if (cycle === undefined) throw new Error('no cycle');
    return { programme, cycle, credit };
  };

  before(async () => {
    register = await foundRegister();
    await register.act('DefineProgramme', definition, keysOf.programme);
  });
  after(() => register.close());

  it('fund, pause and resume from what was moved and paused before', async () => {
    for (const amountMinor of [5_000n, 3_000n]) {
      const act = draftFunds(PROGRAMME, records().programme, 'fund', amountMinor, ZERO_32);
      await register.act('MoveFunds', act, keysOf.programme);
    }
    const pause = draftPause(PROGRAMME, records().programme, register.now + 100n, false);
    await register.act('PauseProgramme', pause, keysOf.programme);
    const resumption = draftResumption(PROGRAMME, records().programme);
    await register.act('ResumeProgramme', resumption, keysOf.programme);
    const { programme } = records();
    expect(programme).to.include({ version: 2, unallocatedMinor: 8_000n });
    expect(programme.pauses.until).to.equal(register.now - 1n);
  });

  it('enrol after those enrolled before, and replace, suspend and take away a card', async () => {
    const cards = cardsOf(register.genesisHash, 5);
    for (const some of [cards.slice(0, 2), cards.slice(2)]) {
      const { act, slots } = draftEnrolment(place, records().enrolment, some);
      await register.act('Enrol', act, keysOf.enrolment);
      await register.loadSlots(PROGRAMME, EPOCH, slots, act.startIndex);
    }
    expect(records().enrolment).to.deep.equal({ enrolled: 5, signed: 5, version: 2 });
    const change = async (next: Parameters<typeof draftCard>[2]) => {
      const { card } = register.book.records(keysOf.card(3));
      if (card === undefined) throw new Error('no card');
      await register.act('SetCard', draftCard({ ...place, index: 3 }, card, next), keysOf.card(3));
    };
    const first = cards[3];
    if (first === undefined) throw new Error('no card');
    await change({ ...first, standing: 'suspended' });
    await change({ ...first, keyKind: 'unspecified', keyId: ZERO_ADDRESS });
    expect(register.book.records(keysOf.card(3)).card).to.include({
      cardEpoch: 2,
      version: 2,
      keyKind: 'unspecified',
    });
  });

  it('name what they move, whom they ask for, and what a pause stops', () => {
    const { programme } = records();
    const act = draftFunds(PROGRAMME, programme, 'fund', 1_000_001n, ZERO_32);
    const { authority } = register.prepare('MoveFunds', act, register.book.records(keysOf.programme));
    const ours = { institution: INSTITUTION, pauseScope: 'disbursement', byTwoInstitutions: false };
    expect(authority).to.deep.equal({ ...ours, amountMinor: 1_000_001n });
    const pauseOf = (byTwo: boolean) =>
      register.prepare(
        'PauseProgramme',
        draftPause(PROGRAMME, programme, register.now + 9n, byTwo),
        records(),
      ).authority;
    expect(pauseOf(true)).to.include({ byTwoInstitutions: true, amountMinor: 0n, pauseScope: undefined });
    expect(pauseOf(false).byTwoInstitutions).to.equal(false);
  });

  it('register, suspend and restore a vendor and its till', async () => {
    for (const standing of ['active', 'suspended', 'active'] as const) {
      const vendor = draftVendor(VENDOR, INSTITUTION, records().vendor, standing, 0n);
      await register.act('SetVendor', vendor, keysOf.vendor);
      const { keyKind, keyId } = setTill();
      const till = draftTill({ vendor: VENDOR, till: 1 as TillId }, records().till, {
        keyKind,
        keyId,
        standing,
      });
      await register.act('SetTill', till, keysOf.vendor);
    }
    expect(records().vendor?.version).to.equal(3);
  });

  it('settle everything past dispute, again after more sales, and account for the rest', async () => {
    const waiting = new Set<bigint>();
    const long = { spendUntil: register.now + 900_000n, postUntil: register.now + 950_000n };
    await register.act('CycleEnvelope', envelope(TABLE, long), keysOf.cycle());
    await register.loadUnits(PROGRAMME, cycleId(1), chunksOf(TABLE.words));
    await register.release(PROGRAMME, cycleId(1));
    for (const index of [0, 1, 2]) {
      const bought = purchase({ index, remainingBefore: 10 * (index + 1), units: 7, soldAt: register.now });
      const item = signRedemption(register.register, sale(), bought, cardKeyOf(register.genesisHash, index));
      await register.redeem(assembleBatch(register.register, sale(), [item], register.now + 9n), TILL_KEY);
      register.now += 2n * BigInt(DISPUTE_SECONDS);
      const act = draftSettlement({ ...ofCycle, vendor: VENDOR }, onSale(), ZERO_32, register.moment);
      expect(act).to.include({ units: 7n, amountMinor: 175n, settledBeforeUnits: 7n * BigInt(index) });
      await register.act('Settle', act, keysOf.cycle());
    }
    // A busy vendor: sales closer to each other than the dispute time, in two buckets.
    const random = seeded(20260413);
    let left = 50;
    for (let sold = 0; sold < 40; sold++) {
      const bought = purchase({ index: 4, remainingBefore: left, units: 1, soldAt: register.now });
      left -= 1;
      const item = signRedemption(register.register, sale(), bought, cardKeyOf(register.genesisHash, 4));
      await register.redeem(assembleBatch(register.register, sale(), [item], register.now + 9n), TILL_KEY);
      await register.at(register.now + BigInt(random.below(DISPUTE_SECONDS)));
      const { programme, credit } = onSale();
      if (credit === undefined) throw new Error('nothing earned');
      // Calls see the time of the block that was just made.
      const moment = { ...register.moment, nowSeconds: register.now - 1n };
      const { maturedUnits, creditedUnits } = matured(credit, programme.disputeSeconds, moment);
      const view = await register.views.getFunction('creditOf')(PROGRAMME, cycleId(1), VENDOR);
      expect([view.creditedUnits, view.maturedUnits]).to.deep.equal([creditedUnits, maturedUnits]);
      if (maturedUnits < creditedUnits) waiting.add(creditedUnits - maturedUnits);
    }
    expect(waiting.size).to.be.above(2);
    for (const step of ['end-early', 'reclaim', 'close'] as const) {
      const endsAt = step === 'end-early' ? register.now + 604_800n : 0n;
      await register.act('MoveCycle', draftStep(ofCycle, onSale().cycle, step, endsAt), keysOf.cycle());
      register.now += 950_000n;
    }
    expect(records().programme.reclaimedMinor).to.equal(89n * 25n);
  });
});
