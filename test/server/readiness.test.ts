/** What the gateway says of itself when nothing becomes final, when its disk fails, and when it stops. */
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { TrustFile } from '../../server/domain/audit/trust.ts';
import { Fault } from '../../server/domain/base/fault.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import type { OperationId } from '../../server/store/operation.ts';
import { openOutbox, outboxTables } from '../../server/store/outbox.ts';
import { progressOf, type Readiness, watchReadiness } from '../../server/wiring/readiness.ts';
import { openTestStore, removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

const STALLED_MS = 60_000;
/** It looks once a second. */
const LOOKED_MS = 1_300;

describe('the readiness of the gateway', () => {
  let readiness: Readiness | undefined;
  afterEach(() => readiness?.close());
  after(removeTemporaryFolders);

  function watched() {
    const state = {
      nowMs: 1_000_000,
      queued: 0,
      blockNumber: 7n,
      fault: undefined as Error | undefined,
      doubt: undefined as Error | undefined,
      ahead: -3_600n,
      back: 0,
    };
    readiness = watchReadiness({
      dataFolder: temporaryFolder(),
      whyNotWritable: () => state.fault,
      clockDoubt: () => state.doubt,
      secondsAhead: () => state.ahead,
      queued: async () => state.queued,
      progress: async () => String(state.blockNumber),
      ledgerFault: () => undefined,
      onDiskBack: () => {
        state.back++;
      },
      nowMs: () => state.nowMs,
    } as Parameters<typeof watchReadiness>[0]);
    return { state, readiness };
  }

  it('says that nothing becomes final once operations wait for a minute, and takes it back with the next block', async function () {
    this.timeout(10_000);
    const { state, readiness: told } = watched();
    state.queued = 2;
    await setTimeout(LOOKED_MS);
    state.nowMs += STALLED_MS - 1;
    expect(await told.notReady()).to.equal(undefined);
    state.nowMs += 1;
    expect(await told.notReady()).to.include('for 60 seconds');
    await setTimeout(LOOKED_MS);
    expect(await told.notReady(), 'a look alone is no progress').to.include('for 60 seconds');
    state.blockNumber = 8n;
    await setTimeout(LOOKED_MS);
    expect(await told.notReady()).to.equal(undefined);
    state.nowMs += STALLED_MS;
    expect(await told.notReady()).to.include('for 60 seconds');
    state.queued = 0;
    expect(await told.notReady(), 'nothing waits').to.equal(undefined);
  });

  it('takes the end of what has waited longest for progress over a network, and no block that holds nothing', async () => {
    const store = await openTestStore(temporaryFolder(), outboxTables);
    const outbox = await openOutbox(store, Date.now);
    const owner = { principal: 'p1', institution: 3 };
    const accept = async () =>
      (await outbox.receive({ kind: 'vendor', owner, office: undefined, acts: [], orderedBy: 'one' })).id;
    const [first, second] = [await accept(), await accept()].toSorted();
    const over = { pin: { chainId: 1n, genesisHash: ZERO_32, trust: {} as TrustFile } };
    const before = await progressOf(over, outbox, 7n);
    expect(before).to.equal(first);
    expect(await progressOf(over, outbox, 8n), 'an empty block').to.equal(before);
    await outbox.refuse(first as OperationId, 'read-only');
    expect(await progressOf(over, outbox, 8n)).to.equal(second);
    const own = { pin: { chainId: 1n, genesisHash: ZERO_32 } };
    expect([await progressOf(own, outbox, 7n), await progressOf(own, outbox, 8n)]).to.deep.equal(['7', '8']);
    await store.close();
  });

  it('does not count the quiet before an operation came', async function () {
    this.timeout(10_000);
    const { state, readiness: told } = watched();
    state.nowMs += 10 * STALLED_MS;
    await setTimeout(LOOKED_MS);
    state.queued = 1;
    expect(await told.notReady()).to.equal(undefined);
  });

  it('remembers that a write failed until another start, and says when the disk is back', async function () {
    this.timeout(10_000);
    const { state, readiness: told } = watched();
    state.fault = new Fault('a write failed', { retryable: false });
    await setTimeout(LOOKED_MS);
    state.fault = undefined;
    expect(await told.notReady()).to.include('a write to the disk failed');
    expect(state.back).to.be.greaterThan(0);
    told.stopping();
    expect(await told.notReady()).to.equal('the gateway is stopping');
    const before = state.back;
    await setTimeout(LOOKED_MS);
    expect(state.back, 'asked again while it stops').to.equal(before);
  });
});
