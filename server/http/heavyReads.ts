/**
 * Reads that cost much work, a few at a time of each caller; the others of the same caller wait in a line.
 *
 * A rate counts requests, and a page of five hundred entries in words costs what a thousand small requests do. Promises: a
 * caller has few of them under way, until each is answered and read; who waits has the turn in the order of asking, and
 * leaves the line by hanging up; the line is bounded, and nobody else's. For `app.ts`.
 */
import { refusal } from '../domain/base/refusal.ts';
import { namesIn, type Route } from './route.ts';

/** One that a person looks at, and one that she left. */
const AT_ONCE = 2;
/** What a program sends at once and a proxy holds open; each waits on a connection of its own. */
export const READS_WAITING_MAX = 256;

/** A page is as much work as it has rows; what else is much says so itself. */
export const isHeavyRead = ({ query, isHeavy }: Pick<Route, 'query' | 'isHeavy'>): boolean =>
  isHeavy ?? namesIn(query).has('limit');

interface Line {
  underWay: number;
  readonly waiting: Set<() => void>;
}

export interface HeavyReads {
  /** Resolves with the end of the turn. Rejects with the reason of `gone`, and as `reads-waiting` where the line is full. */
  turn(caller: string, gone: AbortSignal): Promise<() => void>;
}

export function heavyReads(): HeavyReads {
  const lines = new Map<string, Line>();
  const ended = (caller: string, line: Line) => () => {
    line.underWay--;
    const [next] = line.waiting;
    next?.();
    if (line.underWay === 0 && line.waiting.size === 0) lines.delete(caller);
  };
  return {
    async turn(caller, gone) {
      gone.throwIfAborted();
      const line = lines.get(caller) ?? { underWay: 0, waiting: new Set() };
      lines.set(caller, line);
      if (line.underWay < AT_ONCE) {
        line.underWay++;
        return ended(caller, line);
      }
      if (line.waiting.size >= READS_WAITING_MAX)
        throw refusal('reads-waiting', { atOnce: AT_ONCE, limit: READS_WAITING_MAX });
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const begin = () => {
        line.waiting.delete(begin);
        line.underWay++;
        resolve();
      };
      const leave = () => {
        if (line.waiting.delete(begin)) reject(gone.reason);
      };
      line.waiting.add(begin);
      gone.addEventListener('abort', leave, { once: true });
      try {
        await promise;
      } finally {
        gone.removeEventListener('abort', leave);
      }
      return ended(caller, line);
    },
  };
}
