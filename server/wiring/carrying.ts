/** The part of the composition root that goes on by itself: acts whose time has come, what has lapsed, after a full disk. */
import type { Commit } from '../acts/commit.ts';
import { isPassing } from '../acts/passing.ts';
import { pause } from '../ledger/provider.ts';

/** Times of acts are whole seconds, and free space is looked at as often. */
const EVERY_MS = 1_000;
/** What failed otherwise is not tried every second. */
const AFTER_FAULT_MS = 15_000;

/** Answers how to end it; what is under way is waited for. */
export function watchCarrying(
  commit: Pick<Commit, 'carryOn'>,
  onFault: (error: unknown) => void,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let carrying = Promise.resolve();
  let isEnded = false;
  const next = (afterMs: number) => {
    if (isEnded) return;
    timer = setTimeout(() => {
      carrying = commit.carryOn().then(
        () => next(EVERY_MS),
        (error: unknown) => {
          onFault(error);
          next(isPassing(error) ? EVERY_MS : AFTER_FAULT_MS);
        },
      );
    }, afterMs);
  };
  next(0);
  return async () => {
    isEnded = true;
    clearTimeout(timer);
    await carrying;
  };
}

/** Waits out a full disk, so that a block that is there is not given up for it; a stop ends the wait with the refusal. */
export async function patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || signal.aborted) throw error;
    }
    await pause(EVERY_MS);
  }
}

/**
 * Clears away what has lapsed, now and again; a store that refuses is told and tried again. Answers how to end it. By the
 * clock of this machine: while that is doubted nothing has lapsed, for what is cleared away never comes back.
 */
export function sweepEvery(
  everyMs: number,
  stores: readonly { sweep(): Promise<number> }[],
  isClockDoubted: () => boolean,
  onFault: (error: unknown) => void,
): () => Promise<void> {
  const sweep = async () => {
    if (isClockDoubted()) return;
    try {
      for (const store of stores) while ((await store.sweep()) > 0);
    } catch (error) {
      onFault(error);
    }
  };
  // A gateway that is started again within the hour would else never clear anything away.
  let sweeping = sweep();
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep);
  }, everyMs);
  return () => {
    clearInterval(timer);
    return sweeping;
  };
}
