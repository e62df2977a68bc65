/**
 * What stands in an act's way, and who must agree to it (L4, L8), as Consents.sol asks it.
 *
 * Promises: `Asking` lists the consents in the order in which the register takes them, and knows whether a holder
 * without a key was met. Pure: the time is handed in.
 */
import { isPassed, type Moment } from '../acts/moment.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { BAUnitId, Capacity, ConsentRole, LandAct } from '../base/terms.ts';
import { LAND_ACTS, numberOf } from '../base/terms.ts';
import type { Findings } from './findings.ts';
import type { Holding, Restriction, Right } from './types.ts';

export function isInForce(moment: Moment, { expiresOn }: Restriction): boolean {
  return expiresOn === 0n || !isPassed(moment, expiresOn);
}

/** One consent that an act needs, without the time that its signer chooses. */
export interface ConsentNeeded {
  readonly role: ConsentRole;
  readonly act: LandAct;
  readonly baUnit: BAUnitId;
  readonly rightsHash: Bytes32;
  readonly subject: number;
  readonly termsHash: Bytes32;
  readonly capacity: Capacity;
  /** Of the key that must sign; not part of what is signed. */
  readonly keyHash: Bytes32;
}

/** How far an act reaches into a unit: everything, or some holdings of one right. */
export interface Reach {
  readonly right?: Right;
  /** Places of the holdings that are touched. */
  readonly touched: ReadonlySet<number>;
}

export const WHOLE_UNIT: Reach = { touched: new Set() };

/** The reach of an act on a right, or on one holding of it. */
export function reachOf(right: Right, targetHolding: number): Reach {
  const places = right.holdings.flatMap(({ holdingId }, i) =>
    targetHolding === 0 || holdingId === targetHolding ? [i] : [],
  );
  return { right, touched: new Set(places) };
}

/** Whether a restriction lies on what an act touches. */
export function concerns({ targetRight, targetHolding }: Restriction, { right, touched }: Reach): boolean {
  if (right === undefined || targetRight === 0) return true;
  if (targetRight !== right.rightId) return false;
  if (targetHolding === 0) return true;
  return touched.has(right.holdings.findIndex(({ holdingId }) => holdingId === targetHolding));
}

export class Asking {
  readonly moment: Moment;
  readonly found: Findings;
  /** What is asked so far, in order. */
  readonly needed: ConsentNeeded[] = [];
  /** A holder without a key was met: two institutions must sign. */
  isAssisted = false;
  act: LandAct;
  termsHash: Bytes32;
  #baUnit: BAUnitId;
  #rightsHash: Bytes32;

  constructor(found: Findings, moment: Moment, act: LandAct) {
    this.found = found;
    this.moment = moment;
    this.act = act;
    this.termsHash = ZERO_32;
    this.#rightsHash = ZERO_32;
    this.#baUnit = ZERO_32 as BAUnitId;
  }

  /** The unit now asked about, by its rights section before the act. */
  open(baUnit: BAUnitId, rightsHash: Bytes32): void {
    this.#baUnit = baUnit;
    this.#rightsHash = rightsHash;
  }

  /** No restriction in force within reach may block the act (L4). */
  checkUnblocked(restrictions: readonly Restriction[], reach: Reach, place: string): void {
    if (this.#within(restrictions, reach, 'blocks').length > 0) {
      this.found.add(refusal('act-blocked', undefined, { field: place }));
    }
  }

  /** No restriction in force may lie on a holding that the act removes. */
  checkNoneStranded(
    restrictions: readonly Restriction[],
    right: Right,
    removed: ReadonlySet<number>,
    place: string,
  ): void {
    const isStranded = restrictions.some(
      (restriction) =>
        restriction.targetHolding !== 0 &&
        restriction.targetRight === right.rightId &&
        removed.has(right.holdings.findIndex(({ holdingId }) => holdingId === restriction.targetHolding)) &&
        isInForce(this.moment, restriction),
    );
    if (isStranded) this.found.add(refusal('restricted-holding-removed', undefined, { field: place }));
  }

  takeOfHoldings({ holdings }: Right, touched: ReadonlySet<number>): void {
    holdings.forEach((holding, i) => {
      if (touched.has(i)) this.#takeOfHolding(holding);
    });
  }

  takeOfRestrictions(restrictions: readonly Restriction[], reach: Reach): void {
    for (const restriction of this.#within(restrictions, reach, 'needsConsent')) {
      this.takeOfRestriction(restriction);
    }
  }

  takeOfRestriction({ restrictionId, holderKeyHash }: Restriction): void {
    this.#take('restriction-holder', restrictionId, 'unspecified', holderKeyHash);
  }

  #within(
    restrictions: readonly Restriction[],
    reach: Reach,
    mask: 'blocks' | 'needsConsent',
  ): readonly Restriction[] {
    const bit = BigInt(numberOf(LAND_ACTS, this.act));
    return restrictions.filter(
      (restriction) =>
        (restriction[mask] >> bit) % 2n === 1n &&
        concerns(restriction, reach) &&
        isInForce(this.moment, restriction),
    );
  }

  #takeOfHolding({ holdingId, capacity, keyHash }: Holding): void {
    this.#take('holder', holdingId, capacity, keyHash);
  }

  #take(role: ConsentRole, subject: number, capacity: Capacity, keyHash: Bytes32): void {
    if (keyHash === ZERO_32) {
      this.isAssisted = true;
      return;
    }
    const { act, termsHash } = this;
    const [baUnit, rightsHash] = [this.#baUnit, this.#rightsHash];
    this.needed.push({ role, act, baUnit, rightsHash, subject, termsHash, capacity, keyHash });
  }
}
