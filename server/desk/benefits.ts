/**
 * From what an aid officer decides to what two officers sign.
 *
 * Hides which records an act reads, the part of it that names the state it replaces, and how it waits. Promises: what
 * the register would refuse now is refused before anybody signs; what belongs to another agency does not exist here;
 * the lists behind an enrolment or a cycle are on disk before the act is. `http` calls it, `main` wires it.
 */

import type { ActDraft } from '../acts/commit.ts';
import type { ActHead } from '../domain/acts/head.ts';
import type { Moment } from '../domain/acts/moment.ts';
import { firstMoment } from '../domain/acts/times.ts';
import type { Bytes32, Hex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { InstitutionId, ProgrammeId, VendorId } from '../domain/base/terms.ts';
import type { Acts, DefineProgramme, PauseProgramme } from '../domain/benefits/act.ts';
import {
  type CardGiven,
  draftCard,
  draftCreditRelease,
  draftFunds,
  draftPause,
  draftResumption,
  draftSettlement,
  draftStep,
  draftTill,
  draftVendor,
  type TillGiven,
} from '../domain/benefits/drafts.ts';
import type { CycleTerms } from '../domain/benefits/envelope.ts';
import { END_WITHOUT_NOTICE_POLICY, judgeTier, tierPolicy } from '../domain/benefits/policies.ts';
import { prepareAct, type Records } from '../domain/benefits/prepare.ts';
import type { Cycle, Programme } from '../domain/benefits/records.ts';
import type { CycleId, CycleStep, FundsMove, Permit, TillId } from '../domain/benefits/terms.ts';
import type { ActName, BenefitRegister } from '../domain/benefits/types.ts';
import { momentAt } from '../domain/power/halts.ts';
import type { Owner } from '../store/operation.ts';
import type { Rolls } from '../store/rolls.ts';
import type { Views } from '../store/views.ts';
import { requireCardHeld, requireTillHeld } from './heldKeys.ts';

export interface BenefitDeskDependencies {
  readonly views: Views;
  readonly rolls: Rolls;
  readonly register: BenefitRegister;
  nowMs(): number;
}

interface Preparing<N extends ActName> {
  readonly name: N;
  readonly act: Acts[N];
  readonly records: Records;
  /** Whose acts go in order. */
  readonly orderedBy: string;
}

interface OfCycle {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
}

export class BenefitDesk {
  readonly #deps: BenefitDeskDependencies;

  constructor(deps: BenefitDeskDependencies) {
    this.#deps = deps;
  }

  async defineProgramme(owner: Owner, head: ActHead, given: Omit<DefineProgramme, 'institution'>) {
    const act = { ...given, institution: owner.institution as InstitutionId };
    const programme = (await this.#deps.views.benefits.programme(given.programme))?.record;
    const orderedBy = given.programme;
    return this.prepare(owner, head, { name: 'DefineProgramme', act, records: { programme }, orderedBy });
  }

  async moveFunds(
    owner: Owner,
    head: ActHead,
    given: {
      readonly programme: ProgrammeId;
      readonly move: Exclude<FundsMove, 'unspecified'>;
      readonly amountMinor: bigint;
      readonly sourceCommitment: Bytes32;
    },
  ): Promise<ActDraft> {
    const { programme: id, move, amountMinor, sourceCommitment } = given;
    const programme = await this.programme(owner, id);
    const act = draftFunds(id, programme, move, amountMinor, sourceCommitment);
    return this.prepare(owner, head, { name: 'MoveFunds', act, records: { programme }, orderedBy: id });
  }

  async pause(
    owner: Owner,
    head: ActHead,
    given: Pick<PauseProgramme, 'programme' | 'pausedUntil' | 'byTwoInstitutions'>,
  ): Promise<ActDraft> {
    const { programme: id, pausedUntil, byTwoInstitutions } = given;
    const programme = await this.programme(owner, id);
    const act = draftPause(id, programme, pausedUntil, byTwoInstitutions);
    return this.prepare(owner, head, { name: 'PauseProgramme', act, records: { programme }, orderedBy: id });
  }

  async resume(
    owner: Owner,
    head: ActHead,
    { programme: id }: { readonly programme: ProgrammeId },
  ): Promise<ActDraft> {
    const programme = await this.programme(owner, id);
    const act = draftResumption(id, programme);
    return this.prepare(owner, head, { name: 'ResumeProgramme', act, records: { programme }, orderedBy: id });
  }

  async setCard(
    owner: Owner,
    head: ActHead,
    place: { readonly programme: ProgrammeId; readonly enrolmentEpoch: number; readonly index: number },
    next: CardGiven,
    possession: Hex | undefined,
  ): Promise<ActDraft> {
    const { programme: id, enrolmentEpoch, index } = place;
    const { benefits } = this.#deps.views;
    const programme = await this.programme(owner, id);
    const enrolment = (await benefits.enrolment(id, enrolmentEpoch))?.record;
    const card = await benefits.card(id, enrolmentEpoch, index);
    if (card === undefined) throw refusal('person-unknown', undefined, { field: '/index' });
    if (!isSameKey(card, next)) {
      const { keyKind, keyId } = next;
      requireCardHeld(this.#deps.register, { programme: id, enrolmentEpoch, keyKind, keyId }, possession);
    }
    const act = draftCard(place, card, next);
    const records = { programme, enrolment, card };
    return this.prepare(owner, head, { name: 'SetCard', act, records, orderedBy: id });
  }

  async setVendor(
    owner: Owner,
    head: ActHead,
    given: { readonly vendor: VendorId; readonly standing: Permit; readonly from: bigint },
  ): Promise<ActDraft> {
    const { vendor: id, standing, from } = given;
    const vendor = (await this.#deps.views.benefits.vendor(id))?.record;
    const act = draftVendor(id, owner.institution as InstitutionId, vendor, standing, from);
    return this.prepare(owner, head, { name: 'SetVendor', act, records: { vendor }, orderedBy: id });
  }

  async setTill(
    owner: Owner,
    head: ActHead,
    given: TillGiven & { vendor: VendorId; till: TillId; possession?: Hex | undefined },
  ): Promise<ActDraft> {
    const { vendor: id, till: number, possession, ...next } = given;
    const { keyKind, keyId } = next;
    const vendor = await this.vendor(owner, id);
    const till = (await this.#deps.views.benefits.till(id, number))?.record;
    if (!isSameKey(till, next)) {
      requireTillHeld(this.#deps.register, { vendor: id, till: number, keyKind, keyId }, possession);
    }
    const act = draftTill({ vendor: id, till: number }, till, next);
    return this.prepare(owner, head, { name: 'SetTill', act, records: { vendor, till }, orderedBy: id });
  }

  /** Over a roll that was uploaded: count, total and hashes are the roll's. */
  async openCycle(
    owner: Owner,
    head: ActHead,
    { root, ...terms }: Omit<CycleTerms, 'enrolmentEpoch' | 'currency'> & { readonly root: Bytes32 },
  ): Promise<ActDraft> {
    const { programme: id, cycle } = terms;
    const programme = await this.programme(owner, id);
    const roll = await this.#deps.rolls.roll({ programme: id, cycle, root });
    if (roll === undefined) throw refusal('roll-missing', undefined, { field: '/root' });
    const { enrolmentEpoch, tableHash, count, totalUnits, entryBytes } = roll;
    const act = {
      ...terms,
      enrolmentEpoch,
      root,
      tableHash,
      count,
      totalUnits,
      entryBytes,
      currency: programme.currency,
    };
    const { benefits } = this.#deps.views;
    const records = {
      programme,
      cycle: (await benefits.cycle(id, cycle))?.record,
      enrolment: (await benefits.enrolment(id, enrolmentEpoch))?.record,
    };
    const draft = await this.prepare(owner, head, { name: 'CycleEnvelope', act, records, orderedBy: id });
    return { ...draft, carries: { ...draft.carries, roll: { programme: id, cycle, root } } };
  }

  async moveCycle(
    owner: Owner,
    head: ActHead,
    given: OfCycle & { readonly step: Exclude<CycleStep, 'unspecified'>; readonly endsAt: bigint },
  ): Promise<ActDraft> {
    const programme = await this.programme(owner, given.programme);
    const cycle = await this.#cycle(given);
    const act = draftStep(given, cycle, given.step, given.endsAt);
    const records = { programme, cycle };
    return this.prepare(owner, head, { name: 'MoveCycle', act, records, orderedBy: given.programme });
  }

  /** Everything a vendor may be paid for now. */
  async settle(
    owner: Owner,
    head: ActHead,
    given: OfCycle & { readonly vendor: VendorId; readonly statementHash: Bytes32 },
  ): Promise<ActDraft> {
    const programme = await this.programme(owner, given.programme);
    await this.vendor(owner, given.vendor);
    const cycle = await this.#cycle(given);
    const credit = await this.#deps.views.benefits.credit(given.programme, given.cycle, given.vendor);
    const records = { programme, cycle, credit: credit?.record };
    const act = draftSettlement(given, records, given.statementHash, firstMoment(await this.moment(), head));
    return this.prepare(owner, head, { name: 'Settle', act, records, orderedBy: given.programme });
  }

  /** Everything of a vendor's credit that was posted after a suspension. */
  async releaseCredit(
    owner: Owner,
    head: ActHead,
    given: OfCycle & { readonly vendor: VendorId; readonly caseCommitment: Bytes32 },
  ): Promise<ActDraft> {
    const programme = await this.programme(owner, given.programme);
    await this.vendor(owner, given.vendor);
    const cycle = await this.#cycle(given);
    const credit = await this.#deps.views.benefits.credit(given.programme, given.cycle, given.vendor);
    const act = draftCreditRelease(given, credit?.record, given.caseCommitment);
    const records = { programme, cycle, credit: credit?.record };
    return this.prepare(owner, head, { name: 'ReleaseCredit', act, records, orderedBy: given.programme });
  }

  /** A programme of the caller's institution, or the refusal that there is none. */
  async programme({ institution }: Pick<Owner, 'institution'>, id: ProgrammeId): Promise<Programme> {
    const record = (await this.#deps.views.benefits.programme(id))?.record;
    if (record?.institution !== institution) throw refusal('programme-unknown');
    return record;
  }

  async vendor({ institution }: Pick<Owner, 'institution'>, id: VendorId) {
    const record = (await this.#deps.views.benefits.vendor(id))?.record;
    if (record?.institution !== institution) throw refusal('vendor-unknown');
    return record;
  }

  async moment(): Promise<Moment> {
    const { views, nowMs } = this.#deps;
    const now = BigInt(Math.floor(nowMs() / 1000));
    return momentAt(now, await views.power.halts(), await views.power.pauseClock('redemption'));
  }

  /** Judges an act and answers its draft. */
  async prepare<N extends ActName>(
    owner: Owner,
    head: ActHead,
    { name, act, records, orderedBy }: Preparing<N>,
  ): Promise<ActDraft> {
    const { register } = this.#deps;
    const waived = await this.#deps.views.power.policy(END_WITHOUT_NOTICE_POLICY);
    const moment = firstMoment(await this.moment(), head);
    const isAboveTier = await this.#tier(owner, records.programme?.currency, moment);
    const setting = { register, head, records, moment, isNoticeWaived: waived !== 0n, isAboveTier };
    const carries = { records: [], newcomers: [], commitments: [] };
    return { act: prepareAct(name, act, setting), owner, orderedBy, carries };
  }

  /** Whether the caller's institution may not move so much more of the currency alone. */
  async #tier({ institution }: Owner, currency: number | undefined, { nowSeconds }: Moment) {
    if (currency === undefined) return () => false;
    const { benefits, power } = this.#deps.views;
    const tierMinor = await power.policy(tierPolicy(currency));
    const moved = await benefits.movedAlone(institution as InstitutionId, currency);
    return (amountMinor: bigint) =>
      amountMinor !== 0n && judgeTier(moved, amountMinor, tierMinor, nowSeconds).isAbove;
  }

  async #cycle({ programme, cycle }: OfCycle): Promise<Cycle> {
    const row = await this.#deps.views.benefits.cycle(programme, cycle);
    if (row === undefined) throw refusal('cycle-unknown');
    return row.record;
  }
}

/** One that is there already was shown when it came. */
const isSameKey = (before: Pick<CardGiven, 'keyKind' | 'keyId'> | undefined, { keyKind, keyId }: TillGiven) =>
  before?.keyKind === keyKind && before.keyId === keyId;
