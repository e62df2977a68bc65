/**
 * Whether an officer's part of an act counts, judged when it arrives and in the order of `Consortium.requireOfficers`.
 *
 * Promises: what passes here the consortium would take at this moment; noise under an officer's name never reaches the
 * act, whatever the kind of the officer's key. For `commit`; the contract judges again.
 */
import { isPassed, type Moment } from '../domain/acts/moment.ts';
import { type OrderRow, orderOf } from '../domain/acts/orders.ts';
import { digestOfPart, headOf, type SignedPart } from '../domain/acts/signable.ts';
import { rowOf, rowOfAct } from '../domain/acts/table.ts';
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
  readonly standingsIn: (institution: InstitutionId) => AsyncIterable<OfficerStanding>;
  readonly moment: () => Promise<Moment>;
  readonly isSeated: () => Promise<boolean>;
  readonly consortium: () => Promise<Address | undefined>;
  /** Throws the refusal of the contract. */
  readonly ask: (to: Address, data: Hex) => Promise<unknown>;
}

const EVERY_OFFICE = 0 as OfficeId;
const OF_EVERY_OFFICE: ReadonlySet<Role> = new Set(['vote', 'pause']);

/** The preparer that the head of an act names, before anybody signs it. */
export async function judgePreparer(
  officers: Officers,
  content: Pick<ActContent, 'typedData' | 'institutions'>,
) {
  const order = orderOf(content.typedData.primaryType);
  if (order !== undefined) return judgeOrder(officers, order, content, orderPlaces(order));
  const { office, preparer, preparerEpoch } = headOf(content);
  const { institution } = content.institutions;
  const { nowSeconds } = await officers.moment();
  const need = {
    office,
    epoch: preparerEpoch,
    role: rowOfAct(content.typedData).roles.preparer,
    institution,
  };
  return judgeOfficer(await officers.standingOf(preparer, preparerEpoch), need, nowSeconds, {
    officer: '/head/preparer',
    epoch: '/head/preparerEpoch',
  });
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

/** An officer's signature of an act, or what speaks against it. */
export async function judgeOfficerPart(
  officers: Officers,
  content: ActContent,
  signed: SignedPart,
): Promise<void> {
  if (signed.part !== 'preparer' && signed.part !== 'approver') return;
  const { office, preparer, preparerEpoch, deadline } = headOf(content);
  const moment = await officers.moment();
  if (isPassed(moment, deadline)) throw refusal('act-expired');
  const order = orderOf(content.typedData.primaryType);
  if (order !== undefined) {
    // Its call is tried with this signature, which is its last: the contract checks the key.
    await judgeOrder(officers, order, content, { officer: '/signer', epoch: '/signer' });
    return;
  }
  const { roles } = rowOfAct(content.typedData);
  if (signed.part === 'approver') {
    if (isPassed(moment, signed.approval.deadline)) {
      throw refusal('approval-expired', undefined, { field: '/approval/deadline' });
    }
    if (signed.signer === preparer) throw refusal('second-person-required');
  }
  const isTwo = content.institutions.twoInstitutions && (await officers.isSeated());
  const isPreparer = signed.part === 'preparer';
  const epoch = isPreparer ? preparerEpoch : signed.approval.approverEpoch;
  const role = isPreparer ? roles.preparer : roles.approver;
  const institution = isPreparer || !isTwo ? content.institutions.institution : 0;
  const standing = await officers.standingOf(signed.signer, epoch);
  const places = { officer: '/signer', epoch: '/approval/approverEpoch' };
  judgeOfficer(standing, { office, epoch, role, institution }, moment.nowSeconds, places);
  if (!isPreparer && isTwo) {
    const first = await officers.standingOf(preparer, preparerEpoch);
    if (first?.institution === standing?.institution) {
      throw refusal('second-institution-required', undefined, { field: '/signer' });
    }
  }
  const consortium = await officers.consortium();
  if (standing?.isKeyKnown === true || consortium === undefined) return; // its signature was checked here
  const args = [
    signed.signer,
    epoch,
    roleBits([role]),
    digestOfPart(content, signed),
    signed.signature,
  ] as const;
  await officers.ask(consortium, encodeCall('consortium', 'requireOfficer', [...args]));
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
