/**
 * The same request twice is one request: what an `Idempotency-Key` of one principal was answered with.
 *
 * Promises: answer and effect are one write, so a crash leaves both or neither and a retry finds its answer; the
 * same key with other content is refused; of two at once one runs. A refused request is not remembered: it changed
 * nothing and may be right next time. What is kept is a reference (an act, an operation), never a body, and the
 * body's keyed MAC, since a plain hash of a form with an id number in it is as good as the number.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { json } from './codec.ts';
import type { KeyService } from './keys.ts';
import { type AnyTable, preciousSorted, type Store, type Transaction } from './store.ts';

/** How long a retry finds its answer; afterwards the contract refuses a second copy as stale. */
const ANSWERS_KEPT_MS = 30 * 24 * 3_600_000;
/** Rows removed in one transaction. */
const SWEEP_MAX = 1_000;

export interface Claim {
  /** Keys of two principals never meet. */
  readonly principal: string;
  /** A UUID of the client. */
  readonly key: string;
  /** Method, path and body. */
  readonly content: Uint8Array;
}

/** What the answer is built from, the first time and every time. */
export interface Reference {
  readonly kind: string;
  readonly id: string;
}

interface Answered {
  readonly contentMac: Bytes32;
  readonly reference: Reference;
  readonly atMs: number;
}

const answerTable = preciousSorted('answers', json<Answered>());

export const idempotencyTables: readonly AnyTable[] = [answerTable];

export class Idempotency {
  readonly #store: Store;
  readonly #keys: KeyService;
  readonly #nowMs: () => number;
  /** In memory on purpose: what a crash interrupted is not running, and left nothing behind. */
  readonly #running = new Map<string, Bytes32>();

  constructor(store: Store, keys: KeyService, nowMs: () => number) {
    this.#store = store;
    this.#keys = keys;
    this.#nowMs = nowMs;
  }

  /**
   * Runs `work` unless it was answered before. `work` decides and returns the effect, which is applied in one
   * transaction with the answer. Refuses as `idempotency-key-reused` or `request-in-progress`. Without a claim nothing is
   * remembered: of what nobody has a key for, and changes nothing when it comes again.
   */
  async once(
    claim: Claim | undefined,
    work: () => Promise<(tx: Transaction) => Promise<Reference>>,
  ): Promise<{ readonly reference: Reference; readonly repeated: boolean }> {
    if (claim === undefined) return { reference: await this.#store.transact(await work()), repeated: false };
    const { principal, key, content } = claim;
    const contentMac = await this.#keys.contentMac(content);
    const place = `${principal}/${key}`;
    const running = this.#running.get(place);
    if (running !== undefined) {
      throw running === contentMac ? refusal('request-in-progress') : refusal('idempotency-key-reused');
    }
    this.#running.set(place, contentMac);
    try {
      const before = await this.#store.get(answerTable, place);
      if (before !== undefined) {
        if (before.contentMac !== contentMac) throw refusal('idempotency-key-reused');
        return { reference: before.reference, repeated: true };
      }
      const effect = await work();
      const reference = await this.#store.transact(async (tx) => {
        const made = await effect(tx);
        tx.insert(answerTable, place, { contentMac, reference: made, atMs: this.#nowMs() });
        return made;
      });
      return { reference, repeated: false };
    } finally {
      this.#running.delete(place);
    }
  }

  /** Forgets answers older than `ANSWERS_KEPT_MS`. */
  async sweep(): Promise<number> {
    const oldest = this.#nowMs() - ANSWERS_KEPT_MS;
    const old: string[] = [];
    for await (const [place, { atMs }] of this.#store.range(answerTable)) {
      if (atMs < oldest) old.push(place);
      if (old.length === SWEEP_MAX) break;
    }
    await this.#store.transact((tx) => {
      for (const place of old) tx.delete(answerTable, place);
    }, 'finishing');
    return old.length;
  }
}
