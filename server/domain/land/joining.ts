/**
 * How the rights and restrictions of several units become those of one (L6), as Joining.sol does it.
 *
 * Promises: every derived right, restriction and responsibility is carried, under new ids that map what it lies on;
 * what lay on a parent's ownership right lies on the one ownership right of the new unit; charges and notices stand in
 * order of presentation, equals in the order of the parents, and that is the rank of charges. Pure; only a consolidation calls it.
 */
import { isOwnership } from './rules.ts';
import type { BAUnitState, Responsibility, Restriction, Right } from './types.ts';

export interface JoinedSections {
  readonly rights: readonly Right[];
  readonly charges: readonly Restriction[];
  readonly notices: readonly Restriction[];
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
  const charges: Restriction[] = [];
  const notices: Restriction[] = [];
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
    const carried = (restriction: Restriction): Restriction => {
      const targetRight = imageOf(restriction.targetRight);
      return { ...restriction, targetRight, targetHolding: imageOf(restriction.targetHolding) };
    };
    charges.push(...parent.charges.map(carried));
    notices.push(...parent.notices.map(carried));
    for (const responsibility of parent.responsibilities) {
      responsibilities.push({ ...responsibility, targetRight: imageOf(responsibility.targetRight) });
    }
  }
  return {
    rights,
    charges: inOrder(charges).map((charge, i) => ({ ...charge, restrictionId: nextId++, rank: i + 1 })),
    notices: inOrder(notices).map((notice) => ({ ...notice, restrictionId: nextId++ })),
    responsibilities: responsibilities.map((duty) => ({ ...duty, responsibilityId: nextId++ })),
    nextId,
  };
}

function inOrder(restrictions: readonly Restriction[]): readonly Restriction[] {
  return restrictions.toSorted((a, b) => compare(a.presentationNo, b.presentationNo));
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
