/**
 * What a member proposes, in words, and the measure that is voted on: which fields each kind uses.
 *
 * Promises: exactly the fields that `Council` asks of the kind, so that nobody votes on what does nothing. Pure.
 */
import type { Measure } from '../acts/events.ts';
import { type Address, type Bytes32, wordOf, ZERO_32, ZERO_ADDRESS } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import {
  type InstitutionId,
  KEY_KINDS,
  type MeasureKind,
  numberOf,
  type OfficeId,
  type OfficerId,
  type Role,
  roleBits,
} from '../base/terms.ts';
import type { VerifiedKind } from './founding.ts';
import { type DirectoryName, directoryHash, policyOfName } from './policyNames.ts';

interface OfInstitution {
  readonly institution: InstitutionId;
}

/** By kind; the officers whom a measure appoints stand beside it. */
export interface ProposalFields {
  'admit-institution': OfInstitution & { readonly roles: readonly Role[] };
  'expel-institution': OfInstitution;
  'suspend-institution': OfInstitution;
  'lift-suspension': OfInstitution;
  'set-institution-roles': OfInstitution & { readonly roles: readonly Role[] };
  'reseat-institution': OfInstitution;
  'set-quorum': { readonly quorum: number };
  'set-widening-wait': { readonly seconds: number };
  'set-appointment-wait': { readonly seconds: number };
  'allow-verifier': { readonly verifier: Address; readonly keyKind: VerifiedKind };
  'disallow-verifier': { readonly verifier: Address };
  'add-validator': OfInstitution & { readonly validator: Address };
  'remove-validator': { readonly validator: Address };
  'set-policy': { readonly policy: string; readonly value: bigint };
  'put-in-force': {
    readonly register: DirectoryName;
    readonly contract: Address;
    readonly importHash?: Bytes32 | undefined;
  };
  'pass-authority': { readonly consortium: Address };
  'move-office': OfInstitution & { readonly office: OfficeId };
  'record-halt': { readonly from: bigint; readonly to: bigint };
  'replace-validator': OfInstitution & { readonly validator: Address; readonly by: Address };
  'revoke-officer': { readonly officer: OfficerId };
  'free-officer': { readonly officer: OfficerId };
}
export type ProposedKind = keyof ProposalFields;
export type Proposal = { [K in ProposedKind]: { readonly kind: K } & ProposalFields[K] }[ProposedKind];

/** Those whose officers are named beside them. */
export const APPOINTING: ReadonlySet<MeasureKind> = new Set(['admit-institution', 'reseat-institution']);

type Fields = Partial<Pick<Measure, 'institution' | 'target' | 'name' | 'value'>>;

/** `gaps` says where each register was silent in a halt. */
export function measureOf(
  proposal: Proposal,
  rest: Pick<Measure, 'appointmentsHash' | 'closesAt' | 'salt'>,
  gaps = 0n,
): Measure {
  const unused = { institution: 0 as InstitutionId, target: ZERO_ADDRESS, name: ZERO_32, value: 0n };
  return Object.assign({ kind: proposal.kind }, unused, fieldsOf(proposal, gaps), rest);
}

function fieldsOf(proposal: Proposal, gaps: bigint): Fields {
  switch (proposal.kind) {
    case 'expel-institution':
    case 'suspend-institution':
    case 'lift-suspension':
    case 'reseat-institution':
      return { institution: proposal.institution };
    case 'admit-institution':
    case 'set-institution-roles':
      return { institution: proposal.institution, value: BigInt(roleBits(proposal.roles)) };
    case 'set-quorum':
      return { value: BigInt(proposal.quorum) };
    case 'set-widening-wait':
    case 'set-appointment-wait':
      return { value: BigInt(proposal.seconds) };
    case 'allow-verifier':
      return { target: proposal.verifier, value: BigInt(numberOf(KEY_KINDS, proposal.keyKind)) };
    case 'disallow-verifier':
      return { target: proposal.verifier };
    case 'add-validator':
      return { target: proposal.validator, institution: proposal.institution };
    case 'remove-validator':
      return { target: proposal.validator };
    case 'set-policy':
      return { name: policyNamed(proposal.policy), value: proposal.value };
    case 'put-in-force':
      return {
        name: directoryHash(proposal.register),
        target: proposal.contract,
        value: BigInt(proposal.importHash ?? 0),
      };
    case 'pass-authority':
      return { target: proposal.consortium };
    case 'move-office':
      return { institution: proposal.institution, value: BigInt(proposal.office) };
    case 'record-halt':
      return { name: wordOf((proposal.from << 64n) | proposal.to), value: gaps };
    case 'replace-validator':
      return {
        institution: proposal.institution,
        target: proposal.by,
        name: wordOf(BigInt(proposal.validator)),
      };
    case 'revoke-officer':
    case 'free-officer':
      return { name: proposal.officer };
  }
}

function policyNamed(name: string): Bytes32 {
  const policy = policyOfName(name);
  if (policy === undefined) throw refusal('policy-unknown', undefined, { field: '/proposal/policy' });
  return policy;
}
