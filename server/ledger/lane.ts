/**
 * One lane for the reads of callers nobody knows: one at a time, callers in turn, with rests in between.
 *
 * The executor does one thing at a time and cannot break off, so what is bounded here is how long a write may find it
 * busy: by one read, never by a queue of them. Promises: a read that took long is followed by a rest of that length, in
 * which writes go on; no caller fills the lane for another; whoever waited too long is told so and costs nothing.
 */
import { performance } from 'node:perf_hooks';
import { NodeError, pause, RPC } from './provider.ts';

/** As many as one batch may hold. */
const MAX_WAITING_OF_CALLER = 256;
/** Of all callers: at a tenth of a millisecond each, a quarter of a second of reading. */
const MAX_WAITING = 2_048;
/** A tool that waits longer asks again; what it asked is not worth answering any more. */
const MAX_WAIT_MS = 10_000;
/** Shorter reads need no rest: a write that comes meanwhile waits no longer than for its own disk. */
const BRIEF_MS = 10;

interface Waiting {
  readonly sinceMs: number;
  run(): Promise<void>;
  refuse(error: NodeError): void;
}

export class Lane {
  /** By caller, in the order of their turns. */
  readonly #queues = new Map<string, Waiting[]>();
  #waiting = 0;
  #isRunning = false;

  run<T>(caller: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(caller) ?? [];
    if (queue.length >= MAX_WAITING_OF_CALLER || this.#waiting >= MAX_WAITING) {
      return Promise.reject(new NodeError(RPC.limitExceeded, 'too many reads are waiting'));
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    queue.push({
      sinceMs: performance.now(),
      run: () => work().then(resolve, reject),
      refuse: reject,
    });
    this.#queues.set(caller, queue);
    this.#waiting++;
    if (!this.#isRunning) void this.#runAll();
    return promise;
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      const startedMs = performance.now();
      if (startedMs - next.sinceMs > MAX_WAIT_MS) {
        next.refuse(new NodeError(RPC.limitExceeded, 'other reads took all the time there is for them'));
        continue;
      }
      await next.run();
      const tookMs = performance.now() - startedMs;
      if (tookMs > BRIEF_MS) await pause(tookMs);
    }
    this.#isRunning = false;
  }

  /** The first of the caller whose turn it is, who then comes last. */
  #take(): Waiting | undefined {
    const [turn] = this.#queues;
    if (turn === undefined) return undefined;
    const [caller, queue] = turn;
    const next = queue.shift();
    this.#queues.delete(caller);
    if (queue.length > 0) this.#queues.set(caller, queue);
    this.#waiting--;
    return next;
  }
}
