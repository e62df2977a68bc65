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
import type {
  CycleEnvelope,
  DefineProgramme,
  Enrol,
  MoveCycle,
  MoveFunds,
  PauseProgramme,
  ReplaceCard,
  SetTill,
  Settle,
  SetVendor,
} from './act.ts';
import type { Card } from './cards.ts';
import { requireWellFormed } from './cards.ts';
import type { Credit, Cycle, Enrolment, Programme, Till, Vendor } from './records.ts';
import { afterReplaceCard, matured, outstandingUnits, settleableUnits } from './records.ts';
import type { CycleState } from './terms.ts';
import { CYCLE_STEPS, FUNDS_MOVES, MAX_LANES, MAX_MOMENT, MAX_PEOPLE } from './terms.ts';
import { mostUnits, wordsOf } from './unitsTable.ts';

type BenefitCode = keyof typeof benefitRefusals;

function refuseIf(isRefused: boolean, code: BenefitCode): void {
  if (isRefused) throw refusal(code);
}

/** Narrows a record that must be there. */
export function known<R>(record: R | undefined, code: BenefitCode): R {
  if (record === undefined) throw refusal(code);
  return record;
}

const MAX_24_BITS = 2 ** 24 - 1;
const MAX_128_BITS = 2n ** 128n - 1n;
const MAX_CARD_EPOCH = 2 ** 16 - 1;

export function checkDefine(before: Programme | undefined, act: DefineProgramme): void {
  refuseIf(act.programme === ZERO_32 || act.institution === 0, 'identifier-missing');
  refuseIf(before !== undefined, 'programme-exists');
  refuseIf(
    act.currency === 0 ||
      act.mostPerRedemptionUnits === 0 ||
      act.mostPerRedemptionUnits > MAX_24_BITS ||
      act.disputeSeconds > MAX_24_BITS,
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

export function checkPause(programme: Programme, act: PauseProgramme): void {
  refuseIf(act.versionBefore !== programme.version, 'programme-version-stale');
  refuseIf(act.pausedUntil > MAX_MOMENT, 'policy-out-of-range');
}

export function checkEnrol(enrolment: Enrolment, act: Enrol): void {
  const { enrolled, signed } = enrolment;
  refuseIf(act.startIndex !== enrolled || signed !== enrolled, 'enrolment-state-stale');
  refuseIf(act.count === 0 || act.count > MAX_PEOPLE - enrolled, 'enrolment-size-out-of-range');
}

export function checkReplaceCard(enrolment: Enrolment, card: Card | undefined, act: ReplaceCard): void {
  refuseIf(act.index >= enrolment.enrolled, 'person-unknown');
  const before = known(card, 'person-unknown');
  refuseIf(act.cardEpochBefore !== before.cardEpoch, 'card-state-stale');
  refuseIf(before.cardEpoch === MAX_CARD_EPOCH, 'card-epoch-exhausted');
  requireWellFormed(afterReplaceCard(before, act));
}

export function checkSetVendor(before: Vendor | undefined, act: SetVendor): void {
  refuseIf(act.vendor === ZERO_32 || act.institution === 0, 'identifier-missing');
  refuseIf(act.standing === 'unspecified', 'standing-unknown');
  refuseIf(before !== undefined && before.institution !== act.institution, 'vendor-of-another-institution');
  refuseIf(act.versionBefore !== (before?.version ?? 0), 'vendor-state-stale');
  refuseIf(act.from > MAX_MOMENT, 'policy-out-of-range');
}

export function checkSetTill(vendor: Vendor | undefined, before: Till | undefined, act: SetTill): void {
  refuseIf(act.till === 0, 'identifier-missing');
  refuseIf(act.standing === 'unspecified', 'standing-unknown');
  known(vendor, 'vendor-unknown');
  refuseIf(act.versionBefore !== (before?.version ?? 0), 'till-state-stale');
  const isTillKind = act.keyKind === 'secp256k1' || act.keyKind === 'p256';
  refuseIf(act.keyId === ZERO_ADDRESS || !isTillKind, 'till-key-malformed');
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
export function checkRelease(programme: Programme, cycle: Cycle, moment: Moment): void {
  refuseIf(moment.nowSeconds < programme.pausedUntil, 'programme-is-paused');
  requireState(cycle, 'loading');
  refuseIf(cycle.loadedWords !== wordsOf(cycle.count, cycle.entryBytes), 'words-missing');
  refuseIf(cycle.totalUnits * cycle.unitValueMinor > programme.unallocatedMinor, 'funds-insufficient');
}

export function checkStep(programme: Programme, cycle: Cycle, act: MoveCycle, moment: Moment): void {
  if (act.step === 'unspecified' || !CYCLE_STEPS.includes(act.step)) throw refusal('cycle-step-unknown');
  const from = {
    cancel: 'loading',
    'end-early': 'released',
    expire: 'released',
    reclaim: 'ended',
    close: 'accounted',
  };
  requireState(cycle, from[act.step] as CycleState);
  if (act.step === 'end-early') {
    const { leastOpenSeconds } = programme;
    const earliest = leastOpenSeconds === 0 ? 0n : cycle.opensAt + BigInt(leastOpenSeconds);
    refuseIf(moment.nowSeconds < earliest, 'cycle-step-too-early');
  }
  refuseIf(act.step === 'expire' && !isPassed(moment, cycle.postUntil), 'cycle-step-too-early');
  const isGraceOver = moment.nowSeconds >= moment.extended(cycle.postUntil);
  refuseIf(act.step === 'reclaim' && !isGraceOver, 'cycle-step-too-early');
  const isAccounting = act.step === 'expire' || act.step === 'reclaim';
  refuseIf(act.unspentUnits !== (isAccounting ? outstandingUnits(cycle) : 0n), 'unspent-units-stale');
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

function requireState(cycle: Cycle, wanted: CycleState): void {
  refuseIf(cycle.state !== wanted, 'cycle-state-differs');
}
