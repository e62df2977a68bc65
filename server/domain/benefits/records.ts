/**
 * What the register holds of programmes, cycles, vendors and money, and the one place that says how acts change it.
 *
 * Hides nothing: each record is a storage record of the contract with its words unpacked. Promises: given the
 * records an act found, the functions `after…` answer those it left, in integers, for every act the register
 * accepted; they judge nothing (`rules.ts` does, before anybody signs). Views and `fsck` follow events with them.
 */
import { isPassed, type Moment } from '../acts/moment.ts';
import type { Bytes32 } from '../base/hex.ts';
import type { InstitutionId } from '../base/terms.ts';
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
import type { CycleId, CycleState, FundsMove, Permit } from './terms.ts';
import { MAX_LANES } from './terms.ts';
import type { EntryBytes } from './unitsTable.ts';

export interface Programme {
  readonly institution: InstitutionId;
  readonly currency: number;
  readonly pausedUntil: bigint;
  readonly version: number;
  readonly mostPerRedemptionUnits: number;
  readonly disputeSeconds: number;
  readonly leastOpenSeconds: number;
  readonly assistedCapUnits: number;
  readonly emergencyCapUnits: number;
  readonly twoInstitutionsAboveMinor: bigint;
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
  /** EIP-712 struct hash of the envelope, as the entry that opened it has it. */
  readonly envelopeHash: Bytes32;
}

export interface Enrolment {
  /** People whose slots are loaded. */
  readonly enrolled: number;
  /** People the signed acts name. */
  readonly signed: number;
}
export const NO_ENROLMENT: Enrolment = { enrolled: 0, signed: 0 };

export interface Vendor {
  readonly institution: InstitutionId;
  /** Counts from `from` on; until then the vendor is active exactly where this says it is not. */
  readonly standing: Permit;
  readonly from: bigint;
  readonly version: number;
}

export interface Till {
  readonly keyKind: Card['keyKind'];
  readonly keyId: Card['keyId'];
  readonly standing: Permit;
  readonly version: number;
}

/** What a vendor earned in one cycle, in units. settled <= matured <= closed <= credited (B6). */
export interface Credit {
  readonly creditedUnits: bigint;
  /** The bucket whose dispute time runs from `closedAt`. */
  readonly closedUnits: bigint;
  readonly maturedUnits: bigint;
  readonly settledUnits: bigint;
  readonly closedAt: bigint;
  /** The last sale was this long after `closedAt`. */
  readonly lastAfterSeconds: bigint;
  readonly disputedUnits: bigint;
  readonly returnedUnits: bigint;
  readonly clawedBackUnits: bigint;
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
};

export function afterDefine(act: DefineProgramme): Programme {
  const { programme: _, ...policy } = act;
  return {
    ...policy,
    pausedUntil: 0n,
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

export function afterPause(programme: Programme, { pausedUntil }: PauseProgramme): Programme {
  return { ...programme, pausedUntil, version: programme.version + 1 };
}

export function afterEnrol(enrolment: Enrolment, { count }: Enrol): Enrolment {
  return { ...enrolment, signed: enrolment.enrolled + count };
}

export function afterReplaceCard(card: Card, act: ReplaceCard): Card {
  const { keyKind, keyId, standing, effectiveFrom } = act;
  return { keyKind, keyId, standing, effectiveFrom, cardEpoch: card.cardEpoch + 1 };
}

export function afterSetVendor({ institution, standing, from, versionBefore }: SetVendor): Vendor {
  return { institution, standing, from, version: versionBefore + 1 };
}

export function afterSetTill({ keyKind, keyId, standing, versionBefore }: SetTill): Till {
  return { keyKind, keyId, standing, version: versionBefore + 1 };
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
      envelopeHash,
    },
  };
}

/** Unallocated money becomes outstanding. */
export function afterRelease({ programme, cycle }: ProgrammeAndCycle): ProgrammeAndCycle {
  const releasedMinor = cycle.totalUnits * cycle.unitValueMinor;
  return {
    programme: { ...programme, unallocatedMinor: programme.unallocatedMinor - releasedMinor },
    cycle: { ...cycle, state: 'released' },
  };
}

/** Units nobody has redeemed and nobody has taken back. */
export function outstandingUnits(cycle: Cycle): bigint {
  const isSpendable = cycle.state === 'released' || cycle.state === 'ended';
  return isSpendable ? cycle.totalUnits - cycle.redeemedUnits : 0n;
}

export function afterStep(
  { programme, cycle }: ProgrammeAndCycle,
  { step }: MoveCycle,
  nowSeconds: bigint,
): ProgrammeAndCycle {
  const lanes = programme.lanes.with(cycle.lane, undefined);
  const unspentMinor = outstandingUnits(cycle) * cycle.unitValueMinor;
  const accounted: Programme = {
    ...programme,
    redeemedMinor: programme.redeemedMinor + cycle.redeemedUnits * cycle.unitValueMinor,
  };
  switch (step) {
    case 'cancel':
      return { programme: { ...programme, lanes }, cycle: { ...cycle, state: 'cancelled' } };
    case 'end-early': {
      // The grace for posting offline sales keeps its length.
      const spendUntil = cycle.spendUntil < nowSeconds ? cycle.spendUntil : nowSeconds;
      const postUntil = spendUntil + cycle.postUntil - cycle.spendUntil;
      return { programme, cycle: { ...cycle, state: 'ended', spendUntil, postUntil } };
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

/** A batch's units leave the people's entries and are owed to the vendor. */
export function afterSale(
  cycle: Cycle,
  credit: Credit,
  units: bigint,
  programme: Programme,
  moment: Moment,
): { readonly cycle: Cycle; readonly credit: Credit } {
  const aged = matured(credit, programme.disputeSeconds, moment);
  // A sale never makes a bucket look older than it is, however long a halt stretched the wait.
  const oldest = moment.nowSeconds - MAX_BUCKET_SECONDS;
  const closedAt = aged.closedAt > oldest ? aged.closedAt : oldest;
  return {
    cycle: { ...cycle, redeemedUnits: cycle.redeemedUnits + units },
    credit: {
      ...aged,
      creditedUnits: aged.creditedUnits + units,
      closedAt,
      lastAfterSeconds: moment.nowSeconds - closedAt,
    },
  };
}

const MAX_BUCKET_SECONDS = 2n ** 24n - 1n;

/** The credit at this moment: buckets whose dispute time is over are matured. */
export function matured(credit: Credit, disputeSeconds: number, moment: Moment): Credit {
  const isOver = (from: bigint) =>
    from === 0n || disputeSeconds === 0 || isPassed(moment, from + BigInt(disputeSeconds));
  const lastAt = credit.closedAt + credit.lastAfterSeconds;
  if (isOver(lastAt)) {
    const { creditedUnits } = credit;
    return {
      ...credit,
      maturedUnits: creditedUnits,
      closedUnits: creditedUnits,
      closedAt: moment.nowSeconds,
      lastAfterSeconds: 0n,
    };
  }
  if (!isOver(credit.closedAt)) return credit;
  return {
    ...credit,
    maturedUnits: credit.closedUnits,
    closedUnits: credit.creditedUnits,
    closedAt: lastAt,
    lastAfterSeconds: 0n,
  };
}

export function afterSettle(credit: Credit, { units }: Settle): Credit {
  return { ...credit, settledUnits: credit.settledUnits + units };
}

/** Units past dispute and not yet paid. */
export function settleableUnits({
  maturedUnits,
  settledUnits,
  disputedUnits,
  clawedBackUnits,
}: Credit): bigint {
  const withheld = settledUnits + disputedUnits + clawedBackUnits;
  return maturedUnits > withheld ? maturedUnits - withheld : 0n;
}
