/**
 * Signed transactions on their way to a verified receipt: sent in batches, sent again while nothing is known.
 *
 * Promises: the same bytes are sent until a verified block holds them; no answer of a node ends a transaction, neither
 * its word that it took it nor any error ("already known", "nonce too low", a time-out, a reset: all unknown). While nobody
 * answers, nothing is sent; when somebody does, all that is under way goes again, in the order in which it came. What
 * ends it is `landed`, called with verified blocks. In memory: the outbox holds the bytes and gives them again after a
 * start. Only ledger.ts uses it.
 */
import { Fault } from '../domain/base/fault.ts';
import { type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { Refusal } from '../domain/base/refusal.ts';
import type { BlockContent, BlockTransaction } from './block.ts';
import { keccak256 } from './keccak.ts';
import { type ChainProvider, isUnanswered } from './provider.ts';

/** Beyond it callers wait: ten seconds of the embedded chain's work, a minute of a network's. */
const MAX_IN_FLIGHT = 20_000;
const MAX_BATCH = 256;
/** An unknown outcome is asked about and sent again after this, then after twice as long, up to the most. */
const FIRST_RETRY_MS = 500;
const MOST_RETRY_MS = 30_000;
/** A node that took it and shows no block with it may have lost its pool in a restart. */
const TAKEN_RETRY_MS = 30_000;
const SWEEP_MS = 250;

/** Where a transaction ended: in a verified block, succeeded or reverted. */
export interface Landed {
  readonly blockNumber: bigint;
  readonly blockHash: Bytes32;
  readonly transaction: BlockTransaction;
}

interface Entry {
  readonly hash: Bytes32;
  readonly raw: Hex;
  readonly outcome: PromiseWithResolvers<Landed>;
  retryMs: number;
  /** When to send it again; infinite while it is queued or under way. */
  dueAtMs: number;
}

export interface PipelineOptions {
  readonly provider: ChainProvider;
  /** How long the first of a batch waits for others: nothing in process, a tenth of a second over HTTP. */
  readonly gatherMs: number;
  /** Looks for a transaction in verified blocks that were followed already. */
  readonly find: (hash: Bytes32) => Promise<Landed | undefined>;
}

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #entries = new Map<Bytes32, Entry>();
  #queue: Entry[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #sweeping: NodeJS.Timeout | undefined;
  #halted: Error | undefined;
  /** Since a send that nobody answered, until somebody answers anything. */
  #silence: { isAsking: boolean; hasLasted: boolean } | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Resolves when a verified block holds it. Rejects when the ledger is halted or the entry is abandoned. */
  submit(raw: Hex): Promise<Landed> {
    if (this.#halted) return Promise.reject(this.#halted);
    const hash = toHex(keccak256(fromHex(raw))) as Bytes32;
    const known = this.#entries.get(hash);
    if (known) return known.outcome.promise;
    if (this.#entries.size >= MAX_IN_FLIGHT) {
      return Promise.reject(new Fault('too many transactions are under way', { retryable: true }));
    }
    const entry: Entry = {
      hash,
      raw,
      outcome: Promise.withResolvers<Landed>(),
      retryMs: FIRST_RETRY_MS,
      dueAtMs: Number.POSITIVE_INFINITY,
    };
    this.#entries.set(hash, entry);
    this.#enqueue(entry);
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    return entry.outcome.promise;
  }

  /** A verified block: what of ours it holds has ended. */
  landed(block: BlockContent): void {
    if (this.#entries.size === 0) return;
    for (const transaction of block.transactions) {
      const { number: blockNumber, hash: blockHash } = block;
      this.#end(transaction.hash, (entry) => entry.outcome.resolve({ blockNumber, blockHash, transaction }));
    }
  }

  /** Nothing more is sent, and whoever waits is told why. What was sent may still be mined. */
  halt(error: Error): void {
    this.#halted ??= error;
    clearTimeout(this.#gathering);
    for (const hash of [...this.#entries.keys()]) this.#end(hash, (entry) => entry.outcome.reject(error));
  }

  #end(hash: Bytes32, settle: (entry: Entry) => void): void {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return;
    this.#entries.delete(hash);
    settle(entry);
    if (this.#entries.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  #enqueue(entry: Entry): void {
    if (this.#silence !== undefined) {
      entry.dueAtMs = 0;
      return;
    }
    entry.dueAtMs = Number.POSITIVE_INFINITY;
    this.#queue.push(entry);
    if (this.#queue.length >= MAX_BATCH) this.#flush();
    else this.#gathering ??= setTimeout(() => this.#flush(), this.#options.gatherMs);
  }

  #flush(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const batch = this.#queue.filter(({ hash }) => this.#entries.has(hash));
    this.#queue = [];
    if (this.#silence !== undefined) {
      for (const entry of batch) entry.dueAtMs = 0;
      return;
    }
    for (const entry of batch) void this.#send(entry);
  }

  /** Rejects only with a bug of the provider, and then the process ends. */
  async #send(entry: Entry): Promise<void> {
    try {
      await this.#options.provider.request({ method: 'eth_sendRawTransaction', params: [entry.raw] });
      entry.dueAtMs = Date.now() + TAKEN_RETRY_MS;
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      if (error instanceof Fault) this.#silence ??= { isAsking: false, hasLasted: false };
      else await this.#find(entry);
      entry.dueAtMs = Date.now() + entry.retryMs;
      entry.retryMs = Math.min(2 * entry.retryMs, MOST_RETRY_MS);
    }
  }

  /** It may be mined already, in a block from before this start: look before sending it again. */
  async #find({ hash }: Entry): Promise<void> {
    try {
      const landed = await this.#options.find(hash);
      if (landed) this.#end(hash, ({ outcome }) => outcome.resolve(landed));
    } catch (error) {
      // Nothing that verifies is known about it either: the next send asks again.
      if (!isUnanswered(error) && !(error instanceof Refusal)) throw error;
    }
  }

  #sweep(): void {
    if (this.#silence !== undefined) {
      void this.#listen(this.#silence);
      return;
    }
    const now = Date.now();
    for (const entry of this.#entries.values()) if (entry.dueAtMs <= now) this.#enqueue(entry);
  }

  /**
   * Asks for no more than the height, which no transaction can spoil for the others. A silence that one question ended was of
   * one send; after a longer one the node may have lost what it took, and all goes again.
   */
  async #listen(silence: { isAsking: boolean; hasLasted: boolean }): Promise<void> {
    if (silence.isAsking) return;
    silence.isAsking = true;
    try {
      await this.#options.provider.request({ method: 'eth_blockNumber' });
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      if (error instanceof Fault) {
        silence.hasLasted = true;
        silence.isAsking = false;
        return;
      }
    }
    this.#silence = undefined;
    if (silence.hasLasted) {
      for (const entry of this.#entries.values()) {
        if (entry.dueAtMs === Number.POSITIVE_INFINITY) continue;
        entry.dueAtMs = 0;
        entry.retryMs = FIRST_RETRY_MS;
      }
    }
    this.#sweep();
  }
}
