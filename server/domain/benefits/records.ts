/**
 * What the register holds of programmes, cycles, vendors and money, and the one place that says how acts change it.
 *
 * Hides nothing: each record is a storage record of the contract with its words unpacked. Promises: given the
 * records an act found, the functions `after…` answer those it left, in integers, for every act the register
 * accepted; they judge nothing (`rules.ts` does, before anybody signs). Views and `fsck` follow events with them.
 */
import {
  isPassed,
  type Moment,
  NEVER_PAUSED,
  type PauseClock,
  pausedSeconds,
  pausedSince,
  pausedUntil,
} from '../acts/moment.ts';
import type { Bytes32 } from '../base/hex.ts';
import type { InstitutionId, OfficeId } from '../base/terms.ts';
import type {
  CycleEnvelope,
  DefineProgramme,
  Enrol,
  MoveCycle,
  MoveFunds,
  PauseProgramme,
  Release,
  ReleaseCredit,
  SetCard,
  SetTill,
  Settle,
  SetVendor,
} from './act.ts';
import { type Card, MAX_CARD_VERSION } from './cards.ts';
import { mayPost, type Period, periodAfter } from './standing.ts';
import type { CycleId, CycleState, FundsMove } from './terms.ts';
import { MAX_LANES, OPENING_NOTICE_SECONDS } from './terms.ts';
import type { EntryBytes } from './unitsTable.ts';

export interface Programme {
  readonly institution: InstitutionId;
  /** Of the act that defined it: every later act on it is of the same. */
  readonly office: OfficeId;
  readonly currency: number;
  readonly pauses: PauseClock;
  readonly pausedByTwo: boolean;
  /** How often it was paused or resumed. */
  readonly version: number;
  readonly mostPerRedemptionUnits: number;
  readonly disputeSeconds: number;
  readonly leastOpenSeconds: number;
  readonly mostOfflineSeconds: number;
  readonly assistedCapUnits: number;
  readonly emergencyCapUnits: number;
  readonly policyHash: Bytes32;
  readonly unallocatedMinor: bigint;
  readonly expiredMinor: bigint;
  readonly reclaimedMinor: bigint;
  /** Of cycles that are accounted; a cycle on sale holds its own. */
  readonly redeemedMinor: bigint;
  /** What was moved each way so far. */
  readonly movedMinor: Readonly<Record<Exclude<FundsMove, 'unspecified'>, bigint>>;
  /** The cycle in each lane, or undefined where it is free. */
  readonly lanes: readonly (CycleId | undefined)[];
}

export interface Cycle {
  readonly state: CycleState;
  readonly lane: number;
  readonly entryBytes: EntryBytes;
  readonly enrolmentEpoch: number;
  readonly count: number;
  readonly opensAt: bigint;
  readonly spendUntil: bigint;
  readonly postUntil: bigint;
  readonly redeemedUnits: bigint;
  readonly totalUnits: bigint;
  readonly unitValueMinor: bigint;
  readonly loadedWords: number;
  /** How long sales had been paused when it was released: what was paused since is given back to shops. */
  readonly pausedSeconds: bigint;
  /** The same when its end was fixed, at the release or by an early end: what was paused since moves it. */
  readonly endPausedSeconds: bigint;
  /** EIP-712 struct hash of the envelope, as the entry that opened it has it. */
  readonly envelopeHash: Bytes32;
}

export interface Enrolment {
  /** People whose slots are loaded. */
  readonly enrolled: number;
  /** People the signed acts name. */
  readonly signed: number;
  /** How many acts were signed. */
  readonly version: number;
}
export const NO_ENROLMENT: Enrolment = { enrolled: 0, signed: 0, version: 0 };

export interface Vendor extends Period {
  readonly institution: InstitutionId;
  /** Of the act that registered it, as of a programme. */
  readonly office: OfficeId;
  readonly version: number;
}

export interface Till extends Period {
  readonly keyKind: Card['keyKind'];
  readonly keyId: Card['keyId'];
  readonly version: number;
}

/** What a vendor earned in one cycle, in units. settled <= matured <= closed <= credited - disputed (B6). */
export interface Credit {
  readonly creditedUnits: bigint;
  /** The bucket whose dispute time runs from `closedAt`. */
  readonly closedUnits: bigint;
  readonly maturedUnits: bigint;
  readonly settledUnits: bigint;
  readonly closedAt: bigint;
  /** The last sale was this long after `closedAt`. */
  readonly lastAfterSeconds: bigint;
  /** Sold before a suspension and posted after: waits for two officers, in no bucket. */
  readonly disputedUnits: bigint;
  readonly returnedUnits: bigint;
  readonly clawedBackUnits: bigint;
  /** What two officers released of what waited. */
  readonly releasedUnits: bigint;
  /** When the last of what waits, or waited, was posted. */
  readonly withheldAt: bigint;
}
export const NO_CREDIT: Credit = {
  creditedUnits: 0n,
  closedUnits: 0n,
  maturedUnits: 0n,
  settledUnits: 0n,
  closedAt: 0n,
  lastAfterSeconds: 0n,
  disputedUnits: 0n,
  returnedUnits: 0n,
  clawedBackUnits: 0n,
  releasedUnits: 0n,
  withheldAt: 0n,
};

export function afterDefine(act: DefineProgramme, office: OfficeId): Programme {
  const { programme: _, ...policy } = act;
  return {
    ...policy,
    office,
    pauses: NEVER_PAUSED,
    pausedByTwo: false,
    version: 0,
    unallocatedMinor: 0n,
    expiredMinor: 0n,
    reclaimedMinor: 0n,
    redeemedMinor: 0n,
    movedMinor: { fund: 0n, 'reuse-expired': 0n, 'reuse-reclaimed': 0n, defund: 0n },
    lanes: Array.from({ length: MAX_LANES }, () => undefined),
  };
}

/** Each way takes from one term of the money equation and gives to another (B1). */
export function afterMoveFunds(programme: Programme, { move, amountMinor }: MoveFunds): Programme {
  if (move === 'unspecified') throw new TypeError('no such move');
  const { movedMinor, unallocatedMinor, expiredMinor, reclaimedMinor } = programme;
  return {
    ...programme,
    movedMinor: { ...movedMinor, [move]: movedMinor[move] + amountMinor },
    unallocatedMinor: unallocatedMinor + (move === 'defund' ? -amountMinor : amountMinor),
    expiredMinor: expiredMinor - (move === 'reuse-expired' ? amountMinor : 0n),
    reclaimedMinor: reclaimedMinor - (move === 'reuse-reclaimed' ? amountMinor : 0n),
  };
}

export function isPaused({ pauses }: Programme, nowSeconds: bigint): boolean {
  return nowSeconds < pauses.until;
}

export function afterPause(programme: Programme, act: PauseProgramme, nowSeconds: bigint): Programme {
  const isHeldByTwo = isPaused(programme, nowSeconds) && programme.pausedByTwo;
  return {
    ...programme,
    pauses: pausedUntil(programme.pauses, act.pausedUntil, nowSeconds),
    pausedByTwo: act.byTwoInstitutions || isHeldByTwo,
    version: programme.version + 1,
  };
}

export function afterResume(programme: Programme, nowSeconds: bigint): Programme {
  const pauses = pausedUntil(programme.pauses, nowSeconds, nowSeconds);
  return { ...programme, pauses, version: programme.version + 1 };
}

export function afterEnrol(enrolment: Enrolment, { count }: Enrol): Enrolment {
  return { ...enrolment, signed: enrolment.enrolled + count, version: enrolment.version + 1 };
}

export function afterSetCard(card: Card, act: SetCard): Card {
  const { keyKind, keyId, standing, effectiveFrom, cardEpoch } = act;
  const version = Math.min(card.version + 1, MAX_CARD_VERSION);
  return { keyKind, keyId, standing, effectiveFrom, cardEpoch, version };
}

export function afterSetVendor(
  before: Vendor | undefined,
  act: SetVendor,
  office: OfficeId,
  nowSeconds: bigint,
): Vendor {
  const { institution, standing, from, versionBefore } = act;
  const period = periodAfter(before, standing, from, nowSeconds);
  return { institution, office, ...period, version: versionBefore + 1 };
}

export function afterSetTill(before: Till | undefined, act: SetTill, nowSeconds: bigint): Till {
  const { keyKind, keyId, standing, versionBefore } = act;
  const period = periodAfter(before, standing, 0n, nowSeconds);
  return { keyKind, keyId, ...period, version: versionBefore + 1 };
}

export interface ProgrammeAndCycle {
  readonly programme: Programme;
  readonly cycle: Cycle;
}

export function afterOpen(
  programme: Programme,
  act: CycleEnvelope,
  envelopeHash: Bytes32,
): ProgrammeAndCycle {
  const { lane, enrolmentEpoch, count, opensAt, spendUntil, postUntil, totalUnits, unitValueMinor } = act;
  return {
    programme: { ...programme, lanes: programme.lanes.with(lane, act.cycle) },
    cycle: {
      state: 'loading',
      lane,
      entryBytes: act.entryBytes as EntryBytes,
      enrolmentEpoch,
      count,
      opensAt,
      spendUntil,
      postUntil,
      redeemedUnits: 0n,
      totalUnits,
      unitValueMinor,
      loadedWords: 0,
      pausedSeconds: 0n,
      endPausedSeconds: 0n,
      envelopeHash,
    },
  };
}

/** When sales of a cycle begin that is released now: whoever releases it leaves officers time to give it up. */
export function openingOf(cycle: Cycle, { nowSeconds }: Moment, isNoticeWaived: boolean): bigint {
  const earliest = nowSeconds + (isNoticeWaived ? 0n : OPENING_NOTICE_SECONDS);
  return cycle.opensAt > earliest ? cycle.opensAt : earliest;
}

/** Unallocated money becomes outstanding. */
export function afterRelease(
  { programme, cycle }: ProgrammeAndCycle,
  { opensAt }: Release,
  moment: Moment,
): ProgrammeAndCycle {
  const releasedMinor = cycle.totalUnits * cycle.unitValueMinor;
  const paused = salesPausedSeconds(programme, moment);
  return {
    programme: { ...programme, unallocatedMinor: programme.unallocatedMinor - releasedMinor },
    cycle: { ...cycle, state: 'released', opensAt, pausedSeconds: paused, endPausedSeconds: paused },
  };
}

/** How long sales of a programme were paused so far, by itself and by the consortium; both count where both were. */
function salesPausedSeconds({ pauses }: Programme, { nowSeconds, redemption }: Moment): bigint {
  return pausedSeconds(pauses, nowSeconds) + pausedSeconds(redemption, nowSeconds);
}

/** A deadline of a cycle with what halts and pauses give back. */
export function extendedDeadline(
  deadline: bigint,
  { programme, cycle }: ProgrammeAndCycle,
  moment: Moment,
): bigint {
  return moment.extended(deadline) + salesPausedSince(cycle.endPausedSeconds, programme, moment);
}

/** How long sales were paused since they had been paused so long. */
function salesPausedSince(before: bigint, programme: Programme, moment: Moment): bigint {
  const since = salesPausedSeconds(programme, moment) - before;
  return since > 0n ? since : 0n;
}

/**
 * What pauses give back to whoever had to post what happened at a second: before the last pause all that the cycle's
 * sales were paused since its release, for of earlier pauses only their sum is kept. An early end changes nothing of it.
 */
export function returnedSince(second: bigint, of: ProgrammeAndCycle, moment: Moment): bigint {
  const { pauses } = of.programme;
  const { redemption } = moment;
  const exact = pausedSince(pauses, second) + pausedSince(redemption, second);
  const isBeforeOne = second < pauses.from || second < redemption.from;
  const since = salesPausedSince(of.cycle.pausedSeconds, of.programme, moment);
  return isBeforeOne && since > exact ? since : exact;
}

/** Whether a seller may post sales of the cycle: what pauses took from the time it had comes on top. */
export function mayPostSales(seller: Period, of: ProgrammeAndCycle, moment: Moment): boolean {
  return mayPost(seller, returnedSince(seller.until, of, moment), moment);
}

/** Units nobody has redeemed and nobody has taken back. */
export function outstandingUnits(cycle: Cycle): bigint {
  const isSpendable = cycle.state === 'released' || cycle.state === 'ended';
  return isSpendable ? cycle.totalUnits - cycle.redeemedUnits : 0n;
}

export function afterStep(
  { programme, cycle }: ProgrammeAndCycle,
  { step, endsAt }: MoveCycle,
  moment: Moment,
): ProgrammeAndCycle {
  const lanes = programme.lanes.with(cycle.lane, undefined);
  const unspentMinor = outstandingUnits(cycle) * cycle.unitValueMinor;
  const accounted: Programme = {
    ...programme,
    redeemedMinor: programme.redeemedMinor + cycle.redeemedUnits * cycle.unitValueMinor,
  };
  switch (step) {
    case 'cancel': {
      const unallocatedMinor = programme.unallocatedMinor + unspentMinor;
      return {
        programme: { ...programme, unallocatedMinor, lanes },
        cycle: { ...cycle, state: 'cancelled' },
      };
    }
    case 'end-early': {
      // The grace for posting keeps its length; what was paused until now is not given back twice.
      const postUntil = endsAt + cycle.postUntil - cycle.spendUntil;
      const endPausedSeconds = salesPausedSeconds(programme, moment);
      return {
        programme,
        cycle: { ...cycle, state: 'ended', spendUntil: endsAt, postUntil, endPausedSeconds },
      };
    }
    case 'expire':
      return {
        programme: { ...accounted, expiredMinor: programme.expiredMinor + unspentMinor },
        cycle: { ...cycle, state: 'accounted' },
      };
    case 'reclaim':
      return {
        programme: { ...accounted, reclaimedMinor: programme.reclaimedMinor + unspentMinor },
        cycle: { ...cycle, state: 'accounted' },
      };
    case 'close':
      return { programme: { ...programme, lanes }, cycle: { ...cycle, state: 'closed' } };
    default:
      throw new TypeError('no such step');
  }
}

/** A batch's units leave the people's entries and are owed to the vendor; of those withheld two officers decide. */
export function afterSale(
  cycle: Cycle,
  credit: Credit,
  { units, withheldUnits }: { readonly units: bigint; readonly withheldUnits: bigint },
  { disputeSeconds }: Programme,
  moment: Moment,
): { readonly cycle: Cycle; readonly credit: Credit } {
  const sold = { ...cycle, redeemedUnits: cycle.redeemedUnits + units };
  const isAllWithheld = withheldUnits === units;
  const aged = isAllWithheld
    ? credit
    : filledUntil(matured(credit, disputeSeconds, moment), moment.nowSeconds);
  return {
    cycle: sold,
    credit: {
      ...aged,
      creditedUnits: credit.creditedUnits + units,
      disputedUnits: credit.disputedUnits + withheldUnits,
      withheldAt: withheldUnits === 0n ? credit.withheldAt : moment.nowSeconds,
    },
  };
}

const MAX_BUCKET_SECONDS = 2n ** 24n - 1n;

/** The open bucket's last sale was not before a moment; no bucket looks older than it is, however long a halt was. */
function filledUntil(credit: Credit, moment: bigint): Credit {
  if (moment <= credit.closedAt + credit.lastAfterSeconds) return credit;
  const oldest = moment - MAX_BUCKET_SECONDS;
  const closedAt = credit.closedAt > oldest ? credit.closedAt : oldest;
  return { ...credit, closedAt, lastAfterSeconds: moment - closedAt };
}

/** Credited units that wait for nobody. */
export function freeUnits({ creditedUnits, disputedUnits }: Credit): bigint {
  return creditedUnits - disputedUnits;
}

/** The credit at this moment: buckets whose dispute time is over are matured. */
export function matured(credit: Credit, disputeSeconds: number, moment: Moment): Credit {
  const lastAt = credit.closedAt + credit.lastAfterSeconds;
  const free = freeUnits(credit);
  if (isUndisputed(lastAt, disputeSeconds, moment)) {
    return {
      ...credit,
      maturedUnits: free,
      closedUnits: free,
      closedAt: moment.nowSeconds,
      lastAfterSeconds: 0n,
    };
  }
  if (!isUndisputed(credit.closedAt, disputeSeconds, moment)) return credit;
  return {
    ...credit,
    maturedUnits: credit.closedUnits,
    closedUnits: free,
    closedAt: lastAt,
    lastAfterSeconds: 0n,
  };
}

/** Whether the dispute time of what was sold at a second is over. */
function isUndisputed(second: bigint, disputeSeconds: number, moment: Moment): boolean {
  return second === 0n || disputeSeconds === 0 || isPassed(moment, second + BigInt(disputeSeconds));
}

export function afterSettle(credit: Credit, { units }: Settle): Credit {
  return { ...credit, settledUnits: credit.settledUnits + units };
}

/** What waited is free: its dispute time runs from when the last of what waited was posted. */
export function afterReleaseCredit(
  credit: Credit,
  { units }: ReleaseCredit,
  disputeSeconds: number,
  moment: Moment,
): Credit {
  const aged = matured(credit, disputeSeconds, moment);
  const { withheldAt } = aged;
  const released = {
    disputedUnits: aged.disputedUnits - units,
    releasedUnits: aged.releasedUnits + units,
  };
  if (isUndisputed(withheldAt, disputeSeconds, moment)) {
    const { maturedUnits, closedUnits } = aged;
    return { ...aged, ...released, maturedUnits: maturedUnits + units, closedUnits: closedUnits + units };
  }
  // Where nothing else is in dispute, the buckets begin with it.
  const isAlone = aged.maturedUnits === freeUnits(aged);
  const filled = isAlone
    ? { ...aged, closedAt: withheldAt, lastAfterSeconds: 0n }
    : filledUntil(aged, withheldAt);
  return { ...filled, ...released };
}

/** Units past dispute and not yet paid. */
export function settleableUnits({ maturedUnits, settledUnits, clawedBackUnits }: Credit): bigint {
  const taken = settledUnits + clawedBackUnits;
  return maturedUnits > taken ? maturedUnits - taken : 0n;
}
