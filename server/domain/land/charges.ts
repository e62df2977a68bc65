/**
 * Mortgages and cautions: created by their parties, released by their holders.
 *
 * Promises what prepare.ts promises. A mortgage of the unit has the consent of every owner, one of a right or holding that
 * of its holders; it ranks next behind what was there and leaves places to the others. A caution lapses, and an instrument
 * creates once; a restriction leaves by its holder's consent or once it lapsed (L7).
 */
import type { FactSet } from '../acts/facts.ts';
import { refusal } from '../base/refusal.ts';
import type { LandAct } from '../base/terms.ts';
import type { CreateRestriction, Discharge, Release } from './acts.ts';
import { toMessage } from './codec.ts';
import { Asking, type Reach, reachOf, wholeUnit } from './consents.ts';
import { Findings } from './findings.ts';
import { structHash } from './hashes.ts';
import { checkNoneGivenOut } from './partition.ts';
import {
  checkAgreed,
  checkNamedOnce,
  checkRecordable,
  finish,
  Instruments,
  type LandJudgement,
  openAll,
  type RegisterReading,
} from './prepare.ts';
import { checkRanked, checkRestriction, isNotice } from './restrictions.ts';
import { checkTarget, isOwnership } from './rules.ts';
import { applyDischarge, applyRestriction } from './transitions.ts';
import {
  type BAUnitState,
  MAX_RESTRICTIONS,
  MAX_UNITS_PER_ACT,
  MOST_LONE_NOTICES,
  type Restriction,
  type Right,
} from './types.ts';
import { checkWeight } from './weights.ts';

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
  checkCount(found, units.length, '/units');
  checkCreatable(found, reading, act);
  asking.termsHash = structHash('Restriction', restriction);
  const named = { head, units, priors, placeOf: (i: number) => `/units/${i}`, whileDividing: !isMortgage };
  const opened = openAll(found, reading, asking, named);
  // A mortgage on several units has the next rank on each.
  const last = isMortgage ? Math.max(0, ...opened.map(({ state }) => state.charges.at(-1)?.rank ?? 0)) : 0;
  for (const { baUnit, state, place } of opened) {
    checkTarget(found, state.rights, restriction, '/restriction/targetRight');
    asking.open(baUnit);
    if (isMortgage) agree(found, asking, state, restriction, place);
    const section = isNotice(restriction.kind) ? state.notices : state.charges;
    checkRanked(found, last, restriction, '/restriction');
    if (isMortgage) asking.checkRoom(state, restriction, place);
    else if (state.notices.length >= MOST_LONE_NOTICES) asking.isAssisted = true;
    if (section.length >= MAX_RESTRICTIONS) {
      found.add(refusal('too-many-restrictions', { limit: MAX_RESTRICTIONS }, { field: place }));
    }
  }
  checkAgreed(found, reading, head, asking, priors);
  checkWeight(found, { shown: priors, consents: asking.needed });
  checkRecordable(found, reading, asking.act, head);
  new Instruments(reading).check(found, [restriction], '/restriction/instrumentId');
  checkNamedOnce(found, units, (i) => `/units/${i}`);
  return finish(found, reading, {
    act: asking.act,
    primaryType: 'CreateRestriction',
    value: act,
    head,
    changes: () => applyRestriction(reading, act, priors, reading.presentations + 1n),
    priors,
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    args: [toMessage('CreateRestriction', act), priors.map((prior) => toMessage('BAUnitState', prior))],
  });
}

/** Prepares the release of restrictions, all charges or all notices. */
export function discharge(
  reading: RegisterReading,
  act: Discharge,
  priors: readonly BAUnitState[],
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  const { head, releases } = act;
  const asking = new Asking(found, reading, 'unspecified');
  checkCount(found, releases.length, '/releases');
  const units = releases.map(({ unit }) => unit);
  const placeOf = (i: number) => `/releases/${i}/unit`;
  const named = { head, units, priors, placeOf, whileDividing: true };
  for (const { baUnit, state, index } of openAll(found, reading, asking, named)) {
    asking.open(baUnit);
    const release = releases[index];
    if (release !== undefined) checkRelease(found, asking, release, state, `/releases/${index}`);
  }
  checkAgreed(found, reading, head, asking, priors);
  checkWeight(found, { shown: priors, consents: asking.needed });
  checkRecordable(found, reading, asking.act, head);
  checkNamedOnce(found, units, placeOf);
  return finish(found, reading, {
    act: asking.act,
    primaryType: 'Discharge',
    value: act,
    head,
    changes: () => applyDischarge(reading, act, priors),
    priors,
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    args: [toMessage('Discharge', act), priors.map((prior) => toMessage('BAUnitState', prior))],
  });
}

function checkCount(found: Findings, units: number, place: string): void {
  if (units === 0 || units > MAX_UNITS_PER_ACT) {
    found.add(refusal('unit-count-out-of-range', { limit: MAX_UNITS_PER_ACT }, { field: place }));
  }
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
  checkRestriction(found, reading, restriction, '/restriction');
  if (restriction.restrictionId !== 0) {
    found.add(refusal('ids-not-in-order', undefined, { field: '/restriction/restrictionId' }));
  }
  if (units.length !== 1 && restriction.targetRight !== 0) {
    found.add(refusal('target-needs-one-unit', undefined, { field: '/restriction/targetRight' }));
  }
}

/** What stands in a mortgage's way, and the consents of the holdings it lies on and of whom must be asked. */
function agree(
  found: Findings,
  asking: Asking,
  { header, rights, charges, notices }: BAUnitState,
  mortgage: Restriction,
  place: string,
): void {
  const reach = reachOfRestriction(rights, mortgage);
  if (reach === undefined) return;
  if (reach.right === undefined || isOwnership(reach.right)) checkNoneGivenOut(found, header, place);
  asking.checkUnblocked(charges, reach, place);
  asking.checkUnblocked(notices, reach, place);
  if (reach.right === undefined) asking.takeOfOwnership(rights, place);
  else asking.takeOfHoldings(rights, reach.right, reach.touched, place);
  asking.takeOfCharges(charges, reach, 'nothing');
  asking.takeOfNotices(notices, reach);
}

/** Undefined where the restriction lies on a right that the unit does not have. */
function reachOfRestriction(rights: readonly Right[], restriction: Restriction): Reach | undefined {
  if (restriction.targetRight === 0) return wholeUnit(rights, false);
  const right = rights.find(({ rightId }) => rightId === restriction.targetRight);
  return right && reachOf(rights, right, restriction.targetHolding);
}

/** The first release decides whether the act discharges or withdraws. */
function checkRelease(
  found: Findings,
  asking: Asking,
  { restrictionId }: Release,
  { charges, notices }: BAUnitState,
  place: string,
): void {
  const restriction = [...notices, ...charges].find((one) => one.restrictionId === restrictionId);
  if (restriction === undefined) {
    found.add(refusal('restriction-missing', undefined, { field: `${place}/restrictionId` }));
    return;
  }
  const act: LandAct = isNotice(restriction.kind) ? 'caution-withdrawal' : 'discharge';
  if (asking.act === 'unspecified') asking.act = act;
  if (asking.act !== act) {
    found.add(refusal('releases-differ', undefined, { field: `${place}/restrictionId` }));
  }
  asking.termsHash = structHash('Restriction', restriction);
  asking.takeOfRestriction(restriction, 'holder');
}
