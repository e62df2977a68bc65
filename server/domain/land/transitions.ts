/**
 * How an act changes a unit: from the state it names to the state the register keeps, and nothing about whether it may.
 *
 * Promises: exactly the state that the contract emits, given the same act, the time and the number of presentation of
 * its entry.
 * The desk shows by it what will change, and fsck re-derives every state with it from the acts alone. It assumes an
 * act whose rules hold: on any other its result means nothing. Pure; nothing it is given is changed.
 */
import { type ActHead, effectOf } from '../acts/head.ts';
import type { Moment } from '../acts/moment.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import type { BAUnitId, Origin } from '../base/terms.ts';
import { EVIDENCE_GRADES, numberOf } from '../base/terms.ts';
import type {
  CancelDivision,
  Child,
  Consolidate,
  CreateRestriction,
  Discharge,
  OpenDivision,
  RegisterParts,
  Subdivide,
  Title,
  TransferRight,
  UnitChange,
} from './acts.ts';
import { isTouched } from './consents.ts';
import { hashOfWords, stateHash } from './hashes.ts';
import { joinSections } from './joining.ts';
import { dropLapsed, isNotice } from './restrictions.ts';
import { movedBy } from './rules.ts';
import type { BAUnitState, Header, Holding, Restriction, Right } from './types.ts';

/** One unit as an act leaves it, in the order of the entries. */
export interface Change {
  readonly baUnit: BAUnitId;
  /** State hash it replaces, or zero for a new unit. */
  readonly replaces: Bytes32;
  readonly state: BAUnitState;
}

/** From when the latest of states had effect; zero where there is none. */
export function sinceOf(states: readonly BAUnitState[]): bigint {
  return states.reduce((latest, { header: { effectiveOn: one } }) => (one > latest ? one : latest), 0n);
}

/** From when the states that an act makes have effect; an act without a head states nothing. */
export function effectOfAct(
  { nowSeconds }: Moment,
  head: ActHead | undefined,
  priors: readonly BAUnitState[],
): bigint {
  return effectOf(head?.effectiveOn, { recordedAt: nowSeconds, since: sinceOf(priors) });
}

/** A title as kept: everything it brings takes the number of its entry. */
export function applyRegistration(
  { baUnit, state }: Title,
  presentationNo: bigint,
  effectiveOn: bigint,
): Change {
  const presented = <T extends object>(item: T) => ({ ...item, presentationNo });
  return {
    baUnit,
    replaces: ZERO_32,
    state: {
      ...state,
      header: { ...state.header, effectiveOn },
      rights: state.rights.map(presented),
      charges: state.charges.map(presented),
      notices: state.notices.map(presented),
      responsibilities: state.responsibilities.map(presented),
    },
  };
}

export function applyTransfer(
  moment: Moment,
  act: TransferRight,
  prior: BAUnitState,
  presentationNo: bigint,
): Change {
  let nextId = prior.header.nextId;
  const holdings = act.next.holdings.map(
    (holding): Holding => (holding.holdingId === 0 ? { ...holding, holdingId: nextId++ } : holding),
  );
  const next: Right = { ...act.next, presentationNo, holdings };
  const effect = effectOfAct(moment, act.head, [prior]);
  const opened = dropLapsed(moment, prior);
  return successor(act.unit, opened, effect, {
    header: { ...prior.header, nextId },
    rights: prior.rights.map((right) => (right.rightId === next.rightId ? next : right)),
    notices: widened(opened, act.next),
  });
}

/** A notice on a holding of which a part goes lies on the right of it: what it is about may be others' then. */
function widened({ rights, notices }: BAUnitState, next: Right): readonly Restriction[] {
  const right = rights.find(({ rightId }) => rightId === next.rightId);
  if (right === undefined) return notices;
  const { touched } = movedBy(right, next);
  return notices.map((one) =>
    one.targetRight === right.rightId && isTouched(one, right, touched) ? { ...one, targetHolding: 0 } : one,
  );
}

/** What is one-sided moves the date of nothing else. `presentationNo` is that of the first unit's entry; the others follow. */
export function applyRestriction(
  moment: Moment,
  { head, units, restriction }: CreateRestriction,
  priors: readonly BAUnitState[],
  presentationNo: bigint,
): Change[] {
  const effect = effectOfAct(moment, head, priors);
  return paired(units, priors).map(([unit, prior], i) => {
    const restrictionId = prior.header.nextId;
    const created = { ...restriction, restrictionId, presentationNo: presentationNo + BigInt(i) };
    const header = { ...prior.header, nextId: restrictionId + 1 };
    const opened = dropLapsed(moment, prior);
    return isNotice(restriction.kind)
      ? successor(unit, opened, header.effectiveOn, { header, notices: [...opened.notices, created] })
      : successor(unit, opened, effect, { header, charges: [...opened.charges, created] });
  });
}

export function applyDischarge(
  moment: Moment,
  { head, releases }: Discharge,
  priors: readonly BAUnitState[],
): Change[] {
  const effect = effectOfAct(moment, head, priors);
  return paired(releases, priors).map(([{ unit, restrictionId }, prior]) => {
    const opened = dropLapsed(moment, prior);
    const stays = (one: Restriction) => one.restrictionId !== restrictionId;
    const isOneSided = opened.notices.some((one) => !stays(one));
    return successor(unit, opened, isOneSided ? opened.header.effectiveOn : effect, {
      charges: opened.charges.filter(stays),
      notices: opened.notices.filter(stays),
    });
  });
}

/** The base unit with the quotas it gave out, then its parts; `presentationNo` is that of the base unit's entry. */
export function applyParts(
  moment: Moment,
  { head, base, parts }: RegisterParts,
  prior: BAUnitState,
  presentationNo: bigint,
): Change[] {
  const effect = effectOfAct(moment, head, [prior]);
  const given = parts.reduce((sum, { state }) => sum + state.header.quotaNumerator, 0n);
  const quotaNumerator = prior.header.quotaNumerator + given;
  const header = { ...prior.header, quotaNumerator };
  return [
    successor(base, dropLapsed(moment, prior), effect, { header }),
    ...parts.map((part, i) => applyRegistration(part, presentationNo + BigInt(i) + 1n, effect)),
  ];
}

/** The unit as it begins to divide. */
export function applyOpening(
  moment: Moment,
  { head, unit, membersRoot, memberCount }: OpenDivision,
  prior: BAUnitState,
): Change {
  const parent = dropLapsed(moment, prior);
  return successor(unit, parent, effectOfAct(moment, head, [prior]), {
    header: { ...parent.header, status: 'dividing', membersRoot, memberCount },
  });
}

/** The unit as it was before it began to divide, but for what ended or was noted since. */
export function applyCancellation(
  moment: Moment,
  { head, unit }: CancelDivision,
  prior: BAUnitState,
): Change {
  const parent = dropLapsed(moment, prior);
  return successor(unit, parent, effectOfAct(moment, head, [prior]), {
    header: { ...parent.header, status: 'active', membersRoot: ZERO_32, memberCount: 0 },
  });
}

/** The parent retired, then the children with its very sections. */
export function applySubdivision(moment: Moment, act: Subdivide, prior: BAUnitState): Change[] {
  const effect = effectOfAct(moment, act.head, [prior]);
  const retired = retire(act.unit, dropLapsed(moment, prior), effect);
  return [retired, ...act.children.map((child) => carried(retired.state, child))];
}

/** A child with the very sections of its parent's last state. */
export function carried(parent: BAUnitState, child: Child): Change {
  const header: Header = {
    ...firstHeader(parent.header, 'subdivision'),
    quotaNumerator: child.portion.quotaNumerator,
    nextId: parent.header.nextId,
  };
  const { rights, charges, notices, responsibilities } = parent;
  const priorState = stateHash(parent);
  return newUnit(child, { header, rights, charges, notices, responsibilities, priorState });
}

/** The parents retired, then the one unit that carries what they did; `presentationNo` is that of its entry. */
export function applyConsolidation(
  moment: Moment,
  act: Consolidate,
  priors: readonly BAUnitState[],
  presentationNo: bigint,
): Change[] {
  const parents = priors.map((prior) => dropLapsed(moment, prior));
  const effect = effectOfAct(moment, act.head, priors);
  const retired = paired(act.units, parents).map(([unit, parent]) => retire(unit, parent, effect));
  const [first] = parents;
  if (first === undefined) throw new TypeError('a consolidation of no unit');
  const weakest = parents.reduce((weak, { header }) => {
    const isWeaker = numberOf(EVIDENCE_GRADES, header.evidence) < numberOf(EVIDENCE_GRADES, weak);
    return isWeaker ? header.evidence : weak;
  }, first.header.evidence);
  const { nextId, ...sections } = joinSections({ ...act.ownership, presentationNo }, parents);
  const header: Header = {
    ...firstHeader(first.header, 'consolidation'),
    effectiveOn: effect,
    evidence: weakest,
    quotaNumerator: parents.reduce((sum, parent) => sum + parent.header.quotaNumerator, 0n),
    nextId,
  };
  const priorState = hashOfWords(retired.map(({ state }) => stateHash(state)));
  return [...retired, newUnit(act.child, { header, ...sections, priorState })];
}

/** The unit with some sections changed, as the state after the one it was (L5). */
function successor(
  unit: UnitChange,
  prior: BAUnitState,
  effectiveOn: bigint,
  changed: Partial<BAUnitState>,
): Change {
  const header = changed.header ?? prior.header;
  return {
    baUnit: unit.baUnit,
    replaces: unit.priorState,
    state: {
      ...prior,
      ...changed,
      header: { ...header, version: header.version + 1n, effectiveOn },
      priorState: unit.priorState,
    },
  };
}

/** The parent as it ends; its sections stay, so its history reads on. */
function retire(unit: UnitChange, parent: BAUnitState, effect: bigint): Change {
  return successor(unit, parent, effect, { header: { ...parent.header, status: 'retired' } });
}

function firstHeader(parent: Header, origin: Origin): Header {
  return { ...parent, version: 1n, status: 'active', origin, membersRoot: ZERO_32, memberCount: 0 };
}

function newUnit(
  { portion, factsRoot }: Child,
  rest: Omit<BAUnitState, 'spatialUnits' | 'factsRoot' | 'applications'>,
): Change {
  const state = { ...rest, spatialUnits: portion.spatialUnits, applications: [], factsRoot };
  return { baUnit: portion.baUnit, replaces: ZERO_32, state };
}

function paired<A, B>(left: readonly A[], right: readonly B[]): [A, B][] {
  return left.map((item, i) => {
    const other = right[i];
    if (other === undefined) throw new TypeError('one state a unit is due');
    return [item, other];
  });
}
