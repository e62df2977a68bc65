/** The auditor's register of land: each new state held against the one it replaces and the act that made it. */
import type { EventOf } from '../acts/events.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import type { BAUnitId, LandAct, SpatialUnitId } from '../base/terms.ts';
import { LAND_ACTS, LAND_KIND_BASE, nameOf, numberOf } from '../base/terms.ts';
import { HASH_OF_SECTION, hashOfWords, stateHash } from '../land/hashes.ts';
import { bindsShares, statesShares } from '../land/rules.ts';
import type { BAUnitState, Restriction, Right } from '../land/types.ts';
import { extendedBy } from '../power/halts.ts';
import type { BlockMoment, FindingList } from './findings.ts';

/** Acts of this version that change a unit; of any other nothing is known that could be checked. */
const KNOWN_ACTS: ReadonlySet<LandAct> = new Set([
  'transfer',
  'mortgage',
  'caution',
  'discharge',
  'caution-withdrawal',
  'subdivision',
  'consolidation',
]);

interface Unit {
  readonly stateHash: Bytes32;
  readonly state: BAUnitState;
}

export class LandReplay {
  readonly #findings: FindingList;
  readonly #units = new Map<BAUnitId, Unit>();
  readonly #unitOf = new Map<SpatialUnitId, BAUnitId>();
  readonly stateHashes = new Map<Bytes32, Bytes32>();
  /** Units that ended in this transaction, in order: what a new unit with a prior state comes from. */
  #ended: Unit[] = [];

  constructor(findings: FindingList) {
    this.#findings = findings;
  }

  beginTransaction(): void {
    this.#ended = [];
  }

  apply(
    { args: { baUnit, stateHash: told, state } }: EventOf<'BAUnitRecorded'>,
    entry: EventOf<'EntryRecorded'> | undefined,
    moment: BlockMoment,
  ): void {
    const findings = this.#findings;
    const hasEntry =
      entry?.contract === 'land' && entry.args.subject === baUnit && entry.args.newState === told;
    findings.require(hasEntry, 'L3', 'A unit changed without an entry that says so.', baUnit);
    findings.require(stateHash(state) === told, 'L5', 'A state is not what its hash was made of.', baUnit);
    const act = nameOf(LAND_ACTS, (entry?.args.kind ?? LAND_KIND_BASE) - LAND_KIND_BASE) ?? 'unspecified';
    const before = this.#units.get(baUnit);
    if (before === undefined) this.#checkFirst(baUnit, state, act);
    else this.#checkNext(baUnit, before, state, act, moment);
    this.#checkPlaces(baUnit, state, before !== undefined);
    for (const right of state.rights) this.#checkShares(baUnit, right);
    const unit = { stateHash: told, state };
    if (state.header.status === 'retired') this.#ended.push(unit);
    this.#units.set(baUnit, unit);
    this.stateHashes.set(baUnit, told);
  }

  /** A new unit comes from nowhere or from the units that ended with it. */
  #checkFirst(baUnit: BAUnitId, state: BAUnitState, act: LandAct): void {
    const findings = this.#findings;
    findings.require(state.header.version === 1n, 'L5', 'A unit does not begin at version 1.', baUnit);
    const [parent] = this.#ended;
    const isDivided = act === 'subdivision' && parent !== undefined;
    const isJoined = act === 'consolidation' && this.#ended.length > 1;
    const expected = isDivided
      ? parent.stateHash
      : isJoined
        ? hashOfWords(this.#ended.map((unit) => unit.stateHash))
        : ZERO_32;
    const follows = state.priorState === expected && (act === 'registration' || isDivided || isJoined);
    findings.require(follows, 'L5', 'A new unit does not follow from what it says it does.', baUnit);
    if (isDivided) {
      const carries =
        sameSection('rights', parent.state, state) && sameSection('restrictions', parent.state, state);
      findings.require(carries, 'L6', 'A part of a divided unit lost a right or a restriction.', baUnit);
    }
    if (isJoined) {
      const carried = this.#ended.flatMap((unit) => unit.state.restrictions);
      const isWhole = originsOf(carried) === originsOf(state.restrictions);
      findings.require(isWhole, 'L6', 'A joined unit lost or gained a restriction.', baUnit);
    }
  }

  #checkNext(baUnit: BAUnitId, before: Unit, state: BAUnitState, act: LandAct, moment: BlockMoment): void {
    const findings = this.#findings;
    const follows =
      state.header.version === before.state.header.version + 1n && state.priorState === before.stateHash;
    findings.require(follows, 'L5', 'A state does not follow the one before it.', baUnit);
    const wasActive = before.state.header.status === 'active';
    findings.require(wasActive, 'L5', 'A unit that had ended changed.', baUnit);
    const isUnblocked = !before.state.restrictions.some((restriction) =>
      blocks(restriction, act, before.state, state, moment),
    );
    findings.require(isUnblocked, 'L4', 'An act passed that a restriction blocked.', baUnit);
    this.#checkRestrictions(baUnit, before.state, state, act);
  }

  /** Acts leave restrictions and their order alone, but for one that adds or takes one away (L7). */
  #checkRestrictions(baUnit: BAUnitId, before: BAUnitState, state: BAUnitState, act: LandAct): void {
    if (!KNOWN_ACTS.has(act)) {
      this.#findings.add('L7', 'A unit changed by an act that this version does not know.', baUnit);
      return;
    }
    const had = before.restrictions.map(hashOfRestriction);
    const has = state.restrictions.map(hashOfRestriction);
    const adds = act === 'mortgage' || act === 'caution' ? 1 : 0;
    const takes = act === 'discharge' || act === 'caution-withdrawal' ? 1 : 0;
    const kept = adds === 1 ? has.slice(0, -1) : has;
    const isKept =
      has.length === had.length + adds - takes &&
      (takes === 1 ? isWithoutOne(had, kept) : kept.join() === had.join());
    this.#findings.require(isKept, 'L7', 'Restrictions changed in an act that leaves them alone.', baUnit);
    const movesRights = act === 'transfer';
    const isUntouched = movesRights || sameSection('rights', before, state);
    this.#findings.require(isUntouched, 'L7', 'Rights changed in an act that leaves them alone.', baUnit);
  }

  /** A spatial unit belongs to the first unit that named it, for ever (L1). */
  #checkPlaces(baUnit: BAUnitId, { spatialUnits }: BAUnitState, isKnown: boolean): void {
    for (const { id } of spatialUnits) {
      const holder = this.#unitOf.get(id);
      const isOwn = isKnown ? holder === baUnit : holder === undefined;
      this.#findings.require(isOwn, 'L1', 'A spatial unit belongs to two units.', baUnit);
      if (holder === undefined) this.#unitOf.set(id, baUnit);
    }
  }

  #checkShares(baUnit: BAUnitId, right: Right): void {
    if (!bindsShares(right)) return;
    const numerators = right.holdings.map(({ numerator }) => numerator);
    const isWhole = statesShares(right.tenancy)
      ? numerators.every((numerator) => numerator > 0n) &&
        numerators.reduce((sum, numerator) => sum + numerator, 0n) === right.denominator
      : right.denominator === 0n && numerators.every((numerator) => numerator === 0n);
    const hasHolders = numerators.length > 0;
    this.#findings.require(isWhole && hasHolders, 'L2', 'The shares of a right are not one whole.', baUnit);
  }
}

function sameSection(section: 'rights' | 'restrictions', a: BAUnitState, b: BAUnitState): boolean {
  return section === 'rights'
    ? HASH_OF_SECTION.rights(a.rights) === HASH_OF_SECTION.rights(b.rights)
    : HASH_OF_SECTION.restrictions(a.restrictions) === HASH_OF_SECTION.restrictions(b.restrictions);
}

function hashOfRestriction(restriction: Restriction): Bytes32 {
  return HASH_OF_SECTION.restrictions([restriction]);
}

/** What makes restrictions the same ones under other ids and targets. */
function originsOf(restrictions: readonly Restriction[]): string {
  const origins = restrictions.map(
    ({ kind, instrumentId, termsCommitment }) => `${kind} ${instrumentId} ${termsCommitment}`,
  );
  return origins.sort().join();
}

function isWithoutOne(had: readonly Bytes32[], has: readonly Bytes32[]): boolean {
  const gone = had.findIndex((hash, i) => hash !== has[i]);
  return had.toSpliced(gone, 1).join() === has.join();
}

/** Whether a restriction in force stood in the act's way: on the whole unit, or on a right that the act changed. */
function blocks(
  restriction: Restriction,
  act: LandAct,
  before: BAUnitState,
  after: BAUnitState,
  { nowSeconds, halts }: BlockMoment,
): boolean {
  const { blocks: mask, targetRight, targetHolding, expiresOn } = restriction;
  if ((mask >> BigInt(numberOf(LAND_ACTS, act))) % 2n === 0n) return false;
  if (expiresOn !== 0n && nowSeconds > extendedBy(halts, Number(expiresOn))) return false;
  if (targetRight === 0) return true;
  const rightOf = (state: BAUnitState) => state.rights.find(({ rightId }) => rightId === targetRight);
  const [had, has] = [rightOf(before), rightOf(after)];
  if (had === undefined || has === undefined) return false;
  if (targetHolding === 0) return HASH_OF_SECTION.rights([had]) !== HASH_OF_SECTION.rights([has]);
  const holdingOf = (right: Right) => right.holdings.find(({ holdingId }) => holdingId === targetHolding);
  return holdingOf(had)?.numerator !== holdingOf(has)?.numerator;
}
