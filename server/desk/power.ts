/**
 * From what an institution decides about its officers, its recorder and pauses to what its officers sign.
 *
 * Hides which records an act reads, the part of it that names the state it replaces, and the salts. Promises: what the
 * ledger would refuse of it now is refused before anybody signs; every commitment opens in the file. A function a kind of
 * act; `http` calls them, `main` wires them.
 */
import type { ActDraft } from '../acts/commit.ts';
import type { PowerReading } from '../acts/powerCalls.ts';
import { registerOfDomain } from '../domain/acts/domains.ts';
import type { ActHead } from '../domain/acts/head.ts';
import { ORDERS, type OrderType } from '../domain/acts/orders.ts';
import type { SignableAct } from '../domain/acts/signable.ts';
import { firstSecond } from '../domain/acts/times.ts';
import type { TypedStruct } from '../domain/acts/typedData.ts';
import type { Address, Bytes32, Hex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import {
  type InstitutionId,
  type OfficeId,
  type OfficerId,
  roleBits,
  type Scope,
} from '../domain/base/terms.ts';
import { NO_RECORDER } from '../domain/notary/roots.ts';
import type { FoundingKey, FoundingOfficer } from '../domain/power/founding.ts';
import { isPossessed, placeOfEpoch } from '../domain/power/possession.ts';
import {
  appointmentOf,
  caseFacts,
  domainOf,
  isAdmin,
  judgeAppointment,
  keyStruct,
  MOST_LONG_PAUSE_SECONDS,
  MOST_SHORT_PAUSE_SECONDS,
  MOST_SUSPENSION_SECONDS,
  type PowerLedger,
  powerAct,
  requireAdminsFit,
  requirePossessed,
  scopeBits,
  type VerifierOf,
} from '../domain/power/prepare.ts';
import type { PendingActs } from '../store/acts.ts';
import type { Owner } from '../store/operation.ts';
import { MAX_PAGE_ROWS, type Page } from '../store/views/page.ts';
import type { OfficerRow } from '../store/views/power.ts';
import type { Views } from '../store/views.ts';

export interface PowerDesk {
  readonly views: Views;
  readonly acts: PendingActs;
  readonly ledger: PowerLedger;
  readonly reading: PowerReading;
  nowSeconds(): bigint;
  /** 32 random bytes for a fact. */
  salt(): Bytes32;
}

/** Who signs an order, by which key. */
export interface OrderedBy {
  readonly officer: OfficerId;
  readonly epoch: number;
}
interface OfCase {
  readonly caseNumber?: string | undefined;
}

const NOTHING_CARRIED = { records: [], newcomers: [], commitments: [] } as const;

function powerDraft(owner: Owner, orderedBy: string, act: SignableAct): ActDraft {
  return { act, owner, orderedBy, carries: NOTHING_CARRIED };
}

/**
 * What one officer orders is that officer's institution's, and of the officer's office unless it is about an act of one:
 * a token that works for that office alone signs what it prepared.
 */
export async function orderDraft(
  { views }: Pick<PowerDesk, 'views'>,
  owner: Owner,
  orderedBy: string,
  type: OrderType,
  {
    domain,
    ...order
  }: Omit<Parameters<typeof powerAct>[2], 'institutions'> & {
    readonly domain: Parameters<typeof powerAct>[1];
  },
): Promise<ActDraft> {
  const institutions = ofInstitution(owner.institution as InstitutionId);
  const signer = order.message[ORDERS[type].signer.officer] as OfficerId;
  const office = order.office ?? (await views.power.officer(signer))?.office ?? EVERY_OFFICE;
  return powerDraft(
    owner,
    orderedBy,
    powerAct(type, domain, Object.assign({ institutions }, order, { office })),
  );
}

// ---- Officers -----------------------------------------------------------------------------------------------

export async function appoint(
  desk: PowerDesk,
  owner: Owner,
  head: ActHead,
  record: FoundingOfficer,
): Promise<ActDraft> {
  const own = owner.institution as InstitutionId;
  const { power } = desk.views;
  judgeAppointment(record, await power.institution(own), head, own);
  if ((await power.officer(record.officer)) !== undefined) throw refusal('officer-exists');
  requireAdminsFit(await adminsOf(desk, own), [record], () => '/officer');
  await requireApprover(desk, own, head);
  const at = { consortium: domainOf(desk.ledger, 'consortium'), field: '/officer' };
  const appointment = appointmentOf(record, Object.assign({ verifierOf: await verifiersOf(desk) }, at));
  const possessions = { key: record.key.possession, spare: record.spare.possession };
  const act = powerAct('AppointOfficer', domainOf(desk.ledger, 'personnel'), {
    message: { head: { ...head }, appointment },
    shown: [possessions],
    institutions: ofInstitution(own),
  });
  return powerDraft(owner, record.officer, act);
}

export async function rotate(
  desk: PowerDesk,
  owner: Owner,
  head: ActHead,
  given: { readonly officer: OfficerId; readonly epoch: number; readonly key: FoundingKey },
): Promise<ActDraft> {
  const { officer, epoch, key } = given;
  const row = await colleague(desk, owner, head, officer, '/key/officer');
  // Two more than the one that it replaces, in the same place.
  const replaced = epoch - 2;
  if (row.keys[placeOfEpoch(epoch)].epoch !== replaced) {
    throw refusal('officer-epoch-stale', undefined, { field: '/key/epoch' });
  }
  await requireApprover(desk, row.institution, head);
  const possession = { officerId: officer, keyHash: key.keyHash, epoch, institution: row.institution };
  requirePossessed(domainOf(desk.ledger, 'consortium'), possession, key, '/key/key/possession');
  const struct = keyStruct(key, await verifiersOf(desk), '/key/key');
  const act = powerAct('RotateKey', domainOf(desk.ledger, 'personnel'), {
    message: { head: { ...head }, officer, epoch: replaced, key: struct },
    shown: [key.possession],
    institutions: ofInstitution(row.institution),
  });
  return powerDraft(owner, officer, act);
}

export async function revoke(
  desk: PowerDesk,
  owner: Owner,
  head: ActHead,
  {
    officer,
    suspectSince,
    caseNumber,
  }: OfCase & { readonly officer: OfficerId; readonly suspectSince: bigint },
): Promise<ActDraft> {
  const { institution } = await colleague(desk, owner, head, officer);
  requirePast(desk, suspectSince);
  await requireApprover(desk, institution, head);
  const { caseReference, opened } = caseFacts(caseNumber, desk.salt);
  const act = powerAct('RevokeOfficer', domainOf(desk.ledger, 'personnel'), {
    message: { head: { ...head }, officer, suspectSince, caseReference },
    institutions: ofInstitution(institution),
    opened,
  });
  return powerDraft(owner, officer, act);
}

export async function free(
  desk: PowerDesk,
  owner: Owner,
  head: ActHead,
  { officer, caseNumber }: OfCase & { readonly officer: OfficerId },
): Promise<ActDraft> {
  const { institution, suspended } = await colleague(desk, owner, head, officer);
  const isHeld = suspended?.isFreed === false && desk.nowSeconds() < suspended.until;
  if (!isHeld) throw refusal('officer-not-suspended', undefined, { field: '/officer' });
  await requireApprover(desk, institution, head, { officer, until: suspended.until, field: '/officer' });
  const { caseReference, opened } = caseFacts(caseNumber, desk.salt);
  const act = powerAct('FreeOfficer', domainOf(desk.ledger, 'personnel'), {
    message: { head: { ...head }, officer, caseReference },
    institutions: ofInstitution(institution),
    opened,
  });
  return powerDraft(owner, officer, act);
}

export async function suspend(
  desk: PowerDesk,
  owner: Owner,
  given: OfCase & {
    readonly revoker: OfficerId;
    readonly revokerEpoch: number;
    readonly officer: OfficerId;
    readonly until: bigint;
  },
): Promise<ActDraft> {
  const { revoker, revokerEpoch, officer, until, caseNumber } = given;
  if (officer === revoker) throw refusal('second-person-required', undefined, { field: '/officer' });
  requireWithin(until, desk.nowSeconds(), MOST_SUSPENSION_SECONDS, 'suspension-length-out-of-range');
  const [colleague, own] = [await living(desk, owner, officer), await desk.views.power.officer(revoker)];
  if (own !== undefined && own.office !== EVERY_OFFICE && own.office !== colleague.office) {
    throw refusal('office-out-of-scope', undefined, { field: '/revoker' });
  }
  const { caseReference, opened } = caseFacts(caseNumber, desk.salt);
  const message = { officer, until, caseReference, revoker, revokerEpoch };
  return orderDraft(desk, owner, officer, 'Suspension', {
    domain: domainOf(desk.ledger, 'personnel'),
    message,
    opened,
  });
}

export async function resign(
  desk: PowerDesk,
  owner: Owner,
  { officer, epoch, suspectSince, caseNumber }: OfCase & OrderedBy & { readonly suspectSince: bigint },
): Promise<ActDraft> {
  requirePast(desk, suspectSince);
  const { caseReference, opened } = caseFacts(caseNumber, desk.salt);
  const message = { officer, suspectSince, caseReference, epoch };
  return orderDraft(desk, owner, officer, 'Resignation', {
    domain: domainOf(desk.ledger, 'personnel'),
    message,
    opened,
  });
}

// ---- The recorder key ---------------------------------------------------------------------------------------

export async function appointRecorder(
  desk: PowerDesk,
  owner: Owner,
  head: ActHead,
  { keyHash, possession }: { readonly keyHash: Bytes32; readonly possession: Hex },
): Promise<ActDraft> {
  const institution = owner.institution as InstitutionId;
  const { epoch: epochBefore } = (await desk.views.notary.recorder(institution)) ?? NO_RECORDER;
  const domain = domainOf(desk.ledger, 'notary');
  // A recorder is no officer: it shows that it holds the key under the id zero.
  const shown = {
    officerId: NO_RECORDER.keyHash as Bytes32 as OfficerId,
    keyHash,
    epoch: epochBefore + 1,
    institution,
  };
  const isShown = isPossessed(
    domain,
    shown,
    { kind: 'secp256k1', rpIdHash: NO_RECORDER.keyHash },
    possession,
  );
  if (!isShown) throw refusal('recorder-key-not-shown', undefined, { field: '/possession' });
  await requireApprover(desk, institution, head);
  const act = powerAct('AppointRecorder', domain, {
    message: { head: { ...head }, institution, epochBefore, keyHash },
    shown: [possession],
    institutions: ofInstitution(institution),
  });
  return powerDraft(owner, `recorder ${institution}`, act);
}

export async function endRecorder(desk: PowerDesk, owner: Owner, head: ActHead): Promise<ActDraft> {
  const institution = owner.institution as InstitutionId;
  const { epoch, keyHash } = (await desk.views.notary.recorder(institution)) ?? NO_RECORDER;
  if (keyHash === NO_RECORDER.keyHash) throw refusal('recorder-unknown');
  await requireApprover(desk, institution, head);
  const act = powerAct('RevokeRecorder', domainOf(desk.ledger, 'notary'), {
    message: { head: { ...head }, institution, epoch },
    institutions: ofInstitution(institution),
  });
  return powerDraft(owner, `recorder ${institution}`, act);
}

// ---- Pauses -------------------------------------------------------------------------------------------------

/** Whatever stops and frees goes in order. */
const PAUSES = 'pauses';

interface Stopping extends OfCase {
  readonly scopes: readonly Scope[];
  readonly until: bigint;
}

export async function pauseLong(
  desk: PowerDesk,
  owner: Owner,
  head: ActHead,
  { scopes, until, caseNumber }: Stopping,
): Promise<ActDraft> {
  requireWithin(until, firstSecond(desk.nowSeconds(), head), MOST_LONG_PAUSE_SECONDS);
  await requireSecondToPause(desk, head, until, true);
  const { caseReference, opened } = caseFacts(caseNumber, desk.salt);
  const pauseSequence = await desk.reading.pauseSequence();
  const act = powerAct('LongPause', domainOf(desk.ledger, 'safeguards'), {
    message: { head: { ...head }, scope: scopeBits(scopes), until, pauseSequence, caseReference },
    institutions: { institution: 0, twoInstitutions: true },
    opened,
  });
  return powerDraft(owner, PAUSES, act);
}

export async function unpause(
  desk: PowerDesk,
  owner: Owner,
  head: ActHead,
  { scopes, caseNumber }: Omit<Stopping, 'until'>,
): Promise<ActDraft> {
  const paused = await desk.views.power.pausedAt(firstSecond(desk.nowSeconds(), head));
  const free = scopes.findIndex((scope) => !paused.has(scope));
  if (free !== -1) throw refusal('scope-not-paused', undefined, { field: `/scopes/${free}` });
  const orders = scopes.flatMap((scope) => paused.get(scope) ?? []);
  const own = (await desk.views.power.officer(head.preparer))?.institution;
  const layers = await Promise.all(scopes.map((scope) => desk.reading.pauseLaidBy(scope)));
  const twoInstitutions = layers.some((laidBy) => laidBy !== own);
  const firstEnd = orders.reduce((end, { until }) => (until < end ? until : end), head.deadline);
  await requireSecondToPause(desk, head, firstEnd, twoInstitutions);
  const { caseReference, opened } = caseFacts(caseNumber, desk.salt);
  const pauseSequence = await desk.reading.pauseSequence();
  const act = powerAct('Unpause', domainOf(desk.ledger, 'safeguards'), {
    message: { head: { ...head }, scope: scopeBits(scopes), pauseSequence, caseReference },
    institutions: { institution: 0, twoInstitutions },
    opened,
  });
  return powerDraft(owner, PAUSES, act);
}

export async function pauseShort(
  desk: PowerDesk,
  owner: Owner,
  { officer, epoch, scopes, until, caseNumber }: OrderedBy & Stopping,
): Promise<ActDraft> {
  const redemption = scopes.indexOf('redemption');
  if (redemption !== -1) {
    throw refusal('pause-needs-two-institutions', undefined, { field: `/scopes/${redemption}` });
  }
  requireWithin(until, desk.nowSeconds(), MOST_SHORT_PAUSE_SECONDS);
  const { caseReference, opened } = caseFacts(caseNumber, desk.salt);
  const message = { scope: scopeBits(scopes), until, caseReference, officer, epoch };
  return orderDraft(desk, owner, PAUSES, 'ShortPause', {
    domain: domainOf(desk.ledger, 'safeguards'),
    message,
    opened,
  });
}

// ---- Withdrawal ---------------------------------------------------------------------------------------------

/**
 * Of an act of any register that this gateway knows, and that the ledger has not recorded. By an officer who signed nothing
 * of it the ledger would take the order, and withdraw nothing.
 */
export async function withdraw(
  desk: PowerDesk,
  owner: Owner,
  { officer, epoch, act: id }: OrderedBy & { readonly act: Bytes32 },
): Promise<ActDraft> {
  const act = await desk.acts.get(id);
  if (act === undefined)
    throw refusal((await desk.acts.ended(id)) === undefined ? 'act-missing' : 'act-ended');
  const { typedData, orderedBy } = await desk.acts.content(id);
  const { head } = typedData.message;
  const domain = typedData.domain as Parameters<typeof powerAct>[1];
  if (head === undefined || registerOfDomain(domain) === undefined) {
    throw refusal('withdrawal-of-an-order', undefined, { field: '/act' });
  }
  const approved = act.signatures.some(({ part, signer }) => part === 'approver' && signer === officer);
  if ((head as TypedStruct).preparer !== officer && !approved) {
    throw refusal('withdrawal-without-effect', undefined, { field: '/officer' });
  }
  if (await desk.views.journal.isRecorded(id)) throw refusal('act-executed', undefined, { field: '/act' });
  const message = { entryId: id, actDeadline: deadlineIn(head), officer, epoch };
  const { office } = act;
  return orderDraft(desk, owner, orderedBy, 'Withdrawal', { domain, message, office });
}

const deadlineIn = (head: unknown) => BigInt((head as { deadline: bigint }).deadline);

// ---- Of this file -------------------------------------------------------------------------------------------

const EVERY_OFFICE = 0 as OfficeId;

const ofInstitution = (institution: InstitutionId) => ({ institution, twoInstitutions: false });

/** An officer of the own institution who is not revoked. */
async function living(desk: PowerDesk, owner: Owner, id: OfficerId, field = '/officer'): Promise<OfficerRow> {
  const row = await desk.views.power.officer(id);
  const at = { field };
  if (row === undefined) throw refusal('officer-unknown', undefined, at);
  if (row.institution !== owner.institution) throw refusal('institution-differs', undefined, at);
  if (row.revoked !== undefined) throw refusal('officer-is-revoked', undefined, at);
  return row;
}

async function colleague(
  desk: PowerDesk,
  owner: Owner,
  head: ActHead,
  id: OfficerId,
  field?: string,
): Promise<OfficerRow> {
  const row = await living(desk, owner, id, field);
  if (row.office !== head.office) throw refusal('office-differs', undefined, { field: '/head/office' });
  return row;
}

const APPROVES = roleBits(['admin-approver']);
const PAUSES_TOO = roleBits(['pause']);

/** Whom an act still needs, and by when. `officer` is one who may not, whatever her roles. */
interface ApproverNeeded {
  readonly preparer: OfficerId;
  readonly officer?: OfficerId | undefined;
  readonly roles: number;
  readonly office: OfficeId;
  readonly until: bigint;
}

/**
 * Nobody signs what no other officer could approve in time: before the act lapses, or while a suspension lasts that it
 * would end.
 */
async function requireApprover(
  desk: Pick<PowerDesk, 'views'>,
  institution: InstitutionId,
  { preparer, office, deadline }: ActHead,
  {
    officer,
    until = deadline,
    field = '/head/preparer',
  }: { readonly officer?: OfficerId; readonly until?: bigint; readonly field?: string } = {},
): Promise<void> {
  const needed = { preparer, officer, roles: APPROVES, office, until };
  if (await hasApprover(desk, institution, needed)) return;
  throw refusal('nobody-to-approve', undefined, { field });
}

/** The same of a pause or its end, which no institution's officers are alone to sign: those of another, where two have to. */
async function requireSecondToPause(
  desk: Pick<PowerDesk, 'views'>,
  { preparer, deadline }: ActHead,
  end: bigint,
  twoInstitutions: boolean,
): Promise<void> {
  const { power } = desk.views;
  const first = await power.officer(preparer);
  if (first === undefined) return; // told by name when the act is judged
  const isOfTwo = twoInstitutions && (await power.constitution())?.isSeated === true;
  const until = end < deadline ? end : deadline;
  const needed = { preparer, roles: PAUSES_TOO, office: EVERY_OFFICE, until };
  const { rows } = await power.institutions({ limit: MAX_PAGE_ROWS });
  for (const { institution, isExpelled, suspendedUntil } of rows) {
    const isAnother = !isOfTwo || institution !== first.institution;
    const isIn = isAnother && !isExpelled && suspendedUntil < until;
    if (isIn && (await hasApprover(desk, institution, needed))) return;
  }
  throw refusal('nobody-to-approve', undefined, { field: '/head/preparer' });
}

async function hasApprover(
  { views: { power } }: Pick<PowerDesk, 'views'>,
  institution: InstitutionId,
  { preparer, officer, roles, office, until }: ApproverNeeded,
): Promise<boolean> {
  const mayApprove = (row: OfficerRow): boolean => {
    const { suspended, narrowedUntil = 0n, keys } = row;
    const isOther = row.officer !== preparer && row.officer !== officer && row.revoked === undefined;
    const isFit = (row.roles & roles) !== 0 && (row.office === EVERY_OFFICE || row.office === office);
    const barredUntil = suspended?.isFreed === false ? suspended.until : 0n;
    const isActive = Object.values(keys).some(({ activeFrom }) => activeFrom < until);
    return isOther && isFit && isActive && barredUntil < until && narrowedUntil < until;
  };
  let after: string | undefined;
  do {
    const page: Page<OfficerRow> = await power.officersOf(institution, after === undefined ? {} : { after });
    if (page.rows.some(mayApprove)) return true;
    after = page.next;
  } while (after !== undefined);
  return false;
}

/** How many officers of an institution manage those of every office, and are not revoked. */
async function adminsOf(
  { views: { power } }: Pick<PowerDesk, 'views'>,
  institution: InstitutionId,
): Promise<number> {
  let [admins, after]: [number, string | undefined] = [0, undefined];
  do {
    const page: Page<OfficerRow> = await power.officersOf(institution, after === undefined ? {} : { after });
    admins += page.rows.filter((row) => row.revoked === undefined && isAdmin(row)).length;
    after = page.next;
  } while (after !== undefined);
  return admins;
}

/** The contract that checks keys of each kind, as the members allow them. */
export async function verifiersOf({ views }: Pick<PowerDesk, 'views'>): Promise<VerifierOf> {
  const { rows } = await views.power.verifiers();
  const byKind = new Map<string, Address>(rows.map(({ kind, verifier }) => [kind, verifier]));
  return (kind) => byKind.get(kind);
}

function requirePast(desk: PowerDesk, suspectSince: bigint): void {
  if (suspectSince > desk.nowSeconds()) {
    throw refusal('suspicion-in-future', undefined, { field: '/suspectSince' });
  }
}

/** An end that is to come, and no later than the ledger takes of one that begins then. */
function requireWithin(
  until: bigint,
  fromSeconds: bigint,
  mostSeconds: bigint,
  code: 'pause-length-out-of-range' | 'suspension-length-out-of-range' = 'pause-length-out-of-range',
): void {
  if (until > fromSeconds && until <= fromSeconds + mostSeconds) return;
  throw refusal(code, undefined, { field: '/until' });
}
