/**
 * The auditor's register of land: each act told again from what it changed, judged by the rules, and held against what
 * was signed and recorded.
 *
 * Promises: entry id, officers, consents due and every state of an act are those of the act its officers signed; what
 * is true of any state (hash, places, shares) is checked on it alone besides. An act is judged when its last state is
 * in, at its own entries.
 */

import type { EventOf } from '../acts/events.ts';
import type { Moment } from '../acts/moment.ts';
import { hashStruct } from '../acts/typedData.ts';
import { type Address, type Bytes32, wordOf, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import type { BAUnitId, KeyKind, LandAct, SpatialUnitId } from '../base/terms.ts';
import { LAND_ACTS, LAND_KIND_BASE, maskOf, nameOf, officeOf } from '../base/terms.ts';
import { type Child, type ConsentProof, LAND_TYPES, type LandLedger } from '../land/acts.ts';
import { Asking, type ConsentNeeded, wholeUnit } from '../land/consents.ts';
import { Findings } from '../land/findings.ts';
import { foldOf, HASH_OF_SECTION, stateHash, structHash } from '../land/hashes.ts';
import {
  MOST_NOTICE_POLICY,
  SIGNING_RELYING_PARTY_POLICY,
  TWO_INSTITUTION_ACTS_POLICY,
} from '../land/policies.ts';
import {
  isOfTwoInstitutions,
  type LandJudgement,
  preparerOf,
  type RegisterReading,
  type SignableChange,
} from '../land/prepare.ts';
import { dropLapsed, isSweepable, mostNoticeSeconds } from '../land/restrictions.ts';
import { bindsShares, statesShares } from '../land/rules.ts';
import { carried, effectOfAct } from '../land/transitions.ts';
import { type BAUnitState, type Right, SECTIONS, type Section } from '../land/types.ts';
import { momentAt } from '../power/halts.ts';
import { isAsTaken, judgeConsents } from './consentProofs.ts';
import type { BlockMoment, FindingList, Invariant } from './findings.ts';
import type { KeepRows, KeptRows } from './keptRows.ts';
import { type Retold, retell, type Telling, type UnitChanged } from './landActs.ts';
import type { OfficersNeeded, PowerReplay } from './replayPower.ts';
import type { SignatureReplay, SignedAct } from './replaySignatures.ts';
import {
  cancelledSlot,
  claimedBySlot,
  divisionIdOf,
  divisionSlot,
  instrumentSlot,
  placementSlot,
  unitSlot,
} from './succession.ts';

interface Unit {
  readonly stateHash: Bytes32;
  readonly state: BAUnitState;
}

/** One state of an act, with the entry it stands beside. */
interface Recorded {
  readonly entry: EventOf<'EntryRecorded'> | undefined;
  readonly event: EventOf<'BAUnitRecorded'>;
}

/** An act while its entries and states come in. */
interface OpenAct {
  readonly signed: SignedAct | undefined;
  readonly entries: EventOf<'EntryRecorded'>[];
  readonly recorded: Recorded[];
  /** Children that its entry loads. */
  loaded?: EventOf<'ChildrenLoaded'>;
  /** Consents that it took, as the register says. */
  readonly taken: EventOf<'ConsentsTaken'> | undefined;
  /** Entries of the register and of those it succeeds, before this act. */
  readonly presentations: bigint;
}

export interface LandReplayParts {
  readonly chainId: bigint;
  readonly findings: FindingList;
  readonly power: PowerReplay;
  readonly signatures: SignatureReplay;
  readonly keep: KeepRows;
}

/** A unit as an act leaves it, with the entry that says so. */
type Expected = Pick<SignableChange, 'baUnit' | 'entryId' | 'state'>;

/** In the third word of a division, the number of children to be loaded stands below the presentations. */
const REMAINING_BITS = 32n;

/** A division that is open, or completed with children still to be made. */
interface Division {
  readonly membersRoot: Bytes32;
  rest: Bytes32;
  remaining: number;
  /** Entries before its opening: a notice of a later one was not asked then. */
  readonly presentations: bigint;
  readonly claims: Map<BAUnitId, Child>;
}

export class LandReplay {
  readonly #chainId: number;
  readonly #findings: FindingList;
  readonly #power: PowerReplay;
  readonly #signatures: SignatureReplay;
  readonly #units: KeptRows<BAUnitId, Unit>;
  readonly #unitOf: KeptRows<SpatialUnitId, BAUnitId>;
  /** By their places in the register, which are an office's own. */
  readonly #instruments: KeptRows<Bytes32, true>;
  readonly stateHashes: KeptRows<Bytes32, Bytes32>;
  /** By parent. */
  readonly #divisions = new Map<BAUnitId, Division>();
  /** Parent of each child that is loaded and not made. */
  readonly #parentOf: KeptRows<BAUnitId, BAUnitId>;
  /** What a child that was loaded claimed, whatever became of its division. */
  readonly #claims: KeptRows<BAUnitId, { readonly hash: Bytes32; readonly divisionId: Bytes32 }>;
  readonly #cancelled = new Set<Bytes32>();
  /** Spatial units that a cancelled division claimed, and nothing since: the register still holds by which child. */
  readonly #freed: KeptRows<SpatialUnitId, BAUnitId>;
  #open: OpenAct | undefined;
  /** Of the act whose entry comes next. */
  #taken: EventOf<'ConsentsTaken'> | undefined;

  constructor({ chainId, findings, power, signatures, keep }: LandReplayParts) {
    this.#chainId = Number(chainId);
    this.#findings = findings;
    this.#power = power;
    this.#signatures = signatures;
    this.#units = keep('units');
    this.#unitOf = keep('unitOf');
    this.#instruments = keep('instruments');
    this.stateHashes = keep('states');
    this.#parentOf = keep('parentOf');
    this.#claims = keep('claims');
    this.#freed = keep('freed');
  }

  /** Every word that the register of land holds, by its slot, but for the count of presentations. */
  words(): Map<Bytes32, Bytes32> {
    const words = new Map<Bytes32, Bytes32>();
    const flag = wordOf(1n);
    for (const [child, { hash, divisionId }] of this.#claims.entries()) {
      words.set(unitSlot(child), hash);
      words.set(claimedBySlot(child), divisionId);
    }
    for (const [baUnit, { stateHash: hash }] of this.#units.entries()) words.set(unitSlot(baUnit), hash);
    for (const [parent, { membersRoot, rest, remaining, presentations }] of this.#divisions) {
      if (this.#units.get(parent)?.state.header.status !== 'dividing') continue;
      const slot = BigInt(divisionSlot(parent));
      const packed = wordOf((presentations << REMAINING_BITS) | BigInt(remaining));
      [membersRoot, rest, packed].forEach((word, i) => {
        words.set(wordOf(BigInt.asUintN(256, slot + BigInt(i))), word);
      });
    }
    for (const divisionId of this.#cancelled) words.set(cancelledSlot(divisionId), flag);
    for (const [id, child] of this.#freed.entries()) words.set(placementSlot(id), child);
    for (const [id, baUnit] of this.#unitOf.entries()) {
      const slot = placementSlot(id);
      words.set(slot, baUnit);
      const isRetired = this.#units.get(baUnit)?.state.header.status === 'retired';
      if (isRetired) words.set(wordOf(BigInt.asUintN(256, BigInt(slot) + 1n)), flag);
    }
    for (const [slot] of this.#instruments.entries()) words.set(slot, flag);
    return words;
  }

  /** Whether the next entry belongs to the act that is coming in. */
  isOpenFor(signed: SignedAct | undefined): boolean {
    return this.#open !== undefined && signed !== undefined && this.#open.signed === signed;
  }

  /** An entry of an act on land; `presentations` counts those before it. */
  enter(entry: EventOf<'EntryRecorded'>, signed: SignedAct | undefined, presentations: bigint): void {
    this.#open ??= { signed, entries: [], recorded: [], taken: this.#taken, presentations };
    this.#taken = undefined;
    this.#open.entries.push(entry);
  }

  /** Consents come before the entry of their act. */
  take(event: EventOf<'ConsentsTaken'>): void {
    this.#taken = event;
  }

  change(event: EventOf<'BAUnitRecorded'>): void {
    this.#open ??= { signed: undefined, entries: [], recorded: [], taken: undefined, presentations: 0n };
    const { entries, recorded } = this.#open;
    recorded.push({ entry: entries[recorded.length], event });
  }

  load(event: EventOf<'ChildrenLoaded'>): void {
    this.#open ??= { signed: undefined, entries: [], recorded: [], taken: undefined, presentations: 0n };
    this.#open.loaded = event;
  }

  /** Judges the act whose last state is in, if one is open. */
  settle(at: BlockMoment): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const moment = momentAt(BigInt(at.nowSeconds), at.halts);
    const changes = open.recorded.map(({ event: { args } }) => ({
      baUnit: args.baUnit,
      before: this.#units.get(args.baUnit)?.state,
      after: args.state,
    }));
    const [entry] = open.entries;
    if (entry !== undefined) this.#findings.at(entry.blockNumber, entry.logIndex);
    const act = nameOf(LAND_ACTS, (entry?.args.kind ?? LAND_KIND_BASE) - LAND_KIND_BASE) ?? 'unspecified';
    if (open.loaded !== undefined) this.#loaded(open.loaded, entry);
    const isLoaded = open.loaded !== undefined && changes.length === 0;
    if (isLoaded) return;
    const expected = this.#expected(open, act, changes, moment, at);
    const isWhole = expected === undefined || expected.length === open.recorded.length;
    this.#findings.require(isWhole, 'L3', 'An act changed other units than it names.', entry?.args.entryId);
    open.recorded.forEach((recorded, i) => {
      this.#keep(recorded, expected?.[i], act, open.presentations);
    });
    for (const one of open.entries.slice(open.recorded.length)) {
      this.#findings.at(one.blockNumber, one.logIndex);
      this.#findings.add('L3', 'An entry says that a unit changed, and no state says how.', one.args.subject);
    }
  }

  #expected(
    open: OpenAct,
    act: LandAct,
    changes: readonly UnitChanged[],
    moment: Moment,
    at: BlockMoment,
  ): readonly Expected[] | undefined {
    if (act === 'sweep') return this.#swept(open, changes, moment);
    if (act === 'division-completion') return this.#completed(open, changes, moment);
    return this.#retold(open, act, changes, moment, at);
  }

  // ---- The act ----------------------------------------------------------------------------------------------

  /** The states that the signed act makes; undefined where the rules refuse it. */
  #retold(
    open: OpenAct,
    act: LandAct,
    changes: readonly UnitChanged[],
    moment: Moment,
    at: BlockMoment,
  ): readonly Expected[] | undefined {
    const { signed, entries } = open;
    const [entry] = entries;
    if (signed === undefined || entry === undefined) return undefined; // said where the entry was read
    const isBatch = entry.args.entryId !== signed.entryId;
    const { retold, judgement } = this.#judged(open, { act, head: signed.head, isBatch, moment }, changes);
    const isAssisted = judgement?.ok === true && judgement.signable.isAssisted;
    this.#signatures.checkTwo(signed, entries, this.#needOf(act, signed, isAssisted), at);
    const isSigned = retold === undefined || retold.actHash === signed.actHash;
    const what = 'What an act changed is not what its officers signed.';
    this.#findings.require(isSigned, 'L3', what, entry.args.entryId);
    if (judgement === undefined) return undefined;
    if (judgement.ok) {
      this.#checkConsents(entry, open, judgement.signable.needed, moment);
      return judgement.signable.changes;
    }
    for (const { code } of judgement.refusals) this.#findings.refuse(code, 'L5', entry.args.subject);
    return undefined;
  }

  /**
   * The hashes of an act's consents are in an event; their bytes are read from the call where that came directly, else
   * counted as not shown (L8).
   */
  #checkConsents(
    entry: EventOf<'EntryRecorded'>,
    { signed, taken }: OpenAct,
    needed: readonly ConsentNeeded[],
    moment: Moment,
  ): void {
    const hashes = taken?.args.consents ?? [];
    const isOfAct = taken === undefined || taken.args.entryId === signed?.entryId;
    const what = 'The consents that the register says it took are not as many as the act asks for.';
    this.#findings.require(isOfAct && hashes.length === needed.length, 'L8', what, entry.args.entryId);
    const proofs = this.#signatures.callOf(entry)?.args.consents as readonly ConsentProof[] | undefined;
    this.#signatures.tally(needed.length, proofs !== undefined);
    if (proofs === undefined) return;
    const ledger = this.#ledgerAt(entry.address);
    const hasVerifier = (kind: KeyKind) => this.#power.hasVerifier(kind);
    const relyingParty = wordOf(this.#power.policy(SIGNING_RELYING_PARTY_POLICY));
    const refused = judgeConsents(needed, proofs, { ledger, moment, hasVerifier, relyingParty });
    if (refused !== undefined) this.#findings.refuse(refused, 'L8', entry.args.subject);
    else if (!isAsTaken(needed, proofs, hashes, ledger)) {
      this.#findings.add('L8', 'A consent was shown that is not the one taken.', entry.args.entryId);
    }
  }

  #ledgerAt(landRegistry: Address): LandLedger {
    return { chainId: this.#chainId, ledgerNonce: this.#power.ledgerNonce ?? ZERO_32, landRegistry };
  }

  #judged(
    open: OpenAct,
    telling: Telling,
    changes: readonly UnitChanged[],
  ): { readonly retold?: Retold | undefined; readonly judgement?: LandJudgement | undefined } {
    const subject = open.entries[0]?.args.subject;
    try {
      const retold = retell(telling, changes);
      if (retold !== undefined) {
        return { retold, judgement: retold.judge(this.#readingAt(open, telling.moment)) };
      }
      this.#findings.add('L7', 'A unit changed as no act of this version changes one.', subject);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#findings.add('bytes', 'A state is one that no act leads to.', subject);
    }
    return {};
  }

  #needOf(act: LandAct, { head: { office } }: SignedAct, isAssisted: boolean): OfficersNeeded {
    const isTwo = isOfTwoInstitutions(this.#power.policy(TWO_INSTITUTION_ACTS_POLICY), act);
    return {
      office,
      scope: 'land',
      institution: 0,
      preparerInstitution: preparerOf(act, this.#power.keeperOf(office)),
      twoInstitutions: isAssisted || isTwo,
    };
  }

  /** The register as the act found it. */
  #readingAt({ signed, presentations }: OpenAct, moment: Moment): RegisterReading {
    return {
      ...moment,
      ledger: this.#ledgerAt(signed?.address ?? ZERO_ADDRESS),
      presentations,
      isFrozen: false, // said where the entry was read
      keeper: signed === undefined ? 0 : this.#power.keeperOf(signed.head.office),
      isSeated: this.#power.isSeated,
      twoInstitutionActs: this.#power.policy(TWO_INSTITUTION_ACTS_POLICY),
      mostNoticeSeconds: mostNoticeSeconds(this.#power.policy(MOST_NOTICE_POLICY)),
      stateHashOf: (baUnit) => this.#units.get(baUnit)?.stateHash ?? this.#claims.get(baUnit)?.hash,
      unitOf: (id) => this.#unitOf.get(id),
      isInstrumentUsed: (id) =>
        signed !== undefined && this.#instruments.has(instrumentSlot(signed.head.office, id)),
    };
  }

  /** Nobody signs a sweep: it drops what lapsed and nothing else, and something lapsed long ago. */
  #swept(
    { entries: [entry] }: OpenAct,
    [change, ...more]: readonly UnitChanged[],
    moment: Moment,
  ): readonly Expected[] | undefined {
    const findings = this.#findings;
    const unit = change && this.#units.get(change.baUnit);
    if (entry === undefined || change === undefined || unit === undefined || more.length > 0) {
      findings.add('L7', 'A unit changed as no act of this version changes one.', entry?.args.subject);
      return undefined;
    }
    const { baUnit } = change;
    const priorState = unit.stateHash;
    const sweep = hashStruct(LAND_TYPES, 'Sweep', { baUnit, priorState });
    this.#signatures.checkOrder(entry, sweep);
    const { status } = unit.state.header;
    if (status !== 'active' && status !== 'dividing') findings.refuse('ba-unit-not-active', 'L5', baUnit);
    if (!isSweepable(moment, unit.state)) findings.refuse('nothing-to-sweep', 'L7', baUnit);
    const opened = dropLapsed(moment, unit.state);
    const header = { ...opened.header, version: opened.header.version + 1n };
    const { entryId } = entry.args; // held against the order above
    return [{ baUnit, entryId, state: { ...opened, header, priorState } }];
  }

  // ---- Divisions --------------------------------------------------------------------------------------------

  /** The next children of a dividing unit, on ground that is nobody's. */
  #loaded(event: EventOf<'ChildrenLoaded'>, entry: EventOf<'EntryRecorded'> | undefined): void {
    const { baUnit, rest, children } = event.args;
    const findings = this.#findings;
    findings.at(event.blockNumber, event.logIndex);
    const division = this.#divisions.get(baUnit);
    const membersRoot = division?.membersRoot ?? ZERO_32;
    if (entry?.args.subject === baUnit && entry.args.newState === rest) {
      this.#signatures.checkOrder(entry, structHash('LoadChildren', { baUnit, membersRoot, children, rest }));
    } else findings.add('L3', 'Children were loaded without an entry that says so.', baUnit);
    const isNext =
      division !== undefined &&
      this.#units.get(baUnit)?.state.header.status === 'dividing' &&
      foldOf(children, rest) === division.rest &&
      (division.remaining === children.length) === (rest === ZERO_32);
    if (!isNext) findings.refuse('children-differ', 'L6', baUnit);
    if (division === undefined) return;
    division.rest = rest;
    division.remaining -= children.length;
    for (const child of children) {
      const { baUnit: id, spatialUnits } = child.portion;
      const isFree = officeOf(id) === officeOf(baUnit) && !this.#units.has(id) && !this.#claims.has(id);
      if (!isFree) findings.refuse('ba-unit-id-used', 'L1', id);
      division.claims.set(id, child);
      const claim = { parent: baUnit, membersRoot, child };
      this.#claims.set(id, {
        hash: structHash('Claim', claim),
        divisionId: divisionIdOf(baUnit, membersRoot),
      });
      this.#parentOf.set(id, baUnit);
      this.#claim(id, { spatialUnits });
    }
  }

  /** The end of a parent, or one child of it: each has an entry of its own, which nobody signs. */
  #completed(
    { entries: [entry] }: OpenAct,
    [change, ...more]: readonly UnitChanged[],
    moment: Moment,
  ): readonly Expected[] | undefined {
    if (entry === undefined || change === undefined || more.length > 0) {
      this.#findings.add('L7', 'A unit changed as no act of this version changes one.', entry?.args.subject);
      return undefined;
    }
    const { baUnit, before } = change;
    const { entryId } = entry.args; // held against the order below
    return before === undefined
      ? this.#made(entry, baUnit)
      : [{ baUnit, entryId, state: this.#ended(entry, baUnit, before, moment) }];
  }

  #ended(
    entry: EventOf<'EntryRecorded'>,
    baUnit: BAUnitId,
    before: BAUnitState,
    moment: Moment,
  ): BAUnitState {
    const findings = this.#findings;
    const priorState = this.#units.get(baUnit)?.stateHash ?? ZERO_32;
    this.#signatures.checkOrder(entry, structHash('CompleteDivision', { baUnit, priorState }));
    if (before.header.status !== 'dividing') findings.refuse('ba-unit-not-dividing', 'L5', baUnit);
    if (this.#divisions.get(baUnit)?.rest !== ZERO_32) findings.refuse('children-missing', 'L6', baUnit);
    const opened = dropLapsed(moment, before);
    const mask = maskOf(['subdivision']);
    const asking = new Asking(new Findings(), { ...moment, isSeated: this.#power.isSeated }, 'subdivision');
    for (const section of [opened.charges, opened.notices]) {
      asking.checkUnblocked(section, wholeUnit(opened.rights, false), '');
    }
    if (asking.found.refusals() !== undefined) findings.refuse('act-blocked', 'L4', baUnit);
    // One that came since the opening was not asked, and nobody signs a completion.
    const asked = this.#divisions.get(baUnit)?.presentations ?? 0n;
    const isUnasked = opened.notices.some(
      ({ needsConsent, presentationNo }) => (needsConsent & mask) !== 0n && presentationNo > asked,
    );
    if (isUnasked) findings.refuse('act-blocked', 'L7', baUnit);
    const effectiveOn = effectOfAct(moment, undefined, [before]);
    const { version } = opened.header;
    const header = { ...opened.header, version: version + 1n, status: 'retired', effectiveOn } as const;
    return { ...opened, header, priorState };
  }

  /** Once, as its parent's owners consented to it, with all that the parent had. */
  #made(entry: EventOf<'EntryRecorded'>, baUnit: BAUnitId): readonly Expected[] | undefined {
    const parent = this.#parentOf.get(baUnit);
    const unit = parent && this.#units.get(parent);
    const division = parent && this.#divisions.get(parent);
    const child = division?.claims.get(baUnit);
    const isRetired = unit?.state.header.status === 'retired';
    if (!isRetired || parent === undefined || division === undefined || child === undefined) {
      this.#findings.add('L6', 'A unit came of a division that does not name it.', baUnit);
      return undefined;
    }
    const { membersRoot } = division;
    this.#signatures.checkOrder(entry, structHash('Claim', { parent, membersRoot, child }));
    division.claims.delete(baUnit);
    this.#parentOf.delete(baUnit);
    return [{ baUnit, entryId: entry.args.entryId, state: carried(unit.state, child).state }];
  }

  /** Ground that a cancelled division claimed was never given; the ids that claimed it are spent. */
  #keepDivision(
    baUnit: BAUnitId,
    { header: { membersRoot, memberCount } }: BAUnitState,
    act: LandAct,
    presentations: bigint,
  ): void {
    if (act === 'division-opening') {
      const remaining = memberCount;
      const claims = new Map<BAUnitId, Child>();
      this.#divisions.set(baUnit, { membersRoot, rest: membersRoot, remaining, presentations, claims });
    }
    const division = this.#divisions.get(baUnit);
    if (act !== 'division-cancellation' || division === undefined) return;
    for (const [id, { portion }] of division.claims) {
      this.#parentOf.delete(id);
      for (const one of portion.spatialUnits) {
        if (this.#unitOf.get(one.id) !== id) continue;
        this.#unitOf.delete(one.id);
        this.#freed.set(one.id, id);
      }
    }
    this.#cancelled.add(divisionIdOf(baUnit, division.membersRoot));
    this.#divisions.delete(baUnit);
  }

  // ---- States -----------------------------------------------------------------------------------------------

  /** Takes a state as the unit's, whatever is found: one broken state is one finding. */
  #keep(
    { entry, event }: Recorded,
    expected: Expected | undefined,
    act: LandAct,
    presentations: bigint,
  ): void {
    const { baUnit, stateHash: told, state } = event.args;
    const findings = this.#findings;
    findings.at(event.blockNumber, event.logIndex);
    const hasEntry = entry?.args.subject === baUnit && entry.args.newState === told;
    findings.require(hasEntry, 'L3', 'A unit changed without an entry that says so.', baUnit);
    findings.require(stateHash(state) === told, 'L5', 'A state is not what its hash was made of.', baUnit);
    if (expected !== undefined) {
      const isNamed = expected.baUnit === baUnit && expected.entryId === entry?.args.entryId;
      findings.require(isNamed, 'L3', 'An entry is of another unit than its act names there.', baUnit);
      this.#compare(baUnit, expected.state, state, act);
    }
    for (const right of state.rights) this.#checkShares(baUnit, right);
    this.#keepDivision(baUnit, state, act, presentations);
    this.#claim(baUnit, state);
    for (const { instrumentId } of [...state.charges, ...state.notices])
      this.#instruments.set(instrumentSlot(state.header.office, instrumentId), true);
    this.#units.set(baUnit, { stateHash: told, state });
    this.stateHashes.set(baUnit, told);
  }

  #compare(baUnit: BAUnitId, expected: BAUnitState, state: BAUnitState, act: LandAct): void {
    const isCarried = act === 'subdivision' || act === 'consolidation' || act === 'division-completion';
    for (const section of differing(expected, state)) {
      const invariant = INVARIANT_OF[section] ?? (isCarried ? 'L6' : 'L7');
      this.#findings.add(invariant, `A state is not what its act makes of the unit: ${section}.`, baUnit);
    }
  }

  /** A spatial unit belongs to the first unit that named it, for ever, and to its office (L1). */
  #claim(baUnit: BAUnitId, { spatialUnits }: Pick<BAUnitState, 'spatialUnits'>): void {
    for (const { id } of spatialUnits) {
      const isOwn = officeOf(id) === officeOf(baUnit);
      this.#findings.require(isOwn, 'L1', "A spatial unit is not its unit's office's.", baUnit);
      const holder = this.#unitOf.get(id) ?? baUnit;
      this.#findings.require(holder === baUnit, 'L1', 'A spatial unit belongs to two units.', baUnit);
      this.#unitOf.set(id, holder);
      this.#freed.delete(id);
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

const INVARIANT_OF: Partial<Record<Part, Invariant>> = { header: 'L5', priorState: 'L5' };

type Part = Section | 'factsRoot' | 'priorState';

/** The parts in which two states differ. */
function differing(a: BAUnitState, b: BAUnitState): readonly Part[] {
  const sections: readonly Part[] = SECTIONS.filter((section) => {
    const hashOf = HASH_OF_SECTION[section] as (content: unknown) => Bytes32;
    return hashOf(a[section]) !== hashOf(b[section]);
  });
  const roots = (['factsRoot', 'priorState'] as const).filter((root) => a[root] !== b[root]);
  return [...sections, ...roots];
}
