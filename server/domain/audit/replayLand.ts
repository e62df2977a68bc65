/** The auditor's register of land: each new state held against the one it replaces and the act that made it. */
import type { EventOf } from '../acts/events.ts';
import type { Moment } from '../acts/moment.ts';
import { type Bytes32, ZERO_32 } from '../base/hex.ts';
import type { BAUnitId, InstrumentId, LandAct, SpatialUnitId } from '../base/terms.ts';
import { LAND_ACTS, LAND_KIND_BASE, nameOf, numberOf } from '../base/terms.ts';
import { HASH_OF_SECTION, hashOfWords, stateHash, structHash } from '../land/hashes.ts';
import { joinSections } from '../land/joining.ts';
import { dropLapsed, isNotice, isSweepable } from '../land/restrictions.ts';
import { bindsShares, statesShares } from '../land/rules.ts';
import {
  type BAUnitState,
  BLOCKABLE_ACTS,
  type Header,
  MAX_NOTICE_SECONDS,
  type Restriction,
  type Right,
} from '../land/types.ts';
import { momentAt } from '../power/halts.ts';
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
  'part-registration',
  'sweep',
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
  readonly #instruments = new Set<InstrumentId>();
  /** Units that ended in this transaction, in order: what a new unit with a prior state comes from. */
  #ended: Unit[] = [];
  /** Instrument that this transaction created with. */
  #creating: InstrumentId | undefined;

  constructor(findings: FindingList) {
    this.#findings = findings;
  }

  beginTransaction(): void {
    this.#ended = [];
    this.#creating = undefined;
  }

  apply(
    { args: { baUnit, stateHash: told, state } }: EventOf<'BAUnitRecorded'>,
    entry: EventOf<'EntryRecorded'> | undefined,
    { nowSeconds, halts }: BlockMoment,
  ): void {
    const findings = this.#findings;
    const moment = momentAt(BigInt(nowSeconds), halts);
    const hasEntry =
      entry?.contract === 'land' && entry.args.subject === baUnit && entry.args.newState === told;
    findings.require(hasEntry, 'L3', 'A unit changed without an entry that says so.', baUnit);
    findings.require(stateHash(state) === told, 'L5', 'A state is not what its hash was made of.', baUnit);
    const act = nameOf(LAND_ACTS, (entry?.args.kind ?? LAND_KIND_BASE) - LAND_KIND_BASE) ?? 'unspecified';
    const before = this.#units.get(baUnit);
    if (before === undefined) this.#checkFirst(baUnit, state, act, moment);
    else this.#checkNext(baUnit, before, state, act, moment);
    this.#checkPlaces(baUnit, state, before !== undefined);
    for (const right of state.rights) this.#checkShares(baUnit, right);
    const unit = { stateHash: told, state };
    if (state.header.status === 'retired') this.#ended.push(unit);
    this.#units.set(baUnit, unit);
    this.stateHashes.set(baUnit, told);
  }

  /** A new unit comes from nowhere, beside its base unit, or from the units that ended with it. */
  #checkFirst(baUnit: BAUnitId, state: BAUnitState, act: LandAct, moment: Moment): void {
    const findings = this.#findings;
    findings.require(state.header.version === 1n, 'L5', 'A unit does not begin at version 1.', baUnit);
    const [parent] = this.#ended;
    const isDivided = act === 'subdivision' && parent !== undefined;
    const isJoined = act === 'consolidation' && this.#ended.length > 1;
    const isRegistered = act === 'registration' || act === 'part-registration';
    const expected = isDivided
      ? parent.stateHash
      : isJoined
        ? hashOfWords(this.#ended.map((unit) => unit.stateHash))
        : ZERO_32;
    const follows = state.priorState === expected && (isRegistered || isDivided || isJoined);
    findings.require(follows, 'L5', 'A new unit does not follow from what it says it does.', baUnit);
    if (isDivided) {
      const carries = CARRIED.every((section) => sameSection(section, parent.state, state));
      findings.require(carries, 'L6', 'A part of a divided unit lost a right or a restriction.', baUnit);
    }
    if (isJoined) {
      const [ownership] = state.rights;
      const parents = this.#ended.map((unit) => unit.state);
      const joined = ownership && joinSections(ownership, parents);
      const isWhole =
        joined !== undefined &&
        joined.nextId === state.header.nextId &&
        CARRIED.every((section) => sameSection(section, joined, state));
      findings.require(isWhole, 'L6', 'A joined unit lost or gained a restriction.', baUnit);
    }
    if (!isRegistered) return;
    const isPart = act === 'part-registration';
    const isBased = (state.header.baseUnit !== ZERO_32) === isPart;
    findings.require(isBased, 'L7', 'A title took a share in a base unit that was not asked.', baUnit);
    for (const [i, charge] of state.charges.entries()) {
      this.#checkCreated(baUnit, charge, state.charges[i - 1], moment);
    }
    for (const [i, notice] of state.notices.entries()) {
      this.#checkCreated(baUnit, notice, state.notices[i - 1], moment);
    }
    for (const { instrumentId } of [...state.charges, ...state.notices]) this.#useUp(baUnit, instrumentId);
  }

  #checkNext(baUnit: BAUnitId, before: Unit, state: BAUnitState, act: LandAct, moment: Moment): void {
    const findings = this.#findings;
    const follows =
      state.header.version === before.state.header.version + 1n && state.priorState === before.stateHash;
    findings.require(follows, 'L5', 'A state does not follow the one before it.', baUnit);
    const wasActive = before.state.header.status === 'active';
    findings.require(wasActive, 'L5', 'A unit that had ended changed.', baUnit);
    if (!KNOWN_ACTS.has(act)) {
      findings.add('L7', 'A unit changed by an act that this version does not know.', baUnit);
      return;
    }
    const opened = dropLapsed(moment, before.state);
    const isUnblocked = ![...opened.charges, ...opened.notices].some((one) =>
      blocks(one, act, opened, state),
    );
    findings.require(isUnblocked, 'L4', 'An act passed that a restriction blocked.', baUnit);
    if (act === 'sweep') {
      const isDue = isSweepable(moment, before.state);
      findings.require(isDue, 'L7', 'A unit was swept that nothing had lapsed on for long.', baUnit);
    }
    this.#checkHeader(baUnit, opened, state, act);
    this.#checkSections(baUnit, opened, state, act, moment);
  }

  /** Version, status, ids and quotas move by the act; nothing else of a header ever does. */
  #checkHeader(baUnit: BAUnitId, before: BAUnitState, { header, rights }: BAUnitState, act: LandAct): void {
    const isEnd = act === 'subdivision' || act === 'consolidation';
    const given = header.quotaNumerator - before.header.quotaNumerator;
    const isGiven = act === 'part-registration' && given > 0n && header.quotaNumerator <= header.quotaTotal;
    const holdings = rights.flatMap((right) => right.holdings);
    const joined = holdings.filter(({ holdingId }) => holdingId >= before.header.nextId).length;
    const taken = act === 'transfer' ? joined : act === 'mortgage' || act === 'caution' ? 1 : 0;
    const expected: Header = {
      ...before.header,
      version: header.version,
      status: isEnd ? 'retired' : 'active',
      quotaNumerator: isGiven ? header.quotaNumerator : before.header.quotaNumerator,
      nextId: before.header.nextId + taken,
    };
    const isKept = HASH_OF_SECTION.header(expected) === HASH_OF_SECTION.header(header);
    this.#findings.require(isKept, 'L5', 'A header changed more than its act changes.', baUnit);
  }

  /** Acts leave what they are not about alone; one restriction comes or goes in an act that is about it (L7). */
  #checkSections(
    baUnit: BAUnitId,
    before: BAUnitState,
    state: BAUnitState,
    act: LandAct,
    moment: Moment,
  ): void {
    const findings = this.#findings;
    const isQuiet =
      (['spatialUnits', 'responsibilities', 'applications'] as const).every((section) =>
        sameSection(section, before, state),
      ) && state.factsRoot === before.factsRoot;
    findings.require(
      isQuiet,
      'L7',
      'Facts, parcels or duties changed in an act that leaves them alone.',
      baUnit,
    );
    for (const section of ['charges', 'notices'] as const) {
      const [had, has] = [before[section].map(hashOfRestriction), state[section].map(hashOfRestriction)];
      const adds = act === ADDS_TO[section];
      const takes = act === TAKES_FROM[section];
      const kept = adds ? has.slice(0, -1) : has;
      const isKept =
        has.length === had.length + Number(adds) - Number(takes) &&
        (takes ? isWithoutOne(had, kept) : kept.join() === had.join());
      findings.require(isKept, 'L7', 'Restrictions changed in an act that leaves them alone.', baUnit);
      const created = state[section].at(-1);
      if (!adds || created === undefined) continue;
      this.#checkCreated(baUnit, created, before[section].at(-1), moment);
      const isNew = created.restrictionId === before.header.nextId;
      findings.require(isNew, 'L5', 'A restriction took an id that was not the next.', baUnit);
      if (created.instrumentId !== this.#creating) this.#useUp(baUnit, created.instrumentId);
      this.#creating = created.instrumentId;
    }
    if (act === 'transfer') this.#checkTransfer(baUnit, before, state);
    else {
      const isUntouched = sameSection('rights', before, state);
      findings.require(isUntouched, 'L7', 'Rights changed in an act that leaves them alone.', baUnit);
    }
  }

  /** One right has other holders or shares, and no charge lies on a holding that ended. */
  #checkTransfer(baUnit: BAUnitId, before: BAUnitState, { rights, charges }: BAUnitState): void {
    const findings = this.#findings;
    const changed = rights.filter((right, i) => {
      const had = before.rights[i];
      return had === undefined || structHash('Right', had) !== structHash('Right', right);
    });
    const [right] = changed;
    const had = before.rights.find(({ rightId }) => rightId === right?.rightId);
    const isOne = changed.length === 1 && rights.length === before.rights.length && had !== undefined;
    const expected = had &&
      right && {
        ...had,
        tenancy: right.tenancy,
        denominator: right.denominator,
        presentationNo: right.presentationNo,
        holdings: right.holdings,
      };
    const isSame = expected && right && structHash('Right', expected) === structHash('Right', right);
    findings.require(
      isOne && isSame === true,
      'L7',
      'A transfer changed more than holders and shares.',
      baUnit,
    );
    const ids = new Set(rights.flatMap(({ holdings }) => holdings.map(({ holdingId }) => holdingId)));
    const isSecured = charges.every(({ targetHolding }) => targetHolding === 0 || ids.has(targetHolding));
    findings.require(isSecured, 'L7', 'A charge lies on a holding that ended.', baUnit);
  }

  /** An instrument creates once, over all units of one act. */
  #useUp(baUnit: BAUnitId, instrumentId: InstrumentId): void {
    const isFresh = !this.#instruments.has(instrumentId);
    this.#findings.require(isFresh, 'L8', 'An instrument created a second time.', baUnit);
    this.#instruments.add(instrumentId);
  }

  /** A charge ranks behind the one before it, a notice is bounded, and no restriction reaches its own end. */
  #checkCreated(
    baUnit: BAUnitId,
    created: Restriction,
    before: Restriction | undefined,
    moment: Moment,
  ): void {
    const { kind, rank, expiresOn, blocks: blocked, needsConsent } = created;
    const findings = this.#findings;
    const isReaching = ((blocked | needsConsent) & ~BLOCKABLE_ACTS) !== 0n;
    findings.require(!isReaching, 'L7', 'A restriction reaches an act that none may.', baUnit);
    const isBounded =
      !isNotice(kind) ||
      (expiresOn >= moment.nowSeconds && expiresOn - MAX_NOTICE_SECONDS <= moment.nowSeconds);
    findings.require(isBounded, 'L7', 'A notice lapses too late, or never.', baUnit);
    const isBehind = isNotice(kind) ? rank === 0 : rank > (before?.rank ?? 0);
    findings.require(isBehind, 'L7', 'A charge took a rank before another.', baUnit);
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

const CARRIED = ['rights', 'charges', 'notices', 'responsibilities'] as const;
const ADDS_TO = { charges: 'mortgage', notices: 'caution' } as const;
const TAKES_FROM = { charges: 'discharge', notices: 'caution-withdrawal' } as const;

type Compared = (typeof CARRIED)[number] | 'spatialUnits' | 'applications';
type Comparable = Pick<BAUnitState, (typeof CARRIED)[number]> & Partial<BAUnitState>;

function sameSection(section: Compared, a: Comparable, b: BAUnitState): boolean {
  const hashOf = HASH_OF_SECTION[section] as (content: unknown) => Bytes32;
  return hashOf(a[section] ?? []) === hashOf(b[section]);
}

function hashOfRestriction(restriction: Restriction): Bytes32 {
  return structHash('Restriction', restriction);
}

function isWithoutOne(had: readonly Bytes32[], has: readonly Bytes32[]): boolean {
  const gone = had.findIndex((hash, i) => hash !== has[i]);
  return had.toSpliced(gone, 1).join() === has.join();
}

/** Whether a restriction stood in the act's way: on the whole unit, or on a right that the act changed. */
function blocks(restriction: Restriction, act: LandAct, before: BAUnitState, after: BAUnitState): boolean {
  const { blocks: mask, targetRight, targetHolding } = restriction;
  if ((mask >> BigInt(numberOf(LAND_ACTS, act))) % 2n === 0n) return false;
  if (targetRight === 0) return true;
  const rightOf = (state: BAUnitState) => state.rights.find(({ rightId }) => rightId === targetRight);
  const [had, has] = [rightOf(before), rightOf(after)];
  if (had === undefined || has === undefined) return false;
  if (targetHolding === 0) return structHash('Right', had) !== structHash('Right', has);
  const holdingOf = (right: Right) => right.holdings.find(({ holdingId }) => holdingId === targetHolding);
  return holdingOf(had)?.numerator !== holdingOf(has)?.numerator;
}
