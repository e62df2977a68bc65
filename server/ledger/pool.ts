/**
 * Transactions on their way into a block: queued here, then pooled in the executor, then mined or refused.
 *
 * Promises: each raw transaction has one ticket however often it is sent meanwhile; a ticket ends once, with its hash
 * after its block is on disk, or with the executor's error and then it is in no block. In memory only: who was not
 * answered sends the same bytes again. Only embedded.ts uses it.
 */
import type { Bytes32, Hex } from '../domain/base/hex.ts';
import type { Executor } from './executor.ts';
import { NodeError, RPC, readQuantity } from './provider.ts';
import type { RawTransaction } from './rawTransaction.ts';

/** Waiting for a block. At 2,000 a second it is five seconds of work: beyond it the caller should wait instead. */
const MAX_QUEUED = 10_000;
/** All that is queued. At 256 a batch and its bytes in hex, more would be held twice on the way in anyway. */
const MAX_QUEUED_BYTES = 64 * 2 ** 20;
/** In the executor at once: two to three full blocks, so that each block is filled and none is looked through twice. */
const MAX_POOLED = 512;

interface Ticket {
  readonly hash: Bytes32;
  readonly raw: Hex;
  readonly byteLength: number;
  readonly mined: PromiseWithResolvers<Bytes32>;
}

export class Pool {
  readonly #executor: Executor;
  readonly #queued = new Map<Bytes32, Ticket>();
  readonly #pooled = new Map<Bytes32, Ticket>();
  #queuedBytes = 0;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  get isEmpty(): boolean {
    return this.#queued.size + this.#pooled.size === 0;
  }

  get hasPooled(): boolean {
    return this.#pooled.size > 0;
  }

  /** Resolves with the transaction's hash when its block is on disk. */
  add({ hash, raw, byteLength }: RawTransaction): Promise<Bytes32> {
    const known = this.#queued.get(hash) ?? this.#pooled.get(hash);
    if (known !== undefined) return known.mined.promise;
    if (this.#queued.size >= MAX_QUEUED || this.#queuedBytes + byteLength > MAX_QUEUED_BYTES) {
      throw new NodeError(RPC.limitExceeded, 'too many transactions are waiting');
    }
    const ticket = { hash, raw, byteLength, mined: Promise.withResolvers<Bytes32>() };
    this.#queued.set(hash, ticket);
    this.#queuedBytes += byteLength;
    return ticket.mined.promise;
  }

  /** Hands queued transactions to the executor, which checks each; what it refuses ends here. */
  async admit(): Promise<void> {
    const arriving = [...this.#queued.values()].slice(0, MAX_POOLED - this.#pooled.size);
    if (arriving.length === 0) return;
    for (const ticket of arriving) {
      this.#queued.delete(ticket.hash);
      this.#queuedBytes -= ticket.byteLength;
      this.#pooled.set(ticket.hash, ticket);
    }
    try {
      await this.#executor.batch(arriving.map(({ raw }) => ({ method: SEND, params: [raw] })));
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      // One of them was refused and those before it are in: the others are asked for one by one.
      for (const ticket of arriving) await this.#admitOne(ticket);
    }
  }

  async #admitOne(ticket: Ticket): Promise<void> {
    try {
      await this.#executor.call(SEND, ticket.raw);
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      if (!error.message.startsWith('Known transaction')) this.#refuse(ticket, error);
    }
  }

  /**
   * Refuses what can never come into the next blocks: a nonce beyond the next one, or a transaction that another of
   * the same nonce has replaced. Afterwards whatever is pooled is ready, in some order, to be mined.
   */
  async sort(): Promise<void> {
    if (this.#pooled.size === 0) return;
    const waiting = ((await this.#executor.call('eth_pendingTransactions')) as readonly unknown[]).map(
      readWaiting,
    );
    const bySender = Map.groupBy(waiting, ({ from }) => from);
    const senders = [...bySender.keys()];
    const nonces = await this.#executor.batch(
      senders.map((from) => ({ method: 'eth_getTransactionCount', params: [from, 'latest'] })),
    );
    const inPool = new Set<Bytes32>();
    for (const [i, from] of senders.entries()) {
      let next = readQuantity(nonces[i]);
      for (const { hash, nonce } of (bySender.get(from) ?? []).toSorted(byNonce)) {
        const ticket = this.#pooled.get(hash);
        if (ticket === undefined) throw new Error('the executor holds a transaction that nobody sent');
        inPool.add(hash);
        if (nonce === next) next++;
        else await this.#drop(ticket, 'nonce too high: one before it is missing');
      }
    }
    for (const ticket of [...this.#pooled.values()]) {
      if (!inPool.has(ticket.hash)) this.#refuse(ticket, new NodeError(RPC.refused, 'replaced by another'));
    }
  }

  /** The raw transactions of an executed block; those of a block that no ticket asked for are a bug. */
  rawOf(hashes: readonly Bytes32[]): Hex[] {
    return hashes.map((hash) => {
      const ticket = this.#pooled.get(hash);
      if (ticket === undefined) throw new Error('the executor mined a transaction that nobody sent');
      return ticket.raw;
    });
  }

  /** Answers the transactions of a block that is on disk. */
  settle(hashes: readonly Bytes32[]): void {
    for (const hash of hashes) {
      this.#pooled.get(hash)?.mined.resolve(hash);
      this.#pooled.delete(hash);
    }
  }

  /** Refuses everything pooled: the executor found none of it fit for an empty block. */
  async dropAll(): Promise<void> {
    for (const ticket of [...this.#pooled.values()]) await this.#drop(ticket, 'cannot be mined');
  }

  /** Ends every ticket that is left with this error. */
  fail(error: Error): void {
    for (const ticket of [...this.#queued.values(), ...this.#pooled.values()]) ticket.mined.reject(error);
    this.#queued.clear();
    this.#queuedBytes = 0;
    this.#pooled.clear();
  }

  async #drop(ticket: Ticket, why: string): Promise<void> {
    await this.#executor.call('hardhat_dropTransaction', ticket.hash);
    this.#refuse(ticket, new NodeError(RPC.refused, why));
  }

  #refuse(ticket: Ticket, error: NodeError): void {
    this.#pooled.delete(ticket.hash);
    ticket.mined.reject(error);
  }
}

const SEND = 'eth_sendRawTransaction';

interface Waiting {
  readonly hash: Bytes32;
  readonly from: string;
  readonly nonce: bigint;
}

function readWaiting(answer: unknown): Waiting {
  const { hash, from, nonce } = answer as { hash: Bytes32; from: string; nonce: unknown };
  return { hash, from, nonce: readQuantity(nonce) ?? -1n };
}

function byNonce(a: Waiting, b: Waiting): number {
  return a.nonce < b.nonce ? -1 : 1;
}
