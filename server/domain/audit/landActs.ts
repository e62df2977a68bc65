/**
 * An act on land told again from what it changed: what its officers must have signed, for the rules to judge.
 *
 * Promises: from the states before and after of an act that the register recorded, the very act of contracts/interfaces/
 * LandActs.sol; from any others one whose hash or whose states differ, or none. So an auditor needs no calldata to hold
 * signatures, consents and states against each other. Pure.
 */
import type { ActHead } from '../acts/head.ts';
import type { Moment } from '../acts/moment.ts';
import type { Bytes32 } from '../base/hex.ts';
import type { BAUnitId, LandAct } from '../base/terms.ts';
import type { Child, LAND_TYPES, LandStructs, Title, UnitChange } from '../land/acts.ts';
import { createRestriction, discharge } from '../land/charges.ts';
import { cancelDivision, openDivision } from '../land/division.ts';
import { itemsHash, structHash } from '../land/hashes.ts';
import { consolidate, registerParts, subdivide } from '../land/partition.ts';
import type { LandJudgement, RegisterReading } from '../land/prepare.ts';
import { registerTitle, registerTitles } from '../land/registration.ts';
import { dropLapsed } from '../land/restrictions.ts';
import { transferRight } from '../land/transfer.ts';
import type { BAUnitState, Restriction, Right } from '../land/types.ts';

/** One unit as an act found and left it, in the order of the entries. */
export interface UnitChanged {
  readonly baUnit: BAUnitId;
  /** Undefined for a new unit. */
  readonly before: BAUnitState | undefined;
  readonly after: BAUnitState;
}

/** One that was there before. */
interface Known extends UnitChanged {
  readonly before: BAUnitState;
}

/** What the preparer signed, and what the rules say of it. */
export interface Retold {
  readonly actHash: Bytes32;
  readonly judge: (reading: RegisterReading) => LandJudgement;
}

/** What is known of an act besides its changes. */
export interface Telling {
  readonly act: LandAct;
  readonly head: ActHead;
  /** Titles that were signed together have entries of their own, even one alone. */
  readonly isBatch: boolean;
  readonly moment: Moment;
}

/** The act of these changes; undefined where no act of the kind makes such changes. */
export function retell(
  { act, head, isBatch, moment }: Telling,
  changes: readonly UnitChanged[],
): Retold | undefined {
  const [first, ...rest] = changes;
  if (first === undefined) return undefined;
  const known = changes.filter((change): change is Known => change.before !== undefined);
  const isAllKnown = known.length === changes.length;
  const priors = known.map(({ before }) => before);
  const [prior] = priors;
  const units = known.map(changeOf);
  switch (act) {
    case 'registration': {
      const titles = changes.map(titleOf);
      if (isBatch) {
        const batch = { head, itemsHash: itemsHash(titles), count: titles.length, atomic: true };
        return toldAs('Batch', batch, (reading) => registerTitles(reading, head, titles));
      }
      const title = { head, title: titleOf(first) };
      return toldAs('RegisterTitle', title, (reading) => registerTitle(reading, title));
    }
    case 'part-registration': {
      if (prior === undefined || first.before === undefined) return undefined;
      const parts = { head, base: changeOf(first), parts: rest.map(titleOf) };
      return toldAs('RegisterParts', parts, (reading) => registerParts(reading, parts, prior));
    }
    case 'transfer': {
      const next = known[0] && rightGiven(known[0]);
      if (next === undefined || prior === undefined) return undefined;
      const transfer = { head, unit: changeOf(first), next };
      return toldAs('TransferRight', transfer, (reading) => transferRight(reading, transfer, prior));
    }
    case 'mortgage':
    case 'caution': {
      const created = (act === 'mortgage' ? first.after.charges : first.after.notices).at(-1);
      if (created === undefined || !isAllKnown) return undefined;
      const restriction = { ...created, restrictionId: 0, presentationNo: 0n };
      const creation = { head, units, restriction };
      return toldAs('CreateRestriction', creation, (reading) => createRestriction(reading, creation, priors));
    }
    case 'discharge':
    case 'caution-withdrawal': {
      if (!isAllKnown) return undefined;
      const releases = known.map((one) => ({ unit: changeOf(one), restrictionId: released(one, moment) }));
      return toldAs('Discharge', { head, releases }, (reading) =>
        discharge(reading, { head, releases }, priors),
      );
    }
    case 'subdivision': {
      if (prior === undefined || first.before === undefined) return undefined;
      const division = { head, unit: changeOf(first), children: rest.map(childOf) };
      return toldAs('Subdivide', division, (reading) => subdivide(reading, division, prior));
    }
    case 'division-opening': {
      if (prior === undefined) return undefined;
      const { memberCount, membersRoot } = first.after.header;
      const opening = { head, unit: changeOf(first), memberCount, membersRoot };
      // The children are loaded later, each held against the fold.
      return toldAs('OpenDivision', opening, (reading) => openDivision(reading, opening, prior));
    }
    case 'division-cancellation': {
      if (prior === undefined) return undefined;
      const cancellation = { head, unit: changeOf(first) };
      return toldAs('CancelDivision', cancellation, (reading) =>
        cancelDivision(reading, cancellation, prior),
      );
    }
    case 'consolidation': {
      const joined = changes.at(-1);
      const given = joined?.after.rights[0];
      if (joined === undefined || given === undefined) return undefined;
      const ending = known.filter((one) => one !== joined);
      const joining = {
        head,
        units: ending.map(changeOf),
        child: childOf(joined),
        ownership: unnumbered(given),
      };
      const parents = ending.map(({ before }) => before);
      return toldAs('Consolidate', joining, (reading) => consolidate(reading, joining, parents));
    }
    default:
      return undefined;
  }
}

function toldAs<K extends keyof LandStructs & keyof typeof LAND_TYPES>(
  type: K,
  value: LandStructs[K],
  judge: Retold['judge'],
): Retold {
  return { actHash: structHash(type, value), judge };
}

function changeOf({ baUnit, after }: UnitChanged): UnitChange {
  return { baUnit, priorState: after.priorState };
}

/** A title as signed: what its entry numbered is without a number, and its effect is the head's. */
function titleOf({ baUnit, after }: UnitChanged): Title {
  const unpresented = <T extends object>(item: T) => ({ ...item, presentationNo: 0n });
  const state: BAUnitState = {
    ...after,
    header: { ...after.header, effectiveOn: 0n },
    rights: after.rights.map(unpresented),
    charges: after.charges.map(unpresented),
    notices: after.notices.map(unpresented),
    responsibilities: after.responsibilities.map(unpresented),
  };
  return { baUnit, state };
}

function childOf({ baUnit, after }: UnitChanged): Child {
  const { spatialUnits, factsRoot, header } = after;
  return { portion: { baUnit, spatialUnits, quotaNumerator: header.quotaNumerator }, factsRoot };
}

/** The right that the act presented, as signed: holdings that joined have no id yet. */
function rightGiven({ before, after }: Known): Right | undefined {
  const given = after.rights.find((right, i) => right.presentationNo !== before.rights[i]?.presentationNo);
  const joins = (holdingId: number) => holdingId >= before.header.nextId;
  return (
    given && {
      ...given,
      presentationNo: 0n,
      holdings: given.holdings.map((one) => (joins(one.holdingId) ? { ...one, holdingId: 0 } : one)),
    }
  );
}

function unnumbered(right: Right): Right {
  const holdings = right.holdings.map((holding) => ({ ...holding, holdingId: 0 }));
  return { ...right, rightId: 0, presentationNo: 0n, holdings };
}

/** The restriction that is there no more, what lapsed aside; zero where none went. */
function released({ before, after }: Known, moment: Moment): number {
  const opened = dropLapsed(moment, before);
  const listed = ({ charges, notices }: BAUnitState): readonly Restriction[] => [...charges, ...notices];
  const left = new Set(listed(after).map(({ restrictionId }) => restrictionId));
  const gone = listed(opened).find(({ restrictionId }) => !left.has(restrictionId));
  return gone?.restrictionId ?? 0;
}
