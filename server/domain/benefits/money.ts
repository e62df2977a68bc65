/**
 * The money equation (B1) and vendors' accounts, over the records of one programme.
 *
 * Promises: integers only; `moneyOf` is what `IBenefitViews.money` answers; `checkMoney` finds every programme, cycle
 * and vendor whose sums do not close, from totals that were followed apart, and names the invariant. Pure: views show
 * it, `fsck` and an auditor run it at every block.
 */
import type { VendorId } from '../base/terms.ts';
import type { Credit, Cycle, Programme } from './records.ts';
import { freeUnits, outstandingUnits, settleableUnits } from './records.ts';
import type { CycleId } from './terms.ts';

/** In minor units. The first equals the sum of the rest. */
export interface Money {
  readonly fundedMinor: bigint;
  readonly unallocatedMinor: bigint;
  readonly outstandingMinor: bigint;
  /** Reserved, with `instructedMinor`, for pay-outs to accounts: zero in this version. */
  readonly heldMinor: bigint;
  readonly instructedMinor: bigint;
  readonly redeemedMinor: bigint;
  readonly expiredMinor: bigint;
  readonly reclaimedMinor: bigint;
  readonly defundedMinor: bigint;
}

/** A programme with all its cycles, and what vendors earned in each. */
export interface ProgrammeBooks {
  readonly programme: Programme;
  readonly cycles: ReadonlyMap<CycleId, Cycle>;
  readonly credits: ReadonlyMap<CycleId, ReadonlyMap<VendorId, Credit>>;
}

/** A cycle on sale holds its own money; an accounted one has handed it to the programme. */
export function moneyOf(programme: Programme, cycles: Iterable<Cycle>): Money {
  let outstandingMinor = 0n;
  let { redeemedMinor } = programme;
  for (const cycle of cycles) {
    if (cycle.state !== 'released' && cycle.state !== 'ended') continue;
    outstandingMinor += outstandingUnits(cycle) * cycle.unitValueMinor;
    redeemedMinor += cycle.redeemedUnits * cycle.unitValueMinor;
  }
  return {
    fundedMinor: programme.movedMinor.fund,
    unallocatedMinor: programme.unallocatedMinor,
    outstandingMinor,
    heldMinor: 0n,
    instructedMinor: 0n,
    redeemedMinor,
    expiredMinor: programme.expiredMinor,
    reclaimedMinor: programme.reclaimedMinor,
    defundedMinor: programme.movedMinor.defund,
  };
}

/** A sum that does not close, or a part larger than its whole. */
export interface MoneyFlaw {
  readonly invariant: 'B1' | 'B2' | 'B6';
  readonly cycle?: CycleId;
  readonly vendor?: VendorId;
}

export function checkMoney({ programme, cycles, credits }: ProgrammeBooks): MoneyFlaw[] {
  const flaws: MoneyFlaw[] = [];
  const { fundedMinor, ...rest } = moneyOf(programme, cycles.values());
  const parts = Object.values(rest);
  if (fundedMinor !== parts.reduce((sum, part) => sum + part, 0n) || parts.some((part) => part < 0n)) {
    flaws.push({ invariant: 'B1' });
  }
  for (const [cycle, { redeemedUnits, totalUnits }] of cycles) {
    if (redeemedUnits > totalUnits) flaws.push({ invariant: 'B2', cycle });
    const accounts = [...(credits.get(cycle) ?? [])];
    // What people spent is what vendors are owed, to the unit.
    const credited = accounts.reduce((sum, [, credit]) => sum + credit.creditedUnits, 0n);
    if (credited !== redeemedUnits) flaws.push({ invariant: 'B1', cycle });
    for (const [vendor, credit] of accounts) {
      if (!isOrdered(credit)) flaws.push({ invariant: 'B6', cycle, vendor });
    }
  }
  for (const cycle of credits.keys()) {
    if (!cycles.has(cycle)) flaws.push({ invariant: 'B1', cycle });
  }
  return flaws;
}

function isOrdered(credit: Credit): boolean {
  const { settledUnits, maturedUnits, closedUnits, creditedUnits, clawedBackUnits } = credit;
  return (
    settledUnits >= 0n &&
    settledUnits <= maturedUnits &&
    maturedUnits <= closedUnits &&
    closedUnits <= freeUnits(credit) &&
    settledUnits <= creditedUnits - clawedBackUnits
  );
}

/** A vendor's account in one cycle, in minor units. */
export interface VendorAccount {
  readonly creditedMinor: bigint;
  readonly clawedBackMinor: bigint;
  readonly disputedMinor: bigint;
  readonly settledMinor: bigint;
  readonly returnedMinor: bigint;
  /** Past dispute and not paid: what a settlement may take now. */
  readonly payableMinor: bigint;
  /** Not past its dispute time, and not among what waits for two officers. */
  readonly waitingMinor: bigint;
}

/** The account of a credit as it is at a moment: `matured` first. */
export function accountOf(credit: Credit, unitValueMinor: bigint): VendorAccount {
  return {
    creditedMinor: credit.creditedUnits * unitValueMinor,
    clawedBackMinor: credit.clawedBackUnits * unitValueMinor,
    disputedMinor: credit.disputedUnits * unitValueMinor,
    settledMinor: credit.settledUnits * unitValueMinor,
    returnedMinor: credit.returnedUnits * unitValueMinor,
    payableMinor: settleableUnits(credit) * unitValueMinor,
    waitingMinor: (freeUnits(credit) - credit.maturedUnits) * unitValueMinor,
  };
}
