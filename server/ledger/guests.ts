/**
 * The chain as outside tools of this machine have it, whichever it is: what they may ask, in their own lane.
 *
 * Promises: they send only transactions of this chain to contracts of this ledger, of which the chain takes what the
 * registers accept at that moment and nothing else, so that no start ever executes a stranger's waste again; they
 * create nothing; their reads take turns, and a call that executes has a gas limit, which is its time limit. `main`
 * wires it between `rpc.ts` and the chain; the gateway itself speaks to the chain directly.
 */
import type { Address } from '../domain/base/hex.ts';
import type { Engine } from './engine.ts';
import { Lane } from './lane.ts';
import { CONSTANT_ANSWERS } from './methods.ts';
import { type Call, fieldsOf, NodeError, quantity, RPC, readQuantity } from './provider.ts';
import { readRawTransaction } from './rawTransaction.ts';

/**
 * A fifth of a second of a processor at the slowest instructions there are, which are the plainest ones; on a machine that
 * others use as well, as many times longer as they are. A view that loops over members or officers fits in.
 */
export const CALL_GAS = 1_000_000n;
/** Lets a sender that asks for an estimate send whatever a call may try out. */
const ESTIMATE = quantity(CALL_GAS);

/** What a wallet or a verifier asks for at once; each is a walk through the trie, or a sort of a block's prices. */
const MAX_LISTED = 256;
/** Methods of which one parameter is a list that each item of costs something. */
const LISTING: ReadonlyMap<string, number> = new Map([
  ['eth_getProof', 1],
  ['eth_feeHistory', 2],
]);

/**
 * Parameters of what is not handed to the executor as it came, which counts them itself. One more is not passed over: a call's
 * third would be another state to call in, and its answer would look as if that had been.
 */
const MOST_PARAMS: ReadonlyMap<string, number> = new Map([
  ...[...CONSTANT_ANSWERS.keys()].map((method) => [method, 0] as const),
  ['eth_call', 2],
  ['eth_estimateGas', 2],
  ['eth_getLogs', 1],
  ['eth_sendRawTransaction', 1],
  ['eth_getBlockReceipts', 1],
  ['debug_getRawHeader', 1],
  ['kudurru_finality', 1],
]);

export interface Guests {
  /** `caller`: one connection. */
  request(call: Call, caller: string): Promise<unknown>;
}

export function guestsOf(chain: Engine, isOfLedger: (address: Address) => boolean): Guests {
  const lane = new Lane();
  return {
    async request(call, caller) {
      const { method, params = [] } = call;
      if (params.length > (MOST_PARAMS.get(method) ?? params.length)) {
        throw new NodeError(RPC.invalidParams, 'too many parameters');
      }
      if (method === 'eth_sendRawTransaction') return send(chain, isOfLedger, params[0]);
      if (CONSTANT_ANSWERS.has(method)) return CONSTANT_ANSWERS.get(method);
      requireShortList(method, params);
      if (method === 'eth_estimateGas') {
        // An estimate is a search of twenty executions for a price that nobody pays here: one shows whether it holds.
        await lane.run(caller, () => chain.answer(limited({ method: 'eth_call', params })));
        return ESTIMATE;
      }
      return lane.run(caller, () => chain.answer(method === 'eth_call' ? limited(call) : call));
    },
  };
}

function requireShortList(method: string, params: readonly unknown[]): void {
  const listed = params[LISTING.get(method) ?? params.length];
  if (Array.isArray(listed) && listed.length > MAX_LISTED) {
    throw new NodeError(RPC.limitExceeded, `a list of at most ${MAX_LISTED}`);
  }
}

async function send(chain: Engine, isOfLedger: (address: Address) => boolean, raw: unknown) {
  const transaction = readRawTransaction(raw);
  if (transaction.chainId !== chain.pin.chainId) {
    throw new NodeError(RPC.refused, 'a transaction of another chain');
  }
  if (transaction.to === undefined) {
    throw new NodeError(RPC.refused, 'contracts are created over the control socket of the data folder only');
  }
  if (!isOfLedger(transaction.to)) throw new NodeError(RPC.refused, 'not to a contract of this ledger');
  return chain.sendAsGuest(transaction);
}

function limited({ method, params = [] }: Call): Call {
  const [asked, block] = params;
  const { gas, ...fields } = fieldsOf(asked);
  const wanted = readQuantity(gas) ?? CALL_GAS;
  const given = { ...fields, gas: quantity(wanted < CALL_GAS ? wanted : CALL_GAS) };
  return { method, params: block === undefined ? [given] : [given, block] };
}
