/**
 * Mortgages and cautions: created by their parties, released by their holders.
 *
 * Promises what prepare.ts promises. A mortgage has the consent of the holders it lies on, a caution lapses, and an
 * instrument creates once; a restriction leaves only by its holder's consent (L7).
 */
import type { FactSet } from '../acts/facts.ts';
import { refusal } from '../base/refusal.ts';
import type { LandAct } from '../base/terms.ts';
import type { CreateRestriction, Discharge, Release } from './acts.ts';
import { toMessage } from './codec.ts';
import { Asking, isInForce, type Reach, reachOf, WHOLE_UNIT } from './consents.ts';
import { Findings } from './findings.ts';
import { HASH_OF_SECTION, structHash } from './hashes.ts';
import {
  checkNamedOnce,
  checkRecordable,
  finish,
  type LandJudgement,
  type RegisterReading,
} from './prepare.ts';
import { checkRestriction, checkShown, checkTarget, isOwnership } from './rules.ts';
import { applyDischarge, applyRestriction } from './transitions.ts';
import {
  type BAUnitState,
  MAX_RESTRICTIONS,
  MAX_UNITS_PER_ACT,
  type Restriction,
  type Right,
} from './types.ts';

/** Prepares a mortgage or a caution over one unit or several. `priors` are their states in force, in order. */
export function createRestriction(
  reading: RegisterReading,
  act: CreateRestriction,
  priors: readonly BAUnitState[],
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  const { head, units, restriction } = act;
  const isMortgage = restriction.kind === 'mortgage';
  const asking = new Asking(found, reading, isMortgage ? 'mortgage' : 'caution');
  checkCount(found, units.length, priors.length, '/units');
  checkCreatable(found, reading, act);
  asking.termsHash = structHash('Restriction', restriction);
  units.slice(0, MAX_UNITS_PER_ACT).forEach((unit, i) => {
    const prior = priors[i];
    const place = `/units/${i}`;
    if (prior === undefined) return;
    if (!checkShown(found, unit, reading.stateHashOf(unit.baUnit), prior, head.office, place)) return;
    asking.open(unit.baUnit, HASH_OF_SECTION.rights(prior.rights));
    checkTarget(found, prior.rights, restriction, '/restriction/targetRight');
    const reach = reachOfRestriction(prior.rights, restriction);
    if (reach === undefined) return;
    asking.checkUnblocked(prior.restrictions, reach, place);
    if (isMortgage) takeOfReach(asking, prior.rights, reach);
    asking.takeOfRestrictions(prior.restrictions, reach);
    if (prior.restrictions.length >= MAX_RESTRICTIONS) {
      found.add(refusal('too-many-restrictions', { limit: MAX_RESTRICTIONS }, { field: place }));
    }
  });
  checkRecordable(found, reading, head);
  if (reading.isInstrumentUsed(restriction.instrumentId)) {
    found.add(refusal('instrument-used', undefined, { field: '/restriction/instrumentId' }));
  }
  checkNamedOnce(found, units, (i) => `/units/${i}`);
  return finish(found, reading, {
    act: asking.act,
    primaryType: 'CreateRestriction',
    value: act,
    head,
    changes: () => applyRestriction(act, priors, reading.presentations + 1n),
    priors,
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    args: [toMessage('CreateRestriction', act), priors.map((prior) => toMessage('BAUnitState', prior))],
  });
}

/** Prepares the release of restrictions, all mortgages and the like or all cautions. */
export function discharge(
  reading: RegisterReading,
  act: Discharge,
  priors: readonly BAUnitState[],
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  const { head, releases } = act;
  const asking = new Asking(found, reading, 'unspecified');
  checkCount(found, releases.length, priors.length, '/releases');
  releases.slice(0, MAX_UNITS_PER_ACT).forEach((release, i) => {
    const prior = priors[i];
    const place = `/releases/${i}`;
    const { unit } = release;
    if (prior === undefined) return;
    if (!checkShown(found, unit, reading.stateHashOf(unit.baUnit), prior, head.office, `${place}/unit`))
      return;
    asking.open(unit.baUnit, HASH_OF_SECTION.rights(prior.rights));
    checkRelease(found, asking, release, prior, place);
  });
  checkRecordable(found, reading, head);
  const named = releases.map(({ unit }) => unit);
  checkNamedOnce(found, named, (i) => `/releases/${i}/unit`);
  return finish(found, reading, {
    act: asking.act,
    primaryType: 'Discharge',
    value: act,
    head,
    changes: () => applyDischarge(act, priors),
    priors,
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    args: [toMessage('Discharge', act), priors.map((prior) => toMessage('BAUnitState', prior))],
  });
}

function checkCount(found: Findings, units: number, priors: number, place: string): void {
  if (units === 0 || units > MAX_UNITS_PER_ACT) {
    found.add(refusal('unit-count-out-of-range', { limit: MAX_UNITS_PER_ACT }, { field: place }));
  }
  if (units !== priors) found.add(refusal('prior-state-missing', undefined, { field: place }));
}

function checkCreatable(
  found: Findings,
  reading: RegisterReading,
  { units, restriction }: CreateRestriction,
): void {
  const { kind } = restriction;
  if (kind !== 'mortgage' && kind !== 'caution') {
    found.add(refusal('restriction-kind-refused', undefined, { field: '/restriction/kind' }));
  }
  checkRestriction(found, restriction, '/restriction');
  if (restriction.restrictionId !== 0) {
    found.add(refusal('ids-not-in-order', undefined, { field: '/restriction/restrictionId' }));
  }
  if (kind === 'caution' && !isInForce(reading, restriction)) {
    found.add(refusal('caution-without-lapse', undefined, { field: '/restriction/expiresOn' }));
  }
  if (units.length !== 1 && restriction.targetRight !== 0) {
    found.add(refusal('target-needs-one-unit', undefined, { field: '/restriction/targetRight' }));
  }
}

/** Undefined where the restriction lies on a right that the unit does not have. */
function reachOfRestriction(rights: readonly Right[], restriction: Restriction): Reach | undefined {
  if (restriction.targetRight === 0) return WHOLE_UNIT;
  const right = rights.find(({ rightId }) => rightId === restriction.targetRight);
  return right && reachOf(right, restriction.targetHolding);
}

/** Whoever a mortgage lies on must consent to it. */
function takeOfReach(asking: Asking, rights: readonly Right[], { right, touched }: Reach): void {
  if (right === undefined) takeOfOwnership(asking, rights);
  else asking.takeOfHoldings(right, touched);
}

/** Every holding of every right that holds the land itself. */
export function takeOfOwnership(asking: Asking, rights: readonly Right[]): void {
  for (const right of rights.filter(isOwnership)) {
    asking.takeOfHoldings(right, new Set(right.holdings.keys()));
  }
}

/** The first release decides whether the act discharges or withdraws. */
function checkRelease(
  found: Findings,
  asking: Asking,
  { restrictionId }: Release,
  prior: BAUnitState,
  place: string,
): void {
  const restriction = prior.restrictions.find((one) => one.restrictionId === restrictionId);
  if (restriction === undefined) {
    found.add(refusal('restriction-missing', undefined, { field: `${place}/restrictionId` }));
    return;
  }
  const act: LandAct = restriction.kind === 'caution' ? 'caution-withdrawal' : 'discharge';
  if (asking.act === 'unspecified') asking.act = act;
  if (asking.act !== act) {
    found.add(refusal('releases-differ', undefined, { field: `${place}/restrictionId` }));
  }
  const reach = reachOfRestriction(prior.rights, restriction) ?? WHOLE_UNIT;
  asking.checkUnblocked(prior.restrictions, reach, place);
  asking.termsHash = structHash('Restriction', restriction);
  asking.takeOfRestriction(restriction);
}
