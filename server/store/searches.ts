/**
 * Who looked for people or read them, under which case and how many were shown: the bounds of one case and of one day, and what
 * a steward looks through.
 *
 * Promises: what was looked for is in no row; whoever is shown is counted before anybody is opened, also by readings at once; what
 * was refused is counted too; rows of a day are read by their institution and go after a year. The finder of people and the
 * routes that open somebody by an id write.
 */
import { createHash } from 'node:crypto';
import { refusal } from '../domain/base/refusal.ts';
import { frame } from './cipher.ts';
import { json } from './codec.ts';
import { type AnyTable, ordinal, preciousSorted, type Store, type Transaction, under } from './store.ts';

/** What one principal did under one case on one day. */
export interface SearchNote {
  readonly principal: string;
  readonly caseReference: string;
  readonly purposes: readonly string[];
  readonly searches: number;
  /** People whose records were opened; whoever two searches show is counted twice. */
  readonly shown: number;
  /** Who was read by an id, each once, as a digest. */
  readonly read?: readonly string[];
  /** What was asked and not shown. */
  readonly refusals?: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

const DAY_MS = 86_400_000;
const KEPT_DAYS = 400;
const SWEPT_AT_ONCE = 20;
const DIGEST_DIGITS = 16;
/** People whom one principal is shown under one case in a day: a queue at a counter, and not the register. */
const SHOWN_UNDER_A_CASE = 60;
/** Under all cases of the day together, for a case costs nothing to name: one a minute, for ten hours. */
const SHOWN_IN_A_DAY = 600;
/** In the place of a case, of the row that counts those of all cases. */
const ALL_CASES = '';

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

  /**
   * Takes places for as many people as may still be shown under the case and today; answers how many, and gives back the rest.
   * Refuses as `search-case-exhausted` and `readings-exhausted`, and has counted that.
   */
  async reserve(
    of: Searching,
    wanted: number,
  ): Promise<{ readonly places: number; release(unused: number): Promise<void> }> {
    const keys = this.#keysOf(of);
    const places = await this.#counted(of, keys, (known, free) => ({
      shown: Math.min(wanted, free),
      searches: known.searches + 1,
    }));
    return {
      places,
      release: async (unused) => {
        if (unused === 0) return;
        await this.#store.transact(async (tx) => {
          for (const key of keys) await giveBack(tx, key, unused);
        }, 'finishing');
      },
    };
  }

  /** Takes the place of one who is read by an id, in whose place she stays for the day. Refuses as `reserve` does. */
  async admit(of: Searching, id: string): Promise<void> {
    const digest = createHash('sha256').update(id).digest('hex').slice(0, DIGEST_DIGITS);
    await this.#counted(of, this.#keysOf(of), ({ read = [] }) =>
      read.includes(digest) ? { shown: 0 } : { shown: 1, read: [...read, digest] },
    );
  }

  /** That something was asked which the caller may not be shown. */
  async refused(of: Searching): Promise<void> {
    const [key] = this.#keysOf(of);
    const nowMs = this.#nowMs();
    await this.#store.transact(async (tx) => {
      const known = await tx.get(searchTable, key);
      const refusals = (known?.refusals ?? 0) + 1;
      tx.put(searchTable, key, Object.assign(noteOf(of, known, nowMs), { refusals }));
    }, 'finishing');
  }

  #keysOf({ institution, principal, caseReference }: Searching): readonly [ofCase: string, ofDay: string] {
    const day = ordinal(Math.floor(this.#nowMs() / DAY_MS));
    const nameOf = (one: string) => createHash('sha256').update(frame(principal, one)).digest('hex');
    return [`${institution}/${day}/${nameOf(caseReference)}`, `${institution}/${day}/${nameOf(ALL_CASES)}`];
  }

  /** Counts what is decided from how many may still be shown; answers how many those are. */
  async #counted(
    of: Searching,
    [key, keyOfDay]: readonly [ofCase: string, ofDay: string],
    decide: (known: SearchNote, free: number) => Partial<SearchNote> & { readonly shown: number },
  ): Promise<number> {
    const nowMs = this.#nowMs();
    const old = await this.#old(of.institution, Math.floor(nowMs / DAY_MS));
    const counted = await this.#store.transact(async (tx) => {
      for (const one of old) tx.delete(searchTable, one);
      const [known, today] = [await tx.get(searchTable, key), await tx.get(searchTable, keyOfDay)];
      const note = noteOf(of, known, nowMs);
      const left = SHOWN_UNDER_A_CASE - note.shown;
      const leftToday = SHOWN_IN_A_DAY - (today?.shown ?? 0);
      const { shown, ...more } = decide(note, Math.max(1, Math.min(left, leftToday)));
      if (shown > left || shown > leftToday) {
        tx.put(searchTable, key, Object.assign(note, { refusals: (note.refusals ?? 0) + 1 }));
        return shown > left ? 'search-case-exhausted' : 'readings-exhausted';
      }
      tx.put(searchTable, key, Object.assign(note, more, { shown: note.shown + shown }));
      const ofDay = noteOf(Object.assign({}, of, { caseReference: ALL_CASES }), today, nowMs);
      if (shown > 0) tx.put(searchTable, keyOfDay, Object.assign(ofDay, { shown: ofDay.shown + shown }));
      return shown;
    }, 'finishing'); // people are read while writing stops
    if (counted === 'search-case-exhausted') throw refusal(counted, { most: SHOWN_UNDER_A_CASE });
    if (counted === 'readings-exhausted') throw refusal(counted, { most: SHOWN_IN_A_DAY });
    return counted;
  }

  /** Of one day of an institution, in the order of their first search. */
  async on(institution: number, dayMs: number): Promise<readonly SearchNote[]> {
    const rows: SearchNote[] = [];
    const day = ordinal(Math.floor(dayMs / DAY_MS));
    for await (const [, row] of this.#store.range(searchTable, under(String(institution), day)))
      if (row.caseReference !== ALL_CASES) rows.push(row);
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

/** As it stands, with this asking in it. */
function noteOf(
  { principal, caseReference, purpose }: Searching,
  known: SearchNote | undefined,
  nowMs: number,
): SearchNote {
  const purposes = [...new Set([...(known?.purposes ?? []), purpose])];
  const before = known ?? { searches: 0, shown: 0, firstAtMs: nowMs };
  return Object.assign({}, before, { principal, caseReference, purposes, lastAtMs: nowMs });
}

async function giveBack(tx: Transaction, key: string, unused: number): Promise<void> {
  const known = await tx.get(searchTable, key);
  if (known !== undefined)
    tx.put(searchTable, key, Object.assign({}, known, { shown: known.shown - unused }));
}
