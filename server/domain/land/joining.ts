/**
 * How the rights and restrictions of several units become those of one (L6), as Joining.sol does it.
 *
 * Promises: every derived right, restriction and responsibility is carried, under new ids that map what it lies on;
 * what lay on a parent's ownership right lies on the one ownership right of the new unit; restrictions stand in order
 * of presentation, equals in the order of the parents. Pure; only a consolidation calls it.
 */
import { isOwnership } from './rules.ts';
import type { BAUnitState, Responsibility, Restriction, Right } from './types.ts';

export interface JoinedSections {
  readonly rights: readonly Right[];
  readonly restrictions: readonly Restriction[];
  readonly responsibilities: readonly Responsibility[];
  readonly nextId: number;
}

/** `ownership` comes without ids and takes 1 and on. */
export function joinSections(ownership: Right, parents: readonly BAUnitState[]): JoinedSections {
  let nextId = 1;
  const owned: Right = {
    ...ownership,
    rightId: nextId++,
    holdings: ownership.holdings.map((holding) => ({ ...holding, holdingId: nextId++ })),
  };
  const rights = [owned];
  const restrictions: Restriction[] = [];
  const responsibilities: Responsibility[] = [];
  for (const parent of parents) {
    // By the id in the parent: what it is called in the new unit; what is not found lies on nothing any more.
    const image = new Map<number, number>();
    const imageOf = (id: number) => image.get(id) ?? 0;
    for (const right of parent.rights) {
      if (isOwnership(right)) {
        image.set(right.rightId, owned.rightId);
        continue;
      }
      image.set(right.rightId, nextId);
      const rightId = nextId++;
      const targetRight = imageOf(right.targetRight);
      const holdings = right.holdings.map((holding) => {
        image.set(holding.holdingId, nextId);
        return { ...holding, holdingId: nextId++ };
      });
      rights.push({ ...right, rightId, targetRight, holdings });
    }
    for (const restriction of parent.restrictions) {
      restrictions.push({
        ...restriction,
        targetRight: imageOf(restriction.targetRight),
        targetHolding: imageOf(restriction.targetHolding),
      });
    }
    for (const responsibility of parent.responsibilities) {
      responsibilities.push({ ...responsibility, targetRight: imageOf(responsibility.targetRight) });
    }
  }
  const inOrder = restrictions.toSorted((a, b) => compare(a.presentationNo, b.presentationNo));
  return {
    rights,
    restrictions: inOrder.map((restriction) => ({ ...restriction, restrictionId: nextId++ })),
    responsibilities: responsibilities.map((duty) => ({ ...duty, responsibilityId: nextId++ })),
    nextId,
  };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
