/**
 * The auditor's own count of the members' votes: who decides, what reached a quorum, what waited (P4, P5, P9, P10).
 *
 * Promises: a measure that is carried out without its quorum, before its wait, too late, twice, or by members who were
 * suspended or expelled is named, and so is every change of the consortium, its validators, its directory and its halts
 * that no measure of that transaction asks for, or asks for with another value, or that a measure asks for and that did
 * not come; and whatever the Council and the consortium refuse of a measure (`measureRules.ts`). Tallies and waits are
 * counted here from the votes; what the log says of them is only compared.
 */

import { registerDomain } from '../acts/domains.ts';
import type { EventName, EventOf, LedgerEvent, Measure, OfficerKey } from '../acts/events.ts';
import { isPassed } from '../acts/moment.ts';
import { domainSeparator, hashStruct } from '../acts/typedData.ts';
import { type Address, type Bytes32, ZERO_32 } from '../base/hex.ts';
import { type InstitutionId, KEY_KINDS, MEASURE_KINDS, numberOf, type OfficerId } from '../base/terms.ts';
import { hashOfWords } from '../land/hashes.ts';
import { POWER_TYPES } from '../power/acts.ts';
import { OUTLIVING_MEMBERS } from '../power/founding.ts';
import { momentAt } from '../power/halts.ts';
import {
  EXECUTION_SECONDS,
  MAX_APPOINTMENTS,
  MEASURE_KIND_BASE,
  measureHash,
  measureSubject,
  SUSPENSION_SECONDS,
  waits,
} from '../power/measures.ts';
import { FIRST_EPOCHS, officerIdOf } from '../power/possession.ts';
import { APPOINTING } from '../power/proposals.ts';
import type { BlockMoment, FindingList } from './findings.ts';
import { Institutions } from './institutions.ts';
import { signedDigest } from './journal.ts';
import { type Change, changesOf, isAskedBy, isChange, SEATED_QUORUM } from './measureChanges.ts';
import {
  isWeaker,
  type LedgerBefore,
  MOST_WAIT_SECONDS,
  type RunValidators,
  refusalOfEnactment,
  refusalOfOpening,
  VOTE,
  withoutValidator,
} from './measureRules.ts';
import { isEffect, type PowerEffect } from './powerEffects.ts';
import type { PowerReplay } from './replayPower.ts';
import { checkBallot, type ShownPowerParts } from './shownPower.ts';

interface Tally {
  readonly measure: Measure;
  readonly openedBy: InstitutionId;
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
  /** Its changes that are still to come. */
  readonly awaited: Set<EventName>;
  /** What remained without one member that could manage, before. */
  readonly reserve: number;
  readonly members: number;
  readonly moment: BlockMoment;
  hasEntry: boolean;
}

export class MeasureReplay {
  readonly #chainId: number;
  readonly #findings: FindingList;
  readonly #power: PowerReplay;
  readonly #shown: ShownPowerParts;
  #institutions = new Institutions();
  readonly #tallies = new Map<Bytes32, Tally>();
  #separator: Bytes32 = ZERO_32;
  /** Undefined until the founder handed over. */
  #consortium: Address | undefined;
  #quorum = 0;
  #isSeated = false;
  #wideningWaitSeconds = 0;
  #validators: RunValidators = { set: [], runBy: new Map() };
  /** By the keccak of its name. */
  readonly #registers = new Map<Bytes32, Address>();
  /** Who was a validator once. */
  readonly #left = new Set<Address>();
  /** Whose vote opens the measure: the next one cast. */
  #opening: EventOf<'MeasureOpened'>['args'] | undefined;
  /** What the council carries out in this transaction. */
  #executing: Execution | undefined;

  constructor(parts: ShownPowerParts) {
    this.#chainId = parts.chainId;
    this.#findings = parts.findings;
    this.#power = parts.power;
    this.#shown = parts;
  }

  /** Whether an effect is of the measure that is carried out here: an act of officers may follow in the transaction. */
  isOwn({ name, args, address }: PowerEffect): boolean {
    const { measure, appointments = [], awaited } = this.#executing ?? {};
    if (measure === undefined || address !== this.#consortium) return false;
    if (name === 'OfficerRevoked' || name === 'OfficerFreed') {
      const isOther = name === 'OfficerRevoked' && (args.revoker !== ZERO_32 || args.suspectSince !== 0n);
      const isBare = args.caseReference === ZERO_32 && !isOther;
      return awaited?.has(name) === true && measure.name === args.officer && isBare;
    }
    const isAppointing = name === 'OfficerAppointed' && APPOINTING.has(measure.kind);
    return (
      isAppointing && (appointments.length === 0 || hashOfWords(appointments) !== measure.appointmentsHash)
    );
  }

  beginTransaction(): void {
    this.#settle();
    this.#requireOpened();
  }

  /** What a measure left behind is judged before anything that is not of it counts. */
  #settle(): void {
    const executing = this.#executing;
    this.#executing = undefined;
    if (executing === undefined) return;
    const { measureId, measure, hasEntry, appointments, reserve, moment, awaited } = executing;
    const left = this.#reserve();
    const members = this.#institutions.members().length;
    const isOfMany = executing.members >= OUTLIVING_MEMBERS && members < OUTLIVING_MEMBERS;
    const isReached = this.#activeMembers(moment.nowSeconds).size >= this.#quorum;
    if (isOfMany || !isReached) this.#findings.refuse('members-below-quorum', 'P9', measureId);
    if (appointments.length > MAX_APPOINTMENTS) this.#findings.refuse('appointments-differ', 'P4', measureId);
    const what = 'A measure was carried out and did not change what the members voted for.';
    this.#findings.require(awaited.size === 0, 'P4', what, measureId);
    const isKept = left >= 0 || left >= reserve || members < OUTLIVING_MEMBERS;
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
      case 'OfficerRevoked':
      case 'OfficerFreed':
        this.#executing?.awaited.delete(event.name);
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
    this.#settle();
    this.#requireAsStrong(address, founding);
    const identity = { chainId: this.#chainId, ledgerNonce: founding.ledgerNonce };
    this.#separator = domainSeparator(registerDomain('consortium', identity, address));
    this.#consortium = address;
    this.#institutions = new Institutions(founding.institutions);
    // Open measures die with the consortium in whose domain they were voted on.
    this.#tallies.clear();
    this.#quorum = founding.quorum;
    this.#isSeated = founding.quorum >= SEATED_QUORUM;
    this.#wideningWaitSeconds = founding.wideningWaitSeconds;
    const waits = [founding.wideningWaitSeconds, founding.appointmentWaitSeconds];
    const isLong = waits.some((wait) => wait > MOST_WAIT_SECONDS);
    if (isLong) this.#findings.refuse('wait-out-of-range', 'P5', address);
    this.#requireSound(address);
  }

  /** Who follows in authority is no weaker (P11) and names whose each validator is; of the first it says whose they are. */
  #requireAsStrong(address: Address, founding: EventOf<'ConsortiumFounded'>['args']['founding']): void {
    const named = founding.validators.map(({ validator }) => validator);
    const runBy = new Map(founding.validators.map((one) => [one.validator, one.institution]));
    const { set } = this.#validators;
    // What the founder changed beside the file, before the hand-over, is known of each validator by its last change.
    const others = set.filter((one) => !named.includes(one));
    this.#validators = { set: [...named.filter((one) => !this.#left.has(one)), ...others], runBy };
    if (this.#consortium === undefined) return;
    this.#validators = { set: named, runBy };
    if (named.join() !== set.join()) this.#findings.refuse('validators-differ', 'P9', address);
    const { policies, appointmentWait } = this.#power;
    const [isSeated, wideningWait] = [this.#isSeated, this.#wideningWaitSeconds];
    const decided = {
      isSeated,
      members: this.#institutions.members().length,
      wideningWait,
      appointmentWait,
      policies,
      isExpelled: (institution: InstitutionId) => this.#institutions.isExpelled(institution),
      mayHold: (officer: OfficerId, keyHash: Bytes32) => this.#power.mayHold(officer, keyHash),
    };
    if (isWeaker(founding, decided)) this.#findings.refuse('successor-is-weaker', 'P11', address);
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
    const refused = refusalOfOpening(measure, nowSeconds, this.#openBy(openedBy));
    if (refused !== undefined) this.#findings.refuse(refused, 'P4', measureId);
    this.#requireOpened();
    this.#opening = args;
    const amendments = this.#institutions.amendmentsAt(nowSeconds);
    const votes = { inFavour: new Set<InstitutionId>(), against: new Set<InstitutionId>() };
    const states = { executableFrom: 0n, amendments, isLost: false, isClosed: false };
    this.#tallies.set(measureId, { measure, openedBy, ...votes, ...states });
  }

  /** How many measures of an institution are open. */
  #openBy(institution: InstitutionId): number {
    const ofIt = [...this.#tallies.values()].filter((one) => one.openedBy === institution && !one.isClosed);
    return ofIt.length;
  }

  /** Opening is voting: the vote of whoever opens a measure is the next one. */
  #requireOpened(by?: EventOf<'VoteCast'>['args']): void {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening === undefined) return;
    const isBy = by?.measureId === opening.measureId && by.institution === opening.openedBy;
    const what = 'A measure was opened without the vote that opens it.';
    this.#findings.require(isBy, 'P4', what, opening.measureId);
  }

  #vote(event: EventOf<'VoteCast'>, moment: BlockMoment): void {
    const { args } = event;
    const { measureId, institution, inFavour } = args;
    this.#requireOpened(args);
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
    const isAmended = tally.amendments !== this.#institutions.amendmentsAt(moment.nowSeconds);
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
    const isAmended = tally.amendments !== this.#institutions.amendmentsAt(moment.nowSeconds);
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
    tally.amendments = this.#institutions.amendmentsAt(nowSeconds);
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
    const isSame = tally.amendments === this.#institutions.amendmentsAt(moment.nowSeconds);
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
    const refused = refusalOfEnactment(measure, this.#ledgerBefore(moment));
    if (refused !== undefined) findings.refuse(refused, 'P4', measureId);
    const [reserve, members] = [this.#reserve(), this.#institutions.members().length];
    const isNamed = this.#registers.has(measure.name);
    const awaited = changesOf(measure, { isSeated: this.#isSeated, isNamed });
    const begun = { appointments: [], awaited, reserve, members, moment, hasEntry: false };
    this.#executing = { measureId, measure, ...begun };
  }

  #ledgerBefore({ nowSeconds }: BlockMoment): LedgerBefore {
    const power = this.#power;
    return {
      institutions: this.#institutions.known,
      isBarred: (institution) => this.#institutions.isBarred(institution, nowSeconds),
      isResting: (institution) => this.#institutions.isResting(institution, nowSeconds),
      members: this.#institutions.members().length,
      validators: this.#validators,
      registers: this.#registers,
      policies: power.policies,
      isVerifier: (verifier) => power.isVerifier(verifier),
      keeperOf: (office) => power.keeperOf(office),
      officer: (id) => power.holdOf(id, nowSeconds),
    };
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

  #activeMembers(nowSeconds: number): ReadonlySet<InstitutionId> {
    return new Set(
      this.#institutions
        .members()
        .filter((institution) => !this.#institutions.isBarred(institution, nowSeconds)),
    );
  }

  /** Members who could manage their officers, beyond the quorum and one (P9). */
  #reserve(): number {
    const able = this.#institutions.members().filter((institution) => this.#power.canManage(institution));
    return able.length - this.#quorum - 1;
  }

  // ---- What measures change -----------------------------------------------------------------------------------

  #change(event: Extract<LedgerEvent, { readonly name: Change }>, moment: BlockMoment): void {
    this.#keep(event);
    if (this.#consortium === undefined) return; // the founder's, before the hand-over
    const measure = this.#executing?.measure;
    const isAwaited = this.#executing?.awaited.delete(event.name) === true;
    const isAsked = measure !== undefined && isAwaited && isAskedBy(event, measure);
    const subject = this.#executing?.measureId ?? event.address;
    this.#findings.require(isAsked, 'P4', 'A change was made that no measure asked for so.', subject);
    this.#amend(event, moment);
  }

  /** Names and validators count from the founder's on. */
  #keep({ name, args }: Extract<LedgerEvent, { readonly name: Change }>): void {
    const { set, runBy } = this.#validators;
    const own = this.#executing?.measure.institution;
    if (name === 'RegisterNamed') this.#registers.set(args.name, args.register);
    if (name === 'ValidatorAdded') {
      const { validator } = args;
      this.#left.delete(validator);
      const by = own === undefined ? runBy : new Map([...runBy, [validator, own]]);
      this.#validators = { set: [...set.filter((one) => one !== validator), validator], runBy: by };
    }
    if (name === 'ValidatorRemoved') {
      this.#left.add(args.validator);
      this.#validators = { set: withoutValidator(set, args.validator), runBy };
    }
  }

  #amend(event: LedgerEvent, { nowSeconds }: BlockMoment): void {
    switch (event.name) {
      case 'InstitutionAdmitted': {
        const { institution, roles } = event.args;
        this.#institutions.admit(institution, roles);
        break;
      }
      case 'InstitutionExpelled':
        this.#institutions.expel(event.args.institution, nowSeconds);
        break;
      case 'InstitutionSuspended': {
        const { institution, until } = event.args;
        const isBounded = until === BigInt(nowSeconds) + SUSPENSION_SECONDS;
        this.#findings.require(isBounded, 'P9', 'A suspension has another end than all.', event.address);
        this.#institutions.suspend(institution, nowSeconds, until);
        break;
      }
      case 'SuspensionLifted':
        this.#institutions.lift(event.args.institution, nowSeconds);
        break;
      case 'InstitutionRolesChanged':
        this.#institutions.setRoles(event.args.institution, event.args.roles);
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
    this.#institutions.amend();
    this.#requireSound(event.address);
  }

  /** What every vote leaves behind: a quorum that can be reached, and from three members on without any one. */
  #requireSound(subject: Address): void {
    const members = this.#institutions.members().length;
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
