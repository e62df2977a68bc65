/**
 * The call that an act becomes once its officers and those who must consent have signed.
 *
 * Hides the order of the contracts' arguments: the act, what it needs to be shown, consents where the act takes them,
 * signatures. Promises: contract and function are those of the table of acts. Pure; the ledger encodes it.
 */
import type { Hex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import type { ContractName } from './events.ts';
import type { Approval } from './head.ts';
import { contractOrdered, type OrderRow } from './orders.ts';
import { rowOfAct } from './table.ts';
import type { TypedData, TypedStruct, TypedValue } from './typedData.ts';

/** Two officers' signatures over one act. */
export interface Signatures {
  readonly preparer: Hex;
  readonly approval: Approval;
  readonly approver: Hex;
}

export interface ActCall {
  readonly contract: ContractName;
  readonly method: string;
  readonly args: readonly TypedValue[];
}

/** An act as far as its call depends on it. */
export interface CallableAct {
  readonly typedData: TypedData;
  /** Arguments of the call but for consents and signatures. */
  readonly args: readonly TypedValue[];
  /** The consents it needs, in the order in which the register takes them. */
  readonly consents: readonly unknown[];
}

/** Refuses as `consent-missing` or `consent-unneeded` another number of proofs than the act needs. */
export function callOf(
  { typedData, args, consents }: CallableAct,
  proofs: readonly TypedStruct[],
  { preparer, approval, approver }: Signatures,
): ActCall {
  if (proofs.length !== consents.length) {
    throw refusal(proofs.length < consents.length ? 'consent-missing' : 'consent-unneeded');
  }
  const row = rowOfAct(typedData);
  const { approver: officer, approverEpoch, deadline } = approval;
  const signed = { preparer, approval: { approver: officer, approverEpoch, deadline }, approver };
  const taken = row.consents === undefined ? [] : [proofs];
  return { contract: row.contract, method: row.method, args: [...args, ...taken, signed] };
}

/** The call of an order, with the one signature that it takes. */
export function callOfOrder(
  row: OrderRow,
  { typedData, args }: Pick<CallableAct, 'typedData' | 'args'>,
  signature: Hex,
): ActCall {
  return {
    contract: contractOrdered(row, typedData.domain),
    method: row.method,
    args: [...args, signature],
  };
}
