/** The time at which rules about deadlines are judged. Pure: the caller reads the clock and the recorded halts. */

/** The last pause of a scope, whether or not it is over, and how long those before it lasted, in seconds. */
export interface PauseClock {
  readonly from: bigint;
  /** The first second after it. */
  readonly until: bigint;
  readonly secondsBefore: bigint;
}
export const NEVER_PAUSED: PauseClock = { from: 0n, until: 0n, secondsBefore: 0n };

/** The clock after a pause until a moment, or after its release at that moment. */
export function pausedUntil(clock: PauseClock, until: bigint, nowSeconds: bigint): PauseClock {
  const isPaused = nowSeconds < clock.until;
  if (until <= nowSeconds) return isPaused ? { ...clock, until: nowSeconds } : clock;
  if (isPaused) return { ...clock, until };
  const secondsBefore = clock.secondsBefore + (clock.until - clock.from);
  return { from: nowSeconds, until, secondsBefore };
}

/** How long a scope was paused so far, the pause in force included. */
export function pausedSeconds({ from, until, secondsBefore }: PauseClock, nowSeconds: bigint): bigint {
  return secondsBefore + (nowSeconds < until ? nowSeconds : until) - from;
}

/** How much of the last pause lies after a moment. */
export function pausedSince({ from, until }: PauseClock, moment: bigint): bigint {
  const begin = moment > from ? moment : from;
  return until > begin ? until - begin : 0n;
}

/** The time as `Due` sees it: a recorded halt extends what fell into it. */
export interface Moment {
  readonly nowSeconds: bigint;
  /** The consortium's pauses of redemption. */
  readonly redemption: PauseClock;
  /** A deadline as the recorded halts move it. */
  readonly extended: (moment: bigint) => bigint;
}

/** Whether the last second of a deadline is over. */
export function isPassed({ nowSeconds, extended }: Moment, deadline: bigint): boolean {
  return nowSeconds > deadline && nowSeconds > extended(deadline);
}
