/** The thread that reads files: a task that is given up ends with its thread, and takes no other with it. */
import { expect } from 'chai';
import type { Bytes32 } from '../../../server/domain/base/hex.ts';
import { openFileReader } from '../../../server/threads/fileReader.ts';
import type { Task } from '../../../server/threads/messages.ts';

const ROUNDS = 8;
/** Long enough to be given up under way, and for a thread that was ended to be gone meanwhile. */
const PARCELS = 6_000;

function indexTask(): Task {
  const parcels = Array.from({ length: PARCELS }, (_, i) => {
    const [west, south] = [(i % 100) * 0.001, Math.floor(i / 100) * 0.001];
    const ring = [
      [west, south],
      [west + 0.0009, south],
      [west + 0.0009, south + 0.0009],
      [west, south],
    ];
    const geometry = { type: 'Polygon', coordinates: [ring] };
    const baUnit = `0x${i.toString(16).padStart(64, '0')}` as Bytes32;
    return {
      number: `P/${i}`,
      baUnit,
      feature: JSON.stringify({ type: 'Feature', properties: {}, geometry }),
    };
  });
  return { kind: 'index', parcels };
}

describe('the reader of files', function () {
  this.timeout(120_000);

  it('gives up one task and does the next, whenever the thread of the first is gone', async () => {
    const reader = openFileReader();
    const ends: string[] = [];
    try {
      await reader.run(indexTask()); // a thread that has begun: what is given up is the work
      for (let round = 0; round < ROUNDS; round++) {
        const stop = new AbortController();
        const given = reader.run(indexTask(), { signal: stop.signal });
        const next = reader.run(indexTask());
        setTimeout(() => stop.abort(), 5);
        const [first, second] = await Promise.allSettled([given, next]);
        ends.push(`${first.status}, ${second.status}`);
        if (first.status === 'rejected') expect(first.reason).to.include({ code: 'job-cancelled' });
      }
    } finally {
      await reader.close();
    }
    console.log(
      `      tasks given up | ${ROUNDS} tried | ${ends.filter((end) => end.endsWith('rejected')).length} took the next with them`,
    );
    expect(ends).to.deep.equal(Array.from({ length: ROUNDS }, () => 'rejected, fulfilled'));
  });
});
