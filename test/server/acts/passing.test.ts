/** What stops a step and passes by itself, and what somebody must decide. */
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { isPassing } from '../../../server/acts/passing.ts';
import { Fault } from '../../../server/domain/base/fault.ts';
import { Refusal, type RefusalCode, refusal, refusals } from '../../../server/domain/base/refusal.ts';
import { NodeError, RPC } from '../../../server/ledger/provider.ts';
import { patiently } from '../../../server/wiring/carrying.ts';

const full = () => refusal('read-only', { floorMiB: 64 });

describe('what passes by itself', () => {
  it('is what a full disk, a full queue and a busy node say, and an act before its time', () => {
    const passing = (Object.keys(refusals) as RefusalCode[]).filter((code) =>
      isPassing(new Refusal(code, {}, {})),
    );
    expect(passing.sort()).to.deep.equal([
      ...['act-not-yet-valid', 'clock-doubtful', 'consent-not-yet-valid', 'disk-read-only'],
      ...['outbox-full', 'read-only'],
    ]);
    expect(isPassing(new Fault('away', { retryable: true }))).to.equal(true);
    expect(isPassing(new Fault('gone', { retryable: false }))).to.equal(false);
    expect(isPassing(new NodeError(RPC.limitExceeded, 'full'))).to.equal(true);
    expect(isPassing(new NodeError(RPC.refused, 'no'))).to.equal(false);
    expect(isPassing(new Error('a bug'))).to.equal(false);
  });

  it('is waited out, and nothing else is', async () => {
    const open = new AbortController();
    const errors: Error[] = [full(), full()];
    const done = await patiently(open.signal, async () => {
      const error = errors.pop();
      if (error !== undefined) throw error;
      return 'done';
    });
    expect(done).to.equal('done');
    const bug = new Error('a bug');
    expect(await patiently(open.signal, () => Promise.reject(bug)).catch((error) => error)).to.equal(bug);
    const waiting = patiently(open.signal, () => Promise.reject(full())).catch((error) => error);
    await setTimeout(100);
    open.abort();
    expect((await waiting).code).to.equal('read-only');
  });
}).timeout(20_000);
