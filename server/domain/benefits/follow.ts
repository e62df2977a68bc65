/**
 * Follows the register's events: which records an event touches, and what it leaves in them.
 *
 * Promises: every event of the register, in the order of the chain, from the records `touched` names to those the
 * contract holds after it. Loaded cards and table entries are not in events (their words are calldata, and a
 * gateway has them already); what sales and replacements make of them is. An event that the records cannot have led
 * to is a bug of the follower or a lie of the node, and throws a TypeError. Views, `fsck` and an auditor call it.
 */
import type { Moment } from '../acts/moment.ts';
import type { Bytes32 } from '../base/hex.ts';
import type { OfficeId, ProgrammeId, VendorId } from '../base/terms.ts';
import type { AppliedAct } from './act.ts';
import type { Change, Records } from './prepare.ts';
import type { Programme, ProgrammeAndCycle } from './records.ts';
import {
  afterDefine,
  afterEnrol,
  afterMoveFunds,
  afterOpen,
  afterPause,
  afterRelease,
  afterReleaseCredit,
  afterResume,
  afterSale,
  afterSetCard,
  afterSetTill,
  afterSettle,
  afterSetVendor,
  afterStep,
  matured,
  NO_CREDIT,
  NO_ENROLMENT,
} from './records.ts';
import { readResults } from './redemption.ts';
import type { Period } from './standing.ts';
import type { CycleId, TillId } from './terms.ts';

/** The register's events as domain values. `newState` is that of the entry recorded with the act. */
export type BenefitEvent =
  | {
      readonly name: 'ActApplied';
      readonly applied: AppliedAct;
      /** Of the act's head; zero of a release, which has none. */
      readonly office: OfficeId;
      readonly newState: Bytes32;
    }
  | {
      readonly name: 'SlotsLoaded';
      readonly programme: ProgrammeId;
      readonly enrolmentEpoch: number;
      readonly enrolled: number;
    }
  | {
      readonly name: 'UnitsLoaded';
      readonly programme: ProgrammeId;
      readonly cycle: CycleId;
      readonly loadedWords: number;
    }
  | {
      readonly name: 'BatchRedeemed';
      readonly programme: ProgrammeId;
      readonly cycle: CycleId;
      readonly vendor: VendorId;
      readonly till: TillId;
      readonly units: bigint;
      readonly results: readonly Bytes32[];
    };

/** Keys of the records an event touches: what a store reads before `follow`. */
export interface Touched {
  readonly programme?: ProgrammeId;
  readonly cycle?: { readonly programme: ProgrammeId; readonly cycle: CycleId };
  readonly enrolment?: { readonly programme: ProgrammeId; readonly enrolmentEpoch: number };
  readonly card?: {
    readonly programme: ProgrammeId;
    readonly enrolmentEpoch: number;
    readonly index: number;
  };
  readonly vendor?: VendorId;
  readonly till?: { readonly vendor: VendorId; readonly till: TillId };
  readonly credit?: { readonly programme: ProgrammeId; readonly cycle: CycleId; readonly vendor: VendorId };
}

export function touched(event: BenefitEvent): Touched {
  switch (event.name) {
    case 'SlotsLoaded':
      return { enrolment: event };
    case 'UnitsLoaded':
      return { cycle: event };
    case 'BatchRedeemed':
      return {
        programme: event.programme,
        cycle: event,
        credit: event,
        vendor: event.vendor,
        till: event,
      };
    case 'ActApplied':
      return touchedByAct(event.applied);
  }
}

function touchedByAct({ name, act }: AppliedAct): Touched {
  switch (name) {
    case 'DefineProgramme':
    case 'MoveFunds':
    case 'PauseProgramme':
    case 'ResumeProgramme':
      return { programme: act.programme };
    case 'Enrol':
      return { enrolment: act };
    case 'SetCard':
      return { card: act };
    case 'SetVendor':
      return { vendor: act.vendor };
    case 'SetTill':
      return { till: act };
    case 'CycleEnvelope':
    case 'Release':
    case 'MoveCycle':
      return { programme: act.programme, cycle: act };
    case 'Settle':
    case 'ReleaseCredit':
      return { programme: act.programme, cycle: act, credit: act };
  }
}

/** The records an event leaves, given those `touched` named and the time of its block. */
export function follow(event: BenefitEvent, records: Records, moment: Moment): Change[] {
  switch (event.name) {
    case 'SlotsLoaded': {
      const before = found(records.enrolment);
      return [{ record: 'enrolment', before, after: { ...before, enrolled: event.enrolled } }];
    }
    case 'UnitsLoaded': {
      const before = found(records.cycle);
      return [{ record: 'cycle', before, after: { ...before, loadedWords: event.loadedWords } }];
    }
    case 'BatchRedeemed': {
      const before = found(records.cycle);
      const credit = records.credit ?? NO_CREDIT;
      const withheldUnits = withheldOf(event, [found(records.vendor), found(records.till)]);
      const sold = { units: event.units, withheldUnits };
      const after = afterSale(before, credit, sold, found(records.programme), moment);
      return [
        { record: 'cycle', before, after: after.cycle },
        { record: 'credit', before: records.credit, after: after.credit },
      ];
    }
    case 'ActApplied':
      return followAct(event, records, moment);
  }
}

function followAct(
  { applied: { name, act }, office, newState }: Extract<BenefitEvent, { name: 'ActApplied' }>,
  records: Records,
  moment: Moment,
): Change[] {
  const ofProgramme = (after: Programme): Change[] => [
    { record: 'programme', before: records.programme, after },
  ];
  const ofBoth = ({ programme, cycle }: ProgrammeAndCycle): Change[] => [
    ...ofProgramme(programme),
    { record: 'cycle', before: records.cycle, after: cycle },
  ];
  const both = () => ({ programme: found(records.programme), cycle: found(records.cycle) });
  switch (name) {
    case 'DefineProgramme':
      return ofProgramme(afterDefine(act, office));
    case 'MoveFunds':
      return ofProgramme(afterMoveFunds(found(records.programme), act));
    case 'PauseProgramme':
      return ofProgramme(afterPause(found(records.programme), act, moment.nowSeconds));
    case 'ResumeProgramme':
      return ofProgramme(afterResume(found(records.programme), moment.nowSeconds));
    case 'Enrol': {
      const after = afterEnrol(records.enrolment ?? NO_ENROLMENT, act);
      return [{ record: 'enrolment', before: records.enrolment, after }];
    }
    case 'SetCard': {
      const before = found(records.card);
      return [{ record: 'card', before, after: afterSetCard(before, act) }];
    }
    case 'SetVendor':
      return [
        {
          record: 'vendor',
          before: records.vendor,
          after: afterSetVendor(records.vendor, act, office, moment.nowSeconds),
        },
      ];
    case 'SetTill':
      return [
        { record: 'till', before: records.till, after: afterSetTill(records.till, act, moment.nowSeconds) },
      ];
    case 'CycleEnvelope':
      return ofBoth(afterOpen(found(records.programme), act, newState));
    case 'Release':
      return ofBoth(afterRelease(both(), act, moment));
    case 'MoveCycle':
      return ofBoth(afterStep(both(), act, moment));
    case 'Settle': {
      const before = found(records.credit);
      const { disputeSeconds } = found(records.programme);
      const after = afterSettle(matured(before, disputeSeconds, moment), act);
      return [{ record: 'credit', before, after }];
    }
    case 'ReleaseCredit': {
      const before = found(records.credit);
      const { disputeSeconds } = found(records.programme);
      return [{ record: 'credit', before, after: afterReleaseCredit(before, act, disputeSeconds, moment) }];
    }
  }
}

/** Units that were sold before the period in which a seller is known to be active, or after its last one. */
function withheldOf(
  { units, results }: Extract<BenefitEvent, { name: 'BatchRedeemed' }>,
  sellers: readonly Period[],
): bigint {
  if (sellers.some(({ standing }) => standing !== 'active')) return units;
  let withheld = 0n;
  for (const { outcome, soldAt, units: taken } of readResults(results)) {
    if (outcome === 'redeemed' && sellers.some(({ from }) => soldAt < from)) withheld += BigInt(taken);
  }
  return withheld;
}

function found<R>(record: R | undefined): R {
  if (record === undefined) throw new TypeError('an event about a record that nothing began');
  return record;
}
