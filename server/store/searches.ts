/**
 * Who looked for people, under which case and how many were shown: the bound of one case, and what a steward looks through.
 *
 * Promises: what was looked for is in no row; whoever was shown is counted before anybody is opened, also of searches at once;
 * rows of a day are read by their institution and go after a year. The finder of people writes.
 */
import { createHash } from 'node:crypto';
import { frame } from './cipher.ts';
import { json } from './codec.ts';
import { type AnyTable, ordinal, preciousSorted, type Store, type Transaction, under } from './store.ts';

/** What one principal did under one case on one day. */
export interface SearchNote {
  readonly principal: string;
  readonly caseReference: string;
  readonly purposes: readonly string[];
  readonly searches: number;
  /** People whose records were opened; whoever was shown twice is counted twice. */
  readonly shown: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

const DAY_MS = 86_400_000;
const KEPT_DAYS = 400;
const SWEPT_AT_ONCE = 20;

/** By institution, day, and a hash of the principal and the case. */
const searchTable = preciousSorted('peopleSearches', json<SearchNote>());

export const searchTables: readonly AnyTable[] = [searchTable];

export interface Searching {
  readonly institution: number;
  readonly principal: string;
  readonly caseReference: string;
  readonly purpose: string;
}

export class Searches {
  readonly #store: Store;
  readonly #nowMs: () => number;

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Takes places for as many people as may still be shown under the case today; answers how many, and gives back the rest. */
  async reserve(
    of: Searching,
    wanted: number,
    most: number,
  ): Promise<{ readonly places: number; release(unused: number): Promise<void> }> {
    const nowMs = this.#nowMs();
    const { institution, principal, caseReference, purpose } = of;
    const day = Math.floor(nowMs / DAY_MS);
    const name = createHash('sha256').update(frame(principal, caseReference)).digest('hex');
    const key = `${institution}/${ordinal(day)}/${name}`;
    const old = await this.#old(institution, day);
    const places = await this.#store.transact(async (tx) => {
      for (const one of old) tx.delete(searchTable, one);
      const known = await tx.get(searchTable, key);
      const free = Math.max(0, Math.min(wanted, most - (known?.shown ?? 0)));
      if (free === 0) return 0;
      const purposes = [...new Set([...(known?.purposes ?? []), purpose])];
      const note = { principal, caseReference, purposes, lastAtMs: nowMs };
      tx.put(
        searchTable,
        key,
        Object.assign(note, {
          searches: (known?.searches ?? 0) + 1,
          shown: (known?.shown ?? 0) + free,
          firstAtMs: known?.firstAtMs ?? nowMs,
        }),
      );
      return free;
    });
    return {
      places,
      release: async (unused) => {
        if (unused > 0) await this.#store.transact((tx) => giveBack(tx, key, unused), 'finishing');
      },
    };
  }

  /** Of one day of an institution, in the order of their first search. */
  async on(institution: number, dayMs: number): Promise<readonly SearchNote[]> {
    const rows: SearchNote[] = [];
    const day = ordinal(Math.floor(dayMs / DAY_MS));
    for await (const [, row] of this.#store.range(searchTable, under(String(institution), day)))
      rows.push(row);
    return rows.sort((one, other) => one.firstAtMs - other.firstAtMs);
  }

  async #old(institution: number, day: number): Promise<readonly string[]> {
    const { gte } = under(String(institution));
    const lt = `${institution}/${ordinal(Math.max(0, day - KEPT_DAYS))}`;
    const keys: string[] = [];
    for await (const [key] of this.#store.range(searchTable, { gte, lt, limit: SWEPT_AT_ONCE }))
      keys.push(key);
    return keys;
  }
}

async function giveBack(tx: Transaction, key: string, unused: number): Promise<void> {
  const known = await tx.get(searchTable, key);
  if (known !== undefined)
    tx.put(searchTable, key, Object.assign({}, known, { shown: known.shown - unused }));
}
