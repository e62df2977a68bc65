/**
 * A right passes, whole or in part: checked against the unit as it stands, with the consents it needs.
 *
 * Promises what prepare.ts promises. Charges and notices stay as they are (L7): a transfer that would leave a charge
 * without its holding is refused, and one that takes from under it asks its holder.
 */
import type { FactSet } from '../acts/facts.ts';
import { refusal } from '../base/refusal.ts';
import type { TransferRight } from './acts.ts';
import { toMessage } from './codec.ts';
import { Asking } from './consents.ts';
import { Findings } from './findings.ts';
import { structHash } from './hashes.ts';
import {
  checkAgreed,
  checkRecordable,
  finish,
  type LandJudgement,
  openAll,
  type RegisterReading,
} from './prepare.ts';
import { checkRight, statesShares } from './rules.ts';
import { applyTransfer } from './transitions.ts';
import { type BAUnitState, type Holding, MAX_HOLDINGS, type Right } from './types.ts';
import { checkWeight } from './weights.ts';

/** Places of the right's holdings before the act. */
interface Moved {
  /** Removed, reduced, or not shown to stay whole. */
  readonly touched: ReadonlySet<number>;
  readonly removed: ReadonlySet<number>;
}

/** Prepares the transfer of a right or part of it. `prior` is the unit's state in force. */
export function transferRight(
  reading: RegisterReading,
  act: TransferRight,
  prior: BAUnitState,
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  const { head, unit, next } = act;
  const asking = new Asking(found, reading, 'transfer');
  asking.termsHash = structHash('Right', next);
  const named = { head, units: [unit], priors: [prior], placeOf: () => '/unit' };
  for (const { baUnit, state } of openAll(found, reading, asking, named)) {
    asking.open(baUnit);
    checkTransfer(found, state, next, asking);
  }
  checkAgreed(found, reading, head, asking, [prior]);
  checkWeight(found, { shown: [prior], consents: asking.needed, made: 6 * next.holdings.length });
  checkRecordable(found, reading, 'transfer', head);
  return finish(found, reading, {
    act: 'transfer',
    primaryType: 'TransferRight',
    value: act,
    head,
    changes: () => [applyTransfer(reading, act, prior, reading.presentations + 1n)],
    priors: [prior],
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    args: [toMessage('TransferRight', act), toMessage('BAUnitState', prior)],
  });
}

function checkTransfer(found: Findings, state: BAUnitState, next: Right, asking: Asking): void {
  const prior = state.rights.find(({ rightId }) => rightId === next.rightId);
  if (prior === undefined) {
    found.add(refusal('right-missing', undefined, { field: '/next/rightId' }));
    return;
  }
  const changed = FIXED_OF_RIGHT.find((name) => prior[name] !== next[name]);
  if (changed !== undefined) {
    found.add(refusal('right-changed', undefined, { field: `/next/${changed}` }));
  }
  checkRight(found, next, '/next');
  const others = state.rights.reduce((sum, { holdings }) => sum + holdings.length, 0) - prior.holdings.length;
  if (others + next.holdings.length > MAX_HOLDINGS) {
    found.add(refusal('too-many-holdings', { limit: MAX_HOLDINGS }, { field: '/next/holdings' }));
  }
  const moved = movedBy(found, prior, next);
  if (moved.touched.size === 0) found.add(refusal('nothing-moves', undefined, { field: '/next/holdings' }));
  if (prior.tenancy === 'unrecorded' && moved.removed.size !== prior.holdings.length) {
    found.add(refusal('unrecorded-part-moves', undefined, { field: '/next/holdings' }));
  }
  const reach = { right: prior, touched: moved.touched };
  const { charges, notices } = state;
  asking.checkNoneStranded(charges, prior, moved.removed, '/next/holdings');
  asking.checkUnblocked(charges, reach, '/unit');
  asking.checkUnblocked(notices, reach, '/unit');
  asking.takeOfHoldings(state.rights, prior, moved.touched, '/next/rightId');
  asking.takeOfCharges(charges, reach, 'touched-holdings');
  asking.takeOfNotices(notices, reach);
}

const FIXED_OF_RIGHT = [
  'kind',
  'standing',
  'upgradesOn',
  'expiresOn',
  'targetRight',
  'termsCommitment',
] as const satisfies readonly (keyof Right)[];

const FIXED_OF_HOLDING = [
  'partyKind',
  'signer',
  'keyHash',
  'partyCommitment',
] as const satisfies readonly (keyof Holding)[];

/** Holdings that stay stand first, in their order, so one walk decides. */
function movedBy(found: Findings, prior: Right, next: Right): Moved {
  const areStated = statesShares(prior.tenancy) && statesShares(next.tenancy);
  const [touched, removed] = [new Set<number>(), new Set<number>()];
  let kept = 0;
  prior.holdings.forEach((before, i) => {
    const holding = next.holdings[kept];
    if (holding === undefined || holding.holdingId !== before.holdingId) {
      removed.add(i);
      touched.add(i);
      return;
    }
    const changed = FIXED_OF_HOLDING.find((name) => holding[name] !== before[name]);
    if (changed !== undefined) {
      found.add(refusal('holding-changed', undefined, { field: `/next/holdings/${kept}/${changed}` }));
    }
    kept++;
    if (areStated && isLess(before.numerator, prior, holding.numerator, next)) touched.add(i);
  });
  next.holdings.slice(kept).forEach((holding, i) => {
    if (holding.holdingId === 0) return;
    found.add(refusal('holding-changed', undefined, { field: `/next/holdings/${kept + i}/holdingId` }));
  });
  const isJoined = kept !== next.holdings.length;
  // Where shares are not stated on both sides nobody's part can be shown to stay whole: all must agree.
  if (!areStated && (touched.size > 0 || isJoined || prior.tenancy !== next.tenancy)) {
    return { touched: new Set(prior.holdings.keys()), removed };
  }
  return { touched, removed };
}

/** A holder's part shrinks: of the whole, or of all that is held, where shares need not sum to a whole. */
function isLess(before: bigint, prior: Right, then: bigint, next: Right): boolean {
  const [held, heldThen] = [prior, next].map(({ holdings }) =>
    holdings.reduce((sum, { numerator }) => sum + numerator, 0n),
  ) as [bigint, bigint];
  return then * prior.denominator < before * next.denominator || then * held < before * heldThen;
}
