/**
 * How long a gateway lets another request wait, asked from a thread of its own: what the test itself does is no excuse.
 */
import { Worker } from 'node:worker_threads';

export interface Pulse {
  readonly asked: number;
  readonly worstMs: number;
}

/** Sent as text, for the thread has nothing else to do. */
const ASKING = `
  const { parentPort, workerData } = require('node:worker_threads');
  let [asked, worstMs, isOver] = [0, 0, false];
  parentPort.on('message', () => { isOver = true; });
  (async () => {
    while (!isOver) {
      const started = performance.now();
      const answer = await fetch(workerData);
      await answer.text();
      worstMs = Math.max(worstMs, performance.now() - started);
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    parentPort.postMessage({ asked, worstMs });
    parentPort.close();
  })();
`;

/** Asks the place again and again while the work goes on. */
export async function pulseDuring<T>(url: string, work: () => Promise<T>): Promise<readonly [T, Pulse]> {
  const thread = new Worker(ASKING, { eval: true, workerData: url });
  const pulse = new Promise<Pulse>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  try {
    const done = await work();
    thread.postMessage('over');
    return [done, await pulse];
  } finally {
    await thread.terminate();
  }
}
