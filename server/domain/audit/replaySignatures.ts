/**
 * The auditor's check of who signed: every entry held against the officers it names, from the logs alone (L3, P1, P3).
 *
 * Promises: of an act of two officers both signatures are of the act's digest and of its approval's, by the keys that
 * the officers had in that epoch, and the two are whom the register asks for: each of the checks of
 * `Consortium.requireOfficers`, in its order. Of what one officer signs alone the officer is judged likewise; that
 * signature is in no event: it is read from the call where that came directly, else counted, never taken for checked.
 * What nobody signs names nobody.
 */
import { approvalTypes } from '../acts/approval.ts';
import { CONTRACT_OF, type RegisterDomain, registerDomain, type SigningRegister } from '../acts/domains.ts';
import type { ContractName, EventBlock, EventOf, EventPlace, ShownCall } from '../acts/events.ts';
import type { ActHead } from '../acts/head.ts';
import { isPassed } from '../acts/moment.ts';
import { orderCalled } from '../acts/orders.ts';
import { SIGNED_TYPES } from '../acts/signedActs.ts';
import { ACTS, type ActRow } from '../acts/table.ts';
import { domainSeparator, hashStruct, type TypedStruct, typeHash } from '../acts/typedData.ts';
import { type Address, type Bytes32, type Hex, wordOf, ZERO_32 } from '../base/hex.ts';
import { Refusal, refusal } from '../base/refusal.ts';
import {
  LAND_ACTS,
  LAND_KIND_BASE,
  numberOf,
  type OfficeId,
  type OfficerId,
  ROLES,
  type Role,
} from '../base/terms.ts';
import { BENEFIT_ACTS, BENEFIT_KIND_BASE } from '../benefits/terms.ts';
import { hashOfWords } from '../land/hashes.ts';
import { POWER_KINDS } from '../power/acts.ts';
import { momentAt } from '../power/halts.ts';
import { judgeOfficer, judgeStanding, type OfficerStanding } from '../power/judgeOfficer.ts';
import { FIRST_EPOCHS } from '../power/possession.ts';
import type { BlockMoment, FindingList } from './findings.ts';
import { type OpenAct, signedDigest, takesEntry } from './journal.ts';
import { isSignedBy } from './officerSignature.ts';
import type { OfficersNeeded, PowerReplay } from './replayPower.ts';
import { CREATION } from './shownPower.ts';
import type { Recover } from './signature.ts';

/** How many signatures events or direct calls showed, all of them checked, and how many nobody showed. */
export interface SignatureCount {
  readonly checked: number;
  readonly notShown: number;
}

/** The verdict on what was not shown: never sound without its number. Undefined where everything was. */
export function notShownVerdict({ notShown }: SignatureCount): string | undefined {
  return notShown === 0 ? undefined : `signature-not-shown: ${notShown}`;
}

/** What two officers signed in a register. */
export interface SignedAct extends OpenAct {
  readonly address: Address;
  readonly head: ActHead;
  readonly actHash: Bytes32;
  readonly approvalDeadline: bigint;
  readonly preparerSignature: Hex;
  readonly approverSignature: Hex;
}

const REGISTER_OF: Partial<Record<ContractName, SigningRegister>> = Object.fromEntries(
  Object.entries(CONTRACT_OF).map(([register, contract]) => [contract, register as SigningRegister]),
);

const WITHDRAWAL = 1;
const DAY_SECONDS = 86_400n;
/** A register keeps so many days since 1970: a later deadline is looked up always. */
const MOST_DAY = 65_535n;
/** What anybody may call for once it is due. */
const LAND_DUE: ReadonlySet<number> = new Set(
  (['sweep', 'division-loading', 'division-completion'] as const).map(
    (act) => LAND_KIND_BASE + numberOf(LAND_ACTS, act),
  ),
);
const RELEASE = BENEFIT_KIND_BASE + BENEFIT_ACTS.indexOf('cycle-released');
const REDEEMED = BENEFIT_KIND_BASE + BENEFIT_ACTS.indexOf('redeemed');

/** What one officer does to a record: to leave, or to suspend a colleague. */
const LONE: ReadonlySet<number> = new Set([POWER_KINDS.resignation, POWER_KINDS.suspension]);

/** How many officers an entry of a kind has signed it; undefined where no register has such an act. */
export function signersOf(contract: ContractName, kind: number): 0 | 1 | 2 | undefined {
  if (kind === WITHDRAWAL) return 1;
  if (contract === 'consortium' && kind >= POWER_KINDS.measures) return 0;
  if (contract === 'personnel' && LONE.has(kind)) return 1;
  if (contract === 'safeguards' && kind === POWER_KINDS.shortPause) return 1;
  if (contract === 'notary' && (kind === POWER_KINDS.root || kind === POWER_KINDS.erasure)) return 0;
  if (contract === 'land' && LAND_DUE.has(kind)) return 0;
  if (contract === 'benefits' && (kind === RELEASE || kind === REDEEMED)) return 0;
  return rowsOf(contract, kind).length > 0 ? 2 : undefined;
}

function rowsOf(contract: ContractName, kind: number): readonly ActRow[] {
  const register = REGISTER_OF[contract];
  return Object.values(ACTS).filter((row: ActRow) => row.register === register && row.kinds.includes(kind));
}

export class SignatureReplay {
  /** Whose signatures are; undefined for the portable reading. */
  readonly recover: Recover | undefined;
  readonly #chainId: number;
  readonly #findings: FindingList;
  readonly #power: PowerReplay;
  /** The newest act signed in each register. */
  readonly #signed = new Map<Address, SignedAct>();
  /** By register and nonce. */
  readonly #separators = new Map<string, Bytes32>();
  #shown: EventBlock['shown'];
  /** By register, act and officer: the epoch under which the act was taken back, and the digest of the order. */
  readonly #withdrawn = new Map<string, { readonly epoch: number; readonly withdrawalId: Bytes32 }>();
  /** By register: the last day of a deadline that a withdrawal stated, as far as calls show it. */
  readonly #withdrawnThrough = new Map<Address, bigint>();
  /** Consortiums that were created, in their order: one is found when the Charter names it, of a later block. */
  readonly #creations: ShownCall[] = [];
  #checked = 0;
  #notShown = 0;

  constructor(chainId: bigint, findings: FindingList, power: PowerReplay, recover?: Recover) {
    this.recover = recover;
    this.#chainId = Number(chainId);
    this.#findings = findings;
    this.#power = power;
  }

  get count(): SignatureCount {
    return { checked: this.#checked, notShown: this.#notShown };
  }

  /** What the block at hand shows beside its events. */
  see(shown: EventBlock['shown']): void {
    this.#shown = shown;
    for (const call of shown?.values() ?? []) if (call.method === CREATION) this.#creations.push(call);
  }

  get creations(): readonly ShownCall[] {
    return this.#creations;
  }

  /** The direct call that an event is of; undefined where it came through another contract, or is not shown. */
  callOf({ transactionHash }: EventPlace): ShownCall | undefined {
    return this.#shown?.get(transactionHash);
  }

  /** So many signatures were due: shown and checked, or not shown. */
  tally(due: number, isShown: boolean): void {
    if (isShown) this.#checked += due;
    else this.#notShown += due;
  }

  take({ address, args }: EventOf<'Signed'>): void {
    this.#signed.set(address, { ...args, address, items: 0n });
  }

  /** The act of two officers that an entry is of, where it is of one. */
  actOf({ address, args }: EventOf<'EntryRecorded'>): SignedAct | undefined {
    const signed = this.#signed.get(address);
    return signed !== undefined && takesEntry(signed, args.entryId) ? signed : undefined;
  }

  /** An entry that fewer than two officers signed, or none. */
  checkFewer(entry: EventOf<'EntryRecorded'>, signers: 0 | 1, at: BlockMoment): void {
    const { contract, args } = entry;
    const { preparer, approver, epochs, entryId, kind } = args;
    const isBare = approver === ZERO_32 && (epochs & 0xffff_ffffn) === 0n;
    this.#findings.require(isBare, 'L3', 'An entry names an approver where none signs.', entryId);
    if (signers === 0) {
      const isUnsigned = preparer === ZERO_32 && epochs >> 32n === 0n;
      this.#findings.require(isUnsigned, 'L3', 'An entry names an officer where none signs.', entryId);
      return;
    }
    const shown = this.#checkShown(entry);
    const epoch = Number(epochs >> 32n);
    const now = BigInt(at.nowSeconds);
    this.#judge(entryId, () => {
      const officer = this.#power.standingOf(preparer, epoch, at);
      if (kind === WITHDRAWAL) {
        const isAgain = this.#withdraw(entry, epoch, shown);
        judgeStanding(officer, epoch, now, PLACES);
        if (isAgain) throw refusal('act-withdrawn');
      } else if (contract === 'safeguards') judgeOfficer(officer, { epoch, ...PAUSER }, now, PLACES);
      else if (kind === POWER_KINDS.resignation) judgeResignation(officer, { args, epoch, now });
      else {
        const colleague = this.#power.standingOf(args.subject as OfficerId, FIRST_EPOCHS.key, at);
        judgeRevoker(officer, colleague, { args, epoch, now });
        if (now < this.#power.restUntil(args.subject as OfficerId) || now < (officer?.narrowedUntil ?? 0n)) {
          throw refusal('suspension-too-soon');
        }
      }
    });
    if (kind !== WITHDRAWAL) this.checkOrder(entry, args.newState); // of one, the deadline is in no event
  }

  /** Whether that officer took that act back before. */
  #withdraw(
    { address, args }: EventOf<'EntryRecorded'>,
    epoch: number,
    shown: TypedStruct | undefined,
  ): boolean {
    const key = `${address} ${args.subject} ${args.preparer}`;
    const isAgain = this.#withdrawn.has(key);
    if (!isAgain) this.#withdrawn.set(key, { epoch, withdrawalId: args.entryId });
    const day = dayOf((shown?.actDeadline as bigint | undefined) ?? 0n);
    const before = this.#withdrawnThrough.get(address) ?? 0n;
    this.#withdrawnThrough.set(address, day > before ? day : before);
    return isAgain;
  }

  /**
   * Whether one of the two took the act back, with a deadline that reaches the act's: one that a call shows, or the act's
   * own, where the digest of the withdrawal is that of such a one. Another deadline is in the call alone.
   */
  #isWithdrawn(
    { head, entryId: act }: SignedAct,
    entry: EventOf<'EntryRecorded'>,
    separator: Bytes32,
  ): boolean {
    const { address, args } = entry;
    const isReached = dayOf(head.deadline) <= (this.#withdrawnThrough.get(address) ?? -1n);
    return [args.preparer, args.approver].some((officer) => {
      const taken = this.#withdrawn.get(`${address} ${act} ${officer}`);
      if (taken === undefined) return false;
      const order = { entryId: act, actDeadline: head.deadline, officer, epoch: taken.epoch };
      const ownId = signedDigest(separator, hashStruct(SIGNED_TYPES, 'Withdrawal', order));
      return isReached || ownId === taken.withdrawalId;
    });
  }

  /** An order shown by its call: the entry is of it, and the officer signed it. */
  #checkShown(entry: EventOf<'EntryRecorded'>): TypedStruct | undefined {
    const { preparer, epochs, entryId } = entry.args;
    const call = this.callOf(entry);
    const order = call && orderCalled(call.method);
    const said = order && call.args[order.argument];
    this.tally(1, said !== undefined);
    if (said === undefined) return undefined;
    const digest = signedDigest(
      this.#separatorOf(entry),
      hashStruct(SIGNED_TYPES, order?.type ?? '', said as TypedStruct),
    );
    const isSigned = this.isBy(preparer, Number(epochs >> 32n), digest, call?.args.signature as Hex);
    const what = 'An officer did not sign the order that was recorded.';
    this.#findings.require(digest === entryId && isSigned, 'L3', what, entryId);
    return said as TypedStruct;
  }

  /** The id of an entry is the digest of what was ordered. */
  checkOrder(entry: EventOf<'EntryRecorded'>, order: Bytes32): void {
    const { entryId } = entry.args;
    const isOrdered = signedDigest(this.#separatorOf(entry), order) === entryId;
    this.#findings.require(isOrdered, 'L3', 'An entry is not of the order that it says.', entryId);
  }

  /** An act of two officers, with its entries: the first is judged, the others name the same two. */
  checkTwo(
    signed: SignedAct,
    entries: readonly EventOf<'EntryRecorded'>[],
    need: OfficersNeeded | undefined,
    at: BlockMoment,
  ): void {
    const [entry, ...items] = entries;
    if (entry === undefined) return;
    const { contract, args } = entry;
    const isOfSame = items.every(({ args: { preparer, approver, epochs, kind } }) => {
      const isKind = kind === args.kind;
      return isKind && preparer === args.preparer && approver === args.approver && epochs === args.epochs;
    });
    const what = 'Entries of one act name different officers or kinds.';
    this.#findings.require(isOfSame, 'L3', what, args.entryId);
    const { entryId } = args;
    const moment = momentAt(BigInt(at.nowSeconds), at.halts);
    const separator = this.#separatorOf(entry);
    const isWhole =
      signedDigest(separator, signed.actHash) === signed.entryId &&
      signed.head.preparer === args.preparer &&
      BigInt(signed.head.preparerEpoch) === args.epochs >> 32n;
    this.#findings.require(isWhole, 'L3', 'An entry is not of the act that was signed.', entryId);
    const rows = rowsOf(contract, args.kind);
    this.#checkSignatures(rows, separator, signed, args);
    this.#judge(
      entryId,
      () => {
        if (moment.nowSeconds < signed.head.notBefore) throw refusal('act-not-yet-valid');
        if (isPassed(moment, signed.head.deadline)) throw refusal('act-expired');
        if (isPassed(moment, signed.approvalDeadline)) throw refusal('approval-expired');
        if (this.#isWithdrawn(signed, entry, separator)) throw refusal('act-withdrawn');
        const [row] = rows; // of one kind all rows ask for the same roles
        if (need !== undefined && row !== undefined) this.#judgeTwo(signed.head, args, need, row.roles, at);
      },
      need?.isAboveTier === true,
    );
  }

  #judgeTwo(
    head: ActHead,
    { approver, epochs }: EventOf<'EntryRecorded'>['args'],
    need: OfficersNeeded,
    roles: ActRow['roles'],
    at: BlockMoment,
  ): void {
    const { office, institution, preparerInstitution } = need;
    const now = BigInt(at.nowSeconds);
    if (head.preparer === approver) throw refusal('second-person-required');
    if (need.scope !== undefined && this.#power.isPaused(need.scope, at)) throw refusal('scope-is-paused');
    const first = judgeOfficer(
      this.#power.standingOf(head.preparer, head.preparerEpoch, at),
      {
        epoch: head.preparerEpoch,
        office,
        role: roles.preparer,
        institution: institution === 0 ? preparerInstitution : institution,
      },
      now,
      PLACES,
    );
    const approverEpoch = Number(epochs & 0xffff_ffffn);
    const second = judgeOfficer(
      this.#power.standingOf(approver, approverEpoch, at),
      { epoch: approverEpoch, office, role: roles.approver, institution },
      now,
      PLACES,
    );
    if (need.twoInstitutions && this.#power.isSeated && first.institution === second.institution) {
      throw refusal('second-institution-required');
    }
  }

  #checkSignatures(
    rows: readonly ActRow[],
    separator: Bytes32,
    signed: SignedAct,
    { approver, epochs, entryId }: EventOf<'EntryRecorded'>['args'],
  ): void {
    const { head, actHash, approvalDeadline } = signed;
    const approverEpoch = Number(epochs & 0xffff_ffffn);
    const prepared = this.isBy(head.preparer, head.preparerEpoch, signed.entryId, signed.preparerSignature);
    const approved = rows.some(({ type }) => {
      const words = [actHash, approver, wordOf(BigInt(approverEpoch)), wordOf(approvalDeadline)];
      const approval = hashOfWords([typeHash(approvalTypes(SIGNED_TYPES, type), 'Approval'), ...words]);
      return this.isBy(approver, approverEpoch, signedDigest(separator, approval), signed.approverSignature);
    });
    this.#findings.require(prepared, 'L3', 'A preparer did not sign the act that was recorded.', entryId);
    this.#findings.require(approved, 'L3', 'An approver did not sign the act that was recorded.', entryId);
    this.#checked += 2;
  }

  /** By the key of that epoch, through a verifier that counts. */
  isBy(id: OfficerId, epoch: number, digest: Bytes32, signature: Hex): boolean {
    const key = this.#power.keyOf(id, epoch);
    return (
      key !== undefined && this.#power.isVerified(key) && isSignedBy(key, digest, signature, this.recover)
    );
  }

  #judge(entryId: Bytes32, judge: () => void, isAboveTier = false): void {
    try {
      judge();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const isOfTier = isAboveTier && error.code === 'second-institution-required';
      if (isOfTier) this.#findings.add('B9', 'One institution moved more than its tier lets it.', entryId);
      else this.#findings.refuse(error.code, 'L3', entryId);
    }
  }

  #separatorOf({ contract, address }: EventOf<'EntryRecorded'>): Bytes32 {
    const identity = { chainId: this.#chainId, ledgerNonce: this.#power.ledgerNonce ?? ZERO_32 };
    const key = `${address} ${identity.ledgerNonce}`;
    const register = REGISTER_OF[contract] ?? 'consortium';
    const domain: RegisterDomain = registerDomain(register, identity, address);
    const separator = this.#separators.get(key) ?? domainSeparator(domain);
    this.#separators.set(key, separator);
    return separator;
  }
}

function dayOf(second: bigint): bigint {
  const day = second / DAY_SECONDS;
  return day > MOST_DAY ? MOST_DAY : day;
}

/** Findings name no place in what was sent. */
const PLACES = { officer: '', epoch: '' };

/** A lone pause concerns the whole ledger. */
const PAUSER = { office: 0 as OfficeId, role: 'pause', institution: 0 } as const;

interface LoneOrder {
  readonly args: EventOf<'EntryRecorded'>['args'];
  readonly epoch: number;
  readonly now: bigint;
}

/** The own record, by either key, suspended or not yet active. */
function judgeResignation(officer: OfficerStanding | undefined, { args, epoch, now }: LoneOrder): void {
  const free = officer && {
    ...officer,
    isInstitutionBarred: false,
    activeFrom: now,
    suspendedUntil: now,
  };
  judgeStanding(free, epoch, now, PLACES);
  if (args.preparer !== args.subject) throw refusal('officer-unknown');
}

/** A colleague's record, by whom `Personnel` lets: of a suspended institution too. */
function judgeRevoker(
  revoker: OfficerStanding | undefined,
  colleague: OfficerStanding | undefined,
  { args, epoch, now }: LoneOrder,
): void {
  if (args.preparer === args.subject) throw refusal('second-person-required');
  const free = revoker && { ...revoker, isInstitutionBarred: false };
  const valid = judgeStanding(free, epoch, now, PLACES);
  if (colleague === undefined) throw refusal('officer-unknown');
  if (colleague.isRevoked) throw refusal('officer-is-revoked');
  if (valid.office !== 0 && valid.office !== colleague.office) throw refusal('office-out-of-scope');
  if (((valid.roles >> ROLES.indexOf(REVOKE)) & 1) === 0) throw refusal('role-missing');
  if (valid.institution !== colleague.institution) throw refusal('institution-differs');
}

const REVOKE: Role = 'revoke';
