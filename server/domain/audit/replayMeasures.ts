/**
 * The auditor's own count of the members' votes: who decides, what reached a quorum, what waited (P4, P5, P9, P10).
 *
 * Promises: a measure that is carried out without its quorum, before its wait, too late, twice, or by members who were
 * suspended or expelled is named, and so is every change of the consortium, its validators, its directory and its halts
 * that no measure of that transaction asks for, or asks for with another value. Tallies and waits are counted here from
 * the votes; what the log says of them is only compared.
 */

import { registerDomain } from '../acts/domains.ts';
import type { EventArgs, EventOf, LedgerEvent, Measure, OfficerKey } from '../acts/events.ts';
import { isPassed } from '../acts/moment.ts';
import { domainSeparator, hashStruct } from '../acts/typedData.ts';
import { type Address, type Bytes32, ZERO_32 } from '../base/hex.ts';
import {
  type InstitutionId,
  KEY_KINDS,
  MEASURE_KINDS,
  type MeasureKind,
  numberOf,
  roleBits,
} from '../base/terms.ts';
import { hashOfWords } from '../land/hashes.ts';
import { POWER_TYPES } from '../power/acts.ts';
import { OUTLIVING_MEMBERS } from '../power/founding.ts';
import { momentAt } from '../power/halts.ts';
import {
  EXECUTION_SECONDS,
  haltSpan,
  MEASURE_KIND_BASE,
  measureHash,
  measureSubject,
  SUSPENSION_SECONDS,
  waits,
} from '../power/measures.ts';
import { FIRST_EPOCHS, officerIdOf } from '../power/possession.ts';
import { APPOINTING } from '../power/proposals.ts';
import type { BlockMoment, FindingList } from './findings.ts';
import { signedDigest } from './journal.ts';
import { isEffect, type PowerEffect, type PowerReplay } from './replayPower.ts';
import { checkBallot, type ShownPowerParts } from './shownPower.ts';

interface Institution {
  readonly roles: number;
  readonly suspendedUntil: bigint;
  readonly isExpelled: boolean;
}

interface Tally {
  readonly measure: Measure;
  readonly inFavour: Set<InstitutionId>;
  readonly against: Set<InstitutionId>;
  /** Zero while below the quorum. */
  executableFrom: bigint;
  /** Who decides, when the wait began: after another change it begins anew. */
  amendments: number;
  /** The newest vote took its quorum when its time was over and others decide: the log may say so. */
  isLost: boolean;
  isClosed: boolean;
}

interface Execution {
  readonly measureId: Bytes32;
  readonly measure: Measure;
  readonly appointments: Bytes32[];
  /** What remained without one member that could manage, before. */
  readonly reserve: number;
  readonly moment: BlockMoment;
  hasEntry: boolean;
}

type Change = Exclude<keyof typeof CHANGES, never>;

const VOTE = roleBits(['vote']);
const SEATED_QUORUM = 2;

/** What an event of a change must agree with in the measure that asks for it. */
const CHANGES = {
  InstitutionAdmitted: change('admit-institution', (m, a) => same(m, a) && m.value === BigInt(a.roles)),
  InstitutionExpelled: change('expel-institution', same),
  InstitutionSuspended: change('suspend-institution', same),
  SuspensionLifted: change('lift-suspension', same),
  InstitutionRolesChanged: change(
    'set-institution-roles',
    (m, a) => same(m, a) && m.value === BigInt(a.roles),
  ),
  QuorumChanged: change('set-quorum', (m, a) => m.value === BigInt(a.quorum)),
  ConsortiumSeated: change('set-quorum', (m) => m.value >= SEATED_QUORUM),
  WideningWaitChanged: change('set-widening-wait', (m, a) => m.value === BigInt(a.waitSeconds)),
  AppointmentWaitChanged: change('set-appointment-wait', (m, a) => m.value === BigInt(a.waitSeconds)),
  VerifierAllowed: change('allow-verifier', (m, a) => m.target === a.verifier),
  VerifierDisallowed: change('disallow-verifier', (m, a) => m.target === a.verifier),
  PolicyChanged: change('set-policy', (m, a) => m.name === a.name && m.value === a.value),
  OfficeMoved: change('move-office', (m, a) => m.institution === a.keeper && m.value === BigInt(a.office)),
  HaltRecorded: change('record-halt', (m, a) => haltSpan(m).from === a.from && haltSpan(m).to === a.to),
  RegisterNamed: change('put-in-force', (m, a) => m.name === a.name && m.target === a.register),
  AuthorityChanged: change('pass-authority', (m, a) => m.target === a.authority),
  ValidatorAdded: change(['add-validator', 'replace-validator'], (m, a) => m.target === a.validator),
  ValidatorRemoved: change(['remove-validator', 'replace-validator'], (m, a) =>
    m.kind === 'remove-validator' ? m.target === a.validator : BigInt(m.name) === BigInt(a.validator),
  ),
} as const satisfies { readonly [N in keyof EventArgs]?: ChangeRow<N> };

interface ChangeRow<N extends keyof EventArgs> {
  readonly kinds: readonly MeasureKind[];
  readonly agrees: (measure: Measure, args: EventArgs[N]) => boolean;
}

function change<N extends keyof EventArgs>(
  kinds: MeasureKind | readonly MeasureKind[],
  agrees: (measure: Measure, args: EventArgs[N]) => boolean,
): ChangeRow<N> {
  return { kinds: typeof kinds === 'string' ? [kinds] : kinds, agrees };
}

function same(measure: Measure, { institution }: { readonly institution: InstitutionId }): boolean {
  return measure.institution === institution;
}

function isChange(event: LedgerEvent): event is Extract<LedgerEvent, { readonly name: Change }> {
  return Object.hasOwn(CHANGES, event.name);
}

export class MeasureReplay {
  readonly #chainId: number;
  readonly #findings: FindingList;
  readonly #power: PowerReplay;
  readonly #shown: ShownPowerParts;
  readonly #institutions = new Map<InstitutionId, Institution>();
  readonly #tallies = new Map<Bytes32, Tally>();
  #separator: Bytes32 = ZERO_32;
  /** Undefined until the founder handed over. */
  #consortium: Address | undefined;
  #quorum = 0;
  #isSeated = false;
  #wideningWaitSeconds = 0;
  #amendments = 0;
  /** What the council carries out in this transaction. */
  #executing: Execution | undefined;

  constructor(parts: ShownPowerParts) {
    this.#chainId = parts.chainId;
    this.#findings = parts.findings;
    this.#power = parts.power;
    this.#shown = parts;
  }

  /** None of its officers counts at a moment. */
  #isBarred(institution: InstitutionId, nowSeconds: number): boolean {
    const known = this.#institutions.get(institution);
    return known !== undefined && (known.isExpelled || BigInt(nowSeconds) < known.suspendedUntil);
  }

  /** Whether an effect is of the measure that is carried out here: an act of officers may follow in the transaction. */
  isOwn({ name, args }: PowerEffect): boolean {
    const { measure, appointments = [] } = this.#executing ?? {};
    if (measure === undefined) return false;
    if (name === 'OfficerRevoked') return measure.kind === 'revoke-officer' && measure.name === args.officer;
    if (name === 'OfficerFreed') return measure.kind === 'free-officer' && measure.name === args.officer;
    const isAppointing = name === 'OfficerAppointed' && APPOINTING.has(measure.kind);
    return (
      isAppointing && (appointments.length === 0 || hashOfWords(appointments) !== measure.appointmentsHash)
    );
  }

  beginTransaction(): void {
    this.#settle();
  }

  /** What a measure left behind is judged before anything that is not of it counts. */
  #settle(): void {
    const executing = this.#executing;
    this.#executing = undefined;
    if (executing === undefined) return;
    const { measureId, measure, hasEntry, appointments, reserve, moment } = executing;
    const left = this.#reserve();
    const isKept = left >= 0 || left >= reserve || this.#members().length < OUTLIVING_MEMBERS;
    this.#findings.require(isKept, 'P9', 'A measure left too few members who could manage.', measureId);
    const isSeating = measure.kind === 'admit-institution' || measure.kind === 'reseat-institution';
    const isSeated = !isSeating || this.#power.canManage(measure.institution, moment);
    this.#findings.require(
      isSeated,
      'P9',
      'An institution was seated that cannot manage its officers.',
      measureId,
    );
    this.#findings.require(hasEntry, 'P8', 'A measure was carried out and is no entry.', measureId);
    const appointed = appointments.length === 0 ? ZERO_32 : hashOfWords(appointments);
    const isAll = appointed === measure.appointmentsHash;
    this.#findings.require(isAll, 'P4', 'Other officers were appointed than were voted on.', measureId);
  }

  apply(event: LedgerEvent, moment: BlockMoment): void {
    if (isEffect(event) && !this.isOwn(event)) this.#settle();
    switch (event.name) {
      case 'ConsortiumFounded':
        this.#found(event);
        break;
      case 'MeasureOpened':
        this.#open(event, moment);
        break;
      case 'VoteCast':
        this.#vote(event, moment);
        break;
      case 'MeasureScheduled':
        this.#schedule(event, moment);
        break;
      case 'MeasureExecuted':
        this.#execute(event, moment);
        break;
      case 'MeasureLapsed':
        this.#lapse(event, moment);
        break;
      case 'OfficerAppointed':
        this.#appoint(event, moment);
        break;
      default:
        if (isChange(event)) this.#change(event, moment);
    }
  }

  /** At an entry of the consortium that no officer signs: it is of the measure carried out here. */
  checkEntry({ address, args }: EventOf<'EntryRecorded'>): void {
    const { entryId, kind, newState, subject } = args;
    const executing = this.#executing;
    const isOfIt =
      executing !== undefined &&
      address === this.#consortium &&
      entryId === executing.measureId &&
      kind === MEASURE_KIND_BASE + numberOf(MEASURE_KINDS, executing.measure.kind) &&
      newState === measureHash(executing.measure) &&
      subject === measureSubject(executing.measure) &&
      !executing.hasEntry;
    this.#findings.require(isOfIt, 'P4', 'An entry is of no measure that the members carried out.', entryId);
    if (executing !== undefined) executing.hasEntry = true;
  }

  // ---- Votes ------------------------------------------------------------------------------------------------

  #found({ address, args: { founding } }: EventOf<'ConsortiumFounded'>): void {
    const identity = { chainId: this.#chainId, ledgerNonce: founding.ledgerNonce };
    this.#separator = domainSeparator(registerDomain('consortium', identity, address));
    this.#consortium = address;
    this.#institutions.clear();
    for (const { institution, roles } of founding.institutions) {
      this.#institutions.set(institution, { roles, suspendedUntil: 0n, isExpelled: false });
    }
    // Open measures die with the consortium in whose domain they were voted on.
    this.#tallies.clear();
    this.#amendments = 0;
    this.#quorum = founding.quorum;
    this.#isSeated = founding.quorum >= SEATED_QUORUM;
    this.#wideningWaitSeconds = founding.wideningWaitSeconds;
    this.#requireSound(address);
  }

  #open({ args }: EventOf<'MeasureOpened'>, { nowSeconds }: BlockMoment): void {
    const { measureId, openedBy, measure } = args;
    const isNamed = signedDigest(this.#separator, measureHash(measure)) === measureId;
    this.#findings.require(
      isNamed,
      'P4',
      'A measure was opened under a name that is not its own.',
      measureId,
    );
    const isNew = !this.#tallies.has(measureId);
    this.#findings.require(isNew, 'P4', 'A measure was opened twice.', measureId);
    const isActive = this.#activeMembers(nowSeconds).has(openedBy);
    this.#findings.require(isActive, 'P4', 'A measure was opened by who has no vote.', measureId);
    const amendments = this.#amendmentsAt(nowSeconds);
    const votes = { inFavour: new Set<InstitutionId>(), against: new Set<InstitutionId>() };
    const states = { executableFrom: 0n, amendments, isLost: false, isClosed: false };
    this.#tallies.set(measureId, { measure, ...votes, ...states });
  }

  #vote(event: EventOf<'VoteCast'>, moment: BlockMoment): void {
    const { args } = event;
    const { measureId, institution, inFavour } = args;
    const tally = this.#tallyOf(measureId);
    if (tally === undefined) return;
    const isLate = inFavour && isPassed(at(moment), tally.measure.closesAt);
    const isAgain = tally.against.has(institution) || (inFavour && tally.inFavour.has(institution));
    this.#checkVoter(args, checkBallot(this.#shown, event, this.#separator), moment);
    const counts = this.#activeMembers(moment.nowSeconds).has(institution) && !isLate && !isAgain;
    this.#findings.require(counts, 'P4', 'A vote was cast that does not count.', measureId);
    if (!counts) return;
    if (inFavour) tally.inFavour.add(institution);
    else {
      tally.against.add(institution);
      tally.inFavour.delete(institution);
    }
    const isAmended = tally.amendments !== this.#amendmentsAt(moment.nowSeconds);
    const isReached = this.#hasQuorum(tally, moment.nowSeconds);
    const isOver = isAmended && this.#isOver(tally, moment);
    tally.isLost = isOver && !isReached;
    const isChanged = isAmended || isReached !== tally.executableFrom > 0n;
    if (isChanged && !isOver) this.#beginWait(tally, moment);
  }

  /** A member's vote is cast by an officer of it who holds the role for every office. */
  #checkVoter(
    { officer, institution, measureId }: EventOf<'VoteCast'>['args'],
    signed: number | undefined,
    moment: BlockMoment,
  ): void {
    const now = BigInt(moment.nowSeconds);
    // The event names no epoch: where no call shows which, either key may have signed.
    const epochs = signed === undefined ? Object.values(FIRST_EPOCHS) : [signed];
    const mayVote = epochs.some((epoch) => {
      const voter = this.#power.standingOf(officer, epoch, moment);
      return (
        voter !== undefined &&
        (signed === undefined || voter.epoch === signed) &&
        voter.institution === institution &&
        voter.office === 0 &&
        (voter.roles & VOTE) !== 0 &&
        voter.activeFrom <= now &&
        voter.suspendedUntil <= now &&
        voter.narrowedUntil <= now &&
        !voter.isRevoked
      );
    });
    this.#findings.require(mayVote, 'P3', 'A vote was cast by who could not cast it then.', measureId);
  }

  /** After a vote, or anew after the constitution was changed: nothing else moves a wait or brings back what ran out. */
  #schedule({ args }: EventOf<'MeasureScheduled'>, moment: BlockMoment): void {
    const tally = this.#tallyOf(args.measureId);
    if (tally === undefined) return;
    const isAmended = tally.amendments !== this.#amendmentsAt(moment.nowSeconds);
    if (isAmended && !this.#isOver(tally, moment)) this.#beginWait(tally, moment);
    else if (tally.isLost) tally.executableFrom = 0n;
    tally.isLost = false;
    const isRight = args.executableFrom === tally.executableFrom;
    const what = 'A wait is not the one that votes and constitution give.';
    this.#findings.require(isRight, 'P5', what, args.measureId);
  }

  #beginWait(tally: Tally, { nowSeconds }: BlockMoment): void {
    const wait = waits(tally.measure.kind) ? this.#wideningWaitSeconds : 0;
    tally.executableFrom = this.#hasQuorum(tally, nowSeconds) ? BigInt(nowSeconds + wait) : 0n;
    tally.amendments = this.#amendmentsAt(nowSeconds);
  }

  #execute({ args: { measureId } }: EventOf<'MeasureExecuted'>, moment: BlockMoment): void {
    const tally = this.#tallyOf(measureId);
    if (tally === undefined) return;
    const { measure, executableFrom } = tally;
    const findings = this.#findings;
    const hasQuorum = executableFrom > 0n && this.#hasQuorum(tally, moment.nowSeconds);
    findings.require(
      hasQuorum,
      'P4',
      'A measure was carried out without a quorum of the members.',
      measureId,
    );
    const isSame = tally.amendments === this.#amendmentsAt(moment.nowSeconds);
    const isOwn =
      measure.kind === 'replace-validator' && this.#isInFavour(tally, measure.institution, moment);
    const hasWaited = !waits(measure.kind) || isOwn || isPassed(at(moment), executableFrom - 1n);
    findings.require(
      isSame && hasWaited,
      'P5',
      'A measure was carried out before its wait was over.',
      measureId,
    );
    const isLate = isPassed(at(moment), executableFrom + EXECUTION_SECONDS);
    findings.require(!isLate, 'P5', 'A measure was carried out after its time.', measureId);
    if (measure.kind === 'reseat-institution') {
      const isLeft = !this.#power.canManage(measure.institution, moment);
      findings.require(
        isLeft,
        'P9',
        'An institution was reseated that could manage its officers.',
        measureId,
      );
    }
    tally.isClosed = true;
    this.#settle();
    const reserve = this.#reserve();
    this.#executing = { measureId, measure, appointments: [], reserve, moment, hasEntry: false };
  }

  #lapse({ args: { measureId } }: EventOf<'MeasureLapsed'>, moment: BlockMoment): void {
    const tally = this.#tallyOf(measureId);
    if (tally === undefined) return;
    const isOver = this.#isOver(tally, moment);
    this.#findings.require(isOver, 'P4', 'A measure lapsed while it could be carried out.', measureId);
    tally.isClosed = true;
  }

  #tallyOf(measureId: Bytes32): Tally | undefined {
    const tally = this.#tallies.get(measureId);
    const isOpen = tally !== undefined && !tally.isClosed;
    this.#findings.require(
      isOpen,
      'P4',
      'A measure that is not open was voted on or carried out.',
      measureId,
    );
    return tally;
  }

  #isOver({ executableFrom, measure }: Tally, moment: BlockMoment): boolean {
    return isPassed(
      at(moment),
      executableFrom === 0n ? measure.closesAt : executableFrom + EXECUTION_SECONDS,
    );
  }

  #isInFavour(tally: Tally, institution: InstitutionId, { nowSeconds }: BlockMoment): boolean {
    return tally.inFavour.has(institution) && this.#activeMembers(nowSeconds).has(institution);
  }

  #hasQuorum({ inFavour }: Tally, nowSeconds: number): boolean {
    const active = this.#activeMembers(nowSeconds);
    return [...inFavour].filter((institution) => active.has(institution)).length >= this.#quorum;
  }

  #members(): InstitutionId[] {
    return [...this.#institutions]
      .filter(([, { roles, isExpelled }]) => !isExpelled && (roles & VOTE) !== 0)
      .map(([institution]) => institution);
  }

  #activeMembers(nowSeconds: number): ReadonlySet<InstitutionId> {
    return new Set(this.#members().filter((institution) => !this.#isBarred(institution, nowSeconds)));
  }

  /** Members who could manage their officers, beyond the quorum and one (P9). */
  #reserve(): number {
    const able = this.#members().filter((institution) => this.#power.canManage(institution));
    return able.length - this.#quorum - 1;
  }

  /** A suspension that ends by itself is an amendment too. */
  #amendmentsAt(nowSeconds: number): number {
    const ended = [...this.#institutions.values()].filter(
      ({ suspendedUntil, isExpelled }) =>
        !isExpelled && suspendedUntil > 0n && suspendedUntil <= BigInt(nowSeconds),
    );
    return this.#amendments + ended.length;
  }

  // ---- What measures change -----------------------------------------------------------------------------------

  #change(event: Extract<LedgerEvent, { readonly name: Change }>, moment: BlockMoment): void {
    if (this.#consortium === undefined) return; // the founder's, before the hand-over
    const { kinds, agrees } = CHANGES[event.name] as ChangeRow<Change>;
    const measure = this.#executing?.measure;
    const isAsked = measure !== undefined && kinds.includes(measure.kind) && agrees(measure, event.args);
    const subject = this.#executing?.measureId ?? event.address;
    this.#findings.require(isAsked, 'P4', 'A change was made that no measure asked for so.', subject);
    this.#amend(event, moment);
  }

  #amend(event: LedgerEvent, { nowSeconds }: BlockMoment): void {
    switch (event.name) {
      case 'InstitutionAdmitted': {
        const { institution, roles } = event.args;
        this.#institutions.set(institution, { roles, suspendedUntil: 0n, isExpelled: false });
        break;
      }
      case 'InstitutionExpelled':
        this.#set(event.args.institution, nowSeconds, { isExpelled: true });
        break;
      case 'InstitutionSuspended': {
        const { institution, until } = event.args;
        const isBounded = until === BigInt(nowSeconds) + SUSPENSION_SECONDS;
        this.#findings.require(isBounded, 'P9', 'A suspension has another end than all.', event.address);
        this.#set(institution, nowSeconds, { suspendedUntil: until });
        break;
      }
      case 'SuspensionLifted':
        this.#set(event.args.institution, nowSeconds, { suspendedUntil: 0n });
        break;
      case 'InstitutionRolesChanged':
        this.#set(event.args.institution, nowSeconds, { roles: event.args.roles });
        break;
      case 'QuorumChanged':
        this.#quorum = event.args.quorum;
        break;
      case 'ConsortiumSeated':
        this.#isSeated = true;
        return;
      case 'WideningWaitChanged':
        this.#wideningWaitSeconds = event.args.waitSeconds;
        break;
      default:
        return;
    }
    this.#amendments++;
    this.#requireSound(event.address);
  }

  #set(institution: InstitutionId, nowSeconds: number, part: Partial<Institution>): void {
    const before = this.#institutions.get(institution) ?? {
      roles: 0,
      suspendedUntil: 0n,
      isExpelled: false,
    };
    // An end that nobody wrote stays counted when it is overwritten.
    const hasEnded = before.suspendedUntil > 0n && before.suspendedUntil <= BigInt(nowSeconds);
    const isForgotten = hasEnded && (part.suspendedUntil !== undefined || part.isExpelled === true);
    if (isForgotten) this.#amendments++;
    this.#institutions.set(institution, { ...before, ...part });
  }

  /** What every vote leaves behind: a quorum that can be reached, and from three members on without any one. */
  #requireSound(subject: Address): void {
    const members = this.#members().length;
    const most = members >= OUTLIVING_MEMBERS ? members - 1 : members;
    const isReachable = this.#quorum >= 1 && this.#quorum <= most;
    this.#findings.require(isReachable, 'P9', 'The quorum cannot be reached without some member.', subject);
    const isSeated = !this.#isSeated || this.#quorum >= SEATED_QUORUM;
    this.#findings.require(isSeated, 'P4', 'One institution decides again.', subject);
  }

  /** Where the members appoint, an officer counts at once; else Personnel's entry is held against it elsewhere. */
  #appoint({ args }: EventOf<'OfficerAppointed'>, moment: BlockMoment): void {
    const { measure, appointments } = this.#executing ?? {};
    if (measure === undefined) return;
    const { officer, salt, institution, office, roles } = args;
    const keyed = (one: OfficerKey) => ({ ...one, kind: numberOf(KEY_KINDS, one.kind) });
    const [key, spare] = [keyed(args.key), keyed(args.spare)];
    const appointment = { salt, institution, office, roles, key, spare };
    appointments?.push(hashStruct(POWER_TYPES, 'Appointment', appointment));
    const isAsked =
      measure.institution === institution &&
      args.activeFrom === BigInt(moment.nowSeconds) &&
      officer === officerIdOf(args.key.keyHash, salt);
    this.#findings.require(isAsked, 'P4', 'An officer was appointed by no measure.', officer);
  }
}

function at({ nowSeconds, halts }: BlockMoment) {
  return momentAt(BigInt(nowSeconds), halts);
}
