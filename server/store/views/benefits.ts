/**
 * Programmes, cycles, vendors and money as the register holds them, each record under its own key.
 *
 * How an event changes a record is the domain's (`follow`); here is only where records stand and how lists of them
 * are read. Cards and what people have left are in tables.ts.
 */

import type { EventOf } from '../../domain/acts/events.ts';
import type { Moment } from '../../domain/acts/moment.ts';
import type { Bytes32 } from '../../domain/base/hex.ts';
import type { EntryId, InstitutionId, OfficeId, ProgrammeId, VendorId } from '../../domain/base/terms.ts';
import type { AppliedAct, CycleEnvelope } from '../../domain/benefits/act.ts';
import { type BenefitEvent, follow, type Touched, touched } from '../../domain/benefits/follow.ts';
import { accountOf, type Money, moneyOf, type VendorAccount } from '../../domain/benefits/money.ts';
import { amountOf, judgeTier, type MovedAlone, tierPolicy } from '../../domain/benefits/policies.ts';
import type { Change, Records } from '../../domain/benefits/prepare.ts';
import {
  type Credit,
  type Cycle,
  type Enrolment,
  matured,
  type Programme,
  type Till,
  type Vendor,
} from '../../domain/benefits/records.ts';
import type { CycleId, TillId } from '../../domain/benefits/terms.ts';
import { momentAt } from '../../domain/power/halts.ts';
import { json, text } from '../codec.ts';
import { disposable, disposableList, type ViewBatch } from '../disposable.ts';
import { ordinal } from '../store.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import { haltsIn, isSeatedIn, pauseClockIn, policyIn } from './power.ts';
import type { Step } from './step.ts';
import {
  applyResults,
  applySlots,
  applyWords,
  type BatchRow,
  batches,
  batchKey,
  cardIn,
  putCard,
  TableViews,
} from './tables.ts';

export interface ProgrammeRow {
  readonly programme: ProgrammeId;
  readonly record: Programme;
}

export interface CycleRow {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly record: Cycle;
  /** What two officers signed. */
  readonly envelope: CycleEnvelope;
  /** What became of the units nobody spent, once the cycle is accounted. */
  readonly unspent?: { readonly step: 'expire' | 'reclaim'; readonly units: bigint };
}

export interface EnrolmentRow {
  readonly programme: ProgrammeId;
  readonly enrolmentEpoch: number;
  readonly record: Enrolment;
}

export interface VendorRow {
  readonly vendor: VendorId;
  readonly record: Vendor;
}

export interface TillRow {
  readonly vendor: VendorId;
  readonly till: TillId;
  readonly record: Till;
}

export interface CreditRow {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly vendor: VendorId;
  readonly record: Credit;
  readonly unitValueMinor: bigint;
  readonly disputeSeconds: number;
}

export interface SettlementRow {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly vendor: VendorId;
  readonly entryId: EntryId;
  readonly units: bigint;
  readonly amountMinor: bigint;
  readonly statementHash: Bytes32;
  readonly blockNumber: bigint;
  readonly recordedAt: bigint;
}

const programmeRows = json<ProgrammeRow>();
/** JSON writes a free lane as null. */
const programmes = disposableList<ProgrammeRow>(
  'programmes',
  {
    encode: programmeRows.encode,
    decode(bytes) {
      const { programme, record } = programmeRows.decode(bytes);
      return { programme, record: { ...record, lanes: record.lanes.map((cycle) => cycle ?? undefined) } };
    },
  },
  0,
);
const programmesByInstitution = disposableList('programmesByInstitution', text, 1);
/** By institution and office: for who works for one office alone. */
const programmesByOffice = disposableList('programmesByOffice', text, 2);
const cycles = disposableList('cycles', json<CycleRow>(), 1);
const enrolments = disposableList('enrolments', json<EnrolmentRow>(), 1);
const vendors = disposableList('vendors', json<VendorRow>(), 0);
const vendorsByInstitution = disposableList('vendorsByInstitution', text, 1);
const vendorsByOffice = disposableList('vendorsByOffice', text, 2);
const tills = disposableList('tills', json<TillRow>(), 1);
const credits = disposableList('credits', json<CreditRow>(), 2);
/** By vendor, programme and cycle. */
const creditsByVendor = disposableList('creditsByVendor', text, 1);
const settlements = disposableList('settlements', json<SettlementRow>(), 2);
/** By institution and currency: what its own officers moved alone. */
const movedAlone = disposable('movedAlone', json<MovedAlone>());

/** All offices of an institution, or one. */
interface OfficeOf {
  readonly institution: InstitutionId;
  readonly office?: OfficeId | undefined;
}

const officeKey = ({ institution, office }: Required<OfficeOf>) =>
  `${ordinal(institution)}/${ordinal(office ?? 0)}`;
const cycleKey = (programme: ProgrammeId, cycle: CycleId) => `${programme}/${ordinal(cycle)}`;
const enrolmentKey = (programme: ProgrammeId, epoch: number) => `${programme}/${ordinal(epoch)}`;
const creditKey = (of: { programme: ProgrammeId; cycle: CycleId; vendor: VendorId }) =>
  `${cycleKey(of.programme, of.cycle)}/${of.vendor}`;

type BenefitEventOf = EventOf<'ActApplied' | 'SlotsLoaded' | 'UnitsLoaded' | 'BatchRedeemed'>;

export function applyBenefits(step: Step, event: BenefitEventOf): void {
  const domainEvent = { name: event.name, ...event.args } as BenefitEvent;
  const keys = touched(domainEvent);
  const records = recordsIn(step.batch, keys, event);
  for (const change of follow(domainEvent, records, momentOf(step))) put(step, keys, change, event);
  switch (event.name) {
    case 'SlotsLoaded':
      applySlots(step, event.args, records.enrolment?.enrolled ?? 0);
      break;
    case 'UnitsLoaded':
      applyWords(step, event.args, records.cycle?.loadedWords ?? 0);
      break;
    case 'BatchRedeemed':
      if (records.cycle) applyResults(step, event, records.cycle);
      break;
    case 'ActApplied':
      sumAlone(step, event.args.applied, records);
      if (event.args.applied.name === 'Settle') settle(step, event);
      break;
  }
}

/** As the register sums: what two institutions sign is not counted. */
function sumAlone({ batch, block }: Step, applied: AppliedAct, records: Records): void {
  const { programme } = records;
  const amountMinor = amountOf(applied, records);
  if (programme === undefined || amountMinor === 0n) return;
  const key = `${ordinal(programme.institution)}/${ordinal(programme.currency)}`;
  const tierMinor = policyIn(batch, tierPolicy(programme.currency));
  const now = BigInt(block.timestampSeconds);
  const { isAbove, after } = judgeTier(batch.get(movedAlone, key), amountMinor, tierMinor, now);
  if (!isAbove || !isSeatedIn(batch)) batch.put(movedAlone, key, after);
}

function momentOf({ batch, block }: Step): Moment {
  return momentAt(BigInt(block.timestampSeconds), haltsIn(batch), pauseClockIn(batch, 'redemption'));
}

function recordsIn(batch: ViewBatch, keys: Touched, _event: BenefitEventOf): Records {
  const { programme, cycle, enrolment, card, vendor, till, credit } = keys;
  return {
    programme: programme && batch.get(programmes, programme)?.record,
    cycle: cycle && batch.get(cycles, cycleKey(cycle.programme, cycle.cycle))?.record,
    enrolment:
      enrolment && batch.get(enrolments, enrolmentKey(enrolment.programme, enrolment.enrolmentEpoch))?.record,
    card: card && cardIn(batch, card),
    vendor: vendor && batch.get(vendors, vendor)?.record,
    till: till && batch.get(tills, `${till.vendor}/${ordinal(till.till)}`)?.record,
    credit: credit && batch.get(credits, creditKey(credit))?.record,
  };
}

function put(step: Step, keys: Touched, change: Change, event: BenefitEventOf): void {
  const { batch, counts } = step;
  switch (change.record) {
    case 'programme': {
      const programme = keys.programme as ProgrammeId;
      batch.put(programmes, programme, { programme, record: change.after });
      if (change.before) break;
      batch.put(programmesByInstitution, `${ordinal(change.after.institution)}/${programme}`, programme);
      batch.put(programmesByOffice, `${officeKey(change.after)}/${programme}`, programme);
      counts.programmes++;
      break;
    }
    case 'cycle': {
      const { programme, cycle } = keys.cycle as NonNullable<Touched['cycle']>;
      const key = cycleKey(programme, cycle);
      const before = batch.get(cycles, key);
      const envelope = before?.envelope ?? envelopeOf(event);
      const row = { programme, cycle, envelope, ...before, record: change.after };
      batch.put(cycles, key, { ...row, ...unspentIn(event) });
      if (before === undefined) counts.cycles++;
      break;
    }
    case 'enrolment': {
      const { programme, enrolmentEpoch } = keys.enrolment as NonNullable<Touched['enrolment']>;
      const row = { programme, enrolmentEpoch, record: change.after };
      batch.put(enrolments, enrolmentKey(programme, enrolmentEpoch), row);
      break;
    }
    case 'card':
      putCard(batch, keys.card as NonNullable<Touched['card']>, change.after);
      break;
    case 'vendor': {
      const vendor = keys.vendor as VendorId;
      batch.put(vendors, vendor, { vendor, record: change.after });
      batch.put(vendorsByInstitution, `${ordinal(change.after.institution)}/${vendor}`, vendor);
      if (change.before) batch.delete(vendorsByOffice, `${officeKey(change.before)}/${vendor}`);
      batch.put(vendorsByOffice, `${officeKey(change.after)}/${vendor}`, vendor);
      if (change.before === undefined) counts.vendors++;
      break;
    }
    case 'till': {
      const { vendor, till } = keys.till as NonNullable<Touched['till']>;
      batch.put(tills, `${vendor}/${ordinal(till)}`, { vendor, till, record: change.after });
      break;
    }
    case 'credit':
      putCredit(batch, keys.credit as NonNullable<Touched['credit']>, change.after);
      break;
  }
}

function putCredit(batch: ViewBatch, of: NonNullable<Touched['credit']>, record: Credit): void {
  const { programme, cycle, vendor } = of;
  const unitValueMinor = batch.get(cycles, cycleKey(programme, cycle))?.record.unitValueMinor ?? 0n;
  const disputeSeconds = batch.get(programmes, programme)?.record.disputeSeconds ?? 0;
  const row = { programme, cycle, vendor, record, unitValueMinor, disputeSeconds };
  batch.put(credits, creditKey(of), row);
  batch.put(creditsByVendor, `${vendor}/${cycleKey(programme, cycle)}`, creditKey(of));
}

function envelopeOf(event: BenefitEventOf): CycleEnvelope {
  const applied = event.name === 'ActApplied' ? event.args.applied : undefined;
  if (applied?.name !== 'CycleEnvelope') throw new Error('a cycle that no envelope opened');
  return applied.act;
}

/** The units that expiring or reclaiming took from a cycle. */
function unspentIn(event: BenefitEventOf): Pick<CycleRow, 'unspent'> {
  const applied = event.name === 'ActApplied' ? event.args.applied : undefined;
  if (applied?.name !== 'MoveCycle') return {};
  const { step, unspentUnits: units } = applied.act;
  return step === 'expire' || step === 'reclaim' ? { unspent: { step, units } } : {};
}

function settle({ batch, block, counts }: Step, { args, blockNumber }: EventOf<'ActApplied'>): void {
  if (args.applied.name !== 'Settle') return;
  const { programme, cycle, vendor, units, amountMinor, statementHash } = args.applied.act;
  batch.put(settlements, `${cycleKey(programme, cycle)}/${ordinal(counts.settlements++)}`, {
    programme,
    cycle,
    vendor,
    entryId: args.entryId,
    units,
    amountMinor,
    statementHash,
    blockNumber,
    recordedAt: BigInt(block.timestampSeconds),
  });
}

/** Of a programme that is defined; undefined of any other. */
export function currencyIn(batch: ViewBatch, programme: ProgrammeId): number | undefined {
  return batch.get(programmes, programme)?.record.currency;
}

export class BenefitViews extends TableViews {
  programme(programme: ProgrammeId): Promise<ProgrammeRow | undefined> {
    return this.store.get(programmes, programme);
  }

  programmes(request: PageRequest = {}): Promise<Page<ProgrammeRow>> {
    return pageOf(this.store, programmes, '', request);
  }

  async programmesOf(
    { institution, office }: OfficeOf,
    request: PageRequest = {},
  ): Promise<Page<ProgrammeRow>> {
    const page = await (office === undefined
      ? pageOf(this.store, programmesByInstitution, ordinal(institution), request)
      : pageOf(this.store, programmesByOffice, officeKey({ institution, office }), request));
    const rows = await Promise.all(page.rows.map((id) => this.store.get(programmes, id)));
    return { ...page, rows: rows.filter((row) => row !== undefined) };
  }

  /** A programme's money, whose parts sum to what was funded (B1). */
  async money(programme: ProgrammeId): Promise<Money | undefined> {
    const row = await this.programme(programme);
    if (row === undefined) return undefined;
    const inLanes = row.record.lanes.filter((cycle) => cycle !== undefined);
    const found = await Promise.all(inLanes.map((cycle) => this.cycle(programme, cycle)));
    return moneyOf(
      row.record,
      found.flatMap((cycle) => cycle?.record ?? []),
    );
  }

  /** What an institution moved of a currency by itself, in the window of its last act. */
  movedAlone(institution: InstitutionId, currency: number): Promise<MovedAlone | undefined> {
    return this.store.get(movedAlone, `${ordinal(institution)}/${ordinal(currency)}`);
  }

  cycle(programme: ProgrammeId, cycle: CycleId): Promise<CycleRow | undefined> {
    return this.store.get(cycles, cycleKey(programme, cycle));
  }

  cycles(programme: ProgrammeId, request: PageRequest = {}): Promise<Page<CycleRow>> {
    return pageOf(this.store, cycles, programme, request);
  }

  enrolment(programme: ProgrammeId, epoch: number): Promise<EnrolmentRow | undefined> {
    return this.store.get(enrolments, enrolmentKey(programme, epoch));
  }

  enrolments(programme: ProgrammeId, request: PageRequest = {}): Promise<Page<EnrolmentRow>> {
    return pageOf(this.store, enrolments, programme, request);
  }

  vendor(vendor: VendorId): Promise<VendorRow | undefined> {
    return this.store.get(vendors, vendor);
  }

  vendors(request: PageRequest = {}): Promise<Page<VendorRow>> {
    return pageOf(this.store, vendors, '', request);
  }

  async vendorsOf({ institution, office }: OfficeOf, request: PageRequest = {}): Promise<Page<VendorRow>> {
    const page = await (office === undefined
      ? pageOf(this.store, vendorsByInstitution, ordinal(institution), request)
      : pageOf(this.store, vendorsByOffice, officeKey({ institution, office }), request));
    const rows = await Promise.all(page.rows.map((id) => this.store.get(vendors, id)));
    return { ...page, rows: rows.filter((row) => row !== undefined) };
  }

  till(vendor: VendorId, till: TillId): Promise<TillRow | undefined> {
    return this.store.get(tills, `${vendor}/${ordinal(till)}`);
  }

  tills(vendor: VendorId, request: PageRequest = {}): Promise<Page<TillRow>> {
    return pageOf(this.store, tills, vendor, request);
  }

  credit(programme: ProgrammeId, cycle: CycleId, vendor: VendorId): Promise<CreditRow | undefined> {
    return this.store.get(credits, creditKey({ programme, cycle, vendor }));
  }

  /** What each vendor earned in a cycle. */
  credits(programme: ProgrammeId, cycle: CycleId, request: PageRequest = {}): Promise<Page<CreditRow>> {
    return pageOf(this.store, credits, cycleKey(programme, cycle), request);
  }

  /** What a vendor earned, cycle by cycle. */
  async creditsOf(vendor: VendorId, request: PageRequest = {}): Promise<Page<CreditRow>> {
    const page = await pageOf(this.store, creditsByVendor, vendor, request);
    const rows = await Promise.all(page.rows.map((key) => this.store.get(credits, key)));
    return { ...page, rows: rows.filter((row) => row !== undefined) };
  }

  settlements(
    programme: ProgrammeId,
    cycle: CycleId,
    request: PageRequest = {},
  ): Promise<Page<SettlementRow>> {
    return pageOf(this.store, settlements, cycleKey(programme, cycle), request);
  }

  /** Batches of a cycle in the order of the chain. */
  batches(programme: ProgrammeId, cycle: CycleId, request: PageRequest = {}): Promise<Page<BatchRow>> {
    return pageOf(this.store, batches, batchKey(programme, cycle), request);
  }
}

/** A vendor's account at a moment, in minor units. */
export function accountAt(
  { record, unitValueMinor, disputeSeconds }: CreditRow,
  moment: Moment,
): VendorAccount {
  return accountOf(matured(record, disputeSeconds, moment), unitValueMinor);
}
