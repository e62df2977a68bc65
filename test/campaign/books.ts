/**
 * What a campaign holds against the ledger after every call that passed: books of its own, and the auditor's.
 *
 * Promises: a finding names its invariant and what broke it. The auditor's replay judges every event by the rules in
 * `domain/`; what it cannot see (who really signed, which item was taken before, who voted when) is kept here from what
 * the campaign itself did; and now and then what the contracts keep is read and compared with what their events said.
 */

import type { EventBlock, EventOf, LedgerEvent } from '../../server/domain/acts/events.ts';
import { Replay } from '../../server/domain/audit/replay.ts';
import type { Bytes32 } from '../../server/domain/base/hex.ts';
import type { EntryId, InstitutionId, OfficerId } from '../../server/domain/base/terms.ts';
import { readResults } from '../../server/domain/benefits/redemption.ts';
import type { Machine } from './machine.ts';
import type { Plan } from './plan.ts';
import { INSTITUTIONS, QUORUM, type Scene, WAIT_SECONDS } from './scene.ts';

/** What lone officers may do to a colleague. */
const SUSPENSION_SECONDS = 72n * 3_600n;
const REST_SECONDS = 30n * 86_400n;

export interface Broken {
  readonly invariant: string;
  readonly what: string;
}

const REGISTERS = ['consortium', 'personnel', 'safeguards', 'land', 'benefits'] as const;
/** What the audit says of corrections, which no contract judges. */
const LEFT_OUT = /correction-unfounded/;
/** What only takes power away does not wait, nor what gives back what one officer took, nor a halt. */
const AT_ONCE: ReadonlySet<string> = new Set([
  ...['suspend-institution', 'disallow-verifier', 'revoke-officer', 'free-officer', 'record-halt'],
]);
const LEAST_VALIDATORS = 4;
const LEAST_MEMBERS = 3;

/** A measure as its votes were seen. */
interface Ballots {
  readonly kind: string;
  /** Which institution it is about. */
  readonly institution: InstitutionId;
  readonly inFavour: Set<InstitutionId>;
  /** Since when a quorum of the members was in favour without a break. */
  quorumSince: bigint | undefined;
}

export class Books {
  /** Each finding once: what broke first is what to look at. */
  readonly broken: Broken[] = [];
  readonly #said = new Set<string>();
  readonly #scene: Scene;
  readonly #replay: Replay;
  readonly #entries = new Set<EntryId>();
  readonly #entryTimes: bigint[] = [];
  readonly #items = new Set<string>();
  readonly #spent = new Map<string, number>();
  readonly #revokedAt = new Map<OfficerId, bigint>();
  readonly #silentFrom = new Map<OfficerId, bigint>();
  readonly #silentUntil = new Map<OfficerId, bigint>();
  readonly #ballots = new Map<Bytes32, Ballots>();
  readonly #members = new Set<InstitutionId>(INSTITUTIONS);
  /** Until when each is. */
  readonly #suspended = new Map<InstitutionId, bigint>();
  readonly #credited = new Map<string, { readonly units: bigint; readonly at: bigint }[]>();
  readonly #settled = new Map<string, bigint>();
  readonly #programmeWords = new Map<Bytes32, string>();
  #quorum = QUORUM;
  #waitSeconds = WAIT_SECONDS;
  #told = 0;
  #isVoted = false;

  constructor(scene: Scene, machine: Machine) {
    this.#scene = scene;
    this.#replay = new Replay(BigInt(machine.chainId));
    for (const block of machine.founded) this.#replay.apply(block);
  }

  add(invariant: string, what: string): void {
    const isToldAlready = this.#said.has(`${invariant} ${what}`);
    this.#said.add(`${invariant} ${what}`);
    if (!isToldAlready) this.broken.push({ invariant, what });
  }

  require(holds: boolean, invariant: string, what: string): void {
    if (!holds) this.add(invariant, what);
  }

  /** A call passed: whether its plan could, and what it left. */
  passed(plan: Plan, block: EventBlock): void {
    this.#isVoted = block.events.some(({ name }) => name === 'MeasureExecuted');
    this.#checkSigners(plan, block); // before what the call itself ends: two admins may revoke one of them
    for (const event of block.events) this.#see(event);
    this.#replay.apply(block);
    const found = this.#replay.findings.slice(this.#told);
    this.#told += found.length;
    for (const { invariant, what } of found) this.require(LEFT_OUT.test(what), invariant, what);
  }

  /** Entries are by whoever really signed, two different people in office at that second (L3, P1, P3). */
  #checkSigners(plan: Plan, { events }: EventBlock): void {
    if (plan.kind !== 'act') return;
    const [preparer, approver] = plan.by;
    this.require(preparer.officer !== approver.officer, 'P1', `${plan.method} passed under one officer`);
    for (const { officer } of [preparer, approver]) {
      const since = this.#revokedAt.get(officer);
      this.require(since === undefined, 'P3', `${plan.method} passed under a revoked officer`);
      const isSilent = this.#scene.now < (this.#silentUntil.get(officer) ?? 0n);
      this.require(!isSilent, 'P3', `${plan.method} passed under a suspended officer`);
    }
    const entries = events.filter(
      (event): event is EventOf<'EntryRecorded'> => event.name === 'EntryRecorded',
    );
    this.require(entries.length > 0, 'L3', `${plan.method} passed without an entry`);
    for (const { args } of entries) {
      const isTheirs = args.preparer === preparer.officer && args.approver === approver.officer;
      this.require(isTheirs, 'L3', `${plan.method} is recorded under others than signed`);
    }
  }

  #see(event: LedgerEvent): void {
    switch (event.name) {
      case 'EntryRecorded':
        this.require(!this.#entries.has(event.args.entryId), 'P2', 'an entry id appears twice');
        this.#entries.add(event.args.entryId);
        if (this.#entryTimes.at(-1) !== this.#scene.now) this.#entryTimes.push(this.#scene.now);
        break;
      case 'HaltRecorded': {
        const { from, to } = event.args;
        const isSilent = !this.#entryTimes.some((at) => from < at && at < to);
        this.require(isSilent && to <= this.#scene.now, 'P10', 'a halt lies over an entry, or is not over');
        break;
      }
      case 'AuthorityChanged':
        this.add('P11', 'a consortium that waits for nothing took over');
        break;
      case 'OfficerSuspended': {
        const { officer, until } = event.args;
        const last = this.#silentFrom.get(officer);
        const isRested = last === undefined || this.#scene.now >= last + REST_SECONDS;
        const isShort = until <= this.#scene.now + SUSPENSION_SECONDS;
        this.require(isRested && isShort, 'P9', 'a lone officer silenced a colleague too long');
        this.#silentFrom.set(officer, this.#scene.now);
        this.#silentUntil.set(officer, until);
        break;
      }
      case 'OfficerFreed':
        this.#silentUntil.delete(event.args.officer);
        break;
      case 'OfficerRevoked':
        this.#revokedAt.set(event.args.officer, this.#scene.now);
        break;
      case 'OfficerAppointed': {
        // Whom members appoint with an institution has waited with the measure.
        const isLate = this.#isVoted || event.args.activeFrom >= this.#scene.now + this.#waitSeconds;
        this.require(isLate, 'P5', 'an officer counts before the wait is over');
        break;
      }
      case 'BatchRedeemed':
        this.#sell(event);
        break;
      case 'ActApplied':
        if (event.args.applied.name === 'Settle') this.#settle(event.args.applied.act);
        break;
      case 'MeasureOpened':
        this.#ballots.set(event.args.measureId, {
          ...{ kind: event.args.measure.kind, institution: event.args.measure.institution },
          ...{ inFavour: new Set(), quorumSince: undefined },
        });
        break;
      case 'VoteCast': {
        const ballots = this.#ballots.get(event.args.measureId);
        if (event.args.inFavour) ballots?.inFavour.add(event.args.institution);
        else ballots?.inFavour.delete(event.args.institution);
        if (ballots) this.#count(ballots);
        break;
      }
      case 'MeasureExecuted':
        this.#execute(event.args.measureId);
        break;
      default:
        this.#govern(event);
    }
  }

  // ---- Who decides (P4, P5, P9) ---------------------------------------------------------------------------

  #govern(event: LedgerEvent): void {
    switch (event.name) {
      case 'InstitutionSuspended':
        this.#suspended.set(event.args.institution, event.args.until);
        break;
      case 'InstitutionExpelled':
        this.#members.delete(event.args.institution);
        break;
      case 'SuspensionLifted':
        this.#suspended.delete(event.args.institution);
        break;
      case 'InstitutionAdmitted':
        this.#members.add(event.args.institution);
        break;
      case 'QuorumChanged':
        this.#quorum = event.args.quorum;
        break;
      case 'WideningWaitChanged':
        this.#waitSeconds = BigInt(event.args.waitSeconds);
        break;
      default:
        return;
    }
    const members = this.#members.size;
    this.require(this.#quorum >= 2, 'P4', 'one institution is a quorum');
    this.require(members >= LEAST_MEMBERS, 'P9', `${members} members are left`);
    this.require(this.#quorum < members, 'P9', 'every member is needed for a quorum');
    this.require(this.#quorum <= this.#active().length, 'P9', 'the members left have no quorum');
    for (const ballots of this.#ballots.values()) this.#count(ballots);
  }

  #active(): InstitutionId[] {
    return [...this.#members].filter((member) => (this.#suspended.get(member) ?? 0n) <= this.#scene.now);
  }

  #votesOf({ inFavour }: Ballots): number {
    return this.#active().filter((member) => inFavour.has(member)).length;
  }

  #count(ballots: Ballots): void {
    const votes = this.#votesOf(ballots);
    if (votes < this.#quorum) ballots.quorumSince = undefined;
    else ballots.quorumSince ??= this.#scene.now;
  }

  #execute(measureId: Bytes32): void {
    const ballots = this.#ballots.get(measureId);
    if (ballots === undefined) {
      this.add('P4', 'a measure was carried out that nobody opened');
      return;
    }
    const votes = this.#votesOf(ballots);
    this.require(votes >= 2 && votes >= this.#quorum, 'P4', `${ballots.kind} passed with ${votes} votes`);
    const waited = ballots.quorumSince === undefined ? -1n : this.#scene.now - ballots.quorumSince;
    // An institution that votes to swap its own validator's key takes nothing from anybody.
    const { kind, institution, inFavour } = ballots;
    const isOwnSwap = kind === 'replace-validator' && inFavour.has(institution);
    const least = AT_ONCE.has(kind) || isOwnSwap ? 0n : this.#waitSeconds;
    this.require(waited >= least, 'P5', `${ballots.kind} waited ${waited} s`);
    this.#ballots.delete(measureId);
  }

  // ---- Money and sales (B2, B3, B6) -----------------------------------------------------------------------

  #sell({ args }: EventOf<'BatchRedeemed'>): void {
    const { programme, cycle, vendor, units } = args;
    for (const result of readResults(args.results)) {
      if (result.outcome !== 'redeemed') continue;
      const entry = `${programme} ${cycle} ${result.index}`;
      const item = `${entry} ${result.sequence} ${result.remainingBefore}`;
      this.require(!this.#items.has(item), 'B3', 'what a card signed once was taken twice');
      this.#items.add(item);
      this.#spent.set(entry, (this.#spent.get(entry) ?? 0) + result.units);
      const issued = this.#scene.agency.issued(programme, cycle, result.index);
      this.require((this.#spent.get(entry) ?? 0) <= issued, 'B2', 'a person redeemed more than was issued');
    }
    const credit = `${programme} ${cycle} ${vendor}`;
    const booked = this.#credited.get(credit) ?? [];
    booked.push({ units, at: this.#scene.now });
    this.#credited.set(credit, booked);
  }

  #settle({
    programme,
    cycle,
    vendor,
    units,
  }: {
    programme: Bytes32;
    cycle: number;
    vendor: Bytes32;
    units: bigint;
  }) {
    const credit = `${programme} ${cycle} ${vendor}`;
    const settled = (this.#settled.get(credit) ?? 0n) + units;
    this.#settled.set(credit, settled);
    const dispute = BigInt(
      this.#scene.book.records({ programme: programme as never }).programme?.disputeSeconds ?? 0,
    );
    const matured = (this.#credited.get(credit) ?? [])
      .filter(({ at }) => this.#scene.now > at + dispute)
      .reduce((sum, { units: one }) => sum + one, 0n);
    this.require(settled <= matured, 'B6', 'a vendor was paid more than had matured');
  }

  // ---- What the contracts keep ----------------------------------------------------------------------------

  /** Reads what the contracts keep and compares it with what was said: at most `limit` units and programmes. */
  async compare(
    machine: Machine,
    programmes: readonly Bytes32[],
    touched: ReadonlySet<Bytes32>,
  ): Promise<void> {
    const { journals } = this.#replay;
    for (const contract of REGISTERS) {
      const [head] = await machine.ask(contract, 'head');
      const fold = journals.get(machine.contracts[contract]);
      this.require(head === fold?.head, 'P8', `the head of ${contract} is not the fold of its entries`);
    }
    const units = [...this.#scene.stateHashes];
    for (const [baUnit, stateHash] of units.slice(-8)) {
      const [kept] = await machine.ask('land', 'stateOf', [baUnit]);
      this.require(kept === stateHash, 'L3', 'a unit is kept in another state than its entry says');
    }
    for (const [plot, baUnit] of [...this.#scene.plots].slice(-8)) {
      const [owner] = await machine.ask('land', 'unitOf', [plot]);
      this.require(owner === baUnit, 'L1', 'a parcel is kept in another unit than recorded');
    }
    await this.#compareHalts(machine);
    for (const programme of programmes) await this.#compareProgramme(machine, programme, touched);
    await this.#compareMembers(machine);
  }

  /** A deadline inside a halt keeps what was left of it, every other stays (P10). */
  async #compareHalts(machine: Machine): Promise<void> {
    const { halts, moment, random } = this.#scene;
    for (const { from, to } of halts.slice(-2)) {
      const deadline = BigInt(from - 1 + random.below(to - from + 3));
      const [kept] = await machine.ask('safeguards', 'extended', [deadline]);
      this.require(kept === moment.extended(deadline), 'P10', 'a halt moves a deadline otherwise than told');
    }
  }

  async #compareProgramme(
    machine: Machine,
    programme: Bytes32,
    touched: ReadonlySet<Bytes32>,
  ): Promise<void> {
    const [money] = (await machine.ask('benefitViews', 'money', [programme])) as [Record<string, bigint>];
    const { fundedMinor = 0n, unallocatedMinor = 0n, outstandingMinor = 0n, ...rest } = sumsOf(money);
    const parts =
      unallocatedMinor + outstandingMinor + Object.values(rest).reduce((sum, part) => sum + part, 0n);
    this.require(parts === fundedMinor, 'B1', 'the money that is kept does not add up');
    const words = JSON.stringify(await this.#keptOf(machine, programme));
    const before = this.#programmeWords.get(programme);
    const isOthers = before === undefined || before === words || touched.has(programme);
    this.require(isOthers, 'B8', 'a programme changed by what was done to another');
    this.#programmeWords.set(programme, words);
    const last = this.#scene.agency.cycles.get(programme as never) ?? 0;
    for (let cycle = Math.max(1, last - 2); cycle <= last; cycle++) {
      const known = this.#scene.book.records({ cycle: { programme, cycle } as never }).cycle;
      if (known === undefined) continue;
      const [kept] = (await machine.ask('benefitViews', 'cycleOf', [programme, cycle])) as [
        Record<string, unknown>,
      ];
      const isSame = kept.envelopeHash === known.envelopeHash && kept.totalUnits === known.totalUnits;
      this.require(isSame, 'B4', 'a cycle is kept under another envelope than was signed');
      this.require(
        kept.redeemedUnits === known.redeemedUnits,
        'B2',
        'a cycle counts other sales than were made',
      );
    }
  }

  async #keptOf(machine: Machine, programme: Bytes32): Promise<unknown> {
    const [kept] = await machine.ask('benefitViews', 'programmeOf', [programme]);
    const [money] = (await machine.ask('benefitViews', 'money', [programme])) as [Record<string, bigint>];
    const [enrolment] = await machine.ask('benefitViews', 'enrolmentOf', [programme, 1]);
    return [String(kept), String(money), String(enrolment)];
  }

  async #compareMembers(machine: Machine): Promise<void> {
    const [constitution] = (await machine.ask('consortium', 'constitution')) as [
      { quorum: bigint; activeMembers: bigint; seated: boolean },
    ];
    const members = [...constitution.activeMembers.toString(2)].filter((bit) => bit === '1').length;
    this.require(constitution.seated, 'P4', 'the consortium is no more seated');
    this.require(Number(constitution.quorum) === this.#quorum, 'P4', 'another quorum is kept than was voted');
    this.require(members === this.#active().length, 'P4', 'other members are kept than were voted');
    const [validators] = (await machine.ask('charter', 'getValidators')) as [readonly string[]];
    this.require(validators.length >= LEAST_VALIDATORS, 'P9', `${validators.length} validators are left`);
  }
}

/** Named sums of an answer, without the places it has them at. */
function sumsOf(answer: object): Record<string, bigint> {
  const { toObject } = answer as { toObject?: () => Record<string, bigint> };
  return toObject === undefined ? (answer as Record<string, bigint>) : toObject.call(answer);
}
