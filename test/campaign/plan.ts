/**
 * What somebody is about to send: an act two officers sign, an order of one, or a call that anybody may make.
 *
 * Hides how each is signed and encoded. A plan says what its honest makers mean; `signed` turns it into a call, by them
 * or by somebody else in their place.
 */

import type { RegisterDomain } from '../../server/domain/acts/domains.ts';
import type { ContractName } from '../../server/domain/acts/events.ts';
import { digest, type TypedStruct, type TypeTable } from '../../server/domain/acts/typedData.ts';
import { FAR_FUTURE, typesOf } from '../chain/signing.ts';
import type { MachineCall } from './machine.ts';
import { type Signer, signatureOf } from './passkeys.ts';

interface Called {
  readonly contract: ContractName;
  readonly method: string;
  /** What signatures cover; of a call that needs none, nothing. */
  readonly message: TypedStruct;
}

/** An act of two officers: its head stands in the message and names the first of them. */
export interface ActPlan extends Called {
  readonly kind: 'act';
  readonly types: TypeTable;
  readonly primaryType: string;
  readonly by: readonly [Signer, Signer];
  /** The first argument, where it is more than the message. */
  readonly wrap?: (message: TypedStruct) => unknown;
  /** Arguments between the act and its signatures. */
  readonly more: readonly unknown[];
}

/** What one officer signs alone: a vote, a pause, a revocation, a withdrawal. */
export interface OrderPlan extends Called {
  readonly kind: 'order';
  readonly by: Signer;
}

/** A call without officers: its arguments as they are. */
export interface OpenPlan extends Omit<Called, 'message'> {
  readonly kind: 'open';
  readonly args: readonly unknown[];
}

export type Plan = ActPlan | OrderPlan | OpenPlan;

const remembered = new Map<string, ReturnType<typeof typesOf>>();

/** The types of a struct as the ABI has them; one table a method, as hashes are remembered by table. */
export function abiTypes(contract: ContractName, method: string): ReturnType<typeof typesOf> {
  const name = `${contract}.${method}`;
  const known = remembered.get(name) ?? typesOf(contract, method);
  remembered.set(name, known);
  return known;
}

const approvals = new WeakMap<TypeTable, Map<string, TypeTable>>();

function approvalTypes(types: TypeTable, primaryType: string): TypeTable {
  const known = approvals.get(types) ?? new Map<string, TypeTable>();
  approvals.set(types, known);
  const made = known.get(primaryType) ?? {
    ...types,
    Approval: [
      { name: 'act', type: primaryType },
      { name: 'approver', type: 'bytes32' },
      { name: 'approverEpoch', type: 'uint32' },
      { name: 'deadline', type: 'uint64' },
    ],
  };
  known.set(primaryType, made);
  return made;
}

/** Who signs in the place of whom the plan names: the same officers unless said otherwise. */
interface Signing {
  readonly approver?: Signer;
  /** Whose keys sign, whatever the message says. */
  readonly signers?: readonly [Signer, Signer];
}

export function signedAct(
  plan: ActPlan,
  domain: RegisterDomain,
  { approver = plan.by[1], signers = [plan.by[0], approver] }: Signing = {},
): MachineCall {
  const { contract, method, types, primaryType, message } = plan;
  const approval = { approver: approver.officer, approverEpoch: approver.epoch, deadline: FAR_FUTURE };
  const signatures = {
    preparer: signatureOf(signers[0], digest(domain, types, primaryType, message)),
    approval,
    approver: signatureOf(
      signers[1],
      digest(domain, approvalTypes(types, primaryType), 'Approval', { act: message, ...approval }),
    ),
  };
  return { contract, method, args: [plan.wrap?.(message) ?? message, ...plan.more, signatures] };
}

export function signedOrder(
  { contract, method, message, by }: OrderPlan,
  domain: RegisterDomain,
  signer: Signer = by,
): MachineCall {
  const { types, primaryType } = abiTypes(contract, method);
  return {
    contract,
    method,
    args: [message, signatureOf(signer, digest(domain, types, primaryType, message))],
  };
}

export function openCall({ contract, method, args }: OpenPlan): MachineCall {
  return { contract, method, args };
}
