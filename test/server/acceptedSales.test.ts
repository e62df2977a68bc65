/** What was accepted and is not recorded: which of it counts, for how long, and what holds it up. */
import { expect } from 'chai';
import { openBenefitCalls } from '../../server/acts/benefitCalls.ts';
import { openBuildsOn } from '../../server/acts/buildsOn.ts';
import { AcceptedSales, type Taken } from '../../server/desk/acceptedSales.ts';
import type { Address, Bytes32 } from '../../server/domain/base/hex.ts';
import { Refusal, type RefusalCode } from '../../server/domain/base/refusal.ts';
import type { ProgrammeId, VendorId } from '../../server/domain/base/terms.ts';
import { assembleBatch, signRedemption } from '../../server/domain/benefits/redemption.ts';
import type { CycleId, TillId } from '../../server/domain/benefits/terms.ts';
import type { OperationDraft, OperationId } from '../../server/store/operation.ts';
import { type Outbox, openOutbox, outboxTables } from '../../server/store/outbox.ts';
import type { Store } from '../../server/store/store.ts';
import type { Views } from '../../server/store/views.ts';
import { named } from '../chain/signing.ts';
import { openTestStore, removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

const UNITS = 9;
const REGISTER = {
  chainId: 1,
  ledgerNonce: named('nonce'),
  benefitLedger: `0x${'ab'.repeat(20)}` as Address,
};
const OF = { programme: named('programme') as string as ProgrammeId, cycle: 1 as CycleId };
const SALE = Object.assign({}, OF, {
  enrolmentEpoch: 1,
  vendor: named('shop') as string as VendorId,
  till: 1 as TillId,
  offlineSince: 0n,
});
const RECORD = { count: 10, entryBytes: 1 } as const;
const CALLS = openBenefitCalls(REGISTER);
/** The ledger's word, which nothing here changes: every card has its units. */
const VIEWS = {
  benefits: { remaining: async () => ({ units: UNITS, sequence: 0 }) },
} as unknown as Pick<Views, 'benefits'>;

/** A till's batch of one unit at each of these indexes. */
function batchOf(indexes: readonly number[]) {
  const items = indexes.map((index) => {
    const purchase = { index, units: 1, cardEpoch: 1, sequence: 0, remainingBefore: UNITS, soldAt: 1n };
    const whole = Object.assign(purchase, { receiptHash: named(`receipt of ${index}`) });
    return signRedemption(REGISTER, SALE, whole, new Uint8Array(32).fill(7));
  });
  const batch = assembleBatch(REGISTER, SALE, items, 2n);
  const { itemsHash } = batch;
  const draft: OperationDraft = {
    ...{ kind: 'redeemed', owner: { principal: 'till', institution: 1 }, office: undefined, acts: [] },
    ...{ items: itemsHash, orderedBy: 'shop' },
  };
  return {
    sold: Object.assign({ itemsHash, items }, OF),
    draft,
    call: CALLS.redeem(batch, `0x${'00'.repeat(64)}`),
  };
}

describe('what was accepted and is not recorded', () => {
  let store: Store;
  let outbox: Outbox;
  beforeEach(async () => {
    store = await openTestStore(temporaryFolder(), outboxTables);
    outbox = await openOutbox(store, Date.now);
  });
  afterEach(() => store.close());
  after(removeTemporaryFolders);

  const accept = async ({ draft, call }: ReturnType<typeof batchOf>, more: Partial<OperationDraft> = {}) =>
    (await store.transact((tx) => outbox.acceptIn(tx, Object.assign({}, draft, more), call))).id;
  const at = (index: number) => Object.assign({ index }, OF);
  const unrecordedBy = (by: (id: OperationId) => void = () => {}) =>
    new AcceptedSales({
      outbox: {
        unfinished: () => outbox.unfinished(),
        callOf: (id) => outbox.callOf(id),
        get: (id) => {
          by(id);
          return outbox.get(id);
        },
      },
      calls: CALLS,
      views: VIEWS,
    });

  it('is, at a start, what of a batch was judged to be paid, and all of one of which all was', async () => {
    await accept(batchOf([0, 1, 2]), { payable: [0, 2] });
    await accept(batchOf([3, 4]));
    const accepted = unrecordedBy();
    const now = await Promise.all([0, 1, 2, 3, 4].map((index) => accepted.entry(at(index), RECORD)));
    expect(now.map((one) => one?.entry.units)).to.deep.equal([8, 9, 8, 8, 8]);
  });

  it('is looked at in turn, so that what hangs does not keep what is over', async () => {
    const asked: OperationId[] = [];
    const accepted = unrecordedBy((id) => asked.push(id));
    await accepted.tidy();
    const ids: OperationId[] = [];
    for (const index of [0, 1, 2, 3]) {
      const batch = batchOf([index]);
      const id = await accept(batch);
      accepted.take(batch.sold, new Map())?.keep(id);
      ids.push(id);
    }
    await accepted.tidy();
    await accepted.tidy();
    expect(asked).to.deep.equal(ids);
  });

  it('is not known to whoever read a card while it came', async () => {
    const [there, comes, judged] = [batchOf([0]), batchOf([0, 1]), batchOf([0, 2])];
    let late: Taken | undefined;
    const accepted = unrecordedBy(() => {
      late ??= accepted.take(comes.sold, new Map());
    });
    await accepted.tidy();
    accepted.take(there.sold, new Map())?.keep(await accept(there));
    const read = await accepted.entry(at(0), RECORD);
    expect(late, 'it came meanwhile').not.to.equal(undefined);
    expect(read?.entry.units).to.equal(UNITS - 1);
    const by = new Map(read === undefined ? [] : [[0, read]]);
    expect(accepted.take(judged.sold, by), 'it is judged again').to.equal(undefined);
  });

  it('waits for a pause to end and for one ledger, and is refused by a rule about the sale alone', async () => {
    const base = await store.transact(async (tx) =>
      outbox.foundIn(tx, batchOf([0]).draft, {
        ...{ transactionHash: named('transaction') as Bytes32, blockNumber: 1n, entries: [] },
      }),
    );
    await outbox.projected(base.id);
    let says: RefusalCode | undefined;
    const told: OperationId[] = [];
    const buildsOn = openBuildsOn({
      outbox,
      ask: async () => {
        if (says !== undefined) throw new Refusal(says, {}, {});
      },
      tell: async (id) => {
        told.push(id);
      },
    });
    const mayGo = async (id: OperationId) => {
      const operation = await outbox.get(id);
      return operation !== undefined && buildsOn.mayGo(operation);
    };
    const id = await accept(batchOf([1]), { after: [base.id] });
    for (const code of [
      ...(['redemption-is-paused', 'programme-is-paused', 'till-not-active', 'vendor-not-active'] as const),
      ...(['block-differs', 'clock-doubtful'] as const),
    ]) {
      says = code;
      expect(await mayGo(id), code).to.equal(false);
      expect((await outbox.get(id))?.state, code).to.equal('AUTHORISED');
      expect(await buildsOn.freed(), code).to.deep.equal([id]);
    }
    expect(await buildsOn.freed(), 'asked about once each time').to.deep.equal([]);
    says = undefined;
    expect(await mayGo(id)).to.equal(true);
    says = 'nothing-redeemed';
    expect(await mayGo(id)).to.equal(false);
    expect(await outbox.get(id)).to.include({ state: 'REFUSED', errorCode: 'nothing-redeemed' });
    expect(told).to.deep.equal([id]);
  });

  it('that waits for a pause to end is asked about a few at a time, each in its turn', async () => {
    const buildsOn = openBuildsOn({
      outbox,
      ask: () => Promise.reject(new Refusal('redemption-is-paused', {}, {})),
      tell: async () => {},
    });
    const ids: OperationId[] = [];
    for (let index = 0; index < 9; index++) ids.push(await accept(batchOf([index]), { after: [] }));
    const goAll = async (some: readonly OperationId[]) => {
      for (const id of some) {
        const operation = await outbox.get(id);
        if (operation !== undefined) await buildsOn.mayGo(operation);
      }
    };
    await goAll(ids);
    const first = await buildsOn.freed();
    await goAll(first);
    const second = await buildsOn.freed();
    expect([first, second[0]]).to.deep.equal([ids.slice(0, 8), ids[8]]);
  });
});
