/**
 * What a charge or a notice may be, and when it is over: the rules of Restrictions.sol, in its order and its words.
 *
 * Promises: a notice is bounded in time, no restriction reaches an act that would end one, ranks rise by one, and what lapsed
 * takes no place: every act on a unit drops it first. Pure: the time is an argument.
 */
import { isPassed, type Moment } from '../acts/moment.ts';
import { ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { RestrictionKind } from '../base/terms.ts';
import type { Findings } from './findings.ts';
import {
  type BAUnitState,
  BLOCKABLE_ACTS,
  MAX_NOTICE_SECONDS,
  type Restriction,
  type Right,
  SWEEP_AFTER_SECONDS,
} from './types.ts';

export function isInForce(moment: Moment, { expiresOn }: Pick<Restriction, 'expiresOn'>): boolean {
  return expiresOn === 0n || !isPassed(moment, expiresOn);
}

interface Ending {
  readonly rights: readonly Pick<Right, 'rightId' | 'expiresOn'>[];
  readonly charges: readonly Pick<Restriction, 'restrictionId' | 'expiresOn'>[];
  readonly notices: Ending['charges'];
}

/** What is over of a unit, by the register's ids; a right that is registered until then is over as a charge is. */
export function lapsedIn(
  moment: Moment,
  { rights, charges, notices }: Ending,
): { readonly rights: readonly number[]; readonly restrictions: readonly number[] } {
  return {
    rights: rights.filter((right) => !isInForce(moment, right)).map(({ rightId }) => rightId),
    restrictions: [...charges, ...notices]
      .filter((one) => !isInForce(moment, one))
      .map(({ restrictionId }) => restrictionId),
  };
}

/** Whether nobody consented to restrictions of this kind. */
export function isNotice(kind: RestrictionKind): boolean {
  return kind === 'caution' || kind === 'order';
}

/** Most seconds from the entry of a notice to its lapse, under the policy of the consortium. */
export function mostNoticeSeconds(policy: bigint): bigint {
  return policy === 0n || policy > MAX_NOTICE_SECONDS ? MAX_NOTICE_SECONDS : policy;
}

/** The unit without what lapsed: what every act on it begins with. */
export function dropLapsed(moment: Moment, state: BAUnitState): BAUnitState {
  const charges = state.charges.filter((charge) => isInForce(moment, charge));
  const notices = state.notices.filter((notice) => isInForce(moment, notice));
  const isSame = charges.length === state.charges.length && notices.length === state.notices.length;
  if (isSame) return state;
  const { header, spatialUnits, rights, responsibilities, applications, factsRoot, priorState } = state;
  return {
    header,
    spatialUnits,
    rights,
    charges,
    notices,
    responsibilities,
    applications,
    factsRoot,
    priorState,
  };
}

/** Whether something lapsed so long ago that anybody may sweep it alone. */
export function isSweepable(moment: Moment, { charges, notices }: BAUnitState): boolean {
  return [...charges, ...notices].some(
    ({ expiresOn }) =>
      expiresOn !== 0n && isPassed(moment, expiresOn) && isPassed(moment, expiresOn + SWEEP_AFTER_SECONDS),
  );
}

/** A restriction as signed is complete in itself; ids, targets and ranks are the caller's. */
export function checkRestriction(
  found: Findings,
  moment: Moment & { readonly mostNoticeSeconds: bigint },
  restriction: Restriction,
  place: string,
): void {
  const { kind, blocks, needsConsent, expiresOn } = restriction;
  const missing =
    kind === 'unspecified'
      ? 'kind'
      : (['instrumentId', 'termsCommitment'] as const).find((name) => restriction[name] === ZERO_32);
  if (missing !== undefined) {
    found.add(refusal('value-unspecified', undefined, { field: `${place}/${missing}` }));
  }
  if (restriction.presentationNo !== 0n) {
    found.add(refusal('presentation-stated', undefined, { field: `${place}/presentationNo` }));
  }
  if (((blocks | needsConsent) & ~BLOCKABLE_ACTS) !== 0n) {
    const field = (blocks & ~BLOCKABLE_ACTS) === 0n ? 'needsConsent' : 'blocks';
    found.add(refusal('reach-too-wide', undefined, { field: `${place}/${field}` }));
  }
  const isTooFar = expiresOn === 0n || expiresOn - moment.mostNoticeSeconds > moment.nowSeconds;
  if (!isInForce(moment, restriction) || (isNotice(kind) && isTooFar)) {
    found.add(refusal('lapse-out-of-bounds', undefined, { field: `${place}/expiresOn` }));
  }
}

/** A charge has the next rank after the last one before it; a notice has none. */
export function checkRanked(found: Findings, last: number, { kind, rank }: Restriction, place: string): void {
  if (rank !== (isNotice(kind) ? 0 : last + 1))
    found.add(refusal('rank-taken', undefined, { field: `${place}/rank` }));
}
