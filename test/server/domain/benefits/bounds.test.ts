/**
 * The largest call of every kind fits a transaction with room, storage cold: lists at the longest chunk, and batches in
 * their dearest form, which is passkeys, words read for the first time, and dates that the ledger does not see at a
 * glance.
 */
import { p256 } from '@noble/curves/nist.js';
import { expect } from 'chai';
import { addressOfPrivateKey, signCompact } from '../../../../server/domain/acts/signing.ts';
import { TRANSACTION_GAS_CAP } from '../../../../server/domain/base/chain.ts';
import { fromHex, toHex } from '../../../../server/domain/base/hex.ts';
import type { Acts } from '../../../../server/domain/benefits/act.ts';
import { type Card, NO_CARD, p256KeyId, packSlots } from '../../../../server/domain/benefits/cards.ts';
import type { Touched } from '../../../../server/domain/benefits/follow.ts';
import {
  assembleBatch,
  type RedemptionItem,
  readResults,
  redemptionDigest,
} from '../../../../server/domain/benefits/redemption.ts';
import { MAX_BATCH_ITEMS } from '../../../../server/domain/benefits/terms.ts';
import type { ActName } from '../../../../server/domain/benefits/types.ts';
import {
  chunksOf,
  foldWords,
  packUnits,
  WORDS_PER_CALL,
} from '../../../../server/domain/benefits/unitsTable.ts';
import {
  cycleId,
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
  TILL_KEY,
  VENDOR,
} from './programme.ts';
import { bytes32, foundRegister, type Recorded, type Register, START } from './register.ts';

const PASSKEY = new Uint8Array(32).fill(0x31);
const PUBLIC = p256.getPublicKey(PASSKEY, false).subarray(1);
/** People of one word of the table. */
const STRIDE = 8;
/** What the largest call leaves of a transaction: an estimate adds a hundredth. */
const ROOM = TRANSACTION_GAS_CAP / 128;
const DAY = 86_400n;

/** The dearest call of each kind so far. */
const dearest = new Map<string, number>();

function keep(kind: string, { gasUsed }: Pick<Recorded, 'gasUsed'>): void {
  dearest.set(kind, Math.max(gasUsed, dearest.get(kind) ?? 0));
}

/** Each kind below the cap, and what each took, for docs/figures.md. */
function expectRoom(kinds: number): void {
  for (const [kind, gas] of dearest) {
    console.log(`      ${kind} | ${gas} gas`);
    expect(gas, kind).to.be.below(TRANSACTION_GAS_CAP - ROOM);
  }
  expect(dearest.size).to.equal(kinds);
  dearest.clear();
}

describe('the largest act of a kind', function () {
  this.timeout(300_000);
  let register: Register;
  const cards = (count: number): Card[] => {
    const key = (index: number) => `0x${(index + 1).toString(16).padStart(40, 'a')}` as const;
    return Array.from({ length: count }, (_, i) => {
      return { ...NO_CARD, keyKind: 'secp256k1', keyId: key(i) as Card['keyId'], effectiveFrom: START };
    });
  };

  before(async () => {
    register = await foundRegister();
  });
  after(() => register.close());

  const act = async <N extends ActName>(name: N, given: Acts[N], keys: Touched) =>
    keep(name, await register.act(name, given, keys));

  it('fits a transaction, enrolment and lists at the longest chunk', async () => {
    const people = STRIDE * WORDS_PER_CALL;
    await act('DefineProgramme', definition, keysOf.programme);
    await act('MoveFunds', moveFunds({ amountMinor: 2n ** 100n }), keysOf.programme);
    const slots = packSlots(cards(people));
    const enrol = { programme: PROGRAMME, enrolmentEpoch: EPOCH, startIndex: 0, count: people };
    await act('Enrol', { ...enrol, slotsHash: foldWords(slots), versionBefore: 0 }, keysOf.enrolment);
    for (const loaded of await register.loadSlots(PROGRAMME, EPOCH, slots)) keep('loadSlots', loaded);
    await act('SetVendor', setVendor(), keysOf.vendor);
    await act('SetTill', setTill(), keysOf.vendor);
    const card = cards(1)[0] as Card;
    await act('SetCard', setCard(card, { cardEpoch: 2 }), keysOf.card(0));
    const wide = packUnits(new Uint32Array(people).fill(0xff_ffff), 4);
    await act('CycleEnvelope', envelope(wide), keysOf.cycle());
    for (const loaded of await register.loadUnits(PROGRAMME, cycleId(1), chunksOf(wide.words)))
      keep('loadUnits of four bytes', loaded);
    keep('finalise', await register.release(PROGRAMME, cycleId(1)));
    const narrow = packUnits(new Uint8Array(people).fill(0xff), 1);
    await act('CycleEnvelope', envelope(narrow, { cycle: cycleId(2), lane: 15 }), keysOf.cycle(cycleId(2)));
    for (const loaded of await register.loadUnits(PROGRAMME, cycleId(2), chunksOf(narrow.words)))
      keep('loadUnits of one byte', loaded);
    expectRoom(11);
  });

  it('fits a transaction, pauses, steps and payments after sales', async () => {
    const key = new Uint8Array(32).fill(0x41);
    const replaced = { ...NO_CARD, keyKind: 'secp256k1', keyId: addressOfPrivateKey(key) } as const;
    await register.act('SetCard', setCard(replaced, { cardEpoch: 3, versionBefore: 1 }), keysOf.card(0));
    const sell = async (sequence: number, soldAt: bigint) => {
      const left = 0xff_ffff - 3 * sequence;
      const bought = purchase({ cardEpoch: 3, sequence, remainingBefore: left, soldAt });
      const signature = signCompact(redemptionDigest(register.register, sale(), bought), key);
      const item: RedemptionItem = { ...bought, kind: 'card', signature };
      const batch = assembleBatch(register.register, sale(), [item], register.now + 10n);
      keep('redeem of one item', await register.redeem(batch, TILL_KEY));
    };
    await sell(0, register.now);
    await sell(1, register.now);
    await act('SetTill', setTill({ standing: 'suspended', versionBefore: 1 }), keysOf.vendor);
    await sell(2, register.now - 3n);
    const pause = { programme: PROGRAMME, pausedUntil: register.now + DAY, byTwoInstitutions: false };
    await act('PauseProgramme', { ...pause, versionBefore: 0 }, keysOf.programme);
    await act('ResumeProgramme', { programme: PROGRAMME, versionBefore: 1 }, keysOf.programme);
    const release = { programme: PROGRAMME, cycle: cycleId(1), vendor: VENDOR, releasedBeforeUnits: 0n };
    await act('ReleaseCredit', { ...release, units: 3n, caseCommitment: bytes32(0x55) }, keysOf.cycle());
    await register.at(register.now + 10_000n);
    await act('Settle', settle({ units: 9n, amountMinor: 225n }), keysOf.cycle());
    await act('MoveCycle', moveCycle({ cycle: cycleId(2), step: 'cancel' }), keysOf.cycle(cycleId(2)));
    const endsAt = register.now + 7n * DAY;
    await act('MoveCycle', moveCycle({ step: 'end-early', endsAt }), keysOf.cycle());
    await register.at(endsAt + 200_000n);
    const unspentUnits = 0xff_ffffn * BigInt(STRIDE * WORDS_PER_CALL) - 9n;
    await act('MoveCycle', moveCycle({ step: 'reclaim', unspentUnits }), keysOf.cycle());
    await act('MoveCycle', moveCycle({ step: 'close' }), keysOf.cycle());
    expectRoom(7);
  });
});

describe('the largest batch of sales', function () {
  this.timeout(300_000);
  let register: Register;

  before(async () => {
    register = await foundRegister();
    const people = STRIDE * MAX_BATCH_ITEMS;
    const card: Card = { ...NO_CARD, keyKind: 'p256', keyId: p256KeyId(PUBLIC) };
    const slots = packSlots(new Array<Card>(people).fill(card));
    const slotsHash = foldWords(slots);
    const enrol = { programme: PROGRAMME, enrolmentEpoch: EPOCH, startIndex: 0, count: people, slotsHash };
    await register.act('DefineProgramme', definition, keysOf.programme);
    await register.act('MoveFunds', moveFunds({ amountMinor: 10n ** 9n }), keysOf.programme);
    await register.act('Enrol', { ...enrol, versionBefore: 0 }, keysOf.enrolment);
    await register.loadSlots(PROGRAMME, EPOCH, slots);
    await register.act('SetVendor', setVendor(), keysOf.vendor);
    await register.act('SetTill', setTill(), keysOf.vendor);
    const table = packUnits(new Uint32Array(people).fill(1_000), 4);
    await register.act('CycleEnvelope', envelope(table), keysOf.cycle());
    await register.loadUnits(PROGRAMME, cycleId(1), chunksOf(table.words));
    await register.release(PROGRAMME, cycleId(1));
  });
  after(() => register.close());

  const sellToEach = async (
    count: number,
    soldAt: bigint,
    remainingBefore: number,
    sequence: number,
    how: string,
  ) => {
    const items = Array.from({ length: count }, (_, i): RedemptionItem => {
      const bought = purchase({ index: STRIDE * i, remainingBefore, sequence, soldAt });
      const signed = fromHex(redemptionDigest(register.register, sale(), bought));
      const signature = p256.sign(signed, PASSKEY, { prehash: false, lowS: true });
      return { ...bought, kind: 'card-p256', signature: toHex(Uint8Array.of(...signature, ...PUBLIC)) };
    });
    const batch = assembleBatch(register.register, sale(), items, register.now + 10n);
    const { events, gasUsed } = await register.redeem(batch, TILL_KEY);
    const results = events.flatMap((event) =>
      event.name === 'BatchRedeemed' ? readResults(event.results) : [],
    );
    expect(results.filter(({ outcome }) => outcome === 'redeemed')).to.have.lengthOf(count);
    keep(`redeem of ${count} items by passkeys, ${how}`, { gasUsed });
  };

  it('fits a transaction, posted a day late by passkeys all over the table', async () => {
    const soldAt = register.now;
    await register.at(soldAt + 86_400n);
    await sellToEach(MAX_BATCH_ITEMS, soldAt, 1_000, 0, 'a day late');
    expectRoom(1);
  });

  it('fits a transaction in the time that a pause gave back', async () => {
    const pausedUntil = register.now + 80n * 86_400n;
    const pause = { programme: PROGRAMME, pausedUntil, byTwoInstitutions: false, versionBefore: 0 };
    await register.act('PauseProgramme', pause, keysOf.programme);
    const soldAt = START + 1_000_001n + 79n * 86_400n;
    await register.at(soldAt + 86_400n);
    await sellToEach(MAX_BATCH_ITEMS, soldAt, 997, 1, 'in time given back');
    expectRoom(1);
  });

  it('fits a transaction, dated before the last of two pauses', async () => {
    const soldAt = register.now - 2n * DAY;
    const pause = { programme: PROGRAMME, pausedUntil: register.now + 3n, byTwoInstitutions: false };
    await register.act('PauseProgramme', { ...pause, versionBefore: 1 }, keysOf.programme);
    await register.at(register.now + DAY);
    await sellToEach(MAX_BATCH_ITEMS, soldAt, 994, 2, 'before the last of two pauses');
    expectRoom(1);
  });
});
