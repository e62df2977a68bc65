/**
 * Long work that has one answer for everybody: who asks while it goes on has the answer of what goes on.
 *
 * Promises: never two at once; it is ended when the last who asked has hung up, and what is asked after that begins when
 * it has ended; `close` ends it, tells everybody who waits, and takes nothing more. For whole checks.
 */
import { refusal } from '../domain/base/refusal.ts';

export interface SharedWork<T> {
  /** Rejects with the reason of `gone` when that is aborted, and as `gateway-stopping` after `close`. */
  ask(gone: AbortSignal): Promise<T>;
  /** Resolves when nothing goes on any more. */
  close(): Promise<void>;
}

interface Going<T> {
  readonly answer: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

/** `work` rejects with the reason of its signal soon after that is aborted. */
export function sharedWork<T>(work: (signal: AbortSignal) => Promise<T>): SharedWork<T> {
  let going: Going<T> | undefined;
  let isClosed = false;
  const begin = (): Going<T> => {
    const stop = new AbortController();
    const begun: Going<T> = { answer: work(stop.signal), stop, waiting: 0 };
    going = begun;
    const ended = () => {
      going = undefined;
    };
    begun.answer.then(ended, ended);
    return begun;
  };
  return {
    async ask(gone) {
      while (going?.stop.signal.aborted) await going.answer.catch(() => {});
      gone.throwIfAborted();
      if (isClosed) throw refusal('gateway-stopping');
      const asked = going ?? begin();
      asked.waiting++;
      const left = Promise.withResolvers<never>();
      const leave = () => left.reject(gone.reason);
      gone.addEventListener('abort', leave, { once: true });
      try {
        return await Promise.race([asked.answer, left.promise]);
      } finally {
        gone.removeEventListener('abort', leave);
        asked.waiting--;
        if (asked.waiting === 0) asked.stop.abort();
      }
    },
    async close() {
      isClosed = true;
      going?.stop.abort(refusal('gateway-stopping'));
      await going?.answer.catch(() => {});
    },
  };
}
