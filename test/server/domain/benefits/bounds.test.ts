/**
 * The largest batch a till may post fits a transaction, in its dearest form: passkeys, words read for the first time,
 * and dates that the ledger does not see at a glance.
 */
import { p256 } from '@noble/curves/nist.js';
import { expect } from 'chai';
import { fromHex, toHex } from '../../../../server/domain/base/hex.ts';
import { type Card, NO_CARD, p256KeyId, packSlots } from '../../../../server/domain/benefits/cards.ts';
import {
  assembleBatch,
  type RedemptionItem,
  readResults,
  redemptionDigest,
} from '../../../../server/domain/benefits/redemption.ts';
import { MAX_BATCH_ITEMS } from '../../../../server/domain/benefits/terms.ts';
import { chunksOf, foldWords, packUnits } from '../../../../server/domain/benefits/unitsTable.ts';
import {
  cycleId,
  definition,
  EPOCH,
  envelope,
  keysOf,
  moveFunds,
  PROGRAMME,
  purchase,
  sale,
  setTill,
  setVendor,
  TILL_KEY,
} from './programme.ts';
import { foundRegister, type Register, START } from './register.ts';

const PASSKEY = new Uint8Array(32).fill(0x31);
const PUBLIC = p256.getPublicKey(PASSKEY, false).subarray(1);
/** People of one word of the table. */
const STRIDE = 8;
const TRANSACTION_CAP = 16_777_216;

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
    await register.send('finalise', PROGRAMME, cycleId(1));
  });
  after(() => register.close());

  const sellToEach = async (count: number, soldAt: bigint, remainingBefore: number, sequence: number) => {
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
    expect(gasUsed).to.be.below(TRANSACTION_CAP);
    console.log(`      the largest batch | ${count} items | ${gasUsed} gas`);
  };

  it('fits a transaction, posted a day late by passkeys all over the table', async () => {
    const soldAt = register.now;
    await register.at(soldAt + 86_400n);
    await sellToEach(MAX_BATCH_ITEMS, soldAt, 1_000, 0);
  });

  it('fits a transaction in the time that a pause gave back', async () => {
    const pausedUntil = register.now + 80n * 86_400n;
    const pause = { programme: PROGRAMME, pausedUntil, byTwoInstitutions: false, versionBefore: 0 };
    await register.act('PauseProgramme', pause, keysOf.programme);
    const soldAt = START + 1_000_001n + 79n * 86_400n;
    await register.at(soldAt + 86_400n);
    await sellToEach(MAX_BATCH_ITEMS, soldAt, 997, 1);
  });
});
