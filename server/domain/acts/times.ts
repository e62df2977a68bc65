/**
 * Whether there is a second at which an act could be recorded, by the times that it and its parts name.
 *
 * Promises: what contradicts itself, or is over before it begins, is refused before anybody signs it; a part that could
 * count at no second of its act is refused when it is handed in. What the rules of a register say of time they say of
 * `firstSecond`, so that a limit inside an act that ends before the act may be recorded is found as well. Pure.
 */
import { refusal } from '../base/refusal.ts';
import { isPassed, type Moment } from './moment.ts';
import type { SignedHead, SignedPart } from './signable.ts';

/** How long an act waits for its signatures: a notary's week and the holidays. */
export const ACT_WAITS_SECONDS = 30n * 86_400n;

/** The first second, from now on, at which an act with this head may be recorded. */
export function firstSecond(nowSeconds: bigint, { notBefore }: Pick<SignedHead, 'notBefore'>): bigint {
  return notBefore > nowSeconds ? notBefore : nowSeconds;
}

/** The first moment at which an act may be recorded; refuses as `judgeTimes` where there is none. */
export function firstMoment(moment: Moment, head: Pick<SignedHead, 'notBefore' | 'deadline'>): Moment {
  judgeTimes(moment, head);
  return atFirst(moment, head);
}

const atFirst = (moment: Moment, head: Pick<SignedHead, 'notBefore'>): Moment =>
  Object.assign({}, moment, { nowSeconds: firstSecond(moment.nowSeconds, head) });

/** Refuses an act that can be recorded at no second, or only when it has lapsed here. */
export function judgeTimes(moment: Moment, head: Pick<SignedHead, 'notBefore' | 'deadline'>): void {
  if (isPassed(moment, head.deadline)) throw refusal('act-expired', undefined, { field: '/head/deadline' });
  const isLate = head.notBefore > moment.nowSeconds + ACT_WAITS_SECONDS;
  if (isLate || isPassed(atFirst(moment, head), head.deadline)) {
    throw refusal('never-in-time', undefined, { field: '/head/notBefore' });
  }
}

/** The first second, from now on, at which these parts of an act count together: its head and every consent have begun. */
export function firstSecondOf(
  nowSeconds: bigint,
  head: Pick<SignedHead, 'notBefore'>,
  parts: readonly SignedPart[],
): bigint {
  const begins = parts.map((part) => ('consent' in part ? part.consent.notBefore : 0n));
  return [nowSeconds, ...begins].reduce(later, head.notBefore);
}

/** Refuses what is over before the others have begun, where all parts of an act are there. */
export function judgeTogether(
  moment: Moment,
  head: Pick<SignedHead, 'notBefore'>,
  parts: readonly SignedPart[],
): void {
  const nowSeconds = firstSecondOf(moment.nowSeconds, head, parts);
  const first = Object.assign({}, moment, { nowSeconds });
  for (const part of parts) {
    if ('approval' in part && isPassed(first, part.approval.deadline)) throw refusal('approval-expired');
    if ('consent' in part && isPassed(first, part.consent.deadline)) throw refusal('consent-expired');
  }
}

const later = (one: bigint, other: bigint) => (one > other ? one : other);

/** What bears on the time of a part beside the head of its act. */
export interface PartAmong {
  /** The last second at which the act is kept for those who sign it. */
  readonly lapsesAt: bigint;
  /** The parts there are, of which those that are over count no more. */
  readonly others: readonly SignedPart[];
}

/** Refuses a part that counts at no second at which its act may be recorded, in the order in which the register asks. */
export function judgePartTimes(
  moment: Moment,
  head: SignedHead,
  { lapsesAt, others }: PartAmong,
  signed: SignedPart,
): void {
  if (isPassed(moment, head.deadline)) throw refusal('act-expired');
  const among = others.filter(({ part }) => part !== signed.part);
  const nowSeconds = firstSecondOf(moment.nowSeconds, head, among);
  const first = Object.assign({}, moment, { nowSeconds });
  if (signed.part === 'approver' && isPassed(first, signed.approval.deadline)) {
    throw refusal('approval-expired', undefined, { field: '/approval/deadline' });
  }
  if (signed.part === 'preparer' || signed.part === 'approver') return;
  const { notBefore, deadline } = signed.consent;
  if (isPassed(first, deadline)) {
    throw refusal('consent-expired', undefined, { field: '/consent/deadline' });
  }
  const last = Object.assign({}, moment, { nowSeconds: notBefore });
  if (isPassed(last, deadline) || isPassed(last, head.deadline) || notBefore > lapsesAt) {
    throw refusal('never-in-time', undefined, { field: '/consent/notBefore' });
  }
}
