/** What the gateway says of itself when nothing becomes final, when its disk fails, and when it stops. */
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Fault } from '../../server/domain/base/fault.ts';
import { type Readiness, watchReadiness } from '../../server/wiring/readiness.ts';
import { removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

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
      blockNumber: () => state.blockNumber,
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
