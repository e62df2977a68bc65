/**
 * What recorded standstills of the chain do to a deadline: the arithmetic of contracts/power/Halts.sol.
 *
 * Promises: the same moment as the contract answers, from the same halts in the order they were recorded. Pure.
 */

import { type Moment, NEVER_PAUSED, type PauseClock } from '../acts/moment.ts';

/** A standstill, in Unix seconds: the blocks on both sides of it. */
export interface HaltSpan {
  readonly from: number;
  readonly to: number;
}

/** Most halts the contract remembers; the oldest gives way. */
export const MAX_HALTS = 16;

function extendedBy(halts: readonly HaltSpan[], moment: number): number {
  let extended = moment;
  for (const { from, to } of halts.slice(-MAX_HALTS)) {
    if (extended <= from) continue;
    const length = to - from;
    if (extended <= to) extended += length;
    else if (extended < to + length) extended = to + length;
  }
  return extended;
}

/** The time as rules about deadlines see it. */
export function momentAt(
  nowSeconds: bigint,
  halts: readonly HaltSpan[],
  redemption: PauseClock = NEVER_PAUSED,
): Moment {
  return { nowSeconds, redemption, extended: (moment) => BigInt(extendedBy(halts, Number(moment))) };
}
