/** Where a state commits to facts: every root by its place, so that a fact shown can be held against it. Pure. */
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import type { BAUnitState } from './types.ts';

/**
 * `unit`, `spatial-unit/{id}`, `right/{id}`, `holding/{id}`, `restriction/{id}`, `responsibility/{id}`: the facts of
 * the unit, of a geometry, of a right's terms, of a party, of a restriction's or responsibility's terms.
 */
export type CommitmentPlace =
  | 'unit'
  | `${'spatial-unit' | 'right' | 'holding' | 'restriction' | 'responsibility'}/${string}`;

/** The roots of the sections that are given, in the order of the state; a commitment that is not made is left out. */
export function commitmentsOf(
  state: Pick<BAUnitState, 'factsRoot'> & Partial<BAUnitState>,
): ReadonlyMap<CommitmentPlace, Bytes32> {
  const { factsRoot, spatialUnits = [], rights = [], charges = [], notices = [] } = state;
  const { responsibilities = [] } = state;
  const all: [CommitmentPlace, Bytes32][] = [
    ['unit', factsRoot],
    ...spatialUnits.map((unit): [CommitmentPlace, Bytes32] => [
      `spatial-unit/${unit.id}`,
      unit.geometryCommitment,
    ]),
    ...rights.flatMap((right): [CommitmentPlace, Bytes32][] => [
      [`right/${right.rightId}`, right.termsCommitment],
      ...right.holdings.map((holding): [CommitmentPlace, Bytes32] => [
        `holding/${holding.holdingId}`,
        holding.partyCommitment,
      ]),
    ]),
    ...[...charges, ...notices].map((restriction): [CommitmentPlace, Bytes32] => [
      `restriction/${restriction.restrictionId}`,
      restriction.termsCommitment,
    ]),
    ...responsibilities.map((duty): [CommitmentPlace, Bytes32] => [
      `responsibility/${duty.responsibilityId}`,
      duty.termsCommitment,
    ]),
  ];
  return new Map(all.filter(([, root]) => root !== ZERO_32));
}
