/**
 * A right passes, whole or in part: checked against the unit as it stands, with the consents it needs.
 *
 * Promises what prepare.ts promises. Charges stay as they are (L7): a transfer that would leave a charge without its
 * holding is refused, and one that takes from under it asks its holder. A notice on a holding of which a part goes lies on
 * the whole right from then on.
 */
import type { FactSet } from '../acts/facts.ts';
import { refusal } from '../base/refusal.ts';
import type { TransferRight } from './acts.ts';
import { toMessage } from './codec.ts';
import { Asking, type Reach } from './consents.ts';
import { Findings } from './findings.ts';
import { structHash } from './hashes.ts';
import { checkNoneGivenOut } from './partition.ts';
import {
  checkAgreed,
  checkRecordable,
  finish,
  type LandJudgement,
  openAll,
  type RegisterReading,
} from './prepare.ts';
import { checkRight, isOwnership, movedBy } from './rules.ts';
import { applyTransfer } from './transitions.ts';
import { type BAUnitState, MAX_HOLDINGS, type Right } from './types.ts';
import { checkWeight } from './weights.ts';

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
  if (isOwnership(prior)) checkNoneGivenOut(found, state.header, '/unit/baUnit');
  const changed = FIXED_OF_RIGHT.find((name) => prior[name] !== next[name]);
  if (changed !== undefined) {
    found.add(refusal('right-changed', undefined, { field: `/next/${changed}` }));
  }
  checkRight(found, next, '/next');
  const others = state.rights.reduce((sum, { holdings }) => sum + holdings.length, 0) - prior.holdings.length;
  if (others + next.holdings.length > MAX_HOLDINGS) {
    found.add(refusal('too-many-holdings', { limit: MAX_HOLDINGS }, { field: '/next/holdings' }));
  }
  const moved = movedBy(prior, next, found);
  if (moved.touched.size === 0) found.add(refusal('nothing-moves', undefined, { field: '/next/holdings' }));
  if (prior.tenancy === 'unrecorded' && moved.removed.size !== prior.holdings.length) {
    found.add(refusal('unrecorded-part-moves', undefined, { field: '/next/holdings' }));
  }
  const reach: Reach = { rights: state.rights, right: prior, touched: moved.touched };
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
