/** What the domain refuses before signing is what the register refuses, by the same code, act by act. */

import { expect } from 'chai';
import { ACTS } from '../../../../server/domain/acts/table.ts';
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import type { InstitutionId, ProgrammeId, VendorId } from '../../../../server/domain/base/terms.ts';
import type { Acts } from '../../../../server/domain/benefits/act.ts';
import { type Card, NO_CARD, packSlots } from '../../../../server/domain/benefits/cards.ts';
import type { Touched } from '../../../../server/domain/benefits/follow.ts';
import { prepareAct } from '../../../../server/domain/benefits/prepare.ts';
import {
  assembleBatch,
  type RedemptionItem,
  signRedemption,
  unpackItems,
} from '../../../../server/domain/benefits/redemption.ts';
import { MAX_BATCH_ITEMS, OPENING_NOTICE_SECONDS } from '../../../../server/domain/benefits/terms.ts';
import type { ActName } from '../../../../server/domain/benefits/types.ts';
import { chunksOf, foldWords, packUnits } from '../../../../server/domain/benefits/unitsTable.ts';
import {
  cardKeyOf,
  cardsOf,
  cycleId,
  definition,
  EPOCH,
  envelope,
  keysOf,
  moveCycle,
  moveFunds,
  OTHER_VENDOR,
  PROGRAMME,
  purchase,
  sale,
  setCard,
  setTill,
  settle,
  setVendor,
  TILL_KEY,
  VENDOR,
} from './programme.ts';
import { bytes32, foundRegister, type Register, START } from './register.ts';

const PEOPLE = 40;
const TABLE = packUnits(new Uint32Array(PEOPLE).fill(10), 1);
const UNKNOWN = bytes32(0xdead) as ProgrammeId;
const unknown: Touched = { programme: UNKNOWN };
const KEY = `0x${'11'.repeat(20)}` as Address;

/** An act that must be refused, over the records under some keys. */
type Case = {
  readonly [N in ActName]: readonly [code: string, name: N, act: Acts[N], keys: Touched];
}[ActName];

/** Everything that can be wrong with an act on a funded programme with two cycles, the first released. */
function cases({ now }: Register): Case[] {
  const { programme, enrolment, card, vendor, cycle } = keysOf;
  const fresh: Card = { ...NO_CARD, keyKind: 'secp256k1', keyId: KEY };
  const pausedUntil = now + 100n;
  const other = { ...cycle(cycleId(9)) };
  const open = (act: Partial<Acts['CycleEnvelope']>): Acts['CycleEnvelope'] =>
    envelope(TABLE, { cycle: cycleId(9), lane: 5, spendUntil: now + 100n, postUntil: now + 100n, ...act });
  const enrol = {
    programme: PROGRAMME,
    enrolmentEpoch: EPOCH,
    startIndex: PEOPLE,
    count: 1,
    slotsHash: ZERO_32,
    versionBefore: 1,
  };
  const pause = { programme: PROGRAMME, pausedUntil, byTwoInstitutions: false, versionBefore: 0 };
  const release = {
    ...{ programme: PROGRAMME, cycle: cycleId(1), vendor: VENDOR, releasedBeforeUnits: 0n, units: 1n },
    caseCommitment: ZERO_32,
  };
  const otherAgency = 3 as InstitutionId;
  return [
    ['identifier-missing', 'DefineProgramme', { ...definition, programme: ZERO_32 as ProgrammeId }, {}],
    ['identifier-missing', 'DefineProgramme', { ...definition, institution: 0 as InstitutionId }, {}],
    ['programme-exists', 'DefineProgramme', definition, programme],
    ['policy-out-of-range', 'DefineProgramme', { ...definition, programme: UNKNOWN, currency: 0 }, unknown],
    [
      'policy-out-of-range',
      'DefineProgramme',
      { ...definition, programme: UNKNOWN, mostPerRedemptionUnits: 0 },
      unknown,
    ],
    [
      'policy-out-of-range',
      'DefineProgramme',
      { ...definition, programme: UNKNOWN, mostPerRedemptionUnits: 2 ** 24 },
      unknown,
    ],
    [
      'policy-out-of-range',
      'DefineProgramme',
      { ...definition, programme: UNKNOWN, disputeSeconds: 2 ** 24 },
      unknown,
    ],
    ['programme-unknown', 'MoveFunds', moveFunds({ programme: UNKNOWN }), unknown],
    ['amount-missing', 'MoveFunds', moveFunds({ amountMinor: 0n }), programme],
    ['funds-move-unknown', 'MoveFunds', moveFunds({ move: 'unspecified' }), programme],
    ['funds-state-stale', 'MoveFunds', moveFunds(), programme],
    [
      'amount-out-of-range',
      'MoveFunds',
      moveFunds({ amountMinor: 2n ** 128n - 1n, movedBeforeMinor: 500_000n }),
      programme,
    ],
    ['funds-insufficient', 'MoveFunds', moveFunds({ move: 'defund', amountMinor: 490_001n }), programme],
    ['funds-insufficient', 'MoveFunds', moveFunds({ move: 'reuse-expired', amountMinor: 1n }), programme],
    ['funds-insufficient', 'MoveFunds', moveFunds({ move: 'reuse-reclaimed', amountMinor: 1n }), programme],
    ['programme-unknown', 'PauseProgramme', { ...pause, programme: UNKNOWN }, unknown],
    ['programme-version-stale', 'PauseProgramme', { ...pause, versionBefore: 1 }, programme],
    ['programme-pause-out-of-range', 'PauseProgramme', { ...pause, pausedUntil: now - 9n }, programme],
    [
      'programme-pause-out-of-range',
      'PauseProgramme',
      { ...pause, pausedUntil: now + 7_776_009n },
      programme,
    ],
    ['programme-unknown', 'ResumeProgramme', { programme: UNKNOWN, versionBefore: 0 }, unknown],
    ['programme-version-stale', 'ResumeProgramme', { programme: PROGRAMME, versionBefore: 1 }, programme],
    ['programme-not-paused', 'ResumeProgramme', { programme: PROGRAMME, versionBefore: 0 }, programme],
    ['programme-unknown', 'Enrol', { ...enrol, programme: UNKNOWN }, unknown],
    ['enrolment-state-stale', 'Enrol', { ...enrol, startIndex: PEOPLE - 1 }, enrolment],
    ['enrolment-size-out-of-range', 'Enrol', { ...enrol, count: 0 }, enrolment],
    ['enrolment-size-out-of-range', 'Enrol', { ...enrol, count: 2 ** 24 - PEOPLE + 1 }, enrolment],
    ['programme-unknown', 'SetCard', setCard(fresh, { programme: UNKNOWN }), unknown],
    ['person-unknown', 'SetCard', setCard(fresh, { index: PEOPLE }), card(PEOPLE)],
    ['card-state-stale', 'SetCard', setCard(fresh, { versionBefore: 1 }), card(0)],
    ['card-epoch-out-of-order', 'SetCard', setCard(fresh, { cardEpoch: 3 }), card(0)],
    ['card-malformed', 'SetCard', setCard(fresh, { cardEpoch: 1, standing: 'suspended' }), card(0)],
    ['standing-unchangeable', 'SetCard', setCard(fresh, { cardEpoch: 1 }), card(0)],
    ['standing-unchangeable', 'SetCard', setCard(fresh, { standing: 'suspended' }), card(0)],
    ['standing-unknown', 'SetCard', setCard(fresh, { cardEpoch: 1, standing: 'unspecified' }), card(0)],
    ['card-malformed', 'SetCard', setCard(fresh, { keyId: ZERO_ADDRESS }), card(0)],
    ['card-malformed', 'SetCard', setCard(fresh, { keyKind: 'unspecified' }), card(0)],
    ['card-malformed', 'SetCard', setCard(fresh, { keyKind: 'webauthn' }), card(0)],
    ['card-malformed', 'SetCard', setCard(fresh, { effectiveFrom: 2n ** 40n }), card(0)],
    ['identifier-missing', 'SetVendor', setVendor({ vendor: ZERO_32 as VendorId }), {}],
    ['standing-unknown', 'SetVendor', setVendor({ standing: 'unspecified', versionBefore: 1 }), vendor],
    ['standing-unchangeable', 'SetVendor', setVendor({ versionBefore: 1 }), vendor],
    ['vendor-of-another-institution', 'SetVendor', setVendor({ institution: otherAgency }), vendor],
    ['vendor-state-stale', 'SetVendor', setVendor(), vendor],
    [
      'vendor-state-stale',
      'SetVendor',
      setVendor({ vendor: OTHER_VENDOR, versionBefore: 1 }),
      { vendor: OTHER_VENDOR },
    ],
    [
      'standing-moment-out-of-range',
      'SetVendor',
      setVendor({ versionBefore: 1, standing: 'suspended', from: now }),
      vendor,
    ],
    ['identifier-missing', 'SetTill', setTill({ till: 0 as Acts['SetTill']['till'] }), vendor],
    ['standing-unknown', 'SetTill', setTill({ standing: 'unspecified', versionBefore: 1 }), vendor],
    ['standing-unchangeable', 'SetTill', setTill({ versionBefore: 1 }), vendor],
    ['vendor-unknown', 'SetTill', setTill({ vendor: OTHER_VENDOR }), { vendor: OTHER_VENDOR }],
    ['till-state-stale', 'SetTill', setTill(), vendor],
    ['till-key-malformed', 'SetTill', setTill({ versionBefore: 1, keyId: ZERO_ADDRESS }), vendor],
    ['till-key-malformed', 'SetTill', setTill({ versionBefore: 1, keyKind: 'webauthn' }), vendor],
    ['till-key-malformed', 'SetTill', setTill({ versionBefore: 1, keyId: KEY }), vendor],
    ['programme-unknown', 'CycleEnvelope', open({ programme: UNKNOWN }), unknown],
    ['identifier-missing', 'CycleEnvelope', open({ cycle: cycleId(0) }), other],
    ['cycle-exists', 'CycleEnvelope', open({ cycle: cycleId(1) }), cycle()],
    ['currency-differs', 'CycleEnvelope', open({ currency: 405 }), other],
    ['lane-out-of-range', 'CycleEnvelope', open({ lane: 16 }), other],
    ['lane-occupied', 'CycleEnvelope', open({ lane: 0 }), other],
    ['entry-bytes-unknown', 'CycleEnvelope', open({ entryBytes: 2 }), other],
    ['cycle-count-out-of-range', 'CycleEnvelope', open({ count: 0 }), other],
    ['cycle-count-out-of-range', 'CycleEnvelope', open({ count: PEOPLE + 1 }), other],
    ['cycle-total-out-of-range', 'CycleEnvelope', open({ totalUnits: 0n }), other],
    ['cycle-total-out-of-range', 'CycleEnvelope', open({ totalUnits: 255n * 40n + 1n }), other],
    ['unit-value-missing', 'CycleEnvelope', open({ unitValueMinor: 0n }), other],
    ['cycle-window-invalid', 'CycleEnvelope', open({ opensAt: now + 100n }), other],
    ['cycle-window-invalid', 'CycleEnvelope', open({ postUntil: now + 99n }), other],
    ['cycle-window-invalid', 'CycleEnvelope', open({ postUntil: 2n ** 40n }), other],
    ['cycle-window-invalid', 'CycleEnvelope', open({ opensAt: 1n, spendUntil: now - 2n }), other],
    ['programme-unknown', 'MoveCycle', moveCycle({ programme: UNKNOWN }), unknown],
    ['cycle-step-unknown', 'MoveCycle', moveCycle({ step: 'unspecified' }), cycle()],
    ['cycle-unknown', 'MoveCycle', moveCycle({ cycle: cycleId(9) }), other],
    ['cycle-state-differs', 'MoveCycle', moveCycle({ step: 'reclaim' }), cycle()],
    ['cycle-state-differs', 'MoveCycle', moveCycle({ step: 'close' }), cycle()],
    [
      'cycle-state-differs',
      'MoveCycle',
      moveCycle({ cycle: cycleId(2), step: 'end-early' }),
      cycle(cycleId(2)),
    ],
    ['cycle-state-differs', 'MoveCycle', moveCycle({ cycle: cycleId(2), step: 'expire' }), cycle(cycleId(2))],
    ['cycle-end-out-of-range', 'MoveCycle', moveCycle({ step: 'end-early', endsAt: now + 9n }), cycle()],
    [
      'cycle-end-out-of-range',
      'MoveCycle',
      moveCycle({ step: 'end-early', endsAt: now + BigInt(definition.mostOfflineSeconds) - 2n }),
      cycle(),
    ],
    [
      'cycle-end-out-of-range',
      'MoveCycle',
      moveCycle({ step: 'end-early', endsAt: START + 1_000_001n }),
      cycle(),
    ],
    ['cycle-step-too-early', 'MoveCycle', moveCycle({ step: 'expire' }), cycle()],
    [
      'unspent-units-stale',
      'MoveCycle',
      moveCycle({ cycle: cycleId(2), step: 'cancel', unspentUnits: 1n }),
      cycle(cycleId(2)),
    ],
    ['programme-unknown', 'Settle', settle({ programme: UNKNOWN }), unknown],
    ['cycle-unknown', 'Settle', settle({ cycle: cycleId(9) }), other],
    ['settlement-state-stale', 'Settle', settle({ settledBeforeUnits: 1n }), cycle()],
    ['settlement-exceeds-credit', 'Settle', settle({ units: 0n, amountMinor: 0n }), cycle()],
    ['settlement-exceeds-credit', 'Settle', settle(), cycle()],
    ['credit-state-stale', 'ReleaseCredit', { ...release, releasedBeforeUnits: 1n }, cycle()],
    ['credit-not-withheld', 'ReleaseCredit', release, cycle()],
  ];
}

describe('a refusal before signing', function () {
  this.timeout(120_000);
  let register: Register;
  const refused = (run: () => unknown): string | undefined => {
    try {
      run();
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      throw error;
    }
  };
  /** The act as if nothing were wrong with it: no rule reads the records of the preparation. */
  const sent = async (name: ActName, act: Acts[ActName]) => {
    const prepared = register.sign(name, act);
    return register.refusalOf(ACTS[name].method, ...register.argumentsOf(prepared));
  };
  const agree = async ([code, name, act, keys]: Case) => {
    const setting = {
      register: register.register,
      head: register.head(),
      records: register.book.records(keys),
      moment: register.moment,
    };
    const label = `${name} ${code}`;
    expect(
      refused(() => prepareAct(name, act as never, setting)),
      label,
    ).to.equal(code);
    expect(await sent(name, act), `${label} on chain`).to.equal(code);
  };

  before(async () => {
    register = await foundRegister();
    const slots = packSlots(cardsOf(register.genesisHash, PEOPLE));
    const enrol = {
      programme: PROGRAMME,
      enrolmentEpoch: EPOCH,
      startIndex: 0,
      count: PEOPLE,
      slotsHash: foldWords(slots),
      versionBefore: 0,
    };
    await register.act('DefineProgramme', definition, keysOf.programme);
    await register.act('MoveFunds', moveFunds(), keysOf.programme);
    await register.act('Enrol', enrol, keysOf.enrolment);
    await register.loadSlots(PROGRAMME, EPOCH, slots);
    await register.act('SetVendor', setVendor(), keysOf.vendor);
    await register.act('SetTill', setTill(), keysOf.vendor);
    const first = envelope(TABLE, { opensAt: START + 50n });
    await register.act('CycleEnvelope', first, keysOf.cycle());
    await register.loadUnits(PROGRAMME, cycleId(1), chunksOf(TABLE.words));
    await register.send('finalise', PROGRAMME, cycleId(1));
    const second = envelope(TABLE, { cycle: cycleId(2), lane: 1 });
    await register.act('CycleEnvelope', second, keysOf.cycle(cycleId(2)));
  });
  after(() => register.close());

  it('is the one the register answers, for every act and every rule of it', async () => {
    const all = cases(register);
    for (const one of all) await agree(one);
    expect(all).to.have.lengthOf(88);
  });

  it('is the same once units are sold: what was paid, what is past dispute, what is outstanding', async () => {
    await register.at(START + OPENING_NOTICE_SECONDS + 60n);
    await agree(['cycle-step-too-late', 'MoveCycle', moveCycle({ step: 'cancel' }), keysOf.cycle()]);
    const bought = purchase({ soldAt: register.now });
    const item = signRedemption(register.register, sale(), bought, cardKeyOf(register.genesisHash, 0));
    await register.redeem(assembleBatch(register.register, sale(), [item], START + 9_999n), TILL_KEY);
    const { cycle } = keysOf;
    await agree(['settlement-exceeds-credit', 'Settle', settle(), cycle()]);
    await register.at(register.now + 3_600n);
    await agree(['settlement-exceeds-credit', 'Settle', settle({ units: 4n, amountMinor: 100n }), cycle()]);
    await agree(['settlement-amount-differs', 'Settle', settle({ amountMinor: 24n }), cycle()]);
    await register.at(START + 1_200_000n);
    await agree([
      'unspent-units-stale',
      'MoveCycle',
      moveCycle({ step: 'expire', unspentUnits: 396n }),
      cycle(),
    ]);
    await register.act('MoveCycle', moveCycle({ step: 'expire', unspentUnits: 397n }), cycle());
    await agree(['cycle-state-differs', 'MoveCycle', moveCycle({ step: 'end-early' }), cycle()]);
  });

  it('of a batch is the one for its words', async () => {
    const good = signRedemption(register.register, sale(), purchase(), cardKeyOf(register.genesisHash, 0));
    const tooMany = new Array<RedemptionItem>(MAX_BATCH_ITEMS + 1).fill(good);
    expect(refused(() => assembleBatch(register.register, sale(), [], 1n))).to.equal('item-count-differs');
    expect(refused(() => assembleBatch(register.register, sale(), tooMany, 1n))).to.equal(
      'item-count-differs',
    );
    const { items } = assembleBatch(register.register, sale(), [good, good], 1n);
    const [first = ZERO_32] = items;
    const spare = `0x01${first.slice(4)}` as Bytes32;
    const unread = `${first.slice(0, -2)}03` as Bytes32;
    expect(refused(() => unpackItems(items, 1))).to.equal('item-count-differs');
    expect(refused(() => unpackItems(items, 0))).to.equal('item-count-differs');
    expect(refused(() => unpackItems(items, 3))).to.equal('item-count-differs');
    expect(refused(() => unpackItems([spare, ...items.slice(1)], 2))).to.equal('item-malformed');
    expect(refused(() => unpackItems([unread, ...items.slice(1)], 2))).to.equal('item-malformed');
    expect(refused(() => unpackItems(items.slice(0, 7), 2))).to.equal('item-malformed');
    expect(unpackItems(items, 2)).to.deep.equal([good, good]);
  });
});
