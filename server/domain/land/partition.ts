/**
 * Subdivision and consolidation: what ends, what begins, and that everything is carried (L6).
 *
 * Promises what prepare.ts promises, with the consent of every owner of what ends.
 */
import type { FactSet } from '../acts/facts.ts';
import { ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { Child, Consolidate, Portion, Subdivide } from './acts.ts';
import { takeOfOwnership } from './charges.ts';
import { toMessage } from './codec.ts';
import { Asking, isInForce, WHOLE_UNIT } from './consents.ts';
import { Findings } from './findings.ts';
import { consolidationTerms, HASH_OF_SECTION, subdivisionTerms } from './hashes.ts';
import {
  Claims,
  checkNamedOnce,
  checkRecordable,
  finish,
  type LandJudgement,
  type RegisterReading,
} from './prepare.ts';
import { checkRight, checkShown, checkSpatialUnits, isOwnership } from './rules.ts';
import { applyConsolidation, applySubdivision } from './transitions.ts';
import {
  type BAUnitState,
  type Header,
  MAX_HOLDINGS,
  MAX_RESPONSIBILITIES,
  MAX_RESTRICTIONS,
  MAX_UNITS_PER_ACT,
  type Right,
} from './types.ts';

/** Fewer is no partition. */
const MIN_UNITS = 2;

/** Prepares the division of a unit; `prior` is its state in force. */
export function subdivide(
  reading: RegisterReading,
  act: Subdivide,
  prior: BAUnitState,
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  const { head, unit, children } = act;
  const asking = new Asking(found, reading, 'subdivision');
  checkCount(found, children.length, '/children');
  if (checkShown(found, unit, reading.stateHashOf(unit.baUnit), prior, head.office, '/unit')) {
    checkDivided(found, prior.header, children);
    asking.open(unit.baUnit, HASH_OF_SECTION.rights(prior.rights));
    asking.termsHash = subdivisionTerms(children.map(({ portion }) => portion));
    takeAll(asking, prior, '/unit');
  }
  checkRecordable(found, reading, head);
  const claims = new Claims(reading);
  children.forEach(({ portion }, i) => {
    claims.check(found, portion.baUnit, portion.spatialUnits, `/children/${i}/portion`);
  });
  return finish(found, reading, {
    act: 'subdivision',
    primaryType: 'Subdivide',
    value: act,
    head,
    changes: () => applySubdivision(act, prior),
    priors: [prior],
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    args: [toMessage('Subdivide', act), toMessage('BAUnitState', prior)],
  });
}

/** Prepares the joining of units; `priors` are the parents' states in force, in the act's order. */
export function consolidate(
  reading: RegisterReading,
  act: Consolidate,
  priors: readonly BAUnitState[],
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  const { head, units, child } = act;
  const asking = new Asking(found, reading, 'consolidation');
  checkCount(found, units.length, '/units');
  if (priors.length !== units.length) {
    found.add(refusal('prior-state-missing', undefined, { field: '/units' }));
  }
  asking.termsHash = consolidationTerms(act);
  checkParents(found, reading, act, priors, asking);
  checkPortion(found, child.portion, '/child/portion');
  const quota = priors.reduce((sum, { header }) => sum + header.quotaNumerator, 0n);
  if (child.portion.quotaNumerator !== quota) {
    found.add(refusal('quota-not-carried', undefined, { field: '/child/portion/quotaNumerator' }));
  }
  checkRecordable(found, reading, head);
  checkNamedOnce(found, units, (i) => `/units/${i}`);
  const { baUnit, spatialUnits } = child.portion;
  new Claims(reading).check(found, baUnit, spatialUnits, '/child/portion');
  return finish(found, reading, {
    act: 'consolidation',
    primaryType: 'Consolidate',
    value: act,
    head,
    changes: () => applyConsolidation(act, priors, reading.presentations + BigInt(units.length) + 1n),
    priors,
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    args: [toMessage('Consolidate', act), priors.map((prior) => toMessage('BAUnitState', prior))],
  });
}

function checkCount(found: Findings, units: number, place: string): void {
  if (units < MIN_UNITS || units > MAX_UNITS_PER_ACT) {
    found.add(refusal('unit-count-out-of-range', { limit: MAX_UNITS_PER_ACT }, { field: place }));
  }
}

/** Everything that stands in the way of a unit's end, and every owner. */
function takeAll(asking: Asking, { rights, restrictions }: BAUnitState, place: string): void {
  asking.checkUnblocked(restrictions, WHOLE_UNIT, place);
  takeOfOwnership(asking, rights);
  asking.takeOfRestrictions(restrictions, WHOLE_UNIT);
}

function checkDivided(found: Findings, header: Header, children: readonly Child[]): void {
  checkNoBase(found, header, '/unit/baUnit');
  children.forEach(({ portion }, i) => {
    const place = `/children/${i}/portion`;
    checkPortion(found, portion, place);
    if ((portion.quotaNumerator !== 0n) !== (header.quotaNumerator !== 0n)) {
      found.add(refusal('quota-not-carried', undefined, { field: `${place}/quotaNumerator` }));
    }
  });
  const quota = children.reduce((sum, { portion }) => sum + portion.quotaNumerator, 0n);
  if (quota !== header.quotaNumerator) {
    found.add(refusal('quota-not-carried', undefined, { field: '/children' }));
  }
}

function checkPortion(found: Findings, portion: Portion, place: string): void {
  const field = `${place}/spatialUnits`;
  if (portion.spatialUnits.length === 0) found.add(refusal('spatial-unit-missing', undefined, { field }));
  checkSpatialUnits(found, portion.spatialUnits, field);
}

/** Units with a quota in one that ended would have a share in nothing. */
function checkNoBase(found: Findings, header: Header, place: string): void {
  if (header.baseUnit === ZERO_32 && header.quotaTotal !== 0n) {
    found.add(refusal('base-unit-stands', undefined, { field: place }));
  }
}

function checkParents(
  found: Findings,
  reading: RegisterReading,
  { head, units, ownership }: Consolidate,
  priors: readonly BAUnitState[],
  asking: Asking,
): void {
  checkOwnership(found, ownership);
  const [first] = priors;
  const room = new Room(found, ownership);
  units.slice(0, MAX_UNITS_PER_ACT).forEach((unit, i) => {
    const parent = priors[i];
    const place = `/units/${i}`;
    if (parent === undefined || first === undefined) return;
    if (!checkShown(found, unit, reading.stateHashOf(unit.baUnit), parent, head.office, place)) return;
    asking.open(unit.baUnit, HASH_OF_SECTION.rights(parent.rights));
    checkJoinable(found, first.header, ownership, parent, place);
    takeAll(asking, parent, place);
    room.take(reading, parent, place);
  });
}

function checkOwnership(found: Findings, ownership: Right): void {
  checkRight(found, ownership, '/ownership');
  if (!isOwnership(ownership)) {
    found.add(refusal('ownership-missing', undefined, { field: '/ownership/kind' }));
  }
  if (ownership.targetRight !== 0) {
    found.add(refusal('target-missing', undefined, { field: '/ownership/targetRight' }));
  }
  if (ownership.rightId !== 0 || ownership.holdings.some(({ holdingId }) => holdingId !== 0)) {
    found.add(refusal('ids-not-in-order', undefined, { field: '/ownership/rightId' }));
  }
}

const COMMON_OF_OWNERSHIP = [
  'kind',
  'standing',
  'upgradesOn',
  'expiresOn',
] as const satisfies readonly (keyof Right)[];

function checkJoinable(
  found: Findings,
  first: Header,
  ownership: Right,
  { header, rights }: BAUnitState,
  place: string,
): void {
  checkNoBase(found, header, `${place}/baUnit`);
  const owned = rights.filter(isOwnership);
  const isAlike =
    header.baseUnit === first.baseUnit &&
    header.quotaTotal === first.quotaTotal &&
    owned.length === 1 &&
    owned.every((right) => COMMON_OF_OWNERSHIP.every((name) => right[name] === ownership[name]));
  if (!isAlike) found.add(refusal('parents-differ', undefined, { field: place }));
}

/** Counts what the new unit carries, parent by parent, against its bounds. */
class Room {
  readonly #found: Findings;
  #holdings = 0;
  #restrictions = 0;
  #responsibilities = 0;

  constructor(found: Findings, ownership: Right) {
    this.#found = found;
    this.#takeHoldings(ownership.holdings.length, '/ownership/holdings');
  }

  take(
    reading: RegisterReading,
    { rights, restrictions, responsibilities }: BAUnitState,
    place: string,
  ): void {
    for (const right of rights) {
      if (!isOwnership(right)) this.#takeHoldings(right.holdings.length, place);
    }
    const gone = new Set(
      rights.filter(isOwnership).flatMap(({ holdings }) => holdings.map(({ holdingId }) => holdingId)),
    );
    for (const restriction of restrictions) {
      if (++this.#restrictions > MAX_RESTRICTIONS) {
        this.#found.add(refusal('too-many-restrictions', { limit: MAX_RESTRICTIONS }, { field: place }));
      }
      if (gone.has(restriction.targetHolding) && isInForce(reading, restriction)) {
        this.#found.add(refusal('restricted-holding-removed', undefined, { field: place }));
      }
    }
    this.#responsibilities += responsibilities.length;
    if (this.#responsibilities > MAX_RESPONSIBILITIES) {
      const limit = MAX_RESPONSIBILITIES;
      this.#found.add(refusal('too-many-responsibilities', { limit }, { field: place }));
    }
  }

  #takeHoldings(count: number, place: string): void {
    this.#holdings += count;
    if (this.#holdings > MAX_HOLDINGS) {
      this.#found.add(refusal('too-many-holdings', { limit: MAX_HOLDINGS }, { field: place }));
    }
  }
}
