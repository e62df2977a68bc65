/** What reaches the ledger around the gateway: calls that a stranger relays, and acts of colluding officers who bent them. */
import { JsonRpcProvider, Wallet } from 'ethers';
import { approvalOf } from '../../server/domain/acts/approval.ts';
import { type ActCall, callOf } from '../../server/domain/acts/call.ts';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { digestOf, type TypedData, type TypedValue } from '../../server/domain/acts/typedData.ts';
import { TRANSACTION_GAS_CAP } from '../../server/domain/base/chain.ts';
import type { Hex } from '../../server/domain/base/hex.ts';
import { writeCall } from '../../server/ledger/contracts.ts';
import { FAR_FUTURE, named } from '../chain/signing.ts';
import { type App, OFFICERS } from './app.ts';

/** Sends a call and waits until a block has it; throws what the node said of one that it does not take. */
export async function relay(app: App, rpcPort: number, { contract, method, args }: ActCall): Promise<void> {
  const { body } = await app.ask<{ contracts: { contract: string; address: string }[] }>('GET', '/ledger');
  const to = body.contracts.find((one) => one.contract === contract)?.address;
  if (to === undefined) throw new Error(`the ledger has no ${contract}`);
  const chain = new JsonRpcProvider(`http://127.0.0.1:${rpcPort}`, undefined, { cacheTimeout: -1 });
  try {
    const data: Hex = writeCall(contract, method, args);
    const sent = await new Wallet(named('a relayer'), chain).sendTransaction({
      ...{ to, data, gasLimit: TRANSACTION_GAS_CAP, gasPrice: 0n },
    });
    if ((await sent.wait())?.status !== 1) throw new Error('the relayed call failed');
  } finally {
    chain.destroy();
  }
}

/** An act as the two officers of the first institution signed it, with what its call has besides; it asks for no consent. */
export function relayAct(
  app: App,
  rpcPort: number,
  bent: TypedData,
  more: readonly TypedValue[] = [],
  args: readonly TypedValue[] = [bent.message, ...more],
): Promise<void> {
  const { preparer, approver } = OFFICERS;
  const approval = { approver: approver.officer, approverEpoch: approver.epoch, deadline: FAR_FUTURE };
  const call = callOf({ typedData: bent, args, consents: [] }, [], {
    approval,
    preparer: signCompact(digestOf(bent), preparer.key),
    approver: signCompact(digestOf(approvalOf(bent, approval)), approver.key),
  });
  return relay(app, rpcPort, call);
}
