/**
 * Whether a part of an act counts, judged when it arrives and in the order of `Journal` and `Consortium.requireOfficers`.
 *
 * Promises: what passes here the consortium would take at this moment; noise under an officer's name never reaches the
 * act, whatever the kind of the officer's key. For `commit`; the contract judges again.
 */
import { isPassed, type Moment } from '../domain/acts/moment.ts';
import { type OrderRow, orderOf } from '../domain/acts/orders.ts';
import { digestOfPart, headOf, type SignedPart } from '../domain/acts/signable.ts';
import { rowOf, rowOfAct } from '../domain/acts/table.ts';
import { judgePartTimes, judgeTimes, type PartAmong } from '../domain/acts/times.ts';
import type { Address, Hex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import {
  type InstitutionId,
  type OfficeId,
  type OfficerId,
  type Role,
  roleBits,
} from '../domain/base/terms.ts';
import {
  isFit,
  judgeOfficer,
  judgeStanding,
  type OfficerPlaces,
  type OfficerStanding,
} from '../domain/power/judgeOfficer.ts';
import { FIRST_EPOCHS } from '../domain/power/possession.ts';
import { encodeCall } from '../ledger/contracts.ts';
import type { ActContent } from '../store/acts.ts';

/** The consortium in force, as the views show it. */
export interface Officers {
  /** As the key in the place of an epoch stands. */
  readonly standingOf: (
    officer: OfficerId,
    epoch: number,
  ) => Promise<(OfficerStanding & { readonly isKeyKnown: boolean }) | undefined>;
  /** Every officer of an institution, by each key. */
  readonly standingsIn: (
    institution: InstitutionId,
  ) => AsyncIterable<OfficerStanding & { readonly officer: OfficerId }>;
  readonly moment: () => Promise<Moment>;
  readonly isSeated: () => Promise<boolean>;
  /** Whose office it is. */
  readonly keeperOf: (office: OfficeId) => Promise<InstitutionId | undefined>;
  readonly consortium: () => Promise<Address | undefined>;
  /** Throws the refusal of the contract. */
  readonly ask: (to: Address, data: Hex) => Promise<unknown>;
}

const EVERY_OFFICE = 0 as OfficeId;
const OF_EVERY_OFFICE: ReadonlySet<Role> = new Set(['vote', 'pause']);

/** The times of an act and the preparer whom its head names, before anybody signs it. */
export async function judgePreparer(
  officers: Officers,
  content: Pick<ActContent, 'typedData' | 'institutions'>,
) {
  const order = orderOf(content.typedData.primaryType);
  const moment = await officers.moment();
  const head = headOf(content);
  if (order !== undefined) {
    // Of the times of an order its desk says more than that it is over.
    if (isPassed(moment, head.deadline)) throw refusal('act-expired');
    return judgeOrder(officers, order, content, orderPlaces(order));
  }
  judgeTimes(moment, head);
  return judgeFirst(officers, content, moment, PREPARER_PLACES);
}

const PREPARER_PLACES: OfficerPlaces = { officer: '/head/preparer', epoch: '/head/preparerEpoch' };

/** `Needs.requirePreparer`: of the agency, or of whoever keeps the office where the act makes units. */
async function judgeFirst(
  officers: Officers,
  content: Pick<ActContent, 'typedData' | 'institutions'>,
  { nowSeconds }: Moment,
  places: OfficerPlaces,
) {
  const { office, preparer, preparerEpoch: epoch } = headOf(content);
  const { roles, isOfKeeper } = rowOfAct(content.typedData);
  const keeper = isOfKeeper === true ? await officers.keeperOf(office) : undefined;
  const institution = keeper ?? content.institutions.institution;
  const standing = await officers.standingOf(preparer, epoch);
  return judgeOfficer(standing, { office, epoch, role: roles.preparer, institution }, nowSeconds, places);
}

/** Where a body names the officer of an order: as the order itself does. */
function orderPlaces({ signer }: OrderRow): OfficerPlaces {
  return { officer: `/${signer.officer}`, epoch: `/${signer.epoch}` };
}

/** The one officer of an order, as far as the ledger lets who is held give it. */
async function judgeOrder(
  officers: Officers,
  { role, isOpenToHeld }: OrderRow,
  content: Pick<ActContent, 'typedData'>,
  places: OfficerPlaces,
) {
  const { preparer, preparerEpoch: epoch } = headOf(content);
  const { nowSeconds } = await officers.moment();
  const standing = await officers.standingOf(preparer, epoch);
  const free = isOpenToHeld ? standing && asIfFree(standing, nowSeconds) : standing;
  if (role === undefined) return judgeStanding(free, epoch, nowSeconds, places);
  // A vote or a pause concerns the whole ledger: `Officers.requireLoneRole`.
  const office = OF_EVERY_OFFICE.has(role) ? EVERY_OFFICE : (standing?.office ?? EVERY_OFFICE);
  return judgeOfficer(free, { epoch, office, role, institution: 0 }, nowSeconds, places);
}

/** Whether a suspension bars it, the contract says when it is sent. */
function asIfFree(standing: OfficerStanding, nowSeconds: bigint): OfficerStanding {
  const nothing = {
    isInstitutionBarred: false,
    activeFrom: nowSeconds,
    suspendedUntil: 0n,
    narrowedUntil: 0n,
  };
  return Object.assign({}, standing, nothing);
}

/**
 * A part of an act, or what speaks against it. With an approval the preparer is judged once more, and first, as the
 * consortium does: whom it would not take now, nobody approves.
 */
export async function judgePart(
  officers: Officers,
  content: ActContent,
  among: PartAmong,
  signed: SignedPart,
): Promise<void> {
  const head = headOf(content);
  const moment = await officers.moment();
  judgePartTimes(moment, head, among, signed);
  const order = orderOf(content.typedData.primaryType);
  if (order !== undefined) {
    // Its call is tried with this signature, which is its last: the contract checks the key.
    await judgeOrder(officers, order, content, { officer: '/signer', epoch: '/signer' });
    return;
  }
  if (signed.part !== 'preparer' && signed.part !== 'approver') return;
  if (signed.part === 'preparer') {
    const places = { officer: '/signer', epoch: '/signer' };
    await requireSigned(officers, content, signed, await judgeFirst(officers, content, moment, places));
    return;
  }
  if (signed.signer === head.preparer) throw refusal('second-person-required');
  const first = await judgeFirst(officers, content, moment, PREPARER_PLACES);
  const isTwo = content.institutions.twoInstitutions && (await officers.isSeated());
  const { approverEpoch: epoch } = signed.approval;
  const need = {
    office: head.office,
    epoch,
    role: rowOfAct(content.typedData).roles.approver,
    institution: isTwo ? 0 : content.institutions.institution,
  } as const;
  const places = { officer: '/signer', epoch: '/approval/approverEpoch' };
  const second = judgeOfficer(
    await officers.standingOf(signed.signer, epoch),
    need,
    moment.nowSeconds,
    places,
  );
  if (isTwo && first.institution === second.institution) {
    throw refusal('second-institution-required', undefined, { field: '/signer' });
  }
  await requireSigned(officers, content, signed, second);
}

/** Has the consortium check a key that nobody else can. */
async function requireSigned(
  officers: Officers,
  content: ActContent,
  signed: Extract<SignedPart, { readonly part: 'preparer' | 'approver' }>,
  { epoch }: OfficerStanding,
): Promise<void> {
  const standing = await officers.standingOf(signed.signer, epoch);
  const consortium = await officers.consortium();
  if (standing?.isKeyKnown === true || consortium === undefined) return; // its signature was checked here
  const { roles } = rowOfAct(content.typedData);
  const role = signed.part === 'preparer' ? roles.preparer : roles.approver;
  const digest = digestOfPart(content, signed);
  const args = [signed.signer, epoch, roleBits([role]), digest, signed.signature] as const;
  await officers.ask(consortium, encodeCall('consortium', 'requireOfficer', [...args]));
}

/**
 * Whether an institution has an officer who could approve the act now, other than its preparer; with `officer`, whether that
 * one could.
 */
export async function mayBeApproved(
  officers: Officers,
  content: Pick<ActContent, 'typedData' | 'institutions'>,
  by: { readonly institution: InstitutionId; readonly officer?: OfficerId | undefined },
): Promise<boolean> {
  const row = rowOf(content.typedData.primaryType);
  if (row === undefined) return false;
  const { office, preparer, preparerEpoch, deadline } = headOf(content);
  const { institution: needed, twoInstitutions } = content.institutions;
  const first = await officers.standingOf(preparer, preparerEpoch);
  const isTwo = twoInstitutions && (await officers.isSeated());
  const isFitting = isTwo ? by.institution !== first?.institution : [0, by.institution].includes(needed);
  const moment = await officers.moment();
  if (!isFitting || by.officer === preparer || isPassed(moment, deadline)) return false;
  const isAble = (one: OfficerStanding) =>
    isFit(
      one,
      { office, epoch: one.epoch, role: row.roles.approver, institution: by.institution },
      moment.nowSeconds,
    );
  if (by.officer !== undefined) {
    const both = await Promise.all(
      Object.values(FIRST_EPOCHS).map((epoch) => officers.standingOf(by.officer ?? preparer, epoch)),
    );
    return both.some((one) => one !== undefined && isAble(one));
  }
  for await (const one of officers.standingsIn(by.institution)) {
    if (one.officer !== preparer && isAble(one)) return true;
  }
  return false;
}

/** Whether the act still waits for an officer of another institution, and this institution has one who could approve it now. */
export async function isAskedToApprove(
  officers: Officers,
  content: Pick<ActContent, 'typedData' | 'institutions'>,
  institution: InstitutionId,
): Promise<boolean> {
  const row = rowOf(content.typedData.primaryType);
  if (row === undefined || !content.institutions.twoInstitutions || !(await officers.isSeated()))
    return false;
  const { office, deadline } = headOf(content);
  const moment = await officers.moment();
  if (isPassed(moment, deadline)) return false;
  for await (const standing of officers.standingsIn(institution)) {
    const need = { office, epoch: standing.epoch, role: row.roles.approver, institution: 0 } as const;
    if (isFit(standing, need, moment.nowSeconds)) return true;
  }
  return false;
}
