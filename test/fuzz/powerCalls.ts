/** Honest acts about who may act: appointments, votes, pauses, halts and withdrawals of a town's officers. */

import type { ContractName } from '../../server/domain/acts/events.ts';
import { type Address, type Bytes32, type Hex, ZERO_32, ZERO_ADDRESS } from '../../server/domain/base/hex.ts';
import {
  MEASURE_KINDS,
  type MeasureKind,
  numberOf,
  SCOPES,
  type Scope,
} from '../../server/domain/base/terms.ts';
import { type InstitutionRow, isBarred, type MeasureRow } from '../../server/store/views/power.ts';
import {
  appointmentOf,
  headOf,
  keyRecord,
  named,
  type Officer,
  officerOf,
  possessionOf,
  possessionsOf,
} from '../chain/signing.ts';
import { APPROVER, OFFICERS, PREPARER, SECOND_APPROVER, SECOND_PREPARER } from '../chain/world.ts';
import { byOne, byTwo, type Draft, hashRaw, hashWords, rawTypesOf, unsigned, type Value } from './calls.ts';
import type { Maker, Town } from './town.ts';

type Fields = { [name: string]: Value };
type Pair = readonly [Officer, Officer];

const ALL_ROLES = 2 ** 14 - 1;
const DAY = 86_400n;
const BY_TWO: Pair = [PREPARER, SECOND_APPROVER];
const adminsOf = (institution: number): Pair =>
  institution === 1 ? [PREPARER, APPROVER] : [SECOND_PREPARER, SECOND_APPROVER];

function actBy(
  town: Town,
  contract: ContractName,
  method: string,
  fields: Fields,
  by: Pair,
  { more = [], office = 1 }: { readonly more?: Value[]; readonly office?: number } = {},
): Draft {
  const head = { ...headOf(by[0], town.salt()), office };
  const act = { head, ...fields } as unknown as Value;
  return { contract, method, args: [act, ...more], sign: byTwo(town.world, contract, method, by) };
}

function orderBy(town: Town, contract: ContractName, method: string, fields: Fields, by: Officer): Draft {
  const order = { ...fields, ...(method === 'vote' ? { officer: by.officer, epoch: by.epoch } : {}) };
  return { contract, method, args: [order], sign: byOne(town.world, contract, method, by) };
}

/** A new officer, or the next key of one there is, whom the town knows as soon as it is appointed. */
function newcomer(town: Town, institution: number, of?: Officer): Officer {
  const officer =
    of === undefined
      ? officerOf(institution, `newcomer ${town.salt()}`)
      : officerOf(of.institution, of.name, of.epoch + 2);
  town.keys.set(keyRecord(officer, officer.epoch).keyHash, officer);
  town.known.push(officer.officer);
  return officer;
}

const appointed = (officer: Officer): Fields => appointmentOf(officer, ALL_ROLES) as unknown as Fields;

function provedBy(town: Town, officer: Officer): Value {
  return possessionsOf(officer, town.world.domainOf('consortium'));
}

// ---- Measures -----------------------------------------------------------------------------------------------

/** A proposal with the appointments that go with it. */
interface Proposal {
  readonly measure: Fields;
  readonly appointments: Fields[];
  readonly possessions: Value[];
}

const proposals = new WeakMap<Town, Map<Bytes32, Proposal>>();

function proposalsOf(town: Town): Map<Bytes32, Proposal> {
  const found = proposals.get(town) ?? new Map<Bytes32, Proposal>();
  proposals.set(town, found);
  return found;
}

/** Which measures are proposed, the common ones more than once. */
const KINDS: readonly MeasureKind[] = [
  ...(['set-policy', 'set-policy', 'move-office', 'add-validator', 'remove-validator'] as const),
  ...(['allow-verifier', 'disallow-verifier', 'admit-institution', 'expel-institution'] as const),
  ...(['suspend-institution', 'suspend-institution', 'lift-suspension', 'lift-suspension'] as const),
  ...(['set-institution-roles', 'reseat-institution', 'set-quorum', 'set-appointment-wait'] as const),
  ...(['set-widening-wait', 'replace-validator', 'record-halt', 'record-halt'] as const),
];

/** Names of the policies that are voted on; no register obeys one of them. */
export const POLICIES: readonly Bytes32[] = Array.from({ length: 20 }, (_, i) => named(`policy ${i}`));

/** In the order of the directory, from the low end; nobody is named for the last place. */
const PLACES = ['consortium', 'safeguards', 'personnel', 'land', 'benefits'] as const;
/** How many of a register's newest entries may have ended the silence. */
const ENTRIES_BACK = 20n;

const wordOf = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}` as Bytes32;

/** The newest time without a block, and where each register keeps it; noise where one keeps it no more. */
async function haltOf({ world, silence: { from, to } }: Town): Promise<Fields> {
  let value = 0n;
  for (const [place, register] of PLACES.entries()) {
    const count = (await world.read(register, 'entryCount'))[0] as bigint;
    for (let index = count; index >= 0n && index + ENTRIES_BACK > count; index--) {
      const [since, until] = (await world.read(register, 'gapAt', [index])) as unknown as [bigint, bigint];
      if (since > from || until < to) continue;
      value |= (index + 1n) << BigInt(40 * place);
      break;
    }
  }
  return { name: wordOf((from << 64n) | to), value };
}

async function propose(town: Town): Promise<Proposal> {
  const { random } = town;
  const kind = random.pick(KINDS);
  const { rows } = await town.world.views.power.institutions({ limit: 127 });
  // Institutions come and go, but for the first two: who else would vote?
  const guests = rows.filter((row) => row.institution > 2 && !row.isExpelled && fits(kind, row, town.now));
  const institution =
    kind === 'admit-institution' || guests.length === 0 ? rows.length + 1 : random.pick(guests).institution;
  const target = `0x${town.salt().toString(16).padStart(40, '0').slice(-40)}` as Address;
  const verifiers = (await town.world.views.power.verifiers()).rows;
  const validators = (await town.world.read('charter', 'getValidators'))[0] as readonly string[];
  const isSeating = kind === 'admit-institution' || kind === 'reseat-institution';
  const newcomers = isSeating ? [1, 2, 3].map(() => newcomer(town, institution)) : [];
  const appointments = newcomers.map(appointed);
  const possessions = newcomers.map((one) => provedBy(town, one));
  const wait = town.chance(12) ? DAY : DAY + 3_600n;
  const fields: Partial<Record<MeasureKind, Fields>> = {
    'admit-institution': { institution, value: BigInt(ALL_ROLES) },
    'expel-institution': { institution },
    'suspend-institution': { institution },
    'lift-suspension': { institution },
    'set-institution-roles': { institution, value: BigInt(ALL_ROLES) },
    'reseat-institution': { institution },
    'set-quorum': { value: 2n },
    'set-widening-wait': { value: wait },
    'set-appointment-wait': { value: wait },
    'allow-verifier': { target, value: BigInt(2 + random.below(2)) },
    'disallow-verifier': { target: verifiers[0]?.verifier ?? target },
    'add-validator': { target, institution: 1 + random.below(2) },
    'replace-validator': {
      ...{ target, institution: 1 + random.below(2) },
      name: wordOf(BigInt((validators.at(-1) as Address) ?? target)),
    },
    'record-halt': await haltOf(town),
    'remove-validator': { target: (validators.at(-1) as Address) ?? target },
    'set-policy': { name: random.pick(POLICIES), value: BigInt(random.below(1_000)) },
    'move-office': { institution: 1 + random.below(3), value: BigInt(2 + random.below(5)) },
  };
  const { types } = rawTypesOf('personnel', 'appointOfficer');
  const hashes = appointments.map((appointment) => hashRaw(types, 'Appointment', appointment));
  const measure: Fields = {
    ...{
      kind: numberOf(MEASURE_KINDS, kind),
      institution: 0,
      target: ZERO_ADDRESS,
      name: ZERO_32,
      value: 0n,
    },
    appointmentsHash: hashes.length === 0 ? ZERO_32 : hashWords(hashes),
    ...{ closesAt: town.now + BigInt(1 + random.below(20)) * 3_600n, salt: town.salt() },
    ...fields[kind],
  };
  return { measure, appointments, possessions };
}

function fits(kind: MeasureKind, row: InstitutionRow, now: bigint): boolean {
  const isSuspended = isBarred(row, now);
  if (kind === 'suspend-institution') return !isSuspended;
  return kind !== 'lift-suspension' || isSuspended;
}

/** An open measure that was proposed here, with where it stands. */
async function openMeasure(town: Town, isFit: (row: MeasureRow) => boolean) {
  const { rows } = await town.world.views.power.measures({ limit: 200 });
  const open = rows.filter(
    (row) => row.state === 'open' && proposalsOf(town).has(row.measureId) && isFit(row),
  );
  if (open.length === 0) return undefined;
  const row = town.random.pick(open);
  return { row, proposal: proposalsOf(town).get(row.measureId) as Proposal };
}

async function vote(town: Town): Promise<Draft> {
  const open = town.chance(4)
    ? undefined
    : await openMeasure(town, ({ measure, inFavour }) => measure.closesAt > town.now && inFavour.length < 2);
  const proposal = open?.proposal ?? (await propose(town));
  const { types } = rawTypesOf('council', 'vote');
  const measureHash = hashRaw(types, 'Measure', proposal.measure);
  const measureId = (await town.world.read('consortium', 'digestOf', [measureHash]))[0] as Bytes32;
  proposalsOf(town).set(measureId, proposal);
  const waiting = [PREPARER, SECOND_PREPARER].filter(
    ({ institution }) => open?.row.inFavour.includes(institution) !== true,
  );
  const voter = waiting.length === 0 ? PREPARER : town.random.pick(waiting);
  const inFavour = !town.chance(waiting.length === 0 ? 2 : 12);
  return orderBy(town, 'council', 'vote', { measure: proposal.measure, inFavour }, voter);
}

/** How long the chain lets an execution wait. */
const EXECUTION_SECONDS = 30n * 86_400n;

async function carryOut(town: Town, method: 'execute' | 'lapse' | 'reschedule'): Promise<Draft | undefined> {
  const isDue = ({ executableFrom }: MeasureRow) => executableFrom !== 0n && executableFrom <= town.now;
  const isOver = ({ executableFrom, measure }: MeasureRow) =>
    town.now > (executableFrom === 0n ? measure.closesAt : executableFrom + EXECUTION_SECONDS);
  const open = await openMeasure(town, (row) =>
    method === 'lapse' ? isOver(row) : !isOver(row) && (isDue(row) || method === 'reschedule'),
  );
  if (open === undefined) return undefined;
  const { measure: fields, appointments, possessions } = open.proposal;
  const args: Value[] = method === 'execute' ? [fields, appointments, possessions] : [fields];
  return { contract: 'council', method, args, sign: unsigned };
}

// ---- The rest -----------------------------------------------------------------------------------------------

const pauseSequenceOf = async (town: Town) =>
  (await town.world.read('safeguards', 'pauseSequence'))[0] as bigint;
/** What one officer may stop. */
const SHORT_SCOPES = [1, 2, 8, 16, 3];

/** One of those appointed here, of the first two institutions. */
function pickLiving(town: Town): Officer | undefined {
  const living = [...town.officers.values()].filter(({ institution }) => institution < 3);
  return living.length === 0 ? undefined : town.random.pick(living);
}

/** Somebody else of the officer's institution, who was appointed here. */
function pickColleague(town: Town, { officer, institution }: Officer): Officer | undefined {
  const colleagues = [...town.officers.values()].filter(
    (other) => other.institution === institution && other.officer !== officer,
  );
  return colleagues.length === 0 ? undefined : town.random.pick(colleagues);
}

async function appoint(town: Town): Promise<Draft> {
  const institution = 1 + town.random.below(2);
  const officer = newcomer(town, institution);
  const appointment = appointed(officer);
  const more = [provedBy(town, officer)];
  const by = adminsOf(institution);
  return actBy(town, 'personnel', 'appointOfficer', { appointment }, by, { more, office: 0 });
}

export const POWER_CALLS: readonly Maker[] = [
  // As many come as are revoked and resign, or nobody would be left to suspend.
  appoint,
  appoint,
  appoint,
  async (town) => {
    const officer = pickLiving(town);
    if (officer === undefined) return undefined;
    const next = newcomer(town, officer.institution, officer);
    const key = keyRecord(next, next.epoch);
    const more = [possessionOf(next, town.world.domainOf('consortium'), next.epoch)];
    const fields = { officer: officer.officer, epoch: officer.epoch, key };
    const by = adminsOf(officer.institution);
    return actBy(town, 'personnel', 'rotateKey', fields, by, { more, office: 0 });
  },
  async (town) => {
    const officer = pickLiving(town);
    if (officer === undefined) return undefined;
    const fields = { officer: officer.officer, suspectSince: town.now - 10n, caseReference: town.id() };
    return actBy(town, 'personnel', 'revokeOfficer', fields, adminsOf(officer.institution), { office: 0 });
  },
  async (town) => {
    const officer = pickLiving(town);
    if (officer === undefined) return undefined;
    const order = { officer: officer.officer, suspectSince: town.now - 10n, caseReference: town.id() };
    return orderBy(town, 'personnel', 'resign', { ...order, epoch: officer.epoch }, officer);
  },
  async (town) => {
    const officer = pickLiving(town);
    const revoker = officer && pickColleague(town, officer);
    if (officer === undefined || revoker === undefined) return undefined;
    const until = town.now + BigInt(1 + town.random.below(72)) * 3_600n;
    const order = { officer: officer.officer, until, caseReference: town.id() };
    const by = { revoker: revoker.officer, revokerEpoch: revoker.epoch };
    return orderBy(town, 'personnel', 'suspendOfficer', { ...order, ...by }, revoker);
  },
  async (town) => {
    const { rows } = await town.world.views.power.officers({ limit: 500 });
    const silent = rows.filter(
      ({ officer, institution, suspended }) =>
        institution < 3 &&
        town.officers.has(officer) &&
        suspended?.isFreed === false &&
        suspended.until > town.now,
    );
    if (silent.length === 0) return undefined;
    const { officer, institution } = town.random.pick(silent);
    const fields = { officer, caseReference: town.id() };
    return actBy(town, 'personnel', 'freeOfficer', fields, adminsOf(institution), { office: 0 });
  },
  vote,
  vote,
  vote,
  (town) => carryOut(town, 'execute'),
  (town) => carryOut(town, 'execute'),
  (town) => carryOut(town, 'lapse'),
  (town) => carryOut(town, 'reschedule'),
  async (town) => {
    const officer = town.random.pick(OFFICERS);
    const until = town.now + BigInt(5 + town.random.below(20));
    const order = { scope: town.random.pick(SHORT_SCOPES), until, caseReference: town.id() };
    const fields = { ...order, officer: officer.officer, epoch: officer.epoch };
    return orderBy(town, 'safeguards', 'pause', fields, officer);
  },
  async (town) => {
    const until = town.now + BigInt(5 + town.random.below(30));
    const scope = town.random.pick([...SHORT_SCOPES, 4, 31]);
    const pauseSequence = await pauseSequenceOf(town);
    const fields = { scope, until, pauseSequence, caseReference: town.id() };
    return actBy(town, 'safeguards', 'pauseLong', fields, BY_TWO);
  },
  async (town) => {
    const paused = [...(await town.world.views.power.pausedAt(town.now)).keys()];
    if (paused.length === 0) return undefined;
    const scope = 1 << SCOPES.indexOf(paused[0] as Scope);
    const fields = { scope, pauseSequence: await pauseSequenceOf(town), caseReference: town.id() };
    return actBy(town, 'safeguards', 'unpause', fields, BY_TWO);
  },
  async () => ({ contract: 'safeguards', method: 'mark', args: [], sign: unsigned }),
  async (town) => {
    const contract = town.random.pick(['personnel', 'safeguards', 'land', 'benefits', 'notary'] as const);
    const officer = town.random.pick(OFFICERS);
    const order = { entryId: town.id() as Hex, actDeadline: town.now + DAY };
    const fields = { ...order, officer: officer.officer, epoch: officer.epoch };
    return orderBy(town, contract, 'withdraw', fields, officer);
  },
];
