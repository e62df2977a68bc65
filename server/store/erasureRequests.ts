/**
 * Erasures that were asked for: who signed so far, and once one was carried out what is left to show for it.
 *
 * Promises: a request names nobody once it was carried out; what nobody approved in thirty days lapses. For the desk.
 */
import type { Bytes32, Hex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { OfficerId } from '../domain/base/terms.ts';
import type { ErasureAsked, ErasurePart } from '../domain/people/erasure.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { json } from './codec.ts';
import { type AnyTable, preciousSorted, type Store, type Transaction, under } from './store.ts';

export interface ErasureSignature {
  readonly part: ErasurePart;
  readonly officer: OfficerId;
  readonly epoch: number;
  readonly signature: Hex;
}

/** What is handed to whoever asked. */
export interface ErasureReceipt {
  readonly tombstone: number;
  readonly tombstoneHash: Bytes32;
  /** Records that were taken away. */
  readonly records: number;
  readonly carriedOutAtMs: number;
}

export interface ErasureRequest {
  /** Without the person's id once it was carried out. */
  readonly asked: Omit<ErasureAsked, 'personId'> & { readonly personId?: Bytes32 };
  readonly subject?: SubjectRef;
  readonly signatures: readonly ErasureSignature[];
  readonly receipt?: ErasureReceipt;
}

const requestTable = preciousSorted('erasureRequests', json<ErasureRequest>());
export const erasureRequestTables: readonly AnyTable[] = [requestTable];

/** As long as an act waits for its signatures. */
const WAITS_MS = 30 * 24 * 3_600_000;
/** Of one institution at a time: a desk's work of a month, and no loop gone wrong. */
export const ERASURES_WAITING_MAX = 1_000;

const requestKey = (institution: number, id: Bytes32) => `${institution}/${id}`;

export class ErasureRequests {
  readonly #store: Store;
  readonly #nowMs: () => number;

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  find(institution: number, id: Bytes32): Promise<ErasureRequest | undefined> {
    return this.#store.get(requestTable, requestKey(institution, id));
  }

  /** Those that wait, and those that were carried out, of one institution. */
  async *of(institution: number): AsyncGenerator<readonly [id: Bytes32, request: ErasureRequest]> {
    for await (const [key, row] of this.#store.range(requestTable, under(String(institution)))) {
      yield [key.slice(key.indexOf('/') + 1) as Bytes32, row];
    }
  }

  async keep(id: Bytes32, request: ErasureRequest): Promise<void> {
    await this.#store.transact((tx) => put(tx, id, request));
  }

  /** Adds a signature. Refuses as `erasure-missing`, and as `second-person-required` the other part's officer. */
  add(institution: number, id: Bytes32, signature: ErasureSignature): Promise<ErasureRequest> {
    return this.#store.transact(async (tx) => {
      const request = await tx.get(requestTable, requestKey(institution, id));
      if (request === undefined) throw refusal('erasure-missing');
      if (request.receipt !== undefined) return request;
      const others = request.signatures.filter(({ part }) => part !== signature.part);
      if (others.some(({ officer }) => officer === signature.officer))
        throw refusal('second-person-required');
      const signed = Object.assign({}, request, { signatures: [...others, signature] });
      put(tx, id, signed);
      return signed;
    });
  }

  /** In the transaction that carries it out: from here on it names nobody. */
  async done(
    tx: Transaction,
    { institution, id }: { readonly institution: number; readonly id: Bytes32 },
    receipt: ErasureReceipt,
  ): Promise<void> {
    const request = await tx.get(requestTable, requestKey(institution, id));
    if (request === undefined) throw refusal('erasure-missing');
    const { personId: _, ...asked } = request.asked;
    put(tx, id, { asked, signatures: request.signatures, receipt });
  }

  /** Lets lapse what nobody approved. */
  async sweep(): Promise<number> {
    const oldest = this.#nowMs() - WAITS_MS;
    const lapsed: string[] = [];
    for await (const [key, { asked, receipt }] of this.#store.range(requestTable)) {
      if (receipt === undefined && asked.atMs < oldest) lapsed.push(key);
    }
    if (lapsed.length === 0) return 0;
    await this.#store.transact((tx) => {
      for (const key of lapsed) tx.delete(requestTable, key);
    }, 'finishing');
    return 0;
  }
}

function put(tx: Transaction, id: Bytes32, request: ErasureRequest): void {
  tx.put(requestTable, requestKey(request.asked.institution, id), request);
}
