/**
 * Prepares acts on benefits: judged by the register's own rules, then ready for two officers to sign.
 *
 * Hides which records an act reads and how its digests are made. Promises: nothing that the register would refuse
 * for its content is given to anybody to sign; `entryId` is the entry the ledger will record; `changes` are the
 * records before and after, as the rules see them now; `authority` is whom the register will ask. Pure: the caller
 * brings the records (views) and the moment. The gateway, the CLI and an independent signer call it.
 */

import { keccak_256 } from '@noble/hashes/sha3.js';
import type { ActHead } from '../acts/head.ts';
import type { Moment } from '../acts/moment.ts';
import type { SignableAct } from '../acts/signable.ts';
import type { TypedStruct } from '../acts/typedData.ts';
import { digest, hashStruct } from '../acts/typedData.ts';
import type { Bytes32 } from '../base/hex.ts';
import { fromHex, toHex, ZERO_32 } from '../base/hex.ts';
import type { EntryId, InstitutionId, OfficeId, ProgrammeId, Scope } from '../base/terms.ts';
import type { Acts, AppliedAct } from './act.ts';
import { kindOf, messageOf } from './act.ts';
import type { Card } from './cards.ts';
import type { Credit, Cycle, Enrolment, Programme, Till, Vendor } from './records.ts';
import {
  afterDefine,
  afterEnrol,
  afterMoveFunds,
  afterOpen,
  afterPause,
  afterReleaseCredit,
  afterResume,
  afterSetCard,
  afterSetTill,
  afterSettle,
  afterSetVendor,
  afterStep,
  matured,
  NO_CREDIT,
  NO_ENROLMENT,
  outstandingUnits,
} from './records.ts';
import {
  checkDefine,
  checkEnrol,
  checkMoveFunds,
  checkOffice,
  checkOpen,
  checkPause,
  checkRelease,
  checkReleaseCredit,
  checkResume,
  checkSetCard,
  checkSetTill,
  checkSettle,
  checkSetVendor,
  checkStep,
  known,
} from './rules.ts';
import type { BenefitAct, CycleId } from './terms.ts';
import { BENEFIT_ACTS } from './terms.ts';
import type { ActName, BenefitRegister } from './types.ts';
import { BENEFIT_TYPES, benefitDomain } from './types.ts';

/** The records an act reads; those it needs and does not find are refused as unknown. */
export interface Records {
  readonly programme?: Programme | undefined;
  readonly cycle?: Cycle | undefined;
  readonly enrolment?: Enrolment | undefined;
  readonly card?: Card | undefined;
  readonly vendor?: Vendor | undefined;
  readonly till?: Till | undefined;
  readonly credit?: Credit | undefined;
}

/** One record as it is and as the act would leave it. */
export type Change = {
  readonly [R in keyof Records]-?: {
    readonly record: R;
    readonly before: Records[R];
    readonly after: Exclude<Records[R], undefined>;
  };
}[keyof Records];

/** Whom the register will ask for signatures. */
export interface AuthorityNeeded {
  readonly institution: InstitutionId;
  /** Once two institutions are seated the approver must be of another than the agency, whatever the amount. */
  readonly byTwoInstitutions: boolean;
  /** Summed over a window against the tier of its currency, above which two institutions sign as well. */
  readonly amountMinor: bigint;
  /** The pause of which stops the act. */
  readonly pauseScope: Scope | undefined;
}

export interface BenefitSignable<N extends ActName = ActName> extends Omit<SignableAct, 'institutions'> {
  readonly kind: BenefitAct;
  readonly name: N;
  readonly head: ActHead;
  readonly act: Acts[N];
  /** The state the entry will record: the act's struct hash. */
  readonly newState: Bytes32;
}

/** What the rules say of an act: whom the register will ask, and what it would change. */
export interface Judgement {
  readonly authority: AuthorityNeeded;
  readonly changes: readonly Change[];
}

/** What every preparation needs besides the act: where it goes, what is there, and when it is. */
export interface Setting {
  readonly register: BenefitRegister;
  readonly head: ActHead;
  readonly records: Records;
  readonly moment: Moment;
  /** The consortium lets an early end come without notice: a demonstration's policy. */
  readonly isNoticeWaived?: boolean;
  /** Whether the agency may not move so much more alone in this window. */
  readonly isAboveTier?: (amountMinor: bigint) => boolean;
}

/** What the rules of an act ask for. */
export interface Judging extends Pick<Setting, 'records' | 'moment' | 'isNoticeWaived'> {
  /** Of the act's head. */
  readonly office: OfficeId;
}

/**
 * What the rules say of an act, whoever signed it, or its refusal thrown; a release is judged like the acts, and asks
 * nobody.
 */
export function judge({ name, act }: AppliedAct, judging: Judging): Judgement | undefined {
  if (name !== 'Release') {
    const rules = JUDGES[name] as (act: Acts[ActName], judging: Judging, newState: Bytes32) => Judgement;
    return rules(act, judging, ZERO_32);
  }
  const programme = known(judging.records.programme, 'programme-unknown');
  const { records, moment, isNoticeWaived } = judging;
  checkRelease(programme, known(records.cycle, 'cycle-unknown'), moment, isNoticeWaived);
  return undefined;
}

/** The rules of each act over the records it reads. */
const JUDGES: { readonly [N in ActName]: (act: Acts[N], judging: Judging, newState: Bytes32) => Judgement } =
  {
    DefineProgramme(act, { records, office }) {
      checkDefine(records.programme, act);
      const after = afterDefine(act, office);
      return {
        authority: ofInstitution(act.institution, 'disbursement'),
        changes: [{ record: 'programme', before: undefined, after }],
      };
    },
    MoveFunds(act, { records, office }) {
      const before = programmeFor(records, office);
      checkMoveFunds(before, act);
      return {
        authority: agency(before, 'disbursement', act.amountMinor),
        changes: [{ record: 'programme', before, after: afterMoveFunds(before, act) }],
      };
    },
    PauseProgramme(act, { records, moment, office }) {
      const before = programmeFor(records, office);
      checkPause(before, act, moment);
      const after = afterPause(before, act, moment.nowSeconds);
      return {
        authority: { ...agency(before, undefined, 0n), byTwoInstitutions: after.pausedByTwo },
        changes: [{ record: 'programme', before, after }],
      };
    },
    ResumeProgramme(act, { records, moment, office }) {
      const before = programmeFor(records, office);
      checkResume(before, act, moment);
      return {
        authority: { ...agency(before, undefined, 0n), byTwoInstitutions: before.pausedByTwo },
        changes: [{ record: 'programme', before, after: afterResume(before, moment.nowSeconds) }],
      };
    },
    Enrol(act, { records, office }) {
      const programme = programmeFor(records, office);
      const before = records.enrolment ?? NO_ENROLMENT;
      checkEnrol(before, act);
      return {
        authority: agency(programme, 'disbursement', 0n),
        changes: [{ record: 'enrolment', before, after: afterEnrol(before, act) }],
      };
    },
    SetCard(act, { records, office }) {
      const programme = programmeFor(records, office);
      checkSetCard(records.enrolment ?? NO_ENROLMENT, records.card, act);
      const before = known(records.card, 'person-unknown');
      return {
        authority: agency(programme, undefined, 0n),
        changes: [{ record: 'card', before, after: afterSetCard(before, act) }],
      };
    },
    SetVendor(act, { records, moment, office }) {
      checkSetVendor(records.vendor, act, office);
      return {
        authority: ofInstitution(act.institution),
        changes: [
          {
            record: 'vendor',
            before: records.vendor,
            after: afterSetVendor(records.vendor, act, office, moment.nowSeconds),
          },
        ],
      };
    },
    SetTill(act, { records, moment, office }) {
      checkSetTill(records.vendor, records.till, act, office);
      const { institution } = known(records.vendor, 'vendor-unknown');
      return {
        authority: ofInstitution(institution),
        changes: [
          { record: 'till', before: records.till, after: afterSetTill(records.till, act, moment.nowSeconds) },
        ],
      };
    },
    CycleEnvelope(act, { records, moment, office }, newState) {
      const before = programmeFor(records, office);
      checkOpen(before, records.cycle, records.enrolment ?? NO_ENROLMENT, act, moment);
      const { programme, cycle } = afterOpen(before, act, newState);
      return {
        authority: agency(before, 'disbursement', act.totalUnits * act.unitValueMinor),
        changes: [
          { record: 'programme', before, after: programme },
          { record: 'cycle', before: undefined, after: cycle },
        ],
      };
    },
    MoveCycle(act, { records, moment, isNoticeWaived, office }) {
      const before = programmeFor(records, office);
      const cycleBefore = known(records.cycle, 'cycle-unknown');
      checkStep(before, cycleBefore, act, moment, isNoticeWaived);
      const { programme, cycle } = afterStep({ programme: before, cycle: cycleBefore }, act, moment);
      return {
        // A step is worth what it may keep people from; neither pause nor price keeps a false list from being given up.
        authority:
          act.step === 'cancel'
            ? agency(before, undefined, 0n)
            : agency(before, 'disbursement', outstandingUnits(cycleBefore) * cycleBefore.unitValueMinor),
        changes: [
          { record: 'programme', before, after: programme },
          { record: 'cycle', before: cycleBefore, after: cycle },
        ],
      };
    },
    Settle(act, { records, moment, office }) {
      const programme = programmeFor(records, office);
      const cycle = known(records.cycle, 'cycle-unknown');
      const before = records.credit ?? NO_CREDIT;
      checkSettle(programme, cycle, before, act, moment);
      const after = afterSettle(matured(before, programme.disputeSeconds, moment), act);
      return {
        authority: agency(programme, 'settlement', act.amountMinor),
        changes: [{ record: 'credit', before, after }],
      };
    },
    ReleaseCredit(act, { records, moment, office }) {
      const programme = programmeFor(records, office);
      const cycle = known(records.cycle, 'cycle-unknown');
      const before = records.credit ?? NO_CREDIT;
      checkReleaseCredit(before, act);
      return {
        authority: agency(programme, 'settlement', act.units * cycle.unitValueMinor),
        changes: [
          {
            record: 'credit',
            before,
            after: afterReleaseCredit(before, act, programme.disputeSeconds, moment),
          },
        ],
      };
    },
  };

function programmeFor({ programme }: Records, office: OfficeId): Programme {
  const found = known(programme, 'programme-unknown');
  checkOffice(found, office);
  return found;
}

function agency(
  { institution }: Programme,
  pauseScope: Scope | undefined,
  amountMinor: bigint,
): AuthorityNeeded {
  return { institution, byTwoInstitutions: false, amountMinor, pauseScope };
}

function ofInstitution(institution: InstitutionId, pauseScope?: Scope): AuthorityNeeded {
  return { institution, byTwoInstitutions: false, amountMinor: 0n, pauseScope };
}

/** An act as it is signed, whether or not the register would take it: for who checks what somebody else prepared. */
export function signable<N extends ActName>(
  name: N,
  act: Acts[N],
  register: BenefitRegister,
  head: ActHead,
): BenefitSignable<N> {
  const types = BENEFIT_TYPES[name];
  const domain = benefitDomain(register);
  const message: TypedStruct = { head: { ...head }, ...messageOf(name, act) };
  return {
    kind: BENEFIT_ACTS[kindOf(name)] ?? 'unspecified',
    name,
    head,
    act,
    typedData: { domain, types, primaryType: name, message },
    entryId: digest(domain, types, name, message) as EntryId,
    newState: hashStruct(types, name, message),
    args: [message],
    consents: [],
    states: [],
    factSets: [],
  };
}

/** Judges an act and makes what its officers sign. Throws the register's refusal. */
export function prepareAct<N extends ActName>(
  name: N,
  act: Acts[N],
  setting: Setting,
): BenefitSignable<N> & SignableAct & Judgement {
  const signed = signable(name, act, setting.register, setting.head);
  const judgement: Judgement = JUDGES[name](
    act,
    { ...setting, office: setting.head.office },
    signed.newState,
  );
  const { institution, byTwoInstitutions, amountMinor } = judgement.authority;
  const twoInstitutions = byTwoInstitutions || (setting.isAboveTier?.(amountMinor) ?? false);
  return { ...signed, ...judgement, institutions: { institution, twoInstitutions } };
}

/** The entry of a release, which nobody signs: the register makes its id from the cycle. */
export function releaseEntryId(register: BenefitRegister, programme: ProgrammeId, cycle: CycleId): EntryId {
  const encoded = new Uint8Array(5 * 32);
  const view = new DataView(encoded.buffer);
  view.setBigUint64(24, BigInt(register.chainId));
  encoded.set(fromHex(register.benefitLedger), 32 + 12);
  view.setUint8(3 * 32 - 1, BENEFIT_ACTS.indexOf('cycle-released'));
  encoded.set(fromHex(programme), 3 * 32);
  view.setUint32(5 * 32 - 4, cycle);
  return toHex(keccak_256(encoded)) as EntryId;
}
