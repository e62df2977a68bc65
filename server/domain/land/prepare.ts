/**
 * What every act on land is prepared with and what comes out: exact bytes to sign, who must consent, what will change.
 *
 * Hides how an act becomes typed data, entry ids and a call. Promises: an act that is answered breaks no rule that can
 * be known before the signatures, as of the reading it was given; its entry id is the register's; `changes` differ from
 * what is kept at most in the presentation numbers, when other entries come between, and in what lapses meanwhile.
 * Pure: the reading of the register is an argument. HTTP and the command line call it; signatures are made elsewhere.
 */

import type { FactSet } from '../acts/facts.ts';
import { type ActHead, effectOf, MOST_LONE_FUTURE_SECONDS } from '../acts/head.ts';
import { isPassed, type Moment } from '../acts/moment.ts';
import type { ConsentAsked, SignableAct } from '../acts/signable.ts';
import type { ActType } from '../acts/table.ts';
import { digestOf, type TypedData, type TypedStruct, type TypedValue, typesOf } from '../acts/typedData.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import { type Refusal, refusal } from '../base/refusal.ts';
import type {
  BAUnitId,
  EntryId,
  InstitutionId,
  InstrumentId,
  LandAct,
  OfficeId,
  SpatialUnitId,
} from '../base/terms.ts';
import { LAND_ACTS, numberOf, officeOf } from '../base/terms.ts';
import {
  type ConsentProof,
  LAND_TYPES,
  type LandLedger,
  type LandStructs,
  landDomain,
  type UnitChange,
} from './acts.ts';
import { toMessage } from './codec.ts';
import { commitmentsOf } from './commitments.ts';
import type { Asking, ConsentNeeded } from './consents.ts';
import type { Findings } from './findings.ts';
import { itemEntryId, stateHash, unitsHash } from './hashes.ts';
import { dropLapsed } from './restrictions.ts';
import { checkShown } from './rules.ts';
import { type Change, sinceOf } from './transitions.ts';
import { type BAUnitState, MAX_UNITS_PER_ACT, type Restriction, type SpatialUnit } from './types.ts';

/** The register as read at one block: what the contract would look up itself. */
export interface RegisterReading extends Moment {
  readonly ledger: LandLedger;
  /** Entries of this register and of those it succeeds. */
  readonly presentations: bigint;
  readonly isFrozen: boolean;
  /** The institution that keeps the office of the act; zero is nobody. */
  readonly keeper: InstitutionId | 0;
  /** Whether two institutions hold the quorum, so that rules needing two can be kept. */
  readonly isSeated: boolean;
  /** Policy `landTwoInstitutionActs`: bits of the acts that two institutions must sign. */
  readonly twoInstitutionActs: bigint;
  /** `mostNoticeSeconds` of restrictions.ts, of the policy `landMostNoticeSeconds`. */
  readonly mostNoticeSeconds: bigint;
  readonly stateHashOf: (baUnit: BAUnitId) => Bytes32 | undefined;
  /** Unit that a spatial unit belongs or belonged to. */
  readonly unitOf: (id: SpatialUnitId) => BAUnitId | undefined;
  /** In the office of the act. */
  readonly isInstrumentUsed: (id: InstrumentId) => boolean;
}

/** One unit as the act leaves it, with the entry that will say so. */
export interface SignableChange extends Change {
  readonly entryId: EntryId;
  readonly stateHash: Bytes32;
  /** The state before, where the unit is not new. */
  readonly prior?: BAUnitState;
}

/** An act on land that no rule refuses. */
export interface LandSignable extends SignableAct {
  readonly act: LandAct;
  readonly head: ActHead;
  /** The consents as the rules name them, in the register's order. */
  readonly needed: readonly ConsentNeeded[];
  /** Two institutions judge: a holder without a key takes part and is assisted in person, or a notice takes a late place. */
  readonly isAssisted: boolean;
  /** The two officers must be of two institutions. */
  readonly needsTwoInstitutions: boolean;
  /** In the order of their entries. */
  readonly changes: readonly SignableChange[];
}

/** The act, or everything that speaks against it. */
export type LandJudgement =
  | { readonly ok: true; readonly signable: LandSignable }
  | {
      readonly ok: false;
      /** The first is the one the register would give to an act with every signature. */
      readonly refusals: readonly [Refusal, ...Refusal[]];
      /** Who would have to consent, as far as it can be told. */
      readonly consents: readonly ConsentNeeded[];
    };

/** The act, or the first refusal thrown. */
export function signableOr(judgement: LandJudgement): LandSignable {
  if (judgement.ok) return judgement.signable;
  throw judgement.refusals[0];
}

// ---- What is signed -----------------------------------------------------------------------------------------

const TYPES_OF = new Map(Object.keys(LAND_TYPES).map((name) => [name, typesOf(LAND_TYPES, name)]));

/** Typed data of anything that is signed about land. */
export function landTypedData<K extends keyof LandStructs & keyof typeof LAND_TYPES>(
  ledger: LandLedger,
  primaryType: K,
  value: LandStructs[K],
): TypedData {
  return {
    domain: landDomain(ledger),
    types: TYPES_OF.get(primaryType) ?? LAND_TYPES,
    primaryType,
    message: toMessage(primaryType, value),
  };
}

/** The part of a consent that its signer chooses. */
export type ConsentTime = Pick<ConsentProof, 'notBefore' | 'deadline' | 'mandateCommitment'>;

/** What a holder, lender or cautioner signs. */
export function consentOf(ledger: LandLedger, needed: ConsentNeeded, time: ConsentTime): TypedData {
  const { keyHash: _, ...named } = needed;
  const { notBefore, deadline, mandateCommitment } = time;
  return landTypedData(ledger, 'Consent', { ...named, notBefore, deadline, mandateCommitment });
}

// ---- What every act is checked for at its end ---------------------------------------------------------------

/** Acts that make units of ground, or call off that they are made: it has one judge, the keeper of its office. */
const JUDGES_GROUND: ReadonlySet<LandAct> = new Set([
  'registration',
  'part-registration',
  'subdivision',
  'consolidation',
  'division-opening',
  'division-cancellation',
]);

/** The institution whose officer prepares an act, given the keeper of its office; zero is any. */
export function preparerOf(act: LandAct, keeper: InstitutionId | 0): InstitutionId | 0 {
  return JUDGES_GROUND.has(act) ? keeper : 0;
}

/** The checks that come after an act's own rules, in the register's order. */
export function checkRecordable(
  found: Findings,
  reading: RegisterReading,
  act: LandAct,
  { deadline }: ActHead,
): void {
  if (JUDGES_GROUND.has(act) && reading.keeper === 0) {
    found.add(refusal('office-unkept', undefined, { field: '/head/office' }));
  }
  if (reading.isFrozen) found.add(refusal('register-is-frozen'));
  if (isPassed(reading, deadline)) {
    found.add(refusal('act-expired', undefined, { field: '/head/deadline' }));
  }
}

/** The states of a unit take effect in the order in which they are recorded, and none in the far future. */
export function checkEffect(
  found: Findings,
  { nowSeconds }: RegisterReading,
  { effectiveOn }: ActHead,
  priors: readonly BAUnitState[],
): void {
  const since = sinceOf(priors);
  if (effectiveOn === 0n || effectOf(effectiveOn, { recordedAt: nowSeconds, since }) === effectiveOn) return;
  const code = effectiveOn < since ? 'effect-before-last' : 'effect-too-far-ahead';
  found.add(refusal(code, undefined, { field: '/head/effectiveOn' }));
}

/**
 * An act is postponed no further than those who agreed to it may, for every later act of the unit follows it, and not dated
 * back where nobody agreed. The last thing that is asked before its weight.
 */
export function checkAgreed(
  found: Findings,
  { nowSeconds }: RegisterReading,
  { effectiveOn }: ActHead,
  asking: Asking,
  priors: readonly BAUnitState[],
): void {
  if (effectiveOn === 0n) return;
  const owners = priors.reduce((sum, { rights }) => sum + asking.ownersIn(rights), 0);
  if (asking.owners !== 0 && asking.owners === owners) return;
  const latest = nowSeconds + (asking.owners === 0 ? 0n : MOST_LONE_FUTURE_SECONDS);
  const since = sinceOf(priors);
  const bound = latest < since ? since : latest;
  const isNobodys = asking.owners === 0 && asking.needed.length === 0;
  if (effectiveOn > bound || (isNobodys && effectiveOn < bound)) {
    found.add(refusal('effect-not-consented', undefined, { field: '/head/effectiveOn' }));
  }
}

/** One unit of an act, opened: its state without what lapsed. */
export interface Opened {
  readonly index: number;
  readonly baUnit: BAUnitId;
  readonly state: BAUnitState;
  readonly place: string;
}

/**
 * Opens all units of an act: each state is the one in force, what lapsed is dropped, and the consents name them all as
 * they stand then. Units about which nothing can be told are left out.
 */
export function openAll(
  found: Findings,
  reading: RegisterReading,
  asking: Asking,
  {
    head,
    units,
    priors,
    placeOf,
    whileDividing = false,
  }: {
    readonly head: ActHead;
    readonly units: readonly UnitChange[];
    readonly priors: readonly BAUnitState[];
    readonly placeOf: (index: number) => string;
    /** The act passes on a dividing unit too. */
    readonly whileDividing?: boolean;
  },
): readonly Opened[] {
  if (units.length !== priors.length) {
    found.add(refusal('prior-state-missing', undefined, { field: placeOf(priors.length) }));
  }
  const shown = units.slice(0, MAX_UNITS_PER_ACT).flatMap((unit, index) => {
    const prior = priors[index];
    const place = placeOf(index);
    if (prior === undefined) return [];
    const inForce = reading.stateHashOf(unit.baUnit);
    const isShown = checkShown(found, unit, inForce, prior, { office: head.office, whileDividing }, place);
    return isShown ? [{ index, baUnit: unit.baUnit, prior, place }] : [];
  });
  checkEffect(
    found,
    reading,
    head,
    shown.map(({ prior }) => prior),
  );
  const opened = shown.map(({ index, baUnit, prior, place }) => ({
    index,
    baUnit,
    place,
    state: dropLapsed(reading, prior),
  }));
  asking.unitsHash = unitsHash(opened);
  asking.effectiveOn = head.effectiveOn;
  return opened;
}

/** An instrument creates once, by whatever act. */
export class Instruments {
  readonly #reading: RegisterReading;
  readonly #used = new Set<InstrumentId>();

  constructor(reading: RegisterReading) {
    this.#reading = reading;
  }

  check(found: Findings, restrictions: readonly Restriction[], place: string): void {
    for (const { instrumentId } of restrictions) {
      if (this.#used.has(instrumentId) || this.#reading.isInstrumentUsed(instrumentId)) {
        found.add(refusal('instrument-used', undefined, { field: place }));
      }
      this.#used.add(instrumentId);
    }
  }
}

/** Ids of new units and their spatial units are given once and for ever, by the office that they name in front (L1). */
export class Claims {
  readonly #reading: RegisterReading;
  readonly #office: OfficeId;
  readonly #units = new Set<string>();
  readonly #spatialUnits = new Set<string>();

  constructor(reading: RegisterReading, office: OfficeId) {
    this.#reading = reading;
    this.#office = office;
  }

  check(found: Findings, baUnit: BAUnitId, spatialUnits: readonly SpatialUnit[], place: string): void {
    const isOwn = officeOf(baUnit) === this.#office;
    if (!isOwn || this.#units.has(baUnit) || this.#reading.stateHashOf(baUnit) !== undefined) {
      found.add(refusal('ba-unit-id-used', undefined, { field: `${place}/baUnit` }));
    }
    this.#units.add(baUnit);
    spatialUnits.forEach(({ id }, i) => {
      const isOwn = officeOf(id) === this.#office;
      if (!isOwn || this.#spatialUnits.has(id) || this.#reading.unitOf(id) !== undefined) {
        found.add(refusal('spatial-unit-taken', undefined, { field: `${place}/spatialUnits/${i}` }));
      }
      this.#spatialUnits.add(id);
    });
  }
}

/** An act names a unit once: the second time it would be stale. */
export function checkNamedOnce(
  found: Findings,
  units: readonly { readonly baUnit: BAUnitId }[],
  placeOf: (i: number) => string,
): void {
  units.forEach(({ baUnit }, i) => {
    if (units.findIndex((other) => other.baUnit === baUnit) < i) {
      found.add(refusal('ba-unit-state-stale', undefined, { field: `${placeOf(i)}/baUnit` }));
    }
  });
}

/** Acts on land, by what the preparer signs. */
type LandActType = ActType & keyof LandStructs & keyof typeof LAND_TYPES;

/** What the rules of one act found, for `finish`. */
export interface LandActParts<K extends LandActType> {
  readonly act: LandAct;
  readonly primaryType: K;
  /** What the preparer signs. */
  readonly value: LandStructs[K];
  readonly head: ActHead;
  readonly changes: () => readonly Change[];
  readonly priors?: readonly BAUnitState[];
  readonly consents?: readonly ConsentNeeded[];
  readonly isAssisted?: boolean;
  readonly factSets: readonly FactSet[];
  /** What the act names by a hash and its call does not carry. */
  readonly items?: readonly TypedStruct[] | undefined;
  /** Arguments of the call before the consents. */
  readonly args: readonly TypedStruct[] | readonly TypedValue[];
}

/** The answer of every act's rules. */
export function finish<K extends LandActType>(
  found: Findings,
  reading: RegisterReading,
  parts: LandActParts<K>,
): LandJudgement {
  const refusals = found.refusals();
  const { act, head, priors = [], consents: needed = [], isAssisted = false, factSets, args } = parts;
  if (refusals !== undefined) return { ok: false, refusals, consents: needed };
  const typedData = landTypedData(reading.ledger, parts.primaryType, parts.value);
  const entryId = digestOf(typedData) as EntryId;
  const changes = parts.changes();
  const isBatch = parts.primaryType === 'Batch' || changes.length > 1;
  requireBound(parts, changes);
  const isTwo = isOfTwoInstitutions(reading.twoInstitutionActs, act);
  const signable: LandSignable = {
    entryId,
    kind: act,
    typedData,
    args,
    institutions: { institution: 0, twoInstitutions: reading.isSeated && (isAssisted || isTwo) },
    consents: needed.map((one) => askedFor(reading.ledger, one)),
    states: priors.map((prior) => toMessage('BAUnitState', prior)),
    factSets,
    ...(parts.items === undefined ? {} : { items: parts.items }),
    act,
    head,
    needed,
    isAssisted,
    needsTwoInstitutions: reading.isSeated && (isAssisted || isTwo),
    changes: changes.map((change, i) => ({
      ...change,
      entryId: isBatch ? itemEntryId(entryId, i) : entryId,
      stateHash: stateHash(change.state),
      ...(priors[i] === undefined ? {} : { prior: priors[i] }),
    })),
  };
  return { ok: true, signable };
}

/** Whether the policy asks two institutions for an act; opening a division and calling it off are subdivisions to it. */
export function isOfTwoInstitutions(policy: bigint, act: LandAct): boolean {
  const isDividing = act === 'division-opening' || act === 'division-cancellation';
  const judged = isDividing ? 'subdivision' : act;
  return (policy >> BigInt(numberOf(LAND_ACTS, judged))) % 2n === 1n;
}

/** The time of a consent is for its signer to say. */
const UNTIMED: ConsentTime = { notBefore: 0n, deadline: 0n, mandateCommitment: ZERO_32 };

function askedFor(ledger: LandLedger, needed: ConsentNeeded): ConsentAsked {
  const { domain, types, message } = consentOf(ledger, needed, UNTIMED);
  const { notBefore: _, deadline: __, mandateCommitment: ___, ...fields } = message;
  return { domain, types, fields, keyHash: needed.keyHash };
}

/** An opening that opens nothing would be kept and never found again. */
function requireBound(
  { factSets, head, items = [] }: Pick<LandActParts<LandActType>, 'factSets' | 'head' | 'items'>,
  changes: readonly Change[],
): void {
  const bound = new Set<TypedValue | undefined>([
    head.sourcesRoot,
    ...items.map(({ factsRoot }) => factsRoot),
    ...changes.flatMap(({ state }) => [...commitmentsOf(state).values()]),
  ]);
  if (!factSets.every(({ root }) => bound.has(root)))
    throw new TypeError('facts that the act does not commit to');
}
