/**
 * What the register refuses, asked before anybody signs.
 *
 * Promises: the checks of contracts/benefits/BenefitRules.sol in its order, with its refusals, on the records it would read;
 * what passes here is refused there only if the records changed in between or the officers may not. Reads, changes
 * nothing, and throws the first refusal. The gateway, a signer of one's own and the tests call it.
 */
import { isPassed, type Moment } from '../acts/moment.ts';
import { ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { benefitRefusals } from '../base/refusals/benefits.ts';
import type { OfficeId } from '../base/terms.ts';
import type {
  CycleEnvelope,
  DefineProgramme,
  Enrol,
  MoveCycle,
  MoveFunds,
  PauseProgramme,
  ReleaseCredit,
  ResumeProgramme,
  SetCard,
  SetTill,
  Settle,
  SetVendor,
} from './act.ts';
import type { Card } from './cards.ts';
import { MAX_CARD_EPOCH, MAX_CARD_VERSION, requireWellFormed } from './cards.ts';
import type { Credit, Cycle, Enrolment, Programme, Till, Vendor } from './records.ts';
import {
  afterSetCard,
  extendedDeadline,
  isPaused,
  matured,
  openingOf,
  outstandingUnits,
  settleableUnits,
} from './records.ts';
import { checkStanding } from './standing.ts';
import type { CycleState } from './terms.ts';
import {
  CYCLE_STEPS,
  END_NOTICE_SECONDS,
  FRESH_SECONDS,
  FUNDS_MOVES,
  MAX_LANES,
  MAX_MOMENT,
  MAX_PEOPLE,
  MOST_OFFLINE_SECONDS,
  MOST_PAUSE_SECONDS,
} from './terms.ts';
import { mostUnits, wordsOf } from './unitsTable.ts';

type BenefitCode = keyof typeof benefitRefusals | 'office-differs';

function refuseIf(isRefused: boolean, code: BenefitCode): void {
  if (isRefused) throw refusal(code);
}

/** Narrows a record that must be there. */
export function known<R>(record: R | undefined, code: BenefitCode): R {
  if (record === undefined) throw refusal(code);
  return record;
}

/** A programme or a vendor is its office's: who acts under another has nothing to do with it. */
export function checkOffice(record: Pick<Programme, 'office'>, office: OfficeId): void {
  refuseIf(record.office !== office, 'office-differs');
}

const MAX_24_BITS = 2 ** 24 - 1;
const MAX_128_BITS = 2n ** 128n - 1n;

export function checkDefine(before: Programme | undefined, act: DefineProgramme): void {
  refuseIf(act.programme === ZERO_32 || act.institution === 0, 'identifier-missing');
  refuseIf(before !== undefined, 'programme-exists');
  refuseIf(
    act.currency === 0 ||
      act.mostPerRedemptionUnits === 0 ||
      act.mostPerRedemptionUnits > MAX_24_BITS ||
      act.disputeSeconds > MAX_24_BITS ||
      act.mostOfflineSeconds < FRESH_SECONDS ||
      act.mostOfflineSeconds > MOST_OFFLINE_SECONDS,
    'policy-out-of-range',
  );
}

export function checkMoveFunds(programme: Programme, act: MoveFunds): void {
  const { move, amountMinor } = act;
  refuseIf(amountMinor <= 0n, 'amount-missing');
  if (move === 'unspecified' || !FUNDS_MOVES.includes(move)) throw refusal('funds-move-unknown');
  const moved = programme.movedMinor[move];
  refuseIf(moved !== act.movedBeforeMinor, 'funds-state-stale');
  refuseIf(amountMinor > MAX_128_BITS - moved, 'amount-out-of-range');
  const available = {
    fund: amountMinor,
    'reuse-expired': programme.expiredMinor,
    'reuse-reclaimed': programme.reclaimedMinor,
    defund: programme.unallocatedMinor,
  };
  refuseIf(amountMinor > available[move], 'funds-insufficient');
}

export function checkPause(programme: Programme, act: PauseProgramme, { nowSeconds }: Moment): void {
  refuseIf(act.versionBefore !== programme.version, 'programme-version-stale');
  refuseIf(
    act.pausedUntil <= nowSeconds || act.pausedUntil > nowSeconds + MOST_PAUSE_SECONDS,
    'programme-pause-out-of-range',
  );
}

export function checkResume(programme: Programme, act: ResumeProgramme, { nowSeconds }: Moment): void {
  refuseIf(act.versionBefore !== programme.version, 'programme-version-stale');
  refuseIf(!isPaused(programme, nowSeconds), 'programme-not-paused');
}

export function checkEnrol(enrolment: Enrolment, act: Enrol): void {
  const { enrolled, version } = enrolment;
  refuseIf(act.startIndex !== enrolled || act.versionBefore !== version, 'enrolment-state-stale');
  refuseIf(act.count === 0 || act.count > MAX_PEOPLE - enrolled, 'enrolment-size-out-of-range');
}

export function checkSetCard(enrolment: Enrolment, card: Card | undefined, act: SetCard): void {
  refuseIf(act.index >= enrolment.enrolled, 'person-unknown');
  const before = known(card, 'person-unknown');
  refuseIf(act.versionBefore !== before.version, 'card-state-stale');
  const isLast = before.cardEpoch === MAX_CARD_EPOCH || before.version === MAX_CARD_VERSION;
  const isSame = act.cardEpoch === before.cardEpoch;
  refuseIf(isLast && (!isSame || act.standing !== 'revoked'), 'card-epoch-exhausted');
  if (isSame) {
    checkStanding(before.standing, act.standing);
    refuseIf(act.keyId !== before.keyId || act.keyKind !== before.keyKind, 'card-malformed');
  } else {
    refuseIf(act.cardEpoch !== before.cardEpoch + 1, 'card-epoch-out-of-order');
    refuseIf(act.standing !== 'active', 'standing-unchangeable');
  }
  requireWellFormed(afterSetCard(before, act));
}

export function checkSetVendor(before: Vendor | undefined, act: SetVendor, office: OfficeId): void {
  refuseIf(act.vendor === ZERO_32 || act.institution === 0, 'identifier-missing');
  refuseIf(before !== undefined && before.institution !== act.institution, 'vendor-of-another-institution');
  if (before !== undefined) checkOffice(before, office);
  refuseIf(act.versionBefore !== (before?.version ?? 0), 'vendor-state-stale');
  checkStanding(before?.standing ?? 'unspecified', act.standing);
  const isNarrowing = act.standing !== 'active';
  refuseIf(act.from > MAX_MOMENT || (isNarrowing && act.from !== 0n), 'standing-moment-out-of-range');
}

export function checkSetTill(
  vendor: Vendor | undefined,
  before: Till | undefined,
  act: SetTill,
  office: OfficeId,
): void {
  refuseIf(act.till === 0, 'identifier-missing');
  checkOffice(known(vendor, 'vendor-unknown'), office);
  refuseIf(act.versionBefore !== (before?.version ?? 0), 'till-state-stale');
  // A till keeps its key, else whoever gave it another one would take what it sold and has not posted.
  const isKept = before === undefined || (act.keyId === before.keyId && act.keyKind === before.keyKind);
  const isTillKind = act.keyKind === 'secp256k1' || act.keyKind === 'p256';
  refuseIf(act.keyId === ZERO_ADDRESS || !isTillKind || !isKept, 'till-key-malformed');
  checkStanding(before?.standing ?? 'unspecified', act.standing);
}

export function checkOpen(
  programme: Programme,
  before: Cycle | undefined,
  enrolment: Enrolment,
  act: CycleEnvelope,
  moment: Moment,
): void {
  refuseIf(act.cycle === 0, 'identifier-missing');
  refuseIf(before !== undefined, 'cycle-exists');
  refuseIf(act.currency !== programme.currency, 'currency-differs');
  refuseIf(act.lane >= MAX_LANES, 'lane-out-of-range');
  refuseIf(programme.lanes[act.lane] !== undefined, 'lane-occupied');
  const { entryBytes } = act;
  if (entryBytes !== 1 && entryBytes !== 4) throw refusal('entry-bytes-unknown');
  refuseIf(act.count === 0 || act.count > enrolment.enrolled, 'cycle-count-out-of-range');
  const limit = BigInt(act.count) * BigInt(mostUnits(entryBytes));
  refuseIf(act.totalUnits === 0n || act.totalUnits > limit, 'cycle-total-out-of-range');
  refuseIf(act.unitValueMinor === 0n, 'unit-value-missing');
  refuseIf(
    act.opensAt >= act.spendUntil ||
      act.spendUntil > act.postUntil ||
      act.postUntil > MAX_MOMENT ||
      isPassed(moment, act.spendUntil),
    'cycle-window-invalid',
  );
}

/** Of a release, which nobody signs: what must hold when the last word is in. Its sum is the table's. */
export function checkRelease(
  programme: Programme,
  cycle: Cycle,
  moment: Moment,
  isNoticeWaived = false,
): void {
  refuseIf(isPaused(programme, moment.nowSeconds), 'programme-is-paused');
  requireState(cycle, 'loading');
  refuseIf(cycle.loadedWords !== wordsOf(cycle.count, cycle.entryBytes), 'words-missing');
  const opensAt = openingOf(cycle, moment, isNoticeWaived);
  const isTooLate = opensAt > cycle.spendUntil && opensAt > moment.extended(cycle.spendUntil);
  if (isTooLate) throw refusal('sales-ended');
  refuseIf(cycle.totalUnits * cycle.unitValueMinor > programme.unallocatedMinor, 'funds-insufficient');
}

export function checkStep(
  programme: Programme,
  cycle: Cycle,
  act: MoveCycle,
  moment: Moment,
  isNoticeWaived = false,
): void {
  if (act.step === 'unspecified' || !CYCLE_STEPS.includes(act.step)) throw refusal('cycle-step-unknown');
  const isGivenUp = act.step === 'cancel' && cycle.state === 'released';
  const from = {
    cancel: 'loading',
    'end-early': 'released',
    expire: 'released',
    reclaim: 'ended',
    close: 'accounted',
  };
  if (isGivenUp) refuseIf(moment.nowSeconds >= cycle.opensAt, 'cycle-step-too-late');
  else requireState(cycle, from[act.step] as CycleState);
  if (act.step === 'end-early') checkEnd(programme, cycle, act.endsAt, moment, isNoticeWaived);
  const isAccounting = act.step === 'expire' || act.step === 'reclaim';
  const last = extendedDeadline(cycle.postUntil, { programme, cycle }, moment);
  refuseIf(isAccounting && moment.nowSeconds <= last, 'cycle-step-too-early');
  refuseIf(act.unspentUnits !== (isAccounting ? outstandingUnits(cycle) : 0n), 'unspent-units-stale');
  refuseIf(act.step !== 'end-early' && act.endsAt !== 0n, 'cycle-end-out-of-range');
}

/** An early end is announced so far ahead that every till hears of it before it sells beyond it. */
function endNotice(programme: Programme): bigint {
  const offline = BigInt(programme.mostOfflineSeconds);
  return offline > END_NOTICE_SECONDS ? offline : END_NOTICE_SECONDS;
}

function checkEnd(
  programme: Programme,
  cycle: Cycle,
  endsAt: bigint,
  moment: Moment,
  isNoticeWaived: boolean,
): void {
  const leastOpen = cycle.opensAt + BigInt(programme.leastOpenSeconds);
  const announced = moment.nowSeconds + (isNoticeWaived ? 0n : endNotice(programme));
  const latest = extendedDeadline(cycle.spendUntil, { programme, cycle }, moment);
  refuseIf(endsAt < announced || endsAt < leastOpen || endsAt > latest, 'cycle-end-out-of-range');
}

/** What was settled before makes it happen once (B6); the amount is the units' value to the last minor unit. */
export function checkSettle(
  programme: Programme,
  cycle: Cycle,
  credit: Credit,
  act: Settle,
  moment: Moment,
): void {
  const aged = matured(credit, programme.disputeSeconds, moment);
  refuseIf(act.settledBeforeUnits !== aged.settledUnits, 'settlement-state-stale');
  refuseIf(act.units === 0n || act.units > settleableUnits(aged), 'settlement-exceeds-credit');
  refuseIf(act.amountMinor !== act.units * cycle.unitValueMinor, 'settlement-amount-differs');
}

/** What was released before makes it happen once. */
export function checkReleaseCredit(credit: Credit, act: ReleaseCredit): void {
  refuseIf(act.releasedBeforeUnits !== credit.releasedUnits, 'credit-state-stale');
  refuseIf(act.units === 0n || act.units > credit.disputedUnits, 'credit-not-withheld');
}

function requireState(cycle: Cycle, wanted: CycleState): void {
  refuseIf(cycle.state !== wanted, 'cycle-state-differs');
}
