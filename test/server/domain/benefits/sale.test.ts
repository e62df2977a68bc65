/** Every reason a batch or an item can fail for: judged before it is posted, and the same on the real register. */
import { p256 } from '@noble/curves/nist.js';
import { expect } from 'chai';
import { pausedUntil } from '../../../../server/domain/acts/moment.ts';
import { signCompact } from '../../../../server/domain/acts/signing.ts';
import { fromHex, type Hex, toHex } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import { type Card, NO_CARD, p256KeyId, packSlots } from '../../../../server/domain/benefits/cards.ts';
import {
  checkSale,
  entryAfter,
  judgeItem,
  requirePayable,
} from '../../../../server/domain/benefits/judge.ts';
import { afterStep, extendedDeadline, returnedSince } from '../../../../server/domain/benefits/records.ts';
import {
  assembleBatch,
  type Purchase,
  type RedemptionItem,
  readResults,
  redemptionDigest,
  type Sale,
  signRedemption,
} from '../../../../server/domain/benefits/redemption.ts';
import {
  LATE_POSTING_SECONDS,
  SKIP_REASONS,
  type SkipReason,
  type TillId,
} from '../../../../server/domain/benefits/terms.ts';
import {
  chunksOf,
  type Entry,
  entryAt,
  foldWords,
  packUnits,
} from '../../../../server/domain/benefits/unitsTable.ts';
import { recoverQuickly } from '../../../../server/ledger/recovery.ts';
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
  setTill,
  setVendor,
  TILL_KEY,
  VENDOR,
} from './programme.ts';
import { foundRegister, type Register, START } from './register.ts';

const P256_KEY = new Uint8Array(32).fill(0x25);
const P256_PUBLIC = p256.getPublicKey(P256_KEY, false).subarray(1);

function signP256(digest: Hex, key = P256_KEY): Hex {
  const signature = p256.sign(fromHex(digest), key, { prehash: false, lowS: true });
  return toHex(Uint8Array.of(...signature, ...p256.getPublicKey(key, false).subarray(1)));
}

/** 0 to 3 hold cards; 4 is paid out, 5 suspended, 6 not yet good, 7 holds a P-256 key. */
const PEOPLE = 8;
const TABLE = packUnits(new Uint32Array(PEOPLE).fill(1_000), 4);

/** What is wrong with a batch as it was signed. */
const OF_BATCHES = new Set(['redemption-batch-expired', 'till-signature-invalid']);

describe('a sale', function () {
  this.timeout(120_000);
  let register: Register;
  let cards: Card[];
  const entries = new Map<number, Entry>();
  const entryOf = (index: number) =>
    entries.get(index) ?? (index < PEOPLE ? entryAt(TABLE, index) : { units: 0, sequence: 0 });

  const sign = (bought: Purchase, terms: Sale = sale()): RedemptionItem =>
    bought.index === 7
      ? {
          ...bought,
          kind: 'card-p256',
          signature: signP256(redemptionDigest(register.register, terms, bought)),
        }
      : signRedemption(register.register, terms, bought, cardKeyOf(register.genesisHash, bought.index));
  const judge = (item: RedemptionItem) => {
    const { programme, cycle, vendor, till } = register.book.records({ ...keysOf.cycle(), ...keysOf.vendor });
    if (programme === undefined || cycle === undefined || vendor === undefined || till === undefined) {
      throw new Error('nothing on sale');
    }
    const card = cards[item.index] ?? NO_CARD;
    const entry = entryOf(item.index);
    let recovered = 0;
    const outcome = judgeItem(
      register.register,
      sale(),
      item,
      { programme, cycle, vendor, till, card, entry },
      register.moment,
      (digest, signature) => {
        recovered++;
        return recoverQuickly(digest, signature);
      },
    );
    // The dearest check comes last, once, by what the caller gives; a P-256 card recovers nothing.
    const isChecked = outcome === 'redeemed' || outcome === 'item-signature-invalid';
    expect(recovered, outcome).to.equal(isChecked && item.kind === 'card' ? 1 : 0);
    if (outcome === 'redeemed') entries.set(item.index, entryAfter(entry, item.units, 4));
    return outcome;
  };
  /** Judges items, posts them, and answers what both say. */
  const post = async (items: readonly RedemptionItem[]) => {
    const judged = items.map(judge);
    const batch = assembleBatch(register.register, sale(), items, register.now + 10n);
    const { events } = await register.redeem(batch, TILL_KEY);
    const results = events.flatMap((event) =>
      event.name === 'BatchRedeemed' ? readResults(event.results) : [],
    );
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(judged);
    return judged;
  };

  /** A suspension of the vendor and a pause, both over: a second inside each. */
  const passHistory = async () => {
    await register.act('SetVendor', setVendor({ standing: 'suspended', versionBefore: 1 }), keysOf.vendor);
    const suspended = register.now;
    register.now += 5n;
    await register.act('SetVendor', setVendor({ versionBefore: 2 }), keysOf.vendor);
    register.now += 5n;
    const ends = { pausedUntil: register.now + 9n, byTwoInstitutions: false, versionBefore: 0 };
    await register.act('PauseProgramme', { programme: PROGRAMME, ...ends }, keysOf.programme);
    const paused = register.now;
    register.now += 20n;
    return { suspended, paused };
  };

  before(async () => {
    register = await foundRegister();
    cards = cardsOf(register.genesisHash, 4);
    cards.push(NO_CARD);
    cards.push(
      ...cardsOf(register.genesisHash, 7)
        .slice(5)
        .map(
          (card, i): Card =>
            i === 0 ? { ...card, standing: 'suspended' } : { ...card, effectiveFrom: register.now + 90_000n },
        ),
    );
    cards.push({ ...NO_CARD, keyKind: 'p256', keyId: p256KeyId(P256_PUBLIC) });
    const slots = packSlots(cards);
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
    await register.act('CycleEnvelope', envelope(TABLE), keysOf.cycle());
    await register.loadUnits(PROGRAMME, cycleId(1), chunksOf(TABLE.words));
    await register.release(PROGRAMME, cycleId(1));
  });
  after(() => register.close());

  it('meets every reason to skip an item, in the order of the checks', async () => {
    const history = await passHistory();
    const bought = (index: number, terms: Partial<Purchase> = {}) =>
      purchase({ index, remainingBefore: 1_000, units: 5, soldAt: register.now, ...terms });
    const met = new Set<SkipReason | undefined>();
    const outcomes = await post([
      sign(bought(7)),
      sign(bought(0)),
      sign(bought(0)),
      sign(bought(0, { sequence: 1 })),
      sign(bought(0, { sequence: 1, remainingBefore: 995 })),
      sign(bought(PEOPLE)),
      sign(bought(1, { soldAt: register.now + 1n })),
      sign(bought(1, { soldAt: register.now - 604_900n })),
      sign(bought(1, { soldAt: START - 1n })),
      sign(bought(1, { soldAt: history.paused })),
      sign(bought(1, { soldAt: history.suspended })),
      sign(bought(1, { units: 51 })),
      sign(bought(4)),
      sign(bought(5)),
      sign(bought(6)),
      sign(bought(1, { cardEpoch: 2 })),
      { ...sign(bought(1)), kind: 'card-p256', signature: toHex(new Uint8Array(128).fill(1)) },
      { ...sign(bought(7, { sequence: 1, remainingBefore: 995 })), soldAt: register.now - 1n },
      { ...sign(bought(2)), units: 4 },
      { ...sign(bought(2)), signature: sign(bought(3)).signature },
      {
        ...sign(bought(7, { sequence: 1, remainingBefore: 995 })),
        signature: signP256(
          redemptionDigest(register.register, sale(), bought(7, { sequence: 1, remainingBefore: 995 })),
          TILL_KEY,
        ),
      },
      sign(bought(2), sale({ till: 2 as TillId })),
      sign(bought(2), sale({ vendor: OTHER_VENDOR })),
      sign(bought(2), sale({ cycle: cycleId(2) })),
      sign(bought(2)),
    ]);
    for (const outcome of outcomes) met.add(outcome === 'redeemed' ? undefined : outcome);
    // The other two need an entry that is nearly spent: by units, and by purchases.
    let left = entryOf(3);
    for (let round = 0; round < 255; round += 51) {
      const items = Array.from({ length: 51 }, () => {
        const item = sign(bought(3, { sequence: left.sequence, remainingBefore: left.units, units: 3 }));
        left = entryAfter(left, 3, 4);
        return item;
      });
      expect(new Set(await post(items))).to.deep.equal(new Set(['redeemed']));
    }
    const spent = await post([
      sign(bought(3, { sequence: 255, remainingBefore: 235 })),
      ...Array.from({ length: 19 }, (_, i) =>
        sign(bought(0, { sequence: 2 + i, remainingBefore: 990 - 50 * i, units: 50 })),
      ),
      sign(bought(0, { sequence: 21, remainingBefore: 40, units: 41 })),
    ]);
    for (const outcome of spent) met.add(outcome === 'redeemed' ? undefined : outcome);
    expect(met).to.deep.equal(new Set(SKIP_REASONS));
  });

  it('holds back what may be of an earlier suspension, as the register does', async () => {
    const soldAt = register.now;
    const versionBefore = register.book.records(keysOf.vendor).vendor?.version ?? 0;
    const standing = 'suspended' as const;
    await register.act('SetVendor', setVendor({ standing, versionBefore }), keysOf.vendor);
    await register.act('SetVendor', setVendor({ versionBefore: versionBefore + 1 }), keysOf.vendor);
    const known = () =>
      register.book.records({ credit: { programme: PROGRAMME, cycle: cycleId(1), vendor: VENDOR } });
    const before = known().credit?.disputedUnits ?? 0n;
    const left = entryOf(2);
    const next = { sequence: left.sequence + 1, remainingBefore: left.units - 5 };
    const of = (terms: Partial<Purchase>) => sign(purchase({ index: 2, units: 5, ...terms }));
    const outcomes = await post([
      of({ sequence: left.sequence, remainingBefore: left.units, soldAt: soldAt - 1n }),
      of({ ...next, soldAt: register.now }),
    ]);
    expect(outcomes).to.deep.equal(['redeemed', 'redeemed']);
    expect((known().credit?.disputedUnits ?? 0n) - before).to.equal(5n);
    const { disputedUnits } = await register.views.getFunction('creditOf')(PROGRAMME, cycleId(1), VENDOR);
    expect(disputedUnits).to.equal(known().credit?.disputedUnits);
  });

  it('keeps through an early end what a pause gave back (B5)', () => {
    const { programme, cycle } = register.book.records(keysOf.cycle());
    if (programme === undefined || cycle === undefined) throw new Error('nothing on sale');
    const [soldAt, pausedAt] = [register.now - 1n, register.now];
    const at = (nowSeconds: bigint) => ({ ...register.moment, nowSeconds });
    const over = pausedAt + 9n * 86_400n;
    const first = { ...programme, pauses: pausedUntil(programme.pauses, over, pausedAt) };
    const step = moveCycle({ step: 'end-early', endsAt: over + 9n * 86_400n });
    const ended = afterStep({ programme: first, cycle }, step, at(over));
    const again = { ...first, pauses: pausedUntil(first.pauses, over + 1n, over) };
    const given = (now: bigint, of = again) => returnedSince(soldAt, { ...ended, programme: of }, at(now));
    expect(given(over + 1n)).to.equal(given(over, first) + 1n);
    // The end itself was fixed after the first pause, and moves by the second alone.
    const { spendUntil } = ended.cycle;
    const later = extendedDeadline(spendUntil, { ...ended, programme: again }, at(over + 1n));
    expect(later).to.equal(spendUntil + 1n);
  });

  it('is refused whole for what all its items share, as the register refuses it', async () => {
    const item = sign(purchase({ index: 1, remainingBefore: 1_000, soldAt: register.now }));
    const other = (terms: Partial<Sale>, deadline = register.now + 10n) =>
      assembleBatch(register.register, sale(terms), [item], deadline);
    const agree = async (code: string, batch = other({}), key = TILL_KEY) => {
      const signature = signCompact(batch.digest, key);
      const { cycle, vendor, till } = batch;
      const records = register.book.records({
        programme: PROGRAMME,
        cycle: { programme: PROGRAMME, cycle },
        vendor,
        till: { vendor, till },
      });
      const { programme, cycle: row, vendor: shop, till: device } = records;
      const found = { programme, cycle: row, vendor: shop, till: device, isPaused: false };
      const judge = () => checkSale(batch, signature, found, register.moment);
      expect(judge, code).to.throw(Refusal).with.property('code', code);
      // A till hears the same before a card signs, of all that is not about a signature.
      const place = { index: 0, card: cards[0] ?? NO_CARD, entry: entryOf(0) };
      const before = () => requirePayable(found, place, register.moment);
      if (!OF_BATCHES.has(code)) expect(before, code).to.throw(Refusal).with.property('code', code);
      const { items, digest: _, itemsHash: __, ...shared } = batch;
      expect(await register.refusalOf('redeem', shared, items, signature), `${code} on chain`).to.equal(code);
    };
    await register.at(register.now);
    await agree('redemption-batch-expired', other({}, register.now - 5n));
    await agree('cycle-unknown', other({ cycle: cycleId(7) }));
    await agree('vendor-unknown', other({ vendor: OTHER_VENDOR }));
    await agree('till-not-active', other({ till: 2 as TillId }));
    await agree('till-signature-invalid', other({}), P256_KEY);
    await register.act('SetVendor', setVendor({ standing: 'suspended', versionBefore: 5 }), keysOf.vendor);
    await register.at(register.now + LATE_POSTING_SECONDS + 1n);
    await agree('vendor-not-active');
    await register.act('SetVendor', setVendor({ versionBefore: 6 }), keysOf.vendor);
    const till = setTill({ standing: 'suspended', versionBefore: 1 });
    await register.act('SetTill', till, keysOf.vendor);
    await register.at(register.now + LATE_POSTING_SECONDS + 1n);
    await agree('till-not-active');
    await register.act('SetTill', { ...till, standing: 'active', versionBefore: 2 }, keysOf.vendor);
    const pausedUntil = register.now + 1_000n;
    const pause = { programme: PROGRAMME, pausedUntil, byTwoInstitutions: false, versionBefore: 1 };
    await register.act('PauseProgramme', pause, keysOf.programme);
    await agree('programme-is-paused');
    const resume = { programme: PROGRAMME, versionBefore: 2 };
    await register.act('ResumeProgramme', resume, keysOf.programme);
    const later = { cycle: cycleId(2), lane: 1, opensAt: register.now + 9_000n };
    await register.act('CycleEnvelope', envelope(TABLE, later), keysOf.cycle(cycleId(2)));
    await agree('cycle-state-differs', other({ cycle: cycleId(2) }));
    await register.loadUnits(PROGRAMME, cycleId(2), chunksOf(TABLE.words));
    await register.send('finalise', PROGRAMME, cycleId(2));
    await agree('sales-not-open', other({ cycle: cycleId(2) }));
    await register.at(START + 1_200_000n);
    await agree('posting-ended', other({}));
  });
});
