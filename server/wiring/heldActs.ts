/** The part of the composition root that carries out, at its time, what was signed whole before it. */
import type { Commit } from '../acts/commit.ts';

/** Times of acts are whole seconds. */
const EVERY_MS = 1_000;
/** A disk that is full or a ledger that is away is not asked every second. */
const AFTER_FAULT_MS = 15_000;

/** Answers how to end it; what is under way is waited for. */
export function watchHeldActs(
  commit: Pick<Commit, 'carryHeld'>,
  onFault: (error: unknown) => void,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let carrying = Promise.resolve();
  let isEnded = false;
  const next = (afterMs: number) => {
    if (isEnded) return;
    timer = setTimeout(() => {
      carrying = commit.carryHeld().then(
        () => next(EVERY_MS),
        (error: unknown) => {
          onFault(error);
          next(AFTER_FAULT_MS);
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
