/**
 * The auditor's check of what officers signed: every act of two officers, from the logs alone (L3).
 *
 * Promises: for each such act, both signatures are of the act's digest and of its approval's, by the keys that the
 * officers of its entry had in that epoch, who held the roles and the office it asks for, within the times they
 * signed. What one officer signs alone is in no event: those are counted, never taken for checked.
 */
import { approvalTypes } from '../acts/approval.ts';
import { type RegisterDomain, registerDomain, type SigningRegister } from '../acts/domains.ts';
import type { ContractName, EventOf, LedgerEvent, OfficerKey } from '../acts/events.ts';
import type { ActHead } from '../acts/head.ts';
import { isPassed, type Moment } from '../acts/moment.ts';
import { SIGNED_TYPES } from '../acts/signedActs.ts';
import { ACTS, type ActRow } from '../acts/table.ts';
import { domainSeparator, typeHash } from '../acts/typedData.ts';
import { type Address, type Bytes32, ZERO_32 } from '../base/hex.ts';
import { type OfficeId, type OfficerId, type Role, roleBits } from '../base/terms.ts';
import { hashOfWords } from '../land/hashes.ts';
import { momentAt } from '../power/halts.ts';
import type { BlockMoment, FindingList } from './findings.ts';
import { type OpenAct, signedDigest, takesEntry } from './journal.ts';
import { isSignedBy } from './officerSignature.ts';
import { word } from './state.ts';

/** How many signatures of officers the logs showed, and how many acts were signed that no log shows. */
export interface SignatureCount {
  readonly checked: number;
  readonly notShown: number;
}

type SignedAct = EventOf<'Signed'>['args'] &
  OpenAct & {
    isChecked: boolean;
  };

interface Officer {
  readonly office: OfficeId;
  readonly roles: number;
  /** By epoch, from 1. */
  readonly keys: OfficerKey[];
}

const REGISTER_OF: Partial<Record<ContractName, SigningRegister>> = {
  consortium: 'consortium',
  personnel: 'personnel',
  safeguards: 'safeguards',
  land: 'landRegistry',
  benefits: 'benefitLedger',
};

export class SignatureReplay {
  readonly #chainId: number;
  readonly #findings: FindingList;
  readonly #officers = new Map<OfficerId, Officer>();
  /** The newest act signed in each register. */
  readonly #signed = new Map<Address, SignedAct>();
  readonly #separators = new Map<Address, Bytes32>();
  #ledgerNonce: Bytes32 = ZERO_32;
  #checked = 0;
  #notShown = 0;

  constructor(chainId: bigint, findings: FindingList) {
    this.#chainId = Number(chainId);
    this.#findings = findings;
  }

  get count(): SignatureCount {
    return { checked: this.#checked, notShown: this.#notShown };
  }

  apply(event: LedgerEvent): void {
    switch (event.name) {
      case 'ConsortiumFounded': {
        const { officers, ledgerNonce } = event.args.founding;
        this.#ledgerNonce = ledgerNonce;
        this.#separators.clear();
        this.#officers.clear();
        for (const one of officers) this.#officers.set(one.officer, { ...one, keys: [one.key] });
        break;
      }
      case 'OfficerAppointed':
        this.#officers.set(event.args.officer, { ...event.args, keys: [event.args.key] });
        break;
      case 'KeyRotated':
        this.#officers.get(event.args.officer)?.keys.push(event.args.key);
        break;
      case 'Signed':
        this.#signed.set(event.address, { ...event.args, items: 0n, isChecked: false });
        break;
    }
  }

  /** At an entry: the act it is of was signed by the officers it names. Once an act, at its first entry. */
  check({ contract, address, args }: EventOf<'EntryRecorded'>, at: BlockMoment): void {
    const register = REGISTER_OF[contract];
    const rows = Object.values(ACTS).filter(
      (row: ActRow) => row.register === register && row.kinds.includes(args.kind),
    );
    if (register === undefined || rows.length === 0) {
      if (args.preparer !== ZERO_32) this.#notShown++;
      return;
    }
    const signed = this.#signed.get(address);
    if (signed === undefined || !takesEntry(signed, args.entryId)) {
      this.#findings.add('L3', 'An act of two officers has an entry and no signatures.', args.entryId);
      return;
    }
    if (signed.isChecked) return; // a later item of the same act
    signed.isChecked = true;
    const separator = this.#separatorOf(register, address);
    const moment = momentAt(BigInt(at.nowSeconds), at.halts);
    const isWhole =
      signedDigest(separator, signed.actHash) === signed.entryId &&
      isInTime(signed.head, signed.approvalDeadline, moment) &&
      signed.head.preparer === args.preparer &&
      BigInt(signed.head.preparerEpoch) === args.epochs >> 32n;
    this.#findings.require(isWhole, 'L3', 'An entry is not of the act that was signed.', args.entryId);
    this.#checkBoth(rows, separator, signed, args);
  }

  #checkBoth(
    rows: readonly ActRow[],
    separator: Bytes32,
    signed: EventOf<'Signed'>['args'],
    { approver, epochs, entryId }: EventOf<'EntryRecorded'>['args'],
  ): void {
    const { head, actHash, approvalDeadline } = signed;
    const approverEpoch = Number(epochs & 0xffff_ffffn);
    const prepared = this.#isBy(head.preparer, head.preparerEpoch, signed.entryId, signed.preparerSignature);
    const approved = rows.some(({ type }) => {
      const words = [actHash, approver, word(BigInt(approverEpoch)), word(approvalDeadline)];
      const approval = hashOfWords([typeHash(approvalTypes(SIGNED_TYPES, type), 'Approval'), ...words]);
      return this.#isBy(approver, approverEpoch, signedDigest(separator, approval), signed.approverSignature);
    });
    this.#findings.require(prepared, 'L3', 'A preparer did not sign the act that was recorded.', entryId);
    this.#findings.require(approved, 'L3', 'An approver did not sign the act that was recorded.', entryId);
    const mayBoth = rows.some(
      ({ roles }) =>
        this.#may(head.preparer, roles.preparer, head.office) &&
        this.#may(approver, roles.approver, head.office),
    );
    this.#findings.require(mayBoth, 'L3', 'An act was signed without the role or the office.', entryId);
    this.#checked += 2;
  }

  #isBy(
    id: OfficerId,
    epoch: number,
    digest: Bytes32,
    signature: EventOf<'Signed'>['args']['preparerSignature'],
  ): boolean {
    const key = this.#officers.get(id)?.keys[epoch - 1];
    return key !== undefined && isSignedBy(key, digest, signature);
  }

  #may(id: OfficerId, role: Role, office: OfficeId): boolean {
    const officer = this.#officers.get(id);
    if (officer === undefined) return false;
    const isInScope = officer.office === 0 || officer.office === office;
    return isInScope && (officer.roles & roleBits([role])) !== 0;
  }

  #separatorOf(register: SigningRegister, address: Address): Bytes32 {
    const identity = { chainId: this.#chainId, ledgerNonce: this.#ledgerNonce };
    const domain: RegisterDomain = registerDomain(register, identity, address);
    const separator = this.#separators.get(address) ?? domainSeparator(domain);
    this.#separators.set(address, separator);
    return separator;
  }
}

function isInTime({ notBefore, deadline }: ActHead, approvalDeadline: bigint, moment: Moment): boolean {
  return notBefore <= moment.nowSeconds && !isPassed(moment, deadline) && !isPassed(moment, approvalDeadline);
}
