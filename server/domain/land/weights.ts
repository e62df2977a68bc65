/**
 * What an act on land costs at most, before it is carried out: the weights of Weights.sol, in its words.
 *
 * Promises: an act that is let through fits a transaction with room, whatever the state of the chain. Pure.
 */
import { refusal } from '../base/refusal.ts';
import type { Findings } from './findings.ts';
import { type BAUnitState, CONSENT_WEIGHT, MAX_ACT_WEIGHT, SLOT_WEIGHT, type SpatialUnit } from './types.ts';

/** Words of a state: shown with the act that changes it, or made. */
export function wordsOf({
  spatialUnits,
  rights,
  charges,
  notices,
  responsibilities,
  applications,
}: BAUnitState): number {
  const held = rights.reduce((words, { holdings }) => words + 11 + 6 * holdings.length, 0);
  const lying = 12 * (charges.length + notices.length);
  return 12 + 2 * spatialUnits.length + held + lying + 8 * (responsibilities.length + applications.length);
}

/** A first state: its words, and a slot for each instrument and each spatial unit. */
export function weightOfTitle(state: BAUnitState): number {
  const { spatialUnits, charges, notices } = state;
  return wordsOf(state) + SLOT_WEIGHT * (spatialUnits.length + charges.length + notices.length);
}

/** Spatial units of a unit that a partition makes. */
export function weightOfClaims(spatialUnits: readonly SpatialUnit[]): number {
  return (2 + SLOT_WEIGHT) * spatialUnits.length;
}

/** `made` is what it makes besides the states that follow those shown. */
export function checkWeight(
  found: Findings,
  {
    shown = [],
    consents = [],
    made = 0,
  }: {
    readonly shown?: readonly BAUnitState[];
    readonly consents?: readonly unknown[];
    readonly made?: number;
  },
): void {
  const words = shown.reduce((sum, state) => sum + wordsOf(state), 0);
  if (words + CONSENT_WEIGHT * consents.length + made > MAX_ACT_WEIGHT) {
    found.add(refusal('act-too-heavy', { limit: MAX_ACT_WEIGHT }));
  }
}
