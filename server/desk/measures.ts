/**
 * What the members vote on: from a proposal in words, or a measure there is, to the vote that an officer signs; where each
 * measure stands; and carrying out what has its votes.
 *
 * Promises: a vote names every appointment behind the measure's hash, so that nobody votes on whom they cannot read; where
 * a measure stands is what the Council would say; whom a measure appoints goes with the vote, which `commit` keeps once it
 * is signed. `http` calls it, `main` wires it.
 */
import type { ActDraft } from '../acts/commit.ts';
import type { MeasureCalls } from '../acts/powerCalls.ts';
import type { Measure } from '../domain/acts/events.ts';
import { isPassed, type Moment } from '../domain/acts/moment.ts';
import { digestOf } from '../domain/acts/typedData.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { ZERO_32 } from '../domain/base/hex.ts';
import { momentInWords } from '../domain/base/inWords.ts';
import { Refusal, type RefusalCode, refusal } from '../domain/base/refusal.ts';
import type { InstitutionId } from '../domain/base/terms.ts';
import { POWER_TYPES } from '../domain/power/acts.ts';
import type { FoundingOfficer } from '../domain/power/founding.ts';
import { momentAt } from '../domain/power/halts.ts';
import {
  type Constitution,
  isForEver,
  keepsMembers,
  type MeasureStanding,
  type MeasureState,
  measureSentence,
  misshapen,
  OF_A_CONTRACT,
  standingOfMeasure,
  type Tally,
} from '../domain/power/measureState.ts';
import { appointmentsHashOf, measureMessage, type ProvenAppointment } from '../domain/power/measures.ts';
import { appointmentOf, domainOf, requireAdminsFit } from '../domain/power/prepare.ts';
import { APPOINTING, measureOf, type Proposal } from '../domain/power/proposals.ts';
import type { Call, Owner } from '../store/operation.ts';
import type { Proposals } from '../store/proposals.ts';
import type { MeasureRow } from '../store/views/power.ts';
import { type OrderedBy, orderDraft, type PowerDesk, verifiersOf } from './power.ts';

export interface MeasureDesk extends PowerDesk {
  readonly proposals: Proposals;
  readonly calls: MeasureCalls;
  /** One gateway seals the ledger, whoever is listed as a validator. */
  readonly sealsAlone: boolean;
}

/** `Council`: long enough for a board that meets once a month. */
const MAX_VOTING_SECONDS = 60n * 86_400n;

/** A measure as whoever votes must see it. */
export interface MeasureShown {
  readonly row: MeasureRow;
  readonly sentence: string;
  readonly standing: MeasureStanding;
  readonly tally: Tally;
  readonly quorum: number;
  /** Undefined where this gateway does not know whom it appoints. */
  readonly appointments: readonly ProvenAppointment[] | undefined;
  /** What would refuse it as things stand, whatever its votes and its wait. */
  readonly obstacle: Refusal | undefined;
  /** Why it would decide nothing, though it may be carried out. */
  readonly caution: Refusal | undefined;
}

/** A vote to sign, and what would refuse the measure as things stand. */
export interface VoteDraft extends ActDraft {
  readonly obstacle?: Refusal;
  readonly caution?: Refusal;
}

/** Open measures of a listing that are tried: each is a call or two of the ledger. */
const MOST_TRIED = 50;

// ---- Voting -------------------------------------------------------------------------------------------------

/** The vote that opens a measure. */
export async function propose(
  desk: MeasureDesk,
  owner: Owner,
  given: OrderedBy & {
    readonly proposal: Proposal;
    readonly officers: readonly FoundingOfficer[];
    readonly closesAt: bigint;
    readonly salt: bigint;
  },
): Promise<VoteDraft> {
  const { proposal, officers, closesAt, salt } = given;
  const now = desk.nowSeconds();
  if (closesAt <= now) throw refusal('voting-too-short', undefined, { field: '/closesAt' });
  if (closesAt > now + MAX_VOTING_SECONDS)
    throw refusal('voting-too-long', undefined, { field: '/closesAt' });
  if (APPOINTING.has(proposal.kind) !== officers.length > 0) {
    throw refusal('measure-malformed', undefined, { field: '/officers' });
  }
  const constitution = await desk.reading.constitution();
  requireActive(owner, constitution);
  const proven = await provenAppointments(desk, proposal, officers);
  const appointmentsHash = appointmentsHashOf(proven.map(({ appointment }) => appointment));
  const gaps = proposal.kind === 'record-halt' ? await silencesIn(desk, proposal) : 0n;
  const measure = measureOf(proposal, { appointmentsHash, closesAt, salt }, gaps);
  const obstacle = await obstacleTo(desk, measure, proven, constitution);
  if (obstacle !== undefined) await requireEverPossible(desk, measure, obstacle, constitution);
  const draft = await ballot(desk, owner, given, { measure, inFavour: true, appointments: proven });
  return Object.assign(draft, toldBeside(obstacle, cautionOn(desk, measure)));
}

const toldBeside = (obstacle: Refusal | undefined, caution: Refusal | undefined) =>
  Object.assign({}, obstacle && { obstacle }, caution && { caution });

const OF_VALIDATORS: ReadonlySet<Measure['kind']> = new Set<Measure['kind']>([
  'add-validator',
  'remove-validator',
  'replace-validator',
]);

/** Nobody is asked to vote on who seals a ledger that one gateway seals, without being told. */
function cautionOn({ sealsAlone }: MeasureDesk, { kind }: Measure): Refusal | undefined {
  return sealsAlone && OF_VALIDATORS.has(kind) ? refusal('ledger-seals-alone') : undefined;
}

/** A vote on a measure that was opened, here or elsewhere: for it, or against it for good. */
export async function vote(
  desk: MeasureDesk,
  owner: Owner,
  given: OrderedBy & {
    readonly measure: Bytes32;
    readonly inFavour: boolean;
    /** Whom it appoints, where this gateway does not know. */
    readonly officers: readonly FoundingOfficer[];
  },
): Promise<VoteDraft> {
  const { measure } = await requireMeasure(desk, given.measure);
  const [tally, constitution] = await Promise.all([
    desk.reading.tally(given.measure),
    desk.reading.constitution(),
  ]);
  requireActive(owner, constitution);
  if (tally.isClosed) throw refusal('measure-is-closed', undefined, { field: '/measure' });
  const own = owner.institution as InstitutionId;
  if (tally.against.includes(own)) throw refusal('vote-against-stands');
  if (given.inFavour && tally.inFavour.includes(own)) throw refusal('vote-unchanged');
  if (given.inFavour && isPassed(await momentNow(desk), tally.closesAt)) throw refusal('voting-is-closed');
  const appointments = await requireAppointments(desk, measure, given.officers);
  const draft = await ballot(desk, owner, given, { measure, inFavour: given.inFavour, appointments });
  if (!given.inFavour) return draft;
  const obstacle = await obstacleTo(desk, measure, appointments, constitution);
  return Object.assign(draft, toldBeside(obstacle, cautionOn(desk, measure)));
}

async function ballot(
  desk: MeasureDesk,
  owner: Owner,
  { officer, epoch }: OrderedBy,
  given: {
    readonly measure: Measure;
    readonly inFavour: boolean;
    readonly appointments: readonly ProvenAppointment[];
  },
): Promise<ActDraft> {
  const message = { measure: measureMessage(given.measure), inFavour: given.inFavour, officer, epoch };
  const items = given.appointments.map(({ appointment }) => appointment);
  const domain = domainOf(desk.ledger, 'consortium');
  const draft = orderDraft(desk, owner, measureIdOf(desk, given.measure), 'Vote', { domain, message, items });
  return { ...(await draft), appoints: given.appointments };
}

/** The digest that names a measure of the consortium in force. */
function measureIdOf({ ledger }: Pick<MeasureDesk, 'ledger'>, measure: Measure): Bytes32 {
  const domain = domainOf(ledger, 'consortium');
  return digestOf({ domain, types: POWER_TYPES, primaryType: 'Measure', message: measureMessage(measure) });
}

function requireActive({ institution }: Owner, { activeMembers }: Constitution): void {
  if (!activeMembers.includes(institution as InstitutionId)) throw refusal('not-a-member');
}

async function provenAppointments(
  desk: MeasureDesk,
  proposal: Proposal,
  officers: readonly FoundingOfficer[],
): Promise<readonly ProvenAppointment[]> {
  officers.forEach(({ institution }, i) => {
    if ('institution' in proposal && institution === proposal.institution) return;
    throw refusal('institution-differs', undefined, { field: `/officers/${i}/institution` });
  });
  // Of those in office some may be revoked before it is carried out.
  requireAdminsFit(0, officers, (i) => `/officers/${i}`);
  return provenOf(desk, officers);
}

// ---- Whether it could be carried out -------------------------------------------------------------------------

/** Votes and time are told by where a measure stands. */
const OF_ITS_TIME: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'quorum-missing',
  'wait-begins-anew',
  'wait-not-over',
  'measure-expired',
  'measure-is-closed',
]);

/**
 * What would refuse a measure if it had its votes and had waited: the Council's own rules as the gateway can tell them,
 * and what the consortium and the registers answer to the very call that carries it out.
 */
async function obstacleTo(
  desk: MeasureDesk,
  measure: Measure,
  appointments: readonly ProvenAppointment[],
  constitution: Constitution,
): Promise<Refusal | undefined> {
  const { reading } = desk;
  const { kind, institution, target } = measure;
  const code = misshapen(measure);
  if (code !== undefined) return plain(code);
  if (kind === 'put-in-force' && (await reading.isNamed(target))) return plain('register-named-twice');
  if (OF_A_CONTRACT.has(kind) && !(await reading.isContract(target))) return plain('not-a-contract');
  if (kind === 'reseat-institution' && (await reading.canManage(institution))) {
    return plain('institution-can-manage');
  }
  if (kind === 'add-validator') {
    const runs = await desk.views.power.institution(institution);
    if (runs === undefined) return plain('institution-unknown');
    if (runs.isExpelled) return plain('institution-unchanged');
  }
  const tried = await reading.triesEnacting(measureIdOf(desk, measure), measure, appointments);
  if (tried === 'silent') return ofAnotherMake(kind);
  if (tried !== undefined) return tried;
  return keepsMembers(measure, constitution) ? undefined : plain('members-below-quorum');
}

/** What has its votes and has waited is tried as it is: the Council's whole answer. */
async function obstacleToStep(
  desk: MeasureDesk,
  measure: Measure,
  appointments: readonly ProvenAppointment[],
): Promise<Refusal | undefined> {
  const tried = await desk.reading.tries(desk.calls.execute(measure, appointments));
  if (tried === 'silent') return ofAnotherMake(measure.kind);
  return tried === undefined || OF_ITS_TIME.has(tried.code) ? undefined : tried;
}

/** A contract that answers nothing of what a register is asked succeeds none. */
function ofAnotherMake(kind: Measure['kind']): Refusal | undefined {
  return OF_A_CONTRACT.has(kind) ? plain('not-the-predecessor') : undefined;
}

type PlainCode =
  | 'institution-can-manage'
  | 'institution-unchanged'
  | 'institution-unknown'
  | 'members-below-quorum'
  | 'not-a-contract'
  | 'not-the-predecessor'
  | 'register-named-twice';
const plain = (code: PlainCode | NonNullable<ReturnType<typeof misshapen>>): Refusal =>
  refusal(code as PlainCode);

/** Nobody is asked to vote on what no other measure could ever make possible. */
async function requireEverPossible(
  { views }: MeasureDesk,
  measure: Measure,
  obstacle: Refusal,
  { isSeated }: Constitution,
): Promise<void> {
  const row = await views.power.institution(measure.institution);
  const now = { isExpelled: row?.isExpelled === true, isSeated };
  if (isForEver(measure, obstacle.code, now)) throw new Refusal(obstacle.code, obstacle.holes, PROPOSED);
}
const PROPOSED = { field: '/proposal' };

// ---- Halts --------------------------------------------------------------------------------------------------

/** `Halts`: a standstill is recorded while people remember it, and nobody missed anything in a shorter one. */
const MAX_AGE_SECONDS = 14n * 86_400n;
const MIN_HALT_SECONDS = 3_600n;
/** Registers as `ISafeguards.recordHalt` counts them, each in 40 bits. */
const HALT_PLACES = ['consortium', 'safeguards', 'personnel', 'land', 'benefits', 'notary'] as const;
const GAP_BITS = 40n;

interface Halt {
  readonly from: bigint;
  readonly to: bigint;
}

/** Where each register was silent all through a halt. Refuses by the bound that was passed, or the entry inside. */
async function silencesIn(desk: MeasureDesk, halt: Halt): Promise<bigint> {
  requireRecordable(desk.nowSeconds(), halt);
  let gaps = 0n;
  for (const [place, register] of HALT_PLACES.entries()) {
    const next = await entryAfter(desk, register, halt);
    gaps |= (next + 1n) << (GAP_BITS * BigInt(place));
  }
  return gaps;
}

/** What the ledger would take of the times alone, before any journal is looked into: which bound was passed. */
function requireRecordable(nowSeconds: bigint, { from, to }: Halt): void {
  if (to < from + MIN_HALT_SECONDS) throw refusal('halt-too-short', undefined, { field: '/proposal/from' });
  const at = { field: '/proposal/to' };
  if (to >= nowSeconds) throw refusal('halt-not-over', undefined, at);
  if (nowSeconds - to > MAX_AGE_SECONDS) throw refusal('halt-too-old', undefined, at);
}

/**
 * Index of the entry that ended the silence; the number of entries where it goes on. Entries stand in the order of their
 * times, so that forty looks find it in the longest journal.
 */
async function entryAfter(
  { views }: MeasureDesk,
  register: (typeof HALT_PLACES)[number],
  { from, to }: Halt,
): Promise<bigint> {
  const row = await views.journal.register(register);
  if (row === undefined) return 0n;
  let [low, high] = [0n, row.entries];
  while (low < high) {
    const middle = (low + high) / 2n;
    const entry = await views.journal.entry(row.address, middle);
    // Of those before its own first one a successor has no row.
    if (entry === undefined || entry.recordedAt <= from) low = middle + 1n;
    else high = middle;
  }
  const next = low < row.entries ? await views.journal.entry(row.address, low) : undefined;
  if (next !== undefined && next.recordedAt < to) {
    const at = momentInWords(next.recordedAt);
    throw refusal('halt-entry-inside', { register, at }, { field: '/proposal' });
  }
  return low;
}

// ---- Where measures stand -----------------------------------------------------------------------------------

export async function showMeasure(desk: MeasureDesk, id: Bytes32): Promise<MeasureShown> {
  const row = await requireMeasure(desk, id);
  return shown(desk, row, await desk.reading.constitution(), await momentNow(desk));
}

/** Newest first. */
export async function showMeasures(
  desk: MeasureDesk,
  { isOpen, ...page }: { readonly isOpen: boolean } & Parameters<PowerDesk['views']['power']['measures']>[0],
): Promise<{ readonly total: number; readonly rows: readonly MeasureShown[]; readonly next?: string }> {
  const [{ rows, ...rest }, constitution, moment] = await Promise.all([
    desk.views.power.measures(page, isOpen),
    desk.reading.constitution(),
    momentNow(desk),
  ]);
  const tried = new Set(rows.filter(({ state }) => state === 'open').slice(0, MOST_TRIED));
  const told = rows.map((row) => shown(desk, row, constitution, moment, tried.has(row)));
  return { rows: await Promise.all(told), ...rest };
}

async function shown(
  desk: MeasureDesk,
  row: MeasureRow,
  now: Constitution,
  moment: Moment,
  isTried = true,
): Promise<MeasureShown> {
  const { measure, decided } = row;
  // What is over is told as it was decided, whatever members ask for since.
  const constitution =
    decided === undefined
      ? now
      : Object.assign({}, now, decided, { wideningWaitSeconds: BigInt(decided.wideningWaitSeconds) });
  const tally = await desk.reading.tally(row.measureId);
  const appointments = await appointmentsOf(desk, measure);
  const standing = standingOfMeasure(row, tally, constitution, moment);
  const sentence = measureSentence(measure, appointments?.length ?? 0, constitution);
  const isOpen = isTried && !tally.isClosed && OPEN.has(standing.state);
  const obstacle = isOpen ? await obstacleIn(desk, measure, standing.state, appointments, now) : undefined;
  const caution = isOpen ? cautionOn(desk, measure) : undefined;
  return { row, sentence, standing, tally, quorum: constitution.quorum, appointments, obstacle, caution };
}

/** Where something may still come of it. */
const OPEN: ReadonlySet<MeasureState> = new Set<MeasureState>(['voting', 'waiting', 'due', 'to-reschedule']);

async function obstacleIn(
  desk: MeasureDesk,
  measure: Measure,
  state: MeasureState,
  appointments: readonly ProvenAppointment[] | undefined,
  constitution: Constitution,
): Promise<Refusal | undefined> {
  if (appointments === undefined) return undefined; // whom it appoints is not known here
  if (state === 'due') return obstacleToStep(desk, measure, appointments);
  return obstacleTo(desk, measure, appointments, constitution);
}

async function appointmentsOf(
  { proposals }: MeasureDesk,
  { appointmentsHash }: Measure,
): Promise<readonly ProvenAppointment[] | undefined> {
  return appointmentsHash === ZERO_32 ? [] : proposals.appointments(appointmentsHash);
}

// ---- Carrying out -------------------------------------------------------------------------------------------

/** What anybody may do to a measure, without a signature. */
export const MEASURE_STEPS = ['execute', 'reschedule', 'lapse'] as const;
export type MeasureStep = (typeof MEASURE_STEPS)[number];

/** The call of a step. `officers` are whom it appoints, where this gateway does not know them. */
export async function stepOf(
  desk: MeasureDesk,
  step: MeasureStep,
  id: Bytes32,
  officers: readonly FoundingOfficer[],
): Promise<Call> {
  const { measure } = await requireMeasure(desk, id);
  if (step === 'reschedule') await requireAmended(desk, id);
  if (step !== 'execute') return desk.calls[step](measure);
  return desk.calls.execute(measure, await requireAppointments(desk, measure, officers));
}

/** The Council names the one reason as the other: to whoever reschedules, that it is open says nothing. */
async function requireAmended({ reading }: MeasureDesk, id: Bytes32): Promise<void> {
  const [{ isClosed, isOpened, amendments }, now] = await Promise.all([
    reading.tally(id),
    reading.constitution(),
  ]);
  if (!isClosed && isOpened && amendments === now.amendments) throw refusal('measure-as-scheduled');
}

/** Whom the ledger's hash stands for: as named, else as this gateway was told, and nobody else. */
async function requireAppointments(
  desk: MeasureDesk,
  measure: Measure,
  officers: readonly FoundingOfficer[],
): Promise<readonly ProvenAppointment[]> {
  const named = officers.length === 0 ? await appointmentsOf(desk, measure) : await provenOf(desk, officers);
  const at = { field: '/officers' };
  if (named === undefined) throw refusal('appointments-unknown', undefined, at);
  const hash = appointmentsHashOf(named.map(({ appointment }) => appointment));
  if (hash !== measure.appointmentsHash) throw refusal('appointments-differ', undefined, at);
  return named;
}

async function provenOf(desk: MeasureDesk, officers: readonly FoundingOfficer[]) {
  const verifierOf = await verifiersOf(desk);
  const consortium = domainOf(desk.ledger, 'consortium');
  return officers.map((record, i) => ({
    appointment: appointmentOf(record, { consortium, verifierOf, field: `/officers/${i}` }),
    possessions: { key: record.key.possession, spare: record.spare.possession },
  }));
}

async function requireMeasure({ views }: MeasureDesk, id: Bytes32): Promise<MeasureRow> {
  const row = await views.power.measure(id);
  if (row === undefined) throw refusal('measure-missing');
  return row;
}

async function momentNow(desk: MeasureDesk): Promise<Moment> {
  return momentAt(desk.nowSeconds(), await desk.views.power.halts());
}
