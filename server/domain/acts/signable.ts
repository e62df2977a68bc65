/**
 * An act that the rules let through, as it is signed: its typed data, who must consent, what its commitments open to,
 * and the arguments of its call. Every register makes one; from here on no code asks which register it was.
 *
 * Promises: `digestOfPart` is what the key of each part signs. Pure.
 */
import { type Address, type Bytes32, type Hex, ZERO_32 } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { EntryId, InstitutionId, KeyKind, OfficeId, OfficerId } from '../base/terms.ts';
import { approvalOf } from './approval.ts';
import type { FactSet } from './facts.ts';
import type { ActHead } from './head.ts';
import { orderOf } from './orders.ts';
import {
  digestOf,
  type TypedData,
  type TypedDomain,
  type TypedStruct,
  type TypedValue,
  type TypeTable,
} from './typedData.ts';

/** A consent the act needs: what its signer signs but for the time, and the hash of the key that must sign. */
export interface ConsentAsked {
  readonly domain: TypedDomain;
  readonly types: TypeTable;
  readonly fields: TypedStruct;
  readonly keyHash: Bytes32;
}

/** Of which institutions the two officers must be. */
export interface InstitutionsNeeded {
  /** The institution of both, or of the preparer where two are needed; zero is any. */
  readonly institution: InstitutionId | 0;
  /** Once two are seated, the approver is of another institution than the preparer. */
  readonly twoInstitutions: boolean;
}

export interface SignableAct {
  /** The digest of its typed data. */
  readonly entryId: EntryId;
  /** What its register calls the entry: `transfer`, `funds-moved`. */
  readonly kind: string;
  /** What the preparer signs. */
  readonly typedData: TypedData;
  /** Arguments of the call but for consents and signatures. */
  readonly args: readonly TypedValue[];
  readonly institutions: InstitutionsNeeded;
  /** In the order in which the register takes them. */
  readonly consents: readonly ConsentAsked[];
  /** What it names by a hash and its call does not carry: the children of a division. */
  readonly items?: readonly TypedStruct[];
  /** The states of the units it changes, as they are hashed. */
  readonly states: readonly TypedStruct[];
  /** The facts that its commitments open to: for the vault, before anybody signs. */
  readonly factSets: readonly FactSet[];
  /** Facts about nobody that all its signers read: they are kept with the act. */
  readonly opened?: readonly FactSet[];
  /** The office an order is for, where it is about an act of one. */
  readonly office?: OfficeId;
}

/** What the head of an act says of its officers and its time. */
export type SignedHead = Pick<ActHead, 'office' | 'preparer' | 'preparerEpoch' | 'notBefore' | 'deadline'>;

/** Of what names no last second: the latest that a contract can hold. */
const NO_DEADLINE = 2n ** 40n - 1n;

/** The head of an act that was read or made here; of an order, which has none, what stands for it. */
export function headOf({ typedData }: Pick<SignableAct, 'typedData'>): SignedHead {
  const order = orderOf(typedData.primaryType);
  if (order !== undefined) {
    const { signer, until } = order;
    return {
      office: 0 as OfficeId,
      preparer: typedData.message[signer.officer] as OfficerId,
      preparerEpoch: Number(typedData.message[signer.epoch]),
      notBefore: 0n,
      deadline: until(typedData.message) ?? NO_DEADLINE,
    };
  }
  const { office, preparer, preparerEpoch, notBefore, deadline } = typedData.message.head as TypedStruct;
  return {
    office: Number(office) as OfficeId,
    preparer: preparer as OfficerId,
    preparerEpoch: Number(preparerEpoch),
    notBefore: BigInt(notBefore as bigint),
    deadline: BigInt(deadline as bigint),
  };
}

/** The entry of another act that this one says it corrects. */
export interface Correction {
  readonly entry: EntryId;
  /** The register that is signed for. */
  readonly register: Address;
  /** Every object that the act is about: units, new ones too, or a programme, else a vendor. */
  readonly subjects: readonly Bytes32[];
}

const NOTHING_CORRECTED: TypedStruct = { corrects: ZERO_32 };

/** Undefined of an act that corrects nothing. */
export function correctionOf({ typedData }: Pick<SignableAct, 'typedData'>): Correction | undefined {
  const { message, domain } = typedData;
  const { corrects } = (message.head ?? NOTHING_CORRECTED) as TypedStruct;
  if (corrects === ZERO_32) return undefined;
  const units = unitsIn(message);
  const { programme, vendor } = message;
  const about = units.length > 0 ? units : [programme ?? vendor].filter((id) => id !== undefined);
  return {
    entry: corrects as EntryId,
    register: domain.verifyingContract as Address,
    subjects: about as readonly Bytes32[],
  };
}

/** Refuses a correction of no entry of the register about the very object of the act. */
export function requireFounded(
  { register, subjects }: Correction,
  entry: { readonly address: Address; readonly subject: Bytes32 } | undefined,
): void {
  const isFounded =
    entry?.address === register && subjects.length > 0 && subjects.every((id) => id === entry.subject);
  if (!isFounded) throw refusal('correction-unfounded', undefined, { field: '/head/corrects' });
}

/** Every unit that an act names, in itself or by a hash, once. */
export function unitsOf(act: Pick<SignableAct, 'typedData' | 'args' | 'items'>): readonly Bytes32[] {
  return [...new Set([act.typedData.message, ...itemsOf(act)].flatMap(unitsIn))] as Bytes32[];
}

/** Every unit that a message names, wherever. */
function unitsIn(value: TypedValue): readonly TypedValue[] {
  if (Array.isArray(value)) return value.flatMap(unitsIn);
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, part]) => (name === 'baUnit' ? [part] : unitsIn(part)));
}

/** What the act names by a hash: the titles of a batch, the children of a division; none of any other. */
export function itemsOf({
  typedData,
  args: [call],
  items = [],
}: Pick<SignableAct, 'typedData' | 'args' | 'items'>) {
  return typedData.primaryType === 'Batch' ? ((call as TypedStruct).titles as readonly TypedStruct[]) : items;
}

// ---- The parts that are signed -------------------------------------------------------------------------------

/** `preparer`, `approver`, or `consent-` and the place among the act's consents. */
export type ActPart = 'preparer' | 'approver' | `consent-${number}`;

/** What the signer of a consent adds to it: its time, and the key behind the hash that the register holds. */
export interface ConsentGiven {
  readonly notBefore: bigint;
  readonly deadline: bigint;
  readonly mandateCommitment: Bytes32;
  readonly kind: KeyKind;
  readonly salt: Bytes32;
  /** Empty for secp256k1. */
  readonly key: Hex;
}

/** One signature, with what its signer chose. */
export type SignedPart =
  | { readonly part: 'preparer'; readonly signer: OfficerId; readonly signature: Hex }
  | {
      readonly part: 'approver';
      readonly signer: OfficerId;
      readonly signature: Hex;
      readonly approval: { readonly approverEpoch: number; readonly deadline: bigint };
    }
  | {
      readonly part: `consent-${number}`;
      /** The salt of the consenting key: the key itself is no id. */
      readonly signer: Bytes32;
      readonly signature: Hex;
      readonly consent: ConsentGiven;
    };

/** All that must be signed of an act; an order has no approver. */
export function partsOf({ typedData, consents }: Pick<SignableAct, 'typedData' | 'consents'>): ActPart[] {
  if (orderOf(typedData.primaryType) !== undefined) return ['preparer'];
  return ['preparer', 'approver', ...consents.map((_, i): ActPart => `consent-${i}`)];
}

/** The consent that a part is; refuses as `consent-unneeded` one that the act does not ask for. */
export function consentAskedBy({ consents }: Pick<SignableAct, 'consents'>, part: ActPart): ConsentAsked {
  const asked = consents[Number(part.slice('consent-'.length))];
  if (asked === undefined) throw refusal('consent-unneeded');
  return asked;
}

/** What the key of a part signs. */
export function digestOfPart(act: Pick<SignableAct, 'typedData' | 'consents'>, signed: SignedPart): Bytes32 {
  if (signed.part === 'preparer') return digestOf(act.typedData);
  if (signed.part === 'approver') {
    const { approverEpoch, deadline } = signed.approval;
    return digestOf(approvalOf(act.typedData, { approver: signed.signer, approverEpoch, deadline }));
  }
  const { domain, types, fields } = consentAskedBy(act, signed.part);
  const { notBefore, deadline, mandateCommitment } = signed.consent;
  const message = { ...fields, notBefore, deadline, mandateCommitment };
  return digestOf({ domain, types, primaryType: 'Consent', message });
}
