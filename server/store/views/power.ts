/**
 * Who may act: institutions, officers, votes, pauses and halts, of the consortium in force.
 *
 * Rows are kept by the consortium's address: what a replaced one knew stays, and is no longer read. Pauses and halts
 * belong to the ledger and outlive it.
 */

import type { EventOf, Founding, LedgerEvent, Measure, OfficerKey } from '../../domain/acts/events.ts';
import { NEVER_PAUSED, type PauseClock, pausedUntil } from '../../domain/acts/moment.ts';
import { type Address, type Bytes32, wordOf } from '../../domain/base/hex.ts';
import {
  type InstitutionId,
  type KeyKind,
  type OfficeId,
  type OfficerId,
  ROLES,
  roleBits,
  SCOPES,
  type Scope,
} from '../../domain/base/terms.ts';
import { type HaltSpan, withHalt } from '../../domain/power/halts.ts';
import { FIRST_EPOCHS, type KeyPlaceName, placeOfEpoch } from '../../domain/power/possession.ts';
import { json, text } from '../codec.ts';
import {
  type DisposableStore,
  disposable,
  disposableList,
  type ListView,
  type View,
  type ViewBatch,
} from '../disposable.ts';
import { ordinal } from '../store.ts';
import { MAX_PAGE_ROWS, type Page, type PageRequest, pageOf } from './page.ts';
import type { Step } from './step.ts';

export interface ConstitutionRow {
  readonly consortium: Address;
  readonly quorum: number;
  readonly isSeated: boolean;
  readonly wideningWaitSeconds: number;
  readonly appointmentWaitSeconds: number;
}

export interface InstitutionRow {
  readonly institution: InstitutionId;
  /** Bits of ROLES it may give its officers. */
  readonly roles: number;
  /** First second at which its officers count again; in the past where it is not suspended, zero where it never was. */
  readonly suspendedUntil: bigint;
  readonly isExpelled: boolean;
}

/** Whether none of its officers counts at a moment. */
export function isBarred({ suspendedUntil, isExpelled }: InstitutionRow, nowSeconds: bigint): boolean {
  return isExpelled || nowSeconds < suspendedUntil;
}

export interface OfficerRow {
  readonly officer: OfficerId;
  readonly institution: InstitutionId;
  readonly office: OfficeId;
  readonly roles: number;
  /** The first key, whose epochs are odd, and the spare one, whose are even. */
  readonly keys: Readonly<Record<KeyPlaceName, OfficerKeyRow>>;
  /** The last suspension by a lone colleague; it is over when its time is, or when `isFreed`. */
  readonly suspended?: {
    readonly by: OfficerId;
    readonly until: bigint;
    readonly caseReference: Bytes32;
    readonly isFreed: boolean;
  };
  /** First second after the last suspension of a colleague: till then no vote, nor act of power or aid. */
  readonly narrowedUntil?: bigint;
  readonly revoked?: {
    readonly at: bigint;
    readonly by: OfficerId;
    readonly suspectSince: bigint;
    readonly caseReference: Bytes32;
  };
}

/** A key in its place. */
interface OfficerKeyRow {
  readonly epoch: number;
  readonly key: OfficerKey;
  /** First second at which a signature counts; zero for those of the founding. */
  readonly activeFrom: bigint;
}

export interface MeasureRow {
  readonly measureId: Bytes32;
  readonly measure: Measure;
  readonly openedBy: InstitutionId;
  readonly inFavour: readonly InstitutionId[];
  readonly against: readonly InstitutionId[];
  /** Zero while it has no quorum. */
  readonly executableFrom: bigint;
  readonly state: 'open' | 'executed' | 'lapsed';
  /** How members decided when it was carried out or lapsed, before it changed anything; undefined while it is open. */
  readonly decided?: DecidedRow;
  /** What became of it, in order: the last `STEPS_MAX`. */
  readonly steps: readonly MeasureStepRow[];
}

type DecidedRow = Pick<ConstitutionRow, 'quorum' | 'wideningWaitSeconds'> & {
  readonly activeMembers: readonly InstitutionId[];
};

export interface MeasureStepRow {
  readonly what: 'measure-opened' | 'vote' | 'measure-scheduled' | 'measure-executed' | 'measure-lapsed';
  readonly institution?: InstitutionId;
  readonly officer?: OfficerId;
  readonly inFavour?: boolean;
  readonly recordedAt: bigint;
  readonly blockNumber: bigint;
}

/** Who the consortium began with: no entry tells of them. */
export interface FoundedRow {
  readonly what: 'officer' | 'institution';
  readonly words: string;
  readonly recordedAt: bigint;
  readonly blockNumber: bigint;
}

/** An office and the one institution that keeps it. */
export interface OfficeRow {
  readonly office: OfficeId;
  readonly keeper: InstitutionId;
}

/** One order to stop scopes or to free them. */
export interface PauseRow {
  readonly scopes: readonly Scope[];
  /** Zero frees them. */
  readonly until: bigint;
  readonly byTwoInstitutions: boolean;
  readonly caseReference: Bytes32;
  readonly blockNumber: bigint;
  readonly recordedAt: bigint;
}

const constitutions = disposable('constitution', json<ConstitutionRow>());
const CURRENT = 'current';
const institutions = disposableList('institutions', json<InstitutionRow>(), 1);
const officers = disposableList('officers', json<OfficerRow>(), 1);
const officersByInstitution = disposableList('officersByInstitution', text, 2);
const verifiers = disposableList(
  'verifiers',
  json<{ readonly verifier: Address; readonly kind: KeyKind }>(),
  1,
);
const offices = disposableList('offices', json<OfficeRow>(), 1);
const policies = disposableList('policies', json<{ readonly name: Bytes32; readonly value: bigint }>(), 1);
const measures = disposable('measures', json<MeasureRow>());
const measureOrder = disposableList('measureOrder', text, 0);
/** By officer, and by the number of an institution as a word. */
const founded = disposable('founded', json<FoundedRow>());
/** Votes of every institution, each changed once or twice: a row stays small. */
const STEPS_MAX = 300;
/** Those that were neither carried out nor lapsed, by the number of their opening. */
const openMeasures = disposableList('openMeasures', text, 0);
/** The number of a measure that is open. */
const openedAs = disposable('openedAs', text);
const pauses = disposableList('pauses', json<PauseRow>(), 0);
/** By scope: its last pause, and how long those before it lasted. */
const pauseClocks = disposable('pauseClocks', json<PauseClock>());
/** By scope: the newest order about it. */
const pauseByScope = disposable('pauseByScope', json<PauseRow>());
const halts = disposable('halts', json<readonly HaltSpan[]>());

export function applyPower(step: Step, event: LedgerEvent): void {
  applyInstitution(step, event);
  applyOfficer(step, event);
  applyConstitution(step, event);
  applyMeasure(step, event);
  applySafeguard(step, event);
}

function change<T>(batch: ViewBatch, view: View<T>, key: string, part: Partial<T>): void {
  const row = batch.get(view, key);
  if (row === undefined) throw new Error(`an event about a row of ${view.name} that nothing began`);
  batch.put(view, key, { ...row, ...part });
}

// ---- Institutions and officers ------------------------------------------------------------------------------

function applyInstitution(step: Step, event: LedgerEvent): void {
  const { batch } = step;
  const keyOf = (institution: InstitutionId) => `${event.address}/${ordinal(institution)}`;
  switch (event.name) {
    case 'InstitutionAdmitted':
      admit(step, event.address, event.args.institution, event.args.roles);
      break;
    case 'InstitutionExpelled':
      change(batch, institutions, keyOf(event.args.institution), { isExpelled: true });
      break;
    case 'InstitutionSuspended':
      change(batch, institutions, keyOf(event.args.institution), { suspendedUntil: event.args.until });
      break;
    case 'SuspensionLifted':
      change(batch, institutions, keyOf(event.args.institution), { suspendedUntil: 0n });
      break;
    case 'InstitutionRolesChanged':
      change(batch, institutions, keyOf(event.args.institution), { roles: event.args.roles });
      break;
  }
}

function admit(
  { batch, counts }: Step,
  consortium: Address,
  institution: InstitutionId,
  roles: number,
): void {
  const row = { institution, roles, suspendedUntil: 0n, isExpelled: false };
  batch.put(institutions, `${consortium}/${ordinal(institution)}`, row);
  counts.institutions++;
}

function applyOfficer(step: Step, event: LedgerEvent): void {
  const { batch, block } = step;
  switch (event.name) {
    case 'OfficerAppointed': {
      appoint(step, event.address, event.args);
      break;
    }
    case 'KeyRotated': {
      const { officer, epoch, key, activeFrom } = event.args;
      const at = `${event.address}/${officer}`;
      const keys = batch.get(officers, at)?.keys;
      const rotated = { [placeOfEpoch(epoch)]: { epoch, key, activeFrom } };
      if (keys !== undefined) change(batch, officers, at, { keys: Object.assign({}, keys, rotated) });
      break;
    }
    case 'OfficerSuspended': {
      const { officer, revoker, until, caseReference } = event.args;
      const suspended = { by: revoker, until, caseReference, isFreed: false };
      change(batch, officers, `${event.address}/${officer}`, { suspended });
      change(batch, officers, `${event.address}/${revoker}`, { narrowedUntil: until });
      break;
    }
    case 'OfficerFreed': {
      const at = `${event.address}/${event.args.officer}`;
      const suspended = batch.get(officers, at)?.suspended;
      if (suspended !== undefined) {
        change(batch, officers, at, { suspended: Object.assign({}, suspended, { isFreed: true }) });
      }
      break;
    }
    case 'OfficerRevoked': {
      const { officer, revoker, suspectSince, caseReference } = event.args;
      const at = BigInt(block.timestampSeconds);
      const revoked = { at, by: revoker, suspectSince, caseReference };
      change(batch, officers, `${event.address}/${officer}`, { revoked });
      break;
    }
  }
}

type Appointment = Founding['officers'][number] & { readonly activeFrom: bigint };

function appoint({ batch, counts }: Step, consortium: Address, appointment: Appointment): void {
  const { officer, institution, office, roles, key, spare, activeFrom } = appointment;
  const keys = {
    key: { epoch: FIRST_EPOCHS.key, key, activeFrom },
    spare: { epoch: FIRST_EPOCHS.spare, key: spare, activeFrom },
  };
  const row: OfficerRow = { officer, institution, office, roles, keys };
  batch.put(officers, `${consortium}/${officer}`, row);
  batch.put(officersByInstitution, `${consortium}/${ordinal(institution)}/${officer}`, officer);
  counts.officers++;
}

// ---- How the members decide ---------------------------------------------------------------------------------

function applyConstitution(step: Step, event: LedgerEvent): void {
  const { batch } = step;
  switch (event.name) {
    case 'ConsortiumFounded':
      begin(step, event);
      break;
    case 'OfficeMoved':
      batch.put(offices, `${event.address}/${ordinal(event.args.office)}`, event.args);
      break;
    case 'QuorumChanged':
      change(batch, constitutions, CURRENT, { quorum: event.args.quorum });
      break;
    case 'ConsortiumSeated':
      change(batch, constitutions, CURRENT, { isSeated: true });
      break;
    case 'WideningWaitChanged':
      change(batch, constitutions, CURRENT, { wideningWaitSeconds: event.args.waitSeconds });
      break;
    case 'AppointmentWaitChanged':
      change(batch, constitutions, CURRENT, { appointmentWaitSeconds: event.args.waitSeconds });
      break;
    case 'VerifierAllowed':
      batch.put(verifiers, `${event.address}/${event.args.verifier}`, event.args);
      break;
    case 'VerifierDisallowed':
      batch.delete(verifiers, `${event.address}/${event.args.verifier}`);
      break;
    case 'PolicyChanged':
      batch.put(policies, `${event.address}/${event.args.name}`, event.args);
      break;
  }
}

/** A consortium begins with its file and nothing else; it counts its own institutions and officers. */
function begin(step: Step, { address, args: { founding } }: EventOf<'ConsortiumFounded'>): void {
  const { batch, counts } = step;
  const { quorum, wideningWaitSeconds, appointmentWaitSeconds } = founding;
  const isSeated = quorum >= SEATED_QUORUM;
  const constitution = { consortium: address, quorum, wideningWaitSeconds, appointmentWaitSeconds, isSeated };
  batch.put(constitutions, CURRENT, constitution);
  counts.institutions = 0;
  counts.officers = 0;
  for (const { institution, roles } of founding.institutions) admit(step, address, institution, roles);
  for (const officer of founding.officers) appoint(step, address, { ...officer, activeFrom: 0n });
  const at = { recordedAt: BigInt(step.block.timestampSeconds), blockNumber: step.block.cursor.number };
  for (const { institution, roles } of founding.institutions) {
    const words = `Institution ${institution} is of the founding; it may give the roles ${rolesWords(roles)}`;
    batch.put(
      founded,
      wordOf(BigInt(institution)),
      Object.assign({ what: 'institution' as const, words }, at),
    );
  }
  for (const { officer, institution, office, roles } of founding.officers) {
    const place = office === 0 ? 'every office' : `office ${office}`;
    const words = `An officer of institution ${institution} from the founding on, for ${place}, as ${rolesWords(roles)}`;
    batch.put(founded, officer, Object.assign({ what: 'officer' as const, words }, at));
  }
  for (const row of founding.verifiers) batch.put(verifiers, `${address}/${row.verifier}`, row);
  for (const row of founding.offices) batch.put(offices, `${address}/${ordinal(row.office)}`, row);
  for (const row of founding.policies) batch.put(policies, `${address}/${row.name}`, row);
}

const rolesWords = (bits: number) => ROLES.filter((_, bit) => (bits >> bit) % 2 === 1).join(', ') || 'none';

/** Their numbers are bits of one half word. */
const MAX_INSTITUTIONS = 127;
/** Two institutions hold it. */
const SEATED_QUORUM = 2;

function applyMeasure(step: Step, event: LedgerEvent): void {
  const { batch, counts } = step;
  switch (event.name) {
    case 'MeasureOpened': {
      const { measureId, measure, openedBy } = event.args;
      const row = { measureId, measure, openedBy, inFavour: [], against: [], executableFrom: 0n, steps: [] };
      batch.put(measures, measureId, { ...row, state: 'open' });
      const opened = ordinal(counts.measures++);
      batch.put(measureOrder, opened, measureId);
      batch.put(openMeasures, opened, measureId);
      batch.put(openedAs, measureId, opened);
      noteStep(step, event.blockNumber, measureId, { what: 'measure-opened', institution: openedBy });
      break;
    }
    case 'VoteCast': {
      const { measureId, institution, officer, inFavour } = event.args;
      const row = batch.get(measures, measureId);
      const others = (votes: readonly InstitutionId[] = []) => votes.filter((vote) => vote !== institution);
      const own = [institution];
      change(batch, measures, measureId, {
        inFavour: [...others(row?.inFavour), ...(inFavour ? own : [])],
        against: [...others(row?.against), ...(inFavour ? [] : own)],
      });
      noteStep(step, event.blockNumber, measureId, { what: 'vote', institution, officer, inFavour });
      break;
    }
    case 'MeasureScheduled':
      change(batch, measures, event.args.measureId, { executableFrom: event.args.executableFrom });
      noteStep(step, event.blockNumber, event.args.measureId, { what: 'measure-scheduled' });
      break;
    case 'MeasureExecuted':
      change(batch, measures, event.args.measureId, { state: 'executed', decided: decidedNow(step) });
      noteStep(step, event.blockNumber, event.args.measureId, { what: 'measure-executed' });
      close(batch, event.args.measureId);
      break;
    case 'MeasureLapsed':
      change(batch, measures, event.args.measureId, { state: 'lapsed', decided: decidedNow(step) });
      noteStep(step, event.blockNumber, event.args.measureId, { what: 'measure-lapsed' });
      close(batch, event.args.measureId);
      break;
  }
}

/** The Council says that it carries a measure out before it does. */
function decidedNow({ batch, block }: Step): DecidedRow {
  const row = batch.get(constitutions, CURRENT);
  if (row === undefined) throw new Error('a measure without members');
  const { consortium, quorum, wideningWaitSeconds } = row;
  const vote = roleBits(['vote']);
  const numbers = Array.from({ length: MAX_INSTITUTIONS }, (_, i) => ordinal(i + 1));
  const activeMembers = numbers.flatMap((number) => {
    const one = batch.get(institutions, `${consortium}/${number}`);
    const hasVote = one !== undefined && (one.roles & vote) !== 0;
    return hasVote && !isBarred(one, BigInt(block.timestampSeconds)) ? [one.institution] : [];
  });
  return { quorum, activeMembers, wideningWaitSeconds };
}

function noteStep(
  { batch, block }: Step,
  blockNumber: bigint,
  measureId: Bytes32,
  told: Omit<MeasureStepRow, 'recordedAt' | 'blockNumber'>,
): void {
  const steps = batch.get(measures, measureId)?.steps ?? [];
  const added = Object.assign({}, told, { recordedAt: BigInt(block.timestampSeconds), blockNumber });
  change(batch, measures, measureId, { steps: [...steps.slice(1 - STEPS_MAX), added] });
}

function close(batch: ViewBatch, measureId: Bytes32): void {
  const opened = batch.get(openedAs, measureId);
  if (opened === undefined) return;
  batch.delete(openMeasures, opened);
  batch.delete(openedAs, measureId);
}

// ---- Pauses and halts ---------------------------------------------------------------------------------------

function applySafeguard(step: Step, event: LedgerEvent): void {
  switch (event.name) {
    case 'Paused':
      order(step, event, event.args);
      break;
    case 'Unpaused':
      order(step, event, { ...event.args, until: 0n, byTwoInstitutions: false });
      break;
    case 'HaltRecorded': {
      const span = { from: Number(event.args.from), to: Number(event.args.to) };
      const known = step.batch.get(halts, CURRENT) ?? [];
      step.batch.put(halts, CURRENT, withHalt(known, span));
      break;
    }
  }
}

function order(
  { batch, block, counts }: Step,
  { blockNumber }: LedgerEvent,
  args: EventOf<'Paused'>['args'],
): void {
  const { scope, until, byTwoInstitutions, caseReference } = args;
  const scopes = SCOPES.filter((_, bit) => (scope >> bit) % 2 === 1);
  const recordedAt = BigInt(block.timestampSeconds);
  const row = { scopes, until, byTwoInstitutions, caseReference, blockNumber, recordedAt };
  batch.put(pauses, ordinal(counts.pauses++), row);
  for (const name of scopes) {
    batch.put(pauseByScope, name, row);
    batch.put(pauseClocks, name, pausedUntil(pauseClockIn(batch, name), until, recordedAt));
  }
}

/** The halts a deadline of this moment has to be extended by, as `extendedBy` takes them. */
export function haltsIn(batch: ViewBatch): readonly HaltSpan[] {
  return batch.get(halts, CURRENT) ?? [];
}

export function isSeatedIn(batch: ViewBatch): boolean {
  return batch.get(constitutions, CURRENT)?.isSeated ?? false;
}

/** A policy the registers obey; zero where none was set. */
export function policyIn(batch: ViewBatch, name: Bytes32): bigint {
  const consortium = batch.get(constitutions, CURRENT)?.consortium;
  return batch.get(policies, `${consortium}/${name}`)?.value ?? 0n;
}

export function pauseClockIn(batch: ViewBatch, scope: Scope): PauseClock {
  return batch.get(pauseClocks, scope) ?? NEVER_PAUSED;
}

// ---- Reading ------------------------------------------------------------------------------------------------

export class PowerViews {
  readonly #store: DisposableStore;

  constructor(store: DisposableStore) {
    this.#store = store;
  }

  /** Undefined until a consortium governs. */
  constitution(): Promise<ConstitutionRow | undefined> {
    return this.#store.get(constitutions, CURRENT);
  }

  institution(institution: InstitutionId): Promise<InstitutionRow | undefined> {
    return this.#get(institutions, ordinal(institution));
  }

  institutions(request: PageRequest = {}): Promise<Page<InstitutionRow>> {
    return this.#page(institutions, request);
  }

  /** How many institutions have a vote, suspended or not. */
  async memberCount(): Promise<number> {
    const { rows } = await this.institutions({ limit: MAX_INSTITUTIONS });
    const bit = roleBits(['vote']);
    return rows.filter(({ roles, isExpelled }) => !isExpelled && (roles & bit) !== 0).length;
  }

  officer(officer: OfficerId): Promise<OfficerRow | undefined> {
    return this.#get(officers, officer);
  }

  officers(request: PageRequest = {}): Promise<Page<OfficerRow>> {
    return this.#page(officers, request);
  }

  async officersOf(institution: InstitutionId, request: PageRequest = {}): Promise<Page<OfficerRow>> {
    const page = await this.#page(officersByInstitution, request, `/${ordinal(institution)}`);
    const rows = await Promise.all(page.rows.map((officer) => this.officer(officer as OfficerId)));
    return { ...page, rows: rows.filter((row) => row !== undefined) };
  }

  /** Who keeps an office; undefined where nobody does. */
  async officeKeeper(office: OfficeId): Promise<InstitutionId | undefined> {
    return (await this.#get(offices, ordinal(office)))?.keeper;
  }

  /** Every office that somebody keeps. */
  async offices(): Promise<readonly OfficeRow[]> {
    return (await this.#page(offices, { limit: MAX_PAGE_ROWS })).rows;
  }

  /** Every policy that was set. */
  async policies(): Promise<readonly { readonly name: Bytes32; readonly value: bigint }[]> {
    return (await this.#page(policies, { limit: MAX_PAGE_ROWS })).rows;
  }

  /** A policy the registers obey; zero where none was set. */
  async policy(name: Bytes32): Promise<bigint> {
    return (await this.#get(policies, name))?.value ?? 0n;
  }

  verifiers(
    request: PageRequest = {},
  ): Promise<Page<{ readonly verifier: Address; readonly kind: KeyKind }>> {
    return this.#page(verifiers, request);
  }

  measure(measureId: Bytes32): Promise<MeasureRow | undefined> {
    return this.#store.get(measures, measureId);
  }

  /** Of an officer or an institution of the founding. */
  founded(subject: Bytes32): Promise<FoundedRow | undefined> {
    return this.#store.get(founded, subject);
  }

  /** Newest first. */
  async measures(request: PageRequest = {}, isOpen = false): Promise<Page<MeasureRow>> {
    const view = isOpen ? openMeasures : measureOrder;
    const page = await pageOf(this.#store, view, '', { newestFirst: true, ...request });
    const rows = await Promise.all(page.rows.map((id) => this.#store.get(measures, id)));
    return { ...page, rows: rows.filter((row) => row !== undefined) };
  }

  /** Scopes that are stopped at a moment, with the order that stops each. */
  async pausedAt(moment: bigint): Promise<ReadonlyMap<Scope, PauseRow>> {
    const found = new Map<Scope, PauseRow>();
    for (const scope of SCOPES) {
      const row = await this.#store.get(pauseByScope, scope);
      if (row !== undefined && row.until > moment) found.set(scope, row);
    }
    return found;
  }

  /** The last pause of a scope, and how long those before it lasted. */
  async pauseClock(scope: Scope): Promise<PauseClock> {
    return (await this.#store.get(pauseClocks, scope)) ?? NEVER_PAUSED;
  }

  /** Every order to stop or free, newest first. */
  pauses(request: PageRequest = {}): Promise<Page<PauseRow>> {
    return pageOf(this.#store, pauses, '', { newestFirst: true, ...request });
  }

  /** Every halt, in order. */
  async halts(): Promise<readonly HaltSpan[]> {
    return (await this.#store.get(halts, CURRENT)) ?? [];
  }

  async #get<T>(view: View<T>, key: string): Promise<T | undefined> {
    const consortium = (await this.constitution())?.consortium;
    return consortium === undefined ? undefined : this.#store.get(view, `${consortium}/${key}`);
  }

  async #page<T>(view: ListView<T>, request: PageRequest, below = ''): Promise<Page<T>> {
    const consortium = (await this.constitution())?.consortium;
    return consortium === undefined
      ? { total: 0, rows: [] }
      : pageOf(this.#store, view, `${consortium}${below}`, request);
  }
}
