/**
 * What the bodies of all requests under way may hold together, and of it each caller's share.
 *
 * Promises: a body of the common size always has room; whoever has as much under way as a caller may is told to wait, and
 * nobody else is. It counts what a request announces, until it is answered, for a file stays in memory that long. For `app.ts`.
 */
import type { Request, RequestHandler, Response } from 'express';
import { refusal } from '../domain/base/refusal.ts';

const MIB = 2 ** 20;
/** Two of the largest files. */
export const OF_CALLER_MIB = 256;
/** Three callers at their most, and the parsed copies beside them, on a machine that an office has. */
const OF_ALL_MIB = 768;
/** What most routes take at most: connections bound how many there are. */
const COMMON_BYTES = 256 * 1_024;

/** Ahead of whatever reads the body, behind what knows the caller. */
export function sharesBodies(): (limitBytes: number) => RequestHandler {
  const ofCaller = new Map<string, number>();
  let ofAll = 0;
  const add = (caller: string, bytes: number) => {
    const now = (ofCaller.get(caller) ?? 0) + bytes;
    if (now === 0) ofCaller.delete(caller);
    else ofCaller.set(caller, now);
    ofAll += bytes;
  };
  return (limitBytes) => (req: Request, res: Response, next) => {
    const announced = announcedBytes(req, limitBytes);
    // Beyond the limit of its route it is refused unread, and told that limit.
    const cost = announced > limitBytes ? 0 : Math.max(0, announced - COMMON_BYTES);
    const caller: string = res.locals.principal.id;
    const isFull =
      (ofCaller.get(caller) ?? 0) + cost > OF_CALLER_MIB * MIB || ofAll + cost > OF_ALL_MIB * MIB;
    if (cost > 0 && isFull) {
      res.setHeader('Connection', 'close'); // its body stays unread
      next(refusal('bodies-under-way', { limitMiB: OF_CALLER_MIB }));
      return;
    }
    add(caller, cost);
    res.once('close', () => add(caller, -cost));
    next();
  };
}

/** Without a length it may be as long as its route lets it. */
function announcedBytes({ headers }: Request, limitBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return limitBytes;
  return Number(headers['content-length'] ?? 0);
}
