/**
 * Acts from what an officer decides: the rest of each follows from what is recorded now.
 *
 * Hides the part of an act that names the state it replaces (a version, a total, a card's epoch), which nobody should
 * type. Promises: a draft over the records of this moment is stale for no reason of its own; whether it is allowed is
 * `prepareAct`'s to say. The gateway and the CLI call it.
 */

import type { Keccak256 } from '../acts/merkle.ts';
import type { Moment } from '../acts/moment.ts';
import type { Bytes32 } from '../base/hex.ts';
import type { InstitutionId, ProgrammeId, VendorId } from '../base/terms.ts';
import type {
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
import { packSlots } from './cards.ts';
import type { Credit, Cycle, Enrolment, Programme, Till, Vendor } from './records.ts';
import { matured, NO_CREDIT, NO_ENROLMENT, outstandingUnits, settleableUnits } from './records.ts';
import type { CycleId, CycleStep, FundsMove, Permit, TillId } from './terms.ts';
import { foldWords } from './unitsTable.ts';

export function draftFunds(
  programme: ProgrammeId,
  { movedMinor }: Programme,
  move: Exclude<FundsMove, 'unspecified'>,
  amountMinor: bigint,
  sourceCommitment: Bytes32,
): MoveFunds {
  return { programme, move, amountMinor, movedBeforeMinor: movedMinor[move], sourceCommitment };
}

/** Pauses until a moment. */
export function draftPause(
  programme: ProgrammeId,
  { version }: Programme,
  pausedUntil: bigint,
  byTwoInstitutions: boolean,
): PauseProgramme {
  return { programme, pausedUntil, byTwoInstitutions, versionBefore: version };
}

/** Resumes before the time. */
export function draftResumption(programme: ProgrammeId, { version }: Programme): ResumeProgramme {
  return { programme, versionBefore: version };
}

/** The act that two officers sign, and the words that are loaded after it. */
export interface EnrolmentDraft {
  readonly act: Enrol;
  /** 32 bytes a person; a chunk's first index is `act.startIndex` plus its first word. */
  readonly slots: Uint8Array;
}

/** Enrols people after those enrolled before, in the order of their cards. */
export function draftEnrolment(
  of: { readonly programme: ProgrammeId; readonly enrolmentEpoch: number },
  enrolment: Enrolment | undefined,
  cards: readonly Card[],
  hash?: Keccak256,
): EnrolmentDraft {
  const { programme, enrolmentEpoch } = of;
  const slots = packSlots(cards);
  const { enrolled, version } = enrolment ?? NO_ENROLMENT;
  const slotsHash = foldWords(slots, hash);
  return {
    act: {
      programme,
      enrolmentEpoch,
      startIndex: enrolled,
      count: cards.length,
      slotsHash,
      versionBefore: version,
    },
    slots,
  };
}

/** What an officer says of a card. */
export type CardGiven = Pick<Card, 'keyKind' | 'keyId' | 'standing' | 'effectiveFrom'>;

/** Gives the card in force another standing, or puts an active one with another key in its place. */
export function draftCard(
  of: { readonly programme: ProgrammeId; readonly enrolmentEpoch: number; readonly index: number },
  before: Card,
  next: CardGiven,
): SetCard {
  const { programme, enrolmentEpoch, index } = of;
  const { keyKind, keyId, standing, effectiveFrom } = next;
  const isSame = keyKind === before.keyKind && keyId === before.keyId && before.standing !== 'revoked';
  return {
    programme,
    enrolmentEpoch,
    index,
    cardEpoch: isSame ? before.cardEpoch : before.cardEpoch + 1,
    keyKind,
    keyId,
    standing,
    effectiveFrom,
    versionBefore: before.version,
  };
}

/** Registers a vendor, suspends it from a moment, lifts a suspension or revokes it. */
export function draftVendor(
  vendor: VendorId,
  institution: InstitutionId,
  before: Vendor | undefined,
  standing: Permit,
  from: bigint,
): SetVendor {
  return { vendor, institution, standing, from, versionBefore: before?.version ?? 0 };
}

/** What an officer says of a till. */
export type TillGiven = Pick<Till, 'keyKind' | 'keyId' | 'standing'>;

export function draftTill(
  of: { readonly vendor: VendorId; readonly till: TillId },
  before: Till | undefined,
  { keyKind, keyId, standing }: TillGiven,
): SetTill {
  const { vendor, till } = of;
  return { vendor, till, keyKind, keyId, standing, versionBefore: before?.version ?? 0 };
}

/** Cancels, ends, expires, reclaims or closes a cycle. */
export function draftStep(
  of: { readonly programme: ProgrammeId; readonly cycle: CycleId },
  cycle: Cycle,
  step: Exclude<CycleStep, 'unspecified'>,
  endsAt = 0n,
): MoveCycle {
  const isAccounting = step === 'expire' || step === 'reclaim';
  const unspentUnits = isAccounting ? outstandingUnits(cycle) : 0n;
  return { programme: of.programme, cycle: of.cycle, step, unspentUnits, endsAt };
}

/** Releases everything of a vendor's credit that waits for two officers. */
export function draftCreditRelease(
  of: { readonly programme: ProgrammeId; readonly cycle: CycleId; readonly vendor: VendorId },
  credit: Credit | undefined,
  caseCommitment: Bytes32,
): ReleaseCredit {
  const { programme, cycle, vendor } = of;
  const { releasedUnits, disputedUnits } = credit ?? NO_CREDIT;
  const units = disputedUnits;
  return { programme, cycle, vendor, releasedBeforeUnits: releasedUnits, units, caseCommitment };
}

/** Pays a vendor everything that is past dispute now, for exactly its value. */
export function draftSettlement(
  of: { readonly programme: ProgrammeId; readonly cycle: CycleId; readonly vendor: VendorId },
  records: { readonly programme: Programme; readonly cycle: Cycle; readonly credit?: Credit | undefined },
  statementHash: Bytes32,
  moment: Moment,
): Settle {
  const { programme, cycle, vendor } = of;
  const credit = matured(records.credit ?? NO_CREDIT, records.programme.disputeSeconds, moment);
  const units = settleableUnits(credit);
  return {
    programme,
    cycle,
    vendor,
    settledBeforeUnits: credit.settledUnits,
    units,
    amountMinor: units * records.cycle.unitValueMinor,
    statementHash,
  };
}
