/** What a till believes of a batch: a verdict of the ledger, and nothing that a bad line or a troubled gateway says. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { makeCard, openCard } from '../../../../scripts/cardFile.ts';
import { takeUpQueue } from '../../../../scripts/tillQueue.ts';
import type { TrustFile } from '../../../../server/domain/audit/trust.ts';
import type { ProgrammeId, VendorId } from '../../../../server/domain/base/terms.ts';
import { keyOfTill } from '../../../../server/domain/benefits/deviceKeys.ts';
import { basketOfUnits, purchaseOf, signPurchase } from '../../../../server/domain/benefits/purchase.ts';
import type { CycleId, TillId } from '../../../../server/domain/benefits/terms.ts';
import { type Answered, postAll, type RedemptionTold } from '../../../../server/domain/benefits/tillPost.ts';
import {
  emptyQueue,
  entryName,
  know,
  lastHeard,
  type Queue,
  readQueue,
  takeSale,
  writeQueue,
} from '../../../../server/domain/benefits/tillQueue.ts';
import { named } from '../../../chain/signing.ts';

const NOW = 1_780_000_000;
const PIN = '482913';
const TRUST = {
  genesisHash: named('genesis'),
  chainId: 1,
  ledgerNonce: named('nonce'),
  contracts: { benefitLedger: { address: `0x${'ab'.repeat(20)}` } },
} as unknown as TrustFile;
const AT = {
  programme: named('programme') as string as ProgrammeId,
  cycle: 1 as CycleId,
  vendor: named('shop') as string as VendorId,
  till: 1 as TillId,
};
const ENTRY = {
  units: 20,
  sequence: 0,
  entryBytes: 4,
  enrolmentEpoch: 1,
  cardEpoch: 1,
  spendUntil: NOW + 1,
} as const;
const made = makeCard(TRUST, { ...AT, enrolmentEpoch: 1, keyKind: 'secp256k1' }, PIN);
const card = { ...made.card, index: 0 };
const cardKey = openCard(card, PIN);
const { register } = card;
const key = keyOfTill(new Uint8Array(32).fill(7), { genesisHash: TRUST.genesisHash, ...AT }, 'secp256k1');
let salts = 0;
const salt = () => named(`salt ${salts++}`);

/** A till with one sale, which its card signed. */
function sold(): Queue {
  const queue = emptyQueue(AT.vendor, AT.till);
  const asked = purchaseOf(basketOfUnits(AT, 3, salt), card, ENTRY, NOW);
  takeSale(queue, asked, signPurchase(asked, card, cardKey, card.register), NOW);
  return queue;
}

const NONE: Answered = { kind: 'none' };
const refusedAs = (code: string, isOver = false): Answered => ({
  kind: 'refused',
  code,
  isRetryable: false,
  isOver,
  reasons: [],
});
const PAID: RedemptionTold = {
  batches: [{ items: [{ index: 0, remainingBefore: 20, sequence: 0, outcome: 'redeemed' }] }],
};

/** Posts once; the ledger is asked what it recorded, and the gateway takes or refuses, with these answers in turn. */
async function posted(queue: Queue, recorded: readonly Answered[], taken: Answered) {
  const answers = [...recorded];
  const report = await postAll({
    carrier: {
      recorded: async () => answers.shift() ?? { kind: 'silent' },
      post: async () => taken,
    },
    key,
    register,
    change: async (by) => by(queue),
    nowSeconds: () => NOW,
    newKey: () => '00000000-0000-4000-8000-000000000000',
  });
  return {
    report,
    states: queue.sales.map(({ state, code }) => (code === undefined ? state : `${state} ${code}`)),
  };
}

describe('what a till believes of a batch', () => {
  it('is paid where another hand had it recorded meanwhile, whatever it is refused for then', async () => {
    for (const code of ['nothing-redeemed', 'posting-ended', 'REVERTED']) {
      const { report, states } = await posted(sold(), [NONE, { kind: 'told', told: PAID }], refusedAs(code));
      expect([states, report.redeemed, report.waiting], code).to.deep.equal([['redeemed'], 1, 0]);
    }
  });

  it('is a verdict where the ledger still has nothing of it, and waits where nobody can say', async () => {
    const ended = refusedAs('posting-ended');
    expect((await posted(sold(), [NONE, NONE], ended)).states).to.deep.equal(['refused posting-ended']);
    const queue = sold();
    expect((await posted(queue, [NONE, { kind: 'silent' }], ended)).report).to.include({
      waiting: 1,
      isOffline: true,
    });
    expect(queue.batches, 'kept as it was sent').to.have.length(1);
  });

  it('is no verdict where the gateway refuses to say what was recorded', async () => {
    const queue = sold();
    const { report, states } = await posted(queue, [refusedAs('id-malformed')], refusedAs('never-sent'));
    expect([states, queue.batches.length]).to.deep.equal([['posting'], 1]);
    expect([report.refused, report.held]).to.deep.equal([['id-malformed'], ['id-malformed']]);
    expect((await posted(queue, [{ kind: 'told', told: PAID }], NONE)).states).to.deep.equal(['redeemed']);
  });

  it('goes anew where the transaction that carried it never can be mined', async () => {
    const queue = sold();
    const gone = await posted(queue, [NONE, NONE], refusedAs('SUPERSEDED', true));
    expect(gone.states).to.deep.equal(['signed']);
    expect(gone.report.held, 'nothing waits as it was').to.deep.equal([]);
    const { states } = await posted(queue, [NONE], { kind: 'told', told: PAID });
    expect(states).to.deep.equal(['redeemed']);
  });

  it('goes anew where what was accepted ended without a word about its sales, and else not', async () => {
    const ended = [
      'redemption-is-paused',
      'till-not-active',
      'block-differs',
      'sale-awaits-another',
      'REVERTED',
    ];
    for (const code of ended) {
      const queue = sold();
      const { report, states } = await posted(queue, [NONE, NONE], refusedAs(code, true));
      expect([states, queue.batches, report.held], code).to.deep.equal([['signed'], [], []]);
    }
    const judged = await posted(sold(), [NONE, NONE], refusedAs('nothing-redeemed', true));
    expect(judged.states).to.deep.equal(['skipped nothing-redeemed']);
    const malformed = await posted(sold(), [NONE, NONE], refusedAs('item-malformed', true));
    expect(malformed.states).to.deep.equal(['refused item-malformed']);
    // Refused before it was accepted: under its key it may still be taken.
    const queue = sold();
    expect((await posted(queue, [NONE], refusedAs('redemption-is-paused'))).states).to.deep.equal([
      'posting',
    ]);
    expect(queue.batches).to.have.length(1);
  });

  it('is signed for a file by the last time that the gateway said, where it says none now', () => {
    const queue = sold();
    queue.lastContact = NOW - 90;
    expect(lastHeard(queue)).to.equal(NOW);
    expect(lastHeard(Object.assign(emptyQueue(AT.vendor, AT.till), { lastContact: 7 }))).to.equal(7);
  });
});

describe('the queue of a till', () => {
  it('is taken up into the folder of its own till and of no other', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kudurru-queue-'));
    try {
      const [file, text] = [path.join(folder, 'queue.json'), writeQueue(sold())];
      expect(() => takeUpQueue(folder, text, { vendor: AT.vendor, till: 2 as TillId }))
        .to.throw()
        .with.property('code', 'till-of-another-key');
      expect(fs.existsSync(file), 'nothing stays in the way').to.equal(false);
      takeUpQueue(folder, text, AT);
      expect(fs.existsSync(file)).to.equal(true);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('is read again however many cards came, and keeps what a sale waits for', () => {
    const queue = sold();
    const name = entryName({ ...AT, index: 0 });
    for (let index = 1; index <= 80_000; index++) know(queue, entryName({ ...AT, index }), ENTRY);
    const { entries } = readQueue(writeQueue(queue));
    expect(entries.size).to.be.within(10_000, 10_001);
    expect(entries.get(name)).to.include({ units: 17, sequence: 1 });
    expect(entries.has(entryName({ ...AT, index: 80_000 }))).to.equal(true);
    know(queue, entryName({ ...AT, index: 1 }), ENTRY);
    expect([...readQueue(writeQueue(queue)).entries.keys()].at(-1)).to.equal(entryName({ ...AT, index: 1 }));
  });
});
