/**
 * Parts of a base unit, subdivision and consolidation: what ends, what begins, and that everything is carried (L6).
 *
 * Promises what prepare.ts promises, with the consent of every owner of what ends or gives out.
 */
import type { FactSet } from '../acts/facts.ts';
import { ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { Child, Consolidate, RegisterParts, Subdivide } from './acts.ts';
import { toMessage } from './codec.ts';
import { Asking, type Lessening, wholeUnit } from './consents.ts';
import { Findings } from './findings.ts';
import { consolidationTerms, listHash, subdivisionTerms } from './hashes.ts';
import { joinSections } from './joining.ts';
import {
  Claims,
  checkAgreed,
  checkNamedOnce,
  checkRecordable,
  finish,
  Instruments,
  type LandJudgement,
  openAll,
  type RegisterReading,
} from './prepare.ts';
import { restrictionsIn } from './registration.ts';
import { dropLapsed } from './restrictions.ts';
import { checkFirstHeader, checkFirstSections, checkRight, checkSpatialUnits, isOwnership } from './rules.ts';
import { applyConsolidation, applyParts, applySubdivision } from './transitions.ts';
import {
  type BAUnitState,
  type Header,
  MAX_CHILDREN,
  MAX_HOLDINGS,
  MAX_RESPONSIBILITIES,
  MAX_RESTRICTIONS,
  MAX_UNITS_PER_ACT,
  type Right,
} from './types.ts';
import { checkWeight, weightOfClaims, weightOfTitle, wordsOf } from './weights.ts';

/** Fewer is no partition. */
const MIN_UNITS = 2;

/** Prepares the first registration of parts of a base unit; `prior` is the base unit's state in force. */
export function registerParts(
  reading: RegisterReading,
  act: RegisterParts,
  prior: BAUnitState,
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  const { head, base, parts } = act;
  const asking = new Asking(found, reading, 'part-registration');
  checkCount(found, parts.length, { least: 1, most: MAX_UNITS_PER_ACT }, '/parts');
  asking.termsHash = listHash('Title', parts);
  const named = { head, units: [base], priors: [prior], placeOf: () => '/base' };
  for (const { baUnit, state } of openAll(found, reading, asking, named)) {
    asking.open(baUnit);
    takeAll(asking, state, 'everything', '/base');
    checkGivenOut(found, reading, act, state.header);
  }
  const brought = parts.reduce((sum, { state }) => sum + weightOfTitle(state), 0);
  checkAgreed(found, reading, head, asking, [prior]);
  checkWeight(found, { shown: [prior], consents: asking.needed, made: brought });
  checkRecordable(found, reading, 'part-registration', head);
  new Instruments(reading).check(found, parts.flatMap(restrictionsIn), '/parts');
  const claims = new Claims(reading, head.office);
  parts.forEach(({ baUnit, state }, i) => {
    claims.check(found, baUnit, state.spatialUnits, `/parts/${i}`);
  });
  return finish(found, reading, {
    act: 'part-registration',
    primaryType: 'RegisterParts',
    value: act,
    head,
    changes: () => applyParts(reading, act, prior, reading.presentations + 1n),
    priors: [prior],
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    args: [toMessage('RegisterParts', act), toMessage('BAUnitState', prior)],
  });
}

/** A base unit never gives out more than it has; a part is a first state with a quota in it. */
function checkGivenOut(
  found: Findings,
  reading: RegisterReading,
  { head, base, parts }: RegisterParts,
  { baseUnit, quotaTotal, quotaNumerator }: Header,
): void {
  let given = quotaNumerator;
  parts.forEach(({ state }, i) => {
    const place = `/parts/${i}/state`;
    checkFirstHeader(found, state.header, head.office, `${place}/header`);
    checkFirstSections(found, reading, state, place);
    given += state.header.quotaNumerator;
    const isOfBase = state.header.baseUnit === base.baUnit && state.header.quotaTotal === quotaTotal;
    if (baseUnit !== ZERO_32 || !isOfBase || given > quotaTotal) {
      found.add(refusal('quota-invalid', undefined, { field: `${place}/header/quotaNumerator` }));
    }
  });
}

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
  checkCount(found, children.length, { least: MIN_UNITS, most: MAX_CHILDREN }, '/children');
  asking.termsHash = subdivisionTerms(children.map(({ portion }) => portion));
  const named = { head, units: [unit], priors: [prior], placeOf: () => '/unit' };
  for (const { baUnit, state } of openAll(found, reading, asking, named)) {
    checkDivided(found, state.header, children);
    asking.open(baUnit);
    takeAll(asking, state, 'nothing', '/unit');
  }
  const carried = wordsOf(prior) * children.length;
  const claimed = children.reduce((sum, { portion }) => sum + weightOfClaims(portion.spatialUnits), 0);
  checkAgreed(found, reading, head, asking, [prior]);
  checkWeight(found, { shown: [prior], consents: asking.needed, made: carried + claimed });
  checkRecordable(found, reading, 'subdivision', head);
  const claims = new Claims(reading, head.office);
  children.forEach(({ portion }, i) => {
    claims.check(found, portion.baUnit, portion.spatialUnits, `/children/${i}/portion`);
  });
  return finish(found, reading, {
    act: 'subdivision',
    primaryType: 'Subdivide',
    value: act,
    head,
    changes: () => applySubdivision(reading, act, prior),
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
  checkCount(found, units.length, { least: MIN_UNITS, most: MAX_UNITS_PER_ACT }, '/units');
  asking.termsHash = consolidationTerms(act);
  checkParents(found, reading, act, priors, asking);
  checkChild(found, child, '/child');
  const quota = priors.reduce((sum, { header }) => sum + header.quotaNumerator, 0n);
  if (child.portion.quotaNumerator !== quota) {
    found.add(refusal('quota-not-carried', undefined, { field: '/child/portion/quotaNumerator' }));
  }
  checkAgreed(found, reading, head, asking, priors);
  checkJoinedWeight(found, reading, act, priors, asking);
  checkRecordable(found, reading, 'consolidation', head);
  checkNamedOnce(found, units, (i) => `/units/${i}`);
  const { baUnit, spatialUnits } = child.portion;
  new Claims(reading, head.office).check(found, baUnit, spatialUnits, '/child/portion');
  return finish(found, reading, {
    act: 'consolidation',
    primaryType: 'Consolidate',
    value: act,
    head,
    changes: () =>
      applyConsolidation(reading, act, priors, reading.presentations + BigInt(units.length) + 1n),
    priors,
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    args: [toMessage('Consolidate', act), priors.map((prior) => toMessage('BAUnitState', prior))],
  });
}

/** What the one unit will be is known once nothing else stands in its way. */
function checkJoinedWeight(
  found: Findings,
  reading: RegisterReading,
  { child, ownership }: Consolidate,
  priors: readonly BAUnitState[],
  { needed }: Asking,
): void {
  if (found.refusals() !== undefined) return; // the sections of such parents may not join
  const { spatialUnits } = child.portion;
  const parents = priors.map((prior) => dropLapsed(reading, prior));
  const { nextId: _, ...sections } = joinSections(ownership, parents);
  const [first] = parents;
  if (first === undefined) return;
  const joined = { ...first, ...sections, spatialUnits, applications: [] };
  checkWeight(found, {
    shown: priors,
    consents: needed,
    made: wordsOf(joined) + weightOfClaims(spatialUnits),
  });
}

export function checkCount(
  found: Findings,
  count: number,
  { least, most }: { readonly least: number; readonly most: number },
  place: string,
): void {
  if (count < least || count > most) {
    found.add(refusal('unit-count-out-of-range', { limit: most }, { field: place }));
  }
}

/**
 * Everything that stands in the way of a unit's end or of giving parts of it away, and every owner; whoever holds a right
 * derived from it too, where the act lessens what lies on it.
 */
export function takeAll(
  asking: Asking,
  { rights, charges, notices }: BAUnitState,
  lessening: Lessening,
  place: string,
): void {
  const asksAll = lessening === 'everything';
  const reach = wholeUnit(rights, asksAll);
  asking.checkUnblocked(charges, reach, place);
  asking.checkUnblocked(notices, reach, place);
  if (asksAll) asking.takeOfEveryRight(rights, place);
  else asking.takeOfOwnership(rights, place);
  asking.takeOfCharges(charges, reach, lessening);
  asking.takeOfNotices(notices, reach);
}

function checkDivided(found: Findings, header: Header, children: readonly Child[]): void {
  checkNoParts(found, header, '/unit/baUnit');
  children.forEach((child, i) => {
    const { portion } = child;
    const place = `/children/${i}/portion`;
    checkChild(found, child, `/children/${i}`);
    if ((portion.quotaNumerator !== 0n) !== (header.quotaNumerator !== 0n)) {
      found.add(refusal('quota-not-carried', undefined, { field: `${place}/quotaNumerator` }));
    }
  });
  const quota = children.reduce((sum, { portion }) => sum + portion.quotaNumerator, 0n);
  if (quota !== header.quotaNumerator) {
    found.add(refusal('quota-not-carried', undefined, { field: '/children' }));
  }
}

/** A child has ground and facts. */
export function checkChild(found: Findings, { portion, factsRoot }: Child, place: string): void {
  const field = `${place}/portion/spatialUnits`;
  if (portion.spatialUnits.length === 0) found.add(refusal('spatial-unit-missing', undefined, { field }));
  checkSpatialUnits(found, portion.spatialUnits, field);
  if (factsRoot === ZERO_32) {
    found.add(refusal('value-unspecified', undefined, { field: `${place}/factsRoot` }));
  }
}

/** Units with a quota in one that ended would have a share in nothing. */
export function checkNoParts(found: Findings, header: Header, place: string): void {
  if (header.baseUnit === ZERO_32 && header.quotaTotal !== 0n) {
    found.add(refusal('base-unit-stands', undefined, { field: place }));
  }
}

/** A quota is a share in the land of its base unit: that passes and is charged under nobody. */
export function checkNoneGivenOut(found: Findings, header: Header, place: string): void {
  if (header.baseUnit === ZERO_32 && header.quotaNumerator !== 0n) {
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
  const room = new Room(found, ownership);
  const named = { head, units, priors, placeOf: (i: number) => `/units/${i}` };
  const opened = openAll(found, reading, asking, named);
  const [first] = priors;
  for (const { baUnit, state, place } of opened) {
    asking.open(baUnit);
    checkJoinable(found, first?.header ?? state.header, ownership, state, place);
    // What lies on one parent, a lease as much as a mortgage, will lie on the ground of all, beside what lies there.
    takeAll(asking, state, 'everything', place);
    room.take(state, place);
  }
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
  checkNoParts(found, header, `${place}/baUnit`);
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
  #charges = 0;
  #notices = 0;
  #responsibilities = 0;

  constructor(found: Findings, ownership: Right) {
    this.#found = found;
    this.#takeHoldings(ownership.holdings.length, '/ownership/holdings');
  }

  take({ rights, charges, notices, responsibilities }: BAUnitState, place: string): void {
    for (const right of rights) {
      if (!isOwnership(right)) this.#takeHoldings(right.holdings.length, place);
    }
    const gone = new Set(
      rights.filter(isOwnership).flatMap(({ holdings }) => holdings.map(({ holdingId }) => holdingId)),
    );
    for (const { targetHolding } of charges) {
      if (gone.has(targetHolding)) {
        this.#found.add(refusal('restricted-holding-removed', undefined, { field: place }));
      }
      if (++this.#charges > MAX_RESTRICTIONS) this.#tooManyRestrictions(place);
    }
    for (const _ of notices) if (++this.#notices > MAX_RESTRICTIONS) this.#tooManyRestrictions(place);
    this.#responsibilities += responsibilities.length;
    if (this.#responsibilities > MAX_RESPONSIBILITIES) {
      const limit = MAX_RESPONSIBILITIES;
      this.#found.add(refusal('too-many-responsibilities', { limit }, { field: place }));
    }
  }

  #tooManyRestrictions(place: string): void {
    this.#found.add(refusal('too-many-restrictions', { limit: MAX_RESTRICTIONS }, { field: place }));
  }

  #takeHoldings(count: number, place: string): void {
    this.#holdings += count;
    if (this.#holdings > MAX_HOLDINGS) {
      this.#found.add(refusal('too-many-holdings', { limit: MAX_HOLDINGS }, { field: place }));
    }
  }
}
