/**
 * What a unit may be: the rules of BAUnits.sol, in its order and its words.
 *
 * Every rule adds what it finds to `Findings` and goes on; `place` is a JSON pointer into the act. Pure: the time is an
 * argument, and there is no register. The desk calls it before anybody signs; the contract decides.
 */
import type { Moment } from '../acts/moment.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { OfficeId, Standing, Tenancy } from '../base/terms.ts';
import { numberOf, RIGHT_KINDS, STANDINGS } from '../base/terms.ts';
import type { UnitChange } from './acts.ts';
import type { Findings } from './findings.ts';
import { stateHash } from './hashes.ts';
import { checkRanked, checkRestriction, isNotice } from './restrictions.ts';
import {
  type BAUnitState,
  type Header,
  type Holding,
  MAX_HOLDINGS,
  MAX_RESPONSIBILITIES,
  MAX_RESTRICTIONS,
  MAX_SPATIAL_UNITS,
  type Responsibility,
  type Restriction,
  type Right,
  type SpatialUnit,
  STATE_FORMAT_VERSION,
} from './types.ts';

/** When restrictions of a first state are judged, and how far off a notice may lapse. */
export type NoticeMoment = Moment & { readonly mostNoticeSeconds: bigint };

/** Whether a right holds the land itself (the ownership class of L2). */
export function isOwnership({ kind }: Pick<Right, 'kind'>): boolean {
  return numberOf(RIGHT_KINDS, kind) <= numberOf(RIGHT_KINDS, 'group');
}

/** Whether L2 binds the shares of a right to one whole. */
export function bindsShares(right: { readonly kind: Right['kind']; readonly standing: Standing }): boolean {
  return isOwnership(right) && numberOf(STANDINGS, right.standing) >= numberOf(STANDINGS, 'provisional');
}

/** Whether holders in this tenancy state their shares. */
export function statesShares(tenancy: Tenancy): boolean {
  return tenancy === 'sole' || tenancy === 'common';
}

/**
 * The state shown is the one in force, and the act may change it: on a dividing unit one that protects somebody or
 * ends a restriction. False where nothing about it can be told.
 */
export function checkShown(
  found: Findings,
  unit: UnitChange,
  inForce: Bytes32 | undefined,
  shown: BAUnitState,
  { office, whileDividing }: { readonly office: OfficeId; readonly whileDividing: boolean },
  place: string,
): boolean {
  if (inForce === undefined) {
    found.add(refusal('ba-unit-missing', undefined, { field: `${place}/baUnit` }));
    return false;
  }
  if (inForce !== unit.priorState) {
    found.add(refusal('ba-unit-state-stale', undefined, { field: `${place}/priorState` }));
    return false;
  }
  if (stateHash(shown) !== inForce) {
    found.add(refusal('ba-unit-state-differs', undefined, { field: `${place}/priorState` }));
    return false;
  }
  const { status } = shown.header;
  if (status !== 'active' && !(whileDividing && status === 'dividing')) {
    found.add(refusal('ba-unit-not-active', undefined, { field: `${place}/baUnit` }));
  }
  if (shown.header.office !== office) {
    found.add(refusal('office-differs', undefined, { field: '/head/office' }));
  }
  return true;
}

/** The header is that of the first state of a registered title. */
export function checkFirstHeader(found: Findings, header: Header, office: OfficeId, place: string): void {
  const isInitial =
    header.formatVersion === STATE_FORMAT_VERSION &&
    header.version === 1n &&
    header.status === 'active' &&
    header.office === office &&
    header.origin !== 'subdivision' &&
    header.origin !== 'consolidation' &&
    header.membersRoot === ZERO_32 &&
    header.memberCount === 0 &&
    header.effectiveOn === 0n;
  if (!isInitial) found.add(refusal('header-not-initial', undefined, { field: place }));
  if (header.origin === 'unspecified' || header.evidence === 'unspecified') {
    const field = header.origin === 'unspecified' ? 'origin' : 'evidence';
    found.add(refusal('value-unspecified', undefined, { field: `${place}/${field}` }));
  }
  const isPart = header.baseUnit !== ZERO_32;
  const isQuotaFit = isPart
    ? header.quotaNumerator !== 0n && header.quotaNumerator <= header.quotaTotal
    : header.quotaNumerator === 0n;
  if (!isQuotaFit) found.add(refusal('quota-invalid', undefined, { field: `${place}/quotaNumerator` }));
}

/** The sections are those of a registered title as signed. */
export function checkFirstSections(
  found: Findings,
  moment: NoticeMoment,
  state: BAUnitState,
  place: string,
): void {
  if (state.applications.length !== 0 || state.priorState !== ZERO_32) {
    const field = state.applications.length !== 0 ? 'applications' : 'priorState';
    found.add(refusal('state-not-initial', undefined, { field: `${place}/${field}` }));
  }
  if (state.factsRoot === ZERO_32) {
    found.add(refusal('value-unspecified', undefined, { field: `${place}/factsRoot` }));
  }
  checkSpatialUnits(found, state.spatialUnits, `${place}/spatialUnits`);
  let id = checkFirstRights(found, state.rights, `${place}/rights`);
  id = checkFirstRestrictions(found, moment, state, 'charges', id, place);
  id = checkFirstRestrictions(found, moment, state, 'notices', id, place);
  id = checkFirstResponsibilities(found, state, id, `${place}/responsibilities`);
  if (state.header.nextId !== id) {
    found.add(refusal('ids-not-in-order', undefined, { field: `${place}/header/nextId` }));
  }
}

export function checkSpatialUnits(found: Findings, units: readonly SpatialUnit[], place: string): void {
  if (units.length > MAX_SPATIAL_UNITS) {
    found.add(refusal('too-many-spatial-units', { limit: MAX_SPATIAL_UNITS }, { field: place }));
  }
  units.forEach((unit, i) => {
    if (unit.id === ZERO_32 || unit.geometryCommitment === ZERO_32) {
      found.add(refusal('value-unspecified', undefined, { field: `${place}/${i}` }));
    }
  });
}

/** A right as signed is complete in itself; ids and targets are the caller's. */
export function checkRight(found: Findings, right: Right, place: string): void {
  const unspecified = (['kind', 'standing', 'tenancy'] as const).find(
    (name) => right[name] === 'unspecified',
  );
  if (unspecified !== undefined) {
    found.add(refusal('value-unspecified', undefined, { field: `${place}/${unspecified}` }));
  }
  if (right.presentationNo !== 0n) {
    found.add(refusal('presentation-stated', undefined, { field: `${place}/presentationNo` }));
  }
  const holdings = right.holdings;
  if (holdings.length === 0) {
    found.add(refusal('holding-missing', undefined, { field: `${place}/holdings` }));
    return;
  }
  const isStated = statesShares(right.tenancy);
  holdings.forEach((holding, i) => {
    checkHolding(found, holding, isStated, `${place}/holdings/${i}`);
    const isRepeated =
      holding.keyHash !== ZERO_32 && holdings.findIndex(({ keyHash }) => keyHash === holding.keyHash) < i;
    if (isRepeated) {
      found.add(refusal('key-repeated', undefined, { field: `${place}/holdings/${i}/keyHash` }));
    }
  });
  const isMiscounted =
    (right.tenancy === 'sole' && holdings.length !== 1) ||
    (right.tenancy === 'joint' && holdings.length === 1);
  if ((right.denominator !== 0n) !== isStated || isMiscounted) {
    found.add(refusal('shares-contradict-tenancy', undefined, { field: `${place}/tenancy` }));
  }
  const sum = holdings.reduce((total, { numerator }) => total + numerator, 0n);
  if (isStated && bindsShares(right) && sum !== right.denominator) {
    found.add(refusal('shares-not-whole', undefined, { field: `${place}/holdings` }));
  }
}

function checkHolding(found: Findings, holding: Holding, isStated: boolean, place: string): void {
  const unspecified = (['partyKind', 'signer'] as const).find((name) => holding[name] === 'unspecified');
  if (unspecified !== undefined || holding.partyCommitment === ZERO_32) {
    const field = `${place}/${unspecified ?? 'partyCommitment'}`;
    found.add(refusal('value-unspecified', undefined, { field }));
  }
  if ((holding.numerator !== 0n) !== isStated) {
    found.add(refusal('shares-contradict-tenancy', undefined, { field: `${place}/numerator` }));
  }
}

/** A restriction or responsibility lies on the unit, a right or a holding of it. */
export function checkTarget(
  found: Findings,
  rights: readonly Right[],
  target: { readonly targetRight: number; readonly targetHolding?: number },
  place: string,
): void {
  const { targetRight, targetHolding = 0 } = target;
  const right = rights.find(({ rightId }) => rightId === targetRight);
  const isMet =
    targetRight === 0
      ? targetHolding === 0
      : right !== undefined &&
        (targetHolding === 0 || right.holdings.some(({ holdingId }) => holdingId === targetHolding));
  if (!isMet) found.add(refusal('target-missing', undefined, { field: place }));
}

function checkFirstRights(found: Findings, rights: readonly Right[], place: string): number {
  let id = 1;
  let held = 0;
  rights.forEach((right, i) => {
    const at = `${place}/${i}`;
    if (right.rightId !== id++) {
      found.add(refusal('ids-not-in-order', undefined, { field: `${at}/rightId` }));
    }
    checkRight(found, right, at);
    const before = held;
    held += right.holdings.length;
    if (held > MAX_HOLDINGS && before <= MAX_HOLDINGS) {
      found.add(refusal('too-many-holdings', { limit: MAX_HOLDINGS }, { field: `${at}/holdings` }));
    }
    right.holdings.forEach(({ holdingId }, j) => {
      if (holdingId !== id++) {
        found.add(refusal('ids-not-in-order', undefined, { field: `${at}/holdings/${j}/holdingId` }));
      }
    });
    if (right.targetRight === 0) return;
    // An earlier right only, so that no two are derived from each other.
    const isDerived = !isOwnership(right) && right.targetRight < right.rightId;
    if (isDerived) checkTarget(found, rights, { targetRight: right.targetRight }, `${at}/targetRight`);
    else found.add(refusal('target-missing', undefined, { field: `${at}/targetRight` }));
  });
  if (!rights.some(isOwnership)) found.add(refusal('ownership-missing', undefined, { field: place }));
  return id;
}

function checkFirstRestrictions(
  found: Findings,
  moment: NoticeMoment,
  state: BAUnitState,
  section: 'charges' | 'notices',
  firstId: number,
  place: string,
): number {
  const restrictions = state[section];
  const inSection = `${place}/${section}`;
  if (restrictions.length > MAX_RESTRICTIONS) {
    found.add(refusal('too-many-restrictions', { limit: MAX_RESTRICTIONS }, { field: inSection }));
  }
  restrictions.forEach((restriction, i) => {
    const at = `${inSection}/${i}`;
    if (restriction.restrictionId !== firstId + i) {
      found.add(refusal('ids-not-in-order', undefined, { field: `${at}/restrictionId` }));
    }
    checkRestriction(found, moment, restriction, at);
    if (isNotice(restriction.kind) !== (section === 'notices')) {
      found.add(refusal('restriction-kind-refused', undefined, { field: `${at}/kind` }));
    }
    checkRanked(found, restrictions[i - 1]?.rank ?? 0, restriction, at);
    checkTarget(found, state.rights, restriction, `${at}/targetRight`);
    if (isAskedTwice(state.rights, restrictions.slice(0, i), restriction)) {
      found.add(refusal('asked-twice', undefined, { field: `${at}/holderKeyHash` }));
    }
  });
  return firstId + restrictions.length;
}

/**
 * No key is asked twice of one holding: whoever must be asked of it is a spouse or a guardian, not its holder. Spouses who
 * each hold a share may each be asked of the other's.
 */
function isAskedTwice(
  rights: readonly Right[],
  before: readonly Restriction[],
  { kind, holderKeyHash, targetRight, targetHolding }: Restriction,
): boolean {
  if (kind !== 'must-be-asked' || holderKeyHash === ZERO_32) return false;
  const beside = rights.filter((right) =>
    targetRight === 0 ? isOwnership(right) : right.rightId === targetRight,
  );
  return (
    before.some(
      (one) =>
        one.kind === kind &&
        one.holderKeyHash === holderKeyHash &&
        areMet(one.targetRight, targetRight) &&
        areMet(one.targetHolding, targetHolding),
    ) ||
    beside.some(({ holdings }) =>
      holdings.some(
        ({ holdingId, keyHash }) => keyHash === holderKeyHash && areMet(targetHolding, holdingId),
      ),
    )
  );
}

/** Zero is every right, or every holding. */
const areMet = (one: number, other: number): boolean => one === other || one === 0 || other === 0;

function checkFirstResponsibilities(
  found: Findings,
  { rights, responsibilities }: BAUnitState,
  firstId: number,
  place: string,
): number {
  if (responsibilities.length > MAX_RESPONSIBILITIES) {
    found.add(refusal('too-many-responsibilities', { limit: MAX_RESPONSIBILITIES }, { field: place }));
  }
  responsibilities.forEach((responsibility, i) => {
    const at = `${place}/${i}`;
    if (responsibility.responsibilityId !== firstId + i) {
      found.add(refusal('ids-not-in-order', undefined, { field: `${at}/responsibilityId` }));
    }
    if (responsibility.kind === 'unspecified') {
      found.add(refusal('value-unspecified', undefined, { field: `${at}/kind` }));
    } else checkInstrument(found, responsibility, at);
    if (responsibility.presentationNo !== 0n) {
      found.add(refusal('presentation-stated', undefined, { field: `${at}/presentationNo` }));
    }
    checkTarget(found, rights, { targetRight: responsibility.targetRight }, `${at}/targetRight`);
  });
  return firstId + responsibilities.length;
}

function checkInstrument(found: Findings, rests: Responsibility, place: string): void {
  const missing = (['instrumentId', 'termsCommitment'] as const).find((name) => rests[name] === ZERO_32);
  if (missing !== undefined) {
    found.add(refusal('value-unspecified', undefined, { field: `${place}/${missing}` }));
  }
}

/** Places of a right's holdings before a transfer. */
export interface Moved {
  /** Removed, reduced, or not shown to stay whole. */
  readonly touched: ReadonlySet<number>;
  readonly removed: ReadonlySet<number>;
}

const FIXED_OF_HOLDING = [
  'partyKind',
  'signer',
  'keyHash',
  'partyCommitment',
] as const satisfies readonly (keyof Holding)[];

/** What a transfer takes from whom. Holdings that stay stand first, in their order, so one walk decides. */
export function movedBy(prior: Right, next: Right, found?: Findings): Moved {
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
      found?.add(refusal('holding-changed', undefined, { field: `/next/holdings/${kept}/${changed}` }));
    }
    kept++;
    if (areStated && isLess(before.numerator, prior, holding.numerator, next)) touched.add(i);
  });
  next.holdings.slice(kept).forEach((holding, i) => {
    if (holding.holdingId === 0) return;
    found?.add(refusal('holding-changed', undefined, { field: `/next/holdings/${kept + i}/holdingId` }));
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
