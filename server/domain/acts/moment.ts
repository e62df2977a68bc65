/** The time at which rules about deadlines are judged. Pure: the caller reads the clock and the recorded halts. */

/** The time as `Due` sees it: a recorded halt extends what fell into it. */
export interface Moment {
  readonly nowSeconds: bigint;
  /** A deadline as the recorded halts move it. */
  readonly extended: (moment: bigint) => bigint;
}

/** Whether the last second of a deadline is over. */
export function isPassed({ nowSeconds, extended }: Moment, deadline: bigint): boolean {
  return nowSeconds > deadline && nowSeconds > extended(deadline);
}
