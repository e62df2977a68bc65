/**
 * Transactions that outside tools sent, until their turn comes: bounded by count, bytes, gas, sender and time.
 *
 * Promises: one at a time is handed to the chain, and between two of them is a rest of three times what the last one
 * took, so that whatever strangers send they have a quarter of the chain's time at most; each has one ticket, however
 * often it is sent meanwhile. In memory only. Only embedded.ts uses it.
 */
import { performance } from 'node:perf_hooks';
import type { Address, Bytes32 } from '../domain/base/hex.ts';
import { NodeError, pause, RPC } from './provider.ts';
import type { RawTransaction, TransactionCall } from './rawTransaction.ts';

/** A burst of an institution that sends its own acts, and nothing a lone machine could not hold. */
const MAX_WAITING = 64;
const MAX_WAITING_OF_SENDER = 8;
const MAX_BYTES = 8 * 2 ** 20;
/** Twenty seconds of a processor at the slowest instructions: no more than anybody waits. */
const MAX_GAS = 96_000_000n;
/**
 * What one may use, whatever it asks for: half a second of a processor at the slowest instructions. Who sends more around the gateway sends it in parts.
 */
const GUEST_GAS = 2_000_000n;
/** Whoever waited longer has given up. */
const MAX_WAIT_MS = 30_000;
const REST = 3;

export interface Guest {
  readonly transaction: RawTransaction;
  /** With the gas it may use. */
  readonly call: TransactionCall;
  readonly ended: PromiseWithResolvers<Bytes32>;
}

interface Waiting extends Guest {
  readonly sinceMs: number;
}

/** Tries one on the chain, mines it if it holds, ends its ticket; resolves with the milliseconds that took. */
export type Attempt = (guest: Guest) => Promise<number>;

export class GuestPool {
  readonly #attempt: Attempt;
  readonly #waiting = new Map<Bytes32, Waiting>();
  readonly #ofSender = new Map<Address, number>();
  #bytes = 0;
  #gas = 0n;
  #isCarrying = false;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  /** Resolves with the hash when its block is on disk; rejects with the reason when it is in none. */
  add(transaction: RawTransaction): Promise<Bytes32> {
    const known = this.#waiting.get(transaction.hash);
    if (known !== undefined) return known.ended.promise;
    const gas = transaction.gas < GUEST_GAS ? transaction.gas : GUEST_GAS;
    const call = transaction.toCall(gas);
    const ofSender = this.#ofSender.get(call.from) ?? 0;
    const isFull =
      this.#waiting.size >= MAX_WAITING ||
      ofSender >= MAX_WAITING_OF_SENDER ||
      this.#bytes + transaction.byteLength > MAX_BYTES ||
      this.#gas + gas > MAX_GAS;
    if (isFull) return Promise.reject(new NodeError(RPC.limitExceeded, 'too many transactions are waiting'));
    const waiting = {
      transaction,
      call,
      sinceMs: performance.now(),
      ended: Promise.withResolvers<Bytes32>(),
    };
    this.#waiting.set(transaction.hash, waiting);
    this.#ofSender.set(call.from, ofSender + 1);
    this.#bytes += transaction.byteLength;
    this.#gas += gas;
    if (!this.#isCarrying) void this.#carry();
    return waiting.ended.promise;
  }

  fail(error: Error): void {
    for (const waiting of [...this.#waiting.values()]) {
      this.#remove(waiting);
      waiting.ended.reject(error);
    }
  }

  async #carry(): Promise<void> {
    this.#isCarrying = true;
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      if (performance.now() - next.sinceMs > MAX_WAIT_MS) {
        next.ended.reject(new NodeError(RPC.limitExceeded, 'others took all the time there is'));
      } else await pause(REST * (await this.#attempt(next)));
      this.#remove(next);
    }
    this.#isCarrying = false;
  }

  #first(): Waiting | undefined {
    const [first] = this.#waiting.values();
    return first;
  }

  #remove({ transaction, call }: Waiting): void {
    if (!this.#waiting.delete(transaction.hash)) return;
    const left = (this.#ofSender.get(call.from) ?? 1) - 1;
    if (left === 0) this.#ofSender.delete(call.from);
    else this.#ofSender.set(call.from, left);
    this.#bytes -= transaction.byteLength;
    this.#gas -= BigInt(call.gas);
  }
}
