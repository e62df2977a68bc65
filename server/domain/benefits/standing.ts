/**
 * What a card, a vendor or a till is allowed, and when: the table of standings and the periods of a seller.
 *
 * Promises: the same answers as contracts/benefits/Standings.sol. Revoked leads nowhere; narrowing counts from its
 * block on and only widening may name a later second; what was sold while a seller was active stays sold. Pure.
 */
import { isPassed, type Moment } from '../acts/moment.ts';
import { refusal } from '../base/refusal.ts';
import { LATE_POSTING_SECONDS, type Permit } from './terms.ts';

/** Since when a seller is active and when it last stopped. */
export interface Period {
  readonly standing: Permit;
  /** First second of the active period that goes on or is to come; read of who is active alone. */
  readonly from: bigint;
  /** First second after the last period that ended, or zero where none did. */
  readonly until: bigint;
}

function periodOf({ standing, from, until }: Period): Period {
  return { standing, from, until };
}

/** Refuses a change that the table of standings does not have; what is new begins active. */
export function checkStanding(before: Permit, next: Permit): void {
  if (next === 'unspecified') throw refusal('standing-unknown');
  const isKnown = before !== 'unspecified' || next === 'active';
  if (before === 'revoked' || before === next || !isKnown) throw refusal('standing-unchangeable');
}

export function periodAfter(
  before: Period | undefined,
  standing: Permit,
  from: bigint,
  nowSeconds: bigint,
): Period {
  const period = before ?? { standing: 'unspecified', from: 0n, until: 0n };
  if (standing === 'active')
    return { ...periodOf(period), standing, from: from > nowSeconds ? from : nowSeconds };
  if (period.standing !== 'active') return { ...periodOf(period), standing };
  // A period that never began leaves the end of the one before it.
  const until = nowSeconds < period.from ? period.until : nowSeconds;
  return { standing, from: period.from, until };
}

/**
 * Whether a sale dated so was made while the seller was active, as far as is known: a suspension before the last one is
 * not held against it, else two suspensions in a day would take what was sold before the first. Whatever is dated before
 * the period in force waits for two officers.
 */
export function covers({ standing, from, until }: Period, soldAt: bigint): boolean {
  return soldAt < until || (standing === 'active' && soldAt >= from);
}

/** Whether the seller may post: while active, and for a while after it stopped, with the seconds that pauses return. */
export function mayPost({ standing, until }: Period, returned: bigint, moment: Moment): boolean {
  if (standing === 'active') return true;
  return until !== 0n && !isPassed(moment, until + LATE_POSTING_SECONDS + returned);
}
