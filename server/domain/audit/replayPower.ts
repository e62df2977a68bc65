/** The auditor's list of officers: whether the two who signed an entry could at that moment (L3, P1, P3). */
import type { ContractName, EventOf, LedgerEvent } from '../acts/events.ts';
import { type Address, ZERO_32 } from '../base/hex.ts';
import { type InstitutionId, LAND_ACTS, LAND_KIND_BASE, numberOf, type OfficerId } from '../base/terms.ts';
import { BENEFIT_ACTS, BENEFIT_KIND_BASE } from '../benefits/terms.ts';
import type { BlockMoment, FindingList } from './findings.ts';

interface Officer {
  readonly institution: InstitutionId;
  readonly epoch: number;
  readonly activeFrom: bigint;
  readonly isRevoked: boolean;
}

/** Kinds of the journal's and the consortium's own entries that one officer signs, or none. */
const WITHDRAWAL = 1;
const REVOCATION = 18;
const SHORT_PAUSE = 16;
const MEASURE_BASE = 32;
/** Kinds that follow from what was signed before, or from time alone: anybody may bring them about. */
const UNSIGNED: Partial<Record<ContractName, ReadonlySet<number>>> = {
  land: new Set([LAND_KIND_BASE + numberOf(LAND_ACTS, 'sweep')]),
  benefits: new Set([
    BENEFIT_KIND_BASE + BENEFIT_ACTS.indexOf('cycle-released'),
    BENEFIT_KIND_BASE + BENEFIT_ACTS.indexOf('redeemed'),
  ]),
};

export class PowerReplay {
  readonly #findings: FindingList;
  readonly #officers = new Map<OfficerId, Officer>();
  readonly #barred = new Set<InstitutionId>();
  /** Officers as they stood when the transaction began, where it changed them: a revocation is signed by whom it ends. */
  readonly #before = new Map<OfficerId, Officer>();
  #authority: Address | undefined;

  constructor(findings: FindingList) {
    this.#findings = findings;
  }

  beginTransaction(): void {
    this.#before.clear();
  }

  apply(event: LedgerEvent, _moment: BlockMoment): void {
    switch (event.name) {
      case 'ConsortiumFounded':
        this.#authority = event.address;
        this.#officers.clear();
        this.#barred.clear();
        for (const { officer, institution } of event.args.founding.officers) {
          this.#officers.set(officer, { institution, epoch: 1, activeFrom: 0n, isRevoked: false });
        }
        break;
      case 'OfficerAppointed': {
        const { officer, institution, activeFrom } = event.args;
        this.#officers.set(officer, { institution, epoch: 1, activeFrom, isRevoked: false });
        break;
      }
      case 'KeyRotated': {
        const { officer, epoch, activeFrom } = event.args;
        this.#change(officer, { epoch, activeFrom });
        break;
      }
      case 'OfficerRevoked':
        this.#change(event.args.officer, { isRevoked: true });
        break;
      case 'InstitutionExpelled':
      case 'InstitutionSuspended':
        this.#barred.add(event.args.institution);
        break;
      case 'SuspensionLifted':
        this.#barred.delete(event.args.institution);
        break;
    }
  }

  checkOfficers({ contract, args }: EventOf<'EntryRecorded'>, moment: BlockMoment): void {
    const { kind, preparer, approver, epochs, entryId } = args;
    const findings = this.#findings;
    const isAlone =
      kind === WITHDRAWAL ||
      (contract === 'personnel' && kind === REVOCATION) ||
      (contract === 'safeguards' && kind === SHORT_PAUSE);
    const isUnsigned =
      (contract === 'consortium' && kind >= MEASURE_BASE) || UNSIGNED[contract]?.has(kind) === true;
    if (isUnsigned) return;
    this.#checkOne(preparer, Number(epochs >> 32n), moment, entryId);
    if (isAlone) return;
    findings.require(preparer !== approver, 'P1', 'One officer both prepared and approved an act.', entryId);
    this.#checkOne(approver, Number(epochs & 0xffff_ffffn), moment, entryId);
  }

  #checkOne(id: OfficerId, epoch: number, moment: BlockMoment, entryId: `0x${string}`): void {
    if (id === ZERO_32) {
      this.#findings.add('L3', 'An act was recorded without one of its two officers.', entryId);
      return;
    }
    const now = this.#officers.get(id);
    const standings = [now, this.#before.get(id)].filter((officer) => officer !== undefined);
    if (standings.length === 0) {
      this.#findings.add('L3', 'An act was recorded under an officer nobody appointed.', entryId);
      return;
    }
    const isValid = standings.some(
      (officer) =>
        officer.epoch === epoch &&
        !officer.isRevoked &&
        officer.activeFrom <= BigInt(moment.nowSeconds) &&
        !this.#barred.has(officer.institution),
    );
    this.#findings.require(
      isValid,
      'P3',
      'An act was recorded under a key that did not count then.',
      entryId,
    );
  }

  #change(id: OfficerId, part: Partial<Officer>): void {
    const officer = this.#officers.get(id);
    if (officer === undefined) {
      this.#findings.add('L3', 'An officer nobody appointed was changed.', this.#authority);
      return;
    }
    if (!this.#before.has(id)) this.#before.set(id, officer);
    this.#officers.set(id, { ...officer, ...part });
  }
}
