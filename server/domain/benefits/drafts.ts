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
  ReplaceCard,
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

/** Pauses until a moment, or resumes with zero. */
export function draftPause(
  programme: ProgrammeId,
  { version }: Programme,
  pausedUntil: bigint,
): PauseProgramme {
  return { programme, pausedUntil, versionBefore: version };
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
  const { enrolled } = enrolment ?? NO_ENROLMENT;
  const slotsHash = foldWords(slots, hash);
  return {
    act: { programme, enrolmentEpoch, startIndex: enrolled, count: cards.length, slotsHash },
    slots,
  };
}

/** Puts a card in the place of another, or the same one with another standing. */
export function draftCard(
  of: { readonly programme: ProgrammeId; readonly enrolmentEpoch: number; readonly index: number },
  before: Card,
  next: Omit<Card, 'cardEpoch'>,
): ReplaceCard {
  const { programme, enrolmentEpoch, index } = of;
  const { keyKind, keyId, standing, effectiveFrom } = next;
  return {
    programme,
    enrolmentEpoch,
    index,
    cardEpochBefore: before.cardEpoch,
    keyKind,
    keyId,
    standing,
    effectiveFrom,
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

export function draftTill(
  of: { readonly vendor: VendorId; readonly till: TillId },
  before: Till | undefined,
  { keyKind, keyId, standing }: Omit<Till, 'version'>,
): SetTill {
  const { vendor, till } = of;
  return { vendor, till, keyKind, keyId, standing, versionBefore: before?.version ?? 0 };
}

/** Cancels, ends, expires, reclaims or closes a cycle. */
export function draftStep(
  of: { readonly programme: ProgrammeId; readonly cycle: CycleId },
  cycle: Cycle,
  step: Exclude<CycleStep, 'unspecified'>,
): MoveCycle {
  const isAccounting = step === 'expire' || step === 'reclaim';
  const unspentUnits = isAccounting ? outstandingUnits(cycle) : 0n;
  return { programme: of.programme, cycle: of.cycle, step, unspentUnits };
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
