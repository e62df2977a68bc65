/**
 * What recorded standstills of the chain do to a deadline: the arithmetic of contracts/power/Halts.sol.
 *
 * Promises: the same moment as the contract answers, from the same halts in whatever order they were recorded, under
 * whichever safeguards. Pure.
 */

import { type Moment, NEVER_PAUSED, type PauseClock } from '../acts/moment.ts';

/** A standstill, in Unix seconds: the blocks on both sides of it. */
export interface HaltSpan {
  readonly from: number;
  readonly to: number;
}

/** The halts with one more among them: in order, and what touches is one. */
export function withHalt(halts: readonly HaltSpan[], { from, to }: HaltSpan): readonly HaltSpan[] {
  const before = halts.filter((halt) => halt.to < from);
  const after = halts.filter((halt) => halt.from > to);
  const touched = halts.slice(before.length, halts.length - after.length);
  const whole = {
    from: Math.min(from, ...touched.map((halt) => halt.from)),
    to: Math.max(to, ...touched.map((halt) => halt.to)),
  };
  return [...before, whole, ...after];
}

/** Only a deadline inside a halt moves; what was left of it when that one began passes while no halt runs. */
function extendedBy(halts: readonly HaltSpan[], moment: number): number {
  let extended = moment;
  for (const { from, to } of halts) {
    const isRunning = extended !== moment; // a halt that comes before its new end is waited for as well, however short
    if (from < extended && (isRunning || extended <= to)) extended += to - from;
  }
  return extended;
}

/** The time as rules about deadlines see it. `halts` as `withHalt` makes them. */
export function momentAt(
  nowSeconds: bigint,
  halts: readonly HaltSpan[],
  redemption: PauseClock = NEVER_PAUSED,
): Moment {
  return { nowSeconds, redemption, extended: (moment) => BigInt(extendedBy(halts, Number(moment))) };
}
