/**
 * Divisions: subdivisions into more units than one transaction makes.
 *
 * Promises what prepare.ts promises, with the consent of every owner to the fold of the children. Loading and completing
 * are nobody's act: whoever calls can do only what was consented to. `chunksOf` says in what calls.
 */
import type { FactSet } from '../acts/facts.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { OfficeId } from '../base/terms.ts';
import type { CancelDivision, Child, OpenDivision } from './acts.ts';
import { toMessage } from './codec.ts';
import { Asking } from './consents.ts';
import { Findings } from './findings.ts';
import { divisionTerms, foldOf, foldsOf } from './hashes.ts';
import { checkChild, checkCount, checkNoParts, takeAll } from './partition.ts';
import {
  Claims,
  checkAgreed,
  checkRecordable,
  finish,
  type LandJudgement,
  openAll,
  type RegisterReading,
} from './prepare.ts';
import { applyCancellation, applyOpening } from './transitions.ts';
import {
  type BAUnitState,
  MAX_ACT_WEIGHT,
  MAX_DIVISION_CHILDREN,
  MAX_SPATIAL_UNITS_PER_LOAD,
  MAX_UNITS_PER_ACT,
} from './types.ts';
import { checkWeight, wordsOf } from './weights.ts';

/** Fewer is no partition. */
const MIN_CHILDREN = 2;

/** The act that opens a division into these children. */
export function openingOf(
  { head, unit }: Pick<OpenDivision, 'head' | 'unit'>,
  children: readonly Child[],
): OpenDivision {
  return { head, unit, memberCount: children.length, membersRoot: foldOf(children) };
}

/**
 * Prepares the opening of a division; `prior` is the parent's state in force. The children are the act's items; whoever
 * only knows their fold judges all but them.
 */
export function openDivision(
  reading: RegisterReading,
  act: OpenDivision,
  prior: BAUnitState,
  children?: readonly Child[],
  factSets: readonly FactSet[] = [],
): LandJudgement {
  const found = new Findings();
  const { head, unit } = act;
  // Who is asked and what blocks it is what a subdivision asks: the act does the same.
  const asking = new Asking(found, reading, 'subdivision');
  checkCount(found, act.memberCount, { least: MIN_CHILDREN, most: MAX_DIVISION_CHILDREN }, '/children');
  if (act.membersRoot === ZERO_32) {
    found.add(refusal('value-unspecified', undefined, { field: '/membersRoot' }));
  }
  asking.termsHash = divisionTerms(act);
  const named = { head, units: [unit], priors: [prior], placeOf: () => '/unit' };
  for (const { baUnit, state } of openAll(found, reading, asking, named)) {
    checkNoParts(found, state.header, '/unit/baUnit');
    // A part's quota is divided in the act that shows all children at once.
    if (state.header.quotaNumerator !== 0n) {
      found.add(refusal('quota-not-carried', undefined, { field: '/unit/baUnit' }));
    }
    asking.open(baUnit);
    takeAll(asking, state, 'nothing', '/unit');
  }
  checkAgreed(found, reading, head, asking, [prior]);
  checkWeight(found, { shown: [prior], consents: asking.needed });
  checkRecordable(found, reading, 'division-opening', head);
  if (children !== undefined) checkChildren(found, reading, head.office, children);
  return finish(found, reading, {
    act: 'division-opening',
    primaryType: 'OpenDivision',
    value: act,
    head,
    changes: () => [applyOpening(reading, act, prior)],
    priors: [prior],
    consents: asking.needed,
    isAssisted: asking.isAssisted,
    factSets,
    items: children?.map((child) => toMessage('Child', child)),
    args: [toMessage('OpenDivision', act), toMessage('BAUnitState', prior)],
  });
}

/** What would stop a child from being loaded is refused before the division is opened. */
function checkChildren(
  found: Findings,
  reading: RegisterReading,
  office: OfficeId,
  children: readonly Child[],
): void {
  const claims = new Claims(reading, office);
  children.forEach((child, i) => {
    const { baUnit, spatialUnits, quotaNumerator } = child.portion;
    checkChild(found, child, `/children/${i}`);
    if (quotaNumerator !== 0n) {
      found.add(refusal('quota-not-carried', undefined, { field: `/children/${i}/portion/quotaNumerator` }));
    }
    claims.check(found, baUnit, spatialUnits, `/children/${i}/portion`);
  });
}

/** Prepares the cancellation of a division that is not completed; `prior` is the parent's state in force. */
export function cancelDivision(
  reading: RegisterReading,
  act: CancelDivision,
  prior: BAUnitState,
): LandJudgement {
  const found = new Findings();
  const { head, unit } = act;
  const asking = new Asking(found, reading, 'division-cancellation');
  const named = { head, units: [unit], priors: [prior], placeOf: () => '/unit', whileDividing: true };
  for (const { state } of openAll(found, reading, asking, named)) {
    if (state.header.status !== 'dividing') {
      found.add(refusal('ba-unit-not-dividing', undefined, { field: '/unit/baUnit' }));
    }
  }
  checkAgreed(found, reading, head, asking, [prior]);
  checkRecordable(found, reading, 'division-cancellation', head);
  return finish(found, reading, {
    act: 'division-cancellation',
    primaryType: 'CancelDivision',
    value: act,
    head,
    changes: () => [applyCancellation(reading, act, prior)],
    priors: [prior],
    factSets: [],
    args: [toMessage('CancelDivision', act), toMessage('BAUnitState', prior)],
  });
}

// ---- What anybody sends --------------------------------------------------------------------------------------

export interface LoadingChunk {
  readonly children: readonly Child[];
  /** Fold of the children after these. */
  readonly rest: Bytes32;
}

/** The children that are still to be loaded, given what they fold to: the next call's. Undefined when none is. */
export function nextLoad(children: readonly Child[], rest: Bytes32): LoadingChunk | undefined {
  if (rest === ZERO_32) return undefined;
  const folds = foldsOf(children);
  const first = folds.indexOf(rest);
  if (first < 0) throw refusal('children-differ');
  let spatialUnits = 0;
  const chunk = children.slice(first).filter(({ portion }) => {
    spatialUnits += portion.spatialUnits.length;
    return spatialUnits <= MAX_SPATIAL_UNITS_PER_LOAD;
  });
  return { children: chunk, rest: folds[first + chunk.length] ?? ZERO_32 };
}

/** Words of states that one call shows and makes: half of what an act may weigh, since whoever calls may choose. */
const MOST_WORDS_MADE = MAX_ACT_WEIGHT / 2;

/** How many children of a parent one call makes: as many as fit its gas whatever lies on the parent, one at least. */
export function childrenPerCall(parent: BAUnitState): number {
  return Math.max(1, Math.min(MAX_UNITS_PER_ACT - 1, Math.floor(MOST_WORDS_MADE / wordsOf(parent)) - 1));
}
