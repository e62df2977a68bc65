/**
 * Who may reach which objects: the rule behind each scope that a route declares.
 *
 * Promises: a rule is asked once a request, after it is parsed and before its handler, and a handler checks nothing of
 * the kind again; what is another's answers as if it did not exist; an auditor sees all and changes nothing, for no
 * route that changes anything has that role, and of a token's roles a rule is shown those that its route is for. An act of
 * land is a registrar's and one of benefits an agency's; a token that works for one office, or for one vendor, reaches
 * nothing of another, whatever its institution keeps.
 */
import type { Commit } from '../acts/commit.ts';
import type { Sector } from '../desk/intake.ts';
import type { Jobs } from '../desk/jobs.ts';
import { MEASURE_STEPS } from '../desk/measures.ts';
import { RECORDER_KINDS } from '../desk/notary.ts';
import type { TraceTold } from '../desk/telling.ts';
import { callersOf, ORDERS } from '../domain/acts/orders.ts';
import type { SignedHead } from '../domain/acts/signable.ts';
import { ACTS, type Caller } from '../domain/acts/table.ts';
import { type Bytes32, parseHex } from '../domain/base/hex.ts';
import { codeOfError, refusal } from '../domain/base/refusal.ts';
import {
  type BAUnitId,
  type InstitutionId,
  LAND_ACTS,
  type LandAct,
  type OfficeId,
  type OfficerId,
  type ProgrammeId,
  type VendorId,
} from '../domain/base/terms.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { type EntrySubject, subjectOf } from '../store/views/journal.ts';
import type { EntryRow } from '../store/views/step.ts';
import type { Views } from '../store/views.ts';
import type { Answer, Asked, Principal, Role, Scope } from './route.ts';

export type AnyAsked = Asked<unknown, unknown, unknown>;
/** Throws what the caller is answered where the object is not theirs to reach. */
export type ScopeRule = (asked: AnyAsked) => Promise<void> | void;
export type ScopeRules = (scope: Scope) => ScopeRule;

export interface ScopeDependencies {
  readonly views: Views;
  readonly commit: Pick<Commit, 'act' | 'endedAct' | 'operation'>;
  readonly jobs: Pick<Jobs<Answer>, 'find'>;
  personIn(sectors: readonly Sector[], personId: Bytes32, agency: number): Promise<SubjectRef | undefined>;
}

type PendingAct = Awaited<ReturnType<Commit['act']>>;
/** What says whose an act is, while it waits and once it has ended. */
type OwnedAct = NonNullable<Awaited<ReturnType<Commit['endedAct']>>>;
type Operation = Awaited<ReturnType<Commit['operation']>>;

const FREE = () => undefined;
/** Before there is a ledger there are only routes that reach nothing of anybody. */
export const rulesBeforeFounding: ScopeRules = (scope) => {
  if (scope === 'open' || scope === 'gateway') return FREE;
  throw new Error(`nothing of ${scope} can be reached before there is a ledger`);
};

export function scopeRules({ views, commit, jobs, personIn }: ScopeDependencies): ScopeRules {
  const rules: Readonly<Record<Scope, ScopeRule>> = {
    open: FREE,
    gateway: FREE,
    own: FREE,
    inbox: FREE, // its handler lists what `isReader` lets the caller see, and nothing else
    office: ({ query, principal }) => {
      // Who is an auditor as well reads names as the registrar that she is.
      const isOfNames = (query as { readonly names?: string }).names === 'true';
      const isSeeingAll = isAuditor(principal) && !(isOfNames && principal.roles.includes('registrar'));
      return isSeeingAll ? undefined : requireOffice(views, fieldOf<OfficeId>(query, 'office'), principal);
    },
    'unit-names': async ({ params, principal }) => {
      const row = await views.land.unit(fieldOf<BAUnitId>(params, 'baUnit'));
      if (row === undefined) throw refusal('ba-unit-missing');
      const { office } = row.state.header;
      const keeper = await views.power.officeKeeper(office);
      if (keeper !== principal.institution) throw refusal('sharing-agreement-required');
      if (!isWithin(office, principal))
        throw refusal('office-of-another', undefined, { field: '/path/baUnit' });
    },
    preparation: async ({ body, principal }) => {
      const { preparer, office } = fieldOf<SignedHead>(body, 'head');
      if (!isWithin(office, principal)) {
        throw refusal('office-of-another', undefined, { field: '/head/office' });
      }
      // Of an officer nobody knows the judge of officers says more.
      const officer = await views.power.officer(preparer);
      if (officer !== undefined && officer.institution !== principal.institution) {
        throw refusal('institution-differs', undefined, { field: '/head/preparer' });
      }
    },
    order: async ({ body, principal }) => {
      const { name, row } = await requireOwnOfficer(views, body, principal);
      const isOwn = row === undefined || isWithin(row.office, principal);
      if (!isOwn) throw refusal('office-of-another', undefined, { field: `/${name}` });
    },
    'act-order': async ({ body, principal }) => {
      await requireOwnOfficer(views, body, principal);
      requireApprover(await actOf(commit, fieldOf(body, 'act')), principal);
    },
    act: async ({ params, principal }) => {
      requireReader(await actOf(commit, fieldOf(params, 'id')), principal);
    },
    'act-signature': async ({ params, body, principal }) => {
      const act = await actOf(commit, fieldOf(params, 'id'));
      if (fieldOf(body, 'part') === 'approver') requireApprover(act, principal);
      else requirePreparing(act, principal);
    },
    'act-withdrawal': async ({ params, principal }) => {
      requirePreparing(await actOf(commit, fieldOf(params, 'id')), principal);
    },
    operation: async ({ params, principal }) => {
      await requireOperation(commit, await commit.operation(fieldOf(params, 'id')), principal);
    },
    programme: async ({ params, principal }) => {
      const row = await views.benefits.programme(fieldOf<ProgrammeId>(params, 'programme'));
      const isShown = row !== undefined && (isAuditor(principal) || isOwnOffice(row.record, principal));
      if (!isShown) throw refusal('programme-unknown');
    },
    vendor: async ({ params, principal }) => {
      const vendor = fieldOf<VendorId>(params, 'vendor');
      const isShown = isAuditor(principal)
        ? (await views.benefits.vendor(vendor)) !== undefined
        : await isOwnVendor(views, vendor, principal);
      if (!isShown) throw refusal('vendor-unknown');
    },
    subject: FREE, // its handler tells what is recorded of what `subjectsTold` lets the caller know, and nothing else
    labelled: async ({ params, principal }) => {
      const isOwn = await isOwnLabelled(views, fieldOf(params, 'labelled'), principal);
      if (!isOwn) throw refusal('nothing-recorded-of');
    },
    'own-officer': async ({ params, principal }) => {
      const row = await views.power.officer(fieldOf<OfficerId>(params, 'officer'));
      const isShown = row !== undefined && (isAuditor(principal) || isOwnOffice(row, principal));
      if (!isShown) throw refusal('nothing-recorded-of');
    },
    sale: async ({ body, principal }) => {
      const vendor = fieldOf<VendorId>(body, 'vendor');
      if (!(await isOwnVendor(views, vendor, principal))) throw refusal('vendor-unknown');
    },
    redemption: async ({ params, principal }) => {
      const id = fieldOf<string>(params, 'id');
      const itemsHash = parseHex(id, 32) as Bytes32 | undefined;
      if (itemsHash === undefined) {
        const operation = await commit.operation(id as Operation['id']);
        if (operation.kind !== SALE) throw refusal('operation-missing');
        await requireOperation(commit, operation, principal);
        return;
      }
      // Anybody may post a batch again: it is shown where one of those who posted it is the caller's.
      const { rows } = await views.benefits.batchesWith(itemsHash);
      const isOwn = await Promise.all(rows.map(({ vendor }) => isOwnVendor(views, vendor, principal)));
      if (!isOwn.includes(true)) throw refusal('operation-missing');
    },
    person: async ({ params, principal }) => {
      const personId = fieldOf<Bytes32>(params, 'personId');
      const subject = await personIn(sectorsOf(principal), personId, principal.institution);
      if (subject === undefined) throw refusal('subject-missing');
    },
    proof: FREE, // a signature opens it, and its desk holds that against the ledger's own key
    job: ({ params, principal }) => {
      const { kind, office } = jobs.find(principal.institution, fieldOf(params, 'id'));
      const isOfRole = principal.roles.includes(kind === 'parcels' ? 'registrar' : 'agency');
      if (!(isOfRole && isWithin(office, principal))) throw refusal('job-missing');
    },
  };
  return (scope) => rules[scope];
}

/** A field that the shape of the route has; a route without it has a scope that is not its own. */
function fieldOf<T>(from: unknown, name: string): T {
  const value = (from as Readonly<Record<string, unknown>> | undefined)?.[name];
  if (value === undefined) throw new Error(`a route of this scope has no ${name}`);
  return value as T;
}

/** Who works on land knows people by ids of land, a steward by those of both, everybody else by those of aid. */
export function sectorsOf({ roles }: Principal): Sector[] {
  const isOfAid = roles.some((role) => role !== 'registrar');
  const isOfLand = roles.includes('registrar') || roles.includes('steward');
  return [...(isOfAid ? (['aid'] as const) : []), ...(isOfLand ? (['land'] as const) : [])];
}

const isAuditor = ({ roles }: Principal) => roles.includes('auditor');

/** True of every vendor for who is bound to none. */
const isOfVendor = (vendor: VendorId, { roles, vendor: own }: Principal) =>
  roles.includes('vendor') ? own === vendor : true;

/** Whether what is of one office is within what the token works for: of every office, where it names none. */
const isWithin = (office: number | undefined, { office: own }: Pick<Principal, 'office'>) =>
  own === undefined || own === office;

/** Of the caller's institution, and of the one office where the caller works for one. */
export function isOwnOffice(
  { institution, office }: { readonly institution: number | undefined; readonly office: number | undefined },
  principal: Pick<Principal, 'institution' | 'office'>,
): boolean {
  return institution === principal.institution && isWithin(office, principal);
}

/** For its own till alone, and for the office that has it. */
async function isOwnVendor(views: Views, vendor: VendorId, principal: Principal): Promise<boolean> {
  const row = isOfVendor(vendor, principal) ? await views.benefits.vendor(vendor) : undefined;
  return row !== undefined && isOwnOffice(row.record, principal);
}

/** A programme, a vendor, a till or an officer that the caller may call something: of the own office, whose else the id is. */
export async function isOwnLabelled(views: Views, labelled: string, principal: Principal): Promise<boolean> {
  const [id, till] = labelled.split('.');
  const vendor = (await views.benefits.vendor(id as VendorId))?.record;
  const others =
    till === undefined
      ? [
          (await views.benefits.programme(id as ProgrammeId))?.record,
          await views.power.officer(id as OfficerId),
        ]
      : [];
  return [vendor, ...others].some((one) => one !== undefined && isOwnOffice(one, principal));
}

/**
 * What the caller may know the history of, among everything that has this id: power and what was paused is everybody's, a
 * unit the registers', a programme and a vendor their own office's. One that has the id of another hides nothing of it.
 */
export async function subjectsTold(
  { benefits }: Pick<Views, 'benefits'>,
  subject: EntrySubject,
  principal: Principal,
): Promise<readonly EntrySubject[]> {
  if (!isId(subject)) return [subject];
  const isTold = (row: { readonly record: Parameters<typeof isOwnOffice>[0] } | undefined) =>
    row !== undefined && (isAuditor(principal) || isOwnOffice(row.record, principal));
  const isOfLand = isAuditor(principal) || principal.roles.includes('registrar');
  const told: EntrySubject[] = [subject, `withdrawal:${subject}`];
  if (isOfLand) told.push(`unit:${subject}`);
  if (isTold(await benefits.programme(subject as Bytes32 as ProgrammeId))) told.push(`programme:${subject}`);
  if (isTold(await benefits.vendor(subject as Bytes32 as VendorId))) told.push(`vendor:${subject}`);
  return told;
}

const isId = (subject: EntrySubject): subject is Bytes32 => subject.startsWith('0x');

/** Whether an entry is told in a list of all: exactly where a history that the caller may read has it. */
export async function isEntryTold(views: Views, row: EntryRow, principal: Principal): Promise<boolean> {
  const about = subjectOf(row);
  return about.startsWith('pause:') || (await subjectsTold(views, row.subject, principal)).includes(about);
}

/** Who asks for the number of a parcel, as `groundOf` is told. */
export const readerOf = (principal: Principal) => {
  const { institution, office } = principal;
  return { institution, office, isAuditor: isAuditor(principal) };
};

async function requireOffice(views: Views, office: OfficeId, principal: Principal): Promise<void> {
  const keeper = isWithin(office, principal) ? await views.power.officeKeeper(office) : undefined;
  if (keeper === principal.institution) return;
  throw refusal('office-of-another', undefined, { field: '/query/office' });
}

/** Who suspends a colleague is named as the revoker; every other order names its signer alone. */
async function requireOwnOfficer(views: Views, body: unknown, { institution }: Principal) {
  const name = Object.hasOwn(body as object, 'revoker') ? 'revoker' : 'officer';
  const row = await views.power.officer(fieldOf<OfficerId>(body, name));
  // Of an officer nobody knows the judge of officers says more.
  if (row === undefined || row.institution === institution) return { name, row };
  throw refusal('institution-differs', undefined, { field: `/${name}` });
}

// ---- Acts and what becomes of them ---------------------------------------------------------------------------

/** One that ended is told as such by who reaches it, to whom the rule lets know of it. */
async function actOf(commit: ScopeDependencies['commit'], id: Bytes32): Promise<OwnedAct> {
  return (await commit.endedAct(id)) ?? commit.act(id);
}

function isOfKind({ type, office }: Pick<OwnedAct, 'type' | 'office'>, principal: Principal): boolean {
  return callersOf(type).some((caller) => principal.roles.includes(caller)) && isWithin(office, principal);
}

/** The institution that prepared an act signs and takes it back. */
function requirePreparing(act: OwnedAct, principal: Principal): void {
  if (isOfKind(act, principal) && act.owner.institution === principal.institution) return;
  throw refusal('act-missing');
}

/** The institution that prepared it, and any other whose officer may approve it. */
function mayApprove(act: OwnedAct, principal: Principal): boolean {
  const { institution, twoInstitutions } = act.institutions;
  const isAnothers = institution === 0 || twoInstitutions;
  return isOfKind(act, principal) && (isAnothers || act.owner.institution === principal.institution);
}

function requireApprover(act: OwnedAct, principal: Principal): void {
  if (!mayApprove(act, principal)) throw refusal('act-missing');
}

function requireReader(act: OwnedAct, principal: Principal): void {
  if (!isReader(act, principal)) throw refusal('act-missing');
}

/**
 * Why what an act says of people is opened to a caller who may read it: its own office `prepared` it; or it is `asked` to
 * approve what another institution prepared and signed, while that waits and an officer of it could. To everybody else,
 * auditors too, it is closed.
 */
export function openedFor(isAskedToApprove: (act: Bytes32, institution: InstitutionId) => Promise<boolean>) {
  return async (act: PendingAct, principal: Principal): Promise<'prepared' | 'asked' | undefined> => {
    if (!isOfKind(act, principal)) return undefined;
    if (act.owner.institution === principal.institution) return 'prepared';
    const has = (signed: 'preparer' | 'approver') => act.signatures.some(({ part }) => part === signed);
    const isBeforeThem = act.operation === undefined && has('preparer') && !has('approver');
    if (!isBeforeThem || act.expiresAtMs < Date.now()) return undefined;
    const own = principal.institution as InstitutionId;
    return (await isAskedToApprove(act.id, own)) ? 'asked' : undefined;
  };
}

/** An auditor's list has every act; everybody else's has those of the own office, and those it is asked to approve. */
export function listedFor(opened: ReturnType<typeof openedFor>) {
  return async (act: PendingAct, principal: Principal): Promise<boolean> =>
    isAuditor(principal) || (await opened(act, principal)) !== undefined;
}

/** Of an act that came to nothing: to the institution that prepared it, in the role it is for, and to auditors. */
export function isTraceShown(
  {
    type,
    office,
    owner,
  }: Pick<TraceTold, 'type' | 'office'> & { readonly owner: { readonly institution: number } },
  principal: Principal,
): boolean {
  const isOwn = owner.institution === principal.institution;
  return isAuditor(principal) || (isOwn && isOfKind({ type: type as OwnedAct['type'], office }, principal));
}

/** Whom an act may wait for: an institution, or the one who asks, known by a token or, better, as an officer. */
export interface WaitsFor {
  readonly isMine: boolean;
  readonly officer?: OfficerId | undefined;
}

/**
 * Whether the next signature is one that who asks could hand in: the preparer's own first, then an approver's, who is
 * another person. What only holders can sign waits for nobody here.
 */
export function waitingFor(deps: {
  preparerOf(act: Bytes32): Promise<OfficerId>;
  mayBeApproved(
    act: Bytes32,
    by: { institution: InstitutionId; officer?: OfficerId | undefined },
  ): Promise<boolean>;
}) {
  return async (act: PendingAct, principal: Principal, { isMine, officer }: WaitsFor): Promise<boolean> => {
    const signed = new Map(act.signatures.map((one) => [one.part, one.principal]));
    const institution = principal.institution as InstitutionId;
    if (!isOfKind(act, principal)) return false;
    if (!signed.has('preparer')) {
      const isOwn = act.owner.institution === principal.institution;
      if (!isMine || !isOwn) return isOwn;
      return officer === undefined
        ? act.owner.principal === principal.id
        : (await deps.preparerOf(act.id)) === officer;
    }
    if (signed.has('approver') || !act.parts.includes('approver')) return false;
    // Two officers may hand in with one token, which tells them apart only where none of them is named.
    if (isMine && officer === undefined && signed.get('preparer') === principal.id) return false;
    return deps.mayBeApproved(act.id, { institution, officer });
  };
}

/** Whether an act is shown to who asks; elsewhere it is as if it did not exist. */
function isReader(act: OwnedAct, principal: Principal): boolean {
  return isAuditor(principal) || mayApprove(act, principal);
}

/** What the gateway sends for who signs nothing: a till's batch, and the words of a signed list. */
const SALE = 'redeemed';
const LAND_KINDS: ReadonlySet<string> = new Set<LandAct>(LAND_ACTS);
/** What members carry out without an officer's signature. */
const MEASURE_KINDS: ReadonlySet<string> = new Set([
  ...MEASURE_STEPS.map((step) => `measure-${step}`),
  ...RECORDER_KINDS,
]);
/** Acts and orders of power by what their operations are called. */
const POWER_CALLERS: ReadonlyMap<string, readonly Caller[]> = new Map(
  [...Object.keys(ACTS), ...Object.keys(ORDERS)]
    .filter((type) => callersOf(type).includes('member'))
    .map((type) => [codeOfError(type), callersOf(type)]),
);

function callersOfKind(kind: string): readonly Role[] {
  if (LAND_KINDS.has(kind)) return ['registrar'];
  if (kind === SALE) return ['vendor', 'agency'];
  if (MEASURE_KINDS.has(kind)) return ['member'];
  return POWER_CALLERS.get(kind) ?? ['agency'];
}

/**
 * What became of an act is for who may read the act; what became of a sale for its vendor and its agency; what is of one
 * office for that office, and for who sent it. A measure and a recorder's line are of no office.
 */
async function requireOperation(
  commit: ScopeDependencies['commit'],
  { kind, owner, office, acts: [act] }: Operation,
  principal: Principal,
): Promise<void> {
  if (isAuditor(principal)) return;
  const callers = callersOfKind(kind);
  if (callers.some((role) => principal.roles.includes(role))) {
    const isOfVendors = owner.vendor === undefined || isOfVendor(owner.vendor, principal);
    const isOfOffice =
      owner.principal === principal.id || MEASURE_KINDS.has(kind) || isWithin(office, principal);
    if (owner.institution === principal.institution && isOfVendors && isOfOffice) return;
    if (act !== undefined && mayApprove(await actOf(commit, act), principal)) return;
  }
  throw refusal('operation-missing');
}
