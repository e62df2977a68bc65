/**
 * What stands in an act's way, and who must agree to it (L4, L8), as Consents.sol asks it.
 *
 * Promises: `Asking` lists the consents in the order in which the register takes them, and knows whether a holder
 * without a key was met. Pure: the time is handed in.
 */
import { isPassed, type Moment } from '../acts/moment.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { BAUnitId, ConsentRole, LandAct } from '../base/terms.ts';
import { LAND_ACTS, numberOf } from '../base/terms.ts';
import type { Findings } from './findings.ts';
import { isNotice } from './restrictions.ts';
import { isOwnership } from './rules.ts';
import { type BAUnitState, type Holding, MAX_RESTRICTIONS, type Restriction, type Right } from './types.ts';

/** One consent that an act needs, without the time that its signer chooses. */
export interface ConsentNeeded {
  readonly role: ConsentRole;
  readonly act: LandAct;
  readonly baUnit: BAUnitId;
  readonly unitsHash: Bytes32;
  readonly subject: number;
  readonly termsHash: Bytes32;
  /** As the act's head states it. */
  readonly effectiveOn: bigint;
  /** Of the key that must sign; not part of what is signed. */
  readonly keyHash: Bytes32;
}

/** How far an act reaches into a unit: everything, or some holdings of one right. */
export interface Reach {
  /** Of the unit. */
  readonly rights: readonly Right[];
  readonly right?: Right;
  /** Places of the holdings that are touched. */
  readonly touched: ReadonlySet<number>;
  /** Of the whole unit: whoever holds a right derived from the land is asked too. */
  readonly asksAll?: boolean;
}

export function wholeUnit(rights: readonly Right[], asksAll: boolean): Reach {
  return { rights, touched: new Set(), asksAll };
}

/** The reach of an act on a right, or on one holding of it. */
export function reachOf(rights: readonly Right[], right: Right, targetHolding: number): Reach {
  const places = right.holdings.flatMap(({ holdingId }, i) =>
    targetHolding === 0 || holdingId === targetHolding ? [i] : [],
  );
  return { rights, right, touched: new Set(places) };
}

/** Of a restriction on a right: whether an act touches the holding it lies on. */
export function isTouched(
  { targetHolding }: Restriction,
  { holdings }: Right,
  touched: ReadonlySet<number>,
): boolean {
  return (
    targetHolding === 0 || touched.has(holdings.findIndex(({ holdingId }) => holdingId === targetHolding))
  );
}

/** What an act takes from under the charges within its reach, beyond what they ask for themselves. */
export type Lessening = 'nothing' | 'touched-holdings' | 'everything';

/** The time, and whether two institutions hold the quorum, so that something can be left for them to judge. */
export interface Circumstances extends Moment {
  readonly isSeated: boolean;
}

/** Whether the holder agreed to a charge: every owner does to one on the whole unit. */
function liesOn({ targetRight, targetHolding }: Restriction, right: Right, holdingId: number): boolean {
  if (targetRight === 0) return isOwnership(right);
  return targetRight === right.rightId && (targetHolding === 0 || targetHolding === holdingId);
}

export class Asking {
  readonly found: Findings;
  readonly #at: Circumstances;
  /** What is asked so far, in order. */
  readonly needed: ConsentNeeded[] = [];
  /** A holding was met for which no key signs: two institutions must sign. */
  isAssisted = false;
  /** Holdings met of rights that hold the land itself. */
  owners = 0;
  act: LandAct;
  termsHash: Bytes32 = ZERO_32;
  effectiveOn = 0n;
  /** Every unit of the act, with its rights and charges before the act, without what lapsed. */
  unitsHash: Bytes32 = ZERO_32;
  #baUnit: BAUnitId = ZERO_32 as BAUnitId;

  constructor(found: Findings, at: Circumstances, act: LandAct) {
    this.found = found;
    this.#at = at;
    this.act = act;
  }

  /** The unit now asked about. */
  open(baUnit: BAUnitId): void {
    this.#baUnit = baUnit;
  }

  /** No restriction within reach may block the act (L4). */
  checkUnblocked(restrictions: readonly Restriction[], reach: Reach, place: string): void {
    if (restrictions.some((one) => this.#isIn(one.blocks) && this.#concerns(one, reach))) {
      this.found.add(refusal('act-blocked', undefined, { field: place }));
    }
  }

  /** No charge may lie on a holding that the act removes. */
  checkNoneStranded(
    charges: readonly Restriction[],
    right: Right,
    removed: ReadonlySet<number>,
    place: string,
  ): void {
    const isStranded = charges.some(
      ({ targetHolding, targetRight }) =>
        targetHolding !== 0 &&
        targetRight === right.rightId &&
        removed.has(right.holdings.findIndex(({ holdingId }) => holdingId === targetHolding)),
    );
    if (isStranded) this.found.add(refusal('restricted-holding-removed', undefined, { field: place }));
  }

  /** Of a right that is disputed, and of a holding for which nobody signs, two institutions must judge. */
  takeOfHoldings(rights: readonly Right[], right: Right, touched: ReadonlySet<number>, place: string): void {
    if (this.#hasEnded(rights, right)) {
      this.found.add(refusal('right-ended', undefined, { field: place }));
    }
    this.#takeOfTouched(right, touched, place);
  }

  /** Every holding of every right in force that holds the land itself. */
  takeOfOwnership(rights: readonly Right[], place: string): void {
    this.#takeOfRights(rights, isOwnership, place);
  }

  /** The same of every right in force: what is derived from the land is lessened with it (L7). */
  takeOfEveryRight(rights: readonly Right[], place: string): void {
    this.#takeOfRights(rights, () => true, place);
  }

  /** Of charges within reach that ask for it or that the act lessens (L7). */
  takeOfCharges(charges: readonly Restriction[], reach: Reach, lessening: Lessening): void {
    for (const charge of charges) {
      const isLessened =
        lessening === 'everything' || (lessening === 'touched-holdings' && charge.targetHolding !== 0);
      const isAsked = isLessened || this.#isIn(charge.needsConsent);
      if (isAsked && this.#concerns(charge, reach)) this.takeOfRestriction(charge, 'must-be-asked');
    }
  }

  takeOfNotices(notices: readonly Restriction[], reach: Reach): void {
    this.takeOfCharges(notices, reach, 'nothing');
  }

  takeOfRestriction({ restrictionId, holderKeyHash }: Restriction, role: ConsentRole): void {
    this.#take(role, restrictionId, holderKeyHash);
  }

  /**
   * A charge takes no place that is kept for holders who do not agree to it. Half of the places are kept for the holdings of
   * rights in force, in equal parts, one at least for each, less the charges that lie on it.
   */
  checkRoom({ rights, charges }: BAUnitState, next: Restriction, place: string): void {
    const inForce = rights.filter((right) => !this.#hasEnded(rights, right));
    const count = inForce.reduce((sum, { holdings }) => sum + holdings.length, 0);
    const part = count > MAX_RESTRICTIONS / 2 ? 1 : Math.floor(MAX_RESTRICTIONS / 2 / count);
    const kept = inForce.flatMap((right) =>
      right.holdings.map(({ holdingId }) => {
        if (liesOn(next, right, holdingId)) return 0;
        return Math.max(0, part - charges.filter((one) => liesOn(one, right, holdingId)).length);
      }),
    );
    if (kept.reduce((sum, one) => sum + one, charges.length + 1) > MAX_RESTRICTIONS) {
      this.found.add(refusal('too-many-restrictions', { limit: MAX_RESTRICTIONS }, { field: place }));
    }
  }

  /** How many holdings rights in force have that hold the land itself. */
  ownersIn(rights: readonly Right[]): number {
    const owned = rights.filter((right) => isOwnership(right) && !this.#hasEnded(rights, right));
    return owned.reduce((sum, { holdings }) => sum + holdings.length, 0);
  }

  /** A right that is over has nobody to ask and stops nothing beside it; some right to the land must be left. */
  #takeOfRights(rights: readonly Right[], isAsked: (right: Right) => boolean, place: string): void {
    const inForce = rights.filter((right) => isAsked(right) && !this.#hasEnded(rights, right));
    for (const right of inForce) this.#takeOfTouched(right, new Set(right.holdings.keys()), place);
    if (!inForce.some(isOwnership)) this.found.add(refusal('right-ended', undefined, { field: place }));
  }

  #takeOfTouched(right: Right, touched: ReadonlySet<number>, place: string): void {
    if (touched.size === 0) return;
    if (isOwnership(right)) this.owners += touched.size;
    if (right.standing === 'disputed') this.#requireTwo(place);
    right.holdings.forEach((holding, i) => {
      if (touched.has(i)) this.#takeOfHolding(holding, place);
    });
  }

  /** Whether a restriction lies on what an act touches. */
  #concerns(one: Restriction, reach: Reach): boolean {
    const { right } = reach;
    if (right !== undefined && one.targetRight !== 0 && one.targetRight !== right.rightId) return false;
    if (!isNotice(one.kind) && !this.#isBinding(one.targetRight, reach)) return false;
    return right === undefined || one.targetRight === 0 || isTouched(one, right, reach.touched);
  }

  /**
   * A charge counts no further than those who agreed to it could themselves refuse: on the whole unit, owners for what owners
   * hold; on a right, its holders for what they are asked about, while they hold it.
   */
  #isBinding(target: number, { rights, right, asksAll = false }: Reach): boolean {
    if (target === 0) return right === undefined || isOwnership(right);
    const on = rights.find(({ rightId }) => rightId === target);
    if (on === undefined || this.#hasEnded(rights, on)) return false;
    return right !== undefined || asksAll || isOwnership(on);
  }

  #isIn(mask: bigint): boolean {
    return (mask >> BigInt(numberOf(LAND_ACTS, this.act))) % 2n === 1n;
  }

  /** A right ends with the one that it is derived from, which stands before it. */
  #hasEnded(rights: readonly Right[], { rightId, targetRight, expiresOn }: Right): boolean {
    if (expiresOn !== 0n && isPassed(this.#at, expiresOn)) return true;
    const source = rights.find((one) => one.rightId === targetRight && one.rightId < rightId);
    return source !== undefined && this.#hasEnded(rights, source);
  }

  /** Before two institutions hold the quorum there is nobody to judge, so nothing moves. */
  #requireTwo(place: string): void {
    if (!this.#at.isSeated) this.found.add(refusal('nobody-signs', undefined, { field: place }));
    this.isAssisted = true;
  }

  #takeOfHolding({ holdingId, signer, keyHash }: Holding, place: string): void {
    if (signer === 'none') this.#requireTwo(place);
    else this.#take(signer === 'own' ? 'holder' : 'representative', holdingId, keyHash);
  }

  #take(role: ConsentRole, subject: number, keyHash: Bytes32): void {
    if (keyHash === ZERO_32) {
      this.isAssisted = true;
      return;
    }
    const { act, termsHash, unitsHash, effectiveOn } = this;
    const named = { role, act, baUnit: this.#baUnit, unitsHash, subject, termsHash, effectiveOn };
    this.needed.push({ ...named, keyHash });
  }
}
