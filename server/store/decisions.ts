/**
 * What officers decided where two parcels share ground: which, how much, what was answered, by whom and when.
 *
 * Promises: a decision is written before the parcels it lets in, is never changed, and is about land alone. The desk of
 * surveys writes; the registrars of the institution read.
 */
import { json } from './codec.ts';
import { type AnyTable, ordinal, preciousSorted, type Store, under } from './store.ts';

export interface BoundaryDecision {
  readonly office: number;
  readonly number: string;
  readonly other: string;
  readonly areaM2: number;
  readonly answer: 'register' | 'leave-out';
  /** The token's holder that sent it, and when. */
  readonly by: string;
  readonly atMs: number;
  /** Hash of the file it was about. */
  readonly file: string;
}

/** By office, and in it the order they were made. */
const decisionTable = preciousSorted('boundaryDecisions', json<BoundaryDecision>());

export const decisionTables: readonly AnyTable[] = [decisionTable];

export class Decisions {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The same file answered in the same way again is the same decision. */
  async record(decisions: readonly BoundaryDecision[]): Promise<void> {
    if (decisions.length === 0) return;
    await this.#store.transact(async (tx) => {
      for (const [i, decision] of decisions.entries()) {
        // A file that is answered in parts has other decisions under the first places.
        for (let place = i; ; place++) {
          const key = `${ordinal(decision.office)}/${decision.file}/${ordinal(place)}`;
          const there = await tx.get(decisionTable, key);
          if (there === undefined) tx.put(decisionTable, key, decision);
          if (there === undefined || isSame(there, decision)) break;
        }
      }
    });
  }

  async list(office: number, limit: number): Promise<BoundaryDecision[]> {
    const found: BoundaryDecision[] = [];
    for await (const [, decision] of this.#store.range(decisionTable, under(ordinal(office)))) {
      if (found.length === limit) break;
      found.push(decision);
    }
    return found;
  }
}

function isSame(one: BoundaryDecision, other: BoundaryDecision): boolean {
  return one.number === other.number && one.other === other.other && one.answer === other.answer;
}
