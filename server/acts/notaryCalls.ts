/**
 * The calls by which a recorder's word goes to the notary.
 *
 * Hides the contract's argument order. Anyone may send them: the notary checks the recorder's signature.
 */
import { TRANSACTION_GAS_CAP } from '../domain/base/chain.ts';
import type { Address, Hex } from '../domain/base/hex.ts';
import { type Erasure, type RootRecord, rootMessage } from '../domain/notary/roots.ts';
import { writeCall } from '../ledger/contracts.ts';
import type { Call } from '../store/operation.ts';

export interface NotaryCalls {
  recordRoot(record: RootRecord, signature: Hex): Call;
  recordErasure(erasure: Erasure, signature: Hex): Call;
}

/** `at` says where the notary in force is, at each call. */
export function openNotaryCalls(at: { readonly notary: Address }): NotaryCalls {
  const call = (method: string, args: readonly unknown[]): Call => ({
    to: at.notary,
    gas: BigInt(TRANSACTION_GAS_CAP),
    data: writeCall('notary', method, args),
  });
  return {
    recordRoot: (record, signature) => call('recordRoot', [rootMessage(record), signature]),
    recordErasure: (erasure, signature) => call('recordErasure', [erasure, signature]),
  };
}
